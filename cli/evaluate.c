#include "evaluate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cli_question cli_question_none(void)
{
    struct cli_question q = {.temperature_c = NAN};
    return q;
}

void cli_add_note(struct report_run *run, const char *format, ...)
{
    va_list list;
    if (run->note_count == sizeof run->notes / sizeof run->notes[0])
        return;
    va_start(list, format);
    vsnprintf(run->notes[run->note_count++], sizeof run->notes[0], format, list);
    va_end(list);
}

enum cc_status cli_tables_scenario(const struct cli_question *question, struct cli_tables *tables,
                                   struct cc_error *err)
{
    if (!question->scenario || !question->scenario[0])
        return CC_OK;
    snprintf(tables->scenario_file, sizeof tables->scenario_file, "%s", question->scenario);
    return energy_scenario_load(question->scenario, &tables->scenario, err);
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a && a[0] ? a : b && b[0] ? b : c && c[0] ? c : NULL;
}

/* A value is given when it is finite and not 0. */
static double number_of(double a, double b, double c)
{
    return isfinite(a) && a > 0 ? a : isfinite(b) && b > 0 ? b : c;
}

static double temperature_of(double a, double b, double c)
{
    return isfinite(a) ? a : isfinite(b) ? b : c;
}

/* Regulator and supply that a scenario names are those of its own chip. */
static int is_its_chip(const struct energy_scenario *s, const char *chip)
{
    const char *spec = s ? energy_scenario_mcu(s) : NULL;
    size_t n = spec ? strcspn(spec, "@:") : 0;
    return s && (!spec || (strlen(chip) == n && strncmp(spec, chip, n) == 0));
}

static int is_empty(const struct cli_question *q)
{
    return !q->battery && !q->regulator && !q->harvester && !(q->vdd_v > 0) && !(q->every_s > 0) &&
           !(q->buffer_uf > 0) && isnan(q->temperature_c) && !q->stream;
}

enum cc_status cli_tables_load(const struct cli_question *question,
                               const struct cli_question *otherwise, const char *chip,
                               struct cli_tables *tables, struct cc_error *err)
{
    const struct energy_scenario *s = tables->scenario;
    const struct energy_scenario *own = is_its_chip(s, chip) ? s : NULL;
    const char *battery =
        first_of(question->battery, s ? energy_scenario_battery(s) : NULL, otherwise->battery);
    tables->condition.regulator =
        first_of(question->regulator, own ? energy_scenario_regulator_of_mcu(own) : NULL,
                 otherwise->regulator);
    tables->condition.vdd_v =
        number_of(question->vdd_v, own ? energy_scenario_vdd(own) : 0, otherwise->vdd_v);
    tables->condition.temperature_c =
        temperature_of(question->temperature_c, s ? energy_scenario_temperature(s) : NAN,
                       otherwise->temperature_c);
    tables->every_s = number_of(question->every_s, 0, s ? 0 : otherwise->every_s);
    tables->buffer_uf = number_of(question->buffer_uf, otherwise->buffer_uf, 0);
    tables->stream = question->stream;
    tables->all_of_file = s && is_empty(question);
    enum cc_status status = energy_chip_load(chip, &tables->chip, err);
    /* what the chip file says anyway is not an input of the caller's */
    if (status == CC_OK && tables->condition.vdd_v == energy_chip_vdd(tables->chip))
        tables->condition.vdd_v = 0;
    if (status == CC_OK)
        status = energy_battery_load(battery, &tables->battery, err);
    const char *harvester = first_of(question->harvester, otherwise->harvester, NULL);
    if (status == CC_OK && harvester)
        status = energy_harvester_load(harvester, &tables->own_harvester, err);
    if (status == CC_OK && tables->stream && !s)
        status = cc_fail(err, CC_ERR_USAGE,
                         "--stream: compares with sending the raw data of a scenario's sensors; "
                         "give --scenario NAME (coincell list scenarios)");
    if (status == CC_OK && tables->buffer_uf > 0 && s)
        energy_scenario_set_buffer(tables->scenario, tables->buffer_uf);
    return status;
}

void cli_tables_free(struct cli_tables *tables)
{
    energy_scenario_free(tables->scenario);
    energy_chip_free(tables->chip);
    energy_battery_free(tables->battery);
    energy_harvester_free(tables->own_harvester);
    memset(tables, 0, sizeof *tables);
}

uint32_t cli_tables_computes(const struct cli_tables *tables)
{
    return tables->scenario ? energy_scenario_compute_count(tables->scenario) : 0;
}

const char *cli_tables_compute(const struct cli_tables *tables, uint32_t index)
{
    return energy_scenario_compute(tables->scenario, index);
}

