/* Architecture files: YAML to struct architecture, then to a network. The format is described in
 * models/zoo/README.md. */
#include "architecture.h"

#include "cc_file.h"
#include "cc_yaml.h"
#include "models_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES (1u << 20)

static const cyaml_schema_value_t text_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MODELS_NAME_BYTES - 1),
};
static const cyaml_schema_value_t int_entry = {
    CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int32_t),
};

#define TEXT(key, member)                                                                          \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer,       \
                           member, 1, MODELS_NAME_BYTES - 1)
#define NUMBER(key, member)                                                                        \
    CYAML_FIELD_INT_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer, member)
#define PAIR(key, member)                                                                          \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer, member, \
                         &int_entry, 2, 2)

static const cyaml_schema_field_t layer_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct arch_layer, name, 1,
                           MODELS_NAME_BYTES - 1),
    CYAML_FIELD_STRING_PTR("type", CYAML_FLAG_POINTER, struct arch_layer, type, 1,
                           MODELS_NAME_BYTES - 1),
    TEXT("padding", padding),
    TEXT("activation", activation),
    CYAML_FIELD_SEQUENCE("inputs", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer,
                         inputs, &text_entry, 1, MODELS_MAX_OP_INPUTS),
    PAIR("kernel", kernel),
    PAIR("stride", stride),
    PAIR("dilation", dilation),
    CYAML_FIELD_SEQUENCE("shape", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer,
                         shape, &int_entry, 1, MODELS_MAX_RANK),
    NUMBER("filters", filters),
    NUMBER("units", units),
    NUMBER("multiplier", multiplier),
    NUMBER("groups", groups),
    CYAML_FIELD_FLOAT_PTR("beta", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer,
                          beta),
    CYAML_FIELD_BOOL_PTR("bias", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_layer, bias),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t layer_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct arch_layer, layer_fields),
};

static const cyaml_schema_field_t input_fields[] = {
    CYAML_FIELD_SEQUENCE("shape", CYAML_FLAG_POINTER, struct arch_input, shape, &int_entry, 1,
                         MODELS_MAX_RANK),
    CYAML_FIELD_FLOAT_PTR("scale", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_input,
                          scale),
    CYAML_FIELD_INT_PTR("zero_point", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct arch_input,
                        zero_point),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t top_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct architecture, name, 1,
                           MODELS_NAME_BYTES - 1),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct architecture,
                           source, 3, 400),
    CYAML_FIELD_UINT("seed", CYAML_FLAG_DEFAULT, struct architecture, seed),
    CYAML_FIELD_MAPPING("input", CYAML_FLAG_DEFAULT, struct architecture, input, input_fields),
    CYAML_FIELD_SEQUENCE("layers", CYAML_FLAG_POINTER, struct architecture, layers, &layer_entry, 1,
                         ARCH_MAX_LAYERS),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t top_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct architecture, top_fields),
};

enum cc_status arch_fail(const struct arch_build *b, int32_t layer, const char *key,
                         const char *format, ...)
{
    char what[640], place[48];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(place, sizeof place, "layers[%d].%.20s", (int)layer, key);
    return cc_fail(b->err, CC_ERR_INPUT, "%s:%zu: layer '%s': %s: %s", b->path,
                   cc_yaml_line(b->path, place), b->arch->layers[layer].name, key, what);
}

enum cc_status arch_tensor_fail(const struct arch_build *b, int32_t layer, const char *tensor,
                                const char *key, const char *format, ...)
{
    char what[640], place[48];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (layer < 0)
        snprintf(place, sizeof place, "input.%.20s", key);
    else
        snprintf(place, sizeof place, "layers[%d].%.20s", (int)layer, key);
    return cc_fail(b->err, CC_ERR_INPUT, "%s:%zu: tensor '%s': %s: %s", b->path,
                   cc_yaml_line(b->path, place), tensor, key, what);
}

/* Names go into messages, reports and the database, so they stay plain. */
static int is_plain_name(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              strchr("_-./", *p)))
            return 0;
    }
    return name[0] != '\0';
}

