/* Cortex-M3 and M4: one pipeline, two instruction tables.
 *
 * The model keeps two clocks. `t` is the cycle in which the next instruction may start; `bus_end`
 * is the last data-phase cycle of the latest data access. A load occupies its address phase and
 * leaves the data phase to run under the next instruction if that one is a load or store too. What
 * it remembers reaches at most eight instructions back, so the tail of an edge suffices. */
#ifndef SIM_TIMING_M34_H
#define SIM_TIMING_M34_H

#include "timing.h"

struct sim_m34_rules {
    uint32_t mac;      /* MLA, MLS */
    uint32_t mul_long; /* SMULL, UMULL: static, where the core terminates early by operands */
    uint32_t mac_long;
    uint32_t load_pc_refill;    /* LDR PC, beyond the load */
    uint32_t table_refill;      /* TBB, TBH, beyond the load */
    int indexed_never_overlaps; /* a pre- or post-indexed access never overlaps a load before it;
                                   else only when both index the same register */
};

uint32_t sim_m34_edge_cycles(const struct sim_timing_edge *edge, const struct sim_m34_rules *rules);

/* A divide's cycles by operands, 2 to 12: fitted to measurements of an STM32L4 (verified), and
 * consistent with the range of DDI 0439D. */
uint32_t sim_m34_divide_cycles(uint32_t dividend, uint32_t divisor, int is_signed);

/* The same, beyond the SIM_M34_DIVIDE that edge_cycles charged. */
int32_t sim_m34_divide_extra(uint32_t dividend, uint32_t divisor, int is_signed);
#define SIM_M34_DIVIDE 6

/* The access is split: halfword and half-aligned word into two, odd word into three. */
uint32_t sim_m34_unaligned_extra(uint32_t address, uint32_t bytes);

#endif
