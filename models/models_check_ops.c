/* What each operator demands of its tensors and options: the limits of TensorFlow Lite Micro's
 * int8 reference kernels, plus those of our kernels where the messages say so. */
#include "models_ops.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const struct models_tensor *input_of(const struct models_check *c, int32_t index, int32_t i)
{
    const struct models_op *op = &c->net->ops[index];
    return i < op->n_inputs && op->inputs[i] >= 0 ? &c->net->tensors[op->inputs[i]] : NULL;
}

static const struct models_tensor *output_of(const struct models_check *c, int32_t index)
{
    return &c->net->tensors[c->net->ops[index].outputs[0]];
}

/* An INT8 tensor; rank < 0 accepts any rank from 1. */
static enum cc_status check_int8(const struct models_check *c, int32_t index, const char *role,
                                 const struct models_tensor *t, int32_t rank)
{
    if (t->type != MODELS_INT8)
        return models_check_fail(c, index, "the %s '%s' is %s; only INT8 activations are supported",
                                 role, t->name, models_type_name((int)t->type));
    if (rank >= 0 ? t->rank != rank : t->rank < 1)
        return models_check_fail(c, index, "the %s '%s' has rank %d, expected %s%d", role, t->name,
                                 t->rank, rank >= 0 ? "" : "at least ", rank >= 0 ? rank : 1);
    return CC_OK;
}

static enum cc_status check_computed(const struct models_check *c, int32_t index, const char *role,
                                     const struct models_tensor *t)
{
    if (!t->data)
        return CC_OK;
    return models_check_fail(c, index,
                             "the %s '%s' is a constant; fold the operator away when "
                             "converting",
                             role, t->name);
}

static enum cc_status check_quantised(const struct models_check *c, int32_t index, const char *role,
                                      const struct models_tensor *t, int32_t rank)
{
    enum cc_status status = check_int8(c, index, role, t, rank);
    if (status == CC_OK && t->n_scales != 1)
        return models_check_fail(c, index,
                                 "the %s '%s' has %d scales, expected one scale and zero "
                                 "point; quantise the whole model to int8",
                                 role, t->name, t->n_scales);
    return status;
}

static enum cc_status check_fused_activation(const struct models_check *c, int32_t index)
{
    static const double limit[] = {0, 0, 1, 6};
    int act = (int)c->net->ops[index].activation;
    if (act < MODELS_ACT_NONE || act > MODELS_ACT_RELU6)
        return models_check_fail(c, index,
                                 "fused activation %d is not supported; use NONE, RELU, "
                                 "RELU_N1_TO_1 or RELU6",
                                 act);
    const struct models_tensor *out = output_of(c, index);
    if (out->n_scales == 1 && limit[act] / (double)out->scale[0] > (double)(1 << 30))
        return models_check_fail(c, index,
                                 "output scale %g is too small for the fused activation; "
                                 "quantise the model again",
                                 (double)out->scale[0]);
    return CC_OK;
}

/* Input and output of an operator with one of each. */
static enum cc_status check_in_out(const struct models_check *c, int32_t index, int32_t rank_in,
                                   int32_t rank_out)
{
    enum cc_status status = check_quantised(c, index, "input", input_of(c, index, 0), rank_in);
    if (status == CC_OK && c->net->ops[index].kind != MODELS_ADD)
        status = check_computed(c, index, "input", input_of(c, index, 0));
    if (status == CC_OK)
        status = check_quantised(c, index, "output", output_of(c, index), rank_out);
    if (status == CC_OK)
        status = check_fused_activation(c, index);
    return status;
}

/* Weights with one scale, or one per slice of `axis`. */
static enum cc_status check_weights(const struct models_check *c, int32_t index, int32_t rank,
                                    int32_t axis)
{
    const struct models_tensor *w = input_of(c, index, 1);
    if (!w->data || w->type != MODELS_INT8)
        return models_check_fail(c, index,
                                 "weights '%s' must be constant INT8, not %s%s; quantise "
                                 "the model to int8",
                                 w->name, w->data ? "constant " : "computed ",
                                 models_type_name((int)w->type));
    if (w->rank != rank)
        return models_check_fail(c, index, "weights '%s' have rank %d, expected %d", w->name,
                                 w->rank, rank);
    int32_t channels = w->dims[axis];
    if (w->n_scales != 1 && (w->n_scales != channels || w->quantized_dim != axis))
        return models_check_fail(c, index,
                                 "weights '%s' have %d scales along dimension %d, "
                                 "expected 1, or %d along dimension %d (one per output channel)",
                                 w->name, w->n_scales, w->quantized_dim, channels, axis);
    if (!c->symmetric[c->net->ops[index].inputs[1]])
        return models_check_fail(c, index,
                                 "weights '%s' have a zero point other than 0; quantise "
                                 "weights symmetrically",
                                 w->name);
    return CC_OK;
}

