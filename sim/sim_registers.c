#include "sim_registers.h"

#include "sim_machine_int.h"

#include <stdio.h>
#include <string.h>

/* DDI 0403E B3.1 and 2.5 of the Cortex-M4 TRM: each bit of the first megabyte of peripherals has a
 * word of its own. */
#define BIT_BAND_BASE   0x42000000u
#define BIT_BAND_BYTES  0x02000000u
#define BIT_BAND_TARGET 0x40000000u

static void poke(struct sim_machine *m, uint32_t address, uint32_t value)
{
    uc_mem_write(m->uc, address, &value, sizeof value);
}

enum cc_status sim_registers_reset(struct sim_machine *m, struct cc_error *err)
{
    const struct sim_chip_registers *chip = &m->chip.registers;
    struct sim_registers *r = &m->registers;
    uint32_t programmed = r->programmed | r->left;
    memset(r, 0, sizeof *r);
    r->pending = programmed;
    for (uint16_t i = 0; i < chip->count; i++)
        r->written[i] = chip->list[i].reset;
    for (uint16_t i = 0; i < chip->count; i++) {
        uint32_t value = sim_register_value(chip, r->written, i);
        if (uc_mem_write(m->uc, chip->list[i].address, &value, sizeof value) != UC_ERR_OK)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: registers.%s: 0x%08x lies in no region; add one of kind peripheral "
                           "there",
                           m->chip.path, chip->list[i].name, chip->list[i].address);
    }
    return CC_OK;
}

/* The byte and bit that a word of the bit band stands for. */
static int in_bit_band(const struct sim_machine *m, uint32_t address, uint32_t *byte, uint32_t *bit)
{
    uint32_t offset = address - BIT_BAND_BASE;
    if (!m->chip.registers.bit_band || offset >= BIT_BAND_BYTES)
        return 0;
    *byte = BIT_BAND_TARGET + (offset >> 5);
    *bit = offset >> 2 & 7;
    return 1;
}

static void refresh(struct sim_machine *m, uint32_t address)
{
    int index = sim_register_at(&m->chip.registers, address);
    if (index >= 0)
        poke(m, address & ~3u,
             sim_register_value(&m->chip.registers, m->registers.written, (uint32_t)index));
}

int sim_registers_read(struct sim_machine *m, uint32_t address, uint32_t bytes)
{
    uint32_t byte, bit;
    uint8_t value = 0;
    if (in_bit_band(m, address, &byte, &bit)) {
        refresh(m, byte);
        uc_mem_read(m->uc, byte, &value, 1);
        poke(m, address & ~3u, value >> bit & 1);
    } else {
        refresh(m, address);
        if (bytes > 4)
            refresh(m, address + 4);
    }
    return sim_spin_read(m, address);
}

static int described(const struct sim_machine *m, int aspect);

/* Firmware that sets up wait states or the clock is its chip's start-up code: caches that it does
 * not switch on are what the reset left. */
static void leave_caches(struct sim_machine *m)
{
    static const enum sim_aspect caches[] = {SIM_ASPECT_ICACHE, SIM_ASPECT_DCACHE};
    struct sim_registers *r = &m->registers;
    r->left = 0;
    if (!(r->programmed & (1u << SIM_ASPECT_WAIT_STATES | 1u << SIM_ASPECT_CLOCK)))
        return;
    for (size_t i = 0; i < sizeof caches / sizeof caches[0]; i++) {
        if (described(m, caches[i]))
            r->left |= ~r->programmed & 1u << caches[i];
    }
}

/* Aspects that the new value of a register decides. */
static void program(struct sim_machine *m, uint32_t index, uint32_t value)
{
    const struct sim_chip_registers *chip = &m->chip.registers;
    struct sim_registers *r = &m->registers;
    uint32_t aspects = sim_configuration_aspects(chip, r->written, index);
    r->written[index] = value;
    aspects |= sim_configuration_aspects(chip, r->written, index);
    r->programmed |= aspects;
    r->pending |= aspects;
    leave_caches(m);
}

static void write_word(struct sim_machine *m, uint32_t address, uint32_t value, uint32_t mask)
{
    int index = sim_register_at(&m->chip.registers, address);
    if (index >= 0)
        program(m, (uint32_t)index, (m->registers.written[index] & ~mask) | (value & mask));
}

void sim_registers_write(struct sim_machine *m, uint32_t address, uint32_t bytes, uint64_t value)
{
    uint32_t byte, bit, shift = 8 * (address & 3);
    m->registers.spin_last = 0;
    if (in_bit_band(m, address, &byte, &bit)) {
        uint8_t old = 0;
        uc_mem_read(m->uc, byte, &old, 1);
        uint8_t now = (uint8_t)((old & ~(1u << bit)) | (value & 1) << bit);
        uc_mem_write(m->uc, byte, &now, 1);
        write_word(m, byte, (uint32_t)now << 8 * (byte & 3), 0xffu << 8 * (byte & 3));
        return;
    }
    uint64_t mask = (bytes >= 8 ? ~0ull : (1ull << 8 * bytes) - 1) << shift;
    value <<= shift;
    write_word(m, address, (uint32_t)value, (uint32_t)mask);
    if (mask >> 32)
        write_word(m, address + 4, (uint32_t)(value >> 32), (uint32_t)(mask >> 32));
}

