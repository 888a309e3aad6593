/* One event of a radio: resolves the use against the file, lets the protocol lay out its phases and
 * adds them up. */
#include "energy_radio_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Phases that may still follow the repeated rounds of an event. */
#define RESERVED_PHASES 8

struct energy_radio_use energy_radio_usual(void)
{
    return (struct energy_radio_use){.tx_dbm = NAN, .connectable = 1};
}

void radio_phase(struct radio_builder *b, const char *name, double s, double ma,
                 enum radio_group group)
{
    struct energy_radio_event *e = b->event;
    if (!(s > 0))
        return;
    if (e->phase_count == ENERGY_RADIO_MAX_PHASES) { /* no protocol has so many in one round */
        if (b->status == CC_OK)
            b->status = cc_fail(b->err, CC_ERR_INTERNAL, "%s: too many phases", b->radio->path);
        return;
    }
    struct energy_radio_phase *p = &e->phases[e->phase_count];
    snprintf(p->name, sizeof p->name, "%s", name);
    p->s = s;
    p->ma = ma;
    b->single_s[e->phase_count] = s;
    b->groups[e->phase_count++] = (uint8_t)group;
}

void radio_round(struct radio_builder *b)
{
    b->round = b->event->phase_count;
}

void radio_round_repeat(struct radio_builder *b, double times)
{
    struct energy_radio_event *e = b->event;
    uint32_t first = b->round, size = e->phase_count - first;
    uint32_t most = ENERGY_RADIO_MAX_PHASES - RESERVED_PHASES;
    if (times < 1) {
        e->phase_count = first;
        return;
    }
    /* another copy must leave room for a last, shorter round too */
    while (times >= 2 && e->phase_count + 2 * size <= most) {
        for (uint32_t i = 0; i < size; i++, e->phase_count++) {
            e->phases[e->phase_count] = e->phases[first + i];
            b->groups[e->phase_count] = b->groups[first + i];
            b->single_s[e->phase_count] = b->single_s[first + i];
        }
        times -= 1;
    }
    for (uint32_t i = e->phase_count - size; i < e->phase_count; i++)
        e->phases[i].s *= times;
}

double radio_split(double payload_bytes, double packet_bytes, double *last_bytes)
{
    double packets = fmax(1, ceil(payload_bytes / packet_bytes));
    *last_bytes = payload_bytes - (packets - 1) * packet_bytes;
    return packets;
}

void radio_note_packets(struct radio_builder *b, const char *at, double packet_bytes)
{
    if (b->event->packets > 1)
        snprintf(b->event->note, sizeof b->event->note,
                 "%.10g bytes%s%.15s are %u packets of up to %g", b->payload_bytes,
                 at[0] ? " at " : "", at, b->event->packets, packet_bytes);
}

const char *energy_radio_event_name(const struct energy_radio *radio, uint32_t index)
{
    static const char *const words[RADIO_PROTOCOL_COUNT][2] = {
        [RADIO_BLE] = {"advertising", "connection"},
        [RADIO_802154] = {"frame", "poll"},
        [RADIO_LORA] = {"uplink", "send"},
        [RADIO_NBIOT] = {"message", "tau"},
        [RADIO_LTEM] = {"message", "tau"},
        [RADIO_WIFI] = {"send"},
        [RADIO_SIGFOX] = {"uplink"},
        [RADIO_SIMPLE] = {"send"},
    };
    if (index < radio->events_count)
        return radio->events[index].event;
    index -= radio->events_count;
    return index < 2 ? words[radio->protocol][index] : NULL;
}

uint32_t radio_event_word(struct radio_builder *b)
{
    char list[400] = "";
    size_t used = 0;
    if (!b->use->event[0])
        return 0;
    const char *word;
    for (uint32_t i = 0; (word = energy_radio_event_name(b->radio, i)); i++) {
        if (strcmp(word, b->use->event) == 0)
            return i;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", word);
    }
    if (b->status == CC_OK)
        b->status = cc_fail(
            b->err, CC_ERR_INPUT, "%s: event '%.31s' is not one of this %s radio; write one of %s",
            b->radio->path, b->use->event, radio_protocol_names[b->radio->protocol], list);
    return 0;
}

