/* What must hold for the loads of all scenarios; what plans and loads refuse. */
#include "scenario_device.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double load_at(const struct device *d, double every_s, double factor)
{
    struct energy_scenario_change change = {.every_s = every_s, .probability_factor = factor};
    struct energy_scenario_load load;
    struct cc_error err = {0};
    if (energy_scenario_load_of(d->plan, &change, &load, &err) != CC_OK)
        fail_msg("%s", err.message);
    return total_uw(&load);
}

/* Longer periods take less, likelier events more, larger payloads more; and a change does the same
 * as a scenario written that way. */
static void test_monotonic(void **state)
{
    (void)state;
    struct device *d = device(scenario_busy);
    for (double s = 5; s < 1000; s *= 1.3)
        assert_true(load_at(d, s * 1.3, 1) < load_at(d, s, 1));
    for (double f = .01; f < 50; f *= 1.3)
        assert_true(load_at(d, 0, f * 1.3) >= load_at(d, 0, f) * (1 + (f < 1) * 1e-9));
    assert_true(load_at(d, 0, 0) == load_at(d, 0, 1) && load_at(d, 10, 1) == load_at(d, 0, 0));
    char *text = support_replace(scenario_busy, "period_s: 10", "period_s: 25");
    struct device *other = device(text);
    NEAR(load_at(d, 25, 1), total_uw(&other->load));
    device_free(other);
    free(text);
    text = support_replace(scenario_busy, "typ: 20, max: 40", "typ: 30, max: 40");
    other = device(text);
    assert_true(total_uw(&other->load) > total_uw(&d->load));
    device_free(other);
    free(text);
    device_free(d);
}

static double steps_uw(const struct energy_scenario_load *load)
{
    double uw = 0;
    for (uint32_t i = 0; i < load->step_count; i++)
        uw += load->steps[i].uw;
    return uw;
}

/* Without random steps the power is what a walk along the timeline integrates. */
static void test_energy_adds_up(void **state)
{
    (void)state;
    struct device *d = device(scenario_duty);
    NEAR(steps_uw(&d->load), total_uw(&d->load));
    NEAR(step(&d->load, "standby accel")->uw, 1 * (10 - .2) / 10);
    NEAR(step(&d->load, "standby accel")->duration_s, 10 - .2);
    NEAR(step(&d->load, "standby beacon")->uw, 6 * (10 - .005) / 10);
    NEAR(step(&d->load, "wake")->uw, .2);
    NEAR(d->load.busy_s + d->load.asleep_s, d->load.period_s);
    device_free(d);
    d = device(scenario_busy); /* random steps, a recorder through the period, recurring radio */
    NEAR(steps_uw(&d->load), total_uw(&d->load));
    device_free(d);
}

static double log_variance(const struct energy_scenario_load *l)
{
    double total = total_uw(l), variance = 0;
    for (uint32_t u = 0; u < l->load.unknowns.count; u++) {
        double effect = 0;
        for (uint32_t i = 0; i < l->load.part_count; i++) {
            const struct energy_load_part *p = &l->load.parts[i];
            for (uint32_t k = 0; k < p->unknown_count; k++) {
                if (p->unknowns[k].unknown == (int)u)
                    effect += p->unknowns[k].elasticity * p->uw / total;
            }
        }
        effect *= l->load.unknowns.list[u].log_up;
        variance += effect * effect;
    }
    return variance;
}

static double elasticity(const struct energy_scenario_load *l, const char *part,
                         const char *unknown)
{
    for (uint32_t i = 0; i < l->load.part_count; i++) {
        const struct energy_load_part *p = &l->load.parts[i];
        for (uint32_t k = 0; k < p->unknown_count && strcmp(p->name, part) == 0; k++) {
            if (strcmp(l->load.unknowns.list[p->unknowns[k].unknown].name, unknown) == 0)
                return p->unknowns[k].elasticity;
        }
    }
    return 0;
}

static void test_ranges(void **state)
{
    (void)state;
    struct device *d = device(scenario_busy);
    char *narrow = support_replace(scenario_busy, "{min: 0.1, typ: 0.3, max: 0.6}", "0.3");
    struct device *sure = device(narrow);
    NEAR(total_uw(&sure->load), total_uw(&d->load)); /* the middle is the same */
    assert_true(log_variance(&d->load) > log_variance(&sure->load) + 1e-6);
    NEAR(elasticity(&d->load, "inference", "s: vad probability_fraction"), 1);
    NEAR(elasticity(&d->load, "front end mel40", "s: mel40 repeat_count"), 1);
    NEAR(elasticity(&d->load, "front end vad", "s: mel40 repeat_count"), 0);
    double sleep = elasticity(&d->load, "light", "s: vad probability_fraction");
    assert_true(sleep < 0 && sleep > -.3); /* less time to sleep */
    double radio = elasticity(&d->load, "radio beacon", "s: beacon payload_bytes");
    assert_true(radio > 0 && radio < .5);
    NEAR(elasticity(&d->load, "sleep", "sleep current of chip"), 1);
    NEAR(elasticity(&d->load, "sensor accel", "sensor accel"), 1);
    device_free(sure);
    device_free(d);
    free(narrow);
}

