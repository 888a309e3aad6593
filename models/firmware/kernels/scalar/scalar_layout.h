/* How the host arranges weights for the scalar kernels; shared by both sides.
 *
 * CONV_2D (one group) and FULLY_CONNECTED: blocks of 4 output channels; in a block, for each input
 * of the filter window in NHWC order the 4 channels' weights, as unsigned bytes w + 128. Inputs
 * are padded to a multiple of 4 and channels to whole blocks. The kernel copies a window of
 * unsigned inputs u = x + 128 to scratch; then
 *     sum w (x - zero_point) = sum (w + 128) u - 128 sum u - (128 + zero_point) sum w,
 * so the bias holds bias - (128 + zero_point) sum w, and 128 sum u is common to a window. Unsigned
 * bytes load in one instruction with an immediate offset on v6-M; signed ones do not.
 *
 * DEPTHWISE_CONV_2D: weights [out_c][filter_h][filter_w], signed; bias the same sum. The kernel
 * copies filter_h padded rows of unsigned inputs to scratch. */
#ifndef SCALAR_LAYOUT_H
#define SCALAR_LAYOUT_H

#include "models_image.h"

#define SCALAR_BLOCK 4

#define SCALAR_PACKED 1u /* image_op.flags: the layout above; else the model's own order */

/* Inputs of one output element, padded. */
static inline int32_t scalar_window_bytes(const struct image_op *op)
{
    int32_t taps = op->kind == IMAGE_CONV_2D ? op->filter_h * op->filter_w : 1;
    return (taps * op->in_c + 3) / 4 * 4;
}

/* Columns of the image that one output row needs, padding included. */
static inline int32_t scalar_padded_width(const struct image_op *op)
{
    return (op->out_w - 1) * op->stride_w + (op->filter_w - 1) * op->dilation_w + 1;
}

#endif
