/* The emulated chip on programs small enough to count by hand: instructions, accesses, scopes, IT
 * blocks, and every way a program can fail. */
#include "sim_machine.h"
#include "sim_programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLASH 0x08000000u
#define CODE  (FLASH + 0x40)
#define MARK  0xe0000060u

struct fixture {
    struct sim_machine *machine;
    struct cc_error err;
    int stops;
};

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    struct fixture *f = user;
    *scope_id = 5;
    if (value == 1)
        return SIM_MARKER_SCOPE;
    f->stops++;
    return SIM_MARKER_PAUSE_STOP;
}

static void start(struct fixture *f, const char *chip_name, const uint16_t *code, size_t bytes,
                  const struct sim_run_config *more)
{
    struct sim_chip chip;
    double clock_hz;
    uint32_t vectors[2] = {0x20008000u, CODE | 1};
    struct sim_run_config config = {0};
    memset(f, 0, sizeof *f);
    if (more)
        config = *more;
    config.marker_address = MARK;
    config.on_marker = on_marker;
    config.user = f;
    assert_int_equal(sim_chip_load(chip_name, &chip, &clock_hz, &f->err), CC_OK);
    assert_int_equal(sim_machine_new(&chip, clock_hz, &f->machine, &f->err), CC_OK);
    assert_int_equal(sim_machine_write(f->machine, FLASH, vectors, sizeof vectors, &f->err), CC_OK);
    assert_int_equal(sim_machine_write(f->machine, CODE, code, bytes, &f->err), CC_OK);
    assert_int_equal(sim_machine_configure(f->machine, &config, &f->err), CC_OK);
    assert_int_equal(sim_machine_reset(f->machine, FLASH, &f->err), CC_OK);
}

static void measure(struct fixture *f, const uint16_t *code, size_t bytes,
                    struct sim_profile *profile)
{
    struct sim_run_config config = {.reference = 1};
    start(f, "stm32l4r5", code, bytes, &config);
    assert_int_equal(sim_machine_run(f->machine, &f->err), CC_OK);
    assert_int_equal(f->stops, 1);
    assert_int_equal(sim_machine_profile(f->machine, 1, profile, &f->err), CC_OK);
    assert_int_equal(sim_machine_check_reference(f->machine, profile, &f->err), CC_OK);
    sim_machine_free(f->machine);
}

static void counts_a_loop(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_profile p;
    measure(&f, sum_loop, sizeof sum_loop, &p);
    /* 3 + 100 x 5 in the loop + MOVS, BL + STR, BX of the marker function. */
    assert_int_equal(p.total.instructions, 3 + 500 + 4);
    assert_int_equal(p.total.classes[SIM_CLASS_LOAD], 100);
    assert_int_equal(p.total.classes[SIM_CLASS_STORE], 101);
    assert_int_equal(p.total.classes[SIM_CLASS_CALL], 1);
    assert_int_equal(p.total.classes[SIM_CLASS_BRANCH], 101);
    assert_int_equal(p.total.classes[SIM_CLASS_ALU], 3 + 200 + 1);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].reads, 100);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].writes, 100);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].read_bytes, 400);
    assert_int_equal(p.total.regions[SIM_REGION_SYSTEM].writes, 1);
    /* 99 loop branches, the call, and the return of the first marker that led in. */
    assert_int_equal(p.total.branches_taken, 99 + 1 + 1);
    assert_true(p.total.core_cycles >= p.total.instructions);
    sim_profile_free(&p);
}

static void counts_skipped_instructions(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_profile p;
    measure(&f, it_skip, sizeof it_skip, &p);
    assert_int_equal(p.total.instructions, 2 + 10 * 8 + 4);
    assert_int_equal(p.total.classes[SIM_CLASS_IT], 10);
    assert_int_equal(p.total.classes[SIM_CLASS_LOAD], 10);       /* skipped or not */
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].reads, 5); /* only those executed */
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].writes, 5);
    assert_int_equal(p.total.branches_taken, 9 + 1 + 1);
    sim_profile_free(&p);
}

/* The emulator serves a load across a border of 1 KB with two aligned ones. */
static void an_unaligned_load_is_one_access(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_profile p;
    measure(&f, across_pages, sizeof across_pages, &p);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].reads, 3);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].read_bytes, 4 + 2 + 4);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].writes, 1);
    sim_profile_free(&p);
}

static void expect_failure(const char *chip, const uint16_t *code, size_t bytes,
                           const struct sim_run_config *config, const char *text, const char *text2)
{
    struct fixture f;
    start(&f, chip, code, bytes, config);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_ERR_FIRMWARE);
    if (!strstr(f.err.message, text) || !strstr(f.err.message, text2))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", f.err.message, text, text2);
    sim_machine_free(f.machine);
}

