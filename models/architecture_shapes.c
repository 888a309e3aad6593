/* Layers of an architecture file to operators and tensors: names, options and shapes. Sizes are
 * computed in 64 bits and bounded before they are stored, so no product overflows. */
#include "architecture.h"

#include "cc_file.h"
#include "models_check.h"

#include <stdio.h>
#include <string.h>

enum {
    KEY_FILTERS = 1 << 0,
    KEY_UNITS = 1 << 1,
    KEY_KERNEL = 1 << 2,
    KEY_STRIDE = 1 << 3,
    KEY_DILATION = 1 << 4,
    KEY_PADDING = 1 << 5,
    KEY_ACTIVATION = 1 << 6,
    KEY_MULTIPLIER = 1 << 7,
    KEY_GROUPS = 1 << 8,
    KEY_SHAPE = 1 << 9,
    KEY_BETA = 1 << 10,
    KEY_BIAS = 1 << 11,
    KEY_COUNT = 12,
};

static const char *const key_names[KEY_COUNT] = {
    "filters",    "units",      "kernel", "stride", "dilation", "padding",
    "activation", "multiplier", "groups", "shape",  "beta",     "bias",
};

typedef enum cc_status (*shape_fn)(struct arch_build *b, int32_t layer);

struct layer_type {
    const char *name;
    enum models_op_kind kind;
    unsigned required, optional; /* sets of keys */
    unsigned n_inputs;
    shape_fn shape;
};

static enum cc_status shape_conv(struct arch_build *b, int32_t layer);
static enum cc_status shape_depthwise(struct arch_build *b, int32_t layer);
static enum cc_status shape_dense(struct arch_build *b, int32_t layer);
static enum cc_status shape_pool(struct arch_build *b, int32_t layer);
static enum cc_status shape_add(struct arch_build *b, int32_t layer);
static enum cc_status shape_reshape(struct arch_build *b, int32_t layer);
static enum cc_status shape_softmax(struct arch_build *b, int32_t layer);

/* padding is required where it matters: frameworks disagree about the default. */
static const struct layer_type layer_types[] = {
    {"conv_2d", MODELS_CONV_2D, KEY_FILTERS | KEY_KERNEL | KEY_PADDING,
     KEY_STRIDE | KEY_DILATION | KEY_ACTIVATION | KEY_GROUPS | KEY_BIAS, 1, shape_conv},
    {"depthwise_conv_2d", MODELS_DEPTHWISE_CONV_2D, KEY_KERNEL | KEY_PADDING,
     KEY_STRIDE | KEY_DILATION | KEY_ACTIVATION | KEY_MULTIPLIER | KEY_BIAS, 1, shape_depthwise},
    {"fully_connected", MODELS_FULLY_CONNECTED, KEY_UNITS, KEY_ACTIVATION | KEY_BIAS, 1,
     shape_dense},
    {"average_pool_2d", MODELS_AVERAGE_POOL_2D, KEY_KERNEL | KEY_PADDING,
     KEY_STRIDE | KEY_ACTIVATION, 1, shape_pool},
    {"add", MODELS_ADD, 0, KEY_ACTIVATION, 2, shape_add},
    {"reshape", MODELS_RESHAPE, KEY_SHAPE, 0, 1, shape_reshape},
    {"flatten", MODELS_RESHAPE, 0, 0, 1, shape_reshape},
    {"softmax", MODELS_SOFTMAX, 0, KEY_BETA, 1, shape_softmax},
};
#define N_TYPES (sizeof layer_types / sizeof layer_types[0])

static const char *const padding_names[] = {"same", "valid"};
static const char *const activation_names[] = {"none", "relu", "relu_n1_to_1", "relu6"};

static unsigned keys_given(const struct arch_layer *layer)
{
    return (layer->filters ? KEY_FILTERS : 0u) | (layer->units ? KEY_UNITS : 0u) |
           (layer->kernel ? KEY_KERNEL : 0u) | (layer->stride ? KEY_STRIDE : 0u) |
           (layer->dilation ? KEY_DILATION : 0u) | (layer->padding ? KEY_PADDING : 0u) |
           (layer->activation ? KEY_ACTIVATION : 0u) | (layer->multiplier ? KEY_MULTIPLIER : 0u) |
           (layer->groups ? KEY_GROUPS : 0u) | (layer->shape ? KEY_SHAPE : 0u) |
           (layer->beta ? KEY_BETA : 0u) | (layer->bias ? KEY_BIAS : 0u);
}

