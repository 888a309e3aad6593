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

const char *sim_class_name(enum sim_class c)
{
    return (unsigned)c < SIM_CLASS_COUNT ? class_names[c] : "?";
}

const char *sim_region_name(enum sim_region_kind r)
{
    return (unsigned)r < SIM_REGION_COUNT ? region_names[r] : "?";
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

static void sum_up(struct sim_counts *c)
{
    c->instructions = 0;
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        c->instructions += c->classes[i];
    c->accesses = 0;
    for (int i = 0; i < SIM_REGION_COUNT; i++)
        c->accesses += c->regions[i].reads + c->regions[i].writes;
    c->cycles = c->core_cycles + c->fetch_stall_cycles + c->data_stall_cycles;
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
            leaf[i] = leaf[i] / n + (leaf[i] % n >= (n + 1) / 2);
        sum_up(c);
        sim_counts_add(&profile->total, c);
    }
}

static enum cc_status check_counts(const struct sim_counts *c, const char *name,
                                   struct cc_error *err)
{
    struct sim_counts again = *c;
    sum_up(&again);
    if (again.instructions != c->instructions)
        return cc_fail(err, CC_ERR_INTERNAL,
                       "profile: scope %s: classes add up to %llu instructions, counted %llu", name,
                       (unsigned long long)again.instructions, (unsigned long long)c->instructions);
    if (again.accesses != c->accesses)
        return cc_fail(err, CC_ERR_INTERNAL,
                       "profile: scope %s: regions add up to %llu accesses, counted %llu", name,
                       (unsigned long long)again.accesses, (unsigned long long)c->accesses);
    if (again.cycles != c->cycles)
        return cc_fail(
            err, CC_ERR_INTERNAL,
            "profile: scope %s: core, fetch and data cycles add up to %llu, counted %llu", name,
            (unsigned long long)again.cycles, (unsigned long long)c->cycles);
    return CC_OK;
}

enum cc_status sim_profile_check(const struct sim_profile *profile, struct cc_error *err)
{
    struct sim_counts sum = {0};
    for (uint32_t s = 0; s < profile->scope_count; s++) {
        const struct sim_scope *scope = &profile->scopes[s];
        enum cc_status status = check_counts(&scope->counts, scope->name, err);
        if (status != CC_OK)
            return status;
        sim_counts_add(&sum, &scope->counts);
    }
    enum cc_status status = check_counts(&profile->total, "total", err);
    if (status != CC_OK)
        return status;
    if (memcmp(&sum, &profile->total, sizeof sum) != 0)
        return cc_fail(err, CC_ERR_INTERNAL, "profile: scopes do not add up to the total");
    return CC_OK;
}

enum cc_status sim_profile_copy(struct sim_profile *to, const struct sim_profile *from,
                                struct cc_error *err)
{
    *to = *from;
    to->scopes = NULL;
    if (from->scope_count == 0)
        return CC_OK;
    to->scopes = malloc(from->scope_count * sizeof *to->scopes);
    if (!to->scopes) {
        memset(to, 0, sizeof *to);
        return cc_no_memory(err);
    }
    memcpy(to->scopes, from->scopes, from->scope_count * sizeof *to->scopes);
    return CC_OK;
}

void sim_profile_free(struct sim_profile *profile)
{
    free(profile->scopes);
    memset(profile, 0, sizeof *profile);
}