/* Errors of prices are shared by all that is computed with them. */
static void test_price_effects(void **state)
{
    (void)state;
    struct device *d = device(scenario_duty);
    energy_scenario_plan_free(d->plan);
    d->target.effect_count = 2;
    snprintf(d->target.effects[0].name, sizeof d->target.effects[0].name, "chip: common");
    d->target.effects[0].log_effect = .1;
    snprintf(d->target.effects[1].name, sizeof d->target.effects[1].name, "chip: mac");
    d->target.effects[1].log_effect = -.05;
    d->compute.effect_count = 1;
    d->compute.effects[0] = d->target.effects[0];
    d->compute.effects[0].log_effect = .2;
    device_plan(d);
    double front = elasticity(&d->load, "front end stats3", "chip: common");
    double inference = elasticity(&d->load, "inference", "chip: common");
    NEAR(front / inference, 2);
    NEAR(elasticity(&d->load, "inference", "chip: mac"), -1);
    double sd = 0;
    for (uint32_t i = 0; i < d->load.load.unknowns.count; i++) {
        if (strcmp(d->load.load.unknowns.list[i].name, "chip: common") == 0)
            sd = d->load.load.unknowns.list[i].log_up;
    }
    NEAR(sd * front, .2);
    device_free(d);
}

static void test_does_not_fit(void **state)
{
    (void)state;
    struct device *d = device(scenario_duty);
    struct energy_scenario_change change = {.every_s = .28};
    struct energy_scenario_load load;
    struct cc_error err = {0};
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &load, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "accel 0.2 s, target 0.05 s, stats3 0.03 s"));
    assert_non_null(strstr(err.message, "the period of 0.28 s"));
    change.every_s = .2861;
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &load, &err), CC_OK);
    change.every_s = -1;
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &load, &err), CC_ERR_USAGE);
    change = (struct energy_scenario_change){.probability_factor = NAN};
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &load, &err), CC_ERR_USAGE);
    device_free(d);
}

