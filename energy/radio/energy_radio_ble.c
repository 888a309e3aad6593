/* Bluetooth Low Energy: advertising and connection events of a peripheral. */
#include "energy_radio_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Bluetooth Core Specification 5.x, Vol 6 Part B. */
#define IFS_S            150e-6
#define LEGACY_BYTES     31    /* 2.3.1: advertising data */
#define ADVERTISER_BYTES 6     /* 2.3.1: AdvA before the data */
#define EXT_IND_BYTES    7     /* 2.3.4: header, flags, ADI, AuxPtr */
#define AUX_HEADER_BYTES 10    /* 2.3.4: header, flags, AdvA, ADI */
#define CHAIN_BYTES      1650  /* Vol 4 Part E 7.8.57: Max_Advertising_Data_Length */
#define ATT_L2CAP_BYTES  7     /* Vol 3: ATT opcode and handle, L2CAP length and channel */
#define ANCHOR_JITTER_S  16e-6 /* 4.2.4 */
#define CHANNELS         3

double radio_ble_air_s(const char *phy, double payload_bytes)
{
    double coded = strcmp(phy, "coded-s8") == 0 ? 8 : (strcmp(phy, "coded-s2") == 0 ? 2 : 0);
    if (coded > 0) /* preamble, access address, CI, TERM1; header and payload, CRC, TERM2 */
        return (80 + 256 + 16 + 24 + (16 + 8 * payload_bytes + 24 + 3) * coded) * 1e-6;
    if (strcmp(phy, "2m") == 0)
        return (2 + 4 + 2 + payload_bytes + 3) * 4e-6;
    return (1 + 4 + 2 + payload_bytes + 3) * 8e-6;
}

static void begin(struct radio_builder *b)
{
    const struct radio_ble *p = &b->radio->ble;
    radio_phase(b, "pre-processing", p->pre_processing_ms * 1e-3, p->pre_processing_ma,
                RADIO_GROUP_SECTION);
    radio_phase(b, "crystal start", p->crystal_ms * 1e-3, p->crystal_ma, RADIO_GROUP_SECTION);
}

static void start_radio(struct radio_builder *b)
{
    radio_phase(b, "radio start", b->radio->ble.start_ms * 1e-3, b->radio->ble.start_ma,
                RADIO_GROUP_SECTION);
}

static void end(struct radio_builder *b)
{
    radio_phase(b, "post-processing", b->radio->ble.post_processing_ms * 1e-3,
                b->radio->ble.post_processing_ma, RADIO_GROUP_SECTION);
}

/* One packet of advertising, and the listening for a request when connectable. */
static void advertise(struct radio_builder *b, const char *phy, double pdu_bytes, int listen)
{
    const struct radio_ble *p = &b->radio->ble;
    start_radio(b);
    radio_phase(b, "tx", radio_ble_air_s(phy, pdu_bytes), b->tx_ma, RADIO_GROUP_TX);
    if (!listen)
        return;
    radio_phase(b, "switch", p->switch_ms * 1e-3, p->switch_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "rx window", p->listen_ms * 1e-3, b->rx_ma, RADIO_GROUP_RX);
}

static void gap(struct radio_builder *b)
{
    radio_phase(b, "channel gap", b->radio->ble.gap_ms * 1e-3, b->radio->ble.gap_ma,
                RADIO_GROUP_SECTION);
}

static void legacy_event(struct radio_builder *b, double bytes)
{
    begin(b);
    for (int channel = 0; channel < CHANNELS; channel++) {
        if (channel > 0)
            gap(b);
        advertise(b, "1m", ADVERTISER_BYTES + bytes, b->use->connectable);
    }
    end(b);
}

/* Pointers on the three primary channels, the data in one auxiliary packet. */
static void extended_event(struct radio_builder *b, double bytes)
{
    const char *primary = strncmp(b->phy->phy, "coded", 5) == 0 ? b->phy->phy : "1m";
    begin(b);
    for (int channel = 0; channel < CHANNELS; channel++) {
        advertise(b, primary, EXT_IND_BYTES, 0);
        gap(b);
    }
    advertise(b, b->phy->phy, AUX_HEADER_BYTES + bytes, b->use->connectable);
    end(b);
}

