#include "report_maker.h"
#include "report_format.h"

#include <math.h>

json_t *maker_object(struct report_maker *m)
{
    json_t *o = json_object();
    if (!o)
        m->failed = 1;
    return o;
}

void maker_put(struct report_maker *m, json_t *o, const char *key, json_t *value)
{
    if (json_object_set_new(o, key, value) != 0)
        m->failed = 1;
}

void maker_append(struct report_maker *m, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        m->failed = 1;
}

void maker_text(struct report_maker *m, json_t *o, const char *key, const char *text)
{
    char valid[2048];
    maker_put(m, o, key, json_string(report_valid_utf8(valid, sizeof valid, text)));
}

void maker_real(struct report_maker *m, json_t *o, const char *key, double value)
{
    /* + 0.0: no "-0.0" */
    maker_put(m, o, key, isfinite(value) ? json_real(value + 0.0) : json_null());
}

void maker_known(struct report_maker *m, json_t *o, const char *key, double value)
{
    maker_real(m, o, key, value != 0.0 ? value : NAN);
}

void maker_count(struct report_maker *m, json_t *o, const char *key, uint64_t value)
{
    maker_put(m, o, key, json_integer((json_int_t)value));
}

void maker_interval(struct report_maker *m, json_t *o, const char *key,
                    const struct energy_interval *i)
{
    json_t *of = maker_object(m);
    maker_real(m, of, "p10", i->p10);
    maker_real(m, of, "p50", i->p50);
    maker_real(m, of, "p90", i->p90);
    maker_put(m, o, key, of);
}
