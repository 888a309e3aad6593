@ Cortex-M7: cycles that depend on addresses, and branches that are not foreseen.
@ chip stm32f746@30
.include "micro.inc"

repeat ldr_at0, "ldr r0, [r1]; dsb"                          @ expect 4 (1 and 3: nothing pairs with a barrier)
@ An unaligned load as the older of a pair is three cycles more; as the younger, four, which is not here.
repeat ldr_at2, "ldr r0, [r1]; dsb", "adds r1, #2"           @ expect 7 (measured on an STM32H743: 4 and 3)
repeat ldrh_at1, "ldrh r0, [r1]; dsb", "adds r1, #1"         @ expect 7 (measured on an STM32H743: 4 and 3)
repeat ldrb_at3, "ldrb r0, [r1]; dsb", "adds r1, #3"         @ expect 4 (bytes are always aligned)
repeat str_at2, "str r0, [r1]; dsb", "adds r1, #2"           @ expect 4 (measured on an STM32H743: free until the store buffer fills, which is not modelled)

@ A branch that is taken every other time: its two-bit counter is wrong once in two turns, for 8 cycles,
@ on top of the mean of the two turns.
loop always_taken, "1: mvns r5, r6; bmi 3f; nop; 3: subs r7, #1; bne 1b", "movs r6, #0" @ expect 4 (two branches with a cycle each)
loop never_taken, "1: mvns r5, r6; bmi 3f; nop; 3: subs r7, #1; bne 1b", "mov r6, #-1" @ expect 4 (the NOP takes half a pair)
loop every_other, "1: mvns r6, r6; bmi 3f; nop; 3: subs r7, #1; bne 1b", "movs r6, #0" @ expect 8 (4 and 8 / 2)
loop flags_early, "1: mvns r6, r6; nop.w; nop.w; nop.w; nop.w; nop.w; nop.w; bmi 3f; nop; 3: subs r7, #1; bne 1b", "movs r6, #0" @ expect 10 (7 and 6 / 2: flags three cycles ahead; measured on an STM32H743)
loop flags_late, "1: mvns r6, r6; nop.w; nop.w; nop.w; bmi 3f; nop; 3: subs r7, #1; bne 1b", "movs r6, #0" @ expect 9.5 (5.5 and 8 / 2: flags two cycles ahead; measured on an STM32H743)
