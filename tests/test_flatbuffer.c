/* The FlatBuffers reader alone: every kind of field, and every way a buffer can lie. */
#include "flatbuffer.h"
#include "tflite_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Positions a test may want to damage. */
struct places {
    size_t table, vtable, fields[10], string, vector, tables;
};

/* Root: 0 u8, 1 i32, 2 u64, 3 f32, 4 string, 5 [i32], 6 [table], 7 union type, 8 union value. */
static void build(struct fbb *b, struct places *p)
{
    static const int32_t numbers[] = {-1, 70000};
    float pi = 3.25f;
    uint32_t bits;
    memcpy(&bits, &pi, sizeof bits);
    struct fbb_field fields[] = {
        {1, 200}, {4, (uint32_t)-5}, {8, 1ull << 40}, {4, bits}, {4, 0}, {4, 0}, {4, 0}, {1, 3},
        {4, 0}};
    struct fbb_field child[] = {{4, 42}};
    size_t at[1];
    fbb_start(b, "TEST");
    p->table = fbb_table(b, fields, 9, p->fields);
    p->vtable = p->table - (4 + 2 * 9);
    fbb_point(b, 0, p->table);
    p->string = fbb_string(b, "hello");
    fbb_point(b, p->fields[4], p->string);
    p->vector = fbb_vector(b, numbers, 2, 4);
    fbb_point(b, p->fields[5], p->vector);
    p->tables = fbb_vector(b, NULL, 2, 4);
    fbb_point(b, p->fields[6], p->tables);
    fbb_point(b, p->tables + 4, fbb_table(b, child, 1, at));
    fbb_point(b, p->tables + 8, fbb_table(b, child, 1, at));
    fbb_point(b, p->fields[8], fbb_table(b, child, 1, at));
}

/* Reads everything there is; the sum keeps reads from being optimised away. */
static uint64_t read_all(struct models_fb *fb)
{
    uint8_t type;
    struct models_fb_table root = models_fb_root(fb, "TEST");
    uint64_t sum = models_fb_u8(root, 0, 0) + (uint64_t)models_fb_i32(root, 1, 0) +
                   models_fb_u64(root, 2, 0) + (uint64_t)(models_fb_f32(root, 3, 0) != 0);
    struct models_fb_vector text = models_fb_string(root, 4);
    for (uint32_t i = 0; i < text.count; i++)
        sum += models_fb_data(text)[i];
    struct models_fb_vector numbers = models_fb_vector(root, 5, 4);
    for (uint32_t i = 0; i < numbers.count; i++)
        sum += (uint64_t)models_fb_i32_at(numbers, i);
    struct models_fb_vector tables = models_fb_tables(root, 6);
    for (uint32_t i = 0; i < tables.count && i < 100; i++)
        sum += (uint64_t)models_fb_i32(models_fb_tables_at(tables, i), 0, 0);
    sum += (uint64_t)models_fb_i32(models_fb_union(root, 7, &type), 0, 0);
    return sum + type;
}

static void reads_every_kind_of_field(void **state)
{
    (void)state;
    struct fbb b;
    struct places p;
    build(&b, &p);
    struct models_fb fb;
    models_fb_open(&fb, b.data, b.bytes);
    struct models_fb_table root = models_fb_root(&fb, "TEST");
    assert_int_equal(root.at, p.table);
    assert_int_equal(models_fb_u8(root, 0, 0), 200);
    assert_int_equal(models_fb_i32(root, 1, 0), -5);
    assert_true(models_fb_u64(root, 2, 0) == 1ull << 40);
    assert_true(models_fb_f32(root, 3, 0) == 3.25f);
    struct models_fb_vector text = models_fb_string(root, 4);
    assert_int_equal(text.count, 5);
    assert_memory_equal(models_fb_data(text), "hello", 5);
    struct models_fb_vector numbers = models_fb_vector(root, 5, 4);
    assert_int_equal(numbers.count, 2);
    assert_int_equal(models_fb_i32_at(numbers, 0), -1);
    assert_int_equal(models_fb_i32_at(numbers, 1), 70000);
    assert_int_equal(models_fb_i32_at(numbers, 2), 0); /* behind the end */
    struct models_fb_vector tables = models_fb_tables(root, 6);
    assert_int_equal(tables.count, 2);
    assert_int_equal(models_fb_i32(models_fb_tables_at(tables, 1), 0, 0), 42);
    uint8_t type;
    assert_int_equal(models_fb_i32(models_fb_union(root, 7, &type), 0, 0), 42);
    assert_int_equal(type, 3);
    assert_null(fb.problem);
    free(b.data);
}

