/* Dot products of int8: two weights and two inputs per instruction on cores that can, one at a time
 * elsewhere. */
#include "dsp_intrinsics.h"
#include "workload_base.h"

#define ROWS    32
#define COLUMNS 128

struct mac_work {
    uint32_t ready;
    int32_t sums[ROWS];
    int8_t input[COLUMNS];
    int8_t weights[ROWS][COLUMNS];
};
WORKLOAD_FITS(struct mac_work, workload_mac_int8);

static void fill_mac(struct mac_work *work)
{
    uint32_t seed = 1;
    for (int i = 0; i < COLUMNS; i++)
        work->input[i] = (int8_t)workload_random(&seed);
    for (int r = 0; r < ROWS; r++) {
        for (int i = 0; i < COLUMNS; i++)
            work->weights[r][i] = (int8_t)workload_random(&seed);
    }
    work->ready = 1;
}

#if DSP_ASM
/* Two rows share the inputs that are spread once. */
WORKLOAD_APART static void two_rows(const int8_t *weights, const int8_t *input, int32_t *sums)
{
    int32_t a = 0, b = 0;
    for (int i = 0; i < COLUMNS; i += 4) {
        uint32_t x = dsp_load(input + i);
        uint32_t even = dsp_sxtb16(x), odd = dsp_sxtb16_8(x);
        uint32_t v = dsp_load(weights + i), w = dsp_load(weights + COLUMNS + i);
        a = dsp_smlad(dsp_sxtb16(v), even, a);
        b = dsp_smlad(dsp_sxtb16(w), even, b);
        a = dsp_smlad(dsp_sxtb16_8(v), odd, a);
        b = dsp_smlad(dsp_sxtb16_8(w), odd, b);
    }
    sums[0] = a;
    sums[1] = b;
}
#else
WORKLOAD_APART static void two_rows(const int8_t *weights, const int8_t *input, int32_t *sums)
{
    int32_t a = 0, b = 0;
    for (int i = 0; i < COLUMNS; i++) {
        int32_t x = input[i];
        a += x * weights[i];
        b += x * weights[COLUMNS + i];
    }
    sums[0] = a;
    sums[1] = b;
}
#endif

WORKLOAD_EXPORT int32_t workload_mac_int8(void *memory, uint32_t n, const uint32_t *table)
{
    struct mac_work *work = memory;
    int32_t all = 0;
    (void)table;
    if (!work->ready)
        fill_mac(work);
    for (; n; n--) {
        for (int r = 0; r < ROWS; r += 2)
            two_rows(work->weights[r], work->input, &work->sums[r]);
    }
    for (int r = 0; r < ROWS; r++)
        all = (int32_t)((uint32_t)all * 31u) + work->sums[r];
    return all;
}
