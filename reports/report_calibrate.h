/* Renders a calibration: rows measured and predicted, prices with what decides them. */
#ifndef REPORT_CALIBRATE_H
#define REPORT_CALIBRATE_H

#include "energy_fit.h"

#include <stdio.h>

struct report_calibrate {
    const struct energy_measurements *measurements;
    const struct energy_fit *fit;
    const char *output; /* file that was written; NULL = none */
    const char *would;  /* where it would go */
};

enum cc_status report_calibrate_text(const struct report_calibrate *c, FILE *out,
                                     struct cc_error *err);
/* One object: chip, summary, rows, prices. */
enum cc_status report_calibrate_json(const struct report_calibrate *c, FILE *out,
                                     struct cc_error *err);

#endif
