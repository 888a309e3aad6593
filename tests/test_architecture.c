/* Architecture files: what they become, what is refused and with which words, and that no mutation
 * of one does harm. */
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
#include <unistd.h>

#include <cmocka.h>

#define TOP "name: t\nseed: 5\ninput:\n  shape: [1, 9, 7, 6]\nlayers:\n"
#define CONV                                                                                       \
    "  - name: c\n    type: conv_2d\n    filters: 4\n    kernel: [3, 3]\n    padding: same\n"

static char path[] = "/tmp/coincell-architecture-XXXXXX.yaml";

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemps(path, 5);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static enum cc_status read_bytes(const void *text, size_t bytes, struct models_network *net,
                                 struct cc_error *err)
{
    memset(err, 0, sizeof *err);
    assert_int_equal(cc_file_write(path, text, bytes, err), CC_OK);
    return models_architecture_read(path, net, err);
}

static void read_good(const char *text, struct models_network *net)
{
    struct cc_error err;
    if (read_bytes(text, strlen(text), net, &err) != CC_OK)
        fail_msg("%s", err.message);
}

static void test_becomes_a_network(void **state)
{
    (void)state;
    struct models_network net;
    read_good(TOP CONV "    stride: [2, 1]\n    dilation: [1, 2]\n    activation: relu6\n"
                       "    groups: 2\n"
                       "  - {name: d, type: depthwise_conv_2d, kernel: [2, 3], padding: valid, "
                       "multiplier: 3, bias: false, activation: relu_n1_to_1}\n"
                       "  - {name: r, type: reshape, shape: [2, -1, 12]}\n"
                       "  - {name: f, type: fully_connected, units: 5, inputs: [r]}\n"
                       "  - {name: a, type: add, inputs: [f, f]}\n"
                       "  - {name: s, type: softmax, beta: 0.5}\n",
              &net);
    assert_string_equal(net.name, "t");
    assert_int_equal(strlen(net.sha256), 64);
    assert_int_equal(net.n_ops, 6);
    const struct models_op *conv = &net.ops[0];
    const struct models_tensor *out = &net.tensors[conv->outputs[0]];
    assert_int_equal(out->dims[1], 5);
    assert_int_equal(out->dims[2], 7);
    assert_int_equal(conv->pad_top, 1);
    assert_int_equal(conv->pad_left, 2);
    assert_int_equal(conv->groups, 2);
    assert_int_equal(conv->activation, MODELS_ACT_RELU6);
    assert_int_equal(net.tensors[conv->inputs[1]].dims[3], 3);
    assert_int_equal(conv->macs, 5 * 7 * 4 * 9 * 3);
    const struct models_op *depthwise = &net.ops[1];
    assert_int_equal(depthwise->inputs[2], -1);
    assert_int_equal(depthwise->activation, MODELS_ACT_RELU_N1_TO_1);
    assert_int_equal(net.tensors[depthwise->outputs[0]].dims[3], 12);
    const struct models_tensor *reshaped = &net.tensors[net.ops[2].outputs[0]];
    assert_int_equal(reshaped->dims[1], 4 * 5 / 2);
    const struct models_tensor *dense = &net.tensors[net.ops[3].outputs[0]];
    assert_int_equal(dense->dims[0], 2);
    assert_int_equal(dense->dims[1], 5);
    assert_int_equal(net.ops[4].inputs[0], net.ops[4].inputs[1]);
    assert_true(net.ops[5].beta == 0.5f);
    assert_int_equal(net.outputs[0], net.ops[5].outputs[0]);
    models_network_free(&net);
    assert_null(net.tensors);
}

static void test_defaults(void **state)
{
    (void)state;
    struct models_network net;
    read_good(TOP CONV "  - {name: p, type: average_pool_2d, kernel: [3, 2], padding: valid}\n"
                       "  - {name: f, type: flatten}\n",
              &net);
    assert_true(net.tensors[0].scale[0] == 1.0f / 128);
    assert_int_equal(net.tensors[0].zero_point[0], 0);
    assert_int_equal(net.ops[0].stride_h, 1);
    assert_int_equal(net.ops[0].groups, 1);
    assert_int_equal(net.ops[0].activation, MODELS_ACT_NONE);
    assert_true(net.ops[0].inputs[2] >= 0);
    assert_int_equal(net.ops[1].stride_h, 3);
    assert_int_equal(net.ops[1].stride_w, 2);
    assert_int_equal(net.tensors[net.outputs[0]].dims[1], 3 * 3 * 4);
    models_network_free(&net);
}

