/* The path between core and memories: wait states, line buffers, prefetch, caches, as the chip file
 * describes them at one clock or as firmware has set them. Answers how many cycles the core waits
 * beyond the core timing.
 *
 * Fetch works on lines in the order in which the instructions of a block enter them, on a timeline
 * of core cycles and fetch stalls (the read of the next line runs meanwhile; while the flash serves
 * data it reads no code, so data stalls give no head start). While nothing has been filled into the
 * instruction cache since a block was last found resident, the answer is known to be zero and only
 * a time stamp is written; ages for LRU are brought up to date lazily, just before a line is
 * replaced. Replacement is exact instruction by instruction, also where one cache serves code and
 * data: there the lines of a block are fetched only as far as its data accesses have come. Cutting
 * code into other blocks gives the same stalls.
 *
 * Data is asked per run of accesses with a constant stride; a single access is a run of one. */
#ifndef SIM_MEMORY_PATH_H
#define SIM_MEMORY_PATH_H

#include "cache.h"
#include "sim_chip.h"
#include "sim_insn.h"
#include "timing.h"

/* One line of memory that a block's instructions lie in. */
struct sim_fetch_line {
    uint16_t first_insn; /* instruction that enters the line */
    uint16_t last_insn;
    uint8_t last_enters; /* of last_insn only the second half lies in the line */
    uint64_t stalls;     /* cycles waited for it while path->recording */
};

enum { SIM_FETCH_FREE, SIM_FETCH_CACHED, SIM_FETCH_BUFFERED };

/* What the path keeps about a block of code. Zero it, set the first five, then prepare it. */
struct sim_fetch_block {
    uint32_t address, bytes;
    const struct sim_insn *insns; /* they outlive the block */
    uint32_t insn_count;
    struct sim_fetch_line *lines; /* owned: sim_fetch_block_free */
    uint32_t line_count;
    uint8_t region; /* index of the chip's region */
    uint8_t mode;
    uint8_t line_shift;
    uint32_t first_line;             /* number of the first line */
    uint32_t miss;                   /* stall of a line that is not there and was not prefetched */
    uint64_t generation;             /* cache generation at which all lines were resident */
    uint64_t last_use, previous_use; /* sequence numbers of its first instruction */
    struct sim_fetch_block *next_used;
};

struct sim_access_run {
    uint32_t address;
    int32_t stride;
    uint32_t count;
    uint8_t bytes; /* of one access */
    uint8_t is_write;
};

/* What can be set at run time; the rest is the chip's. */
struct sim_memory_setting {
    uint32_t wait_states; /* of the flash */
    uint8_t prefetch, icache_on, dcache_on;
    uint32_t icache_ways; /* 0 = as the chip file says */
};

struct sim_memory_path {
    const struct sim_chip *chip;
    struct sim_memory_setting setting;
    struct sim_cache icache, dcache;
    uint32_t fetch_shift; /* log2 of the fetch line when there is no instruction cache */
    uint32_t icache_miss, icache_miss_ram, dcache_miss_flash, dcache_miss_sram, flash_read_wait;
    uint32_t ram_wait[SIM_MAX_REGIONS];  /* of one access that no cache serves */
    uint8_t data_cause[SIM_MAX_REGIONS]; /* enum sim_cause of a data stall there */
    uint8_t *region_of_page;             /* [1 << 20] region index + 1 of each 4 KB page */
    uint64_t generation;                 /* advances with every fill of the instruction cache */
    struct sim_fetch_block *used;        /* blocks executed since the last fill */
    uint32_t current_line;               /* line + 1 last fetched: code continues in it freely */
    uint64_t current_entered;            /* time at which it was entered */
    uint32_t line_before;                /* the same when the latest block found resident began */
    uint64_t entered_before;
    uint64_t last_data_stamp;
    uint64_t own_data_stamp; /* of data in the line that the code being executed lies in */

    /* the block being executed */
    struct sim_fetch_block *block; /* NULL = none */
    const uint32_t *starts;        /* core cycles from its entry to each instruction's start */
    uint32_t next_line;            /* first line not fetched yet; block_lines when all are */
    uint32_t block_lines;          /* its line_count */
    uint32_t block_cycles;
    uint64_t sequence; /* of its first instruction */
    uint64_t time;     /* of its entry, later stalls of its fetches included */

