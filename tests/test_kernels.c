/* Fixed-point primitives against published values and a second implementation, and single operators
 * of hand-built networks, all kernel variants, against kernels_oracle.c. */
#include "kernels_native.h"
#include "kernels_oracle.h"
#include "models_image_layout.h"
#include "requantize.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Values of the gemmlowp and TensorFlow Lite Micro functions with double rounding. */
static void requantize_published(void **state)
{
    (void)state;
    static const struct {
        int32_t x;
        double factor;
        int32_t multiplier, shift, result;
    } rows[] = {
        {1, 0.5, 1073741824, 0, 1},
        {-1, 0.5, 1073741824, 0, 0},
        {2, 0.25, 1073741824, -1, 1},
        {-2, 0.25, 1073741824, -1, -1},
        {-5, 0.1, 1717986918, -3, -1},
        {5, 0.1, 1717986918, -3, 1},
        {-12345, 0.0031, 1704243023, -8, -38},
        {77, 1.7, 1825361101, 1, 131},
        {-77, 3.9, 2093796557, 2, -300},
        {16467, 0, 1272793471, -6, 153},
        {-2533, 0, 1898670533, -7, -18},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(requantize(rows[i].x, rows[i].multiplier, rows[i].shift), rows[i].result);
        if (rows[i].factor > 0) {
            int32_t multiplier, shift;
            image_quantize_multiplier(rows[i].factor, &multiplier, &shift);
            assert_int_equal(multiplier, rows[i].multiplier);
            assert_int_equal(shift, rows[i].shift);
        }
    }
}

static void quantize_multiplier_edges(void **state)
{
    (void)state;
    static const struct {
        double factor;
        int32_t multiplier, shift;
    } rows[] = {
        {0.0, 0, 0},
        {1.0, 1073741824, 1},
        {1.0 / 3.0, 1431655765, -1},
        {1.5, 1610612736, 1},
        {1.0 - 0x1p-40, 1073741824, 1}, /* the mantissa rounds up to 2^31 */
        {0x1p-32, 1073741824, -31},
        {0x1p-33, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t multiplier, shift;
        image_quantize_multiplier(rows[i].factor, &multiplier, &shift);
        assert_int_equal(multiplier, rows[i].multiplier);
        assert_int_equal(shift, rows[i].shift);
    }
}

static const int32_t edges[] = {
    0,     1,     -1,     2,       -2,         32767,      32768,      -32768,        -32769,
    65535, 65536, -65536, 1 << 30, -(1 << 30), 0x7fff8000, 0x7fffffff, INT32_MIN + 1, INT32_MIN};
#define N_EDGES (sizeof edges / sizeof *edges)

static void check_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) {
        return; /* excluded by contract */
    }
    assert_int_equal(requant_high_mul(a, b), oracle_high_mul(a, b));
    assert_int_equal(requant_high_mul_16(a, b), oracle_high_mul(a, b));
}

static void high_mul(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t i = 0; i < N_EDGES; i++) {
        for (size_t k = 0; k < N_EDGES; k++) {
            check_high_mul(edges[i], edges[k]);
        }
    }
    for (int i = 0; i < 1000000; i++) {
        int32_t a = (int32_t)oracle_random(&seed) >> (oracle_random(&seed) & 31);
        check_high_mul(a, (int32_t)oracle_random(&seed));
    }
}

static void round_shift(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (int32_t exponent = 0; exponent <= 31; exponent++) {
        for (size_t i = 0; i < N_EDGES; i++) {
            assert_int_equal(requant_round_shift(edges[i], exponent),
                             oracle_round_shift(edges[i], exponent));
        }
        for (int i = 0; i < 20000; i++) {
            int32_t x = (int32_t)oracle_random(&seed) >> (oracle_random(&seed) & 31);
            assert_int_equal(requant_round_shift(x, exponent), oracle_round_shift(x, exponent));
        }
    }
}

/* Between two multiples of n the estimate can only grow, so checking a quotient's first and last
 * sum proves all of them. */
static void check_quotient(uint32_t n, uint32_t reciprocal, int32_t magnitude)
{
    int32_t half = (int32_t)n / 2, count = (int32_t)n;
    if (magnitude >= 0 && magnitude <= 128 * count) {
        int32_t expected = (magnitude + half) / count;
        assert_int_equal(average_round(magnitude, n, reciprocal), expected);
        assert_int_equal(average_round(-magnitude, n, reciprocal), -expected);
    }
}

