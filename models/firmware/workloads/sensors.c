/* Front ends for slow sensors: vibration, and learning on the device; a threshold. */
#include "signal.h"

_Static_assert(sizeof(struct stats3_work) <= workload_stats3_work_bytes, "work_bytes");
_Static_assert(sizeof(struct novelty_work) <= workload_novelty_work_bytes, "work_bytes");
_Static_assert(sizeof(struct threshold_work) <= workload_threshold_work_bytes, "work_bytes");

/* Mean, range and zero crossings; the deviations, scaled to 14 bits, go to work->deviations.
 * Returns the shift to the left, negative to the right. */
static int deviations(struct stats3_work *work, uint32_t axis, struct stats3_axis *out)
{
    const int16_t *from = work->samples[axis];
    int32_t sum = 0, low = from[0], high = from[0], peak, before = 0;
    for (uint32_t i = 0; i < STATS_SAMPLES; i++) {
        sum += from[i];
        low = from[i] < low ? from[i] : low;
        high = from[i] > high ? from[i] : high;
    }
    int32_t mean = (sum + (sum < 0 ? -STATS_SAMPLES / 2 : STATS_SAMPLES / 2)) / STATS_SAMPLES;
    peak = high - mean > mean - low ? high - mean : mean - low;
    out->mean = (int16_t)mean;
    out->peak_to_peak = (uint16_t)(high - low);
    out->peak = (uint16_t)peak;
    out->crossings = 0;
    int shift = 0;
    for (; peak && peak < 8192; peak <<= 1)
        shift++;
    for (; peak >= 16384; peak >>= 1)
        shift--;
    for (uint32_t i = 0; i < STATS_SAMPLES; i++) {
        int32_t d = from[i] - mean;
        out->crossings =
            (uint16_t)(out->crossings + ((d > 0 && before < 0) || (d < 0 && before > 0)));
        before = d ? d : before;
        work->deviations[i] = (int16_t)(shift >= 0 ? d << shift : d >> -shift);
    }
    return shift;
}

WORKLOAD_APART static void statistics(struct stats3_work *work, uint32_t axis)
{
    struct stats3_axis *out = &work->axes[axis];
    uint64_t squares = 0, fourths = 0;
    int shift = deviations(work, axis, out);
    for (uint32_t i = 0; i < STATS_SAMPLES; i++) {
        uint32_t square = (uint32_t)(work->deviations[i] * work->deviations[i]);
        squares += square;
        square >>= 6;
        fourths += (uint64_t)square * square;
    }
    /* in 1/16 of a count: the mean square, below 2^28, times 256 unless that is too much */
    uint32_t mean = (uint32_t)(squares / STATS_SAMPLES);
    uint32_t root = signal_root(mean << 4) << 2; /* 16 times the scaled value */
    out->rms_16 = shift >= 0 ? root >> shift : root << -shift;
    out->crest_256 = out->rms_16 ? (uint16_t)(((uint32_t)out->peak << 12) / out->rms_16) : 0;
    uint64_t q = squares >> 6;
    uint64_t below = (q * q) >> 4;
    out->kurtosis_256 = below ? (uint32_t)((fourths << 11) / below) : 0;
}

WORKLOAD_EXPORT int32_t workload_stats3(void *memory, uint32_t n, const uint32_t *table)
{
    struct stats3_work *work = memory;
    uint32_t seed = 1;
    (void)table;
    for (uint32_t i = 0; !work->ready && i < 3 * STATS_SAMPLES; i++)
        work->samples[i / STATS_SAMPLES][i % STATS_SAMPLES] =
            (int16_t)((int32_t)workload_random(&seed) >> 20);
    work->ready = 1;
    for (; n; n--) {
        for (uint32_t axis = 0; axis < 3; axis++)
            statistics(work, axis);
    }
    return (int32_t)(work->axes[0].rms_16 + work->axes[2].kurtosis_256);
}

/* Squared distance to a centre. */
static uint32_t distance(const int16_t *a, const int16_t *b)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < NOVELTY_FEATURES; i++) {
        int32_t d = a[i] - b[i];
        sum += (uint32_t)(d * d) >> 8;
    }
    return sum;
}

/* Means and variances move by 1/64 (kept with 8 more bits), the nearest centre by 1/16. */
WORKLOAD_APART static void learn(struct novelty_work *work)
{
    uint32_t nearest = 0, best = UINT32_MAX;
    for (uint32_t i = 0; i < NOVELTY_FEATURES; i++) {
        int32_t d = work->features[i] * 256 - work->means[i];
        work->means[i] += d >> 6;
        int32_t part = d >> 8;
        int32_t square = (part * part) >> 2;
        work->variances[i] += (square - work->variances[i]) >> 6;
    }
    for (uint32_t c = 0; c < NOVELTY_CENTRES; c++) {
        uint32_t d = distance(work->features, work->centres[c]);
        if (d < best) {
            best = d;
            nearest = c;
        }
    }
    for (uint32_t i = 0; i < NOVELTY_FEATURES; i++) {
        int32_t d = work->features[i] - work->centres[nearest][i];
        work->centres[nearest][i] = (int16_t)(work->centres[nearest][i] + ((d + 8) >> 4));
    }
    work->nearest = nearest;
    work->distance = best;
}

WORKLOAD_EXPORT int32_t workload_novelty(void *memory, uint32_t n, const uint32_t *table)
{
    struct novelty_work *work = memory;
    uint32_t seed = 1;
    (void)table;
    if (!work->ready) {
        for (uint32_t i = 0; i < NOVELTY_FEATURES; i++) {
            work->features[i] = (int16_t)((int32_t)workload_random(&seed) >> 20);
            for (uint32_t c = 0; c < NOVELTY_CENTRES; c++)
                work->centres[c][i] = (int16_t)((int32_t)workload_random(&seed) >> 20);
        }
        work->ready = 1;
    }
    for (; n; n--)
        learn(work);
    return (int32_t)(work->distance + work->nearest);
}

/* Mean of three readings against two limits, so that it does not flutter. */
WORKLOAD_EXPORT int32_t workload_threshold(void *memory, uint32_t n, const uint32_t *table)
{
    struct threshold_work *work = memory;
    (void)table;
    if (!work->ready) {
        work->readings[0] = 500;
        work->readings[1] = work->readings[2] = 700;
        work->upper = 600;
        work->lower = 550;
        work->ready = 1;
    }
    for (; n; n--) {
        volatile int32_t *readings = work->readings; /* they come from outside */
        int32_t mean = (readings[0] + readings[1] + readings[2]) / 3;
        if (mean > work->upper)
            work->above = 1;
        else if (mean < work->lower)
            work->above = 0;
    }
    return (int32_t)work->above;
}
