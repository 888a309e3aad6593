#include "timing_m34.h"

#include "timing_walk.h"

#define BUS_IDLE (-9) /* long before anything */

/* DDI 0439D section 3.9.1: 12 cycles of entry, the instruction's own included. */
#define EXCEPTION_REFILL 11

enum access { ACCESS_NONE, ACCESS_LOAD, ACCESS_STORE };

struct pipeline {
    const struct sim_m34_rules *rules;
    int64_t isolated_wait; /* w: an access that does not follow another pays it */
    int64_t t;
    int64_t bus_end;
    int64_t store_end; /* of the latest store, without its isolated wait */
    enum access last_access;
    int load_pending;             /* the latest instruction but NOPs is a single load */
    int store_cycle_hidable;      /* the latest instruction is a register-offset store */
    unsigned straddling_run;      /* consecutive 32-bit instructions across fetch words */
    const struct sim_insn *older; /* previous instruction, NULL at the start */
};

static uint64_t core_overlap(uint64_t a, uint64_t b)
{
    return a & b & SIM_CORE_REGS;
}

/* DDI 0439D section 3.3.2: no forwarding from a data-processing result to an address. */
static int address_hazard(const struct pipeline *p, const struct sim_insn *insn)
{
    return p->older && p->older->unit != SIM_UNIT_MEM && p->older->unit != SIM_UNIT_BRANCH &&
           core_overlap(p->older->writes, insn->address_reads);
}

/* w when the access at `at` follows no other. Behind a load only the very next access follows,
 * behind a store one a cycle later does too; a store's end is taken as that of an isolated one, for
 * else a row of stores three cycles apart would be isolated by turns, without end. */
static int64_t isolated_wait(const struct pipeline *p, const struct sim_insn *insn, int64_t at)
{
    int follows = p->older && p->older->unit == SIM_UNIT_MEM && at <= p->bus_end;

    if (p->last_access == ACCESS_STORE)
        follows = at <= p->store_end + p->isolated_wait + 1;
    return insn->literal || follows ? 0 : p->isolated_wait;
}

static void wait_for_load(struct pipeline *p)
{
    if (p->load_pending && p->t <= p->bus_end)
        p->t = p->bus_end + 1;
    p->load_pending = 0;
}

/* Whether an access directly behind a single one must wait for its data phase. */
static int breaks_overlap(const struct pipeline *p, const struct sim_insn *insn)
{
    const struct sim_insn *older = p->older;

    if (!older || !sim_insn_single_access(older))
        return 0;
    if (core_overlap(older->loaded, insn->reads)) /* forms the address or is stored */
        return 1;
    if (!insn->writeback)
        return 0;
    if (p->rules->indexed_never_overlaps && older->is_load)
        return 1;
    return older->writeback && core_overlap(older->address_reads, insn->address_reads);
}

static void step_single(struct pipeline *p, const struct sim_insn *insn)
{
    int64_t at = p->t > p->bus_end ? p->t : p->bus_end;
    int64_t extra = insn->is_store && insn->register_offset ? 1 : 0;
    int after_store = p->last_access == ACCESS_STORE;

    if (at <= p->bus_end && ((insn->is_load && after_store) || breaks_overlap(p, insn)))
        at = p->bus_end + 1;
    p->bus_end = at + 1 + extra + isolated_wait(p, insn, at);
    p->t = at + 1 + extra;
    p->store_end = at + 1 + extra;
    p->last_access = insn->is_load ? ACCESS_LOAD : ACCESS_STORE;
    p->load_pending = insn->is_load;
    p->store_cycle_hidable = extra != 0;
    if (insn->branch) /* LDR PC */
        wait_for_load(p);
}

/* Nothing overlaps, but STM starts under the data phase of a single store. */
static void step_multiple(struct pipeline *p, const struct sim_insn *insn)
{
    int under_store = insn->is_store && p->last_access == ACCESS_STORE;
    int64_t at = p->t;

    if (at <= p->bus_end)
        at = p->bus_end + (under_store ? 0 : 1);
    if (at < p->t)
        at = p->t;
    p->t = at + 1 + insn->words + isolated_wait(p, insn, at);
    p->bus_end = p->t - 1;
    p->store_end = p->bus_end - p->isolated_wait; /* the wait, if any, is over */
    p->last_access = insn->is_load ? ACCESS_LOAD : ACCESS_STORE;
    p->load_pending = 0;
}

/* DDI 0439D table 7-1: an arithmetic result used by the very next instruction costs a cycle, but a
 * multiply-accumulate reads its addend one cycle late. */
static int64_t fp_hazard(const struct pipeline *p, const struct sim_insn *insn)
{
    uint64_t needed = insn->reads;

    if (!p->older || (p->older->unit != SIM_UNIT_FP_ADD && p->older->unit != SIM_UNIT_FP_MAC))
        return 0;
    if (p->older->unit == SIM_UNIT_FP_ADD)
        needed &= ~insn->accumulator;
    return (p->older->writes & needed) >> SIM_REG_S0 ? 1 : 0;
}

