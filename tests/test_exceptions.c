/* Exceptions on emulated cores: the results, the order of events and the cycles that must come out.
 */
#include "exceptions_harness.h"

static void svc_round_trip(void **state)
{
    UNUSED;
    const struct program p = {
        .elf = "v6m", .entry = "svc_main", .handlers = {{SVC, "svc_handler"}}, .reference = 1};
    static const uint32_t expected[] = {1 + 20 + 3 + 40 + 7, 20,         3,          40,
                                        0x44444444,          0x55555555, 0x66666666, 0x44444444,
                                        0x55555555,          0x66666666, 0x20003000};
    for (size_t i = 0; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_memory_equal(o.output, expected, sizeof expected);
        assert_int_equal(o.profile.total.exceptions, 1);
        assert_int_equal(o.profile.total.causes[SIM_CAUSE_EXCEPTION],
                         cores[i].entry + cores[i].exit);
        assert_int_equal(o.profile.total.classes[SIM_CLASS_SYSTEM], 2); /* SVC and MRS */
        sim_profile_free(&o.profile);
    }
}

static void svc_inside_it_blocks(void **state)
{
    UNUSED;
    const struct program p = {
        .elf = "v7m", .entry = "it_main", .handlers = {{SVC, "return_handler"}}, .reference = 1};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[0], 1);
        assert_int_equal(o.output[1], 3);
        assert_int_equal(o.profile.total.exceptions, 1);
        sim_profile_free(&o.profile);
    }
}

/* A computation with interrupts against the same without: the result, the registers, the cycles. */
static void compare_ticks(const struct core *core, const struct program *with,
                          const struct outcome *quiet, struct outcome *o)
{
    succeed(core->chip, with, o);
    const struct sim_counts *t = &o->profile.total;
    if (o->output[0] != quiet->output[0] || o->output[2] != quiet->output[2] ||
        o->output[3] != quiet->output[3] || o->output[5] != quiet->output[5])
        fail_msg("%s: %s with reload %u: result %08x, expected %08x", core->chip, with->entry,
                 with->input[1], o->output[0], quiet->output[0]);
    assert_int_equal(o->output[1], t->exceptions);
    assert_true(t->instructions > quiet->profile.total.instructions);
}

static void tick_counts(void **state)
{
    UNUSED;
    for (size_t i = 0; i < CORES; i++) {
        const struct core *core = &cores[i];
        struct program p = {.elf = "v6m",
                            .entry = "tick_main",
                            .handlers = {{SYSTICK, i & 1 ? "tick_pop_handler" : "tick_handler"}},
                            .input = {500, 0},
                            .reference = 1};
        struct outcome quiet, o;
        succeed(core->chip, &p, &quiet);
        assert_int_equal(quiet.profile.total.exceptions, 0);
        p.input[1] = 999;
        compare_ticks(core, &p, &quiet, &o);
        const struct sim_counts *t = &o.profile.total, *q = &quiet.profile.total;
        uint64_t n = t->exceptions;
        /* One every 1000 cycles, the last one may be pending still. */
        assert_in_range(n, t->cycles / 1000 - 1, t->cycles / 1000);
        assert_true(n >= 10);
        assert_int_equal(t->causes[SIM_CAUSE_EXCEPTION], n * (core->entry + core->exit));
        uint64_t handler = (t->instructions - q->instructions) / n;
        assert_int_equal(t->instructions - q->instructions, n * handler);
        assert_int_equal(handler, i & 1 ? 10 : 9);
        /* The handler's own cycles, stalls of its fetch included, and what the computation loses in
         * the pipeline and the flash buffers; more than nothing, less than five per instruction. */
        uint64_t own = t->cycles - q->cycles - n * (core->entry + core->exit);
        assert_in_range(own, n * handler / 2, n * handler * 5);
        sim_profile_free(&o.profile);
        sim_profile_free(&quiet.profile);
    }
}

