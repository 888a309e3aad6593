/* From accumulators to int8 outputs. Two ways, chosen by the host per operator (DSP_NARROW): five
 * instructions per output, or the general function. Both are bit-exact and branch-free per
 * output. */
#ifndef DSP_REQUANT_H
#define DSP_REQUANT_H

#include "dsp_intrinsics.h"
#include "dsp_layout.h"
#include "kernels.h"
#include "requantize.h"

/* What all channels of an operator share. */
struct dsp_output {
    int32_t stride;     /* bytes between consecutive positions of one channel */
    int32_t offset;     /* output zero point */
    int32_t odd_offset; /* 2 * offset + 1 */
    uint32_t low, high; /* activation limits, each twice as int16 */
    uint32_t flags;
};

static inline struct dsp_output dsp_output_of(const struct image_op *op)
{
    return (struct dsp_output){.stride = op->out_c,
                               .offset = op->output_offset,
                               .odd_offset = 2 * op->output_offset + 1,
                               .low = dsp_pack((uint32_t)op->act_min, (uint32_t)op->act_min),
                               .high = dsp_pack((uint32_t)op->act_max, (uint32_t)op->act_max),
                               .flags = op->flags};
}

/* Half of 2^right, and the zero point scaled by it. */
static inline int32_t dsp_rounding(const struct dsp_output *o, int32_t right)
{
    return (int32_t)((uint32_t)o->odd_offset << (right - 1));
}

/* With DSP_NARROW, before the activation limits. The second rounding is to nearest with ties away
 * from zero: half is added, less one for negative values. The sign may be taken before the first
 * rounding, because a negative value that this makes 0 stays 0 with or without that one. */
static inline int32_t dsp_narrow(int32_t acc, int32_t multiplier, int32_t rounding, int32_t right)
{
    int32_t scaled = dsp_smmlar((int32_t)((uint32_t)acc << 1), multiplier, rounding + (acc >> 31));
    return dsp_ssat8(scaled >> right);
}

/* Writes n outputs of one channel, o->stride apart. */
void dsp_write_outputs(const int32_t *acc, int32_t n, int32_t multiplier, int32_t shift,
                       const struct dsp_output *o, int8_t *out);

#endif
