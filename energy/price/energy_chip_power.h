/* What a chip takes when its core does not run, and what its peripherals take: energy/chips. The
 * prices of running code are in energy.h. All powers are at the supply vdd_v of the call. */
#ifndef ENERGY_CHIP_POWER_H
#define ENERGY_CHIP_POWER_H

#include "energy.h"
#include "energy_docs.h"

/* Sleep modes of the chip file, the deepest usual one (what a duty cycle sleeps in) first. The mode
 * "idle" exists on every chip: core clock stopped, clock tree, PLL and memories on; its power comes
 * from the prices of the operating point. */
struct energy_sleep_state {
    char name[SIM_NAME_BYTES]; /* "stop2" */
    char text[128];            /* "Stop 2, RTC on LSE, all 128 KB SRAM retained" */
    double uw, uw_rsd;
    double retained_kb;       /* of RAM; all of it in idle: 0 */
    int rtc;                  /* runs, and is in uw */
    double wake_s;            /* until the core runs at its clock */
    double wake_uj, wake_rsd; /* of the whole wake-up */
    double vdd_exponent;
};

/* mode NULL or empty = the first one of the regulator. point_of gives the clock and range for
 * "idle"; else it may be NULL. The temperature of the condition counts above 25 C. CC_ERR_INPUT
 * lists the modes there are. */
enum cc_status energy_chip_sleep(const struct energy_chip *chip, const char *mode,
                                 const struct sim_profile *point_of,
                                 const struct energy_condition *condition,
                                 struct energy_sleep_state *state, struct energy_docs *docs,
                                 struct cc_error *err);

/* Index of modes for listing, a mode of two regulators once; NULL behind the last. */
const char *energy_chip_sleep_mode(const struct energy_chip *chip, uint32_t index);

/* A peripheral that may work while the core sleeps ("pdm", "adc", "i2s", "spi", "dma", "timer"). */
struct energy_peripheral_state {
    double uw, rsd;             /* while it works, with the clocks it needs, beside the sleep */
    char sleep[SIM_NAME_BYTES]; /* deepest sleep mode in which it works */
    double uj_per_kb;           /* of data moved, where that is what is known; else 0 */
    double vdd_exponent;
};
/* point_of gives the clock of what is known per MHz: the core's, unless the file names another. The
 * rsd is of uw, or of uj_per_kb when that is 0. CC_ERR_INPUT lists the peripherals there are. */
enum cc_status energy_chip_peripheral(const struct energy_chip *chip, const char *name,
                                      const struct sim_profile *point_of,
                                      const struct energy_condition *condition,
                                      struct energy_peripheral_state *state,
                                      struct energy_docs *docs, struct cc_error *err);

/* Regulators that running code has prices on, the default first: "smps", "ldo"; NULL behind the
 * last. */
const char *energy_chip_regulator_at(const struct energy_chip *chip, uint32_t index);

/* Index of peripherals for listing, one of two regulators once; NULL behind the last. */
const char *energy_chip_peripheral_name(const struct energy_chip *chip, uint32_t index);

double energy_chip_least_vdd(const struct energy_chip *chip);
double energy_chip_most_vdd(const struct energy_chip *chip);

#endif