static enum cc_status check_bias(const struct models_check *c, int32_t index, int32_t channels)
{
    const struct models_tensor *bias = input_of(c, index, 2);
    if (!bias)
        return CC_OK;
    if (!bias->data || bias->type != MODELS_INT32)
        return models_check_fail(c, index, "bias '%s' must be constant INT32, not %s%s", bias->name,
                                 bias->data ? "constant " : "computed ",
                                 models_type_name((int)bias->type));
    if (bias->elements != channels)
        return models_check_fail(c, index,
                                 "bias '%s' has %d elements, expected %d (one per output "
                                 "channel)",
                                 bias->name, bias->elements, channels);
    return CC_OK;
}

/* The largest requantisation factor decides: it must leave room in the multiplier's left shift of
 * at most 30, and the product of scales must be a float, as which FULLY_CONNECTED forms it. */
static enum cc_status check_factor(const struct models_check *c, int32_t index)
{
    const struct models_tensor *w = input_of(c, index, 1);
    double input = (double)input_of(c, index, 0)->scale[0];
    double output = (double)output_of(c, index)->scale[0];
    double product = input * (double)c->largest_scale[c->net->ops[index].inputs[1]];
    if (product <= (double)FLT_MAX && product / output < (double)(1 << 29))
        return CC_OK;
    return models_check_fail(c, index,
                             "input scale %g x weights scale %g / output scale %g of '%s' is not "
                             "below 2^29; quantise the model again",
                             input, product / input, output, w->name);
}

/* Options of a sliding window, and that output extent and padding are those of SAME or VALID. */
static enum cc_status check_axis(const struct models_check *c, int32_t index, int32_t axis,
                                 int32_t filter, int32_t stride, int32_t dilation, int32_t pad)
{
    int32_t in = input_of(c, index, 0)->dims[axis];
    int32_t out = output_of(c, index)->dims[axis];
    const char *name = axis == 1 ? "height" : "width";
    if (filter < 1 || stride < 1 || dilation < 1)
        return models_check_fail(c, index,
                                 "filter %s %d, stride %d, dilation %d; each must be at "
                                 "least 1",
                                 name, filter, stride, dilation);
    if (((int64_t)filter - 1) * dilation > (1 << 30) || stride > (1 << 30))
        return models_check_fail(c, index, "filter %s %d x dilation %d or stride %d exceeds 2^30",
                                 name, filter, dilation, stride);
    int32_t same_pad, valid_pad;
    int32_t same = models_window_output(in, filter, stride, dilation, MODELS_PAD_SAME, &same_pad);
    int32_t valid =
        models_window_output(in, filter, stride, dilation, MODELS_PAD_VALID, &valid_pad);
    if (out >= 1 && ((out == same && pad == same_pad) || (out == valid && pad == valid_pad)))
        return CC_OK;
    return models_check_fail(c, index,
                             "output %s %d with padding %d does not follow from input "
                             "%s %d, filter %d, stride %d, dilation %d; expected %d (SAME) or %d "
                             "(VALID)",
                             name, out, pad, name, in, filter, stride, dilation, same, valid);
}

static enum cc_status check_window(const struct models_check *c, int32_t index, int32_t channels)
{
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *in = input_of(c, index, 0), *out = output_of(c, index);
    if (in->dims[0] != out->dims[0] || out->dims[3] != channels)
        return models_check_fail(c, index,
                                 "output has batch %d and %d channels, expected batch %d "
                                 "and %d channels",
                                 out->dims[0], out->dims[3], in->dims[0], channels);
    enum cc_status status =
        check_axis(c, index, 1, op->filter_h, op->stride_h, op->dilation_h, op->pad_top);
    if (status == CC_OK)
        status = check_axis(c, index, 2, op->filter_w, op->stride_w, op->dilation_w, op->pad_left);
    return status;
}

static enum cc_status check_filter_size(const struct models_check *c, int32_t index)
{
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *w = input_of(c, index, 1);
    if (w->dims[1] == op->filter_h && w->dims[2] == op->filter_w)
        return CC_OK;
    return models_check_fail(c, index, "filter %d x %d differs from the weights' %d x %d",
                             op->filter_h, op->filter_w, w->dims[1], w->dims[2]);
}

