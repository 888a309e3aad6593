@ Cortex-M33: 4 wait states and the unified cache of an STM32U575: 8 KB, two ways, lines of 16 bytes,
@ 6 cycles a miss, no prefetch. The target of a taken branch takes a cycle more: fitted to whole networks.
@ chip stm32u575@160
.include "micro.inc"

@ Loads 256 bytes apart share 16 sets, 32 lines: 64 of them push each other out, and each waits 6.
loop every_256, "1: ldr r0, [r1], #252; adds r1, #4; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 12 (1 + 1 + 1 + 3 and 6)
loop same_line, "1: ldr r0, [r1]; adds r2, r1, #4; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 6 (1 + 1 + 1 + 3)
loop from_ram, "1: ldr r0, [r1], #16; adds r2, r1, #4; subs r7, #1; bne 1b" @ expect 6 (1 + 1 + 1 + 3)

@ 8 KB of code fit. Of 9216 bytes, 576 lines, 64 sets get three for two ways: 192 misses a turn.
loop code_fits, "b 1f; .pool; .balign 64; 1: .rept 4000; adds r0, #1; .endr; subs r7, #1; beq 2f; b.w 1b; 2: move" @ expect 4004 (4000 + 1 + 0 + 3)
loop code_9216, "b 1f; .pool; .balign 64; 1: .rept 4604; adds r0, #1; .endr; subs r7, #1; beq 2f; b.w 1b; 2: move" @ expect 5760 (4604 + 1 + 0 + 3 and 192 x 6; two ways are unverified)
