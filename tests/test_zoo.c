/* The built-in models: operator by operator against the listing of the reference models they stand
 * for, those of own design against their README; how their activations use the int8 range when
 * evaluated. */
#include "cc_file.h"
#include "models_check.h"
#include "models_network.h"
#include "zoo_oracle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LISTING CC_SOURCE_DIR "/../shared/models/operators.csv"

enum column {
    MODEL,
    INDEX,
    OPERATOR,
    VERSION,
    INPUTS,
    OUTPUTS,
    INPUT_TENSORS,
    OUTPUT_TENSORS,
    OPTIONS,
    DERIVED,
    MACS,
    COLUMNS,
};

struct zoo_pair {
    const char *zoo, *reference;
};

static const struct zoo_pair pairs[] = {
    {"kws", "kws_ref_model"},
    {"ad", "ad01_int8"},
    {"ic", "ic_resnet_int8"},
    {"vww", "vww_96_int8"},
};
#define N_PAIRS (sizeof pairs / sizeof pairs[0])

/* All that the folder holds. */
struct zoo_names {
    char **names;
    size_t count;
};

static struct zoo_names zoo_open(void)
{
    struct zoo_names zoo;
    struct cc_error err = {0};
    if (cc_data_names("models/zoo", &zoo.names, &zoo.count, &err) != CC_OK)
        fail_msg("%s", err.message);
    assert_true(zoo.count > N_PAIRS);
    return zoo;
}

static void load(const char *name, struct models_network *net)
{
    struct cc_error err = {0};
    char path[4096];
    const char *kind;
    if (models_load(name, net, &kind, path, sizeof path, &err) != CC_OK)
        fail_msg("%s", err.message);
    assert_string_equal(kind, "zoo");
    assert_string_equal(net->name, name);
}

/* Splits a line at commas outside quotes; the line is changed. */
static int split(char *line, char *cells[COLUMNS])
{
    int n = 0;
    int quoted = 0;
    line[strcspn(line, "\r\n")] = '\0';
    cells[n++] = line;
    for (char *p = line; *p; p++) {
        if (*p == '"') {
            quoted = !quoted;
        } else if (*p == ',' && !quoted) {
            *p = '\0';
            if (n == COLUMNS)
                return 0;
            cells[n++] = p + 1;
        }
    }
    for (int i = 0; i < n; i++) {
        size_t length = strlen(cells[i]);
        if (length > 1 && cells[i][0] == '"') {
            cells[i][length - 1] = '\0';
            cells[i]++;
        }
    }
    return n == COLUMNS;
}

/* "stride_h=2;..." -> the text after KEY=, up to the next semicolon, in buffer; "" when absent. */
static const char *option(const char *options, const char *key, char buffer[64])
{
    const size_t n = strlen(key);
    buffer[0] = '\0';
    for (const char *p = options; p && *p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL) {
        if (strncmp(p, key, n) == 0 && p[n] == '=') {
            snprintf(buffer, 64, "%.*s", (int)strcspn(p + n + 1, ";"), p + n + 1);
            break;
        }
    }
    return buffer;
}

static void assert_option(const char *options, const char *key, int32_t value)
{
    char buffer[64];
    assert_string_not_equal(option(options, key, buffer), "");
    assert_int_equal(atoi(buffer), value);
}

