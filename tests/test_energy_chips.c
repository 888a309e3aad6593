/* The two descriptions of a chip agree: whatever sim/chips can emulate, energy/chips can price. */
#include "energy_support.h"

#include "sim_chip.h"

#include <stdio.h>
#include <string.h>

static int has_price(const struct energy_chip *chip, const struct sim_region *region,
                     const char *kind)
{
    char key[96];
    snprintf(key, sizeof key, "regions.%s.%s", sim_region_name(region->kind), kind);
    for (uint32_t i = 0; i < ENERGY_PRICE_SLOTS; i++) {
        if (strcmp(energy_price_slots[i].key, key) == 0)
            return energy_figure_present(&energy_slot_price_of(chip->prices, i)->figure);
    }
    return 0;
}

static void check_region(const struct sim_chip *silicon, const struct sim_region *region,
                         const struct energy_chip *chip)
{
    int code = region->kind == SIM_REGION_FLASH || region->kind == SIM_REGION_XIP;
    int cached_ram = region->kind == SIM_REGION_SRAM && silicon->memory.data_ram_cached;
    if (!has_price(chip, region, "read_pj") || (!code && !has_price(chip, region, "write_pj")) ||
        ((code || region->kind == SIM_REGION_SRAM || region->kind == SIM_REGION_ITCM) &&
         !has_price(chip, region, "fetch_pj")) ||
        ((code || cached_ram) && !has_price(chip, region, "line_read_pj")))
        fail_msg("%s: region %s has no price", chip->path, region->name);
}

/* The chip's ranges and clocks, with the prices that go with each. */
static void check_ranges(const struct sim_chip *silicon, const struct energy_chip *chip)
{
    struct cc_error err;
    const struct energy_point *point;
    for (uint32_t i = 0; i < chip->points_count; i++) {
        const char *range = chip->points[i].range;
        uint32_t r = 0;
        while (range[0] && r < silicon->range_count && strcmp(silicon->ranges[r].name, range) != 0)
            r++;
        if (r == silicon->range_count)
            fail_msg("%s: %s: the chip has no voltage range %s", chip->path, chip->points[i].name,
                     range);
    }
    for (uint32_t r = 0; r < silicon->range_count; r++) {
        const struct sim_voltage_range *range = &silicon->ranges[r];
        if (energy_chip_point(chip, range->max_clock_hz, range->name, NULL, &point, &err) !=
                CC_OK ||
            energy_chip_point(chip, 1e6, range->name, NULL, &point, &err) != CC_OK)
            fail_msg("%s", err.message);
        if (range->name[0] && point->range[0] && strcmp(point->range, range->name) != 0)
            fail_msg("%s: range %s is priced as %s", chip->path, range->name, point->range);
    }
}

static void check_priced(const char *name)
{
    struct sim_chip silicon;
    struct cc_error err;
    double clock_hz;
    const struct energy_point *point;
    struct energy_chip *chip = support_chip(name);
    if (sim_chip_load(name, &silicon, &clock_hz, &err) != CC_OK ||
        energy_chip_point(chip, clock_hz, "", NULL, &point, &err) != CC_OK ||
        energy_chip_point(chip, silicon.max_clock_hz, "", NULL, &point, &err) != CC_OK ||
        energy_chip_point(chip, 1e6, "", NULL, &point, &err) != CC_OK)
        fail_msg("%s", err.message);
    for (uint32_t r = 0; r < silicon.region_count; r++)
        check_region(&silicon, &silicon.regions[r], chip);
    check_ranges(&silicon, chip);
    energy_chip_free(chip);
}

/* Chips without prices can be simulated and validated, not run; they are few and known. */
static int is_unpriced(const char *name)
{
    return strcmp(name, "rp2350") == 0;
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
        char path[512], relative[128];
        snprintf(relative, sizeof relative, "energy/prices/%s.yaml", names[i]);
        assert_int_equal(cc_data_path(relative, path, sizeof path), !is_unpriced(names[i]));
        if (!is_unpriced(names[i]))
            check_priced(names[i]);
    }
    cc_names_free(names, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_emulated_chip_has_prices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
