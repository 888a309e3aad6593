/* What a battery is worth at a depth of discharge, a temperature, a current. */
#include "energy_battery_internal.h"

#include <math.h>

int energy_battery_is_supercapacitor(const struct energy_battery *battery)
{
    return energy_figure_present(&battery->supercapacitor.capacitance_f);
}

void energy_battery_at(const struct energy_battery *battery, double dod, double *v, double *r_ohm)
{
    const struct energy_curve_row *rows = battery->curve.rows;
    uint32_t last = battery->curve.rows_count - 1;
    uint32_t i = 1;
    while (i < last && rows[i].dod < dod)
        i++;
    double t = (dod - rows[i - 1].dod) / (rows[i].dod - rows[i - 1].dod);
    t = fmin(fmax(t, 0), 1);
    *v = battery->cells_in_series * (rows[i - 1].v + t * (rows[i].v - rows[i - 1].v));
    *r_ohm = battery->cells_in_series *
             (rows[i - 1].r_ohm + t * (rows[i].r_ohm - rows[i - 1].r_ohm)) /
             battery->cells_in_parallel;
}

enum cc_status energy_battery_temperature(const struct energy_battery *battery, double c,
                                          double *capacity, double *resistance,
                                          struct cc_error *err)
{
    const struct energy_temperature_row *rows = battery->temperature.rows;
    uint32_t last = battery->temperature.rows_count - 1;
    if (!(c >= rows[0].c && c <= rows[last].c))
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: a temperature of %g C is outside %g..%g C of this battery; give one "
                       "inside",
                       battery->name, c, rows[0].c, rows[last].c);
    uint32_t i = 1;
    while (i < last && rows[i].c < c)
        i++;
    double t = (c - rows[i - 1].c) / (rows[i].c - rows[i - 1].c);
    *capacity = rows[i - 1].capacity + t * (rows[i].capacity - rows[i - 1].capacity);
    *resistance = rows[i - 1].resistance + t * (rows[i].resistance - rows[i - 1].resistance);
    return CC_OK;
}

double energy_rates_at(const struct energy_rates *rates, double ma, double *slope)
{
    const struct energy_rate_row *rows = rates->rows;
    uint32_t last = rates->rows_count - 1;
    uint32_t i = 1;
    if (slope)
        *slope = 0;
    if (rates->rows_count < 2)
        return 1;
    if (ma <= rows[0].ma)
        return rows[0].capacity;
    while (i < last && rows[i].ma < ma)
        i++;
    double steep = log(rows[i].capacity / rows[i - 1].capacity) / log(rows[i].ma / rows[i - 1].ma);
    if (slope)
        *slope = steep;
    return rows[i].capacity * pow(ma / rows[i].ma, steep);
}

double energy_battery_rate(const struct energy_battery *battery, double average_ua)
{
    return energy_rates_at(&battery->rate, average_ua * 1e-3, NULL);
}

/* The rate doubles every so many degrees above 20 C. Below, it is held: the rule is not documented
 * there, and a cold battery must not come out better for it. */
double energy_battery_self_discharge_ua(const struct energy_battery *battery, double temperature_c)
{
    double hot = fmax(temperature_c - 20, 0) / battery->self_discharge_doubling_c.value;
    if (energy_battery_is_supercapacitor(battery))
        return battery->supercapacitor.leakage_ua.value * exp2(hot);
    double fraction_per_year = battery->self_discharge_percent_per_year.value * 0.01 * exp2(hot);
    return battery->capacity_mah.value * 1e3 * fraction_per_year / ENERGY_HOURS_PER_YEAR;
}

double energy_battery_joules(const struct energy_battery *battery)
{
    const struct energy_curve_row *rows = battery->curve.rows;
    double volt = 0;
    for (uint32_t i = 1; i < battery->curve.rows_count; i++) {
        double width = rows[i].dod - rows[i - 1].dod;
        double v0 = rows[i - 1].v * battery->cells_in_series;
        double v1 = rows[i].v * battery->cells_in_series;
        double cut = battery->cut_off_v.value;
        if (v0 >= cut && v1 < cut) { /* the curve ends inside this piece */
            width *= (v0 - cut) / (v0 - v1);
            v1 = cut;
        }
        volt += width * 0.5 * (v0 + v1);
        if (v1 <= cut)
            break;
    }
    return volt * battery->capacity_mah.value * 3.6;
}
