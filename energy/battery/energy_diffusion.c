#include "energy_diffusion.h"

#include <math.h>

#define TERMS 10

double energy_diffusion_lost(const struct energy_diffusion *model,
                             const struct energy_diffusion_step *steps, uint32_t count, double time)
{
    double lost = 0;
    for (uint32_t i = 0; i < count; i++) {
        double since = time - steps[i].start;
        if (since <= 0)
            continue;
        double duration = fmin(steps[i].duration, since);
        double sum = 0;
        for (int m = 1; m <= TERMS; m++) {
            double rate = model->beta * model->beta * m * m;
            sum += (exp(-rate * (since - duration)) - exp(-rate * since)) / rate;
        }
        lost += steps[i].current * (duration + 2 * sum);
    }
    return lost;
}

double energy_diffusion_lifetime(const struct energy_diffusion *model, double current)
{
    double from = 0, to = model->alpha / current;
    const struct energy_diffusion_step forever = {0, to, current};
    for (int i = 0; i < 60; i++) { /* the loss rises with time */
        double middle = 0.5 * (from + to);
        if (energy_diffusion_lost(model, &forever, 1, middle) < model->alpha)
            from = middle;
        else
            to = middle;
    }
    return from;
}
