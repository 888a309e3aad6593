#include "sim_chip.h"

#include "cc_file.h"
#include "sim_chip_waits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const core_names[SIM_CORE_COUNT] = {
    [SIM_CORTEX_M0] = "cortex-m0", [SIM_CORTEX_M0PLUS] = "cortex-m0plus",
    [SIM_CORTEX_M3] = "cortex-m3", [SIM_CORTEX_M4] = "cortex-m4",
    [SIM_CORTEX_M7] = "cortex-m7", [SIM_CORTEX_M33] = "cortex-m33",
};

const char *sim_core_name(enum sim_core core)
{
    return (unsigned)core < SIM_CORE_COUNT ? core_names[core] : "?";
}

static void mark(struct sim_chip *chip, enum sim_chip_part part, int verified)
{
    if (!verified)
        chip->unverified |= 1u << part;
}

/* How far cycles are from those of a board where every figure was read in its source or fitted to a
 * measurement, and elsewhere. */
#define CYCLES_RSD_VERIFIED   0.03
#define CYCLES_RSD_UNVERIFIED 0.10

double sim_chip_cycles_rsd(const struct sim_chip *chip)
{
    return chip->unverified ? CYCLES_RSD_UNVERIFIED : CYCLES_RSD_VERIFIED;
}

const char *sim_chip_unverified_parts(const struct sim_chip *chip, char *text, size_t size)
{
    static const char *const names[SIM_PART_COUNT] = {
        [SIM_PART_CORE] = "core",
        [SIM_PART_CLOCK] = "clock",
        [SIM_PART_MEMORIES] = "memories",
        [SIM_PART_FLASH] = "flash wait states",
        [SIM_PART_PATH] = "flash interface",
        [SIM_PART_CACHES] = "caches",
    };
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < SIM_PART_COUNT && used < size; i++) {
        if (chip->unverified >> i & 1)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", names[i]);
    }
    return text;
}

static enum cc_status unknown_core(const struct sim_chip *chip, const char *name,
                                   struct cc_error *err)
{
    char near[64], list[128] = "";
    size_t used = 0;
    for (int i = 0; i < SIM_CORE_COUNT && used < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", core_names[i]);
    return cc_fail(err, CC_ERR_INPUT, "%s: core.name: unknown core %s;%s known: %s", chip->path,
                   name, cc_did_you_mean(near, sizeof near, "", name, core_names, SIM_CORE_COUNT),
                   list);
}

static enum cc_status set_core(struct sim_chip *chip, const struct yaml_core *from,
                               struct cc_error *err)
{
    int found = -1;
    for (int i = 0; i < SIM_CORE_COUNT; i++) {
        if (strcmp(core_names[i], from->name) == 0)
            found = i;
    }
    if (found < 0)
        return unknown_core(chip, from->name, err);
    chip->core = (enum sim_core)found;
    int needs_dsp = chip->core == SIM_CORTEX_M4 || chip->core == SIM_CORTEX_M7;
    if (chip->core != SIM_CORTEX_M33 && from->dsp != needs_dsp)
        return cc_fail(err, CC_ERR_INPUT, "%s: core.dsp: every %s has %s DSP extension; write %s",
                       chip->path, from->name, needs_dsp ? "the" : "no", needs_dsp ? "yes" : "no");
    chip->has_fpu = from->fpu;
    chip->has_dsp = from->dsp;
    chip->multiply_cycles = from->multiply_cycles ? from->multiply_cycles : 1;
    chip->mispredict_cycles = from->mispredict_cycles;
    chip->store_buffer_rmw = from->store_buffer_rmw;
    if (chip->multiply_cycles > 64)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: core.multiply_cycles: %u is not a cycle count; use 1 "
                       "or 32",
                       chip->path, chip->multiply_cycles);
    if (chip->store_buffer_rmw && chip->core != SIM_CORTEX_M7)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: core.store_buffer_rmw: known of the cortex-m7 only; leave the line out",
                       chip->path);
    if (!(chip->mispredict_cycles >= 0 && chip->mispredict_cycles <= 100))
        return cc_fail(err, CC_ERR_INPUT, "%s: core.mispredict_cycles: expected 0 to 100",
                       chip->path);
    return CC_OK;
}

