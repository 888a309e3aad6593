/* Decoding of Thumb code: every member of struct sim_insn for a table of encodings, IT blocks, and
 * code that is none. The bytes were made by GNU as. */
#include "sim_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADDRESS 0x1000u
#define R(n)    ((uint64_t)1 << (n))
#define S(n)    ((uint64_t)1 << (SIM_REG_S0 + (n)))
#define FLAGS   R(SIM_REG_FLAGS)
#define FPSCR   R(SIM_REG_FPSCR)
#define GE      R(SIM_REG_GE)
#define SPEC    R(SIM_REG_SPECIAL)
#define B(...)                                                                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

struct row {
    const char *text;
    uint8_t code[4];
    struct sim_insn want;
};

#define ROW(text, code, klass, kind, ...)                                                          \
    {text, code, {.cls = SIM_CLASS_##klass, .unit = SIM_UNIT_##kind, __VA_ARGS__}},

static const struct row v7m_rows[] = {
#define ROWS_V7M
#include "decode_rows.def"
#undef ROWS_V7M
};

static const struct row v8m_rows[] = {
#define ROWS_V8M
#include "decode_rows.def"
#undef ROWS_V8M
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct sim_decoder *new_decoder(enum sim_core core)
{
    struct sim_decoder *decoder;
    struct cc_error err;

    assert_int_equal(sim_decoder_new(core, &decoder, &err), CC_OK);
    return decoder;
}

/* One comparison per member, so that a failure names it. */
static void check_insn(const char *text, const struct sim_insn *got, const struct sim_insn *want)
{
#define SAME(member)                                                                               \
    if ((uint64_t)got->member != (uint64_t)want->member)                                           \
    fail_msg("%s: " #member " is 0x%llx, expected 0x%llx", text, (unsigned long long)got->member,  \
             (unsigned long long)want->member)
    SAME(bytes);
    SAME(cls);
    SAME(unit);
    SAME(branch);
    SAME(reads);
    SAME(writes);
    SAME(address_reads);
    SAME(accumulator);
    SAME(store_data);
    SAME(shifted);
    SAME(loaded);
    SAME(is_load);
    SAME(is_store);
    SAME(words);
    SAME(access_bytes);
    SAME(register_offset);
    SAME(writeback);
    SAME(literal);
    SAME(in_it);
    SAME(sets_flags);
    SAME(double_precision);
    SAME(shifted_constant);
    SAME(target);
    SAME(offset);
    SAME(step);
#undef SAME
}

static void check_rows(enum sim_core core, const struct row *rows, size_t count)
{
    struct sim_decoder *decoder = new_decoder(core);

    for (size_t i = 0; i < count; i++) {
        struct sim_insn got[2];
        unsigned it = 0;

        assert_int_equal(
            sim_decode_block(decoder, ADDRESS, rows[i].code, rows[i].want.bytes, got, 2, &it), 1);
        assert_int_equal(got[0].address, ADDRESS);
        assert_int_equal(it, 0);
        check_insn(rows[i].text, &got[0], &rows[i].want);
    }
    sim_decoder_free(decoder);
}

static void rows_v7m(void **state)
{
    (void)state;
    check_rows(SIM_CORTEX_M0, v7m_rows, 40); /* the 16-bit ones at the start of the table */
    check_rows(SIM_CORTEX_M4, v7m_rows, COUNT(v7m_rows));
    check_rows(SIM_CORTEX_M7, v7m_rows, COUNT(v7m_rows));
    check_rows(SIM_CORTEX_M33, v7m_rows, COUNT(v7m_rows));
}

static void rows_v8m(void **state)
{
    (void)state;
    check_rows(SIM_CORTEX_M33, v8m_rows, COUNT(v8m_rows));
}

/* The table must reach every class and every unit. */
static void rows_cover_classes_and_units(void **state)
{
    int classes[SIM_CLASS_COUNT] = {0}, units[SIM_UNIT_FP_SQRT + 1] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(v7m_rows); i++) {
        classes[v7m_rows[i].want.cls] = 1;
        units[v7m_rows[i].want.unit] = 1;
    }
    classes[SIM_CLASS_IT] = units[SIM_UNIT_IT] = 1; /* test it_block */
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        assert_true(classes[i]);
    for (int i = 0; i <= SIM_UNIT_FP_SQRT; i++)
        assert_true(units[i]);
}

/* One long block gives what single instructions give: no state leaks from one to the next. */
static void rows_in_one_block(void **state)
{
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_insn got[COUNT(v7m_rows)];
    uint8_t code[4 * COUNT(v7m_rows)];
    size_t bytes = 0, count;

    (void)state;
    for (size_t i = 0; i < COUNT(v7m_rows); i++) {
        memcpy(code + bytes, v7m_rows[i].code, v7m_rows[i].want.bytes);
        bytes += v7m_rows[i].want.bytes;
    }
    count = sim_decode_block(decoder, ADDRESS, code, bytes, got, COUNT(got), NULL);
    assert_int_equal(count, COUNT(v7m_rows));
    for (size_t i = 0, at = 0; i < count; i++) {
        struct sim_insn want = v7m_rows[i].want;

        assert_int_equal(got[i].address, ADDRESS + at);
        if (want.target)
            want.target += (uint32_t)at;
        check_insn(v7m_rows[i].text, &got[i], &want);
        at += want.bytes;
    }
    sim_decoder_free(decoder);
}

/* itte ne; addne r0, r1; ldrne r0, [r1]; beq .; adds r0, r0, r1; beq . */
static const uint8_t it_code[] = {0x1a, 0xbf, 0x40, 0x18, 0x08, 0x68,
                                  0xfe, 0xe7, 0x40, 0x18, 0xfe, 0xd0};

static void check_it_code(const struct sim_insn *insns)
{
    static const uint8_t in_it[] = {0, 1, 1, 1, 0, 0};

    for (size_t i = 0; i < 6; i++)
        assert_int_equal(insns[i].in_it, in_it[i]);
    assert_int_equal(insns[0].cls, SIM_CLASS_IT);
    assert_int_equal(insns[0].unit, SIM_UNIT_IT);
    assert_int_equal(insns[1].sets_flags, 0);
    assert_true(insns[1].reads == (R(0) | R(1) | FLAGS) && insns[1].writes == R(0));
    assert_true(insns[2].reads == (R(1) | FLAGS) && insns[2].loaded == R(0));
    assert_int_equal(insns[3].branch, SIM_BR_COND);
    assert_int_equal(insns[3].target, ADDRESS + 6);
    assert_int_equal(insns[4].sets_flags, 1);
    assert_int_equal(insns[5].branch, SIM_BR_COND);
}

static void it_block(void **state)
{
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_insn insns[8];
    unsigned it = 0;

    (void)state;
    assert_int_equal(sim_decode_block(decoder, ADDRESS, it_code, sizeof it_code, insns, 8, &it), 6);
    assert_int_equal(it, 0);
    check_it_code(insns);
    sim_decoder_free(decoder);
}

static void it_block_cut_anywhere(void **state)
{
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_decoder *other = new_decoder(SIM_CORTEX_M4);
    static const unsigned left[] = {0, 3, 2, 1, 0, 0, 0};

    (void)state;
    for (size_t cut = 0; cut <= 6; cut++) {
        struct sim_insn insns[8];
        unsigned it = 0;
        size_t count = sim_decode_block(decoder, ADDRESS, it_code, 2 * cut, insns, 8, &it);

        assert_int_equal(count, cut);
        assert_int_equal(it, left[cut]);
        /* by a decoder that has not seen the first part */
        count += sim_decode_block(other, ADDRESS + 2 * (uint32_t)cut, it_code + 2 * cut,
                                  sizeof it_code - 2 * cut, insns + cut, 8 - cut, &it);
        assert_int_equal(count, 6);
        assert_int_equal(it, 0);
        check_it_code(insns);
    }
    sim_decoder_free(decoder);
    sim_decoder_free(other);
}

/* An IT block whose code stops does not reach into code decoded later without a state. */
static void it_block_abandoned(void **state)
{
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_insn insns[2];

    (void)state;
    sim_decode_block(decoder, ADDRESS, it_code, 2, insns, 2, NULL);
    assert_int_equal(sim_decode_block(decoder, ADDRESS, it_code + 2, 4, insns, 2, NULL), 2);
    assert_int_equal(insns[0].in_it, 0);
    assert_int_equal(insns[0].sets_flags, 1);
    assert_true(insns[1].reads == R(1));
    sim_decoder_free(decoder);
}

/* Compares set the flags inside an IT block as well; other 16-bit arithmetic does not. */
static void it_block_flags(void **state)
{
    /* ittt eq; cmpeq r0, #3; tsteq r0, r1; muleq r0, r1, r0 */
    static const uint8_t code[] = {0x02, 0xbf, 0x03, 0x28, 0x08, 0x42, 0x48, 0x43};
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_insn insns[4];

    (void)state;
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, sizeof code, insns, 4, NULL), 4);
    assert_int_equal(insns[1].sets_flags, 1);
    assert_int_equal(insns[2].sets_flags, 1);
    assert_int_equal(insns[3].sets_flags, 0);
    assert_int_equal(insns[3].unit, SIM_UNIT_MUL);
    sim_decoder_free(decoder);
}

