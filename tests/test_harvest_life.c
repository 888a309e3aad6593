/* What an income does to a life: known answers, energy neutrality, monotony, ageing stores. */
#include "energy_support.h"

#include "energy_harvest.h"
#include "energy_lifetime.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_DAYS 365.25

#define FIGURE(value) "{value: " value ", rsd: 0, verified: yes, source: \"test\"}"

/* clang-format off */
/* 100 mAh at a flat 3 V, 1080 J, and nothing lost. */
static const char ideal_cell[] =
    "name: ideal\n"
    "description: \"test\"\n"
    "cells_in_series: 1\n"
    "rechargeable: yes\n"
    "capacity_mah: " FIGURE("100") "\n"
    "cut_off_v: " FIGURE("2") "\n"
    "self_discharge_percent_per_year: " FIGURE("0") "\n"
    "self_discharge_doubling_c: " FIGURE("10") "\n"
    "shelf_life_years: " FIGURE("100") "\n"
    "resistance_rsd: " FIGURE("0") "\n"
    "regulator: {kind: none}\n"
    "temperature: {source: test, verified: yes, rows: [{c: -20, capacity: 1, resistance: 1},"
    " {c: 60, capacity: 1, resistance: 1}]}\n"
    "rate: {source: test, verified: yes, rsd: 0, rows: [{ma: 1, capacity: 1},"
    " {ma: 2, capacity: 1}]}\n"
    "curve: {source: test, verified: yes, rows: [{dod: 0, v: 3, r_ohm: 0},"
    " {dod: 1, v: 3, r_ohm: 0}]}\n";

static const char ageing[] =
    "ageing:\n"
    "  capacity_loss_percent_per_year: " FIGURE("4") "\n"
    "  cycle_life_count: " FIGURE("500") "\n"
    "  fade_percent: " FIGURE("20") "\n"
    "  resistance_growth_percent: " FIGURE("0") "\n"
    "regulator:";

/* 10 cm2 at 200 lux for 12 h through 60 %: 12.6 uW. */
static const char harvester_text[] =
    "name: panel\ndescription: test\nconverter: %s\n"
    "level_lux: " FIGURE("200") "\n"
    "hours_per_day_h: " FIGURE("12") "\n"
    "area_cm2: " FIGURE("10") "\n"
    "law: {source: test, verified: yes, rsd: %s, level_exponent: 1,"
    " rows: [{level_lux: 200, uw_per_cm2: 4.2}]}\n";

static const char converter_text[] =
    "name: step-up\ndescription: test\n"
    "cold_start_uw: " FIGURE("5") "\n"
    "iq_ua: " FIGURE("0") "\n"
    "efficiency: {source: test, verified: yes, rsd: 0,"
    " rows: [{above_uw: 0, efficiency_fraction: 0.6}]}\n";
/* clang-format on */

/* The panel above; rsd of its law as text. */
static struct energy_harvester *panel(const char *rsd)
{
    static const char converter[] = "/tmp/coincell-harvest-life-test.yaml";
    struct energy_harvester *h;
    struct cc_error err = {0};
    char text[sizeof harvester_text + 100];
    assert_int_equal(cc_file_write(converter, converter_text, strlen(converter_text), &err), CC_OK);
    snprintf(text, sizeof text, harvester_text, converter, rsd);
    if (energy_harvester_load(support_file(text), &h, &err) != CC_OK)
        fail_msg("%s", err.message);
    remove(converter);
    return h;
}

static struct energy_harvester *shipped(const char *name)
{
    struct energy_harvester *h;
    struct cc_error err = {0};
    if (energy_harvester_load(name, &h, &err) != CC_OK)
        fail_msg("%s", err.message);
    return h;
}

static struct energy_supply *supply_of(const struct energy_battery *battery)
{
    struct energy_supply_config config = {.battery = battery, .temperature_c = 20};
    struct energy_supply *supply;
    struct cc_error err = {0};
    if (energy_supply_new(&config, &supply, &err) != CC_OK)
        fail_msg("%s", err.message);
    return supply;
}

/* A cell of a test as a supply. */
struct cell {
    struct energy_battery *battery;
    struct energy_supply *supply;
};

static struct cell cell_of(const char *text_or_name)
{
    struct cell c;
    c.battery =
        support_battery(strchr(text_or_name, '\n') ? support_file(text_or_name) : text_or_name);
    c.supply = supply_of(c.battery);
    return c;
}

static void free_cell(struct cell *c)
{
    energy_supply_free(c->supply);
    energy_battery_free(c->battery);
}

