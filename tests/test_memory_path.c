/* The memory path on patterns whose stalls can be worked out by hand. */
#include "memory_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void load(const char *spec, struct sim_chip *chip, struct sim_memory_path *path)
{
    struct cc_error err;
    double clock_hz;
    assert_int_equal(sim_chip_load(spec, chip, &clock_hz, &err), CC_OK);
    assert_int_equal(sim_memory_path_init(path, chip, clock_hz, &err), CC_OK);
}

/* Code of 16-bit instructions. */
#define MAX_INSNS 200

struct code {
    struct sim_fetch_block fetch;
    struct sim_insn insns[MAX_INSNS];
    uint32_t starts[MAX_INSNS + 1];
    uint32_t cycles; /* of one pass, evenly spread */
    struct code *next;
};

static struct code *codes; /* all of the test that runs */

static uint64_t sequence;

static void prepare(struct sim_memory_path *path, struct code *code, uint32_t address,
                    uint32_t bytes, uint32_t cycles)
{
    uint32_t count = bytes / 2;
    assert_true(count <= MAX_INSNS);
    memset(code, 0, sizeof *code);
    for (uint32_t i = 0; i < count; i++) {
        code->insns[i].address = address + 2 * i;
        code->insns[i].bytes = 2;
        code->starts[i] = i * cycles / count;
    }
    code->starts[count] = code->cycles = cycles;
    code->fetch.address = address;
    code->fetch.bytes = bytes;
    code->fetch.insns = code->insns;
    code->fetch.insn_count = count;
    assert_true(sim_memory_path_prepare(path, &code->fetch));
}

static struct code *paced_block_at(struct sim_memory_path *path, uint32_t address, uint32_t bytes,
                                   uint32_t cycles)
{
    struct code *code = malloc(sizeof *code);
    assert_non_null(code);
    prepare(path, code, address, bytes, cycles);
    code->next = codes;
    codes = code;
    return code;
}

static struct code *block_at(struct sim_memory_path *path, uint32_t address, uint32_t bytes)
{
    return paced_block_at(path, address, bytes, bytes / 2);
}

static void done(struct sim_memory_path *path)
{
    sim_memory_path_free(path);
    for (struct code *next; codes; codes = next) {
        next = codes->next;
        sim_fetch_block_free(&codes->fetch);
        free(codes);
    }
}

/* One pass over the code: its stall cycles. */
static uint32_t fetch(struct sim_memory_path *path, struct code *code)
{
    uint32_t stall =
        sim_memory_path_fetch(path, &code->fetch, code->starts, code->cycles, sequence);
    sequence += code->fetch.insn_count;
    return stall + sim_memory_path_finish(path);
}

static uint32_t read_run(struct sim_memory_path *path, uint32_t address, int32_t stride,
                         uint32_t count, uint8_t bytes)
{
    struct sim_access_run run = {address, stride, count, bytes, 0};
    return sim_memory_path_data(path, sim_memory_region(path, address), &run, 0);
}

static void streaming_reads_miss_once_per_flash_word(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    /* 800 bytes of weights, 4 at a time: 100 flash words of 8 bytes, 5 wait states each. */
    assert_int_equal(read_run(&path, 0x08010000u, 4, 200, 4), 500);
    /* The last eight words are still there, the first are not. */
    assert_int_equal(read_run(&path, 0x08010000u + 792, 4, 2, 4), 0);
    assert_int_equal(read_run(&path, 0x08010000u, 4, 2, 4), 5);
    assert_int_equal(read_run(&path, 0x20000000u, 4, 1000, 4), 0);
    done(&path);
}

static void zero_wait_states_never_stall(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5@20", &chip, &path);
    struct code *b = block_at(&path, 0x08000100u, 400);
    assert_int_equal(fetch(&path, b), 0);
    assert_int_equal(read_run(&path, 0x08010000u, 4, 200, 4), 0);
    done(&path);
}

static void a_loop_in_the_cache_stalls_once(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    struct code *b = block_at(&path, 0x08000100u, 64);
    assert_true(fetch(&path, b) >= 5);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fetch(&path, b), 0);
    done(&path);
}

