/* One discharge: the battery's current at every knot, the charge that comes out, the life; and by
 * how much each unknown moves it. */
#include "energy_lifetime_internal.h"

#include "energy_kibam.h"

#include <math.h>
#include <string.h>

/* Reciprocal (1/uA) of no current at all: longer than any shelf life, and its square is finite. */
#define FOR_EVER 1e30

/* ---- setting the bench ------------------------------------------------------------------- */

static void fill_powers(const struct energy_supply *s, struct energy_law *law)
{
    double e = law->exponent - 1;
    for (uint32_t k = 0; k < s->count; k++) {
        if (e == 0)
            law->power[k] = 1;
        else if (e == -1)
            law->power[k] = 1 / s->vdd[k];
        else
            law->power[k] = exp(e * s->log_vdd[k]);
    }
}

/* The law of an exponent, added when it is new. */
static uint32_t law_of(struct energy_bench *bench, double exponent)
{
    uint32_t nearest = 0;
    for (uint32_t i = 0; i < bench->law_count; i++) {
        if (bench->laws[i].exponent == exponent)
            return i;
        if (fabs(bench->laws[i].exponent - exponent) <
            fabs(bench->laws[nearest].exponent - exponent))
            nearest = i;
    }
    if (bench->law_count == ENERGY_MAX_LAWS)
        return nearest;
    struct energy_law *law = &bench->laws[bench->law_count];
    law->exponent = exponent;
    fill_powers(bench->supply, law);
    return bench->law_count++;
}

static double part_ua(const struct energy_load_part *p, double exponent)
{
    if (exponent == 1)
        return p->uw / p->vdd_v;
    if (exponent == 0)
        return p->uw;
    return p->uw * exp(-exponent * log(p->vdd_v));
}

static enum cc_status check_voltages(const struct energy_supply *s, const struct energy_load *load,
                                     struct cc_error *err)
{
    const char *battery = s->battery->name;
    double highest_v = s->vdd[0];
    for (uint32_t k = 1; k < s->count; k++)
        highest_v = fmax(highest_v, s->vdd[k]);
    if (s->kind == ENERGY_REGULATOR_NONE && highest_v > load->most_v)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: %.3g V are more than the %.3g V the load takes; choose another battery "
                       "or put a regulator behind it",
                       battery, highest_v, load->most_v);
    if (highest_v > load->most_v)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s behind %s: %.3g V are more than the %.3g V the load takes; choose "
                       "another regulator",
                       battery, s->regulator, highest_v, load->most_v);
    if (s->kind != ENERGY_REGULATOR_NONE && s->vout_v < load->least_v)
        return cc_fail(err, CC_ERR_USAGE,
                       "%s behind %s: %.3g V are less than the %.3g V the load needs; choose "
                       "another regulator",
                       battery, s->regulator, s->vout_v, load->least_v);
    return CC_OK;
}

static int usable(double value, double least, double most)
{
    return value >= least && value <= most; /* not NAN */
}

static enum cc_status check_load(const struct energy_load *load, struct cc_error *err)
{
    if (load->part_count > ENERGY_MAX_LOAD_PARTS || load->pulse_count > ENERGY_MAX_LOAD_PULSES ||
        load->unknowns.count > ENERGY_MAX_UNKNOWNS)
        return cc_fail(err, CC_ERR_INTERNAL, "battery life: a load with too many parts");
    for (uint32_t i = 0; i < load->part_count; i++) {
        const struct energy_load_part *p = &load->parts[i];
        if (!usable(p->uw, 0, 1e12) || !usable(p->vdd_v, 0.01, 1e3) ||
            !usable(p->vdd_exponent, -4, 8) || p->unknown_count > ENERGY_PART_MAX_UNKNOWNS)
            return cc_fail(err, CC_ERR_INTERNAL,
                           "battery life: part %.60s takes %g uW at %g V (exponent %g)", p->name,
                           p->uw, p->vdd_v, p->vdd_exponent);
    }
    for (uint32_t i = 0; i < load->pulse_count; i++) {
        const struct energy_load_pulse *p = &load->pulses[i];
        if (!usable(p->ma, 0, 1e9) || !usable(p->rest_ma, 0, 1e9) || !usable(p->vdd_v, 0.01, 1e3) ||
            !usable(p->vdd_exponent, -4, 8) || !usable(p->s, 0, 1e12) ||
            !usable(p->every_s, 0, 1e12) || p->unknown >= (int)load->unknowns.count)
            return cc_fail(err, CC_ERR_INTERNAL,
                           "battery life: pulse %.60s takes %g mA at %g V for %g s", p->name, p->ma,
                           p->vdd_v, p->s);
    }
    return CC_OK;
}

