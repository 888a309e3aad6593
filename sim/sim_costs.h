/* What single instructions cost in the measured window, from the passes and blocks of the
 * accounting. Private to sim/. */
#ifndef SIM_COSTS_H
#define SIM_COSTS_H

#include "sim_account.h"

/* A part of what one instruction cost; several parts of the same instruction come in any order. */
struct sim_cost {
    const struct sim_insn *insn;
    uint64_t executions; /* of a pass; 0 for what comes on top */
    int64_t causes[SIM_CAUSE_COUNT];
};

typedef void (*sim_cost_fn)(void *user, const struct sim_cost *cost);

/* The refill behind a branch is a cost of the branch. */
void sim_account_costs(struct sim_account *account, sim_cost_fn visit, void *user);

#endif
