/* End to end: scenarios of one's own and those shipped, what is stored of them, and estimates. */
#include "cli_harness.h"

#include "cc_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A movement every 10 s on average in two; features of it, the network, a message. */
static const char device[] =
    "name: device\n"
    "description: \"a device of the test\"\n"
    "source: \"chosen for the test\"\n"
    "verified: no\n"
    "target: ad\n"
    "mcu: stm32l4r5@80\n"
    "battery: lipo100\n"
    "temperature_c: 25\n"
    "period_s: 10\n"
    "steps:\n"
    "  - name: feel\n"
    "    sensor: {name: lis2dw12, mode: 100hz, duration_s: 0.5}\n"
    "  - name: features\n"
    "    compute: fibonacci\n"
    "    repeat_count: 3\n"
    "  - name: judge\n"
    "    infer: target\n"
    "    probability_fraction: {min: 0.3, typ: 0.5, max: 0.8, source: \"chosen\", verified: no}\n"
    "  - name: tell\n"
    "    radio: {name: nrf52840, event: advertising, payload_bytes: 8, tx_dbm: 0}\n"
    "    probability_fraction: 0.1\n"
    "    given: judge\n";

static void write_device(const char *path, const char *from, const char *to)
{
    char text[sizeof device + 256];
    const char *found = from ? strstr(device, from) : NULL;
    if (from && !found)
        fail_msg("no \"%s\" in the device", from);
    int before = found ? (int)(found - device) : (int)strlen(device);
    snprintf(text, sizeof text, "%.*s%s%s", before, device, found ? to : "",
             found ? found + strlen(from) : "");
    assert_int_equal(cc_file_write(path, text, strlen(text), NULL), CC_OK);
}

static double sum_of(json_t *object)
{
    const char *name;
    json_t *value;
    double sum = 0;
    json_object_foreach(object, name, value) sum += json_number_value(value);
    return sum;
}

static json_t *step_named(json_t *root, const char *name)
{
    size_t i;
    json_t *step;
    json_array_foreach(at(root, "life.steps"), i, step)
    {
        if (strcmp(text_at(step, "name"), name) == 0)
            return step;
    }
    fail_msg("no step %s", name);
    return NULL;
}

static void test_own_scenario(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    assert_ok("run --scenario device.yaml --db own.db --json");
    json_t *run = parsed();
    assert_string_equal(text_at(run, "target.path"), "ad");
    assert_string_equal(text_at(run, "mcu.name"), "stm32l4r5");
    assert_near(number_at(run, "mcu.clock_hz"), 80e6, 0);
    assert_string_equal(text_at(run, "life.battery"), "lipo100");
    assert_string_equal(text_at(run, "life.scenario"), "device");
    assert_near(number_at(run, "life.temperature_c"), 25, 0);
    assert_near(number_at(run, "life.every_s"), 10, 0);
    assert_near(sum_of(at(run, "life.parts_uw")), number_at(run, "life.average_uw"), 1e-9);
    assert_near(number_at(step_named(run, "features"), "times_per_period"), 3, 1e-12);
    assert_near(number_at(step_named(run, "judge"), "times_per_period"), 0.5, 1e-12);
    assert_near(number_at(step_named(run, "tell"), "times_per_period"), 0.05, 1e-12);
    assert_near(number_at(step_named(run, "judge"), "energy_uj"),
                number_at(run, "inference.energy_uj.p50"), 1e-9);
    assert_true(number_at(run, "life.days.p10") < number_at(run, "life.days.p50"));
    assert_true(number_at(run, "life.days.p50") < number_at(run, "life.days.p90"));
    assert_true(json_array_size(at(run, "life.spread")) > 0);
    assert_true(json_array_size(at(run, "inference.energy_spread")) > 0);
    assert_true(json_array_size(at(run, "docs")) > 20);
    json_t *compute = json_array_get(at(run, "life.computes"), 0);
    assert_string_equal(text_at(compute, "name"), "fibonacci");
    assert_int_equal(number_at(compute, "run_id"), 1);
    assert_int_equal(number_at(run, "run_id"), 2);
    double days = number_at(run, "life.days.p50");
    json_decref(run);

    assert_ok("show 1 --db own.db --json");
    run = parsed();
    assert_string_equal(text_at(run, "target.kind"), "workload");
    assert_string_equal(text_at(run, "life.battery"), "");
    assert_true(json_is_null(at(run, "life.days.p50")));
    assert_true(number_at(run, "inference.cycles") > 1000);
    json_decref(run);

    /* explicit options win over the file */
    assert_ok("run kws --scenario device.yaml --battery aaa2 --every 20 --temperature 20"
              " --mcu stm32l4r5@120 --no-db --json");
    run = parsed();
    assert_string_equal(text_at(run, "target.path"), "kws");
    assert_near(number_at(run, "mcu.clock_hz"), 120e6, 0);
    assert_string_equal(text_at(run, "life.battery"), "aaa2");
    assert_near(number_at(run, "life.every_s"), 20, 0);
    assert_near(number_at(run, "life.temperature_c"), 20, 0);
    assert_true(number_at(run, "life.days.p50") > days);
    json_decref(run);
}

