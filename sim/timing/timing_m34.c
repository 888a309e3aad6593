#include "timing_m34.h"

#include "timing_walk.h"

#include <string.h>

#define SYSTEM_BUS_BASE 0x20000000u /* DDI 0439D section 2.2.1 */
#define FP_DIVIDE       14          /* VDIV, VSQRT: DDI 0439D table 7-1 */

enum access { ACCESS_NONE, ACCESS_LOAD, ACCESS_STORE };

/* Cycles count from now, the end of the latest instruction, and are few: the isolated wait of a
 * chip is at most 8. All zero is an idle pipeline. No padding, and what no longer matters is
 * zeroed: equal states are equal bytes. */
struct state {
    uint32_t fp_results;         /* s0 to s31, of the latest arithmetic if it can matter */
    uint16_t results;            /* r0 to r15, of the latest instruction unless it is a load */
    uint16_t loaded;             /* by the latest instruction if it is a single load still busy */
    uint16_t indexed;            /* the register the latest, still busy, single access indexed */
    uint8_t busy;                /* cycles to the end of the latest data phase */
    uint8_t window;              /* cycles in which an access still follows the latest store */
    uint8_t access;              /* enum access, the latest while busy or in the window */
    uint8_t dividing;            /* cycles until the floating-point unit is free */
    uint8_t straddling;          /* run of 32-bit instructions across fetch words, or STARVED */
    uint8_t straddling_mixed;    /* some in that run are not stores */
    uint8_t stolen;              /* half a fetch word is owed to data */
    uint8_t folds_it;            /* an IT would be folded into the latest instruction */
    uint8_t store_cycle_hidable; /* the latest instruction is a register-offset store */
    uint8_t store_isolated;      /* at the end of busy: the isolated wait of a single store */
};

#define STARVED 4

_Static_assert(sizeof(struct state) == SIM_M34_STATE_BYTES, "no padding");
_Static_assert(sizeof(struct state) <= SIM_PIPELINE_BYTES, "fits");

struct walk {
    const struct sim_m34_rules *rules;
    uint32_t isolated_wait; /* w: an access that does not follow another pays it */
    uint32_t store_wait;
    struct state s;
    struct sim_step *step;
};

static uint8_t less(uint8_t cycles, uint32_t passed)
{
    return cycles > passed ? (uint8_t)(cycles - passed) : 0;
}

static void pass(struct state *s, uint32_t cycles)
{
    s->busy = less(s->busy, cycles);
    s->store_isolated = s->store_isolated < s->busy ? s->store_isolated : s->busy;
    s->window = less(s->window, cycles);
    s->dividing = less(s->dividing, cycles);
}

static void spend(struct walk *k, uint32_t cycles, enum sim_cause cause)
{
    k->step->causes[cause] += cycles;
    pass(&k->s, cycles);
}

static uint16_t core_regs(uint64_t mask)
{
    return (uint16_t)(mask & SIM_CORE_REGS);
}

/* w when an access starting now follows no other. Behind a load only the very next access follows,
 * behind a store one a cycle later does too; a store's end is taken as that of an isolated one, for
 * else a row of stores three cycles apart would be isolated by turns, without end. */
static uint32_t isolated_wait(const struct walk *k, const struct sim_insn *insn)
{
    int follows = k->s.access == ACCESS_STORE ? k->s.window > 0 : k->s.busy > 0;

    return insn->literal || follows ? 0 : k->isolated_wait;
}

static void wait_for_load(struct walk *k)
{
    if (k->s.access == ACCESS_LOAD)
        spend(k, k->s.busy, SIM_CAUSE_LOAD_USE);
}

/* Whether an access must wait for the data phase of the busy one before it, and why:
 * SIM_CAUSE_COUNT when not. */
static enum sim_cause broken_overlap(const struct walk *k, const struct sim_insn *insn)
{
    const struct state *s = &k->s;
    int after_load = s->access == ACCESS_LOAD;
    enum sim_cause cause = after_load ? SIM_CAUSE_LOAD_USE : SIM_CAUSE_BUS;

