/* What a kernel is: one function per operator kind and variant. Freestanding C; the same sources
 * compile for the host, where tests run them natively. */
#ifndef KERNELS_H
#define KERNELS_H

#include "models_image.h"

/* Pointers of one operator, resolved by the runner from the offsets in the record. */
struct kernel_args {
    const struct image_op *op;
    const int8_t *input;
    const int8_t *input2;
    int8_t *output;
    int8_t *scratch;
    const int8_t *weights;
    const int32_t *bias; /* NULL when absent */
    const int32_t *multiplier;
    const int32_t *shift;
    const void *table;
};

typedef void (*kernel_fn)(const struct kernel_args *args);

/* The table of a variant: NULL for a kind it does not have. Each kernels/<variant>/ folder defines
 * kernel_for; dsp/ and scalar/ fall back on reference/ where nothing can be gained. */
kernel_fn kernel_for(uint32_t kind, uint32_t flags);

#endif