static void note_advertising(struct radio_builder *b, int extended, double most)
{
    struct energy_radio_event *e = b->event;
    if (b->payload_bytes <= LEGACY_BYTES) /* on the phy that was asked for */
        return;
    if (!extended)
        radio_note_packets(b, "", most);
    else if (e->packets > 1)
        snprintf(e->note, sizeof e->note, "extended advertising, %g bytes in %u packets",
                 b->payload_bytes, e->packets);
    else
        snprintf(e->note, sizeof e->note, "extended advertising, %g bytes", b->payload_bytes);
}

static void build_advertising(struct radio_builder *b)
{
    double extended_bytes = b->radio->ble.extended_bytes, last;
    int is_1m = strcmp(b->phy->phy, "1m") == 0;
    int extended = extended_bytes > 0 && (!is_1m || b->payload_bytes > LEGACY_BYTES);
    void (*event)(struct radio_builder *, double) = extended ? extended_event : legacy_event;
    if (!is_1m && !extended) {
        b->status = cc_fail(b->err, CC_ERR_INPUT,
                            "%s: phy '%s' needs extended advertising, which this radio does not "
                            "have; advertise on 1m",
                            b->radio->path, b->phy->phy);
        return;
    }
    if (extended && b->payload_bytes > CHAIN_BYTES) {
        b->status = cc_fail(b->err, CC_ERR_INPUT,
                            "%s: %g bytes of advertising; extended advertising carries up to %d, "
                            "send more in a connection",
                            b->radio->path, b->payload_bytes, CHAIN_BYTES);
        return;
    }
    double most = extended ? extended_bytes : LEGACY_BYTES;
    double packets = radio_split(b->payload_bytes, most, &last);
    radio_round(b);
    event(b, most);
    radio_round_repeat(b, packets - 1);
    event(b, last);
    b->event->packets = (uint32_t)packets;
    note_advertising(b, extended, most);
}

/* The central polls, the peripheral answers. */
static void notify(struct radio_builder *b, double pdu_bytes)
{
    const struct radio_ble *p = &b->radio->ble;
    radio_phase(b, "ifs", IFS_S, p->switch_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "rx", radio_ble_air_s(b->phy->phy, 0), b->rx_ma, RADIO_GROUP_RX);
    radio_phase(b, "ifs", IFS_S, p->switch_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "tx", radio_ble_air_s(b->phy->phy, pdu_bytes), b->tx_ma, RADIO_GROUP_TX);
}

static void build_connection(struct radio_builder *b)
{
    const struct radio_ble *p = &b->radio->ble;
    double last, packets = radio_split(b->payload_bytes, p->notification_bytes, &last);
    double full_pdu = p->notification_bytes + ATT_L2CAP_BYTES;
    double last_pdu = b->payload_bytes > 0 ? last + ATT_L2CAP_BYTES : 0;
    double widening_s = p->clock_accuracy_ppm * 1e-6 * b->use->interval_s + ANCHOR_JITTER_S;
    begin(b);
    start_radio(b);
    radio_phase(b, "rx", widening_s + radio_ble_air_s(b->phy->phy, 0), b->rx_ma, RADIO_GROUP_RX);
    radio_phase(b, "ifs", IFS_S, p->switch_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "tx", radio_ble_air_s(b->phy->phy, packets > 1 ? full_pdu : last_pdu), b->tx_ma,
                RADIO_GROUP_TX);
    radio_round(b);
    notify(b, full_pdu);
    radio_round_repeat(b, packets - 2);
    if (packets > 1)
        notify(b, last_pdu);
    end(b);
    b->event->packets = (uint32_t)packets;
}

static void check_interval(struct radio_builder *b)
{
    double busy_s = 0;
    for (uint32_t i = 0; i < b->event->phase_count; i++)
        busy_s += b->event->phases[i].s;
    if (b->status == CC_OK && b->use->interval_s > 0 && busy_s > b->use->interval_s)
        b->status = cc_fail(b->err, CC_ERR_INPUT,
                            "%s: %g bytes take %.4g s of every interval of %.4g s; send fewer, or "
                            "less often",
                            b->radio->path, b->payload_bytes, busy_s, b->use->interval_s);
}

void radio_build_ble(struct radio_builder *b)
{
    uint32_t word = radio_event_word(b);
    if (b->status != CC_OK)
        return;
    if (word == 0)
        build_advertising(b);
    else
        build_connection(b);
    check_interval(b);
}
