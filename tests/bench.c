/* Speed of the emulation path: full accounting, and blocks and cycles without data addresses,
 * against bare Unicorn, on the same invocations in one process, alternating, so that the ratio does
 * not depend on what else the machine is doing. bench [TARGET [MCU [KERNELS]]] */
#include "session.h"
#include "sim_machine_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS      7
#define INVOCATIONS 8 /* in a row, for every start of the emulator translates anew */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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
    if (++*hits % (INVOCATIONS + 1) == 0)
        uc_emu_stop(uc);
}

static void stop_there(uc_engine *uc, uint32_t pc, int *hits)
{
    uc_hook hook;
    uc_cb_hookcode_t callback = stop_here;
    /* A block hook limited to one address puts no code into any other block. */
    uc_hook_add(uc, &hook, UC_HOOK_BLOCK, sim_hooks_pointer(&callback), hits, (uint64_t)pc,
                (uint64_t)pc);
    uc_ctl_remove_cache(uc, pc, pc + 2); /* translated without it before */
}

/* INVOCATIONS invocations, from the end of one. */
static double emulate(uc_engine *uc, uint32_t end_pc)
{
    uint32_t pc = end_pc;
    double start = now_s();
    uc_err code = uc_emu_start(uc, pc | 1, 0xfffffff0u, 0, 0);
    double seconds = now_s() - start;
    uc_reg_read(uc, UC_ARM_REG_PC, &pc);
    if (code != UC_ERR_OK || pc != end_pc) {
        fprintf(stderr, "bench: run ended at 0x%08x: %s\n", pc, uc_strerror(code));
        exit(70);
    }
    return seconds;
}

/* As many instructions through the hooks: stopped by the limit, for a second block hook would cost
 * the first its direct call. */
static double account(struct cli_session *s, uint64_t instructions)
{
    struct sim_machine *m = s->machine;
    m->failure = SIM_FAILED_NOT;
    m->config.max_instructions = m->executed + instructions;
    m->check_beyond = 0; /* the limit is new */
    double start = now_s();
    uc_err code = uc_emu_start(m->uc, m->pc | 1, 0xfffffff0u, 0, 0);
    double seconds = now_s() - start;
    uc_reg_read(m->uc, UC_ARM_REG_PC, &m->pc);
    if (code != UC_ERR_OK || m->failure != SIM_FAILED_LIMIT) {
        fprintf(stderr, "bench: accounted run ended at 0x%08x: %s\n", m->pc, uc_strerror(code));
        exit(70);
    }
    return seconds;
}

struct speed {
    const char *name;
    double least; /* ratio that must be reached */
    double seconds[ROUNDS], bare[ROUNDS], ratio[ROUNDS];
};

/* Prints one line; 1 when the speed is not reached. */
static int print_speed(struct speed *speed, uint64_t instructions)
{
    qsort(speed->seconds, ROUNDS, sizeof(double), compare);
    qsort(speed->ratio, ROUNDS, sizeof(double), compare);
    double median = speed->ratio[ROUNDS / 2];
    printf("%-28s %4.0f MIPS, ratio %.3f (median of %d, %.3f to %.3f; at least %.2f)\n",
           speed->name, (double)instructions / speed->seconds[ROUNDS / 2] / 1e6, median, ROUNDS,
           speed->ratio[0], speed->ratio[ROUNDS - 1], speed->least);
    return median < speed->least;
}

static void alternate(struct cli_session *s, uc_engine *bare, uint32_t end_pc,
                      uint64_t instructions, struct speed *speed)
{
    account(s, instructions);
    sim_hooks_forget_code(s->machine);
    account(s, instructions);
    emulate(bare, end_pc);
    for (int i = 0; i < ROUNDS; i++) {
        speed->seconds[i] = account(s, instructions);
        speed->bare[i] = emulate(bare, end_pc);
        speed->ratio[i] = speed->bare[i] / speed->seconds[i];
    }
}

static int measure(struct cli_session *s)
{
    struct speed full = {.name = "full accounting", .least = 0.15};
    struct speed blocks = {.name = "blocks and cycles, no data", .least = 0.70};
    int hits = 0;
    if (cli_session_write_inputs(s) != CC_OK)
        return fail(s->err);
    uint64_t before = s->machine->executed;
    if (sim_machine_run(s->machine, s->err) != CC_OK)
        return fail(s->err);
    uint64_t instructions = (s->machine->executed - before) * INVOCATIONS;
    uint32_t end_pc = s->machine->pc;
    uc_engine *bare = bare_copy(s->machine);
    if (!bare)
        return fail(s->err);
    s->machine->config.on_marker = NULL; /* nothing stops it but the limit */
    s->machine->stop_asked = 0;
    stop_there(bare, end_pc, &hits);
    alternate(s, bare, end_pc, instructions, &full);
    sim_hooks_leave_data(s->machine);
    alternate(s, bare, end_pc, instructions, &blocks);
    uc_close(bare);
    qsort(blocks.bare, ROUNDS, sizeof(double), compare);
    printf("%d invocations, %llu instructions\nbare Unicorn %.0f MIPS\n", INVOCATIONS,
           (unsigned long long)instructions, (double)instructions / blocks.bare[ROUNDS / 2] / 1e6);
    int slow = print_speed(&blocks, instructions);
    return slow | print_speed(&full, instructions);
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
