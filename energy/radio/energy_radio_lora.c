/* LoRa: time on air, and LoRaWAN class A uplinks with their two receive windows. */
#include "energy_radio_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_RATE_SYMBOL_S 16e-3 /* AN1200.13: low data rate optimisation from here on */

double energy_lora_air_s(int spreading_factor, double bandwidth_hz, int coding_rate,
                         int payload_bytes, int preamble_symbols, int has_crc, int implicit_header)
{
    double symbol_s = exp2(spreading_factor) / bandwidth_hz;
    int low_rate = symbol_s >= LOW_RATE_SYMBOL_S ? 1 : 0;
    double bits = 8.0 * payload_bytes - 4.0 * spreading_factor + 28 + (has_crc ? 16 : 0) -
                  (implicit_header ? 20 : 0);
    double blocks = ceil(bits / (4.0 * (spreading_factor - 2 * low_rate)));
    double symbols = 8 + fmax(blocks * (coding_rate + 4), 0);
    return (preamble_symbols + 4.25 + symbols) * symbol_s;
}

static int factor_of(const char *phy)
{
    return (int)strtol(phy + 2, NULL, 10);
}

struct channel {
    double bandwidth_hz;
    int coding_rate;
};

static struct channel pick_channel(struct radio_builder *b)
{
    static const double widths_khz[] = {125, 250, 500};
    const struct energy_radio_use *u = b->use;
    double khz = u->bandwidth_khz == 0 ? 125 : u->bandwidth_khz;
    double rate = u->coding_rate == 0 ? 1 : u->coding_rate;
    int known = 0;
    for (size_t i = 0; i < sizeof widths_khz / sizeof widths_khz[0]; i++)
        known |= khz == widths_khz[i];
    if (!known && b->status == CC_OK)
        b->status =
            cc_fail(b->err, CC_ERR_INPUT, "%s: a bandwidth of %g kHz; write 125, 250 or 500",
                    b->radio->path, khz);
    if (!(rate == 1 || rate == 2 || rate == 3 || rate == 4) && b->status == CC_OK)
        b->status =
            cc_fail(b->err, CC_ERR_INPUT, "%s: a coding rate of %g; write 1 to 4 for 4/5 to 4/8",
                    b->radio->path, rate);
    return (struct channel){khz * 1e3, b->status == CC_OK ? (int)rate : 1};
}

static double air_s(const struct radio_builder *b, const struct channel *c, double phy_bytes,
                    int has_crc)
{
    return energy_lora_air_s(factor_of(b->phy->phy), c->bandwidth_hz, c->coding_rate,
                             (int)phy_bytes, (int)b->radio->lora.preamble_count, has_crc, 0);
}

/* An empty window lasts until no preamble has been found. The second one is always 125 kHz wide. */
static double window_s(const struct radio_builder *b, const char *phy, double bandwidth_hz)
{
    return b->radio->lora.rx_window_count * exp2(factor_of(phy)) / bandwidth_hz;
}

static void receive(struct radio_builder *b, const struct channel *c)
{
    const struct radio_lora *p = &b->radio->lora;
    double rx1_s = window_s(b, b->phy->phy, c->bandwidth_hz);
    radio_phase(b, "wait rx1", p->rx1_delay_s, p->wait_ma, RADIO_GROUP_SECTION);
    if (b->use->acknowledged) { /* a downlink without CRC; nothing is left to wait for */
        radio_phase(b, "rx1", air_s(b, c, p->ack_bytes, 0), b->rx_ma, RADIO_GROUP_RX);
        return;
    }
    radio_phase(b, "rx1 window", rx1_s, b->rx_ma, RADIO_GROUP_RX);
    radio_phase(b, "wait rx2", p->rx2_delay_s - p->rx1_delay_s - rx1_s, p->wait_ma,
                RADIO_GROUP_SECTION);
    radio_phase(b, "rx2 window", window_s(b, p->word, 125e3), b->rx_ma, RADIO_GROUP_RX);
}

static void send_packet(struct radio_builder *b, const struct channel *c, double bytes, int class_a)
{
    const struct radio_lora *p = &b->radio->lora;
    radio_phase(b, "wake", p->wake_ms * 1e-3, p->wake_ma, RADIO_GROUP_SECTION);
    radio_phase(b, "tx", air_s(b, c, p->overhead_bytes + bytes, 1), b->tx_ma, RADIO_GROUP_TX);
    if (class_a)
        receive(b, c);
}

void radio_build_lora(struct radio_builder *b)
{
    uint32_t word = radio_event_word(b);
    struct channel c = pick_channel(b);
    double last, packets = radio_split(b->payload_bytes, b->phy->packet_bytes, &last);
    if (b->status != CC_OK)
        return;
    radio_round(b);
    send_packet(b, &c, b->phy->packet_bytes, word == 0);
    radio_round_repeat(b, packets - 1);
    send_packet(b, &c, last, word == 0);
    b->event->packets = (uint32_t)packets;
    radio_note_packets(b, b->phy->phy, b->phy->packet_bytes);
}