/* A constant power, whatever the voltage. */
static struct energy_load constant_load(double uw, double rsd)
{
    struct energy_load load = {.part_count = 1, .least_v = 1.8, .most_v = 5, .nominal_v = 3};
    load.parts[0] = (struct energy_load_part){.name = "sleep", .uw = uw, .vdd_v = 3};
    int unknown = energy_unknown_add(&load.unknowns, "sleep current", rsd);
    if (unknown >= 0) {
        load.parts[0].unknown_count = 1;
        load.parts[0].unknowns[0] = (struct energy_load_unknown){unknown, 1};
    }
    return load;
}

struct outcome {
    struct energy_lifetime life;
    struct energy_harvest harvest;
};

static struct outcome live(const struct cell *cell, double uw, double rsd,
                           const struct energy_harvester *h, double level, double area)
{
    struct energy_load load = constant_load(uw, rsd);
    struct energy_surroundings at = {.level = level, .area_cm2 = area};
    struct outcome o;
    struct cc_error err = {0};
    if (energy_harvest_lifetime(cell->supply, &load, h, &at, &o.life, &o.harvest, &err) != CC_OK)
        fail_msg("%s", err.message);
    return o;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected)))
        fail_msg("%g, expected %g", value, expected);
}

static int has_note(const struct outcome *o, const char *words)
{
    for (uint32_t i = 0; i < o->life.note_count; i++)
        if (strstr(o->life.notes[i], words))
            return 1;
    return 0;
}

/* One inference of 1 mJ beside 2 uW asleep: 12.6 uW carry one every 94.3 s. */
static void test_neutral(void **state)
{
    (void)state;
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = panel("0");
    struct outcome o = live(&cell, 2 + 1000 / 95.0, 0, h, 0, 0);
    assert_near(o.harvest.income_uw.p50, 12.6, 1e-6);
    assert_true(o.harvest.neutral);
    assert_string_equal(o.life.limited_by, "energy-neutral");
    assert_near(o.harvest.neutral_at.p50, 200 * (2 + 1000 / 95.0) / 12.6, 1e-6);
    assert_near(o.harvest.store_uj_needed, (2 + 1000 / 95.0) * 12 * 3600, 1e-6);
    assert_near(o.life.days.p50, 100 * YEAR_DAYS, 1e-6); /* the shelf life: nothing ages it */
    assert_string_equal(o.harvest.harvester, "panel");
    assert_string_equal(o.harvest.unit, "lux");
    assert_near(o.harvest.level, 200, 1e-12);
    assert_near(o.harvest.hours_per_day, 12, 1e-12);
    assert_true(has_note(&o, "The income carries the load"));
    o = live(&cell, 2 + 1000 / 93.0, 0, h, 0, 0);
    assert_false(o.harvest.neutral);
    assert_string_not_equal(o.life.limited_by, "energy-neutral");
    /* a little more light and it is carried too */
    o = live(&cell, 2 + 1000 / 93.0, 0, h, 205, 0);
    assert_true(o.harvest.neutral);
    energy_harvester_free(h);
    free_cell(&cell);
}

/* What is missing comes out of the 1080 J. */
static void test_deficit(void **state)
{
    (void)state;
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = panel("0");
    struct outcome o = live(&cell, 30, 0, h, 0, 0);
    assert_near(o.life.days.p50, 1080e6 / (30 - 12.6) / 86400, 1e-6);
    assert_false(o.harvest.neutral);
    assert_near(o.harvest.neutral_at.p50, 200 * 30 / 12.6, 1e-6);
    o = live(&cell, 30, 0, h, 40, 0); /* 8.4 uW start it */
    assert_near(o.life.days.p50, 1080e6 / (30 - 2.52) / 86400, 1e-6);
    o = live(&cell, 30, 0, h, 20, 0); /* 4.2 uW do not */
    assert_near(o.life.days.p50, 1080e6 / 30.0 / 86400, 1e-6);
    assert_true(o.harvest.income_uw.p50 == 0);
    assert_true(has_note(&o, "do not start"));
    energy_harvester_free(h);
    free_cell(&cell);
}

