/* STM32F746: HSE 25 MHz / 25 x 432 / 2 with over-drive. */
#include "m7.h"

#define RCC   0x40023800
#define PWR   0x40007000
#define FLASH 0x40023c00

void board_full_clock(void)
{
    caches_on();
    set_bits(RCC + 0x00, 1u << 16, 1u << 16);
    wait_for(RCC + 0x00, 1u << 17, 1u << 17);
    REG(RCC + 0x04) = 25 | 432u << 6 | 1u << 22 | 9u << 24;
    set_bits(RCC + 0x00, 1u << 24, 1u << 24);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    set_bits(PWR + 0x00, 1u << 16, 1u << 16);
    wait_for(PWR + 0x04, 1u << 16, 1u << 16);
    set_bits(PWR + 0x00, 1u << 17, 1u << 17);
    wait_for(PWR + 0x04, 1u << 17, 1u << 17);
    REG(FLASH) = 0x307;
    wait_for(FLASH, 15, 7);
    set_bits(RCC + 0x08, 3, 2);
    wait_for(RCC + 0x08, 12, 8);
}

void board_slow_clock(void)
{
    caches_on();
    set_bits(RCC + 0x08, 3, 0);
    wait_for(RCC + 0x08, 12, 0);
    set_bits(FLASH, 15, 0);
}

void board_caches_off(void)
{
    caches_off();
}

void board_print(char c)
{
    wait_for(0x40011000 + 0x1c, 1u << 7, 1u << 7);
    REG(0x40011000 + 0x28) = (uint8_t)c;
}
