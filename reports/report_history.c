#include "report_check.h"
#include "report_format.h"
#include "store.h"

#include <math.h>
#include <string.h>

enum cc_status report_history_text(const struct report_history_row *rows, size_t count, FILE *out,
                                   struct cc_error *err)
{
    int utf8 = report_utf8_terminal();
    if (count == 0)
        fputs("no runs stored yet\n", out);
    else
        fprintf(out, "%5s %-16s %-16s %-11s %4s %-9s %9s %9s %8s\n", "run", "UTC", "model", "chip",
                "MHz", "kernels", "ms", "uJ", "days");
    for (size_t i = 0; i < count; i++) {
        const struct report_history_row *r = &rows[i];
        char when[64], model[128], mcu[128], kernels[64];
        char ms[REPORT_FORMAT_BYTES], uj[REPORT_FORMAT_BYTES], days[REPORT_FORMAT_BYTES];
        report_printable(when, sizeof when, r->created_utc, utf8);
        if (strlen(when) > 10 && when[10] == 'T')
            when[10] = ' ';
        fprintf(out, "%5lld %-16.16s %-16.16s %-11.11s %4.4g %-9.9s %9s %9s %8s\n",
                (long long)r->run_id, when, report_printable(model, sizeof model, r->model_name, 0),
                report_printable(mcu, sizeof mcu, r->mcu, 0), r->clock_hz / 1e6,
                report_printable(kernels, sizeof kernels, r->kernels, 0),
                report_number(ms, r->latency_ms), report_number(uj, r->energy_uj_p50),
                report_number(days, r->days_p50));
    }
    return report_written(out, err);
}

static json_t *text(const char *value)
{
    char valid[512];
    return json_string(report_valid_utf8(valid, sizeof valid, value));
}

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value + 0.0) : json_null();
}

static json_t *row_object(const struct report_history_row *r)
{
    struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"run_id", json_integer(r->run_id)},
        {"created_utc", text(r->created_utc)},
        {"model", text(r->model_name)},
        {"mcu", text(r->mcu)},
        {"clock_hz", real(r->clock_hz)},
        {"kernels", text(r->kernels)},
        {"battery", text(r->battery)},
        {"instructions", json_integer((json_int_t)r->instructions)},
        {"cycles", json_integer((json_int_t)r->cycles)},
        {"latency_ms", real(r->latency_ms)},
        {"energy_uj", real(r->energy_uj_p50)},
        {"days", real(r->days_p50)},
    };
    json_t *o = json_object();
    int failed = 0;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        failed |= json_object_set_new(o, members[i].key, members[i].value) != 0;
    if (failed) {
        json_decref(o);
        return NULL;
    }
    return o;
}

enum cc_status report_history_json(const struct report_history_row *rows, size_t count, FILE *out,
                                   struct cc_error *err)
{
    json_t *array = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed |= json_array_append_new(array, row_object(&rows[i])) != 0;
    enum cc_status status = failed ? cc_no_memory(err) : report_dump_json(array, out, err);
    json_decref(array);
    return status;
}
