#include "architecture_stats.h"

#include <math.h>
#include <stdlib.h>

enum cc_status arch_stats_new(struct arch_stats *s, int32_t period, struct cc_error *err)
{
    s->mean = calloc(2 * (size_t)period, sizeof *s->mean);
    if (!s->mean)
        return cc_no_memory(err);
    s->variance = s->mean + period;
    s->period = period;
    return CC_OK;
}

void arch_stats_free(struct arch_stats *s)
{
    free(s->mean);
    s->mean = s->variance = NULL;
    s->period = 0;
}

void arch_stats_pool(const struct arch_stats *s, double *mean, double *deviation)
{
    double sum = 0;
    double spread = 0;
    for (int32_t i = 0; i < s->period; i++)
        sum += s->mean[i];
    *mean = sum / s->period;
    for (int32_t i = 0; i < s->period; i++) {
        const double d = s->mean[i] - *mean;
        spread += s->variance[i] + d * d;
    }
    *deviation = sqrt(spread / s->period);
}

void arch_stats_fit(struct arch_stats *s, int32_t n)
{
    double mean, deviation;
    if (n % s->period == 0)
        return;
    arch_stats_pool(s, &mean, &deviation);
    s->period = 1;
    s->mean[0] = mean;
    s->variance[0] = deviation * deviation;
}

void arch_activation_bounds(enum models_activation activation, double *low, double *high)
{
    *low = activation == MODELS_ACT_NONE ? -INFINITY : 0.0;
    *high = INFINITY;
    if (activation == MODELS_ACT_RELU6)
        *high = 6.0;
    if (activation == MODELS_ACT_RELU_N1_TO_1) {
        *low = -1.0;
        *high = 1.0;
    }
}

float arch_round_scale(double scale)
{
    int exponent;
    const double mantissa = frexp(scale, &exponent);
    return (float)ldexp(nearbyint(ldexp(mantissa, 14)), exponent - 14);
}

void arch_pick_range(enum models_activation activation, double mean, double deviation, float *scale,
                     int32_t *zero_point)
{
    double low, high;
    arch_activation_bounds(activation, &low, &high);
    low = fmin(0.0, fmax(low, mean - 3 * deviation));
    high = fmax(0.0, fmin(high, mean + 3 * deviation));
    /* A range of one point (everything clipped to 0) still needs a scale. */
    if (!(high - low > deviation / 4))
        high = low + deviation / 4;
    *scale = arch_round_scale((high - low) / 255);
    const double zero = nearbyint(-128 - low / *scale);
    *zero_point = (int32_t)fmin(127, fmax(-128, zero));
}

/* Mean and variance of a normal variable clipped to low..high. */
static void clip_normal(double low, double high, double *mean, double *variance)
{
    const double m = *mean;
    const double sd = sqrt(*variance);
    if (!(sd > 0)) {
        *mean = fmin(high, fmax(low, m));
        *variance = 0;
        return;
    }
    const double a = (low - m) / sd;
    const double b = (high - m) / sd;
    const double below = 0.5 * erfc(-a / sqrt(2));
    const double above = 0.5 * erfc(b / sqrt(2));
    const double inside = 1 - below - above;
    const double density_a = exp(-a * a / 2) / sqrt(2 * 3.14159265358979323846);
    const double density_b = exp(-b * b / 2) / sqrt(2 * 3.14159265358979323846);
    const double first = low * below + high * above + m * inside + sd * (density_a - density_b);
    const double second = low * low * below + high * high * above + (m * m + sd * sd) * inside +
                          2 * m * sd * (density_a - density_b) +
                          sd * sd * (a * density_a - b * density_b);
    *mean = first;
    *variance = fmax(0, second - first * first);
}

void arch_stats_quantise(struct arch_stats *s, enum models_activation activation, float scale,
                         int32_t zero_point)
{
    double low, high;
    arch_activation_bounds(activation, &low, &high);
    low = fmax(low, (double)scale * (-128 - zero_point));
    high = fmin(high, (double)scale * (127 - zero_point));
    for (int32_t i = 0; i < s->period; i++) {
        clip_normal(low, high, &s->mean[i], &s->variance[i]);
        s->variance[i] += (double)scale * scale / 12; /* rounding */
    }
}
