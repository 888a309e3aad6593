/* Loops that wait for a register that never changes: how they are noticed and explained. */
#include "sim_machine_int.h"

#include <stdio.h>

/* Reads of a loop that polls are not further apart, with a time-out or a printout between them. */
#define SPIN_GAP 1000u

int sim_spin_read(struct sim_machine *m, uint32_t address)
{
    struct sim_registers *r = &m->registers;
    uint32_t value = 0;
    int region = sim_memory_region(&m->path, address);
    if (region < 0 || m->chip.regions[region].kind != SIM_REGION_PERIPHERAL)
        return 0;
    uc_mem_read(m->uc, address & ~3u, &value, sizeof value);
    if (address != r->spin_address || value != r->spin_value || !r->spin_last ||
        m->executed - r->spin_last > SPIN_GAP) {
        r->spin_address = address;
        r->spin_value = value;
        r->spin_since = m->executed;
    }
    r->spin_last = m->executed ? m->executed : 1;
    return m->executed - r->spin_since > SIM_SPIN_INSTRUCTIONS;
}

static uint32_t low_register(const struct sim_machine *m, unsigned number)
{
    uint32_t value = 0;
    uc_reg_read(m->uc, UC_ARM_REG_R0 + (int)(number & 7), &value);
    return value;
}

/* ThumbExpandImm of i:imm3:imm8, DDI 0403E A5.3.2. */
static uint32_t expand_immediate(uint32_t first, uint32_t second)
{
    uint32_t bits = (first & 0x400) << 1 | (second & 0x7000) >> 4 | (second & 0xff);
    uint32_t byte = bits & 0xff, rotation = bits >> 7;
    if (bits < 0x400) {
        static const uint32_t repeat[] = {0x1, 0x10001, 0x1000100, 0x1010101};
        return byte * repeat[bits >> 8];
    }
    byte = (byte & 0x7f) | 0x80;
    return byte >> rotation | byte << (32 - rotation);
}

/* Bits that an instruction tests of the value in register `loaded`; 0 when it tests none, or when
 * that cannot be told. */
static uint32_t tested_bits(const struct sim_machine *m, uint32_t first, uint32_t second,
                            unsigned loaded)
{
    if ((first & 0xf800) == 0 && (first >> 6 & 31) && (first >> 3 & 7) == loaded)
        return 1u << (31 - (first >> 6 & 31)); /* LSLS: the sign is looked at */
    if ((first & 0xffc0) == 0x4200 || (first & 0xffc0) == 0x4000) { /* TST, ANDS */
        unsigned n = first & 7, k = first >> 3 & 7;
        return k == loaded ? low_register(m, n) : n == loaded ? low_register(m, k) : 0;
    }
    if ((first & 0xfbe0) == 0xf000 && (first & 15) == loaded && !(second & 0x8000))
        return expand_immediate(first, second);              /* AND.W, TST.W */
    if (first == (0xf3c0u | loaded) && !(second & 0x8020)) { /* UBFX */
        uint32_t low = (second & 0x7000) >> 10 | (second & 0xc0) >> 6, width = (second & 31) + 1;
        return (width < 32 ? (1u << width) - 1 : ~0u) << low;
    }
    return 0;
}

/* The load of the loop is the last one of the block; the test follows it, there or in the block
 * behind. */
static uint32_t awaited_bits(const struct sim_machine *m)
{
    const struct sim_block *block = m->pass->block;
    uint32_t load = block->count, mask = 0;
    for (uint32_t i = 0; i < block->count; i++)
        load = block->insns[i].is_load ? i : load;
    if (load == block->count)
        return 0;
    uint64_t written = block->insns[load].loaded & 0xff;
    unsigned loaded = written ? (unsigned)__builtin_ctzll(written) : 8;
    for (uint32_t i = load + 1; !mask && i < block->count; i++) {
        uint16_t code[2] = {0, 0};
        uc_mem_read(m->uc, block->insns[i].address, code, block->insns[i].bytes);
        mask = tested_bits(m, code[0], code[1], loaded);
    }
    return mask;
}

void sim_spin_explain(const struct sim_machine *m, char *text, size_t size)
{
    const struct sim_registers *r = &m->registers;
    const struct sim_chip_registers *chip = &m->chip.registers;
    int index = sim_register_at(chip, r->spin_address);
    uint32_t mask = awaited_bits(m);
    char bits[64] = "", name[64] = "";
    if (mask)
        snprintf(bits, sizeof bits, " for bits 0x%08x", mask);
    if (index >= 0)
        snprintf(name, sizeof name, " (%s)", chip->list[index].name);
    snprintf(text, size,
             "reads 0x%08x%s%s again and again, where always 0x%08x stands; give its flags under "
             "registers: of %s, as ready or ones",
             r->spin_address, name, bits, r->spin_value, m->chip.path);
}