static enum cc_status set_region_waits(struct sim_chip *chip, const struct yaml_region *from,
                                       struct sim_region *to, struct cc_error *err)
{
    char key[SIM_NAME_BYTES + 32];
    const struct yaml_wait_table *waits = from->wait_states;
    if (!waits)
        return CC_OK;
    if (to->kind != SIM_REGION_SRAM)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regions.%s.wait_states: only for kind sram; those of the flash go into "
                       "flash_wait_states",
                       chip->path, from->name);
    snprintf(key, sizeof key, "regions.%s.wait_states", from->name);
    mark(chip, SIM_PART_MEMORIES, waits->verified);
    return sim_chip_set_table(chip, key, waits->table, waits->table_count, chip->max_clock_hz,
                              &to->waits, err);
}

#define MAX_REGION_BYTES (512u << 20)

static enum cc_status set_region(struct sim_chip *chip, const struct yaml_region *from,
                                 struct cc_error *err)
{
    int kind = sim_region_from_name(from->kind);
    if (kind < 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regions.%s.kind: unknown kind %s; use flash, xip, sram, itcm, dtcm, "
                       "peripheral or system",
                       chip->path, from->name, from->kind);
    uint64_t bytes = (uint64_t)from->size_kb * 1024, end = from->base + bytes;
    if (bytes == 0 || from->base % 4096 || bytes % 4096 || end > 0x100000000u ||
        bytes > MAX_REGION_BYTES)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regions.%s: base and size must be multiples of 4 KB inside 4 GB, the "
                       "size at most 512 MB",
                       chip->path, from->name);
    int is_system = kind == SIM_REGION_SYSTEM;
    int holds_bus = from->base == SIM_SYSTEM_BASE && bytes >= SIM_SYSTEM_BYTES;
    int meets_bus = from->base < SIM_SYSTEM_BASE + SIM_SYSTEM_BYTES && end > SIM_SYSTEM_BASE;
    if (is_system ? !holds_bus : meets_bus)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regions.%s: 0xe0000000 to 0xe00fffff is the core's own bus, present "
                       "without a line here; kind system is for it alone",
                       chip->path, from->name);
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *other = &chip->regions[i];
        if (from->base < (uint64_t)other->base + other->bytes && other->base < from->base + bytes)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: regions.%s: overlaps region %s; change base or size of one",
                           chip->path, from->name, other->name);
    }
    if (from->isolated_wait_cycles > 8)
        return cc_fail(err, CC_ERR_INPUT, "%s: regions.%s.isolated_wait_cycles: expected 0 to 8",
                       chip->path, from->name);
    struct sim_region *to = &chip->regions[chip->region_count++];
    snprintf(to->name, sizeof to->name, "%s", from->name);
    to->kind = (enum sim_region_kind)kind;
    to->base = from->base;
    to->bytes = (uint32_t)bytes;
    to->isolated_wait = from->isolated_wait_cycles;
    mark(chip, SIM_PART_MEMORIES, from->verified);
    return set_region_waits(chip, from, to, err);
}

static int power_of_two(uint32_t v)
{
    return v && (v & (v - 1)) == 0;
}

static enum cc_status set_cache(struct sim_chip *chip, const char *key, struct sim_cache_config *to,
                                const struct yaml_cache *from, struct cc_error *err)
{
    if (!from)
        return CC_OK;
    uint32_t lines = from->line_bytes ? from->size_bytes / from->line_bytes : 0;
    if (!power_of_two(from->line_bytes) || from->line_bytes < 4 || from->line_bytes > 256 ||
        lines == 0 || lines > 65536 || from->ways == 0 || lines % from->ways ||
        !power_of_two(lines / from->ways) || from->size_bytes % from->line_bytes)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: memory_path.%s: size_bytes must be ways x a power of two of lines of "
                       "4 to 256 bytes (a power of two)",
                       chip->path, key);
    if (from->flash_miss_cycles > 10000 || from->sram_miss_cycles > 10000)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: memory_path.%s: miss cycles above 10000; expected 0 to 10000",
                       chip->path, key);
    to->bytes = from->size_bytes;
    to->line_bytes = from->line_bytes;
    to->ways = from->ways;
    to->miss_cycles_flash = from->flash_miss_cycles;
    to->miss_cycles_sram = from->sram_miss_cycles;
    mark(chip, SIM_PART_CACHES, from->verified);
    return CC_OK;
}

