/* Values into a database: one statement at a time with a sticky result code, after a failure the
 * rest does nothing. Private to reports/. */
#ifndef REPORT_STORE_WRITER_H
#define REPORT_STORE_WRITER_H

#include "store_internal.h"

/* Zero but for store; whoever made it finalizes stmt. */
struct store_writer {
    struct report_store *store;
    sqlite3_stmt *stmt;
    int column;
    int rc;        /* SQLITE_OK so far, or the first failure */
    int too_large; /* a count does not fit SQLite's signed 64 bits */
};

void store_prepare(struct store_writer *w, const char *sql);

/* Each binds the next column. Text and blobs must live until the insert. */
void store_put_int(struct store_writer *w, int64_t value);
void store_put_count(struct store_writer *w, uint64_t value);
void store_put_real(struct store_writer *w, double value);
void store_put_text(struct store_writer *w, const char *value);
void store_put_blob(struct store_writer *w, const void *bytes, size_t count);
void store_put_interval(struct store_writer *w, const struct energy_interval *i);

/* Executes the insert; the statement may be bound again from its first column. */
void store_insert(struct store_writer *w);

/* What a run says about its life: parts, steps, spreads, streaming, harvest, inputs, notes. */
void store_write_life(struct store_writer *w, int64_t id, const struct report_run *run);

#endif
