/* A plan: a scenario with the figures of its devices, and its powers as sums of terms.
 *
 * Whether a random step happens is an event; steps that are reached through others need those too,
 * and all but the `always` steps need a period outside the quiet hours. So what must come true for
 * something to happen is a set of events, kept as a bit mask, and its probability the product of
 * theirs. The mean energy of every part is a sum of terms, each an energy (fixed, or growing with
 * the period) times the probability of one mask: exact, and quick to evaluate again. */
#ifndef ENERGY_SCENARIO_PLAN_H
#define ENERGY_SCENARIO_PLAN_H

#include "energy_chip_power.h"
#include "energy_scenario_internal.h"

#define PLAN_AWAKE_HOURS 31 /* event: a period outside the quiet hours; others are steps */
#define PLAN_MAX_SLEEPS  8
#define PLAN_MAX_TERMS   1024
#define PLAN_MAX_MASKS   512
#define PLAN_MAX_UNION   6  /* steps of which one is enough for something to happen */
#define PLAN_CERTAIN     0u /* mask of what always happens */

/* A sensor, display or radio, however many steps use it. */
struct plan_device {
    char label[SIM_NAME_BYTES]; /* "sensor sph0641lu4h" */
    double standby_uw;          /* at the plan's nominal voltage */
    double exponent, rsd, standby_rsd;
    struct energy_radio *radio; /* owned; one of the two */
    struct energy_sensor *sensor;
    int part, standby_part;
    char band[24]; /* limits of a radio's band; empty = none */
    double most_air_fraction, most_per_day;
};

/* A step's figures for given values of the numbers, at the plan's nominal voltage. */
struct plan_step {
    double once_s, once_uj; /* one repetition, host included */
    double repeat;
    double all_s;              /* all repetitions, start-up included */
    double device_uj;          /* of all repetitions: the device, or the running core */
    double host_uj;            /* of all repetitions: the host peripheral */
    double device_uw, host_uw; /* while it lasts; mean */
    double recur_s;            /* recurring radio: between events, else 0 */
    double recur_for_s;        /* for so long; 0 = the whole period */
    double bytes, bytes_per_s; /* of a sensor: in all, and while it measures the whole period */
    double air_s, packets;     /* of a radio, one repetition */
    double peak_ma, peak_s;
    char peak_name[32];
};

/* What of a step does not depend on the values. */
struct plan_use {
    int device; /* index of devices, -1 = none */
    int part, host_part;
    int level; /* index of sleeps that its host allows; 0 = any */
    int whole; /* lasts the whole period */
    int awake; /* needs the core */
    uint32_t mask;
    int mask_index; /* in the plan's own model */
    char host[SIM_NAME_BYTES];
    struct energy_peripheral_state host_state;
    struct energy_sensor_mode mode;
    char note[96]; /* of a radio's event */
};

enum plan_part_kind {
    PLAN_PART_CORE, /* unknowns: effects of cost */
    PLAN_PART_OTHER /* unknown: rsd under its name */
};

struct plan_part {
    char name[SIM_NAME_BYTES];
    double exponent;
    enum plan_part_kind kind;
    const struct energy_result *cost;
    char unknown[ENERGY_UNKNOWN_NAME_BYTES];
    double rsd;
};

struct plan_term {
    int part;
    int mask;            /* index of masks */
    double fixed, per_s; /* uJ in a period; uJ for each second of the period */
};

struct plan_mask {
    uint32_t bits;
    int rest; /* index of the mask without its lowest bit */
    int bit;  /* that bit */
};

/* The powers of all parts for given figures. */
struct plan_model {
    struct plan_step steps[SCENARIO_MAX_STEPS];
    double from_s[SCENARIO_MAX_STEPS]; /* where steps start */
    double longest_s;
    struct plan_term terms[PLAN_MAX_TERMS];
    int term_count;
    struct plan_mask masks[PLAN_MAX_MASKS]; /* [0] = certain */
    int mask_count;
    int overflow;
};

