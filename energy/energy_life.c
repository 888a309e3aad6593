/* How long a battery feeds one inference per period.
 *
 * The cell is emptied in small steps of charge along its discharge curve. At each step the average
 * current of a period is taken at that voltage: behind an LDO, or straight on a chip with an LDO
 * inside, it does not change (the charge model); on a chip with a switching regulator it rises as
 * the voltage falls (the energy model). Both are the same integral here, only the chip's supply law
 * differs. A high average current gets less charge out of a cell (energy_battery_rate).
 *
 * The end is the first moment at which the cell cannot serve the load: charge used up, or the
 * voltage under the inference current (open circuit minus I x R) below what the chip needs. */
#include "energy_battery_internal.h"
#include "energy_chip_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STEPS         2000
#define DAY_S         86400.0
#define DAYS_PER_YEAR 365.25
#define MAX_PERIOD_S  (100 * DAYS_PER_YEAR * DAY_S)

static const char *const part_names[ENERGY_LIFE_PART_COUNT] = {"inference", "sleep", "wake",
                                                               "self-discharge", "regulator"};

const char *energy_life_part_name(enum energy_life_part part)
{
    return (unsigned)part < ENERGY_LIFE_PART_COUNT ? part_names[part] : "?";
}

/* A cell that gives up with more charge than this left was browned out, not used up. */
#define LEFT_OVER 0.05

/* What is not known exactly; each is a lognormal factor, independent of the others. */
enum unknown {
    UNKNOWN_INFERENCE,
    UNKNOWN_SLEEP,
    UNKNOWN_WAKE,
    UNKNOWN_SELF_DISCHARGE,
    UNKNOWN_REGULATOR,
    UNKNOWN_RESISTANCE,
    UNKNOWN_CAPACITY,
    UNKNOWN_RATE,
    UNKNOWN_SHELF_LIFE,
    UNKNOWN_COUNT
};

/* Everything that stays the same along the discharge. */
struct load {
    const struct energy_chip *chip;
    const struct energy_battery *battery;
    const struct energy_result *inference;
    double every_s, asleep_s;
    double temperature_c;
    struct energy_sleep_state sleep; /* at the inference's supply */
    double capacity_factor, resistance_factor;
    double self_discharge_ua;
    double factor[UNKNOWN_COUNT]; /* 1, or what an unknown may turn out to be */
};

/* The battery side at one depth of discharge. */
struct moment {
    double uw[ENERGY_LIFE_PART_COUNT];
    double total_ua;
    double rate; /* fraction of the charge that comes out at this current */
    int served;
};

struct discharge {
    double life_s;
    double uj[ENERGY_LIFE_PART_COUNT]; /* over the whole life */
    double left_over;                  /* fraction of the charge that could not be used */
};

static int has_ldo(const struct load *load)
{
    return load->battery->regulator.kind == ENERGY_REGULATOR_LDO;
}

/* Supply of the chip when the battery's terminals are at v. */
static double chip_supply(const struct load *load, double v)
{
    const struct energy_regulator *r = &load->battery->regulator;
    return has_ldo(load) ? fmin(r->vout_v.value, v - r->dropout_v.value) : v;
}

static double inference_uj(const struct load *load, double vdd_v)
{
    return load->inference->total_uj.p50 * load->factor[UNKNOWN_INFERENCE] *
           pow(vdd_v / load->inference->vdd_v, load->inference->vdd_exponent);
}

/* Current while an inference runs, with the battery's terminals at v. */
static double running_a(const struct load *load, double v)
{
    double vdd_v = chip_supply(load, v);
    double iq_a = has_ldo(load) ? load->battery->regulator.iq_ua.value * 1e-6 : 0;
    if (vdd_v <= 0)
        return 0;
    return inference_uj(load, vdd_v) * 1e-6 / load->inference->latency_s / vdd_v + iq_a;
}

/* Terminal voltage under that current. */
static double loaded_v(const struct load *load, double v, double r_ohm)
{
    return v -
           running_a(load, v) * r_ohm * load->resistance_factor * load->factor[UNKNOWN_RESISTANCE];
}

/* Enough voltage left while an inference runs? */
static int can_serve(const struct load *load, double v, double r_ohm)
{
    double least_v = load->chip->vdd_min_v.value;
    if (v < load->battery->cut_off_v.value || chip_supply(load, v) < least_v)
        return 0;
    return chip_supply(load, loaded_v(load, v, r_ohm)) >= least_v;
}