static void absent_fields_are_defaults(void **state)
{
    (void)state;
    struct fbb b;
    struct places p;
    build(&b, &p);
    struct models_fb fb;
    models_fb_open(&fb, b.data, b.bytes);
    struct models_fb_table root = models_fb_root(&fb, "TEST");
    assert_int_equal(models_fb_i32(root, 9, -3), -3); /* behind the vtable */
    assert_int_equal(models_fb_i32(root, 70000, 8), 8);
    struct models_fb_table child = models_fb_table(root, 20);
    assert_int_equal(child.at, 0);
    assert_int_equal(models_fb_u8(child, 0, 7), 7); /* fields of an absent table */
    assert_int_equal(models_fb_vector(child, 0, 4).count, 0);
    assert_null(models_fb_data(models_fb_string(child, 0)));
    assert_null(fb.problem);
    free(b.data);
}

/* Damages one place and expects the reader to say so, naming a place in the buffer. */
static void expect_problem(size_t bytes, const uint8_t *data, const char *phrase)
{
    /* An exact copy, so that the address sanitizer sees any overread. */
    uint8_t *copy = malloc(bytes ? bytes : 1);
    memcpy(copy, data, bytes);
    struct models_fb fb;
    models_fb_open(&fb, copy, bytes);
    read_all(&fb);
    assert_non_null(fb.problem);
    if (phrase && !strstr(fb.problem, phrase))
        fail_msg("expected \"%s\", got \"%s\"", phrase, fb.problem);
    assert_true(fb.where <= bytes + UINT32_MAX);
    free(copy);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void refuses_damage(void **state)
{
    (void)state;
    struct places p;
    struct fbb clean;
    build(&clean, &p);
    const struct {
        size_t at;
        uint32_t value;
        const char *phrase;
    } cases[] = {
        {0, 0, "points outside"},
        {0, (uint32_t)clean.bytes + 4, "points outside"},
        {0, (uint32_t)clean.bytes, "beyond the end"},
        {0, (uint32_t)p.table + 1, "not aligned"},
        {4, 0x20202020, "identifier"},
        {p.table, 0x7fffffff, "field list"},
        {p.table, 0x80000000, "beyond the end"},
        {p.table, (uint32_t)(p.table - p.vtable) + 1, "not aligned"},
        {p.vtable, 0x00040003, "is not a field list"},
        {p.vtable, 0x0004fffe, "beyond the end"},
        {p.vtable, 0xfffc0000u | (4 + 2 * 9), "beyond the end"},
        {p.vtable, 0x00040000u | (4 + 2 * 9), "outside its table"},
        {p.vtable + 4, 0x00020002, "outside its table"},
        {p.fields[4], 0xffffffff, "points outside"},
        {p.fields[4], 0, "points outside"},
        {p.fields[5], (uint32_t)(p.vector - p.fields[5]) + 2, "not aligned"},
        {p.string, 4, "terminating zero"},
        {p.string, 0xffffffff, "more elements"},
        {p.vector, 0x40000000, "more elements"},
        {p.tables + 8, 0xfffffff0, "points outside"},
        {p.fields[7], 0, "union"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *copy = malloc(clean.bytes);
        memcpy(copy, clean.data, clean.bytes);
        put32(copy + cases[i].at, cases[i].value);
        expect_problem(clean.bytes, copy, cases[i].phrase);
        free(copy);
    }
    free(clean.data);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    struct fbb b;
    struct places p;
    build(&b, &p);
    for (size_t bytes = 0; bytes < b.bytes; bytes++)
        expect_problem(bytes, b.data, NULL);
    free(b.data);
}

/* A problem is sticky: later calls return nothing and keep the first report. */
static void first_problem_stays(void **state)
{
    (void)state;
    struct fbb b;
    struct places p;
    build(&b, &p);
    put32(b.data + p.vector, 0x40000000);
    struct models_fb fb;
    models_fb_open(&fb, b.data, b.bytes);
    struct models_fb_table root = models_fb_root(&fb, "TEST");
    assert_int_equal(models_fb_u8(root, 0, 0), 200);
    assert_int_equal(models_fb_vector(root, 5, 4).count, 0);
    assert_int_equal(fb.where, p.vector);
    assert_int_equal(models_fb_u8(root, 0, 9), 9);
    assert_int_equal(models_fb_string(root, 4).count, 0);
    assert_int_equal(fb.where, p.vector);
    free(b.data);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    struct fbb b;
    struct fbb_field child[] = {{4, 0}};
    size_t at[1], field = 0;
    fbb_start(&b, "TEST");
    for (int i = 0; i < MODELS_FB_MAX_DEPTH + 1; i++) {
        fbb_point(&b, field, fbb_table(&b, child, 1, at));
        field = at[0];
    }
    fbb_point(&b, field, fbb_table(&b, NULL, 0, at));
    struct models_fb fb;
    models_fb_open(&fb, b.data, b.bytes);
    struct models_fb_table t = models_fb_root(&fb, "TEST");
    int depth = 0;
    while (t.at && depth < 100) {
        depth++;
        t = models_fb_table(t, 0);
    }
    assert_int_equal(depth, MODELS_FB_MAX_DEPTH);
    assert_non_null(strstr(fb.problem, "deep"));
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_field),
        cmocka_unit_test(absent_fields_are_defaults),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(first_problem_stays),
        cmocka_unit_test(refuses_deep_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
