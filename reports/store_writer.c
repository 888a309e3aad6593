#include "store_writer.h"

void store_prepare(struct store_writer *w, const char *sql)
{
    if (w->rc != SQLITE_OK) /* finalizing would take the message of the failure with it */
        return;
    sqlite3_finalize(w->stmt);
    w->stmt = NULL;
    w->column = 0;
    w->rc = sqlite3_prepare_v2(w->store->db, sql, -1, &w->stmt, NULL);
}

void store_put_int(struct store_writer *w, int64_t value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_int64(w->stmt, ++w->column, value);
}

void store_put_count(struct store_writer *w, uint64_t value)
{
    if (value > INT64_MAX)
        w->too_large = 1;
    store_put_int(w, (int64_t)value);
}

void store_put_real(struct store_writer *w, double value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_double(w->stmt, ++w->column, value);
}

void store_put_text(struct store_writer *w, const char *value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_text(w->stmt, ++w->column, value, -1, SQLITE_STATIC);
}

void store_put_blob(struct store_writer *w, const void *bytes, size_t count)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_blob64(w->stmt, ++w->column, count ? bytes : "", count, SQLITE_STATIC);
}

void store_put_interval(struct store_writer *w, const struct energy_interval *i)
{
    store_put_real(w, i->p10);
    store_put_real(w, i->p50);
    store_put_real(w, i->p90);
}

void store_insert(struct store_writer *w)
{
    if (w->rc != SQLITE_OK)
        return;
    int rc = sqlite3_step(w->stmt);
    sqlite3_reset(w->stmt);
    w->rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    w->column = 0;
}
