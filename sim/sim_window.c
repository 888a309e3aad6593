/* Measuring between two addresses: blocks are cut at both, so that a window holds whole blocks
 * only. */
#include "sim_machine_int.h"

#include <string.h>

/* Bytes of the Thumb instruction that starts with this halfword. */
static uint32_t instruction_bytes(uint16_t first)
{
    return (first >> 11) >= 0x1d ? 4 : 2;
}

enum cc_status sim_machine_run_to(struct sim_machine *m, uint32_t address, struct cc_error *err)
{
    uint32_t pc = 0;
    address &= ~1u;
    if (m->pc == address)
        return CC_OK;
    m->failure = SIM_FAILED_NOT;
    m->stop_asked = 0;
    m->exceptions.asleep = SIM_AWAKE;
    /* Code translated in an earlier run has no cut at the address, or one from then. */
    uc_ctl_remove_cache(m->uc, address, address + 2);
    uc_err code = sim_machine_emulate(m, address);
    uc_ctl_remove_cache(m->uc, address, address + 2);
    uc_reg_read(m->uc, UC_ARM_REG_PC, &pc);
    if (code != UC_ERR_OK || m->failure != SIM_FAILED_NOT || m->stop_asked ||
        (pc & ~1u) != address || m->exceptions.asleep != SIM_AWAKE)
        return sim_machine_explain(m, code, err);
    m->pc = address;
    return CC_OK;
}

enum cc_status sim_machine_open_window(struct sim_machine *m, int32_t scope_id,
                                       struct cc_error *err)
{
    m->pass = &m->account.root;
    return sim_machine_enter(m, scope_id, err);
}

/* What lies between the last instruction of the window and the one behind it: a branch that is
 * taken, a loaded value that is waited for. Its own cycles are not part of the window. */
static enum cc_status charge_way_out(struct sim_machine *m, struct cc_error *err)
{
    uint16_t first;
    struct sim_pass *from = m->pass;
    struct sim_block *block = from->block;
    enum cc_status status = sim_machine_read(m, m->pc, &first, sizeof first, err);
    if (status != CC_OK)
        return status;
    uint32_t bytes = instruction_bytes(first);
    struct sim_pass *out = sim_hooks_pass(m, from, m->pc, bytes);
    struct sim_pass *alone = out ? sim_hooks_pass(m, &m->account.root, m->pc, bytes) : NULL;
    if (!alone)
        return cc_no_memory(err);
    uint32_t cycles = out->cycles > alone->cycles ? out->cycles - alone->cycles : 0;
    if (block->predictor && sim_predictor_misses(block->predictor, out->source != NULL))
        cycles += sim_machine_mispredict(m, from);
    uint32_t last = block->count ? block->count - 1 : 0;
    sim_account_charge(&m->account, block, last,
                       out->source ? SIM_CAUSE_BRANCH : SIM_CAUSE_LOAD_USE, cycles);
    m->clock += cycles;
    return CC_OK;
}

enum cc_status sim_machine_close_window(struct sim_machine *m, struct cc_error *err)
{
    enum cc_status status = charge_way_out(m, err);
    sim_machine_pause(m);
    m->pass = &m->account.root;
    return status;
}

/* A page of no chip, in the part of the address space that is fetched from beside the System bus: a
 * return to it costs what a return to flash costs. One instruction without special meaning, mov
 * r10, r10, is what the core finds there. */
enum cc_status sim_machine_landing_pad(struct sim_machine *m, uint32_t *address,
                                       struct cc_error *err)
{
    static const uint32_t candidates[] = {0x1efff000u, 0x16fff000u};
    static const uint16_t moves[] = {0x46d2, 0x46d2};
    for (size_t i = 0; !m->landing_pad && i < sizeof candidates / sizeof candidates[0]; i++) {
        if (uc_mem_map(m->uc, candidates[i], 4096, UC_PROT_READ | UC_PROT_EXEC) == UC_ERR_OK)
            m->landing_pad = candidates[i];
    }
    *address = m->landing_pad;
    if (!m->landing_pad)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: regions: leave 4 KB at 0x%08x or 0x%08x free, for a called function to "
                       "return to",
                       m->chip.name, candidates[0], candidates[1]);
    return sim_machine_write(m, m->landing_pad, moves, sizeof moves, err);
}

void sim_machine_set_register(struct sim_machine *m, unsigned number, uint32_t value)
{
    if (number < 13) {
        uc_reg_write(m->uc, UC_ARM_REG_R0 + (int)number, &value);
    } else if (number == 13) {
        m->stack_top = value;
        m->lowest_sp = value;
        uc_reg_write(m->uc, UC_ARM_REG_SP, &value);
    } else if (number == 14) {
        uc_reg_write(m->uc, UC_ARM_REG_LR, &value);
    } else if (number == 15) {
        m->pc = value & ~1u;
    }
}

uint32_t sim_machine_register(const struct sim_machine *m, unsigned number)
{
    uint32_t value = 0;
    if (number < 13)
        uc_reg_read(m->uc, UC_ARM_REG_R0 + (int)number, &value);
    return value;
}
