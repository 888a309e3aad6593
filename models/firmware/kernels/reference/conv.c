/* CONV_2D. Input [batches, in_h, in_w, in_c], weights [out_c, filter_h, filter_w, in_c / groups],
 * output [batches, out_h, out_w, out_c]. Output channel o belongs to group o / (out_c / groups). */
#include "reference.h"
#include "requantize.h"

struct position {
    int32_t batch, y, x;
};

/* The sum over all taps inside the image for one output element; first: the group's first input
 * channel. */
static int32_t accumulate(const struct kernel_args *args, struct position at, int32_t channel,
                          int32_t first, int32_t depth)
{
    const struct image_op *op = args->op;
    const int8_t *weights = args->weights + channel * op->filter_h * op->filter_w * depth;
    int32_t sum = args->bias ? args->bias[channel] : 0;

    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        int32_t y = at.y * op->stride_h - op->pad_top + ky * op->dilation_h;
        for (int32_t kx = 0; kx < op->filter_w; kx++, weights += depth) {
            int32_t x = at.x * op->stride_w - op->pad_left + kx * op->dilation_w;
            if (y < 0 || y >= op->in_h || x < 0 || x >= op->in_w) {
                continue;
            }
            const int8_t *pixel =
                args->input + ((at.batch * op->in_h + y) * op->in_w + x) * op->in_c + first;
            for (int32_t c = 0; c < depth; c++) {
                sum += weights[c] * (pixel[c] + op->input_offset);
            }
        }
    }
    return sum;
}

/* All channels of one output pixel, group by group. */
static int8_t *write_pixel(const struct kernel_args *args, struct position at, int8_t *output)
{
    const struct image_op *op = args->op;
    int32_t depth = op->in_c / op->groups;
    int32_t channels = op->out_c / op->groups;
    int32_t channel = 0;

    for (int32_t group = 0; group < op->groups; group++) {
        for (int32_t i = 0; i < channels; i++, channel++) {
            int32_t sum = accumulate(args, at, channel, group * depth, depth);
            int32_t value = requantize(sum, args->multiplier[channel], args->shift[channel]);
            value += op->output_offset;
            *output++ = (int8_t)requant_clamp_any(value, op->act_min, op->act_max);
        }
    }
    return output;
}

void reference_conv(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int8_t *output = args->output;
    struct position at;

    for (at.batch = 0; at.batch < op->batches; at.batch++) {
        for (at.y = 0; at.y < op->out_h; at.y++) {
            for (at.x = 0; at.x < op->out_w; at.x++) {
                output = write_pixel(args, at, output);
            }
        }
    }
}