/* Keeps the first failure, so that callers need not check every input. */
void radio_doc(struct radio_builder *b, const char *key, const struct energy_figure *figure)
{
    if (b->docs && b->status == CC_OK)
        b->status = energy_docs_add(b->docs, b->radio->path, key, figure, b->err);
}

static void pick_phy(struct radio_builder *b)
{
    const struct energy_radio *r = b->radio;
    const char *wanted = b->use->phy[0] ? b->use->phy : r->default_phy;
    char list[160] = "", key[64];
    size_t used = 0;
    b->phy = wanted[0] ? radio_find_phy(r, wanted) : NULL;
    if (b->phy) {
        b->rx_ma = b->phy->rx_ma.value;
        b->rsd[RADIO_GROUP_RX] = energy_figure_rsd(&b->phy->rx_ma);
        snprintf(key, sizeof key, "phys[%u].rx_ma", (unsigned)(b->phy - r->phys));
        radio_doc(b, key, &b->phy->rx_ma);
        return;
    }
    if (!b->use->phy[0])
        return;
    for (uint32_t i = 0; i < r->phys_count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 r->phys[i].phy);
    b->status =
        cc_fail(b->err, CC_ERR_INPUT, "%s: phy '%.15s' is not one of this radio; %s%s", r->path,
                b->use->phy, list[0] ? "write one of " : "leave it out, it has only one", list);
}

static void doc_tx(struct radio_builder *b, uint32_t row)
{
    char key[64];
    snprintf(key, sizeof key, "tx[%u].current_ma", (unsigned)row);
    radio_doc(b, key, &b->radio->tx[row].current_ma);
}

/* Transmit current at a power: along straight lines between the rows. */
static void pick_tx(struct radio_builder *b)
{
    const struct energy_radio *r = b->radio;
    double dbm = isnan(b->use->tx_dbm) ? r->default_tx_dbm.value : b->use->tx_dbm;
    uint32_t last = r->tx_count - 1, above = 0;
    if (!r->tx_count) {
        if (!isnan(b->use->tx_dbm))
            b->status = cc_fail(b->err, CC_ERR_INPUT,
                                "%s: this radio has no transmit powers to choose from; leave out "
                                "tx_dbm",
                                r->path);
        return;
    }
    if (!(dbm >= r->tx[0].tx_dbm && dbm <= r->tx[last].tx_dbm)) {
        b->status = cc_fail(b->err, CC_ERR_INPUT,
                            "%s: %g dBm are outside the powers of this radio; write %g to %g dBm",
                            r->path, dbm, r->tx[0].tx_dbm, r->tx[last].tx_dbm);
        return;
    }
    while (r->tx[above].tx_dbm < dbm)
        above++;
    const struct radio_tx *hi = &r->tx[above];
    const struct radio_tx *lo = hi->tx_dbm > dbm ? &r->tx[above - 1] : hi;
    double part = hi == lo ? 0 : (dbm - lo->tx_dbm) / (hi->tx_dbm - lo->tx_dbm);
    b->tx_ma = lo->current_ma.value + part * (hi->current_ma.value - lo->current_ma.value);
    b->rsd[RADIO_GROUP_TX] =
        fmax(energy_figure_rsd(&lo->current_ma), energy_figure_rsd(&hi->current_ma));
    doc_tx(b, (uint32_t)(lo - r->tx));
    if (hi != lo)
        doc_tx(b, above);
}

static void pick_section(struct radio_builder *b)
{
    const char *name;
    const struct radio_number *numbers;
    size_t count;
    const struct radio_origin *origin = radio_section(b->radio, &name, &numbers, &count);
    struct energy_figure figure = {.rsd = origin->rsd, .verified = origin->verified};
    memcpy(figure.source, origin->source, sizeof figure.source);
    b->rsd[RADIO_GROUP_SECTION] = energy_figure_rsd(&figure);
    for (size_t i = 0; i < count && b->docs; i++) {
        char key[96];
        snprintf(key, sizeof key, "%s.%s", name, numbers[i].key);
        figure.value = *(const double *)(const void *)((const char *)origin + numbers[i].offset);
        radio_doc(b, key, &figure);
    }
}

