/* What a battery's file says, as the list of a report's inputs. */
#include "energy_battery_internal.h"

#include <stdio.h>

struct list {
    const char *path;
    const struct energy_battery *battery; /* NULL: of a regulator alone */
    struct energy_docs *docs;
    struct cc_error *err;
    enum cc_status status;
};

static void add(struct list *l, const char *key, const struct energy_figure *figure)
{
    if (l->status == CC_OK)
        l->status = energy_docs_add(l->docs, l->path, key, figure, l->err);
}

static void add_number(struct list *l, const char *table, unsigned row, const char *key,
                       double value, int verified, const char *source)
{
    char path[96];
    snprintf(path, sizeof path, "%s.rows[%u].%s", table, row, key);
    if (l->status == CC_OK)
        l->status = energy_docs_add_number(l->docs, l->path, path, value, verified, source, l->err);
}

static void add_rates(struct list *l, const char *name, const struct energy_rates *rates)
{
    for (uint32_t i = 0; i < rates->rows_count; i++) {
        add_number(l, name, i, "ma", rates->rows[i].ma, rates->verified, rates->source);
        add_number(l, name, i, "capacity", rates->rows[i].capacity, rates->verified, rates->source);
    }
}

static void add_figures(struct list *l)
{
    const struct energy_battery *b = l->battery;
    const struct {
        const char *key;
        const struct energy_figure *figure;
    } rows[] = {
        {"self_discharge_percent_per_year", &b->self_discharge_percent_per_year},
        {"self_discharge_doubling_c", &b->self_discharge_doubling_c},
        {"shelf_life_years", &b->shelf_life_years},
        {"resistance_rsd", &b->resistance_rsd},
        {"max_pulse_ma", &b->max_pulse_ma},
        {"supercapacitor.capacitance_f", &b->supercapacitor.capacitance_f},
        {"supercapacitor.rated_v", &b->supercapacitor.rated_v},
        {"supercapacitor.lowest_v", &b->supercapacitor.lowest_v},
        {"supercapacitor.esr_ohm", &b->supercapacitor.esr_ohm},
        {"supercapacitor.leakage_ua", &b->supercapacitor.leakage_ua},
        {"ageing.capacity_loss_percent_per_year", &b->ageing.capacity_loss_percent_per_year},
        {"ageing.cycle_life_count", &b->ageing.cycle_life_count},
        {"ageing.fade_percent", &b->ageing.fade_percent},
        {"ageing.resistance_growth_percent", &b->ageing.resistance_growth_percent},
        {"kibam.c_fraction", &b->kibam.c_fraction},
        {"kibam.k_per_h", &b->kibam.k_per_h},
        {"long_pulse.duration_s", &b->long_pulse.duration_s},
        {"long_pulse.resistance_factor", &b->long_pulse.resistance_factor},
        {"passivation.resistance_factor", &b->passivation.resistance_factor},
        {"passivation.after_days", &b->passivation.after_days},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        add(l, rows[i].key, rows[i].figure);
}

static void add_regulator(struct list *l, const char *prefix, const struct energy_regulator *r)
{
    const struct {
        const char *key;
        const struct energy_figure *figure;
    } rows[] = {
        {"vout_v", &r->vout_v},
        {"iq_ua", &r->iq_ua},
        {"dropout_v", &r->dropout_v},
        {"efficiency_fraction", &r->efficiency_fraction},
        {"loss_ohm", &r->loss_ohm},
        {"least_input_v", &r->least_input_v},
        {"most_input_v", &r->most_input_v},
    };
    char key[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(key, sizeof key, "%s%s", prefix, rows[i].key);
        add(l, key, rows[i].figure);
    }
}

static void add_tables(struct list *l)
{
    const struct energy_battery *b = l->battery;
    const struct energy_temperatures *t = &b->temperature;
    for (uint32_t i = 0; i < t->rows_count; i++) {
        add_number(l, "temperature", i, "capacity", t->rows[i].capacity, t->verified, t->source);
        add_number(l, "temperature", i, "resistance", t->rows[i].resistance, t->verified,
                   t->source);
    }
    add_rates(l, "rate", &b->rate);
    add_rates(l, "pulse_derating", &b->pulse_derating);
    for (uint32_t i = 0; i < b->curve.rows_count && !energy_battery_is_supercapacitor(b); i++) {
        add_number(l, "curve", i, "v", b->curve.rows[i].v, b->curve.verified, b->curve.source);
        add_number(l, "curve", i, "r_ohm", b->curve.rows[i].r_ohm, b->curve.verified,
                   b->curve.source);
    }
}

enum cc_status energy_regulator_docs(const struct energy_regulator *regulator,
                                     struct energy_docs *docs, struct cc_error *err)
{
    struct list list = {regulator->path, NULL, docs, err, CC_OK};
    add_regulator(&list, "", regulator);
    return list.status;
}

enum cc_status energy_battery_docs(const struct energy_battery *battery, struct energy_docs *docs,
                                   struct cc_error *err)
{
    struct list list = {battery->path, battery, docs, err, CC_OK};
    if (!energy_battery_is_supercapacitor(battery)) {
        add(&list, "capacity_mah", &battery->capacity_mah);
        add(&list, "cut_off_v", &battery->cut_off_v);
    }
    add_figures(&list);
    if (!battery->regulator_name[0])
        add_regulator(&list, "regulator.", &battery->regulator);
    else if (list.status == CC_OK)
        list.status = energy_regulator_docs(&battery->regulator, docs, err);
    add_tables(&list);
    return list.status;
}
