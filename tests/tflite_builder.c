#include "tflite_builder.h"

#include <stdlib.h>
#include <string.h>

/// FlatBuffer layer ///

static size_t append(struct fbb *b, const void *data, size_t bytes)
{
    if (b->bytes + bytes > b->capacity) {
        b->capacity = 2 * (b->bytes + bytes) + 256;
        b->data = realloc(b->data, b->capacity);
        if (!b->data)
            abort();
    }
    size_t at = b->bytes;
    if (data)
        memcpy(b->data + at, data, bytes);
    else
        memset(b->data + at, 0, bytes);
    b->bytes += bytes;
    return at;
}

static void put(struct fbb *b, size_t at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        b->data[at + i] = (uint8_t)(value >> (8 * i));
}

/* Pads until `distance` bytes further is a multiple of align. */
static void align(struct fbb *b, size_t distance, size_t to)
{
    while ((b->bytes + distance) % to)
        append(b, NULL, 1);
}

void fbb_start(struct fbb *b, const char *identifier)
{
    *b = (struct fbb){0};
    append(b, NULL, 4);
    append(b, identifier, 4);
}

void fbb_point(struct fbb *b, size_t field, size_t target)
{
    put(b, field, target - field, 4);
}

size_t fbb_table(struct fbb *b, const struct fbb_field *fields, uint32_t n, size_t *at)
{
    uint32_t vtable_bytes = 4 + 2 * n, table_bytes = 4;
    align(b, vtable_bytes, 8);
    size_t vtable = append(b, NULL, vtable_bytes), table = append(b, NULL, 4);
    for (uint32_t i = 0; i < n; i++) {
        at[i] = 0;
        if (!fields[i].bytes)
            continue;
        align(b, 0, fields[i].bytes);
        at[i] = append(b, NULL, fields[i].bytes);
        put(b, at[i], fields[i].value, fields[i].bytes);
        put(b, vtable + 4 + 2 * i, at[i] - table, 2);
        table_bytes = (uint32_t)(b->bytes - table);
    }
    put(b, vtable, vtable_bytes, 2);
    put(b, vtable + 2, table_bytes, 2);
    put(b, table, table - vtable, 4);
    return table;
}

size_t fbb_vector(struct fbb *b, const void *elements, uint32_t count, uint32_t element_bytes)
{
    align(b, 4, element_bytes > 4 ? element_bytes : 4);
    size_t at = append(b, NULL, 4);
    put(b, at, count, 4);
    append(b, elements, (size_t)count * element_bytes);
    return at;
}

size_t fbb_string(struct fbb *b, const char *text)
{
    size_t at = fbb_vector(b, text, (uint32_t)strlen(text), 1);
    append(b, NULL, 1);
    return at;
}

/// TensorFlow Lite layer: field numbers are those of the public schema ///

/* A vector of offsets at `field`, to be patched; returns the position of element 0. */
static size_t offsets(struct fbb *b, size_t field, uint32_t count)
{
    size_t vector = fbb_vector(b, NULL, count, 4);
    fbb_point(b, field, vector);
    return vector + 4;
}

static void ints(struct fbb *b, size_t field, const int32_t *values, uint32_t count)
{
    fbb_point(b, field, fbb_vector(b, values, count, 4));
}

static size_t write_quantisation(struct fbb *b, const struct tflb_tensor *t)
{
    uint32_t details = t->details_type != 0;
    struct fbb_field fields[7] = {[2] = {4, 0},
                                  [3] = {4, 0},
                                  [4] = {details, (uint64_t)t->details_type},
                                  [5] = {4 * details, 0},
                                  [6] = {4, (uint32_t)t->quantized_dim}};
    size_t at[7], none[1];
    size_t table = fbb_table(b, fields, 7, at);
    fbb_point(b, at[2], fbb_vector(b, t->scale, t->n_scales, 4));
    fbb_point(b, at[3], fbb_vector(b, t->zero_point, t->n_zero_points, 8));
    if (details)
        fbb_point(b, at[5], fbb_table(b, NULL, 0, none));
    return table;
}

