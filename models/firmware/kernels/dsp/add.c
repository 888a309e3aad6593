/* ADD of two tensors of the same shape, four elements at a time. Both sides are brought to a common
 * scale with left_shift more bits, added, and brought to the output's scale. */
#include "dsp_kernels.h"
#include "dsp_requant.h"
#include "reference.h"

#define LEFT_SHIFT 20

/* One input, and how it is rescaled: (element + offset) * 2^LEFT_SHIFT * multiplier / 2^right. With
 * right = 0 there is no second rounding: `sign` is 0 instead of all ones. */
struct side {
    const int8_t *input;
    int32_t offset; /* doubled and shifted by LEFT_SHIFT */
    int32_t multiplier, rounding, sign, right;
};

static struct side side_of(const int8_t *input, int32_t offset, const struct image_op *op,
                           int32_t i)
{
    int32_t right = -op->shift[i];
    return (struct side){.input = input,
                         .offset = (int32_t)((uint32_t)offset << (LEFT_SHIFT + 1)),
                         .multiplier = op->multiplier[i],
                         .rounding = right ? 1 << (right - 1) : 0,
                         .sign = right ? -1 : 0,
                         .right = right};
}

/* Byte i of a word, rescaled. See dsp_narrow for the rounding. */
static inline int32_t rescale(uint32_t word, int32_t i, const struct side *s)
{
    int32_t element = (int8_t)(word >> (8 * i));
    int32_t doubled = s->offset + (int32_t)((uint32_t)element << (LEFT_SHIFT + 1));
    int32_t rounding = s->rounding + ((doubled >> 31) & s->sign);
    return dsp_smmlar(doubled, s->multiplier, rounding) >> s->right;
}

struct sum {
    int32_t multiplier, rounding, right;
    uint32_t low, high; /* four times each, as bytes */
};

static inline uint32_t byte_of(int32_t sum, const struct sum *s)
{
    return (uint8_t)dsp_narrow(sum, s->multiplier, s->rounding, s->right);
}

static uint32_t add_four(uint32_t x, uint32_t y, const struct side *a, const struct side *b,
                         const struct sum *s)
{
    int32_t sum0 = rescale(x, 0, a), sum1 = rescale(x, 1, a);
    int32_t sum2 = rescale(x, 2, a), sum3 = rescale(x, 3, a);
    sum0 += rescale(y, 0, b);
    sum1 += rescale(y, 1, b);
    sum2 += rescale(y, 2, b);
    sum3 += rescale(y, 3, b);
    uint32_t word = byte_of(sum0, s) | byte_of(sum1, s) << 8;
    word |= byte_of(sum2, s) << 16 | byte_of(sum3, s) << 24;
    return dsp_clamp8(word, s->low, s->high);
}

static uint32_t load_some(const int8_t *from, uint32_t n)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < n; i++) {
        word |= (uint32_t)(uint8_t)from[i] << (8 * i);
    }
    return word;
}

/* No left shifts, and a second rounding of the sum: what quantised models have. */
static int is_usual(const struct image_op *op)
{
    return op->left_shift == LEFT_SHIFT && op->shift[0] <= 0 && op->shift[0] > -28 &&
           op->shift[1] <= 0 && op->shift[1] > -28 && op->shift[2] < 0 &&
           op->shift[2] >= -DSP_MAX_RIGHT;
}

void dsp_add(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    if (!is_usual(op)) {
        reference_add(args);
        return;
    }
    struct side a = side_of(args->input, op->input_offset, op, 0);
    struct side b = side_of(args->input2, op->input2_offset, op, 1);
    struct sum s = {.multiplier = op->multiplier[2],
                    .rounding =
                        (int32_t)((uint32_t)(2 * op->output_offset + 1) << (-op->shift[2] - 1)),
                    .right = -op->shift[2],
                    .low = (uint8_t)op->act_min * 0x01010101u,
                    .high = (uint8_t)op->act_max * 0x01010101u};
    uint32_t i = 0;

    for (; i + 4 <= op->elements; i += 4) {
        uint32_t x = dsp_load(a.input + i), y = dsp_load(b.input + i);
        dsp_store(args->output + i, add_four(x, y, &a, &b, &s));
    }
    uint32_t left = op->elements - i;
    if (left) {
        uint32_t x = load_some(a.input + i, left), y = load_some(b.input + i, left);
        uint32_t word = add_four(x, y, &a, &b, &s);
        for (uint32_t k = 0; k < left; k++, word >>= 8) {
            args->output[i + k] = (int8_t)word;
        }
    }
}
