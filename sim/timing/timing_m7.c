/* Cortex-M7: in-order, two instructions per cycle. Arm publishes no cycle table; latencies and
 * pairing follow LLVM's ARMScheduleM7 and published measurements of an STM32H743 and H730, except
 * where whole networks on an STM32F746 and H7A3 (within 2.3 %) wanted another figure: a loaded
 * value is usable after 2 cycles, a packed operation may take either slot but one per cycle, a
 * taken branch leaves one empty cycle.
 *
 * Left out: sub-word stores that read-modify-write RAM with ECC, MOVW and MOVT of one register in a
 * pair, bank conflicts of two loads unless both index one base register. Divides cost LLVM's
 * nominal 7 (sources give 3 to 20 by operands, unverified). */
#include "timing_walk.h"

#define DIVIDE           7
#define SYSTEM           3
#define EXCEPTION_REFILL 11
#define ALWAYS           0

/* When a consumer reads its operand; each is a column of the scoreboard. */
enum use { USE_VALUE, USE_ADDRESS, USE_SHIFT, USE_ACCUMULATOR, USE_STORE, USE_COUNT };

/* Cycles from issue until a result serves each use. */
struct latency {
    uint8_t cycles[USE_COUNT];
};

struct pipeline {
    int64_t cycle;                /* of the youngest issued instruction */
    int64_t next;                 /* first cycle free of it: cycle + occupancy */
    int64_t ready[USE_COUNT][64]; /* by mask bit */
    const struct sim_insn *older; /* alone in `cycle`, can still get a partner; or NULL */
    const struct sim_insn *last;  /* youngest instruction, NULL at the start */
};

static struct latency latency_of(const struct sim_insn *insn)
{
    static const struct latency simple = {{1, 1, 1, 1, 0}};
    static const struct latency late = {{1, 2, 2, 1, 0}}; /* cannot execute in the first stage */
    static const struct latency saturate = {{2, 3, 3, 2, 0}};
    static const struct latency multiply = {{2, 4, 2, 1, 1}};
    static const struct latency fp_single = {{3, 3, 3, 3, 2}};
    static const struct latency fp_mac = {{5, 5, 5, 3, 4}};
    static const struct latency fp_mac_double = {{10, 10, 10, 10, 9}};

    switch (insn->unit) {
    case SIM_UNIT_ALU_SHIFT:
    case SIM_UNIT_EXTEND:
    case SIM_UNIT_EXTEND_ADD:
    case SIM_UNIT_BITFIELD:
    case SIM_UNIT_PACKED:
    case SIM_UNIT_REVERSE:
        return late;
    case SIM_UNIT_SATURATE:
        return saturate;
    case SIM_UNIT_MUL:
    case SIM_UNIT_MULS:
    case SIM_UNIT_MAC:
    case SIM_UNIT_MUL_LONG:
    case SIM_UNIT_MAC_LONG:
        return multiply;
    case SIM_UNIT_FP_ADD:
        return fp_single;
    case SIM_UNIT_FP_MAC:
        return insn->double_precision ? fp_mac_double : fp_mac;
    default:
        return simple;
    }
}

/* A load-to-address chain was measured at 3 cycles, a loaded accumulator at 1; any result can be
 * stored in the cycle that makes it. */
static struct latency load_latency(const struct sim_insn *insn)
{
    static const struct latency word = {{2, 3, 2, 1, 0}};
    static const struct latency narrow = {{2, 3, 3, 1, 0}};
    static const struct latency fp = {{1, 1, 1, 1, 1}};
    static const struct latency fp_double = {{2, 2, 2, 2, 2}};

    if (!sim_insn_fp_transfer(insn))
        return insn->access_bytes < 4 ? narrow : word;
    return insn->double_precision ? fp_double : fp;
}

static int is_mac(const struct sim_insn *insn)
{
    return insn->unit >= SIM_UNIT_MUL && insn->unit <= SIM_UNIT_MAC_LONG;
}

/* The one ALU with packed arithmetic. */
static int is_simd(const struct sim_insn *insn)
{
    return insn->unit >= SIM_UNIT_EXTEND && insn->unit <= SIM_UNIT_REVERSE;
}

static int is_branch(const struct sim_insn *insn)
{
    return insn->unit == SIM_UNIT_BRANCH || insn->unit == SIM_UNIT_IT;
}

static int is_fp_arithmetic(const struct sim_insn *insn)
{
    return insn->unit == SIM_UNIT_FP_ADD || insn->unit == SIM_UNIT_FP_MAC ||
           insn->unit == SIM_UNIT_FP_MOVE;
}

/* Issues without a partner. */
static int is_single_issue(const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_DIV:
    case SIM_UNIT_SYSTEM:
    case SIM_UNIT_FP_MOVE2:
    case SIM_UNIT_FP_DIV:
    case SIM_UNIT_FP_SQRT:
        return 1;
    case SIM_UNIT_MEM:
        return !sim_insn_single_access(insn) || insn->words > 1;
    case SIM_UNIT_BRANCH:
        return insn->is_load; /* TBB, TBH */
    default:                  /* VMRS, VMSR */
        return ((insn->reads | insn->writes) & SIM_BIT(SIM_REG_FPSCR)) &&
               insn->unit == SIM_UNIT_FP_MOVE;
    }
}

static int64_t occupancy(const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_DIV:
        return DIVIDE;
    case SIM_UNIT_SYSTEM:
        return SYSTEM;
    case SIM_UNIT_FP_MOVE2:
        return 2;
    case SIM_UNIT_FP_DIV:
        return insn->double_precision ? 30 : 16;
    case SIM_UNIT_FP_SQRT:
        return insn->double_precision ? 28 : 14;
    case SIM_UNIT_MEM:
        return insn->words > 2 ? (insn->words + 1) / 2 : 1;
    case SIM_UNIT_BRANCH:
        return insn->is_load ? 2 : 1;
    default:
        return 1;
    }
}

