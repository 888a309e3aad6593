/* Radio files and uses: every shipped file, laws that hold for all of them, refusals, damaged
 * files. */
#include "radio_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void for_each_radio(void (*check)(const struct energy_radio *radio))
{
    char **names;
    size_t count;
    struct cc_error err = {0};
    assert_int_equal(cc_data_names("energy/radios", &names, &count, &err), CC_OK);
    assert_true(count >= 26);
    for (size_t i = 0; i < count; i++) {
        struct energy_radio *radio = support_radio(names[i]);
        assert_string_equal(energy_radio_name(radio), names[i]);
        assert_true(strlen(energy_radio_description(radio)) > 10);
        check(radio);
        energy_radio_free(radio);
    }
    cc_names_free(names, count);
}

/* The sums and limits that every event keeps. */
static void check_event(const struct energy_radio_event *e)
{
    double uc = 0, s = 0, peak = 0;
    assert_true(e->phase_count > 0 && e->phase_count <= ENERGY_RADIO_MAX_PHASES);
    for (uint32_t i = 0; i < e->phase_count; i++) {
        uc += e->phases[i].ma * e->phases[i].s * 1e3;
        s += e->phases[i].s;
        peak = fmax(peak, e->phases[i].ma);
        assert_true(e->phases[i].s > 0 && e->phases[i].ma >= 0 && e->phases[i].name[0]);
    }
    support_near("charge", e->charge_uc, uc, 1e-12);
    support_near("energy", e->energy_uj, uc * e->vdd_v, 1e-12);
    support_near("duration", e->duration_s, s, 1e-12);
    support_near("peak", e->peak_ma, peak, 1e-12);
    assert_true(e->peak_s > 0 && e->peak_s <= s * (1 + 1e-12));
    assert_true(e->air_s > 0 && e->air_s <= s * (1 + 1e-12));
    assert_true(e->rsd > 0 && e->rsd < 1);
    assert_true(e->least_v > 0 && e->least_v <= e->vdd_v && e->packets > 0);
}

static const char *const all_events[] = {"",     "advertising", "connection", "frame",
                                         "poll", "uplink",      "send",       "message",
                                         "tau",  "connect",     "mqtt",       "esp-now"};
static const char *const all_phys[] = {"",    "1m",   "2m",   "coded-s8", "coded-s2", "sf7", "sf8",
                                       "sf9", "sf10", "sf11", "sf12",     "250k",     "rc1"};

/* Above 31 B BLE advertises by extended packets where the radio can: it listens once instead of
 * three times, and may take less. */
static int changes_to_extended(const struct energy_radio *radio, const struct energy_radio_use *use,
                               double bytes)
{
    return strcmp(energy_radio_protocol(radio), "ble") == 0 &&
           strcmp(use->event, "connection") != 0 && bytes == 32;
}

/* Where it can, up to what a chain of packets carries. */
static int is_too_long(const struct energy_radio *radio, const struct energy_radio_use *use)
{
    struct energy_radio_event e;
    struct cc_error err = {0};
    return use->payload_bytes > 1650 && strcmp(energy_radio_protocol(radio), "ble") == 0 &&
           strcmp(use->event, "connection") != 0 &&
           energy_radio_event_of(radio, use, &e, NULL, &err) == CC_ERR_INPUT &&
           strstr(err.message, "up to 1650");
}

/* A larger payload never takes less, nor fewer packets; an event that is refused is refused for
 * every payload. */
static void check_payloads(const struct energy_radio *radio)
{
    static const double bytes[] = {0,   1,   2,   12,  13,  20,  31,   32,    100,
                                   102, 103, 222, 244, 245, 246, 1000, 76800, 1e6};
    int taken = 0;
    for (size_t v = 0; v < COUNT(all_events); v++)
        for (size_t p = 0; p < COUNT(all_phys); p++) {
            struct energy_radio_use use = energy_radio_usual();
            struct energy_radio_event e, before = {0};
            struct cc_error err = {0};
            snprintf(use.event, sizeof use.event, "%s", all_events[v]);
            snprintf(use.phy, sizeof use.phy, "%s", all_phys[p]);
            enum cc_status first = energy_radio_event_of(radio, &use, &e, NULL, &err);
            for (size_t i = 0; i < COUNT(bytes) && first == CC_OK; i++) {
                use.payload_bytes = bytes[i];
                if (is_too_long(radio, &use))
                    break;
                e = support_event(radio, &use);
                if (bytes[i] > 0 || e.phase_count > 0) /* nothing to send while connected */
                    check_event(&e);
                if (changes_to_extended(radio, &use, bytes[i]))
                    before = (struct energy_radio_event){0};
                if (e.energy_uj < before.energy_uj || e.packets < before.packets)
                    fail_msg("%s %s %s: %g bytes take less than %g", energy_radio_name(radio),
                             use.event, use.phy, bytes[i], bytes[i - 1]);
                before = e;
                taken++;
            }
            if (first != CC_OK)
                assert_non_null(strstr(err.message, ".yaml"));
        }
    assert_true(taken >= (int)COUNT(bytes));
}

