/* coincell calibrate as a user runs it. */
#include "cli_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_text(void **state)
{
    (void)state;
    assert_ok("calibrate ra6m4");
    assert_non_null(strstr(out, "core.cycle_pj"));
    assert_non_null(strstr(out, "left out"));
    assert_non_null(strstr(out, "nothing; --output FILE writes the prices, as for "
                                "energy/prices/ra6m4.yaml"));
}

static void test_json(void **state)
{
    (void)state;
    assert_ok("calibrate ra6m4 --json");
    json_t *c = parsed();
    assert_string_equal(text_at(c, "chip"), "ra6m4");
    assert_true(number_at(c, "median_residual") < 0.05);
    assert_int_equal(json_array_size(at(c, "rows")), (size_t)number_at(c, "fitted"));
    assert_true(json_array_size(at(c, "prices")) > 30);
    json_decref(c);
}

/* A user's own board: written, loaded with a copy of the chip, priced. */
static void test_own_board(void **state)
{
    (void)state;
    char *text = NULL;
    write_text("mine.yaml",
               "name: mine\ndescription: my board\nchip: stm32l4r5\ngroups:\n"
               "  - name: bench\n    source: \"ammeter, 3 May\"\n    verified: yes\n"
               "    common_rsd: 0.02\n    vdd_v: 3.3\n    rows:\n"
               "      - {workload: coremark-like, mhz: 80, current_ma: 12.5}\n"
               "      - {workload: mac-int8, mhz: 80, ua_per_mhz: 180}\n"
               "      - {workload: while1, mhz: 120, power_mw: 52}\n"
               "      - {workload: sleep, mhz: 120, current_ua: 5200}\n"
               "      - {workload: coremark-like, mhz: 24, range: range2, current_ma: 2.9, "
               "held_out: yes}\n");
    assert_ok("calibrate ./mine.yaml --output prices.yaml");
    assert_non_null(strstr(out, "written   prices.yaml"));
    assert_non_null(strstr(out, "held out"));
    slurp("prices.yaml", &text);
    assert_non_null(strstr(text, "4 of 5 rows of mine.yaml."));
    assert_non_null(strstr(text, "name: stm32l4r5"));
    assert_ok("calibrate ra6m4 --output prices.yaml");
    slurp("prices.yaml", &text);
    assert_non_null(strstr(text, "energy/measurements/ra6m4.yaml"));
    assert_int_equal(shell("mkdir -p my/energy/prices"), 0);
    assert_ok("calibrate ./mine.yaml --output my/energy/prices/stm32l4r5.yaml");
    assert_int_equal(shell("COINCELL_DATA=my $B run ad --no-db >own.txt"), 0);
    slurp("own.txt", &text);
    assert_non_null(strstr(text, "mine.yaml"));
    free(text);
}

#define BENCH                                                                                      \
    "name: mine\ndescription: my board\nchip: ra6m4\ngroups:\n  - name: bench\n"                   \
    "    source: \"ammeter, 3 May\"\n    verified: yes\n    common_rsd: 0.02\n"

/* uA typed as mA: told, row by row. */
static void test_unit(void **state)
{
    (void)state;
    write_text("unit.yaml", BENCH "    vdd_v: 3.3\n    rows:\n"
                                  "      - {workload: while1, mhz: 200, current_ma: 18}\n"
                                  "      - {workload: coremark-like, mhz: 200, current_ma: 20}\n"
                                  "      - {workload: mac-int8, mhz: 200, current_ma: 21000}\n");
    assert_fails("calibrate ./unit.yaml", 3, "current_ma");
    write_text("unit.yaml", BENCH "    vdd_v: 3.3\n    rows:\n"
                                  "      - {workload: while1, mhz: 200, current_ma: 18}\n"
                                  "      - {workload: coremark-like, mhz: 200, current_ma: 20}\n"
                                  "      - {workload: mac-int8, mhz: 200, current_ma: 8100}\n");
    assert_ok("calibrate ./unit.yaml");
    assert_non_null(strstr(out, "warning   "));
    assert_non_null(strstr(out, "line 13: -"));
    assert_non_null(strstr(out, "check its unit"));
}

static void test_missing(void **state)
{
    (void)state;
    write_text("missing.yaml", BENCH "    rows:\n"
                                     "      - {workload: while1, mhz: 200, current_ma: 18}\n");
    assert_fails("calibrate ./missing.yaml", 3, "vdd_v: is missing");
    write_text("missing.yaml", BENCH "    rows:\n"
                                     "      - {workload: while1, vdd_v: 3, current_ma: 18}\n");
    assert_fails("calibrate ./missing.yaml", 3, "mhz: is missing");
}

/* One row is known, nothing of how well it would be predicted. */
static void test_one_row(void **state)
{
    (void)state;
    assert_ok("calibrate rp2040");
    assert_non_null(strstr(out, "left out  unknown"));
    assert_ok("calibrate rp2040 --json --output \"$(printf 'prices\\377.yaml')\"");
    json_t *c = parsed();
    assert_true(json_is_null(at(c, "median_left_out")));
    assert_string_equal(text_at(c, "output"), "prices\xEF\xBF\xBD.yaml");
    json_decref(c);
}

static void test_refused(void **state)
{
    (void)state;
    assert_fails("calibrate", 2, "MEASUREMENTS is missing");
    assert_fails("calibrate ra6m4 rp2040", 2, "one file at a time");
    assert_fails("calibrate ra6m5", 3, "ra6m4");
    write_text("bad.yaml", "name: bad\ndescription: bad\nchip: stm32l4r5\ngroups:\n"
                           "  - name: bench\n    source: \"test\"\n    verified: yes\n"
                           "    common_rsd: 0\n    vdd_v: 3\n    rows:\n"
                           "      - {workload: coremark, mhz: 80, current_ma: 12.5}\n");
    assert_fails("calibrate ./bad.yaml", 3, "bad.yaml:11");
    assert_fails("calibrate ./bad.yaml", 3, "did you mean coremark-like?");
    assert_fails("calibrate ./bad.yaml --output bad.yaml", 2, "file of the measurements");
    assert_fails("calibrate ra6m4 --output no/such/folder.yaml", 3, "no/such/folder.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_json),
        cmocka_unit_test(test_own_board), cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_unit),
        cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
