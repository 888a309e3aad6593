/* Instructions of IT blocks on every family that has them: skipped or not they are counted, only
 * those that are executed access memory or are taken branches, and they cost what they cost. Each
 * figure is that of one more copy of a few instructions in straight code, without wait states.
 *
 * A skipped load or store is charged as if it had been executed: whether a condition holds is not
 * known where cycles are charged. On an RP2350 it was measured to delay nothing. */
#include "sim_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FLASH  0x08000000u
#define RAM    0x20000000u
#define COPIES 8 /* then twice as many */
#define MAX    8 /* halfwords of a copy */

enum { M3, M4, M7, M33, FAMILIES };

static const char *const chips[FAMILIES] = {CC_SOURCE_DIR "/tests/micro/ideal-m3.yaml",
                                            CC_SOURCE_DIR "/tests/micro/ideal-m4.yaml",
                                            "stm32h7a3@44", "stm32u575@32"};

/* What one copy adds; r0 = RAM, Z is set. */
struct copy {
    const char *name;
    uint16_t code[MAX];
    uint32_t halfwords;
    uint32_t instructions, loads, reads, stores, writes, branches_taken;
};

static const struct copy copies[] = {
    {"executed move: it eq; moveq r1, #1", {0xbf08, 0x2101}, 2, 2, 0, 0, 0, 0, 0},
    {"skipped move: it ne; movne r1, #1", {0xbf18, 0x2101}, 2, 2, 0, 0, 0, 0, 0},
    {"executed load: it eq; ldreq r1, [r0]; mov r10, r10",
     {0xbf08, 0x6801, 0x46d2},
     3,
     3,
     1,
     1,
     0,
     0,
     0},
    {"skipped load: it ne; ldrne r1, [r0]; mov r10, r10",
     {0xbf18, 0x6801, 0x46d2},
     3,
     3,
     1,
     0,
     0,
     0,
     0},
    {"executed store: it eq; streq r1, [r0]; mov r10, r10",
     {0xbf08, 0x6001, 0x46d2},
     3,
     3,
     0,
     0,
     1,
     1,
     0},
    {"skipped store: it ne; strne r1, [r0]; mov r10, r10",
     {0xbf18, 0x6001, 0x46d2},
     3,
     3,
     0,
     0,
     1,
     0,
     0},
    {"taken branch in IT: it eq; beq 1f; mov r10, r10; 1: mov r10, r10",
     {0xbf08, 0xe000, 0x46d2, 0x46d2},
     4,
     3,
     0,
     0,
     0,
     0,
     1},
    {"skipped branch: it ne; bne 1f; mov r10, r10; 1: mov r10, r10",
     {0xbf18, 0xe000, 0x46d2, 0x46d2},
     4,
     4,
     0,
     0,
     0,
     0,
     0},
    {"skipped load, executed move: ite ne; ldrne r1, [r0]; moveq r2, #1",
     {0xbf14, 0x6801, 0x2201},
     3,
     3,
     1,
     0,
     0,
     0,
     0},
    {"skipped return: it ne; bxne lr; mov r10, r10", {0xbf18, 0x4770, 0x46d2}, 3, 3, 0, 0, 0, 0, 0},
};
#define COPY_KINDS (sizeof copies / sizeof copies[0])

/* Half cycles of a copy. Behind a 16-bit instruction IT is free on M3 and M4 (DDI 0439D table 3-1)
 * and shares its cycle on the M33 (measured on an RP2350); on the M7 it is half of a pair as any
 * other (LLVM ARMScheduleM7). A taken direct branch is 2 cycles on M3 and M4 (1 + P of that table,
 * P = 1), 2 on the M33; on the M7 it leaves one cycle empty. The rest is loads and moves as
 * anywhere. */
