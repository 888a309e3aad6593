/* What hangs on a supply, averaged over its period: who takes how much, and the currents that last
 * long enough to pull the battery down. Made by scenario/, consumed by battery/. */
#ifndef ENERGY_LOAD_H
#define ENERGY_LOAD_H

#include "energy_unknown.h"
#include "sim_profile.h"

#define ENERGY_MAX_LOAD_PARTS    48
#define ENERGY_MAX_LOAD_PULSES   24
#define ENERGY_PART_MAX_UNKNOWNS 16

/* Power goes with the unknown's factor to the power of elasticity: 1 = in proportion. */
struct energy_load_unknown {
    int unknown; /* of load.unknowns */
    double elasticity;
};

/* One consumer. Its power follows its supply voltage as VDD^vdd_exponent: 1 = constant current (an
 * LDO inside), 0 = constant power (a switching regulator inside). */
struct energy_load_part {
    char name[SIM_NAME_BYTES]; /* parts of one name are shown as one: "inference", "sleep" */
    double uw;                 /* average over a period, at vdd_v */
    double vdd_v, vdd_exponent;
    struct energy_load_unknown unknowns[ENERGY_PART_MAX_UNKNOWNS];
    uint32_t unknown_count;
};

/* A stretch of a period with its total current: everything that runs at the same time. */
struct energy_load_pulse {
    char name[SIM_NAME_BYTES]; /* "radio ble-nrf52832 tx" */
    double ma;                 /* at vdd_v */
    double vdd_v, vdd_exponent;
    double s;       /* how long it lasts */
    double rest_ma; /* between pulses, at vdd_v */
    double every_s; /* mean distance between two of them */
    int unknown;    /* of load.unknowns, on ma; -1 = none */
};

struct energy_load {
    struct energy_load_part parts[ENERGY_MAX_LOAD_PARTS];
    uint32_t part_count;
    struct energy_load_pulse pulses[ENERGY_MAX_LOAD_PULSES];
    uint32_t pulse_count;
    struct energy_unknowns unknowns;
    double least_v, most_v; /* supply limits of everything that hangs on it */
    double nominal_v;       /* at which the energies were asked for */
};

#endif
