/* Peripheral registers while code runs: flags that follow what was written, and the configuration
 * that firmware programs, which is charged from then on. Private to sim/.
 *
 * Registers are memory in the emulator; one that the chip file describes is refreshed just before a
 * read of it takes place, a write of one is noticed. All others keep what was written, from 0.
 *
 * A setting counts from the next instruction block on; so the code that writes it, up to the next
 * branch, still runs with the old one. A clock is what the registers say as soon as they say it:
 * oscillators and PLLs start at once, and a source that is not running is no fault. */
#ifndef SIM_REGISTERS_H
#define SIM_REGISTERS_H

#include "sim_chip_registers.h"

#include <stddef.h>

struct sim_machine;

/* Instructions after which a loop that only reads one register that never changes has hung. */
#define SIM_SPIN_INSTRUCTIONS 50000000u

struct sim_registers {
    uint32_t written[SIM_MAX_REGISTERS];
    uint32_t programmed;    /* bit per enum sim_aspect: firmware has written its register */
    uint32_t left;          /* likewise: firmware that sets wait states or the clock has not written
                               it so far, so that it is what the reset made it */
    uint32_t pending;       /* likewise: the memory path has not been told yet */
    uint32_t clock_changes; /* while cycles were charged to a scope */

    /* the register read again and again, and no other peripheral written or read in between */
    uint32_t spin_address, spin_value;
    uint64_t spin_since, spin_last; /* instructions executed then, and at the latest read; 0 = none
                                       in sight */
};

/* Reset values go into the emulated memory, the configuration is that of the chip file again. Also
 * before the first run. CC_ERR_INPUT when a register lies in no region. */
enum cc_status sim_registers_reset(struct sim_machine *m, struct cc_error *err);

/* Called for every access to a peripheral region or to the system bus, before it takes place. A
 * read returns 1 when the code hangs in a loop around it. */
int sim_registers_read(struct sim_machine *m, uint32_t address, uint32_t bytes);
void sim_registers_write(struct sim_machine *m, uint32_t address, uint32_t bytes, uint64_t value);

/* Gives the memory path what was programmed. Called at a block border when `pending`. */
enum cc_status sim_registers_apply(struct sim_machine *m, struct cc_error *err);

/* What was programmed and what was assumed, to stand behind the description of the memory path;
 * empty when firmware has programmed nothing that would differ. */
void sim_registers_describe(const struct sim_machine *m, char *text, size_t size);

/* A peripheral address is about to be read: 1 when the code does nothing else for
 * SIM_SPIN_INSTRUCTIONS, or only writes to memory of its own. The message names the register, and
 * the bits that are waited for if the code tells. */
int sim_spin_read(struct sim_machine *m, uint32_t address);
void sim_spin_explain(const struct sim_machine *m, char *text, size_t size);

#endif
