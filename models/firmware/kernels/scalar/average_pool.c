/* AVERAGE_POOL_2D: one channel at a time, walking the window by pointer. */
#include "requantize.h"
#include "scalar.h"

/* A window's part inside the image. */
struct window {
    const int8_t *first; /* channel 0 of its upper left element */
    int32_t rows, columns;
};

static int32_t window_sum(const struct image_op *op, const struct window *window, int32_t channel)
{
    const int8_t *input = window->first + channel;
    int32_t step = op->in_c, next_row = (op->in_w - window->columns) * step;
    int32_t sum = 0;

    for (int32_t y = window->rows; y > 0; y--, input += next_row) {
        for (int32_t x = window->columns; x > 0; x--, input += step) {
            sum += *input;
        }
    }
    return sum;
}

static void average(const struct image_op *op, const struct window *window, int8_t *output)
{
    uint32_t n = (uint32_t)(window->rows * window->columns);
    uint32_t reciprocal = average_reciprocal(n);

    for (int32_t c = 0; c < op->in_c; c++) {
        int32_t value = average_round(window_sum(op, window, c), n, reciprocal);
        output[c] = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
}

/* Clips [*start, *start + size) to [0, limit); returns its length. */
static int32_t clip(int32_t *start, int32_t size, int32_t limit)
{
    int32_t end = *start + size < limit ? *start + size : limit;
    *start = *start < 0 ? 0 : *start;
    return end - *start;
}

void scalar_average_pool(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    const int8_t *image = args->input;
    int8_t *output = args->output;
    struct window window;

    for (int32_t b = 0; b < op->batches; b++, image += op->in_h * op->in_w * op->in_c) {
        for (int32_t oy = 0; oy < op->out_h; oy++) {
            int32_t y = oy * op->stride_h - op->pad_top;
            window.rows = clip(&y, op->filter_h, op->in_h);
            for (int32_t ox = 0; ox < op->out_w; ox++, output += op->out_c) {
                int32_t x = ox * op->stride_w - op->pad_left;
                window.columns = clip(&x, op->filter_w, op->in_w);
                window.first = image + (y * op->in_w + x) * op->in_c;
                average(op, &window, output);
            }
        }
    }
}
