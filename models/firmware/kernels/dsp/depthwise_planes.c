#include "depthwise_planes.h"

#include "dsp_intrinsics.h"

/* ---- any filter ---- */

/* A pair of taps from any address; with dilation the two lie apart. */
static inline uint32_t pair_of_taps(const int16_t *x, int32_t dilation)
{
    if (dilation == 1) {
        return dsp_load(x);
    }
    return dsp_pack((uint16_t)x[0], (uint16_t)x[dilation]);
}

static inline void filter_row(const struct plane_run *run, const int16_t *plane, int32_t dilation,
                              int32_t *acc)
{
    const struct image_op *op = run->op;
    int32_t pairs = (op->filter_w + 1) / 2, step = op->stride_w;
    int32_t next_row = op->dilation_h * run->pitch;

    for (int32_t n = run->n; n > 0; n -= 2, plane += 2 * step) {
        const uint32_t *w = run->weights;
        const int16_t *row = plane;
        int32_t second = n > 1 ? step : 0; /* the last of an odd number is done twice */
        int32_t a = run->bias, b = a;
        for (int32_t ky = 0; ky < op->filter_h; ky++, row += next_row) {
            const int16_t *x = row;
            for (int32_t j = 0; j < pairs; j++, x += 2 * dilation) {
                a = dsp_smlad(pair_of_taps(x, dilation), *w, a);
                b = dsp_smlad(pair_of_taps(x + second, dilation), *w++, b);
            }
        }
        *acc++ = a;
        if (n > 1) {
            *acc++ = b;
        }
    }
}

static void filter_any(const struct plane_run *run, const int16_t *plane, int32_t *acc)
{
    for (int32_t y = 0; y < run->rows; y++, acc += run->n) {
        filter_row(run, plane, 1, acc);
        plane += run->op->stride_h * run->pitch;
    }
}

static void filter_dilated(const struct plane_run *run, const int16_t *plane, int32_t *acc)
{
    for (int32_t y = 0; y < run->rows; y++, acc += run->n) {
        filter_row(run, plane, run->op->dilation_w, acc);
        plane += run->op->stride_h * run->pitch;
    }
}

/* ---- 3 x 3 ---- */

/* Weights of the three rows as pairs of taps 0 and 1 (first) and of taps 1 and 2 (last). */
struct weights_3x3 {
    uint32_t first0, last0, first1, last1, first2, last2;
};

static inline struct weights_3x3 load_3x3(const uint32_t *w)
{
    return (struct weights_3x3){w[0], dsp_pack(w[0] >> 16, w[1]), w[2], dsp_pack(w[2] >> 16, w[3]),
                                w[4], dsp_pack(w[4] >> 16, w[5])};
}

#if DSP_ASM
/* Pairs of taps of three rows: x, y, z. The last pair of an output is the first one of the output
 * two elements on, so each is loaded once. Neither loads nor dual multiplications change the
 * flags of the comparison with the row's end. */
#define LOAD_ROWS                                                                                  \
    "ldr.w %[x], [%[p]]\n\t"                                                                       \
    "ldr.w %[y], [%[p], %[pitch]]\n\t"                                                             \
    "ldr.w %[z], [%[p], %[pitch], lsl #1]\n\t"

#define FIRST_TAPS                                                                                 \
    "smlad %[a], %[x], %[first0], %[a]\n\t"                                                        \
    "smlad %[a], %[y], %[first1], %[a]\n\t"                                                        \
    "smlad %[a], %[z], %[first2], %[a]\n\t"

#define LAST_TAP                                                                                   \
    "smlabt %[a], %[x], %[last0], %[a]\n\t"                                                        \
    "smlabt %[a], %[y], %[last1], %[a]\n\t"                                                        \
    "smlabt %[a], %[z], %[last2], %[a]\n\t"

/* Start of a row: its address, the address after its last pair, its first taps. */
#define START_ROW                                                                                  \
    "ldr.w %[p], %[row]\n\t"                                                                       \
    "ldr.w %[a], %[width]\n\t"                                                                     \
    "add.w %[a], %[a], %[p]\n\t"                                                                   \
    "str.w %[a], %[end]\n\t" LOAD_ROWS

#define NEXT_ROW(label)                                                                            \
    "ldr.w %[p], %[row]\n\t"                                                                       \
    "ldr.w %[a], %[step]\n\t"                                                                      \
    "ldr.w %[b], %[rows]\n\t"                                                                      \
    "add.w %[p], %[p], %[a]\n\t"                                                                   \
    "str.w %[p], %[row]\n\t"                                                                       \
    "subs.w %[b], %[b], #1\n\t"                                                                    \
    "str.w %[b], %[rows]\n\t"                                                                      \
    "bne.w " label "\n\t"

/* Operands of both filters. All registers are taken: the rest is on the stack (volatile keeps it
 * there), for which only sp is left as base. */
#define OPERANDS                                                                                   \
    [a] "=&r"(a), [b] "=&r"(b), [x] "=&r"(x), [y] "=&r"(y), [z] "=&r"(z), [p] "=&r"(p),            \
        [acc] "+r"(acc), [row] "+m"(row), [end] "=m"(end),                                         \
        [rows] "+m"(rows)                                                                          \
        : [first0] "r"(w.first0), [first1] "r"(w.first1), [first2] "r"(w.first2),                  \
          [last0] "r"(w.last0), [last1] "r"(w.last1), [last2] "r"(w.last2), [pitch] "r"(pitch),    \
          [bias] "m"(bias), [step] "m"(step), [width] "m"(width)

