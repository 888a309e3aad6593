/* The keys of `registers:` and `configuration:` of a chip file. */
#include "sim_chip_registers_yaml.h"

#include "sim_chip_registers.h"

#define TEXT(key, type, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, 512)
#define OPTIONAL_TEXT(key, type, member)                                                           \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, 64)
#define NUMBER(key, type, member)          CYAML_FIELD_UINT(key, CYAML_FLAG_DEFAULT, type, member)
#define OPTIONAL_NUMBER(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define YES_NO(key, type, member)                                                                  \
    CYAML_FIELD_ENUM(key, CYAML_FLAG_STRICT, type, member, yes_no, CYAML_ARRAY_LEN(yes_no))
#define OPTIONAL_LIST(key, type, member, schema, most)                                             \
    CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, schema, 1,   \
                         most)

static const cyaml_strval_t yes_no[] = {{"no", 0}, {"false", 0}, {"yes", 1}, {"true", 1}};

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};
static const cyaml_schema_value_t number_schema = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};
static const cyaml_schema_value_t name_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, SIM_REGISTER_NAME_BYTES - 1)};

static const cyaml_schema_field_t flag_fields[] = {
    TEXT("flag", struct yaml_register_flag, flag),
    TEXT("follows", struct yaml_register_flag, follows), CYAML_FIELD_END};

static const cyaml_schema_value_t flag_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_register_flag, flag_fields)};

static const cyaml_schema_field_t register_fields[] = {
    TEXT("name", struct yaml_register, name),
    NUMBER("offset", struct yaml_register, offset),
    OPTIONAL_NUMBER("reset", struct yaml_register, reset),
    OPTIONAL_NUMBER("ones", struct yaml_register, ones),
    OPTIONAL_NUMBER("zeros", struct yaml_register, zeros),
    OPTIONAL_LIST("ready", struct yaml_register, ready, &flag_schema, 32),
    OPTIONAL_TEXT("chosen_by", struct yaml_register, chosen_by),
    OPTIONAL_LIST("values", struct yaml_register, values, &word_schema, SIM_MAX_REGISTER_VALUES),
    CYAML_FIELD_END};

static const cyaml_schema_value_t register_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_register, register_fields)};

static const cyaml_schema_field_t block_fields[] = {
    TEXT("name", struct yaml_register_block, name),
    NUMBER("base", struct yaml_register_block, base),
    OPTIONAL_LIST("copies", struct yaml_register_block, copies, &word_schema, 16),
    CYAML_FIELD_SEQUENCE("registers", CYAML_FLAG_POINTER, struct yaml_register_block, registers,
                         &register_schema, 1, 64),
    TEXT("source", struct yaml_register_block, source),
    YES_NO("verified", struct yaml_register_block, verified),
    CYAML_FIELD_END};

const cyaml_schema_value_t sim_register_block_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_register_block, block_fields)};

static const cyaml_schema_field_t factor_fields[] = {
    TEXT("field", struct yaml_clock_factor, field),
    CYAML_FIELD_FLOAT("plus", CYAML_FLAG_OPTIONAL, struct yaml_clock_factor, plus),
    OPTIONAL_TEXT("fraction", struct yaml_clock_factor, fraction),
    OPTIONAL_LIST("values", struct yaml_clock_factor, values, &number_schema,
                  SIM_MAX_CLOCK_CHOICES),
    CYAML_FIELD_END};

static const cyaml_schema_value_t factor_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_clock_factor, factor_fields)};

static const cyaml_schema_field_t node_fields[] = {
    TEXT("name", struct yaml_clock_node, name),
    OPTIONAL_TEXT("select", struct yaml_clock_node, select),
    OPTIONAL_LIST("mhz", struct yaml_clock_node, mhz, &number_schema, SIM_MAX_CLOCK_CHOICES),
    OPTIONAL_LIST("from", struct yaml_clock_node, from, &name_schema, SIM_MAX_CLOCK_CHOICES),
    OPTIONAL_LIST("multiply", struct yaml_clock_node, multiply, &factor_schema,
                  SIM_MAX_CLOCK_FACTORS),
    OPTIONAL_LIST("divide", struct yaml_clock_node, divide, &factor_schema, SIM_MAX_CLOCK_FACTORS),
    CYAML_FIELD_END};

static const cyaml_schema_value_t node_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_clock_node, node_fields)};

const cyaml_schema_field_t sim_configuration_fields[] = {
    OPTIONAL_TEXT("wait_states", struct yaml_configuration, wait_states),
    OPTIONAL_TEXT("prefetch", struct yaml_configuration, prefetch),
    OPTIONAL_TEXT("instruction_cache", struct yaml_configuration, instruction_cache),
    OPTIONAL_TEXT("data_cache", struct yaml_configuration, data_cache),
    CYAML_FIELD_MAPPING_PTR("instruction_cache_ways", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_configuration, instruction_cache_ways, factor_fields),
    CYAML_FIELD_FLOAT("hse_mhz", CYAML_FLAG_OPTIONAL, struct yaml_configuration, hse_mhz),
    OPTIONAL_LIST("clocks", struct yaml_configuration, clocks, &node_schema,
                  SIM_MAX_CLOCK_NODES - 1), /* one is kept for the crystal */
    TEXT("source", struct yaml_configuration, source),
    YES_NO("verified", struct yaml_configuration, verified),
    CYAML_FIELD_END};
