/* What a harvester's file says, and its laws; for energy/battery and its tests. */
#ifndef ENERGY_HARVESTER_H
#define ENERGY_HARVESTER_H

#include "energy_harvest.h"
#include "energy_internal.h"

#define ENERGY_HARVEST_ROWS       12
#define ENERGY_CONVERTER_STEPS    8
#define ENERGY_HARVEST_LEVELS     6
#define ENERGY_HARVEST_UNIT_BYTES 16

/* From the source's power to the battery's: energy/harvesters/converters/NAME.yaml.
 *     battery = efficiency(source power) x source power x hours / 24 - iq_ua x battery voltage
 * and nothing while the source has less power or voltage than it takes to run. */
struct energy_converter_step {
    double above_uw; /* of the source's power, up to the next step's */
    double efficiency_fraction;
};

struct energy_converter_steps {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    double rsd;
    struct energy_converter_step rows[ENERGY_CONVERTER_STEPS];
    uint32_t rows_count;
};

struct energy_converter {
    char name[SIM_NAME_BYTES];
    char description[160];
    struct energy_figure cold_start_v, cold_start_uw; /* optional */
    struct energy_figure running_v; /* optional: it runs from its charged store and then needs this
                                       of the source; without it the cold start's hold always */
    struct energy_figure most_input_mw; /* optional; more is not taken */
    struct energy_figure iq_ua;         /* out of the battery, all day */
    struct energy_converter_steps efficiency;
    char path[512];
};

/* A row of the source's law: the level in one of the units, the power in one of the units. */
struct energy_harvest_row {
    double level[ENERGY_HARVEST_LEVELS]; /* one of them; 0 = not this unit */
    double uw_per_cm2, uw_per_cm3, uw;   /* one of them */
};

struct energy_harvest_law {
    char source[ENERGY_SOURCE_BYTES];
    int verified;
    double rsd;
    double exponent; /* below the first and above the last row power ~ level^exponent */
    struct energy_harvest_row rows[ENERGY_HARVEST_ROWS];
    uint32_t rows_count;
};

struct energy_harvester {
    char name[SIM_NAME_BYTES];
    char description[160];
    char converter_name[SIM_NAME_BYTES];
    struct energy_converter *converter;                 /* owned */
    struct energy_figure levels[ENERGY_HARVEST_LEVELS]; /* one of them: the typical level */
    struct energy_figure hours_per_day_h;
    struct energy_figure area_cm2, volume_cm3; /* what the law asks for */
    struct energy_figure operating_v;          /* optional: of the source at work */
    struct energy_harvest_law law;
    int unit; /* index of the level that is there */
    char path[512];
};

extern const char *const energy_harvest_level_keys[ENERGY_HARVEST_LEVELS]; /* "level_lux", ... */

/* Power of a row and the key of its unit. */
double energy_harvest_row_power(const struct energy_harvest_row *row);
const char *energy_harvest_row_key(const struct energy_harvest_row *row);

/* Electrical power of the source, before the converter. Along straight lines of the logarithms
 * between the law's rows. size in cm2 or cm3; not used by laws in uW. */
double energy_harvester_source_uw(const struct energy_harvester *harvester, double level,
                                  double size);
/* d ln power / d ln level: -1 or below for a distance. */
double energy_harvester_slope(const struct energy_harvester *harvester, double level);
double energy_harvester_size(const struct energy_harvester *harvester);

/* Does this power of this source start the converter with an empty store? */
int energy_converter_starts(const struct energy_harvester *harvester, double source_uw);
/* Does it run on it with a charged one? */
int energy_converter_runs(const struct energy_harvester *harvester, double source_uw);
/* Into the battery, mean over a day of so many hours with the source's power; at least 0. */
double energy_converter_uw(const struct energy_harvester *harvester, double source_uw,
                           double hours_per_day, double battery_v);

/* Standard deviation of the logarithm of the source's power times the efficiency. With the
 * level's and the hours' where these are the file's own. */
double energy_harvester_log_sd(const struct energy_harvester *harvester, double level,
                               int own_level, int own_hours);

#endif
