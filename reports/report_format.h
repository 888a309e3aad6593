/* Numbers, bars and foreign strings as a reader wants to see them. Private to reports/. Every
 * function writes a terminated string into a buffer of REPORT_FORMAT_BYTES (or the size given) and
 * returns it, so that calls can stand in a printf. Never depends on the process locale's digits. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define REPORT_FORMAT_BYTES 128

/* "12,345,678" */
const char *report_thousands(char *buffer, uint64_t value);

/* Four significant digits with an SI prefix: "2.657 M", "950", "1.200 k". */
const char *report_si(char *buffer, double value);

/* Four significant digits without an exponent where it can be avoided: "1,234", "85.03", "0.012".
 * Not finite: "unlimited" or "unknown". */
const char *report_number(char *buffer, double value);

/* "25.0": three digits, as no current is known better. */
const char *report_three_digits(char *buffer, double value);

/* "0.5 s", "5.21 ms", "12 h": three digits with the unit that suits. */
const char *report_duration(char *buffer, double s);

/* A bar of at most cells columns for a fraction 0..1 (clamped); eighths of a block in UTF-8, whole
 * '#' otherwise. Not padded. cells <= 40. */
const char *report_bar(char *buffer, double fraction, unsigned cells, int utf8);

/* 1 when LC_ALL, LC_CTYPE or LANG (the first that is set) asks for UTF-8. */
int report_utf8_terminal(void);

/* Copies text that came from a file: bytes that are not UTF-8 become U+FFFD, so that JSON can hold
 * it. The result is cut at a whole character. */
const char *report_valid_utf8(char *to, size_t size, const char *from);

/* As above, and control characters become '?', so that a name cannot steer the terminal. Without
 * utf8 everything outside ASCII becomes '?'. */
const char *report_printable(char *to, size_t size, const char *from, int utf8);

#endif
