/* Profiles: what must add up does, after rounding too, and what does not is found. */
#include "sim_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void fill_counts(struct sim_counts *c)
{
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        c->instructions += c->classes[i] = next(1000);
    for (int i = 0; i < SIM_REGION_COUNT; i++)
        c->accesses += c->regions[i].reads = next(100);
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        c->causes[i] = next(1000);
        c->cycles += c->causes[i];
        if (i <= SIM_CAUSE_EXCEPTION)
            c->core_cycles += c->causes[i];
        else if (i == SIM_CAUSE_FETCH || i == SIM_CAUSE_ICACHE)
            c->fetch_stall_cycles += c->causes[i];
        else
            c->data_stall_cycles += c->causes[i];
    }
    c->overlapped_loads = next(100);
    c->paired = next(100);
}

static struct sim_profile random_profile(uint32_t scopes, uint32_t functions)
{
    struct sim_profile p = {.scope_count = scopes, .function_count = functions, .invocations = 1};
    p.scopes = calloc(scopes, sizeof *p.scopes);
    p.functions = calloc(functions, sizeof *p.functions);
    assert_true(p.scopes && p.functions);
    for (uint32_t i = 0; i < scopes; i++) {
        p.scopes[i].id = (int32_t)i - 1;
        fill_counts(&p.scopes[i].counts);
        sim_counts_add(&p.total, &p.scopes[i].counts);
    }
    for (uint32_t i = 0; i < functions; i++) {
        p.functions[i].calls = next(10);
        p.functions[i].instructions = next(1000);
        for (int c = 0; c < SIM_CAUSE_COUNT; c++)
            p.functions[i].cycles += p.functions[i].causes[c] = next(1000);
    }
    return p;
}

static void test_names(void **unused)
{
    (void)unused;
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        assert_int_equal(sim_cause_from_name(sim_cause_name((enum sim_cause)i)), i);
        assert_true(strlen(sim_cause_text((enum sim_cause)i)) > 10);
    }
    assert_int_equal(sim_cause_from_name("frob"), -1);
    assert_string_equal(sim_cause_name(SIM_CAUSE_LOAD_USE), "load_use");
    assert_string_equal(sim_cause_name(SIM_CAUSE_COUNT), "?");
    assert_string_equal(sim_cause_text(SIM_CAUSE_COUNT), "?");
}

static void test_mean_keeps_the_sums(void **unused)
{
    (void)unused;
    for (uint32_t n = 1; n < 12; n++) {
        struct sim_profile p = random_profile(1 + n % 4, n % 3);
        struct sim_counts was = p.scopes[0].counts;
        p.invocations = n;
        assert_int_equal(sim_profile_check(&p, NULL), CC_OK);
        sim_profile_mean(&p);
        assert_int_equal(sim_profile_check(&p, NULL), CC_OK);
        assert_int_equal(p.invocations, n);
        const struct sim_counts *c = &p.scopes[0].counts;
        for (int i = 0; i < SIM_CAUSE_COUNT; i++) /* half up */
            assert_int_equal(c->causes[i], (2 * was.causes[i] + n) / (2 * n));
        assert_int_equal(c->overlapped_loads, (2 * was.overlapped_loads + n) / (2 * n));
        sim_profile_free(&p);
    }
}

static void test_mean_of_equal_runs(void **unused)
{
    (void)unused;
    struct sim_profile p = random_profile(3, 2), same;
    assert_int_equal(sim_profile_copy(&same, &p, NULL), CC_OK);
    for (int i = 0; i < 3; i++) {
        struct sim_counts once = p.scopes[i].counts;
        for (int run = 1; run < 5; run++)
            sim_counts_add(&p.scopes[i].counts, &once);
    }
    for (int i = 0; i < 2; i++) {
        for (int c = 0; c < SIM_CAUSE_COUNT; c++)
            p.functions[i].causes[c] *= 5;
        p.functions[i].calls *= 5;
        p.functions[i].instructions *= 5;
    }
    p.invocations = 5;
    sim_profile_mean(&p);
    assert_memory_equal(p.scopes, same.scopes, 3 * sizeof *p.scopes);
    assert_memory_equal(p.functions, same.functions, 2 * sizeof *p.functions);
    assert_memory_equal(&p.total, &same.total, sizeof p.total);
    sim_profile_free(&p);
    sim_profile_free(&same);
    assert_null(same.functions);
}

