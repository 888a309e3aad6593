/* Weights, scales and biases of an architecture. Weights are pseudo-random; everything else follows
 * from them as if the network had been trained with batch normalisation: each channel's weight
 * scale and bias are such that its values have a mean near 0 and a chosen deviation, whatever its
 * input, so that activations fill the int8 range at any depth. Expected means and variances are
 * passed from layer to layer in closed form; nothing is executed. Cost: linear in weights. */
#include "architecture.h"

#include "architecture_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_INPUT_SCALE 0.0078125f /* -1..1 */
#define MIN_SCALE           1e-6
#define MAX_SCALE           1e6
#define MAX_MULTIPLIER      0.99 /* requantisation only ever shrinks, as in trained models */

/* The deviation a layer's values shall have before activation: 3 of it reach 6, RELU6's bound;
 * for RELU_N1_TO_1 they reach a little over 1. */
#define DEVIATION    2.0
#define DEVIATION_N1 0.4
/* Channels differ by a factor of two, uniformly; this is the root mean square of that factor. */
#define SPREAD_LOW 0.5
#define SPREAD_RMS 0.7637626158
/* Biases move a channel's mean away from 0 by up to this many deviations either way. */
#define BIAS_SPREAD 0.25

/* Weights of one operator seen as rows of taps, one row per output channel. */
struct taps {
    int8_t *data;
    int32_t n_channels, n_taps;
    int32_t channel_step, tap_step; /* in elements of data */
    int32_t window_w;
    int32_t group_in, group_out; /* input and output channels of one group */
    double *share_h, *share_w;   /* [filter] share of output places where the tap is in the image */
};

struct weigher {
    struct arch_build *b;
    struct arch_stats *stats; /* [n_tensors] */
    uint32_t random;
    int32_t layer;
};

/* xorshift32 (Marsaglia's 13, 17, 5). */
static uint32_t next_random(struct weigher *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 17;
    w->random ^= w->random << 5;
    return w->random;
}

/* Each layer has its own sequence, so that editing one leaves the weights of the others alone. */
static void seed_layer(struct weigher *w, uint32_t seed, int32_t layer)
{
    w->layer = layer;
    w->random = seed ^ ((uint32_t)(layer + 1) * 0x9e3779b9u);
    if (w->random == 0)
        w->random = seed;
    for (int i = 0; i < 8; i++)
        next_random(w);
}

/* Uniform in 0..1. */
static double next_unit(struct weigher *w)
{
    return (next_random(w) >> 8) * (1.0 / (1 << 24));
}

static struct models_tensor *tensor_at(const struct weigher *w, int32_t index)
{
    return &w->b->net->tensors[index];
}

static enum cc_status new_quantisation(struct weigher *w, struct models_tensor *t, int32_t n,
                                       int32_t dim)
{
    t->scale = calloc((size_t)n, sizeof *t->scale);
    t->zero_point = calloc((size_t)n, sizeof *t->zero_point);
    t->n_scales = n;
    t->quantized_dim = dim;
    return t->scale && t->zero_point ? CC_OK : cc_no_memory(w->b->err);
}

static enum cc_status quantise_tensor(struct weigher *w, struct models_tensor *t, double scale,
                                      int32_t zero_point)
{
    enum cc_status status = new_quantisation(w, t, 1, 0);
    if (status != CC_OK)
        return status;
    if (!(scale >= MIN_SCALE && scale <= MAX_SCALE))
        return arch_tensor_fail(w->b, w->b->layer_of[t - w->b->net->tensors], t->name, "scale",
                                "%g is outside %g to %g; change the input's scale or put a conv_2d "
                                "before",
                                scale, MIN_SCALE, MAX_SCALE);
    t->scale[0] = (float)scale;
    t->zero_point[0] = zero_point;
    return CC_OK;
}

static void put_int32(uint8_t *to, int32_t value)
{
    const uint32_t u = (uint32_t)value;
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(u >> (8 * i));
}

static uint8_t *constant_at(const struct weigher *w, int32_t index)
{
    uint8_t *data = (uint8_t *)w->b->net->storage + w->b->data_offset[index];
    tensor_at(w, index)->data = data;
    return data;
}

/* For each tap along one axis, the share of output places at which it lies inside the image; the
 * others read padding, which is a real 0. */
