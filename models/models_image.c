/* Writes the program image: header, one record per operator, constant data. What depends on the
 * kernel variant is behind struct models_image_layout. */
#include "models_image.h"
#include "models_image_layout.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_MAX_BYTES ((size_t)1 << 30)
#define SCRATCH_PERCENT 4 /* by which scratch may raise the arena */

/* Records carry the host's kinds as they are. */
static_assert((int)MODELS_ADD == (int)IMAGE_ADD, "");
static_assert((int)MODELS_AVERAGE_POOL_2D == (int)IMAGE_AVERAGE_POOL_2D, "");
static_assert((int)MODELS_CONV_2D == (int)IMAGE_CONV_2D, "");
static_assert((int)MODELS_DEPTHWISE_CONV_2D == (int)IMAGE_DEPTHWISE_CONV_2D, "");
static_assert((int)MODELS_FULLY_CONNECTED == (int)IMAGE_FULLY_CONNECTED, "");
static_assert((int)MODELS_RESHAPE == (int)IMAGE_RESHAPE, "");
static_assert((int)MODELS_SOFTMAX == (int)IMAGE_SOFTMAX, "");

static const char *const variant_names[] = {
    [IMAGE_REFERENCE] = "reference",
    [IMAGE_DSP] = "dsp",
    [IMAGE_SCALAR] = "scalar",
};

const char *models_variant_name(enum image_variant variant)
{
    return variant_names[variant];
}

int models_variant_from_name(const char *name)
{
    for (int i = 0; i < (int)(sizeof variant_names / sizeof *variant_names); i++) {
        if (!strcmp(name, variant_names[i])) {
            return i;
        }
    }
    return -1;
}

void models_runner_name(const char *core, uint32_t flash_origin, uint32_t ram_origin,
                        enum image_variant variant, char *name, size_t size)
{
    snprintf(name, size, "runner-%s-%08x-%08x-%s.elf", core, (unsigned)flash_origin,
             (unsigned)ram_origin, models_variant_name(variant));
}

static const struct models_image_layout *layout_of(enum image_variant variant)
{
    switch (variant) {
    case IMAGE_REFERENCE:
        return &models_image_layout_reference;
    case IMAGE_SCALAR:
        return &models_image_layout_scalar;
    case IMAGE_DSP:
        return &models_image_layout_dsp;
    }
    return NULL;
}

static int has_weights(enum models_op_kind kind)
{
    return kind == MODELS_CONV_2D || kind == MODELS_DEPTHWISE_CONV_2D ||
           kind == MODELS_FULLY_CONNECTED;
}

static enum cc_status op_fail(const struct models_network *net, int32_t op, struct cc_error *err,
                              const char *message)
{
    return cc_fail(err, CC_ERR_INPUT, "%s: operator %d (%s): %s", net->name, (int)op,
                   models_op_name(net->ops[op].kind), message);
}

static enum cc_status reserve(struct image_writer *writer, size_t bytes, struct cc_error *err)
{
    if (bytes <= writer->capacity) {
        return CC_OK;
    }
    size_t capacity = writer->capacity ? writer->capacity : 4096;
    while (capacity < bytes) {
        capacity *= 2;
    }
    uint8_t *data = realloc(writer->data, capacity);
    if (!data) {
        return cc_no_memory(err);
    }
    writer->data = data;
    writer->capacity = capacity;
    return CC_OK;
}

enum cc_status image_append(struct image_writer *writer, const void *data, size_t bytes,
                            uint32_t *offset, struct cc_error *err)
{
    size_t start = (writer->bytes + IMAGE_DATA_ALIGN - 1) / IMAGE_DATA_ALIGN * IMAGE_DATA_ALIGN;
    if (bytes > IMAGE_MAX_BYTES - start) {
        return cc_fail(err, CC_ERR_INPUT, "program image: larger than 1 GiB; use a smaller model");
    }
    enum cc_status status = reserve(writer, start + bytes, err);
    if (status) {
        return status;
    }
    memset(writer->data + writer->bytes, 0, start + bytes - writer->bytes);
    if (data && bytes) {
        memcpy(writer->data + start, data, bytes);
    }
    writer->bytes = start + bytes;
    *offset = (uint32_t)start;
    return CC_OK;
}

