/* Chip files: clocks, voltage ranges and wait states, by name and from edited copies. */
#include "sim_chip.h"

#include "cc_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/coincell-chip-XXXXXX";
static char file[128];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static double must_load(const char *spec, struct sim_chip *chip)
{
    double clock_hz;
    struct cc_error err;
    if (sim_chip_load(spec, chip, &clock_hz, &err) != CC_OK)
        fail_msg("%s", err.message);
    return clock_hz;
}

static void must_refuse(const char *spec, enum cc_status status, const char *message)
{
    struct sim_chip chip;
    double clock_hz;
    struct cc_error err = {0};
    assert_int_equal(sim_chip_load(spec, &chip, &clock_hz, &err), status);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
}

/* Writes sim/chips/NAME.yaml with the first `from` replaced; `file` is the copy. */
static void edit(const char *name, const char *from, const char *to)
{
    char relative[96], path[512], *text;
    uint8_t *data;
    size_t bytes;
    struct cc_error err;
    snprintf(relative, sizeof relative, "sim/chips/%s.yaml", name);
    assert_true(cc_data_path(relative, path, sizeof path));
    assert_int_equal(cc_file_read(path, 1u << 20, &data, &bytes, &err), CC_OK);
    char *at = strstr((char *)data, from);
    assert_non_null(at);
    int n =
        asprintf(&text, "%.*s%s%s", (int)(at - (char *)data), (char *)data, to, at + strlen(from));
    assert_true(n > 0);
    if (file[0])
        unlink(file);
    snprintf(file, sizeof file, "%s/%s.yaml", folder, name);
    assert_int_equal(cc_file_write(file, text, (size_t)n, &err), CC_OK);
    free(text);
    free(data);
}

/* Limits of ST's LL drivers, RM0090 table 11, Renesas FSP: one row on each side of a limit. */
static const struct wait_row {
    const char *spec;
    double mhz; /* charged */
    uint32_t flash, ram;
} wait_rows[] = {
    {"stm32l4r5", 120, 5, 0},
    {"stm32l4r5@20", 20, 0, 0},
    {"stm32l4r5@20:range1", 20, 0, 0},
    {"stm32l4r5@8:range2", 8, 0, 0},
    {"stm32l4r5@20:range2", 20, 2, 0},
    {"stm32l4r5:range2", 26, 2, 0},
    {"stm32l476@12:range2", 12, 1, 0},
    {"stm32l476@26:range2", 26, 3, 0},
    {"stm32f407:2v7", 168, 5, 0},
    {"stm32f407:2v4", 168, 6, 0},
    {"stm32f407:2v1", 168, 7, 0},
    {"stm32f407:1v8", 160, 7, 0},
    {"stm32h7a3:vos1", 225, 5, 0},
    {"stm32h7a3:vos2", 160, 4, 0},
    {"stm32h7a3:vos3", 88, 3, 0},
    {"stm32u575:range2", 100, 3, 0},
    {"stm32u575@37.5:range3", 37.5, 2, 0},
    {"stm32u575@24", 24, 0, 0},
    {"stm32u575@24:range4", 24, 2, 0},
    {"stm32g0b1:range2", 16, 1, 0},
    {"saml21:pl0", 12, 1, 0},
    {"saml21@7.5:pl0", 7.5, 0, 0},
    {"msp432p401r:vcore0", 24, 1, 0},
    {"ra6m4", 200, 3, 1},
    {"ra6m4@101", 101, 2, 1},
    {"ra6m4@100", 100, 1, 0},
    {"efr32mg24", 78, 1, 0},
    {"efr32mg24@40", 40, 0, 0},
    {"efr32mg24@40:vscale1", 40, 1, 0},
};

static void wait_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wait_rows / sizeof wait_rows[0]; i++) {
        const struct wait_row *row = &wait_rows[i];
        struct sim_chip chip;
        double hz = must_load(row->spec, &chip);
        uint32_t ram = 0;
        for (uint32_t r = 0; r < chip.region_count; r++) {
            uint32_t waits = sim_region_wait_states(&chip.regions[r], hz);
            if (waits > ram)
                ram = waits;
        }
        if (hz != row->mhz * 1e6 || sim_chip_wait_states(&chip, hz) != row->flash ||
            ram != row->ram)
            fail_msg("%s: %g MHz, %u and %u wait states", row->spec, hz / 1e6,
                     sim_chip_wait_states(&chip, hz), ram);
    }
}

/* What a miss costs was found in the default range: a lower one does not move that. */
static void miss_costs_keep_their_reference(void **state)
{
    struct sim_chip chip;
    (void)state;
    must_load("stm32u575@24:range4", &chip);
    assert_int_equal(sim_chip_default_wait_states(&chip), 4);
    must_load("stm32u575@24", &chip);
    assert_int_equal(sim_chip_default_wait_states(&chip), 4);
}

static void ranges_bring_their_prefetch(void **state)
{
    struct sim_chip chip;
    (void)state;
    must_load("stm32f407@100", &chip);
    assert_true(chip.memory.prefetch && !chip.range_by_name);
    must_load("stm32f407@100:2v1", &chip);
    assert_true(chip.memory.prefetch && chip.range_by_name);
    must_load("stm32f407@100:1v8", &chip);
    assert_false(chip.memory.prefetch);
}

