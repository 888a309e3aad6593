/* Sleep, events and the counters that firmware measures itself with. */
#include "exceptions_harness.h"

static void sleeps_until_systick(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v6m",
                              .entry = "sleep_main",
                              .handlers = {{SYSTICK, "tick_handler"}},
                              .input = {7, 9999},
                              .reference = 1};
    for (size_t i = 0; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        const struct sim_counts *t = &o.profile.total;
        assert_int_equal(o.output[2], 3); /* with PRIMASK set the handler has to wait */
        assert_int_equal(o.output[3], 4);
        assert_int_equal(t->exceptions, 4);
        /* Four periods of 10000, nearly all of them asleep, and no cycle counted twice. */
        assert_in_range(t->sleep_cycles + t->cycles, 39900, 40400);
        assert_true(t->cycles < 1000);
        assert_true(o.profile.total.classes[SIM_CLASS_SYSTEM] >= 6);
        sim_profile_free(&o.profile);
    }
}

/* An address right behind a WFI is reached when the core wakes, once. */
static void windows_end_behind_wfi(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v6m",
                              .entry = "sleep_main",
                              .handlers = {{SYSTICK, "tick_handler"}},
                              .input = {7, 9999}};
    for (size_t i = 0; i < CORES; i++) {
        struct outcome o;
        struct sim_elf elf;
        uint32_t end;
        struct sim_machine *machine = load(cores[i].chip, &p, &elf, &o);
        must(sim_elf_symbol(&elf, "behind_last_wfi", &end, &o.err), &o.err);
        must(sim_machine_run_to(machine, end, &o.err), &o.err);
        must(sim_machine_profile(machine, 1, &o.profile, &o.err), &o.err);
        const struct sim_counts *t = &o.profile.total;
        assert_int_equal(t->exceptions, 3);
        assert_in_range(t->sleep_cycles + t->cycles, 39900, 40200);
        sim_profile_free(&o.profile);
        sim_machine_free(machine);
        sim_elf_close(&elf);
    }
}

static void reads_falling_reload(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v6m", .entry = "value_main"};
    for (size_t i = 0; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[0] & ~0x1fu, 0);
        assert_int_not_equal(o.output[0], 0);
        assert_int_equal(o.output[1], 0x10005);
        assert_int_equal(o.profile.total.exceptions, 0);
        sim_profile_free(&o.profile);
    }
}

/* The cycle counter stands still, the 32-bit hints work, and so do those an IT block skips. */
static void counter_stands_in_sleep(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v7m",
                              .entry = "wide_wfi_main",
                              .handlers = {{SYSTICK, "tick_handler"}},
                              .input = {0, 9999},
                              .reference = 1};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[1], 2);
        assert_int_equal(o.profile.total.exceptions, 2);
        assert_in_range(o.output[2], 2 * (cores[i].entry + cores[i].exit), 300);
        assert_true(o.profile.total.sleep_cycles > 19000);
        sim_profile_free(&o.profile);
    }
}

static void events_wake(void **state)
{
    UNUSED;
    struct program p = {.elf = "v6m",
                        .entry = "event_main",
                        .handlers = {{SYSTICK, "tick_handler"}},
                        .input = {0, 4999},
                        .reference = 1};
    for (size_t i = 0; i < CORES; i++) {
        struct outcome o;
        p.input[1] = 4999;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[0], 1);
        assert_int_equal(o.profile.total.exceptions, 1);
        assert_in_range(o.profile.total.sleep_cycles, 4000, 5000);
        sim_profile_free(&o.profile);
        p.input[1] = 0; /* SEV was used up by the first WFE */
        fail_with(cores[i].chip, &p, "went to sleep (WFE)", "expected SEV");
    }
}

static void sleeps_on_exit(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v7m",
                              .entry = "on_exit_main",
                              .handlers = {{SYSTICK, "on_exit_handler"}},
                              .input = {0, 999}};
    const struct program last = {.elf = "v7m",
                                 .entry = "on_exit_main",
                                 .handlers = {{SYSTICK, "last_exit_handler"}},
                                 .input = {0, 999}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[1], 3);
        assert_in_range(o.profile.total.sleep_cycles + o.profile.total.cycles, 2950, 3100);
        sim_profile_free(&o.profile);
        fail_with(cores[i].chip, &last, "went to sleep (SLEEPONEXIT)",
                  "expected a running SysTick");
    }
}

