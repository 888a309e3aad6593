/* AVERAGE_POOL_2D. Input [batches, in_h, in_w, in_c], output [batches, out_h, out_w, in_c]. Only
 * elements inside the image count; input and output share scale and zero point. */
#include "reference.h"
#include "requantize.h"

/* Rows or columns of a window that lie inside the image: first <= i < end. */
struct span {
    int32_t first, end;
};

static struct span clip(int32_t start, int32_t size, int32_t limit)
{
    struct span span = {start < 0 ? 0 : start, start + size > limit ? limit : start + size};
    return span;
}

static void average(const struct kernel_args *args, int32_t batch, struct span y, struct span x,
                    int8_t *output)
{
    const struct image_op *op = args->op;
    uint32_t n = (uint32_t)((y.end - y.first) * (x.end - x.first));
    uint32_t reciprocal = average_reciprocal(n);

    for (int32_t c = 0; c < op->in_c; c++) {
        int32_t sum = 0;
        for (int32_t iy = y.first; iy < y.end; iy++) {
            for (int32_t ix = x.first; ix < x.end; ix++) {
                sum += args->input[((batch * op->in_h + iy) * op->in_w + ix) * op->in_c + c];
            }
        }
        int32_t value = average_round(sum, n, reciprocal);
        output[c] = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
}

void reference_average_pool(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int8_t *output = args->output;

    for (int32_t batch = 0; batch < op->batches; batch++) {
        for (int32_t oy = 0; oy < op->out_h; oy++) {
            struct span y = clip(oy * op->stride_h - op->pad_top, op->filter_h, op->in_h);
            for (int32_t ox = 0; ox < op->out_w; ox++, output += op->in_c) {
                struct span x = clip(ox * op->stride_w - op->pad_left, op->filter_w, op->in_w);
                average(args, batch, y, x, output);
            }
        }
    }
}
