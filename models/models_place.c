/* Packing with lifetimes is NP-hard (two-dimensional strip packing with one axis fixed), but any
 * best packing, pushed towards offset 0, is what "lowest free gap" yields for the order of its
 * offsets. So the search is over orders: a few that are known to work well, then small changes to
 * the best one, until the lower bound is met or the work allowed is used up. */
#include "models_place.h"

#include <stdlib.h>
#include <string.h>

#define WORK_LIMIT  INT64_C(30000000) /* pairs of blocks looked at, in all trials together */
#define TRIAL_LIMIT 4000
#define MANY_BLOCKS 8192 /* from here on one pass in time order must do */

struct search {
    struct models_block *blocks;
    int32_t n;
    int32_t *order;  /* [n] the order being tried */
    int32_t *best;   /* [n] the best order so far */
    int32_t *sorted; /* [n] placed blocks by offset */
    int64_t *key;    /* [n] by which blocks are ordered, largest first */
    int64_t *crowd;  /* [n] sum of all blocks it meets */
    int64_t bound, peak, best_peak;
    int64_t work;
    uint32_t random;
};

/* One moment at which the sum of live blocks changes. */
struct event {
    int64_t step, change;
};

static int by_step(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return (x->change > y->change) - (x->change < y->change); /* ends before starts */
}

static struct event *make_events(const struct models_block *blocks, int32_t n)
{
    struct event *events = malloc(2 * (size_t)n * sizeof *events);
    for (int32_t i = 0; events && i < n; i++) {
        events[2 * i] = (struct event){blocks[i].first, blocks[i].bytes};
        events[2 * i + 1] = (struct event){(int64_t)blocks[i].last + 1, -blocks[i].bytes};
    }
    if (events)
        qsort(events, 2 * (size_t)n, sizeof *events, by_step);
    return events;
}

int64_t models_place_bound(const struct models_block *blocks, int32_t n)
{
    if (n == 0)
        return 0;
    struct event *events = make_events(blocks, n);
    if (!events)
        return -1;
    int64_t live = 0, most = 0;
    for (int64_t i = 0; i < 2 * (int64_t)n; i++) {
        live += events[i].change;
        most = live > most ? live : most;
    }
    free(events);
    return most;
}

