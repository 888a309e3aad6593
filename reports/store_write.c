/* Storing a run: one transaction, all or nothing. */
#include "report_check.h"
#include "store_internal.h"

#include <string.h>

/* One statement at a time with a sticky result code: after a failure the rest does nothing. */
struct writer {
    struct report_store *store;
    sqlite3_stmt *stmt;
    int column;
    int rc;        /* SQLITE_OK so far, or the first failure */
    int too_large; /* a count does not fit SQLite's signed 64 bits */
};

static void prepare(struct writer *w, const char *sql)
{
    if (w->rc != SQLITE_OK) /* finalizing would take the message of the failure with it */
        return;
    sqlite3_finalize(w->stmt);
    w->stmt = NULL;
    w->column = 0;
    w->rc = sqlite3_prepare_v2(w->store->db, sql, -1, &w->stmt, NULL);
}

static void put_int(struct writer *w, int64_t value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_int64(w->stmt, ++w->column, value);
}

static void put_count(struct writer *w, uint64_t value)
{
    if (value > INT64_MAX)
        w->too_large = 1;
    put_int(w, (int64_t)value);
}

static void put_real(struct writer *w, double value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_double(w->stmt, ++w->column, value);
}

static void put_text(struct writer *w, const char *value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_text(w->stmt, ++w->column, value, -1, SQLITE_STATIC);
}

static void put_blob(struct writer *w, const void *bytes, size_t count)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_blob64(w->stmt, ++w->column, count ? bytes : "", count, SQLITE_STATIC);
}

static void put_interval(struct writer *w, const struct energy_interval *i)
{
    put_real(w, i->p10);
    put_real(w, i->p50);
    put_real(w, i->p90);
}

/* Executes the insert; the statement may be bound again from its first column. */
static void insert(struct writer *w)
{
    if (w->rc != SQLITE_OK)
        return;
    int rc = sqlite3_step(w->stmt);
    sqlite3_reset(w->stmt);
    w->rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    w->column = 0;
}

static void put_target(struct writer *w, const struct report_run *run)
{
    put_text(w, run->created_utc);
    put_text(w, run->version);
    put_text(w, run->target_path);
    put_text(w, run->target_kind);
    put_text(w, run->target_sha256);
    put_text(w, run->model_name);
    put_text(w, run->kernels);
    put_text(w, run->profile.chip);
    put_text(w, run->mcu_description);
    put_text(w, run->profile.core);
    put_real(w, run->profile.clock_hz);
    put_real(w, run->mcu_clock_hz);
    put_text(w, run->profile.timing_note);
    put_int(w, run->profile.invocations);
}

static void put_sizes(struct writer *w, const struct report_run *run)
{
    put_count(w, run->macs);
    put_int(w, run->arena_bytes);
    put_int(w, run->stack_bytes);
    put_count(w, run->profile.stack_bytes);
    put_int(w, run->ram_used_bytes);
    put_int(w, run->ram_bytes);
    put_int(w, run->flash_used_bytes);
    put_int(w, run->flash_bytes);
    put_int(w, run->weight_bytes);
}

static void put_energy(struct writer *w, const struct report_run *run)
{
    put_real(w, run->energy.vdd_v);
    put_real(w, run->energy.latency_s);
    put_interval(w, &run->energy.total_uj);
    put_real(w, run->energy.total_rsd);
    put_text(w, run->energy.source_note);
    put_text(w, run->output_sha256);
    put_real(w, run->every_s);
    put_real(w, run->temperature_c);
    put_text(w, run->life.battery);
    put_text(w, run->life.scenario);
    put_real(w, run->life.average_uw);
    put_interval(w, &run->life.days);
    put_text(w, run->life.limited_by);
}

static int64_t insert_run(struct writer *w, const struct report_run *run)
{
    prepare(w, "INSERT INTO run (created_utc, version, target_path, target_kind, target_sha256,"
               " model_name, kernels, mcu, mcu_description, core, clock_hz, mcu_clock_hz,"
               " timing_note, invocations, macs, arena_bytes, stack_bytes, stack_seen_bytes,"
               " ram_used_bytes, ram_bytes, flash_used_bytes, flash_bytes, weight_bytes, vdd_v,"
               " latency_s, energy_uj_p10, energy_uj_p50, energy_uj_p90, energy_rsd,"
               " energy_source, output_sha256, every_s, temperature_c, battery, scenario,"
               " average_uw, days_p10, days_p50, days_p90, limited_by)"
               " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
               "?,?,?,?)");
    put_target(w, run);
    put_sizes(w, run);
    put_energy(w, run);
    insert(w);
    return sqlite3_last_insert_rowid(w->store->db);
}

