/* The inner loop of CONV_2D and FULLY_CONNECTED, and the copies that feed it. */
#include "requantize.h"
#include "scalar.h"
#include "scalar_layout.h"

void scalar_copy_unsigned(uint8_t *to, const int8_t *from, int32_t bytes)
{
    if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
        for (; bytes >= 4; bytes -= 4, to += 4, from += 4) {
            *(uint32_t *)(void *)to = *(const uint32_t *)(const void *)from ^ 0x80808080u;
        }
    }
    for (; bytes > 0; bytes--) {
        *to++ = (uint8_t)(*from++ ^ 0x80);
    }
}

void scalar_fill(uint8_t *to, uint8_t value, int32_t bytes)
{
    if (((uintptr_t)to & 3u) == 0) {
        uint32_t word = value * 0x01010101u;
        for (; bytes >= 4; bytes -= 4, to += 4) {
            *(uint32_t *)(void *)to = word;
        }
    }
    for (; bytes > 0; bytes--) {
        *to++ = value;
    }
}

/* Signed bytes to unsigned ones in place, x + 128, or back. */
static void flip_signs(uint8_t *bytes, int32_t n)
{
    scalar_copy_unsigned(bytes, (const int8_t *)bytes, n);
}

/* Sum of a window, as far as possible 4 bytes at a time. */
static uint32_t sum_bytes(const uint8_t *from, int32_t bytes)
{
    const uint32_t *word = (const void *)from;
    uint32_t sum = 0;
    for (; bytes > 0 && (((uintptr_t)from | (uint32_t)bytes) & 3u); bytes--) {
        sum += from[bytes - 1];
    }
    while (bytes > 0) {
        /* 128 words of 4 bytes stay below 2^16 in each half */
        uint32_t halves = 0;
        int32_t chunk = bytes < 512 ? bytes : 512;
        for (bytes -= chunk; chunk > 0; chunk -= 4, word++) {
            halves += (*word & 0xff00ffu) + ((*word >> 8) & 0xff00ffu);
        }
        sum += (halves & 0xffffu) + (halves >> 16);
    }
    return sum;
}

/* Adds the products of a window with 4 channels to sums[4]. 4 sums, one input, one weight and two
 * pointers are all that v6-M can use freely; not inlined, so that nothing else wants registers. */
static __attribute__((noinline)) void accumulate_block(const uint8_t *window, const uint8_t *end,
                                                       const uint8_t *weights, uint32_t *sums)
{
    uint32_t sum0 = sums[0], sum1 = sums[1], sum2 = sums[2], sum3 = sums[3];
    do {
        uint32_t input = window[0];
        sum0 += weights[0] * input;
        sum1 += weights[1] * input;
        sum2 += weights[2] * input;
        sum3 += weights[3] * input;
        input = window[1];
        sum0 += weights[4] * input;
        sum1 += weights[5] * input;
        sum2 += weights[6] * input;
        sum3 += weights[7] * input;
        input = window[2];
        sum0 += weights[8] * input;
        sum1 += weights[9] * input;
        sum2 += weights[10] * input;
        sum3 += weights[11] * input;
        input = window[3];
        sum0 += weights[12] * input;
        sum1 += weights[13] * input;
        sum2 += weights[14] * input;
        sum3 += weights[15] * input;
        window += 4;
        weights += 16;
    } while (window != end);
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
}

/* The same for the last 1 to 3 inputs of a window. */
static __attribute__((noinline)) void accumulate_rest(const uint8_t *window, const uint8_t *end,
                                                      const uint8_t *weights, uint32_t *sums)
{
    for (; window != end; window++) {
        for (int32_t i = 0; i < SCALAR_BLOCK; i++) {
            sums[i] += *window * *weights++;
        }
    }
}

void scalar_window(const struct kernel_args *args, const uint8_t *window, int32_t n, int8_t *output)
{
    const struct image_op *op = args->op;
    const uint8_t *weights = (const uint8_t *)args->weights;
    const uint8_t *end = window + (n & ~3), *last = window + n;
    int32_t block_bytes = SCALAR_BLOCK * scalar_window_bytes(op);
    uint32_t common = sum_bytes(window, n) << 7;

    for (int32_t c = 0; c < op->out_c; c += SCALAR_BLOCK, weights += block_bytes) {
        uint32_t sums[SCALAR_BLOCK];
        for (int32_t i = 0; i < SCALAR_BLOCK; i++) {
            sums[i] = (uint32_t)args->bias[c + i] - common;
        }
        if (end != window) {
            accumulate_block(window, end, weights, sums);
        }
        if (end != last) {
            accumulate_rest(end, last, weights + SCALAR_BLOCK * (end - window), sums);
        }
        int32_t channels = op->out_c - c < SCALAR_BLOCK ? op->out_c - c : SCALAR_BLOCK;
        for (int32_t i = 0; i < channels; i++) {
            int32_t value =
                requantize((int32_t)sums[i], args->multiplier[c + i], args->shift[c + i]);
            value += op->output_offset;
            *output++ = (int8_t)requant_clamp(value, op->act_min, op->act_max);
        }
    }
}

void scalar_fully_connected(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    uint8_t *input = (uint8_t *)(uintptr_t)args->input; /* in the arena: may be written */
    int32_t bytes = op->batches * op->in_c;

    flip_signs(input, bytes);
    for (int32_t b = 0; b < op->batches; b++) {
        scalar_window(args, input + b * op->in_c, op->in_c, args->output + b * op->out_c);
    }
    flip_signs(input, bytes);
}
