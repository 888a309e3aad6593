/* The two descriptions of a chip agree: whatever sim/chips can emulate, energy/chips can price. */
#include "energy_support.h"

#include "sim_chip.h"

static void check_region(const struct sim_chip *silicon, const struct sim_region *region,
                         const struct energy_chip *chip)
{
    const struct energy_region_prices *prices = energy_chip_region(chip, region->kind);
    int code = region->kind == SIM_REGION_FLASH || region->kind == SIM_REGION_XIP;
    int cached_ram = region->kind == SIM_REGION_SRAM && silicon->memory.data_ram_cached;
    if (!energy_figure_present(&prices->read_pj) ||
        (!code && !energy_figure_present(&prices->write_pj)) ||
        ((code || cached_ram) && !energy_figure_present(&prices->line_read_pj)))
        fail_msg("%s: region %s has no price", chip->path, region->name);
}

static void test_every_emulated_chip_has_prices(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("sim/chips", &names, &count, &err), CC_OK);
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        struct sim_chip silicon;
        double clock_hz;
        const struct energy_point *point;
        struct energy_chip *chip = support_chip(names[i]);
        if (sim_chip_load(names[i], &silicon, &clock_hz, &err) != CC_OK ||
            energy_chip_point(chip, clock_hz, &point, &err) != CC_OK ||
            energy_chip_point(chip, silicon.max_clock_hz, &point, &err) != CC_OK ||
            energy_chip_point(chip, 1e6, &point, &err) != CC_OK)
            fail_msg("%s", err.message);
        for (uint32_t r = 0; r < silicon.region_count; r++)
            check_region(&silicon, &silicon.regions[r], chip);
        energy_chip_free(chip);
    }
    cc_names_free(names, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_emulated_chip_has_prices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