static void names_faults(void **state)
{
    (void)state;
    expect_failure("stm32l4r5", flash_write, sizeof flash_write, NULL,
                   "write of 4 bytes at 0x08000100 (flash)", "0x08000048");
    expect_failure("stm32l4r5", unmapped, sizeof unmapped, NULL, "read of 2 bytes at 0x60000000",
                   "0x08000048");
    expect_failure("stm32l4r5", undefined, sizeof undefined, NULL, "undefined instruction",
                   "start-up");
    expect_failure("stm32l4r5", breakpoint, sizeof breakpoint, NULL, "BKPT", "0x08000042");
    expect_failure("stm32l4r5", jump, sizeof jump, NULL, "jump to 0x70000000", "0x08000040");
    expect_failure("stm32l4r5", wfi, sizeof wfi, NULL, "WFI", "0x08000040");
}

static void count_tick(void *user, uint64_t instructions)
{
    uint64_t *last = user;
    assert_in_range(instructions - *last, SIM_TICK_INSTRUCTIONS, SIM_TICK_INSTRUCTIONS + 16);
    *last = instructions;
}

/* A run that takes long tells so, up to the limit. */
static void long_runs_tick(void **state)
{
    static const uint16_t endless[] = {0xe7fe};
    uint64_t last = 0;
    struct sim_run_config config = {
        .max_instructions = 3500000, .on_tick = count_tick, .tick_user = &last};
    (void)state;
    expect_failure("stm32l4r5", endless, sizeof endless, &config, "3500000", "start-up");
    assert_in_range(last, 3 * SIM_TICK_INSTRUCTIONS, 3500000);
}

static void stack_overflow_is_found(void **state)
{
    (void)state;
    struct sim_run_config config = {.stack_limit = 0x20007f00u};
    expect_failure("stm32l4r5", recurse, sizeof recurse, &config, "stack overflow", "0x20007efc");
}

static void a_hang_ends(void **state)
{
    (void)state;
    struct sim_run_config config = {.max_instructions = 1000000};
    expect_failure("stm32l4r5", hang, sizeof hang, &config, "1000000 instructions",
                   "--max-instructions");
}

/* SMLAD does not exist on Cortex-M0+: the model of the core is really set. */
static void core_model_is_honoured(void **state)
{
    (void)state;
    static const uint16_t smlad[] = {0xfb20, 0x0000, 0xe7fe};
    expect_failure("stm32g0b1", smlad, sizeof smlad, NULL, "undefined instruction",
                   "cortex-m0plus");
}

static void registers_survive_stops(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "stm32l4r5", sum_loop, sizeof sum_loop, NULL);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    uint32_t word = 0;
    assert_int_equal(sim_machine_read(f.machine, 0x20000004u, &word, 4, &f.err), CC_OK);
    assert_int_equal(word, 0);
    assert_int_equal(sim_machine_read(f.machine, 0x10000000u, &word, 4, &f.err), CC_ERR_INPUT);
    sim_machine_free(f.machine);
}

/* Stops between invocations: every instruction once, none of the pauses. */
static void invocations_add_up(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_run_config config = {.reference = 1};
    uint64_t first_cycles = 0;
    start(&f, "stm32l4r5@20", invocations, sizeof invocations, &config);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    for (uint32_t i = 1; i <= 5; i++) {
        struct sim_profile p;
        uint32_t runs = 0;
        assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
        assert_int_equal(sim_machine_read(f.machine, 0x20000000u, &runs, 4, &f.err), CC_OK);
        assert_int_equal(runs, i);
        assert_int_equal(sim_machine_profile(f.machine, i, &p, &f.err), CC_OK);
        assert_int_equal(sim_machine_check_reference(f.machine, &p, &f.err), CC_OK);
        /* LDR, ADDS, STR, MOVS, BL; STR and BX of the marker function. */
        assert_int_equal(p.total.instructions, 7 * i);
        assert_int_equal(p.total.branches_taken, 2 * i);
        assert_int_equal(p.total.regions[SIM_REGION_SRAM].reads, i);
        assert_int_equal(p.total.regions[SIM_REGION_SRAM].writes, i);
        assert_int_equal(p.total.regions[SIM_REGION_SYSTEM].writes, i);
        assert_int_equal(p.total.regions[SIM_REGION_FLASH].fetch_bytes, 16 * i);
        if (i == 1)
            first_cycles = p.total.core_cycles;
        assert_int_equal(p.total.core_cycles, first_cycles * i);
        assert_int_equal(p.total.cycles, p.total.core_cycles);
        sim_profile_free(&p);
    }
    sim_machine_free(f.machine);
}

/* The deepest point lies inside a block that gives the stack back before it ends. */
static void stack_of_a_leaf_counts(void **state)
{
    (void)state;
    struct sim_run_config config = {.stack_limit = 0x20008000u - 44, .max_instructions = 1000};
    expect_failure("stm32l4r5", leaf_stack, sizeof leaf_stack, &config, "1000 instructions", "");
    config.stack_limit += 4;
    expect_failure("stm32l4r5", leaf_stack, sizeof leaf_stack, &config, "stack overflow",
                   "0x20007fd4");
}

