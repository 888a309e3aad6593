/* The store: what goes in comes out byte for byte, databases of others stay untouched, processes
 * that write at once lose nothing, a write that fails leaves nothing half stored. */
#include "report_sample.h"
#include "store_internal.h"

#include "cc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/coincell-store-XXXXXX";

static int set_up(void **unused)
{
    (void)unused;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **unused)
{
    (void)unused;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static int exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static struct report_store *open_store(const char *path, enum report_store_mode mode)
{
    struct report_store *store = NULL;
    struct cc_error err = {CC_OK, ""};
    if (report_store_open(path, mode, &store, &err) != CC_OK)
        fail_msg("%s", err.message);
    return store;
}

static int64_t add(struct report_store *store, struct report_run *run)
{
    struct cc_error err = {CC_OK, ""};
    if (report_store_add(store, run, &err) != CC_OK)
        fail_msg("%s", err.message);
    return run->run_id;
}

static int64_t add_sample(const char *path, uint32_t n_ops, uint32_t seed)
{
    struct report_run run;
    struct report_store *store = open_store(path, REPORT_STORE_WRITE);
    report_sample(&run, n_ops, seed);
    int64_t id = add(store, &run);
    report_run_free(&run);
    report_store_close(store);
    return id;
}

/* First column of the first row of a query, on a plain connection as a user would make one. */
static long long query(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    long long value = -1;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

static void test_round_trip(void **unused)
{
    (void)unused;
    struct report_run run, back;
    struct cc_error err = {CC_OK, ""};
    static const uint32_t sizes[] = {0, 1, 13, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct report_store *store = open_store("round.db", REPORT_STORE_WRITE);
        report_sample(&run, sizes[i], (uint32_t)i + 1);
        run.profile.invocations = (uint32_t)i + 1;
        run.life.days.p90 = i == 2 ? INFINITY : run.life.days.p90;
        int64_t id = add(store, &run);
        report_store_close(store);
        store = open_store("round.db", REPORT_STORE_READ);
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
    add_sample("identity.db", 2, 1);
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
    struct report_store *store = open_store("views.db", REPORT_STORE_WRITE);
    report_sample(&run, 4, 11);
    add(store, &run);
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
                     4);
    report_run_free(&run);
}

static void test_history(void **unused)
{
    (void)unused;
    struct report_history_row *rows;
    size_t count;
    for (uint32_t i = 1; i <= 5; i++)
        assert_int_equal(add_sample("history.db", 2, i), i);
    struct report_store *store = open_store("history.db", REPORT_STORE_READ);
    assert_int_equal(report_store_history(store, 0, &rows, &count, NULL), CC_OK);
    assert_int_equal(count, 5);
    assert_int_equal(rows[0].run_id, 5);
    assert_int_equal(rows[4].run_id, 1);
    assert_string_equal(rows[0].mcu, "testchip");
    assert_int_equal(rows[0].cycles,
                     query("history.db", "SELECT cycles FROM v_run WHERE run_id = 5"));
    free(rows);
    assert_int_equal(report_store_history(store, 2, &rows, &count, NULL), CC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].run_id, 4);
    free(rows);
    report_store_close(store);
}

static void test_ids_are_not_used_again(void **unused)
{
    (void)unused;
    add_sample("ids.db", 1, 1);
    add_sample("ids.db", 1, 2);
    execute("ids.db", "PRAGMA foreign_keys = ON; DELETE FROM run WHERE run_id = 2");
    assert_int_equal(query("ids.db", "SELECT count(*) FROM scope WHERE run_id = 2"), 0);
    assert_int_equal(add_sample("ids.db", 1, 3), 3);
}

static void test_no_such_run(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    struct report_store *store = open_store("none.db", REPORT_STORE_WRITE);
    assert_int_equal(report_store_get(store, 1, &run, &err), CC_ERR_STORE);
    assert_non_null(strstr(err.message, "nor any other"));
    report_sample(&run, 1, 1);
    add(store, &run);
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
        assert_int_equal(add_sample(names[i], 1, 1), 1);
        assert_true(exists(names[i]));
        assert_int_equal(add_sample(names[i], 1, 2), 2);
    }
    char absolute[128];
    snprintf(absolute, sizeof absolute, "%s/absolute.db", folder);
    assert_int_equal(add_sample(absolute, 1, 1), 1);
    assert_true(exists("absolute.db"));
}