static void test_plan_refusals(void **state)
{
    static const struct {
        const char *steps, *words;
    } rows[] = {
        {"  - sensor: {name: mic}\n", "steps[0].sensor.duration_s: missing; mode usual of mic"},
        {"  - sensor: {name: mike}\n", "steps[0] (mike): unknown sensor"},
        {"  - sensor: {name: paper}\n", "paper is a display; write it as a display step"},
        {"  - display: {name: accel}\n", "accel is a accelerometer"},
        {"  - sensor: {name: mic, mode: soft, duration_s: 1}\n", "it has usual, loud"},
        {"  - sensor: {name: accel, host: dfsdm}\n", "there are pdm, rtc"},
        {"  - radio: {name: beacon, payload_bytes: 2000}\n", "2000 bytes are too many"},
        {"  - radio: {name: becon}\n", "unknown radio"},
        {"  - wait: {duration_s: 0.1, state: run}\n", "nothing computes here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device d = {.target = doubles_cost(1, 1)};
        struct cc_error err = {0};
        char text[512];
        snprintf(text, sizeof text, HEAD "period_s: 10\nsteps:\n%s", rows[i].steps);
        assert_int_equal(energy_scenario_load(support_file(text), &d.scenario, &err), CC_OK);
        struct energy_scenario_query query = device_query(&d);
        query.target_cost = NULL;
        query.target = NULL;
        query.condition.vdd_v = 3;
        if (energy_scenario_plan_new(&query, &d.plan, NULL, &err) != CC_ERR_INPUT)
            fail_msg("'%s' was accepted", rows[i].steps);
        assert_null(d.plan);
        if (!strstr(err.message, rows[i].words))
            fail_msg("'%s' does not say '%s'", err.message, rows[i].words);
        energy_scenario_free(d.scenario);
    }
}

/* Random steps that are all independent of each other: still right, or refused; never wrong. */
static void test_many_random_steps(void **state)
{
    (void)state;
    char text[4096] = HEAD "period_s: 100\nsteps:\n";
    for (int i = 0; i < 20; i++)
        strcat(text, "  - infer: target\n    probability_fraction: 0.5\n");
    struct device *d = device(text);
    NEAR(part_uw(&d->load, "inference"), 20 * .5 * 1000 / 100);
    double least = 2 * (1 - pow(.5, 20)) / 100, most = 2 * 4. / 100;
    double wake = part_uw(&d->load, "wake");
    assert_true(wake >= least && wake <= most); /* charged up to four times */
    device_free(d);
}

/* The mean over all ways that random steps can come out, each a scenario without chance. */
static void test_all_outcomes(void **state)
{
    static const char *const from[] = {"{min: 0.1, typ: 0.3, max: 0.6}",
                                       "given: spot\n    probability_fraction: 0.1",
                                       "probability_fraction: 0.01", "quiet_hours_h_per_day: 4"};
    static const char *const no[] = {"0", "given: spot\n    probability_fraction: 0",
                                     "probability_fraction: 0.0", "quiet_hours_h_per_day: 24"};
    static const char *const yes[] = {"1", "given: spot\n    probability_fraction: 1",
                                      "probability_fraction: 1.0", "quiet_hours_h_per_day: 0"};
    static const double p[] = {.3, .1, .01, 20. / 24};
    double uw = 0, asleep_s = 0;
    (void)state;
    for (unsigned set = 0; set < 16; set++) {
        double weight = 1;
        char *text = support_replace(scenario_busy, from[0], set & 1 ? yes[0] : no[0]);
        weight *= set & 1 ? p[0] : 1 - p[0];
        for (unsigned i = 1; i < 4; i++) {
            char *next = support_replace(text, from[i], set >> i & 1 ? yes[i] : no[i]);
            weight *= set >> i & 1 ? p[i] : 1 - p[i];
            free(text);
            text = next;
        }
        struct device *d = device(text);
        uw += weight * total_uw(&d->load);
        asleep_s += weight * d->load.asleep_s;
        device_free(d);
        free(text);
    }
    struct device *d = device(scenario_busy);
    NEAR(total_uw(&d->load), uw);
    NEAR(d->load.asleep_s, asleep_s);
    device_free(d);
}

static void test_docs(void **state)
{
    (void)state;
    struct device *d = device(scenario_busy);
    struct energy_docs docs = {.count = 0};
    struct energy_scenario_plan *plan;
    struct energy_scenario_query query = device_query(d);
    struct cc_error err = {0};
    assert_int_equal(energy_scenario_plan_new(&query, &plan, &docs, &err), CC_OK);
    assert_int_equal(docs.count, 9); /* every number of the file */
    energy_scenario_plan_free(plan);
    device_free(d);
}

/* splitmix64: the same damage on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void check_sane(const struct energy_scenario_load *l)
{
    for (uint32_t i = 0; i < l->load.part_count; i++)
        assert_true(isfinite(l->load.parts[i].uw) && l->load.parts[i].uw > 0);
    for (uint32_t i = 0; i < l->load.pulse_count; i++) {
        const struct energy_load_pulse *p = &l->load.pulses[i];
        assert_true(isfinite(p->ma) && p->ma > 0 && p->s > 0 && p->every_s > 0);
    }
    assert_true(l->asleep_s >= 0 && l->busy_s >= -1e-9 * l->period_s);
}

/* A damaged scenario that still loads makes a sane load, or is refused with a message. */
static void test_damaged_scenarios(void **state)
{
    static const char *const words[] = {"0",    "1e-9", "1e9", "7",    "0.5", "beside: yes",
                                        "24",   "9",    "yes", "no",   ".",   "always: yes\n    ",
                                        "loud", "run",  "pdm", "idle", "rtc", "interval_s: 1, "};
    uint64_t random = 7;
    int planned = 0;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct device d = {.target = doubles_cost(1000, .05), .compute = doubles_cost(100, .01)};
        struct cc_error err = {0};
        char text[2048];
        size_t length = strlen(scenario_busy), at = next_random(&random) % length;
        size_t digit = at + strcspn(scenario_busy + at, "0123456789");
        size_t cut = next_random(&random) % 3;
        const char *word = words[next_random(&random) % (sizeof words / sizeof words[0])];
        at = next_random(&random) % 2 && digit < length ? digit : at;
        cut = cut > length - at ? length - at : cut;
        snprintf(text, sizeof text, "%.*s%s%s", (int)at, scenario_busy, word,
                 scenario_busy + at + cut);
        if (energy_scenario_load(support_file(text), &d.scenario, &err) != CC_OK)
            continue;
        struct energy_scenario_query query = device_query(&d);
        enum cc_status status = energy_scenario_plan_new(&query, &d.plan, NULL, &err);
        if (status == CC_OK)
            status = energy_scenario_load_of(d.plan, NULL, &d.load, &err);
        if (status == CC_OK) {
            check_sane(&d.load);
            planned++;
        } else {
            assert_true(err.message[0] != '\0');
        }
        energy_scenario_plan_free(d.plan);
        energy_scenario_free(d.scenario);
    }
    assert_true(planned > 100);
    print_message("%d of 3000 still made a load\n", planned);
}

/* Sweeps ask for millions of loads. The bound is loose, for slow and scenario_busy machines. */
static void test_speed(void **state)
{
    (void)state;
    struct device *d = device(scenario_busy);
    struct energy_scenario_change change = {.every_s = 20};
    struct energy_scenario_load load;
    struct timespec from, to;
    enum { ROUNDS = 20000 };
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (int i = 0; i < ROUNDS; i++) {
        change.every_s = 20 + i * 1e-3;
        assert_int_equal(energy_scenario_load_of(d->plan, &change, &load, NULL), CC_OK);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double us =
        ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) /
        ROUNDS;
    print_message("%.2f us for a load of 8 steps\n", us);
    assert_true(us < 50);
    device_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_monotonic),
        cmocka_unit_test(test_energy_adds_up),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_price_effects),
        cmocka_unit_test(test_does_not_fit),
        cmocka_unit_test(test_plan_refusals),
        cmocka_unit_test(test_many_random_steps),
        cmocka_unit_test(test_all_outcomes),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_damaged_scenarios),
        cmocka_unit_test(test_speed),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
