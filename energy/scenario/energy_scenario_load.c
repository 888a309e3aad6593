/* Plans and the loads made from them. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PERIOD_S 3.15576e9 /* 100 years */
#define DAY_S        86400.0

int energy_scenario_infers_target(const struct energy_scenario *s)
{
    for (int i = 0; i < s->step_count; i++) {
        if (s->steps[i].kind == SCENARIO_INFER && s->steps[i].compute == SCENARIO_TARGET)
            return 1;
    }
    return 0;
}

static enum cc_status check_cost(const char *what, const struct energy_result *cost,
                                 struct cc_error *err)
{
    if (cost && isfinite(cost->latency_s) && cost->latency_s > 0 && isfinite(cost->total_uj.p50) &&
        cost->total_uj.p50 > 0 && cost->vdd_v > 0)
        return CC_OK;
    return cc_fail(err, CC_ERR_INTERNAL, "scenario: %s has no priced duration", what);
}

static enum cc_status check_query(const struct energy_scenario_query *q, struct cc_error *err)
{
    const struct energy_scenario *s = q->scenario;
    enum cc_status status = CC_OK;
    if (q->every_s != 0 && !(q->every_s > 0 && q->every_s <= MAX_PERIOD_S))
        return cc_fail(err, CC_ERR_USAGE, "--every %g s: give a period above 0 and up to 100 years",
                       q->every_s);
    if (!q->target_cost && energy_scenario_infers_target(s))
        return cc_fail(err, CC_ERR_USAGE, "%s: infers a target; name a model to run", s->name);
    if (q->target_cost)
        status = check_cost("the target", q->target_cost, err);
    for (int i = 0; status == CC_OK && i < s->compute_count; i++)
        status = check_cost(s->computes[i], q->compute_costs[i], err);
    return status;
}

/* Clock, range and voltage that everything else of the chip is taken at. */
static void take_point(struct energy_scenario_plan *plan)
{
    const struct energy_scenario_query *q = &plan->query;
    const struct sim_profile *point = q->target;
    const struct energy_result *cost = q->target_cost;
    if (!point && plan->scenario->compute_count > 0)
        point = q->computes[0];
    if (!cost && plan->scenario->compute_count > 0)
        cost = q->compute_costs[0];
    if (point) {
        snprintf(plan->point.chip, sizeof plan->point.chip, "%s", point->chip);
        snprintf(plan->point.voltage_range, sizeof plan->point.voltage_range, "%s",
                 point->voltage_range);
        plan->point.clock_hz = point->clock_hz;
        snprintf(plan->chip, sizeof plan->chip, "%s", point->chip);
    } else {
        snprintf(plan->chip, sizeof plan->chip, "the chip");
    }
    plan->nominal_v = cost ? cost->vdd_v : q->condition.vdd_v;
    if (!(plan->nominal_v > 0))
        plan->nominal_v = energy_chip_vdd(q->chip);
    plan->condition = q->condition;
    plan->condition.vdd_v = plan->nominal_v;
}

static void name_parts(struct energy_scenario_plan *plan)
{
    struct energy_load *load = &plan->sample.load;
    load->part_count = (uint32_t)plan->part_count;
    load->nominal_v = plan->nominal_v;
    for (int i = 0; i < plan->part_count; i++) {
        struct energy_load_part *p = &load->parts[i];
        memcpy(p->name, plan->parts[i].name, sizeof p->name);
        p->vdd_v = plan->nominal_v;
        p->vdd_exponent = plan->parts[i].exponent;
    }
}

static void cut(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%.*s", (int)size - 1, from);
}

