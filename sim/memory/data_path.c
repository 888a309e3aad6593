/* The data side of the memory path. */
#include "memory_path_int.h"

/* Data is younger than the instruction that asks for it, the next access younger still. */
static uint64_t next_stamp(struct sim_memory_path *path, uint32_t insn)
{
    uint64_t stamp = (path->sequence + insn + 1) << 8 | 2;
    if (stamp <= path->last_data_stamp)
        stamp = path->last_data_stamp + 1;
    path->last_data_stamp = stamp;
    return stamp;
}

/* The line just filled may have pushed out code that the block being executed has not come to yet:
 * its lines behind the present one are looked up again when they are entered. */
static void fetch_rest_again(struct sim_memory_path *path, uint32_t insn)
{
    const struct sim_fetch_block *block = path->block;
    uint32_t next = path->next_line;
    if (!block || block->mode != SIM_FETCH_CACHED || next != path->block_lines)
        return;
    while (next > 1 && block->lines[next - 1].first_insn > insn)
        next--;
    if (next == path->next_line)
        return;
    path->next_line = next;
    path->current_line = block->first_line + next;
    path->current_entered = path->time + path->starts[block->lines[next - 1].first_insn];
    if (next == 1 && path->line_before == path->current_line)
        path->current_entered = path->entered_before;
}

/* The line in which the latest instruction ends, when the block being executed has more in it. */
static const struct sim_fetch_line *unfinished_line(const struct sim_memory_path *path,
                                                    uint32_t insn, uint32_t *number)
{
    const struct sim_fetch_block *block = path->block;
    if (!block || block->mode != SIM_FETCH_CACHED)
        return NULL;
    const struct sim_insn *i = &block->insns[insn];
    *number = (i->address + i->bytes - 1) >> block->line_shift;
    const struct sim_fetch_line *line = &block->lines[*number - block->first_line];
    return *number - block->first_line < block->line_count && line->last_insn > insn ? line : NULL;
}

/* Puts a line of data in place of the least recently used one. The line of the code being executed
 * has the age of its last instruction already: while the oldest one is looked for, it has that of
 * the latest. */
static int64_t fill_with_data(struct sim_memory_path *path, uint32_t line, uint64_t stamp,
                              uint32_t insn)
{
    struct sim_cache *cache = &path->icache;
    uint32_t own;
    const struct sim_fetch_line *unfinished = unfinished_line(path, insn, &own);
    int64_t own_slot = unfinished ? sim_cache_find(cache, own) : -1;
    uint64_t ahead = 0, now = 0;
    if (own_slot >= 0) {
        const struct sim_insn *i = &path->block->insns[insn];
        ahead = cache->stamps[own_slot];
        now = sim_fetch_stamp(path->sequence + insn, i->address >> cache->line_shift != own);
        if (now < path->own_data_stamp)
            now = path->own_data_stamp;
        sim_cache_set_age(cache, (size_t)own_slot, now < ahead ? now : ahead);
    }
    int64_t slot = sim_cache_fill(cache, line, stamp);
    if (own_slot >= 0 && own_slot != slot)
        cache->stamps[own_slot] = ahead;
    if (unfinished && own == line) /* and more code of it is to come */
        cache->stamps[slot] = sim_fetch_line_stamp(unfinished, path->sequence);
    return slot;
}

/* A line of flash data through the cache that serves code too. */
static uint32_t unified_read(struct sim_memory_path *path, uint32_t line, int region, uint32_t insn)
{
    struct sim_cache *cache = &path->icache;
    uint64_t stamp = next_stamp(path, insn);
    uint32_t stall = 0, own;
    int64_t slot = cache->last_slot;
    if (line + 1 != cache->last_line)
        slot = sim_cache_find(cache, line);
    if (slot < 0) {
        sim_fetch_settle_ages(path, insn);
        slot = fill_with_data(path, line, stamp, insn);
        path->data_line_reads[region]++;
        stall = path->icache_miss;
        fetch_rest_again(path, insn);
    }
    if (unfinished_line(path, insn, &own) && own == line)
        path->own_data_stamp = stamp;
    if (cache->stamps[slot] < stamp)
        cache->stamps[slot] = stamp;
    cache->last_line = line + 1;
    cache->last_slot = (uint32_t)slot;
    return stall;
}

