/* Every number of every YAML file tells its unit and its source; and the rule can fail. */
#include "yaml_units.h"

#include "cc_file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct tally {
    int files, numbers, broken;
};

static void check_file(const char *path, enum yaml_units_need need, struct tally *tally)
{
    uint8_t *text;
    size_t bytes;
    struct cc_error err = {0};
    char message[512];
    int numbers;
    if (cc_file_read(path, 4u << 20, &text, &bytes, &err) != CC_OK)
        fail_msg("%s", err.message);
    int broken =
        yaml_units_check(path, (const char *)text, need, &numbers, message, sizeof message);
    free(text);
    if (broken)
        print_error("%s (%d numbers like this)\n", message, broken);
    tally->files++;
    tally->numbers += numbers;
    tally->broken += broken;
}

static int is_yaml(const char *name)
{
    size_t n = strlen(name);
    return (n > 5 && strcmp(name + n - 5, ".yaml") == 0) ||
           (n > 4 && strcmp(name + n - 4, ".yml") == 0);
}

static void check_folder(const char *folder, enum yaml_units_need need, struct tally *tally)
{
    DIR *dir = opendir(folder);
    if (!dir)
        fail_msg("%s: cannot be opened", folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[1024];
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &info) != 0)
            fail_msg("%s: cannot be read", path);
        if (S_ISDIR(info.st_mode))
            check_folder(path, need, tally);
        else if (is_yaml(entry->d_name))
            check_file(path, need, tally);
    }
    closedir(dir);
}

static void check_tree(const char *relative, enum yaml_units_need need, int least_files,
                       int least_numbers)
{
    char folder[512];
    struct tally tally = {0};
    snprintf(folder, sizeof folder, "%s/%s", CC_SOURCE_DIR, relative);
    check_folder(folder, need, &tally);
    assert_int_equal(tally.broken, 0);
    /* the walk has seen something */
    assert_true(tally.files >= least_files);
    assert_true(tally.numbers >= least_numbers);
}

static void test_energy(void **state)
{
    (void)state;
    check_tree("energy", YAML_UNITS_SOURCE_AND_PROOF, 23, 1500);
}

static void test_sim(void **state)
{
    (void)state;
    check_tree("sim", YAML_UNITS_SOURCE_AND_PROOF, 19, 500);
}

/* The networks of an architecture are a design, and its source is where that was published. */
static void test_models(void **state)
{
    (void)state;
    check_tree("models", YAML_UNITS_SOURCE, 4, 100);
}

#define PROOF YAML_UNITS_SOURCE_AND_PROOF

