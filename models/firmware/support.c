/* What compilers expect to find even without a C library. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3u) == 0) {
        for (; bytes >= 4; bytes -= 4, out += 4, in += 4) {
            *(uint32_t *)(void *)out = *(const uint32_t *)(const void *)in;
        }
    }
    while (bytes--) {
        *out++ = *in++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in || out >= in + bytes) {
        return memcpy(to, from, bytes);
    }
    while (bytes--) {
        out[bytes] = in[bytes];
    }
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    uint8_t *out = to;
    uint32_t word = (uint32_t)(uint8_t)value * 0x01010101u;
    for (; bytes && ((uintptr_t)out & 3u); bytes--) {
        *out++ = (uint8_t)value;
    }
    for (; bytes >= 4; bytes -= 4, out += 4) {
        *(uint32_t *)(void *)out = word;
    }
    while (bytes--) {
        *out++ = (uint8_t)value;
    }
    return to;
}
