/* coincell estimate RUN: prices a stored profile again, without emulating.
 * coincell estimate --ops N ...: the estimate of a napkin, without any run. */
#include "cli.h"
#include "life.h"

#include "sim_chip.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct estimate_args {
    struct cli_args common;
    const char *db, *battery, *mcu;
    int json;
    uint64_t run_id;
    double every_s, temperature_c;         /* NAN = as stored */
    double ops, pj_per_op, battery_joules; /* 0 = not given */
};

static const struct argp_option options[] = {
    {.name = "battery", .key = CLI_KEY_BATTERY, .arg = "NAME|FILE", .doc = "default as stored"},
    {.name = "every",
     .key = CLI_KEY_EVERY,
     .arg = "SECONDS",
     .doc = "one inference per so many seconds; default as stored"},
    {.name = "temperature", .key = CLI_KEY_TEMPERATURE, .arg = "C", .doc = "default as stored"},
    {.name = "mcu",
     .key = CLI_KEY_MCU,
     .arg = "NAME[@MHZ][:RANGE]",
     .doc = "another chip with the same core; default as stored"},
    {.name = "ops", .key = CLI_KEY_OPS, .arg = "N", .doc = "napkin: operations per inference"},
    {.name = "pj-per-op", .key = CLI_KEY_PJ_PER_OP, .arg = "P", .doc = "napkin: pJ per operation"},
    {.name = "battery-joules",
     .key = CLI_KEY_BATTERY_JOULES,
     .arg = "J",
     .doc = "napkin: energy of the battery"},
    CLI_OPTION_JSON,
    CLI_OPTION_DB,
    CLI_OPTION_HELP,
    {0},
};

static error_t parse_value(int key, char *text, struct estimate_args *a)
{
    switch (key) {
    case CLI_KEY_EVERY:
        return cli_every(&a->common, text, &a->every_s);
    case CLI_KEY_TEMPERATURE:
        return cli_temperature(&a->common, text, &a->temperature_c);
    case CLI_KEY_OPS:
        return cli_number(&a->common, "--ops", text, 1e-6, 1e18, &a->ops);
    case CLI_KEY_PJ_PER_OP:
        return cli_number(&a->common, "--pj-per-op", text, 1e-6, 1e12, &a->pj_per_op);
    case CLI_KEY_BATTERY_JOULES:
        return cli_number(&a->common, "--battery-joules", text, 1e-6, 1e12, &a->battery_joules);
    case CLI_KEY_BATTERY:
        return cli_string(&a->common, "--battery", text, &a->battery);
    case CLI_KEY_MCU:
        return cli_string(&a->common, "--mcu", text, &a->mcu);
    case CLI_KEY_DB:
        return cli_string(&a->common, "--db", text, &a->db);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int is_napkin(const struct estimate_args *a)
{
    return a->ops > 0 || a->pj_per_op > 0 || a->battery_joules > 0;
}

/* A run is priced by tables, operations by their picojoules: options of both make no estimate. */
static error_t not_both(struct estimate_args *a)
{
    const char *napkin = a->battery_joules > 0 ? "--battery-joules"
                         : a->ops > 0          ? "--ops"
                                               : "--pj-per-op";
    const char *of_run = a->run_id    ? "RUN"
                         : a->battery ? "--battery"
                         : a->mcu     ? "--mcu"
                         : a->db      ? "--db"
                                      : "--temperature";
    return cli_usage(
        &a->common,
        "%s: is for an estimate without a stored run, %s for one of a run; %s, or give "
        "only --ops, --pj-per-op, --every and --battery-joules",
        napkin, of_run,
        a->battery_joules > 0 ? "give a battery by --battery NAME|FILE" : "leave it out");
}

static error_t check_together(struct estimate_args *a)
{
    if (a->common.help)
        return 0;
    if (!is_napkin(a) && !a->run_id)
        return cli_usage(&a->common, "estimate: RUN is missing; give a number of coincell history, "
                                     "or --ops, --pj-per-op, --every and --battery-joules");
    if (!is_napkin(a))
        return 0;
    if (a->run_id || a->battery || a->mcu || a->db || !isnan(a->temperature_c))
        return not_both(a);
    const char *missing = a->ops <= 0              ? "--ops N"
                          : a->pj_per_op <= 0      ? "--pj-per-op P"
                          : a->battery_joules <= 0 ? "--battery-joules J"
                          : isnan(a->every_s)      ? "--every SECONDS"
                                                   : NULL;
    if (missing)
        return cli_usage(&a->common,
                         "estimate: %s is missing; the napkin needs --ops, "
                         "--pj-per-op, --every and --battery-joules",
                         missing);
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct estimate_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->run_id)
            return cli_usage(&a->common, "%s: one RUN at a time", text);
        return cli_count(&a->common, "RUN", text, 1, INT64_MAX, &a->run_id);
    case ARGP_KEY_END:
        return check_together(a);
    default: {
        error_t rc = cli_parse_common(key, state, &a->common);
        return rc == ARGP_ERR_UNKNOWN ? parse_value(key, text, a) : rc;
    }
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "[RUN]",
    .doc = "Price a stored run again with another battery, period, temperature or chip. Nothing is "
           "emulated and nothing is stored.\v"
           "RUN is a number of coincell history.\n\n"
           "The napkin is an estimate without a run and without tables: N operations per "
           "inference, P picojoules each, one inference every S seconds, from a battery of J "
           "joules. It knows no memory, no sleep and no self-discharge. Example:\n"
           "coincell estimate --ops 2.7e6 --pj-per-op 30 --every 1 --battery-joules 2300",
};

/* Whole when large, four digits otherwise. */
static void print_figure(double value, const char *unit)
{
    if (value >= 1000)
        printf("%.0f %s", value, unit);
    else
        printf("%.4g %s", value, unit);
}

static enum cc_status napkin(const struct estimate_args *a, struct cc_error *err)
{
    struct energy_napkin n;
    enum cc_status status =
        energy_napkin_compute(a->ops, a->pj_per_op, a->every_s, a->battery_joules, &n, err);
    if (status != CC_OK)
        return status;
    if (a->json) {
        json_t *o =
            json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "ops", a->ops, "pj_per_op",
                      a->pj_per_op, "every_s", a->every_s, "battery_joules", a->battery_joules,
                      "energy_uj", n.uj_per_inference, "average_uw", n.average_uw, "days", n.days);
        if (!o)
            return cc_no_memory(err);
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(o);
        return cli_flush(err);
    }
    print_figure(n.uj_per_inference, "uJ per inference\n");
    print_figure(n.average_uw, "uW on average");
    printf(", one inference every %g s\n", a->every_s);
    print_figure(n.days, "days");
    printf(" from %g J\n"
           "operations times energy per operation: no memory, no sleep, no self-discharge\n",
           a->battery_joules);
    return cli_flush(err);
}

