@ Cortex-M7: the core at zero wait states.
@ chip stm32f746@30
.include "micro.inc"

@ Cortex-M7: cycles of one repetition in a long row of repetitions. Additions pair when
@ independent; a chain runs one per cycle.
repeat add8, "add.w r0, r8, r9; add.w r1, r8, r9; add.w r2, r8, r9; add.w r3, r8, r9; add.w r4, r8, r9; add.w r5, r8, r9; add.w r6, r8, r9; add.w r7, r8, r9" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add8_2, "add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1" @ expect 8 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Loads pair in different banks (address bit 2), else one per cycle; so do stores and loads.
repeat ldr8, "ldr.w r0, [r8, #0]; ldr.w r1, [r8, #4]; ldr.w r2, [r8, #8]; ldr.w r3, [r8, #12]; ldr.w r4, [r8, #16]; ldr.w r5, [r8, #20]; ldr.w r6, [r8, #24]; ldr.w r7, [r8, #28]" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr8_2, "ldr.w r0, [r8, #0]; ldr.w r1, [r8, #8]; ldr.w r2, [r8, #16]; ldr.w r3, [r8, #24]; ldr.w r4, [r8, #32]; ldr.w r5, [r8, #40]; ldr.w r6, [r8, #48]; ldr.w r7, [r8, #56]" @ expect 8 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldrb4, "ldrb.w r0, [r8, #0]; ldrb.w r1, [r8, #1]; ldrb.w r2, [r8, #2]; ldrb.w r3, [r8, #3]" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat str4, "str r0, [r7, #0]; str r1, [r7, #4]; str r2, [r7, #8]; str r3, [r7, #12]" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_str_ldr_str, "ldr r0, [r1]; str r2, [r3]; ldr r4, [r5]; str r6, [r7]" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)

@ A load and an addition that uses an older one.
repeat ldr_add_ldr_add_ldr_add_ldr_add, "ldr r0, [r8]; add.w r9, r9, r2; ldr r1, [r8, #4]; add.w r10, r10, r3; ldr r2, [r8, #8]; add.w r11, r11, r0; ldr r3, [r8, #12]; add.w r12, r12, r1" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)

@ A loaded value is usable after 2 cycles: whole networks wanted 2 where LLVM has 1 for late ALUs.
repeat ldr_add_nop, "ldr r0, [r1]; add.w r1, r0, r2; nop.w", "movs r2, #0" @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr, "ldr r0, [r0]"                                   @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_mla_dsb, "ldr r0, [r1]; mla r1, r2, r3, r0; dsb"  @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_mla_dsb_2, "ldr r0, [r1]; mla r2, r0, r3, r4; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Multiply-accumulate: one per cycle, accumulators chain, 2 cycles to other uses, never with a
@ store.
repeat smlal4, "smlal r0, r1, r2, r3; smlal r0, r1, r2, r3; smlal r0, r1, r2, r3; smlal r0, r1, r2, r3" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat smlald4, "smlald r0, r1, r2, r3; smlald r0, r1, r2, r3; smlald r0, r1, r2, r3; smlald r0, r1, r2, r3" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat smlad2, "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0"  @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat smlad2_2, "smlad r0, r1, r2, r3; smlad r3, r1, r2, r0" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul, "mul r0, r0, r1"                                 @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_ldr, "mul r0, r1, r2; ldr r3, [r4]"               @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_add, "mul r0, r1, r2; add.w r3, r4, r5"           @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_str, "mul r0, r1, r2; str r3, [r4]"               @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul2, "mul r0, r1, r2; mul r3, r4, r5"                @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Carries: a chain is one per cycle, independent reads pair.
repeat adcs2, "adcs.w r0, r1, r2; adcs.w r3, r4, r5"         @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat adc2, "adc.w r0, r1, r2; adc.w r3, r4, r5"            @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)

