/* Battery life: laws that hold for every battery and load; intervals against random samples. */
#include "battery_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *const batteries[] = {
    "cr2032", "cr2032_varta", "cr2032_generic", "cr2450", "cr1220",       "br2032", "aaa2",
    "aa",     "er14505",      "lipo500",        "lr44",   "printed_zinc", "za312",  "supercap_1f"};

struct stand { /* a battery with what suits it */
    struct energy_battery *battery;
    const char *regulator;
};

/* za312 and the like give too little for 1.8 V: behind a boost regulator. */
static struct stand stand_of(const char *name)
{
    struct stand s = {support_battery(name), NULL};
    if (strcmp(name, "za312") == 0)
        s.regulator = "tps61099";
    return s;
}

static double days(const struct stand *s, const struct energy_load *load, double c, double uf)
{
    struct energy_supply *supply = supply_of(s->battery, s->regulator, c, uf);
    double d = lifetime(supply, load).days.p50;
    energy_supply_free(supply);
    return d;
}

static void not_longer(const char *name, const char *law, double harder, double easier)
{
    if (!(harder <= easier * (1 + 1e-6)))
        fail_msg("%s: %s: %.9g days instead of at most %.9g", name, law, harder, easier);
}

static void check_laws(const char *name, const struct energy_load *load, uint64_t *random)
{
    struct stand s = stand_of(name);
    struct energy_load *harder = malloc(sizeof *harder);
    assert_non_null(harder);
    const double uf = uniform(random) < .5 ? 0 : 10 * exp(4 * uniform(random));
    double base = days(&s, load, 20, uf);
    *harder = *load;
    harder->parts[(int)(uniform(random) * load->part_count)].uw *= 1 + uniform(random);
    not_longer(name, "more load", days(&s, harder, 20, uf), base);
    *harder = *load;
    harder->pulses[(int)(uniform(random) * load->pulse_count)].ma *= 1 + uniform(random);
    not_longer(name, "larger pulse", days(&s, harder, 20, uf), base);
    *harder = *load;
    harder->pulses[(int)(uniform(random) * load->pulse_count)].s *= 1 + uniform(random);
    not_longer(name, "longer pulse", days(&s, harder, 20, uf), base);
    *harder = *load;
    harder->least_v += .01 + .2 * uniform(random);
    if (harder->least_v <= 1.8 || s.battery->regulator.kind == ENERGY_REGULATOR_NONE)
        not_longer(name, "higher least voltage", days(&s, harder, 20, uf), base);
    *harder = *load; /* shorter period: more power, less rest */
    double faster = 1 + 3 * uniform(random);
    for (uint32_t i = 0; i < load->part_count; i++)
        harder->parts[i].uw *= faster;
    for (uint32_t i = 0; i < load->pulse_count; i++)
        harder->pulses[i].every_s = fmax(harder->pulses[i].every_s / faster, harder->pulses[i].s);
    not_longer(name, "shorter period", days(&s, harder, 20, uf), base);
    double c = s.battery->temperature.rows[0].c;
    c += (20 - c) * uniform(random);
    not_longer(name, "colder", days(&s, load, c, uf), base);
    if (uf > 0)
        not_longer(name, "smaller capacitor", days(&s, load, 20, uf * uniform(random)), base);
    not_longer(name, "no capacitor", days(&s, load, 20, 0), base);
    energy_battery_free(s.battery);
    free(harder);
}

static void test_laws(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (size_t b = 0; b < COUNT(batteries); b++)
        for (int i = 0; i < 40; i++) {
            struct energy_load *load = typical_load(exp(6 * uniform(&random) - 3));
            if (strncmp(batteries[b], "supercap", 8) == 0 || strcmp(batteries[b], "er14505") == 0)
                load->least_v = 1.71;
            load->most_v = 4.4;
            check_laws(batteries[b], load, &random);
            free(load);
        }
}

