/* The table of chips in README.md is what the chip files say.
 *
 *   test_readme_chips           compares
 *   test_readme_chips update    writes the table that the files give into README.md */
#include "sim_chip.h"

#include "cc_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TABLE_BYTES 16384
#define Z_90        1.2815515655446004 /* 90 % quantile of the standard normal distribution */

static const char head[] =
    "| chip | core | MHz | voltage ranges, up to MHz | flash: wait states, read | caches: size, "
    "ways x line, miss | RAM | cycles p10 to p90 | unverified |\n"
    "|---|---|---|---|---|---|---|---|---|\n";

struct text {
    char *at;
    size_t left;
};

static __attribute__((format(printf, 2, 3))) void add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at, t->left, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= t->left) {
        fprintf(stderr, "the table is larger than %d bytes\n", TABLE_BYTES);
        abort();
    }
    t->at += n;
    t->left -= (size_t)n;
}

static void add_size(struct text *t, uint32_t bytes)
{
    if (bytes >= 1024)
        add(t, "%u KB", bytes / 1024);
    else
        add(t, "%u B", bytes);
}

static void add_clocks(struct text *t, const struct sim_chip *chip)
{
    add(t, "%g", chip->default_clock_hz / 1e6);
    for (uint32_t i = 0; i < chip->allowed_clock_count; i++) {
        if (chip->allowed_clock_hz[i] != chip->default_clock_hz)
            add(t, " or %g", chip->allowed_clock_hz[i] / 1e6);
    }
    if (!chip->allowed_clock_count && chip->max_clock_hz > chip->default_clock_hz)
        add(t, ", up to %g", chip->max_clock_hz / 1e6);
}

static void add_ranges(struct text *t, const struct sim_chip *chip)
{
    if (!chip->ranges[0].name[0])
        add(t, "-");
    for (uint32_t i = 0; i < chip->range_count && chip->ranges[0].name[0]; i++)
        add(t, "%s%s %g", i ? ", " : "", chip->ranges[i].name, chip->ranges[i].max_clock_hz / 1e6);
}

static void add_flash(struct text *t, const struct sim_chip *chip)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        if (chip->regions[i].kind == SIM_REGION_XIP) {
            add(t, "serial");
            return;
        }
    }
    add(t, "%u, %u bit%s", sim_chip_default_wait_states(chip), chip->memory.fetch_bytes * 8,
        chip->memory.prefetch ? ", prefetch" : "");
}

static void add_cache(struct text *t, const char *name, const struct sim_cache_config *c,
                      int serves_ram)
{
    uint32_t lines = c->bytes / c->line_bytes;
    add(t, "%s ", name);
    add_size(t, c->bytes);
    add(t, ", %u x %u B, ", c->ways == lines ? lines : c->ways, c->line_bytes);
    if (c->miss_cycles_flash)
        add(t, "%u", c->miss_cycles_flash);
    else
        add(t, "as flash");
    if (serves_ram && c->miss_cycles_sram)
        add(t, " (RAM %u)", c->miss_cycles_sram);
}

static void add_caches(struct text *t, const struct sim_chip *chip)
{
    const struct sim_memory_config *m = &chip->memory;
    if (!m->icache.bytes && !m->dcache.bytes)
        add(t, "none");
    if (m->icache.bytes)
        add_cache(t, m->unified ? "code and data" : "code", &m->icache, 0);
    if (m->dcache.bytes) {
        add(t, m->icache.bytes ? "; " : "");
        add_cache(t, "data", &m->dcache, m->data_ram_cached);
    }
}

/* What an access to RAM costs beyond the core: wait states by clock, or an isolated access. */
static void add_ram(struct text *t, const struct sim_chip *chip)
{
    uint32_t isolated = 0, limit = 0;
    const struct sim_region *slow = NULL;
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        isolated = r->isolated_wait > isolated ? r->isolated_wait : isolated;
        slow = r->waits.count > 1 ? r : slow;
    }
    if (slow)
        limit = (uint32_t)(slow->waits.limit_hz[0] / 1e6);
    if (slow)
        add(t, "1 wait state above %u MHz", limit);
    else if (isolated)
        add(t, "+%u isolated", isolated);
    else
        add(t, "0");
}

