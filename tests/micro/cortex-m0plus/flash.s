@ Cortex-M0+: 2 wait states of an STM32G0B1: two 64-bit words of code, prefetch, no buffer for data.
@ chip stm32g0b1@64
.include "micro.inc"

loop load, "1: ldr r0, [r1]; subs r7, #1; bne 1b", "ldr r1, =0x08000000" @ expect 7 (2 + 1 + 2, 2 for the flash)
loop from_ram, "1: ldr r0, [r1]; subs r7, #1; bne 1b"        @ expect 5 (2 + 1 + 2)
loop two_words, "1: .rept 5; adds r0, #1; .endr; subs r7, #1; beq 2f; b 1b; 2:" @ expect 9 (5 + 1 + 1 + 2, nothing is read again)
@ Three words do not fit: the first waits 2, the others have been read while the one before it ran.
loop three_words, "1: .rept 9; adds r0, #1; .endr; subs r7, #1; beq 2f; b 1b; 2:" @ expect 15 (9 + 1 + 1 + 2, 2)
loop straight, "1: .rept 97; adds r0, #1; .endr; subs r7, #1; beq 2f; b 1b; 2:" @ expect 103 (97 + 1 + 1 + 2, 2)
