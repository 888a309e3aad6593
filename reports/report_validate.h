/* Predicted against measured cycles: a table, and how large the errors are. */
#ifndef REPORT_VALIDATE_H
#define REPORT_VALIDATE_H

#include "sim_profile.h"

#include <stdio.h>

struct report_validate_row {
    uint32_t line; /* of the measurements file */
    char name[128];
    char chip[SIM_NAME_BYTES];
    double clock_hz;
    char timing[256]; /* memory configuration charged, as in a profile */
    double measured_cycles;
    struct sim_counts counts; /* predicted; zero when failed */
    char *failure;            /* owned: why the row did not run; NULL when it did */
};

struct report_validate {
    const char *file; /* borrowed */
    struct report_validate_row *rows;
    size_t count;
};

/* Of the rows that ran, all or those of one chip. Errors are (predicted - measured) / measured, in
 * percent; quantiles are interpolated linearly between the two nearest rows. */
struct report_validate_errors {
    size_t ran, failed;
    double mean_percent;          /* signed */
    double mean_absolute_percent; /* NaN, as all others, when none ran */
    double median_absolute_percent;
    double p90_absolute_percent;
    double largest_absolute_percent;
};

/* chip NULL = all. */
enum cc_status report_validate_errors(const struct report_validate *v, const char *chip,
                                      struct report_validate_errors *errors, struct cc_error *err);

enum cc_status report_validate_text(const struct report_validate *v, FILE *out,
                                    struct cc_error *err);

/* What the predicted cycles went into, row by row. */
enum cc_status report_validate_explain(const struct report_validate *v, FILE *out, unsigned width,
                                       struct cc_error *err);
enum cc_status report_validate_json(const struct report_validate *v, FILE *out,
                                    struct cc_error *err);

void report_validate_free(struct report_validate *v);

#endif
