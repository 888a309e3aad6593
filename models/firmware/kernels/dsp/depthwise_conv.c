/* DEPTHWISE_CONV_2D of several input channels. Two channels at a time are copied out of the NHWC
 * image into planes of int16 whose padding was filled in before; filters then run along the rows
 * with dual multiplications. Images too large for the scratch are done in strips of output rows. */
#include "depthwise_planes.h"
#include "dsp_kernels.h"
#include "dsp_requant.h"

struct planes {
    const struct image_op *op;
    plane_fn filter;
    int16_t *first, *second;
    int32_t pitch;
    int32_t left, pixels; /* columns of padding before the image, columns of the image */
    int32_t stream_bytes; /* of one output channel */
    uint32_t zero;        /* the zero point as two int16 */
    struct dsp_output output;
};

/* Input rows that a strip covers: `above` rows of padding, then `rows` rows from `from` on. */
struct window {
    const int8_t *from;
    int32_t above, rows;
};

static void fill(int16_t *to, uint32_t zero, int32_t n)
{
    for (; n > 0; n -= 2, to += 2) {
        dsp_store(to, zero);
    }
}

static inline uint32_t load_two(const int8_t *p)
{
    uint16_t half;
    __builtin_memcpy(&half, p, 2);
    return half;
}

/* Two channels of n neighbouring pixels. An odd start is evened out first, so that words are
 * stored aligned. */
static inline void split_row(const int8_t *from, int32_t channels, int32_t n, int32_t odd,
                             int16_t *a, int16_t *b)
{
    if (odd) {
        *a++ = from[0];
        *b++ = from[1];
        from += channels;
        n--;
    }
    for (; n >= 2; n -= 2, from += channels, a += 2, b += 2) {
        uint32_t word = load_two(from);
        from += channels;
        word |= load_two(from) << 16;
        dsp_store(a, dsp_sxtb16(word));
        dsp_store(b, dsp_sxtb16_8(word));
    }
    if (n > 0) {
        *a = from[0];
        *b = from[1];
    }
}

static inline void copy_row(const int8_t *from, int32_t channels, int32_t n, int16_t *to)
{
    for (; n > 0; n--, from += channels) {
        *to++ = *from;
    }
}

/* Channels c and c + 1 (c alone if it is the last) of the image part of a window. */
__attribute__((noinline)) static void extract(const struct planes *p, const struct window *window,
                                              int32_t c)
{
    int32_t channels = p->op->in_c, row_bytes = p->op->in_w * channels;
    int32_t start = window->above * p->pitch + p->left;
    const int8_t *from = window->from + c;
    int16_t *a = p->first + start, *b = p->second + start;

    for (int32_t rows = window->rows; rows > 0; rows--, a += p->pitch, b += p->pitch) {
        if (c + 1 < channels) {
            split_row(from, channels, p->pixels, p->left & 1, a, b);
        } else {
            copy_row(from, channels, p->pixels, a);
        }
        from += row_bytes;
    }
}

/* `rows` output rows of one output channel: as many accumulators at a time as have room. */
static void filter_plane(const struct planes *p, const int16_t *plane, const int8_t *stream,
                         int32_t rows, int8_t *out)
{
    const struct image_op *op = p->op;
    const struct dsp_channel *channel = (const void *)stream;
    int32_t acc[PLANE_MAX_RUN];
    int32_t at_once = op->out_w <= PLANE_MAX_RUN ? PLANE_MAX_RUN / op->out_w : 1;
    struct plane_run run = {op, (const void *)(channel + 1), channel->bias, p->pitch, 0, 0};

    for (; rows > 0; rows -= run.rows, plane += run.rows * op->stride_h * p->pitch) {
        run.rows = rows < at_once ? rows : at_once;
        for (int32_t x = 0; x < op->out_w; x += run.n) {
            run.n = op->out_w - x < PLANE_MAX_RUN ? op->out_w - x : PLANE_MAX_RUN;
            p->filter(&run, plane + x * op->stride_w, acc);
            dsp_write_outputs(acc, run.rows * run.n, channel->multiplier, channel->shift,
                              &p->output, out);
            out += run.rows * run.n * op->out_c;
        }
    }
}

/* What a strip of output rows from y on sees of an image. */
static struct window window_of(const struct planes *p, const int8_t *input, int32_t y, int32_t rows)
{
    const struct image_op *op = p->op;
    int32_t first = y * op->stride_h - op->pad_top;
    int32_t end = first + (rows - 1) * op->stride_h + (op->filter_h - 1) * op->dilation_h + 1;
    struct window window = {input, 0, 0};

    end = end < op->in_h ? end : op->in_h;
    if (first < 0) {
        window.above = -first;
        first = 0;
    }
    if (first < end) {
        window.from = input + first * op->in_w * op->in_c;
        window.rows = end - first;
    }
    return window;
}

/* All channels of output rows y .. y + rows - 1. */
static void strip(const struct planes *p, const struct kernel_args *args, const int8_t *input,
                  int32_t y, int32_t rows, int8_t *out)
{
    const struct image_op *op = p->op;
    struct window window = window_of(p, input, y, rows);
    const int8_t *stream = args->weights;

    fill(p->first, p->zero, 2 * op->reserved[DSP_PLANE]);
    for (int32_t c = 0; c < op->in_c; c++) {
        if (!(c & 1)) {
            extract(p, &window, c);
        }
        for (int32_t m = 0; m < op->depth_multiplier; m++, stream += p->stream_bytes) {
            filter_plane(p, c & 1 ? p->second : p->first, stream, rows, out++);
        }
    }
}

void dsp_depthwise_conv(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int16_t *scratch = (int16_t *)(void *)args->scratch;
    int32_t width = (op->out_w - 1) * op->stride_w + (op->filter_w - 1) * op->dilation_w + 1;
    int32_t row_bytes = 4 * ((op->filter_w + 1) / 2);
    struct planes p = {.op = op,
                       .filter = plane_filter(op),
                       .first = scratch,
                       .second = scratch + op->reserved[DSP_PLANE],
                       .pitch = op->reserved[DSP_PITCH],
                       .left = op->pad_left < width ? op->pad_left : width,
                       .stream_bytes =
                           (int32_t)sizeof(struct dsp_channel) + op->filter_h * row_bytes,
                       .zero = (uint16_t)-op->input_offset * 0x00010001u,
                       .output = dsp_output_of(op)};
    p.pixels = width - p.left < op->in_w ? width - p.left : op->in_w;

    for (int32_t batch = 0; batch < op->batches; batch++) {
        const int8_t *input = args->input + batch * op->in_h * op->in_w * op->in_c;
        int8_t *out = args->output + batch * op->out_h * op->out_w * op->out_c;
        for (int32_t y = 0, rows; y < op->out_h; y += rows) {
            rows = op->out_h - y;
            rows = rows < op->reserved[DSP_STRIP_ROWS] ? rows : op->reserved[DSP_STRIP_ROWS];
            strip(&p, args, input, y, rows, out + y * op->out_w * op->out_c);
        }
    }
}
