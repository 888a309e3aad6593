/* A profile times the prices of a chip.
 *
 *   E(VDD) = (VDD / Vref)^n x [ static_ua x Vref x time x leak(T)
 *          + scale x ( cycle_pj x core cycles + stall_pj x stall cycles + idle_pj x cycles slept
 *                    + sum(class price x instructions)
 *                    + sum over regions(fetch_pj x words fetched + line_read_pj x line reads
 *                                       + read_pj x reads + write_pj x writes) ) ]
 *
 * n is 1 behind an LDO (the current does not depend on VDD) and near 0 behind a switching
 * regulator; scale and static_ua are of the operating point. Every cycle is priced once: as core
 * cycle when the core works, as stall when it waits, as idle when it sleeps with its clock tree on.
 * time covers the cycles slept. leak(T) doubles every leakage_doubling_c above 25 C. */
#include "energy_chip_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const part_names[ENERGY_PART_COUNT] = {"static", "cycles", "classes", "memory",
                                                          "stalls"};

const char *energy_part_name(enum energy_part part)
{
    return (unsigned)part < ENERGY_PART_COUNT ? part_names[part] : "?";
}

static enum cc_status missing_price(const struct energy_prices *prices, uint32_t slot, double count,
                                    struct cc_error *err)
{
    const struct energy_price_slot *s = &energy_price_slots[slot];
    const char *keys[ENERGY_PRICE_SLOTS];
    size_t key_count = 0;
    for (uint32_t i = 0; i < ENERGY_PRICE_SLOTS; i++) {
        if (energy_figure_present(&energy_slot_price_of(prices, i)->figure))
            keys[key_count++] = energy_price_slots[i].key;
    }
    const char *nearest = cc_nearest(s->key, keys, key_count);
    return cc_fail(err, CC_ERR_INPUT, "%s: %s: no price for %.0f %s; %s%s%sadd the missing one",
                   prices->path, s->key, count, s->unit, nearest ? "the nearest key there is " : "",
                   nearest ? nearest : "", nearest ? "; " : "");
}

static void add_term(struct energy_bill *bill, const struct energy_fitted *price, int kind,
                     double weight)
{
    bill->terms[bill->term_count++] =
        (struct energy_term){.price = price, .kind = kind, .weight = weight};
}

static void add_static(const struct energy_pricing *p, const struct sim_counts *counts,
                       struct energy_bill *bill)
{
    const struct energy_fitted *price = &p->point_prices->static_ua;
    /* uA x V x s = uJ */
    double uw = price->figure.value * p->leakage * p->chip->reference_vdd_v.value * p->factor;
    double running_uj = uw * (double)counts->cycles / p->clock_hz;
    double uj = running_uj + uw * (double)counts->sleep_cycles / p->clock_hz;
    bill->uj[ENERGY_STATIC] += uj;
    bill->by_cycles += running_uj;
    add_term(bill, price, ENERGY_TERM_STATIC, uj);
    if (p->leakage_weight != 0)
        add_term(bill, &p->leakage_doubling_c, ENERGY_TERM_LEAKAGE, uj * p->leakage_weight);
}

static enum cc_status add_slots(const struct energy_pricing *p, const struct sim_counts *counts,
                                struct energy_bill *bill, double *scaled_uj, struct cc_error *err)
{
    double pj_to_uj = p->point_prices->price_scale.figure.value * p->factor * 1e-6;
    for (uint32_t i = 0; i < ENERGY_PRICE_SLOTS; i++) {
        const struct energy_price_slot *slot = &energy_price_slots[i];
        const struct energy_fitted *price = energy_slot_price_of(p->chip->prices, i);
        double count = energy_slot_count(i, counts);
        if (count == 0)
            continue;
        if (!energy_figure_present(&price->figure))
            return missing_price(p->chip->prices, i, count, err);
        double uj = price->figure.value * count * pj_to_uj;
        bill->uj[slot->part] += uj;
        *scaled_uj += uj;
        if (slot->part == ENERGY_CYCLES || slot->part == ENERGY_STALLS)
            bill->by_cycles += uj;
        add_term(bill, price, (int)i, uj);
    }
    return CC_OK;
}

enum cc_status energy_bill_make(const struct energy_pricing *p, const struct sim_counts *counts,
                                struct energy_bill *bill, struct cc_error *err)
{
    double scaled_uj = 0;
    memset(bill, 0, sizeof *bill);
    add_static(p, counts, bill);
    enum cc_status status = add_slots(p, counts, bill, &scaled_uj, err);
    if (status != CC_OK)
        return status;
    add_term(bill, &p->point_prices->price_scale, ENERGY_TERM_SCALE, scaled_uj);
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        bill->total_uj += bill->uj[i];
    double per_uj = bill->total_uj > 0 ? 1 / bill->total_uj : 0;
    bill->by_cycles *= per_uj;
    for (uint32_t i = 0; i < bill->term_count; i++)
        bill->terms[i].weight *= per_uj;
    if (p->point->regulator == ENERGY_SMPS)
        add_term(bill, &p->point_prices->vdd_exponent, ENERGY_TERM_SUPPLY_LAW,
                 p->exponent * log(p->vdd_v / p->chip->reference_vdd_v.value));
    return CC_OK;
}