    if (insn->is_load && !after_load)
        return cause;
    if (s->loaded & insn->address_reads)
        return cause;
    if (s->loaded & insn->reads)
        return SIM_CAUSE_BUS; /* stores what was loaded */
    if (insn->writeback &&
        ((after_load && k->rules->indexed_never_overlaps) || (s->indexed & insn->address_reads)))
        return cause;
    return SIM_CAUSE_COUNT;
}

/* Of the cycles until the next address phase, which overlaps the last busy cycle or not, those that
 * only the isolated wait of the store before takes. */
static void count_behind_isolated(struct walk *k, int overlaps)
{
    uint32_t begins = overlaps ? 1 : 0, otherwise = less(k->s.busy, k->s.store_isolated);

    k->step->behind_isolated =
        (uint8_t)(less(k->s.busy, begins) - less((uint8_t)otherwise, begins));
}

/* Until the address phase of a single access may begin. */
static void wait_for_bus(struct walk *k, const struct sim_insn *insn)
{
    enum sim_cause broken;

    if (!k->s.busy)
        return;
    broken = broken_overlap(k, insn);
    count_behind_isolated(k, broken == SIM_CAUSE_COUNT);
    spend(k, k->s.busy - 1, SIM_CAUSE_BUS);
    if (broken != SIM_CAUSE_COUNT)
        spend(k, 1, broken);
    k->step->overlapped = k->s.busy && k->s.access == ACCESS_LOAD;
}

/* What the data phase brings: loaded registers, the status of STREX. */
static uint16_t returned(const struct sim_insn *insn)
{
    if (insn->is_store && insn->writeback)
        return 0;
    return core_regs(insn->is_load ? insn->loaded : insn->writes);
}

/* A load pays its isolated wait at once, a store's runs beside the next instructions. */
static void step_single(struct walk *k, const struct sim_insn *insn)
{
    uint32_t wait;

    wait_for_bus(k, insn);
    wait = isolated_wait(k, insn);
    spend(k, 1, SIM_CAUSE_ISSUE);
    if (insn->is_load || returned(insn)) {
        spend(k, wait, SIM_CAUSE_BUS);
        k->step->isolated = insn->is_load && wait > 0;
        k->s.access = ACCESS_LOAD;
        k->s.busy = 1;
        k->s.store_isolated = 0;
        k->s.window = 0;
    } else {
        k->s.store_cycle_hidable = insn->register_offset;
        spend(k, insn->register_offset, SIM_CAUSE_TRANSFER);
        k->s.access = ACCESS_STORE;
        k->s.busy = (uint8_t)(1 + wait);
        k->s.store_isolated = (uint8_t)wait;
        k->s.window = (uint8_t)(2 + k->isolated_wait);
        spend(k, k->store_wait, SIM_CAUSE_BUS);
    }
    if (insn->branch) /* LDR PC */
        wait_for_load(k);
}

/* Nothing overlaps, but STM starts under the data phase of a single store. */
static void step_multiple(struct walk *k, const struct sim_insn *insn)
{
    int under_store = insn->is_store && k->s.access == ACCESS_STORE;
    uint32_t wait;

    wait_for_load(k);
    count_behind_isolated(k, under_store);
    spend(k, under_store ? less(k->s.busy, 1) : k->s.busy, SIM_CAUSE_BUS);
    wait = isolated_wait(k, insn);
    spend(k, 1, SIM_CAUSE_ISSUE);
    spend(k, insn->words, SIM_CAUSE_TRANSFER);
    spend(k, wait, SIM_CAUSE_BUS);
    k->step->isolated = wait > 0;
    k->s.access = insn->is_load ? ACCESS_LOAD : ACCESS_STORE;
    k->s.busy = k->s.store_isolated = 0;
    k->s.window = insn->is_store;
}

/* TBB, TBH */
static void step_table(struct walk *k)
{
    wait_for_load(k);
    spend(k, 1, SIM_CAUSE_ISSUE);
    spend(k, 1, SIM_CAUSE_LOAD_USE);
    k->s.access = ACCESS_LOAD;
    k->s.busy = 0;
    k->s.window = 0;
}