static void add_note(struct report_run *run, const char *text)
{
    if (run->note_count < sizeof run->notes / sizeof run->notes[0])
        snprintf(run->notes[run->note_count++], sizeof run->notes[0], "%s", text);
}

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
    char note[256], spec[2 * SIM_NAME_BYTES];
    double ignored;
    const char *range = run->profile.voltage_range;
    snprintf(spec, sizeof spec, "%s%s%s", run->profile.chip, range[0] ? ":" : "", range);
    enum cc_status status = sim_chip_load(spec, &old, &ignored, err);
    if (status != CC_OK)
        return status;
    unsigned waits = sim_chip_wait_states(&old, run->profile.clock_hz);
    snprintf(note, sizeof note,
             "Cycles are those counted on %.40s at %g MHz with %u flash wait state%s; %.40s at %g "
             "MHz has %u. For its own cycles: coincell run --mcu.",
             old.name, run->profile.clock_hz / 1e6, waits, waits == 1 ? "" : "s", chip->name,
             clock_hz / 1e6, sim_chip_wait_states(chip, clock_hz));
    add_note(run, note);
    snprintf(note, sizeof note, "that of %.40s at %g MHz: %.180s", old.name,
             run->profile.clock_hz / 1e6, run->profile.timing_note);
    memcpy(run->profile.timing_note, note, sizeof run->profile.timing_note);
    run->profile.cycles_rsd = fmax(run->profile.cycles_rsd, OTHER_MEMORY_RSD);
    return CC_OK;
}

static const char *range_by_name(const struct sim_chip *chip)
{
    return chip->range_by_name ? chip->ranges[chip->range].name : "";
}

/* Without @MHZ: the same chip keeps its clock as far as its range allows, another one gets its own.
 * The range is the one given, or none. */
static enum cc_status change_chip(const char *spec, struct report_run *run, struct cc_error *err)
{
    struct sim_chip chip;
    double clock_hz;
    enum cc_status status = sim_chip_load(spec, &chip, &clock_hz, err);
    if (status == CC_OK)
        status = check_core(run, &chip, err);
    if (status == CC_OK)
        status = check_fits(run, &chip, err);
    if (status != CC_OK)
        return status;
    int same = strcmp(chip.name, run->profile.chip) == 0;
    if (same && !strchr(spec, '@'))
        clock_hz = fmin(run->profile.clock_hz, chip.ranges[chip.range].max_clock_hz);
    if (!same || clock_hz != run->profile.clock_hz ||
        strcmp(range_by_name(&chip), run->profile.voltage_range) != 0)
        status = note_cycles(run, &chip, clock_hz, err);
    if (status != CC_OK)
        return status;
    if (!same)
        run->energy.vdd_v = 0; /* the other chip's own */
    snprintf(run->profile.chip, sizeof run->profile.chip, "%s", chip.name);
    snprintf(run->profile.voltage_range, sizeof run->profile.voltage_range, "%s",
             range_by_name(&chip));
    snprintf(run->mcu_description, sizeof run->mcu_description, "%s", chip.description);
    run->profile.clock_hz = run->mcu_clock_hz = clock_hz;
    run->flash_bytes = chip.runner_flash_bytes;
    run->ram_bytes = chip.runner_ram_bytes;
    return CC_OK;
}

