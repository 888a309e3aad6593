/* One run as everybody sees it, and its renderings. A report_run is filled by cli/ (after a
 * simulation) or by the store (from the database); the renderers only print it. */
#ifndef REPORT_H
#define REPORT_H

#include "energy.h"
#include "energy_scenario.h"
#include "sim_profile.h"

#include <stdio.h>

struct report_layer {
    int32_t index;
    char op[32];    /* "CONV_2D"; "(dispatch)" for SIM_SCOPE_OUTSIDE, index -1 */
    char name[64];  /* output tensor or layer name */
    char shape[64]; /* output shape "25x5x64" */
    uint64_t macs;
};

struct report_tensor {
    char name[64];
    char type[16];
    char shape[64];
    double scale;
    int32_t zero_point;
    uint8_t *bytes; /* owned: last invocation's output */
    uint32_t byte_count;
};

/* How long the battery lasts, and what it feeds. */
struct report_life {
    char battery[SIM_NAME_BYTES];  /* empty = no life was asked for (a computation of a scenario) */
    char scenario[SIM_NAME_BYTES]; /* "wake_word"; "one inference every 1 s" without one */
    char scenario_file[512];       /* as given; empty = without one */
    double buffer_uf;              /* as given with --buffer; 0 = not given */
    struct energy_lifetime lifetime; /* its notes are in notes */
    double busy_s, asleep_s;         /* of a period; 0 = unknown (stored by an earlier version) */
    struct energy_step_cost steps[ENERGY_MAX_STEP_ROWS];
    uint32_t step_count;
    int has_stream, has_harvest;
    struct energy_stream_comparison stream;
    struct energy_harvest harvest;
    char notes[8][256]; /* what the reader must know about this load and battery */
    uint32_t note_count;
};

/* A computation of the scenario beside the run's own target; its counts are a run of their own. */
struct report_compute {
    char name[SIM_NAME_BYTES]; /* as the scenario calls it: "mel40" */
    int64_t run_id;            /* 0 = not stored */
};

struct report_run {
    int64_t run_id;       /* 0 = not stored */
    int estimated;        /* run_id priced again with other tables; itself not stored */
    char created_utc[32]; /* ISO 8601, seconds */
    char version[32];     /* program version */
    char target_path[512];
    char target_kind[16]; /* "tflite", "architecture", "zoo" */
    char target_sha256[65];
    char model_name[64];
    char kernels[32];    /* "dsp" */
    double mcu_clock_hz; /* = profile.clock_hz */
    char mcu_description[128];
    uint64_t macs;
    uint32_t arena_bytes, stack_bytes, ram_used_bytes,
        ram_bytes; /* ram_used: arena + runner data + stack */
    uint32_t flash_used_bytes, flash_bytes, weight_bytes;
    uint32_t runner_bytes; /* of flash_used: runner and kernels; the rest is the program image with
                              the weights; 0 = unknown (stored by an earlier version) */
    struct sim_profile profile;  /* mean of one invocation */
    struct energy_result energy; /* scope order = profile.scopes */
    struct report_layer *layers; /* [profile.scope_count], same order as profile.scopes; owned */
    char output_sha256[65];
    struct report_tensor *outputs; /* owned */
    uint32_t output_count;
    double every_s, temperature_c;
    struct report_life life;
    struct report_compute computes[ENERGY_MAX_STEPS];
    uint32_t compute_count;
    struct energy_docs docs;    /* owned: the inputs that energy and life rest on */
    struct sim_listing listing; /* owned; sums over all invocations; not stored; none: count 0 */
    char notes[8][256];         /* what the reader must know: weights are pseudo-random, ... */
    uint32_t note_count;
};

void report_run_free(struct report_run *run); /* members, not the struct itself; leaves it zeroed */

/* Human text for a terminal of the given width (80 when unknown). */
enum cc_status report_text(const struct report_run *run, FILE *out, unsigned width,
                           struct cc_error *err);

/* Where the cycles went: by cause, operator and function; made to follow report_text. Says so when
 * the run comes from a version that did not count it. */
enum cc_status report_explain(const struct report_run *run, FILE *out, unsigned width,
                              struct cc_error *err);

/* The inputs that energy and life rest on, with their sources; made to follow report_text. */
enum cc_status report_docs(const struct report_run *run, FILE *out, unsigned width,
                           struct cc_error *err);

/* The annotated disassembly run->listing; prints nothing when there is none. */
enum cc_status report_listing(const struct report_run *run, FILE *out, unsigned width,
                              struct cc_error *err);

/* One JSON object, the contract of README section "JSON". */
enum cc_status report_json(const struct report_run *run, FILE *out, struct cc_error *err);

#endif
