/* Entering and leaving exceptions on the emulated core: its modes, stacks and registers.
 *
 * The emulator changes stacks by itself when the exception number in xPSR or CONTROL.SPSEL change,
 * but ignores writes of CONTROL from unprivileged code and, on ARMv7-M, of SPSEL from a handler. So
 * modes are changed through a privileged thread, in a fixed order. */
#include "sim_exceptions.h"
#include "sim_machine_int.h"

#define XPSR_NUMBER 0x1ffu
#define XPSR_ALIGN  (1u << 9) /* of a frame: four bytes were skipped below the old stack pointer */
#define XPSR_THUMB  (1u << 24)
#define XPSR_IT     0x0600fc00u
#define XPSR_GE     0x000f0000u
#define XPSR_FLAGS  0xf80f0000u /* N, Z, C, V, Q and GE */

#define CONTROL_UNPRIVILEGED (1u << 0)
#define CONTROL_PSP          (1u << 1)
#define CONTROL_FPCA         (1u << 2)
#define CONTROL_SFPA         (1u << 3) /* the emulator's Cortex-M33 always runs in secure state */

#define EXC_RETURN_NO_FP  (1u << 4)
#define EXC_RETURN_THREAD (1u << 3)
#define EXC_RETURN_PSP    (1u << 2)
#define EXC_RETURN_V7M    0xffffffe1u /* the other bits */
#define EXC_RETURN_V8M    0xffffffa0u /* all registers stacked as usual, no security extension */

#define FPCCR       0xe000ef34u
#define FPCCR_ASPEN (1u << 31) /* floating-point state is preserved */
#define FPCCR_LSPEN (1u << 30) /* lazily */

#define BASIC_WORDS 8
#define FP_WORDS    26
#define FPSCR_WORD  24

static const int basic_registers[] = {
    UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR,
};
#define BASIC_REGISTERS (sizeof basic_registers / sizeof basic_registers[0])

static uint32_t get(const struct sim_machine *m, int reg)
{
    uint32_t value = 0;
    uc_reg_read(m->uc, reg, &value);
    return value;
}

static void set(struct sim_machine *m, int reg, uint32_t value)
{
    uc_reg_write(m->uc, reg, &value);
}

/* A write of xPSR leaves the GE bits; that of a status register this profile does not have sets
 * them. */
static void set_ge(struct sim_machine *m, uint32_t xpsr)
{
    uint32_t cpsr = get(m, UC_ARM_REG_CPSR);
    if ((cpsr ^ xpsr) & XPSR_GE)
        set(m, UC_ARM_REG_CPSR, (cpsr & ~XPSR_GE) | (xpsr & XPSR_GE));
}

/* Whatever the mode is now, the two stack pointers stay. */
static void set_mode(struct sim_machine *m, uint32_t xpsr, uint32_t control)
{
    set(m, UC_ARM_REG_XPSR, XPSR_THUMB | SIM_EXC_HARD_FAULT); /* privileged */
    set(m, UC_ARM_REG_CONTROL, 0);
    set(m, UC_ARM_REG_XPSR, XPSR_THUMB); /* a privileged thread: SPSEL can be written */
    set(m, UC_ARM_REG_CONTROL, control);
    set(m, UC_ARM_REG_XPSR, xpsr);
    set_ge(m, xpsr);
}

void sim_frames_reset(struct sim_machine *m)
{
    set(m, UC_ARM_REG_XPSR, XPSR_THUMB | SIM_EXC_HARD_FAULT);
    set(m, UC_ARM_REG_PRIMASK, 0);
    set(m, UC_ARM_REG_BASEPRI, 0);
    set(m, UC_ARM_REG_FAULTMASK, 0);
    set_mode(m, XPSR_THUMB, 0);
}

int sim_frames_unprivileged(const struct sim_machine *m)
{
    return !(get(m, UC_ARM_REG_XPSR) & XPSR_NUMBER) &&
           (get(m, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED);
}

int sim_frames_on_process_stack(const struct sim_machine *m)
{
    return !(get(m, UC_ARM_REG_XPSR) & XPSR_NUMBER) && (get(m, UC_ARM_REG_CONTROL) & CONTROL_PSP);
}

/* Unprivileged code reads the masks as zero; a handler does not. */
void sim_frames_masks(struct sim_machine *m, struct sim_masks *masks, int stopped)
{
    uint32_t xpsr = get(m, UC_ARM_REG_XPSR);
    int hidden = stopped && sim_frames_unprivileged(m);
    if (hidden)
        set(m, UC_ARM_REG_XPSR, xpsr | SIM_EXC_HARD_FAULT);
    masks->primask = get(m, UC_ARM_REG_PRIMASK);
    masks->basepri = get(m, UC_ARM_REG_BASEPRI);
    masks->faultmask = get(m, UC_ARM_REG_FAULTMASK);
    if (hidden)
        set(m, UC_ARM_REG_XPSR, xpsr);
}

static int in_ram(const struct sim_machine *m, uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < m->chip.region_count; i++) {
        const struct sim_region *r = &m->chip.regions[i];
        uint32_t offset = address - r->base;
        if (!sim_is_flash(r->kind) && r->kind != SIM_REGION_SYSTEM && offset < r->bytes &&
            r->bytes - offset >= bytes)
            return 1;
    }
    return 0;
}

