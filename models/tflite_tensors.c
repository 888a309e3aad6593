/* Tensors of a .tflite file: shape, type, quantisation and constant data. */
#include "tflite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Told apart by its address: the only problem that is not the file's. */
static const char out_of_memory[] = "out of memory";

static enum cc_status tensor_fail(struct models_tflite *r, uint32_t index, const char *what)
{
    return cc_fail(r->err, CC_ERR_INPUT, "%s:tensor %u '%s': %s", r->path, index,
                   r->net->tensors[index].name, what);
}

/* A type that no supported operator takes: the message names the operator that uses it. */
static enum cc_status type_fail(struct models_tflite *r, uint32_t index, int type)
{
    char user[MODELS_TFLITE_WHERE_BYTES], what[MODELS_NAME_BYTES + 64];
    models_tflite_user_of(r, (int32_t)index, user, sizeof user);
    snprintf(what, sizeof what, "tensor %u '%s' is %s", index, r->net->tensors[index].name,
             models_type_name(type));
    return models_tflite_unsupported(
        r, user, what,
        "supported are INT8 activations and weights and INT32 biases, quantise the whole model to "
        "int8");
}

static void read_name(struct models_fb_table table, struct models_tensor *t)
{
    struct models_fb_vector name = models_fb_string(table, 3);
    if (name.at)
        models_name_copy(t->name, (const char *)models_fb_data(name), name.count);
}

static const char *read_shape(struct models_fb_table table, struct models_tensor *t)
{
    struct models_fb_vector shape = models_fb_vector(table, 0, 4);
    if (shape.count > MODELS_MAX_RANK)
        return "more than 6 dimensions; reshape the model to fewer";
    t->rank = (int32_t)shape.count;
    for (uint32_t i = 0; i < shape.count; i++)
        t->dims[i] = models_fb_i32_at(shape, i);
    t->elements = models_shape_elements(t->dims, t->rank);
    if (t->elements < 0)
        return "a dimension is not positive or the shape has more than 2^28 elements; fix all "
               "dimensions when converting";
    t->bytes = t->elements * models_type_bytes(t->type); /* at most 2^30 */
    return NULL;
}

/* Features of the format that change what the bytes mean. */
static const char *unsupported_feature(struct models_fb_table table)
{
    if (models_fb_table(table, 6).at)
        return "sparse tensors are not supported; convert without sparsity";
    if (models_fb_u32(table, 10, 0) != 0)
        return "external buffers are not supported; convert into a single file";
    if (models_fb_u8(table, 5, 0) != 0)
        return "variable tensors belong to operators that are not supported";
    return NULL;
}

/* A vector of so many scales and zero points, held to the network's total: tables may share
 * vectors, so the file's size does not bound it. */
static const char *copy_scales(struct models_tflite *r, struct models_fb_vector scale,
                               struct models_fb_vector zero_point, struct models_tensor *t)
{
    if (zero_point.count != scale.count)
        return "the numbers of scales and zero points differ; convert the model again";
    if (scale.count > (uint32_t)t->elements ||
        scale.count > (uint32_t)(MODELS_MAX_SCALES - r->scales))
        return "more scales than elements, or more than 2^22 in the whole model";
    t->scale = malloc(scale.count * sizeof *t->scale);
    t->zero_point = malloc(scale.count * sizeof *t->zero_point);
    if (!t->scale || !t->zero_point)
        return out_of_memory;
    for (uint32_t i = 0; i < scale.count; i++) {
        int64_t zero = models_fb_i64_at(zero_point, i);
        if (zero < INT32_MIN || zero > INT32_MAX)
            return "a zero point does not fit 32 bits; convert the model again";
        t->scale[i] = models_fb_f32_at(scale, i);
        t->zero_point[i] = (int32_t)zero;
    }
    t->n_scales = (int32_t)scale.count;
    r->scales += t->n_scales;
    return NULL;
}

