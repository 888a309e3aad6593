/* Millions of rows come through here, so the numbers are not printed by printf. */
#include "report_sweep.h"
#include "report_check.h"
#include "report_format.h"
#include "report_page.h"

#include <math.h>
#include <string.h>

#define MOST_BATTERY_COLUMNS 20

/* Four significant digits as they are read best, right-aligned in so many columns. */
static void put_number(struct report_sweep *s, double value, int columns)
{
    static const double powers[] = {1, 10, 100, 1000};
    char text[32], *end = text + sizeof text, *to = end;
    double size = fabs(value);
    if (!isfinite(value) || size >= 999.95 || size < 0.1) {
        char other[REPORT_FORMAT_BYTES];
        fprintf(s->out, "%*s", columns, report_number(other, value));
        return;
    }
    int decimals = size < 9.9995 ? 3 : size < 99.995 ? 2 : 1;
    uint64_t digits = (uint64_t)llround(size * powers[decimals]);
    for (int i = 0; i <= decimals || digits > 0; i++) {
        if (i == decimals)
            *--to = '.';
        *--to = (char)('0' + digits % 10);
        digits /= 10;
    }
    if (value < 0.0)
        *--to = '-';
    for (int pad = columns - (int)(end - to); pad > 0; pad--)
        fputc(' ', s->out);
    fwrite(to, 1, (size_t)(end - to), s->out);
}

static void put_word(struct report_sweep *s, const char *word)
{
    char plain[256];
    fputs(report_printable(plain, sizeof plain, word, s->utf8), s->out);
}

void report_sweep_begin(struct report_sweep *s, FILE *out, enum report_sweep_as as,
                        unsigned columns, size_t battery_columns)
{
    memset(s, 0, sizeof *s);
    s->out = out;
    s->as = as;
    s->columns = columns;
    s->utf8 = report_utf8_terminal();
    s->battery_columns = battery_columns < 7                      ? 7
                         : battery_columns > MOST_BATTERY_COLUMNS ? MOST_BATTERY_COLUMNS
                                                                  : (unsigned)battery_columns;
    if (as == REPORT_SWEEP_JSON)
        fputc('[', out);
    if (as != REPORT_SWEEP_TEXT)
        return;
    if (columns & REPORT_SWEEP_BATTERY)
        fprintf(out, "%-*s ", (int)s->battery_columns, "battery");
    if (columns & REPORT_SWEEP_TEMPERATURE)
        fprintf(out, "%7s ", "C");
    if (columns & REPORT_SWEEP_VDD)
        fprintf(out, "%7s ", "V");
    if (columns & REPORT_SWEEP_PROBABILITY)
        fprintf(out, "%9s ", "prob. x");
    if (columns & REPORT_SWEEP_EVERY)
        fprintf(out, "%9s ", "every s");
    fprintf(out, "%9s %9s %9s %9s limited by\n", "days", "p10", "p90", "uW");
}

static void text_row(struct report_sweep *s, const struct report_sweep_row *row)
{
    if (s->columns & REPORT_SWEEP_BATTERY)
        report_print_name(s->out, row->battery, s->battery_columns, s->utf8);
    const struct {
        unsigned column;
        double value;
        int columns;
    } axes[] = {{REPORT_SWEEP_TEMPERATURE, row->temperature_c, 7},
                {REPORT_SWEEP_VDD, row->vdd_v, 7},
                {REPORT_SWEEP_PROBABILITY, row->probability_factor, 9},
                {REPORT_SWEEP_EVERY, row->every_s, 9}};
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++) {
        if (!(s->columns & axes[i].column))
            continue;
        put_number(s, axes[i].value, axes[i].columns);
        fputc(' ', s->out);
    }
    if (row->why_not) {
        put_word(s, row->why_not);
    } else {
        put_number(s, row->days.p50, 9);
        put_number(s, row->days.p10, 10);
        put_number(s, row->days.p90, 10);
        put_number(s, row->average_uw, 10);
        fputc(' ', s->out);
        put_word(s, row->limited_by);
    }
    fputc('\n', s->out);
}

static void json_word(FILE *out, const char *word)
{
    char valid[1100];
    fputc('"', out);
    for (const unsigned char *c =
             (const unsigned char *)report_valid_utf8(valid, sizeof valid, word);
         *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void json_number(FILE *out, const char *key, double value)
{
    if (isfinite(value))
        fprintf(out, "\"%s\": %.6g", key, value + 0.0);
    else
        fprintf(out, "\"%s\": null", key);
}

static void json_row(struct report_sweep *s, const struct report_sweep_row *row)
{
    FILE *out = s->out;
    fputs(s->rows ? ",\n {\"battery\": " : "\n {\"battery\": ", out);
    json_word(out, row->battery);
    fputs(", ", out);
    json_number(out, "temperature_c", row->temperature_c);
    fputs(", ", out);
    json_number(out, "vdd_v", row->vdd_v);
    fputs(", ", out);
    json_number(out, "probability_factor", row->probability_factor);
    fputs(", ", out);
    json_number(out, "every_s", row->every_s);
    if (row->why_not) {
        fputs(", \"days\": null, \"why_not\": ", out);
        json_word(out, row->why_not);
    } else {
        fputs(", \"days\": {", out);
        json_number(out, "p10", row->days.p10);
        fputs(", ", out);
        json_number(out, "p50", row->days.p50);
        fputs(", ", out);
        json_number(out, "p90", row->days.p90);
        fputs("}, ", out);
        json_number(out, "average_uw", row->average_uw);
        fputs(", \"limited_by\": ", out);
        json_word(out, row->limited_by);
    }
    fputc('}', out);
}

/* Of lives that the same shelf life ends, the surer one. */
static int lives_longer(const struct report_sweep_row *row, const struct report_sweep_row *than)
{
    if (row->days.p50 != than->days.p50)
        return row->days.p50 > than->days.p50;
    return row->days.p10 > than->days.p10;
}

void report_sweep_row(struct report_sweep *s, const struct report_sweep_row *row)
{
    if (s->as == REPORT_SWEEP_TEXT)
        text_row(s, row);
    else if (s->as == REPORT_SWEEP_JSON)
        json_row(s, row);
    s->rows++;
    if (row->why_not) {
        s->failed++;
    } else if (s->rows - s->failed == 1 || lives_longer(row, &s->best)) {
        s->best = *row;
        snprintf(s->best_battery, sizeof s->best_battery, "%s", row->battery);
    }
}

enum cc_status report_sweep_end(struct report_sweep *s, struct cc_error *err)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], name[128];
    if (s->as == REPORT_SWEEP_JSON) {
        fputs(s->rows ? "\n]\n" : "]\n", s->out);
        return report_written(s->out, err);
    }
    fprintf(s->out, "%s%s rows", s->as == REPORT_SWEEP_TEXT ? "\n" : "",
            report_thousands(a, s->rows));
    if (s->failed > 0)
        fprintf(s->out, ", %s of them cannot work", report_thousands(b, s->failed));
    if (s->rows > s->failed)
        fprintf(s->out, "; longest %s days on %s, %.4g C, every %.4g s",
                report_number(a, s->best.days.p50),
                report_printable(name, sizeof name, s->best_battery, s->utf8),
                s->best.temperature_c, s->best.every_s);
    fputc('\n', s->out);
    return report_written(s->out, err);
}
