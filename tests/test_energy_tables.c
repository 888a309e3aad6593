/* The tables themselves: what ships loads, wrong figures are refused by name, and damaged files
 * never crash the reader. */
#include "energy_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        for (int c = 0; c < SIM_CLASS_COUNT; c++) /* all classes are priced explicitly */
            assert_true(energy_figure_present(energy_chip_class(chip, c)));
        for (uint32_t p = 1; p < chip->points_count; p++) /* no clock without a price */
            assert_true(chip->points[p].above_mhz == chip->points[p - 1].up_to_mhz);
        assert_true(strstr(chip->fitted_to, "itted") != NULL);
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
    (void)state;
    assert_int_equal(energy_chip_load("stm32l4r55", &chip, &err), CC_ERR_INPUT);
    assert_null(chip);
    assert_non_null(strstr(err.message, "did you mean stm32l4r5"));
    assert_int_equal(energy_battery_load("cr2O32", &battery, &err), CC_ERR_INPUT);
    assert_null(battery);
    assert_non_null(strstr(err.message, "did you mean cr2032"));
    assert_int_equal(energy_battery_load("lipo", &battery, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean lipo100?"));
    assert_int_equal(energy_battery_load("foo", &battery, &err), CC_ERR_INPUT);
    assert_null(strstr(err.message, "did you mean"));
    assert_non_null(strstr(err.message, "known: aaa2, cr2032"));
    assert_int_equal(energy_battery_load("/nowhere/x.yaml", &battery, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "/nowhere/x.yaml"));
}

struct edit {
    const char *from, *to, *word;
};

static void expect_bad_chip(const char *text, const struct edit *e)
{
    struct energy_chip *chip;
    struct cc_error err = {0};
    char *edited = support_replace(text, e->from, e->to);
    if (energy_chip_load(support_file(edited), &chip, &err) != CC_ERR_INPUT)
        fail_msg("'%s' was accepted", e->to);
    assert_null(chip);
    if (!strstr(err.message, e->word) || !strstr(err.message, ".yaml"))
        fail_msg("'%s' does not name the file and '%s'", err.message, e->word);
    free(edited);
}

static void test_bad_chip_figures(void **state)
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
        {"mac_pj:", "macc_pj:", "unknown key; did you mean mac_pj?"},
        {"sleep_ua:", "sleep_na:", "unknown key; did you mean sleep_ua?"},
        {"sleep_ua: {value: 2.86", "sleep_ua: {value: -2.86", "sleep.sleep_ua"},
        {"wake_us: {value: 50", "wake_us: {value: 1e300", "sleep.wake_us"},
        {"k_cycle_pj: {value: 325", "k_cycle_pj: {value: 0", "k_cycle_pj"},
        {"k_stall_pj: {value: 162.5", "k_stall_pj: {value: 400", "k_stall_pj"},
        {"up_to_mhz: 26", "up_to_mhz: 0", "up_to_mhz"},
        {"up_to_mhz: 26", "up_to_mhz: nan", "up_to_mhz"},
        {"above_mhz: 26", "above_mhz: -26", "above_mhz"},
        {"above_mhz: 80", "above_mhz: 79.9", "inside the point before"},
        {"vdd_v: {value: 3", "vdd_v: {value: 4", "vdd_v"},
        {"vdd_min_v: {value: 1.71", "vdd_min_v: {value: 0", "vdd_min_v"},
        {"reference_vdd_v: {value: 1.8", "reference_vdd_v: {value: nan", "reference_vdd_v"},
        {"common_rsd: {value: 0.09", "common_rsd: {value: 9", "common_rsd"},
        {"supply: ldo", "supply: smps", "vdd_exponent"},
        {"supply: ldo", "supply: battery", "battery"},
        {"verified: yes", "verified: maybe", "maybe"},
        {"static_ua:", "static_uA:", "unknown key; did you mean static_ua?"},
    };
    (void)state;
    char *text = support_text("chips", "stm32l4r5");
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        expect_bad_chip(text, &edits[i]);
    free(text);
    text = support_text("chips", "stm32u575");
    expect_bad_chip(text, &(struct edit){"supply: smps", "supply: ldo", "vdd_exponent"});
    expect_bad_chip(text, &(struct edit){"vdd_exponent: {value: 0.222", "vdd_exponent: {value: 22",
                                         "vdd_exponent"});
    free(text);
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

/* Whatever was accepted must price and feed a battery without trouble. */
static void use_chip(const struct energy_chip *chip, const struct sim_profile *profile,
                     const struct energy_battery *battery)
{
    struct energy_result result;
    struct energy_life life;
    struct cc_error err = {0};
    struct energy_life_query query = {
        .chip = chip, .battery = battery, .inference = &result, .every_s = 10, .temperature_c = 20};
    if (energy_price(chip, profile, 0, &result, &err) != CC_OK) {
        assert_true(err.message[0]);
        return;
    }
    assert_true(result.total_uj.p10 <= result.total_uj.p50);
    if (energy_life_compute(&query, &life, &err) == CC_OK)
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
        {"chips", "stm32l4r5"},   {"chips", "stm32u575"},  {"chips", "rp2040"},
        {"chips", "apollo3"},     {"batteries", "cr2032"}, {"batteries", "aaa2"},
        {"batteries", "lipo100"}, {"batteries", "cr2450"},
    };
    uint64_t random = 20240229;
    unsigned accepted = 0, tried = 0;
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_battery *battery = support_battery("cr2032");
    struct sim_profile p = support_profile("x", 48e6, &mix_conv, 1e5);
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        char *text = support_text(files[f][0], files[f][1]);
        size_t length = strlen(text);
        char *copy = malloc(length + 256);
        assert_non_null(copy);
        for (int i = 0; i < 260; i++, tried++) {
            size_t n = length;
            memcpy(copy, text, length);
            for (size_t k = pick(&random, 3) + 1; k > 0 && n > 0; k--)
                n = damage(copy, n, &random);
            copy[n] = '\0';
            accepted += try_file(support_file(copy), f < 4, &p, chip, battery);
        }
        free(copy);
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
        cmocka_unit_test(test_shipped_chips),       cmocka_unit_test(test_shipped_batteries),
        cmocka_unit_test(test_unknown_names),       cmocka_unit_test(test_bad_chip_figures),
        cmocka_unit_test(test_bad_battery_figures), cmocka_unit_test(test_damaged_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
