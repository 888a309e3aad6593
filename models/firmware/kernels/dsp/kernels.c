/* The dsp variant's table. What the host stored in the reference layout runs on the reference
 * kernels. */
#include "dsp_kernels.h"
#include "dsp_layout.h"
#include "reference.h"

#include <stddef.h>

static kernel_fn with_weights(uint32_t flags, kernel_fn pairs, kernel_fn reference)
{
    if (flags & DSP_PAIRS) {
        return pairs;
    }
    return flags & DSP_PLANES ? dsp_depthwise_conv : reference;
}

kernel_fn kernel_for(uint32_t kind, uint32_t flags)
{
    switch (kind) {
    case IMAGE_ADD:
        return dsp_add;
    case IMAGE_AVERAGE_POOL_2D:
        return dsp_average_pool;
    case IMAGE_CONV_2D:
        return with_weights(flags, dsp_conv, reference_conv);
    case IMAGE_DEPTHWISE_CONV_2D:
        return with_weights(flags, dsp_conv, reference_depthwise_conv);
    case IMAGE_FULLY_CONNECTED:
        return with_weights(flags, dsp_fully_connected, reference_fully_connected);
    case IMAGE_RESHAPE:
        return reference_reshape;
    case IMAGE_SOFTMAX:
        return reference_softmax;
    default:
        return NULL;
    }
}