static int meet(const struct models_block *a, const struct models_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static int64_t align_up(int64_t value, int64_t align)
{
    return (value + align - 1) / align * align;
}

/* Adds a block to the first `count` entries of s->sorted. */
static void insert_sorted(struct search *s, int32_t index, int32_t count)
{
    int64_t offset = s->blocks[index].offset;
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (s->blocks[s->sorted[middle]].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(&s->sorted[low + 1], &s->sorted[low], (size_t)(count - low) * sizeof *s->sorted);
    s->sorted[low] = index;
}

/* Puts block `index` into the lowest gap between the blocks placed so far that share a step. */
static void place_one(struct search *s, int32_t index, int32_t placed)
{
    struct models_block *block = &s->blocks[index];
    int64_t end = 0; /* of the blocks below the gap, aligned for this block */
    for (int32_t i = 0; i < placed; i++) {
        const struct models_block *other = &s->blocks[s->sorted[i]];
        if (!meet(block, other))
            continue;
        if (other->offset - end >= block->bytes)
            break;
        int64_t other_end = align_up(other->offset + other->bytes, block->align);
        end = other_end > end ? other_end : end;
    }
    block->offset = end;
    insert_sorted(s, index, placed);
}

/* Places all blocks in s->order; keeps the order when it is the best so far. */
static void try_order(struct search *s)
{
    s->peak = 0;
    for (int32_t i = 0; i < s->n; i++) {
        place_one(s, s->order[i], i);
        const struct models_block *block = &s->blocks[s->order[i]];
        int64_t end = block->offset + block->bytes;
        s->peak = end > s->peak ? end : s->peak;
    }
    s->work += (int64_t)s->n * s->n;
    /* Equal is taken as well: walking along a plateau is how the search leaves it. */
    if (s->best_peak < 0 || s->peak <= s->best_peak) {
        s->best_peak = s->peak;
        memcpy(s->best, s->order, (size_t)s->n * sizeof *s->order);
    }
}

static int finished(const struct search *s)
{
    return s->best_peak == s->bound || (s->best_peak >= 0 && s->work >= WORK_LIMIT);
}

/* qsort has no context; ties are broken by index so that the result is the same everywhere. */
struct keyed {
    int64_t key, second;
    int32_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    if (x->second != y->second)
        return x->second > y->second ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Orders blocks by s->key, then size. 0 when out of memory. */
static int order_by_key(struct search *s)
{
    struct keyed *keyed = malloc((size_t)s->n * sizeof *keyed);
    if (!keyed)
        return 0;
    for (int32_t i = 0; i < s->n; i++)
        keyed[i] = (struct keyed){s->key[i], s->blocks[i].bytes, i};
    qsort(keyed, (size_t)s->n, sizeof *keyed, by_key);
    for (int32_t i = 0; i < s->n; i++)
        s->order[i] = keyed[i].index;
    free(keyed);
    return 1;
}

static void find_crowds(struct search *s)
{
    for (int32_t i = 0; i < s->n; i++) {
        s->crowd[i] = 0;
        for (int32_t j = 0; j < s->n; j++) {
            if (meet(&s->blocks[i], &s->blocks[j]))
                s->crowd[i] += s->blocks[j].bytes;
        }
    }
}

enum rule {
    LARGEST_FIRST,
    CROWDED_FIRST,
    LARGEST_AREA_FIRST,
    LONGEST_FIRST,
    EARLIEST_FIRST,
    LATEST_FIRST,
    RULES
};

static int64_t key_of(const struct search *s, enum rule rule, int32_t i)
{
    const struct models_block *b = &s->blocks[i];
    int64_t steps = (int64_t)b->last - b->first + 1;
    switch (rule) {
    case CROWDED_FIRST:
        return s->crowd[i];
    case LARGEST_AREA_FIRST:
        return b->bytes * steps;
    case LONGEST_FIRST:
        return steps;
    case EARLIEST_FIRST:
        return -(int64_t)b->first;
    case LATEST_FIRST:
        return b->last;
    case LARGEST_FIRST:
    case RULES:
        break;
    }
    return b->bytes;
}

/* Lowest place for a block between blocks that live together with it and each other, by offset. */
static int64_t lowest_place(const struct search *s, const struct models_block *block, int32_t live)
{
    int64_t end = 0;
    for (int32_t i = 0; i < live; i++) {
        const struct models_block *other = &s->blocks[s->sorted[i]];
        if (other->offset - end >= block->bytes)
            break;
        end = align_up(other->offset + other->bytes, block->align);
    }
    return end;
}

/* The place right below the bound, or -1 when something lives there. */
static int64_t top_place(const struct search *s, const struct models_block *block, int32_t live)
{
    int64_t place = (s->bound - block->bytes) / block->align * block->align;
    if (live == 0)
        return place;
    const struct models_block *last = &s->blocks[s->sorted[live - 1]];
    return last->offset + last->bytes <= place ? place : -1;
}

/* Forgets blocks that ended before a step; returns how many live on, still by offset. */
static int32_t drop_dead(struct search *s, int32_t live, int32_t step)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < live; i++) {
        if (s->blocks[s->sorted[i]].last >= step)
            s->sorted[kept++] = s->sorted[i];
    }
    return kept;
}

/* Walks through time and puts blocks at the bottom or, when that is taken, below the bound: a
 * chain of layers needs no more than its largest pair. Cost: blocks times those live at once. */
static int place_at_two_ends(struct search *s)
{
    int32_t live = 0;
    for (int32_t i = 0; i < s->n; i++)
        s->key[i] = -(int64_t)s->blocks[i].first;
    if (!order_by_key(s))
        return 0;
    s->peak = 0;
    for (int32_t i = 0; i < s->n; i++) {
        struct models_block *block = &s->blocks[s->order[i]];
        live = drop_dead(s, live, block->first);
        int64_t low = lowest_place(s, block, live), top = low ? top_place(s, block, live) : -1;
        block->offset = top >= 0 ? top : low;
        insert_sorted(s, s->order[i], live++);
        int64_t end = block->offset + block->bytes;
        s->peak = end > s->peak ? end : s->peak;
    }
    return 1;
}

/* The two-ended placement as an order: by its offsets. */
static int try_two_ends(struct search *s)
{
    if (!place_at_two_ends(s))
        return 0;
    for (int32_t i = 0; i < s->n; i++)
        s->key[i] = -s->blocks[i].offset;
    if (!order_by_key(s))
        return 0;
    try_order(s);
    return 1;
}

static int try_rules(struct search *s)
{
    for (int rule = 0; rule < RULES && !finished(s); rule++) {
        if (rule == CROWDED_FIRST)
            find_crowds(s);
        for (int32_t i = 0; i < s->n; i++)
            s->key[i] = key_of(s, (enum rule)rule, i);
        if (!order_by_key(s))
            return 0;
        try_order(s);
    }
    return 1;
}

static uint32_t next_random(struct search *s, uint32_t below)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return s->random % below;
}

