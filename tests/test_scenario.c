/* Loads of scenarios: calculated by hand, and what must hold for all of them. The figures of the
 * devices are those of scenario_doubles.h. */
#include "scenario_doubles.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEAD "name: s\ndescription: d\nsource: src\nverified: yes\n"

static const struct sim_profile profile = {.chip = "chip", .clock_hz = 48e6};

/* A scenario with its plan; the target takes 1,000 uJ and 50 ms, other computations 100 uJ and
 * 10 ms. */
struct device {
    struct energy_scenario *scenario;
    struct energy_result target, compute;
    struct energy_scenario_plan *plan;
    struct energy_scenario_load load;
};

static struct energy_scenario_query query_of(struct device *d)
{
    static const struct sim_profile *profiles[ENERGY_MAX_STEPS];
    static const struct energy_result *costs[ENERGY_MAX_STEPS];
    for (int i = 0; i < ENERGY_MAX_STEPS; i++) {
        profiles[i] = &profile;
        costs[i] = &d->compute;
    }
    return (struct energy_scenario_query){.scenario = d->scenario,
                                          .target = &profile,
                                          .target_cost = &d->target,
                                          .computes = profiles,
                                          .compute_costs = costs,
                                          .condition = {.temperature_c = 25}};
}

static void plan_device(struct device *d)
{
    struct cc_error err = {0};
    struct energy_scenario_query query = query_of(d);
    if (energy_scenario_plan_new(&query, &d->plan, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    if (energy_scenario_load_of(d->plan, NULL, &d->load, &err) != CC_OK)
        fail_msg("%s", err.message);
}

static struct device *device(const char *text)
{
    struct device *d = calloc(1, sizeof *d);
    struct cc_error err = {0};
    assert_non_null(d);
    d->target = doubles_cost(1000, .05);
    d->compute = doubles_cost(100, .01);
    if (energy_scenario_load(support_file(text), &d->scenario, &err) != CC_OK)
        fail_msg("%s", err.message);
    plan_device(d);
    return d;
}

static void device_free(struct device *d)
{
    energy_scenario_plan_free(d->plan);
    energy_scenario_free(d->scenario);
    free(d);
}

static double part_uw(const struct energy_scenario_load *load, const char *name)
{
    double uw = 0;
    int found = 0;
    for (uint32_t i = 0; i < load->load.part_count; i++) {
        if (strcmp(load->load.parts[i].name, name) != 0)
            continue;
        uw += load->load.parts[i].uw;
        found = 1;
    }
    if (!found)
        fail_msg("there is no part %s", name);
    return uw;
}

static double total_uw(const struct energy_scenario_load *load)
{
    double uw = 0;
    for (uint32_t i = 0; i < load->load.part_count; i++)
        uw += load->load.parts[i].uw;
    return uw;
}

static const struct energy_step_cost *step(const struct energy_scenario_load *load,
                                           const char *name)
{
    for (uint32_t i = 0; i < load->step_count; i++) {
        if (strcmp(load->steps[i].name, name) == 0)
            return &load->steps[i];
    }
    fail_msg("there is no step %s", name);
    return NULL;
}

static const struct energy_load_pulse *pulse(const struct energy_scenario_load *load,
                                             const char *name)
{
    for (uint32_t i = 0; i < load->load.pulse_count; i++) {
        if (strcmp(load->load.pulses[i].name, name) == 0)
            return &load->load.pulses[i];
    }
    fail_msg("there is no pulse %s", name);
    return NULL;
}

static void near_at(double value, double wanted, int line)
{
    if (!(fabs(value - wanted) <= 1e-9 * fmax(1, fabs(wanted))))
        fail_msg("line %d: %.12g is not %.12g", line, value, wanted);
}

#define NEAR(value, wanted) near_at(value, wanted, __LINE__)

/* One inference every 10 s: what the model of a single inference gives. */
static void test_plain(void **state)
{
    (void)state;
    struct device *d = calloc(1, sizeof *d);
    struct cc_error err = {0};
    assert_non_null(d);
    d->target = doubles_cost(1000, .05);
    assert_int_equal(energy_scenario_plain(10, &d->scenario, &err), CC_OK);
    plan_device(d);
    NEAR(part_uw(&d->load, "inference"), 100);
    NEAR(part_uw(&d->load, "wake"), .2);
    NEAR(part_uw(&d->load, "sleep"), 3 * (10 - .05 - .001) / 10);
    NEAR(d->load.asleep_s, 10 - .051);
    NEAR(d->load.busy_s, .051);
    NEAR(d->load.longest_s, .051);
    assert_true(d->load.load.least_v == 1.71 && d->load.load.nominal_v == 3);
    assert_int_equal(d->load.load.part_count, 3);
    const struct energy_load_pulse *p = pulse(&d->load, "inference");
    NEAR(p->ma, 1000 / .05 / 3e3);
    NEAR(p->s, .05);
    NEAR(p->every_s, 10);
    NEAR(p->rest_ma, 1e-3);
    device_free(d);
}

static const char duty[] = HEAD "period_s: 10\nsteps:\n"
                                "  - sensor: {name: accel}\n"
                                "    repeat_count: 2\n"
                                "  - compute: stats3\n"
                                "    repeat_count: 3\n"
                                "  - infer: target\n"
                                "  - radio: {name: beacon, payload_bytes: 100}\n";

/* Sense twice, compute three times, infer, send. */
static void test_duty_cycle(void **state)
{
    (void)state;
    struct device *d = device(duty);
    const struct energy_scenario_load *l = &d->load;
    double radio_uj = 3e3 * (5 * 2e-3 + 3e-3); /* 1 ms + 100 x 10 us at 5 mA, 3 ms at 1 mA */
    NEAR(part_uw(l, "sensor accel"), (30 * .2 + 1 * (10 - .2)) / 10);
    NEAR(part_uw(l, "front end stats3"), 30);
    NEAR(part_uw(l, "inference"), 100);
    NEAR(part_uw(l, "radio beacon"), (radio_uj + 6 * (10 - .005)) / 10);
    NEAR(part_uw(l, "wake"), .2); /* once for all that computes */
    NEAR(part_uw(l, "sleep"), 3 * (10 - .03 - .05 - .001) / 10);
    NEAR(l->longest_s, .2 + .001 + .03 + .05 + .005);
    NEAR(step(l, "stats3")->times, 3);
    NEAR(step(l, "stats3")->uj, 100);
    NEAR(step(l, "stats3")->uw, 30);
    NEAR(step(l, "beacon")->uj, radio_uj);
    NEAR(step(l, "sleep")->duration_s, l->asleep_s);
    assert_true(l->load.least_v == 1.8);                      /* the radio's */
    NEAR(pulse(l, "radio beacon tx")->ma, 5 + (3 + 1) / 3e3); /* beside sleep and standby */
    NEAR(pulse(l, "radio beacon tx")->s, 2e-3);
    NEAR(pulse(l, "steps in a row")->s, .08);
    NEAR(pulse(l, "steps in a row")->ma, (1300 / .08 + 7) / 3e3);
    device_free(d);
}

/* Each step is reached only when the one before happened; the core wakes up once for them. */
static void test_cascade(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n"
                                   "  - name: heard\n    compute: vad\n"
                                   "    probability_fraction: 0.5\n"
                                   "  - name: spotted\n    infer: target\n    given: heard\n"
                                   "    probability_fraction: 0.2\n"
                                   "  - radio: {name: beacon}\n    given: spotted\n"
                                   "    probability_fraction: 0.1\n"
                                   "  - name: also\n    infer: target\n"
                                   "    probability_fraction: 0.5\n");
    const struct energy_scenario_load *l = &d->load;
    double radio_uj = 3e3 * (5 * 1e-3 + 3e-3);
    NEAR(part_uw(l, "front end vad"), 5);
    NEAR(part_uw(l, "inference"), 10 + 50);
    NEAR(part_uw(l, "radio beacon"), (.01 * radio_uj + 6 * (10 - .01 * .004)) / 10);
    NEAR(step(l, "spotted")->times, .1);
    NEAR(step(l, "beacon")->times, .01);
    /* the first two in one run (if the first happens), the last one in its own */
    NEAR(part_uw(l, "wake"), (.5 + .5) * 2 / 10);
    double awake_s = .5 * .01 + .1 * .05 + .5 * .05 + (.5 + .5) * .001;
    NEAR(l->asleep_s, 10 - awake_s);
    NEAR(part_uw(l, "sleep"), 3 * (10 - awake_s) / 10);
    NEAR(pulse(l, "radio beacon tx")->every_s, 1000);
    uint32_t pulses = l->load.pulse_count;
    device_free(d);
    d = device(HEAD "period_s: 10\nsteps:\n"
                    "  - name: heard\n    compute: vad\n    probability_fraction: 0.5\n"
                    "  - name: spotted\n    infer: target\n    given: heard\n"
                    "  - radio: {name: beacon}\n    given: spotted\n    probability_fraction: 0\n");
    assert_int_equal(d->load.load.pulse_count, pulses - 2); /* what never comes pulls nothing */
    device_free(d);
}

/* Independent steps in one run: the core wakes up when at least one of them happens. */
static void test_union(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 1\nsteps:\n"
                                   "  - infer: target\n    probability_fraction: 0.5\n"
                                   "  - infer: target\n    probability_fraction: 0.2\n"
                                   "  - infer: target\n    probability_fraction: 0.1\n");
    double any = 1 - .5 * .8 * .9;
    NEAR(part_uw(&d->load, "wake"), 2 * any);
    NEAR(d->load.asleep_s, 1 - .8 * .05 - any * .001);
    device_free(d);
}

