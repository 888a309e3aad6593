/* What an energy income does to the life of a battery.
 *
 * The income is a mean power into the battery. A rechargeable one is energy-neutral when the income
 * is at least the mean power that the load takes out of it (self-discharge, regulator and all), and
 * what it holds from full to empty carries the load through the hours of a day without income. */
#include "energy_harvest.h"

#include "energy_harvester.h"
#include "energy_lifetime_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_S         86400.0
#define DAYS_PER_YEAR (ENERGY_HOURS_PER_YEAR / 24)

/* Where and how a harvester works. */
struct place {
    const struct energy_harvester *harvester;
    double level, hours, size;
    double battery_v;
    double log_sd;     /* of the power, the level and hours included where they are the file's */
    double law_log_sd; /* without them */
};

/* What the load takes out of the battery. */
struct need {
    double uw, log_sd;
    double self_discharge_uw; /* part of uw that nothing from outside can relieve */
};

/* Levels that there are: full sun; what a transducer stands; next to the transmitter. */
static const struct {
    double least, most;
} levels[ENERGY_HARVEST_LEVELS] = {{1e-3, 120e3}, {1e-3, 200}, {1e-4, 20},
                                   {1e-6, 1e4},   {.1, 1e4},   {1e-4, 36e3}};

static enum cc_status check_range(double value, double most, const char *what, const char *unit,
                                  struct cc_error *err)
{
    if (value >= 0 && value <= most)
        return CC_OK;
    return cc_fail(err, CC_ERR_USAGE,
                   "%s of a harvester: %g %s is not between 0 and %g; give "
                   "another",
                   what, value, unit, most);
}

static double battery_v(const struct energy_supply *s)
{
    return 0.5 * (s->v[0] + s->v[s->count - 1]);
}

static enum cc_status set_place(const struct energy_supply *supply,
                                const struct energy_harvester *h,
                                const struct energy_surroundings *asked, struct place *place,
                                struct cc_error *err)
{
    static const struct energy_surroundings own;
    const struct energy_surroundings *a = asked ? asked : &own;
    enum cc_status status =
        check_range(a->level, levels[h->unit].most, "level", energy_harvester_unit(h), err);
    if (status == CC_OK)
        status = check_range(a->hours_per_day, 24, "hours per day", "h", err);
    if (status == CC_OK)
        status = check_range(a->area_cm2, 1e6, "size", "cm2 or cm3", err);
    if (status != CC_OK)
        return status;
    place->harvester = h;
    place->level = a->level > 0 ? a->level : h->levels[h->unit].value;
    place->hours = a->hours_per_day > 0 ? a->hours_per_day : h->hours_per_day_h.value;
    place->size = a->area_cm2 > 0 ? a->area_cm2 : energy_harvester_size(h);
    place->battery_v = battery_v(supply);
    place->law_log_sd = energy_harvester_log_sd(h, place->level, 0, 0);
    place->log_sd =
        energy_harvester_log_sd(h, place->level, !(a->level > 0), !(a->hours_per_day > 0));
    return CC_OK;
}

/* Mean income when the source gives `factor` times what its law says. */
static double income_uw(const struct place *p, double level, double factor)
{
    double source_uw = factor * energy_harvester_source_uw(p->harvester, level, p->size);
    return energy_converter_uw(p->harvester, source_uw, p->hours, p->battery_v);
}

static struct energy_interval income_interval(const struct place *p)
{
    double factor = exp(ENERGY_Z_90 * p->log_sd);
    return (struct energy_interval){.p10 = income_uw(p, p->level, 1 / factor),
                                    .p50 = income_uw(p, p->level, 1),
                                    .p90 = income_uw(p, p->level, factor)};
}

/* The least level (of a distance the largest) with this income; INFINITY when none has it. */
static double level_for(const struct place *p, double uw, double factor)
{
    int unit = p->harvester->unit, falls = p->harvester->law.exponent < 0;
    double poor = falls ? levels[unit].most : levels[unit].least;
    double rich = falls ? levels[unit].least : levels[unit].most;
    if (!(income_uw(p, rich, factor) >= uw))
        return INFINITY;
    if (income_uw(p, poor, factor) >= uw)
        return poor;
    for (int i = 0; i < 60; i++) {
        double middle = sqrt(poor * rich);
        if (income_uw(p, middle, factor) >= uw)
            rich = middle;
        else
            poor = middle;
    }
    return rich;
}

/* The load's spread and the law's together, as if the source had both. A distance that is near
 * enough only by good luck counts as 0 m. */