@ One inline shift, one packed operation, one bit field per cycle, each with a plain addition.
repeat add2, "add.w r0, r1, r2, lsl #3; add.w r3, r4, r5, lsl #3" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add2_2, "add.w r0, r1, r2, lsl #3; add.w r3, r4, r5"  @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sadd82, "sadd8 r0, r1, r2; sadd8 r3, r4, r5"          @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sadd8_add, "sadd8 r0, r1, r2; add.w r3, r4, r5"       @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sxtb16_ssat, "sxtb16 r0, r1; ssat r2, #8, r3"         @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add2_3, "add.w r0, r1, #0xff00; add.w r2, r3, #0xff00" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add2_4, "add.w r0, r1, #7; add.w r2, r3, #7"          @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ubfx_add, "ubfx r0, r1, #3, #4; add.w r3, r4, r5, lsl #3" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sxtab_add, "sxtab r0, r1, r2; add.w r3, r4, r5, lsl #3" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat lsl_add_dsb, "lsl.w r0, r1, #3; add.w r3, r4, r5, lsl #3; dsb" @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add_lsl_dsb, "add.w r3, r4, r5, lsl #3; lsl.w r0, r1, #3; dsb" @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Single issue: pairs and lists at two words per cycle, divides, barriers.
repeat ldrd, "ldrd r0, r1, [r2]"                             @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat strd, "strd r0, r1, [r2]"                             @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldmia, "ldmia.w r0, {r4-r7}"                          @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldmia_2, "ldmia.w r0, {r4-r8}"                        @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat stmia, "stmia.w r0, {r4-r11}"                         @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldrd_add, "ldrd r0, r1, [r2]; add.w r3, r4, r5"       @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sdiv, "sdiv r0, r1, r2"                               @ expect 7 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat dsb, "dsb"                                            @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vdiv, "vdiv.f32 s0, s1, s2"                           @ expect 16 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vsqrt, "vsqrt.f32 s0, s1"                             @ expect 14 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vmov, "vmov r0, r1, s0, s1"                           @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Addresses are read early: a simple addition forwards, packed and shifted results are one late.
repeat add_ldr_dsb, "add.w r0, r1, r2; ldr r3, [r0]; dsb", "movs r2, #0" @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sadd8_ldr_dsb, "sadd8 r0, r1, r2; ldr r3, [r0]; dsb", "movs r2, #0" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add_ldr_dsb_2, "add.w r0, r1, r2, lsl #2; ldr r3, [r0]; dsb", "movs r2, #0" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_ldr_dsb, "mul r0, r1, r2; ldr r3, [r0]; dsb", "movs r2, #1" @ expect 8 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add_str_dsb, "add.w r0, r1, r2; str r0, [r3]; dsb"    @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_str_dsb, "ldr r0, [r1]; str r0, [r3]; dsb"        @ expect 4 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Floating point: latency 3, multiply-accumulate 5 and 3 into its own accumulator.
repeat vadd, "vadd.f32 s0, s0, s1"                           @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vadd2, "vadd.f32 s0, s1, s2; vadd.f32 s3, s4, s5"     @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vfma, "vfma.f32 s0, s1, s2"                           @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vfma3, "vfma.f32 s0, s1, s2; vfma.f32 s3, s1, s2; vfma.f32 s4, s1, s2" @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vfma_2, "vfma.f32 s0, s0, s2"                         @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vadd_add, "vadd.f32 s0, s1, s2; add.w r3, r4, r5"     @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)

@ A branch pairs with the flag setter; taken, it leaves one cycle empty. Not taken it is free.
loop add_adds_subs_bne, "1: add.w r4, r5, r6; adds r1, r2, r3; subs r7, #1; bne 1b" @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
loop subs_bne, "1: subs r7, #1; bne 1b"                      @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat subs_beq, "subs r0, #1; beq ."                        @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Latencies by kind of result and use, in front of a barrier that takes 3.
repeat add_shift_dsb, "add.w r0, r1, r2; add.w r3, r4, r0, lsl #3; dsb" @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sxtb_add_dsb, "sxtb.w r0, r1; add.w r3, r0, r4; dsb"  @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat sxtb_shift_dsb, "sxtb.w r0, r1; add.w r3, r4, r0, lsl #3; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat qadd_add_dsb, "qadd r0, r1, r2; add.w r3, r0, r4; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ssat_add_dsb, "ssat r0, #8, r1; add.w r3, r0, r4; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_add_dsb, "mul r0, r1, r2; add.w r3, r0, r4; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldrb_add_dsb, "ldrb r0, [r1]; add.w r3, r0, r4; dsb"  @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_mul_dsb, "ldr r0, [r1]; mul r3, r0, r4; dsb"      @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldr_shift_dsb, "ldr r0, [r1]; add.w r3, r4, r0, lsl #3; dsb" @ expect 6 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat ldrh_shift_dsb, "ldrh r0, [r1]; add.w r3, r4, r0, lsl #3; dsb" @ expect 7 (LLVM ARMScheduleM7, measurements on STM32H7)

@ Of an inline shift only the shifted operand is read early. A whole round of table-free AES, 75
@ instructions full of such operands (CM7_DSPsBOX of jnk0le/cortexm-AES), takes 40 cycles on an
@ STM32H7 as published, and here; with all operands read early it would be 48.
repeat eor_shift_chain, "eor.w r0, r0, r1, ror #8"           @ expect 1 (LLVM ARMScheduleM7, AES round on an STM32H7)
repeat eor_shift_chain_2, "eor.w r0, r1, r0, ror #8"         @ expect 2 (LLVM ARMScheduleM7)
repeat ldrb_unshifted_dsb, "ldrb r0, [r1]; add.w r3, r0, r4, lsl #3; dsb" @ expect 6 (AES round on an STM32H7)
repeat sxtb_unshifted_dsb, "sxtb.w r0, r1; add.w r3, r0, r4, lsl #3; dsb" @ expect 5 (LLVM ARMScheduleM7, AES round on an STM32H7)