/* A microphone beside everything: the sleep that its host allows, less what the core is awake. */
static void test_beside_whole_period(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 1\nsteps:\n"
                                   "  - sensor: {name: mic, host: pdm}\n    beside: yes\n"
                                   "  - infer: target\n    probability_fraction: 0.5\n");
    const struct energy_scenario_load *l = &d->load;
    NEAR(part_uw(l, "sensor mic"), 300 + 1500 + .5 * 32); /* never stands by, never starts */
    double awake_s = .5 * (.05 + 1e-4);
    NEAR(part_uw(l, "sleep"), 30 * (1 - awake_s)); /* light, none of it deep */
    NEAR(part_uw(l, "wake"), .5 * .2);             /* out of the light sleep */
    NEAR(step(l, "mic")->duration_s, 1);
    NEAR(step(l, "mic")->uw, 1816);
    double inference_ma = 1000 / .05 / 3e3;
    NEAR(pulse(l, "inference")->ma, inference_ma + (1816 + 6) / 3e3 - 6 / 3e3 + 6 / 3e3);
    NEAR(pulse(l, "inference")->rest_ma, (1816 + 30) / 3e3);
    device_free(d);
}

/* Records for 0.5 s while the core computes for some of it, then the period's rest is deep. */
static void test_beside_window(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n"
                                   "  - sensor: {name: mic, duration_s: 0.5, host: pdm}\n"
                                   "    beside: yes\n"
                                   "  - wait: {duration_s: 0.1, state: sleep}\n"
                                   "  - infer: target\n"
                                   "  - wait: {duration_s: 1, state: sleep}\n"
                                   "  - infer: target\n");
    const struct energy_scenario_load *l = &d->load;
    double on_s = .51, bytes = 16000;
    NEAR(part_uw(l, "sensor mic"),
         (300 * on_s + 6 * (10 - on_s) + 1500 * on_s + .5 * bytes * 1e-3) / 10);
    double first_s = .05 + 1e-4, second_s = .05 + 1e-3; /* the second wakes up from the deep one */
    double light_s = on_s - first_s;
    NEAR(part_uw(l, "wake"), (.2 + 2) / 10);
    NEAR(part_uw(l, "sleep"), (30 * light_s + 3 * (10 - on_s - second_s)) / 10);
    NEAR(l->asleep_s, 10 - first_s - second_s);
    device_free(d);
}

