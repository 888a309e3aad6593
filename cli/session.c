#include "session.h"

#include "cc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INPUT_BYTES (256u << 20)

/* Operators take about as long as they have multiplications. */
static void tell_operator(struct cli_session *s, int32_t op)
{
    char stage[64];
    if (!s->options->progress || op < 0 || op >= s->net.n_ops)
        return;
    double part = s->macs ? (double)s->macs_done / (double)s->macs : 0;
    snprintf(stage, sizeof stage, "invocation %u of %u, operator %d of %d", s->invocation + 1,
             s->invocations, op + 1, s->net.n_ops);
    s->options->progress(s->options->progress_user, stage, (s->invocation + part) / s->invocations);
    s->macs_done += s->net.ops[op].macs;
}

static enum cc_status choose_variant(struct cli_session *s)
{
    const char *name = s->options->kernels;
    if (!name) {
        s->variant = s->chip.has_dsp ? IMAGE_DSP : IMAGE_SCALAR;
        return CC_OK;
    }
    int variant = models_variant_from_name(name);
    if (variant < 0)
        return cc_fail(s->err, CC_ERR_USAGE,
                       "--kernels %s: unknown kernels; use reference, dsp (cores with the DSP "
                       "extension) or scalar (cores without)",
                       name);
    s->variant = (enum image_variant)variant;
    if ((s->variant == IMAGE_DSP && !s->chip.has_dsp) ||
        (s->variant == IMAGE_SCALAR && s->chip.has_dsp))
        return cc_fail(s->err, CC_ERR_USAGE,
                       "--kernels %s: not built for %s, which has %s DSP "
                       "extension; use reference or %s",
                       name, s->chip.name, s->chip.has_dsp ? "the" : "no",
                       s->chip.has_dsp ? "dsp" : "scalar");
    return CC_OK;
}

static size_t tensors_bytes(const struct cli_session *s, const int32_t *list, int32_t count)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < count; i++)
        bytes += (size_t)s->net.tensors[list[i]].bytes;
    return bytes;
}

static enum cc_status build_image(struct cli_session *s)
{
    int32_t *scratch = calloc((size_t)s->net.n_ops + 1, sizeof *scratch);
    if (!scratch)
        return cc_no_memory(s->err);
    enum cc_status status = models_image_scratch(&s->net, s->variant, scratch, s->err);
    if (status == CC_OK)
        status = models_plan_make(&s->net, scratch, &s->plan, s->err);
    free(scratch);
    if (status == CC_OK)
        status = models_image_write(&s->net, &s->plan, s->variant, &s->image, s->err);
    return status;
}

static enum cc_status open_runner(struct cli_session *s)
{
    char name[128], relative[192], path[512];
    models_runner_name(sim_core_name(s->chip.core), s->chip.runner_flash_base,
                       s->chip.runner_ram_base, s->variant, name, sizeof name);
    snprintf(relative, sizeof relative, "models/firmware/%s", name);
    if (!cc_data_path(relative, path, sizeof path))
        return cc_fail(s->err, CC_ERR_INPUT,
                       "%s: runner.flash_base, runner.ram_base: no runner %s was built; add the "
                       "memory map to models/firmware/firmware.cmake and build again",
                       s->chip.path, name);
    return sim_elf_open(path, &s->elf, s->err);
}

/* The generator of the published test inputs: reproducible, and it uses the whole int8 range. */
static void pseudo_random(uint8_t *bytes, size_t count, uint32_t seed)
{
    uint32_t x = seed;
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (uint8_t)x;
    }
}

