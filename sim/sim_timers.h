/* What firmware sees of time: DWT cycle counter and SysTick of the private peripheral bus, both
 * running on the modelled cycles, so that code that measures itself reads what the profile says.
 * Also the identification registers start-up code looks at. Private to sim/.
 *
 * The bus is plain memory in the emulator; a read of a time register is refreshed just before it
 * takes place, a write of one is noticed. SysTick does not interrupt: exceptions are not emulated.
 * The 8-bit counters of the DWT stay at zero. */
#ifndef SIM_TIMERS_H
#define SIM_TIMERS_H

#include <stdint.h>

struct sim_machine;

struct sim_timers {
    uint32_t dwt_control;
    uint64_t cyccnt_zero; /* cycle at which CYCCNT would have been 0 */
    uint32_t cyccnt_held; /* its value while it does not run */
    uint32_t demcr;
    uint32_t tick_control, tick_reload;
    uint64_t tick_start; /* cycle at which SysTick was last at 0 */
    uint64_t tick_seen;  /* times it had passed 0 when COUNTFLAG was last read */
    uint32_t tick_held;  /* VAL while it does not run */
};

/* Reset values, written into the emulated memory. */
void sim_timers_reset(struct sim_machine *m);

/* Called for every access to the private peripheral bus, before it takes place. */
void sim_timers_read(struct sim_machine *m, uint32_t address);
void sim_timers_write(struct sim_machine *m, uint32_t address, uint32_t value);

#endif
