#include "zoo_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct view {
    const struct models_network *net;
    const struct models_op *op;
    const struct models_tensor *in, *out;
    const int8_t *input;
    int8_t *output;
};

static double activation_low(const struct models_op *op)
{
    if (op->activation == MODELS_ACT_NONE)
        return -INFINITY;
    return op->activation == MODELS_ACT_RELU_N1_TO_1 ? -1.0 : 0.0;
}

static double activation_high(const struct models_op *op)
{
    if (op->activation == MODELS_ACT_RELU6)
        return 6.0;
    return op->activation == MODELS_ACT_RELU_N1_TO_1 ? 1.0 : INFINITY;
}

/* A real value as int8 of the output tensor. */
static int8_t quantise(const struct view *v, double real)
{
    real = fmin(activation_high(v->op), fmax(activation_low(v->op), real));
    const double q = nearbyint(real / v->out->scale[0]) + v->out->zero_point[0];
    return (int8_t)fmin(127, fmax(-128, q));
}

static int32_t int32_at(const uint8_t *data, int32_t i)
{
    int32_t value;
    memcpy(&value, data + 4 * (size_t)i, sizeof value);
    return value;
}

static int8_t scaled(const struct view *v, int64_t sum, int32_t channel)
{
    const struct models_tensor *w = &v->net->tensors[v->op->inputs[1]];
    const double weight_scale = w->scale[w->n_scales > 1 ? channel : 0];
    if (v->op->inputs[2] >= 0)
        sum += int32_at(v->net->tensors[v->op->inputs[2]].data, channel);
    return quantise(v, (double)sum * v->in->scale[0] * weight_scale);
}

/* One output element of CONV_2D or DEPTHWISE_CONV_2D. */
static int8_t window_sum(const struct view *v, int32_t n, int32_t oy, int32_t ox, int32_t oc)
{
    const struct models_op *op = v->op;
    const int depthwise = op->kind == MODELS_DEPTHWISE_CONV_2D;
    const struct models_tensor *w = &v->net->tensors[op->inputs[1]];
    const int32_t *d = v->in->dims;
    const int32_t depth = depthwise ? 1 : w->dims[3];
    const int32_t first =
        depthwise ? oc / op->depth_multiplier : oc / (w->dims[0] / op->groups) * depth;
    const int8_t *weights = (const int8_t *)w->data;
    int64_t sum = 0;
    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        const int32_t y = oy * op->stride_h - op->pad_top + ky * op->dilation_h;
        for (int32_t kx = 0; kx < op->filter_w; kx++) {
            const int32_t x = ox * op->stride_w - op->pad_left + kx * op->dilation_w;
            if (y < 0 || y >= d[1] || x < 0 || x >= d[2])
                continue;
            const int8_t *at = &v->input[((n * d[1] + y) * d[2] + x) * d[3] + first];
            const int32_t tap = ky * op->filter_w + kx;
            for (int32_t c = 0; c < depth; c++)
                sum += (at[c] - v->in->zero_point[0]) *
                       (depthwise ? weights[tap * w->dims[3] + oc]
                                  : weights[(oc * op->filter_h * op->filter_w + tap) * depth + c]);
        }
    }
    return scaled(v, sum, oc);
}

static int8_t window_mean(const struct view *v, int32_t n, int32_t oy, int32_t ox, int32_t c)
{
    const struct models_op *op = v->op;
    const int32_t *d = v->in->dims;
    double sum = 0;
    int32_t count = 0;
    for (int32_t ky = 0; ky < op->filter_h; ky++) {
        for (int32_t kx = 0; kx < op->filter_w; kx++) {
            const int32_t y = oy * op->stride_h - op->pad_top + ky;
            const int32_t x = ox * op->stride_w - op->pad_left + kx;
            if (y < 0 || y >= d[1] || x < 0 || x >= d[2])
                continue;
            sum += v->input[((n * d[1] + y) * d[2] + x) * d[3] + c] - v->in->zero_point[0];
            count++;
        }
    }
    return quantise(v, sum / count * v->in->scale[0]);
}

