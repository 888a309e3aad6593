/* Front ends for sound. */
#include "signal.h"

_Static_assert(sizeof(struct mel40_work) <= workload_mel40_work_bytes, "work_bytes");
_Static_assert(sizeof(struct spectrum256_work) <= workload_spectrum256_work_bytes, "work_bytes");
_Static_assert(sizeof(struct denoise_work) <= workload_denoise_work_bytes, "work_bytes");
_Static_assert(sizeof(struct voice_work) <= workload_voice_work_bytes, "work_bytes");

/* Noise with a triangle wave on top. */
static void fill_sound(int16_t *samples, uint32_t count)
{
    uint32_t seed = 1;
    for (uint32_t i = 0; i < count; i++) {
        int32_t phase = (int32_t)(i * 37 & 255);
        int32_t triangle = phase < 128 ? phase - 64 : 192 - phase;
        samples[i] = (int16_t)(triangle * 100 + ((int32_t)workload_random(&seed) >> 22));
    }
}

/* A filter takes the bins from its lower edge on with rising, from its middle on with falling
 * weights: bins between two edges are used twice. */
WORKLOAD_APART static void filter_bank(const uint32_t *power, int exponent, int16_t *mels)
{
    const uint16_t *weight = signal_mel_weight;
    uint64_t falling = 0;
    for (uint32_t m = 0; m <= SIGNAL_MELS; m++) {
        uint64_t rising = 0, rest = 0;
        for (uint32_t k = signal_mel_first[m]; k < signal_mel_first[m + 1]; k++) {
            rising += (uint64_t)power[k] * *weight;
            rest += (uint64_t)power[k] * (32768u - *weight++);
        }
        if (m > 0) {
            uint64_t sum = falling + rest;
            mels[m - 1] = sum ? (int16_t)(signal_log(sum) + (2 * exponent - 15) * 256) : INT16_MIN;
        }
        falling = rising;
    }
}

WORKLOAD_EXPORT int32_t workload_mel40(void *memory, uint32_t n, const uint32_t *table)
{
    struct mel40_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_sound(work->samples, MEL40_SAMPLES);
        work->ready = 1;
    }
    for (; n; n--) {
        int exponent = signal_window(work->samples, work->frame);
        exponent += signal_power(work->frame, work->power);
        filter_bank(work->power, exponent, work->mels);
    }
    return work->mels[0] + work->mels[MEL40_MELS - 1];
}

WORKLOAD_EXPORT int32_t workload_spectrum256(void *memory, uint32_t n, const uint32_t *table)
{
    struct spectrum256_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_sound(work->samples, SPECTRUM_SAMPLES);
        work->ready = 1;
    }
    for (; n; n--) {
        work->exponent = signal_window(work->samples, work->frame);
        work->exponent += signal_power(work->frame, work->power);
        for (uint32_t k = 0; k < SPECTRUM_BINS; k++)
            work->magnitudes[k] = (uint16_t)signal_root(work->power[k]);
    }
    return work->magnitudes[1] + work->exponent;
}

/* Root of a Hann window: the same before and after. */
static void window_root(const int16_t *from, int16_t *to, uint32_t stride)
{
    for (uint32_t i = 0; i < DENOISE_FRAME; i++)
        to[i * stride] = (int16_t)((from[i] * signal_sine[2 * i] + 0x4000) >> 15);
}

/* Energies of the bands, four bins each, in units of the samples: below 2^38, kept as 2^-6. */
static void band_energies(struct denoise_work *work, int exponent)
{
    for (uint32_t b = 0; b < DENOISE_BANDS; b++) {
        uint64_t sum = 0;
        for (uint32_t k = 4 * b; k < 4 * b + 4; k++) {
            int32_t re = work->spectrum[2 * k], im = work->spectrum[2 * k + 1];
            sum += (uint32_t)(re * re + im * im);
        }
        int shift = 2 * exponent - 6;
        uint64_t energy = shift >= 0 ? sum << shift : sum >> -shift;
        work->energy[b] = energy < 0x7fffffff ? (uint32_t)energy : 0x7fffffff;
    }
}

