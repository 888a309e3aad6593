/* What register values mean: pure functions. */
#include "sim_chip_registers.h"

static uint32_t mask_of(uint8_t bits)
{
    return bits >= 32 ? 0xffffffffu : (1u << bits) - 1;
}

static uint32_t field_value(const struct sim_field *field, const uint32_t *written)
{
    return field->bits ? (written[field->index] >> field->low) & mask_of(field->bits) : 0;
}

uint32_t sim_register_value(const struct sim_chip_registers *registers, const uint32_t *written,
                            uint32_t index)
{
    const struct sim_register *r = &registers->list[index];
    uint32_t value = written[index];
    if (r->value_count) {
        uint32_t choice = field_value(&r->chosen_by, written);
        value = choice < r->value_count ? r->values[choice] : 0;
    }
    for (uint16_t i = 0; i < r->flag_count; i++) {
        const struct sim_register_flag *flag = &registers->flags[r->first_flag + i];
        uint32_t mask = mask_of(flag->follows.bits) << flag->low;
        value = (value & ~mask) | (field_value(&flag->follows, written) << flag->low & mask);
    }
    return (value | r->ones) & ~r->zeros;
}

/* 0 stands for a reserved value. */
static double factor_value(const struct sim_clock_factor *factor, const uint32_t *written)
{
    uint32_t value = field_value(&factor->field, written);
    if (factor->value_count)
        return value < factor->value_count ? factor->values[value] : 0;
    double fraction = (double)field_value(&factor->fraction, written);
    return value + factor->plus + fraction / ((double)mask_of(factor->fraction.bits) + 1);
}

/* Which of its choices a node takes; -1 when the field has a reserved value. */
static int choice_of(const struct sim_clock_node *node, const uint32_t *written)
{
    uint32_t choice = field_value(&node->select, written);
    uint32_t count = node->hz_count ? node->hz_count : node->from_count;
    return choice < count ? (int)choice : -1;
}

/* A node names earlier ones only, so this ends. */
static double clock_of(const struct sim_configuration *config, int index, const uint32_t *written)
{
    double factor = 1;
    while (index >= 0) {
        const struct sim_clock_node *node = &config->clocks[index];
        int choice = choice_of(node, written);
        for (uint8_t i = 0; i < node->multiply_count; i++)
            factor *= factor_value(&node->multiply[i], written);
        for (uint8_t i = 0; i < node->divide_count; i++) {
            double divisor = factor_value(&node->divide[i], written);
            factor = divisor > 0 ? factor / divisor : 0;
        }
        if (choice < 0)
            return 0;
        if (node->hz_count)
            return node->hz[choice] * factor > 0 ? node->hz[choice] * factor : 0;
        index = node->from[choice];
    }
    return 0;
}

void sim_configuration_read(const struct sim_chip_registers *registers, const uint32_t *written,
                            struct sim_configured *configured)
{
    const struct sim_configuration *config = &registers->configuration;
    const struct sim_field *fields = config->fields;
    configured->wait_states = field_value(&fields[SIM_ASPECT_WAIT_STATES], written);
    configured->prefetch = field_value(&fields[SIM_ASPECT_PREFETCH], written) != 0;
    configured->icache_on = field_value(&fields[SIM_ASPECT_ICACHE], written) != 0;
    configured->dcache_on = field_value(&fields[SIM_ASPECT_DCACHE], written) != 0;
    configured->icache_ways =
        fields[SIM_ASPECT_WAYS].bits ? (uint32_t)factor_value(&config->ways, written) : 0;
    configured->clock_hz = clock_of(config, config->clock_count - 1, written);
}

static int factors_use(const struct sim_clock_factor *factors, uint8_t count, uint32_t index)
{
    for (uint8_t i = 0; i < count; i++) {
        if (factors[i].field.index == index ||
            (factors[i].fraction.bits && factors[i].fraction.index == index))
            return 1;
    }
    return 0;
}

static int clock_uses(const struct sim_configuration *config, const uint32_t *written,
                      uint32_t index)
{
    int at = config->clock_count - 1;
    while (at >= 0) {
        const struct sim_clock_node *node = &config->clocks[at];
        int choice = choice_of(node, written);
        if ((node->select.bits && node->select.index == index) ||
            factors_use(node->multiply, node->multiply_count, index) ||
            factors_use(node->divide, node->divide_count, index))
            return 1;
        at = choice < 0 || node->hz_count ? -1 : node->from[choice];
    }
    return 0;
}

uint32_t sim_configuration_aspects(const struct sim_chip_registers *registers,
                                   const uint32_t *written, uint32_t index)
{
    const struct sim_configuration *config = &registers->configuration;
    uint32_t aspects = 0;
    for (uint32_t i = 0; i < SIM_ASPECT_CLOCK; i++) {
        if (config->fields[i].bits && config->fields[i].index == index)
            aspects |= 1u << i;
    }
    return clock_uses(config, written, index) ? aspects | 1u << SIM_ASPECT_CLOCK : aspects;
}