enum cc_status energy_pricing_start(const struct energy_chip *chip,
                                    const struct sim_profile *profile,
                                    const struct energy_condition *condition,
                                    struct energy_pricing *p, struct cc_error *err)
{
    struct energy_condition at;
    *p = (struct energy_pricing){
        .chip = chip, .clock_hz = profile->clock_hz, .cycles_rsd = profile->cycles_rsd};
    if (!chip->prices)
        return cc_fail(err, CC_ERR_USAGE, "%s was loaded without prices", chip->name);
    enum cc_status status = energy_condition_fill(chip, condition, &at, err);
    if (status == CC_OK)
        status = energy_chip_point(chip, p->clock_hz, profile->voltage_range, at.regulator,
                                   &p->point, err);
    if (status != CC_OK)
        return status;
    p->vdd_v = at.vdd_v;
    p->point_prices = energy_point_prices_of(chip, p->point);
    p->exponent = energy_point_exponent(p->point, p->point_prices);
    p->factor = pow(at.vdd_v / chip->reference_vdd_v.value, p->exponent);
    p->leakage = energy_point_leakage(chip, p->point, at.temperature_c);
    p->leakage_doubling_c.figure = energy_figure_present(&p->point->leakage_doubling_c)
                                       ? p->point->leakage_doubling_c
                                       : chip->leakage_doubling_c;
    p->leakage_weight = -log(p->leakage);
    return CC_OK;
}

static enum cc_status price_scopes(const struct energy_pricing *p,
                                   const struct sim_profile *profile, struct energy_result *result,
                                   struct cc_error *err)
{
    if (profile->scope_count == 0)
        return CC_OK;
    result->scope_uj = calloc(profile->scope_count, sizeof *result->scope_uj);
    if (!result->scope_uj)
        return cc_no_memory(err);
    result->scope_count = profile->scope_count;
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        struct energy_bill bill;
        struct energy_effects effects;
        enum cc_status status = energy_bill_make(p, &profile->scopes[i].counts, &bill, err);
        if (status != CC_OK)
            return cc_prefix(err, "operator %s", profile->scopes[i].name);
        energy_bill_effects(p, &bill, &effects);
        result->scope_uj[i] = energy_interval_lognormal(bill.total_uj, effects.rsd);
    }
    return CC_OK;
}

/* The first words of a text that fit, with dots when there are more. */
static const char *first_words(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    while (length > 0 && from[length - 1] == '\n')
        length--;
    if (length < size) {
        memcpy(to, from, length);
        to[length] = '\0';
        return to;
    }
    length = size - 4;
    while (length > 0 && from[length] != ' ')
        length--;
    snprintf(to, size, "%.*s...", (int)length, from);
    return to;
}

static void write_note(const struct energy_pricing *p, const struct energy_bill *bill,
                       struct energy_result *result)
{
    char fitted[101];
    unsigned unverified = 0;
    for (uint32_t i = 0; i < bill->term_count; i++)
        unverified += !bill->terms[i].price->figure.verified;
    snprintf(result->source_note, sizeof result->source_note,
             "%s, at %.3g V; %s; %u of the %u figures used here are unverified", p->point->name,
             result->vdd_v, first_words(fitted, sizeof fitted, p->chip->prices->fitted_on),
             unverified, (unsigned)bill->term_count);
}

static void describe_effects(const struct energy_effects *effects, struct energy_result *result)
{
    struct energy_unknowns set = {.count = 0};
    double by[ENERGY_MAX_EFFECTS];
    memcpy(result->effects, effects->list, sizeof result->effects);
    result->effect_count = effects->count;
    for (uint32_t i = 0; i < effects->count; i++) {
        int at = energy_unknown_add_log(&set, effects->list[i].name, 1);
        if (at >= 0)
            by[at] = effects->list[i].log_effect;
    }
    energy_spread_top(&set, by, result->spread);
    result->total_rsd = effects->rsd;
}

static void describe(const struct energy_pricing *p, const struct sim_profile *profile,
                     const struct energy_bill *bill, struct energy_result *result)
{
    struct energy_effects effects;
    double cycles = (double)profile->total.cycles + (double)profile->total.sleep_cycles;
    struct energy_interval latency_s =
        energy_interval_lognormal(cycles / profile->clock_hz, profile->cycles_rsd);
    result->latency_s = latency_s.p50;
    result->latency_p10_s = latency_s.p10;
    result->latency_p90_s = latency_s.p90;
    result->vdd_v = p->vdd_v;
    result->vdd_exponent = p->exponent;
    snprintf(result->regulator, sizeof result->regulator, "%s",
             energy_regulator_text(p->point->regulator));
    memcpy(result->range, p->point->range, sizeof result->range);
    memcpy(result->parts_uj, bill->uj, sizeof bill->uj);
    energy_bill_effects(p, bill, &effects);
    describe_effects(&effects, result);
    result->total_uj = energy_interval_lognormal(bill->total_uj, result->total_rsd);
    if (result->latency_s > 0)
        result->running_ma = result->total_uj.p50 * 1e-3 / result->latency_s / result->vdd_v;
    write_note(p, bill, result);
}

enum cc_status energy_price(const struct energy_chip *chip, const struct sim_profile *profile,
                            const struct energy_condition *condition, struct energy_result *result,
                            struct cc_error *err)
{
    struct energy_pricing p;
    struct energy_bill bill;
    memset(result, 0, sizeof *result);
    enum cc_status status = energy_pricing_start(chip, profile, condition, &p, err);
    if (status == CC_OK)
        status = energy_bill_make(&p, &profile->total, &bill, err);
    if (status == CC_OK)
        status = price_scopes(&p, profile, result, err);
    if (status != CC_OK) {
        energy_result_free(result);
        return status;
    }
    describe(&p, profile, &bill, result);
    return CC_OK;
}

void energy_result_free(struct energy_result *result)
{
    free(result->scope_uj);
    memset(result, 0, sizeof *result);
}
