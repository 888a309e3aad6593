/* Packing with lifetimes is NP-hard (two-dimensional strip packing with one axis fixed), but any
 * best packing, pushed towards offset 0, is what "lowest free gap" yields for the order of its
 * offsets. So the search is over orders: a few that are known to work well, then small changes to
 * the best one, until the lower bound is met or the work allowed is used up. */
#include "models_place.h"

#include <stdlib.h>
#include <string.h>

#define WORK_LIMIT  INT64_C(30000000) /* pairs of blocks looked at, in all trials together */
#define TRIAL_LIMIT 4000

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
    int32_t low = 0, high = placed;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (s->blocks[s->sorted[middle]].offset <= end)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(&s->sorted[low + 1], &s->sorted[low], (size_t)(placed - low) * sizeof *s->sorted);
    s->sorted[low] = index;
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
    if (s->bound < 0 || !try_rules(s))
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
