#include "timing_walker.h"

#include "sim_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROW(core, how, address, w, cycles, text, ...)                                              \
    {SIM_CORTEX_##core, how, address, w, cycles, text, __VA_ARGS__},

const struct row timing_rows[] = {
#include "timing_rows.def"
};
const size_t timing_row_count = COUNT(timing_rows);

static struct sim_decoder *decoders[SIM_CORE_COUNT];

int decoders_setup(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++) {
        if (sim_decoder_new((enum sim_core)core, &decoders[core], NULL))
            return -1;
    }
    return 0;
}

int decoders_teardown(void **state)
{
    (void)state;
    for (int core = 0; core < SIM_CORE_COUNT; core++)
        sim_decoder_free(decoders[core]);
    return 0;
}

void append(struct code *code, enum sim_core core, const uint16_t *halfwords, size_t count)
{
    uint8_t bytes[2 * MAX_HALFWORDS];

    assert_true(count <= MAX_HALFWORDS);
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)halfwords[i];
        bytes[2 * i + 1] = (uint8_t)(halfwords[i] >> 8);
    }
    code->count += sim_decode_block(decoders[core], code->end, bytes, 2 * count,
                                    code->insns + code->count, MAX_INSNS - code->count, NULL);
    code->end += 2 * (uint32_t)count;
    assert_true(code->count < MAX_INSNS);
}

void append_moves(struct code *code, enum sim_core core, size_t count)
{
    static const uint16_t moves[MOVES] = {0x46d2, 0x46d2, 0x46d2, 0x46d2,
                                          0x46d2, 0x46d2, 0x46d2, 0x46d2};

    append(code, core, moves, count);
}

void start(struct walker *w, enum sim_core core, uint32_t isolated_wait)
{
    memset(w, 0, sizeof *w);
    w->timing = sim_timing_for(core);
    w->chip.core = core;
    w->chip.multiply_cycles = 1;
    w->chip.store_buffer_rmw = core == SIM_CORTEX_M7;
    w->config.chip = &w->chip;
    w->config.isolated_wait = isolated_wait;
    sim_timing_reset(w->timing, &w->pipeline);
}

void walk(struct walker *w, const struct sim_insn *insns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        w->timing->step(&w->config, &w->pipeline, &insns[i], &w->step);
        w->cycles += sim_step_cycles(&w->step);
    }
}

void branch(struct walker *w, const struct sim_insn *source, const struct sim_insn *target)
{
    w->timing->take_branch(&w->config, &w->pipeline, source, target, &w->step);
    w->cycles += sim_step_cycles(&w->step);
}