static void name_steps(struct energy_scenario_plan *plan)
{
    const struct energy_scenario *s = plan->scenario;
    struct energy_scenario_load *to = &plan->sample;
    to->step_count = (uint32_t)s->step_count;
    for (int i = 0; i < s->step_count; i++) {
        struct energy_step_cost *row = &to->steps[i];
        const struct plan_step *m = &plan->model.steps[i];
        const struct plan_use *use = &plan->uses[i];
        double host_ma = use->host_part < 0 ? 0 : m->host_uw * 1e-3 / plan->nominal_v;
        cut(row->name, sizeof row->name, s->steps[i].name);
        cut(row->kind, sizeof row->kind, scenario_kind_names[s->steps[i].kind]);
        cut(row->what, sizeof row->what, s->steps[i].what);
        row->beside = s->steps[i].beside;
        row->duration_s = m->once_s;
        row->uj = m->once_uj;
        row->peak_ma = m->peak_ma + host_ma;
        if (s->steps[i].kind == SCENARIO_WAIT && s->steps[i].wait == SCENARIO_WAIT_SLEEP)
            row->peak_ma = plan->sleeps[0].uw * 1e-3 / plan->nominal_v;
    }
}

static void add_row(struct energy_scenario_plan *plan, int part, double uw, const char *kind,
                    const char *what)
{
    struct plan_row row = {.part = part, .uw = uw};
    for (int i = 0; i < plan->row_count; i++) {
        if (plan->rows[i].part == part)
            return;
    }
    row.cost.times = 1;
    row.cost.peak_ma = uw * 1e-3 / plan->nominal_v;
    cut(row.cost.name, sizeof row.cost.name, plan->parts[part].name);
    cut(row.cost.kind, sizeof row.cost.kind, kind);
    cut(row.cost.what, sizeof row.cost.what, what);
    plan->rows[plan->row_count++] = row;
}

static void name_rows(struct energy_scenario_plan *plan)
{
    char name[SIM_NAME_BYTES];
    for (int i = 0; i < plan->device_count; i++) {
        const struct plan_device *d = &plan->devices[i];
        const char *what = strchr(d->label, ' ') ? strchr(d->label, ' ') + 1 : d->label;
        int count = plan->row_count;
        if (d->standby_part != d->part)
            add_row(plan, d->standby_part, d->standby_uw, "standby", what);
        snprintf(name, sizeof name, "standby %.54s", what);
        if (plan->row_count > count)
            memcpy(plan->rows[count].cost.name, name, sizeof name);
    }
    add_row(plan, plan->wake_parts[0], 0, "wake", "");
    for (int i = plan->sleep_count - 1; i >= 0; i--)
        add_row(plan, plan->sleep_parts[i], plan->sleeps[i].uw, "sleep", plan->sleeps[i].name);
}

/* What the payloads make of their events; the last note is left to the band. */
static void note_payloads(struct energy_scenario_plan *plan)
{
    const struct energy_scenario *s = plan->scenario;
    struct energy_scenario_load *to = &plan->sample;
    for (int i = 0; i < s->step_count && to->note_count < ENERGY_SCENARIO_NOTES - 1; i++) {
        if (plan->uses[i].note[0])
            snprintf(to->notes[to->note_count++], sizeof to->notes[0],
                     "Scenario %.40s: step %.40s: %s.", s->name, s->steps[i].name,
                     plan->uses[i].note);
    }
}

/* What the reader must know about the way the steps are written. */
static void note_steps(struct energy_scenario_plan *plan)
{
    const struct energy_scenario *s = plan->scenario;
    struct energy_scenario_load *to = &plan->sample;
    char label[SIM_NAME_BYTES];
    for (int i = 0; i < s->step_count; i++) {
        if (s->steps[i].kind != SCENARIO_SENSOR || s->steps[i].host[0])
            continue;
        cut(label, sizeof label, plan->devices[plan->uses[i].device].label);
        snprintf(to->notes[to->note_count++], sizeof to->notes[0],
                 "Scenario %.40s: step %.40s names no host: what the chip takes to record %.40s is "
                 "counted only where another step says so.",
                 s->name, s->steps[i].name, label);
        return;
    }
}

static enum cc_status add_docs(const struct energy_scenario *s, struct energy_docs *docs,
                               struct cc_error *err)
{
    const char *path = s->path[0] ? s->path : s->name;
    enum cc_status status = CC_OK;
    for (int i = 0; status == CC_OK && i < s->number_count; i++)
        status = energy_docs_add(docs, path, s->numbers[i].key, &s->numbers[i].figure, err);
    return status;
}

