#include "report_calibrate.h"

#include "report_check.h"
#include "report_format.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define SUSPECT_RESIDUAL 0.5

static int is_suspect(const struct energy_fit_row *row)
{
    return fabs(log1p(row->residual)) > log1p(SUSPECT_RESIDUAL);
}

static void describe_conditions(const struct energy_measurement *m, char *text, size_t size)
{
    snprintf(text, size, "%.8s%s%.12s%s%.10s%s%.8s%s%s%s%s", m->regulator, m->range[0] ? " " : "",
             m->range, m->code[0] ? " " : "", m->code, m->data[0] ? " data " : "", m->data,
             m->caches[0] ? " caches " : "", m->caches, m->prefetch[0] ? " prefetch " : "",
             m->prefetch);
}

static void print_rows(const struct report_calibrate *c, FILE *out)
{
    char name[80], conditions[96], group[80];
    const char *last = "";
    for (uint32_t i = 0; i < c->fit->row_count; i++) {
        const struct energy_measurement *m = energy_measurements_row(c->measurements, i);
        const struct energy_fit_row *row = &c->fit->rows[i];
        if (strcmp(last, m->group) != 0) {
            report_printable(group, sizeof group, m->group, 0);
            fprintf(out,
                    "\n%s%s\n line workload            MHz    V  measured predicted  error   "
                    "left out\n",
                    group, row->stand_in ? " (another chip)" : "");
            last = m->group;
        }
        report_printable(name, sizeof name, m->workload, 0);
        describe_conditions(m, conditions, sizeof conditions);
        fprintf(out, "%5u %-18.18s %5.4g %4.3g %7.3g mA %6.3g mA %+5.1f%% ", (unsigned)m->line,
                name, m->mhz, m->vdd_v, m->measured_ma, row->predicted_ma, 100 * row->residual);
        if (m->held_out)
            fprintf(out, "held out ");
        else if (isnan(row->left_out))
            fprintf(out, "       - ");
        else
            fprintf(out, "%+7.1f%% ", 100 * row->left_out);
        report_printable(name, sizeof name, conditions, 0);
        fprintf(out, " %s\n", name);
    }
}

static void print_prices(const struct energy_fit *fit, FILE *out)
{
    fprintf(out, "\n%-36s %10s  +-     %10s  +-    decided by\n", "price", "value", "prior");
    for (uint32_t j = 0; j < fit->price_count; j++) {
        const struct energy_fit_price *p = &fit->prices[j];
        if (p->prior_rsd == 0)
            continue;
        fprintf(out, "%-36s %10.4g %4.0f%%  %10.4g %4.0f%%  %s\n", p->key, p->value, 100 * p->rsd,
                p->prior, 100 * p->prior_rsd,
                !p->determined ? "prior"
                : p->verified  ? "rows"
                               : "unverified rows");
    }
}

/* Rows so far off are rather a wrong unit or a forgotten load than a measurement. */
static void print_suspects(const struct report_calibrate *c, FILE *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->fit->row_count; i++)
        count += (uint32_t)is_suspect(&c->fit->rows[i]);
    if (count == 0)
        return;
    fprintf(out,
            "warning   %u row%s met with more than %.0f%% error; the prices are not to be used "
            "before %s corrected\n",
            (unsigned)count, count == 1 ? " is" : "s are", 100 * SUSPECT_RESIDUAL,
            count == 1 ? "it is" : "they are");
    for (uint32_t i = 0; i < c->fit->row_count; i++) {
        const struct energy_measurement *m = energy_measurements_row(c->measurements, i);
        const struct energy_fit_row *row = &c->fit->rows[i];
        if (is_suspect(row))
            fprintf(out, "          line %u: %+.0f%%: check its unit\n", (unsigned)m->line,
                    100 * row->residual);
    }
}

