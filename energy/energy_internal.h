/* What the files of energy/ share: figures with their uncertainty, and the loaded tables. */
#ifndef ENERGY_INTERNAL_H
#define ENERGY_INTERNAL_H

#include "cc_yaml.h"
#include "energy.h"

#define ENERGY_MAX_CURVE        64
#define ENERGY_MAX_TEMPERATURES 16
#define ENERGY_MAX_RATES        16

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

enum energy_regulator_kind { ENERGY_REGULATOR_NONE, ENERGY_REGULATOR_LDO };

struct energy_regulator {
    int kind;
    char name[SIM_NAME_BYTES];
    struct energy_figure vout_v, iq_ua, dropout_v; /* ldo only */
};

struct energy_curve_row {
    double dod;   /* depth of discharge, 0..1 */
    double v;     /* per cell, at rest or at a light load */
    double r_ohm; /* per cell, internal resistance to a pulse */
};

struct energy_curve {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    double pulse_ma, pulse_ms; /* with which r_ohm was measured; 0 = not in the file */
    struct energy_curve_row rows[ENERGY_MAX_CURVE];
    uint32_t rows_count;
};

struct energy_temperature_row {
    double c;
    double capacity;   /* factor on the capacity */
    double resistance; /* factor on the internal resistance */
};

struct energy_temperatures {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    struct energy_temperature_row rows[ENERGY_MAX_TEMPERATURES];
    uint32_t rows_count;
};

struct energy_rate_row {
    double ma;       /* average current of the pack */
    double capacity; /* factor on the capacity, 1 = rated */
};

struct energy_rates {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    double rsd; /* of the logarithm of the factor: none where nothing is lost */
    struct energy_rate_row rows[ENERGY_MAX_RATES];
    uint32_t rows_count;
};

struct energy_battery {
    char name[SIM_NAME_BYTES];
    char description[160];
    uint32_t cells_in_series;
    struct energy_figure capacity_mah;
    struct energy_figure cut_off_v; /* whole pack */
    struct energy_figure self_discharge_percent_per_year;
    struct energy_figure self_discharge_doubling_c;
    struct energy_figure shelf_life_years;
    struct energy_figure resistance_rsd; /* value: spread of r_ohm between cells */
    struct energy_figure max_pulse_ma;   /* optional: what the maker allows */
    struct energy_regulator regulator;
    struct energy_temperatures temperature;
    struct energy_rates rate;
    struct energy_curve curve;
    char path[512];
};

/* Pack voltage and resistance (at 20 C) at a depth of discharge, linear between rows. */
void energy_battery_at(const struct energy_battery *battery, double dod, double *v, double *r_ohm);
/* Factors at a temperature; CC_ERR_USAGE outside the table. */
enum cc_status energy_battery_temperature(const struct energy_battery *battery, double c,
                                          double *capacity, double *resistance,
                                          struct cc_error *err);
/* Factor on the capacity at an average current: 1 up to the first row, then along straight lines in
 * the logarithms of both; the last line goes on. */
double energy_battery_rate(const struct energy_battery *battery, double average_ua);
/* Leak as a current, rated capacity x rate; held at its 20 C value below 20 C. */
double energy_battery_self_discharge_ua(const struct energy_battery *battery, double temperature_c);
/* Energy of the full curve down to the cut-off at 20 C, without self-discharge. */
double energy_battery_joules(const struct energy_battery *battery);

#endif