/* clang-format off */
static const struct {
    const char *text;
    enum yaml_units_need need;
    int numbers, broken;
    const char *words; /* of the message */
} snippets[] = {
    {"a_ua: {value: 1, rsd: 0.1, verified: no, source: \"table 3\"}\n", PROOF, 2, 0, ""},
    {"a_ua: {min: 1, typ: 2, max: 3, verified: no, source: \"table 3\"}\n", PROOF, 3, 0, ""},
    {"a_ua: {value: 1, rsd: 0.1, verified: no}\n", PROOF, 2, 2, "file:1: value: has no source"},
    {"a_ua: {value: 1, source: \"table 3\"}\n", PROOF, 1, 1, "file:1: value: has no verified"},
    {"a_ua: {value: 1, source: \"table 3\"}\n", YAML_UNITS_SOURCE, 1, 0, ""},
    {"a_ua: {value: 1, source: \"\", verified: no}\n", PROOF, 1, 1, "source"},
    {"current: {value: 1, source: \"table 3\", verified: no}\n", PROOF, 1, 1,
     "file:1: value: its key tells no unit"},
    {"current: {typ: 1, source: \"table 3\", verified: no}\n", PROOF, 1, 1, "no unit"},
    {"value: 1\nsource: here\nverified: no\n", PROOF, 1, 1, "no unit"},
    /* a list belongs to its key; its rows to theirs */
    {"source: here\nverified: no\nsteps_mhz: [1, 2, [3]]\n", PROOF, 3, 0, ""},
    {"source: here\nverified: no\nsteps: [1, 2]\n", PROOF, 2, 2, "file:3: steps: its key"},
    {"curve:\n  source: here\n  verified: no\n  rows:\n    - {dod: 0, v: 3}\n    - {dod: 1, v: 2}\n",
     PROOF, 4, 0, ""},
    {"curve:\n  rows:\n    - {dod: 0, v: 3}\n", PROOF, 2, 2, "file:3: dod: has no source"},
    {"curve:\n  source: here\n  verified: no\n  rows:\n    - {dod: 0, volt: 3}\n", PROOF, 2, 1,
     "file:5: volt: its key tells no unit"},
    /* a source beside is none */
    {"one: {source: here, verified: yes}\ntwo: {a_v: 1}\n", PROOF, 1, 1, "file:2: a_v: has no"},
    {"top:\n  in: {a_v: 1, b_pj: 0x10}\n  source: here\n  verified: yes\n", PROOF, 2, 0, ""},
    /* the unit alone is no key, and must be the ending */
    {"source: here\nverified: no\n_ua: 1\nua_current: 2\nsleepua: 3\nsleep_ua: 4\n", PROOF, 4, 3,
     "file:3: _ua"},
    {"source: here\nverified: no\nprice_uj_per_kb: 3\nvdd_min: 2\n", PROOF, 2, 1, "vdd_min"},
    /* text is no number */
    {"name: \"12\"\nfield: 3:2\nrange: 1-2\nunit: 5 V\nflag: yes\n", PROOF, 0, 0, ""},
    {"name: 12\n", PROOF, 1, 1, "name: its key tells no unit"},
    {"a_v: 1e-3\nb_v: .5\nc_v: -2\n", PROOF, 3, 3, "source"},
    {"a: {b: [\n", PROOF, 0, 1, "is not YAML"},
    {"", PROOF, 0, 0, ""},
};
/* clang-format on */

static void test_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(snippets); i++) {
        char message[256];
        int numbers;
        int broken = yaml_units_check("file", snippets[i].text, snippets[i].need, &numbers, message,
                                      sizeof message);
        if (broken != snippets[i].broken || numbers != snippets[i].numbers)
            fail_msg("%d of %d numbers are broken, not %d of %d, of:\n%s\n%s", broken, numbers,
                     snippets[i].broken, snippets[i].numbers, snippets[i].text, message);
        if (!strstr(message, snippets[i].words))
            fail_msg("'%s' lacks '%s'", message, snippets[i].words);
    }
}

/* A real file whose sources or units go away is found. */
static void test_rule_on_files(void **state)
{
    (void)state;
    char path[512], message[256];
    uint8_t *data;
    size_t bytes;
    int numbers;
    struct cc_error err = {0};
    snprintf(path, sizeof path, "%s/energy/batteries/cr2032.yaml", CC_SOURCE_DIR);
    assert_int_equal(cc_file_read(path, 1u << 20, &data, &bytes, &err), CC_OK);
    char *text = (char *)data;
    assert_int_equal(yaml_units_check(path, text, PROOF, &numbers, message, sizeof message), 0);
    char *source = strstr(strstr(text, "\ncurve:"), "source:");
    memcpy(source, "sourde", 6);
    int rows = yaml_units_check(path, text, PROOF, &numbers, message, sizeof message);
    assert_true(rows >= 3 * 10); /* every number of the curve */
    memcpy(source, "source", 6);
    char *capacity = strstr(text, "capacity_mah:");
    memcpy(capacity, "capacity_max:", 13);
    assert_int_equal(yaml_units_check(path, text, PROOF, &numbers, message, sizeof message), 1);
    assert_non_null(strstr(message, "value: its key tells no unit"));
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule),   cmocka_unit_test(test_rule_on_files),
        cmocka_unit_test(test_energy), cmocka_unit_test(test_sim),
        cmocka_unit_test(test_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