@ One of a kind in a pair; packed and bit-field operations were found in the older slot only, but whole
@ networks want them in either.
repeat str_add, "str r0, [r1]; add.w r3, r4, r5"             @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mul_sadd8, "mul r0, r1, r2; sadd8 r3, r4, r5"         @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat add_sadd8, "add.w r0, r1, r2; sadd8 r3, r4, r5"       @ expect 1 (LLVM, jnk0le: 2; whole networks on STM32F7 and H7: 1)
repeat rev2, "rev r0, r1; rev r2, r3"                        @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat pkhbt_ubfx, "pkhbt r0, r1, r2; ubfx r3, r4, #3, #4"   @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat rev_add_dsb, "rev r0, r1; add.w r2, r0, r3; dsb"             @ expect 5 (jnk0le: 4, a late ALU takes it in the same cycle; not modelled)
repeat add_add_dsb, "add.w r0, r1, r2; add.w r3, r0, r4; dsb"         @ expect 5 (jnk0le: 4, a late ALU takes it in the same cycle; not modelled, and a chain runs one per cycle)
repeat movw_movt, "movw r0, #1; movt r0, #2"                 @ expect 2 (jnk0le: 1; not modelled)
repeat ldr_str_same, "str r0, [r1]; ldr r2, [r1]"            @ expect 1 (LLVM keeps such loads 4 cycles away; no measurement)
repeat cmp_it_moveq_mov, "cmp r0, #3; it eq; moveq r2, #1; mov r3, r4" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat mrs, "mrs r0, apsr"                                   @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vldr2, "vldr s0, [r0]; vldr s1, [r0, #4]"             @ expect 1 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vldr_vadd_dsb, "vldr s0, [r0]; vadd.f32 s1, s0, s0; dsb" @ expect 5 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vldr_add, "vldr d0, [r0]; add.w r3, r4, r5"           @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vmrs_add, "vmrs r0, fpscr; add.w r3, r4, r5"          @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vcvt_vmul, "vcvt.s32.f32 s0, s1; vmul.f32 s2, s3, s4" @ expect 2 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vmla, "vmla.f32 s0, s1, s2"                           @ expect 3 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vmla_2, "vmla.f32 s0, s0, s2"                         @ expect 5 (LLVM; jnk0le: 6, not told from VFMA)
repeat stmia_at4, "stmia.w r0, {r4-r7}", "adds r0, #4"       @ expect 2 (jnk0le: 3 behind a word that is not 8-byte aligned; not modelled)

@ Floating point between other units. Left out, for the decoder does not tell VADD from VMUL: VADD does
@ not start in the three cycles behind a multiply-accumulate.
repeat vadd_vstr_dsb, "vadd.f32 s0, s1, s2; vstr s0, [r1]; dsb" @ expect 5 (measured on an STM32H743)
repeat vfma_vstr_dsb, "vfma.f32 s0, s1, s2; vstr s0, [r1]; dsb" @ expect 7 (measured on an STM32H743)
repeat vfma_vldr_dsb, "vfma.f32 s0, s1, s2; vldr s3, [r1]; dsb" @ expect 5 (measured on an STM32H743: no pair)
repeat vldr_vfma_dsb, "vldr s0, [r1]; vfma.f32 s0, s1, s2; dsb" @ expect 7 (measured on an STM32H743: 3 into an accumulator)
repeat vldr_vfma_dsb_2, "vldr s0, [r1]; vfma.f32 s3, s0, s2; dsb" @ expect 5 (measured on an STM32H743)
repeat vmov_add_dsb, "vmov r0, s0; add.w r1, r0, r2; dsb"    @ expect 5 (measured on an STM32H743)
repeat vldr_vmov_dsb, "vldr s0, [r1]; vmov r0, s0; dsb"      @ expect 6 (measured on an STM32H743)
repeat vadd_vmov_dsb, "vadd.f32 s0, s1, s2; vmov r0, s0; dsb" @ expect 7 (measured on an STM32H743)
repeat vmov_vadd_dsb, "vmov s0, r0; vadd.f32 s1, s0, s2; dsb" @ expect 7 (measured on an STM32H743)
repeat vmov2_dsb, "vmov.f32 s0, s1; vmov.f32 s2, s0; dsb"    @ expect 7 (measured on an STM32H743)
