/* Code for the timing tests, decoded from the rows, and a pipeline that walks it. */
#ifndef TIMING_WALKER_H
#define TIMING_WALKER_H

#include "timing.h"

#define COUNT(a)      (sizeof(a) / sizeof *(a))
#define MAX_INSNS     400
#define MAX_HALFWORDS 20
#define MOVES         8

enum how { SEQ, TAKEN, LOOP, REPEAT };

struct row {
    enum sim_core core;
    enum how how;
    uint32_t address, isolated_wait, cycles;
    const char *text;
    size_t halfwords;
    uint16_t code[MAX_HALFWORDS];
};

/* Machine code in a row of a .def file. */
#define H(...)                                                                                     \
    COUNT(((uint16_t[]){__VA_ARGS__})),                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* timing_rows.def */
extern const struct row timing_rows[];
extern const size_t timing_row_count;

/* Instructions behind one another in memory. */
struct code {
    struct sim_insn insns[MAX_INSNS];
    size_t count;
    uint32_t end; /* address behind the last one */
};

/* Decoders of all cores; fixtures of a group of tests. */
int decoders_setup(void **state);
int decoders_teardown(void **state);

/* Decodes and appends; fails the test when there is no room. */
void append(struct code *code, enum sim_core core, const uint16_t *halfwords, size_t count);

/* Up to eight times mov r10, r10, which depends on nothing but itself. */
void append_moves(struct code *code, enum sim_core core, size_t count);

/* A pipeline on its way through some code. */
struct walker {
    const struct sim_timing *timing;
    struct sim_chip chip;
    struct sim_timing_config config; /* of that chip */
    union sim_pipeline pipeline;
    struct sim_step step; /* the latest */
    uint32_t cycles;
};

void start(struct walker *w, enum sim_core core, uint32_t isolated_wait);
void walk(struct walker *w, const struct sim_insn *insns, size_t count);

/* source was taken to target; either may be NULL. */
void branch(struct walker *w, const struct sim_insn *source, const struct sim_insn *target);

#endif
