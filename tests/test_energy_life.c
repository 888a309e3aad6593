/* Battery life: known answers, physical laws, refusals; and the napkin. */
#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const all_batteries[] = {"cr2032", "cr2450", "aaa2", "lipo100"};
static const char *const all_chips[] = {"stm32l4r5", "stm32u575", "nrf52840", "apollo3"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct energy_life compute(const struct energy_chip *chip,
                                  const struct energy_battery *battery,
                                  const struct energy_result *inference, double every_s,
                                  double temperature_c)
{
    struct energy_life_query query = {.chip = chip,
                                      .battery = battery,
                                      .inference = inference,
                                      .every_s = every_s,
                                      .temperature_c = temperature_c};
    struct energy_life life;
    struct cc_error err = {0};
    if (energy_life_compute(&query, &life, &err) != CC_OK)
        fail_msg("%s", err.message);
    return life;
}

/* A keyword spotter's size on each chip. */
static struct energy_result small_network(const struct energy_chip *chip, double instructions)
{
    struct sim_profile p = support_profile(chip->name, 48e6, &mix_conv, instructions);
    struct energy_result r = support_price(chip, &p, 0);
    sim_profile_free(&p);
    return r;
}

#define FIGURE(value) "{value: " value ", rsd: 0, verified: yes, source: \"test\"}"

/* One line of a table per line. */
/* clang-format off */
/* A chip that draws next to nothing but 10 uA asleep, so that life has a known answer. */
static const char sleeper[] =
    "name: sleeper\n"
    "description: \"test\"\n"
    "vdd_v: " FIGURE("3") "\n"
    "vdd_min_v: " FIGURE("1") "\n"
    "vdd_max_v: " FIGURE("3.6") "\n"
    "reference_vdd_v: " FIGURE("3") "\n"
    "leakage_doubling_c: " FIGURE("20") "\n"
    "idle_wake_cycles: " FIGURE("0") "\n"
    "clock_start_us: " FIGURE("0") "\n"
    "clock_start_ua: " FIGURE("0") "\n"
    "operating_points:\n"
    "  - name: all\n"
    "    regulator: ldo\n"
    "    above_mhz: 0\n"
    "    up_to_mhz: 100\n"
    "    source: test\n"
    "    verified: yes\n"
    "sleep_modes:\n"
    "  - name: deep\n"
    "    text: test\n"
    "    source: test\n"
    "    verified: yes\n"
    "    vdd_v: 3\n"
    "    retained_kb: 1\n"
    "    rtc: yes\n"
    "    current_ua: " FIGURE("10") "\n"
    "    doubling_c: " FIGURE("10") "\n"
    "    wake_us: " FIGURE("0") "\n"
    "    wake_ua: " FIGURE("0") "\n";

static const char sleeper_prices[] =
    "name: sleeper\n"
    "fitted_on: \"test\"\n"
    "reference_vdd_v: " FIGURE("3") "\n"
    "chip_rsd: " FIGURE("0") "\n"
    "core:\n"
    "  cycle_pj: " FIGURE("0.001") "\n"
    "  stall_pj: " FIGURE("0") "\n"
    "  idle_pj: " FIGURE("0") "\n"
    "classes: {}\n"
    "regions: {}\n"
    "operating_points:\n"
    "  - name: all\n"
    "    static_ua: " FIGURE("0") "\n"
    "    price_scale: " FIGURE("1") "\n";

/* 235 mAh, flat 3 V, no self-discharge, at any current. */
static const char ideal_cell[] =
    "name: ideal\n"
    "description: \"test\"\n"
    "cells_in_series: 1\n"
    "capacity_mah: " FIGURE("235") "\n"
    "cut_off_v: " FIGURE("2") "\n"
    "self_discharge_percent_per_year: " FIGURE("0") "\n"
    "self_discharge_doubling_c: " FIGURE("10") "\n"
    "shelf_life_years: " FIGURE("100") "\n"
    "resistance_rsd: " FIGURE("0") "\n"
    "regulator: {kind: none}\n"
    "temperature: {source: test, verified: yes, rows: [{c: -20, capacity: 0.5, resistance: 1},"
    " {c: 20, capacity: 1, resistance: 1}, {c: 60, capacity: 1, resistance: 1}]}\n"
    "rate: {source: test, verified: yes, rsd: 0, rows: [{ma: 1, capacity: 1},"
    " {ma: 2, capacity: 1}]}\n"
    "curve: {source: test, verified: yes, rows: [{dod: 0, v: 3, r_ohm: 0},"
    " {dod: 1, v: 3, r_ohm: 0}]}\n";

static const char ldo_of_3v[] =
    "{kind: ldo, vout_v: " FIGURE("3") ", iq_ua: " FIGURE("2") ", dropout_v: " FIGURE("0.1") "}";

/* clang-format on */

static struct energy_result tiny_inference(const struct energy_chip *chip)
{
    struct sim_profile p = {.clock_hz = 10e6};
    p.total.core_cycles = p.total.cycles = 1;
    return support_price(chip, &p, 0);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip(support_pair(sleeper, sleeper_prices));
    struct energy_battery *cell = support_battery(support_file(ideal_cell));
    struct energy_result r = tiny_inference(chip);
    struct energy_life life = compute(chip, cell, &r, 1, 20);
    /* 235 mAh at 10 uA: 23,500 h */
    assert_float_equal(life.days.p50, 23500.0 / 24, .01);
    assert_float_equal(life.average_uw, 30, .001);
    assert_string_equal(life.limited_by, "charge");
    assert_true(life.days.p10 == life.days.p90); /* every rsd is 0 */
    life = compute(chip, cell, &r, 1, 0);        /* capacity 0.75 half way between the rows */
    assert_float_equal(life.days.p50, .75 * 23500.0 / 24, .01);
    life = compute(chip, cell, &r, 1, 45); /* leakage x4, capacity 1 */
    assert_float_equal(life.days.p50, 23500.0 / 24 / 4, .01);
    energy_battery_free(cell);

    /* 1 % per year of 235 mAh is a leak of 0.27 uA, doubled at 30 C */
    char *leaky = support_replace(ideal_cell, "per_year: {value: 0", "per_year: {value: 1");
    cell = support_battery(support_file(leaky));
    assert_float_equal(energy_battery_self_discharge_ua(cell, 20), .268, .001);
    assert_float_equal(energy_battery_self_discharge_ua(cell, 30), .536, .001);
    assert_float_equal(energy_battery_self_discharge_ua(cell, 0), .268, .001);
    life = compute(chip, cell, &r, 1, 20);
    assert_float_equal(life.parts_uw[ENERGY_LIFE_SELF_DISCHARGE], .268 * 3, .003);
    assert_float_equal(life.days.p50, 235e3 / 10.268 / 24, .1);
    free(leaky);
    energy_battery_free(cell);
    energy_result_free(&r);
    energy_chip_free(chip);
}

/* Constant power needs more current from a falling voltage; constant current does not. */
static void test_charge_and_energy_models(void **state)
{
    (void)state;
    char *falling = support_replace(ideal_cell, "{dod: 1, v: 3,", "{dod: 1, v: 2,");
    char *on_smps = support_replace(sleeper, "regulator: ldo", "regulator: smps");
    char *switching =
        support_replace(on_smps, "    wake_us", "    vdd_exponent: " FIGURE("0") "\n    wake_us");
    char *prices = support_replace(sleeper_prices, "    price_scale",
                                   "    vdd_exponent: " FIGURE("0") "\n    price_scale");
    struct energy_battery *cell = support_battery(support_file(falling));
    struct energy_chip *ldo = support_chip(support_pair(sleeper, sleeper_prices));
    struct energy_result r = tiny_inference(ldo);
    struct energy_life life = compute(ldo, cell, &r, 1, 20);
    assert_float_equal(life.days.p50, 23500.0 / 24, .01); /* the same charge */
    assert_float_equal(life.average_uw, 25, .01);         /* at 2.5 V on average */
    struct energy_chip *smps = support_chip(support_pair(switching, prices));
    energy_result_free(&r);
    r = tiny_inference(smps);
    life = compute(smps, cell, &r, 1, 20);
    assert_float_equal(life.average_uw, 30, .01);
    /* 235 mAh x 2.5 V at 30 uW */
    assert_float_equal(life.days.p50, 235e3 * 2.5 / 30 / 24, .05);
    energy_result_free(&r);
    energy_chip_free(ldo);
    energy_chip_free(smps);
    energy_battery_free(cell);
    free(falling);
    free(switching);
    free(on_smps);
    free(prices);
}

static void test_regulator(void **state)
{
    (void)state;
    char *high = support_replace(ideal_cell, "rows: [{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3,",
                                 "rows: [{dod: 0, v: 4, r_ohm: 0}, {dod: 1, v: 4,");
    char *with_ldo = support_replace(high, "{kind: none}", ldo_of_3v);
    struct energy_chip *chip = support_chip(support_pair(sleeper, sleeper_prices));
    struct energy_result r = tiny_inference(chip);
    struct energy_battery *cell = support_battery(support_file(with_ldo));
    struct energy_life life = compute(chip, cell, &r, 1, 20);
    assert_float_equal(life.parts_uw[ENERGY_LIFE_SLEEP], 30, .01);
    assert_float_equal(life.parts_uw[ENERGY_LIFE_REGULATOR], 10 * 1 + 2 * 4, .01);
    assert_float_equal(life.average_uw, 48, .01);
    assert_float_equal(life.days.p50, 235e3 / 12 / 24, .01);
    energy_battery_free(cell);
    /* the same cell without regulator is too much for the chip */
    struct energy_life_query query = {
        .chip = chip, .inference = &r, .every_s = 1, .temperature_c = 20};
    struct cc_error err = {0};
    query.battery = cell = support_battery(support_file(high));
    assert_int_equal(energy_life_compute(&query, &life, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "regulator"));
    energy_battery_free(cell);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(high);
    free(with_ldo);
}

/* Under the inference current the cell's resistance ends its life before the charge does. */
static void test_brown_out(void **state)
{
    (void)state;
    char *weak = support_replace(ideal_cell, "{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3, r_ohm: 0}",
                                 "{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3, r_ohm: 300}");
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_result r = small_network(chip, 5e6);
    struct energy_battery *strong_cell = support_battery(support_file(ideal_cell));
    struct energy_battery *weak_cell = support_battery(support_file(weak));
    struct energy_life strong = compute(chip, strong_cell, &r, 1, 20);
    struct energy_life browned = compute(chip, weak_cell, &r, 1, 20);
    double run_a = r.total_uj.p50 * 1e-6 / r.latency_s / r.vdd_v;
    double end = (3 - chip->vdd_min_v.value) / run_a / 300; /* depth at which 3 V - I R = VDD min */
    if (end >= 1)
        fail_msg("the load of %g A is too light for this test", run_a);
    assert_string_equal(strong.limited_by, "charge");
    assert_string_equal(browned.limited_by, "brown-out");
    assert_float_equal(browned.days.p50 / strong.days.p50, end, .001);
    /* more current ends it twice: faster, and earlier; and cells differ in resistance */
    assert_true(browned.days.p10 / browned.days.p50 < .98 * strong.days.p10 / strong.days.p50);
    char *spread =
        support_replace(weak, "resistance_rsd: {value: 0", "resistance_rsd: {value: 0.3");
    struct energy_battery *spread_cell = support_battery(support_file(spread));
    struct energy_life wide = compute(chip, spread_cell, &r, 1, 20);
    assert_true(wide.days.p50 == browned.days.p50 && wide.days.p10 < browned.days.p10);
    energy_battery_free(spread_cell);
    free(spread);
    energy_battery_free(strong_cell);
    energy_battery_free(weak_cell);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(weak);
}

static void check_life(const struct energy_life *life, const struct energy_battery *battery)
{
    double sum = 0;
    for (int p = 0; p < ENERGY_LIFE_PART_COUNT; p++) {
        assert_true(isfinite(life->parts_uw[p]) && life->parts_uw[p] >= 0);
        sum += life->parts_uw[p];
    }
    assert_true(sum == life->average_uw);
    assert_true(life->days.p10 <= life->days.p50 && life->days.p50 <= life->days.p90);
    assert_true(life->days.p50 <= battery->shelf_life_years.value * 365.25);
    assert_string_equal(life->battery, battery->name);
}

/* A cell that gives half of its charge at ten times the current: 10 uA is its rated load here. */
static void test_rate(void **state)
{
    (void)state;
    char *text = support_replace(ideal_cell, "[{ma: 1, capacity: 1}, {ma: 2, capacity: 1}]",
                                 "[{ma: 0.001, capacity: 1}, {ma: 0.01, capacity: 0.5}]");
    struct energy_chip *chip = support_chip(support_pair(sleeper, sleeper_prices));
    struct energy_result r = tiny_inference(chip);
    struct energy_battery *cell = support_battery(support_file(text));
    struct energy_life life = compute(chip, cell, &r, 1, 20);
    assert_float_equal(energy_battery_rate(cell, 0.5), 1, 1e-12);
    assert_float_equal(energy_battery_rate(cell, 1), 1, 1e-12);
    assert_float_equal(energy_battery_rate(cell, sqrt(10)), sqrt(.5), 1e-12);
    assert_float_equal(energy_battery_rate(cell, 100), .25, 1e-12); /* the last line goes on */
    assert_float_equal(life.days.p50, .5 * 23500.0 / 24, .01);
    assert_float_equal(life.average_uw, 30, .001);
    assert_string_equal(life.limited_by, "charge");
    energy_battery_free(cell);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(text);
}

/* 25 mA without pause: a coin cell gives a small part of its charge, an AAA nearly all. */
static void test_continuous_load(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct sim_profile p = support_profile(chip->name, 120e6, &mix_conv, 5e6);
    struct energy_result r = support_price(chip, &p, 0);
    static const struct {
        const char *name;
        double least, most;
    } cells[] = {{"cr2032", .10, .30}, {"cr2450", .20, .50}, {"aaa2", .85, 1}};
    for (size_t i = 0; i < COUNT(cells); i++) {
        struct energy_battery *b = support_battery(cells[i].name);
        struct energy_life life = compute(chip, b, &r, r.latency_s + 1e-4, 20);
        double ma = life.average_uw * 1e-3 / 2.8; /* about; the bounds are wide */
        double part = life.days.p50 * 24 * ma / b->capacity_mah.value;
        if (!(part > cells[i].least && part < cells[i].most))
            fail_msg("%s gives %g of its capacity at %g mA", cells[i].name, part, ma);
        energy_battery_free(b);
    }
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

/* Where a cold cell stops serving the load, days and the upper end of the interval move in small
 * steps (the largest comes from the dip of the measured curve in its first 3 %), and the interval
 * stays open upwards after the nominal life has become 0. */
static void test_edge_of_brown_out(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *cell = support_battery("cr2032");
    struct sim_profile p = support_profile(chip->name, 120e6, &mix_conv, 5e6);
    struct energy_result r = support_price(chip, &p, 0);
    struct energy_life last = {.days = {0}}, warm = compute(chip, cell, &r, 60, 20);
    int dead = 0, hopeful = 0;
    for (double c = 0; c >= -30; c -= .125) {
        struct energy_life life = compute(chip, cell, &r, 60, c);
        double step = warm.days.p50 * .08;
        check_life(&life, cell);
        if (c < 0 && (fabs(life.days.p50 - last.days.p50) > step ||
                      fabs(life.days.p90 - last.days.p90) > step))
            fail_msg("at %g C the life jumps from %g (%g) to %g (%g) days", c, last.days.p50,
                     last.days.p90, life.days.p50, life.days.p90);
        dead += life.days.p50 == 0;
        hopeful += life.days.p50 == 0 && life.days.p90 > 0;
        last = life;
    }
    assert_true(warm.days.p10 > 0);
    if (dead == 0)
        fail_msg("the load is too light for this test: %g days at -30 C", last.days.p50);
    assert_true(hopeful > 0);
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_battery_free(cell);
    energy_chip_free(chip);
}

/* Strictly less, or both at the cap, or both nothing. */
static void assert_shorter(const struct energy_life *less, const struct energy_life *more,
                           const char *why)
{
    int capped = strcmp(more->limited_by, "shelf life") == 0 && less->days.p50 == more->days.p50;
    int dead = less->days.p50 == 0;
    if (!(less->days.p50 < more->days.p50 || capped || dead))
        fail_msg("%s: %g days is not less than %g", why, less->days.p50, more->days.p50);
}

static void laws_of(const struct energy_chip *chip, const struct energy_battery *battery)
{
    static const double periods[] = {.7, 1, 2, 10, 60, 600, 3600, 86400};
    static const double cold[] = {20, 15, 5, 0, -7, -20};
    struct energy_result small = small_network(chip, 2e6), large = small_network(chip, 4e6);
    struct energy_life last = {.days = {0}};
    for (size_t i = 0; i < COUNT(periods); i++) {
        struct energy_life a = compute(chip, battery, &small, periods[i], 20);
        struct energy_life b = compute(chip, battery, &large, periods[i], 20);
        struct energy_life warmer = a;
        check_life(&a, battery);
        check_life(&b, battery);
        assert_shorter(&b, &a, "a larger network");
        if (i > 0)
            assert_shorter(&last, &a, "a shorter period");
        for (size_t t = 1; t < COUNT(cold); t++) {
            struct energy_life colder = compute(chip, battery, &small, periods[i], cold[t]);
            check_life(&colder, battery);
            assert_shorter(&colder, &warmer, "colder");
            warmer = colder;
        }
        struct energy_life hot = compute(chip, battery, &small, periods[i], 50);
        check_life(&hot, battery);
        last = a;
    }
    energy_result_free(&small);
    energy_result_free(&large);
}

static void test_physical_laws(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(all_chips); c++) {
        struct energy_chip *chip = support_chip(all_chips[c]);
        for (size_t b = 0; b < COUNT(all_batteries); b++) {
            struct energy_battery *battery = support_battery(all_batteries[b]);
            laws_of(chip, battery);
            energy_battery_free(battery);
        }
        energy_chip_free(chip);
    }
}

static void test_capacity_never_shortens(void **state)
{
    static const char *const capacities[] = {"50", "100", "225", "400", "1000", "5000"};
    double last = 0;
    (void)state;
    char *text = support_text("batteries", "cr2032");
    struct energy_chip *chip = support_chip("nrf52840");
    struct energy_result r = small_network(chip, 2e6);
    for (size_t i = 0; i < COUNT(capacities); i++) {
        char to[64];
        snprintf(to, sizeof to, "capacity_mah: {value: %s,", capacities[i]);
        char *edited = support_replace(text, "capacity_mah: {value: 225,", to);
        struct energy_battery *battery = support_battery(support_file(edited));
        struct energy_life life = compute(chip, battery, &r, 30, 20);
        assert_true(life.days.p50 >= last);
        last = life.days.p50;
        energy_battery_free(battery);
        free(edited);
    }
    assert_true(last > 3000); /* the largest reaches the shelf life */
    energy_result_free(&r);
    energy_chip_free(chip);
    free(text);
}

/* The measured Varta cell: 217.7 mAh hold 2,255 J. */
static void test_measured_cell(void **state)
{
    (void)state;
    char *varta = support_replace(ideal_cell, "value: 235", "value: 217.7");
    char *edited =
        support_replace(varta, "rows: [{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3, r_ohm: 0}]",
                        "rows: [{dod: 0, v: 3.25, r_ohm: 14}, {dod: 0.005, v: 2.988, r_ohm: 9},"
                        " {dod: 0.02, v: 2.911, r_ohm: 12}, {dod: 0.1, v: 2.915, r_ohm: 14},"
                        " {dod: 0.2, v: 2.922, r_ohm: 15}, {dod: 0.4, v: 2.928, r_ohm: 15},"
                        " {dod: 0.5, v: 2.920, r_ohm: 16}, {dod: 0.6, v: 2.909, r_ohm: 17},"
                        " {dod: 0.7, v: 2.885, r_ohm: 18}, {dod: 0.8, v: 2.826, r_ohm: 19},"
                        " {dod: 0.85, v: 2.789, r_ohm: 21}, {dod: 0.9, v: 2.753, r_ohm: 24},"
                        " {dod: 0.95, v: 2.700, r_ohm: 30}, {dod: 1, v: 2.613, r_ohm: 50}]");
    struct energy_battery *battery = support_battery(support_file(edited));
    assert_float_equal(energy_battery_joules(battery), 2255, 5);
    energy_battery_free(battery);
    free(edited);
    free(varta);
}

/* Interval of the lifetime: wider than the capacity's alone, narrower when sleep dominates and is
 * well known. */
static void test_interval(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *battery = support_battery("cr2450");
    struct energy_result r = small_network(chip, 2e6);
    struct energy_life life = compute(chip, battery, &r, 1, 20);
    struct energy_interval least =
        energy_interval_lognormal(life.days.p50, energy_figure_rsd(&battery->capacity_mah));
    assert_string_equal(life.scenario, "one inference every 1 s");
    assert_true(life.parts_uw[ENERGY_LIFE_INFERENCE] > .9 * life.average_uw);
    assert_true(life.days.p10 < least.p10 && life.days.p90 > least.p90);
    double before = life.days.p90 / life.days.p10;
    r.total_rsd *= 2;
    life = compute(chip, battery, &r, 1, 20);
    assert_true(life.days.p90 / life.days.p10 > before);
    energy_result_free(&r);
    energy_battery_free(battery);
    energy_chip_free(chip);
}

static void test_shelf_life_caps(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("apollo3");
    struct energy_battery *battery = support_battery("cr2450");
    struct energy_result r = small_network(chip, 1e5);
    struct energy_life life = compute(chip, battery, &r, 86400, 20);
    assert_string_equal(life.limited_by, "shelf life");
    struct energy_interval shelf =
        energy_interval_lognormal(3652.5, energy_figure_rsd(&battery->shelf_life_years));
    assert_true(life.days.p50 == 3652.5);
    assert_float_equal(life.days.p10, shelf.p10, 1e-6);
    assert_float_equal(life.days.p90, shelf.p90, 1e-6); /* the charge lasts for longer still */
    assert_true(life.end_rest_v == 0 && life.running_ma > 0);
    energy_result_free(&r);
    energy_battery_free(battery);
    energy_chip_free(chip);
}

/* A resistance of 10 ohm under a known current: the voltages of the end, and what is said when the
 * current is more than the cell is made for. */
static void test_running_current(void **state)
{
    (void)state;
    char *soft =
        support_replace(ideal_cell, "{dod: 0, v: 3, r_ohm: 0}", "{dod: 0, v: 3, r_ohm: 10}");
    char *worn = support_replace(soft, "{dod: 1, v: 3, r_ohm: 0}", "{dod: 1, v: 2, r_ohm: 10}");
    char *rated = support_replace(worn, "regulator:", "max_pulse_ma: " FIGURE("5") "\nregulator:");
    char *measured = support_replace(rated, "verified: yes, rows: [{dod",
                                     "verified: yes, pulse_ma: 3, pulse_ms: 2, rows: [{dod");
    struct energy_chip *chip = support_chip("stm32l4r5"); /* LDO: the same current at any voltage */
    struct energy_result r = small_network(chip, 2e6);
    struct energy_battery *cell = support_battery(support_file(worn));
    struct energy_life life = compute(chip, cell, &r, 1, 20);
    double ma = r.total_uj.p50 * 1e-3 / r.latency_s / r.vdd_v;
    assert_float_equal(r.running_ma, ma, 1e-9);
    assert_float_equal(life.running_ma, ma, 1e-9);
    assert_float_equal(life.end_rest_v, 2, 1e-9);
    assert_float_equal(life.end_loaded_v, 2 - ma * 1e-2, 1e-9);
    assert_true(life.least_v == 1.71 && life.charge_left == 0);
    assert_int_equal(life.note_count, 0);
    energy_battery_free(cell);

    cell = support_battery(support_file(measured));
    life = compute(chip, cell, &r, 1, 20);
    assert_true(ma > 5);
    assert_int_equal(life.note_count, 1);
    assert_non_null(strstr(life.notes[0], "up to 5 mA"));
    assert_non_null(strstr(life.notes[0], "with 3 mA for 2 ms"));
    energy_battery_free(cell);

    char *weak = support_replace(worn, "v: 2, r_ohm: 10", "v: 2, r_ohm: 60");
    cell = support_battery(support_file(weak));
    life = compute(chip, cell, &r, 1, 20);
    assert_string_equal(life.limited_by, "brown-out");
    assert_float_equal(life.end_loaded_v, 1.71, 1e-3); /* it ends where the chip stops */
    assert_true(life.charge_left > .05 && life.end_rest_v > 1.71 && life.end_rest_v < 3);
    energy_battery_free(cell);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(soft), free(worn), free(rated), free(measured), free(weak);
}

/* --vdd changes the energy; a battery gives what it gives. */
static void test_supply_note(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *direct = support_battery("cr2032"), *ldo = support_battery("lipo100");
    static const struct mix *const mix = &mix_conv;
    struct sim_profile p = support_profile("stm32l4r5", 120e6, mix, 2e5);
    struct energy_result r = support_price(chip, &p, 1.8);
    struct energy_life life = compute(chip, direct, &r, 1, 20);
    assert_non_null(strstr(life.notes[life.note_count - 1], "1.8 V; the life is not"));
    assert_non_null(strstr(life.notes[life.note_count - 1], "directly on cr2032"));
    life = compute(chip, ldo, &r, 1, 20);
    assert_non_null(strstr(life.notes[life.note_count - 1], "regulator of lipo100 gives 3 V"));
    energy_result_free(&r);
    r = support_price(chip, &p, 0);
    life = compute(chip, ldo, &r, 1, 20);
    assert_int_equal(life.note_count, 0);
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_battery_free(direct);
    energy_battery_free(ldo);
    energy_chip_free(chip);
}

static void test_refusals(void **state)
{
    static const struct {
        double every_s, temperature_c;
        const char *word;
    } rows[] = {
        {.001, 20, "one inference takes"},
        {0, 20, "--every"},
        {-1, 20, "--every"},
        {NAN, 20, "--every"},
        {INFINITY, 20, "--every"},
        {1e12, 20, "--every"},
        {1, 200, "temperature"},
        {1, -80, "temperature"},
        {1, NAN, "temperature"},
    };
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *battery = support_battery("cr2032");
    struct energy_result r = small_network(chip, 2e6);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_life_query query = {.chip = chip,
                                          .battery = battery,
                                          .inference = &r,
                                          .every_s = rows[i].every_s,
                                          .temperature_c = rows[i].temperature_c};
        struct energy_life life;
        struct cc_error err = {0};
        assert_int_equal(energy_life_compute(&query, &life, &err), CC_ERR_USAGE);
        if (!strstr(err.message, rows[i].word))
            fail_msg("'%s' does not say '%s'", err.message, rows[i].word);
    }
    energy_result_free(&r);
    energy_battery_free(battery);
    energy_chip_free(chip);
}

