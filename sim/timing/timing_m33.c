/* Cortex-M33. Arm publishes no cycle table. The rules are measurements of single instructions on an
 * RP2350 (core r1p0): results of loads, multiplications and inline shifts are one cycle late, only
 * 16-bit branches, IT and NOP pairs share a cycle. Whole networks on an STM32U575 were matched
 * within 3.2 % with coarser rules (taken branch 3, LDM 1+N, SMLAL 2): where the two disagree the
 * measured instruction is charged, plus one fetch cycle for a 32-bit target across two words, which
 * is unverified. Unverified as well: BX, POP PC, LDR PC, TBB, divides (the M4's law, at most 11),
 * floating point but the multiply-accumulate, unaligned accesses, fetching from RAM. */
#include "timing_m34.h"
#include "timing_walk.h"

#include <string.h>

#define DIVIDE_MAX 11

/* As the Cortex-M4's, unverified; more when the security state changes. */
#define EXCEPTION_ENTRY  12
#define EXCEPTION_RETURN 10
#define TAIL_CHAIN       6
#define FP_FRAME         17

/* From here on instructions come over the system bus, as data in RAM do: an access leaves no room
 * to fetch in its cycle. Fetched ahead are at most three words, which is the Cortex-M3's buffer and
 * unverified here, and behind a taken branch the word after the target is under way. Code like
 * CoreMark loses 1 to 5 % so; Nordic measured 3 % less CoreMark from RAM than from cached flash.
 * Data are taken to be in RAM too. */
#define SYSTEM_BUS      0x20000000u
#define FETCH_HALFWORDS 6

/* Times count from the last cycle that is used: 0 is usable in that cycle, 1 in the next; when
 * nothing can share that cycle both cost alike and are written as 0. */
struct pipeline {
    uint64_t from_load;   /* registers waited for, written by a load */
    uint8_t ready[64];    /* for an ordinary operand, by mask bit */
    uint8_t fp_free;      /* when the floating-point unit accepts an instruction */
    uint8_t fetch_gap;    /* halfwords that the fetch buffer is short of full; of code in RAM */
    uint8_t open;         /* the latest instruction can share its cycle; 0 after a taken branch */
    uint8_t open_it;      /* and is an IT */
    uint8_t open_nop;     /* and is a NOP */
    uint8_t open_flags;   /* and sets flags */
    uint8_t behind_flags; /* the latest is a branch in the cycle of one that sets flags */
    uint8_t padding;
};

_Static_assert(sizeof(struct pipeline) <= SIM_PIPELINE_BYTES, "fits");
_Static_assert(offsetof(struct pipeline, padding) + 1 == sizeof(struct pipeline), "no holes");

static int is_fp(const struct sim_insn *insn)
{
    return insn->cls == SIM_CLASS_FPU || insn->cls == SIM_CLASS_FPU_DIV;
}

/* Core registers that are read one cycle late: stored values and accumulators; extend-and-add does
 * not accumulate onto a loaded value that early. */
static uint32_t lateness(const struct pipeline *p, const struct sim_insn *insn, unsigned reg)
{
    uint64_t late = insn->accumulator;

    if (insn->unit == SIM_UNIT_EXTEND_ADD)
        late &= ~p->from_load;
    return (late | insn->store_data) & SIM_CORE_REGS & SIM_BIT(reg) ? 1 : 0;
}

struct operands {
    uint32_t ready;     /* of the latest, counted as in struct pipeline */
    enum sim_cause why; /* what it comes from */
};

static void wait_until(struct operands *operands, uint32_t ready, enum sim_cause why)
{
    if (ready > operands->ready || (why == SIM_CAUSE_LOAD_USE && ready == operands->ready))
        operands->why = why;
    operands->ready = ready > operands->ready ? ready : operands->ready;
}

static struct operands operands_of(const struct pipeline *p, const struct sim_insn *insn)
{
    struct operands operands = {0, SIM_CAUSE_OPERAND};

    for (uint64_t left = insn->reads; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);
        uint32_t late = lateness(p, insn, reg);

        wait_until(&operands, p->ready[reg] > late ? p->ready[reg] - late : 0,
                   p->from_load & SIM_BIT(reg) ? SIM_CAUSE_LOAD_USE : SIM_CAUSE_OPERAND);
    }
    if (is_fp(insn))
        wait_until(&operands, p->fp_free, SIM_CAUSE_MULTICYCLE);
    return operands;
}

