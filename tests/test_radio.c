/* What radios take: published measurements, times on air, laws, streams. */
#include "radio_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct energy_radio_use advertising(double bytes, double dbm)
{
    struct energy_radio_use use = energy_radio_usual();
    use.payload_bytes = bytes;
    use.tx_dbm = dbm;
    return use;
}

static struct energy_radio_use use_of(const char *event, const char *phy, double bytes)
{
    struct energy_radio_use use = energy_radio_usual();
    snprintf(use.event, sizeof use.event, "%s", event);
    snprintf(use.phy, sizeof use.phy, "%s", phy);
    use.payload_bytes = bytes;
    return use;
}

/* Laird BL652 datasheet (2016) table 10: charge of one connectable advertising event and average
 * current at 20 ms + 5 ms; 24 bytes of data follow from the step between +4 and 0 dBm. */
static void test_bl652_table(void **state)
{
    static const struct {
        double dbm, uc, average_ua;
    } rows[] = {{4, 12.745, 511.4}, {0, 10.641, 427.3},  {-4, 9.471, 380.5},
                {-8, 9.418, 378.4}, {-12, 9.133, 367.0}, {-16, 8.982, 360.9}};
    (void)state;
    struct energy_radio *radio = support_radio("nrf52832");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_use use = advertising(24, rows[i].dbm);
        struct energy_radio_event e = support_event(radio, &use);
        char what[32];
        snprintf(what, sizeof what, "%g dBm", rows[i].dbm);
        support_near(what, e.charge_uc, rows[i].uc, .05);
        support_near(what, e.charge_uc / 25e-3 + e.sleep_ua, rows[i].average_ua, .05);
        support_near("burst", e.duration_s, 4.377e-3, .03);
        assert_true(e.vdd_v == 3 && e.packets == 1);
        assert_float_equal(e.energy_uj, 3 * e.charge_uc, 1e-9);
    }
    energy_radio_free(radio);
}

/* The fit Q = 5.57 uC + 3 x t_tx x I_tx, by the sum of the phases. */
static void test_nrf52832_fit(void **state)
{
    static const struct {
        double bytes, dbm, uc;
    } rows[] = {{0, 0, 7.61}, {31, 0, 11.55}, {31, 4, 14.03}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_event e =
            support_event_by("nrf52832", advertising(rows[i].bytes, rows[i].dbm));
        assert_float_equal(e.charge_uc, rows[i].uc, .01);
        assert_float_equal(e.charge_uc - support_phase_uc(&e, "tx"), 5.57, 1e-6);
        assert_float_equal(e.air_s, 3 * (16 + rows[i].bytes) * 8e-6, 1e-12);
    }
    struct energy_radio_use silent = advertising(31, 0);
    silent.connectable = 0;
    support_near("not connectable", support_event_by("nrf52832", silent).charge_uc, 8, .1);
}

/* Online Power Profiler, nRF52832: 57 uA at 152.5 ms + 5 ms, connectable, 0 B, 3.3 V (8.7 uC), and
 * 6.4 uA with a connection of 1 s and 3 B sent (4.5 uC). The first is 13 % above what the BL652
 * measurement gives for 0 B: another SoftDevice and 3.3 V. The second is met. Others: */
static void test_other_published_events(void **state)
{
    (void)state;
    struct energy_radio_event e = support_event_by("nrf52832", advertising(0, 0));
    support_near("profiler, advertising", e.charge_uc, 8.7, .15);
    assert_true(e.charge_uc < 8.7 * .9);
    struct energy_radio_use use = use_of("connection", "1m", 3);
    use.interval_s = 1;
    e = support_event_by("nrf52832", use);
    support_near("profiler, connection", e.charge_uc, 4.5, .06);
    support_near("profiler, connection average", e.charge_uc + e.sleep_ua, 6.4, .06);
    /* usually quoted charges: CC2640R2 11 to 13 uC, DA14531 6 to 7 uC, EFR32BG22 7 to 9 uC */
    support_near("cc2640r2", support_event_by("cc2640r2", advertising(31, 0)).charge_uc, 12, .09);
    support_near("da14531", support_event_by("da14531", advertising(31, 0)).charge_uc, 6.5, .08);
    support_near("efr32bg22", support_event_by("efr32bg22", advertising(31, 0)).charge_uc, 8, .13);
    /* advertising interval from 100 ms to 1 s: -93 % on Silicon Labs chips; 10 ms of perturbation
     * at most and sleep leave 87 to 90 %, so the statement is of another kind: not met */
    e = support_event_by("efr32bg22", advertising(31, 0));
    double saved = 1 - (e.charge_uc / 1.005 + e.sleep_ua) / (e.charge_uc / .105 + e.sleep_ua);
    assert_true(saved > .85 && saved < .91);
}