/* Any interrupt at any place: a few hundred reload values over four computations. */
static void ticks_change_nothing(void **state)
{
    UNUSED;
    static const struct {
        const char *elf, *entry, *handler;
        size_t first;
        uint32_t turns;
    } loads[] = {
        {"v6m", "tick_main", "tick_handler", 0, 60},
        {"v7m", "tick_it_main", "tick_handler", FIRST_V7, 60},
        {"v7m", "tick_border_main", "tick_handler", FIRST_V7, 400},
        {"fp", "tick_fp_main", "tick_fp_handler", FIRST_FP, 80},
    };
    uint32_t random = 1;
    for (size_t l = 0; l < sizeof loads / sizeof loads[0]; l++) {
        for (size_t i = loads[l].first; i < CORES; i++) {
            struct program p = {.elf = loads[l].elf,
                                .entry = loads[l].entry,
                                .handlers = {{SYSTICK, loads[l].handler}},
                                .input = {loads[l].turns, 0}};
            struct outcome quiet, o;
            succeed(cores[i].chip, &p, &quiet);
            for (int seed = 0; seed < 20; seed++) {
                random = random * 1664525u + 1013904223u;
                p.input[1] = 120 + (random >> 16) % (seed < 10 ? 100 : 1500);
                p.reference = seed % 5 == 0;
                compare_ticks(&cores[i], &p, &quiet, &o);
                sim_profile_free(&o.profile);
            }
            sim_profile_free(&quiet.profile);
        }
    }
}

static void same_run_same_counts(void **state)
{
    UNUSED;
    const struct program p = {.elf = "v7m",
                              .entry = "tick_it_main",
                              .handlers = {{SYSTICK, "tick_handler"}},
                              .input = {300, 311}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome a, b;
        succeed(cores[i].chip, &p, &a);
        succeed(cores[i].chip, &p, &b);
        assert_memory_equal(&a.profile.total, &b.profile.total, sizeof a.profile.total);
        assert_memory_equal(a.output, b.output, sizeof a.output);
        sim_profile_free(&a.profile);
        sim_profile_free(&b.profile);
    }
}

static void nests_and_chains(void **state)
{
    UNUSED;
    const struct program nest = {.elf = "v6m",
                                 .entry = "nest_main",
                                 .handlers = {{IRQ0 + 3, "nest3_handler"},
                                              {IRQ0 + 5, "nest5_handler"},
                                              {IRQ0 + 7, "nest7_handler"}},
                                 .reference = 1};
    const struct program chain = {
        .elf = "v6m",
        .entry = "chain_main",
        .handlers = {{IRQ0 + 3, "chain_handler"}, {IRQ0 + 5, "chain_handler"}},
        .reference = 1};
    for (size_t i = 0; i < CORES; i++) {
        const struct core *c = &cores[i];
        expect_letters(c, &nest, "35e7m", 3, 2 * c->entry + 2 * c->exit + c->chain);
        expect_letters(c, &chain, "dfm", 2, c->entry + c->exit + c->chain);
    }
}

static void masks_hold_back(void **state)
{
    UNUSED;
    const struct program primask = {
        .elf = "v6m", .entry = "mask_main", .handlers = {{PENDSV, "note_pendsv"}}, .reference = 1};
    const struct program basepri = {.elf = "v7m",
                                    .entry = "base_main",
                                    .handlers = {{IRQ0 + 3, "base_handler"}},
                                    .reference = 1};
    for (size_t i = 0; i < CORES; i++) {
        const struct core *c = &cores[i];
        expect_letters(c, &primask, "apbc", 1, c->entry + c->exit);
        if (i >= FIRST_V7)
            expect_letters(c, &basepri, "aibcid", 2, 2 * (c->entry + c->exit));
    }
}

/* ICSR in its handler: NMI active and the only one. */
static void nmi_passes_all_masks(void **state)
{
    UNUSED;
    const struct program p = {
        .elf = "v7m", .entry = "nmi_main", .handlers = {{NMI, "nmi_handler"}}, .reference = 1};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[0], 0x802);
        assert_int_equal(o.output[1], 1); /* FAULTMASK survives an NMI */
        assert_int_equal(o.profile.total.exceptions, 1);
        sim_profile_free(&o.profile);
    }
}

