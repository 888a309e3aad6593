/* Inside of the image writer: what a kernel variant adds to the common part. Private to models/.
 *
 * models_image.c checks each operator, fills every member of its record that does not depend on
 * the variant (shapes, arena offsets, zero points, activation limits, ADD and SOFTMAX parameters),
 * appends multiplier and shift tables, and then calls the layout for weights, bias and flags. */
#ifndef MODELS_IMAGE_LAYOUT_H
#define MODELS_IMAGE_LAYOUT_H

#include "firmware/models_image.h"
#include "models_network.h"
#include "models_plan.h"

#define IMAGE_DATA_ALIGN 16

/* The image while it grows. Data may move with each append: keep offsets, not pointers. */
struct image_writer {
    uint8_t *data;
    size_t bytes, capacity;
    const int64_t *scratch_budget; /* [n_ops] as given to scratch_within */
};

struct models_image_layout {
    /* Bytes of scratch operator number op of net needs while it runs; NULL = none for all. Called
     * before the arena is planned, for any kind, on a network whose operators were checked. */
    int64_t (*scratch_bytes)(const struct models_network *net, int32_t op);
    /* The same for layouts that can do with less: bytes <= budget, which keeps the arena about as
     * large as the activations alone make it. Only one of the two is set. */
    int64_t (*scratch_within)(const struct models_network *net, int32_t op, int64_t budget);
    /* Completes the record of a CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED: weights_data,
     * bias_data, flags; it may change other members too. The weights are constant int8 of
     * the shape that the record says, the bias constant int32 [out_c] or absent. */
    enum cc_status (*write_op)(struct image_writer *writer, const struct models_network *net,
                               int32_t op, struct image_op *record, struct cc_error *err);
};

extern const struct models_image_layout models_image_layout_reference;
extern const struct models_image_layout models_image_layout_scalar;
extern const struct models_image_layout models_image_layout_dsp;

/* Appends a block at the next 16-byte border; *offset receives its place (never 0). data may be
 * NULL: zeros. CC_ERR_MEMORY, or CC_ERR_INPUT when the image would pass 1 GiB. */
enum cc_status image_append(struct image_writer *writer, const void *data, size_t bytes,
                            uint32_t *offset, struct cc_error *err);

/* As they stand in the model: weights in their own order, bias unchanged (bias_data 0 if absent).
 * What the reference layout does, for operators a layout has nothing special for. */
enum cc_status image_append_plain(struct image_writer *writer, const struct models_network *net,
                                  int32_t op, struct image_op *record, struct cc_error *err);

/* Constant tensors of an operator that has weights. bias: NULL when absent; its data may lie at an
 * odd address, image_bias_value (0 when absent) reads it safely. */
const int8_t *image_weights(const struct models_network *net, int32_t op);
const int32_t *image_bias(const struct models_network *net, int32_t op);
int32_t image_bias_value(const struct models_network *net, int32_t op, int32_t channel);

/* Fills the shape members of a record (kind, batches, in_*, out_*, filter_*, stride_*,
 * dilation_*, pad_*, depth_multiplier, groups, input_offset, output_offset) for any operator; all
 * else 0. scratch_bytes implementations may use it. */
void image_op_shape(const struct models_network *net, int32_t op, struct image_op *record);

/* A real factor as 31-bit multiplier and power of two, rounded as TensorFlow Lite does:
 * factor = multiplier / 2^31 * 2^shift. 0, and anything below 2^-32, becomes (0, 0). */
void image_quantize_multiplier(double factor, int32_t *multiplier, int32_t *shift);

/* The factor of each output channel of an operator with weights, in the precision the reference
 * kernels use for its kind; channel < out_c. */
double image_channel_factor(const struct models_network *net, int32_t op, int32_t channel);

/* Limits of the fused activation for an output tensor. */
void image_activation_limits(enum models_activation activation, const struct models_tensor *output,
                             int32_t *act_min, int32_t *act_max);

/* exp(x) of a non-positive Q5.26 value as Q0.31, bit-exact with the reference arithmetic. */
int32_t image_exp_negative(int32_t value_q5);

/* SOFTMAX: table[i] = exponential of an element that lies i codes below the row's maximum (0 when
 * too small to take part), from the input's scale and beta. */
void image_softmax_table(double beta, double input_scale, int32_t table[256], int32_t *multiplier,
                         int32_t *shift);

#endif
