/* What if the raw data were sent instead of the result? Sensors, display and waits stay; nothing is
 * computed and no result is sent; the core still wakes up where it computed, to hand the data over.
 * The radio streams at the mean rate of the raw data through the whole period. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A radio that streams, and what the load would be. */
struct stream {
    struct energy_radio *radio; /* owned by the plan or by this */
    int is_own;
    int device; /* of the plan, or -1 */
    struct energy_radio_use use;
    double idle_uw; /* of the radio between packets, at the plan's nominal voltage */
    double exponent, least_v, rsd;
    struct energy_radio_stream rate;
};

static int first_radio(const struct energy_scenario_plan *plan)
{
    for (int i = 0; i < plan->scenario->step_count; i++) {
        if (plan->scenario->steps[i].kind == SCENARIO_RADIO)
            return i;
    }
    return -1;
}

static enum cc_status choose_radio(const struct energy_scenario_plan *plan, struct stream *s,
                                   struct cc_error *err)
{
    const struct energy_scenario *from = plan->scenario;
    int step = first_radio(plan);
    s->device = -1;
    s->use = energy_radio_usual();
    for (int i = 0; from->stream.radio[0] && i < from->step_count; i++) {
        int is_it = from->steps[i].kind == SCENARIO_RADIO &&
                    strcmp(from->steps[i].what, from->stream.radio) == 0;
        if (is_it)
            s->device = plan->uses[i].device;
    }
    if (!from->stream.radio[0]) {
        if (step < 0)
            return cc_fail(err, CC_ERR_USAGE,
                           "%s: has no radio to stream with; give its file stream: {radio: NAME}",
                           from->name);
        s->device = plan->uses[step].device;
        memcpy(s->use.phy, from->steps[step].use.phy, sizeof s->use.phy);
        s->use.tx_dbm = from->steps[step].use.tx_dbm;
    }
    if (from->stream.phy[0])
        memcpy(s->use.phy, from->stream.phy, sizeof s->use.phy);
    if (!isnan(from->stream.tx_dbm))
        s->use.tx_dbm = from->stream.tx_dbm;
    if (s->device >= 0) {
        s->radio = plan->devices[s->device].radio;
        return CC_OK;
    }
    s->is_own = 1;
    return energy_radio_load(from->stream.radio, &s->radio, err);
}

/* What the sensors deliver in a mean period, or what the file says. */
static double raw_bytes(const struct energy_scenario_plan *plan, const struct plan_sums *sums)
{
    double bytes = 0;
    for (int i = 0; i < plan->scenario->step_count; i++) {
        const struct plan_step *m = &plan->model.steps[i];
        double happens = sums->mask[plan->uses[i].mask_index];
        if (plan->scenario->steps[i].kind == SCENARIO_SENSOR)
            bytes += happens * (m->bytes + m->bytes_per_s * plan->period_s);
    }
    return scenario_value(&plan->values, plan->scenario->stream.raw_bytes, bytes);
}

static int computes(const struct energy_scenario_plan *plan, int index)
{
    enum scenario_kind kind = plan->scenario->steps[index].kind;
    return kind == SCENARIO_COMPUTE || kind == SCENARIO_INFER;
}

static int sends(const struct energy_scenario_plan *plan, int index)
{
    return plan->scenario->steps[index].kind == SCENARIO_RADIO;
}

/* Mean energy in a period of the steps that `is` picks. */
static double steps_uj(const struct energy_scenario_plan *plan,
                       const struct energy_scenario_load *load,
                       int (*is)(const struct energy_scenario_plan *, int))
{
    double uj = 0;
    for (int i = 0; i < plan->scenario->step_count; i++)
        uj += is(plan, i) ? load->steps[i].uw * load->period_s : 0;
    return uj;
}

static enum cc_status ask_radio(const struct energy_scenario_plan *plan, struct stream *s,
                                double bytes_per_s, struct cc_error *err)
{
    struct energy_radio_event event;
    struct energy_radio_use use = s->use;
    /* Data flow in a connection; advertising on the same PHY may be beyond the radio. */
    if (strcmp(energy_radio_protocol(s->radio), "ble") == 0)
        snprintf(use.event, sizeof use.event, "connection");
    enum cc_status status = energy_radio_event_of(s->radio, &use, &event, NULL, err);
    if (status == CC_OK)
        status = energy_radio_stream_of(s->radio, &s->use, bytes_per_s, &s->rate, NULL, err);
    if (status != CC_OK)
        return cc_prefix(err, "%s: stream", plan->scenario->name);
    double rate_scale = plan_at_nominal(plan, s->rate.vdd_v, event.vdd_exponent);
    double own_uw =
        event.sleep_ua * event.vdd_v * plan_at_nominal(plan, event.vdd_v, event.vdd_exponent);
    s->idle_uw = plan_radio_idle_uw(plan, s->radio, &event);
    s->rate.uw = fmax(s->rate.uw * rate_scale - (own_uw - s->idle_uw), 0);
    s->rate.uj_per_byte *= rate_scale;
    s->exponent = event.vdd_exponent;
    s->least_v = event.least_v;
    s->rsd = event.rsd;
    return CC_OK;
}