static size_t write_tensor(struct fbb *b, const struct tflb_tensor *t, uint32_t index)
{
    uint32_t buffer = t->buffer ? t->buffer : t->data || t->offset ? index + 1 : 0;
    struct fbb_field fields[11] = {
        [0] = {4, 0},
        [1] = {1, (uint64_t)t->type},
        [2] = {4, buffer},
        [3] = {4, 0},
        [4] = {4, 0},
        [5] = {1, (uint64_t)t->is_variable},
        [6] = {t->has_sparsity ? 4 : 0, 0},
        [10] = {t->external_buffer ? 4 : 0, t->external_buffer},
    };
    size_t at[11], none[1];
    size_t table = fbb_table(b, fields, 11, at);
    ints(b, at[0], t->dims, t->rank);
    fbb_point(b, at[3], fbb_string(b, t->name));
    fbb_point(b, at[4], write_quantisation(b, t));
    if (t->has_sparsity)
        fbb_point(b, at[6], fbb_table(b, NULL, 0, none));
    return table;
}

static size_t write_options(struct fbb *b, const struct tflb_op *op)
{
    struct fbb_field fields[8] = {{0, 0}};
    size_t at[8];
    for (uint32_t i = 0; i < op->n_options; i++)
        fields[i] = (struct fbb_field){op->options[i].bytes, op->options[i].value};
    if (op->n_new_shape)
        fields[0] = (struct fbb_field){4, 0};
    size_t table = fbb_table(b, fields, op->n_new_shape ? 1 : op->n_options, at);
    if (op->n_new_shape)
        ints(b, at[0], op->new_shape, op->n_new_shape);
    return table;
}

static size_t write_op(struct fbb *b, const struct tflb_op *op, uint32_t index)
{
    uint32_t options = op->options_type != 0, second = op->options_2_type != 0;
    struct fbb_field fields[13] = {
        [0] = {4, index},       [1] = {4, 0},
        [2] = {4, 0},           [3] = {options, op->options_type},
        [4] = {4 * options, 0}, [11] = {second, op->options_2_type},
    };
    size_t at[13];
    size_t table = fbb_table(b, fields, 13, at);
    ints(b, at[1], op->inputs, op->n_inputs);
    ints(b, at[2], op->outputs, op->n_outputs);
    if (options)
        fbb_point(b, at[4], write_options(b, op));
    return table;
}

static size_t write_subgraph(struct fbb *b, const struct tflb_model *m)
{
    struct fbb_field fields[4] = {{4, 0}, {4, 0}, {4, 0}, {4, 0}};
    size_t at[4];
    size_t table = fbb_table(b, fields, 4, at);
    size_t tensors = offsets(b, at[0], m->n_tensors);
    for (uint32_t i = 0; i < m->n_tensors; i++)
        fbb_point(b, tensors + 4 * i, write_tensor(b, &m->tensors[i], i));
    ints(b, at[1], m->inputs, m->n_inputs);
    ints(b, at[2], m->outputs, m->n_outputs);
    size_t ops = offsets(b, at[3], m->n_ops);
    for (uint32_t i = 0; i < m->n_ops; i++)
        fbb_point(b, ops + 4 * i, write_op(b, &m->ops[i], i));
    return table;
}

static size_t write_code(struct fbb *b, const struct tflb_op *op)
{
    uint8_t old = op->code > 127 ? 127 : (uint8_t)op->code;
    struct fbb_field fields[4] = {
        {1, old}, {op->custom_name ? 4 : 0, 0}, {0, 0}, {4, (uint32_t)op->code}};
    size_t at[4];
    size_t table = fbb_table(b, fields, 4, at);
    if (op->custom_name)
        fbb_point(b, at[1], fbb_string(b, op->custom_name));
    return table;
}

