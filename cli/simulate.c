#include "simulate.h"

#include "cc_file.h"
#include "models_image.h"
#include "models_network.h"
#include "models_plan.h"
#include "placement.h"
#include "sim_chip.h"
#include "sim_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_INPUT_BYTES (256u << 20)

/* Everything a run needs while it lasts. */
struct session {
    const struct cli_run_options *options;
    struct models_network net;
    const char *target_kind;
    char target_path[512];
    struct sim_chip chip;
    double clock_hz;
    enum image_variant variant;
    struct models_plan plan;
    struct models_image image;
    struct sim_elf elf;
    struct cli_placement place;
    struct sim_machine *machine;
    uint8_t *input; /* all invocations */
    size_t input_bytes;
    size_t bytes_in, bytes_out; /* of one invocation */
    uint32_t invocations, invocation;
    uint8_t *output; /* all invocations */
    struct energy_chip *prices;
    struct energy_battery *battery;
    uint64_t macs_done, macs; /* for the progress */
    enum cc_status callback_status;
    uint32_t runner_error;
    struct cc_error *err;
};

/* Operators take about as long as they have multiplications. */
static void tell_operator(struct session *s, int32_t op)
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

static enum cc_status choose_variant(struct session *s)
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

static size_t tensors_bytes(const struct session *s, const int32_t *list, int32_t count)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < count; i++)
        bytes += (size_t)s->net.tensors[list[i]].bytes;
    return bytes;
}

static enum cc_status build_image(struct session *s)
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

static enum cc_status open_runner(struct session *s)
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

static enum cc_status read_input(struct session *s)
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
    s->output = malloc((size_t)s->invocations * s->bytes_out);
    return s->output ? CC_OK : cc_no_memory(s->err);
}

