/* Core timing: properties of every pipeline, on random code made of the instructions in
 * timing_rows.def. */
#include "timing_walker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

/* Branches, or straight-line instructions of all kinds, from the sequences above. */
static size_t collect_pool(enum sim_core core, int branches, struct sim_insn *pool, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < timing_row_count; i++) {
        struct code code = {.end = 0x1000};

        if (timing_rows[i].core != core)
            continue;
        append(&code, core, timing_rows[i].code, timing_rows[i].halfwords);
        for (size_t k = 0; k < code.count && count < max; k++) {
            if (!code.insns[k].branch == !branches)
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

/* Every instruction is issued or shares the cycle of another; a model knows nothing of memory,
 * exceptions and alignment. No step runs away. */
static void steps_are_sound(void **state)
{
    uint64_t seed = 0xd1b54a32d192ed03;

    (void)state;
    for (int c = 0; c < SIM_CORE_COUNT; c++) {
        enum sim_core core = (enum sim_core)c;
        static struct sim_insn pool[POOL];
        size_t pool_count = collect_pool(core, 0, pool, POOL);

        assert_true(pool_count > 20);
        for (int round = 0; round < 500; round++) {
            struct sim_insn insns[LENGTH];
            struct walker w;

            random_sequence(&seed, pool, pool_count, insns);
            start(&w, core, next_random(&seed) % 3);
            for (size_t i = 0; i < LENGTH; i++) {
                walk(&w, &insns[i], 1);
                assert_int_equal(w.step.causes[SIM_CAUSE_ISSUE] + w.step.paired, 1);
                assert_int_equal(w.step.causes[SIM_CAUSE_UNALIGNED], 0);
                for (int cause = SIM_CAUSE_EXCEPTION; cause < SIM_CAUSE_COUNT; cause++)
                    assert_int_equal(w.step.causes[cause], 0);
                assert_true(sim_step_cycles(&w.step) <= 40);
            }
            assert_true(2 * w.cycles >= LENGTH / 2);
        }
    }
}

/* Whatever came before, 64 moves later the state is that of 64 moves alone. */
static void long_ago_is_forgotten(void **state)
{
    uint64_t seed = 0x2545f4914f6cdd1d;

    (void)state;
    for (int c = 0; c < SIM_CORE_COUNT; c++) {
        enum sim_core core = (enum sim_core)c;
        static struct sim_insn pool[POOL];
        struct code idle = {.end = 0x2000};
        struct walker fresh, w;
        size_t pool_count = collect_pool(core, 0, pool, POOL);

        for (int i = 0; i < 8; i++)
            append_moves(&idle, core, MOVES);
        start(&fresh, core, 1);
        walk(&fresh, idle.insns, idle.count);
        for (int round = 0; round < 500; round++) {
            struct sim_insn insns[LENGTH];

            random_sequence(&seed, pool, pool_count, insns);
            start(&w, core, 1);
            walk(&w, insns, LENGTH);
            walk(&w, idle.insns, idle.count);
            assert_memory_equal(&w.pipeline, &fresh.pipeline, sizeof w.pipeline);
        }
    }
}

#define BLOCKS     6
#define PASSES     128
#define EXECUTIONS 4000

/* A block and what it costs by the state it is entered in: what an engine keeps. */
struct pass {
    union sim_pipeline in, out;
    uint32_t cycles;
};

struct block {
    struct sim_insn insns[LENGTH];
    size_t count; /* the last one is a branch */
    struct pass passes[PASSES];
    size_t pass_count;
};

static void random_block(uint64_t *seed, enum sim_core core, struct block *block)
{
    static struct sim_insn pool[POOL], branches[POOL];
    size_t pool_count = collect_pool(core, 0, pool, POOL);
    size_t branch_count = collect_pool(core, 1, branches, POOL);

    assert_true(branch_count > 1);
    random_sequence(seed, pool, pool_count, block->insns);
    block->count = 1 + next_random(seed) % (LENGTH - 1);
    block->insns[block->count] = branches[next_random(seed) % branch_count];
    block->insns[block->count].address =
        block->insns[block->count - 1].address + block->insns[block->count - 1].bytes;
    block->count++;
    block->pass_count = 0;
}

/* The pass of a block for the state that w is in, walked when there is none yet. */
static const struct pass *find_pass(struct walker *w, struct block *block)
{
    size_t bytes = w->timing->state_bytes;
    struct pass *pass;

    for (size_t i = 0; i < block->pass_count; i++) {
        if (memcmp(&block->passes[i].in, &w->pipeline, bytes) == 0)
            return &block->passes[i];
    }
    if (block->pass_count == PASSES)
        fail_msg("%s: more than %d states in one place", w->timing->family, PASSES);
    pass = &block->passes[block->pass_count++];
    memset(pass, 0, sizeof *pass);
    memcpy(&pass->in, &w->pipeline, bytes);
    memcpy(&w->pipeline, &pass->in, sizeof w->pipeline);
    w->cycles = 0;
    walk(w, block->insns, block->count);
    pass->cycles = w->cycles;
    pass->out = w->pipeline;
    return pass;
}

/* A random program, walked in one go and put together from passes. */
static size_t execute_program(uint64_t *seed, enum sim_core core, struct block *blocks)
{
    struct walker whole, w;
    uint32_t cycles = 0;
    size_t at = 0, most = 0;

    start(&whole, core, next_random(seed) % 2);
    start(&w, core, whole.config.isolated_wait);
    for (int i = 0; i < EXECUTIONS; i++) {
        struct block *block = &blocks[at];
        const struct pass *pass = find_pass(&w, block);
        const struct sim_insn *source = &block->insns[block->count - 1];

        cycles += pass->cycles;
        w.pipeline = pass->out;
        walk(&whole, block->insns, block->count);
        at = next_random(seed) % BLOCKS;
        if (source->branch != SIM_BR_COND || next_random(seed) % 2) {
            w.cycles = 0;
            branch(&w, source, blocks[at].insns);
            cycles += w.cycles;
            branch(&whole, source, blocks[at].insns);
        }
        assert_int_equal(cycles, whole.cycles);
    }
    for (size_t b = 0; b < BLOCKS; b++)
        most = blocks[b].pass_count > most ? blocks[b].pass_count : most;
    return most;
}

/* Equal states cost the same from then on, and there are few of them in one place. */
static void passes_add_up(void **state)
{
    static const size_t bounds[SIM_CORE_COUNT] = {1, 1, 8, 24, 32, 16};
    uint64_t seed = 0x9e3779b97f4a7c15;
    struct block *blocks = calloc(BLOCKS, sizeof *blocks);

    (void)state;
    assert_non_null(blocks);
    for (int c = 0; c < SIM_CORE_COUNT; c++) {
        size_t worst = 0;

        for (int round = 0; round < 20; round++) {
            size_t most;

            for (size_t b = 0; b < BLOCKS; b++)
                random_block(&seed, (enum sim_core)c, &blocks[b]);
            most = execute_program(&seed, (enum sim_core)c, blocks);
            worst = most > worst ? most : worst;
        }
        print_message("%s: at most %zu states in one place\n",
                      sim_timing_for((enum sim_core)c)->family, worst);
        assert_in_range(worst, 1, bounds[c]);
    }
    free(blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_sound),
        cmocka_unit_test(long_ago_is_forgotten),
        cmocka_unit_test(passes_add_up),
    };

    return cmocka_run_group_tests(tests, decoders_setup, decoders_teardown);
}
