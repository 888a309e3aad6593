/* Small position-independent programs: loads for calibration, front ends of scenarios. Each is one
 * function: nothing but its arguments and constant tables behind it, which it reaches relative to
 * the program counter.
 *
 *     int32_t workload_NAME(void *work, uint32_t loops, const uint32_t *table)
 *
 * work is zeroed RAM aligned to 128 bytes, kept between calls: the first call fills it. What a call
 * returns depends on the work area alone, not on where code and data lie. The structures
 * of the front ends are known to the host, which may put inputs into them after the first call. */
#ifndef WORKLOADS_H
#define WORKLOADS_H

#include <stdint.h>

#define WORKLOAD(name, function, calibration, loops, work_bytes, table_bytes, unit, text)          \
    int32_t function(void *work, uint32_t n, const uint32_t *table);                               \
    enum { function##_work_bytes = work_bytes, function##_table_bytes = table_bytes };
#include "workloads.def"
#undef WORKLOAD

struct securemark_work {
    uint32_t ready;
    uint8_t key[16], block[16], encrypted_block[16]; /* encrypted_block: block with key */
    uint8_t round_keys[176];
    uint8_t message[512], encrypted[512]; /* counter mode, counting from 0 */
    uint32_t digest[8];                   /* SHA-256 of message */
    uint32_t a[8], b[8], product[16];     /* least significant word first */
};

/* The front ends; lengths are those of one call. */

#define MEL40_SAMPLES 512
#define MEL40_MELS    40

/* Log-mel energies of a Hann window: mels[m] = 256 log2 of the squared spectrum, weighted with
 * triangles between 42 edges as far apart in mel from 125 to 7500 Hz; INT16_MIN for none. */
struct mel40_work {
    int16_t samples[MEL40_SAMPLES]; /* 16 kHz */
    int16_t mels[MEL40_MELS];
    uint32_t ready;
    int16_t frame[MEL40_SAMPLES];
    uint32_t power[MEL40_SAMPLES / 2 + 1];
};

#define SPECTRUM_SAMPLES 512
#define SPECTRUM_BINS    256

/* Magnitudes of the spectrum of a Hann window: magnitudes[k] times 2^exponent. */
struct spectrum256_work {
    int16_t samples[SPECTRUM_SAMPLES];
    uint16_t magnitudes[SPECTRUM_BINS];
    int32_t exponent;
    uint32_t ready;
    int16_t frame[SPECTRUM_SAMPLES];
    uint32_t power[SPECTRUM_SAMPLES / 2 + 1];
};

#define DENOISE_HOP   64
#define DENOISE_FRAME 128
#define DENOISE_BANDS 16
#define DENOISE_FLOOR 3277 /* least gain: 0.1 */

/* One hop of a noise suppressor: output is the hop before, its bands times gains / 32768. */
struct denoise_work {
    int16_t input[DENOISE_HOP], output[DENOISE_HOP];
    int16_t gains[DENOISE_BANDS];
    uint32_t energy[DENOISE_BANDS], noise[DENOISE_BANDS]; /* of the squared spectrum / 64 */
    uint32_t ready;
    int16_t history[DENOISE_FRAME];
    int16_t spectrum[2 * DENOISE_FRAME];
    int32_t tail[DENOISE_HOP];
};

#define VOICE_SAMPLES 160

struct voice_work {
    int16_t samples[VOICE_SAMPLES]; /* 10 ms of 16 kHz */
    uint32_t energy;                /* sum of squares / 256 */
    uint32_t crossings;             /* of zero */
    uint32_t noise;                 /* energy of frames without voice */
    uint32_t voice;                 /* 1 = yes */
    int32_t last;
    uint32_t ready;
};

/* 320 x 240 grey to 96 x 96 by area; lines holds five lines, two rows of the image come of them. */
struct downscale96_work {
    uint8_t lines[5][320];
    uint8_t image[96 * 96];
    uint16_t sums[96];
    uint32_t ready;
};

#define RGB_LEFT 20 /* pixels of a line before the square that is used */

/* The middle 120 x 120 of 160 x 120 RGB565 to 32 x 32 x 3 int8 (0 becomes -128) by area; lines
 * holds 15 lines, four rows of the image come of them. */
struct downscale_rgb_work {
    uint16_t lines[15][160];
    int8_t image[32 * 32 * 3];
    uint32_t ready;
};

#define DIFFERENCE_WIDTH  160
#define DIFFERENCE_HEIGHT 120
#define DIFFERENCE_LIMIT  20 /* grey levels that are no change */
#define DIFFERENCE_PIXELS 8  /* changed pixels of a block that moves */

/* Blocks of 8 x 8 pixels that differ from the picture kept; lines holds a strip of 8 lines. */
struct difference_work {
    uint8_t lines[8 * DIFFERENCE_WIDTH];
    uint8_t kept[DIFFERENCE_WIDTH * DIFFERENCE_HEIGHT];
    uint32_t moving;
    uint32_t ready;
};

#define STATS_SAMPLES 128

struct stats3_axis {
    int16_t mean;
    uint16_t peak_to_peak, peak; /* peak: largest deviation from the mean */
    uint16_t crossings;          /* of the mean */
    uint16_t crest_256;          /* peak / rms, times 256 */
    uint32_t rms_16;             /* of the deviations, times 16 */
    uint32_t kurtosis_256;       /* times 256; 3 for a normal distribution */
};

struct stats3_work {
    int16_t samples[3][STATS_SAMPLES];
    struct stats3_axis axes[3];
    uint32_t ready;
    int16_t deviations[STATS_SAMPLES];
};

#define NOVELTY_FEATURES 64
#define NOVELTY_CENTRES  4

/* Learns means, variances and the centres of four clusters; features within +-8191. */
struct novelty_work {
    int16_t features[NOVELTY_FEATURES];
    int32_t means[NOVELTY_FEATURES];     /* times 256 */
    int32_t variances[NOVELTY_FEATURES]; /* over 4 */
    int16_t centres[NOVELTY_CENTRES][NOVELTY_FEATURES];
    uint32_t nearest, distance; /* of the features; sum of squares over 256 each */
    uint32_t ready;
};

struct threshold_work {
    int32_t readings[3];
    int32_t upper, lower; /* limits of the mean */
    uint32_t above;
    uint32_t ready;
};

#define ULP_BYTES 64

/* Results of the fixed workload's parts, for tests. */
struct ulp_work {
    uint8_t bytes[ULP_BYTES], smooth[ULP_BYTES];
    int16_t halves[ULP_BYTES], filtered[ULP_BYTES];
    uint8_t sorted[ULP_BYTES];
    uint8_t text[ULP_BYTES]; /* searched for "core" */
    int32_t found;
    uint32_t crc;      /* CRC-16/CCITT-FALSE of bytes */
    uint8_t digits[8]; /* decimal, of number */
    uint32_t number, bits, median;
    uint32_t segments[4], glass[4]; /* of a display: as computed, as wired */
    uint32_t state, steps;
    uint32_t ready;
};

#endif
