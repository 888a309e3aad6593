#include "report_text_life.h"
#include "report_format.h"

#include <math.h>
#include <string.h>

#define LABEL_COLUMNS REPORT_LABEL_COLUMNS

/* Running text with words of files in it. */
static void print_sentence(const struct report_page *p, const char *label, const char *text)
{
    char plain[1024];
    report_print_wrapped(p, LABEL_COLUMNS, label,
                         report_printable(plain, sizeof plain, text, p->utf8));
}

const char *report_days_number(char *buffer, double days)
{
    if (!isfinite(days) || days >= 999.5)
        return report_number(buffer, days);
    return report_three_digits(buffer, days);
}

/* Days, and years beside them when they are easier to picture. */
static const char *days_text(char *buffer, double days)
{
    char a[REPORT_FORMAT_BYTES];
    report_days_number(a, days);
    if (isfinite(days) && days >= 730.0)
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.60s days (%.1f years)", a, days / 365.25);
    else
        snprintf(buffer, REPORT_FORMAT_BYTES, "%.60s%s", a, isfinite(days) ? " days" : "");
    return buffer;
}

void report_print_spread(const struct report_page *p,
                         const struct energy_spread spread[ENERGY_TOP_SPREADS])
{
    char line[ENERGY_TOP_SPREADS * (ENERGY_UNKNOWN_NAME_BYTES + 16) + 32];
    size_t used = 0;
    if (!spread[0].name[0])
        return;
    used += (size_t)snprintf(line, sizeof line, "measure first: ");
    for (int i = 0; i < ENERGY_TOP_SPREADS && spread[i].name[0]; i++)
        used +=
            (size_t)snprintf(line + used, sizeof line - used, "%s%.*s (%.0f%%)", i ? ", " : "",
                             ENERGY_UNKNOWN_NAME_BYTES, spread[i].name, spread[i].share * 100.0);
    print_sentence(p, "spread", line);
}

/* A brown-out names what pulls; runs of an earlier version do not know. */
static void brown_out(const struct energy_lifetime *t, char *line, size_t size)
{
    char current[REPORT_FORMAT_BYTES];
    report_three_digits(current, t->running_ma);
    snprintf(
        line, size,
        "limited by %.63s: %.63s%s%s mA at %.2f V pull the battery from %.2f to %.2f V, %.2f V "
        "are needed; %.0f%% of its charge is left",
        t->limited_by, t->limiting_pulse, t->limiting_pulse[0] ? ", " : "", current,
        fmax(t->end_loaded_v, t->least_v), t->end_rest_v, t->end_loaded_v, t->least_v,
        t->charge_left * 100.0);
}

/* What ends the life, with the voltages of that moment. */
static void print_limit(const struct report_page *p, const struct energy_lifetime *t)
{
    char current[REPORT_FORMAT_BYTES], line[512];
    report_three_digits(current, t->running_ma);
    if (strcmp(t->limited_by, "energy-neutral") == 0)
        snprintf(line, sizeof line, "energy-neutral: the harvester carries the load%s",
                 isfinite(t->days.p50) ? " until the store has aged" : "");
    else if (t->end_rest_v == 0.0)
        snprintf(line, sizeof line, "limited by %.63s", t->limited_by);
    else if (t->charge_left > 0.0)
        brown_out(t, line, sizeof line);
    else
        snprintf(
            line, sizeof line,
            "limited by %.63s: at the end the battery has %.2f V, and %.2f V under %s mA%s%.63s",
            t->limited_by, t->end_rest_v, t->end_loaded_v, current,
            t->limiting_pulse[0] ? " of " : "", t->limiting_pulse);
    print_sentence(p, "", line);
}

static void print_parts(const struct report_page *p, const struct energy_lifetime *t)
{
    const struct energy_interval *uw = &t->average_uw_spread;
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], d[REPORT_FORMAT_BYTES];
    unsigned columns = REPORT_PART_COLUMNS;
    for (uint32_t i = 0; i < t->part_count; i++) {
        size_t n = strlen(t->parts[i].name);
        columns = n > columns ? (unsigned)n : columns;
    }
    if (columns > REPORT_PART_MOST_COLUMNS)
        columns = REPORT_PART_MOST_COLUMNS;
    fprintf(p->out, "%-*s%s uW on average", LABEL_COLUMNS, "power",
            report_number(a, t->average_uw));
    if (uw->p90 > uw->p10)
        fprintf(p->out, " (p10 %s, p90 %s)", report_number(b, uw->p10), report_number(d, uw->p90));
    fputc('\n', p->out);
    for (uint32_t i = 0; i < t->part_count; i++)
        report_print_part(p, t->parts[i].name, columns, t->parts[i].uw, "uW", t->average_uw);
}

/* "25", "0.333": what is not measured has no digits to show. */
static const char *short_number(char *buffer, double value)
{
    if (!isfinite(value) || value >= 999.95)
        return report_number(buffer, value);
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.4g", value);
    return buffer;
}

