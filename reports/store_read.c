/* Reading runs back. A database may have been edited or damaged, so every string, count and name
 * is checked against what the structs can hold. */
#include "report_check.h"
#include "store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One query at a time with a sticky status: after a failure rows() ends and values are zero. */
struct reader {
    struct report_store *store;
    sqlite3_stmt *stmt;
    int column;
    enum cc_status status;
    struct cc_error *err;
};

static void damaged(struct reader *r, const char *what)
{
    if (r->status == CC_OK)
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s:%s: holds a value that coincell never stores; restore the file "
                            "from a copy",
                            r->store->path, what);
}

static const char *column_name(struct reader *r)
{
    const char *name = sqlite3_column_name(r->stmt, r->column);
    return name ? name : "column";
}

/* Starts a query; its only parameter, if any, is the run. */
static void query(struct reader *r, const char *sql, int64_t run_id)
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

static int rows(struct reader *r)
{
    if (r->status != CC_OK)
        return 0;
    r->column = 0;
    int rc = sqlite3_step(r->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        r->status = store_fail(r->store, "be read", r->err);
    return rc == SQLITE_ROW;
}

static int64_t get_int(struct reader *r, int64_t low, int64_t high)
{
    int64_t value = sqlite3_column_int64(r->stmt, r->column);
    if (sqlite3_column_type(r->stmt, r->column) != SQLITE_INTEGER || value < low || value > high) {
        damaged(r, column_name(r));
        value = low;
    }
    r->column++;
    return value;
}

static uint64_t get_count(struct reader *r)
{
    return (uint64_t)get_int(r, 0, INT64_MAX);
}

static uint32_t get_u32(struct reader *r)
{
    return (uint32_t)get_int(r, 0, UINT32_MAX);
}

static double get_real(struct reader *r)
{
    int type = sqlite3_column_type(r->stmt, r->column);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER)
        damaged(r, column_name(r));
    return sqlite3_column_double(r->stmt, r->column++);
}

static void get_text(struct reader *r, char *to, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(r->stmt, r->column);
    size_t bytes = (size_t)sqlite3_column_bytes(r->stmt, r->column);
    if (!text || bytes >= size || strlen(text) != bytes) {
        damaged(r, column_name(r));
        bytes = 0;
    }
    if (bytes > 0)
        memcpy(to, text, bytes);
    to[bytes] = '\0';
    r->column++;
}

#define GET_TEXT(r, array) get_text(r, array, sizeof(array))

static void get_interval(struct reader *r, struct energy_interval *i)
{
    i->p10 = get_real(r);
    i->p50 = get_real(r);
    i->p90 = get_real(r);
}

static void get_target(struct reader *r, struct report_run *run)
{
    run->run_id = get_int(r, 1, INT64_MAX);
    GET_TEXT(r, run->created_utc);
    GET_TEXT(r, run->version);
    GET_TEXT(r, run->target_path);
    GET_TEXT(r, run->target_kind);
    GET_TEXT(r, run->target_sha256);
    GET_TEXT(r, run->model_name);
    GET_TEXT(r, run->kernels);
    GET_TEXT(r, run->profile.chip);
    GET_TEXT(r, run->mcu_description);
    GET_TEXT(r, run->profile.core);
    run->profile.clock_hz = get_real(r);
    run->mcu_clock_hz = get_real(r);
    GET_TEXT(r, run->profile.timing_note);
    run->profile.invocations = get_u32(r);
}

static void get_sizes(struct reader *r, struct report_run *run)
{
    run->macs = get_count(r);
    run->arena_bytes = get_u32(r);
    run->stack_bytes = get_u32(r);
    run->profile.stack_bytes = get_count(r);
    run->ram_used_bytes = get_u32(r);
    run->ram_bytes = get_u32(r);
    run->flash_used_bytes = get_u32(r);
    run->flash_bytes = get_u32(r);
    run->weight_bytes = get_u32(r);
}

static void get_energy(struct reader *r, struct report_run *run)
{
    run->energy.vdd_v = get_real(r);
    run->energy.latency_s = get_real(r);
    get_interval(r, &run->energy.total_uj);
    run->energy.total_rsd = get_real(r);
    GET_TEXT(r, run->energy.source_note);
    GET_TEXT(r, run->output_sha256);
    run->every_s = get_real(r);
    run->temperature_c = get_real(r);
    GET_TEXT(r, run->life.battery);
    GET_TEXT(r, run->life.scenario);
    run->life.average_uw = get_real(r);
    get_interval(r, &run->life.days);
    GET_TEXT(r, run->life.limited_by);
}

