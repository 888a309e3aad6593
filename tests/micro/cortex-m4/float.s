@ Cortex-M4: floating point at zero wait states.
@ chip ideal-m4.yaml
.include "micro.inc"

@ Cortex-M4F: DDI 0439D table 7-1. VMOV of one core register is 1 as measured, 2 in the manual.
alone vadd, "vadd.f32 s0, s1, s2"                            @ expect 1 (DDI 0439D table 7-1)
alone vmul, "vmul.f32 s0, s1, s2"                            @ expect 1 (DDI 0439D table 7-1)
alone vcvts32, "vcvt.f32.s32 s0, s1"                         @ expect 1 (DDI 0439D table 7-1)
alone vcmp, "vcmp.f32 s0, s1"                                @ expect 1 (DDI 0439D table 7-1)
alone vmov, "vmov.f32 s0, s1"                                @ expect 1 (DDI 0439D table 7-1)
alone vmov_2, "vmov s0, r1"                                  @ expect 1 (DDI 0439D table 7-1)
alone vmov_3, "vmov r1, s0"                                  @ expect 1 (DDI 0439D table 7-1)
alone vmov_4, "vmov r1, r2, s0, s1"                          @ expect 2 (DDI 0439D table 7-1)
alone vmla, "vmla.f32 s0, s1, s2"                            @ expect 3 (DDI 0439D table 7-1)
alone vfma, "vfma.f32 s0, s1, s2"                            @ expect 3 (DDI 0439D table 7-1)
alone vmrs, "vmrs apsr_nzcv, fpscr"                          @ expect 1 (DDI 0439D table 7-1)
alone vldr, "vldr s0, [r0]"                                  @ expect 2 (DDI 0439D table 7-1)
alone vstr, "vstr s0, [r0]"                                  @ expect 2 (DDI 0439D table 7-1)
alone vldr_2, "vldr d0, [r0]"                                @ expect 3 (DDI 0439D table 7-1)
alone vstr_2, "vstr d0, [r0]"                                @ expect 3 (DDI 0439D table 7-1)
alone vldmia, "vldmia r0!, {s0-s3}"                          @ expect 5 (DDI 0439D table 7-1)
alone vldmia_2, "vldmia r0, {d0-d3}"                         @ expect 9 (DDI 0439D table 7-1)
alone vpush, "vpush {d8-d9}"                                 @ expect 5 (DDI 0439D table 7-1)

@ A result used by the next instruction: +1, but not as the addend of a multiply-accumulate.
alone vadd2, "vadd.f32 s0, s1, s2; vadd.f32 s3, s0, s1"      @ expect 3 (DDI 0439D table 7-1)
alone vadd2_2, "vadd.f32 s0, s1, s2; vadd.f32 s3, s4, s1"    @ expect 2 (DDI 0439D table 7-1)
alone vmul_vmla, "vmul.f32 s0, s1, s2; vmla.f32 s0, s1, s2"  @ expect 4 (DDI 0439D table 7-1)
alone vmul_vmla_2, "vmul.f32 s0, s1, s2; vmla.f32 s3, s0, s2" @ expect 5 (DDI 0439D table 7-1)
alone vadd_vstr, "vadd.f32 s0, s1, s2; vstr s0, [r0]"        @ expect 4 (DDI 0439D table 7-1)

