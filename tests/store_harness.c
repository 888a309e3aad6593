#include "store_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char folder[] = "/tmp/coincell-store-XXXXXX";

int store_set_up(void **unused)
{
    (void)unused;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

int store_tear_down(void **unused)
{
    (void)unused;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

struct report_store *must_open(const char *path, enum report_store_mode mode)
{
    struct report_store *store = NULL;
    struct cc_error err = {CC_OK, ""};
    if (report_store_open(path, mode, &store, &err) != CC_OK)
        fail_msg("%s", err.message);
    return store;
}

int64_t must_add(struct report_store *store, struct report_run *run)
{
    struct cc_error err = {CC_OK, ""};
    if (report_store_add(store, run, &err) != CC_OK)
        fail_msg("%s", err.message);
    return run->run_id;
}

int64_t must_add_sample(const char *path, uint32_t n_ops, uint32_t seed)
{
    struct report_run run;
    struct report_store *store = must_open(path, REPORT_STORE_WRITE);
    report_sample(&run, n_ops, seed);
    int64_t id = must_add(store, &run);
    report_run_free(&run);
    report_store_close(store);
    return id;
}

/* First column of the first row of a query, on a plain connection as a user would make one. */
long long query(const char *path, const char *sql)
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

void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}
