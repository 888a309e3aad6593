/* Values out of a database that may have been edited or damaged: every string and number is checked
 * against what the structs can hold. Private to reports/. */
#ifndef REPORT_STORE_READER_H
#define REPORT_STORE_READER_H

#include "store_internal.h"

/* One query at a time with a sticky status: after a failure store_rows() ends and values are zero.
 * Zero but for store, err and status; whoever made it finalizes stmt. */
struct store_reader {
    struct report_store *store;
    sqlite3_stmt *stmt;
    int column;
    enum cc_status status;
    struct cc_error *err;
};

/* Fails, naming the table or column that holds what coincell never stores. */
void store_damaged(struct store_reader *r, const char *what);

/* Starts a query; its only parameter, if any, is the run. */
void store_query(struct store_reader *r, const char *sql, int64_t run_id);

/* The next row; 0 when there is none. */
int store_rows(struct store_reader *r);

/* The next column of the row; damage is noticed. Text is at most size - 1 bytes. */
int64_t store_get_int(struct store_reader *r, int64_t low, int64_t high);
uint64_t store_get_count(struct store_reader *r);
uint32_t store_get_u32(struct store_reader *r);
double store_get_real(struct store_reader *r);
void store_get_text(struct store_reader *r, char *to, size_t size);

#define STORE_GET_TEXT(r, array) store_get_text(r, array, sizeof(array))

/* Rows of a run's table (the query counts them), bounded; -1 on failure. */
int64_t store_count_rows(struct store_reader *r, const char *sql, int64_t run_id, int64_t limit);

/* The schema of the file: one that is only read is not migrated. 0 on failure. */
int store_reader_version(struct store_reader *r);

/* Instruction classes, regions, causes and functions of a run whose scopes are read already. Sets
 * *has_causes: 0 when the run was stored before they were counted. */
void store_read_counts(struct store_reader *r, int64_t run_id, struct sim_profile *profile,
                       int *has_causes);

/* What a run says about its life: parts, steps, spreads, streaming, harvest, inputs, notes. What
 * earlier versions did not keep stays zero. */
void store_read_life(struct store_reader *r, int64_t run_id, struct report_run *run);

#endif
