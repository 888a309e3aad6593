/* What the set-up of each chip offers to board.c: registers are written, and flags waited for, in
 * the order in which the vendors' start-up code does. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

void board_full_clock(void); /* as the vendor's code for the highest clock, caches on */
void board_slow_clock(void); /* few MHz, no wait states */
void board_caches_off(void); /* after board_full_clock */
void board_print(char c);    /* waits for the transmitter */

static inline void wait_for(uint32_t address, uint32_t mask, uint32_t value)
{
    while ((REG(address) & mask) != value) {
    }
}

static inline void set_bits(uint32_t address, uint32_t mask, uint32_t value)
{
    REG(address) = (REG(address) & ~mask) | value;
}

#endif
