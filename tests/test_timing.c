/* Core timing: the tables of the manuals and the measured rules as short sequences with their
 * cycles, and what the cycles went into. */
#include "timing_walker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REPETITIONS 16

/* Addresses: the moves in front end where the sequence starts. */
static void surround(struct code *code, const struct row *row, size_t *first, size_t *last)
{
    code->end = row->address - 2 * MOVES;
    append_moves(code, row->core, MOVES);
    *first = code->count;
    append(code, row->core, row->code, row->halfwords);
    *last = code->count;
    append_moves(code, row->core, 1);
}

static uint32_t cycles_seq(const struct row *row)
{
    struct code code = {.count = 0};
    struct walker w;
    size_t first, last;
    uint32_t before;

    surround(&code, row, &first, &last);
    start(&w, row->core, row->isolated_wait);
    walk(&w, code.insns, first);
    before = w.cycles;
    walk(&w, code.insns + first, last + 1 - first);
    return w.cycles - before - 1;
}

static uint32_t cycles_taken(const struct row *row)
{
    struct code code = {.count = 0}, target = {.end = (row->address & 0xf0000000) + 0x2000};
    struct walker w;
    size_t first, last;
    uint32_t before;

    surround(&code, row, &first, &last);
    append_moves(&target, row->core, 1);
    start(&w, row->core, row->isolated_wait);
    walk(&w, code.insns, first);
    before = w.cycles;
    walk(&w, code.insns + first, last - first);
    branch(&w, &code.insns[last - 1], &target.insns[0]);
    walk(&w, target.insns, 1);
    return w.cycles - before - 1;
}

static uint32_t cycles_loop(const struct row *row)
{
    struct code code = {.end = row->address};
    struct walker w;
    uint32_t before;

    append(&code, row->core, row->code, row->halfwords);
    start(&w, row->core, row->isolated_wait);
    walk(&w, code.insns, code.count);
    before = w.cycles;
    branch(&w, &code.insns[code.count - 1], &code.insns[0]);
    walk(&w, code.insns, code.count);
    return w.cycles - before;
}

static uint32_t cycles_repeat(const struct row *row)
{
    struct code code = {.end = row->address};
    struct walker w;
    size_t half = 0;
    uint32_t before;

    for (int i = 0; i < REPETITIONS; i++) {
        append(&code, row->core, row->code, row->halfwords);
        if (i == REPETITIONS / 2 - 1)
            half = code.count;
    }
    start(&w, row->core, row->isolated_wait);
    walk(&w, code.insns, half);
    before = w.cycles;
    walk(&w, code.insns + half, code.count - half);
    return (w.cycles - before) / (REPETITIONS / 2);
}

static uint32_t cycles_of(const struct row *row)
{
    switch (row->how) {
    case SEQ:
        return cycles_seq(row);
    case TAKEN:
        return cycles_taken(row);
    case LOOP:
        return cycles_loop(row);
    case REPEAT:
        break;
    }
    return cycles_repeat(row);
}

static void sequences(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < timing_row_count; i++) {
        uint32_t cycles = cycles_of(&timing_rows[i]);

        if (cycles == timing_rows[i].cycles)
            continue;
        print_error("%s: %s: %u cycles, expected %u\n", sim_timing_for(timing_rows[i].core)->family,
                    timing_rows[i].text, cycles, timing_rows[i].cycles);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void families(void **state)
{
    static const char *const names[SIM_CORE_COUNT] = {"Cortex-M0", "Cortex-M0+", "Cortex-M3",
                                                      "Cortex-M4", "Cortex-M7",  "Cortex-M33"};

    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        const struct sim_timing *timing = sim_timing_for((enum sim_core)core);

        assert_string_equal(timing->family, names[core]);
        assert_int_equal(timing->predicts_branches, core == SIM_CORTEX_M7);
        assert_non_null(timing->unaligned_extra);
        assert_int_equal(timing->divide_extra != NULL,
                         core == SIM_CORTEX_M3 || core == SIM_CORTEX_M4 || core == SIM_CORTEX_M33);
    }
}