static enum cc_status fill_plan(struct energy_scenario_plan *plan, struct energy_docs *docs,
                                struct cc_error *err)
{
    const struct energy_scenario_query *q = &plan->query;
    plan->sample.load.least_v = energy_chip_least_vdd(q->chip);
    plan->sample.load.most_v = energy_chip_most_vdd(q->chip);
    take_point(plan);
    scenario_values_nominal(plan->scenario, &plan->values);
    if (q->every_s > 0)
        plan->values.of[plan->scenario->period] = q->every_s;
    plan->period_s = plan->values.of[plan->scenario->period];
    enum cc_status status = plan_resolve(plan, docs, err);
    if (status == CC_OK)
        status = plan_model_make(plan, &plan->values, 0, &plan->model, err);
    if (status == CC_OK && docs)
        status = add_docs(plan->scenario, docs, err);
    if (status != CC_OK)
        return status;
    for (int i = 0; i < plan->scenario->step_count; i++)
        plan->uses[i].mask_index = plan_mask_index(&plan->model, plan->uses[i].mask);
    name_parts(plan);
    name_steps(plan);
    name_rows(plan);
    note_steps(plan);
    note_payloads(plan);
    plan_pulses(plan);
    return plan_unknowns(plan, err);
}

enum cc_status energy_scenario_plan_new(const struct energy_scenario_query *query,
                                        struct energy_scenario_plan **plan,
                                        struct energy_docs *docs, struct cc_error *err)
{
    *plan = NULL;
    enum cc_status status = check_query(query, err);
    if (status != CC_OK)
        return status;
    struct energy_scenario_plan *p = calloc(1, sizeof *p);
    if (!p)
        return cc_no_memory(err);
    p->query = *query;
    p->scenario = query->scenario;
    status = fill_plan(p, docs, err);
    if (status != CC_OK) {
        energy_scenario_plan_free(p);
        return status;
    }
    *plan = p;
    return CC_OK;
}

void energy_scenario_plan_free(struct energy_scenario_plan *plan)
{
    if (!plan)
        return;
    for (int i = 0; i < plan->device_count; i++) {
        if (plan->devices[i].radio)
            energy_radio_free(plan->devices[i].radio);
        if (plan->devices[i].sensor)
            energy_sensor_free(plan->devices[i].sensor);
    }
    free(plan);
}

#define WORTH_SAYING 1e-3 /* of all that the steps take */

/* The steps that take the time, longest first, as long as they fit into the message. */
static enum cc_status too_long(const struct energy_scenario_plan *plan, double period_s,
                               int is_of_file, struct cc_error *err)
{
    const struct energy_scenario *s = plan->scenario;
    const struct plan_model *m = &plan->model;
    char list[400] = "", name[SIM_NAME_BYTES];
    size_t used = 0;
    int said[SCENARIO_MAX_STEPS] = {0}, sends = 0;
    for (int n = 0; n < 4; n++) {
        int longest = -1;
        for (int i = 0; i < s->step_count; i++) {
            double own = fmax(m->steps[i].all_s, m->steps[i].recur_for_s);
            int counts = !plan->uses[i].whole && own > WORTH_SAYING * m->longest_s && !said[i];
            if (counts &&
                (longest < 0 || own > fmax(m->steps[longest].all_s, m->steps[longest].recur_for_s)))
                longest = i;
        }
        if (longest < 0 || used >= sizeof list)
            break;
        said[longest] = 1;
        sends |= n == 0 && s->steps[longest].kind == SCENARIO_RADIO;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s %.4g s", n ? ", " : "",
                                 s->steps[longest].name,
                                 fmax(m->steps[longest].all_s, m->steps[longest].recur_for_s));
    }
    if (is_of_file) {
        cc_fail(err, CC_ERR_INPUT,
                "%s: period_s: when every step happens they take %.4g s with wake-up (%s), more "
                "than the period of %g s; give a longer period or a faster clock",
                s->path, m->longest_s, list, period_s);
        return cc_yaml_add_line(err, s->path);
    }
    cut(name, sizeof name, s->name);
    if (!s->path[0]) /* it is called after the period of its own */
        scenario_plain_name(name, sizeof name, period_s);
    return cc_fail(err, CC_ERR_USAGE,
                   "%s: when every step happens they take %.4g s with wake-up (%s), more than the "
                   "period of %g s; give a longer period (--every)%s",
                   name, m->longest_s, list, period_s,
                   sends ? ", fewer bytes or another phy" : " or a faster clock");
}

