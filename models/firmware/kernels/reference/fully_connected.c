/* FULLY_CONNECTED. Input [batches, in_c], weights [out_c, in_c], output [batches, out_c]. */
#include "reference.h"
#include "requantize.h"

void reference_fully_connected(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    const int8_t *row = args->input;
    int8_t *output = args->output;

    for (int32_t batch = 0; batch < op->batches; batch++, row += op->in_c) {
        const int8_t *weights = args->weights;
        for (int32_t c = 0; c < op->out_c; c++, weights += op->in_c) {
            int32_t sum = args->bias ? args->bias[c] : 0;
            for (int32_t i = 0; i < op->in_c; i++) {
                sum += weights[i] * (row[i] + op->input_offset);
            }
            int32_t value = requantize(sum, args->multiplier[c], args->shift[c]);
            value += op->output_offset;
            *output++ = (int8_t)requant_clamp_any(value, op->act_min, op->act_max);
        }
    }
}
