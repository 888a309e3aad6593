/* Chips for the tests of exactness: every timing family, every kind of memory path. */
#ifndef EXACT_CHIPS_H
#define EXACT_CHIPS_H

#include "sim_chip.h"

struct exact_chip {
    const char *name;     /* of the variant */
    const char *spec;     /* for sim_chip_load */
    const char *firmware; /* of tests/cuts: architecture, origins of flash and RAM */
    void (*change)(struct sim_chip *chip); /* NULL = as it is */
};

extern const struct exact_chip exact_chips[];
extern const size_t exact_chip_count;

/* Loads a variant. */
enum cc_status exact_chip_load(const struct exact_chip *variant, struct sim_chip *chip,
                               double *clock_hz, struct cc_error *err);

#endif
