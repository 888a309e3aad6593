/* What the files of energy/fit share: the measurements as loaded, the priors, the model of a row.
 */
#ifndef FIT_INTERNAL_H
#define FIT_INTERNAL_H

#include "energy_chip_internal.h"
#include "energy_fit.h"

#define FIT_MAX_GROUPS 24
#define FIT_MAX_ROWS   400
#define FIT_MAX_PRICES 112

/* ---- measurements (fit_measurements.c) ---- */

struct fit_group {
    char name[SIM_NAME_BYTES];
    char source[160];
    int verified;
    double common_rsd; /* error that all rows of the group share, the stand-in factor's included */
    double scale;      /* on every current of the group */
    int stand_in;      /* measured on another chip */
};

struct energy_measurements {
    char path[512];
    char chip[SIM_NAME_BYTES];
    struct fit_group groups[FIT_MAX_GROUPS];
    uint32_t group_count;
    struct energy_measurement *rows; /* owned */
    uint32_t *row_group;             /* owned; index into groups */
    uint32_t row_count;
    unsigned char has_region[SIM_REGION_COUNT];
};

/* Line (from 1) of each row of groups[].rows[] in their order, at most count; 0 where unknown. */
void fit_measurement_lines(const char *path, uint32_t *lines, uint32_t count);

/* ---- priors (fit_priors.c): energy/priors/silicon.yaml ---- */

/* A price as a multiple of core.cycle_pj, within a factor. */
struct fit_ratio {
    char price[SIM_NAME_BYTES]; /* "classes.mac_pj" */
    double cycle_ratio;
    double spread_factor; /* one standard deviation; 1 = fixed */
    char source[ENERGY_SOURCE_BYTES];
};

struct fit_spread { /* {value, spread_factor} of a law */
    double value, spread_factor;
    char source[ENERGY_SOURCE_BYTES];
    int verified;
};

struct fit_priors {
    char name[SIM_NAME_BYTES];
    char description[512];
    int verified;
    struct fit_ratio prices[64];
    uint32_t prices_count;
    struct fit_spread global_factor;      /* of the cycle price around its first guess */
    struct fit_spread event_factor;       /* that all prices but the core's share */
    struct fit_spread static_fraction;    /* static current over the running one at the top clock */
    struct fit_spread core_voltage_v;     /* where a point does not state its own */
    struct fit_spread scale_fraction;     /* of a point, around what its core voltage gives */
    struct fit_spread regulator_fraction; /* efficiency of a switching regulator */
    struct fit_spread vdd_exponent;       /* of an operating point on a switching regulator */
    struct fit_spread chip_rsd;           /* least spread between chips of one type */
};

enum cc_status fit_priors_load(struct fit_priors **priors, struct cc_error *err);
void fit_priors_free(struct fit_priors *priors);
const struct fit_ratio *fit_priors_find(const struct fit_priors *priors, const char *price);

/* ---- operating points of a chip (fit_points.c) ---- */

struct fit_point {
    char name[SIM_NAME_BYTES];
    int switching;  /* regulator: energy ~ VDD^exponent; else the current does not depend on VDD */
    double top_mhz; /* up to which it is used */
    double core_v;  /* 0 = not stated */
};

struct fit_points {
    struct fit_point list[ENERGY_MAX_POINTS];
    uint32_t count;
    double reference_vdd_v;
};

void fit_points_of(const struct energy_chip *chip, struct fit_points *points);
/* The point of a row; CC_ERR_INPUT names file, line and key. */
enum cc_status fit_point_of_row(const struct energy_chip *chip,
                                const struct energy_measurements *measurements, uint32_t row,
                                uint32_t *point, struct cc_error *err);

/* ---- the model (fit_model.c) ---- */

enum fit_kind {
    FIT_CYCLE,
    FIT_STALL,
    FIT_IDLE,
    FIT_EVENT, /* class or region */
    FIT_STATIC,
    FIT_SCALE,
    FIT_EXPONENT
};

/* One figure of the price file: log price = sum over parameters, see fit_model_prices. */
struct fit_price {
    char key[SIM_NAME_BYTES];
    enum fit_kind kind;
    uint32_t slot;      /* of energy_price_slots; of the first four kinds */
    uint32_t point;     /* of the last three kinds */
    double prior_log;   /* relative to the cycle price, but for FIT_SCALE and FIT_EXPONENT */
    double spread;      /* standard deviation of the logarithm; 0 = fixed */
    uint32_t parameter; /* index; FIT_NO_PARAMETER when fixed */
};

#define FIT_NO_PARAMETER UINT32_MAX

/* What a row's power is made of, prepared once. */
struct fit_row {
    uint32_t point, group;
    double log_measured; /* ln of mA */
    double weight;       /* 1/tolerance^2; 0 = held out */
    double vdd_v;
    double mw_per_pj[FIT_MAX_PRICES]; /* of each event price, per second and 1e-9 */
};

struct fit_model {
    struct fit_points points;
    struct fit_price prices[FIT_MAX_PRICES];
    uint32_t price_count;
    uint32_t cycle, stall, idle;                        /* indices of the core prices */
    uint32_t static_first, scale_first, exponent_first; /* one each per point */
    struct fit_row *rows;                               /* owned */
    uint32_t row_count;
    double group_spread[FIT_MAX_GROUPS]; /* 0 = none */
    uint32_t group_parameter[FIT_MAX_GROUPS];
    uint32_t group_count;
    double first_log_cycle; /* first guess, centre of the prior */
    double global_spread, event_spread;
    uint32_t event_parameter; /* FIT_NO_PARAMETER when there is none */
    double idle_logit, idle_logit_spread, stall_logit, stall_logit_spread;
    uint32_t parameter_count;
};

enum cc_status fit_model_new(const struct energy_chip *chip,
                             const struct energy_measurements *measurements,
                             const struct sim_profile *const *profiles,
                             const struct fit_priors *priors, struct fit_model *model,
                             struct cc_error *err);
void fit_model_free(struct fit_model *model);
/* Sets first_log_cycle to the factor that brings the median row but left_out (UINT32_MAX = none)
 * from a cycle of 1 pJ to what was measured; to 0 when there is no such row. */
enum cc_status fit_model_guess(struct fit_model *model, uint32_t left_out, struct cc_error *err);

/* ln of every price from the parameters (standard normal a priori). jacobian may be NULL, else
 * [price_count x parameter_count]. */
void fit_model_prices(const struct fit_model *model, const double *parameters, double *log_prices,
                      double *jacobian);
/* ln of the current of a row; gradient (may be NULL) by the log prices. */
double fit_model_row(const struct fit_model *model, uint32_t row, const double *log_prices,
                     double *gradient);

/* ---- the solver (fit_solve.c) ---- */

struct fit_solution {
    double *parameters; /* owned [parameter_count] */
    uint32_t iterations;
    double cost;
};

/* Least squares from start (NULL = the prior) with row left_out not counted (UINT32_MAX = none). */
enum cc_status fit_solve(const struct fit_model *model, const double *start, uint32_t left_out,
                         struct fit_solution *solution, struct cc_error *err);
/* Covariance of the parameters at a solution, [n x n]; only rows with use[i] (NULL = all). */
enum cc_status fit_covariance(const struct fit_model *model, const double *parameters,
                              const unsigned char *use, double *covariance, struct cc_error *err);

#endif
