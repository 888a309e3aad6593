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

/* Typical int8 profiles, made up, must land on or within 5 % of the published measurements; the
 * real ones are compared in test_fit_chips. */
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
        {"stm32l4r5", 120, 1.8, &mix_streaming, 22.0, 24.9},
        {"stm32l4r5", 120, 3.0, &mix_conv, 23.6, 27.1},
        {"stm32l4r5", 120, 3.0, &mix_streaming, 22.0, 24.9},
        {"stm32u575", 160, 1.8, &mix_conv, 13.5, 15.5},
        {"stm32u575", 160, 1.8, &mix_streaming, 12.5, 14.9},
        {"stm32h7a3", 280, 3.0, &mix_dual_issue, 40.6, 53.0},
        {"stm32h7a3", 280, 3.3, &mix_dual_issue, 40.0, 48.0},
        /* CoreMark figure times what NN code takes more, 1 on an M0+, else 1.1-1.4 */
        {"stm32f746", 216, 3.0, &mix_dual_issue, 123, 137},
        {"stm32g0b1", 64, 3.0, &mix_m0plus, 5.9, 7.2},
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
    /* squares of standard deviations of the logarithm add */
    assert_float_equal(log1p(pow(wide.total_rsd, 2)),
                       log1p(pow(exact.total_rsd, 2)) + log1p(.01) * by_cycle * by_cycle, 1e-12);
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
    assert_between(current_ma(&r), 18, 22, "rp2040"); /* one busy core */
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

/* The sample chip with one change of its prices. */
static struct energy_chip *sample(const char *name, const char *from, const char *to)
{
    char *chip = support_text("chips", name), *prices = support_text("prices", name);
    char *edited = support_replace(prices, from, to);
    struct energy_chip *loaded = support_chip(support_pair(chip, edited));
    free(chip);
    free(prices);
    free(edited);
    return loaded;
}

/* The formula, computed here a second time from the figures of the file. */
static void test_formula(void **state)
{
    (void)state;
    struct energy_chip *chip =
        sample("sample_ldo", "fetch_pj: {value: 0", "fetch_pj: {value: 11.5");
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
    c->regions[SIM_REGION_FLASH].fetch_bytes = 20;
    c->sleep_cycles = 1000;
    c->accesses = 70;
    struct energy_result r = support_price(chip, &p, 3.0);
    const struct energy_point *at = &chip->points[1];
    const struct energy_prices *y = chip->prices;
    double scale = y->points[1].price_scale.figure.value, volt = 3.0 / 1.8;
    double static_ua = y->points[1].static_ua.figure.value;
    double classes =
        scale * (300 * y->classes.class_ALU.figure.value + 400 * y->classes.class_MAC.figure.value);
    double memory = scale * (50 * y->regions.region_SRAM.read_pj.figure.value +
                             20 * y->regions.region_SRAM.write_pj.figure.value +
                             7 * y->regions.region_FLASH.line_read_pj.figure.value + 5 * 11.5);
    double cycle_pj = scale * y->core.cycle_pj.figure.value;
    double stall_pj = scale * y->core.stall_pj.figure.value;
    double idle_uj = scale * y->core.idle_pj.figure.value * 1000 * volt * 1e-6;
    assert_true(at->above_mhz < 80 && at->up_to_mhz >= 80);
    assert_float_equal(r.parts_uj[ENERGY_CYCLES] * 1e6, volt * 800 * cycle_pj, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_STALLS] * 1e6, volt * 100 * stall_pj, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_CLASSES] * 1e6, volt * classes, 1e-6);
    assert_float_equal(r.parts_uj[ENERGY_MEMORY] * 1e6, volt * memory, 1e-6);
    /* uA x V x s, over the cycles slept too, and what those cost beyond */
    assert_float_equal(r.parts_uj[ENERGY_STATIC], static_ua * 3.0 * 1900 / 80e6 + idle_uj, 1e-12);
    assert_float_equal(r.latency_s, 1900 / 80e6, 1e-15);
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
    p.clock_hz = 160e6;
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
        {"apollo3", {BASIC}, 4},
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

static void expect_refusal(const char *prices, const struct sim_profile *p, const char *a,
                           const char *b)
{
    struct energy_result r;
    struct cc_error err = {0};
    char *facts = support_text("chips", "sample_ldo");
    struct energy_chip *chip = support_chip(support_pair(facts, prices));
    free(facts);
    assert_int_equal(energy_price(chip, p, NULL, &r, &err), CC_ERR_INPUT);
    if (!strstr(err.message, a) || !strstr(err.message, b) || !strstr(err.message, ".yaml"))
        fail_msg("'%s' does not name '%s' and '%s'", err.message, a, b);
    assert_null(r.scope_uj);
    energy_chip_free(chip);
}

