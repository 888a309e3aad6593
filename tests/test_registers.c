/* Firmware that programs its chip's clock, wait states and caches, as the vendors' start-up code
 * does: it gets through its waiting loops, and what it programs is charged. The firmware is
 * tests/registers. */
#include "sim_machine.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MARK 0xe0000060u

enum { NOTHING, FULL, SLOW, CACHES_OFF, CHANGE_INSIDE, PRINT, SPIN, SPIN_FAR, SPIN_COUNTING };

struct fixture {
    struct sim_machine *machine;
    struct sim_elf elf;
    struct cc_error err;
};

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    (void)user;
    *scope_id = 0;
    return value == 1 ? SIM_MARKER_SCOPE : value == 2 ? SIM_MARKER_PAUSE_STOP : SIM_MARKER_PAUSE;
}

/* chip: a name, or the path of a chip file; firmware: of which chip. */
static void open_firmware(struct fixture *f, const char *chip_name, const char *firmware,
                          uint32_t variant, int reference)
{
    static struct sim_chip chip;
    struct sim_run_config config = {
        .marker_address = MARK, .on_marker = on_marker, .reference = reference};
    char path[512];
    double clock_hz;
    uint32_t address;
    memset(f, 0, sizeof *f);
    snprintf(path, sizeof path, REGISTERS_DIR "/%s.elf", firmware);
    if (sim_chip_load(chip_name, &chip, &clock_hz, &f->err) != CC_OK ||
        sim_machine_new(&chip, clock_hz, &f->machine, &f->err) != CC_OK ||
        sim_machine_configure(f->machine, &config, &f->err) != CC_OK ||
        sim_elf_open(path, &f->elf, &f->err) != CC_OK ||
        sim_elf_load(&f->elf, f->machine, &f->err) != CC_OK ||
        sim_elf_symbol(&f->elf, "variant", &address, &f->err) != CC_OK ||
        sim_machine_write(f->machine, address, &variant, sizeof variant, &f->err) != CC_OK ||
        sim_machine_reset(f->machine, f->elf.vector_table, &f->err) != CC_OK)
        fail_msg("%s: %s", chip_name, f->err.message);
}

static void close_firmware(struct fixture *f)
{
    sim_elf_close(&f->elf);
    sim_machine_free(f->machine);
}

static void run(const char *chip, uint32_t variant, struct sim_profile *profile)
{
    struct fixture f;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(chip, "@"), chip);
    open_firmware(&f, chip, name, variant, 1);
    if (sim_machine_run(f.machine, &f.err) != CC_OK ||
        sim_machine_profile(f.machine, 1, profile, &f.err) != CC_OK ||
        sim_machine_check_reference(f.machine, profile, &f.err) != CC_OK)
        fail_msg("%s, variant %u: %s", chip, variant, f.err.message);
    assert_true(sim_machine_clock_hz(f.machine) == profile->clock_hz);
    close_firmware(&f);
}

static uint64_t cycles_of(const char *chip, uint32_t variant)
{
    struct sim_profile p;
    run(chip, variant, &p);
    uint64_t cycles = p.total.cycles;
    sim_profile_free(&p);
    return cycles;
}

static const struct {
    const char *chip;
    double full_mhz, slow_mhz;
    int cache_holds_all; /* after the first turn nothing waits any more */
} chips[] = {
    {"stm32l4r5", 120, 4, 0},  {"stm32l476", 80, 4, 0},  {"stm32f407", 168, 16, 0},
    {"stm32f446", 180, 16, 0}, {"stm32u575", 160, 4, 1}, {"stm32f746", 216, 16, 1},
    {"stm32h7a3", 280, 64, 1}, {"stm32g0b1", 64, 16, 0},
};

/* The vendors' highest clock is what the chip files charge, so nothing may change. */
static void full_clock_is_the_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile assumed, programmed;
        run(chips[i].chip, NOTHING, &assumed);
        run(chips[i].chip, FULL, &programmed);
        if (assumed.total.cycles != programmed.total.cycles ||
            fabs(programmed.clock_hz - chips[i].full_mhz * 1e6) > 1)
            fail_msg("%s: %llu cycles at %g Hz as assumed, %llu at %g Hz as programmed (%s)",
                     chips[i].chip, (unsigned long long)assumed.total.cycles, assumed.clock_hz,
                     (unsigned long long)programmed.total.cycles, programmed.clock_hz,
                     programmed.timing_note);
        assert_non_null(strstr(programmed.timing_note, "as programmed: wait states"));
        assert_non_null(strstr(programmed.timing_note, "clock"));
        assert_null(strstr(programmed.timing_note, "assumed"));
        assert_null(strstr(assumed.timing_note, "programmed"));
        sim_profile_free(&assumed);
        sim_profile_free(&programmed);
    }
}

static void slow_clock_waits_less(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile slow;
        uint64_t full = cycles_of(chips[i].chip, FULL);
        run(chips[i].chip, SLOW, &slow);
        int fits = chips[i].cache_holds_all;
        if (slow.total.cycles + !fits > full || fabs(slow.clock_hz - chips[i].slow_mhz * 1e6) > 1 ||
            strncmp(slow.timing_note, "0 flash wait states", 19) != 0)
            fail_msg("%s: %llu cycles at %g Hz, %llu at full clock (%s)", chips[i].chip,
                     (unsigned long long)slow.total.cycles, slow.clock_hz, (unsigned long long)full,
                     slow.timing_note);
        sim_profile_free(&slow);
    }
}