/* A radio known by its current while sending: 3.7 mA for 1 ms every 2 s and 2.4 uA asleep are
 * 4.25 uA (public simulation of an nRF54L10). */
static void test_nrf54l10(void **state)
{
    (void)state;
    char *text = support_text("radios", "warden-bluetooth");
    char *power = support_replace(text, "send_mw: 100", "send_mw: 11.1");
    char *volt = support_replace(power, "vdd_v: {value: 3.7", "vdd_v: {value: 3.0");
    char *sleep = support_replace(volt, "sleep_ua: {value: 0", "sleep_ua: {value: 2.4");
    struct energy_radio_use use = use_of("", "", 125);
    struct energy_radio_event e = support_event_by(support_file(sleep), use);
    assert_float_equal(e.air_s, 1e-3, 1e-12);
    assert_float_equal(e.charge_uc / 2 + e.sleep_ua, 4.25, 1e-9);
    free(text), free(power), free(volt), free(sleep);
}

/* Air times that follow from the Bluetooth packet formats, us. */
static void test_ble_air_times(void **state)
{
    static const struct {
        const char *phy;
        double bytes, us; /* bytes of a notification: 7 less than the packet's */
    } rows[] = {
        {"1m", 13, 240},        {"1m", 20, 296},          {"1m", 237, 2032},
        {"1m", 244, 2088},      {"2m", 13, 124},          {"2m", 20, 152},
        {"2m", 237, 1020},      {"2m", 244, 1048},        {"coded-s8", 13, 2000},
        {"coded-s8", 20, 2448}, {"coded-s8", 244, 16784}, {"coded-s2", 13, 782},
        {"coded-s2", 20, 894},  {"coded-s2", 244, 4478},
    };
    static const struct {
        const char *phy;
        double us;
    } empty[] = {{"1m", 80}, {"2m", 44}, {"coded-s8", 720}, {"coded-s2", 462}};
    static const double legacy[][2] = {{0, 128}, {3, 152}, {20, 288}, {24, 320}, {31, 376}};
    (void)state;
    struct energy_radio *radio = support_radio("nrf52840");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_use use = use_of("connection", rows[i].phy, rows[i].bytes);
        assert_float_equal(support_event(radio, &use).air_s * 1e6, rows[i].us, 1e-6);
    }
    for (size_t i = 0; i < COUNT(empty); i++) {
        struct energy_radio_use use = use_of("connection", empty[i].phy, 0);
        struct energy_radio_event e = support_event(radio, &use);
        assert_float_equal(e.air_s * 1e6, empty[i].us, 1e-6);
        assert_float_equal(support_phase_s(&e, "rx") * 1e6, empty[i].us + 16, 1e-6);
    }
    for (size_t i = 0; i < COUNT(legacy); i++) {
        struct energy_radio_use use = advertising(legacy[i][0], NAN);
        assert_float_equal(support_event(radio, &use).air_s * 1e6, 3 * legacy[i][1], 1e-6);
    }
    energy_radio_free(radio);
}

/* Published sums for nRF52832 at 0 dBm, 3 V, one notification in an event: 5.0 uC for 20 B, 14.5
 * for 244 B, 9 on 2M: 94, 22 and 14 nJ per bit. */
