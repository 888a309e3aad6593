/* What the files of the store share. Private to reports/ (and to the tests that make writes
 * fail). */
#ifndef REPORT_STORE_INTERNAL_H
#define REPORT_STORE_INTERNAL_H

#include "store.h"

#include <sqlite3.h>

#define STORE_APPLICATION_ID 0x434f494e /* "COIN" */

/* Runs longer than this are not ours: bounds for what a damaged database can ask of memory. */
#define STORE_MAX_SCOPES    100000
#define STORE_MAX_OUTPUTS   1024
#define STORE_MAX_FUNCTIONS 100000
#define STORE_MAX_INPUTS    10000

/* First schema with run_detail and life_note. */
#define STORE_VERSION_DETAILS 3

/* First schema with causes of cycles and functions. */
#define STORE_VERSION_CAUSES 4

/* The schema that brought voltage ranges. */
#define STORE_VERSION_RANGES 5

/* First schema with scenarios: conditions, steps, spreads, streaming, harvest, inputs. */
#define STORE_VERSION_SCENARIOS 6

struct report_store {
    sqlite3 *db;
    char *path; /* as the user gave it, for messages */
};

/* The schema this program writes; databases from version 1 on can be read. */
int store_schema_version(void);

/* Brings the schema from version `from` (0 = an empty database) to store_schema_version(), inside
 * the transaction that the caller holds. */
enum cc_status store_migrate(struct report_store *store, int from, struct cc_error *err);

/* CC_ERR_STORE with the path, what was tried, SQLite's message and advice by its code. */
enum cc_status store_fail(const struct report_store *store, const char *what, struct cc_error *err);

/* Runs statements that return nothing. */
enum cc_status store_exec(struct report_store *store, const char *sql, const char *what,
                          struct cc_error *err);

#endif
