/* IEEE 802.15.4 at 2.4 GHz: frames with CSMA-CA and acknowledgement, and the poll of a sleepy end
 * device. */
#include "energy_radio_internal.h"

/* IEEE Std 802.15.4, O-QPSK at 250 kbit/s: 32 us per byte, 16 us per symbol. */
#define BYTE_S       32e-6
#define PHY_BYTES    6      /* preamble, delimiter, length */
#define TURNAROUND_S 192e-6 /* 12 symbols */
#define CCA_S        128e-6 /* 8 symbols */
#define ACK_BYTES    5

static void send_frame(struct radio_builder *b, double psdu_bytes, int acknowledged)
{
    const struct radio_ieee802154 *p = &b->radio->ieee802154;
    radio_phase(b, "backoff", p->backoff_ms * 1e-3, p->backoff_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "channel check", CCA_S, b->rx_ma, RADIO_GROUP_RX);
    radio_phase(b, "turnaround", TURNAROUND_S, p->turnaround_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "tx", (PHY_BYTES + psdu_bytes) * BYTE_S, b->tx_ma, RADIO_GROUP_TX);
    if (!acknowledged)
        return;
    radio_phase(b, "turnaround", TURNAROUND_S, p->turnaround_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "rx ack", (PHY_BYTES + ACK_BYTES) * BYTE_S, b->rx_ma, RADIO_GROUP_RX);
}

void radio_build_802154(struct radio_builder *b)
{
    const struct radio_ieee802154 *p = &b->radio->ieee802154;
    uint32_t word = radio_event_word(b);
    double last, packets = radio_split(b->payload_bytes, b->phy->packet_bytes, &last);
    if (b->status != CC_OK)
        return;
    radio_phase(b, "wake", p->wake_ms * 1e-3, p->wake_ma, RADIO_GROUP_SECTION);
    if (word == 1) {
        send_frame(b, p->poll_bytes, 1);
        packets = 1;
    } else {
        radio_round(b);
        send_frame(b, p->overhead_bytes + b->phy->packet_bytes, b->use->acknowledged);
        radio_round_repeat(b, packets - 1);
        send_frame(b, p->overhead_bytes + last, b->use->acknowledged);
    }
    b->event->packets = (uint32_t)packets;
}
