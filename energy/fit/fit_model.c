/* The model of energy_price, seen from the prices: a row's power is linear in them. */
#include "fit_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t slot_of(const char *key)
{
    for (uint32_t slot = 0; slot < ENERGY_PRICE_SLOTS; slot++) {
        if (strcmp(energy_price_slots[slot].key, key) == 0)
            return slot;
    }
    return ENERGY_PRICE_SLOTS;
}

static struct fit_price *add_price(struct fit_model *m, const char *key, enum fit_kind kind)
{
    struct fit_price *price = &m->prices[m->price_count++];
    memset(price, 0, sizeof *price);
    snprintf(price->key, sizeof price->key, "%s", key);
    price->kind = kind;
    price->slot = slot_of(key);
    price->parameter = FIT_NO_PARAMETER;
    return price;
}

static void give_parameter(struct fit_model *m, struct fit_price *price)
{
    if (price->spread > 0)
        price->parameter = m->parameter_count++;
}

/* Memories that some chips lack get a price only where the chip is known to have them or a row has
 * used them. */
static int is_wanted(const char *key, const struct energy_measurements *from,
                     const struct sim_profile *const *profiles)
{
    if (strncmp(key, "classes.", 8) == 0 || strncmp(key, "regions.sram.", 13) == 0 ||
        strncmp(key, "regions.peripheral.", 19) == 0 || strncmp(key, "regions.system.", 15) == 0)
        return 1;
    size_t region = (size_t)(strrchr(key, '.') - key) + 1;
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const char *name = sim_region_name((enum sim_region_kind)r);
        if (from->has_region[r] && strlen(name) + strlen("regions..") == region &&
            strncmp(name, key + strlen("regions."), strlen(name)) == 0)
            return 1;
    }
    for (uint32_t slot = 0; slot < ENERGY_PRICE_SLOTS; slot++) {
        if (strncmp(energy_price_slots[slot].key, key, region) != 0)
            continue;
        for (uint32_t i = 0; i < from->row_count; i++) {
            if (energy_slot_count(slot, &profiles[i]->total) > 0)
                return 1;
        }
    }
    return 0;
}

