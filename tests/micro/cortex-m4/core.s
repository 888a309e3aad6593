@ Cortex-M4: the core at zero wait states.
@ chip ideal-m4.yaml
.include "micro.inc"

@ Cortex-M4: single instructions, DDI 0439D tables 3-1 and 3-2.
alone adds, "adds r0, r1, r2"                                @ expect 1 (DDI 0439D table 3-1)
alone add, "add.w r0, r1, r2, lsl #3"                        @ expect 1 (DDI 0439D table 3-1)
alone movw, "movw r0, #1234"                                 @ expect 1 (DDI 0439D table 3-1)
alone movt, "movt r0, #1234"                                 @ expect 1 (DDI 0439D table 3-1)
alone cmp, "cmp.w r0, r1, lsl #2"                            @ expect 1 (DDI 0439D table 3-1)
alone ubfx, "ubfx r0, r1, #3, #4"                            @ expect 1 (DDI 0439D table 3-1)
alone bfi, "bfi r0, r1, #3, #4"                              @ expect 1 (DDI 0439D table 3-1)
alone sxtb, "sxtb r0, r1"                                    @ expect 1 (DDI 0439D table 3-1)
alone clz, "clz r0, r1"                                      @ expect 1 (DDI 0439D table 3-1)
alone rbit, "rbit r0, r1"                                    @ expect 1 (DDI 0439D table 3-1)
alone ssat, "ssat r0, #8, r1, asr #3"                        @ expect 1 (DDI 0439D table 3-1)
alone mul, "mul r0, r1, r2"                                  @ expect 1 (DDI 0439D table 3-1)
alone mla, "mla r0, r1, r2, r3"                              @ expect 1 (DDI 0439D table 3-1)
alone mls, "mls r0, r1, r2, r3"                              @ expect 1 (DDI 0439D table 3-1)
alone smull, "smull r0, r1, r2, r3"                          @ expect 1 (DDI 0439D table 3-1)
alone umull, "umull r0, r1, r2, r3"                          @ expect 1 (DDI 0439D table 3-1)
alone smlal, "smlal r0, r1, r2, r3"                          @ expect 1 (DDI 0439D table 3-1)
alone umlal, "umlal r0, r1, r2, r3"                          @ expect 1 (DDI 0439D table 3-1)
alone sdiv, "sdiv r0, r1, r2"                                @ expect 5 (as measured for operands of one length; see operands.s)
alone ldr, "ldr r0, [r1]"                                    @ expect 2 (DDI 0439D table 3-1)
alone ldrb, "ldrb r0, [r1, #1]"                              @ expect 2 (DDI 0439D table 3-1)
alone ldr_2, "ldr r0, [r1, r2]", "movs r2, #0"               @ expect 2 (DDI 0439D table 3-1)
alone ldr_3, "ldr r0, [r1], #4"                              @ expect 2 (DDI 0439D table 3-1)
alone ldrex, "ldrex r0, [r1]"                                @ expect 2 (DDI 0439D table 3-1)
alone str, "str r0, [r1]"                                    @ expect 1 (DDI 0439D table 3-1)
alone strb, "strb r0, [r1, #3]"                              @ expect 1 (DDI 0439D table 3-1)
alone str_2, "str r0, [r1], #4"                              @ expect 1 (DDI 0439D table 3-1)
alone str_3, "str r0, [r1, r2]", "movs r2, #0"               @ expect 2 (DDI 0439D table 3-1)
alone ldrd, "ldrd r0, r1, [r2]"                              @ expect 3 (DDI 0439D table 3-1)
alone strd, "strd r0, r1, [r2]"                              @ expect 3 (DDI 0439D table 3-1)
alone ldmia, "ldmia r0!, {r1-r4}"                            @ expect 5 (DDI 0439D table 3-1)
alone stmia, "stmia r0!, {r1-r4}"                            @ expect 5 (DDI 0439D table 3-1)
alone push, "push {r4-r6, lr}"                               @ expect 5 (DDI 0439D table 3-1)
alone pop, "pop {r4-r6}"                                     @ expect 4 (DDI 0439D table 3-1)
alone stmia_2, "stmia.w r0, {r4-r11}"                        @ expect 9 (DDI 0439D table 3-1)
alone beq, "beq .", "cmp r6, #0"                             @ expect 1 (DDI 0439D table 3-1)
alone cbz, "cbz r0, 1f; nop; 1:"                             @ expect 2 (DDI 0439D table 3-1)
alone nop, "nop"                                             @ expect 1 (DDI 0439D table 3-1)
alone cpsid, "cpsid i"                                       @ expect 1 (DDI 0439D table 3-1)
alone mrs, "mrs r0, primask"                                 @ expect 2 (DDI 0439D table 3-1)
alone msr, "msr primask, r0"                                 @ expect 2 (DDI 0439D table 3-1)

