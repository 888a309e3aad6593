/* The tables themselves: what ships loads, wrong figures are refused by name, and damaged files
 * never crash the reader. */
#include "energy_scenario.h"
#include "energy_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No clock without a price, on any regulator of the chip. */
static void check_no_gaps(const struct energy_chip *chip)
{
    double reached_mhz[3] = {0}, most_mhz = 0;
    for (uint32_t p = 0; p < chip->points_count; p++) {
        const struct energy_point *point = &chip->points[p];
        assert_true(point->above_mhz <= reached_mhz[point->regulator]);
        reached_mhz[point->regulator] = point->up_to_mhz;
        most_mhz = point->up_to_mhz > most_mhz ? point->up_to_mhz : most_mhz;
    }
    for (int r = ENERGY_LDO; r <= ENERGY_SMPS; r++)
        assert_true(reached_mhz[r] == 0 || reached_mhz[r] == most_mhz);
}

static void test_shipped_chips(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/chips", &names, &count, &err), CC_OK);
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        struct energy_chip *chip = support_chip(names[i]);
        assert_string_equal(chip->name, names[i]);
        for (uint32_t c = 0; c < 3 + SIM_CLASS_COUNT; c++) /* core and classes explicitly */
            assert_true(energy_figure_present(&energy_slot_price_of(chip->prices, c)->figure));
        check_no_gaps(chip);
        energy_chip_free(chip);
    }
    cc_names_free(names, count);
}

static void test_shipped_batteries(void **state)
{
    static const struct {
        const char *name;
        double low_j, high_j;
    } rows[] = {
        {"cr2032", 2250, 2450},
        {"cr2450", 4636, 6500},
        {"aaa2", 2 * 4232, 12500},
        {"lipo100", 1300, 1450},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct energy_battery *b = support_battery(rows[i].name);
        double joules = energy_battery_joules(b);
        assert_string_equal(energy_battery_name(b), rows[i].name);
        if (joules < rows[i].low_j || joules > rows[i].high_j)
            fail_msg("%s: %g J", rows[i].name, joules);
        energy_battery_free(b);
    }
}

