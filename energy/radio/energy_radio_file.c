/* energy/radios/NAME.yaml: schema, limits, messages. */
#include "energy_radio_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

const char *const radio_protocol_names[RADIO_PROTOCOL_COUNT] = {
    [RADIO_BLE] = "ble",       [RADIO_802154] = "ieee802154", [RADIO_LORA] = "lora",
    [RADIO_NBIOT] = "nbiot",   [RADIO_LTEM] = "ltem",         [RADIO_WIFI] = "wifi",
    [RADIO_SIGFOX] = "sigfox", [RADIO_SIMPLE] = "simple",
};

static const cyaml_strval_t protocol_words[RADIO_PROTOCOL_COUNT] = {
    {"ble", RADIO_BLE},       {"ieee802154", RADIO_802154}, {"lora", RADIO_LORA},
    {"nbiot", RADIO_NBIOT},   {"ltem", RADIO_LTEM},         {"wifi", RADIO_WIFI},
    {"sigfox", RADIO_SIGFOX}, {"simple", RADIO_SIMPLE},
};

/* A figure whose value stands under its own key beside rsd, verified and source. */
#define FIGURE_ROW(key, structure, member)                                                         \
    CYAML_FIELD_FLOAT(key, REQUIRED, structure, member.value),                                     \
        CYAML_FIELD_FLOAT("rsd", REQUIRED, structure, member.rsd),                                 \
        CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, structure, member.verified, energy_yes_no, \
                         2),                                                                       \
        CYAML_FIELD_STRING("source", REQUIRED, structure, member.source, 3)

static const cyaml_schema_field_t tx_fields[] = {
    CYAML_FIELD_FLOAT("tx_dbm", REQUIRED, struct radio_tx, tx_dbm),
    FIGURE_ROW("current_ma", struct radio_tx, current_ma),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t phy_fields[] = {
    CYAML_FIELD_STRING("phy", REQUIRED, struct radio_phy, phy, 1),
    CYAML_FIELD_FLOAT("packet_bytes", OPTIONAL, struct radio_phy, packet_bytes),
    FIGURE_ROW("rx_ma", struct radio_phy, rx_ma),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t measured_fields[] = {
    CYAML_FIELD_STRING("event", REQUIRED, struct radio_measured, event, 1),
    CYAML_FIELD_FLOAT("duration_ms", REQUIRED, struct radio_measured, duration_ms),
    FIGURE_ROW("charge_mc", struct radio_measured, charge_mc),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t tx_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct radio_tx, tx_fields),
};
static const cyaml_schema_value_t phy_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct radio_phy, phy_fields),
};
static const cyaml_schema_value_t measured_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct radio_measured, measured_fields),
};

#define ORIGIN_FIELDS(structure)                                                                   \
    CYAML_FIELD_STRING("source", REQUIRED, structure, origin.source, 3),                           \
        CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, structure, origin.verified, energy_yes_no, \
                         2),                                                                       \
        CYAML_FIELD_FLOAT("rsd", REQUIRED, structure, origin.rsd)

/* clang-format off: one section per block */
#define BLE_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_ble, key),
static const cyaml_schema_field_t ble_fields[] = {ORIGIN_FIELDS(struct radio_ble),
                                                  RADIO_BLE_NUMBERS(BLE_FIELD) CYAML_FIELD_END};

#define IEEE_FIELD(key, least, most)                                                               \
    CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_ieee802154, key),
static const cyaml_schema_field_t ieee802154_fields[] = {
    ORIGIN_FIELDS(struct radio_ieee802154), RADIO_802154_NUMBERS(IEEE_FIELD) CYAML_FIELD_END};

#define LORA_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_lora, key),
static const cyaml_schema_field_t lora_fields[] = {
    ORIGIN_FIELDS(struct radio_lora),
    CYAML_FIELD_STRING("rx2_phy", REQUIRED, struct radio_lora, word, 1),
    RADIO_LORA_NUMBERS(LORA_FIELD) CYAML_FIELD_END};

#define CELL_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_cellular, key),
static const cyaml_schema_field_t cellular_fields[] = {
    ORIGIN_FIELDS(struct radio_cellular), RADIO_CELLULAR_NUMBERS(CELL_FIELD) CYAML_FIELD_END};

