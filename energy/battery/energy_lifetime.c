/* The lifetime as it is reported: days with their interval, parts of the power, what ends it. */
#include "energy_lifetime_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_S 86400.0

/* A battery that gives up with more of its charge than this left was browned out, not used up. */
#define LEFT_OVER 0.05

/* ---- parts of the power ------------------------------------------------------------------ */

/* Energies over the life, up to a common factor (uW x time): battery side. */
struct energies {
    double laws[ENERGY_MAX_LAWS];         /* at the load */
    double laws_battery[ENERGY_MAX_LAWS]; /* with their share of what the regulator loses */
    double regulator, self_discharge, all;
};

static void add_energies(const struct energy_bench *bench, const struct energy_setting *setting,
                         uint32_t k, double time, struct energies *e)
{
    const struct energy_supply *s = bench->supply;
    double in = 0, out = 0;
    for (uint32_t l = 0; l < bench->law_count; l++) {
        double ua = setting->law_ua[l] * bench->laws[l].power[k];
        e->laws[l] += time * s->vdd[k] * ua;
        e->laws_battery[l] += time * s->v[k] * s->gain[k] * ua;
        out += s->vdd[k] * ua;
        in += s->v[k] * s->gain[k] * ua;
    }
    in += s->v[k] * s->iq_ua + (s->loss_v[k] > 0 ? bench->loss_w * 1e6 : 0);
    double leak = s->v[k] * (s->leak_ua[k] + s->ageing_ua);
    e->regulator += time * (in - out);
    e->self_discharge += time * leak;
    e->all += time * (in + leak);
}

/* Returns the time that the energies are of. Of the fresh battery when there is no life at all. */
static double sum_energies(const struct energy_bench *bench, const struct energy_setting *setting,
                           const struct energy_run *run, struct energies *e)
{
    memset(e, 0, sizeof *e);
    if (!(run->t_end > 0)) {
        add_energies(bench, setting, 0, 1, e);
        return 1;
    }
    for (uint32_t k = 0; k <= run->segment; k++)
        add_energies(bench, setting, k, energy_run_weight(bench->supply, run, k) * run->y[k], e);
    return run->t_end;
}

static struct energy_lifetime_part *part_named(struct energy_lifetime *life, const char *name,
                                               uint32_t most)
{
    for (uint32_t i = 0; i < life->part_count; i++)
        if (strcmp(life->parts[i].name, name) == 0)
            return &life->parts[i];
    if (life->part_count >= most) { /* no room: all that follow are one */
        struct energy_lifetime_part *last = &life->parts[life->part_count - 1];
        memcpy(last->name, "other", sizeof "other");
        return last;
    }
    struct energy_lifetime_part *part = &life->parts[life->part_count++];
    part->uw = 0;
    size_t n = strnlen(name, sizeof part->name - 1);
    memcpy(part->name, name, n);
    part->name[n] = '\0';
    return part;
}

static void set_parts(const struct energy_bench *bench, const struct energy_setting *setting,
                      const struct energies *e, double time, struct energy_lifetime *life)
{
    const struct energy_load *load = bench->load;
    const struct energy_supply *s = bench->supply;
    double leak_ua = s->buffer.leakage_ua;
    for (uint32_t i = 0; i < load->part_count; i++) {
        int l = bench->law_of[i];
        double share = setting->law_ua[l] > 0 ? bench->part_ua[i] / setting->law_ua[l] : 0;
        part_named(life, load->parts[i].name, ENERGY_LIFETIME_MAX_PARTS - 3)->uw +=
            e->laws[l] * share / time;
    }
    if (s->kind != ENERGY_REGULATOR_NONE)
        part_named(life, "regulator", ENERGY_LIFETIME_MAX_PARTS)->uw += e->regulator / time;
    if (leak_ua > 0)
        part_named(life, "capacitor", ENERGY_LIFETIME_MAX_PARTS)->uw +=
            e->laws[0] * leak_ua / setting->law_ua[0] / time;
    if (e->self_discharge > 0)
        part_named(life, "self-discharge", ENERGY_LIFETIME_MAX_PARTS)->uw +=
            e->self_discharge / time;
    life->average_uw = e->all / time;
}