enum cc_status models_check_conv(const struct models_check *c, int32_t index)
{
    enum cc_status status = check_in_out(c, index, 4, 4);
    if (status == CC_OK)
        status = check_weights(c, index, 4, 0);
    if (status != CC_OK)
        return status;
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *w = input_of(c, index, 1);
    int32_t in_c = input_of(c, index, 0)->dims[3];
    if (in_c % w->dims[3] != 0 || w->dims[0] % (in_c / w->dims[3]) != 0 ||
        op->groups != in_c / w->dims[3])
        return models_check_fail(c, index,
                                 "%d groups of %d channels do not divide %d input and %d "
                                 "output channels",
                                 op->groups, w->dims[3], in_c, w->dims[0]);
    status = check_filter_size(c, index);
    if (status == CC_OK)
        status = check_window(c, index, w->dims[0]);
    if (status == CC_OK)
        status = check_bias(c, index, w->dims[0]);
    if (status == CC_OK)
        status = check_factor(c, index);
    return status;
}

enum cc_status models_check_depthwise(const struct models_check *c, int32_t index)
{
    enum cc_status status = check_in_out(c, index, 4, 4);
    if (status == CC_OK)
        status = check_weights(c, index, 4, 3);
    if (status != CC_OK)
        return status;
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *w = input_of(c, index, 1);
    int32_t in_c = input_of(c, index, 0)->dims[3];
    if (w->dims[0] != 1 || op->depth_multiplier < 1 ||
        (int64_t)in_c * op->depth_multiplier != w->dims[3])
        return models_check_fail(c, index,
                                 "weights %d x ... x %d, expected 1 x ... x %d input "
                                 "channels x depth multiplier %d",
                                 w->dims[0], w->dims[3], in_c, op->depth_multiplier);
    status = check_filter_size(c, index);
    if (status == CC_OK)
        status = check_window(c, index, w->dims[3]);
    if (status == CC_OK)
        status = check_bias(c, index, w->dims[3]);
    if (status == CC_OK)
        status = check_factor(c, index);
    return status;
}

enum cc_status models_check_fully_connected(const struct models_check *c, int32_t index)
{
    enum cc_status status = check_in_out(c, index, -1, -1);
    if (status == CC_OK)
        status = check_weights(c, index, 2, 0);
    if (status != CC_OK)
        return status;
    const struct models_tensor *in = input_of(c, index, 0), *w = input_of(c, index, 1);
    const struct models_tensor *out = output_of(c, index);
    if (in->elements % w->dims[1] != 0)
        return models_check_fail(c, index,
                                 "%d input elements are not rows of %d, the weights' "
                                 "second dimension",
                                 in->elements, w->dims[1]);
    int64_t expected = (int64_t)(in->elements / w->dims[1]) * w->dims[0];
    if (out->elements != expected || out->dims[out->rank - 1] != w->dims[0])
        return models_check_fail(c, index,
                                 "output has %d elements in rows of %d, expected %lld in "
                                 "rows of %d",
                                 out->elements, out->dims[out->rank - 1], (long long)expected,
                                 w->dims[0]);
    status = check_bias(c, index, w->dims[0]);
    if (status == CC_OK)
        status = check_factor(c, index);
    return status;
}

enum cc_status models_check_average_pool(const struct models_check *c, int32_t index)
{
    enum cc_status status = check_in_out(c, index, 4, 4);
    if (status != CC_OK)
        return status;
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *in = input_of(c, index, 0), *out = output_of(c, index);
    if (in->scale[0] != out->scale[0] || in->zero_point[0] != out->zero_point[0])
        return models_check_fail(c, index,
                                 "input scale %g and zero point %d differ from output "
                                 "scale %g and zero point %d; pooling does not rescale",
                                 (double)in->scale[0], in->zero_point[0], (double)out->scale[0],
                                 out->zero_point[0]);
    if (op->dilation_h != 1 || op->dilation_w != 1)
        return models_check_fail(c, index, "pooling with dilation %d x %d; expected 1 x 1",
                                 op->dilation_h, op->dilation_w);
    /* The kernels count taps in 32 bits, and sum int8 values in 32 bits. */
    if ((int64_t)op->filter_h * op->filter_w > (1 << 23))
        return models_check_fail(c, index, "window %d x %d; expected at most 2^23 taps",
                                 op->filter_h, op->filter_w);
    return check_window(c, index, in->dims[3]);
}

static int same_shape(const struct models_tensor *a, const struct models_tensor *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) == 0;
}

