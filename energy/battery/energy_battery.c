/* energy/batteries/NAME.yaml: capacity, discharge curve, temperature, self-discharge, ageing, and
 * the regulator that usually stands behind such a cell. Otii profiles come in by the same door. */
#include "energy_battery_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

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

static const cyaml_schema_field_t supercapacitor_fields[] = {
    ENERGY_FIGURE("capacitance_f", REQUIRED, struct energy_supercapacitor, capacitance_f),
    ENERGY_FIGURE("rated_v", REQUIRED, struct energy_supercapacitor, rated_v),
    ENERGY_FIGURE("lowest_v", REQUIRED, struct energy_supercapacitor, lowest_v),
    ENERGY_FIGURE("esr_ohm", REQUIRED, struct energy_supercapacitor, esr_ohm),
    ENERGY_FIGURE("leakage_ua", REQUIRED, struct energy_supercapacitor, leakage_ua),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t ageing_fields[] = {
    ENERGY_FIGURE("capacity_loss_percent_per_year", REQUIRED, struct energy_ageing,
                  capacity_loss_percent_per_year),
    ENERGY_FIGURE("cycle_life_count", REQUIRED, struct energy_ageing, cycle_life_count),
    ENERGY_FIGURE("fade_percent", REQUIRED, struct energy_ageing, fade_percent),
    ENERGY_FIGURE("resistance_growth_percent", REQUIRED, struct energy_ageing,
                  resistance_growth_percent),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t kibam_fields[] = {
    ENERGY_FIGURE("c_fraction", REQUIRED, struct energy_battery_kibam, c_fraction),
    ENERGY_FIGURE("k_per_h", REQUIRED, struct energy_battery_kibam, k_per_h),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t long_pulse_fields[] = {
    ENERGY_FIGURE("duration_s", REQUIRED, struct energy_long_pulse, duration_s),
    ENERGY_FIGURE("resistance_factor", REQUIRED, struct energy_long_pulse, resistance_factor),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t passivation_fields[] = {
    ENERGY_FIGURE("resistance_factor", REQUIRED, struct energy_passivation, resistance_factor),
    ENERGY_FIGURE("after_days", REQUIRED, struct energy_passivation, after_days),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t battery_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_battery, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_battery, description, 1),
    CYAML_FIELD_UINT("cells_in_series", REQUIRED, struct energy_battery, cells_in_series),
    CYAML_FIELD_UINT("cells_in_parallel", OPTIONAL, struct energy_battery, cells_in_parallel),
    CYAML_FIELD_ENUM("rechargeable", CYAML_FLAG_STRICT | OPTIONAL, struct energy_battery,
                     rechargeable, energy_yes_no, 2),
    ENERGY_FIGURE("capacity_mah", OPTIONAL, struct energy_battery, capacity_mah),
    ENERGY_FIGURE("cut_off_v", OPTIONAL, struct energy_battery, cut_off_v),
    ENERGY_FIGURE("self_discharge_percent_per_year", OPTIONAL, struct energy_battery,
                  self_discharge_percent_per_year),
    ENERGY_FIGURE("self_discharge_doubling_c", REQUIRED, struct energy_battery,
                  self_discharge_doubling_c),
    ENERGY_FIGURE("shelf_life_years", REQUIRED, struct energy_battery, shelf_life_years),
    ENERGY_FIGURE("resistance_rsd", REQUIRED, struct energy_battery, resistance_rsd),
    ENERGY_FIGURE("max_pulse_ma", OPTIONAL, struct energy_battery, max_pulse_ma),
    CYAML_FIELD_MAPPING("supercapacitor", OPTIONAL, struct energy_battery, supercapacitor,
                        supercapacitor_fields),
    CYAML_FIELD_MAPPING("ageing", OPTIONAL, struct energy_battery, ageing, ageing_fields),
    CYAML_FIELD_MAPPING("kibam", OPTIONAL, struct energy_battery, kibam, kibam_fields),
    CYAML_FIELD_MAPPING("long_pulse", OPTIONAL, struct energy_battery, long_pulse,
                        long_pulse_fields),
    CYAML_FIELD_MAPPING("passivation", OPTIONAL, struct energy_battery, passivation,
                        passivation_fields),
    CYAML_FIELD_MAPPING("regulator", REQUIRED, struct energy_battery, regulator,
                        energy_regulator_fields),
    CYAML_FIELD_MAPPING("temperature", REQUIRED, struct energy_battery, temperature,
                        temperature_fields),
    CYAML_FIELD_MAPPING("rate", OPTIONAL, struct energy_battery, rate, rate_fields),
    CYAML_FIELD_MAPPING("pulse_derating", OPTIONAL, struct energy_battery, pulse_derating,
                        rate_fields),
    CYAML_FIELD_MAPPING("curve", OPTIONAL, struct energy_battery, curve, curve_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t battery_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_battery, battery_fields),
};

#define FIELD_COUNT (sizeof battery_fields / sizeof battery_fields[0])

/* The same file with `regulator: NAME`: that of energy/regulators, or a file. */
static enum cc_status load_named(const char *path, struct energy_battery *battery,
                                 struct cc_error *err)
{
    static const cyaml_schema_field_t named =
        CYAML_FIELD_STRING("regulator", REQUIRED, struct energy_battery, regulator_name, 1);
    cyaml_schema_field_t fields[FIELD_COUNT];
    struct energy_regulator *regulator = NULL;
    cyaml_data_t *data = NULL;
    memcpy(fields, battery_fields, sizeof fields);
    for (size_t i = 0; fields[i].key; i++) {
        if (strcmp(fields[i].key, named.key) == 0)
            fields[i] = named;
    }
    const cyaml_schema_value_t schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_battery, fields),
    };
    enum cc_status status = cc_yaml_load(path, &schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    memcpy(battery, data, sizeof *battery);
    cc_yaml_free(&schema, data);
    status = energy_regulator_load(battery->regulator_name, &regulator, err);
    if (status != CC_OK) {
        cc_prefix(err, "%s: regulator", path);
        return cc_yaml_add_line(err, path);
    }
    battery->regulator = *regulator;
    energy_regulator_free(regulator);
    return CC_OK;
}

static int is_json(const char *name_or_file)
{
    size_t n = strlen(name_or_file);
    return n > 5 && strcmp(name_or_file + n - 5, ".json") == 0;
}

/* All members lie inside the structure, so that a copy is the whole battery. */
static enum cc_status load_yaml(const char *path, struct energy_battery *battery,
                                struct cc_error *err)
{
    cyaml_data_t *data = NULL;
    struct cc_error first;
    enum cc_status status = cc_yaml_load(path, &battery_schema, &data, NULL, &first);
    if (status == CC_OK) {
        memcpy(battery, data, sizeof *battery);
        cc_yaml_free(&battery_schema, data);
        snprintf(battery->regulator.path, sizeof battery->regulator.path, "%s", path);
    } else if (strstr(first.message, ": regulator: ")) {
        status = load_named(path, battery, err);
    } else {
        *err = first;
    }
    if (status != CC_OK)
        return status;
    snprintf(battery->path, sizeof battery->path, "%s", path);
    if (battery->cells_in_parallel == 0)
        battery->cells_in_parallel = 1;
    return CC_OK;
}

static enum cc_status load(const char *name_or_file, struct energy_battery *battery,
                           struct cc_error *err)
{
    char path[sizeof battery->path];
    if (is_json(name_or_file))
        return energy_battery_load_otii(name_or_file, battery, err);
    enum cc_status status =
        cc_data_resolve("battery", "energy/batteries", name_or_file, path, sizeof path, err);
    if (status == CC_OK)
        status = load_yaml(path, battery, err);
    return status;
}

enum cc_status energy_battery_load(const char *name_or_file, struct energy_battery **battery,
                                   struct cc_error *err)
{
    *battery = NULL;
    struct energy_battery *loaded = calloc(1, sizeof *loaded);
    if (!loaded)
        return cc_no_memory(err);
    enum cc_status status = load(name_or_file, loaded, err);
    if (status == CC_OK)
        status = energy_battery_check(loaded, err);
    if (status != CC_OK) {
        status = cc_yaml_add_line(err, loaded->path);
        free(loaded);
        return status;
    }
    *battery = loaded;
    return CC_OK;
}

void energy_battery_free(struct energy_battery *battery)
{
    free(battery);
}

const char *energy_battery_name(const struct energy_battery *battery)
{
    return battery->name;
}

const char *energy_battery_description(const struct energy_battery *battery)
{
    return battery->description;
}
