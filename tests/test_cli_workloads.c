/* Built-in workloads as targets of the command line. */
#include "cli_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_run(void **state)
{
    (void)state;
    assert_ok("run prime --mcu stm32u575 --db w.db --json");
    json_t *run = parsed();
    assert_string_equal(text_at(run, "target.kind"), "workload");
    assert_string_equal(text_at(run, "target.path"), "prime");
    assert_int_equal(strlen(text_at(run, "target.sha256")), 64);
    assert_string_equal(text_at(run, "kernels"), "-");
    json_t *layers = at(run, "layers");
    assert_int_equal(json_array_size(layers), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(layers, 0), "op")),
                        "prime");
    assert_true(number_at(run, "inference.classes.div") > 10000);
    assert_true(number_at(run, "inference.energy_uj.p50") > 0);
    json_decref(run);
    /* what is stored is what was printed */
    assert_ok("show 1 --db w.db --json");
    run = parsed();
    assert_string_equal(text_at(run, "target.kind"), "workload");
    json_decref(run);
    assert_ok("show 1 --db w.db --explain");
    assert_non_null(strstr(out, "is_prime"));
    assert_ok("estimate 1 --db w.db --battery aaa2");
}

static void test_annotate(void **state)
{
    (void)state;
    assert_ok("run prime --no-db --annotate is_prime");
    assert_non_null(strstr(out, "udiv"));
    assert_fails("run prime --no-db --annotate is_prim", 2, "is_prime");
}

static void test_refused(void **state)
{
    (void)state;
    assert_fails("run prime --no-db --kernels dsp", 2, "prime is a workload, which has no kernels");
    assert_fails("run prime --no-db --input x", 2, "--input");
    assert_fails("run prime --no-db --output x", 2, "--output");
    assert_fails("run prime --no-db --mcu stm32l476@81", 2, "81");
    assert_fails("run prime --no-db --max-instructions 100", 4, "instructions");
}

static void test_list(void **state)
{
    (void)state;
    assert_ok("list workloads --json");
    json_t *list = parsed();
    assert_true(json_array_size(list) >= 13);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "kind")),
                        "calibration");
    json_decref(list);
    assert_ok("list workloads");
    assert_non_null(strstr(out, "coremark-like"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_annotate),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