@ Branches taken: 1+P. P = 1 for direct branches and BX, 2 for BLX and POP PC: measured on an
@ STM32L4R5, inside the manual's range of 1 to 3. SVC is the exception entry of 12. LDR PC and
@ TBB: the manual says at least 5 and 6, the STM32L4R5 was matched with 4.
alone beq_2, "beq 1f; nop; 1:", "cmp r6, r6"                 @ expect 2 (see above)
alone b, "b 1f; nop; 1:"                                     @ expect 2 (see above)
alone cbnz, "cbnz r0, 1f; nop; 1:"                           @ expect 2 (see above)
alone bl, "bl 1f; nop; 1:"                                   @ expect 2 (see above)
loop bx, "1: subs r7, #1; beq 2f; bx lr; 2:", "ldr r0, =1f + 1; mov lr, r0" @ expect 4 (see above; 2 for subs and beq not taken)
loop blx, "1: subs r7, #1; beq 2f; blx r3; 2:", "ldr r0, =1f + 1; mov r3, r0" @ expect 5 (see above; 2 for subs and beq not taken)
loop pop_2, "1: subs r7, #1; beq 2f; pop {pc}; 2:", "ldr r0, =1f + 1; bl micro_fill" @ expect 6 (see above; 2 for subs and beq not taken)
loop pop_3, "1: subs r7, #1; beq 2f; pop {r4-r6, pc}; 2:", "ldr r0, =1f + 1; bl micro_fill" @ expect 9 (see above; 2 for subs and beq not taken)
loop ldmia_2, "1: subs r7, #1; beq 2f; ldmia.w r0, {r4, pc}; 2:", "ldr r0, =1f + 1; bl micro_fill; ldr r0, =micro_stack" @ expect 7 (see above; 2 for subs and beq not taken)
loop ldr_4, "1: subs r7, #1; beq 2f; ldr.w pc, [r1]; 2:", "ldr r0, =1f + 1; str r0, [r1]" @ expect 6 (see above; 2 for subs and beq not taken)
alone tbb, "tbb [pc, r1]; .byte 1, 1", "movs r1, #0"         @ expect 4 (see above)
alone subs_bne, "subs r0, #1; bne 1f; nop; 1:"               @ expect 3 (see above)

@ +1 when the target is a 32-bit instruction across two fetch words (at 0x1002), and not when it
@ is a 16-bit one there.
loop add_b, "move; 1: add.w r0, r1, r2; subs r7, #1; bne 1b" @ expect 5 (see above; 1 for subs)
loop add_b_2, "1: add.w r0, r1, r2; subs r7, #1; bne 1b"     @ expect 4 (see above; 1 for subs)
loop adds_b, "move; 1: adds r0, r1, r2; subs r7, #1; bne 1b" @ expect 4 (see above; 1 for subs)

@ Load and store pipelining: DDI 0439D section 3.3.2 and its examples.
alone ldr2, "ldr r0, [r1]; ldr r1, [r2]"                     @ expect 3 (DDI 0439D 3.3.2)
alone ldr_str, "ldr r0, [r1, r2]; str r0, [r3, #20]", "movs r2, #0" @ expect 3 (DDI 0439D 3.3.2)
alone ldr_str_2, "ldr r0, [r1, r2]; str r1, [r3, r2]", "movs r2, #0" @ expect 3 (DDI 0439D 3.3.2)
alone ldr3, "ldr r0, [r1, r5]; ldr r1, [r2]; ldr r2, [r3, #4]", "movs r5, #0" @ expect 4 (DDI 0439D 3.3.2)
alone ldr5, "ldr r0, [r1]; ldr r2, [r1, #4]; ldr r3, [r1, #8]; ldr r4, [r1, #12]; ldr r5, [r1, #16]" @ expect 6 (DDI 0439D 3.3.2)

