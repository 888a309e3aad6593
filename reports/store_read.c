/* Reading runs back. A database may have been edited or damaged, so every string, count and name
 * is checked against what the structs can hold. */
#include "report_check.h"
#include "store_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void get_interval(struct store_reader *r, struct energy_interval *i)
{
    i->p10 = store_get_real(r);
    i->p50 = store_get_real(r);
    i->p90 = store_get_real(r);
}

static void get_target(struct store_reader *r, struct report_run *run)
{
    run->run_id = store_get_int(r, 1, INT64_MAX);
    STORE_GET_TEXT(r, run->created_utc);
    STORE_GET_TEXT(r, run->version);
    STORE_GET_TEXT(r, run->target_path);
    STORE_GET_TEXT(r, run->target_kind);
    STORE_GET_TEXT(r, run->target_sha256);
    STORE_GET_TEXT(r, run->model_name);
    STORE_GET_TEXT(r, run->kernels);
    STORE_GET_TEXT(r, run->profile.chip);
    STORE_GET_TEXT(r, run->mcu_description);
    STORE_GET_TEXT(r, run->profile.core);
    run->profile.clock_hz = store_get_real(r);
    run->mcu_clock_hz = store_get_real(r);
    STORE_GET_TEXT(r, run->profile.timing_note);
    run->profile.invocations = store_get_u32(r);
}

static void get_sizes(struct store_reader *r, struct report_run *run)
{
    run->macs = store_get_count(r);
    run->arena_bytes = store_get_u32(r);
    run->stack_bytes = store_get_u32(r);
    run->profile.stack_bytes = store_get_count(r);
    run->ram_used_bytes = store_get_u32(r);
    run->ram_bytes = store_get_u32(r);
    run->flash_used_bytes = store_get_u32(r);
    run->flash_bytes = store_get_u32(r);
    run->weight_bytes = store_get_u32(r);
}

static void get_energy(struct store_reader *r, struct report_run *run)
{
    run->energy.vdd_v = store_get_real(r);
    run->energy.latency_s = store_get_real(r);
    get_interval(r, &run->energy.total_uj);
    run->energy.total_rsd = store_get_real(r);
    STORE_GET_TEXT(r, run->energy.source_note);
    STORE_GET_TEXT(r, run->output_sha256);
    run->every_s = store_get_real(r);
    run->temperature_c = store_get_real(r);
    STORE_GET_TEXT(r, run->life.battery);
    STORE_GET_TEXT(r, run->life.scenario);
    run->life.lifetime.average_uw = store_get_real(r);
    get_interval(r, &run->life.lifetime.days);
    STORE_GET_TEXT(r, run->life.lifetime.limited_by);
}

