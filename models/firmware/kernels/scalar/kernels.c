#include "reference.h"
#include "scalar.h"
#include "scalar_layout.h"

#include <stddef.h>

/* Of an operator with two places for its copies. */
static kernel_fn choose(uint32_t flags, kernel_fn scratch, kernel_fn stack, kernel_fn reference)
{
    if (!(flags & SCALAR_PACKED)) {
        return reference;
    }
    return flags & SCALAR_STACK ? stack : scratch;
}

kernel_fn kernel_for(uint32_t kind, uint32_t flags)
{
    switch (kind) {
    case IMAGE_ADD:
        return scalar_add;
    case IMAGE_AVERAGE_POOL_2D:
        return scalar_average_pool;
    case IMAGE_CONV_2D:
        return choose(flags, scalar_conv, scalar_conv_stack, reference_conv);
    case IMAGE_DEPTHWISE_CONV_2D:
        return choose(flags, scalar_depthwise_conv, scalar_depthwise_conv_stack,
                      reference_depthwise_conv);
    case IMAGE_FULLY_CONNECTED:
        return flags & SCALAR_PACKED ? scalar_fully_connected : reference_fully_connected;
    case IMAGE_RESHAPE:
        return reference_reshape;
    case IMAGE_SOFTMAX:
        return reference_softmax;
    default:
        return NULL;
    }
}
