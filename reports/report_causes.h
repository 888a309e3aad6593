/* Columns of a table that say what cycles went into. Private to reports/. */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include "report_page.h"
#include "sim_profile.h"

/* The causes that get a column, by falling cycles; the others share the last one. */
struct report_causes {
    int count;
    int cause[SIM_CAUSE_COUNT];
    int width[SIM_CAUSE_COUNT];
    int others; /* there is such a column */
    unsigned total;
};

/* Indices of the causes by falling cycles; returns how many are not zero. */
int report_sort_causes(const uint64_t *causes, int *order);

/* As many as fit into so many columns, each behind a blank. */
struct report_causes report_choose_causes(const uint64_t *causes, unsigned room);

/* End of the line of headings. */
void report_print_cause_names(const struct report_page *p, const struct report_causes *k);

/* End of a row: the shares of its cycles. */
void report_print_cause_shares(const struct report_page *p, const struct report_causes *k,
                               const uint64_t *causes, uint64_t cycles);

/* 0 of nothing. */
double report_percent(uint64_t part, uint64_t whole);

/* "1.234"; at most five columns. buffer: REPORT_FORMAT_BYTES. */
const char *report_cpi(char *buffer, uint64_t cycles, uint64_t instructions);

#endif