void cli_plan_free(struct cli_plan *plan)
{
    energy_scenario_plan_free(plan->plan);
    energy_scenario_free(plan->plain);
    for (uint32_t i = 0; i < plan->compute_count; i++)
        energy_result_free(&plan->compute_costs[i]);
    energy_result_free(&plan->cost);
    memset(plan, 0, sizeof *plan);
}

/* Without a scenario: one inference per period; once a second, or as often as a chip too slow for
 * that can. */
static enum cc_status plain_scenario(const struct cli_tables *tables, struct cli_plan *plan,
                                     struct cc_error *err)
{
    double every_s = tables->every_s, needed_s = plan->cost.latency_s * 1.01;
    plan->scenario = tables->scenario;
    if (tables->scenario)
        return CC_OK;
    if (!(every_s > 0)) {
        plan->longer_period = needed_s > 1;
        every_s = needed_s > 1 ? ceil(needed_s * 10) / 10 : 1;
    }
    enum cc_status status = energy_scenario_plain(every_s, &plan->plain, err);
    if (status == CC_OK && tables->buffer_uf > 0)
        energy_scenario_set_buffer(plan->plain, tables->buffer_uf);
    plan->scenario = plan->plain;
    return status;
}

static enum cc_status price_all(const struct cli_tables *tables, const struct cli_counts *counts,
                                const struct energy_condition *condition, struct cli_plan *plan,
                                struct energy_docs *docs, struct cc_error *err)
{
    enum cc_status status = energy_price(tables->chip, counts->target, condition, &plan->cost, err);
    if (status == CC_OK && docs)
        status = energy_price_docs(tables->chip, counts->target, condition, docs, err);
    for (uint32_t i = 0; status == CC_OK && i < counts->compute_count; i++) {
        status = energy_price(tables->chip, counts->computes[i], condition, &plan->compute_costs[i],
                              err);
        if (status == CC_OK)
            plan->compute_count++;
        if (status == CC_OK && docs)
            status = energy_price_docs(tables->chip, counts->computes[i], condition, docs, err);
    }
    return status;
}

enum cc_status cli_plan_make(const struct cli_tables *tables, const struct cli_counts *counts,
                             const struct energy_condition *condition, struct cli_plan *plan,
                             struct energy_docs *docs, struct cc_error *err)
{
    const struct energy_result *costs[ENERGY_MAX_STEPS] = {NULL};
    memset(plan, 0, sizeof *plan);
    if (counts->compute_count > ENERGY_MAX_STEPS)
        return cc_fail(err, CC_ERR_INTERNAL, "%u computations of a scenario are too many",
                       counts->compute_count);
    enum cc_status status = price_all(tables, counts, condition, plan, docs, err);
    if (status == CC_OK)
        status = plain_scenario(tables, plan, err);
    if (status != CC_OK)
        return status;
    for (uint32_t i = 0; i < plan->compute_count; i++)
        costs[i] = &plan->compute_costs[i];
    struct energy_scenario_query query = {.scenario = plan->scenario,
                                          .chip = tables->chip,
                                          .target = counts->target,
                                          .target_cost = &plan->cost,
                                          .computes = counts->computes,
                                          .compute_costs = costs,
                                          .condition = *condition,
                                          .every_s = tables->every_s};
    return energy_scenario_plan_new(&query, &plan->plan, docs, err);
}

/* The caller's own, at its typical level, else the scenario's; NULL = none. */
static const struct energy_harvester *harvester_of(const struct cli_tables *tables,
                                                   const struct cli_plan *plan,
                                                   struct energy_surroundings *surroundings)
{
    memset(surroundings, 0, sizeof *surroundings);
    return tables->own_harvester ? tables->own_harvester
                                 : energy_scenario_harvester(plan->scenario, surroundings);
}

enum cc_status cli_life_of(const struct cli_tables *tables, const struct cli_plan *plan,
                           const struct energy_supply *supply, const struct energy_load *load,
                           struct energy_lifetime *life, struct energy_harvest *harvest,
                           int *has_harvest, struct cc_error *err)
{
    struct energy_surroundings surroundings;
    struct energy_harvest ignored;
    const struct energy_harvester *harvester = harvester_of(tables, plan, &surroundings);
    *has_harvest = harvester != NULL;
    if (!harvester)
        return energy_lifetime_compute(supply, load, 1, life, err);
    return energy_harvest_lifetime(supply, load, harvester, &surroundings, life,
                                   harvest ? harvest : &ignored, err);
}

/* Notes have one size everywhere. */
static void take_note(struct report_life *life, const char *note)
{
    if (life->note_count < sizeof life->notes / sizeof life->notes[0])
        memcpy(life->notes[life->note_count++], note, sizeof life->notes[0]);
}

