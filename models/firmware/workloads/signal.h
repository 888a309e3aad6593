/* Spectra in 16-bit arithmetic with a common exponent; firmware only. */
#ifndef SIGNAL_H
#define SIGNAL_H

#include "workload_base.h"

#define SIGNAL_SINE 512
#define SIGNAL_MELS 40
#define SIGNAL_REAL 512 /* samples of a real transform */

extern WORKLOAD_TABLE const int16_t signal_sine[];
extern WORKLOAD_TABLE const uint32_t signal_log2[];
extern WORKLOAD_TABLE const uint8_t signal_mel_first[];
extern WORKLOAD_TABLE const uint16_t signal_mel_weight[];

/* Largest magnitude among n values. */
int32_t signal_peak(const int16_t *values, uint32_t n);

/* Fourier transform in place of 2^bits complex numbers (real and imaginary parts in turn), at most
 * 256. Small values are scaled up first, all are halved where they would overflow: returns e, the
 * transform is z 2^e. */
int signal_transform(int16_t *z, uint32_t bits);

/* Squared magnitudes, below 2^30, of bins 0 to 256 of 512 real samples, which are overwritten;
 * returns e, the squares are power 2^(2e). */
int signal_power(int16_t *samples, uint32_t *power);

/* Hann window of 512; small values are scaled up. Returns e, the product is to 2^e. */
int signal_window(const int16_t *from, int16_t *to);

uint32_t signal_root(uint32_t value); /* rounded down */

/* 256 times the logarithm to base 2 of a value that is not 0. */
int32_t signal_log(uint64_t value);

#endif
