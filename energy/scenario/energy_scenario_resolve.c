/* From names to figures: sleep modes, devices, host peripherals, and the parts that powers are
 * booked under. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double plan_at_nominal(const struct energy_scenario_plan *plan, double from_v, double exponent)
{
    return from_v > 0 ? pow(plan->nominal_v / from_v, exponent) : 1;
}

static enum cc_status too_many(const struct energy_scenario_plan *plan, const char *what,
                               struct cc_error *err)
{
    return cc_fail(err, CC_ERR_INPUT, "%s: too many %s; use fewer different devices",
                   plan->scenario->name, what);
}

/* Index of the part of this name and supply law, made when it is new; -1 when there are too many.
 */
static int part_of(struct energy_scenario_plan *plan, const struct plan_part *wanted)
{
    for (int i = 0; i < plan->part_count; i++) {
        const struct plan_part *p = &plan->parts[i];
        if (strcmp(p->name, wanted->name) == 0 && strcmp(p->unknown, wanted->unknown) == 0 &&
            p->kind == wanted->kind && p->cost == wanted->cost)
            return i;
    }
    if (plan->part_count == ENERGY_MAX_LOAD_PARTS)
        return -1;
    plan->parts[plan->part_count] = *wanted;
    return plan->part_count++;
}

static int other_part(struct energy_scenario_plan *plan, const char *name, double exponent,
                      const char *unknown, double rsd)
{
    struct plan_part p = {.exponent = exponent, .kind = PLAN_PART_OTHER, .rsd = rsd};
    snprintf(p.name, sizeof p.name, "%s", name);
    snprintf(p.unknown, sizeof p.unknown, "%s", unknown);
    return part_of(plan, &p);
}

static int core_part(struct energy_scenario_plan *plan, const char *name,
                     const struct energy_result *cost)
{
    struct plan_part p = {.exponent = cost->vdd_exponent, .kind = PLAN_PART_CORE, .cost = cost};
    snprintf(p.name, sizeof p.name, "%s", name);
    return part_of(plan, &p);
}

