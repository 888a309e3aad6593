/* A reader of FlatBuffers for untrusted bytes: tables, vectors, strings and unions by field id,
 * without generated code. Knows nothing of any schema.
 *
 * Errors are sticky, so that a table can be read field by field without a check behind each: the
 * first malformed offset, length or alignment is noted in struct models_fb (problem, where), and
 * that call and all later ones return absent tables, empty vectors and defaults. Read a stretch,
 * then look at `problem` once. Nothing is ever read outside [data, data + bytes). Nothing is
 * allocated; handles point into the buffer and stay valid as long as it does.
 *
 * Every call is O(1). Tables may share children, so what a hostile buffer describes can be larger
 * than the buffer; callers bound the total they accept. */
#ifndef MODELS_FLATBUFFER_H
#define MODELS_FLATBUFFER_H

#include <stddef.h>
#include <stdint.h>

#define MODELS_FB_MAX_DEPTH 16 /* tables within tables; deeper is malformed */

struct models_fb {
    const uint8_t *data;
    size_t bytes;
    const char *problem; /* NULL, or a phrase for the first malformed place */
    size_t where;        /* byte position of that place */
};

struct models_fb_table {
    struct models_fb *fb;
    size_t at; /* position of the table, 0 = absent */
    size_t vtable;
    uint32_t vtable_bytes, table_bytes;
    int depth;
};

struct models_fb_vector {
    struct models_fb *fb;
    size_t at;      /* position of element 0, 0 = absent */
    uint32_t count; /* elements, 0 when absent */
    uint32_t element_bytes;
    int depth;
};

/* bytes must be below 2^31, the limit of the format. */
void models_fb_open(struct models_fb *fb, const uint8_t *data, size_t bytes);

/* The root table of a buffer with this 4-byte file identifier. */
struct models_fb_table models_fb_root(struct models_fb *fb, const char *identifier);

/* Scalars of field `id`; fallback when the field or the table is absent. */
uint8_t models_fb_u8(struct models_fb_table t, uint32_t id, uint8_t fallback);
int8_t models_fb_i8(struct models_fb_table t, uint32_t id, int8_t fallback);
uint32_t models_fb_u32(struct models_fb_table t, uint32_t id, uint32_t fallback);
int32_t models_fb_i32(struct models_fb_table t, uint32_t id, int32_t fallback);
uint64_t models_fb_u64(struct models_fb_table t, uint32_t id, uint64_t fallback);
float models_fb_f32(struct models_fb_table t, uint32_t id, float fallback);

/* Sub-table of field `id`; at == 0 when absent. */
struct models_fb_table models_fb_table(struct models_fb_table t, uint32_t id);

/* Union: its type at field id (0 = none), its table at id + 1. A type without a value or a value
 * without a type is malformed. */
struct models_fb_table models_fb_union(struct models_fb_table t, uint32_t id, uint8_t *type);

/* Vector of scalars of element_bytes (1, 2, 4 or 8) each; strings are vectors of 1. */
struct models_fb_vector models_fb_vector(struct models_fb_table t, uint32_t id,
                                         uint32_t element_bytes);

/* A string: vector of bytes without its terminating zero, which is checked. */
struct models_fb_vector models_fb_string(struct models_fb_table t, uint32_t id);

/* Vector of tables, and its elements. */
struct models_fb_vector models_fb_tables(struct models_fb_table t, uint32_t id);
struct models_fb_table models_fb_tables_at(struct models_fb_vector v, uint32_t i);

/* Elements of scalar vectors made with the fitting element_bytes; i < v.count. */
int32_t models_fb_i32_at(struct models_fb_vector v, uint32_t i);
int64_t models_fb_i64_at(struct models_fb_vector v, uint32_t i);
float models_fb_f32_at(struct models_fb_vector v, uint32_t i);

/* Bytes of a vector's elements, NULL when absent. */
const uint8_t *models_fb_data(struct models_fb_vector v);

#endif