/* NEON, VMULL.P64, MCR, a NEON load, an A32 VRINT that Capstone accepts, CRC32, VLD1, LDC. */
static void other_profiles_are_system(void **state)
{
    static const uint8_t code[][4] = {
        {0x06, 0xef, 0x22, 0xe8}, {0x84, 0xff, 0x19, 0xba}, {0xc5, 0xee, 0x98, 0x47},
        {0xa0, 0xf9, 0x00, 0x00}, {0xfa, 0xff, 0xa8, 0xd6}, {0xc5, 0xfa, 0x8b, 0xf7},
        {0x20, 0xf9, 0x00, 0x00}, {0x30, 0xec, 0x00, 0x00}, {0x61, 0xf3, 0x3c, 0xcf},
    };
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M33);

    (void)state;
    for (size_t i = 0; i < COUNT(code); i++) {
        struct sim_insn insn;
        static const struct sim_insn want = {
            .bytes = 4, .cls = SIM_CLASS_SYSTEM, .unit = SIM_UNIT_SYSTEM};

        assert_int_equal(sim_decode_block(decoder, ADDRESS, code[i], 4, &insn, 1, NULL), 1);
        check_insn("not of this profile", &insn, &want);
    }
    sim_decoder_free(decoder);
}

static void cut_code(void **state)
{
    /* movs r0, #1; ldr.w r0, [r1, #400] */
    static const uint8_t code[] = {0x01, 0x20, 0xd1, 0xf8, 0x90, 0x01};
    struct sim_decoder *decoder = new_decoder(SIM_CORTEX_M4);
    struct sim_insn insns[3];

    (void)state;
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, 0, insns, 3, NULL), 0);
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, 1, insns, 3, NULL), 0);
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, 3, insns, 3, NULL), 1);
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, 6, insns, 1, NULL), 1);
    for (size_t bytes = 4; bytes <= 5; bytes++) {
        assert_int_equal(sim_decode_block(decoder, ADDRESS, code, bytes, insns, 3, NULL), 2);
        assert_int_equal(insns[1].cls, SIM_CLASS_SYSTEM);
        assert_int_equal(insns[1].bytes, 2);
    }
    assert_int_equal(sim_decode_block(decoder, ADDRESS, code, 6, insns, 3, NULL), 2);
    assert_int_equal(insns[1].cls, SIM_CLASS_LOAD);
    sim_decoder_free(decoder);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

