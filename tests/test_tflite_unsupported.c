/* What a refused .tflite file is told: the first operator at fault, then every other one with
 * counts and types, in one line that fits the message. */
#include "models_files.h"
#include "models_network.h"
#include "tflite_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SUPPORTED                                                                                  \
    "supported are ADD, AVERAGE_POOL_2D, CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, RESHAPE, "   \
    "SOFTMAX with INT8 activations and weights and INT32 biases"
#define TYPES_SUPPORTED                                                                            \
    "supported are INT8 activations and weights and INT32 biases, quantise the whole model to "    \
    "int8"

enum { FLOAT32 = 0, INT32 = 2, BOOL = 6, INT16 = 7 };
enum { MAX_POOL_2D = 17, MUL = 18, RSQRT = 76, CUSTOM = 32 };

static enum cc_status read_as(const char *path, const struct tflb_model *m, struct cc_error *err)
{
    size_t bytes;
    struct models_network net;
    uint8_t *data = tflb_write(m, &bytes);
    enum cc_status status = models_tflite_read(path, data, bytes, &net, err);
    free(data);
    if (status == CC_OK)
        models_network_free(&net);
    return status;
}

static void expect(const struct tflb_model *m, const char *message)
{
    struct cc_error err = {CC_OK, ""};
    assert_int_equal(read_as("m.tflite", m, &err), CC_ERR_INPUT);
    assert_string_equal(err.message, message);
}

static void lists_every_kind_once(void **state)
{
    (void)state;
    struct tflb_model m;
    tflb_small(&m);
    m.ops[O_POOL].code = MAX_POOL_2D;
    expect(&m, "m.tflite:operator 3 (MAX_POOL_2D): this operator is not supported; unsupported are "
               "1 of 7 operators: MAX_POOL_2D x1; " SUPPORTED);
    /* The most frequent first, whatever codes they are written with; then in order. */
    m.ops[O_FC].code = m.ops[O_ADD].code = MUL;
    m.ops[O_SOFTMAX].code = RSQRT;
    expect(&m, "m.tflite:operator 1 (MUL): this operator is not supported; unsupported are "
               "4 of 7 operators: MUL x2, MAX_POOL_2D x1, RSQRT x1; " SUPPORTED);
}

static void tells_types_apart(void **state)
{
    (void)state;
    struct tflb_model m;
    tflb_small(&m);
    m.ops[O_POOL].code = m.ops[O_SOFTMAX].code = MAX_POOL_2D;
    m.tensors[T_OUT].type = INT16;
    expect(&m, "m.tflite:operator 3 (MAX_POOL_2D): this operator is not supported; unsupported are "
               "2 of 7 operators: MAX_POOL_2D x1, MAX_POOL_2D x1 (INT16); " SUPPORTED);
    /* Operators of a supported kind, by several types; INT32 biases are no fault, activations are.
     */
    m.tensors[T_CONV_W].type = FLOAT32;
    m.tensors[T_CONV].type = BOOL;
    m.tensors[T_FLAT].type = INT32;
    m.tensors[T_DW].type = 200;
    expect(&m,
           "m.tflite:operator 3 (MAX_POOL_2D): this operator is not supported; unsupported are "
           "7 of 7 operators: CONV_2D x1 (FLOAT32, BOOL), ADD x1 (BOOL), "
           "DEPTHWISE_CONV_2D x1 (unknown types), MAX_POOL_2D x1 (unknown types), "
           "RESHAPE x1 (INT32), FULLY_CONNECTED x1 (INT32), MAX_POOL_2D x1 (INT16); " SUPPORTED);
}

static void lists_types_of_supported_operators(void **state)
{
    (void)state;
    struct tflb_model m;
    tflb_small(&m);
    m.tensors[T_CONV].type = FLOAT32;
    m.tensors[T_OUT].type = INT16;
    expect(
        &m,
        "m.tflite:operator 0 (CONV_2D): tensor 3 'conv' is FLOAT32; unsupported are 3 of 7 "
        "operators: CONV_2D x1 (FLOAT32), ADD x1 (FLOAT32), SOFTMAX x1 (INT16); " TYPES_SUPPORTED);
    /* A tensor that nobody uses. */
    tflb_small(&m);
    m.tensors[T_COUNT] = m.tensors[T_OUT];
    m.tensors[T_COUNT].type = INT16;
    m.n_tensors++;
    expect(&m, "m.tflite:no operator: tensor 15 'output' is INT16; " TYPES_SUPPORTED);
}

