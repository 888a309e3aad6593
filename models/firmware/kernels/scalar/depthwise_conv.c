/* DEPTHWISE_CONV_2D: the rows that one output row needs are copied to scratch, padded; then each
 * weight is used for up to 4 neighbouring outputs of a channel. */
#include "requantize.h"
#include "scalar.h"
#include "scalar_layout.h"

/* One output row's view of scratch. Distances in bytes. */
struct rows {
    const struct kernel_args *args;
    int32_t tap, pixel, row; /* to the next filter column, output pixel, filter row */
};

static void fill_row(const struct kernel_args *args, uint8_t *to, const int8_t *from)
{
    const struct image_op *op = args->op;
    uint8_t padding = (uint8_t)(128 - op->input_offset);
    int32_t width = scalar_padded_width(op);
    int32_t left = op->pad_left < width ? op->pad_left : width;
    int32_t inside = width - left < op->in_w ? width - left : op->in_w;

    scalar_fill(to, padding, left * op->in_c);
    to += left * op->in_c;
    scalar_copy_unsigned(to, from, inside * op->in_c);
    scalar_fill(to + inside * op->in_c, padding, (width - left - inside) * op->in_c);
}

static void fill_rows(const struct kernel_args *args, const int8_t *image, int32_t y)
{
    const struct image_op *op = args->op;
    int32_t bytes = scalar_padded_width(op) * op->in_c;
    uint8_t *to = (uint8_t *)args->scratch;

    for (int32_t ky = 0; ky < op->filter_h; ky++, y += op->dilation_h, to += bytes) {
        if (y >= 0 && y < op->in_h) {
            fill_row(args, to, image + y * op->in_w * op->in_c);
        } else {
            scalar_fill(to, (uint8_t)(128 - op->input_offset), bytes);
        }
    }
}

/* n neighbouring outputs of one channel; n is a constant where this is expanded. */
static inline __attribute__((always_inline)) void pixels(const struct rows *rows, int32_t channel,
                                                         const uint8_t *input, int8_t *output,
                                                         const int32_t n)
{
    const struct kernel_args *args = rows->args;
    const struct image_op *op = args->op;
    int32_t filter_w = op->filter_w, filter_h = op->filter_h;
    const int8_t *weights = args->weights + channel * filter_h * filter_w;
    int32_t sums[4];
    int32_t pixel = rows->pixel;
    int32_t next_tap = rows->tap - (n - 1) * pixel;
    int32_t next_row = rows->row - filter_w * rows->tap;

    for (int32_t i = 0; i < n; i++) {
        sums[i] = args->bias[channel];
    }
    for (int32_t ky = filter_h; ky > 0; ky--, input += next_row) {
        const int8_t *end = weights + filter_w;
        do {
            int32_t weight = *weights++;
            for (int32_t i = 0; i < n; i++) {
                sums[i] += *input * weight;
                input += i < n - 1 ? pixel : next_tap;
            }
        } while (weights != end);
    }
    int32_t multiplier = args->multiplier[channel], shift = args->shift[channel];
    for (int32_t i = 0; i < n; i++, output += op->out_c) {
        int32_t value = requantize(sums[i], multiplier, shift) + op->output_offset;
        *output = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
}

/* All outputs of one channel in an output row. */
static void channel_row(const struct rows *rows, int32_t channel, const uint8_t *input,
                        int8_t *output)
{
    const struct image_op *op = rows->args->op;
    int32_t left = op->out_w;

    for (; left >= 4; left -= 4, input += 4 * rows->pixel, output += 4 * op->out_c) {
        pixels(rows, channel, input, output, 4);
    }
    if (left >= 2) {
        pixels(rows, channel, input, output, 2);
        left -= 2;
        input += 2 * rows->pixel;
        output += 2 * op->out_c;
    }
    if (left > 0) {
        pixels(rows, channel, input, output, 1);
    }
}

static void output_row(const struct rows *rows, int8_t *output)
{
    const struct image_op *op = rows->args->op;
    const uint8_t *input = (const uint8_t *)rows->args->scratch;
    int32_t channel = 0;

    for (int32_t c = 0; c < op->in_c; c++, input++) {
        for (int32_t m = 0; m < op->depth_multiplier; m++, channel++) {
            channel_row(rows, channel, input, output++);
        }
    }
}

void scalar_depthwise_conv(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    struct rows rows = {args, op->dilation_w * op->in_c, op->stride_w * op->in_c,
                        scalar_padded_width(op) * op->in_c};
    const int8_t *image = args->input;
    int8_t *output = args->output;

    for (int32_t b = 0; b < op->batches; b++, image += op->in_h * op->in_w * op->in_c) {
        for (int32_t y = 0; y < op->out_h; y++, output += op->out_w * op->out_c) {
            fill_rows(args, image, y * op->stride_h - op->pad_top);
            output_row(&rows, output);
        }
    }
}
