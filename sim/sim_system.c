#include "sim_system.h"

#include "sim_machine_int.h"

/* Addresses and bits: DDI 0403E (ARMv7-M) B3.2 and B3.4, DDI 0419E (ARMv6-M) B3.2 and B3.4. */
#define NVIC_ISER 0xe000e100u /* each of the five has a bit per external interrupt */
#define NVIC_ICER 0xe000e180u
#define NVIC_ISPR 0xe000e200u
#define NVIC_ICPR 0xe000e280u
#define NVIC_IABR 0xe000e300u
#define NVIC_IPR  0xe000e400u /* a byte per external interrupt */
#define NVIC_END  0xe000e5e0u
#define SCB_CPUID 0xe000ed00u
#define SCB_ICSR  0xe000ed04u
#define SCB_VTOR  0xe000ed08u
#define SCB_AIRCR 0xe000ed0cu
#define SCB_SCR   0xe000ed10u
#define SCB_SHPR  0xe000ed18u /* a byte per exception from 4 to 15 */
#define SCB_SHCSR 0xe000ed24u
#define SCB_FPCCR 0xe000ef34u
#define NVIC_STIR 0xe000ef00u

#define ICSR_NMIPENDSET (1u << 31)
#define ICSR_PENDSVSET  (1u << 28)
#define ICSR_PENDSVCLR  (1u << 27)
#define ICSR_PENDSTSET  (1u << 26)
#define ICSR_PENDSTCLR  (1u << 25)
#define ICSR_ISRPENDING (1u << 22)
#define ICSR_RETTOBASE  (1u << 11)
#define AIRCR_KEY       0x05fau
#define AIRCR_KEY_READ  0xfa050000u
#define AIRCR_RESET     (1u << 2)
#define SHCSR_ENABLES   (7u << 16)
#define FPCCR_RESET     0xc0000000u /* lazy stacking of floating-point state is on */

static const uint32_t cpu_ids[SIM_CORE_COUNT] = {
    [SIM_CORTEX_M0] = 0x410cc200u, [SIM_CORTEX_M0PLUS] = 0x410cc601u,
    [SIM_CORTEX_M3] = 0x412fc231u, [SIM_CORTEX_M4] = 0x410fc241u,
    [SIM_CORTEX_M7] = 0x411fc271u, [SIM_CORTEX_M33] = 0x410fd213u,
};

static void poke(struct sim_machine *m, uint32_t address, uint32_t value)
{
    uc_mem_write(m->uc, address, &value, sizeof value);
}

static int is_v6m(const struct sim_machine *m)
{
    return m->chip.core == SIM_CORTEX_M0 || m->chip.core == SIM_CORTEX_M0PLUS;
}

void sim_system_reset(struct sim_machine *m, uint32_t vector_table)
{
    sim_frames_reset(m);
    sim_exceptions_reset(m, vector_table);
    sim_timers_reset(m);
    poke(m, SCB_CPUID, cpu_ids[m->chip.core]);
    poke(m, SCB_FPCCR, m->chip.has_fpu ? FPCCR_RESET : 0);
}

/* 32 external interrupts of a bit array, from a register's position among its like. */
static uint32_t bits_of(const uint64_t *bits, uint32_t index)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t number = SIM_EXC_EXTERNAL + 32 * index + i;
        if (number < SIM_EXCEPTION_COUNT)
            value |= (uint32_t)sim_exceptions_bit(bits, number) << i;
    }
    return value;
}

static uint32_t read_nvic(const struct sim_exceptions *e, uint32_t address)
{
    uint32_t index = (address & 0x7f) / 4;
    if (address >= NVIC_IPR) {
        uint32_t value = 0;
        for (uint32_t i = 0; i < 4; i++)
            value |= (uint32_t)e->priority[SIM_EXC_EXTERNAL + address - NVIC_IPR + i] << 8 * i;
        return value;
    }
    if (address < NVIC_ISPR)
        return bits_of(e->enabled, index);
    return bits_of(address < NVIC_IABR ? e->pended : e->active, index);
}

static uint32_t read_icsr(struct sim_machine *m)
{
    const struct sim_exceptions *e = &m->exceptions;
    uint32_t xpsr = 0, pending = sim_exceptions_pending(e), external = 0;
    uc_reg_read(m->uc, UC_ARM_REG_XPSR, &xpsr);
    for (uint32_t i = 0; i < SIM_EXCEPTION_COUNT / 32; i++)
        external |= bits_of(e->pended, i);
    uint32_t active = xpsr & 0x1ff, pend = (uint32_t)e->pended[0];
    return active | pending << 12 | (external ? ICSR_ISRPENDING : 0) |
           (active && !is_v6m(m) && !sim_exceptions_nested(e, active) ? ICSR_RETTOBASE : 0) |
           (pend >> SIM_EXC_NMI & 1 ? ICSR_NMIPENDSET : 0) |
           (pend >> SIM_EXC_PENDSV & 1 ? ICSR_PENDSVSET : 0) |
           (pend >> SIM_EXC_SYSTICK & 1 ? ICSR_PENDSTSET : 0);
}

static uint32_t read_shcsr(const struct sim_exceptions *e)
{
    uint32_t active = (uint32_t)e->active[0];
    return e->handlers_enabled | (active >> SIM_EXC_SVC & 1) << 7 |
           (active >> SIM_EXC_PENDSV & 1) << 10 | (active >> SIM_EXC_SYSTICK & 1) << 11;
}

static uint32_t read_shpr(const struct sim_exceptions *e, uint32_t address)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++)
        value |= (uint32_t)e->priority[4 + address - SCB_SHPR + i] << 8 * i;
    return value;
}

