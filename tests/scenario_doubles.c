#include "scenario_doubles.h"

#include "energy_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *doubles_radio_chip = "";
double doubles_most_air;

static int nothing; /* something to point at */

#define POINTER(type) ((type)(void *)&nothing)

enum cc_status energy_sensor_load(const char *name_or_file, struct energy_sensor **sensor,
                                  struct cc_error *err)
{
    static const char *const names[] = {"mic", "accel", "paper"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(names[i], name_or_file) == 0) {
            *sensor = (struct energy_sensor *)(void *)(uintptr_t)names[i];
            return CC_OK;
        }
    }
    return cc_fail(err, CC_ERR_INPUT, "unknown sensor '%s'", name_or_file);
}

void energy_sensor_free(struct energy_sensor *sensor)
{
    (void)sensor;
}

const char *energy_sensor_name(const struct energy_sensor *sensor)
{
    return (const char *)sensor;
}

const char *energy_sensor_kind(const struct energy_sensor *sensor)
{
    const char *name = energy_sensor_name(sensor);
    return strcmp(name, "paper") == 0 ? "display"
                                      : (strcmp(name, "mic") == 0 ? "microphone" : "accelerometer");
}

enum cc_status energy_sensor_mode_of(const struct energy_sensor *sensor, const char *mode,
                                     struct energy_sensor_mode *result, struct energy_docs *docs,
                                     struct cc_error *err)
{
    const char *name = energy_sensor_name(sensor);
    (void)docs;
    *result = (struct energy_sensor_mode){.vdd_v = 3, .vdd_exponent = 1, .least_v = 1.6};
    snprintf(result->name, sizeof result->name, "%s", mode && mode[0] ? mode : "usual");
    if (mode && mode[0] && strcmp(mode, "loud") != 0)
        return cc_fail(err, CC_ERR_INPUT, "%s has no mode '%s'; it has usual, loud", name, mode);
    if (strcmp(name, "mic") == 0) {
        result->active_uw = mode && mode[0] ? 900 : 300;
        result->standby_uw = 6;
        result->start_s = 0.01;
        result->bytes_per_s = 32000;
    } else if (strcmp(name, "accel") == 0) {
        result->active_uw = 30;
        result->standby_uw = 1;
        result->once_s = 0.1;
        result->bytes_once = 600;
        result->rsd = result->standby_rsd = 0.2;
    } else {
        result->active_uw = 30000;
        result->once_s = 2;
    }
    return CC_OK;
}

enum cc_status energy_radio_load(const char *name_or_file, struct energy_radio **radio,
                                 struct cc_error *err)
{
    if (strcmp(name_or_file, "beacon") != 0)
        return cc_fail(err, CC_ERR_INPUT, "unknown radio '%s'", name_or_file);
    *radio = POINTER(struct energy_radio *);
    return CC_OK;
}

void energy_radio_free(struct energy_radio *radio)
{
    (void)radio;
}

const char *energy_radio_name(const struct energy_radio *radio)
{
    (void)radio;
    return "beacon";
}

const char *energy_radio_protocol(const struct energy_radio *radio)
{
    (void)radio;
    return "simple";
}

const char *energy_radio_chip(const struct energy_radio *radio)
{
    (void)radio;
    return doubles_radio_chip;
}

struct energy_radio_use energy_radio_usual(void)
{
    return (struct energy_radio_use){.connectable = 1, .tx_dbm = NAN};
}

enum cc_status energy_radio_event_of(const struct energy_radio *radio,
                                     const struct energy_radio_use *use,
                                     struct energy_radio_event *event, struct energy_docs *docs,
                                     struct cc_error *err)
{
    (void)radio;
    (void)docs;
    if (use->payload_bytes > 1000)
        return cc_fail(err, CC_ERR_INPUT, "beacon: %g bytes are too many", use->payload_bytes);
    double air_s = 1e-3 + 1e-5 * use->payload_bytes;
    *event = (struct energy_radio_event){.phases = {{"tx", air_s, 5}, {"rest", 3e-3, 1}},
                                         .phase_count = 2,
                                         .air_s = air_s,
                                         .duration_s = air_s + 3e-3,
                                         .peak_ma = 5,
                                         .peak_s = air_s,
                                         .vdd_v = 3,
                                         .vdd_exponent = 1,
                                         .sleep_ua = 2,
                                         .least_v = 1.8,
                                         .rsd = 0.1,
                                         .packets = 1};
    if (doubles_most_air > 0) {
        snprintf(event->band, sizeof event->band, "EU868");
        event->most_air_fraction = doubles_most_air;
    }
    if (use->payload_bytes == 999)
        snprintf(event->note, sizeof event->note, "999 bytes are unusual");
    event->charge_uc = (5 * air_s + 3e-3) * 1e3;
    event->energy_uj = 3 * event->charge_uc;
    return CC_OK;
}

