/* Cortex-M7: in-order, two instructions per cycle. Arm publishes no cycle table; latencies and
 * pairing follow LLVM's ARMScheduleM7 and published measurements of an STM32H743 and H730, except
 * where whole networks on an STM32F746 and H7A3 (within 2.3 %) wanted another figure: a loaded
 * value is usable after 2 cycles, a packed operation may take either slot but one per cycle, a
 * taken branch leaves one empty cycle.
 *
 * Left out, though measured: the second ALU of a pair that takes the result of the first in the
 * same cycle, MOVW and MOVT of one register in a pair, bank conflicts of two loads unless both
 * index one base register, a cycle more for store lists that are not 8-byte aligned, VADD held up
 * behind a multiply-accumulate. Divides cost LLVM's nominal 7 (sources give 3 to 20 by operands,
 * unverified).
 */
#include "timing_walk.h"

#include <string.h>

#define DIVIDE 7
#define SYSTEM 3

/* Arm gives 12 cycles of entry (14 at worst). Return, tail-chaining and the frame, two words per
 * cycle, are taken from the Cortex-M4 and unverified. */
#define EXCEPTION_ENTRY  12
#define EXCEPTION_RETURN 10
#define TAIL_CHAIN       6
#define FP_FRAME         9

/* A misprediction was found to cost 6 cycles instead of 8 when the flags were set three cycles
 * ahead of the branch or more, with nothing in between. */
#define FLAGS_EARLY        3
#define FLAGS_EARLY_SAVING 2

/* Bytes and halfwords are stored into RAM with ECC by reading, changing and writing back a word:
 * rows of them took 2.4 and 2 cycles each on an STM32H743, behind a buffer of about five. Counted
 * in fifths of a cycle. Stores that stay in one bank took 4 and are not told apart. */
#define STORE_UNIT     5
#define STORE_BYTE     12
#define STORE_HALFWORD 10
#define STORE_BUFFER   (5 * STORE_BYTE)

/* When a consumer reads its operand; each is a column of the scoreboard. */
enum use { USE_VALUE, USE_ADDRESS, USE_SHIFT, USE_ACCUMULATOR, USE_STORE, USE_COUNT };

/* Cycles from issue until a result serves each use. */
struct latency {
    uint8_t cycles[USE_COUNT];
};

/* Times count from the last cycle that is used: 0 is usable by a partner in that cycle, 1 by an
 * instruction in the next; with older NULL both cost alike and are written as 0. */
struct pipeline {
    const struct sim_insn *older; /* alone in that cycle, can still get a partner; or NULL */
    uint64_t from_load;           /* registers waited for, written by a load */
    uint8_t ready[USE_COUNT][64]; /* by mask bit */
    uint8_t store_work;           /* left in the store buffer, in 1/STORE_UNIT cycles */
    uint8_t flags_late;           /* cycles until the flags are early for a branch */
    uint8_t padding[6];
};

_Static_assert(sizeof(struct pipeline) <= SIM_PIPELINE_BYTES, "fits");
_Static_assert(offsetof(struct pipeline, padding) + 6 == sizeof(struct pipeline), "no holes");

static struct latency latency_of(const struct sim_insn *insn)
{
    static const struct latency simple = {{1, 1, 1, 1, 0}};
    static const struct latency late = {{1, 2, 2, 1, 0}}; /* cannot execute in the first stage */
    static const struct latency saturate = {{2, 3, 3, 2, 0}};
    static const struct latency multiply = {{2, 4, 2, 1, 1}};
    static const struct latency fp_single = {{3, 3, 3, 3, 1}};
    static const struct latency fp_mac = {{5, 5, 5, 3, 3}};
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
    case SIM_UNIT_FP_MOVE:
        return insn->writes >> SIM_REG_S0 ? fp_single : simple;
    case SIM_UNIT_FP_MAC:
        return insn->double_precision ? fp_mac_double : fp_mac;
    default:
        return simple;
    }
}

/* A load-to-address chain was measured at 3 cycles, a loaded accumulator at 1, a loaded
 * floating-point accumulator at 3; any integer can be stored in the cycle that makes it. */