static int same_data(const struct models_network *a, const struct models_network *b, int32_t op)
{
    const struct models_tensor *x = &a->tensors[a->ops[op].inputs[1]];
    const struct models_tensor *y = &b->tensors[b->ops[op].inputs[1]];
    return x->bytes == y->bytes && memcmp(x->data, y->data, (size_t)x->bytes) == 0;
}

/* Same file, same network; another seed, other weights; weights of a layer stay when another layer
 * changes. */
static void test_weights_follow_the_seed(void **state)
{
    (void)state;
    static const char dense[] = "  - {name: f, type: fully_connected, units: 5}\n";
    struct models_network a, b, c, d;
    char text[1024], other[1024], edited[1024];
    snprintf(text, sizeof text, "%s%s%s", TOP, CONV, dense);
    snprintf(other, sizeof other, "%s", text);
    *strstr(other, "seed: 5") = 's';
    strstr(other, "seed: 5")[6] = '6';
    snprintf(edited, sizeof edited, "%s%s    activation: relu\n    stride: [1, 1]\n%s", TOP, CONV,
             dense);
    read_good(text, &a);
    read_good(text, &b);
    read_good(other, &c);
    read_good(edited, &d);
    for (int32_t i = 0; i < 2; i++) {
        assert_true(same_data(&a, &b, i));
        assert_false(same_data(&a, &c, i));
        assert_true(same_data(&a, &d, i));
    }
    assert_string_equal(a.sha256, b.sha256);
    assert_string_not_equal(a.sha256, c.sha256);
    models_network_free(&a);
    models_network_free(&b);
    models_network_free(&c);
    models_network_free(&d);
}

/* Layer types and options the built-in models do not use must fill the int8 range too. */
static void test_other_options_use_the_range(void **state)
{
    (void)state;
    static const char text[] =
        "name: t\nseed: 9\ninput: {shape: [1, 24, 20, 6], scale: 0.6, zero_point: 80}\nlayers:\n"
        "  - {name: a, type: conv_2d, filters: 12, kernel: [5, 3], dilation: [2, 3], groups: 3, "
        "padding: same, activation: relu6}\n"
        "  - {name: b, type: depthwise_conv_2d, kernel: [4, 2], multiplier: 2, padding: same, "
        "bias: false}\n"
        "  - {name: c, type: conv_2d, filters: 24, kernel: [1, 1], padding: valid, activation: "
        "relu_n1_to_1}\n"
        "  - {name: d, type: add, inputs: [b, c]}\n"
        "  - {name: e, type: average_pool_2d, kernel: [2, 2], padding: same}\n"
        "  - {name: f, type: fully_connected, units: 500, bias: false}\n";
    struct models_network net;
    read_good(text, &net);
    int8_t **values = calloc((size_t)net.n_tensors, sizeof *values);
    assert_non_null(values);
    values[0] = malloc((size_t)net.tensors[0].bytes);
    assert_non_null(values[0]);
    zoo_oracle_random(3, values[0], (size_t)net.tensors[0].bytes);
    zoo_oracle_run(&net, values);
    for (int32_t i = 0; i < net.n_ops; i++) {
        const struct models_tensor *t = &net.tensors[net.ops[i].outputs[0]];
        const int8_t *v = values[net.ops[i].outputs[0]];
        double mean = 0, squares = 0;
        for (int32_t k = 0; k < t->elements; k++) {
            mean += v[k] / (double)t->elements;
            squares += (double)v[k] * v[k] / t->elements;
        }
        const double deviation = sqrt(squares - mean * mean);
        /* Pooling keeps its input's scale, and four averaged values vary less. */
        if (deviation < (net.ops[i].kind == MODELS_AVERAGE_POOL_2D ? 15 : 30) || deviation > 95)
            fail_msg("'%s': deviation %.1f, mean %.1f", t->name, deviation, mean);
    }
    zoo_oracle_free(&net, values);
    free(values[0]);
    free(values);
    models_network_free(&net);
}

/* After pooling over many values next to nothing varies; bringing that to the full range would need
 * multipliers above 1, which trained models do not have. */
