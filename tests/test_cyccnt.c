/* What firmware reads from the cycle counter around a function is what the report gives for that
 * function: on every chip that has the counter, with the wait states of its default clock and
 * (unless it runs at certain clocks only) at the highest clock without any. */
#include "sim_machine.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MARK   0xe0000060u
#define MARGIN 10 /* cycles: the call, and the reading of the counter itself */

static void must(const char *name, enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s: %s", name, err->message);
}

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    (void)user;
    *scope_id = 0;
    return value == 1 ? SIM_MARKER_SCOPE : SIM_MARKER_PAUSE_STOP;
}

/* The firmware for a chip's memory map. */
static void choose_firmware(const struct sim_chip *chip, char *path, size_t size)
{
    uint32_t flash = UINT32_MAX, ram = 0x10000000;
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        if ((r->kind == SIM_REGION_FLASH || r->kind == SIM_REGION_XIP) && flash == UINT32_MAX)
            flash = r->base;
        if (r->base == 0x20000000)
            ram = r->base;
    }
    snprintf(path, size, "%s/dwt-%04x-%04x.elf", CUTS_ELF_DIR, flash >> 16, ram >> 16);
}

static uint64_t cycles_in_report(const struct sim_profile *profile, const char *name)
{
    for (uint32_t i = 0; i < profile->function_count; i++) {
        if (strcmp(profile->functions[i].name, name) == 0) {
            assert_int_equal(profile->functions[i].calls, 1);
            return profile->functions[i].cycles;
        }
    }
    fail_msg("no function %s", name);
    return 0;
}

static void compare(const struct sim_chip *chip, double clock_hz)
{
    struct sim_run_config config = {
        .marker_address = MARK, .on_marker = on_marker, .max_instructions = 100000};
    struct sim_machine *machine;
    struct sim_elf elf;
    struct sim_profile profile;
    struct cc_error err;
    char path[512];
    uint32_t result, read;
    const char *name = chip->name;
    choose_firmware(chip, path, sizeof path);
    must(name, sim_elf_open(path, &elf, &err), &err);
    must(name, sim_machine_new(chip, clock_hz, &machine, &err), &err);
    must(name, sim_machine_configure(machine, &config, &err), &err);
    must(name, sim_elf_load(&elf, machine, &err), &err);
    must(name, sim_machine_reset(machine, elf.vector_table, &err), &err);
    must(name, sim_machine_run(machine, &err), &err);
    must(name, sim_machine_profile(machine, 1, &profile, &err), &err);
    must(name, sim_machine_functions(machine, &elf, &profile, &err), &err);
    must(name, sim_elf_symbol(&elf, "result", &result, &err), &err);
    must(name, sim_machine_read(machine, result, &read, sizeof read, &err), &err);
    uint64_t reported = cycles_in_report(&profile, "measured");
    print_message("%-12s %4.0f MHz, %u wait states: counter %u, report %llu\n", name,
                  clock_hz / 1e6, sim_chip_wait_states(chip, clock_hz), read,
                  (unsigned long long)reported);
    assert_true(reported > 400);
    assert_in_range(read, reported, reported + MARGIN);
    sim_profile_free(&profile);
    sim_machine_free(machine);
    sim_elf_close(&elf);
}

/* The highest clock without wait states. */
static double slow_clock(const struct sim_chip *chip)
{
    const struct sim_wait_table *table = &chip->ranges[chip->range].flash;
    return table->count > 0 ? table->limit_hz[0] : chip->default_clock_hz;
}

static void counter_and_report(void **state)
{
    (void)state;
    glob_t files;
    unsigned ran = 0;
    assert_int_equal(glob(CC_SOURCE_DIR "/sim/chips/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct sim_chip chip;
        struct cc_error err;
        double clock_hz;
        must(files.gl_pathv[i], sim_chip_load(files.gl_pathv[i], &chip, &clock_hz, &err), &err);
        if (chip.core == SIM_CORTEX_M0 || chip.core == SIM_CORTEX_M0PLUS)
            continue; /* no counter */
        compare(&chip, clock_hz);
        if (chip.allowed_clock_count == 0)
            compare(&chip, slow_clock(&chip));
        ran++;
    }
    globfree(&files);
    assert_true(ran >= 10);
}

static void m3(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct cc_error err;
    double clock_hz;
    const char *path = CC_SOURCE_DIR "/tests/cuts/cortex-m3.yaml";
    must(path, sim_chip_load(path, &chip, &clock_hz, &err), &err);
    compare(&chip, clock_hz);
    compare(&chip, slow_clock(&chip));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counter_and_report),
        cmocka_unit_test(m3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
