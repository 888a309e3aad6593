/* What the files of energy/radio/ share: the loaded table and the event under construction. */
#ifndef ENERGY_RADIO_INTERNAL_H
#define ENERGY_RADIO_INTERNAL_H

#include "energy_internal.h"
#include "energy_radio.h"

#define RADIO_MAX_TX     24
#define RADIO_MAX_PHYS   8
#define RADIO_MAX_EVENTS 12
#define RADIO_WORD_BYTES 24

#define RADIO_MAX_PAYLOAD_BYTES 1e9

enum radio_protocol {
    RADIO_BLE,
    RADIO_802154,
    RADIO_LORA,
    RADIO_NBIOT,
    RADIO_LTEM,
    RADIO_WIFI,
    RADIO_SIGFOX,
    RADIO_SIMPLE,
    RADIO_PROTOCOL_COUNT
};

/* The plain numbers of each section: key, least, most. One list makes the member, the YAML key and
 * its limits. An extended_bytes of 0 means no extended advertising. */
#define RADIO_BLE_NUMBERS(X)                                                                       \
    X(pre_processing_ms, 0, 1e3)                                                                   \
    X(pre_processing_ma, 0, 1e3)                                                                   \
    X(crystal_ms, 0, 1e3)                                                                          \
    X(crystal_ma, 0, 1e3)                                                                          \
    X(start_ms, 0, 100)                                                                            \
    X(start_ma, 0, 1e3)                                                                            \
    X(switch_ms, 0, 100)                                                                           \
    X(switch_ma, 0, 1e3)                                                                           \
    X(listen_ms, 0, 100)                                                                           \
    X(gap_ms, 0, 100)                                                                              \
    X(gap_ma, 0, 1e3)                                                                              \
    X(post_processing_ms, 0, 1e3)                                                                  \
    X(post_processing_ma, 0, 1e3)                                                                  \
    X(clock_accuracy_ppm, 0, 2000)                                                                 \
    X(notification_bytes, 1, 244)                                                                  \
    X(extended_bytes, 0, 245)

#define RADIO_802154_NUMBERS(X)                                                                    \
    X(wake_ms, 0, 1e4)                                                                             \
    X(wake_ma, 0, 1e3)                                                                             \
    X(backoff_ms, 0, 1e3)                                                                          \
    X(backoff_ma, 0, 1e3)                                                                          \
    X(turnaround_ma, 0, 1e3)                                                                       \
    X(overhead_bytes, 5, 126)                                                                      \
    X(poll_bytes, 5, 127)

#define RADIO_LORA_NUMBERS(X)                                                                      \
    X(wake_ms, 0, 1e5)                                                                             \
    X(wake_ma, 0, 1e3)                                                                             \
    X(wait_ma, 0, 1e3)                                                                             \
    X(preamble_count, 6, 65535)                                                                    \
    X(overhead_bytes, 0, 64)                                                                       \
    X(ack_bytes, 0, 64)                                                                            \
    X(rx_window_count, 1, 1000)                                                                    \
    X(rx1_delay_s, 0, 60)                                                                          \
    X(rx2_delay_s, 0, 60)

#define RADIO_CELLULAR_NUMBERS(X)                                                                  \
    X(wake_s, 1e-3, 1e4)                                                                           \
    X(wake_mj, 0, 1e6)                                                                             \
    X(signalling_ms, 0, 1e5)                                                                       \
    X(exchange_s, 1e-3, 1e4)                                                                       \
    X(exchange_mj, 0, 1e6)                                                                         \
    X(uplink_kbit_per_s, 1e-3, 1e6)                                                                \
    X(uplink_uj_per_byte, 0, 1e6)                                                                  \
    X(tail_s, 0, 1e4)                                                                              \
    X(tail_mw, 0, 1e5)                                                                             \
    X(assisted_tail_s, 0, 1e4)                                                                     \
    X(tracking_area_update_h, 0.01, 1e5)                                                           \
    X(stream_bytes, 1, 1e9)

#define RADIO_WIFI_NUMBERS(X)                                                                      \
    X(burst_ms, 0, 1e3)                                                                            \
    X(bulk_kbit_per_s, 1, 1e7)                                                                     \
    X(bulk_ma, 0, 1e4)                                                                             \
    X(connected_ma, 0, 1e4)                                                                        \
    X(packet_bytes, 1, 65535)                                                                      \
    X(stream_bytes, 1, 1e9)

#define RADIO_SIGFOX_NUMBERS(X)                                                                    \
    X(wake_ms, 0, 1e5)                                                                             \
    X(wake_ma, 0, 1e3)                                                                             \
    X(bit_rate_kbit_per_s, 1e-3, 100)                                                              \
    X(overhead_bytes, 0, 64)                                                                       \
    X(packet_bytes, 1, 12)                                                                         \
    X(repeat_count, 1, 3)                                                                          \
    X(gap_ms, 0, 1e4)                                                                              \
    X(gap_ma, 0, 1e3)                                                                              \
    X(downlink_wait_s, 0, 60)                                                                      \
    X(downlink_listen_s, 0, 60)

#define RADIO_SIMPLE_NUMBERS(X)                                                                    \
    X(wake_ms, 0, 1e5)                                                                             \
    X(wake_mw, 0, 1e6)                                                                             \
    X(send_mw, 1e-6, 1e6)                                                                          \
    X(bit_rate_kbit_per_s, 1e-6, 1e7)                                                              \
    X(overhead_bytes, 0, 1e6)                                                                      \
    X(packet_bytes, 1, 1e9)

/* 0 messages per day: no such limit. */
#define RADIO_LIMITS_NUMBERS(X)                                                                    \
    X(duty_cycle_fraction, 1e-6, 1)                                                                \
    X(messages_per_day_count, 0, 1e6)

