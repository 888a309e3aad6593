/* Inner loops: two output channels at a time over the weights of one struct dsp_pair stream
 * (dsp_layout.h), for 4, 2 or 1 positions. */
#ifndef DSP_MAC_H
#define DSP_MAC_H

#include "dsp_requant.h"

/* acc[0..3] are channel a's four positions, acc[4..7] channel b's; they start at bias[0] and
 * bias[1]. x holds `taps` inputs (a multiple of 4) of each position as int16: per stream word four
 * (two for dsp_mac_2x2) words with a pair of inputs each, one per position. */
void dsp_mac_4x2(const int8_t *weights, const int16_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[8]);

/* n groups of four positions, each laid out as above, one behind the other. */
struct dsp_tiles {
    const int16_t *x;
    int32_t taps, n;
    int8_t
        *stage; /* room for 2 x taps bytes, to read each pair's weights from flash once, or NULL */
};

/* With DSP_NARROW: `pairs` pairs of channels from the first struct dsp_pair to the outputs. out:
 * the first position and channel; positions follow each other. */
void dsp_columns_4(const int8_t *stream, const struct dsp_tiles *tiles, int32_t pairs,
                   const struct dsp_output *o, int8_t *out);

/* The same as dsp_mac_4x2 for two positions: acc[0..1] and acc[2..3]. */
void dsp_mac_2x2(const int8_t *weights, const int16_t *x, int32_t taps, const int32_t bias[2],
                 int32_t acc[4]);

/* One position, inputs as they lie in memory; taps is any number, none beyond it are read. From the
 * first struct dsp_pair to `channels` outputs, which follow each other. */
void dsp_columns_1(const int8_t *stream, const int8_t *x, int32_t taps, int32_t channels,
                   const struct dsp_output *o, int8_t *out);

#endif
