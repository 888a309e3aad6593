@ What every core does: ARMv6-M code.
  .cpu cortex-m0
  .include "common.inc"

.text
@ ---- SVC with arguments: the handler adds r0 to r3 of the frame and the number in the SVC
@ instruction, and puts the sum into the frame's r0. Everything else must come back as it was.
function svc_main
  mark 1
  ldr r4, =0x44444444
  mov r8, r4
  mov r9, r4
  mov r10, r4
  mov r11, r4
  ldr r5, =0x55555555
  mov r12, r5
  ldr r6, =0x66666666
  mov lr, r6
  movs r0, #1
  movs r1, #20
  movs r2, #3
  movs r3, #40
  cmp r6, r6
  svc 7
  bne svc_failed
  ldr r7, =output
  stmia r7!, {r0, r1, r2, r3, r4, r5, r6}
  mov r0, r8
  mov r1, r12
  mov r2, lr
  mov r3, sp
  stmia r7!, {r0, r1, r2, r3}
  finish
svc_failed:
  b unexpected

function svc_handler
  mrs r3, IPSR
  cmp r3, #11
  bne svc_failed
  ldr r0, [sp, #0]
  ldr r1, [sp, #4]
  adds r0, r0, r1
  ldr r1, [sp, #8]
  adds r0, r0, r1
  ldr r1, [sp, #12]
  adds r0, r0, r1
  ldr r1, [sp, #24]
  subs r1, r1, #2
  ldrb r1, [r1]
  adds r0, r0, r1
  str r0, [sp, #0]
  movs r1, #0
  movs r2, #0
  mov r12, r1
  cmp r1, #1
  bx lr

@ ---- A computation that SysTick interrupts: input[0] = turns, input[1] = reload value, 0 = no
@ SysTick. Its result goes to output[0], the handler counts in output[1]; registers 4 to 7 and the
@ stack pointer to output[2..].
function tick_main
  ldr r4, =input
  ldr r5, [r4, #4]
  ldr r6, =0xe000e010
  cmp r5, #0
  beq 1f
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #7
  str r0, [r6, #0]
1:
  mark 1
  ldr r0, [r4, #0]
  bl compute
  movs r1, #0
  str r1, [r6, #0]
  ldr r2, =output
  str r0, [r2, #0]
  mov r0, sp
  adds r2, #8
  stmia r2!, {r0, r4, r5, r6}
  finish

@ r0 = turns; multi-word arithmetic, so that flags matter, and calls.
function compute
  push {r4, r5, r6, r7, lr}
  mov r7, r0
  movs r4, #1
  movs r5, #2
  movs r6, #3
1:
  adds r4, r4, r5
  adcs r5, r6
  adcs r6, r4
  lsls r0, r4, #7
  eors r5, r0
  movs r0, r6
  bl mix
  eors r6, r0
  push {r4, r5}
  muls r0, r4, r0
  pop {r1, r2}
  adds r0, r0, r1
  eors r5, r0
  cmp r4, r5
  bhi 2f
  adds r4, #3
2:
  subs r7, #1
  bne 1b
  adds r0, r4, r5
  eors r0, r6
  pop {r4, r5, r6, r7, pc}

function mix
  lsrs r1, r0, #3
  eors r0, r1
  lsls r1, r0, #5
  adds r0, r0, r1
  bx lr

@ Counts, and leaves nothing it may change as it was.
function tick_handler
  ldr r0, =output
  ldr r1, [r0, #4]
  adds r1, #1
  str r1, [r0, #4]
  ldr r2, =0x22222222
  mov r12, r2
  movs r3, #0
  cmp r3, #1
  bx lr

@ The same, returning by POP.
function tick_pop_handler
  push {r4, lr}
  ldr r0, =output
  ldr r1, [r0, #4]
  adds r1, #1
  str r1, [r0, #4]
  ldr r4, =0x44444444
  movs r2, #0
  movs r3, #0
  cmp r3, #1
  pop {r4, pc}

@ ---- Nesting: interrupt 3 (priority 0x80) raises 7 (0x80) and 5 (0x40). A letter per event goes to
@ output: 5 preempts 3, 7 follows without anything in between.
function nest_main
  ldr r4, =0xe000e400
  ldr r0, =0x80000000
  str r0, [r4, #0]
  ldr r0, =0x80004000
  str r0, [r4, #4]
  ldr r4, =0xe000e100
  movs r0, #0xa8
  str r0, [r4]
  ldr r5, =output
  mark 1
  ldr r4, =0xe000e200
  movs r0, #8
  str r0, [r4]
  b 1f
1:
  movs r0, #'m'
  bl note
  finish

function note
  strb r0, [r5]
  adds r5, #1
  bx lr

function nest3_handler
  push {r4, lr}
  movs r0, #'3'
  bl note
  ldr r4, =0xe000e200
  movs r0, #0xa0
  str r0, [r4]
  b 1f
1:
  movs r0, #'e'
  bl note
  pop {r4, pc}

function nest5_handler
  push {r4, lr}
  movs r0, #'5'
  bl note
  pop {r4, pc}

function nest7_handler
  push {r4, lr}
  movs r0, #'7'
  bl note
  pop {r4, pc}

@ ---- PRIMASK holds PendSV back; the letters tell when it is taken. Then ICSR.PENDSVCLR takes one
@ back.
function mask_main
  ldr r5, =output
  ldr r6, =ICSR
  ldr r7, =PENDSVSET
  mark 1
  cpsid i
  str r7, [r6]
  b 1f
1:
  movs r0, #'a'
  bl note
  ldr r0, [r6]
  ands r0, r7
  beq 8f
  cpsie i
  b 2f
2:
  movs r0, #'b'
  bl note
  cpsid i
  str r7, [r6]
  lsrs r0, r7, #1
  str r0, [r6]
  cpsie i
  b 3f
3:
  movs r0, #'c'
  bl note
  finish
8:
  b unexpected

@ r5 is not in the frame: what a handler does to it stays.
function note_pendsv
  mov r1, lr
  movs r0, #'p'
  strb r0, [r5]
  adds r5, #1
  bx r1

@ ---- WFI: sleeps until SysTick, input[1] = reload value; three times, then once with PRIMASK set,
@ where the handler runs only afterwards. input[0] = what CSR is set to.
function sleep_main
  ldr r4, =input
  ldr r6, =0xe000e010
  ldr r5, [r4, #4]
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  ldr r0, [r4, #0]
  str r0, [r6, #0]
  mark 1
  wfi
  wfi
  wfi
  cpsid i
  wfi
  .global behind_last_wfi
behind_last_wfi:
  ldr r4, =output
  ldr r0, [r4, #4]
  str r0, [r4, #8]
  cpsie i
  b 1f
1:
  ldr r0, [r4, #4]
  str r0, [r4, #12]
  finish

@ ---- SysTick's value while its reload value falls from 10 to 4: output[0] = a bit for each value
@ that was read, output[1] = how often COUNTFLAG was set.
function value_main
  ldr r6, =0xe000e010
  ldr r4, =output
  movs r0, #10
  str r0, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #5
  str r0, [r6, #0]
  movs r0, #4
  str r0, [r6, #4]
  movs r7, #50
1:
  subs r7, #1
  bne 1b
  movs r5, #0
  movs r7, #64
  mark 1
2:
  ldr r1, [r6, #8]
  movs r2, #1
  lsls r2, r1
  orrs r5, r2
  subs r7, #1
  bne 2b
  str r5, [r4, #0]
  ldr r0, [r6, #0]
  ldr r1, [r6, #0]
  str r0, [r4, #4]
  str r1, [r4, #8]
  finish

@ ---- The hints that do not sleep, and the event register: SEV, then WFE passes; the next WFE waits
@ for SysTick, whose entry and return set the event again.
function event_main
  ldr r4, =input
  ldr r6, =0xe000e010
  ldr r5, [r4, #4]
  mark 1
  yield
  sev
  wfe
  nop
  yield
  cmp r5, #0
  beq 1f
  str r5, [r6, #4]
  movs r0, #0
  str r0, [r6, #8]
  movs r0, #7
  str r0, [r6, #0]
1:
  wfe
  movs r0, #0
  str r0, [r6, #0]
  wfe
  ldr r4, =output
  movs r0, #1
  str r0, [r4, #0]
  finish

@ ---- Two interrupts pending together: the lower number goes first, the other is tail-chained.
function chain_main
  ldr r4, =0xe000e100
  movs r0, #0x28
  str r0, [r4]
  ldr r5, =output
  ldr r4, =0xe000e200
  mark 1
  movs r0, #0x28
  str r0, [r4]
  b 1f
1:
  movs r0, #'m'
  bl note
  finish

function chain_handler
  mrs r0, IPSR
  adds r0, #'a' - 16
  strb r0, [r5]
  adds r5, #1
  bx lr

@ ---- Ways to fail.
function no_handler_main
  svc 1
  b .

function bad_stack_main
  ldr r0, =0x08000100
  mov sp, r0
  svc 1
  b .

function masked_svc_main
  cpsid i
  svc 1
  b .

function bad_return_handler
  ldr r0, =0xffffffe3
  bx r0

function wrong_level_handler
  ldr r0, =0xfffffff1
  bx r0

function bad_frame_handler
  movs r0, #0
  str r0, [sp, #28]
  bx lr

function reset_main
  ldr r0, =0xe000ed0c
  ldr r1, =0x05fa0004
  str r1, [r0]
  b .

function sleep_for_ever_main
  mark 1
  wfi
  b .

function wait_for_ever_main
  mark 1
  wfe
  b .

function bkpt_main
  bkpt 3
  b .

function udf_main
  udf 1
  b .

function unaligned_main
  mov r0, sp
  subs r0, #7
  ldr r1, [r0, #0]
  b .
  .ltorg
