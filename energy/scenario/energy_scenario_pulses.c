/* Currents of a period that last long enough to pull the battery down: every step with what runs
 * beside it, a radio's largest phase, and steps of the core in a row. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A pulse before it is one of the load's. */
struct pulse {
    struct energy_load_pulse p;
    struct plan_pulse_rate rate;
};

static double to_ma(const struct energy_scenario_plan *plan, double uw)
{
    return uw * 1e-3 / plan->nominal_v;
}

static double host_uw(const struct energy_scenario_plan *plan, int index)
{
    return plan->uses[index].host_part >= 0 ? plan->model.steps[index].host_uw : 0;
}

/* Steps beside that may run at the same time as from..to, but not the step itself. */
static double beside_uw(const struct energy_scenario_plan *plan, int index, double from_s,
                        double to_s, int *level)
{
    double uw = 0;
    for (int i = 0; i < plan->scenario->step_count; i++) {
        const struct plan_step *s = &plan->model.steps[i];
        const struct plan_use *use = &plan->uses[i];
        double start = plan->model.from_s[i];
        if (i == index || !plan->scenario->steps[i].beside || s->recur_s > 0)
            continue;
        if (!use->whole && (start >= to_s || start + s->all_s <= from_s))
            continue;
        uw += s->device_uw + host_uw(plan, i);
        if (plan->sleeps[use->level].uw > plan->sleeps[*level].uw)
            *level = use->level;
    }
    return uw;
}

static double standby_uw(const struct energy_scenario_plan *plan, int except_device)
{
    double uw = 0;
    for (int i = 0; i < plan->device_count; i++)
        uw += i == except_device ? 0 : plan->devices[i].standby_uw;
    return uw;
}

double plan_rest_ma(const struct energy_scenario_plan *plan)
{
    int level = 0;
    double uw = standby_uw(plan, -1);
    for (int i = 0; i < plan->scenario->step_count; i++) {
        const struct plan_use *use = &plan->uses[i];
        if (!use->whole)
            continue;
        uw += plan->model.steps[i].device_uw + host_uw(plan, i) -
              plan->devices[use->device].standby_uw;
        if (plan->sleeps[use->level].uw > plan->sleeps[level].uw)
            level = use->level;
    }
    return to_ma(plan, uw + plan->sleeps[level].uw);
}

/* The worst pulse of each name is kept: the largest, and of equal ones the longest. */
static void keep(struct energy_scenario_plan *plan, const struct pulse *pulse)
{
    struct energy_load *load = &plan->sample.load;
    uint32_t at = load->pulse_count;
    if (!(pulse->p.ma > 0) || !(pulse->p.s > 0 || pulse->rate.whole))
        return;
    for (uint32_t i = 0; i < load->pulse_count; i++) {
        const struct energy_load_pulse *old = &load->pulses[i];
        if (strcmp(old->name, pulse->p.name) != 0)
            continue;
        if (old->ma > pulse->p.ma || (old->ma == pulse->p.ma && old->s >= pulse->p.s))
            return;
        at = i;
    }
    if (at == ENERGY_MAX_LOAD_PULSES) { /* the smallest gives way */
        at = 0;
        for (uint32_t i = 1; i < load->pulse_count; i++)
            at = load->pulses[i].ma < load->pulses[at].ma ? i : at;
        if (load->pulses[at].ma >= pulse->p.ma)
            return;
    } else if (at == load->pulse_count) {
        load->pulse_count++;
    }
    load->pulses[at] = pulse->p;
    plan->rates[at] = pulse->rate;
}

static struct pulse new_pulse(struct energy_scenario_plan *plan, const char *name, int part)
{
    struct pulse pulse = {.rate = {.times = 1, .part = part}};
    snprintf(pulse.p.name, sizeof pulse.p.name, "%s", name);
    pulse.p.vdd_v = plan->nominal_v;
    pulse.p.vdd_exponent = plan->parts[part].exponent;
    pulse.p.rest_ma = plan_rest_ma(plan);
    pulse.p.unknown = -1;
    return pulse;
}

