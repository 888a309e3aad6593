/* The timeline of a period in which everything happens, and the mean powers that follow from it.
 *
 * The core's sleep is booked by difference: the whole period in the scenario's sleep mode, then for
 * every stretch between two changes the expected correction. In a stretch several things may keep
 * the core from that sleep (a step that needs it, a wake-up, peripherals that allow only a shallow
 * mode), each with its events. The deepest restriction wins: the k-th, in order of rising depth,
 * counts when it happens and none before it does, which is expanded by inclusion and exclusion into
 * probabilities of masks. */
#include "energy_scenario_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AWAKE (-1) /* level of a core that does not sleep */
#define MAX_BEFORE                                                                                 \
    (PLAN_MAX_UNION + 3) /* different conditions at once on how deep the core sleeps */
#define MAX_ACTORS (SCENARIO_MAX_STEPS + PLAN_MAX_UNION)
#define MAX_SPANS  (4 * SCENARIO_MAX_STEPS)
#define MAX_CUTS   (2 * MAX_SPANS + 2)

/* Something that keeps the core from its usual sleep. */
struct span {
    double from_s, to_s;
    uint32_t mask;
    int level; /* AWAKE, or the sleep that is left */
    int whole; /* from 0 to the end of the period, whenever that is */
};

/* Steps in a row that need the core. */
struct run {
    int open;
    double from_s, wake_s;
    int level; /* sleep it wakes up from */
    uint32_t masks[PLAN_MAX_UNION];
    int mask_count;
};

struct timeline {
    const struct energy_scenario_plan *plan;
    struct plan_model *model;
    struct span spans[MAX_SPANS];
    int span_count;
    double now_s;
    struct run run;
};

int plan_mask_index(struct plan_model *model, uint32_t bits)
{
    for (int i = 0; i < model->mask_count; i++) {
        if (model->masks[i].bits == bits)
            return i;
    }
    int bit = 0, rest = 0;
    if (bits) {
        while (!(bits >> bit & 1))
            bit++;
        rest = plan_mask_index(model, bits & (bits - 1));
    }
    if (model->mask_count == PLAN_MAX_MASKS) {
        model->overflow = 1;
        return 0;
    }
    model->masks[model->mask_count] = (struct plan_mask){bits, rest, bit};
    return model->mask_count++;
}

static void add(struct plan_model *model, int part, uint32_t mask, double fixed, double per_s)
{
    int index = plan_mask_index(model, mask);
    if (fixed == 0 && per_s == 0)
        return;
    for (int i = 0; i < model->term_count; i++) {
        struct plan_term *t = &model->terms[i];
        if (t->part == part && t->mask == index) {
            t->fixed += fixed;
            t->per_s += per_s;
            return;
        }
    }
    if (model->term_count == PLAN_MAX_TERMS) {
        model->overflow = 1;
        return;
    }
    model->terms[model->term_count++] = (struct plan_term){part, index, fixed, per_s};
}

static void add_span(struct timeline *line, double from_s, double to_s, uint32_t mask, int level,
                     int whole)
{
    if (level == 0 || (!whole && to_s <= from_s))
        return;
    if (line->span_count == MAX_SPANS) {
        line->model->overflow = 1;
        return;
    }
    line->spans[line->span_count++] = (struct span){from_s, to_s, mask, level, whole};
}

static int is_implied_by(uint32_t mask, uint32_t by)
{
    return (mask & by) == by; /* whenever mask comes true, by does */
}

/* Adds a step to those of which one is enough: those that another implies are left out. */
static void add_to_union(uint32_t *masks, int *count, uint32_t mask)
{
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        if (is_implied_by(mask, masks[i]))
            return;
    }
    for (int i = 0; i < *count; i++) {
        if (!is_implied_by(masks[i], mask))
            masks[kept++] = masks[i];
    }
    *count = kept;
    masks[(*count)++] = mask;
}

/* amount x probability that mask comes true and none of the others does. */
static void add_without(struct plan_model *model, int part, uint32_t mask, const uint32_t *others,
                        int other_count, double fixed, double per_s)
{
    for (uint32_t set = 0; set < (uint32_t)1 << other_count; set++) {
        uint32_t all = mask;
        double sign = 1;
        for (int i = 0; i < other_count; i++) {
            if (set >> i & 1) {
                all |= others[i];
                sign = -sign;
            }
        }
        add(model, part, all, sign * fixed, sign * per_s);
    }
}

/* The core wakes up once for the steps of the run, if any of them happens. */
static void close_run(struct timeline *line)
{
    const struct energy_scenario_plan *plan = line->plan;
    struct run *run = &line->run;
    const struct energy_sleep_state *from = &plan->sleeps[run->level];
    if (!run->open)
        return;
    run->open = 0;
    for (int i = 0; i < run->mask_count; i++) {
        add_without(line->model, plan->wake_parts[run->level], run->masks[i], run->masks, i,
                    from->wake_uj, 0);
        add_span(line, run->from_s, run->from_s + run->wake_s, run->masks[i], AWAKE, 0);
    }
    run->mask_count = 0;
}

