/* The callbacks that run while guest code executes. One block hook and one memory hook: two of a
 * kind would cost Unicorn its direct call from generated code. */
#include "sim_machine_int.h"

#include <string.h>

static int read_code(void *user, uint32_t address, uint8_t *code, size_t bytes)
{
    struct sim_machine *m = user;
    return uc_mem_read(m->uc, address, code, bytes) == UC_ERR_OK;
}

static void fail_at(struct sim_machine *m, enum sim_failure failure, uint32_t pc)
{
    if (m->failure == SIM_FAILED_NOT) {
        m->failure = failure;
        m->stop_pc = pc;
    }
    uc_emu_stop(m->uc);
}

/* The stack pointer now, less what the block at pc is going to take. */
static void check_stack(struct sim_machine *m, uint32_t pc, uint32_t taken)
{
    uint32_t sp;
    uc_reg_read(m->uc, UC_ARM_REG_SP, &sp);
    sp = sp > taken ? sp - taken : 0;
    if (sp >= m->lowest_sp || sim_frames_on_process_stack(m))
        return; /* of several stacks the main one is looked at */
    m->lowest_sp = sp;
    if (sp < m->config.stack_limit)
        fail_at(m, SIM_FAILED_STACK, pc);
}

static void handle_markers(struct sim_machine *m)
{
    for (uint32_t i = 0; i < m->pending_count; i++)
        sim_machine_marker(m, m->pending[i]);
    m->pending_count = 0;
}

/* 2-bit counter of the branch that ended the block before. */
static void predict(struct sim_machine *m, const struct sim_pass *from, int taken)
{
    struct sim_block *block = from->block;
    struct sim_predictor *p = block->predictor;
    if (sim_predictor_misses(p, taken)) {
        uint32_t cycles = sim_machine_mispredict(m, from);
        sim_account_charge(&m->account, block, block->count - 1, SIM_CAUSE_BRANCH, cycles);
        m->clock += cycles;
    }
    sim_predictor_train(p, taken);
}

static inline struct sim_pass *pass_to(struct sim_machine *m, struct sim_pass *from,
                                       uint32_t address, uint32_t bytes)
{
    struct sim_pass *pass = from->successor[0];
    if (pass && pass->block->fetch.address == address && pass->block->fetch.bytes == bytes)
        return pass;
    pass = from->successor[1];
    if (pass && pass->block->fetch.address == address && pass->block->fetch.bytes == bytes)
        return pass;
    return sim_account_pass(&m->account, from, address, bytes, read_code, m);
}

struct sim_pass *sim_hooks_pass(struct sim_machine *m, struct sim_pass *from, uint32_t address,
                                uint32_t bytes)
{
    return pass_to(m, from, address, bytes);
}

static void charge_fetch(struct sim_machine *m, const struct sim_fetch_block *fetch, uint32_t stall)
{
    m->account.causes[sim_fetch_cause(fetch)] += stall;
    m->clock += stall;
}

void sim_hooks_end_block(struct sim_machine *m)
{
    struct sim_block *block = m->pass->block;
    uint32_t stall = sim_memory_path_finish(&m->path);
    if (stall)
        charge_fetch(m, &block->fetch, stall);
    if (m->reference)
        sim_reference_block_ends(m);
}

/* Stops in front of the block at this address: a stop in this hook leaves it unexecuted, so it is
 * not counted either. */
static void stop_at(struct sim_machine *m, uint32_t address)
{
    m->stop_pc = address;
    uc_emu_stop(m->uc);
}

/* Firmware has written a configuration register in the block before. */
static void reconfigure(struct sim_machine *m)
{
    struct cc_error ignored;
    if (sim_registers_apply(m, &ignored) != CC_OK)
        m->failure = SIM_FAILED_MEMORY;
}