static void append_tensor(char *text, size_t size, const struct models_network *net, int32_t index)
{
    size_t n = strlen(text);
    if (n > 0)
        n += (size_t)snprintf(text + n, size - n, " | ");
    const struct models_tensor *t = &net->tensors[index];
    n += (size_t)snprintf(text + n, size - n, "%s[", models_type_name((int)t->type));
    for (int32_t i = 0; i < t->rank; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%d", i ? ", " : "", t->dims[i]);
    snprintf(text + n, size - n, "]%s", t->data ? " const" : "");
}

/* Which operator writes a tensor; -1 for the network's input. */
static int32_t writer_of(const struct models_network *net, int32_t tensor)
{
    for (int32_t i = 0; i < net->n_ops; i++) {
        if (net->ops[i].outputs[0] == tensor)
            return i;
    }
    return -1;
}

/* Padding counts that the listed padding implies along one axis. */
static int32_t padding_before(int same, int32_t in, int32_t out, int32_t filter, int32_t stride,
                              int32_t dilation)
{
    const int32_t total = (out - 1) * stride + (filter - 1) * dilation + 1 - in;
    return same && total > 0 ? total / 2 : 0;
}

static void compare_window(const struct models_network *net, const struct models_op *op,
                           const char *options)
{
    char padding[64];
    const int32_t *in = net->tensors[op->inputs[0]].dims;
    const int32_t *out = net->tensors[op->outputs[0]].dims;
    const int same = strcmp(option(options, "padding", padding), "SAME") == 0;
    assert_true(same || strcmp(padding, "VALID") == 0);
    assert_option(options, "stride_h", op->stride_h);
    assert_option(options, "stride_w", op->stride_w);
    assert_int_equal(op->pad_top, padding_before(same, in[1], out[1], op->filter_h, op->stride_h,
                                                 op->dilation_h));
    assert_int_equal(op->pad_left, padding_before(same, in[2], out[2], op->filter_w, op->stride_w,
                                                  op->dilation_w));
    if (op->kind == MODELS_AVERAGE_POOL_2D) {
        assert_option(options, "filter_height", op->filter_h);
        assert_option(options, "filter_width", op->filter_w);
        return;
    }
    assert_option(options, "dilation_h_factor", op->dilation_h);
    assert_option(options, "dilation_w_factor", op->dilation_w);
    if (op->kind == MODELS_DEPTHWISE_CONV_2D)
        assert_option(options, "depth_multiplier", op->depth_multiplier);
}

static void compare_options(const struct models_network *net, const struct models_op *op,
                            char *cells[COLUMNS])
{
    static const char *const activations[] = {"NONE", "RELU", "RELU_N1_TO_1", "RELU6"};
    char buffer[64];
    const char *listed = option(cells[OPTIONS], "fused_activation_function", buffer);
    assert_string_equal(activations[op->activation], listed[0] ? listed : "NONE");
    if (op->kind == MODELS_CONV_2D || op->kind == MODELS_DEPTHWISE_CONV_2D ||
        op->kind == MODELS_AVERAGE_POOL_2D)
        compare_window(net, op, cells[OPTIONS]);
    if (op->kind == MODELS_SOFTMAX)
        assert_true(op->beta == (float)atof(option(cells[OPTIONS], "beta", buffer)));
    if (strstr(cells[DERIVED], "per-channel"))
        assert_int_equal(net->tensors[op->inputs[1]].n_scales,
                         net->tensors[op->outputs[0]].dims[3]);
    if (strstr(cells[DERIVED], "per-tensor"))
        assert_int_equal(net->tensors[op->inputs[1]].n_scales, 1);
}

/* The operators that write the inputs must be the same in both. listed_writer maps the reference
 * model's tensor numbers to operators. */
static void compare_wiring(const struct models_network *net, const struct models_op *op,
                           const char *input_tensors, const int32_t *listed_writer)
{
    const char *p = input_tensors;
    for (int32_t i = 0; i < op->n_inputs; i++) {
        const long listed = strtol(p, NULL, 10);
        assert_in_range(listed, 0, 255);
        if (!net->tensors[op->inputs[i]].data)
            assert_int_equal(writer_of(net, op->inputs[i]), listed_writer[listed]);
        p = strchr(p, ';') ? strchr(p, ';') + 1 : "";
    }
    assert_string_equal(p, "");
}

static void compare_op(const struct models_network *net, int32_t index, char *cells[COLUMNS],
                       int32_t *listed_writer)
{
    char inputs[512] = "";
    char outputs[128] = "";
    assert_int_equal(atoi(cells[INDEX]), index);
    assert_true(index < net->n_ops);
    const struct models_op *op = &net->ops[index];
    assert_string_equal(models_op_name(op->kind), cells[OPERATOR]);
    for (int32_t i = 0; i < op->n_inputs; i++)
        append_tensor(inputs, sizeof inputs, net, op->inputs[i]);
    append_tensor(outputs, sizeof outputs, net, op->outputs[0]);
    assert_string_equal(inputs, cells[INPUTS]);
    assert_string_equal(outputs, cells[OUTPUTS]);
    compare_options(net, op, cells);
    assert_int_equal(op->macs, strtoull(cells[MACS], NULL, 10));
    compare_wiring(net, op, cells[INPUT_TENSORS], listed_writer);
    const int written = atoi(cells[OUTPUT_TENSORS]);
    assert_in_range(written, 0, 255);
    listed_writer[written] = index;
}

static void test_same_operators(void **state)
{
    (void)state;
    FILE *probe = fopen(LISTING, "r");
    if (!probe) {
        print_message("no listing of the reference models; skipped\n");
        skip();
    }
    fclose(probe);
    for (size_t i = 0; i < N_PAIRS; i++) {
        struct models_network net;
        char line[2048];
        char *cells[COLUMNS];
        int32_t listed_writer[256];
        int32_t n = 0;
        memset(listed_writer, 0xff, sizeof listed_writer);
        load(pairs[i].zoo, &net);
        FILE *file = fopen(LISTING, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file)) {
            if (split(line, cells) && strcmp(cells[MODEL], pairs[i].reference) == 0)
                compare_op(&net, n++, cells, listed_writer);
        }
        fclose(file);
        assert_true(n > 0);
        assert_int_equal(n, net.n_ops);
        models_network_free(&net);
    }
}

