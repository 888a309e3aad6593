/* The store: what goes in comes out byte for byte; what somebody changed or damaged is noticed. */
#include "store_harness.h"

#include "cc_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_round_trip(void **unused)
{
    (void)unused;
    struct report_run run, back;
    struct cc_error err = {CC_OK, ""};
    static const uint32_t sizes[] = {0, 1, 13, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct report_store *store = must_open("round.db", REPORT_STORE_WRITE);
        report_sample(&run, sizes[i], (uint32_t)i + 1);
        run.profile.invocations = (uint32_t)i + 1;
        run.life.lifetime.days.p90 = i == 2 ? INFINITY : run.life.lifetime.days.p90;
        int64_t id = must_add(store, &run);
        report_store_close(store);
        store = must_open("round.db", REPORT_STORE_READ);
        assert_int_equal(report_store_get(store, id, &back, &err), CC_OK);
        report_store_close(store);
        char *json = report_sample_json(&run), *json_back = report_sample_json(&back);
        char *text = report_sample_text(&run, 80), *text_back = report_sample_text(&back, 80);
        assert_string_equal(json, json_back);
        assert_string_equal(text, text_back);
        free(json), free(json_back), free(text), free(text_back);
        assert_int_equal(back.outputs[0].byte_count, run.outputs[0].byte_count);
        assert_memory_equal(back.outputs[0].bytes, run.outputs[0].bytes, 12);
        assert_memory_equal(back.profile.scopes, run.profile.scopes,
                            run.profile.scope_count * sizeof *run.profile.scopes);
        assert_memory_equal(&back.profile.total, &run.profile.total, sizeof run.profile.total);
        assert_int_equal(back.profile.function_count, run.profile.function_count);
        assert_memory_equal(back.profile.functions, run.profile.functions,
                            run.profile.function_count * sizeof *run.profile.functions);
        assert_int_equal(back.profile.stack_bytes, run.profile.stack_bytes);
        report_run_free(&run);
        report_run_free(&back);
    }
    assert_false(exists("round.db-wal"));
    assert_false(exists("round.db-shm"));
}

