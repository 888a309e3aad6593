/* The text of a run: every number that a reader looks for, columns that line up, and names from
 * files that cannot harm a terminal. */
#include "report_format.h"
#include "report_sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void use_locale(const char *value)
{
    setenv("LC_ALL", value, 1);
}

/* Columns of a line: one per character that is not a UTF-8 continuation byte. */
static unsigned columns(const char *line, size_t bytes)
{
    unsigned n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)line[i] & 0xC0) != 0x80;
    return n;
}

static unsigned widest(const char *text)
{
    unsigned most = 0;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        unsigned c = columns(p, n);
        most = c > most ? c : most;
        p += n + (p[n] == '\n');
    }
    return most;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_numbers(void **unused)
{
    (void)unused;
    char b[REPORT_FORMAT_BYTES];
    assert_string_equal(report_thousands(b, 0), "0");
    assert_string_equal(report_thousands(b, 999), "999");
    assert_string_equal(report_thousands(b, 1000), "1,000");
    assert_string_equal(report_thousands(b, 1234567), "1,234,567");
    assert_string_equal(report_thousands(b, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(report_si(b, 0), "0");
    assert_string_equal(report_si(b, 999), "999");
    assert_string_equal(report_si(b, 2656768), "2.657 M");
    assert_string_equal(report_si(b, 999999), "1.000 M");
    assert_string_equal(report_si(b, 72000), "72.00 k");
    assert_string_equal(report_number(b, 0), "0");
    assert_string_equal(report_number(b, 588.94), "588.9");
    assert_string_equal(report_number(b, 999.96), "1,000");
    assert_string_equal(report_number(b, 5121.4), "5,121");
    assert_string_equal(report_number(b, 0.1234), "0.123");
    assert_string_equal(report_number(b, 0.00123), "0.0012");
    assert_string_equal(report_number(b, 1.5e-7), "1.5e-07");
    assert_string_equal(report_number(b, -3.25), "-3.250");
    assert_string_equal(report_number(b, INFINITY), "unlimited");
    assert_string_equal(report_number(b, NAN), "unknown");
}

static void test_bars(void **unused)
{
    (void)unused;
    char b[REPORT_FORMAT_BYTES];
    assert_string_equal(report_bar(b, 0.5, 10, 0), "#####");
    assert_string_equal(report_bar(b, 1.0, 4, 1), "████");
    assert_string_equal(report_bar(b, 0.5, 1, 1), "▌");
    assert_string_equal(report_bar(b, 0.0, 10, 1), "");
    assert_string_equal(report_bar(b, NAN, 10, 1), "");
    assert_string_equal(report_bar(b, 7.0, 3, 0), "###");
    assert_int_equal(columns(b, strlen(report_bar(b, 1.0, 1000, 1))), 40);
}

static void test_foreign_text(void **unused)
{
    (void)unused;
    char b[16];
    assert_string_equal(report_printable(b, sizeof b, "a\x1b[2Jb\tc", 1), "a?[2Jb?c");
    assert_string_equal(report_printable(b, sizeof b,
                                         "\xC2\x9B"
                                         "1m",
                                         1),
                        "?1m");
    assert_string_equal(report_printable(b, sizeof b, "\xC3\xA9", 1), "\xC3\xA9");
    assert_string_equal(report_printable(b, sizeof b, "\xC3\xA9", 0), "?");
    assert_string_equal(report_valid_utf8(b, sizeof b, "x\xFFy"), "x\xEF\xBF\xBDy");
    assert_string_equal(report_valid_utf8(b, sizeof b, "\xED\xA0\x80"),
                        "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(report_valid_utf8(b, sizeof b, "\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(report_valid_utf8(b, sizeof b, "end\xE2\x82"),
                        "end\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(report_valid_utf8(b, 5, "abc\xE2\x82\xAC"), "abc");
    assert_string_equal(report_valid_utf8(b, sizeof b, "\xF0\x9F\x94\x8B"), "\xF0\x9F\x94\x8B");
}

static void test_locale(void **unused)
{
    (void)unused;
    setenv("LANG", "C.UTF-8", 1);
    use_locale("C");
    assert_false(report_utf8_terminal());
    use_locale("en_US.utf8");
    assert_true(report_utf8_terminal());
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    assert_true(report_utf8_terminal());
    unsetenv("LANG");
    assert_false(report_utf8_terminal());
}

static void test_contents(void **unused)
{
    (void)unused;
    struct report_run run;
    char number[REPORT_FORMAT_BYTES];
    report_sample(&run, 3, 1);
    run.run_id = 42;
    use_locale("C");
    char *text = report_sample_text(&run, 80);
    assert_has(text, "coincell 0.1.0, run 42");
    assert_has(text, "sample (tflite, sha256 aaaaaaaaaaaa)");
    assert_has(text, "testchip at 120 MHz and 1.8 V: a chip of the test");
    assert_has(text, "DEPTHWISE_CONV_2D");
    assert_has(text, " 25x5x64 ");
    assert_has(text, "(dispatch)");
    assert_has(text, report_thousands(number, run.profile.total.cycles));
    assert_has(text, report_number(number, run.energy.total_uj.p10));
    assert_has(text, report_number(number, run.energy.total_uj.p90));
    assert_has(text, "uJ per inference");
    assert_has(text, "self-discharge");
    assert_has(text, "17,144 of 655,360 bytes, 2.6%");
    assert_has(text, "limited by brown-out: radio sample, 8.67 mA at ");
    assert_has(text, "weights are pseudo-random");
    assert_has(text, "current   8.33 mA while running at 1.8 V (15.0 mW)");
    assert_has(text, "taken as +-3.33 %");
    assert_has(text, "17,001 runner and kernels");
    assert_has(text, "30,839 program, of which 24,376 weights");
    assert_has(text, "33% of its charge is left");
    assert_has(text, "note      too much for this cell");
    assert_has(text, "5 wait states");
    assert_null(strstr(text, "mean of"));
    assert_null(strstr(text, "\x1b"));
    for (const char *p = text; *p; p++)
        assert_true((unsigned char)*p < 0x80);
    free(text);

    run.profile.invocations = 7;
    run.run_id = 0;
    text = report_sample_text(&run, 80);
    assert_has(text, "mean of 7 invocations");
    assert_null(strstr(text, ", run "));
    free(text);
    report_run_free(&run);
}

/* All rows of the table end in the same column up to the bar. */
static void test_widths(void **unused)
{
    (void)unused;
    static const unsigned widths[] = {0, 80, 100, 120, 10000};
    struct report_run run;
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        for (int utf8 = 0; utf8 < 2; utf8++) {
            use_locale(utf8 ? "C.UTF-8" : "C");
            report_sample(&run, 99, (uint32_t)i + 5);
            char *text = report_sample_text(&run, widths[i]);
            unsigned limit = widths[i] < 80 ? 80 : widths[i] > 120 ? 120 : widths[i];
            assert_true(widest(text) <= limit);
            if (utf8)
                assert_has(text, "█");
            free(text);
            report_run_free(&run);
        }
    }
}

static void test_table_lines_up(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 20, 9);
    use_locale("C");
    char *text = report_sample_text(&run, 100);
    char *line = strstr(text, " # operator");
    assert_non_null(line);
    size_t end = strcspn(line, "\n"); /* the heading ends with the share column */
    for (int row = 0; row < 24; row++) {
        if (line[0] != '-')
            assert_true(row == 0 || line[end - 1] == '%');
        else
            assert_int_equal(strcspn(line, "\n"), end);
        line += strcspn(line, "\n") + 1;
    }
    free(text);
    report_run_free(&run);
}

/* A run without anything divisible: no operators, no cycles, no memory sizes. */
static void test_empty_run(void **unused)
{
    (void)unused;
    struct report_run run;
    memset(&run, 0, sizeof run);
    char *text = report_sample_text(&run, 80);
    assert_has(text, "total");
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, " inf "));
    free(text);
}

