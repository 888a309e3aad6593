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
    if (!energy_converter_starts(p->harvester, source_uw))
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
    return CC_OK;
}