static int64_t plain_cycles(const struct pipeline *p, const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_MAC:
        return p->rules->mac;
    case SIM_UNIT_MUL_LONG:
        return p->rules->mul_long;
    case SIM_UNIT_MAC_LONG:
        return p->rules->mac_long;
    case SIM_UNIT_DIV:
        return SIM_M34_DIVIDE;
    case SIM_UNIT_IT:
        /* folded into it */
        return p->older && p->older->bytes == 2 && p->older->unit != SIM_UNIT_IT ? 0 : 1;
    case SIM_UNIT_SYSTEM:
        return insn->bytes == 4 ? 2 : 1; /* the manual says 1 or 2 for MRS, 1+B for barriers */
    case SIM_UNIT_FP_MOVE2:
        return 2;
    case SIM_UNIT_FP_MAC:
        return 3;
    case SIM_UNIT_FP_DIV:
    case SIM_UNIT_FP_SQRT:
        return 14;
    default:
        return 1;
    }
}

static void step_plain(struct pipeline *p, const struct sim_insn *insn)
{
    if (insn->unit == SIM_UNIT_NOP) {
        /* hides a load's second cycle, and that of a register-offset store; the instruction behind
         * it still waits for the bus */
        p->t += p->store_cycle_hidable ? 0 : 1;
    } else {
        wait_for_load(p);
        p->t += plain_cycles(p, insn);
    }
    p->store_cycle_hidable = 0;
}

/* Three or more 32-bit instructions across fetch words in a row starve the fetch once. */
static void count_straddling(struct pipeline *p, const struct sim_insn *insn)
{
    p->straddling_run = sim_insn_straddles(insn) ? p->straddling_run + 1 : 0;
    if (p->straddling_run == 3)
        p->t++;
}

static void step(struct pipeline *p, const struct sim_insn *insn)
{
    int memory = insn->is_load || insn->is_store;

    p->t += fp_hazard(p, insn);
    if (memory && address_hazard(p, insn))
        p->t++;
    if (insn->unit == SIM_UNIT_BRANCH && insn->is_load) { /* TBB, TBH */
        wait_for_load(p);
        p->t += 2;
        p->bus_end = p->t - 1;
        p->last_access = ACCESS_LOAD;
        p->store_cycle_hidable = 0;
    } else if (sim_insn_single_access(insn) && !sim_insn_fp_transfer(insn)) {
        step_single(p, insn);
    } else if (memory) {
        step_multiple(p, insn);
        p->store_cycle_hidable = 0;
    } else {
        step_plain(p, insn);
    }
    count_straddling(p, insn);
    p->older = insn;
}

/* P of the manuals. 1 for direct branches and BX gave the best match with an STM32L4R5; so did 2
 * for the other register branches. */
static int64_t refill_cycles(const struct pipeline *p)
{
    switch (p->older ? p->older->branch : SIM_BR_B) {
    case SIM_BR_BLX:
    case SIM_BR_POP_PC:
        return 2;
    case SIM_BR_LDR_PC:
        return p->rules->load_pc_refill;
    case SIM_BR_TABLE:
        return p->rules->table_refill;
    case SIM_BR_EXCEPTION:
        return EXCEPTION_REFILL;
    default:
        return 1;
    }
}

static void take_branch(struct pipeline *p, const struct sim_timing_edge *edge)
{
    int64_t refill = refill_cycles(p) + (sim_edge_target_straddles(edge) ? 1 : 0);

    wait_for_load(p);
    p->t += refill;
    /* the bus sees the branch and one cycle of refill as idle, however long it takes */
    p->bus_end += refill - 1;
    p->store_end += refill - 1;
    p->straddling_run = 0;
    p->older = NULL;
}

uint32_t sim_m34_edge_cycles(const struct sim_timing_edge *edge, const struct sim_m34_rules *rules)
{
    struct pipeline p = {
        .rules = rules, .isolated_wait = edge->data_isolated_wait, .bus_end = BUS_IDLE};
    int64_t start;

    for (size_t i = 0; i < edge->tail_count; i++)
        step(&p, &edge->tail[i]);
    start = p.t;
    if (edge->taken)
        take_branch(&p, edge);
    for (size_t i = 0; i < edge->count; i++)
        step(&p, &edge->block[i]);
    return (uint32_t)(p.t - start);
}

static uint32_t significant_bits(uint32_t value, int is_signed)
{
    if (is_signed && value >> 31)
        value = 0u - value;
    return value ? 32 - (uint32_t)__builtin_clz(value) : 0;
}

uint32_t sim_m34_divide_cycles(uint32_t dividend, uint32_t divisor, int is_signed)
{
    uint32_t a = significant_bits(dividend, is_signed), b = significant_bits(divisor, is_signed);

    if (!dividend || !divisor)
        return 2;
    if (a < b)
        return 3;
    return 5 + (a - b) / 4;
}

int32_t sim_m34_divide_extra(uint32_t dividend, uint32_t divisor, int is_signed)
{
    return (int32_t)sim_m34_divide_cycles(dividend, divisor, is_signed) - SIM_M34_DIVIDE;
}

uint32_t sim_m34_unaligned_extra(uint32_t address, uint32_t bytes)
{
    if (bytes == 2)
        return address & 1;
    if (bytes == 4 && (address & 3))
        return address & 1 ? 2 : 1;
    return 0;
}