/* ---- checks: what the reader promises, and what the records can hold ---- */

static const struct models_tensor *op_input(const struct models_network *net, int32_t op, int32_t i)
{
    const struct models_op *o = &net->ops[op];
    int32_t tensor = i < o->n_inputs ? o->inputs[i] : -1;
    return tensor >= 0 && tensor < net->n_tensors ? &net->tensors[tensor] : NULL;
}

static int is_activation(const struct models_tensor *t)
{
    return t && t->type == MODELS_INT8 && t->elements >= 1 && t->rank <= MODELS_MAX_RANK &&
           t->n_scales >= 1;
}

static enum cc_status check_weights(const struct models_network *net, int32_t op,
                                    struct cc_error *err)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *w = op_input(net, op, 1), *bias = op_input(net, op, 2);
    if (!is_activation(w) || !w->data) {
        return op_fail(net, op, err,
                       "its weights are not constant int8; quantise the model to int8");
    }
    if (o->kind != MODELS_FULLY_CONNECTED && (w->rank != 4 || op_input(net, op, 0)->rank != 4 ||
                                              net->tensors[o->outputs[0]].rank != 4)) {
        return op_fail(net, op, err, "input, filter and output must have 4 dimensions");
    }
    struct image_op shape;
    image_op_shape(net, op, &shape);
    if (w->n_scales != 1 && w->n_scales != shape.out_c) {
        return op_fail(net, op, err, "weights need one scale or one per output channel");
    }
    if (bias && (!bias->data || bias->type != MODELS_INT32 || bias->elements != shape.out_c)) {
        return op_fail(net, op, err, "its bias is not a constant int32 per output channel");
    }
    return CC_OK;
}

static enum cc_status check_op(const struct models_network *net, int32_t op, struct cc_error *err)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *input = op_input(net, op, 0), *second = op_input(net, op, 1);
    if (o->n_outputs < 1 || !is_activation(input) || !is_activation(&net->tensors[o->outputs[0]])) {
        return op_fail(net, op, err, "input and output must be quantised int8 tensors");
    }
    if (has_weights(o->kind)) {
        return check_weights(net, op, err);
    }
    if (o->kind == MODELS_ADD && (!is_activation(second) || second->elements != input->elements ||
                                  input->elements != net->tensors[o->outputs[0]].elements)) {
        return op_fail(net, op, err, "both inputs must have the output's shape (no broadcasting)");
    }
    if (o->kind == MODELS_AVERAGE_POOL_2D &&
        (input->rank != 4 || (int64_t)o->filter_h * o->filter_w > IMAGE_MAX_POOL_TAPS)) {
        return op_fail(net, op, err, "needs 4 dimensions and a window of at most 130000 elements");
    }
    if (o->kind == MODELS_SOFTMAX && input->rank > 0 &&
        input->dims[input->rank - 1] > IMAGE_MAX_SOFTMAX_DEPTH) {
        return op_fail(net, op, err, "rows of more than 4095 elements are not supported");
    }
    return CC_OK;
}

/* ---- records ---- */

static void spatial_shape(const struct models_network *net, int32_t op, struct image_op *r)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *in = &net->tensors[o->inputs[0]];
    const struct models_tensor *out = &net->tensors[o->outputs[0]];
    r->batches = in->dims[0];
    r->in_h = in->dims[1];
    r->in_w = in->dims[2];
    r->in_c = in->dims[3];
    r->out_h = out->dims[1];
    r->out_w = out->dims[2];
    r->out_c = out->dims[3];
    r->filter_h = o->filter_h;
    r->filter_w = o->filter_w;
    r->stride_h = o->stride_h;
    r->stride_w = o->stride_w;
    /* A filter of one tap is not dilated, whatever the file says. */
    r->dilation_h = o->filter_h > 1 ? o->dilation_h : 1;
    r->dilation_w = o->filter_w > 1 ? o->dilation_w : 1;
    r->pad_top = o->pad_top;
    r->pad_left = o->pad_left;
    r->depth_multiplier = o->kind == MODELS_DEPTHWISE_CONV_2D ? o->depth_multiplier : 0;
    r->groups = o->kind == MODELS_CONV_2D ? o->groups : 0;
}