static void average_exact(void **state)
{
    (void)state;
    for (int32_t n = 1; n <= 256; n++) { /* every reachable sum */
        for (int32_t sum = 0; sum <= 128 * n; sum++) {
            check_quotient((uint32_t)n, average_reciprocal((uint32_t)n), sum);
        }
    }
    for (int32_t n = 257; n <= IMAGE_MAX_POOL_TAPS; n += n < 8192 ? 1 : 13) {
        uint32_t reciprocal = average_reciprocal((uint32_t)n);
        for (int32_t quotient = 0; quotient <= 128; quotient++) {
            check_quotient((uint32_t)n, reciprocal, quotient * n - n / 2);
            check_quotient((uint32_t)n, reciprocal, quotient * n - n / 2 + n - 1);
        }
        check_quotient((uint32_t)n, reciprocal, 128 * n);
    }
}

static void exponential(void **state)
{
    (void)state;
    assert_int_equal(image_exp_negative(0), INT32_MAX);
    assert_int_equal(image_exp_negative(-1), 2147483124);
    assert_int_equal(image_exp_negative(-(1 << 24)), 1672462419);
    assert_int_equal(image_exp_negative(-(1 << 26)), 790015308);
    assert_int_equal(image_exp_negative(-335531975), 14472297);
    assert_int_equal(image_exp_negative(-2080374784), 0);
}

/* The table against the real exponential, and its cut-off. */
static void softmax_table(void **state)
{
    (void)state;
    static const double scales[] = {0.003, 0.0625, 0.1, 0.25, 0.9, 4.0, 200.0};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        int32_t table[256], multiplier, shift;
        image_softmax_table(1.0, scales[s], table, &multiplier, &shift);
        assert_int_equal(table[0], INT32_MAX);
        for (int i = 1; i < 256; i++) {
            double real = exp(-i * scales[s]), got = table[i] / 2147483648.0;
            assert_true(table[i] <= table[i - 1]);
            assert_true(fabs(got - real) < 1e-6);
        }
    }
}

/* ---- single operators ---- */

