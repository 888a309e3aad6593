/* Random small networks that models_network_check accepts: 1 to 5 operators of all kinds and
 * options, odd shapes, shared and constant tensors, extreme scales and biases. Test code. */
#ifndef RANDOM_NETWORK_H
#define RANDOM_NETWORK_H

#include "models_network.h"

#define RANDOM_MAX_TENSORS 32

/* The same network for the same seed. Free with models_network_free. */
void random_network(uint32_t seed, struct models_network *net);

/* Operators and shapes on stderr, for a failing test. */
void random_network_print(const struct models_network *net);

#endif
