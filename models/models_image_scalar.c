/* Layout of the scalar kernels: see firmware/kernels/scalar/scalar_layout.h. */
#include "firmware/kernels/scalar/scalar_layout.h"
#include "models_image_layout.h"

#include <stdlib.h>
#include <string.h>

/* An image one column wide is the same memory as one row: lay it down, because the kernel is
 * fastest along rows. */
static void lay_down(struct image_op *r)
{
    if (r->in_w != 1 || r->filter_w != 1 || r->out_w != 1 || r->pad_left != 0) {
        return;
    }
    r->in_w = r->in_h;
    r->out_w = r->out_h;
    r->filter_w = r->filter_h;
    r->stride_w = r->stride_h;
    r->dilation_w = r->dilation_h;
    r->pad_left = r->pad_top;
    r->in_h = r->out_h = r->filter_h = r->stride_h = r->dilation_h = 1;
    r->pad_top = 0;
}

/* Bytes of a copy of `group` channels. */
static int64_t rows_bytes(const struct image_op *r, int64_t group)
{
    int64_t width =
        (int64_t)(r->out_w - 1) * r->stride_w + (int64_t)(r->filter_w - 1) * r->dilation_w + 1;
    return width * r->filter_h * group;
}

/* The largest equal groups of channels whose copies fit, in fours where possible; 0: none fit. */
static int32_t choose_group(const struct image_op *r, int64_t room)
{
    int64_t most = room / rows_bytes(r, 1);
    if (most >= r->in_c || most < 1) {
        return most < 1 ? 0 : r->in_c;
    }
    most = most >= 4 ? most & ~INT64_C(3) : most;
    int64_t groups = (r->in_c + most - 1) / most;
    int64_t even = (r->in_c + groups - 1) / groups;
    return (int32_t)(most >= 4 ? (even + 3) & ~INT64_C(3) : even);
}

/* Sets flags, group and shape of a DEPTHWISE_CONV_2D; returns the bytes of its copy in scratch. */
static int64_t choose_depthwise(struct image_op *r, int64_t budget)
{
    struct image_op plain = *r;
    lay_down(r);
    r->flags = SCALAR_PACKED;
    r->reserved[SCALAR_GROUP] = choose_group(r, budget);
    if (r->reserved[SCALAR_GROUP]) {
        return rows_bytes(r, r->reserved[SCALAR_GROUP]);
    }
    r->flags = SCALAR_PACKED | SCALAR_STACK;
    r->reserved[SCALAR_GROUP] = choose_group(r, SCALAR_STACK_BYTES);
    if (!r->reserved[SCALAR_GROUP]) {
        *r = plain;
    }
    return 0;
}

/* The same for CONV_2D. Grouped convolutions stay with the reference kernel. */
static int64_t choose_conv(struct image_op *r, int64_t budget)
{
    int64_t bytes = scalar_window_bytes(r);
    if (r->groups != 1) {
        return 0;
    }
    if (bytes <= budget) {
        r->flags = SCALAR_PACKED;
        return bytes;
    }
    r->flags = bytes <= SCALAR_STACK_BYTES ? SCALAR_PACKED | SCALAR_STACK : 0;
    return 0;
}

/* Whether every output's value before the activation limits stays away from the ends of int32, as
 * requant_clamp needs. A factor below 1/2 sees to that; others are checked by the largest sum (dead
 * channels have huge biases, but a factor of 0). */
static int has_room(const struct models_network *net, int32_t op, const struct image_op *r)
{
    int64_t taps = net->tensors[net->ops[op].inputs[1]].elements / r->out_c;
    for (int32_t c = 0; c < r->out_c; c++) {
        int32_t multiplier, shift;
        image_quantize_multiplier(image_channel_factor(net, op, c), &multiplier, &shift);
        int64_t largest = llabs((int64_t)image_bias_value(net, op, c)) + 255 * 128 * taps;
        if (multiplier != 0 && shift >= 0 && largest >= (INT64_C(1) << 30) >> shift) {
            return 0;
        }
    }
    return 1;
}

static int has_weights(const struct image_op *r)
{
    return r->kind == IMAGE_CONV_2D || r->kind == IMAGE_DEPTHWISE_CONV_2D ||
           r->kind == IMAGE_FULLY_CONNECTED;
}

