/* Cortex-M0+: DDI 0484C table 3-1. Loads and stores take 2 cycles on AHB; the single-cycle I/O port
 * is not modelled. MRS, MSR and barriers are unverified. Entry to an exception takes 15 cycles (DDI
 * 0484C section 3.6.1); that return takes as many and tail-chaining 6 is unverified. */
#include "timing_v6m.h"

static const struct sim_v6m_costs costs = {
    .refill = 1, .call_refill = 2, .pop_refill = 2, .special = 3};

static void step(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                 const struct sim_insn *insn, struct sim_step *step)
{
    (void)pipeline;
    sim_v6m_step(&costs, config, insn, step);
}

static void take_branch(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                        const struct sim_insn *source, const struct sim_insn *target,
                        struct sim_step *step)
{
    (void)config;
    (void)pipeline;
    (void)target;
    sim_v6m_take_branch(&costs, source, step);
}

const struct sim_timing sim_timing_m0plus = {
    .family = "Cortex-M0+",
    .reset = sim_v6m_reset,
    .step = step,
    .take_branch = take_branch,
    .unaligned_extra = sim_v6m_unaligned_extra,
    .exception_entry = 15,
    .exception_return = 15,
    .tail_chain = 6,
};
