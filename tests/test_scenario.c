/* Loads of scenarios, calculated by hand with the figures of scenario_doubles.h. */
#include "scenario_device.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One inference every 10 s: what the model of a single inference gives. */
static void test_plain(void **state)
{
    (void)state;
    struct device *d = device_plain(10);
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
    /* refused under the period that was asked for, not that of the plan */
    struct energy_scenario_change change = {.every_s = .01};
    struct cc_error err = {CC_OK, ""};
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &d->load, &err), CC_ERR_USAGE);
    assert_int_equal(strncmp(err.message, "one inference every 0.01 s: ", 28), 0);
    device_free(d);
}

static void test_duty_cycle(void **state)
{
    (void)state;
    struct device *d = device(scenario_duty);
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
    NEAR(part_uw(l, "light"), 30 * (1 - awake_s)); /* none of it deep */
    NEAR(step(l, "light")->duration_s, 1 - awake_s);
    for (uint32_t i = 0; i < l->load.part_count; i++)
        assert_string_not_equal(l->load.parts[i].name, "sleep");
    NEAR(part_uw(l, "wake"), .5 * .2); /* out of the light sleep */
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
    NEAR(part_uw(l, "light"), 30 * light_s / 10);
    NEAR(part_uw(l, "sleep"), 3 * (10 - on_s - second_s) / 10);
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
    NEAR(part_uw(&d->load, "light"), 30 * light_s / 10);
    NEAR(part_uw(&d->load, "sleep"), 3 * (10 - light_s) / 10);
    device_free(d);
}

static int has_note(const struct energy_scenario_load *l, const char *words)
{
    for (uint32_t i = 0; i < l->note_count; i++)
        if (strstr(l->notes[i], words))
            return 1;
    return 0;
}

/* 1.1 ms on air; a band's limit is of the mean time, with probabilities and the period asked for.
 */
static void test_radio_notes(void **state)
{
    (void)state;
    struct cc_error err = {0};
    static const char text[] = HEAD "period_s: 1\nsteps:\n"
                                    "  - radio: {name: beacon, payload_bytes: 10}\n"
                                    "    repeat_count: 20\n    probability_fraction: 0.5\n";
    doubles_most_air = .01;
    struct device *d = device(text);
    assert_true(has_note(&d->load, "is on air 1.1 % of the time on average; EU868 allows 1 %"));
    struct energy_scenario_change change = {.every_s = 2};
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &d->load, &err), CC_OK);
    assert_false(has_note(&d->load, "on air"));
    change = (struct energy_scenario_change){.every_s = .05};
    assert_int_equal(energy_scenario_load_of(d->plan, &change, &d->load, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "(--every), fewer bytes or another phy"));
    device_free(d);
    doubles_most_air = 0;
    d = device(text);
    assert_false(has_note(&d->load, "on air"));
    device_free(d);
    d = device(HEAD "period_s: 1\nsteps:\n  - radio: {name: beacon, payload_bytes: 999}\n");
    assert_true(has_note(&d->load, "step beacon: 999 bytes are unusual."));
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
        assert_int_equal(energy_scenario_stream(d->plan, NULL, NULL, NULL, &c, &err), CC_OK);
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
        cmocka_unit_test(test_radio_notes),
        cmocka_unit_test(test_recurring_radio),
        cmocka_unit_test(test_quiet_hours),
        cmocka_unit_test(test_waits),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
