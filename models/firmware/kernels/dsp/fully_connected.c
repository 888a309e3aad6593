/* FULLY_CONNECTED: two output features at a time. Weights stream from flash once per batch. */
#include "dsp_kernels.h"
#include "dsp_mac.h"
#include "dsp_requant.h"

void dsp_fully_connected(const struct kernel_args *args)
{
    const struct image_op *op = args->op;
    struct dsp_output output = dsp_output_of(op);
    int32_t stream_bytes = 2 * dsp_segments_of(op).padded;
    const int8_t *input = args->input;
    int8_t *out = args->output;
    int32_t acc[2];

    for (int32_t batch = 0; batch < op->batches; batch++, input += op->in_c) {
        const int8_t *stream = args->weights;
        for (int32_t c = 0; c < op->out_c; c += 2) {
            const struct dsp_pair *pair = (const void *)stream;
            stream += sizeof *pair;
            dsp_mac_1x2(stream, input, op->in_c, pair->bias, acc);
            stream += stream_bytes;
            dsp_write_outputs(acc, 1, pair->multiplier[0], pair->shift[0], &output, out++);
            if (c + 1 < op->out_c) {
                dsp_write_outputs(acc + 1, 1, pair->multiplier[1], pair->shift[1], &output, out++);
            }
        }
    }
}
