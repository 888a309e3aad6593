/* Prices: calibration currents, sums, supply laws, uncertainty, refusals. */
#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double current_ma(const struct energy_result *r)
{
    return r->total_uj.p50 / r->latency_s / r->vdd_v * 1e-3;
}

static double pj_per_cycle(const struct energy_result *r, const struct sim_profile *p)
{
    return r->total_uj.p50 * 1e6 / (double)p->total.cycles;
}

static void assert_between(double value, double low, double high, const char *what)
{
    if (!(value >= low && value <= high))
        fail_msg("%s: %g is not between %g and %g", what, value, low, high);
}

/* Typical int8 profiles must land on the published measurements: the range of the rows used. */
static void test_measured_currents(void **state)
{
    static const struct {
        const char *chip;
        double mhz, vdd_v;
        const struct mix *mix;
        double low_ma, high_ma;
    } rows[] = {
        /* MLPerf Tiny v0.7-v1.1, bare metal: ic, then ad */
        {"stm32l4r5", 120, 1.8, &mix_conv, 23.6, 27.1},
        {"stm32l4r5", 120, 1.8, &mix_streaming, 23.0, 24.9},
        {"stm32l4r5", 120, 3.0, &mix_conv, 23.6, 27.1},
        {"stm32l4r5", 120, 3.0, &mix_streaming, 23.0, 24.9},
        {"stm32u575", 160, 1.8, &mix_conv, 14.2, 14.8},
        {"stm32u575", 160, 1.8, &mix_streaming, 13.3, 14.9},
        {"stm32h7a3", 280, 3.0, &mix_dual_issue, 40.6, 53.0},
        {"stm32h7a3", 280, 3.3, &mix_dual_issue, 40.0, 48.0},
        /* CoreMark figure times the stated excess of NN code, +-5 % */
        {"stm32f746", 216, 3.0, &mix_dual_issue, 123, 137},
        {"stm32g0b1", 64, 3.0, &mix_m0plus, 7.8, 8.6},
        {"nrf52840", 64, 3.0, &mix_conv, 3.9, 4.4},
        {"apollo3", 48, 3.3, &mix_conv, 0.68, 0.76},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct energy_chip *chip = support_chip(rows[i].chip);
        struct sim_profile p = support_profile(rows[i].chip, rows[i].mhz * 1e6, rows[i].mix, 20e6);
        struct energy_result r = support_price(chip, &p, rows[i].vdd_v);
        assert_between(current_ma(&r), rows[i].low_ma, rows[i].high_ma, rows[i].chip);
        energy_result_free(&r);
        sim_profile_free(&p);
        energy_chip_free(chip);
    }
}

/* The error of the cycles counts for what is paid by the cycle or by time, and for nothing else. */
static void test_cycles_error(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 20e6);
    struct energy_result exact = support_price(chip, &p, 0);
    assert_true(exact.latency_p10_s == exact.latency_s && exact.latency_p90_s == exact.latency_s);
    p.cycles_rsd = .10;
    struct energy_result wide = support_price(chip, &p, 0);
    const double *uj = wide.parts_uj;
    double by_cycle =
        (uj[ENERGY_STATIC] + uj[ENERGY_CYCLES] + uj[ENERGY_STALLS]) / wide.total_uj.p50;
    assert_true(by_cycle > .5 && by_cycle < 1);
    assert_float_equal(wide.total_rsd, hypot(exact.total_rsd, .10 * by_cycle), 1e-12);
    assert_true(wide.total_uj.p50 == exact.total_uj.p50);
    assert_true(wide.total_uj.p10 < exact.total_uj.p10 && wide.total_uj.p90 > exact.total_uj.p90);
    assert_true(wide.scope_uj[2].p90 > exact.scope_uj[2].p90);
    assert_true(wide.latency_s == exact.latency_s);
    assert_float_equal(wide.latency_p90_s / wide.latency_s, 1.1363, 1e-3); /* exp(1.2816 x .0998) */
    assert_float_equal(wide.latency_p10_s * wide.latency_p90_s, exact.latency_s * exact.latency_s,
                       1e-12);
    energy_result_free(&exact);
    energy_result_free(&wide);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

