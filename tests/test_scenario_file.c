/* Scenario files: what they say is kept, and what is wrong with them is told. */
#include "scenario_doubles.h"

#include "energy_scenario_internal.h"
#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of a file per line. */
/* clang-format off */
static const char good[] =
    "name: good\n"
    "description: \"all there is\"\n"
    "source: \"file source\"\n"
    "verified: no\n"
    "target: kws\n"
    "mcu: apollo3@48\n"
    "battery: cr2032\n"
    "regulator_of_mcu: smps\n"
    "regulator: none\n"
    "vdd_v: 3\n"
    "temperature_c: -5\n"
    "sleep_mode: deep\n"
    "quiet_hours_h_per_day: 6\n"
    "period_s: {min: 8, typ: 10, max: 12, source: \"field test\", verified: yes}\n"
    "harvester: panel\n"
    "buffer: {capacitance_uf: 100, effective_fraction: 0.5, esr_ohm: 0.1, leakage_ua: 0.2}\n"
    "surroundings: {level_lux: 300, hours_per_day_h: 10, area_cm2: 8}\n"
    "steps:\n"
    "  - name: listen\n"
    "    sensor: {name: mic, mode: loud, host: pdm}\n"
    "    beside: yes\n"
    "  - compute: mel40\n"
    "    repeat_count: 49\n"
    "  - name: spot\n"
    "    infer: target\n"
    "    probability_fraction: 0.5\n"
    "    source: \"step source\"\n"
    "    verified: yes\n"
    "  - name: tell\n"
    "    radio: {name: beacon, event: advertising, phy: 1m, payload_bytes: {value: 8, rsd: 0.1},"
    " tx_dbm: -4, connectable: no}\n"
    "    given: spot\n"
    "  - infer: ad\n"
    "  - compute: mel40\n"
    "  - display: {name: paper}\n"
    "    always: yes\n"
    "  - wait: {duration_s: 0.5, state: idle}\n"
    "stream: {radio: beacon, phy: 2m, tx_dbm: 0, raw_bytes: 32000}\n";
/* clang-format on */

static struct energy_scenario *load(const char *text)
{
    struct energy_scenario *s;
    struct cc_error err = {0};
    if (energy_scenario_load(support_file(text), &s, &err) != CC_OK)
        fail_msg("%s", err.message);
    return s;
}

static void test_words(void **state)
{
    (void)state;
    struct energy_scenario *s = load(good);
    assert_string_equal(energy_scenario_name(s), "good");
    assert_string_equal(energy_scenario_description(s), "all there is");
    assert_string_equal(energy_scenario_target(s), "kws");
    assert_string_equal(energy_scenario_mcu(s), "apollo3@48");
    assert_string_equal(energy_scenario_battery(s), "cr2032");
    assert_string_equal(energy_scenario_regulator_of_mcu(s), "smps");
    assert_true(energy_scenario_vdd(s) == 3);
    assert_true(energy_scenario_temperature(s) == -5);
    assert_true(energy_scenario_period(s) == 10);
    assert_int_equal(energy_scenario_compute_count(s), 2); /* each once, not the target */
    assert_string_equal(energy_scenario_compute(s, 0), "mel40");
    assert_string_equal(energy_scenario_compute(s, 1), "ad");
    assert_null(energy_scenario_compute(s, 2));
    energy_scenario_free(s);
}

static void test_steps(void **state)
{
    (void)state;
    struct energy_scenario *s = load(good);
    assert_int_equal(s->step_count, 8);
    const struct scenario_step *tell = &s->steps[3];
    assert_int_equal(tell->kind, SCENARIO_RADIO);
    assert_int_equal(tell->given, 2);
    assert_true(tell->use.tx_dbm == -4 && tell->use.connectable == 0);
    assert_string_equal(tell->use.phy, "1m");
    assert_true(s->steps[0].beside && !s->steps[1].beside);
    assert_true(s->steps[1].front && !s->steps[2].front);
    assert_int_equal(s->steps[2].compute, SCENARIO_TARGET);
    assert_int_equal(s->steps[4].compute, 1);
    assert_true(!s->steps[5].front); /* nothing is inferred behind it */
    assert_string_equal(s->steps[1].name, "mel40");
    assert_string_equal(s->steps[5].name, "mel40 2"); /* names differ */
    assert_true(s->steps[6].always);
    assert_int_equal(s->steps[7].wait, SCENARIO_WAIT_IDLE);
    energy_scenario_free(s);
}

