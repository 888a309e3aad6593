/* A chip as described by sim/chips/NAME.yaml: core, clocks, memory map, wait states, caches. What
 * the silicon does, nothing about energy. */
#ifndef SIM_CHIP_H
#define SIM_CHIP_H

#include "cc_error.h"
#include "sim_chip_registers.h"
#include "sim_profile.h"

#include <stddef.h>
#include <stdint.h>

#define SIM_MAX_REGIONS     12
#define SIM_MAX_WAIT_STATES 10
#define SIM_MAX_CLOCKS      8
#define SIM_MAX_RANGES      6

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

/* Wait states by clock: limit_hz[i] is the highest clock with i of them. */
struct sim_wait_table {
    double limit_hz[SIM_MAX_WAIT_STATES];
    uint32_t count; /* 0 = none at any clock */
};

struct sim_region {
    char name[SIM_NAME_BYTES]; /* "sram1" */
    enum sim_region_kind kind;
    uint32_t base, bytes;
    uint32_t isolated_wait; /* extra cycles of an access that does not follow another one (w) */
    struct sim_wait_table waits; /* of every access; RAM that is slower than the core */
};

/* A range of the core or supply voltage in which the flash has its own limits. */
struct sim_voltage_range {
    char name[SIM_NAME_BYTES]; /* "range2"; empty when the chip file names none */
    double max_clock_hz;
    double min_vdd_v; /* lowest supply at which these wait states do; 0 = any the chip takes */
    struct sim_wait_table flash;
    int prefetch; /* may be switched on in this range */
    int verified;
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
    uint32_t fetch_bytes;   /* flash read width towards instruction fetch */
    int prefetch;           /* next-line prefetch on fetch */
    int prefetch_reads_all; /* it reads the array for lines that the cache holds, too: costs
                               energy, no time */
    int unified;            /* icache serves flash data reads too (U5, Apollo3, RP2040) */
    int data_ram_cached;    /* dcache caches RAM as well (M7) */
    /* Cycles more while the flash has wait states (see struct sim_timing_config): */
    uint32_t branch_target_cycles, store_cycles;
    int caches_off; /* both switched off; chip files never say so, callers may */
    struct sim_cache_config icache, dcache;
};

/* Parts of a chip file that bear on its timing. */
enum sim_chip_part {
    SIM_PART_CORE,
    SIM_PART_CLOCK,
    SIM_PART_MEMORIES, /* sizes, isolated accesses, wait states of RAM */
    SIM_PART_FLASH,    /* wait states */
    SIM_PART_PATH,     /* width of reads, prefetch */
    SIM_PART_CACHES,   /* geometry, cost of misses */
    SIM_PART_COUNT
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
    int store_buffer_rmw;     /* M7: RAM has ECC, storing a byte reads and writes back a word */
    struct sim_region regions[SIM_MAX_REGIONS];
    uint32_t region_count;
    struct sim_voltage_range ranges[SIM_MAX_RANGES]; /* [0] is the default */
    uint32_t range_count;
    uint32_t range;    /* the one that is simulated */
    int range_by_name; /* it was asked for */
    struct sim_memory_config memory;
    struct sim_chip_registers registers;
    /* where the project's own runner is placed */
    uint32_t runner_flash_base, runner_flash_bytes;
    uint32_t runner_ram_base, runner_ram_bytes;
    uint32_t unverified; /* bits of enum sim_chip_part: with a figure that is used and was neither
                            read in its source nor fitted to a measurement */
};

/* Loads NAME[@MHZ][:RANGE] or FILE.yaml[@MHZ][:RANGE]. *clock_hz receives the clock asked for, else
 * the chip's default, or the highest of RANGE when that is less. Without RANGE it is the one of the
 * highest clock, at any clock. A clock above the maximum of chip or range, and a range that the
 * chip does not have, are CC_ERR_USAGE; file errors are CC_ERR_INPUT. */
enum cc_status sim_chip_load(const char *spec, struct sim_chip *chip, double *clock_hz,
                             struct cc_error *err);

/* Flash wait states at a clock in the chip's range. */
uint32_t sim_chip_wait_states(const struct sim_chip *chip, double clock_hz);

/* A range that runs at a clock from a supply, the default first; NULL when there is none. */
const struct sim_voltage_range *sim_chip_range_for(const struct sim_chip *chip, double clock_hz,
                                                   double vdd_v);

/* Flash wait states at the chip's default clock in its default range: those for which the miss
 * costs of its caches hold. */
uint32_t sim_chip_default_wait_states(const struct sim_chip *chip);

/* Wait states of every access to the region at a clock. */
uint32_t sim_region_wait_states(const struct sim_region *region, double clock_hz);

/* Relative standard deviation of the chip's cycles: judgement, larger when a part is unverified. */
double sim_chip_cycles_rsd(const struct sim_chip *chip);

/* "core, caches", or "" when every part is verified. Returns text. */
const char *sim_chip_unverified_parts(const struct sim_chip *chip, char *text, size_t size);

const char *sim_core_name(enum sim_core core); /* "cortex-m4" */

#endif
