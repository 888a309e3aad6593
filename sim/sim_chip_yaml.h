/* A chip file as libcyaml fills it, before it is checked. Private to sim/. */
#ifndef SIM_CHIP_YAML_H
#define SIM_CHIP_YAML_H

#include "cc_yaml.h"
#include "sim_chip.h"
#include "sim_chip_registers_yaml.h"

#include <stdbool.h>

#define SIM_MIN_CLOCK_MHZ 0.001 /* slower is a slip of the pen, not a clock */

struct yaml_wait {
    double up_to_mhz;
    uint32_t wait_states;
};

/* Flash wait states of the default range, or those of a region. */
struct yaml_wait_table {
    char *range; /* NULL: the file names no ranges */
    double min_vdd_v;
    struct yaml_wait *table;
    uint32_t table_count;
    char *source;
    bool verified;
};

struct yaml_region {
    char *name, *kind, *source;
    uint32_t base, size_kb, isolated_wait_cycles;
    struct yaml_wait_table *wait_states;
    bool verified;
};

struct yaml_range {
    char *name, *source;
    double max_mhz, min_vdd_v;
    bool *prefetch; /* NULL: as in memory_path */
    struct yaml_wait *table;
    uint32_t table_count;
    bool verified;
};

struct yaml_cache {
    uint32_t size_bytes, line_bytes, ways, flash_miss_cycles, sram_miss_cycles;
    char *source;
    bool verified;
};

struct yaml_with_wait_states {
    uint32_t branch_target_cycles, store_cycles;
    char *source;
    bool verified;
};

struct yaml_path {
    uint32_t fetch_bytes;
    bool prefetch, prefetch_reads_all, unified, caches_ram;
    struct yaml_with_wait_states *with_wait_states;
    struct yaml_cache *instruction_cache, *data_cache;
    char *source;
    bool verified;
};

struct yaml_clock {
    double max_mhz, default_mhz;
    double *allowed_mhz;
    uint32_t allowed_mhz_count;
    char *source;
    bool verified;
};

struct yaml_runner {
    uint32_t flash_base, flash_kb, ram_base, ram_kb;
    char *source;  /* NULL when the file does not say */
    bool verified; /* a choice: no figure of the silicon hangs on it */
};

struct yaml_core {
    char *name, *source;
    bool fpu, dsp, store_buffer_rmw, verified;
    uint32_t multiply_cycles;
    double mispredict_cycles;
};

struct yaml_chip {
    char *name, *description;
    struct yaml_core core;
    struct yaml_clock clock;
    struct yaml_region *regions;
    uint32_t regions_count;
    struct yaml_wait_table flash_wait_states;
    struct yaml_range *voltage_ranges;
    uint32_t voltage_ranges_count;
    struct yaml_path memory_path;
    bool peripheral_bit_band;
    struct yaml_register_block *registers;
    uint32_t registers_count;
    struct yaml_configuration *configuration;
    struct yaml_runner runner;
};

/* A pointer to struct yaml_chip. */
extern const cyaml_schema_value_t sim_chip_schema;

#endif