static void compare(const struct energy_scenario_plan *plan,
                    const struct energy_scenario_load *load, const struct stream *s,
                    struct energy_stream_comparison *c)
{
    double per_byte = s->rate.uj_per_byte, bytes = c->raw_bytes_per_period;
    snprintf(c->radio, sizeof c->radio, "%.63s", energy_radio_name(s->radio));
    c->infer_uj = steps_uj(plan, load, computes);
    c->result_uj = steps_uj(plan, load, sends);
    c->possible = s->rate.possible;
    snprintf(c->why_not, sizeof c->why_not, "%s", s->rate.possible ? "" : s->rate.why_not);
    /* both ways pay for the radio's sleep; of a rate that is not possible only the bytes are known
     */
    double fixed_uj = 0;
    if (s->rate.possible)
        fixed_uj = fmax((s->rate.uw - s->idle_uw) * load->period_s - per_byte * bytes, 0);
    c->stream_uj = fixed_uj + per_byte * bytes;
    double with_result = c->infer_uj + c->result_uj;
    c->break_even_bytes = per_byte > 0 ? fmax((with_result - fixed_uj) / per_byte, 0) : INFINITY;
    c->break_even_uj = fmax(c->stream_uj - c->result_uj, 0);
}

/* "radio NAME" and its largest phase, "radio NAME tx". */
static int is_of_radio(const struct energy_scenario_plan *plan, const char *pulse)
{
    for (int i = 0; i < plan->device_count; i++) {
        const struct plan_device *d = &plan->devices[i];
        size_t n = strnlen(d->label, 47); /* what a phase's name leaves of it */
        if (d->radio && strncmp(pulse, d->label, n) == 0 && (!pulse[n] || pulse[n] == ' '))
            return 1;
    }
    return 0;
}

/* Pulses of the core stay out, it computes nothing, and those of results. Those of sensors are as
 * before. */
static void drop_pulses(const struct energy_scenario_plan *plan, struct energy_load *load)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < load->pulse_count; i++) {
        const char *name = load->pulses[i].name;
        int drop = strcmp(name, "steps in a row") == 0 || is_of_radio(plan, name);
        for (int p = 0; p < plan->part_count && !drop; p++)
            drop = plan->parts[p].kind == PLAN_PART_CORE && strcmp(plan->parts[p].name, name) == 0;
        if (!drop)
            load->pulses[kept++] = load->pulses[i];
    }
    load->pulse_count = kept;
}

/* The streaming radio's own; where there is no room the smallest gives way. */
static void add_pulse(const struct energy_scenario_plan *plan, const struct stream *s, int unknown,
                      struct energy_load *load)
{
    double scale = plan_at_nominal(plan, s->rate.vdd_v, s->exponent);
    double ma = s->rate.peak_ma * s->rate.vdd_v * scale / plan->nominal_v;
    struct energy_load_pulse pulse = {.s = s->rate.peak_s,
                                      .vdd_v = plan->nominal_v,
                                      .vdd_exponent = s->exponent,
                                      .rest_ma = plan_rest_ma(plan),
                                      .every_s = s->rate.every_s,
                                      .unknown = unknown};
    uint32_t at = load->pulse_count;
    if (!(ma > 0) || !(pulse.s > 0))
        return;
    pulse.ma = ma + pulse.rest_ma;
    snprintf(pulse.name, sizeof pulse.name, "radio %.40s %.15s", energy_radio_name(s->radio),
             s->rate.peak_name);
    if (at == ENERGY_MAX_LOAD_PULSES) {
        at = 0;
        for (uint32_t i = 1; i < load->pulse_count; i++)
            at = load->pulses[i].ma < load->pulses[at].ma ? i : at;
    } else {
        load->pulse_count++;
    }
    load->pulses[at] = pulse;
}