struct use {
    double mean, deviation, low, high; /* shares of -128 and 127 */
    int distinct;
};

static struct use measure(const int8_t *values, int32_t n)
{
    struct use u = {0};
    int seen[256] = {0};
    double squares = 0;
    for (int32_t i = 0; i < n; i++) {
        u.mean += values[i] / (double)n;
        squares += (double)values[i] * values[i] / n;
        u.low += values[i] == -128 ? 1.0 / n : 0;
        u.high += values[i] == 127 ? 1.0 / n : 0;
        u.distinct += seen[values[i] + 128]++ == 0;
    }
    u.deviation = sqrt(squares - u.mean * u.mean);
    return u;
}

/* Operators that choose their own output scale must use it. */
static void check_use(const struct models_network *net, const struct models_op *op,
                      const int8_t *values)
{
    const struct models_tensor *out = &net->tensors[op->outputs[0]];
    const struct use u = measure(values, out->elements);
    const int free_scale = op->kind == MODELS_CONV_2D || op->kind == MODELS_DEPTHWISE_CONV_2D ||
                           op->kind == MODELS_FULLY_CONNECTED || op->kind == MODELS_ADD;
    if (!free_scale || out->elements < 64)
        return;
    const double most_low = op->activation == MODELS_ACT_NONE ? 0.03 : 0.70;
    /* half of a few hundred values are zeros, the rest share 255 levels */
    const int few = out->elements < 400 ? out->elements / 4 : 100;
    const int least_distinct = out->elements >= 1000 ? 128 : few;
    /* channels are set to deviations up to a factor of two apart: few values scatter more */
    const double least_deviation = out->elements >= 1000 ? 35 : 30;
    if (u.deviation < least_deviation || u.deviation > 80 || u.distinct < least_distinct ||
        u.high > 0.03 || u.low > most_low)
        fail_msg("%s '%s': deviation %.1f, %d values of %d, %.3f at -128, %.3f at 127", net->name,
                 out->name, u.deviation, u.distinct, out->elements, u.low, u.high);
}

static int8_t **evaluate(const struct models_network *net, uint32_t seed)
{
    int8_t **values = calloc((size_t)net->n_tensors, sizeof *values);
    assert_non_null(values);
    const size_t bytes = (size_t)net->tensors[net->inputs[0]].bytes;
    int8_t *input = malloc(bytes);
    assert_non_null(input);
    zoo_oracle_random(seed, input, bytes);
    values[net->inputs[0]] = input;
    zoo_oracle_run(net, values);
    return values;
}

