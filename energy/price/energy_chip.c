/* energy/chips/NAME.yaml: what a chip is and takes apart from running code. Loading checks every
 * figure. */
#include "energy_chip_internal.h"

#include "cc_file.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_strval_t regulator_names[] = {{"ldo", ENERGY_LDO}, {"smps", ENERGY_SMPS}};

const char *energy_regulator_text(int regulator)
{
    return regulator == ENERGY_SMPS ? "smps" : "ldo";
}

static const cyaml_schema_field_t point_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_point, name, 1),
    CYAML_FIELD_ENUM("regulator", CYAML_FLAG_STRICT, struct energy_point, regulator,
                     regulator_names, 2),
    CYAML_FIELD_STRING("range", OPTIONAL, struct energy_point, range, 1),
    CYAML_FIELD_FLOAT("above_mhz", REQUIRED, struct energy_point, above_mhz),
    CYAML_FIELD_FLOAT("up_to_mhz", REQUIRED, struct energy_point, up_to_mhz),
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_point, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_point, verified, energy_yes_no,
                     2),
    ENERGY_FIGURE("vcore_v", OPTIONAL, struct energy_point, vcore_v),
    ENERGY_FIGURE("leakage_doubling_c", OPTIONAL, struct energy_point, leakage_doubling_c),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t point_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_point, point_fields),
};

static const cyaml_schema_value_t word_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, energy_word, 1, ENERGY_WORD_BYTES - 1),
};

static const cyaml_schema_field_t mode_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_sleep_mode, name, 1),
    CYAML_FIELD_STRING("text", REQUIRED, struct energy_sleep_mode, text, 1),
    CYAML_FIELD_ENUM("regulator", CYAML_FLAG_STRICT | OPTIONAL, struct energy_sleep_mode, regulator,
                     regulator_names, 2),
    CYAML_FIELD_FLOAT("vdd_v", REQUIRED, struct energy_sleep_mode, vdd_v),
    CYAML_FIELD_FLOAT("retained_kb", REQUIRED, struct energy_sleep_mode, retained_kb),
    CYAML_FIELD_ENUM("rtc", CYAML_FLAG_STRICT, struct energy_sleep_mode, rtc, energy_yes_no, 2),
    CYAML_FIELD_SEQUENCE("works", OPTIONAL, struct energy_sleep_mode, works, &word_schema, 0,
                         ENERGY_MAX_WORKS),
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_sleep_mode, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_sleep_mode, verified,
                     energy_yes_no, 2),
    ENERGY_FIGURE("current_ua", REQUIRED, struct energy_sleep_mode, current_ua),
    ENERGY_FIGURE("doubling_c", REQUIRED, struct energy_sleep_mode, doubling_c),
    ENERGY_FIGURE("vdd_exponent", OPTIONAL, struct energy_sleep_mode, vdd_exponent),
    ENERGY_FIGURE("wake_us", REQUIRED, struct energy_sleep_mode, wake_us),
    ENERGY_FIGURE("wake_ua", OPTIONAL, struct energy_sleep_mode, wake_ua),
    ENERGY_FIGURE("wake_nc", OPTIONAL, struct energy_sleep_mode, wake_nc),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t mode_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_sleep_mode, mode_fields),
};

static const cyaml_schema_field_t peripheral_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_peripheral, name, 1),
    CYAML_FIELD_STRING("text", REQUIRED, struct energy_peripheral, text, 1),
    CYAML_FIELD_ENUM("regulator", CYAML_FLAG_STRICT | OPTIONAL, struct energy_peripheral, regulator,
                     regulator_names, 2),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_peripheral, vdd_v),
    ENERGY_FIGURE("active_ua", OPTIONAL, struct energy_peripheral, active_ua),
    ENERGY_FIGURE("ua_per_mhz", OPTIONAL, struct energy_peripheral, ua_per_mhz),
    ENERGY_FIGURE("uj_per_kb", OPTIONAL, struct energy_peripheral, uj_per_kb),
    ENERGY_FIGURE("clock_mhz", OPTIONAL, struct energy_peripheral, clock_mhz),
    ENERGY_FIGURE("vdd_exponent", OPTIONAL, struct energy_peripheral, vdd_exponent),
    CYAML_FIELD_STRING("sleep", REQUIRED, struct energy_peripheral, sleep, 1),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t peripheral_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_peripheral, peripheral_fields),
};

