/* FlatBuffers in short: all offsets are little endian. The buffer starts with the 32-bit position
 * of the root table. A table starts with the signed 32-bit distance back to its vtable: 16-bit
 * vtable bytes, 16-bit table bytes, then per field the 16-bit position within the table (0 =
 * absent). Tables, vectors and strings are referred to by unsigned 32-bit distances forward from
 * where they are stored; a vector starts with its 32-bit count. Scalars are aligned to their size,
 * counted from the buffer's start. */
#include "flatbuffer.h"

#include <string.h>

#define FB_MAX_BYTES ((size_t)INT32_MAX)

static void fail(struct models_fb *fb, size_t where, const char *problem)
{
    if (fb->problem)
        return;
    fb->problem = problem;
    fb->where = where;
}

/* Whether [at, at + bytes) lies in the buffer at a multiple of `align`; notes the problem if not.
 */
static int verify(struct models_fb *fb, size_t at, size_t bytes, size_t align)
{
    if (fb->problem)
        return 0;
    if (at > fb->bytes || bytes > fb->bytes - at) {
        fail(fb, at, "reaches beyond the end of the file");
        return 0;
    }
    if (at % align != 0) {
        fail(fb, at, "is not aligned");
        return 0;
    }
    return 1;
}

/* Little endian number at a verified position. */
static uint64_t get(const struct models_fb *fb, size_t at, uint32_t bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes; i++)
        value |= (uint64_t)fb->data[at + i] << (8 * i);
    return value;
}

void models_fb_open(struct models_fb *fb, const uint8_t *data, size_t bytes)
{
    *fb = (struct models_fb){.data = data, .bytes = bytes};
    if (bytes > FB_MAX_BYTES)
        fail(fb, 0, "is larger than 2 GiB");
}

/* Follows the distance stored at `at`; 0 on failure. */
static size_t follow(struct models_fb *fb, size_t at)
{
    if (!verify(fb, at, 4, 4))
        return 0;
    size_t distance = (size_t)get(fb, at, 4);
    if (distance == 0 || distance > fb->bytes - at) {
        fail(fb, at, "points outside the file");
        return 0;
    }
    return at + distance;
}

static struct models_fb_table open_table(struct models_fb *fb, size_t at, int depth)
{
    struct models_fb_table none = {.fb = fb};
    if (depth > MODELS_FB_MAX_DEPTH) {
        fail(fb, at, "nests too deeply");
        return none;
    }
    if (!at || !verify(fb, at, 4, 4))
        return none;
    int64_t vtable = (int64_t)at - (int32_t)(uint32_t)get(fb, at, 4);
    if (vtable < 0) {
        fail(fb, at, "has its field list outside the file");
        return none;
    }
    if (!verify(fb, (size_t)vtable, 4, 2))
        return none;
    struct models_fb_table t = {.fb = fb, .at = at, .vtable = (size_t)vtable, .depth = depth};
    t.vtable_bytes = (uint32_t)get(fb, t.vtable, 2);
    t.table_bytes = (uint32_t)get(fb, t.vtable + 2, 2);
    if (t.vtable_bytes < 4 || t.vtable_bytes % 2 != 0 || t.table_bytes < 4) {
        fail(fb, t.vtable, "is not a field list");
        return none;
    }
    if (!verify(fb, t.vtable, t.vtable_bytes, 2) || !verify(fb, at, t.table_bytes, 4))
        return none;
    return t;
}

struct models_fb_table models_fb_root(struct models_fb *fb, const char *identifier)
{
    struct models_fb_table none = {.fb = fb};
    if (!verify(fb, 0, 8, 1))
        return none;
    if (memcmp(fb->data + 4, identifier, 4) != 0) {
        fail(fb, 4, "is not the file identifier");
        return none;
    }
    return open_table(fb, follow(fb, 0), 1);
}

/* Position of a field of so many bytes, 0 when absent. Scalars and offsets are aligned to their
 * own size. */
static size_t field(struct models_fb_table t, uint32_t id, uint32_t bytes)
{
    uint32_t slot = 4 + 2 * id;
    if (!t.at || t.fb->problem || slot + 2 > t.vtable_bytes)
        return 0;
    uint32_t offset = (uint32_t)get(t.fb, t.vtable + slot, 2);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset + bytes > t.table_bytes) {
        fail(t.fb, t.vtable + slot, "places a field outside its table");
        return 0;
    }
    return verify(t.fb, t.at + offset, bytes, bytes) ? t.at + offset : 0;
}

