/* What a radio takes for one event, from its file (energy/radios/NAME.yaml), the payload, the PHY
 * and the transmit power: BLE advertising and connection events, IEEE 802.15.4 frames, LoRa
 * uplinks, NB-IoT and LTE-M messages, Wi-Fi connections, and radios known by simple figures. */
#ifndef ENERGY_RADIO_H
#define ENERGY_RADIO_H

#include "cc_error.h"
#include "energy_docs.h"
#include "sim_profile.h"

struct energy_radio;
enum cc_status energy_radio_load(const char *name_or_file, struct energy_radio **radio,
                                 struct cc_error *err);
void energy_radio_free(struct energy_radio *radio);
const char *energy_radio_name(const struct energy_radio *radio);
const char *energy_radio_description(const struct energy_radio *radio);
const char *energy_radio_protocol(const struct energy_radio *radio); /* "ble", "lora", ... */
/* What a use may name, for listing; the usual event first, NULL behind the last. */
const char *energy_radio_event_name(const struct energy_radio *radio, uint32_t index);
const char *energy_radio_phy_name(const struct energy_radio *radio, uint32_t index);
/* Range of its transmit powers; 0 when its file has none to choose from. */
int energy_radio_tx_range(const struct energy_radio *radio, double *least_dbm, double *most_dbm);
/* The chip of energy/chips that this radio is a part of, "" when it stands alone. Where the chip
 * itself is the MCU, its sleep current is that of both: leave out the event's sleep_ua. */
const char *energy_radio_chip(const struct energy_radio *radio);

struct energy_radio_use {
    /* ble: advertising, connection; ieee802154: frame, poll; lora: uplink, send (without receive
     * windows); nbiot and ltem: message, tau; sigfox: uplink; wifi: those of the file, send (while
     * connected); simple: send. Empty = the first of them. */
    char event[32];
    char phy[16]; /* "1m", "2m", "coded-s8", "coded-s2", "sf7".."sf12"; empty = the default */
    double payload_bytes; /* application bytes */
    double tx_dbm;        /* NAN = the file's default */
    double bandwidth_khz; /* LoRa; 0 = 125 */
    double coding_rate;   /* LoRa 1..4 for 4/5..4/8; 0 = 1 */
    double interval_s;    /* between events; 0 = unknown. BLE: the receive window widens with it;
                             NB-IoT, LTE-M: tracking-area updates fall due */
    int connectable;      /* BLE advertising: with receive windows; default 1 in a zeroed struct is
                             0, set it */
    int acknowledged;     /* 802.15.4 and LoRa */
    int release_assisted; /* NB-IoT, LTE-M: with RAI */
};
/* The defaults of a radio: connectable, NAN dBm, the rest empty. */
struct energy_radio_use energy_radio_usual(void);

#define ENERGY_RADIO_MAX_PHASES 48

struct energy_radio_phase {
    char name[32]; /* "tx", "rx window", "ramp" */
    double s, ma;  /* at the event's vdd_v */
};

/* Phases in order; their sum is the event. A payload that needs several packets is several rounds
 * of phases; rounds beyond ENERGY_RADIO_MAX_PHASES are charged to the last ones (s grows). */
struct energy_radio_event {
    struct energy_radio_phase phases[ENERGY_RADIO_MAX_PHASES];
    uint32_t phase_count;
    double charge_uc; /* sum of ma x s */
    double energy_uj; /* at vdd_v */
    double air_s;     /* transmitting */
    double duration_s;
    double peak_ma, peak_s;     /* largest phase current and how long it lasts */
    double vdd_v, vdd_exponent; /* supply at which the currents hold; energy ~ VDD^exponent */
    double sleep_ua;            /* between events, of the radio alone; 0 when it is the MCU */
    double least_v;             /* lowest supply of the radio */
    double rsd;                 /* relative standard deviation of the charge */
    uint32_t packets;
    char note[96]; /* what the payload made of the event that the reader may not expect; or empty */
    char band[24]; /* of these limits, "EU868"; empty = no limits */
    double most_air_fraction; /* of the time, on average */
    double most_per_day;      /* packets; 0 = no such limit */
};

/* CC_ERR_INPUT names file and what the radio cannot do (PHY, power, payload), with what it can. */
enum cc_status energy_radio_event_of(const struct energy_radio *radio,
                                     const struct energy_radio_use *use,
                                     struct energy_radio_event *event, struct energy_docs *docs,
                                     struct cc_error *err);

/* Raw data at a steady rate over the same radio, in the largest packets it has. */
struct energy_radio_stream {
    double uw; /* mean, at vdd_v, sleep between packets included */
    double vdd_v;
    double uj_per_byte;      /* of one more byte: its share of a full packet or, while a connection
                                is held anyway, its own */
    double air_fraction;     /* of the time on air */
    int possible;            /* within the air rate and the duty-cycle limit of the band */
    double most_bytes_per_s; /* that is possible */
    char why_not[160];
    double peak_ma, peak_s; /* largest phase of an event, at vdd_v, and how long it lasts */
    double every_s;         /* mean distance between two of them */
    char peak_name[32];
};
enum cc_status energy_radio_stream_of(const struct energy_radio *radio,
                                      const struct energy_radio_use *use, double bytes_per_s,
                                      struct energy_radio_stream *stream, struct energy_docs *docs,
                                      struct cc_error *err);

/* Time on air of one LoRa packet, Semtech AN1200.13; payload_bytes is the PHY payload. */
double energy_lora_air_s(int spreading_factor, double bandwidth_hz, int coding_rate,
                         int payload_bytes, int preamble_symbols, int has_crc, int implicit_header);

#endif
