/* Random small networks on emulated chips, through image, runner and kernels as built for the core,
 * against the plain implementation in kernels_oracle.c. Every network runs twice, so that what one
 * invocation leaves behind shows in the next.
 *
 * RANDOM_NETWORKS sets how many per chip, RANDOM_SEED the first one. */
#include "cc_file.h"
#include "kernels_oracle.h"
#include "random_values.h"
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define INVOCATIONS 2

struct target {
    const char *mcu;
    enum image_variant variant;
};

static const struct target targets[] = {
    {"stm32g0b1", IMAGE_SCALAR}, {"stm32l4r5", IMAGE_DSP},       {"stm32f746", IMAGE_DSP},
    {"stm32u575", IMAGE_DSP},    {"stm32g0b1", IMAGE_REFERENCE}, {"stm32l4r5", IMAGE_REFERENCE},
};

static void must(enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s", err->message);
}

static void open_runner(struct cli_session *s)
{
    char name[128], relative[192], path[512];
    models_runner_name(sim_core_name(s->chip.core), s->chip.runner_flash_base,
                       s->chip.runner_ram_base, s->variant, name, sizeof name);
    snprintf(relative, sizeof relative, "models/firmware/%s", name);
    assert_true(cc_data_path(relative, path, sizeof path));
    must(sim_elf_open(path, &s->elf, s->err), s->err);
}

static size_t total_bytes(const struct models_network *net, const int32_t *list, int32_t n)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < n; i++)
        bytes += (size_t)net->tensors[list[i]].bytes;
    return bytes;
}

static void put_inputs(struct cli_session *s, const struct random_values *v)
{
    uint8_t *to = s->input;
    for (int n = 0; n < INVOCATIONS; n++) {
        for (int32_t i = 0; i < s->net.n_inputs; i++) {
            size_t bytes = (size_t)s->net.tensors[s->net.inputs[i]].bytes;
            memcpy(to, v->tensor[s->net.inputs[i]], bytes);
            to += bytes;
        }
    }
}

/* What cli_session_open does for a network from a file. */
static void prepare(struct cli_session *s, const struct target *t, const struct random_values *v)
{
    int32_t scratch[8];
    assert_true(s->net.n_ops <= 8);
    s->variant = t->variant;
    must(sim_chip_load(t->mcu, &s->chip, &s->clock_hz, s->err), s->err);
    must(models_image_scratch(&s->net, s->variant, scratch, s->err), s->err);
    must(models_plan_make(&s->net, scratch, &s->plan, s->err), s->err);
    must(models_image_write(&s->net, &s->plan, s->variant, &s->image, s->err), s->err);
    open_runner(s);
    must(cli_place("random", &s->chip, &s->elf, &s->image, (uint32_t)s->plan.arena_bytes, &s->place,
                   s->err),
         s->err);
    s->bytes_in = total_bytes(&s->net, s->net.inputs, s->net.n_inputs);
    s->bytes_out = total_bytes(&s->net, s->net.outputs, s->net.n_outputs);
    s->invocations = INVOCATIONS;
    s->input_bytes = INVOCATIONS * s->bytes_in;
    s->input = malloc(s->input_bytes);
    s->output = malloc(INVOCATIONS * s->bytes_out);
    assert_true(s->input && s->output);
    put_inputs(s, v);
}

static void compare(const struct cli_session *s, const struct random_values *v,
                    const struct target *t, uint32_t seed)
{
    const int8_t *got = (const int8_t *)s->output;
    for (int n = 0; n < INVOCATIONS; n++) {
        for (int32_t i = 0; i < s->net.n_outputs; i++) {
            int32_t tensor = s->net.outputs[i];
            for (int32_t k = 0; k < s->net.tensors[tensor].bytes; k++, got++) {
                if (*got == v->tensor[tensor][k])
                    continue;
                random_network_print(&s->net);
                fail_msg("seed %u, %s kernels on %s, invocation %d: element %d of tensor %d is %d, "
                         "expected %d",
                         (unsigned)seed, models_variant_name(t->variant), t->mcu, n, (int)k,
                         (int)tensor, *got, v->tensor[tensor][k]);
            }
        }
    }
}

static void run_network(const struct target *t, uint32_t seed)
{
    struct cc_error err = {0};
    struct cli_run_options options = {.target = "random", .mcu = t->mcu};
    struct cli_session s = {.options = &options, .err = &err};
    struct random_values v;
    random_network(seed, &s.net);
    random_values(&s.net, seed, &v);
    prepare(&s, t, &v);
    if (cli_session_boot(&s) != CC_OK || cli_session_run(&s) != CC_OK)
        fail_msg("seed %u on %s: %s", (unsigned)seed, t->mcu, err.message);
    compare(&s, &v, t, seed);
    random_values_free(&s.net, &v);
    cli_session_close(&s);
}

static void random_networks(void **state)
{
    uint32_t n = random_setting("RANDOM_NETWORKS", 150), first = random_setting("RANDOM_SEED", 1);
    for (uint32_t seed = first; seed < first + n; seed++)
        run_network(*state, seed);
}

int main(void)
{
    enum { COUNT = sizeof targets / sizeof targets[0] };
    struct CMUnitTest tests[COUNT];
    char names[COUNT][64];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%s_%s", targets[i].mcu,
                 models_variant_name(targets[i].variant));
        tests[i] = (struct CMUnitTest){names[i], random_networks, NULL, NULL,
                                       (void *)(uintptr_t)&targets[i]};
    }
    return _cmocka_run_group_tests("random networks on emulated chips", tests, COUNT, NULL, NULL);
}
