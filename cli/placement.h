/* Where model, runner, arena and stack go in a chip's memory, and whether they fit. */
#ifndef CLI_PLACEMENT_H
#define CLI_PLACEMENT_H

#include "models_image.h"
#include "sim_chip.h"
#include "sim_machine.h"

/* The runner's kernels need less than this; checked while they run. */
#define CLI_STACK_RESERVE_BYTES 2048

struct cli_placement {
    uint32_t vector_table; /* its first word receives the initial stack pointer */
    uint32_t image_address, arena_address, marker_address;
    uint32_t flash_used, flash_bytes;
    uint32_t ram_fixed;  /* runner data before the arena */
    uint32_t ram_needed; /* runner data + arena + stack reserve */
    uint32_t ram_bytes;
};

/* Takes the addresses from the runner's symbols and checks that everything fits. When it does not:
 * CC_ERR_INPUT with needed and available bytes and the known chips that are large enough. */
enum cc_status cli_place(const char *target, const struct sim_chip *chip, const struct sim_elf *elf,
                         const struct models_image *image, uint32_t arena_bytes,
                         struct cli_placement *place, struct cc_error *err);

#endif
