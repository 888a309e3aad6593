/* The built-in models stand for the real ones: every operator needs the same number of
 * instructions within 2 %, although the weights are others. */
#include "session.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GOLDEN CC_SOURCE_DIR "/../shared/models"

static const struct {
    const char *zoo, *real;
} pairs[] = {
    {"kws", "kws_ref_model"},
    {"ad", "ad01_int8"},
    {"ic", "ic_resnet_int8"},
    {"vww", "vww_96_int8"},
};

static void profile_of(const char *target, const char *mcu, const char *kernels,
                       struct sim_profile *profile)
{
    struct cc_error err = {0};
    struct cli_run_options options = {.target = target, .mcu = mcu, .kernels = kernels};
    struct cli_session s = {.options = &options, .err = &err};
    if (cli_session_open(&s) != CC_OK || cli_session_boot(&s) != CC_OK ||
        cli_session_run(&s) != CC_OK || sim_machine_profile(s.machine, 1, profile, &err) != CC_OK)
        fail_msg("%s on %s: %s", target, mcu, err.message);
    cli_session_close(&s);
}

static void compare(const char *mcu, const char *kernels)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char path[512];
        struct sim_profile zoo, real;
        snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", pairs[i].real, pairs[i].real);
        if (access(path, R_OK) != 0) {
            print_message("skipped: %s is not there\n", path);
            skip();
        }
        profile_of(pairs[i].zoo, mcu, kernels, &zoo);
        profile_of(path, mcu, kernels, &real);
        assert_int_equal(zoo.scope_count, real.scope_count);
        for (uint32_t s = 0; s < zoo.scope_count; s++) {
            double a = (double)zoo.scopes[s].counts.instructions;
            double b = (double)real.scopes[s].counts.instructions;
            if (fabs(a - b) > 0.02 * b)
                fail_msg("%s on %s, %s: %s: %.0f instructions, the real model needs %.0f",
                         pairs[i].zoo, mcu, kernels, zoo.scopes[s].name, a, b);
        }
        sim_profile_free(&zoo);
        sim_profile_free(&real);
    }
}

static void same_with_dsp(void **state)
{
    (void)state;
    compare("stm32l4r5", "dsp");
    compare("stm32u575", "dsp");
}

static void same_with_scalar(void **state)
{
    (void)state;
    compare("stm32g0b1", "scalar");
}

static void same_with_reference(void **state)
{
    (void)state;
    compare("stm32f746", "reference");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_with_dsp),
        cmocka_unit_test(same_with_scalar),
        cmocka_unit_test(same_with_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
