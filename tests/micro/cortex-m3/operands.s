@ Cortex-M3: cycles that depend on operands and addresses.
@ chip ideal-m3.yaml
.include "micro.inc"

@ Unaligned accesses are split: 100165_0201 section 3.3.2, one cycle for each further part.
alone ldr_at2, "ldr r0, [r1]", "adds r1, #2"                 @ expect 3 (100165_0201 3.3.2)
alone ldr_at1, "ldr r0, [r1]", "adds r1, #1"                 @ expect 4 (100165_0201 3.3.2)
alone ldr_at3, "ldr r0, [r1]", "adds r1, #3"                 @ expect 4 (100165_0201 3.3.2)
alone ldrh_at1, "ldrh r0, [r1]", "adds r1, #1"               @ expect 3 (100165_0201 3.3.2)
alone ldrh_at2, "ldrh r0, [r1]", "adds r1, #2"               @ expect 2 (100165_0201 3.3.2)
alone ldrb_at3, "ldrb r0, [r1]", "adds r1, #3"               @ expect 2 (100165_0201 3.3.2)

@ Divides end early, by how much longer the dividend is: a formula fitted to a Cortex-M4.
alone udiv_longest, "udiv r0, r1, r2", "mov r1, #-1; movs r2, #1" @ expect 12 (0xffffffff / 1: 5 + (32 - 1) / 4)
alone udiv_shorter, "udiv r0, r1, r2", "movs r1, #5; movs r2, #9" @ expect 3 (5 / 9)
alone udiv_zero, "udiv r0, r1, r2", "movs r1, #0; movs r2, #7" @ expect 2 (0 / 7)
alone udiv_equal, "udiv r0, r1, r2", "movs r1, #100; movs r2, #100" @ expect 5 (100 / 100)
alone sdiv_16, "sdiv r0, r1, r2", "mvn r1, #15; movs r2, #1" @ expect 6 (-16 / 1: the sign does not count, 5 + (5 - 1) / 4)

@ Loops as compilers write them.
loop count_down, "1: subs r7, #1; bne 1b"                    @ expect 3 (1 and 1+P, P = 1)
loop copy_words, "1: ldr r0, [r1]; str r0, [r2]; subs r7, #1; bne 1b" @ expect 6 (3 for the pair: it stores what it loads)
loop call, "1: bl 3f; subs r7, #1; bne 1b; b 2f; 3: bx lr; 2:" @ expect 7 (2 + 2 + 1 + 2)

@ An unaligned store waits in the write buffer.
alone str_at2, "str r0, [r1]", "adds r1, #2"                 @ expect 1 (the write buffer takes the parts: measured on an STM32F103)
alone str_at1, "str r0, [r1]", "adds r1, #1"                 @ expect 1 (the write buffer takes the parts: measured on an STM32F103)
alone strh_at1, "strh r0, [r1]", "adds r1, #1"               @ expect 1 (the write buffer takes the parts: measured on an STM32F103)

@ The parts of a load are its own: one behind it overlaps as usual.
alone ldr2_at1, "ldr r0, [r1]; ldr r2, [r3]", "adds r1, #1"  @ expect 5 (100165_0201 3.3.2; 3 and 2)
alone ldr2_both, "ldr r0, [r1]; ldrh r2, [r3]", "adds r1, #1; adds r3, #1" @ expect 6 (100165_0201 3.3.2; 3, 2 and 1)

@ Divides, signed by unsigned: the whole range.
alone udiv_by_zero, "udiv r0, r1, r2", "movs r1, #7; movs r2, #0" @ expect 2 (7 / 0)
alone sdiv_longest, "sdiv r0, r1, r2", "mov r1, #0x80000000; mov r2, #-1" @ expect 12 (0x80000000 / -1: 5 + (32 - 1) / 4)
alone sdiv_minus_one, "sdiv r0, r1, r2", "mov r1, #-1; movs r2, #1" @ expect 5 (-1 / 1)
alone sdiv_1000, "sdiv r0, r1, r2", "mov r1, #1000; mvn r2, #9" @ expect 6 (1000 / -10: 5 + (10 - 4) / 4)