/* RP2040 executes from external flash, so its profile has xip instead of flash. */
static void test_external_flash(void **state)
{
    struct mix mix = mix_m0plus;
    (void)state;
    mix.code = SIM_REGION_XIP;
    mix.line_reads = .008;
    struct energy_chip *chip = support_chip("rp2040");
    struct sim_profile p = support_profile("rp2040", 125e6, &mix, 20e6);
    struct energy_result r = support_price(chip, &p, 3.3);
    assert_between(current_ma(&r), 20.9, 23.1, "rp2040");
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

static void test_parts_and_scopes_add_up(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 1234567);
    struct energy_result r = support_price(chip, &p, 0);
    double parts = 0, scopes = 0;
    for (int i = 0; i < ENERGY_PART_COUNT; i++) {
        assert_true(r.parts_uj[i] > 0);
        parts += r.parts_uj[i];
    }
    for (uint32_t i = 0; i < r.scope_count; i++) {
        scopes += r.scope_uj[i].p50;
        assert_true(r.scope_uj[i].p10 < r.scope_uj[i].p50);
        assert_true(r.scope_uj[i].p50 < r.scope_uj[i].p90);
    }
    assert_true(parts == r.total_uj.p50);
    assert_true(fabs(scopes / r.total_uj.p50 - 1) < 1e-12);
    assert_int_equal(r.scope_count, 3);
    assert_true(r.vdd_v == energy_chip_vdd(chip));
    assert_true(fabs(r.latency_s - (double)p.total.cycles / 120e6) < 1e-12);
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

/* The formula, computed here a second time from the figures of the file. */
static void test_formula(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct sim_profile p = {.clock_hz = 80e6, .invocations = 1};
    struct sim_counts *c = &p.total;
    c->instructions = 700;
    c->classes[SIM_CLASS_ALU] = 300;
    c->classes[SIM_CLASS_MAC] = 400;
    c->core_cycles = 800;
    c->fetch_stall_cycles = 60;
    c->data_stall_cycles = 40;
    c->cycles = 900;
    c->regions[SIM_REGION_SRAM].reads = 50;
    c->regions[SIM_REGION_SRAM].writes = 20;
    c->regions[SIM_REGION_FLASH].line_reads = 7;
    c->accesses = 70;
    struct energy_result r = support_price(chip, &p, 3.0);
    const struct energy_point *at = &chip->points[1];
    double scale = at->price_scale.value, volt = 3.0 / 1.8;
    double classes =
        scale * (300 * chip->classes.class_ALU.value + 400 * chip->classes.class_MAC.value);
    double memory = scale * (50 * chip->regions.region_SRAM.read_pj.value +
                             20 * chip->regions.region_SRAM.write_pj.value +
                             7 * chip->regions.region_FLASH.line_read_pj.value);
    assert_true(at->above_mhz < 80 && at->up_to_mhz >= 80);
    assert_float_equal(r.parts_uj[ENERGY_CYCLES] * 1e6, volt * 800 * at->k_cycle_pj.value, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_STALLS] * 1e6, volt * 100 * at->k_stall_pj.value, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_CLASSES] * 1e6, volt * classes, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_MEMORY] * 1e6, volt * memory, 1e-6);
    /* uA x V x s */
    assert_float_equal(r.parts_uj[ENERGY_STATIC], at->static_ua.value * 3.0 * 900 / 80e6, 1e-12);
    energy_result_free(&r);
    energy_chip_free(chip);
}

static void test_supply_laws(void **state)
{
    (void)state;
    struct energy_chip *ldo = support_chip("stm32l4r5");
    struct energy_chip *smps = support_chip("stm32u575");
    struct sim_profile p = support_profile("x", 110e6, &mix_conv, 1e6);
    struct energy_result a = support_price(ldo, &p, 1.8), b = support_price(ldo, &p, 3.0);
    assert_true(fabs(b.total_uj.p50 / a.total_uj.p50 / (3.0 / 1.8) - 1) < 1e-12);
    assert_true(fabs(current_ma(&b) / current_ma(&a) - 1) < 1e-12);
    energy_result_free(&a);
    energy_result_free(&b);
    a = support_price(smps, &p, 1.8);
    b = support_price(smps, &p, 3.0);
    /* DS13737 table 44, CoreMark: 65.6 uA/MHz at 1.8 V and 44.1 at 3.0 V */
    assert_between(b.total_uj.p50 / a.total_uj.p50, 1.10, 1.14, "U575 energy, 3.0 over 1.8 V");
    assert_true(current_ma(&b) < current_ma(&a));
    assert_true(b.total_rsd > a.total_rsd); /* farther from the voltage of the fit */
    energy_result_free(&a);
    energy_result_free(&b);
    sim_profile_free(&p);
    energy_chip_free(ldo);
    energy_chip_free(smps);
}

