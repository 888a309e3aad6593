#include "list_entry.h"

#include "energy_radio.h"
#include "energy_scenario.h"
#include "energy_sensor.h"

#include <stdio.h>
#include <string.h>

static void describe(struct cli_entry *entry, const char *text)
{
    snprintf(entry->description, sizeof entry->description, "%s", text);
}

enum cc_status cli_describe_battery(const char *name, struct cli_entry *entry, struct cc_error *err)
{
    struct energy_battery *battery = NULL;
    enum cc_status status = energy_battery_load(name, &battery, err);
    if (status != CC_OK)
        return status;
    describe(entry, energy_battery_description(battery));
    entry->object = json_pack("{s:s}", "description", entry->description);
    energy_battery_free(battery);
    return CC_OK;
}

enum cc_status cli_describe_regulator(const char *name, struct cli_entry *entry,
                                      struct cc_error *err)
{
    struct energy_regulator *regulator = NULL;
    enum cc_status status = energy_regulator_load(name, &regulator, err);
    if (status != CC_OK)
        return status;
    describe(entry, energy_regulator_description(regulator));
    entry->object = json_pack("{s:s}", "description", entry->description);
    energy_regulator_free(regulator);
    return CC_OK;
}

enum cc_status cli_describe_harvester(const char *name, struct cli_entry *entry,
                                      struct cc_error *err)
{
    struct energy_harvester *harvester = NULL;
    enum cc_status status = energy_harvester_load(name, &harvester, err);
    if (status != CC_OK)
        return status;
    describe(entry, energy_harvester_description(harvester));
    entry->object = json_pack("{s:s, s:s}", "description", entry->description, "unit",
                              energy_harvester_unit(harvester));
    energy_harvester_free(harvester);
    return CC_OK;
}

/* Names until NULL, as an array and as ", WHAT a, b" behind the description. */
struct names {
    const char *(*at)(const void *of, uint32_t index);
    const void *of;
};

static json_t *add_names(struct cli_entry *entry, const char *what, const struct names *names)
{
    json_t *list = json_array();
    size_t used = strlen(entry->description), size = sizeof entry->description;
    const char *name;
    for (uint32_t i = 0; (name = names->at(names->of, i)); i++) {
        json_array_append_new(list, json_string(name));
        if (used < size)
            used += (size_t)snprintf(entry->description + used, size - used, "%s%s",
                                     i ? ", " : what, name);
    }
    return list;
}

static const char *event_at(const void *of, uint32_t index)
{
    return energy_radio_event_name(of, index);
}

static const char *phy_at(const void *of, uint32_t index)
{
    return energy_radio_phy_name(of, index);
}

static const char *mode_at(const void *of, uint32_t index)
{
    return energy_sensor_mode_name(of, index);
}

static void add_powers(struct cli_entry *entry, const struct energy_radio *radio)
{
    double least, most;
    size_t used = strlen(entry->description);
    if (!energy_radio_tx_range(radio, &least, &most))
        return;
    json_object_set_new(entry->object, "tx_dbm",
                        json_pack("{s:f, s:f}", "min", least, "max", most));
    if (least < most)
        snprintf(entry->description + used, sizeof entry->description - used, "; tx_dbm %g to %g",
                 least, most);
    else
        snprintf(entry->description + used, sizeof entry->description - used, "; tx_dbm %g", least);
}

enum cc_status cli_describe_radio(const char *name, struct cli_entry *entry, struct cc_error *err)
{
    struct energy_radio *radio = NULL;
    enum cc_status status = energy_radio_load(name, &radio, err);
    if (status != CC_OK)
        return status;
    snprintf(entry->description, sizeof entry->description, "%s: %.280s",
             energy_radio_protocol(radio), energy_radio_description(radio));
    entry->object = json_pack("{s:s, s:s}", "protocol", energy_radio_protocol(radio), "description",
                              energy_radio_description(radio));
    struct names events = {event_at, radio}, phys = {phy_at, radio};
    json_object_set_new(entry->object, "events", add_names(entry, "; events ", &events));
    json_object_set_new(entry->object, "phys", add_names(entry, "; phys ", &phys));
    add_powers(entry, radio);
    energy_radio_free(radio);
    return CC_OK;
}

enum cc_status cli_describe_sensor(const char *name, struct cli_entry *entry, struct cc_error *err)
{
    struct energy_sensor *sensor = NULL;
    enum cc_status status = energy_sensor_load(name, &sensor, err);
    if (status != CC_OK)
        return status;
    snprintf(entry->description, sizeof entry->description, "%s: %.280s",
             energy_sensor_kind(sensor), energy_sensor_description(sensor));
    entry->object = json_pack("{s:s, s:s}", "kind", energy_sensor_kind(sensor), "description",
                              energy_sensor_description(sensor));
    struct names modes = {mode_at, sensor};
    json_object_set_new(entry->object, "modes", add_names(entry, "; modes ", &modes));
    energy_sensor_free(sensor);
    return CC_OK;
}

enum cc_status cli_describe_scenario(const char *name, struct cli_entry *entry,
                                     struct cc_error *err)
{
    struct energy_scenario *scenario = NULL;
    enum cc_status status = energy_scenario_load(name, &scenario, err);
    if (status != CC_OK)
        return status;
    describe(entry, energy_scenario_description(scenario));
    json_t *computes = json_array();
    for (uint32_t i = 0; i < energy_scenario_compute_count(scenario); i++)
        json_array_append_new(computes, json_string(energy_scenario_compute(scenario, i)));
    entry->object =
        json_pack("{s:s, s:s?, s:s?, s:s?, s:f, s:o}", "description", entry->description, "target",
                  energy_scenario_target(scenario), "mcu", energy_scenario_mcu(scenario), "battery",
                  energy_scenario_battery(scenario), "period_s", energy_scenario_period(scenario),
                  "computes", computes);
    energy_scenario_free(scenario);
    return CC_OK;
}