/* "'WORD' is unknown; did you mean ...? known: ..." The word is untrusted. */
static enum cc_status unknown_word(struct arch_build *b, int32_t layer, const char *key,
                                   const char *word, const char *const *candidates, size_t count)
{
    char plain[MODELS_NAME_BYTES];
    char near[MODELS_NAME_BYTES + 32];
    char list[256] = "";
    size_t used = 0;
    models_name_copy(plain, word, strlen(word));
    for (size_t i = 0; i < count && used < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", candidates[i]);
    return arch_fail(b, layer, key, "'%s' is unknown;%s known: %s%s", plain,
                     cc_did_you_mean(near, sizeof near, "", word, candidates, count), list,
                     used < sizeof list ? "" : "...");
}

/* Index of word among candidates. */
static enum cc_status choose(struct arch_build *b, int32_t layer, const char *key, const char *word,
                             const char *const *candidates, size_t count, unsigned *index)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(word, candidates[i]) == 0) {
            *index = i;
            return CC_OK;
        }
    }
    return unknown_word(b, layer, key, word, candidates, count);
}

static enum cc_status find_type(struct arch_build *b, int32_t layer, const struct layer_type **type)
{
    const char *names[N_TYPES];
    unsigned index = 0;
    for (size_t i = 0; i < N_TYPES; i++)
        names[i] = layer_types[i].name;
    enum cc_status status =
        choose(b, layer, "type", b->arch->layers[layer].type, names, N_TYPES, &index);
    *type = &layer_types[index];
    return status;
}

static enum cc_status check_keys(struct arch_build *b, int32_t layer, const struct layer_type *type)
{
    const unsigned given = keys_given(&b->arch->layers[layer]);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        const unsigned key = 1u << i;
        if ((type->required & key) && !(given & key))
            return arch_fail(b, layer, key_names[i], "missing; %s needs it", type->name);
        if ((given & key) && !((type->required | type->optional) & key))
            return arch_fail(b, layer, key_names[i], "has no meaning for %s; remove it",
                             type->name);
    }
    return CC_OK;
}

static enum cc_status check_range(struct arch_build *b, int32_t layer, const char *key,
                                  int32_t value, int32_t max)
{
    if (value < 1 || value > max)
        return arch_fail(b, layer, key, "%d is outside 1 to %d", value, max);
    return CC_OK;
}

/* Adds a tensor; *index receives its number. A layer of -1 is the model's input. */
static enum cc_status add_tensor(struct arch_build *b, int32_t layer, const char *suffix,
                                 enum models_type type, int32_t rank, const int64_t *dims,
                                 int32_t *index)
{
    struct models_network *net = b->net;
    struct models_tensor *t = &net->tensors[net->n_tensors];
    const char *name = layer < 0 ? "input" : b->arch->layers[layer].name;
    int64_t elements = 1;
    snprintf(t->name, sizeof t->name, "%.50s%s", name, suffix);
    for (int32_t i = 0; i < rank; i++) {
        if (dims[i] < 1 || dims[i] > ARCH_MAX_ELEMENTS)
            elements = ARCH_MAX_ELEMENTS + 1;
        else if (elements <= ARCH_MAX_ELEMENTS)
            elements *= dims[i];
        t->dims[i] = (int32_t)dims[i];
    }
    if (elements > ARCH_MAX_ELEMENTS)
        return arch_tensor_fail(b, layer, t->name, "shape",
                                "has a size below 1 or more than %d elements; make the layer "
                                "smaller",
                                ARCH_MAX_ELEMENTS);
    t->type = type;
    t->rank = rank;
    t->elements = (int32_t)elements;
    t->bytes = t->elements * (type == MODELS_INT32 ? 4 : 1);
    b->layer_of[net->n_tensors] = layer;
    *index = net->n_tensors++;
    return CC_OK;
}

/* A tensor whose data will be generated; appended to the operator's inputs. */
static enum cc_status add_constant(struct arch_build *b, int32_t layer, const char *suffix,
                                   enum models_type type, int32_t rank, const int64_t *dims)
{
    struct models_op *op = &b->net->ops[layer];
    int32_t index = 0;
    enum cc_status status = add_tensor(b, layer, suffix, type, rank, dims, &index);
    if (status != CC_OK)
        return status;
    op->inputs[op->n_inputs++] = index;
    b->data_offset[index] = b->storage_bytes;
    b->storage_bytes += ((size_t)b->net->tensors[index].bytes + 15) & ~(size_t)15;
    if (b->storage_bytes > ARCH_MAX_STORAGE_BYTES)
        return arch_fail(b, layer, "type", "the weights so far exceed %d MiB; make layers smaller",
                         ARCH_MAX_STORAGE_BYTES >> 20);
    return CC_OK;
}

