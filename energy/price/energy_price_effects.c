/* What is not known about an energy, as independent unknowns.
 *
 * The prices of a file were fitted together, so their errors hang together: the fit gives each
 * price its part in a few independent directions, and direction k moves an energy by the sum of
 * cost x fraction over its prices. What a fitted price has beyond the directions is its own.
 * Prices without fractions were not fitted: figures of one group (all classes, all memories, ...)
 * come from one judgement, their errors are taken as fully correlated within the group and
 * independent between groups. On top, one factor of the chip is shared by everything (board,
 * silicon, firmware configuration), and one error of the cycle counts by what is paid by the
 * cycle. Counts of instructions and accesses are exact. */
#include "energy_chip_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum group {
    GROUP_STATIC,
    GROUP_CYCLES,
    GROUP_CLASSES,
    GROUP_MEMORY,
    GROUP_STALLS,
    GROUP_IDLE,
    GROUP_SCALE,
    GROUP_LEAKAGE,
    GROUP_SUPPLY_LAW,
    GROUP_COUNT
};

static const char *const group_names[GROUP_COUNT] = {
    "static current",
    "cycle price",
    "class prices",
    "memory prices",
    "stall price",
    "idle price",
    "scale of its operating point",
    "leakage over temperature",
    "supply law",
};

static enum group group_of(int kind)
{
    switch (kind) {
    case ENERGY_TERM_STATIC:
        return GROUP_STATIC;
    case ENERGY_TERM_SCALE:
        return GROUP_SCALE;
    case ENERGY_TERM_SUPPLY_LAW:
        return GROUP_SUPPLY_LAW;
    case ENERGY_TERM_LEAKAGE:
        return GROUP_LEAKAGE;
    }
    switch (energy_price_slots[kind].part) {
    case ENERGY_CYCLES:
        return GROUP_CYCLES;
    case ENERGY_CLASSES:
        return GROUP_CLASSES;
    case ENERGY_MEMORY:
        return GROUP_MEMORY;
    case ENERGY_STALLS:
        return GROUP_STALLS;
    default:
        return GROUP_IDLE;
    }
}

static double log_sd(double rsd)
{
    return sqrt(log1p(rsd * rsd));
}

static void add_effect(struct energy_effects *effects, const char *name, double log_effect)
{
    if (log_effect == 0 || effects->count == ENERGY_MAX_EFFECTS)
        return;
    struct energy_effect *effect = &effects->list[effects->count++];
    snprintf(effect->name, sizeof effect->name, "%s", name);
    effect->log_effect = log_effect;
}

static void add_named(struct energy_effects *effects, const struct energy_prices *prices,
                      const char *what, double log_effect)
{
    char name[ENERGY_UNKNOWN_NAME_BYTES];
    snprintf(name, sizeof name, "%.48s: %s", prices->name, what);
    add_effect(effects, name, log_effect);
}

/* rsd of a figure that the directions do not hold. What was fitted has its error from the fit,
 * which knows what its rows and priors are worth: nothing is added for unverified sources. */
static double own_rsd(const struct energy_fitted *f)
{
    double rsd = f->fit_fraction_count > 0 ? f->figure.rsd : energy_figure_rsd(&f->figure);
    double variance = rsd * rsd;
    for (uint32_t k = 0; k < f->fit_fraction_count; k++)
        variance -= f->fit_fraction[k] * f->fit_fraction[k];
    return variance > 0 ? sqrt(variance) : 0;
}

struct sums {
    double direction[ENERGY_FIT_DIRECTIONS];
    double group[GROUP_COUNT]; /* of what was not fitted */
    double own_variance;       /* of what was fitted, beyond the directions */
};

static void sum_terms(const struct energy_bill *bill, struct sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (uint32_t i = 0; i < bill->term_count; i++) {
        const struct energy_term *t = &bill->terms[i];
        double own = t->weight * log_sd(own_rsd(t->price));
        for (uint32_t k = 0; k < t->price->fit_fraction_count; k++)
            sums->direction[k] += t->weight * t->price->fit_fraction[k];
        if (t->price->fit_fraction_count > 0)
            sums->own_variance += own * own;
        else
            sums->group[group_of(t->kind)] += own;
    }
}

/* Beside the directions of a fit the rest is small: one unknown instead of one per group. */
static void add_groups(const struct energy_prices *prices, const struct sums *sums,
                       struct energy_effects *effects)
{
    double rest = sums->own_variance;
    for (int g = 0; g < GROUP_COUNT; g++) {
        if (prices->direction_count > 0 && g != GROUP_LEAKAGE && g != GROUP_SUPPLY_LAW)
            rest += sums->group[g] * sums->group[g];
        else
            add_named(effects, prices, group_names[g], sums->group[g]);
    }
    add_named(effects, prices, "prices that its measurements leave open", sqrt(rest));
}

void energy_bill_effects(const struct energy_pricing *p, const struct energy_bill *bill,
                         struct energy_effects *effects)
{
    const struct energy_prices *prices = p->chip->prices;
    struct sums sums;
    double variance = 0;
    effects->count = 0;
    sum_terms(bill, &sums);
    add_named(effects, prices, "spread between chips and boards", log_sd(prices->chip_rsd.value));
    add_named(effects, prices, "cycle counts", log_sd(p->cycles_rsd) * bill->by_cycles);
    for (uint32_t k = 0; k < prices->direction_count; k++)
        add_effect(effects, prices->directions[k], sums.direction[k]);
    add_groups(prices, &sums, effects);
    for (uint32_t i = 0; i < effects->count; i++)
        variance += effects->list[i].log_effect * effects->list[i].log_effect;
    effects->rsd = sqrt(expm1(fmin(variance, 500))); /* finite whatever a file says */
}
