/* What is wrong in a data file is refused with file, line and key: unknown keys, keys with another
 * unit, negative and absurd values, missing keys. Every number and every key of every shipped file
 * is made wrong in turn. */
#include "yaml_edits.h"

#include "architecture.h"
#include "cc_file.h"
#include "cc_yaml.h"
#include "energy.h"
#include "energy_harvest.h"
#include "energy_radio.h"
#include "energy_scenario.h"
#include "energy_sensor.h"
#include "sim_chip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static char folder[] = "/tmp/coincell-refusals-XXXXXX";

static enum cc_status load_sim_chip(const char *path, struct cc_error *err)
{
    struct sim_chip *chip = malloc(sizeof *chip);
    double clock_hz;
    assert_non_null(chip);
    enum cc_status status = sim_chip_load(path, chip, &clock_hz, err);
    free(chip);
    return status;
}

static enum cc_status load_chip(const char *path, struct cc_error *err)
{
    struct energy_chip *chip;
    enum cc_status status = energy_chip_load(path, &chip, err);
    energy_chip_free(chip);
    return status;
}

/* Prices are loaded by the chip that they are of: its file stands beside theirs. */
static enum cc_status load_prices(const char *path, struct cc_error *err)
{
    char shipped[512], chip[512];
    uint8_t *text;
    size_t bytes;
    const char *name = strrchr(path, '/') + 1;
    snprintf(shipped, sizeof shipped, "%s/energy/chips/%s", CC_SOURCE_DIR, name);
    snprintf(chip, sizeof chip, "%s/chips/%s", folder, name);
    if (cc_file_read(shipped, 4u << 20, &text, &bytes, err) != CC_OK ||
        cc_file_write(chip, text, bytes, err) != CC_OK)
        fail_msg("%s", err->message);
    free(text);
    enum cc_status status = load_chip(chip, err);
    unlink(chip);
    return status;
}

static enum cc_status load_battery(const char *path, struct cc_error *err)
{
    struct energy_battery *battery;
    enum cc_status status = energy_battery_load(path, &battery, err);
    energy_battery_free(battery);
    return status;
}

static enum cc_status load_radio(const char *path, struct cc_error *err)
{
    struct energy_radio *radio;
    enum cc_status status = energy_radio_load(path, &radio, err);
    energy_radio_free(radio);
    return status;
}

static enum cc_status load_sensor(const char *path, struct cc_error *err)
{
    struct energy_sensor *sensor;
    enum cc_status status = energy_sensor_load(path, &sensor, err);
    energy_sensor_free(sensor);
    return status;
}

static enum cc_status load_scenario(const char *path, struct cc_error *err)
{
    struct energy_scenario *scenario;
    enum cc_status status = energy_scenario_load(path, &scenario, err);
    energy_scenario_free(scenario);
    return status;
}

static enum cc_status load_architecture(const char *path, struct cc_error *err)
{
    struct models_network net;
    enum cc_status status = models_architecture_read(path, &net, err);
    if (status == CC_OK)
        models_network_free(&net);
    return status;
}

static enum cc_status load_harvester(const char *path, struct cc_error *err)
{
    struct energy_harvester *harvester;
    enum cc_status status = energy_harvester_load(path, &harvester, err);
    energy_harvester_free(harvester);
    return status;
}

/* A converter is loaded by the harvester that names it. */
static enum cc_status load_converter(const char *path, struct cc_error *err)
{
    static const char with[] =
        "name: test\ndescription: test\nconverter: %s\n"
        "level_lux: {value: 200, rsd: 0, verified: yes, source: \"test\"}\n"
        "hours_per_day_h: {value: 12, rsd: 0, verified: yes, source: \"test\"}\n"
        "law: {source: \"test\", verified: yes, rsd: 0, level_exponent: 1,"
        " rows: [{level_lux: 200, uw: 4.2}]}\n";
    char text[1024], harvester[256];
    snprintf(text, sizeof text, with, path);
    snprintf(harvester, sizeof harvester, "%s.harvester.yaml", path);
    if (cc_file_write(harvester, text, strlen(text), err) != CC_OK)
        fail_msg("%s", err->message);
    enum cc_status status = load_harvester(harvester, err);
    unlink(harvester);
    return status;
}

