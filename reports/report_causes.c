#include "report_causes.h"
#include "report_format.h"

#include <string.h>

#define OTHER_COLUMNS 6

int report_sort_causes(const uint64_t *causes, int *order)
{
    int count = 0;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (causes[c] == 0)
            continue;
        int at = count++;
        for (; at > 0 && causes[order[at - 1]] < causes[c]; at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
    return count;
}

struct report_causes report_choose_causes(const uint64_t *causes, unsigned room)
{
    struct report_causes k = {0};
    int order[SIM_CAUSE_COUNT];
    int nonzero = report_sort_causes(causes, order);
    while (k.count < nonzero) {
        int name = (int)strlen(sim_cause_name((enum sim_cause)order[k.count]));
        int width = name < OTHER_COLUMNS ? OTHER_COLUMNS : name;
        unsigned reserve = k.count + 1 < nonzero ? OTHER_COLUMNS + 1 : 0;
        if (k.total + 1 + (unsigned)width + reserve > room)
            break;
        k.cause[k.count] = order[k.count];
        k.width[k.count++] = width;
        k.total += 1 + (unsigned)width;
    }
    k.others = k.count < nonzero;
    k.total += k.others ? OTHER_COLUMNS + 1 : 0;
    return k;
}

void report_print_cause_names(const struct report_page *p, const struct report_causes *k)
{
    for (int i = 0; i < k->count; i++)
        fprintf(p->out, " %*s", k->width[i], sim_cause_name((enum sim_cause)k->cause[i]));
    fprintf(p->out, "%s\n", k->others ? "  other" : "");
}

double report_percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

/* A share of the row's cycles; nothing for none. */
static void print_share(const struct report_page *p, int width, uint64_t part, uint64_t cycles)
{
    if (part == 0)
        fprintf(p->out, " %*s", width, "-");
    else
        fprintf(p->out, " %*.1f%%", width - 1, report_percent(part, cycles));
}

void report_print_cause_shares(const struct report_page *p, const struct report_causes *k,
                               const uint64_t *causes, uint64_t cycles)
{
    uint64_t left = cycles;
    for (int i = 0; i < k->count; i++) {
        print_share(p, k->width[i], causes[k->cause[i]], cycles);
        left -= causes[k->cause[i]];
    }
    if (k->others)
        print_share(p, OTHER_COLUMNS, left, cycles);
    fputc('\n', p->out);
}

const char *report_cpi(char *buffer, uint64_t cycles, uint64_t instructions)
{
    double cpi = instructions ? (double)cycles / (double)instructions : 0.0;
    snprintf(buffer, REPORT_FORMAT_BYTES, "%.*f", cpi < 9.9995 ? 3 : cpi < 999.95 ? 1 : 0, cpi);
    return buffer;
}