/* Least recently used replacement: a loop one line longer than the cache misses every line every
 * time; one that just fits never misses again. */
static void capacity_is_a_cliff(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    for (uint32_t lines = 127; lines <= 130; lines++) {
        load("stm32l4r5", &chip, &path);
        struct code *blocks[130];
        uint64_t before = 0, after = 0;
        for (uint32_t i = 0; i < lines; i++)
            blocks[i] = block_at(&path, 0x08000000u + 8 * i, 8);
        for (int pass = 0; pass < 10; pass++) {
            before = after;
            for (uint32_t i = 0; i < lines; i++)
                fetch(&path, blocks[i]);
            after = path.fetch_line_reads[0];
        }
        assert_int_equal(after - before, lines <= 128 ? 0 : lines);
        done(&path);
    }
}

/* A block that runs often stays, however many others stream past it: its age must count although
 * its executions took the fast path. */
static void hot_blocks_stay(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    struct code *hot = block_at(&path, 0x08000000u, 32);
    fetch(&path, hot);
    for (uint32_t i = 0; i < 1000; i++) {
        fetch(&path, block_at(&path, 0x08001000u + 8 * i, 8));
        assert_int_equal(fetch(&path, hot), 0);
    }
    done(&path);
}

/* The unified cache of the U5: weights streaming through it push code out. */
static void unified_cache_serves_both(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32u575", &chip, &path);
    struct code *b = block_at(&path, 0x08000000u, 16);
    assert_int_equal(fetch(&path, b), 6);
    assert_int_equal(fetch(&path, b), 0);
    assert_int_equal(read_run(&path, 0x08010000u, 4, 4096, 4), 1024 * 6);
    assert_int_equal(fetch(&path, b), 0); /* the core still has the line it was in */
    fetch(&path, block_at(&path, 0x08004000u, 16));
    assert_int_equal(fetch(&path, b), 6);
    done(&path);
}

static void m7_caches_ram_but_not_tcm(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32f746", &chip, &path);
    assert_int_equal(read_run(&path, 0x20000000u, 4, 1000, 4), 0);   /* DTCM */
    assert_int_equal(read_run(&path, 0x20010000u, 4, 64, 4), 8 * 6); /* SRAM: 8 lines */
    assert_int_equal(read_run(&path, 0x20010000u, 4, 64, 4), 0);
    assert_int_equal(read_run(&path, 0x08020000u, 4, 64, 4), 8 * 5); /* flash */
    done(&path);
}

static void a_run_equals_its_accesses(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32l4r5", "stm32u575", "stm32g0b1", "stm32f746",
                                        "nrf52840"};
    for (size_t c = 0; c < sizeof chips / sizeof chips[0]; c++) {
        struct sim_chip chip;
        struct sim_memory_path whole, single;
        load(chips[c], &chip, &whole);
        load(chips[c], &chip, &single);
        uint32_t base = chip.runner_flash_base + 0x1000, sum = 0;
        for (int32_t stride = 1; stride < 40; stride += 3) {
            for (uint32_t i = 0; i < 100; i++)
                sum += read_run(&single, base + i * (uint32_t)stride, 0, 1, 1);
            assert_int_equal(read_run(&whole, base, stride, 100, 1), sum);
            sum = 0;
        }
        sim_memory_path_free(&whole);
        sim_memory_path_free(&single);
    }
}

/* The array is read on a miss whether or not that costs time: its joules do not depend on it. */
static void line_reads_do_not_depend_on_the_clock(void **state)
{
    (void)state;
    static const char *const specs[][2] = {{"stm32l4r5@20", "stm32l4r5"},
                                           {"stm32u575@32", "stm32u575"},
                                           {"stm32g0b1@24", "stm32g0b1"}};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        uint64_t reads[2][2];
        for (int fast = 0; fast < 2; fast++) {
            struct sim_chip chip;
            struct sim_memory_path path;
            load(specs[i][fast], &chip, &path);
            struct code *b = block_at(&path, 0x08000100u, 64);
            fetch(&path, b);
            read_run(&path, 0x08010000u, 4, 200, 4);
            reads[fast][0] = path.fetch_line_reads[b->fetch.region];
            reads[fast][1] = path.data_line_reads[b->fetch.region];
            done(&path);
        }
        assert_true(reads[0][0] > 0 && reads[0][1] > 0);
        assert_int_equal(reads[0][0], reads[1][0]);
        assert_int_equal(reads[0][1], reads[1][1]);
    }
}