static void no_such_run(struct reader *r, int64_t run_id)
{
    query(r, "SELECT coalesce(min(run_id), 0), coalesce(max(run_id), 0) FROM run", 0);
    if (!rows(r))
        return;
    long long first = (long long)get_int(r, 0, INT64_MAX);
    long long last = (long long)get_int(r, 0, INT64_MAX);
    if (r->status != CC_OK)
        return;
    if (last == 0)
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s: there is no run %lld, nor any other; store one with coincell run",
                            r->store->path, (long long)run_id);
    else
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s: there is no run %lld; the runs are %lld to %lld, see coincell "
                            "history",
                            r->store->path, (long long)run_id, first, last);
}

static void read_run(struct reader *r, int64_t run_id, struct report_run *run)
{
    query(r,
          "SELECT run_id, created_utc, version, target_path, target_kind, target_sha256,"
          " model_name, kernels, mcu, mcu_description, core, clock_hz, mcu_clock_hz, timing_note,"
          " invocations, macs, arena_bytes, stack_bytes, stack_seen_bytes, ram_used_bytes,"
          " ram_bytes, flash_used_bytes, flash_bytes, weight_bytes, vdd_v, latency_s,"
          " energy_uj_p10, energy_uj_p50, energy_uj_p90, energy_rsd, energy_source,"
          " output_sha256, every_s, temperature_c, battery, scenario, average_uw, days_p10,"
          " days_p50, days_p90, limited_by FROM run WHERE run_id = ?",
          run_id);
    if (!rows(r)) {
        if (r->status == CC_OK)
            no_such_run(r, run_id);
        return;
    }
    get_target(r, run);
    get_sizes(r, run);
    get_energy(r, run);
}

/* Tables that came with a later schema; a database that is only read is not migrated. */
static int has_details(struct reader *r)
{
    query(r, "PRAGMA user_version", 0);
    return rows(r) && get_int(r, 0, INT32_MAX) >= STORE_VERSION_DETAILS;
}

static void read_detail(struct reader *r, int64_t run_id, struct report_run *run)
{
    if (!has_details(r))
        return;
    query(r,
          "SELECT cycles_rsd, latency_s_p10, latency_s_p90, running_ma, battery_running_ma,"
          " end_rest_v, end_loaded_v, least_v, charge_left, runner_bytes FROM run_detail"
          " WHERE run_id = ?",
          run_id);
    if (!rows(r))
        return;
    run->profile.cycles_rsd = get_real(r);
    run->energy.latency_p10_s = get_real(r);
    run->energy.latency_p90_s = get_real(r);
    run->energy.running_ma = get_real(r);
    run->life.running_ma = get_real(r);
    run->life.end_rest_v = get_real(r);
    run->life.end_loaded_v = get_real(r);
    run->life.least_v = get_real(r);
    run->life.charge_left = get_real(r);
    run->runner_bytes = get_u32(r);
}

/* Rows of a run's table, bounded; -1 on failure. */
static int64_t count_rows(struct reader *r, const char *sql, int64_t run_id, int64_t limit)
{
    query(r, sql, run_id);
    return rows(r) ? get_int(r, 0, limit) : -1;
}

static void read_parts(struct reader *r, int64_t run_id, struct report_run *run)
{
    char part[32];
    query(r, "SELECT part, uj FROM energy_part WHERE run_id = ?", run_id);
    while (rows(r)) {
        GET_TEXT(r, part);
        int i = 0;
        while (i < ENERGY_PART_COUNT && strcmp(part, energy_part_name((enum energy_part)i)) != 0)
            i++;
        if (i == ENERGY_PART_COUNT)
            damaged(r, "energy_part.part");
        else
            run->energy.parts_uj[i] = get_real(r);
    }
    query(r, "SELECT part, uw FROM life_part WHERE run_id = ?", run_id);
    while (rows(r)) {
        GET_TEXT(r, part);
        int i = 0;
        while (i < ENERGY_LIFE_PART_COUNT &&
               strcmp(part, energy_life_part_name((enum energy_life_part)i)) != 0)
            i++;
        if (i == ENERGY_LIFE_PART_COUNT)
            damaged(r, "life_part.part");
        else
            run->life.parts_uw[i] = get_real(r);
    }
}

static int allocate_scopes(struct reader *r, uint32_t n, struct report_run *run)
{
    if (n == 0)
        return 0;
    run->profile.scopes = calloc(n, sizeof *run->profile.scopes);
    run->energy.scope_uj = calloc(n, sizeof *run->energy.scope_uj);
    run->layers = calloc(n, sizeof *run->layers);
    if (!run->profile.scopes || !run->energy.scope_uj || !run->layers) {
        r->status = cc_no_memory(r->err);
        return 0;
    }
    run->profile.scope_count = n;
    run->energy.scope_count = n;
    return 1;
}

