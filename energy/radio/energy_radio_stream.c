/* Raw data at a steady rate: full packets as often as the rate asks for or, on radios that join a
 * network, also a connection that is held. */
#include "energy_radio_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PACKETS_PER_EVENT 10   /* that share a wake-up, where the protocol lets several follow */
#define SIMPLE_PACKETS    1000 /* what is collected before such a radio is switched on */
#define BLE_LONGEST_S     4.0 /* longest connection interval, Core Specification Vol 6 Part B 4.5.1 */
#define SECONDS_PER_DAY   86400.0

struct flow {
    const struct energy_radio *radio;
    struct energy_radio_use use; /* one full event */
    double bytes_per_s;
    struct energy_docs *docs;
    struct cc_error *err;
};

static double event_bytes(const struct energy_radio *radio, const char *phy_name)
{
    const struct radio_phy *phy = radio_find_phy(radio, phy_name);
    switch (radio->protocol) {
    case RADIO_BLE:
        return PACKETS_PER_EVENT * radio->ble.notification_bytes;
    case RADIO_802154:
        return phy ? PACKETS_PER_EVENT * phy->packet_bytes : 1;
    case RADIO_LORA:
        return phy ? phy->packet_bytes : 1;
    case RADIO_SIGFOX:
        return radio->sigfox.packet_bytes;
    case RADIO_WIFI:
        return radio->wifi.stream_bytes;
    case RADIO_SIMPLE:
        return fmin(SIMPLE_PACKETS * radio->simple.packet_bytes, RADIO_MAX_PAYLOAD_BYTES);
    default:
        return radio->cellular.stream_bytes;
    }
}

/* What limits the rate, and in which words. */
static void limit_rate(const struct flow *f, const struct energy_radio_event *full,
                       struct energy_radio_stream *s)
{
    const struct radio_limits *l = &f->radio->limits;
    double bytes = f->use.payload_bytes;
    char reason[96] = "this is all that fits in the time";
    s->most_bytes_per_s = bytes / full->duration_s;
    if (l->origin.source[0] && full->air_s > 0) {
        double by_duty = l->duty_cycle_fraction * bytes / full->air_s;
        double by_count =
            l->messages_per_day_count > 0
                ? l->messages_per_day_count / SECONDS_PER_DAY * bytes / fmax(full->packets, 1)
                : INFINITY;
        if (fmin(by_duty, by_count) < s->most_bytes_per_s) {
            s->most_bytes_per_s = fmin(by_duty, by_count);
            if (by_duty <= by_count)
                snprintf(reason, sizeof reason, "%s allows %g %% of the time on air", l->word,
                         l->duty_cycle_fraction * 100);
            else
                snprintf(reason, sizeof reason, "%s allows %g messages a day", l->word,
                         l->messages_per_day_count);
        }
    }
    s->possible = f->bytes_per_s <= s->most_bytes_per_s;
    if (!s->possible)
        snprintf(s->why_not, sizeof s->why_not, "%.3g bytes/s are asked for, %.3g are possible: %s",
                 f->bytes_per_s, s->most_bytes_per_s, reason);
}

static void keep_peak(const struct energy_radio_event *e, double every_s,
                      struct energy_radio_stream *s)
{
    s->peak_ma = e->peak_ma;
    s->peak_s = e->peak_s;
    s->every_s = every_s;
    for (uint32_t i = 0; i < e->phase_count && i < ENERGY_RADIO_MAX_PHASES; i++) {
        if (e->phases[i].ma == e->peak_ma)
            snprintf(s->peak_name, sizeof s->peak_name, "%s", e->phases[i].name);
    }
}

/* Events one after the other, sleep between them. */
static enum cc_status send_events(const struct flow *f, struct energy_radio_stream *s)
{
    struct energy_radio_use use = f->use;
    struct energy_radio_event e;
    double period_s = use.payload_bytes / f->bytes_per_s;
    enum cc_status status = energy_radio_event_of(f->radio, &use, &e, f->docs, f->err);
    if (status != CC_OK)
        return status;
    memset(s, 0, sizeof *s);
    s->vdd_v = e.vdd_v;
    s->uj_per_byte = e.energy_uj / use.payload_bytes;
    limit_rate(f, &e, s);
    if (f->radio->protocol == RADIO_BLE && s->possible) { /* the connection must be kept up */
        period_s = fmin(period_s, BLE_LONGEST_S);
        use.payload_bytes = period_s * f->bytes_per_s;
        use.interval_s = fmax(period_s, e.duration_s);
        status = energy_radio_event_of(f->radio, &use, &e, NULL, f->err);
        if (status != CC_OK)
            return status;
    }
    double asleep = fmax(0, 1 - e.duration_s / period_s);
    s->uw = e.energy_uj / period_s + asleep * e.sleep_ua * e.vdd_v;
    s->air_fraction = e.air_s / period_s;
    keep_peak(&e, period_s, s);
    return CC_OK;
}

