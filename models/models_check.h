/* The promises of models_network.h, verified. Every reader (.tflite, architecture.yaml) builds a
 * network and hands it to models_network_check before anyone else sees it; the helpers here are the
 * arithmetic that readers and checks must share. */
#ifndef MODELS_CHECK_H
#define MODELS_CHECK_H

#include "models_network.h"

#define MODELS_MAX_TENSORS  65536
#define MODELS_MAX_OPS      65536
#define MODELS_MAX_ELEMENTS (INT32_C(1) << 28)          /* of one tensor */
#define MODELS_MAX_SCALES   (INT32_C(1) << 22)          /* of all tensors together */
#define MODELS_MAX_FILE     ((size_t)256 * 1024 * 1024) /* bytes of a model file */

/* TensorFlow Lite's public numbers. */
enum models_padding {
    MODELS_PAD_SAME = 0,
    MODELS_PAD_VALID = 1,
};

/* Verifies indices, shapes, byte counts, quantisation, operator options, output shapes, order of
 * execution (each activation is a network input or written exactly once, before it is read) and
 * op.macs. CC_ERR_INPUT with "PATH:operator N (KIND): ..." or "PATH:tensor N 'NAME': ...".
 * The network is only read. Cost linear in tensors, operators and scales. */
enum cc_status models_network_check(const struct models_network *net, const char *path,
                                    struct cc_error *err);

/* Output extent and padding before the image along one axis of a sliding window, all arguments
 * >= 1. Returns 0 when no window fits (VALID padding and a filter larger than the image). */
int32_t models_window_output(int32_t input, int32_t filter, int32_t stride, int32_t dilation,
                             enum models_padding padding, int32_t *pad_before);

/* Multiply-accumulates of an operator whose tensor indices are in range and whose tensors have
 * checked shapes; filter taps that fall on padding count. */
uint64_t models_op_macs(const struct models_network *net, const struct models_op *op);

/* Product of rank dims, or -1 when a dim is < 1 or the product exceeds MODELS_MAX_ELEMENTS. */
int32_t models_shape_elements(const int32_t *dims, int32_t rank);

/* Bytes of one element. */
int32_t models_type_bytes(enum models_type type);

/* Copies length bytes of text as a name: truncated, and whatever is not printable ASCII becomes
 * '?', so that a name can go into any report. */
void models_name_copy(char name[MODELS_NAME_BYTES], const char *text, size_t length);

/* Name of a network read from path: the file name without folders and last extension. */
void models_name_from_path(char name[MODELS_NAME_BYTES], const char *path);

#endif
