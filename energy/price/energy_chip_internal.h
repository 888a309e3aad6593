/* A chip as energy/chips/NAME.yaml tells it (facts) and energy/prices/NAME.yaml (what running code
 * costs), for the files of energy/ only. */
#ifndef ENERGY_CHIP_INTERNAL_H
#define ENERGY_CHIP_INTERNAL_H

#include "energy_chip_power.h"
#include "energy_internal.h"

#define ENERGY_MAX_POINTS      16
#define ENERGY_MAX_SLEEP_MODES 16
#define ENERGY_MAX_PERIPHERALS 24
#define ENERGY_MAX_WORKS       12
#define ENERGY_WORD_BYTES      24

enum energy_switching {
    ENERGY_ANY_REGULATOR, /* of a sleep mode or peripheral: the file does not tell them apart */
    ENERGY_LDO,           /* current independent of VDD: energy ~ VDD */
    ENERGY_SMPS           /* switching: energy ~ VDD^exponent */
};
const char *energy_regulator_text(int regulator); /* "ldo", "smps" */

/* Operating point: a clock range with its core voltage, on one regulator. */
struct energy_point {
    char name[SIM_NAME_BYTES];
    int regulator;                           /* enum energy_switching */
    char range[SIM_NAME_BYTES];              /* of the chip's voltage ranges; empty = of none */
    double above_mhz, up_to_mhz;             /* above < clock <= up_to */
    struct energy_figure vcore_v;            /* optional */
    struct energy_figure leakage_doubling_c; /* optional: instead of the chip's */
    int verified;                            /* of the clock limits */
    char source[ENERGY_SOURCE_BYTES];
};

typedef char energy_word[ENERGY_WORD_BYTES];

struct energy_sleep_mode {
    char name[SIM_NAME_BYTES], text[128];
    int regulator;      /* enum energy_switching */
    double vdd_v;       /* of the current */
    double retained_kb; /* of RAM */
    int rtc;            /* runs in the current given */
    energy_word works[ENERGY_MAX_WORKS];
    uint32_t works_count;
    int verified;
    char source[ENERGY_SOURCE_BYTES];
    struct energy_figure current_ua;       /* at 25 C */
    struct energy_figure doubling_c;       /* above 25 C the current doubles every so many C */
    struct energy_figure vdd_exponent;     /* optional: of the power; 1 */
    struct energy_figure wake_us;          /* until the core runs */
    struct energy_figure wake_ua, wake_nc; /* current meanwhile or charge: one of the two */
};

struct energy_peripheral {
    char name[SIM_NAME_BYTES], text[128];
    int regulator; /* enum energy_switching */
    struct energy_figure vdd_v;
    struct energy_figure active_ua, ua_per_mhz; /* at least one of the three; they add */
    struct energy_figure uj_per_kb;
    struct energy_figure clock_mhz;    /* optional: of ua_per_mhz; else the core clock */
    struct energy_figure vdd_exponent; /* optional: of the power; 1 on an ldo, else the point's */
    char sleep[SIM_NAME_BYTES];        /* deepest mode in which it works */
};

#define ENERGY_FIT_DIRECTIONS 8

/* A figure of a price file. fit_fraction[k]: relative change for one standard deviation along
 * direction k of the fit, the same directions for all figures of the file. What rsd holds beyond
 * them is the figure's own. Without fit_fraction it was not fitted. */
struct energy_fitted {
    struct energy_figure figure;
    double fit_fraction[ENERGY_FIT_DIRECTIONS];
    uint32_t fit_fraction_count;
};

struct energy_region_prices {
    struct energy_fitted fetch_pj;          /* per 4 bytes of instructions executed */
    struct energy_fitted line_read_pj;      /* per read of the array behind a buffer or cache */
    struct energy_fitted read_pj, write_pj; /* per data access */
};

struct energy_core_prices {
    struct energy_fitted cycle_pj; /* per cycle in which the core works */
    struct energy_fitted stall_pj; /* per cycle in which it waits for memory */
    struct energy_fitted idle_pj;  /* per cycle in which it sleeps with the clock tree on */
};

