/* Front ends for images and slow sensors on every core against the same in double precision or in
 * plain code of another shape. */
#include "workload_support.h"

#include "firmware/workloads/workloads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t random_word(void)
{
    static uint32_t x = 7;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static double overlap(double a0, double a1, double b0, double b1)
{
    double low = a0 > b0 ? a0 : b0, high = a1 < b1 ? a1 : b1;
    return high > low ? high - low : 0;
}

typedef double (*pixel_fn)(const void *image, int x, int y);

/* Mean of the source over one target pixel of `size` source pixels. */
static double mean_area(const void *image, pixel_fn pixel, int column, int row, double width,
                        double height)
{
    double sum = 0;
    for (int y = (int)(row * height); y < (row + 1) * height; y++) {
        for (int x = (int)(column * width); x < (column + 1) * width; x++)
            sum += pixel(image, x, y) * overlap(x, x + 1, column * width, (column + 1) * width) *
                   overlap(y, y + 1, row * height, (row + 1) * height);
    }
    return sum / width / height;
}

static double grey_pixel(const void *image, int x, int y)
{
    const struct downscale96_work *work = image;
    return work->lines[y % 5][x];
}

/* Within 0.6 of a grey level; white stays white. */
static void test_downscale96(void **state)
{
    (void)state;
    struct downscale96_work *work = malloc(sizeof *work);
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        workload_open(&s, workload_chips[i], "downscale96", NULL, NULL);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        for (int k = 0; k < 5 * 320; k++)
            work->lines[k / 320][k % 320] = k % 320 < 100 ? 255 : (uint8_t)random_word();
        workload_write(&s, 0, work, sizeof *work);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        for (int k = 0; k < 96 * 96; k++) {
            double mean = mean_area(work, grey_pixel, k % 96, k / 96, 10 / 3.0, 2.5);
            assert_true(fabs(work->image[k] - mean) < 0.6);
            if (k % 96 < 30)
                assert_int_equal(work->image[k], 255);
        }
        cli_workload_close(&s);
    }
    free(work);
}

static int colour;

static double colour_pixel(const void *image, int x, int y)
{
    const struct downscale_rgb_work *work = image;
    uint32_t pixel = work->lines[y % 15][x + RGB_LEFT];
    return colour == 0   ? (pixel >> 11) * 255 / 31.0
           : colour == 1 ? (pixel >> 5 & 63) * 255 / 63.0
                         : (pixel & 31) * 255 / 31.0;
}

/* Within 1.2 of a level: colours of 5 and 6 bits are widened by repeating their upper bits. */
static void test_downscale_rgb(void **state)
{
    (void)state;
    struct downscale_rgb_work *work = malloc(sizeof *work);
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        workload_open(&s, workload_chips[i], "downscale32rgb", NULL, NULL);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        for (int k = 0; k < 15 * 160; k++)
            work->lines[k / 160][k % 160] = k % 160 < 50 ? 0xffff : (uint16_t)random_word();
        workload_write(&s, 0, work, sizeof *work);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        for (int k = 0; k < 32 * 32 * 3; k++) {
            colour = k % 3;
            double mean = mean_area(work, colour_pixel, k / 3 % 32, k / 96, 3.75, 3.75);
            assert_true(fabs(work->image[k] + 128 - mean) < 1.2);
            if (k / 3 % 32 < 8)
                assert_int_equal(work->image[k], 127);
        }
        cli_workload_close(&s);
    }
    free(work);
}