    int recording;                              /* stalls are added to the lines' sums */
    uint64_t fetch_line_reads[SIM_MAX_REGIONS]; /* memory-array reads by region since taken */
    uint64_t data_line_reads[SIM_MAX_REGIONS];
};

enum cc_status sim_memory_path_init(struct sim_memory_path *path, const struct sim_chip *chip,
                                    double clock_hz, struct cc_error *err);
void sim_memory_path_free(struct sim_memory_path *path);

/* What the chip says for a clock. */
struct sim_memory_setting sim_memory_path_default(const struct sim_chip *chip, double clock_hz);

/* Between two blocks. Caches are emptied. Every sim_fetch_block must be prepared anew. */
enum cc_status sim_memory_path_set(struct sim_memory_path *path,
                                   const struct sim_memory_setting *setting, struct cc_error *err);

/* Index of the region that holds an address, or -1. */
static inline int sim_memory_region(const struct sim_memory_path *path, uint32_t address)
{
    return (int)path->region_of_page[address >> 12] - 1;
}

/* What waiting for the code of a block is charged to. */
static inline enum sim_cause sim_fetch_cause(const struct sim_fetch_block *block)
{
    return block->mode == SIM_FETCH_CACHED ? SIM_CAUSE_ICACHE : SIM_CAUSE_FETCH;
}

/* Returns 0 when out of memory. */
int sim_memory_path_prepare(struct sim_memory_path *path, struct sim_fetch_block *block);
void sim_fetch_block_free(struct sim_fetch_block *block);

/* Fetches what is left of the block being executed up to and with an instruction; stall cycles. */
uint32_t sim_memory_path_advance(struct sim_memory_path *path, uint32_t insn);

/* Stall cycles of what is left of the block being executed: it has ended. */
static inline uint32_t sim_memory_path_finish(struct sim_memory_path *path)
{
    return path->next_line < path->block_lines ? sim_memory_path_advance(path, UINT32_MAX) : 0;
}

uint32_t sim_memory_path_fetch_slow(struct sim_memory_path *path, struct sim_fetch_block *block);

/* A block starts, the one before has been finished. starts[insn_count] and cycles are its core
 * timing, sequence is the number of its first instruction among all executed. Returns the stall
 * cycles of what is fetched at once. */
static inline uint32_t sim_memory_path_fetch(struct sim_memory_path *path,
                                             struct sim_fetch_block *block, const uint32_t *starts,
                                             uint32_t cycles, uint64_t sequence)
{
    path->time += path->block_cycles;
    path->block_cycles = cycles;
    path->block = block;
    path->starts = starts;
    path->sequence = sequence;
    path->next_line = path->block_lines = block->line_count;
    if (block->mode == SIM_FETCH_FREE)
        return 0;
    if (block->mode == SIM_FETCH_CACHED && block->generation == path->generation) {
        uint32_t last = block->line_count - 1;
        block->previous_use = block->last_use;
        block->last_use = sequence;
        path->line_before = path->current_line;
        path->entered_before = path->current_entered;
        if (last || path->current_line != block->first_line + 1) {
            path->current_line = block->first_line + last + 1;
            path->current_entered = path->time + starts[block->lines[last].first_insn];
        }
        return 0;
    }
    return sim_memory_path_fetch_slow(path, block);
}

/* Stall cycles of fetching one line at a time, for walks instruction by instruction: `second` says
 * that the line holds the second half of instruction number `sequence` only. */
uint32_t sim_memory_path_fetch_line(struct sim_memory_path *path,
                                    const struct sim_fetch_block *block, uint32_t line,
                                    uint64_t sequence, int second, uint64_t time);

/* Stall cycles of the whole run by instruction `insn` of the block being executed; region is that
 * of the first access (runs do not cross regions). */
uint32_t sim_memory_path_data(struct sim_memory_path *path, int region,
                              const struct sim_access_run *run, uint32_t insn);

/* What of the path the core's pipeline feels (the three waits of the configuration).
 *
 * A RAM access that does not follow another one takes a cycle more: measured on whole programs at
 * zero wait states. Whole networks at five wait states do not show that cycle, but one at every
 * single store and one at every taken branch, whose target then comes through the cache of the
 * flash. Nothing has been measured between, so the second set is charged from one wait state on. */
void sim_memory_path_waits(const struct sim_memory_path *path, struct sim_timing_config *config);

/* One line of text about the configuration charged: "5 wait states, prefetch, ...". */
void sim_memory_path_describe(const struct sim_memory_path *path, char *text, size_t size);

#endif
