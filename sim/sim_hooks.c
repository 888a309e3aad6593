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
    if (sp < m->lowest_sp)
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
static void predict(struct sim_machine *m, struct sim_block *from, struct sim_edge *edge)
{
    int predicted_taken = from->counter >= 2;
    if (predicted_taken != edge->taken) {
        edge->mispredicts++;
        m->clock += (uint64_t)m->chip.mispredict_cycles;
    }
    if (edge->taken)
        from->counter += from->counter < 3;
    else
        from->counter -= from->counter > 0;
}

static inline struct sim_edge *edge_to(struct sim_machine *m, struct sim_block *from,
                                       uint32_t address, uint32_t bytes)
{
    struct sim_edge *edge = from->successor[0];
    if (edge && edge->to->fetch.address == address && edge->to->fetch.bytes == bytes)
        return edge;
    edge = from->successor[1];
    if (edge && edge->to->fetch.address == address && edge->to->fetch.bytes == bytes)
        return edge;
    return sim_account_edge(&m->account, from, address, bytes, read_code, m);
}

struct sim_edge *sim_hooks_edge(struct sim_machine *m, struct sim_block *from, uint32_t address,
                                uint32_t bytes)
{
    return edge_to(m, from, address, bytes);
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_machine *m = user;
    struct sim_block *from = m->edge_from;
    (void)uc;
    if (from->writes_sp)
        check_stack(m, (uint32_t)address, 0);
    if (m->pending_count)
        handle_markers(m);
    if (m->stop_asked || m->failure != SIM_FAILED_NOT) {
        /* Stopping in this hook leaves the block unexecuted, so it is not counted either. */
        if (m->failure == SIM_FAILED_NOT)
            m->stop_pc = (uint32_t)address;
        uc_emu_stop(m->uc);
        return;
    }
    if (m->new_divides) {
        m->resting = 1;
        m->stop_pc = (uint32_t)address;
        uc_emu_stop(m->uc);
        return;
    }
    struct sim_edge *edge = edge_to(m, from, (uint32_t)address, bytes);
    if (!edge) {
        fail_at(m, SIM_FAILED_MEMORY, (uint32_t)address);
        return;
    }
    edge->count++;
    if (from->predicted)
        predict(m, from, edge);
    struct sim_block *to = edge->to;
    m->edge = edge;
    m->edge_from = to;
    m->accesses_in_block = 0;
    uint32_t fetch_stall = sim_memory_path_fetch(&m->path, &to->fetch);
    m->account.fetch_stalls += fetch_stall;
    m->clock += edge->cycles + fetch_stall;
    if (to->divides && !to->divides_noted)
        sim_divides_note(m, to);
    if (to->stack_taken)
        check_stack(m, (uint32_t)address, to->stack_taken);
    m->executed += to->count;
    if (m->executed > m->config.max_instructions)
        fail_at(m, SIM_FAILED_LIMIT, (uint32_t)address);
}

static void keep_marker(struct sim_machine *m, uint32_t value)
{
    if (m->pending_count < SIM_MAX_PENDING_MARKERS)
        m->pending[m->pending_count++] = value;
    else
        fail_at(m, SIM_FAILED_MARKERS, m->edge_from->fetch.address);
}

static void on_access(uc_engine *uc, uc_mem_type type, uint64_t address64, int bytes, int64_t value,
                      void *user)
{
    struct sim_machine *m = user;
    uint32_t address = (uint32_t)address64;
    int region = sim_memory_region(&m->path, address);
    int is_write = type == UC_MEM_WRITE;
    (void)uc;
    uint32_t transfers = bytes > 4 ? 2 : 1; /* a double word is two */
    m->accesses_in_block += transfers;
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
            sim_timers_write(m, address, (uint32_t)value);
        else
            sim_timers_read(m, address);
    }
    uint32_t stall = sim_memory_path_data(&m->path, region, &run);
    m->account.data_stalls += stall;
    m->clock += stall;
    if ((address & ((uint32_t)bytes - 1)) && bytes <= 4 && m->account.timing->unaligned_extra) {
        uint32_t extra = m->account.timing->unaligned_extra(address, (uint32_t)bytes);
        m->account.extra_core_cycles += extra;
        m->clock += extra;
    }
}

uint64_t sim_machine_cycles(const struct sim_machine *m)
{
    const struct sim_edge *edge = m->edge;
    const struct sim_block *block = m->edge_from;
    uint32_t seen = 0, index = 0;
    if (!edge)
        return m->clock;
    while (index + 1 < block->count) {
        const struct sim_insn *insn = &block->insns[index];
        seen += insn->is_load || insn->is_store ? insn->words : 0;
        if (seen >= m->accesses_in_block)
            break;
        index++;
    }
    return m->clock - edge->cycles + sim_account_cycles_to(&m->account, edge, index);
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

static enum cc_status add_hook(struct sim_machine *m, int type, void *callback,
                               struct cc_error *err)
{
    uc_hook hook;
    uc_err code = uc_hook_add(m->uc, &hook, type, callback, m, (uint64_t)1, (uint64_t)0);
    if (code != UC_ERR_OK)
        return cc_fail(err, CC_ERR_INTERNAL, "emulator: hook: %s", uc_strerror(code));
    return CC_OK;
}

/* ISO C has no conversion between function and object pointers; POSIX guarantees one. */
static void *as_pointer(const void *function)
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
    enum cc_status status = add_hook(m, UC_HOOK_BLOCK, as_pointer(&block), err);
    if (status == CC_OK)
        status = add_hook(m, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, as_pointer(&access), err);
    if (status == CC_OK)
        status = add_hook(m, UC_HOOK_MEM_INVALID, as_pointer(&invalid), err);
    if (status == CC_OK)
        status = add_hook(m, UC_HOOK_INTR, as_pointer(&exception), err);
    return status;
}

/* Reference count: Unicorn does not report instructions whose IT condition failed, so gaps inside
 * a block are filled from its decoded instructions. */
static void on_instruction(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_machine *m = user;
    struct sim_block *block = m->edge_from;
    (void)uc;
    (void)bytes;
    if (m->stop_asked || m->failure != SIM_FAILED_NOT)
        return;
    if (block != m->reference_block || address == block->fetch.address) {
        const struct sim_block *before = m->reference_block;
        while (before && m->reference_next < before->count &&
               before->insns[m->reference_next].in_it) {
            m->reference_next++;
            m->reference_counted++;
        }
        m->reference_block = block;
        m->reference_next = 0;
    }
    while (m->reference_next < block->count &&
           block->insns[m->reference_next].address <= (uint32_t)address) {
        m->reference_next++;
        m->reference_counted++;
    }
}

enum cc_status sim_hooks_install_reference(struct sim_machine *m, struct cc_error *err)
{
    uc_cb_hookcode_t instruction = on_instruction;
    return add_hook(m, UC_HOOK_CODE, as_pointer(&instruction), err);
}