static void test_missing_prices(void **state)
{
    (void)state;
    char *text = support_text("prices", "sample_ldo"), *facts = support_text("chips", "sample_ldo");
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
    struct energy_chip *chip = support_chip(support_pair(facts, no_simd));
    struct energy_result r = support_price(chip, &p, 0);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(no_simd);
    sim_profile_free(&p);
    free(facts);
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
        struct energy_condition condition = {.vdd_v = rows[i].vdd_v, .temperature_c = NAN};
        assert_int_equal(energy_price(chip, &p, &condition, &r, &err), rows[i].status);
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

    char *facts = support_text("chips", "sample_ldo");
    char *prices = support_text("prices", "sample_ldo");
    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 1e6);
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct energy_result r = support_price(chip, &p, 0);
    assert_true(r.total_rsd > chip->prices->chip_rsd.value && r.total_rsd < .25);
    assert_true(r.total_uj.p10 < r.total_uj.p50 && r.total_uj.p50 < r.total_uj.p90);
    assert_true(fabs(r.total_uj.p90 / r.total_uj.p50 - r.total_uj.p50 / r.total_uj.p10) < 1e-9);
    energy_result_free(&r);
    energy_chip_free(chip);
    chip = support_chip(support_pair(facts, prices));
    r = support_price(chip, &p, 0);
    struct energy_chip *less_sure =
        sample("sample_ldo", "cycle_pj: {value: 325, rsd: 0.06, verified: yes",
               "cycle_pj: {value: 325, rsd: 0.06, verified: no");
    struct energy_result wider = support_price(less_sure, &p, 0);
    assert_true(wider.total_uj.p50 == r.total_uj.p50);
    assert_true(wider.total_rsd > r.total_rsd);
    energy_result_free(&r);
    energy_result_free(&wider);
    energy_chip_free(chip);
    energy_chip_free(less_sure);
    sim_profile_free(&p);
    free(facts);
    free(prices);
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
    assert_int_equal(energy_price(chip, &p, NULL, &r, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "no prices of voltage range range2 at 60 MHz on ldo; there "
                                        "are range2 up to 26 MHz, range1 up to 80 MHz"));
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

/* A long text is cut at a whole word, and the note says so. */
static void test_note(void **state)
{
    (void)state;
    struct sim_profile p = support_profile("stm32l4r5", 24e6, &mix_conv, 1e6);
    char *facts = support_text("chips", "sample_ldo");
    char *prices = support_text("prices", "sample_ldo");
    struct energy_chip *chip = support_chip(support_pair(facts, prices));
    struct energy_result r = support_price(chip, &p, 0);
    assert_ptr_equal(strstr(r.source_note, "ldo range 2, up to 26 MHz, at 3 V; "), r.source_note);
    const char *words = strstr(r.source_note, "; ") + 2;
    const char *dots = strstr(r.source_note, "...; ");
    assert_non_null(dots);
    size_t shown = (size_t)(dots - words);
    assert_int_equal(strncmp(chip->prices->fitted_on, words, shown), 0);
    assert_int_equal(chip->prices->fitted_on[shown], ' ');
    energy_result_free(&r);
    energy_chip_free(chip);
    sim_profile_free(&p);
    free(facts);
    free(prices);
}

static double effect_of(const struct energy_result *r, const char *word)
{
    for (uint32_t i = 0; i < r->effect_count; i++) {
        if (strstr(r->effects[i].name, word))
            return r->effects[i].log_effect;
    }
    return 0;
}

static void assert_effects_add_up(const struct energy_result *r)
{
    double variance = 0, share = 0;
    assert_true(r->effect_count > 0 && r->effect_count <= ENERGY_MAX_EFFECTS);
    for (uint32_t i = 0; i < r->effect_count; i++)
        variance += pow(r->effects[i].log_effect, 2);
    assert_float_equal(variance, log1p(pow(r->total_rsd, 2)), 1e-9);
    for (int i = 0; i < ENERGY_TOP_SPREADS; i++) {
        assert_true(i == 0 || r->spread[i].share <= r->spread[i - 1].share);
        share += r->spread[i].share;
    }
    assert_true(share > 0 && share <= 1 + 1e-12);
    double largest = 0;
    for (uint32_t i = 0; i < r->effect_count; i++)
        largest = fmax(largest, pow(r->effects[i].log_effect, 2));
    assert_float_equal(r->spread[0].share, largest / variance, 1e-12);
}

