#include "signal.h"

/* A butterfly makes a part at most 1 + sqrt(2) times as large. */
#define LIMIT 13500
/* Of the parts that go into signal_power's last step: magnitudes stay below 2^15. */
#define POWER_LIMIT 11500

static int32_t magnitude(int32_t x)
{
    return x < 0 ? -x : x;
}

int32_t signal_peak(const int16_t *values, uint32_t n)
{
    int32_t peak = 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t m = magnitude(values[i]);
        peak = m > peak ? m : peak;
    }
    return peak;
}

static int shift_for(int32_t peak, int32_t limit)
{
    int shift = 0;
    for (; peak > limit; peak >>= 1)
        shift++;
    return shift;
}

/* Into the order of reversed index bits, with small values scaled up. */
static int reorder(int16_t *z, uint32_t bits)
{
    uint32_t n = 1u << bits;
    int32_t peak = signal_peak(z, 2 * n);
    int up = 0;
    for (; peak && peak <= LIMIT / 2; peak <<= 1)
        up++;
    for (uint32_t i = 0, j = 0; i < n; i++) {
        if (i <= j) {
            int16_t re = z[2 * i], im = z[2 * i + 1];
            z[2 * i] = (int16_t)(z[2 * j] << up);
            z[2 * i + 1] = (int16_t)(z[2 * j + 1] << up);
            if (i < j) {
                z[2 * j] = (int16_t)(re << up);
                z[2 * j + 1] = (int16_t)(im << up);
            }
        }
        uint32_t bit = n >> 1;
        for (; bit && (j & bit); bit >>= 1)
            j ^= bit;
        j |= bit;
    }
    return -up;
}

/* x / 2^shift, halves to even: a bias would add up in bin 0. */
static int32_t halve(int32_t x, int shift)
{
    return shift ? (x + (1 << (shift - 1)) - 1 + (x >> shift & 1)) >> shift : x;
}

/* All butterflies of one stage; returns the largest part. */
WORKLOAD_APART static int32_t stage(int16_t *z, uint32_t n, uint32_t half, int shift)
{
    int32_t peak = 0, round = 1 << (14 + shift);
    uint32_t step = SIGNAL_SINE / 2 / half;
    for (uint32_t k = 0; k < half; k++) {
        int32_t wr = signal_sine[k * step + SIGNAL_SINE / 4], wi = -signal_sine[k * step];
        for (uint32_t i = k; i < n; i += 2 * half) {
            int16_t *a = z + 2 * i, *b = a + 2 * half;
            int32_t tr = (wr * b[0] - wi * b[1] + round) >> (15 + shift);
            int32_t ti = (wr * b[1] + wi * b[0] + round) >> (15 + shift);
            int32_t ar = halve(a[0], shift), ai = halve(a[1], shift);
            int32_t re = magnitude(ar) + magnitude(tr), im = magnitude(ai) + magnitude(ti);
            a[0] = (int16_t)(ar + tr);
            a[1] = (int16_t)(ai + ti);
            b[0] = (int16_t)(ar - tr);
            b[1] = (int16_t)(ai - ti);
            peak = re > peak ? re : peak;
            peak = im > peak ? im : peak;
        }
    }
    return peak;
}

int signal_transform(int16_t *z, uint32_t bits)
{
    uint32_t n = 1u << bits;
    int exponent = reorder(z, bits);
    int32_t peak = signal_peak(z, 2 * n);
    for (uint32_t half = 1; half < n; half *= 2) {
        int shift = shift_for(peak, LIMIT);
        peak = stage(z, n, half, shift);
        exponent += shift;
    }
    return exponent;
}

/* Bins k and n - k from the transform of even samples as real, odd ones as imaginary parts. */
static uint32_t power_of(const int16_t *z, uint32_t k, int shift)
{
    const int16_t *a = z + 2 * k, *b = z + SIGNAL_REAL - 2 * k;
    int32_t half = 1 << shift;
    int32_t er = (a[0] + b[0] + half) >> (shift + 1), ei = (a[1] - b[1] + half) >> (shift + 1);
    int32_t or = (a[1] + b[1] + half) >> (shift + 1), oi = (b[0] - a[0] + half) >> (shift + 1);
    int32_t wr = signal_sine[k + SIGNAL_SINE / 4], wi = -signal_sine[k];
    int32_t re = er + ((wr * or -wi * oi + 0x4000) >> 15);
    int32_t im = ei + ((wr * oi + wi * or +0x4000) >> 15);
    return (uint32_t)(re * re + im * im);
}

int signal_power(int16_t *samples, uint32_t *power)
{
    int exponent = signal_transform(samples, 8);
    int shift = shift_for(signal_peak(samples, SIGNAL_REAL), POWER_LIMIT);
    int32_t re = halve(samples[0], shift), im = halve(samples[1], shift);
    power[0] = (uint32_t)((re + im) * (re + im));
    power[SIGNAL_REAL / 2] = (uint32_t)((re - im) * (re - im));
    for (uint32_t k = 1; k < SIGNAL_REAL / 2; k++)
        power[k] = power_of(samples, k, shift);
    return exponent + shift;
}

int signal_window(const int16_t *from, int16_t *to)
{
    int32_t peak = signal_peak(from, SIGNAL_REAL);
    int up = 0;
    for (; peak && peak < 16384; peak <<= 1)
        up++;
    for (uint32_t i = 0; i < SIGNAL_REAL; i++) {
        int32_t weight = 32768 - signal_sine[i + SIGNAL_SINE / 4];
        to[i] = (int16_t)((from[i] * weight + (1 << (15 - up))) >> (16 - up));
    }
    return -up;
}

uint32_t signal_root(uint32_t value)
{
    uint32_t root = 0;
    for (uint32_t bit = 1u << 30; bit; bit >>= 2) {
        uint32_t with = root + bit;
        root >>= 1;
        if (value >= with) {
            value -= with;
            root += bit;
        }
    }
    return root;
}

int32_t signal_log(uint64_t value)
{
    int32_t zeros = __builtin_clzll(value);
    uint32_t top = (uint32_t)(value << zeros >> 32); /* 1.31 bits */
    uint32_t at = top >> 25 & 63, part = top >> 9 & 0xffff;
    uint32_t low = signal_log2[at], high = signal_log2[at + 1];
    uint32_t fraction = low + ((high - low) * part >> 16);
    return (63 - zeros) * 256 + (int32_t)((fraction + 128) >> 8);
}
