/* Reading back what a run says about its life. */
#include "store_reader.h"

#include <stdlib.h>
#include <string.h>

static void get_interval(struct store_reader *r, struct energy_interval *i)
{
    i->p10 = store_get_real(r);
    i->p50 = store_get_real(r);
    i->p90 = store_get_real(r);
}

/* Earlier versions knew five parts, and their order. */
static void read_parts(struct store_reader *r, int64_t run_id, int version,
                       struct energy_lifetime *t)
{
    store_query(r,
                version < STORE_VERSION_SCENARIOS
                    ? "SELECT part, uw FROM life_part WHERE run_id = ? ORDER BY CASE part"
                      " WHEN 'inference' THEN 0 WHEN 'sleep' THEN 1 WHEN 'wake' THEN 2"
                      " WHEN 'self-discharge' THEN 3 ELSE 4 END"
                    : "SELECT part, uw FROM life_part WHERE run_id = ? ORDER BY position",
                run_id);
    while (store_rows(r)) {
        if (t->part_count == ENERGY_LIFETIME_MAX_PARTS) {
            store_damaged(r, "life_part.part");
            break;
        }
        struct energy_lifetime_part *part = &t->parts[t->part_count++];
        STORE_GET_TEXT(r, part->name);
        part->uw = store_get_real(r);
    }
}

static void read_condition(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    struct report_life *life = &run->life;
    store_query(r,
                "SELECT regulator, price_range, vdd_exponent, scenario_file, buffer_uf,"
                " average_uw_p10, average_uw_p90, limiting_pulse, busy_s, asleep_s"
                " FROM run_condition WHERE run_id = ?",
                run_id);
    if (!store_rows(r))
        return;
    STORE_GET_TEXT(r, run->energy.regulator);
    STORE_GET_TEXT(r, run->energy.range);
    run->energy.vdd_exponent = store_get_real(r);
    STORE_GET_TEXT(r, life->scenario_file);
    life->buffer_uf = store_get_real(r);
    life->lifetime.average_uw_spread.p10 = store_get_real(r);
    life->lifetime.average_uw_spread.p50 = life->lifetime.average_uw;
    life->lifetime.average_uw_spread.p90 = store_get_real(r);
    STORE_GET_TEXT(r, life->lifetime.limiting_pulse);
    life->busy_s = store_get_real(r);
    life->asleep_s = store_get_real(r);
}

static void read_steps(struct store_reader *r, int64_t run_id, struct report_life *life)
{
    store_query(r,
                "SELECT name, kind, what, times, duration_s, beside, uj, uw, peak_ma"
                " FROM life_step WHERE run_id = ? ORDER BY position",
                run_id);
    while (store_rows(r)) {
        if (life->step_count == ENERGY_MAX_STEP_ROWS) {
            store_damaged(r, "life_step.position");
            break;
        }
        struct energy_step_cost *step = &life->steps[life->step_count++];
        STORE_GET_TEXT(r, step->name);
        STORE_GET_TEXT(r, step->kind);
        STORE_GET_TEXT(r, step->what);
        step->times = store_get_real(r);
        step->duration_s = store_get_real(r);
        step->beside = (int)store_get_int(r, 0, 1);
        step->uj = store_get_real(r);
        step->uw = store_get_real(r);
        step->peak_ma = store_get_real(r);
    }
}

static void read_spreads(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    char of[16];
    store_query(r, "SELECT of, position, input, share FROM spread WHERE run_id = ?", run_id);
    while (store_rows(r)) {
        STORE_GET_TEXT(r, of);
        int64_t position = store_get_int(r, 0, ENERGY_TOP_SPREADS - 1);
        struct energy_spread *spread = strcmp(of, "energy") == 0 ? run->energy.spread
                                       : strcmp(of, "life") == 0 ? run->life.lifetime.spread
                                                                 : NULL;
        if (!spread) {
            store_damaged(r, "spread.of");
            break;
        }
        STORE_GET_TEXT(r, spread[position].name);
        spread[position].share = store_get_real(r);
    }
}