static void test_text(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    assert_ok("run --scenario device.yaml --db text.db");
    static const char *const words[] = {"on lipo100, device, 25 C",
                                        "steps       of a period",
                                        "            features ",
                                        "spread    measure first: ",
                                        "a period of 10 s",
                                        "\nlife      ",
                                        "stored as run 2 in text.db; its computations as 1\n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strstr(out, words[i]))
            fail_msg("no \"%s\" in:\n%s", words[i], out);
    }
    char *shown = strdup(out);
    assert_ok("show 2 --db text.db");
    assert_int_equal(strncmp(out, shown, strlen(out)), 0);
    free(shown);
    assert_ok("show 2 --db text.db --docs");
    assert_non_null(strstr(out, "\nInputs: "));
    assert_non_null(strstr(out, "\nenergy/sensors/lis2dw12.yaml\n"));
    assert_non_null(strstr(out, "\nenergy/radios/nrf52840.yaml\n"));
    assert_non_null(strstr(out, "\nenergy/chips/stm32l4r5.yaml\n"));
    assert_non_null(strstr(out, "\nenergy/batteries/lipo100.yaml\n"));
    assert_ok("history --db text.db");
    assert_non_null(strstr(out, "fibonacci"));
    assert_ok("history --db text.db --json");
    json_t *list = parsed();
    assert_true(json_is_number(at(json_array_get(list, 0), "days")));
    assert_true(json_is_null(at(json_array_get(list, 1), "days")));
    json_decref(list);
}

static void test_stream_and_harvest(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    assert_ok("run --scenario device.yaml --no-db --stream --harvester pv-indoor-asi");
    assert_non_null(strstr(out, "\nstream    sending the raw "));
    assert_non_null(strstr(out, "break-even: with fewer than "));
    assert_non_null(strstr(out, "\nharvest   pv-indoor-asi at "));
    assert_non_null(strstr(out, "energy-neutral above "));
    assert_ok("run --scenario device.yaml --no-db --stream --harvester pv-indoor-asi --json");
    json_t *run = parsed();
    double raw = number_at(run, "life.stream.raw_bytes_per_period");
    assert_near(raw, 300, 0.05); /* 0.5 s of 600 bytes per second, and the start-up */
    assert_true(number_at(run, "life.stream.break_even_bytes") > 0);
    assert_true(number_at(run, "life.harvest.income_uw.p50") > 0);
    json_decref(run);
    assert_fails("run ad --no-db --stream", 2, "--stream");
}

/* What pulls the battery down while raw data are sent is the radio that sends them. */
static void test_stream_by_another_radio(void **unused)
{
    (void)unused;
    static const char head[] = "name: lora\ndescription: \"raw data by LoRa\"\nsource: \"chosen\"\n"
                               "verified: no\ntarget: ad\nmcu: stm32l4r5@80\nbattery: cr2032\n"
                               "period_s: 600\nstream: {radio: sx1262, raw_bytes: 20}\nsteps:\n"
                               "  - sensor: {name: lis2dw12, mode: 100hz, duration_s: 0.5}\n";
    char text[1024];
    snprintf(text, sizeof text,
             "%s  - radio: {name: nrf52840, event: advertising, payload_bytes: 8}\n", head);
    assert_int_equal(cc_file_write("lora.yaml", text, strlen(text), NULL), CC_OK);
    assert_ok("run ad --scenario lora.yaml --stream --no-db --json");
    json_t *run = parsed();
    double result = number_at(run, "life.days.p50"), raw = number_at(run, "life.stream.days.p50");
    json_decref(run);
    /* a coin cell feeds no 100 mA, however seldom */
    snprintf(text, sizeof text, "%s  - radio: {name: sx1262, payload_bytes: 20}\n", head);
    assert_int_equal(cc_file_write("lora.yaml", text, strlen(text), NULL), CC_OK);
    assert_ok("run ad --scenario lora.yaml --stream --no-db --json");
    run = parsed();
    double step = number_at(run, "life.days.p50");
    assert_true(result > 100);
    assert_true(step < 10 && raw < 10);
    json_decref(run);
}

