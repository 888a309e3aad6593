#include "energy_support.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct mix mix_conv = {
    .classes = {[SIM_CLASS_ALU] = .20,
                [SIM_CLASS_MAC] = .27,
                [SIM_CLASS_SIMD] = .14,
                [SIM_CLASS_LOAD] = .28,
                [SIM_CLASS_STORE] = .04,
                [SIM_CLASS_BRANCH] = .05,
                [SIM_CLASS_LOAD_MULTI] = .01,
                [SIM_CLASS_MUL] = .005,
                [SIM_CLASS_SYSTEM] = .005},
    .cpi = 1.35,
    .stall_fraction = .05,
    .code_reads = .08,
    .sram_reads = .22,
    .sram_writes = .05,
    .line_reads = .06,
    .code = SIM_REGION_FLASH,
};

const struct mix mix_streaming = {
    .classes = {[SIM_CLASS_ALU] = .18,
                [SIM_CLASS_MAC] = .25,
                [SIM_CLASS_SIMD] = .16,
                [SIM_CLASS_LOAD] = .32,
                [SIM_CLASS_STORE] = .03,
                [SIM_CLASS_BRANCH] = .06},
    .cpi = 1.65,
    .stall_fraction = .20,
    .code_reads = .17,
    .sram_reads = .17,
    .sram_writes = .03,
    .line_reads = .075,
    .code = SIM_REGION_FLASH,
};

const struct mix mix_dual_issue = {
    .classes = {[SIM_CLASS_ALU] = .20,
                [SIM_CLASS_MAC] = .27,
                [SIM_CLASS_SIMD] = .15,
                [SIM_CLASS_LOAD] = .28,
                [SIM_CLASS_STORE] = .05,
                [SIM_CLASS_BRANCH] = .05},
    .cpi = .85,
    .stall_fraction = .08,
    .code_reads = .08,
    .sram_reads = .22,
    .sram_writes = .05,
    .line_reads = .01,
    .code = SIM_REGION_FLASH,
};

const struct mix mix_m0plus = {
    .classes = {[SIM_CLASS_ALU] = .43,
                [SIM_CLASS_MUL] = .12,
                [SIM_CLASS_LOAD] = .30,
                [SIM_CLASS_STORE] = .05,
                [SIM_CLASS_BRANCH] = .08,
                [SIM_CLASS_SIMD] = .02},
    .cpi = 1.9,
    .stall_fraction = .12,
    .code_reads = .10,
    .sram_reads = .22,
    .sram_writes = .06,
    .line_reads = .30,
    .code = SIM_REGION_FLASH,
};

static void fill_counts(struct sim_counts *c, const struct mix *mix, double instructions)
{
    memset(c, 0, sizeof *c);
    for (int i = 0; i < SIM_CLASS_COUNT; i++) {
        c->classes[i] = (uint64_t)llround(mix->classes[i] * instructions);
        c->instructions += c->classes[i];
    }
    double cycles = mix->cpi * instructions;
    c->data_stall_cycles = (uint64_t)llround(cycles * mix->stall_fraction * .7);
    c->fetch_stall_cycles = (uint64_t)llround(cycles * mix->stall_fraction * .3);
    c->core_cycles = (uint64_t)llround(cycles * (1 - mix->stall_fraction));
    c->causes[SIM_CAUSE_FLASH_DATA] = c->data_stall_cycles;
    c->causes[SIM_CAUSE_FETCH] = c->fetch_stall_cycles;
    c->causes[SIM_CAUSE_ISSUE] = c->core_cycles;
    c->cycles = c->core_cycles + c->data_stall_cycles + c->fetch_stall_cycles;
    c->regions[mix->code].fetch_bytes = 3 * c->instructions;
    c->regions[mix->code].reads = (uint64_t)llround(mix->code_reads * instructions);
    c->regions[mix->code].line_reads = (uint64_t)llround(mix->line_reads * instructions);
    c->regions[SIM_REGION_SRAM].reads = (uint64_t)llround(mix->sram_reads * instructions);
    c->regions[SIM_REGION_SRAM].writes = (uint64_t)llround(mix->sram_writes * instructions);
    for (int r = 0; r < SIM_REGION_COUNT; r++)
        c->accesses += c->regions[r].reads + c->regions[r].writes;
}

struct sim_profile support_profile(const char *chip, double clock_hz, const struct mix *mix,
                                   double instructions)
{
    static const double share[] = {.01, .29, .70};
    struct sim_profile p = {.clock_hz = clock_hz, .invocations = 1, .scope_count = 3};
    struct cc_error err = {0};
    snprintf(p.chip, sizeof p.chip, "%s", chip);
    p.scopes = calloc(p.scope_count, sizeof *p.scopes);
    assert_non_null(p.scopes);
    for (int i = 0; i < 3; i++) {
        p.scopes[i].id = i - 1;
        snprintf(p.scopes[i].name, sizeof p.scopes[i].name, "scope %d", i);
        fill_counts(&p.scopes[i].counts, mix, instructions * share[i]);
        sim_counts_add(&p.total, &p.scopes[i].counts);
    }
    assert_int_equal(sim_profile_check(&p, &err), CC_OK);
    return p;
}

