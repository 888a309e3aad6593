/* The keys of a chip file. */
#include "sim_chip_yaml.h"

#define TEXT(key, type, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, 512)
#define OPTIONAL_TEXT(key, type, member)                                                           \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, 512)
#define NUMBER(key, type, member)          CYAML_FIELD_UINT(key, CYAML_FLAG_DEFAULT, type, member)
#define OPTIONAL_NUMBER(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
/* libcyaml's own booleans take any word for yes. */
#define YES_NO(key, type, member)                                                                  \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, type, member, yes_no, CYAML_ARRAY_LEN(yes_no))
#define OPTIONAL_YES_NO(key, type, member)                                                         \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL, type, member, yes_no,           \
                     CYAML_ARRAY_LEN(yes_no))

static const cyaml_strval_t yes_no[] = {{"no", 0}, {"false", 0}, {"yes", 1}, {"true", 1}};

static const cyaml_schema_field_t wait_fields[] = {
    CYAML_FIELD_FLOAT("up_to_mhz", CYAML_FLAG_DEFAULT, struct yaml_wait, up_to_mhz),
    NUMBER("wait_states", struct yaml_wait, wait_states), CYAML_FIELD_END};

static const cyaml_schema_value_t wait_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_wait, wait_fields)};

#define WAIT_TABLE(type)                                                                           \
    CYAML_FIELD_SEQUENCE("table", CYAML_FLAG_POINTER, type, table, &wait_schema, 1,                \
                         SIM_MAX_WAIT_STATES)

static const cyaml_schema_field_t wait_table_fields[] = {
    OPTIONAL_TEXT("range", struct yaml_wait_table, range),
    CYAML_FIELD_FLOAT("min_vdd_v", CYAML_FLAG_OPTIONAL, struct yaml_wait_table, min_vdd_v),
    WAIT_TABLE(struct yaml_wait_table),
    TEXT("source", struct yaml_wait_table, source),
    YES_NO("verified", struct yaml_wait_table, verified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t region_wait_fields[] = {
    WAIT_TABLE(struct yaml_wait_table), TEXT("source", struct yaml_wait_table, source),
    YES_NO("verified", struct yaml_wait_table, verified), CYAML_FIELD_END};

static const cyaml_schema_field_t range_fields[] = {
    TEXT("name", struct yaml_range, name),
    CYAML_FIELD_FLOAT("max_mhz", CYAML_FLAG_DEFAULT, struct yaml_range, max_mhz),
    CYAML_FIELD_FLOAT("min_vdd_v", CYAML_FLAG_OPTIONAL, struct yaml_range, min_vdd_v),
    CYAML_FIELD_ENUM_PTR("prefetch", CYAML_FLAG_STRICT | CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER,
                         struct yaml_range, prefetch, yes_no, CYAML_ARRAY_LEN(yes_no)),
    WAIT_TABLE(struct yaml_range),
    TEXT("source", struct yaml_range, source),
    YES_NO("verified", struct yaml_range, verified),
    CYAML_FIELD_END};

static const cyaml_schema_value_t range_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_range, range_fields)};

static const cyaml_schema_field_t region_fields[] = {
    TEXT("name", struct yaml_region, name),
    TEXT("kind", struct yaml_region, kind),
    NUMBER("base", struct yaml_region, base),
    NUMBER("size_kb", struct yaml_region, size_kb),
    OPTIONAL_NUMBER("isolated_wait_cycles", struct yaml_region, isolated_wait_cycles),
    CYAML_FIELD_MAPPING_PTR("wait_states", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_region, wait_states, region_wait_fields),
    TEXT("source", struct yaml_region, source),
    YES_NO("verified", struct yaml_region, verified),
    CYAML_FIELD_END};

static const cyaml_schema_value_t region_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_region, region_fields)};

