/* One neural network in memory, whatever file it came from: a .tflite flatbuffer or an
 * architecture.yaml. Everything in it has been checked: indices are in range, shapes multiply
 * without overflow to the byte counts given, constant tensors have their data, quantisation is
 * complete for the operators that need it, operator options are supported. */
#ifndef MODELS_NETWORK_H
#define MODELS_NETWORK_H

#include "cc_error.h"

#include <stddef.h>
#include <stdint.h>

#define MODELS_MAX_RANK 6
#define MODELS_MAX_OP_INPUTS 4
#define MODELS_MAX_OP_OUTPUTS 2
#define MODELS_NAME_BYTES 64

/* Element types, by TensorFlow Lite's public numbers. Only those of supported operators. */
enum models_type {
    MODELS_INT32 = 2,
    MODELS_INT8 = 9,
};

/* Operators, by TensorFlow Lite's public builtin codes. New operators: add here, in
 * models_ops.c (the table of readers and checks), in models_image.h and in every kernel folder. */
enum models_op_kind {
    MODELS_ADD = 0,
    MODELS_AVERAGE_POOL_2D = 1,
    MODELS_CONV_2D = 3,
    MODELS_DEPTHWISE_CONV_2D = 4,
    MODELS_FULLY_CONNECTED = 9,
    MODELS_RESHAPE = 22,
    MODELS_SOFTMAX = 25,
};

enum models_activation {
    MODELS_ACT_NONE = 0,
    MODELS_ACT_RELU = 1,
    MODELS_ACT_RELU_N1_TO_1 = 2,
    MODELS_ACT_RELU6 = 3,
};

struct models_tensor {
    char name[MODELS_NAME_BYTES]; /* truncated copy, for messages and reports */
    enum models_type type;
    int32_t rank; /* 0..MODELS_MAX_RANK; 0 is a scalar */
    int32_t dims[MODELS_MAX_RANK];
    int32_t elements;     /* product of dims, >= 1 */
    int32_t bytes;        /* elements x element size */
    int32_t n_scales;     /* 0 = not quantised, 1 = per tensor, else one per slice */
    float *scale;         /* [n_scales], each finite and > 0 */
    int32_t *zero_point;  /* [n_scales] */
    int32_t quantized_dim;
    const uint8_t *data;  /* constant data (little endian), or NULL for activations */
    int is_variable;      /* state kept between invocations */
};

struct models_op {
    enum models_op_kind kind;
    int32_t n_inputs, n_outputs;
    int32_t inputs[MODELS_MAX_OP_INPUTS]; /* tensor index, or -1 = absent (optional bias) */
    int32_t outputs[MODELS_MAX_OP_OUTPUTS];
    enum models_activation activation;
    /* CONV_2D, DEPTHWISE_CONV_2D, AVERAGE_POOL_2D; padding resolved to counts */
    int32_t stride_h, stride_w, dilation_h, dilation_w;
    int32_t pad_top, pad_left; /* rows and columns before the image */
    int32_t filter_h, filter_w;
    int32_t depth_multiplier; /* DEPTHWISE_CONV_2D */
    int32_t groups;           /* CONV_2D: input channels / filter's last dimension */
    float beta;               /* SOFTMAX */
    uint64_t macs;            /* taps on padding included, as everybody counts them */
};

struct models_network {
    char name[MODELS_NAME_BYTES]; /* file stem or the architecture's name */
    char sha256[65];              /* of the file it came from */
    struct models_tensor *tensors;
    int32_t n_tensors;
    struct models_op *ops;
    int32_t n_ops;
    int32_t *inputs, n_inputs;
    int32_t *outputs, n_outputs;
    void *storage; /* file contents or generated weights that tensors' data points into */
};

const char *models_op_name(enum models_op_kind kind); /* "CONV_2D" */
const char *models_type_name(int type);               /* "INT8"; any TensorType, else "type N" */

/* Reads a .tflite file (schema version 3) from memory. data is copied. path is for messages only.
 * CC_ERR_INPUT names the file, the operator or tensor and what is supported. On success the caller
 * frees *net with models_network_free. */
enum cc_status models_tflite_read(const char *path, const uint8_t *data, size_t bytes,
                                  struct models_network *net, struct cc_error *err);

/* Builds a network from an architecture.yaml file (format: models/zoo/README in that folder). */
enum cc_status models_architecture_read(const char *path, struct models_network *net,
                                        struct cc_error *err);

/* Resolves a TARGET: a path to a .tflite or .yaml file (by content: TFL3 identifier at byte 4), or
 * the name of a zoo model. *kind becomes "tflite", "architecture" or "zoo"; resolved receives the
 * file's path. */
enum cc_status models_load(const char *target, struct models_network *net, const char **kind,
                           char *resolved, size_t resolved_size, struct cc_error *err);

void models_network_free(struct models_network *net); /* leaves it zeroed */

#endif
