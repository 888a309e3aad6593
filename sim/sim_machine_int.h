/* Inside of an emulated chip; private to sim/. */
#ifndef SIM_MACHINE_INT_H
#define SIM_MACHINE_INT_H

#include "sim_account.h"
#include "sim_machine.h"
#include "sim_timers.h"

#include <unicorn/unicorn.h>

enum sim_failure {
    SIM_FAILED_NOT,
    SIM_FAILED_ACCESS,    /* unmapped or forbidden access */
    SIM_FAILED_STACK,     /* stack pointer below its limit */
    SIM_FAILED_LIMIT,     /* instruction limit reached */
    SIM_FAILED_EXCEPTION, /* SVC, BKPT, fault raised by the core */
    SIM_FAILED_MARKERS,   /* too many markers in one block */
    SIM_FAILED_MEMORY,    /* the host is out of memory */
};

#define SIM_MAX_PENDING_MARKERS 8
#define SIM_NEVER_REACHED       0xfffffff0u /* where Unicorn would stop by itself */

struct sim_machine {
    struct sim_chip chip;
    double clock_hz;
    uc_engine *uc;
    struct sim_memory_path path;
    struct sim_account account;
    struct sim_run_config config;
    struct sim_scope *scopes;
    uint32_t scope_count;
    int32_t current; /* index of the scope charged, -1 = paused */

    /* running state */
    struct sim_block *edge_from; /* block executing now */
    struct sim_edge *edge;       /* edge it was entered by */
    uint32_t accesses_in_block;
    uint64_t clock; /* cycles since reset up to the end of the block executing now, its later data
                       stalls excepted */
    struct sim_timers timers;
    uint64_t executed;                         /* instructions since reset, boot included */
    uint32_t pending[SIM_MAX_PENDING_MARKERS]; /* markers stored in the block executing now */
    uint32_t pending_count;
    int stop_asked;
    uint32_t pc, stop_pc;
    uint32_t stack_top, lowest_sp;
    uint32_t landing_pad; /* 0 = none yet */

    /* divides (sim_divides.c) */
    struct sim_divide *divides;    /* those that are watched; owned */
    struct sim_block *new_divides; /* blocks whose divides are not watched yet */
    int resting;                   /* stopped at stop_pc only to watch them */

    /* how it failed */
    enum sim_failure failure;
    uc_mem_type fault_type;
    uint32_t fault_address, fault_bytes, fault_number;

    /* per-instruction reference count (test mode) */
    uint64_t reference_counted, reference_total;
    struct sim_block *reference_block;
    uint32_t reference_next;
};

enum cc_status sim_hooks_install(struct sim_machine *m, struct cc_error *err);
enum cc_status sim_hooks_install_reference(struct sim_machine *m, struct cc_error *err);

/* Remembers a block with divides that is executed for the first time. */
void sim_divides_note(struct sim_machine *m, struct sim_block *block);
void sim_divides_free(struct sim_machine *m);

/* Runs from m->pc until something stops it or `until` is reached. */
uc_err sim_machine_emulate(struct sim_machine *m, uint32_t until);

/* Handles one marker at a block boundary. */
void sim_machine_marker(struct sim_machine *m, uint32_t value);

/* Cycles since reset at the access being made now. */
uint64_t sim_machine_cycles(const struct sim_machine *m);

/* Charges what follows to a scope, or to none; what was counted so far goes to the one before. */
enum cc_status sim_machine_enter(struct sim_machine *m, int32_t scope_id, struct cc_error *err);
void sim_machine_pause(struct sim_machine *m);

/* The edge between a block and the code at (address, bytes): found or made, NULL without memory. */
struct sim_edge *sim_hooks_edge(struct sim_machine *m, struct sim_block *from, uint32_t address,
                                uint32_t bytes);

const char *sim_machine_scope_name(const struct sim_machine *m);

/* The message of a run that did not end by a marker. */
enum cc_status sim_machine_explain(struct sim_machine *m, uc_err code, struct cc_error *err);

#endif
