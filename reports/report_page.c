#include "report_page.h"
#include "report_format.h"

#include <string.h>

struct report_page report_page_on(FILE *out, unsigned width)
{
    struct report_page page = {out,
                               width < 80    ? 80
                               : width > 120 ? 120
                                             : width,
                               report_utf8_terminal()};
    return page;
}

void report_print_wrapped(const struct report_page *p, unsigned columns, const char *label,
                          const char *text)
{
    size_t room = p->width - columns;
    while (*text) {
        size_t n = strlen(text);
        if (n > room) {
            n = room;
            while (n > 0 && text[n] != ' ')
                n--;
            if (n == 0)
                n = strcspn(text, " ");
        }
        fprintf(p->out, "%-*s%.*s\n", (int)columns, label, (int)n, text);
        label = "";
        text += n;
        while (*text == ' ')
            text++;
    }
}

void report_print_name(FILE *out, const char *name, unsigned columns, int utf8)
{
    char plain[512];
    size_t length = strlen(report_printable(plain, sizeof plain, name, 0));
    if (length <= columns)
        fprintf(out, "%-*s ", (int)columns, plain);
    else
        fprintf(out, "%.*s%s ", (int)columns - 1, plain, utf8 ? "…" : ".");
}

void report_print_part(const struct report_page *p, const char *name, unsigned columns,
                       double value, const char *unit, double total)
{
    char number[REPORT_FORMAT_BYTES], bar[REPORT_FORMAT_BYTES];
    double share = total > 0.0 ? value / total : 0.0;
    report_bar(bar, share, REPORT_BAR_CELLS, p->utf8);
    fprintf(p->out, "%-*s  ", REPORT_LABEL_COLUMNS, "");
    report_print_name(p->out, name, columns, p->utf8);
    fprintf(p->out, "%10s %s %5.1f%%%s%s\n", report_number(number, value), unit, share * 100.0,
            bar[0] ? " " : "", bar);
}

void report_print_rule(const struct report_page *p, unsigned columns)
{
    for (unsigned i = 0; i < columns; i++)
        fputs(p->utf8 ? "─" : "-", p->out);
    fputc('\n', p->out);
}