/* Seldom: the first time, after every tick and at the end. */
static void check_limit(struct sim_machine *m, uint32_t address)
{
    uint64_t limit = m->config.max_instructions;
    if (m->executed > limit) {
        fail_at(m, SIM_FAILED_LIMIT, address);
        return;
    }
    if (m->config.on_tick && m->check_beyond)
        m->config.on_tick(m->config.tick_user, m->executed);
    m->check_beyond = limit;
    if (m->config.on_tick && limit - m->executed > SIM_TICK_INSTRUCTIONS)
        m->check_beyond = m->executed + SIM_TICK_INSTRUCTIONS - 1;
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_machine *m = user;
    struct sim_pass *from = m->pass;
    struct sim_block *before = from->block;
    (void)uc;
    if (m->path.next_line < m->path.block_lines || m->reference)
        sim_hooks_end_block(m);
    if (before->writes_sp)
        check_stack(m, (uint32_t)address, 0);
    if (m->pending_count)
        handle_markers(m);
    if (m->registers.pending)
        reconfigure(m);
    if (m->stop_asked || m->failure != SIM_FAILED_NOT) {
        if (m->failure == SIM_FAILED_NOT)
            m->stop_pc = (uint32_t)address;
        uc_emu_stop(m->uc);
        return;
    }
    if (m->clock >= m->exceptions.next_event && sim_exceptions_due(m)) {
        m->resting = 1;
        stop_at(m, (uint32_t)address);
        return;
    }
    struct sim_pass *pass = pass_to(m, from, (uint32_t)address, bytes);
    if (!pass) {
        fail_at(m, SIM_FAILED_MEMORY, (uint32_t)address);
        return;
    }
    struct sim_block *block = pass->block;
    if (!block->watch_noted && sim_watch_note(m, block)) {
        m->resting = 1;
        stop_at(m, (uint32_t)address);
        return;
    }
    pass->count++;
    if (before->predictor)
        predict(m, from, pass->source != NULL);
    m->pass = pass;
    m->slot = 0;
    uint32_t stall =
        sim_memory_path_fetch(&m->path, &block->fetch, pass->starts, pass->cycles, m->executed);
    if (stall)
        charge_fetch(m, &block->fetch, stall);
    m->clock += pass->cycles;
    if (m->reference)
        sim_reference_block_starts(m);
    if (block->stack_taken)
        check_stack(m, (uint32_t)address, block->stack_taken);
    m->executed += block->count;
    if (m->executed > m->check_beyond)
        check_limit(m, (uint32_t)address);
}

static void keep_marker(struct sim_machine *m, uint32_t value)
{
    if (m->pending_count < SIM_MAX_PENDING_MARKERS)
        m->pending[m->pending_count++] = value;
    else
        fail_at(m, SIM_FAILED_MARKERS, m->pass->block->fetch.address);
}

/* It and the store before were taken to be in RAM that makes isolated accesses wait. */
static void take_isolated_back(struct sim_machine *m, int region, uint32_t insn)
{
    uint32_t paid = m->pass->isolated[insn], cycles = 0;
    if (m->chip.regions[region].isolated_wait == 0)
        cycles += paid % 2 * m->pass->config.isolated_wait;
    if (m->chip.regions[m->stored_region].isolated_wait == 0)
        cycles += paid / 2;
    sim_account_charge(&m->account, m->pass->block, insn, SIM_CAUSE_BUS, -(int64_t)cycles);
    m->clock -= cycles;
}

/* What the access costs beyond its instruction's static cycles. */
static void charge_access(struct sim_machine *m, int region, const struct sim_access_run *run,
                          int first)
{
    struct sim_account *account = &m->account;
    struct sim_block *block = m->pass->block;
    uint32_t insn = sim_machine_insn(m), bytes = run->bytes;
    if (m->path.next_line < m->path.block_lines) {
        uint32_t fetched = sim_memory_path_advance(&m->path, insn);
        if (fetched)
            charge_fetch(m, &block->fetch, fetched);
    }
    uint32_t stall = sim_memory_path_data(&m->path, region, run, insn);
    if (stall) {
        sim_account_charge(account, block, insn, m->path.data_cause[region], stall);
        m->clock += stall;
    }
    if ((run->address & (bytes - 1)) && bytes <= 4 && account->timing->unaligned_extra) {
        uint32_t extra = account->timing->unaligned_extra(run->address, bytes, run->is_write);
        sim_account_charge(account, block, insn, SIM_CAUSE_UNALIGNED, extra);
        m->clock += extra;
    }
    if (m->pass->has_isolated && first && m->pass->isolated[insn])
        take_isolated_back(m, region, insn);
    if (run->is_write)
        m->stored_region = region;
}

/* An unaligned load across the emulator's pages is reported once as it is, then again as the two
 * aligned loads that serve it: 1 for those. */
static int is_half(struct sim_machine *m, uint32_t address, uint32_t bytes)
{
    if (m->halves && address == m->half_address) {
        m->half_address += bytes;
        m->halves--;
        return 1;
    }
    m->halves = 0;
    if ((address & (bytes - 1)) && (address & (SIM_PAGE_BYTES - 1)) + bytes > SIM_PAGE_BYTES) {
        m->halves = 2;
        m->half_address = address & ~(bytes - 1);
    }
    return 0;
}