@ An address register written by the instruction before: no forwarding, +1. A load's result as the
@ next address: 2 each, GCC's figure; adding the rule above would give 5, untested.
alone adds_ldr, "adds r0, r2, r3; ldr r1, [r0]", "movs r3, #0" @ expect 4 (DDI 0439D 3.3.2)
alone adds_nop_ldr, "adds r0, r2, r3; nop; ldr r1, [r0]", "movs r3, #0" @ expect 4 (DDI 0439D 3.3.2)
alone adds_str, "adds r0, r2, r3; str r1, [r4, r0]", "movs r2, #0; movs r3, #0" @ expect 4 (DDI 0439D 3.3.2)
alone adds_str_2, "adds r0, r2, r3; str r0, [r4]"            @ expect 2 (DDI 0439D 3.3.2)
alone ldr2_2, "ldr r0, [r1]; ldr r2, [r0]"                   @ expect 4 (DDI 0439D 3.3.2)

@ A store behind a load overlaps it, unless it stores the loaded value: so the manual's example
@ and an STM32L4R5; an STM32F407 was measured with 2. A register-offset store is one cycle more.
alone ldr_str_3, "ldr r0, [r1]; str r2, [r3]"                @ expect 2 (see above)
alone ldr_str_4, "ldr r0, [r1]; str r0, [r3]"                @ expect 3 (see above)
alone str3, "str r0, [r1]; str r2, [r3]; str r4, [r5]"       @ expect 3 (see above)

@ A load behind a store starts after the store's data phase and costs its full 2.
alone str_ldr, "str r0, [r1]; ldr r2, [r3]"                  @ expect 4 (see above)

@ A NOP hides a lone load's second cycle and a register-offset store's; an addition does not.
alone ldr_nop, "ldr r0, [r1]; nop"                           @ expect 2 (see above)
alone ldr_adds, "ldr r0, [r1]; adds r2, r3, r4"              @ expect 3 (see above)
alone str_nop, "str r0, [r1, r2]; nop", "movs r2, #0"        @ expect 2 (see above)
alone str_adds, "str r0, [r1, r2]; adds r2, r3, r4", "movs r2, #0; movs r3, #0; movs r4, #0" @ expect 3 (see above)

@ Multiple transfers overlap nothing in front of them, but STM follows a store at once.
alone ldr_ldmia, "ldr r0, [r1]; ldmia r2!, {r3-r4}"          @ expect 5 (see above)
alone str_stmia, "str r0, [r1]; stmia r2!, {r3-r4}"          @ expect 4 (see above)
alone str_ldmia, "str r0, [r1]; ldmia r2!, {r3-r4}"          @ expect 5 (see above)

@ Indexed accesses overlap unless both index the same register.
alone ldr2_3, "ldr r0, [r1], #4; ldr r2, [r3], #4"           @ expect 3 (see above)
alone ldr2_4, "ldr r0, [r1], #4; ldr r2, [r1], #4"           @ expect 4 (see above)
alone ldr_str_5, "ldr r0, [r1], #4; str r2, [r3], #4"        @ expect 2 (see above)
alone str2, "str r0, [r1], #4; str r2, [r1], #4"             @ expect 3 (see above)
alone str2_2, "str r0, [r1], #4; str r2, [r3], #4"           @ expect 2 (see above)

@ IT is folded behind a 16-bit instruction; skipped or not, what it covers is charged.
alone it_moveq, "it eq; moveq r0, #1"                        @ expect 1 (see above)
alone add_it_moveq, "add.w r0, r1, r2; it eq; moveq r0, #1"  @ expect 3 (see above)
alone itt_moveq_ldreq, "itt eq; moveq r0, #1; ldreq r1, [r2]" @ expect 3 (see above)

