/* Cortex-M3 and M4: one pipeline, two instruction tables.
 *
 * A load occupies its address phase and leaves the data phase to run under the next instruction if
 * that one is a load or store too; else the next instruction waits for it. */
#ifndef SIM_TIMING_M34_H
#define SIM_TIMING_M34_H

#include "timing.h"

#define SIM_M34_STATE_BYTES 20 /* of union sim_pipeline */

struct sim_m34_rules {
    uint32_t mac;      /* MLA, MLS */
    uint32_t mul_long; /* SMULL, UMULL: static, where the core terminates early by operands */
    uint32_t mac_long;
    uint32_t load_pc_refill;    /* LDR PC, beyond the load */
    uint32_t table_refill;      /* TBB, TBH, beyond the load */
    int indexed_never_overlaps; /* a pre- or post-indexed access never overlaps a load before it;
                                   else only when both index the same register */
};

void sim_m34_reset(union sim_pipeline *pipeline);

/* Code at 0x20000000 and above is fetched over the System bus, which data use first (DDI 0439D
 * section 2.2.1). The fetch FIFO makes up for some of it; charged is one cycle for every word a
 * 32-bit instruction moves and for every second word of 16-bit ones, whether the data lie behind
 * the same bus or not (unverified). */
void sim_m34_step(const struct sim_m34_rules *rules, const struct sim_timing_config *config,
                  union sim_pipeline *pipeline, const struct sim_insn *insn, struct sim_step *step);

/* Nothing is charged behind SVC and BKPT: their refill is part of the entry of the exception. One
 * cycle more to code on the System bus (unverified). */
void sim_m34_take_branch(const struct sim_m34_rules *rules, const struct sim_timing_config *config,
                         union sim_pipeline *pipeline, const struct sim_insn *source,
                         const struct sim_insn *target, struct sim_step *step);

/* A divide's cycles by operands, 2 to 12: fitted to measurements of an STM32L4 (verified), and
 * consistent with the range of DDI 0439D. */
uint32_t sim_m34_divide_cycles(uint32_t dividend, uint32_t divisor, int is_signed);

/* The same, beyond the SIM_M34_DIVIDE that step charged. */
int32_t sim_m34_divide_extra(uint32_t dividend, uint32_t divisor, int is_signed);
#define SIM_M34_DIVIDE 6

/* A load is split: halfword and half-aligned word into two, odd word into three. The parts of a
 * store wait in the write buffer and cost nothing: measured on an STM32F407, alone. (Whole programs
 * on an STM32L4R5 matched with stores charged like loads too, but had no more than 0.25 % of
 * unaligned accesses.) A write buffer that is still full is not modelled. */
uint32_t sim_m34_unaligned_extra(uint32_t address, uint32_t bytes, int is_write);

#endif
