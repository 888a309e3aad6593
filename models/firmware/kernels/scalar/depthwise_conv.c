/* DEPTHWISE_CONV_2D: the rows that one output row needs are copied, padded, a group of channels at
 * a time; then each weight is used for up to 4 neighbouring outputs of a channel. */
#include "requantize.h"
#include "scalar.h"
#include "scalar_layout.h"

/* How pointers move over the copy of one output row's inputs; distances in bytes. */
struct rows {
    const struct kernel_args *args;
    uint8_t *copy;
    int32_t group; /* channels in the copy, at most */
    int32_t filter_w, filter_h;
    int32_t tap, pixel, row; /* to the next filter column, output pixel, filter row */
};

/* Keeps the compiler from turning a stepped pointer into several: v6-M has registers for one. */
#define STEP(pointer, distance)                                                                    \
    do {                                                                                           \
        (pointer) += (distance);                                                                   \
        __asm__("" : "+r"(pointer));                                                               \
    } while (0)

static void fill_row(const struct rows *rows, uint8_t *to, const int8_t *from)
{
    const struct image_op *op = rows->args->op;
    uint8_t padding = (uint8_t)(128 - op->input_offset);
    int32_t width = scalar_padded_width(op), group = rows->group;
    int32_t left = op->pad_left < width ? op->pad_left : width;
    int32_t inside = width - left < op->in_w ? width - left : op->in_w;

    scalar_fill(to, padding, left * group);
    to += left * group;
    if (group == op->in_c) {
        scalar_copy_unsigned(to, from, inside * group);
        to += inside * group;
    } else {
        for (int32_t x = inside; x > 0; x--, from += op->in_c, to += group) {
            scalar_copy_unsigned(to, from, group);
        }
    }
    scalar_fill(to, padding, (width - left - inside) * group);
}

/* Channels from the first one of image on. */
static void fill_rows(const struct rows *rows, const int8_t *image, int32_t y)
{
    const struct image_op *op = rows->args->op;
    uint8_t *to = rows->copy;

    for (int32_t ky = 0; ky < op->filter_h; ky++, y += op->dilation_h, to += rows->row) {
        if (y >= 0 && y < op->in_h) {
            fill_row(rows, to, image + y * op->in_w * op->in_c);
        } else {
            scalar_fill(to, (uint8_t)(128 - op->input_offset), rows->row);
        }
    }
}

/* Adds the filter's products to the sums of 4, 2 or 1 neighbouring outputs of a channel. Not
 * inlined, so that everything the inner loop touches stays in registers. */
static __attribute__((noinline)) void add_4(const struct rows *rows, const uint8_t *input,
                                            const int8_t *weights, int32_t *sums)
{
    int32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
    int32_t pixel = rows->pixel, next_tap = rows->tap - 3 * pixel;
    int32_t next_row = rows->row - rows->filter_w * rows->tap;

    for (int32_t ky = rows->filter_h; ky > 0; ky--, input += next_row) {
        const int8_t *end = weights + rows->filter_w;
        do {
            int32_t weight = *weights++;
            sum0 += *input * weight;
            STEP(input, pixel);
            sum1 += *input * weight;
            STEP(input, pixel);
            sum2 += *input * weight;
            STEP(input, pixel);
            sum3 += *input * weight;
            STEP(input, next_tap);
        } while (weights != end);
    }
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
}

static __attribute__((noinline)) void add_2(const struct rows *rows, const uint8_t *input,
                                            const int8_t *weights, int32_t *sums)
{
    int32_t sum0 = sums[0], sum1 = sums[1];
    int32_t pixel = rows->pixel, next_tap = rows->tap - pixel;
    int32_t next_row = rows->row - rows->filter_w * rows->tap;

    for (int32_t ky = rows->filter_h; ky > 0; ky--, input += next_row) {
        const int8_t *end = weights + rows->filter_w;
        do {
            int32_t weight = *weights++;
            sum0 += *input * weight;
            STEP(input, pixel);
            sum1 += *input * weight;
            STEP(input, next_tap);
        } while (weights != end);
    }
    sums[0] = sum0;
    sums[1] = sum1;
}

