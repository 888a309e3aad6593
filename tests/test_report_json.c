/* The JSON of a run: the keys are a contract, the sums add up, every number comes through. */
#include "report_sample.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *load(const struct report_run *run)
{
    char *text = report_sample_json(run);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s at line %d of:\n%s", error.text, error.line, text);
    free(text);
    return root;
}

/* "inference.energy_uj.p50"; fails the test when there is none. */
static json_t *at(json_t *root, const char *path)
{
    char part[64];
    json_t *value = root;
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, ".");
        assert_true(n < sizeof part);
        memcpy(part, p, n);
        part[n] = '\0';
        value = json_object_get(value, part);
        if (!value)
            fail_msg("no key %s", path);
        p += n + (p[n] == '.');
    }
    return value;
}

static long long integer_at(json_t *root, const char *path)
{
    json_t *value = at(root, path);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static double real_at(json_t *root, const char *path)
{
    json_t *value = at(root, path);
    assert_true(json_is_real(value));
    return json_real_value(value);
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

static void test_every_key(void **unused)
{
    (void)unused;
    static const char *const keys[] = {"version",
                                       "run_id",
                                       "target.path",
                                       "target.kind",
                                       "target.sha256",
                                       "mcu.name",
                                       "mcu.core",
                                       "mcu.clock_hz",
                                       "mcu.vdd_v",
                                       "kernels",
                                       "inference.instructions",
                                       "inference.cycles",
                                       "inference.cpi",
                                       "inference.latency_ms",
                                       "inference.latency_ms_p10",
                                       "inference.latency_ms_p90",
                                       "inference.cycles_rsd",
                                       "inference.running_ma",
                                       "inference.runner_bytes",
                                       "inference.macs",
                                       "inference.cycles_per_mac",
                                       "inference.energy_uj.p10",
                                       "inference.energy_uj.p50",
                                       "inference.energy_uj.p90",
                                       "inference.energy_parts_uj.static",
                                       "inference.energy_parts_uj.cycles",
                                       "inference.energy_parts_uj.classes",
                                       "inference.energy_parts_uj.memory",
                                       "inference.energy_parts_uj.stalls",
                                       "inference.stall_cycles.fetch",
                                       "inference.stall_cycles.data",
                                       "inference.accesses.flash.reads",
                                       "inference.accesses.flash.writes",
                                       "inference.accesses.sram.read_bytes",
                                       "inference.accesses.sram.write_bytes",
                                       "inference.classes.mac",
                                       "inference.arena_bytes",
                                       "inference.stack_bytes",
                                       "inference.flash_bytes",
                                       "inference.outside.instructions",
                                       "inference.outside.cycles",
                                       "inference.outside.energy_uj",
                                       "layers",
                                       "output.sha256",
                                       "output.tensors",
                                       "life.battery",
                                       "life.scenario",
                                       "life.average_uw",
                                       "life.days.p10",
                                       "life.days.p50",
                                       "life.days.p90",
                                       "life.parts_uw.inference",
                                       "life.parts_uw.sleep",
                                       "life.limited_by",
                                       "life.running_ma",
                                       "life.end_rest_v",
                                       "life.end_loaded_v",
                                       "life.least_v",
                                       "life.charge_left",
                                       "life.limiting_pulse",
                                       "life.energy_neutral",
                                       "life.average_uw_interval.p10",
                                       "life.spread",
                                       "life.steps",
                                       "life.computes",
                                       "life.stream.break_even_bytes",
                                       "life.stream.days.p50",
                                       "life.harvest.income_uw.p50",
                                       "life.harvest.neutral_at.p50",
                                       "inference.energy_spread",
                                       "mcu.regulator",
                                       "docs",
                                       "notes"};
    struct report_run run;
    report_sample(&run, 3, 1);
    json_t *root = load(&run);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        at(root, keys[i]);
    json_t *layer = json_array_get(at(root, "layers"), 0);
    static const char *const layer_keys[] = {"index",        "op",     "name",     "macs",
                                             "instructions", "cycles", "energy_uj"};
    for (size_t i = 0; i < sizeof layer_keys / sizeof layer_keys[0]; i++)
        at(layer, layer_keys[i]);
    json_decref(root);
    report_run_free(&run);
}

static void test_values(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 5, 2);
    run.run_id = 7;
    json_t *root = load(&run);
    const struct sim_counts *c = &run.profile.total;
    assert_int_equal(integer_at(root, "run_id"), 7);
    assert_int_equal(integer_at(root, "inference.instructions"), c->instructions);
    assert_int_equal(integer_at(root, "inference.cycles"), c->cycles);
    assert_int_equal(integer_at(root, "inference.stall_cycles.data"), c->data_stall_cycles);
    assert_int_equal(integer_at(root, "inference.flash_bytes"), 47840);
    assert_int_equal(integer_at(root, "inference.accesses.sram.writes"),
                     c->regions[SIM_REGION_SRAM].writes);
    assert_near(real_at(root, "inference.cpi"), (double)c->cycles / (double)c->instructions);
    assert_near(real_at(root, "inference.latency_ms"), run.energy.latency_s * 1e3);
    assert_near(real_at(root, "inference.energy_uj.p90"), run.energy.total_uj.p90);
    assert_near(real_at(root, "life.days.p10"), run.life.lifetime.days.p10);
    assert_near(real_at(root, "mcu.clock_hz"), 120e6);
    assert_string_equal(json_string_value(at(root, "life.limited_by")), "brown-out");
    assert_null(json_object_get(at(root, "inference.accesses"), "xip"));
    json_decref(root);
    report_run_free(&run);
}

/* layers hold operators only, in order; with what is outside they are the inference. */
static void test_sums(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 8, 3);
    json_t *root = load(&run);
    json_t *layers = at(root, "layers");
    long long instructions = integer_at(root, "inference.outside.instructions");
    long long cycles = integer_at(root, "inference.outside.cycles");
    double energy_uj = real_at(root, "inference.outside.energy_uj");
    assert_true(cycles > 0);
    assert_int_equal(json_array_size(layers), 8);
    for (size_t i = 0; i < json_array_size(layers); i++) {
        json_t *layer = json_array_get(layers, i);
        assert_int_equal(integer_at(layer, "index"), i);
        instructions += integer_at(layer, "instructions");
        cycles += integer_at(layer, "cycles");
        energy_uj += real_at(layer, "energy_uj");
    }
    assert_int_equal(instructions, integer_at(root, "inference.instructions"));
    assert_int_equal(cycles, integer_at(root, "inference.cycles"));
    assert_near(energy_uj, real_at(root, "inference.energy_uj.p50"));
    const char *name;
    json_t *value;
    long long classes = 0;
    json_object_foreach(at(root, "inference.classes"), name, value)
    {
        assert_true(sim_class_from_name(name) >= 0);
        classes += json_integer_value(value);
    }
    assert_int_equal(classes, instructions);
    json_decref(root);
    report_run_free(&run);
}