#define WIFI_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_wifi, key),
static const cyaml_schema_field_t wifi_fields[] = {ORIGIN_FIELDS(struct radio_wifi),
                                                   RADIO_WIFI_NUMBERS(WIFI_FIELD) CYAML_FIELD_END};

#define SIGFOX_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_sigfox, key),
static const cyaml_schema_field_t sigfox_fields[] = {
    ORIGIN_FIELDS(struct radio_sigfox), RADIO_SIGFOX_NUMBERS(SIGFOX_FIELD) CYAML_FIELD_END};

#define SIMPLE_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_simple, key),
static const cyaml_schema_field_t simple_fields[] = {
    ORIGIN_FIELDS(struct radio_simple), RADIO_SIMPLE_NUMBERS(SIMPLE_FIELD) CYAML_FIELD_END};

#define LIMITS_FIELD(key, least, most) CYAML_FIELD_FLOAT(#key, REQUIRED, struct radio_limits, key),
static const cyaml_schema_field_t limits_fields[] = {
    ORIGIN_FIELDS(struct radio_limits),
    CYAML_FIELD_STRING("band", REQUIRED, struct radio_limits, word, 1),
    RADIO_LIMITS_NUMBERS(LIMITS_FIELD) CYAML_FIELD_END};
/* clang-format on */

#define SECTION_FIELD(section, LIST)                                                               \
    CYAML_FIELD_MAPPING(#section, OPTIONAL, struct energy_radio, section, section##_fields),

static const cyaml_schema_field_t radio_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_radio, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_radio, description, 1),
    CYAML_FIELD_STRING("chip", OPTIONAL, struct energy_radio, chip, 1),
    CYAML_FIELD_ENUM("protocol", CYAML_FLAG_STRICT, struct energy_radio, protocol, protocol_words,
                     RADIO_PROTOCOL_COUNT),
    CYAML_FIELD_STRING("default_phy", OPTIONAL, struct energy_radio, default_phy, 1),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_radio, vdd_v),
    ENERGY_FIGURE("vdd_exponent", REQUIRED, struct energy_radio, vdd_exponent),
    ENERGY_FIGURE("least_v", REQUIRED, struct energy_radio, least_v),
    ENERGY_FIGURE("sleep_ua", REQUIRED, struct energy_radio, sleep_ua),
    ENERGY_FIGURE("default_tx_dbm", OPTIONAL, struct energy_radio, default_tx_dbm),
    CYAML_FIELD_SEQUENCE("tx", OPTIONAL, struct energy_radio, tx, &tx_schema, 1, RADIO_MAX_TX),
    CYAML_FIELD_SEQUENCE("phys", OPTIONAL, struct energy_radio, phys, &phy_schema, 1,
                         RADIO_MAX_PHYS),
    CYAML_FIELD_SEQUENCE("events", OPTIONAL, struct energy_radio, events, &measured_schema, 1,
                         RADIO_MAX_EVENTS),
    RADIO_SECTIONS(SECTION_FIELD) CYAML_FIELD_END,
};

static const cyaml_schema_value_t radio_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_radio, radio_fields),
};

#define BLE_NUMBER(key, least, most)    {#key, offsetof(struct radio_ble, key), least, most},
#define IEEE_NUMBER(key, least, most)   {#key, offsetof(struct radio_ieee802154, key), least, most},
#define LORA_NUMBER(key, least, most)   {#key, offsetof(struct radio_lora, key), least, most},
#define CELL_NUMBER(key, least, most)   {#key, offsetof(struct radio_cellular, key), least, most},
#define WIFI_NUMBER(key, least, most)   {#key, offsetof(struct radio_wifi, key), least, most},
#define SIGFOX_NUMBER(key, least, most) {#key, offsetof(struct radio_sigfox, key), least, most},
#define SIMPLE_NUMBER(key, least, most) {#key, offsetof(struct radio_simple, key), least, most},
#define LIMITS_NUMBER(key, least, most) {#key, offsetof(struct radio_limits, key), least, most},