static size_t write_buffer(struct fbb *b, const struct tflb_tensor *t)
{
    int outside = t && t->offset;
    struct fbb_field fields[3] = {{t && t->data ? 4 : 0, 0},
                                  {outside ? 8 : 0, t ? t->offset : 0},
                                  {outside ? 8 : 0, t ? t->size : 0}};
    size_t at[3];
    size_t table = fbb_table(b, fields, 3, at);
    if (t && t->data)
        fbb_point(b, at[0], fbb_vector(b, t->data, t->data_bytes, 1));
    return table;
}

static void write_metadata(struct fbb *b, size_t field, const char *name)
{
    struct fbb_field fields[2] = {{4, 0}, {4, 0}};
    size_t at[2], entries = offsets(b, field, 1);
    fbb_point(b, entries, fbb_table(b, fields, 2, at));
    fbb_point(b, at[0], fbb_string(b, name));
}

uint8_t *tflb_write(const struct tflb_model *m, size_t *bytes)
{
    struct fbb b;
    struct fbb_field fields[7] = {{4, m->version},         {4, 0}, {4, 0}, {0, 0}, {4, 0}, {0, 0},
                                  {m->metadata ? 4 : 0, 0}};
    size_t at[7];
    fbb_start(&b, "TFL3");
    fbb_point(&b, 0, fbb_table(&b, fields, 7, at));
    size_t codes = offsets(&b, at[1], m->n_ops);
    for (uint32_t i = 0; i < m->n_ops; i++)
        fbb_point(&b, codes + 4 * i, write_code(&b, &m->ops[i]));
    size_t subgraphs = offsets(&b, at[2], m->n_subgraphs);
    for (uint32_t i = 0; i < m->n_subgraphs; i++)
        fbb_point(&b, subgraphs + 4 * i, write_subgraph(&b, m));
    size_t buffers = offsets(&b, at[4], m->n_tensors + 1);
    fbb_point(&b, buffers, write_buffer(&b, NULL));
    for (uint32_t i = 0; i < m->n_tensors; i++)
        fbb_point(&b, buffers + 4 * (i + 1), write_buffer(&b, &m->tensors[i]));
    if (m->metadata)
        write_metadata(&b, at[6], m->metadata);
    *bytes = b.bytes;
    return b.data;
}

/// The small network ///

enum { INT32 = 2, INT8 = 9 };

static const int8_t weights[4 * 3 * 3 * 2] = {1, -2, 3, -4, 5, -6, 7};
static const int32_t biases[8] = {10, -20, 30, -40};
static const int32_t new_shape[2] = {1, 8};

static void add_tensor(struct tflb_model *m, const char *name, int type, uint32_t rank,
                       const int32_t *dims)
{
    struct tflb_tensor *t = &m->tensors[m->n_tensors++];
    t->name = name;
    t->type = type;
    t->rank = rank;
    memcpy(t->dims, dims, rank * sizeof *dims);
    t->n_scales = t->n_zero_points = 1;
    t->scale[0] = 0.05f;
    t->zero_point[0] = type == INT8 ? -7 : 0;
}

static void make_constant(struct tflb_tensor *t, const void *data, uint32_t bytes,
                          uint32_t n_scales, int32_t quantized_dim)
{
    t->data = data;
    t->data_bytes = bytes;
    t->n_scales = t->n_zero_points = n_scales;
    t->quantized_dim = quantized_dim;
    for (uint32_t i = 0; i < n_scales; i++) {
        t->scale[i] = 0.01f * (float)(i + 1);
        t->zero_point[i] = 0;
    }
}

