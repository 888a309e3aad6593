#include "cache.h"

#include <stdlib.h>
#include <string.h>

#define FEW_WAYS 8

static enum cc_status make_index(struct sim_cache *cache, uint32_t lines, struct cc_error *err)
{
    if (cache->ways <= FEW_WAYS || lines >= UINT16_MAX)
        return CC_OK;
    cache->heads = calloc(SIM_CACHE_HEADS, sizeof *cache->heads);
    cache->links = calloc(lines, sizeof *cache->links);
    if (cache->ways % SIM_CACHE_GROUP == 0)
        cache->bounds = calloc(lines / SIM_CACHE_GROUP, sizeof *cache->bounds);
    if (!cache->heads || !cache->links || (cache->ways % SIM_CACHE_GROUP == 0 && !cache->bounds)) {
        sim_cache_free(cache);
        return cc_no_memory(err);
    }
    return CC_OK;
}

enum cc_status sim_cache_init(struct sim_cache *cache, const struct sim_cache_config *config,
                              struct cc_error *err)
{
    memset(cache, 0, sizeof *cache);
    if (!config->bytes)
        return CC_OK;
    while ((1u << cache->line_shift) < config->line_bytes)
        cache->line_shift++;
    uint32_t lines = config->bytes / config->line_bytes;
    cache->ways = config->ways;
    cache->sets = lines / config->ways;
    cache->tags = calloc(lines, sizeof *cache->tags);
    cache->stamps = calloc(lines, sizeof *cache->stamps);
    if (!cache->tags || !cache->stamps) {
        sim_cache_free(cache);
        return cc_no_memory(err);
    }
    return make_index(cache, lines, err);
}

void sim_cache_free(struct sim_cache *cache)
{
    free(cache->tags);
    free(cache->stamps);
    free(cache->heads);
    free(cache->links);
    free(cache->bounds);
    memset(cache, 0, sizeof *cache);
}

static uint16_t *chain_of(const struct sim_cache *cache, uint32_t line)
{
    return &cache->heads[(line ^ line >> 9) % SIM_CACHE_HEADS];
}

int64_t sim_cache_find(const struct sim_cache *cache, uint32_t line)
{
    if (!cache->sets)
        return -1;
    if (cache->heads) {
        uint32_t slot = *chain_of(cache, line);
        while (slot && cache->tags[slot - 1] != line + 1)
            slot = cache->links[slot - 1];
        return (int64_t)slot - 1;
    }
    size_t base = (size_t)(line & (cache->sets - 1)) * cache->ways;
    for (uint32_t way = 0; way < cache->ways; way++) {
        if (cache->tags[base + way] == line + 1)
            return (int64_t)(base + way);
    }
    return -1;
}

/* The slot holds another line from now on. */
static void relink(struct sim_cache *cache, size_t slot, uint32_t line)
{
    uint16_t number = (uint16_t)(slot + 1);
    if (cache->tags[slot]) {
        uint16_t *link = chain_of(cache, cache->tags[slot] - 1);
        while (*link != number)
            link = &cache->links[*link - 1];
        *link = cache->links[slot];
    }
    uint16_t *head = chain_of(cache, line);
    cache->links[slot] = *head;
    *head = number;
}

/* Empty slots have stamp 0 and are older than any line. */
static size_t oldest_of(const struct sim_cache *cache, size_t base, uint32_t ways)
{
    size_t victim = base;
    uint64_t least = cache->stamps[base];
    for (size_t slot = base + 1; slot < base + ways; slot++) {
        uint64_t stamp = cache->stamps[slot];
        victim = stamp < least ? slot : victim; /* without branches: they are a coin toss */
        least = stamp < least ? stamp : least;
    }
    return victim;
}

/* Only groups that could hold the oldest slot are searched. */
static size_t oldest_by_bounds(struct sim_cache *cache, size_t base)
{
    uint32_t groups = cache->ways / SIM_CACHE_GROUP;
    uint64_t *bounds = cache->bounds + base / SIM_CACHE_GROUP;
    for (;;) {
        uint32_t lowest = 0;
        uint64_t least = bounds[0];
        for (uint32_t g = 1; g < groups; g++) {
            lowest = bounds[g] < least ? g : lowest;
            least = bounds[g] < least ? bounds[g] : least;
        }
        size_t victim = oldest_of(cache, base + lowest * SIM_CACHE_GROUP, SIM_CACHE_GROUP);
        if (cache->stamps[victim] == least)
            return victim;
        bounds[lowest] = cache->stamps[victim];
    }
}

int64_t sim_cache_fill(struct sim_cache *cache, uint32_t line, uint64_t now)
{
    if (!cache->sets)
        return -1;
    size_t base = (size_t)(line & (cache->sets - 1)) * cache->ways;
    size_t victim =
        cache->bounds ? oldest_by_bounds(cache, base) : oldest_of(cache, base, cache->ways);
    if (cache->tags[victim] == cache->last_line)
        cache->last_line = 0;
    if (cache->heads)
        relink(cache, victim, line);
    cache->tags[victim] = line + 1;
    cache->stamps[victim] = now;
    return (int64_t)victim;
}
