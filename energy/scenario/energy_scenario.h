/* A scenario: what a device does in a period. Steps sense, compute, transmit, show and wait, in
 * order or beside each other, some of them only now and then; the chip sleeps between them.
 * energy/scenarios/NAME.yaml. What computes is named here and emulated elsewhere: the caller gives
 * the priced runs. */
#ifndef ENERGY_SCENARIO_H
#define ENERGY_SCENARIO_H

#include "energy.h"
#include "energy_harvest.h"
#include "energy_lifetime.h"

struct energy_scenario;
enum cc_status energy_scenario_load(const char *name_or_file, struct energy_scenario **scenario,
                                    struct cc_error *err);
/* One inference per period and sleep between: what a run without --scenario means. */
enum cc_status energy_scenario_plain(double every_s, struct energy_scenario **scenario,
                                     struct cc_error *err);
void energy_scenario_free(struct energy_scenario *scenario);

const char *energy_scenario_name(const struct energy_scenario *scenario);
const char *energy_scenario_description(const struct energy_scenario *scenario);
/* Defaults that the file names; NULL where it leaves them to the caller. */
const char *energy_scenario_target(const struct energy_scenario *scenario); /* "kws" */
/* Whether a step runs it; a fixed workload needs none. */
int energy_scenario_infers_target(const struct energy_scenario *scenario);
const char *energy_scenario_mcu(const struct energy_scenario *scenario);     /* "apollo3@48" */
const char *energy_scenario_battery(const struct energy_scenario *scenario); /* "cr2032" */
const char *energy_scenario_regulator_of_mcu(const struct energy_scenario *scenario); /* "smps" */
double energy_scenario_vdd(const struct energy_scenario *scenario);         /* 0 = chip's own */
double energy_scenario_temperature(const struct energy_scenario *scenario); /* NAN = caller's */
double energy_scenario_period(const struct energy_scenario *scenario);      /* s */

/* What the steps compute besides the run's own target: models of the zoo, files, or built-in
 * workloads ("mel40"). Each name once. */
uint32_t energy_scenario_compute_count(const struct energy_scenario *scenario);
const char *energy_scenario_compute(const struct energy_scenario *scenario, uint32_t index);
/* Key of the first step that computes it ("steps[2].compute"). */
void energy_scenario_compute_key(const struct energy_scenario *scenario, uint32_t index, char *key,
                                 size_t size);
/* The file; "" of a plain one. */
const char *energy_scenario_path(const struct energy_scenario *scenario);
/* Puts the line of the key into a message "PATH: KEY: ..." about the file. Returns err->status. */
enum cc_status energy_scenario_add_line(const struct energy_scenario *scenario,
                                        struct cc_error *err);

struct energy_scenario_query {
    const struct energy_scenario *scenario;
    const struct energy_chip *chip;
    const struct sim_profile *target;        /* the run's own profile: clock, range, latency */
    const struct energy_result *target_cost; /* NULL only when no step infers the target */
    /* one for each energy_scenario_compute, in their order */
    const struct sim_profile *const *computes;
    const struct energy_result *const *compute_costs;
    struct energy_condition condition; /* that the costs were priced with */
    double every_s;                    /* 0 = the scenario's own period */
};

#define ENERGY_MAX_STEPS      24
#define ENERGY_MAX_STEP_ROWS  56 /* with standby of every device, wake-up and sleeps */
#define ENERGY_SCENARIO_NOTES 4

/* A step as it came out, for the report. */
struct energy_step_cost {
    char name[SIM_NAME_BYTES];
    char kind[16]; /* "sensor", "compute", "infer", "radio", "display", "wait", "standby",
                      "wake", "sleep" */
    char what[SIM_NAME_BYTES]; /* sensor, model, radio, sleep mode */
    double times;              /* per period: repetition x probability */
    double duration_s;         /* once; 0 of wake-ups */
    int beside;                /* runs beside the steps behind it */
    double uj;                 /* once, at the chip's supply */
    double uw;                 /* mean */
    double peak_ma;
};

