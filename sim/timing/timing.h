/* Core timing at zero wait states: a pipeline that is stepped instruction by instruction. One file
 * per core family; pick with sim_timing_for().
 *
 * A pipeline's state is relative to the end of the latest instruction and finite (what lies long
 * ago is forgotten), so equal states cost the same from here on: the engine walks every block once
 * per state it is entered in and multiplies by executions. Walking a program in one go, or cut into
 * blocks anywhere, gives the same cycles. */
#ifndef SIM_TIMING_H
#define SIM_TIMING_H

#include "sim_chip.h"
#include "sim_insn.h"

#define SIM_PIPELINE_BYTES 512

/* State of a pipeline; every family lays its own structure over it, unused bytes stay zero. May
 * point to instructions that were stepped, which must live as long as the state. */
union sim_pipeline {
    uint64_t alignment;
    const void *pointer;
    unsigned char bytes[SIM_PIPELINE_BYTES];
};

/* What one instruction or branch cost. */
struct sim_step {
    uint32_t causes[SIM_CAUSE_COUNT]; /* only those of core cycles */
    uint8_t isolated;        /* waited `isolated_wait` at once, taken to be in RAM that wants it */
    uint8_t behind_isolated; /* cycles waited only because the store before is taken to be there */
    uint8_t overlapped;      /* hid an earlier load's second cycle: a load, store or NOP (M3, M4) */
    uint8_t paired;          /* shared the cycle of the instruction before */
};

struct sim_timing_config {
    const struct sim_chip *chip; /* multiply_cycles, mispredict_cycles, ... */
    uint32_t isolated_wait;      /* w of the chip's RAM; M3 and M4 */
    uint32_t branch_target_wait; /* later that the target of a taken branch arrives, when code
                                    comes from the flash through its cache; M3, M4, M33 */
    uint32_t store_wait;         /* of every single store; M3 and M4 */
};

struct sim_timing {
    const char *family; /* "Cortex-M4" */
    size_t state_bytes; /* of union sim_pipeline that are used */
    /* Nothing in the pipeline. The state is zeroed first. */
    void (*reset)(union sim_pipeline *pipeline);
    /* Executes an instruction, its condition true or not: *step receives (is overwritten with) the
     * cycles by which the timeline grew. A taken branch costs only its own issue here. */
    void (*step)(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                 const struct sim_insn *insn, struct sim_step *step);
    /* The instruction stepped last, `source`, was a taken branch, `target` is what it led to;
     * either may be NULL when unknown. Called before target is stepped; *step is overwritten too.
     */
    void (*take_branch)(const struct sim_timing_config *config, union sim_pipeline *pipeline,
                        const struct sim_insn *source, const struct sim_insn *target,
                        struct sim_step *step);
    /* Extra cycles of a divide by operands, beyond what step charged; NULL when static. */
    int32_t (*divide_extra)(uint32_t dividend, uint32_t divisor, int is_signed);
    /* Extra core cycles of one unaligned access, by address and size (beyond the aligned cost). */
    uint32_t (*unaligned_extra)(uint32_t address, uint32_t bytes, int is_write);
    int predicts_branches; /* the engine runs 2-bit counters and charges chip->mispredict_cycles */
    /* Cycles less that a misprediction of `branch` costs, which was stepped last. NULL when always
     * the same. */
    uint32_t (*mispredict_saving)(const union sim_pipeline *pipeline,
                                  const struct sim_insn *branch);
    /* Cycles from the last instruction before an exception to the first of its handler; the same
     * back, from the branch that returns; between two handlers. Zero wait states. With a
     * floating-point frame stacked at once (not lazily) `fp_frame_cycles` more each way. */
    uint32_t exception_entry, exception_return, tail_chain, fp_frame_cycles;
};

const struct sim_timing *sim_timing_for(enum sim_core core);

/* Sum of the causes. */
uint32_t sim_step_cycles(const struct sim_step *step);

/* reset with the zeroing in front. */
void sim_timing_reset(const struct sim_timing *timing, union sim_pipeline *pipeline);

extern const struct sim_timing sim_timing_m0;     /* timing_m0.c */
extern const struct sim_timing sim_timing_m0plus; /* timing_m0plus.c */
extern const struct sim_timing sim_timing_m3;     /* timing_m3.c */
extern const struct sim_timing sim_timing_m4;     /* timing_m4.c */
extern const struct sim_timing sim_timing_m7;     /* timing_m7.c */
extern const struct sim_timing sim_timing_m33;    /* timing_m33.c */

#endif
