@ Cortex-M7 of an STM32H7A3: RAM with ECC, double precision.
@ chip stm32h7a3@44
.include "micro.inc"
.fpu fpv5-d16

@ Bytes and halfwords are stored by reading, changing and writing back a word; the buffer in front of
@ that holds five. Measured on an STM32H743.
repeat strb_row, ".rept 10; strb r0, [r1], #1; .endr"        @ expect 24 +-1 (10 x 2.4; unverified: how the row begins)
repeat strh_row, ".rept 10; strh r0, [r1], #2; .endr"        @ expect 20 +-1 (10 x 2; unverified: how the row begins)
repeat str_row, ".rept 10; str r0, [r1], #4; .endr"          @ expect 10 (words go one per cycle)
repeat strb_few, "strb r0, [r1]; strb r0, [r1, #1]; .rept 10; add.w r2, r2, r3; .endr" @ expect 10 (each pairs with an addition, and the buffer takes them)
@ In one bank they were measured at 4 and in two by turns at 2: addresses are not seen, all rows take 2.4.
repeat strb_one_bank, ".rept 10; strb r0, [r1]; .endr"       @ expect 24 +-1 (measured 40; unverified: how the row begins)

@ Double precision.
repeat vdiv_f64, "vdiv.f64 d0, d1, d2"                       @ expect 30 (LLVM ARMScheduleM7, measurements on STM32H7)
repeat vsqrt_f64, "vsqrt.f64 d0, d1"                         @ expect 28 (LLVM ARMScheduleM7)
repeat vfma_f64, "vfma.f64 d0, d0, d2"                       @ expect 10 (measured 6 to 10 by operands)
repeat vadd_f64, "vadd.f64 d0, d0, d1"                       @ expect 3 (measured 1 to 3 by operands)