/* Without a fit: groups of prices are unknowns of their own, fully correlated within. */
static void test_effects_of_groups(void **state)
{
    (void)state;
    struct sim_profile p = support_profile("x", 120e6, &mix_conv, 1e6);
    char *facts = support_text("chips", "sample_ldo");
    char *prices = support_text("prices", "sample_ldo");
    struct energy_chip *chip = support_chip(support_pair(facts, prices));
    struct energy_result r = support_price(chip, &p, 0);
    assert_effects_add_up(&r);
    double share = r.parts_uj[ENERGY_CYCLES] / r.total_uj.p50;
    assert_float_equal(effect_of(&r, "cycle price"), share * sqrt(log1p(.06 * .06)), 1e-12);
    share = r.parts_uj[ENERGY_CLASSES] / r.total_uj.p50;
    assert_float_equal(effect_of(&r, "class prices"), share * sqrt(log1p(.3 * .3 + .1 * .1)),
                       share * .05); /* a few classes have other rsd */
    assert_float_equal(effect_of(&r, "between chips"), sqrt(log1p(.09 * .09)), 1e-12);
    energy_result_free(&r);
    energy_chip_free(chip);
    sim_profile_free(&p);
    free(facts);
    free(prices);
}

/* Two prices along one direction with opposite signs: what they cost together is better known than
 * each of them. */
static void test_effects_of_a_fit(void **state)
{
    (void)state;
    struct sim_profile p = {.clock_hz = 120e6, .invocations = 1};
    p.total.classes[SIM_CLASS_ALU] = 1000;
    p.total.classes[SIM_CLASS_MAC] = 500;
    p.total.core_cycles = p.total.cycles = p.total.instructions = 1500;
    char *facts = support_text("chips", "sample_ldo");
    char *prices = support_text("prices", "sample_ldo");
    char *one = support_replace(prices, "alu_pj: {", "alu_pj: {fit_fraction: [0.2, 0.05], ");
    char *both = support_replace(one, "mac_pj: {", "mac_pj: {fit_fraction: [-0.15], ");
    struct energy_chip *chip = support_chip(support_pair(facts, both));
    const struct energy_prices *y = chip->prices;
    struct energy_result r = support_price(chip, &p, 0);
    double alu = y->classes.class_ALU.figure.value * 1000 * 3.0 / 1.8 * 1e-6 / r.total_uj.p50;
    double mac = y->classes.class_MAC.figure.value * 500 * 3.0 / 1.8 * 1e-6 / r.total_uj.p50;
    assert_effects_add_up(&r);
    assert_float_equal(effect_of(&r, "fit 1, alu and mac"), .2 * alu - .15 * mac, 1e-9);
    assert_float_equal(effect_of(&r, "fit 2, alu"), .05 * alu, 1e-9);
    /* what the directions leave of alu and mac, the others as they were judged */
    double own_alu = alu * sqrt(log1p(.09 - .04 - .0025));
    double own_mac = mac * sqrt(log1p(.09 - .0225));
    double cycles = r.parts_uj[ENERGY_CYCLES] / r.total_uj.p50 * sqrt(log1p(.06 * .06));
    double statics = r.parts_uj[ENERGY_STATIC] / r.total_uj.p50 * sqrt(log1p(.3 * .3 + .1 * .1));
    assert_float_equal(
        effect_of(&r, "leave open"),
        sqrt(own_alu * own_alu + own_mac * own_mac + cycles * cycles + statics * statics), 1e-9);
    energy_result_free(&r);
    energy_chip_free(chip);
    free(facts);
    free(prices);
    free(one);
    free(both);
}

/* A converter without headroom is bypassed, unless it is asked for. */
static void test_no_headroom(void **state)
{
    (void)state;
    struct energy_chip *chip = support_chip("efr32mg24");
    struct sim_profile p = support_profile("efr32mg24", 78e6, &mix_conv, 1e6);
    struct energy_condition at = {.vdd_v = 1.8, .regulator = "smps", .temperature_c = NAN};
    struct energy_result low = support_price(chip, &p, 1.8), high = support_price(chip, &p, 2.2), r;
    struct cc_error err = {0};
    assert_string_equal(low.regulator, "ldo");
    assert_string_equal(high.regulator, "smps");
    assert_int_equal(energy_price(chip, &p, &at, &r, &err), CC_OK);
    assert_string_equal(r.regulator, "smps");
    energy_result_free(&r);
    energy_result_free(&low);
    energy_result_free(&high);
    energy_chip_free(chip);
    sim_profile_free(&p);
}

