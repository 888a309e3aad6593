/* Which figures a price rests on. */
#include "energy_chip_internal.h"

#include <stdio.h>

static enum cc_status add_term(const struct energy_pricing *p, const struct energy_term *t,
                               struct energy_docs *docs, struct cc_error *err)
{
    static const char *const names[] = {
        [ENERGY_TERM_STATIC - ENERGY_TERM_STATIC] = "static_ua",
        [ENERGY_TERM_SCALE - ENERGY_TERM_STATIC] = "price_scale",
        [ENERGY_TERM_SUPPLY_LAW - ENERGY_TERM_STATIC] = "vdd_exponent",
    };
    const struct energy_chip *chip = p->chip;
    unsigned point = (unsigned)(p->point - chip->points);
    char key[128];
    if (t->kind < ENERGY_TERM_STATIC)
        return energy_docs_add(docs, chip->prices->path, energy_price_slots[t->kind].key,
                               &t->price->figure, err);
    if (t->kind != ENERGY_TERM_LEAKAGE) {
        snprintf(key, sizeof key, "operating_points[%u].%s", (unsigned)chip->point_prices[point],
                 names[t->kind - ENERGY_TERM_STATIC]);
        return energy_docs_add(docs, chip->prices->path, key, &t->price->figure, err);
    }
    if (!energy_figure_present(&p->point->leakage_doubling_c))
        return energy_docs_add(docs, chip->path, "leakage_doubling_c", &t->price->figure, err);
    snprintf(key, sizeof key, "operating_points[%u].leakage_doubling_c", point);
    return energy_docs_add(docs, chip->path, key, &t->price->figure, err);
}

static enum cc_status add_point(const struct energy_pricing *p, struct energy_docs *docs,
                                struct cc_error *err)
{
    const struct energy_point *point = p->point;
    unsigned index = (unsigned)(point - p->chip->points);
    char key[128];
    snprintf(key, sizeof key, "operating_points[%u].above_mhz", index);
    enum cc_status status = energy_docs_add_number(docs, p->chip->path, key, point->above_mhz,
                                                   point->verified, point->source, err);
    snprintf(key, sizeof key, "operating_points[%u].up_to_mhz", index);
    if (status == CC_OK)
        status = energy_docs_add_number(docs, p->chip->path, key, point->up_to_mhz, point->verified,
                                        point->source, err);
    return status;
}

enum cc_status energy_price_docs(const struct energy_chip *chip, const struct sim_profile *profile,
                                 const struct energy_condition *condition, struct energy_docs *docs,
                                 struct cc_error *err)
{
    struct energy_pricing p;
    struct energy_bill bill;
    if (!docs)
        return CC_OK;
    enum cc_status status = energy_pricing_start(chip, profile, condition, &p, err);
    if (status == CC_OK)
        status = energy_bill_make(&p, &profile->total, &bill, err);
    if (status == CC_OK && (!condition || condition->vdd_v == 0))
        status = energy_docs_add(docs, chip->path, "vdd_v", &chip->vdd_v, err);
    if (status == CC_OK)
        status = energy_docs_add(docs, chip->prices->path, "reference_vdd_v",
                                 &chip->prices->reference_vdd_v, err);
    if (status == CC_OK)
        status =
            energy_docs_add(docs, chip->prices->path, "chip_rsd", &chip->prices->chip_rsd, err);
    if (status == CC_OK)
        status = add_point(&p, docs, err);
    for (uint32_t i = 0; status == CC_OK && i < bill.term_count; i++)
        status = add_term(&p, &bill.terms[i], docs, err);
    return status;
}