static void test_multipliers_stay_below_one(void **state)
{
    (void)state;
    static const char text[] =
        "name: t\nseed: 2\ninput: {shape: [1, 400, 400, 1]}\nlayers:\n"
        "  - {name: p, type: average_pool_2d, kernel: [400, 400], padding: valid}\n"
        "  - {name: c, type: conv_2d, filters: 16, kernel: [1, 1], padding: same, activation: "
        "relu}\n"
        "  - {name: f, type: fully_connected, units: 3, activation: relu}\n";
    struct models_network net;
    double largest = 0;
    read_good(text, &net);
    for (int32_t i = 1; i < net.n_ops; i++) {
        const struct models_op *op = &net.ops[i];
        const struct models_tensor *w = &net.tensors[op->inputs[1]];
        const double in = net.tensors[op->inputs[0]].scale[0];
        const double out = net.tensors[op->outputs[0]].scale[0];
        for (int32_t k = 0; k < w->n_scales; k++)
            largest = fmax(largest, in * w->scale[k] / out);
    }
    assert_true(largest > 0.98); /* else the limit was not reached and nothing is tested */
    assert_true(largest < 1);
    models_network_free(&net);
}

struct refusal {
    const char *text;
    const char *words; /* must all appear, in this order, separated by '|' */
};

static const struct refusal refusals[] = {
    {"", ""},
    {"[]", ""},
    {"layers: []\n", ""},
    {"name: t\nseed: 0\ninput: {shape: [4]}\nlayers:\n  - {name: s, type: softmax}\n", "seed|0"},
    {"name: t\nseed: -1\ninput: {shape: [4]}\nlayers:\n  - {name: s, type: softmax}\n", "seed"},
    {"name: \"a\\nb\"\nseed: 1\ninput: {shape: [4]}\nlayers:\n  - {name: s, type: softmax}\n",
     "name|letters"},
    {"name: t\nseed: 1\ninput: {shape: [4, 0]}\nlayers:\n  - {name: s, type: softmax}\n",
     "input|shape"},
    {"name: t\nseed: 1\ninput: {shape: [65536, 65536]}\nlayers:\n  - {name: s, type: softmax}\n",
     "input|shape|16777216"},
    {"name: t\nseed: 1\ninput: {shape: [4], scale: 0}\nlayers:\n  - {name: s, type: softmax}\n",
     "input|scale"},
    {"name: t\nseed: 1\ninput: {shape: [4], scale: nan}\nlayers:\n  - {name: s, type: softmax}\n",
     "scale"},
    {"name: t\nseed: 1\ninput: {shape: [4], zero_point: 128}\nlayers:\n"
     "  - {name: s, type: softmax}\n",
     "zero_point|128"},
    {TOP CONV "    colour: red\n",
     ":11: layers[0].colour: unknown key; remove it, or write one of name"},
    {TOP CONV "    stridee: [1, 1]\n", "layers[0].stridee: unknown key; did you mean stride?"},
    {TOP CONV "    stride: [1, x]\n", ":11: layers[0].stride[1]: 'x' is not a whole number"},
    {TOP CONV "    stride: [1]\n", ":11: layers[0].stride: has too few entries, 1; write 2"},
    {TOP CONV "    stride: [1, 0]\n", "'c'|stride|0"},
    {TOP CONV "    dilation: [40000, 1]\n", "'c'|dilation|40000"},
    {TOP CONV "    units: 3\n", "'c'|units|conv_2d"},
    {TOP CONV "    activation: tanh\n", "'c'|activation|tanh|relu6"},
    {TOP CONV "    groups: 4\n", "'c'|groups|4"},
    {TOP CONV "    inputs: [nothing]\n", "'c'|inputs|'nothing' is unknown; known: input"},
    {TOP CONV "    inputs: [imput]\n", "'c'|inputs|did you mean input?"},
    {TOP CONV "    inputs: [c]\n", "'c'|inputs"},
    {TOP CONV "    inputs: [input, input]\n", "'c'|inputs|1"},
    {TOP CONV CONV, "'c'|name"},
    {TOP "  - {name: input, type: softmax}\n", "'input'|name"},
    {TOP "  - {name: a b, type: softmax}\n", "layers[0]|name"},
    {TOP "  - {name: c, type: conv2d}\n", "'c'|type|conv_2d"},
    {TOP "  - {name: c, type: conv_2d, filters: 4, kernel: [3, 3]}\n", "'c'|padding|missing"},
    {TOP "  - {name: c, type: conv_2d, filters: 4, kernel: [10, 3], padding: valid}\n",
     "'c'|kernel|9x7"},
    {TOP "  - {name: c, type: conv_2d, filters: 0, kernel: [3, 3], padding: same}\n",
     "'c'|filters|0"},
    {TOP "  - {name: c, type: conv_2d, filters: 9000000, kernel: [3, 3], padding: same}\n",
     "c/weights|shape"},
    {TOP "  - {name: c, type: conv_2d, filters: 4, kernel: [2, 2], dilation: [90, 90], "
         "padding: same}\n",
     "'c'|kernel|padding only"},
    {TOP "  - {name: s, type: softmax, beta: 0}\n", "'s'|beta"},
    {TOP "  - {name: r, type: reshape, shape: [5, -1]}\n", "'r'|shape"},
    {TOP "  - {name: r, type: reshape, shape: [-1, -1]}\n", "'r'|shape"},
    {TOP "  - {name: a, type: add}\n", "'a'|inputs|2"},
    {TOP CONV "  - {name: a, type: add, inputs: [c, input]}\n", "'a'|inputs|shape"},
    {TOP CONV "  - {name: s, type: softmax, inputs: [input]}\n", "'c'|no layer reads it"},
    {TOP "  - {name: f, type: flatten}\n  - {name: c, type: average_pool_2d, kernel: [1, 1], "
         "padding: same}\n",
     "'c'|rank"},
};

