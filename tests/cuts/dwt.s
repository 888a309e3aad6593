@ The cycle counter around a function, at its third call, when caches are warm.
  .include "common.inc"

function start
  ldr r0, =0xe000edfc @ DEMCR: TRCENA
  mov r1, #0x01000000
  str r1, [r0]
  ldr r0, =0xe0001000 @ DWT_CTRL: CYCCNTENA
  movs r1, #1
  str r1, [r0]
  ldr r9, =0xe0001004 @ CYCCNT
  movs r8, #0
turn:
  cmp r8, #2
  bne call
  mark 1
call:
  ldr r6, [r9]
  bl measured
  ldr r7, [r9]
  add r8, r8, #1
  cmp r8, #3
  bne turn
  subs r7, r7, r6
  ldr r1, =result
  str r7, [r1]
  mark 2
3:
  b 3b
  .ltorg

@ Loads of RAM and flash, stores, divides, IT blocks, branches.
function measured
  movs r0, #40
  ldr r1, =array
  ldr r2, =table
1:
  ldr r3, [r1, #8]
  ldr r4, [r2], #4
  add r3, r3, r4
  udiv r5, r4, r0
  tst r3, #4
  itte ne
  addne r5, #3
  ldrne r4, [r1, #16]
  strheq r5, [r1, #20]
  str r4, [r1, #12]
  subs r0, #1
  bne 1b
  bx lr
  .ltorg
