/* The path between core and memories: wait states, line buffers, prefetch, caches, as the chip file
 * describes them at one clock. Answers how many cycles the core waits beyond the core timing.
 *
 * Fetch is asked once per executed block (struct sim_fetch_block, owned by the caller); while
 * nothing has been filled into the instruction cache since the block was last found resident, the
 * answer is known to be zero and only a time stamp is written. Ages for LRU are brought up to date
 * lazily, just before a line is replaced, so replacement is exact at block granularity.
 *
 * Data is asked per run of accesses with a constant stride; a single access is a run of one. */
#ifndef SIM_MEMORY_PATH_H
#define SIM_MEMORY_PATH_H

#include "cache.h"
#include "sim_chip.h"

struct sim_memory_path;

/* What the path keeps about a block of code. Zero it, then set address, bytes and core_cycles. */
struct sim_fetch_block {
    uint32_t address, bytes;
    uint32_t core_cycles; /* about how long one pass takes, for the prefetch's head start */
    uint8_t region;       /* index of the chip's region; set by the path */
    uint8_t mode;         /* set by the path */
    uint32_t last_line;   /* number + 1 of the last line it touches; set by the path */
    uint64_t generation;  /* cache generation at which all lines were resident */
    uint64_t last_use;
    struct sim_fetch_block *next_used;
};

struct sim_access_run {
    uint32_t address;
    int32_t stride;
    uint32_t count;
    uint8_t bytes; /* of one access */
    uint8_t is_write;
};

struct sim_memory_path {
    const struct sim_chip *chip;
    uint32_t wait_states;
    struct sim_cache icache, dcache;
    uint32_t fetch_shift; /* log2 of the fetch line when there is no instruction cache */
    uint32_t icache_miss, dcache_miss_flash, dcache_miss_sram, flash_read_wait;
    uint8_t *region_of_page;      /* [1 << 20] region index + 1 of each 4 KB page */
    uint64_t now;                 /* advances with every block and access */
    uint64_t generation;          /* advances with every fill of the instruction cache */
    struct sim_fetch_block *used; /* blocks executed since the last fill */
    uint32_t current_fetch_line;  /* line + 1 last fetched: sequential code continues in it */
    uint64_t fetch_line_reads[SIM_MAX_REGIONS]; /* memory-array reads by region since taken */
    uint64_t data_line_reads[SIM_MAX_REGIONS];
};

enum cc_status sim_memory_path_init(struct sim_memory_path *path, const struct sim_chip *chip,
                                    double clock_hz, struct cc_error *err);
void sim_memory_path_free(struct sim_memory_path *path);

/* Index of the region that holds an address, or -1. */
static inline int sim_memory_region(const struct sim_memory_path *path, uint32_t address)
{
    return (int)path->region_of_page[address >> 12] - 1;
}

void sim_memory_path_prepare(struct sim_memory_path *path, struct sim_fetch_block *block);

uint32_t sim_memory_path_fetch_slow(struct sim_memory_path *path, struct sim_fetch_block *block);

enum { SIM_FETCH_FREE, SIM_FETCH_CACHED, SIM_FETCH_BUFFERED };

/* Stall cycles of fetching the block once. */
static inline uint32_t sim_memory_path_fetch(struct sim_memory_path *path,
                                             struct sim_fetch_block *block)
{
    path->now++;
    if (block->mode == SIM_FETCH_FREE)
        return 0;
    if (block->mode == SIM_FETCH_CACHED && block->generation == path->generation) {
        block->last_use = path->now;
        path->current_fetch_line = block->last_line;
        return 0;
    }
    return sim_memory_path_fetch_slow(path, block);
}

/* Stall cycles of the whole run; region is that of the first access (runs do not cross regions). */
uint32_t sim_memory_path_data(struct sim_memory_path *path, int region,
                              const struct sim_access_run *run);

/* Extra cycles of a RAM access that does not follow another one. Measured at zero wait states;
 * slower flash is taken to hide them, so that a chip's cycles may fall a little from zero wait
 * states to one. */
uint32_t sim_memory_path_isolated_wait(const struct sim_memory_path *path);

/* One line of text about the configuration charged: "5 wait states, prefetch, ...". */
void sim_memory_path_describe(const struct sim_memory_path *path, char *text, size_t size);

#endif
