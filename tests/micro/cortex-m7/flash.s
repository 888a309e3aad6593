@ Cortex-M7: caches of an STM32F746 at 7 wait states: 4 KB + 4 KB, lines of 32 bytes; a miss costs 15 for
@ code, 5 for flash data, 6 for RAM that is not tightly coupled.
@ chip stm32f746@216
.include "micro.inc"

@ Loads 128 bytes apart share 8 sets, 32 lines: 64 of them push each other out.
loop from_dtcm, "1: ldr r0, [r1], #128; subs r7, #1; bne 1b" @ expect 3 (two pairs and the branch's empty cycle)
loop from_flash, "1: ldr r0, [r1], #128; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 8 (3 and 5)
loop from_ram, "1: ldr r0, [r1], #128; subs r7, #1; bne 1b", "ldr r1, =0x20010000" @ expect 9 (3 and 6)
loop stores, "1: str r0, [r1], #128; subs r7, #1; bne 1b", "ldr r1, =0x20010000" @ expect 3 (stores do not wait)

@ 4 KB of code fit. Of 6144 bytes, 192 lines, each of 64 sets gets three for two ways: all miss.
@ 16-bit additions into the same register run one per cycle.
loop code_fits, "b 1f; .pool; .balign 64; 1: .rept 1500; adds r0, #1; .endr; subs r7, #1; beq 2f; b.w 1b; 2: move" @ expect 1503 +-2 (unverified: pairs at the end)
loop code_6144, "b 1f; .pool; .balign 64; 1: .rept 3068; adds r0, #1; .endr; subs r7, #1; beq 2f; b.w 1b; 2: move" @ expect 5951 +-2 (3071 and 192 x 15; unverified: pairs at the end)
