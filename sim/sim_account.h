/* Block accounting: every basic block is decoded once; while the code runs only edges between
 * blocks are counted; all figures are derived from the edge counts when a scope ends.
 * Private to sim/. */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "memory_path.h"
#include "sim_decode.h"
#include "sim_insn.h"
#include "timing.h"

struct sim_block;

struct sim_edge {
    struct sim_block *from, *to;
    uint64_t count;       /* executions since the last harvest */
    uint64_t mispredicts; /* of them, mispredicted (cores with a predictor) */
    uint32_t cycles;      /* core cycles of one execution */
    uint8_t taken;
    struct sim_edge *next; /* other edges of the same block */
};

struct sim_block {
    struct sim_fetch_block fetch; /* address and bytes are in here */
    struct sim_insn *insns;       /* owned */
    uint32_t count;
    uint32_t divides;               /* integer divides */
    uint8_t divides_noted;          /* sim_divides.c knows of them */
    struct sim_block *next_divides; /* its list */
    uint32_t stack_taken; /* deepest point of the stack inside, in bytes below its start */
    uint8_t writes_sp;    /* the stack pointer moves in a way that stack_taken does not tell */
    uint8_t predicted;    /* ends in a conditional branch that the core predicts */
    uint8_t counter;      /* its 2-bit predictor */
    uint8_t it_end;       /* IT state at the end */
    uint16_t classes[SIM_CLASS_COUNT];
    struct sim_edge *successor[2]; /* the two used last */
    struct sim_edge *others;       /* all edges, linked by next */
    struct sim_block *hash_next;
};

#define SIM_BLOCK_BUCKETS 4096

struct sim_account {
    const struct sim_chip *chip;
    const struct sim_timing *timing;
    struct sim_decoder *decoder;
    struct sim_memory_path *path;
    uint32_t isolated_wait;
    struct sim_block *buckets[SIM_BLOCK_BUCKETS];
    struct sim_edge **edges; /* every edge, for the harvest */
    size_t edge_count, edge_room;
    struct sim_block root; /* where the first edge starts */
    /* Counted directly while running, added to the scope at each harvest. */
    uint64_t fetch_stalls, data_stalls, extra_core_cycles;
    struct sim_accesses by_region[SIM_MAX_REGIONS];
};

/* Reads guest code; returns 0 when the address is not mapped. */
typedef int (*sim_read_code_fn)(void *user, uint32_t address, uint8_t *code, size_t bytes);

enum cc_status sim_account_init(struct sim_account *account, const struct sim_chip *chip,
                                struct sim_memory_path *path, struct cc_error *err);
void sim_account_free(struct sim_account *account);

/* The edge from a block to the code at (address, bytes): found or made. NULL when out of memory or
 * the code cannot be read. */
struct sim_edge *sim_account_edge(struct sim_account *account, struct sim_block *from,
                                  uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                  void *user);

/* Core cycles of the edge up to and with the instruction at index: what has passed when it is done.
 */
uint32_t sim_account_cycles_to(const struct sim_account *account, const struct sim_edge *edge,
                               uint32_t index);

/* Adds everything counted since the last harvest to counts (NULL drops it) and starts anew. */
void sim_account_harvest(struct sim_account *account, struct sim_counts *counts);

#endif