static void test_parts_add_up(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (size_t b = 0; b < COUNT(batteries); b++)
        for (int i = 0; i < 20; i++) {
            struct stand s = stand_of(batteries[b]);
            struct energy_supply *supply = supply_of(s.battery, s.regulator, 20, 0);
            struct energy_load *load = typical_load(exp(8 * uniform(&random) - 4));
            load->least_v = 1.71;
            load->most_v = 4.4;
            struct energy_lifetime life = lifetime(supply, load);
            double sum = 0, spread = 0;
            for (uint32_t p = 0; p < life.part_count; p++) {
                assert_true(life.parts[p].uw >= 0);
                sum += life.parts[p].uw;
            }
            assert_float_equal(sum, life.average_uw, 1e-9 * sum);
            assert_true(life.days.p10 <= life.days.p50 && life.days.p50 <= life.days.p90);
            assert_true(life.average_uw_spread.p10 < life.average_uw &&
                        life.average_uw < life.average_uw_spread.p90);
            for (int k = 0; k < ENERGY_TOP_SPREADS; k++)
                spread += life.spread[k].share;
            assert_true((spread > 0 || life.days.p90 == 0) && spread < 1 + 1e-9);
            assert_true(life.spread[0].share >= life.spread[1].share);
            energy_supply_free(supply);
            energy_battery_free(s.battery);
            free(load);
        }
}

/* No jump when the load grows by a thousandth. But the resistance of a fresh cell falls before it
 * rises, and its voltage dips: what it cannot serve then ends it at once, what it just can it
 * serves for long. So only ends in the second half of the charge must move steadily. */
static void test_continuity(void **state)
{
    (void)state;
    for (size_t b = 0; b < COUNT(batteries); b++) {
        struct stand s = stand_of(batteries[b]);
        struct energy_supply *supply = supply_of(s.battery, s.regulator, 20, 47);
        struct energy_lifetime last = {.charge_left = 1};
        int compared = 0;
        for (int i = 0; i < 4000; i++) {
            struct energy_load *load = typical_load(.3 * exp(i * 1e-3));
            load->least_v = 1.71;
            load->most_v = 4.4;
            struct energy_lifetime life = lifetime(supply, load);
            if (last.charge_left < .5) {
                compared++;
                if (life.days.p50 > last.days.p50 * (1 + 1e-6) ||
                    life.days.p50 < last.days.p50 * .97)
                    fail_msg("%s: %g days, then %g", batteries[b], last.days.p50, life.days.p50);
            }
            last = life;
            free(load);
        }
        assert_true(compared > 100);
        energy_supply_free(supply);
        energy_battery_free(s.battery);
    }
}

