/* coincell estimate RUN: a stored run under other conditions, once or in a sweep. Private to cli/.
 */
#ifndef CLI_ESTIMATE_H
#define CLI_ESTIMATE_H

#include "evaluate.h"

struct cli_estimate_options {
    const char *db; /* path */
    int64_t run_id;
    const char *mcu;   /* NULL = as stored */
    const char *sweep; /* NULL = one estimate */
    struct cli_question question;
    int json, docs, quiet;
};

/* Prints on standard output. */
enum cc_status cli_estimate(const struct cli_estimate_options *options, struct cc_error *err);

/* A stored run with the counts that its scenario needs, and what it was priced with. */
struct cli_estimate {
    struct report_run run;
    struct report_run *computes; /* owned; [counts.compute_count] */
    uint32_t compute_count;
    struct cli_counts counts;
    struct cli_question stored; /* what the run was stored with; strings below */
    char battery[SIM_NAME_BYTES], regulator[SIM_NAME_BYTES], harvester[SIM_NAME_BYTES];
    char scenario[512];
    struct cli_tables tables; /* of the question */
};

/* Another chip or clock for counts that stay as they are; notes on the run what that means. */
enum cc_status cli_estimate_chip(const char *spec, struct cli_estimate *estimate,
                                 struct cc_error *err);

/* --sweep: prints a row per combination. */
enum cc_status cli_estimate_sweep(const struct cli_estimate_options *options,
                                  struct cli_estimate *estimate, struct cc_error *err);

#endif