/* The mean power is a sum of parts, each with its unknowns. */
static void set_power_interval(const struct energy_bench *bench,
                               const struct energy_setting *setting, const struct energies *e,
                               struct energy_lifetime *life)
{
    const struct energy_load *load = bench->load;
    double effect[ENERGY_MAX_UNKNOWNS] = {0};
    double down = 0, up = 0;
    for (uint32_t i = 0; i < load->part_count; i++) {
        const struct energy_load_part *p = &load->parts[i];
        int l = bench->law_of[i];
        if (!(setting->law_ua[l] > 0))
            continue;
        double share = e->laws_battery[l] / e->all * bench->part_ua[i] / setting->law_ua[l];
        for (uint32_t u = 0; u < p->unknown_count; u++)
            if (p->unknowns[u].unknown >= 0 &&
                (uint32_t)p->unknowns[u].unknown < bench->unknown_count)
                effect[p->unknowns[u].unknown] += share * p->unknowns[u].elasticity;
    }
    for (uint32_t u = 0; u < bench->unknown_count; u++) {
        double low = effect[u] * load->unknowns.list[u].log_down;
        double high = effect[u] * load->unknowns.list[u].log_up;
        down += low * low;
        up += high * high;
    }
    double leak =
        e->self_discharge / e->all * bench->supply->unknowns[ENERGY_SUPPLY_SELF_DISCHARGE].log_up;
    down += leak * leak;
    up += leak * leak;
    life->average_uw_spread.p10 = life->average_uw * exp(-ENERGY_Z_90 * sqrt(down));
    life->average_uw_spread.p90 = life->average_uw * exp(ENERGY_Z_90 * sqrt(up));
}

/* ---- interval of the days ---------------------------------------------------------------- */

static double below(double z) /* standard normal */
{
    return 0.5 * erfc(-z * 0.70710678118654752);
}

/* The battery's life without shelf life as a function of one standard normal variable: straight
 * lines in its logarithm through p10, p50 and p90. */
struct spread_life {
    double log_p50, slope_down, slope_up; /* per standard deviation */
    double log_shelf, shelf_sd;
};

/* Probability that both lives are longer. */
static double outlived(const struct spread_life *s, double log_time)
{
    double away = log_time - s->log_p50;
    double slope = away < 0 ? s->slope_down : s->slope_up;
    double battery = slope > 0 ? below(-away / slope) : (away < 0 ? 1 : 0);
    double shelf = s->shelf_sd > 0 ? below((s->log_shelf - log_time) / s->shelf_sd)
                                   : (log_time < s->log_shelf ? 1 : 0);
    return battery * shelf;
}

static double quantile(const struct spread_life *s, double survival)
{
    double low = fmin(s->log_p50 - 4 * s->slope_down, s->log_shelf - 4 * s->shelf_sd);
    double high = fmin(s->log_p50 + 4 * s->slope_up, s->log_shelf + 4 * s->shelf_sd);
    for (int i = 0; i < 24; i++) {
        double middle = 0.5 * (low + high);
        if (outlived(s, middle) > survival)
            low = middle;
        else
            high = middle;
    }
    return exp(0.5 * (low + high));
}

/* Where battery and shelf may either be the first to end, the interval is that of the shorter of
 * two lives. effects become those of what is likely to end it. */
static void join_shelf(const struct energy_bench *bench, double life_s, double *effects,
                       struct energy_interval *s)
{
    uint32_t shelf = bench->unknown_count + ENERGY_SUPPLY_SHELF_LIFE;
    struct spread_life both = {.log_p50 = log(life_s),
                               .log_shelf = log(bench->supply->shelf_s),
                               .shelf_sd = energy_bench_log_sd(bench, shelf)};
    both.slope_down = s->p10 > 0 ? log(life_s / s->p10) / ENERGY_Z_90 : 10;
    both.slope_up = log(s->p90 / life_s) / ENERGY_Z_90;
    double sd = hypot(both.shelf_sd, 0.5 * (both.slope_down + both.slope_up));
    double shelved = sd > 0 ? below((both.log_p50 - both.log_shelf) / sd)
                            : (both.log_p50 > both.log_shelf ? 1 : 0);
    if (both.log_p50 + 4 * both.slope_up < both.log_shelf - 4 * both.shelf_sd)
        return;
    s->p10 = quantile(&both, 0.9);
    s->p90 = quantile(&both, 0.1);
    for (uint32_t i = 0; i < shelf; i++)
        effects[i] *= 1 - shelved;
    for (uint32_t i = shelf + 1; i < bench->unknown_count + ENERGY_SUPPLY_UNKNOWNS; i++)
        effects[i] *= 1 - shelved;
    effects[shelf] = shelved * both.shelf_sd;
}

