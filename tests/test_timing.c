/* Core timing: the tables of the manuals and the measured rules as short sequences with their
 * cycles, and properties that hold for any code. */
#include "sim_decode.h"
#include "timing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a)      (sizeof(a) / sizeof *(a))
#define MAX_INSNS     400
#define MAX_HALFWORDS 20
#define REPETITIONS   16

enum how { SEQ, TAKEN, LOOP, REPEAT };

struct row {
    enum sim_core core;
    enum how how;
    uint32_t address, isolated_wait, cycles;
    const char *text;
    size_t halfwords;
    uint16_t code[MAX_HALFWORDS];
};

#define H(...)                                                                                     \
    COUNT(((uint16_t[]){__VA_ARGS__})),                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ROW(core, how, address, w, cycles, text, ...)                                              \
    {SIM_CORTEX_##core, how, address, w, cycles, text, __VA_ARGS__},

static const struct row rows[] = {
#include "timing_rows.def"
};

/* Instructions behind one another in memory. */
struct code {
    struct sim_insn insns[MAX_INSNS];
    size_t count;
    uint32_t end; /* address behind the last one */
};

static struct sim_decoder *decoders[SIM_CORE_COUNT];

static int setup(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        if (sim_decoder_new((enum sim_core)core, &decoders[core], NULL))
            return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++)
        sim_decoder_free(decoders[core]);
    return 0;
}

static void append(struct code *code, enum sim_core core, const uint16_t *halfwords, size_t count)
{
    uint8_t bytes[2 * MAX_HALFWORDS];

    assert_true(count <= MAX_HALFWORDS);
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)halfwords[i];
        bytes[2 * i + 1] = (uint8_t)(halfwords[i] >> 8);
    }
    code->count += sim_decode_block(decoders[core], code->end, bytes, 2 * count,
                                    code->insns + code->count, MAX_INSNS - code->count, NULL);
    code->end += 2 * (uint32_t)count;
    assert_true(code->count < MAX_INSNS);
}

/* Eight times mov r10, r10: a known state in front of a sequence, and one behind it. */
static const uint16_t moves[SIM_TIMING_TAIL] = {0x46d2, 0x46d2, 0x46d2, 0x46d2,
                                                0x46d2, 0x46d2, 0x46d2, 0x46d2};

static struct sim_chip chip_of(enum sim_core core)
{
    struct sim_chip chip = {.core = core, .multiply_cycles = 1};

    return chip;
}

/* Cycles of insns[from, to) entered by falling through from what is in front of them. */
static uint32_t straight(enum sim_core core, const struct sim_insn *insns, size_t from, size_t to,
                         uint32_t isolated_wait)
{
    struct sim_chip chip = chip_of(core);
    size_t tail = from < SIM_TIMING_TAIL ? from : SIM_TIMING_TAIL;
    struct sim_timing_edge edge = {.tail = insns + from - tail,
                                   .tail_count = tail,
                                   .block = insns + from,
                                   .count = to - from,
                                   .chip = &chip,
                                   .data_isolated_wait = isolated_wait};

    return sim_timing_for(core)->edge_cycles(&edge);
}

/* Cycles of block[0, count) entered by a taken branch at the end of before[0, before_count). */
static uint32_t jump(enum sim_core core, const struct sim_insn *before, size_t before_count,
                     const struct sim_insn *block, size_t count)
{
    struct sim_chip chip = chip_of(core);
    size_t tail = before_count < SIM_TIMING_TAIL ? before_count : SIM_TIMING_TAIL;
    struct sim_timing_edge edge = {.tail = before + before_count - tail,
                                   .tail_count = tail,
                                   .taken = 1,
                                   .block = block,
                                   .count = count,
                                   .chip = &chip};

    return sim_timing_for(core)->edge_cycles(&edge);
}

/* Addresses: the moves in front end where the sequence starts. */
static void surround(struct code *code, const struct row *row, size_t *first, size_t *last)
{
    code->end = row->address - sizeof moves;
    append(code, row->core, moves, COUNT(moves));
    *first = code->count;
    append(code, row->core, row->code, row->halfwords);
    *last = code->count;
    append(code, row->core, moves, 1);
}

static uint32_t cycles_seq(const struct row *row)
{
    struct code code = {.count = 0};
    size_t first, last;

    surround(&code, row, &first, &last);
    return straight(row->core, code.insns, first, last + 1, row->isolated_wait) - 1;
}

static uint32_t cycles_taken(const struct row *row)
{
    struct code code = {.count = 0}, target = {.end = 0x2000};
    size_t first, last;

    surround(&code, row, &first, &last);
    append(&target, row->core, moves, 1);
    return straight(row->core, code.insns, first, last, row->isolated_wait) +
           jump(row->core, code.insns, last, target.insns, 1) - 1;
}

static uint32_t cycles_loop(const struct row *row)
{
    struct code code = {.end = row->address};

    append(&code, row->core, row->code, row->halfwords);
    return jump(row->core, code.insns, code.count, code.insns, code.count);
}

static uint32_t cycles_repeat(const struct row *row)
{
    struct code code = {.end = row->address};
    size_t half = 0;

    for (int i = 0; i < REPETITIONS; i++) {
        append(&code, row->core, row->code, row->halfwords);
        if (i == REPETITIONS / 2 - 1)
            half = code.count;
    }
    return (straight(row->core, code.insns, 0, code.count, row->isolated_wait) -
            straight(row->core, code.insns, 0, half, row->isolated_wait)) /
           (REPETITIONS / 2);
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
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t cycles = cycles_of(&rows[i]);

        if (cycles == rows[i].cycles)
            continue;
        print_error("%s: %s: %u cycles, expected %u\n", sim_timing_for(rows[i].core)->family,
                    rows[i].text, cycles, rows[i].cycles);
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
        struct sim_chip chip = {.multiply_cycles = 32};
        struct sim_timing_edge edge = {.block = code.insns, .count = 1, .chip = &chip};

        append(&code, (enum sim_core)core, muls, 1);
        assert_int_equal(sim_timing_for((enum sim_core)core)->edge_cycles(&edge), 32);
    }
}

