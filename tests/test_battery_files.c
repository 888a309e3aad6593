/* Files of batteries and regulators, and Otii profiles: all that ship work; what is wrong is
 * refused; damage never crashes. */
#include "battery_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Every shipped battery, straight and behind every regulator, with loads from nW to W: a life or a
 * refusal that says why. */
static void test_shipped(void **state)
{
    (void)state;
    char **batteries, **regulators;
    size_t battery_count, regulator_count, alive = 0;
    struct cc_error err = {0};
    assert_int_equal(cc_data_names("energy/batteries", &batteries, &battery_count, &err), CC_OK);
    assert_int_equal(cc_data_names("energy/regulators", &regulators, &regulator_count, &err),
                     CC_OK);
    assert_true(battery_count >= 25 && regulator_count >= 6);
    for (size_t b = 0; b < battery_count; b++) {
        struct energy_battery *battery = support_battery(batteries[b]);
        struct energy_docs docs = {0};
        size_t alive_before = alive;
        assert_string_equal(energy_battery_name(battery), batteries[b]);
        assert_int_equal(energy_battery_docs(battery, &docs, &err), CC_OK);
        assert_true(docs.count >= 12);
        for (uint32_t i = 0; i < docs.count; i++)
            assert_true(docs.rows[i].source[0] && docs.rows[i].key[0]);
        energy_docs_free(&docs);
        for (size_t r = 0; r <= regulator_count; r++) {
            struct energy_supply_config config = {.battery = battery, .temperature_c = 20};
            struct energy_regulator *own = NULL;
            struct energy_supply *supply;
            if (r < regulator_count)
                assert_int_equal(energy_regulator_load(regulators[r], &own, &err), CC_OK);
            config.regulator = own;
            if (energy_supply_new(&config, &supply, &err) != CC_OK) {
                assert_int_equal(err.status, CC_ERR_USAGE);
                energy_regulator_free(own);
                continue;
            }
            for (double scale = 1e-4; scale < 1e5; scale *= 10) {
                struct energy_load *load = typical_load(scale);
                struct energy_lifetime life;
                load->least_v = .9;
                if (energy_lifetime_compute(supply, load, 1, &life, &err) != CC_OK) {
                    assert_int_equal(err.status, CC_ERR_USAGE);
                } else {
                    alive += life.days.p50 > 1;
                    assert_true(life.days.p10 >= 0 && life.days.p10 <= life.days.p50 &&
                                life.days.p50 <= life.days.p90 && life.days.p90 < 1e5);
                    assert_true(isfinite(life.average_uw) && life.average_uw > 0);
                    assert_true(isfinite(life.end_loaded_v) && isfinite(life.running_ma));
                }
                free(load);
            }
            energy_supply_free(supply);
            energy_regulator_free(own);
        }
        assert_true(alive > alive_before);
        energy_battery_free(battery);
    }
    cc_names_free(batteries, battery_count);
    cc_names_free(regulators, regulator_count);
}

static void expect_refused(const char *folder, const char *name, const char *from, const char *to,
                           const char *words)
{
    struct energy_battery *battery = NULL;
    struct energy_regulator *regulator = NULL;
    struct cc_error err = {0};
    char *text = support_text(folder, name);
    char *edited = support_replace(text, from, to);
    enum cc_status status = strcmp(folder, "batteries") == 0
                                ? energy_battery_load(support_file(edited), &battery, &err)
                                : energy_regulator_load(support_file(edited), &regulator, &err);
    if (status != CC_ERR_INPUT || !strstr(err.message, words))
        fail_msg("%s: '%s' for '%s': %s", name, to, from, err.message);
    assert_null(battery);
    assert_null(regulator);
    free(edited);
    free(text);
}

