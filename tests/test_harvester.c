/* Harvesters: their files, the laws of sources, converters. */
#include "energy_support.h"

#include "energy_harvester.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct energy_harvester *load(const char *name)
{
    struct energy_harvester *h;
    struct cc_error err = {0};
    if (energy_harvester_load(name, &h, &err) != CC_OK)
        fail_msg("%s", err.message);
    return h;
}

static double source(const char *name, double level)
{
    struct energy_harvester *h = load(name);
    double uw = energy_harvester_source_uw(h, level, energy_harvester_size(h));
    energy_harvester_free(h);
    return uw;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * expected))
        fail_msg("%g, expected %g", value, expected);
}

/* The rows of the sources' table come out, with proportional light between and outside. */
static void test_laws(void **state)
{
    (void)state;
    assert_near(source("pv-indoor-asi", 200), 42, 1e-9);
    assert_near(source("pv-indoor-asi", 50), 9, 1e-9);
    assert_near(source("pv-indoor-asi", 25), 4.5, 1e-9);
    assert_near(source("pv-indoor-asi", 2000), 520, 1e-9);
    assert_near(source("pv-indoor-asi", sqrt(200.0 * 500)), 10 * sqrt(4.2 * 12), 1e-9);
    assert_near(source("pv-indoor-dssc", 1000), 800, 1e-9);
    assert_near(source("pv-indoor-csi", 1000), 80, 1e-9);
    assert_near(source("pv-outdoor", 1e5), 16000, 1e-9);
    /* a day at mid latitudes: 2 to 4 mW/cm2 on average */
    assert_near(source("pv-outdoor", 1e5) * 4.5 / 24, 3000, 1e-9);
    /* degrees in square outside the rows */
    assert_near(source("teg-wrist", 3), 60, 1e-9);
    assert_near(source("teg-wrist", .5), 2 * 10 / 4.0, 1e-9);
    assert_near(source("teg-machine", 100), 10 * 10000 * 4.0, 1e-9);
    assert_near(source("vibration-machine", .01), 1, 1e-9);
    assert_near(source("rf-ambient", .1), 3, 1e-9);
    /* the inverse square of the distance outside the rows */
    assert_near(source("rf-dedicated", 5), 200, 1e-9);
    assert_near(source("rf-dedicated", 20), 7.5, 1e-9);
    assert_near(source("rf-dedicated", .5), 40000, 1e-9);
    assert_near(source("button", 36), 2, 1e-9); /* 36 x 0.2 mJ an hour */
}

/* clang-format off */
#define HARVESTER(converter)                                                                       \
    "name: test\ndescription: test\nconverter: " converter "\n"                                    \
    "level_lux: {value: 200, rsd: 0, verified: yes, source: \"test\"}\n"                           \
    "hours_per_day_h: {value: 12, rsd: 0, verified: yes, source: \"test\"}\n"                      \
    "area_cm2: {value: 10, rsd: 0, verified: yes, source: \"test\"}\n"                             \
    "law:\n"                                                                                       \
    "  source: \"test\"\n"                                                                         \
    "  verified: yes\n"                                                                            \
    "  rsd: 0\n"                                                                                   \
    "  level_exponent: 1\n"                                                                        \
    "  rows: [{level_lux: 200, uw_per_cm2: 4.2}]\n"

#define CONVERTER                                                                                  \
    "name: test\ndescription: test\n"                                                              \
    "cold_start_uw: {value: 5, rsd: 0, verified: yes, source: \"test\"}\n"                         \
    "iq_ua: {value: 0, rsd: 0, verified: yes, source: \"test\"}\n"                                 \
    "efficiency:\n"                                                                                \
    "  source: \"test\"\n"                                                                         \
    "  verified: yes\n"                                                                            \
    "  rsd: 0\n"                                                                                   \
    "  rows: [{above_uw: 0, efficiency_fraction: 0.6}]\n"
/* clang-format on */

/* A harvester of a test with a converter of its own. */
static struct energy_harvester *made(const char *converter)
{
    static const char path[] = "/tmp/coincell-converter-test.yaml";
    struct cc_error err = {0};
    assert_int_equal(cc_file_write(path, converter, strlen(converter), &err), CC_OK);
    struct energy_harvester *h = load(support_file(HARVESTER("/tmp/coincell-converter-test.yaml")));
    remove(path);
    return h;
}

/* 10 cm2 of amorphous silicon at 200 lux, half of the day, through 60 %: 12.6 uW on average. An
 * inference of 1 mJ beside 2 uW of sleep every 94 s; a BLE advertisement of 35 uJ every 3.3 s. */
