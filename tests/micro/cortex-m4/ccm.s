@ Cortex-M4: one chip with memory that makes isolated accesses wait (w = 1) and memory that does not.
@ chip stm32f407@24
.include "micro.inc"

@ Core-coupled memory: what waits at once elsewhere does not here, stores of several words included.
alone ldr, "ldr r0, [r1]", "ldr r1, =0x10000000"             @ expect 2 (DDI 0439D table 3-1)
alone ldmia, "ldmia r0!, {r1-r4}", "ldr r0, =0x10000000"     @ expect 5 (1 + N)
alone stmia, "stmia r0!, {r1-r4}", "ldr r0, =0x10000000"     @ expect 5 (1 + N)
alone ldrd, "ldrd r0, r1, [r2]", "ldr r2, =0x10000000"       @ expect 3 (DDI 0439D table 3-1)
alone strd, "strd r0, r1, [r2]", "ldr r2, =0x10000000"       @ expect 3 (DDI 0439D table 3-1)
alone stmia_ldr, "stmia r0, {r1-r2}; ldr r3, [r0]", "ldr r0, =0x10000000" @ expect 5 (3 and 2)
alone str2, "str r0, [r1]; str r2, [r1]", "ldr r1, =0x10000000" @ expect 2 (a store overlaps the next access)
alone str4, "str r0, [r1]; str r2, [r1]; str r3, [r1]; str r4, [r1]", "ldr r1, =0x10000000" @ expect 4 (as in a key schedule of AES, 244.9 cycles with the call on an STM32F407: Ko-/aes-armcortexm)
alone str_ldr, "str r0, [r1]; ldr r2, [r1]", "ldr r1, =0x10000000" @ expect 4 (nothing overlaps behind a store: 1 + 1 + 2)
alone str_stmia, "str r0, [r1]; stmia r1, {r2-r3}", "ldr r1, =0x10000000" @ expect 4 (STM overlaps a store: 1 + 3)
loop store_turn, "1: subs r7, #1; str r0, [r1]; bne 1b", "ldr r1, =0x10000000" @ expect 4 (1 + 1 + 2)

@ A store there and one elsewhere: only the first decides how long the second waits.
alone str_str_other, "str r0, [r1]; str r2, [r3]", "ldr r1, =0x10000000" @ expect 2 (no wait behind core-coupled memory)
alone str_other_str, "str r2, [r3]; str r0, [r1]", "ldr r1, =0x10000000" @ expect 3 (as fitted to measurements on an STM32L4R5)

@ The same in the other memory.
alone ldr_sram, "ldr r0, [r1]"                               @ expect 3 (as fitted to measurements on an STM32L4R5)
alone ldmia_sram, "ldmia r0!, {r1-r4}"                       @ expect 6 (as fitted to measurements on an STM32L4R5)
alone stmia_sram, "stmia r0!, {r1-r4}"                       @ expect 6 (as fitted to measurements on an STM32L4R5)
alone ldrd_sram, "ldrd r0, r1, [r2]"                         @ expect 4 (as fitted to measurements on an STM32L4R5)
alone strd_sram, "strd r0, r1, [r2]"                         @ expect 4 (as fitted to measurements on an STM32L4R5)
alone push_sram, "push {r4-r6, lr}"                          @ expect 6 (as fitted to measurements on an STM32L4R5)
