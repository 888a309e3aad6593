/* CONV_2D, and DEPTHWISE_CONV_2D of a one-channel input. The inputs of up to four neighbouring
 * output positions are gathered into scratch as int16, interleaved: a tile. Several tiles are
 * gathered at a time, once for all output channels; then each pair of channels' weights meets them
 * all, read from flash once if scratch has room for a copy.
 *
 * Scratch: the tiles (taps x positions x 2 bytes each), a segment's bytes (dsp_layout.h) unless
 * DSP_POINTWISE, taps x 2 bytes for weights if DSP_STAGE. With a single position: its inputs as
 * bytes, nothing if DSP_POINTWISE. */
#include "dsp_kernels.h"
#include "dsp_mac.h"
#include "dsp_requant.h"

#include <stddef.h>

struct conv {
    const struct image_op *op;
    struct dsp_segments segments;
    int32_t taps;      /* of all segments, padded */
    int32_t positions; /* interleaved: 1, 2 or 4 */
    int32_t tiles;     /* groups of so many positions at a time */
    int32_t out_c;     /* of a group */
    int16_t *pairs;    /* scratch: interleaved inputs */
    int8_t *stage;     /* scratch: weights of a pair, or NULL */
    int8_t *bytes;     /* scratch: a segment or, for single positions, all of them */
    uint32_t zero;     /* the input's zero point four times */
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
    for (; bytes > 0; bytes--) {
        *to++ = (int8_t)zero;
    }
    return to;
}

static int8_t *copy(int8_t *restrict to, const int8_t *restrict from, int32_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4, from += 4) {
        dsp_store(to, dsp_load(from));
    }
    for (; bytes > 0; bytes--) {
        *to++ = *from++;
    }
    return to;
}

/* A segment with what lies outside the image replaced by the zero point. x: image column of its
 * first tap; columns: its taps' number of columns. */
static void segment_bytes(const struct conv *c, const int8_t *row, int32_t x, int8_t *to)
{
    const struct image_op *op = c->op;
    int32_t columns = c->segments.per_row == 1 ? op->filter_w : 1;
    int32_t channels = c->segments.taps / columns;
    int32_t end = x + columns;
    int32_t first = x < 0 ? 0 : x, last = end > op->in_w ? op->in_w : end;

    if (!row || first >= last) {
        fill(to, c->zero, c->segments.padded);
        return;
    }
    to = fill(to, c->zero, (first - x) * channels);
    to = copy(to, row + first * op->in_c, (last - first) * channels);
    fill(to, c->zero, (end - last) * channels + c->segments.padded - c->segments.taps);
}

/* Bytes to their places among four (step 8) or two (step 4) interleaved positions. */
static inline int16_t *expand_word(uint32_t word, int16_t *to, int32_t step)
{
    dsp_store(to, dsp_sxtb16(word));
    dsp_store(to + step, dsp_sxtb16_8(word));
    return to + 2 * step;
}

static inline int16_t *expand(const int8_t *from, int32_t taps, int16_t *to, int32_t step)
{
    for (; taps >= 8; taps -= 8, from += 8) {
        uint32_t first = dsp_load(from), second = dsp_load(from + 4);
        to = expand_word(first, to, step);
        to = expand_word(second, to, step);
    }
    if (taps >= 4) {
        to = expand_word(dsp_load(from), to, step);
    }
    return to;
}

/* The last one to three bytes of a segment that starts at `from` (low bytes of the result; others
 * do not matter). Nothing outside the image is read. */
static inline uint32_t last_bytes(const int8_t *from, int32_t taps, const int8_t *image)
{
    const int8_t *end = from + taps;
    int32_t n = taps & 3;
    if (end - image >= 4) {
        return dsp_load(end - 4) >> (32 - 8 * n);
    }
    uint32_t word = (uint8_t)end[-1];
    for (int32_t i = 2; i <= n; i++) {
        word = word << 8 | (uint8_t)end[-i];
    }
    return word;
}

/* A filter row that is not inside the image, or not one segment. */
static inline int16_t *expand_odd_row(const struct conv *c, const int8_t *row, int32_t x,
                                      int16_t *to, int32_t step)
{
    for (int32_t i = 0; i < c->segments.per_row; i++, x += c->op->dilation_w) {
        segment_bytes(c, row, x, c->bytes);
        to = expand(c->bytes, c->segments.padded, to, step);
    }
    return to;
}

/* Whether filter rows are one segment each, and none of their columns outside the image. */
static inline int is_inside(const struct conv *c, const struct cursor *at)
{
    return c->segments.per_row == 1 && at->x >= 0 && at->x + c->op->filter_w <= c->op->in_w;
}

/* All inputs of one position. */
static inline void expand_position(const struct conv *c, const struct cursor *at, int16_t *to,
                                   int32_t step)
{
    const struct image_op *op = c->op;
    int32_t x = at->x, y = at->y, taps = c->segments.taps;
    int inside = is_inside(c, at);

    for (int32_t ky = 0; ky < c->segments.rows; ky++, y += op->dilation_h) {
        const int8_t *row = NULL;
        if (y >= 0 && y < op->in_h) {
            row = at->input + y * op->in_w * op->in_c;
        }
        if (!inside || !row) {
            to = expand_odd_row(c, row, x, to, step);
            continue;
        }
        row += x * op->in_c;
        to = expand(row, taps, to, step);
        if (taps & 3) {
            to = expand_word(last_bytes(row, taps, at->input), to, step);
        }
    }
}

static void expand_position_4(const struct conv *c, const struct cursor *at, int16_t *to)
{
    expand_position(c, at, to, 8);
}

static void expand_position_2(const struct conv *c, const struct cursor *at, int16_t *to)
{
    expand_position(c, at, to, 4);
}

