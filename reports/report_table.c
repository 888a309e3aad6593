#include "report_table.h"
#include "report_format.h"

#include <string.h>

#define WIDE_COLUMNS 100

/* Widths of the numeric columns; the bar takes what is left of the line. */
struct layout {
    int op, shape, count, cycles, bar;
    int wide, utf8;
};

static struct layout layout_for(unsigned width, int utf8)
{
    struct layout l = {.op = 17, .shape = 9, .count = 7, .cycles = 7, .utf8 = utf8};
    if (width >= WIDE_COLUMNS) {
        l.wide = 1;
        l.shape = 11;
        l.count = 11;
        l.cycles = 12;
    }
    /* index 3, cycles per MAC 7, energy 8, share 5, and a blank between columns */
    int used = 3 + l.op + l.shape + 2 * l.count + l.cycles + 7 + 8 + 5 + 9;
    l.bar = (int)width - used;
    if (l.bar < 0)
        l.bar = 0;
    if (l.bar > 16)
        l.bar = 16;
    return l;
}

static const char *count_text(const struct layout *l, char *buffer, uint64_t value)
{
    return l->wide ? report_thousands(buffer, value) : report_si(buffer, (double)value);
}

struct row {
    const char *index, *op, *shape;
    uint64_t macs;
    const struct sim_counts *counts;
    double energy_uj, share;
    int bar;
};

static void print_row(const struct layout *l, FILE *out, const struct row *r)
{
    char macs[REPORT_FORMAT_BYTES], instructions[REPORT_FORMAT_BYTES];
    char cycles[REPORT_FORMAT_BYTES], per_mac[REPORT_FORMAT_BYTES] = "-";
    char energy[REPORT_FORMAT_BYTES], bar[REPORT_FORMAT_BYTES] = "";
    char op[64], shape[64];
    if (r->macs > 0)
        report_number(per_mac, (double)r->counts->cycles / (double)r->macs);
    if (r->bar)
        report_bar(bar, r->share, (unsigned)l->bar, l->utf8);
    fprintf(out, "%3s %-*.*s %*.*s %*s %*s %*s %7s %8s %4.1f%%%s%s\n", r->index, l->op, l->op,
            report_printable(op, sizeof op, r->op, 0), l->shape, l->shape,
            report_printable(shape, sizeof shape, r->shape, 0), l->count,
            r->macs ? count_text(l, macs, r->macs) : "-", l->count,
            count_text(l, instructions, r->counts->instructions), l->cycles,
            count_text(l, cycles, r->counts->cycles), per_mac, report_number(energy, r->energy_uj),
            r->share * 100.0, bar[0] ? " " : "", bar);
}

static void print_rule(const struct layout *l, FILE *out, int columns)
{
    for (int i = 0; i < columns; i++)
        fputs(l->utf8 ? "─" : "-", out);
    fputc('\n', out);
}

static void print_scope(const struct report_run *run, const struct layout *l, FILE *out, uint32_t i,
                        const char *index)
{
    double total = run->energy.total_uj.p50;
    double energy = run->energy.scope_uj[i].p50;
    struct row row = {.index = index,
                      .op = run->layers[i].op,
                      .shape = run->layers[i].shape,
                      .macs = run->layers[i].macs,
                      .counts = &run->profile.scopes[i].counts,
                      .energy_uj = energy,
                      .share = total > 0.0 ? energy / total : 0.0,
                      .bar = 1};
    print_row(l, out, &row);
}

void report_table(const struct report_run *run, FILE *out, unsigned width, int utf8)
{
    struct layout l = layout_for(width, utf8);
    int rule = 3 + l.op + l.shape + 2 * l.count + l.cycles + 7 + 8 + 5 + 8;
    fprintf(out, "%3s %-*s %*s %*s %*s %*s %7s %8s %5s\n", "#", l.op, "operator", l.shape, "output",
            l.count, "MACs", l.count, "instr.", l.cycles, "cycles", "cyc/MAC", "uJ", "share");
    print_rule(&l, out, rule);
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        char index[16];
        snprintf(index, sizeof index, "%d", run->layers[i].index);
        if (run->profile.scopes[i].id >= 0)
            print_scope(run, &l, out, i, index);
    }
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        if (run->profile.scopes[i].id < 0)
            print_scope(run, &l, out, i, "");
    }
    print_rule(&l, out, rule);
    struct row total = {.index = "",
                        .op = "total",
                        .shape = "",
                        .macs = run->macs,
                        .counts = &run->profile.total,
                        .energy_uj = run->energy.total_uj.p50,
                        .share = 1.0};
    print_row(&l, out, &total);
}