static struct energy_interval neutral_interval(const struct place *p, const struct need *need)
{
    double factor = exp(ENERGY_Z_90 * hypot(p->law_log_sd, need->log_sd));
    double lucky = level_for(p, need->uw, factor);
    double unlucky = level_for(p, need->uw, 1 / factor);
    struct energy_interval n = {.p10 = lucky, .p50 = level_for(p, need->uw, 1), .p90 = unlucky};
    if (p->harvester->law.exponent > 0 || !isfinite(n.p50))
        return n;
    n.p10 = isfinite(unlucky) ? unlucky : 0;
    n.p90 = lucky;
    return n;
}

static struct need need_of(const struct energy_supply *supply, const struct energy_lifetime *life)
{
    const struct energy_interval *spread = &life->average_uw_spread;
    /* Calendar ageing is charge that gets lost, but nothing that has to come in again. */
    double ageing_uw = supply->ageing_ua * battery_v(supply);
    struct need need = {.uw = life->average_uw - ageing_uw};
    if (spread->p10 > 0)
        need.log_sd = log(spread->p90 / spread->p10) / (2 * ENERGY_Z_90);
    for (uint32_t i = 0; i < life->part_count; i++)
        if (strcmp(life->parts[i].name, "self-discharge") == 0)
            need.self_discharge_uw = life->parts[i].uw;
    return need;
}

static void add_note(struct energy_lifetime *life, const char *text)
{
    if (life->note_count < ENERGY_LIFETIME_NOTES)
        snprintf(life->notes[life->note_count++], sizeof life->notes[0], "%s", text);
}

/* Days until the store holds less than a night takes, by calendar and by a cycle a day. */
static double aged_out_days(const struct energy_store *store, double needed_uj)
{
    double cycles_per_year = DAYS_PER_YEAR * needed_uj / store->uj;
    double loss_per_year = store->capacity_loss_per_year;
    if (store->cycle_life > 0)
        loss_per_year += store->fade * cycles_per_year / store->cycle_life;
    if (!(loss_per_year > 0))
        return INFINITY;
    return (1 - needed_uj / store->uj) / loss_per_year * DAYS_PER_YEAR;
}

static double fastest_ageing(const struct energy_supply *supply, double z)
{
    return energy_unknown_factor(&supply->unknowns[ENERGY_SUPPLY_AGEING], z);
}

/* Carried for ever: the store's own ageing ends it. */
static void set_neutral(const struct energy_supply *supply, const struct energy_store *store,
                        const struct energy_harvest *harvest, struct energy_lifetime *life)
{
    double aged = aged_out_days(store, harvest->store_uj_needed);
    double shelf = store->shelf_s > 0 ? store->shelf_s / DAY_S : INFINITY;
    int by_age = aged < shelf;
    char text[256];
    life->days.p50 = fmin(life->days.p50, aged);
    life->days.p10 = fmin(life->days.p10, aged / fastest_ageing(supply, ENERGY_Z_90));
    life->days.p90 = fmin(life->days.p90, aged / fastest_ageing(supply, -ENERGY_Z_90));
    snprintf(life->limited_by, sizeof life->limited_by, "energy-neutral");
    if (!isfinite(fmin(aged, shelf)))
        return;
    snprintf(text, sizeof text,
             "The income carries the load; %.40s is then %s after %.2g years (calendar%s).",
             supply->battery->name, by_age ? "too small for the hours without it" : "aged out",
             fmin(aged, shelf) / DAYS_PER_YEAR, store->cycle_life > 0 ? " and cycles" : "");
    add_note(life, text);
}

static void note_not_neutral(const struct place *p, const struct energy_store *store,
                             const struct energy_harvest *harvest, struct energy_lifetime *life)
{
    const struct energy_converter *c = p->harvester->converter;
    char text[256] = "";
    double source_uw = energy_harvester_source_uw(p->harvester, p->level, p->size);
    if (!energy_converter_runs(p->harvester, source_uw))
        snprintf(text, sizeof text,
                 "%.3g uW of %.40s at %.3g %s do not start its converter %.40s: no income.",
                 source_uw, p->harvester->name, p->level, energy_harvester_unit(p->harvester),
                 c->name);
    else if (!(harvest->income_uw.p50 > 0))
        snprintf(text, sizeof text,
                 "%.40s brings less than its converter %.40s takes: the battery is better off "
                 "without it.",
                 p->harvester->name, c->name);
    else if (!store->rechargeable)
        snprintf(text, sizeof text,
                 "The battery cannot be charged: the income relieves it while it is there, what is "
                 "more than the load is lost.");
    else if (store->uj < harvest->store_uj_needed)
        snprintf(text, sizeof text,
                 "From full to empty the battery carries %.3g of the %.3g hours without income.",
                 (24 - p->hours) * store->uj / harvest->store_uj_needed, 24 - p->hours);
    if (text[0])
        add_note(life, text);
}

