/* Radios that join a network before they send: NB-IoT, LTE-M, Wi-Fi. Joining was measured as a
 * whole; what is known of its bursts is taken out of it, so that the sum stays what was measured.
 */
#include "energy_radio_internal.h"

#include <math.h>
#include <stdio.h>

/* A stretch of s seconds with charge mc, of which burst_s at the transmit current (never more than
 * the charge allows). */
static void measured(struct radio_builder *b, const char *name, double s, double mc, double burst_s,
                     enum radio_group group)
{
    double burst = fmin(burst_s, s);
    if (b->tx_ma > 0)
        burst = fmin(burst, mc / b->tx_ma);
    double rest_s = s - burst;
    radio_phase(b, name, rest_s, rest_s > 0 ? fmax(mc - burst * b->tx_ma, 0) / rest_s : 0, group);
    radio_phase(b, "tx", burst, b->tx_ma, group);
}

static void wake(struct radio_builder *b, const char *name)
{
    const struct radio_cellular *p = &b->radio->cellular;
    measured(b, name, p->wake_s, p->wake_mj / b->event->vdd_v, p->signalling_ms * 1e-3,
             RADIO_GROUP_SECTION);
}

/* Bytes go out at the air rate; uplink_uj_per_byte is all they cost. */
static void send_bytes(struct radio_builder *b)
{
    const struct radio_cellular *p = &b->radio->cellular;
    double s = b->payload_bytes * 8 / (p->uplink_kbit_per_s * 1e3);
    double mc = b->payload_bytes * p->uplink_uj_per_byte * 1e-3 / b->event->vdd_v;
    measured(b, "uplink", s, mc, s, RADIO_GROUP_SECTION);
}

void radio_build_cellular(struct radio_builder *b)
{
    const struct radio_cellular *p = &b->radio->cellular;
    double tail_s = b->use->release_assisted ? p->assisted_tail_s : p->tail_s;
    uint32_t word = radio_event_word(b);
    if (b->status != CC_OK)
        return;
    b->event->packets = 1;
    wake(b, "wake and register");
    if (word == 1)
        return;
    radio_phase(b, "exchange", p->exchange_s, p->exchange_mj / p->exchange_s / b->event->vdd_v,
                RADIO_GROUP_SECTION);
    send_bytes(b);
    radio_phase(b, "tail", tail_s, p->tail_mw / b->event->vdd_v, RADIO_GROUP_SECTION);
    /* updates that fall due until the next message, which is one itself */
    double updates = ceil(b->use->interval_s / (p->tracking_area_update_h * 3600)) - 1;
    radio_round(b);
    wake(b, "tracking area update");
    radio_round_repeat(b, updates);
}

void radio_build_wifi(struct radio_builder *b)
{
    const struct radio_wifi *p = &b->radio->wifi;
    uint32_t word = radio_event_word(b);
    if (b->status != CC_OK)
        return;
    if (word < b->radio->events_count) {
        const struct radio_measured *m = &b->radio->events[word];
        b->rsd[RADIO_GROUP_MEASURED] = energy_figure_rsd(&m->charge_mc);
        char key[64];
        snprintf(key, sizeof key, "events[%u].charge_mc", (unsigned)word);
        radio_doc(b, key, &m->charge_mc);
        measured(b, m->event, m->duration_ms * 1e-3, m->charge_mc.value, p->burst_ms * 1e-3,
                 RADIO_GROUP_MEASURED);
    }
    radio_phase(b, "tx", b->payload_bytes * 8 / (p->bulk_kbit_per_s * 1e3), p->bulk_ma,
                RADIO_GROUP_SECTION);
    b->event->packets = (uint32_t)fmax(1, ceil(b->payload_bytes / p->packet_bytes));
}
