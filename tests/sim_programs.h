/* Small Thumb programs for the emulated chip, as assembled by arm-none-eabi-as for Cortex-M4. They
 * are placed at 0x08000040 behind a vector table. */
#ifndef SIM_PROGRAMS_H
#define SIM_PROGRAMS_H

#include <stdint.h>

/* clang-format off */
/*
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  movs r2,#0
 *  movs r3,#100
 *  ldr r4,=0x20000000
 * 1: ldr r5,[r4]
 *  add r2,r5
 *  str r2,[r4,#4]
 *  subs r3,#1
 *  bne 1b
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t sum_loop[] = {0x4809, 0x2101, 0xf000, 0xf80d, 0x2200, 0x2364, 0xf04f, 0x5400, 0x6825, 0x442a, 0x6062, 0x3b01, 0xd1fa, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0000, 0x0060, 0xe000};

/*
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  movs r3,#10
 *  ldr r4,=0x20000000
 * 1: tst r3,#1
 *  ittee eq
 *  ldreq r5,[r4]
 *  addeq r5,#1
 *  strne r5,[r4]
 *  movne r6,#7
 *  subs r3,#1
 *  bne 1b
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t it_skip[] = {0x480a, 0x2101, 0xf000, 0xf810, 0x230a, 0xf04f, 0x5400, 0xf013, 0x0f01, 0xbf07, 0x6825, 0x3501, 0x6025, 0x2607, 0x3b01, 0xd1f6, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0060, 0xe000};

/*
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  ldr r4,=0x200003fe
 *  ldr r5,[r4]
 *  str r5,[r4]
 *  ldrh.w r5,[r4,#1]
 *  ldr r6,[r4,#2]
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t across_pages[] = {0x4808, 0x2101, 0xf000, 0xf80b, 0x4c07, 0x6825, 0x6025, 0xf8b4, 0x5001, 0xf8d4, 0x6002, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0000, 0x0060, 0xe000, 0x03fe, 0x2000};

/*
 *  nop
 *  ldr r0,=0x08000100
 *  movs r1,#5
 *  ldr r2,[r0]
 *  str r1,[r0]
 *  b . */
static const uint16_t flash_write[] = {0xbf00, 0x4802, 0x2105, 0x6802, 0x6001, 0xe7fe, 0x0100, 0x0800};

/*
 *  ldr r0,=0x60000000
 *  movs r1,#5
 *  adds r1,#1
 *  ldrh r2,[r0]
 *  b . */
static const uint16_t unmapped[] = {0xf04f, 0x40c0, 0x2105, 0x3101, 0x8802, 0xe7fe};

/* 
 *  movs r0,#1
 *  b 1f
 * 1: udf #7
 *  b . */
static const uint16_t undefined[] = {0x2001, 0xe7ff, 0xde07, 0xe7fe};

/*
 *  movs r0,#1
 *  bkpt #3
 *  b . */
static const uint16_t breakpoint[] = {0x2001, 0xbe03, 0xe7fe};

/*
 * 1: push {r0-r3,lr}
 *  bl 1b
 *  b . */
static const uint16_t recurse[] = {0xb50f, 0xf7ff, 0xfffd, 0xe7fe};

/*
 * 1: b 1b */
static const uint16_t hang[] = {0xe7fe};

/*
 *  wfi
 *  b . */
static const uint16_t wfi[] = {0xbf30, 0xe7fe};

/*
 *  ldr r0,=0x70000001
 *  bx r0 */
static const uint16_t jump[] = {0x4800, 0x4700, 0x0001, 0x7000};
/*
 * movs r0,#0
 * bl leaf
 * b .
 * leaf: push {r4-r7,lr}
 * sub sp,#24
 * str r0,[sp,#4]
 * add sp,#24
 * pop {r4-r7,pc} */
static const uint16_t leaf_stack[] = {0x2000, 0xf000, 0xf801, 0xe7fe, 0xb5f0, 0xb086, 0x9001, 0xb006, 0xbdf0};

/*
 * ldr r0,=0xE0000060
 * ldr r4,=0x20000000
 * movs r1,#3
 * bl mark
 * next: movs r1,#1
 * bl mark
 * ldr r5,[r4]
 * adds r5,#1
 * str r5,[r4]
 * movs r1,#2
 * bl mark
 * b next
 * mark: str r1,[r0]
 * bx lr */
static const uint16_t invocations[] = {0x4808, 0xf04f, 0x5400, 0x2103, 0xf000, 0xf80a, 0x2101, 0xf000, 0xf807, 0x6825, 0x3501, 0x6025, 0x2102, 0xf000, 0xf801, 0xe7f5, 0x6001, 0x4770, 0x0060, 0xe000};

/*
 * ldr r0,=0xE0000060
 * movs r1,#1
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * str r1,[r0]
 * movs r1,#2
 * str r1,[r0]
 * b . */
static const uint16_t many_marks[] = {0x4806, 0x2101, 0x6001, 0x6001, 0x6001, 0x6001, 0x6001, 0x6001, 0x6001, 0x6001, 0x2102, 0x6001, 0xe7fe, 0x0000, 0x0060, 0xe000};

