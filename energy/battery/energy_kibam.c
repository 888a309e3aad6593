#include "energy_kibam.h"

#include <math.h>

struct energy_kibam_state energy_kibam_full(const struct energy_kibam *kibam)
{
    return (struct energy_kibam_state){kibam->c * kibam->capacity,
                                       (1 - kibam->c) * kibam->capacity};
}

struct energy_kibam_state energy_kibam_step(const struct energy_kibam *kibam,
                                            struct energy_kibam_state from, double current,
                                            double time)
{
    double c = kibam->c, k = kibam->k;
    double e = exp(-k * time);
    double all = from.available + from.bound;
    struct energy_kibam_state to;
    to.available = from.available * e + (all * k * c - current) * (1 - e) / k -
                   current * c * (k * time - 1 + e) / k;
    to.bound =
        from.bound * e + all * (1 - c) * (1 - e) - current * (1 - c) * (k * time - 1 + e) / k;
    return to;
}

/* Part of the capacity that is bound when the available well is empty, at a time: (1-c) x the
 * difference of heights. */
static double out_of_reach(const struct energy_kibam *kibam, const struct energy_kibam_load *load,
                           double time)
{
    double c = kibam->c, k = kibam->k;
    double bound = (1 - c) / (c * k) * load->average * (1 - exp(-k * time));
    if (load->pulse_time > 0 && load->period > load->pulse_time) {
        double rest = (load->average * load->period - load->pulse * load->pulse_time) /
                      (load->period - load->pulse_time);
        double ripple = (1 - exp(-k * load->pulse_time)) / (1 - exp(-k * load->period));
        double peak = rest + (load->pulse - rest) * ripple;
        bound += (1 - c) / (c * k) * fmax(peak - load->average, 0) * (1 - exp(-k * time));
    }
    return bound;
}

double energy_kibam_fraction(const struct energy_kibam *kibam, const struct energy_kibam_load *load)
{
    double latest = kibam->capacity / load->average;
    double from = 0, to = latest;
    /* charge left falls with time and what is out of reach rises: one crossing */
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (from + to);
        if (kibam->capacity - load->average * middle > out_of_reach(kibam, load, middle))
            from = middle;
        else
            to = middle;
    }
    return from / latest;
}

double energy_kibam_lifetime(const struct energy_kibam *kibam, double current)
{
    const struct energy_kibam_load load = {.average = current};
    return energy_kibam_fraction(kibam, &load) * kibam->capacity / current;
}

double energy_kibam_fit(double c, double capacity, double current, double fraction)
{
    double low = 1e-9, high = 1e9; /* of 1 / the time that the current would take at most */
    double unit = current / capacity;
    struct energy_kibam kibam = {.c = c, .capacity = capacity};
    if (!(fraction > c && fraction < 1))
        return 0;
    for (int i = 0; i < 100; i++) {
        double middle = sqrt(low * high);
        const struct energy_kibam_load load = {.average = current};
        kibam.k = middle * unit;
        if (energy_kibam_fraction(&kibam, &load) < fraction)
            low = middle;
        else
            high = middle;
    }
    return sqrt(low * high) * unit;
}
