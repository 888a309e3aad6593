/* Energy income: a source in its surroundings, a transducer, a converter; and what it does to the
 * life of a rechargeable battery or a supercapacitor. */
#ifndef ENERGY_HARVEST_H
#define ENERGY_HARVEST_H

#include "energy_lifetime.h"

struct energy_harvester; /* energy/harvesters/NAME.yaml: source law, size, converter */
enum cc_status energy_harvester_load(const char *name_or_file, struct energy_harvester **harvester,
                                     struct cc_error *err);
void energy_harvester_free(struct energy_harvester *harvester);
const char *energy_harvester_name(const struct energy_harvester *harvester);
const char *energy_harvester_description(const struct energy_harvester *harvester);
/* Unit of the surroundings' level: "lux", "K", "g", "uW/cm2", "m". */
const char *energy_harvester_unit(const struct energy_harvester *harvester);

struct energy_surroundings {
    double level;         /* 0 = the file's typical value */
    double hours_per_day; /* with it; 0 = the file's */
    double area_cm2;      /* or volume_cm3; 0 = the file's */
};

struct energy_harvest {
    char harvester[SIM_NAME_BYTES], unit[16];
    double level, hours_per_day;
    struct energy_interval income_uw;  /* into the battery, mean over a day */
    struct energy_interval neutral_at; /* level from which the load is carried for ever;
                                          INFINITY when none does */
    double store_uj_needed;            /* to get through the hours without income */
    int neutral;                       /* p50 */
};

/* As energy_lifetime_compute, with income. limited_by "energy-neutral" when the income carries load
 * and losses and the store carries the hours without; then days are those until the store has aged
 * out (rechargeable cells and supercapacitors), with a note. A primary cell cannot be charged: its
 * income only relieves it while it is there. */
enum cc_status energy_harvest_lifetime(const struct energy_supply *supply,
                                       const struct energy_load *load,
                                       const struct energy_harvester *harvester,
                                       const struct energy_surroundings *surroundings,
                                       struct energy_lifetime *life, struct energy_harvest *harvest,
                                       struct cc_error *err);
enum cc_status energy_harvester_docs(const struct energy_harvester *harvester,
                                     struct energy_docs *docs, struct cc_error *err);

#endif