static void set_spread(const struct energy_bench *bench, const double *effects,
                       struct energy_lifetime *life)
{
    uint32_t count = bench->unknown_count + ENERGY_SUPPLY_UNKNOWNS;
    uint32_t top[ENERGY_TOP_SPREADS];
    double total = 0;
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += effects[i] * effects[i];
        uint32_t at = found;
        while (at > 0 && fabs(effects[i]) > fabs(effects[top[at - 1]])) {
            if (at < ENERGY_TOP_SPREADS)
                top[at] = top[at - 1];
            at--;
        }
        if (at < ENERGY_TOP_SPREADS && effects[i] != 0) {
            top[at] = i;
            found += found < ENERGY_TOP_SPREADS;
        }
    }
    for (uint32_t k = 0; k < found && total > 0; k++) {
        snprintf(life->spread[k].name, sizeof life->spread[k].name, "%s",
                 energy_bench_unknown(bench, top[k]));
        life->spread[k].share = effects[top[k]] * effects[top[k]] / total;
    }
}

/* p10 and p90 are the lives at 1.28 standard deviations against and along the direction in which
 * the life grows fastest: its quantiles where it follows its unknowns by powers, and where it is
 * bent the same way along that direction only. */
static void set_interval(const struct energy_bench *bench, const struct energy_setting *nominal,
                         const struct energy_run *run, struct energy_lifetime *life)
{
    double effects[ENERGY_ALL_UNKNOWNS], z[ENERGY_ALL_UNKNOWNS];
    uint32_t count = bench->unknown_count + ENERGY_SUPPLY_UNKNOWNS;
    double length = 0;
    struct energy_interval sagged;
    energy_run_effects(bench, nominal, run, effects, &sagged);
    for (uint32_t i = 0; i < count; i++)
        length += effects[i] * effects[i];
    length = sqrt(length);
    struct energy_interval s = {run->s, run->s, run->s};
    if (length > 0) {
        for (uint32_t i = 0; i < count; i++)
            z[i] = -ENERGY_Z_90 * effects[i] / length;
        s.p10 = fmin(energy_life_at(bench, z, 0), run->s);
        for (uint32_t i = 0; i < count; i++)
            z[i] = -z[i];
        s.p90 = fmax(energy_life_at(bench, z, 0), run->s);
        /* where sag alone decides, whether a battery browns out late or at once */
        s.p10 = fmin(s.p10, sagged.p10);
        s.p90 = fmax(s.p90, sagged.p90);
    }
    if (run->s > 0)
        join_shelf(bench, run->s, effects, &s);
    else
        s.p90 = fmin(s.p90, bench->supply->shelf_s);
    life->days.p10 = fmin(s.p10 / DAY_S, life->days.p50);
    life->days.p90 = fmax(s.p90 / DAY_S, life->days.p50);
    set_spread(bench, effects, life);
}

/* ---- the end ----------------------------------------------------------------------------- */

static const char *pulse_name(const struct energy_bench *bench, uint32_t pulse)
{
    int index = bench->pulses[pulse].index;
    return index >= 0 ? bench->load->pulses[index].name : "mean current";
}

/* Battery at rest and its resistance where the charge ends. */
static void at_end(const struct energy_supply *s, const struct energy_run *run, double *v,
                   double *r_ohm)
{
    uint32_t i = run->segment;
    double t = (run->dod_end - s->dod[i - 1]) / (s->dod[i] - s->dod[i - 1]);
    *v = s->v[i - 1] + t * (s->v[i] - s->v[i - 1]);
    *r_ohm = s->r_ohm[i - 1] + t * (s->r_ohm[i] - s->r_ohm[i - 1]);
}

