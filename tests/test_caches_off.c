/* The memory path with caches off, as firmware may program it: whatever is read costs at least what
 * a miss does with the cache on. */
#include "memory_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define READS 64

static uint32_t read_run(struct sim_memory_path *path, uint32_t address, int32_t stride,
                         int is_write)
{
    struct sim_access_run run = {address, stride, READS, 4, (uint8_t)is_write};
    return sim_memory_path_data(path, sim_memory_region(path, address), &run, 0);
}

static void turn_off(const char *name, struct sim_chip *chip, struct sim_memory_path *path)
{
    struct cc_error err;
    double clock_hz;
    assert_int_equal(sim_chip_load(name, chip, &clock_hz, &err), CC_OK);
    assert_int_equal(sim_memory_path_init(path, chip, clock_hz, &err), CC_OK);
    struct sim_memory_setting setting = sim_memory_path_default(chip, clock_hz);
    setting.icache_on = setting.dcache_on = 0;
    assert_int_equal(sim_memory_path_set(path, &setting, &err), CC_OK);
}

static void data(void **state)
{
    static struct sim_chip chip;
    static struct sim_memory_path path;
    (void)state;
    turn_off("stm32f746", &chip, &path);
    assert_int_equal(read_run(&path, 0x08000000u, 0, 0), READS * 7); /* wait states */
    assert_int_equal(read_run(&path, 0x20010000u, 0, 0), READS * 6); /* RAM behind the bus */
    assert_int_equal(read_run(&path, 0x20010000u, 4, 1), 0);         /* buffered */
    assert_int_equal(read_run(&path, 0x20000000u, 4, 0), 0);         /* DTCM */
    sim_memory_path_free(&path);
    turn_off("stm32u575", &chip, &path);
    assert_int_equal(read_run(&path, 0x08000000u, 0, 0), READS * 6); /* a miss through the ICACHE */
    assert_int_equal(read_run(&path, 0x20000000u, 0, 0), 0);
    sim_memory_path_free(&path);
    turn_off("stm32l4r5", &chip, &path);
    assert_int_equal(read_run(&path, 0x08000000u, 0, 0), READS * 5);
    sim_memory_path_free(&path);
}

static uint32_t miss_of(struct sim_memory_path *path, uint32_t address)
{
    static struct sim_insn insn;
    insn.address = address;
    insn.bytes = 4;
    struct sim_fetch_block b = {.address = address, .bytes = 4, .insns = &insn, .insn_count = 1};
    assert_true(sim_memory_path_prepare(path, &b));
    uint32_t miss = b.mode == SIM_FETCH_FREE ? 0 : b.miss;
    sim_fetch_block_free(&b);
    return miss;
}

static void code(void **state)
{
    static struct sim_chip chip;
    static struct sim_memory_path path;
    (void)state;
    turn_off("stm32f746", &chip, &path);
    assert_int_equal(miss_of(&path, 0x08000000u), 15);
    assert_int_equal(miss_of(&path, 0x20010000u), 6);
    assert_int_equal(miss_of(&path, 0x00000000u), 0); /* ITCM */
    sim_memory_path_free(&path);
    turn_off("stm32u575", &chip, &path);
    assert_int_equal(miss_of(&path, 0x08000000u), 6);
    assert_int_equal(miss_of(&path, 0x20000000u), 0);
    sim_memory_path_free(&path);
    turn_off("stm32g0b1", &chip, &path);
    assert_int_equal(miss_of(&path, 0x08000000u), 2);
    sim_memory_path_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(data), cmocka_unit_test(code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
