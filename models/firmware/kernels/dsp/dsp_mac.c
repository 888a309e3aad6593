#include "dsp_mac.h"

#include "dsp_intrinsics.h"

#if DSP_ASM
/* One stream word at byte W against the four input pairs at byte X: 5 loads in two runs, 2 sign
 * extensions, 8 dual multiplications. */
#define STEP(W, X)                                                                                 \
    "ldr.w %[w], [%[weights], #" #W "]\n\t"                                                        \
    "ldr.w %[x0], [%[x], #" #X "]\n\t"                                                             \
    "ldr.w %[x1], [%[x], #" #X " + 4]\n\t"                                                         \
    "sxtb16 %[even], %[w]\n\t"                                                                     \
    "sxtb16 %[w], %[w], ror #8\n\t"                                                                \
    "smlad %[a0], %[even], %[x0], %[a0]\n\t"                                                       \
    "smlad %[b0], %[w], %[x0], %[b0]\n\t"                                                          \
    "smlad %[a1], %[even], %[x1], %[a1]\n\t"                                                       \
    "smlad %[b1], %[w], %[x1], %[b1]\n\t"                                                          \
    "ldr.w %[x0], [%[x], #" #X " + 8]\n\t"                                                         \
    "ldr.w %[x1], [%[x], #" #X " + 12]\n\t"                                                        \
    "smlad %[a2], %[even], %[x0], %[a2]\n\t"                                                       \
    "smlad %[b2], %[w], %[x0], %[b2]\n\t"                                                          \
    "smlad %[a3], %[even], %[x1], %[a3]\n\t"                                                       \
    "smlad %[b3], %[w], %[x1], %[b3]\n\t"

void dsp_mac_4x2(const int8_t *weights, const int16_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[8])
{
    int32_t a0 = bias[0], a1 = a0, a2 = a0, a3 = a0;
    int32_t b0 = bias[1], b1 = b0, b2 = b0, b3 = b0;
    const int8_t *end = weights + 2 * taps;
    uint32_t w, even, x0 = (uint32_t)taps & 4u, x1;

    /* The loop takes 8 inputs; an odd group of 4 enters it in the middle. All 14 registers are
     * taken, so the end lies in memory. */
    weights -= 2 * x0;
    x -= 4 * x0;
    __asm__ volatile(
        "cmp %[x0], #0\n\t"
        "bne.w 2f\n\t"
        ".balign 4\n"
        "1:\n\t" STEP(0, 0) STEP(4, 16) "2:\n\t" STEP(8, 32)
            STEP(12, 48) "ldr.w %[x0], %[end]\n\t"
                         "add.w %[weights], %[weights], #16\n\t"
                         "add.w %[x], %[x], #64\n\t"
                         "cmp %[weights], %[x0]\n\t"
                         "bne.w 1b\n\t"
        : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [b0] "+r"(b0), [b1] "+r"(b1),
          [b2] "+r"(b2), [b3] "+r"(b3), [w] "=&r"(w), [even] "=&r"(even), [x0] "+r"(x0),
          [x1] "=&r"(x1), [weights] "+r"(weights), [x] "+r"(x)
        : [end] "m"(end)
        : "cc", "memory");
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
    acc[4] = b0;
    acc[5] = b1;
    acc[6] = b2;
    acc[7] = b3;
}
#else
void dsp_mac_4x2(const int8_t *weights, const int16_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[8])
{
    for (int32_t i = 0; i < 8; i++) {
        acc[i] = bias[i >> 2];
    }
    for (; taps > 0; taps -= 2, weights += 4, x += 8) {
        uint32_t w = dsp_load(weights);
        for (int32_t i = 0; i < 4; i++) {
            uint32_t pair = dsp_load(x + 2 * i);
            acc[i] = dsp_smlad(dsp_sxtb16(w), pair, acc[i]);
            acc[4 + i] = dsp_smlad(dsp_sxtb16_8(w), pair, acc[4 + i]);
        }
    }
}
#endif

void dsp_mac_2x2(const int8_t *weights, const int16_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[4])
{
    int32_t a0 = bias[0], a1 = a0, b0 = bias[1], b1 = b0;

    for (; taps > 0; taps -= 4, weights += 8, x += 8) {
        uint32_t w = dsp_load(weights), w2 = dsp_load(weights + 4);
        uint32_t x0 = dsp_load(x), x1 = dsp_load(x + 2);
        uint32_t even = dsp_sxtb16(w), odd = dsp_sxtb16_8(w);
        a0 = dsp_smlad(even, x0, a0);
        b0 = dsp_smlad(odd, x0, b0);
        a1 = dsp_smlad(even, x1, a1);
        b1 = dsp_smlad(odd, x1, b1);
        x0 = dsp_load(x + 4);
        x1 = dsp_load(x + 6);
        even = dsp_sxtb16(w2);
        odd = dsp_sxtb16_8(w2);
        a0 = dsp_smlad(even, x0, a0);
        b0 = dsp_smlad(odd, x0, b0);
        a1 = dsp_smlad(even, x1, a1);
        b1 = dsp_smlad(odd, x1, b1);
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = b0;
    acc[3] = b1;
}

/* Four inputs, given as bytes, against 8 bytes of the stream. */
#define STEP_1X2(word)                                                                             \
    do {                                                                                           \
        uint32_t w = dsp_load(weights), w2 = dsp_load(weights + 4);                                \
        uint32_t even = dsp_sxtb16(word), odd = dsp_sxtb16_8(word);                                \
        a = dsp_smlad(dsp_sxtb16(w), even, a);                                                     \
        b = dsp_smlad(dsp_sxtb16_8(w), even, b);                                                   \
        a = dsp_smlad(dsp_sxtb16(w2), odd, a);                                                     \
        b = dsp_smlad(dsp_sxtb16_8(w2), odd, b);                                                   \
    } while (0)

void dsp_mac_1x2(const int8_t *weights, const int8_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[2])
{
    int32_t a = bias[0], b = bias[1];

    for (; taps >= 4; taps -= 4, weights += 8, x += 4) {
        uint32_t word = dsp_load(x);
        STEP_1X2(word);
    }
    if (taps) {
        uint32_t word = 0;
        for (int32_t i = 0; i < taps; i++) {
            word |= (uint32_t)(uint8_t)x[i] << (8 * i);
        }
        STEP_1X2(word);
    }
    acc[0] = a;
    acc[1] = b;
}