static void read_stream(struct store_reader *r, int64_t run_id, struct report_life *life)
{
    struct energy_stream_comparison *s = &life->stream;
    store_query(r,
                "SELECT radio, raw_bytes_per_period, infer_uj, result_uj, stream_uj, possible,"
                " why_not, break_even_bytes, break_even_uj, average_uw, days_p10, days_p50,"
                " days_p90 FROM stream WHERE run_id = ?",
                run_id);
    if (!store_rows(r))
        return;
    life->has_stream = 1;
    STORE_GET_TEXT(r, s->radio);
    s->raw_bytes_per_period = store_get_real(r);
    s->infer_uj = store_get_real(r);
    s->result_uj = store_get_real(r);
    s->stream_uj = store_get_real(r);
    s->possible = (int)store_get_int(r, 0, 1);
    STORE_GET_TEXT(r, s->why_not);
    s->break_even_bytes = store_get_real(r);
    s->break_even_uj = store_get_real(r);
    s->average_uw = store_get_real(r);
    get_interval(r, &s->days);
}

static void read_harvest(struct store_reader *r, int64_t run_id, struct report_life *life)
{
    struct energy_harvest *h = &life->harvest;
    store_query(r,
                "SELECT harvester, unit, level, hours_per_day, income_uw_p10, income_uw_p50,"
                " income_uw_p90, neutral_at_p10, neutral_at_p50, neutral_at_p90, store_uj_needed,"
                " neutral FROM harvest WHERE run_id = ?",
                run_id);
    if (!store_rows(r))
        return;
    life->has_harvest = 1;
    STORE_GET_TEXT(r, h->harvester);
    STORE_GET_TEXT(r, h->unit);
    h->level = store_get_real(r);
    h->hours_per_day = store_get_real(r);
    get_interval(r, &h->income_uw);
    get_interval(r, &h->neutral_at);
    h->store_uj_needed = store_get_real(r);
    h->neutral = (int)store_get_int(r, 0, 1);
}

static void read_docs(struct store_reader *r, int64_t run_id, struct energy_docs *docs)
{
    int64_t n = store_count_rows(r, "SELECT count(*) AS inputs FROM input WHERE run_id = ?", run_id,
                                 STORE_MAX_INPUTS);
    if (n <= 0)
        return;
    docs->rows = calloc((size_t)n, sizeof *docs->rows);
    if (!docs->rows) {
        r->status = cc_no_memory(r->err);
        return;
    }
    docs->capacity = (uint32_t)n;
    store_query(r,
                "SELECT file, key, value, rsd, verified, source FROM input WHERE run_id = ?"
                " ORDER BY position",
                run_id);
    while (docs->count < docs->capacity && store_rows(r)) {
        struct energy_input *row = &docs->rows[docs->count++];
        STORE_GET_TEXT(r, row->file);
        STORE_GET_TEXT(r, row->key);
        row->value = store_get_real(r);
        row->rsd = store_get_real(r);
        row->verified = (int)store_get_int(r, 0, 1);
        STORE_GET_TEXT(r, row->source);
    }
}

static void read_computes(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    store_query(r,
                "SELECT c.name, CASE WHEN r.run_id IS NULL AND c.compute_run_id > 0 THEN 0"
                " ELSE c.compute_run_id END FROM run_compute AS c LEFT JOIN run AS r"
                " ON r.run_id = c.compute_run_id WHERE c.run_id = ? ORDER BY c.position",
                run_id); /* 0: deleted by a tool that does not mind references */
    while (store_rows(r)) {
        if (run->compute_count == sizeof run->computes / sizeof run->computes[0]) {
            store_damaged(r, "run_compute.position");
            break;
        }
        struct report_compute *compute = &run->computes[run->compute_count++];
        STORE_GET_TEXT(r, compute->name);
        compute->run_id = store_get_int(r, 0, INT64_MAX);
    }
}

static void read_notes(struct store_reader *r, int64_t run_id, struct report_life *life)
{
    store_query(r, "SELECT text FROM life_note WHERE run_id = ? ORDER BY position", run_id);
    while (store_rows(r)) {
        if (life->note_count == sizeof life->notes / sizeof life->notes[0]) {
            store_damaged(r, "life_note.position");
            break;
        }
        STORE_GET_TEXT(r, life->notes[life->note_count]);
        life->note_count++;
    }
}

void store_read_life(struct store_reader *r, int64_t run_id, struct report_run *run)
{
    int version = store_reader_version(r);
    read_parts(r, run_id, version, &run->life.lifetime);
    if (version >= STORE_VERSION_DETAILS)
        read_notes(r, run_id, &run->life);
    if (version < STORE_VERSION_SCENARIOS)
        return;
    read_condition(r, run_id, run);
    read_steps(r, run_id, &run->life);
    read_spreads(r, run_id, run);
    read_stream(r, run_id, &run->life);
    read_harvest(r, run_id, &run->life);
    read_docs(r, run_id, &run->docs);
    read_computes(r, run_id, run);
}