static const cyaml_schema_field_t chip_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_chip, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_chip, description, 1),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_chip, vdd_v),
    ENERGY_FIGURE("vdd_min_v", REQUIRED, struct energy_chip, vdd_min_v),
    ENERGY_FIGURE("vdd_max_v", REQUIRED, struct energy_chip, vdd_max_v),
    ENERGY_FIGURE("smps_min_v", OPTIONAL, struct energy_chip, smps_min_v),
    ENERGY_FIGURE("reference_vdd_v", REQUIRED, struct energy_chip, reference_vdd_v),
    ENERGY_FIGURE("leakage_doubling_c", REQUIRED, struct energy_chip, leakage_doubling_c),
    ENERGY_FIGURE("idle_wake_cycles", REQUIRED, struct energy_chip, idle_wake_cycles),
    ENERGY_FIGURE("clock_start_us", REQUIRED, struct energy_chip, clock_start_us),
    ENERGY_FIGURE("clock_start_ua", REQUIRED, struct energy_chip, clock_start_ua),
    CYAML_FIELD_SEQUENCE("operating_points", REQUIRED, struct energy_chip, points, &point_schema, 1,
                         ENERGY_MAX_POINTS),
    CYAML_FIELD_SEQUENCE("sleep_modes", REQUIRED, struct energy_chip, sleep_modes, &mode_schema, 1,
                         ENERGY_MAX_SLEEP_MODES),
    CYAML_FIELD_SEQUENCE("peripherals", OPTIONAL, struct energy_chip, peripherals,
                         &peripheral_schema, 0, ENERGY_MAX_PERIPHERALS),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t chip_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_chip, chip_fields),
};

enum cc_status energy_limits_check(const struct energy_limit *limits, size_t count,
                                   const char *path, const char *prefix, struct cc_error *err)
{
    char key[256];
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, limits[i].key);
        enum cc_status status =
            energy_figure_check(limits[i].figure, limits[i].min, limits[i].max, path, key, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

#define CHECK_LIMITS(limits, path, prefix, err)                                                    \
    energy_limits_check(limits, sizeof(limits) / sizeof(limits)[0], path, prefix, err)

/* The point before this one on the same regulator. A point of no voltage range in a chip that has
 * ranges (low-power run) may lie below one: a clock alone picks it, a range never. */
static const struct energy_point *point_before(const struct energy_chip *chip, uint32_t index)
{
    for (uint32_t i = index; i-- > 0;) {
        if (chip->points[i].regulator == chip->points[index].regulator &&
            (chip->points[i].range[0] || !chip->points[index].range[0]))
            return &chip->points[i];
    }
    return NULL;
}

static enum cc_status check_point(const struct energy_chip *chip, uint32_t index,
                                  struct cc_error *err)
{
    const struct energy_point *p = &chip->points[index], *before = point_before(chip, index);
    const struct energy_limit limits[] = {
        {&p->vcore_v, "vcore_v", 0.3, 5},
        {&p->leakage_doubling_c, "leakage_doubling_c", 2, 1000},
    };
    char prefix[128], key[160];
    snprintf(prefix, sizeof prefix, "operating_points[%u] (%s).", (unsigned)index, p->name);
    enum cc_status status = CHECK_LIMITS(limits, chip->path, prefix, err);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "%sabove_mhz", prefix);
    status = energy_number_check(p->above_mhz, 0, 1e4, chip->path, key, err);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "%sup_to_mhz", prefix);
    status =
        energy_number_check(p->up_to_mhz, nextafter(p->above_mhz, 1e9), 1e4, chip->path, key, err);
    if (status != CC_OK)
        return status;
    if (before && p->above_mhz < before->up_to_mhz)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %sabove_mhz: %g is inside the point before of this regulator, which "
                       "goes up to %g; a clock has one point per regulator, in rising order",
                       chip->path, prefix, p->above_mhz, before->up_to_mhz);
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(chip->points[i].name, p->name) == 0)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %sname: another point has this name; prices go by it, change one",
                           chip->path, prefix);
    }
    return CC_OK;
}

