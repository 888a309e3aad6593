/* End to end through the binary: where the cycles of a run went, by cause, operator, function and
 * instruction; the parts are the whole. */
#include "cli_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static long long count_at(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("%s is not an integer", key);
    return json_integer_value(value);
}

static long long sum_of(json_t *causes)
{
    long long sum = 0;
    const char *name;
    json_t *value;
    assert_true(json_is_object(causes));
    json_object_foreach(causes, name, value)
    {
        assert_true(json_integer_value(value) >= 0);
        sum += json_integer_value(value);
    }
    return sum;
}

static void assert_causes_are_the_cycles(json_t *object)
{
    assert_int_equal(sum_of(json_object_get(object, "causes")), count_at(object, "cycles"));
}

static long long sum_over(json_t *list, const char *key)
{
    long long sum = 0;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) sum += count_at(item, key);
    return sum;
}

static json_t *function_named(json_t *run, const char *name)
{
    size_t i;
    json_t *function;
    json_array_foreach(json_object_get(run, "functions"), i, function)
    {
        if (strcmp(json_string_value(json_object_get(function, "name")), name) == 0)
            return function;
    }
    return NULL;
}

/* One invocation: nothing is rounded. */
static void assert_parts_are_the_run(json_t *run)
{
    json_t *inference = json_object_get(run, "inference"), *item, *value;
    json_t *functions = json_object_get(run, "functions");
    const char *cause;
    size_t i;
    assert_causes_are_the_cycles(inference);
    json_array_foreach(json_object_get(run, "layers"), i, item) assert_causes_are_the_cycles(item);
    json_array_foreach(functions, i, item)
    {
        assert_causes_are_the_cycles(item);
        assert_true(i == 0 || count_at(item, "cycles") <=
                                  count_at(json_array_get(functions, i - 1), "cycles"));
    }
    assert_true(json_array_size(functions) > 3);
    assert_int_equal(sum_over(functions, "cycles"), count_at(inference, "cycles"));
    assert_int_equal(sum_over(functions, "instructions"), count_at(inference, "instructions"));
    json_object_foreach(json_object_get(inference, "causes"), cause, value)
    {
        long long sum = 0;
        json_array_foreach(functions, i, item) sum +=
            count_at(json_object_get(item, "causes"), cause);
        assert_int_equal(sum, json_integer_value(value));
    }
    assert_null(function_named(run, "(no function)")); /* all code of the runner has symbols */
}

static void test_parts_are_the_run(void **unused)
{
    (void)unused;
    static const char *const chips[] = {"stm32l4r5", "stm32l4r5@16", "stm32f746", "stm32h7a3",
                                        "stm32u575", "stm32g0b1",    "rp2040"};
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        char line[96];
        snprintf(line, sizeof line, "run ad --json --no-db --mcu %s", chips[i]);
        assert_ok(line);
        json_t *run = parsed();
        assert_parts_are_the_run(run);
        json_decref(run);
    }
}

/* Means are rounded cause by cause; each sum still holds, and functions differ from the whole by no
 * more than their rounding. */
static void test_means(void **unused)
{
    (void)unused;
    json_t *item;
    size_t i;
    write_random("three.bin", 3 * 640, 99);
    assert_ok("run ad --json --no-db --input three.bin");
    json_t *run = parsed(), *inference = json_object_get(run, "inference");
    json_t *functions = json_object_get(run, "functions");
    assert_int_equal(count_at(inference, "invocations"), 3);
    assert_causes_are_the_cycles(inference);
    json_array_foreach(json_object_get(run, "layers"), i, item) assert_causes_are_the_cycles(item);
    json_array_foreach(functions, i, item) assert_causes_are_the_cycles(item);
    long long rounding = (long long)json_array_size(functions) *
                         (long long)json_object_size(json_object_get(inference, "causes"));
    assert_near((double)sum_over(functions, "cycles"), (double)count_at(inference, "cycles"),
                (double)rounding);
    json_decref(run);
}

static void test_show_explains_the_run(void **unused)
{
    (void)unused;
    assert_ok("run ad --explain --db explain.db");
    char *first = strdup(out);
    assert_non_null(strstr(first, "\nWhere the cycles went\n"));
    assert_non_null(strstr(first, "\nload_use "));
    assert_non_null(strstr(first, "load cycles hidden by pipelining"));
    assert_ok("show 1 --explain --db explain.db");
    assert_int_equal(strncmp(out, first, strlen(out)), 0);
    assert_non_null(strstr(out, "hidden by pipelining"));
    free(first);
    assert_ok("show 1 --db explain.db");
    assert_null(strstr(out, "Where the cycles went"));

    /* as a version before this one would have left it */
    execute("explain.db", "DELETE FROM scope_cause; DELETE FROM scope_detail;"
                          "DELETE FROM function_cause; DELETE FROM function");
    assert_ok("show 1 --explain --db explain.db");
    assert_non_null(strstr(out, "stored by a version that did not count causes"));
    assert_null(strstr(out, "load_use"));
    assert_ok("show 1 --json --db explain.db");
    json_t *old = parsed();
    assert_true(json_is_null(at(old, "inference.causes")));
    json_decref(old);
}

/* Cycles of the lines are those of the function; what is executed in one go, as often. */
static void test_annotate(void **unused)
{
    (void)unused;
    size_t i;
    json_t *line;
    assert_ok("run ad --json --no-db --annotate dsp_fully_connected");
    json_t *run = parsed(), *function = function_named(run, "dsp_fully_connected");
    json_t *lines = at(run, "listing.lines");
    assert_non_null(function);
    assert_string_equal(text_at(run, "listing.name"), "dsp_fully_connected");
    assert_int_equal(sum_over(lines, "cycles"), count_at(function, "cycles"));
    assert_int_equal(sum_over(lines, "executions"), count_at(function, "instructions"));
    assert_int_equal(sum_over(lines, "bytes"), count_at(function, "bytes"));
    assert_int_equal(count_at(json_array_get(lines, 0), "executions"), count_at(function, "calls"));
    long long before = -1;
    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(json_object_get(line, "text"));
        long long executions = count_at(line, "executions");
        int branches = text[0] == 'b' || text[0] == 'c' || strstr(text, "pc");
        assert_causes_are_the_cycles(line);
        /* only at a branch or where one leads to do counts change: up to the first one they do not
         */
        if (before >= 0)
            assert_int_equal(executions, before);
        if (branches)
            break;
        before = executions;
    }
    assert_true(i > 2);
    json_decref(run);

    assert_ok("run ad --no-db --annotate dsp_fully_connected");
    assert_non_null(strstr(out, "\ndsp_fully_connected, "));
    assert_non_null(strstr(out, "push"));
    assert_null(strstr(out, "Where the cycles went"));
}

static void test_unknown_functions(void **unused)
{
    (void)unused;
    assert_fails("run ad --no-db --annotate dsp_fuly_connected", 2,
                 "did you mean dsp_fully_connected?");
    assert_fails("run ad --no-db --annotate conv", 2, "dsp_conv");
    assert_fails("run ad --no-db --annotate xyzzyxyzzy", 2, "--explain");
    assert_fails("run ad --no-db --annotate ''", 2, "--annotate");
    assert_fails("run ad --no-db --annotate", 2, "needs a value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_the_run),     cmocka_unit_test(test_means),
        cmocka_unit_test(test_show_explains_the_run), cmocka_unit_test(test_annotate),
        cmocka_unit_test(test_unknown_functions),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
