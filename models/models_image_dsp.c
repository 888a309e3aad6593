/* Layout of the dsp kernels (firmware/kernels/dsp/dsp_layout.h): which path an operator takes, how
 * much scratch it gets, and its weights in the order in which the kernels read them.
 *
 * Scratch must not make the arena noticeably larger than the activations need anyway: an operator
 * may use what other operators' activations take at the network's peak, and a few percent more.
 * What does not fit there takes a slower path. */
#include "firmware/kernels/dsp/dsp_layout.h"
#include "firmware/kernels/requantize.h"
#include "models_image_layout.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TILES   8 /* groups of positions per pass, or as many as take TILES_BYTES */
#define TILES_BYTES 2048
#define STAGE_TILES 4 /* groups from which on weights are copied to RAM */

/* ---- which path ---- */

static void swap(int32_t *a, int32_t *b)
{
    int32_t t = *a;
    *a = *b;
    *b = t;
}

/* A one pixel wide image is the same in memory as a one pixel high one, which suits filters that
 * run along rows. */
static void lay_columns_down(struct image_op *r)
{
    if (r->in_w != 1 || r->out_w != 1 || r->filter_w != 1 || r->pad_left != 0) {
        return;
    }
    swap(&r->in_h, &r->in_w);
    swap(&r->out_h, &r->out_w);
    swap(&r->filter_h, &r->filter_w);
    swap(&r->stride_h, &r->stride_w);
    swap(&r->dilation_h, &r->dilation_w);
    swap(&r->pad_top, &r->pad_left);
}

static int is_pointwise(const struct image_op *r)
{
    return r->filter_h == 1 && r->filter_w == 1 && r->pad_top == 0 && r->pad_left == 0 &&
           r->groups <= 1 && r->in_c % 4 == 0 && (r->out_h - 1) * r->stride_h < r->in_h &&
           (r->out_w - 1) * r->stride_w < r->in_w;
}

/* Inputs of one output as DSP_PAIRS stores them; at most 2^31 times what a tensor holds. */
static int64_t padded_taps(const struct image_op *r)
{
    struct dsp_segments s = dsp_segments_of(r);
    return (int64_t)s.rows * s.per_row * s.padded;
}

/* How many groups of four positions are gathered at a time: several, so that the program's phases
 * alternate less often in the instruction cache, and so that weights copied to RAM pay. */
static int64_t choose_tiles(struct image_op *r, int64_t tile, int64_t room)
{
    int64_t useful = ((int64_t)r->out_h * r->out_w + 3) / 4;
    int64_t most = tile * MAX_TILES < TILES_BYTES ? TILES_BYTES / tile : MAX_TILES;
    int64_t weights = tile / 4, tiles = (room - weights) / tile;

    most = most < useful ? most : useful;
    r->reserved[DSP_STAGE] = most >= STAGE_TILES && tiles >= STAGE_TILES;
    if (!r->reserved[DSP_STAGE]) {
        weights = 0;
        tiles = room / tile;
    }
    tiles = tiles < most ? tiles : most;
    r->reserved[DSP_TILES] = (int32_t)tiles;
    return tiles * tile + weights;
}

/* The most positions per pass whose inputs fit; 0: not even one. Returns the bytes. */
static int64_t choose_positions(struct image_op *r, int64_t budget)
{
    int64_t taps = padded_taps(r), outputs = (int64_t)r->out_h * r->out_w;
    int pointwise = (r->flags & DSP_POINTWISE) != 0;
    int64_t room = budget - (pointwise ? 0 : dsp_segments_of(r).padded);

    r->reserved[DSP_TILES] = 1;
    if (outputs > 1 && 8 * taps <= room) {
        r->reserved[DSP_POSITIONS] = 4;
        return budget - room + choose_tiles(r, 8 * taps, room);
    }
    if (outputs > 1 && 4 * taps <= room) {
        r->reserved[DSP_POSITIONS] = 2;
        return budget - room + 4 * taps;
    }
    int64_t bytes = pointwise ? 0 : taps;
    r->reserved[DSP_POSITIONS] = bytes <= budget;
    return bytes;
}