static const struct scenario_number *number(const struct energy_scenario *s, const char *key)
{
    for (int i = 0; i < s->number_count; i++) {
        if (strcmp(s->numbers[i].key, key) == 0)
            return &s->numbers[i];
    }
    fail_msg("there is no number %s", key);
    return NULL;
}

static void test_numbers(void **state)
{
    (void)state;
    struct energy_scenario *s = load(good);
    const struct scenario_number *n = number(s, "period_s");
    assert_true(n->min == 8 && n->figure.value == 10 && n->max == 12);
    assert_float_equal(n->figure.rsd, log(1.5) / 2 / 1.28155, 1e-5);
    assert_string_equal(n->figure.source, "field test");
    assert_int_equal(n->figure.verified, 1);
    assert_string_equal(n->label, "good: period_s");
    n = number(s, "steps[1].repeat_count");
    assert_true(n->figure.value == 49 && n->figure.rsd == 0);
    assert_string_equal(n->figure.source, "file source");
    assert_int_equal(n->figure.verified, 0);
    n = number(s, "steps[2].probability_fraction");
    assert_string_equal(n->figure.source, "step source");
    assert_int_equal(n->figure.verified, 1);
    n = number(s, "steps[3].radio.payload_bytes");
    assert_true(n->figure.value == 8 && n->figure.rsd == .1);
    assert_string_equal(n->label, "good: tell payload_bytes");
    energy_scenario_free(s);
}

static void test_supply_side(void **state)
{
    (void)state;
    struct energy_scenario *s = load(good);
    struct energy_supply *supply;
    struct energy_surroundings around;
    struct cc_error err = {0};
    assert_int_equal(energy_scenario_supply(s, NULL, 7, &supply, &err), CC_OK);
    assert_true(doubles_config.buffer.effective_uf == 50);
    assert_true(doubles_config.buffer.esr_ohm == .1 && doubles_config.buffer.leakage_ua == .2);
    assert_true(doubles_config.temperature_c == 7 && doubles_config.regulator != NULL);
    assert_non_null(energy_scenario_harvester(s, &around));
    assert_true(around.level == 300 && around.hours_per_day == 10 && around.area_cm2 == 8);
    energy_scenario_free(s);
    assert_int_equal(energy_scenario_plain(60, &s, &err), CC_OK);
    assert_null(energy_scenario_harvester(s, &around));
    assert_true(energy_scenario_period(s) == 60 && isnan(energy_scenario_temperature(s)));
    assert_null(energy_scenario_battery(s));
    energy_scenario_free(s);
    assert_int_equal(energy_scenario_plain(0, &s, &err), CC_ERR_USAGE);
    assert_int_equal(energy_scenario_plain(NAN, &s, &err), CC_ERR_USAGE);
}

struct edit {
    const char *from, *to;
    const char *words; /* of the message, in order of their place; | between them */
};

static void expect_words(const char *message, const char *words, const char *edit)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", words);
    for (char *rest, *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
        if (!strstr(message, word))
            fail_msg("%s: '%s' does not say '%s'", edit, message, word);
    }
}