static double *tap_shares(int32_t filter, int32_t stride, int32_t dilation, int32_t pad, int32_t in,
                          int32_t out)
{
    double *share = calloc((size_t)filter, sizeof *share);
    for (int64_t k = 0; share && k < filter; k++) {
        const int64_t at = k * dilation - pad; /* input coordinate at output 0 */
        int64_t first = at < 0 ? (-at + stride - 1) / stride : 0;
        int64_t last = at > in - 1 ? -1 : (in - 1 - at) / stride;
        if (last > out - 1)
            last = out - 1;
        share[k] = last < first ? 0.0 : (double)(last - first + 1) / out;
    }
    return share;
}

static enum cc_status open_taps(struct weigher *w, const struct models_op *op, struct taps *t)
{
    const struct models_tensor *weights = tensor_at(w, op->inputs[1]);
    const struct models_tensor *in = tensor_at(w, op->inputs[0]);
    const struct models_tensor *out = tensor_at(w, op->outputs[0]);
    const int depthwise = op->kind == MODELS_DEPTHWISE_CONV_2D;
    memset(t, 0, sizeof *t);
    t->data = (int8_t *)constant_at(w, op->inputs[1]);
    t->n_channels = depthwise ? weights->dims[3] : weights->dims[0];
    t->n_taps = weights->elements / t->n_channels;
    t->channel_step = depthwise ? 1 : t->n_taps;
    t->tap_step = depthwise ? t->n_channels : 1;
    if (op->kind == MODELS_FULLY_CONNECTED) {
        t->window_w = 1;
        t->group_in = t->n_taps;
        t->group_out = t->n_channels;
        t->share_h = tap_shares(1, 1, 1, 0, 1, 1);
        t->share_w = tap_shares(1, 1, 1, 0, 1, 1);
    } else {
        t->window_w = op->filter_w;
        t->group_in = depthwise ? 1 : weights->dims[3];
        t->group_out = depthwise ? op->depth_multiplier : t->n_channels / op->groups;
        t->share_h = tap_shares(op->filter_h, op->stride_h, op->dilation_h, op->pad_top,
                                in->dims[1], out->dims[1]);
        t->share_w = tap_shares(op->filter_w, op->stride_w, op->dilation_w, op->pad_left,
                                in->dims[2], out->dims[2]);
    }
    return t->share_h && t->share_w ? CC_OK : cc_no_memory(w->b->err);
}

static void close_taps(struct taps *t)
{
    free(t->share_h);
    free(t->share_w);
}

static int8_t *tap_at(const struct taps *t, int32_t channel, int32_t tap)
{
    return &t->data[(size_t)channel * (size_t)t->channel_step + (size_t)tap * (size_t)t->tap_step];
}

/* Uniform -127..127. As symmetric quantisation would have it, the largest weight of each scale is
 * +-127: of each channel, or of the whole tensor. */
static void generate_weights(struct weigher *w, const struct taps *t, int per_channel)
{
    int8_t *largest = tap_at(t, 0, 0);
    for (int32_t channel = 0; channel < t->n_channels; channel++) {
        if (per_channel)
            largest = tap_at(t, channel, 0);
        for (int32_t tap = 0; tap < t->n_taps; tap++) {
            int8_t *p = tap_at(t, channel, tap);
            *p = (int8_t)((int32_t)((next_random(w) >> 8) % 255) - 127);
            if (abs(*p) > abs(*largest))
                largest = p;
        }
        if (per_channel || channel == t->n_channels - 1)
            *largest = *largest < 0 ? -127 : 127;
    }
}

/* Mean and variance of sum(weight x input) in one channel, weights counted as integers. */
static void channel_sum(const struct taps *t, const struct arch_stats *in, int32_t channel,
                        double *mean, double *variance)
{
    const int32_t first = channel / t->group_out * t->group_in;
    *mean = *variance = 0;
    for (int32_t tap = 0; tap < t->n_taps; tap++) {
        const int32_t place = tap / t->group_in;
        const int32_t entry = (first + tap % t->group_in) % in->period;
        const double share = t->share_h[place / t->window_w] * t->share_w[place % t->window_w];
        const double weight = *tap_at(t, channel, tap);
        const double m = in->mean[entry];
        *mean += weight * share * m;
        *variance += weight * weight * share * (in->variance[entry] + (1 - share) * m * m);
    }
}