static void without_caches_it_waits_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile off;
        uint64_t on = cycles_of(chips[i].chip, FULL);
        run(chips[i].chip, CACHES_OFF, &off);
        if (off.total.cycles <= on || !strstr(off.timing_note, "no caches"))
            fail_msg("%s: %llu cycles, %llu with caches (%s)", chips[i].chip,
                     (unsigned long long)off.total.cycles, (unsigned long long)on, off.timing_note);
        sim_profile_free(&off);
    }
}

/* A clock and wait states that the command line asks for hold until firmware says otherwise. */
static void firmware_wins_over_the_command_line(void **state)
{
    (void)state;
    struct sim_profile p;
    run("stm32l4r5@20", FULL, &p);
    assert_true(p.clock_hz == 120e6);
    assert_int_equal(p.total.cycles, cycles_of("stm32l4r5", FULL));
    sim_profile_free(&p);
    run("stm32l4r5@20", NOTHING, &p);
    assert_true(p.clock_hz == 20e6);
    assert_null(strstr(p.timing_note, "assumed")); /* its caches are on after reset */
    sim_profile_free(&p);
    run("stm32f746", NOTHING, &p);
    assert_non_null(strstr(p.timing_note, "; caches assumed on"));
    sim_profile_free(&p);
}

/* The set-up at a slow clock of these leaves the caches alone. */
static void caches_not_switched_on_are_off(void **state)
{
    (void)state;
    struct sim_profile p;
    run("stm32u575", SLOW, &p);
    assert_non_null(strstr(p.timing_note, "no caches"));
    assert_non_null(strstr(p.timing_note, "; as after reset: instruction cache"));
    sim_profile_free(&p);
    run("stm32l4r5", SLOW, &p);
    assert_null(strstr(p.timing_note, "no caches")); /* on after reset, in the same register */
    sim_profile_free(&p);
}

static void clock_change_is_noted(void **state)
{
    (void)state;
    struct sim_profile p;
    run("stm32l4r5", CHANGE_INSIDE, &p);
    assert_true(p.clock_hz == 4e6);
    assert_non_null(strstr(p.timing_note, "clock changed 1 time while measured"));
    sim_profile_free(&p);
}

static void printing_does_not_hang(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile p;
        run(chips[i].chip, PRINT, &p);
        assert_in_range(p.total.regions[SIM_REGION_PERIPHERAL].writes, 5, 5);
        assert_in_range(p.total.regions[SIM_REGION_PERIPHERAL].reads, 5, 10);
        sim_profile_free(&p);
    }
}

static void expect_spin(const char *chip, uint32_t variant, const char *bits)
{
    struct fixture f;
    open_firmware(&f, chip, chip, variant, 0);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_ERR_FIRMWARE);
    if (!strstr(f.err.message, "0x40001c10") || !strstr(f.err.message, bits) ||
        !strstr(f.err.message, ".yaml") || !strstr(f.err.message, "registers:"))
        fail_msg("%s", f.err.message);
    close_firmware(&f);
}

static void endless_waiting_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i += 3)
        expect_spin(chips[i].chip, SPIN, "bits 0x00000040");
    expect_spin("stm32l4r5", SPIN_COUNTING, "bits 0x00000001");
    cycles_of("stm32l4r5", SPIN_FAR); /* is no endless waiting */
}

/* Reset forgets what was programmed. */
static void reset_starts_anew(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_profile p;
    uint32_t variant = NOTHING, address;
    open_firmware(&f, "stm32l4r5", "stm32l4r5", SLOW, 0);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    assert_true(sim_machine_clock_hz(f.machine) == 4e6);
    assert_int_equal(sim_elf_symbol(&f.elf, "variant", &address, &f.err), CC_OK);
    assert_int_equal(sim_machine_write(f.machine, address, &variant, sizeof variant, &f.err),
                     CC_OK);
    assert_int_equal(sim_machine_reset(f.machine, f.elf.vector_table, &f.err), CC_OK);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    assert_int_equal(sim_machine_profile(f.machine, 1, &p, &f.err), CC_OK);
    assert_true(p.clock_hz == 120e6);
    assert_string_equal(p.timing_note,
                        "5 flash wait states, 64-bit flash reads, prefetch on, 1024 B "
                        "instruction and 64 B data cache, 1 more for a taken branch or a "
                        "store");
    sim_profile_free(&p);
    close_firmware(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_clock_is_the_files),
        cmocka_unit_test(slow_clock_waits_less),
        cmocka_unit_test(without_caches_it_waits_more),
        cmocka_unit_test(firmware_wins_over_the_command_line),
        cmocka_unit_test(caches_not_switched_on_are_off),
        cmocka_unit_test(clock_change_is_noted),
        cmocka_unit_test(printing_does_not_hang),
        cmocka_unit_test(endless_waiting_is_found),
        cmocka_unit_test(reset_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
