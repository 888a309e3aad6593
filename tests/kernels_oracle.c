#include "kernels_oracle.h"

#include "models_image_layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint32_t oracle_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* ---- arithmetic ---- */

int32_t oracle_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) {
        return INT32_MAX;
    }
    int64_t product = (int64_t)a * b;
    int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31)); /* truncates */
}

int32_t oracle_round_shift(int32_t x, int32_t exponent)
{
    int64_t divisor = INT64_C(1) << exponent;
    int64_t magnitude = x < 0 ? -(int64_t)x : x;
    int64_t result = (magnitude + divisor / 2) / divisor;
    return (int32_t)(x < 0 ? -result : result);
}

int32_t oracle_requantize(int32_t x, double factor)
{
    int exponent;
    double mantissa = frexp(factor, &exponent);
    int64_t multiplier = llround(mantissa * 2147483648.0);
    if (multiplier == INT64_C(2147483648)) {
        multiplier >>= 1;
        exponent++;
    }
    int32_t scaled = (int32_t)(uint32_t)((uint64_t)x << (exponent > 0 ? exponent : 0));
    int32_t product = oracle_high_mul(scaled, (int32_t)multiplier);
    return exponent < 0 ? oracle_round_shift(product, -exponent) : product;
}

static int32_t limit(int32_t value, enum models_activation activation,
                     const struct models_tensor *out)
{
    int32_t low = -128, high = 127, zero = out->zero_point[0];
    int32_t one = (int32_t)lroundf(1.0f / out->scale[0]),
            six = (int32_t)lroundf(6.0f / out->scale[0]);
    if (activation == MODELS_ACT_RELU || activation == MODELS_ACT_RELU6) {
        low = zero > low ? zero : low;
    }
    if (activation == MODELS_ACT_RELU6 && zero + six < high) {
        high = zero + six;
    }
    if (activation == MODELS_ACT_RELU_N1_TO_1) {
        low = zero - one > low ? zero - one : low;
        high = zero + one < high ? zero + one : high;
    }
    return value < low ? low : value > high ? high : value;
}

/* ---- operators ---- */

struct position {
    int32_t batch, y, x, c;
};

static struct position position_of(const struct models_tensor *t, int32_t i)
{
    struct position p;
    p.c = i % t->dims[3];
    p.x = i / t->dims[3] % t->dims[2];
    p.y = i / t->dims[3] / t->dims[2] % t->dims[1];
    p.batch = i / t->dims[3] / t->dims[2] / t->dims[1];
    return p;
}

/* 1 and the element's value, or 0 outside the image. */
static int element(const struct models_tensor *t, const int8_t *data, struct position p,
                   int32_t *value)
{
    if (p.y < 0 || p.x < 0 || p.y >= t->dims[1] || p.x >= t->dims[2]) {
        return 0;
    }
    *value = data[((p.batch * t->dims[1] + p.y) * t->dims[2] + p.x) * t->dims[3] + p.c];
    return 1;
}

static struct position tap(const struct models_op *op, struct position out, int32_t ky, int32_t kx,
                           int32_t channel)
{
    struct position p = {out.batch, out.y * op->stride_h - op->pad_top + ky * op->dilation_h,
                         out.x * op->stride_w - op->pad_left + kx * op->dilation_w, channel};
    return p;
}

/* Weight of a tap: n counts the channels of one filter tap (1 when depthwise). */
static int32_t weight(const struct models_network *net, int32_t out_c, int32_t ky, int32_t kx,
                      int32_t n)
{
    const struct models_tensor *w = &net->tensors[net->ops[0].inputs[1]];
    const int8_t *data = (const int8_t *)w->data;
    if (net->ops[0].kind == MODELS_DEPTHWISE_CONV_2D) {
        return data[(ky * w->dims[2] + kx) * w->dims[3] + out_c];
    }
    return data[((out_c * w->dims[1] + ky) * w->dims[2] + kx) * w->dims[3] + n];
}

static int8_t finish(const struct models_network *net, int32_t sum, int32_t channel)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *in = &net->tensors[op->inputs[0]],
                               *w = &net->tensors[op->inputs[1]];
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    if (op->n_inputs > 2 && op->inputs[2] >= 0) {
        int32_t bias;
        memcpy(&bias, net->tensors[op->inputs[2]].data + 4 * channel, 4);
        sum += bias;
    }
    double factor = (double)in->scale[0] * (double)w->scale[w->n_scales > 1 ? channel : 0];
    if (op->kind == MODELS_FULLY_CONNECTED && w->n_scales == 1) {
        factor = (double)(float)factor;
    }
    factor /= (double)out->scale[0];
    uint32_t value = (uint32_t)oracle_requantize(sum, factor) + (uint32_t)out->zero_point[0];
    return (int8_t)limit((int32_t)value, op->activation, out);
}

