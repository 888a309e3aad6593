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

static struct sim_fetch_block block_at(struct sim_memory_path *path, uint32_t address,
                                       uint32_t bytes)
{
    struct sim_fetch_block b = {.address = address, .bytes = bytes, .core_cycles = bytes / 2};
    sim_memory_path_prepare(path, &b);
    return b;
}

static uint32_t read_run(struct sim_memory_path *path, uint32_t address, int32_t stride,
                         uint32_t count, uint8_t bytes)
{
    struct sim_access_run run = {address, stride, count, bytes, 0};
    return sim_memory_path_data(path, sim_memory_region(path, address), &run);
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
    sim_memory_path_free(&path);
}

static void zero_wait_states_never_stall(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5@20", &chip, &path);
    struct sim_fetch_block b = block_at(&path, 0x08000100u, 400);
    assert_int_equal(sim_memory_path_fetch(&path, &b), 0);
    assert_int_equal(read_run(&path, 0x08010000u, 4, 200, 4), 0);
    sim_memory_path_free(&path);
}

static void a_loop_in_the_cache_stalls_once(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32l4r5", &chip, &path);
    struct sim_fetch_block b = block_at(&path, 0x08000100u, 64);
    assert_true(sim_memory_path_fetch(&path, &b) >= 5);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sim_memory_path_fetch(&path, &b), 0);
    sim_memory_path_free(&path);
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
        struct sim_fetch_block blocks[130];
        uint64_t before = 0, after = 0;
        for (uint32_t i = 0; i < lines; i++)
            blocks[i] = block_at(&path, 0x08000000u + 8 * i, 8);
        for (int pass = 0; pass < 10; pass++) {
            before = after;
            for (uint32_t i = 0; i < lines; i++)
                sim_memory_path_fetch(&path, &blocks[i]);
            after = path.fetch_line_reads[0];
        }
        assert_int_equal(after - before, lines <= 128 ? 0 : lines);
        sim_memory_path_free(&path);
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
    struct sim_fetch_block hot = block_at(&path, 0x08000000u, 32);
    sim_memory_path_fetch(&path, &hot);
    for (uint32_t i = 0; i < 1000; i++) {
        struct sim_fetch_block *cold = malloc(sizeof *cold);
        *cold = block_at(&path, 0x08001000u + 8 * i, 8);
        sim_memory_path_fetch(&path, cold);
        assert_int_equal(sim_memory_path_fetch(&path, &hot), 0);
        path.used = NULL; /* the test frees the block: nothing may point at it */
        hot.generation = 0;
        assert_int_equal(sim_memory_path_fetch(&path, &hot), 0);
        free(cold);
    }
    sim_memory_path_free(&path);
}

/* The unified cache of the U5: weights streaming through it push code out. */
static void unified_cache_serves_both(void **state)
{
    (void)state;
    struct sim_chip chip;
    struct sim_memory_path path;
    load("stm32u575", &chip, &path);
    struct sim_fetch_block b = block_at(&path, 0x08000000u, 16);
    assert_int_equal(sim_memory_path_fetch(&path, &b), 6);
    assert_int_equal(sim_memory_path_fetch(&path, &b), 0);
    assert_int_equal(read_run(&path, 0x08010000u, 4, 4096, 4), 1024 * 6);
    assert_int_equal(sim_memory_path_fetch(&path, &b), 6);
    sim_memory_path_free(&path);
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
    sim_memory_path_free(&path);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
