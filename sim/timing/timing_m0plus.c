/* Cortex-M0+: DDI 0484C table 3-1. Loads and stores take 2 cycles on AHB; the single-cycle I/O port
 * is not modelled. MRS, MSR and barriers are unverified; interrupt entry is 15. */
#include "timing_v6m.h"

static uint32_t edge_cycles(const struct sim_timing_edge *edge)
{
    static const struct sim_v6m_costs costs = {
        .refill = 1, .call_refill = 2, .pop_refill = 2, .exception_refill = 14, .special = 3};

    return sim_v6m_edge_cycles(edge, &costs);
}

/* An unaligned access is a fault on this architecture, never a slow access. */
static uint32_t unaligned_extra(uint32_t address, uint32_t bytes)
{
    (void)address;
    (void)bytes;
    return 0;
}

const struct sim_timing sim_timing_m0plus = {
    .family = "Cortex-M0+",
    .edge_cycles = edge_cycles,
    .unaligned_extra = unaligned_extra,
};