static void priority_groups(void **state)
{
    UNUSED;
    struct program p = {.elf = "v7m",
                        .entry = "group_main",
                        .handlers = {{IRQ0 + 3, "group3_handler"}, {IRQ0 + 5, "group5_handler"}},
                        .input = {0x05fa0000}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        const struct core *c = &cores[i];
        p.input[0] = 0x05fa0000;
        expect_letters(c, &p, "35em", 2, 2 * (c->entry + c->exit));
        p.input[0] = 0x05fa0700;
        expect_letters(c, &p, "3e5m", 2, c->entry + c->exit + c->chain);
        p.input[0] = 0x00000700; /* without the key nothing happens */
        expect_letters(c, &p, "35em", 2, 2 * (c->entry + c->exit));
    }
}

static void high_interrupts(void **state)
{
    UNUSED;
    const struct program p = {
        .elf = "v7m", .entry = "high_main", .handlers = {{IRQ0 + 70, "high_handler"}}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        succeed(cores[i].chip, &p, &o);
        assert_int_equal(o.output[0], IRQ0 + 70);
        assert_int_equal(o.output[1], 64);
        assert_int_equal(o.output[2], 0);
        assert_int_equal(o.output[3], 0x50); /* four bits of it exist */
        sim_profile_free(&o.profile);
    }
}

static void unprivileged_threads(void **state)
{
    UNUSED;
    const struct program svc = {
        .elf = "v7m", .entry = "user_svc_main", .handlers = {{SVC, "user_svc_handler"}}};
    struct program tick = {.elf = "v7m",
                           .entry = "user_main",
                           .handlers = {{SYSTICK, "tick_handler"}},
                           .input = {0, 50}};
    for (size_t i = FIRST_V7; i < CORES; i++) {
        struct outcome o;
        int v8m = strstr(cores[i].chip, "u575") != NULL;
        succeed(cores[i].chip, &svc, &o);
        assert_int_equal(o.output[0], 3);
        assert_int_equal(o.output[1], 2); /* privileged now, still on the process stack */
        assert_int_equal(o.output[2], 0x20002000);
        assert_int_equal(o.output[3] & 2, 0); /* in the handler */
        assert_int_equal(o.output[4], v8m ? 0xffffffbc : 0xfffffffd);
        assert_int_equal(o.output[5], 0x20002000 - 32);
        sim_profile_free(&o.profile);
        tick.input[2] = 0;
        tick.input[1] = 80;
        succeed(cores[i].chip, &tick, &o);
        assert_true(o.output[2] >= 2);
        assert_int_equal(o.output[3] & 3, 3);
        sim_profile_free(&o.profile);
        /* PRIMASK stays set in unprivileged code, which cannot clear it. */
        tick.input[2] = 1;
        succeed(cores[i].chip, &tick, &o);
        assert_int_equal(o.output[2], 0);
        assert_int_equal(o.output[3] & 3, 3);
        assert_int_equal(o.profile.total.exceptions, 0);
        sim_profile_free(&o.profile);
    }
}

/* Two threads with floating-point registers in use, switched by PendSV. */
static void switches_fp_threads(void **state)
{
    UNUSED;
    struct program p = {.elf = "fp",
                        .entry = "threads_main",
                        .handlers = {{PENDSV, "switch_pendsv"}, {SYSTICK, "switch_tick"}},
                        .input = {2000, 0},
                        .reference = 1};
    for (size_t i = FIRST_FP; i < CORES; i++) {
        struct outcome alone, o;
        p.input[1] = 0; /* one after the other */
        succeed(cores[i].chip, &p, &alone);
        assert_int_equal(alone.output[2], 2);
        for (uint32_t reload = 350; reload < 1500; reload += 113) {
            p.input[1] = reload;
            succeed(cores[i].chip, &p, &o);
            assert_int_equal(o.output[0], alone.output[0]);
            assert_int_equal(o.output[1], alone.output[1]);
            assert_int_not_equal(o.output[0], o.output[1]);
            assert_true(o.output[2] > 20);
            sim_profile_free(&o.profile);
        }
        sim_profile_free(&alone.profile);
    }
}

/* What two SVCs cost with floating-point registers in use, by FPCCR and by what the handler does.
 */