/* Lower core voltage: cheaper cycles. And the datasheet's ratio of slopes on U575. */
static void test_operating_points(void **state)
{
    static const double mhz[] = {24, 55, 110, 160};
    double last = 0, first = 0;
    (void)state;
    struct energy_chip *chip = support_chip("stm32u575");
    for (size_t i = 0; i < 4; i++) {
        struct sim_profile p = support_profile("stm32u575", mhz[i] * 1e6, &mix_conv, 1e6);
        struct energy_result r = support_price(chip, &p, 1.8);
        double pj = pj_per_cycle(&r, &p);
        assert_true(pj > last);
        last = pj;
        first = i == 0 ? pj : first;
        energy_result_free(&r);
        sim_profile_free(&p);
    }
    /* CoreMark 45.8 of 65.6 uA/MHz between 24 and 160 MHz */
    assert_between(first / last, .65, .75, "U575 24 MHz over 160 MHz");
    energy_chip_free(chip);
}

static void test_stalls_are_cheaper_than_work(void **state)
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/chips", &names, &count, &err), CC_OK);
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        struct energy_chip *chip = support_chip(names[i]);
        struct sim_profile p = {.clock_hz = 48e6};
        p.total.core_cycles = p.total.cycles = 1000;
        struct energy_result work = support_price(chip, &p, 0);
        p.total.core_cycles = 400;
        p.total.data_stall_cycles = 600;
        struct energy_result wait = support_price(chip, &p, 0);
        assert_true(wait.total_uj.p50 < work.total_uj.p50);
        assert_true(wait.total_uj.p50 > .3 * work.total_uj.p50);
        p.total.core_cycles = 1000;
        p.total.cycles = 1600;
        struct energy_result both = support_price(chip, &p, 0);
        assert_true(both.total_uj.p50 > work.total_uj.p50); /* waiting is never free */
        energy_chip_free(chip);
    }
    cc_names_free(names, count);
}

/* Memory kinds that each chip has, and every class: all have a price above the free ones. */
static void test_every_count_has_a_price(void **state)
{
    static const struct {
        const char *chip;
        enum sim_region_kind kinds[7];
        int count;
    } rows[] = {
#define BASIC SIM_REGION_FLASH, SIM_REGION_SRAM, SIM_REGION_PERIPHERAL, SIM_REGION_SYSTEM
        {"stm32l4r5", {BASIC}, 4},
        {"stm32u575", {BASIC}, 4},
        {"stm32g0b1", {BASIC}, 4},
        {"nrf52840", {BASIC}, 4},
        {"apollo3", {BASIC, SIM_REGION_DTCM}, 5},
        {"stm32f746", {BASIC, SIM_REGION_ITCM, SIM_REGION_DTCM}, 6},
        {"stm32h7a3", {BASIC, SIM_REGION_ITCM, SIM_REGION_DTCM}, 6},
        {"rp2040", {SIM_REGION_XIP, SIM_REGION_SRAM, SIM_REGION_PERIPHERAL, SIM_REGION_SYSTEM}, 4},
#undef BASIC
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct energy_chip *chip = support_chip(rows[i].chip);
        struct sim_profile p = {.clock_hz = 64e6};
        struct sim_counts *c = &p.total;
        if (strcmp(rows[i].chip, "apollo3") == 0)
            p.clock_hz = 48e6;
        for (int k = 0; k < SIM_CLASS_COUNT; k++)
            c->classes[k] = 10;
        for (int k = 0; k < rows[i].count; k++) {
            struct sim_accesses *a = &c->regions[rows[i].kinds[k]];
            int code = rows[i].kinds[k] == SIM_REGION_FLASH || rows[i].kinds[k] == SIM_REGION_XIP;
            a->reads = 10;
            a->writes = code ? 0 : 10;
            a->line_reads = code ? 10 : 0;
        }
        c->instructions = c->core_cycles = c->cycles = 10 * SIM_CLASS_COUNT;
        struct energy_result all = support_price(chip, &p, 0);
        assert_true(all.parts_uj[ENERGY_MEMORY] > 0);
        for (int k = 0; k < rows[i].count; k++) { /* each region adds something */
            struct sim_accesses kept = c->regions[rows[i].kinds[k]];
            memset(&c->regions[rows[i].kinds[k]], 0, sizeof kept);
            struct energy_result less = support_price(chip, &p, 0);
            assert_true(less.total_uj.p50 < all.total_uj.p50);
            c->regions[rows[i].kinds[k]] = kept;
        }
        energy_chip_free(chip);
    }
}

