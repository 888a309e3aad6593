/* Cortex-M33. Arm publishes no cycle table. The rules are measurements of single instructions on an
 * RP2350 (core r1p0): results of loads, multiplications and inline shifts are one cycle late, only
 * 16-bit branches, IT and NOP pairs share a cycle. Whole networks on an STM32U575 were matched
 * within 3.2 % with coarser rules (taken branch 3, LDM 1+N, SMLAL 2): where the two disagree the
 * measured instruction is charged, plus one fetch cycle for a 32-bit target across two words, which
 * is unverified. Unverified as well: BX, POP PC, LDR PC, TBB, divides (the M4's law, at most 11),
 * floating point but the multiply-accumulate, unaligned accesses. */
#include "timing_m34.h"
#include "timing_walk.h"

#define DIVIDE_MAX       11
#define EXCEPTION_REFILL 11

struct pipeline {
    int64_t t;                    /* cycle after the last one used */
    int64_t ready[64];            /* first cycle an ordinary operand can be read, by mask bit */
    uint64_t from_load;           /* registers that a load wrote last */
    int64_t fp_free;              /* first cycle the floating-point unit accepts an instruction */
    const struct sim_insn *older; /* previous instruction, NULL after a taken branch */
    int older_alone;              /* it has not been paired with the one before */
    int paired;                   /* and it itself was put into the second slot */
    int paired_with_flags;        /* behind an instruction that sets flags */
};

static int is_fp(const struct sim_insn *insn)
{
    return insn->cls == SIM_CLASS_FPU || insn->cls == SIM_CLASS_FPU_DIV;
}

/* Core registers that are read one cycle late: stored values and accumulators; extend-and-add does
 * not accumulate onto a loaded value that early. */
static int64_t lateness(const struct pipeline *p, const struct sim_insn *insn, unsigned reg)
{
    uint64_t late = insn->accumulator;

    if (insn->unit == SIM_UNIT_EXTEND_ADD)
        late &= ~p->from_load;
    return (late | insn->store_data) & SIM_CORE_REGS & SIM_BIT(reg) ? 1 : 0;
}

static int64_t operands_ready(const struct pipeline *p, const struct sim_insn *insn)
{
    int64_t at = 0;

    for (uint64_t left = insn->reads; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);
        int64_t ready = p->ready[reg] - lateness(p, insn, reg);

        at = ready > at ? ready : at;
    }
    return at;
}

/* Only two 16-bit encodings share a cycle. */
static int pairs(const struct pipeline *p, const struct sim_insn *insn)
{
    const struct sim_insn *older = p->older;

    if (!older || !p->older_alone || older->bytes != 2 || insn->bytes != 2 || older->branch)
        return 0;
    if (insn->unit == SIM_UNIT_IT)
        return older->unit != SIM_UNIT_IT;
    if (insn->branch == SIM_BR_B || insn->branch == SIM_BR_COND)
        return !(insn->reads & SIM_CORE_REGS); /* not CBZ */
    return older->unit == SIM_UNIT_NOP && insn->unit != SIM_UNIT_NOP &&
           insn->unit != SIM_UNIT_BRANCH && insn->unit != SIM_UNIT_SYSTEM;
}

/* A two-stage operation that sets flags takes both stages; MOVS does not. */
static int takes_both_stages(const struct sim_insn *insn)
{
    return insn->unit == SIM_UNIT_MULS ||
           (insn->shifted_constant && insn->sets_flags && (insn->reads & SIM_CORE_REGS));
}

static int64_t occupancy(const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_MULS:
    case SIM_UNIT_ALU_SHIFT:
        return takes_both_stages(insn) ? 2 : 1;
    case SIM_UNIT_DIV:
        return SIM_M34_DIVIDE;
    case SIM_UNIT_MEM:
        return insn->words ? insn->words : 1;
    case SIM_UNIT_BRANCH:
        return insn->is_load ? 2 : 1; /* TBB, TBH */
    case SIM_UNIT_SYSTEM:
        return insn->bytes == 4 ? 2 : 1;
    case SIM_UNIT_FP_MOVE2:
        return 2;
    case SIM_UNIT_FP_DIV:
    case SIM_UNIT_FP_SQRT:
        return 14;
    default:
        return 1;
    }
}