static void test_ble_notifications(void **state)
{
    static const struct {
        const char *phy;
        double bytes, uc, nj_per_bit;
    } rows[] = {{"1m", 20, 5.0, 94}, {"1m", 244, 14.5, 22}, {"2m", 244, 9, 14}};
    (void)state;
    struct energy_radio *radio = support_radio("nrf52832");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_use use = use_of("connection", rows[i].phy, rows[i].bytes);
        use.interval_s = 1;
        struct energy_radio_event e = support_event(radio, &use);
        support_near(rows[i].phy, e.charge_uc, rows[i].uc, .03);
        support_near(rows[i].phy, e.energy_uj * 1e3 / (8 * rows[i].bytes), rows[i].nj_per_bit, .03);
        assert_int_equal(e.packets, 1);
    }
    struct energy_radio_use raw = use_of("", "", 0);
    struct energy_radio_stream s = support_stream(radio, &raw, 32000); /* 16 kHz, 16 bits */
    assert_true(s.possible && s.uj_per_byte / 8 > .010 && s.uj_per_byte / 8 < .025);
    support_near("audio", s.uw, 32000 * s.uj_per_byte, .01);
    assert_true(s.most_bytes_per_s > 60e3 && s.most_bytes_per_s < 2e6 / 8);
    s = support_stream(radio, &raw, 1e6);
    assert_false(s.possible);
    assert_non_null(strstr(s.why_not, "1e+06 bytes/s are asked for"));
    energy_radio_free(radio);
}

/* Window widening: the sum of both clocks' error since the last event. */
static void test_ble_widening(void **state)
{
    (void)state;
    struct energy_radio_use use = use_of("connection", "1m", 0);
    struct energy_radio_event unknown = support_event_by("nrf52832", use);
    use.interval_s = 4;
    struct energy_radio_event slow = support_event_by("nrf52832", use);
    support_near("widening", slow.duration_s - unknown.duration_s, 4 * 70e-6, 1e-9);
    assert_float_equal(slow.charge_uc - unknown.charge_uc, 4 * 70e-3 * 5.4, 1e-9);
}

/* Long payloads: extended advertising where there is one, else several events; rounds beyond the
 * last phase are charged to it. */
static void test_ble_long_payloads(void **state)
{
    (void)state;
    struct energy_radio_event e = support_event_by("nrf52832", advertising(100, 0));
    assert_int_equal(e.packets, 1);
    assert_float_equal(e.air_s * 1e6, 3 * (10 + 7) * 8 + (10 + 110) * 8, 1e-6);
    e = support_event_by("nrf52832", advertising(1000, 0));
    assert_int_equal(e.packets, 5); /* 245 B each */
    assert_string_equal(e.note, "extended advertising, 1000 bytes in 5 packets");
    e = support_event_by("nrf52832", advertising(32, 0));
    assert_string_equal(e.note, "extended advertising, 32 bytes");
    e = support_event_by("nrf52832", advertising(31, 0));
    assert_string_equal(e.note, "");
    e = support_event_by("da14531", advertising(100, 0)); /* 31 B each */
    assert_int_equal(e.packets, 4);
    assert_string_equal(e.note, "100 bytes are 4 packets of up to 31");
    assert_float_equal(e.air_s * 1e6, 3 * (3 * 376 + (16 + 7) * 8), 1e-6);

    struct energy_radio *radio = support_radio("nrf52832");
    struct energy_radio_use most = advertising(1650, 0), more = advertising(1651, 0);
    struct cc_error err = {0};
    assert_int_equal(energy_radio_event_of(radio, &most, &e, NULL, &err), CC_OK);
    assert_int_equal(energy_radio_event_of(radio, &more, &e, NULL, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "up to 1650"));
    energy_radio_free(radio);

    struct energy_radio_use use = use_of("connection", "1m", 244);
    use.tx_dbm = 4;
    struct energy_radio_event one = support_event_by("nrf52832", use);
    use.payload_bytes = 244 * 1000;
    e = support_event_by("nrf52832", use);
    assert_int_equal(e.packets, 1000);
    assert_true(e.phase_count <= ENERGY_RADIO_MAX_PHASES);
    support_near("air", e.air_s, 1000 * one.air_s, 1e-9);
    double pair_s = 2 * 150e-6 + 80e-6 + 2088e-6;
    support_near("duration", e.duration_s, one.duration_s + 999 * pair_s, 1e-9);
    assert_true(e.peak_ma == 7.5);
    support_near("peak", e.peak_s, 2088e-6, 1e-9); /* not that of the stretched phase */
}

