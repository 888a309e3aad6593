#include "scenario_device.h"

#include "energy_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char scenario_duty[] = HEAD "period_s: 10\nsteps:\n"
                                  "  - sensor: {name: accel}\n"
                                  "    repeat_count: 2\n"
                                  "  - compute: stats3\n"
                                  "    repeat_count: 3\n"
                                  "  - infer: target\n"
                                  "  - radio: {name: beacon, payload_bytes: 100}\n";

const char scenario_busy[] =
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

static const struct sim_profile profile = {.chip = "chip", .clock_hz = 48e6};

struct energy_scenario_query device_query(struct device *d)
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

void device_plan(struct device *d)
{
    struct cc_error err = {0};
    struct energy_scenario_query query = device_query(d);
    if (energy_scenario_plan_new(&query, &d->plan, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    if (energy_scenario_load_of(d->plan, NULL, &d->load, &err) != CC_OK)
        fail_msg("%s", err.message);
}

struct device *device(const char *text)
{
    struct device *d = calloc(1, sizeof *d);
    struct cc_error err = {0};
    assert_non_null(d);
    d->target = doubles_cost(1000, .05);
    d->compute = doubles_cost(100, .01);
    if (energy_scenario_load(support_file(text), &d->scenario, &err) != CC_OK)
        fail_msg("%s", err.message);
    device_plan(d);
    return d;
}

struct device *device_plain(double every_s)
{
    struct device *d = calloc(1, sizeof *d);
    struct cc_error err = {0};
    assert_non_null(d);
    d->target = doubles_cost(1000, .05);
    assert_int_equal(energy_scenario_plain(every_s, &d->scenario, &err), CC_OK);
    device_plan(d);
    return d;
}

void device_free(struct device *d)
{
    energy_scenario_plan_free(d->plan);
    energy_scenario_free(d->scenario);
    free(d);
}

double part_uw(const struct energy_scenario_load *load, const char *name)
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

double total_uw(const struct energy_scenario_load *load)
{
    double uw = 0;
    for (uint32_t i = 0; i < load->load.part_count; i++)
        uw += load->load.parts[i].uw;
    return uw;
}

const struct energy_step_cost *step(const struct energy_scenario_load *load, const char *name)
{
    for (uint32_t i = 0; i < load->step_count; i++) {
        if (strcmp(load->steps[i].name, name) == 0)
            return &load->steps[i];
    }
    fail_msg("there is no step %s", name);
    return NULL;
}

const struct energy_load_pulse *pulse(const struct energy_scenario_load *load, const char *name)
{
    for (uint32_t i = 0; i < load->load.pulse_count; i++) {
        if (strcmp(load->load.pulses[i].name, name) == 0)
            return &load->load.pulses[i];
    }
    fail_msg("there is no pulse %s", name);
    return NULL;
}

void near_at(double value, double wanted, int line)
{
    if (!(fabs(value - wanted) <= 1e-9 * fmax(1, fabs(wanted))))
        fail_msg("line %d: %.12g is not %.12g", line, value, wanted);
}
