/* coincell estimate RUN --sweep: a row per combination. What is slow to prepare is prepared once:
 * the plan of the scenario and a battery per temperature; periods and probabilities vary fastest.
 */
#include "estimate.h"

#include "cc_file.h"
#include "cli.h"
#include "progress.h"
#include "report_sweep.h"
#include "sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sweeper {
    struct cli_estimate *estimate;
    const struct cli_sweep *axes;
    struct energy_battery **batteries; /* owned */
    size_t battery_count;
    int all_fitting; /* batteries that do not fit are left out */
    uint32_t left_out;
    struct energy_supply **supplies; /* owned; at the temperature of the row; NULL: why_not */
    char (*supply_why)[256];         /* [battery_count] */
    struct cli_plan plan;
    char plan_why[256]; /* empty = the plan holds */
    struct energy_scenario_load *load;
    struct energy_lifetime life;
    struct report_sweep table;
    struct report_sweep_row row;
    struct cli_progress progress;
    uint64_t expected;
    struct cc_error *err;
};

/* What can only be said of a row; everything else ends the sweep. */
static int belongs_in_row(enum cc_status status)
{
    return status == CC_ERR_USAGE || status == CC_ERR_INPUT;
}

static size_t points(const struct sweeper *s, enum cli_axis axis)
{
    size_t count = s->axes->axes[axis].count;
    return count ? count : 1;
}

static double value(const struct sweeper *s, enum cli_axis axis, size_t i, double otherwise)
{
    const struct cli_sweep_axis *a = &s->axes->axes[axis];
    return a->count ? a->numbers[i] : otherwise;
}

static enum cc_status add_battery(struct sweeper *s, const char *name)
{
    struct energy_battery **grown =
        realloc(s->batteries, (s->battery_count + 1) * sizeof(struct energy_battery *));
    if (!grown)
        return cc_no_memory(s->err);
    s->batteries = grown;
    enum cc_status status = energy_battery_load(name, &s->batteries[s->battery_count], s->err);
    if (status == CC_OK)
        s->battery_count++;
    return status;
}

/* Does the battery's voltage suit the load at all? */
static enum cc_status fits(struct sweeper *s, const struct energy_battery *battery, int *fit)
{
    static const struct energy_scenario_change none;
    struct energy_supply *supply = NULL;
    enum cc_status status = energy_scenario_supply(s->plan.scenario, battery, 20, &supply, s->err);
    if (status == CC_OK)
        status = energy_scenario_load_of(s->plan.plan, &none, s->load, s->err);
    if (status == CC_OK)
        status = energy_lifetime_compute(supply, &s->load->load, 0, &s->life, s->err);
    energy_supply_free(supply);
    *fit = status == CC_OK;
    return belongs_in_row(status) ? CC_OK : status;
}

static enum cc_status add_all_fitting(struct sweeper *s)
{
    char **names = NULL;
    size_t count = 0;
    enum cc_status status = cc_data_names("energy/batteries", &names, &count, s->err);
    for (size_t i = 0; status == CC_OK && i < count; i++) {
        int fit;
        status = add_battery(s, names[i]);
        if (status == CC_OK)
            status = fits(s, s->batteries[s->battery_count - 1], &fit);
        if (status == CC_OK && !fit) {
            energy_battery_free(s->batteries[--s->battery_count]);
            s->left_out++;
        }
    }
    cc_names_free(names, count);
    return status;
}

static enum cc_status load_batteries(struct sweeper *s)
{
    const struct cli_sweep_axis *a = &s->axes->axes[CLI_AXIS_BATTERY];
    const struct cli_tables *tables = &s->estimate->tables;
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < a->count; i++) {
        if (strcmp(a->words[i], "*") != 0) {
            status = add_battery(s, a->words[i]);
            continue;
        }
        /* what fits is judged at the conditions of the run */
        status =
            cli_plan_make(tables, &s->estimate->counts, &tables->condition, &s->plan, NULL, s->err);
        if (status == CC_OK)
            status = add_all_fitting(s);
        cli_plan_free(&s->plan);
    }
    size_t n = a->count ? s->battery_count : 1;
    s->supplies = calloc(n + 1, sizeof(struct energy_supply *));
    s->supply_why = calloc(n + 1, sizeof *s->supply_why);
    if (status == CC_OK && (!s->supplies || !s->supply_why))
        status = cc_no_memory(s->err);
    return status;
}

static size_t battery_points(const struct sweeper *s)
{
    return s->axes->axes[CLI_AXIS_BATTERY].count ? s->battery_count : 1;
}

static const struct energy_battery *battery(const struct sweeper *s, size_t i)
{
    return s->axes->axes[CLI_AXIS_BATTERY].count ? s->batteries[i] : s->estimate->tables.battery;
}

