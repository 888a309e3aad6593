/* A profile times the prices of a chip.
 *
 *   E(VDD) = (VDD / Vref)^n x [ static_ua x Vref x time
 *                             + k_cycle x core_cycles + k_stall x stall cycles
 *                             + scale x (sum(class price x count) + sum(region price x accesses)) ]
 *
 * n is 1 behind an LDO (the current does not depend on VDD) and near 0 behind a switching
 * regulator. Every cycle is priced once: at k_cycle when the core works, at k_stall when it waits.
 *
 * Uncertainty. Prices of one part (all classes, all regions, ...) were fitted together, so their
 * errors are taken as fully correlated within a part and independent between parts; on top of
 * that one factor, common_rsd, is shared by everything (board, silicon, firmware configuration).
 * The counts of instructions and accesses are exact; those of cycles are a model's, so one error,
 * the profile's cycles_rsd, is shared by the parts that are paid by the cycle or by time. */
#include "energy_internal.h"

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

/* Energy and its standard deviation per part, before the factor of the supply voltage. */
struct bill {
    double uj[ENERGY_PART_COUNT];
    double sd_uj[ENERGY_PART_COUNT];
};

struct pricing {
    const struct energy_chip *chip;
    const struct energy_point *point;
    double clock_hz;
    double factor;     /* of the supply voltage on every energy */
    double common_rsd; /* shared by all prices, supply law included */
    double cycles_rsd; /* shared by all that is paid by the cycle */
};

static void charge(struct bill *bill, enum energy_part part, const struct energy_figure *price,
                   double scale, double pj_count)
{
    double uj = price->value * scale * pj_count * 1e-6;
    bill->uj[part] += uj;
    bill->sd_uj[part] += uj * energy_figure_rsd(price);
}

/* Keys of the prices that the file does have, for the message about one that it has not. */
struct price_keys {
    char text[SIM_CLASS_COUNT + 3 * SIM_REGION_COUNT][SIM_NAME_BYTES];
    const char *list[SIM_CLASS_COUNT + 3 * SIM_REGION_COUNT];
    size_t count;
};

static void add_key(struct price_keys *keys, const struct energy_figure *figure, const char *before,
                    const char *name, const char *after)
{
    if (!energy_figure_present(figure))
        return;
    snprintf(keys->text[keys->count], SIM_NAME_BYTES, "%s%s%s", before, name, after);
    keys->list[keys->count] = keys->text[keys->count];
    keys->count++;
}

static enum cc_status missing_price(const struct energy_chip *chip, const char *key, uint64_t count,
                                    const char *of_what, struct cc_error *err)
{
    struct price_keys keys = {.count = 0};
    for (int c = 0; c < SIM_CLASS_COUNT; c++)
        add_key(&keys, energy_chip_class(chip, c), "classes.", sim_class_name((enum sim_class)c),
                "_pj");
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const struct energy_region_prices *prices = energy_chip_region(chip, r);
        const char *name = sim_region_name((enum sim_region_kind)r);
        add_key(&keys, &prices->read_pj, "regions.", name, ".read_pj");
        add_key(&keys, &prices->write_pj, "regions.", name, ".write_pj");
        add_key(&keys, &prices->line_read_pj, "regions.", name, ".line_read_pj");
    }
    const char *nearest = cc_nearest(key, keys.list, keys.count);
    return cc_fail(err, CC_ERR_INPUT, "%s: %s: no price for %llu %s; %s%s%sadd the missing one",
                   chip->path, key, (unsigned long long)count, of_what,
                   nearest ? "the nearest key there is " : "", nearest ? nearest : "",
                   nearest ? "; " : "");
}

static enum cc_status bill_classes(const struct pricing *p, const struct sim_counts *counts,
                                   struct bill *bill, struct cc_error *err)
{
    for (int c = 0; c < SIM_CLASS_COUNT; c++) {
        const struct energy_figure *price = energy_chip_class(p->chip, c);
        uint64_t n = counts->classes[c];
        if (n == 0)
            continue;
        if (!energy_figure_present(price)) {
            char key[SIM_NAME_BYTES];
            snprintf(key, sizeof key, "classes.%s_pj", sim_class_name((enum sim_class)c));
            return missing_price(p->chip, key, n, "instructions", err);
        }
        charge(bill, ENERGY_CLASSES, price, p->point->price_scale.value, (double)n);
    }
    return CC_OK;
}