static const struct radio_number ble_numbers[] = {RADIO_BLE_NUMBERS(BLE_NUMBER)};
static const struct radio_number ieee802154_numbers[] = {RADIO_802154_NUMBERS(IEEE_NUMBER)};
static const struct radio_number lora_numbers[] = {RADIO_LORA_NUMBERS(LORA_NUMBER)};
static const struct radio_number cellular_numbers[] = {RADIO_CELLULAR_NUMBERS(CELL_NUMBER)};
static const struct radio_number wifi_numbers[] = {RADIO_WIFI_NUMBERS(WIFI_NUMBER)};
static const struct radio_number sigfox_numbers[] = {RADIO_SIGFOX_NUMBERS(SIGFOX_NUMBER)};
static const struct radio_number simple_numbers[] = {RADIO_SIMPLE_NUMBERS(SIMPLE_NUMBER)};
static const struct radio_number limits_numbers[] = {RADIO_LIMITS_NUMBERS(LIMITS_NUMBER)};

static const struct section {
    const char *name;
    size_t offset; /* of its origin in struct energy_radio */
    const struct radio_number *numbers;
    size_t count;
} sections[] = {
#define SECTION_ROW(section, LIST)                                                                 \
    {#section, offsetof(struct energy_radio, section), section##_numbers,                          \
     sizeof section##_numbers / sizeof section##_numbers[0]},
    RADIO_SECTIONS(SECTION_ROW)
#undef SECTION_ROW
};

#define SECTION_COUNT (sizeof sections / sizeof sections[0])

static const char *section_of(int protocol)
{
    if (protocol == RADIO_NBIOT || protocol == RADIO_LTEM)
        return "cellular";
    return radio_protocol_names[protocol];
}

static const struct radio_origin *origin_at(const struct energy_radio *radio,
                                            const struct section *section)
{
    return (const void *)((const char *)radio + section->offset);
}

const struct radio_origin *radio_section(const struct energy_radio *radio, const char **name,
                                         const struct radio_number **numbers, size_t *count)
{
    size_t i = 0;
    while (i + 1 < SECTION_COUNT && strcmp(sections[i].name, section_of(radio->protocol)) != 0)
        i++;
    *name = sections[i].name;
    *numbers = sections[i].numbers;
    *count = sections[i].count;
    return origin_at(radio, &sections[i]);
}

static enum cc_status check_section(const struct energy_radio *r, const struct section *section,
                                    struct cc_error *err)
{
    const struct radio_origin *origin = origin_at(r, section);
    char key[96];
    snprintf(key, sizeof key, "%s.rsd", section->name);
    enum cc_status status = energy_number_check(origin->rsd, 0, 2, r->path, key, err);
    for (size_t i = 0; status == CC_OK && i < section->count; i++) {
        const struct radio_number *n = &section->numbers[i];
        double value = *(const double *)(const void *)((const char *)origin + n->offset);
        snprintf(key, sizeof key, "%s.%s", section->name, n->key);
        status = energy_number_check(value, n->least, n->most, r->path, key, err);
    }
    return status;
}

/* The section of the protocol must be there, those of others must not. */
static enum cc_status check_sections(const struct energy_radio *r, struct cc_error *err)
{
    const char *needed = section_of(r->protocol);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        int is_there = origin_at(r, &sections[i])->source[0] != '\0';
        int is_needed = strcmp(sections[i].name, needed) == 0;
        if (is_needed && !is_there)
            return cc_fail(err, CC_ERR_INPUT, "%s: %s: is missing; protocol %s needs it", r->path,
                           needed, radio_protocol_names[r->protocol]);
        if (is_there && !is_needed && strcmp(sections[i].name, "limits") != 0)
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %s: has no meaning with protocol %s; remove it, or correct the "
                           "protocol",
                           r->path, sections[i].name, radio_protocol_names[r->protocol]);
        enum cc_status status = is_there ? check_section(r, &sections[i], err) : CC_OK;
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

/* Powers rise from row to row and currents with them: more power is never cheaper. */
static enum cc_status check_tx(const struct energy_radio *r, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    char key[64];
    for (uint32_t i = 0; status == CC_OK && i < r->tx_count; i++) {
        double least_dbm = i ? nextafter(r->tx[i - 1].tx_dbm, 100) : -100;
        double least_ma = i ? r->tx[i - 1].current_ma.value : 1e-6;
        snprintf(key, sizeof key, "tx[%u].tx_dbm", (unsigned)i);
        status = energy_number_check(r->tx[i].tx_dbm, least_dbm, 60, r->path, key, err);
        snprintf(key, sizeof key, "tx[%u].current_ma", (unsigned)i);
        if (status == CC_OK)
            status = energy_figure_check(&r->tx[i].current_ma, least_ma, 1e4, r->path, key, err);
    }
    if (status == CC_OK && r->tx_count && energy_figure_present(&r->default_tx_dbm))
        status = energy_figure_check(&r->default_tx_dbm, r->tx[0].tx_dbm,
                                     r->tx[r->tx_count - 1].tx_dbm, r->path, "default_tx_dbm", err);
    return status;
}

static int is_phy_of(int protocol, const char *phy)
{
    static const char *const ble[] = {"1m", "2m", "coded-s8", "coded-s2"};
    static const char *const lora[] = {"sf7", "sf8", "sf9", "sf10", "sf11", "sf12"};
    const char *const *words = protocol == RADIO_BLE ? ble : lora;
    size_t count = protocol == RADIO_BLE ? 4 : 6;
    if (protocol != RADIO_BLE && protocol != RADIO_LORA)
        return 1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], phy) == 0)
            return 1;
    return 0;
}

