/* Battery life: known answers, what ends it, what is refused. */
#include "battery_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_H 24.0

static double part_uw(const struct energy_lifetime *life, const char *name)
{
    for (uint32_t i = 0; i < life->part_count; i++)
        if (strcmp(life->parts[i].name, name) == 0)
            return life->parts[i].uw;
    return -1;
}

static struct energy_lifetime life_of(const char *cell, const char *regulator, double c, double uf,
                                      const struct energy_load *load)
{
    struct energy_battery *battery = support_battery(support_file(cell));
    struct energy_supply *supply = supply_of(battery, regulator, c, uf);
    struct energy_lifetime life = lifetime(supply, load);
    energy_supply_free(supply);
    energy_battery_free(battery);
    return life;
}

/* 235 mAh at 10 uA: 23,500 h. */
static void test_constant_current(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 20, 3, 1);
    add_part(load, "sleep", 10, 3, 1);
    struct energy_lifetime life = life_of(ideal_cell, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 23500 / DAY_H, 1e-6);
    assert_true(life.days.p10 == life.days.p90); /* nothing is unknown */
    assert_float_equal(life.average_uw, 30, 1e-9);
    assert_int_equal(life.part_count, 1); /* parts of one name are one */
    assert_float_equal(part_uw(&life, "sleep"), 30, 1e-9);
    assert_string_equal(life.limited_by, "empty");
    assert_string_equal(life.spread[0].name, "");
    assert_float_equal(life.charge_left, 0, 1e-12);
    life = life_of(ideal_cell, NULL, 0, 0, load); /* half way between 0.5 and 1 */
    assert_float_equal(life.days.p50, .75 * 23500 / DAY_H, 1e-6);
    /* the same charge at any voltage */
    life = life_of(weak_cell, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 23500 / DAY_H, .5);
    free(load);
}

/* 2.5 V x 235 mAh at 30 uW. */
static void test_constant_power(void **state)
{
    (void)state;
    char *falling = support_replace(weak_cell, "r_ohm: 100", "r_ohm: 0");
    struct energy_load *load = empty_load(1.8);
    add_part(load, "inference", 30, 3, 0);
    struct energy_lifetime life = life_of(falling, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 2.5 * 235e3 / 30 / DAY_H, 1e-6);
    assert_float_equal(life.average_uw, 30, 1e-9);
    /* current with V^0.5: charge over A V^-0.5, A = 30 / 3^0.5; integral of V^0.5 from 2 to 3 */
    load->parts[0].vdd_exponent = .5;
    life = life_of(falling, NULL, 20, 0, load);
    double mean = (pow(3, 1.5) - pow(2, 1.5)) / 1.5;
    assert_float_equal(life.days.p50, 235e3 * mean / (30 / sqrt(3)) / DAY_H, .05);
    free(load);
    free(falling);
}

static void test_self_discharge(void **state)
{
    (void)state;
    char *leaky = support_replace(ideal_cell, "per_year: {value: 0", "per_year: {value: 1");
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 30, 3, 1);
    double leak_ua = 2350 / 8766.; /* 1 % of 235 mAh a year: 0.27 uA */
    struct energy_lifetime life = life_of(leaky, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 235e3 / (10 + leak_ua) / DAY_H, 1e-6);
    assert_float_equal(part_uw(&life, "self-discharge"), 3 * leak_ua, 1e-9);
    life = life_of(leaky, NULL, 40, 0, load); /* doubles every 10 C */
    assert_float_equal(life.days.p50, 235e3 / (10 + 4 * leak_ua) / DAY_H, 1e-6);
    life = life_of(leaky, NULL, -20, 0, load); /* and is held in the cold */
    assert_float_equal(life.days.p50, .5 * 235e3 / (10 + leak_ua) / DAY_H, 1e-6);
    load->parts[0].uw = .1;
    life = life_of(leaky, NULL, 40, 0, load);
    assert_string_equal(life.limited_by, "self-discharge");
    char *short_lived = support_replace(leaky, "years: {value: 100", "years: {value: 2");
    life = life_of(short_lived, NULL, 20, 0, load);
    assert_string_equal(life.limited_by, "shelf life");
    assert_float_equal(life.days.p50, 2 * 365.25, 1e-6);
    assert_float_equal(life.end_rest_v, 0, 0);
    free(short_lived);
    free(load);
    free(leaky);
}

