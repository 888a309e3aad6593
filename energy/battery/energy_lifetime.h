/* How long a supply feeds a load: a battery with its discharge curve, a regulator, a buffer
 * capacitor, a temperature, and perhaps a harvester.
 *
 * The charge is taken out along the depth of discharge, not along time. At each depth the battery's
 * current is what the load takes at that voltage through the regulator, plus self-discharge; the
 * end is the first depth at which a pulse, sagging over the cell's resistance (the capacitor's help
 * counted), falls below what the load needs, or at which nothing is left. */
#ifndef ENERGY_LIFETIME_H
#define ENERGY_LIFETIME_H

#include "cc_error.h"
#include "energy_docs.h"
#include "energy_load.h"

struct energy_battery;   /* energy/batteries/NAME.yaml, or an Otii profile (.json) */
struct energy_regulator; /* of a battery file or of energy/regulators/NAME.yaml */

enum cc_status energy_battery_load(const char *name_or_file, struct energy_battery **battery,
                                   struct cc_error *err);
void energy_battery_free(struct energy_battery *battery);
const char *energy_battery_name(const struct energy_battery *battery);
const char *energy_battery_description(const struct energy_battery *battery);
enum cc_status energy_battery_docs(const struct energy_battery *battery, struct energy_docs *docs,
                                   struct cc_error *err);

/* energy/regulators/NAME.yaml: ldo, buck or boost. "none" gives a direct connection. */
enum cc_status energy_regulator_load(const char *name_or_file, struct energy_regulator **regulator,
                                     struct cc_error *err);
void energy_regulator_free(struct energy_regulator *regulator);
const char *energy_regulator_description(const struct energy_regulator *regulator);
enum cc_status energy_regulator_docs(const struct energy_regulator *regulator,
                                     struct energy_docs *docs, struct cc_error *err);

/* A capacitor at the load, behind the regulator if there is one. 0 uF = none. */
struct energy_buffer {
    double effective_uf; /* at the working voltage: MLCCs lose about half of what is printed */
    double esr_ohm, leakage_ua;
};

struct energy_supply_config {
    const struct energy_battery *battery;
    const struct energy_regulator *regulator; /* NULL = the battery file's own */
    uint32_t series, parallel;                /* cells; 0 = the battery file's own */
    struct energy_buffer buffer;
    double temperature_c;
};

/* A battery at a temperature behind its regulator, prepared once for many loads. Plain value:
 * copies are fine, nothing to free; points into the config's battery. */
struct energy_supply;
enum cc_status energy_supply_new(const struct energy_supply_config *config,
                                 struct energy_supply **supply, struct cc_error *err);
void energy_supply_free(struct energy_supply *supply);

#define ENERGY_LIFETIME_MAX_PARTS 24
#define ENERGY_LIFETIME_NOTES     4

struct energy_lifetime_part {
    char name[SIM_NAME_BYTES];
    double uw; /* battery side, mean over the life */
};

struct energy_lifetime {
    struct energy_interval days; /* INFINITY when a harvester carries the load for ever */
    double average_uw;           /* battery side, everything included, p50 */
    struct energy_interval average_uw_spread;
    struct energy_lifetime_part parts[ENERGY_LIFETIME_MAX_PARTS]; /* add up to average_uw; with
        "self-discharge" and "regulator" and "capacitor" last, where there are any */
    uint32_t part_count;
    struct energy_spread spread[ENERGY_TOP_SPREADS]; /* what to measure first */
    char limited_by[SIM_NAME_BYTES]; /* "empty"; "brown-out": a pulse pulls the voltage below what
        the load needs while more than 5 % of the charge is left; "self-discharge": that took more
        than the load; "shelf life"; "energy-neutral" */
    char limiting_pulse[SIM_NAME_BYTES]; /* that ends the charge, else which pulls lowest */
    double running_ma; /* its current out of the battery, at the higher of end_loaded_v and
                          least_v; fresh when the shelf life is over before */
    /* At the end of the charge; all 0 when the shelf life is over before. */
    double end_rest_v, end_loaded_v, least_v;
    double charge_left; /* fraction that could not be used */
    char notes[ENERGY_LIFETIME_NOTES][256];
    uint32_t note_count;
};

/* with_interval 0 leaves p10 = p90 = p50 and no spread (faster). A typical load with interval takes
 * a few microseconds: a million of them are done in seconds. CC_ERR_USAGE when the load does not
 * fit the battery (voltage above what it takes). */
enum cc_status energy_lifetime_compute(const struct energy_supply *supply,
                                       const struct energy_load *load, int with_interval,
                                       struct energy_lifetime *life, struct cc_error *err);

#endif
