#include "depthwise_planes.h"

#include "dsp_intrinsics.h"

/* Pairs of taps from any address; with dilation the two lie apart. */
static inline uint32_t taps(const int16_t *x, int32_t dilation)
{
    if (dilation == 1) {
        return dsp_load(x);
    }
    return dsp_pack((uint16_t)x[0], (uint16_t)x[dilation]);
}

static inline void any_filter(const int16_t *plane, const struct image_op *op, int32_t pitch,
                              const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc,
                              int32_t dilation)
{
    int32_t pairs = (op->filter_w + 1) / 2, step = op->stride_w;
    int32_t next_row = op->dilation_h * pitch;

    for (; n > 0; n -= 2, plane += 2 * step) {
        const uint32_t *w = weights;
        const int16_t *row = plane;
        int32_t second = n > 1 ? step : 0; /* the last of an odd number is done twice */
        int32_t a = bias, b = bias;
        for (int32_t ky = 0; ky < op->filter_h; ky++, row += next_row) {
            const int16_t *x = row;
            for (int32_t j = 0; j < pairs; j++, x += 2 * dilation) {
                a = dsp_smlad(taps(x, dilation), *w, a);
                b = dsp_smlad(taps(x + second, dilation), *w++, b);
            }
        }
        *acc++ = a;
        if (n > 1) {
            *acc++ = b;
        }
    }
}

static void filter_any(const int16_t *plane, const struct image_op *op, int32_t pitch,
                       const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc)
{
    any_filter(plane, op, pitch, weights, bias, n, acc, 1);
}

static void filter_dilated(const int16_t *plane, const struct image_op *op, int32_t pitch,
                           const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc)
{
    any_filter(plane, op, pitch, weights, bias, n, acc, op->dilation_w);
}

/* Three rows of up to four taps, any stride. */
static void filter_3x4(const int16_t *plane, const struct image_op *op, int32_t pitch,
                       const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc)
{
    int32_t next_row = op->dilation_h * pitch, step = op->stride_w;
    const int16_t *row1 = plane + next_row, *row2 = row1 + next_row;
    uint32_t w0 = weights[0], w1 = weights[1], w2 = weights[2];
    uint32_t w3 = weights[3], w4 = weights[4], w5 = weights[5];

    for (; n > 0; n--) {
        uint32_t x = dsp_load(plane), y = dsp_load(plane + 2);
        int32_t a = dsp_smlad(y, w1, dsp_smlad(x, w0, bias));
        x = dsp_load(row1);
        y = dsp_load(row1 + 2);
        a = dsp_smlad(y, w3, dsp_smlad(x, w2, a));
        x = dsp_load(row2);
        y = dsp_load(row2 + 2);
        *acc++ = dsp_smlad(y, w5, dsp_smlad(x, w4, a));
        plane += step;
        row1 += step;
        row2 += step;
    }
}

/* One row of three taps for two neighbouring outputs: taps (x0 x1) (x2 x3) against first = (w0 w1)
 * and last = (w1 w2). */
#define ROW_3(row, first, last)                                                                    \
    do {                                                                                           \
        uint32_t x01 = dsp_load(row), x23 = dsp_load((row) + 2);                                   \
        a = dsp_smlad(x01, first, a);                                                              \
        b = dsp_smlatb(x01, first, b);                                                             \
        a = dsp_smlabt(x23, last, a);                                                              \
        b = dsp_smlad(x23, last, b);                                                               \
    } while (0)

/* 3 x 3, stride 1: two outputs from three pairs of aligned loads. */
static void filter_3x3(const int16_t *plane, const struct image_op *op, int32_t pitch,
                       const uint32_t *weights, int32_t bias, int32_t n, int32_t *acc)
{
    int32_t next_row = op->dilation_h * pitch;
    const int16_t *row1 = plane + next_row, *row2 = row1 + next_row;
    uint32_t w0 = weights[0], w2 = weights[2], w4 = weights[4];
    uint32_t w1 = dsp_pack(w0 >> 16, weights[1]);
    uint32_t w3 = dsp_pack(w2 >> 16, weights[3]);
    uint32_t w5 = dsp_pack(w4 >> 16, weights[5]);

    for (; n > 1; n -= 2) {
        int32_t a = bias, b = bias;
        ROW_3(plane, w0, w1);
        ROW_3(row1, w2, w3);
        ROW_3(row2, w4, w5);
        plane += 2;
        row1 += 2;
        row2 += 2;
        acc[0] = a;
        acc[1] = b;
        acc += 2;
    }
    if (n) {
        int32_t a = dsp_smlad(dsp_load(plane), w0, bias);
        a = dsp_smlabt(dsp_load(plane + 2), w1, a);
        a = dsp_smlad(dsp_load(row1), w2, a);
        a = dsp_smlabt(dsp_load(row1 + 2), w3, a);
        a = dsp_smlad(dsp_load(row2), w4, a);
        acc[0] = dsp_smlabt(dsp_load(row2 + 2), w5, a);
    }
}

plane_fn plane_filter(const struct image_op *op)
{
    if (op->dilation_w != 1) {
        return filter_dilated;
    }
    if (op->filter_h == 3 && op->filter_w == 3 && op->stride_w == 1) {
        return filter_3x3;
    }
    return op->filter_h == 3 && (op->filter_w == 3 || op->filter_w == 4) ? filter_3x4 : filter_any;
}