static double mean_variance(const struct arch_stats *s)
{
    double sum = 0;
    for (int32_t i = 0; i < s->period; i++)
        sum += s->variance[i];
    return sum / s->period;
}

/* Weight scales that give each channel its deviation (a channel whose few taps inside the image
 * have tiny weights falls short of it); one for all when there is only one. sums holds
 * mean and variance of the integer-weighted sums and becomes what follows with scales and biases,
 * biases still real numbers. */
static void choose_scales(struct weigher *w, const struct models_op *op,
                          struct models_tensor *weights, struct arch_stats *sums, double *bias)
{
    const double target =
        (op->activation == MODELS_ACT_RELU_N1_TO_1 ? DEVIATION_N1 : DEVIATION) / SPREAD_RMS;
    const double typical = mean_variance(sums);
    for (int32_t i = 0; i < sums->period; i++) {
        const double factor = SPREAD_LOW + (1 - SPREAD_LOW) * next_unit(w);
        const double offset = BIAS_SPREAD * (2 * next_unit(w) - 1);
        const int per_channel = weights->n_scales > 1;
        const double scale = per_channel
                                 ? factor * target / sqrt(fmax(sums->variance[i], typical / 100))
                                 : SPREAD_RMS * target / sqrt(typical);
        if (per_channel || i == 0)
            weights->scale[per_channel ? i : 0] = arch_round_scale(scale);
        const double s = weights->scale[per_channel ? i : 0];
        const double deviation = s * sqrt(sums->variance[i]);
        bias[i] = op->inputs[2] < 0 ? 0 : offset * deviation - s * sums->mean[i];
        sums->mean[i] = s * sums->mean[i] + bias[i];
        sums->variance[i] = deviation * deviation;
    }
}

/* Keeps every multiplier below 1 by shrinking weight scales; the channel's values shrink along. */
static void limit_multipliers(struct models_tensor *weights, double scale_in, double scale_out,
                              struct arch_stats *sums, double *bias)
{
    const double most = MAX_MULTIPLIER * scale_out / scale_in;
    for (int32_t i = 0; i < sums->period; i++) {
        float *scale = &weights->scale[weights->n_scales > 1 ? i : 0];
        const double shrink = *scale > most ? most / *scale : 1.0;
        if (shrink >= 1.0)
            continue;
        if (weights->n_scales > 1 || i == sums->period - 1)
            *scale = arch_round_scale(*scale * shrink);
        sums->mean[i] *= shrink;
        sums->variance[i] *= shrink * shrink;
        bias[i] *= shrink;
    }
}

static enum cc_status write_bias(struct weigher *w, const struct models_op *op, double scale_in,
                                 const double *bias, int32_t n)
{
    const struct models_tensor *weights = tensor_at(w, op->inputs[1]);
    if (op->inputs[2] < 0)
        return CC_OK;
    struct models_tensor *t = tensor_at(w, op->inputs[2]);
    uint8_t *data = constant_at(w, op->inputs[2]);
    enum cc_status status = new_quantisation(w, t, weights->n_scales, 0);
    if (status != CC_OK)
        return status;
    for (int32_t i = 0; i < n; i++) {
        const int32_t entry = t->n_scales > 1 ? i : 0;
        t->scale[entry] = (float)(scale_in * weights->scale[entry]);
        const double value = nearbyint(bias[i] / (scale_in * weights->scale[entry]));
        put_int32(data + 4 * (size_t)i, (int32_t)fmin(1 << 30, fmax(-(1 << 30), value)));
    }
    return CC_OK;
}

/* Chooses the output's scale from the expected values before activation, and turns these into
 * those after. */
static enum cc_status finish_output(struct weigher *w, const struct models_op *op)
{
    struct arch_stats *s = &w->stats[op->outputs[0]];
    double mean, deviation;
    float scale;
    int32_t zero_point;
    arch_stats_pool(s, &mean, &deviation);
    arch_pick_range(op->activation, mean, deviation, &scale, &zero_point);
    return quantise_tensor(w, tensor_at(w, op->outputs[0]), scale, zero_point);
}