/* The small multiplier of Cortex-M0 and M0+ is a choice of the silicon. */
static void small_multiplier(void **state)
{
    static const uint16_t muls[] = {0x4348};

    (void)state;
    for (int core = SIM_CORTEX_M0; core <= SIM_CORTEX_M0PLUS; core++) {
        struct code code = {.end = 0x1000};
        struct walker w;

        append(&code, (enum sim_core)core, muls, 1);
        start(&w, (enum sim_core)core, 0);
        w.chip.multiply_cycles = 32;
        walk(&w, code.insns, 1);
        assert_int_equal(w.cycles, 32);
    }
}

/* Divides by operands, in all: what a step charges (rows above) and the extra. */
static void divides(void **state)
{
    static const struct {
        uint32_t dividend, divisor;
        int is_signed;
        int32_t m4, m33;
    } cases[] = {
        {0xffffffff, 1, 0, 12, 11},
        {5, 9, 0, 3, 3},
        {0, 7, 0, 2, 2},
        {100, 100, 0, 5, 5},
        {7, 0, 0, 2, 2},
        {16, 1, 1, 6, 6},
        {0xfffffff0, 1, 1, 6, 6},
        {0xffffffff, 1, 1, 5, 5},
        {0x80000000, 1, 1, 12, 11},
        {0x80000000, 0xffffffff, 1, 12, 11},
        {1000, 0xfffffff6, 1, 6, 6},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t a = cases[i].dividend, b = cases[i].divisor;

        assert_int_equal(6 + sim_timing_m3.divide_extra(a, b, cases[i].is_signed), cases[i].m4);
        assert_int_equal(6 + sim_timing_m4.divide_extra(a, b, cases[i].is_signed), cases[i].m4);
        assert_int_equal(6 + sim_timing_m33.divide_extra(a, b, cases[i].is_signed), cases[i].m33);
    }
}

/* Loads, then stores: those of M3, M4 and M7 wait in a write buffer. */
static void unaligned(void **state)
{
    static const struct {
        uint32_t address, bytes;
        uint32_t m4, m33, m7;
    } cases[] = {
        {0x20000000, 4, 0, 0, 0}, {0x20000001, 1, 0, 0, 0}, {0x20000002, 2, 0, 0, 0},
        {0x20000001, 2, 1, 1, 3}, {0x20000002, 4, 1, 1, 3}, {0x20000001, 4, 2, 1, 3},
        {0x20000003, 4, 2, 1, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t a = cases[i].address, n = cases[i].bytes;

        for (int is_write = 0; is_write < 2; is_write++) {
            assert_int_equal(sim_timing_m0.unaligned_extra(a, n, is_write), 0);
            assert_int_equal(sim_timing_m0plus.unaligned_extra(a, n, is_write), 0);
        }
        assert_int_equal(sim_timing_m3.unaligned_extra(a, n, 0), cases[i].m4);
        assert_int_equal(sim_timing_m4.unaligned_extra(a, n, 0), cases[i].m4);
        assert_int_equal(sim_timing_m33.unaligned_extra(a, n, 0), cases[i].m33);
        assert_int_equal(sim_timing_m7.unaligned_extra(a, n, 0), cases[i].m7);
        assert_int_equal(sim_timing_m3.unaligned_extra(a, n, 1), 0);
        assert_int_equal(sim_timing_m4.unaligned_extra(a, n, 1), 0);
        assert_int_equal(sim_timing_m7.unaligned_extra(a, n, 1), 0);
    }
}

/* Entry, return and tail-chaining, of the manuals where they say. */
static void exceptions(void **state)
{
    static const uint32_t entries[SIM_CORE_COUNT] = {16, 15, 12, 12, 12, 12};

    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        const struct sim_timing *timing = sim_timing_for((enum sim_core)core);

        assert_int_equal(timing->exception_entry, entries[core]);
        assert_in_range(timing->exception_return, 10, timing->exception_entry);
        assert_true(timing->tail_chain > 0 && timing->tail_chain < timing->exception_entry);
    }
    assert_int_equal(sim_timing_m4.exception_return, 10);
    assert_int_equal(sim_timing_m4.tail_chain, 6);
    assert_int_equal(sim_timing_m4.exception_entry + sim_timing_m4.fp_frame_cycles, 29);
    assert_int_equal(sim_timing_m4.exception_return + sim_timing_m4.fp_frame_cycles, 27);
    assert_int_equal(sim_timing_m3.fp_frame_cycles, 0);
}