uint8_t models_fb_u8(struct models_fb_table t, uint32_t id, uint8_t fallback)
{
    size_t at = field(t, id, 1);
    return at ? (uint8_t)get(t.fb, at, 1) : fallback;
}

int8_t models_fb_i8(struct models_fb_table t, uint32_t id, int8_t fallback)
{
    return (int8_t)models_fb_u8(t, id, (uint8_t)fallback);
}

uint32_t models_fb_u32(struct models_fb_table t, uint32_t id, uint32_t fallback)
{
    size_t at = field(t, id, 4);
    return at ? (uint32_t)get(t.fb, at, 4) : fallback;
}

int32_t models_fb_i32(struct models_fb_table t, uint32_t id, int32_t fallback)
{
    return (int32_t)models_fb_u32(t, id, (uint32_t)fallback);
}

uint64_t models_fb_u64(struct models_fb_table t, uint32_t id, uint64_t fallback)
{
    size_t at = field(t, id, 8);
    return at ? get(t.fb, at, 8) : fallback;
}

static float as_float(uint64_t bits)
{
    uint32_t word = (uint32_t)bits;
    float value;
    memcpy(&value, &word, sizeof value);
    return value;
}

float models_fb_f32(struct models_fb_table t, uint32_t id, float fallback)
{
    size_t at = field(t, id, 4);
    return at ? as_float(get(t.fb, at, 4)) : fallback;
}

struct models_fb_table models_fb_table(struct models_fb_table t, uint32_t id)
{
    size_t at = field(t, id, 4);
    return open_table(t.fb, at ? follow(t.fb, at) : 0, t.depth + 1);
}

struct models_fb_table models_fb_union(struct models_fb_table t, uint32_t id, uint8_t *type)
{
    *type = models_fb_u8(t, id, 0);
    struct models_fb_table value = models_fb_table(t, id + 1);
    if (t.at && (*type != 0) != (value.at != 0))
        fail(t.fb, t.at, "has a union with only one of type and value");
    return value;
}

struct models_fb_vector models_fb_vector(struct models_fb_table t, uint32_t id,
                                         uint32_t element_bytes)
{
    struct models_fb_vector none = {.fb = t.fb, .element_bytes = element_bytes};
    size_t place = field(t, id, 4);
    size_t at = place ? follow(t.fb, place) : 0;
    if (!at || !verify(t.fb, at, 4, 4))
        return none;
    uint32_t count = (uint32_t)get(t.fb, at, 4);
    if (count > (t.fb->bytes - at - 4) / element_bytes) {
        fail(t.fb, at, "has more elements than the file holds");
        return none;
    }
    /* Empty vectors need no aligned elements. */
    if (count > 0 && !verify(t.fb, at + 4, (size_t)count * element_bytes, element_bytes))
        return none;
    return (struct models_fb_vector){
        .fb = t.fb, .at = at + 4, .count = count, .element_bytes = element_bytes, .depth = t.depth};
}

struct models_fb_vector models_fb_string(struct models_fb_table t, uint32_t id)
{
    struct models_fb_vector v = models_fb_vector(t, id, 1);
    if (!v.at || !verify(t.fb, v.at + v.count, 1, 1))
        return (struct models_fb_vector){.fb = t.fb, .element_bytes = 1};
    if (t.fb->data[v.at + v.count] != 0) {
        fail(t.fb, v.at, "is a string without terminating zero");
        return (struct models_fb_vector){.fb = t.fb, .element_bytes = 1};
    }
    return v;
}

struct models_fb_vector models_fb_tables(struct models_fb_table t, uint32_t id)
{
    return models_fb_vector(t, id, 4);
}

struct models_fb_table models_fb_tables_at(struct models_fb_vector v, uint32_t i)
{
    size_t at = i < v.count ? follow(v.fb, v.at + 4 * (size_t)i) : 0;
    return open_table(v.fb, at, v.depth + 1);
}

/* An element, 0 behind the end: a caller's mistake must not become an overread. */
static uint64_t element(struct models_fb_vector v, uint32_t i)
{
    if (i >= v.count)
        return 0;
    return get(v.fb, v.at + (size_t)i * v.element_bytes, v.element_bytes);
}

int32_t models_fb_i32_at(struct models_fb_vector v, uint32_t i)
{
    return (int32_t)(uint32_t)element(v, i);
}

int64_t models_fb_i64_at(struct models_fb_vector v, uint32_t i)
{
    return (int64_t)element(v, i);
}

float models_fb_f32_at(struct models_fb_vector v, uint32_t i)
{
    return as_float(element(v, i));
}

const uint8_t *models_fb_data(struct models_fb_vector v)
{
    return v.at ? v.fb->data + v.at : NULL;
}
