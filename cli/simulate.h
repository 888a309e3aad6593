/* The one long job of the command line: load a chip, a model, its kernels and its input, run them
 * on the emulated chip, the other computations of a scenario too, and price the result. Everything
 * of `coincell run` except storing and printing. */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include "evaluate.h"

#include <stdint.h>

struct cli_run_options {
    const char *target;  /* model file, architecture file, zoo name or built-in workload; NULL = the
                            scenario's */
    const char *mcu;     /* NAME[@MHZ][:RANGE] or FILE.yaml[@MHZ][:RANGE]; NULL = the scenario's, or
                            stm32l4r5 */
    const char *kernels; /* variant name; NULL = the fastest for the core */
    const char *input;   /* raw bytes of all inputs in model order, invocations one after the
                            other; NULL = one invocation with a fixed pseudo-random input */
    const char *output;  /* receives all outputs the same way; NULL = nowhere */
    struct cli_question question; /* battery, scenario, period, ... */
    const char *annotate;         /* function whose instructions to list in run->listing, or NULL */
    uint64_t max_instructions;    /* over all invocations; 0 = the simulator's own limit */
    /* Called now and then from the emulation: stage is a few words ("invocation 2 of 5"), fraction
     * 0..1, negative when unknown. NULL = no progress. */
    void (*progress)(void *user, const char *stage, double fraction);
    void *progress_user;
    int reference; /* test mode: also walk every instruction and compare */
    /* Called after every operator with the bytes of its output, still in the arena. A status other
     * than CC_OK ends the run with it. NULL = not called. */
    enum cc_status (*operator_done)(void *user, uint32_t invocation, int32_t op,
                                    const uint8_t *output, uint32_t bytes, struct cc_error *err);
    void *operator_user;
};

/* A run and the runs of what its scenario computes beside it. */
struct cli_result {
    struct report_run run;
    struct report_run *computes; /* owned; [run.compute_count]; without counts where the run's own
                                    target is meant */
};
void cli_result_free(struct cli_result *result);

/* Fills *result (caller frees with cli_result_free; zeroed on failure); run_id stays 0. Status and
 * message as the exit codes of the README: CC_ERR_USAGE, CC_ERR_INPUT, CC_ERR_FIRMWARE, ... */
enum cc_status cli_simulate(const struct cli_run_options *options, struct cli_result *result,
                            struct cc_error *err);

#endif