static void test_refusals(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    write_device("no_target.yaml", "target: ad\n", "");
    write_device("short.yaml", "period_s: 10", "period_s: 0.4");
    write_device("unknown.yaml", "compute: fibonacci", "compute: fibonaci");
    assert_fails("run --scenario no_target.yaml --no-db", 2, "names none");
    assert_fails("run --scenario short.yaml --no-db", 3, "short.yaml:9: period_s: ");
    assert_fails("run --scenario short.yaml --every 0.1 --no-db", 2, "period");
    write_device("cold.yaml", "temperature_c: 25", "temperature_c: -80");
    assert_fails("run --scenario cold.yaml --no-db", 3, "cold.yaml:8: temperature_c: lipo100");
    assert_fails("run --scenario cold.yaml --battery cr2032 --no-db", 3, "cold.yaml:8: temp");
    assert_fails("run --scenario device.yaml --temperature -80 --no-db", 2, "temperature");
    write_device("high.yaml", "battery: lipo100", "battery: lipo100\nvdd_v: 5");
    assert_fails("run --scenario high.yaml --no-db", 3, "high.yaml: stm32l4r5: a supply of 5 V");
    assert_fails("run --scenario device.yaml --vdd 5 --no-db", 2, "supply");
    assert_fails("run --scenario device.yaml --every 0.1 --no-db", 2, "period");
    assert_fails("run --scenario unknown.yaml --no-db", 3, "fibonaci");
    assert_fails("run --scenario absent --no-db", 3, "absent");
    assert_fails("run --scenario device.yaml --regulator frob --no-db", 2, "frob");
    assert_fails("run --scenario device.yaml --harvester frob --no-db", 3, "frob");
    assert_fails("run --scenario device.yaml --buffer 0 --no-db", 2, "--buffer");
    assert_fails("run --scenario device.yaml --output ./device.yaml --no-db", 2, "same file");
    assert_ok("run ad --scenario no_target.yaml --no-db --quiet");
    /* the regulator of a scenario is that of its chip, not of another one */
    write_device("smps.yaml", "mcu: stm32l4r5@80\n", "mcu: nrf52840\nregulator_of_mcu: smps\n");
    assert_ok("run --scenario smps.yaml --no-db --quiet");
    assert_ok("run --scenario smps.yaml --mcu stm32l4r5 --no-db --quiet");
}

/* An estimate without options is the run; with them it is what a run with them would be. */
static void test_estimate(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    assert_ok("run --scenario device.yaml --db est.db --json --stream");
    json_t *run = parsed();
    assert_ok("estimate 2 --db est.db --json");
    json_t *same = parsed();
    assert_true(json_equal(at(run, "life"), at(same, "life")));
    assert_true(json_equal(at(run, "docs"), at(same, "docs")));
    assert_null(strstr(out, "changed"));
    json_decref(same);
    json_decref(run);
    static const char *const options[] = {"--battery aaa2 --every 60 --temperature 0", "--vdd 2.5",
                                          "--buffer 100", "--harvester pv-indoor-asi",
                                          "--battery cr2450 --stream"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        char line[256];
        snprintf(line, sizeof line, "run --scenario device.yaml --no-db --json %s%s", options[i],
                 strstr(options[i], "--stream") ? "" : " --stream");
        assert_ok(line);
        json_t *direct = parsed();
        snprintf(line, sizeof line, "estimate 2 --db est.db --json %s", options[i]);
        assert_ok(line);
        json_t *estimate = parsed();
        assert_near(number_at(estimate, "life.average_uw"), number_at(direct, "life.average_uw"),
                    1e-9);
        assert_true(json_equal(at(direct, "life.days"), at(estimate, "life.days")));
        assert_true(json_equal(at(direct, "life.stream"), at(estimate, "life.stream")));
        assert_true(json_equal(at(direct, "life.harvest"), at(estimate, "life.harvest")));
        json_decref(direct);
        json_decref(estimate);
    }
}

