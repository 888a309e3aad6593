/* A chip as described by sim/chips/NAME.yaml: core, clocks, memory map, wait states, caches. What
 * the silicon does, nothing about energy. */
#ifndef SIM_CHIP_H
#define SIM_CHIP_H

#include "cc_error.h"
#include "sim_profile.h"

#include <stddef.h>
#include <stdint.h>

#define SIM_MAX_REGIONS     12
#define SIM_MAX_WAIT_STATES 10
#define SIM_MAX_CLOCKS      8

/* Private peripheral bus of every M-class core; part of the memory map without a line in the file.
 */
#define SIM_SYSTEM_BASE  0xe0000000u
#define SIM_SYSTEM_BYTES 0x100000u

enum sim_core {
    SIM_CORTEX_M0,
    SIM_CORTEX_M0PLUS,
    SIM_CORTEX_M3,
    SIM_CORTEX_M4,
    SIM_CORTEX_M7,
    SIM_CORTEX_M33,
    SIM_CORE_COUNT
};

struct sim_region {
    char name[SIM_NAME_BYTES]; /* "sram1" */
    enum sim_region_kind kind;
    uint32_t base, bytes;
    uint32_t isolated_wait; /* extra cycles of an access that does not follow another one (w) */
};

/* A cache or line buffer between the core and a memory. sets x ways lines of line_bytes. */
struct sim_cache_config {
    uint32_t bytes; /* 0 = absent */
    uint32_t line_bytes;
    uint32_t ways;              /* = lines when fully associative */
    uint32_t miss_cycles_flash; /* stall of a miss that goes to flash, at the default clock;
                                   0 = the wait states */
    uint32_t miss_cycles_sram;  /* stall of a miss that goes to RAM (M7 L1 only) */
};

struct sim_memory_config {
    uint32_t fetch_bytes; /* flash read width towards instruction fetch */
    int prefetch;         /* next-line prefetch on fetch */
    int unified;          /* icache serves flash data reads too (U5, Apollo3, RP2040) */
    int data_ram_cached;  /* dcache caches RAM as well (M7) */
    struct sim_cache_config icache, dcache;
};

struct sim_chip {
    char name[SIM_NAME_BYTES];
    char description[128];
    char path[512]; /* YAML file it came from */
    enum sim_core core;
    int has_fpu, has_dsp;
    double max_clock_hz, default_clock_hz;
    double allowed_clock_hz[SIM_MAX_CLOCKS]; /* the only core clocks there are; none = any */
    uint32_t allowed_clock_count;
    uint32_t multiply_cycles; /* M0/M0+: 1 or 32 */
    double mispredict_cycles; /* M7 */
    int store_buffer_rmw; /* M7: bytes and halfwords are stored by read-modify-write (RAM with ECC) */
    struct sim_region regions[SIM_MAX_REGIONS];
    uint32_t region_count;
    /* wait states by clock: limit_hz[i] is the highest clock with i wait states */
    double wait_limit_hz[SIM_MAX_WAIT_STATES];
    uint32_t wait_count;
    struct sim_memory_config memory;
    /* where the project's own runner is placed */
    uint32_t runner_flash_base, runner_flash_bytes;
    uint32_t runner_ram_base, runner_ram_bytes;
    int unverified; /* some timing figure is marked unverified in the file */
};

/* Loads NAME, NAME@MHZ or FILE.yaml[@MHZ]. *clock_hz receives the clock asked for, else the chip's
 * default. A clock above the chip's maximum is CC_ERR_USAGE; file errors are CC_ERR_INPUT. */
enum cc_status sim_chip_load(const char *spec, struct sim_chip *chip, double *clock_hz,
                             struct cc_error *err);

/* Flash wait states at a clock. */
uint32_t sim_chip_wait_states(const struct sim_chip *chip, double clock_hz);

const char *sim_core_name(enum sim_core core); /* "cortex-m4" */

#endif
