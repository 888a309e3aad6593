/* Prediction of conditional branches: a 2-bit counter for each, kept by its address. Private to
 * sim/. */
#ifndef SIM_PREDICTOR_H
#define SIM_PREDICTOR_H

#include <stdint.h>

struct sim_predictor {
    uint32_t address;
    uint8_t counter;
    struct sim_predictor *next;
};

#define SIM_PREDICTOR_BUCKETS 1024

struct sim_predictors { /* zero: none yet */
    struct sim_predictor *buckets[SIM_PREDICTOR_BUCKETS];
};

/* The counter of the branch at an address, weakly taken at first; NULL when out of memory. */
struct sim_predictor *sim_predictors_find(struct sim_predictors *predictors, uint32_t address);
void sim_predictors_free(struct sim_predictors *predictors);

/* Whether an outcome would be mispredicted. */
static inline int sim_predictor_misses(const struct sim_predictor *p, int taken)
{
    return (p->counter >= 2) != taken;
}

static inline void sim_predictor_train(struct sim_predictor *p, int taken)
{
    if (taken)
        p->counter += p->counter < 3;
    else
        p->counter -= p->counter > 0;
}

#endif
