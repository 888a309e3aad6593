/* Random small networks of all operators and options, on all kernel variants, against the plain
 * implementation in kernels_oracle.c: every output when its operator has run, and all outputs of
 * the network again at the end, so that misplaced tensors show as well. Arenas start with garbage.
 *
 * RANDOM_NETWORKS sets how many, RANDOM_SEED the first one. */
#include "kernels_native.h"
#include "kernels_oracle.h"
#include "random_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void compare(const struct native_run *run, const struct random_values *v, int32_t tensor,
                    int32_t op, uint32_t seed)
{
    const struct models_tensor *t = &run->net->tensors[tensor];
    const int8_t *got = native_tensor(run, tensor);
    for (int32_t i = 0; i < t->elements; i++) {
        if (got[i] != v->tensor[tensor][i]) {
            random_network_print(run->net);
            fail_msg("seed %u, %s kernels, operator %d: element %d of tensor %d is %d, expected %d",
                     (unsigned)seed, models_variant_name(run->variant->variant), (int)op, (int)i,
                     (int)tensor, got[i], v->tensor[tensor][i]);
        }
    }
}

static void run_variant(const struct models_network *net, const struct native_variant *variant,
                        const struct random_values *v, uint32_t seed)
{
    struct native_run run;
    uint32_t garbage = seed * 2654435761u + 1;
    native_start(&run, net, variant);
    for (int32_t i = 0; i < run.plan.arena_bytes; i++)
        run.arena[i] = (int8_t)oracle_random(&garbage);
    for (int32_t i = 0; i < net->n_inputs; i++) {
        int32_t t = net->inputs[i];
        memcpy(native_tensor(&run, t), v->tensor[t], (size_t)net->tensors[t].bytes);
    }
    for (int32_t op = 0; op < net->n_ops; op++) {
        native_op(&run, op);
        compare(&run, v, net->ops[op].outputs[0], op, seed);
    }
    for (int32_t i = 0; i < net->n_outputs; i++)
        compare(&run, v, net->outputs[i], net->n_ops, seed);
    native_stop(&run);
}

static void random_networks(void **state)
{
    (void)state;
    uint32_t n = random_setting("RANDOM_NETWORKS", 1000), first = random_setting("RANDOM_SEED", 1);
    int seen[32] = {0};
    for (uint32_t seed = first; seed < first + n; seed++) {
        struct models_network net;
        struct random_values v;
        random_network(seed, &net);
        random_values(&net, seed, &v);
        for (int32_t op = 0; op < net.n_ops; op++)
            seen[net.ops[op].kind]++;
        for (size_t i = 0; i < native_variant_count; i++)
            run_variant(&net, &native_variants[i], &v, seed);
        random_values_free(&net, &v);
        models_network_free(&net);
    }
    print_message("%u networks\n", (unsigned)n);
    for (int kind = 0; n >= 1000 && kind < 32; kind++)
        assert_true(seen[kind] > 50 ||
                    strcmp(models_op_name((enum models_op_kind)kind), "UNKNOWN") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
