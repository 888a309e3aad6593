/* Writes small .tflite files for tests, from a description that a test can bend in one place at a
 * time. Valid as it comes; nothing is checked, so that broken files can be written too. */
#ifndef TESTS_TFLITE_BUILDER_H
#define TESTS_TFLITE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#define TFLB_MAX 24 /* tensors or operators */

struct tflb_tensor {
    const char *name;
    int type;
    uint32_t rank;
    int32_t dims[8];
    const void *data; /* NULL = activation */
    uint32_t data_bytes;
    uint32_t n_scales, n_zero_points;
    float scale[16];
    int64_t zero_point[16];
    int32_t quantized_dim;
    int is_variable, has_sparsity, details_type;
    uint32_t external_buffer;
    uint32_t buffer;       /* used instead of the tensor's own when not 0 */
    uint64_t offset, size; /* of a buffer outside the flatbuffer */
};

struct tflb_option {
    uint32_t bytes; /* 0 = absent */
    uint32_t value;
};

struct tflb_op {
    int32_t code;
    const char *custom_name;
    uint32_t n_inputs, n_outputs;
    int32_t inputs[6], outputs[4];
    uint8_t options_type; /* 0 = none */
    uint32_t n_options;
    struct tflb_option options[8];
    uint32_t n_new_shape; /* RESHAPE: option 0 is this vector when not 0 */
    int32_t new_shape[8];
    uint8_t options_2_type;
};

struct tflb_model {
    uint32_t version, n_subgraphs;
    uint32_t n_tensors, n_ops, n_inputs, n_outputs;
    struct tflb_tensor tensors[TFLB_MAX];
    struct tflb_op ops[TFLB_MAX];
    int32_t inputs[8], outputs[8];
    const char *metadata; /* name of an entry, or NULL */
};

/* All seven operators in a chain: conv (per channel) - add - depthwise (multiplier 2) - average
 * pool - reshape - fully connected - softmax; tensors and operators by these indices. */
enum {
    T_INPUT,
    T_CONV_W,
    T_CONV_B,
    T_CONV,
    T_ADD,
    T_DW_W,
    T_DW_B,
    T_DW,
    T_POOL,
    T_SHAPE,
    T_FLAT,
    T_FC_W,
    T_FC_B,
    T_FC,
    T_OUT,
    T_COUNT
};
enum { O_CONV, O_ADD, O_DW, O_POOL, O_RESHAPE, O_FC, O_SOFTMAX, O_COUNT };
void tflb_small(struct tflb_model *m);

/* The file's bytes, owned by the caller; aborts when out of memory. */
uint8_t *tflb_write(const struct tflb_model *m, size_t *bytes);

/* The layer below, for tests of the flatbuffer reader. Positions are from the buffer's start;
 * parents are written before children, whose place is patched in. */
struct fbb {
    uint8_t *data;
    size_t bytes, capacity;
};
struct fbb_field {
    uint32_t bytes; /* 0 = absent; offsets are 4 */
    uint64_t value;
};
void fbb_start(struct fbb *b, const char *identifier); /* root offset at 0 */
/* at[n] receives each field's position. Returns the table's. */
size_t fbb_table(struct fbb *b, const struct fbb_field *fields, uint32_t n, size_t *at);
size_t fbb_vector(struct fbb *b, const void *elements, uint32_t count, uint32_t element_bytes);
size_t fbb_string(struct fbb *b, const char *text);
void fbb_point(struct fbb *b, size_t field, size_t target);

#endif