/* The tables that a run is priced with. */
struct tables {
    struct energy_chip *chip;
    struct energy_battery *battery;
};

static void free_tables(struct tables *t)
{
    energy_battery_free(t->battery);
    energy_chip_free(t->chip);
    *t = (struct tables){NULL, NULL};
}

static enum cc_status load_tables(const struct report_run *run, const char *battery,
                                  struct tables *t, struct cc_error *err)
{
    *t = (struct tables){NULL, NULL};
    enum cc_status status = energy_chip_load(run->profile.chip, &t->chip, err);
    if (status == CC_OK)
        status = energy_battery_load(battery, &t->battery, err);
    if (status != CC_OK)
        free_tables(t);
    return status;
}

/* Energy and life of the run's counts; the caller frees *energy. */
static enum cc_status price(const struct report_run *run, const struct tables *t,
                            struct energy_result *energy, struct report_life *life,
                            struct cc_error *err)
{
    struct energy_condition condition = {run->energy.vdd_v, NULL, run->temperature_c};
    enum cc_status status = energy_price(t->chip, &run->profile, &condition, energy, err);
    if (status != CC_OK)
        return status;
    struct energy_life_query query = {t->chip, t->battery, energy, run->every_s,
                                      run->temperature_c};
    status = cli_life_compute(&query, life, err);
    if (status != CC_OK)
        energy_result_free(energy);
    return status;
}

static int differs(double a, double b)
{
    return fabs(a - b) > 1e-9 * fmax(fabs(a), fabs(b));
}

/* A stored run knows its tables by name only. When they give other figures today than they gave
 * then, they were changed, or were a file of the user's: the reader must know. Before any option
 * is applied. */
static enum cc_status note_changed_tables(const struct estimate_args *a, struct report_run *run,
                                          struct cc_error *err)
{
    struct tables t;
    struct energy_result energy;
    struct report_life life;
    char note[256];
    enum cc_status status = load_tables(run, run->life.battery, &t, err);
    if (status != CC_OK)
        return a->battery ? CC_OK : status; /* not needed then */
    status = price(run, &t, &energy, &life, err);
    free_tables(&t);
    if (status != CC_OK)
        return CC_OK; /* tables that refuse the stored run are other ones; said where it matters */
    int other_prices = differs(energy.total_uj.p50, run->energy.total_uj.p50) ||
                       differs(energy.total_rsd, run->energy.total_rsd);
    int other_life = differs(life.lifetime.days.p50, run->life.lifetime.days.p50) ||
                     differs(life.lifetime.days.p90, run->life.lifetime.days.p90);
    energy_result_free(&energy);
    if (other_prices) {
        snprintf(note, sizeof note,
                 "The prices of %.60s have changed since the run was stored: its energy differs "
                 "from the stored one.",
                 run->profile.chip);
        add_note(run, note);
    } else if (other_life && !a->battery) {
        snprintf(note, sizeof note,
                 "The table of %.60s gives another life than the stored one: it has changed, or "
                 "the run used a file of this name; give that with --battery.",
                 run->life.battery);
        add_note(run, note);
    }
    return CC_OK;
}

static enum cc_status price_again(const struct estimate_args *a, struct report_run *run,
                                  struct cc_error *err)
{
    struct tables t;
    struct energy_result energy;
    enum cc_status status = load_tables(run, a->battery ? a->battery : run->life.battery, &t, err);
    if (status != CC_OK)
        return status;
    status = price(run, &t, &energy, &run->life, err);
    free_tables(&t);
    if (status != CC_OK)
        return status;
    energy_result_free(&run->energy);
    run->energy = energy;
    return CC_OK;
}

static enum cc_status estimate(const struct estimate_args *a, struct report_run *run,
                               struct cc_error *err)
{
    char note[128];
    enum cc_status status = note_changed_tables(a, run, err);
    if (status != CC_OK)
        return status;
    if (!isnan(a->every_s))
        run->every_s = a->every_s;
    if (!isnan(a->temperature_c))
        run->temperature_c = a->temperature_c;
    run->estimated = 1;
    snprintf(note, sizeof note, "Estimate from the counts of stored run %lld; nothing was run.",
             (long long)run->run_id);
    add_note(run, note);
    if (a->mcu)
        status = change_chip(a->mcu, run, err);
    if (status == CC_OK)
        status = price_again(a, run, err);
    return status == CC_OK ? cli_print_run(run, cli_print_choice(a->json, 0), err) : status;
}

enum cc_status cli_cmd_estimate(int argc, char **argv, struct cc_error *err)
{
    struct estimate_args a = {.common.err = err, .every_s = NAN, .temperature_c = NAN};
    struct report_run run;
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    if (is_napkin(&a))
        return napkin(&a, err);
    status = cli_load_run(cli_db_path(a.db), (int64_t)a.run_id, &run, err);
    if (status != CC_OK)
        return status;
    status = estimate(&a, &run, err);
    report_run_free(&run);
    return status;
}
