/* SOFTMAX over rows of `depth` elements, output scale 1/256 and zero point -128. The table holds
 * the exponential of every possible distance from the row's maximum as Q0.31, so that an element
 * costs the same whatever its value. */
#include "reference.h"
#include "requantize.h"

static int32_t row_maximum(const int8_t *row, int32_t depth)
{
    int32_t maximum = -128;
    for (int32_t i = 0; i < depth; i++) {
        maximum = requant_max(maximum, row[i]);
    }
    return maximum;
}

/* value * 2^bits, limited to int32. */
static int32_t shift_left_saturated(int32_t value, int32_t bits)
{
    int32_t limit = (int32_t)((1u << (31 - bits)) - 1u);
    if (value > limit) {
        return INT32_MAX;
    }
    return value < -limit ? INT32_MIN : value * (1 << bits);
}

/* 1 / (1 + a) for a in [0, 1), both Q0.31: three Newton steps on the reciprocal of the mean of 1
 * and a, in Q2.29. */
static int32_t reciprocal_of_one_plus(int32_t a)
{
    int32_t half = (int32_t)(((uint32_t)a + 0x80000000u) >> 1);
    int32_t x = 1515870810 + requant_high_mul(half, -1010580540);
    for (int32_t step = 0; step < 3; step++) {
        int32_t error = (1 << 29) - requant_high_mul(half, x);
        x += shift_left_saturated(requant_high_mul(x, error), 2); /* Q4 to Q2 */
    }
    return shift_left_saturated(x, 1); /* halved by reading Q2 as Q1, then Q1 to Q0 */
}

void reference_softmax(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    const int32_t *table = args->table;
    const int8_t *row = args->input;
    int8_t *output = args->output;

    for (int32_t r = 0; r < op->rows; r++, row += op->depth, output += op->depth) {
        int32_t maximum = row_maximum(row, op->depth);
        int32_t sum = 0; /* Q12.19 */
        for (int32_t i = 0; i < op->depth; i++) {
            sum += requant_round_shift(table[maximum - row[i]], 12);
        }
        int32_t zeros = __builtin_clz((uint32_t)sum);
        int32_t fraction = (int32_t)(((uint32_t)sum << zeros) & 0x7fffffffu);
        int32_t scale = reciprocal_of_one_plus(fraction);
        int32_t shift = 35 - zeros;
        int32_t excess = shift > 31 ? shift - 31 : 0; /* results are 0 then */
        for (int32_t i = 0; i < op->depth; i++) {
            int32_t value = requant_high_mul(scale, table[maximum - row[i]]) >> excess;
            value = requant_round_shift(value, shift - excess) - 128;
            output[i] = (int8_t)requant_clamp(value, -128, 127);
        }
    }
}