/* What a spreading factor does not carry at once is said, and what the band allows comes along. */
static void test_lora_packets(void **state)
{
    (void)state;
    struct energy_radio_event e = support_event_by("sx1262", use_of("", "sf12", 51));
    assert_int_equal(e.packets, 1);
    assert_string_equal(e.note, "");
    assert_string_equal(e.band, "EU868");
    assert_true(e.most_air_fraction == .01 && e.most_per_day == 0);
    e = support_event_by("sx1262", use_of("", "sf12", 52));
    assert_int_equal(e.packets, 2);
    assert_string_equal(e.note, "52 bytes at sf12 are 2 packets of up to 51");
    e = support_event_by("sigfox", use_of("", "", 12));
    assert_true(e.most_per_day == 140);
    e = support_event_by("nrf52832", advertising(10, 0));
    assert_string_equal(e.band, "");
}

/* 50 B frame of nRF52840 at 0 dBm: 11.5 uC sent, 11.7 received, 3 around, 26 in all. */
static void test_802154(void **state)
{
    (void)state;
    struct energy_radio_use use = use_of("", "", 25); /* 50 B with 25 B of overhead */
    use.acknowledged = 1;
    struct energy_radio_event e = support_event_by("nrf52840-154", use);
    assert_float_equal(e.air_s, 1792e-6, 1e-12);
    support_near("tx", support_phase_uc(&e, "tx"), 11.5, .005);
    support_near("sum", e.charge_uc, 26.2, .01);
    assert_float_equal(support_phase_s(&e, "rx ack"), 352e-6, 1e-12);
    use.payload_bytes = 102;
    e = support_event_by("nrf52840-154", use);
    assert_float_equal(e.air_s, 4256e-6, 1e-12);
    assert_int_equal(e.packets, 1);
    use.payload_bytes = 103;
    e = support_event_by("nrf52840-154", use);
    assert_int_equal(e.packets, 2);
    assert_float_equal(e.air_s, 4256e-6 + 32e-6 * (6 + 25 + 1), 1e-12);
    e = support_event_by("nrf52840-154", use_of("poll", "", 0)); /* quoted: 15 to 20 uC */
    assert_true(e.charge_uc > 15 && e.charge_uc < 21);
}

/* Semtech AN1200.13, 125 kHz, 4/5, 8 symbols of preamble, explicit header, CRC. */
static void test_lora_air_times(void **state)
{
    static const int bytes[] = {13, 23, 33, 64};
    static const double ms[][4] = {
        {46.3, 61.7, 71.9, 118.0},     {82.4, 113.2, 133.6, 215.6},
        {164.9, 205.8, 246.8, 390.1},  {288.8, 370.7, 452.6, 698.4},
        {577.5, 823.3, 987.1, 1560.6}, {1155.1, 1482.8, 1810.4, 2793.5},
    };
    (void)state;
    for (int sf = 7; sf <= 12; sf++)
        for (int i = 0; i < 4; i++) {
            double s = energy_lora_air_s(sf, 125e3, 1, bytes[i], 8, 1, 0);
            if (fabs(s * 1e3 - ms[sf - 7][i]) > .0501)
                fail_msg("SF%d, %d B: %.4f ms, not %.1f", sf, bytes[i], s * 1e3, ms[sf - 7][i]);
        }
    assert_float_equal(energy_lora_air_s(7, 125e3, 1, 23, 8, 1, 0), 61.696e-3, 1e-12);
}

/* Energy of the transmission alone: 10 B of application data. */
static void test_lora_energies(void **state)
{
    static const struct {
        const char *radio, *phy;
        double dbm, mj;
    } rows[] = {
        {"sx1261", "sf7", 14, 5.2},    {"sx1276", "sf7", 13, 5.9},    {"sx1262", "sf7", 22, 24.0},
        {"sx1261", "sf9", 14, 17.3},   {"sx1276", "sf9", 13, 19.7},   {"sx1262", "sf9", 22, 80.2},
        {"sx1261", "sf10", 14, 31.2},  {"sx1276", "sf10", 13, 35.5},  {"sx1262", "sf10", 22, 144},
        {"sx1261", "sf12", 14, 124.8}, {"sx1276", "sf12", 13, 141.9}, {"sx1262", "sf12", 22, 577},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_use use = use_of("", rows[i].phy, 10);
        use.tx_dbm = rows[i].dbm;
        struct energy_radio_event e = support_event_by(rows[i].radio, use);
        support_near(rows[i].radio, support_phase_uc(&e, "tx") * e.vdd_v * 1e-3, rows[i].mj, .01);
        assert_true(e.charge_uc > support_phase_uc(&e, "tx") * 1.002); /* windows and waking */
        assert_true(e.duration_s > 2 + e.air_s);
    }
}