struct energy_class_prices {
#define SIM_CLASS(id, name, text) struct energy_fitted class_##id;
#include "sim_classes.def"
#undef SIM_CLASS
};

struct energy_regions {
#define SIM_REGION(id, name, text) struct energy_region_prices region_##id;
#include "sim_classes.def"
#undef SIM_REGION
};

struct energy_point_prices {
    char name[SIM_NAME_BYTES];         /* of the chip's operating point */
    struct energy_fitted static_ua;    /* at reference_vdd_v and 25 C */
    struct energy_fitted price_scale;  /* multiplies every price of core, classes and regions */
    struct energy_fitted vdd_exponent; /* smps only; 1 on an ldo */
};

struct energy_prices {
    char name[SIM_NAME_BYTES];
    char fitted_on[4096];
    struct energy_figure reference_vdd_v; /* at which every price holds */
    struct energy_figure chip_rsd;        /* value: spread between chips, boards, configurations */
    struct energy_core_prices core;
    struct energy_class_prices classes;
    struct energy_regions regions;
    struct energy_point_prices points[ENERGY_MAX_POINTS];
    uint32_t points_count;
    char path[512];
    /* "stm32l4r5: fit 1, mac and sram reads": what the figures with the largest fractions are. */
    char directions[ENERGY_FIT_DIRECTIONS][ENERGY_UNKNOWN_NAME_BYTES];
    uint32_t direction_count;
};

struct energy_chip {
    char name[SIM_NAME_BYTES];
    char description[160];
    struct energy_figure vdd_v, vdd_min_v, vdd_max_v;
    struct energy_figure smps_min_v; /* optional: below it the converter is bypassed */
    struct energy_figure reference_vdd_v;    /* of the prices */
    struct energy_figure leakage_doubling_c; /* of static_ua, above 25 C */
    struct energy_figure idle_wake_cycles;   /* from idle to running */
    /* From the end of a sleep mode's wake-up to the run clock: oscillators, PLL, core voltage. */
    struct energy_figure clock_start_us, clock_start_ua;
    struct energy_point points[ENERGY_MAX_POINTS];
    uint32_t points_count;
    struct energy_sleep_mode sleep_modes[ENERGY_MAX_SLEEP_MODES];
    uint32_t sleep_modes_count;
    struct energy_peripheral peripherals[ENERGY_MAX_PERIPHERALS];
    uint32_t peripherals_count;
    char path[512];
    struct energy_prices *prices;             /* NULL: loaded without */
    uint32_t point_prices[ENERGY_MAX_POINTS]; /* index in prices->points of each point */
};

/* One price of core, classes or regions: where it is and what it counts. */
struct energy_price_slot {
    size_t offset; /* of the struct energy_fitted in struct energy_prices */
    enum energy_part part;
    const char *key;  /* "regions.sram.read_pj" */
    const char *name; /* "sram reads" */
    const char *unit; /* of the count: "accesses" */
    double (*count)(const struct sim_counts *counts, int index);
    int index; /* class or region */
};
#define ENERGY_PRICE_SLOTS (3 + SIM_CLASS_COUNT + 4 * SIM_REGION_COUNT)
extern const struct energy_price_slot energy_price_slots[ENERGY_PRICE_SLOTS];
struct energy_fitted *energy_slot_price(struct energy_prices *prices, uint32_t slot);
const struct energy_fitted *energy_slot_price_of(const struct energy_prices *prices, uint32_t slot);
/* What the price is multiplied with. */
double energy_slot_count(uint32_t slot, const struct sim_counts *counts);

/* Price file of a chip: ../prices/NAME.yaml beside a chip file that was given as a file, else
 * energy/prices/NAME.yaml. Checks it against the chip's operating points. */
enum cc_status energy_prices_load(struct energy_chip *chip, int given_as_file,
                                  struct cc_error *err);
void energy_prices_free(struct energy_prices *prices);

