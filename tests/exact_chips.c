#include "exact_chips.h"

#define M0 CC_SOURCE_DIR "/tests/micro/ideal-m0.yaml"
#define M3 CC_SOURCE_DIR "/tests/cuts/cortex-m3.yaml"

static void set_icache(struct sim_chip *chip, uint32_t bytes, uint32_t line, uint32_t ways)
{
    chip->memory.icache.bytes = bytes;
    chip->memory.icache.line_bytes = line;
    chip->memory.icache.ways = ways;
}

static void make_m0(struct sim_chip *chip)
{
    chip->core = SIM_CORTEX_M0;
}

static void slow_multiply(struct sim_chip *chip)
{
    make_m0(chip);
    chip->multiply_cycles = 32;
}

static void no_prefetch(struct sim_chip *chip)
{
    chip->memory.prefetch = 0;
}

static void no_caches(struct sim_chip *chip)
{
    chip->memory.icache.bytes = chip->memory.dcache.bytes = 0;
}

static void unified_prefetch(struct sim_chip *chip)
{
    chip->memory.prefetch = 1;
    set_icache(chip, 256, 16, 2);
}

static void unified_one_set(struct sim_chip *chip)
{
    set_icache(chip, 64, 16, 4);
}

static void unified_one_set_prefetch(struct sim_chip *chip)
{
    chip->memory.prefetch = 1;
    set_icache(chip, 96, 8, 12);
}

static void unified_two_sets(struct sim_chip *chip)
{
    set_icache(chip, 64, 8, 4);
}

static void unified_direct(struct sim_chip *chip)
{
    set_icache(chip, 128, 16, 1);
}

static void unified_many_ways(struct sim_chip *chip)
{
    set_icache(chip, 1024, 8, 128);
}

static void unified_two_lines(struct sim_chip *chip)
{
    set_icache(chip, 32, 16, 2);
}

static void unified_three_lines_prefetch(struct sim_chip *chip)
{
    chip->memory.prefetch = 1;
    chip->memory.icache.miss_cycles_flash = 30;
    set_icache(chip, 96, 32, 3);
}

static void unified_two_ways_prefetch(struct sim_chip *chip)
{
    chip->memory.prefetch = 1;
    set_icache(chip, 64, 8, 2);
}

static void unified_one_line(struct sim_chip *chip)
{
    set_icache(chip, 32, 32, 1);
}

static void small_caches(struct sim_chip *chip)
{
    set_icache(chip, 256, 32, 2);
    chip->memory.dcache.bytes = 256;
    chip->memory.dcache.line_bytes = 32;
    chip->memory.dcache.ways = 2;
}

static void small_icache(struct sim_chip *chip)
{
    set_icache(chip, 128, 16, 2);
}

static void slow_ram(struct sim_chip *chip)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        if (chip->regions[i].kind == SIM_REGION_SRAM) {
            chip->regions[i].waits.count = 2;
            chip->regions[i].waits.limit_hz[0] = 1;
            chip->regions[i].waits.limit_hz[1] = chip->max_clock_hz;
        }
    }
}

/* Data in RAM that makes isolated accesses wait, the stack in RAM that does not, or the reverse. */
static void split_ram(struct sim_chip *chip, uint32_t lower_wait, uint32_t upper_wait)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        struct sim_region *lower = &chip->regions[i], *upper = &chip->regions[chip->region_count];

        if (lower->base != 0x20000000 || chip->region_count == SIM_MAX_REGIONS)
            continue;
        *upper = *lower;
        lower->bytes = 0x1000;
        lower->isolated_wait = lower_wait;
        upper->base += lower->bytes;
        upper->bytes -= lower->bytes;
        upper->isolated_wait = upper_wait;
        chip->region_count++;
        return;
    }
}

static void coupled_stack(struct sim_chip *chip)
{
    split_ram(chip, 1, 0);
}

static void coupled_data(struct sim_chip *chip)
{
    split_ram(chip, 0, 1);
}

static void direct_mapped(struct sim_chip *chip)
{
    chip->memory.unified = 1;
    set_icache(chip, 64, 8, 1);
}

