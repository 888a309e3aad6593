/* Cortex-M0 and M0+: one bus, no overlap, so every instruction costs a constant and the pipeline
 * has no state. A word of data takes the bus for a cycle in which nothing is fetched or executed:
 * cause TRANSFER. */
#ifndef SIM_TIMING_V6M_H
#define SIM_TIMING_V6M_H

#include "timing.h"

struct sim_v6m_costs {
    uint32_t refill;      /* extra cycles of a taken branch */
    uint32_t call_refill; /* of BL */
    uint32_t pop_refill;  /* of POP with PC */
    uint32_t special;     /* MRS, MSR, barriers */
};

void sim_v6m_reset(union sim_pipeline *pipeline);
void sim_v6m_step(const struct sim_v6m_costs *costs, const struct sim_timing_config *config,
                  const struct sim_insn *insn, struct sim_step *step);

/* Refill behind SVC and BKPT is part of the entry of the exception: nothing here. */
void sim_v6m_take_branch(const struct sim_v6m_costs *costs, const struct sim_insn *source,
                         struct sim_step *step);

/* 0: an unaligned access is a fault on this architecture, never a slow access. */
uint32_t sim_v6m_unaligned_extra(uint32_t address, uint32_t bytes, int is_write);

#endif