static enum cc_status load_regulator(const char *path, struct cc_error *err)
{
    struct energy_regulator *regulator;
    enum cc_status status = energy_regulator_load(path, &regulator, err);
    energy_regulator_free(regulator);
    return status;
}

/* Numbers that may be negative, and numbers that may be anything. */
static const char *const signed_keys[] = {
    "c",          "temperature_c", "vdd_exponent",   "tx_dbm",       "default_tx_dbm",
    "zero_point", "plus",          "level_exponent", "fit_fraction", NULL};
static const char *const free_keys[] = {"seed", "reset", "ones", "zeros",  "values",
                                        "mhz",  "scale", "base", "copies", NULL};

static const struct kind {
    const char *folder;
    enum cc_status (*load)(const char *path, struct cc_error *err);
    int every; /* of the files, one in so many (they are alike) */
} kinds[] = {
    {"sim/chips", load_sim_chip, 3},          {"energy/chips", load_chip, 3},
    {"energy/prices", load_prices, 3},        {"energy/batteries", load_battery, 1},
    {"energy/harvesters", load_harvester, 1}, {"energy/harvesters/converters", load_converter, 1},
    {"energy/radios", load_radio, 1},         {"energy/sensors", load_sensor, 3},
    {"energy/regulators", load_regulator, 1}, {"energy/scenarios", load_scenario, 1},
    {"models/zoo", load_architecture, 2},
};

static int make_folder(void **state)
{
    char chips[64], prices[64];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(chips, sizeof chips, "%s/chips", folder);
    snprintf(prices, sizeof prices, "%s/prices", folder);
    return mkdir(chips, 0700) || mkdir(prices, 0700);
}

static int remove_folder(void **state)
{
    char chips[64], prices[64];
    (void)state;
    snprintf(chips, sizeof chips, "%s/chips", folder);
    snprintf(prices, sizeof prices, "%s/prices", folder);
    return rmdir(chips) || rmdir(prices) || rmdir(folder);
}

/* A shipped file and its copy under the same name (some loaders compare them). */
struct sample {
    const struct kind *kind;
    char *text;
    char path[256];
};

static struct sample open_sample(const struct kind *kind, const char *name)
{
    struct sample s = {.kind = kind};
    char path[512];
    uint8_t *data;
    size_t bytes;
    struct cc_error err = {0};
    snprintf(path, sizeof path, "%s/%s/%s.yaml", CC_SOURCE_DIR, kind->folder, name);
    if (cc_file_read(path, 4u << 20, &data, &bytes, &err) != CC_OK)
        fail_msg("%s", err.message);
    s.text = (char *)data;
    snprintf(s.path, sizeof s.path, "%s%s/%s.yaml", folder,
             strcmp(kind->folder, "energy/prices") == 0 ? "/chips/../prices" : "", name);
    return s;
}

static void close_sample(struct sample *s)
{
    unlink(s->path);
    free(s->text);
}

static enum cc_status load_text(const struct sample *s, const char *text, struct cc_error *err)
{
    memset(err, 0, sizeof *err);
    if (cc_file_write(s->path, text, strlen(text), err) != CC_OK)
        fail_msg("%s", err->message);
    return s->kind->load(s->path, err);
}

static void for_each_sample(void (*check)(const struct sample *))
{
    for (size_t k = 0; k < COUNT(kinds); k++) {
        char **names;
        size_t count;
        struct cc_error err = {0};
        assert_int_equal(cc_data_names(kinds[k].folder, &names, &count, &err), CC_OK);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i += (size_t)kinds[k].every) {
            struct sample s = open_sample(&kinds[k], names[i]);
            if (load_text(&s, s.text, &err) != CC_OK)
                fail_msg("the shipped file is refused: %s", err.message);
            check(&s);
            close_sample(&s);
        }
        cc_names_free(names, count);
    }
}

/* "PATH:LINE: " in front; returns what follows. The line may be any when it is 0. */
static const char *behind_place(const struct sample *s, const struct cc_error *err, size_t line)
{
    size_t length = strlen(s->path);
    char *end = NULL;
    unsigned long found = 0;
    if (strncmp(err->message, s->path, length) == 0 && err->message[length] == ':')
        found = strtoul(err->message + length + 1, &end, 10);
    if (found == 0 || strncmp(end, ": ", 2) != 0)
        fail_msg("no file and line in front of: %s", err->message);
    if (line && found != line)
        fail_msg("expected line %zu: %s", line, err->message);
    return end + 2;
}

