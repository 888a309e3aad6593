/* The battery side of a scenario: regulator, buffer capacitor, harvester. */
#include "energy_scenario_internal.h"

#include <string.h>

static enum cc_status check_unit(const struct energy_scenario *s, struct cc_error *err)
{
    const char *unit = energy_harvester_unit(s->harvester);
    if (!s->surroundings_unit[0] || strcmp(unit, s->surroundings_unit) == 0)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: surroundings: the level is in %s, harvester %s takes %s; write that key",
                   s->path, s->surroundings_unit, s->harvester_name, unit);
}

enum cc_status scenario_load_supply(struct energy_scenario *scenario, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    if (scenario->regulator_name[0])
        status = energy_regulator_load(scenario->regulator_name, &scenario->regulator, err);
    if (status != CC_OK)
        return cc_prefix(err, "%s: regulator", scenario->path);
    if (!scenario->harvester_name[0])
        return CC_OK;
    status = energy_harvester_load(scenario->harvester_name, &scenario->harvester, err);
    if (status != CC_OK)
        return cc_prefix(err, "%s: harvester", scenario->path);
    return check_unit(scenario, err);
}

void energy_scenario_set_buffer(struct energy_scenario *scenario, double effective_uf)
{
    scenario->own_buffer_uf = effective_uf;
}

#define USUAL_C 20 /* every battery has it */

/* Is it the file's temperature that was refused? Then the file is told, and its line. */
static enum cc_status blame_temperature(const struct energy_scenario *s,
                                        const struct energy_supply_config *refused,
                                        struct cc_error *err)
{
    struct energy_supply_config config = *refused;
    struct energy_supply *supply = NULL;
    struct cc_error ignored;
    config.temperature_c = USUAL_C;
    if (refused->temperature_c != s->temperature_c ||
        energy_supply_new(&config, &supply, &ignored) != CC_OK)
        return CC_ERR_USAGE;
    energy_supply_free(supply);
    err->status = CC_ERR_INPUT;
    cc_prefix(err, "%s: temperature_c", s->path);
    return cc_yaml_add_line(err, s->path);
}

enum cc_status energy_scenario_supply(const struct energy_scenario *scenario,
                                      const struct energy_battery *battery, double temperature_c,
                                      struct energy_supply **supply, struct cc_error *err)
{
    struct scenario_values v;
    scenario_values_nominal(scenario, &v);
    double effective_uf = scenario->own_buffer_uf > 0
                              ? scenario->own_buffer_uf
                              : scenario_value(&v, scenario->buffer_uf, 0) *
                                    scenario_value(&v, scenario->buffer_effective, 1);
    struct energy_supply_config config = {
        .battery = battery,
        .regulator = scenario->regulator,
        .buffer = {.effective_uf = effective_uf,
                   .esr_ohm = scenario_value(&v, scenario->buffer_esr, 0),
                   .leakage_ua = scenario_value(&v, scenario->buffer_leakage, 0)},
        .temperature_c = temperature_c,
    };
    enum cc_status status = energy_supply_new(&config, supply, err);
    return status == CC_ERR_USAGE ? blame_temperature(scenario, &config, err) : status;
}

const struct energy_regulator *energy_scenario_regulator(const struct energy_scenario *scenario)
{
    return scenario->regulator;
}

const struct energy_harvester *energy_scenario_harvester(const struct energy_scenario *scenario,
                                                         struct energy_surroundings *surroundings)
{
    if (surroundings)
        *surroundings = scenario->surroundings;
    return scenario->harvester;
}