static void fully_connected_shape(const struct models_network *net, int32_t op, struct image_op *r)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *weights = &net->tensors[o->inputs[1]];
    r->out_c = weights->rank > 1 ? weights->dims[0] : 1;
    r->in_c = weights->elements / r->out_c;
    r->batches = net->tensors[o->inputs[0]].elements / r->in_c;
}

void image_op_shape(const struct models_network *net, int32_t op, struct image_op *record)
{
    const struct models_op *o = &net->ops[op];
    const struct models_tensor *in = &net->tensors[o->inputs[0]];
    const struct models_tensor *out = &net->tensors[o->outputs[0]];
    memset(record, 0, sizeof *record);
    record->kind = (uint32_t)o->kind;
    record->elements = (uint32_t)out->elements;
    record->input_offset = -in->zero_point[0];
    record->output_offset = out->zero_point[0];
    switch (o->kind) {
    case MODELS_CONV_2D:
    case MODELS_DEPTHWISE_CONV_2D:
    case MODELS_AVERAGE_POOL_2D:
        spatial_shape(net, op, record);
        break;
    case MODELS_FULLY_CONNECTED:
        fully_connected_shape(net, op, record);
        break;
    case MODELS_SOFTMAX:
        record->depth = in->rank > 0 ? in->dims[in->rank - 1] : 1;
        record->rows = in->elements / record->depth;
        break;
    case MODELS_ADD:
        record->input2_offset = -net->tensors[o->inputs[1]].zero_point[0];
        break;
    case MODELS_RESHAPE:
        break;
    }
}

/* ADD: both inputs are brought to twice the larger scale, with 20 more fraction bits. A constant
 * operand becomes the second one and is stored as the record's weights. */
static enum cc_status add_parameters(struct image_writer *writer, const struct models_network *net,
                                     int32_t op, struct image_op *r, struct cc_error *err)
{
    const struct models_op *o = &net->ops[op];
    int32_t swap = net->tensors[o->inputs[0]].data != NULL;
    const struct models_tensor *first = &net->tensors[o->inputs[swap]];
    const struct models_tensor *second = &net->tensors[o->inputs[!swap]];
    double twice_max =
        2.0 * (double)(first->scale[0] > second->scale[0] ? first : second)->scale[0];
    double output = (double)net->tensors[o->outputs[0]].scale[0];

    if (first->data) {
        return op_fail(net, op, err, "both inputs are constant; fold the operator away");
    }
    r->left_shift = 20;
    r->input_offset = -first->zero_point[0];
    r->input2_offset = -second->zero_point[0];
    image_quantize_multiplier((double)first->scale[0] / twice_max, &r->multiplier[0], &r->shift[0]);
    image_quantize_multiplier((double)second->scale[0] / twice_max, &r->multiplier[1],
                              &r->shift[1]);
    image_quantize_multiplier(twice_max / ((double)(1 << 20) * output), &r->multiplier[2],
                              &r->shift[2]);
    if (r->shift[2] > 31) {
        return op_fail(net, op, err, "its scales are too far apart");
    }
    if (!second->data) {
        return CC_OK;
    }
    return image_append(writer, second->data, (size_t)second->elements, &r->weights_data, err);
}

static enum cc_status softmax_parameters(struct image_writer *writer,
                                         const struct models_network *net, int32_t op,
                                         struct image_op *r, struct cc_error *err)
{
    int32_t table[256];
    double scale = (double)net->tensors[net->ops[op].inputs[0]].scale[0];
    double beta = (double)net->ops[op].beta;
    if (!(beta * scale * (double)(1 << 26) > 1.0)) {
        return op_fail(net, op, err, "beta x input scale must exceed 2^-26");
    }
    image_softmax_table(beta, scale, table, &r->multiplier[0], &r->shift[0]);
    return image_append(writer, table, sizeof table, &r->table_data, err);
}

