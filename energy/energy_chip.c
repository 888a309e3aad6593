/* energy/chips/NAME.yaml: prices of one chip. Loading checks every figure; the laws by which a
 * price follows the supply voltage and the temperature are here too. */
#include "energy_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_schema_field_t clock_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_point, name, 1),
    CYAML_FIELD_STRING("range", OPTIONAL, struct energy_point, range, 1),
    CYAML_FIELD_FLOAT("above_mhz", REQUIRED, struct energy_point, above_mhz),
    CYAML_FIELD_FLOAT("up_to_mhz", REQUIRED, struct energy_point, up_to_mhz),
    ENERGY_FIGURE("static_ua", REQUIRED, struct energy_point, static_ua),
    ENERGY_FIGURE("k_cycle_pj", REQUIRED, struct energy_point, k_cycle_pj),
    ENERGY_FIGURE("k_stall_pj", REQUIRED, struct energy_point, k_stall_pj),
    ENERGY_FIGURE("price_scale", REQUIRED, struct energy_point, price_scale),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t point_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_point, clock_fields),
};

/* Classes and regions may be absent: what a profile uses and the file does not price is refused
 * when it is priced, with the nearest key. */
static const cyaml_schema_field_t class_fields[] = {
#define SIM_CLASS(id, name, text)                                                                  \
    ENERGY_FIGURE(name "_pj", OPTIONAL, struct energy_class_prices, class_##id),
#include "sim_classes.def"
#undef SIM_CLASS
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t region_price_fields[] = {
    ENERGY_FIGURE("read_pj", OPTIONAL, struct energy_region_prices, read_pj),
    ENERGY_FIGURE("write_pj", OPTIONAL, struct energy_region_prices, write_pj),
    ENERGY_FIGURE("line_read_pj", OPTIONAL, struct energy_region_prices, line_read_pj),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t region_fields[] = {
#define SIM_REGION(id, name, text)                                                                 \
    CYAML_FIELD_MAPPING(name, OPTIONAL, struct energy_regions, region_##id, region_price_fields),
#include "sim_classes.def"
#undef SIM_REGION
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t sleep_fields[] = {
    CYAML_FIELD_STRING("mode", REQUIRED, struct energy_sleep, mode, 1),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_sleep, vdd_v),
    ENERGY_FIGURE("sleep_ua", REQUIRED, struct energy_sleep, sleep_ua),
    ENERGY_FIGURE("sleep_doubling_c", REQUIRED, struct energy_sleep, sleep_doubling_c),
    ENERGY_FIGURE("wake_us", REQUIRED, struct energy_sleep, wake_us),
    ENERGY_FIGURE("wake_ua", REQUIRED, struct energy_sleep, wake_ua),
    CYAML_FIELD_END,
};

static const cyaml_strval_t supply_names[] = {{"ldo", ENERGY_SUPPLY_LDO},
                                              {"smps", ENERGY_SUPPLY_SMPS}};

static const cyaml_schema_field_t chip_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_chip, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_chip, description, 1),
    CYAML_FIELD_STRING("fitted_to", REQUIRED, struct energy_chip, fitted_to, 1),
    CYAML_FIELD_ENUM("supply", CYAML_FLAG_STRICT, struct energy_chip, supply, supply_names, 2),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_chip, vdd_v),
    ENERGY_FIGURE("vdd_min_v", REQUIRED, struct energy_chip, vdd_min_v),
    ENERGY_FIGURE("vdd_max_v", REQUIRED, struct energy_chip, vdd_max_v),
    ENERGY_FIGURE("reference_vdd_v", REQUIRED, struct energy_chip, reference_vdd_v),
    ENERGY_FIGURE("vdd_exponent", OPTIONAL, struct energy_chip, vdd_exponent),
    ENERGY_FIGURE("common_rsd", REQUIRED, struct energy_chip, common_rsd),
    CYAML_FIELD_SEQUENCE("operating_points", REQUIRED, struct energy_chip, points, &point_schema, 1,
                         ENERGY_MAX_POINTS),
    CYAML_FIELD_MAPPING("classes", REQUIRED, struct energy_chip, classes, class_fields),
    CYAML_FIELD_MAPPING("regions", REQUIRED, struct energy_chip, regions, region_fields),
    CYAML_FIELD_MAPPING("sleep", REQUIRED, struct energy_chip, sleep, sleep_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t chip_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_chip, chip_fields),
};

const struct energy_figure *energy_chip_class(const struct energy_chip *chip, int c)
{
    switch (c) {
#define SIM_CLASS(id, name, text)                                                                  \
    case SIM_CLASS_##id:                                                                           \
        return &chip->classes.class_##id;
#include "sim_classes.def"
#undef SIM_CLASS
    }
    return NULL;
}

const struct energy_region_prices *energy_chip_region(const struct energy_chip *chip, int r)
{
    switch (r) {
#define SIM_REGION(id, name, text)                                                                 \
    case SIM_REGION_##id:                                                                          \
        return &chip->regions.region_##id;
#include "sim_classes.def"
#undef SIM_REGION
    }
    return NULL;
}

#define MAX_PRICE_PJ 1e6

static enum cc_status check_prices(const struct energy_chip *chip, struct cc_error *err)
{
    char key[128];
    for (int c = 0; c < SIM_CLASS_COUNT; c++) {
        snprintf(key, sizeof key, "classes.%s_pj", sim_class_name((enum sim_class)c));
        enum cc_status status =
            energy_figure_check(energy_chip_class(chip, c), 0, MAX_PRICE_PJ, chip->path, key, err);
        if (status != CC_OK)
            return status;
    }
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const struct energy_region_prices *prices = energy_chip_region(chip, r);
        const struct energy_figure *figures[] = {&prices->read_pj, &prices->write_pj,
                                                 &prices->line_read_pj};
        static const char *const names[] = {"read_pj", "write_pj", "line_read_pj"};
        for (int i = 0; i < 3; i++) {
            snprintf(key, sizeof key, "regions.%s.%s", sim_region_name((enum sim_region_kind)r),
                     names[i]);
            enum cc_status status =
                energy_figure_check(figures[i], 0, MAX_PRICE_PJ, chip->path, key, err);
            if (status != CC_OK)
                return status;
        }
    }
    return CC_OK;
}

