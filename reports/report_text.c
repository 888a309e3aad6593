/* The text of a run: what was run, where its cycles and joules went, how long the battery lasts,
 * and what the reader must know to believe it. */
#include "report.h"
#include "report_check.h"
#include "report_format.h"
#include "report_page.h"
#include "report_table.h"
#include "report_text_life.h"

#include <math.h>
#include <string.h>

#define LABEL_COLUMNS REPORT_LABEL_COLUMNS
#define BAR_CELLS     REPORT_BAR_CELLS

static const char *printable(const struct report_page *p, char *buffer, size_t size,
                             const char *text)
{
    return report_printable(buffer, size, text, p->utf8);
}

static void print_wrapped(const struct report_page *p, const char *label, const char *text)
{
    report_print_wrapped(p, LABEL_COLUMNS, label, text);
}

static int noted(const struct report_run *run, const char *text)
{
    for (uint32_t i = 0; i < run->note_count; i++) {
        if (strstr(run->notes[i], text))
            return 1;
    }
    return 0;
}

static void print_header(const struct report_page *p, const struct report_run *run)
{
    char a[512], b[REPORT_FORMAT_BYTES], line[2048];
    fprintf(p->out, "coincell %s", printable(p, a, sizeof a, run->version));
    if (run->run_id > 0)
        fprintf(p->out, run->estimated ? ", estimate from run %lld of" : ", run %lld,",
                (long long)run->run_id);
    else
        fputc(',', p->out);
    fprintf(p->out, " %s\n\n", printable(p, a, sizeof a, run->created_utc));

    snprintf(line, sizeof line, "%.64s (%.16s, sha256 %.12s), %s MACs", run->model_name,
             run->target_kind, run->target_sha256, report_si(b, (double)run->macs));
    print_wrapped(p, "model", printable(p, a, sizeof a, line));
    snprintf(line, sizeof line, "%.64s at %.4g MHz and %.3g V: %.128s", run->profile.chip,
             run->profile.clock_hz / 1e6, run->energy.vdd_v,
             run->mcu_description[0] ? run->mcu_description : run->profile.core);
    print_wrapped(p, "chip", printable(p, a, sizeof a, line));
    if (!noted(run, run->profile.timing_note))
        print_wrapped(p, "timing", printable(p, a, sizeof a, run->profile.timing_note));
    print_wrapped(p, "kernels", printable(p, a, sizeof a, run->kernels));
    if (run->profile.invocations > 1)
        fprintf(p->out, "%-*smean of %u invocations\n", LABEL_COLUMNS, "figures",
                run->profile.invocations);
    fputc('\n', p->out);
}

static void print_latency(const struct report_page *p, const struct report_run *run)
{
    const struct sim_counts *c = &run->profile.total;
    const struct energy_result *e = &run->energy;
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], d[REPORT_FORMAT_BYTES];
    fprintf(p->out, "%-*s%s ms", LABEL_COLUMNS, "latency", report_number(a, e->latency_s * 1e3));
    if (e->latency_p10_s > 0.0)
        fprintf(p->out, " (p10 %s, p90 %s)", report_number(b, e->latency_p10_s * 1e3),
                report_number(d, e->latency_p90_s * 1e3));
    fprintf(p->out, "\n%-*s%s at CPI %.3f", LABEL_COLUMNS, "cycles", report_thousands(b, c->cycles),
            c->instructions ? (double)c->cycles / (double)c->instructions : 0.0);
    if (run->macs > 0)
        fprintf(p->out, ", %.2f per MAC", (double)c->cycles / (double)run->macs);
    if (run->profile.cycles_rsd > 0.0)
        fprintf(p->out, ", taken as +-%.3g %%", run->profile.cycles_rsd * 100.0);
    fputc('\n', p->out);
}

static void print_energy(const struct report_page *p, const struct report_run *run)
{
    const struct energy_interval *uj = &run->energy.total_uj;
    double ma = run->energy.running_ma;
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], d[REPORT_FORMAT_BYTES];
    print_latency(p, run);
    if (ma > 0.0)
        fprintf(p->out, "%-*s%s mA while running at %.3g V (%s mW)\n", LABEL_COLUMNS, "current",
                report_three_digits(a, ma), run->energy.vdd_v,
                report_three_digits(b, ma * run->energy.vdd_v));
    fprintf(p->out, "%-*s%s uJ per inference (p10 %s, p90 %s)\n", LABEL_COLUMNS, "energy",
            report_number(a, uj->p50), report_number(b, uj->p10), report_number(d, uj->p90));
    for (int i = 0; i < ENERGY_PART_COUNT; i++)
        report_print_part(p, energy_part_name((enum energy_part)i), REPORT_PART_COLUMNS,
                          run->energy.parts_uj[i], "uJ", uj->p50);
    char note[512];
    report_print_spread(p, run->energy.spread);
    print_wrapped(p, "prices", printable(p, note, sizeof note, run->energy.source_note));
}