/* "45.89 uJ", "52.36 J" */
static const char *energy_text(char *buffer, double uj)
{
    char number[REPORT_FORMAT_BYTES];
    int large = uj >= 1e6 && isfinite(uj);
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.60s %s", report_number(number, large ? uj * 1e-6 : uj),
             large ? "J" : "uJ");
    return buffer;
}

/* "  mel40                   25  5.21 ms     210.1      5,252 ####" */
static void print_step(const struct report_page *p, const struct energy_step_cost *step,
                       unsigned columns, double total_uw)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], c[REPORT_FORMAT_BYTES],
        d[REPORT_FORMAT_BYTES], bar[REPORT_FORMAT_BYTES];
    report_bar(bar, total_uw > 0.0 ? step->uw / total_uw : 0.0, 8, p->utf8);
    fprintf(p->out, "%*s%s ", LABEL_COLUMNS, "", step->beside ? "+" : " ");
    report_print_name(p->out, step->name, columns, p->utf8);
    fprintf(p->out, "%8s %8s %9s %9s%s%s\n", short_number(a, step->times),
            report_duration(b, step->duration_s),
            step->uj >= 1e6 ? energy_text(c, step->uj) : report_number(c, step->uj),
            report_number(d, step->uw), bar[0] ? " " : "", bar);
}

/* What is lost on the way to the load is not of its steps. */
static int is_supply(const char *part)
{
    return strcmp(part, "regulator") == 0 || strcmp(part, "capacitor") == 0 ||
           strcmp(part, "self-discharge") == 0;
}

/* How the steps and the parts of the power fit together. */
static void print_difference(const struct report_page *p, const struct report_run *run,
                             double steps_uw)
{
    const struct energy_lifetime *t = &run->life.lifetime;
    char a[REPORT_FORMAT_BYTES], line[512];
    double load_uw = 0.0;
    size_t used = 0;
    for (uint32_t i = 0; i < t->part_count; i++) {
        if (!is_supply(t->parts[i].name))
            load_uw += t->parts[i].uw;
        else
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%.63s %s uW",
                                     used ? ", " : "not in steps: ", t->parts[i].name,
                                     report_number(a, t->parts[i].uw));
    }
    if (used > 0)
        print_sentence(p, "", line);
    if (!(fabs(steps_uw - load_uw) > 0.01 * load_uw))
        return;
    snprintf(line, sizeof line,
             "steps are priced at %.3g V, the power at the voltages that the battery gives",
             run->energy.vdd_v);
    print_sentence(p, "", line);
}

/* What the rows mean: durations of the core's sleep lie under the steps of devices. */
static void print_period(const struct report_page *p, const struct report_run *run)
{
    const struct report_life *life = &run->life;
    char every[REPORT_FORMAT_BYTES], busy[REPORT_FORMAT_BYTES], line[512];
    const char *sleeps[2] = {"", ""};
    int beside = 0, count = 0;
    for (uint32_t i = 0; i < life->step_count; i++) {
        beside |= life->steps[i].beside;
        if (strcmp(life->steps[i].kind, "sleep") == 0 && count < 2)
            sleeps[count++] = life->steps[i].name;
    }
    snprintf(line, sizeof line, "a period of %s, the core awake for %s of it%s%.63s%s%.63s%s%s",
             report_duration(every, run->every_s), report_duration(busy, life->busy_s),
             count > 0 ? "; " : "", sleeps[0], count > 1 ? ", " : "", sleeps[1],
             count > 0 ? ": core asleep, alone or under steps of devices" : "",
             beside ? "; + runs beside the steps behind it" : "");
    if (life->busy_s > 0.0)
        print_sentence(p, "", line);
}

static void print_steps(const struct report_page *p, const struct report_run *run)
{
    const struct report_life *life = &run->life;
    unsigned columns = p->width - LABEL_COLUMNS - 2 - 1 - 8 - 9 - 10 - 10 - 9;
    double total_uw = 0.0;
    if (life->step_count == 0)
        return;
    for (uint32_t i = 0; i < life->step_count; i++)
        total_uw += life->steps[i].uw;
    columns = columns > 40 ? 40 : columns;
    fprintf(p->out, "\n%-*s  %-*s %8s %8s %9s %9s\n", LABEL_COLUMNS, "steps", (int)columns,
            "of a period", "times", "each", "uJ each", "mean uW");
    for (uint32_t i = 0; i < life->step_count; i++)
        print_step(p, &life->steps[i], columns, total_uw);
    print_period(p, run);
    print_difference(p, run, total_uw);
}

