/* Cortex-M4(F): DDI 0439D tables 3-1, 3-2 and 7-1, with the pipelining and refill rules that
 * matched an STM32L4R5 at zero wait states within 1 to 3 % over 137 functions. There LDR PC and TBB
 * took 4 cycles; the manual says at least 5 and 6, but for code of another refill. Exceptions: DDI
 * 0439D section 3.9.1 (at most 12 cycles of entry, 29 when the floating-point registers are stacked
 * at once). */
#include "timing_m34.h"

static const struct sim_m34_rules rules = {
    .mac = 1, .mul_long = 1, .mac_long = 1, .load_pc_refill = 2, .table_refill = 2};

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

const struct sim_timing sim_timing_m4 = {
    .family = "Cortex-M4",
    .state_bytes = SIM_M34_STATE_BYTES,
    .reset = sim_m34_reset,
    .step = step,
    .take_branch = take_branch,
    .divide_extra = sim_m34_divide_extra,
    .unaligned_extra = sim_m34_unaligned_extra,
    .exception_entry = 12,
    .exception_return = 10,
    .tail_chain = 6,
    .fp_frame_cycles = 17,
};
