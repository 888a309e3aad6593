/* Where the cycles went, as text and as JSON, and the annotated disassembly: nothing is lost, the
 * columns line up, and what was not counted is not made up. */
#include "report_format.h"
#include "report_sample.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef enum cc_status (*render_fn)(const struct report_run *run, FILE *out, unsigned width,
                                    struct cc_error *err);

static char *render(render_fn fn, const struct report_run *run, unsigned width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(fn(run, out, width, NULL), CC_OK);
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* The line that starts so; fails when there is none. */
static const char *line_of(const char *text, const char *start)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, start, strlen(start)) == 0)
            return line;
        if (!strchr(line, '\n'))
            break;
    }
    fail_msg("no line starts with \"%s\" in:\n%s", start, text);
    return NULL;
}

static void test_causes(void **unused)
{
    (void)unused;
    struct report_run run;
    char number[REPORT_FORMAT_BYTES], line[256];
    setenv("LC_ALL", "C", 1);
    report_sample(&run, 3, 1);
    char *text = render(report_explain, &run, 120);
    const struct sim_counts *c = &run.profile.total;
    assert_has(text, "\nWhere the cycles went\n");
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        const char *name = sim_cause_name((enum sim_cause)i);
        snprintf(line, sizeof line, "%-11s %11s %5.1f%% %s\n", name,
                 report_thousands(number, c->causes[i]),
                 100.0 * (double)c->causes[i] / (double)c->cycles,
                 sim_cause_text((enum sim_cause)i));
        if (c->causes[i] > 0)
            assert_has(text, line);
        else
            assert_null(strstr(text, name)); /* neither a row nor a column */
    }
    snprintf(line, sizeof line, "overlap   %s load cycles hidden by pipelining\n",
             report_thousands(number, c->overlapped_loads));
    assert_has(text, line);
    assert_null(strstr(text, "paired"));
    free(text);
    run.profile.total.paired = 1234;
    run.profile.total.exceptions = 7;
    text = render(report_explain, &run, 80);
    assert_has(text, "paired    1,234 instructions (");
    assert_has(text, "taken     7 exceptions taken\n");
    free(text);
    report_run_free(&run);
}

/* The shares of a row are those of its causes and add up to 100 % but for their rounding. */
static void test_operators(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 2, 4);
    for (unsigned width = 80; width <= 120; width += 20) {
        char *text = render(report_explain, &run, width);
        const char *row = line_of(text, " 1 FULLY_CONNECTED");
        const char *heading = line_of(text, " # operator");
        assert_int_equal(strcspn(row, "\n"), strcspn(heading, "\n"));
        const struct sim_counts *c = &run.profile.scopes[2].counts;
        char cpi[32];
        snprintf(cpi, sizeof cpi, " %.3f ", (double)c->cycles / (double)c->instructions);
        assert_has(row, cpi);
        double sum = 0;
        size_t end = strcspn(row, "\n");
        for (const char *p = row + 34; p < row + end;) {
            char *after;
            double share = strtod(p, &after);
            if (after == p) {
                p++;
                continue;
            }
            sum += share;
            p = after + 1;
        }
        assert_true(sum > 99.6 && sum < 100.4);
        free(text);
    }
    report_run_free(&run);
}

