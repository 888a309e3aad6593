/* Random scenarios against a walk that has nothing of the engine's algebra: every way in which the
 * random steps can come out is walked through stretch by stretch, and the results are weighted. */
#include "scenario_device.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ITEMS 9
#define PERIOD_S  4.0

enum kind { LISTEN, SENSE, COMPUTE, INFER, PAUSE, KINDS };

/* A step, and where it ends up. */
struct item {
    enum kind kind;
    double seconds; /* of LISTEN and PAUSE, as written */
    double p;       /* 1 = not random */
    int given;      /* -1 = none */
    unsigned needs; /* items that must come true */
    double from_s, to_s;
};

struct world {
    struct item items[MAX_ITEMS];
    int count;
    /* steps in a row, and the wake-up before them */
    struct row {
        double from_s, to_s;
        int first, last;
        double uj;
    } rows[MAX_ITEMS];
    int row_count;
};

/* splitmix64: the same scenarios on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int pick(uint64_t *random, int below)
{
    return (int)(next_random(random) % (unsigned)below);
}

static int needs_core(const struct item *item)
{
    return item->kind == COMPUTE || item->kind == INFER;
}

static double duration_of(const struct item *item)
{
    static const double fixed[KINDS] = {0, .1, .01, .05, 0};
    return fixed[item->kind] + item->seconds + (item->kind == LISTEN ? .01 : 0);
}

static int implies(const struct item *what, const struct item *by)
{
    return (what->needs & by->needs) == by->needs;
}

/* Out of the light sleep when a recorder is certainly there until then. */
static int wakes_from_light(const struct world *w, int index, double now_s)
{
    for (int i = 0; i < index; i++) {
        const struct item *other = &w->items[i];
        int records = other->kind == LISTEN || other->kind == SENSE;
        if (records && other->from_s <= now_s && other->to_s >= now_s &&
            implies(&w->items[index], other))
            return 1;
    }
    return 0;
}

static double place(struct world *w)
{
    double now_s = 0, end_s = 0;
    struct row *row = NULL;
    for (int i = 0; i < w->count; i++) {
        struct item *item = &w->items[i];
        if (needs_core(item) && !row) {
            int light = wakes_from_light(w, i, now_s);
            row = &w->rows[w->row_count++];
            *row = (struct row){now_s, now_s + (light ? 1e-4 : 1e-3), i, i, light ? .2 : 2};
            now_s = row->to_s;
        } else if (!needs_core(item) && item->kind != LISTEN) {
            row = NULL;
        }
        if (row)
            row->last = i;
        item->from_s = now_s;
        item->to_s = now_s + duration_of(item);
        end_s = fmax(end_s, item->to_s);
        if (item->kind != LISTEN)
            now_s = item->to_s;
    }
    return end_s;
}

static struct world make_world(uint64_t *random)
{
    struct world w = {.count = 2 + pick(random, MAX_ITEMS - 1)};
    for (int i = 0; i < w.count; i++) {
        struct item *item = &w.items[i];
        item->kind = (enum kind)pick(random, KINDS);
        if (item->kind == LISTEN || item->kind == PAUSE)
            item->seconds = 0.005 * (1 + pick(random, 60));
        item->p = pick(random, 2) ? 1 : 0.1 * (1 + pick(random, 9));
        item->given = i > 0 && pick(random, 2) ? pick(random, i) : -1;
        item->needs = item->p < 1 ? 1u << i : 0;
        if (item->given >= 0)
            item->needs |= w.items[item->given].needs;
    }
    place(&w);
    return w;
}

static void write_world(const struct world *w, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, HEAD "period_s: %g\nsteps:\n", PERIOD_S);
    for (int i = 0; i < w->count; i++) {
        const struct item *item = &w->items[i];
        used += (size_t)snprintf(text + used, size - used, "  - name: s%d\n", i);
        if (item->kind == LISTEN)
            used += (size_t)snprintf(text + used, size - used,
                                     "    sensor: {name: mic, duration_s: %.17g, host: pdm}\n"
                                     "    beside: yes\n",
                                     item->seconds);
        else if (item->kind == PAUSE)
            used +=
                (size_t)snprintf(text + used, size - used,
                                 "    wait: {duration_s: %.17g, state: sleep}\n", item->seconds);
        else
            used += (size_t)snprintf(text + used, size - used, "    %s\n",
                                     item->kind == SENSE     ? "sensor: {name: accel, host: pdm}"
                                     : item->kind == COMPUTE ? "compute: mel40"
                                                             : "infer: target");
        if (item->p < 1)
            used += (size_t)snprintf(text + used, size - used, "    probability_fraction: %.17g\n",
                                     item->p);
        if (item->given >= 0)
            used += (size_t)snprintf(text + used, size - used, "    given: s%d\n", item->given);
    }
}