static int8_t convolve(const struct models_network *net, const int8_t *input, int32_t i)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *in = &net->tensors[op->inputs[0]];
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    struct position at = position_of(out, i);
    int depthwise = op->kind == MODELS_DEPTHWISE_CONV_2D;
    int32_t channels = depthwise ? 1 : in->dims[3] / op->groups;
    int32_t first =
        depthwise ? at.c / op->depth_multiplier : at.c / (out->dims[3] / op->groups) * channels;
    int32_t sum = 0, value;
    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        for (int32_t kx = 0; kx < op->filter_w; kx++) {
            for (int32_t n = 0; n < channels; n++) {
                if (element(in, input, tap(op, at, ky, kx, first + n), &value)) {
                    sum += weight(net, at.c, ky, kx, n) * (value - in->zero_point[0]);
                }
            }
        }
    }
    return finish(net, sum, at.c);
}

static int8_t connect(const struct models_network *net, const int8_t *input, int32_t i)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *in = &net->tensors[op->inputs[0]],
                               *w = &net->tensors[op->inputs[1]];
    int32_t row = i / w->dims[0], channel = i % w->dims[0], sum = 0;
    for (int32_t n = 0; n < w->dims[1]; n++) {
        sum += (input[row * w->dims[1] + n] - in->zero_point[0]) *
               ((const int8_t *)w->data)[channel * w->dims[1] + n];
    }
    return finish(net, sum, channel);
}

static int8_t pool(const struct models_network *net, const int8_t *input, int32_t i)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *in = &net->tensors[op->inputs[0]];
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    struct position at = position_of(out, i);
    int32_t sum = 0, n = 0, value;
    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        for (int32_t kx = 0; kx < op->filter_w; kx++) {
            if (element(in, input, tap(op, at, ky, kx, at.c), &value)) {
                sum += value;
                n++;
            }
        }
    }
    value = sum > 0 ? (sum + n / 2) / n : (sum - n / 2) / n;
    return (int8_t)limit(value, op->activation, out);
}

static int8_t add(const struct models_network *net, const int8_t *input, const int8_t *input2,
                  int32_t i)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *a = &net->tensors[op->inputs[0]], *b = &net->tensors[op->inputs[1]];
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    double scale_a = (double)a->scale[0], scale_b = (double)b->scale[0];
    double twice = 2 * (scale_a > scale_b ? scale_a : scale_b);
    int32_t x = oracle_requantize((input[i] - a->zero_point[0]) * (1 << 20), scale_a / twice);
    int32_t y = oracle_requantize((input2[i] - b->zero_point[0]) * (1 << 20), scale_b / twice);
    int32_t sum = oracle_requantize(x + y, twice / (1048576.0 * (double)out->scale[0]));
    return (int8_t)limit(sum + out->zero_point[0], op->activation, out);
}

/* x * 2^bits with saturation, bits >= 0. */
static int32_t shift_saturated(int32_t x, int bits)
{
    int64_t limit = (INT64_C(1) << (31 - bits)) - 1;
    return x > limit ? INT32_MAX : x < -limit ? INT32_MIN : (int32_t)((uint32_t)x << bits);
}

/* 1 / (1 + a), Q0.31: Newton's method in Q2.29, started with 48/17 - 32/17 of the half sum. */
static int32_t reciprocal(int32_t a)
{
    int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + oracle_high_mul(half, -1010580540);
    for (int i = 0; i < 3; i++) {
        int32_t error = (1 << 29) - oracle_high_mul(half, x);
        x += shift_saturated(oracle_high_mul(x, error), 2);
    }
    return shift_saturated(x, 1);
}

/* The exponential of an element `below` the row's maximum, Q0.31. */
static int32_t softmax_exponential(double factor, int32_t below)
{
    int exponent;
    double mantissa = frexp(factor, &exponent);
    int64_t multiplier = llround(mantissa * 2147483648.0);
    if (multiplier == INT64_C(2147483648)) {
        multiplier >>= 1;
        exponent++;
    }
    if (below > floor(31.0 * 67108864.0 / pow(2, exponent))) {
        return 0;
    }
    int32_t scaled = (int32_t)(-(int64_t)below * (INT64_C(1) << exponent));
    return image_exp_negative(oracle_high_mul(scaled, (int32_t)multiplier));
}

