/* The grammar of --sweep: AXIS=VALUES[,AXIS=VALUES...]. VALUES are a|b|c; each a number or a range
 * A..B[:N] of N numbers (10), spaced evenly for temperature and by equal factors for every
 * and probability; batteries are names, files, or * for all that are shipped and fit. */
#ifndef CLI_SWEEP_H
#define CLI_SWEEP_H

#include "cc_error.h"

#include <stddef.h>
#include <stdint.h>

/* Rows come in this order, the last axis varying fastest. */
enum cli_axis {
    CLI_AXIS_TEMPERATURE,
    CLI_AXIS_VDD,
    CLI_AXIS_BATTERY,
    CLI_AXIS_PROBABILITY,
    CLI_AXIS_EVERY,
    CLI_AXIS_COUNT
};
const char *cli_axis_name(enum cli_axis axis);

#define CLI_SWEEP_MAX_VALUES 10000000u
#define CLI_SWEEP_MAX_ROWS   1000000000u

struct cli_sweep_axis {
    double *numbers; /* owned; CLI_AXIS_BATTERY: none */
    char **words;    /* owned; CLI_AXIS_BATTERY only, "*" as it stands */
    size_t count;    /* 0 = the axis was not given */
};

struct cli_sweep {
    struct cli_sweep_axis axes[CLI_AXIS_COUNT];
};

/* CC_ERR_USAGE names the axis and what is expected. Zeroed on failure, else freed by
 * cli_sweep_free. */
enum cc_status cli_sweep_parse(const char *text, struct cli_sweep *sweep, struct cc_error *err);
void cli_sweep_free(struct cli_sweep *sweep);

/* Product of the counts, an axis not given counting as 1; saturates. */
uint64_t cli_sweep_rows(const struct cli_sweep *sweep);

#endif
