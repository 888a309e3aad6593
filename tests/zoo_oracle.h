/* A plain evaluation of int8 networks for tests: no blocking, no fixed-point multipliers, one loop
 * per axis. Requantisation is in double precision, so results may differ from kernels by one. */
#ifndef ZOO_ORACLE_H
#define ZOO_ORACLE_H

#include "models_network.h"

/* Evaluates the whole network. values: [n_tensors], those of the inputs filled by the caller, the
 * others of activations allocated here (free with zoo_oracle_free). */
void zoo_oracle_run(const struct models_network *net, int8_t **values);
void zoo_oracle_free(const struct models_network *net, int8_t **values);

/* Fills a buffer with the low bytes of xorshift32 from a seed. */
void zoo_oracle_random(uint32_t seed, int8_t *data, size_t bytes);

#endif