static void read_word(struct sim_machine *m, uint32_t address)
{
    const struct sim_exceptions *e = &m->exceptions;
    if (address >= NVIC_ISER && address < NVIC_END) {
        poke(m, address, read_nvic(e, address));
        return;
    }
    switch (address) {
    case SCB_ICSR:
        sim_timers_catch_up(m, sim_machine_cycles(m));
        poke(m, address, read_icsr(m));
        break;
    case SCB_VTOR:
        poke(m, address, e->vector_table);
        break;
    case SCB_AIRCR:
        poke(m, address, AIRCR_KEY_READ | (uint32_t)e->group << 8);
        break;
    case SCB_SCR:
        poke(m, address, e->sleep_control);
        break;
    case SCB_SHPR:
    case SCB_SHPR + 4:
    case SCB_SHPR + 8:
        poke(m, address, read_shpr(e, address));
        break;
    case SCB_SHCSR:
        poke(m, address, read_shcsr(e));
        break;
    default:
        sim_timers_read(m, address);
        break;
    }
}

static void set_enabled(struct sim_machine *m, uint32_t number, int value)
{
    if (number < m->exceptions.limit)
        sim_exceptions_set(m->exceptions.enabled, number, value);
    m->exceptions.next_event = 0;
}

static void write_nvic(struct sim_machine *m, uint32_t address, uint32_t value)
{
    uint32_t first = SIM_EXC_EXTERNAL + 8 * (address & 0x7c);
    for (; value; value &= value - 1) {
        uint32_t number = first + (uint32_t)__builtin_ctz(value);
        if (address < NVIC_ISPR)
            set_enabled(m, number, address < NVIC_ICER);
        else if (address < NVIC_IABR)
            sim_exceptions_pend(m, number, address < NVIC_ICPR);
    }
}

static void set_priority(struct sim_machine *m, uint32_t number, uint8_t value)
{
    if (number < m->exceptions.limit)
        m->exceptions.priority[number] = value & m->exceptions.priority_mask;
    m->exceptions.next_event = 0;
}

static void write_icsr(struct sim_machine *m, uint32_t value)
{
    if (value & ICSR_NMIPENDSET)
        sim_exceptions_pend(m, SIM_EXC_NMI, 1);
    if (value & (ICSR_PENDSVSET | ICSR_PENDSVCLR))
        sim_exceptions_pend(m, SIM_EXC_PENDSV, (value & ICSR_PENDSVSET) != 0);
    if (value & (ICSR_PENDSTSET | ICSR_PENDSTCLR)) {
        /* What the timer has done so far comes first. */
        sim_timers_catch_up(m, sim_machine_cycles(m));
        sim_exceptions_pend(m, SIM_EXC_SYSTICK, (value & ICSR_PENDSTSET) != 0);
    }
}

static void write_aircr(struct sim_machine *m, uint32_t value)
{
    if (value >> 16 != AIRCR_KEY)
        return;
    if (!is_v6m(m))
        m->exceptions.group = (uint8_t)(value >> 8 & 7);
    m->exceptions.next_event = 0;
    if (value & AIRCR_RESET) {
        sim_exceptions_fail(m,
                            "the block at 0x%08x asks for a system reset (AIRCR.SYSRESETREQ); "
                            "expected code that runs on to its end: take the reset out, or look at "
                            "what led to it",
                            m->pass->block->fetch.address);
        uc_emu_stop(m->uc);
    }
}

static void write_word(struct sim_machine *m, uint32_t address, uint32_t value)
{
    struct sim_exceptions *e = &m->exceptions;
    if (address >= NVIC_ISER && address < NVIC_IPR) {
        write_nvic(m, address, value);
        return;
    }
    switch (address) {
    case SCB_ICSR:
        write_icsr(m, value);
        break;
    case SCB_VTOR:
        if (m->chip.core != SIM_CORTEX_M0)
            e->vector_table = value & ~0x7fu;
        break;
    case SCB_AIRCR:
        write_aircr(m, value);
        break;
    case SCB_SCR:
        e->sleep_control = value & 0x1f;
        break;
    case SCB_SHCSR:
        e->handlers_enabled = value & SHCSR_ENABLES;
        break;
    case NVIC_STIR:
        if (!is_v6m(m))
            sim_exceptions_pend(m, SIM_EXC_EXTERNAL + (value & 0x1ff), 1);
        break;
    default:
        sim_timers_write(m, address, value);
        break;
    }
}

/* Priorities may be written byte by byte. */
static int write_priorities(struct sim_machine *m, uint32_t address, uint64_t value, uint32_t bytes)
{
    uint32_t first, end;
    if (address >= NVIC_IPR && address < NVIC_END) {
        first = SIM_EXC_EXTERNAL + address - NVIC_IPR;
        end = SIM_EXCEPTION_COUNT;
    } else if (address >= SCB_SHPR && address < SCB_SHPR + 12) {
        first = 4 + address - SCB_SHPR;
        end = SIM_EXC_EXTERNAL;
    } else {
        return 0;
    }
    for (uint32_t i = 0; i < bytes && first + i < end; i++)
        set_priority(m, first + i, (uint8_t)(value >> 8 * i));
    return 1;
}

void sim_system_read(struct sim_machine *m, uint32_t address, uint32_t bytes)
{
    uint32_t last = address + bytes - 1;
    for (uint32_t word = address & ~3u; word <= last; word += 4)
        read_word(m, word);
}

void sim_system_write(struct sim_machine *m, uint32_t address, uint64_t value, uint32_t bytes)
{
    if (write_priorities(m, address, value, bytes))
        return;
    value <<= 8 * (address & 3);
    write_word(m, address & ~3u, (uint32_t)value);
    if (bytes > 4)
        write_word(m, (address & ~3u) + 4, (uint32_t)(value >> 32));
}
