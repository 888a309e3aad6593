#include "sim_timers.h"

#include "sim_machine_int.h"

/* Addresses and bits: DDI 0403E (ARMv7-M ARM), sections B3.3 and C1.8. */
#define DWT_CTRL   0xe0001000u
#define DWT_CYCCNT 0xe0001004u
#define DWT_CPICNT 0xe0001008u /* the first of five, in the order of their enable bits */
#define DWT_EVENTS (DWT_CPICNT + 4 * SIM_EVENT_COUNTERS)
#define SYST_CSR   0xe000e010u
#define SYST_RVR   0xe000e014u
#define SYST_CVR   0xe000e018u
#define DEMCR      0xe000edfcu

#define DWT_CTRL_CYCCNTENA (1u << 0)
#define DWT_CTRL_EVENTENA  17 /* number of CPIEVTENA's bit */
#define DWT_CTRL_NOCYCCNT  (1u << 25)
#define DWT_CTRL_NOPRFCNT  (1u << 24)
#define DEMCR_TRCENA       (1u << 24)
#define SYST_CSR_ENABLE    (1u << 0)
#define SYST_CSR_TICKINT   (1u << 1)
#define SYST_CSR_CORE      (1u << 2) /* clocked by the core, else by an eighth of it */
#define SYST_CSR_COUNTFLAG (1u << 16)

enum event { EVENT_CPI, EVENT_EXC, EVENT_SLEEP, EVENT_LSU, EVENT_FOLD };

/* Which counter the cycles of a cause advance; none those of an instruction's first cycle. */
static const int8_t event_of_cause[SIM_CAUSE_COUNT] = {
    [SIM_CAUSE_ISSUE] = -1,
    [SIM_CAUSE_MULTICYCLE] = EVENT_CPI,
    [SIM_CAUSE_TRANSFER] = EVENT_LSU,
    [SIM_CAUSE_LOAD_USE] = EVENT_LSU,
    [SIM_CAUSE_OPERAND] = EVENT_CPI,
    [SIM_CAUSE_BUS] = EVENT_LSU,
    [SIM_CAUSE_UNALIGNED] = EVENT_LSU,
    [SIM_CAUSE_DIVIDE] = EVENT_CPI,
    [SIM_CAUSE_BRANCH] = EVENT_CPI,
    [SIM_CAUSE_EXCEPTION] = EVENT_EXC,
    [SIM_CAUSE_FETCH] = EVENT_CPI,
    [SIM_CAUSE_ICACHE] = EVENT_CPI,
    [SIM_CAUSE_FLASH_DATA] = EVENT_LSU,
    [SIM_CAUSE_DCACHE] = EVENT_LSU,
    [SIM_CAUSE_RAM] = EVENT_LSU,
};

static void poke(struct sim_machine *m, uint32_t address, uint32_t value)
{
    uc_mem_write(m->uc, address, &value, sizeof value);
}

static int has_cycle_counter(const struct sim_machine *m)
{
    return m->chip.core != SIM_CORTEX_M0 && m->chip.core != SIM_CORTEX_M0PLUS;
}

void sim_timers_reset(struct sim_machine *m)
{
    struct sim_timers *t = &m->timers;
    *t = (struct sim_timers){0};
    /* Four comparators, as all of these cores have. */
    t->dwt_control = has_cycle_counter(m) ? 0x40000000u : DWT_CTRL_NOCYCCNT | DWT_CTRL_NOPRFCNT;
    poke(m, DWT_CTRL, t->dwt_control);
}

/* Cycles the core was awake, at the access being made now. */
static uint64_t awake(const struct sim_machine *m)
{
    return sim_machine_cycles(m) - m->exceptions.slept;
}

static int counting(const struct sim_machine *m, uint32_t enable)
{
    const struct sim_timers *t = &m->timers;
    return has_cycle_counter(m) && (t->dwt_control & enable) && (t->demcr & DEMCR_TRCENA);
}

