#include "simulate.h"

#include "cc_file.h"
#include "emulate.h"
#include "life.h"
#include "sim_chip.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_note(struct report_run *run, const char *text)
{
    if (run->note_count < sizeof run->notes / sizeof run->notes[0])
        snprintf(run->notes[run->note_count++], sizeof run->notes[0], "%s", text);
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
    struct energy_condition condition = {options->vdd_v, NULL, options->temperature_c};
    enum cc_status status =
        energy_price(prices->chip, &run->profile, &condition, &run->energy, err);
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
    struct sim_chip chip;
    struct prices prices = {0};
    double clock_hz;
    memset(run, 0, sizeof *run);
    enum cc_status status = sim_chip_load(options->mcu, &chip, &clock_hz, err);
    if (status == CC_OK)
        status = load_prices(&chip, options->battery, &prices, err);
    if (status == CC_OK)
        status = cli_emulate(options, run, err);
    if (status == CC_OK)
        status = price(options, &prices, run, err);
    if (status == CC_OK) {
        note_ranges(&chip, run);
        note_supply(&chip, run);
    }
    energy_chip_free(prices.chip);
    energy_battery_free(prices.battery);
    if (status != CC_OK)
        report_run_free(run);
    return status;
}