static enum cc_status set_with_wait_states(struct sim_chip *chip,
                                           const struct yaml_with_wait_states *from,
                                           struct cc_error *err)
{
    if (!from)
        return CC_OK;
    int m34 = chip->core == SIM_CORTEX_M3 || chip->core == SIM_CORTEX_M4;
    if (from->branch_target_cycles > 8 || from->store_cycles > 8)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: memory_path.with_wait_states: expected 0 to 8 cycles", chip->path);
    if ((from->store_cycles && !m34) ||
        (from->branch_target_cycles && !m34 && chip->core != SIM_CORTEX_M33))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: memory_path.with_wait_states: store_cycles are known of cortex-m3 and "
                       "m4, branch_target_cycles of those and cortex-m33; leave others out",
                       chip->path);
    chip->memory.branch_target_cycles = from->branch_target_cycles;
    chip->memory.store_cycles = from->store_cycles;
    mark(chip, SIM_PART_PATH, from->verified);
    return CC_OK;
}

static enum cc_status set_memory_path(struct sim_chip *chip, const struct yaml_path *from,
                                      struct cc_error *err)
{
    struct sim_memory_config *to = &chip->memory;
    if (!power_of_two(from->fetch_bytes) || from->fetch_bytes < 4 || from->fetch_bytes > 64)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: memory_path.fetch_bytes: expected a power of two from 4 to 64",
                       chip->path);
    to->fetch_bytes = from->fetch_bytes;
    to->prefetch = from->prefetch;
    to->prefetch_reads_all = from->prefetch_reads_all;
    to->unified = from->unified;
    to->data_ram_cached = from->caches_ram;
    mark(chip, SIM_PART_PATH, from->verified);
    enum cc_status status = set_with_wait_states(chip, from->with_wait_states, err);
    if (status == CC_OK)
        status = set_cache(chip, "instruction_cache", &to->icache, from->instruction_cache, err);
    if (status == CC_OK)
        status = set_cache(chip, "data_cache", &to->dcache, from->data_cache, err);
    if (status == CC_OK && to->unified && !to->icache.bytes)
        status = cc_fail(
            err, CC_ERR_INPUT,
            "%s: memory_path.unified_cache: needs an instruction_cache; add it, or take this out",
            chip->path);
    return status;
}

static int is_allowed(const struct sim_chip *chip, double clock_hz)
{
    for (uint32_t i = 0; i < chip->allowed_clock_count; i++) {
        if (fabs(clock_hz - chip->allowed_clock_hz[i]) <= clock_hz * 1e-9)
            return 1;
    }
    return chip->allowed_clock_count == 0;
}

static enum cc_status set_clock(struct sim_chip *chip, const struct yaml_chip *from,
                                struct cc_error *err)
{
    const struct yaml_clock *clock = &from->clock;
    if (!(clock->max_mhz >= SIM_MIN_CLOCK_MHZ && clock->max_mhz <= 5000))
        return cc_fail(err, CC_ERR_INPUT, "%s: clock.max_mhz: expected %g to 5000", chip->path,
                       SIM_MIN_CLOCK_MHZ);
    if (!(clock->default_mhz >= SIM_MIN_CLOCK_MHZ && clock->default_mhz <= clock->max_mhz))
        return cc_fail(err, CC_ERR_INPUT, "%s: clock.default_mhz: expected %g to max_mhz, %g",
                       chip->path, SIM_MIN_CLOCK_MHZ, clock->max_mhz);
    chip->max_clock_hz = clock->max_mhz * 1e6;
    chip->default_clock_hz = clock->default_mhz * 1e6;
    mark(chip, SIM_PART_CLOCK, clock->verified);
    for (uint32_t i = 0; i < clock->allowed_mhz_count; i++) {
        double mhz = clock->allowed_mhz[i];
        if (!(mhz >= SIM_MIN_CLOCK_MHZ && mhz <= clock->max_mhz))
            return cc_fail(
                err, CC_ERR_INPUT,
                "%s: clock.allowed_mhz: %g is not a clock up to %g; expected MHz up to max_mhz",
                chip->path, mhz, clock->max_mhz);
        chip->allowed_clock_hz[chip->allowed_clock_count++] = mhz * 1e6;
    }
    if (!is_allowed(chip, chip->default_clock_hz))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: clock.default_mhz: %g is not in allowed_mhz; add it there", chip->path,
                       clock->default_mhz);
    return sim_chip_set_ranges(chip, from, err);
}

