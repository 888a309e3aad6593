/* What a loaded scenario says of itself. */
#include "energy_scenario_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

const char *energy_scenario_name(const struct energy_scenario *scenario)
{
    return scenario->name;
}

const char *energy_scenario_description(const struct energy_scenario *scenario)
{
    return scenario->description;
}

const char *energy_scenario_target(const struct energy_scenario *scenario)
{
    return or_null(scenario->target);
}

const char *energy_scenario_mcu(const struct energy_scenario *scenario)
{
    return or_null(scenario->mcu);
}

const char *energy_scenario_battery(const struct energy_scenario *scenario)
{
    return or_null(scenario->battery);
}

const char *energy_scenario_regulator_of_mcu(const struct energy_scenario *scenario)
{
    return or_null(scenario->regulator_of_mcu);
}

static double nominal(const struct energy_scenario *scenario, int number, double absent)
{
    return number == SCENARIO_ABSENT ? absent : scenario->numbers[number].figure.value;
}

double energy_scenario_vdd(const struct energy_scenario *scenario)
{
    return nominal(scenario, scenario->vdd, 0);
}

double energy_scenario_temperature(const struct energy_scenario *scenario)
{
    return scenario->temperature_c;
}

double energy_scenario_period(const struct energy_scenario *scenario)
{
    return nominal(scenario, scenario->period, 0);
}

uint32_t energy_scenario_compute_count(const struct energy_scenario *scenario)
{
    return (uint32_t)scenario->compute_count;
}

const char *energy_scenario_compute(const struct energy_scenario *scenario, uint32_t index)
{
    return index < (uint32_t)scenario->compute_count ? scenario->computes[index] : NULL;
}

void scenario_values_nominal(const struct energy_scenario *scenario, struct scenario_values *values)
{
    for (int i = 0; i < scenario->number_count; i++)
        values->of[i] = scenario->numbers[i].figure.value;
}

double scenario_value(const struct scenario_values *values, int number, double absent)
{
    return number == SCENARIO_ABSENT ? absent : values->of[number];
}

static int compute_index(struct energy_scenario *s, const char *what)
{
    for (int i = 0; i < s->compute_count; i++) {
        if (strcmp(s->computes[i], what) == 0)
            return i;
    }
    memcpy(s->computes[s->compute_count], what, sizeof s->computes[0]);
    return s->compute_count++;
}

static int is_named(const struct energy_scenario *s, const char *name)
{
    for (int i = 0; i < s->step_count; i++) {
        if (strcmp(s->steps[i].name, name) == 0)
            return 1;
    }
    return 0;
}

/* The end of a file's path: what a report has room for. */
static const char *short_name(const char *what)
{
    size_t length = strlen(what);
    return length < 48 ? what : what + length - 47;
}

static void name_step(struct energy_scenario *s, struct scenario_step *step)
{
    const char *what = step->kind == SCENARIO_WAIT ? "wait" : short_name(step->what);
    char name[SIM_NAME_BYTES];
    snprintf(name, sizeof name, "%s", what);
    for (int i = 2; is_named(s, name); i++)
        snprintf(name, sizeof name, "%.47s %d", what, i);
    memcpy(step->name, name, sizeof name);
}

void scenario_finish(struct energy_scenario *scenario)
{
    int last_inference = -1;
    for (int i = 0; i < scenario->step_count; i++) {
        struct scenario_step *step = &scenario->steps[i];
        int computes = step->kind == SCENARIO_COMPUTE || step->kind == SCENARIO_INFER;
        if (computes && step->compute != SCENARIO_TARGET)
            step->compute = compute_index(scenario, step->what);
        if (step->kind == SCENARIO_INFER)
            last_inference = i;
        if (!step->name[0])
            name_step(scenario, step);
    }
    for (int i = 0; i < last_inference; i++)
        scenario->steps[i].front = scenario->steps[i].kind == SCENARIO_COMPUTE;
}

void energy_scenario_compute_key(const struct energy_scenario *scenario, uint32_t index, char *key,
                                 size_t size)
{
    key[0] = '\0';
    for (int i = 0; i < scenario->step_count && !key[0]; i++) {
        const struct scenario_step *step = &scenario->steps[i];
        int computes = step->kind == SCENARIO_COMPUTE || step->kind == SCENARIO_INFER;
        if (computes && step->compute == (int)index)
            snprintf(key, size, "steps[%d].%s", i, scenario_kind_names[step->kind]);
    }
}

const char *energy_scenario_path(const struct energy_scenario *scenario)
{
    return scenario->path;
}

enum cc_status energy_scenario_add_line(const struct energy_scenario *scenario,
                                        struct cc_error *err)
{
    return cc_yaml_add_line(err, scenario->path);
}

void energy_scenario_free(struct energy_scenario *scenario)
{
    if (!scenario)
        return;
    if (scenario->regulator)
        energy_regulator_free(scenario->regulator);
    if (scenario->harvester)
        energy_harvester_free(scenario->harvester);
    free(scenario);
}