/* Stride 1, two outputs at a time; of an odd number the last is done alone. */
static void filter_3x3_stride_1(const struct plane_run *run, const int16_t *plane, int32_t *acc)
{
    struct weights_3x3 w = load_3x3(run->weights);
    int32_t pitch = 2 * run->op->dilation_h * run->pitch;
    volatile int32_t bias = run->bias, rows = run->rows, odd = run->n & 1;
    volatile int32_t step = 2 * run->op->stride_h * run->pitch, width = 2 * (run->n & ~1);
    const int16_t *volatile row = plane, *volatile end;
    const int16_t *p;
    uint32_t x, y, z;
    int32_t a, b;

    __asm__ volatile("2:\n\t" START_ROW "cmp.w %[a], %[p]\n\t"
                     "beq.w 3f\n\t"
                     ".balign 4\n"
                     "1:\n\t"
                     "ldr.w %[b], %[end]\n\t"
                     "ldr.w %[a], %[bias]\n\t"
                     "add.w %[p], %[p], #4\n\t"
                     "cmp.w %[p], %[b]\n\t"
                     "smlatb %[b], %[x], %[first0], %[a]\n\t"
                     "smlatb %[b], %[y], %[first1], %[b]\n\t"
                     "smlatb %[b], %[z], %[first2], %[b]\n\t" FIRST_TAPS LOAD_ROWS LAST_TAP
                     "smlad %[b], %[x], %[last0], %[b]\n\t"
                     "smlad %[b], %[y], %[last1], %[b]\n\t"
                     "smlad %[b], %[z], %[last2], %[b]\n\t"
                     "str.w %[a], [%[acc]], #8\n\t"
                     "str.w %[b], [%[acc], #-4]\n\t"
                     "bne.w 1b\n\t"
                     "3:\n\t"
                     "ldr.w %[b], %[odd]\n\t"
                     "ldr.w %[a], %[bias]\n\t"
                     "cmp.w %[b], #0\n\t"
                     "beq.w 4f\n\t" FIRST_TAPS "add.w %[p], %[p], #4\n\t" LOAD_ROWS LAST_TAP
                     "str.w %[a], [%[acc]], #4\n\t"
                     "4:\n\t" NEXT_ROW("2b")
                     : OPERANDS, [odd] "m"(odd)
                     : "cc", "memory");
}

static void filter_3x3_stride_2(const struct plane_run *run, const int16_t *plane, int32_t *acc)
{
    struct weights_3x3 w = load_3x3(run->weights);
    int32_t pitch = 2 * run->op->dilation_h * run->pitch;
    volatile int32_t bias = run->bias, rows = run->rows;
    volatile int32_t step = 2 * run->op->stride_h * run->pitch, width = 4 * run->n;
    const int16_t *volatile row = plane, *volatile end;
    const int16_t *p;
    uint32_t x, y, z;
    int32_t a, b;

    __asm__ volatile("2:\n\t" START_ROW "mov.w %[b], %[a]\n\t"
                     ".balign 4\n"
                     "1:\n\t"
                     "ldr.w %[a], %[bias]\n\t"
                     "add.w %[p], %[p], #4\n\t"
                     "cmp.w %[p], %[b]\n\t" FIRST_TAPS LOAD_ROWS LAST_TAP
                     "str.w %[a], [%[acc]], #4\n\t"
                     "bne.w 1b\n\t" NEXT_ROW("2b")
                     : OPERANDS
                     : "cc", "memory");
}
#else
/* One output from the pairs of taps at p and p + 2. */
static inline int32_t output_3x3(const int16_t *p, int32_t pitch, const struct weights_3x3 *w,
                                 int32_t bias)
{
    bias = dsp_smlabt(dsp_load(p + 2), w->last0, dsp_smlad(dsp_load(p), w->first0, bias));
    p += pitch;
    bias = dsp_smlabt(dsp_load(p + 2), w->last1, dsp_smlad(dsp_load(p), w->first1, bias));
    p += pitch;
    return dsp_smlabt(dsp_load(p + 2), w->last2, dsp_smlad(dsp_load(p), w->first2, bias));
}

static void filter_3x3(const struct plane_run *run, const int16_t *plane, int32_t *acc)
{
    struct weights_3x3 w = load_3x3(run->weights);
    const struct image_op *op = run->op;
    for (int32_t y = 0; y < run->rows; y++, plane += op->stride_h * run->pitch) {
        for (int32_t x = 0; x < run->n; x++) {
            const int16_t *p = plane + x * op->stride_w;
            *acc++ = output_3x3(p, op->dilation_h * run->pitch, &w, run->bias);
        }
    }
}
#define filter_3x3_stride_1 filter_3x3
#define filter_3x3_stride_2 filter_3x3
#endif

plane_fn plane_filter(const struct image_op *op)
{
    if (op->dilation_w != 1) {
        return filter_dilated;
    }
    if (op->filter_h == 3 && op->filter_w == 3 && op->stride_w <= 2) {
        if (op->stride_w == 1) {
            return filter_3x3_stride_1;
        }
        return filter_3x3_stride_2;
    }
    return filter_any;
}
