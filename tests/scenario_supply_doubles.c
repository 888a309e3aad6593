/* Doubles of the battery side: regulators, harvesters, supplies, lifetimes. */
#include "scenario_doubles.h"

#include <string.h>

static int nothing; /* something to point at */

#define POINTER(type) ((type)(void *)&nothing)

enum cc_status energy_regulator_load(const char *name_or_file, struct energy_regulator **regulator,
                                     struct cc_error *err)
{
    if (strcmp(name_or_file, "none") != 0)
        return cc_fail(err, CC_ERR_INPUT, "unknown regulator '%s'", name_or_file);
    *regulator = POINTER(struct energy_regulator *);
    return CC_OK;
}

void energy_regulator_free(struct energy_regulator *regulator)
{
    (void)regulator;
}

enum cc_status energy_harvester_load(const char *name_or_file, struct energy_harvester **harvester,
                                     struct cc_error *err)
{
    if (strcmp(name_or_file, "panel") != 0)
        return cc_fail(err, CC_ERR_INPUT, "unknown harvester '%s'", name_or_file);
    *harvester = POINTER(struct energy_harvester *);
    return CC_OK;
}

void energy_harvester_free(struct energy_harvester *harvester)
{
    (void)harvester;
}

const char *energy_harvester_unit(const struct energy_harvester *harvester)
{
    (void)harvester;
    return "lux";
}

struct energy_supply_config doubles_config;
double doubles_average_uw;

enum cc_status energy_supply_new(const struct energy_supply_config *config,
                                 struct energy_supply **supply, struct cc_error *err)
{
    (void)err;
    doubles_config = *config;
    *supply = POINTER(struct energy_supply *);
    return CC_OK;
}

void energy_supply_free(struct energy_supply *supply)
{
    (void)supply;
}

/* A battery of 86,400 J: 1 uW for a million days. */
enum cc_status energy_lifetime_compute(const struct energy_supply *supply,
                                       const struct energy_load *load, int with_interval,
                                       struct energy_lifetime *life, struct cc_error *err)
{
    (void)supply;
    (void)with_interval;
    (void)err;
    memset(life, 0, sizeof *life);
    for (uint32_t i = 0; i < load->part_count; i++)
        life->average_uw += load->parts[i].uw;
    doubles_average_uw = life->average_uw;
    life->days.p10 = life->days.p50 = life->days.p90 = 1e6 / life->average_uw;
    return CC_OK;
}

/* The income of the test's harvester is the level of its surroundings, uW. */
enum cc_status energy_harvest_lifetime(const struct energy_supply *supply,
                                       const struct energy_load *load,
                                       const struct energy_harvester *harvester,
                                       const struct energy_surroundings *surroundings,
                                       struct energy_lifetime *life, struct energy_harvest *harvest,
                                       struct cc_error *err)
{
    (void)harvester;
    (void)harvest;
    enum cc_status status = energy_lifetime_compute(supply, load, 1, life, err);
    double missing_uw = life->average_uw - surroundings->level;
    life->days.p10 = life->days.p50 = life->days.p90 = 1e6 / missing_uw;
    return status;
}
