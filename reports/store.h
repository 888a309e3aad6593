/* The SQLite store: every run, never overwritten. WAL, STRICT tables, foreign keys, busy timeout,
 * schema version in user_version, application_id to recognise our own files. */
#ifndef REPORT_STORE_H
#define REPORT_STORE_H

#include "report.h"

struct report_store;

enum report_store_mode {
    REPORT_STORE_READ,  /* the file must exist */
    REPORT_STORE_WRITE, /* created when absent, migrated when older */
};

/* CC_ERR_STORE, file untouched: not a database, not ours, newer schema, read-only for WRITE. */
enum cc_status report_store_open(const char *path, enum report_store_mode mode,
                                 struct report_store **store, struct cc_error *err);
void report_store_close(struct report_store *store);

/* Would report_store_open succeed? Creates and changes nothing; for refusing a wrong database
 * before a long run. An absent file is fine for WRITE. Same errors. */
enum cc_status report_store_probe(const char *path, enum report_store_mode mode,
                                  struct cc_error *err);

/* Stores the run in one transaction and sets run->run_id. */
enum cc_status report_store_add(struct report_store *store, struct report_run *run,
                                struct cc_error *err);

/* Reads a run back whole (everything that report_text and report_json print). CC_ERR_STORE with
 * the known range of ids when there is no such run. */
enum cc_status report_store_get(struct report_store *store, int64_t run_id, struct report_run *run,
                                struct cc_error *err);

/* The latest run with the counts of a target: by the name of its model or what was given for it,
 * its chip, clock and the voltage range asked for (empty = none). *run_id 0 when there is none. */
enum cc_status report_store_find(struct report_store *store, const char *target,
                                 const struct sim_profile *like, int64_t *run_id,
                                 struct cc_error *err);

struct report_history_row {
    int64_t run_id;
    char created_utc[32];
    char model_name[64], mcu[64], kernels[32], battery[64];
    double clock_hz, vdd_v, energy_uj_p50, latency_ms;
    double every_s, temperature_c, days_p50;
    uint64_t instructions, cycles;
};

/* Newest first, at most limit rows (0 = all); caller frees *rows with free(). */
enum cc_status report_store_history(struct report_store *store, uint32_t limit,
                                    struct report_history_row **rows, size_t *count,
                                    struct cc_error *err);

/* At most 100 columns as long as the numbers are of a usual size; long names are cut. */
enum cc_status report_history_text(const struct report_history_row *rows, size_t count, FILE *out,
                                   struct cc_error *err);
enum cc_status report_history_json(const struct report_history_row *rows, size_t count, FILE *out,
                                   struct cc_error *err);

#endif