/* What is above the noise, which follows the energy up slowly and down fast. */
static void band_gains(struct denoise_work *work)
{
    for (uint32_t b = 0; b < DENOISE_BANDS; b++) {
        uint32_t energy = work->energy[b], noise = work->noise[b];
        noise = energy < noise ? noise - ((noise - energy) >> 2) : noise + ((energy - noise) >> 8);
        work->noise[b] = noise;
        uint32_t gain = DENOISE_FLOOR;
        if (energy > noise) {
            int zeros = __builtin_clz(energy);
            uint32_t ratio = ((energy - noise) << zeros) / (energy << zeros >> 15);
            gain = ratio > 32767 ? 32767 : ratio > DENOISE_FLOOR ? ratio : DENOISE_FLOOR;
        }
        work->gains[b] = (int16_t)gain;
    }
}

/* Bins and their mirror images; then the conjugate, so that transforming again goes back. */
static void apply_gains(struct denoise_work *work)
{
    int16_t *z = work->spectrum;
    for (uint32_t k = 0; k < DENOISE_FRAME; k++) {
        uint32_t bin = k <= DENOISE_FRAME / 2 ? k : DENOISE_FRAME - k;
        int32_t gain = work->gains[bin / 4 < DENOISE_BANDS ? bin / 4 : DENOISE_BANDS - 1];
        z[2 * k] = (int16_t)((z[2 * k] * gain + 0x4000) >> 15);
        z[2 * k + 1] = (int16_t) - ((z[2 * k + 1] * gain + 0x4000) >> 15);
    }
}

static int32_t saturate(int32_t x)
{
    return x > 32767 ? 32767 : x < -32768 ? -32768 : x;
}

/* Adds what overlaps with the frame before; the transform left out 1 / 128. */
static void overlap(struct denoise_work *work, int exponent)
{
    int shift = 15 + 7 - exponent; /* at least 10 */
    for (uint32_t i = 0; i < DENOISE_FRAME; i++) {
        int32_t product = work->spectrum[2 * i] * signal_sine[2 * i];
        int32_t sample = shift > 30 ? 0 : (product + (1 << (shift - 1))) >> shift;
        if (i < DENOISE_HOP)
            work->output[i] = (int16_t)saturate(work->tail[i] + sample);
        else
            work->tail[i - DENOISE_HOP] = sample;
    }
}

WORKLOAD_APART static void denoise_hop(struct denoise_work *work)
{
    for (uint32_t i = 0; i < DENOISE_HOP; i++) {
        work->history[i] = work->history[i + DENOISE_HOP];
        work->history[i + DENOISE_HOP] = work->input[i];
    }
    for (uint32_t i = 0; i < DENOISE_FRAME; i++)
        work->spectrum[2 * i + 1] = 0;
    window_root(work->history, work->spectrum, 2);
    int exponent = signal_transform(work->spectrum, 7);
    band_energies(work, exponent);
    band_gains(work);
    apply_gains(work);
    exponent += signal_transform(work->spectrum, 7);
    overlap(work, exponent);
}

WORKLOAD_EXPORT int32_t workload_denoise(void *memory, uint32_t n, const uint32_t *table)
{
    struct denoise_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_sound(work->input, DENOISE_HOP);
        work->ready = 1;
    }
    for (; n; n--)
        denoise_hop(work);
    return work->output[0] + work->output[DENOISE_HOP - 1];
}

/* Voice is louder than the noise, or crosses zero as often as fricatives do while louder than half
 * of that. */
WORKLOAD_APART static void detect_voice(struct voice_work *work)
{
    uint32_t energy = 0, crossings = 0;
    int32_t before = work->last;
    for (uint32_t i = 0; i < VOICE_SAMPLES; i++) {
        int32_t x = work->samples[i];
        energy += (uint32_t)(x * x) >> 8;
        crossings += (uint32_t)(x ^ before) >> 31;
        before = x;
    }
    work->last = before;
    work->energy = energy;
    work->crossings = crossings;
    uint32_t noise = work->noise ? work->noise : energy;
    int loud = energy > 4 * (uint64_t)noise;
    int hissing = energy > 2 * (uint64_t)noise && crossings > VOICE_SAMPLES / 4;
    work->voice = (uint32_t)(loud || hissing);
    if (!work->voice)
        noise = energy < noise ? noise - ((noise - energy) >> 3) : noise + ((energy - noise) >> 5);
    work->noise = noise;
}

WORKLOAD_EXPORT int32_t workload_voice(void *memory, uint32_t n, const uint32_t *table)
{
    struct voice_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_sound(work->samples, VOICE_SAMPLES);
        work->ready = 1;
    }
    for (; n; n--)
        detect_voice(work);
    return (int32_t)(work->voice + work->energy);
}
