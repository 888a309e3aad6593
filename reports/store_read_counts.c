/* Reading the counts of a run back: what its scopes and functions did. */
#include "store_reader.h"

#include <stdlib.h>

/* The scope that a detail row belongs to; NULL when there is none. */
static struct sim_scope *get_position(struct store_reader *r, struct sim_profile *profile)
{
    int64_t position = store_get_int(r, 0, (int64_t)profile->scope_count - 1);
    return r->status == CC_OK ? &profile->scopes[position] : NULL;
}

static void read_classes(struct store_reader *r, int64_t run_id, struct sim_profile *profile)
{
    char name[32];
    store_query(r, "SELECT position, class, count FROM scope_class WHERE run_id = ?", run_id);
    while (store_rows(r)) {
        struct sim_scope *scope = get_position(r, profile);
        STORE_GET_TEXT(r, name);
        int c = sim_class_from_name(name);
        if (!scope || c < 0)
            store_damaged(r, "scope_class.class");
        else
            scope->counts.classes[c] = store_get_count(r);
    }
}

static void read_accesses(struct store_reader *r, int64_t run_id, struct sim_profile *profile)
{
    char name[32];
    store_query(r,
                "SELECT position, region, reads, writes, read_bytes, write_bytes, fetch_bytes,"
                " line_reads FROM scope_access WHERE run_id = ?",
                run_id);
    while (store_rows(r)) {
        struct sim_scope *scope = get_position(r, profile);
        STORE_GET_TEXT(r, name);
        int region = sim_region_from_name(name);
        if (!scope || region < 0) {
            store_damaged(r, "scope_access.region");
            continue;
        }
        struct sim_accesses *a = &scope->counts.regions[region];
        a->reads = store_get_count(r);
        a->writes = store_get_count(r);
        a->read_bytes = store_get_count(r);
        a->write_bytes = store_get_count(r);
        a->fetch_bytes = store_get_count(r);
        a->line_reads = store_get_count(r);
    }
}

/* 1 when the run has them: one row per scope, or none at all. */
static int read_scope_details(struct store_reader *r, int64_t run_id, struct sim_profile *profile)
{
    uint32_t found = 0;
    store_query(r,
                "SELECT position, overlapped_loads, paired, exceptions FROM scope_detail"
                " WHERE run_id = ?",
                run_id);
    while (store_rows(r)) {
        struct sim_scope *scope = get_position(r, profile);
        if (!scope)
            break;
        scope->counts.overlapped_loads = store_get_count(r);
        scope->counts.paired = store_get_count(r);
        scope->counts.exceptions = store_get_count(r);
        found++;
    }
    if (found > 0 && found != profile->scope_count)
        store_damaged(r, "scope_detail");
    return found > 0;
}

/* The cause that the next two columns hold cycles of goes into causes. */
static void get_cause(struct store_reader *r, uint64_t *causes, const char *column)
{
    char name[32];
    STORE_GET_TEXT(r, name);
    int cause = sim_cause_from_name(name);
    if (cause < 0)
        store_damaged(r, column);
    else
        causes[cause] = store_get_count(r);
}

static void read_scope_causes(struct store_reader *r, int64_t run_id, struct sim_profile *profile)
{
    store_query(r, "SELECT position, cause, cycles FROM scope_cause WHERE run_id = ?", run_id);
    while (store_rows(r)) {
        struct sim_scope *scope = get_position(r, profile);
        if (scope)
            get_cause(r, scope->counts.causes, "scope_cause.cause");
    }
}

static void get_function(struct store_reader *r, struct sim_function *f)
{
    STORE_GET_TEXT(r, f->name);
    f->address = store_get_u32(r);
    f->bytes = store_get_u32(r);
    f->calls = store_get_count(r);
    f->instructions = store_get_count(r);
    f->cycles = store_get_count(r);
}

static void read_functions(struct store_reader *r, int64_t run_id, struct sim_profile *profile)
{
    int64_t n = store_count_rows(r, "SELECT count(*) AS functions FROM function WHERE run_id = ?",
                                 run_id, STORE_MAX_FUNCTIONS);
    if (n <= 0)
        return;
    profile->functions = calloc((size_t)n, sizeof *profile->functions);
    if (!profile->functions) {
        r->status = cc_no_memory(r->err);
        return;
    }
    profile->function_count = (uint32_t)n;
    store_query(r,
                "SELECT name, address, bytes, calls, instructions, cycles, position"
                " FROM function WHERE run_id = ? ORDER BY position",
                run_id);
    for (uint32_t i = 0; i < (uint32_t)n && store_rows(r); i++) {
        get_function(r, &profile->functions[i]);
        store_get_int(r, i, i);
    }
}

static void read_function_causes(struct store_reader *r, int64_t run_id,
                                 struct sim_profile *profile)
{
    store_query(r, "SELECT position, cause, cycles FROM function_cause WHERE run_id = ?", run_id);
    while (store_rows(r)) {
        int64_t position = store_get_int(r, 0, (int64_t)profile->function_count - 1);
        if (r->status == CC_OK)
            get_cause(r, profile->functions[position].causes, "function_cause.cause");
    }
}

void store_read_counts(struct store_reader *r, int64_t run_id, struct sim_profile *profile,
                       int *has_causes)
{
    read_classes(r, run_id, profile);
    read_accesses(r, run_id, profile);
    *has_causes = 0;
    if (store_reader_version(r) < STORE_VERSION_CAUSES)
        return;
    *has_causes = read_scope_details(r, run_id, profile);
    read_scope_causes(r, run_id, profile);
    read_functions(r, run_id, profile);
    read_function_causes(r, run_id, profile);
}