/* The pulse that ends the life, else that which pulls the voltage lowest. */
static uint32_t limiting_pulse(const struct energy_bench *bench, const struct energy_run *run)
{
    return run->pulse >= 0 ? (uint32_t)run->pulse : bench->heaviest;
}

static void set_end(const struct energy_bench *bench, const struct energy_setting *setting,
                    const struct energy_run *run, const struct energies *e,
                    struct energy_lifetime *life)
{
    const struct energy_supply *s = bench->supply;
    uint32_t pulse = limiting_pulse(bench, run);
    const char *name = pulse_name(bench, pulse);
    double v, r, end_a;
    int shelved = run->s >= s->shelf_s;
    const char *limit = "empty";
    if (shelved)
        limit = "shelf life";
    else if (run->pulse >= 0 && 1 - run->dod_end > LEFT_OVER)
        limit = "brown-out";
    else if (e->self_discharge > 0.5 * e->all)
        limit = "self-discharge";
    memcpy(life->limited_by, limit, strlen(limit) + 1);
    memcpy(life->limiting_pulse, name, strnlen(name, sizeof life->limiting_pulse - 1));
    life->running_ma = bench->pulses[pulse].fresh_ma;
    if (shelved)
        return;
    at_end(s, run, &v, &r);
    life->end_rest_v = v;
    life->end_loaded_v = fmax(v - energy_pulse_served(bench, setting, pulse, v, r, &end_a), 0);
    life->running_ma = 1e3 * end_a;
    if (fabs(life->end_loaded_v - bench->least_v) < 1e-6) /* two ways to one number */
        life->end_loaded_v = bench->least_v;
    life->least_v = bench->least_v;
    life->charge_left = 1 - run->dod_end;
}

/* ---- notes ------------------------------------------------------------------------------- */

static char *new_note(struct energy_lifetime *life)
{
    static char none[sizeof life->notes[0]];
    if (life->note_count >= ENERGY_LIFETIME_NOTES)
        return none;
    return life->notes[life->note_count++];
}

/* The largest current out of the battery, fresh or at the end, and the pulse that takes it. */
static double largest_ma(const struct energy_bench *bench, const struct energy_setting *setting,
                         const struct energy_run *run, const struct energy_lifetime *life,
                         uint32_t *pulse)
{
    double ma = bench->peak_ma, v, r, end_a;
    *pulse = bench->peak;
    if (life->least_v > 0 && limiting_pulse(bench, run) != bench->peak) {
        at_end(bench->supply, run, &v, &r);
        energy_pulse_served(bench, setting, bench->peak, v, r, &end_a);
        ma = fmax(ma, 1e3 * end_a);
    }
    if (life->running_ma > ma)
        *pulse = limiting_pulse(bench, run);
    return fmax(ma, life->running_ma);
}

/* The tables are not valid for a current that the cell was not made for or measured with. */
static void note_current(const struct energy_bench *bench, const struct energy_setting *setting,
                         const struct energy_run *run, struct energy_lifetime *life)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_battery *b = s->battery;
    double measured_ma = b->curve.pulse_ma * s->current_scale;
    double most_ma = b->max_pulse_ma.value * s->current_scale;
    uint32_t pulse;
    double ma = largest_ma(bench, setting, run, life, &pulse);
    int too_much = energy_figure_present(&b->max_pulse_ma) && ma > most_ma;
    int not_measured = measured_ma > 0 && ma > measured_ma;
    char allowed[80] = "", measured[160] = "", text[512];
    if (!too_much && !not_measured)
        return;
    if (too_much)
        snprintf(allowed, sizeof allowed, " is made for pulses of up to %g mA", most_ma);
    if (measured_ma > 0 && b->curve.pulse_ms > 0)
        snprintf(measured, sizeof measured, "%s resistance was measured with %g mA for %g ms",
                 too_much ? " and its" : "", measured_ma, b->curve.pulse_ms);
    else if (measured_ma > 0)
        snprintf(measured, sizeof measured, "%s resistance was measured with %g mA",
                 too_much ? " and its" : "", measured_ma);
    snprintf(text, sizeof text,
             "The largest pulse (%.48s) takes %.3g mA of the battery; %.30s%s%s%s: a brown-out may "
             "come earlier.",
             pulse_name(bench, pulse), ma, b->name, allowed, too_much ? "" : "'s", measured);
    snprintf(new_note(life), sizeof life->notes[0], "%.255s", text);
}

