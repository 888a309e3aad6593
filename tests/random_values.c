#include "random_values.h"

#include "kernels_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void compute(const struct models_network *net, int32_t op, struct random_values *v)
{
    struct models_network one = *net;
    const struct models_op *o = &net->ops[op];
    int8_t *out = v->tensor[o->outputs[0]];
    const int8_t *in = v->tensor[o->inputs[0]];
    const int8_t *in2 = o->kind == MODELS_ADD ? v->tensor[o->inputs[1]] : NULL;
    one.ops = &net->ops[op];
    one.n_ops = 1;
    if (o->kind == MODELS_RESHAPE) {
        memcpy(out, in, (size_t)net->tensors[o->outputs[0]].bytes);
        return;
    }
    for (int32_t i = 0; i < net->tensors[o->outputs[0]].elements; i++)
        out[i] = oracle_element(&one, in, in2, i);
}

void random_values(const struct models_network *net, uint32_t seed, struct random_values *v)
{
    uint32_t state = seed * 2246822519u | 1;
    memset(v, 0, sizeof *v);
    for (int32_t i = 0; i < net->n_tensors; i++) {
        const struct models_tensor *t = &net->tensors[i];
        v->tensor[i] = malloc((size_t)t->bytes);
        assert_non_null(v->tensor[i]);
        if (t->data)
            memcpy(v->tensor[i], t->data, (size_t)t->bytes);
    }
    for (int32_t i = 0; i < net->n_inputs; i++) {
        int32_t t = net->inputs[i];
        for (int32_t k = 0; k < net->tensors[t].bytes; k++)
            v->tensor[t][k] = (int8_t)oracle_random(&state);
    }
    for (int32_t op = 0; op < net->n_ops; op++)
        compute(net, op, v);
}

void random_values_free(const struct models_network *net, struct random_values *v)
{
    for (int32_t i = 0; i < net->n_tensors; i++)
        free(v->tensor[i]);
}

uint32_t random_setting(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);
    return text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}
