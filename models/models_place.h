/* Packs blocks of memory with lifetimes into the smallest arena it can find: the search behind
 * models_plan.h. Knows nothing of networks. */
#ifndef MODELS_PLACE_H
#define MODELS_PLACE_H

#include <stdint.h>

struct models_block {
    int64_t bytes;       /* > 0 */
    int64_t align;       /* > 0, of the offset */
    int32_t first, last; /* steps during which it is needed, both inclusive, first <= last */
    int64_t offset;      /* result, >= 0 */
};

/* Sets every offset, aligned, such that no two blocks with a common step overlap. Deterministic.
 * Returns the bytes used, or -1 when out of memory. n >= 0. Cost: n times the number of blocks
 * live at once; below some thousands of blocks, further passes of O(n^2) within an allowance. */
int64_t models_place(struct models_block *blocks, int32_t n);

/* What no placement can beat: the largest sum of blocks needed at one step. -1 when out of memory.
 */
int64_t models_place_bound(const struct models_block *blocks, int32_t n);

#endif
