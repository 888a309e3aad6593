/* The fetch side of the memory path. */
#include "memory_path_int.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LINE_INSN 65535

static void choose_mode(const struct sim_memory_path *path, struct sim_fetch_block *block)
{
    int region = sim_memory_region(path, block->address);
    enum sim_region_kind kind = region < 0 ? SIM_REGION_ITCM : path->chip->regions[region].kind;
    int cached = path->icache.sets && path->setting.icache_on;

    block->region = (uint8_t)(region < 0 ? 0 : region);
    /* Fetches that cost no time are followed too: misses read the memory array all the same. */
    if (sim_is_flash(kind)) {
        block->mode = cached ? SIM_FETCH_CACHED : SIM_FETCH_BUFFERED;
        block->line_shift = (uint8_t)(cached ? path->icache.line_shift : path->fetch_shift);
        /* A cache that is off does not bring the flash nearer than one that misses. */
        block->miss = cached || kind == SIM_REGION_XIP || path->icache_miss > path->flash_read_wait
                          ? path->icache_miss
                          : path->flash_read_wait;
    } else if (kind == SIM_REGION_SRAM && cached && path->chip->memory.data_ram_cached) {
        block->mode = SIM_FETCH_CACHED;
        block->line_shift = (uint8_t)path->icache.line_shift;
        block->miss = path->icache_miss_ram;
    } else if (kind == SIM_REGION_SRAM && path->icache.sets && path->chip->memory.data_ram_cached) {
        block->mode = SIM_FETCH_BUFFERED; /* each double word over the bus */
        block->line_shift = 3;
        block->miss = path->icache_miss_ram;
    } else if (region >= 0 && path->ram_wait[region]) {
        block->mode = SIM_FETCH_BUFFERED; /* a word at a time, nothing ahead */
        block->line_shift = 2;
        block->miss = path->ram_wait[region];
    } else {
        block->mode = SIM_FETCH_FREE;
    }
}

static void note_line(struct sim_fetch_block *block, uint32_t line, size_t insn, int enters)
{
    struct sim_fetch_line *l = &block->lines[line - block->first_line];
    uint16_t number = (uint16_t)(insn < MAX_LINE_INSN ? insn : MAX_LINE_INSN);
    if (line - block->first_line >= block->line_count) {
        block->line_count = line - block->first_line + 1;
        l->first_insn = number;
    }
    l->last_insn = number;
    l->last_enters = (uint8_t)enters;
}

int sim_memory_path_prepare(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    free(block->lines);
    block->lines = NULL;
    block->line_count = 0;
    block->generation = 0;
    choose_mode(path, block);
    if (!block->bytes || !block->insn_count)
        block->mode = SIM_FETCH_FREE;
    if (block->mode == SIM_FETCH_FREE)
        return 1;
    uint32_t shift = block->line_shift;
    block->first_line = block->address >> shift;
    uint32_t last = (block->address + block->bytes - 1) >> shift;
    block->lines = calloc(last - block->first_line + 1, sizeof *block->lines);
    if (!block->lines)
        return 0;
    for (uint32_t i = 0; i < block->insn_count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        uint32_t begin = insn->address >> shift;
        uint32_t end = (insn->address + insn->bytes - 1) >> shift;
        note_line(block, begin, i, 0);
        if (end != begin && end <= last)
            note_line(block, end, i, 1);
    }
    return 1;
}

void sim_fetch_block_free(struct sim_fetch_block *block)
{
    free(block->lines);
    block->lines = NULL;
    block->line_count = 0;
}

static void raise_age(struct sim_cache *cache, uint32_t line, uint64_t stamp)
{
    int64_t slot = sim_cache_find(cache, line);
    if (slot >= 0 && cache->stamps[slot] < stamp)
        cache->stamps[slot] = stamp;
}

/* Gives the lines of every block executed since the last fill the age of its latest execution, so
 * that the line replaced now is the least recently used one. Of the block being executed only the
 * lines up to `insn` have been used this time. */