struct energy_scenario_load {
    struct energy_load load;
    double period_s;
    double busy_s, asleep_s; /* of the period; mean, probabilities counted */
    double longest_s;        /* when everything happens in one period: must fit */
    /* The steps of the scenario; then what else takes power, each once with its total of a period:
     * standby of devices, wake-ups, and the sleep modes of the core, its usual one ("sleep") last.
     * Their mean powers add up to those of the load's parts. */
    struct energy_step_cost steps[ENERGY_MAX_STEP_ROWS];
    uint32_t step_count;
    char notes[ENERGY_SCENARIO_NOTES][256];
    uint32_t note_count;
};

/* Radios, sensors, sleep modes and peripherals resolved once; many loads can be made from it. What
 * the query points to (scenario, chip, costs) must outlive the plan. docs may be NULL. */
struct energy_scenario_plan;
enum cc_status energy_scenario_plan_new(const struct energy_scenario_query *query,
                                        struct energy_scenario_plan **plan,
                                        struct energy_docs *docs, struct cc_error *err);
void energy_scenario_plan_free(struct energy_scenario_plan *plan);

/* What may differ between the loads of one plan. Zeroed = as the scenario says. */
struct energy_scenario_change {
    double every_s;            /* 0 = the query's */
    double probability_factor; /* on every probability_fraction of the file (kept within 0..1);
                                  0 = 1 */
};
/* Fast: a fraction of a microsecond per step. CC_ERR_USAGE when the steps do not fit the period,
 * CC_ERR_INPUT when that is the one of the file.
 * change may be NULL. Only what is counted in load is written: the rest of its arrays stays. */
enum cc_status energy_scenario_load_of(const struct energy_scenario_plan *plan,
                                       const struct energy_scenario_change *change,
                                       struct energy_scenario_load *load, struct cc_error *err);

/* Another capacitance (at the working voltage) than the file's; its ESR and leakage stay. */
void energy_scenario_set_buffer(struct energy_scenario *scenario, double effective_uf);
/* The battery side as the scenario asks for it: buffer capacitor, regulator, harvester. A
 * temperature that is the file's own and not one of the battery's is CC_ERR_INPUT. */
enum cc_status energy_scenario_supply(const struct energy_scenario *scenario,
                                      const struct energy_battery *battery, double temperature_c,
                                      struct energy_supply **supply, struct cc_error *err);
/* Instead of the battery's own; NULL when it names none. Owned by the scenario. */
const struct energy_regulator *energy_scenario_regulator(const struct energy_scenario *scenario);
/* NULL when it has none. Owned by the scenario. */
const struct energy_harvester *energy_scenario_harvester(const struct energy_scenario *scenario,
                                                         struct energy_surroundings *surroundings);

/* What if the raw data were sent instead of the result? Sensors, displays and waits stay. */
struct energy_stream_comparison {
    char radio[SIM_NAME_BYTES];
    double raw_bytes_per_period;
    double infer_uj, result_uj; /* computing and sending the result, per period */
    double stream_uj;           /* sending the raw data instead */
    int possible;
    char why_not[160];
    /* Fewer raw bytes per period than this, and sending them is cheaper than computing. */
    double break_even_bytes;
    /* The computation could cost so much before sending the raw data is cheaper. */
    double break_even_uj;
    double average_uw;           /* battery side, with streaming */
    struct energy_interval days; /* with streaming */
};
/* harvester NULL = none; surroundings as in energy_harvest_lifetime. */
enum cc_status energy_scenario_stream(const struct energy_scenario_plan *plan,
                                      const struct energy_supply *supply,
                                      const struct energy_harvester *harvester,
                                      const struct energy_surroundings *surroundings,
                                      struct energy_stream_comparison *comparison,
                                      struct cc_error *err);

#endif
