/* 10,000 damaged files through reader, checks and planner: each is refused with CC_ERR_INPUT and a
 * message, or accepted and then kept to every promise. Meant for the asan-ubsan build, where an
 * overread ends the test. Deterministic: the same files on every machine. */
#include "models_check.h"
#include "models_files.h"
#include "models_network.h"
#include "models_plan.h"
#include "tflite_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MUTATIONS = 5000 }; /* of each of two seeds */

static uint32_t random_state;

static uint32_t random_below(size_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return below ? (uint32_t)(random_state % below) : 0;
}

/* A position: anywhere, or, half of the time, where structure is dense: real models are mostly
 * weights, whose bytes cannot be wrong. */
struct seed {
    uint8_t *data;
    size_t bytes;
    size_t *dense; /* positions outside long runs of weights */
    size_t n_dense;
};

static size_t position(const struct seed *seed, size_t bytes)
{
    if (bytes == 0)
        return 0;
    size_t at = random_below(2) ? seed->dense[random_below(seed->n_dense)] : random_below(bytes);
    return at < bytes ? at : bytes - 1;
}

static uint32_t interesting_word(const uint8_t *data, size_t bytes)
{
    static const uint32_t words[] = {0,          1,          2,          0x7f,       0x80,
                                     0xff,       0xffff,     0x10000,    0x7fffffff, 0x80000000,
                                     0xffffffff, 0x40000000, 0x10000001, 0x3f800000, 0x7f800000,
                                     0x7fc00000, 0x00000001, 0xfffffffe, 0xfffffffc};
    uint32_t kind = random_below(4), word = 0;
    if (kind == 0)
        return words[random_below(sizeof words / sizeof words[0])];
    if (kind == 1)
        return random_below(bytes + 16);
    if (kind == 2 && bytes >= 4) /* a word from elsewhere in the file */
        memcpy(&word, data + random_below(bytes - 3), 4);
    return kind == 3 ? random_below(64) : word;
}

static void mutate_once(const struct seed *seed, uint8_t *data, size_t *bytes)
{
    size_t at = position(seed, *bytes);
    if (*bytes < 16)
        return;
    switch (random_below(8)) {
    case 0:
        *bytes = random_below(4) ? *bytes - random_below(16) : random_below(*bytes);
        break;
    case 1:
    case 2:
        data[at] ^= (uint8_t)(1u << random_below(8));
        break;
    case 3:
        data[at] = (uint8_t)random_below(256);
        break;
    case 4:
    case 5:
    case 6: {
        uint32_t word = interesting_word(data, *bytes);
        at = at / 4 * 4;
        if (at + 4 <= *bytes)
            memcpy(data + at, &word, 4);
        break;
    }
    default: { /* splice a stretch of the file over another */
        size_t from = position(seed, *bytes), length = 1 + random_below(64);
        size_t high = at > from ? at : from;
        memmove(data + at, data + from, length < *bytes - high ? length : *bytes - high);
    }
    }
}

static struct {
    int accepted, refused;
} counts;

/* What callers rely on after success: every constant byte can be read, the plan fits. */
static void use_network(const struct models_network *net)
{
    struct models_plan plan;
    struct cc_error err;
    uint32_t sum = 0;
    for (int32_t i = 0; i < net->n_tensors; i++) {
        for (int32_t k = 0; net->tensors[i].data && k < net->tensors[i].bytes; k++)
            sum += net->tensors[i].data[k];
        for (int32_t k = 0; k < net->tensors[i].n_scales; k++)
            sum += net->tensors[i].scale[k] > 0 && net->tensors[i].zero_point[k] >= -128;
    }
    assert_true(sum != 1);
    assert_int_equal(models_network_check(net, "again", &err), CC_OK);
    enum cc_status status = models_plan_make(net, NULL, &plan, &err);
    if (status == CC_ERR_INPUT)
        return; /* larger than 2 GiB */
    assert_int_equal(status, CC_OK);
    for (int32_t i = 0; i < net->n_outputs; i++) {
        int32_t at = plan.tensor_offset[net->outputs[i]];
        assert_true(at >= 0 && at <= plan.arena_bytes - net->tensors[net->outputs[i]].bytes);
    }
    models_plan_free(&plan);
}

