/* End to end through the binary: stored runs come back, are priced again, and databases of others
 * stay as they are. */
#include "cli_harness.h"

#include "cc_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A run, shown again: the same bytes as JSON, the same report as text. */
static void test_show_is_the_run(void **unused)
{
    (void)unused;
    char *first = NULL;
    assert_ok("run ad --json --db show.db");
    first = strdup(out);
    assert_ok("show 1 --json --db show.db");
    assert_string_equal(out, first);
    free(first);
    assert_ok("run ad --db show.db");
    first = strdup(out);
    assert_non_null(strstr(first, "stored as run 2 in show.db"));
    assert_ok("show 2 --db show.db");
    assert_int_equal(strncmp(out, first, strlen(out)), 0);
    free(first);
    assert_fails("show 9 --db show.db", 5, "the runs are 1 to 2");
    assert_false(exists("show.db-wal"));
    assert_false(exists("show.db-shm"));
}

static void test_history(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++)
        assert_ok("run ad --quiet --db history.db");
    assert_string_equal(out, "");
    assert_ok("history --db history.db");
    assert_non_null(strstr(out, "stm32l4r5"));
    assert_ok("history --json --db history.db");
    json_t *list = parsed();
    assert_int_equal(json_array_size(list), 3);
    assert_int_equal(number_at(json_array_get(list, 0), "run_id"), 3);
    assert_int_equal(number_at(json_array_get(list, 2), "run_id"), 1);
    assert_true(number_at(json_array_get(list, 0), "energy_uj") > 0);
    assert_string_equal(text_at(json_array_get(list, 0), "battery"), "cr2032");
    assert_near(number_at(json_array_get(list, 0), "every_s"), 1, 0);
    assert_near(number_at(json_array_get(list, 0), "temperature_c"), 20, 0);
    assert_true(number_at(json_array_get(list, 0), "vdd_v") > 1.7);
    json_decref(list);
    assert_ok("history --json --limit 2 --db history.db");
    list = parsed();
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
}

/* Cycles are known to 3 % where every timing figure is verified, to 10 % elsewhere. */
static void test_error_of_the_cycles(void **unused)
{
    (void)unused;
    static const char *const chips[] = {"stm32l4r5", "stm32u575", "rp2040"};
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "run ad --json --no-db --mcu %s", chips[i]);
        assert_ok(line);
        int unverified = strstr(out, "timing figures of this chip are unverified") != NULL;
        json_t *run = parsed();
        double ms = number_at(run, "inference.latency_ms");
        assert_near(number_at(run, "inference.cycles_rsd"), unverified ? 0.10 : 0.03, 1e-12);
        assert_near(number_at(run, "inference.latency_ms_p90"), ms * (unverified ? 1.1364 : 1.0392),
                    1e-3);
        assert_near(number_at(run, "inference.running_ma"),
                    number_at(run, "inference.energy_uj.p50") / ms / number_at(run, "mcu.vdd_v"),
                    1e-9);
        assert_true(number_at(run, "inference.runner_bytes") +
                        number_at(run, "inference.weight_bytes") <
                    number_at(run, "inference.flash_bytes"));
        json_decref(run);
    }
}

/* A run with a battery file of the user's that bears the name of another table is not priced with
 * that other table in silence. */
static void test_estimate_after_a_battery_file(void **unused)
{
    (void)unused;
    assert_int_equal(shell("sed 's/capacity_mah: {value: 225/capacity_mah: {value: 450/' "
                           "\"" CC_SOURCE_DIR "/energy/batteries/cr2032.yaml\" > double.yaml"),
                     0);
    assert_ok("run ad --quiet --battery double.yaml --db own.db");
    assert_ok("estimate 1 --db own.db");
    assert_non_null(strstr(out, "give that with"));
    assert_ok("estimate 1 --battery double.yaml --db own.db");
    assert_null(strstr(out, "give that with"));
    assert_ok("run ad --quiet --db own.db");
    assert_ok("estimate 2 --every 100 --temperature 0 --db own.db");
    assert_null(strstr(out, "give that with"));
    assert_null(strstr(out, "have changed"));
}

static void test_estimate_of_a_run(void **unused)
{
    (void)unused;
    char before[65], after[65];
    assert_ok("run ad --json --db estimate.db");
    json_t *run = parsed();
    sha256_of("estimate.db", before);

    assert_ok("estimate 1 --json --db estimate.db"); /* as stored: the same figures */
    json_t *same = parsed();
    assert_true(json_equal(at(run, "inference"), at(same, "inference")));
    assert_true(json_equal(at(run, "life"), at(same, "life")));
    assert_true(json_equal(at(run, "layers"), at(same, "layers")));

    assert_ok("run ad --json --no-db --battery lipo100 --every 60 --temperature 30");
    json_t *direct = parsed();
    assert_ok("estimate 1 --battery lipo100 --every 60 --temperature 30 --json --db estimate.db");
    json_t *other = parsed();
    assert_true(json_equal(at(direct, "life"), at(other, "life")));
    assert_true(number_at(other, "life.days.p50") > number_at(run, "life.days.p50"));

    assert_ok("estimate 1 --mcu nrf52840 --json --db estimate.db");
    json_t *moved = parsed();
    assert_string_equal(text_at(moved, "mcu.name"), "nrf52840");
    assert_near(number_at(moved, "inference.cycles"), number_at(run, "inference.cycles"), 0);
    assert_near(number_at(moved, "inference.latency_ms"), number_at(run, "inference.cycles") / 64e3,
                1e-9);
    /* two about the estimate come, the one about 25 mA out of a coin cell goes */
    assert_int_equal(json_array_size(at(moved, "notes")), json_array_size(at(run, "notes")) + 1);

    assert_true(number_at(moved, "inference.cycles_rsd") >= 0.1);
    assert_non_null(strstr(text_at(moved, "mcu.timing"), "that of stm32l4r5 at 120 MHz: 5 flash"));
    assert_ok("estimate 1 --mcu nrf52840 --db estimate.db");
    assert_non_null(strstr(out, ", estimate from run 1 of 20"));
    assert_non_null(strstr(out, "timing    that of stm32l4r5 at 120 MHz"));

    assert_fails("estimate 1 --mcu stm32u575 --db estimate.db", 3, "cortex-m33");
    assert_fails("estimate 1 --mcu frob --db estimate.db", 3, "frob");
    assert_fails("estimate 2 --db estimate.db", 5, "no run 2");
    assert_fails("estimate 1 --battery frob --db estimate.db", 3, "frob");
    assert_ok("estimate 1 --db estimate.db");
    assert_non_null(strstr(out, "stored run 1"));
    sha256_of("estimate.db", after);
    assert_string_equal(before, after);
    json_decref(run), json_decref(same), json_decref(direct), json_decref(other),
        json_decref(moved);
}

