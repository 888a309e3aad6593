/* ADD. The inputs have 9 bits after their offset, so their products with the multiplier's halves
 * fit 32 bits: two multiplications in place of a 64-bit one. */
#include "requantize.h"
#include "scalar.h"

struct factor {
    int32_t high, low; /* multiplier's upper and lower 16 bits */
    int32_t right;     /* shift to the right, >= 0 because input factors are at most 1/2 */
};

static struct factor split(const struct image_op *op, int32_t i)
{
    struct factor f = {op->multiplier[i] >> 16, op->multiplier[i] & 0xffff, -op->shift[i]};
    return f;
}

/* requantize(value * 2^20): (value * multiplier + 2^10) / 2^11, then the right shift. */
static int32_t rescale(int32_t value, struct factor f)
{
    int32_t product = value * f.high * 32 + ((value * f.low + 1024) >> 11);
    return requant_round_shift(product, f.right);
}

void scalar_add(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    struct factor first = split(op, 0), second = split(op, 1);
    int32_t offset = op->input_offset, offset2 = op->input2_offset;
    const int8_t *input = args->input, *input2 = args->input2;
    int8_t *output = args->output, *end = output + op->elements;

    while (output != end) {
        int32_t sum = rescale(*input++ + offset, first) + rescale(*input2++ + offset2, second);
        int32_t value = requantize(sum, op->multiplier[2], op->shift[2]) + op->output_offset;
        *output++ = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
}
