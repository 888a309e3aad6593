/* Layout of the reference kernels: weights and biases as they stand in the model. */
#include "models_image_layout.h"

#include <string.h>

const int8_t *image_weights(const struct models_network *net, int32_t op)
{
    return (const int8_t *)net->tensors[net->ops[op].inputs[1]].data;
}

const int32_t *image_bias(const struct models_network *net, int32_t op)
{
    const struct models_op *o = &net->ops[op];
    if (o->n_inputs < 3 || o->inputs[2] < 0) {
        return NULL;
    }
    return (const int32_t *)(const void *)net->tensors[o->inputs[2]].data;
}

int32_t image_bias_value(const struct models_network *net, int32_t op, int32_t channel)
{
    const struct models_op *o = &net->ops[op];
    int32_t value = 0;
    if (o->n_inputs >= 3 && o->inputs[2] >= 0) {
        memcpy(&value, net->tensors[o->inputs[2]].data + 4 * (size_t)channel, sizeof value);
    }
    return value;
}

enum cc_status image_append_plain(struct image_writer *writer, const struct models_network *net,
                                  int32_t op, struct image_op *record, struct cc_error *err)
{
    const struct models_tensor *weights = &net->tensors[net->ops[op].inputs[1]];
    const int32_t *bias = image_bias(net, op);
    enum cc_status status =
        image_append(writer, weights->data, (size_t)weights->elements, &record->weights_data, err);
    if (status || !bias) {
        return status;
    }
    return image_append(writer, bias, (size_t)record->out_c * 4, &record->bias_data, err);
}

const struct models_image_layout models_image_layout_reference = {
    .scratch_bytes = NULL,
    .write_op = image_append_plain,
};