/* One figure to be checked: where it is, its key and its limits. */
struct limit {
    const struct energy_figure *figure;
    const char *key;
    double min, max;
};

static enum cc_status check_limits(const struct limit *limits, size_t count, const char *path,
                                   const char *prefix, struct cc_error *err)
{
    char key[160];
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, limits[i].key);
        enum cc_status status =
            energy_figure_check(limits[i].figure, limits[i].min, limits[i].max, path, key, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status check_point(const struct energy_chip *chip, uint32_t index,
                                  struct cc_error *err)
{
    const struct energy_point *p = &chip->points[index];
    const struct limit limits[] = {
        {&p->static_ua, "static_ua", 0, 1e6},
        {&p->k_cycle_pj, "k_cycle_pj", 1e-3, 1e5},
        {&p->k_stall_pj, "k_stall_pj", 0, 1e5},
        {&p->price_scale, "price_scale", 1e-3, 1e3},
    };
    char prefix[128];
    char key[160];
    snprintf(prefix, sizeof prefix, "operating_points[%u] (%s).", (unsigned)index, p->name);
    enum cc_status status =
        check_limits(limits, sizeof limits / sizeof limits[0], chip->path, prefix, err);
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
    if (index > 0 && p->above_mhz < chip->points[index - 1].up_to_mhz)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %sabove_mhz: %g is inside the point before, which goes up to %g; a "
                       "clock has one point, in rising order",
                       chip->path, prefix, p->above_mhz, chip->points[index - 1].up_to_mhz);
    if (p->k_stall_pj.value > p->k_cycle_pj.value)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %sk_stall_pj: %g is more than k_cycle_pj %g; a waiting core does not "
                       "draw more than a working one",
                       chip->path, prefix, p->k_stall_pj.value, p->k_cycle_pj.value);
    return CC_OK;
}

static enum cc_status check_supply(const struct energy_chip *chip, struct cc_error *err)
{
    int has_exponent = energy_figure_present(&chip->vdd_exponent);
    if (chip->vdd_min_v.value > chip->vdd_max_v.value ||
        chip->vdd_v.value < chip->vdd_min_v.value || chip->vdd_v.value > chip->vdd_max_v.value)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: vdd_v: %g V is not between vdd_min_v %g and vdd_max_v %g; correct one "
                       "of the three",
                       chip->path, chip->vdd_v.value, chip->vdd_min_v.value, chip->vdd_max_v.value);
    if (chip->supply == ENERGY_SUPPLY_SMPS && !has_exponent)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: vdd_exponent: missing; a chip with supply smps needs it (0 = energy "
                       "independent of VDD)",
                       chip->path);
    if (chip->supply == ENERGY_SUPPLY_LDO && has_exponent)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: vdd_exponent: only for supply smps; remove it, an LDO's is 1",
                       chip->path);
    return CC_OK;
}

static enum cc_status check_chip(const struct energy_chip *chip, struct cc_error *err)
{
    const struct energy_sleep *s = &chip->sleep;
    const struct limit limits[] = {
        {&chip->vdd_v, "vdd_v", 0.5, 60},
        {&chip->vdd_min_v, "vdd_min_v", 0.5, 60},
        {&chip->vdd_max_v, "vdd_max_v", 0.5, 60},
        {&chip->reference_vdd_v, "reference_vdd_v", 0.5, 60},
        {&chip->vdd_exponent, "vdd_exponent", -1, 2},
        {&chip->common_rsd, "common_rsd", 0, 2},
        {&s->vdd_v, "sleep.vdd_v", 0.5, 60},
        {&s->sleep_ua, "sleep.sleep_ua", 0, 1e6},
        {&s->sleep_doubling_c, "sleep.sleep_doubling_c", 2, 1000},
        {&s->wake_us, "sleep.wake_us", 0, 1e8},
        {&s->wake_ua, "sleep.wake_ua", 0, 1e7},
    };
    enum cc_status status =
        check_limits(limits, sizeof limits / sizeof limits[0], chip->path, "", err);
    if (status == CC_OK)
        status = check_supply(chip, err);
    for (uint32_t i = 0; status == CC_OK && i < chip->points_count; i++)
        status = check_point(chip, i, err);
    if (status == CC_OK)
        status = check_prices(chip, err);
    return status;
}

