#include "report_json_life.h"

#include "report_format.h"

#include <math.h>
#include <string.h>

json_t *report_spread_array(struct report_maker *m,
                            const struct energy_spread spread[ENERGY_TOP_SPREADS])
{
    json_t *a = json_array();
    for (int i = 0; i < ENERGY_TOP_SPREADS && spread[i].name[0]; i++) {
        json_t *o = maker_object(m);
        maker_text(m, o, "input", spread[i].name);
        maker_real(m, o, "share", spread[i].share);
        maker_append(m, a, o);
    }
    return a;
}

json_t *report_docs_array(struct report_maker *m, const struct energy_docs *docs)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < docs->count; i++) {
        const struct energy_input *row = &docs->rows[i];
        json_t *o = maker_object(m);
        maker_text(m, o, "file", row->file);
        maker_text(m, o, "key", row->key);
        maker_real(m, o, "value", row->value);
        maker_real(m, o, "rsd", row->rsd);
        maker_put(m, o, "verified", json_boolean(row->verified));
        maker_text(m, o, "source", row->source);
        maker_append(m, a, o);
    }
    return a;
}

static json_t *parts_object(struct report_maker *m, const struct energy_lifetime *life)
{
    json_t *o = maker_object(m);
    char key[4 * SIM_NAME_BYTES]; /* names of users' files, cut anywhere */
    for (uint32_t i = 0; i < life->part_count; i++) {
        report_valid_utf8(key, sizeof key, life->parts[i].name);
        maker_real(m, o, key, life->parts[i].uw);
    }
    return o;
}

static json_t *step_array(struct report_maker *m, const struct report_life *life)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < life->step_count; i++) {
        const struct energy_step_cost *step = &life->steps[i];
        json_t *o = maker_object(m);
        maker_text(m, o, "name", step->name);
        maker_text(m, o, "kind", step->kind);
        maker_text(m, o, "what", step->what);
        maker_real(m, o, "times_per_period", step->times);
        maker_real(m, o, "duration_s", step->duration_s);
        maker_put(m, o, "beside", json_boolean(step->beside));
        maker_real(m, o, "energy_uj", step->uj);
        maker_real(m, o, "average_uw", step->uw);
        maker_real(m, o, "peak_ma", step->peak_ma);
        maker_append(m, a, o);
    }
    return a;
}

static json_t *stream_object(struct report_maker *m, const struct energy_stream_comparison *s)
{
    json_t *o = maker_object(m);
    maker_text(m, o, "radio", s->radio);
    maker_real(m, o, "raw_bytes_per_period", s->raw_bytes_per_period);
    maker_real(m, o, "infer_uj", s->infer_uj);
    maker_real(m, o, "result_uj", s->result_uj);
    maker_real(m, o, "stream_uj", s->stream_uj);
    maker_put(m, o, "possible", json_boolean(s->possible));
    maker_text(m, o, "why_not", s->why_not);
    maker_real(m, o, "break_even_bytes", s->break_even_bytes);
    maker_real(m, o, "break_even_uj", s->break_even_uj);
    maker_real(m, o, "average_uw", s->possible ? s->average_uw : NAN);
    if (s->possible)
        maker_interval(m, o, "days", &s->days);
    else
        maker_put(m, o, "days", json_null());
    return o;
}

static json_t *harvest_object(struct report_maker *m, const struct energy_harvest *h)
{
    json_t *o = maker_object(m);
    maker_text(m, o, "harvester", h->harvester);
    maker_text(m, o, "unit", h->unit);
    maker_real(m, o, "level", h->level);
    maker_real(m, o, "hours_per_day", h->hours_per_day);
    maker_interval(m, o, "income_uw", &h->income_uw);
    maker_interval(m, o, "neutral_at", &h->neutral_at);
    maker_real(m, o, "store_uj_needed", h->store_uj_needed);
    maker_put(m, o, "neutral", json_boolean(h->neutral));
    return o;
}

static json_t *compute_array(struct report_maker *m, const struct report_run *run)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < run->compute_count; i++) {
        json_t *o = maker_object(m);
        maker_text(m, o, "name", run->computes[i].name);
        maker_put(m, o, "run_id", json_integer(run->computes[i].run_id));
        maker_append(m, a, o);
    }
    return a;
}

/* Figures that a run of an earlier version does not have are null. */
static void put_end(struct report_maker *m, json_t *o, const struct energy_lifetime *life)
{
    maker_known(m, o, "running_ma", life->running_ma);
    maker_known(m, o, "end_rest_v", life->end_rest_v);
    maker_known(m, o, "end_loaded_v", life->end_loaded_v);
    maker_known(m, o, "least_v", life->least_v);
    maker_real(m, o, "charge_left", life->end_rest_v != 0.0 ? life->charge_left : NAN);
}

json_t *report_life_object(struct report_maker *m, const struct report_run *run)
{
    const struct report_life *life = &run->life;
    const struct energy_lifetime *t = &life->lifetime;
    static const struct energy_interval unknown = {NAN, NAN, NAN};
    int neutral = strcmp(t->limited_by, "energy-neutral") == 0;
    json_t *o = maker_object(m);
    maker_text(m, o, "battery", life->battery);
    maker_text(m, o, "scenario", life->scenario);
    maker_real(m, o, "average_uw", t->average_uw);
    maker_interval(m, o, "average_uw_interval",
                   t->average_uw_spread.p10 > 0.0 ? &t->average_uw_spread : &unknown);
    maker_interval(m, o, "days", life->battery[0] ? &t->days : &unknown);
    maker_put(m, o, "energy_neutral", json_boolean(neutral));
    maker_put(m, o, "parts_uw", parts_object(m, t));
    maker_put(m, o, "spread", report_spread_array(m, t->spread));
    maker_text(m, o, "limited_by", t->limited_by);
    maker_text(m, o, "limiting_pulse", t->limiting_pulse);
    put_end(m, o, t);
    maker_real(m, o, "every_s", run->every_s);
    maker_known(m, o, "busy_s", life->busy_s);
    maker_known(m, o, "asleep_s", life->asleep_s);
    maker_real(m, o, "temperature_c", run->temperature_c);
    maker_known(m, o, "buffer_uf", life->buffer_uf);
    maker_put(m, o, "steps", step_array(m, life));
    maker_put(m, o, "computes", compute_array(m, run));
    maker_put(m, o, "stream", life->has_stream ? stream_object(m, &life->stream) : json_null());
    maker_put(m, o, "harvest", life->has_harvest ? harvest_object(m, &life->harvest) : json_null());
    return o;
}
