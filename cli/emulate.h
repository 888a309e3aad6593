/* The emulation of a run: from files to counts. */
#ifndef CLI_EMULATE_H
#define CLI_EMULATE_H

#include "sim_chip.h"
#include "simulate.h"

/* Runs options->target on the emulated chip and fills *run but for energy, life, and notes about
 * them; options->output is written. Battery, period and the like of options do not count. The
 * caller frees with report_run_free; zeroed on failure. */
enum cc_status cli_emulate(const struct cli_run_options *options, struct report_run *run,
                           struct cc_error *err);

/* The same for the name of a built-in workload (cli_workload_find knows it). */
enum cc_status cli_emulate_workload(const struct cli_run_options *options, struct report_run *run,
                                    struct cc_error *err);

/* What every emulated run has: when, which version, which target on which chip, and what the reader
 * must know of its timing. */
void cli_describe_start(const struct cli_run_options *options, const struct sim_chip *chip,
                        double clock_hz, struct report_run *run);

#endif