static void add_chip(struct text *t, const char *name)
{
    char parts[96], prices[160], path[512];
    struct sim_chip chip;
    struct cc_error err;
    double clock_hz;
    if (sim_chip_load(name, &chip, &clock_hz, &err) != CC_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    double rsd = sim_chip_cycles_rsd(&chip), sigma = sqrt(log(1 + rsd * rsd));
    add(t, "| %s | %s | ", name, sim_core_name(chip.core) + strlen("cortex-"));
    add_clocks(t, &chip), add(t, " | ");
    add_ranges(t, &chip), add(t, " | ");
    add_flash(t, &chip), add(t, " | ");
    add_caches(t, &chip), add(t, " | ");
    add_ram(t, &chip);
    add(t, " | %.0f to +%.0f %% | %s", 100 * (exp(-Z_90 * sigma) - 1),
        100 * (exp(Z_90 * sigma) - 1),
        chip.unverified ? sim_chip_unverified_parts(&chip, parts, sizeof parts) : "nothing");
    snprintf(prices, sizeof prices, "energy/prices/%s.yaml", name);
    add(t, "%s |\n", cc_data_path(prices, path, sizeof path) ? "" : "; no energy prices");
}

/* The whole table as the files give it; caller frees. */
static char *make_table(void)
{
    char **names;
    size_t count;
    struct cc_error err;
    char *table = malloc(TABLE_BYTES);
    struct text t = {table, TABLE_BYTES};
    if (!table || cc_data_names("sim/chips", &names, &count, &err) != CC_OK)
        abort();
    add(&t, "%s", head);
    for (size_t i = 0; i < count; i++)
        add_chip(&t, names[i]);
    cc_names_free(names, count);
    return table;
}

/* README.md, and where its table is: from the line "| chip | core | MHz" to the next empty one. */
struct readme {
    char path[512];
    uint8_t *text;
    char *table;
    size_t bytes;
};

static int read_readme(struct readme *r)
{
    size_t bytes;
    struct cc_error err;
    if (!cc_data_path("README.md", r->path, sizeof r->path) ||
        cc_file_read(r->path, 1u << 20, &r->text, &bytes, &err) != CC_OK)
        return 0;
    r->table = strstr((char *)r->text, "| chip | core | MHz");
    char *end = r->table ? strstr(r->table, "\n\n") : NULL;
    r->bytes = end ? (size_t)(end + 1 - r->table) : 0;
    return end != NULL;
}

static void table_is_that_of_the_files(void **state)
{
    struct readme r = {0};
    char *table = make_table();
    (void)state;
    assert_true(read_readme(&r));
    if (strlen(table) != r.bytes || memcmp(table, r.table, r.bytes) != 0)
        fail_msg("the table of chips in %s is not that of the files; it should be, and is with "
                 "test_readme_chips update:\n%s",
                 r.path, table);
    free(table);
    free(r.text);
}

/* Every core that a chip has is explained, in a row of the table of cores. */
static void cores_are_explained(void **state)
{
    char **names, row[64];
    size_t count;
    struct cc_error err;
    struct readme r = {0};
    (void)state;
    assert_true(read_readme(&r));
    assert_int_equal(cc_data_names("sim/chips", &names, &count, &err), CC_OK);
    for (size_t i = 0; i < count; i++) {
        struct sim_chip chip;
        double clock_hz;
        assert_int_equal(sim_chip_load(names[i], &chip, &clock_hz, &err), CC_OK);
        snprintf(row, sizeof row, "\n| %s | ", sim_core_name(chip.core) + strlen("cortex-"));
        if (!strstr((char *)r.text, row))
            fail_msg("%s has no row for the core %s", r.path, row + 3);
    }
    cc_names_free(names, count);
    free(r.text);
}

static int update(void)
{
    struct readme r = {0};
    char *table = make_table(), *text;
    struct cc_error err = {CC_OK, "README.md has no table of chips"};
    enum cc_status status = CC_ERR_INPUT;
    if (read_readme(&r)) {
        int n = asprintf(&text, "%.*s%s%s", (int)(r.table - (char *)r.text), (char *)r.text, table,
                         r.table + r.bytes);
        status = n < 0 ? CC_ERR_INTERNAL : cc_file_write(r.path, text, (size_t)n, &err);
        free(n < 0 ? NULL : text);
    }
    free(r.text);
    free(table);
    if (status != CC_OK)
        fprintf(stderr, "%s\n", err.message);
    return status != CC_OK;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_that_of_the_files),
        cmocka_unit_test(cores_are_explained),
    };
    if (argc > 1 && strcmp(argv[1], "update") == 0)
        return update();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