/* 12 h of 10 uW are 0.432 J: 0.04 mAh at 3 V. */
static void test_store_for_the_night(void **state)
{
    (void)state;
    char *enough = support_replace(ideal_cell, "{value: 100,", "{value: 0.041,");
    char *too_small = support_replace(ideal_cell, "{value: 100,", "{value: 0.03,");
    struct energy_harvester *h = panel("0");
    struct cell cell = cell_of(enough);
    struct outcome o = live(&cell, 10, 0, h, 0, 0);
    assert_near(o.harvest.store_uj_needed, .432e6, 1e-6);
    assert_true(o.harvest.neutral);
    free_cell(&cell);
    cell = cell_of(too_small);
    o = live(&cell, 10, 0, h, 0, 0);
    assert_false(o.harvest.neutral);
    assert_true(isinf(o.harvest.neutral_at.p50)); /* no light of the day helps the night */
    assert_near(o.life.days.p50, .03 * 10.8e6 / 10 / 86400, 1e-6);
    assert_true(has_note(&o, "carries 9 of the 12 hours"));
    struct energy_load load = constant_load(10, 0);
    struct energy_surroundings always = {.hours_per_day = 24};
    struct cc_error err = {0};
    assert_int_equal(
        energy_harvest_lifetime(cell.supply, &load, h, &always, &o.life, &o.harvest, &err), CC_OK);
    assert_true(o.harvest.neutral); /* without nights it does */
    assert_true(o.harvest.store_uj_needed == 0);
    free_cell(&cell);
    energy_harvester_free(h);
    free(enough);
    free(too_small);
}

/* A cell that cannot be charged is only relieved while there is light. */
static void test_primary(void **state)
{
    (void)state;
    char *primary = support_replace(ideal_cell, "rechargeable: yes", "rechargeable: no");
    struct cell cell = cell_of(primary);
    struct energy_harvester *h = panel("0");
    struct outcome o = live(&cell, 20, 0, h, 0, 0); /* 25.2 uW in the light, 20 of use */
    assert_near(o.life.days.p50, 1080e6 / 10 / 86400, 1e-6);
    assert_false(o.harvest.neutral);
    assert_true(isinf(o.harvest.neutral_at.p50));
    assert_true(has_note(&o, "cannot be charged"));
    o = live(&cell, 40, 0, h, 0, 0);
    assert_near(o.life.days.p50, 1080e6 / (40 - 12.6) / 86400, 1e-6);
    o = live(&cell, 20, 0, h, 20000, 0); /* however bright */
    assert_near(o.life.days.p50, 1080e6 / 10 / 86400, 1e-6);
    energy_harvester_free(h);
    h = panel("0.2"); /* 25 +- 5 uW for 5 of use: what is not known of them does not matter */
    o = live(&cell, 5, 0, h, 200, 0);
    assert_near(o.life.days.p50, 1080e6 / 2.5 / 86400, 1e-6);
    assert_near(o.life.days.p10, o.life.days.p50, 1e-6);
    assert_near(o.life.days.p90, o.life.days.p50, 1e-6);
    energy_harvester_free(h);
    free_cell(&cell);
    free(primary);
}

/* Half of the store each night: by 4 % a year and 500 cycles to 80 % it has lost half after 4.4
 * years. */
static void test_ageing(void **state)
{
    (void)state;
    char *small = support_replace(ideal_cell, "{value: 100,", "{value: 0.08,");
    char *ages = support_replace(small, "regulator:", ageing);
    struct cell cell = cell_of(ages);
    struct energy_harvester *h = panel("0");
    struct outcome o = live(&cell, 10, 0, h, 0, 0);
    double loss_per_year = .04 + .2 * .5 * YEAR_DAYS / 500;
    assert_true(o.harvest.neutral);
    assert_near(o.life.days.p50, .5 / loss_per_year * YEAR_DAYS, 1e-3);
    assert_true(has_note(&o, "too small for the hours without it after 4.4 years"));
    free_cell(&cell);
    char *short_shelf =
        support_replace(ages, "shelf_life_years: {value: 100", "shelf_life_years: {value: 3");
    cell = cell_of(short_shelf);
    o = live(&cell, 10, 0, h, 0, 0);
    assert_near(o.life.days.p50, 3 * YEAR_DAYS, 1e-6);
    assert_true(has_note(&o, "aged out after 3 years"));
    free_cell(&cell);
    energy_harvester_free(h);
    free(short_shelf);
    free(ages);
    free(small);
}