static uint32_t plain_cycles(const struct walk *k, const struct sim_insn *insn)
{
    switch (insn->unit) {
    case SIM_UNIT_MAC:
        return k->rules->mac;
    case SIM_UNIT_MUL_LONG:
        return k->rules->mul_long;
    case SIM_UNIT_MAC_LONG:
        return k->rules->mac_long;
    case SIM_UNIT_DIV:
        return SIM_M34_DIVIDE;
    case SIM_UNIT_SYSTEM:
        return insn->bytes == 4 ? 2 : 1; /* the manual says 1 or 2 for MRS, 1+B for barriers */
    case SIM_UNIT_FP_MOVE2:
        return 2;
    case SIM_UNIT_FP_MAC:
        return 3;
    default:
        return 1;
    }
}

/* A NOP hides a load's second cycle, and itself under that of a register-offset store; the
 * instruction behind it still waits for the bus. */
static void step_nop(struct walk *k, int store_cycle_hidable)
{
    k->step->paired = (uint8_t)store_cycle_hidable;
    k->step->overlapped = k->s.access == ACCESS_LOAD && k->s.busy;
    spend(k, !store_cycle_hidable, SIM_CAUSE_ISSUE);
}

static void step_plain(struct walk *k, const struct sim_insn *insn)
{
    wait_for_load(k);
    k->step->paired = insn->unit == SIM_UNIT_IT && k->s.folds_it;
    if (k->step->paired)
        return;
    spend(k, 1, SIM_CAUSE_ISSUE);
    spend(k, plain_cycles(k, insn) - 1,
          insn->unit == SIM_UNIT_DIV ? SIM_CAUSE_DIVIDE : SIM_CAUSE_MULTICYCLE);
    if (insn->unit == SIM_UNIT_FP_DIV || insn->unit == SIM_UNIT_FP_SQRT)
        k->s.dividing = FP_DIVIDE - 1;
}

/* Results are not forwarded to addresses (DDI 0439D section 3.3.2). Floating-point arithmetic takes
 * a cycle longer when the very next instruction uses the result, but multiply-accumulates read
 * their addend one cycle late; only floating-point instructions wait for a division or square root
 * (table 7-1). */
static void wait_for_operands(struct walk *k, const struct sim_insn *insn)
{
    uint64_t needed = (insn->reads & ~insn->accumulator) >> SIM_REG_S0;

    if (insn->unit >= SIM_UNIT_FP_ADD || sim_insn_fp_transfer(insn))
        spend(k, k->s.dividing, SIM_CAUSE_MULTICYCLE);
    if (k->s.fp_results & needed)
        spend(k, 1, SIM_CAUSE_OPERAND);
    if ((insn->is_load || insn->is_store) && (k->s.results & insn->address_reads))
        spend(k, 1, SIM_CAUSE_OPERAND);
}

/* Three 32-bit instructions across fetch words in a row, or four stores, starve the fetch once.
 * Left out: rows of loads and other instructions that cost more than one cycle. */
static void count_straddling(struct walk *k, const struct sim_insn *insn)
{
    struct state *s = &k->s;

    if (!sim_insn_straddles(insn)) {
        s->straddling = s->straddling_mixed = 0;
    } else if (s->straddling < STARVED) {
        s->straddling++;
        s->straddling_mixed |= !insn->is_store;
        if (s->straddling < (s->straddling_mixed ? 3 : 4))
            return;
        spend(k, 1, SIM_CAUSE_BRANCH);
        s->straddling = STARVED;
        s->straddling_mixed = 0;
    }
}

/* Fetch words taken by data, in halves: what one 16-bit instruction would have needed. The whole
 * pipeline stands still meanwhile. */
static void share_system_bus(struct walk *k, const struct sim_insn *insn)
{
    uint32_t halves;

    if (insn->address < SYSTEM_BUS_BASE || !(insn->is_load || insn->is_store))
        return;
    halves = k->s.stolen + insn->words * (insn->bytes / 2u);
    k->step->causes[SIM_CAUSE_BUS] += halves / 2;
    k->s.stolen = halves % 2;
}

static void execute(struct walk *k, const struct sim_insn *insn)
{
    int store_cycle_hidable = k->s.store_cycle_hidable;

    k->s.store_cycle_hidable = 0;
    wait_for_operands(k, insn);
    if (insn->unit == SIM_UNIT_BRANCH && insn->is_load)
        step_table(k);
    else if (sim_insn_single_access(insn) && !sim_insn_fp_transfer(insn))
        step_single(k, insn);
    else if (insn->is_load || insn->is_store)
        step_multiple(k, insn);
    else if (insn->unit == SIM_UNIT_NOP)
        step_nop(k, store_cycle_hidable);
    else
        step_plain(k, insn);
    count_straddling(k, insn);
    share_system_bus(k, insn);
}

