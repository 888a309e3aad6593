/* Divides take cycles by their operands. The decoder finds them; from the second pass over a block
 * on, a hook on just that instruction reads the operands and charges the difference to the static
 * cost. Hooks can only be put into code while the emulator stands still, so it is stopped at the
 * next block border and goes on where it was; a divide's first execution keeps its static cost. */
#include "sim_machine_int.h"

#include <stdlib.h>
#include <string.h>

struct sim_divide {
    struct sim_machine *machine;
    uint32_t address;
    int dividend, divisor; /* Unicorn's register numbers */
    int is_signed;
    struct sim_divide *next;
};

static int register_number(unsigned r)
{
    return r == 13 ? UC_ARM_REG_SP : r == 14 ? UC_ARM_REG_LR : (int)(UC_ARM_REG_R0 + r);
}

static void on_divide(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_divide *d = user;
    uint32_t dividend, divisor;
    (void)address;
    (void)bytes;
    if (d->machine->stop_asked || d->machine->failure != SIM_FAILED_NOT)
        return;
    uc_reg_read(uc, d->dividend, &dividend);
    uc_reg_read(uc, d->divisor, &divisor);
    int64_t extra = d->machine->account.timing->divide_extra(dividend, divisor, d->is_signed);
    d->machine->account.extra_core_cycles += (uint64_t)extra;
    d->machine->clock += (uint64_t)extra;
}

static int watched(const struct sim_machine *m, uint32_t address)
{
    for (const struct sim_divide *d = m->divides; d; d = d->next) {
        if (d->address == address)
            return 1;
    }
    return 0;
}

/* SDIV is 1111 1011 1001 nnnn 1111 dddd 1111 mmmm, UDIV has 1011 in place of 1001 (DDI 0403E A7.7).
 */
static int watch(struct sim_machine *m, uint32_t address)
{
    uint16_t code[2];
    uc_hook hook;
    uc_cb_hookcode_t callback = on_divide;
    void *pointer;
    memcpy(&pointer, &callback, sizeof pointer);
    struct sim_divide *d = calloc(1, sizeof *d);
    if (!d || uc_mem_read(m->uc, address, code, sizeof code) != UC_ERR_OK) {
        free(d);
        return 0;
    }
    d->machine = m;
    d->address = address;
    d->dividend = register_number(code[0] & 15);
    d->divisor = register_number(code[1] & 15);
    d->is_signed = !(code[0] & 0x20);
    d->next = m->divides;
    m->divides = d;
    if (uc_hook_add(m->uc, &hook, UC_HOOK_CODE, pointer, d, (uint64_t)address, (uint64_t)address) !=
        UC_ERR_OK)
        return 0;
    uc_ctl_remove_cache(m->uc, address, address + 4);
    return 1;
}

/* Puts hooks on the divides of the blocks met since the emulator stood still last. */
static int watch_new(struct sim_machine *m)
{
    for (; m->new_divides; m->new_divides = m->new_divides->next_divides) {
        const struct sim_block *block = m->new_divides;
        for (uint32_t i = 0; i < block->count; i++) {
            const struct sim_insn *insn = &block->insns[i];
            if (insn->unit == SIM_UNIT_DIV && !watched(m, insn->address) &&
                !watch(m, insn->address))
                return 0;
        }
    }
    return 1;
}

void sim_divides_note(struct sim_machine *m, struct sim_block *block)
{
    block->divides_noted = 1;
    if (!m->account.timing->divide_extra)
        return;
    block->next_divides = m->new_divides;
    m->new_divides = block;
}

uc_err sim_machine_emulate(struct sim_machine *m, uint32_t until)
{
    uc_err code;
    do {
        if (!watch_new(m)) {
            m->failure = SIM_FAILED_MEMORY;
            return UC_ERR_NOMEM;
        }
        m->resting = 0;
        code = uc_emu_start(m->uc, m->pc | 1, until, 0, 0);
        if (m->resting)
            m->pc = m->stop_pc;
    } while (m->resting && code == UC_ERR_OK);
    return code;
}

void sim_divides_free(struct sim_machine *m)
{
    for (struct sim_divide *d = m->divides, *next; d; d = next) {
        next = d->next;
        free(d);
    }
}
