/* Otii profiles in the published layout, generated: known curves, thousands of rows, noise. */
#include "battery_support.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOTAL_MAH 819.07

/* A made-up cell: surface charge, plateau, slope, knee. */
static double true_v(double dod)
{
    return 2.9 + .3 * exp(-dod / .004) - .35 * dod * dod - .75 * exp((dod - 1) / .03);
}

static double true_ohm(double dod)
{
    return .4 + .3 * dod + 1.6 * exp((dod - 1) / .08);
}

struct layout {
    size_t rows;
    double c;            /* NAN = not in the file */
    const char *profile; /* between the braces of a table, before its rows */
    double mah, ohm;     /* factors on the cell's */
    double noise_v, noise_ohm;
};

struct text {
    char *bytes;
    size_t used, room;
};

static void put(struct text *t, const char *piece)
{
    size_t n = strlen(piece);
    if (t->used + n + 1 > t->room) {
        t->room = 2 * (t->room + n + 1);
        t->bytes = realloc(t->bytes, t->room);
        assert_non_null(t->bytes);
    }
    memcpy(t->bytes + t->used, piece, n + 1);
    t->used += n;
}

static void put_row(struct text *t, const struct layout *l, double dod, uint64_t *random)
{
    char line[160];
    double v = true_v(dod) + l->noise_v * (2 * uniform(random) - 1);
    double ohm = l->ohm * true_ohm(dod) + l->noise_ohm * (2 * uniform(random) - 1);
    snprintf(line, sizeof line, "{\"voltage\": %.4f, \"resistance\": %.4f, \"capacity\": %.5f}", v,
             ohm, l->mah * TOTAL_MAH * dod);
    put(t, line);
}

static void put_table(struct text *t, const struct layout *l, uint64_t *random)
{
    char line[80];
    put(t, "{\"id\": \"0d3c\", ");
    put(t, l->profile);
    snprintf(line, sizeof line,
             "\"temperature\": %g, \"temperatureunit\": \"\xc2\xb0"
             "C\", ",
             l->c);
    if (!isnan(l->c))
        put(t, line);
    put(t, "\"device\": {\"type\": \"Arc\", \"name\": \"x\"}, \"table\": [");
    for (size_t i = 1; i <= l->rows; i++) {
        put_row(t, l, (double)i / (double)l->rows, random);
        put(t, ",\n");
    }
    put_row(t, l, 1, random); /* the last one repeats */
    put(t, "]}");
}

/* The file's text; caller frees. */
static char *profile_of(const struct layout *tables, size_t count, const char *battery)
{
    struct text t = {0};
    uint64_t random = 7;
    put(&t, "{\"id\": \"77aa\", \"dischargetables\": [");
    for (size_t i = 0; i < count; i++) {
        put(&t, i ? ", " : "");
        put_table(&t, &tables[i], &random);
    }
    put(&t, "], \"battery\": {\"capacity\": 850, \"capacityunit\": \"mAh\", \"voltage\": 3, "
            "\"voltageunit\": \"V\", \"model\": \"CR2\", \"manufacturer\": \"Panasonic\", "
            "\"size\": \"34.5x17\", \"sizeunit\": \"mm\"");
    put(&t, battery);
    put(&t, "}}");
    return t.bytes;
}

static char folder[64], path[200];

static const char *json_file(const char *name, const char *text)
{
    struct cc_error err = {0};
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/coincell-otii-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    if (path[0])
        unlink(path);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (cc_file_write(path, text, strlen(text), &err) != CC_OK)
        fail_msg("%s", err.message);
    return path;
}

static struct energy_battery *loaded(const struct layout *tables, size_t count, const char *battery)
{
    char *text = profile_of(tables, count, battery);
    struct energy_battery *b = support_battery(json_file("cell.json", text));
    free(text);
    return b;
}

#define MODES(high, exits)                                                                         \
    "\"dischargeprofile\": {\"low\": {\"mode\": \"current\", \"value\": 0.002, \"time\": 180}, "   \
    "\"high\": " high ", \"exitConditions\": " exits "}, \"softwareVersion\": \"3.5.3\", "
#define EXITS "{\"iterations\": 0, \"ocv\": 1.6, \"voltage\": 1.6}"

static const char by_current[] =
    MODES("{\"mode\": \"current\", \"value\": 0.035, \"time\": 1.3}", EXITS);
static const char by_power[] =
    MODES("{\"mode\": \"power\", \"value\": 0.371, \"time\": 13.3}", EXITS);
static const char by_resistance[] =
    MODES("{\"mode\": \"resistance\", \"value\": 100, \"time\": 0.002}", "{\"iterations\": 0}");
static const char older[] = "\"current\": 0, \"currentunit\": \"mA\", ";