/* Index of a sleep mode by name (NULL = the scenario's own), asked for when it is new. */
static enum cc_status sleep_of(struct energy_scenario_plan *plan, const char *mode,
                               struct energy_docs *docs, int *index, struct cc_error *err)
{
    struct energy_sleep_state state;
    for (int i = 0; i < plan->sleep_count; i++) {
        if (mode && strcmp(plan->sleeps[i].name, mode) == 0) {
            *index = i;
            return CC_OK;
        }
    }
    if (plan->sleep_count == PLAN_MAX_SLEEPS)
        return too_many(plan, "sleep modes", err);
    enum cc_status status = energy_chip_sleep(plan->query.chip, mode, &plan->point,
                                              &plan->condition, &state, docs, err);
    if (status != CC_OK)
        return status;
    char unknown[ENERGY_UNKNOWN_NAME_BYTES], wake[ENERGY_UNKNOWN_NAME_BYTES];
    *index = plan->sleep_count++;
    plan->sleeps[*index] = state;
    snprintf(unknown, sizeof unknown, "%.40s current of %.40s", *index ? state.name : "sleep",
             plan->chip);
    snprintf(wake, sizeof wake, "wake-up of %.40s", plan->chip);
    plan->sleep_parts[*index] =
        other_part(plan, *index ? state.name : "sleep", state.vdd_exponent, unknown, state.uw_rsd);
    plan->wake_parts[*index] = other_part(plan, "wake", state.vdd_exponent, wake, state.wake_rsd);
    return plan->wake_parts[*index] < 0 || plan->sleep_parts[*index] < 0
               ? too_many(plan, "parts", err)
               : CC_OK;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "FILE:LINE: steps[i].KIND: " in front of what a step's device or chip does not have. */
static enum cc_status at_step(const struct energy_scenario_plan *plan, int index,
                              struct cc_error *err)
{
    const struct energy_scenario *s = plan->scenario;
    if (!s->path[0])
        return cc_prefix(err, "%s: %s", s->name, s->steps[index].name);
    cc_prefix(err, "%s: steps[%d] (%s)", s->path, index, s->steps[index].name);
    return cc_yaml_add_line(err, s->path);
}

static enum cc_status load_device(struct energy_scenario_plan *plan, int index,
                                  struct plan_device *d, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    const char *kind = scenario_kind_names[step->kind];
    enum cc_status status = step->kind == SCENARIO_RADIO
                                ? energy_radio_load(step->what, &d->radio, err)
                                : energy_sensor_load(step->what, &d->sensor, err);
    if (status != CC_OK)
        return at_step(plan, index, err);
    snprintf(d->label, sizeof d->label, "%s %.40s", kind,
             d->radio ? energy_radio_name(d->radio) : energy_sensor_name(d->sensor));
    int is_display = d->sensor && strcmp(energy_sensor_kind(d->sensor), "display") == 0;
    if (d->sensor && is_display != (step->kind == SCENARIO_DISPLAY))
        return cc_fail(err, CC_ERR_INPUT, "%s: %s: %s is a %s; write it as a %s step",
                       plan->scenario->path, step->name, last_part(step->what),
                       energy_sensor_kind(d->sensor), is_display ? "display" : "sensor");
    return CC_OK;
}

/* The device of a step: that of an earlier step of the same name, or a new one. */
static enum cc_status device_of(struct energy_scenario_plan *plan, int index, struct cc_error *err)
{
    const struct scenario_step *steps = plan->scenario->steps;
    for (int i = 0; i < index; i++) {
        int same = (steps[i].kind == SCENARIO_RADIO) == (steps[index].kind == SCENARIO_RADIO);
        if (plan->uses[i].device >= 0 && same && strcmp(steps[i].what, steps[index].what) == 0) {
            plan->uses[index].device = plan->uses[i].device;
            return CC_OK;
        }
    }
    plan->uses[index].device = plan->device_count++;
    return load_device(plan, index, &plan->devices[plan->uses[index].device], err);
}

static enum cc_status device_parts(struct energy_scenario_plan *plan, struct plan_device *d,
                                   struct cc_error *err)
{
    char standby[ENERGY_UNKNOWN_NAME_BYTES];
    snprintf(standby, sizeof standby, "standby of %s", d->label);
    d->part = other_part(plan, d->label, d->exponent, d->label, d->rsd);
    d->standby_part = d->part;
    if (d->part >= 0 && d->standby_uw > 0)
        d->standby_part = other_part(plan, d->label, d->exponent, standby, d->standby_rsd);
    return d->part < 0 || d->standby_part < 0 ? too_many(plan, "parts", err) : CC_OK;
}

static void keep_least_v(struct energy_scenario_plan *plan, double least_v)
{
    plan->sample.load.least_v = fmax(plan->sample.load.least_v, least_v);
}

static enum cc_status use_sensor(struct energy_scenario_plan *plan, int index,
                                 struct energy_docs *docs, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_use *use = &plan->uses[index];
    struct plan_device *d = &plan->devices[use->device];
    struct energy_sensor_mode *m = &use->mode;
    enum cc_status status = energy_sensor_mode_of(d->sensor, step->mode, m, docs, err);
    if (status != CC_OK)
        return at_step(plan, index, err);
    use->whole = step->beside && step->duration == SCENARIO_ABSENT && !(m->once_s > 0);
    if (step->duration == SCENARIO_ABSENT && !(m->once_s > 0) && !step->beside)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: steps[%d].%s.duration_s: missing; mode %s of %s measures as long as it "
                       "is told to",
                       plan->scenario->path, index, scenario_kind_names[step->kind], m->name,
                       last_part(step->what));
    double scale = plan_at_nominal(plan, m->vdd_v, m->vdd_exponent);
    m->active_uw *= scale;
    m->standby_uw *= scale;
    d->exponent = m->vdd_exponent;
    d->rsd = fmax(d->rsd, m->rsd);
    d->standby_rsd = fmax(d->standby_rsd, m->standby_rsd);
    d->standby_uw = fmax(d->standby_uw, m->standby_uw);
    keep_least_v(plan, m->least_v);
    return CC_OK;
}

