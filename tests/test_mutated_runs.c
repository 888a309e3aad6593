/* Damaged models through the whole chain: whatever the reader lets pass must also plan, place and
 * run to its end. Anything but a refusal of the input or a complete run is a bug of ours. */
#include "cc_file.h"
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GOLDEN CC_SOURCE_DIR "/../shared/models"

/* Enough for a slow chip to run the largest of the models, few enough to find a hang. */
#define MAX_INSTRUCTIONS 400000000u

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void mutate(uint8_t *data, size_t bytes)
{
    static const uint8_t values[] = {0, 1, 2, 3, 4, 8, 127, 128, 255};
    unsigned changes = 1 + next_random() % 3;
    for (unsigned i = 0; i < changes; i++) {
        size_t at = next_random() % bytes;
        if (next_random() % 2)
            data[at] ^= (uint8_t)(1u << next_random() % 8);
        else
            data[at] = values[next_random() % sizeof values];
    }
}

static enum cc_status run_file(const char *path, struct cc_error *err)
{
    struct cli_run_options options = {
        .target = path, .mcu = "stm32l4r5", .max_instructions = MAX_INSTRUCTIONS};
    struct cli_session s = {.options = &options, .err = err};
    enum cc_status status = cli_session_open(&s);
    if (status == CC_OK)
        status = cli_session_boot(&s);
    if (status == CC_OK)
        status = cli_session_run(&s);
    cli_session_close(&s);
    return status;
}

static void damage(const char *model, int rounds)
{
    char path[512], file[] = "/tmp/coincell-mutant-XXXXXX";
    uint8_t *original, *copy;
    size_t bytes;
    int ran = 0, refused = 0;
    struct cc_error err = {0};
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    if (cc_file_read(path, 1u << 24, &original, &bytes, &err) != CC_OK) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    copy = malloc(bytes);
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    close(fd);
    for (int i = 0; i < rounds; i++) {
        memcpy(copy, original, bytes);
        mutate(copy, bytes);
        assert_int_equal(cc_file_write(file, copy, bytes, &err), CC_OK);
        enum cc_status status = run_file(file, &err);
        if (status != CC_OK && status != CC_ERR_INPUT) {
            cc_file_write("/tmp/coincell-mutant-failed.tflite", copy, bytes, &err);
            fail_msg("%s, mutant %d: status %d: %s (kept in /tmp/coincell-mutant-failed.tflite)",
                     model, i, status, err.message);
        }
        ran += status == CC_OK;
        refused += status == CC_ERR_INPUT;
    }
    print_message("%s: %d ran, %d refused\n", model, ran, refused);
    assert_true(ran > 0 && refused > 0);
    unlink(file);
    free(original);
    free(copy);
}

static void damaged_small(void **state)
{
    (void)state;
    damage("hello_world_int8", 1000);
}

static void damaged_micro_speech(void **state)
{
    (void)state;
    damage("micro_speech_int8", 100);
}

static void damaged_kws(void **state)
{
    (void)state;
    damage("kws_ref_model", 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_small),
        cmocka_unit_test(damaged_micro_speech),
        cmocka_unit_test(damaged_kws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
