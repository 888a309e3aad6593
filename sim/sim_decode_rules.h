/* Private to the decoder: what each Capstone instruction means for us. */
#ifndef SIM_DECODE_RULES_H
#define SIM_DECODE_RULES_H

#include <stdint.h>

/* Shape of the operand list. Capstone 4.0.2 gives the operands reliably, but not how they are
 * accessed (SXTH, UXTB16, SSAT and PKHBT lose a source, SMLAL its accumulators, VLDM and VPOP their
 * registers), so the shape decides. */
enum sim_form {
    SIM_FORM_UNKNOWN,         /* not an M-profile instruction */
    SIM_FORM_BARE,            /* no registers that matter */
    SIM_FORM_UNARY,           /* rd, sources */
    SIM_FORM_BINARY,          /* rd, sources; with two operands rd is a source too */
    SIM_FORM_COMPARE,         /* sources only */
    SIM_FORM_MODIFY,          /* rd is a source too */
    SIM_FORM_MAC,             /* rd, rn, rm, accumulator */
    SIM_FORM_EXTEND_ADD,      /* rd, accumulator, rm */
    SIM_FORM_LONG,            /* rdlo, rdhi, rn, rm */
    SIM_FORM_LONG_MAC,        /* rdlo, rdhi (both accumulators), rn, rm */
    SIM_FORM_LOAD,            /* rt, [address] */
    SIM_FORM_STORE,           /* rt, [address] */
    SIM_FORM_LOAD_PAIR,       /* rt, rt2, [address] */
    SIM_FORM_STORE_PAIR,      /* rt, rt2, [address] */
    SIM_FORM_EXCLUSIVE,       /* rd, rt, [address] */
    SIM_FORM_LOAD_LIST,       /* rn, registers */
    SIM_FORM_STORE_LIST,      /* rn, registers */
    SIM_FORM_POP,             /* registers */
    SIM_FORM_PUSH,            /* registers */
    SIM_FORM_PRELOAD,         /* [address] */
    SIM_FORM_TABLE,           /* [rn, rm] */
    SIM_FORM_BRANCH,          /* target */
    SIM_FORM_BRANCH_ZERO,     /* rn, target */
    SIM_FORM_BRANCH_LINK,     /* target */
    SIM_FORM_BRANCH_REG,      /* rm */
    SIM_FORM_CALL_REG,        /* rm */
    SIM_FORM_EXCEPTION,       /* SVC, BKPT, UDF */
    SIM_FORM_SPECIAL_READ,    /* rd, special register */
    SIM_FORM_SPECIAL_WRITE,   /* special register, rn */
    SIM_FORM_FP,              /* sd, sources */
    SIM_FORM_FP_MAC,          /* sd (accumulator), sn, sm */
    SIM_FORM_FP_COMPARE,      /* sources only */
    SIM_FORM_FP_STATUS_READ,  /* rd or the flags, fpscr */
    SIM_FORM_FP_STATUS_WRITE, /* fpscr, rn */
    SIM_FORM_FP_MOVE,         /* core and floating-point registers */
};

struct sim_rule {
    uint8_t form; /* enum sim_form */
    uint8_t cls;  /* enum sim_class */
    uint8_t unit; /* enum sim_unit */
    uint8_t access_bytes;
};

/* Of a Capstone instruction id (ARM_INS_...), never NULL. */
const struct sim_rule *sim_rule_for(unsigned id);

#endif
