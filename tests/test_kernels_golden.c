/* Every operator of the golden models, every case, every kernel variant, against the bytes that the
 * TensorFlow Lite Micro reference kernels gave. */
#include "cc_file.h"
#include "kernels_native.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN   CC_SOURCE_DIR "/../shared/models"
#define MAX_FILE ((size_t)64 << 20)

struct golden {
    char model[32];
    const struct models_network *net;
    int test_case;
    uint8_t *input;
    size_t input_bytes, invocations;
};

static int read_file(const char *path, uint8_t **data, size_t *bytes)
{
    struct cc_error err;
    return cc_file_read(path, MAX_FILE, data, bytes, &err) == CC_OK;
}

static size_t input_bytes(const struct models_network *net)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < net->n_inputs; i++) {
        bytes += (size_t)net->tensors[net->inputs[i]].bytes;
    }
    return bytes;
}

static size_t op_bytes(const struct golden *golden, int32_t op)
{
    return (size_t)golden->net->tensors[golden->net->ops[op].outputs[0]].bytes;
}

/* Runs all invocations; outputs[op] receives what the operator gave, one invocation behind the
 * other. */
static void run_case(const struct golden *golden, const struct native_run *run, uint8_t **outputs)
{
    const struct models_network *net = golden->net;
    const uint8_t *next = golden->input;
    for (size_t n = 0; n < golden->invocations; n++) {
        for (int32_t i = 0; i < net->n_inputs; i++) {
            size_t bytes = (size_t)net->tensors[net->inputs[i]].bytes;
            memcpy(native_tensor(run, net->inputs[i]), next, bytes);
            next += bytes;
        }
        for (int32_t op = 0; op < net->n_ops; op++) {
            native_op(run, op);
            memcpy(outputs[op] + n * op_bytes(golden, op),
                   native_tensor(run, net->ops[op].outputs[0]), op_bytes(golden, op));
        }
    }
}

/* First differing byte against the dump, where there is one (case 0). */
static void explain(const struct golden *golden, const char *file, const uint8_t *got, size_t bytes)
{
    char path[512];
    uint8_t *expected;
    size_t expected_bytes;
    snprintf(path, sizeof path, GOLDEN "/%s/ops/%s", golden->model, file);
    if (golden->test_case != 0 || !read_file(path, &expected, &expected_bytes)) {
        return;
    }
    size_t different = 0;
    for (size_t i = 0; i < bytes && i < expected_bytes; i++) {
        if (got[i] != expected[i] && different++ < 3) {
            print_error("  %s byte %zu: got %d, expected %d\n", file, i, (int8_t)got[i],
                        (int8_t)expected[i]);
        }
    }
    print_error("  %zu of %zu bytes differ\n", different, bytes);
    free(expected);
}

/* Compares each operator with its line of ops_C.csv: file,tensor,bytes,total,sha256. */
static void compare_ops(const struct golden *golden, uint8_t **outputs, const char *variant)
{
    char path[512], *csv;
    size_t csv_bytes;
    snprintf(path, sizeof path, GOLDEN "/%s/ops_%d.csv", golden->model, golden->test_case);
    assert_true(read_file(path, (uint8_t **)&csv, &csv_bytes));

    char *line = strchr(csv, '\n');
    for (int32_t op = 0; op < golden->net->n_ops; op++) {
        char file[64], expected[65], got[65];
        int tensor;
        size_t bytes = op_bytes(golden, op), each, total;
        assert_non_null(line);
        assert_int_equal(sscanf(line, "\n%63[^,],%d,%zu,%zu,%64[0-9a-f]", file, &tensor, &each,
                                &total, expected),
                         5);
        assert_int_equal(each, bytes);
        cc_sha256_hex(outputs[op], bytes * golden->invocations, got);
        if (strcmp(got, expected) != 0) {
            explain(golden, file, outputs[op], total);
            fail_msg("%s case %d, %s kernels: first operator that differs is %s", golden->model,
                     golden->test_case, variant, file);
        }
        line = strchr(line + 1, '\n');
    }
    free(csv);
}

static void check_case(const struct golden *golden, const struct native_variant *variant)
{
    int32_t n_ops = golden->net->n_ops;
    struct native_run run;
    uint8_t **outputs = calloc((size_t)n_ops, sizeof *outputs);
    assert_non_null(outputs);
    for (int32_t op = 0; op < n_ops; op++) {
        outputs[op] = calloc(golden->invocations, op_bytes(golden, op));
        assert_non_null(outputs[op]);
    }
    native_start(&run, golden->net, variant);
    run_case(golden, &run, outputs);
    compare_ops(golden, outputs, models_variant_name(variant->variant));
    native_stop(&run);
    for (int32_t op = 0; op < n_ops; op++) {
        free(outputs[op]);
    }
    free(outputs);
}

static int check_model(struct golden *golden)
{
    int cases = 0;
    for (golden->test_case = 0; golden->test_case < 8; golden->test_case++) {
        char path[512];
        size_t bytes;
        snprintf(path, sizeof path, GOLDEN "/%s/input_%d.bin", golden->model, golden->test_case);
        if (!read_file(path, &golden->input, &bytes)) {
            continue;
        }
        assert_int_equal(bytes % golden->input_bytes, 0);
        golden->invocations = bytes / golden->input_bytes;
        for (size_t v = 0; v < native_variant_count; v++) {
            check_case(golden, &native_variants[v]);
        }
        free(golden->input);
        cases++;
    }
    return cases;
}

static void golden_model(void **state)
{
    struct golden golden = {0};
    char path[512];
    struct cc_error err;
    uint8_t *data;
    size_t bytes;
    struct models_network net;

    snprintf(golden.model, sizeof golden.model, "%s", (const char *)*state);
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", golden.model, golden.model);
    if (!read_file(path, &data, &bytes)) {
        print_message("skipped: no golden models in " GOLDEN "\n");
        skip();
    }
    if (models_tflite_read(path, data, bytes, &net, &err)) {
        fail_msg("%s", err.message);
    }
    golden.net = &net;
    golden.input_bytes = input_bytes(&net);
    int cases = check_model(&golden);
    print_message("%s: %d operators, %d cases, %zu variants\n", golden.model, (int)net.n_ops, cases,
                  native_variant_count);
    assert_true(cases >= 2);
    models_network_free(&net);
    free(data);
}

#define MODEL(name)                                                                                \
    {                                                                                              \
        name, golden_model, NULL, NULL, (void *)(uintptr_t)name                                    \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL("kws_ref_model"),     MODEL("vww_96_int8"),      MODEL("ic_resnet_int8"),
        MODEL("ad01_int8"),         MODEL("str_ww_ref_model"), MODEL("person_detect_int8"),
        MODEL("micro_speech_int8"), MODEL("hello_world_int8"), MODEL("simple_add_int8"),
        MODEL("synth_conv"),        MODEL("synth_conv_chain"), MODEL("synth_dwconv"),
        MODEL("synth_dwconv_1ch"),  MODEL("synth_fc"),         MODEL("synth_softmax"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