struct sums {
    double sleep_uj, asleep_s, wake_uj;
};

static int happens(const struct item *item, unsigned outcome)
{
    return (item->needs & outcome) == item->needs;
}

static int row_happens(const struct world *w, const struct row *row, unsigned outcome)
{
    for (int i = row->first; i <= row->last; i++) {
        if (needs_core(&w->items[i]) && happens(&w->items[i], outcome))
            return 1;
    }
    return 0;
}

/* 0 = deep, 1 = light, 2 = awake, in the middle of a stretch. */
static int state_at(const struct world *w, unsigned outcome, double s)
{
    int state = 0;
    for (int i = 0; i < w->row_count; i++) {
        const struct row *row = &w->rows[i];
        if (s > row->from_s && s < row->to_s && row_happens(w, row, outcome))
            return 2;
    }
    for (int i = 0; i < w->count; i++) {
        const struct item *item = &w->items[i];
        if (item->kind == PAUSE || s < item->from_s || s > item->to_s || !happens(item, outcome))
            continue;
        if (needs_core(item))
            return 2;
        state = 1;
    }
    return state;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void walk(const struct world *w, unsigned outcome, double weight, struct sums *sums)
{
    double cuts[4 * MAX_ITEMS + 2] = {0, PERIOD_S};
    size_t count = 2;
    for (int i = 0; i < w->count; i++) {
        cuts[count++] = w->items[i].from_s;
        cuts[count++] = w->items[i].to_s;
    }
    for (int i = 0; i < w->row_count; i++) {
        cuts[count++] = w->rows[i].from_s;
        cuts[count++] = w->rows[i].to_s;
        if (row_happens(w, &w->rows[i], outcome))
            sums->wake_uj += weight * w->rows[i].uj;
    }
    qsort(cuts, count, sizeof cuts[0], compare_doubles);
    for (size_t i = 0; i + 1 < count; i++) {
        static const double uw[] = {3, 30, 0};
        int state = state_at(w, outcome, 0.5 * (cuts[i] + cuts[i + 1]));
        double s = weight * (cuts[i + 1] - cuts[i]);
        sums->sleep_uj += uw[state] * s;
        sums->asleep_s += state == 2 ? 0 : s;
    }
}

static struct sums walk_all(const struct world *w)
{
    struct sums sums = {0, 0, 0};
    for (unsigned outcome = 0; outcome < 1u << w->count; outcome++) {
        double weight = 1;
        for (int i = 0; i < w->count; i++) {
            double p = w->items[i].p;
            weight *= outcome >> i & 1 ? p : 1 - p; /* of what is certain only one way counts */
        }
        if (weight > 0)
            walk(w, outcome, weight, &sums);
    }
    return sums;
}

static double part_or_none(const struct energy_scenario_load *load, const char *name)
{
    double uw = 0;
    for (uint32_t i = 0; i < load->load.part_count; i++)
        uw += strcmp(load->load.parts[i].name, name) == 0 ? load->load.parts[i].uw : 0;
    return uw;
}

static void test_random_scenarios(void **state)
{
    uint64_t random = 2026;
    int overlapping = 0, random_steps = 0;
    (void)state;
    for (int n = 0; n < 300; n++) {
        char text[4096];
        struct world w = make_world(&random);
        write_world(&w, text, sizeof text);
        struct device *d = device(text);
        struct sums sums = walk_all(&w);
        if (fabs(d->load.asleep_s - sums.asleep_s) > 1e-9)
            fail_msg("asleep for %.12g s, not %.12g:\n%s", d->load.asleep_s, sums.asleep_s, text);
        NEAR(part_or_none(&d->load, "sleep") + part_or_none(&d->load, "light"),
             sums.sleep_uj / PERIOD_S);
        NEAR(part_or_none(&d->load, "wake"), sums.wake_uj / PERIOD_S);
        for (int i = 0; i < w.count; i++) {
            random_steps += w.items[i].p < 1;
            overlapping += w.items[i].kind == LISTEN && i + 1 < w.count;
        }
        device_free(d);
    }
    assert_true(overlapping > 100 && random_steps > 300); /* they are not trivial */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_scenarios)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