static uint32_t word_at(const struct sim_machine *m, uint32_t address)
{
    uint32_t value = 0;
    uc_mem_read(m->uc, address, &value, sizeof value);
    return value;
}

static int vector(struct sim_machine *m, unsigned number, uint32_t *address)
{
    uint32_t at = m->exceptions.vector_table + 4 * number;
    /* Nothing from the system's part of the address space up can be executed. */
    if (uc_mem_read(m->uc, at, address, sizeof *address) == UC_ERR_OK && (*address & 1) &&
        *address < SIM_SYSTEM_BASE)
        return 1;
    sim_exceptions_fail(
        m,
        "exception %u at 0x%08x has no handler: its vector at 0x%08x is not the Thumb "
        "address of code; look at the vector table",
        number, m->pc, at);
    return 0;
}

static void charge(struct sim_machine *m, uint32_t cycles)
{
    m->account.causes[SIM_CAUSE_EXCEPTION] += cycles;
    m->clock += cycles;
    m->path.time += cycles;
    if (m->reference)
        sim_reference_exception(m, cycles);
}

/* The IT state that status bits hold, as the number of instructions it still covers. */
static uint8_t it_left(uint32_t xpsr)
{
    uint32_t mask = (xpsr >> 25 & 3) | (xpsr >> 8 & 0xc);
    return mask ? (uint8_t)(4 - __builtin_ctz(mask)) : 0;
}

/* What is executed next, at m->pc, finds an empty pipeline. */
static void restart(struct sim_machine *m, uint32_t xpsr)
{
    struct sim_account *account = &m->account;
    account->root_block.fetch.address = m->pc;
    account->root_block.it_end = it_left(xpsr);
    account->root.successor[0] = account->root.successor[1] = NULL;
    m->pass = &account->root;
    m->slot = 0;
}

/* Lazily stacked registers that the running handler made the core save after all. */
static void pay_lazy(struct sim_machine *m, uint32_t control)
{
    if (m->exceptions.lazy && (control & CONTROL_FPCA)) {
        m->exceptions.lazy = 0;
        charge(m, m->account.timing->fp_frame_cycles);
    }
}

static int save_frame(struct sim_machine *m, uint32_t address, int fp, uint32_t return_address,
                      uint32_t xpsr)
{
    uint32_t frame[FP_WORDS] = {0};
    uint32_t bytes = 4 * (fp ? FP_WORDS : BASIC_WORDS);
    for (unsigned i = 0; i < BASIC_REGISTERS; i++)
        frame[i] = get(m, basic_registers[i]);
    frame[6] = return_address;
    frame[7] = xpsr;
    for (int i = 0; fp && i < 16; i++)
        frame[BASIC_WORDS + i] = get(m, UC_ARM_REG_S0 + i);
    if (fp)
        frame[FPSCR_WORD] = get(m, UC_ARM_REG_FPSCR);
    if (!in_ram(m, address, bytes) || uc_mem_write(m->uc, address, frame, bytes) != UC_ERR_OK) {
        sim_exceptions_fail(m,
                            "exception at 0x%08x: its frame of %u bytes at 0x%08x is not in RAM; "
                            "look at the stack pointer",
                            return_address, bytes, address);
        return 0;
    }
    return 1;
}

/* The main stack's deepest point, and whether it is below its limit. */
static int check_main_stack(struct sim_machine *m, uint32_t sp)
{
    if (sp < m->lowest_sp)
        m->lowest_sp = sp;
    if (sp >= m->config.stack_limit)
        return 1;
    m->failure = SIM_FAILED_STACK;
    m->stop_pc = m->pc;
    return 0;
}

static uint32_t exc_return_value(const struct sim_machine *m, int fp, int thread, int psp)
{
    uint32_t value = m->chip.core == SIM_CORTEX_M33 ? EXC_RETURN_V8M : EXC_RETURN_V7M;
    return value | (fp ? 0 : EXC_RETURN_NO_FP) | (thread ? EXC_RETURN_THREAD : 0) |
           (psp ? EXC_RETURN_PSP : 0);
}