/* 0.2 uJ per byte and the sleep; no more than 50 kB/s. */
enum cc_status energy_radio_stream_of(const struct energy_radio *radio,
                                      const struct energy_radio_use *use, double bytes_per_s,
                                      struct energy_radio_stream *stream, struct energy_docs *docs,
                                      struct cc_error *err)
{
    (void)radio;
    (void)use;
    (void)docs;
    (void)err;
    *stream = (struct energy_radio_stream){.uw = 6 + 0.2 * bytes_per_s,
                                           .vdd_v = 3,
                                           .uj_per_byte = 0.2,
                                           .air_fraction = bytes_per_s / 5e4,
                                           .possible = bytes_per_s <= 5e4,
                                           .most_bytes_per_s = 5e4};
    if (!stream->possible)
        snprintf(stream->why_not, sizeof stream->why_not, "more than 50,000 bytes/s");
    return CC_OK;
}

enum cc_status energy_chip_sleep(const struct energy_chip *chip, const char *mode,
                                 const struct sim_profile *point_of,
                                 const struct energy_condition *condition,
                                 struct energy_sleep_state *state, struct energy_docs *docs,
                                 struct cc_error *err)
{
    static const struct energy_sleep_state states[] = {
        {.name = "deep", .uw = 3, .wake_s = 1e-3, .wake_uj = 2, .vdd_exponent = 1, .uw_rsd = .1},
        {.name = "light", .uw = 30, .wake_s = 1e-4, .wake_uj = 0.2, .vdd_exponent = 1},
        {.name = "idle", .uw = 900, .vdd_exponent = 1},
    };
    (void)chip;
    (void)point_of;
    (void)docs;
    assert_true(condition->vdd_v == 3);
    for (size_t i = 0; i < 3; i++) {
        if ((!mode || !mode[0]) ? i == 0 : strcmp(mode, states[i].name) == 0) {
            *state = states[i];
            return CC_OK;
        }
    }
    return cc_fail(err, CC_ERR_INPUT, "no sleep mode '%s'; there are deep, light, idle", mode);
}

enum cc_status energy_chip_peripheral(const struct energy_chip *chip, const char *name,
                                      const struct sim_profile *point_of,
                                      const struct energy_condition *condition,
                                      struct energy_peripheral_state *state,
                                      struct energy_docs *docs, struct cc_error *err)
{
    (void)chip;
    (void)point_of;
    (void)condition;
    (void)docs;
    *state = (struct energy_peripheral_state){
        .uw = 1500, .sleep = "light", .uj_per_kb = 0.5, .vdd_exponent = 1};
    if (strcmp(name, "rtc") == 0)
        *state = (struct energy_peripheral_state){.uw = 0.5, .sleep = "deep", .vdd_exponent = 1};
    else if (strcmp(name, "pdm") != 0)
        return cc_fail(err, CC_ERR_INPUT, "no peripheral '%s'; there are pdm, rtc", name);
    return CC_OK;
}

double energy_chip_least_vdd(const struct energy_chip *chip)
{
    (void)chip;
    return 1.71;
}

double energy_chip_most_vdd(const struct energy_chip *chip)
{
    (void)chip;
    return 3.6;
}

/* The number of inputs is what the tests look at. */
enum cc_status energy_docs_add(struct energy_docs *docs, const char *path, const char *key,
                               const struct energy_figure *figure, struct cc_error *err)
{
    (void)path;
    (void)key;
    (void)figure;
    (void)err;
    docs->count++;
    return CC_OK;
}

struct energy_result doubles_cost(double uj, double s)
{
    return (struct energy_result){.vdd_v = 3,
                                  .latency_s = s,
                                  .total_uj = {uj, uj, uj},
                                  .running_ma = uj / s / 3e3,
                                  .vdd_exponent = 1};
}