static void test_unknown_names(void **state)
{
    struct energy_chip *chip;
    struct energy_battery *battery;
    struct cc_error err = {0};
    char *text = support_text("chips", "sample_ldo");
    char *mine = support_replace(text, "name: sample_ldo", "name: mychip");
    (void)state;
    assert_int_equal(energy_chip_load("stm32l4r55", &chip, &err), CC_ERR_INPUT);
    assert_null(chip);
    assert_non_null(strstr(err.message, "did you mean stm32l4r5"));
    assert_int_equal(energy_chip_load(support_pair(mine, NULL), &chip, &err), CC_ERR_INPUT);
    assert_null(chip);
    assert_non_null(strstr(err.message, "there is no energy/prices/mychip.yaml"));
    assert_int_equal(energy_chip_load_unpriced(support_pair(mine, NULL), &chip, &err), CC_OK);
    energy_chip_free(chip);
    free(mine);
    free(text);
    assert_int_equal(energy_battery_load("cr2O32", &battery, &err), CC_ERR_INPUT);
    assert_null(battery);
    assert_non_null(strstr(err.message, "did you mean cr2032"));
    assert_int_equal(energy_battery_load("lipo", &battery, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean lipo"));
    assert_int_equal(energy_battery_load("foo", &battery, &err), CC_ERR_INPUT);
    assert_null(strstr(err.message, "did you mean"));
    assert_non_null(strstr(err.message, "known: aa, "));
    assert_int_equal(energy_battery_load("/nowhere/x.yaml", &battery, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "/nowhere/x.yaml"));
}

struct edit {
    const char *from, *to, *word;
};

static void expect_refused(const char *chip_text, const char *prices_text, const struct edit *e)
{
    struct energy_chip *chip;
    struct cc_error err = {0};
    if (energy_chip_load(support_pair(chip_text, prices_text), &chip, &err) != CC_ERR_INPUT)
        fail_msg("'%s' was accepted", e->to);
    assert_null(chip);
    if (!strstr(err.message, e->word) || !strstr(err.message, ".yaml"))
        fail_msg("'%s' does not name the file and '%s'", err.message, e->word);
}

/* Edits of the chip file, or of its price file. */
static void expect_bad_chip(const char *name, int in_prices, const struct edit *edits, size_t count)
{
    char *chip = support_text("chips", name), *prices = support_text("prices", name);
    for (size_t i = 0; i < count; i++) {
        char *edited = support_replace(in_prices ? prices : chip, edits[i].from, edits[i].to);
        expect_refused(in_prices ? chip : edited, in_prices ? edited : prices, &edits[i]);
        free(edited);
    }
    free(chip);
    free(prices);
}

static void test_bad_prices(void **state)
{
    static const struct edit edits[] = {
        {"alu_pj: {value: 25", "alu_pj: {value: nan", "classes.alu_pj"},
        {"alu_pj: {value: 25", "alu_pj: {value: inf", "classes.alu_pj"},
        {"alu_pj: {value: 25", "alu_pj: {value: -1", "classes.alu_pj"},
        {"alu_pj: {value: 25", "alu_pj: {value: 1e12", "classes.alu_pj"},
        {"alu_pj: {value: 25", "alu_pj: {value: many", "many"},
        {"alu_pj: {value: 25, rsd: 0.3", "alu_pj: {value: 25, rsd: -0.3", "classes.alu_pj.rsd"},
        {"alu_pj: {value: 25, rsd: 0.3", "alu_pj: {value: 25, rsd: 30", "classes.alu_pj.rsd"},
        {"alu_pj: {value: 25, rsd: 0.3, ", "alu_pj: {value: 25, ", "rsd"},
        {"alu_pj: {value: 25, ", "alu_pj: {", "value"},
        {"alu_pj: {", "alu_pj: {fit_fraction: [0.1, nan], ", "classes.alu_pj.fit_fraction[1]"},
        {"alu_pj: {", "alu_pj: {fit_fraction: [9], ", "classes.alu_pj.fit_fraction[0]"},
        {"alu_pj: {", "alu_pj: {fit_fraction: 9, ", "needs a list"},
        {"alu_pj: {", "alu_pj: {fit_fraction: [1, 1, 1, 1, 1, 1, 1, 1, 1], ", "too many entries"},
        {"mac_pj:", "macc_pj:", "unknown key; did you mean mac_pj?"},
        {"cycle_pj: {value: 325", "cycle_pj: {value: 0", "core.cycle_pj"},
        {"stall_pj: {value: 162.5", "stall_pj: {value: 400", "core.stall_pj"},
        {"idle_pj: {value: 66", "idle_pj: {value: 400", "core.idle_pj"},
        {"idle_pj:", "idl_pj:", "unknown key; did you mean idle_pj?"},
        {"reference_vdd_v: {value: 1.8", "reference_vdd_v: {value: 1.9", "prices at 1.9 V"},
        {"chip_rsd: {value: 0.09", "chip_rsd: {value: 9", "chip_rsd"},
        {"static_ua:", "static_uA:", "unknown key; did you mean static_ua?"},
        {"static_ua: {value: 170", "static_ua: {value: -170", "static_ua"},
        {"- name: \"ldo range 2, up to 26 MHz\"\n    static", "- name: \"ldo range 2\"\n    static",
         "there is none named \"ldo range 2, up to 26 MHz\""},
        {"    price_scale",
         "    vdd_exponent: {value: 0.2, rsd: 0, verified: yes, source: xxx}\n    "
         "price_scale",
         "only for points on smps"},
    };
    static const struct edit smps[] = {
        {"vdd_exponent: {value: 0.222", "vdd_exponent: {value: 22", "vdd_exponent"},
        {"    vdd_exponent: {", "    # vdd_exponent: {", "vdd_exponent: missing"},
    };
    (void)state;
    expect_bad_chip("sample_ldo", 1, edits, sizeof edits / sizeof edits[0]);
    expect_bad_chip("sample_smps", 1, smps, sizeof smps / sizeof smps[0]);
}

static void test_bad_chip_figures(void **state)
{
    static const struct edit edits[] = {
        {"current_ua:", "current_na:", "unknown key; did you mean current_ua?"},
        {"current_ua: {value: 2.86", "current_ua: {value: -2.86", "sleep_modes[0] (stop2).current"},
        {"doubling_c: {value: 16.3", "doubling_c: {value: 0", "sleep_modes[0] (stop2).doubling_c"},
        {"wake_us: {value: 8", "wake_us: {value: 1e300", "sleep_modes[0] (stop2).wake_us"},
        {"    wake_ua:", "    # wake_ua:", "wake_ua: write either"},
        {"    wake_ua:",
         "    wake_nc: {value: 1, rsd: 0, verified: yes, source: xxx}\n    wake_ua:",
         "wake_ua: write either"},
        {"retained_kb: 640", "retained_kb: -640", "sleep_modes[0] (stop2).retained_kb"},
        {"rtc: yes", "rtc: perhaps", "perhaps"},
        {"- name: stop2\n", "- name: idle\n", "idle exists on every chip"},
        {"- name: stop2_no_rtc\n", "- name: stop2\n", "is there twice"},
        {"up_to_mhz: 26", "up_to_mhz: 0", "up_to_mhz"},
        {"up_to_mhz: 26", "up_to_mhz: nan", "up_to_mhz"},
        {"above_mhz: 26", "above_mhz: -26", "above_mhz"},
        {"above_mhz: 80", "above_mhz: 79.9", "inside the point before"},
        {"name: \"ldo range 1 normal, 26-80 MHz\"", "name: \"ldo range 2, up to 26 MHz\"",
         "another point has this name"},
        {"vdd_v: {value: 3", "vdd_v: {value: 4", "vdd_v"},
        {"vdd_min_v: {value: 1.71", "vdd_min_v: {value: 0", "vdd_min_v"},
        {"reference_vdd_v: {value: 1.8", "reference_vdd_v: {value: nan", "reference_vdd_v"},
        {"regulator: ldo", "regulator: battery", "battery"},
        {"regulator: ldo", "regulator: smps", "vdd_exponent"},
        {"leakage_doubling_c: {value: 75", "leakage_doubling_c: {value: 1", "leakage_doubling_c"},
        {"verified: yes", "verified: maybe", "maybe"},
        {"name: sample_ldo", "name: ../secret", "other characters"},
        {"ua_per_mhz: {value: 5.9", "ua_per_mhz: {value: -5.9", "peripherals[0] (adc).ua_per_mhz"},
        {"sleep: idle", "sleep: stop4", "no sleep mode stop4"},
        {"sleep: idle", "sleep: stop2", "adc does not work in stop2"},
        {"- name: pdm\n", "- name: adc\n", "is there twice"},
    };
    (void)state;
    expect_bad_chip("sample_ldo", 0, edits, sizeof edits / sizeof edits[0]);
}

static void expect_bad_battery(const char *text, const struct edit *e)
{
    struct energy_battery *battery;
    struct cc_error err = {0};
    char *edited = support_replace(text, e->from, e->to);
    if (energy_battery_load(support_file(edited), &battery, &err) != CC_ERR_INPUT)
        fail_msg("'%s' was accepted", e->to);
    assert_null(battery);
    if (!strstr(err.message, e->word) || !strstr(err.message, ".yaml"))
        fail_msg("'%s' does not name the file and '%s'", err.message, e->word);
    free(edited);
}

static void test_bad_battery_figures(void **state)
{
    static const struct edit edits[] = {
        {"capacity_mah: {value: 100", "capacity_mah: {value: 0", "capacity_mah"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: nan", "capacity_mah"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: -100", "capacity_mah"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: 1e9", "capacity_mah"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: \"100,5\"", "not a number"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: 100 mAh", "not a number"},
        {"capacity_mah: {value: 100", "capacity_mah: {value: 1.0.0", "not a number"},
        {"cells_in_series: 1", "cells_in_series: 1.5", "not a whole number"},
        {"cells_in_series: 1", "cells_in_series: 1 2", "not a whole number"},
        {"dod: 0.500", "dod: 0.500x", "dod: '0.500x' is not a number"},
        {"name: lipo100", "---\nname: first\n---\nname: lipo100", "yaml"},
        {"capacity_mah:", "capacity_ah:", "unknown key; did you mean capacity_mah?"},
        {"shelf_life_years: {value: 4", "shelf_life_years: {value: 1e4", "shelf_life_years"},
        {"cells_in_series: 1", "cells_in_series: 0", "cells_in_series"},
        {"cells_in_series: 1", "cells_in_series: 4000000000", "cells_in_series"},
        {"cells_in_series: 1", "cells_in_series: -1", "cells_in_series"},
        {"kind: ldo", "kind: none", "regulator.vout_v"},
        {"kind: ldo", "kind: magic", "magic"},
        {"iq_ua: {value: 1.6", "iq_ua: {value: -1.6", "regulator.iq_ua"},
        {"dod: 0.500", "dod: 0.400", "curve.rows[6].dod"},
        {"dod: 0.000", "dod: 0.010", "curve.rows[0].dod"},
        {"dod: 1.000", "dod: 0.990", "curve.rows[12].dod"},
        {"v: 3.82", "v: nan", "curve.rows[6].v"},
        {"v: 3.82", "v: -3.82", "curve.rows[6].v"},
        {"r_ohm: 0.46", "r_ohm: inf", "curve.rows[7].r_ohm"},
        {"c: 20,", "c: 5,", "temperature.rows[3].c"},
        {"capacity: 0.893", "capacity: 0", "temperature.rows[1].capacity"},
        {"resistance: 2.4", "resistance: nan", "temperature.rows[2].resistance"},
        {"{ma: 50,", "{ma: 20,", "rate.rows[1].ma"},
        {"{ma: 20, capacity: 1}", "{ma: 20, capacity: 0.99}", "rate.rows[0].capacity"},
        {"{ma: 100, capacity: 0.95}", "{ma: 100, capacity: 0.99}", "rate.rows[2].capacity"},
        {"{ma: 100, capacity: 0.95}", "{ma: 100, capacity: 0}", "rate.rows[2].capacity"},
        {"rsd: 0.3\n  rows:\n    - {ma", "rsd: -1\n  rows:\n    - {ma", "rate.rsd"},
        {"cut_off_v: {value: 3.0", "cut_off_v: {value: 4.2", "cut_off_v"},
        {"self_discharge_doubling_c: {value: 10", "self_discharge_doubling_c: {value: 0",
         "self_discharge_doubling_c"},
    };
    (void)state;
    char *text = support_text("batteries", "lipo100");
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        expect_bad_battery(text, &edits[i]);
    char *no_iq = support_without_line(text, "iq_ua:");
    expect_bad_battery(no_iq, &(struct edit){"kind: ldo", "kind: ldo", "regulator.iq_ua"});
    free(no_iq);
    free(text);
    text = support_text("batteries", "aaa2");
    char *rows = strstr(text, "    - {dod: 0.005");
    assert_non_null(rows);
    *rows = '\0'; /* a curve of one row */
    expect_bad_battery(
        text, &(struct edit){"name: aaa2", "name: aaa2", "has too few entries, 1; write 2 to 64"});
    free(text);
}

/* splitmix64: the same damage on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t pick(uint64_t *random, size_t below)
{
    return (size_t)(next_random(random) % below);
}

/* Damages text (length bytes in a buffer with room for one word more) in one of the ways files are
 * damaged; returns the new length. */
static size_t damage(char *text, size_t length, uint64_t *random)
{
    static const char *const words[] = {"nan",
                                        "-inf",
                                        "1e999",
                                        "-1",
                                        "0",
                                        "[",
                                        "{",
                                        "}",
                                        "]",
                                        "*a",
                                        "&a ",
                                        "\n",
                                        ": ",
                                        "\t",
                                        "\"",
                                        "yes",
                                        "99999999999999999999",
                                        "- ",
                                        "value: 1, ",
                                        "!!binary ",
                                        "\xff",
                                        "%",
                                        "|",
                                        "?"};
    size_t at = pick(random, length);
    size_t n = pick(random, 40) + 1;
    if (n > length - at)
        n = length - at;
    switch (pick(random, 5)) {
    case 0: /* another byte */
        text[at] = (char)(next_random(random) & 0xff);
        return length;
    case 1: /* a piece missing */
        memmove(text + at, text + at + n, length - at - n);
        return length - n;
    case 2: { /* a piece copied elsewhere */
        size_t from = pick(random, length - n + 1);
        memmove(text + at, text + from, n);
        return length;
    }
    case 3: /* cut short */
        return at;
    default: { /* a word put in */
        const char *word = words[pick(random, sizeof words / sizeof words[0])];
        size_t size = strlen(word);
        memmove(text + at + size, text + at, length - at);
        memcpy(text + at, word, size);
        return length + size;
    }
    }
}

/* An inference every 10 s. */
static enum cc_status live(const struct energy_chip *chip, const struct sim_profile *profile,
                           const struct energy_result *result, const struct energy_battery *battery,
                           struct energy_lifetime *life, struct cc_error *err)
{
    static struct energy_scenario_load load;
    struct energy_scenario *scenario = NULL;
    struct energy_scenario_plan *plan = NULL;
    struct energy_supply *supply = NULL;
    struct energy_scenario_change none = {0};
    struct energy_scenario_query query = {.chip = chip, .target = profile, .target_cost = result};
    enum cc_status status = energy_scenario_plain(10, &scenario, err);
    query.scenario = scenario;
    if (status == CC_OK)
        status = energy_scenario_plan_new(&query, &plan, NULL, err);
    if (status == CC_OK)
        status = energy_scenario_load_of(plan, &none, &load, err);
    if (status == CC_OK)
        status = energy_scenario_supply(scenario, battery, 20, &supply, err);
    if (status == CC_OK)
        status = energy_lifetime_compute(supply, &load.load, 1, life, err);
    energy_supply_free(supply);
    energy_scenario_plan_free(plan);
    energy_scenario_free(scenario);
    return status;
}

/* Whatever was accepted must price and feed a battery without trouble. */
static void use_chip(const struct energy_chip *chip, const struct sim_profile *profile,
                     const struct energy_battery *battery)
{
    struct energy_result result;
    struct energy_lifetime life;
    struct cc_error err = {0};
    if (energy_price(chip, profile, NULL, &result, &err) != CC_OK) {
        assert_true(err.message[0]);
        return;
    }
    assert_true(result.total_uj.p10 <= result.total_uj.p50);
    if (live(chip, profile, &result, battery, &life, &err) == CC_OK)
        assert_true(life.days.p10 <= life.days.p50 && life.days.p50 <= life.days.p90);
    energy_result_free(&result);
}

static unsigned try_file(const char *path, int is_chip, const struct sim_profile *profile,
                         const struct energy_chip *good_chip,
                         const struct energy_battery *good_battery)
{
    struct cc_error err = {0};
    struct energy_chip *chip;
    struct energy_battery *battery;
    enum cc_status status =
        is_chip ? energy_chip_load(path, &chip, &err) : energy_battery_load(path, &battery, &err);
    if (status != CC_OK) {
        assert_int_equal(status, CC_ERR_INPUT);
        assert_non_null(strstr(err.message, ".yaml"));
        return 0;
    }
    use_chip(is_chip ? chip : good_chip, profile, is_chip ? good_battery : battery);
    if (is_chip)
        energy_chip_free(chip);
    else
        energy_battery_free(battery);
    return 1;
}

static void test_damaged_files(void **state)
{
    static const char *const files[][2] = {
        {"chips", "stm32l4r5"}, {"chips", "stm32u575"},    {"prices", "rp2040"},
        {"prices", "apollo3"},  {"prices", "sample_smps"}, {"batteries", "cr2032"},
        {"batteries", "aaa2"},  {"batteries", "lipo100"},  {"batteries", "cr2450"},
    };
    uint64_t random = 20240229;
    unsigned accepted = 0, tried = 0;
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *battery = support_battery("cr2032");
    struct sim_profile p = support_profile("x", 48e6, &mix_conv, 1e5);
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        char *text = support_text(files[f][0], files[f][1]);
        char *chip_text = f >= 2 && f < 5 ? support_text("chips", files[f][1]) : NULL;
        size_t length = strlen(text);
        char *copy = malloc(length + 256);
        assert_non_null(copy);
        for (int i = 0; i < 260; i++, tried++) {
            size_t n = length;
            memcpy(copy, text, length);
            for (size_t k = pick(&random, 3) + 1; k > 0 && n > 0; k--)
                n = damage(copy, n, &random);
            copy[n] = '\0';
            const char *path = f < 2   ? support_pair(copy, NULL)
                               : f < 5 ? support_pair(chip_text, copy)
                                       : support_file(copy);
            accepted += try_file(path, f < 5, &p, chip, battery);
        }
        free(copy);
        free(chip_text);
        free(text);
    }
    print_message("%u damaged files, %u of them still a valid table\n", tried, accepted);
    assert_true(tried >= 2000);
    assert_true(accepted > 0 && accepted < tried); /* the damage is neither nothing nor all */
    sim_profile_free(&p);
    energy_battery_free(battery);
    energy_chip_free(chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_chips), cmocka_unit_test(test_shipped_batteries),
        cmocka_unit_test(test_unknown_names), cmocka_unit_test(test_bad_chip_figures),
        cmocka_unit_test(test_bad_prices),    cmocka_unit_test(test_bad_battery_figures),
        cmocka_unit_test(test_damaged_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