static void print_break_even(const struct report_page *p, const struct energy_stream_comparison *s)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], line[512];
    if (!(s->break_even_bytes > 0.0))
        snprintf(line, sizeof line, "break-even: sending raw data is never cheaper, however few");
    else if (!isfinite(s->break_even_bytes))
        snprintf(line, sizeof line, "break-even: sending raw data is cheaper, however many");
    else if (!(s->break_even_uj > 0.0))
        snprintf(line, sizeof line,
                 "break-even: with fewer than %s raw bytes per period sending them is cheaper; "
                 "with these it always is, even if computing took nothing",
                 short_number(a, s->break_even_bytes));
    else
        snprintf(line, sizeof line,
                 "break-even: with fewer than %s raw bytes per period sending them is cheaper; "
                 "computing may take up to %s before it is",
                 short_number(a, s->break_even_bytes), energy_text(b, s->break_even_uj));
    print_sentence(p, "", line);
}

static void print_stream(const struct report_page *p, const struct energy_stream_comparison *s)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], c[REPORT_FORMAT_BYTES], line[640];
    double here_uj = s->infer_uj + s->result_uj;
    short_number(a, s->raw_bytes_per_period);
    if (!s->possible)
        snprintf(line, sizeof line, "%.63s cannot send the raw %s bytes of a period: %.159s",
                 s->radio, a, s->why_not);
    else
        snprintf(line, sizeof line,
                 "sending the raw %s bytes of a period by %.63s takes %s, computing and sending "
                 "the result %s: %s is cheaper",
                 a, s->radio, energy_text(b, s->stream_uj), energy_text(c, here_uj),
                 s->stream_uj < here_uj ? "sending" : "computing");
    fputc('\n', p->out);
    print_sentence(p, "stream", line);
    print_break_even(p, s);
    if (!s->possible)
        return;
    fprintf(p->out, "%-*sstreaming: %s (p10 %s, p90 %s), ", LABEL_COLUMNS, "",
            days_text(a, s->days.p50), report_days_number(b, s->days.p10),
            report_days_number(c, s->days.p90));
    fprintf(p->out, "%s uW on average\n", report_number(a, s->average_uw));
}

/* Three digits: no such level is known better. */
static const char *level_number(char *buffer, double level)
{
    double unit = pow(10.0, floor(log10(level)) - 2.0);
    if (!isfinite(level) || !(level > 0.0))
        return report_number(buffer, level);
    return short_number(buffer, round(level / unit) * unit);
}

static void print_harvest(const struct report_page *p, const struct energy_harvest *h)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], c[REPORT_FORMAT_BYTES],
        d[REPORT_FORMAT_BYTES], line[640];
    snprintf(line, sizeof line,
             "%.63s at %s %.15s, %.3g h per day: %s uW into the battery on average (p10 %s, p90 "
             "%s)",
             h->harvester, short_number(a, h->level), h->unit, h->hours_per_day,
             report_number(b, h->income_uw.p50), report_number(c, h->income_uw.p10),
             report_number(d, h->income_uw.p90));
    fputc('\n', p->out);
    print_sentence(p, "harvest", line);
    if (!isfinite(h->neutral_at.p50))
        snprintf(line, sizeof line, "never energy-neutral: no level carries this load and store");
    else
        snprintf(line, sizeof line, "energy-neutral %s %s %.15s (p10 %s, p90 %s)",
                 strcmp(h->unit, "m") == 0 ? "up to" : "above", /* a distance is better short */
                 level_number(a, h->neutral_at.p50), h->unit, level_number(b, h->neutral_at.p10),
                 isfinite(h->neutral_at.p90) ? level_number(c, h->neutral_at.p90) : "never");
    print_sentence(p, "", line);
    if (h->store_uj_needed > 0.0) {
        snprintf(line, sizeof line, "the hours without take %s J out of the store",
                 report_number(a, h->store_uj_needed * 1e-6));
        print_sentence(p, "", line);
    }
}

/* "on cr2032, wake_word, 20 C" */
static void print_condition(const struct report_page *p, const struct report_run *run)
{
    char line[512], buffer[64] = "";
    if (run->life.buffer_uf > 0.0)
        snprintf(buffer, sizeof buffer, " with %.4g uF", run->life.buffer_uf);
    snprintf(line, sizeof line, "on %.63s%s, %.63s, %.4g C", run->life.battery, buffer,
             run->life.scenario, run->temperature_c);
    print_sentence(p, "", line);
}

void report_print_life(const struct report_page *p, const struct report_run *run)
{
    const struct report_life *life = &run->life;
    const struct energy_lifetime *t = &life->lifetime;
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], d[REPORT_FORMAT_BYTES];
    if (!life->battery[0])
        return;
    fprintf(p->out, "%-*s%s (p10 %s, p90 %s)\n", LABEL_COLUMNS, "life", days_text(a, t->days.p50),
            report_days_number(b, t->days.p10), report_days_number(d, t->days.p90));
    print_condition(p, run);
    print_limit(p, t);
    report_print_spread(p, t->spread);
    print_parts(p, t);
    print_steps(p, run);
    if (life->has_stream)
        print_stream(p, &life->stream);
    if (life->has_harvest)
        print_harvest(p, &life->harvest);
}
