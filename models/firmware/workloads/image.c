/* Front ends for images, which come from the camera in strips: nobody has memory for all of it. */
#include "workload_base.h"

_Static_assert(sizeof(struct downscale96_work) <= workload_downscale96_work_bytes, "work_bytes");
_Static_assert(sizeof(struct downscale_rgb_work) <= workload_downscale_rgb_work_bytes,
               "work_bytes");
_Static_assert(sizeof(struct difference_work) <= workload_difference_work_bytes, "work_bytes");

static void fill_bytes(void *to, uint32_t count)
{
    uint8_t *bytes = to;
    uint32_t seed = 1;
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)workload_random(&seed);
}

/* Ten pixels become three: 10/3 wide, in thirds. */
static void three_of_ten(const uint8_t *from, uint32_t weight, uint16_t *sums)
{
    uint32_t a = 3u * (from[0] + from[1] + from[2]) + from[3];
    uint32_t b = 2u * from[3] + 3u * (from[4] + from[5]) + 2u * from[6];
    uint32_t c = from[6] + 3u * (from[7] + from[8] + from[9]);
    sums[0] = (uint16_t)(sums[0] + a * weight);
    sums[1] = (uint16_t)(sums[1] + b * weight);
    sums[2] = (uint16_t)(sums[2] + c * weight);
}

/* Five lines become two: 5/2 high, in halves. An output is a sum of weights 10 x 5. */
WORKLOAD_APART static void scale_strip(struct downscale96_work *work, uint32_t strip)
{
    static const uint8_t weights[2][5] = {{2, 2, 1, 0, 0}, {0, 0, 1, 2, 2}};
    for (uint32_t row = 0; row < 2; row++) {
        uint8_t *out = work->image + (2 * strip + row) * 96;
        for (uint32_t x = 0; x < 96; x++)
            work->sums[x] = 0;
        for (uint32_t line = 0; line < 5; line++) {
            const uint8_t *from = work->lines[line];
            for (uint32_t x = 0; weights[row][line] && x < 96; x += 3, from += 10)
                three_of_ten(from, weights[row][line], work->sums + x);
        }
        for (uint32_t x = 0; x < 96; x++)
            out[x] = (uint8_t)((work->sums[x] * 1311u + 0x8000) >> 16); /* / 50 */
    }
}

WORKLOAD_EXPORT int32_t workload_downscale96(void *memory, uint32_t n, const uint32_t *table)
{
    struct downscale96_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_bytes(work->lines, sizeof work->lines);
        work->ready = 1;
    }
    for (; n; n--) {
        for (uint32_t strip = 0; strip < 48; strip++)
            scale_strip(work, strip);
    }
    return work->image[0] + work->image[95];
}

/* Pixels of 15 become four of 15/4, in quarters. */
static const uint8_t quarters[4][5] = {
    {4, 4, 4, 3, 0}, {1, 4, 4, 4, 2}, {2, 4, 4, 4, 1}, {3, 4, 4, 4, 0}};
static const uint8_t quarter_first[4] = {0, 3, 7, 11};
static const uint8_t quarter_count[4] = {4, 5, 5, 4};

/* Sums of the three colours, 8 bits each, of one output pixel along one line. */
static void sum_pixels(const uint16_t *from, uint32_t x, uint32_t weight, uint32_t *sums)
{
    from += x / 4 * 15 + quarter_first[x & 3];
    for (uint32_t i = 0; i < quarter_count[x & 3]; i++) {
        uint32_t pixel = from[i], w = quarters[x & 3][i] * weight;
        uint32_t red = pixel >> 11, green = pixel >> 5 & 63, blue = pixel & 31;
        sums[0] += (red << 3 | red >> 2) * w;
        sums[1] += (green << 2 | green >> 4) * w;
        sums[2] += (blue << 3 | blue >> 2) * w;
    }
}

/* An output is a sum of weights 15 x 15. */
WORKLOAD_APART static void scale_rgb_strip(struct downscale_rgb_work *work, uint32_t strip)
{
    for (uint32_t row = 0; row < 4; row++) {
        int8_t *out = work->image + (4 * strip + row) * 96;
        for (uint32_t x = 0; x < 32; x++, out += 3) {
            uint32_t sums[3] = {0, 0, 0};
            for (uint32_t i = 0; i < quarter_count[row]; i++)
                sum_pixels(work->lines[quarter_first[row] + i] + RGB_LEFT, x, quarters[row][i],
                           sums);
            for (int c = 0; c < 3; c++) /* / 225 */
                out[c] = (int8_t)((int32_t)((sums[c] * 4661u + (1u << 19)) >> 20) - 128);
        }
    }
}

WORKLOAD_EXPORT int32_t workload_downscale_rgb(void *memory, uint32_t n, const uint32_t *table)
{
    struct downscale_rgb_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_bytes(work->lines, sizeof work->lines);
        work->ready = 1;
    }
    for (; n; n--) {
        for (uint32_t strip = 0; strip < 8; strip++)
            scale_rgb_strip(work, strip);
    }
    return work->image[0] + work->image[95];
}

/* Pixels of a block of 8 x 8 that changed; the picture kept follows by a quarter. */
static uint32_t changed(const uint8_t *now, uint8_t *kept)
{
    uint32_t count = 0;
    for (uint32_t y = 0; y < 8; y++, now += DIFFERENCE_WIDTH, kept += DIFFERENCE_WIDTH) {
        for (uint32_t x = 0; x < 8; x++) {
            int32_t difference = now[x] - kept[x];
            count += (uint32_t)(difference > DIFFERENCE_LIMIT || difference < -DIFFERENCE_LIMIT);
            kept[x] = (uint8_t)(kept[x] + difference / 4);
        }
    }
    return count;
}

WORKLOAD_APART static uint32_t compare_strip(struct difference_work *work, uint32_t strip)
{
    uint32_t moving = 0;
    uint8_t *kept = work->kept + strip * 8 * DIFFERENCE_WIDTH;
    for (uint32_t block = 0; block < DIFFERENCE_WIDTH / 8; block++)
        moving += changed(work->lines + 8 * block, kept + 8 * block) >= DIFFERENCE_PIXELS;
    return moving;
}

WORKLOAD_EXPORT int32_t workload_difference(void *memory, uint32_t n, const uint32_t *table)
{
    struct difference_work *work = memory;
    (void)table;
    if (!work->ready) {
        fill_bytes(work->lines, sizeof work->lines);
        work->ready = 1;
    }
    for (; n; n--) {
        work->moving = 0;
        for (uint32_t strip = 0; strip < DIFFERENCE_HEIGHT / 8; strip++)
            work->moving += compare_strip(work, strip);
    }
    return (int32_t)work->moving;
}
