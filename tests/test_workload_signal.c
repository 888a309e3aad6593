/* Front ends for sound and vibration on every core against the same in double precision. */
#include "workload_support.h"

#include "firmware/workloads/workloads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES 512

static uint32_t seed = 1;

static double noise(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (double)seed / 2147483648.0 - 1;
}

/* Sounds: noise, two tones, quiet, as loud as can be, an impulse, nothing. */
enum { KINDS = 6 };

static void make_sound(int kind, int16_t *to, int count)
{
    for (int i = 0; i < count; i++) {
        double tones = sin(i * 0.2) * 0.5 + sin(i * 0.931 + 1) * 0.4;
        double value = kind == 0   ? noise() * 8000
                       : kind == 1 ? tones * 20000 + noise() * 100
                       : kind == 2 ? tones * 30
                       : kind == 3 ? (i / 7 % 2 ? 32767 : -32768)
                       : kind == 4 ? (i == count / 2 + 9 ? 30000 : 0)
                                   : 0;
        to[i] = (int16_t)lrint(value);
    }
}

/* |X|^2 of bins 0 to n / 2. */
static void power_spectrum(const double *x, int n, double *power)
{
    for (int k = 0; k <= n / 2; k++) {
        double re = 0, im = 0;
        for (int i = 0; i < n; i++) {
            re += x[i] * cos(2 * M_PI * k * i / n);
            im -= x[i] * sin(2 * M_PI * k * i / n);
        }
        power[k] = re * re + im * im;
    }
}

static void hann_power(const int16_t *samples, double *power)
{
    double x[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        x[i] = samples[i] * (1 - cos(2 * M_PI * i / SAMPLES)) / 2;
    power_spectrum(x, SAMPLES, power);
}

static double mel_of(double hz)
{
    return 1127 * log(1 + hz / 700);
}

static void reference_mels(const int16_t *samples, double *mels)
{
    double power[SAMPLES / 2 + 1], edges[MEL40_MELS + 2];
    double low = mel_of(125), high = mel_of(7500);
    hann_power(samples, power);
    for (int e = 0; e < MEL40_MELS + 2; e++)
        edges[e] = low + (high - low) * e / (MEL40_MELS + 1);
    for (int m = 0; m < MEL40_MELS; m++) {
        mels[m] = 0;
        for (int k = 0; k <= SAMPLES / 2; k++) {
            double mel = mel_of(k * 31.25);
            double rise = (mel - edges[m]) / (edges[m + 1] - edges[m]);
            double fall = (edges[m + 2] - mel) / (edges[m + 2] - edges[m + 1]);
            double weight = rise < fall ? rise : fall;
            mels[m] += weight > 0 ? weight * power[k] : 0;
        }
    }
}

static double largest(const double *values, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

/* Within 0.2 dB (17 of 256 per doubling) down to 45 dB below the loudest band. */
static void check_mels(const struct mel40_work *work)
{
    double mels[MEL40_MELS];
    reference_mels(work->samples, mels);
    double most = largest(mels, MEL40_MELS);
    for (int m = 0; m < MEL40_MELS; m++) {
        if (most == 0) {
            assert_int_equal(work->mels[m], INT16_MIN);
        } else if (mels[m] > most * 3.2e-5) {
            double error = work->mels[m] - 256 * log2(mels[m]);
            if (fabs(error) > 17)
                fail_msg("band %d: %d, not %.1f (loudest %.1f)", m, work->mels[m],
                         256 * log2(mels[m]), 256 * log2(most));
        }
    }
}

static void test_mel40(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct mel40_work work;
        workload_open(&s, workload_chips[i], "mel40", NULL, NULL);
        workload_call(&s, 1, NULL);
        for (int kind = 0; kind < KINDS; kind++) {
            workload_read(&s, 0, &work, sizeof work);
            make_sound(kind, work.samples, MEL40_SAMPLES);
            workload_write(&s, 0, &work, sizeof work);
            workload_call(&s, 1, NULL);
            workload_read(&s, 0, &work, sizeof work);
            check_mels(&work);
        }
        cli_workload_close(&s);
    }
}

/* Within 1/2048 of the largest magnitude: 66 dB below it. */
static void test_spectrum256(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct spectrum256_work work;
        workload_open(&s, workload_chips[i], "spectrum256", NULL, NULL);
        workload_call(&s, 1, NULL);
        for (int kind = 0; kind < KINDS; kind++) {
            double power[SAMPLES / 2 + 1];
            workload_read(&s, 0, &work, sizeof work);
            make_sound(kind, work.samples, SPECTRUM_SAMPLES);
            workload_write(&s, 0, &work, sizeof work);
            workload_call(&s, 1, NULL);
            workload_read(&s, 0, &work, sizeof work);
            hann_power(work.samples, power);
            double most = sqrt(largest(power, SPECTRUM_BINS));
            for (int k = 0; k < SPECTRUM_BINS; k++) {
                double error = ldexp(work.magnitudes[k], work.exponent) - sqrt(power[k]);
                if (fabs(error) > most / 2048)
                    fail_msg("sound %d, bin %d: %.1f, not %.1f of at most %.1f", kind, k,
                             ldexp(work.magnitudes[k], work.exponent), sqrt(power[k]), most);
            }
        }
        cli_workload_close(&s);
    }
}

