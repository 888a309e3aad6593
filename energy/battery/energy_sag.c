#include "energy_sag.h"

#include <math.h>

double energy_sag_drop_held(const struct energy_sag *sag, double r_ohm, double held_below_v)
{
    double whole = sag->pulse_a * r_ohm; /* where it would end without the capacitor */
    double tau = (r_ohm + sag->esr_ohm) * sag->farad;
    if (!(tau > 0))
        return whole;
    double share = r_ohm / (r_ohm + sag->esr_ohm);
    double during = exp(-sag->pulse_s / tau);
    double between = sag->every_s > sag->pulse_s ? exp((sag->pulse_s - sag->every_s) / tau) : 1;
    double rest = sag->rest_a * r_ohm;
    if (1 - during * between < 1e-12) /* never rests, or as good as never pulses */
        return sag->every_s > sag->pulse_s ? rest + (whole - rest) * sag->pulse_s / sag->every_s
                                           : whole;
    /* of the capacitor: at the end of a pulse, and of the rest behind it */
    double end = (whole * (1 - during) + during * (1 - between) * rest) / (1 - during * between);
    double start = rest + (end - rest) * between;
    if (held_below_v > start) /* held lower by the regulator than the rest would leave it */
        end = whole + (held_below_v - whole) * during;
    return whole + (end - whole) * share;
}

double energy_sag_drop(const struct energy_sag *sag, double r_ohm)
{
    return energy_sag_drop_held(sag, r_ohm, 0);
}
