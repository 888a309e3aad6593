/* FULLY_CONNECTED: four output features at a time. Weights stream from flash once per batch. */
#include "dsp_kernels.h"
#include "dsp_mac.h"

void dsp_fully_connected(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    struct dsp_output output = dsp_output_of(op);

    for (int32_t batch = 0; batch < op->batches; batch++) {
        dsp_columns_1(args->weights, args->input + batch * op->in_c, op->in_c, op->out_c, &output,
                      args->output + batch * op->out_c);
    }
}
