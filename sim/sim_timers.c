#include "sim_timers.h"

#include "sim_machine_int.h"

/* Addresses and bits: DDI 0403E (ARMv7-M ARM), sections B3.2, B3.3 and C1.8. */
#define DWT_CTRL   0xe0001000u
#define DWT_CYCCNT 0xe0001004u
#define SYST_CSR   0xe000e010u
#define SYST_RVR   0xe000e014u
#define SYST_CVR   0xe000e018u
#define CPUID      0xe000ed00u
#define DEMCR      0xe000edfcu

#define DWT_CTRL_CYCCNTENA (1u << 0)
#define DWT_CTRL_NOCYCCNT  (1u << 25)
#define DEMCR_TRCENA       (1u << 24)
#define SYST_CSR_ENABLE    (1u << 0)
#define SYST_CSR_CORE      (1u << 2) /* clocked by the core, else by an eighth of it */
#define SYST_CSR_COUNTFLAG (1u << 16)

static const uint32_t cpu_ids[SIM_CORE_COUNT] = {
    [SIM_CORTEX_M0] = 0x410cc200u, [SIM_CORTEX_M0PLUS] = 0x410cc601u,
    [SIM_CORTEX_M3] = 0x412fc231u, [SIM_CORTEX_M4] = 0x410fc241u,
    [SIM_CORTEX_M7] = 0x411fc271u, [SIM_CORTEX_M33] = 0x410fd213u,
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
    t->dwt_control = has_cycle_counter(m) ? 0x40000000u : DWT_CTRL_NOCYCCNT;
    poke(m, DWT_CTRL, t->dwt_control);
    poke(m, CPUID, cpu_ids[m->chip.core]);
}

static int counting(const struct sim_machine *m)
{
    const struct sim_timers *t = &m->timers;
    return has_cycle_counter(m) && (t->dwt_control & DWT_CTRL_CYCCNTENA) &&
           (t->demcr & DEMCR_TRCENA);
}

static uint32_t cycle_counter(const struct sim_machine *m, uint64_t now)
{
    return counting(m) ? (uint32_t)(now - m->timers.cyccnt_zero) : m->timers.cyccnt_held;
}

/* Applies a change of an enable bit: the counter holds its value while it does not run. */
static void set_counting(struct sim_machine *m, uint32_t *bits, uint32_t value)
{
    uint64_t now = sim_machine_cycles(m);
    uint32_t at = cycle_counter(m, now);
    *bits = value;
    m->timers.cyccnt_held = at;
    m->timers.cyccnt_zero = now - at;
}

static uint64_t tick_divider(const struct sim_timers *t)
{
    return t->tick_control & SYST_CSR_CORE ? 1 : 8;
}

/* Ticks since SysTick was last at zero. */
static uint64_t ticks(const struct sim_machine *m, uint64_t now)
{
    return (now - m->timers.tick_start) / tick_divider(&m->timers);
}

/* From zero the next tick loads the reload value, which counts down to zero again. */
static uint32_t tick_value(const struct sim_machine *m, uint64_t now)
{
    const struct sim_timers *t = &m->timers;
    if (!(t->tick_control & SYST_CSR_ENABLE))
        return t->tick_held;
    uint64_t phase = ticks(m, now) % ((uint64_t)t->tick_reload + 1);
    return phase ? (uint32_t)(t->tick_reload + 1 - phase) : 0;
}

static uint64_t times_at_zero(const struct sim_machine *m, uint64_t now)
{
    const struct sim_timers *t = &m->timers;
    if (!(t->tick_control & SYST_CSR_ENABLE) || !t->tick_reload)
        return t->tick_seen;
    return ticks(m, now) / ((uint64_t)t->tick_reload + 1);
}

void sim_timers_read(struct sim_machine *m, uint32_t address)
{
    struct sim_timers *t = &m->timers;
    uint64_t now;
    switch (address & ~3u) {
    case DWT_CYCCNT:
        poke(m, DWT_CYCCNT, cycle_counter(m, sim_machine_cycles(m)));
        break;
    case SYST_CVR:
        poke(m, SYST_CVR, tick_value(m, sim_machine_cycles(m)));
        break;
    case SYST_CSR:
        now = sim_machine_cycles(m);
        poke(m, SYST_CSR,
             t->tick_control | (times_at_zero(m, now) != t->tick_seen ? SYST_CSR_COUNTFLAG : 0));
        t->tick_seen = times_at_zero(m, now);
        break;
    default:
        break;
    }
}

/* Starting or changing the divider continues from the value it has. */
static void set_tick_control(struct sim_machine *m, uint32_t value)
{
    struct sim_timers *t = &m->timers;
    uint64_t now = sim_machine_cycles(m);
    t->tick_held = tick_value(m, now);
    t->tick_control = value & 7;
    t->tick_seen = 0;
    uint64_t gone = t->tick_held ? (uint64_t)t->tick_reload + 1 - t->tick_held : 0;
    uint64_t cycles = gone * tick_divider(t);
    t->tick_start = now > cycles ? now - cycles : 0;
}

void sim_timers_write(struct sim_machine *m, uint32_t address, uint32_t value)
{
    struct sim_timers *t = &m->timers;
    switch (address) {
    case DWT_CTRL:
        set_counting(m, &t->dwt_control, (t->dwt_control & 0xff000000u) | (value & 0x00ffffffu));
        break;
    case DEMCR:
        set_counting(m, &t->demcr, value);
        break;
    case DWT_CYCCNT:
        t->cyccnt_held = value;
        t->cyccnt_zero = sim_machine_cycles(m) - value;
        break;
    case SYST_CSR:
        set_tick_control(m, value);
        break;
    case SYST_RVR:
        t->tick_reload = value & 0xffffffu;
        break;
    case SYST_CVR: /* any write clears it */
        t->tick_held = 0;
        t->tick_start = sim_machine_cycles(m);
        t->tick_seen = 0;
        break;
    default:
        break;
    }
}
