/* A calibration from a measurement file to fitted prices: every distinct workload of its rows is
 * emulated once, then energy_fit_prices has the counts. */
#ifndef CLI_CALIBRATE_H
#define CLI_CALIBRATE_H

#include "energy_fit.h"

struct cli_calibrate_options {
    const char *measurements; /* NAME of energy/measurements or FILE */
    /* As in struct cli_run_options; NULL = none. */
    void (*progress)(void *user, const char *stage, double fraction);
    void *progress_user;
};

struct cli_calibration {
    struct energy_chip *chip;
    struct energy_measurements *measurements;
    struct sim_profile *runs; /* owned; each distinct one once */
    uint32_t run_count;
    const struct sim_profile **profiles; /* owned; of each row, into runs */
    struct energy_fit fit;
    char *yaml; /* owned; the price file */
};

/* Zeroed on failure; the caller frees with cli_calibration_free. A row that cannot be emulated is
 * CC_ERR_INPUT with file and line. */
enum cc_status cli_calibrate(const struct cli_calibrate_options *options,
                             struct cli_calibration *calibration, struct cc_error *err);
void cli_calibration_free(struct cli_calibration *calibration);

#endif