double plan_radio_idle_uw(const struct energy_scenario_plan *plan, const struct energy_radio *radio,
                          const struct energy_radio_event *event)
{
    if (strcmp(energy_radio_chip(radio), plan->chip) == 0)
        return 0;
    return event->sleep_ua * event->vdd_v *
           plan_at_nominal(plan, event->vdd_v, event->vdd_exponent);
}

static enum cc_status use_radio(struct energy_scenario_plan *plan, int index,
                                struct energy_docs *docs, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_device *d = &plan->devices[plan->uses[index].device];
    struct energy_radio_use use = step->use;
    struct energy_radio_event event;
    use.payload_bytes = scenario_value(&plan->values, step->payload, 0);
    use.interval_s = scenario_value(&plan->values, step->interval, 0);
    enum cc_status status = energy_radio_event_of(d->radio, &use, &event, docs, err);
    if (status != CC_OK)
        return at_step(plan, index, err);
    d->exponent = event.vdd_exponent;
    d->rsd = d->standby_rsd = fmax(d->rsd, event.rsd);
    d->standby_uw = plan_radio_idle_uw(plan, d->radio, &event);
    memcpy(d->band, event.band, sizeof d->band);
    d->most_air_fraction = event.most_air_fraction;
    d->most_per_day = event.most_per_day;
    memcpy(plan->uses[index].note, event.note, sizeof event.note);
    keep_least_v(plan, event.least_v);
    return CC_OK;
}

/* The peripheral that works beside a device, and how deep the chip may sleep meanwhile. */
static enum cc_status host_of(struct energy_scenario_plan *plan, int index,
                              struct energy_docs *docs, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_use *use = &plan->uses[index];
    char unknown[ENERGY_UNKNOWN_NAME_BYTES];
    use->host_part = -1;
    if (!step->host[0])
        return CC_OK;
    enum cc_status status = energy_chip_peripheral(plan->query.chip, step->host, &plan->point,
                                                   &plan->condition, &use->host_state, docs, err);
    if (status == CC_OK && use->host_state.sleep[0])
        status = sleep_of(plan, use->host_state.sleep, docs, &use->level, err);
    if (status != CC_OK)
        return at_step(plan, index, err);
    if (plan->sleeps[use->level].uw <= plan->sleeps[0].uw)
        use->level = 0; /* what it allows is no shallower than the usual sleep */
    snprintf(unknown, sizeof unknown, "%.30s of %.40s", step->host, plan->chip);
    use->host_part = other_part(plan, plan->devices[use->device].label,
                                use->host_state.vdd_exponent, unknown, use->host_state.rsd);
    return use->host_part < 0 ? too_many(plan, "parts", err) : CC_OK;
}

static const struct energy_result *cost_of(const struct energy_scenario_plan *plan, int compute)
{
    return compute == SCENARIO_TARGET ? plan->query.target_cost
                                      : plan->query.compute_costs[compute];
}

static enum cc_status use_core(struct energy_scenario_plan *plan, int index, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_use *use = &plan->uses[index];
    char name[SIM_NAME_BYTES];
    use->awake = 1;
    snprintf(name, sizeof name, "%s %.47s", step->front ? "front end" : "compute",
             last_part(step->what));
    use->part = core_part(plan, step->compute == SCENARIO_TARGET ? "inference" : name,
                          cost_of(plan, step->compute));
    return use->part < 0 ? too_many(plan, "parts", err) : CC_OK;
}