static const uint32_t halves[COPY_KINDS][FAMILIES] = {
    {2, 2, 2, 2}, /* executed move */
    {2, 2, 2, 2}, /* skipped move */
    {6, 6, 3, 4}, /* executed load */
    {6, 6, 3, 4}, /* skipped load */
    {4, 4, 3, 4}, /* executed store */
    {4, 4, 3, 4}, /* skipped store */
    {6, 6, 6, 6}, /* taken branch and a move */
    {6, 6, 4, 6}, /* skipped branch and two moves */
    {6, 6, 3, 4}, /* skipped load, executed move */
    {4, 4, 4, 4}, /* skipped return and a move */
};

static void must(const char *name, enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s: %s", name, err->message);
}

static void run(const char *chip_name, const struct copy *copy, uint32_t count,
                struct sim_counts *counts)
{
    uint16_t code[2 + 2 * COPIES * MAX];
    size_t used = 0;
    struct sim_chip chip;
    struct sim_machine *machine;
    struct cc_error err;
    double clock_hz;
    struct sim_run_config config = {.max_instructions = 10000};
    struct sim_call call = {.entry = FLASH, .args = {RAM}, .calls = 4, .stack_top = RAM + 0x1000};
    code[used++] = 0x4280; /* cmp r0, r0 */
    for (uint32_t i = 0; i < count; i++) {
        memcpy(code + used, copy->code, copy->halfwords * sizeof *code);
        used += copy->halfwords;
    }
    code[used++] = 0x4770; /* bx lr */
    must(chip_name, sim_chip_load(chip_name, &chip, &clock_hz, &err), &err);
    must(chip_name, sim_machine_new(&chip, clock_hz, &machine, &err), &err);
    must(chip_name, sim_machine_configure(machine, &config, &err), &err);
    must(chip_name, sim_machine_write(machine, FLASH, code, used * sizeof *code, &err), &err);
    must(copy->name, sim_call_function(machine, &call, counts, &err), &err);
    sim_machine_free(machine);
}

static uint64_t reads_of(const struct sim_counts *c)
{
    return c->accesses - c->regions[SIM_REGION_SRAM].writes - c->regions[SIM_REGION_DTCM].writes;
}

static void conditional(void **state)
{
    const struct copy *copy = *state;
    for (size_t f = 0; f < FAMILIES; f++) {
        struct sim_counts few, many;
        run(chips[f], copy, COPIES, &few);
        run(chips[f], copy, 2 * COPIES, &many);
        assert_int_equal(many.instructions - few.instructions, copy->instructions * COPIES);
        assert_int_equal(many.classes[SIM_CLASS_LOAD] - few.classes[SIM_CLASS_LOAD],
                         copy->loads * COPIES);
        assert_int_equal(many.classes[SIM_CLASS_STORE] - few.classes[SIM_CLASS_STORE],
                         copy->stores * COPIES);
        assert_int_equal(many.classes[SIM_CLASS_IT] - few.classes[SIM_CLASS_IT], COPIES);
        assert_int_equal(reads_of(&many) - reads_of(&few), copy->reads * COPIES);
        assert_int_equal(many.accesses - few.accesses, (copy->reads + copy->writes) * COPIES);
        assert_int_equal(many.branches_taken - few.branches_taken, copy->branches_taken * COPIES);
        uint32_t expected = halves[copy - copies][f] * COPIES / 2;
        if (many.cycles - few.cycles != expected)
            fail_msg("%s: %s: %g cycles, expected %g", chips[f], copy->name,
                     (double)(many.cycles - few.cycles) / COPIES, (double)expected / COPIES);
    }
}

int main(void)
{
    struct CMUnitTest tests[COPY_KINDS];
    for (size_t i = 0; i < COPY_KINDS; i++)
        tests[i] = (struct CMUnitTest){copies[i].name, conditional, NULL, NULL,
                                       (void *)(uintptr_t)&copies[i]};
    return _cmocka_run_group_tests("IT blocks", tests, COPY_KINDS, NULL, NULL);
}
