/* End to end through the binary: what a user types, what comes out, what the exit code says. */
#include "cli_harness.h"

#include "cc_file.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* No line of the last output is wider, or blank but not empty. */
static void assert_fits(size_t width)
{
    for (const char *line = out; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t n = strcspn(line, "\n");
        if (n > width || (n > 0 && strspn(line, " ") >= n))
            fail_msg("%zu columns: \"%.*s\"", n, (int)n, line);
    }
}

static void test_help_and_version(void **unused)
{
    (void)unused;
    static const char *const commands[] = {"run", "show", "history", "estimate", "list"};
    assert_ok("--version");
    assert_int_equal(strncmp(out, "coincell ", 9), 0);
    assert_ok("--help");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char line[64];
        assert_ok("--help");
        assert_non_null(strstr(out, commands[i]));
        snprintf(line, sizeof line, "%s --help", commands[i]);
        assert_ok(line);
        assert_non_null(strstr(out, "--json"));
        assert_fits(80);
    }
    assert_ok("--help");
    assert_fits(80);
    assert_ok("estimate --help");
    assert_non_null(strstr(out, "napkin is an estimate without a run"));
    assert_ok("run -h");
    assert_non_null(strstr(out, "Usage: coincell run [OPTION...] [TARGET]\n"));
    static const char *const lists[] = {"mcus",      "kernels",    "models",     "workloads",
                                        "batteries", "regulators", "harvesters", "radios",
                                        "sensors",   "scenarios"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "list %s", lists[i]);
        assert_ok(line);
        assert_fits(80);
    }
}

static void test_wrong_usage(void **unused)
{
    (void)unused;
    assert_fails("", 2, "no command");
    assert_fails("rnu kws", 2, "did you mean run?");
    assert_fails("hsitory", 2, "did you mean history?");
    assert_fails("--frob", 2, "unknown option");
    assert_fails("run", 2, "TARGET is missing");
    assert_fails("run ad ic", 2, "one TARGET");
    assert_fails("run ''", 2, "TARGET");
    assert_fails("run ad --batery cr2032", 2, "did you mean --battery?");
    assert_fails("run ad -x", 2, "unknown option; see coincell run --help");
    assert_fails("run ad --mcu foo", 3, "foo: unknown chip; known: apollo3,");
    assert_fails("run ad --mcu STM32L4R5", 3, "did you mean stm32l4r5?");
    assert_fails("run ad --mcu", 2, "needs a value");
    assert_fails("run ad --mcu ''", 2, "--mcu");
    assert_fails("run ad --json=1", 2, "takes no value");
    assert_fails("run ad --m x", 2, "several options");
    assert_fails("run ad --no-db --db x.db", 2, "contradicts");
    assert_fails("run ad --kernels frob", 2, "frob");
    assert_fails("run ad --mcu stm32l4r5@500", 2, "500");
    assert_fails("show", 2, "RUN is missing");
    assert_fails("show x", 2, "whole number");
    assert_fails("show 0", 2, "out of range");
    assert_fails("show -1", 2, "unknown option");
    assert_fails("show 99999999999999999999", 2, "out of range");
    assert_fails("history 1", 2, "no argument");
    assert_fails("history --limit 0", 2, "--limit");
    assert_fails("list", 2, "say what");
    assert_fails("list bateries", 2, "did you mean batteries?");
    assert_fails("\"$(printf 'a\\033[31m\\177\\302\\233b')\"", 2, "a?[31m??b: unknown command");
    assert_fails("estimate", 2, "RUN is missing");
    assert_fails("estimate --ops 3", 2, "--pj-per-op P is missing");
    assert_fails("estimate 1 --ops 3 --pj-per-op 1 --every 1 --battery-joules 1", 2,
                 "without a stored run, RUN for one of a run");
    assert_fails("estimate 1 --battery-joules 3", 2, "give a battery by --battery NAME|FILE");
    assert_fails("estimate --ops 3 --mcu stm32l4r5", 2, "--ops: is for an estimate without");
    assert_false(exists("coincell.db"));
}

static void test_strict_numbers(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"abc", "1x", "''",    "nan", "inf",
                                        "0",   "-1", "1e400", "' 1'"};
    char line[128];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(line, sizeof line, "run ad --every %s", wrong[i]);
        assert_fails(line, 2, "--every");
    }
    assert_fails("run ad --temperature -300", 2, "--temperature");
    assert_fails("run ad --temperature warm", 2, "--temperature");
    assert_fails("run ad --vdd 99", 2, "--vdd");
    assert_fails("run ad --max-instructions 0", 2, "--max-instructions");
    assert_fails("run ad --max-instructions 1.5", 2, "--max-instructions");
    assert_fails("run ad --max-instructions -1", 2, "--max-instructions");
}