static void test_payloads(void **state)
{
    (void)state;
    for_each_radio(check_payloads);
}

/* More transmit power never takes less. */
static void check_powers(const struct energy_radio *radio)
{
    struct energy_radio_use use = energy_radio_usual();
    double before = 0;
    int taken = 0;
    use.payload_bytes = 10;
    for (double dbm = -45; dbm <= 35; dbm += .5) {
        struct energy_radio_event e;
        struct cc_error err = {0};
        use.tx_dbm = dbm;
        if (energy_radio_event_of(radio, &use, &e, NULL, &err) != CC_OK) {
            assert_non_null(strstr(err.message, "dbm") ? strstr(err.message, "dbm")
                                                       : strstr(err.message, "dBm"));
            continue;
        }
        assert_true(e.charge_uc >= before * (1 - 1e-12));
        before = e.charge_uc;
        taken++;
    }
    assert_true(taken > 0 || strcmp(energy_radio_protocol(radio), "simple") == 0);
}

static void test_powers(void **state)
{
    (void)state;
    for_each_radio(check_powers);
}

/* Power rises with the rate, and is possible up to most_bytes_per_s and not above. */
static void check_streams(const struct energy_radio *radio)
{
    struct energy_radio_use use = energy_radio_usual();
    double before = 0;
    struct energy_radio_stream s = support_stream(radio, &use, 1e-3);
    double most = s.most_bytes_per_s;
    for (double rate = 1e-3; rate < 1e7; rate *= 1.7) {
        s = support_stream(radio, &use, rate);
        if (s.uw < before * (1 - 1e-9))
            fail_msg("%s: %g bytes/s take less", energy_radio_name(radio), rate);
        assert_true(s.possible == (rate <= s.most_bytes_per_s));
        assert_true(s.possible == (s.why_not[0] == '\0'));
        assert_true(s.uj_per_byte > 0 && s.vdd_v > 0);
        if (s.possible)
            assert_true(s.air_fraction > 0 && s.air_fraction <= 1);
        before = s.uw;
        most = fmax(most, s.most_bytes_per_s);
    }
    assert_true(support_stream(radio, &use, most * .999).possible);
    assert_false(support_stream(radio, &use, most * 1.001).possible);
}

static void test_streams(void **state)
{
    (void)state;
    for_each_radio(check_streams);
}

static void test_bad_streams(void **state)
{
    static const double rates[] = {0, -1, NAN, INFINITY, 1e12};
    (void)state;
    struct energy_radio *radio = support_radio("nrf52832");
    struct energy_radio_use use = energy_radio_usual();
    for (size_t i = 0; i < COUNT(rates); i++) {
        struct energy_radio_stream s;
        struct cc_error err = {0};
        assert_int_equal(energy_radio_stream_of(radio, &use, rates[i], &s, NULL, &err),
                         CC_ERR_INPUT);
        assert_non_null(strstr(err.message, "nrf52832.yaml"));
    }
    energy_radio_free(radio);
}