static void must_tell(const struct sample *s, const struct cc_error *err, size_t line,
                      const char *word)
{
    if (!strstr(behind_place(s, err, line), word))
        fail_msg("'%s' is missing in: %s", word, err->message);
}

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(word, *words) == 0)
            return 1;
    }
    return 0;
}

static void check_unknown_key(const struct sample *s)
{
    struct cc_error err;
    size_t lines = 1;
    for (const char *p = s->text; *p; p++)
        lines += *p == '\n';
    char *text = yaml_edit(s->text, strlen(s->text), strlen(s->text), "descripton: nonsense\n");
    assert_int_equal(load_text(s, text, &err), CC_ERR_INPUT);
    must_tell(s, &err, lines, "descripton: unknown key");
    if (strstr(s->text, "\ndescription:"))
        must_tell(s, &err, lines, "did you mean description?");
    free(text);
}

static void test_unknown_keys(void **state)
{
    (void)state;
    for_each_sample(check_unknown_key);
}

/* A key of another unit: nobody's typing error may be off by a thousand without a word. */
static int other_unit(const char *key, char *wrong, size_t size)
{
    static const char *const pairs[][2] = {
        {"_ua", "_ma"},      {"_ma", "_ua"},  {"_v", "_mv"},     {"_pj", "_uj"},
        {"_uj", "_mj"},      {"_mah", "_ah"}, {"_us", "_ms"},    {"_ms", "_us"},
        {"_mhz", "_khz"},    {"_kb", "_mb"},  {"_bytes", "_kb"}, {"_ohm", "_mohm"},
        {"_years", "_days"}, {"_uw", "_mw"},  {"_s", "_ms"},     {"_percent", "_fraction"},
        {"_c", "_k"},
    };
    size_t length = strlen(key);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        size_t n = strlen(pairs[i][0]);
        if (length <= n || strcmp(key + length - n, pairs[i][0]) != 0)
            continue;
        snprintf(wrong, size, "%.*s%s", (int)(length - n), key, pairs[i][1]);
        return 1;
    }
    return 0;
}

static int edits_made; /* a test that changes nothing shows nothing */

static void check_units(const struct sample *s)
{
    size_t count;
    struct yaml_spot *spots = yaml_spots(s->text, &count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_spot *at = &spots[i];
        const char *key = at->in_figure ? at->figure : at->key;
        size_t start = at->in_figure ? at->figure_start : at->key_start;
        size_t end = at->in_figure ? at->figure_end : at->key_end;
        char wrong[96], meant[96];
        struct cc_error err;
        if (!at->is_number || start == end || !other_unit(key, wrong, sizeof wrong))
            continue;
        char *text = yaml_edit(s->text, start, end, wrong);
        if (load_text(s, text, &err) == CC_OK)
            fail_msg("%s: %s is taken for %s", s->path, wrong, key);
        assert_int_equal(err.status, CC_ERR_INPUT);
        snprintf(meant, sizeof meant, "did you mean %s?", key);
        must_tell(s, &err, at->in_figure ? 0 : at->line, wrong);
        must_tell(s, &err, 0, meant);
        free(text);
        edits_made++;
    }
    free(spots);
}

static void test_units(void **state)
{
    (void)state;
    edits_made = 0;
    for_each_sample(check_units);
    assert_true(edits_made > 300);
}

/* Puts another number in place of every number. */
static void check_numbers(const struct sample *s, const char *number, const char *const *allowed)
{
    size_t count;
    struct yaml_spot *spots = yaml_spots(s->text, &count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_spot *at = &spots[i];
        struct cc_error err;
        if (!at->is_number || is_one_of(at->in_figure ? at->figure : at->key, allowed))
            continue;
        char *text = yaml_edit(s->text, at->start, at->end, number);
        if (load_text(s, text, &err) == CC_OK)
            fail_msg("%s:%zu: %s: %s is taken", s->path, at->line, at->key, number);
        assert_int_equal(err.status, CC_ERR_INPUT);
        must_tell(s, &err, at->line, at->in_figure ? at->figure : at->key);
        free(text);
        edits_made++;
    }
    free(spots);
}

static void check_negative(const struct sample *s)
{
    check_numbers(s, "-1", signed_keys);
}