/* The connection is never given up: its own power, and what the bytes cost. */
static struct energy_radio_stream stay_connected(const struct flow *f)
{
    const struct energy_radio *r = f->radio;
    struct energy_radio_stream s = {.vdd_v = r->vdd_v.value};
    int is_wifi = r->protocol == RADIO_WIFI;
    double kbps = is_wifi ? r->wifi.bulk_kbit_per_s : r->cellular.uplink_kbit_per_s;
    double base_uw = is_wifi ? r->wifi.connected_ma * s.vdd_v * 1e3 : r->cellular.tail_mw * 1e3;
    s.most_bytes_per_s = kbps * 1e3 / 8;
    s.uj_per_byte = is_wifi ? r->wifi.bulk_ma * s.vdd_v * 1e3 / s.most_bytes_per_s
                            : r->cellular.uplink_uj_per_byte;
    s.air_fraction = f->bytes_per_s / s.most_bytes_per_s;
    s.uw = base_uw * fmax(0, 1 - s.air_fraction) + f->bytes_per_s * s.uj_per_byte;
    s.possible = f->bytes_per_s <= s.most_bytes_per_s;
    if (!s.possible)
        snprintf(s.why_not, sizeof s.why_not,
                 "%.3g bytes/s are asked for, %.3g are possible: the link has %g kbit/s",
                 f->bytes_per_s, s.most_bytes_per_s, kbps);
    return s;
}

static int better(const struct energy_radio_stream *a, const struct energy_radio_stream *b)
{
    return a->possible != b->possible ? a->possible : a->uw < b->uw;
}

/* The PHY of a BLE connection is negotiated: the cheapest of those that the radio has. */
static enum cc_status pick_ble_phy(struct flow *f)
{
    struct energy_radio_stream best = {0}, s;
    const struct energy_radio *r = f->radio;
    struct flow trial = *f;
    trial.docs = NULL;
    for (uint32_t i = 0; i < r->phys_count; i++) {
        snprintf(trial.use.phy, sizeof trial.use.phy, "%s", r->phys[i].phy);
        enum cc_status status = send_events(&trial, &s);
        if (status != CC_OK)
            return status;
        if (i > 0 && !better(&s, &best))
            continue;
        best = s;
        f->use = trial.use;
    }
    return CC_OK;
}

static void doc_limits(const struct flow *f, enum cc_status *status)
{
    const struct radio_limits *l = &f->radio->limits;
    struct energy_figure figure = {
        .value = l->duty_cycle_fraction, .rsd = l->origin.rsd, .verified = l->origin.verified};
    if (!l->origin.source[0] || !f->docs || *status != CC_OK)
        return;
    memcpy(figure.source, l->origin.source, sizeof figure.source);
    *status =
        energy_docs_add(f->docs, f->radio->path, "limits.duty_cycle_fraction", &figure, f->err);
    figure.value = l->messages_per_day_count;
    if (*status == CC_OK)
        *status = energy_docs_add(f->docs, f->radio->path, "limits.messages_per_day_count", &figure,
                                  f->err);
}

enum cc_status energy_radio_stream_of(const struct energy_radio *radio,
                                      const struct energy_radio_use *use, double bytes_per_s,
                                      struct energy_radio_stream *stream, struct energy_docs *docs,
                                      struct cc_error *err)
{
    struct flow f = {
        .radio = radio, .use = *use, .bytes_per_s = bytes_per_s, .docs = docs, .err = err};
    enum cc_status status = CC_OK;
    int joins = radio->protocol == RADIO_NBIOT || radio->protocol == RADIO_LTEM ||
                radio->protocol == RADIO_WIFI;
    memset(stream, 0, sizeof *stream);
    if (!(bytes_per_s > 0 && bytes_per_s <= RADIO_MAX_PAYLOAD_BYTES))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: a stream of %g bytes/s; write more than 0 and up to %g", radio->path,
                       bytes_per_s, RADIO_MAX_PAYLOAD_BYTES);
    f.use.payload_bytes = event_bytes(radio, use->phy[0] ? use->phy : radio->default_phy);
    f.use.interval_s = 0;
    if (radio->protocol == RADIO_BLE)
        snprintf(f.use.event, sizeof f.use.event, "connection");
    else if (radio->protocol != RADIO_LORA)
        f.use.event[0] = '\0';
    if (radio->protocol == RADIO_BLE && !use->phy[0])
        status = pick_ble_phy(&f);
    if (status == CC_OK)
        status = send_events(&f, stream);
    doc_limits(&f, &status);
    if (status == CC_OK && joins) {
        struct energy_radio_stream held = stay_connected(&f);
        double most = fmax(held.most_bytes_per_s, stream->most_bytes_per_s);
        held.peak_ma = stream->peak_ma; /* a packet is sent as it is from the network's sleep */
        held.peak_s = stream->peak_s;
        held.every_s = stream->every_s;
        memcpy(held.peak_name, stream->peak_name, sizeof held.peak_name);
        if (better(&held, stream))
            *stream = held;
        stream->most_bytes_per_s = most;
    }
    return status;
}