/* A run without a scenario, estimated in one: its computations come from the store. */
static void test_estimate_in_a_scenario(void **unused)
{
    (void)unused;
    write_device("device.yaml", NULL, NULL);
    assert_ok("run ad --mcu stm32l4r5@80 --quiet --db late.db");
    assert_fails("estimate 1 --scenario device.yaml --db late.db", 3,
                 "coincell run fibonacci --mcu stm32l4r5@80");
    assert_ok("run fibonacci --mcu stm32l4r5@80 --quiet --db late.db");
    assert_ok("estimate 1 --scenario device.yaml --db late.db --json");
    json_t *estimate = parsed();
    assert_ok("run --scenario device.yaml --no-db --json");
    json_t *direct = parsed();
    assert_true(json_equal(at(direct, "life.days"), at(estimate, "life.days")));
    assert_true(json_equal(at(direct, "life.steps"), at(estimate, "life.steps")));
    json_decref(direct);
    json_decref(estimate);
    assert_ok("run ad --mcu stm32l4r5@120 --quiet --db late.db");
    assert_fails("estimate 3 --scenario device.yaml --db late.db", 3, "stm32l4r5@120");
}

/* Earlier versions stored no condition: the estimate says why it differs. */
static void test_estimate_of_an_old_run(void **unused)
{
    (void)unused;
    assert_ok("run ad --quiet --every 2 --db old.db");
    assert_ok("estimate 1 --db old.db --json");
    assert_null(strstr(out, "An earlier version"));
    json_t *now = parsed();
    execute("old.db", "DELETE FROM run_condition; DELETE FROM spread; DELETE FROM input");
    assert_ok("show 1 --db old.db --docs");
    assert_non_null(strstr(out, "not kept with this run"));
    assert_ok("estimate 1 --db old.db --json");
    assert_non_null(strstr(out, "An earlier version stored this run"));
    json_t *estimate = parsed();
    assert_true(json_equal(at(now, "life.days"), at(estimate, "life.days")));
    json_decref(now);
    json_decref(estimate);
}

/* Every scenario that is shipped: it runs, its parts add up, and it says what it rests on. */
static void test_shipped_scenarios(void **unused)
{
    (void)unused;
    assert_ok("list scenarios --json");
    json_t *list = parsed(), *entry;
    size_t i;
    assert_int_equal(json_array_size(list), 13);
    json_array_foreach(list, i, entry)
    {
        char line[192];
        const char *name = text_at(entry, "name");
        snprintf(line, sizeof line, "run --scenario %s --stream --docs --db all.db", name);
        int code = coincell(line);
        if (code != 0)
            fail_msg("%s: exit %d: %s", name, code, err);
        if (!strstr(out, "break-even: ") || !strstr(out, "\nInputs: "))
            fail_msg("%s: no break-even or no inputs:\n%s", name, out);
        const char *stored = strstr(out, "stored as run ");
        assert_non_null(stored);
        snprintf(line, sizeof line, "show %d --db all.db --json", atoi(stored + 14));
        assert_ok(line);
        json_t *run = parsed();
        assert_string_equal(text_at(run, "life.scenario"), name);
        assert_near(sum_of(at(run, "life.parts_uw")), number_at(run, "life.average_uw"), 1e-6);
        assert_true(json_array_size(at(run, "docs")) > 10);
        assert_true(json_array_size(at(run, "life.steps")) > 0);
        json_t *days = at(run, "life.days.p50");
        int neutral = json_is_true(at(run, "life.energy_neutral"));
        if (!neutral && !(json_is_number(days) && json_number_value(days) > 0))
            fail_msg("%s: lasts neither for some days nor for ever:\n%s", name, out);
        json_decref(run);
    }
    json_decref(list);
}

static void test_lists(void **unused)
{
    (void)unused;
    static const char *const lists[][2] = {
        {"radios", "nrf52840"},          {"sensors", "lis2dw12"},    {"regulators", "tps62740"},
        {"harvesters", "pv-indoor-asi"}, {"workloads", "fibonacci"}, {"batteries", "cr2032"}};
    char line[64], word[64];
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        snprintf(line, sizeof line, "list %s", lists[i][0]);
        assert_ok(line);
        snprintf(word, sizeof word, "\n%s ", lists[i][1]);
        assert_true(strstr(out, word) || strncmp(out, word + 1, strlen(word) - 1) == 0);
        strcat(line, " --json");
        assert_ok(line);
        json_t *list = parsed(), *entry;
        size_t n;
        int found = 0;
        json_array_foreach(list, n, entry)
        {
            found |= strcmp(text_at(entry, "name"), lists[i][1]) == 0;
            assert_true(strlen(text_at(entry, "description")) > 0);
        }
        assert_true(found);
        json_decref(list);
    }
}

