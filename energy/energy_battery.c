/* energy/batteries/NAME.yaml: capacity, discharge curve, temperature, self-discharge, and the
 * regulator that usually stands behind such a cell. */
#include "energy_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

#define HOURS_PER_YEAR 8766.0

static const cyaml_schema_field_t curve_row_fields[] = {
    CYAML_FIELD_FLOAT("dod", REQUIRED, struct energy_curve_row, dod),
    CYAML_FIELD_FLOAT("v", REQUIRED, struct energy_curve_row, v),
    CYAML_FIELD_FLOAT("r_ohm", REQUIRED, struct energy_curve_row, r_ohm),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t curve_row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_curve_row, curve_row_fields),
};

static const cyaml_schema_field_t curve_fields[] = {
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_curve, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_curve, verified, energy_yes_no,
                     2),
    CYAML_FIELD_FLOAT("pulse_ma", OPTIONAL, struct energy_curve, pulse_ma),
    CYAML_FIELD_FLOAT("pulse_ms", OPTIONAL, struct energy_curve, pulse_ms),
    CYAML_FIELD_SEQUENCE("rows", REQUIRED, struct energy_curve, rows, &curve_row_schema, 2,
                         ENERGY_MAX_CURVE),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t temperature_row_fields[] = {
    CYAML_FIELD_FLOAT("c", REQUIRED, struct energy_temperature_row, c),
    CYAML_FIELD_FLOAT("capacity", REQUIRED, struct energy_temperature_row, capacity),
    CYAML_FIELD_FLOAT("resistance", REQUIRED, struct energy_temperature_row, resistance),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t temperature_row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_temperature_row, temperature_row_fields),
};

static const cyaml_schema_field_t temperature_fields[] = {
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_temperatures, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_temperatures, verified,
                     energy_yes_no, 2),
    CYAML_FIELD_SEQUENCE("rows", REQUIRED, struct energy_temperatures, rows,
                         &temperature_row_schema, 2, ENERGY_MAX_TEMPERATURES),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t rate_row_fields[] = {
    CYAML_FIELD_FLOAT("ma", REQUIRED, struct energy_rate_row, ma),
    CYAML_FIELD_FLOAT("capacity", REQUIRED, struct energy_rate_row, capacity),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t rate_row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_rate_row, rate_row_fields),
};

static const cyaml_schema_field_t rate_fields[] = {
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_rates, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_rates, verified, energy_yes_no,
                     2),
    CYAML_FIELD_FLOAT("rsd", REQUIRED, struct energy_rates, rsd),
    CYAML_FIELD_SEQUENCE("rows", REQUIRED, struct energy_rates, rows, &rate_row_schema, 2,
                         ENERGY_MAX_RATES),
    CYAML_FIELD_END,
};

static const cyaml_strval_t regulator_names[] = {{"none", ENERGY_REGULATOR_NONE},
                                                 {"ldo", ENERGY_REGULATOR_LDO}};

