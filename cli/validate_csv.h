/* The measurements file of coincell validate: comma-separated values for people. The first line
 * that is neither empty nor a comment names the columns, in any order. Fields may stand in double
 * quotes (a quote inside is doubled); blanks around fields do not count; lines that start with '#'
 * are comments. */
#ifndef CLI_VALIDATE_CSV_H
#define CLI_VALIDATE_CSV_H

#include "cc_error.h"

#include <stddef.h>
#include <stdint.h>

enum cli_validate_column {
    CLI_COLUMN_FIRMWARE, /* path, relative to the file's folder */
    CLI_COLUMN_CHIP,     /* NAME[@MHZ] */
    CLI_COLUMN_MEASURED, /* cycles */
    CLI_COLUMN_ENTRY,    /* function, symbol or 0xADDRESS */
    CLI_COLUMN_START,    /* the alternative to entry */
    CLI_COLUMN_STOP,
    CLI_COLUMN_ARGS,  /* up to four numbers or symbols */
    CLI_COLUMN_CALLS, /* the last of so many calls is measured; 1 */
    CLI_COLUMN_NAME,
    CLI_COLUMN_NOTE,
    CLI_COLUMN_COUNT
};

const char *cli_validate_column_name(enum cli_validate_column column);

struct cli_validate_line {
    uint32_t number;                     /* in the file, from 1 */
    const char *field[CLI_COLUMN_COUNT]; /* "" when absent; into the file's text */
    double measured_cycles;
    uint32_t calls;
};

struct cli_validate_file {
    const char *path; /* borrowed */
    char *text;
    struct cli_validate_line *lines;
    size_t count;
};

/* CC_ERR_INPUT names FILE:LINE:COLUMN. Zeroed on failure, else freed by cli_validate_free. */
enum cc_status cli_validate_read(const char *path, struct cli_validate_file *file,
                                 struct cc_error *err);
void cli_validate_free(struct cli_validate_file *file);

#endif
