#include "memory_path_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cost of a miss at the present wait states. The chip file's figure holds at the default clock;
 * each wait state less is a cycle less, but a miss waits for the array all the same. */
static uint32_t miss_cycles(const struct sim_memory_path *path, uint32_t at_default_clock)
{
    const struct sim_chip *chip = path->chip;
    uint32_t waits = path->setting.wait_states;
    uint32_t default_waits = sim_chip_default_wait_states(chip);
    uint32_t floor = at_default_clock < waits ? at_default_clock : waits;
    if (!at_default_clock)
        return waits;
    uint32_t whole = at_default_clock + waits;
    uint32_t miss = whole > default_waits ? whole - default_waits : 0;
    return miss > floor ? miss : floor;
}

static void set_waits(struct sim_memory_path *path)
{
    const struct sim_memory_config *config = &path->chip->memory;
    /* At zero wait states the flash answers at once, cache or not; a serial flash never does. */
    int slow = path->setting.wait_states > 0;
    for (uint32_t i = 0; i < path->chip->region_count; i++)
        slow |= path->chip->regions[i].kind == SIM_REGION_XIP;
    path->flash_read_wait = slow ? path->setting.wait_states : 0;
    path->icache_miss = slow ? miss_cycles(path, config->icache.miss_cycles_flash) : 0;
    path->dcache_miss_flash = slow ? miss_cycles(path, config->dcache.miss_cycles_flash) : 0;
    path->dcache_miss_sram = config->dcache.miss_cycles_sram;
    path->icache_miss_ram = config->icache.miss_cycles_sram ? config->icache.miss_cycles_sram
                                                            : config->dcache.miss_cycles_sram;
}

static void set_causes(struct sim_memory_path *path)
{
    int unified = path->chip->memory.unified && path->icache.sets && path->setting.icache_on;
    int cached = path->dcache.sets && path->setting.dcache_on;
    for (uint32_t i = 0; i < path->chip->region_count; i++) {
        int flash = sim_is_flash(path->chip->regions[i].kind);
        int ram_cached = path->chip->memory.data_ram_cached && cached &&
                         path->chip->regions[i].kind == SIM_REGION_SRAM;
        path->data_cause[i] = flash ? unified || cached ? SIM_CAUSE_DCACHE : SIM_CAUSE_FLASH_DATA
                              : ram_cached ? SIM_CAUSE_DCACHE
                                           : SIM_CAUSE_RAM;
    }
}

enum cc_status sim_memory_path_set(struct sim_memory_path *path,
                                   const struct sim_memory_setting *setting, struct cc_error *err)
{
    struct sim_cache_config icache = path->chip->memory.icache;
    if (setting->icache_ways && setting->icache_ways < icache.ways)
        icache.ways = setting->icache_ways;
    path->setting = *setting;
    path->generation++;
    path->used = NULL;
    path->block = NULL;
    path->next_line = path->block_lines = 0;
    path->current_line = 0;
    sim_cache_free(&path->icache);
    sim_cache_free(&path->dcache);
    enum cc_status status = sim_cache_init(&path->icache, &icache, err);
    if (status == CC_OK)
        status = sim_cache_init(&path->dcache, &path->chip->memory.dcache, err);
    set_waits(path);
    set_causes(path);
    return status;
}

struct sim_memory_setting sim_memory_path_default(const struct sim_chip *chip, double clock_hz)
{
    uint8_t on = !chip->memory.caches_off;
    return (struct sim_memory_setting){sim_chip_wait_states(chip, clock_hz),
                                       (uint8_t)chip->memory.prefetch, on, on, 0};
}

enum cc_status sim_memory_path_init(struct sim_memory_path *path, const struct sim_chip *chip,
                                    double clock_hz, struct cc_error *err)
{
    struct sim_memory_setting setting = sim_memory_path_default(chip, clock_hz);
    memset(path, 0, sizeof *path);
    path->chip = chip;
    path->generation = 1;
    while ((1u << path->fetch_shift) < chip->memory.fetch_bytes)
        path->fetch_shift++;
    path->region_of_page = calloc(1u << 20, 1);
    if (!path->region_of_page)
        return cc_no_memory(err);
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        memset(path->region_of_page + (r->base >> 12), (int)(i + 1), r->bytes >> 12);
        path->ram_wait[i] = sim_region_wait_states(r, clock_hz);
    }
    enum cc_status status = sim_memory_path_set(path, &setting, err);
    if (status != CC_OK)
        sim_memory_path_free(path);
    return status;
}

