/* Checks of a whole network: tensors, the order of execution, and per operator through the table
 * in models_ops.c. */
#include "models_check.h"
#include "models_ops.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t models_window_output(int32_t input, int32_t filter, int32_t stride, int32_t dilation,
                             enum models_padding padding, int32_t *pad_before)
{
    int64_t reach = ((int64_t)filter - 1) * dilation + 1;
    *pad_before = 0;
    if (padding == MODELS_PAD_VALID)
        return reach > input ? 0 : (int32_t)((input - reach) / stride + 1);
    int64_t output = ((int64_t)input + stride - 1) / stride;
    int64_t pad = (output - 1) * stride + reach - input;
    if (pad / 2 > INT32_MAX)
        return 0;
    *pad_before = pad > 0 ? (int32_t)(pad / 2) : 0;
    return (int32_t)output;
}

int32_t models_shape_elements(const int32_t *dims, int32_t rank)
{
    int64_t product = 1;
    for (int32_t i = 0; i < rank; i++) {
        if (dims[i] < 1)
            return -1;
        product *= dims[i]; /* at most 2^28 x 2^31 */
        if (product > MODELS_MAX_ELEMENTS)
            return -1;
    }
    return (int32_t)product;
}

int32_t models_type_bytes(enum models_type type)
{
    return type == MODELS_INT32 ? 4 : 1;
}

uint64_t models_op_macs(const struct models_network *net, const struct models_op *op)
{
    if (op->kind != MODELS_CONV_2D && op->kind != MODELS_DEPTHWISE_CONV_2D &&
        op->kind != MODELS_FULLY_CONNECTED)
        return 0;
    const struct models_tensor *filter = &net->tensors[op->inputs[1]];
    if (filter->rank < 1)
        return 0;
    uint64_t outputs = (uint64_t)net->tensors[op->outputs[0]].elements;
    /* Every output element sees one filter; the filter's output axis is not part of it. */
    int32_t axis = op->kind == MODELS_DEPTHWISE_CONV_2D ? filter->rank - 1 : 0;
    return outputs * (uint64_t)(filter->elements / filter->dims[axis]);
}