static void keep_device(struct energy_scenario_plan *plan, int index)
{
    const struct plan_use *use = &plan->uses[index];
    const struct plan_step *s = &plan->model.steps[index];
    const struct plan_device *d = &plan->devices[use->device];
    struct pulse pulse = new_pulse(plan, d->label, use->part);
    double from_s = use->whole || s->recur_s > 0 ? 0 : plan->model.from_s[index];
    double to_s = use->whole ? INFINITY : from_s + s->all_s;
    int level = use->level;
    double others = s->recur_s > 0 ? 0 : beside_uw(plan, index, from_s, to_s, &level);
    others += standby_uw(plan, use->device) + host_uw(plan, index) + plan->sleeps[level].uw;
    pulse.p.ma = to_ma(plan, s->device_uw + others);
    pulse.p.s = s->all_s;
    pulse.rate.whole = use->whole;
    pulse.rate.masks[pulse.rate.mask_count++] = plan_mask_index(&plan->model, use->mask);
    if (s->recur_s > 0) {
        pulse.rate.times = s->recur_for_s / s->recur_s;
        pulse.rate.per_s = s->recur_for_s > 0 ? 0 : 1 / s->recur_s;
    }
    keep(plan, &pulse);
    if (!d->radio)
        return;
    snprintf(pulse.p.name, sizeof pulse.p.name, "%.47s %.15s", d->label, s->peak_name);
    pulse.p.ma = s->peak_ma + to_ma(plan, others);
    pulse.p.s = s->peak_s;
    pulse.rate.times *= s->repeat;
    keep(plan, &pulse);
}

static void keep_core(struct energy_scenario_plan *plan, int index)
{
    const struct plan_use *use = &plan->uses[index];
    const struct plan_step *s = &plan->model.steps[index];
    struct pulse pulse = new_pulse(plan, plan->parts[use->part].name, use->part);
    double from_s = plan->model.from_s[index];
    int level = 0;
    double others = beside_uw(plan, index, from_s, from_s + s->all_s, &level);
    pulse.p.ma = to_ma(plan, s->device_uw + others + standby_uw(plan, -1));
    pulse.p.s = s->all_s;
    pulse.rate.masks[pulse.rate.mask_count++] = plan_mask_index(&plan->model, use->mask);
    keep(plan, &pulse);
}

/* Steps first..last need the core one behind the other: one long pulse of their mean current. */
static void keep_row(struct energy_scenario_plan *plan, int first, int last)
{
    const struct plan_model *m = &plan->model;
    struct pulse pulse = new_pulse(plan, "steps in a row", plan->uses[first].part);
    double uj = 0, from_s = m->from_s[first], to_s = from_s;
    int level = 0;
    for (int i = first; i <= last; i++) {
        if (!plan->uses[i].awake)
            continue;
        uj += m->steps[i].device_uj;
        to_s = m->from_s[i] + m->steps[i].all_s;
    }
    pulse.p.s = to_s - from_s;
    pulse.p.ma = to_ma(plan, uj / pulse.p.s + standby_uw(plan, -1) +
                                 beside_uw(plan, -1, from_s, to_s, &level));
    pulse.rate.masks[pulse.rate.mask_count++] =
        plan_mask_index(&plan->model, plan->uses[last].mask);
    keep(plan, &pulse);
}

static void keep_rows(struct energy_scenario_plan *plan)
{
    const struct energy_scenario *s = plan->scenario;
    int first = -1, last = -1;
    for (int i = 0; i <= s->step_count; i++) {
        int ends = i == s->step_count || (!s->steps[i].beside && !plan->uses[i].awake);
        if (!ends && plan->uses[i].awake) {
            first = first < 0 ? i : first;
            last = i;
        }
        if (ends && last > first)
            keep_row(plan, first, last);
        if (ends)
            first = last = -1;
    }
}

static void keep_wake(struct energy_scenario_plan *plan, int level)
{
    const struct energy_sleep_state *from = &plan->sleeps[level];
    struct pulse pulse = new_pulse(plan, "wake", plan->wake_parts[level]);
    if (!(from->wake_s > 0))
        return;
    pulse.p.s = from->wake_s;
    pulse.p.ma = to_ma(plan, from->wake_uj / from->wake_s + standby_uw(plan, -1));
    for (int i = 0; i < plan->scenario->step_count; i++) {
        if (plan->uses[i].awake && pulse.rate.mask_count < PLAN_MAX_UNION)
            pulse.rate.masks[pulse.rate.mask_count++] =
                plan_mask_index(&plan->model, plan->uses[i].mask);
    }
    if (pulse.rate.mask_count > 0)
        keep(plan, &pulse);
}

void plan_pulses(struct energy_scenario_plan *plan)
{
    for (int i = 0; i < plan->scenario->step_count; i++) {
        if (plan->uses[i].device >= 0)
            keep_device(plan, i);
        else if (plan->uses[i].awake)
            keep_core(plan, i);
    }
    keep_rows(plan);
    keep_wake(plan, 0);
}
