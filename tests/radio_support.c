#include "radio_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct energy_radio *support_radio(const char *name)
{
    struct energy_radio *radio;
    struct cc_error err = {0};
    if (energy_radio_load(name, &radio, &err) != CC_OK)
        fail_msg("%s", err.message);
    return radio;
}

struct energy_radio_event support_event(const struct energy_radio *radio,
                                        const struct energy_radio_use *use)
{
    struct energy_radio_event event;
    struct cc_error err = {0};
    if (energy_radio_event_of(radio, use, &event, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    return event;
}

struct energy_radio_event support_event_by(const char *name, struct energy_radio_use use)
{
    struct energy_radio *radio = support_radio(name);
    struct energy_radio_event event = support_event(radio, &use);
    energy_radio_free(radio);
    return event;
}

struct energy_radio_stream support_stream(const struct energy_radio *radio,
                                          const struct energy_radio_use *use, double bytes_per_s)
{
    struct energy_radio_stream stream;
    struct cc_error err = {0};
    if (energy_radio_stream_of(radio, use, bytes_per_s, &stream, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    return stream;
}

double support_phase_s(const struct energy_radio_event *event, const char *name)
{
    double s = 0;
    for (uint32_t i = 0; i < event->phase_count; i++)
        if (strcmp(event->phases[i].name, name) == 0)
            s += event->phases[i].s;
    return s;
}

double support_phase_uc(const struct energy_radio_event *event, const char *name)
{
    double uc = 0;
    for (uint32_t i = 0; i < event->phase_count; i++)
        if (strcmp(event->phases[i].name, name) == 0)
            uc += event->phases[i].s * event->phases[i].ma * 1e3;
    return uc;
}

void support_near(const char *what, double value, double expected, double part)
{
    if (!(fabs(value - expected) <= part * fabs(expected)))
        fail_msg("%s: %.6g, expected %.6g within %g %%", what, value, expected, part * 100);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

char *support_mutate(const char *text, uint32_t *state)
{
    static const char bytes[] = "0159-.:{}[],\"'# \nae&*!|>%@";
    size_t length = strlen(text), at = next_random(state) % length;
    char byte = bytes[next_random(state) % (sizeof bytes - 1)];
    char *out = malloc(length + 2);
    assert_non_null(out);
    uint32_t kind = next_random(state) % 3;
    size_t skip = kind == 2 ? 0 : 1;
    memcpy(out, text, at);
    out[at] = byte;
    size_t written = at + (kind == 1 ? 0 : 1);
    strcpy(out + written, text + at + skip);
    return out;
}