static enum cc_status read_input(struct cli_session *s)
{
    const char *path = s->options->input;
    s->bytes_in = tensors_bytes(s, s->net.inputs, s->net.n_inputs);
    s->bytes_out = tensors_bytes(s, s->net.outputs, s->net.n_outputs);
    if (!path) {
        s->input = malloc(s->bytes_in);
        if (!s->input)
            return cc_no_memory(s->err);
        pseudo_random(s->input, s->bytes_in, 1);
        s->input_bytes = s->bytes_in;
    } else {
        enum cc_status status =
            cc_file_read(path, MAX_INPUT_BYTES, &s->input, &s->input_bytes, s->err);
        if (status != CC_OK)
            return status;
    }
    if (s->input_bytes == 0 || s->input_bytes % s->bytes_in)
        return cc_fail(s->err, CC_ERR_INPUT,
                       "%s: %zu bytes are not a whole number of invocations of %zu bytes; give the "
                       "raw bytes of all input tensors in model order",
                       path, s->input_bytes, s->bytes_in);
    s->invocations = (uint32_t)(s->input_bytes / s->bytes_in);
    if (s->bytes_out > SIZE_MAX / 2 / s->invocations)
        return cc_fail(s->err, CC_ERR_INPUT,
                       "%s: outputs of %u invocations are too large; give fewer", path,
                       s->invocations);
    s->output = malloc((size_t)s->invocations * s->bytes_out);
    return s->output ? CC_OK : cc_no_memory(s->err);
}

enum cc_status cli_session_open(struct cli_session *s)
{
    enum cc_status status = models_load(s->options->target, &s->net, &s->target_kind,
                                        s->target_path, sizeof s->target_path, s->err);
    if (status == CC_OK)
        status = sim_chip_load(s->options->mcu, &s->chip, &s->clock_hz, s->err);
    if (status == CC_OK)
        status = choose_variant(s);
    if (status == CC_OK)
        status = build_image(s);
    if (status == CC_OK)
        status = open_runner(s);
    if (status == CC_OK)
        status = cli_place(s->options->target, &s->chip, &s->elf, &s->image,
                           (uint32_t)s->plan.arena_bytes, &s->place, s->err);
    return status == CC_OK ? read_input(s) : status;
}

/* Hands an operator's output to whoever compares it. */
static void operator_done(struct cli_session *s, int32_t op)
{
    if (!s->options->operator_done || op < 0 || op >= s->net.n_ops)
        return;
    int32_t index = s->net.ops[op].outputs[0];
    uint32_t bytes = (uint32_t)s->net.tensors[index].bytes;
    uint8_t *buffer = malloc(bytes);
    enum cc_status status = buffer ? CC_OK : cc_no_memory(s->err);
    if (status == CC_OK)
        status = sim_machine_read(s->machine,
                                  s->place.arena_address + (uint32_t)s->plan.tensor_offset[index],
                                  buffer, bytes, s->err);
    if (status == CC_OK)
        status = s->options->operator_done(s->options->operator_user, s->invocation, op, buffer,
                                           bytes, s->err);
    free(buffer);
    if (s->callback_status == CC_OK)
        s->callback_status = status;
}

enum sim_marker_action cli_session_marker(void *user, uint32_t value, int32_t *scope_id)
{
    struct cli_session *s = user;
    uint32_t argument = value & 0xffffff;
    *scope_id = SIM_SCOPE_OUTSIDE;
    switch (value >> 24) {
    case 0: /* clearing of the marker word in RAM at start-up */
        return SIM_MARKER_CONTINUE;
    case IMAGE_MARK_READY:
    case IMAGE_MARK_END:
        return SIM_MARKER_PAUSE_STOP;
    case IMAGE_MARK_BEGIN:
        return SIM_MARKER_SCOPE;
    case IMAGE_MARK_OP_BEGIN:
        *scope_id = (int32_t)argument;
        tell_operator(s, *scope_id);
        return SIM_MARKER_SCOPE;
    case IMAGE_MARK_OP_END:
        operator_done(s, (int32_t)argument);
        return s->callback_status == CC_OK ? SIM_MARKER_SCOPE : SIM_MARKER_PAUSE_STOP;
    default:
        s->runner_error = argument + 1;
        return SIM_MARKER_PAUSE_STOP;
    }
}