static enum cc_status channel_parameters(struct image_writer *writer,
                                         const struct models_network *net, int32_t op,
                                         struct image_op *r, struct cc_error *err)
{
    size_t bytes = (size_t)r->out_c * sizeof(int32_t);
    enum cc_status status = image_append(writer, NULL, bytes, &r->multiplier_data, err);
    if (status || (status = image_append(writer, NULL, bytes, &r->shift_data, err))) {
        return status;
    }
    for (int32_t c = 0; c < r->out_c; c++) {
        int32_t multiplier, shift;
        image_quantize_multiplier(image_channel_factor(net, op, c), &multiplier, &shift);
        if (shift > 31) {
            return op_fail(net, op, err, "its scales are too far apart");
        }
        memcpy(writer->data + r->multiplier_data + 4 * (size_t)c, &multiplier, 4);
        memcpy(writer->data + r->shift_data + 4 * (size_t)c, &shift, 4);
    }
    return CC_OK;
}

/* Arena offsets; constants have -1. */
static enum cc_status place(const struct models_network *net, const struct models_plan *plan,
                            int32_t op, struct image_op *r, struct cc_error *err)
{
    const struct models_op *o = &net->ops[op];
    int32_t swap = o->kind == MODELS_ADD && net->tensors[o->inputs[0]].data;
    r->input_arena = plan->tensor_offset[o->inputs[swap]];
    r->input2_arena = -1;
    if (o->kind == MODELS_ADD) {
        r->input2_arena = plan->tensor_offset[o->inputs[!swap]];
    }
    r->output_arena = plan->tensor_offset[o->outputs[0]];
    r->scratch_arena = plan->scratch_offset ? plan->scratch_offset[op] : -1;
    if (r->input_arena < 0 || r->output_arena < 0) {
        return op_fail(net, op, err, "its input or output has no place in the arena (a constant?)");
    }
    return CC_OK;
}

static enum cc_status write_op(struct image_writer *writer,
                               const struct models_image_layout *layout,
                               const struct models_network *net, const struct models_plan *plan,
                               int32_t op, struct image_op *r, struct cc_error *err)
{
    const struct models_op *o = &net->ops[op];
    image_op_shape(net, op, r);
    image_activation_limits(o->activation, &net->tensors[o->outputs[0]], &r->act_min, &r->act_max);
    enum cc_status status = place(net, plan, op, r, err);
    if (status) {
        return status;
    }
    if (o->kind == MODELS_ADD) {
        return add_parameters(writer, net, op, r, err);
    }
    if (o->kind == MODELS_SOFTMAX) {
        return softmax_parameters(writer, net, op, r, err);
    }
    if (!has_weights(o->kind)) {
        return CC_OK;
    }
    status = channel_parameters(writer, net, op, r, err);
    return status ? status : layout->write_op(writer, net, op, r, err);
}

static enum cc_status write_ops(struct image_writer *writer,
                                const struct models_image_layout *layout,
                                const struct models_network *net, const struct models_plan *plan,
                                uint32_t ops_data, struct cc_error *err)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        struct image_op record;
        enum cc_status status = check_op(net, i, err);
        if (status || (status = write_op(writer, layout, net, plan, i, &record, err))) {
            return status;
        }
        memcpy(writer->data + ops_data + (size_t)i * sizeof record, &record, sizeof record);
    }
    return CC_OK;
}

static enum cc_status no_layout(enum image_variant variant, struct cc_error *err)
{
    return cc_fail(err, CC_ERR_USAGE, "--kernels: variant %d is not built in; use reference",
                   (int)variant);
}

/* What scratch may take during each operator without making the arena noticeably larger than the
 * activations need it: the distance to their peak and 4 % more. [n_ops], owned by the caller; NULL
 * for layouts that do not ask. */
