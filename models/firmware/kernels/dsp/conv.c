/* CONV_2D, and DEPTHWISE_CONV_2D of a one-channel input. The inputs of up to four neighbouring
 * output positions are gathered into scratch as int16, interleaved, once for all output channels;
 * then each pair of channels' weights is read once per group of positions.
 *
 * Scratch: taps (padded to 4) x positions x 2 bytes, then, unless DSP_POINTWISE, taps bytes. */
#include "dsp_kernels.h"
#include "dsp_mac.h"
#include "dsp_requant.h"

struct conv {
    const struct image_op *op;
    int32_t group_c; /* input channels per group */
    int32_t out_group_c;
    int32_t taps, padded_taps;
    int32_t positions; /* per pass */
    int16_t *pairs;    /* scratch: interleaved inputs */
    int8_t *column;    /* scratch: inputs of one position */
    uint32_t zero;     /* four times the input's zero point */
    struct dsp_output output;
};

/* Where the next output position is. */
struct cursor {
    const int8_t *input; /* image of this batch, first channel of the group */
    int32_t y, x;        /* input row and column of the filter's first tap */
    int32_t columns_left;
};

static int8_t *fill(int8_t *to, uint32_t zero, int32_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4) {
        dsp_store(to, zero);
    }
    for (; bytes > 0; bytes--) {
        *to++ = (int8_t)zero;
    }
    return to;
}

static int8_t *copy(int8_t *restrict to, const int8_t *restrict from, int32_t bytes)
{
    for (; bytes >= 8; bytes -= 8, to += 8, from += 8) {
        uint32_t first = dsp_load(from), second = dsp_load(from + 4);
        dsp_store(to, first);
        dsp_store(to + 4, second);
    }
    for (; bytes > 0; bytes--) {
        *to++ = *from++;
    }
    return to;
}

/* One filter row whose taps are neighbours in memory: all channels, no dilation. */
static int8_t *gather_row(const struct conv *c, const int8_t *row, int32_t x, int8_t *to)
{
    const struct image_op *op = c->op;
    int32_t end = x + op->filter_w;
    int32_t first = x < 0 ? 0 : x, last = end > op->in_w ? op->in_w : end;
    if (first >= last) {
        return fill(to, c->zero, op->filter_w * op->in_c);
    }
    to = fill(to, c->zero, (first - x) * op->in_c);
    to = copy(to, row + first * op->in_c, (last - first) * op->in_c);
    return fill(to, c->zero, (end - last) * op->in_c);
}

static int8_t *gather_taps(const struct conv *c, const int8_t *row, int32_t x, int8_t *to)
{
    const struct image_op *op = c->op;
    for (int32_t kx = 0; kx < op->filter_w; kx++, x += op->dilation_w) {
        if (x < 0 || x >= op->in_w) {
            to = fill(to, c->zero, c->group_c);
        } else {
            to = copy(to, row + x * op->in_c, c->group_c);
        }
    }
    return to;
}

/* The inputs of one position in filter order; returns where they are. */
static const int8_t *gather(const struct conv *c, const struct cursor *at)
{
    const struct image_op *op = c->op;
    int32_t row_bytes = op->in_w * op->in_c;
    int8_t *to = c->column;

    if (op->flags & DSP_POINTWISE) {
        return at->input + at->y * row_bytes + at->x * op->in_c;
    }
    for (int32_t ky = 0, y = at->y; ky < op->filter_h; ky++, y += op->dilation_h) {
        if (y < 0 || y >= op->in_h) {
            to = fill(to, c->zero, op->filter_w * c->group_c);
        } else if (op->dilation_w == 1 && op->in_c == c->group_c) {
            to = gather_row(c, at->input + y * row_bytes, at->x, to);
        } else {
            to = gather_taps(c, at->input + y * row_bytes, at->x, to);
        }
    }
    return c->column;
}

static void advance(const struct image_op *op, struct cursor *at)
{
    at->x += op->stride_w;
    if (--at->columns_left == 0) {
        at->columns_left = op->out_w;
        at->x = -op->pad_left;
        at->y += op->stride_h;
    }
}

