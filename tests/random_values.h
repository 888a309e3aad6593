/* What every tensor of a random network holds, by kernels_oracle.c. Test code. */
#ifndef RANDOM_VALUES_H
#define RANDOM_VALUES_H

#include "random_network.h"

struct random_values {
    int8_t *tensor[RANDOM_MAX_TENSORS];
};

/* Random inputs, then all operators. Free with random_values_free. */
void random_values(const struct models_network *net, uint32_t seed, struct random_values *v);
void random_values_free(const struct models_network *net, struct random_values *v);

/* An environment variable's number, or `otherwise`. */
uint32_t random_setting(const char *name, uint32_t otherwise);

#endif