static uint32_t cycle_counter(const struct sim_machine *m)
{
    return counting(m, DWT_CTRL_CYCCNTENA) ? (uint32_t)(awake(m) - m->timers.cyccnt_zero)
                                           : m->timers.cyccnt_held;
}

/* The steps of the block executing that are still to come, by cause. */
struct rest {
    const struct sim_insn *last; /* the instruction that makes the access now */
    int reached;
    uint64_t causes[SIM_CAUSE_COUNT], folded;
};

static void add_rest(void *user, const struct sim_insn *insn, const struct sim_step *step)
{
    struct rest *rest = user;
    for (int c = 0; rest->reached && c < SIM_CORE_CAUSES; c++)
        rest->causes[c] += step->causes[c];
    rest->folded += rest->reached ? step->paired : 0;
    rest->reached |= insn == rest->last;
}

/* What the five counters would have counted since reset; reads are rare, so the sum over all passes
 * may take its time. */
static void count_events(const struct sim_machine *m, uint64_t events[SIM_EVENT_COUNTERS])
{
    uint64_t causes[SIM_CAUSE_COUNT], folded;
    struct rest rest = {.last = NULL};
    sim_account_seen(&m->account, causes, &folded);
    if (m->pass->block->count) {
        rest.last = &m->pass->block->insns[sim_machine_insn(m)];
        sim_account_walk(&m->account, m->pass, add_rest, &rest);
    }
    for (int i = 0; i < SIM_EVENT_COUNTERS; i++)
        events[i] = 0;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (event_of_cause[c] >= 0)
            events[event_of_cause[c]] += causes[c] - rest.causes[c];
    }
    events[EVENT_FOLD] = folded - rest.folded;
}

static uint8_t event_counter(const struct sim_machine *m, unsigned i, const uint64_t *events)
{
    return counting(m, 1u << (DWT_CTRL_EVENTENA + i))
               ? (uint8_t)(events[i] - m->timers.event_zero[i])
               : m->timers.event_held[i];
}

/* Applies a change of an enable bit: the counters hold their values while they do not run; the
 * 8-bit ones begin at 0 when their own bit is set (DDI 0403E C1.8.9). */
static void set_counting(struct sim_machine *m, uint32_t *bits, uint32_t value)
{
    struct sim_timers *t = &m->timers;
    uint32_t at = cycle_counter(m), before = t->dwt_control;
    uint64_t events[SIM_EVENT_COUNTERS];
    count_events(m, events);
    for (unsigned i = 0; i < SIM_EVENT_COUNTERS; i++)
        t->event_held[i] = event_counter(m, i, events);
    *bits = value;
    t->cyccnt_held = at;
    t->cyccnt_zero = awake(m) - at;
    for (unsigned i = 0; i < SIM_EVENT_COUNTERS; i++) {
        if (~before & t->dwt_control & 1u << (DWT_CTRL_EVENTENA + i))
            t->event_held[i] = 0;
        t->event_zero[i] = events[i] - t->event_held[i];
    }
}

static void write_event_counter(struct sim_machine *m, unsigned i, uint32_t value)
{
    uint64_t events[SIM_EVENT_COUNTERS];
    count_events(m, events);
    m->timers.event_held[i] = (uint8_t)value;
    m->timers.event_zero[i] = events[i] - (uint8_t)value;
}

static uint64_t tick_divider(const struct sim_timers *t)
{
    return t->tick_control & SYST_CSR_CORE ? 1 : 8;
}

/* Counts down from value from now on; from 0 the next tick loads the reload value. */
static void start_tick(struct sim_timers *t, uint64_t now, uint32_t value)
{
    uint64_t ticks = value ? value : (uint64_t)t->tick_reload + 1;
    t->tick_first = value ? value + 1 : t->tick_reload + 1;
    t->tick_zero = now + ticks * tick_divider(t);
}