/* What comes in counts up to what the load takes at that time. */
static double relief_uw(const struct place *p, const struct need *need, double income)
{
    double while_there = p->hours > 0 ? income * 24 / p->hours : 0;
    return fmin(while_there, need->uw - need->self_discharge_uw) * p->hours / 24;
}

/* The part of the income that the battery has something of, with the spread that is left of it:
 * where the load is the limit, little. */
static struct energy_income income_of(const struct place *p, const struct need *need,
                                      const struct energy_store *store,
                                      const struct energy_harvest *harvest)
{
    struct energy_interval i = harvest->income_uw;
    struct energy_income income = {.name = p->harvester->name, .log_sd = p->log_sd};
    if (!store->rechargeable) {
        i.p10 = relief_uw(p, need, i.p10);
        i.p50 = relief_uw(p, need, i.p50);
        i.p90 = relief_uw(p, need, i.p90);
    }
    income.uw = i.p50;
    if (i.p10 > 0)
        income.log_sd = log(i.p90 / i.p10) / (2 * ENERGY_Z_90);
    return income;
}

/* The store is taken as charged: from an empty one it is another matter. */
static void note_cold_start(const struct place *p, struct energy_lifetime *life)
{
    const struct energy_converter *c = p->harvester->converter;
    char text[256];
    double source_uw = energy_harvester_source_uw(p->harvester, p->level, p->size);
    if (!energy_converter_runs(p->harvester, source_uw) ||
        energy_converter_starts(p->harvester, source_uw))
        return;
    snprintf(text, sizeof text,
             "The store starts charged. A cold start of %.40s from an empty one needs %.3g uW and "
             "%.3g V; %.40s gives %.3g uW.",
             c->name, c->cold_start_uw.value, c->cold_start_v.value, p->harvester->name, source_uw);
    add_note(life, text);
}

/* ---- how sure it is ---------------------------------------------------------------------- */

/* Everything that a life at another income is computed from. */
struct case_of {
    const struct energy_supply *supply;
    const struct energy_load *load;
    const struct place *place;
    const struct need *need;
    const struct energy_store *store;
    const struct energy_harvest *harvest;
    double log_sd; /* of income over need, as if the source had both */
};

/* Days with an income z standard deviations from the nominal one. */
static enum cc_status days_at(const struct case_of *c, double z, double *days, int *neutral,
                              struct cc_error *err)
{
    struct energy_lifetime other;
    double uw = income_uw(c->place, c->place->level, exp(z * c->log_sd));
    int lasts = c->store->uj >= c->harvest->store_uj_needed;
    struct energy_income income = {.name = c->place->harvester->name, .uw = uw};
    *neutral = c->store->rechargeable && lasts && uw >= c->need->uw;
    if (!c->store->rechargeable)
        income.uw = relief_uw(c->place, c->need, uw);
    else if (!lasts)
        income.uw = 0;
    enum cc_status status = energy_lifetime_with_income(
        c->supply, c->load, income.uw > 0 ? &income : NULL, 0, &other, err);
    *days = other.days.p50;
    if (*neutral)
        *days = fmin(*days, aged_out_days(c->store, c->harvest->store_uj_needed));
    return status;
}

/* Probability that the income carries the load. */
static double neutral_probability(const struct case_of *c)
{
    double poor = -8, rich = 8;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (poor + rich);
        if (income_uw(c->place, c->place->level, exp(middle * c->log_sd)) >= c->need->uw)
            rich = middle;
        else
            poor = middle;
    }
    return 0.5 * erfc(rich / sqrt(2));
}

/* The harvester's share of what the interval has grown by goes to the head of the list; the others
 * keep theirs of what it was. */
static void share_spread(const struct case_of *c, const struct energy_interval *before,
                         struct energy_lifetime *life)
{
    const char *name = c->place->harvester->name;
    const struct energy_interval *now = &life->days;
    double was = before->p10 > 0 ? log(before->p90 / before->p10) : INFINITY;
    double is = now->p10 > 0 && isfinite(now->p90) ? log(now->p90 / now->p10) : INFINITY;
    double kept = isfinite(was) && isfinite(is) && is > 0 ? was * was / (is * is) : 0;
    double own = pow(c->place->log_sd / c->log_sd, 2), share = (1 - kept) * own;
    struct energy_spread sorted[ENERGY_TOP_SPREADS + 1] = {0};
    uint32_t count = 0;
    if (!(share > 0) || (!isfinite(was) && !isfinite(is)))
        return;
    for (int i = 0; i < ENERGY_TOP_SPREADS && life->spread[i].name[0]; i++) {
        double part = life->spread[i].share * kept;
        if (strcmp(life->spread[i].name, name) == 0) {
            share += part;
            continue;
        }
        sorted[count] = life->spread[i];
        sorted[count++].share = part;
    }
    uint32_t at = count;
    for (; at > 0 && sorted[at - 1].share < share; at--)
        sorted[at] = sorted[at - 1];
    snprintf(sorted[at].name, sizeof sorted[at].name, "%s", name);
    sorted[at].share = share;
    memcpy(life->spread, sorted, sizeof life->spread);
}