static void note_long_pulse(const struct energy_bench *bench, const struct energy_run *run,
                            struct energy_lifetime *life)
{
    const struct energy_battery *b = bench->supply->battery;
    const struct energy_pulse *p = &bench->pulses[limiting_pulse(bench, run)];
    if (!(p->r_factor > 1))
        return;
    snprintf(
        new_note(life), sizeof life->notes[0],
        "The limiting pulse (%.48s) lasts %.3g s, the resistance of %.30s was measured with %g "
        "ms: it was taken %.2f times as high (unverified).",
        life->limiting_pulse, p->s, b->name, b->curve.pulse_ms, p->r_factor);
}

static void note_buffer(const struct energy_bench *bench, struct energy_lifetime *life)
{
    const struct energy_supply *s = bench->supply;
    if (s->buffer.effective_uf > 0 && s->kind == ENERGY_REGULATOR_BOOST)
        snprintf(new_note(life), sizeof life->notes[0],
                 "The buffer capacitor stands behind the boost regulator %.40s: its help within a "
                 "pulse was not counted.",
                 s->regulator);
}

/* The energies hold at the voltage asked for, the life at the one that the load gets. */
static void note_supply(const struct energy_bench *bench, struct energy_lifetime *life)
{
    const struct energy_supply *s = bench->supply;
    double asked_v = bench->load->nominal_v;
    double highest_v = s->vdd[0], lowest_v = s->vdd[s->count - 1];
    if (!(asked_v > 0) || (asked_v >= 0.98 * lowest_v && asked_v <= 1.02 * highest_v))
        return;
    if (s->kind != ENERGY_REGULATOR_NONE)
        snprintf(new_note(life), sizeof life->notes[0],
                 "The energy is for a supply of %.3g V; the life is not: the regulator of %.30s "
                 "gives %.3g V.",
                 asked_v, s->battery->name, s->vout_v);
    else
        snprintf(new_note(life), sizeof life->notes[0],
                 "The energy is for a supply of %.3g V; the life is not: the load sits directly on "
                 "%.30s and runs at %.3g to %.3g V.",
                 asked_v, s->battery->name, highest_v, lowest_v);
}

/* ---- public ------------------------------------------------------------------------------ */

enum cc_status energy_lifetime_with_income(const struct energy_supply *supply,
                                           const struct energy_load *load,
                                           const struct energy_income *income, int with_interval,
                                           struct energy_lifetime *life, struct cc_error *err)
{
    struct energy_bench bench;
    struct energy_setting nominal;
    struct energy_run run;
    struct energies e;
    memset(life, 0, sizeof *life);
    enum cc_status status = energy_bench_set(supply, load, income, &bench, err);
    if (status != CC_OK)
        return status;
    energy_setting_at(&bench, NULL, &nominal);
    energy_run_currents(&bench, &nominal, &run);
    energy_run_end(&bench, &nominal, &run);
    energy_run_life(&bench, &nominal, &run);
    double time = sum_energies(&bench, &nominal, &run, &e);
    set_parts(&bench, &nominal, &e, time, life);
    double p50 = fmin(run.s, supply->shelf_s) / DAY_S;
    life->days = (struct energy_interval){p50, p50, p50};
    life->average_uw_spread =
        (struct energy_interval){life->average_uw, life->average_uw, life->average_uw};
    if (with_interval) {
        set_interval(&bench, &nominal, &run, life);
        set_power_interval(&bench, &nominal, &e, life);
    }
    set_end(&bench, &nominal, &run, &e, life);
    note_current(&bench, &nominal, &run, life);
    note_long_pulse(&bench, &run, life);
    note_buffer(&bench, life);
    note_supply(&bench, life);
    return CC_OK;
}

enum cc_status energy_lifetime_compute(const struct energy_supply *supply,
                                       const struct energy_load *load, int with_interval,
                                       struct energy_lifetime *life, struct cc_error *err)
{
    return energy_lifetime_with_income(supply, load, NULL, with_interval, life, err);
}