static void custom_operators_by_printable_name(void **state)
{
    (void)state;
    struct tflb_model m;
    tflb_small(&m);
    m.ops[O_CONV].code = m.ops[O_ADD].code = m.ops[O_DW].code = m.ops[O_FC].code = CUSTOM;
    m.ops[O_CONV].custom_name = "Say\x1b[31m\n\xc3\xa9"
                                "z";
    m.ops[O_ADD].custom_name = "";
    m.ops[O_DW].custom_name = "%s%n";
    m.ops[O_FC].custom_name = "LongLongLongLongLongLongLongLongLongLongLongLongLongLong";
    expect(&m, "m.tflite:operator 0 (CUSTOM Say?[31m???z): this operator is not supported; "
               "unsupported are 4 of 7 operators: CUSTOM Say?[31m???z x1, CUSTOM x1, CUSTOM %s%n "
               "x1, CUSTOM LongLongLongLongLongLongLongLongLongLongLongLong... x1; " SUPPORTED);
}

static void survives_tensors_that_do_not_exist(void **state)
{
    (void)state;
    struct tflb_model m;
    tflb_small(&m);
    m.ops[O_POOL].code = MUL;
    m.ops[O_POOL].inputs[0] = INT32_MAX;
    m.ops[O_POOL].outputs[0] = INT32_MIN;
    expect(&m, "m.tflite:operator 3 (MUL): this operator is not supported; unsupported are 1 of 7 "
               "operators: MUL x1; " SUPPORTED);
}

/// Lists longer than the message ///

enum { MANY = TFLB_MAX };

static void many_customs(struct tflb_model *m, char names[MANY][60], int length)
{
    tflb_small(m);
    m->n_ops = MANY;
    for (int i = 0; i < MANY; i++) {
        memset(names[i], 'a' + i, (size_t)length);
        names[i][length] = '\0';
        m->ops[i] = m->ops[O_SOFTMAX];
        m->ops[i].code = CUSTOM;
        m->ops[i].custom_name = names[i];
    }
}

/* Whole entries, then the number of those left out, then what is supported, whatever the length of
 * names and path. */
static void check_cut(const char *path, int name_length)
{
    char names[MANY][60], one[80];
    struct tflb_model m;
    struct cc_error err = {CC_OK, ""};
    many_customs(&m, names, name_length);
    assert_int_equal(read_as(path, &m, &err), CC_ERR_INPUT);
    size_t length = strlen(err.message), tail = strlen(SUPPORTED);
    assert_true(length < sizeof err.message && length > tail);
    assert_string_equal(err.message + length - tail, SUPPORTED);
    const char *list = strstr(err.message, "24 of 24 operators: ");
    assert_non_null(list);
    list += strlen("24 of 24 operators: ");
    long shown = 0, more = 0;
    for (; shown < MANY; shown++) {
        snprintf(one, sizeof one, "%sCUSTOM %.59s x1", shown ? ", " : "", names[shown]);
        if (strncmp(list, one, strlen(one)) != 0)
            break;
        list += strlen(one);
    }
    assert_true(shown > 0);
    if (strncmp(list, " and ", 5) == 0) {
        char *end;
        more = strtol(list + 5, &end, 10);
        assert_true(strncmp(end, " more", 5) == 0);
        list = end + 5;
        /* No shorter than it must be. */
        assert_true(sizeof err.message - length < strlen(one) + 2 + sizeof " and 65536 more");
    }
    assert_int_equal(shown + more, MANY);
    assert_true(strncmp(list, "; supported", 11) == 0);
}

static void cuts_the_list_not_the_message(void **state)
{
    (void)state;
    char path[3000];
    for (int name = 1; name <= 48; name++)
        check_cut("m.tflite", name);
    for (size_t n = 1; n < sizeof path; n = n < 1100 ? n + 7 : n + 211) {
        memset(path, 'p', n);
        path[n] = '\0';
        check_cut(path, 40);
    }
}

static void long_paths_keep_their_end(void **state)
{
    (void)state;
    char path[2000] = "";
    struct tflb_model m;
    struct cc_error err = {CC_OK, ""};
    tflb_small(&m);
    m.ops[O_POOL].code = MUL;
    while (strlen(path) < 1500)
        strcat(path, "\xc3\xa9"); /* two bytes each */
    strcat(path, "/m.tflite");
    assert_int_equal(read_as(path, &m, &err), CC_ERR_INPUT);
    assert_true(strncmp(err.message, "...\xc3\xa9", 5) == 0);
    assert_non_null(strstr(err.message, "/m.tflite:operator 3 (MUL): "));
}

/// A large hostile file: every operator a custom one of its own name ///