static enum cc_status check_phys(const struct energy_radio *r, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    char key[64];
    for (uint32_t i = 0; status == CC_OK && i < r->phys_count; i++) {
        if (!is_phy_of(r->protocol, r->phys[i].phy))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: phys[%u].phy: '%s' is none of %s; write one of %s", r->path,
                           (unsigned)i, r->phys[i].phy, radio_protocol_names[r->protocol],
                           r->protocol == RADIO_BLE ? "1m, 2m, coded-s8, coded-s2" : "sf7 to sf12");
        snprintf(key, sizeof key, "phys[%u].rx_ma", (unsigned)i);
        status = energy_figure_check(&r->phys[i].rx_ma, 0, 1e4, r->path, key, err);
        snprintf(key, sizeof key, "phys[%u].packet_bytes", (unsigned)i);
        int may_be_absent = r->protocol != RADIO_LORA && r->protocol != RADIO_802154;
        if (status == CC_OK)
            status =
                energy_number_check(r->phys[i].packet_bytes, may_be_absent ? 0 : 1,
                                    r->protocol == RADIO_802154 ? 122 : 255, r->path, key, err);
    }
    if (status != CC_OK || !r->default_phy[0] || radio_find_phy(r, r->default_phy))
        return status;
    return cc_fail(err, CC_ERR_INPUT, "%s: default_phy: '%s' is not in phys; write one of them",
                   r->path, r->default_phy);
}

static enum cc_status check_events(const struct energy_radio *r, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    char key[64];
    for (uint32_t i = 0; status == CC_OK && i < r->events_count; i++) {
        snprintf(key, sizeof key, "events[%u].duration_ms", (unsigned)i);
        status = energy_number_check(r->events[i].duration_ms, 1e-3, 1e7, r->path, key, err);
        snprintf(key, sizeof key, "events[%u].charge_mc", (unsigned)i);
        if (status == CC_OK)
            status = energy_figure_check(&r->events[i].charge_mc, 0, 1e7, r->path, key, err);
    }
    return status;
}