static enum cc_status check_mode(const struct energy_chip *chip, uint32_t index,
                                 struct cc_error *err)
{
    const struct energy_sleep_mode *m = &chip->sleep_modes[index];
    const struct energy_limit limits[] = {
        {&m->current_ua, "current_ua", 0, 1e6},    {&m->doubling_c, "doubling_c", 2, 1000},
        {&m->vdd_exponent, "vdd_exponent", -1, 3}, {&m->wake_us, "wake_us", 0, 1e8},
        {&m->wake_ua, "wake_ua", 0, 1e7},          {&m->wake_nc, "wake_nc", 0, 1e9},
    };
    char prefix[128], key[160];
    snprintf(prefix, sizeof prefix, "sleep_modes[%u] (%s).", (unsigned)index, m->name);
    enum cc_status status = CHECK_LIMITS(limits, chip->path, prefix, err);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "%svdd_v", prefix);
    status = energy_number_check(m->vdd_v, 0.5, 60, chip->path, key, err);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "%sretained_kb", prefix);
    status = energy_number_check(m->retained_kb, 0, 1e6, chip->path, key, err);
    if (status != CC_OK)
        return status;
    if (energy_figure_present(&m->wake_ua) == energy_figure_present(&m->wake_nc))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %swake_ua: write either the current of the wake-up, wake_ua, or its "
                       "charge, wake_nc",
                       chip->path, prefix);
    if (strcmp(m->name, "idle") == 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %sname: idle exists on every chip and comes from its prices; remove it",
                       chip->path, prefix);
    for (uint32_t i = 0; i < index; i++) {
        const struct energy_sleep_mode *other = &chip->sleep_modes[i];
        if (strcmp(other->name, m->name) == 0 && other->regulator == m->regulator)
            return cc_fail(err, CC_ERR_INPUT, "%s: %sname: is there twice; change one", chip->path,
                           prefix);
    }
    return CC_OK;
}

static int mode_lets_work(const struct energy_sleep_mode *mode, const char *peripheral)
{
    for (uint32_t i = 0; i < mode->works_count; i++) {
        if (strcmp(mode->works[i], peripheral) == 0)
            return 1;
    }
    return 0;
}

static enum cc_status check_peripheral_sleep(const struct energy_chip *chip,
                                             const struct energy_peripheral *p, const char *prefix,
                                             struct cc_error *err)
{
    const struct energy_sleep_mode *mode = NULL;
    if (strcmp(p->sleep, "idle") == 0)
        return CC_OK;
    for (uint32_t i = 0; i < chip->sleep_modes_count && !mode; i++) {
        if (strcmp(chip->sleep_modes[i].name, p->sleep) == 0)
            mode = &chip->sleep_modes[i];
    }
    if (!mode)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %ssleep: there is no sleep mode %s; write idle or one of sleep_modes",
                       chip->path, prefix, p->sleep);
    if (!mode_lets_work(mode, p->name))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %ssleep: %s does not work in %s; add it to works there, or name a "
                       "lighter mode",
                       chip->path, prefix, p->name, mode->name);
    return CC_OK;
}

static enum cc_status check_peripheral(const struct energy_chip *chip, uint32_t index,
                                       struct cc_error *err)
{
    const struct energy_peripheral *p = &chip->peripherals[index];
    const struct energy_limit limits[] = {
        {&p->vdd_v, "vdd_v", 0.5, 60},           {&p->active_ua, "active_ua", 0, 1e6},
        {&p->ua_per_mhz, "ua_per_mhz", 0, 1e4},  {&p->uj_per_kb, "uj_per_kb", 0, 1e6},
        {&p->clock_mhz, "clock_mhz", 1e-3, 1e4}, {&p->vdd_exponent, "vdd_exponent", -1, 3},
    };
    char prefix[128];
    snprintf(prefix, sizeof prefix, "peripherals[%u] (%s).", (unsigned)index, p->name);
    enum cc_status status = CHECK_LIMITS(limits, chip->path, prefix, err);
    if (status != CC_OK)
        return status;
    if (!energy_figure_present(&p->active_ua) && !energy_figure_present(&p->ua_per_mhz) &&
        !energy_figure_present(&p->uj_per_kb))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %sactive_ua: write what it takes: active_ua, ua_per_mhz or uj_per_kb",
                       chip->path, prefix);
    for (uint32_t i = 0; i < index; i++) {
        const struct energy_peripheral *other = &chip->peripherals[i];
        if (strcmp(other->name, p->name) == 0 && other->regulator == p->regulator)
            return cc_fail(err, CC_ERR_INPUT, "%s: %sname: is there twice; change one", chip->path,
                           prefix);
    }
    return check_peripheral_sleep(chip, p, prefix, err);
}

