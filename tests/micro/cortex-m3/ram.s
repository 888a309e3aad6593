@ Cortex-M3: code on the System bus (0x20000000 and above), which data use first: unverified, simplified from
@ the manual's order. A word that a 32-bit instruction moves costs a cycle, of 16-bit ones every second does;
@ a taken branch waits one cycle more.
@ chip ideal-m3.yaml
.include "micro.inc"
.data

loop adds, "1: adds r0, r1, r2; subs r7, #1; bne 1b"         @ expect 5 (unverified: 1 + 1 + 3)
loop ldr_wide, "1: ldr.w r0, [r1]; adds r2, r3, r4; subs r7, #1; bne 1b" @ expect 8 (unverified: 3 + 1 + 1 + 3)
loop ldr_narrow, "1: ldr r0, [r1]; adds r2, r3, r4; subs r7, #1; bne 1b" @ expect 7.5 (unverified: 2, every second one 3, + 1 + 1 + 3)
loop ldr2_narrow, "1: ldr r0, [r1]; ldr r2, [r3]; subs r7, #1; bne 1b" @ expect 8 (unverified: 3 and 1, + 1 + 3)
loop str_wide, "1: str.w r0, [r1]; adds r2, r3, r4; subs r7, #1; bne 1b" @ expect 7 (unverified: 2 + 1 + 1 + 3)
loop ldmia_wide, "1: ldmia.w r1, {r2-r5}; subs r7, #1; bne 1b" @ expect 13 (unverified: 5 and 4, + 1 + 3)
