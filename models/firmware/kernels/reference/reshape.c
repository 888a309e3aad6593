/* RESHAPE: the same bytes; usually the arena planner makes both tensors one. */
#include "reference.h"

void reference_reshape(const struct kernel_args *args)
{
    if (args->output == args->input) {
        return;
    }
    for (uint32_t i = 0; i < args->op->elements; i++) {
        args->output[i] = args->input[i];
    }
}
