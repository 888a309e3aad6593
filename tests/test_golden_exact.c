/* The fast accounting against a walk over every single instruction, exactly: all golden models on
 * all six timing families, and small ones on every kind of memory path. One invocation each, with
 * the fastest kernels that the core runs. Under sanitizers (CC_SANITIZE) the large models are left
 * out: EXACT_LIMIT, in bytes of the model file, says what is large. */
#include "exact_chips.h"
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define GOLDEN CC_SOURCE_DIR "/../shared/models"

static const char *const models[] = {
    "hello_world_int8",   "simple_add_int8",  "micro_speech_int8",
    "ad01_int8",          "str_ww_ref_model", "kws_ref_model",
    "person_detect_int8", "vww_96_int8",      "ic_resnet_int8",
};
#define MODELS (sizeof models / sizeof models[0])
#define SMALL  5 /* the first ones */

/* Chips of exact_chips.c, by family; the first of each runs all models. */
struct family {
    const char *name;
    const char *variants[16];
};

static const struct family families[] = {
    {"M0", {"M0, buffers and prefetch", "M0, slow multiplier, one wait state"}},
    {"M0+",
     {"M0+, buffers and prefetch", "M0+, no prefetch", "M0+, no wait states",
      "M0+, the same with prefetch", "M0+, slow RAM", "M0+, executed in place",
      "M0+, executed in place, one set"}},
    {"M3",
     {"M3, caches and prefetch", "M3, two wait states", "M3, no wait states", "M3, no caches",
      "M3, slow RAM"}},
    {"M4",
     {"M4, caches and prefetch", "M4, isolated accesses", "M4, prefetch without caches",
      "M4, no prefetch", "M4, instruction cache", "M4, small instruction cache", "M4, wide lines",
      "M4, unified cache"}},
    {"M7",
     {"M7, tightly coupled RAM", "M7, small caches", "M7, cached RAM with ECC",
      "M7, cached RAM, small caches", "M7, no wait states"}},
    {"M33",
     {"M33, unified cache", "M33, no wait states", "M33, small unified cache, prefetch",
      "M33, one set, prefetch", "M33, unified cache of two lines",
      "M33, direct-mapped unified cache", "M33, unified cache of many ways",
      "M33, unified cache of a small chip", "M33, slow RAM", "M33, executed in place"}},
};
#define FAMILIES (sizeof families / sizeof families[0])

static const struct exact_chip *variant_named(const char *name)
{
    size_t i = 0;
    while (i < exact_chip_count && strcmp(exact_chips[i].name, name) != 0)
        i++;
    if (i == exact_chip_count)
        fail_msg("no chip \"%s\"", name);
    return &exact_chips[i];
}

static void must(const char *model, const char *chip, enum cc_status status,
                 const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s on %s: %s", model, chip, err->message);
}

static void run_model(const char *model, const struct exact_chip *variant)
{
    char path[512], input[512];
    struct cc_error err = {0};
    struct sim_profile profile;
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    snprintf(input, sizeof input, GOLDEN "/%s/input_0.bin", model);
    struct cli_run_options options = {
        .target = path, .mcu = variant->spec, .input = input, .reference = 1};
    struct cli_session s = {.options = &options, .err = &err};
    must(model, variant->name, cli_session_open(&s), &err);
    if (variant->change)
        variant->change(&s.chip);
    s.invocations = 1;
    must(model, variant->name, cli_session_boot(&s), &err);
    must(model, variant->name, cli_session_run(&s), &err);
    must(model, variant->name, sim_machine_profile(s.machine, 1, &profile, &err), &err);
    assert_true(profile.total.instructions > 0);
    must(model, variant->name, sim_machine_check_reference(s.machine, &profile, &err), &err);
    sim_profile_free(&profile);
    cli_session_close(&s);
}

/* 0 when it is not there, or larger than the limit. */
static int wanted(const char *model)
{
    const char *limit = getenv("EXACT_LIMIT");
    struct stat info;
    char path[512];
    snprintf(path, sizeof path, GOLDEN "/%s/%s.tflite", model, model);
    return stat(path, &info) == 0 && (!limit || info.st_size <= atol(limit));
}

static void family(void **state)
{
    const struct family *f = *state;
    int ran = 0;
    for (size_t v = 0; f->variants[v]; v++) {
        const struct exact_chip *variant = variant_named(f->variants[v]);
        for (size_t m = 0; m < (v == 0 ? MODELS : SMALL); m++) {
            if (!wanted(models[m]))
                continue;
            run_model(models[m], variant);
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
    struct CMUnitTest tests[FAMILIES];
    for (size_t i = 0; i < FAMILIES; i++)
        tests[i] = (struct CMUnitTest){families[i].name, family, NULL, NULL,
                                       (void *)(uintptr_t)&families[i]};
    return _cmocka_run_group_tests("walk and blocks", tests, FAMILIES, NULL, NULL);
}