static void test_lora_class_a(void **state)
{
    (void)state;
    struct energy_radio_use use = use_of("uplink", "sf7", 10);
    struct energy_radio_event quiet = support_event_by("sx1261", use);
    assert_float_equal(support_phase_s(&quiet, "rx1 window"), 8 * 1.024e-3, 1e-9);
    assert_float_equal(support_phase_s(&quiet, "rx2 window"), 8 * 32.768e-3, 1e-9);
    use.acknowledged = 1;
    struct energy_radio_event heard = support_event_by("sx1261", use);
    assert_true(heard.charge_uc < quiet.charge_uc && heard.duration_s < quiet.duration_s);
    assert_float_equal(support_phase_s(&heard, "rx1"), energy_lora_air_s(7, 125e3, 1, 12, 8, 0, 0),
                       1e-12);
    struct energy_radio_event bare = support_event_by("sx1261", use_of("send", "sf7", 10));
    assert_float_equal(bare.duration_s, .34e-3 + 61.696e-3, 1e-9);
    use = use_of("uplink", "sf12", 100); /* 51 B at most */
    assert_int_equal(support_event_by("sx1261", use).packets, 2);

    struct energy_radio *radio = support_radio("sx1261");
    use = use_of("", "sf12", 0);
    struct energy_radio_stream s = support_stream(radio, &use, 1);
    assert_false(s.possible); /* 51 B in 2.79 s, 1 %: 0.18 B/s */
    support_near("duty cycle", s.most_bytes_per_s, .01 * 51 / 2.7935, .001);
    assert_non_null(strstr(s.why_not, "EU868 allows 1 %"));
    s = support_stream(radio, &use, .1);
    assert_true(s.possible && s.why_not[0] == '\0');
    support_near("air", s.air_fraction, .1 / 51 * 2.7935, .001);
    energy_radio_free(radio);
}

static void test_sigfox(void **state)
{
    (void)state;
    struct energy_radio_event e = support_event_by("sigfox", use_of("", "", 12));
    assert_float_equal(e.air_s, 3 * 2.08, 1e-9);
    support_near("message", e.energy_uj, 1.03e6, .01);
    assert_float_equal(e.peak_s, 2.08, 1e-9);
    struct energy_radio *radio = support_radio("sigfox");
    struct energy_radio_use use = use_of("", "", 0);
    struct energy_radio_stream s = support_stream(radio, &use, .1);
    assert_false(s.possible);
    support_near("uplinks a day", s.most_bytes_per_s, 12 * 138.46 / 86400, .001);
    use.acknowledged = 1;
    struct energy_radio_event with_window = support_event(radio, &use);
    use.acknowledged = 0;
    e = support_event(radio, &use);
    support_near("downlink", with_window.charge_uc - e.charge_uc, 25 * 12.5e3, .01);
    energy_radio_free(radio);
}

/* nRF9160-DK measurements: 0.27 J (NB-IoT, released at once), 0.55 J (LTE-M, 10 s of tail), 0.20
 * and 0.36 J for waking and registering alone. */