static int decided(const struct sim_machine *m, enum sim_aspect aspect)
{
    return (m->registers.programmed | m->registers.left) >> aspect & 1;
}

/* The setting of the chip file at the present clock, with what firmware has decided. */
static struct sim_memory_setting setting_of(const struct sim_machine *m,
                                            const struct sim_configured *c)
{
    struct sim_memory_setting s = sim_memory_path_default(&m->chip, m->clock_hz);
    if (decided(m, SIM_ASPECT_WAIT_STATES))
        s.wait_states = c->wait_states;
    if (decided(m, SIM_ASPECT_PREFETCH))
        s.prefetch = (uint8_t)c->prefetch;
    if (decided(m, SIM_ASPECT_ICACHE))
        s.icache_on = (uint8_t)c->icache_on;
    if (decided(m, SIM_ASPECT_DCACHE))
        s.dcache_on = (uint8_t)c->dcache_on;
    if (decided(m, SIM_ASPECT_WAYS))
        s.icache_ways = c->icache_ways;
    return s;
}

static void set_clock(struct sim_machine *m, double clock_hz)
{
    if (clock_hz <= 0 || clock_hz == m->clock_hz)
        return;
    m->clock_hz = clock_hz;
    m->registers.clock_changes += m->current >= 0;
    for (uint32_t i = 0; i < m->chip.region_count; i++)
        m->path.ram_wait[i] = sim_region_wait_states(&m->chip.regions[i], clock_hz);
}

static int same_setting(const struct sim_memory_setting *a, const struct sim_memory_setting *b)
{
    return a->wait_states == b->wait_states && a->prefetch == b->prefetch &&
           a->icache_on == b->icache_on && a->dcache_on == b->dcache_on &&
           a->icache_ways == b->icache_ways;
}

enum cc_status sim_registers_apply(struct sim_machine *m, struct cc_error *err)
{
    struct sim_configured c;
    double clock_hz = m->clock_hz;
    sim_configuration_read(&m->chip.registers, m->registers.written, &c);
    m->registers.pending = 0;
    set_clock(m, decided(m, SIM_ASPECT_CLOCK) ? c.clock_hz : m->initial_clock_hz);
    struct sim_memory_setting s = setting_of(m, &c);
    if (same_setting(&s, &m->path.setting) && clock_hz == m->clock_hz)
        return CC_OK;
    enum cc_status status = sim_memory_path_set(&m->path, &s, err);
    if (status == CC_OK && m->reference)
        status = sim_reference_set(m, &s, err);
    if (status == CC_OK && !sim_account_reconfigure(&m->account))
        status = cc_no_memory(err);
    return status;
}

static const char *const aspect_names[SIM_ASPECT_COUNT] = {
    [SIM_ASPECT_WAIT_STATES] = "wait states",
    [SIM_ASPECT_PREFETCH] = "prefetch",
    [SIM_ASPECT_ICACHE] = "instruction cache",
    [SIM_ASPECT_DCACHE] = "data cache",
    [SIM_ASPECT_WAYS] = NULL, /* goes with its cache */
    [SIM_ASPECT_CLOCK] = "clock",
};

static int described(const struct sim_machine *m, int aspect)
{
    const struct sim_configuration *c = &m->chip.registers.configuration;
    return aspect_names[aspect] &&
           (aspect == SIM_ASPECT_CLOCK ? c->clock_count > 0 : c->fields[aspect].bits > 0);
}

static size_t list_aspects(const struct sim_machine *m, const char *lead, uint32_t aspects,
                           char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < SIM_ASPECT_COUNT && used < size; i++) {
        if (described(m, i) && aspects >> i & 1) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : lead,
                                     aspect_names[i]);
        }
    }
    return used < size ? used : size;
}

/* Whether caches are charged though they are off after reset and nobody has switched them on. */
static int caches_taken_for_on(const struct sim_machine *m)
{
    struct sim_configured c;
    sim_configuration_read(&m->chip.registers, m->registers.written, &c);
    if (m->chip.memory.caches_off)
        return 0;
    return (described(m, SIM_ASPECT_ICACHE) && !c.icache_on) ||
           (described(m, SIM_ASPECT_DCACHE) && !c.dcache_on);
}

void sim_registers_describe(const struct sim_machine *m, char *text, size_t size)
{
    const struct sim_registers *r = &m->registers;
    text[0] = '\0';
    if (!r->programmed && caches_taken_for_on(m))
        snprintf(text, size, "; caches assumed on");
    if (!r->programmed)
        return;
    size_t used = list_aspects(m, "; as programmed: ", r->programmed, text, size);
    if (used < size)
        used += list_aspects(m, "; as after reset: ", r->left, text + used, size - used);
    if (used < size)
        used +=
            list_aspects(m, "; assumed: ", ~(r->programmed | r->left), text + used, size - used);
    if (used < size && r->clock_changes)
        snprintf(text + used, size - used, "; clock changed %u time%s while measured",
                 r->clock_changes, r->clock_changes == 1 ? "" : "s");
}