static enum cc_status bill_access(const struct pricing *p, const struct energy_figure *price,
                                  uint64_t n, const char *region, const char *kind,
                                  struct bill *bill, struct cc_error *err)
{
    if (n == 0)
        return CC_OK;
    if (!energy_figure_present(price)) {
        char key[SIM_NAME_BYTES];
        snprintf(key, sizeof key, "regions.%s.%s", region, kind);
        return missing_price(p->chip, key, n, "accesses", err);
    }
    charge(bill, ENERGY_MEMORY, price, p->point->price_scale.value, (double)n);
    return CC_OK;
}

static enum cc_status bill_regions(const struct pricing *p, const struct sim_counts *counts,
                                   struct bill *bill, struct cc_error *err)
{
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const struct energy_region_prices *prices = energy_chip_region(p->chip, r);
        const struct sim_accesses *a = &counts->regions[r];
        const char *name = sim_region_name((enum sim_region_kind)r);
        enum cc_status status =
            bill_access(p, &prices->read_pj, a->reads, name, "read_pj", bill, err);
        if (status == CC_OK)
            status = bill_access(p, &prices->write_pj, a->writes, name, "write_pj", bill, err);
        if (status == CC_OK)
            status = bill_access(p, &prices->line_read_pj, a->line_reads, name, "line_read_pj",
                                 bill, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status bill_counts(const struct pricing *p, const struct sim_counts *counts,
                                  struct bill *bill, struct cc_error *err)
{
    memset(bill, 0, sizeof *bill);
    /* uA x V x s = uJ, and charge() takes pJ. */
    double static_pj_per_ua =
        p->chip->reference_vdd_v.value * (double)counts->cycles / p->clock_hz * 1e6;
    double stalls = (double)counts->fetch_stall_cycles + (double)counts->data_stall_cycles;
    charge(bill, ENERGY_STATIC, &p->point->static_ua, 1, static_pj_per_ua);
    charge(bill, ENERGY_CYCLES, &p->point->k_cycle_pj, 1, (double)counts->core_cycles);
    charge(bill, ENERGY_STALLS, &p->point->k_stall_pj, 1, stalls);
    enum cc_status status = bill_classes(p, counts, bill, err);
    if (status == CC_OK)
        status = bill_regions(p, counts, bill, err);
    for (int i = 0; i < ENERGY_PART_COUNT; i++) {
        bill->uj[i] *= p->factor;
        bill->sd_uj[i] *= p->factor;
    }
    return status;
}

static double bill_sum(const struct bill *bill)
{
    double sum = 0;
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        sum += bill->uj[i];
    return sum;
}

/* Relative standard deviation of the sum: parts independent, plus the common factor, plus the
 * error of the cycles. */
static double bill_rsd(const struct bill *bill, const struct pricing *p)
{
    double sum = bill_sum(bill);
    double by_cycle = bill->uj[ENERGY_STATIC] + bill->uj[ENERGY_CYCLES] + bill->uj[ENERGY_STALLS];
    double variance = p->cycles_rsd * p->cycles_rsd * by_cycle * by_cycle;
    if (sum <= 0)
        return p->common_rsd;
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        variance += bill->sd_uj[i] * bill->sd_uj[i];
    return sqrt(variance / (sum * sum) + p->common_rsd * p->common_rsd);
}

/* The error of the supply law grows with the distance from the voltage of the fit. */
static double shared_rsd(const struct energy_chip *chip, double vdd_v)
{
    double law = 0;
    if (chip->supply == ENERGY_SUPPLY_SMPS)
        law = fabs(log(vdd_v / chip->reference_vdd_v.value) * chip->vdd_exponent.value) *
              energy_figure_rsd(&chip->vdd_exponent);
    return hypot(chip->common_rsd.value, law);
}

static enum cc_status start_pricing(const struct energy_chip *chip,
                                    const struct sim_profile *profile, double vdd_v,
                                    struct pricing *p, struct cc_error *err)
{
    *p = (struct pricing){
        .chip = chip, .clock_hz = profile->clock_hz, .cycles_rsd = profile->cycles_rsd};
    if (!isfinite(vdd_v) || vdd_v < chip->vdd_min_v.value || vdd_v > chip->vdd_max_v.value)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: a supply of %g V is outside %g..%g V of this chip; give one inside",
                       chip->name, vdd_v, chip->vdd_min_v.value, chip->vdd_max_v.value);
    p->factor = energy_chip_vdd_factor(chip, chip->reference_vdd_v.value, vdd_v);
    p->common_rsd = shared_rsd(chip, vdd_v);
    return energy_chip_point(chip, p->clock_hz, profile->voltage_range, &p->point, err);
}

static enum cc_status price_scopes(const struct pricing *p, const struct sim_profile *profile,
                                   struct energy_result *result, struct cc_error *err)
{
    if (profile->scope_count == 0)
        return CC_OK;
    result->scope_uj = calloc(profile->scope_count, sizeof *result->scope_uj);
    if (!result->scope_uj)
        return cc_no_memory(err);
    result->scope_count = profile->scope_count;
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        struct bill bill;
        enum cc_status status = bill_counts(p, &profile->scopes[i].counts, &bill, err);
        if (status != CC_OK)
            return cc_prefix(err, "operator %s", profile->scopes[i].name);
        result->scope_uj[i] = energy_interval_lognormal(bill_sum(&bill), bill_rsd(&bill, p));
    }
    return CC_OK;
}