/* A gain is what its band's energy and noise make it; the output is the input of one hop ago with
 * the spectra of both frames that it lies in multiplied by their gains. */
struct denoise_reference {
    double history[DENOISE_FRAME], tail[DENOISE_HOP];
};

static void reference_hop(struct denoise_reference *r, const struct denoise_work *work, double *out)
{
    double re[DENOISE_FRAME], im[DENOISE_FRAME];
    memmove(r->history, r->history + DENOISE_HOP, DENOISE_HOP * sizeof(double));
    for (int i = 0; i < DENOISE_HOP; i++)
        r->history[DENOISE_HOP + i] = work->input[i];
    for (int k = 0; k < DENOISE_FRAME; k++) {
        int bin = k <= DENOISE_FRAME / 2 ? k : DENOISE_FRAME - k;
        double gain = work->gains[bin / 4 < DENOISE_BANDS ? bin / 4 : DENOISE_BANDS - 1] / 32768.0;
        re[k] = im[k] = 0;
        for (int i = 0; i < DENOISE_FRAME; i++) {
            double x = r->history[i] * sin(M_PI * i / DENOISE_FRAME) * gain;
            re[k] += x * cos(2 * M_PI * k * i / DENOISE_FRAME);
            im[k] -= x * sin(2 * M_PI * k * i / DENOISE_FRAME);
        }
    }
    for (int i = 0; i < DENOISE_FRAME; i++) {
        double x = 0;
        for (int k = 0; k < DENOISE_FRAME; k++)
            x += re[k] * cos(2 * M_PI * k * i / DENOISE_FRAME) -
                 im[k] * sin(2 * M_PI * k * i / DENOISE_FRAME);
        x *= sin(M_PI * i / DENOISE_FRAME) / DENOISE_FRAME;
        if (i < DENOISE_HOP)
            out[i] = r->tail[i] + x;
        else
            r->tail[i - DENOISE_HOP] = x;
    }
}

static void check_gains(const struct denoise_work *work)
{
    for (int b = 0; b < DENOISE_BANDS; b++) {
        double energy = work->energy[b], noise_of = work->noise[b];
        double gain = energy > noise_of ? (energy - noise_of) / energy : 0;
        gain = gain > 0.1 ? gain : 0.1;
        assert_true(fabs(work->gains[b] / 32768.0 - gain) < 0.001);
    }
}

static void check_hops(struct cli_workload_session *s, int kind)
{
    struct denoise_reference reference = {0};
    struct denoise_work work;
    workload_read(s, 0, &work, sizeof work);
    memset(work.history, 0, sizeof work.history);
    memset(work.tail, 0, sizeof work.tail);
    memset(work.noise, 0, sizeof work.noise);
    workload_write(s, 0, &work, sizeof work);
    for (int hop = 0; hop < 6; hop++) {
        double out[DENOISE_HOP], most = 0;
        workload_read(s, 0, &work, sizeof work);
        make_sound(kind, work.input, DENOISE_HOP);
        workload_write(s, 0, &work, sizeof work);
        workload_call(s, 1, NULL);
        workload_read(s, 0, &work, sizeof work);
        reference_hop(&reference, &work, out);
        check_gains(&work);
        for (int i = 0; i < DENOISE_FRAME; i++)
            most = fabs(reference.history[i]) > most ? fabs(reference.history[i]) : most;
        for (int i = 0; i < DENOISE_HOP; i++) {
            double bounded = out[i] > 32767 ? 32767 : out[i] < -32768 ? -32768 : out[i];
            if (fabs(work.output[i] - bounded) > most / 1000 + 1.5)
                fail_msg("sound %d, hop %d, sample %d: %d, not %.1f", kind, hop, i, work.output[i],
                         bounded);
        }
    }
}

/* Within a thousandth of the loudest sample, and rounding. */
static void test_denoise(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        workload_open(&s, workload_chips[i], "denoise-frame", NULL, NULL);
        workload_call(&s, 1, NULL);
        for (int kind = 0; kind < KINDS; kind++)
            check_hops(&s, kind);
        cli_workload_close(&s);
    }
}