static int holds_data(enum sim_region_kind kind)
{
    return kind == SIM_REGION_SRAM || kind == SIM_REGION_DTCM || kind == SIM_REGION_ITCM;
}

/* The runner's window must lie in regions of a fitting kind without a gap. */
static int covered(const struct sim_chip *chip, int (*fits)(enum sim_region_kind kind),
                   uint32_t base, uint64_t bytes)
{
    uint64_t at = base, end = (uint64_t)base + bytes;
    for (int moved = 1; moved && at < end;) {
        moved = 0;
        for (uint32_t i = 0; i < chip->region_count; i++) {
            const struct sim_region *r = &chip->regions[i];
            if (fits(r->kind) && at >= r->base && at < (uint64_t)r->base + r->bytes) {
                at = (uint64_t)r->base + r->bytes;
                moved = 1;
            }
        }
    }
    return at >= end;
}

static enum cc_status set_runner(struct sim_chip *chip, const struct yaml_runner *from,
                                 struct cc_error *err)
{
    if (!from->flash_kb || !from->ram_kb || from->flash_kb > 65536 || from->ram_kb > 65536 ||
        !covered(chip, sim_is_flash, from->flash_base, from->flash_kb * 1024ull) ||
        !covered(chip, holds_data, from->ram_base, from->ram_kb * 1024ull))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: runner: the flash window must lie inside regions of kind flash or xip, "
                       "the ram window inside sram, dtcm or itcm",
                       chip->path);
    chip->runner_flash_base = from->flash_base;
    chip->runner_flash_bytes = from->flash_kb * 1024;
    chip->runner_ram_base = from->ram_base;
    chip->runner_ram_bytes = from->ram_kb * 1024;
    return CC_OK;
}

/* Prices are looked up by the name inside, lists show the file's: they must be the same. */
static enum cc_status set_name(struct sim_chip *chip, const char *name, struct cc_error *err)
{
    const char *file = strrchr(chip->path, '/');
    file = file ? file + 1 : chip->path;
    size_t stem = strcspn(file, ".");
    if (strlen(name) >= sizeof chip->name)
        return cc_fail(err, CC_ERR_INPUT, "%s: name: longer than %zu characters; shorten it",
                       chip->path, sizeof chip->name - 1);
    if (strlen(name) != stem || strncmp(name, file, stem) != 0)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: name: is %s, but the file is called %.*s; make them the same",
                       chip->path, name, (int)stem, file);
    snprintf(chip->name, sizeof chip->name, "%s", name);
    return CC_OK;
}

static enum cc_status convert(const struct yaml_chip *from, struct sim_chip *chip,
                              struct cc_error *err)
{
    enum cc_status status = set_name(chip, from->name, err);
    snprintf(chip->description, sizeof chip->description, "%s", from->description);
    if (status == CC_OK)
        status = set_core(chip, &from->core, err);
    mark(chip, SIM_PART_CORE, from->core.verified);
    if (status == CC_OK)
        status = set_clock(chip, from, err);
    for (uint32_t i = 0; status == CC_OK && i < from->regions_count; i++)
        status = set_region(chip, &from->regions[i], err);
    if (status == CC_OK)
        status = set_memory_path(chip, &from->memory_path, err);
    if (status == CC_OK)
        status = sim_chip_registers_convert(chip->path, from->registers, from->registers_count,
                                            from->configuration, &chip->registers, err);
    chip->registers.bit_band = from->peripheral_bit_band;
    if (status == CC_OK)
        status = set_runner(chip, &from->runner, err);
    return status;
}

/* What a spec asks for. */
struct spec {
    char name[sizeof((struct sim_chip *)0)->path];
    double clock_hz;            /* 0 = not given */
    char range[SIM_NAME_BYTES]; /* empty = not given */
};