static void note_probability(const struct case_of *c, double poor_days,
                             struct energy_lifetime *life)
{
    char text[256];
    snprintf(text, sizeof text,
             "The income carries the load with a probability of about %.0f %%; with as little as "
             "comes in one of ten cases %.40s lasts %.3g days.",
             100 * neutral_probability(c), c->supply->battery->name, poor_days);
    add_note(life, text);
}

/* p10 and p90 of the days are no longer and no shorter than those with the income's own: whether it
 * carries the load is what matters most, and no slope at the nominal income tells it. */
static enum cc_status follow_income(const struct case_of *c, struct energy_lifetime *life,
                                    struct cc_error *err)
{
    const struct energy_interval before = life->days;
    double poor, rich;
    int poor_neutral, rich_neutral;
    if (!(c->log_sd > 0))
        return CC_OK;
    enum cc_status status = days_at(c, -ENERGY_Z_90, &poor, &poor_neutral, err);
    if (status == CC_OK)
        status = days_at(c, ENERGY_Z_90, &rich, &rich_neutral, err);
    if (status != CC_OK)
        return status;
    life->days.p10 = fmin(life->days.p10, poor);
    life->days.p90 = fmax(life->days.p90, rich);
    if (rich_neutral && !c->harvest->neutral) {
        double aged = aged_out_days(c->store, c->harvest->store_uj_needed);
        double last = aged / fastest_ageing(c->supply, -ENERGY_Z_90);
        life->days.p90 = fmax(fmin(life->days.p90, last), life->days.p50);
    }
    share_spread(c, &before, life);
    if (poor_neutral != rich_neutral)
        note_probability(c, poor, life);
    return CC_OK;
}

static void fill(const struct place *p, const struct need *need, const struct energy_store *store,
                 struct energy_harvest *harvest)
{
    const struct energy_harvester *h = p->harvester;
    snprintf(harvest->harvester, sizeof harvest->harvester, "%s", h->name);
    snprintf(harvest->unit, sizeof harvest->unit, "%s", energy_harvester_unit(h));
    harvest->level = p->level;
    harvest->hours_per_day = p->hours;
    harvest->income_uw = income_interval(p);
    harvest->store_uj_needed = need->uw * (24 - p->hours) * 3600;
    harvest->neutral_at = (struct energy_interval){INFINITY, INFINITY, INFINITY};
    if (store->rechargeable && store->uj >= harvest->store_uj_needed)
        harvest->neutral_at = neutral_interval(p, need);
    harvest->neutral = isfinite(harvest->neutral_at.p50) && harvest->income_uw.p50 >= need->uw;
}

enum cc_status energy_harvest_lifetime(const struct energy_supply *supply,
                                       const struct energy_load *load,
                                       const struct energy_harvester *harvester,
                                       const struct energy_surroundings *surroundings,
                                       struct energy_lifetime *life, struct energy_harvest *harvest,
                                       struct cc_error *err)
{
    struct place place = {0};
    memset(harvest, 0, sizeof *harvest);
    enum cc_status status = set_place(supply, harvester, surroundings, &place, err);
    if (status == CC_OK)
        status = energy_lifetime_compute(supply, load, 1, life, err);
    if (status != CC_OK)
        return status;
    struct need need = need_of(supply, life);
    struct energy_store store = energy_supply_store(supply, load);
    fill(&place, &need, &store, harvest);
    struct energy_income income = income_of(&place, &need, &store, harvest);
    /* A store that does not get through its first night ends there, whatever the day brings. */
    int ends_at_night = store.rechargeable && store.uj < harvest->store_uj_needed;
    if (income.uw > 0 && !ends_at_night)
        status = energy_lifetime_with_income(supply, load, &income, 1, life, err);
    if (status != CC_OK)
        return status;
    if (harvest->neutral)
        set_neutral(supply, &store, harvest, life);
    else
        note_not_neutral(&place, &store, harvest, life);
    note_cold_start(&place, life);
    struct case_of c = {supply, load, &place, &need, &store, harvest, place.log_sd};
    if (store.rechargeable)
        c.log_sd = hypot(place.log_sd, need.log_sd);
    return follow_income(&c, life, err);
}
