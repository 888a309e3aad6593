/* Measurements of a board against the emulated chip: runs every line of a measurements file. */
#ifndef CLI_VALIDATE_H
#define CLI_VALIDATE_H

#include "report_validate.h"
#include "validate_csv.h"

struct cli_validate_options {
    uint64_t max_instructions; /* of one line, start-up code included */
    void (*progress)(void *user, const char *stage, double fraction); /* NULL = none */
    void *progress_user;
};

/* Checks all lines first (CC_ERR_INPUT names FILE:LINE:COLUMN), then runs them. A line whose
 * firmware fails gets its message; the others run all the same. Fills *result (caller frees with
 * report_validate_free; zeroed on failure). */
enum cc_status cli_validate_run(const struct cli_validate_file *file,
                                const struct cli_validate_options *options,
                                struct report_validate *result, struct cc_error *err);

#endif