/* Divides by operands, in all: what edge_cycles charges (rows above) and the extra. */
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

        assert_int_equal(sim_timing_m0.unaligned_extra(a, n), 0);
        assert_int_equal(sim_timing_m0plus.unaligned_extra(a, n), 0);
        assert_int_equal(sim_timing_m3.unaligned_extra(a, n), cases[i].m4);
        assert_int_equal(sim_timing_m4.unaligned_extra(a, n), cases[i].m4);
        assert_int_equal(sim_timing_m33.unaligned_extra(a, n), cases[i].m33);
        assert_int_equal(sim_timing_m7.unaligned_extra(a, n), cases[i].m7);
    }
}

static void empty_edges(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        struct sim_timing_edge edge = {.taken = 0};
        const struct sim_timing *timing = sim_timing_for((enum sim_core)core);

        assert_int_equal(timing->edge_cycles(&edge), 0);
        edge.taken = 1; /* from nowhere: a refill */
        assert_in_range(timing->edge_cycles(&edge), 1, 3);
    }
}

static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

/* Straight-line instructions of all kinds, from the sequences above. */
static size_t collect_pool(enum sim_core core, struct sim_insn *pool, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct code code = {.end = 0x1000};

        if (rows[i].core != core)
            continue;
        append(&code, core, rows[i].code, rows[i].halfwords);
        for (size_t k = 0; k < code.count && count < max; k++) {
            if (!code.insns[k].branch)
                pool[count++] = code.insns[k];
        }
    }
    return count;
}

#define POOL   1000
#define LENGTH 40
#define KINDS  10

/* A random sequence of a few different instructions, so that they repeat, alternate and share
 * registers in every way. */
static void random_sequence(uint64_t *seed, const struct sim_insn *pool, size_t pool_count,
                            struct sim_insn *insns)
{
    uint32_t address = 0x1000 + 2 * (next_random(seed) & 1);
    size_t kinds = 1 + next_random(seed) % KINDS, chosen[KINDS];

    for (size_t i = 0; i < kinds; i++)
        chosen[i] = next_random(seed) % pool_count;
    for (size_t i = 0; i < LENGTH; i++) {
        insns[i] = pool[chosen[next_random(seed) % kinds]];
        insns[i].address = address;
        address += insns[i].bytes;
    }
}

/* The emulator cuts long blocks; what was one edge becomes two. The cycles of the two parts must be
 * those of the whole, wherever the cut: eight instructions are all a model may remember. The M7 is
 * the exception: which of a long row of pairable instructions sit in one cycle depends on where the
 * row begins, so that a cut may be one cycle off, two where a slow result hangs on it. */
static void cut_blocks_cost_the_same(void **state)
{
    uint64_t seed = 0x9e3779b97f4a7c15;

    (void)state;
    for (int c = 0; c < SIM_CORE_COUNT; c++) {
        enum sim_core core = (enum sim_core)c;
        static struct sim_insn pool[POOL];
        size_t pool_count = collect_pool(core, pool, POOL);
        uint32_t off = 0, worst = 0;

        assert_true(pool_count > 20);
        for (int round = 0; round < 2000; round++) {
            struct sim_insn insns[LENGTH];
            uint32_t w = next_random(&seed) & 1, whole;

            random_sequence(&seed, pool, pool_count, insns);
            whole = straight(core, insns, 0, LENGTH, w);
            for (size_t cut = 0; cut <= LENGTH; cut++) {
                uint32_t sum =
                    straight(core, insns, 0, cut, w) + straight(core, insns, cut, LENGTH, w);
                uint32_t difference = sum > whole ? sum - whole : whole - sum;

                worst = difference > worst ? difference : worst;
                off += difference != 0;
            }
        }
        print_message("%s: %u of %u cuts differ, by at most %u\n", sim_timing_for(core)->family,
                      off, 2000u * (LENGTH + 1), worst);
        assert_true(worst <= (core == SIM_CORTEX_M7 ? 2 : 0));
    }
}

/* No model lets time run backwards or exceed the sum of its slowest instructions. */
static void cycles_stay_in_bounds(void **state)
{
    uint64_t seed = 0xd1b54a32d192ed03;

    (void)state;
    for (int c = 0; c < SIM_CORE_COUNT; c++) {
        enum sim_core core = (enum sim_core)c;
        static struct sim_insn pool[POOL];
        size_t pool_count = collect_pool(core, pool, POOL);

        for (int round = 0; round < 500; round++) {
            struct sim_insn insns[LENGTH];
            uint32_t before = 0;

            random_sequence(&seed, pool, pool_count, insns);
            for (size_t count = 1; count <= LENGTH; count++) {
                uint32_t cycles = straight(core, insns, 0, count, 1);

                assert_true(cycles >= before && cycles - before <= 40);
                before = cycles;
            }
            assert_true(2 * before >= LENGTH / 2);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences),
        cmocka_unit_test(families),
        cmocka_unit_test(small_multiplier),
        cmocka_unit_test(divides),
        cmocka_unit_test(unaligned),
        cmocka_unit_test(empty_edges),
        cmocka_unit_test(cut_blocks_cost_the_same),
        cmocka_unit_test(cycles_stay_in_bounds),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