static void test_refusals(void **state)
{
    (void)state;
    const char *b = "batteries", *r = "regulators";
    expect_refused(b, "lipo500", "rechargeable: yes", "rechargeable: maybe", "rechargeable");
    expect_refused(b, "lipo500", "cycle_life_count: {value: 400", "cycle_life_count: {value: -4",
                   "ageing.cycle_life_count: -4 is not between");
    expect_refused(b, "lipo500", "fade_percent", "fade_fraction", "ageing.fade_fraction");
    expect_refused(b, "cr2032", "capacity_mah:", "capacity_ah:", "did you mean capacity_mah?");
    expect_refused(b, "cr2032", "resistance_factor: {value: 1.65", "resistance_factor: {value: .5",
                   "long_pulse.resistance_factor: 0.5 is not between 1");
    expect_refused(b, "cr2032_generic", "{ma: 15, capacity: 0.75}", "{ma: 15, capacity: 1.75}",
                   "pulse_derating.rows[1].capacity");
    expect_refused(b, "supercap_1f", "lowest_v: {value: 1.9", "lowest_v: {value: 5.9",
                   "supercapacitor.lowest_v: 5.9 V are not below rated_v");
    expect_refused(b, "supercap_1f", "self_discharge_doubling_c",
                   "cut_off_v: {value: 1, rsd: 0, verified: no, source: \"test\"}\n"
                   "self_discharge_doubling_c",
                   "cut_off_v: has no meaning with supercapacitor");
    expect_refused(b, "aaa", "kind: boost", "kind: ldo", "regulator.dropout_v: missing");
    expect_refused(b, "er14505", "after_days: {value: 365", "after_days: {value: 0",
                   "passivation.after_days");
    expect_refused(r, "tps62740", "efficiency_fraction: {value: 0.92",
                   "efficiency_fraction: {value: 92", "efficiency_fraction: 92 is not between");
    expect_refused(r, "tps62740", "kind: buck", "kind: bucket", "kind");
    expect_refused(r, "tps62740", "kind: buck", "kind: ldo", "has no meaning with kind ldo");
    expect_refused(r, "tps61099", "least_input_v", "least_input_mv", "did you mean least_input_v?");
    expect_refused(r, "mcp1700", "name: mcp1700\n", "", "name: missing");
    char *text = support_text(b, "cr2032");
    char *without = support_without_line(text, "cut_off_v:");
    struct energy_battery *battery;
    struct cc_error err = {0};
    assert_int_equal(energy_battery_load(support_file(without), &battery, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "cut_off_v: missing"));
    free(without);
    free(text);
}

/* ---- Otii profiles ------------------------------------------------------------------------ */

static char json_path[64];

static const char *json_file(const char *text, size_t bytes)
{
    struct cc_error err = {0};
    snprintf(json_path, sizeof json_path, "/tmp/coincell-otii-%ld.json", (long)getpid());
    if (cc_file_write(json_path, text, bytes, &err) != CC_OK)
        fail_msg("%s", err.message);
    return json_path;
}

#define MAX_TEXT 400000

/* A profile of a shipped battery's curve, as the public ones are written; many rows. */
static char *profile_of(const char *name, double total_mah)
{
    struct energy_battery *b = support_battery(name);
    char *text = malloc(MAX_TEXT);
    assert_non_null(text);
    int n = snprintf(text, MAX_TEXT,
                     "{\"id\": \"x\", \"dischargetables\": [{\"dischargeprofile\": {\"low\": "
                     "{\"mode\": \"current\", \"value\": 0.00025, \"time\": 60}, \"high\": "
                     "{\"mode\": \"current\", \"value\": 0.01, \"time\": 0.002}}, "
                     "\"temperature\": 25, \"temperatureunit\": \"C\", \"table\": [");
    for (int i = 0; i <= 3000; i++) {
        double v, r;
        double dod = i / 3000., fine = dod * dod; /* denser at the start */
        energy_battery_at(b, fine, &v, &r);
        n += snprintf(text + n, MAX_TEXT - (size_t)n,
                      "%s{\"voltage\": %.6f, \"resistance\": %.5f, \"capacity\": %.6f}",
                      i ? ", " : "", v, r, fine * total_mah);
    }
    snprintf(text + n, MAX_TEXT - (size_t)n,
             "]}], \"battery\": {\"capacity\": 230, \"capacityunit\": \"mAh\", \"voltage\": 3, "
             "\"model\": \"CR2032\", \"manufacturer\": \"Maker\"}}");
    energy_battery_free(b);
    return text;
}

