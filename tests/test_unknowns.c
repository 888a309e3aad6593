/* Unknowns: spreads, names, and which of them matter most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "energy_unknown.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct energy_unknowns set;

static int clear(void **state)
{
    (void)state;
    set.count = 0;
    return 0;
}

static void test_spreads(void **state)
{
    (void)state;
    assert_int_equal(energy_unknown_add(&set, "a", .3), 0);
    assert_float_equal(set.list[0].log_up, sqrt(log(1.09)), 1e-12);
    assert_float_equal(set.list[0].log_down, set.list[0].log_up, 0);
    assert_int_equal(energy_unknown_add_range(&set, "b", 5, 10, 40), 1);
    /* p10 and p90 of the range come back */
    assert_float_equal(10 * energy_unknown_factor(&set.list[1], -1.2815515655446004), 5, 1e-9);
    assert_float_equal(10 * energy_unknown_factor(&set.list[1], 1.2815515655446004), 40, 1e-9);
    assert_float_equal(energy_unknown_factor(&set.list[1], 0), 1, 0);
    assert_int_equal(energy_unknown_add_range(&set, "one-sided", 10, 10, 20), 2);
    assert_float_equal(energy_unknown_factor(&set.list[2], -3), 1, 0);
    assert_int_equal(energy_unknown_add_log(&set, "c", -.2), 3);
    assert_float_equal(set.list[3].log_up, .2, 0);
}

static void test_names_and_limits(void **state)
{
    (void)state;
    assert_int_equal(energy_unknown_add(&set, "nothing", 0), -1);
    assert_int_equal(energy_unknown_add_range(&set, "nothing", 7, 7, 7), -1);
    assert_int_equal(energy_unknown_add_log(&set, "nothing", NAN), -1);
    assert_int_equal(set.count, 0);
    assert_int_equal(energy_unknown_add(&set, "sleep", .3), 0);
    assert_int_equal(energy_unknown_add(&set, "wake", .3), 1);
    assert_int_equal(energy_unknown_add(&set, "sleep", .3), 0); /* one unknown, not two */
    char name[2 * ENERGY_UNKNOWN_NAME_BYTES];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(energy_unknown_add(&set, name, .1), 2);
    assert_int_equal(energy_unknown_add(&set, name, .1), 2);
    for (int i = 3; i < ENERGY_MAX_UNKNOWNS; i++) {
        snprintf(name, sizeof name, "number %d", i);
        assert_int_equal(energy_unknown_add(&set, name, .1), i);
    }
    assert_int_equal(energy_unknown_add(&set, "one too many", .1), -1);
    assert_int_equal(set.count, ENERGY_MAX_UNKNOWNS);
}

static void test_top(void **state)
{
    (void)state;
    struct energy_spread top[ENERGY_TOP_SPREADS];
    const double effects[] = {.1, -.4, 0, .2, .2};
    const double none[] = {0, 0, 0, 0, 0};
    const char *const names[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; i++)
        energy_unknown_add(&set, names[i], .5);
    energy_spread_top(&set, effects, top);
    assert_string_equal(top[0].name, "b");
    assert_string_equal(top[1].name, "d");
    assert_string_equal(top[2].name, "e");
    assert_float_equal(top[0].share, .16 / .25, 1e-12);
    assert_float_equal(top[2].share, .04 / .25, 1e-12);
    energy_spread_top(&set, none, top);
    assert_string_equal(top[0].name, "");
    assert_float_equal(top[0].share, 0, 0);
    set.count = 1;
    energy_spread_top(&set, effects, top);
    assert_float_equal(top[0].share, 1, 1e-12);
    assert_string_equal(top[1].name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_spreads, clear),
        cmocka_unit_test_setup(test_names_and_limits, clear),
        cmocka_unit_test_setup(test_top, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
