#include "report_validate.h"

#include "report_causes.h"
#include "report_check.h"
#include "report_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS    30
#define EXPLAIN_NAME    26
#define EXPLAIN_COLUMNS 47 /* in front of the causes: line, name, cycles, CPI */

static double error_percent(const struct report_validate_row *r)
{
    return 100.0 * ((double)r->counts.cycles - r->measured_cycles) / r->measured_cycles;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

enum cc_status report_validate_errors(const struct report_validate *v, const char *chip,
                                      struct report_validate_errors *e, struct cc_error *err)
{
    double signed_sum = 0, absolute_sum = 0;
    double *absolute = malloc((v->count + 1) * sizeof *absolute);
    if (!absolute)
        return cc_no_memory(err);
    memset(e, 0, sizeof *e);
    for (size_t i = 0; i < v->count; i++) {
        const struct report_validate_row *r = &v->rows[i];
        if (chip && strcmp(chip, r->chip) != 0)
            continue;
        if (r->failure) {
            e->failed++;
            continue;
        }
        double error = error_percent(r);
        signed_sum += error;
        absolute_sum += fabs(error);
        absolute[e->ran++] = fabs(error);
    }
    double none = NAN, n = (double)e->ran;
    qsort(absolute, e->ran, sizeof *absolute, compare_doubles);
    e->mean_percent = e->ran ? signed_sum / n : none;
    e->mean_absolute_percent = e->ran ? absolute_sum / n : none;
    e->median_absolute_percent = e->ran ? quantile(absolute, e->ran, 0.5) : none;
    e->p90_absolute_percent = e->ran ? quantile(absolute, e->ran, 0.9) : none;
    e->largest_absolute_percent = e->ran ? absolute[e->ran - 1] : none;
    free(absolute);
    return CC_OK;
}

/* Whether row i is the first one of its chip. */
static int first_of_chip(const struct report_validate *v, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(v->rows[k].chip, v->rows[i].chip) == 0)
            return 0;
    }
    return 1;
}

static const char *cycles_text(char *buffer, double cycles)
{
    if (cycles < 1e15 && cycles == floor(cycles))
        return report_thousands(buffer, (uint64_t)cycles);
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.12g", cycles);
    return buffer;
}

static void print_row(const struct report_validate_row *r, FILE *out)
{
    char name[512], chip[256], predicted[REPORT_FORMAT_BYTES], measured[REPORT_FORMAT_BYTES];
    char clock[REPORT_FORMAT_BYTES];
    snprintf(clock, sizeof clock, "%.4g", r->clock_hz / 1e6);
    report_printable(name, sizeof name, r->name, 0);
    report_printable(chip, sizeof chip, r->chip, 0);
    fprintf(out, "%5u %-*.*s %-11.11s %4s ", r->line, NAME_COLUMNS, NAME_COLUMNS, name, chip,
            clock);
    cycles_text(measured, r->measured_cycles);
    if (r->failure)
        fprintf(out, "%13s %13s  failed\n", "-", measured);
    else
        fprintf(out, "%13s %13s %+7.2f%%\n", report_thousands(predicted, r->counts.cycles),
                measured, error_percent(r));
}

/* Appends "12" or "12-14", as far as there is room. */
static void add_lines(char *text, size_t size, unsigned first, unsigned last)
{
    size_t used = strlen(text);
    const char *comma = used ? ", " : "";
    if (first == last)
        snprintf(text + used, size - used, "%s%u", comma, first);
    else
        snprintf(text + used, size - used, "%s%u-%u", comma, first, last);
}

/* The text of row i, and behind it which lines it stands for when there are several. */
static void describe_configuration(const struct report_validate *v, size_t i, char *text,
                                   size_t size)
{
    char lines[512] = "";
    int ranges = 0;
    for (size_t k = i; k < v->count; k++) {
        size_t last = k;
        if (strcmp(v->rows[k].timing, v->rows[i].timing) != 0)
            continue;
        while (last + 1 < v->count && strcmp(v->rows[last + 1].timing, v->rows[i].timing) == 0)
            last++;
        add_lines(lines, sizeof lines, v->rows[k].line, v->rows[last].line);
        ranges += last > k ? 2 : 1;
        k = last;
    }
    snprintf(text, size, ranges > 1 ? "%s (lines %s)" : "%s", v->rows[i].timing, lines);
}

