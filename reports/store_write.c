/* Storing a run: one transaction, all or nothing. */
#include "report_check.h"
#include "store_writer.h"

#include <string.h>

static void put_target(struct store_writer *w, const struct report_run *run)
{
    store_put_text(w, run->created_utc);
    store_put_text(w, run->version);
    store_put_text(w, run->target_path);
    store_put_text(w, run->target_kind);
    store_put_text(w, run->target_sha256);
    store_put_text(w, run->model_name);
    store_put_text(w, run->kernels);
    store_put_text(w, run->profile.chip);
    store_put_text(w, run->mcu_description);
    store_put_text(w, run->profile.core);
    store_put_real(w, run->profile.clock_hz);
    store_put_real(w, run->mcu_clock_hz);
    store_put_text(w, run->profile.timing_note);
    store_put_int(w, run->profile.invocations);
}

static void put_sizes(struct store_writer *w, const struct report_run *run)
{
    store_put_count(w, run->macs);
    store_put_int(w, run->arena_bytes);
    store_put_int(w, run->stack_bytes);
    store_put_count(w, run->profile.stack_bytes);
    store_put_int(w, run->ram_used_bytes);
    store_put_int(w, run->ram_bytes);
    store_put_int(w, run->flash_used_bytes);
    store_put_int(w, run->flash_bytes);
    store_put_int(w, run->weight_bytes);
}

static void put_energy(struct store_writer *w, const struct report_run *run)
{
    store_put_real(w, run->energy.vdd_v);
    store_put_real(w, run->energy.latency_s);
    store_put_interval(w, &run->energy.total_uj);
    store_put_real(w, run->energy.total_rsd);
    store_put_text(w, run->energy.source_note);
    store_put_text(w, run->output_sha256);
    store_put_real(w, run->every_s);
    store_put_real(w, run->temperature_c);
    store_put_text(w, run->life.battery);
    store_put_text(w, run->life.scenario);
    store_put_real(w, run->life.lifetime.average_uw);
    store_put_interval(w, &run->life.lifetime.days);
    store_put_text(w, run->life.lifetime.limited_by);
}

static int64_t insert_run(struct store_writer *w, const struct report_run *run)
{
    store_prepare(
        w, "INSERT INTO run (created_utc, version, target_path, target_kind, target_sha256,"
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
    store_insert(w);
    return sqlite3_last_insert_rowid(w->store->db);
}

static void insert_detail(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(w,
                  "INSERT INTO run_detail (run_id, cycles_rsd, latency_s_p10, latency_s_p90,"
                  " running_ma, battery_running_ma, end_rest_v, end_loaded_v, least_v, charge_left,"
                  " runner_bytes) VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    store_put_int(w, id);
    store_put_real(w, run->profile.cycles_rsd);
    store_put_real(w, run->energy.latency_p10_s);
    store_put_real(w, run->energy.latency_p90_s);
    store_put_real(w, run->energy.running_ma);
    store_put_real(w, run->life.lifetime.running_ma);
    store_put_real(w, run->life.lifetime.end_rest_v);
    store_put_real(w, run->life.lifetime.end_loaded_v);
    store_put_real(w, run->life.lifetime.least_v);
    store_put_real(w, run->life.lifetime.charge_left);
    store_put_int(w, run->runner_bytes);
    store_insert(w);
}

static void insert_range(struct store_writer *w, int64_t id, const struct report_run *run)
{
    if (!run->profile.voltage_range[0])
        return;
    store_prepare(w, "INSERT INTO run_range (run_id, voltage_range) VALUES (?,?)");
    store_put_int(w, id);
    store_put_text(w, run->profile.voltage_range);
    store_insert(w);
}

static void insert_parts(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(w, "INSERT INTO energy_part (run_id, part, uj) VALUES (?,?,?)");
    for (int i = 0; i < ENERGY_PART_COUNT; i++) {
        store_put_int(w, id);
        store_put_text(w, energy_part_name((enum energy_part)i));
        store_put_real(w, run->energy.parts_uj[i]);
        store_insert(w);
    }
}

static void insert_scopes(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(w,
                  "INSERT INTO scope (run_id, position, id, label, layer_index, op, name, shape,"
                  " macs, instructions, core_cycles, fetch_stall_cycles, data_stall_cycles, cycles,"
                  " branches_taken, accesses, energy_uj_p10, energy_uj_p50, energy_uj_p90)"
                  " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        const struct sim_scope *scope = &run->profile.scopes[i];
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_int(w, scope->id);
        store_put_text(w, scope->name);
        store_put_int(w, run->layers[i].index);
        store_put_text(w, run->layers[i].op);
        store_put_text(w, run->layers[i].name);
        store_put_text(w, run->layers[i].shape);
        store_put_count(w, run->layers[i].macs);
        store_put_count(w, scope->counts.instructions);
        store_put_count(w, scope->counts.core_cycles);
        store_put_count(w, scope->counts.fetch_stall_cycles);
        store_put_count(w, scope->counts.data_stall_cycles);
        store_put_count(w, scope->counts.cycles);
        store_put_count(w, scope->counts.branches_taken);
        store_put_count(w, scope->counts.accesses);
        store_put_interval(w, &run->energy.scope_uj[i]);
        store_insert(w);
    }
}

static void insert_classes(struct store_writer *w, int64_t id, const struct sim_profile *profile)
{
    store_prepare(w, "INSERT INTO scope_class (run_id, position, class, count) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        for (int c = 0; c < SIM_CLASS_COUNT; c++) {
            if (profile->scopes[i].counts.classes[c] == 0)
                continue;
            store_put_int(w, id);
            store_put_int(w, i);
            store_put_text(w, sim_class_name((enum sim_class)c));
            store_put_count(w, profile->scopes[i].counts.classes[c]);
            store_insert(w);
        }
    }
}

static void insert_accesses(struct store_writer *w, int64_t id, const struct sim_profile *profile)
{
    static const struct sim_accesses none;
    store_prepare(w,
                  "INSERT INTO scope_access (run_id, position, region, reads, writes, read_bytes,"
                  " write_bytes, fetch_bytes, line_reads) VALUES (?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        for (int r = 0; r < SIM_REGION_COUNT; r++) {
            const struct sim_accesses *a = &profile->scopes[i].counts.regions[r];
            if (memcmp(a, &none, sizeof none) == 0)
                continue;
            store_put_int(w, id);
            store_put_int(w, i);
            store_put_text(w, sim_region_name((enum sim_region_kind)r));
            store_put_count(w, a->reads);
            store_put_count(w, a->writes);
            store_put_count(w, a->read_bytes);
            store_put_count(w, a->write_bytes);
            store_put_count(w, a->fetch_bytes);
            store_put_count(w, a->line_reads);
            store_insert(w);
        }
    }
}