/* The name becomes part of a path. */
static enum cc_status check_name(const struct energy_chip *chip, struct cc_error *err)
{
    for (const char *c = chip->name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("-_+", *c))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: name: '%s' has other characters than letters, digits, - and _",
                           chip->path, chip->name);
    }
    return CC_OK;
}

static enum cc_status check_supply(const struct energy_chip *chip, struct cc_error *err)
{
    if (chip->vdd_min_v.value <= chip->vdd_max_v.value &&
        chip->vdd_v.value >= chip->vdd_min_v.value && chip->vdd_v.value <= chip->vdd_max_v.value)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: vdd_v: %g V is not between vdd_min_v %g and vdd_max_v %g; correct one "
                   "of the three",
                   chip->path, chip->vdd_v.value, chip->vdd_min_v.value, chip->vdd_max_v.value);
}

static enum cc_status check_chip(const struct energy_chip *chip, struct cc_error *err)
{
    const struct energy_limit limits[] = {
        {&chip->vdd_v, "vdd_v", 0.5, 60},
        {&chip->vdd_min_v, "vdd_min_v", 0.5, 60},
        {&chip->vdd_max_v, "vdd_max_v", 0.5, 60},
        {&chip->smps_min_v, "smps_min_v", 0.5, 60},
        {&chip->reference_vdd_v, "reference_vdd_v", 0.5, 60},
        {&chip->leakage_doubling_c, "leakage_doubling_c", 2, 1000},
        {&chip->idle_wake_cycles, "idle_wake_cycles", 0, 1e5},
        {&chip->clock_start_us, "clock_start_us", 0, 1e7},
        {&chip->clock_start_ua, "clock_start_ua", 0, 1e7},
    };
    enum cc_status status = check_name(chip, err);
    if (status == CC_OK)
        status = CHECK_LIMITS(limits, chip->path, "", err);
    if (status == CC_OK)
        status = check_supply(chip, err);
    for (uint32_t i = 0; status == CC_OK && i < chip->points_count; i++)
        status = check_point(chip, i, err);
    for (uint32_t i = 0; status == CC_OK && i < chip->sleep_modes_count; i++)
        status = check_mode(chip, i, err);
    for (uint32_t i = 0; status == CC_OK && i < chip->peripherals_count; i++)
        status = check_peripheral(chip, i, err);
    return status;
}

enum cc_status energy_chip_load_unpriced(const char *name_or_file, struct energy_chip **chip,
                                         struct cc_error *err)
{
    char path[sizeof(*chip)->path];
    cyaml_data_t *data = NULL;
    *chip = NULL;
    enum cc_status status =
        cc_data_resolve("chip", "energy/chips", name_or_file, path, sizeof path, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_load(path, &chip_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_chip *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    loaded->prices = NULL;
    status = check_chip(loaded, err);
    if (status != CC_OK) {
        energy_chip_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *chip = loaded;
    return CC_OK;
}

static int is_file(const char *name_or_file)
{
    const char *dot = strrchr(name_or_file, '.');
    return strchr(name_or_file, '/') ||
           (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

enum cc_status energy_chip_load(const char *name_or_file, struct energy_chip **chip,
                                struct cc_error *err)
{
    enum cc_status status = energy_chip_load_unpriced(name_or_file, chip, err);
    if (status != CC_OK)
        return status;
    status = energy_prices_load(*chip, is_file(name_or_file), err);
    if (status != CC_OK) {
        energy_chip_free(*chip);
        *chip = NULL;
    }
    return status;
}

void energy_chip_free(struct energy_chip *chip)
{
    if (!chip)
        return;
    energy_prices_free(chip->prices);
    cc_yaml_free(&chip_schema, chip);
}

double energy_chip_vdd(const struct energy_chip *chip)
{
    return chip->vdd_v.value;
}