/* 65536 operators of as many kinds, all over one vector of a million inputs. */
static uint8_t *many_kinds(size_t *bytes)
{
    enum { KINDS = 65536, INPUTS = 1 << 20 };
    struct fbb b;
    size_t at[7], ends[4];
    int32_t *zeros = calloc(INPUTS, sizeof *zeros);
    assert_non_null(zeros);
    fbb_start(&b, "TFL3");
    fbb_point(&b, 0,
              fbb_table(&b, (struct fbb_field[]){{4, 3}, {4, 0}, {4, 0}, {0, 0}, {4, 0}}, 5, at));
    size_t codes = fbb_vector(&b, NULL, KINDS, 4), graphs = fbb_vector(&b, NULL, 1, 4);
    fbb_point(&b, at[1], codes);
    fbb_point(&b, at[2], graphs);
    fbb_point(&b, at[4], fbb_vector(&b, NULL, 0, 4));
    fbb_point(&b, graphs + 4,
              fbb_table(&b, (struct fbb_field[]){{4, 0}, {0, 0}, {0, 0}, {4, 0}}, 4, ends));
    size_t tensors = fbb_vector(&b, NULL, 1, 4), ops = fbb_vector(&b, NULL, KINDS, 4);
    fbb_point(&b, ends[0], tensors);
    fbb_point(&b, ends[3], ops);
    fbb_point(&b, tensors + 4, fbb_table(&b, NULL, 0, at));
    size_t *inputs = malloc(KINDS * sizeof *inputs);
    assert_non_null(inputs);
    for (uint32_t i = 0; i < KINDS; i++) {
        char name[16];
        struct fbb_field code[] = {{1, CUSTOM}, {4, 0}}, op[] = {{4, i}, {4, 0}};
        snprintf(name, sizeof name, "k%u", i);
        fbb_point(&b, codes + 4 + 4 * i, fbb_table(&b, code, 2, at));
        fbb_point(&b, at[1], fbb_string(&b, name));
        fbb_point(&b, ops + 4 + 4 * i, fbb_table(&b, op, 2, at));
        inputs[i] = at[1];
    }
    size_t shared = fbb_vector(&b, zeros, INPUTS, 4);
    for (uint32_t i = 0; i < KINDS; i++)
        fbb_point(&b, inputs[i], shared);
    free(inputs);
    free(zeros);
    *bytes = b.bytes;
    return b.data;
}

static void many_kinds_are_counted(void **state)
{
    (void)state;
    size_t bytes;
    struct models_network net;
    struct cc_error err = {CC_OK, ""};
    uint8_t *data = many_kinds(&bytes);
    assert_int_equal(models_tflite_read("m.tflite", data, bytes, &net, &err), CC_ERR_INPUT);
    if (!strstr(err.message, "unsupported are 65536 of 65536 operators: CUSTOM k0 x1 (FLOAT32), "
                             "CUSTOM k1 x1 (FLOAT32), ") ||
        !strstr(err.message, " more; " SUPPORTED))
        fail_msg("%s", err.message);
    free(data);
}

/* Every byte of an unsupported model set to each of a few values: never a crash, never a message
 * with anything but printable characters. */
static void damaged_models_are_refused_in_print(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 0x1b, 0x7f, 0x80, 0xff};
    struct tflb_model m;
    size_t bytes;
    tflb_small(&m);
    m.ops[O_CONV].code = CUSTOM;
    m.ops[O_CONV].custom_name = "Mine";
    m.ops[O_POOL].code = MUL;
    m.tensors[T_OUT].type = INT16;
    uint8_t *data = tflb_write(&m, &bytes);
    for (size_t i = 0; i < bytes * sizeof values; i++) {
        struct models_network net;
        struct cc_error err = {CC_OK, ""};
        uint8_t *copy = malloc(bytes);
        memcpy(copy, data, bytes);
        copy[i / sizeof values] = values[i % sizeof values];
        assert_int_equal(models_tflite_read("m.tflite", copy, bytes, &net, &err), CC_ERR_INPUT);
        free(copy);
        assert_true(err.message[0] != '\0');
        for (const char *p = err.message; *p; p++)
            assert_true(*p >= ' ' && *p <= '~');
    }
    free(data);
}

static void damage_behind_the_first_is_told(void **state)
{
    (void)state;
    struct tflb_model m;
    struct cc_error err = {CC_OK, ""};
    size_t bytes, last = 0;
    struct models_network net;
    tflb_small(&m);
    m.ops[O_CONV].code = CUSTOM;
    m.ops[O_CONV].custom_name = "First";
    m.ops[O_SOFTMAX].code = CUSTOM;
    m.ops[O_SOFTMAX].custom_name = "Last";
    uint8_t *data = tflb_write(&m, &bytes);
    for (size_t i = 0; i + 5 < bytes; i++)
        last = memcmp(data + i, "Last", 5) == 0 ? i : last;
    assert_true(last > 4);
    data[last - 1] = 0x7f; /* the string's length */
    assert_int_equal(models_tflite_read("m.tflite", data, bytes, &net, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "m.tflite: damaged flatbuffer"));
    free(data);
}

/// Real models ///