void models_name_copy(char name[MODELS_NAME_BYTES], const char *text, size_t length)
{
    size_t n = length < MODELS_NAME_BYTES - 1 ? length : MODELS_NAME_BYTES - 1;
    for (size_t i = 0; i < n; i++)
        name[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    name[n] = '\0';
}

void models_name_from_path(char name[MODELS_NAME_BYTES], const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *stem = slash ? slash + 1 : path;
    const char *dot = strrchr(stem, '.');
    models_name_copy(name, stem, dot && dot != stem ? (size_t)(dot - stem) : strlen(stem));
}

enum cc_status models_check_fail(const struct models_check *c, int32_t index, const char *format,
                                 ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return cc_fail(c->err, CC_ERR_INPUT, "%s:operator %d (%s): %s", c->path, index,
                   models_op_name(c->net->ops[index].kind), what);
}

static enum cc_status tensor_fail(const struct models_check *c, int32_t index, const char *what)
{
    return cc_fail(c->err, CC_ERR_INPUT, "%s:tensor %d '%s': %s; convert the model again", c->path,
                   index, c->net->tensors[index].name, what);
}

static const char *shape_problem(const struct models_tensor *t)
{
    if (t->type != MODELS_INT8 && t->type != MODELS_INT32)
        return "type is not supported, expected INT8 or INT32";
    if (t->rank < 0 || t->rank > MODELS_MAX_RANK)
        return "rank is not in 0..6";
    int32_t elements = models_shape_elements(t->dims, t->rank);
    if (elements < 0)
        return "a dimension is not positive or the shape has more than 2^28 elements";
    if (t->elements != elements || (int64_t)elements * models_type_bytes(t->type) != t->bytes)
        return "element and byte counts do not fit the shape";
    if (t->is_variable)
        return "variable tensors belong to operators that are not supported";
    return NULL;
}

/* Only INT8 tensors are read through their scales; a bias's scale is implied by input and weights,
 * and converters leave other axes there. */
static const char *quantisation_problem(const struct models_tensor *t)
{
    if (t->n_scales < 0 || t->n_scales > t->elements)
        return "more scales than elements";
    if (t->n_scales > 0 && (!t->scale || !t->zero_point))
        return "scales or zero points are missing";
    if (t->n_scales > 1 && t->type == MODELS_INT8 &&
        (t->quantized_dim < 0 || t->quantized_dim >= t->rank ||
         t->dims[t->quantized_dim] != t->n_scales))
        return "the number of scales does not fit the quantised dimension";
    for (int32_t i = 0; i < t->n_scales; i++) {
        if (!isfinite(t->scale[i]) || t->scale[i] <= 0)
            return "a scale is not finite and positive";
        if (t->type == MODELS_INT8 && (t->zero_point[i] < -128 || t->zero_point[i] > 127))
            return "a zero point is outside -128..127";
    }
    return NULL;
}

struct summary {
    uint8_t *symmetric, *known;
    float *largest_scale;
};

static void summarise(const struct models_tensor *t, uint8_t *symmetric, float *largest_scale)
{
    *symmetric = 1;
    *largest_scale = 0;
    for (int32_t i = 0; i < t->n_scales; i++) {
        if (t->zero_point[i] != 0)
            *symmetric = 0;
        if (t->scale[i] > *largest_scale)
            *largest_scale = t->scale[i];
    }
}

static enum cc_status check_tensors(const struct models_check *c, struct summary *s)
{
    int64_t scales = 0;
    for (int32_t i = 0; i < c->net->n_tensors; i++) {
        const struct models_tensor *t = &c->net->tensors[i];
        const char *problem = shape_problem(t);
        if (!problem)
            problem = quantisation_problem(t);
        scales += t->n_scales;
        if (!problem && scales > MODELS_MAX_SCALES)
            problem = "all tensors together have more than 2^22 scales";
        if (problem)
            return tensor_fail(c, i, problem);
        summarise(t, &s->symmetric[i], &s->largest_scale[i]);
    }
    return CC_OK;
}

static enum cc_status check_counts(const struct models_check *c)
{
    const struct models_network *net = c->net;
    if (net->n_tensors < 1 || net->n_tensors > MODELS_MAX_TENSORS || net->n_ops < 1 ||
        net->n_ops > MODELS_MAX_OPS || !net->tensors || !net->ops)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %d tensors and %d operators, expected 1 to 65536 of each; split the "
                       "model",
                       c->path, net->n_tensors, net->n_ops);
    if (net->n_inputs < 1 || net->n_outputs < 1 || !net->inputs || !net->outputs)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %d inputs and %d outputs, expected at least one of each; name the "
                       "network's inputs and outputs",
                       c->path, net->n_inputs, net->n_outputs);
    return CC_OK;
}

/* known[t] is 1 when tensor t holds data before the operator at hand runs. */
static enum cc_status check_inputs(const struct models_check *c, uint8_t *known)
{
    for (int32_t i = 0; i < c->net->n_tensors; i++)
        known[i] = c->net->tensors[i].data != NULL;
    for (int32_t i = 0; i < c->net->n_inputs; i++) {
        int32_t t = c->net->inputs[i];
        if (t < 0 || t >= c->net->n_tensors)
            return cc_fail(c->err, CC_ERR_INPUT,
                           "%s: input %d names tensor %d of %d; convert the "
                           "model again",
                           c->path, i, t, c->net->n_tensors);
        if (known[t])
            return tensor_fail(c, t, "a network input is a constant or listed twice");
        if (c->net->tensors[t].type != MODELS_INT8)
            return tensor_fail(c, t, "a network input is not INT8");
        known[t] = 1;
    }
    return CC_OK;
}

static enum cc_status check_outputs(const struct models_check *c, const uint8_t *known)
{
    for (int32_t i = 0; i < c->net->n_outputs; i++) {
        int32_t t = c->net->outputs[i];
        if (t < 0 || t >= c->net->n_tensors)
            return cc_fail(c->err, CC_ERR_INPUT,
                           "%s: output %d names tensor %d of %d; convert the "
                           "model again",
                           c->path, i, t, c->net->n_tensors);
        if (c->net->tensors[t].data || !known[t])
            return tensor_fail(c, t, "a network output is not computed by any operator");
        if (c->net->tensors[t].type != MODELS_INT8)
            return tensor_fail(c, t, "a network output is not INT8");
    }
    return CC_OK;
}