static struct moment look_at(const struct load *load, double dod)
{
    struct moment m = {.total_ua = 0};
    double v, r_ohm;
    energy_battery_at(load->battery, dod, &v, &r_ohm);
    m.served = can_serve(load, v, r_ohm);
    double vdd_v = chip_supply(load, v);
    if (vdd_v <= 0) {
        m.served = 0;
        return m;
    }
    m.uw[ENERGY_LIFE_INFERENCE] = inference_uj(load, vdd_v) / load->every_s;
    double asleep = pow(vdd_v / load->inference->vdd_v, load->sleep.vdd_exponent);
    m.uw[ENERGY_LIFE_SLEEP] =
        load->sleep.uw * asleep * load->factor[UNKNOWN_SLEEP] * load->asleep_s / load->every_s;
    m.uw[ENERGY_LIFE_WAKE] =
        load->sleep.wake_uj * asleep * load->factor[UNKNOWN_WAKE] / load->every_s;
    double chip_ua =
        (m.uw[ENERGY_LIFE_INFERENCE] + m.uw[ENERGY_LIFE_SLEEP] + m.uw[ENERGY_LIFE_WAKE]) / vdd_v;
    double iq_ua = has_ldo(load) ? load->battery->regulator.iq_ua.value : 0;
    double leak_ua = load->self_discharge_ua * load->factor[UNKNOWN_SELF_DISCHARGE];
    iq_ua *= load->factor[UNKNOWN_REGULATOR];
    m.uw[ENERGY_LIFE_REGULATOR] = (v - vdd_v) * chip_ua + v * iq_ua;
    m.uw[ENERGY_LIFE_SELF_DISCHARGE] = v * leak_ua;
    m.total_ua = chip_ua + iq_ua + leak_ua;
    m.rate = pow(energy_battery_rate(load->battery, m.total_ua), load->factor[UNKNOWN_RATE]);
    return m;
}

/* Depth between the two at which the load is served no longer; it is at `from`, not at `to`. */
static double last_served(const struct load *load, double from, double to)
{
    for (int i = 0; i < 24; i++) {
        double middle = 0.5 * (from + to);
        if (look_at(load, middle).served)
            from = middle;
        else
            to = middle;
    }
    return from;
}

static void spend(struct discharge *d, const struct moment *m, double charge_uc)
{
    double dt = charge_uc * m->rate / m->total_ua;
    d->life_s += dt;
    for (int p = 0; p < ENERGY_LIFE_PART_COUNT; p++)
        d->uj[p] += m->uw[p] * dt;
}

static struct discharge empty_battery(const struct load *load)
{
    struct discharge d = {.life_s = 0};
    struct moment before = look_at(load, 0);
    double full_uc = load->battery->capacity_mah.value * load->capacity_factor *
                     load->factor[UNKNOWN_CAPACITY] * 3.6e6; /* microcoulomb */
    if (!before.served)
        d.left_over = 1;
    for (int i = 0; i < STEPS && d.left_over == 0; i++) {
        struct moment m = look_at(load, (i + 0.5) / STEPS);
        if (m.served) {
            spend(&d, &m, full_uc / STEPS);
            before = m;
            continue;
        }
        double end = last_served(load, i ? (i - 0.5) / STEPS : 0, (i + 0.5) / STEPS);
        spend(&d, &before, full_uc * (end - (double)i / STEPS)); /* may take back a little */
        d.left_over = 1 - end;
    }
    return d;
}

/* Averages over the life; of the fresh cell when there is no life at all. */
static void average_parts(const struct load *load, const struct discharge *d,
                          struct energy_life *life)
{
    struct moment fresh = look_at(load, 0);
    life->average_uw = 0;
    for (int p = 0; p < ENERGY_LIFE_PART_COUNT; p++) {
        life->parts_uw[p] = d->life_s > 0 ? d->uj[p] / d->life_s : fresh.uw[p];
        life->average_uw += life->parts_uw[p];
    }
}

static void spread_of(const struct load *load, double rsd[UNKNOWN_COUNT])
{
    const struct energy_battery *b = load->battery;
    rsd[UNKNOWN_INFERENCE] = load->inference->total_rsd;
    rsd[UNKNOWN_SLEEP] = load->sleep.uw_rsd;
    rsd[UNKNOWN_WAKE] = load->sleep.wake_rsd;
    rsd[UNKNOWN_SELF_DISCHARGE] = energy_figure_rsd(&b->self_discharge_percent_per_year);
    rsd[UNKNOWN_REGULATOR] = has_ldo(load) ? energy_figure_rsd(&b->regulator.iq_ua) : 0;
    rsd[UNKNOWN_RESISTANCE] = b->resistance_rsd.value;
    rsd[UNKNOWN_CAPACITY] = energy_figure_rsd(&b->capacity_mah);
    rsd[UNKNOWN_RATE] = b->rate.rsd;
    rsd[UNKNOWN_SHELF_LIFE] = energy_figure_rsd(&b->shelf_life_years);
}

static double shelf_s(const struct load *load)
{
    return load->battery->shelf_life_years.value * DAYS_PER_YEAR * DAY_S *
           load->factor[UNKNOWN_SHELF_LIFE];
}

