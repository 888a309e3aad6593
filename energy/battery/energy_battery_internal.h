/* What the files of energy/battery share: a battery and a regulator as their files describe them.
 * Figures of a battery are of the pack that the file describes; rows of its curve are of a cell. */
#ifndef ENERGY_BATTERY_INTERNAL_H
#define ENERGY_BATTERY_INTERNAL_H

#include "energy_internal.h"
#include "energy_lifetime.h"

#define ENERGY_MAX_CURVE        64
#define ENERGY_MAX_TEMPERATURES 16
#define ENERGY_MAX_RATES        16

#define ENERGY_HOURS_PER_YEAR 8766.0
#define ENERGY_UC_PER_MAH     3.6e6

enum energy_regulator_kind {
    ENERGY_REGULATOR_NONE,
    ENERGY_REGULATOR_LDO,
    ENERGY_REGULATOR_BUCK,
    ENERGY_REGULATOR_BOOST
};

struct energy_regulator {
    int kind;
    char name[SIM_NAME_BYTES];
    char description[160]; /* of a file of its own */
    struct energy_figure vout_v, iq_ua;
    struct energy_figure dropout_v;           /* ldo and buck */
    struct energy_figure efficiency_fraction; /* buck and boost: without what follows */
    struct energy_figure loss_ohm;            /* buck and boost: output current squared x this */
    struct energy_figure least_input_v;       /* boost */
    struct energy_figure most_input_v;        /* optional */
    char path[512];
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
    double ma;       /* current of the pack */
    double capacity; /* factor on the capacity, 1 = rated */
};

struct energy_rates {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    double rsd; /* of the logarithm of the factor: none where nothing is lost */
    struct energy_rate_row rows[ENERGY_MAX_RATES];
    uint32_t rows_count;
};

/* Two wells (energy_kibam.h). With it the rate table is not used. */
struct energy_battery_kibam {
    struct energy_figure c_fraction, k_per_h;
};

/* Pulses longer than those of the curve meet a higher resistance: by resistance_factor at
 * duration_s and above. */
struct energy_long_pulse {
    struct energy_figure duration_s, resistance_factor;
};

/* A film that grows on the electrode between pulses: resistance in multiples of the fresh cell's,
 * reached after so many days. */
struct energy_passivation {
    struct energy_figure resistance_factor, after_days;
};

struct energy_ageing {
    struct energy_figure capacity_loss_percent_per_year;
    struct energy_figure cycle_life_count, fade_percent; /* full cycles until so much is lost */
    struct energy_figure resistance_growth_percent;      /* by then */
};

struct energy_supercapacitor {
    struct energy_figure capacitance_f, rated_v, lowest_v, esr_ohm;
    struct energy_figure leakage_ua; /* at rated_v and 20 C; in proportion to the voltage */
};

struct energy_battery {
    char name[SIM_NAME_BYTES];
    char description[160];
    uint32_t cells_in_series, cells_in_parallel;
    int rechargeable;
    struct energy_figure capacity_mah;
    struct energy_figure cut_off_v; /* at rest */
    struct energy_figure self_discharge_percent_per_year;
    struct energy_figure self_discharge_doubling_c;
    struct energy_figure shelf_life_years;
    struct energy_figure resistance_rsd;         /* value: spread of r_ohm between cells */
    struct energy_figure max_pulse_ma;           /* optional: what the maker allows */
    struct energy_supercapacitor supercapacitor; /* instead of capacity, cut-off, self-discharge,
                                                    rate and curve */
    struct energy_ageing ageing;
    struct energy_battery_kibam kibam;
    struct energy_long_pulse long_pulse;
    struct energy_passivation passivation;
    struct energy_regulator regulator;
    char regulator_name[128]; /* of a file of its own; empty: in the battery's */
    struct energy_temperatures temperature;
    struct energy_rates rate;
    struct energy_rates pulse_derating; /* optional: by the largest current of a pulse */
    struct energy_curve curve;
    char path[512];
};

int energy_battery_is_supercapacitor(const struct energy_battery *battery);

/* Limits, order of rows, what belongs together. Members that a kind of battery has not stay zero.
 * A supercapacitor gets its curve, capacity and cut-off here. */
enum cc_status energy_battery_check(struct energy_battery *battery, struct cc_error *err);
enum cc_status energy_regulator_check(const struct energy_regulator *regulator, const char *path,
                                      const char *prefix, struct cc_error *err);
/* Fields of a regulator, of a battery file or of one of its own. */
extern const cyaml_schema_field_t energy_regulator_fields[];

/* The (capacity, voltage, resistance) rows of an Otii profile; see energy/README.md. */
enum cc_status energy_battery_load_otii(const char *path, struct energy_battery *battery,
                                        struct cc_error *err);

/* Pack voltage and resistance (at 20 C) at a depth of discharge, linear between rows. */
void energy_battery_at(const struct energy_battery *battery, double dod, double *v, double *r_ohm);
/* Factors at a temperature; CC_ERR_USAGE outside the table. */
enum cc_status energy_battery_temperature(const struct energy_battery *battery, double c,
                                          double *capacity, double *resistance,
                                          struct cc_error *err);
/* Factor at a current: that of the first row up to it, then along straight lines in the logarithms
 * of both; the last line goes on. No rows: 1. slope (may be NULL): d ln factor / d ln current. */
double energy_rates_at(const struct energy_rates *rates, double ma, double *slope);
/* Factor on the capacity at an average current. */
double energy_battery_rate(const struct energy_battery *battery, double average_ua);
/* Leak as a current, rated capacity x rate; held at its 20 C value below 20 C. */
double energy_battery_self_discharge_ua(const struct energy_battery *battery, double temperature_c);
/* Energy of the full curve down to the cut-off at 20 C, without self-discharge. */
double energy_battery_joules(const struct energy_battery *battery);

#endif