static void pick_supply(struct radio_builder *b)
{
    const struct energy_radio *r = b->radio;
    b->event->vdd_v = r->vdd_v.value;
    b->event->vdd_exponent = r->vdd_exponent.value;
    b->event->sleep_ua = r->sleep_ua.value;
    b->event->least_v = r->least_v.value;
    b->sleep_ma = r->sleep_ua.value * 1e-3;
    b->rsd[RADIO_GROUP_SLEEP] = energy_figure_rsd(&r->sleep_ua);
    radio_doc(b, "vdd_v", &r->vdd_v);
    radio_doc(b, "vdd_exponent", &r->vdd_exponent);
    radio_doc(b, "least_v", &r->least_v);
    radio_doc(b, "sleep_ua", &r->sleep_ua);
}

static void pick_limits(struct radio_builder *b)
{
    const struct radio_limits *l = &b->radio->limits;
    if (!l->origin.source[0])
        return;
    memcpy(b->event->band, l->word, sizeof b->event->band);
    b->event->most_air_fraction = l->duty_cycle_fraction;
    b->event->most_per_day = l->messages_per_day_count;
}

/* Sums and the error of the charge: currents of one group are wrong together, groups are
 * independent. */
static void add_up(struct radio_builder *b)
{
    struct energy_radio_event *e = b->event;
    double group_uc[RADIO_GROUP_COUNT] = {0}, squares = 0;
    for (uint32_t i = 0; i < e->phase_count; i++) {
        const struct energy_radio_phase *p = &e->phases[i];
        double uc = p->s * p->ma * 1e3;
        group_uc[b->groups[i]] += uc;
        e->charge_uc += uc;
        e->duration_s += p->s;
        if (strcmp(p->name, "tx") == 0)
            e->air_s += p->s;
        if (p->ma > e->peak_ma || (p->ma == e->peak_ma && b->single_s[i] > e->peak_s)) {
            e->peak_ma = p->ma;
            e->peak_s = b->single_s[i];
        }
    }
    e->energy_uj = e->charge_uc * e->vdd_v;
    for (int g = 0; g < RADIO_GROUP_COUNT && e->charge_uc > 0; g++)
        squares += pow(group_uc[g] / e->charge_uc * b->rsd[g], 2);
    e->rsd = sqrt(squares);
}

static enum cc_status check_use(const struct energy_radio *radio,
                                const struct energy_radio_use *use, struct cc_error *err)
{
    if (!(use->payload_bytes >= 0 && use->payload_bytes <= RADIO_MAX_PAYLOAD_BYTES))
        return cc_fail(err, CC_ERR_INPUT, "%s: a payload of %g bytes; write 0 to %g", radio->path,
                       use->payload_bytes, RADIO_MAX_PAYLOAD_BYTES);
    if (!(use->interval_s >= 0 && use->interval_s <= 1e9))
        return cc_fail(err, CC_ERR_INPUT, "%s: an interval of %g s; write 0 (unknown) to 1e9",
                       radio->path, use->interval_s);
    return CC_OK;
}

enum cc_status energy_radio_event_of(const struct energy_radio *radio,
                                     const struct energy_radio_use *use,
                                     struct energy_radio_event *event, struct energy_docs *docs,
                                     struct cc_error *err)
{
    static void (*const build[RADIO_PROTOCOL_COUNT])(struct radio_builder *) = {
        [RADIO_BLE] = radio_build_ble,       [RADIO_802154] = radio_build_802154,
        [RADIO_LORA] = radio_build_lora,     [RADIO_NBIOT] = radio_build_cellular,
        [RADIO_LTEM] = radio_build_cellular, [RADIO_WIFI] = radio_build_wifi,
        [RADIO_SIGFOX] = radio_build_sigfox, [RADIO_SIMPLE] = radio_build_simple,
    };
    struct radio_builder b = {.radio = radio,
                              .use = use,
                              .payload_bytes = ceil(use->payload_bytes),
                              .event = event,
                              .docs = docs,
                              .err = err};
    memset(event, 0, sizeof *event);
    b.status = check_use(radio, use, err);
    if (b.status == CC_OK)
        pick_phy(&b);
    if (b.status == CC_OK)
        pick_tx(&b);
    if (b.status == CC_OK)
        pick_section(&b);
    if (b.status == CC_OK)
        pick_supply(&b);
    if (b.status == CC_OK)
        pick_limits(&b);
    if (b.status == CC_OK)
        build[radio->protocol](&b);
    if (b.status == CC_OK)
        add_up(&b);
    return b.status;
}
