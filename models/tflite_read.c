/* Reads a TensorFlow Lite file (schema version 3) into a network: this file walks from the root to
 * the one subgraph; tensors, operators and options are read in tflite_tensors.c, tflite_ops.c and
 * tflite_options.c. Every structure is verified where it is read; what the finished network must
 * fulfil is verified once more by models_network_check. */
#include "tflite.h"

#include "cc_file.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION  3
#define FILE_IDENTIFIER "TFL3"
#define MAX_METADATA    4096

enum cc_status models_tflite_malformed(struct models_tflite *r)
{
    if (!r->fb.problem)
        return CC_OK;
    return cc_fail(r->err, CC_ERR_INPUT,
                   "%s: damaged flatbuffer: what lies at byte %zu %s; fetch or convert the file "
                   "again",
                   r->path, r->fb.where, r->fb.problem);
}

/* Compressed tensors are announced by an entry of this name in the model's metadata. */
static enum cc_status check_metadata(struct models_tflite *r, struct models_fb_table model)
{
    static const char compressed[] = "COMPRESSION_METADATA";
    struct models_fb_vector entries = models_fb_tables(model, 6);
    for (uint32_t i = 0; i < entries.count && i < MAX_METADATA; i++) {
        struct models_fb_vector name = models_fb_string(models_fb_tables_at(entries, i), 0);
        if (name.count == sizeof compressed - 1 &&
            memcmp(models_fb_data(name), compressed, sizeof compressed - 1) == 0)
            return cc_fail(r->err, CC_ERR_INPUT,
                           "%s:metadata %s: compressed tensors are not supported; use the model "
                           "before compression",
                           r->path, compressed);
    }
    return models_tflite_malformed(r);
}

static enum cc_status read_header(struct models_tflite *r, const uint8_t *data, size_t bytes)
{
    if (bytes > MODELS_MAX_FILE)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: %zu bytes, at most %zu are read; use a smaller "
                       "model",
                       r->path, bytes, MODELS_MAX_FILE);
    if (bytes < 8 || memcmp(data + 4, FILE_IDENTIFIER, 4) != 0)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: not a TensorFlow Lite file (no " FILE_IDENTIFIER
                       " at byte 4); give a .tflite file",
                       r->path);
    r->net->storage = malloc(bytes);
    if (!r->net->storage)
        return cc_no_memory(r->err);
    memcpy(r->net->storage, data, bytes);
    models_name_from_path(r->net->name, r->path);
    cc_sha256_hex(data, bytes, r->net->sha256);
    models_fb_open(&r->fb, r->net->storage, bytes);
    return CC_OK;
}

static enum cc_status read_model(struct models_tflite *r)
{
    struct models_fb_table model = models_fb_root(&r->fb, FILE_IDENTIFIER);
    uint32_t version = models_fb_u32(model, 0, 0);
    struct models_fb_vector subgraphs = models_fb_tables(model, 2);
    r->codes = models_fb_tables(model, 1);
    r->buffers = models_fb_tables(model, 4);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    if (version != SCHEMA_VERSION)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: schema version %u, expected %d; convert with a "
                       "current converter",
                       r->path, version, SCHEMA_VERSION);
    if (subgraphs.count != 1)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: %u subgraphs, expected 1; control flow is not "
                       "supported",
                       r->path, subgraphs.count);
    r->subgraph = models_fb_tables_at(subgraphs, 0);
    r->tensors = models_fb_tables(r->subgraph, 0);
    r->ops = models_fb_tables(r->subgraph, 3);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    return check_metadata(r, model);
}

/* The subgraph's inputs (field 1) or outputs (field 2). */
static enum cc_status read_ends(struct models_tflite *r, uint32_t id, const char *what,
                                int32_t **out, int32_t *count)
{
    struct models_fb_vector v = models_fb_vector(r->subgraph, id, 4);
    if (r->fb.problem)
        return models_tflite_malformed(r);
    if (v.count == 0 || v.count > (uint32_t)r->net->n_tensors)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s:%s: %u listed, expected 1 to %d (the number of "
                       "tensors); convert the model again",
                       r->path, what, v.count, r->net->n_tensors);
    *out = calloc(v.count, sizeof **out);
    if (!*out)
        return cc_no_memory(r->err);
    *count = (int32_t)v.count;
    for (uint32_t i = 0; i < v.count; i++)
        (*out)[i] = models_fb_i32_at(v, i);
    return CC_OK;
}

static enum cc_status read_all(struct models_tflite *r, const uint8_t *data, size_t bytes)
{
    struct models_network *net = r->net;
    enum cc_status status = read_header(r, data, bytes);
    if (status == CC_OK)
        status = read_model(r);
    if (status == CC_OK)
        status = models_tflite_screen_ops(r);
    if (status == CC_OK)
        status = models_tflite_tensors(r);
    if (status == CC_OK)
        status = models_tflite_ops(r);
    if (status == CC_OK)
        status = read_ends(r, 1, "inputs", &net->inputs, &net->n_inputs);
    if (status == CC_OK)
        status = read_ends(r, 2, "outputs", &net->outputs, &net->n_outputs);
    if (status == CC_OK)
        status = models_network_check(net, r->path, r->err);
    return status;
}

enum cc_status models_tflite_read(const char *path, const uint8_t *data, size_t bytes,
                                  struct models_network *net, struct cc_error *err)
{
    memset(net, 0, sizeof *net);
    struct models_tflite r = {.path = path, .err = err, .net = net};
    enum cc_status status = read_all(&r, data, bytes);
    if (status != CC_OK)
        models_network_free(net);
    return status;
}