static void refuses_specs(void **state)
{
    (void)state;
    must_refuse("stm32u575:range9", CC_ERR_USAGE,
                "the ranges are range1 (up to 160 MHz), range2 (up to 100 MHz), range3");
    must_refuse("stm32u575@30:range4", CC_ERR_USAGE, "range4 (up to 24 MHz)");
    must_refuse("stm32u575@300:range4", CC_ERR_USAGE, "above the chip's maximum of 160 MHz");
    must_refuse("nrf52840:range1", CC_ERR_USAGE, "knows no voltage ranges; leave out :range1");
    must_refuse("stm32u575:range4@24", CC_ERR_INPUT, "stm32u575:range4");
    must_refuse("stm32u575@:range4", CC_ERR_USAGE, "after @ must be a number of MHz");
    must_refuse(":range4", CC_ERR_USAGE, "expected NAME or FILE.yaml");
    must_refuse("@20", CC_ERR_USAGE, "expected NAME or FILE.yaml");
    must_refuse("", CC_ERR_USAGE, "expected NAME or FILE.yaml");
}

/* Folders and files may have colons in their names. */
static void colons_in_paths(void **state)
{
    struct sim_chip chip;
    char spec[256], odd[160];
    (void)state;
    edit("stm32l4r5", "default_mhz: 120", "default_mhz: 60");
    assert_true(must_load(file, &chip) == 60e6);
    snprintf(spec, sizeof spec, "%s@8:range2", file);
    assert_true(must_load(spec, &chip) == 8e6);
    assert_string_equal(chip.ranges[chip.range].name, "range2");
    snprintf(odd, sizeof odd, "%s/a:b.yaml", folder);
    must_refuse(odd, CC_ERR_INPUT, "a:b.yaml: cannot be opened");
}

static void refused_copy(const char *name, const char *from, const char *to, const char *message)
{
    edit(name, from, to);
    must_refuse(file, CC_ERR_INPUT, message);
}

static void refuses_tables(void **state)
{
    (void)state;
    refused_copy("stm32u575", "  range: range1\n", "", "flash_wait_states.range: missing");
    refused_copy("stm32u575", "name: range3", "name: range2",
                 "voltage_ranges[1].name: range2 is the name of another range");
    refused_copy("stm32u575", "name: range3", "name: Range 3", "small letters, digits and _");
    refused_copy("stm32u575", "max_mhz: 24\n", "max_mhz: 30\n",
                 "voltage_ranges[2].table: last up_to_mhz must reach 30");
    refused_copy("stm32u575", "max_mhz: 24\n", "max_mhz: 161\n", "voltage_ranges[2].max_mhz");
    refused_copy("stm32u575", "max_mhz: 24\n", "max_mhz: nan\n", "voltage_ranges[2].max_mhz");
    refused_copy("stm32u575", "up_to_mhz: 12.5", "up_to_mhz: 26", "voltage_ranges[1].table[1]");
    refused_copy("stm32u575", "up_to_mhz: 160", "up_to_mhz: 159", "flash_wait_states.table");
    refused_copy("stm32f407", "min_vdd_v: 2.1", "min_vdd_v: -1", "voltage_ranges[1].min_vdd_v");
    refused_copy("ra6m4", "up_to_mhz: 100, wait_states: 0", "up_to_mhz: 201, wait_states: 0",
                 "regions.sram.wait_states.table[1]");
    refused_copy("ra6m4", "        - {up_to_mhz: 200, wait_states: 1}\n      source",
                 "      source", "regions.sram.wait_states.table: last up_to_mhz must reach 200");
    refused_copy("ra6m4", "    kind: sram\n", "    kind: peripheral\n",
                 "regions.sram.wait_states: only for kind sram");
    refused_copy("ra6m4", "    branch_target_cycles: 1\n", "    store_cycles: 1\n",
                 "memory_path.with_wait_states: store_cycles are known of cortex-m3 and m4");
    refused_copy("stm32l4r5", "name: cortex-m4", "name: cortex-m7",
                 "memory_path.with_wait_states: store_cycles are known of cortex-m3 and m4");
}

/* The range that a supply and a clock leave. */
static void supplies(void **state)
{
    struct sim_chip chip;
    (void)state;
    must_load("stm32f407", &chip);
    assert_string_equal(sim_chip_range_for(&chip, 168e6, 3.3)->name, "2v7");
    assert_string_equal(sim_chip_range_for(&chip, 168e6, 2.7)->name, "2v7");
    assert_string_equal(sim_chip_range_for(&chip, 168e6, 2.6)->name, "2v4");
    assert_string_equal(sim_chip_range_for(&chip, 160e6, 1.8)->name, "1v8");
    assert_null(sim_chip_range_for(&chip, 168e6, 1.8));
    must_load("stm32l4r5", &chip);
    assert_string_equal(sim_chip_range_for(&chip, 20e6, 1.71)->name, "range1");
}

/* An unverified range counts when it is simulated, and only then. */
static void unverified_ranges(void **state)
{
    struct sim_chip chip;
    char spec[256];
    (void)state;
    edit("stm32l4r5", "range 2\n    verified: yes", "range 2\n    verified: no");
    must_load(file, &chip);
    assert_false(chip.unverified);
    snprintf(spec, sizeof spec, "%s:range2", file);
    must_load(spec, &chip);
    assert_true(chip.unverified);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_states),
        cmocka_unit_test(miss_costs_keep_their_reference),
        cmocka_unit_test(ranges_bring_their_prefetch),
        cmocka_unit_test(refuses_specs),
        cmocka_unit_test(colons_in_paths),
        cmocka_unit_test(refuses_tables),
        cmocka_unit_test(supplies),
        cmocka_unit_test(unverified_ranges),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