/* Every cause, the three sums and a function's cycles: one more is found and named. */
static void assert_found(struct sim_profile *p, uint64_t *value, const char *scope)
{
    struct cc_error err = {CC_OK, ""};
    (*value)++;
    assert_int_equal(sim_profile_check(p, &err), CC_ERR_INTERNAL);
    if (!strstr(err.message, scope))
        fail_msg("%s is not named in: %s", scope, err.message);
    (*value)--;
    assert_int_equal(sim_profile_check(p, NULL), CC_OK);
}

static void test_broken_sums(void **unused)
{
    (void)unused;
    struct sim_profile p = random_profile(3, 2);
    snprintf(p.scopes[1].name, sizeof p.scopes[1].name, "here");
    snprintf(p.functions[1].name, sizeof p.functions[1].name, "work");
    struct sim_counts *c = &p.scopes[1].counts;
    for (int i = 0; i < SIM_CAUSE_COUNT; i++) {
        assert_found(&p, &c->causes[i], "here");
        assert_found(&p, &p.total.causes[i], "total");
        assert_found(&p, &p.functions[1].causes[i], "work");
    }
    assert_found(&p, &c->core_cycles, "here");
    assert_found(&p, &c->fetch_stall_cycles, "here");
    assert_found(&p, &c->data_stall_cycles, "here");
    assert_found(&p, &c->cycles, "here");
    assert_found(&p, &c->classes[0], "here");
    assert_found(&p, &c->regions[0].reads, "here");
    assert_found(&p, &c->paired, "total");
    assert_found(&p, &p.functions[1].cycles, "work");
    sim_profile_free(&p);
}

static void test_old_profiles(void **unused)
{
    (void)unused;
    struct sim_profile p = random_profile(2, 0);
    assert_true(sim_profile_has_causes(&p));
    assert_int_equal(sim_profile_check_old(&p, NULL), CC_ERR_INTERNAL);
    for (int i = 0; i < SIM_CAUSE_COUNT; i++)
        p.scopes[0].counts.causes[i] = p.scopes[1].counts.causes[i] = p.total.causes[i] = 0;
    assert_false(sim_profile_has_causes(&p));
    assert_int_equal(sim_profile_check_old(&p, NULL), CC_OK);
    assert_int_equal(sim_profile_check(&p, NULL), CC_ERR_INTERNAL);
    p.scopes[0].counts.causes[3] = p.total.causes[3] = 1;
    assert_int_equal(sim_profile_check_old(&p, NULL), CC_ERR_INTERNAL);
    sim_profile_free(&p);
}

static void test_copies_are_deep(void **unused)
{
    (void)unused;
    struct sim_profile p = random_profile(2, 3), copy;
    assert_int_equal(sim_profile_copy(&copy, &p, NULL), CC_OK);
    assert_memory_equal(copy.functions, p.functions, 3 * sizeof *p.functions);
    assert_memory_equal(copy.scopes, p.scopes, 2 * sizeof *p.scopes);
    assert_true(copy.functions != p.functions && copy.scopes != p.scopes);
    sim_profile_free(&p);
    sim_profile_free(&copy);
    struct sim_profile empty = {.invocations = 1};
    assert_int_equal(sim_profile_copy(&copy, &empty, NULL), CC_OK);
    assert_true(copy.functions == NULL && copy.scopes == NULL);

    struct sim_listing listing = {.lines = calloc(2, sizeof(struct sim_line)), .count = 2};
    sim_listing_free(&listing);
    assert_true(listing.lines == NULL && listing.count == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),        cmocka_unit_test(test_mean_keeps_the_sums),
        cmocka_unit_test(test_broken_sums),  cmocka_unit_test(test_mean_of_equal_runs),
        cmocka_unit_test(test_old_profiles), cmocka_unit_test(test_copies_are_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
