/* Sigfox, and radios of which a power and a bit rate is all that is known. */
#include "energy_radio_internal.h"

#include <math.h>

/* Payloads are padded to 1, 4, 8 or 12 bytes. */
static double padded(double bytes)
{
    return bytes <= 1 ? 1 : 4 * ceil(bytes / 4);
}

static void send_message(struct radio_builder *b, double bytes)
{
    const struct radio_sigfox *p = &b->radio->sigfox;
    double frame_s = (p->overhead_bytes + padded(bytes)) * 8 / (p->bit_rate_kbit_per_s * 1e3);
    int repeats = (int)p->repeat_count;
    radio_phase(b, "wake", p->wake_ms * 1e-3, p->wake_ma, RADIO_GROUP_SECTION);
    for (int i = 0; i < repeats; i++) {
        if (i > 0)
            radio_phase(b, "gap", p->gap_ms * 1e-3, p->gap_ma, RADIO_GROUP_SECTION);
        radio_phase(b, "tx", frame_s, b->tx_ma, RADIO_GROUP_TX);
    }
    if (!b->use->acknowledged)
        return;
    /* the window opens so long after the first frame */
    double sent_s = (repeats - 1) * (frame_s + p->gap_ms * 1e-3);
    radio_phase(b, "wait", p->downlink_wait_s - sent_s, b->sleep_ma, RADIO_GROUP_SLEEP);
    radio_phase(b, "rx", p->downlink_listen_s, b->rx_ma, RADIO_GROUP_RX);
}

void radio_build_sigfox(struct radio_builder *b)
{
    double most = b->radio->sigfox.packet_bytes;
    double last, packets = radio_split(b->payload_bytes, most, &last);
    radio_event_word(b);
    if (b->status != CC_OK)
        return;
    radio_round(b);
    send_message(b, most);
    radio_round_repeat(b, packets - 1);
    send_message(b, last);
    b->event->packets = (uint32_t)packets;
}

void radio_build_simple(struct radio_builder *b)
{
    const struct radio_simple *p = &b->radio->simple;
    double last, packets = radio_split(b->payload_bytes, p->packet_bytes, &last);
    double bytes = b->payload_bytes + packets * p->overhead_bytes;
    radio_event_word(b);
    if (b->status != CC_OK)
        return;
    radio_phase(b, "wake", p->wake_ms * 1e-3, p->wake_mw / b->event->vdd_v, RADIO_GROUP_SECTION);
    radio_phase(b, "tx", bytes * 8 / (p->bit_rate_kbit_per_s * 1e3), p->send_mw / b->event->vdd_v,
                RADIO_GROUP_SECTION);
    b->event->packets = (uint32_t)packets;
}