void sim_memory_path_free(struct sim_memory_path *path)
{
    free(path->region_of_page);
    sim_cache_free(&path->icache);
    sim_cache_free(&path->dcache);
    memset(path, 0, sizeof *path);
}

void sim_memory_path_waits(const struct sim_memory_path *path, struct sim_timing_config *config)
{
    const struct sim_chip *chip = path->chip;
    int waits = path->setting.wait_states > 0;
    config->isolated_wait = 0;
    for (uint32_t i = 0; !waits && i < chip->region_count; i++) {
        if (chip->regions[i].isolated_wait > config->isolated_wait)
            config->isolated_wait = chip->regions[i].isolated_wait;
    }
    int cached = path->icache.sets && path->setting.icache_on;
    config->branch_target_wait = waits && cached ? chip->memory.branch_target_cycles : 0;
    config->store_wait = waits ? chip->memory.store_cycles : 0;
}

/* What is charged only on some chips or at some clocks. */
static void describe_extras(const struct sim_memory_path *path, char *text, size_t size)
{
    struct sim_timing_config waits = {0};
    uint32_t ram = 0;
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < path->chip->region_count; i++)
        ram = path->ram_wait[i] > ram ? path->ram_wait[i] : ram;
    sim_memory_path_waits(path, &waits);
    if (waits.isolated_wait)
        used += (size_t)snprintf(text, size, ", %u more for an isolated RAM access",
                                 waits.isolated_wait);
    int alike = waits.store_wait == waits.branch_target_wait;
    if (waits.branch_target_wait)
        used += (size_t)snprintf(text + used, size - used, ", %u more for a taken branch%s",
                                 waits.branch_target_wait, alike ? " or a store" : "");
    if (waits.store_wait && !alike)
        used +=
            (size_t)snprintf(text + used, size - used, ", %u more for a store", waits.store_wait);
    if (ram)
        snprintf(text + used, size - used, ", RAM with %u wait state%s", ram, ram == 1 ? "" : "s");
}

void sim_memory_path_describe(const struct sim_memory_path *path, char *text, size_t size)
{
    const struct sim_memory_config *c = &path->chip->memory;
    int icache = c->icache.bytes && path->setting.icache_on;
    int dcache = c->dcache.bytes && path->setting.dcache_on;
    char caches[160] = "no caches";
    char miss[64] = "", extras[128], range[SIM_NAME_BYTES + 24] = "";
    if (icache && c->unified)
        snprintf(caches, sizeof caches, "%u B cache for code and flash data", c->icache.bytes);
    else if (icache && dcache)
        snprintf(caches, sizeof caches, "%u B instruction and %u B data cache", c->icache.bytes,
                 c->dcache.bytes);
    else if (icache)
        snprintf(caches, sizeof caches, "%u B instruction cache", c->icache.bytes);
    else if (dcache)
        snprintf(caches, sizeof caches, "%u B data cache", c->dcache.bytes);
    if (icache && path->icache_miss != path->setting.wait_states)
        snprintf(miss, sizeof miss, " (%u cycles per miss)", path->icache_miss);
    if (path->chip->range_by_name)
        snprintf(range, sizeof range, "voltage range %s, ",
                 path->chip->ranges[path->chip->range].name);
    describe_extras(path, extras, sizeof extras);
    snprintf(text, size, "%s%u flash wait state%s, %u-bit flash reads, prefetch %s, %s%s%s", range,
             path->setting.wait_states, path->setting.wait_states == 1 ? "" : "s",
             c->fetch_bytes * 8, path->setting.prefetch ? "on" : "off", caches, miss, extras);
}
