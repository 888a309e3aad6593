/* Sensor and display files: every shipped one, known answers, refusals, damaged files. */
#include "radio_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct energy_sensor *load(const char *name)
{
    struct energy_sensor *sensor;
    struct cc_error err = {0};
    if (energy_sensor_load(name, &sensor, &err) != CC_OK)
        fail_msg("%s", err.message);
    return sensor;
}

static struct energy_sensor_mode mode_of(const char *name, const char *mode)
{
    struct energy_sensor *sensor = load(name);
    struct energy_sensor_mode m;
    struct cc_error err = {0};
    if (energy_sensor_mode_of(sensor, mode, &m, NULL, &err) != CC_OK)
        fail_msg("%s", err.message);
    energy_sensor_free(sensor);
    return m;
}

static void test_shipped(void **state)
{
    char **names;
    size_t count, modes = 0, microphones = 0, displays = 0, cameras = 0;
    struct cc_error err = {0};
    (void)state;
    assert_int_equal(cc_data_names("energy/sensors", &names, &count, &err), CC_OK);
    assert_true(count >= 35);
    for (size_t i = 0; i < count; i++) {
        struct energy_sensor *sensor = load(names[i]);
        const char *mode, *kind = energy_sensor_kind(sensor);
        microphones += strcmp(kind, "microphone") == 0;
        displays += strcmp(kind, "display") == 0;
        cameras += strcmp(kind, "camera") == 0;
        assert_string_equal(energy_sensor_name(sensor), names[i]);
        assert_true(strlen(energy_sensor_description(sensor)) > 8);
        for (uint32_t m = 0; (mode = energy_sensor_mode_name(sensor, m)) != NULL; m++, modes++) {
            struct energy_sensor_mode r;
            assert_int_equal(energy_sensor_mode_of(sensor, mode, &r, NULL, &err), CC_OK);
            assert_string_equal(r.name, mode);
            assert_true(r.active_uw >= 0 && r.active_uw < 3e6 && r.standby_uw >= 0);
            if (r.standby_uw > r.active_uw && strcmp(mode, "open") != 0)
                fail_msg("%s %s stands by at more than it takes", names[i], mode);
            assert_true(r.rsd >= 0 && r.standby_rsd >= 0 && r.start_s >= 0 && r.once_s >= 0);
            assert_true(r.least_v > 0 && r.least_v <= r.vdd_v);
            if (r.once_s > 0) /* ends by itself: a result, no stream */
                assert_true(r.bytes_per_s == 0);
        }
        energy_sensor_free(sensor);
    }
    assert_true(microphones >= 10 && displays >= 8 && cameras >= 6 && modes > 120);
    cc_names_free(names, count);
}

/* Figures of the data sheets, as powers and energies. */
static void test_known_answers(void **state)
{
    (void)state;
    struct energy_sensor_mode m = mode_of("adxl362", NULL);
    assert_string_equal(m.name, "100hz");
    support_near("ADXL362, 100 Hz", m.active_uw, 3.6, 1e-9);
    support_near("standby", m.standby_uw, .02, 1e-9);
    support_near("bytes", m.bytes_per_s, 600, 1e-9);
    m = mode_of("mpu6050", "gyro");
    support_near("MPU-6050 gyroscope", m.active_uw, 10800, 1e-9);
    m = mode_of("ov7670", "snapshot");
    support_near("OV7670 picture", m.active_uw * (m.start_s + m.once_s), 20e3, .01);
    m = mode_of("ov2640", "snapshot");
    support_near("OV2640 picture", m.active_uw * m.start_s, 63e3, .01);
    m = mode_of("hm01b0", "snapshot");
    support_near("HM01B0 picture", m.active_uw * m.once_s, .33e3, .01);
    assert_true(m.bytes_once == 76800);
    m = mode_of("neo-6m", "cold-fix");
    support_near("NEO-6M cold fix", m.active_uw * m.once_s, 4.5e6, .15);
    m = mode_of("max-m10s", "cold-fix");
    support_near("M10 cold fix", m.active_uw * m.once_s, .76e6, .1);
    m = mode_of("epaper-1in54", "full");
    assert_true(m.active_uw * m.once_s > 50e3 && m.active_uw * m.once_s < 80e3);
    m = mode_of("samsung-always-on", "always-on");
    support_near("always on", m.active_uw, 45.5, 1e-9);
    support_near("500 times", mode_of("samsung-always-on", "normal").active_uw, 500 * 45.5, 1e-9);
    m = mode_of("ics43432", "8khz"); /* its own start-up, the sensor's standby */
    support_near("start with soft unmute", m.start_s, 9e-3 + 256 / 8e3, 1e-9);
    support_near("standby", m.standby_uw, 12 * 1.8, 1e-9);
    m = mode_of("inmp441", "standby-kept"); /* the reverse */
    support_near("standby", m.standby_uw, 800 * 1.8, 1e-9);
    /* exponent: 1.4 mA at 1.8 V, 2.2 mA at 3.3 V */
    support_near("INMP441 at 3.3 V", m.active_uw * pow(3.3 / 1.8, m.vdd_exponent), 2200 * 3.3, .01);
}

