/* What firmware sees of time: the DWT's counters and SysTick, all running on the modelled cycles,
 * so that code that measures itself reads what the profile says. Private to sim/.
 *
 * The cycle counter stands still while the core sleeps, SysTick goes on. The DWT's five 8-bit
 * counters (ARMv7-M and ARMv8-M) are derived from the causes of cycles:
 *   LSUCNT   transfers, load-use, bus, unaligned accesses, waits for data
 *   EXCCNT   entry and return of exceptions
 *   FOLDCNT  instructions that shared another one's cycle
 *   CPICNT   every other cycle beyond the first of an instruction, waits for code included
 *   SLEEPCNT none, as its clock stops with the core's
 * so that instructions = CYCCNT - CPICNT - EXCCNT - SLEEPCNT - LSUCNT + FOLDCNT holds exactly,
 * modulo 256. A chip may draw the line between CPICNT and LSUCNT elsewhere. */
#ifndef SIM_TIMERS_H
#define SIM_TIMERS_H

#include <stdint.h>

struct sim_machine;

#define SIM_EVENT_COUNTERS 5

struct sim_timers {
    uint32_t dwt_control;
    uint64_t cyccnt_zero; /* cycle, slept ones excepted, at which CYCCNT would have been 0 */
    uint32_t cyccnt_held; /* its value while it does not run */
    uint32_t demcr;
    uint8_t event_held[SIM_EVENT_COUNTERS]; /* values while they do not run */
    uint64_t event_zero[SIM_EVENT_COUNTERS];
    uint32_t tick_control, tick_reload;
    uint64_t tick_zero;  /* cycle at which SysTick, enabled, comes to 0 next */
    uint32_t tick_first; /* VAL was always below this on the way there, but 0 at the start */
    uint32_t tick_held;  /* VAL while it does not run */
    uint8_t tick_flag;   /* COUNTFLAG */
};

/* Reset values, written into the emulated memory. */
void sim_timers_reset(struct sim_machine *m);

/* What the timers have done up to this cycle since reset: pends the SysTick interrupt. Returns the
 * cycle at which it does so next; UINT64_MAX when it does not run or does not interrupt. */
uint64_t sim_timers_catch_up(struct sim_machine *m, uint64_t now);

/* Called for every access to a word of the private peripheral bus, before it takes place. */
void sim_timers_read(struct sim_machine *m, uint32_t address);
void sim_timers_write(struct sim_machine *m, uint32_t address, uint32_t value);

#endif
