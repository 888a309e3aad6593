/* Single instructions that are looked at when they execute. Divides take cycles by their operands;
 * loads and stores that an IT instruction may skip, and those behind them in the same block, tell
 * which transfer comes next; SEV sets the event register. A hook on just that instruction does it.
 * Hooks can only be put into code while the emulator stands still, so it is stopped in front of a
 * block that is executed for the first time and goes on there.
 *
 * Unicorn goes through all such hooks whenever one fires, so there is an end to them: later divides
 * keep their static cost, later SEV are not seen, and behind a skipped access the later ones of its
 * block may be taken for each other (which moves waits between instructions, and seldom changes
 * their sum). */
#include "sim_machine_int.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WATCHES      1024
#define MAX_CONDITIONALS 256

struct sim_watch {
    struct sim_machine *machine;
    uint32_t address;
    int is_divide, is_event;
    int dividend, divisor; /* Unicorn's register numbers */
    int is_signed;
    struct sim_watch *next;
};

static int register_number(unsigned r)
{
    return r == 13 ? UC_ARM_REG_SP : r == 14 ? UC_ARM_REG_LR : (int)(UC_ARM_REG_R0 + r);
}

static void on_divide(struct sim_watch *w)
{
    struct sim_machine *m = w->machine;
    struct sim_block *block = m->pass->block;
    uint32_t dividend, divisor, insn = 0;
    uc_reg_read(m->uc, w->dividend, &dividend);
    uc_reg_read(m->uc, w->divisor, &divisor);
    int32_t extra = m->account.timing->divide_extra(dividend, divisor, w->is_signed);
    while (insn < block->count && block->insns[insn].address != w->address)
        insn++;
    sim_account_charge(&m->account, block, insn, SIM_CAUSE_DIVIDE, extra);
    m->clock += (uint64_t)(int64_t)extra;
    if (m->reference)
        sim_reference_divide(m, extra);
}

/* The instruction is not skipped: its first transfer is the next one. */
static void on_conditional(struct sim_watch *w)
{
    struct sim_machine *m = w->machine;
    const struct sim_block *block = m->pass->block;
    uint32_t slot = 0;
    while (slot < block->slots && block->insns[block->slot_insn[slot]].address != w->address)
        slot++;
    m->slot = slot;
}

static void on_watched(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_watch *w = user;
    (void)uc;
    (void)address;
    (void)bytes;
    if (w->machine->stop_asked || w->machine->failure != SIM_FAILED_NOT)
        return;
    if (w->is_event)
        w->machine->exceptions.event = 1;
    else if (w->is_divide)
        on_divide(w);
    else
        on_conditional(w);
}

static int watched(const struct sim_machine *m, uint32_t address)
{
    for (const struct sim_watch *w = m->watches; w; w = w->next) {
        if (w->address == address)
            return 1;
    }
    return 0;
}

/* SDIV is 1111 1011 1001 nnnn 1111 dddd 1111 mmmm, UDIV has 1011 in place of 1001 (DDI 0403E A7.7).
 */
static int set_divide(struct sim_watch *w)
{
    uint16_t code[2];
    if (uc_mem_read(w->machine->uc, w->address, code, sizeof code) != UC_ERR_OK)
        return 0;
    w->is_divide = 1;
    w->dividend = register_number(code[0] & 15);
    w->divisor = register_number(code[1] & 15);
    w->is_signed = !(code[0] & 0x20);
    return 1;
}

static int watch(struct sim_machine *m, uint32_t address, int is_divide, int is_event)
{
    uc_hook hook;
    uc_cb_hookcode_t callback = on_watched;
    struct sim_watch *w = calloc(1, sizeof *w);
    if (!w)
        return 0;
    w->machine = m;
    w->address = address;
    w->is_event = is_event;
    w->next = m->watches;
    m->watches = w;
    m->watch_count++;
    if (is_divide && !set_divide(w))
        return 0;
    if (uc_hook_add(m->uc, &hook, UC_HOOK_CODE, sim_hooks_pointer(&callback), w, (uint64_t)address,
                    (uint64_t)address) != UC_ERR_OK)
        return 0;
    uc_ctl_remove_cache(m->uc, address, address + 4);
    return 1;
}

/* 0xbf40, or 0xf3af 0x8004 (DDI 0403E A7.7). */
static int is_sev(const struct sim_machine *m, const struct sim_insn *insn)
{
    uint16_t code[2] = {0, 0};
    if (insn->cls != SIM_CLASS_SYSTEM ||
        uc_mem_read(m->uc, insn->address, code, insn->bytes) != UC_ERR_OK)
        return 0;
    return code[0] == 0xbf40 || (code[0] == 0xf3af && code[1] == 0x8004);
}

static int has_sev(const struct sim_machine *m, const struct sim_block *block)
{
    uint32_t i = 0;
    while (i < block->count && !is_sev(m, &block->insns[i]))
        i++;
    return i < block->count;
}

static int watch_block(struct sim_machine *m, const struct sim_block *block)
{
    int behind_conditional = 0, conditionals = m->watch_count < MAX_CONDITIONALS;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        int is_divide = insn->unit == SIM_UNIT_DIV && m->account.timing->divide_extra;
        int is_access = insn->is_load || insn->is_store;
        int sends = is_sev(m, insn);
        behind_conditional |= is_access && insn->in_it;
        int wanted = m->watch_count < MAX_WATCHES &&
                     (sends || is_divide || (is_access && behind_conditional && conditionals));
        if (wanted && !watched(m, insn->address) && !watch(m, insn->address, is_divide, sends))
            return 0;
    }
    return 1;
}

/* Puts hooks into the blocks met since the emulator stood still last. */
static int watch_new(struct sim_machine *m)
{
    for (; m->to_watch; m->to_watch = m->to_watch->next_watched) {
        if (!watch_block(m, m->to_watch))
            return 0;
    }
    return 1;
}

int sim_watch_note(struct sim_machine *m, struct sim_block *block)
{
    block->watch_noted = 1;
    if (!block->conditional_accesses && !(block->divides && m->account.timing->divide_extra) &&
        !has_sev(m, block))
        return 0;
    block->next_watched = m->to_watch;
    m->to_watch = block;
    return 1;
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
        m->halves = 0;
        code = uc_emu_start(m->uc, m->pc | 1, until, 0, 0);
    } while (sim_exceptions_go_on(m, code));
    return code;
}

void sim_watch_free(struct sim_machine *m)
{
    for (struct sim_watch *w = m->watches, *next; w; w = next) {
        next = w->next;
        free(w);
    }
}