/* From the second row on: what lies before the first is not in a file. */
static void check_curve(const struct energy_battery *b, double rows, double v_off, double ohm_off)
{
    for (int i = (int)ceil(2000 / rows); i <= 1000; i++) {
        double v, ohm, dod = i / 1000.;
        energy_battery_at(b, dod, &v, &ohm);
        if (fabs(v - true_v(dod)) > v_off || fabs(ohm - true_ohm(dod)) > ohm_off)
            fail_msg("at %g: %g V for %g, %g ohm for %g", dod, v, true_v(dod), ohm, true_ohm(dod));
    }
}

/* 1.7 MB: the noise of the instrument may not become the cell's. */
static void test_long_profile(void **state)
{
    (void)state;
    const struct layout noisy = {20000, 25, by_current, 1, 1, .004, .0255};
    char *text = profile_of(&noisy, 1, "");
    assert_true(strlen(text) > 1200000);
    struct energy_battery *b = support_battery(json_file("cell.json", text));
    check_curve(b, 20000, .003, .015);
    assert_float_equal(b->capacity_mah.value, TOTAL_MAH, 1e-3);
    assert_float_equal(b->curve.pulse_ma, 35, 1e-9);
    assert_float_equal(b->curve.pulse_ms, 1300, 1e-9);
    assert_float_equal(b->cut_off_v.value, 1.6, 1e-12);
    assert_string_equal(b->name, "cell");
    assert_string_equal(b->description, "Otii profile: Panasonic CR2, 819.1 mAh");
    energy_battery_free(b);
    free(text);
}

static void test_modes(void **state)
{
    (void)state;
    const struct layout power = {500, 20, by_power, 1, 1, 0, 0};
    struct energy_battery *b = loaded(&power, 1, "");
    check_curve(b, 500, .003, .01);
    assert_float_equal(b->curve.pulse_ma, 371 / true_v(.5), .1);
    assert_float_equal(b->curve.pulse_ms, 13300, 1e-6);
    energy_battery_free(b);
    const struct layout resistance = {500, 20, by_resistance, 1, 1, 0, 0};
    b = loaded(&resistance, 1, ", \"cutoffvoltage\": 2.0");
    assert_float_equal(b->curve.pulse_ma, true_v(.5) * 10, .1);
    assert_float_equal(b->curve.pulse_ms, 2, 1e-9);
    assert_float_equal(b->cut_off_v.value, 2, 1e-12); /* the measurement tells no voltage */
    energy_battery_free(b);
}

/* A table in Ah beside a capacity in mAh, and the other way round. */
static void test_unit_of_capacity(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *told;
        int ok;
    } cases[] = {
        {"[0, 3, 10], [0.3, 2.9, 12], [0.6, 2, 20]", "\"capacity\": 600", 0},
        {"[0, 3, 10], [300, 2.9, 12], [600, 2, 20]", "\"capacity\": 0.6", 0},
        {"[0, 3, 10], [300, 2.9, 12], [600, 2, 20]", "\"capacity\": 0.6, \"capacityunit\": \"Ah\"",
         1},
        {"[0, 3, 10], [300, 2.9, 12], [600, 2, 20]", "\"capacity\": 1700", 1},
        {"[0, 3, 10], [0.3, 2.9, 12], [0.6, 2, 20]", "\"capacity\": 0", 1},
    };
    char text[256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct energy_battery *b = NULL;
        struct cc_error err = {0};
        snprintf(text, sizeof text, "{\"table\": [%s], \"battery\": {%s}}", cases[i].rows,
                 cases[i].told);
        enum cc_status status = energy_battery_load(json_file("unit.json", text), &b, &err);
        assert_int_equal(status, cases[i].ok ? CC_OK : CC_ERR_INPUT);
        if (!cases[i].ok)
            assert_non_null(strstr(err.message, "give the table in mAh"));
        energy_battery_free(b);
    }
}

/* Older files: a table of voltages at rest, no load told, perhaps no temperature. */
static void test_older(void **state)
{
    (void)state;
    const struct layout plain = {11000, NAN, older, 1, 1, .002, .01};
    struct energy_battery *b = loaded(&plain, 1, "");
    double v, ohm;
    check_curve(b, 11000, .002, .006);
    assert_true(b->curve.pulse_ma == 0 && b->curve.pulse_ms == 0);
    energy_battery_at(b, 1, &v, &ohm);
    assert_float_equal(b->cut_off_v.value, v, 1e-6);
    energy_battery_free(b);
    b = loaded(&plain, 1, ", \"cutoffvoltage\": 2.5, \"worktemperature\": 20");
    assert_float_equal(b->cut_off_v.value, 2.5, 1e-12);
    energy_battery_free(b);
    b = loaded(&plain, 1, ", \"cutoffvoltage\": 3.6"); /* above the full cell: no cut-off */
    assert_true(b->cut_off_v.value < true_v(1) + .01);
    energy_battery_free(b);
}