/* The whole message's list of some models, read off an independent listing of their operators. */
static const struct {
    const char *model, *list;
} lists[] = {
    {"keyword_scrambled_int8", "unsupported are 10 of 15 operators: SVDF x7, QUANTIZE x2 (INT16), "
                               "SOFTMAX x1 (INT16); supported"},
    {"dtln_lstm_int8", "unsupported are 3 of 4 operators: UNIDIRECTIONAL_SEQUENCE_LSTM x2 (INT16), "
                       "LOGISTIC x1; supported"},
    {"synth_pool", "operators: MAX_POOL_2D x5; supported"},
    {"synth_reduce", "operators: MEAN x10, SUM x10, REDUCE_MAX x5, REDUCE_MIN x5; supported"},
    {"synth_quantize", "QUANTIZE x5, QUANTIZE x3 (INT16), "},
    {"audio_preprocessor_int8", "RESHAPE x1 (INT16)"},
};

static void lists_of_real_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t bytes;
        struct models_network net;
        struct cc_error err = {CC_OK, ""};
        uint8_t *data = golden_model(lists[i].model, &bytes);
        if (!data)
            return;
        assert_int_equal(models_tflite_read("m.tflite", data, bytes, &net, &err), CC_ERR_INPUT);
        if (!strstr(err.message, lists[i].list))
            fail_msg("\"%s\" lacks \"%s\"", err.message, lists[i].list);
        free(data);
    }
}

/* Unsupported operators of a model by the listing: their kinds, one per operator. */
enum { MAX_LISTED = 128, KIND_BYTES = 64 };

static int listed(const char *model, char kinds[MAX_LISTED][KIND_BYTES])
{
    static const char *const supported[] = {
        "ADD",     "AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED",
        "RESHAPE", "SOFTMAX",
    };
    static char line[65536];
    char path[4096], *columns[16];
    int count = 0;
    assert_true(golden_path("operators.csv", path, sizeof path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (csv_row(file, line, sizeof line, columns, 16) > 0) {
        int skip = strcmp(columns[0], model) != 0;
        for (size_t i = 0; i < sizeof supported / sizeof supported[0]; i++)
            skip |= strcmp(columns[2], supported[i]) == 0;
        if (skip)
            continue;
        if (strncmp(columns[2], "CUSTOM:", 7) == 0)
            columns[2][6] = ' ';
        assert_true(count < MAX_LISTED);
        snprintf(kinds[count++], KIND_BYTES, "%s", columns[2]);
    }
    fclose(file);
    return count;
}

/* The sum of one kind's entries "KIND xCOUNT" in a message; 0 when there is none. */
static long told(const char *message, const char *kind)
{
    const char *p = strstr(message, " operators: ");
    long count = 0;
    assert_non_null(p);
    for (p += strlen(" operators:"); (p = strstr(p, kind)) != NULL; p += strlen(kind)) {
        if (p[-1] == ' ' && strncmp(p + strlen(kind), " x", 2) == 0)
            count += strtol(p + strlen(kind) + 2, NULL, 10);
    }
    return count;
}

/* Every model's list against the listing, kind by kind, and nothing cut from any of them. */
static void counts_of_real_models(void **state)
{
    (void)state;
    static char kinds[MAX_LISTED][KIND_BYTES];
    for (size_t i = 0; i < golden_refused_count; i++) {
        size_t bytes;
        struct models_network net;
        struct cc_error err = {CC_OK, ""};
        uint8_t *data = golden_model(golden_refused[i].name, &bytes);
        if (!data)
            return;
        assert_int_equal(models_tflite_read("m.tflite", data, bytes, &net, &err), CC_ERR_INPUT);
        free(data);
        if (strstr(err.message, " more; "))
            fail_msg("cut: %s", err.message);
        int count = listed(golden_refused[i].name, kinds);
        assert_true(count > 0);
        for (int k = 0; k < count; k++) {
            long expected = 0;
            for (int other = 0; other < count; other++)
                expected += strcmp(kinds[k], kinds[other]) == 0;
            if (told(err.message, kinds[k]) != expected)
                fail_msg("%ld %s expected: %s", expected, kinds[k], err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_every_kind_once),
        cmocka_unit_test(tells_types_apart),
        cmocka_unit_test(lists_types_of_supported_operators),
        cmocka_unit_test(custom_operators_by_printable_name),
        cmocka_unit_test(survives_tensors_that_do_not_exist),
        cmocka_unit_test(cuts_the_list_not_the_message),
        cmocka_unit_test(long_paths_keep_their_end),
        cmocka_unit_test(many_kinds_are_counted),
        cmocka_unit_test(damaged_models_are_refused_in_print),
        cmocka_unit_test(damage_behind_the_first_is_told),
        cmocka_unit_test(lists_of_real_models),
        cmocka_unit_test(counts_of_real_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
