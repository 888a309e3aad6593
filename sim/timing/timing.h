/* Core timing: cycles of an edge between two basic blocks at zero wait states. One file per core
 * family; pick with sim_timing_for(). Costs are static per edge (previous block's tail, how it was
 * left, this block), so the engine computes each once and multiplies by the edge's count. */
#ifndef SIM_TIMING_H
#define SIM_TIMING_H

#include "sim_chip.h"
#include "sim_insn.h"

/* How many instructions of the previous block the engine hands over (fewer when it is shorter). */
#define SIM_TIMING_TAIL 8

struct sim_timing_edge {
    const struct sim_insn
        *tail; /* last instructions of the previous block, in order; may be NULL */
    size_t tail_count;
    int taken; /* the previous block was left by a taken branch */
    const struct sim_insn *block;
    size_t count;
    const struct sim_chip *chip; /* multiply_cycles, regions' isolated_wait, ... */
    uint32_t data_isolated_wait; /* w of the region that this block's data accesses mostly
                                    hit; M3 and M4 only */
};

struct sim_timing {
    const char *family; /* "Cortex-M4" */
    /* Cycles that the block adds when entered over this edge: the growth of the timeline from the
     * end of the tail to the end of the block, the taken branch that led here included, the branch
     * that will leave it excluded beyond its own issue cycle. */
    uint32_t (*edge_cycles)(const struct sim_timing_edge *edge);
    /* Extra cycles of a divide by operands, beyond what edge_cycles charged; NULL when static. */
    int32_t (*divide_extra)(uint32_t dividend, uint32_t divisor, int is_signed);
    /* Extra core cycles of one unaligned access, by address and size (beyond the aligned cost). */
    uint32_t (*unaligned_extra)(uint32_t address, uint32_t bytes);
    int predicts_branches; /* the engine runs 2-bit counters and charges chip->mispredict_cycles */
};

const struct sim_timing *sim_timing_for(enum sim_core core);

extern const struct sim_timing sim_timing_m0;     /* timing_m0.c */
extern const struct sim_timing sim_timing_m0plus; /* timing_m0plus.c */
extern const struct sim_timing sim_timing_m3;     /* timing_m3.c */
extern const struct sim_timing sim_timing_m4;     /* timing_m4.c */
extern const struct sim_timing sim_timing_m7;     /* timing_m7.c */
extern const struct sim_timing sim_timing_m33;    /* timing_m33.c */

#endif
