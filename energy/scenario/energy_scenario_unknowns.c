/* What is unknown about a load, and by which power every part follows it.
 *
 * Prices, sleep currents, sensors and radios are errors in proportion. How the parts follow a
 * number of the scenario (a duration, a payload, a probability) is found by computing them at both
 * ends of its range; the elasticity is the slope between, in the logarithms. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_EFFECT 1e-4 /* on a logarithm: of no consequence, and there is room for 16 in a part */

static void note(struct energy_scenario_plan *plan, const char *text)
{
    struct energy_scenario_load *to = &plan->sample;
    for (uint32_t i = 0; i < to->note_count; i++) {
        if (strcmp(to->notes[i], text) == 0)
            return;
    }
    if (to->note_count < sizeof to->notes / sizeof to->notes[0])
        snprintf(to->notes[to->note_count++], sizeof to->notes[0], "%s", text);
}

static void attach(struct energy_scenario_plan *plan, int part, int unknown, double elasticity)
{
    struct energy_load_part *p = &plan->sample.load.parts[part];
    if (unknown < 0)
        return;
    for (uint32_t i = 0; i < p->unknown_count; i++) {
        if (p->unknowns[i].unknown == unknown) {
            p->unknowns[i].elasticity += elasticity;
            return;
        }
    }
    if (p->unknown_count == ENERGY_PART_MAX_UNKNOWNS) {
        note(plan, "More is unknown about one part of the load than can be kept: the interval is "
                   "too narrow.");
        return;
    }
    p->unknowns[p->unknown_count++] = (struct energy_load_unknown){unknown, elasticity};
}

/* New or known; a note when there is no room. */
static int unknown_log(struct energy_scenario_plan *plan, const char *name, double log_sd)
{
    struct energy_unknowns *set = &plan->sample.load.unknowns;
    int index = energy_unknown_add_log(set, name, log_sd);
    if (index < 0 && log_sd > 0)
        note(plan, "More is unknown about the load than can be kept: the interval is too narrow.");
    return index;
}

/* An effect of prices: the unknown has the size of its first effect, others are relative to it. */
static void attach_effect(struct energy_scenario_plan *plan, int part,
                          const struct energy_effect *effect)
{
    int index = unknown_log(plan, effect->name, fabs(effect->log_effect));
    if (index < 0)
        return;
    double size = plan->sample.load.unknowns.list[index].log_up;
    attach(plan, part, index, size > 0 ? effect->log_effect / size : 0);
}

static void attach_prices(struct energy_scenario_plan *plan, int part)
{
    const struct energy_result *cost = plan->parts[part].cost;
    char name[ENERGY_UNKNOWN_NAME_BYTES];
    for (uint32_t i = 0; i < cost->effect_count; i++)
        attach_effect(plan, part, &cost->effects[i]);
    if (cost->effect_count > 0)
        return;
    snprintf(name, sizeof name, "prices of %.60s", plan->chip);
    attach(plan, part, unknown_log(plan, name, sqrt(log1p(cost->total_rsd * cost->total_rsd))), 1);
}

static void attach_own(struct energy_scenario_plan *plan)
{
    for (int i = 0; i < plan->part_count; i++) {
        const struct plan_part *p = &plan->parts[i];
        if (p->kind == PLAN_PART_CORE)
            attach_prices(plan, i);
        else if (p->rsd > 0)
            attach(plan, i, energy_unknown_add(&plan->sample.load.unknowns, p->unknown, p->rsd), 1);
    }
}

/* Energy of the parts with one number moved, per second of its period. */
static enum cc_status parts_at(const struct energy_scenario_plan *plan, int number, double value,
                               struct plan_model *model, struct plan_sums *sums,
                               struct cc_error *err)
{
    struct scenario_values moved = plan->values;
    moved.of[number] = value;
    double period_s = moved.of[plan->scenario->period];
    enum cc_status status = plan_model_make(plan, &moved, 0, model, err);
    if (status != CC_OK)
        return status;
    plan_sum(plan, model, &moved, period_s, 1, sums);
    for (int i = 0; i < plan->part_count; i++)
        sums->part[i] /= period_s;
    return CC_OK;
}

static enum cc_status attach_number(struct energy_scenario_plan *plan, int number,
                                    struct plan_model *model, struct cc_error *err)
{
    const struct scenario_number *n = &plan->scenario->numbers[number];
    struct energy_unknowns *set = &plan->sample.load.unknowns;
    double rsd = energy_figure_rsd(&n->figure), value = n->figure.value;
    int is_range = n->max > n->min;
    struct plan_sums low, high;
    if (!(value > 0) || (!is_range && !(n->figure.rsd > 0)))
        return CC_OK;
    double from = is_range ? n->min : value * exp(-rsd), to = is_range ? n->max : value * exp(rsd);
    if (number == plan->scenario->quiet_hours)
        to = fmin(to, 24);
    enum cc_status status = parts_at(plan, number, from, model, &low, err);
    if (status == CC_OK)
        status = parts_at(plan, number, to, model, &high, err);
    if (status != CC_OK)
        return status;
    int index = -1;
    for (int i = 0; i < plan->part_count; i++) {
        double slope = 0;
        if (low.part[i] > 0 && high.part[i] > 0)
            slope = log(high.part[i] / low.part[i]) / log(to / from);
        if (fabs(slope) * n->figure.rsd < NO_EFFECT)
            continue;
        if (index < 0)
            index = is_range ? energy_unknown_add_range(set, n->label, n->min, value, n->max)
                             : energy_unknown_add(set, n->label, rsd);
        attach(plan, i, index, slope);
    }
    return CC_OK;
}

/* The unknown that counts most in a part and is in proportion to its current. */
static int main_unknown(const struct energy_load *load, int part)
{
    const struct energy_load_part *p = &load->parts[part];
    int best = -1;
    double largest = 0;
    for (uint32_t i = 0; i < p->unknown_count; i++) {
        int unknown = p->unknowns[i].unknown;
        double effect = p->unknowns[i].elasticity * load->unknowns.list[unknown].log_up;
        if (effect > largest) {
            largest = effect;
            best = unknown;
        }
    }
    return best;
}

enum cc_status plan_unknowns(struct energy_scenario_plan *plan, struct cc_error *err)
{
    struct energy_load *load = &plan->sample.load;
    attach_own(plan);
    for (uint32_t i = 0; i < load->pulse_count; i++)
        load->pulses[i].unknown = main_unknown(load, plan->rates[i].part);
    struct plan_model *model = malloc(sizeof *model);
    if (!model)
        return cc_no_memory(err);
    enum cc_status status = CC_OK;
    for (int i = 0; status == CC_OK && i < plan->scenario->number_count; i++) {
        int is_period = i == plan->scenario->period;
        if (!(is_period && plan->query.every_s > 0))
            status = attach_number(plan, i, model, err);
    }
    free(model);
    return status;
}