static int8_t softmax(const struct models_network *net, const int8_t *input, int32_t i)
{
    const struct models_op *op = &net->ops[0];
    const struct models_tensor *in = &net->tensors[op->inputs[0]];
    int32_t depth = in->dims[in->rank - 1], maximum = -128, zeros = 0, sum = 0;
    const int8_t *row = input + i / depth * depth;
    double factor = (double)op->beta * (double)in->scale[0] * 67108864.0;
    factor = factor > 2147483647.0 ? 2147483647.0 : factor;
    for (int32_t k = 0; k < depth; k++) {
        maximum = row[k] > maximum ? row[k] : maximum;
    }
    for (int32_t k = 0; k < depth; k++) {
        sum += oracle_round_shift(softmax_exponential(factor, maximum - row[k]), 12);
    }
    while (!((uint32_t)sum << zeros & 0x80000000u)) {
        zeros++;
    }
    int32_t scale = reciprocal((int32_t)((uint32_t)sum << zeros & 0x7fffffffu));
    int64_t value = oracle_high_mul(scale, softmax_exponential(factor, maximum - input[i]));
    int64_t divisor = INT64_C(1) << (12 - zeros + 31 - 8);
    value = (value + divisor / 2) / divisor - 128;
    return (int8_t)(value > 127 ? 127 : value);
}

int8_t oracle_element(const struct models_network *net, const int8_t *input, const int8_t *input2,
                      int32_t i)
{
    switch (net->ops[0].kind) {
    case MODELS_CONV_2D:
    case MODELS_DEPTHWISE_CONV_2D:
        return convolve(net, input, i);
    case MODELS_FULLY_CONNECTED:
        return connect(net, input, i);
    case MODELS_AVERAGE_POOL_2D:
        return pool(net, input, i);
    case MODELS_ADD:
        return add(net, input, input2, i);
    case MODELS_SOFTMAX:
        return softmax(net, input, i);
    default:
        fail_msg("the oracle does not know operator kind %d", (int)net->ops[0].kind);
        return 0;
    }
}

/* ---- networks ---- */

static float random_scale(uint32_t *seed, float low)
{
    return low * (1.0f + (float)(oracle_random(seed) & 0xffff) / 65536.0f);
}

static struct models_tensor *new_tensor(struct models_network *net, enum models_type type,
                                        int32_t a, int32_t b, int32_t c, int32_t d)
{
    struct models_tensor *t = &net->tensors[net->n_tensors];
    snprintf(t->name, sizeof t->name, "t%d", (int)net->n_tensors++);
    t->type = type;
    t->rank = 4;
    memcpy(t->dims, (int32_t[]){a, b, c, d}, 4 * sizeof(int32_t));
    t->elements = a * b * c * d;
    t->bytes = t->elements * (type == MODELS_INT32 ? 4 : 1);
    return t;
}

static void quantize(struct models_tensor *t, int32_t n, float low, int32_t zero, uint32_t *seed)
{
    t->n_scales = n;
    t->scale = calloc((size_t)n, sizeof *t->scale);
    t->zero_point = calloc((size_t)n, sizeof *t->zero_point);
    assert_true(t->scale && t->zero_point);
    for (int32_t i = 0; i < n; i++) {
        t->scale[i] = random_scale(seed, low);
        t->zero_point[i] = zero;
    }
}

/* Constant data behind all that is stored already. */
static void fill_data(struct models_network *net, struct models_tensor *t, size_t *used,
                      uint32_t *seed)
{
    uint8_t *data = (uint8_t *)net->storage + *used;
    *used += ((size_t)t->bytes + 15) / 16 * 16;
    t->data = data;
    for (int32_t i = 0; i < t->elements; i++) {
        int32_t bias = (int32_t)(oracle_random(seed) % 4001) - 2000;
        if (t->type == MODELS_INT32) {
            memcpy(data + 4 * i, &bias, 4);
        } else {
            data[i] = (uint8_t)oracle_random(seed);
        }
    }
}

static int32_t output_size(int32_t in, int32_t filter, int32_t stride, int32_t dilation, int same,
                           int32_t *pad)
{
    int32_t effective = (filter - 1) * dilation + 1;
    int32_t out = same ? (in + stride - 1) / stride : (in - effective + stride) / stride;
    int32_t missing = (out - 1) * stride + effective - in;
    *pad = same && missing > 0 ? missing / 2 : 0;
    return out;
}

