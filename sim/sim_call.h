/* Cycles of one function, or between two addresses, of firmware that knows nothing of coincell.
 *
 * A window begins when its first instruction is about to be executed and ends when the instruction
 * behind it is. So a function's window holds all its instructions and those of what it calls, its
 * return branch with the refill, but not the call; a window from START to STOP holds the
 * instruction at START and not the one at STOP. The pipeline is empty at the beginning; caches and
 * buffers are as the code before has left them. */
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "sim_machine.h"

#define SIM_CALL_ARGS 4

struct sim_call {
    uint32_t entry;               /* bit 0 is ignored */
    uint32_t args[SIM_CALL_ARGS]; /* r0 to r3 of every call */
    uint32_t calls;               /* the last one is measured; at least 1 */
    uint32_t stack_top;
    int has_vector_table; /* exceptions go through it; else through the one at 0 */
    uint32_t vector_table;
};

/* Calls a function. The image must be in memory, its data initialised; no start-up code runs. */
enum cc_status sim_call_function(struct sim_machine *machine, const struct sim_call *call,
                                 struct sim_counts *counts, struct cc_error *err);

/* Runs from reset; measures from the first execution of the instruction at start to the first one
 * of stop after it. */
enum cc_status sim_call_between(struct sim_machine *machine, uint32_t vector_table, uint32_t start,
                                uint32_t stop, struct sim_counts *counts, struct cc_error *err);

/* Address of a plausible vector table (stack in RAM, Thumb reset vector inside the chip's memory)
 * among the image's lowest address, the flash's base and the 256 bytes behind it, where a boot
 * loader stage may lie in front. Returns 0 when there is none. */
int sim_call_vector_table(const struct sim_chip *chip, struct sim_machine *machine,
                          uint32_t image_base, uint32_t *vector_table);

/* Where raw images are placed: the first flash region. 0 when the chip has none. */
int sim_call_flash_base(const struct sim_chip *chip, uint32_t *base);

#endif