struct print {
    char sha256[65];
    struct timespec modified;
    off_t bytes;
    unsigned files; /* in the folder of the file */
};

static struct print print_of(const char *path)
{
    struct print p;
    struct stat st;
    uint8_t *data;
    size_t bytes;
    assert_int_equal(cc_file_read(path, 1 << 24, &data, &bytes, NULL), CC_OK);
    cc_sha256_hex(data, bytes, p.sha256);
    free(data);
    assert_int_equal(stat(path, &st), 0);
    p.modified = st.st_mtim;
    p.bytes = st.st_size;
    char side[256];
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    p.files = 0;
    for (int i = 0; i < 3; i++) {
        snprintf(side, sizeof side, "%s%s", path, ends[i]);
        p.files |= exists(side) ? 1u << i : 0;
    }
    return p;
}

static void assert_refused_untouched(const char *path, enum report_store_mode mode,
                                     const char *because)
{
    struct report_store *store = NULL;
    struct cc_error err = {CC_OK, ""};
    struct print before = print_of(path);
    assert_int_equal(report_store_probe(path, mode, &err), CC_ERR_STORE);
    assert_int_equal(report_store_open(path, mode, &store, &err), CC_ERR_STORE);
    assert_null(store);
    if (!strstr(err.message, because))
        fail_msg("\"%s\" is not in \"%s\"", because, err.message);
    assert_non_null(strstr(err.message, path));
    struct print after = print_of(path);
    assert_string_equal(before.sha256, after.sha256);
    assert_int_equal(before.bytes, after.bytes);
    assert_int_equal(before.files, after.files);
    assert_memory_equal(&before.modified, &after.modified, sizeof before.modified);
}

static void refuse_both(const char *path, const char *because)
{
    assert_refused_untouched(path, REPORT_STORE_WRITE, because);
    assert_refused_untouched(path, REPORT_STORE_READ, because);
}

