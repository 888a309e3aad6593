/* Small loops: arithmetic, divisions, a mixture, and streams of memory accesses. */
#include "workload_base.h"

WORKLOAD_APART static uint32_t fibonacci(uint32_t n)
{
    uint32_t a = 0, b = 1;
    for (; n; n--) {
        uint32_t sum = a + b;
        a = b;
        b = sum;
    }
    return a;
}

WORKLOAD_EXPORT int32_t workload_fibonacci(void *memory, uint32_t n, const uint32_t *table)
{
    uint32_t sum = 0;
    (void)memory;
    (void)table;
    for (; n; n--)
        sum += fibonacci(workload_opaque(46));
    return (int32_t)sum;
}

#define REDUCED_WORDS 64

struct reduced_work {
    uint32_t state;
    uint32_t words[REDUCED_WORDS];
    int16_t halves[REDUCED_WORDS];
    uint8_t bytes[256];
};
WORKLOAD_FITS(struct reduced_work, workload_reduced);

static void fill_reduced(struct reduced_work *work)
{
    uint32_t seed = 1;
    for (int i = 0; i < REDUCED_WORDS; i++) {
        work->words[i] = workload_random(&seed);
        work->halves[i] = (int16_t)workload_random(&seed);
    }
    for (int i = 0; i < 256; i++)
        work->bytes[i] = (uint8_t)workload_random(&seed);
    work->state = 1;
}

/* What small control programs do: look up, compare, shift, add, store. */
WORKLOAD_APART static uint32_t reduced_pass(struct reduced_work *work, uint32_t state)
{
    int32_t level = 0;
    for (int i = 0; i < REDUCED_WORDS; i++) {
        uint32_t word = work->words[i];
        state = (state << 5 | state >> 27) ^ work->bytes[word & 255];
        level += work->halves[i];
        if (level > 20000)
            level -= (int32_t)(state & 0xfff);
        else if (level < -20000)
            level += 4096;
        state += word >> 3;
        work->words[i] = state ^ (uint32_t)level;
    }
    return state + (uint32_t)level;
}

WORKLOAD_EXPORT int32_t workload_reduced(void *memory, uint32_t n, const uint32_t *table)
{
    struct reduced_work *work = memory;
    (void)table;
    if (!work->state)
        fill_reduced(work);
    for (; n; n--)
        work->state = reduced_pass(work, work->state) | 1;
    return (int32_t)work->state;
}

WORKLOAD_APART static int is_prime(uint32_t n)
{
    for (uint32_t d = 3; d * d <= n; d += 2) {
        if (n % d == 0)
            return 0;
    }
    return 1;
}

/* Primes below n. */
WORKLOAD_EXPORT int32_t workload_prime(void *memory, uint32_t n, const uint32_t *table)
{
    int32_t count = n > 2;
    (void)memory;
    (void)table;
    for (uint32_t i = 3; i < n; i += 2)
        count += is_prime(i);
    return count;
}

#define STREAM_WORDS 2048
#define FLASH_WORDS  (workload_stream_flash_table_bytes / 4)

struct stream_work {
    uint32_t words[STREAM_WORDS];
};
WORKLOAD_FITS(struct stream_work, workload_stream_sram);
WORKLOAD_FITS(struct stream_work, workload_stream_sram_write);
WORKLOAD_FITS(struct stream_work, workload_stream_sram_copy);

WORKLOAD_APART static uint32_t sum_words(const uint32_t *from, uint32_t count)
{
    uint32_t a = 0, b = 0;
    for (const uint32_t *end = from + count; from < end; from += 8) {
        a += from[0] ^ from[1];
        b += from[2] ^ from[3];
        a += from[4] ^ from[5];
        b += from[6] ^ from[7];
    }
    return a ^ b;
}

WORKLOAD_EXPORT int32_t workload_stream_flash(void *memory, uint32_t n, const uint32_t *table)
{
    uint32_t sum = 0;
    (void)memory;
    for (; n; n--)
        sum += sum_words(workload_afresh(table), FLASH_WORDS);
    return (int32_t)sum;
}

WORKLOAD_EXPORT int32_t workload_stream_sram(void *memory, uint32_t n, const uint32_t *table)
{
    struct stream_work *work = memory;
    uint32_t sum = 0, seed = 1;
    (void)table;
    if (!work->words[0]) {
        for (int i = 0; i < STREAM_WORDS; i++)
            work->words[i] = workload_random(&seed);
    }
    for (; n; n--)
        sum += sum_words(workload_afresh(work->words), STREAM_WORDS);
    return (int32_t)sum;
}

WORKLOAD_APART static uint32_t write_words(uint32_t *to, uint32_t count, uint32_t value)
{
    for (uint32_t *end = to + count; to < end; to += 8) {
        to[0] = to[2] = to[4] = to[6] = value;
        value += 0x9e3779b9u;
        to[1] = to[3] = to[5] = to[7] = value;
    }
    return value;
}

WORKLOAD_EXPORT int32_t workload_stream_sram_write(void *memory, uint32_t n, const uint32_t *table)
{
    struct stream_work *work = memory;
    uint32_t value = 1;
    (void)table;
    for (; n; n--)
        value = write_words(work->words, STREAM_WORDS, value);
    return (int32_t)work->words[STREAM_WORDS - 1];
}

WORKLOAD_APART static void copy_words(uint32_t *to, const uint32_t *from, uint32_t count)
{
    for (uint32_t *end = to + count; to < end; to += 4, from += 4) {
        uint32_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
    }
}

WORKLOAD_EXPORT int32_t workload_stream_sram_copy(void *memory, uint32_t n, const uint32_t *table)
{
    struct stream_work *work = memory;
    uint32_t seed = 1;
    (void)table;
    if (!work->words[0]) {
        for (int i = 0; i < STREAM_WORDS; i++)
            work->words[i] = workload_random(&seed);
    }
    for (; n; n--)
        copy_words(work->words + STREAM_WORDS / 2, work->words, STREAM_WORDS / 2);
    return (int32_t)work->words[STREAM_WORDS - 1];
}