/* The same work on the other regulator and in the heat. */
static void test_conditions(void **state)
{
    (void)state;
    struct energy_result r;
    struct cc_error err = {0};
    struct energy_chip *chip = support_chip("stm32u575");
    struct sim_profile p = support_profile("stm32u575", 160e6, &mix_conv, 1e6);
    struct energy_condition at = {.vdd_v = 3, .regulator = "ldo", .temperature_c = NAN};
    struct energy_result smps = support_price(chip, &p, 3);
    assert_string_equal(smps.regulator, "smps");
    assert_true(smps.vdd_exponent > 0 && smps.vdd_exponent < .6);
    assert_int_equal(energy_price(chip, &p, &at, &r, &err), CC_OK);
    assert_string_equal(r.regulator, "ldo");
    assert_true(r.vdd_exponent == 1);
    /* CoreMark at 160 MHz and 3.0 V: 84.4 uA/MHz on the LDO, 44.1 on the SMPS (DS13737 table 44) */
    assert_between(r.total_uj.p50 / smps.total_uj.p50, 1.91 * .9, 1.91 * 1.1, "LDO over SMPS");
    double warm_uj = r.parts_uj[ENERGY_STATIC], total_uj = r.total_uj.p50;
    energy_result_free(&r);
    at.temperature_c = 25 + chip->leakage_doubling_c.value;
    assert_int_equal(energy_price(chip, &p, &at, &r, &err), CC_OK);
    assert_float_equal(r.parts_uj[ENERGY_STATIC], 2 * warm_uj, 1e-9 * warm_uj);
    assert_float_equal(r.total_uj.p50, total_uj + warm_uj, 1e-9 * total_uj);
    assert_true(effect_of(&r, "leakage") < 0);
    energy_result_free(&r);
    at.temperature_c = -40; /* no better than at 25 C */
    assert_int_equal(energy_price(chip, &p, &at, &r, &err), CC_OK);
    assert_float_equal(r.total_uj.p50, total_uj, 1e-9 * total_uj);
    energy_result_free(&r);
    at.regulator = "buck";
    assert_int_equal(energy_price(chip, &p, &at, &r, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "'buck'; there are: ldo, smps"));
    energy_result_free(&smps);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

static void test_unpriced(void **state)
{
    (void)state;
    struct energy_result r;
    struct energy_chip *chip;
    struct cc_error err = {0};
    struct sim_profile p = support_profile("stm32u575", 160e6, &mix_conv, 1e6);
    assert_int_equal(energy_chip_load_unpriced("stm32u575", &chip, &err), CC_OK);
    assert_null(chip->prices);
    assert_int_equal(energy_price(chip, &p, NULL, &r, &err), CC_ERR_USAGE);
    sim_profile_free(&p);
    energy_chip_free(chip);
}

static const struct energy_input *input_of(const struct energy_docs *docs, const char *key)
{
    for (uint32_t i = 0; i < docs->count; i++) {
        if (strcmp(docs->rows[i].key, key) == 0)
            return &docs->rows[i];
    }
    return NULL;
}

static void test_docs(void **state)
{
    (void)state;
    struct cc_error err = {0};
    struct energy_docs docs = {.rows = NULL};
    struct energy_chip *chip = support_chip("stm32l4r5");
    struct sim_profile p = support_profile("stm32l4r5", 120e6, &mix_conv, 1e6);
    assert_int_equal(energy_price_docs(chip, &p, NULL, &docs, &err), CC_OK);
    const struct energy_input *mac = input_of(&docs, "classes.mac_pj");
    assert_non_null(mac);
    assert_string_equal(mac->file, "energy/prices/stm32l4r5.yaml");
    assert_true(mac->value == chip->prices->classes.class_MAC.figure.value);
    assert_string_equal(mac->source, chip->prices->classes.class_MAC.figure.source);
    assert_non_null(input_of(&docs, "operating_points[2].static_ua"));
    assert_string_equal(input_of(&docs, "vdd_v")->file, "energy/chips/stm32l4r5.yaml");
    assert_null(input_of(&docs, "classes.fpu_pj")); /* not used by this profile */
    assert_null(input_of(&docs, "core.idle_pj"));
    assert_null(input_of(&docs, "operating_points[1].static_ua"));
    uint32_t count = docs.count;
    assert_int_equal(energy_price_docs(chip, &p, NULL, &docs, &err), CC_OK);
    assert_int_equal(docs.count, count); /* each once */
    assert_int_equal(energy_price_docs(chip, &p, NULL, NULL, &err), CC_OK);
    energy_docs_free(&docs);
    assert_null(docs.rows);
    sim_profile_free(&p);
    energy_chip_free(chip);
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
        cmocka_unit_test(test_effects_of_groups),
        cmocka_unit_test(test_effects_of_a_fit),
        cmocka_unit_test(test_no_headroom),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_unpriced),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_uncertainty),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
