/* How long a battery feeds one inference per period.
 *
 * The cell is emptied in small steps of charge along its discharge curve. At each step the average
 * current of a period is taken at that voltage: behind an LDO, or straight on a chip with an LDO
 * inside, it does not change (the charge model); on a chip with a switching regulator it rises as
 * the voltage falls (the energy model). Both are the same integral here, only the chip's supply law
 * differs. The end is the first moment at which the cell cannot serve the load: charge used up, or
 * the voltage under the inference current (open circuit minus I x R) below what the chip needs. */
#include "energy_internal.h"

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

/* Everything that stays the same along the discharge. */
struct load {
    const struct energy_chip *chip;
    const struct energy_battery *battery;
    const struct energy_result *inference;
    double every_s, asleep_s;
    double temperature_c;
    double capacity_factor, resistance_factor;
    double self_discharge_ua;
    double inference_factor; /* 1, or more to see how the life follows */
};

/* The battery side at one depth of discharge. */
struct moment {
    double uw[ENERGY_LIFE_PART_COUNT];
    double total_ua;
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
    return load->inference->total_uj.p50 * load->inference_factor *
           energy_chip_vdd_factor(load->chip, load->inference->vdd_v, vdd_v);
}

/* Enough voltage left while an inference runs? */
static int can_serve(const struct load *load, double v, double r_ohm)
{
    double vdd_v = chip_supply(load, v);
    double least_v = load->chip->vdd_min_v.value;
    if (v < load->battery->cut_off_v.value || vdd_v < least_v)
        return 0;
    double run_a = inference_uj(load, vdd_v) * 1e-6 / load->inference->latency_s / vdd_v;
    return chip_supply(load, v - run_a * r_ohm * load->resistance_factor) >= least_v;
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
    m.uw[ENERGY_LIFE_SLEEP] = energy_chip_sleep_uw(load->chip, vdd_v, load->temperature_c) *
                              load->asleep_s / load->every_s;
    m.uw[ENERGY_LIFE_WAKE] = energy_chip_wake_uj(load->chip, vdd_v) / load->every_s;
    double chip_ua =
        (m.uw[ENERGY_LIFE_INFERENCE] + m.uw[ENERGY_LIFE_SLEEP] + m.uw[ENERGY_LIFE_WAKE]) / vdd_v;
    double iq_ua = has_ldo(load) ? load->battery->regulator.iq_ua.value : 0;
    m.uw[ENERGY_LIFE_REGULATOR] = (v - vdd_v) * chip_ua + v * iq_ua;
    m.uw[ENERGY_LIFE_SELF_DISCHARGE] = v * load->self_discharge_ua;
    m.total_ua = chip_ua + iq_ua + load->self_discharge_ua;
    return m;
}

static struct discharge empty_battery(const struct load *load)
{
    struct discharge d = {.life_s = 0};
    double step_uc = load->battery->capacity_mah.value * load->capacity_factor * 3.6e6 /
                     STEPS; /* microcoulomb */
    for (int i = 0; i < STEPS; i++) {
        struct moment m = look_at(load, (i + 0.5) / STEPS);
        if (!m.served) {
            d.left_over = 1 - (double)i / STEPS;
            break;
        }
        double dt = step_uc / m.total_ua;
        d.life_s += dt;
        for (int p = 0; p < ENERGY_LIFE_PART_COUNT; p++)
            d.uj[p] += m.uw[p] * dt;
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

/* Relative change of the life when the load is changed by one standard deviation. Where the life
 * ends by brown-out this is more than the share of the part in the load. */
static double life_change(const struct load *changed, double life_s)
{
    double other_s = empty_battery(changed).life_s;
    return other_s > 0 ? fmin(log(life_s / other_s), 1) : 1;
}

/* Errors of the inference energy, of the cell's resistance, of the other parts of the load
 * (weighted by their share, since life is capacity over load) and of the capacity are taken as
 * independent of each other. */
static double life_rsd(const struct load *load, const struct discharge *d,
                       const struct energy_life *life)
{
    const struct energy_battery *b = load->battery;
    const double rsd[ENERGY_LIFE_PART_COUNT] = {
        [ENERGY_LIFE_SLEEP] = energy_chip_sleep_rsd(load->chip),
        [ENERGY_LIFE_WAKE] = energy_chip_wake_rsd(load->chip),
        [ENERGY_LIFE_SELF_DISCHARGE] = energy_figure_rsd(&b->self_discharge_percent_per_year),
        [ENERGY_LIFE_REGULATOR] = has_ldo(load) ? energy_figure_rsd(&b->regulator.iq_ua) : 0,
    };
    double capacity_rsd = energy_figure_rsd(&b->capacity_mah);
    double variance = capacity_rsd * capacity_rsd;
    if (d->life_s <= 0)
        return 0;
    for (int p = 0; p < ENERGY_LIFE_PART_COUNT; p++) {
        double share = life->parts_uw[p] / life->average_uw;
        variance += share * share * rsd[p] * rsd[p];
    }
    struct load hungrier = *load, weaker = *load;
    hungrier.inference_factor = 1 + load->inference->total_rsd;
    weaker.resistance_factor *= 1 + b->resistance_rsd.value;
    double by_inference = life_change(&hungrier, d->life_s);
    double by_resistance = life_change(&weaker, d->life_s);
    return sqrt(variance + by_inference * by_inference + by_resistance * by_resistance);
}

static void set_days(const struct load *load, const struct discharge *d, struct energy_life *life)
{
    double shelf_days = load->battery->shelf_life_years.value * DAYS_PER_YEAR;
    double days = d->life_s / DAY_S;
    struct energy_interval all = energy_interval_lognormal(days, life_rsd(load, d, life));
    life->days.p10 = fmin(all.p10, shelf_days);
    life->days.p50 = fmin(all.p50, shelf_days);
    life->days.p90 = fmin(all.p90, shelf_days);
    snprintf(life->limited_by, sizeof life->limited_by, "%s",
             days >= shelf_days ? "shelf life"
                                : (d->left_over > LEFT_OVER ? "brown-out" : "charge"));
}

static enum cc_status check_query(const struct energy_life_query *q, struct cc_error *err)
{
    double busy_s = q->inference->latency_s + energy_chip_wake_s(q->chip);
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
                       busy_s * 1e3, energy_chip_wake_s(q->chip) * 1e3, q->every_s);
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
        .inference_factor = 1,
    };
    enum cc_status status = check_query(query, err);
    if (status == CC_OK)
        status = energy_battery_temperature(query->battery, query->temperature_c,
                                            &load.capacity_factor, &load.resistance_factor, err);
    if (status != CC_OK)
        return status;
    load.asleep_s = query->every_s - query->inference->latency_s - energy_chip_wake_s(query->chip);
    load.self_discharge_ua = energy_battery_self_discharge_ua(query->battery, query->temperature_c);
    struct discharge d = empty_battery(&load);
    snprintf(life->battery, sizeof life->battery, "%s", query->battery->name);
    snprintf(life->scenario, sizeof life->scenario, "one inference every %g s", query->every_s);
    average_parts(&load, &d, life);
    set_days(&load, &d, life);
    return CC_OK;
}
