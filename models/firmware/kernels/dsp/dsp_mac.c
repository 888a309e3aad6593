/* The inner loops. That of four positions needs every register, so it is assembly, from the pair's
 * parameters to the stored outputs; beside it stands the same in C for the host. On Cortex-M4 it
 * takes 1.17 cycles per multiplication, stalls apart. */
#include "dsp_mac.h"

#include "dsp_intrinsics.h"

#include <stddef.h>

#if DSP_ASM
/* Registers of the inner loop: r0..r3 and r4..r7 the sums of channel a and b, r8 and r9 weights,
 * r10 and r11 inputs, r12 the stream, lr the inputs' address. That is all there are.
 *
 * One stream word at byte W against the four input pairs at byte X: 5 loads in two runs, 2 sign
 * extensions, 8 dual multiplications. */
#define STEP(W, X)                                                                                 \
    "ldr.w r8, [r12, #" #W "]\n\t"                                                                 \
    "ldr.w r10, [lr, #" #X "]\n\t"                                                                 \
    "ldr.w r11, [lr, #" #X " + 4]\n\t"                                                             \
    "sxtb16 r9, r8\n\t"                                                                            \
    "sxtb16 r8, r8, ror #8\n\t"                                                                    \
    "smlad r0, r9, r10, r0\n\t"                                                                    \
    "smlad r4, r8, r10, r4\n\t"                                                                    \
    "smlad r1, r9, r11, r1\n\t"                                                                    \
    "smlad r5, r8, r11, r5\n\t"                                                                    \
    "ldr.w r10, [lr, #" #X " + 8]\n\t"                                                             \
    "ldr.w r11, [lr, #" #X " + 12]\n\t"                                                            \
    "smlad r2, r9, r10, r2\n\t"                                                                    \
    "smlad r6, r8, r10, r6\n\t"                                                                    \
    "smlad r3, r9, r11, r3\n\t"                                                                    \
    "smlad r7, r8, r11, r7\n\t"

/* 8 inputs per round, entered at 2 for an odd group of 4; END: stack slot of the stream's end. */
#define MAC_LOOP(END)                                                                              \
    ".balign 4\n"                                                                                  \
    "1:\n\t" STEP(0, 0) STEP(4, 16) "2:\n\t" STEP(8, 32) STEP(12, 48) "ldr.w r10, [sp, #" #END     \
                                                                      "]\n\t"                      \
                                                                      "add.w r12, r12, #16\n\t"    \
                                                                      "add.w lr, lr, #64\n\t"      \
                                                                      "cmp.w r12, r10\n\t"         \
                                                                      "bne.w 1b\n\t"

/* Sum R to an int8 with r8 multiplier, r9 rounding, r10 exponent (dsp_narrow). */
#define NARROW(R)                                                                                  \
    "add.w r11, r9, " #R ", asr #31\n\t"                                                           \
    "lsl.w " #R ", " #R ", #1\n\t"                                                                 \
    "smmlar " #R ", " #R ", r8, r11\n\t"                                                           \
    "asr.w " #R ", " #R ", r10\n\t"                                                                \
    "ssat " #R ", #8, " #R "\n\t"

#define STORE(A, B)                                                                                \
    "strb.w " #A ", [r8]\n\t"                                                                      \
    "strb.w " #B ", [r8, #1]\n\t"                                                                  \
    "add.w r8, r8, r9\n\t"

/* The same with both limited to r10..r11 (dsp_clamp16). */
#define STORE_LIMITED(A, B)                                                                        \
    "pkhbt " #A ", " #A ", " #B ", lsl #16\n\t"                                                    \
    "ssub16 " #B ", " #A ", r10\n\t"                                                               \
    "sel " #A ", " #A ", r10\n\t"                                                                  \
    "ssub16 " #B ", " #A ", r11\n\t"                                                               \
    "sel " #A ", r11, " #A "\n\t"                                                                  \
    "lsr.w " #B ", " #A ", #16\n\t" STORE(A, B)

/* What the loop below reads and advances; offsets are used as numbers there. */
struct columns {
    const int8_t *stream; /* 0: struct dsp_pair of the next pair */
    int32_t pairs;        /* 4: left */
    int8_t *out;          /* 8: first position of the next pair */
    const int16_t *x;     /* 12 */
    int32_t tiles;        /* 16 */
    int32_t stream_bytes; /* 20: weights of a pair */
    int32_t stride;       /* 24 */
    int32_t odd_offset;   /* 28 */
    int32_t full_range;   /* 32 */
    uint32_t low, high;   /* 36, 40 */
    int32_t half;         /* 44: 8 if the number of groups of 4 inputs is odd, else 0 */
    int8_t *stage;        /* 48: stream_bytes of RAM to copy a pair's weights to, or NULL */
};
_Static_assert(offsetof(struct columns, stage) == 48, "offsets in columns_loop");
_Static_assert(offsetof(struct dsp_pair, shift) == 16 && sizeof(struct dsp_pair) == 24,
               "a pair is read as five words in columns_loop");