@ Three 32-bit instructions across fetch words in a row starve the fetch once.
alone_at2 add3, "add.w r0, r1, r2; add.w r3, r4, r5; add.w r6, r7, r8" @ expect 4 (see above)
alone_at2 add5, "add.w r0, r1, r2; add.w r3, r4, r5; add.w r6, r7, r8; add.w r9, r7, r8; add.w r9, r7, r8" @ expect 6 (see above)
alone_at2 add2, "add.w r0, r1, r2; add.w r3, r4, r5"         @ expect 2 (see above)
alone add3_2, "add.w r0, r1, r2; add.w r3, r4, r5; add.w r6, r7, r8" @ expect 3 (see above)

@ More of the same kinds.
alone adr, "adr.w r0, 1f; 1:"                                @ expect 1 (DDI 0439D table 3-1)
alone asr, "asr.w r0, r1, r2"                                @ expect 1 (DDI 0439D table 3-1)
alone lsls, "lsls r0, r1, #3"                                @ expect 1 (DDI 0439D table 3-1)
alone rev, "rev r0, r1"                                      @ expect 1 (DDI 0439D table 3-1)
alone rev16, "rev16 r0, r1"                                  @ expect 1 (DDI 0439D table 3-1)
alone revsh, "revsh r0, r1"                                  @ expect 1 (DDI 0439D table 3-1)
alone uxtb, "uxtb r0, r1"                                    @ expect 1 (DDI 0439D table 3-1)
alone sxth, "sxth.w r0, r1, ror #8"                          @ expect 1 (DDI 0439D table 3-1)
alone usat, "usat r0, #8, r1, asr #3"                        @ expect 1 (DDI 0439D table 3-1)
alone bfc, "bfc r0, #3, #4"                                  @ expect 1 (DDI 0439D table 3-1)
alone sbfx, "sbfx r0, r1, #3, #4"                            @ expect 1 (DDI 0439D table 3-1)
alone tst, "tst.w r0, r1, ror #2"                            @ expect 1 (DDI 0439D table 3-1)
alone teq, "teq r0, r1"                                      @ expect 1 (DDI 0439D table 3-1)
alone mvns, "mvns r0, r1"                                    @ expect 1 (DDI 0439D table 3-1)
alone adcs, "adcs r0, r1"                                    @ expect 1 (DDI 0439D table 3-1)
alone rsb, "rsb.w r0, r1, r2, asr #5"                        @ expect 1 (DDI 0439D table 3-1)
alone eor, "eor r0, r1, #0xff00ff"                           @ expect 1 (DDI 0439D table 3-1)
alone mov, "mov r8, r1"                                      @ expect 1 (DDI 0439D table 3-1)
alone muls, "muls r0, r1, r0"                                @ expect 1 (DDI 0439D table 3-1)
alone sev, "sev"                                             @ expect 1 (DDI 0439D table 3-1)
alone yield, "yield"                                         @ expect 1 (DDI 0439D table 3-1)
alone ldrh, "ldrh r0, [r1, #2]"                              @ expect 2 (DDI 0439D table 3-1)
alone ldrsb, "ldrsb.w r0, [r1, #1]"                          @ expect 2 (DDI 0439D table 3-1)
alone ldrsh, "ldrsh r0, [r1, r2]", "movs r2, #0"             @ expect 2 (DDI 0439D table 3-1)
alone ldr_sp, "ldr r0, [sp, #4]"                             @ expect 2 (DDI 0439D table 3-1)
alone ldr_pre, "ldr r0, [r1, #4]!"                           @ expect 2 (DDI 0439D table 3-1)
alone strh, "strh r0, [r1, #2]"                              @ expect 1 (DDI 0439D table 3-1)
alone str_sp, "str r0, [sp, #4]"                             @ expect 1 (DDI 0439D table 3-1)
alone str_pre, "str r0, [r1, #4]!"                           @ expect 1 (DDI 0439D table 3-1)
alone strb_reg, "strb r0, [r1, r2]", "movs r2, #0"           @ expect 2 (DDI 0439D table 3-1)
alone ldmdb, "ldmdb r0, {r1-r2}", "adds r0, #8" @ expect 3 (DDI 0439D table 3-1)
alone stmdb, "stmdb r0, {r1-r2}", "adds r0, #8" @ expect 3 (DDI 0439D table 3-1)
alone push_1, "push {r4}"                                    @ expect 2 (DDI 0439D table 3-1)
alone pop_1, "pop {r4}"                                      @ expect 2 (DDI 0439D table 3-1)
alone ldmia_3, "ldmia r0, {r1-r3}"                           @ expect 4 (DDI 0439D table 3-1; an example of section 3.3.2 says 5)
alone strex, "strex r0, r1, [r2]"                            @ expect 2 (DDI 0439D table 3-1)
alone ldrex_ldr, "ldrex r0, [r1]; ldr r2, [r3]"              @ expect 3 (DDI 0439D table 3-1)
alone add_pc, "add pc, r1; nop", "movs r1, #0"               @ expect 2 (DDI 0439D table 3-1, 1+P)
loop mov_pc, "1: subs r7, #1; beq 2f; mov pc, r1; 2:", "ldr r0, =1f; mov r1, r0" @ expect 4 (DDI 0439D table 3-1, 1+P; 2 for subs and beq not taken)
alone beq_w, "beq.w 1f; nop; 1:", "cmp r6, r6"               @ expect 2 (DDI 0439D table 3-1, 1+P)
alone b_w, "b.w 1f; nop; 1:"                                 @ expect 2 (DDI 0439D table 3-1, 1+P)
alone cbnz_not, "cbnz r0, 1f; nop; 1:", "movs r0, #0"        @ expect 2 (DDI 0439D table 3-1; the second is the NOP)
alone tbh, "tbh [pc, r1, lsl #1]; .hword 1", "movs r1, #0"   @ expect 4 (as TBB above)
@ Barriers are 1+B and B is taken to be 1: unverified. CLREX is charged like them, where the manual
@ says 1, for the decoder does not tell them apart: not tested here.
alone dmb, "dmb"                                             @ expect 2 (1+B, B = 1 unverified)
alone dsb, "dsb"                                             @ expect 2 (1+B, B = 1 unverified)
alone isb, "isb"                                             @ expect 2 (1+B, B = 1 unverified)

