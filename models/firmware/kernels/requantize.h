/* Fixed-point primitives of int8 inference, as inline functions: straight-line code without
 * branches or divisions, so that the number of instructions does not depend on the data. */
#ifndef REQUANTIZE_H
#define REQUANTIZE_H

#include <stdint.h>

/* Upper half of the doubled 64-bit product, rounded (ties up), put together from four 16 x 16
 * products: for cores whose multiplier gives 32 bits only. */
static inline int32_t requant_high_mul_16(int32_t a, int32_t b)
{
    uint32_t a_low = (uint32_t)a & 0xffffu, b_low = (uint32_t)b & 0xffffu;
    int32_t a_high = a >> 16, b_high = b >> 16;
    /* In units of 2^16; both middle sums stay within 32 bits. */
    int32_t middle = a_high * (int32_t)b_low + (int32_t)((a_low * b_low) >> 16);
    int32_t rest = (int32_t)a_low * b_high + (middle & 0xffff) + (1 << 14);
    uint32_t high = (uint32_t)(a_high * b_high + (middle >> 16));
    return (int32_t)(2 * high + (uint32_t)(rest >> 15));
}

/* (a * b + 2^30) >> 31. Not for a = b = -2^31 (multipliers are never negative there). */
static inline int32_t requant_high_mul(int32_t a, int32_t b)
{
#if defined(__ARM_ARCH_6M__)
    return requant_high_mul_16(a, b);
#else
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
#endif
}

/* x / 2^exponent, nearest, ties away from zero; exponent 0..31. */
static inline int32_t requant_round_shift(int32_t x, int32_t exponent)
{
    uint32_t mask = (1u << exponent) - 1u;
    uint32_t rest = (uint32_t)x & mask;
    uint32_t threshold = (mask >> 1) + ((uint32_t)x >> 31);
    /* rest and threshold are below 2^31, so the difference's sign says which is larger. */
    return (x >> exponent) + (int32_t)((threshold - rest) >> 31);
}

/* x * multiplier / 2^31 * 2^shift, shift -31..31, rounded twice as the reference kernels do: the
 * product first, then the right shift. */
static inline int32_t requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t left = shift & ~(shift >> 31);
    int32_t right = left - shift;
    int32_t scaled = (int32_t)((uint32_t)x << left);
    return requant_round_shift(requant_high_mul(scaled, multiplier), right);
}

/* value limited to [low, high], limits within int8. On v6-M a comparison would become a branch;
 * the differences there cannot overflow while value keeps 256 away from the ends of int32. */
static inline int32_t requant_clamp(int32_t value, int32_t low, int32_t high)
{
#if defined(__ARM_ARCH_6M__)
    int32_t under = value - low;
    value -= under & (under >> 31);
    int32_t over = high - value;
    return value + (over & (over >> 31));
#else
    value = value < low ? low : value;
    return value > high ? high : value;
#endif
}

/* The same for any value. On v6-M a 256th is taken off first: nothing within int8, at least 1
 * beyond, and enough to keep away from the ends. */
static inline int32_t requant_clamp_any(int32_t value, int32_t low, int32_t high)
{
#if defined(__ARM_ARCH_6M__)
    value -= ((value >> 7) + 1) >> 1;
#endif
    return requant_clamp(value, low, high);
}

/* The larger of two values less than 2^31 apart. */
static inline int32_t requant_max(int32_t a, int32_t b)
{
    int32_t difference = a - b;
    return a - (difference & (difference >> 31));
}

/* Rounded average of n int8 values, n up to IMAGE_MAX_POOL_TAPS, ties away from zero, without a
 * division per element: the caller divides once per n. The estimate is exact or one too small
 * because (|sum| + n/2) / 2^24 < 1, so one comparison corrects it. */
static inline uint32_t average_reciprocal(uint32_t n)
{
    return (1u << 24) / n;
}

static inline int32_t average_round(int32_t sum, uint32_t n, uint32_t reciprocal)
{
    int32_t sign = sum >> 31;
    uint32_t magnitude = (uint32_t)((sum ^ sign) - sign) + n / 2;
    uint32_t quotient = (magnitude * reciprocal) >> 24;
    int32_t rest = (int32_t)(magnitude - quotient * n - n);
    int32_t average = (int32_t)quotient + 1 + (rest >> 31);
    return (average ^ sign) - sign;
}

#endif