void sim_fetch_settle_ages(struct sim_memory_path *path, uint32_t insn)
{
    for (struct sim_fetch_block *b = path->used; b; b = b->next_used) {
        for (uint32_t i = 0; i < b->line_count; i++) {
            int ahead = b == path->block && b->lines[i].first_insn > insn;
            raise_age(&path->icache, b->first_line + i,
                      sim_fetch_line_stamp(&b->lines[i], ahead ? b->previous_use : b->last_use));
        }
    }
    path->used = NULL;
    path->generation++;
}

/* The read of the next line, one cycle longer than its wait states, has been under way since the
 * previous line was entered. */
static uint32_t miss_stall(const struct sim_memory_path *path, const struct sim_fetch_block *block,
                           uint32_t line, uint64_t time)
{
    uint64_t head_start = time - path->current_entered, read = (uint64_t)block->miss + 1;
    if (line != path->current_line || !path->setting.prefetch || head_start < 1 ||
        path->chip->regions[block->region].kind == SIM_REGION_SRAM)
        return block->miss;
    return read > head_start ? (uint32_t)(read - head_start) : 0;
}

static uint32_t enter_line(struct sim_memory_path *path, const struct sim_fetch_block *block,
                           uint32_t line, uint64_t stamp, uint32_t insn, uint64_t time)
{
    int continues = line + 1 == path->current_line;
    uint32_t stall = 0;
    if (block->mode == SIM_FETCH_CACHED) {
        struct sim_cache *cache = &path->icache;
        int64_t slot = sim_cache_find(cache, line);
        if (slot >= 0) {
            if (cache->stamps[slot] < stamp)
                cache->stamps[slot] = stamp;
        } else if (!continues) {
            stall = miss_stall(path, block, line, time);
            sim_fetch_settle_ages(path, insn);
            sim_cache_fill(cache, line, stamp);
            path->fetch_line_reads[block->region]++;
        }
    } else if (!continues) {
        stall = miss_stall(path, block, line, time);
        path->fetch_line_reads[block->region]++;
    }
    if (!continues) {
        path->current_line = line + 1;
        path->current_entered = time + stall;
    }
    return stall;
}

uint32_t sim_memory_path_fetch_line(struct sim_memory_path *path,
                                    const struct sim_fetch_block *block, uint32_t line,
                                    uint64_t sequence, int second, uint64_t time)
{
    return enter_line(path, block, line, sim_fetch_stamp(sequence, second), UINT32_MAX, time);
}

/* Whether lines just fetched can have been replaced since: a block larger than its sets pushes out
 * its own first lines, data can too. */
static int may_lack_lines(const struct sim_memory_path *path, const struct sim_fetch_block *block)
{
    const struct sim_cache *cache = &path->icache;
    return path->chip->memory.unified || block->line_count > (uint64_t)cache->sets * cache->ways;
}

/* All lines are in the cache: from here on the block costs nothing until the next fill. */
static void note_resident(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    if (block->mode != SIM_FETCH_CACHED || block->generation == path->generation)
        return;
    for (uint32_t i = 0; may_lack_lines(path, block) && i < block->line_count; i++) {
        if (sim_cache_find(&path->icache, block->first_line + i) < 0)
            return;
    }
    block->generation = path->generation;
    block->previous_use = block->last_use = path->sequence;
    block->next_used = path->used;
    path->used = block;
}

uint32_t sim_memory_path_advance(struct sim_memory_path *path, uint32_t insn)
{
    struct sim_fetch_block *block = path->block;
    uint32_t all = 0;
    while (path->next_line < path->block_lines &&
           block->lines[path->next_line].first_insn <= insn) {
        struct sim_fetch_line *l = &block->lines[path->next_line];
        uint32_t stall = enter_line(path, block, block->first_line + path->next_line,
                                    sim_fetch_line_stamp(l, path->sequence), l->first_insn,
                                    path->time + path->starts[l->first_insn]);
        path->next_line++;
        path->time += stall;
        l->stalls += path->recording ? stall : 0;
        all += stall;
    }
    if (path->next_line == path->block_lines)
        note_resident(path, block);
    return all;
}

uint32_t sim_memory_path_fetch_slow(struct sim_memory_path *path, struct sim_fetch_block *block)
{
    int with_data = block->mode == SIM_FETCH_CACHED && path->chip->memory.unified;
    path->next_line = 0;
    return sim_memory_path_advance(path, with_data ? 0 : UINT32_MAX);
}
