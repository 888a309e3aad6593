/* Which exception is taken when: priorities, what is pending, what wakes a sleeping core. */
#include "sim_exceptions.h"

#include "sim_machine_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bits of a priority that exist: two on ARMv6-M (DDI 0419E B1.5.4). The others leave it to the
 * chip, 3 to 8; four is what STM32 have, unverified for the rest. */
#define PRIORITY_BITS_V6M 0xc0u
#define PRIORITY_BITS     0xf0u
#define EXTERNAL_V6M      32
#define EXTERNAL_V7M      240

#define SCR_SEVONPEND (1u << 4)

enum hint { HINT_NONE, HINT_YIELD, HINT_WFE, HINT_WFI };

void sim_exceptions_fail(struct sim_machine *m, const char *format, ...)
{
    va_list args;
    if (m->failure != SIM_FAILED_NOT)
        return;
    m->failure = SIM_FAILED_TAKING;
    va_start(args, format);
    vsnprintf(m->exceptions.failure, sizeof m->exceptions.failure, format, args);
    va_end(args);
}

void sim_exceptions_reset(struct sim_machine *m, uint32_t vector_table)
{
    struct sim_exceptions *e = &m->exceptions;
    int v6m = m->chip.core == SIM_CORTEX_M0 || m->chip.core == SIM_CORTEX_M0PLUS;
    memset(e, 0, sizeof *e);
    e->priority_mask = v6m ? PRIORITY_BITS_V6M : PRIORITY_BITS;
    e->limit = v6m                              ? SIM_EXC_EXTERNAL + EXTERNAL_V6M
               : m->chip.core == SIM_CORTEX_M33 ? SIM_EXCEPTION_COUNT
                                                : SIM_EXC_EXTERNAL + EXTERNAL_V7M;
    e->vector_table = vector_table;
    e->next_event = UINT64_MAX;
    e->enabled[0] = 0xffff;
    e->hint_at = UINT64_MAX;
}

void sim_exceptions_pend(struct sim_machine *m, unsigned number, int pending)
{
    struct sim_exceptions *e = &m->exceptions;
    if (number >= e->limit)
        return;
    if (pending && !sim_exceptions_bit(e->pended, number) && (e->sleep_control & SCR_SEVONPEND))
        e->event = 1;
    sim_exceptions_set(e->pended, number, pending);
    e->next_event = 0;
}

/* PRIGROUP n: bits n to 0 only decide between exceptions that are pending together. */
static int group_of(const struct sim_exceptions *e, unsigned priority)
{
    return (int)(priority & 0xff & ~((2u << e->group) - 1));
}

int sim_exceptions_group(const struct sim_exceptions *e, unsigned number)
{
    if (number == SIM_EXC_NMI)
        return -2;
    if (number == SIM_EXC_HARD_FAULT)
        return -1;
    return group_of(e, e->priority[number]);
}

static int active_priority(const struct sim_exceptions *e)
{
    int lowest = SIM_PRIORITY_NONE;
    for (unsigned w = 0; w < SIM_EXCEPTION_WORDS; w++) {
        for (uint64_t bits = e->active[w]; bits; bits &= bits - 1) {
            int priority = sim_exceptions_group(e, w * 64 + (unsigned)__builtin_ctzll(bits));
            lowest = priority < lowest ? priority : lowest;
        }
    }
    return lowest;
}

int sim_exceptions_priority(const struct sim_exceptions *e, const struct sim_masks *masks)
{
    int priority = active_priority(e);
    int base = group_of(e, masks->basepri);
    if (masks->basepri && base < priority)
        priority = base;
    if ((masks->primask & 1) && priority > 0)
        priority = 0;
    if ((masks->faultmask & 1) && priority > -1)
        priority = -1;
    return priority;
}

int sim_exceptions_nested(const struct sim_exceptions *e, unsigned number)
{
    for (unsigned w = 0; w < SIM_EXCEPTION_WORDS; w++) {
        uint64_t bits = e->active[w];
        if (w == number / 64)
            bits &= ~((uint64_t)1 << (number & 63));
        if (bits)
            return 1;
    }
    return 0;
}