/* Reading one flash word takes the wait states and one cycle more; four single-cycle instructions
 * of the word before hide four of the six. */
static void prefetch_hides_what_was_executed(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    struct code *b = block_at(&path, 0x08000100u, 64);
    assert_int_equal(fetch(&path, b), 5 + 7 * 2);
    /* Long enough before the end of the word: nothing left. Never more than without prefetch. */
    assert_int_equal(fetch(&path, paced_block_at(&path, 0x08001000u, 64, 48)), 5);
    struct code *quick = paced_block_at(&path, 0x08002000u, 64, 0);
    assert_int_equal(fetch(&path, quick), 8 * 5);
    done(&path);
}

/* What was fetched last is known although the executions took the fast path. */
static void prefetch_follows_resident_blocks(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    struct code *near = block_at(&path, 0x08000100u, 16);
    struct code *far = block_at(&path, 0x08001000u, 16);
    struct code *after_near = block_at(&path, 0x08000110u, 8);
    struct code *after_far = block_at(&path, 0x08001010u, 8);
    for (int i = 0; i < 3; i++) {
        fetch(&path, near);
        assert_int_equal(fetch(&path, far), i ? 0 : 5 + 2);
    }
    assert_int_equal(fetch(&path, near), 0);
    assert_int_equal(fetch(&path, after_near), 2); /* falls through */
    for (int i = 0; i < 3; i++) {
        fetch(&path, far);
        fetch(&path, near);
    }
    assert_int_equal(fetch(&path, after_far), 5); /* jumps */
    done(&path);
}

/* A miss cost measured at the default clock shrinks with the wait states. */
static void misses_cost_less_at_low_clocks(void **state)
{
    (void)state;
    static const char *const specs[] = {"stm32f746@30",  "stm32f746@60",  "stm32f746@90",
                                        "stm32f746@120", "stm32f746@150", "stm32f746@180",
                                        "stm32f746@210", "stm32f746"};
    uint32_t code[8], data[8];
    for (size_t i = 0; i < 8; i++) {
        struct sim_chip chip;
        struct sim_memory_path path;
        load(specs[i], &chip, &path);
        struct code *b = block_at(&path, 0x08000100u, 32);
        code[i] = fetch(&path, b);
        data[i] = read_run(&path, 0x08010000u, 4, 1, 4);
        done(&path);
        assert_true(i == 0 || (code[i] >= code[i - 1] && data[i] >= data[i - 1]));
    }
    assert_int_equal(code[0], 0);
    assert_int_equal(data[0], 0);
    assert_int_equal(code[1], 15 - 6);
    assert_int_equal(data[1], 1);
    assert_int_equal(code[7], 15);
    assert_int_equal(data[7], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streaming_reads_miss_once_per_flash_word),
        cmocka_unit_test(zero_wait_states_never_stall),
        cmocka_unit_test(a_loop_in_the_cache_stalls_once),
        cmocka_unit_test(capacity_is_a_cliff),
        cmocka_unit_test(hot_blocks_stay),
        cmocka_unit_test(unified_cache_serves_both),
        cmocka_unit_test(m7_caches_ram_but_not_tcm),
        cmocka_unit_test(a_run_equals_its_accesses),
        cmocka_unit_test(line_reads_do_not_depend_on_the_clock),
        cmocka_unit_test(prefetch_hides_what_was_executed),
        cmocka_unit_test(prefetch_follows_resident_blocks),
        cmocka_unit_test(misses_cost_less_at_low_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
