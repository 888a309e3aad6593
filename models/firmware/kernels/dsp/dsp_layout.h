/* How the host stores weights for the dsp kernels: shared by models_image_dsp.c and the kernels.
 *
 * All streams lie at weights_data; bias_data is 0. Biases already contain input_offset times the
 * sum of the channel's weights, so kernels multiply raw bytes and pad with the input's zero point.
 *
 * DSP_PAIRS (CONV_2D, FULLY_CONNECTED, DEPTHWISE_CONV_2D of one input channel): per group, per pair
 * of output channels a and b (the last b of an odd number is all zeros): struct dsp_pair, then
 * for every four inputs k..k+3 (in filter order, zeros after the last) the 8 bytes
 *     a[k] b[k] a[k+2] b[k+2]  a[k+1] b[k+1] a[k+3] b[k+3]
 * so that two sign extensions of a word give one pair of inputs for each of the two channels, in
 * the order in which two sign extensions of four input bytes give the inputs.
 *
 * DSP_PLANES (other DEPTHWISE_CONV_2D): per output channel struct dsp_channel, then per filter row
 * (filter_w + 1) / 2 words of two int16 weights, zero after the last. */
#ifndef DSP_LAYOUT_H
#define DSP_LAYOUT_H

#include <stdint.h>

/* Members of image_op.flags. Without DSP_PAIRS and DSP_PLANES the reference layout is in use. */
#define DSP_PAIRS  1u
#define DSP_PLANES 2u
/* Every channel of the operator divides by 2^1..2^DSP_MAX_RIGHT after its multiplication, and no
 * doubled accumulator overflows: `shift` then holds that positive exponent. Otherwise it holds
 * TensorFlow Lite's signed shift. */
#define DSP_NARROW 4u
/* The activation limits are those of int8. */
#define DSP_FULL_RANGE 8u
/* Filter 1x1, no padding, one group, channels in fours: inputs are used where they lie. */
#define DSP_POINTWISE 16u

#define DSP_MAX_RIGHT 22

/* Members of image_op.reserved */
#define DSP_POSITIONS  0 /* DSP_PAIRS: output positions per pass that scratch has room for, or 1 */
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

/* Inputs of a filter rounded up to whole steps of the stream. */
static inline int32_t dsp_padded_taps(int32_t taps)
{
    return (taps + 3) & ~3;
}

#endif