static void test_otii(void **state)
{
    (void)state;
    char *text = profile_of("cr2032", 225);
    struct energy_battery *profile, *shipped = support_battery("cr2032");
    struct cc_error err = {0};
    if (energy_battery_load(json_file(text, strlen(text)), &profile, &err) != CC_OK)
        fail_msg("%s", err.message);
    assert_non_null(strstr(energy_battery_description(profile), "Maker CR2032"));
    assert_float_equal(profile->capacity_mah.value, 225, 1e-3);
    assert_float_equal(profile->curve.pulse_ma, 10, 1e-9);
    assert_float_equal(profile->curve.pulse_ms, 2, 1e-9);
    assert_true(profile->curve.rows_count >= 20);
    for (double dod = 0; dod <= 1; dod += .01) {
        double v, r, v0, r0;
        energy_battery_at(profile, dod, &v, &r);
        energy_battery_at(shipped, dod, &v0, &r0);
        assert_float_equal(v, v0, .004);
        assert_float_equal(r, r0, .3);
    }
    shipped->self_discharge_percent_per_year = profile->self_discharge_percent_per_year;
    shipped->self_discharge_percent_per_year.value = 2;
    struct energy_supply *a = supply_of(profile, NULL, 20, 0);
    struct energy_supply *b = supply_of(shipped, NULL, 20, 0);
    struct energy_load *load = typical_load(1);
    double days = lifetime(a, load).days.p50, expected = lifetime(b, load).days.p50;
    assert_float_equal(days, expected, .02 * expected);
    energy_supply_free(a);
    energy_supply_free(b);
    /* one temperature holds 10 C up and down */
    const struct energy_supply_config cold = {.battery = profile, .temperature_c = 0};
    assert_int_equal(energy_supply_new(&cold, &a, &err), CC_ERR_USAGE);
    energy_battery_free(profile);
    energy_battery_free(shipped);
    free(load);
    free(text);
}

static const char *const good_profiles[] = {
    /* rows of numbers, columns, other words around them */
    "[[0, 3, 10], [50, 2.9, 12], [100, 2.5, 20]]",
    "{\"battery_profile\": {\"Used capacity (mAh)\": [0, 50, 100], \"Voltage (V)\": [3, 2.9, 2.5],"
    " \"Resistance (ohm)\": [10, 12, 20]}}",
    "{\"Description\": {\"manufacturer\": \"x\"}, \"Battery table\": [{\"Capacity\": 0, "
    "\"Voltage\": 3, \"Resistance\": 10}, {\"Capacity\": 50, \"Voltage\": 2.9, \"Resistance\": 12},"
    " {\"Capacity\": 50, \"Voltage\": 2.8, \"Resistance\": 12},"
    " {\"Capacity\": 100, \"Voltage\": 2.5, \"Resistance\": 20}]}",
    /* the table nearest to 20 C, the others as factors */
    "{\"dischargetables\": [{\"temperature\": -10, \"table\": [[0, 2.9, 30], [50, 2.4, 60]]},"
    " {\"temperature\": 20, \"table\": [[0, 3, 10], [50, 2.9, 12], [100, 2.5, 20]]}]}",
};

static const struct {
    const char *text, *words;
} bad_profiles[] = {
    {"", "not JSON"},
    {"{\"dischargetables\": [", "not JSON"},
    {"{}", "has no table"},
    {"{\"capacity\": 1, \"voltage\": 2, \"resistance\": 3}", "has no table"},
    {"[[0, 3, 10]]", "fewer than 2 rows"},
    {"[[5, 3, 10], [5, 2.9, 10], [4, 2.8, 10]]", "fewer than 2 rows"},
    {"[[0, 3, 10], [50, -2.9, 12]]", "row 1: a voltage (V) of -2.9"},
    {"[[0, 3, 10], [50, 2.9, -12]]", "row 1: a resistance (ohm) of -12"},
    {"[[0, 3, 10], [-50, 2.9, 12]]", "row 1: a used capacity (mAh) of -50"},
    {"[[0, 3, 10], [1e300, 2.9, 12]]", "row 1: a used capacity"},
    {"[[0, 3, 10], [50, \"2.9\", 12]]", "row 1: not a capacity, a voltage and a resistance"},
    {"[[0, 3, 10], 7]", "row 1: not a capacity"},
    {"{\"temperature\": 5000, \"table\": [[0, 3, 10], [50, 2.9, 12]]}",
     "a temperature (C) of 5000"},
    {"{\"capacity\": [0, \"a\"], \"voltage\": [3, 2], \"resistance\": [1, 1]}", "row 1: a column"},
    {"[[0, 3, 10], [50, 3.1, 12]]", ""}, /* a voltage that only rises */
};

