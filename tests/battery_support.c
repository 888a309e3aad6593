#include "battery_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES                                                                                     \
    "temperature: {source: test, verified: yes, rows: [{c: -20, capacity: 0.5, resistance: 3},"    \
    " {c: 20, capacity: 1, resistance: 1}, {c: 60, capacity: 1, resistance: 1}]}\n"                \
    "rate: {source: test, verified: yes, rsd: 0, rows: [{ma: 1000, capacity: 1},"                  \
    " {ma: 2000, capacity: 1}]}\n"

/* clang-format off */
#define CELL                                                                                       \
    "name: ideal\n"                                                                                \
    "description: \"test\"\n"                                                                      \
    "cells_in_series: 1\n"                                                                         \
    "capacity_mah: " FIGURE("235") "\n"                                                            \
    "cut_off_v: " FIGURE("1") "\n"                                                                 \
    "self_discharge_percent_per_year: " FIGURE("0") "\n"                                           \
    "self_discharge_doubling_c: " FIGURE("10") "\n"                                                \
    "shelf_life_years: " FIGURE("100") "\n"                                                        \
    "resistance_rsd: " FIGURE("0") "\n"                                                            \
    "regulator: {kind: none}\n"                                                                    \
    TABLES
/* clang-format on */

const char ideal_cell[] = CELL "curve: {source: test, verified: yes, rows: [{dod: 0, v: 3, r_ohm: "
                               "0}, {dod: 1, v: 3, r_ohm: 0}]}\n";
const char weak_cell[] = CELL "curve: {source: test, verified: yes, rows: [{dod: 0, v: 3, r_ohm: "
                              "0}, {dod: 1, v: 2, r_ohm: 100}]}\n";

struct energy_supply *supply_of(const struct energy_battery *battery, const char *regulator,
                                double temperature_c, double buffer_uf)
{
    struct energy_supply *supply;
    struct energy_regulator *own = NULL;
    struct cc_error err = {0};
    if (regulator && energy_regulator_load(regulator, &own, &err) != CC_OK)
        fail_msg("%s", err.message);
    const struct energy_supply_config config = {.battery = battery,
                                                .regulator = own,
                                                .buffer.effective_uf = buffer_uf,
                                                .temperature_c = temperature_c};
    if (energy_supply_new(&config, &supply, &err) != CC_OK)
        fail_msg("%s", err.message);
    energy_regulator_free(own);
    return supply;
}

struct energy_load *empty_load(double least_v)
{
    struct energy_load *load = calloc(1, sizeof *load);
    assert_non_null(load);
    load->least_v = least_v;
    load->most_v = 3.6;
    load->nominal_v = 3;
    return load;
}

struct energy_load_part *add_part(struct energy_load *load, const char *name, double uw,
                                  double vdd_v, double exponent)
{
    struct energy_load_part *p = &load->parts[load->part_count++];
    snprintf(p->name, sizeof p->name, "%s", name);
    p->uw = uw;
    p->vdd_v = vdd_v;
    p->vdd_exponent = exponent;
    return p;
}

struct energy_load_pulse *add_pulse(struct energy_load *load, const char *name, double ma, double s,
                                    double every_s)
{
    struct energy_load_pulse *p = &load->pulses[load->pulse_count++];
    snprintf(p->name, sizeof p->name, "%s", name);
    *p = (struct energy_load_pulse){
        .ma = ma, .vdd_v = 3, .vdd_exponent = 1, .s = s, .every_s = every_s, .unknown = -1};
    snprintf(p->name, sizeof p->name, "%s", name);
    return p;
}

void add_unknown(struct energy_load *load, struct energy_load_part *part, const char *name,
                 double rsd, double elasticity)
{
    part->unknowns[part->unknown_count++] = (struct energy_load_unknown){
        .unknown = energy_unknown_add(&load->unknowns, name, rsd), .elasticity = elasticity};
}

struct energy_load *typical_load(double scale)
{
    static const struct {
        const char *name;
        double uw, exponent;
    } rows[] = {{"inference", 20, .06}, {"front end a", 8, .06}, {"front end b", 4, .06},
                {"sleep", 3, 1},        {"wake", 1, 1},          {"sensor mic", 12, 1},
                {"sensor imu", 3, 1},   {"radio ble tx", 6, 0},  {"radio ble rx", 4, 0},
                {"display", 2, 0},      {"wait", 1, 1},          {"sleep", .5, 1}};
    struct energy_load *load = empty_load(1.8);
    for (size_t i = 0; i < 12; i++) {
        char name[32];
        struct energy_load_part *p =
            add_part(load, rows[i].name, scale * rows[i].uw, 3, rows[i].exponent);
        snprintf(name, sizeof name, "power of part %zu", i);
        add_unknown(load, p, name, .1 + .02 * (double)i, 1);
        if (i < 3) {
            add_unknown(load, p, "chip to chip", .08, 1);
            add_unknown(load, p, "cycle model", .1, 1);
            add_unknown(load, p, "supply law", .05, -1);
        }
        if (i < 8)
            add_unknown(load, p, "how often", .2, i < 3 ? 1 : .5);
    }
    add_pulse(load, "inference", 5 * scale, .05, 1);
    add_pulse(load, "sensor mic", .5 * scale, .2, 1);
    struct energy_load_pulse *radio = add_pulse(load, "radio ble tx", 9 * scale, .003, 10);
    radio->unknown = 7;
    radio->vdd_exponent = 0;
    return load;
}

struct energy_lifetime lifetime(const struct energy_supply *supply, const struct energy_load *load)
{
    struct energy_lifetime life;
    struct cc_error err = {0};
    if (energy_lifetime_compute(supply, load, 1, &life, &err) != CC_OK)
        fail_msg("%s", err.message);
    return life;
}

double uniform(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return ((double)((z ^ z >> 31) >> 11) + .5) * 0x1p-53;
}

double normal(uint64_t *state)
{
    double r = sqrt(-2 * log(uniform(state)));
    return r * cos(6.283185307179586 * uniform(state));
}