/* Sleep out of which a run starts: what is certainly there just before it. */
static int level_before(const struct timeline *line, uint32_t mask)
{
    const struct energy_scenario_plan *plan = line->plan;
    int level = 0;
    for (int i = 0; i < line->span_count; i++) {
        const struct span *s = &line->spans[i];
        int there = s->whole || (s->from_s <= line->now_s && s->to_s >= line->now_s);
        if (s->level != AWAKE && there && is_implied_by(mask, s->mask) &&
            plan->sleeps[s->level].uw > plan->sleeps[level].uw)
            level = s->level;
    }
    return level;
}

static void place_awake(struct timeline *line, int index, double all_s)
{
    const struct plan_use *use = &line->plan->uses[index];
    struct run *run = &line->run;
    if (run->open && run->mask_count == PLAN_MAX_UNION)
        close_run(line); /* so many independent steps in a row are charged one more wake-up */
    if (!run->open) {
        run->open = 1;
        run->from_s = line->now_s;
        run->level = level_before(line, use->mask);
        run->wake_s = line->plan->sleeps[run->level].wake_s;
        line->now_s += run->wake_s;
    }
    add_to_union(run->masks, &run->mask_count, use->mask);
    line->model->from_s[index] = line->now_s;
    add_span(line, line->now_s, line->now_s + all_s, use->mask, AWAKE, 0);
    line->now_s += all_s;
}

static void place_beside(struct timeline *line, int index)
{
    const struct plan_use *use = &line->plan->uses[index];
    const struct plan_step *s = &line->model->steps[index];
    line->model->from_s[index] = line->now_s;
    if (s->recur_s > 0) {
        line->model->longest_s = fmax(line->model->longest_s, s->recur_for_s);
        return;
    }
    add_span(line, line->now_s, line->now_s + s->all_s, use->mask, use->level, use->whole);
    if (!use->whole)
        line->model->longest_s = fmax(line->model->longest_s, line->now_s + s->all_s);
}

static void place(struct timeline *line, int index, int left_out)
{
    const struct plan_use *use = &line->plan->uses[index];
    const struct plan_step *s = &line->model->steps[index];
    if (line->plan->scenario->steps[index].beside) {
        place_beside(line, index);
    } else if (use->awake) {
        place_awake(line, index, left_out ? 0 : s->all_s);
    } else {
        close_run(line);
        line->model->from_s[index] = line->now_s;
        add_span(line, line->now_s, line->now_s + s->all_s, use->mask, use->level, 0);
        line->now_s += s->all_s;
    }
}