static void get_scope(struct reader *r, struct sim_scope *scope, struct report_layer *layer,
                      struct energy_interval *uj)
{
    scope->id = (int32_t)get_int(r, INT32_MIN, INT32_MAX);
    GET_TEXT(r, scope->name);
    layer->index = (int32_t)get_int(r, INT32_MIN, INT32_MAX);
    GET_TEXT(r, layer->op);
    GET_TEXT(r, layer->name);
    GET_TEXT(r, layer->shape);
    layer->macs = get_count(r);
    scope->counts.instructions = get_count(r);
    scope->counts.core_cycles = get_count(r);
    scope->counts.fetch_stall_cycles = get_count(r);
    scope->counts.data_stall_cycles = get_count(r);
    scope->counts.cycles = get_count(r);
    scope->counts.branches_taken = get_count(r);
    scope->counts.accesses = get_count(r);
    get_interval(r, uj);
}

static void read_scopes(struct reader *r, int64_t run_id, struct report_run *run)
{
    int64_t n = count_rows(r, "SELECT count(*) AS scopes FROM scope WHERE run_id = ?", run_id,
                           STORE_MAX_SCOPES);
    if (n < 0 || !allocate_scopes(r, (uint32_t)n, run))
        return;
    query(r,
          "SELECT id, label, layer_index, op, name, shape, macs, instructions, core_cycles,"
          " fetch_stall_cycles, data_stall_cycles, cycles, branches_taken, accesses,"
          " energy_uj_p10, energy_uj_p50, energy_uj_p90, position"
          " FROM scope WHERE run_id = ? ORDER BY position",
          run_id);
    uint32_t i = 0;
    for (; i < (uint32_t)n && rows(r); i++) {
        get_scope(r, &run->profile.scopes[i], &run->layers[i], &run->energy.scope_uj[i]);
        get_int(r, i, i);
    }
    if (i != (uint32_t)n)
        damaged(r, "scope");
}

/* The scope that a detail row belongs to; NULL when there is none. */
static struct sim_scope *get_position(struct reader *r, struct report_run *run)
{
    int64_t position = get_int(r, 0, (int64_t)run->profile.scope_count - 1);
    return r->status == CC_OK ? &run->profile.scopes[position] : NULL;
}

static void read_classes(struct reader *r, int64_t run_id, struct report_run *run)
{
    char name[32];
    query(r, "SELECT position, class, count FROM scope_class WHERE run_id = ?", run_id);
    while (rows(r)) {
        struct sim_scope *scope = get_position(r, run);
        GET_TEXT(r, name);
        int c = sim_class_from_name(name);
        if (!scope || c < 0)
            damaged(r, "scope_class.class");
        else
            scope->counts.classes[c] = get_count(r);
    }
}

static void read_accesses(struct reader *r, int64_t run_id, struct report_run *run)
{
    char name[32];
    query(r,
          "SELECT position, region, reads, writes, read_bytes, write_bytes, fetch_bytes,"
          " line_reads FROM scope_access WHERE run_id = ?",
          run_id);
    while (rows(r)) {
        struct sim_scope *scope = get_position(r, run);
        GET_TEXT(r, name);
        int region = sim_region_from_name(name);
        if (!scope || region < 0) {
            damaged(r, "scope_access.region");
            continue;
        }
        struct sim_accesses *a = &scope->counts.regions[region];
        a->reads = get_count(r);
        a->writes = get_count(r);
        a->read_bytes = get_count(r);
        a->write_bytes = get_count(r);
        a->fetch_bytes = get_count(r);
        a->line_reads = get_count(r);
    }
}

static void get_bytes(struct reader *r, struct report_tensor *t)
{
    const void *bytes = sqlite3_column_blob(r->stmt, r->column);
    size_t count = (size_t)sqlite3_column_bytes(r->stmt, r->column);
    if (sqlite3_column_type(r->stmt, r->column) != SQLITE_BLOB)
        damaged(r, column_name(r));
    r->column++;
    if (r->status != CC_OK || count == 0)
        return;
    t->bytes = malloc(count);
    if (!t->bytes) {
        r->status = cc_no_memory(r->err);
        return;
    }
    memcpy(t->bytes, bytes, count);
    t->byte_count = (uint32_t)count;
}

static void read_outputs(struct reader *r, int64_t run_id, struct report_run *run)
{
    int64_t n = count_rows(r, "SELECT count(*) AS outputs FROM output WHERE run_id = ?", run_id,
                           STORE_MAX_OUTPUTS);
    if (n <= 0)
        return;
    run->outputs = calloc((size_t)n, sizeof *run->outputs);
    if (!run->outputs) {
        r->status = cc_no_memory(r->err);
        return;
    }
    query(r,
          "SELECT name, type, shape, scale, zero_point, bytes FROM output WHERE run_id = ?"
          " ORDER BY position",
          run_id);
    while (run->output_count < (uint32_t)n && rows(r)) {
        struct report_tensor *t = &run->outputs[run->output_count++];
        GET_TEXT(r, t->name);
        GET_TEXT(r, t->type);
        GET_TEXT(r, t->shape);
        t->scale = get_real(r);
        t->zero_point = (int32_t)get_int(r, INT32_MIN, INT32_MAX);
        get_bytes(r, t);
    }
}