/* Only two 16-bit encodings share a cycle. */
static int pairs(const struct pipeline *p, const struct sim_insn *insn)
{
    if (!p->open || insn->bytes != 2)
        return 0;
    if (insn->unit == SIM_UNIT_IT)
        return !p->open_it;
    if (insn->branch == SIM_BR_B || insn->branch == SIM_BR_COND)
        return !(insn->reads & SIM_CORE_REGS); /* not CBZ */
    return p->open_nop && insn->unit != SIM_UNIT_NOP && insn->unit != SIM_UNIT_BRANCH &&
           insn->unit != SIM_UNIT_SYSTEM;
}

/* A two-stage operation that sets flags takes both stages; MOVS does not. */
static int takes_both_stages(const struct sim_insn *insn)
{
    return insn->unit == SIM_UNIT_MULS ||
           (insn->shifted_constant && insn->sets_flags && (insn->reads & SIM_CORE_REGS));
}

static uint32_t occupancy(const struct sim_insn *insn)
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

/* Cycles from the end of an instruction until its results can be read, plus the one that it ends
 * in. */
static uint32_t result_delay(const struct sim_insn *insn)
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

static void set_ready(struct pipeline *p, uint64_t regs, uint32_t cycles)
{
    for (; regs; regs &= regs - 1)
        p->ready[__builtin_ctzll(regs)] = (uint8_t)cycles;
}

/* Highest register of a transfer: the one that arrives last. */
static uint64_t last_loaded(const struct sim_insn *insn)
{
    return insn->loaded ? SIM_BIT(63 - __builtin_clzll(insn->loaded)) : 0;
}

static uint32_t less(uint32_t value, uint32_t amount)
{
    return value > amount ? value - amount : 0;
}

static void elapse(struct pipeline *p, uint32_t cycles)
{
    uint8_t passed = (uint8_t)(cycles < UINT8_MAX ? cycles : UINT8_MAX);

    for (size_t i = 0; i < sizeof p->ready; i++)
        p->ready[i] = (uint8_t)(p->ready[i] > passed ? p->ready[i] - passed : 0);
    p->fp_free = (uint8_t)less(p->fp_free, cycles);
}

/* What can make no difference any more is written as the other things that make none. */
static void forget(struct pipeline *p)
{
    uint64_t left = p->from_load;

    if (!p->open) { /* nothing can share the last cycle */
        for (size_t i = 0; i < sizeof p->ready; i++)
            p->ready[i] = p->ready[i] > 1 ? p->ready[i] : 0;
    }
    for (; left; left &= left - 1) {
        unsigned reg = (unsigned)__builtin_ctzll(left);

        if (!p->ready[reg])
            p->from_load &= ~SIM_BIT(reg);
    }
}

/* Cycles until the instruction is there. */
static uint32_t starved(const struct pipeline *p, const struct sim_insn *insn)
{
    uint32_t needed = p->fetch_gap + insn->bytes / 2u;

    if (insn->address < SYSTEM_BUS)
        return 0;
    return (less(needed, FETCH_HALFWORDS) + 1) / 2;
}

/* One word is fetched in every cycle without a data access. */
static void fetch_ahead(struct pipeline *p, const struct sim_insn *insn, uint32_t cycles)
{
    uint32_t taken = insn->bytes / 2u + 2u * (insn->is_load || insn->is_store ? insn->words : 0);
    uint32_t gap = less(p->fetch_gap + taken, 2 * cycles);

    if (insn->address < SYSTEM_BUS)
        gap = 0;
    p->fetch_gap = (uint8_t)(gap < FETCH_HALFWORDS ? gap : FETCH_HALFWORDS);
}

static enum sim_cause occupancy_cause(const struct sim_insn *insn)
{
    if (insn->is_load || insn->is_store)
        return SIM_CAUSE_TRANSFER;
    return insn->unit == SIM_UNIT_DIV ? SIM_CAUSE_DIVIDE : SIM_CAUSE_MULTICYCLE;
}

static void set_results(struct pipeline *p, const struct sim_insn *insn)
{
    set_ready(p, insn->writes, 1 + result_delay(insn));
    set_ready(p, last_loaded(insn), 2);
    p->from_load = (p->from_load & ~insn->writes) | insn->loaded;
    if (insn->unit == SIM_UNIT_FP_MAC)
        p->fp_free = 3;
}