static void test_negative_values(void **state)
{
    (void)state;
    edits_made = 0;
    for_each_sample(check_negative);
    assert_true(edits_made > 1000);
}

static void check_absurd(const struct sample *s)
{
    check_numbers(s, "1e30", free_keys);
    check_numbers(s, "nan", free_keys);
}

static void test_absurd_values(void **state)
{
    (void)state;
    edits_made = 0;
    for_each_sample(check_absurd);
    assert_true(edits_made > 1000);
}

/* Takes a line away: either it is optional, or the message says what is missing. */
static void check_missing(const struct sample *s)
{
    int refused = 0;
    for (const char *line = s->text; *line;) {
        const char *end = line + strcspn(line, "\n") + 1, *colon = strchr(line, ':');
        size_t indent = strspn(line, " -");
        struct cc_error err;
        char key[64];
        if (line[indent] != '#' && colon && colon < end && indent == strspn(line, " ")) {
            snprintf(key, sizeof key, "%.*s", (int)(colon - line - (long)indent), line + indent);
            const char *below = end; /* what belongs to it goes too */
            while (*below && strspn(below, " ") > indent)
                below += strcspn(below, "\n") + 1;
            char *text =
                yaml_edit(s->text, (size_t)(line - s->text), (size_t)(below - s->text), "");
            if (load_text(s, text, &err) != CC_OK) {
                assert_int_equal(err.status, CC_ERR_INPUT);
                behind_place(s, &err, 0);
                refused++;
            }
            free(text);
        }
        line = end;
    }
    assert_true(refused >= 3);
}

static void test_missing_keys(void **state)
{
    (void)state;
    for_each_sample(check_missing);
}

static void test_lines(void **state)
{
    (void)state;
    static const char text[] = "a: 1\n"
                               "rows:\n"
                               "  - {v: 1, w: 2}\n"
                               "  - name: two\n"
                               "    v: 3\n"
                               "    deep:\n"
                               "      - name: x\n"
                               "        y: 4\n"
                               "list: [1,\n"
                               "  2]\n";
    static const struct {
        const char *key;
        size_t line;
    } cases[] = {
        {"a", 1},          {"rows", 2},
        {"rows[0]", 3},    {"rows[0].w", 3},
        {"rows[1].v", 5},  {"rows[1] (two).v", 5},
        {"rows.two.v", 5}, {"rows.two.x.y", 8},
        {"rows[7].v", 2},  {"rows.two.none", 4},
        {"list[1]", 10},   {"none", 1},
        {"a.b", 1},        {"", 0},
        {"rows[", 2},      {"rows[x].v", 2},
        {"rows[1] (", 4},
    };
    char path[64];
    struct cc_error err = {0};
    snprintf(path, sizeof path, "%s/lines.yaml", folder);
    assert_int_equal(cc_file_write(path, text, sizeof text - 1, &err), CC_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cc_yaml_line(path, cases[i].key) != cases[i].line)
            fail_msg("%s: line %zu, not %zu", cases[i].key, cc_yaml_line(path, cases[i].key),
                     cases[i].line);
    }
    char expected[160];
    cc_yaml_fail(&err, path, "rows[1].v", "%d is wrong", 3);
    snprintf(expected, sizeof expected, "%s:5: rows[1].v: 3 is wrong", path);
    assert_string_equal(err.message, expected);
    assert_int_equal(cc_yaml_add_line(&err, path), CC_ERR_INPUT); /* has one */
    assert_string_equal(err.message, expected);
    cc_fail(&err, CC_ERR_INPUT, "%s: list[1]: 2: is wrong", path);
    cc_yaml_add_line(&err, path);
    snprintf(expected, sizeof expected, "%s:10: list[1]: 2: is wrong", path);
    assert_string_equal(err.message, expected);
    cc_fail(&err, CC_ERR_INPUT, "%s: is empty", path);
    cc_yaml_add_line(&err, path);
    snprintf(expected, sizeof expected, "%s: is empty", path);
    assert_string_equal(err.message, expected);
    unlink(path);
    assert_int_equal(cc_yaml_line(path, "a"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),         cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_units),         cmocka_unit_test(test_negative_values),
        cmocka_unit_test(test_absurd_values), cmocka_unit_test(test_missing_keys),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
