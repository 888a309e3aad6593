#include "sim_profile.h"

#include <stdlib.h>
#include <string.h>

static const char *const class_names[SIM_CLASS_COUNT] = {
#define SIM_CLASS(id, name, text) name,
#include "sim_classes.def"
#undef SIM_CLASS
};

static const char *const region_names[SIM_REGION_COUNT] = {
#define SIM_REGION(id, name, text) name,
#include "sim_classes.def"
#undef SIM_REGION
};

static const char *const cause_names[SIM_CAUSE_COUNT] = {
#define SIM_CAUSE(id, name, text) name,
#include "sim_classes.def"
#undef SIM_CAUSE
};

static const char *const cause_texts[SIM_CAUSE_COUNT] = {
#define SIM_CAUSE(id, name, text) text,
#include "sim_classes.def"
#undef SIM_CAUSE
};

const char *sim_class_name(enum sim_class c)
{
    return (unsigned)c < SIM_CLASS_COUNT ? class_names[c] : "?";
}

const char *sim_region_name(enum sim_region_kind r)
{
    return (unsigned)r < SIM_REGION_COUNT ? region_names[r] : "?";
}

const char *sim_cause_name(enum sim_cause c)
{
    return (unsigned)c < SIM_CAUSE_COUNT ? cause_names[c] : "?";
}

const char *sim_cause_text(enum sim_cause c)
{
    return (unsigned)c < SIM_CAUSE_COUNT ? cause_texts[c] : "?";
}

static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

int sim_class_from_name(const char *name)
{
    return find_name(class_names, SIM_CLASS_COUNT, name);
}

int sim_region_from_name(const char *name)
{
    return find_name(region_names, SIM_REGION_COUNT, name);
}

int sim_cause_from_name(const char *name)
{
    return find_name(cause_names, SIM_CAUSE_COUNT, name);
}

/* struct sim_counts and struct sim_accesses hold nothing but uint64_t, so that the leaves can be
 * walked as an array. */
#define COUNT_LEAVES (sizeof(struct sim_counts) / sizeof(uint64_t))
_Static_assert(sizeof(struct sim_counts) % sizeof(uint64_t) == 0, "only uint64_t members");

void sim_counts_add(struct sim_counts *a, const struct sim_counts *b)
{
    uint64_t *to = (uint64_t *)a;
    const uint64_t *from = (const uint64_t *)b;
    for (size_t i = 0; i < COUNT_LEAVES; i++)
        to[i] += from[i];
}

static uint64_t sum(const uint64_t *values, int from, int to)
{
    uint64_t all = 0;
    for (int i = from; i < to; i++)
        all += values[i];
    return all;
}

void sim_counts_sum_causes(struct sim_counts *c)
{
    c->core_cycles = sum(c->causes, 0, SIM_CAUSE_EXCEPTION + 1);
    c->fetch_stall_cycles = sum(c->causes, SIM_CAUSE_EXCEPTION + 1, SIM_CAUSE_ICACHE + 1);
    c->data_stall_cycles = sum(c->causes, SIM_CAUSE_ICACHE + 1, SIM_CAUSE_COUNT);
}

static void sum_up(struct sim_counts *c)
{
    c->instructions = sum(c->classes, 0, SIM_CLASS_COUNT);
    c->accesses = 0;
    for (int i = 0; i < SIM_REGION_COUNT; i++)
        c->accesses += c->regions[i].reads + c->regions[i].writes;
    c->cycles = c->core_cycles + c->fetch_stall_cycles + c->data_stall_cycles;
}

static uint64_t rounded(uint64_t value, uint64_t n)
{
    return value / n + (value % n >= (n + 1) / 2);
}

void sim_profile_mean(struct sim_profile *profile)
{
    uint64_t n = profile->invocations;
    if (n <= 1)
        return;
    memset(&profile->total, 0, sizeof profile->total);
    for (uint32_t s = 0; s < profile->scope_count; s++) {
        struct sim_counts *c = &profile->scopes[s].counts;
        uint64_t *leaf = (uint64_t *)c;
        for (size_t i = 0; i < COUNT_LEAVES; i++)
            leaf[i] = rounded(leaf[i], n);
        sim_counts_sum_causes(c);
        sum_up(c);
        sim_counts_add(&profile->total, c);
    }
    for (uint32_t f = 0; f < profile->function_count; f++) {
        struct sim_function *function = &profile->functions[f];
        function->calls = rounded(function->calls, n);
        function->instructions = rounded(function->instructions, n);
        for (int i = 0; i < SIM_CAUSE_COUNT; i++)
            function->causes[i] = rounded(function->causes[i], n);
        function->cycles = sum(function->causes, 0, SIM_CAUSE_COUNT);
    }
}

/* CC_ERR_INTERNAL unless the parts add up to what was counted. */
static enum cc_status check_sum(const char *scope, const char *parts, uint64_t summed,
                                const char *whole, uint64_t counted, struct cc_error *err)
{
    if (summed == counted)
        return CC_OK;
    return cc_fail(err, CC_ERR_INTERNAL, "profile: %s: %s add up to %llu %s, counted %llu", scope,
                   parts, (unsigned long long)summed, whole, (unsigned long long)counted);
}

