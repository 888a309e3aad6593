/* Reset and exception vectors. Word 0 of the table, the initial stack pointer, is filled in by the host:
 * the host knows where the chip's RAM ends and patches it (symbol models_stack_top_word). */
#include "runner.h"

#include <stddef.h>

extern uint32_t runner_data_load[], runner_data_start[], runner_data_end[];
extern uint32_t runner_bss_start[], runner_bss_end[];

void runner_reset(void);
void runner_fault(void);

/* Faults end here; the simulator has seen them when they happened. */
void runner_fault(void)
{
    for (;;) {
    }
}

static void enable_fpu(void)
{
#ifdef __ARM_FP
    volatile uint32_t *cpacr = (volatile uint32_t *)0xE000ED88u;
    *cpacr |= 0xFu << 20; /* full access to CP10 and CP11 */
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

void runner_reset(void)
{
    enable_fpu();
    for (size_t i = 0; runner_data_start + i < runner_data_end; i++) {
        runner_data_start[i] = runner_data_load[i];
    }
    for (uint32_t *word = runner_bss_start; word < runner_bss_end; word++) {
        *word = 0;
    }
    runner_main();
    for (;;) {
    }
}

struct vectors {
    uint32_t stack_top;
    void (*handler[15])(void);
};

extern const struct vectors runner_vectors;
__attribute__((section(".vectors"), used)) const struct vectors runner_vectors = {
    .stack_top = 0,
    .handler = {runner_reset, runner_fault, runner_fault, runner_fault, runner_fault, runner_fault,
                runner_fault, runner_fault, runner_fault, runner_fault, runner_fault, runner_fault,
                runner_fault, runner_fault, runner_fault},
};
