/* Cortex-M3: table 3-1 of document 100165_0201. Long multiplications end early by operands, 3 to 5
 * cycles (4 to 7 with accumulation); the middle of the range is charged. LDR PC and TBB are the
 * manual's "at least 5" and "at least 6". Exceptions as on the M4, which has the same figures for
 * its entry (unverified for return and tail-chaining). */
#include "timing_m34.h"

static const struct sim_m34_rules rules = {.mac = 2,
                                           .mul_long = 4,
                                           .mac_long = 6,
                                           .load_pc_refill = 3,
                                           .table_refill = 4,
                                           .indexed_never_overlaps = 1};

static void step(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                 const struct sim_insn *insn, struct sim_step *step)
{
    sim_m34_step(&rules, config, pipeline, insn, step);
}

static void take_branch(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                        const struct sim_insn *source, const struct sim_insn *target,
                        struct sim_step *step)
{
    sim_m34_take_branch(&rules, config, pipeline, source, target, step);
}

const struct sim_timing sim_timing_m3 = {
    .family = "Cortex-M3",
    .state_bytes = SIM_M34_STATE_BYTES,
    .reset = sim_m34_reset,
    .step = step,
    .take_branch = take_branch,
    .divide_extra = sim_m34_divide_extra,
    .unaligned_extra = sim_m34_unaligned_extra,
    .exception_entry = 12,
    .exception_return = 10,
    .tail_chain = 6,
};
