#include "timing_v6m.h"

#include <string.h>

void sim_v6m_reset(union sim_pipeline *pipeline)
{
    (void)pipeline;
}

static uint32_t system_cycles(const struct sim_insn *insn, const struct sim_v6m_costs *costs)
{
    if (insn->bytes == 4)
        return costs->special;
    if (insn->branch == SIM_BR_EXCEPTION || insn->writes) /* SVC; CPS */
        return 1;
    return 2; /* WFI, WFE: plus the sleep */
}

void sim_v6m_step(const struct sim_v6m_costs *costs, const struct sim_timing_config *config,
                  const struct sim_insn *insn, struct sim_step *step)
{
    memset(step, 0, sizeof *step);
    step->causes[SIM_CAUSE_ISSUE] = 1;
    switch (insn->unit) {
    case SIM_UNIT_MEM:
        step->causes[SIM_CAUSE_TRANSFER] = insn->words; /* a single access has one word */
        break;
    case SIM_UNIT_MUL:
    case SIM_UNIT_MULS:
        if (config->chip->multiply_cycles)
            step->causes[SIM_CAUSE_MULTICYCLE] = config->chip->multiply_cycles - 1;
        break;
    case SIM_UNIT_SYSTEM:
        step->causes[SIM_CAUSE_MULTICYCLE] = system_cycles(insn, costs) - 1;
        break;
    default:
        break;
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
        return 0;
    default:
        return costs->refill;
    }
}

void sim_v6m_take_branch(const struct sim_v6m_costs *costs, const struct sim_insn *source,
                         struct sim_step *step)
{
    memset(step, 0, sizeof *step);
    step->causes[SIM_CAUSE_BRANCH] = refill_cycles(source, costs);
}

uint32_t sim_v6m_unaligned_extra(uint32_t address, uint32_t bytes, int is_write)
{
    (void)address;
    (void)bytes;
    (void)is_write;
    return 0;
}