/* Bytes for two planes that hold what `rows` output rows need. */
static int64_t plane_bytes(struct image_op *r, int64_t rows)
{
    int64_t width =
        (int64_t)(r->out_w - 1) * r->stride_w + (int64_t)(r->filter_w - 1) * r->dilation_w + 1;
    int64_t height = (rows - 1) * r->stride_h + (int64_t)(r->filter_h - 1) * r->dilation_h + 1;
    int64_t pitch = (width + 1) & ~INT64_C(1);
    /* Filters read one tap past an odd row's end, for a weight of zero. */
    int64_t elements = (pitch * height + r->dilation_w + 2) & ~INT64_C(1);
    if (elements > INT32_MAX / 4) {
        return INT64_MAX;
    }
    r->reserved[DSP_PITCH] = (int32_t)pitch;
    r->reserved[DSP_PLANE] = (int32_t)elements;
    r->reserved[DSP_STRIP_ROWS] = (int32_t)rows;
    return 4 * elements;
}

/* The tallest strips that fit, all about equally tall; 0 rows: none fit. Returns the bytes. */
static int64_t choose_strips(struct image_op *r, int64_t budget)
{
    for (int64_t strips = 1; strips <= r->out_h; strips++) {
        int64_t bytes = plane_bytes(r, (r->out_h + strips - 1) / strips);
        if (bytes <= budget) {
            return bytes;
        }
    }
    r->reserved[DSP_STRIP_ROWS] = 0;
    return 0;
}

/* Sets flags and reserved of a record with its shape; returns its scratch bytes, at most budget.
 * What does not fit keeps the reference layout. */
static int64_t choose_path(struct image_op *r, int64_t budget)
{
    if (r->kind == MODELS_FULLY_CONNECTED) {
        r->flags = DSP_PAIRS;
        return 0;
    }
    struct image_op plain = *r;
    int64_t bytes;
    lay_columns_down(r);
    if (r->kind == MODELS_CONV_2D || r->in_c == 1) {
        r->flags = DSP_PAIRS | (is_pointwise(r) ? DSP_POINTWISE : 0);
        bytes = choose_positions(r, budget);
        if (r->reserved[DSP_POSITIONS] > 0) {
            return bytes;
        }
    } else {
        r->flags = DSP_PLANES;
        bytes = choose_strips(r, budget);
        if (r->reserved[DSP_STRIP_ROWS] > 0) {
            return bytes;
        }
    }
    *r = plain;
    return 0;
}

static int64_t scratch_within(const struct models_network *net, int32_t op, int64_t budget)
{
    enum models_op_kind kind = net->ops[op].kind;
    struct image_op record;
    if (kind != MODELS_CONV_2D && kind != MODELS_DEPTHWISE_CONV_2D) {
        return 0;
    }
    image_op_shape(net, op, &record);
    return choose_path(&record, budget);
}

/* ---- weights ---- */

/* One operator being written. Weight `tap` of output channel `channel` is at
 * weights[channel * channel_step + tap * tap_step]. */
struct source {
    const int8_t *weights;
    const int32_t *bias;       /* NULL: zeros; may be unaligned */
    const int32_t *multiplier; /* [out_c] */
    const int32_t *shift;
    int64_t channel_step, tap_step, taps;
    struct dsp_segments segments;
    const struct image_op *record;
};

static int8_t weight(const struct source *s, int32_t channel, int64_t tap)
{
    return s->weights[channel * s->channel_step + tap * s->tap_step];
}

/* The bias with what input_offset contributes; sums wrap, as the kernels' do. */
static int32_t folded_bias(const struct source *s, int32_t channel)
{
    uint32_t sum = 0;
    for (int64_t tap = 0; tap < s->taps; tap++) {
        sum += (uint32_t)(int32_t)weight(s, channel, tap);
    }
    uint32_t bias = 0;
    if (s->bias) {
        memcpy(&bias, (const uint8_t *)s->bias + 4 * (size_t)channel, sizeof bias);
    }
    return (int32_t)(bias + sum * (uint32_t)s->record->input_offset);
}

/* What a stream says of a channel besides its weights. */
struct channel {
    int32_t bias, multiplier, shift;
    int narrow;       /* fit for DSP_NARROW; then shift is the positive exponent */
    int zero_weights; /* the output is constant: weights count as 0 */
};

/* The accumulator's range over all inputs. */
static void range_of(const struct source *s, int32_t channel, int64_t *low, int64_t *high)
{
    *low = *high = folded_bias(s, channel);
    for (int64_t tap = 0; tap < s->taps; tap++) {
        int32_t w = weight(s, channel, tap);
        *low += w > 0 ? -128 * w : 127 * w;
        *high += w > 0 ? 127 * w : -128 * w;
    }
}