/* A misspelt computation is told with its line and the nearest of models and workloads. */
static void test_unknown_compute(void **state)
{
    (void)state;
    write_device("misspelt.yaml", "compute: fibonacci", "compute: mel4");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, "misspelt.yaml:14: steps[1].compute");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, "did you mean mel40?");
    write_device("misspelt.yaml", "infer: target", "infer: keepword");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, "misspelt.yaml:17: steps[2].infer");
    write_device("misspelt.yaml", "target: ad", "target: kw");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, "did you mean kws?");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, "misspelt.yaml:5: target");
    assert_fails("run fibonaci --no-db", 3, "did you mean fibonacci?");
    write_device("misspelt.yaml", "name: lis2dw12", "name: zzzzzzzz");
    assert_fails("run --scenario ./misspelt.yaml --no-db", 3, " more (coincell list sensors); or");
}

/* Whether an entry of a listing has a word in one of its lists. */
static int lists_word(const char *what, const char *name, const char *list, const char *word)
{
    char line[64];
    size_t i, k;
    json_t *entry, *text;
    int found = 0;
    snprintf(line, sizeof line, "list %s --json", what);
    assert_ok(line);
    json_t *array = parsed();
    json_array_foreach(array, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "name")), name) != 0)
            continue;
        json_array_foreach(json_object_get(entry, list), k, text) found +=
            strcmp(json_string_value(text), word) == 0;
    }
    json_decref(array);
    return found == 1;
}

/* An external regulator stands in a scenario or a battery file by its name, not in --regulator. */
static void test_external_regulator(void **unused)
{
    (void)unused;
    char *text = NULL, battery[16384];
    write_device("behind.yaml", "battery: lipo100", "battery: lipo100\nregulator: tps62740");
    assert_ok("run --scenario behind.yaml --no-db --docs");
    assert_non_null(strstr(out, "energy/regulators/tps62740.yaml"));
    assert_fails("run --scenario behind.yaml --regulator tps62740 --no-db", 2,
                 "external regulator");
    slurp(CC_SOURCE_DIR "/energy/batteries/cr2032.yaml", &text);
    const char *at = strstr(text, "\nregulator: ");
    assert_non_null(at);
    const char *behind = strchr(at + 1, '\n');
    snprintf(battery, sizeof battery, "%.*s\nregulator: mcp1700%s", (int)(at - text), text, behind);
    assert_int_equal(cc_file_write("own.yaml", battery, strlen(battery), NULL), CC_OK);
    assert_ok("run ad --battery ./own.yaml --no-db --docs");
    assert_non_null(strstr(out, "energy/regulators/mcp1700.yaml"));
    snprintf(battery, sizeof battery, "%.*s\nregulator: mcp170%s", (int)(at - text), text, behind);
    assert_int_equal(cc_file_write("own.yaml", battery, strlen(battery), NULL), CC_OK);
    assert_fails("run ad --battery ./own.yaml --no-db", 3, "did you mean mcp1700");
    free(text);
}

/* What a step may name is listed. */
static void test_lists_of_names(void **unused)
{
    (void)unused;
    assert_true(lists_word("sensors", "lis2dw12", "modes", "100hz"));
    assert_true(lists_word("radios", "nrf52840", "events", "advertising"));
    assert_true(lists_word("radios", "nrf52840", "phys", "1m"));
    assert_true(lists_word("mcus", "stm32l4r5", "sleep_modes", "idle"));
    assert_true(lists_word("mcus", "apollo3", "peripherals", "pdm"));
    assert_ok("list sensors");
    assert_non_null(strstr(out, "; modes "));
    assert_ok("list radios");
    assert_non_null(strstr(out, "events advertising,"));
    assert_non_null(strstr(out, "tx_dbm -40 to 8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_of_names),
        cmocka_unit_test(test_external_regulator),
        cmocka_unit_test(test_unknown_compute),
        cmocka_unit_test(test_own_scenario),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_stream_and_harvest),
        cmocka_unit_test(test_stream_by_another_radio),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_estimate),
        cmocka_unit_test(test_estimate_in_a_scenario),
        cmocka_unit_test(test_estimate_of_an_old_run),
        cmocka_unit_test(test_shipped_scenarios),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