/* The emulator sets FPCA and resets FPSCR at the first floating-point instruction that finds it
 * clear, without asking FPCCR.ASPEN. Where that is off the bits stay as they are. */
static uint32_t kept_fp_bits(const struct sim_machine *m, uint32_t control)
{
    return word_at(m, FPCCR) & FPCCR_ASPEN ? 0 : control & (CONTROL_FPCA | CONTROL_SFPA);
}

/* The common end of entry and tail-chaining: from whatever mode into the handler. */
static void start_handler(struct sim_machine *m, unsigned number, uint32_t handler, uint32_t xpsr,
                          uint32_t control)
{
    struct sim_exceptions *e = &m->exceptions;
    set_mode(m, (xpsr & XPSR_FLAGS) | XPSR_THUMB | number,
             (control & CONTROL_UNPRIVILEGED) | kept_fp_bits(m, control));
    sim_exceptions_set(e->pended, number, 0);
    sim_exceptions_set(e->active, number, 1);
    e->event = 1;
    e->next_event = 0;
    m->pc = handler & ~1u;
    m->account.exceptions++;
    restart(m, 0);
}

int sim_frames_enter(struct sim_machine *m, unsigned number, uint32_t return_address)
{
    uint32_t handler, sp = get(m, UC_ARM_REG_SP), xpsr = get(m, UC_ARM_REG_XPSR);
    uint32_t control = get(m, UC_ARM_REG_CONTROL);
    uint32_t fpccr = word_at(m, FPCCR);
    int thread = !(xpsr & XPSR_NUMBER), psp = thread && (control & CONTROL_PSP);
    int fp = m->chip.has_fpu && (control & CONTROL_FPCA) && (fpccr & FPCCR_ASPEN);
    uint32_t frame = sp - 4u * (fp ? FP_WORDS : BASIC_WORDS);
    uint32_t align = frame & 4 ? XPSR_ALIGN : 0;
    frame &= ~7u;
    if (!vector(m, number, &handler) ||
        !save_frame(m, frame, fp, return_address, (xpsr & ~XPSR_ALIGN) | XPSR_THUMB | align) ||
        (!psp && !check_main_stack(m, frame)))
        return 0;
    sim_hooks_end_block(m);
    pay_lazy(m, control);
    charge(m, m->account.timing->exception_entry);
    if (fp && (fpccr & FPCCR_LSPEN))
        m->exceptions.lazy = 1;
    else if (fp)
        charge(m, m->account.timing->fp_frame_cycles);
    set(m, UC_ARM_REG_SP, frame);
    start_handler(m, number, handler, xpsr, control);
    set(m, UC_ARM_REG_LR, exc_return_value(m, fp, thread, psp));
    return 1;
}

#define RETURN_WITH_LR "; return with the LR that the handler began with"

/* Why a return is refused (an INVPC usage fault on the chip), or NULL. */
static const char *refuse(const struct sim_machine *m, unsigned number, uint32_t exc_return)
{
    int thread = (exc_return & EXC_RETURN_THREAD) != 0;
    int v8m = m->chip.core == SIM_CORTEX_M33;
    uint32_t fixed = v8m ? 0xffffff82u : 0xffffffe2u, expected = v8m ? 0xffffff80u : 0xffffffe0u;
    if ((exc_return & fixed) != expected)
        return v8m ? "is none of 0xffffffb0, 0xffffffb8 and 0xffffffbc (each less 0x10 with "
                     "floating-point registers)" RETURN_WITH_LR
                   : "is none of 0xfffffff1, 0xfffffff9 and 0xfffffffd (each less 0x10 with "
                     "floating-point registers)" RETURN_WITH_LR;
    if (!thread && (exc_return & EXC_RETURN_PSP))
        return "asks for a handler on the process stack: expected bit 2 clear" RETURN_WITH_LR;
    if (!(exc_return & EXC_RETURN_NO_FP) && !m->chip.has_fpu)
        return "asks for floating-point registers that the core does not have: expected bit 4 "
               "set" RETURN_WITH_LR;
    if (!sim_exceptions_bit(m->exceptions.active, number))
        return "leaves an exception that is not active: expected one that was entered; was its "
               "number overwritten in a frame on the stack?";
    if (thread == sim_exceptions_nested(&m->exceptions, number))
        return thread
                   ? "returns to thread mode, but to a handler it has to: expected bit 3 "
                     "clear" RETURN_WITH_LR
                   : "returns to a handler, but there is none: expected bit 3 set" RETURN_WITH_LR;
    return NULL;
}

