/* How a lifetime is computed; for the files of energy/battery and their tests.
 *
 * A supply is a row of knots along the depth of discharge. Between two knots the reciprocal of the
 * battery's current is a straight line: exact for constant currents and for constant powers, since
 * V is one. The life is the integral of charge over current up to the end; the end is the first
 * depth at which a pulse is not served, found between two knots. Both change smoothly with every
 * input. */
#ifndef ENERGY_LIFETIME_INTERNAL_H
#define ENERGY_LIFETIME_INTERNAL_H

#include "energy_battery_internal.h"

#define ENERGY_MAX_KNOTS 128

/* Unknowns of the battery's side, behind those of the load. */
enum energy_supply_unknown {
    ENERGY_SUPPLY_CAPACITY,
    ENERGY_SUPPLY_RESISTANCE,
    ENERGY_SUPPLY_SELF_DISCHARGE,
    ENERGY_SUPPLY_AGEING,
    ENERGY_SUPPLY_RATE,
    ENERGY_SUPPLY_DERATING,
    ENERGY_SUPPLY_QUIESCENT,
    ENERGY_SUPPLY_EFFICIENCY,
    ENERGY_SUPPLY_SHELF_LIFE,
    ENERGY_SUPPLY_INCOME,
    ENERGY_SUPPLY_UNKNOWNS
};

#define ENERGY_ALL_UNKNOWNS (ENERGY_MAX_UNKNOWNS + ENERGY_SUPPLY_UNKNOWNS)

struct energy_supply {
    const struct energy_battery *battery;
    int kind;                                /* enum energy_regulator_kind */
    char regulator[SIM_NAME_BYTES];          /* its name; empty = none */
    double vout_v, dropout_v, least_input_v; /* of the regulator, where it has them */
    double iq_ua, efficiency, loss_ohm;
    struct energy_buffer buffer;
    double charge_uc; /* of depth 1, at the temperature */
    double shelf_s;
    double fresh_ohm;     /* at the temperature */
    double current_scale; /* currents of the file's tables x this are those of this pack */
    double ageing_ua;     /* calendar loss of capacity, as a leak */
    struct energy_unknown unknowns[ENERGY_SUPPLY_UNKNOWNS];
    double least_v, most_ohm; /* over the knots */
    /* Knots, from depth 0 to where the voltage at rest reaches the cut-off (or 1). */
    uint32_t count;
    double dod[ENERGY_MAX_KNOTS];
    double v[ENERGY_MAX_KNOTS];     /* battery at rest */
    double r_ohm[ENERGY_MAX_KNOTS]; /* at the temperature */
    double vdd[ENERGY_MAX_KNOTS];   /* of the load */
    double log_vdd[ENERGY_MAX_KNOTS];
    double gain[ENERGY_MAX_KNOTS];   /* battery's current / load's current */
    double loss_v[ENERGY_MAX_KNOTS]; /* watts of loss_ohm / this = amperes; 0 = none */
    double leak_ua[ENERGY_MAX_KNOTS];
};

/* Income of a harvester, battery side, mean. */
struct energy_income {
    const char *name;
    double uw;
    double log_sd;
};

/* As energy_lifetime_compute, with an income that relieves the battery (NULL = none). Where the
 * income carries the load at some depth before the end, nothing is taken out of the battery any
 * more and the life ends with the shelf life. */
enum cc_status energy_lifetime_with_income(const struct energy_supply *supply,
                                           const struct energy_load *load,
                                           const struct energy_income *income, int with_interval,
                                           struct energy_lifetime *life, struct cc_error *err);

/* What a supply can store and give back, full to empty, at its temperature. */
struct energy_store {
    int rechargeable;
    double uj; /* battery side, down to where a pulse of the load fails; 0 when the load does not
                  fit */
    double charge_uc;
    double shelf_s;
    /* Of a rechargeable battery; 0 = not in its file. */
    double capacity_loss_per_year; /* fraction */
    double cycle_life, fade;       /* full cycles until this fraction is lost */
};
struct energy_store energy_supply_store(const struct energy_supply *supply,
                                        const struct energy_load *load);

/* One load on one supply, prepared: the same for every setting of the unknowns. */
#define ENERGY_MAX_LAWS 12 /* different exponents of VDD; more are put to the nearest */

struct energy_law {
    double exponent;
    double power[ENERGY_MAX_KNOTS]; /* vdd^(exponent - 1) */
};

