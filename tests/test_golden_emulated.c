/* The golden models through the whole chain on emulated chips: image, runner, kernels, arena. Every
 * operator of every case on every core and kernel variant, against what the TensorFlow Lite Micro
 * reference kernels gave; the first operator that differs is named. Also checks the counter
 * identities and, on small models, the block counts against a per-instruction hook.
 *
 * GOLDEN_CASES limits the cases (1 = case 0 only), for slow builds. */
#include "cc_file.h"
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN   CC_SOURCE_DIR "/../shared/models"
#define MAX_FILE ((size_t)64 << 20)

static const char *const models[] = {
    "hello_world_int8",   "simple_add_int8",  "micro_speech_int8",
    "ad01_int8",          "str_ww_ref_model", "kws_ref_model",
    "person_detect_int8", "vww_96_int8",      "ic_resnet_int8",
};

/* Models of which a per-instruction count is quick enough. */
static int is_small(const char *model)
{
    return strcmp(model, "hello_world_int8") == 0 || strcmp(model, "simple_add_int8") == 0 ||
           strcmp(model, "ad01_int8") == 0;
}

struct target {
    const char *mcu, *kernels;
};

static const struct target targets[] = {
    {"stm32g0b1", "scalar"},    {"stm32l4r5", "dsp"},       {"stm32f746", "dsp"},
    {"stm32u575", "dsp"},       {"stm32g0b1", "reference"}, {"stm32l4r5", "reference"},
    {"stm32f746", "reference"}, {"stm32u575", "reference"}, {"rp2040", "scalar"},
    {"stm32h7a3", "dsp"},       {"nrf52840", "dsp"},        {"apollo3", "dsp"},
};

/* What each operator gave, invocation after invocation. */
struct outputs {
    uint8_t *bytes[128];
    size_t used[128];
};

static enum cc_status keep(void *user, uint32_t invocation, int32_t op, const uint8_t *output,
                           uint32_t bytes, struct cc_error *err)
{
    struct outputs *o = user;
    (void)invocation;
    (void)err;
    assert_true(op < 128);
    o->bytes[op] = realloc(o->bytes[op], o->used[op] + bytes);
    assert_non_null(o->bytes[op]);
    memcpy(o->bytes[op] + o->used[op], output, bytes);
    o->used[op] += bytes;
    return CC_OK;
}

static void compare(const char *model, int number, const struct target *t, struct outputs *o)
{
    char path[512], *csv;
    size_t csv_bytes;
    struct cc_error err;
    snprintf(path, sizeof path, GOLDEN "/%s/ops_%d.csv", model, number);
    assert_int_equal(cc_file_read(path, MAX_FILE, (uint8_t **)&csv, &csv_bytes, &err), CC_OK);
    char *line = strchr(csv, '\n');
    int op = 0;
    for (; line && line[1]; line = strchr(line + 1, '\n'), op++) {
        char file[64], expected[65], got[65];
        size_t total;
        assert_int_equal(sscanf(line, "\n%63[^,],%*d,%*u,%zu,%64[0-9a-f]", file, &total, expected),
                         3);
        assert_int_equal(o->used[op], total);
        cc_sha256_hex(o->bytes[op], o->used[op], got);
        if (strcmp(got, expected) != 0)
            fail_msg("%s case %d on %s with %s kernels: first operator that differs is %s", model,
                     number, t->mcu, t->kernels, file);
        free(o->bytes[op]);
    }
    assert_true(op > 0);
    free(csv);
}

static void compare_output(const char *model, int number, const struct cli_session *s)
{
    char path[512];
    uint8_t *expected;
    size_t bytes;
    struct cc_error err;
    snprintf(path, sizeof path, GOLDEN "/%s/output_%d.bin", model, number);
    assert_int_equal(cc_file_read(path, MAX_FILE, &expected, &bytes, &err), CC_OK);
    assert_int_equal(bytes, s->invocations * s->bytes_out);
    assert_memory_equal(s->output, expected, bytes);
    free(expected);
}

static void run_case(const char *model, int number, const char *input, const struct target *t)
{
    char path[512];
    struct cc_error err = {0};
    struct outputs o = {0};
    struct sim_profile profile;
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    struct cli_run_options options = {
        .target = path,
        .mcu = t->mcu,
        .kernels = t->kernels,
        .input = input,
        .reference = is_small(model) && number == 0,
        .operator_done = keep,
        .operator_user = &o,
    };
    struct cli_session s = {.options = &options, .err = &err};
    if (cli_session_open(&s) != CC_OK || cli_session_boot(&s) != CC_OK ||
        cli_session_run(&s) != CC_OK)
        fail_msg("%s case %d on %s: %s", model, number, t->mcu, err.message);
    compare(model, number, t, &o);
    compare_output(model, number, &s);
    assert_int_equal(sim_machine_profile(s.machine, s.invocations, &profile, &err), CC_OK);
    if (sim_machine_check_reference(s.machine, &profile, &err) != CC_OK)
        fail_msg("%s case %d on %s: %s", model, number, t->mcu, err.message);
    sim_profile_mean(&profile);
    assert_int_equal(sim_profile_check(&profile, &err), CC_OK);
    sim_profile_free(&profile);
    cli_session_close(&s);
}

static void golden(void **state)
{
    const struct target *t = *state;
    const char *limit = getenv("GOLDEN_CASES");
    int cases = limit ? atoi(limit) : 3;
    int ran = 0;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++) {
        for (int number = 0; number < cases; number++) {
            char input[512];
            snprintf(input, sizeof input, GOLDEN "/%s/input_%d.bin", models[m], number);
            FILE *file = fopen(input, "rb");
            if (!file)
                continue;
            fclose(file);
            run_case(models[m], number, input, t);
            ran++;
        }
    }
    if (!ran) {
        print_message("skipped: %s is not there\n", GOLDEN);
        skip();
    }
}

int main(void)
{
    enum { COUNT = sizeof targets / sizeof targets[0] };
    struct CMUnitTest tests[COUNT];
    char names[COUNT][64];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%s_%s", targets[i].mcu, targets[i].kernels);
        tests[i] =
            (struct CMUnitTest){names[i], golden, NULL, NULL, (void *)(uintptr_t)&targets[i]};
    }
    return _cmocka_run_group_tests("golden models on emulated chips", tests, COUNT, NULL, NULL);
}