static void assert_words(const char *message, const char *words)
{
    const char *at = strstr(message, path);
    char word[64];
    if (at != message)
        fail_msg("the file is not named first: %s", message);
    at += strlen(path);
    while (at && *words) {
        const size_t n = strcspn(words, "|");
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        at = strstr(at, word);
        if (!at)
            fail_msg("'%s' is missing in: %s", word, message);
        words += n + (words[n] == '|');
    }
}

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct models_network net;
        struct cc_error err;
        const char *text = refusals[i].text;
        if (read_bytes(text, strlen(text), &net, &err) == CC_OK)
            fail_msg("accepted: %s", text);
        assert_int_equal(err.status, CC_ERR_INPUT);
        assert_words(err.message, refusals[i].words);
        assert_null(net.tensors);
        assert_null(net.storage);
    }
}

/* Doubling 60 times leaves the range of sensible scales; it must be refused, not become infinite.
 */
static void test_runaway_scales(void **state)
{
    (void)state;
    char text[8192] = TOP "  - {name: a0, type: add, inputs: [input, input]}\n";
    struct models_network net;
    struct cc_error err;
    for (int i = 1; i < 60; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "  - {name: a%d, type: add, inputs: [a%d, a%d]}\n", i,
                 i - 1, i - 1);
    }
    assert_int_equal(read_bytes(text, strlen(text), &net, &err), CC_ERR_INPUT);
    assert_words(err.message, "scale");
}

static uint32_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

/* Puts text in place of the bytes from..to; returns the new length. */
static size_t replace(char *buffer, size_t length, size_t size, size_t from, size_t to,
                      const char *text)
{
    const size_t n = strlen(text);
    if (length - (to - from) + n > size)
        return length;
    memmove(buffer + from + n, buffer + to, length - to);
    memcpy(buffer + from, text, n);
    return length - (to - from) + n;
}

/* The number at or after a place, replaced by a nasty one. */
static size_t spoil_number(char *buffer, size_t length, size_t size, size_t at)
{
    static const char *const nasty[] = {
        "0",   "-1", "1",   "65535", "16777217", "2147483647", "2147483648", "4294967296",
        "nan", "[]", "1e9", "~",     "&a 3",     "*a",         "\"3\"",      "{}",
    };
    while (at < length && (buffer[at] < '0' || buffer[at] > '9'))
        at++;
    size_t end = at;
    while (end < length && buffer[end] >= '0' && buffer[end] <= '9')
        end++;
    return replace(buffer, length, size, at, end,
                   nasty[next_random(sizeof nasty / sizeof nasty[0])]);
}

static size_t mutate(char *buffer, size_t length, size_t size)
{
    const size_t at = next_random((uint32_t)length);
    const char *newline = memchr(buffer + at, '\n', length - at);
    const size_t end = newline ? (size_t)(newline - buffer) + 1 : length;
    switch (next_random(6)) {
    case 0: /* one byte */
        buffer[at] = (char)next_random(256);
        return length;
    case 1: /* the rest of a line vanishes */
        return replace(buffer, length, size, at, end, "");
    case 2: /* the file ends early */
        return at;
    case 3: { /* part of a line twice */
        char line[128];
        snprintf(line, sizeof line, "%.*s", (int)(end - at), buffer + at);
        return replace(buffer, length, size, at, at, line);
    }
    default:
        return spoil_number(buffer, length, size, at);
    }
}

