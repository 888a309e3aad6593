/* Calibration: prices of a chip from measured currents of workloads whose counts are known.
 *
 * measured = predicted(prices) x exp(common error of the group) x exp(error of the row). Prices,
 * group errors and operating points are found together by bounded weighted least squares in the
 * logarithms, with priors from silicon that keep what the rows do not determine physical. The
 * result is deterministic. */
#ifndef ENERGY_FIT_H
#define ENERGY_FIT_H

#include "energy.h"

/* energy/measurements/NAME.yaml: groups of rows with a source each. */
struct energy_measurement {
    char workload[SIM_NAME_BYTES]; /* built-in workload, model name or file; "sleep" = WFI */
    char group[SIM_NAME_BYTES];
    double mhz, vdd_v;
    char range[SIM_NAME_BYTES], regulator[SIM_NAME_BYTES];
    char code[16], data[16];     /* region names: "flash", "sram", "itcm"; empty = as usual */
    char caches[8], prefetch[8]; /* "on", "off"; empty = as the chip file says */
    double measured_ma;          /* current, or the mean of energy per run over the time of a run */
    double tolerance;            /* relative standard deviation of the row */
    int held_out;                /* predicted, not fitted */
    char source[160];
    uint32_t line;
};

struct energy_measurements;
enum cc_status energy_measurements_load(const char *name_or_file,
                                        struct energy_measurements **measurements,
                                        struct cc_error *err);
void energy_measurements_free(struct energy_measurements *measurements);
const char *energy_measurements_path(const struct energy_measurements *measurements);
const char *energy_measurements_chip(const struct energy_measurements *measurements);
/* The chip has memory of this kind: it gets prices even when no row uses it. */
void energy_measurements_has_region(struct energy_measurements *measurements,
                                    enum sim_region_kind kind);
uint32_t energy_measurements_count(const struct energy_measurements *measurements);
const struct energy_measurement *
energy_measurements_row(const struct energy_measurements *measurements, uint32_t index);

struct energy_fit_row {
    double predicted_ma;
    int stand_in;    /* its group was measured on another chip */
    double residual; /* predicted / measured - 1, without the group's error */
    double left_out; /* the same when the row is left out of the fit; NAN when it is the only one */
};

/* Independent directions of the posterior that a price file keeps. */
#define ENERGY_FIT_KEPT 8

struct energy_fit_price {
    char key[SIM_NAME_BYTES]; /* "classes.mac_pj", "operating_points[2].static_ua" */
    double value, rsd, prior, prior_rsd;
    int determined; /* the rows, not the prior, decide: rsd below half of the prior's */
    int verified;   /* rows read in their documents would decide alone */
    double fit_fraction[ENERGY_FIT_KEPT]; /* relative change for one standard deviation
                                                   along each direction */
};

struct energy_fit {
    struct energy_fit_row *rows; /* as the measurements; owned */
    uint32_t row_count;
    struct energy_fit_price *prices; /* owned */
    uint32_t price_count;
    double median_residual, worst_residual; /* absolute; rows that were fitted, no stand-ins; NAN
                                               without any */
    double median_left_out;                 /* NAN also when there is only one row to fit */
    double chip_rsd;                        /* spread between groups that measured the same chip */
    uint32_t fitted_count, group_count;     /* rows that were fitted, groups they are from */
    uint32_t iterations;
};

/* profiles[i] is the counts of row i (steady state, any number of loops). chip gives the operating
 * points and the supply; its prices are not used. */
enum cc_status energy_fit_prices(const struct energy_chip *chip,
                                 const struct energy_measurements *measurements,
                                 const struct sim_profile *const *profiles, struct energy_fit *fit,
                                 struct cc_error *err);
void energy_fit_free(struct energy_fit *fit);

/* The price file (energy/prices/NAME.yaml) as text; caller frees. Same fit, same bytes. */
enum cc_status energy_fit_write(const struct energy_chip *chip,
                                const struct energy_measurements *measurements,
                                const struct energy_fit *fit, char **yaml, struct cc_error *err);

#endif