enum cc_status energy_bench_set(const struct energy_supply *supply, const struct energy_load *load,
                                const struct energy_income *income, struct energy_bench *bench,
                                struct cc_error *err)
{
    enum cc_status status = check_load(load, err);
    if (status == CC_OK)
        status = check_voltages(supply, load, err);
    if (status != CC_OK)
        return status;
    bench->supply = supply;
    bench->load = load;
    bench->income = income;
    bench->unknown_count = load->unknowns.count;
    bench->law_count = 0;
    law_of(bench, 1); /* law 0: leaks of the load's side */
    for (uint32_t i = 0; i < load->part_count; i++) {
        uint32_t l = law_of(bench, load->parts[i].vdd_exponent);
        bench->law_of[i] = (int)l;
        bench->part_ua[i] = part_ua(&load->parts[i], bench->laws[l].exponent);
    }
    energy_bench_pulses(bench);
    return CC_OK;
}

double energy_bench_log_sd(const struct energy_bench *bench, uint32_t unknown)
{
    const struct energy_unknown *u = &bench->load->unknowns.list[0];
    if (unknown < bench->unknown_count)
        return 0.5 * (u[unknown].log_down + u[unknown].log_up);
    uint32_t own = unknown - bench->unknown_count;
    if (own == ENERGY_SUPPLY_INCOME)
        return bench->income ? bench->income->log_sd : 0;
    return bench->supply->unknowns[own].log_up;
}

const char *energy_bench_unknown(const struct energy_bench *bench, uint32_t unknown)
{
    if (unknown < bench->unknown_count)
        return bench->load->unknowns.list[unknown].name;
    uint32_t own = unknown - bench->unknown_count;
    if (own == ENERGY_SUPPLY_INCOME)
        return bench->income ? bench->income->name : "";
    return bench->supply->unknowns[own].name;
}

/* ---- a setting of the unknowns ----------------------------------------------------------- */

static double factor_of(const struct energy_bench *bench, const double *z,
                        enum energy_supply_unknown which)
{
    uint32_t i = bench->unknown_count + which;
    return z && z[i] != 0 ? exp(z[i] * energy_bench_log_sd(bench, i)) : 1;
}

static void set_parts(const struct energy_bench *bench, const double *log_factor,
                      struct energy_setting *setting)
{
    const struct energy_load *load = bench->load;
    for (uint32_t l = 0; l < bench->law_count; l++)
        setting->law_ua[l] = 0;
    setting->law_ua[0] = bench->supply->buffer.leakage_ua;
    for (uint32_t i = 0; i < load->part_count; i++) {
        const struct energy_load_part *p = &load->parts[i];
        double sum = 0;
        for (uint32_t u = 0; log_factor && u < p->unknown_count; u++)
            if (p->unknowns[u].unknown >= 0 &&
                (uint32_t)p->unknowns[u].unknown < bench->unknown_count)
                sum += p->unknowns[u].elasticity * log_factor[p->unknowns[u].unknown];
        setting->law_ua[bench->law_of[i]] += bench->part_ua[i] * (sum != 0 ? exp(sum) : 1);
    }
}

void energy_setting_at(const struct energy_bench *bench, const double *z,
                       struct energy_setting *setting)
{
    const struct energy_unknown *list = bench->load->unknowns.list;
    double log_factor[ENERGY_MAX_UNKNOWNS];
    for (uint32_t u = 0; z && u < bench->unknown_count; u++)
        log_factor[u] = z[u] * (z[u] < 0 ? list[u].log_down : list[u].log_up);
    set_parts(bench, z ? log_factor : NULL, setting);
    for (uint32_t p = 0; p < bench->pulse_count; p++) {
        int u = bench->pulses[p].unknown;
        setting->pulse[p] = z && u >= 0 ? exp(log_factor[u]) : 1;
    }
    setting->capacity = factor_of(bench, z, ENERGY_SUPPLY_CAPACITY);
    setting->resistance = factor_of(bench, z, ENERGY_SUPPLY_RESISTANCE);
    setting->self_discharge = factor_of(bench, z, ENERGY_SUPPLY_SELF_DISCHARGE);
    setting->ageing = factor_of(bench, z, ENERGY_SUPPLY_AGEING);
    setting->rate = factor_of(bench, z, ENERGY_SUPPLY_RATE);
    setting->derating = factor_of(bench, z, ENERGY_SUPPLY_DERATING);
    setting->quiescent = factor_of(bench, z, ENERGY_SUPPLY_QUIESCENT);
    setting->efficiency = factor_of(bench, z, ENERGY_SUPPLY_EFFICIENCY);
    setting->shelf_life = factor_of(bench, z, ENERGY_SUPPLY_SHELF_LIFE);
    setting->income = factor_of(bench, z, ENERGY_SUPPLY_INCOME);
}