/* P_in = P_out / 0.9 + V x 0.06 uA (+ I^2 R of the pulses); an LDO passes the current. */
static void test_regulators(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(1.7);
    add_part(load, "sleep", 18, 1.8, 1); /* 10 uA */
    struct energy_lifetime life = life_of(ideal_cell, "tps7a02", 20, 0, load);
    assert_float_equal(life.days.p50, 235e3 / 10.025 / DAY_H, 1e-6);
    assert_float_equal(part_uw(&life, "sleep"), 18, 1e-9);
    assert_float_equal(part_uw(&life, "regulator"), 3 * 10.025 - 18, 1e-9);
    life = life_of(ideal_cell, "tps62840", 20, 0, load);
    double in_uw = 18 / .9 + 3 * .06 + 1e-5 * 1e-5 * .3 * 1e6;
    assert_float_equal(life.average_uw, in_uw, 1e-9);
    assert_true(fabs(part_uw(&life, "regulator") - (in_uw - 18)) < 1e-9);
    /* 100 mA for 1 ms a second: 0.3 ohm x 0.01 A2 x 0.001 = 3 uW */
    load->pulses[0] = (struct energy_load_pulse){.name = "tx",
                                                 .ma = 100,
                                                 .vdd_v = 1.8,
                                                 .vdd_exponent = 1,
                                                 .s = 1e-3,
                                                 .every_s = 1,
                                                 .unknown = -1};
    load->pulse_count = 1;
    life = life_of(ideal_cell, "tps62840", 20, 0, load);
    assert_float_equal(life.average_uw, 18 / .9 + 3 * .06 + 3, 1e-9);
    /* a boost of a 1.5 V cell */
    char *low = support_replace(ideal_cell, "{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3,",
                                "{dod: 0, v: 1.5, r_ohm: 0}, {dod: 1, v: 1.5,");
    load->pulse_count = 0;
    load->parts[0].vdd_v = 3;
    life = life_of(low, "tps61099", 20, 0, load);
    in_uw = 18 / .92 + 1.5 * .8 + 6e-6 * 6e-6 * .3 * 1e6;
    assert_float_equal(life.average_uw, in_uw, 1e-9);
    assert_float_equal(life.days.p50, 1.5 * 235e3 / in_uw / DAY_H, 1e-6);
    load->parts[0].vdd_exponent = 0; /* the same behind a regulator */
    life = life_of(low, "tps61099", 20, 0, load);
    assert_float_equal(life.average_uw, in_uw, 1e-9);
    free(low);
    free(load);
}

/* V = 3 - d, R = 100 d, 10 mA, needs 2.2 V: 3 - 2 d = 2.2 at d = 0.4. */
static void test_brown_out(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 30, 3, 1);
    add_pulse(load, "little", 1, 1e-3, 10);
    add_pulse(load, "radio tx", 10, 1e-3, 10);
    struct energy_lifetime life = life_of(weak_cell, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, .4 * 23500 / DAY_H, 1e-6);
    assert_string_equal(life.limited_by, "brown-out");
    assert_string_equal(life.limiting_pulse, "radio tx");
    assert_float_equal(life.charge_left, .6, 1e-9);
    assert_float_equal(life.end_rest_v, 2.6, 1e-9);
    assert_float_equal(life.end_loaded_v, 2.2, 1e-9);
    assert_float_equal(life.least_v, 2.2, 1e-9);
    assert_float_equal(life.running_ma, 10, 1e-9);
    life = life_of(weak_cell, NULL, -20, 0, load); /* R x 3: 3 - 4 d = 2.2 at 0.2, half capacity */
    assert_float_equal(life.days.p50, .5 * .2 * 23500 / DAY_H, 1e-6);
    /* 1000 uF carry it: I t / C = 10 mV at most; the end is at V = 2.2 + about 10 mV */
    life = life_of(weak_cell, NULL, 20, 1000, load);
    assert_true(life.days.p50 > .78 * 23500 / DAY_H && life.days.p50 < .8 * 23500 / DAY_H);
    assert_true(life.end_rest_v - life.end_loaded_v < .0101);
    /* constant power takes more current at the end: 10 mA x 3/2.2 */
    load->pulses[1].vdd_exponent = 0;
    life = life_of(weak_cell, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, .8 / (1 + 3 / 2.2) * 23500 / DAY_H, 1e-6);
    assert_float_equal(life.running_ma, 30 / 2.2, 1e-9);
    /* too much for the fresh battery */
    char *stiff = support_replace(weak_cell, "v: 3, r_ohm: 0", "v: 3, r_ohm: 90");
    life = life_of(stiff, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 0, 0);
    assert_float_equal(life.average_uw, 30, 1e-9);
    assert_string_equal(life.limited_by, "brown-out");
    load->pulses[1].ma = 1000; /* no voltage is below 0 */
    life = life_of(stiff, NULL, 20, 0, load);
    assert_float_equal(life.end_loaded_v, 0, 0);
    free(stiff);
    free(load);
}