/* The line of a text that begins so; fails when there is none. */
static const char *line_of(const char *text, const char *begin)
{
    const char *found = strstr(text, begin);
    if (!found)
        fail_msg("no \"%s\" in:\n%s", begin, text);
    while (found > text && found[-1] != '\n')
        found--;
    return found;
}

static void test_scenario(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 2, 6);
    use_locale("C");
    char *text = report_sample_text(&run, 80);
    assert_has(text, "on cr2032 with 100 uF, one inference every 1 s, 20 C");
    assert_has(text, "spread    measure first: unknown 1 of the energy (50%), unknown 2 of the");
    assert_has(text, "spread    measure first: unknown 1 of the life (50%), unknown 2 of the life");
    assert_has(text, "            compute mel40 ");
    assert_has(text, "steps       of a period              times     each   uJ each   mean uW\n");
    assert_int_equal(strncmp(line_of(text, "step 0"), "          + step 0 ", 19), 0);
    assert_int_equal(strncmp(line_of(text, "step 3"), "            step 3 ", 19), 0);
    assert_has(text, "a period of 1 s, the core awake for 143 ms of it; + runs beside the");
    assert_has(text,
               "stream    sending the raw 32,000 bytes of a period by sample takes 333.3 uJ,");
    assert_has(text, "computing is cheaper");
    assert_has(text, "fewer than 3,520 raw bytes");
    assert_has(text, "streaming: 2.00 days (p10 1.00, p90 3.00), 340.0 uW on average");
    assert_has(text, "harvest   pv-sample at 500 lux, 10 h per day: 100.0 uW into the battery on");
    assert_has(text, "energy-neutral above 230 lux (p10 200, p90 260)");
    assert_has(text, "take 2.000 J out of the store");
    free(text);
    snprintf(run.life.harvest.unit, sizeof run.life.harvest.unit, "m");
    run.life.harvest.neutral_at.p90 = INFINITY;
    text = report_sample_text(&run, 80);
    assert_has(text, "energy-neutral up to 230 m (p10 200, p90 never)");
    free(text);
    run.life.stream.possible = 0;
    run.life.stream.break_even_bytes = 0;
    run.life.steps[3].uj = 52362894;
    snprintf(run.life.stream.why_not, sizeof run.life.stream.why_not, "too slow");
    run.life.harvest.neutral_at.p50 = INFINITY;
    snprintf(run.life.lifetime.limited_by, SIM_NAME_BYTES, "energy-neutral");
    text = report_sample_text(&run, 80);
    assert_has(text, "sample cannot send the raw 32,000 bytes of a period: too slow");
    assert_null(strstr(text, "streaming:"));
    assert_has(text, "never energy-neutral");
    assert_has(text, "energy-neutral: the harvester carries the load until the store");
    assert_has(text, "break-even: sending raw data is never cheaper");
    assert_has(text, "  52.36 J ");
    free(text);
    run.life.stream.break_even_bytes = 481.8;
    run.life.stream.break_even_uj = 0;
    text = report_sample_text(&run, 80);
    assert_has(text, "fewer than 481.8 raw bytes");
    assert_has(text, "even if computing took");
    assert_null(strstr(text, "up to 0"));
    free(text);
    run.life.battery[0] = '\0';
    text = report_sample_text(&run, 80);
    assert_null(strstr(text, "\nlife "));
    assert_null(strstr(text, "harvest"));
    free(text);
    report_run_free(&run);
}