static enum cc_status add_output(struct arch_build *b, int32_t layer, int32_t rank,
                                 const int64_t *dims)
{
    struct models_op *op = &b->net->ops[layer];
    op->n_outputs = 1;
    enum cc_status status = add_tensor(b, layer, "", MODELS_INT8, rank, dims, &op->outputs[0]);
    b->output_of[layer] = op->outputs[0];
    return status;
}

static const struct models_tensor *input_of(const struct arch_build *b, int32_t layer)
{
    return &b->net->tensors[b->net->ops[layer].inputs[0]];
}

static enum cc_status find_tensor(struct arch_build *b, int32_t layer, const char *name,
                                  int32_t *tensor)
{
    const char *known[ARCH_MAX_LAYERS + 1];
    if (strcmp(name, "input") == 0) {
        *tensor = 0;
        return CC_OK;
    }
    for (int32_t i = 0; i < layer; i++) {
        known[i] = b->arch->layers[i].name;
        if (strcmp(name, known[i]) == 0) {
            *tensor = b->output_of[i];
            return CC_OK;
        }
    }
    known[layer] = "input";
    return unknown_word(b, layer, "inputs", name, known, (size_t)layer + 1);
}

static enum cc_status connect(struct arch_build *b, int32_t layer, const struct layer_type *type)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    struct models_op *op = &b->net->ops[layer];
    const unsigned count = y->inputs ? y->inputs_count : 1;
    if (count != type->n_inputs)
        return arch_fail(b, layer, "inputs", "%s reads %u, not %u; name each as [a, b]", type->name,
                         type->n_inputs, count);
    op->n_inputs = (int32_t)count;
    if (!y->inputs) {
        op->inputs[0] = layer == 0 ? 0 : b->output_of[layer - 1];
        return CC_OK;
    }
    for (unsigned i = 0; i < count; i++) {
        enum cc_status status = find_tensor(b, layer, y->inputs[i], &op->inputs[i]);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status read_activation(struct arch_build *b, int32_t layer)
{
    static const enum models_activation values[] = {MODELS_ACT_NONE, MODELS_ACT_RELU,
                                                    MODELS_ACT_RELU_N1_TO_1, MODELS_ACT_RELU6};
    const char *word = b->arch->layers[layer].activation;
    unsigned index = 0;
    enum cc_status status =
        word ? choose(b, layer, "activation", word, activation_names, 4, &index) : CC_OK;
    b->net->ops[layer].activation = values[index];
    return status;
}

static enum cc_status read_pair(struct arch_build *b, int32_t layer, const char *key,
                                const int32_t *pair, int32_t *h, int32_t *w)
{
    if (!pair)
        return CC_OK;
    *h = pair[0];
    *w = pair[1];
    enum cc_status status = check_range(b, layer, key, *h, ARCH_MAX_WINDOW);
    return status == CC_OK ? check_range(b, layer, key, *w, ARCH_MAX_WINDOW) : status;
}

/* Reads the window's keys; out receives the output's shape except the channels. */
static enum cc_status read_window(struct arch_build *b, int32_t layer, int64_t out[4])
{
    const struct arch_layer *y = &b->arch->layers[layer];
    const struct models_tensor *in = input_of(b, layer);
    struct models_op *op = &b->net->ops[layer];
    unsigned padding = 0;
    if (in->rank != 4)
        return arch_fail(b, layer, "inputs",
                         "needs an input of rank 4 [batch, height, width, channels], not %d",
                         in->rank);
    enum cc_status status = read_pair(b, layer, "kernel", y->kernel, &op->filter_h, &op->filter_w);
    op->stride_h = op->stride_w = op->dilation_h = op->dilation_w = 1;
    if (op->kind == MODELS_AVERAGE_POOL_2D) {
        op->stride_h = op->filter_h;
        op->stride_w = op->filter_w;
    }
    if (status == CC_OK)
        status = read_pair(b, layer, "stride", y->stride, &op->stride_h, &op->stride_w);
    if (status == CC_OK)
        status = read_pair(b, layer, "dilation", y->dilation, &op->dilation_h, &op->dilation_w);
    if (status == CC_OK)
        status = choose(b, layer, "padding", y->padding, padding_names, 2, &padding);
    if (status != CC_OK)
        return status;
    const enum models_padding pad = padding == 0 ? MODELS_PAD_SAME : MODELS_PAD_VALID;
    out[0] = in->dims[0];
    out[1] = models_window_output(in->dims[1], op->filter_h, op->stride_h, op->dilation_h, pad,
                                  &op->pad_top);
    out[2] = models_window_output(in->dims[2], op->filter_w, op->stride_w, op->dilation_w, pad,
                                  &op->pad_left);
    if (out[1] < 1 || out[2] < 1)
        return arch_fail(b, layer, "kernel",
                         "the window is larger than the %dx%d image; use padding same or a smaller "
                         "kernel",
                         in->dims[1], in->dims[2]);
    return CC_OK;
}

static enum cc_status add_bias(struct arch_build *b, int32_t layer, int64_t channels)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    struct models_op *op = &b->net->ops[layer];
    if (!y->bias || *y->bias)
        return add_constant(b, layer, "/bias", MODELS_INT32, 1, &channels);
    op->inputs[op->n_inputs++] = -1;
    return CC_OK;
}

