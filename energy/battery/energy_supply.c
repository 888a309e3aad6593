/* A battery at a temperature behind its regulator, laid out as knots along the discharge. */
#include "energy_lifetime_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_S (ENERGY_HOURS_PER_YEAR * 3600)

/* No step between knots is wider than this in depth or in voltage. */
#define WIDEST_DOD  0.125
#define WIDEST_STEP 0.05

static double log_sd(double rsd)
{
    return sqrt(log1p(rsd * rsd));
}

static void set_unknown(struct energy_supply *s, enum energy_supply_unknown which, const char *what,
                        double sd)
{
    struct energy_unknown *u = &s->unknowns[which];
    int of_regulator = which == ENERGY_SUPPLY_QUIESCENT || which == ENERGY_SUPPLY_EFFICIENCY;
    snprintf(u->name, sizeof u->name, "%s of %.40s", what,
             of_regulator ? s->regulator : s->battery->name);
    u->log_down = u->log_up = sd;
}

/* A regulator without a name of its own is known by its kind. */
static void set_regulator(struct energy_supply *s, const struct energy_regulator *r)
{
    static const char *const kinds[] = {"", "LDO", "buck regulator", "boost regulator"};
    s->kind = r->kind;
    s->vout_v = r->vout_v.value;
    s->dropout_v = r->dropout_v.value;
    s->least_input_v = r->least_input_v.value;
    s->iq_ua = r->iq_ua.value;
    s->efficiency = r->kind > ENERGY_REGULATOR_LDO ? r->efficiency_fraction.value : 1;
    s->loss_ohm = r->loss_ohm.value;
    if (r->kind != ENERGY_REGULATOR_NONE)
        snprintf(s->regulator, sizeof s->regulator, "%s", r->name[0] ? r->name : kinds[r->kind]);
}

static void set_unknowns(struct energy_supply *s, const struct energy_regulator *r)
{
    const struct energy_battery *b = s->battery;
    const struct energy_figure *leak = energy_battery_is_supercapacitor(b)
                                           ? &b->supercapacitor.leakage_ua
                                           : &b->self_discharge_percent_per_year;
    double ageing =
        s->ageing_ua > 0 ? energy_figure_rsd(&b->ageing.capacity_loss_percent_per_year) : 0;
    double quiescent = r->kind != ENERGY_REGULATOR_NONE ? energy_figure_rsd(&r->iq_ua) : 0;
    double efficiency =
        r->kind > ENERGY_REGULATOR_LDO ? energy_figure_rsd(&r->efficiency_fraction) : 0;
    double rate = energy_figure_present(&b->kibam.k_per_h) ? energy_figure_rsd(&b->kibam.k_per_h)
                                                           : b->rate.rsd;
    set_unknown(s, ENERGY_SUPPLY_CAPACITY, "capacity", log_sd(energy_figure_rsd(&b->capacity_mah)));
    set_unknown(s, ENERGY_SUPPLY_RESISTANCE, "internal resistance",
                log_sd(b->resistance_rsd.value));
    set_unknown(s, ENERGY_SUPPLY_SELF_DISCHARGE, "self-discharge", log_sd(energy_figure_rsd(leak)));
    set_unknown(s, ENERGY_SUPPLY_AGEING, "calendar ageing", log_sd(ageing));
    set_unknown(s, ENERGY_SUPPLY_RATE, "capacity at this mean current", log_sd(rate));
    set_unknown(s, ENERGY_SUPPLY_DERATING, "capacity under these pulses",
                log_sd(b->pulse_derating.rsd));
    set_unknown(s, ENERGY_SUPPLY_QUIESCENT, "quiescent current", log_sd(quiescent));
    set_unknown(s, ENERGY_SUPPLY_EFFICIENCY, "efficiency", log_sd(efficiency));
    set_unknown(s, ENERGY_SUPPLY_SHELF_LIFE, "shelf life",
                log_sd(energy_figure_rsd(&b->shelf_life_years)));
}

/* What the load gets, and what it costs the battery. */
static void set_conversion(struct energy_supply *s, uint32_t i)
{
    double v = s->v[i];
    double passed = fmax(v - s->dropout_v, 0.01);
    int switches = 0;
    s->vdd[i] = v;
    if (s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK) {
        s->vdd[i] = fmin(s->vout_v, passed);
        switches = s->kind == ENERGY_REGULATOR_BUCK && passed >= s->vout_v;
    } else if (s->kind == ENERGY_REGULATOR_BOOST) {
        s->vdd[i] = fmax(s->vout_v, v); /* passes a higher input through */
        switches = v < s->vout_v;
    }
    s->gain[i] = switches ? s->vdd[i] / (s->efficiency * v) : 1;
    s->loss_v[i] = switches ? v : 0;
    s->log_vdd[i] = log(s->vdd[i]);
}

struct maker {
    struct energy_supply *s;
    double series, resistance, leak_ua; /* leak_ua: at the first knot's voltage */
};

static void add_knot(struct maker *m, double dod, double v_cell, double r_cell)
{
    struct energy_supply *s = m->s;
    if (s->count >= ENERGY_MAX_KNOTS)
        return;
    uint32_t i = s->count++;
    s->dod[i] = dod;
    s->v[i] = v_cell * m->series;
    s->r_ohm[i] = r_cell * m->resistance;
    s->leak_ua[i] = m->leak_ua;
    if (energy_battery_is_supercapacitor(s->battery))
        s->leak_ua[i] *= s->v[i] / s->v[0];
    set_conversion(s, i);
}