/* What a radio cannot do is refused with the file and what it can. */
static void test_bad_uses(void **state)
{
    static const struct {
        const char *radio, *event, *phy;
        double bytes, dbm, khz, rate, interval_s;
        const char *word;
    } rows[] = {
        {"nrf52832", "", "coded-s8", 8, NAN, 0, 0, 0, "write one of 1m, 2m"},
        {"nrf52832", "", "4m", 8, NAN, 0, 0, 0, "phy '4m'"},
        {"nrf52832", "uplink", "", 8, NAN, 0, 0, 0, "write one of advertising, connection"},
        {"nrf52832", "", "", 8, 8, 0, 0, 0, "write -40 to 4 dBm"},
        {"nrf52832", "", "", 8, INFINITY, 0, 0, 0, "write -40 to 4 dBm"},
        {"nrf52832", "", "", -1, NAN, 0, 0, 0, "payload of -1 bytes"},
        {"nrf52832", "", "", NAN, NAN, 0, 0, 0, "payload of"},
        {"nrf52832", "", "", 1e12, NAN, 0, 0, 0, "payload of 1e+12"},
        {"nrf52832", "connection", "", 1e5, NAN, 0, 0, .1, "of every interval of 0.1 s"},
        {"nrf52832", "connection", "", 1, NAN, 0, 0, -1, "interval of -1 s"},
        {"da14531", "", "2m", 8, NAN, 0, 0, 0, "write one of 1m"},
        {"sx1262", "", "sf6", 8, NAN, 0, 0, 0, "sf7, sf8, sf9, sf10, sf11, sf12"},
        {"sx1262", "", "", 8, NAN, 41.7, 0, 0, "write 125, 250 or 500"},
        {"sx1262", "", "", 8, NAN, 0, 5, 0, "write 1 to 4"},
        {"sx1262", "", "", 8, NAN, 0, NAN, 0, "write 1 to 4"},
        {"sigfox", "", "rc2", 8, NAN, 0, 0, 0, "write one of rc1"},
        {"nrf9160-ltem", "", "cat-m2", 8, NAN, 0, 0, 0, "leave it out"},
        {"esp32-wifi", "telepathy", "", 8, NAN, 0, 0, 0, "connect, connect-dhcp, mqtt, http"},
        {"warden-cell", "", "", 8, 20, 0, 0, 0, "leave out tx_dbm"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio *radio = support_radio(rows[i].radio);
        struct energy_radio_use use = {.payload_bytes = rows[i].bytes,
                                       .tx_dbm = rows[i].dbm,
                                       .bandwidth_khz = rows[i].khz,
                                       .coding_rate = rows[i].rate,
                                       .interval_s = rows[i].interval_s};
        struct energy_radio_event e;
        struct cc_error err = {0};
        snprintf(use.event, sizeof use.event, "%s", rows[i].event);
        snprintf(use.phy, sizeof use.phy, "%s", rows[i].phy);
        assert_int_equal(energy_radio_event_of(radio, &use, &e, NULL, &err), CC_ERR_INPUT);
        if (!strstr(err.message, rows[i].word) || !strstr(err.message, ".yaml"))
            fail_msg("'%s' does not name the file and '%s'", err.message, rows[i].word);
        energy_radio_free(radio);
    }
}

/* A BLE radio without extended advertising has the other PHYs in connections only. */
static void test_phy_without_extended(void **state)
{
    (void)state;
    struct energy_radio *radio = support_radio("apollo3-ble");
    struct energy_radio_use use = energy_radio_usual();
    struct energy_radio_event e;
    struct cc_error err = {0};
    snprintf(use.phy, sizeof use.phy, "2m");
    assert_int_equal(energy_radio_event_of(radio, &use, &e, NULL, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "advertise on 1m"));
    snprintf(use.event, sizeof use.event, "connection");
    support_event(radio, &use);
    energy_radio_free(radio);
}

/* The result's inputs: what was used, once, and nothing of another power or PHY. */
static void test_docs(void **state)
{
    (void)state;
    struct energy_radio *radio = support_radio("nrf52832");
    struct energy_radio_use use = energy_radio_usual();
    struct energy_docs docs = {0};
    struct energy_radio_event e;
    struct cc_error err = {0};
    int tx_rows = 0, rx_rows = 0;
    use.tx_dbm = 2; /* between 0 and 4 */
    for (int i = 0; i < 2; i++)
        assert_int_equal(energy_radio_event_of(radio, &use, &e, &docs, &err), CC_OK);
    for (uint32_t i = 0; i < docs.count; i++) {
        assert_string_equal(docs.rows[i].file, "energy/radios/nrf52832.yaml");
        assert_true(docs.rows[i].source[0] != '\0');
        tx_rows += strncmp(docs.rows[i].key, "tx[", 3) == 0;
        rx_rows += strncmp(docs.rows[i].key, "phys[", 5) == 0;
        if (strcmp(docs.rows[i].key, "ble.listen_ms") == 0)
            assert_true(docs.rows[i].value == .1 && docs.rows[i].verified);
    }
    assert_int_equal(tx_rows, 2);
    assert_int_equal(rx_rows, 1);
    energy_docs_free(&docs);
    energy_radio_free(radio);
}

struct edit {
    const char *from, *to, *word;
};

static void expect_bad(const char *name, const struct edit *edits, size_t count)
{
    char *text = support_text("radios", name);
    for (size_t i = 0; i < count; i++) {
        struct energy_radio *radio;
        struct cc_error err = {0};
        char *edited = support_replace(text, edits[i].from, edits[i].to);
        if (energy_radio_load(support_file(edited), &radio, &err) != CC_ERR_INPUT)
            fail_msg("'%s' was accepted", edits[i].to);
        assert_null(radio);
        if (!strstr(err.message, edits[i].word) || !strstr(err.message, ".yaml"))
            fail_msg("'%s' does not name the file and '%s'", err.message, edits[i].word);
        free(edited);
    }
    free(text);
}

static void test_bad_files(void **state)
{
    static const struct edit ble[] = {
        {"protocol: ble", "protocol: lora", "ble: has no meaning with protocol lora"},
        {"protocol: ble", "protocol: bluetooth", "bluetooth"},
        {"default_phy: 1m", "default_phy: coded-s8", "default_phy: 'coded-s8' is not in phys"},
        {"{phy: 2m", "{phy: 3m", "phys[1].phy: '3m'"},
        {"{phy: 1m", "{phy: coded-s2", "default_phy"},
        {"tx_dbm: -20", "tx_dbm: -50", "tx[1].tx_dbm"},
        {"current_ma: 5.3", "current_ma: 3.3", "tx[6].current_ma"},
        {"current_ma: 5.3", "current_ua: 5300", "did you mean current_ma?"},
        {"sleep_ua:", "sleep_ma:", "did you mean sleep_ua?"},
        {"sleep_ua: {value: 1.9", "sleep_ua: {value: -1.9", "sleep_ua"},
        {"least_v: {value: 1.7", "least_v: {value: 3.1", "least_v"},
        {"default_tx_dbm: {value: 0", "default_tx_dbm: {value: 20", "default_tx_dbm"},
        {"listen_ms: 0.1", "listen_ms: -0.1", "ble.listen_ms"},
        {"extended_bytes: 245", "extended_bytes: 1650", "ble.extended_bytes"},
        {"  rsd: 0.05\n", "  rsd: 5\n", "ble.rsd"},
    };
    static const struct edit lora[] = {
        {"rx2_phy: sf12", "rx2_phy: sf13", "lora.rx2_phy"},
        {"{phy: sf7, packet_bytes: 222", "{phy: sf7, packet_bytes: 300", "phys[0].packet_bytes"},
        {"{phy: sf7, packet_bytes: 222, ", "{phy: sf7, ", "phys[0].packet_bytes"},
        {"duty_cycle_fraction: 0.01", "duty_cycle_fraction: 1.5", "limits.duty_cycle_fraction"},
        {"preamble_count: 8", "preamble_count: 0", "lora.preamble_count"},
    };
    static const struct edit wifi[] = {
        {"duration_ms: 734", "duration_ms: 0", "events[0].duration_ms"},
        {"charge_mc: 100.2", "charge_mc: -1", "events[0].charge_mc"},
        {"wifi:\n", "sigfox:\n", "sigfox"},
    };
    (void)state;
    expect_bad("nrf52832", ble, COUNT(ble));
    expect_bad("sx1261", lora, COUNT(lora));
    expect_bad("esp32-wifi", wifi, COUNT(wifi));
    struct energy_radio *radio;
    struct cc_error err = {0};
    assert_int_equal(energy_radio_load("nrf5283", &radio, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean nrf52832?"));
    /* a section of another protocol, tables that a protocol needs */
    char *text = support_text("radios", "sigfox");
    const char *missing[] = {"default_phy:", "default_tx_dbm:"};
    for (size_t i = 0; i < COUNT(missing); i++) {
        char *cut = support_without_line(text, missing[i]);
        assert_int_equal(energy_radio_load(support_file(cut), &radio, &err), CC_ERR_INPUT);
        assert_non_null(strstr(err.message, "is missing; protocol sigfox needs it"));
        free(cut);
    }
    free(text);
}

/* Random damage: refused or taken, never a crash; what is taken gives finite events or says why
 * not. */
static void test_damaged_files(void **state)
{
    static const char *const names[] = {"nrf52832",    "sx1261",       "esp32-wifi",  "sigfox",
                                        "uhf-cubesat", "nrf9160-ltem", "nrf52840-154"};
    (void)state;
    uint32_t seed = 20261120, taken = 0;
    for (size_t n = 0; n < COUNT(names); n++) {
        char *text = support_text("radios", names[n]);
        for (int i = 0; i < 400; i++) {
            struct energy_radio *radio;
            struct cc_error err = {0};
            char *damaged = support_mutate(text, &seed);
            if (energy_radio_load(support_file(damaged), &radio, &err) == CC_OK) {
                struct energy_radio_use use = energy_radio_usual();
                struct energy_radio_event e;
                struct energy_radio_stream s;
                use.payload_bytes = 1000;
                if (energy_radio_event_of(radio, &use, &e, NULL, &err) == CC_OK)
                    assert_true(isfinite(e.energy_uj) && isfinite(e.duration_s));
                if (energy_radio_stream_of(radio, &use, 10, &s, NULL, &err) == CC_OK)
                    assert_true(isfinite(s.uw));
                taken++;
            } else {
                assert_non_null(strstr(err.message, ".yaml"));
            }
            energy_radio_free(radio);
            free(damaged);
        }
        free(text);
    }
    assert_true(taken > 100 && taken < COUNT(names) * 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payloads),      cmocka_unit_test(test_powers),
        cmocka_unit_test(test_streams),       cmocka_unit_test(test_bad_streams),
        cmocka_unit_test(test_bad_uses),      cmocka_unit_test(test_phy_without_extended),
        cmocka_unit_test(test_docs),          cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_damaged_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
