/* The diffusion model of Rakhmatov and Vrudhula, An analytical high-level battery model for use in
 * energy management of portable electronic systems (ICCAD 2001). A second opinion on cells whose
 * alpha and beta are published: lifetimes of energy_lifetime.h do not use it, because the mean
 * current of a duty cycle is so far below the cell's that it becomes the charge model. */
#ifndef ENERGY_DIFFUSION_H
#define ENERGY_DIFFUSION_H

#include <stdint.h>

struct energy_diffusion {
    double alpha; /* charge: current x time */
    double beta;  /* 1 / square root of time */
};

/* Constant current from start for a duration. */
struct energy_diffusion_step {
    double start, duration, current;
};

/* Apparent charge lost at a time (10 terms); the battery is empty when it reaches alpha. Steps that
 * begin later do not count, one that lasts longer counts as far as it got. */
double energy_diffusion_lost(const struct energy_diffusion *model,
                             const struct energy_diffusion_step *steps, uint32_t count,
                             double time);
/* Time until a full battery is empty under a constant current > 0. */
double energy_diffusion_lifetime(const struct energy_diffusion *model, double current);

#endif
