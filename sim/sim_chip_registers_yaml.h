/* `registers:` and `configuration:` of a chip file as libcyaml fills them, before they are checked.
 * Private to sim/. */
#ifndef SIM_CHIP_REGISTERS_YAML_H
#define SIM_CHIP_REGISTERS_YAML_H

#include "cc_yaml.h"

#include <stdbool.h>
#include <stdint.h>

struct yaml_register_flag {
    char *flag, *follows;
};

struct yaml_register {
    char *name;
    uint32_t offset, reset, ones, zeros;
    struct yaml_register_flag *ready;
    uint32_t ready_count;
    char *chosen_by;
    uint32_t *values;
    uint32_t values_count;
};

struct yaml_register_block {
    char *name, *source;
    uint32_t base;
    uint32_t *copies;
    uint32_t copies_count;
    bool verified;
    struct yaml_register *registers;
    uint32_t registers_count;
};

struct yaml_clock_factor {
    char *field, *fraction;
    double plus;
    double *values;
    uint32_t values_count;
};

struct yaml_clock_node {
    char *name, *select;
    double *mhz;
    uint32_t mhz_count;
    char **from;
    uint32_t from_count;
    struct yaml_clock_factor *multiply, *divide;
    uint32_t multiply_count, divide_count;
};

struct yaml_configuration {
    char *wait_states, *prefetch, *instruction_cache, *data_cache;
    struct yaml_clock_factor *instruction_cache_ways;
    double hse_mhz;
    struct yaml_clock_node *clocks;
    uint32_t clocks_count;
    char *source;
    bool verified;
};

/* Entries of the list `registers`, keys of `configuration`. */
extern const cyaml_schema_value_t sim_register_block_schema;
extern const cyaml_schema_field_t sim_configuration_fields[];

#endif
