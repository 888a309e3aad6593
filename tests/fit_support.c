#include "fit_support.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/coincell-fit-XXXXXX";
static const char *const folders[] = {"chips", "prices", "measurements"};
static const char *const files[][4] = {{"made.yaml", "bad.yaml", NULL},
                                       {"made.yaml", NULL},
                                       {"made.yaml", "bad.yaml", "more.yaml", NULL}};

#define POINTS 3
static const struct {
    const char *name, *regulator;
    double above_mhz, up_to_mhz, core_v, at_mhz, vdd_v[2];
    double static_ua, price_scale, vdd_exponent;
} points[POINTS] = {
    {"slow", "ldo", 0, 30, 1.0, 20, {3, 1.8}, 150, 0.85, 1},
    {"fast", "ldo", 30, 100, 1.2, 100, {3, 3}, 600, 1, 1},
    {"fast switched", "smps", 0, 100, 1.2, 100, {3, 1.8}, 400, 0.52, 0.25},
};

/* True prices: off the ratios of energy/priors/silicon.yaml by up to a third, both ways. */
static const struct {
    const char *key;
    double value;
} truth[] = {
    {"core.cycle_pj", 210},
    {"core.stall_pj", 140},
    {"core.idle_pj", 75},
    {"classes.alu_pj", 20},
    {"classes.mul_pj", 36},
    {"classes.mac_pj", 110},
    {"classes.simd_pj", 60},
    {"classes.div_pj", 15},
    {"classes.load_pj", 50},
    {"classes.store_pj", 36},
    {"classes.load_multi_pj", 42},
    {"classes.store_multi_pj", 42},
    {"classes.branch_pj", 14},
    {"classes.call_pj", 17},
    {"classes.it_pj", 4},
    {"classes.fpu_pj", 80},
    {"classes.fpu_div_pj", 90},
    {"classes.system_pj", 5},
    {"regions.flash.fetch_pj", 28},
    {"regions.flash.line_read_pj", 260},
    {"regions.flash.read_pj", 70},
    {"regions.sram.fetch_pj", 18},
    {"regions.sram.line_read_pj", 150},
    {"regions.sram.read_pj", 100},
    {"regions.sram.write_pj", 70},
    {"regions.peripheral.read_pj", 105},
    {"regions.peripheral.write_pj", 105},
    {"regions.system.read_pj", 84},
    {"regions.system.write_pj", 84},
};
#define TRUTH_COUNT (sizeof truth / sizeof truth[0])

double fit_support_truth(const char *key)
{
    for (size_t i = 0; i < TRUTH_COUNT; i++) {
        if (strcmp(truth[i].key, key) == 0)
            return truth[i].value;
    }
    for (size_t p = 0; p < POINTS; p++) {
        char name[64];
        snprintf(name, sizeof name, "operating_points[%zu].static_ua", p);
        if (strcmp(name, key) == 0)
            return points[p].static_ua;
        snprintf(name, sizeof name, "operating_points[%zu].price_scale", p);
        if (strcmp(name, key) == 0)
            return points[p].price_scale;
        snprintf(name, sizeof name, "operating_points[%zu].vdd_exponent", p);
        if (strcmp(name, key) == 0)
            return points[p].vdd_exponent;
    }
    return NAN;
}

const char *fit_support_path(const char *folder, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s/%s", root, folder, name);
    return path;
}

const char *fit_support_write(const char *folder, const char *name, const char *text)
{
    struct cc_error err = {0};
    const char *path = fit_support_path(folder, name);
    if (cc_file_write(path, text, strlen(text), &err) != CC_OK)
        fail_msg("%s", err.message);
    return path;
}

int fit_support_setup(void **state)
{
    (void)state;
    if (!mkdtemp(root))
        return -1;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        if (mkdir(path, 0700) != 0)
            return -1;
    }
    return 0;
}

int fit_support_teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[256];
        for (size_t f = 0; files[i][f]; f++)
            unlink(fit_support_path(folders[i], files[i][f]));
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        rmdir(path);
    }
    return rmdir(root);
}

#define FIGURE(value) "{value: " value ", rsd: 0, verified: yes, source: \"test\"}"