static void test_refusals(void **state)
{
    static const struct edit edits[] = {
        {"period_s:", "period:", ".yaml:14: |unknown key|period_s"},
        {"steps:", "step:", "unknown key|steps"},
        {"sensor:", "senser:", ":20: |steps[0].senser: unknown key; did you mean sensor"},
        {"infer: target", "compute: target", "steps[2].compute|write infer: target"},
        {"    infer: target\n", "    infer: target\n    compute: x\n",
         ":25: |steps[2].infer: the step is also a compute; make two steps"},
        {"    infer: target\n", "", "steps[2].|a step is one of sensor, compute, infer"},
        {"given: spot", "given: spott", "steps[3].given|no step above|did you mean spot?"},
        {"given: spot", "given: tell", "steps[3].given|the step itself"},
        {"repeat_count: 49", "given: spot", "steps[1].given: 'spot' comes later"},
        {"name: tell", "name: spot", "steps[3].name: 'spot' is steps[2] already"},
        {"repeat_count: 49", "repeat_count: -49", ":23: |steps[1].repeat_count: -49"},
        {"repeat_count: 49", "repeat_count: 0", "steps[1].repeat_count"},
        {"repeat_count: 49", "repeat_count: many", ":23: |repeat_count: 'many' is not a number"},
        {"repeat_count: 49", "repeat_count: 49 times", "'49 times' is not a number"},
        {"repeat_count: 49", "repeat_count:", "repeat_count"},
        {"repeat_count: 49", "repeat_count: [49]", "repeat_count: is a list"},
        {"repeat_count: 49", "repeat_count: nan", "repeat_count"},
        {"probability_fraction: 0.5", "probability_fraction: 1.5", "probability_fraction: 1.5"},
        {"probability_fraction: 0.5", "probability_fraction: -0.5", "probability_fraction: -0.5"},
        {"probability_fraction: 0.5", "probability_percent: 50",
         "unknown key; did you mean probability_fraction"},
        {"probability_fraction: 0.5", "beside: yes", "steps[2].beside: the core does one thing"},
        {"{min: 8, typ: 10, max: 12,", "{min: 8, max: 12,", "period_s: is half a range"},
        {"{min: 8, typ: 10, max: 12,", "{min: 11, typ: 10, max: 12,", "not in rising order"},
        {"{min: 8, typ: 10, max: 12,", "{min: 0, typ: 10, max: 12,", "period_s"},
        {"{min: 8, typ: 10, max: 12,", "{value: 1, max: 12,", "both a value and a range"},
        {"{min: 8, typ: 10, max: 12,", "{", "period_s: has no number"},
        {"{min: 8, typ: 10, max: 12,", "{min: 8, typ: 10, max: 12, rsd: 1,", "a range and an rsd"},
        {"{min: 8, typ: 10, max: 12,", "{value: 0,", "period_s: 0"},
        {"{value: 8, rsd: 0.1}", "{value: 8, rsd: -0.1}", "payload_bytes.rsd: -0.1"},
        {"payload_bytes:", "payload_kb:", "did you mean payload_bytes"},
        {"tx_dbm: -4", "tx_dbm: {min: 1, typ: 2, max: 3}", "tx_dbm: cannot have a range"},
        {"capacitance_uf: 100", "capacitance_uf: {value: 100, rsd: 0.2}",
         "buffer.capacitance_uf: cannot have a range"},
        {"vdd_v: 3", "vdd_v: {min: 2, typ: 3, max: 3.3}", "vdd_v: cannot have a range"},
        {"connectable: no", "connectable: maybe", "'maybe' is not a word"},
        {"connectable: no", "duration_s: 3", "radio.duration_s: a single event"},
        {"state: idle", "state: asleep", "steps[7].wait.state: 'asleep'"},
        {"duration_s: 0.5, ", "", "wait.duration_s: is missing"},
        {"duration_s: 0.5", "duration_s: -0.5", "wait.duration_s: -0.5"},
        {"quiet_hours_h_per_day: 6", "quiet_hours_h_per_day: 25", "quiet_hours_h_per_day: 25"},
        {"capacitance_uf: 100", "capacitance_uf: -1", ":16: |buffer.capacitance_uf: -1"},
        {"effective_fraction: 0.5", "effective_fraction: 50", "buffer.effective_fraction: 50"},
        {"level_lux: 300", "level_k: 300", "the level is in K, harvester panel takes lux"},
        {"level_lux: 300", "level_lux: 300, level_k: 3", "level_k: is a second level"},
        {"area_cm2: 8", "area_cm2: 8, volume_cm3: 3", "volume_cm3"},
        {"harvester: panel\n", "", "surroundings: has no meaning without a harvester"},
        {"harvester: panel\n", "harvester: panels\n", "harvester: |panels"},
        {"regulator: none\n", "regulator: some\n", "regulator: |some"},
        {"raw_bytes: 32000", "raw_bytes: 0", "stream.raw_bytes: 0"},
        {"verified: no\n", "", "verified: is missing"},
        {"source: \"file source\"\n", "", "source: is missing"},
        {"temperature_c: -5", "temperature_c: 500", "temperature_c: 500"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        struct energy_scenario *s;
        struct cc_error err = {0};
        char *text = support_replace(good, edits[i].from, edits[i].to);
        if (energy_scenario_load(support_file(text), &s, &err) != CC_ERR_INPUT)
            fail_msg("'%s' was accepted", edits[i].to);
        assert_null(s);
        expect_words(err.message, ".yaml", edits[i].to);
        expect_words(err.message, edits[i].words, edits[i].to);
        free(text);
    }
}

static void test_too_many_steps(void **state)
{
    (void)state;
    struct energy_scenario *s;
    struct cc_error err = {0};
    char text[4096] = "name: n\ndescription: d\nsource: src\nverified: no\nperiod_s: 1\nsteps:\n";
    assert_int_equal(energy_scenario_load(support_file(text), &s, &err), CC_ERR_INPUT);
    for (int i = 0; i < SCENARIO_MAX_STEPS; i++)
        strcat(text, "  - infer: target\n");
    energy_scenario_free(load(text));
    strcat(text, "  - infer: target\n");
    assert_int_equal(energy_scenario_load(support_file(text), &s, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "too many entries"));
    assert_int_equal(energy_scenario_load("no_such", &s, &err), CC_ERR_INPUT);
    assert_null(s);
}

/* Plain numbers keep their place behind letters of several bytes, comments and quotes. */
static void test_plain_numbers(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf"
        "name: n\ndescription: \"\xc2\xb5W \xe2\x82\xac\"\nsource: src # \xc3\xa4 5\n"
        "verified: no\nperiod_s: \"7\" # not 8\nvdd_v: 3\nsteps:\n"
        "  - {infer: target, repeat_count: 4}\n  - wait: {duration_s: 1e-3, state: run}\n";
    (void)state;
    struct energy_scenario *s = load(text);
    assert_true(energy_scenario_period(s) == 7 && energy_scenario_vdd(s) == 3);
    assert_true(number(s, "steps[0].repeat_count")->figure.value == 4);
    assert_true(number(s, "steps[1].wait.duration_s")->figure.value == 1e-3);
    energy_scenario_free(s);
}

/* splitmix64: the same damage on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Damaged files are refused or read, never a crash; most of them are refused. */
static void test_damaged_files(void **state)
{
    static const char *const words[] = {"nan", "-1",  "{",    "}",      "[",        "\n",  ": ",
                                        "*a",  "&a ", "\"",   "1e999",  "- ",       "yes", "|-\n",
                                        "{}",  "#",   "\xff", "target", "!!float ", "5",   "'"};
    uint64_t random = 1;
    int refused = 0;
    (void)state;
    for (int i = 0; i < 4000; i++) {
        char text[sizeof good + 32];
        struct energy_scenario *s;
        struct cc_error err = {0};
        size_t length = sizeof good - 1;
        size_t at = next_random(&random) % length;
        size_t cut = next_random(&random) % 20;
        const char *word = words[next_random(&random) % (sizeof words / sizeof words[0])];
        cut = cut > length - at ? length - at : cut;
        snprintf(text, sizeof text, "%.*s%s%s", (int)at, good, word, good + at + cut);
        if (energy_scenario_load(support_file(text), &s, &err) == CC_OK) {
            energy_scenario_free(s);
            continue;
        }
        refused++;
        assert_null(s);
        assert_true(err.message[0] != '\0');
    }
    assert_true(refused > 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),         cmocka_unit_test(test_steps),
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_supply_side),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_too_many_steps),
        cmocka_unit_test(test_plain_numbers), cmocka_unit_test(test_damaged_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
