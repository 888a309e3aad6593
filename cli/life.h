/* The life of a run's counts. */
#ifndef CLI_LIFE_H
#define CLI_LIFE_H

#include "report.h"

enum cc_status cli_life_compute(const struct energy_life_query *query, struct report_life *life,
                                struct cc_error *err);

#endif
