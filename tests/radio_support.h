/* Helpers of the radio and sensor tests. */
#ifndef RADIO_SUPPORT_H
#define RADIO_SUPPORT_H

#include "energy_support.h"

#include "energy_radio.h"
#include "energy_sensor.h"

struct energy_radio *support_radio(const char *name); /* fails the test when refused */
struct energy_radio_event support_event(const struct energy_radio *radio,
                                        const struct energy_radio_use *use);
struct energy_radio_stream support_stream(const struct energy_radio *radio,
                                          const struct energy_radio_use *use, double bytes_per_s);
/* Of a radio loaded for this one event. */
struct energy_radio_event support_event_by(const char *name, struct energy_radio_use use);
/* Sum of the phases of a name: charge in uC, time in s. */
double support_phase_uc(const struct energy_radio_event *event, const char *name);
double support_phase_s(const struct energy_radio_event *event, const char *name);

/* Within a part of what is expected; names the case when not. */
void support_near(const char *what, double value, double expected, double part);

/* Copy of text with one random byte changed, inserted or left out; the state is a nonzero seed. */
char *support_mutate(const char *text, uint32_t *state);

#endif