static void test_energy_neutral_checks(void **state)
{
    (void)state;
    struct energy_harvester *h = made(CONVERTER);
    double income = energy_converter_uw(h, energy_harvester_source_uw(h, 200, 10), 12, 3);
    assert_near(income, 12.6, 1e-9);
    assert_near(1000 / (income - 2), 94.3, 1e-3);
    assert_near(35 / (income - 2), 3.3, 1e-2);
    assert_near(2350e6 / income / (365.25 * 86400), 5.9, 1e-2); /* a CR2032 of 2350 J, years */
    energy_harvester_free(h);
    /* what the converter itself takes, all day: 0.5 uA at 3 V */
    char *thirsty = support_replace(CONVERTER, "iq_ua: {value: 0,", "iq_ua: {value: 0.5,");
    h = made(thirsty);
    assert_near(energy_converter_uw(h, 42, 12, 3), 12.6 - 1.5, 1e-9);
    assert_near(energy_converter_uw(h, 42, 24, 3), 25.2 - 1.5, 1e-9);
    /* below the cold start nothing, above it never less than nothing */
    assert_true(energy_converter_uw(h, 4.99, 24, 3) == 0);
    assert_near(energy_converter_uw(h, 5, 24, 3), 3 - 1.5, 1e-9);
    assert_true(energy_converter_uw(h, 5, 1, 3) == 0);
    assert_true(energy_converter_uw(h, 42, 0, 3) == 0);
    energy_harvester_free(h);
    free(thirsty);
}

static void test_converter_steps(void **state)
{
    (void)state;
    struct energy_harvester *h = load("pv-indoor-asi");
    assert_string_equal(h->converter->name, "bq25570");
    h->converter->iq_ua.value = 0;
    assert_near(energy_converter_uw(h, 19.9, 24, 3), .60 * 19.9, 1e-9);
    assert_near(energy_converter_uw(h, 20, 24, 3), .75 * 20, 1e-9);
    assert_near(energy_converter_uw(h, 200, 24, 3), .85 * 200, 1e-9);
    assert_near(energy_converter_uw(h, 1e6, 24, 3), .85 * 510e3, 1e-9); /* takes no more */
    assert_false(energy_converter_starts(h, 14));
    assert_true(energy_converter_starts(h, 15));
    /* charged, it goes on with less than what starts it */
    assert_near(energy_converter_uw(h, 14, 24, 3), .60 * 14, 1e-9);
    h->operating_v.value = .3; /* below the 0.33 V that start it */
    assert_false(energy_converter_starts(h, 1000));
    assert_true(energy_converter_runs(h, 1000));
    h->operating_v.value = .09; /* and the 0.1 V that it runs on */
    assert_false(energy_converter_runs(h, 1000));
    assert_true(energy_converter_uw(h, 1000, 24, 3) == 0);
    energy_harvester_free(h);
}

/* Every shipped harvester: loads, has a unit, income rises with its level (a distance's falls),
 * with its size and its hours. */
static void test_shipped(void **state)
{
    (void)state;
    char **names;
    size_t count;
    struct cc_error err = {0};
    assert_int_equal(cc_data_names("energy/harvesters", &names, &count, &err), CC_OK);
    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++) {
        struct energy_harvester *h = load(names[i]);
        assert_string_equal(energy_harvester_name(h), names[i]);
        assert_true(energy_harvester_description(h)[0]);
        assert_true(energy_harvester_unit(h)[0]);
        double typical = h->levels[h->unit].value, size = energy_harvester_size(h);
        double sign = h->law.exponent > 0 ? 1 : -1, last = 0, last_income = 0;
        for (double level = typical * pow(10, -3 * sign); level * sign < typical * sign * 1e3;
             level *= pow(10, .05 * sign)) {
            double uw = energy_harvester_source_uw(h, level, size);
            double income = energy_converter_uw(h, uw, h->hours_per_day_h.value, 3);
            assert_true(uw > last);
            assert_true(income >= last_income);
            assert_true(income <= uw);
            assert_true(energy_converter_uw(h, uw, 24, 3) >= income);
            if (energy_harvest_row_key(h->law.rows)[2] == '_')
                assert_near(energy_harvester_source_uw(h, level, 2 * size), 2 * uw, 1e-9);
            assert_true(energy_harvester_slope(h, level) * sign > 0);
            last = uw;
            last_income = income;
        }
        double sd = energy_harvester_log_sd(h, typical, 0, 0);
        assert_true(sd > 0 && sd <= energy_harvester_log_sd(h, typical, 1, 1));
        energy_harvester_free(h);
    }
    cc_names_free(names, count);
}

