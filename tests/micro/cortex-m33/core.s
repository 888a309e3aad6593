@ Cortex-M33: the core at zero wait states.
@ chip stm32u575@32
.include "micro.inc"

@ Cortex-M33: measured on an RP2350, unless marked. Simple instructions.
alone adds, "adds r0, r1, r2"                                @ expect 1 (measured on an RP2350)
alone bfi, "bfi r0, r1, #3, #4"                              @ expect 1 (measured on an RP2350)
alone sxtb, "sxtb r0, r1"                                    @ expect 1 (measured on an RP2350)
alone ssat, "ssat r0, #8, r1"                                @ expect 1 (measured on an RP2350)
alone mul, "mul r0, r1, r2"                                  @ expect 1 (measured on an RP2350)
alone smull, "smull r0, r1, r2, r3"                          @ expect 1 (measured on an RP2350)
alone smlal, "smlal r0, r1, r2, r3"                          @ expect 1 (measured on an RP2350)
alone muls, "muls r0, r1"                                    @ expect 2 (measured on an RP2350)
alone ldr, "ldr r0, [r1]"                                    @ expect 1 (measured on an RP2350)
alone ldrb, "ldrb r0, [r1, r2]", "movs r2, #0"               @ expect 1 (measured on an RP2350)
alone str, "str r0, [r1]"                                    @ expect 1 (measured on an RP2350)
alone str_2, "str r0, [r1, r2]", "movs r2, #0"               @ expect 1 (measured on an RP2350)
alone ldrd, "ldrd r0, r1, [r2]"                              @ expect 2 (measured on an RP2350)
alone strd, "strd r0, r1, [r2]"                              @ expect 2 (measured on an RP2350)
alone ldmia, "ldmia r0!, {r1-r4}"                            @ expect 4 (measured on an RP2350)
alone stmia, "stmia r0!, {r1-r4}"                            @ expect 4 (measured on an RP2350)
alone push, "push {r4-r6, lr}"                               @ expect 4 (measured on an RP2350)
alone pop, "pop {r4-r6}"                                     @ expect 3 (measured on an RP2350)
alone add, "add.w r0, r1, r2, lsl #3"                        @ expect 1 (measured on an RP2350)
alone add_2, "add.w r0, r1, #0xff00"                         @ expect 1 (measured on an RP2350)
alone adds_2, "adds.w r0, r1, #0xff00"                       @ expect 2 (measured on an RP2350)

@ Unverified: divide, floating point but the multiply-accumulate.
alone sdiv, "sdiv r0, r1, r2"                                @ expect 5 (as measured for operands of one length; unverified; see operands.s)
alone vadd, "vadd.f32 s0, s1, s2"                            @ expect 1 (unverified)
alone vdiv, "vdiv.f32 s0, s1, s2"                            @ expect 14 (unverified)
alone vldr, "vldr s0, [r0]"                                  @ expect 1 (unverified)
alone vldr_2, "vldr d0, [r0]"                                @ expect 2 (unverified)

@ A loaded value is one cycle late for all but accumulators and stored values.
alone ldr_add, "ldr r0, [r1]; add r2, r0"                    @ expect 3 (measured on an RP2350)
alone ldr_adds_add, "ldr r0, [r1]; adds r3, r4, r5; add r2, r0" @ expect 3 (measured on an RP2350)
alone ldr2, "ldr r0, [r1]; ldr r2, [r0]"                     @ expect 3 (measured on an RP2350)
alone ldr_mla, "ldr r0, [r1]; mla r2, r3, r4, r0"            @ expect 2 (measured on an RP2350)
alone ldr_mla_2, "ldr r0, [r1]; mla r2, r0, r4, r3"          @ expect 3 (measured on an RP2350)
alone ldr_str, "ldr r0, [r1]; str r0, [r2]"                  @ expect 2 (measured on an RP2350)
alone ldr_str_2, "ldr r0, [r1]; str r2, [r0]"                @ expect 3 (measured on an RP2350)
alone ldmia_add, "ldmia r0!, {r1-r4}; add r5, r4"            @ expect 6 (measured on an RP2350)
alone ldmia_add_2, "ldmia r0!, {r1-r4}; add r5, r1"          @ expect 5 (measured on an RP2350)