/* Splits NAME[@MHZ][:RANGE]. */
static enum cc_status split_spec(const char *text, struct spec *spec, struct cc_error *err)
{
    const char *colon = strrchr(text, ':');
    memset(spec, 0, sizeof *spec);
    if (colon && !sim_chip_is_range_name(colon + 1))
        colon = NULL; /* part of a file's name */
    if (colon)
        snprintf(spec->range, sizeof spec->range, "%s", colon + 1);
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    if (n >= sizeof spec->name)
        n = 0; /* longer than any path */
    memcpy(spec->name, text, n);
    char *at = strrchr(spec->name, '@');
    if (at)
        *at = '\0';
    if (!spec->name[0])
        return cc_fail(err, CC_ERR_USAGE,
                       "%.100s: expected NAME or FILE.yaml, with @MHZ and :RANGE behind it if need "
                       "be",
                       text);
    if (!at)
        return CC_OK;
    char *end;
    double mhz = strtod(at + 1, &end);
    if (end == at + 1 || *end || !isfinite(mhz) || mhz < SIM_MIN_CLOCK_MHZ)
        return cc_fail(err, CC_ERR_USAGE,
                       "%.100s: the clock after @ must be a number of MHz, at least %g", text,
                       SIM_MIN_CLOCK_MHZ);
    spec->clock_hz = mhz * 1e6;
    return CC_OK;
}

static enum cc_status check_range_clock(const char *spec, const struct sim_chip *chip,
                                        double clock_hz, struct cc_error *err)
{
    char list[SIM_MAX_RANGES * (SIM_NAME_BYTES + 32)];
    const struct sim_voltage_range *range = &chip->ranges[chip->range];
    if (clock_hz <= range->max_clock_hz * (1 + 1e-9))
        return CC_OK;
    return cc_fail(err, CC_ERR_USAGE, "%s: %g MHz is above the maximum of this range; there are %s",
                   spec, clock_hz / 1e6, sim_chip_list_ranges(chip, list, sizeof list));
}

static enum cc_status check_clock(const char *spec, const struct sim_chip *chip, double clock_hz,
                                  struct cc_error *err)
{
    char list[128] = "";
    size_t used = 0;
    if (clock_hz > chip->max_clock_hz * (1 + 1e-9))
        return cc_fail(err, CC_ERR_USAGE,
                       "%s: %g MHz is above the chip's maximum of %g MHz; ask for less", spec,
                       clock_hz / 1e6, chip->max_clock_hz / 1e6);
    if (is_allowed(chip, clock_hz))
        return check_range_clock(spec, chip, clock_hz, err);
    for (uint32_t i = 0; i < chip->allowed_clock_count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%g", i ? ", " : "",
                                 chip->allowed_clock_hz[i] / 1e6);
    return cc_fail(err, CC_ERR_USAGE,
                   "%s: the core of this chip runs at %s MHz only; ask for one of these", spec,
                   list);
}

static enum cc_status load_file(const char *name, struct sim_chip *chip, struct cc_error *err)
{
    cyaml_data_t *data = NULL;
    enum cc_status status =
        cc_data_resolve("chip", "sim/chips", name, chip->path, sizeof chip->path, err);
    if (status == CC_OK)
        status = cc_yaml_load(chip->path, &sim_chip_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    status = convert(data, chip, err);
    cc_yaml_free(&sim_chip_schema, data);
    return status == CC_OK ? CC_OK : cc_yaml_add_line(err, chip->path);
}

enum cc_status sim_chip_load(const char *spec, struct sim_chip *chip, double *clock_hz,
                             struct cc_error *err)
{
    struct spec asked;
    memset(chip, 0, sizeof *chip);
    *clock_hz = 0;
    enum cc_status status = split_spec(spec, &asked, err);
    if (status == CC_OK)
        status = load_file(asked.name, chip, err);
    if (status == CC_OK)
        status = sim_chip_choose_range(chip, spec, asked.range[0] ? asked.range : NULL, err);
    if (status != CC_OK)
        return status;
    *clock_hz = asked.clock_hz;
    if (*clock_hz == 0)
        *clock_hz = fmin(chip->default_clock_hz, chip->ranges[chip->range].max_clock_hz);
    return check_clock(spec, chip, *clock_hz, err);
}