/* Energy of the step itself and of its host; a device that works does not stand by. */
static void book_step(struct timeline *line, int index)
{
    const struct plan_use *use = &line->plan->uses[index];
    const struct plan_step *s = &line->model->steps[index];
    const struct plan_device *d = use->device >= 0 ? &line->plan->devices[use->device] : NULL;
    double fixed = s->device_uj, per_s = 0, host = s->host_uj, host_per_s = 0;
    double busy_s = s->all_s, busy_per_s = 0;
    if (use->part < 0)
        return;
    if (use->whole) {
        per_s = s->device_uw;
        host_per_s = s->host_uw;
        busy_per_s = 1;
    } else if (s->recur_s > 0) {
        double times = s->recur_for_s / s->recur_s;
        per_s = times > 0 ? 0 : fixed / s->recur_s;
        busy_per_s = times > 0 ? 0 : busy_s / s->recur_s;
        fixed *= times;
        busy_s *= times;
        host = 0;
    }
    add(line->model, use->part, use->mask, fixed, per_s);
    if (use->host_part >= 0)
        add(line->model, use->host_part, use->mask, host, host_per_s);
    if (d && d->standby_uw > 0)
        add(line->model, d->standby_part, use->mask, -d->standby_uw * busy_s,
            -d->standby_uw * busy_per_s);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Moments at which anything starts or ends, in order, each once. */
static int cuts_of(const struct timeline *line, double cuts[MAX_CUTS])
{
    int count = 0, kept = 0;
    cuts[count++] = 0;
    for (int i = 0; i < line->span_count; i++) {
        if (line->spans[i].whole)
            continue;
        cuts[count++] = line->spans[i].from_s;
        cuts[count++] = line->spans[i].to_s;
    }
    qsort(cuts, (size_t)count, sizeof cuts[0], compare_doubles);
    for (int i = 0; i < count; i++) {
        if (kept == 0 || cuts[i] > cuts[kept - 1])
            cuts[kept++] = cuts[i];
    }
    return kept;
}

static double depth_of(const struct energy_scenario_plan *plan, int level)
{
    return level == AWAKE ? INFINITY : plan->sleeps[level].uw;
}

/* Spans over from..to (to = INFINITY: the rest of the period), the shallowest first. */
static int actors_of(const struct timeline *line, double from_s, double to_s,
                     const struct span *actors[MAX_ACTORS])
{
    int count = 0;
    for (int i = 0; i < line->span_count && count < MAX_ACTORS; i++) {
        const struct span *s = &line->spans[i];
        if (!s->whole && !(s->from_s <= from_s && s->to_s >= to_s))
            continue;
        int at = count++;
        while (at > 0 &&
               depth_of(line->plan, actors[at - 1]->level) < depth_of(line->plan, s->level)) {
            actors[at] = actors[at - 1];
            at--;
        }
        actors[at] = s;
    }
    return count;
}

/* One stretch lasts fixed + per_s x period seconds. */
static void book_stretch(struct timeline *line, double from_s, double to_s, double fixed,
                         double per_s)
{
    const struct energy_scenario_plan *plan = line->plan;
    const struct span *actors[MAX_ACTORS];
    uint32_t before[MAX_BEFORE];
    int before_count = 0;
    int count = actors_of(line, from_s, to_s, actors);
    for (int k = 0; k < count; k++) {
        uint32_t mask = actors[k]->mask;
        int level = actors[k]->level, hidden = 0;
        for (int i = 0; i < before_count && !hidden; i++)
            hidden = is_implied_by(mask, before[i]);
        if (hidden)
            continue;
        if (before_count == MAX_BEFORE) {
            line->model->overflow = 1;
            return;
        }
        double base_uw = plan->sleeps[0].uw;
        add_without(line->model, plan->sleep_parts[0], mask, before, before_count, -base_uw * fixed,
                    -base_uw * per_s);
        if (level == AWAKE)
            add_without(line->model, plan->part_count, mask, before, before_count, -fixed, -per_s);
        else
            add_without(line->model, plan->sleep_parts[level], mask, before, before_count,
                        plan->sleeps[level].uw * fixed, plan->sleeps[level].uw * per_s);
        before[before_count++] = mask;
    }
}

static void book_sleep(struct timeline *line)
{
    const struct energy_scenario_plan *plan = line->plan;
    double cuts[MAX_CUTS];
    int count = cuts_of(line, cuts);
    add(line->model, plan->sleep_parts[0], PLAN_CERTAIN, 0, plan->sleeps[0].uw);
    add(line->model, plan->part_count, PLAN_CERTAIN, 0, 1);
    for (int i = 0; i + 1 < count; i++)
        book_stretch(line, cuts[i], cuts[i + 1], cuts[i + 1] - cuts[i], 0);
    book_stretch(line, cuts[count - 1], INFINITY, -cuts[count - 1], 1);
}

enum cc_status plan_model_make(const struct energy_scenario_plan *plan,
                               const struct scenario_values *values, uint32_t without,
                               struct plan_model *model, struct cc_error *err)
{
    struct timeline line = {.plan = plan, .model = model};
    model->term_count = model->mask_count = model->overflow = 0;
    model->longest_s = 0;
    plan_mask_index(model, PLAN_CERTAIN);
    for (int i = 0; i < plan->scenario->step_count; i++) {
        int left_out = without >> i & 1;
        enum cc_status status = plan_step_figures(plan, values, i, &model->steps[i], err);
        if (status != CC_OK)
            return status;
        if (left_out && !plan->uses[i].awake)
            continue;
        place(&line, i, left_out);
        if (!left_out)
            book_step(&line, i);
        plan_mask_index(model, plan->uses[i].mask);
    }
    close_run(&line);
    for (int i = 0; i < plan->device_count; i++)
        add(model, plan->devices[i].standby_part, PLAN_CERTAIN, 0, plan->devices[i].standby_uw);
    book_sleep(&line);
    model->longest_s = fmax(model->longest_s, line.now_s);
    if (model->overflow)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: too many random steps beside and behind each other; make some of them "
                       "depend on others with given, or leave some out",
                       plan->scenario->name);
    return CC_OK;
}

static double event_probability(const struct energy_scenario_plan *plan,
                                const struct scenario_values *values, int bit, double factor)
{
    const struct energy_scenario *s = plan->scenario;
    if (bit == PLAN_AWAKE_HOURS)
        return 1 - scenario_value(values, s->quiet_hours, 0) / 24;
    double p = scenario_value(values, s->steps[bit].probability, 1) * factor;
    return p < 1 ? p : 1;
}

void plan_sum(const struct energy_scenario_plan *plan, const struct plan_model *model,
              const struct scenario_values *values, double period_s, double probability_factor,
              struct plan_sums *sums)
{
    double events[32];
    uint32_t known = 0;
    sums->mask[0] = 1;
    for (int i = 1; i < model->mask_count; i++) {
        const struct plan_mask *m = &model->masks[i];
        if (!(known >> m->bit & 1))
            events[m->bit] = event_probability(plan, values, m->bit, probability_factor);
        known |= (uint32_t)1 << m->bit;
        sums->mask[i] = sums->mask[m->rest] * events[m->bit];
    }
    for (int i = 0; i <= plan->part_count; i++)
        sums->part[i] = 0;
    for (int i = 0; i < model->term_count; i++) {
        const struct plan_term *t = &model->terms[i];
        sums->part[t->part] += (t->fixed + t->per_s * period_s) * sums->mask[t->mask];
    }
    for (int i = 0; i <= plan->part_count; i++)
        sums->part[i] = fmax(sums->part[i], 0);
}