enum cc_status models_check_add(const struct models_check *c, int32_t index)
{
    const struct models_tensor *a = input_of(c, index, 0), *b = input_of(c, index, 1);
    const struct models_tensor *out = output_of(c, index);
    enum cc_status status = check_in_out(c, index, -1, -1);
    if (status == CC_OK)
        status = check_quantised(c, index, "second input", b, -1);
    if (status != CC_OK)
        return status;
    if (a->data && b->data)
        return models_check_fail(c, index,
                                 "both inputs are constants; fold the operator away when "
                                 "converting");
    if (!same_shape(a, b) || !same_shape(a, out))
        return models_check_fail(c, index,
                                 "inputs '%s' (%d elements, rank %d) and '%s' (%d, rank "
                                 "%d) and the output (%d, rank %d) differ in shape; broadcasting "
                                 "is not supported, give all three the same shape",
                                 a->name, a->elements, a->rank, b->name, b->elements, b->rank,
                                 out->elements, out->rank);
    /* The sum is formed with 20 fraction bits and scaled back by a factor below 1. */
    double twice = 2 * fmax((double)a->scale[0], (double)b->scale[0]);
    if (twice / ((double)(1 << 20) * (double)out->scale[0]) >= 1)
        return models_check_fail(c, index,
                                 "output scale %g is too small for input scales %g and "
                                 "%g; quantise the model again",
                                 (double)out->scale[0], (double)a->scale[0], (double)b->scale[0]);
    return CC_OK;
}

/* Little endian, as constants are stored. */
static int32_t const_int32(const struct models_tensor *t, int32_t i)
{
    const uint8_t *p = t->data + 4 * (size_t)i;
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return (int32_t)v;
}

static enum cc_status check_new_shape(const struct models_check *c, int32_t index,
                                      const struct models_tensor *shape,
                                      const struct models_tensor *out)
{
    if (!shape->data || shape->type != MODELS_INT32 || shape->rank > 1)
        return models_check_fail(c, index,
                                 "the new shape '%s' must be a constant INT32 vector, "
                                 "shapes computed at run time are not supported",
                                 shape->name);
    int32_t wild = 0;
    int matches = shape->elements == out->rank;
    for (int32_t i = 0; matches && i < out->rank; i++) {
        int32_t dim = const_int32(shape, i);
        wild += dim == -1;
        matches = wild <= 1 && (dim == -1 || dim == out->dims[i]);
    }
    if (matches)
        return CC_OK;
    return models_check_fail(c, index,
                             "the new shape '%s' differs from the shape of the output "
                             "'%s'; convert the model again",
                             shape->name, out->name);
}

enum cc_status models_check_reshape(const struct models_check *c, int32_t index)
{
    const struct models_tensor *in = input_of(c, index, 0), *out = output_of(c, index);
    const struct models_tensor *shape = input_of(c, index, 1);
    enum cc_status status = check_int8(c, index, "input", in, in->rank);
    if (status == CC_OK)
        status = check_int8(c, index, "output", out, out->rank);
    if (status == CC_OK)
        status = check_computed(c, index, "input", in);
    if (status != CC_OK)
        return status;
    if (in->elements != out->elements)
        return models_check_fail(c, index,
                                 "input has %d elements and output %d; reshaping keeps "
                                 "their number",
                                 in->elements, out->elements);
    return shape ? check_new_shape(c, index, shape, out) : CC_OK;
}

enum cc_status models_check_softmax(const struct models_check *c, int32_t index)
{
    enum cc_status status = check_in_out(c, index, -1, -1);
    if (status != CC_OK)
        return status;
    const struct models_op *op = &c->net->ops[index];
    const struct models_tensor *in = input_of(c, index, 0), *out = output_of(c, index);
    if (!same_shape(in, out))
        return models_check_fail(c, index, "input and output differ in shape");
    if (out->scale[0] != 1.0f / 256 || out->zero_point[0] != -128)
        return models_check_fail(c, index,
                                 "output scale %g and zero point %d, expected 1/256 and "
                                 "-128; quantise the model again",
                                 (double)out->scale[0], out->zero_point[0]);
    /* The exponential's argument is scaled by beta x scale x 2^26, which must exceed 1. */
    if (!isfinite(op->beta) || !((double)op->beta * (double)in->scale[0] * (double)(1 << 26) > 1))
        return models_check_fail(c, index,
                                 "beta %g x input scale %g is not above 2^-26; use a "
                                 "positive beta",
                                 (double)op->beta, (double)in->scale[0]);
    return CC_OK;
}
