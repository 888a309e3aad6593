/* Exceptions: SVC, PendSV, SysTick, NMI and external interrupts with priorities, masks, nesting and
 * tail-chaining; WFI and WFE. The emulator knows none of this. Private to sim/.
 *
 * How exceptions are taken here, and where that is simpler than the hardware:
 * - Interrupts are taken between two basic blocks, never inside one: up to a block's length later
 *   than on the chip. SVC is taken at once. A late-arriving exception of higher priority does not
 *   replace the one being entered; it preempts its handler in front of its first block.
 * - Stacking writes the whole frame at once. It is no data access of the program: neither counted
 *   nor delayed by memory. What it costs are the cycles of the timing model, at zero wait states;
 *   the handler starts with an empty pipeline, and so does what it returns to. A branch that leads
 *   out of the interrupted block is not counted as taken.
 * - Lazily stacked floating-point registers cost their cycles when the handler that used them
 *   returns or is preempted, not at its first floating-point instruction. FPCCR.LSPACT and FPCAR
 *   stay as the program wrote them.
 * - No fault is taken as an exception: whatever would lead to HardFault ends the run instead.
 * - No security extension: EXC_RETURN of a Cortex-M33 is that of a core without it.
 * - While the core sleeps the cycle counter stands still with it (STM32 and most others gate the
 *   core's clock unless a debugger keeps it on); SysTick goes on. Slept cycles are counted apart.
 *
 * Sources: DDI 0419E (ARMv6-M) and DDI 0403E (ARMv7-M) B1.5, DDI 0553 (ARMv8-M) B3. */
#ifndef SIM_EXCEPTIONS_H
#define SIM_EXCEPTIONS_H

#include <stdint.h>

struct sim_machine;

/* 16 of the system and 480 external interrupts, the most of any of these cores. */
#define SIM_EXCEPTION_COUNT 496
#define SIM_EXCEPTION_WORDS 8

enum sim_exception_number {
    SIM_EXC_NMI = 2,
    SIM_EXC_HARD_FAULT = 3,
    SIM_EXC_SVC = 11,
    SIM_EXC_PENDSV = 14,
    SIM_EXC_SYSTICK = 15,
    SIM_EXC_EXTERNAL = 16,
};

enum sim_sleep { SIM_AWAKE, SIM_SLEEP_WFE, SIM_SLEEP_WFI, SIM_SLEEP_ON_EXIT };

struct sim_exceptions {
    uint64_t next_event; /* cycle at which somebody has to look; 0 = at the next block border */
    uint64_t pended[SIM_EXCEPTION_WORDS];
    uint64_t active[SIM_EXCEPTION_WORDS];
    uint64_t enabled[SIM_EXCEPTION_WORDS]; /* those below 16 always are */
    uint8_t priority[SIM_EXCEPTION_COUNT]; /* unused for NMI and HardFault, which are fixed */
    uint32_t limit;                        /* number of the last exception + 1 */
    uint32_t vector_table;
    uint8_t priority_mask;     /* implemented bits */
    uint8_t group;             /* AIRCR.PRIGROUP */
    uint32_t sleep_control;    /* SCR */
    uint32_t handlers_enabled; /* SHCSR */
    uint64_t slept;            /* cycles of the clock that the core slept */
    uint64_t hint_at; /* sim_machine.executed when the latest WFI, WFE or YIELD was done with */
    uint8_t event;    /* the event register of WFE */
    uint8_t lazy;     /* space for floating-point registers is reserved but not yet paid for */
    uint8_t passed;   /* looked at this block border already */
    enum sim_sleep asleep; /* how it sleeps with nothing to wake it; else SIM_AWAKE */
    char failure[320];     /* of SIM_FAILED_TAKING */
};

void sim_exceptions_reset(struct sim_machine *m, uint32_t vector_table);

/* Marks an exception as pending (or no longer so) and has somebody look at the next block border.
 */
void sim_exceptions_pend(struct sim_machine *m, unsigned number, int pending);

/* Pending, enabled and not masked by priorities as they are: its number, or 0. */
unsigned sim_exceptions_pending(const struct sim_exceptions *e);

/* At a block border once the clock has reached next_event: whether the emulator has to stop before
 * the block, for an exception to be taken. Sets the next next_event. */
int sim_exceptions_due(struct sim_machine *m);

/* The emulator stood still with this result: takes exceptions, returns from them, sleeps. True when
 * it may go on at m->pc, false when it stopped for another reason or has failed. */
int sim_exceptions_go_on(struct sim_machine *m, int code);

/* sim_frames.c: the core's side. To a privileged thread on the main stack, nothing masked. */
void sim_frames_reset(struct sim_machine *m);

/* Both set m->pc and charge their cycles; 0 when it failed, with
 * m->failure set. */
int sim_frames_enter(struct sim_machine *m, unsigned number, uint32_t return_address);
int sim_frames_leave(struct sim_machine *m, uint32_t exc_return);

/* Priority below which (numerically) an exception has to lie to be taken: of the active ones, and
 * of the masks given. */
#define SIM_PRIORITY_NONE 256
struct sim_masks {
    uint32_t primask, basepri, faultmask;
};
int sim_exceptions_priority(const struct sim_exceptions *e, const struct sim_masks *masks);

/* Group priority of an exception. */
int sim_exceptions_group(const struct sim_exceptions *e, unsigned number);

/* Active exceptions other than this one? */
int sim_exceptions_nested(const struct sim_exceptions *e, unsigned number);

/* The special registers that mask exceptions. In a hook they are 0 for unprivileged code; of the
 * stopped core they are right. */
void sim_frames_masks(struct sim_machine *m, struct sim_masks *masks, int stopped);

/* Whether the core is unprivileged; uses the process stack. */
int sim_frames_unprivileged(const struct sim_machine *m);
int sim_frames_on_process_stack(const struct sim_machine *m);

/* Ends the run with a message: "firmware: in SCOPE: TEXT". */
void sim_exceptions_fail(struct sim_machine *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline int sim_exceptions_bit(const uint64_t *bits, unsigned number)
{
    return (int)(bits[number >> 6] >> (number & 63) & 1);
}

static inline void sim_exceptions_set(uint64_t *bits, unsigned number, int value)
{
    uint64_t bit = (uint64_t)1 << (number & 63);
    bits[number >> 6] = value ? bits[number >> 6] | bit : bits[number >> 6] & ~bit;
}

#endif