static void test_refused_input(void **unused)
{
    (void)unused;
    assert_fails("run no-such-model", 3, "no-such-model");
    assert_fails("run ad --mcu stm32l4r6", 3, "stm32l4r5");
    assert_fails("run ad --battery cr2302", 3, "cr2032");
    assert_fails("run ad --input absent.bin", 3, "absent.bin");
    cc_file_write("short.bin", "abc", 3, NULL);
    assert_fails("run ad --input short.bin", 3, "short.bin");
    cc_file_write("junk.tflite", "junk junk junk junk", 19, NULL);
    assert_fails("run junk.tflite", 3, "junk.tflite");
    cc_file_write("broken.yaml", "name: [", 7, NULL);
    assert_fails("run broken.yaml", 3, "broken.yaml");
    assert_fails("run ad --battery broken.yaml", 3, "broken.yaml");
    assert_fails("run ad --no-db --quiet --output no/such/folder/out.bin", 3, "no/such/folder");
    write_random("same.bin", 640, 1);
    assert_fails("run ad --no-db --input same.bin --output ./same.bin", 2, "same file");
    assert_ok("run ad --no-db --quiet --input same.bin --output other.bin");
    assert_false(exists("coincell.db"));
}

static void test_firmware_that_does_not_end(void **unused)
{
    (void)unused;
    assert_fails("run ad --max-instructions 20000", 4, "20000");
    assert_false(exists("coincell.db"));
}

static void test_json_contract(void **unused)
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
                                       "inference.macs",
                                       "inference.cycles_per_mac",
                                       "inference.energy_uj.p10",
                                       "inference.energy_uj.p50",
                                       "inference.energy_uj.p90",
                                       "inference.energy_parts_uj.static",
                                       "inference.stall_cycles.fetch",
                                       "inference.stall_cycles.data",
                                       "inference.accesses.flash.reads",
                                       "inference.accesses.sram.writes",
                                       "inference.accesses.sram.read_bytes",
                                       "inference.accesses.sram.write_bytes",
                                       "inference.classes.load",
                                       "inference.arena_bytes",
                                       "inference.stack_bytes",
                                       "inference.flash_bytes",
                                       "inference.outside.cycles",
                                       "output.sha256",
                                       "output.tensors",
                                       "life.battery",
                                       "life.scenario",
                                       "life.average_uw",
                                       "life.days.p10",
                                       "life.days.p50",
                                       "life.days.p90",
                                       "life.parts_uw",
                                       "life.limited_by"};
    assert_ok("run ad --no-db --json");
    json_t *root = parsed();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        at(root, keys[i]);
    assert_int_equal(number_at(root, "run_id"), 0);
    assert_string_equal(text_at(root, "target.kind"), "zoo");
    assert_string_equal(text_at(root, "mcu.name"), "stm32l4r5");
    assert_string_equal(text_at(root, "mcu.core"), "cortex-m4");
    assert_string_equal(text_at(root, "kernels"), "dsp");
    assert_int_equal(strlen(text_at(root, "target.sha256")), 64);
    assert_string_equal(text_at(root, "life.battery"), "cr2032");
    assert_int_equal(number_at(root, "inference.macs"), 264192);
    json_decref(root);
    assert_false(exists("coincell.db"));
}

static void check_sums(json_t *root)
{
    json_t *layers = at(root, "layers");
    const char *name;
    json_t *value;
    double instructions = number_at(root, "inference.outside.instructions");
    double cycles = number_at(root, "inference.outside.cycles");
    double energy_uj = number_at(root, "inference.outside.energy_uj");
    double macs = 0, parts = 0, power = 0, classes = 0;
    for (size_t i = 0; i < json_array_size(layers); i++) {
        json_t *layer = json_array_get(layers, i);
        assert_int_equal(number_at(layer, "index"), i);
        assert_true(text_at(layer, "op")[0]);
        instructions += number_at(layer, "instructions");
        cycles += number_at(layer, "cycles");
        energy_uj += number_at(layer, "energy_uj");
        macs += number_at(layer, "macs");
    }
    assert_near(instructions, number_at(root, "inference.instructions"), 0);
    assert_near(cycles, number_at(root, "inference.cycles"), 0);
    assert_near(macs, number_at(root, "inference.macs"), 0);
    assert_near(energy_uj, number_at(root, "inference.energy_uj.p50"), 1e-9);
    json_object_foreach(at(root, "inference.energy_parts_uj"), name, value) parts +=
        json_number_value(value);
    assert_near(parts, number_at(root, "inference.energy_uj.p50"), 1e-9);
    json_object_foreach(at(root, "life.parts_uw"), name, value) power += json_number_value(value);
    assert_near(power, number_at(root, "life.average_uw"), 1e-9);
    json_object_foreach(at(root, "inference.classes"), name, value) classes +=
        json_number_value(value);
    assert_near(classes, instructions, 0);
    assert_near(number_at(root, "inference.latency_ms"),
                cycles / number_at(root, "mcu.clock_hz") * 1e3, 1e-9);
    assert_true(number_at(root, "life.days.p10") <= number_at(root, "life.days.p50"));
    assert_true(number_at(root, "life.days.p50") <= number_at(root, "life.days.p90"));
}

