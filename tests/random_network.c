#include "random_network.h"

#include "kernels_oracle.h"
#include "models_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STORAGE      ((size_t)1 << 20)
#define MAX_ELEMENTS 3000 /* of an activation */
#define MAX_TAPS     600  /* of a filter */

struct maker {
    struct models_network *net;
    uint32_t seed;
    size_t used;
};

/* 0 .. n - 1 */
static int32_t below(struct maker *m, int32_t n)
{
    return (int32_t)(oracle_random(&m->seed) % (uint32_t)n);
}

static int32_t between(struct maker *m, int32_t low, int32_t high)
{
    return low + below(m, high - low + 1);
}

static int chance(struct maker *m, int32_t one_in)
{
    return below(m, one_in) == 0;
}

/* low .. high, evenly in its logarithm. */
static double log_between(struct maker *m, double low, double high)
{
    return low * pow(high / low, below(m, 10001) / 10000.0);
}

static int32_t new_tensor(struct maker *m, enum models_type type, const int32_t dims[4])
{
    struct models_network *net = m->net;
    assert_true(net->n_tensors < RANDOM_MAX_TENSORS);
    struct models_tensor *t = &net->tensors[net->n_tensors];
    snprintf(t->name, sizeof t->name, "t%d", (int)net->n_tensors);
    t->type = type;
    t->rank = 4;
    memcpy(t->dims, dims, sizeof(int32_t) * 4);
    t->elements = models_shape_elements(dims, 4);
    assert_true(t->elements > 0);
    t->bytes = t->elements * models_type_bytes(type);
    return net->n_tensors++;
}

static void quantize(struct maker *m, int32_t tensor, int32_t n, double scale, int32_t zero_point)
{
    struct models_tensor *t = &m->net->tensors[tensor];
    t->n_scales = n;
    t->scale = calloc((size_t)n, sizeof *t->scale);
    t->zero_point = calloc((size_t)n, sizeof *t->zero_point);
    assert_true(t->scale && t->zero_point);
    for (int32_t i = 0; i < n; i++) {
        t->scale[i] = (float)(n > 1 ? scale * log_between(m, 0.3, 3) : scale);
        t->zero_point[i] = zero_point;
    }
}

static int32_t random_zero_point(struct maker *m)
{
    return chance(m, 3) ? (chance(m, 2) ? -128 : 127) : between(m, -128, 127);
}

static int32_t random_bias(struct maker *m)
{
    return chance(m, 40) ? between(m, -(1 << 29), 1 << 29) : between(m, -20000, 20000);
}

/* Weights may lie at any address, as they do in files. */
static void fill(struct maker *m, int32_t tensor)
{
    struct models_tensor *t = &m->net->tensors[tensor];
    m->used += t->type == MODELS_INT32 ? -m->used & 3u : 0;
    uint8_t *data = (uint8_t *)m->net->storage + m->used;
    m->used += (size_t)t->bytes + 3;
    assert_true(m->used < STORAGE);
    int32_t extreme = chance(m, 4);
    for (int32_t i = 0; i < t->elements; i++) {
        int32_t bias = random_bias(m), byte = below(m, 256);
        if (t->type == MODELS_INT32)
            memcpy(data + 4 * (size_t)i, &bias, 4);
        else
            data[i] = (uint8_t)(extreme && byte & 3 ? (byte & 4 ? 127 : -127) : byte);
    }
    t->data = data;
}

/* An activation with a random scale. */
static int32_t activation(struct maker *m, const int32_t dims[4], double scale)
{
    int32_t t = new_tensor(m, MODELS_INT8, dims);
    quantize(m, t, 1, scale, random_zero_point(m));
    return t;
}

static int is_activation(const struct models_network *net, int32_t i)
{
    return net->tensors[i].type == MODELS_INT8 && !net->tensors[i].data;
}

/* Any activation that exists already, mostly a late one. */
static int32_t pick(struct maker *m)
{
    int32_t t;
    do {
        t = chance(m, 3) ? below(m, m->net->n_tensors)
                         : m->net->n_tensors - 1 - below(m, m->net->n_tensors < 4 ? 1 : 4);
    } while (!is_activation(m->net, t));
    return t;
}