static void forget_supplies(struct sweeper *s)
{
    for (size_t i = 0; s->supplies && i < battery_points(s); i++) {
        energy_supply_free(s->supplies[i]);
        s->supplies[i] = NULL;
        s->supply_why[i][0] = '\0';
    }
}

/* s->supplies[i], or why there is none. */
static enum cc_status prepare_supply(struct sweeper *s, size_t i)
{
    if (s->supplies[i] || s->supply_why[i][0])
        return CC_OK;
    enum cc_status status = energy_scenario_supply(s->plan.scenario, battery(s, i),
                                                   s->row.temperature_c, &s->supplies[i], s->err);
    if (!belongs_in_row(status))
        return status;
    snprintf(s->supply_why[i], sizeof s->supply_why[i], "%.255s", s->err->message);
    return CC_OK;
}

static enum cc_status prepare_plan(struct sweeper *s, double vdd_v)
{
    const struct cli_tables *tables = &s->estimate->tables;
    struct energy_condition condition = tables->condition;
    condition.temperature_c = s->row.temperature_c;
    condition.vdd_v = vdd_v;
    s->plan_why[0] = '\0';
    cli_plan_free(&s->plan);
    enum cc_status status =
        cli_plan_make(tables, &s->estimate->counts, &condition, &s->plan, NULL, s->err);
    s->row.vdd_v = status == CC_OK ? s->plan.cost.vdd_v : vdd_v;
    if (!belongs_in_row(status))
        return status;
    snprintf(s->plan_why, sizeof s->plan_why, "%.255s", s->err->message);
    return CC_OK;
}

static void tell_progress(struct sweeper *s)
{
    if (s->progress.on && s->table.rows % 1024 == 0)
        cli_progress_show(&s->progress, "sweep", (double)s->table.rows / (double)s->expected);
}

/* Of a row that has no load to tell its period. */
static double asked_every(const struct sweeper *s, double of_axis)
{
    const struct cli_tables *tables = &s->estimate->tables;
    double asked = of_axis > 0 ? of_axis : tables->every_s;
    if (!(asked > 0) && tables->scenario)
        asked = energy_scenario_period(tables->scenario);
    return asked > 0 ? asked : s->estimate->run.every_s;
}

/* The last two axes: nothing but arithmetic. */
static enum cc_status put_row(struct sweeper *s, const struct energy_supply *supply,
                              double probability, double every_s)
{
    struct energy_scenario_change change = {.every_s = every_s, .probability_factor = probability};
    int ignored;
    enum cc_status status = energy_scenario_load_of(s->plan.plan, &change, s->load, s->err);
    s->row.every_s = status == CC_OK ? s->load->period_s : asked_every(s, every_s);
    s->row.probability_factor = probability;
    if (status == CC_OK)
        status = cli_life_of(&s->estimate->tables, &s->plan, supply, &s->load->load, &s->life, NULL,
                             &ignored, s->err);
    if (status != CC_OK && !belongs_in_row(status))
        return status;
    s->row.why_not = status == CC_OK ? NULL : s->err->message;
    s->row.days = s->life.days;
    s->row.average_uw = s->life.average_uw;
    s->row.limited_by = s->life.limited_by;
    report_sweep_row(&s->table, &s->row);
    tell_progress(s);
    return CC_OK;
}

static enum cc_status sweep_loads(struct sweeper *s, size_t battery_index)
{
    enum cc_status status = CC_OK;
    const char *why = s->plan_why[0] ? s->plan_why : NULL;
    s->row.battery = energy_battery_name(battery(s, battery_index));
    if (!why)
        status = prepare_supply(s, battery_index);
    if (!why && s->supply_why[battery_index][0])
        why = s->supply_why[battery_index];
    for (size_t p = 0; status == CC_OK && p < points(s, CLI_AXIS_PROBABILITY); p++) {
        double probability = value(s, CLI_AXIS_PROBABILITY, p, 1);
        for (size_t e = 0; status == CC_OK && e < points(s, CLI_AXIS_EVERY); e++) {
            double every_s = value(s, CLI_AXIS_EVERY, e, 0);
            if (!why) {
                status = put_row(s, s->supplies[battery_index], probability, every_s);
                continue;
            }
            s->row.why_not = why;
            s->row.probability_factor = probability;
            s->row.every_s = asked_every(s, every_s);
            report_sweep_row(&s->table, &s->row);
        }
    }
    return status;
}

static enum cc_status sweep_all(struct sweeper *s)
{
    const struct energy_condition *fixed = &s->estimate->tables.condition;
    enum cc_status status = CC_OK;
    for (size_t t = 0; status == CC_OK && t < points(s, CLI_AXIS_TEMPERATURE); t++) {
        forget_supplies(s);
        s->row.temperature_c = value(s, CLI_AXIS_TEMPERATURE, t, fixed->temperature_c);
        status = prepare_plan(s, fixed->vdd_v);
        for (size_t b = 0; status == CC_OK && b < battery_points(s); b++)
            status = sweep_loads(s, b);
    }
    return status;
}

