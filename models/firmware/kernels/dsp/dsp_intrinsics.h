/* The DSP extension's instructions that the kernels use, and the same in plain C for hosts. Words
 * hold two int16 (low half first) or four int8. */
#ifndef DSP_INTRINSICS_H
#define DSP_INTRINSICS_H

#include <stdint.h>

/* Four bytes from any address. */
static inline uint32_t dsp_load(const void *p)
{
    uint32_t word;
    __builtin_memcpy(&word, p, 4);
    return word;
}

static inline void dsp_store(void *p, uint32_t word)
{
    __builtin_memcpy(p, &word, 4);
}

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_ARCH_ISA_THUMB) && !defined(__aarch64__)
#define DSP_ASM 1

static inline uint32_t dsp_sxtb16(uint32_t x)
{
    uint32_t r;
    __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(x));
    return r;
}

static inline uint32_t dsp_sxtb16_8(uint32_t x)
{
    uint32_t r;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x));
    return r;
}

static inline uint32_t dsp_sxtab16(uint32_t a, uint32_t x)
{
    uint32_t r;
    __asm__("sxtab16 %0, %1, %2" : "=r"(r) : "r"(a), "r"(x));
    return r;
}

static inline uint32_t dsp_sxtab16_8(uint32_t a, uint32_t x)
{
    uint32_t r;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(a), "r"(x));
    return r;
}

static inline int32_t dsp_smlad(uint32_t x, uint32_t y, int32_t a)
{
    int32_t r;
    __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(a));
    return r;
}

/* x's low half times y's high half. */
static inline int32_t dsp_smlabt(uint32_t x, uint32_t y, int32_t a)
{
    int32_t r;
    __asm__("smlabt %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(a));
    return r;
}

/* x's high half times y's low half. */
static inline int32_t dsp_smlatb(uint32_t x, uint32_t y, int32_t a)
{
    int32_t r;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(a));
    return r;
}

/* Upper 32 bits of the product, rounded: (x * y + 2^31) >> 32. */
static inline int32_t dsp_smmulr(int32_t x, int32_t y)
{
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(x), "r"(y));
    return r;
}

/* dsp_smmulr with a sum: a + ((x * y + 2^31) >> 32). */
static inline int32_t dsp_smmlar(int32_t x, int32_t y, int32_t a)
{
    int32_t r;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(a));
    return r;
}

static inline int32_t dsp_ssat8(int32_t x)
{
    int32_t r;
    __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(x) : "cc");
    return r;
}

/* Low half of x below low half of y. */
static inline uint32_t dsp_pack(uint32_t x, uint32_t y)
{
    uint32_t r;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(x), "r"(y));
    return r;
}

/* Both halves limited to the halves of low and high: two compare-and-select pairs. */
static inline uint32_t dsp_clamp16(uint32_t value, uint32_t low, uint32_t high)
{
    uint32_t r, unused;
    __asm__("ssub16 %1, %2, %3\n\t"
            "sel %0, %2, %3\n\t"
            "ssub16 %1, %0, %4\n\t"
            "sel %0, %4, %0"
            : "=&r"(r), "=&r"(unused)
            : "r"(value), "r"(low), "r"(high)
            : "cc");
    return r;
}

/* The same for four int8. */
static inline uint32_t dsp_clamp8(uint32_t value, uint32_t low, uint32_t high)
{
    uint32_t r, unused;
    __asm__("ssub8 %1, %2, %3\n\t"
            "sel %0, %2, %3\n\t"
            "ssub8 %1, %0, %4\n\t"
            "sel %0, %4, %0"
            : "=&r"(r), "=&r"(unused)
            : "r"(value), "r"(low), "r"(high)
            : "cc");
    return r;
}

#else
#define DSP_ASM 0

static inline int32_t dsp_low(uint32_t x)
{
    return (int16_t)(x & 0xffffu);
}

static inline int32_t dsp_high(uint32_t x)
{
    return (int16_t)(x >> 16);
}

static inline uint32_t dsp_pack(uint32_t x, uint32_t y)
{
    return (x & 0xffffu) | y << 16;
}

static inline uint32_t dsp_sxtb16(uint32_t x)
{
    int32_t low = (int8_t)(x & 0xffu), high = (int8_t)((x >> 16) & 0xffu);
    return dsp_pack((uint32_t)low, (uint32_t)high);
}

static inline uint32_t dsp_sxtb16_8(uint32_t x)
{
    return dsp_sxtb16(x >> 8);
}

static inline uint32_t dsp_sxtab16(uint32_t a, uint32_t x)
{
    uint32_t pair = dsp_sxtb16(x);
    return dsp_pack(a + pair, (a >> 16) + (pair >> 16));
}

static inline uint32_t dsp_sxtab16_8(uint32_t a, uint32_t x)
{
    return dsp_sxtab16(a, x >> 8);
}

/* Sums wrap, as in the hardware. */
static inline int32_t dsp_sum(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t dsp_smlad(uint32_t x, uint32_t y, int32_t a)
{
    return dsp_sum(dsp_sum(a, dsp_low(x) * dsp_low(y)), dsp_high(x) * dsp_high(y));
}

static inline int32_t dsp_smlabt(uint32_t x, uint32_t y, int32_t a)
{
    return dsp_sum(a, dsp_low(x) * dsp_high(y));
}

static inline int32_t dsp_smlatb(uint32_t x, uint32_t y, int32_t a)
{
    return dsp_sum(a, dsp_high(x) * dsp_low(y));
}

static inline int32_t dsp_smmulr(int32_t x, int32_t y)
{
    return (int32_t)(((int64_t)x * y + (INT64_C(1) << 31)) >> 32);
}

static inline int32_t dsp_smmlar(int32_t x, int32_t y, int32_t a)
{
    return dsp_sum(a, dsp_smmulr(x, y));
}

static inline int32_t dsp_ssat8(int32_t x)
{
    return x < -128 ? -128 : x > 127 ? 127 : x;
}

static inline int32_t dsp_limit(int32_t value, int32_t low, int32_t high)
{
    value = value < low ? low : value;
    return value > high ? high : value;
}

static inline uint32_t dsp_clamp16(uint32_t value, uint32_t low, uint32_t high)
{
    int32_t first = dsp_limit(dsp_low(value), dsp_low(low), dsp_low(high));
    int32_t second = dsp_limit(dsp_high(value), dsp_high(low), dsp_high(high));
    return dsp_pack((uint32_t)first, (uint32_t)second);
}

static inline uint32_t dsp_clamp8(uint32_t value, uint32_t low, uint32_t high)
{
    uint32_t result = 0;
    for (int i = 0; i < 32; i += 8) {
        int32_t byte = dsp_limit((int8_t)(value >> i), (int8_t)(low >> i), (int8_t)(high >> i));
        result |= (uint32_t)(uint8_t)byte << i;
    }
    return result;
}

#endif
#endif