static void test_sums(void **unused)
{
    (void)unused;
    static const char *const runs[] = {
        "run ad --no-db --json", "run ad --no-db --json --kernels reference",
        "run kws --no-db --json --every 10 --battery lipo100 --temperature -10 --mcu stm32l4r5@80"};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        assert_ok(runs[i]);
        json_t *root = parsed();
        check_sums(root);
        json_decref(root);
    }
}

/* Everything but the run's number and time is the same every time. */
static void test_deterministic(void **unused)
{
    (void)unused;
    json_t *runs[2];
    for (int i = 0; i < 2; i++) {
        assert_ok("run ad --no-db --json");
        runs[i] = parsed();
        json_object_del(runs[i], "created_utc");
    }
    assert_true(json_equal(runs[0], runs[1]));
    json_decref(runs[0]);
    json_decref(runs[1]);
}

static void test_list(void **unused)
{
    (void)unused;
    static const char *const lists[][2] = {
        {"mcus", "stm32l4r5"}, {"kernels", "dsp"}, {"models", "kws"}, {"batteries", "cr2032"}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char line[64];
        int found = 0;
        snprintf(line, sizeof line, "list %s", lists[i][0]);
        assert_ok(line);
        assert_non_null(strstr(out, lists[i][1]));
        snprintf(line, sizeof line, "list %s --json", lists[i][0]);
        assert_ok(line);
        json_t *list = parsed();
        for (size_t k = 0; k < json_array_size(list); k++) {
            found |= strcmp(text_at(json_array_get(list, k), "name"), lists[i][1]) == 0;
            assert_true(text_at(json_array_get(list, k), "description")[0]);
        }
        assert_true(found);
        json_decref(list);
    }
}

static void test_napkin(void **unused)
{
    (void)unused;
    assert_ok("estimate --ops 22e6 --pj-per-op 5 --every 1 --battery-joules 2500");
    assert_non_null(strstr(out, "110 uJ"));
    assert_non_null(strstr(out, "110 uW"));
    assert_non_null(strstr(out, "263 days"));
    assert_ok("estimate --ops 22e6 --pj-per-op 5 --every 1 --battery-joules 2500 --json");
    json_t *root = parsed();
    assert_near(number_at(root, "energy_uj"), 110, 1e-9);
    assert_near(number_at(root, "average_uw"), 110, 1e-9);
    assert_near(number_at(root, "days"), 2500 / 110e-6 / 86400, 1e-9);
    json_decref(root);
    assert_fails("estimate --ops 22e6 --pj-per-op 0 --every 1 --battery-joules 2500", 2,
                 "--pj-per-op");
}

/* One inference after the other, with the outputs behind each other. */
static void test_invocations(void **unused)
{
    (void)unused;
    write_random("in.bin", 3 * 640, 7);
    assert_ok("run ad --no-db --input in.bin --output out.bin --json");
    json_t *root = parsed();
    assert_int_equal(number_at(root, "inference.invocations"), 3);
    check_sums(root);
    assert_int_equal(size_of("out.bin"), 3 * 640);
    char hex[65];
    sha256_of("out.bin", hex);
    assert_string_equal(text_at(root, "output.sha256"), hex);
    uint8_t *bytes;
    size_t count;
    assert_int_equal(cc_file_read("out.bin", MAX_BYTES, &bytes, &count, NULL), CC_OK);
    json_t *values = at(json_array_get(at(root, "output.tensors"), 0), "values");
    assert_int_equal(json_array_size(values), 640);
    for (size_t i = 0; i < 640; i++)
        assert_int_equal(json_integer_value(json_array_get(values, i)), (int8_t)bytes[2 * 640 + i]);
    free(bytes);
    json_decref(root);
    assert_ok("run ad --no-db --input in.bin");
    assert_non_null(strstr(out, "mean of 3 invocations"));
    write_random("odd.bin", 641, 7);
    assert_fails("run ad --no-db --input odd.bin", 3, "odd.bin");
}