static void set_open(struct pipeline *p, const struct sim_insn *insn, int paired)
{
    p->behind_flags = paired && p->open_flags && insn->branch;
    p->open = !paired && insn->bytes == 2 && !insn->branch;
    p->open_it = p->open && insn->unit == SIM_UNIT_IT;
    p->open_nop = p->open && insn->unit == SIM_UNIT_NOP;
    p->open_flags = p->open && insn->sets_flags;
}

static struct pipeline *pipeline_of(union sim_pipeline *state)
{
    return (struct pipeline *)(void *)state;
}

static void step(const struct sim_timing_config *config, union sim_pipeline *state,
                 const struct sim_insn *insn, struct sim_step *step)
{
    struct pipeline *p = pipeline_of(state);
    int predicted = insn->branch || insn->unit == SIM_UNIT_IT; /* not held up by the flags */
    int together = pairs(p, insn);
    struct operands operands = {0, SIM_CAUSE_OPERAND};
    uint32_t stall, starve = starved(p, insn);

    (void)config;
    if (!(predicted && together))
        operands = operands_of(p, insn);
    stall = less(operands.ready, 1);
    memset(step, 0, sizeof *step);
    step->paired = together && !operands.ready && !starve;
    step->causes[SIM_CAUSE_ISSUE] = !step->paired;
    step->causes[operands.why] = stall;
    step->causes[SIM_CAUSE_BUS] = less(starve, stall);
    step->causes[occupancy_cause(insn)] += occupancy(insn) - 1;
    elapse(p, sim_step_cycles(step));
    fetch_ahead(p, insn, sim_step_cycles(step));
    set_results(p, insn);
    set_open(p, insn, step->paired);
    forget(p);
}

/* Beyond the branch's own cycle, which is none when it shared that of the instruction before it.
 * Exceptions are charged where they are taken. */
static uint32_t refill_cycles(const struct pipeline *p, const struct sim_insn *source)
{
    switch (source ? source->branch : SIM_BR_B) {
    case SIM_BR_B:
    case SIM_BR_COND:
        return p->behind_flags ? 2 : 1;
    case SIM_BR_BX:
    case SIM_BR_BLX:
    case SIM_BR_POP_PC:
    case SIM_BR_LDR_PC:
    case SIM_BR_TABLE:
        return 2;
    default:
        return 1;
    }
}

static void take_branch(const struct sim_timing_config *config, union sim_pipeline *state,
                        const struct sim_insn *source, const struct sim_insn *target,
                        struct sim_step *step)
{
    struct pipeline *p = pipeline_of(state);
    uint32_t offset = target && (target->address & 2) ? 1 : 0; /* halfwords of no use */
    uint32_t refill = refill_cycles(p, source) + (target && sim_insn_straddles(target) ? 1 : 0);

    if (target && target->address < SYSTEM_BUS)
        refill += config->branch_target_wait;
    memset(step, 0, sizeof *step);
    if (!(source && source->branch == SIM_BR_EXCEPTION))
        step->causes[SIM_CAUSE_BRANCH] = refill;
    elapse(p, sim_step_cycles(step));
    p->fetch_gap = 0;
    if (target && target->address >= SYSTEM_BUS)
        p->fetch_gap = (uint8_t)less(FETCH_HALFWORDS + offset, 2 * (refill + 1));
    p->open = p->open_it = p->open_nop = p->open_flags = p->behind_flags = 0;
    forget(p);
}

static void reset(union sim_pipeline *state)
{
    (void)state; /* zero is a pipeline at rest */
}

static int32_t divide_extra(uint32_t dividend, uint32_t divisor, int is_signed)
{
    int32_t cycles = (int32_t)sim_m34_divide_cycles(dividend, divisor, is_signed);

    return (cycles < DIVIDE_MAX ? cycles : DIVIDE_MAX) - SIM_M34_DIVIDE;
}

static uint32_t unaligned_extra(uint32_t address, uint32_t bytes, int is_write)
{
    (void)is_write; /* loads and stores alike */
    return (bytes == 2 && (address & 1)) || (bytes == 4 && (address & 3));
}

const struct sim_timing sim_timing_m33 = {
    .family = "Cortex-M33",
    .state_bytes = sizeof(struct pipeline),
    .reset = reset,
    .step = step,
    .take_branch = take_branch,
    .divide_extra = divide_extra,
    .unaligned_extra = unaligned_extra,
    .exception_entry = EXCEPTION_ENTRY,
    .exception_return = EXCEPTION_RETURN,
    .tail_chain = TAIL_CHAIN,
    .fp_frame_cycles = FP_FRAME,
};
