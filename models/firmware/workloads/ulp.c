/* What a sensor node does once per wake-up, a fixed amount of it: small filters on 8 and 16 bits,
 * sorting, search, a CRC, decimal digits, the segments of a display and a state machine. Its kind
 * is that of ULPMark-CoreProfile; the code is not, and results cannot be compared. */
#include "workload_base.h"

_Static_assert(sizeof(struct ulp_work) <= workload_ulp_work_bytes, "work_bytes");

#define N ULP_BYTES

WORKLOAD_APART static void smooth_bytes(const uint8_t *from, uint8_t *to)
{
    to[0] = from[0];
    to[N - 1] = from[N - 1];
    for (int i = 1; i < N - 1; i++)
        to[i] = (uint8_t)((from[i - 1] + 2 * from[i] + from[i + 1] + 2) >> 2);
}

/* Low pass of second order in 16 bits; coefficients times 2^14. */
WORKLOAD_APART static void filter_halves(const int16_t *from, int16_t *to)
{
    int32_t x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (int i = 0; i < N; i++) {
        int32_t x = from[i];
        int32_t y = (1106 * x + 2212 * x1 + 1106 * x2 + 18727 * y1 - 6763 * y2 + 8192) >> 14;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y > 32767 ? 32767 : y < -32768 ? -32768 : y;
        to[i] = (int16_t)y1;
    }
}

WORKLOAD_APART static void sort_bytes(const uint8_t *from, uint8_t *to)
{
    for (int i = 0; i < N; i++) {
        int at = i;
        for (; at > 0 && to[at - 1] > from[i]; at--)
            to[at] = to[at - 1];
        to[at] = from[i];
    }
}

/* Where a word begins in text, or -1. */
WORKLOAD_APART static int32_t search_text(const uint8_t *text, const char *word, int length)
{
    for (int32_t at = 0; at + length <= N; at++) {
        int i = 0;
        while (i < length && text[at + i] == (uint8_t)word[i])
            i++;
        if (i == length)
            return at;
    }
    return -1;
}

WORKLOAD_APART static uint32_t crc_bytes(const uint8_t *from)
{
    uint32_t crc = 0xffff;
    for (int i = 0; i < N; i++) {
        crc ^= (uint32_t)from[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
        crc &= 0xffff;
    }
    return crc;
}

WORKLOAD_APART static void to_digits(uint32_t number, uint8_t *digits)
{
    for (int i = 7; i >= 0; i--) {
        digits[i] = (uint8_t)(number % 10);
        number /= 10;
    }
}

WORKLOAD_APART static void light_segments(const uint8_t *digits, uint32_t *segments)
{
    static const uint8_t shapes[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};
    for (int i = 0; i < 4; i++)
        segments[i] = 0;
    for (int i = 0; i < 8; i++)
        segments[i >> 1] |= (uint32_t)shapes[digits[i]] << 8 * (i & 1);
}

/* Segments of a digit lie on other lines of the glass: bit b goes to line b mod 4. */
WORKLOAD_APART static void permute(const uint32_t *segments, uint32_t *glass)
{
    for (int i = 0; i < 4; i++)
        glass[i] = 0;
    for (int i = 0; i < 4; i++) {
        for (int bit = 0; bit < 16; bit++) {
            if (segments[i] >> bit & 1)
                glass[bit & 3] |= 1u << (i * 4 + (bit >> 2));
        }
    }
}

WORKLOAD_APART static uint32_t count_bits(const uint8_t *from)
{
    uint32_t bits = 0;
    for (int i = 0; i < N; i++) {
        for (uint32_t byte = from[i]; byte; byte &= byte - 1)
            bits++;
    }
    return bits;
}

/* A debounced switch with a timeout: idle, maybe pressed, pressed, maybe released. */
WORKLOAD_APART static void run_switch(struct ulp_work *work)
{
    uint32_t state = work->state, steps = 0;
    for (int i = 0; i < N; i++) {
        int high = work->bytes[i] & 1;
        uint32_t next = state;
        switch (state) {
        case 0:
            next = high ? 1 : 0;
            break;
        case 1:
            next = high ? 2 : 0;
            break;
        case 2:
            next = high ? 2 : 3;
            break;
        default:
            next = high ? 2 : 0;
            break;
        }
        steps += next != state;
        state = next;
    }
    work->state = state;
    work->steps = steps;
}

static void fill_ulp(struct ulp_work *work)
{
    static const char words[] = "the temperature of the cor is that of the core, more or less. ";
    uint32_t seed = 1;
    for (int i = 0; i < N; i++) {
        work->bytes[i] = (uint8_t)workload_random(&seed);
        work->halves[i] = (int16_t)workload_random(&seed);
        work->text[i] = (uint8_t)(i < (int)sizeof words ? words[i] : ' ');
    }
    work->number = 90210457;
    work->ready = 1;
}

WORKLOAD_EXPORT int32_t workload_ulp(void *memory, uint32_t n, const uint32_t *table)
{
    struct ulp_work *work = memory;
    (void)table;
    if (!work->ready)
        fill_ulp(work);
    for (; n; n--) {
        work->state = 0;
        smooth_bytes(work->bytes, work->smooth);
        filter_halves(work->halves, work->filtered);
        sort_bytes(work->smooth, work->sorted);
        work->median = work->sorted[N / 2];
        work->found = search_text(work->text, "core", 4);
        work->crc = crc_bytes(work->bytes);
        to_digits(work->number, work->digits);
        light_segments(work->digits, work->segments);
        permute(work->segments, work->glass);
        work->bits = count_bits(work->bytes);
        run_switch(work);
    }
    return (int32_t)(work->crc + work->median);
}
