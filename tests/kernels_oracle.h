/* A second, plain implementation of the operators for tests: 64-bit integers, one element at a
 * time, computed from the network itself rather than from a program image. Also builds small
 * networks by hand. */
#ifndef KERNELS_ORACLE_H
#define KERNELS_ORACLE_H

#include "models_network.h"

/* The rounding primitives, written as sign-dependent divisions. */
int32_t oracle_high_mul(int32_t a, int32_t b);
int32_t oracle_round_shift(int32_t x, int32_t exponent);
int32_t oracle_requantize(int32_t x, double factor);

/* Output element number i of a one-operator network's operator, given all input bytes. CONV_2D,
 * DEPTHWISE_CONV_2D, FULLY_CONNECTED, AVERAGE_POOL_2D, ADD, SOFTMAX. */
int8_t oracle_element(const struct models_network *net, const int8_t *input, const int8_t *input2,
                      int32_t i);

/* What a hand-built network with one operator looks like; unused members stay 0. */
struct oracle_case {
    const char *name;
    enum models_op_kind kind;
    int32_t batches, in_h, in_w, in_c;
    int32_t filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w;
    int same; /* padding SAME, else VALID */
    int32_t out_c;
    int32_t groups, depth_multiplier;
    int no_bias, per_tensor; /* one weight scale */
    int constant_input;      /* ADD: 1 = first, 2 = second input constant */
    enum models_activation activation;
};

/* Random weights, scales and zero points from seed. Free with models_network_free. */
void oracle_network(const struct oracle_case *c, uint32_t seed, struct models_network *net);

uint32_t oracle_random(uint32_t *state);

#endif