/* Configurations that firmware has programmed; equal ones once, with the first line. */
static void print_configurations(const struct report_validate *v, FILE *out)
{
    struct report_page page = report_page_on(out, 0);
    int printed = 0;
    for (size_t i = 0; i < v->count; i++) {
        char label[32], text[sizeof v->rows[i].timing + 600];
        size_t k = 0;
        while (k < i && strcmp(v->rows[k].timing, v->rows[i].timing) != 0)
            k++;
        if (k < i || !strstr(v->rows[i].timing, "as programmed"))
            continue;
        snprintf(label, sizeof label, "line %u", v->rows[i].line);
        fputs(printed++ ? "" : "\n", out);
        describe_configuration(v, i, text, sizeof text);
        report_print_wrapped(&page, REPORT_LABEL_COLUMNS, label, text);
    }
}

/* A core that sleeps takes none of the cycles that are compared. */
static void print_slept(const struct report_validate *v, FILE *out)
{
    char cycles[REPORT_FORMAT_BYTES];
    int printed = 0;
    for (size_t i = 0; i < v->count; i++) {
        const struct report_validate_row *r = &v->rows[i];
        if (r->counts.sleep_cycles)
            fprintf(out, "%s%s cycles slept in line %u, not among its cycles\n",
                    printed++ ? "" : "\n", report_thousands(cycles, r->counts.sleep_cycles),
                    r->line);
    }
}

static enum cc_status print_errors(const struct report_validate *v, const char *chip, FILE *out,
                                   struct cc_error *err)
{
    struct report_validate_errors e;
    char name[256];
    enum cc_status status = report_validate_errors(v, chip, &e, err);
    if (status != CC_OK)
        return status;
    fprintf(out, "%-16.16s %5zu %6zu", report_printable(name, sizeof name, chip ? chip : "all", 0),
            e.ran, e.failed);
    if (e.ran)
        fprintf(out, " %+12.2f%% %13.2f%% %8.2f%% %8.2f%% %8.2f%%\n", e.mean_percent,
                e.mean_absolute_percent, e.median_absolute_percent, e.p90_absolute_percent,
                e.largest_absolute_percent);
    else
        fprintf(out, " %13s %14s %9s %9s %9s\n", "-", "-", "-", "-", "-");
    return CC_OK;
}

enum cc_status report_validate_text(const struct report_validate *v, FILE *out,
                                    struct cc_error *err)
{
    enum cc_status status = CC_OK;
    char message[1200];
    int failed = 0;
    fprintf(out, "%5s %-*s %-11s %4s %13s %13s %8s\n", "line", NAME_COLUMNS, "name", "chip", "MHz",
            "predicted", "measured", "error");
    for (size_t i = 0; i < v->count; i++)
        print_row(&v->rows[i], out);
    for (size_t i = 0; i < v->count; i++) {
        if (v->rows[i].failure)
            fprintf(out, "%sline %u: %s\n", failed++ ? "" : "\n", v->rows[i].line,
                    report_printable(message, sizeof message, v->rows[i].failure, 0));
    }
    print_slept(v, out);
    print_configurations(v, out);
    fprintf(out, "\n%-16s %5s %6s %13s %14s %9s %9s %9s\n", "error", "ran", "failed", "mean signed",
            "mean absolute", "median", "p90", "largest");
    for (size_t i = 0; status == CC_OK && i < v->count; i++) {
        if (first_of_chip(v, i))
            status = print_errors(v, v->rows[i].chip, out, err);
    }
    if (status == CC_OK)
        status = print_errors(v, NULL, out, err);
    return status == CC_OK ? report_written(out, err) : status;
}

/* Every row counts the same, whatever its length. */
static struct report_causes choose_causes(const struct report_validate *v, unsigned room)
{
    uint64_t shares[SIM_CAUSE_COUNT] = {0};
    for (size_t i = 0; i < v->count; i++) {
        const struct sim_counts *c = &v->rows[i].counts;
        for (int k = 0; k < SIM_CAUSE_COUNT; k++)
            shares[k] += (uint64_t)(1e6 * report_percent(c->causes[k], c->cycles));
    }
    return report_choose_causes(shares, room);
}

