/* Built-in workloads: small position-independent firmware for calibration ("while1", "fibonacci",
 * "mac-int8", ...) and for the front ends of scenarios ("mel40", "stats3", ...). A blob per core is
 * copied to where its code is to run and called there. */
#ifndef CLI_WORKLOAD_H
#define CLI_WORKLOAD_H

#include "sim_chip.h"
#include "sim_profile.h"

#define CLI_WORKLOAD_UNIT_BYTES 48

struct cli_workload_info {
    char name[SIM_NAME_BYTES];
    char text[160];                     /* what it does, for list workloads */
    char unit[CLI_WORKLOAD_UNIT_BYTES]; /* what one run is: "frame of 512 samples, 16 kHz" */
    int calibration;                    /* for calibration, else a front end */
};
/* NULL behind the last. */
const struct cli_workload_info *cli_workload_info(uint32_t index);
const struct cli_workload_info *cli_workload_find(const char *name);

/* Is there something to run of this name: a built-in workload, a model of the zoo, or what can only
 * be a file? CC_ERR_INPUT with the nearest names of both lists. A file is not opened. */
enum cc_status cli_target_check(const char *name, struct cc_error *err);

struct cli_workload_options {
    const char *name;
    const char *code; /* kind or name of the region the code runs from: "flash", "sram", "itcm";
                         NULL or "" = flash */
    const char *data; /* region of its data; NULL or "" = the runner's RAM */
    int caches;       /* 1 on, 0 off, -1 as the chip file says */
    int prefetch;     /* the same */
    uint64_t max_instructions; /* 0 = the simulator's own limit */
};

/* Runs it on a chip at a clock: once to warm up, then measured once. The profile is of one run
 * (invocations 1), in steady state; caller frees with sim_profile_free. CC_ERR_INPUT: unknown
 * workload (nearest names), no such region, too large for it, caches the chip does not have. */
enum cc_status cli_workload_run(const struct sim_chip *chip, double clock_hz,
                                const struct cli_workload_options *options,
                                struct sim_profile *profile, struct cc_error *err);

#endif