static void test_napkin(void **state)
{
    struct energy_napkin n;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(energy_napkin_compute(22e6, 5, 1, 2500, &n, &err), CC_OK);
    assert_float_equal(n.uj_per_inference, 110, 1e-9);
    assert_float_equal(n.average_uw, 110, 1e-9);
    assert_float_equal(n.days, 263.05, .01);
    /* 2,500 J at 1 mW: 29 days; at 79 uW: a year */
    assert_int_equal(energy_napkin_compute(1e6, 1000, 1, 2500, &n, &err), CC_OK);
    assert_float_equal(n.days, 28.9, .05);
    assert_int_equal(energy_napkin_compute(79e6, 1, 1, 2500, &n, &err), CC_OK);
    assert_float_equal(n.days, 366, 1);
    assert_int_equal(energy_napkin_compute(0, 5, 1, 2500, &n, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "--ops"));
    assert_int_equal(energy_napkin_compute(1, -5, 1, 2500, &n, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "--pj-per-op"));
    assert_int_equal(energy_napkin_compute(1, 5, NAN, 2500, &n, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "--every"));
    assert_int_equal(energy_napkin_compute(1, 5, 1, INFINITY, &n, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "--battery-joules"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_charge_and_energy_models),
        cmocka_unit_test(test_regulator),
        cmocka_unit_test(test_brown_out),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_continuous_load),
        cmocka_unit_test(test_edge_of_brown_out),
        cmocka_unit_test(test_physical_laws),
        cmocka_unit_test(test_capacity_never_shortens),
        cmocka_unit_test(test_measured_cell),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_shelf_life_caps),
        cmocka_unit_test(test_running_current),
        cmocka_unit_test(test_supply_note),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_napkin),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
