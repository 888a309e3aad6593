/* The set of unknowns of a result, and which of them matter most. */
#include "energy_unknown.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define Z_90 1.2815515655446004 /* 90 % quantile of the standard normal distribution */

static int add(struct energy_unknowns *set, const char *name, double log_down, double log_up)
{
    struct energy_unknown fresh = {.log_down = log_down, .log_up = log_up};
    if (!(log_down > 0 || log_up > 0))
        return -1;
    snprintf(fresh.name, sizeof fresh.name, "%s", name); /* long names are compared cut off */
    for (uint32_t i = 0; i < set->count; i++)
        if (strcmp(set->list[i].name, fresh.name) == 0)
            return (int)i;
    if (set->count >= ENERGY_MAX_UNKNOWNS)
        return -1;
    set->list[set->count] = fresh;
    return (int)set->count++;
}

int energy_unknown_add(struct energy_unknowns *set, const char *name, double rsd)
{
    double log_sd = sqrt(log1p(rsd * rsd));
    return add(set, name, log_sd, log_sd);
}

int energy_unknown_add_range(struct energy_unknowns *set, const char *name, double min, double typ,
                             double max)
{
    double down = min > 0 && typ > min ? log(typ / min) / Z_90 : 0;
    double up = typ > 0 && max > typ ? log(max / typ) / Z_90 : 0;
    return add(set, name, down, up);
}

int energy_unknown_add_log(struct energy_unknowns *set, const char *name, double log_sd)
{
    return add(set, name, fabs(log_sd), fabs(log_sd));
}

double energy_unknown_factor(const struct energy_unknown *unknown, double z)
{
    return exp(z * (z < 0 ? unknown->log_down : unknown->log_up));
}

/* Index of the largest contribution that is not in top yet; -1 when nothing contributes. */
static int largest(const struct energy_unknowns *set, const double *effects,
                   const int taken[ENERGY_TOP_SPREADS], int taken_count)
{
    int best = -1;
    for (uint32_t i = 0; i < set->count; i++) {
        int known = 0;
        for (int k = 0; k < taken_count; k++)
            known |= taken[k] == (int)i;
        if (!known && effects[i] != 0 && (best < 0 || fabs(effects[i]) > fabs(effects[best])))
            best = (int)i;
    }
    return best;
}

void energy_spread_top(const struct energy_unknowns *set, const double *effects,
                       struct energy_spread top[ENERGY_TOP_SPREADS])
{
    int taken[ENERGY_TOP_SPREADS];
    double total = 0;
    memset(top, 0, ENERGY_TOP_SPREADS * sizeof *top);
    for (uint32_t i = 0; i < set->count; i++)
        total += effects[i] * effects[i];
    for (int k = 0; k < ENERGY_TOP_SPREADS; k++) {
        taken[k] = largest(set, effects, taken, k);
        if (taken[k] < 0 || !(total > 0))
            return;
        memcpy(top[k].name, set->list[taken[k]].name, sizeof top[k].name);
        top[k].share = effects[taken[k]] * effects[taken[k]] / total;
    }
}
