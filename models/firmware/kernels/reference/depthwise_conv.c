/* DEPTHWISE_CONV_2D. Input [batches, in_h, in_w, in_c], weights [filter_h, filter_w, out_c],
 * output [batches, out_h, out_w, out_c]; output channel o reads input channel
 * o / depth_multiplier. */
#include "reference.h"
#include "requantize.h"

struct position {
    int32_t batch, y, x;
};

static int32_t accumulate(const struct kernel_args *args, struct position at, int32_t channel,
                          int32_t in_channel)
{
    const struct image_op *op = args->op;
    const int8_t *weights = args->weights + channel;
    int32_t sum = args->bias ? args->bias[channel] : 0;

    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        int32_t y = at.y * op->stride_h - op->pad_top + ky * op->dilation_h;
        for (int32_t kx = 0; kx < op->filter_w; kx++, weights += op->out_c) {
            int32_t x = at.x * op->stride_w - op->pad_left + kx * op->dilation_w;
            if (y < 0 || y >= op->in_h || x < 0 || x >= op->in_w) {
                continue;
            }
            int32_t pixel = (at.batch * op->in_h + y) * op->in_w + x;
            sum += *weights * (args->input[pixel * op->in_c + in_channel] + op->input_offset);
        }
    }
    return sum;
}

/* All channels of one output pixel. */
static int8_t *write_pixel(const struct kernel_args *args, struct position at, int8_t *output)
{
    const struct image_op *op = args->op;
    int32_t channel = 0;

    for (int32_t in_channel = 0; in_channel < op->in_c; in_channel++) {
        for (int32_t m = 0; m < op->depth_multiplier; m++, channel++) {
            int32_t sum = accumulate(args, at, channel, in_channel);
            int32_t value = requantize(sum, args->multiplier[channel], args->shift[channel]);
            value += op->output_offset;
            *output++ = (int8_t)requant_clamp_any(value, op->act_min, op->act_max);
        }
    }
    return output;
}

void reference_depthwise_conv(const struct kernel_args *args)
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