/* Stack: 0 c, 4 end of the weights, 8 tiles left, 12 x, 16 out, 20 and 24 biases, 28 multiplier,
 * rounding and exponent of a, 40 of b, 52 start of the weights, 56 half. */
__attribute__((naked, noinline)) static void columns_loop(struct columns *c __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, sp, #60\n\t"
        "str r0, [sp, #0]\n\t"
        "ldr r1, [r0, #44]\n\t"
        "str r1, [sp, #56]\n"
        "3:\n\t" /* next pair */
        "ldr.w r8, [sp, #0]\n\t"
        "ldr.w r12, [r8, #0]\n\t"
        "ldr.w r9, [r8, #28]\n\t"
        "ldm r12, {r0-r4}\n\t"
        "sxth r5, r4\n\t"
        "asr.w r6, r4, #16\n\t"
        "sub.w r7, r5, #1\n\t"
        "sub.w r10, r6, #1\n\t"
        "lsl.w r7, r9, r7\n\t"
        "lsl.w r10, r9, r10\n\t"
        "strd r0, r1, [sp, #20]\n\t"
        "str r2, [sp, #28]\n\t"
        "str r7, [sp, #32]\n\t"
        "str r5, [sp, #36]\n\t"
        "str r3, [sp, #40]\n\t"
        "str.w r10, [sp, #44]\n\t"
        "str r6, [sp, #48]\n\t"
        "add.w r12, r12, #24\n\t"
        "ldr.w r0, [r8, #20]\n\t"
        "ldr.w r1, [r8, #16]\n\t"
        "ldr.w r2, [r8, #12]\n\t"
        "ldr.w r3, [r8, #8]\n\t"
        "ldr.w r4, [r8, #44]\n\t"
        "ldr.w r5, [r8, #48]\n\t"
        "add.w r7, r0, r12\n\t"
        "sub.w r2, r2, r4, lsl #2\n\t"
        "str.w r7, [r8, #0]\n\t"
        "str r1, [sp, #8]\n\t"
        "str r2, [sp, #12]\n\t"
        "str r3, [sp, #16]\n\t"
        "cmp r5, #0\n\t"
        "beq 8f\n\t"
        "mov r6, r5\n\t" /* copies the weights r12..r7 to r5 */
        "cmp r4, #0\n\t"
        "beq 7f\n\t"
        "ldrd r9, r10, [r12], #8\n\t"
        "strd r9, r10, [r5], #8\n\t"
        "cmp r12, r7\n\t"
        "beq 9f\n"
        "7:\n\t"
        "ldm r12!, {r1, r2, r9, r10}\n\t"
        "stm r5!, {r1, r2, r9, r10}\n\t"
        "cmp r12, r7\n\t"
        "bne 7b\n"
        "9:\n\t"
        "mov r12, r6\n\t"
        "add r7, r6, r0\n"
        "8:\n\t"
        "sub.w r12, r12, r4\n\t"
        "str r7, [sp, #4]\n\t"
        "str.w r12, [sp, #52]\n"
        "4:\n\t" /* next tile */
        "ldr.w r8, [sp, #56]\n\t"
        "ldr.w r0, [sp, #20]\n\t"
        "ldr.w r4, [sp, #24]\n\t"
        "ldr.w lr, [sp, #12]\n\t"
        "ldr.w r12, [sp, #52]\n\t"
        "mov r1, r0\n\t"
        "mov r2, r0\n\t"
        "mov r3, r0\n\t"
        "mov r5, r4\n\t"
        "mov r6, r4\n\t"
        "mov r7, r4\n\t"
        "cmp.w r8, #0\n\t"
        "bne.w 2f\n\t" MAC_LOOP(
            4) "ldr.w r11, [sp, #56]\n\t"
               "ldr.w r8, [sp, #28]\n\t"
               "ldr.w r9, [sp, #32]\n\t"
               "ldr.w r10, [sp, #36]\n\t"
               "sub.w lr, lr, r11, lsl #2\n\t"
               "str.w lr, [sp, #12]\n\t" NARROW(r0) NARROW(r1) NARROW(r2) NARROW(
                   r3) "ldr.w r8, [sp, #40]\n\t"
                       "ldr.w r9, [sp, #44]\n\t"
                       "ldr.w r10, [sp, #48]\n\t"
                       "ldr.w r12, [sp, #0]\n\t" NARROW(r4) NARROW(r5) NARROW(r6) NARROW(
                           r7) "ldr.w r8, [sp, #16]\n\t"
                               "ldr.w r9, [r12, #24]\n\t"
                               "ldr.w r10, [r12, #32]\n\t"
                               "ldr.w lr, [sp, #8]\n\t"
                               "cmp.w r10, #0\n\t"
                               "beq.w 5f\n\t" STORE(r0, r4) STORE(r1, r5) STORE(r2, r6)
                                   STORE(r3, r7) "6:\n\t"
                                                 "subs.w lr, lr, #1\n\t"
                                                 "str.w r8, [sp, #16]\n\t"
                                                 "str.w lr, [sp, #8]\n\t"
                                                 "bne.w 4b\n\t"
                                                 "ldr.w r0, [r12, #4]\n\t"
                                                 "ldr.w r1, [r12, #8]\n\t"
                                                 "subs.w r0, r0, #1\n\t"
                                                 "add.w r1, r1, #2\n\t"
                                                 "str.w r0, [r12, #4]\n\t"
                                                 "str.w r1, [r12, #8]\n\t"
                                                 "bne.w 3b\n\t"
                                                 "add sp, sp, #60\n\t"
                                                 "pop {r4-r11, pc}\n"
                                                 "5:\n\t"
                                                 "ldr.w r10, [r12, #36]\n\t"
                                                 "ldr.w r11, [r12, #40]\n\t" STORE_LIMITED(r0, r4)
                                                     STORE_LIMITED(r1, r5) STORE_LIMITED(r2, r6)
                                                         STORE_LIMITED(r3, r7) "b.w 6b\n\t");
}

