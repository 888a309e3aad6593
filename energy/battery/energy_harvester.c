/* energy/harvesters/NAME.yaml and energy/harvesters/converters/NAME.yaml: loading, limits, laws. */
#include "energy_harvester.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

const char *const energy_harvest_level_keys[ENERGY_HARVEST_LEVELS] = {
    "level_lux", "level_k", "level_g", "level_uw_per_cm2", "level_m", "level_presses_per_h"};

#define DISTANCE 4

static const char *const units[ENERGY_HARVEST_LEVELS] = {"lux",    "K", "g",
                                                         "uW/cm2", "m", "presses/h"};

static const cyaml_schema_field_t step_fields[] = {
    CYAML_FIELD_FLOAT("above_uw", REQUIRED, struct energy_converter_step, above_uw),
    CYAML_FIELD_FLOAT("efficiency_fraction", REQUIRED, struct energy_converter_step,
                      efficiency_fraction),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t step_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_converter_step, step_fields),
};

static const cyaml_schema_field_t steps_fields[] = {
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_converter_steps, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_converter_steps, verified,
                     energy_yes_no, 2),
    CYAML_FIELD_FLOAT("rsd", REQUIRED, struct energy_converter_steps, rsd),
    CYAML_FIELD_SEQUENCE("rows", REQUIRED, struct energy_converter_steps, rows, &step_schema, 1,
                         ENERGY_CONVERTER_STEPS),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t converter_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_converter, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_converter, description, 1),
    ENERGY_FIGURE("cold_start_v", OPTIONAL, struct energy_converter, cold_start_v),
    ENERGY_FIGURE("cold_start_uw", OPTIONAL, struct energy_converter, cold_start_uw),
    ENERGY_FIGURE("running_v", OPTIONAL, struct energy_converter, running_v),
    ENERGY_FIGURE("most_input_mw", OPTIONAL, struct energy_converter, most_input_mw),
    ENERGY_FIGURE("iq_ua", REQUIRED, struct energy_converter, iq_ua),
    CYAML_FIELD_MAPPING("efficiency", REQUIRED, struct energy_converter, efficiency, steps_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t converter_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_converter, converter_fields),
};

static const cyaml_schema_field_t row_fields[] = {
    CYAML_FIELD_FLOAT("level_lux", OPTIONAL, struct energy_harvest_row, level[0]),
    CYAML_FIELD_FLOAT("level_k", OPTIONAL, struct energy_harvest_row, level[1]),
    CYAML_FIELD_FLOAT("level_g", OPTIONAL, struct energy_harvest_row, level[2]),
    CYAML_FIELD_FLOAT("level_uw_per_cm2", OPTIONAL, struct energy_harvest_row, level[3]),
    CYAML_FIELD_FLOAT("level_m", OPTIONAL, struct energy_harvest_row, level[4]),
    CYAML_FIELD_FLOAT("level_presses_per_h", OPTIONAL, struct energy_harvest_row, level[5]),
    CYAML_FIELD_FLOAT("uw_per_cm2", OPTIONAL, struct energy_harvest_row, uw_per_cm2),
    CYAML_FIELD_FLOAT("uw_per_cm3", OPTIONAL, struct energy_harvest_row, uw_per_cm3),
    CYAML_FIELD_FLOAT("uw", OPTIONAL, struct energy_harvest_row, uw),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_harvest_row, row_fields),
};