/* What a polling core takes is what the target, or else the first computation, takes. */
static enum cc_status use_wait(struct energy_scenario_plan *plan, int index,
                               struct energy_docs *docs, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_use *use = &plan->uses[index];
    char unknown[ENERGY_UNKNOWN_NAME_BYTES];
    use->awake = step->wait != SCENARIO_WAIT_SLEEP;
    if (!use->awake)
        return CC_OK;
    if (step->wait == SCENARIO_WAIT_RUN) {
        const struct energy_result *cost = plan->query.target_cost;
        if (!cost && plan->scenario->compute_count > 0)
            cost = cost_of(plan, 0);
        if (!cost)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: steps[%d].wait: nothing computes here, so what a running core "
                           "takes is not known; use state: idle, or add a compute step",
                           plan->scenario->path, index);
        use->part = core_part(plan, "wait", cost);
        return use->part < 0 ? too_many(plan, "parts", err) : CC_OK;
    }
    enum cc_status status = sleep_of(plan, "idle", docs, &plan->idle, err);
    if (status != CC_OK)
        return status;
    const struct energy_sleep_state *idle = &plan->sleeps[plan->idle];
    snprintf(unknown, sizeof unknown, "idle current of %.40s", plan->chip);
    use->part = other_part(plan, "wait", idle->vdd_exponent, unknown, idle->uw_rsd);
    return use->part < 0 ? too_many(plan, "parts", err) : CC_OK;
}

/* The events that must come true for a step. */
static uint32_t mask_of(const struct energy_scenario_plan *plan, int index)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    uint32_t mask = step->given >= 0 ? plan->uses[step->given].mask : PLAN_CERTAIN;
    if (step->probability != SCENARIO_ABSENT)
        mask |= (uint32_t)1 << index;
    if (plan->scenario->quiet_hours != SCENARIO_ABSENT && !step->always)
        mask |= (uint32_t)1 << PLAN_AWAKE_HOURS;
    return mask;
}

static enum cc_status resolve_step(struct energy_scenario_plan *plan, int index,
                                   struct energy_docs *docs, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    struct plan_use *use = &plan->uses[index];
    enum cc_status status;
    memset(use, 0, sizeof *use);
    use->device = use->part = use->host_part = -1;
    use->mask = mask_of(plan, index);
    if (step->kind == SCENARIO_COMPUTE || step->kind == SCENARIO_INFER)
        return use_core(plan, index, err);
    if (step->kind == SCENARIO_WAIT)
        return use_wait(plan, index, docs, err);
    status = device_of(plan, index, err);
    if (status == CC_OK)
        status = step->kind == SCENARIO_RADIO ? use_radio(plan, index, docs, err)
                                              : use_sensor(plan, index, docs, err);
    if (status == CC_OK)
        status = host_of(plan, index, docs, err);
    return status;
}

enum cc_status plan_resolve(struct energy_scenario_plan *plan, struct energy_docs *docs,
                            struct cc_error *err)
{
    int base;
    const char *mode = plan->scenario->sleep_mode;
    plan->idle = -1;
    enum cc_status status = sleep_of(plan, mode[0] ? mode : NULL, docs, &base, err);
    for (int i = 0; status == CC_OK && i < plan->scenario->step_count; i++)
        status = resolve_step(plan, i, docs, err);
    for (int i = 0; status == CC_OK && i < plan->device_count; i++)
        status = device_parts(plan, &plan->devices[i], err);
    for (int i = 0; status == CC_OK && i < plan->scenario->step_count; i++) {
        if (plan->uses[i].device >= 0)
            plan->uses[i].part = plan->devices[plan->uses[i].device].part;
    }
    return status;
}

static void sensor_figures(const struct energy_scenario_plan *plan,
                           const struct scenario_values *values, int index, struct plan_step *s)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    const struct plan_use *use = &plan->uses[index];
    const struct energy_sensor_mode *m = &use->mode;
    double once_s = scenario_value(values, step->duration, m->once_s);
    s->all_s = use->whole ? 0 : m->start_s + once_s * s->repeat;
    s->once_s = s->all_s / s->repeat;
    s->device_uw = m->active_uw;
    s->device_uj = m->active_uw * s->all_s;
    s->bytes_per_s = use->whole ? m->bytes_per_s : 0;
    s->bytes = use->whole ? 0 : (m->bytes_once + m->bytes_per_s * once_s) * s->repeat;
    s->host_uw = use->host_state.uw + use->host_state.uj_per_kb * s->bytes_per_s * 1e-3;
    s->host_uj = use->host_state.uw * s->all_s + use->host_state.uj_per_kb * s->bytes * 1e-3;
    s->once_uj = (s->device_uj + s->host_uj) / s->repeat;
    s->peak_ma = s->device_uw * 1e-3 / plan->nominal_v;
    s->peak_s = s->all_s;
}

