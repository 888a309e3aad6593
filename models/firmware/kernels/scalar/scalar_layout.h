/* How the host arranges weights for the scalar kernels; shared by both sides.
 *
 * CONV_2D (one group) and FULLY_CONNECTED: blocks of 4 output channels; in a block, for each input
 * of the filter window in NHWC order the 4 channels' weights, as unsigned bytes w + 128. Inputs
 * are padded to a multiple of 4 and channels to whole blocks. With unsigned inputs u = x + 128
 *     sum w (x - zero_point) = sum (w + 128) u - 128 sum u - (128 + zero_point) sum w,
 * so the bias holds bias - (128 + zero_point) sum w, and 128 sum u is common to a window. Unsigned
 * bytes load in one instruction with an immediate offset on v6-M; signed ones do not. CONV_2D
 * copies each window; FULLY_CONNECTED flips its input's sign bits in place and back afterwards.
 *
 * DEPTHWISE_CONV_2D: weights [out_c][filter_h][filter_w], signed; bias the same sum. The kernel
 * copies filter_h padded rows of unsigned inputs, of reserved[SCALAR_GROUP] channels at a time.
 *
 * Copies go to scratch or, where that would make the arena larger, to the stack; what is too large
 * for both, or has sums near the ends of int32, stays with the reference kernels and the model's
 * own order. */
#ifndef SCALAR_LAYOUT_H
#define SCALAR_LAYOUT_H

#include "models_image.h"

#define SCALAR_BLOCK 4

/* image_op.flags; without SCALAR_PACKED the model's own order */
#define SCALAR_PACKED 1u /* the layout above */
#define SCALAR_STACK  2u /* copies go to the stack */

#define SCALAR_STACK_BYTES 768 /* for these copies */

#define SCALAR_GROUP 0 /* image_op.reserved, DEPTHWISE_CONV_2D: input channels copied at a time */

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
