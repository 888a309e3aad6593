#include "report_check.h"
#include "report_format.h"
#include "report_page.h"
#include "store.h"

#include <math.h>
#include <string.h>

/* Three digits with a unit: "0.5s", "900s", "24h", "365d". */
static const char *period(char *buffer, double s)
{
    if (s < 1000)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.3gs", s);
    else if (s < 100 * 3600.0)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.3gh", s / 3600);
    else
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.4gd", s / 86400);
    return buffer;
}

static void print_run(FILE *out, const struct report_history_row *r, int utf8)
{
    char date[32], chip[96], ms[REPORT_FORMAT_BYTES], uj[REPORT_FORMAT_BYTES];
    char every[REPORT_FORMAT_BYTES], days[REPORT_FORMAT_BYTES];
    snprintf(chip, sizeof chip, "%s@%.4g", r->mcu, r->clock_hz / 1e6);
    snprintf(date, sizeof date, "%.*s", (int)strcspn(r->created_utc, "T"), r->created_utc);
    fprintf(out, "%4lld ", (long long)r->run_id);
    report_print_name(out, date, 10, 0);
    report_print_name(out, r->model_name, 12, utf8);
    report_print_name(out, chip, 14, utf8);
    fprintf(out, "%4.3g ", r->vdd_v);
    report_print_name(out, r->kernels, 6, utf8);
    fprintf(out, "%7s %7s ", report_number(ms, r->latency_ms), report_number(uj, r->energy_uj_p50));
    report_print_name(out, r->battery, 10, utf8);
    if (r->battery[0])
        fprintf(out, "%5s %3.3g %6s\n", period(every, r->every_s), r->temperature_c,
                report_number(days, r->days_p50));
    else /* a computation of a scenario has no life of its own */
        fprintf(out, "%5s %3s %6s\n", "-", "-", "-");
}

enum cc_status report_history_text(const struct report_history_row *rows, size_t count, FILE *out,
                                   struct cc_error *err)
{
    int utf8 = report_utf8_terminal();
    if (count == 0)
        fputs("no runs stored yet\n", out);
    else
        fprintf(out, "%4s %-10s %-12s %-14s %4s %-6s %7s %7s %-10s %5s %3s %6s\n", "run", "UTC",
                "model", "chip@MHz", "V", "kernel", "ms", "uJ", "battery", "every", "C", "days");
    for (size_t i = 0; i < count; i++)
        print_run(out, &rows[i], utf8);
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
        {"vdd_v", real(r->vdd_v)},
        {"kernels", text(r->kernels)},
        {"battery", text(r->battery)},
        {"every_s", real(r->every_s)},
        {"temperature_c", real(r->temperature_c)},
        {"instructions", json_integer((json_int_t)r->instructions)},
        {"cycles", json_integer((json_int_t)r->cycles)},
        {"latency_ms", real(r->latency_ms)},
        {"energy_uj", real(r->energy_uj_p50)},
        {"days", real(r->battery[0] ? r->days_p50 : NAN)},
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