/* Rows of the curve, wide steps divided, down to the cut-off. The reserve keeps room for what is
 * still to come: division never drops a row. */
static void lay_knots(struct maker *m, double cut_cell_v)
{
    const struct energy_curve *c = &m->s->battery->curve;
    add_knot(m, c->rows[0].dod, c->rows[0].v, c->rows[0].r_ohm);
    for (uint32_t i = 1; i < c->rows_count; i++) {
        const struct energy_curve_row *a = &c->rows[i - 1], *b = &c->rows[i];
        double to = 1;
        if (b->v < cut_cell_v) /* a->v is not */
            to = fmin(fmax((a->v - cut_cell_v) / (a->v - b->v), 1e-9), 1);
        double steps = fmax((b->dod - a->dod) / WIDEST_DOD, fabs(a->v - b->v) / b->v / WIDEST_STEP);
        uint32_t room = ENERGY_MAX_KNOTS - m->s->count - (c->rows_count - i);
        uint32_t n = (uint32_t)fmin(fmax(ceil(steps), 1), fmin(16, room + 1));
        for (uint32_t k = 1; k <= n; k++) {
            double t = to * k / n;
            add_knot(m, a->dod + t * (b->dod - a->dod), a->v + t * (b->v - a->v),
                     a->r_ohm + t * (b->r_ohm - a->r_ohm));
        }
        if (to < 1)
            return;
    }
}

static enum cc_status check_buffer(const struct energy_buffer *buffer, struct cc_error *err)
{
    const struct {
        const char *name;
        double value, max;
    } limits[] = {{"capacitance (uF)", buffer->effective_uf, 1e9},
                  {"series resistance (ohm)", buffer->esr_ohm, 1e5},
                  {"leakage (uA)", buffer->leakage_ua, 1e6}};
    for (size_t i = 0; i < 3; i++)
        if (!(limits[i].value >= 0 && limits[i].value <= limits[i].max))
            return cc_fail(err, CC_ERR_USAGE,
                           "buffer capacitor: a %s of %g is not between 0 and %g; give another",
                           limits[i].name, limits[i].value, limits[i].max);
    return CC_OK;
}

static enum cc_status check_config(const struct energy_supply_config *c,
                                   const struct energy_regulator *r, struct cc_error *err)
{
    const struct energy_battery *b = c->battery;
    if (c->series > 100 || c->parallel > 1000)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: %u x %u cells; give at most 100 in series and 1000 "
                       "in parallel",
                       b->name, (unsigned)c->series, (unsigned)c->parallel);
    double cells = c->series ? c->series : b->cells_in_series;
    double fresh_v = b->curve.rows[0].v * cells;
    if (energy_figure_present(&r->most_input_v) && fresh_v > r->most_input_v.value)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s gives %.3g V, more than the %.3g V the regulator %s takes; choose "
                       "another",
                       b->name, fresh_v, r->most_input_v.value, r->name);
    return check_buffer(&c->buffer, err);
}

static void set_extremes(struct energy_supply *s)
{
    s->least_v = s->v[0];
    for (uint32_t i = 0; i < s->count; i++) {
        s->least_v = fmin(s->least_v, s->v[i]);
        s->most_ohm = fmax(s->most_ohm, s->r_ohm[i]);
    }
}

static enum cc_status prepare(const struct energy_supply_config *c, struct energy_supply *s,
                              struct cc_error *err)
{
    const struct energy_battery *b = c->battery;
    const struct energy_regulator *r = c->regulator ? c->regulator : &b->regulator;
    double capacity, resistance;
    enum cc_status status =
        energy_battery_temperature(b, c->temperature_c, &capacity, &resistance, err);
    if (status == CC_OK)
        status = check_config(c, r, err);
    if (status != CC_OK)
        return status;
    double series = c->series ? c->series : b->cells_in_series;
    double parallel = c->parallel ? c->parallel : b->cells_in_parallel;
    double wider = parallel / b->cells_in_parallel;
    s->battery = b;
    s->buffer = c->buffer;
    set_regulator(s, r);
    s->current_scale = wider;
    s->charge_uc = b->capacity_mah.value * wider * capacity * ENERGY_UC_PER_MAH;
    s->shelf_s = b->shelf_life_years.value * YEAR_S;
    s->ageing_ua = b->capacity_mah.value * 1e3 * wider *
                   b->ageing.capacity_loss_percent_per_year.value * 0.01 / ENERGY_HOURS_PER_YEAR;
    struct maker maker = {.s = s,
                          .series = series,
                          .resistance = resistance * series / parallel,
                          .leak_ua = wider * energy_battery_self_discharge_ua(b, c->temperature_c)};
    lay_knots(&maker, b->cut_off_v.value / b->cells_in_series);
    s->fresh_ohm = s->r_ohm[0];
    set_extremes(s);
    set_unknowns(s, r);
    return CC_OK;
}

enum cc_status energy_supply_new(const struct energy_supply_config *config,
                                 struct energy_supply **supply, struct cc_error *err)
{
    *supply = NULL;
    struct energy_supply *s = calloc(1, sizeof *s);
    if (!s)
        return cc_no_memory(err);
    enum cc_status status = prepare(config, s, err);
    if (status != CC_OK) {
        free(s);
        return status;
    }
    *supply = s;
    return CC_OK;
}

void energy_supply_free(struct energy_supply *supply)
{
    free(supply);
}
