/* Operators of a .tflite file. Which are supported is the table in models_ops.c. */
#include "models_ops.h"
#include "tflite.h"

#include <stdio.h>
#include <stdlib.h>

#define CODE_CUSTOM       32
#define CUSTOM_NAME_BYTES 48 /* shown; with "CUSTOM ..." within MODELS_TFLITE_KIND_BYTES */

/* The old field is a byte, the new one an int; the larger counts. */
int32_t models_tflite_builtin_code(struct models_fb_table code)
{
    int32_t old = models_fb_i8(code, 0, 0);
    int32_t new = models_fb_i32(code, 3, 0);
    return old > new ? old : new;
}

struct models_fb_table models_tflite_code_of(struct models_tflite *r, struct models_fb_table op)
{
    uint32_t index = models_fb_u32(op, 0, 0);
    if (index >= r->codes.count)
        return (struct models_fb_table){.fb = &r->fb};
    return models_fb_tables_at(r->codes, index);
}

void models_tflite_kind_name(struct models_fb_table code, char name[MODELS_TFLITE_KIND_BYTES])
{
    int32_t builtin = models_tflite_builtin_code(code);
    models_tflite_builtin_name(builtin, name, MODELS_TFLITE_KIND_BYTES);
    struct models_fb_vector custom = models_fb_string(code, 1);
    if (builtin != CODE_CUSTOM || custom.count == 0)
        return;
    char text[MODELS_NAME_BYTES];
    models_name_copy(text, (const char *)models_fb_data(custom), custom.count);
    snprintf(name, MODELS_TFLITE_KIND_BYTES, "CUSTOM %.*s%s", CUSTOM_NAME_BYTES, text,
             custom.count > CUSTOM_NAME_BYTES ? "..." : "");
}

static enum cc_status op_fail(struct models_tflite *r, uint32_t index, struct models_fb_table code,
                              const char *what)
{
    char name[MODELS_TFLITE_KIND_BYTES];
    models_tflite_kind_name(code, name);
    return cc_fail(r->err, CC_ERR_INPUT, "%s:operator %u (%s): %s", r->path, index, name, what);
}

/* Sets *supported; fails on damage only. */
static enum cc_status screen_op(struct models_tflite *r, uint32_t index, int *supported)
{
    struct models_fb_table op = models_fb_tables_at(r->ops, index);
    struct models_fb_table code = models_tflite_code_of(r, op);
    *supported = models_ops_find(models_tflite_builtin_code(code)) != NULL;
    if (r->fb.problem)
        return models_tflite_malformed(r);
    if (code.at)
        return CC_OK;
    return cc_fail(r->err, CC_ERR_INPUT,
                   "%s:operator %u: opcode_index %u, but the file lists %u operator codes; "
                   "convert the model again",
                   r->path, index, models_fb_u32(op, 0, 0), r->codes.count);
}

static enum cc_status kind_fail(struct models_tflite *r, uint32_t index)
{
    char kind[MODELS_TFLITE_KIND_BYTES], where[MODELS_TFLITE_WHERE_BYTES], list[256], what[384];
    models_tflite_kind_name(models_tflite_code_of(r, models_fb_tables_at(r->ops, index)), kind);
    snprintf(where, sizeof where, "operator %u (%s)", index, kind);
    models_ops_list(list, sizeof list);
    snprintf(what, sizeof what,
             "supported are %s with INT8 activations and weights and INT32 biases", list);
    return models_tflite_unsupported(r, where, "this operator is not supported", what);
}

enum cc_status models_tflite_screen_ops(struct models_tflite *r)
{
    uint32_t first = r->ops.count; /* of those not supported */
    if (r->ops.count == 0 || r->ops.count > MODELS_MAX_OPS)
        return cc_fail(r->err, CC_ERR_INPUT, "%s: %u operators, expected 1 to %d; split the model",
                       r->path, r->ops.count, MODELS_MAX_OPS);
    for (uint32_t i = 0; i < r->ops.count; i++) {
        int supported;
        enum cc_status status = screen_op(r, i, &supported);
        if (status != CC_OK)
            return status;
        if (!supported && i < first)
            first = i;
    }
    return first < r->ops.count ? kind_fail(r, first) : CC_OK;
}