static const struct oracle_case cases[] = {
    {"conv 1x1", MODELS_CONV_2D, 1, 5, 4, 8, 1, 1, .out_c = 12},
    {"conv 1x1, odd channels", MODELS_CONV_2D, 1, 5, 4, 7, 1, 1, .out_c = 5},
    {"conv 3x3 same", MODELS_CONV_2D, 1, 7, 6, 4, 3, 3, .same = 1, .out_c = 8},
    {"conv 3x3 same, 3 channels, stride 2", MODELS_CONV_2D, 1, 9, 8, 3, 3, 3, 2, 2, .same = 1,
     .out_c = 6, .activation = MODELS_ACT_RELU},
    {"conv 10x4, 1 channel", MODELS_CONV_2D, 1, 13, 10, 1, 10, 4, 2, 2, .same = 1, .out_c = 64,
     .activation = MODELS_ACT_RELU},
    {"conv dilated", MODELS_CONV_2D, 1, 11, 9, 4, 3, 2, 1, 1, 3, 2, .same = 1, .out_c = 4},
    {"conv dilated valid, no bias", MODELS_CONV_2D, 2, 11, 9, 5, 3, 3, 2, 1, 2, 3, .out_c = 3,
     .no_bias = 1, .activation = MODELS_ACT_RELU6},
    {"conv 2 groups", MODELS_CONV_2D, 1, 5, 5, 8, 3, 3, .same = 1, .out_c = 6, .groups = 2},
    {"conv 4 groups, one scale", MODELS_CONV_2D, 2, 4, 5, 8, 2, 3, 1, 2, .out_c = 4, .groups = 4,
     .per_tensor = 1, .activation = MODELS_ACT_RELU_N1_TO_1},
    {"conv filter larger than image", MODELS_CONV_2D, 1, 2, 3, 4, 5, 5, .same = 1, .out_c = 4},
    {"conv 1 pixel, 1 channel", MODELS_CONV_2D, 1, 1, 1, 1, 1, 1, .out_c = 1},
    {"depthwise 3x3 same", MODELS_DEPTHWISE_CONV_2D, 1, 6, 7, 8, 3, 3, .same = 1},
    {"depthwise 3x3 stride 2, odd", MODELS_DEPTHWISE_CONV_2D, 1, 9, 11, 5, 3, 3, 2, 2, .same = 1,
     .activation = MODELS_ACT_RELU6},
    {"depthwise multiplier 8, 1 channel", MODELS_DEPTHWISE_CONV_2D, 1, 13, 12, 1, 10, 8, 2, 2,
     .same = 1, .depth_multiplier = 8, .activation = MODELS_ACT_RELU},
    {"depthwise multiplier 3", MODELS_DEPTHWISE_CONV_2D, 2, 5, 6, 3, 3, 2, 1, 2, .same = 1,
     .depth_multiplier = 3, .no_bias = 1},
    {"depthwise dilated", MODELS_DEPTHWISE_CONV_2D, 1, 9, 9, 6, 3, 3, 1, 1, 2, 3, .same = 1,
     .activation = MODELS_ACT_RELU_N1_TO_1},
    {"depthwise dilated valid", MODELS_DEPTHWISE_CONV_2D, 2, 9, 10, 4, 3, 3, 1, 2, 3, 1, .same = 0},
    {"depthwise one column", MODELS_DEPTHWISE_CONV_2D, 2, 17, 1, 6, 5, 1, 2, 1, .same = 0},
    {"depthwise one column same", MODELS_DEPTHWISE_CONV_2D, 2, 17, 1, 6, 5, 1, 1, 1, 2, 1,
     .same = 1, .depth_multiplier = 2},
    {"depthwise one column, wide filter", MODELS_DEPTHWISE_CONV_2D, 1, 6, 1, 4, 3, 3, .same = 1},
    {"depthwise stride beyond filter", MODELS_DEPTHWISE_CONV_2D, 1, 10, 10, 4, 1, 1, 3, 4,
     .same = 0},
    {"depthwise filter larger than image", MODELS_DEPTHWISE_CONV_2D, 1, 2, 2, 4, 5, 5, .same = 1},
    {"fully connected, one scale", MODELS_FULLY_CONNECTED, 1, 1, 1, 640, .out_c = 16,
     .per_tensor = 1, .activation = MODELS_ACT_RELU},
    {"fully connected, per row", MODELS_FULLY_CONNECTED, 3, 1, 1, 13, .out_c = 7},
    {"fully connected, no bias", MODELS_FULLY_CONNECTED, 2, 2, 3, 5, .out_c = 1, .no_bias = 1,
     .per_tensor = 1, .activation = MODELS_ACT_RELU6},
    {"fully connected, 1 input", MODELS_FULLY_CONNECTED, 1, 1, 1, 1, .out_c = 16},
    {"pool global", MODELS_AVERAGE_POOL_2D, 1, 25, 5, 6, 25, 5, 25, 5, .same = 0},
    {"pool 3x3 same", MODELS_AVERAGE_POOL_2D, 2, 7, 6, 5, 3, 3, 2, 2, .same = 1,
     .activation = MODELS_ACT_RELU},
    {"pool 9x7 same", MODELS_AVERAGE_POOL_2D, 1, 12, 10, 3, 9, 7, .same = 1},
    {"add", MODELS_ADD, 1, 5, 7, 3, .same = 0},
    {"add relu", MODELS_ADD, 2, 4, 4, 4, .activation = MODELS_ACT_RELU},
    {"add n1 to 1", MODELS_ADD, 1, 6, 6, 2, .activation = MODELS_ACT_RELU_N1_TO_1},
    {"add constant first", MODELS_ADD, 1, 4, 5, 3, .constant_input = 1},
    {"add constant second", MODELS_ADD, 1, 4, 5, 3, .constant_input = 2},
};

static const int8_t *fill_input(const struct native_run *run, int32_t tensor, uint32_t *seed)
{
    const struct models_tensor *t = &run->net->tensors[tensor];
    if (t->data) {
        return (const int8_t *)t->data;
    }
    int8_t *to = native_tensor(run, tensor);
    for (int32_t i = 0; i < t->bytes; i++) {
        to[i] = (int8_t)oracle_random(seed);
    }
    return to;
}