/* Sets flags, group and shape; returns the bytes of scratch. */
static int64_t choose_path(const struct models_network *net, int32_t op, struct image_op *r,
                           int64_t budget)
{
    if (!has_weights(r) || !has_room(net, op, r)) {
        return 0;
    }
    switch (r->kind) {
    case IMAGE_CONV_2D:
        return choose_conv(r, budget);
    case IMAGE_DEPTHWISE_CONV_2D:
        return choose_depthwise(r, budget);
    case IMAGE_FULLY_CONNECTED:
        r->flags = SCALAR_PACKED;
        return 0;
    default:
        return 0;
    }
}

static int64_t scalar_scratch(const struct models_network *net, int32_t op, int64_t budget)
{
    struct image_op record;
    image_op_shape(net, op, &record);
    return choose_path(net, op, &record, budget);
}

/* What the bias must hold besides itself: see the layout's formula. */
static int32_t folded_bias(const struct models_network *net, int32_t op, const struct image_op *r,
                           int32_t channel, int32_t weight_sum)
{
    uint32_t folded = (uint32_t)(r->input_offset - 128) * (uint32_t)weight_sum;
    return (int32_t)((uint32_t)image_bias_value(net, op, channel) + folded);
}

static void put_bias(struct image_writer *writer, const struct image_op *r, int32_t channel,
                     int32_t value)
{
    memcpy(writer->data + r->bias_data + 4 * (size_t)channel, &value, sizeof value);
}

static enum cc_status write_blocks(struct image_writer *writer, const struct models_network *net,
                                   int32_t op, struct image_op *r, struct cc_error *err)
{
    const int8_t *weights = image_weights(net, op);
    int32_t inputs = r->kind == IMAGE_CONV_2D ? r->filter_h * r->filter_w * r->in_c : r->in_c;
    size_t padded_inputs = (size_t)scalar_window_bytes(r);
    size_t padded_channels = ((size_t)r->out_c + SCALAR_BLOCK - 1) / SCALAR_BLOCK * SCALAR_BLOCK;
    enum cc_status status =
        image_append(writer, NULL, padded_channels * padded_inputs, &r->weights_data, err);
    if (status || (status = image_append(writer, NULL, padded_channels * 4, &r->bias_data, err))) {
        return status;
    }
    for (int32_t c = 0; c < r->out_c; c++) {
        size_t block = (size_t)(c / SCALAR_BLOCK) * SCALAR_BLOCK * padded_inputs;
        uint8_t *to = writer->data + r->weights_data + block + c % SCALAR_BLOCK;
        int32_t sum = 0;
        for (int32_t i = 0; i < inputs; i++, to += SCALAR_BLOCK) {
            int8_t w = *weights++;
            sum += w;
            *to = (uint8_t)(w + 128);
        }
        put_bias(writer, r, c, folded_bias(net, op, r, c, sum));
    }
    return CC_OK;
}

static enum cc_status write_depthwise(struct image_writer *writer, const struct models_network *net,
                                      int32_t op, struct image_op *r, struct cc_error *err)
{
    const int8_t *weights = image_weights(net, op);
    int32_t taps = r->filter_h * r->filter_w;
    enum cc_status status =
        image_append(writer, NULL, (size_t)r->out_c * (size_t)taps, &r->weights_data, err);
    if (status || (status = image_append(writer, NULL, (size_t)r->out_c * 4, &r->bias_data, err))) {
        return status;
    }
    for (int32_t c = 0; c < r->out_c; c++) {
        uint8_t *to = writer->data + r->weights_data + (size_t)c * (size_t)taps;
        int32_t sum = 0;
        for (int32_t tap = 0; tap < taps; tap++) {
            int8_t w = weights[(size_t)tap * (size_t)r->out_c + (size_t)c];
            sum += w;
            *to++ = (uint8_t)w;
        }
        put_bias(writer, r, c, folded_bias(net, op, r, c, sum));
    }
    return CC_OK;
}

static enum cc_status scalar_write_op(struct image_writer *writer, const struct models_network *net,
                                      int32_t op, struct image_op *record, struct cc_error *err)
{
    choose_path(net, op, record, writer->scratch_budget[op]);
    if (!record->flags) {
        return image_append_plain(writer, net, op, record, err);
    }
    if (record->kind == IMAGE_DEPTHWISE_CONV_2D) {
        return write_depthwise(writer, net, op, record, err);
    }
    return write_blocks(writer, net, op, record, err);
}

const struct models_image_layout models_image_layout_scalar = {
    .scratch_within = scalar_scratch,
    .write_op = scalar_write_op,
};