/* A pulse that is served at the end takes what it takes at that voltage, not at the least one. */
static void test_served_to_the_end(void **state)
{
    (void)state;
    char *stiff = support_replace(ideal_cell, "{dod: 0, v: 3, r_ohm: 0}, {dod: 1, v: 3, r_ohm: 0}",
                                  "{dod: 0, v: 3, r_ohm: 20}, {dod: 1, v: 3, r_ohm: 20}");
    struct energy_load *load = empty_load(1.71);
    add_part(load, "sleep", 18, 1.8, 1);
    struct energy_load_pulse *p = add_pulse(load, "radio tx", 30, 1e-3, 10);
    p->vdd_v = 1.8;
    /* 3 - 20 i = u, i = (0.03 x 1.8 / 0.9 + 0.03^2 x 0.3) / u + 0.06 uA */
    double power = .03 * 1.8 / .9 + .03 * .03 * .3;
    double open_v = 3 - 20 * .06e-6, u = .5 * (open_v + sqrt(open_v * open_v - 80 * power));
    struct energy_lifetime life = life_of(stiff, "tps62840", 20, 0, load);
    assert_string_equal(life.limited_by, "empty");
    assert_float_equal(life.end_loaded_v, u, 1e-6);
    assert_float_equal(life.running_ma, (3 - u) / 20 * 1e3, 1e-6);
    /* constant power straight on the cell: 60 mW at any voltage */
    *p = (struct energy_load_pulse){
        .ma = 20, .vdd_v = 3, .s = 1e-3, .every_s = 10, .vdd_exponent = 0, .unknown = -1};
    life = life_of(stiff, NULL, 20, 0, load);
    assert_float_equal(life.end_loaded_v, .5 * (3 + sqrt(9 - 80 * .06)), 1e-6);
    free(stiff);
    free(load);
}

/* Name, current and duration are of one pulse; the note on currents is of the largest. */
static void test_limiting_pulse(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 30, 3, 1);
    struct energy_load_pulse *camera = add_pulse(load, "camera", 8, 1e-3, 10);
    camera->vdd_exponent = 0;
    add_pulse(load, "downlink", 10, 2, 10);
    /* camera: 8 x 3 / 2.2 = 10.9 mA at the end, 8 mA before */
    struct energy_lifetime life = life_of(weak_cell, NULL, 20, 0, load);
    assert_string_equal(life.limiting_pulse, "camera");
    assert_float_equal(life.running_ma, 24 / 2.2, 1e-9);
    /* needs 2.8 V: downlink takes more at the end too */
    load->least_v = 2.8;
    life = life_of(weak_cell, NULL, 20, 0, load);
    assert_string_equal(life.limiting_pulse, "downlink");
    assert_float_equal(life.running_ma, 10, 1e-9);
    /* 10 mA for 2 s against 8 mA through the film: each tells its own */
    load->least_v = 2.2;
    camera->vdd_exponent = 1;
    load->pulses[1].rest_ma = 0;
    load->pulses[1].s = 1e-6;
    life = life_of(weak_cell, NULL, 20, 100, load); /* the capacitor carries the microsecond */
    assert_string_equal(life.limiting_pulse, "camera");
    assert_float_equal(life.running_ma, 8, 1e-9);
    /* neither is served by a fresh cell: the one that lacks more, in any order */
    char *stiff = support_replace(weak_cell, "v: 3, r_ohm: 0", "v: 3, r_ohm: 200");
    life = life_of(stiff, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, 0, 0);
    assert_string_equal(life.limiting_pulse, "downlink");
    assert_float_equal(life.running_ma, 10, 1e-9);
    load->pulses[0].ma = 12;
    life = life_of(stiff, NULL, 20, 0, load);
    assert_string_equal(life.limiting_pulse, "camera");
    assert_float_equal(life.running_ma, 12, 1e-9);
    free(stiff);
    free(load);
}

