/* What a scenario rests on, with round figures: regulators, harvesters, radios, sensors, sleep. */
#include "scenario_doubles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int nothing; /* something to point at */

enum cc_status energy_regulator_load(const char *name_or_file, struct energy_regulator **regulator,
                                     struct cc_error *err)
{
    if (strcmp(name_or_file, "none") != 0)
        return cc_fail(err, CC_ERR_INPUT, "unknown regulator '%s'", name_or_file);
    *regulator = (struct energy_regulator *)(void *)&nothing;
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
    *harvester = (struct energy_harvester *)(void *)&nothing;
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
