@ Cortex-M4: memory that makes an access wait when it does not follow another.
@ chip stm32l4r5@20
.include "micro.inc"

@ Memory that makes an access wait when it does not follow another (w = 1).
alone ldr, "ldr r0, [r1]"                                    @ expect 3 (fitted to measurements on an STM32L4R5)
alone ldr2, "ldr r0, [r1]; ldr r2, [r3]"                     @ expect 4 (fitted to measurements on an STM32L4R5)
alone ldr_adds_ldr, "ldr r0, [r1]; adds r2, r2, r2; ldr r3, [r4]" @ expect 7 (fitted to measurements on an STM32L4R5)
alone ldr_2, "ldr r0, [pc, #4]"                              @ expect 2 (fitted to measurements on an STM32L4R5)
alone str, "str r0, [r1]"                                    @ expect 1 (fitted to measurements on an STM32L4R5)
alone str2, "str r0, [r1]; str r2, [r3]"                     @ expect 3 (fitted to measurements on an STM32L4R5)
alone ldr_str, "ldr r0, [r1]; str r2, [r3]"                  @ expect 3 (fitted to measurements on an STM32L4R5)
alone ldmia, "ldmia r0!, {r1-r4}"                            @ expect 6 (fitted to measurements on an STM32L4R5)
alone push, "push {r4-r6, lr}"                               @ expect 6 (fitted to measurements on an STM32L4R5)
alone str_adds_ldr, "str r0, [r1]; adds r2, r2, r2; ldr r3, [r4]" @ expect 5 (fitted to measurements on an STM32L4R5)
alone str_adds3_ldr, "str r0, [r1]; adds r2, r2, r2; adds r2, r2, r2; adds r2, r2, r2; ldr r3, [r4]" @ expect 7 (fitted to measurements on an STM32L4R5)

@ Behind a taken branch an access is isolated, too.
loop load, "1: ldr r0, [r1]; subs r7, #1; bne 1b"            @ expect 6 (3 + 1 + 2)
loop load_pair, "1: ldr r0, [r1]; ldr r2, [r3]; subs r7, #1; bne 1b" @ expect 7 (4 + 1 + 2)

@ What follows another access does not wait: an overlapped one, and one up to a cycle behind a store.
alone ldr_str_ldr, "ldr r0, [r1]; str r2, [r3]; ldr r4, [r5]" @ expect 6 (fitted to measurements on an STM32L4R5; 2 for the first, 1, 1 and 2)
alone ldr_ldr_used, "ldr r0, [r1]; ldr r2, [r0]"             @ expect 6 (fitted to measurements on an STM32L4R5; the second waits for the first and is isolated)
alone str_adds2_ldr, "str r0, [r1]; adds r2, r2, r2; adds r3, r3, r3; ldr r4, [r5]" @ expect 5 (fitted to measurements on an STM32L4R5; the window of a store is a cycle longer)
alone ldrd, "ldrd r0, r1, [r2]"                              @ expect 4 (fitted to measurements on an STM32L4R5)
alone strd, "strd r0, r1, [r2]"                              @ expect 4 (fitted to measurements on an STM32L4R5)
alone ldr_ldmia, "ldr r0, [r1]; ldmia r2, {r3-r4}"           @ expect 7 (fitted to measurements on an STM32L4R5; 3 and 4)
alone stmia_ldr, "stmia r0, {r1-r2}; ldr r3, [r4]"           @ expect 6 (fitted to measurements on an STM32L4R5; 4 and 2)
loop store_last, "1: ldr r0, [r1]; subs r7, #1; str r2, [r3]; bne 1b" @ expect 6 (fitted to measurements on an STM32L4R5; the bus sees two cycles between the store and the load: 2 + 1 + 1 + 2)
alone vldr, "vldr s0, [r0]"                                  @ expect 3 (fitted to measurements on an STM32L4R5)
alone vstr, "vstr s0, [r0]"                                  @ expect 3 (fitted to measurements on an STM32L4R5)
alone vldr_d, "vldr d0, [r0]"                                @ expect 4 (fitted to measurements on an STM32L4R5)
