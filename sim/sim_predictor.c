#include "sim_predictor.h"

#include <stdlib.h>
#include <string.h>

struct sim_predictor *sim_predictors_find(struct sim_predictors *predictors, uint32_t address)
{
    struct sim_predictor **bucket = &predictors->buckets[(address >> 1) % SIM_PREDICTOR_BUCKETS];
    struct sim_predictor *p = *bucket;
    while (p && p->address != address)
        p = p->next;
    if (p)
        return p;
    p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->address = address;
    p->counter = 2; /* weakly taken */
    p->next = *bucket;
    *bucket = p;
    return p;
}

void sim_predictors_free(struct sim_predictors *predictors)
{
    for (size_t i = 0; i < SIM_PREDICTOR_BUCKETS; i++) {
        for (struct sim_predictor *p = predictors->buckets[i], *next; p; p = next) {
            next = p->next;
            free(p);
        }
    }
    memset(predictors, 0, sizeof *predictors);
}