/* The table nearest to 20 C is the curve, the others are factors; a room at 25 C is still inside.
 */
static void test_temperatures(void **state)
{
    (void)state;
    const struct layout tables[] = {{900, 20, by_current, 1, 1, 0, 0},
                                    {800, 5, by_power, .993, 2.4, 0, 0},
                                    {700, -10, by_power, .893, 7, 0, 0}};
    struct energy_battery *b = loaded(tables, 3, "");
    struct cc_error err = {0};
    const struct {
        double c, capacity, resistance;
    } known[] = {{-20, .893, 7}, {-10, .893, 7}, {-2.5, .943, 4.7}, {5, .993, 2.4},
                 {20, 1, 1},     {25, 1, 1},     {30, 1, 1}};
    check_curve(b, 900, .003, .01);
    assert_float_equal(b->curve.pulse_ma, 35, 1e-9); /* of that table */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double capacity, resistance;
        if (energy_battery_temperature(b, known[i].c, &capacity, &resistance, &err) != CC_OK)
            fail_msg("%s", err.message);
        assert_float_equal(capacity, known[i].capacity, 1e-4);
        assert_float_equal(resistance, known[i].resistance, .01);
    }
    double capacity, resistance;
    assert_int_equal(energy_battery_temperature(b, 31, &capacity, &resistance, &err), CC_ERR_USAGE);
    energy_battery_free(b);
}

/* The life is that of the cell that the rows were made of, brown-out and all. */
static void test_life(void **state)
{
    (void)state;
    const struct layout noisy = {15000, 25, by_current, 1, 1, .003, .02};
    struct energy_battery *b = loaded(&noisy, 1, "");
    struct energy_supply *supply = supply_of(b, NULL, 25, 0);
    struct energy_load *load = empty_load(2.2);
    add_part(load, "sleep", 3000, 3, 1); /* 1 mA */
    add_pulse(load, "radio", 250, .01, 10);
    struct energy_lifetime life = lifetime(supply, load);
    double low = 0, high = 1;
    for (int i = 0; i < 50; i++) {
        double dod = .5 * (low + high);
        if (true_v(dod) - .25 * true_ohm(dod) > 2.2)
            low = dod;
        else
            high = dod;
    }
    assert_string_equal(life.limited_by, "brown-out");
    assert_float_equal(1 - life.charge_left, low, .01);
    double leak_ma = TOTAL_MAH * .02 / 8766 * exp2(.5);
    assert_float_equal(life.days.p50, (1 - life.charge_left) * TOTAL_MAH / (1 + leak_ma) / 24, .01);
    free(load);
    energy_supply_free(supply);
    energy_battery_free(b);
}

static void test_long_name(void **state)
{
    (void)state;
    const struct layout plain = {50, 20, older, 1, 1, 0, 0};
    char name[100];
    char *text = profile_of(&plain, 1, "");
    for (int length = 59; length <= 64; length++) {
        snprintf(name, sizeof name, "%0*d.json", length, 7);
        struct energy_battery *b = support_battery(json_file(name, text));
        assert_int_equal(strlen(b->name), length < 60 ? length : 60);
        energy_battery_free(b);
    }
    free(text);
}

static void refused(const char *text, const char *from, const char *to, const char *says)
{
    struct energy_battery *b;
    struct cc_error err = {0};
    char *changed = support_replace(text, from, to);
    assert_int_equal(energy_battery_load(json_file("cell.json", changed), &b, &err), CC_ERR_INPUT);
    if (!strstr(err.message, says))
        fail_msg("no \"%s\" in: %s", says, err.message);
    free(changed);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct layout plain = {4, 20, by_current, 1, 1, 0, 0};
    char *text = profile_of(&plain, 1, "");
    refused(text, "\"capacity\": 409.53500", "\"capacity\": \"much\"", "table row 1");
    refused(text, "\"capacity\": 409.53500", "\"capacity\": -1", "used capacity");
    refused(text, "\"resistance\"", "\"resistance\": -4, \"was\"", "resistance (ohm) of -4");
    refused(text, "\"temperature\": 20", "\"temperature\": 500", "temperature");
    refused(text, "\"table\"", "\"tables\": [], \"t\": 3, \"x", "not JSON");
    free(text);
}

static int clean(void **state)
{
    (void)state;
    if (path[0])
        unlink(path);
    if (folder[0])
        rmdir(folder);
    support_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_profile),     cmocka_unit_test(test_modes),
        cmocka_unit_test(test_unit_of_capacity), cmocka_unit_test(test_older),
        cmocka_unit_test(test_temperatures),     cmocka_unit_test(test_life),
        cmocka_unit_test(test_long_name),        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
