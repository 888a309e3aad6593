/* The .tflite reader on real models, compared with an independent listing of their operators and
 * tensors. */
#include "models_files.h"
#include "models_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE = 65536, MAX_COLUMNS = 16 };

static char line[LINE];

static int load(const char *name, struct models_network *net)
{
    size_t bytes;
    struct cc_error err = {CC_OK, ""};
    uint8_t *data = golden_model(name, &bytes);
    if (!data)
        return 0;
    if (models_tflite_read(name, data, bytes, net, &err) != CC_OK)
        fail_msg("%s", err.message);
    free(data);
    return 1;
}

/* "1x49x10x1" against a tensor's shape. */
static void check_shape(const struct models_tensor *t, const char *shape)
{
    int32_t rank = 0;
    for (const char *p = shape; *p; rank++) {
        assert_true(rank < t->rank);
        assert_int_equal(strtol(p, NULL, 10), t->dims[rank]);
        p += strcspn(p, "x");
        p += *p == 'x';
    }
    assert_int_equal(rank, t->rank);
}

/* Columns: model, tensor, name, shape, type, kind, bytes, n_scales, scale, zero_point, axis. */
static void check_tensor(const struct models_network *net, char **columns)
{
    int32_t index = (int32_t)strtol(columns[1], NULL, 10);
    assert_true(index < net->n_tensors);
    const struct models_tensor *t = &net->tensors[index];
    char name[MODELS_NAME_BYTES] = "";
    strncat(name, columns[2], sizeof name - 1);
    assert_string_equal(t->name, name);
    check_shape(t, columns[3]);
    assert_string_equal(models_type_name((int)t->type), columns[4]);
    assert_int_equal(strcmp(columns[5], "const") == 0, t->data != NULL);
    assert_int_equal(t->bytes, strtol(columns[6], NULL, 10));
    assert_int_equal(t->n_scales, strtol(columns[7], NULL, 10));
    if (t->n_scales == 0)
        return;
    assert_true(t->scale[0] == strtof(columns[8], NULL));
    assert_int_equal(t->zero_point[0], strtol(columns[9], NULL, 10));
    if (columns[10][0])
        assert_int_equal(t->quantized_dim, strtol(columns[10], NULL, 10));
}

static const char *option(const char *options, const char *key, char *value, size_t size)
{
    const char *p = options;
    size_t length = strlen(key);
    while (*p && (strncmp(p, key, length) != 0 || p[length] != '=')) {
        p += strcspn(p, ";");
        p += *p == ';';
    }
    if (!*p)
        return NULL;
    p += length + 1;
    snprintf(value, size, "%.*s", (int)strcspn(p, ";"), p);
    return value;
}

static void check_number(const char *options, const char *key, int32_t actual)
{
    char value[32];
    if (option(options, key, value, sizeof value) && (int32_t)strtol(value, NULL, 10) != actual)
        fail_msg("%s: %s expected, %d read", key, value, actual);
}

static void check_options(const struct models_op *op, const char *options)
{
    static const char *const activations[] = {"NONE", "RELU", "RELU_N1_TO_1", "RELU6"};
    char value[32];
    check_number(options, "stride_h", op->stride_h);
    check_number(options, "stride_w", op->stride_w);
    check_number(options, "dilation_h_factor", op->dilation_h);
    check_number(options, "dilation_w_factor", op->dilation_w);
    check_number(options, "depth_multiplier", op->depth_multiplier);
    check_number(options, "filter_height", op->filter_h);
    check_number(options, "filter_width", op->filter_w);
    if (option(options, "fused_activation_function", value, sizeof value))
        assert_string_equal(value, activations[op->activation]);
    if (option(options, "beta", value, sizeof value))
        assert_true(op->beta == strtof(value, NULL));
    if (option(options, "padding", value, sizeof value) && strcmp(value, "VALID") == 0)
        assert_int_equal(op->pad_top | op->pad_left, 0);
}

static void check_indices(const int32_t *indices, int32_t count, const char *list)
{
    const char *p = list;
    for (int32_t i = 0; i < count; i++) {
        assert_int_equal(indices[i], strtol(p, NULL, 10));
        p += strcspn(p, ";");
        p += *p == ';';
    }
    assert_int_equal(*p, '\0');
}

/* Columns: model, index, operator, version, inputs, outputs, input_tensors, output_tensors,
 * options, derived, macs. */
static void check_op(const struct models_network *net, char **columns)
{
    int32_t index = (int32_t)strtol(columns[1], NULL, 10);
    assert_true(index < net->n_ops);
    const struct models_op *op = &net->ops[index];
    assert_string_equal(models_op_name(op->kind), columns[2]);
    check_indices(op->inputs, op->n_inputs, columns[6]);
    check_indices(op->outputs, op->n_outputs, columns[7]);
    check_options(op, columns[8]);
    assert_true(op->macs == strtoull(columns[10], NULL, 10));
}

/* Runs check on each line of one model in a listing; returns their number. */
static int32_t for_lines(const char *csv, const struct models_network *net, int columns_expected,
                         void (*check)(const struct models_network *, char **))
{
    char path[4096], *columns[MAX_COLUMNS];
    int32_t lines = 0;
    if (!golden_path(csv, path, sizeof path))
        return 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int count;
    while ((count = csv_row(file, line, sizeof line, columns, MAX_COLUMNS)) > 0) {
        if (strcmp(columns[0], net->name) != 0)
            continue;
        assert_int_equal(count, columns_expected);
        check(net, columns);
        lines++;
    }
    fclose(file);
    return lines;
}

static void check_manifest(const struct models_network *net, char **columns)
{
    uint64_t macs = 0;
    for (int32_t i = 0; i < net->n_ops; i++)
        macs += net->ops[i].macs;
    assert_string_equal(net->sha256, columns[2]);
    assert_true(macs == strtoull(columns[8], NULL, 10));
}

static void reads_supported_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_supported_count; i++) {
        struct models_network net;
        if (!load(golden_supported[i], &net))
            return;
        assert_int_equal(for_lines("tensors.csv", &net, 11, check_tensor), net.n_tensors);
        assert_int_equal(for_lines("operators.csv", &net, 11, check_op), net.n_ops);
        assert_int_equal(for_lines("manifest.csv", &net, 16, check_manifest), 1);
        models_network_free(&net);
    }
}

static void refuses_other_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < golden_refused_count; i++) {
        size_t bytes;
        struct models_network net;
        struct cc_error err;
        uint8_t *data = golden_model(golden_refused[i].name, &bytes);
        if (!data)
            return;
        assert_int_equal(models_tflite_read(golden_refused[i].name, data, bytes, &net, &err),
                         CC_ERR_INPUT);
        if (!strstr(err.message, golden_refused[i].op) ||
            !strstr(err.message, "supported are ADD, AVERAGE_POOL_2D, CONV_2D"))
            fail_msg("\"%s\" lacks \"%s\" or the list", err.message, golden_refused[i].op);
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_supported_models),
        cmocka_unit_test(refuses_other_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
