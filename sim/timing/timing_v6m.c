#include "timing_v6m.h"

#include "timing_walk.h"

static uint32_t system_cycles(const struct sim_insn *insn, const struct sim_v6m_costs *costs)
{
    if (insn->bytes == 4)
        return costs->special;
    if (insn->branch == SIM_BR_EXCEPTION || insn->writes) /* SVC; CPS */
        return 1;
    return 2; /* WFI, WFE: plus the sleep */
}

static uint32_t own_cycles(const struct sim_insn *insn, const struct sim_chip *chip,
                           const struct sim_v6m_costs *costs)
{
    switch (insn->unit) {
    case SIM_UNIT_MEM:
        return 1u + insn->words; /* a single access has one word */
    case SIM_UNIT_MUL:
    case SIM_UNIT_MULS:
        return chip && chip->multiply_cycles ? chip->multiply_cycles : 1;
    case SIM_UNIT_SYSTEM:
        return system_cycles(insn, costs);
    default:
        return 1;
    }
}

static uint32_t refill_cycles(const struct sim_insn *source, const struct sim_v6m_costs *costs)
{
    switch (source ? source->branch : SIM_BR_B) {
    case SIM_BR_BL:
        return costs->call_refill;
    case SIM_BR_POP_PC:
        return costs->pop_refill;
    case SIM_BR_EXCEPTION:
        return costs->exception_refill;
    default:
        return costs->refill;
    }
}

uint32_t sim_v6m_edge_cycles(const struct sim_timing_edge *edge, const struct sim_v6m_costs *costs)
{
    uint32_t cycles = edge->taken ? refill_cycles(sim_edge_source(edge), costs) : 0;

    for (size_t i = 0; i < edge->count; i++)
        cycles += own_cycles(&edge->block[i], edge->chip, costs);
    return cycles;
}