/* Bytes of one position to their places among `positions` interleaved ones. */
static void expand(const int8_t *from, int32_t taps, int32_t positions, int16_t *to)
{
    int32_t step = 2 * positions;
    for (; taps > 0; taps -= 4, from += 4) {
        uint32_t word = dsp_load(from);
        dsp_store(to, dsp_sxtb16(word));
        to += step;
        dsp_store(to, dsp_sxtb16_8(word));
        to += step;
    }
}

static void write_pair(const struct conv *c, const int32_t *acc, int32_t positions, int32_t n,
                       const struct dsp_pair *pair, int32_t channel, int8_t *out)
{
    dsp_write_outputs(acc, n, pair->multiplier[0], pair->shift[0], &c->output, out + channel);
    if (channel + 1 < c->out_group_c) {
        dsp_write_outputs(acc + positions, n, pair->multiplier[1], pair->shift[1], &c->output,
                          out + channel + 1);
    }
}

/* n <= c->positions output positions, all channels of the group. */
static void many(const struct conv *c, struct cursor *at, int32_t n, const int8_t *stream,
                 int8_t *out)
{
    int32_t acc[8];
    for (int32_t i = 0; i < n; i++) {
        expand(gather(c, at), c->padded_taps, c->positions, c->pairs + 2 * i);
        advance(c->op, at);
    }
    for (int32_t channel = 0; channel < c->out_group_c; channel += 2) {
        const struct dsp_pair *pair = (const void *)stream;
        stream += sizeof *pair;
        if (c->positions == 4) {
            dsp_mac_4x2(stream, c->pairs, c->padded_taps, pair->bias, acc);
        } else {
            dsp_mac_2x2(stream, c->pairs, c->padded_taps, pair->bias, acc);
        }
        stream += 2 * c->padded_taps;
        write_pair(c, acc, c->positions, n, pair, channel, out);
    }
}

static void single(const struct conv *c, struct cursor *at, const int8_t *stream, int8_t *out)
{
    int32_t acc[2];
    const int8_t *x = gather(c, at);
    for (int32_t channel = 0; channel < c->out_group_c; channel += 2) {
        const struct dsp_pair *pair = (const void *)stream;
        stream += sizeof *pair;
        dsp_mac_1x2(stream, x, c->taps, pair->bias, acc);
        stream += 2 * c->padded_taps;
        write_pair(c, acc, 1, 1, pair, channel, out);
    }
    advance(c->op, at);
}

/* One group of one image. */
static void convolve(const struct conv *c, const int8_t *input, const int8_t *stream, int8_t *out)
{
    const struct image_op *op = c->op;
    struct cursor at = {input, -op->pad_top, -op->pad_left, op->out_w};
    int32_t left = op->out_h * op->out_w;

    while (left > 0) {
        int32_t n = left < c->positions ? left : c->positions;
        if (n == 1) {
            single(c, &at, stream, out);
        } else {
            many(c, &at, n, stream, out);
        }
        left -= n;
        out += n * op->out_c;
    }
}

void dsp_conv(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    int32_t groups = op->groups > 1 ? op->groups : 1;
    struct conv c = {.op = op,
                     .group_c = op->in_c / groups,
                     .out_group_c = op->out_c / groups,
                     .positions = op->reserved[DSP_POSITIONS],
                     .pairs = (int16_t *)(void *)args->scratch,
                     .zero = (uint8_t)-op->input_offset * 0x01010101u,
                     .output = dsp_output_of(op)};
    c.taps = op->filter_h * op->filter_w * c.group_c;
    c.padded_taps = dsp_padded_taps(c.taps);
    c.column = args->scratch + (c.positions > 1 ? 2 * c.positions * c.padded_taps : 0);
    if (!(op->flags & DSP_POINTWISE)) {
        fill(c.column + c.taps, 0, c.padded_taps - c.taps);
    }
    int32_t pairs = (c.out_group_c + 1) / 2;
    int32_t group_bytes = pairs * ((int32_t)sizeof(struct dsp_pair) + 2 * c.padded_taps);

    for (int32_t batch = 0; batch < op->batches; batch++) {
        const int8_t *input = args->input + batch * op->in_h * op->in_w * op->in_c;
        int8_t *out = args->output + batch * op->out_h * op->out_w * op->out_c;
        for (int32_t g = 0; g < groups; g++) {
            convolve(&c, input + g * c.group_c, args->weights + g * group_bytes,
                     out + g * c.out_group_c);
        }
    }
}