static struct latency load_latency(const struct sim_insn *insn)
{
    static const struct latency word = {{2, 3, 2, 1, 0}};
    static const struct latency narrow = {{2, 3, 3, 1, 0}};
    static const struct latency fp = {{1, 3, 2, 3, 1}};
    static const struct latency fp_double = {{2, 3, 2, 3, 2}};

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

/* A floating-point multiply-accumulate pairs with integer instructions only. */
static int fp_mac_with_transfer(const struct sim_insn *a, const struct sim_insn *b)
{
    return (a->unit == SIM_UNIT_FP_MAC && sim_insn_fp_transfer(b)) ||
           (b->unit == SIM_UNIT_FP_MAC && sim_insn_fp_transfer(a));
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

static uint32_t occupancy(const struct sim_insn *insn)
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
        return insn->words > 2 ? (insn->words + 1u) / 2 : 1;
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
    if (fp_mac_with_transfer(a, b))
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
    if ((insn->shifted & SIM_BIT(reg)) || uses_first_shifter(insn))
        return USE_SHIFT;
    if (insn->unit == SIM_UNIT_FP_MOVE && insn->writes & SIM_CORE_REGS)
        return USE_SHIFT; /* as late: a loaded value takes a cycle more into a core register */
    return USE_VALUE;
}

struct operands {
    uint32_t ready;     /* of the latest, counted as in struct pipeline */
    enum sim_cause why; /* whether that is loaded */
};

/* A multiplicand that is the accumulator too is needed when multiplicands are. */
static struct operands operands_of(const struct pipeline *p, const struct sim_insn *insn)
{
    struct operands operands = {0, SIM_CAUSE_OPERAND};
    uint64_t left = insn->reads;

    if (is_branch(insn)) /* predicted: the flags are not waited for */
        left &= ~SIM_BIT(SIM_REG_FLAGS);
    for (; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);
        int loaded = (p->from_load & SIM_BIT(reg)) != 0;
        uint32_t ready = p->ready[use_of(insn, reg)][reg];

        if (ready > operands.ready || (loaded && ready && ready == operands.ready))
            operands.why = loaded ? SIM_CAUSE_LOAD_USE : SIM_CAUSE_OPERAND;
        operands.ready = ready > operands.ready ? ready : operands.ready;
    }
    return operands;
}

/* Room that a store takes in the buffer; words drain as fast as they come. */
static uint32_t store_work(const struct sim_timing_config *config, const struct sim_insn *insn)
{
    if (!config->chip || !config->chip->store_buffer_rmw || !insn->is_store ||
        insn->access_bytes >= 4 || sim_insn_fp_transfer(insn))
        return 0;
    return insn->access_bytes == 1 ? STORE_BYTE : STORE_HALFWORD;
}

/* Cycles until the buffer takes the work. */
static uint32_t store_wait(const struct pipeline *p, uint32_t work)
{
    uint32_t full = p->store_work + work;

    if (!work || full <= STORE_BUFFER)
        return 0;
    return (full - STORE_BUFFER + STORE_UNIT - 1) / STORE_UNIT;
}

static void elapse(struct pipeline *p, uint32_t cycles)
{
    uint8_t passed = (uint8_t)(cycles < UINT8_MAX ? cycles : UINT8_MAX);
    uint8_t *ready = &p->ready[0][0];
    uint32_t work = cycles * STORE_UNIT;

    if (!cycles)
        return;
    for (size_t i = 0; i < sizeof p->ready; i++)
        ready[i] = (uint8_t)(ready[i] > passed ? ready[i] - passed : 0);
    p->store_work = (uint8_t)(p->store_work > work ? p->store_work - work : 0);
    p->flags_late = (uint8_t)(p->flags_late > passed ? p->flags_late - passed : 0);
}

/* What can make no difference any more is written as the other things that make none. */
static void forget(struct pipeline *p)
{
    uint8_t *ready = &p->ready[0][0];
    uint64_t left = p->from_load;

    if (!p->older) {
        for (size_t i = 0; i < sizeof p->ready; i++)
            ready[i] = ready[i] > 1 ? ready[i] : 0;
    }
    for (; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);

        if (!p->ready[USE_ADDRESS][reg]) /* no use is later */
            p->from_load &= ~SIM_BIT(reg);
    }
}

static void set_ready(struct pipeline *p, uint64_t regs, struct latency latency)
{
    for (; regs; regs &= regs - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(regs);

        for (int use = 0; use < USE_COUNT; use++)
            p->ready[use][reg] = latency.cycles[use];
    }
}

