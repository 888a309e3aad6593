/* Speed of the emulation path: full accounting against bare Unicorn, on the same invocation in one
 * process, alternating, so that the ratio does not depend on what else the machine is doing.
 *   bench [TARGET [MCU [KERNELS]]] */
#include "session.h"
#include "sim_machine_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int fail(const struct cc_error *err)
{
    fprintf(stderr, "bench: %s\n", err->message);
    return cc_exit_code(err->status);
}

/* A second engine without hooks, with the memory and registers of the first one. */
static uc_engine *bare_copy(struct sim_machine *m)
{
    uc_engine *bare;
    int model = UC_CPU_ARM_CORTEX_M4;
    uc_ctl_get_cpu_model(m->uc, &model);
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &bare) != UC_ERR_OK)
        return NULL;
    uc_ctl_set_cpu_model(bare, model);
    for (uint32_t i = 0; i < m->chip.region_count; i++) {
        const struct sim_region *r = &m->chip.regions[i];
        uint8_t *copy = malloc(r->bytes);
        uc_mem_map(bare, r->base, r->bytes, UC_PROT_ALL);
        uc_mem_read(m->uc, r->base, copy, r->bytes);
        uc_mem_write(bare, r->base, copy, r->bytes);
        free(copy);
    }
    for (int reg = UC_ARM_REG_R0; reg <= UC_ARM_REG_R12; reg++) {
        uint32_t value;
        uc_reg_read(m->uc, reg, &value);
        uc_reg_write(bare, reg, &value);
    }
    const int others[] = {UC_ARM_REG_SP, UC_ARM_REG_LR};
    for (size_t i = 0; i < 2; i++) {
        uint32_t value;
        uc_reg_read(m->uc, others[i], &value);
        uc_reg_write(bare, others[i], &value);
    }
    return bare;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Fires on the block it starts in, which must run, and again one invocation later. */
static void stop_here(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    int *hits = user;
    (void)address;
    (void)bytes;
    if (++*hits % 2 == 0)
        uc_emu_stop(uc);
}

/* One invocation, from the end of the one before. */
static double bare_round(uc_engine *bare, uint32_t end_pc)
{
    uint32_t pc = end_pc;
    double start = now_s();
    uc_err code = uc_emu_start(bare, pc | 1, 0xfffffff0u, 0, 0);
    double seconds = now_s() - start;
    uc_reg_read(bare, UC_ARM_REG_PC, &pc);
    if (code != UC_ERR_OK || pc != end_pc) {
        fprintf(stderr, "bench: bare run ended at 0x%08x: %s\n", pc, uc_strerror(code));
        exit(70);
    }
    return seconds;
}

static double full_round(struct cli_session *s)
{
    double start = now_s();
    if (sim_machine_run(s->machine, s->err) != CC_OK)
        exit(fail(s->err));
    return now_s() - start;
}

static int measure(struct cli_session *s)
{
    double full[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
    if (cli_session_write_inputs(s) != CC_OK)
        return fail(s->err);
    uint64_t before = s->machine->executed;
    full_round(s);
    uint64_t instructions = s->machine->executed - before;
    uint32_t end_pc = s->machine->pc;
    uc_engine *copy = bare_copy(s->machine);
    if (!copy)
        return fail(s->err);
    uc_hook hook;
    uc_cb_hookcode_t callback = stop_here;
    void *pointer;
    int hits = 0;
    memcpy(&pointer, &callback, sizeof pointer);
    /* A block hook limited to one address puts no code into any other block. */
    uc_hook_add(copy, &hook, UC_HOOK_BLOCK, pointer, &hits, (uint64_t)end_pc, (uint64_t)end_pc);
    bare_round(copy, end_pc); /* translate once, as the other side has */
    for (int i = 0; i < ROUNDS; i++) {
        full[i] = full_round(s);
        bare[i] = bare_round(copy, end_pc);
        ratio[i] = bare[i] / full[i];
    }
    uc_close(copy);
    qsort(full, ROUNDS, sizeof *full, compare);
    qsort(bare, ROUNDS, sizeof *bare, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    printf("instructions %llu\nbare Unicorn %.0f MIPS\nfull accounting %.0f MIPS\n"
           "ratio %.3f (median of %d, %.3f to %.3f)\n",
           (unsigned long long)instructions, (double)instructions / bare[ROUNDS / 2] / 1e6,
           (double)instructions / full[ROUNDS / 2] / 1e6, ratio[ROUNDS / 2], ROUNDS, ratio[0],
           ratio[ROUNDS - 1]);
    return ratio[ROUNDS / 2] >= 0.10 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct cc_error err = {0};
    struct cli_run_options options = {
        .target = argc > 1 ? argv[1] : "kws",
        .mcu = argc > 2 ? argv[2] : "stm32l4r5",
        .kernels = argc > 3 ? argv[3] : NULL,
    };
    struct cli_session s = {.options = &options, .err = &err};
    int code;
    if (cli_session_open(&s) != CC_OK || cli_session_boot(&s) != CC_OK)
        code = fail(&err);
    else
        code = measure(&s);
    cli_session_close(&s);
    return code;
}
