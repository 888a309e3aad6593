/* Shared by the parts of the memory path. */
#ifndef SIM_MEMORY_PATH_INT_H
#define SIM_MEMORY_PATH_INT_H

#include "memory_path.h"

/* Age of a line: the number of the instruction that used it last; of the two lines that one
 * instruction lies in the second is younger, its data is younger still (see data_path.c). */
static inline uint64_t sim_fetch_stamp(uint64_t sequence, int second)
{
    return (sequence + 1) << 8 | (second ? 1 : 0);
}

static inline uint64_t sim_fetch_line_stamp(const struct sim_fetch_line *line, uint64_t sequence)
{
    return sim_fetch_stamp(sequence + line->last_insn, line->last_enters);
}

/* Before a line of the instruction cache is replaced by instruction `insn` of the block being
 * executed. */
void sim_fetch_settle_ages(struct sim_memory_path *path, uint32_t insn);

#endif