static const cyaml_schema_field_t law_fields[] = {
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_harvest_law, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_harvest_law, verified,
                     energy_yes_no, 2),
    CYAML_FIELD_FLOAT("rsd", REQUIRED, struct energy_harvest_law, rsd),
    CYAML_FIELD_FLOAT("level_exponent", REQUIRED, struct energy_harvest_law, exponent),
    CYAML_FIELD_SEQUENCE("rows", REQUIRED, struct energy_harvest_law, rows, &row_schema, 1,
                         ENERGY_HARVEST_ROWS),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t harvester_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_harvester, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_harvester, description, 1),
    CYAML_FIELD_STRING("converter", REQUIRED, struct energy_harvester, converter_name, 1),
    ENERGY_FIGURE("level_lux", OPTIONAL, struct energy_harvester, levels[0]),
    ENERGY_FIGURE("level_k", OPTIONAL, struct energy_harvester, levels[1]),
    ENERGY_FIGURE("level_g", OPTIONAL, struct energy_harvester, levels[2]),
    ENERGY_FIGURE("level_uw_per_cm2", OPTIONAL, struct energy_harvester, levels[3]),
    ENERGY_FIGURE("level_m", OPTIONAL, struct energy_harvester, levels[4]),
    ENERGY_FIGURE("level_presses_per_h", OPTIONAL, struct energy_harvester, levels[5]),
    ENERGY_FIGURE("hours_per_day_h", REQUIRED, struct energy_harvester, hours_per_day_h),
    ENERGY_FIGURE("area_cm2", OPTIONAL, struct energy_harvester, area_cm2),
    ENERGY_FIGURE("volume_cm3", OPTIONAL, struct energy_harvester, volume_cm3),
    ENERGY_FIGURE("operating_v", OPTIONAL, struct energy_harvester, operating_v),
    CYAML_FIELD_MAPPING("law", REQUIRED, struct energy_harvester, law, law_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t harvester_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_harvester, harvester_fields),
};

/* A figure to be checked. */
struct limit {
    const struct energy_figure *figure;
    const char *key;
    double min, max;
};

