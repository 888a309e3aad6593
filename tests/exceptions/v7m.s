@ What only ARMv7-M and later have.
  .cpu cortex-m3
  .include "common.inc"

.text
@ ---- SVC inside an IT block: what the block still covers is skipped or executed as before.
function it_main
  mark 1
  movs r4, #0
  movs r5, #0
  cmp r4, #0
  ittee eq
  svceq 1
  addeq r4, #1
  addne r4, #16
  addne r5, #16
  cmp r4, #0
  itet ne
  addne r5, #1
  svceq 1
  addne r5, #2
  ldr r0, =output
  stm r0, {r4, r5}
  finish

function return_handler
  movs r0, #1
  cmp r0, #0
  bx lr

@ ---- A computation with conditional instructions, multiple loads and divides; see tick_main.
function tick_it_main
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
  bl compute_it
  movs r1, #0
  str r1, [r6, #0]
  ldr r2, =output
  str r0, [r2, #0]
  mov r0, sp
  adds r2, #8
  stm r2, {r0, r4, r5, r6}
  finish

function compute_it
  push {r4-r11, lr}
  mov r7, r0
  movs r4, #1
  movs r5, #2
  movw r6, #0x1234
  mov r8, #7
1:
  adds r4, r4, r5, lsl #3
  adc r5, r5, r6
  tst r4, #4
  ittee eq
  addeq r6, r6, r4
  eoreq r5, r5, #0x55
  subne r6, r6, r5
  rorne r8, r8, #3
  push {r4-r6, r8}
  bic r9, r5, #0xff
  orr r9, r9, #1
  udiv r10, r6, r9
  add r8, r8, r10
  pop {r0-r3}
  add r4, r4, r2
  eor r6, r6, r3
  cmp r4, r6
  it hi
  addhi r5, #1
  umull r10, r11, r4, r5
  adds r6, r6, r10
  adc r8, r8, r11
  subs r7, #1
  bne 1b
  add r0, r4, r5
  eor r0, r0, r6
  add r0, r0, r8
  pop {r4-r11, pc}

function tick_handler
  ldr r0, =output
  ldr r1, [r0, #4]
  adds r1, #1
  str r1, [r0, #4]
  ldr r2, =0x22222222
  mov r12, r2
  movs r3, #0
  cmp r3, #1
  ite eq
  moveq r1, #0
  movne r0, #0
  bx lr

@ ---- BASEPRI and FAULTMASK hold interrupt 3 (priority 0x80) back, priorities written by bytes.
function base_main
  ldr r4, =0xe000e403
  movs r0, #0x80
  strb r0, [r4]
  ldr r4, =0xe000e100
  movs r0, #8
  str r0, [r4]
  ldr r5, =output
  ldr r6, =0xe000ef00
  movs r7, #3
  mark 1
  movs r0, #0x80
  msr BASEPRI, r0
  str r7, [r6]
  isb
  movs r0, #'a'
  strb r0, [r5], #1
  movs r0, #0x90
  msr BASEPRI, r0
  isb
  movs r0, #'b'
  strb r0, [r5], #1
  cpsid f
  str r7, [r6]
  isb
  movs r0, #'c'
  strb r0, [r5], #1
  cpsie f
  isb
  movs r0, #'d'
  strb r0, [r5], #1
  finish

function base_handler
  movs r0, #'i'
  strb r0, [r5], #1
  bx lr

@ ---- Conditional instructions on both sides of a 1 KB border, where the emulator cuts blocks; see
@ tick_main of v6m.s.
function tick_border_main
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
  movs r1, #0
  movs r2, #0
  movs r3, #0
  b border_loop
  .ltorg
  .balign 1024
  .space 1016
border_loop:
  tst r0, #1
  ittet eq
  addeq r1, #1
  .global border
border:
  addeq r2, #3
  addne r3, #5
  moveq r7, r2
  eor r1, r1, r3
  subs r0, #1
  bne border_loop
  str r0, [r6, #0]
  add r0, r1, r2, lsl #4
  add r0, r0, r3, lsl #8
  ldr r2, =output
  str r0, [r2, #0]
  mov r0, sp
  adds r2, #8
  stm r2, {r0, r4, r5, r6}
  finish

@ ---- Interrupt 70: the third word of the NVIC's registers; the handler's number goes to output[0],
@ what the NVIC says of it to output[1] (active), [2] (pending), [3] (priority).
function high_main
  ldr r4, =0xe000e446
  movs r0, #0x5f
  strb r0, [r4]
  ldr r4, =0xe000e100
  movs r0, #64
  str r0, [r4, #8]
  ldr r5, =output
  mark 1
  movs r0, #64
  str r0, [r4, #0x108]
  isb
  finish

function high_handler
  mrs r0, IPSR
  str r0, [r5, #0]
  ldr r0, [r4, #0x208]
  str r0, [r5, #4]
  ldr r0, [r4, #0x108]
  str r0, [r5, #8]
  ldrb r0, [r4, #0x346]
  str r0, [r5, #12]
  bx lr
  .ltorg

@ ---- NMI with PRIMASK and FAULTMASK set.
function nmi_main
  ldr r5, =output
  ldr r6, =ICSR
  mov r7, #1 << 31
  mark 1
  cpsid i
  cpsid f
  str r7, [r6]
  isb
  mrs r0, FAULTMASK
  str r0, [r5, #4]
  finish

function nmi_handler
  ldr r0, [r6]
  str r0, [r5, #0]
  bx lr

@ ---- PRIGROUP: input[0] to AIRCR; interrupt 3 (0x80) raises 5 (0x40). With all bits for
@ subpriorities nothing nests.
function group_main
  ldr r4, =input
  ldr r0, [r4]
  ldr r4, =0xe000ed0c
  str r0, [r4]
  ldr r4, =0xe000e400
  movs r0, #0x80
  strb r0, [r4, #3]
  movs r0, #0x40
  strb r0, [r4, #5]
  ldr r4, =0xe000e100
  movs r0, #0x28
  str r0, [r4]
  ldr r5, =output
  ldr r6, =0xe000ef00
  mark 1
  movs r0, #3
  str r0, [r6]
  isb
  movs r0, #'m'
  strb r0, [r5], #1
  finish

function group3_handler
  movs r0, #'3'
  strb r0, [r5], #1
  movs r0, #5
  str r0, [r6]
  isb
  movs r0, #'e'
  strb r0, [r5], #1
  bx lr

function group5_handler
  movs r0, #'5'
  strb r0, [r5], #1
  bx lr

@ ---- Unprivileged thread on the process stack: SVC brings it back; SysTick (input[1]) interrupts
@ it as well, but not when PRIMASK was set before (input[2]).
function user_main
  ldr r0, =0x20002000
  msr PSP, r0
  ldr r4, =input
  ldr r5, [r4, #4]
  ldr r6, =0xe000e010
  ldr r7, =output
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #7
  str r0, [r6, #0]
  mark 1
  ldr r0, [r4, #8]
  msr PRIMASK, r0
  movs r0, #3
  msr CONTROL, r0
  isb
  mov r2, #200
1:
  subs r2, #1
  bne 1b
  ldr r2, [r7, #4]
  str r2, [r7, #8]
  cpsie i
  mrs r3, CONTROL
  str r3, [r7, #12]
  b 2f
2:
  finish

function user_svc_main
  ldr r0, =0x20002000
  msr PSP, r0
  ldr r5, =output
  mark 1
  movs r0, #3
  msr CONTROL, r0
  isb
  mrs r0, CONTROL
  str r0, [r5, #0]
  svc 1
  mrs r0, CONTROL
  str r0, [r5, #4]
  mrs r1, PSP
  mov r1, sp
  str r1, [r5, #8]
  finish

@ Back to privileged mode, and what it sees of the modes.
function user_svc_handler
  mrs r0, CONTROL
  str r0, [r5, #12]
  bic r0, r0, #1
  msr CONTROL, r0
  str lr, [r5, #16]
  mrs r0, PSP
  str r0, [r5, #20]
  bx lr

@ ---- One counter of the DWT around a computation: input[2] = its offset, output[0] = its growth.
@ input[0] = turns, input[1] = SysTick's reload value.
function dwt_main
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
  ldr r0, =0xe000edfc
  mov r1, #0x01000000
  str r1, [r0]
  ldr r9, =0xe0001000
  ldr r1, =0x3e0001
  str r1, [r9]
  ldr r8, [r4, #8]
  mark 1
  ldr r0, [r4, #0]
  ldr r7, [r9, r8]
  bl compute_it
  ldr r1, [r9, r8]
  subs r1, r1, r7
  ldr r2, =output
  str r1, [r2]
  finish

@ ---- WFI in the 32-bit encoding, conditional, with the cycle counter around it.
function wide_wfi_main
  ldr r4, =input
  ldr r6, =0xe000e010
  ldr r5, [r4, #4]
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  ldr r0, =0xe000edfc
  mov r1, #0x01000000
  str r1, [r0]
  ldr r9, =0xe0001000
  movs r1, #1
  str r1, [r9]
  movs r0, #7
  str r0, [r6, #0]
  mark 1
  ldr r2, [r9, #4]
  wfi.w
  cmp r4, r4
  ite ne
  wfine
  wfieq
  ldr r3, [r9, #4]
  subs r3, r3, r2
  ldr r4, =output
  str r3, [r4, #8]
  sev.w
  wfe.w
  yield.w
  finish

@ ---- Sleep on exit: the thread never comes back, the handler ends the run at its third call.
function on_exit_main
  ldr r4, =input
  ldr r6, =0xe000e010
  ldr r5, [r4, #4]
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  ldr r0, =0xe000ed10
  movs r1, #2
  str r1, [r0]
  movs r0, #7
  str r0, [r6, #0]
  mark 1
  wfi
  b unexpected

@ Nothing wakes the core behind this one.
function last_exit_handler
  movs r0, #0
  ldr r1, =0xe000e010
  str r0, [r1]
  bx lr

function on_exit_handler
  ldr r2, =output
  ldr r3, [r2, #4]
  adds r3, #1
  str r3, [r2, #4]
  cmp r3, #3
  bne 1f
  mark 2
1:
  bx lr
  .ltorg
