/* DEPTHWISE_CONV_2D of several input channels. Two channels at a time are copied out of the NHWC
 * image into planes of int16, with the padding filled in; filters then run along the rows with
 * dual multiplications. Images too large for the scratch are done in strips of output rows. */
#include "depthwise_planes.h"
#include "dsp_kernels.h"
#include "dsp_requant.h"

struct planes {
    const struct image_op *op;
    plane_fn filter;
    int16_t *first, *second;
    int32_t pitch;
    int32_t left, pixels, right; /* of a row: padding, image, padding */
    uint32_t zero;               /* the zero point as two int16 */
    struct dsp_output output;
};

static void fill(int16_t *to, uint32_t zero, int32_t n)
{
    for (; n >= 2; n -= 2, to += 2) {
        dsp_store(to, zero);
    }
    if (n > 0) {
        *to = (int16_t)zero;
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
static void split_row(const int8_t *from, int32_t channels, int32_t n, int32_t odd, int16_t *a,
                      int16_t *b)
{
    if (odd && n > 0) {
        *a++ = from[0];
        *b++ = from[1];
        from += channels;
        n--;
    }
    for (; n >= 2; n -= 2, from += 2 * channels, a += 2, b += 2) {
        uint32_t word = load_two(from) | load_two(from + channels) << 16;
        dsp_store(a, dsp_sxtb16(word));
        dsp_store(b, dsp_sxtb16_8(word));
    }
    if (n > 0) {
        *a = from[0];
        *b = from[1];
    }
}

static void copy_row(const int8_t *from, int32_t channels, int32_t n, int16_t *to)
{
    for (; n > 0; n--, from += channels) {
        *to++ = *from;
    }
}

/* Input rows y .. y + rows - 1 of one channel, or two if `two`. */
static void extract(const struct planes *p, const int8_t *channel, int32_t y, int32_t rows, int two)
{
    const struct image_op *op = p->op;
    int16_t *a = p->first, *b = p->second;
    int32_t width = p->left + p->pixels + p->right;

    for (; rows > 0; rows--, y++, a += p->pitch, b += p->pitch) {
        if (y < 0 || y >= op->in_h) {
            fill(a, p->zero, width);
            fill(b, p->zero, two ? width : 0);
            continue;
        }
        const int8_t *from = channel + y * op->in_w * op->in_c;
        int32_t end = p->left + p->pixels;
        fill(a, p->zero, p->left);
        fill(a + end, p->zero, p->right);
        if (two) {
            fill(b, p->zero, p->left);
            fill(b + end, p->zero, p->right);
            split_row(from, op->in_c, p->pixels, p->left & 1, a + p->left, b + p->left);
        } else {
            copy_row(from, op->in_c, p->pixels, a + p->left);
        }
    }
}

/* `rows` output rows of one output channel. */
static void filter_plane(const struct planes *p, const int16_t *plane, const int8_t *stream,
                         int32_t rows, int8_t *out)
{
    const struct image_op *op = p->op;
    const struct dsp_channel *channel = (const void *)stream;
    const uint32_t *weights = (const void *)(channel + 1);
    int32_t acc[PLANE_MAX_RUN], used = 0;

    for (; rows > 0; rows--, plane += op->stride_h * p->pitch) {
        for (int32_t x = 0, n; x < op->out_w; x += n) {
            n = op->out_w - x < PLANE_MAX_RUN ? op->out_w - x : PLANE_MAX_RUN;
            if (used + n > PLANE_MAX_RUN) {
                dsp_write_outputs(acc, used, channel->multiplier, channel->shift, &p->output, out);
                out += used * op->out_c;
                used = 0;
            }
            p->filter(plane + x * op->stride_w, op, p->pitch, weights, channel->bias, n,
                      acc + used);
            used += n;
        }
    }
    dsp_write_outputs(acc, used, channel->multiplier, channel->shift, &p->output, out);
}

/* All channels of output rows y .. y + rows - 1. */
static void strip(const struct planes *p, const struct kernel_args *args, const int8_t *input,
                  int32_t y, int32_t rows, int8_t *out)
{
    const struct image_op *op = p->op;
    int32_t first_row = y * op->stride_h - op->pad_top;
    int32_t in_rows = (rows - 1) * op->stride_h + (op->filter_h - 1) * op->dilation_h + 1;
    int32_t pairs = (op->filter_w + 1) / 2;
    int32_t bytes = (int32_t)sizeof(struct dsp_channel) + 4 * op->filter_h * pairs;
    const int8_t *stream = args->weights;

    for (int32_t c = 0; c < op->in_c; c += 2) {
        int two = c + 1 < op->in_c;
        extract(p, input + c, first_row, in_rows, two);
        for (int32_t i = 0; i <= two; i++) {
            for (int32_t m = 0; m < op->depth_multiplier; m++, stream += bytes) {
                filter_plane(p, i ? p->second : p->first, stream, rows, out++);
            }
        }
    }
}

void dsp_depthwise_conv(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int16_t *scratch = (int16_t *)(void *)args->scratch;
    int32_t width = (op->out_w - 1) * op->stride_w + (op->filter_w - 1) * op->dilation_w + 1;
    struct planes p = {.op = op,
                       .filter = plane_filter(op),
                       .first = scratch,
                       .second = scratch + op->reserved[DSP_PLANE],
                       .pitch = op->reserved[DSP_PITCH],
                       .left = op->pad_left < width ? op->pad_left : width,
                       .zero = (uint16_t)-op->input_offset * 0x00010001u,
                       .output = dsp_output_of(op)};
    p.pixels = width - p.left < op->in_w ? width - p.left : op->in_w;
    p.right = width - p.left - p.pixels;

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
