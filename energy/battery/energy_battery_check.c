/* Is what a battery's file says possible? */
#include "energy_battery_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum cc_status check_curve(const struct energy_battery *b, struct cc_error *err)
{
    const struct energy_curve_row *rows = b->curve.rows;
    uint32_t last = b->curve.rows_count - 1;
    char key[64];
    for (uint32_t i = 0; i <= last; i++) {
        double lowest = i ? nextafter(rows[i - 1].dod, 2) : 0;
        double highest = i ? 1 : 0;
        snprintf(key, sizeof key, "curve.rows[%u].dod", (unsigned)i);
        enum cc_status status =
            energy_number_check(rows[i].dod, i == last ? 1 : lowest, highest, b->path, key, err);
        snprintf(key, sizeof key, "curve.rows[%u].v", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].v, 0.1, 60, b->path, key, err);
        snprintf(key, sizeof key, "curve.rows[%u].r_ohm", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].r_ohm, 0, 1e5, b->path, key, err);
        if (status != CC_OK)
            return status;
    }
    enum cc_status status =
        energy_number_check(b->curve.pulse_ma, 0, 1e6, b->path, "curve.pulse_ma", err);
    if (status == CC_OK)
        status = energy_number_check(b->curve.pulse_ms, 0, 1e6, b->path, "curve.pulse_ms", err);
    if (status != CC_OK)
        return status;
    double fresh_v = b->cells_in_series * rows[0].v;
    if (b->cut_off_v.value >= fresh_v)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: cut_off_v: %g V are not below the %g V of the full pack; correct it "
                       "(it is for the whole pack)",
                       b->path, b->cut_off_v.value, fresh_v);
    return CC_OK;
}

static enum cc_status check_temperature(const struct energy_battery *b, struct cc_error *err)
{
    const struct energy_temperature_row *rows = b->temperature.rows;
    char key[64];
    for (uint32_t i = 0; i < b->temperature.rows_count; i++) {
        double lowest = i ? nextafter(rows[i - 1].c, 1000) : -100;
        snprintf(key, sizeof key, "temperature.rows[%u].c", (unsigned)i);
        enum cc_status status = energy_number_check(rows[i].c, lowest, 200, b->path, key, err);
        snprintf(key, sizeof key, "temperature.rows[%u].capacity", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].capacity, 0.001, 2, b->path, key, err);
        snprintf(key, sizeof key, "temperature.rows[%u].resistance", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].resistance, 0, 1000, b->path, key, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

/* Factors fall with the current, so that a larger load never lives longer for it. */
static enum cc_status check_rates(const struct energy_battery *b, const struct energy_rates *rates,
                                  const char *name, struct cc_error *err)
{
    const struct energy_rate_row *rows = rates->rows;
    char key[64];
    snprintf(key, sizeof key, "%s.rsd", name);
    enum cc_status status = energy_number_check(rates->rsd, 0, 2, b->path, key, err);
    for (uint32_t i = 0; status == CC_OK && i < rates->rows_count; i++) {
        double lowest = i ? nextafter(rows[i - 1].ma, 1e7) : 1e-6;
        snprintf(key, sizeof key, "%s.rows[%u].ma", name, (unsigned)i);
        status = energy_number_check(rows[i].ma, lowest, 1e6, b->path, key, err);
        snprintf(key, sizeof key, "%s.rows[%u].capacity", name, (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].capacity, i ? 0.001 : 1,
                                         i ? rows[i - 1].capacity : 1, b->path, key, err);
    }
    return status;
}

/* What only one of the two kinds has. */
static enum cc_status check_kind(const struct energy_battery *b, struct cc_error *err)
{
    int is_capacitor = energy_battery_is_supercapacitor(b);
    const struct {
        const char *key;
        int there;
    } of_cells[] = {
        {"capacity_mah", energy_figure_present(&b->capacity_mah)},
        {"cut_off_v", energy_figure_present(&b->cut_off_v)},
        {"self_discharge_percent_per_year",
         energy_figure_present(&b->self_discharge_percent_per_year)},
        {"rate", b->rate.rows_count > 0},
        {"curve", b->curve.rows_count > 0},
    };
    for (size_t i = 0; i < sizeof of_cells / sizeof of_cells[0]; i++) {
        if (is_capacitor && of_cells[i].there)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %s: has no meaning with supercapacitor; remove one of them",
                           b->path, of_cells[i].key);
        if (!is_capacitor && !of_cells[i].there)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %s: missing; every battery but a supercapacitor needs it", b->path,
                           of_cells[i].key);
    }
    if (is_capacitor && b->supercapacitor.lowest_v.value >= b->supercapacitor.rated_v.value)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: supercapacitor.lowest_v: %g V are not below rated_v, %g V; correct it",
                       b->path, b->supercapacitor.lowest_v.value, b->supercapacitor.rated_v.value);
    return CC_OK;
}