/* The gradient of log life, one unknown at a time, where the end does not move with the unknown. */
static void test_gradient(void **state)
{
    (void)state;
    static struct energy_bench bench;
    for (size_t b = 0; b < COUNT(batteries); b++) {
        struct stand s = stand_of(batteries[b]);
        struct energy_supply *supply = supply_of(s.battery, s.regulator, 20, 0);
        struct energy_load *load = typical_load(.5);
        double effects[ENERGY_ALL_UNKNOWNS], z[ENERGY_ALL_UNKNOWNS] = {0};
        struct energy_setting nominal;
        struct energy_run run;
        struct cc_error err = {0};
        load->least_v = 1.3; /* nothing browns out before the cut-off */
        load->most_v = 4.4;
        for (uint32_t p = 0; p < load->pulse_count; p++) {
            load->pulses[p].ma = 1e-3;
            load->pulses[p].unknown = -1;
        }
        assert_int_equal(energy_bench_set(supply, load, NULL, &bench, &err), CC_OK);
        energy_setting_at(&bench, NULL, &nominal);
        energy_run_currents(&bench, &nominal, &run);
        energy_run_end(&bench, &nominal, &run);
        energy_run_life(&bench, &nominal, &run);
        struct energy_interval sagged;
        energy_run_effects(&bench, &nominal, &run, effects, &sagged);
        for (uint32_t i = 0; i < bench.unknown_count + ENERGY_SUPPLY_SHELF_LIFE; i++) {
            const double step = 1e-4;
            z[i] = step;
            double up = energy_life_at(&bench, z, 0);
            z[i] = -step;
            double down = energy_life_at(&bench, z, 0);
            z[i] = 0;
            double numeric = log(up / down) / (2 * step);
            if (fabs(numeric - effects[i]) > 2e-6)
                fail_msg("%s: %s: %.9g instead of %.9g", batteries[b],
                         energy_bench_unknown(&bench, i), effects[i], numeric);
        }
        energy_supply_free(supply);
        energy_battery_free(s.battery);
        free(load);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

#define SAMPLES 2000

/* Fraction of the samples below a life, or not above it. */
static double fraction(const double *lives, double life, int or_equal)
{
    int n = 0;
    for (int i = 0; i < SAMPLES; i++)
        n += lives[i] < life || (or_equal && lives[i] == life);
    return (double)n / SAMPLES;
}

/* p10 and p90 against those of 2,000 samples, as lives (6 % where the battery is used up; the steep
 * end of a brown-out has no such) and as probabilities. Sampling alone makes about 2 % of a spread
 * of 30 %, and 0.7 % of a probability of 10 %. */
static void compare_samples(const char *name, double scale)
{
    static struct energy_bench bench;
    static double lives[SAMPLES];
    struct stand s = stand_of(name);
    struct energy_supply *supply = supply_of(s.battery, s.regulator, 20, 0);
    struct energy_load *load = typical_load(scale);
    struct cc_error err = {0};
    uint64_t random = 3;
    load->least_v = 1.71;
    load->most_v = 4.4;
    struct energy_lifetime life = lifetime(supply, load);
    assert_int_equal(energy_bench_set(supply, load, NULL, &bench, &err), CC_OK);
    for (int i = 0; i < SAMPLES; i++) {
        double z[ENERGY_ALL_UNKNOWNS] = {0};
        for (uint32_t k = 0; k < bench.unknown_count + ENERGY_SUPPLY_UNKNOWNS; k++)
            z[k] = normal(&random);
        lives[i] = energy_life_at(&bench, z, 1) / 86400;
    }
    qsort(lives, SAMPLES, sizeof lives[0], by_size);
    double p10 = lives[SAMPLES / 10], p90 = lives[SAMPLES - SAMPLES / 10];
    int steep = strcmp(life.limited_by, "brown-out") == 0;
    if (!steep && (fabs(life.days.p10 - p10) > .06 * p10 || fabs(life.days.p90 - p90) > .06 * p90))
        fail_msg("%s x%g: %g..%g, samples %g..%g", name, scale, life.days.p10, life.days.p90, p10,
                 p90);
    double slack = .01 * life.days.p50; /* next to nothing is nothing */
    if (fraction(lives, life.days.p10 - slack, 0) > .15 ||
        fraction(lives, life.days.p10 + slack, 1) < .06 ||
        fraction(lives, life.days.p90 - slack, 0) > .94 ||
        fraction(lives, life.days.p90 + slack, 1) < .85)
        fail_msg("%s x%g: %g..%g, samples %g..%g; %g are below p10, %g below p90", name, scale,
                 life.days.p10, life.days.p90, p10, p90, fraction(lives, life.days.p10, 0),
                 fraction(lives, life.days.p90, 0));
    energy_supply_free(supply);
    energy_battery_free(s.battery);
    free(load);
}

static void test_samples(void **state)
{
    (void)state;
    static const double scales[] = {.02, .1, .5, 2, 8};
    for (size_t b = 0; b < COUNT(batteries); b++)
        for (size_t i = 0; i < COUNT(scales); i++)
            compare_samples(batteries[b], scales[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws),       cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_continuity), cmocka_unit_test(test_gradient),
        cmocka_unit_test(test_samples),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