static void clip_output(struct weigher *w, const struct models_op *op)
{
    const struct models_tensor *out = tensor_at(w, op->outputs[0]);
    arch_stats_quantise(&w->stats[op->outputs[0]], op->activation, out->scale[0],
                        out->zero_point[0]);
}

/* Everything after the weights of a convolution or fully connected layer exist. */
static enum cc_status scale_product(struct weigher *w, const struct models_op *op,
                                    const struct taps *t, double *bias)
{
    const struct models_tensor *in = tensor_at(w, op->inputs[0]);
    struct models_tensor *weights = tensor_at(w, op->inputs[1]);
    struct arch_stats *sums = &w->stats[op->outputs[0]];
    arch_stats_fit(&w->stats[op->inputs[0]], t->group_in * (t->n_channels / t->group_out));
    for (int32_t i = 0; i < t->n_channels; i++)
        channel_sum(t, &w->stats[op->inputs[0]], i, &sums->mean[i], &sums->variance[i]);
    if (!(mean_variance(sums) > 0))
        return arch_fail(w->b, w->layer, "kernel",
                         "every tap reads padding only; use a smaller kernel or dilation");
    choose_scales(w, op, weights, sums, bias);
    enum cc_status status = finish_output(w, op);
    if (status != CC_OK)
        return status;
    const double scale_out = tensor_at(w, op->outputs[0])->scale[0];
    limit_multipliers(weights, in->scale[0], scale_out, sums, bias);
    clip_output(w, op);
    return write_bias(w, op, in->scale[0], bias, t->n_channels);
}

static enum cc_status weigh_product(struct weigher *w, const struct models_op *op)
{
    const int dense = op->kind == MODELS_FULLY_CONNECTED;
    struct models_tensor *weights = tensor_at(w, op->inputs[1]);
    struct taps t;
    enum cc_status status = open_taps(w, op, &t);
    if (status == CC_OK)
        status = new_quantisation(w, weights, dense ? 1 : t.n_channels,
                                  op->kind == MODELS_DEPTHWISE_CONV_2D ? 3 : 0);
    if (status == CC_OK)
        status = arch_stats_new(&w->stats[op->outputs[0]], t.n_channels, w->b->err);
    double *bias = calloc((size_t)t.n_channels, sizeof *bias);
    if (status == CC_OK && !bias)
        status = cc_no_memory(w->b->err);
    if (status == CC_OK) {
        generate_weights(w, &t, !dense);
        status = scale_product(w, op, &t, bias);
    }
    free(bias);
    close_taps(&t);
    return status;
}

static enum cc_status copy_stats(struct weigher *w, const struct models_op *op)
{
    const struct arch_stats *in = &w->stats[op->inputs[0]];
    struct arch_stats *out = &w->stats[op->outputs[0]];
    enum cc_status status = arch_stats_new(out, in->period, w->b->err);
    if (status == CC_OK)
        memcpy(out->mean, in->mean, 2 * (size_t)in->period * sizeof *in->mean);
    return status;
}

/* Pooling and reshaping keep their input's quantisation. */
static enum cc_status keep_quantisation(struct weigher *w, const struct models_op *op)
{
    const struct models_tensor *in = tensor_at(w, op->inputs[0]);
    enum cc_status status = copy_stats(w, op);
    if (status != CC_OK)
        return status;
    return quantise_tensor(w, tensor_at(w, op->outputs[0]), in->scale[0], in->zero_point[0]);
}

static enum cc_status weigh_pool(struct weigher *w, const struct models_op *op)
{
    enum cc_status status = keep_quantisation(w, op);
    if (status != CC_OK)
        return status;
    struct arch_stats *s = &w->stats[op->outputs[0]];
    for (int32_t i = 0; i < s->period; i++)
        s->variance[i] /= (double)op->filter_h * op->filter_w;
    clip_output(w, op);
    return CC_OK;
}

static enum cc_status weigh_reshape(struct weigher *w, const struct models_op *op)
{
    const struct models_tensor *out = tensor_at(w, op->outputs[0]);
    uint8_t *shape = constant_at(w, op->inputs[1]);
    for (int32_t i = 0; i < out->rank; i++)
        put_int32(shape + 4 * i, out->dims[i]);
    return keep_quantisation(w, op);
}

