@ Cortex-M33: code in RAM that fetches and data share the system bus for. Three words are fetched ahead;
@ all of it is unverified, chosen by the 3 % that Nordic's CoreMark loses in RAM.
@ chip stm32u575@32
.include "micro.inc"
.data

loop adds4, "1: adds r0, r1, r2; adds r3, r4, r5; subs r7, #1; bne 1b" @ expect 5 (unverified: no data, no loss: 3, 2)
loop ldr_16bit, "1: ldr r0, [r1]; adds r3, r4, r5; adds r3, r4, r5; subs r7, #1; bne 1b" @ expect 6 (unverified: four 16-bit instructions are two words, the load takes one slot of five)
loop ldr_32bit, "1: ldr.w r0, [r1]; add.w r3, r4, r5; add.w r3, r4, r5; subs r7, #1; bne 1b" @ expect 6 (unverified: four and 2, the words fetched behind the branch suffice)
loop ldr4_32bit, "1: ldr.w r0, [r1]; ldr.w r2, [r1]; ldr.w r3, [r1]; ldr.w r4, [r1]; subs r7, #1; bne 1b" @ expect 9 (unverified: five, two words come a cycle late, and 2)
loop ldr4_taken_twice, "1: ldr.w r0, [r1]; ldr.w r2, [r1]; b 2f; move; 2: ldr.w r3, [r1]; ldr.w r4, [r1]; subs r7, #1; bne 1b" @ expect 10 (unverified: 2, 1 + 1, 2, 1, 2 and a word that comes a cycle late)
loop ldmia, "1: ldmia r1, {r2-r5}; add.w r3, r4, r5; subs r7, #1; bne 1b" @ expect 9 (unverified: 4, 1, 1 and 2)
