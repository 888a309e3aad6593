/* The counts of a stored run on another chip or at another clock. */
#include "estimate.h"

#include "sim_chip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Flash and RAM must still hold what the stored run used. */
static enum cc_status check_fits(const struct report_run *run, const struct sim_chip *chip,
                                 struct cc_error *err)
{
    if (run->flash_used_bytes > chip->runner_flash_bytes)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: run %lld needs %u bytes of flash, there are %u; "
                       "choose a larger chip",
                       chip->name, (long long)run->run_id, run->flash_used_bytes,
                       chip->runner_flash_bytes);
    if (run->ram_used_bytes > chip->runner_ram_bytes)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: run %lld needs %u bytes of RAM, there are %u; "
                       "choose a larger chip",
                       chip->name, (long long)run->run_id, run->ram_used_bytes,
                       chip->runner_ram_bytes);
    return CC_OK;
}

static enum cc_status check_core(const struct report_run *run, const struct sim_chip *chip,
                                 struct cc_error *err)
{
    if (strcmp(sim_core_name(chip->core), run->profile.core) != 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: is a %s, run %lld was counted on a %s; run it again "
                       "with coincell run --mcu %s",
                       chip->name, sim_core_name(chip->core), (long long)run->run_id,
                       run->profile.core, chip->name);
    if (!chip->has_dsp && strcmp(run->kernels, "dsp") == 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: has no DSP extension, which the kernels of run %lld "
                       "need; run it again with coincell run --mcu %s",
                       chip->name, (long long)run->run_id, chip->name);
    return CC_OK;
}

/* Relative standard deviation of cycles that were counted with another memory configuration:
 * judgement. */
#define OTHER_MEMORY_RSD 0.10

/* Cycles were counted with the flash of the stored chip at its clock: what the reader must know. */
static enum cc_status note_cycles(struct report_run *run, const struct sim_chip *chip,
                                  double clock_hz, struct cc_error *err)
{
    struct sim_chip old;
    char spec[2 * SIM_NAME_BYTES], timing[sizeof run->profile.timing_note];
    double ignored;
    const char *range = run->profile.voltage_range;
    snprintf(spec, sizeof spec, "%s%s%s", run->profile.chip, range[0] ? ":" : "", range);
    enum cc_status status = sim_chip_load(spec, &old, &ignored, err);
    if (status != CC_OK)
        return status;
    unsigned waits = sim_chip_wait_states(&old, run->profile.clock_hz);
    cli_add_note(
        run,
        "Cycles are those counted on %.40s at %g MHz with %u flash wait state%s; %.40s at %g "
        "MHz has %u. For its own cycles: coincell run --mcu.",
        old.name, run->profile.clock_hz / 1e6, waits, waits == 1 ? "" : "s", chip->name,
        clock_hz / 1e6, sim_chip_wait_states(chip, clock_hz));
    snprintf(timing, sizeof timing, "that of %.40s at %g MHz: %.180s", old.name,
             run->profile.clock_hz / 1e6, run->profile.timing_note);
    memcpy(run->profile.timing_note, timing, sizeof timing);
    return CC_OK;
}

static const char *range_by_name(const struct sim_chip *chip)
{
    return chip->range_by_name ? chip->ranges[chip->range].name : "";
}

/* Counts are taken to be those of the chip at the clock; less surely when they were not. */
static void move_profile(struct sim_profile *profile, const struct sim_chip *chip, double clock_hz,
                         int other)
{
    snprintf(profile->chip, sizeof profile->chip, "%s", chip->name);
    snprintf(profile->voltage_range, sizeof profile->voltage_range, "%s", range_by_name(chip));
    profile->clock_hz = clock_hz;
    if (other)
        profile->cycles_rsd = fmax(profile->cycles_rsd, OTHER_MEMORY_RSD);
}

/* Without @MHZ: the same chip keeps its clock as far as its range allows, another one gets its own.
 * The range is the one given, or none. */
enum cc_status cli_estimate_chip(const char *spec, struct cli_estimate *estimate,
                                 struct cc_error *err)
{
    struct report_run *run = &estimate->run;
    struct sim_chip chip;
    double clock_hz;
    enum cc_status status = sim_chip_load(spec, &chip, &clock_hz, err);
    if (status == CC_OK)
        status = check_core(run, &chip, err);
    if (status == CC_OK)
        status = check_fits(run, &chip, err);
    for (uint32_t i = 0; status == CC_OK && i < estimate->compute_count; i++) {
        status = check_core(&estimate->computes[i], &chip, err);
        if (status == CC_OK)
            status = check_fits(&estimate->computes[i], &chip, err);
    }
    if (status != CC_OK)
        return status;
    int same = strcmp(chip.name, run->profile.chip) == 0;
    if (same && !strchr(spec, '@'))
        clock_hz = fmin(run->profile.clock_hz, chip.ranges[chip.range].max_clock_hz);
    int other = !same || clock_hz != run->profile.clock_hz ||
                strcmp(range_by_name(&chip), run->profile.voltage_range) != 0;
    if (other)
        status = note_cycles(run, &chip, clock_hz, err);
    if (status != CC_OK)
        return status;
    if (!same)
        estimate->stored.vdd_v = 0; /* the other chip's own, and its own regulator */
    if (!same)
        estimate->stored.regulator = NULL;
    move_profile(&run->profile, &chip, clock_hz, other);
    for (uint32_t i = 0; i < estimate->compute_count; i++)
        move_profile(&estimate->computes[i].profile, &chip, clock_hz, other);
    snprintf(run->mcu_description, sizeof run->mcu_description, "%s", chip.description);
    run->mcu_clock_hz = clock_hz;
    run->flash_bytes = chip.runner_flash_bytes;
    run->ram_bytes = chip.runner_ram_bytes;
    return CC_OK;
}
