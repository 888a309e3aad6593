/* What firmware sees of the private peripheral bus: NVIC, system control block, and by way of
 * sim_timers.h the time. Private to sim/.
 *
 * The bus is plain memory in the emulator; a register that has a meaning is refreshed just before
 * it is read, and a write of one is noticed. All others keep what was written, from 0. Registers of
 * faults, the MPU and debug are such. */
#ifndef SIM_SYSTEM_H
#define SIM_SYSTEM_H

#include <stdint.h>

struct sim_machine;

/* As a reset leaves exceptions, timers and registers, with vectors taken from this table. */
void sim_system_reset(struct sim_machine *m, uint32_t vector_table);

/* Called for every access to the bus, before it takes place. */
void sim_system_read(struct sim_machine *m, uint32_t address, uint32_t bytes);
void sim_system_write(struct sim_machine *m, uint32_t address, uint64_t value, uint32_t bytes);

#endif
