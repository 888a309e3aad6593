/* Pulses, and the depth of discharge at which the first of them is not served. */
#include "energy_lifetime_internal.h"

#include "energy_sag.h"

#include <math.h>
#include <stdio.h>

#define DAY_S 86400.0

static double law(double exponent, double vdd_v, double at_v)
{
    if (exponent == 1)
        return 1;
    if (exponent == 0)
        return vdd_v / at_v;
    return pow(at_v / vdd_v, exponent - 1);
}

/* Battery's current for a load's current, when the battery's terminals are at v. */
static double battery_a(const struct energy_supply *s, double load_a, double v)
{
    double loss_a = load_a * load_a * s->loss_ohm / v;
    if (s->kind == ENERGY_REGULATOR_NONE)
        return load_a;
    if (s->kind == ENERGY_REGULATOR_LDO)
        return load_a + s->iq_ua * 1e-6;
    if (s->kind == ENERGY_REGULATOR_BUCK)
        return v - s->dropout_v > s->vout_v
                   ? load_a * s->vout_v / (s->efficiency * v) + loss_a + s->iq_ua * 1e-6
                   : load_a + s->iq_ua * 1e-6;
    return v < s->vout_v ? load_a * s->vout_v / (s->efficiency * v) + loss_a + s->iq_ua * 1e-6
                         : load_a + s->iq_ua * 1e-6;
}

/* Lowest voltage of the battery with which the load gets the least it needs. */
static double needed_v(const struct energy_supply *s, const struct energy_load *load)
{
    if (s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK)
        return load->least_v + s->dropout_v;
    if (s->kind == ENERGY_REGULATOR_BOOST)
        return s->least_input_v;
    return load->least_v;
}

static double long_pulse_factor(const struct energy_supply *s, double pulse_s)
{
    const struct energy_battery *b = s->battery;
    double known_s = 2 * b->curve.pulse_ms * 1e-3;
    double long_s = b->long_pulse.duration_s.value;
    if (!energy_figure_present(&b->long_pulse.duration_s) || !(known_s > 0) || pulse_s <= known_s ||
        long_s <= known_s)
        return 1;
    double t = fmin(log(pulse_s / known_s) / log(long_s / known_s), 1);
    return 1 + (b->long_pulse.resistance_factor.value - 1) * t;
}

static double film_ohm(const struct energy_supply *s, double every_s)
{
    const struct energy_passivation *p = &s->battery->passivation;
    if (!energy_figure_present(&p->resistance_factor))
        return 0;
    return s->fresh_ohm * p->resistance_factor.value *
           fmin(every_s / (p->after_days.value * DAY_S), 1);
}

static void add_pulse(struct energy_bench *bench, const struct energy_load_pulse *p, int index)
{
    const struct energy_supply *s = bench->supply;
    double need_v = bench->least_v;
    double vdd = s->kind == ENERGY_REGULATOR_BOOST ? fmax(s->vout_v, need_v) : bench->load->least_v;
    double x = 1e-3 * law(p->vdd_exponent, p->vdd_v, vdd);
    double fresh_x = 1e-3 * law(p->vdd_exponent, p->vdd_v, s->vdd[0]);
    struct energy_pulse *out = &bench->pulses[bench->pulse_count];
    *out = (struct energy_pulse){.a = battery_a(s, p->ma * x, need_v),
                                 .rest_a = battery_a(s, p->rest_ma * x, need_v),
                                 .need_v = need_v,
                                 .fresh_ma = 1e3 * battery_a(s, p->ma * fresh_x, s->v[0]),
                                 .load_a = p->ma * 1e-3,
                                 .at_v = p->vdd_v,
                                 .r_factor = long_pulse_factor(s, p->s),
                                 .s = p->s,
                                 .every_s = p->every_s,
                                 .exponent = p->vdd_exponent,
                                 .unknown = p->unknown,
                                 .index = index};
    out->need_v += out->a * film_ohm(s, p->every_s);
    const struct energy_pulse *worst = &bench->pulses[bench->heaviest];
    if (out->a * out->r_factor > worst->a * worst->r_factor)
        bench->heaviest = bench->pulse_count;
    if (out->fresh_ma > bench->peak_ma) {
        bench->peak = bench->pulse_count;
        bench->peak_ma = out->fresh_ma;
    }
    if (p->every_s > 0) /* of what switching regulators lose, the pulses have nearly all */
        bench->loss_w +=
            s->loss_ohm * p->ma * p->ma * fresh_x * fresh_x * fmin(p->s / p->every_s, 1);
    bench->pulse_count++;
}

