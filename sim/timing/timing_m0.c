/* Cortex-M0: table 3-1 of its technical reference manual (verified). Entry to an exception in 16
 * cycles, return in as many and tail-chaining in 6 are unverified. */
#include "timing_v6m.h"

static const struct sim_v6m_costs costs = {
    .refill = 2, .call_refill = 3, .pop_refill = 3, .special = 4};

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

const struct sim_timing sim_timing_m0 = {
    .family = "Cortex-M0",
    .reset = sim_v6m_reset,
    .step = step,
    .take_branch = take_branch,
    .unaligned_extra = sim_v6m_unaligned_extra,
    .exception_entry = 16,
    .exception_return = 16,
    .tail_chain = 6,
};