static void move(int32_t *order, int32_t from, int32_t to)
{
    int32_t index = order[from];
    if (from > to)
        memmove(&order[to + 1], &order[to], (size_t)(from - to) * sizeof *order);
    else
        memmove(&order[from], &order[from + 1], (size_t)(to - from) * sizeof *order);
    order[to] = index;
}

/* A block that ends at the peak came too late: move one of them forward. Every other time, move
 * any block anywhere. */
static void change_order(struct search *s, int32_t trial)
{
    uint32_t n = (uint32_t)s->n;
    int32_t from = (int32_t)next_random(s, n);
    if (trial % 2 == 0) {
        for (int32_t i = 0; i < s->n; i++) {
            int32_t at = (from + i) % s->n;
            const struct models_block *b = &s->blocks[s->order[at]];
            if (b->offset + b->bytes == s->peak) {
                from = at;
                break;
            }
        }
        move(s->order, from, (int32_t)next_random(s, (uint32_t)from + 1));
        return;
    }
    move(s->order, from, (int32_t)next_random(s, n));
}

static void improve(struct search *s)
{
    for (int32_t trial = 0; trial < TRIAL_LIMIT && !finished(s); trial++) {
        memcpy(s->order, s->best, (size_t)s->n * sizeof *s->order);
        change_order(s, trial);
        try_order(s);
    }
}

static int64_t run_search(struct search *s)
{
    s->bound = models_place_bound(s->blocks, s->n);
    s->best_peak = -1;
    s->random = 1;
    if (s->bound < 0)
        return -1;
    if (s->n >= MANY_BLOCKS)
        return place_at_two_ends(s) ? s->peak : -1;
    if (!try_two_ends(s) || !try_rules(s))
        return -1;
    improve(s);
    memcpy(s->order, s->best, (size_t)s->n * sizeof *s->order);
    try_order(s); /* the blocks hold the offsets of the last trial, not of the best */
    return s->peak;
}

int64_t models_place(struct models_block *blocks, int32_t n)
{
    if (n == 0)
        return 0;
    size_t count = (size_t)n;
    struct search s = {.blocks = blocks,
                       .n = n,
                       .order = malloc(count * sizeof *s.order),
                       .best = malloc(count * sizeof *s.best),
                       .sorted = malloc(count * sizeof *s.sorted),
                       .key = malloc(count * sizeof *s.key),
                       .crowd = malloc(count * sizeof *s.crowd)};
    int64_t peak = s.order && s.best && s.sorted && s.key && s.crowd ? run_search(&s) : -1;
    free(s.order);
    free(s.best);
    free(s.sorted);
    free(s.key);
    free(s.crowd);
    return peak;
}
