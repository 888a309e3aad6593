/* Private to the timing models: what instructions mean to all of them. */
#ifndef SIM_TIMING_WALK_H
#define SIM_TIMING_WALK_H

#include "timing.h"

#define SIM_BIT(n)    ((uint64_t)1 << (n))
#define SIM_CORE_REGS 0xffffu /* r0 to r15 in the masks of struct sim_insn */

/* A 32-bit instruction whose halves lie in two fetch words. */
static inline int sim_insn_straddles(const struct sim_insn *insn)
{
    return insn->bytes == 4 && (insn->address & 2);
}

/* One register, moved alone: LDR, STR, LDREX and so on, the ones that can overlap a neighbour. */
static inline int sim_insn_single_access(const struct sim_insn *insn)
{
    return (insn->is_load || insn->is_store) && insn->unit == SIM_UNIT_MEM &&
           (insn->cls == SIM_CLASS_LOAD || insn->cls == SIM_CLASS_STORE);
}

/* VLDR and VSTR: the data registers are floating-point ones. */
static inline int sim_insn_fp_transfer(const struct sim_insn *insn)
{
    return ((insn->loaded | insn->store_data) >> SIM_REG_S0) != 0;
}

#endif