/* Life when unknown i is z[i] standard deviations away from what the tables say. */
static double life_at(const struct load *load, const double rsd[UNKNOWN_COUNT],
                      const double z[UNKNOWN_COUNT])
{
    struct load moved = *load;
    for (int i = 0; i < UNKNOWN_COUNT; i++)
        moved.factor[i] = exp(z[i] * sqrt(log1p(rsd[i] * rsd[i])));
    return fmin(empty_battery(&moved).life_s, shelf_s(&moved));
}

/* Direction, of length 1, in which the life grows fastest: by how much it differs between one
 * standard deviation up and down, unknown by unknown. All 0 when nothing is unknown. */
static void steepest(const struct load *load, const double rsd[UNKNOWN_COUNT],
                     double direction[UNKNOWN_COUNT])
{
    double length = 0;
    for (int i = 0; i < UNKNOWN_COUNT; i++) {
        double z[UNKNOWN_COUNT] = {0};
        z[i] = 1;
        double up_s = rsd[i] > 0 ? life_at(load, rsd, z) : 0;
        z[i] = -1;
        double down_s = rsd[i] > 0 ? life_at(load, rsd, z) : 0;
        direction[i] = up_s + down_s > 0 ? (up_s - down_s) / (up_s + down_s) : 0;
        length = hypot(length, direction[i]);
    }
    for (int i = 0; i < UNKNOWN_COUNT; i++)
        direction[i] /= length > 0 ? length : 1;
}

/* The life falls or grows with every unknown, so its quantiles lie where the plane across the
 * steepest direction cuts off 10 % of the probability. Where the life follows its unknowns by
 * powers this is the lognormal; near a brown-out it is not, and one side may reach 0. */
static struct energy_interval life_interval(const struct load *load, double life_s)
{
    struct energy_interval s = {life_s, life_s, life_s};
    double rsd[UNKNOWN_COUNT], direction[UNKNOWN_COUNT];
    double low[UNKNOWN_COUNT], high[UNKNOWN_COUNT];
    spread_of(load, rsd);
    steepest(load, rsd, direction);
    for (int i = 0; i < UNKNOWN_COUNT; i++) {
        high[i] = ENERGY_Z_90 * direction[i];
        low[i] = -high[i];
    }
    s.p10 = fmin(life_at(load, rsd, low), life_s);
    s.p90 = fmax(life_at(load, rsd, high), life_s);
    return s;
}

static void set_days(const struct load *load, const struct discharge *d, struct energy_life *life)
{
    int shelved = d->life_s >= shelf_s(load);
    struct energy_interval all = life_interval(load, fmin(d->life_s, shelf_s(load)));
    life->days.p10 = all.p10 / DAY_S;
    life->days.p50 = all.p50 / DAY_S;
    life->days.p90 = all.p90 / DAY_S;
    snprintf(life->limited_by, sizeof life->limited_by, "%s",
             shelved ? "shelf life" : (d->left_over > LEFT_OVER ? "brown-out" : "charge"));
}

/* Currents and voltages of the fresh battery and of the moment that ends it. */
static void set_end(const struct load *load, const struct discharge *d, struct energy_life *life)
{
    double fresh_v, end_v, r_ohm;
    energy_battery_at(load->battery, 0, &fresh_v, &r_ohm);
    energy_battery_at(load->battery, 1 - d->left_over, &end_v, &r_ohm);
    life->running_ma = running_a(load, fresh_v) * 1e3;
    if (d->life_s >= shelf_s(load))
        return;
    life->running_ma = fmax(life->running_ma, running_a(load, end_v) * 1e3);
    life->end_rest_v = end_v;
    life->end_loaded_v = loaded_v(load, end_v, r_ohm);
    life->least_v = load->chip->vdd_min_v.value +
                    (has_ldo(load) ? load->battery->regulator.dropout_v.value : 0);
    life->charge_left = d->left_over;
}

static char *new_note(struct energy_life *life)
{
    return life->notes[life->note_count++];
}

