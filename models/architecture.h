/* What architecture.c (YAML), architecture_shapes.c (layers to operators and tensors) and
 * architecture_weights.c (weights, scales, biases) share. Users include models_network.h. */
#ifndef MODELS_ARCHITECTURE_H
#define MODELS_ARCHITECTURE_H

#include "models_network.h"

#include <stdbool.h>

#define ARCH_MAX_LAYERS        1024
#define ARCH_MAX_ELEMENTS      (1 << 24)  /* of one tensor */
#define ARCH_MAX_STORAGE_BYTES (64 << 20) /* of all weights, biases and shapes */
#define ARCH_MAX_WINDOW        32767 /* kernel, stride, dilation: keeps padding inside int32_t */

/* One layer as written in the file. Pointers are NULL and counts 0 where a key is absent. */
struct arch_layer {
    char *name, *type, *padding, *activation;
    char **inputs; /* names of layers, or "input"; absent = the layer before */
    unsigned inputs_count;
    int32_t *kernel, *stride, *dilation; /* [height, width] */
    unsigned kernel_count, stride_count, dilation_count;
    int32_t *shape;
    unsigned shape_count;
    int32_t *filters, *units, *multiplier, *groups;
    float *beta;
    bool *bias;
};

struct arch_input {
    int32_t *shape;
    unsigned shape_count;
    float *scale;
    int32_t *zero_point;
};

struct architecture {
    char *name;
    char *source; /* where the network comes from; NULL when the file does not say */
    uint32_t seed;
    struct arch_input input;
    struct arch_layer *layers;
    unsigned layers_count;
};

/* The state of one translation. Operator i of the network is layer i of the file. */
struct arch_build {
    const char *path;
    const struct architecture *arch;
    struct models_network *net;
    int32_t *layer_of;   /* [n_tensors] layer a tensor belongs to, -1 for the model's input */
    int32_t *output_of;  /* [layers] its output tensor, for those built so far */
    size_t *data_offset; /* [n_tensors] of constants in storage */
    size_t storage_bytes;
    struct cc_error *err;
};

/* "PATH:LINE: layer 'NAME': KEY: ..." with CC_ERR_INPUT. */
enum cc_status arch_fail(const struct arch_build *b, int32_t layer, const char *key,
                         const char *format, ...) CC_PRINTF(4, 5);
/* "PATH:LINE: tensor 'NAME': KEY: ..." of a tensor that the layer makes (-1: the input). */
enum cc_status arch_tensor_fail(const struct arch_build *b, int32_t layer, const char *tensor,
                                const char *key, const char *format, ...) CC_PRINTF(5, 6);

/* Fills ops and tensors except scales and data; counts storage_bytes. */
enum cc_status arch_shapes(struct arch_build *b);

/* Fills scales, zero points and constant data. net->storage holds storage_bytes. */
enum cc_status arch_weights(struct arch_build *b);

#endif
