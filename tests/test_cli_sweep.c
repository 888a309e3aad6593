/* End to end: estimate --sweep. */
#include "cli_harness.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    return cli_set_up(state) == 0 && coincell("run ad --quiet --db sweep.db") == 0 ? 0 : -1;
}

/* Each row is the estimate of its conditions. */
static void test_rows_are_estimates(void **unused)
{
    (void)unused;
    assert_ok("estimate 1 --db sweep.db --json --sweep"
              " 'every=1..3600:3,battery=cr2032|aaa2,temperature=0|20'");
    json_t *rows = parsed();
    assert_int_equal(json_array_size(rows), 3 * 2 * 2);
    static const size_t some[] = {0, 5, 10, 11};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        json_t *row = json_array_get(rows, some[i]);
        char line[256];
        snprintf(line, sizeof line,
                 "estimate 1 --db sweep.db --json --battery %s --every %.17g --temperature %.17g "
                 "--vdd %.17g",
                 text_at(row, "battery"), number_at(row, "every_s"),
                 number_at(row, "temperature_c"), number_at(row, "vdd_v"));
        assert_ok(line);
        json_t *one = parsed();
        assert_near(number_at(row, "days.p50"), number_at(one, "life.days.p50"), 1e-5);
        assert_near(number_at(row, "days.p10"), number_at(one, "life.days.p10"), 1e-5);
        assert_near(number_at(row, "days.p90"), number_at(one, "life.days.p90"), 1e-5);
        assert_near(number_at(row, "average_uw"), number_at(one, "life.average_uw"), 1e-5);
        assert_string_equal(text_at(row, "limited_by"), text_at(one, "life.limited_by"));
        json_decref(one);
    }
    json_decref(rows);
}

/* The battery side decides the supply: a sweep of it would be one row many times. */
static void test_vdd(void **unused)
{
    (void)unused;
    assert_fails("estimate 1 --db sweep.db --sweep 'vdd=2.5|3'", 2,
                 "battery and regulator decide the supply");
    assert_ok("estimate 1 --db sweep.db --battery cr2032 --json");
    json_t *usual = parsed();
    assert_ok("estimate 1 --db sweep.db --battery cr2032 --vdd 2.5 --json");
    json_t *asked = parsed();
    assert_near(number_at(asked, "life.days.p50"), number_at(usual, "life.days.p50"), 1e-9);
    json_decref(asked);
    json_decref(usual);
    assert_ok("estimate 1 --db sweep.db --battery cr2032 --vdd 2.5");
    assert_non_null(strstr(out, "--vdd 2.5: the energy is for that supply"));
}

static void test_table(void **unused)
{
    (void)unused;
    assert_ok("estimate 1 --db sweep.db --sweep 'battery=cr2032|aaa2,every=1..100:3'");
    assert_non_null(strstr(out, "run 1: ad on stm32l4r5 at 120 MHz, 20 C\n"));
    assert_non_null(strstr(out,
                           "\nbattery   every s      days       p10       p90        uW limited"
                           " by\n"));
    assert_non_null(strstr(out, "\ncr2032      1.000 "));
    assert_non_null(strstr(out, "\naaa2        100.0 "));
    assert_non_null(strstr(out, "\n6 rows; longest "));
    assert_ok("estimate 1 --db sweep.db --sweep every=1..100:1000 --quiet");
    assert_int_equal(strncmp(out, "1,000 rows; longest ", 20), 0);
}

/* All batteries that fit, none that does not; what cannot work says why in its row. */
static void test_what_cannot_work(void **unused)
{
    (void)unused;
    assert_ok("run ad --mcu apollo4 --battery cr2032_1v8 --quiet --db small.db");
    assert_ok("estimate 1 --db small.db --json --sweep 'battery=*'");
    json_t *rows = parsed(), *row;
    size_t i, with_reason = 0, batteries = json_array_size(rows);
    assert_true(batteries >= 1);
    json_array_foreach(rows, i, row)
    {
        assert_null(json_object_get(row, "why_not"));
        assert_string_not_equal(text_at(row, "battery"), "cr2032"); /* 2.2 V are the most */
    }
    json_decref(rows);
    assert_ok("estimate 1 --db small.db --json --sweep 'battery=cr2032_1v8|cr2032'");
    rows = parsed();
    assert_null(json_object_get(json_array_get(rows, 0), "why_not"));
    assert_non_null(strstr(text_at(json_array_get(rows, 1), "why_not"), "2.2 V"));
    json_decref(rows);
    assert_ok("estimate 1 --db sweep.db --json --sweep 'battery=lipo100|cr2032,every=0.0001|1,"
              "temperature=-55|20'");
    rows = parsed();
    assert_int_equal(json_array_size(rows), 8);
    json_array_foreach(rows, i, row)
    {
        json_t *why = json_object_get(row, "why_not");
        with_reason += why != NULL;
        assert_int_equal(why != NULL, json_is_null(at(row, "days")));
        int works = strcmp(text_at(row, "battery"), "cr2032") == 0 &&
                    number_at(row, "temperature_c") == 20 && number_at(row, "every_s") == 1;
        if (works)
            assert_null(why);
    }
    assert_true(with_reason >= 5 && with_reason <= 7);
    json_decref(rows);
}

static void test_refusals(void **unused)
{
    (void)unused;
    assert_fails("estimate 1 --db sweep.db --sweep every=x", 2, "--sweep every=x");
    assert_fails("estimate 1 --db sweep.db --sweep evry=1", 2, "did you mean every?");
    assert_fails("estimate 1 --db sweep.db --sweep battery=cr2302", 3, "cr2032");
    assert_fails("estimate 9 --db sweep.db --sweep every=1", 5, "no run 9");
    assert_fails("estimate 1 --db sweep.db --quiet", 2, "--quiet");
    assert_fails("estimate --ops 3 --sweep every=1", 2, "--sweep");
}

/* A reader that closes the pipe ends it, however long it would go on. */
static void test_closed_pipe(void **unused)
{
    (void)unused;
    assert_int_equal(shell("$B estimate 1 --db sweep.db --sweep every=1..100:1000000 | head -5"),
                     0);
    assert_string_equal(err, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_estimates),
        cmocka_unit_test(test_vdd),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_what_cannot_work),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_closed_pipe),
    };
    return cmocka_run_group_tests(tests, set_up, cli_tear_down);
}
