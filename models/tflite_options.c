/* Operator options of a .tflite file, one reader per row of the table in models_ops.c. Field ids
 * are those of the public schema, version 3. What options and shapes must fulfil is checked in
 * models_check_ops.c for every kind of file; here is only what a .tflite file says differently. */
#include "models_ops.h"

#define TENSOR_TYPE_FLOAT32 0 /* the default of quantized_bias_type: unset */

static const char *const bias_type_problem =
    "quantized_bias_type is not INT32; convert with 32-bit biases";
static const char *const padding_problem = "padding is neither SAME nor VALID";
static const char *const stride_problem =
    "a stride, dilation or filter size is not positive, or input or output are not of rank 4";
static const char *const output_problem =
    "the output's height and width do not follow from input, filter, stride, dilation and padding";

static const struct models_tensor *input_of(const struct models_network *net,
                                            const struct models_op *op, int32_t i)
{
    return &net->tensors[op->inputs[i]];
}

static void read_activation(struct models_fb_table options, uint32_t id, struct models_op *op)
{
    op->activation = (enum models_activation)models_fb_u8(options, id, 0);
}

static const char *bias_type(struct models_fb_table options, uint32_t id)
{
    uint8_t type = models_fb_u8(options, id, TENSOR_TYPE_FLOAT32);
    return type == TENSOR_TYPE_FLOAT32 || type == MODELS_INT32 ? NULL : bias_type_problem;
}

/* Resolves SAME or VALID to counts, and demands the output extent that goes with it. */
static const char *read_padding(struct models_fb_table options, const struct models_network *net,
                                struct models_op *op)
{
    uint8_t padding = models_fb_u8(options, 0, MODELS_PAD_SAME);
    if (padding != MODELS_PAD_SAME && padding != MODELS_PAD_VALID)
        return padding_problem;
    const struct models_tensor *in = input_of(net, op, 0), *out = &net->tensors[op->outputs[0]];
    if (op->stride_h < 1 || op->stride_w < 1 || op->dilation_h < 1 || op->dilation_w < 1 ||
        op->filter_h < 1 || op->filter_w < 1 || in->rank != 4 || out->rank != 4)
        return stride_problem;
    enum models_padding kind = (enum models_padding)padding;
    int32_t out_h = models_window_output(in->dims[1], op->filter_h, op->stride_h, op->dilation_h,
                                         kind, &op->pad_top);
    int32_t out_w = models_window_output(in->dims[2], op->filter_w, op->stride_w, op->dilation_w,
                                         kind, &op->pad_left);
    return out_h == out->dims[1] && out_w == out->dims[2] ? NULL : output_problem;
}

/* Sizes a convolution takes from its weights. */
static const char *read_filter(const struct models_network *net, struct models_op *op)
{
    const struct models_tensor *w = input_of(net, op, 1);
    if (w->rank != 4)
        return "weights are not of rank 4";
    op->filter_h = w->dims[1];
    op->filter_w = w->dims[2];
    return NULL;
}

const char *models_tflite_conv(struct models_fb_table options, const struct models_network *net,
                               struct models_op *op)
{
    const char *problem = read_filter(net, op);
    if (problem)
        return problem;
    op->stride_w = models_fb_i32(options, 1, 0);
    op->stride_h = models_fb_i32(options, 2, 0);
    read_activation(options, 3, op);
    op->dilation_w = models_fb_i32(options, 4, 1);
    op->dilation_h = models_fb_i32(options, 5, 1);
    problem = bias_type(options, 6);
    if (!problem)
        problem = read_padding(options, net, op);
    if (!problem)
        op->groups = input_of(net, op, 0)->dims[3] / input_of(net, op, 1)->dims[3];
    return problem;
}

const char *models_tflite_depthwise(struct models_fb_table options,
                                    const struct models_network *net, struct models_op *op)
{
    const char *problem = read_filter(net, op);
    if (problem)
        return problem;
    op->stride_w = models_fb_i32(options, 1, 0);
    op->stride_h = models_fb_i32(options, 2, 0);
    op->depth_multiplier = models_fb_i32(options, 3, 0);
    read_activation(options, 4, op);
    op->dilation_w = models_fb_i32(options, 5, 1);
    op->dilation_h = models_fb_i32(options, 6, 1);
    return read_padding(options, net, op);
}

const char *models_tflite_average_pool(struct models_fb_table options,
                                       const struct models_network *net, struct models_op *op)
{
    op->stride_w = models_fb_i32(options, 1, 0);
    op->stride_h = models_fb_i32(options, 2, 0);
    op->filter_w = models_fb_i32(options, 3, 0);
    op->filter_h = models_fb_i32(options, 4, 0);
    op->dilation_w = op->dilation_h = 1;
    read_activation(options, 5, op);
    return read_padding(options, net, op);
}

/* Whether the output keeps the input's leading dimensions. */
static int keeps_dims(const struct models_tensor *in, const struct models_tensor *out)
{
    if (in->rank != out->rank)
        return 0;
    for (int32_t i = 0; i < in->rank - 1; i++) {
        if (in->dims[i] != out->dims[i])
            return 0;
    }
    return 1;
}

const char *models_tflite_fully_connected(struct models_fb_table options,
                                          const struct models_network *net, struct models_op *op)
{
    read_activation(options, 0, op);
    if (models_fb_u8(options, 1, 0) != 0)
        return "the weights' format is shuffled; convert with the DEFAULT weights format";
    if (models_fb_u8(options, 2, 0) &&
        !keeps_dims(input_of(net, op, 0), &net->tensors[op->outputs[0]]))
        return "keep_num_dims is set, but the output does not keep the input's dimensions";
    return bias_type(options, 4);
}

const char *models_tflite_add(struct models_fb_table options, const struct models_network *net,
                              struct models_op *op)
{
    (void)net; /* pot_scale_int16 concerns 16-bit activations only */
    read_activation(options, 0, op);
    return NULL;
}

/* The new shape is the second input, or, without one, the option; with neither, the output's own.
 */
const char *models_tflite_reshape(struct models_fb_table options, const struct models_network *net,
                                  struct models_op *op)
{
    struct models_fb_vector shape = models_fb_vector(options, 0, 4);
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    if ((op->n_inputs == 2 && op->inputs[1] >= 0) || !shape.at)
        return NULL;
    int wild = 0, matches = shape.count == (uint32_t)out->rank;
    for (uint32_t i = 0; matches && i < shape.count; i++) {
        int32_t dim = models_fb_i32_at(shape, i);
        wild += dim == -1;
        matches = wild <= 1 && (dim == -1 || dim == out->dims[i]);
    }
    return matches ? NULL : "the new_shape option differs from the output's shape";
}

const char *models_tflite_softmax(struct models_fb_table options, const struct models_network *net,
                                  struct models_op *op)
{
    (void)net;
    op->beta = models_fb_f32(options, 0, 0);
    return NULL;
}
