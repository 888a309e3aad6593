/* A made-up run that exercises every field of the reports: the numbers mean nothing but obey the
 * identities. */
#ifndef REPORT_SAMPLE_H
#define REPORT_SAMPLE_H

#include "report.h"

/* n_ops operators and the dispatch. seed varies every number. Exits the test on failure. */
void report_sample(struct report_run *run, uint32_t n_ops, uint32_t seed);

/* What report_text or report_json print; caller frees. */
char *report_sample_text(const struct report_run *run, unsigned width);
char *report_sample_json(const struct report_run *run);

#endif
