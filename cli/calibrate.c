#include "calibrate.h"

#include "session.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What makes the counts of a row: two rows of equal keys share one emulation. The clock is in it
 * by its wait states only. */
struct run_key {
    char workload[SIM_NAME_BYTES];
    char code[16], data[16], caches[8], prefetch[8];
    uint32_t range_prefetch, flash_waits, region_waits[SIM_MAX_REGIONS];
};

struct calibrator {
    const struct cli_calibrate_options *options;
    struct cli_calibration *to;
    struct run_key *keys; /* of to->runs */
    uint32_t row, count;
    struct cc_error *err;
};

static void tell(void *user, const char *stage, double fraction)
{
    struct calibrator *c = user;
    char text[96];
    (void)stage;
    if (!c->options->progress)
        return;
    snprintf(text, sizeof text, "row %u of %u, %s", (unsigned)(c->row + 1), (unsigned)c->count,
             energy_measurements_row(c->to->measurements, c->row)->workload);
    c->options->progress(c->options->progress_user, text,
                         (c->row + (fraction > 0 ? fraction : 0)) / c->count);
}

/* The simulated chip of a row. A clock that the simulator's range does not reach has the wait
 * states of the highest one: makers state limits of a range differently in data sheet and code. */
static enum cc_status chip_of_row(const struct calibrator *c, const struct energy_measurement *row,
                                  struct sim_chip *chip, double *clock_hz)
{
    char spec[2 * SIM_NAME_BYTES + 8];
    snprintf(spec, sizeof spec, "%s%s%s", energy_measurements_chip(c->to->measurements),
             row->range[0] ? ":" : "", row->range);
    enum cc_status status = sim_chip_load(spec, chip, clock_hz, c->err);
    if (status != CC_OK)
        return status;
    double highest = chip->ranges[chip->range].max_clock_hz;
    *clock_hz = row->mhz * 1e6;
    if (highest > 0 && *clock_hz > highest)
        *clock_hz = highest;
    return CC_OK;
}

static void make_key(const struct energy_measurement *row, const struct sim_chip *chip,
                     double clock_hz, struct run_key *key)
{
    memset(key, 0, sizeof *key);
    memcpy(key->workload, row->workload, sizeof key->workload);
    memcpy(key->code, row->code, sizeof key->code);
    memcpy(key->data, row->data, sizeof key->data);
    memcpy(key->caches, row->caches, sizeof key->caches);
    memcpy(key->prefetch, row->prefetch, sizeof key->prefetch);
    key->range_prefetch = (uint32_t)chip->ranges[chip->range].prefetch;
    key->flash_waits = sim_chip_wait_states(chip, clock_hz);
    for (uint32_t i = 0; i < chip->region_count; i++)
        key->region_waits[i] = sim_region_wait_states(&chip->regions[i], clock_hz);
}

static int switch_of(const char *text)
{
    return text[0] ? strcmp(text, "on") == 0 : -1;
}

static enum cc_status run_workload(const struct calibrator *c, const struct energy_measurement *row,
                                   const struct sim_chip *chip, double clock_hz,
                                   struct sim_profile *profile)
{
    struct cli_workload_options options = {.name = row->workload,
                                           .code = row->code,
                                           .data = row->data,
                                           .caches = switch_of(row->caches),
                                           .prefetch = switch_of(row->prefetch)};
    return cli_workload_run(chip, clock_hz, &options, profile, c->err);
}

/* A network with the kernels, placement and caches of `coincell run`. */
static enum cc_status run_network(struct calibrator *c, const struct energy_measurement *row,
                                  double clock_hz, struct sim_profile *profile)
{
    char spec[2 * SIM_NAME_BYTES + 32];
    snprintf(spec, sizeof spec, "%s@%.9g%s%s", energy_measurements_chip(c->to->measurements),
             clock_hz * 1e-6, row->range[0] ? ":" : "", row->range);
    struct cli_run_options run = {
        .target = row->workload, .mcu = spec, .progress = tell, .progress_user = c};
    struct cli_session session = {.options = &run, .err = c->err};
    enum cc_status status = cli_session_open(&session);
    if (status == CC_OK)
        status = cli_session_boot(&session);
    if (status == CC_OK)
        status = cli_session_run(&session);
    if (status == CC_OK)
        status = sim_machine_profile(session.machine, session.invocations, profile, c->err);
    if (status == CC_OK)
        sim_profile_mean(profile);
    cli_session_close(&session);
    return status;
}

