/* What is not known exactly. Each unknown is a factor on something, 1 at its nominal value and
 * lognormal: exp(z x log_sd) with z standard normal, its log_sd below 1 other than above when a
 * range {min, typ, max} says so. Unknowns are independent of each other; what shares an error
 * shares an unknown. */
#ifndef ENERGY_UNKNOWN_H
#define ENERGY_UNKNOWN_H

#include "energy_interval.h"

#include <stdint.h>

#define ENERGY_MAX_UNKNOWNS       96
#define ENERGY_UNKNOWN_NAME_BYTES 96

struct energy_unknown {
    char name[ENERGY_UNKNOWN_NAME_BYTES]; /* what to measure: "sleep current of stm32l4r5" */
    double log_down, log_up;              /* standard deviations of the logarithm; at least 0 */
};

struct energy_unknowns {
    struct energy_unknown list[ENERGY_MAX_UNKNOWNS];
    uint32_t count;
};

/* Index of the unknown of this name, added when it is new; -1 when both spreads are 0 (nothing is
 * unknown) or the list is full. rsd is a relative standard deviation. */
int energy_unknown_add(struct energy_unknowns *set, const char *name, double rsd);
/* The same from a range: min and max are taken as p10 and p90 around typ (all > 0). */
int energy_unknown_add_range(struct energy_unknowns *set, const char *name, double min, double typ,
                             double max);
/* The same with a standard deviation of the logarithm. */
int energy_unknown_add_log(struct energy_unknowns *set, const char *name, double log_sd);
/* Its factor z standard deviations away from the nominal value. */
double energy_unknown_factor(const struct energy_unknown *unknown, double z);

/* One of the inputs that contribute most to a spread. */
#define ENERGY_TOP_SPREADS 3
struct energy_spread {
    char name[ENERGY_UNKNOWN_NAME_BYTES]; /* empty = none */
    double share;                         /* of the variance of the logarithm, 0..1 */
};

/* The largest of the contributions (squares of effects) of a set, by falling share. */
void energy_spread_top(const struct energy_unknowns *set, const double *effects,
                       struct energy_spread top[ENERGY_TOP_SPREADS]);

#endif
