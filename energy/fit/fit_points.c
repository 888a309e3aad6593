/* Operating points of a chip file as the fit needs them. */
#include "fit_internal.h"

#include <stdio.h>
#include <string.h>

void fit_points_of(const struct energy_chip *chip, struct fit_points *points)
{
    memset(points, 0, sizeof *points);
    points->count = chip->points_count;
    points->reference_vdd_v = chip->reference_vdd_v.value;
    for (uint32_t p = 0; p < chip->points_count; p++) {
        const struct energy_point *from = &chip->points[p];
        struct fit_point *to = &points->list[p];
        memcpy(to->name, from->name, sizeof to->name);
        to->switching = from->regulator == ENERGY_SMPS;
        to->top_mhz = from->up_to_mhz;
        to->core_v = energy_figure_present(&from->vcore_v) ? from->vcore_v.value : 0;
    }
}

enum cc_status fit_point_of_row(const struct energy_chip *chip,
                                const struct energy_measurements *measurements, uint32_t row,
                                uint32_t *point, struct cc_error *err)
{
    const struct energy_measurement *m = &measurements->rows[row];
    const struct energy_point *found;
    enum cc_status status =
        energy_chip_point(chip, m->mhz * 1e6, m->range, m->regulator, &found, err);
    if (status != CC_OK) {
        cc_prefix(err, "%s:%u", measurements->path, (unsigned)m->line);
        return err ? (err->status = CC_ERR_INPUT) : CC_ERR_INPUT;
    }
    *point = (uint32_t)(found - chip->points);
    return CC_OK;
}