static enum cc_status run_row(struct calibrator *c, const struct energy_measurement *row,
                              struct sim_profile *profile, struct run_key *key, int *is_new)
{
    struct sim_chip chip;
    double clock_hz;
    enum cc_status status = chip_of_row(c, row, &chip, &clock_hz);
    *is_new = 0;
    if (status != CC_OK)
        return status;
    make_key(row, &chip, clock_hz, key);
    for (uint32_t i = 0; i < c->to->run_count; i++) {
        if (memcmp(&c->keys[i], key, sizeof *key) == 0) {
            c->to->profiles[c->row] = &c->to->runs[i];
            return CC_OK;
        }
    }
    *is_new = 1;
    tell(c, "", 0);
    return cli_workload_find(row->workload) ? run_workload(c, row, &chip, clock_hz, profile)
                                            : run_network(c, row, clock_hz, profile);
}

/* Names that are not there are refused before the first emulation. */
static enum cc_status check_names(const struct calibrator *c)
{
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; status == CC_OK && i < c->count; i++) {
        const struct energy_measurement *row = energy_measurements_row(c->to->measurements, i);
        status = cli_target_check(row->workload, c->err);
        if (status != CC_OK)
            cc_prefix(c->err, "%s:%u: workload", energy_measurements_path(c->to->measurements),
                      (unsigned)row->line);
    }
    return status;
}

static enum cc_status run_rows(struct calibrator *c)
{
    enum cc_status status = CC_OK;
    for (c->row = 0; status == CC_OK && c->row < c->count; c->row++) {
        const struct energy_measurement *row = energy_measurements_row(c->to->measurements, c->row);
        uint32_t next = c->to->run_count;
        int is_new;
        status = run_row(c, row, &c->to->runs[next], &c->keys[next], &is_new);
        if (status != CC_OK) {
            cc_prefix(c->err, "%s:%u", energy_measurements_path(c->to->measurements),
                      (unsigned)row->line);
        } else if (is_new) {
            c->to->profiles[c->row] = &c->to->runs[next];
            c->to->run_count++;
        }
    }
    return status;
}

static enum cc_status tell_regions(const struct calibrator *c)
{
    struct sim_chip chip;
    double clock_hz;
    enum cc_status status =
        sim_chip_load(energy_measurements_chip(c->to->measurements), &chip, &clock_hz, c->err);
    for (uint32_t i = 0; status == CC_OK && i < chip.region_count; i++)
        energy_measurements_has_region(c->to->measurements, chip.regions[i].kind);
    return status;
}

static enum cc_status load(struct calibrator *c)
{
    struct cli_calibration *to = c->to;
    enum cc_status status =
        energy_measurements_load(c->options->measurements, &to->measurements, c->err);
    if (status == CC_OK)
        status = energy_chip_load_unpriced(energy_measurements_chip(to->measurements), &to->chip,
                                           c->err);
    if (status == CC_OK)
        status = tell_regions(c);
    if (status != CC_OK)
        return status;
    c->count = energy_measurements_count(to->measurements);
    to->runs = calloc(c->count, sizeof *to->runs);
    to->profiles = calloc(c->count, sizeof *to->profiles);
    c->keys = calloc(c->count, sizeof *c->keys);
    return to->runs && to->profiles && c->keys ? CC_OK : cc_no_memory(c->err);
}

enum cc_status cli_calibrate(const struct cli_calibrate_options *options,
                             struct cli_calibration *calibration, struct cc_error *err)
{
    struct calibrator c = {.options = options, .to = calibration, .err = err};
    memset(calibration, 0, sizeof *calibration);
    enum cc_status status = load(&c);
    if (status == CC_OK)
        status = check_names(&c);
    if (status == CC_OK)
        status = run_rows(&c);
    if (status == CC_OK)
        status = energy_fit_prices(calibration->chip, calibration->measurements,
                                   calibration->profiles, &calibration->fit, err);
    if (status == CC_OK)
        status = energy_fit_write(calibration->chip, calibration->measurements, &calibration->fit,
                                  &calibration->yaml, err);
    free(c.keys);
    if (status != CC_OK)
        cli_calibration_free(calibration);
    return status;
}

void cli_calibration_free(struct cli_calibration *calibration)
{
    for (uint32_t i = 0; i < calibration->run_count; i++)
        sim_profile_free(&calibration->runs[i]);
    free(calibration->runs);
    free(calibration->profiles);
    free(calibration->yaml);
    energy_fit_free(&calibration->fit);
    energy_measurements_free(calibration->measurements);
    energy_chip_free(calibration->chip);
    memset(calibration, 0, sizeof *calibration);
}
