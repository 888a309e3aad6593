/* ADD of two tensors of the same shape. Both are brought to a common scale with left_shift more
 * bits, added, and brought to the output's scale. */
#include "reference.h"
#include "requantize.h"

static int32_t rescale(int32_t value, const struct image_op *op, int32_t i)
{
    int32_t scaled = value * (1 << op->left_shift);
    return requantize(scaled, op->multiplier[i], op->shift[i]);
}

void reference_add(const struct kernel_args *args)
{
    const struct image_op *op = args->op;

    for (uint32_t i = 0; i < op->elements; i++) {
        int32_t sum = rescale(args->input[i] + op->input_offset, op, 0) +
                      rescale(args->input2[i] + op->input2_offset, op, 1);
        int32_t value = requantize(sum, op->multiplier[2], op->shift[2]) + op->output_offset;
        args->output[i] = (int8_t)requant_clamp(value, op->act_min, op->act_max);
    }
}