@ The others of the table.
alone vsub, "vsub.f32 s0, s1, s2"                            @ expect 1 (DDI 0439D table 7-1)
alone vnmul, "vnmul.f32 s0, s1, s2"                          @ expect 1 (DDI 0439D table 7-1)
alone vabs, "vabs.f32 s0, s1"                                @ expect 1 (DDI 0439D table 7-1)
alone vneg, "vneg.f32 s0, s1"                                @ expect 1 (DDI 0439D table 7-1)
alone vcvtu32, "vcvt.u32.f32 s0, s1"                         @ expect 1 (DDI 0439D table 7-1)
alone vcvtfixed, "vcvt.f32.s32 s0, s0, #8"                   @ expect 1 (DDI 0439D table 7-1)
alone vcmp0, "vcmp.f32 s0, #0.0"                             @ expect 1 (DDI 0439D table 7-1)
alone vcmpe, "vcmpe.f32 s0, s1"                              @ expect 1 (DDI 0439D table 7-1)
alone vmov_imm, "vmov.f32 s0, #1.0"                          @ expect 1 (DDI 0439D table 7-1)
alone vmsr, "vmsr fpscr, r0", "movs r0, #0"                  @ expect 1 (DDI 0439D table 7-1)
alone vmrs_core, "vmrs r0, fpscr"                            @ expect 1 (DDI 0439D table 7-1)
alone vmov_pair, "vmov s0, s1, r1, r2"                       @ expect 2 (DDI 0439D table 7-1)
alone vmov_d, "vmov d0, r1, r2"                              @ expect 2 (DDI 0439D table 7-1)
alone vmls, "vmls.f32 s0, s1, s2"                            @ expect 3 (DDI 0439D table 7-1)
alone vnmla, "vnmla.f32 s0, s1, s2"                          @ expect 3 (DDI 0439D table 7-1)
alone vnmls, "vnmls.f32 s0, s1, s2"                          @ expect 3 (DDI 0439D table 7-1)
alone vfms, "vfms.f32 s0, s1, s2"                            @ expect 3 (DDI 0439D table 7-1)
alone vfnma, "vfnma.f32 s0, s1, s2"                          @ expect 3 (DDI 0439D table 7-1)
alone vfnms, "vfnms.f32 s0, s1, s2"                          @ expect 3 (DDI 0439D table 7-1)
alone vstmia, "vstmia r0, {s0-s3}"                           @ expect 5 (DDI 0439D table 7-1)
alone vpush_s, "vpush {s16-s18}"                             @ expect 4 (DDI 0439D table 7-1)
alone vpop, "vpop {d8-d9}"                                   @ expect 5 (DDI 0439D table 7-1)
alone vstr_str, "vstr s0, [r0]; str r1, [r2]"                @ expect 3 (DDI 0439D table 7-1)
alone ldr_vldr, "ldr r1, [r2]; vldr s0, [r0]"                @ expect 4 (DDI 0439D table 7-1)

@ A chain of multiply-accumulates waits for nothing but the addend, which is in time; as a factor the
@ result is one cycle late.
repeat vmla_chain, "vmla.f32 s0, s1, s2"                     @ expect 3 (DDI 0439D table 7-1)
repeat vfma_chain, "vfma.f32 s0, s1, s2"                     @ expect 3 (DDI 0439D table 7-1)
repeat vfma_factor, "vfma.f32 s0, s0, s2"                    @ expect 4 (DDI 0439D table 7-1)
alone vfma_vadd, "vfma.f32 s0, s1, s2; vadd.f32 s3, s0, s1"  @ expect 5 (DDI 0439D table 7-1)
alone vadd_adds_vadd, "vadd.f32 s0, s1, s2; adds r0, r1, r2; vadd.f32 s3, s0, s1" @ expect 3 (DDI 0439D table 7-1)
alone vcvt_vmul, "vcvt.f32.s32 s0, s1; vmul.f32 s2, s0, s3"  @ expect 3 (DDI 0439D table 7-1)
@ GCC's scheduler lets other instructions run under the last two cycles of a multiply-accumulate, the manual
@ does not say so: not here.

@ A division or square root takes one cycle until the next floating-point instruction, which waits for its 14.
repeat vdiv, "vdiv.f32 s0, s1, s2"                           @ expect 14 (DDI 0439D table 7-1)
repeat vsqrt, "vsqrt.f32 s0, s1"                             @ expect 14 (DDI 0439D table 7-1)
alone vdiv_adds8, "vdiv.f32 s0, s1, s2; .rept 8; adds r0, r1, r2; .endr" @ expect 9 (DDI 0439D table 7-1)
alone vdiv_vadd, "vdiv.f32 s0, s1, s2; vadd.f32 s3, s4, s5"  @ expect 15 (DDI 0439D table 7-1)
alone vdiv_adds5_vadd, "vdiv.f32 s0, s1, s2; .rept 5; adds r0, r1, r2; .endr; vadd.f32 s3, s4, s5" @ expect 15 (DDI 0439D table 7-1)
alone vdiv_adds14_vadd, "vdiv.f32 s0, s1, s2; .rept 14; adds r0, r1, r2; .endr; vadd.f32 s3, s4, s5" @ expect 16 (DDI 0439D table 7-1)
alone vsqrt_ldr_vadd, "vsqrt.f32 s0, s1; ldr r0, [r1]; vadd.f32 s3, s4, s5" @ expect 15 (DDI 0439D table 7-1)
alone vdiv_vadd_used, "vdiv.f32 s0, s1, s2; vadd.f32 s3, s0, s5" @ expect 16 (DDI 0439D table 7-1)
alone vdiv_vstr, "vdiv.f32 s0, s1, s2; vstr s0, [r0]"        @ expect 17 (DDI 0439D table 7-1)