/* The plan's load without computing and results, and with the stream. */
static enum cc_status stream_load(const struct energy_scenario_plan *plan, const struct stream *s,
                                  struct plan_model *model, struct energy_load *load,
                                  struct cc_error *err)
{
    struct plan_sums sums;
    uint32_t without = 0;
    for (int i = 0; i < plan->scenario->step_count; i++) {
        if (computes(plan, i) || sends(plan, i))
            without |= (uint32_t)1 << i;
    }
    enum cc_status status = plan_model_make(plan, &plan->values, without, model, err);
    if (status != CC_OK)
        return status;
    plan_sum(plan, model, &plan->values, plan->period_s, 1, &sums);
    load->part_count = (uint32_t)plan->part_count;
    memcpy(load->parts, plan->sample.load.parts, load->part_count * sizeof load->parts[0]);
    for (int i = 0; i < plan->part_count; i++)
        load->parts[i].uw = sums.part[i] / plan->period_s;
    if (s->device >= 0) { /* its sleep is in the stream's power */
        int standby = plan->devices[s->device].standby_part;
        load->parts[standby].uw = fmax(load->parts[standby].uw - s->idle_uw, 0);
    }
    if (load->part_count == ENERGY_MAX_LOAD_PARTS)
        return cc_fail(err, CC_ERR_INPUT, "%s: too many parts to add a stream",
                       plan->scenario->name);
    struct energy_load_part *part = &load->parts[load->part_count++];
    memset(part, 0, sizeof *part);
    snprintf(part->name, sizeof part->name, "radio %.50s", energy_radio_name(s->radio));
    part->uw = s->rate.uw;
    part->vdd_v = plan->nominal_v;
    part->vdd_exponent = s->exponent;
    int unknown = energy_unknown_add(&load->unknowns, part->name, s->rsd);
    if (unknown >= 0)
        part->unknowns[part->unknown_count++] = (struct energy_load_unknown){unknown, 1};
    drop_pulses(plan, load);
    add_pulse(plan, s, unknown, load);
    load->least_v = fmax(load->least_v, s->least_v);
    return CC_OK;
}

/* What feeds the stream. */
struct source {
    const struct energy_supply *supply;
    const struct energy_harvester *harvester; /* NULL = none */
    const struct energy_surroundings *surroundings;
};

static enum cc_status life_on(const struct source *from, const struct energy_load *load,
                              struct energy_lifetime *life, struct cc_error *err)
{
    struct energy_harvest harvest;
    if (!from->harvester)
        return energy_lifetime_compute(from->supply, load, 1, life, err);
    return energy_harvest_lifetime(from->supply, load, from->harvester, from->surroundings, life,
                                   &harvest, err);
}

static enum cc_status stream_life(const struct energy_scenario_plan *plan,
                                  const struct source *from, const struct stream *s,
                                  struct energy_load *load, struct energy_stream_comparison *c,
                                  struct cc_error *err)
{
    struct plan_model *model = malloc(sizeof *model);
    struct energy_lifetime *life = malloc(sizeof *life);
    enum cc_status status = model && life ? CC_OK : cc_no_memory(err);
    if (status == CC_OK)
        status = stream_load(plan, s, model, load, err);
    if (status == CC_OK) {
        status = life_on(from, load, life, err);
    }
    if (status == CC_OK) {
        c->average_uw = life->average_uw;
        c->days = life->days;
    }
    free(model);
    free(life);
    return status;
}

static enum cc_status with_load(const struct energy_scenario_plan *plan, const struct source *from,
                                struct energy_scenario_load *load,
                                struct energy_stream_comparison *c, struct cc_error *err)
{
    struct stream s = {.radio = NULL};
    struct plan_sums sums;
    enum cc_status status = energy_scenario_load_of(plan, NULL, load, err);
    if (status == CC_OK)
        status = choose_radio(plan, &s, err);
    if (status != CC_OK)
        return status;
    plan_sum(plan, &plan->model, &plan->values, plan->period_s, 1, &sums);
    c->raw_bytes_per_period = raw_bytes(plan, &sums);
    if (!(c->raw_bytes_per_period > 0))
        status = cc_fail(err, CC_ERR_USAGE,
                         "%s: its sensors deliver no data; give its file stream: {raw_bytes: N}",
                         plan->scenario->name);
    if (status == CC_OK)
        status = ask_radio(plan, &s, c->raw_bytes_per_period / plan->period_s, err);
    if (status == CC_OK) {
        compare(plan, load, &s, c);
        if (c->possible)
            status = stream_life(plan, from, &s, &load->load, c, err);
    }
    if (s.is_own && s.radio)
        energy_radio_free(s.radio);
    return status;
}

enum cc_status energy_scenario_stream(const struct energy_scenario_plan *plan,
                                      const struct energy_supply *supply,
                                      const struct energy_harvester *harvester,
                                      const struct energy_surroundings *surroundings,
                                      struct energy_stream_comparison *comparison,
                                      struct cc_error *err)
{
    const struct source from = {supply, harvester, surroundings};
    memset(comparison, 0, sizeof *comparison);
    struct energy_scenario_load *load = malloc(sizeof *load);
    if (!load)
        return cc_no_memory(err);
    enum cc_status status = with_load(plan, &from, load, comparison, err);
    free(load);
    return status;
}
