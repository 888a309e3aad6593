/* --sweep: its grammar, and the table that comes of it. */
#include "report_sweep.h"
#include "sweep.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_numbers(const struct cli_sweep_axis *axis, const double *expected, size_t n)
{
    assert_int_equal(axis->count, n);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(axis->numbers[i] - expected[i]) <= 1e-12 * fabs(expected[i]));
}

static void test_axes(void **unused)
{
    (void)unused;
    struct cli_sweep s;
    struct cc_error err = {CC_OK, ""};
    assert_int_equal(cli_sweep_parse("every=0.1..1000:5,battery=cr2032|my/own.yaml|*,"
                                     "temperature=-20..60:5|85,vdd=1.8,probability=0.5..2:3",
                                     &s, &err),
                     CC_OK);
    assert_numbers(&s.axes[CLI_AXIS_EVERY], (const double[]){0.1, 1, 10, 100, 1000}, 5);
    assert_numbers(&s.axes[CLI_AXIS_TEMPERATURE], (const double[]){-20, 0, 20, 40, 60, 85}, 6);
    assert_numbers(&s.axes[CLI_AXIS_VDD], (const double[]){1.8}, 1);
    assert_numbers(&s.axes[CLI_AXIS_PROBABILITY], (const double[]){0.5, 1, 2}, 3);
    assert_int_equal(s.axes[CLI_AXIS_BATTERY].count, 3);
    assert_string_equal(s.axes[CLI_AXIS_BATTERY].words[1], "my/own.yaml");
    assert_string_equal(s.axes[CLI_AXIS_BATTERY].words[2], "*");
    assert_int_equal(cli_sweep_rows(&s), 5 * 3 * 6 * 3);
    cli_sweep_free(&s);
    assert_int_equal(cli_sweep_parse("every=1..10", &s, &err), CC_OK);
    assert_int_equal(cli_sweep_rows(&s), 10);
    assert_true(s.axes[CLI_AXIS_EVERY].numbers[9] == 10); /* exactly */
    cli_sweep_free(&s);
}

static void test_refusals(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *words;
    } rows[] = {{"", "unknown axis"},
                {"evry=1", "did you mean every?"},
                {"every", "has no values"},
                {"every=", "is empty"},
                {"every=1||2", "is empty"},
                {"every=x", "is not a number"},
                {"every=1x", "is not a number"},
                {"every= 1", "is not a number"},
                {"every=0", "out of range"},
                {"every=nan", "is not a number"},
                {"every=1..", "is not a number"},
                {"every=..2", "is not a number"},
                {"every=2..1", "ends before it begins"},
                {"every=1..1", "ends before it begins"},
                {"every=1..2:1", "2 to 10000000 points"},
                {"every=1..2:", "2 to 10000000 points"},
                {"every=1..2:-3", "2 to 10000000 points"},
                {"every=1..2:99999999999999999999", "2 to 10000000 points"},
                {"every=1..2x", "is not a range"},
                {"every=1...2:3", "ends before it begins"},
                {"every=1,every=2", "given twice"},
                {"temperature=-100", "out of range"},
                {"vdd=0", "out of range"},
                {"battery=", "is empty"},
                {"every=1..2:1000000,temperature=0..1:10000", "rows; give fewer values"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cli_sweep s;
        struct cc_error err = {CC_OK, ""};
        if (cli_sweep_parse(rows[i].text, &s, &err) != CC_ERR_USAGE)
            fail_msg("%s is not refused", rows[i].text);
        if (!strstr(err.message, rows[i].words))
            fail_msg("%s: no \"%s\" in: %s", rows[i].text, rows[i].words, err.message);
        assert_int_equal(s.axes[CLI_AXIS_EVERY].count, 0);
    }
}

static const struct report_sweep_row rows[] = {
    {"cr2032", 20, 3, 1, 0.5, NULL, {1.25, 2.5, 5}, 3813.4, "brown-out"},
    {"aaa2", -20, 3, 1, 1234567, NULL, {10, 20.5, INFINITY}, 0.01234, "energy-neutral"},
    {"a\"b\\", 20, 3, 1, 0, "steps are longer\x01 than the period", {0, 0, 0}, 0, NULL},
};

/* Three batteries that one shelf life ends. */
static const struct report_sweep_row ties[] = {
    {"cr2032", 20, 3, 1, 60, NULL, {2601, 3653, 5056}, 17, "shelf life"},
    {"cr2450", 20, 3, 1, 60, NULL, {2800, 3653, 5056}, 17, "shelf life"},
    {"aaa2", 20, 3, 1, 60, NULL, {2700, 3653, 5056}, 17, "shelf life"},
};

static char *sweep_of_rows(const struct report_sweep_row *of, enum report_sweep_as as,
                           unsigned columns, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    struct report_sweep s;
    FILE *out = open_memstream(&text, &size);
    report_sweep_begin(&s, out, as, columns, 12);
    for (size_t i = 0; i < count; i++)
        report_sweep_row(&s, &of[i]);
    assert_int_equal(report_sweep_end(&s, NULL), CC_OK);
    fclose(out);
    return text;
}

static char *sweep_of(enum report_sweep_as as, unsigned columns, size_t count)
{
    return sweep_of_rows(rows, as, columns, count);
}

static void test_text(void **unused)
{
    (void)unused;
    setenv("LC_ALL", "C", 1);
    char *text = sweep_of(REPORT_SWEEP_TEXT, REPORT_SWEEP_BATTERY | REPORT_SWEEP_EVERY, 3);
    assert_string_equal(
        text,
        "battery        every s      days       p10       p90        uW limited by\n"
        "cr2032           0.500     2.500     1.250     5.000     3,813 brown-out\n"
        "aaa2         1,234,567     20.50     10.00 unlimited    0.0123 energy-neutral\n"
        "a\"b\\                 0 steps are longer? than the period\n"
        "\n"
        "3 rows, 1 of them cannot work; longest 20.50 days on aaa2, -20 C, every 1.235e+06 s\n");
    free(text);
    text = sweep_of(REPORT_SWEEP_QUIET, 0, 1);
    assert_string_equal(text, "1 rows; longest 2.500 days on cr2032, 20 C, every 0.5 s\n");
    free(text);
    text = sweep_of(REPORT_SWEEP_QUIET, 0, 0);
    assert_string_equal(text, "0 rows\n");
    free(text);
    text = sweep_of_rows(ties, REPORT_SWEEP_QUIET, 0, 3);
    assert_string_equal(text, "3 rows; longest 3,653 days on cr2450, 20 C, every 60 s\n");
    free(text);
}

static void test_json(void **unused)
{
    (void)unused;
    for (size_t count = 0; count <= 3; count++) {
        json_error_t error;
        char *text = sweep_of(REPORT_SWEEP_JSON, 0, count);
        json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
        if (!root)
            fail_msg("%s in:\n%s", error.text, text);
        assert_int_equal(json_array_size(root), count);
        json_t *last = json_array_get(root, 2);
        if (last) {
            assert_string_equal(json_string_value(json_object_get(last, "battery")), "a\"b\\");
            assert_true(json_is_null(json_object_get(last, "days")));
            json_t *days = json_object_get(json_array_get(root, 1), "days");
            assert_true(json_is_null(json_object_get(days, "p90")));
            assert_true(json_number_value(json_object_get(days, "p50")) == 20.5);
        }
        json_decref(root);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
