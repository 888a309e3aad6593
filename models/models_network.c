/* Names and lifetime of networks; the readers are in tflite_*.c and architecture.c. */
#include "models_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *models_op_name(enum models_op_kind kind)
{
    switch (kind) {
    case MODELS_ADD:
        return "ADD";
    case MODELS_AVERAGE_POOL_2D:
        return "AVERAGE_POOL_2D";
    case MODELS_CONV_2D:
        return "CONV_2D";
    case MODELS_DEPTHWISE_CONV_2D:
        return "DEPTHWISE_CONV_2D";
    case MODELS_FULLY_CONNECTED:
        return "FULLY_CONNECTED";
    case MODELS_RESHAPE:
        return "RESHAPE";
    case MODELS_SOFTMAX:
        return "SOFTMAX";
    }
    return "UNKNOWN";
}

void models_network_free(struct models_network *net)
{
    for (int32_t i = 0; net->tensors && i < net->n_tensors; i++) {
        free(net->tensors[i].scale);
        free(net->tensors[i].zero_point);
    }
    free(net->tensors);
    free(net->ops);
    free(net->inputs);
    free(net->outputs);
    free(net->storage);
    memset(net, 0, sizeof *net);
}
