/* What the files of energy/ share: figures with their uncertainty, and the loaded tables. */
#ifndef ENERGY_INTERNAL_H
#define ENERGY_INTERNAL_H

#include "cc_yaml.h"
#include "energy.h"

/* Added in quadrature to the rsd of a figure that nobody checked against its document. */
#define ENERGY_UNVERIFIED_RSD 0.10

/* One number of a table: {value, rsd, source, verified}. Its key carries the unit. An optional
 * figure that is absent from the file has an empty source. */
struct energy_figure {
    double value;
    double rsd; /* relative standard deviation */
    int verified;
    char source[ENERGY_SOURCE_BYTES];
};

extern const cyaml_schema_field_t energy_figure_fields[];
extern const cyaml_strval_t energy_yes_no[2];

/* A figure as a member of a mapping; flags CYAML_FLAG_DEFAULT or CYAML_FLAG_OPTIONAL. */
#define ENERGY_FIGURE(key, flags, structure, member)                                               \
    CYAML_FIELD_MAPPING(key, flags, structure, member, energy_figure_fields)

int energy_figure_present(const struct energy_figure *figure);
/* rsd, widened when unverified. */
double energy_figure_rsd(const struct energy_figure *figure);
/* CC_ERR_INPUT naming path and key when value is not finite or outside min..max, or rsd is not in
 * 0..2. An absent optional figure passes. */
enum cc_status energy_figure_check(const struct energy_figure *figure, double min, double max,
                                   const char *path, const char *key, struct cc_error *err);
/* The same for a bare number of a table. */
enum cc_status energy_number_check(double value, double min, double max, const char *path,
                                   const char *key, struct cc_error *err);

#define ENERGY_Z_90 1.2815515655446004 /* 90 % quantile of the standard normal distribution */

/* p10, p50, p90 of a lognormal whose median is p50 and whose relative standard deviation is rsd. */
struct energy_interval energy_interval_lognormal(double p50, double rsd);

#endif
