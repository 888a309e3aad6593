/* energy/prices/NAME.yaml: what running code costs on a chip. Loading checks every figure, and that
 * every operating point of the chip has its prices. */
#include "energy_chip_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_schema_value_t fraction_schema = {
    CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double),
};

static const cyaml_schema_field_t fitted_fields[] = {
    CYAML_FIELD_FLOAT("value", REQUIRED, struct energy_fitted, figure.value),
    CYAML_FIELD_FLOAT("rsd", REQUIRED, struct energy_fitted, figure.rsd),
    CYAML_FIELD_STRING("source", REQUIRED, struct energy_fitted, figure.source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_fitted, figure.verified,
                     energy_yes_no, 2),
    CYAML_FIELD_SEQUENCE("fit_fraction", OPTIONAL, struct energy_fitted, fit_fraction,
                         &fraction_schema, 0, ENERGY_FIT_DIRECTIONS),
    CYAML_FIELD_END,
};

#define FITTED(key, flags, structure, member)                                                      \
    CYAML_FIELD_MAPPING(key, flags, structure, member, fitted_fields)

static const cyaml_schema_field_t core_fields[] = {
    FITTED("cycle_pj", REQUIRED, struct energy_core_prices, cycle_pj),
    FITTED("stall_pj", REQUIRED, struct energy_core_prices, stall_pj),
    FITTED("idle_pj", REQUIRED, struct energy_core_prices, idle_pj),
    CYAML_FIELD_END,
};

/* Classes and regions may be absent: what a profile uses and the file does not price is refused
 * when it is priced, with the nearest key. */
static const cyaml_schema_field_t class_fields[] = {
#define SIM_CLASS(id, name, text)                                                                  \
    FITTED(name "_pj", OPTIONAL, struct energy_class_prices, class_##id),
#include "sim_classes.def"
#undef SIM_CLASS
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t region_price_fields[] = {
    FITTED("fetch_pj", OPTIONAL, struct energy_region_prices, fetch_pj),
    FITTED("line_read_pj", OPTIONAL, struct energy_region_prices, line_read_pj),
    FITTED("read_pj", OPTIONAL, struct energy_region_prices, read_pj),
    FITTED("write_pj", OPTIONAL, struct energy_region_prices, write_pj),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t region_fields[] = {
#define SIM_REGION(id, name, text)                                                                 \
    CYAML_FIELD_MAPPING(name, OPTIONAL, struct energy_regions, region_##id, region_price_fields),
#include "sim_classes.def"
#undef SIM_REGION
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t point_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_point_prices, name, 1),
    FITTED("static_ua", REQUIRED, struct energy_point_prices, static_ua),
    FITTED("price_scale", REQUIRED, struct energy_point_prices, price_scale),
    FITTED("vdd_exponent", OPTIONAL, struct energy_point_prices, vdd_exponent),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t point_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct energy_point_prices, point_fields),
};

static const cyaml_schema_field_t prices_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_prices, name, 1),
    CYAML_FIELD_STRING("fitted_on", REQUIRED, struct energy_prices, fitted_on, 1),
    ENERGY_FIGURE("reference_vdd_v", REQUIRED, struct energy_prices, reference_vdd_v),
    ENERGY_FIGURE("chip_rsd", REQUIRED, struct energy_prices, chip_rsd),
    CYAML_FIELD_MAPPING("core", REQUIRED, struct energy_prices, core, core_fields),
    CYAML_FIELD_MAPPING("classes", REQUIRED, struct energy_prices, classes, class_fields),
    CYAML_FIELD_MAPPING("regions", REQUIRED, struct energy_prices, regions, region_fields),
    CYAML_FIELD_SEQUENCE("operating_points", REQUIRED, struct energy_prices, points, &point_schema,
                         1, ENERGY_MAX_POINTS),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t prices_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_prices, prices_fields),
};

#define MAX_PRICE_PJ 1e6

static enum cc_status check_fitted(const struct energy_fitted *f, double min, double max,
                                   const char *path, const char *key, struct cc_error *err)
{
    char fraction_key[224];
    enum cc_status status = energy_figure_check(&f->figure, min, max, path, key, err);
    for (uint32_t k = 0; status == CC_OK && k < f->fit_fraction_count; k++) {
        snprintf(fraction_key, sizeof fraction_key, "%s.fit_fraction[%u]", key, (unsigned)k);
        status = energy_number_check(f->fit_fraction[k], -5, 5, path, fraction_key, err);
    }
    return status;
}