enum cc_status report_calibrate_text(const struct report_calibrate *c, FILE *out,
                                     struct cc_error *err)
{
    const struct energy_fit *fit = c->fit;
    fprintf(out, "chip      %s\n", energy_measurements_chip(c->measurements));
    print_rows(c, out);
    print_prices(fit, out);
    fprintf(out, "\nrows      %u, of which %u fitted, in %u groups\n", (unsigned)fit->row_count,
            (unsigned)fit->fitted_count, (unsigned)fit->group_count);
    if (isnan(fit->median_residual))
        fprintf(out, "error     unknown: no row is of the chip itself\n");
    else
        fprintf(out, "error     median %.1f%%, worst %.1f%% of the rows of the chip itself\n",
                100 * fit->median_residual, 100 * fit->worst_residual);
    if (isnan(fit->median_left_out))
        fprintf(out, "left out  unknown: there are no rows to predict one of the chip by\n");
    else
        fprintf(out, "left out  median %.1f%%: each row predicted by a fit without it\n",
                100 * fit->median_left_out);
    print_suspects(c, out);
    fprintf(out, "spread    %.1f%% between chips and boards of the type\n", 100 * fit->chip_rsd);
    if (c->output)
        fprintf(out, "written   %s\n", c->output);
    else
        fprintf(out, "written   nothing; --output FILE writes the prices, as for %s\n", c->would);
    return report_written(out, err);
}

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const struct energy_measurement *m, const struct energy_fit_row *row)
{
    json_t *object =
        json_pack("{s:i, s:s, s:s, s:f, s:f, s:s, s:s, s:s, s:s, s:s, s:s}", "line", (int)m->line,
                  "group", m->group, "workload", m->workload, "mhz", m->mhz, "vdd_v", m->vdd_v,
                  "regulator", m->regulator, "range", m->range, "code", m->code, "data", m->data,
                  "caches", m->caches, "prefetch", m->prefetch);
    json_object_set_new(object, "measured_ma", json_real(m->measured_ma));
    json_object_set_new(object, "tolerance", json_real(m->tolerance));
    json_object_set_new(object, "predicted_ma", json_real(row->predicted_ma));
    json_object_set_new(object, "residual", json_real(row->residual));
    json_object_set_new(object, "left_out",
                        m->held_out ? json_null() : real_or_null(row->left_out));
    json_object_set_new(object, "held_out", json_boolean(m->held_out));
    json_object_set_new(object, "stand_in", json_boolean(row->stand_in));
    json_object_set_new(object, "suspect", json_boolean(is_suspect(row)));
    return object;
}

static json_t *price_json(const struct energy_fit_price *p)
{
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:b, s:b}", "key", p->key, "value", p->value, "rsd",
                     p->rsd, "prior", p->prior, "prior_rsd", p->prior_rsd, "determined",
                     p->determined, "verified", p->verified);
}

enum cc_status report_calibrate_json(const struct report_calibrate *c, FILE *out,
                                     struct cc_error *err)
{
    const struct energy_fit *fit = c->fit;
    json_t *rows = json_array(), *prices = json_array();
    char output[4096];
    report_valid_utf8(output, sizeof output, c->output ? c->output : "");
    for (uint32_t i = 0; i < fit->row_count; i++)
        json_array_append_new(rows,
                              row_json(energy_measurements_row(c->measurements, i), &fit->rows[i]));
    for (uint32_t j = 0; j < fit->price_count; j++)
        json_array_append_new(prices, price_json(&fit->prices[j]));
    json_t *object = json_pack(
        "{s:s, s:i, s:i, s:o, s:o, s:o, s:f, s:s?, s:o, s:o}", "chip",
        energy_measurements_chip(c->measurements), "fitted", (int)fit->fitted_count, "iterations",
        (int)fit->iterations, "median_residual", real_or_null(fit->median_residual),
        "worst_residual", real_or_null(fit->worst_residual), "median_left_out",
        real_or_null(fit->median_left_out), "chip_rsd", fit->chip_rsd, "output",
        c->output ? output : NULL, "rows", rows, "prices", prices);
    enum cc_status status = report_dump_json(object, out, err);
    json_decref(object);
    return status;
}