static void insert_detail(struct writer *w, int64_t id, const struct report_run *run)
{
    prepare(w, "INSERT INTO run_detail (run_id, cycles_rsd, latency_s_p10, latency_s_p90,"
               " running_ma, battery_running_ma, end_rest_v, end_loaded_v, least_v, charge_left,"
               " runner_bytes) VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    put_int(w, id);
    put_real(w, run->profile.cycles_rsd);
    put_real(w, run->energy.latency_p10_s);
    put_real(w, run->energy.latency_p90_s);
    put_real(w, run->energy.running_ma);
    put_real(w, run->life.running_ma);
    put_real(w, run->life.end_rest_v);
    put_real(w, run->life.end_loaded_v);
    put_real(w, run->life.least_v);
    put_real(w, run->life.charge_left);
    put_int(w, run->runner_bytes);
    insert(w);
}

static void insert_range(struct writer *w, int64_t id, const struct report_run *run)
{
    if (!run->profile.voltage_range[0])
        return;
    prepare(w, "INSERT INTO run_range (run_id, voltage_range) VALUES (?,?)");
    put_int(w, id);
    put_text(w, run->profile.voltage_range);
    insert(w);
}

static void insert_parts(struct writer *w, int64_t id, const struct report_run *run)
{
    prepare(w, "INSERT INTO energy_part (run_id, part, uj) VALUES (?,?,?)");
    for (int i = 0; i < ENERGY_PART_COUNT; i++) {
        put_int(w, id);
        put_text(w, energy_part_name((enum energy_part)i));
        put_real(w, run->energy.parts_uj[i]);
        insert(w);
    }
    prepare(w, "INSERT INTO life_part (run_id, part, uw) VALUES (?,?,?)");
    for (int i = 0; i < ENERGY_LIFE_PART_COUNT; i++) {
        put_int(w, id);
        put_text(w, energy_life_part_name((enum energy_life_part)i));
        put_real(w, run->life.parts_uw[i]);
        insert(w);
    }
}

static void insert_scopes(struct writer *w, int64_t id, const struct report_run *run)
{
    prepare(w, "INSERT INTO scope (run_id, position, id, label, layer_index, op, name, shape,"
               " macs, instructions, core_cycles, fetch_stall_cycles, data_stall_cycles, cycles,"
               " branches_taken, accesses, energy_uj_p10, energy_uj_p50, energy_uj_p90)"
               " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        const struct sim_scope *scope = &run->profile.scopes[i];
        put_int(w, id);
        put_int(w, i);
        put_int(w, scope->id);
        put_text(w, scope->name);
        put_int(w, run->layers[i].index);
        put_text(w, run->layers[i].op);
        put_text(w, run->layers[i].name);
        put_text(w, run->layers[i].shape);
        put_count(w, run->layers[i].macs);
        put_count(w, scope->counts.instructions);
        put_count(w, scope->counts.core_cycles);
        put_count(w, scope->counts.fetch_stall_cycles);
        put_count(w, scope->counts.data_stall_cycles);
        put_count(w, scope->counts.cycles);
        put_count(w, scope->counts.branches_taken);
        put_count(w, scope->counts.accesses);
        put_interval(w, &run->energy.scope_uj[i]);
        insert(w);
    }
}

static void insert_classes(struct writer *w, int64_t id, const struct sim_profile *profile)
{
    prepare(w, "INSERT INTO scope_class (run_id, position, class, count) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        for (int c = 0; c < SIM_CLASS_COUNT; c++) {
            if (profile->scopes[i].counts.classes[c] == 0)
                continue;
            put_int(w, id);
            put_int(w, i);
            put_text(w, sim_class_name((enum sim_class)c));
            put_count(w, profile->scopes[i].counts.classes[c]);
            insert(w);
        }
    }
}

static void insert_accesses(struct writer *w, int64_t id, const struct sim_profile *profile)
{
    static const struct sim_accesses none;
    prepare(w, "INSERT INTO scope_access (run_id, position, region, reads, writes, read_bytes,"
               " write_bytes, fetch_bytes, line_reads) VALUES (?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        for (int r = 0; r < SIM_REGION_COUNT; r++) {
            const struct sim_accesses *a = &profile->scopes[i].counts.regions[r];
            if (memcmp(a, &none, sizeof none) == 0)
                continue;
            put_int(w, id);
            put_int(w, i);
            put_text(w, sim_region_name((enum sim_region_kind)r));
            put_count(w, a->reads);
            put_count(w, a->writes);
            put_count(w, a->read_bytes);
            put_count(w, a->write_bytes);
            put_count(w, a->fetch_bytes);
            put_count(w, a->line_reads);
            insert(w);
        }
    }
}

