/* Runs of outputs of one channel. */
#include "dsp_requant.h"

static void write_full(const int32_t *acc, int32_t n, int32_t multiplier, int32_t right,
                       int32_t rounding, int32_t stride, int8_t *out)
{
    for (; n >= 2; n -= 2) {
        int32_t first = acc[0], second = acc[1];
        acc += 2;
        out[0] = (int8_t)dsp_narrow(first, multiplier, rounding, right);
        out += stride;
        out[0] = (int8_t)dsp_narrow(second, multiplier, rounding, right);
        out += stride;
    }
    if (n > 0) {
        out[0] = (int8_t)dsp_narrow(acc[0], multiplier, rounding, right);
    }
}

static void write_limited(const int32_t *acc, int32_t n, int32_t multiplier, int32_t right,
                          const struct dsp_output *o, int8_t *out)
{
    int32_t rounding = dsp_rounding(o, right);
    uint32_t low = o->low, high = o->high;
    for (; n > 0; n--) {
        int32_t value = dsp_narrow(*acc++, multiplier, rounding, right);
        *out = (int8_t)dsp_clamp16((uint32_t)value, low, high);
        out += o->stride;
    }
}

static void write_general(const int32_t *acc, int32_t n, int32_t multiplier, int32_t shift,
                          const struct dsp_output *o, int8_t *out)
{
    for (; n > 0; n--) {
        int32_t value = requantize(*acc++, multiplier, shift);
        value = dsp_ssat8((int32_t)((uint32_t)value + (uint32_t)o->offset));
        *out = (int8_t)dsp_clamp16((uint32_t)value, o->low, o->high);
        out += o->stride;
    }
}

void dsp_write_outputs(const int32_t *acc, int32_t n, int32_t multiplier, int32_t shift,
                       const struct dsp_output *o, int8_t *out)
{
    if (!(o->flags & DSP_NARROW)) {
        write_general(acc, n, multiplier, shift, o, out);
    } else if (o->flags & DSP_FULL_RANGE) {
        write_full(acc, n, multiplier, shift, dsp_rounding(o, shift), o->stride, out);
    } else {
        write_limited(acc, n, multiplier, shift, o, out);
    }
}