static enum cc_status weigh_add(struct weigher *w, const struct models_op *op)
{
    const struct models_tensor *x = tensor_at(w, op->inputs[0]);
    const struct models_tensor *y = tensor_at(w, op->inputs[1]);
    struct arch_stats *other = &w->stats[op->inputs[1]];
    enum cc_status status = copy_stats(w, op);
    if (status != CC_OK)
        return status;
    struct arch_stats *sum = &w->stats[op->outputs[0]];
    if (sum->period % other->period != 0)
        arch_stats_fit(sum, 1);
    arch_stats_fit(other, sum->period);
    for (int32_t i = 0; i < sum->period; i++) {
        sum->mean[i] += other->mean[i % other->period];
        sum->variance[i] += other->variance[i % other->period];
    }
    status = finish_output(w, op);
    if (status != CC_OK)
        return status;
    clip_output(w, op);
    /* The usual arithmetic of ADD works 20 bits left of the larger input. */
    const double ratio = fmax(x->scale[0], y->scale[0]) / tensor_at(w, op->outputs[0])->scale[0];
    if (ratio >= 1 << 18)
        return arch_fail(w->b, w->layer, "activation",
                         "its bounds are too narrow for inputs this large; use none or relu");
    return CC_OK;
}

static enum cc_status weigh_softmax(struct weigher *w, const struct models_op *op)
{
    const struct models_tensor *out = tensor_at(w, op->outputs[0]);
    struct arch_stats *s = &w->stats[op->outputs[0]];
    enum cc_status status = arch_stats_new(s, 1, w->b->err);
    if (status != CC_OK)
        return status;
    s->mean[0] = 1.0 / out->dims[out->rank - 1];
    s->variance[0] = s->mean[0] * s->mean[0] + 1.0 / (256.0 * 256 * 12);
    return quantise_tensor(w, tensor_at(w, op->outputs[0]), 1.0 / 256, -128);
}

static enum cc_status weigh_layer(struct weigher *w, const struct models_op *op)
{
    switch (op->kind) {
    case MODELS_CONV_2D:
    case MODELS_DEPTHWISE_CONV_2D:
    case MODELS_FULLY_CONNECTED:
        return weigh_product(w, op);
    case MODELS_AVERAGE_POOL_2D:
        return weigh_pool(w, op);
    case MODELS_RESHAPE:
        return weigh_reshape(w, op);
    case MODELS_ADD:
        return weigh_add(w, op);
    case MODELS_SOFTMAX:
        return weigh_softmax(w, op);
    }
    return arch_fail(w->b, w->layer, "type", "has no weight generator");
}

/* The input is taken to be uniform over all int8 values. */
static enum cc_status weigh_input(struct weigher *w)
{
    const struct arch_input *y = &w->b->arch->input;
    const int32_t zero_point = y->zero_point ? *y->zero_point : 0;
    const double scale = y->scale ? *y->scale : DEFAULT_INPUT_SCALE;
    if (zero_point < -128 || zero_point > 127)
        return cc_fail(w->b->err, CC_ERR_INPUT, "%s: input.zero_point: %d is outside -128 to 127",
                       w->b->path, zero_point);
    enum cc_status status = quantise_tensor(w, tensor_at(w, 0), scale, zero_point);
    if (status == CC_OK)
        status = arch_stats_new(&w->stats[0], 1, w->b->err);
    if (status != CC_OK)
        return status;
    w->stats[0].mean[0] = scale * (-0.5 - zero_point);
    w->stats[0].variance[0] = scale * scale * (256.0 * 256 - 1) / 12;
    return CC_OK;
}

enum cc_status arch_weights(struct arch_build *b)
{
    struct weigher w = {.b = b};
    w.stats = calloc((size_t)b->net->n_tensors, sizeof *w.stats);
    if (!w.stats)
        return cc_no_memory(b->err);
    enum cc_status status = weigh_input(&w);
    for (int32_t i = 0; i < b->net->n_ops && status == CC_OK; i++) {
        seed_layer(&w, b->arch->seed, i);
        status = weigh_layer(&w, &b->net->ops[i]);
    }
    for (int32_t i = 0; i < b->net->n_tensors; i++)
        arch_stats_free(&w.stats[i]);
    free(w.stats);
    return status;
}