uint64_t sim_timers_catch_up(struct sim_machine *m, uint64_t now)
{
    struct sim_timers *t = &m->timers;
    if (!(t->tick_control & SYST_CSR_ENABLE))
        return UINT64_MAX;
    if (now >= t->tick_zero && (t->tick_reload || t->tick_first > 1)) {
        uint64_t period = (t->tick_reload + (uint64_t)1) * tick_divider(t);
        t->tick_zero += ((now - t->tick_zero) / period + 1) * period;
        t->tick_first = t->tick_reload + 1;
        t->tick_flag = 1;
        if (t->tick_control & SYST_CSR_TICKINT)
            sim_exceptions_pend(m, SIM_EXC_SYSTICK, 1);
    }
    /* With a reload value of 0 it stays at 0. */
    int stands = !t->tick_reload && t->tick_first <= 1;
    return (t->tick_control & SYST_CSR_TICKINT) && !stands ? t->tick_zero : UINT64_MAX;
}

/* After sim_timers_catch_up. */
static uint32_t tick_value(const struct sim_timers *t, uint64_t now)
{
    if (!(t->tick_control & SYST_CSR_ENABLE))
        return t->tick_held;
    if (now >= t->tick_zero)
        return 0;
    uint64_t left = (t->tick_zero - now + tick_divider(t) - 1) / tick_divider(t);
    return left > t->tick_reload && left >= t->tick_first ? 0 : (uint32_t)left;
}

void sim_timers_read(struct sim_machine *m, uint32_t address)
{
    struct sim_timers *t = &m->timers;
    uint64_t now = sim_machine_cycles(m), events[SIM_EVENT_COUNTERS];
    if (address >= DWT_CPICNT && address < DWT_EVENTS) {
        count_events(m, events);
        poke(m, address, event_counter(m, (address - DWT_CPICNT) / 4, events));
        return;
    }
    switch (address) {
    case DWT_CYCCNT:
        poke(m, DWT_CYCCNT, cycle_counter(m));
        break;
    case SYST_CVR:
        sim_timers_catch_up(m, now);
        poke(m, SYST_CVR, tick_value(t, now));
        break;
    case SYST_CSR:
        sim_timers_catch_up(m, now);
        poke(m, SYST_CSR, t->tick_control | (t->tick_flag ? SYST_CSR_COUNTFLAG : 0));
        t->tick_flag = 0;
        break;
    default:
        break;
    }
}

/* Starting or changing the divider continues from the value it has. */
static void set_tick_control(struct sim_machine *m, uint32_t value, uint64_t now)
{
    struct sim_timers *t = &m->timers;
    t->tick_held = tick_value(t, now);
    t->tick_control = value & 7;
    start_tick(t, now, t->tick_held);
}

static void write_tick(struct sim_machine *m, uint32_t address, uint32_t value)
{
    struct sim_timers *t = &m->timers;
    uint64_t now = sim_machine_cycles(m);
    sim_timers_catch_up(m, now);
    if (address == SYST_CSR) {
        set_tick_control(m, value, now);
    } else if (address == SYST_RVR) {
        uint32_t at = tick_value(t, now);
        t->tick_reload = value & 0xffffffu;
        if (!at) /* not loaded yet */
            start_tick(t, now, 0);
    } else { /* any write clears it */
        t->tick_held = 0;
        t->tick_flag = 0;
        start_tick(t, now, 0);
    }
    m->exceptions.next_event = 0;
}

void sim_timers_write(struct sim_machine *m, uint32_t address, uint32_t value)
{
    struct sim_timers *t = &m->timers;
    if (address >= DWT_CPICNT && address < DWT_EVENTS) {
        write_event_counter(m, (address - DWT_CPICNT) / 4, value);
        return;
    }
    switch (address) {
    case DWT_CTRL:
        if (has_cycle_counter(m))
            set_counting(m, &t->dwt_control, (t->dwt_control & 0xff000000u) | (value & 0xffffffu));
        break;
    case DEMCR:
        set_counting(m, &t->demcr, value);
        break;
    case DWT_CYCCNT:
        t->cyccnt_held = value;
        t->cyccnt_zero = awake(m) - value;
        break;
    case SYST_CSR:
    case SYST_RVR:
    case SYST_CVR:
        write_tick(m, address, value);
        break;
    default:
        break;
    }
}
