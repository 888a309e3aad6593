/* The shipped prices are what the shipped measurements give, and they meet them. Emulates. */
#include "calibrate.h"
#include "cc_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct cli_calibration calibrate(const char *name)
{
    struct cli_calibration c;
    struct cc_error err = {0};
    struct cli_calibrate_options options = {.measurements = name};
    if (cli_calibrate(&options, &c, &err) != CC_OK)
        fail_msg("%s", err.message);
    return c;
}

static void compare_with_file(const struct cli_calibration *c, const char *name)
{
    char path[512];
    uint8_t *shipped;
    size_t bytes;
    struct cc_error err = {0};
    snprintf(path, sizeof path, "%s/energy/prices/%s.yaml", CC_SOURCE_DIR, name);
    if (cc_file_read(path, 1u << 20, &shipped, &bytes, &err) != CC_OK)
        fail_msg("%s", err.message);
    if (strcmp((const char *)shipped, c->yaml) != 0)
        fail_msg("%s: not what its measurements give; coincell calibrate %s --output FILE", path,
                 name);
    free(shipped);
}

/* Under sanitizers three chips stand for all. */
static void test_shipped(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/measurements", &names, &count, &err), CC_OK);
    assert_true(count >= 18);
    for (size_t i = 0; i < count; i++) {
#ifdef FIT_TEST_FEW
        if (strcmp(names[i], "stm32l476") != 0 && strcmp(names[i], "stm32h7a3") != 0 &&
            strcmp(names[i], "apollo4") != 0)
            continue;
#endif
        struct cli_calibration c = calibrate(names[i]);
        compare_with_file(&c, names[i]);
        cli_calibration_free(&c);
    }
    cc_names_free(names, count);
}

/* Chips whose own data sheets were read. */
static void test_residuals(void **state)
{
    static const char *const chips[] = {"stm32l476", "stm32u575", "efr32mg24"};
    (void)state;
    for (size_t i = 0; i < COUNT(chips); i++) {
        struct cli_calibration c = calibrate(chips[i]);
        if (c.fit.median_residual > 0.05 || c.fit.worst_residual > 0.15 ||
            c.fit.median_left_out > 0.08)
            fail_msg("%s: residuals: median %g, worst %g, left out %g", chips[i],
                     c.fit.median_residual, c.fit.worst_residual, c.fit.median_left_out);
        assert_true(c.fit.fitted_count >= 40);
        cli_calibration_free(&c);
    }
}

static int is_network(const struct energy_measurement *row)
{
    return strcmp(row->workload, "ad") == 0 || strcmp(row->workload, "ic") == 0;
}

/* What the shipped prices say, by the same call as every run. */
static double priced_ma(const struct energy_chip *chip, const struct sim_profile *profile,
                        const struct energy_measurement *row)
{
    struct energy_condition condition = {
        .vdd_v = row->vdd_v, .regulator = row->regulator, .temperature_c = NAN};
    struct energy_result result;
    struct cc_error err = {0};
    struct sim_profile at = *profile;
    at.clock_hz = row->mhz * 1e6;
    if (energy_price(chip, &at, &condition, &result, &err) != CC_OK)
        fail_msg("%s", err.message);
    double ma = result.running_ma;
    energy_result_free(&result);
    return ma;
}

/* Our networks with the dsp kernels against boards that ran the same networks with other software,
 * bare metal. */
static void test_networks(void **state)
{
    static const struct {
        const char *chip;
        int rows;
    } chips[] = {{"stm32l4r5", 10}, {"stm32u575", 6}, {"stm32h7a3", 8}, {"efr32mg24", 4}};
    (void)state;
    for (size_t i = 0; i < COUNT(chips); i++) {
        struct cli_calibration c = calibrate(chips[i].chip);
        struct energy_chip *chip;
        struct cc_error err = {0};
        int rows = 0;
        assert_int_equal(energy_chip_load(chips[i].chip, &chip, &err), CC_OK);
        for (uint32_t r = 0; r < c.fit.row_count; r++) {
            const struct energy_measurement *row = energy_measurements_row(c.measurements, r);
            if (!is_network(row) || row->held_out)
                continue;
            double error = priced_ma(chip, c.profiles[r], row) / row->measured_ma - 1;
            if (fabs(error) > 0.15)
                fail_msg("%s:%u: %s is off by %.1f %%", chips[i].chip, (unsigned)row->line,
                         row->workload, 100 * error);
            rows++;
        }
        assert_int_equal(rows, chips[i].rows);
        energy_chip_free(chip);
        cli_calibration_free(&c);
    }
}