struct energy_chip *support_chip(const char *name)
{
    struct energy_chip *chip;
    struct cc_error err = {0};
    if (energy_chip_load(name, &chip, &err) != CC_OK)
        fail_msg("%s", err.message);
    return chip;
}

struct energy_battery *support_battery(const char *name)
{
    struct energy_battery *battery;
    struct cc_error err = {0};
    if (energy_battery_load(name, &battery, &err) != CC_OK)
        fail_msg("%s", err.message);
    return battery;
}

struct energy_result support_price(const struct energy_chip *chip,
                                   const struct sim_profile *profile, double vdd_v)
{
    struct energy_result result;
    struct cc_error err = {0};
    struct energy_condition condition = {.vdd_v = vdd_v, .temperature_c = NAN};
    if (energy_price(chip, profile, &condition, &result, &err) != CC_OK)
        fail_msg("%s", err.message);
    return result;
}

char *support_text(const char *folder, const char *name)
{
    char path[1024];
    uint8_t *data;
    size_t bytes;
    struct cc_error err = {0};
    snprintf(path, sizeof path, "%s/tests/tables/%s/%s.yaml", CC_SOURCE_DIR, folder, name);
    if (access(path, R_OK) != 0)
        snprintf(path, sizeof path, "%s/energy/%s/%s.yaml", CC_SOURCE_DIR, folder, name);
    if (cc_file_read(path, 1 << 20, &data, &bytes, &err) != CC_OK)
        fail_msg("%s", err.message);
    return (char *)data;
}

static char *splice(const char *text, const char *at, size_t cut, const char *to)
{
    size_t before = (size_t)(at - text);
    char *out = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    memcpy(out, text, before);
    strcpy(out + before, to);
    strcat(out + before, at + cut);
    return out;
}

char *support_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("the table has no '%s'", from);
    return splice(text, at, strlen(from), to);
}

char *support_without_line(const char *text, const char *word)
{
    const char *at = strstr(text, word);
    if (!at)
        fail_msg("the table has no '%s'", word);
    while (at > text && at[-1] != '\n')
        at--;
    return splice(text, at, strcspn(at, "\n") + 1, "");
}

static char file_path[64];

const char *support_file(const char *text)
{
    struct cc_error err = {0};
    if (!file_path[0])
        snprintf(file_path, sizeof file_path, "/tmp/coincell-energy-%ld.yaml", (long)getpid());
    if (cc_file_write(file_path, text, strlen(text), &err) != CC_OK)
        fail_msg("%s", err.message);
    return file_path;
}

static char pair_folder[64], chip_path[160], prices_path[160];

static void write_text(const char *path, const char *text)
{
    struct cc_error err = {0};
    if (cc_file_write(path, text, strlen(text), &err) != CC_OK)
        fail_msg("%s", err.message);
}

static void remove_pair(void)
{
    char folder[128];
    if (chip_path[0])
        unlink(chip_path);
    if (prices_path[0])
        unlink(prices_path);
    snprintf(folder, sizeof folder, "%s/chips", pair_folder);
    rmdir(folder);
    snprintf(folder, sizeof folder, "%s/prices", pair_folder);
    rmdir(folder);
    rmdir(pair_folder);
    chip_path[0] = prices_path[0] = '\0';
}

const char *support_pair(const char *chip, const char *prices)
{
    char folder[128], name[SIM_NAME_BYTES] = "none";
    const char *at = strncmp(chip, "name: ", 6) == 0 ? chip - 1 : strstr(chip, "\nname: ");
    if (pair_folder[0])
        remove_pair();
    snprintf(pair_folder, sizeof pair_folder, "/tmp/coincell-chip-%ld", (long)getpid());
    mkdir(pair_folder, 0700);
    snprintf(folder, sizeof folder, "%s/chips", pair_folder);
    mkdir(folder, 0700);
    snprintf(folder, sizeof folder, "%s/prices", pair_folder);
    mkdir(folder, 0700);
    if (at)
        sscanf(at + 1, "name: %63[A-Za-z0-9_-]", name);
    snprintf(chip_path, sizeof chip_path, "%s/chips/%s.yaml", pair_folder, name);
    write_text(chip_path, chip);
    if (prices) {
        snprintf(prices_path, sizeof prices_path, "%s/prices/%s.yaml", pair_folder, name);
        write_text(prices_path, prices);
    }
    return chip_path;
}

void support_cleanup(void)
{
    if (file_path[0])
        unlink(file_path);
    if (pair_folder[0])
        remove_pair();
}
