/* Cortex-M0 and M0+: one bus, no overlap, so every instruction costs a constant. */
#ifndef SIM_TIMING_V6M_H
#define SIM_TIMING_V6M_H

#include "timing.h"

struct sim_v6m_costs {
    uint32_t refill;           /* extra cycles of a taken branch */
    uint32_t call_refill;      /* of BL */
    uint32_t pop_refill;       /* of POP with PC */
    uint32_t exception_refill; /* of SVC and BKPT: entry less the instruction's own cycle */
    uint32_t special;          /* MRS, MSR, barriers */
};

uint32_t sim_v6m_edge_cycles(const struct sim_timing_edge *edge, const struct sim_v6m_costs *costs);

#endif