static void test_output_values(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 1, 4);
    json_t *root = load(&run);
    json_t *tensors = at(root, "output.tensors");
    json_t *bytes = at(json_array_get(tensors, 0), "values");
    assert_int_equal(json_array_size(bytes), 12);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(json_integer_value(json_array_get(bytes, i)),
                         (int8_t)run.outputs[0].bytes[i]);
    json_t *words = at(json_array_get(tensors, 1), "values");
    int32_t word;
    memcpy(&word, run.outputs[1].bytes + 4, 4);
    assert_int_equal(json_array_size(words), 2);
    assert_int_equal(json_integer_value(json_array_get(words, 1)), word);
    json_t *shape = at(json_array_get(tensors, 0), "shape");
    assert_int_equal(json_array_size(shape), 2);
    assert_int_equal(json_integer_value(json_array_get(shape, 1)), 12);
    json_decref(root);
    report_run_free(&run);
}

static void test_numbers_that_do_not_exist(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 1, 5);
    run.life.lifetime.days.p90 = INFINITY;
    run.macs = 0;
    run.energy.parts_uj[0] = -0.0;
    json_t *root = load(&run);
    assert_true(json_is_null(at(root, "life.days.p90")));
    assert_true(json_is_null(at(root, "inference.cycles_per_mac")));
    assert_false(signbit(real_at(root, "inference.energy_parts_uj.static")));
    json_decref(root);
    report_run_free(&run);
}

/* A life that a harvester carries for ever has no number of days. */
static void test_scenario(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 1, 5);
    snprintf(run.life.lifetime.limited_by, SIM_NAME_BYTES, "energy-neutral");
    run.life.lifetime.days = (struct energy_interval){INFINITY, INFINITY, INFINITY};
    run.life.harvest.neutral_at.p90 = INFINITY;
    json_t *root = load(&run);
    assert_true(json_is_true(at(root, "life.energy_neutral")));
    assert_true(json_is_null(at(root, "life.days.p50")));
    assert_true(json_is_null(at(root, "life.harvest.neutral_at.p90")));
    json_t *steps = at(root, "life.steps");
    assert_int_equal(json_array_size(steps), run.life.step_count);
    assert_near(real_at(json_array_get(steps, 1), "average_uw"), run.life.steps[1].uw);
    assert_true(json_is_true(at(json_array_get(steps, 0), "beside")));
    json_t *first = json_array_get(at(root, "life.spread"), 0);
    assert_string_equal(json_string_value(at(first, "input")), "unknown 1 of the life");
    assert_near(real_at(first, "share"), 0.5);
    json_t *docs = at(root, "docs");
    assert_int_equal(json_array_size(docs), 3);
    assert_true(json_is_false(at(json_array_get(docs, 2), "verified")));
    assert_near(real_at(json_array_get(docs, 1), "value"), run.docs.rows[1].value);
    json_decref(root);
    run.life.has_stream = run.life.has_harvest = 0;
    run.life.battery[0] = '\0';
    root = load(&run);
    assert_true(json_is_null(at(root, "life.stream")));
    assert_true(json_is_null(at(root, "life.harvest")));
    json_decref(root);
    report_run_free(&run);
}

static void test_foreign_text(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 1, 6);
    snprintf(run.layers[1].name, sizeof run.layers[1].name, "a\"\\\x01\xFF\xC3");
    snprintf(run.target_path, sizeof run.target_path, "\xE2\x82\xAC.tflite");
    json_t *root = load(&run);
    assert_string_equal(json_string_value(at(json_array_get(at(root, "layers"), 0), "name")),
                        "a\"\\\x01\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_string_equal(json_string_value(at(root, "target.path")), "\xE2\x82\xAC.tflite");
    json_decref(root);
    report_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_output_values),
        cmocka_unit_test(test_numbers_that_do_not_exist),
        cmocka_unit_test(test_scenario),
        cmocka_unit_test(test_foreign_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