static void test_functions(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 2, 4);
    char *text = render(report_explain, &run, 80);
    assert_has(text, "\nkernel_conv ");
    assert_has(text, "\nrunner_walk ");
    assert_null(strstr(text, "others"));
    free(text);

    struct sim_function *many = calloc(40, sizeof *many);
    assert_non_null(many);
    for (uint32_t i = 0; i < 40; i++) {
        many[i].cycles = many[i].causes[SIM_CAUSE_ISSUE] = many[i].instructions = 1000 - i;
        many[i].calls = 1;
        snprintf(many[i].name, sizeof many[i].name, "function_with_a_long_name_%u", i);
    }
    many[3].name[0] = '\x1b';
    free(run.profile.functions);
    run.profile.functions = many;
    run.profile.function_count = 40;
    text = render(report_explain, &run, 80);
    const char *rest = line_of(text, "(28 others)");
    uint64_t left = 0;
    for (uint32_t i = 12; i < 40; i++)
        left += many[i].cycles;
    char expected[64], number[REPORT_FORMAT_BYTES];
    snprintf(expected, sizeof expected, "(28 others)              28 %s",
             report_si(number, (double)left));
    assert_memory_equal(rest, expected, strlen(expected));
    assert_has(text, "\nfunction_with_a_lo. ");
    assert_null(strstr(text, "\x1b"));
    free(text);
    run.profile.function_count = 0;
    text = render(report_explain, &run, 80);
    assert_null(strstr(text, "\nfunction"));
    free(text);
    report_run_free(&run);
}

static void test_widths(void **unused)
{
    (void)unused;
    struct report_run run;
    for (unsigned width = 60; width < 160; width += 7) {
        unsigned limit = width < 80 ? 80 : width > 120 ? 120 : width;
        report_sample(&run, 12, width);
        for (int i = 0; i < SIM_CAUSE_COUNT; i++) /* the identities do not matter here */
            run.profile.total.causes[i] = 100u * (unsigned)(i + 1);
        char *text = render(report_explain, &run, width);
        for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
            assert_true(strcspn(p, "\n") <= limit);
        free(text);
        report_run_free(&run);
    }
}

static void make_old(struct report_run *run)
{
    for (uint32_t s = 0; s < run->profile.scope_count; s++)
        memset(run->profile.scopes[s].counts.causes, 0, sizeof run->profile.total.causes);
    memset(run->profile.total.causes, 0, sizeof run->profile.total.causes);
    run->profile.function_count = 0;
}

static void test_old_runs(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 2, 4);
    make_old(&run);
    char *text = render(report_explain, &run, 80);
    assert_has(text, "stored by a version that did not count causes");
    assert_null(strstr(text, "issue"));
    free(text);
    char *json = report_sample_json(&run);
    assert_has(json, "\"causes\": null");
    assert_has(json, "\"overlapped_loads\": null");
    assert_null(strstr(json, "load_use"));
    free(json);
    report_run_free(&run);
    memset(&run, 0, sizeof run); /* nothing ran: nothing to divide by */
    text = render(report_explain, &run, 80);
    assert_null(strstr(text, "nan"));
    free(text);
}

static uint64_t sum_of(const json_t *causes)
{
    uint64_t sum = 0;
    const char *name;
    json_t *value;
    assert_true(json_is_object(causes));
    json_object_foreach((json_t *)causes, name, value)
    {
        assert_true(sim_cause_from_name(name) >= 0);
        sum += (uint64_t)json_integer_value(value);
    }
    return sum;
}

static uint64_t integer(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("%s is not an integer", key);
    return (uint64_t)json_integer_value(value);
}

static void test_json(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 3, 2);
    char *text = report_sample_json(&run);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    const json_t *inference = json_object_get(root, "inference");
    const json_t *causes = json_object_get(inference, "causes");
    assert_int_equal(json_object_size(causes), SIM_CAUSE_COUNT);
    assert_int_equal(sum_of(causes), run.profile.total.cycles);
    assert_int_equal(integer(inference, "overlapped_loads"), run.profile.total.overlapped_loads);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(root, "layers"), i, item)
        assert_int_equal(sum_of(json_object_get(item, "causes")), integer(item, "cycles"));
    assert_int_equal(json_array_size(json_object_get(root, "functions")), 3);
    json_array_foreach(json_object_get(root, "functions"), i, item)
    {
        const struct sim_function *f = &run.profile.functions[i];
        assert_string_equal(json_string_value(json_object_get(item, "name")), f->name);
        assert_int_equal(integer(item, "instructions"), f->instructions);
        assert_int_equal(integer(item, "calls"), f->calls);
        assert_int_equal(integer(item, "address"), f->address);
        assert_int_equal(integer(item, "cycles"), f->cycles);
        assert_int_equal(sum_of(json_object_get(item, "causes")), f->cycles);
    }
    assert_null(json_object_get(root, "listing"));
    json_decref(root);
    free(text);
    report_run_free(&run);
}