enum cc_status energy_chip_load(const char *name_or_file, struct energy_chip **chip,
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
    status = check_chip(loaded, err);
    if (status != CC_OK) {
        energy_chip_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *chip = loaded;
    return CC_OK;
}

void energy_chip_free(struct energy_chip *chip)
{
    cc_yaml_free(&chip_schema, chip);
}

double energy_chip_vdd(const struct energy_chip *chip)
{
    return chip->vdd_v.value;
}

double energy_chip_vdd_factor(const struct energy_chip *chip, double from_v, double vdd_v)
{
    double exponent = chip->supply == ENERGY_SUPPLY_SMPS ? chip->vdd_exponent.value : 1.0;
    return pow(vdd_v / from_v, exponent);
}

static double clock_distance(const struct energy_point *point, double mhz)
{
    if (mhz <= point->above_mhz)
        return point->above_mhz - mhz;
    return mhz > point->up_to_mhz ? mhz - point->up_to_mhz : -1;
}

/* The error of a clock is that of a rounded MHz in a command. */
#define CLOCK_SLACK (1 + 1e-9)

static enum cc_status point_of_range(const struct energy_chip *chip, double mhz, const char *range,
                                     const struct energy_point **point, struct cc_error *err)
{
    char list[256] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < chip->points_count; i++) {
        const struct energy_point *p = &chip->points[i];
        if (strcmp(p->range, range) == 0 && mhz <= p->up_to_mhz * CLOCK_SLACK) {
            *point = p;
            return CC_OK;
        }
        if (used < sizeof list)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s up to %g MHz",
                                 i ? ", " : "", p->range[0] ? p->range : "any range", p->up_to_mhz);
    }
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: operating_points: no prices of voltage range %s at %g MHz; there are %s",
                   chip->path, range, mhz, list);
}

static int has_ranges(const struct energy_chip *chip)
{
    for (uint32_t i = 0; i < chip->points_count; i++) {
        if (chip->points[i].range[0])
            return 1;
    }
    return 0;
}

enum cc_status energy_chip_point(const struct energy_chip *chip, double clock_hz, const char *range,
                                 const struct energy_point **point, struct cc_error *err)
{
    double mhz = clock_hz * 1e-6;
    *point = NULL;
    if (!isfinite(mhz) || mhz <= 0)
        return cc_fail(err, CC_ERR_INPUT, "%s: the profile's clock is %g Hz; give a positive clock",
                       chip->path, clock_hz);
    if (range[0] && has_ranges(chip))
        return point_of_range(chip, mhz, range, point, err);
    const struct energy_point *nearest = &chip->points[0];
    for (uint32_t i = 0; i < chip->points_count; i++) {
        const struct energy_point *p = &chip->points[i];
        if (clock_distance(p, mhz) < clock_distance(nearest, mhz))
            nearest = p;
    }
    if (clock_distance(nearest, mhz) >= 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: operating_points: no prices at %g MHz; the nearest is %s, above %g up "
                       "to %g MHz",
                       chip->path, mhz, nearest->name, nearest->above_mhz, nearest->up_to_mhz);
    *point = nearest;
    return CC_OK;
}

/* Leakage is tabled at 25 C. Below that the current is held: the gain is a fraction of a
 * microampere, and a cold battery must not come out better for it. */
double energy_chip_sleep_uw(const struct energy_chip *chip, double vdd_v, double temperature_c)
{
    const struct energy_sleep *s = &chip->sleep;
    double hot = temperature_c > 25 ? (temperature_c - 25) / s->sleep_doubling_c.value : 0;
    return s->sleep_ua.value * s->vdd_v.value * exp2(hot) *
           energy_chip_vdd_factor(chip, s->vdd_v.value, vdd_v);
}

double energy_chip_wake_s(const struct energy_chip *chip)
{
    return chip->sleep.wake_us.value * 1e-6;
}

double energy_chip_wake_uj(const struct energy_chip *chip, double vdd_v)
{
    const struct energy_sleep *s = &chip->sleep;
    return s->wake_ua.value * s->vdd_v.value * energy_chip_wake_s(chip) *
           energy_chip_vdd_factor(chip, s->vdd_v.value, vdd_v);
}

double energy_chip_sleep_rsd(const struct energy_chip *chip)
{
    return energy_figure_rsd(&chip->sleep.sleep_ua);
}

double energy_chip_wake_rsd(const struct energy_chip *chip)
{
    return hypot(energy_figure_rsd(&chip->sleep.wake_us), energy_figure_rsd(&chip->sleep.wake_ua));
}