static void expect_refusal(const char *text, const struct sim_profile *p, const char *a,
                           const char *b)
{
    struct energy_result r;
    struct cc_error err = {0};
    struct energy_chip *chip = support_chip(support_file(text));
    assert_int_equal(energy_price(chip, p, 0, &r, &err), CC_ERR_INPUT);
    if (!strstr(err.message, a) || !strstr(err.message, b) || !strstr(err.message, ".yaml"))
        fail_msg("'%s' does not name '%s' and '%s'", err.message, a, b);
    assert_null(r.scope_uj);
    energy_chip_free(chip);
}

static void test_missing_prices(void **state)
{
    (void)state;
    char *text = support_text("chips", "stm32l4r5");
    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 1e6);
    char *no_simd = support_without_line(text, "  simd_pj:");
    expect_refusal(no_simd, &p, "classes.simd_pj", "nearest key there is classes.");
    free(no_simd);
    char *no_write = support_without_line(text, "    write_pj:");
    expect_refusal(no_write, &p, "regions.sram.write_pj",
                   "nearest key there is regions.sram.read_pj");
    free(no_write);
    /* the same class without counts is no error */
    for (uint32_t s = 0; s < p.scope_count; s++)
        p.scopes[s].counts.classes[SIM_CLASS_SIMD] = 0;
    p.total.classes[SIM_CLASS_SIMD] = 0;
    no_simd = support_without_line(text, "  simd_pj:");
    struct energy_chip *chip = support_chip(support_file(no_simd));
    struct energy_result r = support_price(chip, &p, 0);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(no_simd);
    sim_profile_free(&p);
    free(text);
}

static void test_outside_the_tables(void **state)
{
    static const struct {
        double clock_hz, vdd_v;
        enum cc_status status;
        const char *word;
    } rows[] = {
        {121e6, 0, CC_ERR_INPUT, "range 1 boost"},
        {NAN, 0, CC_ERR_INPUT, "clock"},
        {0, 0, CC_ERR_INPUT, "clock"},
        {-1e6, 0, CC_ERR_INPUT, "clock"},
        {80e6, 1.2, CC_ERR_USAGE, "1.71"},
        {80e6, 5, CC_ERR_USAGE, "3.6"},
        {80e6, NAN, CC_ERR_USAGE, "3.6"},
        {80e6, -3, CC_ERR_USAGE, "3.6"},
        {80e6, INFINITY, CC_ERR_USAGE, "3.6"},
    };
    (void)state;
    struct energy_chip *chip = support_chip("stm32l4r5");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_profile p = support_profile("stm32l4r5", rows[i].clock_hz, &mix_conv, 1e4);
        struct energy_result r;
        struct cc_error err = {0};
        assert_int_equal(energy_price(chip, &p, rows[i].vdd_v, &r, &err), rows[i].status);
        if (!strstr(err.message, rows[i].word))
            fail_msg("'%s' does not say '%s'", err.message, rows[i].word);
        sim_profile_free(&p);
    }
    energy_chip_free(chip);
}