/* Two recorders at once: the shallower sleep holds as long as either needs it. */
static void test_random_recorder(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n"
                                   "  - sensor: {name: mic, duration_s: 0.99, host: pdm}\n"
                                   "    beside: yes\n    probability_fraction: 0.25\n"
                                   "  - sensor: {name: accel, duration_s: 2, host: pdm}\n"
                                   "    beside: yes\n    probability_fraction: 0.5\n"
                                   "  - sensor: {name: mic, duration_s: 2.99, host: rtc}\n"
                                   "    beside: yes\n");
    double light_s = 1 * (1 - .75 * .5) + 1 * .5;
    NEAR(part_uw(&d->load, "sleep"), (30 * light_s + 3 * (10 - light_s)) / 10);
    device_free(d);
}

/* The sleep of a radio inside the chip is the chip's. */
static void test_radio_of_the_chip(void **state)
{
    (void)state;
    double uw[2], stream_uw[2];
    for (int i = 0; i < 2; i++) {
        struct energy_stream_comparison c;
        struct cc_error err = {0};
        doubles_radio_chip = i ? "chip" : "other";
        struct device *d = device(HEAD "period_s: 10\nsteps:\n  - radio: {name: beacon}\n"
                                       "  - infer: target\n"
                                       "stream: {raw_bytes: 1000}\n");
        uw[i] = part_uw(&d->load, "radio beacon");
        assert_int_equal(energy_scenario_stream(d->plan, NULL, &c, &err), CC_OK);
        NEAR(c.stream_uj, 200);
        stream_uw[i] = c.average_uw;
        device_free(d);
    }
    doubles_radio_chip = "";
    NEAR(uw[1], 2.4);
    NEAR(uw[0] - uw[1], 6 * (10 - .004) / 10);
    NEAR(stream_uw[0] - stream_uw[1], 6);
}

