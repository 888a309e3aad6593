#include "simulate.h"

#include "cc_file.h"
#include "emulate.h"
#include "sim_chip.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_MCU     "stm32l4r5"
#define USUAL_BATTERY "cr2032"

void cli_result_free(struct cli_result *result)
{
    for (uint32_t i = 0; result->computes && i < result->run.compute_count; i++)
        report_run_free(&result->computes[i]);
    free(result->computes);
    report_run_free(&result->run);
    memset(result, 0, sizeof *result);
}

/* The voltage range of the cycles is the one asked for, or that of the chip's highest clock; prices
 * that were not asked for by range are those of the lowest that runs at the clock. */
static void note_ranges(const struct sim_chip *chip, struct report_run *run)
{
    const char *cycles = chip->ranges[chip->range].name, *prices = run->energy.range;
    const char *hint = cycles;
    if (!cycles[0] || !prices[0] || strcmp(cycles, prices) == 0)
        return;
    for (uint32_t i = 0; i < chip->range_count; i++) {
        if (strcmp(chip->ranges[i].name, prices) == 0 &&
            run->mcu_clock_hz <= chip->ranges[i].max_clock_hz)
            hint = prices;
    }
    cli_add_note(run,
                 "Cycles are those of voltage range %.24s, prices those of %.24s; both are of one "
                 "range with --mcu %.60s@%g:%.24s.",
                 cycles, prices, chip->name, run->mcu_clock_hz * 1e-6, hint);
}

/* Prices follow the supply, wait states do not. */
static void note_supply(const struct sim_chip *chip, struct report_run *run)
{
    char hint[160] = "";
    const struct sim_voltage_range *used = &chip->ranges[chip->range];
    const struct sim_voltage_range *fits =
        sim_chip_range_for(chip, run->mcu_clock_hz, run->energy.vdd_v);
    if (run->energy.vdd_v >= used->min_vdd_v - 1e-9)
        return;
    if (fits)
        snprintf(hint, sizeof hint, "; for those of this supply give --mcu %.60s@%g:%.24s",
                 chip->name, run->mcu_clock_hz * 1e-6, fits->name);
    cli_add_note(run, "Flash wait states are those of a supply of %g V and more, not of %g V%s.",
                 used->min_vdd_v, run->energy.vdd_v, hint);
}

/* Target and chip: the options', the scenario's, the usual. */
static enum cc_status resolve(const struct cli_tables *tables, struct cli_run_options *options,
                              struct cc_error *err)
{
    const struct energy_scenario *s = tables->scenario;
    if (!options->target && s)
        options->target = energy_scenario_target(s);
    if (!options->target && s && !energy_scenario_infers_target(s))
        options->target = energy_scenario_compute(s, 0);
    if (!options->mcu && s)
        options->mcu = energy_scenario_mcu(s);
    if (!options->mcu)
        options->mcu = USUAL_MCU;
    if (!options->target)
        return cc_fail(err, CC_ERR_USAGE,
                       "run: TARGET is missing, and scenario %s names none; give a .tflite file, "
                       "an architecture .yaml, or a name of coincell list models",
                       tables->scenario_file);
    return CC_OK;
}

/* What the scenario computes must exist; the step that names it is told. */
static enum cc_status check_names(const struct cli_tables *tables,
                                  const struct cli_run_options *options, struct cc_error *err)
{
    const struct energy_scenario *s = tables->scenario;
    char key[96];
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; status == CC_OK && i < cli_tables_computes(tables); i++) {
        status = cli_target_check(cli_tables_compute(tables, i), err);
        if (status == CC_OK)
            continue;
        energy_scenario_compute_key(s, i, key, sizeof key);
        cc_prefix(err, "%s: %s", energy_scenario_path(s), key);
        return energy_scenario_add_line(s, err);
    }
    status = cli_target_check(options->target, err);
    if (status == CC_OK || !s || options->target != energy_scenario_target(s))
        return status;
    cc_prefix(err, "%s: target", energy_scenario_path(s));
    return energy_scenario_add_line(s, err);
}

/* --output replaces its file: never one that the scenario names. */
static enum cc_status check_output(const struct cli_tables *tables,
                                   const struct cli_run_options *options, struct cc_error *err)
{
    const char *name = options->target;
    uint32_t i = 0;
    if (!options->output)
        return CC_OK;
    for (; name && !cc_file_same(options->output, name); i++)
        name = i < cli_tables_computes(tables) ? cli_tables_compute(tables, i) : NULL;
    return name ? cc_fail(err, CC_ERR_USAGE,
                          "--output %s: is the same file as %s; give another "
                          "name",
                          options->output, name)
                : CC_OK;
}

/* A chip file of the user's own is priced by the tables of the chip that it names. */
static enum cc_status check_priced(const struct sim_chip *chip, struct cc_error *err)
{
    static const char *const folders[] = {"chips", "prices"};
    char relative[SIM_NAME_BYTES + 32], path[512];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(relative, sizeof relative, "energy/%s/%s.yaml", folders[i], chip->name);
        if (!cc_data_path(relative, path, sizeof path))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: name: there is no %s with the prices of chip %s; write one, or "
                           "name the listed chip whose prices to use",
                           chip->path, relative, chip->name);
    }
    return CC_OK;
}

/* Progress of one of several emulations. */
struct stage {
    const struct cli_run_options *options;
    const char *name;
};

static void show_stage(void *user, const char *stage, double fraction)
{
    const struct stage *s = user;
    char text[96];
    snprintf(text, sizeof text, "%.40s: %.48s", s->name, stage);
    s->options->progress(s->options->progress_user, text, fraction);
}

