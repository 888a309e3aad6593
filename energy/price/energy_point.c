/* Which operating point of a chip holds, and the laws by which its prices follow the supply voltage
 * and the temperature. */
#include "energy_chip_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum cc_status energy_chip_regulator(const struct energy_chip *chip, const char *name,
                                     int *regulator, struct cc_error *err)
{
    char list[16] = "";
    int has[3] = {0};
    *regulator = chip->points[0].regulator;
    if (!name || !name[0])
        return CC_OK;
    for (uint32_t i = 0; i < chip->points_count; i++)
        has[chip->points[i].regulator] = 1;
    for (int r = ENERGY_LDO; r <= ENERGY_SMPS; r++) {
        if (!has[r])
            continue;
        if (strcmp(name, energy_regulator_text(r)) == 0) {
            *regulator = r;
            return CC_OK;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", list[0] ? ", " : "",
                 energy_regulator_text(r));
    }
    char path[512], file[128];
    snprintf(file, sizeof file, "energy/regulators/%.80s.yaml", name);
    if (cc_data_path(file, path, sizeof path))
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: is an external regulator, which a battery file or a scenario names "
                       "(key regulator); of its own %s has: %s",
                       name, chip->name, list);
    return cc_fail(err, CC_ERR_USAGE, "%s has no prices on a regulator '%.40s'; there are: %s",
                   chip->name, name, list);
}

const char *energy_chip_regulator_at(const struct energy_chip *chip, uint32_t index)
{
    int first = chip->points[0].regulator, other = 0;
    for (uint32_t i = 0; i < chip->points_count; i++)
        other = chip->points[i].regulator != first ? chip->points[i].regulator : other;
    if (index == 0)
        return energy_regulator_text(first);
    return index == 1 && other ? energy_regulator_text(other) : NULL;
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
                                     int regulator, const struct energy_point **point,
                                     struct cc_error *err)
{
    char list[256] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < chip->points_count; i++) {
        const struct energy_point *p = &chip->points[i];
        if (p->regulator != regulator)
            continue;
        if (strcmp(p->range, range) == 0 && mhz <= p->up_to_mhz * CLOCK_SLACK) {
            *point = p;
            return CC_OK;
        }
        if (used < sizeof list)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s up to %g MHz",
                                 used ? ", " : "", p->range[0] ? p->range : p->name, p->up_to_mhz);
    }
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: operating_points: no prices of voltage range %s at %g MHz on %s; there "
                   "are %s",
                   chip->path, range, mhz, energy_regulator_text(regulator), list);
}

static int has_ranges(const struct energy_chip *chip)
{
    for (uint32_t i = 0; i < chip->points_count; i++) {
        if (chip->points[i].range[0])
            return 1;
    }
    return 0;
}

static enum cc_status point_of_clock(const struct energy_chip *chip, double mhz, int regulator,
                                     const struct energy_point **point, struct cc_error *err)
{
    const struct energy_point *nearest = NULL;
    for (uint32_t i = 0; i < chip->points_count; i++) {
        const struct energy_point *p = &chip->points[i];
        if (p->regulator == regulator &&
            (!nearest || clock_distance(p, mhz) < clock_distance(nearest, mhz)))
            nearest = p;
    }
    if (!nearest)
        return cc_fail(err, CC_ERR_INTERNAL, "%s: no operating point on %s", chip->path,
                       energy_regulator_text(regulator));
    if (clock_distance(nearest, mhz) >= 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: operating_points: no prices at %g MHz; the nearest is %s, above %g up "
                       "to %g MHz",
                       chip->path, mhz, nearest->name, nearest->above_mhz, nearest->up_to_mhz);
    *point = nearest;
    return CC_OK;
}

enum cc_status energy_chip_point(const struct energy_chip *chip, double clock_hz, const char *range,
                                 const char *regulator, const struct energy_point **point,
                                 struct cc_error *err)
{
    double mhz = clock_hz * 1e-6;
    int on;
    *point = NULL;
    enum cc_status status = energy_chip_regulator(chip, regulator, &on, err);
    if (status != CC_OK)
        return status;
    if (!isfinite(mhz) || mhz <= 0)
        return cc_fail(err, CC_ERR_INPUT, "%s: the profile's clock is %g Hz; give a positive clock",
                       chip->path, clock_hz);
    if (range && range[0] && has_ranges(chip))
        return point_of_range(chip, mhz, range, on, point, err);
    return point_of_clock(chip, mhz, on, point, err);
}

const struct energy_point_prices *energy_point_prices_of(const struct energy_chip *chip,
                                                         const struct energy_point *point)
{
    return chip->prices ? &chip->prices->points[chip->point_prices[point - chip->points]] : NULL;
}

double energy_point_exponent(const struct energy_point *point,
                             const struct energy_point_prices *prices)
{
    return point->regulator == ENERGY_SMPS ? prices->vdd_exponent.figure.value : 1;
}

double energy_point_leakage(const struct energy_chip *chip, const struct energy_point *point,
                            double temperature_c)
{
    const struct energy_figure *doubling = energy_figure_present(&point->leakage_doubling_c)
                                               ? &point->leakage_doubling_c
                                               : &chip->leakage_doubling_c;
    return temperature_c > 25 ? exp2((temperature_c - 25) / doubling->value) : 1;
}

/* A switching regulator without headroom hands over to the LDO, unless it was asked for by name. */
static const char *usual_regulator(const struct energy_chip *chip, double vdd_v)
{
    if (energy_figure_present(&chip->smps_min_v) && vdd_v < chip->smps_min_v.value &&
        energy_chip_regulator_at(chip, 1))
        return energy_regulator_text(ENERGY_LDO);
    return NULL;
}

enum cc_status energy_condition_fill(const struct energy_chip *chip,
                                     const struct energy_condition *condition,
                                     struct energy_condition *filled, struct cc_error *err)
{
    *filled = condition ? *condition : (struct energy_condition){.temperature_c = NAN};
    if (filled->vdd_v == 0)
        filled->vdd_v = chip->vdd_v.value;
    if (isnan(filled->temperature_c))
        filled->temperature_c = 25;
    if (!filled->regulator || !filled->regulator[0])
        filled->regulator = usual_regulator(chip, filled->vdd_v);
    double vdd_v = filled->vdd_v;
    if (!isfinite(vdd_v) || vdd_v < chip->vdd_min_v.value || vdd_v > chip->vdd_max_v.value)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: a supply of %g V is outside %g..%g V of this chip; give one inside",
                       chip->name, vdd_v, chip->vdd_min_v.value, chip->vdd_max_v.value);
    if (!(filled->temperature_c >= -100 && filled->temperature_c <= 200))
        return cc_fail(err, CC_ERR_USAGE, "%s: %g C is no temperature for a chip; give -100 to 200",
                       chip->name, filled->temperature_c);
    return CC_OK;
}