@ Results are forwarded to arithmetic, the addend of a multiply-accumulate included.
alone adds3, "adds r0, r1, r2; adds r3, r0, r1; adds r4, r3, r0" @ expect 3 (DDI 0439D table 3-1)
alone mul_adds, "mul r0, r1, r2; adds r3, r0, r1"            @ expect 2 (DDI 0439D table 3-1)
alone mla2, "mla r0, r1, r2, r3; mla r0, r4, r5, r0"         @ expect 2 (DDI 0439D table 3-1)

@ An address one instruction later has no hazard; every register of an address has one, and so has
@ the stack pointer.
alone mov_ldr, "mov r0, r2; ldr r1, [r0]"                    @ expect 4 (DDI 0439D 3.3.2)
alone mov_adds_ldr, "mov r0, r2; adds r3, r4, r5; ldr r1, [r0]" @ expect 4 (DDI 0439D 3.3.2)
alone movs_ldr, "movs r2, #0; ldr r1, [r4, r2]"              @ expect 4 (DDI 0439D 3.3.2)
alone mov_str, "mov r0, r2; str r1, [r0]"                    @ expect 3 (DDI 0439D 3.3.2)
alone mov_ldmia, "mov r0, r2; ldmia r0, {r3-r4}"             @ expect 5 (DDI 0439D 3.3.2)
alone sub_add_ldr, "sub sp, #8; add sp, #8; ldr r0, [sp, #4]" @ expect 5 (DDI 0439D 3.3.2)
alone mov_ldr_pair, "mov r0, r2; ldr r1, [r0]; ldr r3, [r4]" @ expect 5 (DDI 0439D 3.3.2)

