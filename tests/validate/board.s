@ Firmware for the tests of coincell validate; cycles at zero wait states on a Cortex-M4.
.syntax unified
.cpu cortex-m4
.thumb

.macro function name
  .balign 4
  .global \name
  .type \name, %function
  .thumb_func
\name:
.endm

.section .vectors, "a"
  .word 0x20001000
  .word reset
  .rept 9
  .word hang
  .endr
  .word service

.text
@ Straight code with markers in the middle of what the emulator sees as one block; then a loop.
function reset
  movs r0, #1
  bl count
  cmp r0, #1
  .global condition
condition:
  itte eq
  addeq r2, #1
  .global inside
inside:
  addeq r2, #1
  addne r2, #5
  .global first
first:
  adds r0, #1
  adds r0, #1
  adds r0, #1
  .global second
second:
  movs r1, #4
1:
  subs r1, #1
  bne 1b
  .global third
third:
  bl count
  .global idle
idle:
9:
  b 9b

@ 1 (movs), 9 turns of 3, the last of 2, and 2 for BX.
function count
  movs r0, #10
  .global within
within:
2:
  subs r0, #1
  bne 2b
  bx lr

@ As count, but r0 turns, and r1 to r3 must be what was asked for: else it faults.
function turns
  cmp r1, #2
  bne peripheral
  adds r2, #3
  bne peripheral
  ldr r1, =table
  cmp r3, r1
  bne peripheral
2:
  subs r0, #1
  bne 2b
  bx lr

@ One turn more in each call; counts in initialised data, and what is not initialised is 0.
function grow
  ldr r3, =zeros
  ldr r3, [r3]
  cmp r3, #0
  bne peripheral
  ldr r1, =table
  ldr r2, [r1]
  adds r2, #1
  str r2, [r1]
3:
  subs r2, #1
  bne 3b
  bx lr

@ Floating point works without start-up code.
function halve
  vmov s0, r0
  vmov.f32 s1, #0.5
  vmul.f32 s0, s0, s1
  bx lr

@ Uses the stack it was given.
function deep
  push {r4-r7, lr}
  pop {r4-r7, pc}

@ The handler of SVC is the one of the vector table.
function serve
  movs r1, #0
  svc #0
  cmp r1, #0
  beq peripheral
  bx lr

function service
  movs r1, #1
  str r1, [sp, #4]
  bx lr

function peripheral
  ldr r0, =0x40021000
  ldr r0, [r0]
  bx lr

function sleep
  wfi
  bx lr

@ SysTick wakes the masked core after 5000 cycles; stopped and no longer pending at the end.
function nap
  cpsid i
  ldr r1, =0xe000e010
  ldr r2, =0xe000ed04
  ldr r0, =4999
  str r0, [r1, #4]
  movs r0, #0
  str r0, [r1, #8]
  movs r0, #7
  str r0, [r1]
  wfi
  movs r0, #0
  str r0, [r1]
  mov r0, #1 << 25
  str r0, [r2]
  bx lr

function hang
8:
  b 8b
  .pool

.data
  .global table
table:
  .word 2

.bss
zeros:
  .word 0
