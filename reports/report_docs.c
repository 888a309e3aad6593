/* The inputs that a result rests on: file by file, each with its source. */
#include "report.h"
#include "report_check.h"
#include "report_format.h"
#include "report_page.h"

#include <string.h>

#define KEY_COLUMNS 44

static void print_input(const struct report_page *p, const struct energy_input *input)
{
    char value[32], rsd[32] = "", source[512], key[160];
    snprintf(value, sizeof value, "%.6g", input->value);
    if (input->rsd > 0.0)
        snprintf(rsd, sizeof rsd, "+-%.3g%%", input->rsd * 100.0);
    report_printable(key, sizeof key, input->key, p->utf8);
    fprintf(p->out, "  %-*s %12s %8s  %s\n", KEY_COLUMNS, key, value, rsd,
            input->verified ? "verified" : "unverified");
    report_printable(source, sizeof source, input->source, p->utf8);
    report_print_wrapped(p, 6, "", source);
}

static int of_same_file(const struct energy_input *a, const struct energy_input *b)
{
    return strcmp(a->file, b->file) == 0;
}

/* Has an input of this file stood before this one? */
static int seen(const struct energy_docs *docs, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (of_same_file(&docs->rows[i], &docs->rows[index]))
            return 1;
    }
    return 0;
}

static void print_file(const struct report_page *p, const struct energy_docs *docs, uint32_t first)
{
    char name[128];
    fprintf(p->out, "\n%s\n", report_printable(name, sizeof name, docs->rows[first].file, p->utf8));
    for (uint32_t i = first; i < docs->count; i++) {
        if (of_same_file(&docs->rows[i], &docs->rows[first]))
            print_input(p, &docs->rows[i]);
    }
}

enum cc_status report_docs(const struct report_run *run, FILE *out, unsigned width,
                           struct cc_error *err)
{
    enum cc_status status = report_check(run, err);
    if (status != CC_OK)
        return status;
    struct report_page page = report_page_on(out, width);
    const struct energy_docs *docs = &run->docs;
    uint32_t unverified = 0;
    for (uint32_t i = 0; i < docs->count; i++)
        unverified += !docs->rows[i].verified;
    if (docs->count == 0)
        fputs("\nInputs: not kept with this run (stored by an earlier version)\n", out);
    else
        fprintf(out, "\nInputs: %u figures, %u of them unverified\n", docs->count, unverified);
    for (uint32_t i = 0; i < docs->count; i++) {
        if (!seen(docs, i))
            print_file(&page, docs, i);
    }
    return report_written(out, err);
}