static enum cc_status run_once(struct cli_session *s)
{
    enum cc_status status = sim_machine_run(s->machine, s->err);
    if (status != CC_OK)
        return status;
    if (s->callback_status != CC_OK)
        return s->callback_status;
    if (s->runner_error)
        return cc_fail(s->err, CC_ERR_FIRMWARE,
                       "runner: refused the program image (error %u); runner and program differ in "
                       "version, build both again",
                       s->runner_error - 1);
    return CC_OK;
}

static enum cc_status name_scopes(struct cli_session *s)
{
    char name[SIM_NAME_BYTES];
    enum cc_status status = CC_OK;
    for (int32_t i = 0; status == CC_OK && i < s->net.n_ops; i++) {
        s->macs += s->net.ops[i].macs;
        snprintf(name, sizeof name, "operator %d %s", i, models_op_name(s->net.ops[i].kind));
        status = sim_machine_name_scope(s->machine, i, name, s->err);
    }
    return status;
}

enum cc_status cli_session_boot(struct cli_session *s)
{
    uint32_t stack_top = s->chip.runner_ram_base + s->chip.runner_ram_bytes;
    struct sim_run_config config = {
        .marker_address = s->place.marker_address,
        .on_marker = cli_session_marker,
        .user = s,
        .stack_limit = s->place.arena_address + (uint32_t)s->plan.arena_bytes,
        .max_instructions = s->options->max_instructions,
        .reference = s->options->reference,
    };
    enum cc_status status = sim_machine_new(&s->chip, s->clock_hz, &s->machine, s->err);
    if (status == CC_OK)
        status = sim_elf_load(&s->elf, s->machine, s->err);
    if (status == CC_OK)
        status = sim_machine_write(s->machine, s->place.image_address, s->image.data,
                                   s->image.bytes, s->err);
    if (status == CC_OK)
        status = sim_machine_write(s->machine, s->place.vector_table, &stack_top, sizeof stack_top,
                                   s->err);
    if (status == CC_OK)
        status = sim_machine_configure(s->machine, &config, s->err);
    if (status == CC_OK)
        status = name_scopes(s);
    if (status == CC_OK)
        status = sim_machine_reset(s->machine, s->place.vector_table, s->err);
    return status == CC_OK ? run_once(s) : status;
}

/* Copies tensors between the arena and a packed buffer. */
static enum cc_status move_tensors(struct cli_session *s, const int32_t *list, int32_t count,
                                   uint8_t *buffer, int write)
{
    enum cc_status status = CC_OK;
    for (int32_t i = 0; status == CC_OK && i < count; i++) {
        const struct models_tensor *t = &s->net.tensors[list[i]];
        int32_t offset = s->plan.tensor_offset[list[i]];
        uint32_t address = s->place.arena_address + (uint32_t)offset;
        if (offset < 0) /* a constant may be an output */
            memcpy(buffer, t->data, (size_t)t->bytes);
        else if (write)
            status = sim_machine_write(s->machine, address, buffer, (size_t)t->bytes, s->err);
        else
            status = sim_machine_read(s->machine, address, buffer, (size_t)t->bytes, s->err);
        buffer += t->bytes;
    }
    return status;
}

enum cc_status cli_session_write_inputs(struct cli_session *s)
{
    return move_tensors(s, s->net.inputs, s->net.n_inputs, s->input + s->invocation * s->bytes_in,
                        1);
}

enum cc_status cli_session_run(struct cli_session *s)
{
    enum cc_status status = CC_OK;
    for (s->invocation = 0; status == CC_OK && s->invocation < s->invocations; s->invocation++) {
        s->macs_done = 0;
        status = cli_session_write_inputs(s);
        if (status == CC_OK)
            status = run_once(s);
        if (status == CC_OK)
            status = move_tensors(s, s->net.outputs, s->net.n_outputs,
                                  s->output + s->invocation * s->bytes_out, 0);
    }
    return status;
}

void cli_session_close(struct cli_session *s)
{
    sim_machine_free(s->machine);
    sim_elf_close(&s->elf);
    models_image_free(&s->image);
    models_plan_free(&s->plan);
    models_network_free(&s->net);
    free(s->input);
    free(s->output);
}