/* Tables without which the protocol has no event. */
static enum cc_status check_tables(const struct energy_radio *r, struct cc_error *err)
{
    int has_phys = r->protocol == RADIO_BLE || r->protocol == RADIO_802154 ||
                   r->protocol == RADIO_LORA || r->protocol == RADIO_SIGFOX;
    const char *missing = NULL;
    if (r->protocol != RADIO_SIMPLE && !r->tx_count)
        missing = "tx";
    else if (r->tx_count && !energy_figure_present(&r->default_tx_dbm))
        missing = "default_tx_dbm";
    else if (has_phys && !r->phys_count)
        missing = "phys";
    else if (has_phys && !r->default_phy[0])
        missing = "default_phy";
    else if (r->protocol == RADIO_WIFI && !r->events_count)
        missing = "events";
    if (missing)
        return cc_fail(err, CC_ERR_INPUT, "%s: %s: is missing; protocol %s needs it", r->path,
                       missing, radio_protocol_names[r->protocol]);
    if (r->protocol == RADIO_LORA && !radio_find_phy(r, r->lora.word))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: lora.rx2_phy: '%s' is not in phys; write one of them", r->path,
                       r->lora.word);
    if (r->protocol == RADIO_BLE && !radio_find_phy(r, "1m"))
        return cc_fail(err, CC_ERR_INPUT, "%s: phys: 1m is missing; every ble radio has it",
                       r->path);
    if (r->protocol != RADIO_WIFI && r->events_count)
        return cc_fail(err, CC_ERR_INPUT, "%s: events: has no meaning with protocol %s; remove it",
                       r->path, radio_protocol_names[r->protocol]);
    return CC_OK;
}

static enum cc_status check_radio(const struct energy_radio *r, struct cc_error *err)
{
    const struct {
        const struct energy_figure *figure;
        const char *key;
        double least, most;
    } limits[] = {
        {&r->vdd_v, "vdd_v", 0.5, 60},
        {&r->vdd_exponent, "vdd_exponent", 0, 3},
        {&r->least_v, "least_v", 0, 60},
        {&r->sleep_ua, "sleep_ua", 0, 1e6},
    };
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < sizeof limits / sizeof limits[0]; i++)
        status = energy_figure_check(limits[i].figure, limits[i].least, limits[i].most, r->path,
                                     limits[i].key, err);
    if (status == CC_OK && r->least_v.value > r->vdd_v.value)
        status = cc_fail(err, CC_ERR_INPUT,
                         "%s: least_v: %g V are above the %g V of vdd_v; correct one of them",
                         r->path, r->least_v.value, r->vdd_v.value);
    if (status == CC_OK)
        status = check_sections(r, err);
    if (status == CC_OK)
        status = check_tx(r, err);
    if (status == CC_OK)
        status = check_phys(r, err);
    if (status == CC_OK)
        status = check_events(r, err);
    if (status == CC_OK)
        status = check_tables(r, err);
    return status;
}

enum cc_status energy_radio_load(const char *name_or_file, struct energy_radio **radio,
                                 struct cc_error *err)
{
    char path[sizeof(*radio)->path];
    cyaml_data_t *data = NULL;
    *radio = NULL;
    enum cc_status status =
        cc_data_resolve("radio", "energy/radios", name_or_file, path, sizeof path, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_load(path, &radio_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_radio *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    status = check_radio(loaded, err);
    if (status != CC_OK) {
        energy_radio_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *radio = loaded;
    return CC_OK;
}

void energy_radio_free(struct energy_radio *radio)
{
    cc_yaml_free(&radio_schema, radio);
}

const char *energy_radio_name(const struct energy_radio *radio)
{
    return radio->name;
}

const char *energy_radio_description(const struct energy_radio *radio)
{
    return radio->description;
}

const char *energy_radio_protocol(const struct energy_radio *radio)
{
    return radio_protocol_names[radio->protocol];
}

const char *energy_radio_chip(const struct energy_radio *radio)
{
    return radio->chip;
}

const struct radio_phy *radio_find_phy(const struct energy_radio *radio, const char *phy)
{
    for (uint32_t i = 0; i < radio->phys_count; i++)
        if (strcmp(radio->phys[i].phy, phy) == 0)
            return &radio->phys[i];
    return NULL;
}

const char *energy_radio_phy_name(const struct energy_radio *radio, uint32_t index)
{
    return index < radio->phys_count ? radio->phys[index].phy : NULL;
}

int energy_radio_tx_range(const struct energy_radio *radio, double *least_dbm, double *most_dbm)
{
    if (radio->tx_count == 0)
        return 0;
    *least_dbm = radio->tx[0].tx_dbm;
    *most_dbm = radio->tx[radio->tx_count - 1].tx_dbm;
    return 1;
}