static void test_otii_variants(void **state)
{
    (void)state;
    struct energy_battery *b;
    struct cc_error err = {0};
    for (size_t i = 0; i < COUNT(good_profiles); i++) {
        double v, r;
        if (energy_battery_load(json_file(good_profiles[i], strlen(good_profiles[i])), &b, &err) !=
            CC_OK)
            fail_msg("%zu: %s", i, err.message);
        assert_float_equal(b->capacity_mah.value, 100, 1e-9);
        energy_battery_at(b, .75, &v, &r);
        assert_float_equal(v, 2.7, 1e-9);
        assert_float_equal(r, 16, 1e-9);
        energy_battery_free(b);
    }
    const char *two = good_profiles[COUNT(good_profiles) - 1];
    double capacity, resistance;
    assert_int_equal(energy_battery_load(json_file(two, strlen(two)), &b, &err), CC_OK);
    assert_int_equal(energy_battery_temperature(b, -10, &capacity, &resistance, &err), CC_OK);
    assert_float_equal(capacity, .5, 1e-9);
    assert_float_equal(resistance, 60 / 12., 1e-9);
    energy_battery_free(b);
    for (size_t i = 0; i < COUNT(bad_profiles); i++) {
        const char *text = bad_profiles[i].text;
        if (energy_battery_load(json_file(text, strlen(text)), &b, &err) != CC_ERR_INPUT ||
            !strstr(err.message, bad_profiles[i].words))
            fail_msg("%zu: %s", i, err.message);
        assert_null(b);
    }
    assert_int_equal(energy_battery_load("/nowhere/x.json", &b, &err), CC_ERR_INPUT);
}

/* ---- damage ------------------------------------------------------------------------------- */

static size_t damage(char *text, size_t n, uint64_t *random)
{
    static const char *const pieces[] = {"-",    "1e999", "nan",  "{",   "]",     "\n",  ": ",
                                         "1e-9", "yes",   "[",    "\"",  "99999", "0",   "}",
                                         "*a",   "&a ",   "\xff", "2,5", "0x10",  "null"};
    const char *piece = pieces[(size_t)(uniform(random) * COUNT(pieces))];
    size_t at = (size_t)(uniform(random) * (double)n), length = strlen(piece);
    size_t cut = (size_t)(uniform(random) * 8);
    if (cut > n - at)
        cut = n - at;
    memmove(text + at + length, text + at + cut, n - at - cut);
    memcpy(text + at, piece, length);
    return n - cut + length;
}

/* Whatever is still taken gives lives that are numbers. */
static int survives(const char *path)
{
    struct energy_battery *b;
    struct energy_supply *supply;
    struct cc_error err = {0};
    if (energy_battery_load(path, &b, &err) != CC_OK) {
        assert_true(err.status == CC_ERR_INPUT && err.message[0]);
        return 0;
    }
    const struct energy_supply_config config = {.battery = b, .temperature_c = 20};
    if (energy_supply_new(&config, &supply, &err) == CC_OK) {
        for (double scale = .01; scale < 1000; scale *= 10) {
            struct energy_load *load = typical_load(scale);
            struct energy_lifetime life;
            load->most_v = 4.4;
            if (energy_lifetime_compute(supply, load, 1, &life, &err) == CC_OK)
                assert_true(life.days.p10 >= 0 && life.days.p10 <= life.days.p50 &&
                            life.days.p50 <= life.days.p90 && isfinite(life.average_uw));
            free(load);
        }
        energy_supply_free(supply);
    }
    energy_battery_free(b);
    return 1;
}

static void test_damaged(void **state)
{
    static const char *const names[] = {"cr2032", "lipo500", "supercap_1f",
                                        "aa",     "er14505", "cr2032_generic"};
    (void)state;
    uint64_t random = 7;
    int tried = 0, taken = 0;
    for (size_t f = 0; f < COUNT(names) + COUNT(good_profiles); f++) {
        int yaml = f < COUNT(names);
        char *text =
            yaml ? support_text("batteries", names[f]) : strdup(good_profiles[f - COUNT(names)]);
        size_t length = strlen(text);
        char *copy = malloc(length + 64);
        assert_non_null(copy);
        for (int i = 0; i < 400; i++, tried++) {
            size_t n = length;
            memcpy(copy, text, length + 1);
            for (int k = 0; k < 1 + i % 3 && n > 0; k++)
                n = damage(copy, n, &random);
            copy[n] = '\0';
            taken += survives(yaml ? support_file(copy) : json_file(copy, n));
        }
        free(copy);
        free(text);
    }
    print_message("%d damaged files, %d of them still a battery\n", tried, taken);
    assert_true(taken > 50 && taken < tried / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_otii),    cmocka_unit_test(test_otii_variants),
        cmocka_unit_test(test_damaged),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    if (json_path[0])
        unlink(json_path);
    return failed;
}
