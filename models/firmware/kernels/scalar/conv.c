/* CONV_2D with one group: gathers the window of each output pixel, then one pass over weights. */
#include "scalar.h"
#include "scalar_layout.h"

struct source {
    const struct image_op *op;
    const int8_t *image; /* of this batch */
    uint8_t padding;     /* the input's zero point, unsigned */
};

/* One row of a window whose first column is x. */
static void gather_row(const struct source *source, uint8_t *to, int32_t y, int32_t x)
{
    const struct image_op *op = source->op;
    const int8_t *row = source->image + y * op->in_w * op->in_c;
    int32_t width = op->filter_w;

    if (op->dilation_w == 1 && x >= 0 && x + width <= op->in_w) {
        scalar_copy_unsigned(to, row + x * op->in_c, width * op->in_c);
        return;
    }
    for (; width > 0; width--, x += op->dilation_w, to += op->in_c) {
        if (x >= 0 && x < op->in_w) {
            scalar_copy_unsigned(to, row + x * op->in_c, op->in_c);
        } else {
            scalar_fill(to, source->padding, op->in_c);
        }
    }
}

static void gather(const struct source *source, uint8_t *to, int32_t y, int32_t x)
{
    const struct image_op *op = source->op;
    int32_t row_bytes = op->filter_w * op->in_c;

    for (int32_t ky = 0; ky < op->filter_h; ky++, y += op->dilation_h, to += row_bytes) {
        if (y >= 0 && y < op->in_h) {
            gather_row(source, to, y, x);
        } else {
            scalar_fill(to, source->padding, row_bytes);
        }
    }
}

static __attribute__((noinline)) void convolve(const struct kernel_args *args, uint8_t *window)
{
    const struct image_op *op = args->op;
    struct source source = {op, args->input, (uint8_t)(128 - op->input_offset)};
    int32_t bytes = scalar_window_bytes(op), used = op->filter_h * op->filter_w * op->in_c;
    int8_t *output = args->output;

    scalar_fill(window + used, 0, bytes - used);
    for (int32_t b = 0; b < op->batches; b++) {
        for (int32_t y = 0; y < op->out_h; y++) {
            for (int32_t x = 0; x < op->out_w; x++, output += op->out_c) {
                gather(&source, window, y * op->stride_h - op->pad_top,
                       x * op->stride_w - op->pad_left);
                scalar_window(args, window, bytes, output);
            }
        }
        source.image += op->in_h * op->in_w * op->in_c;
    }
}

void scalar_conv(const struct kernel_args *args)
{
    convolve(args, (uint8_t *)args->scratch);
}

void scalar_conv_stack(const struct kernel_args *args)
{
    uint32_t window[SCALAR_STACK_BYTES / 4];
    convolve(args, (uint8_t *)window);
}
