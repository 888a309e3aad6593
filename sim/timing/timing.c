#include "timing.h"

#include <string.h>

const struct sim_timing *sim_timing_for(enum sim_core core)
{
    switch (core) {
    case SIM_CORTEX_M0:
        return &sim_timing_m0;
    case SIM_CORTEX_M0PLUS:
        return &sim_timing_m0plus;
    case SIM_CORTEX_M3:
        return &sim_timing_m3;
    case SIM_CORTEX_M7:
        return &sim_timing_m7;
    case SIM_CORTEX_M33:
        return &sim_timing_m33;
    case SIM_CORTEX_M4:
    case SIM_CORE_COUNT:
        break;
    }
    return &sim_timing_m4;
}

uint32_t sim_step_cycles(const struct sim_step *step)
{
    uint32_t cycles = 0;

    for (int i = 0; i < SIM_CAUSE_COUNT; i++)
        cycles += step->causes[i];
    return cycles;
}

void sim_timing_reset(const struct sim_timing *timing, union sim_pipeline *pipeline)
{
    memset(pipeline, 0, sizeof *pipeline);
    timing->reset(pipeline);
}