/* Puts the frame back; *xpsr receives its status register. The mode is still that of the handler.
 */
static int restore_frame(struct sim_machine *m, uint32_t exc_return, uint32_t *xpsr)
{
    uint32_t frame[FP_WORDS];
    int fp = !(exc_return & EXC_RETURN_NO_FP);
    int stack = exc_return & EXC_RETURN_PSP ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
    uint32_t sp = get(m, stack), bytes = 4 * (fp ? FP_WORDS : BASIC_WORDS);
    if (uc_mem_read(m->uc, sp, frame, bytes) != UC_ERR_OK) {
        sim_exceptions_fail(m, "exception return: there is no frame at 0x%08x; look at the stack",
                            sp);
        return 0;
    }
    *xpsr = frame[7];
    m->pc = frame[6] & ~1u;
    for (unsigned i = 0; i < BASIC_REGISTERS; i++)
        set(m, basic_registers[i], frame[i]);
    set(m, stack, sp + bytes + (frame[7] & XPSR_ALIGN ? 4 : 0));
    for (int i = 0; fp && i < 16; i++)
        set(m, UC_ARM_REG_S0 + i, frame[BASIC_WORDS + i]);
    if (fp)
        set(m, UC_ARM_REG_FPSCR, frame[FPSCR_WORD]);
    return 1;
}

static int resume(struct sim_machine *m, uint32_t exc_return, uint32_t control)
{
    uint32_t xpsr;
    int fp = !(exc_return & EXC_RETURN_NO_FP), thread = (exc_return & EXC_RETURN_THREAD) != 0;
    uint32_t fp_bits = CONTROL_FPCA | (m->chip.core == SIM_CORTEX_M33 ? CONTROL_SFPA : 0);
    if (!restore_frame(m, exc_return, &xpsr))
        return 0;
    if (!(xpsr & XPSR_THUMB) || thread != !(xpsr & XPSR_NUMBER)) {
        sim_exceptions_fail(m,
                            "exception return to 0x%08x: 0x%08x in its frame is not a status "
                            "register that fits; was the stack overwritten?",
                            m->pc, xpsr);
        return 0;
    }
    set_mode(m, xpsr & (XPSR_FLAGS | XPSR_IT | XPSR_THUMB | XPSR_NUMBER),
             (control & CONTROL_UNPRIVILEGED) | (exc_return & EXC_RETURN_PSP ? CONTROL_PSP : 0) |
                 (fp ? fp_bits : kept_fp_bits(m, control)));
    charge(m, m->account.timing->exception_return);
    if (fp && !m->exceptions.lazy)
        charge(m, m->account.timing->fp_frame_cycles);
    m->exceptions.lazy &= !fp;
    restart(m, xpsr);
    return 1;
}

/* Registers are not unstacked and stacked again between two handlers. */
static int tail_chain(struct sim_machine *m, unsigned number, uint32_t exc_return)
{
    uint32_t handler, xpsr = get(m, UC_ARM_REG_XPSR), control = get(m, UC_ARM_REG_CONTROL);
    if (!vector(m, number, &handler))
        return 0;
    charge(m, m->account.timing->tail_chain);
    start_handler(m, number, handler, xpsr, control);
    set(m, UC_ARM_REG_LR, exc_return);
    return 1;
}

int sim_frames_leave(struct sim_machine *m, uint32_t exc_return)
{
    struct sim_exceptions *e = &m->exceptions;
    struct sim_masks masks;
    uint32_t control = get(m, UC_ARM_REG_CONTROL);
    unsigned number = get(m, UC_ARM_REG_XPSR) & XPSR_NUMBER;
    if (!number || number >= e->limit)
        return 0;
    if (m->chip.core != SIM_CORTEX_M33)
        exc_return |= 1; /* lost on its way through the program counter */
    const char *why = refuse(m, number, exc_return);
    if (why) {
        sim_exceptions_fail(m, "exception return with 0x%08x from exception %u %s", exc_return,
                            number, why);
        return 0;
    }
    sim_hooks_end_block(m);
    pay_lazy(m, control);
    sim_exceptions_set(e->active, number, 0);
    if (number != SIM_EXC_NMI)
        set(m, UC_ARM_REG_FAULTMASK, 0);
    e->event = 1;
    e->next_event = 0;
    sim_timers_catch_up(m, m->clock);
    sim_frames_masks(m, &masks, 1);
    unsigned next = sim_exceptions_pending(e);
    if (next && sim_exceptions_group(e, next) < sim_exceptions_priority(e, &masks))
        return tail_chain(m, next, exc_return);
    return resume(m, exc_return, control);
}