static void print_stalls(const struct report_page *p, const struct sim_counts *c)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES];
    double cycles = c->cycles ? (double)c->cycles : 1.0;
    fprintf(
        p->out, "%-*sfetch %s cycles (%.1f%%), data %s cycles (%.1f%%)\n", LABEL_COLUMNS, "stalls",
        report_thousands(a, c->fetch_stall_cycles), 100.0 * (double)c->fetch_stall_cycles / cycles,
        report_thousands(b, c->data_stall_cycles), 100.0 * (double)c->data_stall_cycles / cycles);
}

static void print_accesses(const struct report_page *p, const struct sim_counts *c)
{
    static const struct sim_accesses none;
    char t[4][REPORT_FORMAT_BYTES];
    fprintf(p->out, "%-*s%-10s %13s %13s %13s %13s\n", LABEL_COLUMNS, "access", "region", "reads",
            "writes", "bytes fetched", "array reads");
    for (int i = 0; i < SIM_REGION_COUNT; i++) {
        const struct sim_accesses *a = &c->regions[i];
        if (memcmp(a, &none, sizeof none) == 0)
            continue;
        fprintf(p->out, "%-*s%-10s %13s %13s %13s %13s\n", LABEL_COLUMNS, "",
                sim_region_name((enum sim_region_kind)i), report_thousands(t[0], a->reads),
                report_thousands(t[1], a->writes), report_thousands(t[2], a->fetch_bytes),
                report_thousands(t[3], a->line_reads));
    }
}

static void print_use(const struct report_page *p, const char *label, uint64_t used, uint64_t of)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES], bar[REPORT_FORMAT_BYTES];
    double share = of ? (double)used / (double)of : 0.0;
    report_bar(bar, share, BAR_CELLS, p->utf8);
    fprintf(p->out, "%-*s%10s of %s bytes, %.1f%%%s%s\n", LABEL_COLUMNS, label,
            report_thousands(a, used), report_thousands(b, of), share * 100.0, bar[0] ? " " : "",
            bar);
}

static void print_memory(const struct report_page *p, const struct report_run *run)
{
    char a[REPORT_FORMAT_BYTES], b[REPORT_FORMAT_BYTES];
    print_use(p, "flash", run->flash_used_bytes, run->flash_bytes);
    if (run->runner_bytes > 0 && run->runner_bytes <= run->flash_used_bytes) {
        fprintf(p->out, "%-*s%10s runner and kernels\n", LABEL_COLUMNS, "",
                report_thousands(a, run->runner_bytes));
        fprintf(p->out, "%-*s%10s program, of which %s weights\n", LABEL_COLUMNS, "",
                report_thousands(a, run->flash_used_bytes - run->runner_bytes),
                report_thousands(b, run->weight_bytes));
    } else {
        fprintf(p->out, "%-*s%10s weights\n", LABEL_COLUMNS, "",
                report_thousands(a, run->weight_bytes));
    }
    print_use(p, "RAM", run->ram_used_bytes, run->ram_bytes);
    fprintf(p->out, "%-*s%10s arena, %s stack\n", LABEL_COLUMNS, "",
            report_thousands(a, run->arena_bytes), report_thousands(b, run->stack_bytes));
}

static void print_notes(const struct report_page *p, const struct report_run *run)
{
    char note[512];
    if (run->note_count + run->life.note_count > 0)
        fputc('\n', p->out);
    for (uint32_t i = 0; i < run->note_count; i++)
        print_wrapped(p, "note", printable(p, note, sizeof note, run->notes[i]));
    for (uint32_t i = 0; i < run->life.note_count; i++)
        print_wrapped(p, "note", printable(p, note, sizeof note, run->life.notes[i]));
}

enum cc_status report_text(const struct report_run *run, FILE *out, unsigned width,
                           struct cc_error *err)
{
    enum cc_status status = report_check(run, err);
    if (status != CC_OK)
        return status;
    struct report_page page = report_page_on(out, width);
    print_header(&page, run);
    report_table(run, out, page.width, page.utf8);
    fputc('\n', out);
    print_energy(&page, run);
    fputc('\n', out);
    print_stalls(&page, &run->profile.total);
    print_accesses(&page, &run->profile.total);
    fputc('\n', out);
    print_memory(&page, run);
    fputc('\n', out);
    report_print_life(&page, run);
    print_notes(&page, run);
    return report_written(out, err);
}
