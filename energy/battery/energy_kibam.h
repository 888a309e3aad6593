/* The kinetic battery model: Manwell and McGowan, Lead acid battery storage model for hybrid energy
 * systems, Solar Energy 50 (1993). Two wells of charge: a fraction c that the load draws from, and
 * the rest that flows after at a rate k. A heavy load leaves charge behind; rest gives it back.
 *
 * k here is k' of the paper (k / (c (1-c)) of the other convention). Units are the caller's: charge
 * is current x time, k is 1 / time. */
#ifndef ENERGY_KIBAM_H
#define ENERGY_KIBAM_H

struct energy_kibam {
    double c; /* 0 < c < 1 */
    double k; /* > 0 */
    double capacity;
};

struct energy_kibam_state {
    double available, bound;
};

struct energy_kibam_state energy_kibam_full(const struct energy_kibam *kibam);
/* After a constant current for a time, exactly; the battery is empty when available <= 0. A
 * negative current charges. */
struct energy_kibam_state energy_kibam_step(const struct energy_kibam *kibam,
                                            struct energy_kibam_state from, double current,
                                            double time);
/* Time until a full battery is empty under a constant current > 0. */
double energy_kibam_lifetime(const struct energy_kibam *kibam, double current);

/* Pulses with rest between, for ever. pulse for pulse_time out of every period; average includes
 * them. pulse_time 0 = a constant current. */
struct energy_kibam_load {
    double average, pulse, pulse_time, period;
};
/* Fraction of the capacity that comes out before a pulse finds the available well empty. The
 * difference of the wells' heights is that of the average current, plus the ripple of the pulses in
 * their steady state: closed form but for the time of the end. */
double energy_kibam_fraction(const struct energy_kibam *kibam,
                             const struct energy_kibam_load *load);

/* k at which a constant current gives this fraction of the capacity, c given; 0 when no k does. */
double energy_kibam_fit(double c, double capacity, double current, double fraction);

#endif