static void small_tensors(struct tflb_model *m)
{
    add_tensor(m, "input", INT8, 4, (int32_t[]){1, 6, 6, 2});
    add_tensor(m, "conv/weights", INT8, 4, (int32_t[]){4, 3, 3, 2});
    add_tensor(m, "conv/bias", INT32, 1, (int32_t[]){4});
    add_tensor(m, "conv", INT8, 4, (int32_t[]){1, 6, 6, 4});
    add_tensor(m, "add", INT8, 4, (int32_t[]){1, 6, 6, 4});
    add_tensor(m, "dw/weights", INT8, 4, (int32_t[]){1, 3, 3, 8});
    add_tensor(m, "dw/bias", INT32, 1, (int32_t[]){8});
    add_tensor(m, "dw", INT8, 4, (int32_t[]){1, 3, 3, 8});
    add_tensor(m, "pool", INT8, 4, (int32_t[]){1, 1, 1, 8});
    add_tensor(m, "shape", INT32, 1, (int32_t[]){2});
    add_tensor(m, "flat", INT8, 2, (int32_t[]){1, 8});
    add_tensor(m, "fc/weights", INT8, 2, (int32_t[]){3, 8});
    add_tensor(m, "fc/bias", INT32, 1, (int32_t[]){3});
    add_tensor(m, "fc", INT8, 2, (int32_t[]){1, 3});
    add_tensor(m, "output", INT8, 2, (int32_t[]){1, 3});
    make_constant(&m->tensors[T_CONV_W], weights, 72, 4, 0);
    make_constant(&m->tensors[T_CONV_B], biases, 16, 4, 0);
    make_constant(&m->tensors[T_DW_W], weights, 72, 8, 3);
    make_constant(&m->tensors[T_DW_B], biases, 32, 8, 3); /* axis as some converters write it */
    make_constant(&m->tensors[T_SHAPE], new_shape, 8, 0, 0);
    make_constant(&m->tensors[T_FC_W], weights, 24, 1, 0);
    make_constant(&m->tensors[T_FC_B], biases, 12, 1, 0);
    m->tensors[T_OUT].scale[0] = 1.0f / 256;
    m->tensors[T_OUT].zero_point[0] = -128;
}

static void add_op(struct tflb_model *m, struct tflb_op op)
{
    m->ops[m->n_ops++] = op;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void tflb_small(struct tflb_model *m)
{
    memset(m, 0, sizeof *m);
    m->version = 3;
    m->n_subgraphs = m->n_inputs = m->n_outputs = 1;
    m->inputs[0] = T_INPUT;
    m->outputs[0] = T_OUT;
    small_tensors(m);
    /* Options in schema order; {1, x} are bytes, {4, x} ints, {0, 0} left at the default. */
    add_op(m, (struct tflb_op){3,
                               NULL,
                               3,
                               1,
                               {T_INPUT, T_CONV_W, T_CONV_B},
                               {T_CONV},
                               1,
                               6,
                               {{1, 0}, {4, 1}, {4, 1}, {1, 1}, {0, 0}, {4, 1}},
                               0,
                               {0},
                               0});
    add_op(m,
           (struct tflb_op){0, NULL, 2, 1, {T_CONV, T_CONV}, {T_ADD}, 11, 1, {{1, 3}}, 0, {0}, 0});
    add_op(m, (struct tflb_op){4,
                               NULL,
                               3,
                               1,
                               {T_ADD, T_DW_W, T_DW_B},
                               {T_DW},
                               2,
                               5,
                               {{1, 0}, {4, 2}, {4, 2}, {4, 2}, {1, 2}},
                               0,
                               {0},
                               0});
    add_op(m, (struct tflb_op){1,
                               NULL,
                               1,
                               1,
                               {T_DW},
                               {T_POOL},
                               5,
                               6,
                               {{1, 1}, {4, 3}, {4, 3}, {4, 3}, {4, 3}, {1, 0}},
                               0,
                               {0},
                               0});
    add_op(m, (struct tflb_op){
                  22, NULL, 2, 1, {T_POOL, T_SHAPE}, {T_FLAT}, 0, 0, {{0, 0}}, 0, {0}, 0});
    add_op(m, (struct tflb_op){
                  9, NULL, 3, 1, {T_FLAT, T_FC_W, T_FC_B}, {T_FC}, 8, 1, {{1, 0}}, 0, {0}, 0});
    add_op(m, (struct tflb_op){
                  25, NULL, 1, 1, {T_FC}, {T_OUT}, 9, 1, {{4, float_bits(1.0f)}}, 0, {0}, 0});
}
