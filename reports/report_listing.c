/* The annotated disassembly of one function: what every instruction cost, and why. */
#include "report.h"
#include "report_check.h"
#include "report_format.h"
#include "report_page.h"

#include <string.h>

/* The largest cause beside the cycle of issue; -1 when there is none. */
static int main_stall(const struct sim_line *line)
{
    int most = -1;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (c == SIM_CAUSE_ISSUE || line->causes[c] == 0)
            continue;
        if (most < 0 || line->causes[c] > line->causes[most])
            most = c;
    }
    return most;
}

static uint64_t listing_cycles(const struct sim_listing *listing)
{
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < listing->count; i++)
        cycles += listing->lines[i].cycles;
    return cycles;
}

static void print_head(const struct report_page *p, const struct report_run *run, uint64_t cycles)
{
    char name[SIM_NAME_BYTES], number[REPORT_FORMAT_BYTES];
    double all = (double)run->profile.total.cycles * run->profile.invocations;
    fprintf(p->out, "\n%s, %s cycles",
            report_printable(name, sizeof name, run->listing.name, p->utf8),
            report_thousands(number, cycles));
    if (all > 0)
        fprintf(p->out, ", %.1f%% of the run", 100.0 * (double)cycles / all);
    if (run->profile.invocations > 1)
        fprintf(p->out, " (all %u invocations)", run->profile.invocations);
    fprintf(p->out, "\n\n%5s %8s %8s %8s %7s %-16s  %s\n", "share", "address", "executed", "cycles",
            "each", "beside issue", "instruction");
}

static void print_line(const struct report_page *p, const struct sim_line *line, uint64_t of)
{
    char executed[REPORT_FORMAT_BYTES], cycles[REPORT_FORMAT_BYTES], each[REPORT_FORMAT_BYTES];
    char stall[REPORT_FORMAT_BYTES] = "", share[REPORT_FORMAT_BYTES] = "", text[sizeof line->text];
    int cause = main_stall(line);
    if (cause >= 0)
        snprintf(stall, sizeof stall, "%-10s %4.0f%%", sim_cause_name((enum sim_cause)cause),
                 100.0 * (double)line->causes[cause] / (double)line->cycles);
    if (line->cycles > 0 && of > 0)
        snprintf(share, sizeof share, "%.1f%%", 100.0 * (double)line->cycles / (double)of);
    if (line->executions > 0)
        snprintf(each, sizeof each, "%.2f", (double)line->cycles / (double)line->executions);
    fprintf(p->out, "%5s %08x %8s %8s %7s %-16s  %s\n", share, line->address,
            line->executions ? report_si(executed, (double)line->executions) : "-",
            line->executions ? report_si(cycles, (double)line->cycles) : "-",
            line->executions ? each : "-", stall,
            report_printable(text, sizeof text, line->text, 0));
}

enum cc_status report_listing(const struct report_run *run, FILE *out, unsigned width,
                              struct cc_error *err)
{
    enum cc_status status = report_check(run, err);
    if (status != CC_OK || run->listing.count == 0)
        return status;
    struct report_page page = report_page_on(out, width);
    uint64_t cycles = listing_cycles(&run->listing);
    print_head(&page, run, cycles);
    report_print_rule(&page, page.width);
    for (uint32_t i = 0; i < run->listing.count; i++)
        print_line(&page, &run->listing.lines[i], cycles);
    return report_written(out, err);
}