/* What the next instruction needs of this one. */
static void remember(struct state *s, const struct sim_insn *insn)
{
    int memory = insn->unit == SIM_UNIT_MEM;
    int fp = insn->unit >= SIM_UNIT_FP_ADD && insn->unit != SIM_UNIT_FP_MOVE &&
             insn->unit != SIM_UNIT_FP_MOVE2;
    int busy = sim_insn_single_access(insn) && s->busy;

    s->results = memory || insn->unit == SIM_UNIT_BRANCH ? 0 : core_regs(insn->writes);
    if (fp)
        s->fp_results = (uint32_t)(insn->writes >> SIM_REG_S0);
    else if (!s->dividing)
        s->fp_results = 0;
    s->loaded = busy ? returned(insn) : 0;
    s->indexed = busy && insn->writeback ? core_regs(insn->address_reads) : 0;
    s->folds_it = insn->bytes == 2 && insn->unit != SIM_UNIT_IT;
    if (!s->busy && !s->window)
        s->access = ACCESS_NONE;
}

static struct state load_state(const union sim_pipeline *pipeline)
{
    struct state s;

    memcpy(&s, pipeline, sizeof s);
    return s;
}

void sim_m34_reset(union sim_pipeline *pipeline)
{
    (void)pipeline;
}

void sim_m34_step(const struct sim_m34_rules *rules, const struct sim_timing_config *config,
                  union sim_pipeline *pipeline, const struct sim_insn *insn, struct sim_step *step)
{
    struct walk k = {.rules = rules,
                     .isolated_wait = config->isolated_wait,
                     .store_wait = config->store_wait,
                     .s = load_state(pipeline),
                     .step = step};

    memset(step, 0, sizeof *step);
    execute(&k, insn);
    remember(&k.s, insn);
    memcpy(pipeline, &k.s, sizeof k.s);
}

/* P of the manuals. 1 for direct branches and BX gave the best match with an STM32L4R5; so did 2
 * for the other register branches. */
static uint32_t refill_cycles(const struct sim_m34_rules *rules, const struct sim_insn *source)
{
    switch (source ? source->branch : SIM_BR_B) {
    case SIM_BR_BLX:
    case SIM_BR_POP_PC:
        return 2;
    case SIM_BR_LDR_PC:
        return rules->load_pc_refill;
    case SIM_BR_TABLE:
        return rules->table_refill;
    case SIM_BR_EXCEPTION:
        return 0;
    default:
        return 1;
    }
}

/* The bus sees the branch and one cycle of refill as idle, however long it takes. */
void sim_m34_take_branch(const struct sim_m34_rules *rules, const struct sim_timing_config *config,
                         union sim_pipeline *pipeline, const struct sim_insn *source,
                         const struct sim_insn *target, struct sim_step *step)
{
    struct walk k = {.s = load_state(pipeline), .step = step};
    struct state after = {.stolen = k.s.stolen};
    uint32_t refill = refill_cycles(rules, source);

    memset(step, 0, sizeof *step);
    if (target && refill)
        refill += (uint32_t)sim_insn_straddles(target) +
                  (target->address >= SYSTEM_BUS_BASE ? 1 : config->branch_target_wait);
    wait_for_load(&k);
    step->causes[SIM_CAUSE_BRANCH] = refill;
    pass(&k.s, 1);
    after.dividing = less(k.s.dividing, refill ? refill - 1 : 0);
    if (after.dividing)
        after.fp_results = k.s.fp_results;
    after.busy = k.s.busy;
    after.store_isolated = k.s.store_isolated;
    after.window = k.s.window;
    if (after.busy || after.window)
        after.access = k.s.access;
    memcpy(pipeline, &after, sizeof after);
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

uint32_t sim_m34_unaligned_extra(uint32_t address, uint32_t bytes, int is_write)
{
    if (is_write)
        return 0;
    if (bytes == 2)
        return address & 1;
    if (bytes == 4 && (address & 3))
        return address & 1 ? 2 : 1;
    return 0;
}