/* Copies what is used of the sample, without parts and pulses: most of its arrays is empty. */
static void copy_sample(const struct energy_scenario_load *from, struct energy_scenario_load *to)
{
    const struct energy_load *f = &from->load;
    struct energy_load *t = &to->load;
    t->unknowns.count = f->unknowns.count;
    t->least_v = f->least_v;
    t->most_v = f->most_v;
    t->nominal_v = f->nominal_v;
    memcpy(t->unknowns.list, f->unknowns.list, f->unknowns.count * sizeof f->unknowns.list[0]);
    to->step_count = from->step_count;
    to->note_count = from->note_count;
    memcpy(to->steps, from->steps, from->step_count * sizeof from->steps[0]);
    memcpy(to->notes, from->notes, from->note_count * sizeof from->notes[0]);
}

#define NOTHING 1e-12 /* of the whole: what is left of 0 after additions */

/* Parts that take nothing are left out: the standby of what always works, a sleep never reached. */
static void set_parts(const struct energy_scenario_plan *plan, const struct plan_sums *sums,
                      struct energy_scenario_load *load)
{
    double all_uj = 0;
    uint32_t kept = 0;
    for (int i = 0; i < plan->part_count; i++)
        all_uj += sums->part[i];
    for (int i = 0; i < plan->part_count; i++) {
        if (!(sums->part[i] > all_uj * NOTHING))
            continue;
        load->load.parts[kept] = plan->sample.load.parts[i];
        load->load.parts[kept++].uw = sums->part[i] / load->period_s;
    }
    load->load.part_count = kept;
}

/* Behind the steps what takes power besides them; what takes none is left out. */
static void set_rows(const struct energy_scenario_plan *plan, const struct plan_sums *sums,
                     struct energy_scenario_load *load)
{
    double all_uj = 0;
    for (int i = 0; i < plan->part_count; i++)
        all_uj += sums->part[i];
    for (int i = 0; i < plan->row_count; i++) {
        const struct plan_row *from = &plan->rows[i];
        double uj = sums->part[from->part];
        if (!(uj > all_uj * NOTHING))
            continue;
        struct energy_step_cost *row = &load->steps[load->step_count++];
        *row = from->cost;
        row->uj = uj;
        row->uw = uj / load->period_s;
        row->duration_s = from->uw > 0 ? uj / from->uw : 0;
    }
}

static void set_steps(const struct energy_scenario_plan *plan, const struct plan_sums *sums,
                      struct energy_scenario_load *load)
{
    double period_s = load->period_s;
    for (int i = 0; i < plan->scenario->step_count; i++) {
        const struct plan_step *m = &plan->model.steps[i];
        struct energy_step_cost *row = &load->steps[i];
        double times = m->repeat;
        if (plan->uses[i].whole) {
            row->duration_s = period_s;
            row->uj = (m->device_uw + m->host_uw) * period_s;
            times = 1;
        } else if (m->recur_s > 0) {
            times *= (m->recur_for_s > 0 ? m->recur_for_s : period_s) / m->recur_s;
        }
        row->times = times * sums->mask[plan->uses[i].mask_index];
        row->uw = row->times * row->uj / period_s;
    }
    set_rows(plan, sums, load);
}