static double logit(double x)
{
    return log(x / (1 - x));
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* idle = a of cycle, stall = idle + b of the rest, with a and b between 0 and 1: the order
 * idle <= stall <= cycle holds whatever the rows say. Spreads by first order. */
static void core_priors(struct fit_model *m, const struct fit_priors *priors)
{
    const struct fit_ratio *idle = fit_priors_find(priors, "core.idle_pj");
    const struct fit_ratio *stall = fit_priors_find(priors, "core.stall_pj");
    double a = idle->cycle_ratio;
    double b = (stall->cycle_ratio - a) / (1 - a);
    m->idle_logit = logit(a);
    m->idle_logit_spread = log(idle->spread_factor) / (1 - a);
    m->stall_logit = logit(b);
    m->stall_logit_spread =
        log(stall->spread_factor) * stall->cycle_ratio / ((1 - a) * b * (1 - b));
    m->cycle = m->price_count;
    add_price(m, "core.cycle_pj", FIT_CYCLE)->spread = m->global_spread;
    m->prices[m->cycle].parameter = m->parameter_count++;
    m->idle = m->price_count;
    struct fit_price *price = add_price(m, "core.idle_pj", FIT_IDLE);
    price->prior_log = log(a);
    price->spread = log(idle->spread_factor);
    price->parameter = m->parameter_count++;
    m->stall = m->price_count;
    price = add_price(m, "core.stall_pj", FIT_STALL);
    price->prior_log = log(stall->cycle_ratio);
    price->spread = log(stall->spread_factor);
    price->parameter = m->parameter_count++;
}

static enum cc_status unknown_price(const char *price, struct cc_error *err)
{
    const char *names[ENERGY_PRICE_SLOTS];
    char near[96];
    for (uint32_t slot = 0; slot < ENERGY_PRICE_SLOTS; slot++)
        names[slot] = energy_price_slots[slot].key;
    return cc_fail(err, CC_ERR_INPUT, "silicon.yaml: prices: there is no price %s;%s", price,
                   cc_did_you_mean(near, sizeof near, "", price, names, ENERGY_PRICE_SLOTS));
}

static enum cc_status event_priors(struct fit_model *m, const struct fit_priors *priors,
                                   const struct energy_measurements *from,
                                   const struct sim_profile *const *profiles, struct cc_error *err)
{
    m->event_spread = log(priors->event_factor.spread_factor);
    m->event_parameter = m->event_spread > 0 ? m->parameter_count++ : FIT_NO_PARAMETER;
    for (uint32_t i = 0; i < priors->prices_count; i++) {
        const struct fit_ratio *ratio = &priors->prices[i];
        if (strncmp(ratio->price, "core.", 5) == 0 || !is_wanted(ratio->price, from, profiles))
            continue;
        if (slot_of(ratio->price) == ENERGY_PRICE_SLOTS)
            return unknown_price(ratio->price, err);
        if (m->price_count + 3 * m->points.count >= FIT_MAX_PRICES)
            return cc_fail(err, CC_ERR_INPUT, "silicon.yaml: prices: more than %d; leave some out",
                           FIT_MAX_PRICES);
        struct fit_price *price = add_price(m, ratio->price, FIT_EVENT);
        price->prior_log = log(ratio->cycle_ratio * priors->event_factor.value);
        price->spread = log(ratio->spread_factor);
        give_parameter(m, price);
    }
    return CC_OK;
}

/* The highest clock on the chip's first regulator that was measured on the chip itself; when there
 * is none the point of most rows. */
static uint32_t reference_point(const struct fit_model *m, const struct energy_measurements *from)
{
    double own[ENERGY_MAX_POINTS] = {0}, all[ENERGY_MAX_POINTS] = {0};
    const struct fit_point *points = m->points.list;
    uint32_t best = 0, top = m->points.count;
    for (uint32_t i = 0; i < m->row_count; i++) {
        int stand_in = from->groups[from->row_group[i]].stand_in;
        own[m->rows[i].point] += stand_in ? 0 : m->rows[i].weight;
        all[m->rows[i].point] += m->rows[i].weight;
    }
    for (uint32_t p = 0; p < m->points.count; p++) {
        if (own[p] > 0 && points[p].switching == points[0].switching &&
            (top == m->points.count || points[p].top_mhz > points[top].top_mhz))
            top = p;
        if (all[p] > all[best] * (1 + 1e-9))
            best = p;
    }
    return top < m->points.count ? top : best;
}

/* Energy per event at a point as physics has it: the charge goes with the core voltage; a linear
 * regulator takes that charge from the supply, a switching one the energy over its efficiency. */
static double point_scale(const struct fit_points *points, uint32_t p,
                          const struct fit_priors *priors)
{
    const struct fit_point *point = &points->list[p];
    double core_v = point->core_v > 0 ? point->core_v : priors->core_voltage_v.value;
    return core_v *
           (point->switching ? core_v / priors->regulator_fraction.value : points->reference_vdd_v);
}

static double scale_spread(const struct fit_point *a, const struct fit_point *b,
                           const struct fit_priors *priors)
{
    double spread = log(priors->scale_fraction.spread_factor);
    if (a->core_v <= 0 || b->core_v <= 0)
        spread = hypot(spread, log(priors->core_voltage_v.spread_factor));
    if (a->switching != b->switching)
        spread = hypot(spread, log(priors->regulator_fraction.spread_factor));
    return spread;
}

static void add_scale(struct fit_model *m, uint32_t p, uint32_t reference,
                      const struct fit_priors *priors)
{
    char key[SIM_NAME_BYTES];
    snprintf(key, sizeof key, "operating_points[%u].price_scale", (unsigned)p);
    struct fit_price *price = add_price(m, key, FIT_SCALE);
    price->point = p;
    if (p == reference)
        return;
    price->prior_log =
        log(point_scale(&m->points, p, priors) / point_scale(&m->points, reference, priors) *
            priors->scale_fraction.value);
    price->spread = scale_spread(&m->points.list[p], &m->points.list[reference], priors);
    give_parameter(m, price);
}

static void add_static(struct fit_model *m, uint32_t p, const struct fit_priors *priors)
{
    char key[SIM_NAME_BYTES];
    snprintf(key, sizeof key, "operating_points[%u].static_ua", (unsigned)p);
    struct fit_price *price = add_price(m, key, FIT_STATIC);
    price->point = p;
    /* pJ x MHz = uW */
    price->prior_log =
        log(priors->static_fraction.value * m->points.list[p].top_mhz / m->points.reference_vdd_v) +
        m->prices[m->scale_first + p].prior_log;
    price->spread = log(priors->static_fraction.spread_factor);
    give_parameter(m, price);
}

static void add_exponent(struct fit_model *m, uint32_t p, const struct fit_priors *priors)
{
    char key[SIM_NAME_BYTES];
    snprintf(key, sizeof key, "operating_points[%u].vdd_exponent", (unsigned)p);
    struct fit_price *price = add_price(m, key, FIT_EXPONENT);
    price->point = p;
    if (!m->points.list[p].switching)
        return;
    price->prior_log = log(priors->vdd_exponent.value);
    price->spread = log(priors->vdd_exponent.spread_factor);
    give_parameter(m, price);
}

static void point_priors(struct fit_model *m, const struct energy_measurements *from,
                         const struct fit_priors *priors)
{
    uint32_t reference = reference_point(m, from);
    m->scale_first = m->price_count;
    for (uint32_t p = 0; p < m->points.count; p++)
        add_scale(m, p, reference, priors);
    m->static_first = m->price_count;
    for (uint32_t p = 0; p < m->points.count; p++)
        add_static(m, p, priors);
    m->exponent_first = m->price_count;
    for (uint32_t p = 0; p < m->points.count; p++)
        add_exponent(m, p, priors);
}

static void group_priors(struct fit_model *m, const struct energy_measurements *from)
{
    m->group_count = from->group_count;
    for (uint32_t g = 0; g < from->group_count; g++) {
        m->group_spread[g] = from->groups[g].common_rsd;
        m->group_parameter[g] = FIT_NO_PARAMETER;
        if (m->group_spread[g] > 0)
            m->group_parameter[g] = m->parameter_count++;
    }
}

static enum cc_status make_row(struct fit_model *m, const struct energy_chip *chip,
                               const struct energy_measurements *from, uint32_t i,
                               const struct sim_profile *profile, struct cc_error *err)
{
    const struct energy_measurement *row = &from->rows[i];
    struct fit_row *to = &m->rows[i];
    if (profile->total.cycles + profile->total.sleep_cycles == 0)
        return cc_fail(err, CC_ERR_INPUT, "%s:%u: workload: %s took no cycles; give another one",
                       from->path, (unsigned)row->line, row->workload);
    to->group = from->row_group[i];
    to->log_measured = log(row->measured_ma);
    to->weight = row->held_out ? 0 : 1 / (row->tolerance * row->tolerance);
    to->vdd_v = row->vdd_v;
    return fit_point_of_row(chip, from, i, &to->point, err);
}

/* mW per pJ of each price that is paid per event or cycle. */
static void fill_row(const struct fit_model *m, struct fit_row *row, double clock_hz,
                     const struct sim_counts *counts)
{
    double seconds = (double)(counts->cycles + counts->sleep_cycles) / clock_hz;
    for (uint32_t j = 0; j < m->price_count; j++) {
        uint32_t slot = m->prices[j].slot;
        double count = slot < ENERGY_PRICE_SLOTS ? energy_slot_count(slot, counts) : 0;
        row->mw_per_pj[j] = count / seconds * 1e-9;
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum cc_status fit_model_guess(struct fit_model *model, uint32_t left_out, struct cc_error *err)
{
    double logs[FIT_MAX_ROWS], log_prices[FIT_MAX_PRICES];
    double *zero = calloc(model->parameter_count, sizeof *zero);
    uint32_t n = 0;
    model->first_log_cycle = 0;
    if (!zero)
        return cc_no_memory(err);
    fit_model_prices(model, zero, log_prices, NULL);
    for (uint32_t i = 0; i < model->row_count; i++) {
        if (model->rows[i].weight > 0 && i != left_out)
            logs[n++] = model->rows[i].log_measured - fit_model_row(model, i, log_prices, NULL);
    }
    free(zero);
    qsort(logs, n, sizeof *logs, compare);
    if (n)
        model->first_log_cycle = logs[n / 2];
    return CC_OK;
}

static enum cc_status make_rows(struct fit_model *m, const struct energy_chip *chip,
                                const struct energy_measurements *from,
                                const struct sim_profile *const *profiles, struct cc_error *err)
{
    uint32_t fitted = 0;
    m->row_count = from->row_count;
    m->rows = calloc(m->row_count, sizeof *m->rows);
    if (!m->rows)
        return cc_no_memory(err);
    for (uint32_t i = 0; i < m->row_count; i++) {
        enum cc_status status = make_row(m, chip, from, i, profiles[i], err);
        if (status != CC_OK)
            return status;
        fitted += m->rows[i].weight > 0;
    }
    if (!fitted)
        return cc_fail(err, CC_ERR_INPUT, "%s: every row is held_out; leave some to fit",
                       from->path);
    return CC_OK;
}

enum cc_status fit_model_new(const struct energy_chip *chip,
                             const struct energy_measurements *measurements,
                             const struct sim_profile *const *profiles,
                             const struct fit_priors *priors, struct fit_model *model,
                             struct cc_error *err)
{
    memset(model, 0, sizeof *model);
    fit_points_of(chip, &model->points);
    model->global_spread = log(priors->global_factor.spread_factor);
    core_priors(model, priors);
    enum cc_status status = make_rows(model, chip, measurements, profiles, err);
    if (status == CC_OK)
        status = event_priors(model, priors, measurements, profiles, err);
    if (status != CC_OK) {
        fit_model_free(model);
        return status;
    }
    point_priors(model, measurements, priors);
    group_priors(model, measurements);
    for (uint32_t i = 0; i < model->row_count; i++)
        fill_row(model, &model->rows[i], measurements->rows[i].mhz * 1e6, &profiles[i]->total);
    status = fit_model_guess(model, UINT32_MAX, err);
    if (status != CC_OK)
        fit_model_free(model);
    return status;
}

void fit_model_free(struct fit_model *model)
{
    free(model->rows);
    memset(model, 0, sizeof *model);
}

/* d ln(price) / d parameters of the two that hang between others. */
static void core_prices(const struct fit_model *m, const double *x, double *log_prices,
                        double *jacobian)
{
    double a = logistic(m->idle_logit + m->idle_logit_spread * x[m->prices[m->idle].parameter]);
    double b = logistic(m->stall_logit + m->stall_logit_spread * x[m->prices[m->stall].parameter]);
    double stall = a + (1 - a) * b;
    log_prices[m->idle] = log_prices[m->cycle] + log(a);
    log_prices[m->stall] = log_prices[m->cycle] + log(stall);
    if (!jacobian)
        return;
    size_t n = m->parameter_count;
    double da = a * (1 - a) * m->idle_logit_spread;
    double db = b * (1 - b) * m->stall_logit_spread;
    jacobian[m->idle * n + m->prices[m->idle].parameter] = da / a;
    jacobian[m->stall * n + m->prices[m->idle].parameter] = (1 - b) * da / stall;
    jacobian[m->stall * n + m->prices[m->stall].parameter] = (1 - a) * db / stall;
}

void fit_model_prices(const struct fit_model *model, const double *parameters, double *log_prices,
                      double *jacobian)
{
    size_t n = model->parameter_count;
    uint32_t global = model->prices[model->cycle].parameter;
    double log_cycle = model->first_log_cycle + model->global_spread * parameters[global];
    if (jacobian)
        memset(jacobian, 0, model->price_count * n * sizeof *jacobian);
    for (uint32_t j = 0; j < model->price_count; j++) {
        const struct fit_price *price = &model->prices[j];
        int own = price->kind == FIT_EVENT || price->kind == FIT_STATIC ||
                  price->kind == FIT_SCALE || price->kind == FIT_EXPONENT;
        int relative = price->kind != FIT_SCALE && price->kind != FIT_EXPONENT;
        log_prices[j] = price->prior_log + (relative ? log_cycle : 0);
        if (own && price->parameter != FIT_NO_PARAMETER)
            log_prices[j] += price->spread * parameters[price->parameter];
        int event = price->kind == FIT_EVENT && model->event_parameter != FIT_NO_PARAMETER;
        if (event)
            log_prices[j] += model->event_spread * parameters[model->event_parameter];
        if (!jacobian)
            continue;
        if (event)
            jacobian[j * n + model->event_parameter] = model->event_spread;
        if (own && price->parameter != FIT_NO_PARAMETER)
            jacobian[j * n + price->parameter] = price->spread;
        if (relative)
            jacobian[j * n + global] = model->global_spread;
    }
    core_prices(model, parameters, log_prices, jacobian);
}

double fit_model_row(const struct fit_model *model, uint32_t row, const double *log_prices,
                     double *gradient)
{
    const struct fit_row *r = &model->rows[row];
    uint32_t static_key = model->static_first + r->point, scale_key = model->scale_first + r->point;
    uint32_t exponent_key = model->exponent_first + r->point;
    double exponent = exp(log_prices[exponent_key]), scale = exp(log_prices[scale_key]);
    double law = log(r->vdd_v / model->points.reference_vdd_v);
    double static_mw = exp(log_prices[static_key]) * model->points.reference_vdd_v * 1e-3;
    double events_mw = 0;
    for (uint32_t j = 0; j < model->scale_first; j++)
        events_mw += exp(log_prices[j]) * r->mw_per_pj[j];
    double total_mw = static_mw + scale * events_mw;
    if (gradient) {
        memset(gradient, 0, model->price_count * sizeof *gradient);
        for (uint32_t j = 0; j < model->scale_first; j++)
            gradient[j] = scale * exp(log_prices[j]) * r->mw_per_pj[j] / total_mw;
        gradient[static_key] = static_mw / total_mw;
        gradient[scale_key] = scale * events_mw / total_mw;
        gradient[exponent_key] = exponent * law;
    }
    return exponent * law + log(total_mw / r->vdd_v);
}