static void describe_life(const struct cli_tables *tables, const struct cli_plan *plan,
                          const struct energy_scenario_load *load, struct report_run *run)
{
    struct report_life *life = &run->life;
    snprintf(life->battery, sizeof life->battery, "%s", energy_battery_name(tables->battery));
    snprintf(life->scenario, sizeof life->scenario, "%s", energy_scenario_name(plan->scenario));
    memcpy(life->scenario_file, tables->scenario_file, sizeof life->scenario_file);
    life->buffer_uf = tables->buffer_uf;
    life->busy_s = load->busy_s;
    life->asleep_s = load->asleep_s;
    /* one inference and sleep: the parts tell it all */
    life->step_count = tables->scenario ? load->step_count : 0;
    memcpy(life->steps, load->steps, life->step_count * sizeof load->steps[0]);
    for (uint32_t i = 0; i < load->note_count; i++)
        take_note(life, load->notes[i]);
    for (uint32_t i = 0; i < life->lifetime.note_count; i++)
        take_note(life, life->lifetime.notes[i]);
    run->every_s = load->period_s;
    if (plan->longer_period)
        cli_add_note(run,
                     "One inference takes longer than the usual period of 1 s: the life is for one "
                     "every %g s, give another with --every.",
                     load->period_s);
}

static enum cc_status more_docs(const struct cli_tables *tables, const struct cli_plan *plan,
                                struct energy_docs *docs, struct cc_error *err)
{
    struct energy_surroundings ignored;
    const struct energy_harvester *harvester = harvester_of(tables, plan, &ignored);
    enum cc_status status = energy_battery_docs(tables->battery, docs, err);
    const struct energy_regulator *regulator = energy_scenario_regulator(plan->scenario);
    if (status == CC_OK && regulator)
        status = energy_regulator_docs(regulator, docs, err);
    if (status == CC_OK && harvester)
        status = energy_harvester_docs(harvester, docs, err);
    return status;
}

/* The battery side of a run that is priced and planned. */
static enum cc_status empty_battery(const struct cli_tables *tables, const struct cli_plan *plan,
                                    struct energy_scenario_load *load, struct report_run *run,
                                    struct cc_error *err)
{
    static const struct energy_scenario_change none;
    struct energy_supply *supply = NULL;
    struct report_life *life = &run->life;
    memset(life, 0, sizeof *life);
    enum cc_status status = energy_scenario_load_of(plan->plan, &none, load, err);
    if (status == CC_OK)
        status = energy_scenario_supply(plan->scenario, tables->battery,
                                        tables->condition.temperature_c, &supply, err);
    if (status == CC_OK)
        status = cli_life_of(tables, plan, supply, &load->load, &life->lifetime, &life->harvest,
                             &life->has_harvest, err);
    if (status == CC_OK && tables->stream) {
        struct energy_surroundings surroundings;
        const struct energy_harvester *harvester = harvester_of(tables, plan, &surroundings);
        status = energy_scenario_stream(plan->plan, supply, harvester, &surroundings, &life->stream,
                                        err);
        life->has_stream = 1;
    }
    energy_supply_free(supply);
    if (status == CC_OK)
        describe_life(tables, plan, load, run);
    return status;
}

/* Conditions that do not fit each other, all of them the scenario's. */
static enum cc_status blame_file(const struct cli_tables *tables, struct cc_error *err)
{
    err->status = CC_ERR_INPUT;
    return cc_prefix(err, "%s", energy_scenario_path(tables->scenario));
}

enum cc_status cli_evaluate(const struct cli_tables *tables, const struct cli_counts *counts,
                            struct report_run *run, struct energy_result *compute_costs,
                            struct cc_error *err)
{
    struct cli_plan plan;
    struct energy_docs docs = {0};
    struct energy_scenario_load *load = calloc(1, sizeof *load);
    if (!load)
        return cc_no_memory(err);
    enum cc_status status = cli_plan_make(tables, counts, &tables->condition, &plan, &docs, err);
    if (status == CC_OK)
        status = empty_battery(tables, &plan, load, run, err);
    if (status == CC_OK)
        status = more_docs(tables, &plan, &docs, err);
    free(load);
    if (status == CC_OK) {
        energy_result_free(&run->energy);
        energy_docs_free(&run->docs);
        run->energy = plan.cost;
        run->docs = docs;
        run->temperature_c = tables->condition.temperature_c;
        memset(&plan.cost, 0, sizeof plan.cost);
        for (uint32_t i = 0; compute_costs && i < plan.compute_count; i++) {
            compute_costs[i] = plan.compute_costs[i];
            memset(&plan.compute_costs[i], 0, sizeof plan.compute_costs[i]);
        }
    } else {
        energy_docs_free(&docs);
    }
    cli_plan_free(&plan);
    return status == CC_ERR_USAGE && tables->all_of_file ? blame_file(tables, err) : status;
}
