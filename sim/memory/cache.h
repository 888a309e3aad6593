/* A set-associative cache or a set of line buffers with true LRU replacement: tags and ages only,
 * no data. Used for instruction caches, data caches and unified ones. */
#ifndef SIM_CACHE_H
#define SIM_CACHE_H

#include "sim_chip.h"

#define SIM_CACHE_HEADS 512
#define SIM_CACHE_GROUP 16

struct sim_cache {
    uint32_t line_shift;
    uint32_t sets, ways;
    uint32_t *tags;     /* [sets x ways] line number + 1; 0 = empty */
    uint64_t *stamps;   /* [sets x ways] time of last use */
    uint32_t last_line; /* line number + 1 of the latest hit or fill: most reads repeat it */
    uint32_t last_slot;
    /* With many ways a line is looked up by a hash: */
    uint16_t *heads; /* [SIM_CACHE_HEADS] slot + 1, 0 = none; NULL = few ways, they are searched */
    uint16_t *links; /* [sets x ways] next slot + 1 in the same chain */
    /* and the oldest by what no stamp of each group of slots is below (stamps only rise): */
    uint64_t *bounds; /* [sets x ways / SIM_CACHE_GROUP] */
};

/* config->bytes == 0 gives a cache in which nothing ever hits. Free with sim_cache_free. */
enum cc_status sim_cache_init(struct sim_cache *cache, const struct sim_cache_config *config,
                              struct cc_error *err);
void sim_cache_free(struct sim_cache *cache);

/* Slot of a line that is present, else -1. Does not touch its age. */
int64_t sim_cache_find(const struct sim_cache *cache, uint32_t line);

/* Puts a line in place of the least recently used one of its set. Returns the slot, or -1 when the
 * cache has no lines. */
int64_t sim_cache_fill(struct sim_cache *cache, uint32_t line, uint64_t now);

/* A stamp that may fall. */
static inline void sim_cache_set_age(struct sim_cache *cache, size_t slot, uint64_t stamp)
{
    cache->stamps[slot] = stamp;
    if (cache->bounds && cache->bounds[slot / SIM_CACHE_GROUP] > stamp)
        cache->bounds[slot / SIM_CACHE_GROUP] = stamp;
}

/* Looks a line up, marks it used, fills it on a miss. Returns 1 on a hit. */
static inline int sim_cache_access(struct sim_cache *cache, uint32_t line, uint64_t now)
{
    if (line + 1 == cache->last_line) {
        cache->stamps[cache->last_slot] = now;
        return 1;
    }
    int64_t slot = sim_cache_find(cache, line);
    int hit = slot >= 0;
    if (!hit)
        slot = sim_cache_fill(cache, line, now);
    if (slot >= 0) {
        cache->stamps[slot] = now;
        cache->last_line = line + 1;
        cache->last_slot = (uint32_t)slot;
    }
    return hit;
}

#endif