static void random_window(struct maker *m, struct models_op *op, const int32_t in[4], int dilated,
                          int32_t out[4])
{
    enum models_padding padding = chance(m, 2) ? MODELS_PAD_SAME : MODELS_PAD_VALID;
    out[0] = in[0];
    do {
        op->filter_h = chance(m, 3) ? 1 : between(m, 1, chance(m, 4) ? 9 : 4);
        op->filter_w = chance(m, 3) ? 1 : between(m, 1, chance(m, 4) ? 9 : 4);
        op->stride_h = chance(m, 2) ? 1 : between(m, 1, 4);
        op->stride_w = chance(m, 2) ? 1 : between(m, 1, 4);
        op->dilation_h = dilated && chance(m, 3) ? between(m, 1, 4) : 1;
        op->dilation_w = dilated && chance(m, 3) ? between(m, 1, 4) : 1;
        out[1] = models_window_output(in[1], op->filter_h, op->stride_h, op->dilation_h, padding,
                                      &op->pad_top);
        out[2] = models_window_output(in[2], op->filter_w, op->stride_w, op->dilation_w, padding,
                                      &op->pad_left);
    } while (out[1] < 1 || out[2] < 1);
    /* What a filter of one tap or a single output does not use may have any value. */
    if (dilated && op->filter_w == 1 && chance(m, 8))
        op->dilation_w = INT32_MAX;
    if (dilated && op->filter_h == 1 && chance(m, 8))
        op->dilation_h = INT32_MAX;
    if (padding == MODELS_PAD_VALID && out[1] == 1 && chance(m, 8))
        op->stride_h = 1 << 30;
    if (padding == MODELS_PAD_VALID && out[2] == 1 && chance(m, 8))
        op->stride_w = 1 << 30;
}

/* A factor from inputs times weights to outputs that uses the output's range, or any other. */
static double random_factor(struct maker *m, int32_t taps)
{
    if (chance(m, 12))
        return log_between(m, 0x1p-36, 0x1p22);
    return log_between(m, 0.2, 4) / (sqrt((double)taps) * 80);
}

static void add_weights(struct maker *m, struct models_op *op, const int32_t dims[4], int32_t rank,
                        int32_t axis)
{
    static const int32_t none[4] = {1, 1, 1, 1};
    int32_t channels = dims[axis], w = new_tensor(m, MODELS_INT8, dims);
    m->net->tensors[w].rank = rank;
    m->net->tensors[w].quantized_dim = axis;
    quantize(m, w, chance(m, 3) ? 1 : channels, log_between(m, 0.001, 0.1), 0);
    fill(m, w);
    op->inputs[1] = w;
    op->inputs[2] = -1;
    op->n_inputs = 3;
    if (!chance(m, 5)) {
        int32_t shape[4];
        memcpy(shape, none, sizeof shape);
        shape[0] = channels;
        op->inputs[2] = new_tensor(m, MODELS_INT32, shape);
        m->net->tensors[op->inputs[2]].rank = 1;
        fill(m, op->inputs[2]);
    }
}

static void add_output(struct maker *m, struct models_op *op, const int32_t dims[4], int32_t taps)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    const struct models_tensor *w = &m->net->tensors[op->inputs[1]];
    double product = (double)in->scale[0] * (double)w->scale[0];
    op->outputs[0] = activation(m, dims, product / random_factor(m, taps));
}

static int make_conv(struct maker *m, struct models_op *op)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    int32_t out[4], in_c = in->dims[3];
    random_window(m, op, in->dims, 1, out);
    op->groups = 1;
    for (int32_t g = 2; g <= in_c; g++)
        op->groups = in_c % g == 0 && chance(m, 6) ? g : op->groups;
    out[3] = op->groups * between(m, 1, chance(m, 3) ? 20 : 6);
    int32_t taps = op->filter_h * op->filter_w * (in_c / op->groups);
    int64_t elements = (int64_t)out[0] * out[1] * out[2] * out[3];
    if (taps > MAX_TAPS || elements > MAX_ELEMENTS)
        return 0;
    const int32_t filter[4] = {out[3], op->filter_h, op->filter_w, in_c / op->groups};
    add_weights(m, op, filter, 4, 0);
    add_output(m, op, out, taps);
    return 1;
}