/*
 * mvn r0,#14
 * bx r0 */
static const uint16_t bad_return[] = {0xf06f, 0x000e, 0x4700};

/*
 * ldr r4,=0x20000000
 * mov r0,#0x60000000
 * movs r3,#1
 * cmp r3,#2
 * itt eq
 * ldreq r5,[r4]
 * ldreq r6,[r4]
 * ldr r1,[r0]
 * ldr r2,[r4]
 * b . */
static const uint16_t it_fault[] = {0xf04f, 0x5400, 0xf04f, 0x40c0, 0x2301, 0x2b02, 0xbf04, 0x6825, 0x6826, 0x6801, 0x6822, 0xe7fe};

/*
 * ldr r0,=0xE0000060
 * movs r1,#1
 * bl mark
 * mov r4,#0x20000000
 * vldr d0,[r4]
 * vstr d0,[r4,#8]
 * ldrd r2,r3,[r4]
 * movs r1,#2
 * bl mark
 * b .
 * mark: str r1,[r0]
 * bx lr */
static const uint16_t double_words[] = {0x4808, 0x2101, 0xf000, 0xf80c, 0xf04f, 0x5400, 0xed94, 0x0b00, 0xed84, 0x0b02, 0xe9d4, 0x2300, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0060, 0xe000};
/*
 *  ldr r0,=0xE000EDFC
 *  mov.w r1,#0x01000000
 *  str r1,[r0]
 *  ldr r0,=0xE0001000
 *  movs r1,#1
 *  str r1,[r0]
 *  ldr r4,=0xE0000060
 *  ldr r6,=0x20000000
 *  movs r1,#1
 *  bl mark
 *  ldr r2,[r0,#4]
 *  movs r3,#200
 * 1: subs r3,#1
 *  bne 1b
 *  ldr r5,[r0,#4]
 *  subs r5,r5,r2
 *  str r5,[r6]
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r4]
 *  bx lr */
static const uint16_t self_timed[] = {0x480c, 0xf04f, 0x7180, 0x6001, 0x480b, 0x2101, 0x6001, 0x4c0b, 0xf04f, 0x5600, 0x2101, 0xf000, 0xf80b, 0x6842, 0x23c8, 0x3b01, 0xd1fd, 0x6845, 0x1aad, 0x6035, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6021, 0x4770, 0xedfc, 0xe000, 0x1000, 0xe000, 0x0060, 0xe000};

/*
 *  ldr r0,=0xE000E010
 *  ldr r1,=999
 *  str r1,[r0,#4]
 *  movs r1,#0
 *  str r1,[r0,#8]
 *  movs r1,#5
 *  str r1,[r0]
 *  ldr r6,=0x20000000
 *  ldr r4,=0xE0000060
 *  ldr r2,[r0,#8]
 *  movs r3,#100
 * 1: subs r3,#1
 *  bne 1b
 *  ldr r5,[r0,#8]
 *  subs r2,r2,r5
 *  str r2,[r6]
 *  ldr r5,[r0]
 *  str r5,[r6,#4]
 *  ldr r3,=1000
 * 3: subs r3,#1
 *  bne 3b
 *  ldr r5,[r0]
 *  str r5,[r6,#8]
 *  ldr r5,[r0]
 *  str r5,[r6,#12]
 *  movs r1,#2
 *  str r1,[r4]
 * 2: b 2b */
static const uint16_t tick_timed[] = {0x480f, 0xf240, 0x31e7, 0x6041, 0x2100, 0x6081, 0x2105, 0x6001, 0xf04f, 0x5600, 0x4c0b, 0x6882, 0x2364, 0x3b01, 0xd1fd, 0x6885, 0x1b52, 0x6032, 0x6805, 0x6075, 0xf44f, 0x737a, 0x3b01, 0xd1fd, 0x6805, 0x60b5, 0x6805, 0x60f5, 0x2102, 0x6021, 0xe7fe, 0x0000, 0xe010, 0xe000, 0x0060, 0xe000};
/*
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  movs r3,#100
 *  ldr r4,=0xFFFFFFFF
 *  movs r5,#1
 * 1: udiv r6,r4,r5
 *  subs r3,#1
 *  bne 1b
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t divide_loop[] = {0x4808, 0x2101, 0xf000, 0xf80c, 0x2364, 0xf04f, 0x34ff, 0x2501, 0xfbb4, 0xf6f5, 0x3b01, 0xd1fb, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0060, 0xe000};

/*
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  movs r3,#100
 *  ldr r4,=0
 *  movs r5,#7
 * 1: sdiv r6,r4,r5
 *  subs r3,#1
 *  bne 1b
 *  movs r1,#2
 *  bl mark
 * 2: b 2b
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t divide_short[] = {0x4808, 0x2101, 0xf000, 0xf80c, 0x2364, 0xf04f, 0x0400, 0x2507, 0xfb94, 0xf6f5, 0x3b01, 0xd1fb, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x0060, 0xe000};
/* clang-format on */

#endif