/* What is not known of law and load goes into all three results. */
static void test_intervals(void **state)
{
    (void)state;
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = panel("0.2");
    double z = ENERGY_Z_90, law = sqrt(log1p(.04)), load = sqrt(log1p(.01));
    struct outcome o = live(&cell, 30, .1, h, 200, 0);
    assert_near(o.harvest.income_uw.p50, 12.6, 1e-6);
    assert_near(o.harvest.income_uw.p10, 12.6 * exp(-z * law), 1e-6);
    assert_near(o.harvest.income_uw.p90, 12.6 * exp(z * law), 1e-6);
    assert_near(o.harvest.neutral_at.p50, 200 * 30 / 12.6, 1e-6);
    assert_near(o.harvest.neutral_at.p10, 200 * 30 / 12.6 * exp(-z * hypot(law, load)), 1e-3);
    assert_near(o.harvest.neutral_at.p90, 200 * 30 / 12.6 * exp(z * hypot(law, load)), 1e-3);
    /* 17.4 uW are missing: 30 +- 10 % less 12.6 +- 20 % */
    assert_true(o.life.days.p10 < .9 * o.life.days.p50);
    assert_true(o.life.days.p90 > 1.1 * o.life.days.p50);
    /* neutral by p50, not by p10 */
    o = live(&cell, 12, .1, h, 200, 0);
    assert_true(o.harvest.neutral);
    assert_true(o.life.days.p10 < .5 * o.life.days.p50);
    energy_harvester_free(h);
    free_cell(&cell);
}

static double share_of(const struct outcome *o, const char *name)
{
    for (int i = 0; i < ENERGY_TOP_SPREADS; i++)
        if (strcmp(o->life.spread[i].name, name) == 0)
            return o->life.spread[i].share;
    return 0;
}

/* Whether the income carries the load decides between days and the shelf life: the quantiles of the
 * days are those of the income. */
static void test_income_may_fail(void **state)
{
    (void)state;
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = panel("0.2");
    double sd = sqrt(log1p(.04)), poor = 12.6 * exp(-ENERGY_Z_90 * sd);
    struct outcome o = live(&cell, 12, 0, h, 200, 0);
    assert_true(o.harvest.neutral && o.harvest.neutral_at.p90 > 200);
    assert_near(o.life.days.p10, 1080e6 / (12 - poor) / 86400, 1e-6);
    assert_near(o.life.days.p50, 100 * YEAR_DAYS, 1e-6);
    assert_true(share_of(&o, "panel") > .9);
    assert_true(has_note(&o, "probability of about 60 %")); /* of ln(12.6 / 12) / 0.198 = 0.246 */
    /* the other way round: the load is too large, and may be carried yet */
    o = live(&cell, 14, 0, h, 200, 0);
    assert_false(o.harvest.neutral);
    assert_near(o.life.days.p50, 1080e6 / (14 - 12.6) / 86400, 1e-6);
    assert_true(o.life.days.p10 <= 1080e6 / (14 - poor) / 86400 * (1 + 1e-6));
    assert_near(o.life.days.p90, 100 * YEAR_DAYS, 1e-6);
    /* nothing comes in with bad luck: 4.8 uW of the source for 5 that start it */
    o = live(&cell, 12, 0, h, 26, 0);
    assert_true(o.harvest.income_uw.p10 == 0 && o.harvest.income_uw.p50 > 0);
    assert_near(o.life.days.p10, 1080e6 / 12.0 / 86400, 1e-6);
    o = live(&cell, 12, 0, h, 22, 0); /* or only with good luck */
    assert_true(o.harvest.income_uw.p50 == 0 && o.harvest.income_uw.p90 > 0);
    assert_true(o.life.days.p90 > 1.05 * o.life.days.p50);
    assert_true(share_of(&o, "panel") > .9);
    o = live(&cell, 5, 0, h, 200, 0); /* far from it: carried for sure */
    assert_near(o.life.days.p10, o.life.days.p50, 1e-6);
    assert_false(has_note(&o, "probability"));
    energy_harvester_free(h);
    free_cell(&cell);
}

/* A charged cell keeps its charger going: what starts one from an empty store is a note. */
static void test_charged_store(void **state)
{
    (void)state;
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = shipped("pv-indoor-asi");
    struct energy_load load = constant_load(1, 0);
    struct energy_surroundings dim = {.level = 50, .area_cm2 = 10, .hours_per_day = 24}; /* 9 uW */
    struct energy_lifetime life;
    struct energy_harvest harvest;
    struct cc_error err = {0};
    assert_int_equal(energy_harvest_lifetime(cell.supply, &load, h, &dim, &life, &harvest, &err),
                     CC_OK);
    assert_near(harvest.income_uw.p50, .6 * 9 - .488 * 3, 1e-9);
    assert_true(harvest.neutral);
    struct outcome o = {.life = life};
    assert_true(has_note(&o, "cold start of bq25570 from an empty one needs 15 uW"));
    energy_harvester_free(h);
    free_cell(&cell);
}