static const char *read_quantisation(struct models_tflite *r, struct models_fb_table table,
                                     struct models_tensor *t)
{
    struct models_fb_table q = models_fb_table(table, 4);
    struct models_fb_vector scale = models_fb_vector(q, 2, 4);
    struct models_fb_vector zero_point = models_fb_vector(q, 3, 8);
    uint8_t details;
    models_fb_union(q, 4, &details);
    if (details != 0)
        return "custom or block-wise quantisation is not supported; quantise per tensor or per "
               "channel";
    t->quantized_dim = models_fb_i32(q, 6, 0);
    return scale.count > 0 ? copy_scales(r, scale, zero_point, t) : NULL;
}

/* Contents of a Buffer table: in the FlatBuffer, or behind it in the file. NULL data = none. */
static const char *buffer_contents(struct models_tflite *r, uint32_t index, const uint8_t **data,
                                   uint64_t *bytes)
{
    struct models_fb_table buffer = models_fb_tables_at(r->buffers, index);
    struct models_fb_vector inside = models_fb_vector(buffer, 0, 1);
    uint64_t offset = models_fb_u64(buffer, 1, 0), size = models_fb_u64(buffer, 2, 0);
    *data = inside.count ? models_fb_data(inside) : NULL;
    *bytes = inside.count;
    if (offset <= 1) /* 0 and 1 say that there is nothing outside */
        return NULL;
    if (inside.count > 0)
        return "its buffer has data both inside and outside the flatbuffer; convert again";
    if (offset > r->fb.bytes || size > r->fb.bytes - offset)
        return "its buffer lies beyond the end of the file; the file is truncated";
    if (offset % 4 != 0) /* inside the flatbuffer, the vector's count aligns the data */
        return "its buffer is not aligned to 4 bytes; convert again";
    *data = size ? r->fb.data + offset : NULL;
    *bytes = size;
    return NULL;
}

static const char *read_data(struct models_tflite *r, struct models_fb_table table,
                             struct models_tensor *t)
{
    uint32_t index = models_fb_u32(table, 2, 0);
    uint64_t bytes = 0;
    if (index >= r->buffers.count)
        return index == 0 ? NULL : "its buffer index is out of range; the file is damaged";
    const char *problem = buffer_contents(r, index, &t->data, &bytes);
    if (!problem && t->data && bytes != (uint64_t)t->bytes)
        problem = "its buffer does not have as many bytes as its shape (compressed tensors are not "
                  "supported); convert again";
    return problem;
}

static enum cc_status read_tensor(struct models_tflite *r, uint32_t index)
{
    struct models_fb_table table = models_fb_tables_at(r->tensors, index);
    struct models_tensor *t = &r->net->tensors[index];
    read_name(table, t);
    uint8_t type = models_fb_u8(table, 1, 0);
    const char *problem = unsupported_feature(table);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    if (type != MODELS_INT8 && type != MODELS_INT32)
        return type_fail(r, index, type);
    t->type = (enum models_type)type;
    if (!problem)
        problem = read_shape(table, t);
    if (!problem)
        problem = read_quantisation(r, table, t);
    if (!problem)
        problem = read_data(r, table, t);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    if (problem == out_of_memory)
        return cc_no_memory(r->err);
    return problem ? tensor_fail(r, index, problem) : CC_OK;
}

enum cc_status models_tflite_tensors(struct models_tflite *r)
{
    uint32_t count = r->tensors.count;
    if (count == 0 || count > MODELS_MAX_TENSORS)
        return cc_fail(r->err, CC_ERR_INPUT, "%s: %u tensors, expected 1 to %d; split the model",
                       r->path, count, MODELS_MAX_TENSORS);
    r->net->tensors = calloc(count, sizeof *r->net->tensors);
    if (!r->net->tensors)
        return cc_no_memory(r->err);
    r->net->n_tensors = (int32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        enum cc_status status = read_tensor(r, i);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}