/* The tables are not valid for a current that the cell was not made for or measured with. */
static void note_current(const struct load *load, struct energy_life *life)
{
    const struct energy_battery *b = load->battery;
    const struct energy_curve *c = &b->curve;
    double ms = load->inference->latency_s * 1e3;
    int too_much =
        energy_figure_present(&b->max_pulse_ma) && life->running_ma > b->max_pulse_ma.value;
    int not_measured = c->pulse_ma > 0 && life->running_ma > c->pulse_ma;
    char allowed[80] = "", measured[160] = "", text[512];
    if (!too_much && !not_measured)
        return;
    if (too_much)
        snprintf(allowed, sizeof allowed, " is made for pulses of up to %g mA",
                 b->max_pulse_ma.value);
    if (c->pulse_ma > 0 && c->pulse_ms > 0)
        snprintf(measured, sizeof measured, "%s resistance was measured with %g mA for %g ms",
                 too_much ? " and its" : "", c->pulse_ma, c->pulse_ms);
    else if (c->pulse_ma > 0)
        snprintf(measured, sizeof measured, "%s resistance was measured with %g mA",
                 too_much ? " and its" : "", c->pulse_ma);
    snprintf(text, sizeof text,
             "Running takes %.3g mA of the battery for %.3g ms; %.30s%s%s%s: a brown-out may come "
             "earlier.",
             life->running_ma, ms, b->name, allowed, too_much ? "" : "'s", measured);
    snprintf(new_note(life), sizeof life->notes[0], "%.255s", text);
}

/* The energy holds at the voltage asked for, the life at the one that the battery gives. */
static void note_supply(const struct load *load, struct energy_life *life)
{
    double asked_v = load->inference->vdd_v;
    double given_v = load->battery->regulator.vout_v.value;
    if (asked_v == load->chip->vdd_v.value || (has_ldo(load) && asked_v == given_v))
        return;
    if (has_ldo(load))
        snprintf(new_note(life), sizeof life->notes[0],
                 "The energy is for a supply of %.3g V; the life is not: the regulator of %.30s "
                 "gives %.3g V.",
                 asked_v, load->battery->name, given_v);
    else
        snprintf(new_note(life), sizeof life->notes[0],
                 "The energy is for a supply of %.3g V; the life is not: the chip sits directly on "
                 "%.30s and runs at the cell's own voltage.",
                 asked_v, load->battery->name);
}

static enum cc_status check_query(const struct energy_life_query *q, double wake_s,
                                  struct cc_error *err)
{
    double busy_s = q->inference->latency_s + wake_s;
    double v, r_ohm;
    if (!isfinite(q->every_s) || q->every_s <= 0 || q->every_s > MAX_PERIOD_S)
        return cc_fail(err, CC_ERR_USAGE, "--every %g s: give a period above 0 and up to 100 years",
                       q->every_s);
    if (!isfinite(busy_s) || q->inference->latency_s <= 0 || !(q->inference->total_uj.p50 > 0) ||
        !isfinite(q->inference->total_uj.p50))
        return cc_fail(err, CC_ERR_INTERNAL, "battery life: the inference has no priced duration");
    if (busy_s > q->every_s)
        return cc_fail(err, CC_ERR_USAGE,
                       "one inference takes %.4g ms (%.4g ms of it to wake up), more than --every "
                       "%g s; give a longer period or a faster clock",
                       busy_s * 1e3, wake_s * 1e3, q->every_s);
    energy_battery_at(q->battery, 0, &v, &r_ohm);
    if (q->battery->regulator.kind == ENERGY_REGULATOR_LDO)
        v = q->battery->regulator.vout_v.value;
    if (v > q->chip->vdd_max_v.value)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: %g V are more than the %g V %s takes; choose another battery or give "
                       "its file an ldo regulator",
                       q->battery->name, v, q->chip->vdd_max_v.value, q->chip->name);
    return CC_OK;
}

enum cc_status energy_life_compute(const struct energy_life_query *query, struct energy_life *life,
                                   struct cc_error *err)
{
    memset(life, 0, sizeof *life);
    struct load load = {
        .chip = query->chip,
        .battery = query->battery,
        .inference = query->inference,
        .every_s = query->every_s,
        .temperature_c = query->temperature_c,
    };
    for (int i = 0; i < UNKNOWN_COUNT; i++)
        load.factor[i] = 1;
    struct energy_condition condition = {query->inference->vdd_v, query->inference->regulator,
                                         query->temperature_c};
    enum cc_status status =
        energy_chip_sleep(query->chip, NULL, NULL, &condition, &load.sleep, NULL, err);
    if (status == CC_OK)
        status = check_query(query, load.sleep.wake_s, err);
    if (status == CC_OK)
        status = energy_battery_temperature(query->battery, query->temperature_c,
                                            &load.capacity_factor, &load.resistance_factor, err);
    if (status != CC_OK)
        return status;
    load.asleep_s = query->every_s - query->inference->latency_s - load.sleep.wake_s;
    load.self_discharge_ua = energy_battery_self_discharge_ua(query->battery, query->temperature_c);
    struct discharge d = empty_battery(&load);
    snprintf(life->battery, sizeof life->battery, "%s", query->battery->name);
    snprintf(life->scenario, sizeof life->scenario, "one inference every %g s", query->every_s);
    average_parts(&load, &d, life);
    set_days(&load, &d, life);
    set_end(&load, &d, life);
    note_current(&load, life);
    note_supply(&load, life);
    return CC_OK;
}
