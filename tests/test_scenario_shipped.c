/* The scenarios that ship, with the real chips, sensors and radios: they load, fit their period,
 * tell where their numbers are from, and come out where their own figures say. What they compute is
 * made up here: emulating it is for the program. */
#include "energy_support.h"

#include "energy_chip_power.h"
#include "energy_scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A scenario as the program would run it; every computation is a small network's. */
struct shipped {
    struct energy_scenario *scenario;
    struct energy_chip *chip;
    struct sim_profile profile;
    struct energy_result cost;
    struct energy_scenario_plan *plan;
    struct energy_scenario_load load;
    struct energy_docs docs;
};

/* "apollo3@48:range" without what follows the name; the clock, or the chip's slowest priced. */
static void split_mcu(const char *mcu, char name[SIM_NAME_BYTES], double *mhz)
{
    const char *at = strchr(mcu, '@');
    size_t length = strcspn(mcu, "@:");
    snprintf(name, SIM_NAME_BYTES, "%.*s", (int)length, mcu);
    *mhz = at ? strtod(at + 1, NULL) : 0;
}

static void price(struct shipped *s, const char *mcu, double instructions)
{
    struct energy_condition condition = {.vdd_v = energy_scenario_vdd(s->scenario),
                                         .regulator = energy_scenario_regulator_of_mcu(s->scenario),
                                         .temperature_c = energy_scenario_temperature(s->scenario)};
    struct cc_error err = {0};
    char name[SIM_NAME_BYTES];
    double mhz;
    split_mcu(mcu, name, &mhz);
    s->chip = support_chip(name);
    s->profile = support_profile(name, (mhz > 0 ? mhz : 64) * 1e6, &mix_conv, instructions);
    if (energy_price(s->chip, &s->profile, &condition, &s->cost, &err) != CC_OK)
        fail_msg("%s", err.message);
}

static void plan(struct shipped *s)
{
    const struct sim_profile *profiles[ENERGY_MAX_STEPS];
    const struct energy_result *costs[ENERGY_MAX_STEPS];
    struct cc_error err = {0};
    for (int i = 0; i < ENERGY_MAX_STEPS; i++) {
        profiles[i] = &s->profile;
        costs[i] = &s->cost;
    }
    struct energy_scenario_query query = {
        .scenario = s->scenario,
        .chip = s->chip,
        .target = &s->profile,
        .target_cost = &s->cost,
        .computes = profiles,
        .compute_costs = costs,
        .condition = {.vdd_v = s->cost.vdd_v,
                      .regulator = energy_scenario_regulator_of_mcu(s->scenario),
                      .temperature_c = energy_scenario_temperature(s->scenario)}};
    if (energy_scenario_plan_new(&query, &s->plan, &s->docs, &err) != CC_OK)
        fail_msg("%s", err.message);
    if (energy_scenario_load_of(s->plan, NULL, &s->load, &err) != CC_OK)
        fail_msg("%s", err.message);
}

static struct shipped *open_shipped(const char *name, double instructions)
{
    struct shipped *s = calloc(1, sizeof *s);
    struct cc_error err = {0};
    assert_non_null(s);
    if (energy_scenario_load(name, &s->scenario, &err) != CC_OK)
        fail_msg("%s", err.message);
    const char *mcu = energy_scenario_mcu(s->scenario);
    if (!mcu)
        fail_msg("%s names no mcu", name);
    price(s, mcu, instructions);
    plan(s);
    return s;
}

static void close_shipped(struct shipped *s)
{
    energy_scenario_plan_free(s->plan);
    energy_scenario_free(s->scenario);
    energy_result_free(&s->cost);
    sim_profile_free(&s->profile);
    energy_chip_free(s->chip);
    energy_docs_free(&s->docs);
    free(s);
}

static double part_uw(const struct shipped *s, const char *name)
{
    double uw = 0;
    for (uint32_t i = 0; i < s->load.load.part_count; i++) {
        if (strcmp(s->load.load.parts[i].name, name) == 0)
            uw += s->load.load.parts[i].uw;
    }
    return uw;
}

static double temperature_of(const struct shipped *s)
{
    double c = energy_scenario_temperature(s->scenario);
    return isnan(c) ? 20 : c;
}

