/* One decoded Thumb instruction: what the timing models and the accounting need of it, taken from
 * Capstone's operands once, when its block is first executed. */
#ifndef SIM_INSN_H
#define SIM_INSN_H

#include "sim_profile.h"

#include <stddef.h>
#include <stdint.h>

enum sim_branch {
    SIM_BR_NONE,
    SIM_BR_B,        /* B, unconditional direct */
    SIM_BR_COND,     /* B<cond>, CBZ, CBNZ, and a B inside an IT block */
    SIM_BR_BL,       /* BL */
    SIM_BR_BX,       /* BX (BX LR included), MOV PC */
    SIM_BR_BLX,      /* BLX register */
    SIM_BR_POP_PC,   /* POP or LDM into PC */
    SIM_BR_LDR_PC,   /* LDR into PC */
    SIM_BR_TABLE,    /* TBB, TBH */
    SIM_BR_EXCEPTION /* SVC, BKPT, exception return */
};

/* Kind of arithmetic, finer than the class where a core's pipeline cares. */
enum sim_unit {
    SIM_UNIT_ALU,        /* simple operands */
    SIM_UNIT_SHIFT,      /* plain shift or rotate as the operation */
    SIM_UNIT_ALU_SHIFT,  /* operand 2 shifted inline, or shifted/modified constant */
    SIM_UNIT_EXTEND,     /* SXT/UXT without add, SXTB16 */
    SIM_UNIT_EXTEND_ADD, /* SXTAB, SXTAB16, ... */
    SIM_UNIT_BITFIELD,   /* BFI, UBFX, PKH, ... */
    SIM_UNIT_PACKED,     /* SADD8, SEL, ... */
    SIM_UNIT_SATURATE,   /* SSAT, QADD, ... */
    SIM_UNIT_REVERSE,    /* REV, RBIT, CLZ */
    SIM_UNIT_MUL,        /* MUL, SMULxy, SMUAD, ... (32-bit result) */
    SIM_UNIT_MULS,       /* 16-bit encoded, flag-setting multiply */
    SIM_UNIT_MAC,        /* MLA, MLS, SMLAD, SMLAxy (32-bit result) */
    SIM_UNIT_MUL_LONG,   /* SMULL, UMULL */
    SIM_UNIT_MAC_LONG,   /* SMLAL, UMLAL, UMAAL, SMLALD */
    SIM_UNIT_DIV,
    SIM_UNIT_MEM, /* load or store, single or multiple */
    SIM_UNIT_BRANCH,
    SIM_UNIT_IT,
    SIM_UNIT_NOP,
    SIM_UNIT_SYSTEM,   /* MRS, MSR, CPS, barriers, hints */
    SIM_UNIT_FP_ADD,   /* VADD, VSUB, VMUL, VCMP, VCVT, VABS, ... */
    SIM_UNIT_FP_MOVE,  /* VMOV register or immediate, VMRS */
    SIM_UNIT_FP_MOVE2, /* VMOV of two core registers */
    SIM_UNIT_FP_MAC,   /* VMLA, VFMA, ... */
    SIM_UNIT_FP_DIV,
    SIM_UNIT_FP_SQRT
};

#define SIM_REG_PC      15
#define SIM_REG_FLAGS   16 /* bit for NZCV in the masks below */
#define SIM_REG_FPSCR   17 /* floating-point status: VCMP, VMRS, VMSR */
#define SIM_REG_GE      18 /* the four GE bits: SADD8 and so on, SEL */
#define SIM_REG_SPECIAL 19 /* special registers as one: MRS, MSR, CPS */
#define SIM_REG_S0      32 /* bit of s0; d0 is s0|s1 */

struct sim_insn {
    uint32_t address;
    uint8_t bytes;          /* 2 or 4 */
    uint8_t cls;            /* enum sim_class */
    uint8_t unit;           /* enum sim_unit */
    uint8_t branch;         /* enum sim_branch */
    uint64_t reads;         /* registers read: r0..r15 bits 0..15, flags 16, s0..s31 bits 32..63 */
    uint64_t writes;        /* registers written, base writeback included */
    uint64_t address_reads; /* the part of reads that forms an address */
    uint64_t accumulator;   /* the part of reads that is only added: accumulator of MAC, SXTAB */
    uint64_t store_data;    /* the part of reads that is stored */
    uint64_t shifted;       /* the part of reads that operand 2 shifts (unit ALU_SHIFT) */
    uint64_t loaded;        /* the part of writes that comes from memory */
    uint8_t is_load, is_store;
    uint8_t words;           /* transfers: 1 for a single access, N for LDM/STM, 2 for LDRD */
    uint8_t access_bytes;    /* bytes of one transfer */
    uint8_t register_offset; /* [rn, rm] addressing */
    uint8_t writeback;       /* pre or post indexed */
    uint8_t literal;         /* PC-relative */
    uint8_t in_it;           /* covered by an IT instruction */
    uint8_t sets_flags;
    uint8_t double_precision;
    uint8_t shifted_constant; /* operand 2 is a rotated constant (unit ALU_SHIFT) */
    uint32_t target;          /* of a direct branch, else 0 */
    int32_t offset;           /* of the address from its base register, before indexing by it */
    int32_t step;             /* added to the base register by a single load or store, 0 = none */
};

#endif
