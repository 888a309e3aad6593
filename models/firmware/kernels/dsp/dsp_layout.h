/* How the host stores weights for the dsp kernels: shared by models_image_dsp.c and the kernels.
 *
 * All streams lie at weights_data; bias_data is 0. Biases already contain input_offset times the
 * sum of the channel's weights, so kernels multiply raw bytes and pad with the input's zero point.
 *
 * DSP_PAIRS (CONV_2D, FULLY_CONNECTED, DEPTHWISE_CONV_2D of one input channel): per group, per pair
 * of output channels a and b (the last b of an odd number is all zeros): struct dsp_pair, then the
 * weights in segments: the longest runs of a filter that lie one behind the other in the image
 * (dsp_segment), each filled up with zeros to a multiple of four. Every four inputs k..k+3 are
 * the 8 bytes
 *     a[k] b[k] a[k+2] b[k+2]  a[k+1] b[k+1] a[k+3] b[k+3]
 * so that two sign extensions of a word give one pair of inputs for each of the two channels, in
 * the order in which two sign extensions of four input bytes give the inputs.
 *
 * DSP_PLANES (other DEPTHWISE_CONV_2D): per output channel struct dsp_channel, then per filter row
 * (filter_w + 1) / 2 words of two int16 weights, zero after the last. */
#ifndef DSP_LAYOUT_H
#define DSP_LAYOUT_H

#include "models_image.h"

/* Members of image_op.flags. Without DSP_PAIRS and DSP_PLANES the reference layout is in use. */
#define DSP_PAIRS  1u
#define DSP_PLANES 2u
/* Every channel of the operator divides by 2^1..2^DSP_MAX_RIGHT after its multiplication, and no
 * doubled accumulator overflows: `shift` then holds that positive exponent. Otherwise it holds
 * TensorFlow Lite's signed shift. */
#define DSP_NARROW 4u
/* The activation limits are those of int8. */
#define DSP_FULL_RANGE 8u
/* Filter 1x1, no padding, one group, channels in fours: a single position's inputs are used where
 * they lie. */
#define DSP_POINTWISE 16u

#define DSP_MAX_RIGHT 22

/* Members of image_op.reserved */
#define DSP_POSITIONS                                                                              \
    0 /* DSP_PAIRS: output positions per pass that scratch has room for: 1, 2 or 4 */
#define DSP_TILES      4 /* DSP_PAIRS: groups of so many positions that it has room for */
#define DSP_STAGE      5 /* DSP_PAIRS: 1 = and then for one pair's weights */
#define DSP_STRIP_ROWS 1 /* DSP_PLANES: output rows per strip */
#define DSP_PITCH      2 /* DSP_PLANES: int16 per row of a plane, even */
#define DSP_PLANE      3 /* DSP_PLANES: int16 per plane, even */

struct dsp_pair {
    int32_t bias[2];
    int32_t multiplier[2];
    int16_t shift[2];
    int32_t reserved;
};

struct dsp_channel {
    int32_t bias;
    int32_t multiplier;
    int32_t shift;
    int32_t reserved;
};

/* A filter as segments: `per_row` in each of its `rows`, `taps` inputs each, stored as `padded`. */
struct dsp_segments {
    int32_t rows, per_row, taps, padded;
};

/* With all channels and no dilation, a filter row is one run of the image. */
static inline struct dsp_segments dsp_segments_of(const struct image_op *op)
{
    struct dsp_segments s = {1, 1, op->in_c, 0};
    if (op->filter_h > 0) { /* 0: FULLY_CONNECTED */
        int32_t whole_rows = op->dilation_w == 1 && op->groups <= 1;
        s.rows = op->filter_h;
        s.per_row = whole_rows ? 1 : op->filter_w;
        s.taps =
            whole_rows ? op->filter_w * op->in_c : op->in_c / (op->groups > 1 ? op->groups : 1);
    }
    s.padded = (s.taps + 3) & ~3;
    return s;
}

#endif