/* The note on the current is of the largest pulse, that on the duration of the limiting one. */
static void test_notes_of_pulses(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery("cr2032");
    struct energy_supply *supply = supply_of(cell, NULL, 20, 100);
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 30, 3, 1);
    add_pulse(load, "flash", 30, 1e-6, 10); /* carried by the capacitor */
    add_pulse(load, "camera", 16, 2, 10);
    struct energy_lifetime life = lifetime(supply, load);
    assert_string_equal(life.limiting_pulse, "camera");
    assert_float_equal(life.running_ma, 16, 1e-9);
    assert_true(life.note_count >= 2);
    assert_non_null(strstr(life.notes[0], "The largest pulse (flash) takes 30 mA"));
    assert_non_null(strstr(life.notes[1], "The limiting pulse (camera) lasts 2 s"));
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

/* What never ends is the longest of pulses. */
static void test_constant_is_long(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery("cr2032");
    struct energy_supply *supply = supply_of(cell, NULL, 20, 0);
    struct energy_load *load = empty_load(2.4);
    add_part(load, "motor", 45e3, 3, 1);
    struct energy_lifetime without = lifetime(supply, load);
    assert_string_equal(without.limiting_pulse, "mean current");
    add_pulse(load, "motor", 15, 3600, 3600);
    struct energy_lifetime with = lifetime(supply, load);
    assert_float_equal(without.days.p50, with.days.p50, 1e-9 * with.days.p50);
    assert_float_equal(without.charge_left, with.charge_left, 1e-9);
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

static void test_cut_off(void **state)
{
    (void)state;
    char *cut = support_replace(weak_cell, "cut_off_v: {value: 1", "cut_off_v: {value: 2.5");
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 30, 3, 1);
    struct energy_lifetime life = life_of(cut, NULL, 20, 0, load);
    assert_float_equal(life.days.p50, .5 * 23500 / DAY_H, 1e-6);
    assert_string_equal(life.limited_by, "empty"); /* nothing was pulled down */
    free(cut);
    free(load);
}

static void test_series_and_parallel(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery(support_file(weak_cell));
    struct energy_supply *supply;
    struct energy_supply_config config = {
        .battery = cell, .series = 1, .parallel = 2, .temperature_c = 20};
    struct energy_lifetime life;
    struct cc_error err = {0};
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 30, 3, 1);
    add_pulse(load, "radio tx", 20, 1e-3, 10); /* half of the resistance, twice the current */
    assert_int_equal(energy_supply_new(&config, &supply, &err), CC_OK);
    life = lifetime(supply, load);
    assert_float_equal(life.days.p50, 2 * .4 * 23500 / DAY_H, 1e-6);
    energy_supply_free(supply);
    config.series = 2;
    assert_int_equal(energy_supply_new(&config, &supply, &err), CC_OK);
    assert_int_equal(energy_lifetime_compute(supply, load, 1, &life, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "6 V are more than the 3.6 V"));
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

/* 1 F from 5 to 2 V is 10.5 J; 0.1 F from 3.3 to 2.0 V 0.345 J. */
static void test_supercapacitors(void **state)
{
    static const struct {
        const char *name;
        double low_v, joules;
    } rows[] = {{"supercap_1f", 2.0, 10.5}, {"supercap_100mf", 2.0, .3445}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct energy_battery *cap = support_battery(rows[i].name);
        struct energy_supply *supply = supply_of(cap, "none", 20, 0);
        struct energy_load *load = empty_load(rows[i].low_v);
        load->most_v = 5.5;
        add_part(load, "sleep", 100, 3, 0);
        struct energy_store store = energy_supply_store(supply, load);
        assert_true(store.rechargeable);
        assert_float_equal(store.uj * 1e-6, rows[i].joules, .005 * rows[i].joules);
        struct energy_lifetime life = lifetime(supply, load);
        /* energy over the mean power that it gives, leak included */
        assert_float_equal(life.days.p50 * 86400 * life.average_uw * 1e-6, rows[i].joules,
                           .005 * rows[i].joules);
        assert_true(part_uw(&life, "self-discharge") > 0);
        energy_supply_free(supply);
        energy_battery_free(cap);
        free(load);
    }
}

