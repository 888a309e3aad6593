/* L1 caches of a Cortex-M7, switched on as CMSIS does: data cache invalidated by set and way. */
#ifndef M7_H
#define M7_H

#include "board.h"

static inline void caches_on(void)
{
    REG(0xe000ef50) = 0;
    set_bits(0xe000ed14, 1u << 17, 1u << 17);
    REG(0xe000ed84) = 0;
    uint32_t id = REG(0xe000ed80);
    uint32_t sets = id >> 13 & 0x7fff;
    do {
        uint32_t ways = id >> 3 & 0x3ff;
        do {
            REG(0xe000ef60) = sets << 5 | ways << 30;
        } while (ways-- != 0);
    } while (sets-- != 0);
    set_bits(0xe000ed14, 1u << 16, 1u << 16);
}

static inline void caches_off(void)
{
    set_bits(0xe000ed14, 3u << 16, 0);
}

#endif