/* One computation of the scenario: same chip and clock, a pseudo-random input, nothing written. */
static enum cc_status emulate_compute(const struct cli_run_options *options, const char *name,
                                      struct report_run *run, struct cc_error *err)
{
    struct stage stage = {options, name};
    struct cli_run_options own = {.target = name,
                                  .mcu = options->mcu,
                                  .max_instructions = options->max_instructions,
                                  .reference = options->reference};
    if (options->progress) {
        own.progress = show_stage;
        own.progress_user = &stage;
        show_stage(&stage, "emulation", -1);
    }
    enum cc_status status = cli_emulate(&own, run, err);
    return status == CC_OK ? CC_OK : cc_prefix(err, "%s", options->question.scenario);
}

static enum cc_status emulate_all(const struct cli_tables *tables,
                                  const struct cli_run_options *options, struct cli_result *result,
                                  struct cli_counts *counts, struct cc_error *err)
{
    struct report_run *run = &result->run;
    enum cc_status status = cli_emulate(options, run, err);
    uint32_t n = cli_tables_computes(tables);
    if (status != CC_OK || n == 0)
        return status;
    result->computes = calloc(n, sizeof *result->computes);
    if (!result->computes)
        return cc_no_memory(err);
    for (uint32_t i = 0; status == CC_OK && i < n; i++) {
        const char *name = cli_tables_compute(tables, i);
        int same = strcmp(name, options->target) == 0;
        snprintf(run->computes[run->compute_count++].name, SIM_NAME_BYTES, "%s", name);
        if (!same)
            status = emulate_compute(options, name, &result->computes[i], err);
        counts->computes[counts->compute_count++] =
            same ? &run->profile : &result->computes[i].profile;
    }
    return status;
}

/* What a computation is part of; it has no life of its own. */
static void describe_computes(struct cli_result *result, struct energy_result *costs)
{
    const struct report_run *run = &result->run;
    for (uint32_t i = 0; i < run->compute_count; i++) {
        struct report_run *compute = &result->computes[i];
        if (compute->profile.scope_count == 0) { /* the run's own target */
            energy_result_free(&costs[i]);
            continue;
        }
        compute->energy = costs[i];
        compute->every_s = run->every_s;
        compute->temperature_c = run->temperature_c;
        snprintf(compute->life.scenario, sizeof compute->life.scenario, "part of %.54s",
                 run->life.scenario);
    }
}

static enum cc_status simulate(const struct cli_tables *tables,
                               const struct cli_run_options *options, struct cli_result *result,
                               struct cc_error *err)
{
    struct energy_result costs[ENERGY_MAX_STEPS] = {0};
    struct cli_counts counts = {.target = &result->run.profile};
    enum cc_status status = emulate_all(tables, options, result, &counts, err);
    if (status == CC_OK)
        status = cli_evaluate(tables, &counts, &result->run, costs, err);
    if (status == CC_OK)
        describe_computes(result, costs);
    return status;
}

/* The whole question asked of one instruction, before minutes are spent on the real ones: what
 * names, voltages and temperatures are refused is refused now. */
static enum cc_status rehearse(const struct cli_tables *tables, const struct sim_chip *chip,
                               double clock_hz, struct cc_error *err)
{
    struct report_run run = {.mcu_clock_hz = clock_hz};
    struct sim_profile *p = &run.profile;
    struct cli_counts counts = {.target = p, .compute_count = cli_tables_computes(tables)};
    snprintf(p->chip, sizeof p->chip, "%s", chip->name);
    snprintf(p->core, sizeof p->core, "%s", sim_core_name(chip->core));
    if (chip->range_by_name)
        snprintf(p->voltage_range, sizeof p->voltage_range, "%s", chip->ranges[chip->range].name);
    p->clock_hz = clock_hz;
    p->invocations = 1;
    p->total.instructions = p->total.classes[SIM_CLASS_SYSTEM] = 1;
    p->total.core_cycles = p->total.cycles = p->total.causes[SIM_CAUSE_ISSUE] = 1;
    for (uint32_t i = 0; i < counts.compute_count; i++)
        counts.computes[i] = p;
    enum cc_status status = cli_evaluate(tables, &counts, &run, NULL, err);
    report_run_free(&run);
    return status;
}

enum cc_status cli_simulate(const struct cli_run_options *asked, struct cli_result *result,
                            struct cc_error *err)
{
    struct cli_run_options options = *asked;
    struct cli_question usual = cli_question_none();
    struct cli_tables tables = {0};
    struct sim_chip chip;
    double clock_hz;
    usual.battery = USUAL_BATTERY;
    usual.temperature_c = 20;
    memset(result, 0, sizeof *result);
    enum cc_status status = cli_tables_scenario(&options.question, &tables, err);
    if (status == CC_OK)
        status = resolve(&tables, &options, err);
    if (status == CC_OK)
        status = check_names(&tables, &options, err);
    if (status == CC_OK)
        status = check_output(&tables, &options, err);
    if (status == CC_OK)
        status = sim_chip_load(options.mcu, &chip, &clock_hz, err);
    if (status == CC_OK)
        status = check_priced(&chip, err);
    if (status == CC_OK)
        status = cli_tables_load(&options.question, &usual, chip.name, &tables, err);
    if (status == CC_OK)
        status = rehearse(&tables, &chip, clock_hz, err);
    if (status == CC_OK)
        status = simulate(&tables, &options, result, err);
    if (status == CC_OK) {
        note_ranges(&chip, &result->run);
        note_supply(&chip, &result->run);
    }
    cli_tables_free(&tables);
    if (status != CC_OK)
        cli_result_free(result);
    return status;
}