void dsp_columns_4(const int8_t *stream, const struct dsp_tiles *tiles, int32_t pairs,
                   const struct dsp_output *o, int8_t *out)
{
    struct columns c = {.stream = stream,
                        .pairs = pairs,
                        .out = out,
                        .x = tiles->x,
                        .tiles = tiles->n,
                        .stream_bytes = 2 * tiles->taps,
                        .stride = o->stride,
                        .odd_offset = o->odd_offset,
                        .full_range = (o->flags & DSP_FULL_RANGE) != 0,
                        .low = o->low,
                        .high = o->high,
                        .half = 2 * (tiles->taps & 4),
                        .stage = tiles->stage};
    if (pairs > 0 && tiles->n > 0) {
        columns_loop(&c);
    }
}

/* Stack: 0 acc, 4 end of the weights. Arguments: weights, x, taps, bias, acc on the stack. */
__attribute__((naked)) void dsp_mac_4x2(const int8_t *weights __attribute__((unused)),
                                        const int16_t *x __attribute__((unused)),
                                        int32_t taps __attribute__((unused)),
                                        const int32_t bias[2] __attribute__((unused)),
                                        int32_t acc[8] __attribute__((unused)))
{
    __asm__ volatile("push {r4-r11, lr}\n\t"
                     "sub sp, sp, #12\n\t"
                     "ldr r4, [sp, #48]\n\t"
                     "str r4, [sp, #0]\n\t"
                     "add.w r5, r0, r2, lsl #1\n\t"
                     "str r5, [sp, #4]\n\t"
                     "and.w r6, r2, #4\n\t"
                     "sub.w r12, r0, r6, lsl #1\n\t"
                     "sub.w lr, r1, r6, lsl #3\n\t"
                     "mov r8, r6\n\t"
                     "ldr r0, [r3, #0]\n\t"
                     "ldr r4, [r3, #4]\n\t"
                     "mov r1, r0\n\t"
                     "mov r2, r0\n\t"
                     "mov r3, r0\n\t"
                     "mov r5, r4\n\t"
                     "mov r6, r4\n\t"
                     "mov r7, r4\n\t"
                     "cmp.w r8, #0\n\t"
                     "bne.w 2f\n\t" MAC_LOOP(4) "ldr.w r8, [sp, #0]\n\t"
                                                "stm r8, {r0-r7}\n\t"
                                                "add sp, sp, #12\n\t"
                                                "pop {r4-r11, pc}\n\t");
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

void dsp_columns_4(const int8_t *stream, const struct dsp_tiles *tiles, int32_t pairs,
                   const struct dsp_output *o, int8_t *out)
{
    for (; pairs > 0; pairs--, stream += 2 * tiles->taps, out += 2) {
        const struct dsp_pair *pair = (const void *)stream;
        stream += sizeof *pair;
        for (int32_t i = 0; i < tiles->n; i++) {
            int32_t acc[8];
            int8_t *to = out + 4 * i * o->stride;
            dsp_mac_4x2(stream, tiles->x + 4 * i * tiles->taps, tiles->taps, pair->bias, acc);
            dsp_write_outputs(acc, 4, pair->multiplier[0], pair->shift[0], o, to);
            dsp_write_outputs(acc + 4, 4, pair->multiplier[1], pair->shift[1], o, to + 1);
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

/* Four inputs, given as bytes (their two sign extensions), against 8 bytes of a stream. */
static inline void step_1x2(const int8_t *weights, uint32_t even, uint32_t odd, int32_t *a,
                            int32_t *b)
{
    uint32_t w = dsp_load(weights), w2 = dsp_load(weights + 4);
    *a = dsp_smlad(dsp_sxtb16(w), even, *a);
    *b = dsp_smlad(dsp_sxtb16_8(w), even, *b);
    *a = dsp_smlad(dsp_sxtb16(w2), odd, *a);
    *b = dsp_smlad(dsp_sxtb16_8(w2), odd, *b);
}

/* taps & 3 bytes, zeros above them. */
static inline uint32_t load_rest(const int8_t *x, int32_t taps)
{
    uint32_t word = (uint8_t)x[0];
    for (int32_t i = 1; i < (taps & 3); i++) {
        word |= (uint32_t)(uint8_t)x[i] << (8 * i);
    }
    return word;
}

/* One position's sums of two pairs of channels whose streams lie `next` bytes apart (0: the same
 * pair twice). */
struct sums_1x4 {
    int32_t a, b, c, d;
};

static inline struct sums_1x4 mac_1x4(const int8_t *stream, int32_t next, const int8_t *x,
                                      int32_t taps)
{
    const struct dsp_pair *first = (const void *)stream, *second = (const void *)(stream + next);
    int32_t a = first->bias[0], b = first->bias[1], c = second->bias[0], d = second->bias[1];
    const int8_t *weights = stream + sizeof *first;
    const int8_t *end = x + (taps & ~3);

    for (; x != end; weights += 8, x += 4) {
        uint32_t word = dsp_load(x);
        uint32_t even = dsp_sxtb16(word), odd = dsp_sxtb16_8(word);
        step_1x2(weights, even, odd, &a, &b);
        step_1x2(weights + next, even, odd, &c, &d);
    }
    if (taps & 3) {
        uint32_t word = load_rest(x, taps);
        uint32_t even = dsp_sxtb16(word), odd = dsp_sxtb16_8(word);
        step_1x2(weights, even, odd, &a, &b);
        step_1x2(weights + next, even, odd, &c, &d);
    }
    return (struct sums_1x4){a, b, c, d};
}

static void put(int32_t acc, const struct dsp_pair *pair, int32_t i, const struct dsp_output *o,
                int8_t *out)
{
    int32_t multiplier = pair->multiplier[i], shift = pair->shift[i];
    if (o->flags & DSP_NARROW) {
        int32_t value = dsp_narrow(acc, multiplier, dsp_rounding(o, shift), shift);
        *out = (int8_t)dsp_clamp16((uint32_t)value, o->low, o->high);
    } else {
        dsp_write_outputs(&acc, 1, multiplier, shift, o, out);
    }
}

void dsp_columns_1(const int8_t *stream, const int8_t *x, int32_t taps, int32_t channels,
                   const struct dsp_output *o, int8_t *out)
{
    int32_t pair_bytes = (int32_t)sizeof(struct dsp_pair) + 2 * ((taps + 3) & ~3);
    for (; channels > 0; channels -= 4, stream += 2 * pair_bytes, out += 4) {
        int32_t next = channels > 2 ? pair_bytes : 0;
        const struct dsp_pair *pair = (const void *)stream;
        struct sums_1x4 s = mac_1x4(stream, next, x, taps);
        put(s.a, pair, 0, o, out);
        if (channels > 1) {
            put(s.b, pair, 1, o, out + 1);
        }
        pair = (const void *)(stream + next);
        if (channels > 2) {
            put(s.c, pair, 0, o, out + 2);
        }
        if (channels > 3) {
            put(s.d, pair, 1, o, out + 3);
        }
    }
}