static enum cc_status check_sums(const struct sim_counts *c, const char *name, struct cc_error *err)
{
    struct sim_counts again = *c;
    sum_up(&again);
    enum cc_status status =
        check_sum(name, "classes", again.instructions, "instructions", c->instructions, err);
    if (status == CC_OK)
        status = check_sum(name, "regions", again.accesses, "accesses", c->accesses, err);
    if (status == CC_OK)
        status =
            check_sum(name, "core, fetch and data cycles", again.cycles, "cycles", c->cycles, err);
    return status;
}

static enum cc_status check_causes(const struct sim_counts *c, const char *name,
                                   struct cc_error *err)
{
    struct sim_counts again = *c;
    sim_counts_sum_causes(&again);
    enum cc_status status =
        check_sum(name, "causes", again.core_cycles, "core cycles", c->core_cycles, err);
    if (status == CC_OK)
        status = check_sum(name, "causes", again.fetch_stall_cycles, "fetch stall cycles",
                           c->fetch_stall_cycles, err);
    if (status == CC_OK)
        status = check_sum(name, "causes", again.data_stall_cycles, "data stall cycles",
                           c->data_stall_cycles, err);
    return status;
}

static enum cc_status check_no_causes(const struct sim_counts *c, const char *name,
                                      struct cc_error *err)
{
    return check_sum(name, "causes", sum(c->causes, 0, SIM_CAUSE_COUNT),
                     "cycles in a profile without causes", 0, err);
}

static enum cc_status check_counts(const struct sim_counts *c, const char *name, int has_causes,
                                   struct cc_error *err)
{
    enum cc_status status = check_sums(c, name, err);
    if (status != CC_OK)
        return status;
    return has_causes ? check_causes(c, name, err) : check_no_causes(c, name, err);
}

static enum cc_status check_functions(const struct sim_profile *profile, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    for (uint32_t f = 0; f < profile->function_count && status == CC_OK; f++) {
        const struct sim_function *function = &profile->functions[f];
        status = check_sum(function->name, "causes", sum(function->causes, 0, SIM_CAUSE_COUNT),
                           "cycles", function->cycles, err);
    }
    return status;
}

static enum cc_status check_profile(const struct sim_profile *profile, int has_causes,
                                    struct cc_error *err)
{
    struct sim_counts all = {0};
    for (uint32_t s = 0; s < profile->scope_count; s++) {
        const struct sim_scope *scope = &profile->scopes[s];
        enum cc_status status = check_counts(&scope->counts, scope->name, has_causes, err);
        if (status != CC_OK)
            return status;
        sim_counts_add(&all, &scope->counts);
    }
    enum cc_status status = check_counts(&profile->total, "total", has_causes, err);
    if (status != CC_OK)
        return status;
    if (memcmp(&all, &profile->total, sizeof all) != 0)
        return cc_fail(err, CC_ERR_INTERNAL, "profile: scopes do not add up to the total");
    return check_functions(profile, err);
}

enum cc_status sim_profile_check(const struct sim_profile *profile, struct cc_error *err)
{
    return check_profile(profile, 1, err);
}

enum cc_status sim_profile_check_old(const struct sim_profile *profile, struct cc_error *err)
{
    return check_profile(profile, 0, err);
}

int sim_profile_has_causes(const struct sim_profile *profile)
{
    return profile->total.cycles == 0 || sum(profile->total.causes, 0, SIM_CAUSE_COUNT) > 0;
}

/* *to = a copy of count elements; NULL for none. */
static enum cc_status copy_array(void *to, const void *from, size_t count, size_t bytes,
                                 struct cc_error *err)
{
    void *copy = NULL;
    if (count > 0) {
        copy = calloc(count, bytes);
        if (!copy)
            return cc_no_memory(err);
        memcpy(copy, from, count * bytes);
    }
    memcpy(to, &copy, sizeof copy);
    return CC_OK;
}

enum cc_status sim_profile_copy(struct sim_profile *to, const struct sim_profile *from,
                                struct cc_error *err)
{
    *to = *from;
    to->scopes = NULL;
    to->functions = NULL;
    enum cc_status status =
        copy_array(&to->scopes, from->scopes, from->scope_count, sizeof *from->scopes, err);
    if (status == CC_OK)
        status = copy_array(&to->functions, from->functions, from->function_count,
                            sizeof *from->functions, err);
    if (status != CC_OK)
        sim_profile_free(to);
    return status;
}

void sim_profile_free(struct sim_profile *profile)
{
    free(profile->scopes);
    free(profile->functions);
    memset(profile, 0, sizeof *profile);
}

void sim_listing_free(struct sim_listing *listing)
{
    free(listing->lines);
    memset(listing, 0, sizeof *listing);
}
