/* What every renderer does before and after its work. Private to reports/. */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "report.h"

#include <jansson.h>

/* The parts of a run that are indexed together have the same length and are present.
 * CC_ERR_INTERNAL otherwise. */
enum cc_status report_check(const struct report_run *run, struct cc_error *err);

/* CC_ERR_INTERNAL when writing to out has failed so far (disk full, closed pipe). Flushes. */
enum cc_status report_written(FILE *out, struct cc_error *err);

/* Prints the value with its newline, reals with 15 significant digits. root may be NULL (out of
 * memory while building). */
enum cc_status report_dump_json(const json_t *root, FILE *out, struct cc_error *err);

#endif