static void no_such_run(struct store_reader *r, int64_t run_id)
{
    store_query(r, "SELECT coalesce(min(run_id), 0), coalesce(max(run_id), 0) FROM run", 0);
    if (!store_rows(r))
        return;
    long long first = (long long)store_get_int(r, 0, INT64_MAX);
    long long last = (long long)store_get_int(r, 0, INT64_MAX);
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

static void read_run(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    store_query(
        r,
        "SELECT run_id, created_utc, version, target_path, target_kind, target_sha256,"
        " model_name, kernels, mcu, mcu_description, core, clock_hz, mcu_clock_hz, timing_note,"
        " invocations, macs, arena_bytes, stack_bytes, stack_seen_bytes, ram_used_bytes,"
        " ram_bytes, flash_used_bytes, flash_bytes, weight_bytes, vdd_v, latency_s,"
        " energy_uj_p10, energy_uj_p50, energy_uj_p90, energy_rsd, energy_source,"
        " output_sha256, every_s, temperature_c, battery, scenario, average_uw, days_p10,"
        " days_p50, days_p90, limited_by FROM run WHERE run_id = ?",
        run_id);
    if (!store_rows(r)) {
        if (r->status == CC_OK)
            no_such_run(r, run_id);
        return;
    }
    get_target(r, run);
    get_sizes(r, run);
    get_energy(r, run);
}

static void read_detail(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    if (store_reader_version(r) < STORE_VERSION_DETAILS)
        return;
    store_query(r,
                "SELECT cycles_rsd, latency_s_p10, latency_s_p90, running_ma, battery_running_ma,"
                " end_rest_v, end_loaded_v, least_v, charge_left, runner_bytes FROM run_detail"
                " WHERE run_id = ?",
                run_id);
    if (!store_rows(r))
        return;
    run->profile.cycles_rsd = store_get_real(r);
    run->energy.latency_p10_s = store_get_real(r);
    run->energy.latency_p90_s = store_get_real(r);
    run->energy.running_ma = store_get_real(r);
    run->life.lifetime.running_ma = store_get_real(r);
    run->life.lifetime.end_rest_v = store_get_real(r);
    run->life.lifetime.end_loaded_v = store_get_real(r);
    run->life.lifetime.least_v = store_get_real(r);
    run->life.lifetime.charge_left = store_get_real(r);
    run->runner_bytes = store_get_u32(r);
}

static void read_range(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    if (store_reader_version(r) < STORE_VERSION_RANGES)
        return;
    store_query(r, "SELECT voltage_range FROM run_range WHERE run_id = ?", run_id);
    if (store_rows(r))
        STORE_GET_TEXT(r, run->profile.voltage_range);
}

static void read_parts(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    char part[32];
    store_query(r, "SELECT part, uj FROM energy_part WHERE run_id = ?", run_id);
    while (store_rows(r)) {
        STORE_GET_TEXT(r, part);
        int i = 0;
        while (i < ENERGY_PART_COUNT && strcmp(part, energy_part_name((enum energy_part)i)) != 0)
            i++;
        if (i == ENERGY_PART_COUNT)
            store_damaged(r, "energy_part.part");
        else
            run->energy.parts_uj[i] = store_get_real(r);
    }
}

static int allocate_scopes(struct store_reader *r, uint32_t n, struct report_run *run)
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

static void get_scope(struct store_reader *r, struct sim_scope *scope, struct report_layer *layer,
                      struct energy_interval *uj)
{
    scope->id = (int32_t)store_get_int(r, INT32_MIN, INT32_MAX);
    STORE_GET_TEXT(r, scope->name);
    layer->index = (int32_t)store_get_int(r, INT32_MIN, INT32_MAX);
    STORE_GET_TEXT(r, layer->op);
    STORE_GET_TEXT(r, layer->name);
    STORE_GET_TEXT(r, layer->shape);
    layer->macs = store_get_count(r);
    scope->counts.instructions = store_get_count(r);
    scope->counts.core_cycles = store_get_count(r);
    scope->counts.fetch_stall_cycles = store_get_count(r);
    scope->counts.data_stall_cycles = store_get_count(r);
    scope->counts.cycles = store_get_count(r);
    scope->counts.branches_taken = store_get_count(r);
    scope->counts.accesses = store_get_count(r);
    get_interval(r, uj);
}

static void read_scopes(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    int64_t n = store_count_rows(r, "SELECT count(*) AS scopes FROM scope WHERE run_id = ?", run_id,
                                 STORE_MAX_SCOPES);
    if (n < 0 || !allocate_scopes(r, (uint32_t)n, run))
        return;
    store_query(r,
                "SELECT id, label, layer_index, op, name, shape, macs, instructions, core_cycles,"
                " fetch_stall_cycles, data_stall_cycles, cycles, branches_taken, accesses,"
                " energy_uj_p10, energy_uj_p50, energy_uj_p90, position"
                " FROM scope WHERE run_id = ? ORDER BY position",
                run_id);
    uint32_t i = 0;
    for (; i < (uint32_t)n && store_rows(r); i++) {
        get_scope(r, &run->profile.scopes[i], &run->layers[i], &run->energy.scope_uj[i]);
        store_get_int(r, i, i);
    }
    if (i != (uint32_t)n)
        store_damaged(r, "scope");
}

static void get_bytes(struct store_reader *r, struct report_tensor *t)
{
    const void *bytes = sqlite3_column_blob(r->stmt, r->column);
    size_t count = (size_t)sqlite3_column_bytes(r->stmt, r->column);
    if (sqlite3_column_type(r->stmt, r->column) != SQLITE_BLOB)
        store_damaged(r, "output.bytes");
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

static void read_outputs(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    int64_t n = store_count_rows(r, "SELECT count(*) AS outputs FROM output WHERE run_id = ?",
                                 run_id, STORE_MAX_OUTPUTS);
    if (n <= 0)
        return;
    run->outputs = calloc((size_t)n, sizeof *run->outputs);
    if (!run->outputs) {
        r->status = cc_no_memory(r->err);
        return;
    }
    store_query(r,
                "SELECT name, type, shape, scale, zero_point, bytes FROM output WHERE run_id = ?"
                " ORDER BY position",
                run_id);
    while (run->output_count < (uint32_t)n && store_rows(r)) {
        struct report_tensor *t = &run->outputs[run->output_count++];
        STORE_GET_TEXT(r, t->name);
        STORE_GET_TEXT(r, t->type);
        STORE_GET_TEXT(r, t->shape);
        t->scale = store_get_real(r);
        t->zero_point = (int32_t)store_get_int(r, INT32_MIN, INT32_MAX);
        get_bytes(r, t);
    }
}

static void read_notes(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    store_query(r, "SELECT text FROM note WHERE run_id = ? ORDER BY position", run_id);
    while (store_rows(r)) {
        if (run->note_count == sizeof run->notes / sizeof run->notes[0]) {
            store_damaged(r, "note.position");
            break;
        }
        STORE_GET_TEXT(r, run->notes[run->note_count]);
        run->note_count++;
    }
}

/* The totals are the sum of the scopes; a row that was changed by hand shows here. */
static void sum_up(struct store_reader *r, struct report_run *run, int has_causes)
{
    struct cc_error broken;
    if (r->status != CC_OK)
        return;
    for (uint32_t i = 0; i < run->profile.scope_count; i++)
        sim_counts_add(&run->profile.total, &run->profile.scopes[i].counts);
    enum cc_status status = has_causes ? sim_profile_check(&run->profile, &broken)
                                       : sim_profile_check_old(&run->profile, &broken);
    if (status != CC_OK)
        r->status = cc_fail(r->err, CC_ERR_STORE,
                            "%s: run %lld does not add up (%.200s); restore the file from a copy",
                            r->store->path, (long long)run->run_id, broken.message);
}

enum cc_status report_store_get(struct report_store *store, int64_t run_id, struct report_run *run,
                                struct cc_error *err)
{
    struct store_reader r = {.store = store, .err = err};
    int has_causes;
    memset(run, 0, sizeof *run);
    r.status = store_exec(store, "BEGIN", "be read", err); /* one moment for all tables */
    if (r.status != CC_OK)
        return r.status;
    read_run(&r, run_id, run);
    read_detail(&r, run_id, run);
    read_range(&r, run_id, run);
    read_parts(&r, run_id, run);
    read_scopes(&r, run_id, run);
    store_read_counts(&r, run_id, &run->profile, &has_causes);
    read_outputs(&r, run_id, run);
    read_notes(&r, run_id, run);
    store_read_life(&r, run_id, run);
    sum_up(&r, run, has_causes);
    sqlite3_finalize(r.stmt);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (r.status != CC_OK)
        report_run_free(run);
    return r.status;
}

enum cc_status report_store_find(struct report_store *store, const char *target,
                                 const struct sim_profile *like, int64_t *run_id,
                                 struct cc_error *err)
{
    struct store_reader r = {.store = store, .err = err};
    char sql[512];
    *run_id = 0;
    int has_ranges = store_reader_version(&r) >= STORE_VERSION_RANGES;
    snprintf(sql, sizeof sql,
             "SELECT r.run_id FROM run AS r %s WHERE (r.model_name = ?1 OR r.target_path = ?1)"
             " AND r.mcu = ?2 AND abs(r.clock_hz - ?3) < 1 AND ?4 = %s"
             " ORDER BY r.run_id DESC LIMIT 1",
             has_ranges ? "LEFT JOIN run_range AS g USING (run_id)" : "",
             has_ranges ? "coalesce(g.voltage_range, '')" : "''");
    store_query(&r, sql, 0);
    if (r.status == CC_OK && (sqlite3_bind_text(r.stmt, 1, target, -1, SQLITE_STATIC) ||
                              sqlite3_bind_text(r.stmt, 2, like->chip, -1, SQLITE_STATIC) ||
                              sqlite3_bind_double(r.stmt, 3, like->clock_hz) ||
                              sqlite3_bind_text(r.stmt, 4, like->voltage_range, -1, SQLITE_STATIC)))
        r.status = store_fail(store, "be read", err);
    if (store_rows(&r))
        *run_id = store_get_int(&r, 1, INT64_MAX);
    sqlite3_finalize(r.stmt);
    return r.status;
}

static void get_history_row(struct store_reader *r, struct report_history_row *row)
{
    row->run_id = store_get_int(r, 1, INT64_MAX);
    STORE_GET_TEXT(r, row->created_utc);
    STORE_GET_TEXT(r, row->model_name);
    STORE_GET_TEXT(r, row->mcu);
    STORE_GET_TEXT(r, row->kernels);
    STORE_GET_TEXT(r, row->battery);
    row->clock_hz = store_get_real(r);
    row->vdd_v = store_get_real(r);
    row->energy_uj_p50 = store_get_real(r);
    row->latency_ms = store_get_real(r) * 1e3;
    row->every_s = store_get_real(r);
    row->temperature_c = store_get_real(r);
    row->days_p50 = store_get_real(r);
    row->instructions = store_get_count(r);
    row->cycles = store_get_count(r);
}

enum cc_status report_store_history(struct report_store *store, uint32_t limit,
                                    struct report_history_row **out, size_t *count,
                                    struct cc_error *err)
{
    struct store_reader r = {.store = store, .err = err};
    struct report_history_row *list = NULL;
    size_t used = 0, room = 0;
    store_query(
        &r,
        "SELECT run_id, created_utc, model_name, mcu, kernels, battery, clock_hz,"
        " vdd_v, energy_uj_p50, latency_s, every_s, temperature_c, days_p50,"
        " (SELECT coalesce(sum(instructions), 0) FROM scope AS s WHERE s.run_id = r.run_id),"
        " (SELECT coalesce(sum(cycles), 0) FROM scope AS s WHERE s.run_id = r.run_id)"
        " FROM run AS r ORDER BY run_id DESC LIMIT ?",
        limit ? (int64_t)limit : -1);
    while (store_rows(&r)) {
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