static void test_docs(void **state)
{
    (void)state;
    struct energy_sensor *sensor = load("sph0645lm4h");
    struct energy_docs docs = {0};
    struct energy_sensor_mode m;
    struct cc_error err = {0};
    int found = 0;
    assert_int_equal(energy_sensor_mode_of(sensor, "", &m, &docs, &err), CC_OK);
    assert_int_equal(docs.count, 7); /* supply 3, standby, start, active, bytes */
    for (uint32_t i = 0; i < docs.count; i++) {
        assert_string_equal(docs.rows[i].file, "energy/sensors/sph0645lm4h.yaml");
        found += strcmp(docs.rows[i].key, "modes[0].active_ua") == 0 && docs.rows[i].value == 600 &&
                 docs.rows[i].verified;
    }
    assert_int_equal(found, 1);
    energy_docs_free(&docs);
    energy_sensor_free(sensor);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *from, *to, *word;
    } rows[] = {
        {"kind: microphone", "kind: mic", "mic"},
        {"standby_ua:", "standby_ma:", "did you mean standby_ua?"},
        {"standby_ua: {value: 3", "standby_ua: {value: -3", "standby_ua"},
        {"standby_ua:",
         "standby_uw: {value: 1, rsd: 0, verified: no, source: \"test\"}\nstandby_ua:",
         "standby_uw: stands beside standby_ua"},
        {"active_ua: {value: 600", "active_ua: {value: nan", "modes[0].active_ua"},
        {"active_ua:", "once_ms:", "modes[0].active_ua: is missing"},
        {"least_v: {value: 1.62", "least_v: {value: 2.62", "least_v"},
        {"modes:", "modes: []\nmode:", "modes"},
    };
    (void)state;
    char *text = support_text("sensors", "sph0645lm4h");
    struct energy_sensor *sensor;
    struct cc_error err;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *edited = support_replace(text, rows[i].from, rows[i].to);
        assert_int_equal(energy_sensor_load(support_file(edited), &sensor, &err), CC_ERR_INPUT);
        assert_null(sensor);
        if (!strstr(err.message, rows[i].word) || !strstr(err.message, ".yaml:"))
            fail_msg("'%s' does not name file, line and '%s'", err.message, rows[i].word);
        free(edited);
    }
    char *no_start = support_without_line(text, "start_ms:");
    assert_int_equal(energy_sensor_load(support_file(no_start), &sensor, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "start_ms: is missing"));
    free(no_start);
    free(text);
    text = support_text("sensors", "adxl362");
    char *twice = support_replace(text, "mode: 400hz", "mode: 100hz");
    assert_int_equal(energy_sensor_load(support_file(twice), &sensor, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "'100hz' is the name of another one"));
    free(twice);
    free(text);

    assert_int_equal(energy_sensor_load("adxl363", &sensor, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean adxl362?"));
    struct energy_sensor_mode m;
    sensor = load("adxl362");
    assert_int_equal(energy_sensor_mode_of(sensor, "1000hz", &m, NULL, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "write one of 100hz, 400hz, motion"));
    assert_null(energy_sensor_mode_name(sensor, 1000));
    energy_sensor_free(sensor);
}

static void test_damaged_files(void **state)
{
    (void)state;
    uint32_t seed = 7, taken = 0;
    char *text = support_text("sensors", "ics43432");
    for (int i = 0; i < 1500; i++) {
        struct energy_sensor *sensor;
        struct energy_sensor_mode m;
        struct cc_error err = {0};
        char *damaged = support_mutate(text, &seed);
        if (energy_sensor_load(support_file(damaged), &sensor, &err) == CC_OK) {
            assert_int_equal(energy_sensor_mode_of(sensor, "", &m, NULL, &err), CC_OK);
            assert_true(isfinite(m.active_uw) && isfinite(m.start_s));
            taken++;
        } else {
            assert_non_null(strstr(err.message, ".yaml"));
        }
        energy_sensor_free(sensor);
        free(damaged);
    }
    free(text);
    assert_true(taken > 50 && taken < 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),       cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_docs),          cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_damaged_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_cleanup();
    return failed;
}