static void test_docs(void **unused)
{
    (void)unused;
    struct report_run run;
    char *text = NULL;
    size_t size = 0;
    report_sample(&run, 2, 6);
    run.docs.rows[0].value = 1.25;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_docs(&run, out, 80, NULL), CC_OK);
    fclose(out);
    assert_has(text, "Inputs: 3 figures, 1 of them unverified\n\nenergy/chips/sample.yaml\n");
    assert_has(text, "  sleep_modes[0].current_ua                            1.25  +-3.33%  ver");
    assert_has(text, "      a document of the test, table 0\n  sleep_modes[2].current_ua");
    assert_has(text, "\nenergy/radios/sample.yaml\n  sleep_modes[1]");
    assert_has(text, "unverified\n      a document of the test, table 2\n");
    assert_true(widest(text) <= 80);
    free(text);
    report_run_free(&run);
}

static void test_durations(void **unused)
{
    (void)unused;
    static const struct {
        double s;
        const char *text;
    } rows[] = {{0, "-"},         {1e-6, "1 us"},        {0.00521, "5.21 ms"}, {0.9996, "1 s"},
                {1, "1 s"},       {900, "15 min"},       {7200, "2 h"},        {86400, "24 h"},
                {864000, "10 d"}, {INFINITY, "for ever"}};
    char b[REPORT_FORMAT_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(report_duration(b, rows[i].s), rows[i].text);
}

static void test_endless_life(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 1, 3);
    run.life.lifetime.days = (struct energy_interval){1000.0, 2000.0, INFINITY};
    char *text = report_sample_text(&run, 80);
    assert_has(text, "2,000 days (5.5 years) (p10 1,000, p90 unlimited)");
    free(text);
    report_run_free(&run);
}

static void test_broken_runs_are_refused(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    report_sample(&run, 2, 4);
    run.energy.scope_count--;
    assert_int_equal(report_text(&run, stderr, 80, &err), CC_ERR_INTERNAL);
    assert_non_null(strstr(err.message, "3 scopes"));
    run.energy.scope_count++;
    run.note_count = 99;
    assert_int_equal(report_json(&run, stderr, &err), CC_ERR_INTERNAL);
    run.note_count = 2;
    report_run_free(&run);
}

static void test_full_disk(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    report_sample(&run, 2, 4);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(report_text(&run, full, 80, &err), CC_ERR_INTERNAL);
    assert_non_null(strstr(err.message, "could not be written"));
    assert_int_equal(report_json(&run, full, &err), CC_ERR_INTERNAL);
    fclose(full);
    report_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_foreign_text),   cmocka_unit_test(test_locale),
        cmocka_unit_test(test_contents),       cmocka_unit_test(test_widths),
        cmocka_unit_test(test_table_lines_up), cmocka_unit_test(test_empty_run),
        cmocka_unit_test(test_endless_life),   cmocka_unit_test(test_broken_runs_are_refused),
        cmocka_unit_test(test_full_disk),      cmocka_unit_test(test_scenario),
        cmocka_unit_test(test_docs),           cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