/* The same as bytes in filter order; returns where they are. */
static const int8_t *gather(const struct conv *c, const struct cursor *at)
{
    const struct image_op *op = c->op;
    int8_t *to = c->bytes;
    int32_t y = at->y;
    int inside = is_inside(c, at);

    if (op->flags & DSP_POINTWISE) {
        return at->input + (at->y * op->in_w + at->x) * op->in_c;
    }
    for (int32_t ky = 0; ky < c->segments.rows; ky++, y += op->dilation_h) {
        const int8_t *row = NULL;
        if (y >= 0 && y < op->in_h) {
            row = at->input + y * op->in_w * op->in_c;
        }
        if (inside && row) {
            copy(to, row + at->x * op->in_c, c->segments.taps);
            to += c->segments.padded;
            continue;
        }
        for (int32_t i = 0; i < c->segments.per_row; i++, to += c->segments.padded) {
            segment_bytes(c, row, at->x + i * op->dilation_w, to);
        }
    }
    return c->bytes;
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

/* Outputs of a pair of channels at n positions; acc holds `positions` of each channel. */
static void write_pair(const struct conv *c, const int32_t *acc, int32_t positions, int32_t n,
                       const struct dsp_pair *pair, int32_t channel, int8_t *out)
{
    dsp_write_outputs(acc, n, pair->multiplier[0], pair->shift[0], &c->output, out + channel);
    if (channel + 1 < c->out_c) {
        dsp_write_outputs(acc + positions, n, pair->multiplier[1], pair->shift[1], &c->output,
                          out + channel + 1);
    }
}

/* Channels from `channel` on of n <= c->positions positions. */
static void any_columns(const struct conv *c, const int16_t *x, int32_t n, const int8_t *stream,
                        int32_t channel, int8_t *out)
{
    int32_t acc[8], pair_bytes = (int32_t)sizeof(struct dsp_pair) + 2 * c->taps;
    stream += channel / 2 * pair_bytes;
    for (; channel < c->out_c; channel += 2, stream += pair_bytes) {
        const struct dsp_pair *pair = (const void *)stream;
        const int8_t *weights = stream + sizeof *pair;
        if (c->positions == 4) {
            dsp_mac_4x2(weights, x, c->taps, pair->bias, acc);
        } else {
            dsp_mac_2x2(weights, x, c->taps, pair->bias, acc);
        }
        write_pair(c, acc, c->positions, n, pair, channel, out);
    }
}

/* n <= c->positions x c->tiles output positions, all channels of the group. */
static void many(const struct conv *c, struct cursor *at, int32_t n, const int8_t *stream,
                 int8_t *out)
{
    int32_t tile = c->taps * c->positions, full = 0;
    int16_t *x = c->pairs;

    for (int32_t i = 0; i < n; i++) {
        int16_t *to = x + i / c->positions * tile + 2 * (i % c->positions);
        (c->positions == 4 ? expand_position_4 : expand_position_2)(c, at, to);
        advance(c->op, at);
    }
    if (c->positions == 4 && (c->op->flags & DSP_NARROW)) {
        struct dsp_tiles tiles = {x, c->taps, n / 4, n >= 8 ? c->stage : NULL};
        dsp_columns_4(stream, &tiles, c->out_c / 2, &c->output, out);
        full = c->out_c & ~1;
    }
    for (int32_t i = 0; i < n; i += c->positions, x += tile, out += c->positions * c->op->out_c) {
        int32_t left = n - i < c->positions ? n - i : c->positions;
        any_columns(c, x, left, stream, left == 4 ? full : 0, out);
    }
}

static void single(const struct conv *c, struct cursor *at, const int8_t *stream, int8_t *out)
{
    dsp_columns_1(stream, gather(c, at), c->taps, c->out_c, &c->output, out);
    advance(c->op, at);
}

/* One group of one image. */
static void convolve(const struct conv *c, const int8_t *input, const int8_t *stream, int8_t *out)
{
    const struct image_op *op = c->op;
    struct cursor at = {input, -op->pad_top, -op->pad_left, op->out_w};
    int32_t left = op->out_h * op->out_w;

    while (left > 0) {
        int32_t n = left < c->positions * c->tiles ? left : c->positions * c->tiles;
        if ((op->flags & DSP_POINTWISE) && n > 1 && n % c->positions == 1) {
            n--; /* a single position is cheaper alone */
        }
        if (c->positions == 1 || (n == 1 && (op->flags & DSP_POINTWISE))) {
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
                     .segments = dsp_segments_of(op),
                     .positions = op->reserved[DSP_POSITIONS],
                     .tiles = op->reserved[DSP_TILES],
                     .out_c = op->out_c / groups,
                     .pairs = (int16_t *)(void *)args->scratch,
                     .zero = (uint8_t)-op->input_offset * 0x01010101u,
                     .output = dsp_output_of(op)};
    c.taps = c.segments.rows * c.segments.per_row * c.segments.padded;
    c.bytes = args->scratch + (c.positions > 1 ? 2 * c.positions * c.tiles * c.taps : 0);
    if (op->reserved[DSP_STAGE]) {
        c.stage = c.bytes + (op->flags & DSP_POINTWISE ? 0 : c.segments.padded);
    }
    int32_t group_bytes = (c.out_c + 1) / 2 * ((int32_t)sizeof(struct dsp_pair) + 2 * c.taps);

    for (int32_t batch = 0; batch < op->batches; batch++) {
        const int8_t *input = args->input + batch * op->in_h * op->in_w * op->in_c;
        int8_t *out = args->output + batch * op->out_h * op->out_w * op->out_c;
        for (int32_t g = 0; g < groups; g++) {
            convolve(&c, input + g * (op->in_c / groups), args->weights + g * group_bytes,
                     out + g * c.out_c);
        }
    }
}
