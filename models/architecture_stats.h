/* What is expected of an activation tensor's values, and quantisation ranges chosen from it. The
 * values are treated as independent and normally distributed before clipping, which is what random
 * weights over many taps give; correlations average out because weights have random signs. */
#ifndef MODELS_ARCHITECTURE_STATS_H
#define MODELS_ARCHITECTURE_STATS_H

#include "models_network.h"

/* Real (dequantised) mean and variance; element e of the tensor follows entry e % period. */
struct arch_stats {
    int32_t period;
    double *mean, *variance; /* [period], one allocation owned through mean */
};

/* CC_ERR_MEMORY or CC_OK; entries are zero. */
enum cc_status arch_stats_new(struct arch_stats *s, int32_t period, struct cc_error *err);
void arch_stats_free(struct arch_stats *s);

/* Mean and standard deviation over all entries together. */
void arch_stats_pool(const struct arch_stats *s, double *mean, double *deviation);

/* Makes the period divide n, so that entries can be looked up per channel of n channels: where it
 * does not, all entries are pooled into one. */
void arch_stats_fit(struct arch_stats *s, int32_t n);

/* Real bounds of a fused activation; infinite where it has none. */
void arch_activation_bounds(enum models_activation activation, double *low, double *high);

/* Scale and zero point so that mean +- 3 deviations, cut by the activation and widened to hold 0,
 * fills -128..127. */
void arch_pick_range(enum models_activation activation, double mean, double deviation, float *scale,
                     int32_t *zero_point);

/* Replaces the entries (before activation and quantisation) by those after both. */
void arch_stats_quantise(struct arch_stats *s, enum models_activation activation, float scale,
                         int32_t zero_point);

/* Keeps 14 bits of the mantissa, so that scales do not depend on the last bits of the host's
 * mathematical functions. */
float arch_round_scale(double scale);

#endif