static int make_depthwise(struct maker *m, struct models_op *op)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    int32_t out[4];
    random_window(m, op, in->dims, 1, out);
    op->depth_multiplier = chance(m, 2) ? 1 : between(m, 1, 9);
    out[3] = in->dims[3] * op->depth_multiplier;
    if ((int64_t)out[0] * out[1] * out[2] * out[3] > MAX_ELEMENTS)
        return 0;
    const int32_t filter[4] = {1, op->filter_h, op->filter_w, out[3]};
    add_weights(m, op, filter, 4, 3);
    add_output(m, op, out, op->filter_h * op->filter_w);
    return 1;
}

static int make_fully_connected(struct maker *m, struct models_op *op)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    int32_t rows = chance(m, 2) ? in->dims[0] : in->dims[0] * in->dims[1];
    const int32_t out[4] = {rows, 1, 1, between(m, 1, 21)};
    const int32_t weights[4] = {out[3], in->elements / rows, 1, 1};
    add_weights(m, op, weights, 2, 0);
    add_output(m, op, out, weights[1]);
    return 1;
}

static int make_pool(struct maker *m, struct models_op *op)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    float scale = in->scale[0];
    int32_t out[4], zero_point = in->zero_point[0];
    random_window(m, op, in->dims, 0, out);
    out[3] = in->dims[3];
    op->outputs[0] = new_tensor(m, MODELS_INT8, out);
    quantize(m, op->outputs[0], 1, (double)scale, zero_point);
    return 1;
}

/* The same tensor twice, another one of the shape, or a constant on either side. */
static int make_add(struct maker *m, struct models_op *op)
{
    struct models_network *net = m->net;
    const int32_t first = op->inputs[0];
    double scale = (double)net->tensors[first].scale[0];
    int32_t dims[4], second = first;
    memcpy(dims, net->tensors[first].dims, sizeof dims);
    for (int32_t i = 0; i < net->n_tensors; i++) {
        if (is_activation(net, i) && i != first &&
            memcmp(net->tensors[i].dims, dims, sizeof dims) == 0)
            second = i;
    }
    if (chance(m, 3)) {
        second = activation(m, dims, scale * log_between(m, chance(m, 5) ? 1e-10 : 0.1, 10));
        fill(m, second);
    }
    int swap = chance(m, 2);
    op->inputs[swap] = first;
    op->inputs[!swap] = second;
    op->n_inputs = 2;
    double other = (double)net->tensors[second].scale[0], largest = other > scale ? other : scale;
    op->outputs[0] = activation(m, dims, largest * log_between(m, chance(m, 9) ? 3e-6 : 0.5, 5));
    return 1;
}

static int make_reshape(struct maker *m, struct models_op *op)
{
    const struct models_tensor *in = &m->net->tensors[op->inputs[0]];
    int32_t dims[4] = {1, in->dims[2], in->dims[0] * in->dims[3], in->dims[1]};
    float scale = in->scale[0];
    int32_t zero_point = in->zero_point[0];
    op->outputs[0] = new_tensor(m, MODELS_INT8, dims);
    quantize(m, op->outputs[0], 1, (double)scale, zero_point);
    return 1;
}

static int make_softmax(struct maker *m, struct models_op *op)
{
    op->beta = chance(m, 4) ? (float)log_between(m, 1e-3, 1e8) : 1.0f;
    double scale = (double)m->net->tensors[op->inputs[0]].scale[0];
    if (!((double)op->beta * scale * (double)(1 << 26) > 1))
        return 0;
    op->outputs[0] = new_tensor(m, MODELS_INT8, m->net->tensors[op->inputs[0]].dims);
    quantize(m, op->outputs[0], 1, 1.0 / 256, -128);
    return 1;
}

static int make_op(struct maker *m)
{
    static const struct {
        enum models_op_kind kind;
        int (*make)(struct maker *m, struct models_op *op);
    } kinds[] = {
        {MODELS_CONV_2D, make_conv},    {MODELS_DEPTHWISE_CONV_2D, make_depthwise},
        {MODELS_CONV_2D, make_conv},    {MODELS_DEPTHWISE_CONV_2D, make_depthwise},
        {MODELS_ADD, make_add},         {MODELS_FULLY_CONNECTED, make_fully_connected},
        {MODELS_RESHAPE, make_reshape}, {MODELS_AVERAGE_POOL_2D, make_pool},
        {MODELS_SOFTMAX, make_softmax},
    };
    struct models_op *op = &m->net->ops[m->net->n_ops];
    int32_t i = below(m, sizeof kinds / sizeof kinds[0]);
    memset(op, 0, sizeof *op);
    op->kind = kinds[i].kind;
    op->inputs[0] = pick(m);
    op->n_inputs = op->n_outputs = 1;
    op->stride_h = op->stride_w = op->dilation_h = op->dilation_w = 1;
    if (!kinds[i].make(m, op))
        return 0;
    if (op->kind != MODELS_RESHAPE && op->kind != MODELS_SOFTMAX && chance(m, 2))
        op->activation = (enum models_activation)below(m, 4);
    op->macs = models_op_macs(m->net, op);
    m->net->n_ops++;
    return 1;
}