/* Operating point of a clock; CC_ERR_INPUT names the nearest one when none covers it. With a
 * voltage range (not empty) the lowest of its points that reaches the clock, also below above_mhz:
 * what a range costs holds at any clock it can run; CC_ERR_INPUT when the file has points of ranges
 * and none of this one does. Files whose points name no ranges go by the clock alone. regulator
 * NULL or empty: that of the first point; CC_ERR_USAGE when the chip has no such. */
enum cc_status energy_chip_point(const struct energy_chip *chip, double clock_hz, const char *range,
                                 const char *regulator, const struct energy_point **point,
                                 struct cc_error *err);
enum cc_status energy_chip_regulator(const struct energy_chip *chip, const char *name,
                                     int *regulator, struct cc_error *err);
/* NULL when the chip was loaded without prices. */
const struct energy_point_prices *energy_point_prices_of(const struct energy_chip *chip,
                                                         const struct energy_point *point);
/* Of the energy at an operating point: 1 on an ldo. */
double energy_point_exponent(const struct energy_point *point,
                             const struct energy_point_prices *prices);
/* Factor on static_ua at a temperature; 1 below 25 C: a cold battery must not come out better for
 * it. */
double energy_point_leakage(const struct energy_chip *chip, const struct energy_point *point,
                            double temperature_c);

/* Voltage within the chip's limits, defaults filled in; CC_ERR_USAGE. */
enum cc_status energy_condition_fill(const struct energy_chip *chip,
                                     const struct energy_condition *condition,
                                     struct energy_condition *filled, struct cc_error *err);

/* One figure of a table to be checked: where it is, its key and its limits. */
struct energy_limit {
    const struct energy_figure *figure;
    const char *key;
    double min, max;
};
/* prefix stands before the keys in messages. */
enum cc_status energy_limits_check(const struct energy_limit *limits, size_t count,
                                   const char *path, const char *prefix, struct cc_error *err);

/* What a term of a bill is, besides the slots. */
enum energy_term_kind {
    ENERGY_TERM_STATIC = ENERGY_PRICE_SLOTS,
    ENERGY_TERM_SCALE,
    ENERGY_TERM_SUPPLY_LAW,
    ENERGY_TERM_LEAKAGE
};
#define ENERGY_MAX_TERMS (ENERGY_PRICE_SLOTS + 4)

/* One figure that an energy rests on. */
struct energy_term {
    const struct energy_fitted *price;
    int kind;      /* slot, or enum energy_term_kind */
    double weight; /* d log energy / d log figure */
};

/* What it takes to price a profile: chip, point, voltage, temperature. */
struct energy_pricing {
    const struct energy_chip *chip;
    const struct energy_point *point;
    const struct energy_point_prices *point_prices;
    double vdd_v;
    double clock_hz;
    double exponent;   /* of the supply law */
    double factor;     /* of the supply voltage on every energy */
    double leakage;    /* of the temperature on static_ua */
    double cycles_rsd; /* shared by all that is paid by the cycle */
    struct energy_fitted leakage_doubling_c;
    double leakage_weight; /* d log leakage / d log doubling */
};
enum cc_status energy_pricing_start(const struct energy_chip *chip,
                                    const struct sim_profile *profile,
                                    const struct energy_condition *condition,
                                    struct energy_pricing *pricing, struct cc_error *err);

/* One energy, its parts and the figures it rests on. */
struct energy_bill {
    double uj[ENERGY_PART_COUNT];
    double total_uj;
    double by_cycles; /* share of it that is paid by the cycle */
    struct energy_term terms[ENERGY_MAX_TERMS];
    uint32_t term_count;
};
enum cc_status energy_bill_make(const struct energy_pricing *pricing,
                                const struct sim_counts *counts, struct energy_bill *bill,
                                struct cc_error *err);

struct energy_effects {
    struct energy_effect list[ENERGY_MAX_EFFECTS];
    uint32_t count;
    double rsd; /* of all together */
};
/* All that is unknown about a bill: spread between chips, cycle counts, the directions of the fit,
 * and what no fit determined. */
void energy_bill_effects(const struct energy_pricing *pricing, const struct energy_bill *bill,
                         struct energy_effects *effects);

#endif