@ Products: one cycle late, accumulators chain. The last sequence is 4 and a wait before the
@ addition.
alone mul_adds, "mul r0, r1, r2; adds r3, r0, r1"            @ expect 3 (measured on an RP2350)
alone mul_str, "mul r0, r1, r2; str r0, [r1]"                @ expect 2 (measured on an RP2350)
alone smlal2, "smlal r0, r1, r2, r3; smlal r0, r1, r4, r5"   @ expect 2 (measured on an RP2350)
alone smlad4_nop, "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0; smlad r0, r5, r6, r0; smlad r0, r7, r8, r0; nop.w" @ expect 5 (measured on an RP2350)
alone smlad4_add, "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0; smlad r0, r5, r6, r0; smlad r0, r7, r8, r0; add.w r9, r0, r1" @ expect 6 (measured on an RP2350)

@ Inline shifts and extend-and-add: results one cycle late, also into an inline shift.
alone add_adds, "add.w r0, r1, r2, lsl #3; adds r3, r0, r1"  @ expect 3 (measured on an RP2350)
alone add2, "add.w r0, r1, r2, lsl #3; add.w r3, r1, r0, lsl #3" @ expect 3 (measured on an RP2350)
alone add_adds_2, "add.w r0, r1, #0xff00; adds r3, r0, r1"   @ expect 3 (measured on an RP2350)
alone add_mla, "add.w r0, r1, r2, lsl #3; mla r3, r4, r5, r0" @ expect 2 (measured on an RP2350)
alone sxtab_adds, "sxtab r0, r1, r2; adds r3, r0, r1"        @ expect 3 (measured on an RP2350)
alone sxtab2, "sxtab r0, r1, r2; sxtab r0, r0, r3"           @ expect 2 (measured on an RP2350)
alone mul_sxtab, "mul r0, r1, r2; sxtab r3, r0, r4"          @ expect 2 (measured on an RP2350)
alone ldr_sxtab, "ldr r0, [r1]; sxtab r3, r0, r4"            @ expect 3 (measured on an RP2350)
alone movs_adds, "movs.w r0, #0xff00; adds r3, r0, r1"       @ expect 3 (measured on an RP2350)
alone sxtb_adds, "sxtb r0, r1; adds r3, r0, r1"              @ expect 2 (measured on an RP2350)
alone add_adds_3, "add.w r0, r1, #7; adds r3, r0, r1"        @ expect 2 (measured on an RP2350)

@ Pairs of two 16-bit encodings: a branch, IT, or anything behind a NOP; not additions or loads.
alone adds2, "adds r0, r1, r2; adds r3, r4, r5"              @ expect 2 (measured on an RP2350)
alone ldr_adds, "ldr r0, [r1]; adds r3, r4, r5"              @ expect 2 (measured on an RP2350)
alone nop_adds, "nop; adds r3, r4, r5"                       @ expect 1 (measured on an RP2350)
alone nop_ldr, "nop; ldr r0, [r1]"                           @ expect 1 (measured on an RP2350)
alone nop_add, "nop; add.w r3, r4, r5"                       @ expect 2 (measured on an RP2350)
alone mov_it_moveq, "mov r0, r1; it eq; moveq r2, #1"        @ expect 2 (measured on an RP2350)
alone add_it_moveq, "add.w r0, r1, r2; it eq; moveq r2, #1"  @ expect 3 (measured on an RP2350)
alone cmp_it_moveq, "cmp r0, #3; it eq; moveq r2, #1"        @ expect 2 (measured on an RP2350)

@ Branches. Not taken behind a 16-bit instruction: free, else 1. Taken: 2, or 1 when paired with
@ an instruction that sets no flags.
alone subs_bne, "subs r7, #1; beq ."                         @ expect 1 (measured on an RP2350)
alone subs_add_bne, "subs r7, #1; add r0, r1; beq ."         @ expect 2 (measured on an RP2350)
alone subs_bne_2, "subs.w r8, r8, #1; beq ."                 @ expect 2 (measured on an RP2350)
alone subs_bne_3, "subs r7, #1; bne 1f; nop; 1:"             @ expect 3 (measured on an RP2350)
alone subs_add_bne_2, "subs r7, #1; add r0, r1; bne 1f; nop; 1:" @ expect 3 (measured on an RP2350)
alone ldmia_bne, "ldmia r6!, {r0-r3}; bne 1f; nop; 1:", "cmp r6, #0" @ expect 5 (measured on an RP2350)
alone subs_bne_4, "subs.w r8, r8, #1; bne 1f; nop; 1:"       @ expect 3 (measured on an RP2350)
alone add_b, "add.w r0, r1, r2; b 1f; nop; 1:"               @ expect 3 (measured on an RP2350)