static void insert_scope_details(struct writer *w, int64_t id, const struct sim_profile *profile)
{
    prepare(w, "INSERT INTO scope_detail (run_id, position, overlapped_loads, paired, exceptions)"
               " VALUES (?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        const struct sim_counts *c = &profile->scopes[i].counts;
        put_int(w, id);
        put_int(w, i);
        put_count(w, c->overlapped_loads);
        put_count(w, c->paired);
        put_count(w, c->exceptions);
        insert(w);
    }
}

/* Rows of scope_cause or function_cause, which is prepared. */
static void insert_causes(struct writer *w, int64_t id, uint32_t position, const uint64_t *causes)
{
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        if (causes[i] == 0)
            continue;
        put_int(w, id);
        put_int(w, position);
        put_text(w, sim_cause_name((enum sim_cause)i));
        put_count(w, causes[i]);
        insert(w);
    }
}

static void insert_functions(struct writer *w, int64_t id, const struct sim_profile *profile)
{
    prepare(w, "INSERT INTO function (run_id, position, name, address, bytes, calls,"
               " instructions, cycles) VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct sim_function *f = &profile->functions[i];
        put_int(w, id);
        put_int(w, i);
        put_text(w, f->name);
        put_int(w, f->address);
        put_int(w, f->bytes);
        put_count(w, f->calls);
        put_count(w, f->instructions);
        put_count(w, f->cycles);
        insert(w);
    }
}

/* Causes of cycles, by scope and by function. */
static void insert_cycles(struct writer *w, int64_t id, const struct sim_profile *profile)
{
    insert_scope_details(w, id, profile);
    prepare(w, "INSERT INTO scope_cause (run_id, position, cause, cycles) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++)
        insert_causes(w, id, i, profile->scopes[i].counts.causes);
    insert_functions(w, id, profile);
    prepare(w, "INSERT INTO function_cause (run_id, position, cause, cycles) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->function_count; i++)
        insert_causes(w, id, i, profile->functions[i].causes);
}

static void insert_outputs(struct writer *w, int64_t id, const struct report_run *run)
{
    prepare(w, "INSERT INTO output (run_id, position, name, type, shape, scale, zero_point, bytes)"
               " VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->output_count; i++) {
        const struct report_tensor *t = &run->outputs[i];
        put_int(w, id);
        put_int(w, i);
        put_text(w, t->name);
        put_text(w, t->type);
        put_text(w, t->shape);
        put_real(w, t->scale);
        put_int(w, t->zero_point);
        put_blob(w, t->bytes, t->byte_count);
        insert(w);
    }
}

static void insert_notes(struct writer *w, int64_t id, const struct report_run *run)
{
    prepare(w, "INSERT INTO note (run_id, position, text) VALUES (?,?,?)");
    for (uint32_t i = 0; i < run->note_count; i++) {
        put_int(w, id);
        put_int(w, i);
        put_text(w, run->notes[i]);
        insert(w);
    }
    prepare(w, "INSERT INTO life_note (run_id, position, text) VALUES (?,?,?)");
    for (uint32_t i = 0; i < run->life.note_count; i++) {
        put_int(w, id);
        put_int(w, i);
        put_text(w, run->life.notes[i]);
        insert(w);
    }
}

static int64_t insert_all(struct writer *w, const struct report_run *run)
{
    int64_t id = insert_run(w, run);
    insert_detail(w, id, run);
    insert_range(w, id, run);
    insert_parts(w, id, run);
    insert_scopes(w, id, run);
    insert_classes(w, id, &run->profile);
    insert_accesses(w, id, &run->profile);
    insert_cycles(w, id, &run->profile);
    insert_outputs(w, id, run);
    insert_notes(w, id, run);
    return id;
}

enum cc_status report_store_add(struct report_store *store, struct report_run *run,
                                struct cc_error *err)
{
    /* The totals are not stored but summed again from the scopes: they must be that sum. */
    enum cc_status status = report_check(run, err);
    if (status == CC_OK)
        status = sim_profile_check(&run->profile, err);
    if (status == CC_OK)
        status = store_exec(store, "BEGIN IMMEDIATE", "take the run", err);
    if (status != CC_OK)
        return status;
    struct writer w = {.store = store};
    int64_t id = insert_all(&w, run);
    if (w.rc != SQLITE_OK)
        status = store_fail(store, "take the run", err);
    else if (w.too_large)
        status = cc_fail(err, CC_ERR_STORE,
                         "%s: a count of this run exceeds 2^63; run less at once", store->path);
    sqlite3_finalize(w.stmt);
    if (status == CC_OK)
        status = store_exec(store, "COMMIT", "take the run", err);
    if (status != CC_OK) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    run->run_id = id;
    return CC_OK;
}