static void append(char *text, size_t size, const char *format, ...) CC_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static void write_chip(void)
{
    char text[8192] =
        "name: made\ndescription: made up\nvdd_v: " FIGURE("3") "\nvdd_min_v: " FIGURE(
            "1."
            "7") "\nvdd_max_v: " FIGURE("3.6") "\nreference_vdd_v: " FIGURE("3") "\nleakage_"
                                                                                 "doubling_c:"
                                                                                 " " FIGURE("20") "\nidle_wake_cycles: " FIGURE("6") "\nclock_"
                                                                                                                                     "start_"
                                                                                                                                     "us:"
                                                                                                                                     " " FIGURE("0") "\nclock_start_ua: " FIGURE(
                                                                                                                                         "0") "\noperating_points:\n";
    for (size_t p = 0; p < POINTS; p++)
        append(text, sizeof text,
               "  - {name: \"%s\", regulator: %s, above_mhz: %g, up_to_mhz: %g, verified: yes, "
               "source: \"test\", vcore_v: {value: %g, rsd: 0, verified: yes, source: "
               "\"test\"}}\n",
               points[p].name, points[p].regulator, points[p].above_mhz, points[p].up_to_mhz,
               points[p].core_v);
    append(text, sizeof text,
           "sleep_modes:\n  - {name: stop, text: stop, vdd_v: 3, retained_kb: 1, rtc: yes, source: "
           "\"test\", verified: yes, current_ua: %s, doubling_c: %s, wake_us: %s, wake_ua: %s}\n",
           FIGURE("1"), FIGURE("20"), FIGURE("1"), FIGURE("1"));
    fit_support_write("chips", "made.yaml", text);
}

static void append_figure(char *text, size_t size, const char *indent, const char *key,
                          double value)
{
    append(text, size, "%s%s: {value: %.10g, rsd: 0, verified: yes, source: \"test\"}\n", indent,
           key, value);
}

static void write_prices(void)
{
    char text[16384] = "name: made\nfitted_on: truth\nreference_vdd_v: " FIGURE(
        "3") "\nchip_rsd: " FIGURE("0") "\n";
    const char *section = "", *region = "";
    for (size_t i = 0; i < TRUTH_COUNT; i++) {
        static char names[TRUTH_COUNT][3][32];
        sscanf(truth[i].key, "%31[^.].%31[^.].%31s", names[i][0], names[i][1], names[i][2]);
        if (strcmp(section, names[i][0]) != 0)
            append(text, sizeof text, "%s:\n", names[i][0]);
        section = names[i][0];
        if (names[i][2][0] && strcmp(region, names[i][1]) != 0)
            append(text, sizeof text, "  %s:\n", names[i][1]);
        region = names[i][1];
        append_figure(text, sizeof text, names[i][2][0] ? "    " : "  ",
                      names[i][2][0] ? names[i][2] : names[i][1], truth[i].value);
    }
    append(text, sizeof text, "operating_points:\n");
    for (size_t p = 0; p < POINTS; p++) {
        append(text, sizeof text, "  - name: \"%s\"\n", points[p].name);
        append_figure(text, sizeof text, "    ", "static_ua", points[p].static_ua);
        append_figure(text, sizeof text, "    ", "price_scale", points[p].price_scale);
        if (strcmp(points[p].regulator, "smps") == 0)
            append_figure(text, sizeof text, "    ", "vdd_exponent", points[p].vdd_exponent);
    }
    fit_support_write("prices", "made.yaml", text);
}

const char *fit_support_chip(void)
{
    write_chip();
    write_prices();
    return fit_support_path("chips", "made.yaml");
}

/* 0..1, the same in every run of the test. */
static double any(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return (double)*seed / 4294967296.0;
}