static void insert_scope_details(struct store_writer *w, int64_t id,
                                 const struct sim_profile *profile)
{
    store_prepare(
        w, "INSERT INTO scope_detail (run_id, position, overlapped_loads, paired, exceptions)"
           " VALUES (?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++) {
        const struct sim_counts *c = &profile->scopes[i].counts;
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_count(w, c->overlapped_loads);
        store_put_count(w, c->paired);
        store_put_count(w, c->exceptions);
        store_insert(w);
    }
}

/* Rows of scope_cause or function_cause, which is prepared. */
static void insert_causes(struct store_writer *w, int64_t id, uint32_t position,
                          const uint64_t *causes)
{
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        if (causes[i] == 0)
            continue;
        store_put_int(w, id);
        store_put_int(w, position);
        store_put_text(w, sim_cause_name((enum sim_cause)i));
        store_put_count(w, causes[i]);
        store_insert(w);
    }
}

static void insert_functions(struct store_writer *w, int64_t id, const struct sim_profile *profile)
{
    store_prepare(w, "INSERT INTO function (run_id, position, name, address, bytes, calls,"
                     " instructions, cycles) VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < profile->function_count; i++) {
        const struct sim_function *f = &profile->functions[i];
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, f->name);
        store_put_int(w, f->address);
        store_put_int(w, f->bytes);
        store_put_count(w, f->calls);
        store_put_count(w, f->instructions);
        store_put_count(w, f->cycles);
        store_insert(w);
    }
}

/* Causes of cycles, by scope and by function. */
static void insert_cycles(struct store_writer *w, int64_t id, const struct sim_profile *profile)
{
    insert_scope_details(w, id, profile);
    store_prepare(w, "INSERT INTO scope_cause (run_id, position, cause, cycles) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->scope_count; i++)
        insert_causes(w, id, i, profile->scopes[i].counts.causes);
    insert_functions(w, id, profile);
    store_prepare(w,
                  "INSERT INTO function_cause (run_id, position, cause, cycles) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < profile->function_count; i++)
        insert_causes(w, id, i, profile->functions[i].causes);
}

static void insert_outputs(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(
        w, "INSERT INTO output (run_id, position, name, type, shape, scale, zero_point, bytes)"
           " VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < run->output_count; i++) {
        const struct report_tensor *t = &run->outputs[i];
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, t->name);
        store_put_text(w, t->type);
        store_put_text(w, t->shape);
        store_put_real(w, t->scale);
        store_put_int(w, t->zero_point);
        store_put_blob(w, t->bytes, t->byte_count);
        store_insert(w);
    }
}

static void insert_notes(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(w, "INSERT INTO note (run_id, position, text) VALUES (?,?,?)");
    for (uint32_t i = 0; i < run->note_count; i++) {
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, run->notes[i]);
        store_insert(w);
    }
}

static int64_t insert_all(struct store_writer *w, const struct report_run *run)
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
    store_write_life(w, id, run);
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
    struct store_writer w = {.store = store};
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
