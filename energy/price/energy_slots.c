/* The prices of core, classes and regions, each with what it is counted by: the one list behind
 * checks, bills, messages and names. */
#include "energy_chip_internal.h"

static double core_cycles(const struct sim_counts *c, int index)
{
    (void)index;
    return (double)c->core_cycles;
}

static double stall_cycles(const struct sim_counts *c, int index)
{
    (void)index;
    return (double)c->fetch_stall_cycles + (double)c->data_stall_cycles;
}

static double sleep_cycles(const struct sim_counts *c, int index)
{
    (void)index;
    return (double)c->sleep_cycles;
}

static double class_count(const struct sim_counts *c, int index)
{
    return (double)c->classes[index];
}

static double fetched_words(const struct sim_counts *c, int index)
{
    return (double)c->regions[index].fetch_bytes / 4;
}

static double line_reads(const struct sim_counts *c, int index)
{
    return (double)c->regions[index].line_reads;
}

static double reads(const struct sim_counts *c, int index)
{
    return (double)c->regions[index].reads;
}

static double writes(const struct sim_counts *c, int index)
{
    return (double)c->regions[index].writes;
}

#define CORE(member, part, name, count)                                                            \
    {offsetof(struct energy_prices, core.member), part, "core." #member, name, "cycles", count, 0},
#define REGION(id, region, member, text, unit, count)                                              \
    {offsetof(struct energy_prices, regions.region_##id.member),                                   \
     ENERGY_MEMORY,                                                                                \
     "regions." region "." #member,                                                                \
     region " " text,                                                                              \
     unit,                                                                                         \
     count,                                                                                        \
     SIM_REGION_##id},

const struct energy_price_slot energy_price_slots[ENERGY_PRICE_SLOTS] = {
    CORE(cycle_pj, ENERGY_CYCLES, "core cycles", core_cycles)
        CORE(stall_pj, ENERGY_STALLS, "stall cycles", stall_cycles)
            CORE(idle_pj, ENERGY_STATIC, "idle cycles", sleep_cycles)
#define SIM_CLASS(id, name, text)                                                                  \
    {offsetof(struct energy_prices, classes.class_##id),                                           \
     ENERGY_CLASSES,                                                                               \
     "classes." name "_pj",                                                                        \
     name,                                                                                         \
     "instructions",                                                                               \
     class_count,                                                                                  \
     SIM_CLASS_##id},
#define SIM_REGION(id, name, text)                                                                 \
    REGION(id, name, fetch_pj, "fetches", "words fetched", fetched_words)                          \
    REGION(id, name, line_read_pj, "line reads", "accesses", line_reads)                           \
    REGION(id, name, read_pj, "reads", "accesses", reads)                                          \
    REGION(id, name, write_pj, "writes", "accesses", writes)
#include "sim_classes.def"
#undef SIM_CLASS
#undef SIM_REGION
};

struct energy_fitted *energy_slot_price(struct energy_prices *prices, uint32_t slot)
{
    return (void *)((char *)prices + energy_price_slots[slot].offset);
}

const struct energy_fitted *energy_slot_price_of(const struct energy_prices *prices, uint32_t slot)
{
    return (const void *)((const char *)prices + energy_price_slots[slot].offset);
}

double energy_slot_count(uint32_t slot, const struct sim_counts *counts)
{
    return energy_price_slots[slot].count(counts, energy_price_slots[slot].index);
}