/* Returns how many outputs differ from the first one. */
static int check_operator(const struct oracle_case *c, const struct models_network *net,
                          const struct native_variant *variant, uint32_t seed)
{
    struct native_run run;
    const struct models_tensor *out = &net->tensors[1];
    native_start(&run, net, variant);
    const int8_t *input = fill_input(&run, 0, &seed);
    const int8_t *input2 = c->kind == MODELS_ADD ? fill_input(&run, 2, &seed) : NULL;
    native_op(&run, 0);
    const int8_t *got = native_tensor(&run, 1);
    int distinct = 0;
    for (int32_t i = 0; i < out->elements; i++) {
        int8_t expected = oracle_element(net, input, input2, i);
        distinct += expected != oracle_element(net, input, input2, 0);
        if (got[i] != expected) {
            fail_msg("%s, seed %u, %s kernels: element %d is %d, expected %d", c->name,
                     (unsigned)seed, models_variant_name(variant->variant), (int)i, got[i],
                     expected);
        }
    }
    native_stop(&run);
    return distinct;
}

static void single_operators(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int distinct = 0;
        for (uint32_t seed = 1; seed <= 10; seed++) {
            struct models_network net;
            oracle_network(&cases[i], seed * 2654435761u, &net);
            for (size_t v = 0; v < native_variant_count; v++) {
                distinct += check_operator(&cases[i], &net, &native_variants[v], seed);
            }
            models_network_free(&net);
        }
        /* A case whose outputs are always equal would prove little. */
        assert_true(distinct > 0 || cases[i].out_c == 1);
    }
}

/* ---- the image ---- */

static void refused_images(void **state)
{
    (void)state;
    const struct oracle_case c = {"conv", MODELS_CONV_2D, 1, 3, 3, 2, 1, 1, .out_c = 2};
    struct models_network net;
    struct native_run run;
    oracle_network(&c, 5, &net);
    native_start(&run, &net, &native_variants[0]);
    struct image_header *header = (void *)run.image.data;
    struct image_op *op = (void *)(run.image.data + header->ops_data);
    kernel_finder find = native_variants[0].find;

    assert_int_equal(walk_check(header, IMAGE_SCALAR, find), IMAGE_ERROR_VARIANT);
    op->kind = 77;
    assert_int_equal(walk_check(header, IMAGE_REFERENCE, find), IMAGE_ERROR_OP);
    header->version++;
    assert_int_equal(walk_check(header, IMAGE_REFERENCE, find), IMAGE_ERROR_VERSION);
    header->magic++;
    assert_int_equal(walk_check(header, IMAGE_REFERENCE, find), IMAGE_ERROR_MAGIC);
    native_stop(&run);
    models_network_free(&net);
}

/* Expects models_image_scratch to refuse the network with a message that holds the words. */
static void expect_refusal(const struct models_network *net, const char *words)
{
    struct cc_error err = {0};
    int32_t scratch[1];
    assert_int_equal(models_image_scratch(net, IMAGE_REFERENCE, scratch, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, words));
}

static void refused_networks(void **state)
{
    (void)state;
    const struct oracle_case conv = {"conv", MODELS_CONV_2D, 1, 3, 3, 2, 1, 1, .out_c = 2};
    const struct oracle_case sum = {"add", MODELS_ADD, 1, 3, 3, 2, .same = 0};
    struct models_network net;

    oracle_network(&conv, 5, &net);
    net.tensors[2].data = NULL;
    expect_refusal(&net, "not constant");
    models_network_free(&net);

    oracle_network(&sum, 5, &net);
    net.tensors[2].elements = 1;
    expect_refusal(&net, "broadcasting");
    models_network_free(&net);
}

static void names(void **state)
{
    (void)state;
    char name[64];
    models_runner_name("cortex-m4", 0x0000c000, 0x10000000, IMAGE_DSP, name, sizeof name);
    assert_string_equal(name, "runner-cortex-m4-0000c000-10000000-dsp.elf");
    assert_int_equal(models_variant_from_name("reference"), IMAGE_REFERENCE);
    assert_int_equal(models_variant_from_name("dsp"), IMAGE_DSP);
    assert_int_equal(models_variant_from_name("scalar"), IMAGE_SCALAR);
    assert_int_equal(models_variant_from_name("simd"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requantize_published),
        cmocka_unit_test(quantize_multiplier_edges),
        cmocka_unit_test(high_mul),
        cmocka_unit_test(round_shift),
        cmocka_unit_test(average_exact),
        cmocka_unit_test(exponential),
        cmocka_unit_test(softmax_table),
        cmocka_unit_test(single_operators),
        cmocka_unit_test(refused_images),
        cmocka_unit_test(refused_networks),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
