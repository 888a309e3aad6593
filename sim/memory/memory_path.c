#include "memory_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_flash(enum sim_region_kind kind)
{
    return kind == SIM_REGION_FLASH || kind == SIM_REGION_XIP;
}

/* Cost of a miss at the present wait states. The chip file's figure holds at the default clock;
 * each wait state less is a cycle less, but a miss waits for the array all the same. */
static uint32_t miss_cycles(const struct sim_memory_path *path, uint32_t at_default_clock)
{
    const struct sim_chip *chip = path->chip;
    uint32_t default_waits = sim_chip_wait_states(chip, chip->default_clock_hz);
    uint32_t floor = at_default_clock < path->wait_states ? at_default_clock : path->wait_states;
    if (!at_default_clock)
        return path->wait_states;
    uint32_t whole = at_default_clock + path->wait_states;
    uint32_t miss = whole > default_waits ? whole - default_waits : 0;
    return miss > floor ? miss : floor;
}

enum cc_status sim_memory_path_init(struct sim_memory_path *path, const struct sim_chip *chip,
                                    double clock_hz, struct cc_error *err)
{
    const struct sim_memory_config *config = &chip->memory;
    memset(path, 0, sizeof *path);
    path->chip = chip;
    path->wait_states = sim_chip_wait_states(chip, clock_hz);
    path->generation = 1;
    /* At zero wait states the flash answers at once, cache or not; a serial flash never does. */
    int slow = path->wait_states > 0;
    for (uint32_t i = 0; i < chip->region_count; i++)
        slow |= chip->regions[i].kind == SIM_REGION_XIP;
    if (slow) {
        path->flash_read_wait = path->wait_states;
        path->icache_miss = miss_cycles(path, config->icache.miss_cycles_flash);
        path->dcache_miss_flash = miss_cycles(path, config->dcache.miss_cycles_flash);
    }
    path->dcache_miss_sram = config->dcache.miss_cycles_sram;
    while ((1u << path->fetch_shift) < config->fetch_bytes)
        path->fetch_shift++;
    path->region_of_page = calloc(1u << 20, 1);
    if (!path->region_of_page)
        return cc_no_memory(err);
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        memset(path->region_of_page + (r->base >> 12), (int)(i + 1), r->bytes >> 12);
    }
    enum cc_status status = sim_cache_init(&path->icache, &config->icache, err);
    if (status == CC_OK)
        status = sim_cache_init(&path->dcache, &config->dcache, err);
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

void sim_memory_path_prepare(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    int region = sim_memory_region(path, block->address);
    block->region = (uint8_t)(region < 0 ? 0 : region);
    int flash = region >= 0 && is_flash(path->chip->regions[region].kind);
    /* Fetches that cost no time are followed too: misses read the memory array all the same. */
    uint32_t shift = path->icache.sets ? path->icache.line_shift : path->fetch_shift;
    block->last_line = ((block->address + block->bytes - 1) >> shift) + 1;
    if (!flash || !block->bytes)
        block->mode = SIM_FETCH_FREE;
    else if (path->icache.sets)
        block->mode = SIM_FETCH_CACHED;
    else
        block->mode = SIM_FETCH_BUFFERED;
}

/* Age of a line in the instruction cache. Time stands still while a block is fetched, but its lines
 * have an order: the first one is replaced first. */
static uint64_t stamp_of(uint64_t now, uint32_t line_in_block)
{
    return now << 12 | (line_in_block < 4095 ? line_in_block : 4095);
}

/* Gives the lines of every block executed since the last fill the age of its latest execution, so
 * that the line replaced now is the least recently used one. */
static void settle_ages(struct sim_memory_path *path)
{
    struct sim_cache *cache = &path->icache;
    for (struct sim_fetch_block *b = path->used; b; b = b->next_used) {
        uint32_t first = b->address >> cache->line_shift;
        for (uint32_t line = first; line < b->last_line; line++) {
            int64_t slot = sim_cache_find(cache, line);
            uint64_t stamp = stamp_of(b->last_use, line - first);
            if (slot >= 0 && cache->stamps[slot] < stamp)
                cache->stamps[slot] = stamp;
        }
    }
    path->used = NULL;
    path->generation++;
}

/* Reads a line into the instruction cache. */
static void fill_line(struct sim_memory_path *path, uint32_t line, uint64_t stamp, int region)
{
    settle_ages(path);
    sim_cache_fill(&path->icache, line, stamp);
    path->fetch_line_reads[region]++;
}

/* With prefetch the read of the next line, one cycle longer than its wait states, has been under
 * way while the previous one was executed. */
static uint32_t sequential_stall(const struct sim_memory_path *path,
                                 const struct sim_fetch_block *block, uint32_t line_bytes)
{
    uint64_t head_start = (uint64_t)block->core_cycles * line_bytes / block->bytes;
    uint32_t read = path->icache_miss + 1;
    if (!path->chip->memory.prefetch || head_start < 1)
        return path->icache_miss;
    return read > head_start ? read - (uint32_t)head_start : 0;
}

/* Line buffers without a cache behave like a cache of one line. */
static uint32_t fetch_buffered(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    uint32_t shift = path->fetch_shift, stall = 0;
    uint32_t last = block->last_line - 1;
    for (uint32_t line = block->address >> shift; line <= last; line++) {
        if (line + 1 == path->current_fetch_line)
            continue;
        int sequential = line == path->current_fetch_line;
        stall += sequential ? sequential_stall(path, block, 1u << shift) : path->icache_miss;
        path->current_fetch_line = line + 1;
        path->fetch_line_reads[block->region]++;
    }
    return stall;
}

