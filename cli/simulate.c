#include "simulate.h"

#include "annotate.h"
#include "cc_file.h"
#include "life.h"
#include "session.h"

#include <math.h>
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

static void describe_notes(const struct cli_session *s, struct report_run *run)
{
    char parts[96], text[256];
    add_note(run, "Cycles and energy of this version have not been compared with boards yet.");
    if (s->chip.unverified) {
        sim_chip_unverified_parts(&s->chip, parts, sizeof parts);
        snprintf(text, sizeof text,
                 "Some timing figures of this chip are unverified: %s (see its file in sim/chips).",
                 parts);
        add_note(run, text);
    }
    if (strcmp(s->target_kind, "tflite") != 0)
        add_note(run, "Weights are pseudo-random: counts, cycles and energy are those of the real "
                      "shapes, answers mean nothing.");
    if (!s->options->input)
        add_note(run,
                 "Input: pseudo-random bytes (xorshift32, seed 1); give your own with --input.");
}

/* The voltage range of the cycles is the one asked for, or that of the chip's highest clock; prices
 * that were not asked for by range are those of the lowest that runs at the clock. */
static void note_ranges(const struct sim_chip *chip, struct report_run *run)
{
    char text[256];
    const char *cycles = chip->ranges[chip->range].name, *prices = run->energy.range;
    const char *hint = cycles;
    if (!cycles[0] || !prices[0] || strcmp(cycles, prices) == 0)
        return;
    for (uint32_t i = 0; i < chip->range_count; i++) {
        if (strcmp(chip->ranges[i].name, prices) == 0 &&
            run->mcu_clock_hz <= chip->ranges[i].max_clock_hz)
            hint = prices;
    }
    snprintf(
        text, sizeof text,
        "Cycles are those of voltage range %.24s, prices those of %.24s; both are of one range "
        "with --mcu %.60s@%g:%.24s.",
        cycles, prices, chip->name, run->mcu_clock_hz * 1e-6, hint);
    add_note(run, text);
}

/* Prices follow the supply, wait states do not. */
static void note_supply(const struct sim_chip *chip, struct report_run *run)
{
    char text[256], hint[160] = "";
    const struct sim_voltage_range *used = &chip->ranges[chip->range];
    const struct sim_voltage_range *fits =
        sim_chip_range_for(chip, run->mcu_clock_hz, run->energy.vdd_v);
    if (run->energy.vdd_v >= used->min_vdd_v - 1e-9)
        return;
    if (fits)
        snprintf(hint, sizeof hint, "; for those of this supply give --mcu %.60s@%g:%.24s",
                 chip->name, run->mcu_clock_hz * 1e-6, fits->name);
    snprintf(text, sizeof text,
             "Flash wait states are those of a supply of %g V and more, not of %g V%s.",
             used->min_vdd_v, run->energy.vdd_v, hint);
    add_note(run, text);
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
    run->runner_bytes = s->place.flash_used - (uint32_t)s->image.bytes;
    run->weight_bytes = constant_bytes(&s->net);
    enum cc_status status = describe_layers(s, run);
    if (status == CC_OK)
        status = describe_outputs(s, run);
    describe_notes(s, run);
    return status;
}

/* The tables of joules that a run needs. */
struct prices {
    struct energy_chip *chip;
    struct energy_battery *battery;
};

/* A chip file of the user's own is priced by the table of the chip it names. */
static enum cc_status check_priced(const struct sim_chip *chip, struct cc_error *err)
{
    char relative[SIM_NAME_BYTES + 32], path[512];
    snprintf(relative, sizeof relative, "energy/chips/%s.yaml", chip->name);
    if (cc_data_path(relative, path, sizeof path))
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: name: there is no %s with the prices of chip %s; write one, or name the "
                   "listed chip whose prices to use",
                   chip->path, relative, chip->name);
}

/* Wrong names are reported before the emulation starts, not after it. */
static enum cc_status load_prices(const struct sim_chip *chip, const char *battery,
                                  struct prices *prices, struct cc_error *err)
{
    enum cc_status status = check_priced(chip, err);
    if (status == CC_OK)
        status = energy_chip_load(chip->name, &prices->chip, err);
    if (status == CC_OK)
        status = energy_battery_load(battery, &prices->battery, err);
    return status;
}

/* Without --every: once a second, or as often as a chip too slow for that can. */
static double default_period(struct report_run *run)
{
    char text[256];
    double needed_s = run->energy.latency_s * 1.01;
    if (needed_s <= 1)
        return 1;
    needed_s = ceil(needed_s * 10) / 10;
    snprintf(text, sizeof text,
             "One inference takes longer than the usual period of 1 s: the life is for one every "
             "%g s, give another with --every.",
             needed_s);
    add_note(run, text);
    return needed_s;
}

static enum cc_status price(const struct cli_run_options *options, const struct prices *prices,
                            struct report_run *run, struct cc_error *err)
{
    enum cc_status status =
        energy_price(prices->chip, &run->profile, options->vdd_v, &run->energy, err);
    if (status != CC_OK)
        return status;
    run->every_s = options->every_s > 0 ? options->every_s : default_period(run);
    run->temperature_c = options->temperature_c;
    struct energy_life_query query = {prices->chip, prices->battery, &run->energy, run->every_s,
                                      run->temperature_c};
    return cli_life_compute(&query, &run->life, err);
}

enum cc_status cli_simulate(const struct cli_run_options *options, struct report_run *run,
                            struct cc_error *err)
{
    struct cli_session s = {.options = options, .err = err};
    struct prices prices = {0};
    struct sim_symbol function;
    memset(run, 0, sizeof *run);
    enum cc_status status = cli_session_open(&s);
    if (status == CC_OK)
        status = load_prices(&s.chip, options->battery, &prices, err);
    if (status == CC_OK)
        status = find_annotated(&s, &function);
    if (status == CC_OK)
        status = simulate(&s, &run->profile);
    if (status == CC_OK)
        status = annotate(&s, &function, &run->listing);
    if (status == CC_OK)
        status = describe(&s, run);
    if (status == CC_OK)
        status = price(options, &prices, run, err);
    if (status == CC_OK) {
        note_ranges(&s.chip, run);
        note_supply(&s.chip, run);
    }
    if (status == CC_OK && options->output)
        status = cc_file_write(options->output, s.output, (size_t)s.invocations * s.bytes_out, err);
    cli_session_close(&s);
    energy_chip_free(prices.chip);
    energy_battery_free(prices.battery);
    if (status != CC_OK)
        report_run_free(run);
    return status;
}