static void try_file(const uint8_t *data, size_t bytes)
{
    /* An exact copy, so that the address sanitizer sees any overread. */
    uint8_t *copy = malloc(bytes ? bytes : 1);
    memcpy(copy, data, bytes);
    struct models_network net;
    struct cc_error err = {CC_OK, ""};
    enum cc_status status = models_tflite_read("mutant.tflite", copy, bytes, &net, &err);
    free(copy);
    if (status == CC_OK) {
        counts.accepted++;
        use_network(&net);
        models_network_free(&net);
        return;
    }
    counts.refused++;
    assert_int_equal(status, CC_ERR_INPUT);
    assert_int_equal(err.status, CC_ERR_INPUT);
    assert_int_equal(strncmp(err.message, "mutant.tflite:", 14), 0);
    assert_null(net.tensors);
}

/* Tells structure from weights: a window of 64 bytes is structure when inverting bits all over it
 * makes the reader refuse the file. */
static void find_dense(struct seed *seed)
{
    seed->dense = malloc((seed->bytes + 1) * sizeof *seed->dense);
    seed->n_dense = 0;
    uint8_t *copy = malloc(seed->bytes);
    for (size_t at = 0; at < seed->bytes; at += 64) {
        size_t length = seed->bytes - at < 64 ? seed->bytes - at : 64;
        struct models_network net;
        memcpy(copy, seed->data, seed->bytes);
        for (size_t i = 0; i < length; i++)
            copy[at + i] ^= 0xf0;
        if (models_tflite_read("dense", copy, seed->bytes, &net, NULL) == CC_OK) {
            models_network_free(&net);
            continue;
        }
        for (size_t i = 0; i < length; i++)
            seed->dense[seed->n_dense++] = at + i;
    }
    free(copy);
    assert_true(seed->n_dense > 0);
}

static void mutate(struct seed *seed, uint32_t random_seed)
{
    random_state = random_seed;
    counts.accepted = counts.refused = 0;
    find_dense(seed);
    try_file(seed->data, seed->bytes);
    assert_int_equal(counts.accepted, 1);
    uint8_t *data = malloc(seed->bytes);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t bytes = seed->bytes;
        memcpy(data, seed->data, seed->bytes);
        for (uint32_t k = 1 + random_below(4); k > 0; k--)
            mutate_once(seed, data, &bytes);
        try_file(data, bytes);
    }
    printf("%zu bytes, %zu of them structure: %d mutants accepted, %d refused\n", seed->bytes,
           seed->n_dense, counts.accepted, counts.refused);
    /* Both ends of the reader must have been reached for this test to mean anything. */
    assert_true(counts.accepted > MUTATIONS / 100 && counts.refused > MUTATIONS / 10);
    free(data);
    free(seed->dense);
    free(seed->data);
}

static void mutants_of_a_small_network(void **state)
{
    (void)state;
    struct tflb_model m;
    struct seed seed = {0};
    tflb_small(&m);
    seed.data = tflb_write(&m, &seed.bytes);
    mutate(&seed, 1);
}

/* A real model where there is one, the small network with other numbers where there is none. */
static void mutants_of_a_real_model(void **state)
{
    (void)state;
    struct seed seed = {0};
    seed.data = golden_model("kws_ref_model", &seed.bytes);
    if (!seed.data) {
        struct tflb_model m;
        tflb_small(&m);
        seed.data = tflb_write(&m, &seed.bytes);
    }
    mutate(&seed, 2);
}

static void every_truncation(void **state)
{
    (void)state;
    struct tflb_model m;
    size_t bytes;
    tflb_small(&m);
    uint8_t *data = tflb_write(&m, &bytes);
    for (size_t n = 0; n < bytes; n++)
        try_file(data, n);
    free(data);
}

static void random_files(void **state)
{
    (void)state;
    random_state = 3;
    for (int i = 0; i < 2000; i++) {
        uint8_t data[512];
        size_t bytes = random_below(sizeof data);
        for (size_t k = 0; k < bytes; k++)
            data[k] = (uint8_t)(random_below(3) ? random_below(256) : 0);
        if (i % 2 && bytes > 8) {
            uint32_t root = random_below(bytes);
            memcpy(data, &root, 4);
            memcpy(data + 4, "TFL3", 4);
        }
        try_file(data, bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutants_of_a_small_network),
        cmocka_unit_test(mutants_of_a_real_model),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(random_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