static void test_identity(void **unused)
{
    (void)unused;
    must_add_sample("identity.db", 2, 1);
    assert_int_equal(query("identity.db", "PRAGMA application_id"), STORE_APPLICATION_ID);
    assert_int_equal(query("identity.db", "PRAGMA user_version"), store_schema_version());
    assert_int_equal(
        query("identity.db", "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"),
        1);
    assert_int_equal(query("identity.db", "SELECT count(*) FROM pragma_table_list"
                                          " WHERE schema = 'main' AND type = 'table' AND NOT strict"
                                          " AND name NOT LIKE 'sqlite%'"),
                     0);
    assert_int_equal(query("identity.db", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void test_views(void **unused)
{
    (void)unused;
    struct report_run run;
    struct report_store *store = must_open("views.db", REPORT_STORE_WRITE);
    report_sample(&run, 4, 11);
    must_add(store, &run);
    report_store_close(store);
    const struct sim_counts *c = &run.profile.total;
    assert_int_equal(query("views.db", "SELECT cycles FROM v_run"), c->cycles);
    assert_int_equal(query("views.db", "SELECT count(*) FROM v_layer"), 5);
    assert_int_equal(query("views.db", "SELECT sum(cycles) FROM v_layer"), c->cycles);
    assert_int_equal(query("views.db", "SELECT sum(count) FROM v_class"), c->instructions);
    assert_int_equal(query("views.db", "SELECT sum(reads + writes) FROM v_access"), c->accesses);
    assert_int_equal(query("views.db", "SELECT sum(energy_share) BETWEEN 0.999999 AND 1.000001"
                                       " FROM v_layer"),
                     1);
    assert_int_equal(query("views.db", "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"
                                       " AND sql LIKE '%--%'"),
                     8);
    assert_int_equal(query("views.db", "SELECT count(*) FROM v_step WHERE what LIKE 'what of %'"),
                     run.life.step_count);
    assert_int_equal(query("views.db", "SELECT sum(verified) FROM v_input"), 2);
    assert_int_equal(query("views.db", "SELECT days IS NOT NULL FROM v_run"), 1);
    execute("views.db", "UPDATE run SET battery = ''");
    assert_int_equal(query("views.db", "SELECT days IS NULL FROM v_run"), 1);
    assert_int_equal(query("views.db", "SELECT sum(cycles) FROM v_cause"), c->cycles);
    assert_int_equal(query("views.db", "SELECT sum(cycles) FROM v_cause WHERE cause = 'issue'"),
                     c->causes[SIM_CAUSE_ISSUE]);
    assert_int_equal(query("views.db", "SELECT sum(cycles) FROM v_function"), c->cycles);
    assert_int_equal(query("views.db", "SELECT max(cycles) FROM v_function"),
                     run.profile.functions[0].cycles);
    assert_int_equal(query("views.db", "SELECT sum(share) BETWEEN 0.999999 AND 1.000001"
                                       " FROM v_function"),
                     1);
    assert_int_equal(query("views.db", "SELECT sum(overlapped_loads) FROM scope_detail"),
                     c->overlapped_loads);
    report_run_free(&run);
}

static void test_history(void **unused)
{
    (void)unused;
    struct report_history_row *rows;
    size_t count;
    for (uint32_t i = 1; i <= 5; i++)
        assert_int_equal(must_add_sample("history.db", 2, i), i);
    struct report_store *store = must_open("history.db", REPORT_STORE_READ);
    assert_int_equal(report_store_history(store, 0, &rows, &count, NULL), CC_OK);
    assert_int_equal(count, 5);
    assert_int_equal(rows[0].run_id, 5);
    assert_int_equal(rows[4].run_id, 1);
    assert_string_equal(rows[0].mcu, "testchip");
    assert_true(rows[0].vdd_v == 1.8 && rows[0].every_s == 1 && rows[0].temperature_c == 20);
    assert_int_equal(rows[0].cycles,
                     query("history.db", "SELECT cycles FROM v_run WHERE run_id = 5"));
    free(rows);
    assert_int_equal(report_store_history(store, 2, &rows, &count, NULL), CC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].run_id, 4);
    free(rows);
    report_store_close(store);
}

/* A database as version 5 to 1 of the schema left it: version 1 had the tables but no views,
 * version 2 no details, version 3 no causes, version 4 no voltage ranges, version 5 no scenarios
 * and five parts of a life. */
static const char *const older[] = {
    "DROP VIEW v_step; DROP VIEW v_input; DROP TABLE run_compute; DROP TABLE run_condition;"
    "DROP TABLE life_step; DROP TABLE spread; DROP TABLE stream; DROP TABLE harvest;"
    "DROP TABLE input; DELETE FROM life_part; ALTER TABLE life_part DROP COLUMN position;"
    "INSERT INTO life_part VALUES (1, 'regulator', 5), (1, 'inference', 1), (1, 'wake', 3),"
    " (1, 'sleep', 2), (1, 'self-discharge', 4); PRAGMA user_version = 5",
    "DROP TABLE run_range; PRAGMA user_version = 4",
    "DROP VIEW v_cause; DROP VIEW v_function; DROP TABLE function_cause; DROP TABLE function;"
    "DROP TABLE scope_cause; DROP TABLE scope_detail; PRAGMA user_version = 3",
    "DROP TABLE run_detail; DROP TABLE life_note; PRAGMA user_version = 2",
    "DROP VIEW v_run; DROP VIEW v_layer; DROP VIEW v_access; DROP VIEW v_class;"
    "DROP INDEX run_by_model; PRAGMA user_version = 1"};

static void test_find(void **unused)
{
    (void)unused;
    static const struct {
        const char *target, *chip, *range;
        double clock_hz;
        int64_t id;
    } rows[] = {{"sample", "testchip", "range2", 120e6, 2},
                {"models/a b.tflite", "testchip", "range2", 120e6, 2},
                {"sampl", "testchip", "range2", 120e6, 0},
                {"sample", "otherchip", "range2", 120e6, 0},
                {"sample", "testchip", "", 120e6, 0},
                {"sample", "testchip", "range2", 60e6, 0}};
    must_add_sample("find.db", 2, 1);
    must_add_sample("find.db", 2, 2);
    struct report_store *store = must_open("find.db", REPORT_STORE_READ);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_profile like = {.clock_hz = rows[i].clock_hz};
        int64_t id = -1;
        snprintf(like.chip, sizeof like.chip, "%s", rows[i].chip);
        snprintf(like.voltage_range, sizeof like.voltage_range, "%s", rows[i].range);
        assert_int_equal(report_store_find(store, rows[i].target, &like, &id, NULL), CC_OK);
        assert_int_equal(id, rows[i].id);
    }
    report_store_close(store);
    must_add_sample("find4.db", 3, 1);
    for (int v = 5; v >= 4; v--)
        execute("find4.db", older[5 - v]);
    store = must_open("find4.db", REPORT_STORE_READ);
    struct sim_profile like = {.chip = "testchip", .clock_hz = 120e6};
    int64_t id;
    assert_int_equal(report_store_find(store, "sample", &like, &id, NULL), CC_OK);
    assert_int_equal(id, 1);
    report_store_close(store);
}

/* Names of any length keep the columns in 100; what differs between runs is shown. */
static void test_history_text(void **unused)
{
    (void)unused;
    struct report_history_row rows[2] = {
        {.run_id = 7,
         .created_utc = "2026-01-02T03:04:05Z",
         .model_name = "mobilenet_v1_0.25_96_quantized",
         .mcu = "a_chip_with_a_long_name",
         .kernels = "reference",
         .battery = "battery_of_my_own",
         .clock_hz = 120e6,
         .vdd_v = 1.85,
         .energy_uj_p50 = 123456,
         .latency_ms = 12345.6,
         .every_s = 86400,
         .temperature_c = -20,
         .days_p50 = 3652.5},
        {.model_name = "kws", .mcu = "m", .clock_hz = 64e6, .every_s = 0.5, .battery = "cr2032"}};
    static const char *const locales[] = {"C", "C.UTF-8"};
    for (int i = 0; i < 2; i++) {
        char *text = NULL;
        size_t size = 0, columns = 0;
        setenv("LC_ALL", locales[i], 1);
        FILE *stream = open_memstream(&text, &size);
        assert_int_equal(report_history_text(rows, 2, stream, NULL), CC_OK);
        fclose(stream);
        for (const char *p = text; *p; p++) {
            columns = *p == '\n' ? 0 : columns + (((unsigned char)*p & 0xC0) != 0x80);
            assert_true(columns <= 100);
        }
        assert_non_null(strstr(text, "2026-01-02 "));
        assert_non_null(strstr(text, i ? "mobilenet_v\xE2\x80\xA6 " : "mobilenet_v. "));
        assert_non_null(strstr(text, " 1.85 "));
        assert_non_null(strstr(text, "  24h -20  3,653\n"));
        assert_non_null(strstr(text, "cr2032      0.5s   0      0\n"));
        assert_non_null(strstr(text, "m@64 "));
        free(text);
    }
}

static void test_ids_are_not_used_again(void **unused)
{
    (void)unused;
    must_add_sample("ids.db", 1, 1);
    must_add_sample("ids.db", 1, 2);
    execute("ids.db", "PRAGMA foreign_keys = ON; DELETE FROM run WHERE run_id = 2");
    assert_int_equal(query("ids.db", "SELECT count(*) FROM scope WHERE run_id = 2"), 0);
    assert_int_equal(must_add_sample("ids.db", 1, 3), 3);
}

static void test_no_such_run(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    struct report_store *store = must_open("none.db", REPORT_STORE_WRITE);
    assert_int_equal(report_store_get(store, 1, &run, &err), CC_ERR_STORE);
    assert_non_null(strstr(err.message, "nor any other"));
    report_sample(&run, 1, 1);
    must_add(store, &run);
    report_run_free(&run);
    assert_int_equal(report_store_get(store, 9, &run, &err), CC_ERR_STORE);
    assert_non_null(strstr(err.message, "no run 9; the runs are 1 to 1"));
    assert_null(run.layers);
    report_store_close(store);
}

/* Names that SQLite would take for something else are names of files. */
static void test_odd_names(void **unused)
{
    (void)unused;
    static const char *const names[] = {":memory:", "a?mode=memory", "b#c",  "100%41",
                                        "file:x",   "with space.db", "-dash"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(must_add_sample(names[i], 1, 1), 1);
        assert_true(exists(names[i]));
        assert_int_equal(must_add_sample(names[i], 1, 2), 2);
    }
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/absolute.db", folder);
    assert_int_equal(must_add_sample(absolute, 1, 1), 1);
    assert_true(exists("absolute.db"));
}

/* Five parts in the order that they had, and nothing of scenarios. */
static void assert_old_life(const struct report_life *life, const struct report_life *was)
{
    static const char *const parts[] = {"inference", "sleep", "wake", "self-discharge",
                                        "regulator"};
    assert_int_equal(life->lifetime.part_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_string_equal(life->lifetime.parts[i].name, parts[i]);
        assert_true(life->lifetime.parts[i].uw == i + 1.0);
    }
    assert_string_equal(life->scenario, was->scenario);
    assert_string_equal(life->lifetime.limited_by, was->lifetime.limited_by);
    assert_string_equal(life->scenario_file, "");
    assert_string_equal(life->lifetime.limiting_pulse, "");
    assert_string_equal(life->lifetime.spread[0].name, "");
    assert_int_equal(life->step_count, 0);
    assert_false(life->has_stream || life->has_harvest);
}

/* What is not known is not made up, what is known is as it was. */
static void assert_older_run(const char *path, int version)
{
    struct report_run run, was;
    struct cc_error err = {CC_OK, ""};
    struct report_store *store = must_open(path, REPORT_STORE_READ);
    if (report_store_get(store, 1, &run, &err) != CC_OK)
        fail_msg("%s", err.message);
    report_store_close(store);
    report_sample(&was, 3, 1);
    int causes = version >= STORE_VERSION_CAUSES;
    assert_int_equal(sim_profile_has_causes(&run.profile), causes);
    assert_int_equal(run.profile.function_count, causes ? was.profile.function_count : 0);
    assert_string_equal(run.profile.voltage_range,
                        version >= STORE_VERSION_RANGES ? was.profile.voltage_range : "");
    assert_old_life(&run.life, &was.life);
    assert_int_equal(run.docs.count, 0);
    assert_string_equal(run.energy.regulator, "");
    assert_int_equal(run.profile.total.cycles, was.profile.total.cycles);
    assert_int_equal(run.profile.total.core_cycles, was.profile.total.core_cycles);
    assert_int_equal(run.profile.total.accesses, was.profile.total.accesses);
    assert_true(run.life.lifetime.days.p50 == was.life.lifetime.days.p50);
    char *text = report_sample_text(&run, 80), *json = report_sample_json(&run);
    if (version >= STORE_VERSION_DETAILS) {
        assert_true(run.profile.cycles_rsd == was.profile.cycles_rsd);
        assert_int_equal(run.runner_bytes, was.runner_bytes);
        assert_string_equal(run.life.notes[0], was.life.notes[0]);
    } else {
        assert_true(run.profile.cycles_rsd == 0 && run.life.note_count == 0);
        assert_int_equal(run.runner_bytes, 0);
        assert_null(strstr(text, "while running"));
        assert_non_null(strstr(json, "\"latency_ms_p10\": null"));
    }
    free(text), free(json);
    report_run_free(&run);
    report_run_free(&was);
}

static void test_migration(void **unused)
{
    (void)unused;
    char path[32];
    for (int version = 5; version >= 1; version--) {
        snprintf(path, sizeof path, "old%d.db", version);
        must_add_sample(path, 3, 1);
        for (int v = 5; v >= version; v--)
            execute(path, older[5 - v]);
        assert_older_run(path, version);
        assert_int_equal(query(path, "PRAGMA user_version"), version); /* reading changes nothing */
        assert_int_equal(must_add_sample(path, 3, 2), 2);
        assert_int_equal(query(path, "PRAGMA user_version"), store_schema_version());
        assert_older_run(path, version); /* still without what it never had */
        assert_int_equal(query(path, "SELECT count(*) FROM v_run"), 2);
        int with_causes = version >= STORE_VERSION_CAUSES ? 2 : 1;
        assert_int_equal(query(path, "SELECT count(DISTINCT run_id) FROM v_cause"), with_causes);
        assert_int_equal(query(path, "SELECT count(DISTINCT run_id) FROM v_function"), with_causes);
        assert_int_equal(query(path, "SELECT count(*) FROM run_range"), version >= 5 ? 2 : 1);
        assert_int_equal(query(path, "SELECT count(*) FROM run_condition"), 1);
        assert_int_equal(query(path, "SELECT count(DISTINCT run_id) FROM life_part"), 2);
        assert_int_equal(query(path, "SELECT count(*) FROM v_step"), 4);
        assert_int_equal(query(path, "SELECT count(*) FROM v_input"), 3);
        assert_int_equal(query(path, "SELECT count(*) FROM run_detail"), version >= 3 ? 2 : 1);
    }
}

static void test_broken_sums_are_refused(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    struct report_store *store = must_open("sums.db", REPORT_STORE_WRITE);
    report_sample(&run, 2, 1);
    run.profile.scopes[1].counts.cycles++;
    assert_int_equal(report_store_add(store, &run, &err), CC_ERR_INTERNAL);
    run.profile.scopes[1].counts.cycles--;
    run.energy.total_uj.p50 = NAN;
    assert_int_equal(report_store_add(store, &run, &err), CC_ERR_STORE);
    assert_non_null(strstr(err.message, "energy_uj_p50"));
    assert_int_equal(run.run_id, 0);
    report_run_free(&run);
    report_sample(&run, 2, 1);
    assert_int_equal(must_add(store, &run), 1);
    report_run_free(&run);
    report_store_close(store);
}

static void assert_damage_found(const char *sql)
{
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    unlink("damage.db");
    must_add_sample("damage.db", 3, 1);
    execute("damage.db", sql);
    struct report_store *store = must_open("damage.db", REPORT_STORE_READ);
    if (report_store_get(store, 1, &run, &err) != CC_ERR_STORE)
        fail_msg("not noticed: %s", sql);
    assert_null(run.layers);
    assert_non_null(strstr(err.message, "damage.db"));
    report_store_close(store);
}

static void test_edited_databases(void **unused)
{
    (void)unused;
    assert_damage_found("UPDATE run SET mcu = printf('%500s', 'x')");
    assert_damage_found("UPDATE run SET arena_bytes = -1");
    assert_damage_found("UPDATE run SET invocations = 99999999999");
    assert_damage_found("UPDATE run SET target_kind = 'a' || char(0) || 'b'");
    assert_damage_found(
        "UPDATE scope_class SET class = 'frob' WHERE position = 1 AND class = 'mac'");
    assert_damage_found("UPDATE scope_class SET count = count + 1");
    assert_damage_found("DELETE FROM scope_access");
    assert_damage_found("UPDATE scope_access SET position = 7 WHERE position = 3");
    assert_damage_found("UPDATE scope SET position = 9 WHERE position = 2");
    assert_damage_found("UPDATE energy_part SET part = 'frob' WHERE part = 'memory'");
    assert_damage_found("UPDATE output SET zero_point = 1e10");
    assert_damage_found("INSERT INTO note SELECT 1, 100 + value, 'x' FROM"
                        " (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
                        " WHERE value < 50) SELECT value FROM n)");
    assert_damage_found("DROP TABLE life_part");
    assert_damage_found("UPDATE scope_cause SET cycles = cycles + 1 WHERE position = 1");
    assert_damage_found("UPDATE scope_cause SET cause = 'frob' WHERE cause = 'branch'");
    assert_damage_found("DELETE FROM scope_cause");
    assert_damage_found("DELETE FROM scope_detail WHERE position = 1");
    assert_damage_found("DELETE FROM scope_detail");
    assert_damage_found("UPDATE function SET cycles = cycles - 1");
    assert_damage_found("UPDATE function SET position = 9 WHERE position = 2");
    assert_damage_found("UPDATE function_cause SET cause = 'x' WHERE cause = 'issue'");
    assert_damage_found("UPDATE function SET address = -1");
    assert_damage_found("UPDATE function SET name = hex(zeroblob(64)) WHERE position = 0");
    assert_damage_found("UPDATE run_detail SET runner_bytes = -1");
    assert_damage_found("INSERT INTO life_note SELECT 1, 100 + position, part FROM life_part"
                        " UNION ALL SELECT 1, 200 + position, name FROM life_step");
    assert_damage_found("UPDATE life_part SET part = hex(zeroblob(64)) WHERE position = 1");
    assert_damage_found("UPDATE run_condition SET regulator = hex(zeroblob(64))");
    assert_damage_found("UPDATE life_step SET beside = 2");
    assert_damage_found("UPDATE spread SET of = 'x' WHERE of = 'life' AND position = 1");
    assert_damage_found("UPDATE spread SET position = 3 WHERE position = 2");
    assert_damage_found("UPDATE stream SET possible = -1");
    assert_damage_found("UPDATE harvest SET unit = hex(zeroblob(9))");
    assert_damage_found("UPDATE input SET source = printf('%500s', 'x')");
    assert_damage_found("INSERT INTO run_compute VALUES (1, 0, 'x', -1)");
}

/* Flips bytes over the whole file: an error or a run, never a crash. */
static void test_corrupted_files(void **unused)
{
    (void)unused;
    uint8_t *data;
    size_t bytes;
    must_add_sample("corrupt.db", 3, 1);
    assert_int_equal(cc_file_read("corrupt.db", 1 << 24, &data, &bytes, NULL), CC_OK);
    for (size_t at = 0; at < bytes; at += 101) {
        uint8_t kept = data[at];
        data[at] ^= 0x5B;
        cc_file_write("corrupted.db", data, bytes, NULL);
        data[at] = kept;
        struct report_store *store = NULL;
        struct report_run run;
        if (report_store_open("corrupted.db", REPORT_STORE_READ, &store, NULL) == CC_OK &&
            report_store_get(store, 1, &run, NULL) == CC_OK)
            report_run_free(&run);
        report_store_close(store);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_history_text),
        cmocka_unit_test(test_ids_are_not_used_again),
        cmocka_unit_test(test_no_such_run),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_migration),
        cmocka_unit_test(test_broken_sums_are_refused),
        cmocka_unit_test(test_edited_databases),
        cmocka_unit_test(test_corrupted_files),
    };
    return cmocka_run_group_tests(tests, store_set_up, store_tear_down);
}
