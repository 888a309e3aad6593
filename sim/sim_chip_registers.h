/* The peripheral registers of a chip that firmware waits for or that decide what is charged, as the
 * chip file describes them (`registers:` and `configuration:`): their reset values, flags that
 * follow other bits, and which fields mean flash wait states, prefetch, caches and core clock.
 * Data and pure functions of register values; what happens while code runs is in sim_registers.h.
 */
#ifndef SIM_CHIP_REGISTERS_H
#define SIM_CHIP_REGISTERS_H

#include "cc_error.h"

#include <stdint.h>

#define SIM_MAX_REGISTERS       224 /* copies counted */
#define SIM_MAX_REGISTER_FLAGS  160
#define SIM_MAX_CLOCK_NODES     14
#define SIM_MAX_CLOCK_CHOICES   16
#define SIM_MAX_CLOCK_FACTORS   3
#define SIM_MAX_REGISTER_VALUES 4
#define SIM_REGISTER_NAME_BYTES 24

/* Bits of one register. */
struct sim_field {
    uint16_t index; /* in sim_chip_registers.list */
    uint8_t low;
    uint8_t bits; /* 0 = there is no such field */
};

/* Bits of a register that read as other bits were written: ready flags, switch status. */
struct sim_register_flag {
    uint8_t low; /* where they are; as many bits as they follow */
    struct sim_field follows;
};

/* 32 bits at a multiple of 4. */
struct sim_register {
    char name[SIM_REGISTER_NAME_BYTES]; /* "rcc.cr" */
    uint32_t address, reset;
    uint32_t ones, zeros; /* bits that read one, or zero, whatever was written */
    uint16_t first_flag, flag_count;
    struct sim_field chosen_by; /* selects what is read from values */
    uint32_t values[SIM_MAX_REGISTER_VALUES];
    uint32_t value_count;
    uint8_t is_copy; /* the same register of another block: not found by name */
};

/* A factor that registers give: values[field], or field + plus + fraction / 2^(bits of fraction).
 */
struct sim_clock_factor {
    struct sim_field field, fraction;
    double plus;
    double values[SIM_MAX_CLOCK_CHOICES];
    uint32_t value_count; /* 0 = the field is the value */
};

/* One clock of the clock tree: a frequency or an earlier clock, chosen by a field where there are
 * several, times and divided by factors. */
struct sim_clock_node {
    char name[SIM_REGISTER_NAME_BYTES];
    struct sim_field select;
    double hz[SIM_MAX_CLOCK_CHOICES];
    int8_t from[SIM_MAX_CLOCK_CHOICES]; /* index of an earlier node, -1 = none */
    uint8_t hz_count, from_count;       /* one of them is 0 */
    struct sim_clock_factor multiply[SIM_MAX_CLOCK_FACTORS], divide[SIM_MAX_CLOCK_FACTORS];
    uint8_t multiply_count, divide_count;
};

/* What firmware can decide. */
enum sim_aspect {
    SIM_ASPECT_WAIT_STATES,
    SIM_ASPECT_PREFETCH,
    SIM_ASPECT_ICACHE,
    SIM_ASPECT_DCACHE,
    SIM_ASPECT_WAYS,
    SIM_ASPECT_CLOCK,
    SIM_ASPECT_COUNT
};

struct sim_configuration {
    struct sim_field fields[SIM_ASPECT_CLOCK]; /* of the first four: on when not 0 */
    struct sim_clock_factor ways;              /* of the instruction cache */
    struct sim_clock_node clocks[SIM_MAX_CLOCK_NODES];
    uint8_t clock_count; /* the last one is the core's; 0 = not known */
};

struct sim_chip_registers {
    struct sim_register list[SIM_MAX_REGISTERS]; /* by rising address */
    uint16_t count;
    struct sim_register_flag flags[SIM_MAX_REGISTER_FLAGS];
    uint16_t flag_count;
    struct sim_configuration configuration;
    int bit_band; /* 0x42000000 to 0x43ffffff are the bits of 0x40000000 to 0x400fffff */
};

/* A configuration that register values mean. Fields of aspects the chip file does not describe are
 * 0. */
struct sim_configured {
    uint32_t wait_states;
    int prefetch, icache_on, dcache_on;
    uint32_t icache_ways;
    double clock_hz; /* of the core; 0 = no such setting: nothing selected, a reserved value */
};

/* Checks what libcyaml read and puts it into `to`. `path` is for messages. `blocks` and
 * `configuration` are of sim_chip_registers_yaml.h; the latter may be NULL. */
struct yaml_register_block;
struct yaml_configuration;
enum cc_status sim_chip_registers_convert(const char *path,
                                          const struct yaml_register_block *blocks,
                                          uint32_t block_count,
                                          const struct yaml_configuration *configuration,
                                          struct sim_chip_registers *to, struct cc_error *err);

/* Index of the register that holds an address, -1 when none does. */
int sim_register_at(const struct sim_chip_registers *registers, uint32_t address);

/* What a read of a register gives when these were last written. */
uint32_t sim_register_value(const struct sim_chip_registers *registers, const uint32_t *written,
                            uint32_t index);

/* What the last written values of all registers mean. */
void sim_configuration_read(const struct sim_chip_registers *registers, const uint32_t *written,
                            struct sim_configured *configured);

/* Aspects that a register decides, a bit for each: those with a field in it; the clock when a field
 * on the way from the selected source to the core lies in it. */
uint32_t sim_configuration_aspects(const struct sim_chip_registers *registers,
                                   const uint32_t *written, uint32_t index);

#endif