static enum cc_status scratch_budgets(const struct models_network *net,
                                      const struct models_image_layout *layout, int64_t **budgets,
                                      struct cc_error *err)
{
    *budgets = NULL;
    if (!layout->scratch_within) {
        return CC_OK;
    }
    int64_t *budget = calloc((size_t)net->n_ops + 1, sizeof *budget), peak = 0;
    enum cc_status status = budget ? models_plan_live(net, budget, err) : cc_no_memory(err);
    for (int32_t i = 0; !status && i < net->n_ops; i++) {
        peak = budget[i] > peak ? budget[i] : peak;
    }
    for (int32_t i = 0; !status && i < net->n_ops; i++) {
        budget[i] =
            (peak + peak * SCRATCH_PERCENT / 100 - budget[i]) & -(int64_t)MODELS_ARENA_ALIGN;
    }
    if (status) {
        free(budget);
        return status;
    }
    *budgets = budget;
    return CC_OK;
}

static int64_t scratch_of(const struct models_image_layout *layout,
                          const struct models_network *net, int32_t op, const int64_t *budgets)
{
    if (layout->scratch_within) {
        return layout->scratch_within(net, op, budgets[op]);
    }
    return layout->scratch_bytes ? layout->scratch_bytes(net, op) : 0;
}

static enum cc_status fill_scratch(const struct models_network *net,
                                   const struct models_image_layout *layout, int32_t *out,
                                   struct cc_error *err)
{
    int64_t *budgets;
    enum cc_status status = scratch_budgets(net, layout, &budgets, err);
    for (int32_t i = 0; !status && i < net->n_ops; i++) {
        int64_t bytes = scratch_of(layout, net, i, budgets);
        if (bytes > INT32_MAX) {
            status = op_fail(net, i, err, "needs more than 2 GiB of scratch");
        }
        out[i] = (int32_t)bytes;
    }
    free(budgets);
    return status;
}

enum cc_status models_image_scratch(const struct models_network *net, enum image_variant variant,
                                    int32_t *out, struct cc_error *err)
{
    const struct models_image_layout *layout = layout_of(variant);
    if (!layout) {
        return no_layout(variant, err);
    }
    for (int32_t i = 0; i < net->n_ops; i++) {
        enum cc_status status = check_op(net, i, err);
        if (status) {
            return status;
        }
    }
    return fill_scratch(net, layout, out, err);
}

enum cc_status models_image_write(const struct models_network *net, const struct models_plan *plan,
                                  enum image_variant variant, struct models_image *image,
                                  struct cc_error *err)
{
    const struct models_image_layout *layout = layout_of(variant);
    struct image_writer writer = {0};
    uint32_t header_data = 0, ops_data = 0;
    *image = (struct models_image){0};
    if (!layout) {
        return no_layout(variant, err);
    }
    int64_t *budgets;
    enum cc_status status = scratch_budgets(net, layout, &budgets, err);
    writer.scratch_budget = budgets;
    if (!status) {
        status = image_append(&writer, NULL, sizeof(struct image_header), &header_data, err);
    }
    if (!status) {
        status = image_append(&writer, NULL, (size_t)net->n_ops * sizeof(struct image_op),
                              &ops_data, err);
    }
    if (!status) {
        status = write_ops(&writer, layout, net, plan, ops_data, err);
    }
    free(budgets);
    if (status) {
        free(writer.data);
        return status;
    }
    struct image_header header = {
        .magic = IMAGE_MAGIC,
        .version = IMAGE_VERSION,
        .variant = (uint32_t)variant,
        .bytes = (uint32_t)writer.bytes,
        .n_ops = (uint32_t)net->n_ops,
        .ops_data = ops_data,
        .arena_bytes = (uint32_t)plan->arena_bytes,
    };
    memcpy(writer.data, &header, sizeof header);
    image->data = writer.data;
    image->bytes = writer.bytes;
    return CC_OK;
}

void models_image_free(struct models_image *image)
{
    free(image->data);
    *image = (struct models_image){0};
}
