/* Shared by the parts of the memory path. */
#ifndef SIM_MEMORY_PATH_INT_H
#define SIM_MEMORY_PATH_INT_H

#include "memory_path.h"

static inline int sim_memory_is_flash(enum sim_region_kind kind)
{
    return kind == SIM_REGION_FLASH || kind == SIM_REGION_XIP;
}

/* Before a line of the instruction cache is replaced by instruction `insn` of the block being
 * executed. */
void sim_fetch_settle_ages(struct sim_memory_path *path, uint32_t insn);

#endif
