/* The arena of the golden models, scratch of every kernel variant included: at most 5 % above the
 * most that activations need at once, or what TensorFlow Lite Micro's planner takes. */
#include "cc_file.h"
#include "models_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN   CC_SOURCE_DIR "/../shared/models"
#define MAX_FILE ((size_t)64 << 20)

struct row {
    const char *model;
    int32_t peak_live, tflm_head; /* bytes, as published with the models */
};

static const struct row rows[] = {
    {"hello_world_int8", 32, 32},         {"simple_add_int8", 49152, 49152},
    {"micro_speech_int8", 5960, 5968},    {"ad01_int8", 768, 768},
    {"str_ww_ref_model", 6656, 6656},     {"kws_ref_model", 16000, 16000},
    {"person_detect_int8", 55296, 55296}, {"vww_96_int8", 55296, 73728},
    {"ic_resnet_int8", 49152, 49152},
};

static int32_t arena_bytes(const struct models_network *net, enum image_variant variant)
{
    struct cc_error err;
    struct models_plan plan;
    int32_t *scratch = calloc((size_t)net->n_ops, sizeof *scratch);
    assert_non_null(scratch);
    assert_int_equal(models_image_scratch(net, variant, scratch, &err), CC_OK);
    assert_int_equal(models_plan_make(net, scratch, &plan, &err), CC_OK);
    int32_t bytes = plan.arena_bytes;
    models_plan_free(&plan);
    free(scratch);
    return bytes;
}

static int read_model(const char *model, struct models_network *net)
{
    char path[512];
    struct cc_error err;
    uint8_t *data;
    size_t bytes;
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    if (cc_file_read(path, MAX_FILE, &data, &bytes, &err) != CC_OK)
        return 0;
    assert_int_equal(models_tflite_read(path, data, bytes, net, &err), CC_OK);
    free(data);
    return 1;
}

static void scratch_keeps_the_peak(void **state)
{
    const enum image_variant *variant = *state;
    int failures = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct models_network net;
        if (!read_model(rows[i].model, &net)) {
            print_message("skipped: no golden models in " GOLDEN "\n");
            skip();
        }
        int32_t bytes = arena_bytes(&net, *variant);
        if (bytes * 100.0 > rows[i].peak_live * 105.0 && bytes > rows[i].tflm_head) {
            print_error("%s: %d bytes of arena, activations need %d\n", rows[i].model, bytes,
                        rows[i].peak_live);
            failures++;
        }
        models_network_free(&net);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    static enum image_variant variants[] = {IMAGE_REFERENCE, IMAGE_SCALAR, IMAGE_DSP};
    const struct CMUnitTest tests[] = {
        {"reference", scratch_keeps_the_peak, NULL, NULL, &variants[0]},
        {"scalar", scratch_keeps_the_peak, NULL, NULL, &variants[1]},
        {"dsp", scratch_keeps_the_peak, NULL, NULL, &variants[2]},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
