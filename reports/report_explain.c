/* Where the cycles of a run went: by cause, by operator, by function. */
#include "report.h"
#include "report_causes.h"
#include "report_check.h"
#include "report_format.h"
#include "report_page.h"

#include <string.h>

#define CAUSE_COLUMNS    31 /* in front of a cause's text: name, cycles, share */
#define OPERATOR_COLUMNS 34 /* in front of the causes: index, operator, cycles, CPI */
#define FUNCTION_COLUMNS 48 /* in front of the causes: function, calls, cycles, share, CPI */
#define NAME_COLUMNS     19 /* of a function */
#define MOST_FUNCTIONS   12

static void print_causes(const struct report_page *p, const struct sim_counts *c)
{
    int order[SIM_CAUSE_COUNT];
    int count = report_sort_causes(c->causes, order);
    fprintf(p->out, "%-11s %11s %6s\n", "cause", "cycles", "share");
    report_print_rule(p, p->width);
    for (int i = 0; i < count; i++) {
        char label[REPORT_FORMAT_BYTES], number[REPORT_FORMAT_BYTES];
        enum sim_cause cause = (enum sim_cause)order[i];
        uint64_t cycles = c->causes[cause];
        snprintf(label, sizeof label, "%-11s %11s %5.1f%% ", sim_cause_name(cause),
                 cycles < 1000000000 ? report_thousands(number, cycles)
                                     : report_si(number, (double)cycles),
                 report_percent(cycles, c->cycles));
        report_print_wrapped(p, CAUSE_COLUMNS, label, sim_cause_text(cause));
    }
}

static void print_operator(const struct report_page *p, const struct report_causes *k,
                           const char *index, const char *op, const struct sim_counts *c)
{
    char name[64], cycles[REPORT_FORMAT_BYTES], cpi[REPORT_FORMAT_BYTES];
    fprintf(p->out, "%2s %-17.17s %7s %5s", index, report_printable(name, sizeof name, op, 0),
            report_si(cycles, (double)c->cycles), report_cpi(cpi, c->cycles, c->instructions));
    report_print_cause_shares(p, k, c->causes, c->cycles);
}

static void print_operators(const struct report_page *p, const struct report_run *run)
{
    const struct sim_counts *total = &run->profile.total;
    struct report_causes k = report_choose_causes(total->causes, p->width - OPERATOR_COLUMNS);
    fprintf(p->out, "\n%2s %-17s %7s %5s", "#", "operator", "cycles", "CPI");
    report_print_cause_names(p, &k);
    report_print_rule(p, OPERATOR_COLUMNS + k.total);
    for (int inside = 1; inside >= 0; inside--) {
        for (uint32_t i = 0; i < run->profile.scope_count; i++) {
            char index[16] = "";
            const struct sim_scope *scope = &run->profile.scopes[i];
            if ((scope->id >= 0) != inside)
                continue;
            if (inside)
                snprintf(index, sizeof index, "%d", run->layers[i].index);
            print_operator(p, &k, index, run->layers[i].op, &scope->counts);
        }
    }
    report_print_rule(p, OPERATOR_COLUMNS + k.total);
    print_operator(p, &k, "", "total", total);
}

static void print_function(const struct report_page *p, const struct report_causes *k,
                           const struct sim_function *f, uint64_t of_cycles)
{
    char cycles[REPORT_FORMAT_BYTES], cpi[REPORT_FORMAT_BYTES], calls[REPORT_FORMAT_BYTES];
    report_print_name(p->out, f->name, NAME_COLUMNS, p->utf8);
    fprintf(p->out, "%7s %7s %5.1f%% %5s", report_si(calls, (double)f->calls),
            report_si(cycles, (double)f->cycles), report_percent(f->cycles, of_cycles),
            report_cpi(cpi, f->cycles, f->instructions));
    report_print_cause_shares(p, k, f->causes, f->cycles);
}

static void add_function(struct sim_function *sum, const struct sim_function *f)
{
    sum->calls += f->calls;
    sum->instructions += f->instructions;
    sum->cycles += f->cycles;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++)
        sum->causes[c] += f->causes[c];
}

/* Those of the most cycles, the others in one row. */
static void print_functions(const struct report_page *p, const struct sim_profile *profile)
{
    struct sim_function rest = {0};
    uint32_t count = profile->function_count;
    uint32_t shown = count <= MOST_FUNCTIONS + 1 ? count : MOST_FUNCTIONS;
    if (count == 0)
        return;
    struct report_causes k =
        report_choose_causes(profile->total.causes, p->width - FUNCTION_COLUMNS);
    fprintf(p->out, "\n%-*s %7s %7s %6s %5s", NAME_COLUMNS, "function", "calls", "cycles", "share",
            "CPI");
    report_print_cause_names(p, &k);
    report_print_rule(p, FUNCTION_COLUMNS + k.total);
    for (uint32_t i = 0; i < shown; i++)
        print_function(p, &k, &profile->functions[i], profile->total.cycles);
    if (shown == count)
        return;
    for (uint32_t i = shown; i < count; i++)
        add_function(&rest, &profile->functions[i]);
    snprintf(rest.name, sizeof rest.name, "(%u others)", count - shown);
    print_function(p, &k, &rest, profile->total.cycles);
}

static void print_hidden(const struct report_page *p, const struct sim_counts *c)
{
    char number[REPORT_FORMAT_BYTES];
    if (c->overlapped_loads + c->paired + c->exceptions > 0)
        fputc('\n', p->out);
    if (c->overlapped_loads > 0)
        fprintf(p->out, "%-*s%s load cycles hidden by pipelining\n", REPORT_LABEL_COLUMNS,
                "overlap", report_thousands(number, c->overlapped_loads));
    if (c->paired > 0)
        fprintf(p->out, "%-*s%s instructions (%.1f%%) shared a cycle with the one before\n",
                REPORT_LABEL_COLUMNS, "paired", report_thousands(number, c->paired),
                report_percent(c->paired, c->instructions));
    if (c->exceptions > 0)
        fprintf(p->out, "%-*s%s exceptions taken\n", REPORT_LABEL_COLUMNS, "taken",
                report_thousands(number, c->exceptions));
}

enum cc_status report_explain(const struct report_run *run, FILE *out, unsigned width,
                              struct cc_error *err)
{
    enum cc_status status = report_check(run, err);
    if (status != CC_OK)
        return status;
    struct report_page page = report_page_on(out, width);
    fputs("\nWhere the cycles went\n\n", out);
    if (sim_profile_has_causes(&run->profile)) {
        print_causes(&page, &run->profile.total);
        print_operators(&page, run);
        print_functions(&page, &run->profile);
        print_hidden(&page, &run->profile.total);
    } else {
        report_print_wrapped(&page, REPORT_LABEL_COLUMNS, "unknown",
                             "This run was stored by a version that did not count causes; run it "
                             "again to see them.");
    }
    return report_written(out, err);
}
