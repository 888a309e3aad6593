/* The part of the text about the life: battery, scenario, streaming, harvesting. Private to
 * reports/. */
#ifndef REPORT_TEXT_LIFE_H
#define REPORT_TEXT_LIFE_H

#include "report.h"
#include "report_page.h"

/* Nothing for a run without a battery (a computation of a scenario). */
void report_print_life(const struct report_page *p, const struct report_run *run);

/* Which inputs to measure first; nothing when none is known. */
void report_print_spread(const struct report_page *p,
                         const struct energy_spread spread[ENERGY_TOP_SPREADS]);

/* "5.27": three digits, as no lifetime is known better. */
const char *report_days_number(char *buffer, double days);

#endif
