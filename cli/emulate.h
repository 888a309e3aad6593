/* The emulation of a run: from files to counts. */
#ifndef CLI_EMULATE_H
#define CLI_EMULATE_H

#include "simulate.h"

/* Runs options->target on the emulated chip and fills *run but for energy, life, and notes about
 * them; options->output is written. Battery, period and the like of options do not count. The
 * caller frees with report_run_free; zeroed on failure. */
enum cc_status cli_emulate(const struct cli_run_options *options, struct report_run *run,
                           struct cc_error *err);

#endif
