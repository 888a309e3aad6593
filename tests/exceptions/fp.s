@ Floating-point state across exceptions.
  .cpu cortex-m4
  .fpu fpv4-sp-d16
  .include "common.inc"

.text
@ ---- Two threads on their process stacks, switched by PendSV from SysTick; each computes in
@ registers s0 to s31 and must find what it left there. input[0] = turns, input[1] = reload value.
@ output[0], [4]: results of the threads; output[8]: switches.
function threads_main
  ldr r4, =input
  ldr r5, [r4, #4]
  ldr r6, =0xe000e010
  ldr r0, =0xe000ed20
  ldr r1, =0x00ff0000
  str r1, [r0]
  @ The second thread's first frame, and nothing of r4 to r11 below it.
  ldr r0, =0x20002000 - 32
  movs r1, #0
  str r1, [r0, #0]
  ldr r1, =thread_b
  bic r1, #1
  str r1, [r0, #24]
  mov r1, #0x01000000
  str r1, [r0, #28]
  subs r0, #36
  mvn r1, #2
  str r1, [r0, #32]
  ldr r2, =other
  str r0, [r2]
  ldr r0, =0x20002800
  msr PSP, r0
  movs r0, #2
  msr CONTROL, r0
  isb
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #7
  cbz r5, 1f
  str r0, [r6, #0]
1:
  mark 1
  ldr r0, [r4, #0]
  movs r1, #1
  bl churn
  ldr r2, =output
  str r0, [r2, #0]
2:
  ldr r0, [r2, #4]
  cbnz r0, 3f
  ldr r0, =ICSR
  mov r1, #PENDSVSET
  str r1, [r0]
  isb
  b 2b
3:
  finish

function thread_b
  ldr r4, =input
  ldr r0, [r4, #0]
  movs r1, #2
  bl churn
  ldr r2, =output
  str r0, [r2, #4]
1:
  ldr r0, =ICSR
  mov r1, #PENDSVSET
  str r1, [r0]
  isb
  b 1b
  .ltorg

@ r0 = turns, r1 = seed: exact small numbers, the flags of FPSCR and the GE bits.
function churn
  push {r4, r5, r6, lr}
  vpush {s16-s31}
  vmov s0, r1
  vcvt.f32.s32 s0, s0
  vmov.f32 s1, #1.0
  vmov.f32 s15, #2.0
  vmov s16, r1
  vmov s31, r1
  movs r5, #0
  movs r4, #0
1:
  vadd.f32 s2, s0, s1
  vmul.f32 s3, s2, s15
  vcmp.f32 s3, s2
  vsub.f32 s17, s3, s0
  vmov r6, s17
  vmrs APSR_nzcv, FPSCR
  it gt
  addgt r4, #1
  uadd8 r1, r5, r6
  b 2f
2:
  sel r6, r5, r6
  eor r5, r5, r6
  vmov r6, s16
  add r5, r5, r6
  vmov r6, s31
  add r5, r5, r6
  ror r5, r5, #1
  vadd.f32 s0, s0, s1
  subs r0, #1
  bne 1b
  add r0, r5, r4
  vpop {s16-s31}
  pop {r4, r5, r6, pc}

function switch_tick
  ldr r0, =ICSR
  mov r1, #PENDSVSET
  str r1, [r0]
  bx lr

@ The usual switch: what the core did not stack goes below its frame.
function switch_pendsv
  mrs r0, PSP
  tst lr, #0x10
  it eq
  vstmdbeq r0!, {s16-s31}
  stmdb r0!, {r4-r11, lr}
  ldr r2, =other
  ldr r1, [r2]
  str r0, [r2]
  ldm r1!, {r4-r11, lr}
  tst lr, #0x10
  it eq
  vldmiaeq r1!, {s16-s31}
  msr PSP, r1
  ldr r2, =output
  ldr r3, [r2, #8]
  adds r3, #1
  str r3, [r2, #8]
  bx lr
  .ltorg

@ ---- Two SVCs with floating-point state: what they cost by the frame. input[0] = FPCCR.
function frame_main
  ldr r4, =input
  ldr r0, [r4]
  ldr r1, =0xe000ef34
  str r0, [r1]
  vmov.f32 s0, #1.0
  vmov.f32 s1, #3.0
  vcmp.f32 s0, s1
  mark 1
  svc 1
  svc 1
  vmrs r2, FPSCR
  vmov r0, s0
  vmov r1, s1
  mrs r3, CONTROL
  ldr r4, =output
  stm r4, {r0, r1, r2, r3}
  finish

@ output[16] = EXC_RETURN
function idle_handler
  ldr r0, =output
  str lr, [r0, #16]
  bx lr

function busy_handler
  ldr r0, =output
  str lr, [r0, #16]
  vmov.f32 s0, #8.0
  vmov.f32 s1, #8.0
  vcmp.f32 s0, s1
  bx lr
  .ltorg

@ ---- An SVC whose handler PendSV preempts, each handler with floating point or without: what it
@ costs by frames, and what it keeps. input[0] = FPCCR. output[0] to [12]: s0, s1 and FPSCR of the
@ thread, CONTROL; [16] = EXC_RETURN of the inner handler; [20] to [28]: s0, s1 and FPSCR of the
@ outer one; [32] = EXC_RETURN of the outer one.
function nest_fp_main
  ldr r0, =0xe000ed1c
  ldr r1, =0x80000000
  str r1, [r0]
  ldr r4, =input
  ldr r0, [r4]
  ldr r1, =0xe000ef34
  str r0, [r1]
  vmov.f32 s0, #1.0
  vmov.f32 s1, #3.0
  vcmp.f32 s0, s1
  mark 1
  svc 1
  vmrs r2, FPSCR
  vmov r0, s0
  vmov r1, s1
  mrs r3, CONTROL
  ldr r4, =output
  stm r4, {r0, r1, r2, r3}
  finish

.macro preempt
  ldr r1, =ICSR
  mov r2, #PENDSVSET
  str r2, [r1]
  isb
  b 1f
1:
.endm

function outer_idle_handler
  ldr r0, =output
  str lr, [r0, #32]
  preempt
  bx lr

function outer_busy_handler
  ldr r0, =output
  str lr, [r0, #32]
  vmov.f32 s0, #16.0
  vmov.f32 s1, #4.0
  vcmp.f32 s0, s1
  preempt
  vmov r1, s0
  vmov r2, s1
  vmrs r3, FPSCR
  str r1, [r0, #20]
  str r2, [r0, #24]
  str r3, [r0, #28]
  bx lr
  .ltorg

@ ---- A computation in floating point that SysTick interrupts, with a handler that computes too; see
@ tick_main of v6m.s.
function tick_fp_main
  ldr r4, =input
  ldr r5, [r4, #4]
  ldr r6, =0xe000e010
  cbz r5, 1f
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #7
  str r0, [r6, #0]
1:
  mark 1
  ldr r0, [r4, #0]
  movs r1, #3
  bl churn
  movs r1, #0
  str r1, [r6, #0]
  ldr r2, =output
  str r0, [r2, #0]
  mov r0, sp
  adds r2, #8
  stm r2, {r0, r4, r5, r6}
  finish

function tick_fp_handler
  ldr r0, =output
  ldr r1, [r0, #4]
  adds r1, #1
  str r1, [r0, #4]
  vmov s0, r1
  vcvt.f32.s32 s0, s0
  vmul.f32 s15, s0, s0
  vcmp.f32 s15, s0
  mvn r1, r1
  uadd8 r1, r1, r1
  bx lr
  .ltorg

.data
other:
  .word 0