/* A typical level carries something with every harvester but an antenna in the air of a city. */
static void test_typical_incomes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double least_uw, most_uw;
    } rows[] = {
        {"pv-indoor-asi", 10, 20},      {"pv-indoor-dssc", 30, 80},
        {"pv-indoor-csi", 1, 6},        {"pv-outdoor", 2000, 4000},
        {"teg-wrist", 5, 25},           {"teg-machine", 2000, 20000},
        {"vibration-machine", 30, 150}, {"rf-ambient", 0, 0},
        {"rf-dedicated", 100, 200},     {"button", 0, .1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_harvester *h = load(rows[i].name);
        double uw =
            energy_harvester_source_uw(h, h->levels[h->unit].value, energy_harvester_size(h));
        double income = energy_converter_uw(h, uw, h->hours_per_day_h.value, 3);
        if (!(income >= rows[i].least_uw && income <= rows[i].most_uw))
            fail_msg("%s: %g uW", rows[i].name, income);
        energy_harvester_free(h);
    }
}

/* Every figure that an income rests on is listed once, with its source. */
static void test_docs(void **state)
{
    (void)state;
    struct energy_harvester *h = load("pv-indoor-asi");
    struct energy_docs docs = {0};
    struct cc_error err = {0};
    int rows = 0, iq = 0;
    assert_int_equal(energy_harvester_docs(h, &docs, &err), CC_OK);
    uint32_t count = docs.count;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(docs.rows[i].source[0]);
        assert_true(docs.rows[i].value >= 0);
        rows += strncmp(docs.rows[i].key, "law", 3) == 0;
        iq += strcmp(docs.rows[i].key, "iq_ua") == 0 && docs.rows[i].value == .488 &&
              strstr(docs.rows[i].file, "bq25570.yaml");
    }
    assert_int_equal(rows, 4);
    assert_int_equal(iq, 1);
    assert_int_equal(count, 3 + 1 + 5 + 4 + 3); /* place, voltage, converter, rows of both */
    assert_int_equal(energy_harvester_docs(h, &docs, &err), CC_OK);
    assert_int_equal(docs.count, count);
    energy_docs_free(&docs);
    energy_harvester_free(h);
}

static void refused(const char *from, const char *to, const char *words)
{
    struct energy_harvester *h;
    struct cc_error err = {0};
    char *text = support_replace(HARVESTER("bq25570"), from, to);
    const char *path = support_file(text);
    if (energy_harvester_load(path, &h, &err) == CC_OK)
        fail_msg("taken: %s", to);
    assert_null(h);
    assert_int_equal(err.status, CC_ERR_INPUT);
    if (strncmp(err.message, path, strlen(path)) != 0 || !strstr(err.message, words))
        fail_msg("'%s' lacks '%s'", err.message, words);
    free(text);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("bq25570", "bq25571", ":3: converter: ");
    refused("bq25570", "bq25571", "bq25570");
    refused("level_lux: {", "level_k: {",
            ":12: law.rows[0].level_lux: the level of this file is "
            "level_k");
    refused("area_cm2:", "level_m: {value: 1, rsd: 0, verified: no, source: \"test\"}\narea_cm2:",
            ":6: level_m: a second level, there is level_lux");
    refused("level_lux: {value: 200, rsd: 0, verified: yes, source: \"test\"}\n", "",
            "level_lux: missing");
    refused("area_cm2:", "volume_cm3:", "area_cm2: missing; its law is in uw_per_cm2");
    refused("uw_per_cm2: 4.2", "uw_per_cm3: 4.2", ":6: area_cm2: has no meaning");
    refused("uw_per_cm2: 4.2", "uw_per_cm2: 4.2, uw: 1", "one power");
    refused("uw_per_cm2: 4.2}", "uw_per_cm2: 4.2}, {level_lux: 100, uw_per_cm2: 5}",
            ":12: law.rows[1].level_lux: 100 is not between");
    refused("uw_per_cm2: 4.2}", "uw_per_cm2: 4.2}, {level_lux: 300, uw_per_cm2: 4}",
            "goes against level_exponent 1");
    refused("uw_per_cm2: 4.2}", "uw_per_cm2: 4.2}, {level_lux: 300, uw: 5}",
            "the same in all rows");
    refused("level_exponent: 1", "level_exponent: 0", ":11: law.level_exponent: 0: power grows");
    refused("level_exponent: 1", "level_exponent: -1", ":11: law.level_exponent: -1: power grows");
    refused("value: 12,", "value: 25,", ":5: hours_per_day_h: 25 is not between 0 and 24");
    refused("level_lux: {", "level_ux: {", "did you mean level_lux?");
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
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_energy_neutral_checks),
        cmocka_unit_test(test_converter_steps),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_typical_incomes),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, cleanup);
}