static void add_weights(const struct oracle_case *c, struct models_network *net, int32_t out_c,
                        size_t *used, uint32_t *seed)
{
    struct models_op *op = &net->ops[0];
    struct models_tensor *w;
    if (c->kind == MODELS_DEPTHWISE_CONV_2D) {
        w = new_tensor(net, MODELS_INT8, 1, c->filter_h, c->filter_w, out_c);
        w->quantized_dim = 3;
    } else if (c->kind == MODELS_CONV_2D) {
        w = new_tensor(net, MODELS_INT8, out_c, c->filter_h, c->filter_w, c->in_c / op->groups);
    } else {
        w = new_tensor(net, MODELS_INT8, out_c, c->in_h * c->in_w * c->in_c, 1, 1);
        w->rank = 2;
    }
    quantize(w, c->per_tensor ? 1 : out_c, 0.01f, 0, seed);
    fill_data(net, w, used, seed);
    op->inputs[1] = net->n_tensors - 1;
    op->inputs[2] = -1;
    op->n_inputs = 3;
    if (!c->no_bias) {
        struct models_tensor *bias = new_tensor(net, MODELS_INT32, 1, 1, 1, out_c);
        fill_data(net, bias, used, seed);
        op->inputs[2] = net->n_tensors - 1;
    }
}

static void set_options(const struct oracle_case *c, struct models_op *op)
{
    op->kind = c->kind;
    op->activation = c->activation;
    op->n_inputs = op->n_outputs = 1;
    op->inputs[0] = 0;
    op->outputs[0] = 1;
    op->stride_h = c->stride_h ? c->stride_h : 1;
    op->stride_w = c->stride_w ? c->stride_w : 1;
    op->dilation_h = c->dilation_h ? c->dilation_h : 1;
    op->dilation_w = c->dilation_w ? c->dilation_w : 1;
    op->filter_h = c->filter_h;
    op->filter_w = c->filter_w;
    op->groups = c->groups ? c->groups : 1;
    op->depth_multiplier = c->depth_multiplier ? c->depth_multiplier : 1;
}

static void add_output(const struct oracle_case *c, struct models_network *net, int32_t out_c)
{
    struct models_op *op = &net->ops[0];
    int32_t out_h = 1, out_w = 1;
    if (c->kind == MODELS_ADD) {
        out_h = c->in_h;
        out_w = c->in_w;
    } else if (c->kind != MODELS_FULLY_CONNECTED) {
        out_h =
            output_size(c->in_h, op->filter_h, op->stride_h, op->dilation_h, c->same, &op->pad_top);
        out_w = output_size(c->in_w, op->filter_w, op->stride_w, op->dilation_w, c->same,
                            &op->pad_left);
    }
    new_tensor(net, MODELS_INT8, c->batches, out_h, out_w, out_c);
}

void oracle_network(const struct oracle_case *c, uint32_t seed, struct models_network *net)
{
    static const int32_t zero_points[] = {0, -128, 127, -17, 83};
    size_t used = 0;
    memset(net, 0, sizeof *net);
    snprintf(net->name, sizeof net->name, "%s", c->name);
    net->tensors = calloc(5, sizeof *net->tensors);
    net->ops = calloc(1, sizeof *net->ops);
    net->inputs = calloc(2, sizeof *net->inputs);
    net->outputs = calloc(1, sizeof *net->outputs);
    net->storage = calloc(1, 1 << 20);
    assert_true(net->tensors && net->ops && net->inputs && net->outputs && net->storage);
    net->n_ops = net->n_inputs = net->n_outputs = 1;
    net->outputs[0] = 1;
    set_options(c, &net->ops[0]);

    struct models_tensor *in = new_tensor(net, MODELS_INT8, c->batches, c->in_h, c->in_w, c->in_c);
    quantize(in, 1, 0.05f, zero_points[seed % 5], &seed);
    int32_t out_c = c->kind == MODELS_DEPTHWISE_CONV_2D ? c->in_c * net->ops[0].depth_multiplier
                    : c->out_c                          ? c->out_c
                                                        : c->in_c;
    add_output(c, net, out_c);
    quantize(&net->tensors[1], 1, c->kind == MODELS_ADD ? 0.07f : 0.11f, zero_points[seed / 7 % 5],
             &seed);
    if (c->kind == MODELS_ADD) {
        new_tensor(net, MODELS_INT8, c->batches, c->in_h, c->in_w, c->in_c);
        quantize(&net->tensors[2], 1, 0.03f, zero_points[seed / 3 % 5], &seed);
        net->ops[0].n_inputs = 2;
        net->ops[0].inputs[1] = 2;
        net->inputs[1] = 2;
        net->n_inputs = 2;
        if (c->constant_input) {
            fill_data(net, &net->tensors[c->constant_input == 1 ? 0 : 2], &used, &seed);
            net->inputs[0] = c->constant_input == 1 ? 2 : 0;
            net->n_inputs = 1;
        }
    } else if (c->kind == MODELS_AVERAGE_POOL_2D) {
        net->tensors[1].scale[0] = in->scale[0];
        net->tensors[1].zero_point[0] = in->zero_point[0];
    } else {
        add_weights(c, net, out_c, &used, &seed);
    }
}
