/* Helpers of the tests of battery life: cells with known answers, supplies, loads. */
#ifndef BATTERY_SUPPORT_H
#define BATTERY_SUPPORT_H

#include "energy_support.h"

#include "energy_lifetime_internal.h"

#define FIGURE(value) "{value: " value ", rsd: 0, verified: yes, source: \"test\"}"

extern const char ideal_cell[]; /* 235 mAh, flat 3 V, no self-discharge, at any current */
extern const char weak_cell[];  /* the same falling from 3 to 2 V, 0 to 100 ohm */

struct energy_supply *supply_of(const struct energy_battery *battery, const char *regulator,
                                double temperature_c, double buffer_uf);

/* A load without anything in it, for 1.8 to 3.6 V. */
struct energy_load *empty_load(double least_v);
/* Returns the part, for its unknowns. */
struct energy_load_part *add_part(struct energy_load *load, const char *name, double uw,
                                  double vdd_v, double exponent);
struct energy_load_pulse *add_pulse(struct energy_load *load, const char *name, double ma, double s,
                                    double every_s);
void add_unknown(struct energy_load *load, struct energy_load_part *part, const char *name,
                 double rsd, double elasticity);
/* 12 parts, 16 unknowns of the load, 3 pulses: a wireless sensor that thinks. scale multiplies all
 * powers. */
struct energy_load *typical_load(double scale);

struct energy_lifetime lifetime(const struct energy_supply *supply, const struct energy_load *load);

/* Pseudo-random numbers, the same on every machine. */
double uniform(uint64_t *state);
double normal(uint64_t *state);

#endif