static enum cc_status check_op_inputs(const struct models_check *c, int32_t index,
                                      const struct models_ops_row *row, const uint8_t *known)
{
    const struct models_op *op = &c->net->ops[index];
    if (op->n_inputs < row->min_inputs || op->n_inputs > row->max_inputs)
        return models_check_fail(c, index, "%d inputs, expected %d to %d; convert the model again",
                                 op->n_inputs, row->min_inputs, row->max_inputs);
    for (int32_t i = 0; i < op->n_inputs; i++) {
        int32_t t = op->inputs[i];
        if (t == -1 && i >= row->min_inputs)
            continue;
        if (t < 0 || t >= c->net->n_tensors)
            return models_check_fail(c, index,
                                     "input %d names tensor %d of %d; convert the model "
                                     "again",
                                     i, t, c->net->n_tensors);
        if (!known[t])
            return models_check_fail(c, index,
                                     "input %d, tensor %d '%s', is read before any "
                                     "operator writes it; order the operators by execution",
                                     i, t, c->net->tensors[t].name);
    }
    return CC_OK;
}

static enum cc_status check_op_outputs(const struct models_check *c, int32_t index, uint8_t *known)
{
    const struct models_op *op = &c->net->ops[index];
    if (op->n_outputs != 1)
        return models_check_fail(c, index, "%d outputs, expected 1; convert the model again",
                                 op->n_outputs);
    int32_t t = op->outputs[0];
    if (t < 0 || t >= c->net->n_tensors)
        return models_check_fail(c, index,
                                 "the output names tensor %d of %d; convert the model "
                                 "again",
                                 t, c->net->n_tensors);
    if (known[t])
        return models_check_fail(c, index,
                                 "tensor %d '%s' is a constant, a network input or "
                                 "written twice; give the operator its own output tensor",
                                 t, c->net->tensors[t].name);
    known[t] = 1;
    return CC_OK;
}

static enum cc_status check_op(const struct models_check *c, int32_t index, uint8_t *known)
{
    const struct models_op *op = &c->net->ops[index];
    const struct models_ops_row *row = models_ops_find((int32_t)op->kind);
    if (!row) {
        char list[256];
        models_ops_list(list, sizeof list);
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s:operator %d: builtin code %d is not supported; supported are %s",
                       c->path, index, (int)op->kind, list);
    }
    enum cc_status status = check_op_inputs(c, index, row, known);
    if (status == CC_OK)
        status = check_op_outputs(c, index, known);
    if (status == CC_OK)
        status = row->check(c, index);
    if (status != CC_OK)
        return status;
    uint64_t macs = models_op_macs(c->net, op);
    if (op->macs != macs)
        return cc_fail(c->err, CC_ERR_INTERNAL,
                       "%s:operator %d (%s): the reader counted %llu multiply-accumulates instead "
                       "of %llu; report this as a bug",
                       c->path, index, models_op_name(op->kind), (unsigned long long)op->macs,
                       (unsigned long long)macs);
    return CC_OK;
}

static enum cc_status check_ops(const struct models_check *c, uint8_t *known)
{
    uint64_t total = 0;
    for (int32_t i = 0; i < c->net->n_ops; i++) {
        enum cc_status status = check_op(c, i, known);
        if (status != CC_OK)
            return status;
        total += c->net->ops[i].macs; /* each below 2^56 */
        if (total >> 62)
            return models_check_fail(c, i,
                                     "the network exceeds 2^62 multiply-accumulates; use a "
                                     "smaller model");
    }
    return CC_OK;
}

static enum cc_status check_all(const struct models_check *c, struct summary *s)
{
    enum cc_status status = check_tensors(c, s);
    if (status == CC_OK)
        status = check_inputs(c, s->known);
    if (status == CC_OK)
        status = check_ops(c, s->known);
    if (status == CC_OK)
        status = check_outputs(c, s->known);
    return status;
}

enum cc_status models_network_check(const struct models_network *net, const char *path,
                                    struct cc_error *err)
{
    struct models_check c = {.net = net, .path = path, .err = err};
    enum cc_status status = check_counts(&c);
    if (status != CC_OK)
        return status;
    size_t n = (size_t)net->n_tensors;
    struct summary s = {calloc(n, 1), calloc(n, 1), calloc(n, sizeof(float))};
    c.symmetric = s.symmetric;
    c.largest_scale = s.largest_scale;
    status = s.symmetric && s.known && s.largest_scale ? check_all(&c, &s) : cc_no_memory(err);
    free(s.symmetric);
    free(s.known);
    free(s.largest_scale);
    return status;
}