static void test_recurring_radio(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n"
                                   "  - radio: {name: beacon, interval_s: 0.5}\n    beside: yes\n"
                                   "  - infer: target\n");
    double event_uj = 3e3 * (5 * 1e-3 + 3e-3);
    NEAR(part_uw(&d->load, "radio beacon"), (20 * event_uj + 6 * (10 - 20 * .004)) / 10);
    NEAR(step(&d->load, "beacon")->times, 20);
    NEAR(pulse(&d->load, "radio beacon tx")->every_s, .5);
    device_free(d);
    d = device(HEAD "period_s: 10\nsteps:\n"
                    "  - radio: {name: beacon, interval_s: 0.5, duration_s: 3}\n    beside: yes\n"
                    "    probability_fraction: 0.5\n"
                    "  - infer: target\n");
    NEAR(part_uw(&d->load, "radio beacon"), (3 * event_uj + 6 * (10 - 3 * .004)) / 10);
    NEAR(d->load.longest_s, 3);
    device_free(d);
}

/* A quarter of the day nothing runs but what always does. */
static void test_quiet_hours(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nquiet_hours_h_per_day: 6\nsteps:\n"
                                   "  - sensor: {name: accel}\n    always: yes\n"
                                   "  - infer: target\n"
                                   "  - infer: target\n"
                                   "  - display: {name: paper}\n");
    const struct energy_scenario_load *l = &d->load;
    NEAR(part_uw(l, "sensor accel"), (3 + 9.9) / 10);
    NEAR(part_uw(l, "inference"), .75 * 200);
    NEAR(part_uw(l, "display paper"), .75 * 6000);
    NEAR(part_uw(l, "wake"), .75 * .2);
    NEAR(l->asleep_s, 10 - .75 * .101);
    NEAR(step(l, "paper")->times, .75);
    device_free(d);
}

static void test_waits(void **state)
{
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n"
                                   "  - infer: target\n"
                                   "  - wait: {duration_s: 0.5, state: idle}\n"
                                   "  - wait: {duration_s: 0.2, state: run}\n"
                                   "  - wait: {duration_s: 1, state: sleep}\n");
    NEAR(part_uw(&d->load, "wait"), (900 * .5 + 20000 * .2) / 10);
    NEAR(part_uw(&d->load, "wake"), .2);
    NEAR(d->load.asleep_s, 10 - .05 - .7 - .001);
    NEAR(d->load.longest_s, .001 + .05 + .7 + 1);
    device_free(d);
}

static double load_at(const struct device *d, double every_s, double factor)
{
    struct energy_scenario_change change = {.every_s = every_s, .probability_factor = factor};
    struct energy_scenario_load load;
    struct cc_error err = {0};
    if (energy_scenario_load_of(d->plan, &change, &load, &err) != CC_OK)
        fail_msg("%s", err.message);
    return total_uw(&load);
}

static const char busy[] =
    HEAD "period_s: 10\nquiet_hours_h_per_day: 4\nsteps:\n"
         "  - name: ear\n    sensor: {name: mic, duration_s: 0.4, host: pdm}\n"
         "    beside: yes\n"
         "  - sensor: {name: accel, host: pdm}\n"
         "  - name: vad\n    compute: vad\n"
         "    probability_fraction: {min: 0.1, typ: 0.3, max: 0.6}\n"
         "  - compute: mel40\n    given: vad\n"
         "    repeat_count: {min: 5, typ: 10, max: 20}\n"
         "  - name: spot\n    infer: target\n    given: vad\n"
         "  - radio: {name: beacon, payload_bytes: {min: 10, typ: 20, max: 40}}\n"
         "    given: spot\n    probability_fraction: 0.1\n"
         "  - display: {name: paper}\n    given: spot\n"
         "    probability_fraction: 0.01\n"
         "  - radio: {name: beacon, interval_s: 2}\n    beside: yes\n"
         "    always: yes\n";