/* How often a pulse comes: with the probability of its masks (one is enough), so many times in a
 * period and so many times for each second of it. */
struct plan_pulse_rate {
    int masks[PLAN_MAX_UNION];
    int mask_count;
    double times, per_s;
    int part;  /* whose current it mostly is */
    int whole; /* lasts as long as the period */
};

/* What takes power besides steps, as a row of its own; of a period. */
struct plan_row {
    struct energy_step_cost cost;
    int part;
    double uw; /* while it lasts; 0 = a wake-up */
};

struct energy_scenario_plan {
    const struct energy_scenario *scenario;
    struct energy_scenario_query query;
    struct sim_profile point; /* clock and range that "idle" and peripherals are priced at */
    struct energy_condition condition;
    double nominal_v, period_s;
    char chip[SIM_NAME_BYTES];
    struct energy_sleep_state sleeps[PLAN_MAX_SLEEPS]; /* [0] the scenario's own */
    int sleep_parts[PLAN_MAX_SLEEPS], wake_parts[PLAN_MAX_SLEEPS];
    int sleep_count;
    int idle; /* index of sleeps, or -1 when nothing idles */
    struct plan_device devices[SCENARIO_MAX_STEPS];
    int device_count;
    struct plan_use uses[SCENARIO_MAX_STEPS];
    struct plan_part parts[ENERGY_MAX_LOAD_PARTS];
    int part_count;
    struct scenario_values values; /* nominal, with the query's period */
    struct plan_model model;
    struct plan_pulse_rate rates[ENERGY_MAX_LOAD_PULSES];
    struct plan_row rows[ENERGY_MAX_STEP_ROWS - SCENARIO_MAX_STEPS];
    int row_count;
    struct energy_scenario_load sample; /* all that does not differ between loads */
};

/* Steps to leave out of a model, as bits; the core still wakes up for those that needed it. */
enum cc_status plan_model_make(const struct energy_scenario_plan *plan,
                               const struct scenario_values *values, uint32_t without,
                               struct plan_model *model, struct cc_error *err);

/* Energy of every part in a period (uJ), and behind them the seconds asleep. probability[] is of
 * the events. */
struct plan_sums {
    double part[ENERGY_MAX_LOAD_PARTS + 1];
    double mask[PLAN_MAX_MASKS]; /* probabilities */
};
void plan_sum(const struct energy_scenario_plan *plan, const struct plan_model *model,
              const struct scenario_values *values, double period_s, double probability_factor,
              struct plan_sums *sums);
int plan_mask_index(struct plan_model *model, uint32_t bits);

/* A step's figures for given values of the numbers. */
enum cc_status plan_step_figures(const struct energy_scenario_plan *plan,
                                 const struct scenario_values *values, int index,
                                 struct plan_step *step, struct cc_error *err);

/* Between events, at the nominal voltage; none of its own when the radio is a part of the chip. */
double plan_radio_idle_uw(const struct energy_scenario_plan *plan, const struct energy_radio *radio,
                          const struct energy_radio_event *event);

/* Sleep modes, devices, hosts and parts of all steps. */
enum cc_status plan_resolve(struct energy_scenario_plan *plan, struct energy_docs *docs,
                            struct cc_error *err);

/* plan->sample: currents that pull the battery down. */
void plan_pulses(struct energy_scenario_plan *plan);
/* Between pulses: sleep, standby, and what runs the whole period. */
double plan_rest_ma(const struct energy_scenario_plan *plan);
/* plan->sample: what is unknown and how parts and pulses follow it. */
enum cc_status plan_unknowns(struct energy_scenario_plan *plan, struct cc_error *err);

/* Energy at the nominal voltage over that at from_v. */
double plan_at_nominal(const struct energy_scenario_plan *plan, double from_v, double exponent);

#endif