static void check_invariants(const struct sim_insn *insn)
{
    assert_true(insn->bytes == 2 || insn->bytes == 4);
    assert_true(insn->cls < SIM_CLASS_COUNT && insn->unit <= SIM_UNIT_FP_SQRT);
    assert_true(insn->branch <= SIM_BR_EXCEPTION);
    assert_true((insn->address_reads & ~insn->reads) == 0);
    assert_true((insn->accumulator & ~insn->reads) == 0);
    assert_true((insn->store_data & ~insn->reads) == 0);
    assert_true((insn->shifted & ~insn->reads) == 0);
    assert_true((insn->loaded & ~insn->writes) == 0);
    assert_false(insn->is_load && insn->is_store);
    assert_int_equal(insn->access_bytes != 0, insn->is_load || insn->is_store);
    assert_int_equal(insn->sets_flags != 0,
                     (insn->writes & FLAGS) != 0 && insn->cls != SIM_CLASS_SYSTEM);
    if (insn->is_load && insn->branch != SIM_BR_TABLE)
        assert_true(insn->cls == SIM_CLASS_LOAD || insn->cls == SIM_CLASS_LOAD_MULTI);
    if (insn->is_store)
        assert_true(insn->cls == SIM_CLASS_STORE || insn->cls == SIM_CLASS_STORE_MULTI);
    if (insn->cls == SIM_CLASS_BRANCH || insn->cls == SIM_CLASS_CALL)
        assert_true(insn->branch != SIM_BR_NONE);
}

/* Random code: all of it is accounted for, whatever it is, and nothing depends on what the decoder
 * saw before. */
static void random_code(void **state)
{
    uint64_t seed = 0x2545f4914f6cdd1d;
    struct sim_decoder *used = new_decoder(SIM_CORTEX_M33), *fresh = NULL;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct sim_insn a[64], b[64];
        uint8_t code[128];
        unsigned it_a = next_random(&seed) % 5, it_b = it_a;
        size_t count, total = 0;

        for (size_t i = 0; i < sizeof code; i++)
            code[i] = (uint8_t)(next_random(&seed) | (i % 4 == 1 ? 0xe0 : 0));
        count = sim_decode_block(used, ADDRESS, code, sizeof code, a, COUNT(a), &it_a);
        for (size_t i = 0; i < count; i++) {
            check_invariants(&a[i]);
            total += a[i].bytes;
        }
        assert_int_equal(total, sizeof code);
        assert_true(it_a <= 4);
        if (round % 100 == 0) {
            sim_decoder_free(fresh);
            fresh = new_decoder(SIM_CORTEX_M33);
        }
        assert_int_equal(sim_decode_block(fresh, ADDRESS, code, sizeof code, b, COUNT(b), &it_b),
                         count);
        assert_memory_equal(a, b, count * sizeof *a);
        assert_int_equal(it_a, it_b);
    }
    sim_decoder_free(used);
    sim_decoder_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_v7m),
        cmocka_unit_test(rows_v8m),
        cmocka_unit_test(rows_cover_classes_and_units),
        cmocka_unit_test(rows_in_one_block),
        cmocka_unit_test(it_block),
        cmocka_unit_test(it_block_cut_anywhere),
        cmocka_unit_test(it_block_abandoned),
        cmocka_unit_test(it_block_flags),
        cmocka_unit_test(other_profiles_are_system),
        cmocka_unit_test(cut_code),
        cmocka_unit_test(random_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
