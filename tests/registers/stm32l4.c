/* STM32L4R5 and L476: MSI 4 MHz through the PLL. L4R5: M 1, N 60, R 2; L476: N 40. */
#include "board.h"

#define RCC   0x40021000
#define FLASH 0x40022000
#define PWR   0x40007000

void board_full_clock(void)
{
    set_bits(PWR + 0x00, 3u << 9, 1u << 9);
    wait_for(PWR + 0x14, 1u << 10, 0);
    wait_for(RCC + 0x00, 1u << 1, 1u << 1);
    set_bits(FLASH, 15, PLL_WAIT_STATES);
    wait_for(FLASH, 15, PLL_WAIT_STATES);
    set_bits(FLASH, 1u << 8, 1u << 8);
    set_bits(RCC + 0x00, 0xf8, 6u << 4 | 1u << 3);
    set_bits(RCC + 0x00, 1u << 24, 0);
    wait_for(RCC + 0x00, 1u << 25, 0);
    REG(RCC + 0x0c) = 1 | PLL_N << 8;
    set_bits(RCC + 0x00, 1u << 24, 1u << 24);
    set_bits(RCC + 0x0c, 1u << 24, 1u << 24);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    set_bits(RCC + 0x08, 3, 3);
    wait_for(RCC + 0x08, 12, 12);
}

void board_slow_clock(void)
{
    set_bits(RCC + 0x08, 3, 0);
    wait_for(RCC + 0x08, 12, 0);
    set_bits(FLASH, 15, 0);
}

void board_caches_off(void)
{
    set_bits(FLASH, 7u << 8, 0);
}

void board_print(char c)
{
    wait_for(0x40008000 + 0x1c, 1u << 7, 1u << 7);
    REG(0x40008000 + 0x28) = (uint8_t)c;
    wait_for(0x40008000 + 0x1c, 1u << 6, 1u << 6);
}