static void give_listing(struct report_run *run)
{
    static const struct sim_line lines[] = {
        {.address = 0x08000400,
         .bytes = 2,
         .text = "ldr r0, [r1, #4]",
         .executions = 100,
         .cycles = 250,
         .causes = {[SIM_CAUSE_ISSUE] = 100, [SIM_CAUSE_LOAD_USE] = 150}},
        {.address = 0x08000402,
         .bytes = 2,
         .text = "bx lr",
         .executions = 100,
         .cycles = 750,
         .causes = {[SIM_CAUSE_ISSUE] = 100, [SIM_CAUSE_BRANCH] = 200, [SIM_CAUSE_FETCH] = 450}},
        {.address = 0x08000404, .bytes = 4, .text = ".word 0x0800\x1b[2J"},
    };
    run->listing.lines = calloc(3, sizeof *run->listing.lines);
    assert_non_null(run->listing.lines);
    memcpy(run->listing.lines, lines, sizeof lines);
    run->listing.count = 3;
    snprintf(run->listing.name, sizeof run->listing.name, "kernel_conv");
    run->profile.total.cycles = 5000;
    run->profile.invocations = 2;
}

static void test_listing(void **unused)
{
    (void)unused;
    struct report_run run;
    setenv("LC_ALL", "C", 1);
    report_sample(&run, 1, 2);
    char *text = render(report_listing, &run, 80);
    assert_string_equal(text, ""); /* nobody asked for it */
    free(text);
    give_listing(&run);
    text = render(report_listing, &run, 80);
    assert_has(text, "\nkernel_conv, 1,000 cycles, 10.0% of the run (all 2 invocations)\n");
    assert_has(text, "\n25.0% 08000400      100      250    2.50 load_use     60%  ldr r0, [r1");
    assert_has(text, "\n75.0% 08000402      100      750    7.50 fetch        60%  bx lr\n");
    assert_has(text, "      08000404        -        -       - ");
    assert_null(strstr(text, "\x1b"));
    free(text);

    text = report_sample_json(&run);
    json_t *root = json_loads(text, 0, NULL);
    const json_t *listing = json_object_get(root, "listing");
    assert_string_equal(json_string_value(json_object_get(listing, "name")), "kernel_conv");
    assert_int_equal(integer(listing, "invocations"), 2);
    const json_t *lines = json_object_get(listing, "lines");
    assert_int_equal(json_array_size(lines), 3);
    const json_t *second = json_array_get(lines, 1);
    assert_int_equal(integer(second, "executions"), 100);
    assert_int_equal(sum_of(json_object_get(second, "causes")), 750);
    assert_string_equal(json_string_value(json_object_get(second, "text")), "bx lr");
    json_decref(root);
    free(text);
    report_run_free(&run);
}

static void test_full_disk(void **unused)
{
    (void)unused;
    struct report_run run;
    report_sample(&run, 2, 4);
    give_listing(&run);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(report_explain(&run, full, 80, NULL), CC_ERR_INTERNAL);
    assert_int_equal(report_listing(&run, full, 80, NULL), CC_ERR_INTERNAL);
    fclose(full);
    struct sim_line *lines = run.listing.lines;
    run.listing.lines = NULL;
    assert_int_equal(report_listing(&run, stderr, 80, NULL), CC_ERR_INTERNAL);
    run.listing.lines = lines;
    report_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),    cmocka_unit_test(test_operators),
        cmocka_unit_test(test_functions), cmocka_unit_test(test_widths),
        cmocka_unit_test(test_old_runs),  cmocka_unit_test(test_json),
        cmocka_unit_test(test_listing),   cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
