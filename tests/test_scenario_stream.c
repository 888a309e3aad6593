/* Raw data sent instead of the result, calculated by hand. */
#include "scenario_device.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (energy_scenario_stream(d->plan, NULL, NULL, NULL, &c, &err) != CC_OK)
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
    struct energy_harvester *panel;
    struct energy_surroundings light = {.level = 100};
    struct cc_error err = {0};
    assert_int_equal(energy_harvester_load("panel", &panel, &err), CC_OK);
    assert_int_equal(energy_scenario_stream(d->plan, NULL, panel, &light, &c, &err), CC_OK);
    NEAR(c.days.p50, 1e6 / (c.average_uw - 100));
    energy_harvester_free(panel);
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
    assert_int_equal(energy_scenario_stream(d->plan, NULL, NULL, NULL, &c, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "no radio to stream with"));
    device_free(d);
    d = device(HEAD "period_s: 10\nsteps:\n  - infer: target\nstream: {radio: beacon}\n");
    assert_int_equal(energy_scenario_stream(d->plan, NULL, NULL, NULL, &c, &err), CC_ERR_USAGE);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_impossible),
        cmocka_unit_test(test_stream_refusals),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