static const cyaml_schema_field_t regulator_fields[] = {
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct energy_regulator, kind, regulator_names, 2),
    CYAML_FIELD_STRING("name", OPTIONAL, struct energy_regulator, name, 1),
    ENERGY_FIGURE("vout_v", OPTIONAL, struct energy_regulator, vout_v),
    ENERGY_FIGURE("iq_ua", OPTIONAL, struct energy_regulator, iq_ua),
    ENERGY_FIGURE("dropout_v", OPTIONAL, struct energy_regulator, dropout_v),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t battery_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_battery, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_battery, description, 1),
    CYAML_FIELD_UINT("cells_in_series", REQUIRED, struct energy_battery, cells_in_series),
    ENERGY_FIGURE("capacity_mah", REQUIRED, struct energy_battery, capacity_mah),
    ENERGY_FIGURE("cut_off_v", REQUIRED, struct energy_battery, cut_off_v),
    ENERGY_FIGURE("self_discharge_percent_per_year", REQUIRED, struct energy_battery,
                  self_discharge_percent_per_year),
    ENERGY_FIGURE("self_discharge_doubling_c", REQUIRED, struct energy_battery,
                  self_discharge_doubling_c),
    ENERGY_FIGURE("shelf_life_years", REQUIRED, struct energy_battery, shelf_life_years),
    ENERGY_FIGURE("resistance_rsd", REQUIRED, struct energy_battery, resistance_rsd),
    ENERGY_FIGURE("max_pulse_ma", OPTIONAL, struct energy_battery, max_pulse_ma),
    CYAML_FIELD_MAPPING("regulator", REQUIRED, struct energy_battery, regulator, regulator_fields),
    CYAML_FIELD_MAPPING("temperature", REQUIRED, struct energy_battery, temperature,
                        temperature_fields),
    CYAML_FIELD_MAPPING("rate", REQUIRED, struct energy_battery, rate, rate_fields),
    CYAML_FIELD_MAPPING("curve", REQUIRED, struct energy_battery, curve, curve_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t battery_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_battery, battery_fields),
};

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
static enum cc_status check_rate(const struct energy_battery *b, struct cc_error *err)
{
    const struct energy_rate_row *rows = b->rate.rows;
    char key[64];
    enum cc_status status = energy_number_check(b->rate.rsd, 0, 2, b->path, "rate.rsd", err);
    for (uint32_t i = 0; status == CC_OK && i < b->rate.rows_count; i++) {
        double lowest = i ? nextafter(rows[i - 1].ma, 1e7) : 1e-6;
        snprintf(key, sizeof key, "rate.rows[%u].ma", (unsigned)i);
        status = energy_number_check(rows[i].ma, lowest, 1e6, b->path, key, err);
        snprintf(key, sizeof key, "rate.rows[%u].capacity", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(rows[i].capacity, i ? 0.001 : 1,
                                         i ? rows[i - 1].capacity : 1, b->path, key, err);
    }
    return status;
}

static enum cc_status check_regulator(const struct energy_battery *b, struct cc_error *err)
{
    const struct energy_regulator *r = &b->regulator;
    int has_vout = energy_figure_present(&r->vout_v);
    int has_iq = energy_figure_present(&r->iq_ua);
    int has_dropout = energy_figure_present(&r->dropout_v);
    if (r->kind == ENERGY_REGULATOR_LDO && !(has_vout && has_iq && has_dropout))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regulator.%s: missing; an ldo needs vout_v, iq_ua and dropout_v",
                       b->path, !has_vout ? "vout_v" : (!has_iq ? "iq_ua" : "dropout_v"));
    if (r->kind == ENERGY_REGULATOR_NONE && (has_vout || has_iq || has_dropout))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regulator.%s: has no meaning with kind none; remove it or set kind ldo",
                       b->path, has_vout ? "vout_v" : (has_iq ? "iq_ua" : "dropout_v"));
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
        {&b->regulator.vout_v, "regulator.vout_v", 0.5, 60},
        {&b->regulator.iq_ua, "regulator.iq_ua", 0, 1e6},
        {&b->regulator.dropout_v, "regulator.dropout_v", 0, 10},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        enum cc_status status = energy_figure_check(limits[i].figure, limits[i].min, limits[i].max,
                                                    b->path, limits[i].key, err);
        if (status != CC_OK)
            return status;
    }
    return energy_number_check(b->cells_in_series, 1, 20, b->path, "cells_in_series", err);
}

static enum cc_status check_battery(const struct energy_battery *b, struct cc_error *err)
{
    enum cc_status status = check_figures(b, err);
    if (status == CC_OK)
        status = check_regulator(b, err);
    if (status == CC_OK)
        status = check_temperature(b, err);
    if (status == CC_OK)
        status = check_rate(b, err);
    if (status == CC_OK)
        status = check_curve(b, err);
    return status;
}

enum cc_status energy_battery_load(const char *name_or_file, struct energy_battery **battery,
                                   struct cc_error *err)
{
    char path[sizeof(*battery)->path];
    cyaml_data_t *data = NULL;
    *battery = NULL;
    enum cc_status status =
        cc_data_resolve("battery", "energy/batteries", name_or_file, path, sizeof path, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_load(path, &battery_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_battery *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    status = check_battery(loaded, err);
    if (status != CC_OK) {
        energy_battery_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *battery = loaded;
    return CC_OK;
}

void energy_battery_free(struct energy_battery *battery)
{
    cc_yaml_free(&battery_schema, battery);
}

const char *energy_battery_name(const struct energy_battery *battery)
{
    return battery->name;
}

const char *energy_battery_description(const struct energy_battery *battery)
{
    return battery->description;
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
    *r_ohm =
        battery->cells_in_series * (rows[i - 1].r_ohm + t * (rows[i].r_ohm - rows[i - 1].r_ohm));
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

double energy_battery_rate(const struct energy_battery *battery, double average_ua)
{
    const struct energy_rate_row *rows = battery->rate.rows;
    uint32_t last = battery->rate.rows_count - 1;
    double ma = average_ua * 1e-3;
    uint32_t i = 1;
    if (ma <= rows[0].ma)
        return rows[0].capacity;
    while (i < last && rows[i].ma < ma)
        i++;
    double slope = log(rows[i].capacity / rows[i - 1].capacity) / log(rows[i].ma / rows[i - 1].ma);
    return rows[i].capacity * pow(ma / rows[i].ma, slope);
}

/* The rate doubles every so many degrees above 20 C. Below, it is held: the rule is not documented
 * there, and a cold battery must not come out better for it. */
double energy_battery_self_discharge_ua(const struct energy_battery *battery, double temperature_c)
{
    double hot = fmax(temperature_c - 20, 0) / battery->self_discharge_doubling_c.value;
    double fraction_per_year = battery->self_discharge_percent_per_year.value * 0.01 * exp2(hot);
    return battery->capacity_mah.value * 1e3 * fraction_per_year / HOURS_PER_YEAR;
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