static enum cc_status check_point(const struct energy_prices *prices,
                                  const struct energy_chip *chip, uint32_t index,
                                  struct cc_error *err)
{
    const struct energy_point *point = &chip->points[index];
    const struct energy_point_prices *p = &prices->points[chip->point_prices[index]];
    const struct {
        const struct energy_fitted *fitted;
        const char *key;
        double min, max;
    } limits[] = {
        {&p->static_ua, "static_ua", 0, 1e6},
        {&p->price_scale, "price_scale", 1e-3, 1e3},
        {&p->vdd_exponent, "vdd_exponent", -1, 2},
    };
    char key[160];
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        snprintf(key, sizeof key, "operating_points[%u] (%s).%s",
                 (unsigned)chip->point_prices[index], p->name, limits[i].key);
        enum cc_status status =
            check_fitted(limits[i].fitted, limits[i].min, limits[i].max, prices->path, key, err);
        if (status != CC_OK)
            return status;
    }
    int has_exponent = energy_figure_present(&p->vdd_exponent.figure);
    if (point->regulator == ENERGY_SMPS && !has_exponent)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %s: missing; a point on a switching regulator needs it (0 = energy "
                       "independent of VDD)",
                       prices->path, key);
    if (point->regulator == ENERGY_LDO && has_exponent)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %s: only for points on smps; remove it, an LDO's is 1", prices->path,
                       key);
    return CC_OK;
}

static enum cc_status unknown_point(const struct energy_prices *prices,
                                    const struct energy_chip *chip, const char *missing,
                                    struct cc_error *err)
{
    const char *names[ENERGY_MAX_POINTS];
    char near[160];
    for (uint32_t i = 0; i < prices->points_count; i++)
        names[i] = prices->points[i].name;
    cc_did_you_mean(near, sizeof near, "", missing, names, prices->points_count);
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: operating_points: there is none named \"%s\", which %s has; add it%s%s",
                   prices->path, missing, chip->path, near[0] ? ";" : "", near);
}

/* Which prices each point of the chip has; all are used. */
static enum cc_status match_points(const struct energy_prices *prices, struct energy_chip *chip,
                                   struct cc_error *err)
{
    int used[ENERGY_MAX_POINTS] = {0};
    for (uint32_t i = 0; i < chip->points_count; i++) {
        uint32_t k = 0;
        while (k < prices->points_count && strcmp(prices->points[k].name, chip->points[i].name))
            k++;
        if (k == prices->points_count)
            return unknown_point(prices, chip, chip->points[i].name, err);
        chip->point_prices[i] = k;
        used[k] = 1;
        enum cc_status status = check_point(prices, chip, i, err);
        if (status != CC_OK)
            return status;
    }
    for (uint32_t k = 0; k < prices->points_count; k++) {
        if (!used[k])
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: operating_points[%u].name: %s has no point \"%s\"; correct the "
                           "name or remove it",
                           prices->path, (unsigned)k, chip->path, prices->points[k].name);
    }
    return CC_OK;
}

static enum cc_status check_core(const struct energy_prices *prices, struct cc_error *err)
{
    double cycle = prices->core.cycle_pj.figure.value;
    double stall = prices->core.stall_pj.figure.value, idle = prices->core.idle_pj.figure.value;
    if (!(cycle >= 1e-3))
        return cc_fail(err, CC_ERR_INPUT, "%s: core.cycle_pj: %g is no price of a working cycle",
                       prices->path, cycle);
    if (stall <= cycle && idle <= cycle)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: core.%s: %g is more than cycle_pj %g; a waiting core does not draw more "
                   "than a working one",
                   prices->path, stall > cycle ? "stall_pj" : "idle_pj",
                   stall > cycle ? stall : idle, cycle);
}

static enum cc_status check_prices(const struct energy_prices *prices, struct energy_chip *chip,
                                   struct cc_error *err)
{
    const struct energy_limit limits[] = {
        {&prices->reference_vdd_v, "reference_vdd_v", 0.5, 60},
        {&prices->chip_rsd, "chip_rsd", 0, 2},
    };
    enum cc_status status = energy_limits_check(limits, 2, prices->path, "", err);
    for (uint32_t i = 0; status == CC_OK && i < ENERGY_PRICE_SLOTS; i++)
        status = check_fitted(energy_slot_price_of(prices, i), 0, MAX_PRICE_PJ, prices->path,
                              energy_price_slots[i].key, err);
    if (status == CC_OK)
        status = check_core(prices, err);
    if (status != CC_OK)
        return status;
    if (strcmp(prices->name, chip->name) != 0)
        return cc_fail(err, CC_ERR_INPUT, "%s: name: prices of %s, not of %s; correct the name",
                       prices->path, prices->name, chip->name);
    if (fabs(prices->reference_vdd_v.value - chip->reference_vdd_v.value) > 1e-9)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: reference_vdd_v: prices at %g V, but %s says %g V; calibrate again",
                       prices->path, prices->reference_vdd_v.value, chip->path,
                       chip->reference_vdd_v.value);
    return match_points(prices, chip, err);
}

