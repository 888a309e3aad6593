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
alone vdiv, "vdiv.f32 s0, s1, s2"                            @ expect 14 (DDI 0439D table 7-1)
alone vsqrt, "vsqrt.f32 s0, s1"                              @ expect 14 (DDI 0439D table 7-1)
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