/* Hands an operator's output to whoever compares it. */
static void operator_done(struct session *s, int32_t op)
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

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    struct session *s = user;
    uint32_t argument = value & 0xffffff;
    *scope_id = SIM_SCOPE_OUTSIDE;
    switch (value >> 24) {
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

static enum cc_status run_once(struct session *s)
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

static enum cc_status name_scopes(struct session *s)
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

static enum cc_status boot(struct session *s)
{
    uint32_t stack_top = s->chip.runner_ram_base + s->chip.runner_ram_bytes;
    struct sim_run_config config = {
        .marker_address = s->place.marker_address,
        .on_marker = on_marker,
        .user = s,
        .stack_limit = s->place.arena_address + (uint32_t)s->plan.arena_bytes,
        .max_instructions = s->options->max_instructions,
        .reference_count = s->options->reference_count,
    };
    enum cc_status status = sim_machine_new(&s->chip, s->clock_hz, &s->machine, s->err);
    if (status == CC_OK)
        status = sim_elf_load(&s->elf, s->machine, s->err);
    if (status == CC_OK)
        status = sim_machine_write(s->machine, s->place.image_address, s->image.data,
                                   s->image.bytes, s->err);
    if (status == CC_OK)
        status = sim_machine_write(s->machine, s->place.stack_word, &stack_top, sizeof stack_top,
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
static enum cc_status move_tensors(struct session *s, const int32_t *list, int32_t count,
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

static enum cc_status run_invocations(struct session *s)
{
    enum cc_status status = CC_OK;
    for (s->invocation = 0; status == CC_OK && s->invocation < s->invocations; s->invocation++) {
        s->macs_done = 0;
        status = move_tensors(s, s->net.inputs, s->net.n_inputs,
                              s->input + s->invocation * s->bytes_in, 1);
        if (status == CC_OK)
            status = run_once(s);
        if (status == CC_OK)
            status = move_tensors(s, s->net.outputs, s->net.n_outputs,
                                  s->output + s->invocation * s->bytes_out, 0);
    }
    return status;
}

static enum cc_status check_reference(struct session *s, const struct sim_profile *profile)
{
    uint64_t reference = sim_machine_reference_instructions(s->machine);
    if (s->options->reference_count && reference != profile->total.instructions)
        return cc_fail(s->err, CC_ERR_INTERNAL,
                       "profile: blocks give %llu instructions, the per-instruction hook %llu",
                       (unsigned long long)profile->total.instructions,
                       (unsigned long long)reference);
    return CC_OK;
}

static enum cc_status simulate(struct session *s, struct sim_profile *profile)
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
    if (status == CC_OK)
        status = read_input(s);
    if (status == CC_OK)
        status = boot(s);
    if (status == CC_OK)
        status = run_invocations(s);
    if (status == CC_OK)
        status = sim_machine_profile(s->machine, s->invocations, profile, s->err);
    if (status == CC_OK)
        status = check_reference(s, profile);
    if (status == CC_OK)
        sim_profile_mean(profile);
    return status;
}

static void shape_text(const struct models_tensor *t, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < t->rank && used < size; i++) {
        int n = snprintf(text + used, size - used, "%s%d", i ? "x" : "", t->dims[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static enum cc_status describe_layers(const struct session *s, struct report_run *run)
{
    run->layers = calloc(run->profile.scope_count, sizeof *run->layers);
    if (!run->layers)
        return cc_no_memory(s->err);
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        struct report_layer *layer = &run->layers[i];
        layer->index = run->profile.scopes[i].id;
        if (layer->index < 0 || layer->index >= s->net.n_ops) {
            snprintf(layer->op, sizeof layer->op, "(dispatch)");
            continue;
        }
        const struct models_op *op = &s->net.ops[layer->index];
        const struct models_tensor *out = &s->net.tensors[op->outputs[0]];
        snprintf(layer->op, sizeof layer->op, "%s", models_op_name(op->kind));
        snprintf(layer->name, sizeof layer->name, "%s", out->name);
        shape_text(out, layer->shape, sizeof layer->shape);
        layer->macs = op->macs;
        run->macs += op->macs;
    }
    return CC_OK;
}

static enum cc_status describe_outputs(const struct session *s, struct report_run *run)
{
    const uint8_t *from = s->output + (s->invocations - 1) * s->bytes_out;
    run->outputs = calloc((size_t)s->net.n_outputs + 1, sizeof *run->outputs);
    if (!run->outputs)
        return cc_no_memory(s->err);
    for (int32_t i = 0; i < s->net.n_outputs; i++) {
        const struct models_tensor *t = &s->net.tensors[s->net.outputs[i]];
        struct report_tensor *out = &run->outputs[run->output_count];
        out->bytes = malloc((size_t)t->bytes);
        if (!out->bytes)
            return cc_no_memory(s->err);
        run->output_count++;
        memcpy(out->bytes, from, (size_t)t->bytes);
        out->byte_count = (uint32_t)t->bytes;
        from += t->bytes;
        snprintf(out->name, sizeof out->name, "%s", t->name);
        snprintf(out->type, sizeof out->type, "%s", models_type_name(t->type));
        shape_text(t, out->shape, sizeof out->shape);
        out->scale = t->n_scales ? (double)t->scale[0] : 0;
        out->zero_point = t->n_scales ? t->zero_point[0] : 0;
    }
    cc_sha256_hex(s->output, (size_t)s->invocations * s->bytes_out, run->output_sha256);
    return CC_OK;
}

static void add_note(struct report_run *run, const char *text)
{
    if (run->note_count < sizeof run->notes / sizeof run->notes[0])
        snprintf(run->notes[run->note_count++], sizeof run->notes[0], "%s", text);
}

static void describe_notes(const struct session *s, struct report_run *run)
{
    char text[256];
    add_note(run, "Cycles and energy of this version have not been compared with boards yet.");
    snprintf(text, sizeof text, "Charged: %s.%s", run->profile.timing_note,
             s->chip.unverified ? " Some timing figures of this chip are unverified." : "");
    add_note(run, text);
    if (strcmp(s->target_kind, "tflite") != 0)
        add_note(run, "Weights are pseudo-random: counts, cycles and energy are those of the real "
                      "shapes, answers mean nothing.");
    if (!s->options->input)
        add_note(run,
                 "Input: pseudo-random bytes (xorshift32, seed 1); give your own with --input.");
}

static uint32_t constant_bytes(const struct models_network *net)
{
    uint64_t bytes = 0;
    for (int32_t i = 0; i < net->n_tensors; i++)
        bytes += net->tensors[i].data ? (uint64_t)net->tensors[i].bytes : 0;
    return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

static enum cc_status describe(const struct session *s, struct report_run *run)
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(run->created_utc, sizeof run->created_utc, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(run->version, sizeof run->version, "%s", CC_VERSION);
    snprintf(run->target_path, sizeof run->target_path, "%s", s->options->target);
    snprintf(run->target_kind, sizeof run->target_kind, "%s", s->target_kind);
    memcpy(run->target_sha256, s->net.sha256, sizeof run->target_sha256);
    snprintf(run->model_name, sizeof run->model_name, "%s", s->net.name);
    snprintf(run->kernels, sizeof run->kernels, "%s", models_variant_name(s->variant));
    snprintf(run->mcu_description, sizeof run->mcu_description, "%s", s->chip.description);
    run->mcu_clock_hz = s->clock_hz;
    run->arena_bytes = (uint32_t)s->plan.arena_bytes;
    run->stack_bytes = (uint32_t)run->profile.stack_bytes;
    run->ram_used_bytes = s->place.ram_fixed + run->arena_bytes + run->stack_bytes;
    run->ram_bytes = s->place.ram_bytes;
    run->flash_used_bytes = s->place.flash_used;
    run->flash_bytes = s->place.flash_bytes;
    run->weight_bytes = constant_bytes(&s->net);
    enum cc_status status = describe_layers(s, run);
    if (status == CC_OK)
        status = describe_outputs(s, run);
    describe_notes(s, run);
    return status;
}

/* Wrong names are reported before the emulation starts, not after it. */
static enum cc_status load_prices(struct session *s)
{
    struct sim_chip chip;
    double clock_hz;
    enum cc_status status = sim_chip_load(s->options->mcu, &chip, &clock_hz, s->err);
    if (status == CC_OK)
        status = energy_chip_load(chip.name, &s->prices, s->err);
    if (status == CC_OK)
        status = energy_battery_load(s->options->battery, &s->battery, s->err);
    return status;
}

static enum cc_status price(const struct session *s, struct report_run *run)
{
    const struct cli_run_options *o = s->options;
    run->every_s = o->every_s;
    run->temperature_c = o->temperature_c;
    enum cc_status status = energy_price(s->prices, &run->profile, o->vdd_v, &run->energy, s->err);
    struct energy_life_query query = {s->prices, s->battery, &run->energy, o->every_s,
                                      o->temperature_c};
    return status == CC_OK ? energy_life_compute(&query, &run->life, s->err) : status;
}

static void end_session(struct session *s)
{
    energy_chip_free(s->prices);
    energy_battery_free(s->battery);
    sim_machine_free(s->machine);
    sim_elf_close(&s->elf);
    models_image_free(&s->image);
    models_plan_free(&s->plan);
    models_network_free(&s->net);
    free(s->input);
    free(s->output);
}

enum cc_status cli_simulate(const struct cli_run_options *options, struct report_run *run,
                            struct cc_error *err)
{
    struct session s = {.options = options, .err = err};
    memset(run, 0, sizeof *run);
    enum cc_status status = load_prices(&s);
    if (status == CC_OK)
        status = simulate(&s, &run->profile);
    if (status == CC_OK)
        status = describe(&s, run);
    if (status == CC_OK)
        status = price(&s, run);
    if (status == CC_OK && options->output)
        status = cc_file_write(options->output, s.output, (size_t)s.invocations * s.bytes_out, err);
    end_session(&s);
    if (status != CC_OK)
        report_run_free(run);
    return status;
}
