/* Keys of energy/scenarios/NAME.yaml and what may stand behind them. */
#include "energy_scenario_schema.h"

#define REQUIRED   CYAML_FLAG_DEFAULT
#define OPTIONAL   CYAML_FLAG_OPTIONAL
#define NAME_MAX_C (SIM_NAME_BYTES - 1)
#define FILE_MAX_C (SCENARIO_FILE_BYTES - 1)

#define TEXT(key, flags, structure, max)                                                           \
    CYAML_FIELD_STRING_PTR(#key, (flags) | CYAML_FLAG_POINTER, struct structure, key, 1, max)
#define SOURCE(structure)                                                                          \
    CYAML_FIELD_STRING_PTR("source", OPTIONAL | CYAML_FLAG_POINTER, struct structure, source, 3,   \
                           ENERGY_SOURCE_BYTES - 1)
#define YES_NO(key, structure)                                                                     \
    CYAML_FIELD_ENUM_PTR(#key, OPTIONAL | CYAML_FLAG_STRICT | CYAML_FLAG_POINTER,                  \
                         struct structure, key, energy_yes_no, 2)
#define NUMBER_AS(key, flags, structure, member)                                                   \
    CYAML_FIELD_MAPPING_PTR(key, (flags) | CYAML_FLAG_POINTER, struct structure, member,           \
                            number_fields)
#define NUMBER(key, flags, structure) NUMBER_AS(#key, flags, structure, key)
#define PART(key, structure, fields)                                                               \
    CYAML_FIELD_MAPPING_PTR(#key, OPTIONAL | CYAML_FLAG_POINTER, struct structure, key, fields)
#define FLOAT(key)                                                                                 \
    CYAML_FIELD_FLOAT_PTR(#key, OPTIONAL | CYAML_FLAG_POINTER, struct scenario_raw_number, key)

/* "value" stands first: a plain number is read as {value: NUMBER}. */
static const cyaml_schema_field_t number_fields[] = {
    FLOAT(value),
    FLOAT(min),
    FLOAT(typ),
    FLOAT(max),
    FLOAT(rsd),
    YES_NO(verified, scenario_raw_number),
    SOURCE(scenario_raw_number),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t device_fields[] = {
    TEXT(name, REQUIRED, scenario_raw_device, FILE_MAX_C),
    TEXT(mode, OPTIONAL, scenario_raw_device, NAME_MAX_C),
    TEXT(host, OPTIONAL, scenario_raw_device, NAME_MAX_C),
    NUMBER(duration_s, OPTIONAL, scenario_raw_device),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t radio_fields[] = {
    TEXT(name, REQUIRED, scenario_raw_radio, FILE_MAX_C),
    TEXT(event, OPTIONAL, scenario_raw_radio, 31),
    TEXT(phy, OPTIONAL, scenario_raw_radio, 15),
    TEXT(host, OPTIONAL, scenario_raw_radio, NAME_MAX_C),
    NUMBER(payload_bytes, OPTIONAL, scenario_raw_radio),
    NUMBER(tx_dbm, OPTIONAL, scenario_raw_radio),
    NUMBER(bandwidth_khz, OPTIONAL, scenario_raw_radio),
    NUMBER(coding_rate, OPTIONAL, scenario_raw_radio),
    NUMBER(interval_s, OPTIONAL, scenario_raw_radio),
    NUMBER(duration_s, OPTIONAL, scenario_raw_radio),
    YES_NO(connectable, scenario_raw_radio),
    YES_NO(acknowledged, scenario_raw_radio),
    YES_NO(release_assisted, scenario_raw_radio),
    CYAML_FIELD_END,
};

static const cyaml_strval_t wait_names[] = {
    {"sleep", SCENARIO_WAIT_SLEEP}, {"idle", SCENARIO_WAIT_IDLE}, {"run", SCENARIO_WAIT_RUN}};

static const cyaml_schema_field_t wait_fields[] = {
    NUMBER(duration_s, REQUIRED, scenario_raw_wait),
    CYAML_FIELD_ENUM("state", CYAML_FLAG_STRICT, struct scenario_raw_wait, state, wait_names, 3),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t step_fields[] = {
    TEXT(name, OPTIONAL, scenario_raw_step, NAME_MAX_C),
    PART(sensor, scenario_raw_step, device_fields),
    TEXT(compute, OPTIONAL, scenario_raw_step, FILE_MAX_C),
    TEXT(infer, OPTIONAL, scenario_raw_step, FILE_MAX_C),
    PART(radio, scenario_raw_step, radio_fields),
    PART(display, scenario_raw_step, device_fields),
    PART(wait, scenario_raw_step, wait_fields),
    NUMBER(repeat_count, OPTIONAL, scenario_raw_step),
    NUMBER(probability_fraction, OPTIONAL, scenario_raw_step),
    TEXT(given, OPTIONAL, scenario_raw_step, NAME_MAX_C),
    YES_NO(beside, scenario_raw_step),
    YES_NO(always, scenario_raw_step),
    YES_NO(verified, scenario_raw_step),
    SOURCE(scenario_raw_step),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t step_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scenario_raw_step, step_fields),
};

static const cyaml_schema_field_t buffer_fields[] = {
    NUMBER(capacitance_uf, REQUIRED, scenario_raw_buffer),
    NUMBER(effective_fraction, OPTIONAL, scenario_raw_buffer),
    NUMBER(esr_ohm, OPTIONAL, scenario_raw_buffer),
    NUMBER(leakage_ua, OPTIONAL, scenario_raw_buffer),
    YES_NO(verified, scenario_raw_buffer),
    SOURCE(scenario_raw_buffer),
    CYAML_FIELD_END,
};

const char *const scenario_level_keys[SCENARIO_LEVELS] = {"level_lux", "level_k", "level_g",
                                                          "level_uw_per_cm2", "level_m"};
const char *const scenario_level_units[SCENARIO_LEVELS] = {"lux", "K", "g", "uW/cm2", "m"};

static const cyaml_schema_field_t surroundings_fields[] = {
    NUMBER_AS("level_lux", OPTIONAL, scenario_raw_surroundings, level[0]),
    NUMBER_AS("level_k", OPTIONAL, scenario_raw_surroundings, level[1]),
    NUMBER_AS("level_g", OPTIONAL, scenario_raw_surroundings, level[2]),
    NUMBER_AS("level_uw_per_cm2", OPTIONAL, scenario_raw_surroundings, level[3]),
    NUMBER_AS("level_m", OPTIONAL, scenario_raw_surroundings, level[4]),
    NUMBER(hours_per_day_h, OPTIONAL, scenario_raw_surroundings),
    NUMBER(area_cm2, OPTIONAL, scenario_raw_surroundings),
    NUMBER(volume_cm3, OPTIONAL, scenario_raw_surroundings),
    YES_NO(verified, scenario_raw_surroundings),
    SOURCE(scenario_raw_surroundings),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t stream_fields[] = {
    TEXT(radio, OPTIONAL, scenario_raw_stream, FILE_MAX_C),
    TEXT(phy, OPTIONAL, scenario_raw_stream, 15),
    NUMBER(tx_dbm, OPTIONAL, scenario_raw_stream),
    NUMBER(raw_bytes, OPTIONAL, scenario_raw_stream),
    YES_NO(verified, scenario_raw_stream),
    SOURCE(scenario_raw_stream),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t scenario_fields[] = {
    TEXT(name, REQUIRED, scenario_raw, NAME_MAX_C),
    TEXT(description, REQUIRED, scenario_raw, 199),
    CYAML_FIELD_STRING_PTR("source", CYAML_FLAG_POINTER, struct scenario_raw, source, 3,
                           ENERGY_SOURCE_BYTES - 1),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct scenario_raw, verified, energy_yes_no,
                     2),
    TEXT(target, OPTIONAL, scenario_raw, FILE_MAX_C),
    TEXT(mcu, OPTIONAL, scenario_raw, NAME_MAX_C),
    TEXT(regulator_of_mcu, OPTIONAL, scenario_raw, NAME_MAX_C),
    NUMBER(vdd_v, OPTIONAL, scenario_raw),
    TEXT(battery, OPTIONAL, scenario_raw, FILE_MAX_C),
    TEXT(regulator, OPTIONAL, scenario_raw, FILE_MAX_C),
    PART(buffer, scenario_raw, buffer_fields),
    TEXT(harvester, OPTIONAL, scenario_raw, FILE_MAX_C),
    PART(surroundings, scenario_raw, surroundings_fields),
    NUMBER(temperature_c, OPTIONAL, scenario_raw),
    NUMBER(period_s, REQUIRED, scenario_raw),
    TEXT(sleep_mode, OPTIONAL, scenario_raw, NAME_MAX_C),
    NUMBER(quiet_hours_h_per_day, OPTIONAL, scenario_raw),
    CYAML_FIELD_SEQUENCE_COUNT("steps", CYAML_FLAG_POINTER, struct scenario_raw, steps, steps_count,
                               &step_schema, 1, SCENARIO_MAX_STEPS),
    PART(stream, scenario_raw, stream_fields),
    CYAML_FIELD_END,
};

const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario_raw, scenario_fields),
};
