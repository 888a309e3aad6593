/* What the files of scenario/ share: a loaded scenario, and a plan. */
#ifndef ENERGY_SCENARIO_INTERNAL_H
#define ENERGY_SCENARIO_INTERNAL_H

#include "energy_internal.h"
#include "energy_radio.h"
#include "energy_scenario.h"
#include "energy_sensor.h"

#define SCENARIO_MAX_STEPS   (ENERGY_MAX_STEPS - 1)
#define SCENARIO_MAX_NUMBERS 256
#define SCENARIO_FILE_BYTES  256

/* A number of the file: its nominal value and how far it may be off. */
struct scenario_number {
    char key[96];                          /* "steps[2].radio.payload_bytes" */
    char label[ENERGY_UNKNOWN_NAME_BYTES]; /* "wake_word: tell payload_bytes" */
    struct energy_figure figure;           /* rsd of a range: half of ln(max / min) per p90 */
    double min, max;                       /* of a range, else 0 */
};

#define SCENARIO_ABSENT (-1) /* index of a number that the file does not give */

enum scenario_kind {
    SCENARIO_SENSOR,
    SCENARIO_COMPUTE,
    SCENARIO_INFER,
    SCENARIO_RADIO,
    SCENARIO_DISPLAY,
    SCENARIO_WAIT,
    SCENARIO_KIND_COUNT
};
extern const char *const scenario_kind_names[SCENARIO_KIND_COUNT];

enum scenario_wait { SCENARIO_WAIT_SLEEP, SCENARIO_WAIT_IDLE, SCENARIO_WAIT_RUN };

#define SCENARIO_TARGET (-1) /* compute index of the run's own network */

/* Numbers are indices of energy_scenario.numbers. */
struct scenario_step {
    char name[SIM_NAME_BYTES];      /* of the file, or what it does; each once */
    char what[SCENARIO_FILE_BYTES]; /* sensor, model, workload, radio, display */
    char mode[SIM_NAME_BYTES], host[SIM_NAME_BYTES];
    enum scenario_kind kind;
    int wait;    /* enum scenario_wait */
    int compute; /* index of computes, or SCENARIO_TARGET */
    int front;   /* computes something that a later step infers from */
    int beside, always;
    int given; /* step above; -1 = none */
    int repeat, probability, duration, payload, interval;
    struct energy_radio_use use; /* payload and interval are set from their numbers */
};

struct scenario_stream {
    int present;
    char radio[SCENARIO_FILE_BYTES], phy[16];
    double tx_dbm;
    int raw_bytes;
};

struct energy_scenario {
    char name[SIM_NAME_BYTES], description[200], path[512];
    char target[SCENARIO_FILE_BYTES], mcu[SIM_NAME_BYTES], battery[SCENARIO_FILE_BYTES];
    char regulator_of_mcu[SIM_NAME_BYTES], sleep_mode[SIM_NAME_BYTES];
    double temperature_c; /* NAN = the caller's */
    struct scenario_number numbers[SCENARIO_MAX_NUMBERS];
    int number_count;
    int period, vdd, quiet_hours;
    int buffer_uf, buffer_effective, buffer_esr, buffer_leakage;
    double own_buffer_uf; /* effective; instead of the above capacitance; 0 = none given */
    struct scenario_step steps[SCENARIO_MAX_STEPS];
    int step_count;
    char computes[SCENARIO_MAX_STEPS][SCENARIO_FILE_BYTES];
    int compute_count;
    struct scenario_stream stream;
    struct energy_surroundings surroundings;
    char surroundings_unit[16]; /* of the level; empty = none given */
    char regulator_name[SCENARIO_FILE_BYTES], harvester_name[SCENARIO_FILE_BYTES];
    struct energy_regulator *regulator; /* NULL = the battery's own */
    struct energy_harvester *harvester; /* NULL = none */
};

/* Values of the numbers, all nominal or one of them moved. */
struct scenario_values {
    double of[SCENARIO_MAX_NUMBERS];
};
void scenario_values_nominal(const struct energy_scenario *scenario,
                             struct scenario_values *values);
double scenario_value(const struct scenario_values *values, int number, double absent);

/* Appends a number; its index, or SCENARIO_ABSENT when there are too many. */
int scenario_number_add(struct energy_scenario *scenario, const char *key, double value,
                        const char *source, int verified);
/* Names of steps without one, the list of what is computed, and which step prepares another. */
void scenario_finish(struct energy_scenario *scenario);
/* Regulator and harvester by their names. */
enum cc_status scenario_load_supply(struct energy_scenario *scenario, struct cc_error *err);

/* What a scenario without a file is called. */
void scenario_plain_name(char *name, size_t size, double every_s);

#endif
