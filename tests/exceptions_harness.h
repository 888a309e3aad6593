/* Runs firmware of tests/exceptions on chips of all six cores. */
#ifndef EXCEPTIONS_HARNESS_H
#define EXCEPTIONS_HARNESS_H

#include "sim_machine.h"
#include "timing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLASH  0x08000000u /* where the vector table is */
#define WORDS  32          /* of output */
#define UNUSED (void)state

/* Exception numbers. */
enum { NMI = 2, SVC = 11, PENDSV = 14, SYSTICK = 15, IRQ0 = 16 };

/* The cores, with chips of them; the costs are those of the timing model. */
struct core {
    const char *chip;
    enum sim_core core;
    uint32_t entry, exit, chain, fp_frame;
};
#define CORES    6
#define FIRST_V7 2
#define FIRST_FP 3
extern struct core cores[CORES];

struct handler {
    unsigned number;
    const char *name;
};

/* What to run: entry and handlers by name, end with a NULL name. */
struct program {
    const char *elf, *entry;
    struct handler handlers[5];
    uint32_t input[4];
    uint64_t max_instructions;
    int reference; /* compare with the walk instruction by instruction */
};

struct outcome {
    enum cc_status status;
    struct cc_error err;
    struct sim_profile profile;
    uint32_t output[WORDS];
    int failed; /* marker 9 */
};

/* Group set-up: fills in the costs. */
int get_costs(void **state);

/* Fails the test unless the status is CC_OK. */
void must(enum cc_status status, const struct cc_error *err);

/* A machine with the program loaded, ready to run; the caller frees it and closes the file. */
struct sim_machine *load(const char *chip_name, const struct program *p, struct sim_elf *elf,
                         struct outcome *o);

/* Runs to marker 2, which must be reached; the caller frees o->profile. */
void succeed(const char *chip, const struct program *p, struct outcome *o);

/* The letters the handlers left, and what entry, return and chaining took. */
void expect_letters(const struct core *core, const struct program *p, const char *letters,
                    uint64_t exceptions, uint64_t cycles);

/* The run must end with a message that has both texts in it. */
void fail_with(const char *chip, const struct program *p, const char *text, const char *text2);

#endif