static void test_database_choice(void **unused)
{
    (void)unused;
    assert_ok("run ad --quiet");
    assert_true(exists("coincell.db"));
    assert_int_equal(shell("COINCELL_DB=env.db $B run ad --quiet"), 0);
    assert_true(exists("env.db"));
    assert_int_equal(shell("COINCELL_DB=env.db $B run ad --quiet --db option.db"), 0);
    assert_true(exists("option.db"));
    assert_int_equal(shell("COINCELL_DB=env.db $B history --json"), 0);
    json_t *list = parsed();
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    assert_int_equal(shell("COINCELL_DB=no.db $B run ad --quiet --no-db"), 0);
    assert_false(exists("no.db"));
    unlink("coincell.db");
    assert_ok("run ad --no-db");
    assert_null(strstr(out, "stored as"));
    assert_false(exists("coincell.db"));
    assert_fails("history", 5, "coincell.db");
    assert_fails("show 1 --db absent.db", 5, "absent.db");
    assert_false(exists("absent.db"));
}

static void assert_refused(const char *path, const char *words)
{
    static const char *const commands[] = {"run ad --db", "history --db", "show 1 --db",
                                           "estimate 1 --db"};
    char before[65], after[65], line[128], side[128];
    sha256_of(path, before);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        snprintf(line, sizeof line, "%s %s", commands[i], path);
        assert_fails(line, 5, words);
        sha256_of(path, after);
        assert_string_equal(before, after);
        snprintf(side, sizeof side, "%s-wal", path);
        assert_false(exists(side));
        snprintf(side, sizeof side, "%s-shm", path);
        assert_false(exists(side));
    }
}

static void test_databases_of_others(void **unused)
{
    (void)unused;
    execute("other.db", "CREATE TABLE t (a)");
    assert_refused("other.db", "not a database of coincell");
    execute("otherwal.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    assert_refused("otherwal.db", "not a database of coincell");
    cc_file_write("text.db", "some notes of mine\n", 19, NULL);
    assert_refused("text.db", "not a database of coincell");
    assert_ok("run ad --quiet --db newer.db");
    execute("newer.db", "PRAGMA user_version = 99");
    assert_refused("newer.db", "newer");
}

static void test_read_only_database(void **unused)
{
    (void)unused;
    char before[65], after[65];
    assert_ok("run ad --quiet --db fixed.db");
    assert_int_equal(chmod("fixed.db", 0444), 0);
    sha256_of("fixed.db", before);
    assert_fails("run ad --db fixed.db", 5, "read-only");
    assert_ok("show 1 --db fixed.db");
    sha256_of("fixed.db", after);
    assert_string_equal(before, after);
    assert_false(exists("fixed.db-wal"));
}

/* The run is stored even when its report cannot be printed, and printed when it cannot be stored.
 */
static void test_one_failure_does_not_lose_the_other(void **unused)
{
    (void)unused;
    assert_int_equal(shell("$B run ad --db kept.db >/dev/full"), 70);
    assert_ok("show 1 --db kept.db");
    assert_int_equal(shell("trap '' XFSZ; ulimit -f 8; $B run ad --db limited.db"), 5);
    assert_non_null(strstr(out, "uJ per inference"));
    assert_non_null(strstr(err, "limited.db"));
}

static void test_many_at_once(void **unused)
{
    (void)unused;
    assert_int_equal(shell("for i in 1 2 3 4 5 6 7 8; do $B run ad --quiet --db many.db & done;"
                           " wait"),
                     0);
    assert_string_equal(err, "");
    assert_ok("history --json --db many.db");
    json_t *list = parsed();
    assert_int_equal(json_array_size(list), 8);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_show_is_the_run),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_error_of_the_cycles),
        cmocka_unit_test(test_estimate_of_a_run),
        cmocka_unit_test(test_estimate_after_a_battery_file),
        cmocka_unit_test(test_database_choice),
        cmocka_unit_test(test_databases_of_others),
        cmocka_unit_test(test_read_only_database),
        cmocka_unit_test(test_one_failure_does_not_lose_the_other),
        cmocka_unit_test(test_many_at_once),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