/* Two loads conflict when both words lie in the same bank, chosen by address bit 2. Known only when
 * both use one base register, taken to be word-aligned; otherwise the banks are taken to differ. */
static int same_bank(const struct sim_insn *a, const struct sim_insn *b)
{
    uint32_t first = (uint32_t)a->offset, second = (uint32_t)b->offset + (uint32_t)a->step;

    if (a->register_offset || b->register_offset || !a->address_reads || a->literal ||
        a->address_reads != b->address_reads)
        return 0;
    return !((first ^ second) & 4);
}

static int uses_first_shifter(const struct sim_insn *insn)
{
    return insn->unit == SIM_UNIT_BITFIELD || insn->unit == SIM_UNIT_EXTEND_ADD ||
           insn->unit == SIM_UNIT_REVERSE;
}

/* At most one of each resource in a cycle. */
static int share_resource(const struct sim_insn *a, const struct sim_insn *b)
{
    int a_shift = a->unit == SIM_UNIT_ALU_SHIFT, b_shift = b->unit == SIM_UNIT_ALU_SHIFT;

    if (is_mac(a) && is_mac(b))
        return 1;
    if ((is_mac(a) && b->is_store) || (a->is_store && is_mac(b)))
        return 1; /* both need the late stages */
    if (a->is_store && b->is_store)
        return 1;
    if (a->is_load && b->is_load && same_bank(a, b))
        return 1;
    if (is_simd(a) && is_simd(b))
        return 1;
    if (a_shift && b_shift)
        return 1;
    if ((uses_first_shifter(a) && b_shift) || (a_shift && uses_first_shifter(b)))
        return 1;
    if (a->unit == SIM_UNIT_SHIFT && b_shift)
        return 1; /* both want the first shifter */
    if (is_branch(a) && is_branch(b))
        return 1;
    return is_fp_arithmetic(a) && is_fp_arithmetic(b);
}

static int can_pair(const struct pipeline *p, const struct sim_insn *insn)
{
    uint64_t flags = SIM_BIT(SIM_REG_FLAGS) | SIM_BIT(SIM_REG_PC);

    return p->older && !is_single_issue(insn) && !share_resource(p->older, insn) &&
           !(p->older->writes & insn->writes & ~flags);
}

static enum use use_of(const struct sim_insn *insn, unsigned reg)
{
    if (insn->address_reads & SIM_BIT(reg))
        return USE_ADDRESS;
    if (insn->accumulator & SIM_BIT(reg))
        return insn->unit == SIM_UNIT_EXTEND_ADD ? USE_VALUE : USE_ACCUMULATOR;
    if (insn->store_data & SIM_BIT(reg))
        return USE_STORE;
    if (insn->unit == SIM_UNIT_ALU_SHIFT || uses_first_shifter(insn))
        return USE_SHIFT; /* all operands, the decoder does not say which is shifted */
    return USE_VALUE;
}

/* A multiplicand that is the accumulator too is needed when multiplicands are. */
static int64_t operands_ready(const struct pipeline *p, const struct sim_insn *insn)
{
    int64_t at = ALWAYS;
    uint64_t left = insn->reads;

    if (is_branch(insn)) /* predicted: the flags are not waited for */
        left &= ~SIM_BIT(SIM_REG_FLAGS);
    for (; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);
        int64_t ready = p->ready[use_of(insn, reg)][reg];

        at = ready > at ? ready : at;
    }
    return at;
}

static void set_ready(struct pipeline *p, uint64_t regs, struct latency latency, int64_t from)
{
    for (; regs; regs &= regs - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(regs);

        for (int use = 0; use < USE_COUNT; use++)
            p->ready[use][reg] = from + latency.cycles[use];
    }
}

static void step(struct pipeline *p, const struct sim_insn *insn)
{
    int64_t ready = operands_ready(p, insn);
    int together = can_pair(p, insn) && ready <= p->cycle;
    int64_t last; /* cycle of the last word of a transfer */

    if (!together)
        p->cycle = ready > p->next ? ready : p->next;
    if (p->cycle + occupancy(insn) > p->next)
        p->next = p->cycle + occupancy(insn);
    last = p->cycle + occupancy(insn) - 1;
    set_ready(p, insn->writes & ~insn->loaded, latency_of(insn), last);
    set_ready(p, insn->loaded, load_latency(insn), last);
    p->older = together || is_single_issue(insn) ? NULL : insn;
    p->last = insn;
}

static void take_branch(struct pipeline *p)
{
    p->next += p->last && p->last->branch == SIM_BR_EXCEPTION ? EXCEPTION_REFILL : 1;
    p->older = NULL;
}

static uint32_t edge_cycles(const struct sim_timing_edge *edge)
{
    struct pipeline p = {.cycle = -1};
    int64_t start;

    for (size_t i = 0; i < edge->tail_count; i++)
        step(&p, &edge->tail[i]);
    start = p.next;
    if (edge->taken)
        take_branch(&p);
    for (size_t i = 0; i < edge->count; i++)
        step(&p, &edge->block[i]);
    return (uint32_t)(p.next - start);
}

/* Loads were measured at +3 (+4 as the younger of a pair); stores are free until the store buffer
 * fills, which is not modelled. */
static uint32_t unaligned_extra(uint32_t address, uint32_t bytes)
{
    return (bytes == 2 && (address & 1)) || (bytes == 4 && (address & 3)) ? 3 : 0;
}

const struct sim_timing sim_timing_m7 = {
    .family = "Cortex-M7",
    .edge_cycles = edge_cycles,
    .unaligned_extra = unaligned_extra,
    .predicts_branches = 1,
};
