#include "store_reader.h"

#include <string.h>

void store_damaged(struct store_reader *r, const char *what)
{
    if (r->status == CC_OK)
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s:%s: holds a value that coincell never stores; restore the file "
                            "from a copy",
                            r->store->path, what);
}

static const char *column_name(struct store_reader *r)
{
    const char *name = sqlite3_column_name(r->stmt, r->column);
    return name ? name : "column";
}

void store_query(struct store_reader *r, const char *sql, int64_t run_id)
{
    sqlite3_finalize(r->stmt);
    r->stmt = NULL;
    if (r->status != CC_OK)
        return;
    int rc = sqlite3_prepare_v2(r->store->db, sql, -1, &r->stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(r->stmt) > 0)
        rc = sqlite3_bind_int64(r->stmt, 1, run_id);
    if (rc != SQLITE_OK)
        r->status = store_fail(r->store, "be read", r->err);
}

int store_rows(struct store_reader *r)
{
    if (r->status != CC_OK)
        return 0;
    r->column = 0;
    int rc = sqlite3_step(r->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        r->status = store_fail(r->store, "be read", r->err);
    return rc == SQLITE_ROW;
}

int64_t store_get_int(struct store_reader *r, int64_t low, int64_t high)
{
    int64_t value = sqlite3_column_int64(r->stmt, r->column);
    if (sqlite3_column_type(r->stmt, r->column) != SQLITE_INTEGER || value < low || value > high) {
        store_damaged(r, column_name(r));
        value = low;
    }
    r->column++;
    return value;
}

uint64_t store_get_count(struct store_reader *r)
{
    return (uint64_t)store_get_int(r, 0, INT64_MAX);
}

uint32_t store_get_u32(struct store_reader *r)
{
    return (uint32_t)store_get_int(r, 0, UINT32_MAX);
}

double store_get_real(struct store_reader *r)
{
    int type = sqlite3_column_type(r->stmt, r->column);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER)
        store_damaged(r, column_name(r));
    return sqlite3_column_double(r->stmt, r->column++);
}

void store_get_text(struct store_reader *r, char *to, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(r->stmt, r->column);
    size_t bytes = (size_t)sqlite3_column_bytes(r->stmt, r->column);
    if (!text || bytes >= size || strlen(text) != bytes) {
        store_damaged(r, column_name(r));
        bytes = 0;
    }
    if (bytes > 0)
        memcpy(to, text, bytes);
    to[bytes] = '\0';
    r->column++;
}

int64_t store_count_rows(struct store_reader *r, const char *sql, int64_t run_id, int64_t limit)
{
    store_query(r, sql, run_id);
    return store_rows(r) ? store_get_int(r, 0, limit) : -1;
}

int store_reader_version(struct store_reader *r)
{
    store_query(r, "PRAGMA user_version", 0);
    return store_rows(r) ? (int)store_get_int(r, 0, INT32_MAX) : 0;
}