/* The entry of the exception covers the refill behind SVC. */
static void supervisor_calls(void **state)
{
    static const uint16_t svc[] = {0xdf00};

    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        struct code code = {.end = 0x1000}, handler = {.end = 0x2002};
        struct walker w;
        uint32_t own;

        append(&code, (enum sim_core)core, svc, 1);
        append_moves(&handler, (enum sim_core)core, 1);
        start(&w, (enum sim_core)core, 0);
        walk(&w, code.insns, 1);
        assert_in_range(w.cycles, 1, 3);
        own = w.cycles;
        branch(&w, code.insns, handler.insns);
        assert_int_equal(w.cycles, own);
    }
}

static void branches_from_nowhere(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        struct walker w;

        start(&w, (enum sim_core)core, 0);
        branch(&w, NULL, NULL);
        assert_in_range(w.cycles, 1, 3);
    }
}

/* "issue 3, load_use 1, 1 overlapped": the non-zero figures of some steps, summed. */
static void describe(const struct sim_step *sum, char *text, size_t size)
{
    size_t used = 0;

    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (sum->causes[c] && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s %u", used ? ", " : "",
                                     sim_cause_name((enum sim_cause)c), sum->causes[c]);
    }
    if (used < size)
        snprintf(text + used, size - used, "%s%s%s", sum->isolated ? ", isolated" : "",
                 sum->overlapped ? ", overlapped" : "", sum->paired ? ", paired" : "");
}

static void add_step(struct sim_step *sum, const struct sim_step *step)
{
    for (int c = 0; c < SIM_CAUSE_COUNT; c++)
        sum->causes[c] += step->causes[c];
    sum->isolated |= step->isolated;
    sum->overlapped |= step->overlapped;
    sum->paired |= step->paired;
}

/* Where the cycles of a sequence go; one for the move behind it is in them. */
static void attributions(void **state)
{
    static const struct {
        struct row row; /* its cycles are not looked at */
        const char *causes;
    } cases[] = {
#define ATTRIBUTION(core, address, w, causes, text, ...)                                           \
    {{SIM_CORTEX_##core, SEQ, address, w, 0, text, __VA_ARGS__}, causes},
#include "timing_causes.def"
#undef ATTRIBUTION
    };
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct code code = {.count = 0};
        struct sim_step sum = {.causes = {0}};
        struct walker w;
        size_t first, last;
        char text[200] = "";

        surround(&code, &cases[i].row, &first, &last);
        start(&w, cases[i].row.core, cases[i].row.isolated_wait);
        walk(&w, code.insns, first);
        for (size_t k = first; k <= last; k++) {
            walk(&w, &code.insns[k], 1);
            add_step(&sum, &w.step);
        }
        describe(&sum, text, sizeof text);
        if (strcmp(text, cases[i].causes) == 0)
            continue;
        print_error("%s: %s: %s, expected %s\n", w.timing->family, cases[i].row.text, text,
                    cases[i].causes);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences),        cmocka_unit_test(families),
        cmocka_unit_test(small_multiplier), cmocka_unit_test(divides),
        cmocka_unit_test(unaligned),        cmocka_unit_test(exceptions),
        cmocka_unit_test(supervisor_calls), cmocka_unit_test(branches_from_nowhere),
        cmocka_unit_test(attributions),
    };

    return cmocka_run_group_tests(tests, decoders_setup, decoders_teardown);
}
