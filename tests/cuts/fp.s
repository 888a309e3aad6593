@ For M4, M7 and M33 with DSP and floating-point instructions.
  .include "common.inc"
  .include "v7m.inc"

function part_dsp
  push {r4, r5, r6, r7, r8, lr}
  ldr r6, =array
  ldr r7, =table
  movs r5, #10
1:
  ldr r0, [r6], #4
  ldr r1, [r7], #4
  sxtb16 r2, r0
  sxtb16 r3, r1, ror #8
  smlad r4, r2, r3, r4
  smlaldx r4, r8, r0, r1
  sadd8 r0, r0, r1
  sel r1, r0, r2
  ssat r2, #8, r4
  uxtab r4, r2, r1
  str r4, [r6, #100]
  sum r4
  subs r5, #1
  bne 1b
  pop {r4, r5, r6, r7, r8, pc}
  .ltorg

function part_fp
  push {r4, r5, r6, lr}
  ldr r6, =array
  ldr r4, =numbers
  movs r5, #6
1:
  vldmia r4, {s0-s5}
  vldr d4, [r4, #28]
  vadd.f32 s0, s0, s1
  vmla.f32 s2, s0, s3
  vdiv.f32 s4, s2, s1
  adds r0, r5, #3
  vsqrt.f32 s5, s4
  vcmp.f32 s5, s0
  vmrs APSR_nzcv, fpscr
  ite gt
  vldrgt s6, [r4, #4]
  vldrle s6, [r4, #12]
  vstr d4, [r6, #132]
  vstmia r6, {s4-s6}
  vmov r1, s6
  sum r1
  subs r5, #1
  bne 1b
  pop {r4, r5, r6, pc}
  .balign 4
numbers:
  .float 1.5, 2.25, 3.5, 4.75, 5.125, 6.5, 7.25, 8.5, 9.5, 10.5
  .ltorg

.macro parts
  parts_of_all
  parts_of_v7m
  bl part_dsp
  bl part_fp
.endm
  program parts
