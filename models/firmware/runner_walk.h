/* Walking the program image: shared by the runner and by tests that run kernels natively. */
#ifndef RUNNER_WALK_H
#define RUNNER_WALK_H

#include "kernels.h"

typedef kernel_fn (*kernel_finder)(uint32_t kind, uint32_t flags);

/* Whether this runner can walk the image at all: magic, version, variant, a kernel for every
 * operator. 0 or an enum image_error. */
uint32_t walk_check(const struct image_header *image, uint32_t variant, kernel_finder find);

/* Operator number i of a checked image, i < n_ops. */
const struct image_op *walk_op(const struct image_header *image, uint32_t i);

/* Resolves the operator's pointers and runs its kernel. The arena starts 16-byte aligned. */
void walk_run(const struct image_header *image, int8_t *arena, uint32_t i, kernel_finder find);

#endif