/* ---- one discharge ----------------------------------------------------------------------- */

/* Of a switching knot the efficiency is part of the gain. */
static double gain_at(const struct energy_supply *s, const struct energy_setting *setting,
                      uint32_t k)
{
    return s->loss_v[k] > 0 ? s->gain[k] / setting->efficiency : s->gain[k];
}

static double load_ua(const struct energy_bench *bench, const struct energy_setting *setting,
                      uint32_t k)
{
    double ua = 0;
    for (uint32_t l = 0; l < bench->law_count; l++)
        ua += setting->law_ua[l] * bench->laws[l].power[k];
    return ua;
}

void energy_run_currents(const struct energy_bench *bench, const struct energy_setting *setting,
                         struct energy_run *run)
{
    const struct energy_supply *s = bench->supply;
    double steady = s->iq_ua * setting->quiescent + s->ageing_ua * setting->ageing;
    double income_uw = bench->income ? bench->income->uw * setting->income : 0;
    for (uint32_t k = 0; k < s->count; k++) {
        double ua = load_ua(bench, setting, k) * gain_at(s, setting, k) + steady +
                    s->leak_ua[k] * setting->self_discharge;
        if (s->loss_v[k] > 0)
            ua += bench->loss_w * 1e6 / s->loss_v[k];
        if (income_uw > 0)
            ua -= income_uw / s->v[k];
        run->y[k] = ua > 1 / FOR_EVER ? 1 / ua : FOR_EVER;
        run->t[k] =
            k ? run->t[k - 1] + 0.5 * (run->y[k] + run->y[k - 1]) * (s->dod[k] - s->dod[k - 1]) : 0;
    }
}

/* Fraction of the charge that the two wells give under the pulse that asks most of them. */
static double kibam_factor(const struct energy_bench *bench, const struct energy_setting *setting,
                           double mean_ua)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_battery *b = s->battery;
    const struct energy_pulse *p = &bench->pulses[bench->heaviest];
    struct energy_kibam kibam = {.c = b->kibam.c_fraction.value,
                                 .k = b->kibam.k_per_h.value / 3600 * setting->rate,
                                 .capacity = s->charge_uc * setting->capacity};
    struct energy_kibam_load load = {.average = mean_ua};
    if (p->every_s > p->s) {
        load.pulse = p->a * 1e6 * setting->pulse[bench->heaviest];
        load.pulse_time = p->s;
        load.period = p->every_s;
    }
    return energy_kibam_fraction(&kibam, &load);
}

/* The part of the charge that comes out at this mean current, and how it falls with it. */
static void set_factor(const struct energy_bench *bench, const struct energy_setting *setting,
                       double mean_ua, struct energy_run *run)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_battery *b = s->battery;
    run->factor = run->derate = 1;
    run->slope = 0;
    if (energy_figure_present(&b->kibam.k_per_h)) {
        const double step = 1.001;
        run->factor = kibam_factor(bench, setting, mean_ua);
        run->slope = log(kibam_factor(bench, setting, mean_ua * step) / run->factor) / log(step);
    } else if (b->rate.rows_count && mean_ua * 1e-3 / s->current_scale > b->rate.rows[0].ma) {
        double slope;
        double rate = energy_rates_at(&b->rate, mean_ua * 1e-3 / s->current_scale, &slope);
        run->factor = setting->rate == 1 ? rate : pow(rate, setting->rate);
        run->slope = slope * setting->rate;
    }
    if (b->pulse_derating.rows_count) {
        double ma = bench->peak_ma * setting->pulse[bench->heaviest] / s->current_scale;
        run->derate = pow(energy_rates_at(&b->pulse_derating, ma, NULL), setting->derating);
        run->factor *= run->derate;
    }
}

