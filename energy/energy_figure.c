/* Figures {value, rsd, source, verified} of the tables: schema, limits, messages. */
#include "energy_internal.h"

#include <math.h>
#include <stdio.h>

const cyaml_strval_t energy_yes_no[2] = {{"no", 0}, {"yes", 1}};

const cyaml_schema_field_t energy_figure_fields[] = {
    CYAML_FIELD_FLOAT("value", CYAML_FLAG_DEFAULT, struct energy_figure, value),
    CYAML_FIELD_FLOAT("rsd", CYAML_FLAG_DEFAULT, struct energy_figure, rsd),
    CYAML_FIELD_STRING("source", CYAML_FLAG_DEFAULT, struct energy_figure, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct energy_figure, verified, energy_yes_no,
                     2),
    CYAML_FIELD_END,
};

int energy_figure_present(const struct energy_figure *figure)
{
    return figure->source[0] != '\0';
}

double energy_figure_rsd(const struct energy_figure *figure)
{
    return figure->verified ? figure->rsd : hypot(figure->rsd, ENERGY_UNVERIFIED_RSD);
}

enum cc_status energy_number_check(double value, double min, double max, const char *path,
                                   const char *key, struct cc_error *err)
{
    if (isfinite(value) && value >= min && value <= max)
        return CC_OK;
    return cc_yaml_fail(err, path, key, "%g is not between %g and %g; correct the figure", value,
                        min, max);
}

enum cc_status energy_figure_check(const struct energy_figure *figure, double min, double max,
                                   const char *path, const char *key, struct cc_error *err)
{
    char rsd_key[160];
    if (!energy_figure_present(figure))
        return CC_OK;
    enum cc_status status = energy_number_check(figure->value, min, max, path, key, err);
    if (status != CC_OK)
        return status;
    snprintf(rsd_key, sizeof rsd_key, "%s.rsd", key);
    return energy_number_check(figure->rsd, 0, 2, path, rsd_key, err);
}
