/* Inside of an emulated chip; private to sim/. */
#ifndef SIM_MACHINE_INT_H
#define SIM_MACHINE_INT_H

#include "sim_account.h"
#include "sim_exceptions.h"
#include "sim_machine.h"
#include "sim_registers.h"
#include "sim_system.h"
#include "sim_timers.h"

#include <unicorn/unicorn.h>

enum sim_failure {
    SIM_FAILED_NOT,
    SIM_FAILED_ACCESS,    /* unmapped or forbidden access */
    SIM_FAILED_STACK,     /* stack pointer below its limit */
    SIM_FAILED_LIMIT,     /* instruction limit reached */
    SIM_FAILED_SPIN,      /* waits for a register that never changes */
    SIM_FAILED_EXCEPTION, /* BKPT, fault raised by the core */
    SIM_FAILED_TAKING,    /* an exception cannot be taken or left: exceptions.failure says why */
    SIM_FAILED_MARKERS,   /* too many markers in one block */
    SIM_FAILED_MEMORY,    /* the host is out of memory */
};

#define SIM_MAX_PENDING_MARKERS 8
#define SIM_PAGE_BYTES          1024        /* of Unicorn's memory on these cores */
#define SIM_NEVER_REACHED       0xfffffff0u /* where Unicorn would stop by itself */

struct sim_machine {
    struct sim_chip chip;
    double clock_hz;         /* of the core now */
    double initial_clock_hz; /* that of the command line */
    uc_engine *uc;
    uc_hook access_hook;
    struct sim_memory_path path;
    struct sim_account account;
    struct sim_run_config config;
    struct sim_scope *scopes;
    uint32_t scope_count;
    int32_t current; /* index of the scope charged, -1 = paused */

    /* running state */
    struct sim_pass *pass; /* executing now; its block is the one Unicorn is in */
    uint32_t slot;         /* data transfers that the block has made, skipped ones included */
    uint32_t halves;       /* further reports of the latest load that are to come (sim_hooks.c) */
    uint32_t half_address; /* of the next one */
    int stored_region;     /* of the latest store */
    uint64_t clock; /* cycles since reset up to the end of the block executing now, its later data
                       stalls excepted */
    uint64_t executed;     /* instructions since reset, boot included */
    uint64_t check_beyond; /* more executed: the limit is looked at, and the tick given */
    uint32_t pending[SIM_MAX_PENDING_MARKERS]; /* markers stored in the block executing now */
    uint32_t pending_count;
    int stop_asked;
    const char *unmeasured; /* what runs while no scope does, for messages; NULL = start-up */
    uint32_t pc, stop_pc;
    uint32_t stack_top, lowest_sp;
    uint32_t landing_pad; /* 0 = none yet */

    /* single instructions that are watched (sim_watch.c) */
    struct sim_watch *watches; /* owned */
    uint32_t watch_count;
    struct sim_block *to_watch; /* blocks with instructions that are not watched yet */
    int resting;                /* stopped at stop_pc only to watch them, or to take an exception */

    /* how it failed */
    enum sim_failure failure;
    uc_mem_type fault_type;
    uint32_t fault_address, fault_bytes, fault_number;

    struct sim_reference *reference; /* test mode (sim_reference.c); owned, NULL = off */

    /* what firmware sees; large, so behind everything else */
    struct sim_exceptions exceptions;
    struct sim_timers timers;
    struct sim_registers registers;
};

/* A callback for Unicorn from the address of a variable that holds it: ISO C has no conversion
 * between function and object pointers; POSIX guarantees one. */
void *sim_hooks_pointer(const void *function);

/* A hook on all addresses; its user is the machine. */
enum cc_status sim_hooks_add(struct sim_machine *m, int type, void *callback, uc_hook *hook,
                             struct cc_error *err);

enum cc_status sim_hooks_install(struct sim_machine *m, struct cc_error *err);

/* From here on data accesses are neither counted nor charged (nor seen as markers): what is left is
 * the cost of blocks, for measuring how fast that part is. */
void sim_hooks_leave_data(struct sim_machine *m);

/* All code is translated anew. Unicorn lets go of a hook only in the next run: what that run
 * translates still goes the slow way. */
void sim_hooks_forget_code(struct sim_machine *m);

/* A block is about to be executed for the first time: 1 when it has instructions to watch, and the
 * emulator must rest in front of it. */
int sim_watch_note(struct sim_machine *m, struct sim_block *block);
void sim_watch_free(struct sim_machine *m);

/* The walk instruction by instruction: its hooks and what they need to know of the run. */
enum cc_status sim_reference_install(struct sim_machine *m, struct cc_error *err);
void sim_reference_free(struct sim_machine *m);
void sim_reference_block_starts(struct sim_machine *m); /* m->pass is new */
void sim_reference_block_ends(struct sim_machine *m);
void sim_reference_access(struct sim_machine *m, int region, const struct sim_access_run *run);
void sim_reference_harvest(struct sim_machine *m, int measured);
void sim_reference_divide(struct sim_machine *m, int32_t extra);
enum cc_status sim_reference_set(struct sim_machine *m, const struct sim_memory_setting *setting,
                                 struct cc_error *err);
void sim_reference_exception(struct sim_machine *m, uint32_t cycles);

/* Runs from m->pc until something stops it or `until` is reached. */
uc_err sim_machine_emulate(struct sim_machine *m, uint32_t until);

/* Handles one marker at a block boundary. */
void sim_machine_marker(struct sim_machine *m, uint32_t value);

/* Cycles since reset at the access being made now. */
uint64_t sim_machine_cycles(const struct sim_machine *m);

/* Charges what follows to a scope, or to none; what was counted so far goes to the one before. */
enum cc_status sim_machine_enter(struct sim_machine *m, int32_t scope_id, struct cc_error *err);
void sim_machine_pause(struct sim_machine *m);

/* The pass from another to the code at (address, bytes): found or made, NULL without memory. */
struct sim_pass *sim_hooks_pass(struct sim_machine *m, struct sim_pass *from, uint32_t address,
                                uint32_t bytes);

/* Instruction of the block executing now that makes the access being made now. */
static inline uint32_t sim_machine_insn(const struct sim_machine *m)
{
    const struct sim_block *block = m->pass->block;
    uint32_t slot = m->slot ? m->slot - 1 : 0;
    return slot < block->slots ? block->slot_insn[slot] : block->count ? block->count - 1 : 0;
}

/* What is left to charge of the block executing: it has come to its end. */
void sim_hooks_end_block(struct sim_machine *m);

/* Cycles that a misprediction of the branch that ends a pass costs. */
static inline uint32_t sim_machine_mispredict(const struct sim_machine *m,
                                              const struct sim_pass *pass)
{
    return sim_account_mispredict(&m->account, &m->account.states[pass->state_out].pipeline,
                                  &pass->block->insns[pass->block->count - 1]);
}

const char *sim_machine_scope_name(const struct sim_machine *m);

/* The message of a run that did not end by a marker. */
enum cc_status sim_machine_explain(struct sim_machine *m, uc_err code, struct cc_error *err);

#endif