/* Weights, bias and output of the operators that multiply. */
static enum cc_status add_product(struct arch_build *b, int32_t layer, int32_t rank,
                                  const int64_t *weights, int32_t out_rank, const int64_t *out)
{
    enum cc_status status = add_constant(b, layer, "/weights", MODELS_INT8, rank, weights);
    if (status == CC_OK)
        status = add_bias(b, layer, out[out_rank - 1]);
    if (status == CC_OK)
        status = add_output(b, layer, out_rank, out);
    if (status == CC_OK)
        b->net->ops[layer].macs = models_op_macs(b->net, &b->net->ops[layer]);
    return status;
}

static enum cc_status shape_conv(struct arch_build *b, int32_t layer)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    struct models_op *op = &b->net->ops[layer];
    int64_t out[4];
    enum cc_status status = read_window(b, layer, out);
    if (status == CC_OK)
        status = check_range(b, layer, "filters", *y->filters, ARCH_MAX_ELEMENTS);
    op->groups = y->groups ? *y->groups : 1;
    if (status == CC_OK)
        status = check_range(b, layer, "groups", op->groups, ARCH_MAX_ELEMENTS);
    if (status != CC_OK)
        return status;
    const int32_t channels = input_of(b, layer)->dims[3];
    if (channels % op->groups || *y->filters % op->groups)
        return arch_fail(b, layer, "groups", "%d does not divide %d input channels and %d filters",
                         op->groups, channels, *y->filters);
    const int64_t weights[4] = {*y->filters, op->filter_h, op->filter_w, channels / op->groups};
    out[3] = *y->filters;
    return add_product(b, layer, 4, weights, 4, out);
}

static enum cc_status shape_depthwise(struct arch_build *b, int32_t layer)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    struct models_op *op = &b->net->ops[layer];
    int64_t out[4];
    enum cc_status status = read_window(b, layer, out);
    op->depth_multiplier = y->multiplier ? *y->multiplier : 1;
    if (status == CC_OK)
        status = check_range(b, layer, "multiplier", op->depth_multiplier, ARCH_MAX_ELEMENTS);
    if (status != CC_OK)
        return status;
    out[3] = (int64_t)input_of(b, layer)->dims[3] * op->depth_multiplier;
    const int64_t weights[4] = {1, op->filter_h, op->filter_w, out[3]};
    return add_product(b, layer, 4, weights, 4, out);
}

static enum cc_status shape_dense(struct arch_build *b, int32_t layer)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    const struct models_tensor *in = input_of(b, layer);
    enum cc_status status = check_range(b, layer, "units", *y->units, ARCH_MAX_ELEMENTS);
    if (status != CC_OK)
        return status;
    const int64_t rows = in->rank > 1 ? in->dims[0] : 1;
    const int64_t weights[2] = {*y->units, in->elements / rows};
    const int64_t out[2] = {rows, *y->units};
    return add_product(b, layer, 2, weights, 2, out);
}

static enum cc_status shape_pool(struct arch_build *b, int32_t layer)
{
    int64_t out[4];
    enum cc_status status = read_window(b, layer, out);
    if (status != CC_OK)
        return status;
    out[3] = input_of(b, layer)->dims[3];
    return add_output(b, layer, 4, out);
}

static enum cc_status add_like_input(struct arch_build *b, int32_t layer)
{
    const struct models_tensor *in = input_of(b, layer);
    int64_t dims[MODELS_MAX_RANK];
    for (int32_t i = 0; i < in->rank; i++)
        dims[i] = in->dims[i];
    return add_output(b, layer, in->rank, dims);
}

