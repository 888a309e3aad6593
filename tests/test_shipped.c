/* The scenarios that ship, end to end, against orders of magnitude that others have published or
 * that a calculation on paper gives. Bounds are wide: they catch a wrong power of ten or a
 * forgotten part, not a price that moved. */
#include "cli_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *run(const char *scenario, const char *options)
{
    char line[160];
    snprintf(line, sizeof line, "run --scenario %s %s --no-db --json", scenario, options);
    assert_ok(line);
    return parsed();
}

static void between(json_t *result, const char *path, double least, double most)
{
    double value = number_at(result, path);
    if (!(value >= least && value <= most))
        fail_msg("%s: %s is %g, not within %g and %g", text_at(result, "life.scenario"), path,
                 value, least, most);
}

/* MLPerf Tiny v0.7 to v1.1, image classification on this chip at 1.8 V: 271 to 332 pJ per
 * multiply-accumulate, and more at 3 V. Five pJ an operation would last 263 days. */
static void test_mobilenet(void **unused)
{
    (void)unused;
    json_t *r = run("mobilenet_5pj", "--stream");
    between(r, "inference.macs", 11e6, 12e6);
    double pj = 1e6 * number_at(r, "inference.energy_uj.p50") / number_at(r, "inference.macs");
    assert_true(pj > 200 && pj < 700);
    between(r, "life.days.p50", 2, 263 / 10.0);
    json_decref(r);
}

/* 1.25 mA of microphone and host would empty 225 mAh in 7.5 days; here it is the low-power mode of
 * a microphone, 235 uA. Nothing lasts longer than that alone: 40 days. */
static void test_wake_word(void **unused)
{
    (void)unused;
    json_t *r = run("wake_word", "--stream");
    between(r, "life.days.p50", 7.5, 40);
    assert_true(number_at(r, "life.stream.stream_uj") > number_at(r, "life.stream.result_uj"));
    json_decref(r);
}

/* 10 uA of a listening microphone and 2 of a sleeping chip are 2.1 years of 225 mAh without a
 * single wake-up; the aim is one year. */
static void test_voice_button(void **unused)
{
    (void)unused;
    json_t *r = run("voice_button", "");
    between(r, "life.days.p50", 365, 2.6 * 365);
    between(r, "life.days.p10", 90, 365);
    between(r, "memory.ram_used_bytes", 500, 8192);
    json_decref(r);
}

/* Cells of size 312 last 3 to 10 days in hearing aids. */
static void test_hearing_aid(void **unused)
{
    (void)unused;
    json_t *r = run("hearing_aid", "");
    between(r, "life.days.p50", 3, 14);
    between(r, "life.busy_s", 0.0005, 0.004);
    json_decref(r);
}

/* 2670 packets of SF9 are 28 minutes on the air, of 216 s that the band allows in six hours. */
static void test_crop_pest(void **unused)
{
    (void)unused;
    json_t *r = run("crop_pest", "--stream");
    assert_string_equal(text_at(r, "life.limited_by"), "shelf life");
    assert_true(json_is_false(at(r, "life.stream.possible")));
    between(r, "life.stream.raw_bytes_per_period", 640 * 480, 640 * 480);
    json_decref(r);
}

/* A third of the pictures is sent: a third of the energy of sending all, and little else. */
static void test_satellite(void **unused)
{
    (void)unused;
    json_t *r = run("satellite_camera", "--stream");
    double all = number_at(r, "life.stream.stream_uj"),
           clear = number_at(r, "life.stream.result_uj");
    assert_near(clear / all, 0.33, 0.03);
    assert_true(json_is_true(at(r, "life.energy_neutral")));
    json_decref(r);
}

/* Shutdown, a clock and a sensor that stands by: a microwatt, carried by 4 cm2 of room light. */
static void test_thin_film(void **unused)
{
    (void)unused;
    json_t *r = run("thin_film", "");
    between(r, "life.average_uw", 0.2, 3);
    assert_true(json_is_true(at(r, "life.energy_neutral")));
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mobilenet),    cmocka_unit_test(test_wake_word),
        cmocka_unit_test(test_voice_button), cmocka_unit_test(test_hearing_aid),
        cmocka_unit_test(test_crop_pest),    cmocka_unit_test(test_satellite),
        cmocka_unit_test(test_thin_film),
    };
    return cmocka_run_group_tests(tests, cli_set_up, cli_tear_down);
}
