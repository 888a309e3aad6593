/* What text is printed on, and its running text. Private to reports/. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#define REPORT_LABEL_COLUMNS 10 /* of the label in front of a figure */
#define REPORT_BAR_CELLS     20

struct report_page {
    FILE *out;
    unsigned width; /* columns, 80 to 120 */
    int utf8;
};

struct report_page report_page_on(FILE *out, unsigned width);

/* Breaks text at blanks so that every line fits behind the label, which is padded to so many
 * columns (bytes: ASCII) and stands on the first line only. */
void report_print_wrapped(const struct report_page *p, unsigned columns, const char *label,
                          const char *text);

/* A name in a column: padded, or cut with an ellipsis, and a blank. ASCII apart from that. */
void report_print_name(FILE *out, const char *name, unsigned columns, int utf8);

/* "    cycles   210.3 uJ  67.8% ######" for one part of a sum; the name in so many columns, at most
 * REPORT_PART_MOST_COLUMNS for a line of 80. */
#define REPORT_PART_COLUMNS      15
#define REPORT_PART_MOST_COLUMNS 26
void report_print_part(const struct report_page *p, const char *name, unsigned columns,
                       double value, const char *unit, double total);

/* A line over so many columns. */
void report_print_rule(const struct report_page *p, unsigned columns);

#endif
