/* STM32H7A3: HSI 64 MHz / 4 x 35 / 2. */
#include "m7.h"

#define RCC   0x58024400
#define PWR   0x58024800
#define FLASH 0x52002000

void board_full_clock(void)
{
    caches_on();
    wait_for(PWR + 0x04, 1u << 13, 1u << 13);
    set_bits(PWR + 0x18, 3u << 14, 3u << 14);
    wait_for(PWR + 0x18, 1u << 13, 1u << 13);
    wait_for(PWR + 0x04, 3u << 14, 3u << 14);
    wait_for(RCC + 0x00, 1u << 2, 1u << 2);
    set_bits(RCC + 0x28, 0x3f3, 4u << 4);
    REG(RCC + 0x30) = 34 | 1u << 9 | 1u << 16 | 1u << 24;
    REG(RCC + 0x34) = 0;
    set_bits(RCC + 0x00, 1u << 24, 1u << 24);
    wait_for(RCC + 0x00, 1u << 25, 1u << 25);
    set_bits(FLASH, 15, 6);
    wait_for(FLASH, 15, 6);
    set_bits(RCC + 0x10, 7, 3);
    wait_for(RCC + 0x10, 7u << 3, 3u << 3);
}

void board_slow_clock(void)
{
    caches_on();
    set_bits(RCC + 0x10, 7, 0);
    wait_for(RCC + 0x10, 7u << 3, 0);
    set_bits(FLASH, 15, 0);
}

void board_caches_off(void)
{
    caches_off();
}

void board_print(char c)
{
    wait_for(0x40004800 + 0x1c, 1u << 7, 1u << 7);
    REG(0x40004800 + 0x28) = (uint8_t)c;
}