/* Price and fit agree on every row, wait states of the row included. */
static void test_price_is_the_model(void **state)
{
    (void)state;
    struct cli_calibration c = calibrate("stm32u575");
    struct energy_chip *chip;
    struct cc_error err = {0};
    assert_int_equal(energy_chip_load("stm32u575", &chip, &err), CC_OK);
    for (uint32_t r = 0; r < c.fit.row_count; r++) {
        const struct energy_measurement *row = energy_measurements_row(c.measurements, r);
        struct sim_profile at = *c.profiles[r];
        snprintf(at.voltage_range, sizeof at.voltage_range, "%s", row->range);
        double ma = priced_ma(chip, &at, row);
        if (fabs(ma / c.fit.rows[r].predicted_ma - 1) > 2e-3)
            fail_msg("line %u: %g mA, the fit says %g", (unsigned)row->line, ma,
                     c.fit.rows[r].predicted_ma);
    }
    energy_chip_free(chip);
    cli_calibration_free(&c);
}

/* int8 networks on U575 draw 1.31-1.42 times CoreMark (MLPerf Tiny against DS13737). */
static void test_excess(void **state)
{
    (void)state;
    struct cli_calibration c = calibrate("stm32u575");
    double coremark = 0, ic = 0;
    for (uint32_t r = 0; r < c.fit.row_count; r++) {
        const struct energy_measurement *row = energy_measurements_row(c.measurements, r);
        if (row->mhz != 160 || row->vdd_v != 1.8 || strcmp(row->regulator, "smps") != 0)
            continue;
        if (strcmp(row->workload, "coremark-like") == 0)
            coremark = c.fit.rows[r].predicted_ma;
        if (strcmp(row->workload, "ic") == 0)
            ic = c.fit.rows[r].predicted_ma;
    }
    assert_true(coremark > 0);
    assert_true(ic / coremark > 1.31 && ic / coremark < 1.42);
    cli_calibration_free(&c);
}

/* With prefetch on the STM32F446 reads its flash for every line that it executes, cached or not;
 * the networks run so. 46 mA against 32 at 180 MHz (DS10693 tables 23-25). */
static void test_prefetch(void **state)
{
    (void)state;
    struct cli_calibration c = calibrate("stm32f446");
    const struct sim_counts *on = NULL, *off = NULL;
    double ma_on = 0, ma_off = 0;
    for (uint32_t r = 0; r < c.fit.row_count; r++) {
        const struct energy_measurement *row = energy_measurements_row(c.measurements, r);
        if (row->mhz != 180 || strcmp(row->caches, "on") != 0)
            continue;
        int is_on = strcmp(row->prefetch, "on") == 0;
        *(is_on ? &on : &off) = &c.profiles[r]->total;
        *(is_on ? &ma_on : &ma_off) = c.fit.rows[r].predicted_ma;
    }
    assert_non_null(on);
    assert_non_null(off);
    const struct sim_accesses *flash = &on->regions[SIM_REGION_FLASH];
    assert_true(on->instructions == off->instructions);
    assert_true(flash->line_reads >= flash->fetch_bytes / 16);
    assert_true(off->regions[SIM_REGION_FLASH].line_reads < flash->line_reads / 10);
    assert_true(ma_on > 1.3 * ma_off && ma_on < 1.8 * ma_off);
    cli_calibration_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),  cmocka_unit_test(test_residuals),
        cmocka_unit_test(test_networks), cmocka_unit_test(test_price_is_the_model),
        cmocka_unit_test(test_excess),   cmocka_unit_test(test_prefetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