/* A picture that stands still for long enough does not move; then a square of it does. */
static void test_difference(void **state)
{
    (void)state;
    struct difference_work *work = malloc(sizeof *work);
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        workload_open(&s, workload_chips[i], "frame-difference", NULL, NULL);
        workload_call(&s, 1, NULL);
        for (int frame = 0; frame < 20; frame++)
            workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        assert_int_equal(work->moving, 0);
        for (int k = 0; k < DIFFERENCE_WIDTH * DIFFERENCE_HEIGHT; k++)
            assert_true(abs(work->kept[k] - work->lines[k % (8 * DIFFERENCE_WIDTH)]) < 4);
        for (int k = 0; k < 8 * DIFFERENCE_WIDTH; k++) /* blocks 2 and 3, whole; 5, seven pixels */
            work->lines[k] ^= k % 160 / 16 == 1 || (k < 160 && k / 8 == 5 && k % 8) ? 0x80 : 0;
        workload_write(&s, 0, work, sizeof *work);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, work, sizeof *work);
        assert_int_equal(work->moving, 2 * DIFFERENCE_HEIGHT / 8);
        cli_workload_close(&s);
    }
    free(work);
}

struct learned {
    double means[NOVELTY_FEATURES], variances[NOVELTY_FEATURES];
    double centres[NOVELTY_CENTRES][NOVELTY_FEATURES];
};

static int reference_learn(struct learned *l, const int16_t *x, double *distance)
{
    int nearest = 0;
    *distance = INFINITY;
    for (int i = 0; i < NOVELTY_FEATURES; i++) {
        double d = x[i] - l->means[i];
        l->means[i] += d / 64;
        l->variances[i] += (d * d - l->variances[i]) / 64;
    }
    for (int c = 0; c < NOVELTY_CENTRES; c++) {
        double sum = 0;
        for (int i = 0; i < NOVELTY_FEATURES; i++)
            sum += (x[i] - l->centres[c][i]) * (x[i] - l->centres[c][i]);
        if (sum < *distance) {
            *distance = sum;
            nearest = c;
        }
    }
    for (int i = 0; i < NOVELTY_FEATURES; i++)
        l->centres[nearest][i] += (x[i] - l->centres[nearest][i]) / 16;
    return nearest;
}

static void check_learned(const struct novelty_work *work, const struct learned *l)
{
    for (int i = 0; i < NOVELTY_FEATURES; i++) {
        assert_true(fabs(work->means[i] / 256.0 - l->means[i]) < 0.5);
        assert_true(fabs(work->variances[i] * 4.0 - l->variances[i]) <
                    0.01 * l->variances[i] + 300);
        for (int c = 0; c < NOVELTY_CENTRES; c++) /* differences below 8 are rounded away */
            assert_true(fabs(work->centres[c][i] - l->centres[c][i]) < 9);
    }
}

/* Two hundred vectors around four places: the same centre each time, the same state in the end. */
static void test_novelty(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct novelty_work work = {.ready = 1};
        struct learned l = {0};
        workload_open(&s, workload_chips[i], "novelty-learn", NULL, NULL);
        for (int k = 0; k < NOVELTY_CENTRES * NOVELTY_FEATURES; k++) {
            int centre = (int)(random_word() % 8000) - 4000;
            work.centres[k / NOVELTY_FEATURES][k % NOVELTY_FEATURES] = (int16_t)centre;
            l.centres[k / NOVELTY_FEATURES][k % NOVELTY_FEATURES] = centre;
        }
        workload_write(&s, 0, &work, sizeof work);
        for (int step = 0; step < 200; step++) {
            double distance;
            for (int k = 0; k < NOVELTY_FEATURES; k++)
                work.features[k] =
                    (int16_t)(l.centres[step % 4][k] + (int)(random_word() % 800) - 400);
            workload_write(&s, offsetof(struct novelty_work, features), work.features,
                           sizeof work.features);
            workload_call(&s, 1, NULL);
            int nearest = reference_learn(&l, work.features, &distance);
            workload_read(&s, 0, &work, sizeof work);
            assert_int_equal(work.nearest, nearest);
            assert_true(fabs(work.distance * 256.0 - distance) < 0.03 * distance + 64 * 256);
        }
        check_learned(&work, &l);
        cli_workload_close(&s);
    }
}