struct energy_pulse {
    double a, rest_a; /* battery side, when the load gets the least it needs */
    double need_v;    /* of the battery, under the pulse */
    double fresh_ma;  /* battery side, from a fresh battery at rest */
    double load_a;    /* of the load, at a supply of at_v */
    double at_v;
    double r_factor; /* on the resistance of the knots: long pulses */
    double s, every_s;
    double exponent;    /* of the load's current; below 1 it rises as the voltage falls */
    int unknown, index; /* of the load */
};

struct energy_bench { /* everything laid out */
    const struct energy_supply *supply;
    const struct energy_load *load;
    const struct energy_income *income;
    uint32_t unknown_count; /* of the load; those of the supply follow */
    struct energy_law laws[ENERGY_MAX_LAWS];
    uint32_t law_count;
    int law_of[ENERGY_MAX_LOAD_PARTS];
    double part_ua[ENERGY_MAX_LOAD_PARTS]; /* x power = current at the load, uA */
    struct energy_pulse pulses[ENERGY_MAX_LOAD_PULSES + 1];
    uint32_t pulse_count;
    uint32_t heaviest; /* pulse with the largest drop */
    uint32_t peak;     /* pulse with the largest current, fresh */
    double loss_w;     /* of the regulator's loss_ohm */
    double peak_ma;    /* its, battery side */
    double least_v;    /* battery side, at rest */
};

/* A setting of the unknowns: factors, and what follows from them. */
struct energy_setting {
    double law_ua[ENERGY_MAX_LAWS];
    double self_discharge, ageing, quiescent, efficiency, income; /* factors */
    double resistance, capacity, shelf_life, rate, derating;
    double pulse[ENERGY_MAX_LOAD_PULSES + 1];
};

struct energy_run {
    double y[ENERGY_MAX_KNOTS]; /* 1 / battery's current, 1/uA */
    double t[ENERGY_MAX_KNOTS]; /* integral of y over the depth */
    double t_end;               /* the same at the end */
    double dod_end;
    uint32_t segment;     /* knot behind the end, >= 1 */
    int pulse;            /* that ends it; -1 = charge used up */
    double factor, slope; /* of the charge that comes out, and d ln factor / d ln mean
                             current */
    double derate;        /* part of factor that is due to the pulses */
    double s;             /* life without shelf life */
};

enum cc_status energy_bench_set(const struct energy_supply *supply, const struct energy_load *load,
                                const struct energy_income *income, struct energy_bench *bench,
                                struct cc_error *err);
/* Its pulses: part of setting a bench. */
void energy_bench_pulses(struct energy_bench *bench);
/* z[i] standard deviations of unknown i; NULL = nominal. */
void energy_setting_at(const struct energy_bench *bench, const double *z,
                       struct energy_setting *setting);
void energy_run_currents(const struct energy_bench *bench, const struct energy_setting *setting,
                         struct energy_run *run);
void energy_run_end(const struct energy_bench *bench, const struct energy_setting *setting,
                    struct energy_run *run);
void energy_run_life(const struct energy_bench *bench, const struct energy_setting *setting,
                     struct energy_run *run);
/* Weight of knot k in the integral over the depth up to the end: half of the steps beside it; the
 * last step is cut off at the end. */
double energy_run_weight(const struct energy_supply *supply, const struct energy_run *run,
                         uint32_t k);
/* d ln life / d z of every unknown, from a nominal run; brown-outs that are near count too.
 * sagged: the lives (s, without shelf life) at p10 and p90 of resistance x largest pulse alone. */
void energy_run_effects(const struct energy_bench *bench, const struct energy_setting *nominal,
                        const struct energy_run *run, double effects[ENERGY_ALL_UNKNOWNS],
                        struct energy_interval *sagged);
/* Life without and with the shelf life at a setting, s. */
double energy_life_at(const struct energy_bench *bench, const double *z, int with_shelf_life);
/* Drop of a pulse at a voltage and resistance at rest. */
double energy_pulse_drop(const struct energy_bench *bench, const struct energy_setting *setting,
                         uint32_t pulse, double v, double r_ohm);
/* The same for a pulse that may be served with volts to spare: what it takes then, A of the
 * battery, comes with it. */
double energy_pulse_served(const struct energy_bench *bench, const struct energy_setting *setting,
                           uint32_t pulse, double v, double r_ohm, double *battery_a);
/* Spread (standard deviation of the logarithm, both sides' mean) and name of an unknown. */
double energy_bench_log_sd(const struct energy_bench *bench, uint32_t unknown);
const char *energy_bench_unknown(const struct energy_bench *bench, uint32_t unknown);

#endif
