/* Intervals. Energies and lifetimes are positive products of uncertain factors, so they are taken
 * as lognormal: the median is the nominal value, p10 and p90 follow from the relative standard
 * deviation. Closed form: the same input gives the same interval on every machine. */
#include "energy_internal.h"

#include <math.h>

struct energy_interval energy_interval_lognormal(double p50, double rsd)
{
    struct energy_interval interval = {.p50 = p50};
    double spread = exp(ENERGY_Z_90 * sqrt(log1p(rsd * rsd)));
    interval.p10 = p50 / spread;
    interval.p90 = p50 * spread;
    return interval;
}