static enum cc_status radio_figures(const struct energy_scenario_plan *plan,
                                    const struct scenario_values *values, int index,
                                    struct plan_step *s, struct cc_error *err)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    const struct plan_use *use = &plan->uses[index];
    struct energy_radio_use radio = step->use;
    struct energy_radio_event e;
    radio.payload_bytes = scenario_value(values, step->payload, 0);
    radio.interval_s = scenario_value(values, step->interval, 0);
    enum cc_status status =
        energy_radio_event_of(plan->devices[use->device].radio, &radio, &e, NULL, err);
    if (status != CC_OK)
        return status;
    double scale = plan_at_nominal(plan, e.vdd_v, e.vdd_exponent);
    s->once_s = e.duration_s;
    s->all_s = e.duration_s * s->repeat;
    s->air_s = e.air_s;
    s->packets = e.packets;
    s->device_uj = e.energy_uj * scale * s->repeat;
    s->device_uw = e.duration_s > 0 ? e.energy_uj * scale / e.duration_s : 0;
    s->host_uw = use->host_state.uw;
    s->host_uj = (use->host_state.uw * e.duration_s +
                  use->host_state.uj_per_kb * radio.payload_bytes * 1e-3) *
                 s->repeat;
    s->once_uj = (s->device_uj + s->host_uj) / s->repeat;
    s->peak_ma = e.peak_ma * e.vdd_v * scale / plan->nominal_v;
    s->peak_s = e.peak_s;
    for (uint32_t i = 0; i < e.phase_count && i < ENERGY_RADIO_MAX_PHASES; i++) {
        if (e.phases[i].ma == e.peak_ma)
            snprintf(s->peak_name, sizeof s->peak_name, "%s", e.phases[i].name);
    }
    if (step->beside && step->interval != SCENARIO_ABSENT) {
        s->recur_s = radio.interval_s;
        s->recur_for_s = scenario_value(values, step->duration, 0);
    }
    return CC_OK;
}

static void core_figures(const struct energy_scenario_plan *plan,
                         const struct scenario_values *values, int index, struct plan_step *s)
{
    const struct scenario_step *step = &plan->scenario->steps[index];
    const struct plan_use *use = &plan->uses[index];
    const struct energy_result *cost = use->part >= 0 ? plan->parts[use->part].cost : NULL;
    double uw = cost ? cost->total_uj.p50 / cost->latency_s : 0;
    if (step->kind == SCENARIO_WAIT) {
        s->once_s = scenario_value(values, step->duration, 0);
        if (step->wait == SCENARIO_WAIT_IDLE)
            uw = plan->sleeps[plan->idle].uw;
    } else {
        s->once_s = cost->latency_s;
    }
    s->all_s = s->once_s * s->repeat;
    s->once_uj = uw * s->once_s;
    s->device_uj = s->once_uj * s->repeat;
    s->device_uw = uw;
    s->peak_ma = uw * 1e-3 / plan->nominal_v;
    s->peak_s = s->all_s;
}

enum cc_status plan_step_figures(const struct energy_scenario_plan *plan,
                                 const struct scenario_values *values, int index,
                                 struct plan_step *step, struct cc_error *err)
{
    const struct scenario_step *from = &plan->scenario->steps[index];
    memset(step, 0, sizeof *step);
    step->repeat = scenario_value(values, from->repeat, 1);
    if (from->kind == SCENARIO_SENSOR || from->kind == SCENARIO_DISPLAY)
        sensor_figures(plan, values, index, step);
    else if (from->kind == SCENARIO_RADIO)
        return radio_figures(plan, values, index, step, err);
    else
        core_figures(plan, values, index, step);
    return CC_OK;
}