/* A load without pulses still has its mean current: one pulse that never ends. */
static void add_mean(struct energy_bench *bench)
{
    const struct energy_load *load = bench->load;
    const struct energy_supply *s = bench->supply;
    double vdd = load->least_v > 0 ? load->least_v : 1;
    if (s->kind == ENERGY_REGULATOR_BOOST)
        vdd = fmax(vdd, s->vout_v);
    struct energy_load_pulse mean = {
        .vdd_v = vdd, .vdd_exponent = 1, .s = DAY_S, .every_s = DAY_S, .unknown = -1};
    for (uint32_t i = 0; i < load->part_count; i++) {
        const struct energy_load_part *p = &load->parts[i];
        mean.ma += p->uw * 1e-3 / p->vdd_v * law(p->vdd_exponent, p->vdd_v, vdd);
    }
    mean.rest_ma = mean.ma;
    add_pulse(bench, &mean, -1);
}

void energy_bench_pulses(struct energy_bench *bench)
{
    bench->pulse_count = bench->heaviest = bench->peak = 0;
    bench->loss_w = bench->peak_ma = 0;
    bench->least_v = needed_v(bench->supply, bench->load);
    bench->pulses[0].a = 0;
    for (uint32_t i = 0; i < bench->load->pulse_count; i++)
        add_pulse(bench, &bench->load->pulses[i], (int)i);
    if (bench->pulse_count == 0)
        add_mean(bench);
}

/* Behind a boost regulator a capacitor does not relieve the battery within a pulse. */
static int has_buffer(const struct energy_supply *s)
{
    return s->buffer.effective_uf > 0 && s->kind != ENERGY_REGULATOR_BOOST;
}

/* Drop under a current of the battery's. */
static double drop_under(const struct energy_supply *s, const struct energy_pulse *p, double a,
                         double v, double ohm)
{
    double held_v = s->kind == ENERGY_REGULATOR_NONE ? 0 : v - s->vout_v - s->dropout_v;
    if (!has_buffer(s))
        return a * ohm;
    const struct energy_sag sag = {.pulse_a = a,
                                   .rest_a = fmin(p->rest_a, a),
                                   .pulse_s = p->s,
                                   .every_s = p->every_s,
                                   .farad = s->buffer.effective_uf * 1e-6,
                                   .esr_ohm = s->buffer.esr_ohm};
    return energy_sag_drop_held(&sag, ohm, fmax(held_v, 0));
}

/* A load whose current rises as the voltage falls may break down above the least voltage it needs:
 * where more than half of the voltage would be lost on the resistance (constant power; in general
 * where R dI/dV = -1). The battery's voltage there, or the needed one when that is higher. Below it
 * no more power can be had, above it the pulse may still be served. */
static double breakdown_v(const struct energy_supply *s, const struct energy_pulse *p, double a,
                          double ohm)
{
    int switches = s->kind == ENERGY_REGULATOR_BOOST;
    double exponent = switches ? 0 : p->exponent;
    double below_v =
        s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK ? s->dropout_v : 0;
    double from_v = p->need_v - below_v; /* of the load, or of what takes constant power */
    double steep = a * ohm * (1 - exponent) / from_v;
    if (!(steep > 1))
        return p->need_v;
    double v = below_v + from_v * pow(steep, 1 / (2 - exponent));
    return s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK
               ? fmin(v, s->vout_v + s->dropout_v)
               : v;
}

double energy_pulse_drop(const struct energy_bench *bench, const struct energy_setting *setting,
                         uint32_t pulse, double v, double r_ohm)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_pulse *p = &bench->pulses[pulse];
    double ohm = r_ohm * setting->resistance * p->r_factor;
    double a = p->a * setting->pulse[pulse];
    double drop = drop_under(s, p, a, v, ohm);
    double at_v = breakdown_v(s, p, a, ohm);
    if (at_v > p->need_v) {
        double below_v =
            s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK ? s->dropout_v : 0;
        double exponent = s->kind == ENERGY_REGULATOR_BOOST ? 0 : p->exponent;
        double less_a = a * law(exponent, p->need_v - below_v, at_v - below_v);
        drop = fmin(drop, at_v - p->need_v + drop_under(s, p, less_a, v, ohm));
    }
    return drop;
}