/* Longer periods take less, likelier events more, larger payloads more; and a change does the same
 * as a scenario written that way. */
static void test_monotonic(void **state)
{
    (void)state;
    struct device *d = device(busy);
    for (double s = 5; s < 1000; s *= 1.3)
        assert_true(load_at(d, s * 1.3, 1) < load_at(d, s, 1));
    for (double f = .01; f < 50; f *= 1.3)
        assert_true(load_at(d, 0, f * 1.3) >= load_at(d, 0, f) * (1 + (f < 1) * 1e-9));
    assert_true(load_at(d, 0, 0) == load_at(d, 0, 1) && load_at(d, 10, 1) == load_at(d, 0, 0));
    char *text = support_replace(busy, "period_s: 10", "period_s: 25");
    struct device *other = device(text);
    NEAR(load_at(d, 25, 1), total_uw(&other->load));
    device_free(other);
    free(text);
    text = support_replace(busy, "typ: 20, max: 40", "typ: 30, max: 40");
    other = device(text);
    assert_true(total_uw(&other->load) > total_uw(&d->load));
    device_free(other);
    free(text);
    device_free(d);
}

/* Without random steps the power is what a walk along the timeline integrates. */
static void test_energy_adds_up(void **state)
{
    (void)state;
    struct device *d = device(duty);
    double uw = 0;
    for (uint32_t i = 0; i < d->load.step_count; i++)
        uw += d->load.steps[i].uw;
    /* the steps are without wake-up and standby */
    double standby = (1 * (10 - .2) + 6 * (10 - .005)) / 10;
    NEAR(uw + .2 + standby, total_uw(&d->load));
    NEAR(d->load.busy_s + d->load.asleep_s, d->load.period_s);
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
    struct device *d = device(busy);
    char *narrow = support_replace(busy, "{min: 0.1, typ: 0.3, max: 0.6}", "0.3");
    struct device *sure = device(narrow);
    NEAR(total_uw(&sure->load), total_uw(&d->load)); /* the middle is the same */
    assert_true(log_variance(&d->load) > log_variance(&sure->load) + 1e-6);
    NEAR(elasticity(&d->load, "inference", "s: vad probability_fraction"), 1);
    NEAR(elasticity(&d->load, "front end mel40", "s: mel40 repeat_count"), 1);
    NEAR(elasticity(&d->load, "front end vad", "s: mel40 repeat_count"), 0);
    double sleep = elasticity(&d->load, "sleep", "s: vad probability_fraction");
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
    struct device *d = device(duty);
    energy_scenario_plan_free(d->plan);
    d->target.effect_count = 2;
    snprintf(d->target.effects[0].name, sizeof d->target.effects[0].name, "chip: common");
    d->target.effects[0].log_effect = .1;
    snprintf(d->target.effects[1].name, sizeof d->target.effects[1].name, "chip: mac");
    d->target.effects[1].log_effect = -.05;
    d->compute.effect_count = 1;
    d->compute.effects[0] = d->target.effects[0];
    d->compute.effects[0].log_effect = .2;
    plan_device(d);
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
    struct device *d = device(duty);
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
        {"  - sensor: {name: mike}\n", "s: mike: unknown sensor"},
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
        struct energy_scenario_query query = query_of(&d);
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
        char *text = support_replace(busy, from[0], set & 1 ? yes[0] : no[0]);
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
    struct device *d = device(busy);
    NEAR(total_uw(&d->load), uw);
    NEAR(d->load.asleep_s, asleep_s);
    device_free(d);
}

static const char streams[] = HEAD "period_s: 10\nsteps:\n"
                                   "  - sensor: {name: mic, duration_s: 1, host: pdm}\n"
                                   "    probability_fraction: 0.5\n"
                                   "  - compute: mel40\n    repeat_count: 50\n"
                                   "  - infer: target\n"
                                   "  - radio: {name: beacon}\n";

static struct energy_stream_comparison stream_of(const struct device *d)
{
    struct energy_stream_comparison c;
    struct cc_error err = {0};
    if (energy_scenario_stream(d->plan, NULL, &c, &err) != CC_OK)
        fail_msg("%s", err.message);
    return c;
}

