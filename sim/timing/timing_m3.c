/* Cortex-M3: table 3-1 of document 100165_0201. Long multiplications end early by operands, 3 to 5
 * cycles (4 to 7 with accumulation); the middle of the range is charged. LDR PC and TBB are the
 * manual's "at least 5" and "at least 6". */
#include "timing_m34.h"

static uint32_t edge_cycles(const struct sim_timing_edge *edge)
{
    static const struct sim_m34_rules rules = {.mac = 2,
                                               .mul_long = 4,
                                               .mac_long = 6,
                                               .load_pc_refill = 3,
                                               .table_refill = 4,
                                               .indexed_never_overlaps = 1};

    return sim_m34_edge_cycles(edge, &rules);
}

const struct sim_timing sim_timing_m3 = {
    .family = "Cortex-M3",
    .edge_cycles = edge_cycles,
    .divide_extra = sim_m34_divide_extra,
    .unaligned_extra = sim_m34_unaligned_extra,
};
