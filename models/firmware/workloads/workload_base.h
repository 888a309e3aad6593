/* What the workloads share; firmware only. */
#ifndef WORKLOAD_BASE_H
#define WORKLOAD_BASE_H

#include "workloads.h"

#define WORKLOAD_EXPORT __attribute__((visibility("default"), used))
#define WORKLOAD_APART  __attribute__((noinline))
#define WORKLOAD_TABLE  __attribute__((visibility("hidden")))

/* Bytes of a work area fit into what the list says. */
#define WORKLOAD_FITS(type, function)                                                              \
    _Static_assert(sizeof(type) <= function##_work_bytes, "work_bytes of " #function)

/* A value that the compiler knows nothing about. */
static inline uint32_t workload_opaque(uint32_t value)
{
    __asm__ volatile("" : "+r"(value));
    return value;
}

/* An address of which the compiler does not know that it is the same again: what is read there is
 * read again. */
static inline const uint32_t *workload_afresh(const uint32_t *from)
{
    __asm__ volatile("" : "+r"(from));
    return from;
}

/* xorshift32: the generator of the pseudo-random inputs. */
static inline uint32_t workload_random(uint32_t *state)
{
    uint32_t x = *state ? *state : 1;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x;
}

#endif
