/* Doubles of what a scenario rests on, with round figures, so that its loads can be calculated by
 * hand. The chip is NULL.
 *
 *   sleep deep    3 uW, wake-up 1 ms 2 uJ       sensor mic    300 uW, 6 uW standby, 10 ms start,
 *   sleep light  30 uW, wake-up 0.1 ms 0.2 uJ                 32,000 bytes/s; mode loud 900 uW
 *   idle        900 uW                          sensor accel  30 uW for 0.1 s once, 1 uW standby
 *   host pdm  1,500 uW, allows light,           display paper 30 mW for 2 s once, no standby
 *             0.5 uJ per 1,000 bytes            radio beacon  3 V: 5 mA for 1 ms + 10 us per byte,
 *   host rtc    0.5 uW, allows deep                           1 mA for 3 ms, 2 uA asleep
 *   regulator none, harvester panel (lux) */
#ifndef SCENARIO_DOUBLES_H
#define SCENARIO_DOUBLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "energy_chip_power.h"
#include "energy_radio.h"
#include "energy_scenario.h"
#include "energy_sensor.h"

/* Of the supply the lifetime double was given last; and the load. */
extern struct energy_supply_config doubles_config;
extern double doubles_average_uw;
/* The chip that the radio is a part of. */
extern const char *doubles_radio_chip;
extern double doubles_most_air; /* of the band of the radio; 0 = no limit */

/* A computation of so many uJ and s, at 3 V, with total_rsd 0. */
struct energy_result doubles_cost(double uj, double s);

#endif