static void test_uncertainty(void **state)
{
    (void)state;
    struct energy_interval i = energy_interval_lognormal(100, .2);
    assert_float_equal(i.p90, 128.89, .01); /* exp(1.28155 x sqrt(ln 1.04)) */
    assert_float_equal(i.p10, 77.58, .01);
    i = energy_interval_lognormal(100, 0);
    assert_true(i.p10 == 100 && i.p90 == 100);

    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 1e6);
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_result r = support_price(chip, &p, 0);
    assert_true(r.total_rsd > chip->common_rsd.value && r.total_rsd < .25);
    assert_true(r.total_uj.p10 < r.total_uj.p50 && r.total_uj.p50 < r.total_uj.p90);
    assert_true(fabs(r.total_uj.p90 / r.total_uj.p50 - r.total_uj.p50 / r.total_uj.p10) < 1e-9);
    assert_true(strstr(r.source_note, "MLPerf") != NULL);
    char *text = support_text("chips", "stm32l4r5");
    char *doubted = support_replace(text, "k_cycle_pj: {value: 325, rsd: 0.06, verified: yes",
                                    "k_cycle_pj: {value: 325, rsd: 0.06, verified: no");
    struct energy_chip *less_sure = support_chip(support_file(doubted));
    struct energy_result wider = support_price(less_sure, &p, 0);
    assert_true(wider.total_uj.p50 == r.total_uj.p50);
    assert_true(wider.total_rsd > r.total_rsd);
    energy_result_free(&r);
    energy_result_free(&wider);
    energy_chip_free(chip);
    energy_chip_free(less_sure);
    sim_profile_free(&p);
    free(doubted);
    free(text);
}

static double range_uj(const struct energy_chip *chip, double mhz, const char *range,
                       const char *priced_as)
{
    struct sim_profile p = support_profile("stm32l4r5", mhz * 1e6, &mix_conv, 1e6);
    snprintf(p.voltage_range, sizeof p.voltage_range, "%s", range);
    struct energy_result r = support_price(chip, &p, 0);
    assert_string_equal(r.range, priced_as);
    double uj = r.total_uj.p50;
    energy_result_free(&r);
    sim_profile_free(&p);
    return uj;
}

/* A range asked for is priced as such at every clock it runs at; without one the clock decides. */
static void test_voltage_ranges(void **state)
{
    (void)state;
    struct energy_result r;
    struct cc_error err;
    struct energy_chip *chip = support_chip("stm32l4r5");
    double by_clock = range_uj(chip, 20, "", "range2");
    assert_true(range_uj(chip, 20, "range2", "range2") == by_clock);
    assert_true(range_uj(chip, 20, "range1", "range1") > by_clock * 1.15);
    assert_true(range_uj(chip, 100, "range1", "range1") == range_uj(chip, 100, "", "range1"));
    struct sim_profile p = support_profile("stm32l4r5", 60e6, &mix_conv, 1e6);
    snprintf(p.voltage_range, sizeof p.voltage_range, "range2");
    assert_int_equal(energy_price(chip, &p, 0, &r, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "no prices of voltage range range2 at 60 MHz; there are "
                                        "range2 up to 26 MHz, range1 up to 80 MHz"));
    sim_profile_free(&p);
    energy_chip_free(chip);
    /* prices that know no ranges hold in every one */
    chip = support_chip("stm32f407");
    p = support_profile("stm32f407", 60e6, &mix_conv, 1e6);
    snprintf(p.voltage_range, sizeof p.voltage_range, "2v1");
    r = support_price(chip, &p, 0);
    assert_string_equal(r.range, "");
    energy_result_free(&r);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

/* A long source is cut at a whole word, and the note says so. */
static void test_note(void **state)
{
    (void)state;
    struct sim_profile p = support_profile("stm32l4r5", 24e6, &mix_conv, 1e6);
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_result r = support_price(chip, &p, 0);
    assert_non_null(
        strstr(r.source_note, "range 2, up to 26 MHz")); /* the whole name of the point */
    const char *source = strstr(r.source_note, "(range 1 boost price");
    const char *dots = strstr(r.source_note, "...)");
    assert_true(source && dots);
    size_t shown = (size_t)(dots - source) - 1;
    const char *whole = chip->points[0].k_cycle_pj.source;
    assert_int_equal(strncmp(whole, source + 1, shown), 0);
    assert_int_equal(whole[shown], ' ');
    energy_result_free(&r);
    energy_chip_free(chip);
    sim_profile_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measured_currents),
        cmocka_unit_test(test_cycles_error),
        cmocka_unit_test(test_external_flash),
        cmocka_unit_test(test_parts_and_scopes_add_up),
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_supply_laws),
        cmocka_unit_test(test_operating_points),
        cmocka_unit_test(test_stalls_are_cheaper_than_work),
        cmocka_unit_test(test_every_count_has_a_price),
        cmocka_unit_test(test_missing_prices),
        cmocka_unit_test(test_outside_the_tables),
        cmocka_unit_test(test_voltage_ranges),
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_uncertainty),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