uint32_t sim_memory_path_fetch_slow(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    if (block->mode == SIM_FETCH_BUFFERED)
        return fetch_buffered(path, block);
    struct sim_cache *cache = &path->icache;
    uint32_t shift = cache->line_shift, stall = 0;
    uint32_t first = block->address >> shift, last = block->last_line - 1;
    for (uint32_t line = first; line <= last; line++) {
        int64_t slot = sim_cache_find(cache, line);
        uint64_t stamp = stamp_of(path->now, line - first);
        if (slot >= 0) {
            cache->stamps[slot] = stamp;
        } else {
            int sequential = line == path->current_fetch_line;
            stall += sequential ? sequential_stall(path, block, 1u << shift) : path->icache_miss;
            fill_line(path, line, stamp, block->region);
        }
        path->current_fetch_line = line + 1;
    }
    block->last_use = path->now;
    /* A block larger than its sets can push out its own first lines: it is only known resident
     * when all its lines are still there. */
    int resident = 1;
    for (uint32_t line = first; line <= last && resident; line++)
        resident = sim_cache_find(cache, line) >= 0;
    if (resident && block->generation != path->generation) {
        block->generation = path->generation;
        block->next_used = path->used;
        path->used = block;
    }
    return stall;
}

/* Flash data through the unified cache on the code bus. */
static uint32_t unified_read(struct sim_memory_path *path, uint32_t address, int region)
{
    struct sim_cache *cache = &path->icache;
    uint32_t line = address >> cache->line_shift;
    if (line + 1 == cache->last_line) {
        cache->stamps[cache->last_slot] = stamp_of(path->now, 0);
        return 0;
    }
    int64_t slot = sim_cache_find(cache, line);
    uint32_t stall = 0;
    if (slot < 0) {
        settle_ages(path);
        slot = sim_cache_fill(cache, line, stamp_of(path->now, 0));
        path->data_line_reads[region]++;
        stall = path->icache_miss;
    }
    cache->stamps[slot] = stamp_of(path->now, 0);
    cache->last_line = line + 1;
    cache->last_slot = (uint32_t)slot;
    return stall;
}

static uint32_t flash_read(struct sim_memory_path *path, uint32_t address, int region)
{
    if (path->chip->memory.unified)
        return unified_read(path, address, region);
    if (!path->dcache.sets) {
        path->data_line_reads[region]++;
        return path->flash_read_wait;
    }
    if (sim_cache_access(&path->dcache, address >> path->dcache.line_shift, path->now))
        return 0;
    path->data_line_reads[region]++;
    return path->dcache_miss_flash;
}

/* RAM behind an L1 data cache. Stores allocate (write-back, write-allocate is the default map) but
 * never stall: the store buffer hides the line fill. */
static uint32_t cached_ram(struct sim_memory_path *path, uint32_t address, int region, int is_write)
{
    if (sim_cache_access(&path->dcache, address >> path->dcache.line_shift, path->now))
        return 0;
    path->data_line_reads[region]++;
    return is_write ? 0 : path->dcache_miss_sram;
}

static uint32_t one_access(struct sim_memory_path *path, int region, uint32_t address, int is_write)
{
    enum sim_region_kind kind = path->chip->regions[region].kind;
    path->now++;
    if (is_flash(kind))
        return is_write ? 0 : flash_read(path, address, region);
    if (kind == SIM_REGION_SRAM && path->chip->memory.data_ram_cached && path->dcache.sets)
        return cached_ram(path, address, region, is_write);
    return 0;
}

uint32_t sim_memory_path_data(struct sim_memory_path *path, int region,
                              const struct sim_access_run *run)
{
    uint32_t stall = 0;
    uint32_t address = run->address;
    for (uint32_t i = 0; i < run->count; i++) {
        stall += one_access(path, region, address, run->is_write);
        address += (uint32_t)run->stride;
    }
    return stall;
}

uint32_t sim_memory_path_isolated_wait(const struct sim_memory_path *path)
{
    uint32_t most = 0;
    for (uint32_t i = 0; path->wait_states == 0 && i < path->chip->region_count; i++) {
        if (path->chip->regions[i].isolated_wait > most)
            most = path->chip->regions[i].isolated_wait;
    }
    return most;
}

void sim_memory_path_describe(const struct sim_memory_path *path, char *text, size_t size)
{
    const struct sim_memory_config *c = &path->chip->memory;
    char caches[160] = "no caches";
    char miss[64] = "", alone[64] = "";
    if (c->icache.bytes && c->unified)
        snprintf(caches, sizeof caches, "%u B cache for code and flash data", c->icache.bytes);
    else if (c->icache.bytes && c->dcache.bytes)
        snprintf(caches, sizeof caches, "%u B instruction and %u B data cache", c->icache.bytes,
                 c->dcache.bytes);
    else if (c->icache.bytes)
        snprintf(caches, sizeof caches, "%u B instruction cache", c->icache.bytes);
    if (c->icache.bytes && path->icache_miss != path->wait_states)
        snprintf(miss, sizeof miss, " (%u cycles per miss)", path->icache_miss);
    uint32_t isolated = sim_memory_path_isolated_wait(path);
    if (isolated)
        snprintf(alone, sizeof alone, ", %u more for an isolated RAM access", isolated);
    snprintf(text, size, "%u flash wait state%s, %u-bit flash reads, prefetch %s, %s%s%s",
             path->wait_states, path->wait_states == 1 ? "" : "s", c->fetch_bytes * 8,
             c->prefetch ? "on" : "off", caches, miss, alone);
}