/* Kernels give the same answers; the faster ones take fewer cycles. */
static void test_kernels_agree(void **unused)
{
    (void)unused;
    write_random("k.bin", 490, 3);
    assert_ok("run kws --no-db --json --input k.bin --output dsp.bin --kernels dsp");
    json_t *dsp = parsed();
    assert_ok("run kws --no-db --json --input k.bin --output reference.bin --kernels reference");
    json_t *reference = parsed();
    assert_string_equal(text_at(dsp, "output.sha256"), text_at(reference, "output.sha256"));
    assert_true(number_at(dsp, "inference.cycles") < number_at(reference, "inference.cycles"));
    json_decref(dsp);
    json_decref(reference);
}

static void test_golden_outputs(void **unused)
{
    (void)unused;
    static const char *const models[] = {"hello_world_int8", "kws_ref_model", "synth_softmax"};
    char path[256], line[1024], ours[65], theirs[65];
    snprintf(path, sizeof path, "%s/../shared/models", CC_SOURCE_DIR);
    if (!exists(path)) {
        printf("skipped: no folder %s\n", path);
        return;
    }
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        snprintf(line, sizeof line,
                 "run %.255s/%s/%s.tflite --no-db --quiet --input %.255s/%s/input_0.bin --output "
                 "golden.bin",
                 path, models[i], models[i], path, models[i]);
        assert_ok(line);
        sha256_of("golden.bin", ours);
        snprintf(line, sizeof line, "%.255s/%s/output_0.bin", path, models[i]);
        sha256_of(line, theirs);
        assert_string_equal(ours, theirs);
    }
}

static void test_output_that_cannot_be_written(void **unused)
{
    (void)unused;
    static const char *const commands[] = {"run ad --no-db", "run ad --no-db --json",
                                           "list mcus",      "list mcus --json",
                                           "--help",         "run --help"};
    char line[256];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        snprintf(line, sizeof line, "$B %s >/dev/full", commands[i]);
        assert_int_equal(shell(line), 70);
        assert_non_null(strstr(err, "could not be written"));
        snprintf(line, sizeof line, "$B %s >&-", commands[i]);
        assert_int_equal(shell(line), 70);
        snprintf(line, sizeof line, "{ sleep 0.1; $B %s; echo $? >code; } | true", commands[i]);
        assert_int_equal(shell(line), 0);
        char *code = NULL;
        slurp("code", &code);
        assert_string_equal(code, "141\n"); /* SIGPIPE, and nothing to say about it */
        free(code);
        assert_string_equal(err, "");
    }
}

/* A line that moves on a terminal's standard error and is gone at the end; nothing in a file. */
static void test_progress(void **unused)
{
    (void)unused;
    int terminal, device;
    char line[256], text[4096];
    write_random("long.bin", 18 * 490, 5);
    assert_ok("run kws --no-db --json --input long.bin");
    if (openpty(&terminal, &device, NULL, NULL, NULL) != 0) {
        printf("skipped: this machine has no pseudo-terminals\n");
        return;
    }
    snprintf(line, sizeof line, "$B run kws --no-db --json --input long.bin 2>%s", ttyname(device));
    time_t begun = time(NULL);
    assert_int_equal(shell(line), 0);
    time_t ended = time(NULL);
    assert_int_equal(fcntl(terminal, F_SETFL, O_NONBLOCK), 0);
    ssize_t n = read(terminal, text, sizeof text - 1);
    close(terminal);
    close(device);
    if (n <= 0 && ended - begun < 3) { /* nothing is shown in the first second */
        printf("skipped: 18 inferences took less than two seconds\n");
        return;
    }
    assert_true(n > 0);
    text[n] = '\0';
    assert_non_null(strstr(text, "of 18"));
    assert_non_null(strchr(text, '%'));
    assert_null(strchr(text, '\n'));
    assert_string_equal(text + n - 4, "\r\033[K");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_and_version),
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_strict_numbers),
        cmocka_unit_test(test_refused_input),
        cmocka_unit_test(test_firmware_that_does_not_end),
        cmocka_unit_test(test_json_contract),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_napkin),
        cmocka_unit_test(test_invocations),
        cmocka_unit_test(test_kernels_agree),
        cmocka_unit_test(test_golden_outputs),
        cmocka_unit_test(test_output_that_cannot_be_written),
        cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
