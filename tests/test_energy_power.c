/* Sleep modes, wake-ups and peripherals: rows of data sheets, laws, refusals. */
#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct energy_condition usual = {.temperature_c = NAN};

static struct energy_sleep_state asleep(const struct energy_chip *chip, const char *mode,
                                        const char *regulator, double vdd_v, double temperature_c)
{
    struct energy_condition at = {
        .vdd_v = vdd_v, .regulator = regulator, .temperature_c = temperature_c};
    struct energy_sleep_state state;
    struct cc_error err = {0};
    if (energy_chip_sleep(chip, mode, NULL, &at, &state, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    return state;
}

static void assert_near(double value, double expected, double tolerance, const char *what)
{
    if (!(fabs(value / expected - 1) <= tolerance))
        fail_msg("%s: %g is not %g within %g", what, value, expected, tolerance);
}

/* Rows of the data sheets, currents in uA: at the table's voltage exactly, elsewhere by the laws.
 */
static void test_published_rows(void **state)
{
    static const struct {
        const char *chip, *mode, *regulator;
        double vdd_v, temperature_c, ua, tolerance;
    } rows[] = {
        /* DocID025976 Rev 4 tables 34-38 */
        {"stm32l476", "stop2", NULL, 3.0, 25, 1.67, 1e-9},
        {"stm32l476", "stop2", NULL, 1.8, 25, 1.43, .02},
        {"stm32l476", "stop2", NULL, 3.6, 25, 1.87, .06},
        {"stm32l476", "stop2_no_rtc", NULL, 3.0, 55, 3.97, .15},
        {"stm32l476", "stop2_no_rtc", NULL, 3.0, 85, 15.4, .05},
        {"stm32l476", "stop2_no_rtc", NULL, 3.0, 105, 36.4, .05},
        {"stm32l476", "stop2_no_rtc", NULL, 3.0, 125, 81.3, .05},
        {"stm32l476", "standby", NULL, 1.8, 25, .416, .03},
        {"stm32l476", "standby_no_rtc", NULL, 3.0, 125, 14.291, .05},
        {"stm32l476", "shutdown", NULL, 3.6, 25, .729, .1},
        /* DS13737, Stop currents */
        {"stm32u575", "stop2_8k", "smps", 3.0, 25, 4.25, 1e-9},
        {"stm32u575", "stop3_8k", "ldo", 1.8, 25, 5.45, .1},
        {"stm32u575", "stop1", "ldo", 3.0, 25, 100, 1e-9},
        {"stm32u575", "stop1", "smps", 1.8, 25, 61.5, .05},
        /* EFR32MG24 data sheet Rev 1.2 tables 4.5, 4.7, 4.9 */
        {"efr32mg24", NULL, NULL, 3.0, 25, 2.9, 1e-9},
        {"efr32mg24", "em2", "ldo", 3.0, 25, 4.2, 1e-9},
        {"efr32mg24", "em2", "ldo", 1.8, 25, 4.1, .01},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct energy_chip *chip = support_chip(rows[i].chip);
        struct energy_sleep_state s =
            asleep(chip, rows[i].mode, rows[i].regulator, rows[i].vdd_v, rows[i].temperature_c);
        assert_near(s.uw / rows[i].vdd_v, rows[i].ua, rows[i].tolerance, s.text);
        energy_chip_free(chip);
    }
}

/* The first mode of each chip is what a duty cycle sleeps in: RAM is kept. */
static void test_every_chip(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/chips", &names, &count, &err), CC_OK);
    for (size_t i = 0; i < count; i++) {
        struct energy_chip *chip = support_chip(names[i]);
        struct sim_profile p = {.clock_hz = chip->points[0].up_to_mhz * 1e6};
        struct energy_sleep_state first = asleep(chip, NULL, NULL, 0, NAN), idle;
        assert_string_equal(first.name, energy_chip_sleep_mode(chip, 0));
        assert_true(first.retained_kb > 0 && first.wake_s > 0 && first.wake_uj > 0);
        assert_int_equal(energy_chip_sleep(chip, "idle", &p, &usual, &idle, NULL, &err), CC_OK);
        if (!(idle.uw > first.uw))
            fail_msg("%s: idle takes %g uW, %s %g", names[i], idle.uw, first.name, first.uw);
        uint32_t modes = 0;
        while (energy_chip_sleep_mode(chip, modes))
            modes++;
        assert_true(modes >= 2);
        assert_string_equal(energy_chip_sleep_mode(chip, modes - 1), "idle");
        energy_chip_free(chip);
    }
    cc_names_free(names, count);
}

/* Warm silicon leaks, cold silicon is not believed; and what is hot is less certain. */
static void test_temperature(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32u575");
    struct energy_sleep_state room = asleep(chip, NULL, NULL, 3, 25);
    struct energy_sleep_state cold = asleep(chip, NULL, NULL, 3, -40);
    struct energy_sleep_state hot =
        asleep(chip, NULL, NULL, 3, 25 + 2 * chip->sleep_modes[0].doubling_c.value);
    assert_true(cold.uw == room.uw);
    assert_near(hot.uw, 4 * room.uw, 1e-9, "two doublings");
    assert_true(hot.uw_rsd > room.uw_rsd && hot.wake_uj == room.wake_uj);
    energy_chip_free(chip);
}

/* Stop 2 exit 8.0 us at 1.9 mA (DocID025976 Rev 4 table 41) and the PLL; a charge at 3.0 V. */
static void test_wake(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l476");
    struct energy_sleep_state s = asleep(chip, "stop2", NULL, 3, NAN);
    double pll_nj = chip->clock_start_us.value * chip->clock_start_ua.value * 3e-3;
    assert_near(s.wake_uj * 1e3, 8 * 1.9 * 3 + pll_nj, 1e-9, "wake-up of L476");
    assert_near(s.wake_s, (8 + chip->clock_start_us.value) * 1e-6, 1e-9, "time of it");
    assert_true(s.wake_rsd > .05 && s.wake_rsd < .6);
    energy_chip_free(chip);
    chip = support_chip("stm32u575");
    s = asleep(chip, "stop2", "smps", 3, NAN);
    pll_nj = chip->clock_start_us.value * chip->clock_start_ua.value * 3e-3;
    assert_near(s.wake_uj * 1e3, 30 * 3 + pll_nj, 1e-9, "30 nA s at 3.0 V");
    energy_chip_free(chip);
}

/* Idle is what the prices say about a profile that does nothing but sleep. */
static void test_idle(void **state)
{
    (void)state;
    struct energy_sleep_state s;
    struct cc_error err = {0};
    struct energy_docs docs = {.rows = NULL};
    struct energy_chip *chip = support_chip("stm32l476");
    struct sim_profile p = {.clock_hz = 80e6};
    assert_int_equal(energy_chip_sleep(chip, "idle", &p, &usual, &s, &docs, &err), CC_OK);
    /* 2.96 mA at 80 MHz and 3.0 V (DocID025976 Rev 4 table 32) */
    assert_near(s.uw, 2960 * 3, .15, "idle of L476 at 80 MHz");
    assert_near(s.wake_s, 6 / 80e6, 1e-9, "6 cycles");
    p.total.sleep_cycles = 80000000;
    struct energy_result r = support_price(chip, &p, 0);
    assert_near(s.uw, r.total_uj.p50, 1e-9, "a second of WFI");
    assert_true(docs.count >= 5);
    assert_int_equal(energy_chip_sleep(chip, "idle", NULL, &usual, &s, NULL, &err), CC_ERR_USAGE);
    energy_docs_free(&docs);
    energy_result_free(&r);
    energy_chip_free(chip);
}

static void test_peripherals(void **state)
{
    (void)state;
    struct energy_peripheral_state a, b;
    struct cc_error err = {0};
    struct energy_docs docs = {.rows = NULL};
    struct energy_chip *chip = support_chip("stm32l476");
    struct sim_profile p = {.clock_hz = 16e6};
    struct energy_condition at = {.vdd_v = 1.8, .temperature_c = NAN};
    assert_int_equal(energy_chip_peripheral(chip, "pdm", &p, &usual, &a, &docs, &err), CC_OK);
    assert_near(a.uw, 5.6 * 16 * 3, 1e-9, "DFSDM at 16 MHz"); /* table 40: 5.6 uA/MHz */
    assert_string_equal(a.sleep, "idle");
    assert_int_equal(docs.count, 2);
    assert_string_equal(docs.rows[1].file, "energy/chips/stm32l476.yaml");
    assert_string_equal(docs.rows[1].key, "peripherals[1].ua_per_mhz");
    assert_int_equal(energy_chip_peripheral(chip, "pdm", &p, &at, &b, NULL, &err), CC_OK);
    assert_near(b.uw, a.uw * 1.8 / 3, 1e-9, "the current stays");
    /* a clock of its own: the core's does not matter */
    assert_int_equal(energy_chip_peripheral(chip, "lptim", NULL, &usual, &b, NULL, &err), CC_OK);
    assert_near(b.uw, 3.3 * .032768 * 3, 1e-9, "LPTIM on LSE");
    assert_string_equal(b.sleep, "stop2");
    assert_int_equal(energy_chip_peripheral(chip, "flash_write", &p, &usual, &b, NULL, &err),
                     CC_OK);
    assert_true(b.uw == 0 && b.uj_per_kb > 100 && b.uj_per_kb < 400 && b.rsd > 0);
    energy_docs_free(&docs);
    energy_chip_free(chip);
    chip = support_chip("stm32u575");
    p.clock_hz = 160e6;
    at = (struct energy_condition){.vdd_v = 3, .regulator = "ldo", .temperature_c = NAN};
    assert_int_equal(energy_chip_peripheral(chip, "pdm", &p, &usual, &a, NULL, &err), CC_OK);
    assert_int_equal(energy_chip_peripheral(chip, "pdm", &p, &at, &b, NULL, &err), CC_OK);
    assert_near(b.uw / a.uw, 8.49 / 4.09, 1e-6, "LDO over SMPS");
    assert_true(b.vdd_exponent == 1 && a.vdd_exponent < 1);
    energy_chip_free(chip);
}

static void expect(enum cc_status status, enum cc_status expected, const struct cc_error *err,
                   const char *word)
{
    assert_int_equal(status, expected);
    if (!strstr(err->message, word))
        fail_msg("'%s' does not say '%s'", err->message, word);
}

static void test_refusals(void **state)
{
    (void)state;
    struct energy_sleep_state s;
    struct energy_peripheral_state w;
    struct cc_error err = {0};
    struct sim_profile p = {.clock_hz = 16e6};
    struct energy_chip *chip = support_chip("stm32u575");
    struct energy_condition at = {.vdd_v = 3, .regulator = "ldo", .temperature_c = NAN};
    expect(energy_chip_sleep(chip, "stop4", &p, &usual, &s, NULL, &err), CC_ERR_INPUT, &err,
           "did you mean stop");
    expect(energy_chip_sleep(chip, "stop2", &p, &at, &s, NULL, &err), CC_ERR_INPUT, &err,
           "no stop2 on ldo");
    at.regulator = "dcdc";
    expect(energy_chip_sleep(chip, "stop2", &p, &at, &s, NULL, &err), CC_ERR_USAGE, &err,
           "there are: ldo, smps");
    at = (struct energy_condition){.vdd_v = 5, .temperature_c = NAN};
    expect(energy_chip_sleep(chip, "stop2", &p, &at, &s, NULL, &err), CC_ERR_USAGE, &err, "3.6 V");
    at = (struct energy_condition){.vdd_v = 3, .temperature_c = 1e9};
    expect(energy_chip_sleep(chip, "stop2", &p, &at, &s, NULL, &err), CC_ERR_USAGE, &err, "1e+09");
    expect(energy_chip_peripheral(chip, "pmd", &p, &usual, &w, NULL, &err), CC_ERR_INPUT, &err,
           "did you mean pdm?");
    expect(energy_chip_peripheral(chip, "pdm", NULL, &usual, &w, NULL, &err), CC_ERR_USAGE, &err,
           "clock");
    assert_string_equal(energy_chip_regulator_at(chip, 0), "smps");
    assert_string_equal(energy_chip_regulator_at(chip, 1), "ldo");
    assert_null(energy_chip_regulator_at(chip, 2));
    assert_true(energy_chip_least_vdd(chip) == 1.71 && energy_chip_most_vdd(chip) == 3.6);
    energy_chip_free(chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_rows), cmocka_unit_test(test_every_chip),
        cmocka_unit_test(test_temperature),    cmocka_unit_test(test_wake),
        cmocka_unit_test(test_idle),           cmocka_unit_test(test_peripherals),
        cmocka_unit_test(test_refusals),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
