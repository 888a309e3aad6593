/* End to end: names of users' files, scenarios of others' runs, files that must not be replaced. */
#include "cc_file.h"
#include "cli_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void write_text(const char *path, const char *text)
{
    assert_int_equal(cc_file_write(path, text, strlen(text), NULL), CC_OK);
}

static void write_scenario(const char *path, const char *name, const char *more)
{
    char text[1024];
    snprintf(text, sizeof text,
             "name: \"%s\"\n"
             "description: \"a device of the tests\"\n"
             "source: \"chosen\"\n"
             "verified: no\n"
             "target: ad\n"
             "mcu: stm32l4r5@80\n"
             "battery: cr2032\n"
             "period_s: 10\n"
             "%s"
             "steps:\n"
             "  - sensor: {name: ./sensor.yaml, duration_s: 0.5}\n"
             "  - compute: fibonacci\n"
             "  - infer: target\n",
             name, more);
    write_text(path, text);
}

/* The sensor's name ends within a character when it is made a part's name. */
static int set_up(void **state)
{
    if (cli_set_up(state) != 0)
        return -1;
    write_text("sensor.yaml",
               "name: \"xöööööööööööööööööööööööööööö\"\n"
               "description: \"a sensor of the tests\"\n"
               "kind: environment\n"
               "vdd_v: {value: 3, rsd: 0, verified: no, source: \"chosen\"}\n"
               "vdd_exponent: {value: 1, rsd: 0, verified: no, source: \"chosen\"}\n"
               "least_v: {value: 1.6, rsd: 0, verified: no, source: \"chosen\"}\n"
               "standby_ua: {value: 1, rsd: 0, verified: no, source: \"chosen\"}\n"
               "start_ms: {value: 1, rsd: 0, verified: no, source: \"chosen\"}\n"
               "modes:\n"
               "  - mode: on\n"
               "    active_ua: {value: 100, rsd: 0, verified: no, source: \"chosen\"}\n");
    write_scenario("foreign.yaml", "a\\e[31mred\\nline\\x7F", "");
    return coincell("run --scenario foreign.yaml --quiet --db foreign.db") == 0 ? 0 : -1;
}

/* Names cut within a character are still names in JSON. */
static void test_long_names(void **unused)
{
    (void)unused;
    assert_ok("show 2 --db foreign.db --json");
    json_t *run = parsed();
    const char *name;
    json_t *value;
    int sensors = 0;
    json_object_foreach(at(run, "life.parts_uw"), name, value) sensors +=
        strncmp(name, "sensor x", 8) == 0;
    assert_true(sensors > 0);
    json_decref(run);
}

static void assert_plain_text(void)
{
    for (const char *c = out; *c; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7F)
            fail_msg("a control character in:\n%s", c);
    }
}

/* A name cannot steer the terminal. */
static void test_control_characters(void **unused)
{
    (void)unused;
    assert_ok("show 2 --db foreign.db");
    assert_plain_text();
    assert_ok("estimate 2 --db foreign.db --sweep every=20");
    assert_plain_text();
    assert_non_null(strstr(out, "a?[31mred?line?"));
}

/* A row tells its period also when its steps do not fit it. */
static void test_period_of_a_row(void **unused)
{
    (void)unused;
    assert_ok("estimate 2 --db foreign.db --every 0.25 --json --sweep battery=cr2032");
    json_t *rows = parsed();
    json_t *row = json_array_get(rows, 0);
    assert_non_null(strstr(text_at(row, "why_not"), "more than the period of 0.25 s"));
    assert_near(number_at(row, "every_s"), 0.25, 1e-12);
    json_decref(rows);
    /* before the emulation the core's steps take no time that could be told */
    assert_fails("run --scenario foreign.yaml --every 0.25 --no-db", 2, "./sensor.yaml 0.501 s),");
    assert_ok("estimate 2 --db foreign.db --json --vdd 9 --sweep battery=cr2032");
    rows = parsed();
    assert_near(number_at(json_array_get(rows, 0), "every_s"), 10, 1e-12);
    json_decref(rows);
}

/* --buffer of a stored run is that of its device, not of another scenario's. */
static void test_buffer(void **unused)
{
    (void)unused;
    write_scenario("buffered.yaml", "buffered", "buffer: {capacitance_uf: 50}\n");
    assert_ok("run ad --mcu stm32l4r5@80 --buffer 1000 --quiet --db buffer.db");
    assert_ok("run fibonacci --mcu stm32l4r5@80 --quiet --db buffer.db");
    assert_ok("estimate 1 --db buffer.db --json");
    json_t *run = parsed();
    assert_near(number_at(run, "life.buffer_uf"), 1000, 1e-12);
    json_decref(run);
    assert_ok("estimate 1 --db buffer.db --scenario buffered.yaml --json");
    run = parsed();
    assert_true(json_is_null(at(run, "life.buffer_uf")));
    json_decref(run);
    assert_ok("estimate 1 --db buffer.db --scenario buffered.yaml --buffer 20 --json");
    run = parsed();
    assert_near(number_at(run, "life.buffer_uf"), 20, 1e-12);
    json_decref(run);
}

/* Tools that delete a run without minding references leave a link to nothing. */
static void test_computation_is_gone(void **unused)
{
    (void)unused;
    assert_ok("run --scenario foreign.yaml --quiet --db gone.db");
    execute("gone.db", "PRAGMA foreign_keys = OFF; DELETE FROM run WHERE run_id = 1");
    assert_ok("show 2 --db gone.db --json");
    json_t *run = parsed();
    assert_int_equal(number_at(json_array_get(at(run, "life.computes"), 0), "run_id"), 0);
    json_decref(run);
    assert_fails("estimate 2 --db gone.db", 3, "count it with coincell run fibonacci");
    assert_ok("run fibonacci --mcu stm32l4r5@80 --quiet --db gone.db");
    assert_ok("estimate 2 --db gone.db --json");
    run = parsed();
    assert_int_equal(number_at(json_array_get(at(run, "life.computes"), 0), "run_id"), 3);
    json_decref(run);
}

/* What a scenario names is not replaced either. */
static void test_output(void **unused)
{
    (void)unused;
    char *text = NULL;
    assert_int_equal(shell("cp " CC_SOURCE_DIR "/models/zoo/ad.yaml net.yaml"), 0);
    write_text("named.yaml", "name: named\n"
                             "description: \"a device of the tests\"\n"
                             "source: \"chosen\"\n"
                             "verified: no\n"
                             "target: ./net.yaml\n"
                             "mcu: stm32l4r5\n"
                             "battery: cr2032\n"
                             "period_s: 10\n"
                             "steps:\n"
                             "  - infer: target\n");
    assert_fails("run --scenario named.yaml --no-db --quiet --output net.yaml", 2,
                 "the same file as ./net.yaml");
    slurp("net.yaml", &text);
    assert_non_null(strstr(text, "name:"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_names),          cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_period_of_a_row),     cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_computation_is_gone), cmocka_unit_test(test_output),
    };
    return cmocka_run_group_tests(tests, set_up, cli_tear_down);
}