/* A store gives what it has until a pulse fails: V = 3 - d, R = 100 d, 10 mA, 2.2 V, d = 0.4. */
static void test_store_under_pulses(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery(support_file(weak_cell));
    struct energy_supply *supply = supply_of(cell, NULL, 20, 0);
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 30, 3, 1);
    struct energy_store store = energy_supply_store(supply, load);
    assert_float_equal(store.charge_uc / (235 * 3.6e6), .8, 1e-3); /* its 10 uA hardly pull */
    add_pulse(load, "radio tx", 10, 1e-3, 10);
    store = energy_supply_store(supply, load);
    assert_float_equal(store.charge_uc / (235 * 3.6e6), .4, 1e-6);
    assert_float_equal(store.uj / (235 * 3.6e6), .4 * 2.8, 1e-6);
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

static void test_buffer_leak(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery(support_file(ideal_cell));
    struct energy_supply *supply;
    const struct energy_supply_config config = {
        .battery = cell, .buffer = {100, .1, 2}, .temperature_c = 20};
    struct energy_supply_config bad = config;
    struct cc_error err = {0};
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 24, 3, 1);
    assert_int_equal(energy_supply_new(&config, &supply, &err), CC_OK);
    struct energy_lifetime life = lifetime(supply, load);
    assert_float_equal(part_uw(&life, "capacitor"), 6, 1e-9);
    assert_float_equal(part_uw(&life, "sleep"), 24, 1e-9);
    assert_float_equal(life.days.p50, 23500 / DAY_H, 1e-6);
    energy_supply_free(supply);
    bad.buffer.esr_ohm = NAN;
    assert_int_equal(energy_supply_new(&bad, &supply, &err), CC_ERR_USAGE);
    bad = config;
    bad.temperature_c = 100;
    assert_int_equal(energy_supply_new(&bad, &supply, &err), CC_ERR_USAGE);
    assert_null(supply);
    energy_battery_free(cell);
    free(load);
}

static void refused(const struct energy_load *load, const char *regulator, enum cc_status expected,
                    const char *words)
{
    struct energy_battery *cell = support_battery(support_file(ideal_cell));
    struct energy_supply *supply = supply_of(cell, regulator, 20, 0);
    struct energy_lifetime life;
    struct cc_error err = {0};
    assert_int_equal(energy_lifetime_compute(supply, load, 1, &life, &err), expected);
    assert_non_null(strstr(err.message, words));
    energy_supply_free(supply);
    energy_battery_free(cell);
}

static void test_refusals(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 30, 3, 1);
    load->most_v = 2.2;
    refused(load, NULL, CC_ERR_USAGE, "3 V are more than the 2.2 V the load takes");
    refused(load, "mcp1700", CC_ERR_USAGE, "choose another regulator");
    load->most_v = 3.6;
    load->least_v = 2.5;
    refused(load, "tps7a02", CC_ERR_USAGE, "1.8 V are less than the 2.5 V");
    load->parts[0].uw = NAN;
    refused(load, NULL, CC_ERR_INTERNAL, "part sleep");
    load->parts[0].uw = 30;
    add_pulse(load, "tx", -1, 1, 1);
    refused(load, NULL, CC_ERR_INTERNAL, "pulse tx");
    free(load);
}

