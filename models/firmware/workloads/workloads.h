/* Small position-independent programs: loads for calibration, front ends of scenarios. Each is one
 * function: nothing but its arguments and constant tables behind it, which it reaches relative to
 * the program counter.
 *
 *     int32_t workload_NAME(void *work, uint32_t loops, const uint32_t *table)
 *
 * work is zeroed RAM aligned to 128 bytes, kept between calls: the first call fills it. What a call
 * returns depends on the work area alone, not on where code and data lie. The structures
 * of the front ends are known to the host, which may put inputs into them after the first call. */
#ifndef WORKLOADS_H
#define WORKLOADS_H

#include <stdint.h>

#define WORKLOAD(name, function, calibration, loops, work_bytes, table_bytes, unit, text)          \
    int32_t function(void *work, uint32_t n, const uint32_t *table);                               \
    enum { function##_work_bytes = work_bytes, function##_table_bytes = table_bytes };
#include "workloads.def"
#undef WORKLOAD

struct securemark_work {
    uint32_t ready;
    uint8_t key[16], block[16], encrypted_block[16]; /* encrypted_block: block with key */
    uint8_t round_keys[176];
    uint8_t message[512], encrypted[512]; /* counter mode, counting from 0 */
    uint32_t digest[8];                   /* SHA-256 of message */
    uint32_t a[8], b[8], product[16];     /* least significant word first */
};

#endif
