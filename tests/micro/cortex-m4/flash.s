@ Cortex-M4: flash wait states and caches of an STM32L4R5.
.include "micro.inc"

@ Without wait states nothing is added. A load here costs its isolated wait; a literal does not.
@ chip stm32l4r5@20
loop words_20, "1: ldr r0, [r1], #4; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 5 (2 + 1 + 2; flash data has no isolated wait)

@ 5 wait states, 64-bit reads. The target of a taken branch and every single store take a cycle more:
@ fitted to whole networks. Data: eight words of 64 bits; a stream waits 5 cycles every 8 bytes.
@ chip stm32l4r5@120
loop words, "1: ldr r0, [r1], #4; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 8.5 (2 + 1 + 3, 5 every other turn)
loop bytes, "1: ldrb r0, [r1], #1; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 6.625 (2 + 1 + 3, 5 in 8 turns)
loop every_32, "1: ldr r0, [r1], #32; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 11 (2 + 1 + 3, 5 every turn)
loop same_word, "1: ldr r0, [r1]; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 6 (2 + 1 + 3, in the data cache)
loop from_ram, "1: ldr r0, [r1], #4; subs r7, #1; bne 1b"    @ expect 6 (2 + 1 + 3, RAM has no wait states)
loop stores, "1: str r0, [r1], #4; adds r2, #1; subs r7, #1; bne 1b"    @ expect 7 (2 + 1 + 1 + 3)
loop two_stores, "1: str r0, [r1]; str r0, [r1, #4]; subs r7, #1; bne 1b"    @ expect 8 (2 + 2 + 1 + 3)
loop store_load, "1: str r0, [r1]; ldr r0, [r1]; subs r7, #1; bne 1b"    @ expect 8 (2 + 2 + 1 + 3)

@ Code: 1 KB of 64-bit lines, least recently used. What fits runs without waiting.
loop code_fits, "1: .rept 508; adds r0, #1; .endr; subs r7, #1; beq 2f; b 1b; 2:" @ expect 513 (508 + 1 + 1 + 3)
@ 1536 bytes do not: each of 192 lines is read again in each turn. The first waits 5; for the others the
@ prefetch began when the line before was entered, 4 cycles of a 6-cycle read ago: 2.
loop code_1536, "1: .rept 765; adds r0, #1; .endr; subs r7, #1; beq 2f; b 1b; 2:" @ expect 1157 (765 + 1 + 1 + 3 and 5 + 191 x 2)
@ The same with 32-bit instructions, two cycles a line: 191 lines wait 4, but the last one 3, for there
@ are three instructions in the line before.
loop code_wide, "1: .rept 381; add.w r0, r0, #1; .endr; adds r0, #1; adds r0, #1; adds r0, #1; subs r7, #1; beq 2f; b 1b; 2:" @ expect 1157 (381 + 3 + 1 + 1 + 3 and 5 + 190 x 4 + 3)