static enum sim_cause occupancy_cause(const struct sim_insn *insn)
{
    if (insn->is_load || insn->is_store)
        return SIM_CAUSE_TRANSFER;
    return insn->unit == SIM_UNIT_DIV ? SIM_CAUSE_DIVIDE : SIM_CAUSE_MULTICYCLE;
}

/* Two loads of a pair in one bank: the younger waits a cycle, and can get a partner there. */
static int bank_conflict(const struct sim_insn *older, const struct sim_insn *insn)
{
    return older->is_load && insn->is_load && same_bank(older, insn);
}

static struct pipeline *pipeline_of(union sim_pipeline *state)
{
    return (struct pipeline *)(void *)state;
}

static void step(const struct sim_timing_config *config, union sim_pipeline *state,
                 const struct sim_insn *insn, struct sim_step *step)
{
    struct pipeline *p = pipeline_of(state);
    struct operands operands = operands_of(p, insn);
    uint32_t work = store_work(config, insn), busy = store_wait(p, work);
    uint32_t stall = operands.ready > 1 ? operands.ready - 1 : 0;

    memset(step, 0, sizeof *step);
    step->paired = can_pair(p, insn) && !operands.ready && !busy;
    if (step->paired) {
        step->causes[SIM_CAUSE_BUS] = (uint32_t)bank_conflict(p->older, insn);
    } else {
        step->causes[SIM_CAUSE_ISSUE] = 1;
        step->causes[operands.why] = stall;
        step->causes[SIM_CAUSE_BUS] = busy > stall ? busy - stall : 0;
        step->causes[occupancy_cause(insn)] += occupancy(insn) - 1;
    }
    elapse(p, sim_step_cycles(step));
    p->store_work = (uint8_t)(p->store_work + work);
    set_ready(p, insn->writes & ~insn->loaded, latency_of(insn));
    set_ready(p, insn->loaded, load_latency(insn));
    p->from_load = (p->from_load & ~insn->writes) | insn->loaded;
    if (insn->writes & SIM_BIT(SIM_REG_FLAGS))
        p->flags_late = FLAGS_EARLY;
    p->older =
        (step->paired && !step->causes[SIM_CAUSE_BUS]) || is_single_issue(insn) ? NULL : insn;
    forget(p);
}

/* Exceptions are charged where they are taken. */
static void take_branch(const struct sim_timing_config *config, union sim_pipeline *state,
                        const struct sim_insn *source, const struct sim_insn *target,
                        struct sim_step *step)
{
    struct pipeline *p = pipeline_of(state);

    (void)config, (void)target;
    memset(step, 0, sizeof *step);
    step->causes[SIM_CAUSE_BRANCH] = !(source && source->branch == SIM_BR_EXCEPTION);
    elapse(p, sim_step_cycles(step));
    p->older = NULL;
    forget(p);
}

static uint32_t mispredict_saving(const union sim_pipeline *state, const struct sim_insn *branch)
{
    const struct pipeline *p = (const struct pipeline *)(const void *)state;

    return branch->reads & SIM_BIT(SIM_REG_FLAGS) && !p->flags_late ? FLAGS_EARLY_SAVING : 0;
}

static void reset(union sim_pipeline *state)
{
    (void)state; /* zero is a pipeline at rest */
}

/* Loads were measured at +3 (+4 as the younger of a pair); stores are free until the store buffer
 * fills, which is not modelled. */
static uint32_t unaligned_extra(uint32_t address, uint32_t bytes, int is_write)
{
    if (is_write)
        return 0;
    return (bytes == 2 && (address & 1)) || (bytes == 4 && (address & 3)) ? 3 : 0;
}

const struct sim_timing sim_timing_m7 = {
    .family = "Cortex-M7",
    .state_bytes = sizeof(struct pipeline),
    .reset = reset,
    .step = step,
    .take_branch = take_branch,
    .unaligned_extra = unaligned_extra,
    .predicts_branches = 1,
    .mispredict_saving = mispredict_saving,
    .exception_entry = EXCEPTION_ENTRY,
    .exception_return = EXCEPTION_RETURN,
    .tail_chain = TAIL_CHAIN,
    .fp_frame_cycles = FP_FRAME,
};
