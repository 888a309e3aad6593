/* STM32F407 and F446: HSE 8 MHz / 8 x PLL_N / 2, the PLL switched on through the bit band and the
 * wait states written as a byte, as ST's HAL does. */
#include "board.h"

#define RCC       0x40023800
#define PWR       0x40007000
#define FLASH     0x40023c00
#define PLLON_BIT (0x42000000 + (RCC - 0x40000000) * 32 + 24 * 4)

void board_full_clock(void)
{
    set_bits(FLASH, 7u << 8, 7u << 8);
    set_bits(RCC + 0x00, 1u << 16, 1u << 16);
    wait_for(RCC + 0x00, 1u << 17, 1u << 17);
    REG(PLLON_BIT) = 0;
    wait_for(RCC + 0x00, 1u << 25, 0);
    REG(RCC + 0x04) = 8 | PLL_N << 6 | 1u << 22 | 7u << 24;
    REG(PLLON_BIT) = 1;
    wait_for(PLLON_BIT, 1, 1);
    wait_for(PLLON_BIT + 4, 1, 1);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    *(volatile uint8_t *)FLASH = PLL_WAIT_STATES;
    wait_for(FLASH, 15, PLL_WAIT_STATES);
    set_bits(RCC + 0x08, 3, 2);
    wait_for(RCC + 0x08, 12, 8);
}

void board_slow_clock(void)
{
    set_bits(RCC + 0x08, 3, 0);
    wait_for(RCC + 0x08, 12, 0);
    *(volatile uint8_t *)FLASH = 0;
}

void board_caches_off(void)
{
    set_bits(FLASH, 7u << 8, 0);
}

void board_print(char c)
{
    wait_for(0x40011000 + 0x00, 1u << 7, 1u << 7);
    REG(0x40011000 + 0x04) = (uint8_t)c;
}