static struct energy_supply *supply_of(const struct shipped *s, struct energy_battery **battery)
{
    struct energy_supply *supply;
    struct cc_error err = {0};
    const char *name = energy_scenario_battery(s->scenario);
    if (!name)
        fail_msg("%s names no battery", energy_scenario_name(s->scenario));
    *battery = support_battery(name);
    if (energy_scenario_supply(s->scenario, *battery, temperature_of(s), &supply, &err) != CC_OK)
        fail_msg("%s", err.message);
    return supply;
}

/* What a harvester brings in never shortens the life. */
static void check_harvest(const struct shipped *s, const struct energy_supply *supply,
                          const struct energy_lifetime *without)
{
    struct energy_surroundings around;
    struct energy_lifetime life;
    struct energy_harvest harvest;
    struct cc_error err = {0};
    const struct energy_harvester *harvester = energy_scenario_harvester(s->scenario, &around);
    if (!harvester)
        return;
    if (energy_harvest_lifetime(supply, &s->load.load, harvester, &around, &life, &harvest, &err) !=
        CC_OK)
        fail_msg("%s: %s", energy_scenario_name(s->scenario), err.message);
    assert_true(harvest.income_uw.p50 >= 0 && life.days.p50 >= without->days.p50 * (1 - 1e-9));
}

/* Days of its battery, without the income of a harvester. */
static struct energy_lifetime life_of(const struct shipped *s)
{
    struct energy_battery *battery;
    struct energy_lifetime life;
    struct cc_error err = {0};
    struct energy_supply *supply = supply_of(s, &battery);
    if (energy_lifetime_compute(supply, &s->load.load, 1, &life, &err) != CC_OK)
        fail_msg("%s: %s", energy_scenario_name(s->scenario), err.message);
    check_harvest(s, supply, &life);
    energy_supply_free(supply);
    energy_battery_free(battery);
    return life;
}

static void check_life(const struct shipped *s)
{
    struct energy_lifetime life = life_of(s);
    double parts_uw = 0;
    for (uint32_t i = 0; i < life.part_count; i++)
        parts_uw += life.parts[i].uw;
    assert_float_equal(parts_uw, life.average_uw, 1e-3 * life.average_uw);
    assert_true(life.days.p50 > 0 && life.days.p10 <= life.days.p50);
    assert_true(life.days.p50 <= life.days.p90);
    print_message("%-24s %10.4g days (%.4g to %.4g), %s\n", energy_scenario_name(s->scenario),
                  life.days.p50, life.days.p10, life.days.p90, life.limited_by);
}

static void check_shipped(const char *name)
{
    struct shipped *s = open_shipped(name, 1e4);
    const struct energy_load *l = &s->load.load;
    double uw = 0;
    assert_string_equal(energy_scenario_name(s->scenario), name);
    for (uint32_t i = 0; i < l->part_count; i++) {
        assert_true(isfinite(l->parts[i].uw) && l->parts[i].uw >= 0);
        uw += l->parts[i].uw;
    }
    if (!(uw > 0.01 && uw < 1e7))
        fail_msg("%s: %g uW", name, uw);
    assert_true(l->pulse_count > 0 && l->unknowns.count > 0);
    assert_true(l->least_v < l->nominal_v && l->nominal_v <= l->most_v);
    int of_file = 0;
    for (uint32_t i = 0; i < s->docs.count; i++) {
        assert_true(strlen(s->docs.rows[i].source) >= 3);
        of_file += strstr(s->docs.rows[i].file, "scenarios/") != NULL;
    }
    assert_true(of_file > 0 && (uint32_t)of_file < s->docs.count);
    print_message("%-24s %10.4g uW over %g s\n", name, uw, s->load.period_s);
    check_life(s);
    close_shipped(s);
}

static void test_all(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/scenarios", &names, &count, &err), CC_OK);
    assert_true(count >= 3);
    for (size_t i = 0; i < count; i++)
        check_shipped(names[i]);
    cc_names_free(names, count);
}

/* A 235 uA microphone at 1.8 V, its current the same at the chip's supply. */
static void test_wake_word(void **state)
{
    (void)state;
    struct shipped *s = open_shipped("wake_word", 1e5);
    double vdd_v = s->load.load.nominal_v;
    double mic_uw = part_uw(s, "sensor sph0641lu4h");
    assert_true(mic_uw > 235 * vdd_v && mic_uw < 235 * vdd_v + 500); /* and the PDM block */
    /* 50 frames in every half second; features of 25 and the network in a tenth of them */
    double frame_uj = s->cost.total_uj.p50;
    assert_float_equal(part_uw(s, "front end voice-activity"), 100 * frame_uj, 1e-3 * frame_uj);
    assert_float_equal(part_uw(s, "front end mel40"), 5 * frame_uj, 1e-3 * frame_uj);
    assert_float_equal(part_uw(s, "inference"), .2 * frame_uj, 1e-3 * frame_uj);
    close_shipped(s);
}