static void add_inputs(struct maker *m)
{
    struct models_network *net = m->net;
    net->n_inputs = chance(m, 3) ? 2 : 1;
    for (int32_t i = 0; i < net->n_inputs; i++) {
        int32_t dims[4] = {chance(m, 3) ? between(m, 2, 3) : 1, between(m, 1, 12),
                           chance(m, 4) ? 1 : between(m, 1, 12),
                           chance(m, 4) ? 1 : between(m, 1, 19)};
        net->inputs[i] = activation(m, dims, log_between(m, 0.001, 0.3));
    }
}

/* The last tensor, and any others. */
static void add_outputs(struct maker *m)
{
    struct models_network *net = m->net;
    net->outputs[net->n_outputs++] = net->ops[net->n_ops - 1].outputs[0];
    for (int32_t i = 0; i < net->n_tensors - 1; i++) {
        if (is_activation(net, i) && chance(m, 5))
            net->outputs[net->n_outputs++] = i;
    }
}

static void allocate(struct models_network *net, uint32_t seed)
{
    memset(net, 0, sizeof *net);
    snprintf(net->name, sizeof net->name, "random %u", (unsigned)seed);
    net->tensors = calloc(RANDOM_MAX_TENSORS, sizeof *net->tensors);
    net->ops = calloc(5, sizeof *net->ops);
    net->inputs = calloc(2, sizeof *net->inputs);
    net->outputs = calloc(RANDOM_MAX_TENSORS, sizeof *net->outputs);
    net->storage = calloc(1, STORAGE);
    assert_true(net->tensors && net->ops && net->inputs && net->outputs && net->storage);
}

void random_network(uint32_t seed, struct models_network *net)
{
    struct maker m = {net, seed * 2654435761u | 1, 0};
    struct cc_error err = {0};
    for (int tries = 0; tries < 20; tries++) { /* extreme scales may be refused */
        allocate(net, seed);
        m.used = 0;
        for (int i = 0; i < 5; i++)
            oracle_random(&m.seed);
        add_inputs(&m);
        for (int32_t n = between(&m, 1, 5); net->n_ops < n;)
            make_op(&m);
        add_outputs(&m);
        if (models_network_check(net, net->name, &err) == CC_OK)
            return;
        models_network_free(net);
    }
    fail_msg("%s", err.message);
}

static void print_tensor(const struct models_network *net, int32_t i)
{
    const struct models_tensor *t = &net->tensors[i];
    fprintf(stderr, " t%d[%d,%d,%d,%d]%s x%g%+d", (int)i, (int)t->dims[0], (int)t->dims[1],
            (int)t->dims[2], (int)t->dims[3], t->data ? "=" : "",
            t->n_scales ? (double)t->scale[0] : 0, t->n_scales ? (int)t->zero_point[0] : 0);
}

void random_network_print(const struct models_network *net)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        const struct models_op *op = &net->ops[i];
        fprintf(stderr, "%d %s:", (int)i, models_op_name(op->kind));
        for (int32_t k = 0; k < op->n_inputs; k++) {
            if (op->inputs[k] >= 0)
                print_tensor(net, op->inputs[k]);
        }
        fprintf(stderr, " ->");
        print_tensor(net, op->outputs[0]);
        fprintf(stderr,
                "\n  filter %d x %d stride %d x %d dilation %d x %d pad %d, %d groups %d "
                "multiplier %d activation %d beta %g\n",
                (int)op->filter_h, (int)op->filter_w, (int)op->stride_h, (int)op->stride_w,
                (int)op->dilation_h, (int)op->dilation_w, (int)op->pad_top, (int)op->pad_left,
                (int)op->groups, (int)op->depth_multiplier, (int)op->activation, (double)op->beta);
    }
}
