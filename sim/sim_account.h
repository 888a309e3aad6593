/* Block accounting: every basic block is decoded once, and walked through the core timing once for
 * every state of the pipeline it is entered in; that is a pass. While code runs only passes are
 * counted; all figures are derived from the counts when a scope ends. Private to sim/. */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "memory_path.h"
#include "sim_decode.h"
#include "sim_insn.h"
#include "sim_predictor.h"
#include "timing.h"

#define SIM_CORE_CAUSES (SIM_CAUSE_EXCEPTION + 1) /* the causes of core cycles come first */

/* What an instruction cost beyond the passes, in the measured window: waits for memory in whatever
 * scope, corrections by operands and addresses. */
struct sim_dynamic {
    int64_t causes[SIM_CAUSE_COUNT]; /* FETCH and ICACHE: of lines before a reconfiguration; later
                                        ones are kept with the block's lines */
};

struct sim_block {
    struct sim_fetch_block fetch; /* address and bytes are in here */
    struct sim_insn *insns;       /* owned */
    uint32_t count;
    uint16_t *slot_insn; /* owned; [slots] instruction of each data transfer */
    uint32_t slots;
    uint32_t divides;               /* integer divides */
    uint8_t conditional_accesses;   /* loads or stores that an IT instruction may skip */
    uint8_t watch_noted;            /* sim_watch.c knows of them */
    struct sim_block *next_watched; /* its list */
    uint32_t stack_taken; /* deepest point of the stack inside, in bytes below its start */
    uint8_t writes_sp;    /* the stack pointer moves in a way that stack_taken does not tell */
    uint8_t it_end;       /* IT state at the end */
    uint16_t classes[SIM_CLASS_COUNT];
    struct sim_predictor *predictor; /* of the branch it ends in, when the core predicts it */
    struct sim_dynamic *dynamic;     /* owned; [count] */
    struct sim_block *hash_next;
};

struct sim_pass {
    struct sim_block *block;
    uint64_t count;  /* executions since the last harvest */
    uint64_t total;  /* in the measured window, those since the last harvest excepted */
    uint32_t cycles; /* core cycles of one execution */
    uint32_t causes[SIM_CORE_CAUSES]; /* sum = cycles */
    uint32_t overlapped, paired;
    uint32_t *starts;  /* owned; [count + 1] cycles from the entry to each instruction's start */
    uint8_t *isolated; /* owned; [count] 1 = paid the isolated wait at once; + 2 x cycles paid for
                          that of the store before */
    uint8_t has_isolated;
    struct sim_pass *successor[2]; /* the two used last */

    /* what it depends on */
    uint32_t state_in;             /* number of the pipeline state before */
    const struct sim_insn *source; /* the taken branch that led here, NULL = fallen through */
    struct sim_timing_config config;
    uint32_t state_out;
    struct sim_pass *hash_next;
};

#define SIM_BLOCK_BUCKETS 4096
#define SIM_PASS_BUCKETS  8192
#define SIM_STATE_BUCKETS 4096

struct sim_state {
    union sim_pipeline pipeline;
    uint32_t hash_next; /* number + 1 */
};

struct sim_account {
    const struct sim_chip *chip;
    const struct sim_timing *timing;
    struct sim_timing_config config;
    struct sim_decoder *decoder;
    struct sim_memory_path *path;
    struct sim_block *blocks[SIM_BLOCK_BUCKETS];
    struct sim_pass *pass_buckets[SIM_PASS_BUCKETS];
    struct sim_pass **passes; /* every pass, for the harvest */
    size_t pass_count, pass_room;
    struct sim_state *states;
    uint32_t state_count, state_room;
    uint32_t state_buckets[SIM_STATE_BUCKETS]; /* number + 1 */
    struct sim_predictors predictors;
    struct sim_block root_block; /* no code: where the first pass starts */
    struct sim_pass root;
    int measuring; /* a scope is being charged */
    /* Counted directly while running, added to the scope at each harvest. */
    int64_t causes[SIM_CAUSE_COUNT];
    uint64_t exceptions;
    struct sim_accesses by_region[SIM_MAX_REGIONS];
    /* Everything harvested so far, dropped or not: what hardware counters have seen. */
    uint64_t seen[SIM_CAUSE_COUNT], seen_folded;
};

/* Reads guest code; returns 0 when the address is not mapped. */
typedef int (*sim_read_code_fn)(void *user, uint32_t address, uint8_t *code, size_t bytes);

enum cc_status sim_account_init(struct sim_account *account, const struct sim_chip *chip,
                                struct sim_memory_path *path, struct cc_error *err);
void sim_account_free(struct sim_account *account);

/* Decodes a block; NULL when out of memory or the code cannot be read. */
struct sim_block *sim_block_new(struct sim_account *account, uint32_t address, uint32_t bytes,
                                unsigned it_state, sim_read_code_fn read, void *user);
void sim_block_free(struct sim_block *block);

/* Cycles of a misprediction of `branch`, the instruction stepped last. */
uint32_t sim_account_mispredict(const struct sim_account *account,
                                const union sim_pipeline *pipeline, const struct sim_insn *branch);

/* The pass from the end of another to the code at (address, bytes): found or made. NULL when out
 * of memory or the code cannot be read. */
struct sim_pass *sim_account_pass(struct sim_account *account, struct sim_pass *from,
                                  uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                  void *user);

/* One instruction of a pass as sim_account_walk sees it; entry has the refill of the branch that
 * led to the pass and comes with insn = NULL. */
typedef void (*sim_walk_fn)(void *user, const struct sim_insn *insn, const struct sim_step *step);

/* Steps through a pass again. */
void sim_account_walk(const struct sim_account *account, const struct sim_pass *pass,
                      sim_walk_fn visit, void *user);

/* Adds to a cause: to the scope being charged and, when insn is not NULL, to that instruction. */
static inline void sim_account_charge(struct sim_account *account, struct sim_block *block,
                                      uint32_t insn, enum sim_cause cause, int64_t cycles)
{
    account->causes[cause] += cycles;
    if (account->measuring && block && insn < block->count)
        block->dynamic[insn].causes[cause] += cycles;
}

/* The memory path or the timing configuration changed: what was computed with the old one is kept
 * for the figures but not used any more. Call between two blocks, then start from a pass of
 * sim_account_restart. Returns 0 when out of memory. */
int sim_account_reconfigure(struct sim_account *account);

/* Adds everything counted since the last harvest to counts (NULL drops it) and starts anew. */
void sim_account_harvest(struct sim_account *account, struct sim_counts *counts);

/* Core cycles, by cause and folded instructions since reset, for the hardware counters. */
void sim_account_seen(const struct sim_account *account, uint64_t causes[SIM_CAUSE_COUNT],
                      uint64_t *folded);

#endif