/* Reads a mutated file; whatever it says, nothing breaks and refusals name the file. */
static int survive(const char *text, size_t length)
{
    struct models_network net;
    struct cc_error err;
    const enum cc_status status = read_bytes(text, length, &net, &err);
    if (status == CC_OK) {
        assert_int_equal(models_network_check(&net, path, &err), CC_OK);
        models_network_free(&net);
        return 1;
    }
    assert_int_equal(status, CC_ERR_INPUT);
    assert_int_equal(strncmp(err.message, path, strlen(path)), 0);
    assert_null(net.tensors);
    return 0;
}

static void test_mutations(void **state)
{
    (void)state;
    static const char *const names[] = {"kws", "ad", "ic", "vww"};
    int accepted = 0;
    for (size_t i = 0; i < 4; i++) {
        char file[4096];
        static char buffer[65536];
        uint8_t *text;
        size_t bytes;
        struct cc_error err;
        snprintf(file, sizeof file, "%s/models/zoo/%s.yaml", CC_SOURCE_DIR, names[i]);
        assert_int_equal(cc_file_read(file, sizeof buffer / 2, &text, &bytes, &err), CC_OK);
        for (int round = 0; round < 500; round++) {
            size_t length = bytes;
            memcpy(buffer, text, bytes);
            for (uint32_t n = 1 + next_random(3); n > 0 && length > 0; n--)
                length = mutate(buffer, length, sizeof buffer);
            accepted += survive(buffer, length);
        }
        free(text);
    }
    /* Both outcomes must be common, else the mutations test nothing. */
    assert_in_range(accepted, 100, 1900);
}

/* Aliases must not multiply work: nine levels of nine would be 387 million values. */
static void test_nested_aliases(void **state)
{
    (void)state;
    char text[2048] = "a: &a0 [x, x, x, x, x, x, x, x, x]\n";
    struct models_network net;
    struct cc_error err;
    for (int i = 1; i < 9; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n,
                 "b%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    assert_int_equal(read_bytes(text, strlen(text), &net, &err), CC_ERR_INPUT);
}

static void load_expect(const char *target, enum cc_status expected, const char *kind,
                        const char *words)
{
    struct models_network net;
    struct cc_error err = {0};
    const char *got;
    char resolved[4096];
    const enum cc_status status = models_load(target, &net, &got, resolved, sizeof resolved, &err);
    if (status != expected)
        fail_msg("%s: %s", target, err.message);
    if (status == CC_OK) {
        assert_string_equal(got, kind);
        assert_int_equal(access(resolved, R_OK), 0);
        models_network_free(&net);
    } else if (!strstr(err.message, words)) {
        fail_msg("'%s' is missing in: %s", words, err.message);
    }
}

static void test_load(void **state)
{
    (void)state;
    struct cc_error err;
    static const char text[] = TOP CONV;
    load_expect("kws", CC_OK, "zoo", "");
    load_expect("kwz", CC_ERR_INPUT, "", "kws");
    load_expect("", CC_ERR_INPUT, "", "kws");
    load_expect("missing.tflite", CC_ERR_INPUT, "", "ad, button, ");
    load_expect("/tmp", CC_ERR_INPUT, "", "regular");
    load_expect("/dev/zero", CC_ERR_INPUT, "", "regular");
    assert_int_equal(cc_file_write(path, text, sizeof text - 1, &err), CC_OK);
    load_expect(path, CC_OK, "architecture", "");
    load_expect(CC_SOURCE_DIR "/CMakeLists.txt", CC_ERR_INPUT, "", "TFL3");
    const char *golden = CC_SOURCE_DIR "/../shared/models/kws_ref_model/kws_ref_model.tflite";
    if (access(golden, R_OK) == 0)
        load_expect(golden, CC_OK, "tflite", "");
    else
        print_message("no golden models; .tflite part skipped\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_becomes_a_network),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_weights_follow_the_seed),
        cmocka_unit_test(test_other_options_use_the_range),
        cmocka_unit_test(test_multipliers_stay_below_one),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_runaway_scales),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_nested_aliases),
        cmocka_unit_test(test_load),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