/* A radio that sends more than its band allows. */
static void note_bands(const struct energy_scenario_plan *plan, struct energy_scenario_load *load)
{
    const struct energy_scenario *s = plan->scenario;
    for (int k = 0; k < plan->device_count && load->note_count < ENERGY_SCENARIO_NOTES; k++) {
        const struct plan_device *d = &plan->devices[k];
        double air = 0, per_day = 0;
        for (int i = 0; d->band[0] && i < s->step_count; i++) {
            double per_s = load->steps[i].times / load->period_s;
            if (s->steps[i].kind != SCENARIO_RADIO || plan->uses[i].device != k)
                continue;
            air += plan->model.steps[i].air_s * per_s;
            per_day += plan->model.steps[i].packets * per_s * DAY_S;
        }
        char *note = load->notes[load->note_count];
        if (d->band[0] && air > d->most_air_fraction)
            snprintf(note, sizeof load->notes[0],
                     "Scenario %.40s: %.60s is on air %.3g %% of the time on average; %s allows "
                     "%g %%.",
                     s->name, d->label, 100 * air, d->band, 100 * d->most_air_fraction);
        else if (d->band[0] && d->most_per_day > 0 && per_day > d->most_per_day * (1 + 1e-9))
            snprintf(note, sizeof load->notes[0],
                     "Scenario %.40s: %.60s sends %.4g messages a day; %s allows %g.", s->name,
                     d->label, per_day, d->band, d->most_per_day);
        else
            continue;
        load->note_count++;
    }
}

/* Pulses that never come are left out. */
static void set_pulses(const struct energy_scenario_plan *plan, const struct plan_sums *sums,
                       struct energy_scenario_load *load)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < plan->sample.load.pulse_count; i++) {
        const struct plan_pulse_rate *rate = &plan->rates[i];
        double happens = 0;
        for (int k = 0; k < rate->mask_count; k++)
            happens += sums->mask[rate->masks[k]];
        double times = fmin(happens, 1) * (rate->times + rate->per_s * load->period_s);
        if (!(times > 0))
            continue;
        struct energy_load_pulse *pulse = &load->load.pulses[kept++];
        *pulse = plan->sample.load.pulses[i];
        pulse->every_s = load->period_s / times;
        if (rate->whole)
            pulse->s = load->period_s;
    }
    load->load.pulse_count = kept;
}

static enum cc_status check_change(const struct energy_scenario_change *change,
                                   struct cc_error *err)
{
    if (change->every_s != 0 && !(change->every_s > 0 && change->every_s <= MAX_PERIOD_S))
        return cc_fail(err, CC_ERR_USAGE, "--every %g s: give a period above 0 and up to 100 years",
                       change->every_s);
    if (!(change->probability_factor >= 0) || !isfinite(change->probability_factor))
        return cc_fail(err, CC_ERR_USAGE, "a probability factor of %g; give one above 0",
                       change->probability_factor);
    return CC_OK;
}

enum cc_status energy_scenario_load_of(const struct energy_scenario_plan *plan,
                                       const struct energy_scenario_change *change,
                                       struct energy_scenario_load *load, struct cc_error *err)
{
    static const struct energy_scenario_change none;
    struct plan_sums sums;
    if (!change)
        change = &none;
    enum cc_status status = check_change(change, err);
    if (status != CC_OK)
        return status;
    double period_s = change->every_s > 0 ? change->every_s : plan->period_s;
    int is_of_file =
        !(change->every_s > 0) && !(plan->query.every_s > 0) && plan->scenario->path[0];
    double factor = change->probability_factor > 0 ? change->probability_factor : 1;
    if (plan->model.longest_s > period_s * (1 + 1e-12))
        return too_long(plan, period_s, is_of_file, err);
    plan_sum(plan, &plan->model, &plan->values, period_s, factor, &sums);
    copy_sample(&plan->sample, load);
    load->period_s = period_s;
    load->longest_s = plan->model.longest_s;
    load->asleep_s = sums.part[plan->part_count];
    load->busy_s = period_s - load->asleep_s;
    set_parts(plan, &sums, load);
    set_steps(plan, &sums, load);
    note_bands(plan, load);
    set_pulses(plan, &sums, load);
    return CC_OK;
}