static enum cc_status check_figures(const struct energy_battery *b, struct cc_error *err)
{
    const struct {
        const struct energy_figure *figure;
        const char *key;
        double min, max;
    } limits[] = {
        {&b->capacity_mah, "capacity_mah", 1e-3, 1e6},
        {&b->cut_off_v, "cut_off_v", 0, 60},
        {&b->self_discharge_percent_per_year, "self_discharge_percent_per_year", 0, 1e4},
        {&b->self_discharge_doubling_c, "self_discharge_doubling_c", 1, 1000},
        {&b->shelf_life_years, "shelf_life_years", 0.01, 100},
        {&b->resistance_rsd, "resistance_rsd", 0, 2},
        {&b->max_pulse_ma, "max_pulse_ma", 1e-3, 1e6},
        {&b->supercapacitor.capacitance_f, "supercapacitor.capacitance_f", 1e-6, 1e5},
        {&b->supercapacitor.rated_v, "supercapacitor.rated_v", 0.2, 60},
        {&b->supercapacitor.lowest_v, "supercapacitor.lowest_v", 0.1, 60},
        {&b->supercapacitor.esr_ohm, "supercapacitor.esr_ohm", 0, 1e5},
        {&b->supercapacitor.leakage_ua, "supercapacitor.leakage_ua", 0, 1e6},
        {&b->ageing.capacity_loss_percent_per_year, "ageing.capacity_loss_percent_per_year", 0,
         100},
        {&b->ageing.cycle_life_count, "ageing.cycle_life_count", 1, 1e9},
        {&b->ageing.fade_percent, "ageing.fade_percent", 0.1, 99},
        {&b->ageing.resistance_growth_percent, "ageing.resistance_growth_percent", 0, 1e4},
        {&b->kibam.c_fraction, "kibam.c_fraction", 0.001, 0.999},
        {&b->kibam.k_per_h, "kibam.k_per_h", 1e-6, 1e6},
        {&b->long_pulse.duration_s, "long_pulse.duration_s", 1e-3, 1e4},
        {&b->long_pulse.resistance_factor, "long_pulse.resistance_factor", 1, 100},
        {&b->passivation.resistance_factor, "passivation.resistance_factor", 0, 1e4},
        {&b->passivation.after_days, "passivation.after_days", 0.01, 1e5},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        enum cc_status status = energy_figure_check(limits[i].figure, limits[i].min, limits[i].max,
                                                    b->path, limits[i].key, err);
        if (status != CC_OK)
            return status;
    }
    enum cc_status status =
        energy_number_check(b->cells_in_series, 1, 20, b->path, "cells_in_series", err);
    if (status == CC_OK)
        status =
            energy_number_check(b->cells_in_parallel, 1, 100, b->path, "cells_in_parallel", err);
    return status;
}

/* Q = C V: a straight line from rated_v to lowest_v. */
static void become_curve(struct energy_battery *b)
{
    const struct energy_supercapacitor *s = &b->supercapacitor;
    double cells = b->cells_in_series;
    b->capacity_mah = s->capacitance_f;
    b->capacity_mah.value =
        s->capacitance_f.value * (s->rated_v.value - s->lowest_v.value) * 1e6 / ENERGY_UC_PER_MAH;
    b->cut_off_v = s->lowest_v;
    b->curve.verified = s->capacitance_f.verified;
    memcpy(b->curve.source, s->capacitance_f.source, sizeof b->curve.source);
    b->curve.rows_count = 2;
    b->curve.rows[0] = (struct energy_curve_row){
        .dod = 0, .v = s->rated_v.value / cells, .r_ohm = s->esr_ohm.value / cells};
    b->curve.rows[1] = (struct energy_curve_row){
        .dod = 1, .v = s->lowest_v.value / cells, .r_ohm = s->esr_ohm.value / cells};
    b->rechargeable = 1;
}

enum cc_status energy_battery_check(struct energy_battery *battery, struct cc_error *err)
{
    struct energy_battery *b = battery;
    enum cc_status status = check_figures(b, err);
    if (status == CC_OK)
        status = check_kind(b, err);
    if (status == CC_OK)
        status = energy_regulator_check(&b->regulator, b->path, "regulator.", err);
    if (status == CC_OK)
        status = check_temperature(b, err);
    if (status == CC_OK)
        status = check_rates(b, &b->pulse_derating, "pulse_derating", err);
    if (status != CC_OK)
        return status;
    if (energy_battery_is_supercapacitor(b)) {
        become_curve(b);
        return CC_OK;
    }
    status = check_rates(b, &b->rate, "rate", err);
    if (status == CC_OK)
        status = check_curve(b, err);
    return status;
}
