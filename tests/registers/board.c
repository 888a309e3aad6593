/* Sets up a chip as told by `variant`, then runs the same code twice; the second time between the
 * markers 1 and 2. */
#include "board.h"

enum { NOTHING, FULL, SLOW, CACHES_OFF, CHANGE_INSIDE, PRINT, SPIN, SPIN_FAR, SPIN_COUNTING };

/* Written by the test before it starts. Not const: it must be read. */
volatile uint32_t variant = NOTHING;
volatile uint32_t result;

static const uint32_t table[160] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};

/* More code than the small caches hold, less than the large ones. */
uint32_t straight(uint32_t x);
__asm__(".text\n.balign 4\n.thumb_func\n.type straight, %function\nstraight:\n"
        ".rept 700\n add r0, r0, #1\n .endr\n bx lr\n");

/* With data from flash. */
static __attribute__((noinline)) uint32_t work(uint32_t turns)
{
    uint32_t sum = turns;
    while (turns--) {
        for (uint32_t i = 0; i < 160; i += 3)
            sum += table[i] ^ (sum << 1);
        sum = straight(sum);
    }
    return sum;
}

static __attribute__((noinline)) void mark(uint32_t value)
{
    REG(0xe0000060) = value;
}

static void set_up(void)
{
    if (variant == SLOW)
        board_slow_clock();
    else if (variant != NOTHING)
        board_full_clock();
    if (variant == CACHES_OFF)
        board_caches_off();
}

static void measured(uint32_t turn)
{
    if (turn && variant == CHANGE_INSIDE)
        board_slow_clock();
    if (variant == PRINT) {
        for (const char *c = "hello"; *c; c++)
            board_print(*c);
    }
    if (variant == SPIN)
        wait_for(0x40001c10, 1u << 6, 1u << 6); /* no register of any chip file */
    if (variant == SPIN_FAR) {                  /* polls, but with work in between */
        for (int i = 0; i < 5; i++) {
            result = REG(0x40001c10);
            result = work(3);
        }
    }
    if (variant == SPIN_COUNTING) { /* with a time-out that never comes, kept in RAM */
        while (!(REG(0x40001c10) & 1))
            result++;
    }
    result = work(3);
}

/* The first turn puts the same into the caches, whatever was done before. */
void reset(void)
{
#ifdef FIXED_VARIANT
    variant = FIXED_VARIANT;
#endif
    set_up();
    for (uint32_t turn = 0; turn < 2; turn++) {
        mark(turn ? 1 : 3);
        measured(turn);
        mark(turn ? 2 : 3);
    }
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) void *const vectors[2] = {(void *)0x20001000,
                                                                     (void *)reset};