void energy_run_life(const struct energy_bench *bench, const struct energy_setting *setting,
                     struct energy_run *run)
{
    const struct energy_supply *s = bench->supply;
    uint32_t i = run->segment;
    double width = run->dod_end - s->dod[i - 1];
    double slope = (run->y[i] - run->y[i - 1]) / (s->dod[i] - s->dod[i - 1]);
    run->t_end = run->t[i - 1] + width * (run->y[i - 1] + 0.5 * width * slope);
    run->factor = run->derate = 1;
    run->slope = 0;
    run->s = 0;
    if (!(run->dod_end > 0))
        return;
    set_factor(bench, setting, run->dod_end / run->t_end, run);
    run->s = s->charge_uc * setting->capacity * run->t_end * run->factor;
}

double energy_life_at(const struct energy_bench *bench, const double *z, int with_shelf_life)
{
    struct energy_setting setting;
    struct energy_run run;
    energy_setting_at(bench, z, &setting);
    energy_run_currents(bench, &setting, &run);
    energy_run_end(bench, &setting, &run);
    energy_run_life(bench, &setting, &run);
    return with_shelf_life ? fmin(run.s, bench->supply->shelf_s * setting.shelf_life) : run.s;
}

/* ---- effects ----------------------------------------------------------------------------- */

double energy_run_weight(const struct energy_supply *s, const struct energy_run *run, uint32_t k)
{
    uint32_t last = run->segment;
    double w = 0;
    if (k > 0 && k < last)
        w += 0.5 * (s->dod[k] - s->dod[k - 1]);
    if (k + 1 < last)
        w += 0.5 * (s->dod[k + 1] - s->dod[k]);
    double width = run->dod_end - s->dod[last - 1];
    double t = width / (s->dod[last] - s->dod[last - 1]);
    if (k + 1 == last)
        w += width * (1 - 0.5 * t);
    else if (k == last)
        w += width * 0.5 * t;
    return w;
}

/* Elasticities of the time at a fixed end: to the current of each law, and to the rest. */
struct elasticities {
    double laws[ENERGY_MAX_LAWS];
    double self_discharge, ageing, quiescent, efficiency, income;
};

static void integrate(const struct energy_bench *bench, const struct energy_setting *nominal,
                      const struct energy_run *run, struct elasticities *e)
{
    const struct energy_supply *s = bench->supply;
    double income_uw = bench->income ? bench->income->uw : 0;
    memset(e, 0, sizeof *e);
    for (uint32_t k = 0; k <= run->segment; k++) {
        double w = energy_run_weight(s, run, k) * run->y[k] * run->y[k] / run->t_end;
        double through = w * s->gain[k], all = 0;
        for (uint32_t l = 0; l < bench->law_count; l++) {
            double part = through * nominal->law_ua[l] * bench->laws[l].power[k];
            e->laws[l] -= part;
            all += part;
        }
        if (s->loss_v[k] > 0)
            e->efficiency += all;
        e->self_discharge -= w * s->leak_ua[k];
        e->ageing -= w * s->ageing_ua;
        e->quiescent -= w * s->iq_ua;
        e->income += w * income_uw / s->v[k];
    }
}

static void add_parts(const struct energy_bench *bench, const struct energy_setting *nominal,
                      const struct elasticities *e, double scale, double *effects)
{
    const struct energy_load *load = bench->load;
    for (uint32_t i = 0; i < load->part_count; i++) {
        const struct energy_load_part *p = &load->parts[i];
        int l = bench->law_of[i];
        if (!(nominal->law_ua[l] > 0))
            continue;
        double share = scale * e->laws[l] * bench->part_ua[i] / nominal->law_ua[l];
        for (uint32_t u = 0; u < p->unknown_count; u++)
            if (p->unknowns[u].unknown >= 0 &&
                (uint32_t)p->unknowns[u].unknown < bench->unknown_count)
                effects[p->unknowns[u].unknown] += share * p->unknowns[u].elasticity;
    }
}

/* Shares of the resistance and of the heaviest pulse's own unknown in their common spread; returns
 * that. */