static enum cc_status check_layer_names(const struct arch_build *b)
{
    const struct architecture *arch = b->arch;
    for (unsigned i = 0; i < arch->layers_count; i++) {
        const char *name = arch->layers[i].name;
        if (!is_plain_name(name))
            return cc_fail(b->err, CC_ERR_INPUT,
                           "%s: layers[%u]: name: only letters, digits and _-./ are accepted",
                           b->path, i);
        if (strcmp(name, "input") == 0)
            return arch_fail(b, (int32_t)i, "name",
                             "this name is the model's input; choose another");
        for (unsigned j = 0; j < i; j++) {
            if (strcmp(name, arch->layers[j].name) == 0)
                return arch_fail(b, (int32_t)i, "name", "layers[%u] has this name too; rename one",
                                 j);
        }
    }
    return CC_OK;
}

static enum cc_status check_top(const struct arch_build *b)
{
    const struct architecture *arch = b->arch;
    if (!is_plain_name(arch->name))
        return cc_fail(b->err, CC_ERR_INPUT, "%s: name: only letters, digits and _-./ are accepted",
                       b->path);
    if (arch->seed == 0)
        return cc_fail(b->err, CC_ERR_INPUT, "%s: seed: 0 generates no weights; use 1 to %u",
                       b->path, UINT32_MAX);
    return check_layer_names(b);
}

static enum cc_status translate(struct arch_build *b)
{
    struct models_network *net = b->net;
    const unsigned layers = b->arch->layers_count;
    /* A layer adds its output and at most two constants. */
    const size_t max_tensors = 1 + 3 * (size_t)layers;
    net->tensors = calloc(max_tensors, sizeof *net->tensors);
    net->ops = calloc(layers, sizeof *net->ops);
    net->inputs = calloc(1, sizeof *net->inputs);
    net->outputs = calloc(1, sizeof *net->outputs);
    b->layer_of = calloc(max_tensors, sizeof *b->layer_of);
    b->output_of = calloc(layers, sizeof *b->output_of);
    b->data_offset = calloc(max_tensors, sizeof *b->data_offset);
    if (!net->tensors || !net->ops || !net->inputs || !net->outputs || !b->layer_of ||
        !b->output_of || !b->data_offset)
        return cc_no_memory(b->err);
    enum cc_status status = arch_shapes(b);
    if (status != CC_OK)
        return status;
    net->storage = calloc(1, b->storage_bytes + 1);
    if (!net->storage)
        return cc_no_memory(b->err);
    status = arch_weights(b);
    return status == CC_OK ? models_network_check(net, b->path, b->err) : status;
}

static enum cc_status build(const char *path, const struct architecture *arch,
                            struct models_network *net, struct cc_error *err)
{
    struct arch_build b = {.path = path, .arch = arch, .net = net, .err = err};
    enum cc_status status = check_top(&b);
    if (status == CC_OK)
        status = translate(&b);
    free(b.layer_of);
    free(b.output_of);
    free(b.data_offset);
    return status;
}

enum cc_status models_architecture_read(const char *path, struct models_network *net,
                                        struct cc_error *err)
{
    uint8_t *text;
    size_t bytes;
    cyaml_data_t *data = NULL;
    memset(net, 0, sizeof *net);
    enum cc_status status = cc_file_read(path, MAX_FILE_BYTES, &text, &bytes, err);
    if (status != CC_OK)
        return status;
    cc_sha256_hex(text, bytes, net->sha256);
    free(text);
    status = cc_yaml_load(path, &top_schema, &data, NULL, err);
    /* libcyaml accepts a file without any document. */
    if (status == CC_OK && !data)
        return cc_fail(err, CC_ERR_INPUT, "%s: is empty; give name, seed, input and layers", path);
    if (status == CC_OK) {
        const struct architecture *arch = data;
        snprintf(net->name, sizeof net->name, "%s", arch->name);
        status = build(path, arch, net, err);
    }
    cc_yaml_free(&top_schema, data);
    if (status == CC_OK)
        return CC_OK;
    models_network_free(net);
    return cc_yaml_add_line(err, path);
}
