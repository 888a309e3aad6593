/* The core that does nothing: an endless loop, and sleep. SysTick ends both. */
#include "workload_base.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD  (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE   (*(volatile uint32_t *)0xE000E018u)
#define SCB_ICSR        (*(volatile uint32_t *)0xE000ED04u)
#define SCB_VTOR        (*(volatile uint32_t *)0xE000ED08u)

#define SYSTICK_RUN    7u /* enabled, with its exception, from the core's clock */
#define ICSR_CLEAR_ST  (1u << 25)
#define SYSTICK_VECTOR 15

struct while1_work {
    uint32_t vectors[16];
};
WORKLOAD_FITS(struct while1_work, workload_while1);

/* Goes on behind the loop that was interrupted: its r1, in the frame, says where that is. */
__attribute__((naked)) static void leave_loop(void)
{
    __asm__ volatile("ldr r0, [sp, #4]\n\t"
                     "str r0, [sp, #24]\n\t"
                     "bx lr");
}

__attribute__((naked, noinline)) static void loop_for_ever(void)
{
    __asm__ volatile(".balign 4\n\t"
                     "adr r1, 2f\n\t"
                     "1: b 1b\n\t"
                     ".balign 4\n"
                     "2: bx lr");
}

static void start_timer(uint32_t cycles)
{
    SYSTICK_RELOAD = cycles - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_RUN;
}

/* n cycles, 2 to 2^24. */
WORKLOAD_EXPORT int32_t workload_while1(void *memory, uint32_t n, const uint32_t *table)
{
    struct while1_work *work = memory;
    uint32_t vector_table = SCB_VTOR;
    (void)table;
    work->vectors[SYSTICK_VECTOR] = (uint32_t)(uintptr_t)leave_loop | 1;
    SCB_VTOR = (uint32_t)(uintptr_t)work->vectors;
    start_timer(n);
    loop_for_ever();
    SYSTICK_CONTROL = 0;
    SCB_VTOR = vector_table;
    return (int32_t)n;
}

/* A masked exception ends the sleep without being taken. */
WORKLOAD_EXPORT int32_t workload_sleep(void *memory, uint32_t n, const uint32_t *table)
{
    (void)memory;
    (void)table;
    __asm__ volatile("cpsid i" ::: "memory");
    start_timer(n);
    __asm__ volatile("dsb\n\twfi" ::: "memory");
    SYSTICK_CONTROL = 0;
    SCB_ICSR = ICSR_CLEAR_ST;
    __asm__ volatile("cpsie i" ::: "memory");
    return (int32_t)n;
}