static void test_stream(void **state)
{
    (void)state;
    struct device *d = device(streams);
    struct energy_stream_comparison c = stream_of(d);
    NEAR(c.raw_bytes_per_period, 16000);
    NEAR(c.infer_uj, 6000);
    NEAR(c.result_uj, 24);
    NEAR(c.stream_uj, 3200);
    assert_true(c.possible && c.why_not[0] == '\0');
    NEAR(c.break_even_bytes, 6024 / .2); /* sending less than this is cheaper: here it is */
    NEAR(c.break_even_uj, 3200 - 24);
    double wake_s = 1e-3; /* the core wakes up, hands over and sleeps */
    double mic = .5 * (300 + 1500) * 1.01 + 6 * (10 - .5 * 1.01) + .5 * 16;
    double light_s = .5 * 1.01;
    double sleep = 3 * (10 - light_s - wake_s) + 30 * light_s;
    NEAR(c.average_uw, (mic + 2 + sleep) / 10 + 6 + 320);
    NEAR(c.days.p50, 1e6 / c.average_uw);
    device_free(d);
}

static void test_stream_impossible(void **state)
{
    (void)state;
    char *text = support_replace(streams, "period_s: 10", "stream: {raw_bytes: 1e6}\nperiod_s: 10");
    struct device *d = device(text);
    struct energy_stream_comparison c = stream_of(d);
    NEAR(c.raw_bytes_per_period, 1e6);
    assert_true(!c.possible && c.days.p50 == 0);
    assert_string_equal(c.why_not, "more than 50,000 bytes/s");
    NEAR(c.stream_uj, 2e5); /* what the bytes would cost */
    NEAR(c.break_even_bytes, 6024 / .2);
    device_free(d);
    free(text);
}

static void test_stream_refusals(void **state)
{
    struct energy_stream_comparison c;
    struct cc_error err = {0};
    (void)state;
    struct device *d = device(HEAD "period_s: 10\nsteps:\n  - infer: target\n");
    assert_int_equal(energy_scenario_stream(d->plan, NULL, &c, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "no radio to stream with"));
    device_free(d);
    d = device(HEAD "period_s: 10\nsteps:\n  - infer: target\nstream: {radio: beacon}\n");
    assert_int_equal(energy_scenario_stream(d->plan, NULL, &c, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "deliver no data"));
    device_free(d);
    d = device(HEAD "period_s: 10\nsteps:\n  - infer: target\n"
                    "stream: {radio: beacon, raw_bytes: 100}\n");
    c = stream_of(d); /* a radio of its own: its sleep is part of the load then */
    NEAR(c.stream_uj, 20);
    NEAR(c.result_uj, 0);
    NEAR(c.average_uw, .2 + 3 * (10 - 1e-3) / 10 + 6 + 2);
    device_free(d);
}

static void test_docs(void **state)
{
    (void)state;
    struct device *d = device(busy);
    struct energy_docs docs = {.count = 0};
    struct energy_scenario_plan *plan;
    struct energy_scenario_query query = query_of(d);
    struct cc_error err = {0};
    assert_int_equal(energy_scenario_plan_new(&query, &plan, &docs, &err), CC_OK);
    assert_int_equal(docs.count, 9); /* every number of the file */
    energy_scenario_plan_free(plan);
    device_free(d);
}

/* Sweeps ask for millions of loads. The bound is loose, for slow and busy machines. */
static void test_speed(void **state)
{
    (void)state;
    struct device *d = device(busy);
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
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_duty_cycle),
        cmocka_unit_test(test_cascade),
        cmocka_unit_test(test_union),
        cmocka_unit_test(test_beside_whole_period),
        cmocka_unit_test(test_beside_window),
        cmocka_unit_test(test_random_recorder),
        cmocka_unit_test(test_radio_of_the_chip),
        cmocka_unit_test(test_recurring_radio),
        cmocka_unit_test(test_quiet_hours),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_monotonic),
        cmocka_unit_test(test_energy_adds_up),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_price_effects),
        cmocka_unit_test(test_does_not_fit),
        cmocka_unit_test(test_plan_refusals),
        cmocka_unit_test(test_many_random_steps),
        cmocka_unit_test(test_all_outcomes),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_impossible),
        cmocka_unit_test(test_stream_refusals),
        cmocka_unit_test(test_docs),
        cmocka_unit_test(test_speed),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