/* A channel whose output is `value` above the zero point whatever its inputs, so that the short
 * requantisation gives just that: 4 * value * (2^30 / 2^31) / 2^1. */
static struct channel constant_channel(int32_t value)
{
    value = value < -512 ? -512 : value > 512 ? 512 : value;
    return (struct channel){
        .bias = 4 * value, .multiplier = 1 << 30, .shift = 1, .narrow = 1, .zero_weights = 1};
}

/* Whether the short requantisation is exact for a channel, whatever its inputs. Networks have dead
 * channels, with tiny scales and huge biases: those are recognised by their constant output. */
static struct channel describe(const struct source *s, int32_t c)
{
    int32_t multiplier = s->multiplier[c], shift = s->shift[c];
    int64_t low, high, limit = INT64_C(1) << 30;
    range_of(s, c, &low, &high);
    if (shift <= 0 && low >= INT32_MIN && high <= INT32_MAX) {
        int32_t lowest = requantize((int32_t)low, multiplier, shift);
        if (lowest == requantize((int32_t)high, multiplier, shift)) {
            return constant_channel(lowest);
        }
    }
    struct channel channel = {.bias = folded_bias(s, c), .multiplier = multiplier, .shift = shift};
    if (shift <= -1 && shift >= -DSP_MAX_RIGHT && low > -limit && high < limit) {
        channel.narrow = 1;
        channel.shift = -shift;
    }
    return channel;
}

/* As described, or as the general requantisation wants it. */
static struct channel channel_of(const struct source *s, int32_t c)
{
    if (s->record->flags & DSP_NARROW) {
        return describe(s, c);
    }
    return (struct channel){
        .bias = folded_bias(s, c), .multiplier = s->multiplier[c], .shift = s->shift[c]};
}

/* One segment of a pair of channels, from tap `first` on; channels below 0 have no weights. */
static uint8_t *fill_segment(const struct source *s, const int32_t channels[2], int64_t first,
                             uint8_t *to)
{
    static const int8_t order[4] = {0, 2, 1, 3};
    for (int32_t k = 0; k < s->segments.padded; k += 4) {
        for (int32_t i = 0; i < 8; i++) {
            int32_t tap = k + order[i / 2], channel = channels[i % 2];
            int present = tap < s->segments.taps && channel >= 0;
            *to++ = present ? (uint8_t)weight(s, channel, first + tap) : 0;
        }
    }
    return to;
}

/* n = 1 or 2 channels from `first` on. */
static void fill_pair(const struct source *s, int32_t first, int32_t n, uint8_t *to)
{
    struct dsp_pair pair = {.shift = {1, 1}};
    int32_t channels[2] = {-1, -1};
    for (int32_t i = 0; i < n; i++) {
        struct channel channel = channel_of(s, first + i);
        pair.bias[i] = channel.bias;
        pair.multiplier[i] = channel.multiplier;
        pair.shift[i] = (int16_t)channel.shift;
        channels[i] = channel.zero_weights ? -1 : first + i;
    }
    memcpy(to, &pair, sizeof pair);
    to += sizeof pair;
    for (int64_t tap = 0; tap < s->taps; tap += s->segments.taps) {
        to = fill_segment(s, channels, tap, to);
    }
}

static size_t pair_bytes(const struct source *s)
{
    return sizeof(struct dsp_pair) + 2 * (size_t)padded_taps(s->record);
}

static size_t pairs_bytes(const struct source *s)
{
    const struct image_op *r = s->record;
    size_t groups = r->groups > 1 ? (size_t)r->groups : 1;
    size_t pairs = ((size_t)r->out_c / groups + 1) / 2;
    return groups * pairs * pair_bytes(s);
}

static void fill_pairs(const struct source *s, uint8_t *to)
{
    const struct image_op *r = s->record;
    int32_t groups = r->groups > 1 ? r->groups : 1, per_group = r->out_c / groups;

    for (int32_t group = 0; group < groups; group++) {
        for (int32_t c = 0; c < per_group; c += 2, to += pair_bytes(s)) {
            fill_pair(s, group * per_group + c, c + 1 < per_group ? 2 : 1, to);
        }
    }
}