/* Only as far as any operator of ours goes: hostile operators may share one long vector. */
static int names_tensor(struct models_fb_vector indices, int32_t tensor)
{
    for (uint32_t i = 0; i < indices.count && i < MODELS_MAX_OP_INPUTS; i++) {
        if (models_fb_i32_at(indices, i) == tensor)
            return 1;
    }
    return 0;
}

void models_tflite_user_of(struct models_tflite *r, int32_t tensor, char *text, size_t size)
{
    for (uint32_t i = 0; i < r->ops.count; i++) {
        struct models_fb_table op = models_fb_tables_at(r->ops, i);
        if (names_tensor(models_fb_vector(op, 1, 4), tensor) ||
            names_tensor(models_fb_vector(op, 2, 4), tensor)) {
            char name[MODELS_TFLITE_KIND_BYTES];
            models_tflite_kind_name(models_tflite_code_of(r, op), name);
            snprintf(text, size, "operator %u (%s)", i, name);
            return;
        }
    }
    snprintf(text, size, "no operator");
}

/* Copies tensor indices after checking their number and range; returns NULL or the problem. */
static const char *read_indices(struct models_fb_vector v, int32_t n_tensors, int32_t limit,
                                int32_t min_present, int32_t *out, int32_t *count)
{
    if (v.count < (uint32_t)min_present || v.count > (uint32_t)limit)
        return "the number of inputs or outputs is not what this operator takes";
    for (uint32_t i = 0; i < v.count; i++) {
        int32_t tensor = models_fb_i32_at(v, i);
        int optional = (int32_t)i >= min_present;
        if (tensor >= n_tensors || tensor < (optional ? -1 : 0))
            return "an input or output names a tensor that does not exist";
        out[i] = tensor;
    }
    *count = (int32_t)v.count;
    return NULL;
}

/* The options' table, or the problem with it. */
static const char *read_options(struct models_fb_table table, const struct models_ops_row *row,
                                struct models_fb_table *options)
{
    uint8_t type;
    *options = models_fb_union(table, 3, &type);
    if (type != 0 && type != row->tflite_options)
        return "the options are those of another operator";
    if (type == 0 && row->options_required)
        return "the options are missing";
    if (models_fb_u8(table, 11, 0) != 0)
        return "options of the second generation are not supported for this operator";
    return NULL;
}

static const char *read_op(struct models_tflite *r, struct models_fb_table table,
                           const struct models_ops_row *row, struct models_op *op)
{
    int32_t n = r->net->n_tensors;
    struct models_fb_table options;
    op->kind = row->kind;
    const char *problem = read_indices(models_fb_vector(table, 1, 4), n, row->max_inputs,
                                       row->min_inputs, op->inputs, &op->n_inputs);
    if (!problem)
        problem = read_indices(models_fb_vector(table, 2, 4), n, 1, 1, op->outputs, &op->n_outputs);
    if (!problem)
        problem = read_options(table, row, &options);
    if (!problem)
        problem = row->tflite_read(options, r->net, op);
    if (!problem)
        op->macs = models_op_macs(r->net, op);
    return problem;
}

enum cc_status models_tflite_ops(struct models_tflite *r)
{
    r->net->ops = calloc(r->ops.count, sizeof *r->net->ops);
    if (!r->net->ops)
        return cc_no_memory(r->err);
    r->net->n_ops = (int32_t)r->ops.count;
    for (uint32_t i = 0; i < r->ops.count; i++) {
        struct models_fb_table table = models_fb_tables_at(r->ops, i);
        struct models_fb_table code = models_tflite_code_of(r, table);
        /* Found by the screening. */
        const struct models_ops_row *row = models_ops_find(models_tflite_builtin_code(code));
        const char *problem = read_op(r, table, row, &r->net->ops[i]);
        if (r->fb.problem)
            return models_tflite_malformed(r);
        if (problem)
            return op_fail(r, i, code, problem);
    }
    return CC_OK;
}