/* A long pulse meets more resistance than the 2 ms ones of the curve. */
static void test_long_pulses(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery("cr2032");
    struct energy_supply *supply = supply_of(cell, NULL, 20, 0);
    struct energy_load *load = empty_load(2.0);
    add_part(load, "sleep", 30, 3, 1);
    struct energy_load_pulse *p = add_pulse(load, "inference", 10, 4e-3, 10);
    double last = lifetime(supply, load).days.p50;
    for (p->s = 5e-3; p->s < 4; p->s *= 1.5) {
        struct energy_lifetime life = lifetime(supply, load);
        assert_true(life.days.p50 < last || (p->s > 3 && life.days.p50 == last));
        assert_non_null(strstr(life.notes[life.note_count - 1], "times as high (unverified)"));
        last = life.days.p50;
    }
    p->s = 2;
    double drop = 0;
    struct energy_bench bench;
    struct energy_setting setting;
    struct cc_error err = {0};
    assert_int_equal(energy_bench_set(supply, load, NULL, &bench, &err), CC_OK);
    energy_setting_at(&bench, NULL, &setting);
    drop = energy_pulse_drop(&bench, &setting, 0, 3, 20);
    assert_float_equal(drop, .01 * 20 * 1.65, 1e-9);
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

static void test_notes(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery("cr2032");
    struct energy_supply *supply = supply_of(cell, NULL, 20, 0);
    struct energy_load *load = empty_load(1.8);
    add_part(load, "sleep", 30, 3, 1);
    struct energy_load_pulse *p = add_pulse(load, "radio tx", 9, 1e-3, 10);
    struct energy_lifetime life = lifetime(supply, load);
    assert_int_equal(life.note_count, 0);
    p->ma = 12;
    life = lifetime(supply, load);
    assert_int_equal(life.note_count, 1);
    assert_non_null(strstr(life.notes[0], "was measured with 10 mA for 2 ms"));
    p->ma = 20;
    load->nominal_v = 3.3;
    life = lifetime(supply, load);
    assert_int_equal(life.note_count, 2);
    assert_non_null(strstr(life.notes[0], "radio tx) takes 20 mA"));
    assert_non_null(strstr(life.notes[0], "made for pulses of up to 15 mA"));
    assert_non_null(strstr(life.notes[1], "directly on cr2032"));
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

/* More parts than a report has lines for: the last of them stands for the rest. */
static void test_many_parts(void **state)
{
    (void)state;
    struct energy_load *load = empty_load(1.8);
    for (int i = 0; i < ENERGY_MAX_LOAD_PARTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "part %d", i);
        add_part(load, name, 1, 3, i % 3 * .3);
    }
    struct energy_lifetime life = life_of(ideal_cell, "tps7a02", 20, 0, load);
    double sum = 0;
    for (uint32_t i = 0; i < life.part_count; i++)
        sum += life.parts[i].uw;
    assert_float_equal(sum, life.average_uw, 1e-9 * sum);
    assert_true(part_uw(&life, "other") > part_uw(&life, "part 3"));
    assert_true(part_uw(&life, "regulator") > 0);
    free(load);
}

/* An income relieves the battery; more than the load, and only time ends it. */
static void test_income(void **state)
{
    (void)state;
    struct energy_battery *cell = support_battery(support_file(ideal_cell));
    struct energy_supply *supply = supply_of(cell, NULL, 20, 0);
    struct energy_load *load = empty_load(1.8);
    struct energy_income income = {"light", 15, .2};
    struct energy_lifetime life;
    struct cc_error err = {0};
    add_part(load, "sleep", 30, 3, 1);
    assert_int_equal(energy_lifetime_with_income(supply, load, &income, 1, &life, &err), CC_OK);
    assert_float_equal(life.days.p50, 2 * 23500 / DAY_H, 1e-6);
    assert_string_equal(life.spread[0].name, "light");
    assert_true(life.days.p10 < life.days.p50 && life.days.p50 < life.days.p90);
    income.uw = 30;
    assert_int_equal(energy_lifetime_with_income(supply, load, &income, 1, &life, &err), CC_OK);
    assert_string_equal(life.limited_by, "shelf life");
    assert_float_equal(life.days.p50, 36525, 1e-6);
    energy_supply_free(supply);
    energy_battery_free(cell);
    free(load);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_current),
        cmocka_unit_test(test_constant_power),
        cmocka_unit_test(test_self_discharge),
        cmocka_unit_test(test_regulators),
        cmocka_unit_test(test_brown_out),
        cmocka_unit_test(test_served_to_the_end),
        cmocka_unit_test(test_limiting_pulse),
        cmocka_unit_test(test_notes_of_pulses),
        cmocka_unit_test(test_constant_is_long),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_series_and_parallel),
        cmocka_unit_test(test_supercapacitors),
        cmocka_unit_test(test_store_under_pulses),
        cmocka_unit_test(test_buffer_leak),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_pulses),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_many_parts),
        cmocka_unit_test(test_income),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