static void test_threshold(void **state)
{
    static const int32_t readings[][4] = {
        /* the last: above */
        {500, 500, 500, 0}, {700, 590, 600, 1}, {560, 560, 560, 1}, {540, 550, 551, 0},
        {600, 600, 600, 0}, {-5, -5, -5, 0},    {601, 602, 601, 1}};
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct threshold_work work = {.ready = 1, .upper = 600, .lower = 550};
        workload_open(&s, workload_chips[i], "threshold", NULL, NULL);
        for (size_t k = 0; k < sizeof readings / sizeof readings[0]; k++) {
            memcpy(work.readings, readings[k], sizeof work.readings);
            workload_write(&s, 0, &work, sizeof work);
            assert_int_equal(workload_call(&s, 1, NULL), readings[k][3]);
            workload_read(&s, 0, &work, sizeof work);
        }
        cli_workload_close(&s);
    }
}

static int compare_bytes(const void *a, const void *b)
{
    return *(const uint8_t *)a - *(const uint8_t *)b;
}

static void check_filters(const struct ulp_work *work)
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    uint8_t sorted[ULP_BYTES];
    memcpy(sorted, work->smooth, sizeof sorted);
    qsort(sorted, sizeof sorted, 1, compare_bytes);
    assert_memory_equal(work->sorted, sorted, sizeof sorted);
    assert_int_equal(work->median, sorted[ULP_BYTES / 2]);
    for (int i = 1; i < ULP_BYTES - 1; i++)
        assert_true(fabs(work->smooth[i] -
                         (work->bytes[i - 1] + 2 * work->bytes[i] + work->bytes[i + 1]) / 4.0) <=
                    0.51);
    for (int i = 0; i < ULP_BYTES; i++) {
        double x = work->halves[i];
        double y = (1106 * x + 2212 * x1 + 1106 * x2 + 18727 * y1 - 6763 * y2) / 16384;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        assert_true(fabs(work->filtered[i] - y) < 5);
    }
}

static void check_small(const struct ulp_work *work)
{
    uint32_t bits = 0, number = 0, lit = 0, wired = 0;
    const uint8_t *found = memmem(work->text, ULP_BYTES, "core", 4);
    assert_int_equal(work->found, found - work->text);
    for (int i = 0; i < ULP_BYTES; i++)
        bits += (uint32_t)__builtin_popcount(work->bytes[i]);
    assert_int_equal(work->bits, bits);
    for (int i = 0; i < 8; i++)
        number = number * 10 + work->digits[i];
    assert_int_equal(number, work->number);
    for (int i = 0; i < 4; i++) {
        lit += (uint32_t)__builtin_popcount(work->segments[i]);
        wired += (uint32_t)__builtin_popcount(work->glass[i]);
    }
    assert_int_equal(lit, wired);
    assert_int_equal(lit, 6 + 6 + 5 + 2 + 6 + 4 + 5 + 3); /* 9 0 2 1 0 4 5 7 */
}

static void test_ulp(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct ulp_work work;
        workload_open(&s, workload_chips[i], "ulp-core", NULL, NULL);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, &work, sizeof work);
        check_filters(&work);
        check_small(&work);
        /* CRC-16/CCITT-FALSE of "123456789" is 0x29b1; zeros behind it: from a table-free division
         * of the same polynomial */
        memset(work.bytes, 0, sizeof work.bytes);
        memcpy(work.bytes, "123456789", 9);
        workload_write(&s, 0, &work, sizeof work);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, &work, sizeof work);
        uint32_t crc = 0x29b1;
        for (int bit = 0; bit < 8 * (ULP_BYTES - 9); bit++)
            crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
        assert_int_equal(work.crc, crc);
        cli_workload_close(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_downscale96), cmocka_unit_test(test_downscale_rgb),
        cmocka_unit_test(test_difference),  cmocka_unit_test(test_novelty),
        cmocka_unit_test(test_threshold),   cmocka_unit_test(test_ulp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