double energy_pulse_served(const struct energy_bench *bench, const struct energy_setting *setting,
                           uint32_t pulse, double v, double r_ohm, double *battery_amperes)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_pulse *p = &bench->pulses[pulse];
    double ohm = r_ohm * setting->resistance * p->r_factor;
    double film_v = p->need_v - bench->least_v, at_v = v, last_v;
    int steps = 0;
    do { /* from above: ends at the highest voltage that carries the pulse */
        double vdd = at_v;
        if (s->kind == ENERGY_REGULATOR_LDO || s->kind == ENERGY_REGULATOR_BUCK)
            vdd = fmin(s->vout_v, at_v - s->dropout_v);
        else if (s->kind == ENERGY_REGULATOR_BOOST)
            vdd = fmax(s->vout_v, at_v);
        double load_a = p->load_a * law(p->exponent, p->at_v, vdd);
        *battery_amperes = battery_a(s, load_a, at_v) * setting->pulse[pulse];
        last_v = at_v;
        at_v = v - film_v - drop_under(s, p, *battery_amperes, v, ohm);
    } while (at_v >= bench->least_v && last_v - at_v > 1e-9 && ++steps < 200);
    if (at_v >= bench->least_v)
        return v - at_v;
    *battery_amperes = p->a * setting->pulse[pulse];
    return film_v + energy_pulse_drop(bench, setting, pulse, v, r_ohm);
}

/* Voltage to spare between knots i-1 and i, at a fraction t of the way. */
static double spare_v(const struct energy_bench *bench, const struct energy_setting *setting,
                      uint32_t pulse, uint32_t i, double t)
{
    const struct energy_supply *s = bench->supply;
    double v = s->v[i - 1] + t * (s->v[i] - s->v[i - 1]);
    double r = s->r_ohm[i - 1] + t * (s->r_ohm[i] - s->r_ohm[i - 1]);
    return v - bench->pulses[pulse].need_v - energy_pulse_drop(bench, setting, pulse, v, r);
}

/* Where the spare voltage reaches 0: without a capacitor a straight line, with one nearly. */
static double crossing(const struct energy_bench *bench, const struct energy_setting *setting,
                       uint32_t pulse, uint32_t i)
{
    double a = 0, fa = spare_v(bench, setting, pulse, i, 0);
    double b = 1, fb = spare_v(bench, setting, pulse, i, 1);
    if (fa <= 0)
        return 0;
    for (int k = 0; k < 12; k++) { /* false position, Illinois */
        double c = (a * fb - b * fa) / (fb - fa);
        double fc = spare_v(bench, setting, pulse, i, c);
        if (fabs(fc) < 1e-12)
            return c;
        if ((fc > 0) == (fb > 0)) {
            fa *= 0.5;
        } else {
            a = b;
            fa = fb;
        }
        b = c;
        fb = fc;
    }
    return b;
}

/* First knot at which a pulse is not served, up to a last one; count when it always is. */
static uint32_t first_failure(const struct energy_bench *bench,
                              const struct energy_setting *setting, uint32_t pulse, uint32_t last)
{
    const struct energy_supply *s = bench->supply;
    const struct energy_pulse *p = &bench->pulses[pulse];
    double volt_per_ohm = p->a * setting->pulse[pulse] * setting->resistance * p->r_factor;
    int straight = !has_buffer(s) && p->exponent >= 1 && s->kind != ENERGY_REGULATOR_BOOST;
    if (s->least_v - p->need_v > volt_per_ohm * s->most_ohm)
        return s->count;
    for (uint32_t i = 0; i <= last; i++) {
        if (s->v[i] - p->need_v >= volt_per_ohm * s->r_ohm[i])
            continue;
        if (straight ||
            s->v[i] - p->need_v < energy_pulse_drop(bench, setting, pulse, s->v[i], s->r_ohm[i]))
            return i;
    }
    return s->count;
}

/* Of pulses that the fresh battery does not serve, the one that lacks more. */
static int lacks_more(const struct energy_bench *bench, const struct energy_setting *setting,
                      uint32_t pulse, int than)
{
    return spare_v(bench, setting, pulse, 1, 0) < spare_v(bench, setting, (uint32_t)than, 1, 0);
}

void energy_run_end(const struct energy_bench *bench, const struct energy_setting *setting,
                    struct energy_run *run)
{
    const struct energy_supply *s = bench->supply;
    uint32_t last = s->count - 1;
    run->pulse = -1;
    run->segment = last;
    run->dod_end = s->dod[last];
    for (uint32_t p = 0; p < bench->pulse_count; p++) {
        uint32_t i = first_failure(bench, setting, p, run->segment);
        if (i >= s->count)
            continue;
        uint32_t segment = i > 0 ? i : 1;
        double t = i > 0 ? crossing(bench, setting, p, i) : 0;
        double dod = s->dod[segment - 1] + t * (s->dod[segment] - s->dod[segment - 1]);
        if (dod < run->dod_end ||
            (i == 0 && run->pulse >= 0 && lacks_more(bench, setting, p, run->pulse))) {
            run->dod_end = dod;
            run->segment = segment;
            run->pulse = (int)p;
        }
    }
}