static void run_window(const struct view *v)
{
    const int32_t *d = v->out->dims;
    int8_t *to = v->output;
    for (int32_t n = 0; n < d[0]; n++)
        for (int32_t y = 0; y < d[1]; y++)
            for (int32_t x = 0; x < d[2]; x++)
                for (int32_t c = 0; c < d[3]; c++)
                    *to++ = v->op->kind == MODELS_AVERAGE_POOL_2D ? window_mean(v, n, y, x, c)
                                                                  : window_sum(v, n, y, x, c);
}

static void run_dense(const struct view *v)
{
    const struct models_tensor *w = &v->net->tensors[v->op->inputs[1]];
    const int8_t *weights = (const int8_t *)w->data;
    for (int32_t i = 0; i < v->out->elements; i++) {
        const int32_t row = i / w->dims[0];
        const int32_t unit = i % w->dims[0];
        int64_t sum = 0;
        for (int32_t k = 0; k < w->dims[1]; k++)
            sum += (v->input[row * w->dims[1] + k] - v->in->zero_point[0]) *
                   weights[unit * w->dims[1] + k];
        v->output[i] = scaled(v, sum, unit);
    }
}

static double real_at(const struct models_tensor *t, const int8_t *values, int32_t i)
{
    return (double)t->scale[0] * (values[i] - t->zero_point[0]);
}

static void run_add(const struct view *v, const int8_t *other)
{
    const struct models_tensor *t = &v->net->tensors[v->op->inputs[1]];
    for (int32_t i = 0; i < v->out->elements; i++)
        v->output[i] = quantise(v, real_at(v->in, v->input, i) + real_at(t, other, i));
}

static void run_softmax(const struct view *v)
{
    const int32_t depth = v->out->dims[v->out->rank - 1];
    for (int32_t row = 0; row < v->out->elements; row += depth) {
        double largest = -INFINITY;
        double sum = 0;
        for (int32_t i = 0; i < depth; i++)
            largest = fmax(largest, real_at(v->in, v->input, row + i));
        for (int32_t i = 0; i < depth; i++)
            sum += exp(v->op->beta * (real_at(v->in, v->input, row + i) - largest));
        for (int32_t i = 0; i < depth; i++) {
            const double e = exp(v->op->beta * (real_at(v->in, v->input, row + i) - largest));
            v->output[row + i] = quantise(v, e / sum);
        }
    }
}

void zoo_oracle_run(const struct models_network *net, int8_t **values)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        const struct models_op *op = &net->ops[i];
        struct view v = {.net = net, .op = op};
        v.in = &net->tensors[op->inputs[0]];
        v.out = &net->tensors[op->outputs[0]];
        v.input = values[op->inputs[0]];
        v.output = values[op->outputs[0]] = malloc((size_t)v.out->bytes);
        if (!v.output)
            abort();
        switch (op->kind) {
        case MODELS_CONV_2D:
        case MODELS_DEPTHWISE_CONV_2D:
        case MODELS_AVERAGE_POOL_2D:
            run_window(&v);
            break;
        case MODELS_FULLY_CONNECTED:
            run_dense(&v);
            break;
        case MODELS_ADD:
            run_add(&v, values[op->inputs[1]]);
            break;
        case MODELS_RESHAPE:
            memcpy(v.output, v.input, (size_t)v.out->bytes);
            break;
        case MODELS_SOFTMAX:
            run_softmax(&v);
            break;
        }
    }
}

void zoo_oracle_free(const struct models_network *net, int8_t **values)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        free(values[net->ops[i].outputs[0]]);
        values[net->ops[i].outputs[0]] = NULL;
    }
}

void zoo_oracle_random(uint32_t seed, int8_t *data, size_t bytes)
{
    uint32_t x = seed;
    for (size_t i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        data[i] = (int8_t)(uint8_t)x;
    }
}
