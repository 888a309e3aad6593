/* What voltage ranges and slow RAM do to the memory path, worked out by hand. */
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
    if (sim_chip_load(spec, chip, &clock_hz, &err) != CC_OK)
        fail_msg("%s", err.message);
    assert_int_equal(sim_memory_path_init(path, chip, clock_hz, &err), CC_OK);
}

static uint32_t stalls(const char *spec, uint32_t address, uint32_t count, int is_write)
{
    struct sim_chip chip;
    struct sim_memory_path path;
    struct sim_access_run run = {address, 4, count, 4, (uint8_t)is_write};
    load(spec, &chip, &path);
    uint32_t sum = sim_memory_path_data(&path, sim_memory_region(&path, address), &run, 0);
    sim_memory_path_free(&path);
    return sum;
}

/* 100 words of 4 bytes are 50 flash words of the L4R5, 25 cache lines of the U575. */
static void ranges_slow_the_flash(void **state)
{
    (void)state;
    assert_int_equal(stalls("stm32l4r5@20", 0x08010000, 100, 0), 0);
    assert_int_equal(stalls("stm32l4r5@20:range2", 0x08010000, 100, 0), 50 * 2);
    /* 6 cycles per miss at 4 wait states: 4 of them at 2 */
    assert_int_equal(stalls("stm32u575", 0x08010000, 100, 0), 25 * 6);
    assert_int_equal(stalls("stm32u575@24:range4", 0x08010000, 100, 0), 25 * 4);
    assert_int_equal(stalls("stm32u575@24", 0x08010000, 100, 0), 0);
}

static void slow_ram_waits_on_reads(void **state)
{
    (void)state;
    assert_int_equal(stalls("ra6m4", 0x20000000, 100, 0), 100);
    assert_int_equal(stalls("ra6m4@100", 0x20000000, 100, 0), 0);
    assert_int_equal(stalls("ra6m4", 0x20000000, 100, 1), 0); /* the buffer waits */
    assert_int_equal(stalls("stm32l4r5", 0x20000000, 100, 0), 0);
}

static void described(const char *spec, const char *begin, const char *part)
{
    char text[256];
    struct sim_chip chip;
    struct sim_memory_path path;
    load(spec, &chip, &path);
    sim_memory_path_describe(&path, text, sizeof text);
    sim_memory_path_free(&path);
    if (strncmp(text, begin, strlen(begin)) != 0 || !strstr(text, part))
        fail_msg("%s is described as \"%s\"", spec, text);
}

static void the_report_says_so(void **state)
{
    (void)state;
    described("stm32u575@24:range4", "voltage range range4, 2 flash wait states, ",
              " (4 cycles per miss)");
    described("stm32f407:1v8", "voltage range 1v8, 7 flash wait states, ", ", prefetch off, ");
    described("stm32u575", "4 flash wait states, ", " (6 cycles per miss)");
    described("ra6m4", "3 flash wait states, ", ", RAM with 1 wait state");
    described("stm32l4r5", "5 flash wait states, ", ", 1 more for a taken branch or a store");
    described("msp432p401r", "1 flash wait state, ", ", 1 more for a store");
    described("stm32l4r5@20", "0 flash wait states, ", ", 1 more for an isolated RAM access");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_slow_the_flash),
        cmocka_unit_test(slow_ram_waits_on_reads),
        cmocka_unit_test(the_report_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