static unsigned unverified_figures(const struct energy_chip *chip, unsigned *all)
{
    unsigned unverified = 0;
    *all = 0;
    for (int c = 0; c < SIM_CLASS_COUNT; c++) {
        const struct energy_figure *f = energy_chip_class(chip, c);
        *all += (unsigned)energy_figure_present(f);
        unverified += (unsigned)(energy_figure_present(f) && !f->verified);
    }
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const struct energy_region_prices *p = energy_chip_region(chip, r);
        const struct energy_figure *f[] = {&p->read_pj, &p->write_pj, &p->line_read_pj};
        for (int i = 0; i < 3; i++) {
            *all += (unsigned)energy_figure_present(f[i]);
            unverified += (unsigned)(energy_figure_present(f[i]) && !f[i]->verified);
        }
    }
    return unverified;
}

/* The first words of a source that fit, with dots when there are more. */
static const char *first_words(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    if (length < size) {
        memcpy(to, from, length + 1);
        return to;
    }
    length = size - 4;
    while (length > 0 && from[length] != ' ')
        length--;
    snprintf(to, size, "%.*s...", (int)length, from);
    return to;
}

static void write_note(const struct pricing *p, struct energy_result *result)
{
    const struct energy_point *point = p->point;
    char source[81];
    unsigned all;
    unsigned unverified = unverified_figures(p->chip, &all);
    snprintf(result->source_note, sizeof result->source_note,
             "%s at %.3g V, %.40s; cycle price %s (%s); %u of %u class and memory prices are "
             "unverified",
             p->chip->supply == ENERGY_SUPPLY_LDO ? "LDO" : "SMPS", result->vdd_v, point->name,
             point->k_cycle_pj.verified ? "verified" : "unverified",
             first_words(source, sizeof source, point->k_cycle_pj.source), unverified, all);
}

enum cc_status energy_price(const struct energy_chip *chip, const struct sim_profile *profile,
                            double vdd_v, struct energy_result *result, struct cc_error *err)
{
    struct pricing p;
    struct bill bill;
    memset(result, 0, sizeof *result);
    result->vdd_v = vdd_v == 0 ? chip->vdd_v.value : vdd_v;
    enum cc_status status = start_pricing(chip, profile, result->vdd_v, &p, err);
    if (status == CC_OK)
        status = bill_counts(&p, &profile->total, &bill, err);
    if (status == CC_OK)
        status = price_scopes(&p, profile, result, err);
    if (status != CC_OK) {
        energy_result_free(result);
        return status;
    }
    struct energy_interval latency_s = energy_interval_lognormal(
        (double)profile->total.cycles / profile->clock_hz, profile->cycles_rsd);
    result->latency_s = latency_s.p50;
    result->latency_p10_s = latency_s.p10;
    result->latency_p90_s = latency_s.p90;
    memcpy(result->range, p.point->range, sizeof result->range);
    memcpy(result->parts_uj, bill.uj, sizeof bill.uj);
    result->total_rsd = bill_rsd(&bill, &p);
    result->total_uj = energy_interval_lognormal(bill_sum(&bill), result->total_rsd);
    if (result->latency_s > 0)
        result->running_ma = result->total_uj.p50 * 1e-3 / result->latency_s / result->vdd_v;
    write_note(&p, result);
    return CC_OK;
}

void energy_result_free(struct energy_result *result)
{
    free(result->scope_uj);
    memset(result, 0, sizeof *result);
}