/* A sine of so many radians per sample after a noise of that energy; returns whether it is taken
 * for voice. */
static int voice_of(struct cli_workload_session *s, double amplitude, double step, uint32_t before,
                    struct voice_work *after)
{
    struct voice_work work;
    double energy = 0;
    workload_read(s, 0, &work, sizeof work);
    for (int i = 0; i < VOICE_SAMPLES; i++) {
        work.samples[i] = (int16_t)lrint(amplitude * sin(i * step + 0.1));
        energy += work.samples[i] * work.samples[i] / 256.0;
    }
    work.noise = before;
    workload_write(s, 0, &work, sizeof work);
    workload_call(s, 1, NULL);
    workload_read(s, 0, &work, sizeof work);
    assert_true(fabs(work.energy - energy) <= VOICE_SAMPLES);
    *after = work;
    return (int)work.voice;
}

static void test_voice(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct voice_work after;
        workload_open(&s, workload_chips[i], "voice-activity", NULL, NULL);
        workload_call(&s, 1, NULL);
        /* the energy of an amplitude of 1600 is 800,000 */
        assert_int_equal(voice_of(&s, 1600, 0.1, 0, &after), 0); /* the first frame is noise */
        assert_in_range(after.noise, 780000, 820000);
        assert_int_equal(voice_of(&s, 1600, 0.1, 150000, &after), 1);
        assert_int_equal(after.noise, 150000);
        assert_in_range(after.crossings, 5, 6); /* 16 radians */
        assert_int_equal(voice_of(&s, 1600, 0.1, 270000, &after), 0);
        assert_in_range(after.noise, 270000 + 15000, 270000 + 18000); /* 1/32 of the way up */
        assert_int_equal(voice_of(&s, 1600, 2.5, 270000, &after), 1); /* as loud, but hissing */
        assert_in_range(after.crossings, 126, 129);                   /* 400 radians */
        assert_int_equal(voice_of(&s, 1600, 2.5, 450000, &after), 0);
        assert_int_equal(voice_of(&s, 0, 0, 80000, &after), 0);
        assert_int_equal(after.noise, 70000); /* 1/8 of the way down */
        cli_workload_close(&s);
    }
}

static void check_axis(const int16_t *x, const struct stats3_axis *a)
{
    double mean = 0, square = 0, fourth = 0, low = x[0], high = x[0];
    for (int i = 0; i < STATS_SAMPLES; i++) {
        mean += x[i] / (double)STATS_SAMPLES;
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    for (int i = 0; i < STATS_SAMPLES; i++) {
        double d = x[i] - mean;
        square += d * d / STATS_SAMPLES;
        fourth += d * d * d * d / STATS_SAMPLES;
    }
    double rms = sqrt(square), peak = high - mean > mean - low ? high - mean : mean - low;
    double kurtosis = square > 0 ? fourth / square / square : 0;
    assert_true(fabs(a->mean - mean) <= 0.51);
    assert_true(a->peak_to_peak == high - low);
    /* the mean is rounded: half a count in all that refers to it */
    assert_true(fabs(a->rms_16 / 16.0 - rms) <= 0.001 * rms + 0.5);
    assert_true(fabs(a->peak - peak) <= 0.51);
    if (rms > 20) {
        assert_true(fabs(a->crest_256 / 256.0 - peak / rms) < 0.03 * peak / rms);
        assert_true(fabs(a->kurtosis_256 / 256.0 - kurtosis) < 0.03 * kurtosis);
    }
}

static void test_stats3(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct stats3_work work;
        workload_open(&s, workload_chips[i], "stats3", NULL, NULL);
        workload_call(&s, 1, NULL);
        for (int kind = 0; kind < KINDS; kind += 3) {
            workload_read(&s, 0, &work, sizeof work);
            for (int axis = 0; axis < 3; axis++)
                make_sound(kind + axis, work.samples[axis], STATS_SAMPLES);
            workload_write(&s, 0, &work, sizeof work);
            workload_call(&s, 1, NULL);
            workload_read(&s, 0, &work, sizeof work);
            for (int axis = 0; axis < 3; axis++)
                check_axis(work.samples[axis], &work.axes[axis]);
            if (kind == 3)
                assert_int_equal(work.axes[0].crossings, (STATS_SAMPLES - 1) / 7);
        }
        cli_workload_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mel40),   cmocka_unit_test(test_spectrum256),
        cmocka_unit_test(test_denoise), cmocka_unit_test(test_voice),
        cmocka_unit_test(test_stats3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