static enum cc_status check_limits(const struct limit *limits, size_t count, const char *path,
                                   struct cc_error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum cc_status status = energy_figure_check(limits[i].figure, limits[i].min, limits[i].max,
                                                    path, limits[i].key, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status check_converter(const struct energy_converter *c, struct cc_error *err)
{
    const struct limit limits[] = {
        {&c->cold_start_v, "cold_start_v", 0, 60},
        {&c->cold_start_uw, "cold_start_uw", 0, 1e6},
        {&c->running_v, "running_v", 0, 60},
        {&c->most_input_mw, "most_input_mw", 1e-3, 1e6},
        {&c->iq_ua, "iq_ua", 0, 1e4},
    };
    char key[64];
    enum cc_status status = check_limits(limits, COUNT(limits), c->path, err);
    if (status == CC_OK)
        status = energy_number_check(c->efficiency.rsd, 0, 2, c->path, "efficiency.rsd", err);
    for (uint32_t i = 0; status == CC_OK && i < c->efficiency.rows_count; i++) {
        const struct energy_converter_step *row = &c->efficiency.rows[i];
        double lowest = i ? nextafter(row[-1].above_uw, 1e12) : 0;
        snprintf(key, sizeof key, "efficiency.rows[%u].above_uw", (unsigned)i);
        status = energy_number_check(row->above_uw, lowest, i ? 1e9 : 0, c->path, key, err);
        /* More power never gives less. */
        lowest = i ? row[-1].efficiency_fraction : 1e-3;
        snprintf(key, sizeof key, "efficiency.rows[%u].efficiency_fraction", (unsigned)i);
        if (status == CC_OK)
            status = energy_number_check(row->efficiency_fraction, lowest, 1, c->path, key, err);
    }
    return status;
}

static enum cc_status set_unit(struct energy_harvester *h, struct cc_error *err)
{
    h->unit = -1;
    for (int i = 0; i < ENERGY_HARVEST_LEVELS; i++) {
        if (!energy_figure_present(&h->levels[i]))
            continue;
        if (h->unit >= 0)
            return cc_yaml_fail(err, h->path, energy_harvest_level_keys[i],
                                "a second level, there is %s; remove one",
                                energy_harvest_level_keys[h->unit]);
        h->unit = i;
    }
    if (h->unit >= 0)
        return CC_OK;
    return cc_yaml_fail(err, h->path, "level_lux",
                        "missing; write the typical level as one of level_lux, level_k, level_g, "
                        "level_uw_per_cm2, level_m, level_presses_per_h");
}

double energy_harvest_row_power(const struct energy_harvest_row *row)
{
    return row->uw_per_cm2 + row->uw_per_cm3 + row->uw; /* two of them are 0 */
}

const char *energy_harvest_row_key(const struct energy_harvest_row *row)
{
    return row->uw_per_cm2 != 0 ? "uw_per_cm2" : (row->uw_per_cm3 != 0 ? "uw_per_cm3" : "uw");
}

/* The level in the harvester's unit and no other; one power, in the same unit as the row before. */
static enum cc_status check_row(const struct energy_harvester *h, uint32_t index,
                                struct cc_error *err)
{
    const struct energy_harvest_row *row = &h->law.rows[index];
    char key[64];
    for (int i = 0; i < ENERGY_HARVEST_LEVELS; i++) {
        double lowest = index && i == h->unit ? nextafter(row[-1].level[i], 1e12) : 1e-9;
        snprintf(key, sizeof key, "law.rows[%u].%s", (unsigned)index, energy_harvest_level_keys[i]);
        if (i != h->unit && row->level[i] != 0)
            return cc_yaml_fail(err, h->path, key, "the level of this file is %s; write that one",
                                energy_harvest_level_keys[h->unit]);
        if (i != h->unit)
            continue;
        enum cc_status status = energy_number_check(row->level[i], lowest, 1e9, h->path, key, err);
        if (status != CC_OK)
            return status;
    }
    int given = (row->uw_per_cm2 != 0) + (row->uw_per_cm3 != 0) + (row->uw != 0);
    snprintf(key, sizeof key, "law.rows[%u].%s", (unsigned)index, energy_harvest_row_key(row));
    if (given != 1 ||
        (index && strcmp(energy_harvest_row_key(row), energy_harvest_row_key(row - 1)) != 0))
        return cc_yaml_fail(err, h->path, key,
                            "a row needs one power above 0, the same in all rows; write one of "
                            "uw_per_cm2, uw_per_cm3, uw");
    return energy_number_check(energy_harvest_row_power(row), 1e-9, 1e9, h->path, key, err);
}

/* The exponent's sign is that of the rows: power goes one way with the level. */
static enum cc_status check_direction(const struct energy_harvester *h, struct cc_error *err)
{
    const struct energy_harvest_law *law = &h->law;
    char key[64];
    for (uint32_t i = 1; i < law->rows_count; i++) {
        const struct energy_harvest_row *row = &law->rows[i];
        double grown = energy_harvest_row_power(row) - energy_harvest_row_power(row - 1);
        snprintf(key, sizeof key, "law.rows[%u].%s", (unsigned)i, energy_harvest_row_key(row));
        if (grown * law->exponent < 0)
            return cc_yaml_fail(err, h->path, key,
                                "%g after %g goes against level_exponent %g; correct one of them",
                                energy_harvest_row_power(row), energy_harvest_row_power(row - 1),
                                law->exponent);
    }
    return CC_OK;
}

static enum cc_status check_size(const struct energy_harvester *h, struct cc_error *err)
{
    const struct energy_harvest_row *row = &h->law.rows[0];
    int area = energy_figure_present(&h->area_cm2), volume = energy_figure_present(&h->volume_cm3);
    if ((row->uw_per_cm2 != 0) != area)
        return cc_yaml_fail(err, h->path, "area_cm2", "%s; its law is in %s",
                            area ? "has no meaning" : "missing", energy_harvest_row_key(row));
    if ((row->uw_per_cm3 != 0) != volume)
        return cc_yaml_fail(err, h->path, "volume_cm3", "%s; its law is in %s",
                            volume ? "has no meaning" : "missing", energy_harvest_row_key(row));
    return CC_OK;
}

static enum cc_status check_harvester(struct energy_harvester *h, struct cc_error *err)
{
    enum cc_status status = set_unit(h, err);
    if (status != CC_OK)
        return status;
    const struct limit limits[] = {
        {&h->levels[h->unit], energy_harvest_level_keys[h->unit], 1e-6, 1e7},
        {&h->hours_per_day_h, "hours_per_day_h", 0, 24},
        {&h->area_cm2, "area_cm2", 1e-3, 1e6},
        {&h->volume_cm3, "volume_cm3", 1e-3, 1e6},
        {&h->operating_v, "operating_v", 1e-3, 60},
    };
    status = check_limits(limits, COUNT(limits), h->path, err);
    if (status == CC_OK)
        status = energy_number_check(h->law.rsd, 0, 2, h->path, "law.rsd", err);
    if (status == CC_OK)
        status = energy_number_check(h->law.exponent, -4, 4, h->path, "law.level_exponent", err);
    int falls = h->unit == DISTANCE;
    if (status == CC_OK && (falls ? !(h->law.exponent < 0) : !(h->law.exponent > 0)))
        status = cc_yaml_fail(err, h->path, "law.level_exponent", "%g: power %s with %s; write %s",
                              h->law.exponent, falls ? "falls" : "grows",
                              energy_harvest_level_keys[h->unit],
                              falls ? "-2, or another below 0" : "1, 2 or another above 0");
    for (uint32_t i = 0; status == CC_OK && i < h->law.rows_count; i++)
        status = check_row(h, i, err);
    if (status == CC_OK)
        status = check_direction(h, err);
    return status == CC_OK ? check_size(h, err) : status;
}

/* An unknown name is an error of the harvester's file; what is wrong in the converter's, of that.
 */
static enum cc_status load_converter(struct energy_harvester *h, struct cc_error *err)
{
    char path[sizeof h->converter->path], why[sizeof err->message];
    cyaml_data_t *data = NULL;
    enum cc_status status = cc_data_resolve("converter", "energy/harvesters/converters",
                                            h->converter_name, path, sizeof path, err);
    if (status != CC_OK) {
        snprintf(why, sizeof why, "%s", err ? err->message : "");
        return cc_yaml_fail(err, h->path, "converter", "%s", why);
    }
    status = cc_yaml_load(path, &converter_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    h->converter = data;
    memcpy(h->converter->path, path, sizeof path);
    return check_converter(h->converter, err);
}

enum cc_status energy_harvester_load(const char *name_or_file, struct energy_harvester **harvester,
                                     struct cc_error *err)
{
    char path[sizeof(*harvester)->path];
    cyaml_data_t *data = NULL;
    *harvester = NULL;
    enum cc_status status =
        cc_data_resolve("harvester", "energy/harvesters", name_or_file, path, sizeof path, err);
    if (status == CC_OK)
        status = cc_yaml_load(path, &harvester_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_harvester *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    status = check_harvester(loaded, err);
    if (status == CC_OK)
        status = load_converter(loaded, err);
    if (status != CC_OK) {
        energy_harvester_free(loaded);
        return status;
    }
    *harvester = loaded;
    return CC_OK;
}

void energy_harvester_free(struct energy_harvester *harvester)
{
    if (harvester)
        cc_yaml_free(&converter_schema, harvester->converter);
    cc_yaml_free(&harvester_schema, harvester);
}

const char *energy_harvester_name(const struct energy_harvester *harvester)
{
    return harvester->name;
}

const char *energy_harvester_description(const struct energy_harvester *harvester)
{
    return harvester->description;
}

const char *energy_harvester_unit(const struct energy_harvester *harvester)
{
    return units[harvester->unit];
}

double energy_harvester_size(const struct energy_harvester *harvester)
{
    if (energy_figure_present(&harvester->area_cm2))
        return harvester->area_cm2.value;
    return energy_figure_present(&harvester->volume_cm3) ? harvester->volume_cm3.value : 1;
}

/* The piece of the law at a level: its exponent and one of its rows. */
static double exponent_at(const struct energy_harvester *h, double level,
                          const struct energy_harvest_row **row)
{
    const struct energy_harvest_row *rows = h->law.rows;
    uint32_t last = h->law.rows_count - 1, i = 1;
    *row = &rows[level > rows[last].level[h->unit] ? last : 0];
    if (level <= rows[0].level[h->unit] || level > rows[last].level[h->unit])
        return h->law.exponent;
    while (level > rows[i].level[h->unit])
        i++;
    *row = &rows[i];
    return log(energy_harvest_row_power(&rows[i]) / energy_harvest_row_power(&rows[i - 1])) /
           log(rows[i].level[h->unit] / rows[i - 1].level[h->unit]);
}

double energy_harvester_source_uw(const struct energy_harvester *harvester, double level,
                                  double size)
{
    const struct energy_harvest_row *row;
    double exponent = exponent_at(harvester, level, &row);
    double uw = energy_harvest_row_power(row) * pow(level / row->level[harvester->unit], exponent);
    return row->uw != 0 ? uw : uw * size;
}

double energy_harvester_slope(const struct energy_harvester *harvester, double level)
{
    const struct energy_harvest_row *row;
    return exponent_at(harvester, level, &row);
}

static int has_volts(const struct energy_harvester *h, const struct energy_figure *least)
{
    const struct energy_figure *v = &h->operating_v;
    return !energy_figure_present(v) || !energy_figure_present(least) || v->value >= least->value;
}

int energy_converter_starts(const struct energy_harvester *harvester, double source_uw)
{
    const struct energy_converter *c = harvester->converter;
    return has_volts(harvester, &c->cold_start_v) && source_uw > 0 &&
           source_uw >= c->cold_start_uw.value;
}

int energy_converter_runs(const struct energy_harvester *harvester, double source_uw)
{
    const struct energy_converter *c = harvester->converter;
    if (!energy_figure_present(&c->running_v))
        return energy_converter_starts(harvester, source_uw);
    return has_volts(harvester, &c->running_v) && source_uw > 0;
}

static double efficiency_at(const struct energy_converter *c, double source_uw)
{
    uint32_t i = c->efficiency.rows_count - 1;
    while (i > 0 && source_uw < c->efficiency.rows[i].above_uw)
        i--;
    return c->efficiency.rows[i].efficiency_fraction;
}

double energy_converter_uw(const struct energy_harvester *harvester, double source_uw,
                           double hours_per_day, double battery_v)
{
    const struct energy_converter *c = harvester->converter;
    double taken_uw = source_uw;
    if (!energy_converter_runs(harvester, source_uw))
        return 0;
    if (energy_figure_present(&c->most_input_mw))
        taken_uw = fmin(taken_uw, c->most_input_mw.value * 1e3);
    double gained_uw = efficiency_at(c, taken_uw) * taken_uw * hours_per_day / 24;
    return fmax(gained_uw - c->iq_ua.value * battery_v, 0);
}

static double table_rsd(double rsd, int verified)
{
    return verified ? rsd : hypot(rsd, ENERGY_UNVERIFIED_RSD);
}

double energy_harvester_log_sd(const struct energy_harvester *harvester, double level,
                               int own_level, int own_hours)
{
    const struct energy_harvest_law *law = &harvester->law;
    const struct energy_converter_steps *steps = &harvester->converter->efficiency;
    double rsd = hypot(table_rsd(law->rsd, law->verified), table_rsd(steps->rsd, steps->verified));
    if (own_level)
        rsd = hypot(rsd, energy_harvester_slope(harvester, level) *
                             energy_figure_rsd(&harvester->levels[harvester->unit]));
    if (own_hours)
        rsd = hypot(rsd, energy_figure_rsd(&harvester->hours_per_day_h));
    return sqrt(log1p(rsd * rsd));
}
