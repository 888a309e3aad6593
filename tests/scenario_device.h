/* Devices of scenarios with the doubles of scenario_doubles.h, and what their loads are asked for.
 */
#ifndef SCENARIO_DEVICE_H
#define SCENARIO_DEVICE_H

#include "scenario_doubles.h"

#define HEAD "name: s\ndescription: d\nsource: src\nverified: yes\n"

/* Sense twice, compute three times, infer, send. */
extern const char scenario_duty[];
/* Random steps, ranges, quiet hours, things beside each other. */
extern const char scenario_busy[];

/* A scenario with its plan; the target takes 1,000 uJ and 50 ms, other computations 100 uJ and
 * 10 ms. */
struct device {
    struct energy_scenario *scenario;
    struct energy_result target, compute;
    struct energy_scenario_plan *plan;
    struct energy_scenario_load load;
};

struct device *device(const char *text); /* fails the test when refused */
struct device *device_plain(double every_s);
void device_plan(struct device *d); /* of d's scenario and costs */
void device_free(struct device *d);
struct energy_scenario_query device_query(struct device *d);

/* Of all parts of a name; fails when there is none. */
double part_uw(const struct energy_scenario_load *load, const char *name);
double total_uw(const struct energy_scenario_load *load);
const struct energy_step_cost *step(const struct energy_scenario_load *load, const char *name);
const struct energy_load_pulse *pulse(const struct energy_scenario_load *load, const char *name);

void near_at(double value, double wanted, int line);
#define NEAR(value, wanted) near_at(value, wanted, __LINE__)

#endif