/* Cycles from the end of an instruction until its results can be read. */
static int64_t result_delay(const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_MUL:
    case SIM_UNIT_MAC:
    case SIM_UNIT_MUL_LONG:
    case SIM_UNIT_MAC_LONG:
    case SIM_UNIT_EXTEND_ADD:
    case SIM_UNIT_FP_ADD:
        return 1;
    case SIM_UNIT_ALU_SHIFT:
        return takes_both_stages(insn) ? 0 : 1;
    case SIM_UNIT_FP_MAC:
        return 2;
    default:
        return 0;
    }
}

static void set_ready(struct pipeline *p, uint64_t regs, int64_t at)
{
    for (; regs; regs &= regs - 1)
        p->ready[__builtin_ctzll(regs)] = at;
}

/* Highest register of a transfer: the one that arrives last. */
static uint64_t last_loaded(const struct sim_insn *insn)
{
    return insn->loaded ? SIM_BIT(63 - __builtin_clzll(insn->loaded)) : 0;
}

static void step(struct pipeline *p, const struct sim_insn *insn)
{
    int together = pairs(p, insn);
    int64_t at = p->t - (together ? 1 : 0);
    int predicted = insn->branch || insn->unit == SIM_UNIT_IT; /* not held up by the flags */
    int64_t ready = predicted && together ? 0 : operands_ready(p, insn);

    if (is_fp(insn) && p->fp_free > ready)
        ready = p->fp_free;
    if (ready > at) {
        together = together && ready < p->t;
        at = ready;
    }
    p->paired = together;
    p->paired_with_flags = together && p->older->sets_flags;
    if (at + occupancy(insn) > p->t)
        p->t = at + occupancy(insn);
    set_ready(p, insn->writes, p->t + result_delay(insn));
    set_ready(p, last_loaded(insn), p->t + 1);
    p->from_load = (p->from_load & ~insn->writes) | insn->loaded;
    if (insn->unit == SIM_UNIT_FP_MAC)
        p->fp_free = at + 3;
    p->older = insn;
    p->older_alone = !together;
}

/* Beyond the branch's own cycle, which is none when it shared that of the instruction before it. */
static int64_t refill_cycles(const struct pipeline *p)
{
    switch (p->older ? p->older->branch : SIM_BR_B) {
    case SIM_BR_B:
    case SIM_BR_COND:
        return p->paired_with_flags ? 2 : 1;
    case SIM_BR_BX:
    case SIM_BR_BLX:
    case SIM_BR_POP_PC:
    case SIM_BR_LDR_PC:
    case SIM_BR_TABLE:
        return 2;
    case SIM_BR_EXCEPTION:
        return EXCEPTION_REFILL;
    default:
        return 1;
    }
}

static uint32_t edge_cycles(const struct sim_timing_edge *edge)
{
    struct pipeline p = {.t = 0};
    int64_t start;

    for (size_t i = 0; i < edge->tail_count; i++)
        step(&p, &edge->tail[i]);
    start = p.t;
    if (edge->taken) {
        p.t += refill_cycles(&p) + (sim_edge_target_straddles(edge) ? 1 : 0);
        p.older = NULL;
    }
    for (size_t i = 0; i < edge->count; i++)
        step(&p, &edge->block[i]);
    return (uint32_t)(p.t - start);
}

static int32_t divide_extra(uint32_t dividend, uint32_t divisor, int is_signed)
{
    int32_t cycles = (int32_t)sim_m34_divide_cycles(dividend, divisor, is_signed);

    return (cycles < DIVIDE_MAX ? cycles : DIVIDE_MAX) - SIM_M34_DIVIDE;
}

static uint32_t unaligned_extra(uint32_t address, uint32_t bytes)
{
    return (bytes == 2 && (address & 1)) || (bytes == 4 && (address & 3));
}

const struct sim_timing sim_timing_m33 = {
    .family = "Cortex-M33",
    .edge_cycles = edge_cycles,
    .divide_extra = divide_extra,
    .unaligned_extra = unaligned_extra,
};