unsigned sim_exceptions_pending(const struct sim_exceptions *e)
{
    unsigned best = 0;
    int lowest = SIM_PRIORITY_NONE;
    for (unsigned w = 0; w < SIM_EXCEPTION_WORDS; w++) {
        for (uint64_t bits = e->pended[w] & e->enabled[w]; bits; bits &= bits - 1) {
            unsigned number = w * 64 + (unsigned)__builtin_ctzll(bits);
            int priority = number < 4 ? sim_exceptions_group(e, number) : e->priority[number];
            if (priority < lowest) {
                lowest = priority;
                best = number;
            }
        }
    }
    return best;
}

/* The pending exception to take now, or 0. */
static unsigned takeable(struct sim_machine *m, int stopped)
{
    struct sim_masks masks;
    struct sim_exceptions *e = &m->exceptions;
    unsigned number = sim_exceptions_pending(e);
    if (!number)
        return 0;
    sim_frames_masks(m, &masks, stopped);
    return sim_exceptions_group(e, number) < sim_exceptions_priority(e, &masks) ? number : 0;
}

int sim_exceptions_due(struct sim_machine *m)
{
    static const struct sim_masks none;
    struct sim_exceptions *e = &m->exceptions;
    int passed = e->passed;
    e->passed = 0;
    e->next_event = sim_timers_catch_up(m, m->clock);
    unsigned number = sim_exceptions_pending(e);
    if (!number || sim_exceptions_group(e, number) >= sim_exceptions_priority(e, &none))
        return 0;
    /* Nothing tells when the program lifts a mask: keep looking. */
    e->next_event = 0;
    return !passed && (sim_frames_unprivileged(m) || takeable(m, 0));
}

/* Takes what is pending at m->pc; 0 when it failed. */
static int take_pending(struct sim_machine *m)
{
    struct sim_exceptions *e = &m->exceptions;
    unsigned number = takeable(m, 1);
    e->passed = number == 0;
    e->next_event = 0;
    return !number || sim_frames_enter(m, number, m->pc);
}

static int supervisor_call(struct sim_machine *m, uint32_t pc)
{
    struct sim_masks masks;
    struct sim_exceptions *e = &m->exceptions;
    sim_frames_masks(m, &masks, 1);
    if (sim_exceptions_group(e, SIM_EXC_SVC) >= sim_exceptions_priority(e, &masks)) {
        sim_exceptions_fail(
            m,
            "SVC before 0x%08x is not allowed to interrupt what is running (a HardFault"
            " on the chip); lower its priority number or clear PRIMASK",
            pc);
        return 0;
    }
    m->pc = pc;
    return sim_frames_enter(m, SIM_EXC_SVC, pc);
}

/* Whether something that is pending ends the sleep. WFI looks past PRIMASK, so that a program can
 * sleep with interrupts masked and handle them afterwards (DDI 0403E B1.5.19). */
static int wakes(struct sim_machine *m, enum sim_sleep sleep)
{
    struct sim_masks masks;
    struct sim_exceptions *e = &m->exceptions;
    unsigned number = sim_exceptions_pending(e);
    sim_frames_masks(m, &masks, 1);
    if (sleep != SIM_SLEEP_WFE)
        masks.primask = 0;
    return (sleep == SIM_SLEEP_WFE && e->event) ||
           (number && sim_exceptions_group(e, number) < sim_exceptions_priority(e, &masks));
}

/* Lets time pass until something wakes the core; 0 when nothing can. */
static int sleep_until_woken(struct sim_machine *m, enum sim_sleep sleep)
{
    struct sim_exceptions *e = &m->exceptions;
    uint64_t next = sim_timers_catch_up(m, m->clock);
    if (!wakes(m, sleep) && next != UINT64_MAX) {
        e->slept += next - m->clock;
        if (m->current >= 0)
            m->scopes[m->current].counts.sleep_cycles += next - m->clock;
        m->clock = next;
        sim_timers_catch_up(m, m->clock);
    }
    if (!wakes(m, sleep)) {
        e->asleep = sleep;
        return 0;
    }
    if (sleep == SIM_SLEEP_WFE)
        e->event = 0;
    e->next_event = 0;
    return 1;
}

