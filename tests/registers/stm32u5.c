/* STM32U575: MSIS 4 MHz x 80 / 2. */
#include "board.h"

#define RCC    0x46020c00
#define PWR    0x46020800
#define FLASH  0x40022000
#define ICACHE 0x40030400

void board_full_clock(void)
{
    set_bits(PWR + 0x0c, 3u << 16, 3u << 16);
    wait_for(PWR + 0x0c, 1u << 15, 1u << 15);
    set_bits(PWR + 0x08, 2, 2); /* the regulator changes to SMPS */
    wait_for(PWR + 0x3c, 2, 2);
    wait_for(PWR + 0x3c, 1u << 15, 1u << 15);
    wait_for(RCC + 0x00, 1u << 2, 1u << 2);
    set_bits(RCC + 0x08, 1u << 23, 1u << 23);
    set_bits(RCC + 0x08, 15u << 28, 4u << 28);
    set_bits(PWR + 0x0c, 1u << 18, 1u << 18);
    wait_for(PWR + 0x0c, 1u << 14, 1u << 14);
    set_bits(RCC + 0x28, 0xffff, 1);
    REG(RCC + 0x34) = 0x0101024f;
    REG(RCC + 0x38) = 0;
    set_bits(RCC + 0x28, 1u << 18, 1u << 18);
    set_bits(RCC + 0x00, 1u << 24, 1u << 24);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    set_bits(FLASH, 15 | 1u << 8, 4 | 1u << 8);
    wait_for(FLASH, 15, 4);
    set_bits(RCC + 0x1c, 3, 3);
    wait_for(RCC + 0x1c, 12, 12);
    wait_for(ICACHE + 0x04, 1, 0);
    set_bits(ICACHE, 1, 1);
}

void board_slow_clock(void)
{
    set_bits(RCC + 0x1c, 3, 0);
    wait_for(RCC + 0x1c, 12, 0);
    set_bits(FLASH, 15, 0);
}

void board_caches_off(void)
{
    set_bits(ICACHE, 1, 0);
}

void board_print(char c)
{
    wait_for(0x40013800 + 0x1c, 1u << 7, 1u << 7);
    REG(0x40013800 + 0x28) = (uint8_t)c;
}
