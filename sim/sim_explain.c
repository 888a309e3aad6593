/* What a user is told when emulated code fails. */
#include "sim_machine_int.h"

#include <stdio.h>

/* Whether an instruction can have made the faulting access, as far as its base register tells: the
 * registers still hold what they held then. */
static int may_have_faulted(const struct sim_machine *m, const struct sim_insn *insn, int is_write)
{
    uint64_t base = insn->address_reads & 0xffff;
    uint32_t value, reach = 4u * insn->words;
    if ((is_write ? !insn->is_store : !insn->is_load) || insn->literal)
        return 0;
    if (insn->register_offset || !base || (base & (base - 1)))
        return 1;
    int number = __builtin_ctzll(base);
    uc_reg_read(m->uc, number == 13 ? UC_ARM_REG_SP : UC_ARM_REG_R0 + number, &value);
    if (number == 14)
        uc_reg_read(m->uc, UC_ARM_REG_LR, &value);
    value += (uint32_t)insn->offset;
    return m->fault_address - value < reach || value - m->fault_address <= reach;
}

/* Unicorn keeps the program counter exact only at block borders; inside a block the faulting
 * instruction is found by counting the accesses made since its start. Those that an IT instruction
 * skipped made none: the first that fits from there on is the one. */
static uint32_t faulting_pc(const struct sim_machine *m)
{
    const struct sim_block *block = m->pass->block;
    int is_write = m->fault_type == UC_MEM_WRITE_UNMAPPED || m->fault_type == UC_MEM_WRITE_PROT;
    uint32_t number = m->slot - (is_write && m->slot ? 1 : 0);
    uint32_t seen = 0, first = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        if (!insn->is_load && !insn->is_store)
            continue;
        seen += insn->words;
        if (seen > number && !first)
            first = insn->address;
        if (seen > number && may_have_faulted(m, insn, is_write))
            return insn->address;
    }
    return first ? first : block->fetch.address;
}

static const char *region_text(const struct sim_machine *m, uint32_t address)
{
    int region = sim_memory_region(&m->path, address);
    return region < 0 ? "no memory" : m->chip.regions[region].name;
}

static enum cc_status explain_jump(const struct sim_machine *m, uint32_t to, struct cc_error *err)
{
    return cc_fail(err, CC_ERR_FIRMWARE,
                   "firmware: jump to 0x%08x (%s) after the block at 0x%08x in %s; look at the "
                   "branch that ends it",
                   to, region_text(m, to), m->pass->block->fetch.address,
                   sim_machine_scope_name(m));
}

static enum cc_status explain_access(const struct sim_machine *m, struct cc_error *err)
{
    const char *what = "read";
    switch (m->fault_type) {
    case UC_MEM_WRITE_UNMAPPED:
    case UC_MEM_WRITE_PROT:
        what = "write";
        break;
    case UC_MEM_FETCH_UNMAPPED:
    case UC_MEM_FETCH_PROT:
        return explain_jump(m, m->fault_address, err);
    default:
        break;
    }
    return cc_fail(
        err, CC_ERR_FIRMWARE,
        "firmware: %s of %u bytes at 0x%08x (%s) by the instruction at 0x%08x in %s; the "
        "address is not %s on %s: look at the pointer, or at regions: of %s",
        what, m->fault_bytes, m->fault_address, region_text(m, m->fault_address), faulting_pc(m),
        sim_machine_scope_name(m), what[0] == 'w' ? "writable" : "readable", m->chip.name,
        m->chip.path);
}

static enum cc_status explain_exception(const struct sim_machine *m, struct cc_error *err)
{
    const char *name = "exception", *remedy = "expected none: look at what led to it";
    switch (m->fault_number) {
    case 1:
        name = "undefined instruction";
        remedy = "expected one of the core; was it built for another?";
        break;
    case 3: /* what most cores make of a jump to an exception return value */
        return explain_jump(m, m->stop_pc, err);
    case 4:
        name = "unaligned or faulting data access";
        remedy = "expected an address aligned to what is read or written: look at the pointer";
        break;
    case 7:
        name = "breakpoint (BKPT)";
        remedy = "expected none, as no debugger is there: take it out, or look at what led to it";
        break;
    case 8:
        name = "exception return";
        remedy = "expected one in a handler only: look at the branch that ends the block";
        break;
    default:
        break;
    }
    return cc_fail(err, CC_ERR_FIRMWARE, "firmware: %s at or before 0x%08x in %s; %s", name,
                   m->stop_pc, sim_machine_scope_name(m), remedy);
}