static uint32_t flash_line(struct sim_memory_path *path, uint32_t line, int region, uint32_t insn)
{
    if (path->chip->memory.unified)
        return unified_read(path, line, region, insn);
    if (sim_cache_access(&path->dcache, line, next_stamp(path, insn)))
        return 0;
    path->data_line_reads[region]++;
    return path->dcache_miss_flash;
}

/* RAM behind an L1 data cache. Stores allocate (write-back, write-allocate is the default map) but
 * never stall: the store buffer hides the line fill. */
static uint32_t ram_line(struct sim_memory_path *path, uint32_t line, int region, int is_write,
                         uint32_t insn)
{
    if (sim_cache_access(&path->dcache, line, next_stamp(path, insn)))
        return 0;
    path->data_line_reads[region]++;
    return is_write ? 0 : path->dcache_miss_sram;
}

static uint32_t flash_read(struct sim_memory_path *path, int region, uint32_t address,
                           uint32_t bytes, uint32_t insn)
{
    const struct sim_cache *cache = path->chip->memory.unified ? &path->icache : &path->dcache;
    int on = path->chip->memory.unified ? path->setting.icache_on : path->setting.dcache_on;
    if (!cache->sets || !on) {
        uint32_t miss = path->chip->memory.unified ? path->icache_miss : path->dcache_miss_flash;
        path->data_line_reads[region]++;
        if (path->chip->regions[region].kind == SIM_REGION_XIP)
            return path->icache_miss;
        /* A cache that is off does not bring the flash nearer than one that misses. */
        return cache->sets && miss > path->flash_read_wait ? miss : path->flash_read_wait;
    }
    uint32_t first = address >> cache->line_shift;
    uint32_t last = (address + bytes - 1) >> cache->line_shift;
    uint32_t stall = flash_line(path, first, region, insn);
    return last == first ? stall : stall + flash_line(path, last, region, insn);
}

static uint32_t ram_access(struct sim_memory_path *path, int region,
                           const struct sim_access_run *run, uint32_t address, uint32_t insn)
{
    uint32_t shift = path->dcache.line_shift;
    uint32_t first = address >> shift, last = (address + run->bytes - 1u) >> shift;
    uint32_t stall = ram_line(path, first, region, run->is_write, insn);
    return last == first ? stall : stall + ram_line(path, last, region, run->is_write, insn);
}

static uint32_t one_access(struct sim_memory_path *path, int region,
                           const struct sim_access_run *run, uint32_t address, uint32_t insn)
{
    enum sim_region_kind kind = path->chip->regions[region].kind;
    if (sim_is_flash(kind))
        return run->is_write ? 0 : flash_read(path, region, address, run->bytes, insn);
    if (kind == SIM_REGION_SRAM && path->chip->memory.data_ram_cached && path->dcache.sets) {
        if (path->setting.dcache_on)
            return ram_access(path, region, run, address, insn);
        return run->is_write ? 0 : path->dcache_miss_sram;
    }
    /* a write waits in the buffer of the core or the bus */
    return run->is_write ? 0 : path->ram_wait[region];
}

uint32_t sim_memory_path_data(struct sim_memory_path *path, int region,
                              const struct sim_access_run *run, uint32_t insn)
{
    uint32_t stall = 0;
    uint32_t address = run->address;
    for (uint32_t i = 0; i < run->count; i++) {
        stall += one_access(path, region, run, address, insn);
        address += (uint32_t)run->stride;
    }
    return stall;
}
