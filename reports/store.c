/* Opening a database without ever harming one that is not ours.
 *
 * Opening alone can change a database: SQLite recovers journals, creates -wal and -shm files beside
 * it and folds them in when it closes. So the header of an existing file is looked at first,
 * through a connection that takes no locks and writes nothing (immutable); only a file that carries
 * our application id and a schema we know is opened for real.
 *
 * A new database gets its tables and its application id in one transaction under SQLite's exclusive
 * lock, and only then switches to WAL: whoever sees a file that is not empty sees our id in it, so
 * that processes may start at once on a database that does not exist yet. */
#include "store_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 60000
#define WAL_ATTEMPTS    250 /* of 20 ms each */

/* SQLite's database header, from the file format: offsets in bytes, numbers big endian. */
#define HEADER_BYTES          100
#define HEADER_WRITE_VERSION  18 /* 2 = WAL */
#define HEADER_USER_VERSION   60
#define HEADER_APPLICATION_ID 68

enum kind { KIND_ABSENT, KIND_EMPTY, KIND_OURS, KIND_FOREIGN };

struct look {
    enum kind kind;
    int version;
    int wal;
    int writable;
};

enum cc_status store_fail(const struct report_store *store, const char *what, struct cc_error *err)
{
    const char *advice = "see whether the file is damaged, or give another with --db";
    switch (sqlite3_errcode(store->db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        advice = "another program holds it; try again";
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        advice = "make room on the disk, or give another file with --db";
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        advice = "give a file in a folder that may be written with --db, or use --no-db";
        break;
    default:
        break;
    }
    return cc_fail(err, CC_ERR_STORE, "%s: could not %s: %s; %s", store->path, what,
                   sqlite3_errmsg(store->db), advice);
}

enum cc_status store_exec(struct report_store *store, const char *sql, const char *what,
                          struct cc_error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(store, what, err);
    return CC_OK;
}

/* "file:" URI of a path. Keeps names such as ":memory:" or "a?b" ordinary file names.
 * Caller frees; NULL when out of memory. */
static char *uri_of(const char *path, const char *query)
{
    static const char hex[] = "0123456789ABCDEF";
    char *uri = malloc(strlen("file://./") + 3 * strlen(path) + strlen(query) + 1);
    if (!uri)
        return NULL;
    char *to = stpcpy(uri, path[0] == '/' ? "file://" : "file:./");
    for (const unsigned char *s = (const unsigned char *)path; *s; s++) {
        if (*s == '?' || *s == '#' || *s == '%') {
            *to++ = '%';
            *to++ = hex[*s >> 4];
            *to++ = hex[*s & 15];
        } else {
            *to++ = (char)*s;
        }
    }
    strcpy(to, query);
    return uri;
}

static int open_uri(const char *path, const char *query, int flags, sqlite3 **db)
{
    char *uri = uri_of(path, query);
    if (!uri)
        return SQLITE_NOMEM;
    int rc = sqlite3_open_v2(uri, db, flags | SQLITE_OPEN_URI, NULL);
    free(uri);
    return rc;
}

static int big_endian_32(const unsigned char *b)
{
    return (int)((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
}

static enum cc_status read_header(const char *path, unsigned char header[HEADER_BYTES],
                                  struct cc_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_file *file = NULL;
    memset(header, 0, HEADER_BYTES);
    /* SQLite's own file handle: closing a handle of ours would drop the locks that this process
     * may hold on the file through another connection. */
    int rc = open_uri(path, "?immutable=1", SQLITE_OPEN_READONLY, &db);
    if (rc == SQLITE_OK)
        rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK && file && file->pMethods)
        rc = file->pMethods->xRead(file, header, HEADER_BYTES, 0);
    sqlite3_close(db);
    if (rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ)
        return CC_OK;
    return cc_fail(err, CC_ERR_STORE, "%s: cannot be read: %s; give another file with --db", path,
                   sqlite3_errstr(rc));
}

static enum cc_status look_once(const char *path, struct look *look, struct stat *st,
                                struct cc_error *err)
{
    unsigned char header[HEADER_BYTES];
    memset(look, 0, sizeof *look);
    if (stat(path, st) != 0) {
        if (errno == ENOENT)
            return CC_OK;
        return cc_fail(err, CC_ERR_STORE, "%s: %s; give another file with --db", path,
                       strerror(errno));
    }
    if (!S_ISREG(st->st_mode))
        return cc_fail(err, CC_ERR_STORE, "%s: is not a regular file; give another with --db",
                       path);
    /* A file without write permission for anybody is meant to stay as it is, even for root. */
    look->writable = (st->st_mode & 0222) != 0 && access(path, W_OK) == 0;
    look->kind = KIND_EMPTY;
    if (st->st_size == 0)
        return CC_OK;
    enum cc_status status = read_header(path, header, err);
    if (status != CC_OK)
        return status;
    look->wal = header[HEADER_WRITE_VERSION] == 2;
    look->version = big_endian_32(header + HEADER_USER_VERSION);
    look->kind = memcmp(header, "SQLite format 3", 16) == 0 &&
                         big_endian_32(header + HEADER_APPLICATION_ID) == STORE_APPLICATION_ID
                     ? KIND_OURS
                     : KIND_FOREIGN;
    return CC_OK;
}

/* A fresh file that does not look like ours may be one that another process is just writing: the
 * header is read without a lock. Look again for a moment before the verdict. */
static enum cc_status look_at(const char *path, struct look *look, struct cc_error *err)
{
    struct stat st;
    for (int attempt = 0;; attempt++) {
        enum cc_status status = look_once(path, look, &st, err);
        if (status != CC_OK || look->kind != KIND_FOREIGN || attempt == 10 ||
            time(NULL) - st.st_mtime > 2)
            return status;
        sqlite3_sleep(10);
    }
}

static enum cc_status check_version(const char *path, int version, struct cc_error *err)
{
    if (version > store_schema_version())
        return cc_fail(err, CC_ERR_STORE,
                       "%s:user_version: schema %d is newer than the %d this program knows; use a "
                       "newer coincell, or give another file with --db",
                       path, version, store_schema_version());
    if (version < 1)
        return cc_fail(err, CC_ERR_STORE,
                       "%s:user_version: schema %d does not exist; the file is damaged, give "
                       "another with --db",
                       path, version);
    return CC_OK;
}

/* Can a new file be made there? */
static enum cc_status check_folder(const char *path, struct cc_error *err)
{
    char *folder = strdup(path);
    if (!folder)
        return cc_no_memory(err);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0'; /* "/" stays "/" */
    int refused = access(slash ? folder : ".", W_OK | X_OK) != 0;
    int reason = errno;
    free(folder);
    if (refused)
        return cc_fail(err, CC_ERR_STORE,
                       "%s: cannot be created in its folder: %s; give another file with --db, or "
                       "use --no-db",
                       path, strerror(reason));
    return CC_OK;
}

static enum cc_status judge(const char *path, enum report_store_mode mode, const struct look *look,
                            struct cc_error *err)
{
    if (mode == REPORT_STORE_READ && look->kind == KIND_ABSENT)
        return cc_fail(err, CC_ERR_STORE,
                       "%s: there is no such database; store a run with coincell run, or give the "
                       "file with --db",
                       path);
    if (mode == REPORT_STORE_READ && look->kind == KIND_EMPTY)
        return cc_fail(err, CC_ERR_STORE, "%s: the file is empty; give a database with --db", path);
    if (look->kind == KIND_ABSENT)
        return check_folder(path, err);
    if (look->kind == KIND_FOREIGN)
        return cc_fail(err, CC_ERR_STORE,
                       "%s: is not a database of coincell, left as it is; give another file with "
                       "--db",
                       path);
    if (look->kind == KIND_OURS) {
        enum cc_status status = check_version(path, look->version, err);
        if (status != CC_OK)
            return status;
    }
    if (mode == REPORT_STORE_WRITE && !look->writable)
        return cc_fail(err, CC_ERR_STORE,
                       "%s: is read-only; make it writable, give another file with --db, or use "
                       "--no-db",
                       path);
    return CC_OK;
}

enum cc_status report_store_probe(const char *path, enum report_store_mode mode,
                                  struct cc_error *err)
{
    struct look look;
    enum cc_status status = look_at(path, &look, err);
    return status == CC_OK ? judge(path, mode, &look, err) : status;
}

static enum cc_status query_int(struct report_store *store, const char *sql, int *value,
                                struct cc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *value = sqlite3_column_int(stmt, 0);
    enum cc_status status = rc == SQLITE_ROW ? CC_OK : store_fail(store, "be read", err);
    sqlite3_finalize(stmt);
    return status;
}

/* Identity and version as SQLite sees them, under its lock and with the WAL. */
static enum cc_status identify(struct report_store *store, int *application_id, int *version,
                               struct cc_error *err)
{
    enum cc_status status = query_int(store, "PRAGMA application_id", application_id, err);
    return status == CC_OK ? query_int(store, "PRAGMA user_version", version, err) : status;
}

/* Inside BEGIN EXCLUSIVE: creates or migrates unless another process was faster. */
static enum cc_status set_up_locked(struct report_store *store, struct cc_error *err)
{
    int application_id = 0, version = 0, objects = 0;
    enum cc_status status = identify(store, &application_id, &version, err);
    if (status == CC_OK)
        status = query_int(store, "SELECT count(*) FROM sqlite_schema", &objects, err);
    if (status != CC_OK)
        return status;
    int empty = application_id == 0 && version == 0 && objects == 0;
    if (!empty && application_id != STORE_APPLICATION_ID)
        return cc_fail(err, CC_ERR_STORE,
                       "%s: another program made it its own just now; give another file with --db",
                       store->path);
    if (!empty) {
        status = check_version(store->path, version, err);
        if (status != CC_OK || version == store_schema_version())
            return status;
    }
    return store_migrate(store, version, err);
}

static enum cc_status set_up(struct report_store *store, struct cc_error *err)
{
    enum cc_status status = store_exec(store, "BEGIN EXCLUSIVE", "be locked", err);
    if (status != CC_OK)
        return status;
    status = set_up_locked(store, err);
    if (status == CC_OK)
        status = store_exec(store, "COMMIT", "be set up", err);
    if (status != CC_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* Readers and a writer at once. SQLite does not wait by itself for this lock. A file system that
 * cannot do it, or a database that is never quiet, keeps its journal: slower, just as safe. */
static void use_wal(sqlite3 *db)
{
    for (int i = 0; i < WAL_ATTEMPTS; i++) {
        if (sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_BUSY)
            return;
        sqlite3_sleep(20);
    }
}

static enum cc_status open_write(struct report_store *store, const struct look *look,
                                 struct cc_error *err)
{
    int application_id = 0, version = 0;
    if (open_uri(store->path, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &store->db) !=
        SQLITE_OK)
        return store_fail(store, "be opened", err);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (sqlite3_db_readonly(store->db, "main") == 1)
        return cc_fail(err, CC_ERR_STORE, "%s: is read-only; give another file with --db",
                       store->path);
    if (look->kind == KIND_OURS) {
        enum cc_status status = identify(store, &application_id, &version, err);
        if (status == CC_OK)
            status = check_version(store->path, version, err);
        if (status != CC_OK)
            return status;
    }
    if (version != store_schema_version()) {
        enum cc_status status = set_up(store, err);
        if (status != CC_OK)
            return status;
    }
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    use_wal(store->db);
    return store_exec(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", "be opened",
                      err);
}

/* Is there a -wal file with content beside the database? Then it is part of the data. */
static int has_wal(const char *path)
{
    struct stat st;
    char *wal = sqlite3_mprintf("%s-wal", path);
    int found = wal && stat(wal, &st) == 0 && st.st_size > 0;
    sqlite3_free(wal);
    return found;
}

static enum cc_status open_read(struct report_store *store, const struct look *look,
                                struct cc_error *err)
{
    int application_id = 0, version = 0, rc;
    if (look->writable)
        rc = open_uri(store->path, "", SQLITE_OPEN_READWRITE, &store->db);
    else
        rc = open_uri(store->path, has_wal(store->path) ? "" : "?immutable=1", SQLITE_OPEN_READONLY,
                      &store->db);
    if (rc != SQLITE_OK)
        return store_fail(store, "be opened", err);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    enum cc_status status = identify(store, &application_id, &version, err);
    if (status == CC_OK)
        status = check_version(store->path, version, err);
    if (status == CC_OK)
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return status;
}

enum cc_status report_store_open(const char *path, enum report_store_mode mode,
                                 struct report_store **store, struct cc_error *err)
{
    struct look look;
    *store = NULL;
    enum cc_status status = look_at(path, &look, err);
    if (status == CC_OK)
        status = judge(path, mode, &look, err);
    if (status != CC_OK)
        return status;
    struct report_store *s = calloc(1, sizeof *s);
    if (s)
        s->path = strdup(path);
    if (!s || !s->path) {
        free(s);
        return cc_no_memory(err);
    }
    status = mode == REPORT_STORE_WRITE ? open_write(s, &look, err) : open_read(s, &look, err);
    if (status == CC_OK)
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (status == CC_OK)
        status = store_exec(s, "PRAGMA trusted_schema = OFF", "be opened", err);
    if (status != CC_OK) {
        report_store_close(s);
        return status;
    }
    *store = s;
    return CC_OK;
}

void report_store_close(struct report_store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}
