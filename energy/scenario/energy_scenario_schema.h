/* The text of a scenario file as libcyaml reads it. Only energy_scenario_schema.c and
 * energy_scenario_file.c know it. */
#ifndef ENERGY_SCENARIO_SCHEMA_H
#define ENERGY_SCENARIO_SCHEMA_H

#include "energy_scenario_internal.h"

/* What the file does not give is NULL. */
struct scenario_raw_number {
    double *value, *min, *typ, *max, *rsd;
    int *verified;
    char *source;
};

struct scenario_raw_device { /* sensor, display */
    char *name, *mode, *host;
    struct scenario_raw_number *duration_s;
};

struct scenario_raw_radio {
    char *name, *event, *phy, *host;
    int *connectable, *acknowledged, *release_assisted;
    struct scenario_raw_number *payload_bytes, *tx_dbm, *bandwidth_khz, *coding_rate, *interval_s,
        *duration_s;
};

struct scenario_raw_wait {
    struct scenario_raw_number *duration_s;
    int state;
};

struct scenario_raw_step {
    char *name, *given, *source, *compute, *infer;
    int *beside, *always, *verified;
    struct scenario_raw_number *repeat_count, *probability_fraction;
    struct scenario_raw_device *sensor, *display;
    struct scenario_raw_radio *radio;
    struct scenario_raw_wait *wait;
};

struct scenario_raw_buffer {
    char *source;
    int *verified;
    struct scenario_raw_number *capacitance_uf, *effective_fraction, *esr_ohm, *leakage_ua;
};

#define SCENARIO_LEVELS 5
struct scenario_raw_surroundings {
    char *source;
    int *verified;
    struct scenario_raw_number *level[SCENARIO_LEVELS]; /* one for each unit */
    struct scenario_raw_number *hours_per_day_h, *area_cm2, *volume_cm3;
};
extern const char *const scenario_level_keys[SCENARIO_LEVELS];  /* "level_lux" */
extern const char *const scenario_level_units[SCENARIO_LEVELS]; /* "lux" */

struct scenario_raw_stream {
    char *source, *radio, *phy;
    int *verified;
    struct scenario_raw_number *tx_dbm, *raw_bytes;
};

struct scenario_raw {
    char *name, *description, *source;
    int verified;
    char *target, *mcu, *battery, *regulator_of_mcu, *regulator, *harvester, *sleep_mode;
    struct scenario_raw_number *period_s, *vdd_v, *temperature_c, *quiet_hours_h_per_day;
    struct scenario_raw_buffer *buffer;
    struct scenario_raw_surroundings *surroundings;
    struct scenario_raw_stream *stream;
    struct scenario_raw_step *steps;
    uint32_t steps_count;
};

extern const cyaml_schema_value_t scenario_schema;

#endif