/* name of the section in the file, name of its number list */
#define RADIO_SECTIONS(S)                                                                          \
    S(ble, BLE)                                                                                    \
    S(ieee802154, 802154)                                                                          \
    S(lora, LORA)                                                                                  \
    S(cellular, CELLULAR)                                                                          \
    S(wifi, WIFI)                                                                                  \
    S(sigfox, SIGFOX)                                                                              \
    S(simple, SIMPLE)                                                                              \
    S(limits, LIMITS)

/* Every section: where its numbers are from and how far off they may be. */
struct radio_origin {
    char source[ENERGY_SOURCE_BYTES]; /* empty: the section is not in the file */
    int verified;
    double rsd;
};

#define RADIO_MEMBER(key, least, most) double key;
#define RADIO_STRUCT(section, LIST)                                                                \
    struct radio_##section {                                                                       \
        struct radio_origin origin;                                                                \
        char word[RADIO_WORD_BYTES]; /* lora: rx2_phy; limits: band */                             \
        RADIO_##LIST##_NUMBERS(RADIO_MEMBER)                                                       \
    };
RADIO_SECTIONS(RADIO_STRUCT)
#undef RADIO_STRUCT
#undef RADIO_MEMBER

struct radio_tx {
    double tx_dbm;
    struct energy_figure current_ma;
};

struct radio_phy {
    char phy[16];
    double packet_bytes; /* largest application payload; 0 = the protocol's */
    struct energy_figure rx_ma;
};

struct radio_measured { /* a whole event whose charge was measured */
    char event[RADIO_WORD_BYTES];
    double duration_ms;
    struct energy_figure charge_mc;
};

struct energy_radio {
    char name[SIM_NAME_BYTES];
    char description[160];
    char chip[SIM_NAME_BYTES]; /* that it is a part of; empty = stands alone */
    int protocol;
    char default_phy[16];
    struct energy_figure vdd_v, vdd_exponent, least_v, sleep_ua, default_tx_dbm;
    struct radio_tx tx[RADIO_MAX_TX];
    uint32_t tx_count;
    struct radio_phy phys[RADIO_MAX_PHYS];
    uint32_t phys_count;
    struct radio_measured events[RADIO_MAX_EVENTS];
    uint32_t events_count;
#define RADIO_SECTION(section, LIST) struct radio_##section section;
    RADIO_SECTIONS(RADIO_SECTION)
#undef RADIO_SECTION
    char path[512];
};

/* A plain number of a section, for checks and for the list of inputs. */
struct radio_number {
    const char *key;
    size_t offset; /* in the section */
    double least, most;
};

extern const char *const radio_protocol_names[RADIO_PROTOCOL_COUNT];
/* The section that a protocol needs: name, its origin in radio, its numbers. */
const struct radio_origin *radio_section(const struct energy_radio *radio, const char **name,
                                         const struct radio_number **numbers, size_t *count);

/* What an error belongs to: a current of one origin is wrong as a whole. */
enum radio_group {
    RADIO_GROUP_TX,
    RADIO_GROUP_RX,
    RADIO_GROUP_SECTION,
    RADIO_GROUP_SLEEP,
    RADIO_GROUP_MEASURED,
    RADIO_GROUP_COUNT
};

/* An event under construction: the use resolved, and the phases so far. */
struct radio_builder {
    const struct energy_radio *radio;
    const struct energy_radio_use *use;
    const struct radio_phy *phy; /* NULL where the protocol has none */
    double payload_bytes;        /* whole bytes */
    double tx_ma, rx_ma, sleep_ma;
    struct energy_radio_event *event;
    struct energy_docs *docs; /* may be NULL */
    struct cc_error *err;
    enum cc_status status; /* first failure */
    double rsd[RADIO_GROUP_COUNT];
    uint8_t groups[ENERGY_RADIO_MAX_PHASES];
    double single_s[ENERGY_RADIO_MAX_PHASES]; /* of one repetition */
    uint32_t round;                           /* first phase of the present round */
};

/* A phase of s seconds at ma; nothing when s is 0. Those named "tx" are time on air. */
void radio_phase(struct radio_builder *b, const char *name, double s, double ma,
                 enum radio_group group);
/* From here on phases belong to a round; repeat makes `times` of it (0 removes it). */
void radio_round(struct radio_builder *b);
void radio_round_repeat(struct radio_builder *b, double times);
/* Packets of at most packet_bytes; the last one has *last_bytes. A payload of 0 is one packet. */
double radio_split(double payload_bytes, double packet_bytes, double *last_bytes);
/* The event's note when its packets are several; at is the PHY or empty. */
void radio_note_packets(struct radio_builder *b, const char *at, double packet_bytes);
/* Rows of the tables by name; NULL when the file has none. */
const struct radio_phy *radio_find_phy(const struct energy_radio *radio, const char *phy);
/* Fails b unless use->event is empty or an event of the radio; returns its index, 0 when empty. */
uint32_t radio_event_word(struct radio_builder *b);
/* Adds an input to the list of docs. */
void radio_doc(struct radio_builder *b, const char *key, const struct energy_figure *figure);

/* One per protocol. */
void radio_build_ble(struct radio_builder *b);
void radio_build_802154(struct radio_builder *b);
void radio_build_lora(struct radio_builder *b);
void radio_build_cellular(struct radio_builder *b);
void radio_build_wifi(struct radio_builder *b);
void radio_build_sigfox(struct radio_builder *b);
void radio_build_simple(struct radio_builder *b);

/* Time on air of a BLE data-channel or advertising packet with payload_bytes in its PDU, s. phy is
 * a name of the phy table. Bluetooth Core Specification, Vol 6 Part B 2.1 and 2.2. */
double radio_ble_air_s(const char *phy, double payload_bytes);

#endif
