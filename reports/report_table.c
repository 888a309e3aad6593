#include "report_table.h"
#include "report_format.h"

#include <string.h>

#define WIDE_COLUMNS 100
#define MAX_BAR      16

/* Widths of the columns; the bar takes what is left of the line. */
struct layout {
    int op, shape, count, cycles, energy, bar;
    int rule; /* columns without the bar */
    int wide, utf8;
    double largest; /* share that fills the bar */
};

static struct layout layout_for(unsigned width, int utf8)
{
    struct layout l = {.op = 17, .shape = 8, .count = 7, .cycles = 7, .energy = 7, .utf8 = utf8};
    if (width >= WIDE_COLUMNS) {
        l.wide = 1;
        l.shape = 11;
        l.count = 11;
        l.cycles = 12;
        l.energy = 9;
    }
    /* index 2, cycles per MAC 5, share 5, and a blank between columns */
    l.rule = 2 + l.op + l.shape + 2 * l.count + l.cycles + 5 + l.energy + 5 + 8;
    l.bar = (int)width - l.rule - 1;
    if (l.bar > MAX_BAR)
        l.bar = MAX_BAR;
    return l;
}

static const char *count_text(const struct layout *l, char *buffer, uint64_t value)
{
    int written_out = l->wide && value < 1000000000;
    return written_out ? report_thousands(buffer, value) : report_si(buffer, (double)value);
}

/* "1x25x5x64" as "25x5x64": a batch of one says nothing. */
static const char *without_batch(const char *shape)
{
    return strncmp(shape, "1x", 2) == 0 ? shape + 2 : shape;
}

static double share_of(const struct report_run *run, uint32_t scope)
{
    double total = run->energy.total_uj.p50;
    return total > 0.0 ? run->energy.scope_uj[scope].p50 / total : 0.0;
}

/* At most five columns. */
static const char *per_mac_text(char *buffer, uint64_t cycles, uint64_t macs)
{
    double ratio = macs ? (double)cycles / (double)macs : 0.0;
    int digits = ratio < 99.995 ? 2 : ratio < 999.95 ? 1 : 0;
    if (macs == 0)
        snprintf(buffer, REPORT_FORMAT_BYTES, "-");
    else
        snprintf(buffer, REPORT_FORMAT_BYTES, ratio < 99999.5 ? "%.*f" : "%.*e", digits, ratio);
    return buffer;
}

/* At most seven columns. */
static const char *energy_text(char *buffer, double uj)
{
    return uj < 99999.5 ? report_number(buffer, uj) : report_si(buffer, uj);
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
    char cycles[REPORT_FORMAT_BYTES], per_mac[REPORT_FORMAT_BYTES];
    char energy[REPORT_FORMAT_BYTES], bar[REPORT_FORMAT_BYTES] = "";
    char op[64], shape[64], share[REPORT_FORMAT_BYTES];
    snprintf(share, sizeof share, "%.*f%%", r->share < 0.9995 ? 1 : 0, r->share * 100.0);
    if (r->bar)
        report_bar(bar, l->largest > 0 ? r->share / l->largest : 0, (unsigned)l->bar, l->utf8);
    fprintf(out, "%2s %-*.*s %*.*s %*s %*s %*s %5s %*s %5s%s%s\n", r->index, l->op, l->op,
            report_printable(op, sizeof op, r->op, 0), l->shape, l->shape,
            report_printable(shape, sizeof shape, without_batch(r->shape), 0), l->count,
            r->macs ? count_text(l, macs, r->macs) : "-", l->count,
            count_text(l, instructions, r->counts->instructions), l->cycles,
            count_text(l, cycles, r->counts->cycles),
            per_mac_text(per_mac, r->counts->cycles, r->macs), l->energy,
            energy_text(energy, r->energy_uj), share, bar[0] ? " " : "", bar);
}

static void print_rule(const struct layout *l, FILE *out)
{
    for (int i = 0; i < l->rule; i++)
        fputs(l->utf8 ? "─" : "-", out);
    fputc('\n', out);
}

static void print_scope(const struct report_run *run, const struct layout *l, FILE *out, uint32_t i,
                        const char *index)
{
    struct row row = {.index = index,
                      .op = run->layers[i].op,
                      .shape = run->layers[i].shape,
                      .macs = run->layers[i].macs,
                      .counts = &run->profile.scopes[i].counts,
                      .energy_uj = run->energy.scope_uj[i].p50,
                      .share = share_of(run, i),
                      .bar = 1};
    print_row(l, out, &row);
}

void report_table(const struct report_run *run, FILE *out, unsigned width, int utf8)
{
    struct layout l = layout_for(width, utf8);
    for (uint32_t i = 0; i < run->profile.scope_count; i++) {
        if (share_of(run, i) > l.largest)
            l.largest = share_of(run, i);
    }
    fprintf(out, "%2s %-*s %*s %*s %*s %*s %5s %*s %5s\n", "#", l.op, "operator", l.shape, "output",
            l.count, "MACs", l.count, "instr.", l.cycles, "cycles", "/MAC", l.energy, "uJ",
            "share");
    print_rule(&l, out);
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
    print_rule(&l, out);
    struct row total = {.index = "",
                        .op = "total",
                        .shape = "",
                        .macs = run->macs,
                        .counts = &run->profile.total,
                        .energy_uj = run->energy.total_uj.p50,
                        .share = 1.0};
    print_row(&l, out, &total);
}
