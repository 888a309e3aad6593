/* AVERAGE_POOL_2D, four channels at a time: their sums are two pairs of int16, which have room for
 * 256 elements each. Only elements inside the image count. */
#include "dsp_intrinsics.h"
#include "dsp_kernels.h"
#include "reference.h"
#include "requantize.h"

#define MAX_ELEMENTS 255 /* of a pair of int16 sums: 255 * -128 still fits */

/* The part of a window that lies inside the image. */
struct window {
    const int8_t *first; /* its first element's first channel */
    int32_t rows, columns;
    int32_t row_bytes, channels;
};

static struct window window_of(const struct kernel_args *args, int32_t batch, int32_t y, int32_t x)
{
    const struct image_op *op = args->op;
    int32_t y_end = y + op->filter_h, x_end = x + op->filter_w;
    y = y < 0 ? 0 : y;
    x = x < 0 ? 0 : x;
    y_end = y_end > op->in_h ? op->in_h : y_end;
    x_end = x_end > op->in_w ? op->in_w : x_end;
    return (struct window){.first =
                               args->input + ((batch * op->in_h + y) * op->in_w + x) * op->in_c,
                           .rows = y_end - y,
                           .columns = x_end - x,
                           .row_bytes = op->in_w * op->in_c,
                           .channels = op->in_c};
}

/* Adds `rows` rows of four channels; at most MAX_ELEMENTS elements. */
static void sum_rows(const struct window *w, const int8_t *from, int32_t rows, int32_t sum[4])
{
    uint32_t even = 0, odd = 0;
    for (; rows > 0; rows--, from += w->row_bytes) {
        const int8_t *element = from;
        for (int32_t n = w->columns; n > 0; n--, element += w->channels) {
            uint32_t word = dsp_load(element);
            even = dsp_sxtab16(even, word);
            odd = dsp_sxtab16_8(odd, word);
        }
    }
    sum[0] += (int16_t)(even & 0xffffu);
    sum[1] += (int16_t)(odd & 0xffffu);
    sum[2] += (int16_t)(even >> 16);
    sum[3] += (int16_t)(odd >> 16);
}

static void sum_four(const struct window *w, int32_t channel, int32_t sum[4])
{
    int32_t at_once = MAX_ELEMENTS / w->columns;
    const int8_t *from = w->first + channel;
    sum[0] = sum[1] = sum[2] = sum[3] = 0;
    for (int32_t left = w->rows; left > 0; left -= at_once, from += at_once * w->row_bytes) {
        sum_rows(w, from, left < at_once ? left : at_once, sum);
    }
}

/* The last one to three channels. */
static void sum_few(const struct window *w, int32_t channel, int32_t n, int32_t sum[4])
{
    for (int32_t i = 0; i < n; i++) {
        const int8_t *from = w->first + channel + i;
        sum[i] = 0;
        for (int32_t y = 0; y < w->rows; y++, from += w->row_bytes) {
            for (int32_t x = 0; x < w->columns; x++) {
                sum[i] += from[x * w->channels];
            }
        }
    }
}

static void average(const struct window *w, const struct image_op *op, int8_t *output)
{
    uint32_t n = (uint32_t)(w->rows * w->columns), reciprocal = average_reciprocal(n);
    for (int32_t channel = 0; channel < op->in_c; channel += 4) {
        int32_t sum[4], left = op->in_c - channel;
        if (left >= 4) {
            sum_four(w, channel, sum);
        } else {
            sum_few(w, channel, left, sum);
        }
        for (int32_t i = 0; i < 4 && i < left; i++) {
            int32_t value = average_round(sum[i], n, reciprocal);
            *output++ =
                (int8_t)dsp_clamp16((uint32_t)value, (uint32_t)op->act_min, (uint32_t)op->act_max);
        }
    }
}

void dsp_average_pool(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int8_t *output = args->output;

    if (op->filter_w > MAX_ELEMENTS) {
        reference_average_pool(args);
        return;
    }
    for (int32_t batch = 0; batch < op->batches; batch++) {
        for (int32_t oy = 0; oy < op->out_h; oy++) {
            for (int32_t ox = 0; ox < op->out_w; ox++, output += op->in_c) {
                struct window w = window_of(args, batch, oy * op->stride_h - op->pad_top,
                                            ox * op->stride_w - op->pad_left);
                average(&w, op, output);
            }
        }
    }
}