static void test_cellular(void **state)
{
    (void)state;
    struct energy_radio_use use = use_of("message", "", 200);
    support_near("ltem", support_event_by("nrf9160-ltem", use).energy_uj, .55e6, .1);
    support_near("ltem time", support_event_by("nrf9160-ltem", use).duration_s, 22, .1);
    use.release_assisted = 1;
    support_near("nbiot", support_event_by("nrf9160-nbiot", use).energy_uj, .27e6, .1);
    support_near("nbiot time", support_event_by("nrf9160-nbiot", use).duration_s, 11, .1);
    support_near("ltem wake", support_event_by("nrf9160-ltem", use_of("tau", "", 0)).energy_uj,
                 .36e6, .1);
    support_near("nbiot wake", support_event_by("nrf9160-nbiot", use_of("tau", "", 0)).energy_uj,
                 .20e6, .1);
    /* one message a week: six daily updates between two of them */
    double once = support_event_by("nrf9160-nbiot", use).energy_uj;
    use.interval_s = 7 * 86400;
    double weekly = support_event_by("nrf9160-nbiot", use).energy_uj;
    double update = support_event_by("nrf9160-nbiot", use_of("tau", "", 0)).energy_uj;
    assert_float_equal(weekly - once, 6 * update, 1);
    /* the packet hardly matters */
    use.payload_bytes = 20;
    use.interval_s = 0;
    support_near("small", support_event_by("nrf9160-nbiot", use).energy_uj, once, .05);
}

static void test_wifi(void **state)
{
    static const struct {
        const char *event;
        double ms, mc;
    } rows[] = {
        {"", 734, 100.2},     {"connect", 734, 100.2},       {"connect-dhcp", 1626, 204.3},
        {"mqtt", 774, 108.6}, {"http", 2928, 341.3},         {"esp-now", 119, 7.68},
        {"boot", 70, 3.32},   {"esp-now-failed", 145, 15.4},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct energy_radio_event e = support_event_by("esp32-wifi", use_of(rows[i].event, "", 0));
        assert_float_equal(e.charge_uc, rows[i].mc * 1e3, 1e-6);
        assert_float_equal(e.duration_s, rows[i].ms * 1e-3, 1e-12);
        assert_true(e.peak_ma == 240 && e.rsd > .05);
    }
    /* connected already: 60 nJ per bit */
    struct energy_radio_event e = support_event_by("esp32-wifi", use_of("send", "", 1e6));
    support_near("bulk", e.energy_uj * 1e3 / 8e6, 60, .02);
    struct energy_radio *radio = support_radio("esp32-wifi");
    struct energy_radio_use use = use_of("", "", 0);
    struct energy_radio_stream slow = support_stream(radio, &use, 10);
    struct energy_radio_stream fast = support_stream(radio, &use, 32000);
    assert_true(slow.uw < 45e3 * 3.3 * .1);                      /* joins now and then */
    assert_true(fast.uw > 45e3 * 3.3 && fast.possible);          /* stays */
    support_near("link", slow.most_bytes_per_s, 10e6 / 8, 1e-9); /* either way */
    assert_false(support_stream(radio, &use, 2e6).possible);
    energy_radio_free(radio);
}

static void test_simple(void **state)
{
    (void)state;
    struct energy_radio_event e = support_event_by("warden-bluetooth", use_of("", "", 125));
    assert_float_equal(e.energy_uj, 100, 1e-9);                /* 100 mW for 1 ms */
    e = support_event_by("uhf-cubesat", use_of("", "", 2350)); /* 10 frames of 256 B */
    assert_int_equal(e.packets, 10);
    assert_float_equal(e.air_s, 2560 * 8 / 9600., 1e-9);
    struct energy_radio *radio = support_radio("uhf-cubesat");
    struct energy_radio_use use = use_of("", "", 0);
    assert_false(support_stream(radio, &use, 1200).possible);
    assert_true(support_stream(radio, &use, 400).possible);
    energy_radio_free(radio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bl652_table),
        cmocka_unit_test(test_nrf52832_fit),
        cmocka_unit_test(test_other_published_events),
        cmocka_unit_test(test_nrf54l10),
        cmocka_unit_test(test_ble_air_times),
        cmocka_unit_test(test_ble_notifications),
        cmocka_unit_test(test_ble_widening),
        cmocka_unit_test(test_ble_long_payloads),
        cmocka_unit_test(test_lora_packets),
        cmocka_unit_test(test_802154),
        cmocka_unit_test(test_lora_air_times),
        cmocka_unit_test(test_lora_energies),
        cmocka_unit_test(test_lora_class_a),
        cmocka_unit_test(test_sigfox),
        cmocka_unit_test(test_cellular),
        cmocka_unit_test(test_wifi),
        cmocka_unit_test(test_simple),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