static void names_odd_faults(void **state)
{
    (void)state;
    struct sim_run_config config = {.max_instructions = 1000};
    expect_failure("stm32l4r5", it_fault, sizeof it_fault, NULL, "read of 4 bytes at 0x60000000",
                   "instruction at 0x08000052");
    expect_failure("stm32l4r5", bad_return, sizeof bad_return, NULL, "jump to 0xfffffff0",
                   "0x08000040");
    expect_failure("stm32l4r5", many_marks, sizeof many_marks, &config, "markers", "0x08000040");
}

/* A double word is two transfers, whichever instruction moves it. */
static void double_words_are_two_transfers(void **state)
{
    (void)state;
    struct fixture f;
    struct sim_profile p;
    measure(&f, double_words, sizeof double_words, &p);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].reads, 4);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].writes, 2);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].read_bytes, 16);
    assert_int_equal(p.total.regions[SIM_REGION_SRAM].write_bytes, 8);
    sim_profile_free(&p);
}

/* Firmware that reads the cycle counter around a loop gets the number the profile has for it. */
static void reads_its_own_cycles(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32l4r5@20", "stm32l4r5", "stm32f746", "stm32u575"};
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct fixture f;
        struct sim_profile p;
        uint32_t own = 0;
        start(&f, chips[i], self_timed, sizeof self_timed, NULL);
        assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
        assert_int_equal(sim_machine_profile(f.machine, 1, &p, &f.err), CC_OK);
        assert_int_equal(sim_machine_read(f.machine, 0x20000000u, &own, 4, &f.err), CC_OK);
        /* The profile also holds what stands between the reads and the markers: less than ten
         * instructions and, on slow flash, their fetch. */
        assert_true(own >= 200 && own <= 1000);
        assert_in_range(p.total.cycles - own, 5, 45);
        sim_profile_free(&p);
        sim_machine_free(f.machine);
    }
}

static void reads_systick(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t words[4] = {0};
    start(&f, "stm32l4r5@20", tick_timed, sizeof tick_timed, NULL);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    assert_int_equal(sim_machine_read(f.machine, 0x20000000u, words, sizeof words, &f.err), CC_OK);
    assert_in_range(words[0], 295, 310);           /* 100 passes of three cycles, counting down */
    assert_int_equal(words[1] & 0x10000, 0);       /* not at zero yet */
    assert_int_equal(words[2] & 0x10007, 0x10005); /* passed zero, enabled, core clock */
    assert_int_equal(words[3] & 0x10000, 0);       /* the read cleared it */
    sim_machine_free(f.machine);
}

static uint64_t core_cycles_of(const char *chip, const uint16_t *code, size_t bytes)
{
    struct fixture f;
    struct sim_profile p;
    start(&f, chip, code, bytes, NULL);
    assert_int_equal(sim_machine_run(f.machine, &f.err), CC_OK);
    assert_int_equal(sim_machine_profile(f.machine, 1, &p, &f.err), CC_OK);
    uint64_t cycles = p.total.core_cycles;
    assert_int_equal(p.total.classes[SIM_CLASS_DIV], 100);
    assert_int_equal(p.total.instructions, 3 + 300 + 4);
    sim_profile_free(&p);
    sim_machine_free(f.machine);
    return cycles;
}

/* 0xffffffff / 1 takes 12 cycles on a Cortex-M4, 0 / 7 takes 2: every one of the 100 passes, the
 * first included, differs by 10. The M7's divide is not known by operands. */
static void divides_by_operands(void **state)
{
    (void)state;
    uint64_t slow = core_cycles_of("stm32l4r5@20", divide_loop, sizeof divide_loop);
    uint64_t quick = core_cycles_of("stm32l4r5@20", divide_short, sizeof divide_short);
    assert_int_equal(slow - quick, 1000);
    slow = core_cycles_of("stm32f746", divide_loop, sizeof divide_loop);
    quick = core_cycles_of("stm32f746", divide_short, sizeof divide_short);
    assert_in_range(slow, quick, quick + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_loop),
        cmocka_unit_test(counts_skipped_instructions),
        cmocka_unit_test(an_unaligned_load_is_one_access),
        cmocka_unit_test(names_faults),
        cmocka_unit_test(long_runs_tick),
        cmocka_unit_test(stack_overflow_is_found),
        cmocka_unit_test(a_hang_ends),
        cmocka_unit_test(core_model_is_honoured),
        cmocka_unit_test(registers_survive_stops),
        cmocka_unit_test(reads_its_own_cycles),
        cmocka_unit_test(reads_systick),
        cmocka_unit_test(divides_by_operands),
        cmocka_unit_test(invocations_add_up),
        cmocka_unit_test(stack_of_a_leaf_counts),
        cmocka_unit_test(names_odd_faults),
        cmocka_unit_test(double_words_are_two_transfers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