static enum cc_status explain_sleep(const struct sim_machine *m, struct cc_error *err)
{
    enum sim_sleep sleep = m->exceptions.asleep;
    return cc_fail(err, CC_ERR_FIRMWARE,
                   "firmware: went to sleep (%s) in the block at 0x%08x in %s with nothing to wake "
                   "it; expected %sa running SysTick or another exception pending, enabled and of "
                   "a priority that is not masked: no peripheral raises one, start SysTick or "
                   "leave the sleep out",
                   sleep == SIM_SLEEP_WFE   ? "WFE"
                   : sleep == SIM_SLEEP_WFI ? "WFI"
                                            : "SLEEPONEXIT",
                   m->pass->block->fetch.address, sim_machine_scope_name(m),
                   sleep == SIM_SLEEP_WFE ? "SEV in front of it, " : "");
}

enum cc_status sim_machine_explain(struct sim_machine *m, uc_err code, struct cc_error *err)
{
    const char *where = sim_machine_scope_name(m);
    char reads[800];
    uint32_t pc = m->pass->block->fetch.address;
    switch (m->failure) {
    case SIM_FAILED_ACCESS:
        return explain_access(m, err);
    case SIM_FAILED_STACK:
        return cc_fail(
            err, CC_ERR_FIRMWARE,
            "firmware: stack overflow at 0x%08x in %s: the stack reached 0x%08x, %u bytes "
            "below its limit 0x%08x, into the arena; use a chip with more SRAM",
            m->stop_pc, where, m->lowest_sp, m->config.stack_limit - m->lowest_sp,
            m->config.stack_limit);
    case SIM_FAILED_LIMIT:
        return cc_fail(err, CC_ERR_FIRMWARE,
                       "firmware: no end within %llu instructions, last at 0x%08x in %s; raise "
                       "--max-instructions if it is not hung",
                       (unsigned long long)m->config.max_instructions, m->stop_pc, where);
    case SIM_FAILED_EXCEPTION:
        return explain_exception(m, err);
    case SIM_FAILED_SPIN:
        sim_spin_explain(m, reads, sizeof reads);
        return cc_fail(err, CC_ERR_FIRMWARE, "firmware: the block at 0x%08x in %s %s", m->stop_pc,
                       where, reads);
    case SIM_FAILED_TAKING:
        return cc_fail(err, CC_ERR_FIRMWARE, "firmware: in %s: %s", where, m->exceptions.failure);
    case SIM_FAILED_MARKERS:
        return cc_fail(err, CC_ERR_FIRMWARE,
                       "firmware: more than %d markers in the block at 0x%08x in %s; store each "
                       "from a function of its own",
                       SIM_MAX_PENDING_MARKERS, m->stop_pc, where);
    case SIM_FAILED_MEMORY:
        return cc_no_memory(err);
    case SIM_FAILED_NOT:
        break;
    }
    if (m->exceptions.asleep != SIM_AWAKE)
        return explain_sleep(m, err);
    if (code == UC_ERR_INSN_INVALID)
        return cc_fail(err, CC_ERR_FIRMWARE,
                       "firmware: undefined instruction in the block at 0x%08x in %s; was it built "
                       "for %s?",
                       pc, where, sim_core_name(m->chip.core));
    uint32_t at = 0;
    uc_reg_read(m->uc, UC_ARM_REG_PC, &at);
    if (code == UC_ERR_OK && at == SIM_NEVER_REACHED)
        return explain_jump(m, at, err);
    return cc_fail(
        err, CC_ERR_FIRMWARE,
        "firmware: the emulator stopped (%s) in the block at 0x%08x in %s; expected code "
        "of %s there: look at what it executes",
        uc_strerror(code), pc, where, sim_core_name(m->chip.core));
}
