/* The inputs that a result rests on, each with its source: what the report lists as docs. */
#ifndef ENERGY_DOCS_H
#define ENERGY_DOCS_H

#include "cc_error.h"

#include <stdint.h>

#define ENERGY_SOURCE_BYTES 200

struct energy_input {
    char file[96]; /* "energy/chips/stm32l4r5.yaml"; other files by their path's end */
    char key[128]; /* "sleep_modes[0].current_ua": the unit is in the key */
    double value;
    double rsd; /* relative standard deviation */
    int verified;
    char source[ENERGY_SOURCE_BYTES];
};

struct energy_docs {
    struct energy_input *rows; /* owned */
    uint32_t count, capacity;
};

struct energy_figure;

/* Adds one figure; absent optional figures and inputs that are there already (same file and key)
 * are left out. docs may be NULL: nothing is kept. */
enum cc_status energy_docs_add(struct energy_docs *docs, const char *path, const char *key,
                               const struct energy_figure *figure, struct cc_error *err);
/* The same for a number whose source stands beside it (a row of a curve, a step of a scenario). */
enum cc_status energy_docs_add_number(struct energy_docs *docs, const char *path, const char *key,
                                      double value, int verified, const char *source,
                                      struct cc_error *err);
void energy_docs_free(struct energy_docs *docs); /* members; leaves it zeroed */

#endif