static __attribute__((noinline)) void add_1(const struct rows *rows, const uint8_t *input,
                                            const int8_t *weights, int32_t *sums)
{
    int32_t sum = sums[0], tap = rows->tap;
    int32_t next_row = rows->row - rows->filter_w * tap;

    for (int32_t ky = rows->filter_h; ky > 0; ky--, input += next_row) {
        const int8_t *end = weights + rows->filter_w;
        do {
            sum += *weights++ * *input;
            STEP(input, tap);
        } while (weights != end);
    }
    sums[0] = sum;
}

/* Up to 4 neighbouring outputs of a channel; returns how many. */
static int32_t write_pixels(const struct rows *rows, int32_t channel, const uint8_t *input,
                            int8_t *output, int32_t left)
{
    const struct kernel_args *args = rows->args;
    const struct image_op *op = args->op;
    const int8_t *weights = args->weights + channel * rows->filter_h * rows->filter_w;
    int32_t bias = args->bias[channel];
    int32_t sums[4] = {bias, bias, bias, bias};
    int32_t n = left >= 4 ? 4 : left >= 2 ? 2 : 1;

    if (n == 4) {
        add_4(rows, input, weights, sums);
    } else if (n == 2) {
        add_2(rows, input, weights, sums);
    } else {
        add_1(rows, input, weights, sums);
    }
    int32_t multiplier = args->multiplier[channel], shift = args->shift[channel];
    for (int32_t i = 0; i < n; i++, output += op->out_c) {
        int32_t value = requantize(sums[i], multiplier, shift) + op->output_offset;
        *output = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
    return n;
}

/* All outputs of one channel in an output row. */
static void channel_row(const struct rows *rows, int32_t channel, const uint8_t *input,
                        int8_t *output)
{
    const struct image_op *op = rows->args->op;

    for (int32_t left = op->out_w; left > 0;) {
        int32_t n = write_pixels(rows, channel, input, output, left);
        left -= n;
        input += n * rows->pixel;
        output += n * op->out_c;
    }
}

/* An output row of the channels in the copy, the first of which is number `first`. */
static void output_row(const struct rows *rows, int32_t first, int8_t *output)
{
    const struct image_op *op = rows->args->op;
    const uint8_t *input = rows->copy;
    int32_t channel = first * op->depth_multiplier;

    output += channel;
    for (int32_t c = 0; c < rows->group; c++, input++) {
        for (int32_t m = 0; m < op->depth_multiplier; m++, channel++) {
            channel_row(rows, channel, input, output++);
        }
    }
}

static void set_group(struct rows *rows, int32_t group)
{
    const struct image_op *op = rows->args->op;
    rows->group = group;
    rows->tap = op->dilation_w * group;
    rows->pixel = op->stride_w * group;
    rows->row = scalar_padded_width(op) * group;
}

static __attribute__((noinline)) void convolve(const struct kernel_args *args, uint8_t *copy)
{
    const struct image_op *op = args->op;
    struct rows rows = {
        .args = args, .copy = copy, .filter_w = op->filter_w, .filter_h = op->filter_h};
    const int8_t *image = args->input;
    int8_t *output = args->output;

    for (int32_t b = 0; b < op->batches; b++, image += op->in_h * op->in_w * op->in_c) {
        for (int32_t y = 0; y < op->out_h; y++, output += op->out_w * op->out_c) {
            for (int32_t c = 0; c < op->in_c; c += rows.group) {
                int32_t group = op->reserved[SCALAR_GROUP], left = op->in_c - c;
                set_group(&rows, left < group ? left : group);
                fill_rows(&rows, image + c, y * op->stride_h - op->pad_top);
                output_row(&rows, c, output);
            }
        }
    }
}

void scalar_depthwise_conv(const struct kernel_args *args)
{
    convolve(args, (uint8_t *)args->scratch);
}

void scalar_depthwise_conv_stack(const struct kernel_args *args)
{
    uint32_t copy[SCALAR_STACK_BYTES / 4];
    convolve(args, (uint8_t *)copy);
}