static void read_notes(struct reader *r, int64_t run_id, struct report_run *run)
{
    query(r, "SELECT text FROM note WHERE run_id = ? ORDER BY position", run_id);
    while (rows(r)) {
        if (run->note_count == sizeof run->notes / sizeof run->notes[0]) {
            damaged(r, "note.position");
            break;
        }
        GET_TEXT(r, run->notes[run->note_count]);
        run->note_count++;
    }
    if (!has_details(r))
        return;
    query(r, "SELECT text FROM life_note WHERE run_id = ? ORDER BY position", run_id);
    while (rows(r)) {
        if (run->life.note_count == sizeof run->life.notes / sizeof run->life.notes[0]) {
            damaged(r, "life_note.position");
            break;
        }
        GET_TEXT(r, run->life.notes[run->life.note_count]);
        run->life.note_count++;
    }
}

/* The totals are the sum of the scopes; a row that was changed by hand shows here. */
static void sum_up(struct reader *r, struct report_run *run)
{
    struct cc_error broken;
    if (r->status != CC_OK)
        return;
    for (uint32_t i = 0; i < run->profile.scope_count; i++)
        sim_counts_add(&run->profile.total, &run->profile.scopes[i].counts);
    if (sim_profile_check(&run->profile, &broken) != CC_OK)
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s: run %lld does not add up (%.200s); restore the file from a copy",
                            r->store->path, (long long)run->run_id, broken.message);
}

enum cc_status report_store_get(struct report_store *store, int64_t run_id, struct report_run *run,
                                struct cc_error *err)
{
    struct reader r = {.store = store, .err = err};
    memset(run, 0, sizeof *run);
    r.status = store_exec(store, "BEGIN", "be read", err); /* one moment for all tables */
    if (r.status != CC_OK)
        return r.status;
    read_run(&r, run_id, run);
    read_detail(&r, run_id, run);
    read_parts(&r, run_id, run);
    read_scopes(&r, run_id, run);
    read_classes(&r, run_id, run);
    read_accesses(&r, run_id, run);
    read_outputs(&r, run_id, run);
    read_notes(&r, run_id, run);
    sum_up(&r, run);
    sqlite3_finalize(r.stmt);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (r.status != CC_OK)
        report_run_free(run);
    return r.status;
}

static void get_history_row(struct reader *r, struct report_history_row *row)
{
    row->run_id = get_int(r, 1, INT64_MAX);
    GET_TEXT(r, row->created_utc);
    GET_TEXT(r, row->model_name);
    GET_TEXT(r, row->mcu);
    GET_TEXT(r, row->kernels);
    GET_TEXT(r, row->battery);
    row->clock_hz = get_real(r);
    row->vdd_v = get_real(r);
    row->energy_uj_p50 = get_real(r);
    row->latency_ms = get_real(r) * 1e3;
    row->every_s = get_real(r);
    row->temperature_c = get_real(r);
    row->days_p50 = get_real(r);
    row->instructions = get_count(r);
    row->cycles = get_count(r);
}

enum cc_status report_store_history(struct report_store *store, uint32_t limit,
                                    struct report_history_row **out, size_t *count,
                                    struct cc_error *err)
{
    struct reader r = {.store = store, .err = err};
    struct report_history_row *list = NULL;
    size_t used = 0, room = 0;
    query(&r,
          "SELECT run_id, created_utc, model_name, mcu, kernels, battery, clock_hz,"
          " vdd_v, energy_uj_p50, latency_s, every_s, temperature_c, days_p50,"
          " (SELECT coalesce(sum(instructions), 0) FROM scope AS s WHERE s.run_id = r.run_id),"
          " (SELECT coalesce(sum(cycles), 0) FROM scope AS s WHERE s.run_id = r.run_id)"
          " FROM run AS r ORDER BY run_id DESC LIMIT ?",
          limit ? (int64_t)limit : -1);
    while (rows(&r)) {
        if (used == room) {
            room = room ? 2 * room : 32;
            struct report_history_row *grown = realloc(list, room * sizeof *list);
            if (!grown) {
                r.status = cc_no_memory(err);
                break;
            }
            list = grown;
        }
        get_history_row(&r, &list[used++]);
    }
    sqlite3_finalize(r.stmt);
    if (r.status != CC_OK) {
        free(list);
        list = NULL;
        used = 0;
    }
    *out = list;
    *count = used;
    return r.status;
}
