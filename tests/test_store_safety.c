/* The store harms nothing: databases of others stay untouched, processes that write at once lose
 * nothing, a write that fails leaves nothing half stored. */
#include "store_harness.h"

#include "cc_file.h"

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
    must_add_sample("newer.db", 2, 1);
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
    must_add_sample("newerwal.db", 2, 1);
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
    must_add_sample("locked.db", 2, 1);
    assert_int_equal(chmod("locked.db", 0444), 0);
    assert_refused_untouched("locked.db", REPORT_STORE_WRITE, "is read-only");
    struct print before = print_of("locked.db");
    struct report_store *store = must_open("locked.db", REPORT_STORE_READ);
    assert_int_equal(report_store_get(store, 1, &run, &err), CC_OK);
    report_run_free(&run);
    report_store_close(store);
    struct print after = print_of("locked.db");
    assert_string_equal(before.sha256, after.sha256);
    assert_int_equal(before.files, after.files);
}

/* A file of no bytes is where a new database may go (mktemp makes one). */
static void test_empty_file(void **unused)
{
    (void)unused;
    struct report_store *store;
    cc_file_write("empty.db", "", 0, NULL);
    assert_int_equal(report_store_open("empty.db", REPORT_STORE_READ, &store, NULL), CC_ERR_STORE);
    assert_int_equal(must_add_sample("empty.db", 1, 1), 1);
}

static void test_probe_creates_nothing(void **unused)
{
    (void)unused;
    assert_int_equal(report_store_probe("probe.db", REPORT_STORE_WRITE, NULL), CC_OK);
    assert_false(exists("probe.db"));
    must_add_sample("probe.db", 1, 1);
    struct print before = print_of("probe.db");
    assert_int_equal(report_store_probe("probe.db", REPORT_STORE_WRITE, NULL), CC_OK);
    assert_string_equal(before.sha256, print_of("probe.db").sha256);
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
    must_add_sample("full.db", 40, 1);
    long long pages = query("full.db", "PRAGMA page_count");
    report_sample(&run, 200, 2);
    for (long long extra = 0;; extra++) {
        char sql[64];
        struct report_store *store = must_open("full.db", REPORT_STORE_WRITE);
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
        cmocka_unit_test(test_databases_of_others),
        cmocka_unit_test(test_database_in_use_by_others),
        cmocka_unit_test(test_not_a_database),
        cmocka_unit_test(test_newer_schema),
        cmocka_unit_test(test_newer_schema_in_wal),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_probe_creates_nothing),
        cmocka_unit_test(test_many_processes),
        cmocka_unit_test(test_simultaneous_creation),
        cmocka_unit_test(test_nth_page_fails),
        cmocka_unit_test(test_file_size_limit),
    };
    return cmocka_run_group_tests(tests, store_set_up, store_tear_down);
}