static void fp_frames_cost(void **state)
{
    UNUSED;
    static const uint32_t less_than = 0x80000000;
    static const uint32_t lazily = 0xc0000000, at_once = 0x80000000, not_at_all = 0;
    const struct {
        uint32_t fpccr;
        const char *handler;
        uint32_t frames; /* fp_frame_cycles charged */
        uint32_t kept;
    } cases[] = {
        {lazily, "idle_handler", 0, 1},     {lazily, "busy_handler", 2, 1},
        {at_once, "idle_handler", 2, 1},    {at_once, "busy_handler", 2, 1},
        {not_at_all, "idle_handler", 0, 1}, {not_at_all, "busy_handler", 0, 0},
    };
    for (size_t i = FIRST_FP; i < CORES; i++) {
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
            const struct core *c = &cores[i];
            const struct program p = {.elf = "fp",
                                      .entry = "frame_main",
                                      .handlers = {{SVC, cases[k].handler}},
                                      .input = {cases[k].fpccr},
                                      .reference = 1};
            struct outcome o;
            succeed(c->chip, &p, &o);
            assert_int_equal(o.profile.total.causes[SIM_CAUSE_EXCEPTION],
                             2 * (c->entry + c->exit + cases[k].frames * c->fp_frame));
            assert_int_equal(o.output[0], cases[k].kept ? 0x3f800000 : 0x41000000);
            assert_int_equal(o.output[1], cases[k].kept ? 0x40400000 : 0x41000000);
            assert_int_equal(o.output[2] & 0xf0000000, cases[k].kept ? less_than : 0x60000000);
            assert_int_equal(o.output[3] & 4, 4);
            assert_int_equal(o.output[4] & 0x10, cases[k].fpccr ? 0 : 0x10);
            sim_profile_free(&o.profile);
        }
    }
}

struct nesting {
    uint32_t fpccr;
    const char *outer, *inner;
    uint32_t frames;  /* fp_frame_cycles charged, for saving and for putting back */
    uint32_t stacked; /* frames with floating-point registers: bit 0 outer, bit 1 inner */
};

static void check_nesting(const struct core *c, const struct nesting *n)
{
    static const uint32_t one = 0x3f800000, three = 0x40400000, less = 0x80000000;
    static const uint32_t sixteen = 0x41800000, four = 0x40800000, greater = 0x20000000;
    const struct program p = {.elf = "fp",
                              .entry = "nest_fp_main",
                              .handlers = {{SVC, n->outer}, {PENDSV, n->inner}},
                              .input = {n->fpccr},
                              .reference = 1};
    struct outcome o;
    succeed(c->chip, &p, &o);
    uint64_t cycles = o.profile.total.causes[SIM_CAUSE_EXCEPTION];
    uint64_t expected = 2 * (c->entry + c->exit) + n->frames * c->fp_frame;
    if (cycles != expected)
        fail_msg("%s: %s preempted by %s: %u cycles, expected %u", c->chip, n->outer, n->inner,
                 (unsigned)cycles, (unsigned)expected);
    assert_int_equal(o.profile.total.exceptions, 2);
    assert_int_equal(o.output[0], one);
    assert_int_equal(o.output[1], three);
    assert_int_equal(o.output[2] & 0xf0000000, less);
    assert_int_equal(o.output[4] & 0x10, n->stacked & 2 ? 0 : 0x10);
    assert_int_equal(o.output[8] & 0x10, n->stacked & 1 ? 0 : 0x10);
    if (strcmp(n->outer, "outer_busy_handler") == 0) {
        assert_int_equal(o.output[5], sixteen);
        assert_int_equal(o.output[6], four);
        assert_int_equal(o.output[7] & 0xf0000000, greater);
    }
    sim_profile_free(&o.profile);
}

/* Lazily stacked registers of the thread are saved once a handler uses the FPU, those of the
 * handler once the one that preempts it does; each frame that was saved is put back. */
static void fp_handlers_preempted(void **state)
{
    UNUSED;
    static const uint32_t lazily = 0xc0000000, at_once = 0x80000000;
    const struct nesting cases[] = {
        {lazily, "outer_idle_handler", "idle_handler", 0, 1},
        {lazily, "outer_idle_handler", "busy_handler", 2, 1},
        {lazily, "outer_busy_handler", "idle_handler", 2, 3},
        {lazily, "outer_busy_handler", "busy_handler", 4, 3},
        {at_once, "outer_idle_handler", "busy_handler", 2, 1},
        {at_once, "outer_busy_handler", "busy_handler", 4, 3},
    };
    for (size_t i = FIRST_FP; i < CORES; i++) {
        assert_true(cores[i].fp_frame > 0);
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
            check_nesting(&cores[i], &cases[k]);
    }
}

