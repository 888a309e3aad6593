/* energy/sensors/NAME.yaml: sensors and displays. */
#ifndef ENERGY_SENSOR_H
#define ENERGY_SENSOR_H

#include "cc_error.h"
#include "energy_docs.h"
#include "sim_profile.h"

struct energy_sensor;
enum cc_status energy_sensor_load(const char *name_or_file, struct energy_sensor **sensor,
                                  struct cc_error *err);
void energy_sensor_free(struct energy_sensor *sensor);
const char *energy_sensor_name(const struct energy_sensor *sensor);
const char *energy_sensor_description(const struct energy_sensor *sensor);
const char *energy_sensor_kind(const struct energy_sensor *sensor); /* "microphone", "display" */
/* Its modes, for listing; NULL behind the last. */
const char *energy_sensor_mode_name(const struct energy_sensor *sensor, uint32_t index);

/* What a sensor takes in one of its modes (or a display in one of its updates). */
struct energy_sensor_mode {
    char name[SIM_NAME_BYTES];
    double active_uw; /* while it measures, at vdd_v */
    double standby_uw;
    double start_s; /* from standby to the first good value, at active power */
    double once_s;  /* a measurement that ends by itself; 0 = as long as asked for */
    double bytes_per_s, bytes_once;
    double vdd_v, vdd_exponent, least_v;
    double rsd, standby_rsd;
};
/* mode NULL or empty = the first. CC_ERR_INPUT lists the modes there are. */
enum cc_status energy_sensor_mode_of(const struct energy_sensor *sensor, const char *mode,
                                     struct energy_sensor_mode *result, struct energy_docs *docs,
                                     struct cc_error *err);

#endif