static enum cc_status shape_add(struct arch_build *b, int32_t layer)
{
    const struct models_tensor *x = input_of(b, layer);
    const struct models_tensor *y = &b->net->tensors[b->net->ops[layer].inputs[1]];
    int same = x->rank == y->rank;
    for (int32_t i = 0; same && i < x->rank; i++)
        same = x->dims[i] == y->dims[i];
    if (!same)
        return arch_fail(b, layer, "inputs", "'%s' and '%s' differ in shape; make them equal",
                         x->name, y->name);
    return add_like_input(b, layer);
}

/* The shape asked for, with one size of -1 replaced by what remains; flatten keeps the batch. */
static enum cc_status wanted_shape(struct arch_build *b, int32_t layer, int32_t *rank,
                                   int64_t *dims)
{
    const struct arch_layer *y = &b->arch->layers[layer];
    const struct models_tensor *in = input_of(b, layer);
    int64_t elements = 1;
    int32_t open = -1;
    if (!y->shape) {
        const int64_t batch = in->rank > 1 ? in->dims[0] : 1;
        *rank = 2;
        dims[0] = batch;
        dims[1] = in->elements / batch;
        return CC_OK;
    }
    *rank = (int32_t)y->shape_count;
    for (int32_t i = 0; i < *rank; i++) {
        dims[i] = y->shape[i];
        if (dims[i] == -1 && open < 0)
            open = i;
        else if (dims[i] < 1 || (elements *= dims[i]) > in->elements)
            return arch_fail(b, layer, "shape", "[%d] = %d does not fit %d elements", i,
                             y->shape[i], in->elements);
    }
    if (open >= 0) {
        dims[open] = in->elements / elements;
        elements *= dims[open];
    }
    if (elements != in->elements)
        return arch_fail(b, layer, "shape", "holds %d elements, the input has %d", (int)elements,
                         in->elements);
    return CC_OK;
}

static enum cc_status shape_reshape(struct arch_build *b, int32_t layer)
{
    int64_t dims[MODELS_MAX_RANK];
    int32_t rank;
    enum cc_status status = wanted_shape(b, layer, &rank, dims);
    if (status != CC_OK)
        return status;
    const int64_t length = rank;
    status = add_constant(b, layer, "/shape", MODELS_INT32, 1, &length);
    return status == CC_OK ? add_output(b, layer, rank, dims) : status;
}

static enum cc_status shape_softmax(struct arch_build *b, int32_t layer)
{
    const float *beta = b->arch->layers[layer].beta;
    struct models_op *op = &b->net->ops[layer];
    op->beta = beta ? *beta : 1.0f;
    if (!(op->beta >= 0.001f && op->beta <= 1000.0f))
        return arch_fail(b, layer, "beta", "must be between 0.001 and 1000");
    return add_like_input(b, layer);
}

static enum cc_status shape_layer(struct arch_build *b, int32_t layer)
{
    const struct layer_type *type;
    enum cc_status status = find_type(b, layer, &type);
    if (status != CC_OK)
        return status;
    b->net->ops[layer].kind = type->kind;
    status = check_keys(b, layer, type);
    if (status == CC_OK)
        status = connect(b, layer, type);
    if (status == CC_OK)
        status = read_activation(b, layer);
    return status == CC_OK ? type->shape(b, layer) : status;
}

static enum cc_status shape_input(struct arch_build *b)
{
    const struct arch_input *y = &b->arch->input;
    int64_t dims[MODELS_MAX_RANK];
    for (unsigned i = 0; i < y->shape_count; i++)
        dims[i] = y->shape[i];
    b->net->n_inputs = 1;
    return add_tensor(b, -1, "", MODELS_INT8, (int32_t)y->shape_count, dims, &b->net->inputs[0]);
}

/* A layer nobody reads is more likely a slip in `inputs` than intended. */
static enum cc_status check_all_read(struct arch_build *b)
{
    for (int32_t i = 0; i + 1 < b->net->n_ops; i++) {
        int read = 0;
        for (int32_t j = i + 1; j < b->net->n_ops && !read; j++) {
            const struct models_op *op = &b->net->ops[j];
            for (int32_t k = 0; k < op->n_inputs; k++)
                read |= op->inputs[k] == b->output_of[i];
        }
        if (!read)
            return arch_fail(b, i, "name", "no layer reads it; name it in the inputs of another");
    }
    return CC_OK;
}

enum cc_status arch_shapes(struct arch_build *b)
{
    struct models_network *net = b->net;
    enum cc_status status = shape_input(b);
    for (unsigned i = 0; i < b->arch->layers_count && status == CC_OK; i++) {
        net->n_ops++;
        status = shape_layer(b, (int32_t)i);
    }
    if (status != CC_OK)
        return status;
    net->n_outputs = 1;
    net->outputs[0] = b->output_of[net->n_ops - 1];
    return check_all_read(b);
}