const struct exact_chip exact_chips[] = {
    {"M0, no wait states", M0, "v6m-0800-2000", NULL},
    {"M0, buffers and prefetch", "stm32g0b1", "v6m-0800-2000", make_m0},
    {"M0, slow multiplier, one wait state", "stm32g0b1@48", "v6m-0800-2000", slow_multiply},
    {"M0+, buffers and prefetch", "stm32g0b1", "v6m-0800-2000", NULL},
    {"M0+, no prefetch", "stm32g0b1", "v6m-0800-2000", no_prefetch},
    {"M0+, no wait states", "stm32g0b1@16", "v6m-0800-2000", NULL},
    {"M0+, direct-mapped unified cache", "saml21", "v6m-0000-2000", NULL},
    {"M0+, the same with prefetch", "stm32g0b1", "v6m-0800-2000", direct_mapped},
    {"M0+, slow RAM", "stm32g0b1", "v6m-0800-2000", slow_ram},
    {"M0+, executed in place", "rp2040", "v6m-1000-2000", NULL},
    {"M0+, executed in place, one set", "rp2040", "v6m-1000-2000", unified_one_set},
    {"M3, caches and prefetch", M3, "v7m-0800-2000", NULL},
    {"M3, two wait states", M3 "@50", "v7m-0800-2000", NULL},
    {"M3, no wait states", M3 "@20", "v7m-0800-2000", NULL},
    {"M3, no caches", M3, "v7m-0800-2000", no_caches},
    {"M3, slow RAM", M3, "v7m-0800-2000", slow_ram},
    {"M4, caches and prefetch", "stm32l4r5", "fp-0800-2000", NULL},
    {"M4, isolated accesses", "stm32l4r5@20", "fp-0800-2000", NULL},
    {"M4, isolated accesses to data only", "stm32l4r5@20", "fp-0800-2000", coupled_stack},
    {"M4, isolated accesses to the stack only", "stm32l4r5@20", "fp-0800-2000", coupled_data},
    {"M4, prefetch without caches", "stm32l4r5", "fp-0800-2000", no_caches},
    {"M4, no prefetch", "stm32l4r5", "fp-0800-2000", no_prefetch},
    {"M4, instruction cache", "nrf52840", "fp-0000-2000", NULL},
    {"M4, small instruction cache", "nrf52840", "fp-0000-2000", small_icache},
    {"M4, one line for code and one for data", "msp432p401r", "fp-0000-2000", NULL},
    {"M4, unified cache", "apollo3", "fp-0000-1000", NULL},
    {"M4, wide lines", "stm32f446", "fp-0800-2000", NULL},
    {"M7, tightly coupled RAM", "stm32f746", "fp-0800-2000", NULL},
    {"M7, small caches", "stm32f746", "fp-0800-2000", small_caches},
    {"M7, tightly coupled code", "stm32f746", "fp-0000-2000", NULL},
    {"M7, cached RAM with ECC", "stm32h7a3", "fp-0800-2400", NULL},
    {"M7, cached RAM, small caches", "stm32h7a3", "fp-0800-2400", small_caches},
    {"M7, no wait states", "stm32h7a3@44", "fp-0800-2400", NULL},
    {"M33, unified cache", "stm32u575", "fp-0800-2000", NULL},
    {"M33, no wait states", "stm32u575@32", "fp-0800-2000", NULL},
    {"M33, small unified cache, prefetch", "stm32u575", "fp-0800-2000", unified_prefetch},
    {"M33, unified cache of one set", "stm32u575", "fp-0800-2000", unified_one_set},
    {"M33, one set, prefetch", "stm32u575", "fp-0800-2000", unified_one_set_prefetch},
    {"M33, unified cache of two sets", "stm32u575", "fp-0800-2000", unified_two_sets},
    {"M33, direct-mapped unified cache", "stm32u575", "fp-0800-2000", unified_direct},
    {"M33, unified cache of one line", "stm32u575", "fp-0800-2000", unified_one_line},
    {"M33, unified cache of two lines", "stm32u575", "fp-0800-2000", unified_two_lines},
    {"M33, three lines, prefetch", "stm32u575", "fp-0800-2000", unified_three_lines_prefetch},
    {"M33, two ways, prefetch", "stm32u575", "fp-0800-2000", unified_two_ways_prefetch},
    {"M33, unified cache of many ways", "stm32u575", "fp-0800-2000", unified_many_ways},
    {"M33, unified cache of a small chip", "nrf5340", "fp-0000-2000", NULL},
    {"M33, slow RAM", "ra6m4", "fp-0000-2000", NULL},
    {"M33, executed in place", "rp2350", "fp-1000-2000", NULL},
    {"M33, executed in place, direct-mapped", "rp2350", "fp-1000-2000", unified_direct},
};

const size_t exact_chip_count = sizeof exact_chips / sizeof exact_chips[0];

enum cc_status exact_chip_load(const struct exact_chip *variant, struct sim_chip *chip,
                               double *clock_hz, struct cc_error *err)
{
    enum cc_status status = sim_chip_load(variant->spec, chip, clock_hz, err);
    if (status == CC_OK && variant->change)
        variant->change(chip);
    return status;
}
