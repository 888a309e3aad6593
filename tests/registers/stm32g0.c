/* STM32G0B1: HSI16 x 8 / 2. */
#include "board.h"

#define RCC   0x40021000
#define FLASH 0x40022000

void board_full_clock(void)
{
    set_bits(FLASH, 7 | 1u << 8, 2 | 1u << 8);
    wait_for(FLASH, 7, 2);
    wait_for(RCC + 0x00, 1u << 10, 1u << 10);
    REG(RCC + 0x0c) = 2 | 8u << 8 | 1u << 28 | 1u << 29;
    set_bits(RCC + 0x00, 1u << 24, 1u << 24);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    set_bits(RCC + 0x08, 7, 2);
    wait_for(RCC + 0x08, 7u << 3, 2u << 3);
}

void board_slow_clock(void)
{
    set_bits(RCC + 0x08, 7, 0);
    wait_for(RCC + 0x08, 7u << 3, 0);
    set_bits(FLASH, 7, 0);
}

void board_caches_off(void)
{
    set_bits(FLASH, 3u << 8, 0);
}

void board_print(char c)
{
    wait_for(0x40004400 + 0x1c, 1u << 7, 1u << 7);
    REG(0x40004400 + 0x28) = (uint8_t)c;
}
