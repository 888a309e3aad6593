/* Storing what a run says about its life, inside the transaction of the run. */
#include "store_writer.h"

static void insert_condition(struct store_writer *w, int64_t id, const struct report_run *run)
{
    const struct report_life *life = &run->life;
    store_prepare(w, "INSERT INTO run_condition (run_id, regulator, price_range, vdd_exponent,"
                     " scenario_file, buffer_uf, average_uw_p10, average_uw_p90, limiting_pulse,"
                     " busy_s, asleep_s) VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    store_put_int(w, id);
    store_put_text(w, run->energy.regulator);
    store_put_text(w, run->energy.range);
    store_put_real(w, run->energy.vdd_exponent);
    store_put_text(w, life->scenario_file);
    store_put_real(w, life->buffer_uf);
    store_put_real(w, life->lifetime.average_uw_spread.p10);
    store_put_real(w, life->lifetime.average_uw_spread.p90);
    store_put_text(w, life->lifetime.limiting_pulse);
    store_put_real(w, life->busy_s);
    store_put_real(w, life->asleep_s);
    store_insert(w);
}

static void insert_parts(struct store_writer *w, int64_t id, const struct energy_lifetime *t)
{
    store_prepare(w, "INSERT INTO life_part (run_id, part, uw, position) VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < t->part_count; i++) {
        store_put_int(w, id);
        store_put_text(w, t->parts[i].name);
        store_put_real(w, t->parts[i].uw);
        store_put_int(w, i);
        store_insert(w);
    }
}

static void insert_steps(struct store_writer *w, int64_t id, const struct report_life *life)
{
    store_prepare(w, "INSERT INTO life_step (run_id, position, name, kind, what, times,"
                     " duration_s, beside, uj, uw, peak_ma) VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < life->step_count; i++) {
        const struct energy_step_cost *step = &life->steps[i];
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, step->name);
        store_put_text(w, step->kind);
        store_put_text(w, step->what);
        store_put_real(w, step->times);
        store_put_real(w, step->duration_s);
        store_put_int(w, step->beside != 0);
        store_put_real(w, step->uj);
        store_put_real(w, step->uw);
        store_put_real(w, step->peak_ma);
        store_insert(w);
    }
}

static void insert_spread(struct store_writer *w, int64_t id, const char *of,
                          const struct energy_spread spread[ENERGY_TOP_SPREADS])
{
    store_prepare(w, "INSERT INTO spread (run_id, of, position, input, share) VALUES (?,?,?,?,?)");
    for (int i = 0; i < ENERGY_TOP_SPREADS && spread[i].name[0]; i++) {
        store_put_int(w, id);
        store_put_text(w, of);
        store_put_int(w, i);
        store_put_text(w, spread[i].name);
        store_put_real(w, spread[i].share);
        store_insert(w);
    }
}

static void insert_stream(struct store_writer *w, int64_t id,
                          const struct energy_stream_comparison *s)
{
    store_prepare(w, "INSERT INTO stream (run_id, radio, raw_bytes_per_period, infer_uj,"
                     " result_uj, stream_uj, possible, why_not, break_even_bytes, break_even_uj,"
                     " average_uw, days_p10, days_p50, days_p90)"
                     " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    store_put_int(w, id);
    store_put_text(w, s->radio);
    store_put_real(w, s->raw_bytes_per_period);
    store_put_real(w, s->infer_uj);
    store_put_real(w, s->result_uj);
    store_put_real(w, s->stream_uj);
    store_put_int(w, s->possible != 0);
    store_put_text(w, s->why_not);
    store_put_real(w, s->break_even_bytes);
    store_put_real(w, s->break_even_uj);
    store_put_real(w, s->average_uw);
    store_put_interval(w, &s->days);
    store_insert(w);
}

static void insert_harvest(struct store_writer *w, int64_t id, const struct energy_harvest *h)
{
    store_prepare(w, "INSERT INTO harvest (run_id, harvester, unit, level, hours_per_day,"
                     " income_uw_p10, income_uw_p50, income_uw_p90, neutral_at_p10,"
                     " neutral_at_p50, neutral_at_p90, store_uj_needed, neutral)"
                     " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
    store_put_int(w, id);
    store_put_text(w, h->harvester);
    store_put_text(w, h->unit);
    store_put_real(w, h->level);
    store_put_real(w, h->hours_per_day);
    store_put_interval(w, &h->income_uw);
    store_put_interval(w, &h->neutral_at);
    store_put_real(w, h->store_uj_needed);
    store_put_int(w, h->neutral != 0);
    store_insert(w);
}

static void insert_docs(struct store_writer *w, int64_t id, const struct energy_docs *docs)
{
    store_prepare(w, "INSERT INTO input (run_id, position, file, key, value, rsd, verified, source)"
                     " VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t i = 0; i < docs->count; i++) {
        const struct energy_input *row = &docs->rows[i];
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, row->file);
        store_put_text(w, row->key);
        store_put_real(w, row->value);
        store_put_real(w, row->rsd);
        store_put_int(w, row->verified != 0);
        store_put_text(w, row->source);
        store_insert(w);
    }
}

static void insert_computes(struct store_writer *w, int64_t id, const struct report_run *run)
{
    store_prepare(w, "INSERT INTO run_compute (run_id, position, name, compute_run_id)"
                     " VALUES (?,?,?,?)");
    for (uint32_t i = 0; i < run->compute_count; i++) {
        if (run->computes[i].run_id == 0)
            continue;
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, run->computes[i].name);
        store_put_int(w, run->computes[i].run_id);
        store_insert(w);
    }
}

static void insert_notes(struct store_writer *w, int64_t id, const struct report_life *life)
{
    store_prepare(w, "INSERT INTO life_note (run_id, position, text) VALUES (?,?,?)");
    for (uint32_t i = 0; i < life->note_count; i++) {
        store_put_int(w, id);
        store_put_int(w, i);
        store_put_text(w, life->notes[i]);
        store_insert(w);
    }
}

void store_write_life(struct store_writer *w, int64_t id, const struct report_run *run)
{
    insert_condition(w, id, run);
    insert_parts(w, id, &run->life.lifetime);
    insert_steps(w, id, &run->life);
    insert_spread(w, id, "energy", run->energy.spread);
    insert_spread(w, id, "life", run->life.lifetime.spread);
    if (run->life.has_stream)
        insert_stream(w, id, &run->life.stream);
    if (run->life.has_harvest)
        insert_harvest(w, id, &run->life.harvest);
    insert_docs(w, id, &run->docs);
    insert_computes(w, id, run);
    insert_notes(w, id, &run->life);
}
