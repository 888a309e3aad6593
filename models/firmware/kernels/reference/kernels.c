#include "reference.h"

#include <stddef.h>

kernel_fn kernel_for(uint32_t kind, uint32_t flags)
{
    (void)flags;
    switch (kind) {
    case IMAGE_ADD:
        return reference_add;
    case IMAGE_AVERAGE_POOL_2D:
        return reference_average_pool;
    case IMAGE_CONV_2D:
        return reference_conv;
    case IMAGE_DEPTHWISE_CONV_2D:
        return reference_depthwise_conv;
    case IMAGE_FULLY_CONNECTED:
        return reference_fully_connected;
    case IMAGE_RESHAPE:
        return reference_reshape;
    case IMAGE_SOFTMAX:
        return reference_softmax;
    default:
        return NULL;
    }
}