@ Unverified: BL, BX, POP PC, LDR PC, TBB, exception entry; a 32-bit target at 0x1002.
alone bl, "bl 1f; nop; 1:"                                   @ expect 2 (unverified)
loop bx, "1: subs r7, #1; beq 2f; bx lr; 2:", "ldr r0, =1f + 1; mov lr, r0" @ expect 4 (unverified; 1 for subs and beq not taken)
loop blx, "1: subs r7, #1; beq 2f; blx r3; 2:", "ldr r0, =1f + 1; mov r3, r0" @ expect 4 (unverified; 1 for subs and beq not taken)
loop pop_2, "1: subs r7, #1; beq 2f; pop {r4-r6, pc}; 2:", "ldr r0, =1f + 1; bl micro_fill" @ expect 7 (unverified; 1 for subs and beq not taken)
loop ldr_2, "1: subs r7, #1; beq 2f; ldr.w pc, [r1]; 2:", "ldr r0, =1f + 1; str r0, [r1]" @ expect 4 (unverified; 1 for subs and beq not taken)
alone tbb, "tbb [pc, r1]; .byte 1, 1", "movs r1, #0"         @ expect 4 (unverified)
loop add_b_2, "move; 1: add.w r0, r1, r2; subs r7, #1; bne 1b" @ expect 5 (unverified; 1 for subs)
loop add_b_3, "1: add.w r0, r1, r2; subs r7, #1; bne 1b"     @ expect 4 (unverified; 1 for subs)

@ VFMA: result after 3 cycles, and no floating-point instruction in the next two.
alone vfma, "vfma.f32 s0, s1, s2"                            @ expect 1 (measured on an RP2350)
alone vfma_adds2_vfma, "vfma.f32 s0, s1, s2; adds r0, r1, r2; adds r3, r4, r5; vfma.f32 s0, s1, s0" @ expect 4 (measured on an RP2350)
alone vfma2_nop, "vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4; nop.w" @ expect 5 (measured on an RP2350)
alone vfma2, "vfma.f32 s0, s1, s2; vfma.f32 s3, s4, s5"      @ expect 4 (measured on an RP2350)
alone vfma_vadd, "vfma.f32 s0, s1, s2; vadd.f32 s3, s4, s5"  @ expect 4 (measured on an RP2350)

@ More of the same kinds.
alone mls, "mls r0, r1, r2, r3"                              @ expect 1 (measured on an RP2350)
alone smlad, "smlad r0, r1, r2, r3"                          @ expect 1 (measured on an RP2350)
alone ldrh, "ldrh r0, [r1]"                                  @ expect 1 (measured on an RP2350)
alone sadd8, "sadd8 r0, r1, r2"                              @ expect 1 (unverified: as other simple instructions)
alone pkhbt, "pkhbt r0, r1, r2"                              @ expect 1 (unverified: as other simple instructions)
alone uxtb16, "uxtb16 r0, r1"                                @ expect 1 (unverified: as other simple instructions)
alone sxtab16_adds, "sxtab16 r0, r1, r2; adds r3, r0, r1"    @ expect 3 (measured on an RP2350)
alone muls_adds, "muls r0, r1; adds r3, r0, r1"              @ expect 3 (measured on an RP2350)
alone adds_adc, "adds.w r0, r1, r2, lsl #3; adc.w r3, r4, r5" @ expect 3 (measured on an RP2350: flags are late too)
alone adds_adc_2, "adds.w r0, r1, #0xff00; adc.w r3, r4, r5" @ expect 3 (measured on an RP2350: 2 and the flags are there)
alone smlad_smlad_mul, "smlad r0, r1, r2, r3; smlad r3, r0, r1, r2" @ expect 3 (measured on an RP2350: a product is late as a factor)
alone ldr_smlad, "ldr r0, [r1]; smlad r2, r3, r4, r0"        @ expect 2 (measured on an RP2350)
alone nop_nop_add, "nop; nop; add.w r3, r4, r5"              @ expect 3 (measured on an RP2350: two NOPs do not pair)
alone nop_str, "nop; str r0, [r1]"                           @ expect 1 (measured on an RP2350)
alone cbz, "cbz r0, 1f; nop; 1:"                             @ expect 1 (unverified: CBZ reads a register, it is not paired)
alone skipped_ldr, "cmp r1, r1; it ne; ldrne r0, [r1]; adds r2, r0" @ expect 4 (measured on an RP2350: 3, a skipped load delays nothing; not modelled)
alone vmul, "vmul.f32 s0, s1, s2"                            @ expect 1 (unverified)
alone vsqrt, "vsqrt.f32 s0, s1"                              @ expect 14 (unverified)