static size_t planes_bytes(const struct source *s)
{
    const struct image_op *r = s->record;
    size_t words = (size_t)r->filter_h * (((size_t)r->filter_w + 1) / 2);
    return (size_t)r->out_c * (sizeof(struct dsp_channel) + 4 * words);
}

static void fill_planes(const struct source *s, uint8_t *to)
{
    const struct image_op *r = s->record;
    for (int32_t c = 0; c < r->out_c; c++) {
        struct channel about = channel_of(s, c);
        struct dsp_channel channel = {
            .bias = about.bias, .multiplier = about.multiplier, .shift = about.shift};
        memcpy(to, &channel, sizeof channel);
        to += sizeof channel;
        for (int32_t ky = 0; ky < r->filter_h; ky++) {
            for (int32_t kx = 0; kx < (r->filter_w + 1) / 2 * 2; kx++, to += 2) {
                int present = kx < r->filter_w && !about.zero_weights;
                int16_t w = present ? weight(s, c, (int64_t)ky * r->filter_w + kx) : 0;
                memcpy(to, &w, sizeof w);
            }
        }
    }
}

static struct source source_of(const struct models_network *net, int32_t op,
                               const struct image_op *r, const int32_t *requant)
{
    int depthwise = r->kind == MODELS_DEPTHWISE_CONV_2D;
    struct dsp_segments segments = dsp_segments_of(r);
    int64_t taps = (int64_t)segments.rows * segments.per_row * segments.taps;
    if (depthwise) {
        taps = (int64_t)r->filter_h * r->filter_w;
    }
    return (struct source){.weights = image_weights(net, op),
                           .bias = image_bias(net, op),
                           .multiplier = requant,
                           .shift = requant + r->out_c,
                           .channel_step = depthwise ? 1 : taps,
                           .tap_step = depthwise ? r->out_c : 1,
                           .taps = taps,
                           .segments = segments,
                           .record = r};
}

static void choose_requantisation(const struct source *s, struct image_op *r)
{
    int narrow = 1;
    for (int32_t c = 0; c < r->out_c && narrow; c++) {
        narrow = describe(s, c).narrow;
    }
    r->flags |= narrow ? DSP_NARROW : 0;
    r->flags |= r->act_min == -128 && r->act_max == 127 ? DSP_FULL_RANGE : 0;
}

/* The streams hold multipliers and shifts: takes the common tables, which are the last blocks,
 * out of the image again. Returns a copy of both, owned by the caller. */
static int32_t *take_tables(struct image_writer *writer, struct image_op *r)
{
    size_t n = (size_t)r->out_c;
    int32_t *requant = malloc(2 * n * sizeof *requant);
    if (requant) {
        memcpy(requant, writer->data + r->multiplier_data, 4 * n);
        memcpy(requant + n, writer->data + r->shift_data, 4 * n);
        writer->bytes = r->multiplier_data;
        r->multiplier_data = 0;
        r->shift_data = 0;
    }
    return requant;
}

static enum cc_status write_streams(struct image_writer *writer, const struct models_network *net,
                                    int32_t op, struct image_op *r, struct cc_error *err)
{
    int32_t *requant = take_tables(writer, r);
    if (!requant) {
        return cc_no_memory(err);
    }
    struct source source = source_of(net, op, r, requant);
    choose_requantisation(&source, r);
    int pairs = (r->flags & DSP_PAIRS) != 0;
    size_t bytes = pairs ? pairs_bytes(&source) : planes_bytes(&source);
    enum cc_status status = image_append(writer, NULL, bytes, &r->weights_data, err);
    if (!status) {
        (pairs ? fill_pairs : fill_planes)(&source, writer->data + r->weights_data);
    }
    free(requant);
    return status;
}

static enum cc_status write_op(struct image_writer *writer, const struct models_network *net,
                               int32_t op, struct image_op *record, struct cc_error *err)
{
    int64_t scratch = choose_path(record, writer->scratch_budget[op]);
    if (scratch > 0 && record->scratch_arena < 0) {
        return cc_fail(err, CC_ERR_INTERNAL,
                       "%s: operator %d: scratch was not planned; plan with models_image_scratch",
                       net->name, op);
    }
    if (!record->flags) {
        return image_append_plain(writer, net, op, record, err);
    }
    return write_streams(writer, net, op, record, err);
}

const struct models_image_layout models_image_layout_dsp = {
    .scratch_within = scratch_within,
    .write_op = write_op,
};