static void test_databases_of_others(void **unused)
{
    (void)unused;
    execute("other.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    refuse_both("other.db", "not a database of coincell");
    execute("otherwal.db",
            "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    refuse_both("otherwal.db", "not a database of coincell");
    execute("otherid.db",
            "PRAGMA application_id = 77; PRAGMA user_version = 1; CREATE TABLE t (a)");
    refuse_both("otherid.db", "not a database of coincell");
    assert_int_equal(query("other.db", "SELECT a FROM t"), 1);
}

/* A database in use by its owner, with a WAL that is not folded in yet. */
static void test_database_in_use_by_others(void **unused)
{
    (void)unused;
    sqlite3 *db;
    assert_int_equal(sqlite3_open("live.db", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                                  "CREATE TABLE t (a); INSERT INTO t VALUES (1)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    struct print wal = print_of("live.db-wal");
    refuse_both("live.db", "not a database of coincell");
    assert_string_equal(wal.sha256, print_of("live.db-wal").sha256);
    sqlite3_close(db);
}

static void test_not_a_database(void **unused)
{
    (void)unused;
    cc_file_write("text.db", "just some text\n", 15, NULL);
    refuse_both("text.db", "not a database of coincell");
    char noise[8192];
    memset(noise, 0xA5, sizeof noise);
    cc_file_write("noise.db", noise, sizeof noise, NULL);
    refuse_both("noise.db", "not a database of coincell");
    memcpy(noise, "SQLite format 3", 16);
    cc_file_write("head.db", noise, 60, NULL);
    refuse_both("head.db", "not a database of coincell");
    assert_int_equal(mkdir("folder.db", 0777), 0);
    struct report_store *store;
    assert_int_equal(report_store_open("folder.db", REPORT_STORE_WRITE, &store, NULL),
                     CC_ERR_STORE);
    assert_int_equal(mkfifo("fifo.db", 0666), 0);
    assert_int_equal(report_store_open("fifo.db", REPORT_STORE_READ, &store, NULL), CC_ERR_STORE);
    assert_int_equal(report_store_open("no/such/folder.db", REPORT_STORE_WRITE, &store, NULL),
                     CC_ERR_STORE);
    assert_int_equal(report_store_probe("no/such/folder.db", REPORT_STORE_WRITE, NULL),
                     CC_ERR_STORE);
    assert_int_equal(report_store_probe("/x.db", REPORT_STORE_WRITE, NULL),
                     access("/", W_OK) == 0 ? CC_OK : CC_ERR_STORE);
    assert_int_equal(report_store_open("absent.db", REPORT_STORE_READ, &store, NULL), CC_ERR_STORE);
    assert_false(exists("absent.db"));
}

static void test_newer_schema(void **unused)
{
    (void)unused;
    add_sample("newer.db", 2, 1);
    execute("newer.db", "PRAGMA user_version = 99");
    refuse_both("newer.db", "schema 99 is newer");
    execute("newer.db", "PRAGMA user_version = -1");
    refuse_both("newer.db", "schema -1");
    execute("newer.db", "PRAGMA journal_mode = DELETE; PRAGMA user_version = 1000");
    refuse_both("newer.db", "schema 1000 is newer");
}

/* The newer version stands only in the WAL: the main file's header still says ours. */
static void test_newer_schema_in_wal(void **unused)
{
    (void)unused;
    sqlite3 *db;
    add_sample("newerwal.db", 2, 1);
    assert_int_equal(sqlite3_open("newerwal.db", &db), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_true(exists("newerwal.db-wal"));
    struct print before = print_of("newerwal.db"), wal = print_of("newerwal.db-wal");
    struct report_store *store;
    struct cc_error err = {CC_OK, ""};
    for (int mode = 0; mode < 2; mode++) {
        assert_int_equal(
            report_store_open("newerwal.db", (enum report_store_mode)mode, &store, &err),
            CC_ERR_STORE);
        assert_non_null(strstr(err.message, "schema 99 is newer"));
    }
    assert_string_equal(before.sha256, print_of("newerwal.db").sha256);
    assert_string_equal(wal.sha256, print_of("newerwal.db-wal").sha256);
}

static void test_read_only(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    add_sample("locked.db", 2, 1);
    assert_int_equal(chmod("locked.db", 0444), 0);
    assert_refused_untouched("locked.db", REPORT_STORE_WRITE, "is read-only");
    struct print before = print_of("locked.db");
    struct report_store *store = open_store("locked.db", REPORT_STORE_READ);
    assert_int_equal(report_store_get(store, 1, &run, &err), CC_OK);
    report_run_free(&run);
    report_store_close(store);
    struct print after = print_of("locked.db");
    assert_string_equal(before.sha256, after.sha256);
    assert_int_equal(before.files, after.files);
}

/* Version 1 had the tables but no views. */
static void test_migration(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    add_sample("old.db", 3, 1);
    execute("old.db", "DROP VIEW v_run; DROP VIEW v_layer; DROP VIEW v_access; DROP VIEW v_class;"
                      "DROP INDEX run_by_model; PRAGMA user_version = 1");
    struct report_store *store = open_store("old.db", REPORT_STORE_READ);
    assert_int_equal(report_store_get(store, 1, &run, &err), CC_OK);
    report_run_free(&run);
    report_store_close(store);
    assert_int_equal(query("old.db", "PRAGMA user_version"), 1);
    assert_int_equal(add_sample("old.db", 3, 2), 2);
    assert_int_equal(query("old.db", "PRAGMA user_version"), store_schema_version());
    assert_int_equal(query("old.db", "SELECT count(*) FROM v_run"), 2);
}

/* A file of no bytes is where a new database may go (mktemp makes one). */
static void test_empty_file(void **unused)
{
    (void)unused;
    struct report_store *store;
    cc_file_write("empty.db", "", 0, NULL);
    assert_int_equal(report_store_open("empty.db", REPORT_STORE_READ, &store, NULL), CC_ERR_STORE);
    assert_int_equal(add_sample("empty.db", 1, 1), 1);
}

static void test_probe_creates_nothing(void **unused)
{
    (void)unused;
    assert_int_equal(report_store_probe("probe.db", REPORT_STORE_WRITE, NULL), CC_OK);
    assert_false(exists("probe.db"));
    add_sample("probe.db", 1, 1);
    struct print before = print_of("probe.db");
    assert_int_equal(report_store_probe("probe.db", REPORT_STORE_WRITE, NULL), CC_OK);
    assert_string_equal(before.sha256, print_of("probe.db").sha256);
}

static void test_broken_sums_are_refused(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    struct report_store *store = open_store("sums.db", REPORT_STORE_WRITE);
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
    assert_int_equal(add(store, &run), 1);
    report_run_free(&run);
    report_store_close(store);
}

static void assert_damage_found(const char *sql)
{
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    unlink("damage.db");
    add_sample("damage.db", 3, 1);
    execute("damage.db", sql);
    struct report_store *store = open_store("damage.db", REPORT_STORE_READ);
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
}

/* Flips bytes over the whole file: an error or a run, never a crash. */
static void test_corrupted_files(void **unused)
{
    (void)unused;
    uint8_t *data;
    size_t bytes;
    add_sample("corrupt.db", 3, 1);
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

#define WRITERS         4
#define RUNS_PER_WRITER 50

/* Child: waits for the start, then opens, adds and closes once per run, as separate commands do. */
static void write_many(const char *path, int start, uint32_t writer, int keep_open)
{
    char go;
    struct report_store *store = NULL;
    struct cc_error err = {CC_OK, ""};
    if (read(start, &go, 1) < 0)
        _exit(1);
    for (uint32_t i = 0; i < RUNS_PER_WRITER; i++) {
        struct report_run run;
        report_sample(&run, 3, writer * 1000 + i);
        snprintf(run.model_name, sizeof run.model_name, "w%u-%u", writer, i);
        if (!store && report_store_open(path, REPORT_STORE_WRITE, &store, &err) != CC_OK) {
            fprintf(stderr, "%s\n", err.message);
            _exit(2);
        }
        if (report_store_add(store, &run, &err) != CC_OK) {
            fprintf(stderr, "%s\n", err.message);
            _exit(3);
        }
        report_run_free(&run);
        if (!keep_open) {
            report_store_close(store);
            store = NULL;
        }
    }
    report_store_close(store);
    _exit(0);
}

static void race(const char *path, int keep_open)
{
    int start[2];
    pid_t children[WRITERS];
    assert_int_equal(pipe(start), 0);
    for (uint32_t w = 0; w < WRITERS; w++) {
        children[w] = fork();
        assert_true(children[w] >= 0);
        if (children[w] == 0) {
            close(start[1]);
            write_many(path, start[0], w, keep_open);
        }
    }
    close(start[0]);
    close(start[1]); /* end of file starts all of them at once */
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(children[w], &status, 0), children[w]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(query(path, "SELECT count(DISTINCT model_name) FROM run"),
                     WRITERS * RUNS_PER_WRITER);
    assert_int_equal(query(path, "SELECT count(*) FROM scope"), WRITERS * RUNS_PER_WRITER * 4);
    assert_int_equal(query(path, "SELECT count(*) FROM pragma_integrity_check"
                                 " WHERE integrity_check = 'ok'"),
                     1);
}

static void test_many_processes(void **unused)
{
    (void)unused;
    race("race1.db", 0);
    race("race2.db", 1);
}

/* Many starts on a database that does not exist yet: the narrow moment is its creation. */
static void test_simultaneous_creation(void **unused)
{
    (void)unused;
    for (int round = 0; round < 20; round++) {
        char path[32];
        int start[2];
        pid_t children[WRITERS];
        snprintf(path, sizeof path, "born%d.db", round);
        assert_int_equal(pipe(start), 0);
        for (int w = 0; w < WRITERS; w++) {
            children[w] = fork();
            if (children[w] == 0) {
                char go;
                struct report_store *store;
                struct report_run run;
                struct cc_error err = {CC_OK, ""};
                close(start[1]);
                report_sample(&run, 1, (uint32_t)w);
                if (read(start[0], &go, 1) < 0 ||
                    report_store_open(path, REPORT_STORE_WRITE, &store, &err) != CC_OK ||
                    report_store_add(store, &run, &err) != CC_OK) {
                    fprintf(stderr, "%s\n", err.message);
                    _exit(1);
                }
                report_store_close(store);
                _exit(0);
            }
        }
        close(start[0]);
        close(start[1]);
        for (int w = 0; w < WRITERS; w++) {
            int status;
            waitpid(children[w], &status, 0);
            assert_int_equal(status, 0);
        }
        assert_int_equal(query(path, "SELECT count(*) FROM run"), WRITERS);
    }
}

/* The database may grow by one more page each time, until the run fits: every attempt before that
 * fails somewhere else and leaves nothing behind. */
static void test_nth_page_fails(void **unused)
{
    (void)unused;
    struct report_run run;
    struct cc_error err = {CC_OK, ""};
    int failures = 0;
    add_sample("full.db", 40, 1);
    long long pages = query("full.db", "PRAGMA page_count");
    report_sample(&run, 200, 2);
    for (long long extra = 0;; extra++) {
        char sql[64];
        struct report_store *store = open_store("full.db", REPORT_STORE_WRITE);
        snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", pages + extra);
        sqlite3_exec(store->db, sql, NULL, NULL, NULL);
        enum cc_status status = report_store_add(store, &run, &err);
        report_store_close(store);
        assert_int_equal(query("full.db", "SELECT count(*) FROM run"), status == CC_OK ? 2 : 1);
        if (status == CC_OK)
            break;
        failures++;
        assert_int_equal(status, CC_ERR_STORE);
        assert_non_null(strstr(err.message, "full"));
        assert_int_equal(run.run_id, 0);
        assert_int_equal(query("full.db", "SELECT count(*) FROM scope"), 41);
        assert_int_equal(query("full.db", "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    }
    assert_true(failures > 10);
    report_run_free(&run);
}

/* The same with the file system refusing: no file may grow past a limit that rises slowly. */
static void test_file_size_limit(void **unused)
{
    (void)unused;
    int failures = 0;
    for (rlim_t limit = 512;; limit += limit < 65536 ? 1536 : 16384) {
        pid_t child = fork();
        if (child == 0) {
            struct rlimit r = {limit, limit};
            struct report_store *store = NULL;
            struct report_run run;
            signal(SIGXFSZ, SIG_IGN);
            report_sample(&run, 20, 1);
            setrlimit(RLIMIT_FSIZE, &r);
            enum cc_status status = report_store_open("limit.db", REPORT_STORE_WRITE, &store, NULL);
            if (status == CC_OK)
                status = report_store_add(store, &run, NULL);
            report_store_close(store);
            _exit(status == CC_OK ? 0 : status == CC_ERR_STORE ? 1 : 2);
        }
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
        if (WEXITSTATUS(status) == 0)
            break;
        failures++;
        if (query("limit.db", "SELECT count(*) FROM sqlite_schema WHERE name = 'run'") == 1)
            assert_int_equal(query("limit.db", "SELECT count(*) FROM scope"), 0);
    }
    assert_true(failures > 5);
    assert_int_equal(query("limit.db", "SELECT count(*) FROM run"), 1);
    assert_int_equal(query("limit.db", "SELECT count(*) FROM scope"), 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_ids_are_not_used_again),
        cmocka_unit_test(test_no_such_run),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_databases_of_others),
        cmocka_unit_test(test_database_in_use_by_others),
        cmocka_unit_test(test_not_a_database),
        cmocka_unit_test(test_newer_schema),
        cmocka_unit_test(test_newer_schema_in_wal),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_migration),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_probe_creates_nothing),
        cmocka_unit_test(test_broken_sums_are_refused),
        cmocka_unit_test(test_edited_databases),
        cmocka_unit_test(test_corrupted_files),
        cmocka_unit_test(test_many_processes),
        cmocka_unit_test(test_simultaneous_creation),
        cmocka_unit_test(test_nth_page_fails),
        cmocka_unit_test(test_file_size_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
