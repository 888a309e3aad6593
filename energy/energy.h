/* From counts to joules and from joules to days. Knows the profile of sim/, nothing of emulation.
 * Uncertainty is first class: every result is an interval p10..p50..p90. */
#ifndef ENERGY_H
#define ENERGY_H

#include "cc_error.h"
#include "energy_docs.h"
#include "energy_interval.h"
#include "energy_unknown.h"
#include "sim_profile.h"

#include <stddef.h>
#include <stdint.h>

/* Parts of one inference's energy; they add up to the total. */
enum energy_part {
    ENERGY_STATIC,  /* static power x time, and the clock tree while the core sleeps (WFI) */
    ENERGY_CYCLES,  /* price per cycle */
    ENERGY_CLASSES, /* price per instruction class above the cycle price */
    ENERGY_MEMORY,  /* data accesses and memory-array reads */
    ENERGY_STALLS,  /* price per stall cycle */
    ENERGY_PART_COUNT
};
const char *energy_part_name(enum energy_part part); /* "static", "cycles", ... */

struct energy_chip; /* energy/chips/NAME.yaml and energy/prices/NAME.yaml, validated */

/* name_or_file as in cc_data_resolve. Prices are those of the name inside: of a file's own
 * ../prices/NAME.yaml when there is one, else of energy/prices. */
enum cc_status energy_chip_load(const char *name_or_file, struct energy_chip **chip,
                                struct cc_error *err);
/* The facts alone: for calibration, which makes the prices. energy_price and the mode "idle" refuse
 * such a chip with CC_ERR_USAGE. */
enum cc_status energy_chip_load_unpriced(const char *name_or_file, struct energy_chip **chip,
                                         struct cc_error *err);
void energy_chip_free(struct energy_chip *chip);
double energy_chip_vdd(const struct energy_chip *chip);

/* Under what a profile is priced. */
struct energy_condition {
    double vdd_v;          /* 0 = the chip's own */
    const char *regulator; /* of the chip file, "ldo", "smps"; NULL = its first */
    double temperature_c;  /* leakage follows it; NAN = 25 */
};

/* One thing unknown about the prices and what it does to an energy: z standard deviations of it
 * multiply the energy by exp(z x log_effect). Effects of one name are of one unknown, whatever
 * profile was priced; they may have either sign. */
#define ENERGY_MAX_EFFECTS 14
struct energy_effect {
    char name[ENERGY_UNKNOWN_NAME_BYTES]; /* "stm32u575: fit of mac and sram reads" */
    double log_effect;
};

struct energy_result {
    double vdd_v;
    double latency_s;                    /* p50; cycles slept included */
    double latency_p10_s, latency_p90_s; /* by profile->cycles_rsd */
    double running_ma;               /* mean supply current of the chip while it runs, at vdd_v */
    struct energy_interval total_uj; /* one inference */
    double parts_uj[ENERGY_PART_COUNT]; /* p50; sum = total_uj.p50 */
    struct energy_interval *scope_uj;   /* [profile->scope_count], owned;
                                           sum of p50 = total p50 */
    uint32_t scope_count;
    double total_rsd;                                 /* relative standard deviation of the total */
    struct energy_effect effects[ENERGY_MAX_EFFECTS]; /* their squares add up to that of total_rsd
                                                         (of the logarithm) */
    uint32_t effect_count;
    struct energy_spread spread[ENERGY_TOP_SPREADS]; /* the largest: what to measure first */
    double vdd_exponent;                             /* the energy goes with VDD to this power */
    char regulator[SIM_NAME_BYTES];                  /* of the chip file: "ldo", "smps" */
    char source_note[256];                           /* how well the prices are known */
    char range[SIM_NAME_BYTES]; /* voltage range that the prices are of; empty = of none */
};

/* Prices a profile that covers one invocation (sim_profile_mean) at the operating point of its
 * voltage range, or when it names none of its clock; condition NULL = all defaults. A class or
 * region that has counts and no price is CC_ERR_INPUT naming file, key and the nearest key there
 * is; a supply outside the chip's limits or a regulator it has not is CC_ERR_USAGE. */
enum cc_status energy_price(const struct energy_chip *chip, const struct sim_profile *profile,
                            const struct energy_condition *condition, struct energy_result *result,
                            struct cc_error *err);
/* Adds every figure that the price of this profile rests on. */
enum cc_status energy_price_docs(const struct energy_chip *chip, const struct sim_profile *profile,
                                 const struct energy_condition *condition, struct energy_docs *docs,
                                 struct cc_error *err);
void energy_result_free(struct energy_result *result);

/* The napkin: ops x pJ per op every so often from a battery of so many joules. No tables. */
struct energy_napkin {
    double uj_per_inference, average_uw, days;
};
enum cc_status energy_napkin_compute(double ops, double pj_per_op, double every_s,
                                     double battery_joules, struct energy_napkin *napkin,
                                     struct cc_error *err);

#endif