/* Directions are named after the two figures that move most along them. */
struct extremes {
    const char *first, *second;
    double first_by, second_by;
};

static void look_at(const struct energy_fitted *f, const char *name, uint32_t k, struct extremes *x)
{
    double by = k < f->fit_fraction_count ? fabs(f->fit_fraction[k]) : 0;
    if (by > x->first_by) {
        x->second = x->first;
        x->second_by = x->first_by;
        x->first = name;
        x->first_by = by;
    } else if (by > x->second_by) {
        x->second = name;
        x->second_by = by;
    }
}

static void name_direction(struct energy_prices *prices, uint32_t k)
{
    struct extremes x = {0};
    for (uint32_t i = 0; i < ENERGY_PRICE_SLOTS; i++)
        look_at(energy_slot_price_of(prices, i), energy_price_slots[i].name, k, &x);
    for (uint32_t i = 0; i < prices->points_count; i++) {
        look_at(&prices->points[i].static_ua, "static current", k, &x);
        look_at(&prices->points[i].price_scale, "scale of points", k, &x);
        look_at(&prices->points[i].vdd_exponent, "supply law", k, &x);
    }
    if (x.second && strcmp(x.first, x.second) == 0)
        x.second = NULL;
    snprintf(prices->directions[k], sizeof prices->directions[k], "%.40s: fit %u%s%s%s%s",
             prices->name, (unsigned)k + 1, x.first ? ", " : "", x.first ? x.first : "",
             x.second ? " and " : "", x.second ? x.second : "");
}

static void name_directions(struct energy_prices *prices)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ENERGY_PRICE_SLOTS; i++) {
        const struct energy_fitted *f = energy_slot_price_of(prices, i);
        count = f->fit_fraction_count > count ? f->fit_fraction_count : count;
    }
    for (uint32_t i = 0; i < prices->points_count; i++) {
        const struct energy_point_prices *p = &prices->points[i];
        const struct energy_fitted *f[] = {&p->static_ua, &p->price_scale, &p->vdd_exponent};
        for (int n = 0; n < 3; n++)
            count = f[n]->fit_fraction_count > count ? f[n]->fit_fraction_count : count;
    }
    prices->direction_count = count;
    for (uint32_t k = 0; k < count; k++)
        name_direction(prices, k);
}

static int beside(const struct energy_chip *chip, char *path, size_t size)
{
    const char *slash = strrchr(chip->path, '/');
    int folder = slash ? (int)(slash - chip->path) : 1;
    int n = snprintf(path, size, "%.*s/../prices/%s.yaml", folder, slash ? chip->path : ".",
                     chip->name);
    FILE *file = n > 0 && (size_t)n < size ? fopen(path, "rb") : NULL;
    if (!file)
        return 0;
    fclose(file);
    return 1;
}

static enum cc_status find_prices(const struct energy_chip *chip, int given_as_file, char *path,
                                  size_t size, struct cc_error *err)
{
    char relative[SIM_NAME_BYTES + 32];
    if (given_as_file && beside(chip, path, size))
        return CC_OK;
    snprintf(relative, sizeof relative, "energy/prices/%s.yaml", chip->name);
    if (cc_data_path(relative, path, size))
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: name: there is no %s with the prices of chip %s; coincell calibrate "
                   "writes one",
                   chip->path, relative, chip->name);
}

enum cc_status energy_prices_load(struct energy_chip *chip, int given_as_file, struct cc_error *err)
{
    char path[sizeof chip->prices->path];
    cyaml_data_t *data = NULL;
    enum cc_status status = find_prices(chip, given_as_file, path, sizeof path, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_load(path, &prices_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_prices *prices = data;
    memcpy(prices->path, path, sizeof path);
    status = check_prices(prices, chip, err);
    if (status != CC_OK) {
        energy_prices_free(prices);
        return cc_yaml_add_line(err, path);
    }
    name_directions(prices);
    chip->prices = prices;
    return CC_OK;
}

void energy_prices_free(struct energy_prices *prices)
{
    cc_yaml_free(&prices_schema, prices);
}
