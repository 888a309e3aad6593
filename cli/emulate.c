#include "emulate.h"

#include "annotate.h"
#include "cc_file.h"
#include "session.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A wrong name is reported before the emulation starts, not after it. */
static enum cc_status find_annotated(const struct cli_session *s, struct sim_symbol *function)
{
    memset(function, 0, sizeof *function);
    if (!s->options->annotate)
        return CC_OK;
    return cli_find_function(&s->elf, "--annotate", s->options->annotate, function, s->err);
}

static enum cc_status annotate(const struct cli_session *s, const struct sim_symbol *function,
                               struct sim_listing *listing)
{
    if (!s->options->annotate)
        return CC_OK;
    enum cc_status status =
        sim_machine_annotate(s->machine, function->address, function->bytes, listing, s->err);
    memcpy(listing->name, function->name, sizeof listing->name);
    return status;
}

/* Counts of one invocation. The session is open. */
static enum cc_status simulate(struct cli_session *s, struct sim_profile *profile)
{
    enum cc_status status = cli_session_boot(s);
    if (status == CC_OK)
        status = cli_session_run(s);
    if (status == CC_OK)
        status = sim_machine_profile(s->machine, s->invocations, profile, s->err);
    if (status == CC_OK)
        status = sim_machine_check_reference(s->machine, profile, s->err);
    if (status == CC_OK)
        status = sim_machine_functions(s->machine, &s->elf, profile, s->err);
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

static enum cc_status describe_layers(const struct cli_session *s, struct report_run *run)
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

static enum cc_status describe_outputs(const struct cli_session *s, struct report_run *run)
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

void cli_describe_start(const struct cli_run_options *options, const struct sim_chip *chip,
                        double clock_hz, struct report_run *run)
{
    char parts[96], text[256];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(run->created_utc, sizeof run->created_utc, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(run->version, sizeof run->version, "%s", CC_VERSION);
    snprintf(run->target_path, sizeof run->target_path, "%s", options->target);
    snprintf(run->mcu_description, sizeof run->mcu_description, "%s", chip->description);
    run->mcu_clock_hz = clock_hz;
    add_note(run, "Cycles and energy of this version have not been compared with boards yet.");
    if (chip->unverified) {
        sim_chip_unverified_parts(chip, parts, sizeof parts);
        snprintf(text, sizeof text,
                 "Some timing figures of this chip are unverified: %s (see its file in sim/chips).",
                 parts);
        add_note(run, text);
    }
}

static void describe_notes(const struct cli_session *s, struct report_run *run)
{
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

static enum cc_status describe(const struct cli_session *s, struct report_run *run)
{
    cli_describe_start(s->options, &s->chip, s->clock_hz, run);
    snprintf(run->target_kind, sizeof run->target_kind, "%s", s->target_kind);
    memcpy(run->target_sha256, s->net.sha256, sizeof run->target_sha256);
    snprintf(run->model_name, sizeof run->model_name, "%s", s->net.name);
    snprintf(run->kernels, sizeof run->kernels, "%s", models_variant_name(s->variant));
    run->arena_bytes = (uint32_t)s->plan.arena_bytes;
    run->stack_bytes = (uint32_t)run->profile.stack_bytes;
    run->ram_used_bytes = s->place.ram_fixed + run->arena_bytes + run->stack_bytes;
    run->ram_bytes = s->place.ram_bytes;
    run->flash_used_bytes = s->place.flash_used;
    run->flash_bytes = s->place.flash_bytes;
    run->runner_bytes = s->place.flash_used - (uint32_t)s->image.bytes;
    run->weight_bytes = constant_bytes(&s->net);
    enum cc_status status = describe_layers(s, run);
    if (status == CC_OK)
        status = describe_outputs(s, run);
    describe_notes(s, run);
    return status;
}

enum cc_status cli_emulate(const struct cli_run_options *options, struct report_run *run,
                           struct cc_error *err)
{
    struct cli_session s = {.options = options, .err = err};
    struct sim_symbol function;
    if (cli_workload_find(options->target))
        return cli_emulate_workload(options, run, err);
    memset(run, 0, sizeof *run);
    enum cc_status status = cli_session_open(&s);
    if (status == CC_OK)
        status = find_annotated(&s, &function);
    if (status == CC_OK)
        status = simulate(&s, &run->profile);
    if (status == CC_OK)
        status = annotate(&s, &function, &run->listing);
    if (status == CC_OK)
        status = describe(&s, run);
    if (status == CC_OK && options->output)
        status = cc_file_write(options->output, s.output, (size_t)s.invocations * s.bytes_out, err);
    cli_session_close(&s);
    if (status != CC_OK)
        report_run_free(run);
    return status;
}