static double sag_spread(const struct energy_bench *bench, double *resistance, double *pulse)
{
    int u = bench->pulses[bench->heaviest].unknown;
    double sd_r =
        energy_bench_log_sd(bench, bench->unknown_count + (uint32_t)ENERGY_SUPPLY_RESISTANCE);
    double sd_u = u >= 0 ? energy_bench_log_sd(bench, (uint32_t)u) : 0;
    double length = hypot(sd_r, sd_u);
    *resistance = length > 0 ? sd_r / length : 0;
    *pulse = length > 0 ? sd_u / length : 0;
    return length;
}

/* Life when resistance and heaviest pulse together are z standard deviations up, all mean currents
 * as in the run. */
static double life_sagged(const struct energy_bench *bench, const struct energy_setting *nominal,
                          const struct energy_run *run, double z)
{
    struct energy_setting moved = *nominal;
    struct energy_run other = *run;
    double resistance, pulse;
    double length = sag_spread(bench, &resistance, &pulse);
    int unknown = bench->pulses[bench->heaviest].unknown;
    if (!(length > 0))
        return run->s;
    moved.resistance *= exp(z * length * resistance * resistance);
    for (uint32_t p = 0; p < bench->pulse_count; p++)
        if (p == bench->heaviest || (unknown >= 0 && bench->pulses[p].unknown == unknown))
            moved.pulse[p] *= exp(z * length * pulse * pulse);
    energy_run_end(bench, &moved, &other);
    energy_run_life(bench, &moved, &other);
    return other.s;
}

/* The end of the life moves with resistance x current of the heaviest pulse, and not only a little:
 * it may lie on the plateau of the cell, or where nothing but one standard deviation more would
 * brown it out. So their common effect is the difference between p10 and p90 of the two alone. */
static void add_sag(const struct energy_bench *bench, const struct energy_setting *nominal,
                    const struct energy_run *run, double *effects, struct energy_interval *sagged)
{
    double resistance, pulse, effect = 0;
    *sagged = (struct energy_interval){run->s, run->s, run->s};
    if (!(sag_spread(bench, &resistance, &pulse) > 0))
        return;
    double up = sagged->p10 = life_sagged(bench, nominal, run, ENERGY_Z_90);
    double down = sagged->p90 = life_sagged(bench, nominal, run, -ENERGY_Z_90);
    if (up > 0 && down > 0)
        effect = 0.5 * log(up / down) / ENERGY_Z_90;
    else if (up + down > 0)
        effect = (up - down) / (up + down);
    effects[bench->unknown_count + ENERGY_SUPPLY_RESISTANCE] += effect * resistance;
    if (bench->pulses[bench->heaviest].unknown >= 0)
        effects[bench->pulses[bench->heaviest].unknown] += effect * pulse;
}

void energy_run_effects(const struct energy_bench *bench, const struct energy_setting *nominal,
                        const struct energy_run *run, double effects[ENERGY_ALL_UNKNOWNS],
                        struct energy_interval *sagged)
{
    const struct energy_supply *s = bench->supply;
    double *own = effects + bench->unknown_count;
    struct elasticities e;
    memset(effects, 0, (bench->unknown_count + ENERGY_SUPPLY_UNKNOWNS) * sizeof *effects);
    if (run->s > 0) {
        double scale = 1 - run->slope;
        integrate(bench, nominal, run, &e);
        add_parts(bench, nominal, &e, scale, effects);
        own[ENERGY_SUPPLY_CAPACITY] = 1;
        own[ENERGY_SUPPLY_SELF_DISCHARGE] = scale * e.self_discharge;
        own[ENERGY_SUPPLY_AGEING] = scale * e.ageing;
        own[ENERGY_SUPPLY_QUIESCENT] = scale * e.quiescent;
        own[ENERGY_SUPPLY_EFFICIENCY] = scale * e.efficiency;
        own[ENERGY_SUPPLY_INCOME] = scale * e.income;
        own[ENERGY_SUPPLY_RATE] = energy_figure_present(&s->battery->kibam.k_per_h)
                                      ? -run->slope
                                      : log(run->factor / run->derate);
        own[ENERGY_SUPPLY_DERATING] = log(run->derate);
        for (uint32_t i = 0; i < bench->unknown_count + ENERGY_SUPPLY_UNKNOWNS; i++)
            if (effects[i] != 0)
                effects[i] *= energy_bench_log_sd(bench, i);
    }
    add_sag(bench, nominal, run, effects, sagged);
}
