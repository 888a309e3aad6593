/* The table of layers of the text report. Private to reports/. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "report.h"

/* width: columns of the terminal, 80 or more. From 100 on the counts are written out. */
void report_table(const struct report_run *run, FILE *out, unsigned width, int utf8);

#endif
