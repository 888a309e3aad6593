@ Cortex-M33: cycles that depend on addresses, and loops.
@ chip stm32u575@32
.include "micro.inc"

alone ldr_at2, "ldr r0, [r1]", "adds r1, #2"                 @ expect 2 +-0.5 (unverified: one more for a second access)
alone ldrh_at1, "ldrh r0, [r1]", "adds r1, #1"               @ expect 2 +-0.5 (unverified: one more for a second access)
alone ldrb_at3, "ldrb r0, [r1]", "adds r1, #3"               @ expect 1 (measured on an RP2350)
@ Divides as on the Cortex-M4, but at most 11.
alone udiv_longest, "udiv r0, r1, r2", "mov r1, #-1; movs r2, #1" @ expect 11 +-0.5 (0xffffffff / 1; unverified)
alone udiv_shorter, "udiv r0, r1, r2", "movs r1, #5; movs r2, #9" @ expect 3 +-0.5 (5 / 9; unverified)

loop count_down, "1: subs r7, #1; bne 1b"                    @ expect 3 (measured on an RP2350: 1+2)
loop count_down_add, "1: subs r7, #1; add r0, r1; bne 1b"    @ expect 3 (measured on an RP2350: 1+1+1)
loop load_list, "1: subs r7, #1; ldmia r6!, {r0-r3}; bne 1b"  @ expect 6 (measured on an RP2350: 1, 4+1)
