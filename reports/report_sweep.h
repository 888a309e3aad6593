/* A table of estimates, row by row as they are made: text for people, or a JSON array. */
#ifndef REPORT_SWEEP_H
#define REPORT_SWEEP_H

#include "energy_interval.h"
#include "sim_profile.h"

#include <stdint.h>
#include <stdio.h>

struct report_sweep_row {
    const char *battery;
    double temperature_c, vdd_v, probability_factor, every_s;
    const char *why_not; /* NULL = the rest holds */
    struct energy_interval days;
    double average_uw;
    const char *limited_by;
};

/* Columns that a text table shows beside the results; JSON has them all. */
enum report_sweep_column {
    REPORT_SWEEP_BATTERY = 1,
    REPORT_SWEEP_TEMPERATURE = 2,
    REPORT_SWEEP_VDD = 4,
    REPORT_SWEEP_PROBABILITY = 8,
    REPORT_SWEEP_EVERY = 16,
};

enum report_sweep_as {
    REPORT_SWEEP_TEXT,
    REPORT_SWEEP_JSON,
    REPORT_SWEEP_QUIET /* nothing but the count at the end */
};

struct report_sweep {
    FILE *out;
    enum report_sweep_as as;
    unsigned columns; /* of enum report_sweep_column */
    int utf8;
    unsigned battery_columns;
    uint64_t rows, failed;
    struct report_sweep_row best; /* its strings are in the two below */
    char best_battery[SIM_NAME_BYTES];
};

/* battery_columns: of the longest battery name that will come. */
void report_sweep_begin(struct report_sweep *s, FILE *out, enum report_sweep_as as,
                        unsigned columns, size_t battery_columns);
void report_sweep_row(struct report_sweep *s, const struct report_sweep_row *row);
/* Closes the array, or tells how many rows there were and which battery lasts longest.
 * CC_ERR_INTERNAL when something could not be written. */
enum cc_status report_sweep_end(struct report_sweep *s, struct cc_error *err);

#endif