/* The hint that ended the block executed last, if pc is right behind it: 16-bit 0xbfN0, 32-bit
 * 0xf3af 0x800N (DDI 0403E A5.2.5 and A5.3.4). Only those that end a block are asked for. */
static enum hint hint_before(const struct sim_machine *m, uint32_t pc)
{
    uint16_t code[2] = {0, 0};
    const struct sim_block *block = m->pass->block;
    if (m->executed == m->exceptions.hint_at || !block->count ||
        block->fetch.address + block->fetch.bytes != pc)
        return HINT_NONE;
    uint32_t bytes = block->insns[block->count - 1].bytes;
    if (uc_mem_read(m->uc, pc - bytes, code, bytes) != UC_ERR_OK)
        return HINT_NONE;
    uint32_t number = bytes == 2 && (code[0] & 0xff0f) == 0xbf00 ? code[0] >> 4 & 15u
                      : bytes == 4 && code[0] == 0xf3af && (code[1] & 0xfff0) == 0x8000
                          ? code[1] & 15u
                          : 0;
    return number <= HINT_WFI ? (enum hint)number : HINT_NONE;
}

static int after_hint(struct sim_machine *m, uint32_t pc, enum hint hint)
{
    m->pc = pc;
    m->exceptions.hint_at = m->executed;
    sim_hooks_end_block(m); /* so that the clock is right */
    if (hint == HINT_YIELD)
        return 1;
    return sleep_until_woken(m, hint == HINT_WFE ? SIM_SLEEP_WFE : SIM_SLEEP_WFI) &&
           take_pending(m);
}

/* A jump to an exception return value, in the three shapes the emulator gives it: an interrupt of
 * its own, a prefetch abort, or an unmapped fetch; or the address where it stops by itself. */
static int returning(const struct sim_machine *m, int code, uint32_t pc)
{
    if (pc < 0xff000000u)
        return 0;
    if (m->failure == SIM_FAILED_EXCEPTION)
        return m->fault_number == 8 || m->fault_number == 3;
    if (m->failure == SIM_FAILED_ACCESS)
        return m->fault_type == UC_MEM_FETCH_UNMAPPED || m->fault_type == UC_MEM_FETCH_PROT;
    return code == UC_ERR_OK && pc == SIM_NEVER_REACHED;
}

static int leave(struct sim_machine *m, uint32_t exc_return)
{
    enum sim_failure failure = m->failure;
    m->failure = SIM_FAILED_NOT;
    if (!sim_frames_leave(m, exc_return)) {
        if (m->failure == SIM_FAILED_NOT)
            m->failure = failure; /* not in a handler: a jump like any other */
        return 0;
    }
    if (!(m->exceptions.sleep_control & 2) || sim_exceptions_nested(&m->exceptions, 0))
        return take_pending(m);
    return sleep_until_woken(m, SIM_SLEEP_ON_EXIT) && take_pending(m);
}

int sim_exceptions_go_on(struct sim_machine *m, int code)
{
    uint32_t pc = 0;
    if (m->resting) {
        m->pc = m->stop_pc;
        return code == UC_ERR_OK && m->failure == SIM_FAILED_NOT && take_pending(m);
    }
    if (m->stop_asked)
        return 0;
    uc_reg_read(m->uc, UC_ARM_REG_PC, &pc);
    if (m->failure == SIM_FAILED_EXCEPTION && m->fault_number == 2) {
        m->failure = SIM_FAILED_NOT;
        return supervisor_call(m, pc);
    }
    if (returning(m, code, pc))
        return leave(m, pc);
    if (m->failure != SIM_FAILED_NOT)
        return 0;
    enum hint hint = hint_before(m, pc & ~1u);
    if ((code == UC_ERR_OK && hint == HINT_WFI) ||
        (code == UC_ERR_INSN_INVALID && (hint == HINT_WFE || hint == HINT_YIELD)))
        return after_hint(m, pc & ~1u, hint);
    return 0;
}
