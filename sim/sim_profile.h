/* What a simulation measured: counts and cycles, per scope and in total. Plain data, no pointers
 * into the simulator; the input of energy/ and reports/. Holds nothing about joules. */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include "cc_error.h"

#include <stdint.h>

enum sim_class {
#define SIM_CLASS(id, name, text) SIM_CLASS_##id,
#include "sim_classes.def"
#undef SIM_CLASS
    SIM_CLASS_COUNT
};

enum sim_region_kind {
#define SIM_REGION(id, name, text) SIM_REGION_##id,
#include "sim_classes.def"
#undef SIM_REGION
    SIM_REGION_COUNT
};

enum sim_cause {
#define SIM_CAUSE(id, name, text) SIM_CAUSE_##id,
#include "sim_classes.def"
#undef SIM_CAUSE
    SIM_CAUSE_COUNT
};

struct sim_accesses {
    uint64_t reads;       /* data read transfers (an LDM of 4 is 4) */
    uint64_t writes;      /* data write transfers */
    uint64_t read_bytes;  /* bytes of those reads */
    uint64_t write_bytes; /* bytes of those writes */
    uint64_t fetch_bytes; /* instruction bytes executed from this region */
    uint64_t line_reads;  /* reads of the memory array itself (flash words or cache lines filled):
                             zero where the chip has no buffer or cache in front */
};

/* Identities, checked by sim_profile_check(): instructions = sum(classes);
 * cycles = core_cycles + fetch_stall_cycles + data_stall_cycles; core_cycles = sum of the causes up
 * to SIM_CAUSE_EXCEPTION, fetch stalls that of FETCH and ICACHE, data stalls that of the rest. */
struct sim_counts {
    uint64_t instructions; /* instructions passed, IT-skipped ones included */
    uint64_t classes[SIM_CLASS_COUNT];
    uint64_t core_cycles;             /* core timing at zero wait states */
    uint64_t fetch_stall_cycles;      /* waiting for instructions */
    uint64_t data_stall_cycles;       /* waiting for data */
    uint64_t cycles;                  /* the sum of the three */
    uint64_t causes[SIM_CAUSE_COUNT]; /* what the cycles went into */
    uint64_t overlapped_loads;        /* loads whose second cycle was hidden (M3, M4) */
    uint64_t paired;                  /* instructions that shared a cycle with the one before:
                                         dual issue, folded IT */
    uint64_t exceptions;              /* taken, tail-chained ones included */
    uint64_t sleep_cycles;            /* of the clock while the core slept (WFI, WFE); no part of
                                         cycles */
    uint64_t branches_taken;
    uint64_t accesses; /* data accesses = sum of reads and writes of all regions */
    struct sim_accesses regions[SIM_REGION_COUNT];
};

#define SIM_NAME_BYTES 64

struct sim_scope {
    int32_t id; /* what the marker callback gave: an operator index, or SIM_SCOPE_OUTSIDE */
    char name[SIM_NAME_BYTES];
    struct sim_counts counts;
};

/* A function of the program by its symbol; figures are exclusive (what it calls is not in them). */
struct sim_function {
    char name[SIM_NAME_BYTES];
    uint32_t address, bytes;
    uint64_t calls; /* times its first instruction was executed */
    uint64_t instructions, cycles;
    uint64_t causes[SIM_CAUSE_COUNT]; /* sum = cycles */
};

#define SIM_SCOPE_OUTSIDE (-1) /* inside the measured window but in no operator: dispatch */

struct sim_profile {
    char chip[SIM_NAME_BYTES];          /* "stm32l4r5" */
    char core[SIM_NAME_BYTES];          /* "cortex-m4" */
    char voltage_range[SIM_NAME_BYTES]; /* asked for by name; empty = the chip's default */
    double clock_hz;                    /* core clock charged */
    double cycles_rsd;        /* relative standard deviation of every cycle count; 0 = unknown */
    char timing_note[256];    /* memory configuration charged, for the report */
    uint32_t invocations;     /* how many the totals cover; after sim_profile_mean() still the
                                 number that ran */
    struct sim_counts total;  /* = sum over scopes */
    struct sim_scope *scopes; /* owned; scopes[0] is SIM_SCOPE_OUTSIDE */
    uint32_t scope_count;
    struct sim_function *functions; /* owned; by falling cycles; none when not asked for */
    uint32_t function_count;
    uint64_t stack_bytes; /* deepest stack seen */
};

/* One instruction of an annotated disassembly. */
struct sim_line {
    uint32_t address;
    uint8_t bytes;
    char text[80];       /* "ldr r0, [r1, #4]" */
    uint64_t executions; /* times passed, skipped in an IT block included */
    uint64_t cycles;
    uint64_t causes[SIM_CAUSE_COUNT]; /* sum = cycles */
};

struct sim_listing {
    char name[SIM_NAME_BYTES];
    struct sim_line *lines; /* owned */
    uint32_t count;
};

void sim_listing_free(struct sim_listing *listing);

/* Read-only memory that holds the program. */
static inline int sim_is_flash(enum sim_region_kind kind)
{
    return kind == SIM_REGION_FLASH || kind == SIM_REGION_XIP;
}

const char *sim_class_name(enum sim_class c);
const char *sim_region_name(enum sim_region_kind r);
const char *sim_cause_name(enum sim_cause c); /* "load_use" */
const char *sim_cause_text(enum sim_cause c); /* what it means, for people */
/* -1 when there is no such name. */
int sim_class_from_name(const char *name);
int sim_region_from_name(const char *name);
int sim_cause_from_name(const char *name);

/* Core cycles, fetch and data stalls from the causes. */
void sim_counts_sum_causes(struct sim_counts *counts);

/* a += b, member by member. */
void sim_counts_add(struct sim_counts *a, const struct sim_counts *b);

/* Turns sums over profile->invocations runs into the rounded mean of one, leaf by leaf; the totals
 * are summed again from the rounded leaves so that every identity still holds exactly. */
void sim_profile_mean(struct sim_profile *profile);

/* Checks the identities of every scope and function and that the scopes add up to the total.
 * CC_ERR_INTERNAL names the first that is broken. */
enum cc_status sim_profile_check(const struct sim_profile *profile, struct cc_error *err);

/* The same for a profile kept from a version that counted no causes: all causes are zero. */
enum cc_status sim_profile_check_old(const struct sim_profile *profile, struct cc_error *err);

/* 0 for such a profile. */
int sim_profile_has_causes(const struct sim_profile *profile);

/* Deep copy; *to is overwritten, not freed. */
enum cc_status sim_profile_copy(struct sim_profile *to, const struct sim_profile *from,
                                struct cc_error *err);
void sim_profile_free(struct sim_profile *profile); /* leaves it zeroed */

#endif