static const cyaml_schema_field_t cache_fields[] = {
    NUMBER("size_bytes", struct yaml_cache, size_bytes),
    NUMBER("line_bytes", struct yaml_cache, line_bytes),
    NUMBER("ways", struct yaml_cache, ways),
    OPTIONAL_NUMBER("flash_miss_cycles", struct yaml_cache, flash_miss_cycles),
    OPTIONAL_NUMBER("sram_miss_cycles", struct yaml_cache, sram_miss_cycles),
    TEXT("source", struct yaml_cache, source),
    YES_NO("verified", struct yaml_cache, verified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t with_wait_states_fields[] = {
    OPTIONAL_NUMBER("branch_target_cycles", struct yaml_with_wait_states, branch_target_cycles),
    OPTIONAL_NUMBER("store_cycles", struct yaml_with_wait_states, store_cycles),
    TEXT("source", struct yaml_with_wait_states, source),
    YES_NO("verified", struct yaml_with_wait_states, verified), CYAML_FIELD_END};

static const cyaml_schema_field_t path_fields[] = {
    NUMBER("fetch_bytes", struct yaml_path, fetch_bytes),
    YES_NO("prefetch", struct yaml_path, prefetch),
    OPTIONAL_YES_NO("prefetch_reads_all_lines", struct yaml_path, prefetch_reads_all),
    OPTIONAL_YES_NO("unified_cache", struct yaml_path, unified),
    OPTIONAL_YES_NO("data_cache_serves_ram", struct yaml_path, caches_ram),
    CYAML_FIELD_MAPPING_PTR("with_wait_states", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_path, with_wait_states, with_wait_states_fields),
    CYAML_FIELD_MAPPING_PTR("instruction_cache", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_path, instruction_cache, cache_fields),
    CYAML_FIELD_MAPPING_PTR("data_cache", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_path, data_cache, cache_fields),
    TEXT("source", struct yaml_path, source),
    YES_NO("verified", struct yaml_path, verified),
    CYAML_FIELD_END};

static const cyaml_schema_value_t mhz_schema = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

static const cyaml_schema_field_t clock_fields[] = {
    CYAML_FIELD_FLOAT("max_mhz", CYAML_FLAG_DEFAULT, struct yaml_clock, max_mhz),
    CYAML_FIELD_FLOAT("default_mhz", CYAML_FLAG_DEFAULT, struct yaml_clock, default_mhz),
    CYAML_FIELD_SEQUENCE("allowed_mhz", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_clock,
                         allowed_mhz, &mhz_schema, 1, SIM_MAX_CLOCKS),
    TEXT("source", struct yaml_clock, source),
    YES_NO("verified", struct yaml_clock, verified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t runner_fields[] = {
    NUMBER("flash_base", struct yaml_runner, flash_base),
    NUMBER("flash_kb", struct yaml_runner, flash_kb),
    NUMBER("ram_base", struct yaml_runner, ram_base),
    NUMBER("ram_kb", struct yaml_runner, ram_kb),
    OPTIONAL_TEXT("source", struct yaml_runner, source),
    OPTIONAL_YES_NO("verified", struct yaml_runner, verified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t core_fields[] = {
    TEXT("name", struct yaml_core, name),
    YES_NO("fpu", struct yaml_core, fpu),
    YES_NO("dsp", struct yaml_core, dsp),
    OPTIONAL_NUMBER("multiply_cycles", struct yaml_core, multiply_cycles),
    CYAML_FIELD_FLOAT("mispredict_cycles", CYAML_FLAG_OPTIONAL, struct yaml_core,
                      mispredict_cycles),
    OPTIONAL_YES_NO("store_buffer_rmw", struct yaml_core, store_buffer_rmw),
    TEXT("source", struct yaml_core, source),
    YES_NO("verified", struct yaml_core, verified),
    CYAML_FIELD_END};

static const cyaml_schema_field_t chip_fields[] = {
    TEXT("name", struct yaml_chip, name),
    TEXT("description", struct yaml_chip, description),
    CYAML_FIELD_MAPPING("core", CYAML_FLAG_DEFAULT, struct yaml_chip, core, core_fields),
    CYAML_FIELD_MAPPING("clock", CYAML_FLAG_DEFAULT, struct yaml_chip, clock, clock_fields),
    CYAML_FIELD_SEQUENCE("regions", CYAML_FLAG_POINTER, struct yaml_chip, regions, &region_schema,
                         2, SIM_MAX_REGIONS - 1), /* one is kept for the system bus */
    CYAML_FIELD_MAPPING("flash_wait_states", CYAML_FLAG_DEFAULT, struct yaml_chip,
                        flash_wait_states, wait_table_fields),
    CYAML_FIELD_SEQUENCE("voltage_ranges", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                         struct yaml_chip, voltage_ranges, &range_schema, 1, SIM_MAX_RANGES - 1),
    CYAML_FIELD_MAPPING("memory_path", CYAML_FLAG_DEFAULT, struct yaml_chip, memory_path,
                        path_fields),
    OPTIONAL_YES_NO("peripheral_bit_band", struct yaml_chip, peripheral_bit_band),
    CYAML_FIELD_SEQUENCE("registers", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_chip,
                         registers, &sim_register_block_schema, 1, 64),
    CYAML_FIELD_MAPPING_PTR("configuration", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_chip, configuration, sim_configuration_fields),
    CYAML_FIELD_MAPPING("runner", CYAML_FLAG_DEFAULT, struct yaml_chip, runner, runner_fields),
    CYAML_FIELD_END};

const cyaml_schema_value_t sim_chip_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_chip, chip_fields)};