/* More light and more area never shorten a life, more load never lengthens one. */
static void test_monotony(void **state)
{
    (void)state;
    static const char *const harvesters[] = {"pv-indoor-asi", "pv-indoor-csi", "teg-wrist",
                                             "rf-dedicated"};
    struct cell cell = cell_of("lipo100");
    for (size_t i = 0; i < sizeof harvesters / sizeof harvesters[0]; i++) {
        struct energy_harvester *h = shipped(harvesters[i]);
        int distance = strcmp(energy_harvester_unit(h), "m") == 0;
        for (double uw = 1; uw < 3000; uw *= 3) {
            double days = 0, income = -1, small_days = 0;
            for (double step = .1; step < 60; step *= 1.5) {
                double typical = live(&cell, uw, .1, h, 0, 0).harvest.level;
                double level = distance ? typical / step : typical * step;
                struct outcome o = live(&cell, uw, .1, h, level, 0);
                struct outcome more = live(&cell, 1.3 * uw, .1, h, level, 0);
                assert_true(o.harvest.income_uw.p50 >= income);
                assert_true(o.life.days.p50 >= days * (1 - 1e-9));
                assert_true(more.life.days.p50 <= o.life.days.p50 * (1 + 1e-9));
                assert_true(o.life.days.p10 <= o.life.days.p50 * (1 + 1e-9));
                assert_true(o.life.days.p90 >= o.life.days.p50 * (1 - 1e-9));
                assert_true(distance ? !(more.harvest.neutral_at.p50 > o.harvest.neutral_at.p50)
                                     : more.harvest.neutral_at.p50 >= o.harvest.neutral_at.p50);
                assert_true(o.harvest.neutral_at.p10 <= o.harvest.neutral_at.p50);
                assert_true(o.harvest.neutral_at.p50 <= o.harvest.neutral_at.p90);
                assert_true(!o.harvest.neutral || isfinite(o.harvest.neutral_at.p50));
                if (isfinite(o.harvest.neutral_at.p50) && uw >= 10)
                    assert_true(o.harvest.neutral ==
                                (distance ? level <= o.harvest.neutral_at.p50 * (1 + 1e-9)
                                          : level >= o.harvest.neutral_at.p50 * (1 - 1e-9)));
                days = o.life.days.p50;
                income = o.harvest.income_uw.p50;
            }
            for (double area = .5; !distance && area < 100; area *= 2) {
                struct outcome o = live(&cell, uw, .1, h, 0, area);
                assert_true(o.life.days.p50 >= small_days * (1 - 1e-9));
                small_days = o.life.days.p50;
            }
        }
        energy_harvester_free(h);
    }
    free_cell(&cell);
}

static void test_shipped(void **state)
{
    (void)state;
    struct cell cell = cell_of("lipo100");
    struct energy_harvester *h = shipped("rf-ambient");
    struct outcome o = live(&cell, 30, .1, h, 0, 0);
    assert_false(o.harvest.neutral);
    assert_true(o.harvest.income_uw.p90 == 0);
    assert_true(has_note(&o, "do not start its converter p2110b"));
    energy_harvester_free(h);
    /* indoor light carries microwatts, the sun milliwatts */
    h = shipped("pv-indoor-asi");
    assert_false(live(&cell, 1000, .1, h, 0, 0).harvest.neutral);
    energy_harvester_free(h);
    h = shipped("pv-outdoor");
    o = live(&cell, 1000, .1, h, 0, 0);
    assert_true(o.harvest.neutral);
    assert_true(o.life.days.p50 <= 4.01 * YEAR_DAYS && o.life.days.p50 > 30);
    energy_harvester_free(h);
    free_cell(&cell);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct energy_surroundings wrong[] = {
        {.level = -1},          {.level = NAN},        {.level = 1e6},   {.hours_per_day = 24.1},
        {.hours_per_day = NAN}, {.hours_per_day = -1}, {.area_cm2 = -1}, {.area_cm2 = INFINITY},
    };
    struct cell cell = cell_of(ideal_cell);
    struct energy_harvester *h = panel("0");
    struct energy_load load = constant_load(10, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct outcome o;
        struct cc_error err = {0};
        assert_int_equal(
            energy_harvest_lifetime(cell.supply, &load, h, &wrong[i], &o.life, &o.harvest, &err),
            CC_ERR_USAGE);
        assert_non_null(strstr(err.message, "give another"));
    }
    energy_harvester_free(h);
    free_cell(&cell);
}

static int cleanup(void **state)
{
    (void)state;
    support_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neutral),
        cmocka_unit_test(test_deficit),
        cmocka_unit_test(test_store_for_the_night),
        cmocka_unit_test(test_primary),
        cmocka_unit_test(test_ageing),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_income_may_fail),
        cmocka_unit_test(test_charged_store),
        cmocka_unit_test(test_monotony),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, cleanup);
}