static void on_access(uc_engine *uc, uc_mem_type type, uint64_t address64, int bytes, int64_t value,
                      void *user)
{
    struct sim_machine *m = user;
    uint32_t address = (uint32_t)address64;
    int region = sim_memory_region(&m->path, address);
    int is_write = type == UC_MEM_WRITE;
    (void)uc;
    if (!is_write && ((address & ((uint32_t)bytes - 1)) || m->halves) &&
        is_half(m, address, (uint32_t)bytes))
        return;
    uint32_t transfers = bytes > 4 ? 2 : 1; /* a double word is two */
    int first = m->slot == 0 || m->slot >= m->pass->block->slots ||
                m->pass->block->slot_insn[m->slot] != m->pass->block->slot_insn[m->slot - 1];
    m->slot += transfers;
    if (region < 0)
        return; /* about to fault */
    struct sim_accesses *counts = &m->account.by_region[region];
    struct sim_access_run run = {address, 0, 1, (uint8_t)bytes, (uint8_t)is_write};
    if (is_write) {
        counts->writes += transfers;
        counts->write_bytes += (uint32_t)bytes;
        if (address == m->config.marker_address && m->config.on_marker)
            keep_marker(m, (uint32_t)value);
    } else {
        counts->reads += transfers;
        counts->read_bytes += (uint32_t)bytes;
    }
    if (m->chip.regions[region].kind == SIM_REGION_SYSTEM) {
        if (is_write)
            sim_system_write(m, address, (uint64_t)value, (uint32_t)bytes);
        else
            sim_system_read(m, address, (uint32_t)bytes);
    }
    if (m->chip.regions[region].kind == SIM_REGION_SYSTEM ||
        m->chip.regions[region].kind == SIM_REGION_PERIPHERAL) {
        if (is_write)
            sim_registers_write(m, address, (uint32_t)bytes, (uint64_t)value);
        else if (sim_registers_read(m, address, (uint32_t)bytes))
            fail_at(m, SIM_FAILED_SPIN, m->pass->block->fetch.address);
    }
    charge_access(m, region, &run, first);
    if (m->reference)
        sim_reference_access(m, region, &run);
}

uint64_t sim_machine_cycles(const struct sim_machine *m)
{
    const struct sim_pass *pass = m->pass;
    if (!pass->block->count)
        return m->clock;
    return m->clock - pass->cycles + pass->starts[sim_machine_insn(m) + 1];
}

static bool on_invalid(uc_engine *uc, uc_mem_type type, uint64_t address, int bytes, int64_t value,
                       void *user)
{
    struct sim_machine *m = user;
    (void)uc;
    (void)value;
    if (m->failure == SIM_FAILED_NOT) {
        m->failure = SIM_FAILED_ACCESS;
        m->fault_type = type;
        m->fault_address = (uint32_t)address;
        m->fault_bytes = (uint32_t)bytes;
    }
    return false;
}

static void on_exception(uc_engine *uc, uint32_t number, void *user)
{
    struct sim_machine *m = user;
    if (m->failure == SIM_FAILED_NOT) {
        m->failure = SIM_FAILED_EXCEPTION;
        m->fault_number = number;
        uc_reg_read(uc, UC_ARM_REG_PC, &m->stop_pc);
    }
    /* Without this the exception would be raised again for ever. */
    uc_emu_stop(uc);
}

enum cc_status sim_hooks_add(struct sim_machine *m, int type, void *callback, uc_hook *hook,
                             struct cc_error *err)
{
    uc_err code = uc_hook_add(m->uc, hook, type, callback, m, (uint64_t)1, (uint64_t)0);
    if (code != UC_ERR_OK)
        return cc_fail(err, CC_ERR_INTERNAL, "emulator: hook: %s", uc_strerror(code));
    return CC_OK;
}

void *sim_hooks_pointer(const void *function)
{
    void *pointer;
    memcpy(&pointer, function, sizeof pointer);
    return pointer;
}

enum cc_status sim_hooks_install(struct sim_machine *m, struct cc_error *err)
{
    uc_cb_hookcode_t block = on_block;
    uc_cb_hookmem_t access = on_access;
    uc_cb_eventmem_t invalid = on_invalid;
    uc_cb_hookintr_t exception = on_exception;
    uc_hook other;
    enum cc_status status = sim_hooks_add(m, UC_HOOK_BLOCK, sim_hooks_pointer(&block), &other, err);
    if (status == CC_OK)
        status = sim_hooks_add(m, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, sim_hooks_pointer(&access),
                               &m->access_hook, err);
    if (status == CC_OK)
        status = sim_hooks_add(m, UC_HOOK_MEM_INVALID, sim_hooks_pointer(&invalid), &other, err);
    if (status == CC_OK)
        status = sim_hooks_add(m, UC_HOOK_INTR, sim_hooks_pointer(&exception), &other, err);
    return status;
}

void sim_hooks_leave_data(struct sim_machine *m)
{
    uc_hook_del(m->uc, m->access_hook);
}

void sim_hooks_forget_code(struct sim_machine *m)
{
    for (uint32_t i = 0; i < m->chip.region_count; i++) {
        const struct sim_region *r = &m->chip.regions[i];
        uc_ctl_remove_cache(m->uc, r->base, r->base + r->bytes);
    }
}