static void release(const struct models_network *net, int8_t **values)
{
    zoo_oracle_free(net, values);
    free(values[net->inputs[0]]);
    free(values);
}

static void test_activations_use_the_range(void **state)
{
    (void)state;
    struct zoo_names zoo = zoo_open();
    for (size_t i = 0; i < zoo.count; i++) {
        struct models_network net;
        load(zoo.names[i], &net);
        int8_t **values = evaluate(&net, 1);
        for (int32_t j = 0; j < net.n_ops; j++)
            check_use(&net, &net.ops[j], values[net.ops[j].outputs[0]]);
        release(&net, values);
        models_network_free(&net);
    }
    cc_names_free(zoo.names, zoo.count);
}

/* A network that answers the same to everything would hide wrong kernels. */
static void test_answers_depend_on_the_input(void **state)
{
    (void)state;
    struct zoo_names zoo = zoo_open();
    for (size_t i = 0; i < zoo.count; i++) {
        struct models_network net;
        load(zoo.names[i], &net);
        int8_t **first = evaluate(&net, 1);
        int8_t **second = evaluate(&net, 2);
        const int32_t out = net.outputs[0];
        assert_memory_not_equal(first[out], second[out], (size_t)net.tensors[out].bytes);
        release(&net, first);
        release(&net, second);
        models_network_free(&net);
    }
    cc_names_free(zoo.names, zoo.count);
}

static void test_multipliers_shrink(void **state)
{
    (void)state;
    struct zoo_names zoo = zoo_open();
    for (size_t i = 0; i < zoo.count; i++) {
        struct models_network net;
        load(zoo.names[i], &net);
        for (int32_t j = 0; j < net.n_ops; j++) {
            const struct models_op *op = &net.ops[j];
            if (op->macs == 0)
                continue;
            const struct models_tensor *w = &net.tensors[op->inputs[1]];
            const double in = net.tensors[op->inputs[0]].scale[0];
            const double out = net.tensors[op->outputs[0]].scale[0];
            for (int32_t k = 0; k < w->n_scales; k++) {
                assert_true(in * w->scale[k] / out < 1);
                assert_true(in * w->scale[k] / out > 1e-6);
            }
        }
        models_network_free(&net);
    }
    cc_names_free(zoo.names, zoo.count);
}

/* "| `kws` | ... | 2,656,768 |": the last cell of the README's row, without the commas. */
static uint64_t told_macs(const char *name)
{
    char line[1024];
    char start[80];
    uint64_t macs = 0;
    snprintf(start, sizeof start, "| `%s` |", name);
    FILE *file = fopen(CC_SOURCE_DIR "/models/zoo/README.md", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, start, strlen(start)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        line[strlen(line) - 1] = '\0';
        for (const char *p = strrchr(line, '|') + 1; *p; p++) {
            if (*p >= '0' && *p <= '9')
                macs = macs * 10 + (uint64_t)(*p - '0');
        }
    }
    fclose(file);
    return macs;
}

static void test_readme_tells_the_macs(void **state)
{
    (void)state;
    struct zoo_names zoo = zoo_open();
    for (size_t i = 0; i < zoo.count; i++) {
        struct models_network net;
        uint64_t macs = 0;
        load(zoo.names[i], &net);
        for (int32_t j = 0; j < net.n_ops; j++)
            macs += net.ops[j].macs;
        if (told_macs(net.name) != macs)
            fail_msg("%s: %llu multiply-accumulates, README: %llu", net.name,
                     (unsigned long long)macs, (unsigned long long)told_macs(net.name));
        models_network_free(&net);
    }
    cc_names_free(zoo.names, zoo.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_operators),
        cmocka_unit_test(test_activations_use_the_range),
        cmocka_unit_test(test_answers_depend_on_the_input),
        cmocka_unit_test(test_multipliers_shrink),
        cmocka_unit_test(test_readme_tells_the_macs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