@ A run of loads of any size costs one more than there are loads, whether their values are used at once
@ or not.
alone ldrb_ldrh_ldrsb, "ldrb r0, [r1]; ldrh r2, [r3]; ldrsb.w r4, [r5]" @ expect 4 (DDI 0439D 3.3.2)
alone ldr2_adds, "ldr r0, [r1]; ldr r2, [r3]; adds r4, r2, r5" @ expect 4 (DDI 0439D 3.3.2)
alone ldr2_adds_2, "ldr r0, [r1]; ldr r2, [r3]; adds r4, r0, r5" @ expect 4 (DDI 0439D 3.3.2)
alone ldr_cmp, "ldr r0, [r1]; cmp r2, r3"                    @ expect 3 (measured on an STM32F407: only a NOP hides the second cycle)
alone ldr_tst, "ldr r0, [r1]; tst r2, r3"                    @ expect 3 (measured on an STM32F407: only a NOP hides the second cycle)
alone str_cmp, "str r0, [r1, r2]; cmp r4, r3", "movs r2, #0" @ expect 3 (measured on an STM32F407: only a NOP hides the second cycle)
alone ldr_str2, "ldr r0, [r1]; str r2, [r3]; str r4, [r5]"   @ expect 3 (DDI 0439D 3.3.2)
alone str_ldr2, "str r0, [r1]; ldr r2, [r3]; ldr r4, [r5]"   @ expect 5 (the first load waits for the store, the second overlaps the first)
alone strex_cmp, "strex r0, r1, [r2]; cmp r0, #0"            @ expect 3 (DDI 0439D table 3-1)

@ Nothing overlaps pairs and lists, in front or behind.
alone ldr_ldrd, "ldr r0, [r1]; ldrd r2, r3, [r4]"            @ expect 5 (measured on an STM32F407)
alone ldrd_ldr, "ldrd r0, r1, [r2]; ldr r3, [r4]"            @ expect 5 (measured on an STM32F407)
alone ldmia_ldr, "ldmia r0, {r1-r2}; ldr r3, [r4]"           @ expect 5 (measured on an STM32F407)
alone strd_str, "strd r0, r1, [r2]; str r3, [r4]"            @ expect 4 (measured on an STM32F407)
alone ldr_strd, "ldr r0, [r1]; strd r2, r3, [r4]"            @ expect 5 (measured on an STM32F407)
alone stmia_ldr, "stmia r0, {r1-r2}; ldr r3, [r4]"           @ expect 5 (measured on an STM32F407)

@ Pre-indexed like post-indexed.
alone ldr2_pre, "ldr r0, [r1, #4]!; ldr r2, [r3, #4]!"       @ expect 3 (measured on an STM32F407)
alone ldr2_pre_same, "ldr r0, [r1, #4]!; ldr r2, [r1, #4]!"  @ expect 4 (measured on an STM32F407)

@ Stores alone starve the fetch at the fourth; a 16-bit instruction or a taken branch ends the row.
alone_at2 str3_at2, "str.w r0, [r1]; str.w r2, [r1]; str.w r3, [r1]" @ expect 3 (measured on a Cortex-M4 with code in flash, data in RAM)
alone_at2 str4_at2, "str.w r0, [r1]; str.w r2, [r1]; str.w r3, [r1]; str.w r4, [r1]" @ expect 5 (measured on a Cortex-M4 with code in flash, data in RAM)
alone_at2 str3_add_at2, "str.w r0, [r1]; str.w r2, [r1]; str.w r3, [r1]; add.w r4, r5, r6" @ expect 5 (measured on a Cortex-M4 with code in flash, data in RAM)
alone_at2 add2_adds_add, "add.w r0, r1, r2; add.w r3, r4, r5; adds r0, r1, r2; add.w r6, r8, r9" @ expect 4 (measured on a Cortex-M4 with code in flash, data in RAM)
loop add_subs_bne, "move; 1: add.w r0, r1, r2; subs.w r7, r7, #1; bne 1b" @ expect 5 (measured on a Cortex-M4 with code in flash, data in RAM; a row of two, and 3 for a branch to a 32-bit instruction across words)
loop add_subs_bne_w, "move; 1: add.w r0, r1, r2; subs.w r7, r7, #1; bne.w 1b" @ expect 6 (measured on a Cortex-M4 with code in flash, data in RAM; a row of three)

@ Not here, for the model leaves them out: accesses to different RAM blocks that do not pipeline (an
@ STM32F407; whole programs on an STM32L4R5 did not show it), 32-bit loads across fetch words that may not
@ pipeline (the manual), a literal that may collide with a fetch (the manual), rows of loads and arithmetic
@ across fetch words that cost more than one cycle (one measurement).