static uint32_t counter_growth(const char *chip, uint32_t turns, uint32_t reload, uint32_t offset,
                               struct sim_counts *counts)
{
    const struct program p = {.elf = "v7m",
                              .entry = "dwt_main",
                              .handlers = {{SYSTICK, "tick_handler"}},
                              .input = {turns, reload, offset}};
    struct outcome o;
    succeed(chip, &p, &o);
    *counts = o.profile.total;
    sim_profile_free(&o.profile);
    return o.output[0];
}

/* Instructions by the counters, and by the profile; both of more turns less those of fewer. */
static void counters_give_instructions(void **state)
{
    UNUSED;
    static const uint32_t reloads[] = {0, 211, 977};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        for (size_t r = 0; r < sizeof reloads / sizeof reloads[0]; r++) {
            const char *chip = cores[i].chip;
            struct sim_counts few, many;
            uint32_t retired = 0, all = 0, growth[7];
            for (uint32_t offset = 4; offset <= 24; offset += 4) {
                uint32_t more = counter_growth(chip, 40, reloads[r], offset, &many);
                growth[offset / 4] = more - counter_growth(chip, 3, reloads[r], offset, &few);
                retired += offset == 4 || offset == 24 ? growth[offset / 4] : -growth[offset / 4];
                all += offset == 4 || offset == 24 ? more : -more;
            }
            /* Two instructions in front of the first read's end, seven behind the second's. */
            if (!reloads[r])
                assert_int_equal(all & 0xff, (many.instructions - 9) & 0xff);
            assert_int_equal(retired & 0xff, (many.instructions - few.instructions) & 0xff);
            assert_int_equal(growth[1], many.cycles - few.cycles);
            assert_int_equal(growth[3] & 0xff,
                             (many.causes[SIM_CAUSE_EXCEPTION] - few.causes[SIM_CAUSE_EXCEPTION]) &
                                 0xff);
            assert_int_equal(growth[4] & 0xff, 0);
            assert_int_equal(growth[6] & 0xff, (many.paired - few.paired) & 0xff);
            assert_true((growth[5] & 0xff) || (growth[2] & 0xff));
        }
    }
}

/* The run ends inside a handler; a reset leads out of it, and out of every mode. */
static void resets_leave_handlers(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v7m",
                              .entry = "on_exit_main",
                              .handlers = {{SYSTICK, "on_exit_handler"}},
                              .input = {0, 999}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        struct sim_elf elf;
        struct sim_machine *machine = load(cores[i].chip, &p, &elf, &o);
        uint32_t output, count = 0;
        must(sim_elf_symbol(&elf, "output", &output, &o.err), &o.err);
        for (int turn = 0; turn < 3; turn++) {
            must(sim_machine_write(machine, output + 4, &count, 4, &o.err), &o.err);
            must(sim_machine_reset(machine, FLASH, &o.err), &o.err);
            must(sim_machine_run(machine, &o.err), &o.err);
            must(sim_machine_read(machine, output + 4, &count, 4, &o.err), &o.err);
            assert_int_equal(count, 3);
            count = 0;
        }
        sim_machine_free(machine);
        sim_elf_close(&elf);
    }
}

/* A handler at an exception return value would never execute anything. */
static void sleeping_cannot_hang(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v7m",
                              .entry = "on_exit_main",
                              .handlers = {{SYSTICK, "on_exit_handler"}},
                              .input = {0, 999}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        struct sim_elf elf;
        struct sim_machine *machine = load(cores[i].chip, &p, &elf, &o);
        uint32_t nowhere = 0xfffffff9u;
        must(sim_machine_write(machine, FLASH + 4 * SYSTICK, &nowhere, 4, &o.err), &o.err);
        assert_int_equal(sim_machine_run(machine, &o.err), CC_ERR_FIRMWARE);
        assert_non_null(strstr(o.err.message, "exception 15"));
        sim_machine_free(machine);
        sim_elf_close(&elf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleeps_until_systick),
        cmocka_unit_test(windows_end_behind_wfi),
        cmocka_unit_test(reads_falling_reload),
        cmocka_unit_test(counter_stands_in_sleep),
        cmocka_unit_test(events_wake),
        cmocka_unit_test(sleeps_on_exit),
        cmocka_unit_test(resets_leave_handlers),
        cmocka_unit_test(sleeping_cannot_hang),
        cmocka_unit_test(counters_give_instructions),
    };
    return cmocka_run_group_tests(tests, get_costs, NULL);
}
