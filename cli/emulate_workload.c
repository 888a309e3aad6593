/* A built-in workload as the target of a run. */
#include "emulate.h"

#include "annotate.h"
#include "cc_file.h"
#include "workload_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_BYTES 4

static enum cc_status check_options(const struct cli_run_options *options, struct cc_error *err)
{
    const char *option = options->kernels  ? "--kernels"
                         : options->input  ? "--input"
                         : options->output ? "--output"
                                           : NULL;
    if (!option)
        return CC_OK;
    return cc_fail(err, CC_ERR_USAGE,
                   "%s: %s is a workload, which has no kernels, no input and no output; leave it "
                   "out",
                   option, options->target);
}

static enum cc_status describe_layers(const struct cli_workload_session *s, struct report_run *run,
                                      struct cc_error *err)
{
    run->layers = calloc(run->profile.scope_count, sizeof *run->layers);
    if (!run->layers)
        return cc_no_memory(err);
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        struct report_layer *layer = &run->layers[i];
        layer->index = run->profile.scopes[i].id;
        snprintf(layer->op, sizeof layer->op, "%.31s",
                 layer->index < 0 ? "(dispatch)" : s->info->name);
        snprintf(layer->name, sizeof layer->name, "%s", layer->index < 0 ? "" : s->info->name);
    }
    return CC_OK;
}

/* What the function returned: a check that it computed the same. */
static enum cc_status describe_output(struct cli_workload_session *s, struct report_run *run,
                                      struct cc_error *err)
{
    uint32_t result = sim_machine_register(s->machine, 0);
    run->outputs = calloc(1, sizeof *run->outputs);
    uint8_t *bytes = malloc(RESULT_BYTES);
    if (!run->outputs || !bytes) {
        free(bytes);
        return cc_no_memory(err);
    }
    for (int i = 0; i < RESULT_BYTES; i++)
        bytes[i] = (uint8_t)(result >> 8 * i);
    run->output_count = 1;
    run->outputs[0] = (struct report_tensor){.name = "result",
                                             .type = "int32",
                                             .shape = "1",
                                             .bytes = bytes,
                                             .byte_count = RESULT_BYTES};
    cc_sha256_hex(bytes, RESULT_BYTES, run->output_sha256);
    return CC_OK;
}

static void describe_memory(const struct cli_workload_session *s, struct report_run *run)
{
    run->arena_bytes = s->work_bytes;
    run->stack_bytes = (uint32_t)run->profile.stack_bytes;
    run->ram_used_bytes = run->arena_bytes + run->stack_bytes;
    run->ram_bytes = s->chip.runner_ram_bytes;
    run->runner_bytes = s->code_bytes;
    run->weight_bytes = s->table_bytes;
    run->flash_used_bytes = s->code_bytes + s->table_bytes;
    run->flash_bytes = s->chip.runner_flash_bytes;
}

static enum cc_status describe(struct cli_workload_session *s,
                               const struct cli_run_options *options, double clock_hz,
                               struct report_run *run, struct cc_error *err)
{
    cli_describe_start(options, &s->chip, clock_hz, run);
    snprintf(run->target_kind, sizeof run->target_kind, "workload");
    memcpy(run->target_sha256, s->code_sha256, sizeof run->target_sha256);
    snprintf(run->model_name, sizeof run->model_name, "%s", s->info->name);
    snprintf(run->kernels, sizeof run->kernels, "-");
    describe_memory(s, run);
    snprintf(
        run->notes[run->note_count++], sizeof run->notes[0],
        "One inference is one run of the workload: %s. It ran once before, so caches are warm.",
        s->info->unit);
    enum cc_status status = describe_layers(s, run, err);
    return status == CC_OK ? describe_output(s, run, err) : status;
}

static enum cc_status find_annotated(const struct cli_workload_session *s, const char *name,
                                     struct sim_symbol *function, struct cc_error *err)
{
    return name ? cli_find_function(&s->elf, "--annotate", name, function, err) : CC_OK;
}

static enum cc_status annotate(const struct cli_workload_session *s, const char *name,
                               const struct sim_symbol *function, struct sim_listing *listing,
                               struct cc_error *err)
{
    if (!name)
        return CC_OK;
    enum cc_status status =
        sim_machine_annotate(s->machine, function->address, function->bytes, listing, err);
    memcpy(listing->name, function->name, sizeof listing->name);
    return status;
}

enum cc_status cli_emulate_workload(const struct cli_run_options *options, struct report_run *run,
                                    struct cc_error *err)
{
    struct cli_workload_options workload = {.name = options->target,
                                            .caches = -1,
                                            .prefetch = -1,
                                            .max_instructions = options->max_instructions};
    struct cli_workload_session s = {0};
    struct sim_symbol function;
    struct sim_chip chip;
    double clock_hz;
    memset(run, 0, sizeof *run);
    enum cc_status status = check_options(options, err);
    if (status == CC_OK)
        status = sim_chip_load(options->mcu, &chip, &clock_hz, err);
    if (status == CC_OK)
        status = cli_workload_open(&s, &chip, clock_hz, &workload, err);
    if (status == CC_OK)
        status = find_annotated(&s, options->annotate, &function, err);
    if (status == CC_OK)
        status = cli_workload_call(&s, 2, &run->profile, err);
    if (status == CC_OK)
        status = sim_machine_functions(s.machine, &s.elf, &run->profile, err);
    if (status == CC_OK)
        status = annotate(&s, options->annotate, &function, &run->listing, err);
    if (status == CC_OK)
        status = describe(&s, options, clock_hz, run, err);
    cli_workload_close(&s);
    if (status != CC_OK)
        report_run_free(run);
    return status;
}