static void every_trap_has_its_message(void **state)
{
    UNUSED;
    struct program p = {.elf = "v6m", .max_instructions = 100000};
    for (size_t i = 0; i < CORES; i++) {
        const char *chip = cores[i].chip;
        p.entry = "bkpt_main";
        fail_with(chip, &p, "BKPT", "0x0800");
        fail_with(chip, &p, "BKPT", "take it out");
        p.entry = "udf_main";
        fail_with(chip, &p, "undefined instruction", "built for");
        p.entry = "sleep_for_ever_main";
        fail_with(chip, &p, "went to sleep (WFI)",
                  "expected a running SysTick or another exception pending");
        p.entry = "wait_for_ever_main";
        fail_with(chip, &p, "went to sleep (WFE)", "SEV in front of it, a running SysTick");
        p.entry = "reset_main";
        fail_with(chip, &p, "system reset",
                  "(AIRCR.SYSRESETREQ); expected code that runs on to its end: take the reset out");
        p.entry = "masked_svc_main";
        fail_with(chip, &p, "SVC before", "PRIMASK");
        fail_with(chip, &p, "firmware: in ", "SVC before");
        p.entry = "bad_stack_main";
        fail_with(chip, &p, "not in RAM", "stack pointer");
    }
    p.entry = "unaligned_main"; /* allowed from ARMv7-M on */
    fail_with(cores[0].chip, &p, "unaligned", "0x0800");
    fail_with(cores[0].chip, &p, "expected an address aligned", "look at the pointer");
}

static void bad_vectors_and_returns(void **state)
{
    UNUSED;
    struct program p = {.elf = "v6m",
                        .entry = "no_handler_main",
                        .handlers = {{SVC, "bad_return_handler"}},
                        .max_instructions = 100000};
    for (size_t i = 0; i < CORES; i++) {
        const char *chip = cores[i].chip;
        struct outcome o;
        struct sim_elf elf;
        p.handlers[0].name = "bad_return_handler";
        fail_with(chip, &p, "exception return with 0xffffffe", "from exception 11");
        fail_with(chip, &p, cores[i].core == SIM_CORTEX_M33 ? "of 0xffffffb0," : "of 0xfffffff1,",
                  "; return with the LR that the handler began with");
        p.handlers[0].name = "wrong_level_handler";
        fail_with(chip, &p, "returns to a handler", "from exception 11");
        fail_with(chip, &p, "expected bit 3 set", "LR that the handler began with");
        p.handlers[0].name = "bad_frame_handler";
        fail_with(chip, &p, "exception return", "overwritten");
        struct sim_machine *machine = load(chip, &p, &elf, &o);
        uint32_t nothing = 0;
        must(sim_machine_write(machine, FLASH + 4 * SVC, &nothing, 4, &o.err), &o.err);
        assert_int_equal(sim_machine_run(machine, &o.err), CC_ERR_FIRMWARE);
        assert_non_null(strstr(o.err.message, "exception 11 at 0x0800"));
        assert_non_null(strstr(o.err.message, "0x0800002c"));
        sim_machine_free(machine);
        sim_elf_close(&elf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(svc_round_trip),
        cmocka_unit_test(svc_inside_it_blocks),
        cmocka_unit_test(tick_counts),
        cmocka_unit_test(ticks_change_nothing),
        cmocka_unit_test(same_run_same_counts),
        cmocka_unit_test(nests_and_chains),
        cmocka_unit_test(masks_hold_back),
        cmocka_unit_test(nmi_passes_all_masks),
        cmocka_unit_test(priority_groups),
        cmocka_unit_test(high_interrupts),
        cmocka_unit_test(unprivileged_threads),
        cmocka_unit_test(switches_fp_threads),
        cmocka_unit_test(fp_frames_cost),
        cmocka_unit_test(fp_handlers_preempted),
        cmocka_unit_test(every_trap_has_its_message),
        cmocka_unit_test(bad_vectors_and_returns),
    };
    return cmocka_run_group_tests(tests, get_costs, NULL);
}