/* What stays the same in all rows. */
static void print_head(const struct sweeper *s)
{
    const struct cli_estimate *e = s->estimate;
    const struct report_run *run = &e->run;
    const struct cli_sweep_axis *axes = s->axes->axes;
    char line[512];
    size_t used = (size_t)snprintf(line, sizeof line, "run %lld: %.63s on %.63s at %.4g MHz",
                                   (long long)run->run_id, run->model_name, run->profile.chip,
                                   run->profile.clock_hz / 1e6);
    if (e->tables.scenario)
        used += (size_t)snprintf(line + used, sizeof line - used, ", %.63s",
                                 energy_scenario_name(e->tables.scenario));
    if (!axes[CLI_AXIS_BATTERY].count)
        used += (size_t)snprintf(line + used, sizeof line - used, ", on %.63s",
                                 energy_battery_name(e->tables.battery));
    if (!axes[CLI_AXIS_TEMPERATURE].count)
        used += (size_t)snprintf(line + used, sizeof line - used, ", %.4g C",
                                 e->tables.condition.temperature_c);
    if (s->left_out)
        snprintf(line + used, sizeof line - used,
                 "; %u batteries are left out, their voltage does not fit", s->left_out);
    for (char *c = line; *c; c++)
        *c = *c == '\n' ? '?' : *c; /* of a name: the head is one paragraph */
    cli_print_wrapped(line, 0);
    putchar('\n');
}

static void begin_table(struct sweeper *s, const struct cli_estimate_options *options)
{
    static const unsigned columns[CLI_AXIS_COUNT] = {
        [CLI_AXIS_BATTERY] = REPORT_SWEEP_BATTERY,
        [CLI_AXIS_TEMPERATURE] = REPORT_SWEEP_TEMPERATURE,
        [CLI_AXIS_PROBABILITY] = REPORT_SWEEP_PROBABILITY,
        [CLI_AXIS_EVERY] = REPORT_SWEEP_EVERY};
    unsigned shown = 0;
    size_t widest = 0;
    for (int i = 0; i < CLI_AXIS_COUNT; i++)
        shown |= s->axes->axes[i].count ? columns[i] : 0;
    for (size_t i = 0; i < battery_points(s); i++) {
        size_t n = strlen(energy_battery_name(battery(s, i)));
        widest = n > widest ? n : widest;
    }
    if (!options->json && !options->quiet)
        print_head(s);
    report_sweep_begin(&s->table, stdout,
                       options->json    ? REPORT_SWEEP_JSON
                       : options->quiet ? REPORT_SWEEP_QUIET
                                        : REPORT_SWEEP_TEXT,
                       shown, widest);
}

static void sweeper_free(struct sweeper *s)
{
    forget_supplies(s);
    for (size_t i = 0; i < s->battery_count; i++)
        energy_battery_free(s->batteries[i]);
    free(s->batteries);
    free(s->supplies);
    free(s->supply_why);
    free(s->load);
    cli_plan_free(&s->plan);
}

static enum cc_status sweep(struct sweeper *s, const struct cli_estimate_options *options)
{
    s->load = calloc(1, sizeof *s->load);
    enum cc_status status = s->load ? load_batteries(s) : cc_no_memory(s->err);
    if (status != CC_OK)
        return status;
    s->expected = 1;
    for (int i = 0; i < CLI_AXIS_COUNT; i++)
        s->expected *= i == CLI_AXIS_BATTERY ? battery_points(s) : points(s, (enum cli_axis)i);
    begin_table(s, options);
    cli_progress_start(&s->progress, 1);
    status = sweep_all(s);
    cli_progress_clear(&s->progress);
    return status == CC_OK ? report_sweep_end(&s->table, s->err) : status;
}

enum cc_status cli_estimate_sweep(const struct cli_estimate_options *options,
                                  struct cli_estimate *estimate, struct cc_error *err)
{
    struct cli_sweep axes;
    struct cc_error row_err = {CC_OK, ""};
    enum cc_status status = cli_sweep_parse(options->sweep, &axes, err);
    if (status != CC_OK)
        return status;
    if (axes.axes[CLI_AXIS_VDD].count) { /* rows that tell of lives would all be the same */
        cli_sweep_free(&axes);
        return cc_fail(err, CC_ERR_USAGE,
                       "--sweep vdd: battery and regulator decide the supply, no life follows it; "
                       "sweep battery=..., or give the energy's supply by --vdd without --sweep");
    }
    struct sweeper s = {.estimate = estimate, .axes = &axes, .err = &row_err};
    status = sweep(&s, options);
    sweeper_free(&s);
    cli_sweep_free(&axes);
    return status == CC_OK ? CC_OK : cc_fail(err, status, "%s", row_err.message);
}