/* What the accelerometer takes goes on at night; the radio of the chip sleeps with the chip. */
static void test_fall_detector(void **state)
{
    (void)state;
    struct shipped *s = open_shipped("fall_detector", 1e5);
    assert_float_equal(part_uw(s, "sensor adxl362"), 1.8 * s->load.load.nominal_v, 1e-4);
    assert_float_equal(part_uw(s, "front end stats3"), s->cost.total_uj.p50 / 1.28 * 16 / 24, 1e-3);
    assert_true(part_uw(s, "radio nrf52832") < 0.1);
    close_shipped(s);
}

/* All say what sending the raw data would take. */
static void test_all_stream(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/scenarios", &names, &count, &err), CC_OK);
    for (size_t i = 0; i < count; i++) {
        struct shipped *s = open_shipped(names[i], 1e4);
        struct energy_stream_comparison c;
        struct energy_battery *battery;
        struct energy_supply *supply = supply_of(s, &battery);
        if (energy_scenario_stream(s->plan, supply, NULL, NULL, &c, &err) != CC_OK)
            fail_msg("%s", err.message);
        assert_true(c.raw_bytes_per_period > 0 && c.stream_uj > 0 && c.radio[0]);
        assert_true(c.break_even_bytes >= 0 && c.possible == !c.why_not[0]);
        energy_supply_free(supply);
        energy_battery_free(battery);
        close_shipped(s);
    }
    cc_names_free(names, count);
}

/* What the sun brings in helps a stream as it helps a result. */
static void test_harvested_stream(void **state)
{
    (void)state;
    struct shipped *s = open_shipped("satellite_camera", 1e5);
    struct energy_stream_comparison alone, fed;
    struct energy_surroundings at;
    struct energy_battery *battery;
    struct cc_error err = {0};
    struct energy_supply *supply = supply_of(s, &battery);
    const struct energy_harvester *panel = energy_scenario_harvester(s->scenario, &at);
    assert_non_null(panel);
    assert_int_equal(energy_scenario_stream(s->plan, supply, NULL, NULL, &alone, &err), CC_OK);
    assert_int_equal(energy_scenario_stream(s->plan, supply, panel, &at, &fed, &err), CC_OK);
    assert_true(fed.possible);
    assert_float_equal(fed.days.p50, alone.days.p50, 1e-9); /* ends in its first night */
    at.hours_per_day = 24;
    assert_int_equal(energy_scenario_stream(s->plan, supply, panel, &at, &fed, &err), CC_OK);
    assert_true(fed.days.p50 > 1000 * alone.days.p50);
    energy_supply_free(supply);
    energy_battery_free(battery);
    close_shipped(s);
}

/* Raw sound over the same radio costs more than finding the word in it. */
static void test_streaming(void **state)
{
    (void)state;
    struct shipped *s = open_shipped("wake_word", 1e5);
    struct energy_stream_comparison c;
    struct energy_battery *battery;
    struct cc_error err = {0};
    struct energy_supply *supply = supply_of(s, &battery);
    struct energy_lifetime life = life_of(s);
    assert_int_equal(energy_scenario_stream(s->plan, supply, NULL, NULL, &c, &err), CC_OK);
    assert_true(c.possible);
    assert_float_equal(c.raw_bytes_per_period, 16000, 1);
    /* 256 kbit/s at 10 to 50 nJ per bit */
    double nj_per_bit = c.stream_uj * 1e3 / (8 * c.raw_bytes_per_period);
    assert_true(nj_per_bit > 8 && nj_per_bit < 50);
    assert_true(c.average_uw > life.average_uw && c.days.p50 < life.days.p50);
    assert_true(c.days.p10 <= c.days.p50 && c.days.p50 <= c.days.p90);
    energy_supply_free(supply);
    energy_battery_free(battery);
    close_shipped(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_wake_word),
        cmocka_unit_test(test_fall_detector),
        cmocka_unit_test(test_all_stream),
        cmocka_unit_test(test_harvested_stream),
        cmocka_unit_test(test_streaming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