enum cc_status report_validate_explain(const struct report_validate *v, FILE *out, unsigned width,
                                       struct cc_error *err)
{
    struct report_page page = report_page_on(out, width);
    struct report_causes k = choose_causes(v, page.width - EXPLAIN_COLUMNS);
    fprintf(out, "\n%5s %-*s %8s %5s", "line", EXPLAIN_NAME, "name", "cycles", "CPI");
    report_print_cause_names(&page, &k);
    for (size_t i = 0; i < v->count; i++) {
        const struct report_validate_row *r = &v->rows[i];
        char cycles[REPORT_FORMAT_BYTES], cpi[REPORT_FORMAT_BYTES];
        if (r->failure)
            continue;
        fprintf(out, "%5u ", r->line);
        report_print_name(out, r->name, EXPLAIN_NAME, page.utf8);
        fprintf(out, "%8s %5s", report_si(cycles, (double)r->counts.cycles),
                report_cpi(cpi, r->counts.cycles, r->counts.instructions));
        report_print_cause_shares(&page, &k, r->counts.causes, r->counts.cycles);
    }
    return report_written(out, err);
}

static json_t *text(const char *value)
{
    char valid[4096];
    return json_string(report_valid_utf8(valid, sizeof valid, value));
}

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value + 0.0) : json_null();
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

struct member {
    const char *key;
    json_t *value;
};

static json_t *object(const struct member *members, size_t n)
{
    json_t *o = json_object();
    int failed = 0;
    for (size_t i = 0; i < n; i++)
        failed |= json_object_set_new(o, members[i].key, members[i].value) != 0;
    if (failed) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *cause_object(const uint64_t *causes)
{
    struct member members[SIM_CAUSE_COUNT];
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        members[i].key = sim_cause_name((enum sim_cause)i);
        members[i].value = count(causes[i]);
    }
    return object(members, SIM_CAUSE_COUNT);
}

static json_t *row_object(const struct report_validate_row *r)
{
    const struct sim_counts *c = &r->counts;
    int ran = r->failure == NULL;
    struct member members[] = {
        {"line", count(r->line)},
        {"name", text(r->name)},
        {"chip", text(r->chip)},
        {"clock_hz", real(r->clock_hz)},
        {"timing", r->timing[0] ? text(r->timing) : json_null()},
        {"measured_cycles", real(r->measured_cycles)},
        {"predicted_cycles", ran ? count(c->cycles) : json_null()},
        {"error_percent", ran ? real(error_percent(r)) : json_null()},
        {"instructions", ran ? count(c->instructions) : json_null()},
        {"core_cycles", ran ? count(c->core_cycles) : json_null()},
        {"fetch_stall_cycles", ran ? count(c->fetch_stall_cycles) : json_null()},
        {"data_stall_cycles", ran ? count(c->data_stall_cycles) : json_null()},
        {"causes", ran ? cause_object(c->causes) : json_null()},
        {"failure", ran ? json_null() : text(r->failure)},
        {"sleep_cycles", c->sleep_cycles ? count(c->sleep_cycles) : NULL},
    };
    size_t n = sizeof members / sizeof members[0];
    return object(members, c->sleep_cycles ? n : n - 1); /* the last only where the core slept */
}

static json_t *errors_object(const struct report_validate *v, const char *chip)
{
    struct report_validate_errors e;
    if (report_validate_errors(v, chip, &e, NULL) != CC_OK)
        return NULL;
    struct member members[] = {
        {"ran", count(e.ran)},
        {"failed", count(e.failed)},
        {"mean_percent", real(e.mean_percent)},
        {"mean_absolute_percent", real(e.mean_absolute_percent)},
        {"median_absolute_percent", real(e.median_absolute_percent)},
        {"p90_absolute_percent", real(e.p90_absolute_percent)},
        {"largest_absolute_percent", real(e.largest_absolute_percent)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

enum cc_status report_validate_json(const struct report_validate *v, FILE *out,
                                    struct cc_error *err)
{
    char chip[256];
    json_t *rows = json_array(), *chips = json_object();
    int failed = 0;
    for (size_t i = 0; i < v->count; i++) {
        failed |= json_array_append_new(rows, row_object(&v->rows[i])) != 0;
        if (first_of_chip(v, i))
            failed |=
                json_object_set_new(chips, report_valid_utf8(chip, sizeof chip, v->rows[i].chip),
                                    errors_object(v, v->rows[i].chip)) != 0;
    }
    struct member members[] = {
        {"file", text(v->file)},
        {"rows", rows},
        {"chips", chips},
        {"all", errors_object(v, NULL)},
    };
    json_t *root = object(members, sizeof members / sizeof members[0]);
    enum cc_status status = failed ? cc_no_memory(err) : report_dump_json(root, out, err);
    json_decref(root);
    return status;
}

void report_validate_free(struct report_validate *v)
{
    for (size_t i = 0; i < v->count; i++)
        free(v->rows[i].failure);
    free(v->rows);
    memset(v, 0, sizeof *v);
}
