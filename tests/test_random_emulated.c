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

/* Takes net over. */
static void run_network(const struct target *t, struct models_network *net, uint32_t seed)
{
    struct cc_error err = {0};
    struct cli_run_options options = {.target = "random", .mcu = t->mcu};
    struct cli_session s = {.options = &options, .err = &err, .net = *net};
    struct random_values v;
    struct sim_profile profile;
    random_values(&s.net, seed, &v);
    prepare(&s, t, &v);
    if (cli_session_boot(&s) != CC_OK || cli_session_run(&s) != CC_OK)
        fail_msg("seed %u on %s: %s", (unsigned)seed, t->mcu, err.message);
    compare(&s, &v, t, seed);
    must(sim_machine_profile(s.machine, s.invocations, &profile, &err), &err);
    assert_in_range(profile.stack_bytes, 1, CLI_STACK_RESERVE_BYTES);
    sim_profile_free(&profile);
    random_values_free(&s.net, &v);
    cli_session_close(&s);
}

static void random_networks(void **state)
{
    uint32_t n = random_setting("RANDOM_NETWORKS", 150), first = random_setting("RANDOM_SEED", 1);
    for (uint32_t seed = first; seed < first + n; seed++) {
        struct models_network net;
        random_network(seed, &net);
        run_network(*state, &net, seed);
    }
}

/* Sums at both ends of int32 that a factor just below 1 leaves there: limits and zero points must
 * not carry them over the end. */
static void run_saturated(const struct target *t, enum models_op_kind kind)
{
    static const int32_t biases[] = {INT32_MAX, INT32_MAX - 300, 1 << 30,
                                     1000,      INT32_MIN + 300, INT32_MIN};
    const struct oracle_case c = {.name = "saturated",
                                  .kind = kind,
                                  .batches = 1,
                                  .in_h = 1,
                                  .in_w = 1,
                                  .in_c = 6,
                                  .filter_h = 1,
                                  .filter_w = 1,
                                  .out_c = 6,
                                  .per_tensor = 1};
    struct models_network net;
    oracle_network(&c, 3, &net);
    net.tensors[0].scale[0] = net.tensors[1].scale[0] = 1.0f;
    net.tensors[1].zero_point[0] = 100;
    net.tensors[2].scale[0] = 0x1.fffffep-1f;
    memset((uint8_t *)net.storage, 0, (size_t)net.tensors[2].bytes);
    assert_ptr_equal(net.tensors[2].data, net.storage);
    memcpy((uint8_t *)net.storage + (net.tensors[3].data - net.tensors[2].data), biases,
           sizeof biases);
    run_network(t, &net, 1);
}

static void saturated_sums(void **state)
{
    run_saturated(*state, MODELS_FULLY_CONNECTED);
    run_saturated(*state, MODELS_CONV_2D);
    run_saturated(*state, MODELS_DEPTHWISE_CONV_2D);
}

int main(void)
{
    enum { COUNT = sizeof targets / sizeof targets[0] };
    struct CMUnitTest tests[2 * COUNT];
    char names[2 * COUNT][64];
    for (size_t i = 0; i < 2 * COUNT; i++) {
        const struct target *t = &targets[i / 2];
        snprintf(names[i], sizeof names[i], "%s_%s_%s", i % 2 ? "random" : "saturated", t->mcu,
                 models_variant_name(t->variant));
        tests[i] = (struct CMUnitTest){names[i], i % 2 ? random_networks : saturated_sums, NULL,
                                       NULL, (void *)(uintptr_t)t};
    }
    return _cmocka_run_group_tests("random networks on emulated chips", tests, 2 * COUNT, NULL,
                                   NULL);
}
