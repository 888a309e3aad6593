/* Cortex-M0: table 3-1 of its technical reference manual (verified). Interrupt entry of 16 cycles,
 * taken for SVC as well, is unverified. */
#include "timing_v6m.h"

static uint32_t edge_cycles(const struct sim_timing_edge *edge)
{
    static const struct sim_v6m_costs costs = {
        .refill = 2, .call_refill = 3, .pop_refill = 3, .exception_refill = 15, .special = 4};

    return sim_v6m_edge_cycles(edge, &costs);
}

/* An unaligned access is a fault on this architecture, never a slow access. */
static uint32_t unaligned_extra(uint32_t address, uint32_t bytes)
{
    (void)address;
    (void)bytes;
    return 0;
}

const struct sim_timing sim_timing_m0 = {
    .family = "Cortex-M0",
    .edge_cycles = edge_cycles,
    .unaligned_extra = unaligned_extra,
};
