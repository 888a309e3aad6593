/* Layout of the scalar kernels: see firmware/kernels/scalar/scalar_layout.h. */
#include "firmware/kernels/scalar/scalar_layout.h"
#include "models_image_layout.h"

#include <string.h>

/* Grouped convolutions stay with the reference kernel. */
static int is_packed(const struct image_op *r)
{
    return r->kind != IMAGE_CONV_2D || r->groups == 1;
}

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

static int64_t depthwise_scratch(struct image_op *r)
{
    lay_down(r);
    int64_t width =
        (int64_t)(r->out_w - 1) * r->stride_w + (int64_t)(r->filter_w - 1) * r->dilation_w + 1;
    return width * r->filter_h * r->in_c;
}

static int64_t scalar_scratch(const struct models_network *net, int32_t op)
{
    struct image_op r;
    image_op_shape(net, op, &r);
    switch (r.kind) {
    case IMAGE_CONV_2D:
        return r.groups == 1 ? (int64_t)r.filter_h * r.filter_w * r.in_c + 3 : 0;
    case IMAGE_FULLY_CONNECTED:
        return (int64_t)r.in_c + 3;
    case IMAGE_DEPTHWISE_CONV_2D:
        return depthwise_scratch(&r);
    default:
        return 0;
    }
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
    lay_down(r);
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
    if (!is_packed(record)) {
        return image_append_plain(writer, net, op, record, err);
    }
    record->flags = SCALAR_PACKED;
    if (record->kind == IMAGE_DEPTHWISE_CONV_2D) {
        return write_depthwise(writer, net, op, record, err);
    }
    return write_blocks(writer, net, op, record, err);
}

const struct models_image_layout models_image_layout_scalar = {
    .scratch_bytes = scalar_scratch,
    .write_op = scalar_write_op,
};