struct sim_profile fit_support_run(uint32_t i, double mhz)
{
    struct sim_profile p = {.clock_hz = mhz * 1e6, .invocations = 1};
    struct sim_counts *c = &p.total;
    uint32_t seed = 77 + 1000 * i;
    snprintf(p.chip, sizeof p.chip, "made");
    if (i == 0) {
        c->sleep_cycles = 1000000;
        return p;
    }
    for (int k = 0; k < 20; k++)
        any(&seed);
    for (int k = 0; k < SIM_CLASS_COUNT; k++) {
        double share = any(&seed);
        c->classes[k] = (uint64_t)(200000 * share * share * share);
        c->instructions += c->classes[k];
    }
    c->core_cycles = (uint64_t)((double)c->instructions * (1 + any(&seed)));
    c->fetch_stall_cycles = i % 3 ? 0 : (uint64_t)((double)c->instructions * any(&seed));
    c->data_stall_cycles = i % 4 ? 0 : (uint64_t)((double)c->instructions * any(&seed) / 2);
    c->cycles = c->core_cycles + c->fetch_stall_cycles + c->data_stall_cycles;
    struct sim_accesses *code = &c->regions[i % 5 == 4 ? SIM_REGION_SRAM : SIM_REGION_FLASH];
    code->fetch_bytes = 3 * c->instructions;
    c->regions[SIM_REGION_FLASH].line_reads = (c->fetch_stall_cycles + c->data_stall_cycles) / 4;
    c->regions[SIM_REGION_FLASH].reads = (uint64_t)(any(&seed) * 100000);
    c->regions[SIM_REGION_SRAM].reads = (uint64_t)(any(&seed) * 300000);
    c->regions[SIM_REGION_SRAM].writes = (uint64_t)(any(&seed) * 200000);
    return p;
}

/* What the true prices say, by energy_price itself. */
static double true_ma(const struct energy_chip *chip, const struct sim_profile *profile,
                      const char *regulator, double vdd_v)
{
    struct energy_condition condition = {
        .vdd_v = vdd_v, .regulator = regulator, .temperature_c = NAN};
    struct energy_result result;
    struct cc_error err = {0};
    if (energy_price(chip, profile, &condition, &result, &err) != CC_OK)
        fail_msg("%s", err.message);
    double ma = result.running_ma;
    energy_result_free(&result);
    return ma;
}

const char *fit_support_measurements(double error)
{
    static char text[65536];
    struct energy_chip *chip;
    struct cc_error err = {0};
    uint32_t seed = 5;
    if (energy_chip_load(fit_support_chip(), &chip, &err) != CC_OK)
        fail_msg("%s", err.message);
    snprintf(text, sizeof text,
             "name: made\ndescription: made up\nchip: made\ngroups:\n"
             "  - name: all\n    source: \"test\"\n    verified: yes\n    common_rsd: 0\n"
             "    tolerance_percent: %g\n    rows:\n",
             100 * fmax(error, 0.005));
    for (size_t p = 0; p < POINTS; p++) {
        for (uint32_t i = 0; i < FIT_SUPPORT_RUNS; i++) {
            double vdd_v = points[p].vdd_v[i % 2];
            struct sim_profile profile = fit_support_run(i, points[p].at_mhz);
            double ma = true_ma(chip, &profile, points[p].regulator, vdd_v);
            sim_profile_free(&profile);
            append(text, sizeof text,
                   "      - {workload: run%u, mhz: %g, vdd_v: %g, regulator: %s, current_ma: "
                   "%.10g}\n",
                   (unsigned)i, points[p].at_mhz, vdd_v, points[p].regulator,
                   ma * exp(error * (2 * any(&seed) - 1)));
        }
    }
    energy_chip_free(chip);
    return fit_support_write("measurements", "made.yaml", text);
}

struct sim_profile *fit_support_profiles(const struct energy_measurements *measurements,
                                         const struct sim_profile ***pointers)
{
    uint32_t count = energy_measurements_count(measurements);
    struct sim_profile *profiles = calloc(count, sizeof *profiles);
    *pointers = calloc(count, sizeof **pointers);
    assert_non_null(profiles);
    assert_non_null(*pointers);
    for (uint32_t i = 0; i < count; i++) {
        const struct energy_measurement *row = energy_measurements_row(measurements, i);
        profiles[i] = fit_support_run((uint32_t)strtoul(row->workload + 3, NULL, 10), row->mhz);
        (*pointers)[i] = &profiles[i];
    }
    return profiles;
}

void fit_support_free(struct sim_profile *profiles, const struct sim_profile **pointers,
                      const struct energy_measurements *measurements)
{
    for (uint32_t i = 0; i < energy_measurements_count(measurements); i++)
        sim_profile_free(&profiles[i]);
    free(profiles);
    free(pointers);
}
