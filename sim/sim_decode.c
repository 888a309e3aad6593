#include "sim_decode.h"

#include "sim_decode_rules.h"

#include <capstone/capstone.h>
#include <stdlib.h>
#include <string.h>

#define BIT(n) ((uint64_t)1 << (n))

struct sim_decoder {
    csh handle;
    cs_insn *insn; /* reused for every instruction */
};

enum cc_status sim_decoder_new(enum sim_core core, struct sim_decoder **decoder,
                               struct cc_error *err)
{
    struct sim_decoder *d = calloc(1, sizeof *d);
    int mode = CS_MODE_THUMB | CS_MODE_MCLASS | (core == SIM_CORTEX_M33 ? CS_MODE_V8 : 0);
    cs_err failure;

    *decoder = NULL;
    if (!d)
        return cc_no_memory(err);
    failure = cs_open(CS_ARCH_ARM, (cs_mode)mode, &d->handle);
    if (failure == CS_ERR_OK)
        failure = cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON);
    if (failure == CS_ERR_OK && !(d->insn = cs_malloc(d->handle)))
        failure = CS_ERR_MEM;
    if (failure != CS_ERR_OK) {
        sim_decoder_free(d);
        return cc_fail(err, CC_ERR_INTERNAL, "capstone: %s; install a Capstone with Arm support",
                       cs_strerror(failure));
    }
    *decoder = d;
    return CC_OK;
}

void sim_decoder_free(struct sim_decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->insn)
        cs_free(decoder->insn, 1);
    if (decoder->handle)
        cs_close(&decoder->handle);
    free(decoder);
}

/* Mask bits of a Capstone register; 0 for those that no M-profile core has. */
static uint64_t reg_bits(unsigned reg)
{
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return BIT(reg - ARM_REG_R0);
    if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31)
        return BIT(SIM_REG_S0 + reg - ARM_REG_S0);
    if (reg >= ARM_REG_D0 && reg <= ARM_REG_D15)
        return (uint64_t)3 << (SIM_REG_S0 + 2 * (reg - ARM_REG_D0));
    switch (reg) {
    case ARM_REG_SP:
        return BIT(13);
    case ARM_REG_LR:
        return BIT(14);
    case ARM_REG_PC:
        return BIT(SIM_REG_PC);
    default:
        return 0;
    }
}

static uint64_t operand_bits(const cs_arm *arm, unsigned i)
{
    if (i >= arm->op_count || arm->operands[i].type != ARM_OP_REG)
        return 0;
    return reg_bits((unsigned)arm->operands[i].reg);
}

static uint64_t operands_from(const cs_arm *arm, unsigned first)
{
    uint64_t bits = 0;

    for (unsigned i = first; i < arm->op_count; i++)
        bits |= operand_bits(arm, i);
    return bits;
}

/* Direct branches: the last operand is the absolute target. */
static uint32_t branch_target(const cs_arm *arm)
{
    const cs_arm_op *op;

    if (!arm->op_count)
        return 0;
    op = &arm->operands[arm->op_count - 1];
    return op->type == ARM_OP_IMM ? (uint32_t)op->imm : 0;
}

/* The address operand and, when post-indexed, the step behind it. */
static void fill_address(struct sim_insn *insn, const cs_arm *arm)
{
    for (unsigned i = 0; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];

        if (op->type != ARM_OP_MEM)
            continue;
        insn->address_reads = reg_bits(op->mem.base) | reg_bits(op->mem.index);
        insn->register_offset = op->mem.index != ARM_REG_INVALID;
        insn->literal = op->mem.base == ARM_REG_PC;
        insn->offset = op->mem.disp;
        if (!arm->writeback)
            continue;
        insn->writeback = 1;
        insn->step = op->mem.disp;
        if (i + 1 < arm->op_count && arm->operands[i + 1].type == ARM_OP_IMM) {
            insn->offset = 0;
            insn->step = arm->operands[i + 1].imm;
        }
        insn->writes |= reg_bits(op->mem.base);
    }
    insn->reads |= insn->address_reads;
}

/* Core registers are one transfer each, d registers two. */
static uint8_t transfers(uint64_t list)
{
    return (uint8_t)__builtin_popcountll(list);
}

static void fill_load(struct sim_insn *insn, const cs_arm *arm, unsigned registers)
{
    insn->is_load = 1;
    for (unsigned i = 0; i < registers; i++)
        insn->loaded |= operand_bits(arm, i);
    insn->writes |= insn->loaded;
    insn->words = transfers(insn->loaded);
    fill_address(insn, arm);
}

static void fill_store(struct sim_insn *insn, const cs_arm *arm, unsigned first, unsigned count)
{
    insn->is_store = 1;
    for (unsigned i = first; i < first + count; i++)
        insn->store_data |= operand_bits(arm, i);
    insn->reads |= insn->store_data;
    insn->writes |= first ? operand_bits(arm, 0) : 0; /* status of an exclusive store */
    insn->words = transfers(insn->store_data);
    fill_address(insn, arm);
}

/* LDM, STM, PUSH, POP: base register and list. */
static void fill_list(struct sim_insn *insn, uint64_t base, uint64_t list, int load, int writeback)
{
    insn->is_load = (uint8_t)load;
    insn->is_store = !load;
    insn->words = transfers(list);
    insn->address_reads = base;
    insn->reads |= base | (load ? 0 : list);
    insn->writes |= (load ? list : 0) | (writeback ? base : 0);
    insn->writeback = (uint8_t)writeback;
    if (load)
        insn->loaded = list;
    else
        insn->store_data = list;
}

static void fill_branch(struct sim_insn *insn, enum sim_branch kind, const cs_arm *arm)
{
    insn->branch = (uint8_t)kind;
    insn->target = branch_target(arm);
    insn->reads |= operands_from(arm, 0);
    insn->writes |= BIT(SIM_REG_PC);
    if (kind == SIM_BR_BL || kind == SIM_BR_BLX)
        insn->writes |= BIT(14);
}

static void fill_fp_move(struct sim_insn *insn, const cs_arm *arm)
{
    uint64_t core = operands_from(arm, 0) & 0xffff;
    /* vmov r1, r2, s0, s1 and vmov r1, r2, d0 have two destinations */
    unsigned destinations =
        arm->op_count == 4 || (arm->op_count == 3 && !(~core & operand_bits(arm, 0))) ? 2 : 1;

    for (unsigned i = 0; i < arm->op_count; i++) {
        if (i < destinations)
            insn->writes |= operand_bits(arm, i);
        else
            insn->reads |= operand_bits(arm, i);
    }
    if (arm->op_count >= 3)
        insn->unit = SIM_UNIT_FP_MOVE2;
}

static void fill_memory(struct sim_insn *insn, enum sim_form form, const cs_arm *arm)
{
    uint64_t sp = BIT(13);

    switch (form) {
    case SIM_FORM_LOAD:
        fill_load(insn, arm, 1);
        break;
    case SIM_FORM_LOAD_PAIR:
        fill_load(insn, arm, 2);
        insn->words = 2;
        break;
    case SIM_FORM_STORE:
        fill_store(insn, arm, 0, 1);
        break;
    case SIM_FORM_STORE_PAIR:
        fill_store(insn, arm, 0, 2);
        insn->words = 2; /* both may be the same register */
        break;
    case SIM_FORM_EXCLUSIVE:
        fill_store(insn, arm, 1, 1);
        break;
    case SIM_FORM_LOAD_LIST:
    case SIM_FORM_STORE_LIST:
        fill_list(insn, operand_bits(arm, 0), operands_from(arm, 1), form == SIM_FORM_LOAD_LIST,
                  arm->writeback);
        break;
    case SIM_FORM_POP:
    case SIM_FORM_PUSH:
        fill_list(insn, sp, operands_from(arm, 0), form == SIM_FORM_POP, 1);
        break;
    case SIM_FORM_TABLE:
        fill_branch(insn, SIM_BR_TABLE, arm);
        insn->target = 0;
        insn->is_load = 1;
        insn->words = 1;
        fill_address(insn, arm);
        break;
    default: /* SIM_FORM_PRELOAD */
        fill_address(insn, arm);
        break;
    }
}

static void fill_arithmetic(struct sim_insn *insn, enum sim_form form, const cs_arm *arm)
{
    unsigned destinations = form == SIM_FORM_LONG || form == SIM_FORM_LONG_MAC ? 2 : 1;

    if (form == SIM_FORM_COMPARE || form == SIM_FORM_FP_COMPARE)
        destinations = 0;
    for (unsigned i = 0; i < destinations; i++)
        insn->writes |= operand_bits(arm, i);
    insn->reads |= operands_from(arm, destinations);
    if (form == SIM_FORM_MODIFY || (form == SIM_FORM_BINARY && arm->op_count == 2))
        insn->reads |= operand_bits(arm, 0);
    if (form == SIM_FORM_MAC)
        insn->accumulator = operand_bits(arm, 3) & ~(operand_bits(arm, 1) | operand_bits(arm, 2));
    if (form == SIM_FORM_EXTEND_ADD)
        insn->accumulator = operand_bits(arm, 1) & ~operand_bits(arm, 2);
    if (form == SIM_FORM_LONG_MAC || form == SIM_FORM_FP_MAC) {
        insn->accumulator = insn->writes & ~insn->reads;
        insn->reads |= insn->writes;
    }
    if (form == SIM_FORM_FP_COMPARE)
        insn->writes |= BIT(SIM_REG_FPSCR);
}

static void fill_special(struct sim_insn *insn, enum sim_form form, const cs_arm *arm)
{
    switch (form) {
    case SIM_FORM_SPECIAL_READ:
        insn->writes |= operand_bits(arm, 0);
        insn->reads |= BIT(SIM_REG_SPECIAL) | BIT(SIM_REG_FLAGS);
        break;
    case SIM_FORM_SPECIAL_WRITE:
        insn->reads |= operands_from(arm, 0);
        insn->writes |= BIT(SIM_REG_SPECIAL);
        break;
    case SIM_FORM_FP_STATUS_READ:
        insn->reads |= BIT(SIM_REG_FPSCR);
        insn->writes |= operand_bits(arm, 0);
        if (!operand_bits(arm, 0)) { /* into APSR */
            insn->writes |= BIT(SIM_REG_FLAGS);
            insn->sets_flags = 1;
        }
        break;
    case SIM_FORM_FP_STATUS_WRITE:
        insn->reads |= operands_from(arm, 0);
        insn->writes |= BIT(SIM_REG_FPSCR);
        break;
    default: /* SIM_FORM_BARE */
        break;
    }
}

static void fill_form(struct sim_insn *insn, enum sim_form form, const cs_arm *arm)
{
    switch (form) {
    case SIM_FORM_LOAD:
    case SIM_FORM_STORE:
    case SIM_FORM_LOAD_PAIR:
    case SIM_FORM_STORE_PAIR:
    case SIM_FORM_EXCLUSIVE:
    case SIM_FORM_LOAD_LIST:
    case SIM_FORM_STORE_LIST:
    case SIM_FORM_POP:
    case SIM_FORM_PUSH:
    case SIM_FORM_PRELOAD:
    case SIM_FORM_TABLE:
        fill_memory(insn, form, arm);
        break;
    case SIM_FORM_BRANCH:
        fill_branch(insn, arm->cc == ARM_CC_AL ? SIM_BR_B : SIM_BR_COND, arm);
        break;
    case SIM_FORM_BRANCH_ZERO:
        fill_branch(insn, SIM_BR_COND, arm);
        break;
    case SIM_FORM_BRANCH_LINK:
        fill_branch(insn, SIM_BR_BL, arm);
        break;
    case SIM_FORM_BRANCH_REG:
        fill_branch(insn, SIM_BR_BX, arm);
        break;
    case SIM_FORM_CALL_REG:
        fill_branch(insn, SIM_BR_BLX, arm);
        break;
    case SIM_FORM_EXCEPTION:
        insn->branch = SIM_BR_EXCEPTION;
        break;
    case SIM_FORM_FP_MOVE:
        fill_fp_move(insn, arm);
        break;
    case SIM_FORM_BARE:
    case SIM_FORM_SPECIAL_READ:
    case SIM_FORM_SPECIAL_WRITE:
    case SIM_FORM_FP_STATUS_READ:
    case SIM_FORM_FP_STATUS_WRITE:
        fill_special(insn, form, arm);
        break;
    default:
        fill_arithmetic(insn, form, arm);
        break;
    }
}

/* Whether a data-processing instruction writes NZCV, by its encoding: Capstone decides for 16-bit
 * ones by an IT state of its own, and calls the GE bits flags. */
static int encoding_sets_flags(uint16_t hw1, uint16_t hw2, int wide, int in_it)
{
    if (!wide) {
        unsigned op = (hw1 >> 6) & 15; /* of the 0x4000 group */

        if ((hw1 & 0xf800) == 0x2800 || (hw1 & 0xff00) == 0x4500)
            return 1; /* CMP */
        if (hw1 < 0x4000)
            return !in_it;
        if ((hw1 & 0xfc00) == 0x4000)
            return !in_it || op == 8 || op == 10 || op == 11; /* TST, CMP, CMN */
        return 0;
    }
    if ((hw1 & 0xfe00) == 0xea00 && (hw1 & 0xffe0) != 0xeac0) /* shifted register, not PKH */
        return (hw1 >> 4) & 1;
    if ((hw1 & 0xfa00) == 0xf000 && !(hw2 & 0x8000)) /* modified constant */
        return (hw1 >> 4) & 1;
    if ((hw1 & 0xff80) == 0xfa00 && (hw2 & 0xf0f0) == 0xf000) /* shift by register */
        return (hw1 >> 4) & 1;
    return 0;
}

/* Operand 2 with an inline shift, or a constant that the shifter has to build. */
static void fill_operand2(struct sim_insn *insn, uint16_t hw1, uint16_t hw2)
{
    if (insn->unit != SIM_UNIT_ALU || insn->bytes != 4)
        return;
    if ((hw1 & 0xfe00) == 0xea00 && (hw2 & 0x70f0)) {
        insn->unit = SIM_UNIT_ALU_SHIFT;
        insn->shifted = (uint64_t)1 << (hw2 & 15);
    }
    if ((hw1 & 0xfa00) == 0xf000 && !(hw2 & 0x8000) && ((hw1 & 0x0400) || (hw2 & 0x4000))) {
        insn->unit = SIM_UNIT_ALU_SHIFT;
        insn->shifted_constant = 1;
    }
}

static int reads_carry(unsigned id)
{
    return id == ARM_INS_ADC || id == ARM_INS_SBC || id == ARM_INS_RRX || id == ARM_INS_VSELEQ ||
           id == ARM_INS_VSELGE || id == ARM_INS_VSELGT || id == ARM_INS_VSELVS;
}

/* The packed additions that write GE: signed and unsigned, not the halving and saturating ones. */
static int writes_ge(unsigned id)
{
    switch (id) {
    case ARM_INS_SADD16:
    case ARM_INS_SADD8:
    case ARM_INS_SASX:
    case ARM_INS_SSAX:
    case ARM_INS_SSUB16:
    case ARM_INS_SSUB8:
    case ARM_INS_UADD16:
    case ARM_INS_UADD8:
    case ARM_INS_UASX:
    case ARM_INS_USAX:
    case ARM_INS_USUB16:
    case ARM_INS_USUB8:
        return 1;
    default:
        return 0;
    }
}

/* Of MSR: 0 to 3 are the names of the program status register. */
static int writes_apsr(uint16_t hw2)
{
    return (hw2 & 0xfc) == 0;
}

static void fill_flags(struct sim_insn *insn, unsigned id, uint16_t hw1, uint16_t hw2)
{
    if (insn->cls == SIM_CLASS_ALU || insn->cls == SIM_CLASS_MUL)
        insn->sets_flags = (uint8_t)encoding_sets_flags(hw1, hw2, insn->bytes == 4, insn->in_it);
    if (insn->sets_flags)
        insn->writes |= BIT(SIM_REG_FLAGS);
    if (reads_carry(id))
        insn->reads |= BIT(SIM_REG_FLAGS);
    if (id == ARM_INS_MSR && writes_apsr(hw2))
        insn->writes |= BIT(SIM_REG_FLAGS);
    if (writes_ge(id))
        insn->writes |= BIT(SIM_REG_GE);
    if (id == ARM_INS_SEL)
        insn->reads |= BIT(SIM_REG_GE);
}

/* What writes the PC branches, whatever its class. */
static void fill_pc_write(struct sim_insn *insn)
{
    if (insn->branch || insn->is_store || !(insn->writes & BIT(SIM_REG_PC)))
        return;
    if (insn->is_load) {
        insn->branch = insn->cls == SIM_CLASS_LOAD ? SIM_BR_LDR_PC : SIM_BR_POP_PC;
        return;
    }
    insn->branch = SIM_BR_BX; /* MOV PC, ADD PC */
    insn->cls = SIM_CLASS_BRANCH;
    insn->unit = SIM_UNIT_BRANCH;
}

/* Encodings that Capstone takes for something else or does not know. Returns 1 when it was one. */
static int fill_special_encoding(struct sim_insn *insn, uint16_t hw1, uint16_t hw2)
{
    if ((hw1 & 0xff87) == 0x4784) { /* BLXNS */
        insn->cls = SIM_CLASS_CALL;
        insn->unit = SIM_UNIT_BRANCH;
        insn->branch = SIM_BR_BLX;
        insn->reads = BIT((hw1 >> 3) & 15);
        insn->writes = BIT(14) | BIT(SIM_REG_PC);
        return 1;
    }
    if (insn->bytes != 4)
        return 0;
    if (hw1 == 0xe97f && hw2 == 0xe97f) /* SG, else an LDRD */
        return 1;
    if ((hw1 & 0xfff0) == 0xe840 && (hw2 & 0xf03f) == 0xf000) { /* TT, else a STREX */
        insn->reads = BIT(hw1 & 15);
        insn->writes = BIT((hw2 >> 8) & 15);
        return 1;
    }
    return 0;
}

/* Floating point lives in coprocessors 10 and 11; Capstone decodes some A32 encodings as well, and
 * NEON under the same ids. */
static int is_fp_encoding(uint16_t hw1, uint16_t hw2)
{
    return ((hw1 & 0xff00) == 0xfe00 || (hw1 & 0xfc00) == 0xec00) && (hw1 & 0xef00) != 0xef00 &&
           (hw2 & 0x0e00) == 0x0a00;
}

static int needs_fp_encoding(const struct sim_insn *insn)
{
    return insn->cls == SIM_CLASS_FPU || insn->cls == SIM_CLASS_FPU_DIV ||
           ((insn->reads | insn->writes) >> SIM_REG_S0);
}

static void decode_with_capstone(struct sim_decoder *d, const uint8_t *code, struct sim_insn *insn,
                                 uint16_t hw1, uint16_t hw2)
{
    const struct sim_insn blank = *insn;
    const uint8_t *cursor = code;
    size_t left = insn->bytes;
    uint64_t address = insn->address;
    const struct sim_rule *rule;

    if (!cs_disasm_iter(d->handle, &cursor, &left, &address, d->insn) ||
        d->insn->size != insn->bytes)
        return;
    rule = sim_rule_for(d->insn->id);
    if (rule->form == SIM_FORM_UNKNOWN)
        return;
    insn->cls = rule->cls;
    insn->unit = rule->unit;
    insn->access_bytes = rule->access_bytes;
    fill_form(insn, (enum sim_form)rule->form, &d->insn->detail->arm);
    if (needs_fp_encoding(insn)) {
        if (!is_fp_encoding(hw1, hw2)) {
            *insn = blank;
            return;
        }
        insn->double_precision = (hw2 & 0x0100) != 0;
    }
    fill_operand2(insn, hw1, hw2);
    fill_flags(insn, d->insn->id, hw1, hw2);
    if (insn->unit == SIM_UNIT_MUL && insn->sets_flags)
        insn->unit = SIM_UNIT_MULS;
    fill_pc_write(insn);
}

/* Capstone keeps the state of an IT block inside its handle, from one call to the next. It never
 * sees an IT here, so it decodes every instruction on its own and a block may start anywhere. */
static void decode_one(struct sim_decoder *d, const uint8_t *code, struct sim_insn *insn,
                       unsigned *it_left)
{
    uint16_t hw1 = (uint16_t)(code[0] | code[1] << 8);
    uint16_t hw2 = insn->bytes == 4 ? (uint16_t)(code[2] | code[3] << 8) : 0;

    insn->cls = SIM_CLASS_SYSTEM;
    insn->unit = SIM_UNIT_SYSTEM;
    insn->in_it = *it_left > 0;
    if ((hw1 & 0xff00) == 0xbf00 && (hw1 & 15)) {
        insn->cls = SIM_CLASS_IT;
        insn->unit = SIM_UNIT_IT;
        insn->reads = BIT(SIM_REG_FLAGS);
        *it_left = 4 - (unsigned)__builtin_ctz(hw1 & 15);
        return;
    }
    if (!fill_special_encoding(insn, hw1, hw2))
        decode_with_capstone(d, code, insn, hw1, hw2);
    if (insn->in_it) {
        insn->reads |= BIT(SIM_REG_FLAGS);
        if (insn->branch == SIM_BR_B)
            insn->branch = SIM_BR_COND;
        --*it_left;
    }
    if (insn->branch == SIM_BR_COND && insn->cls == SIM_CLASS_BRANCH &&
        !(insn->reads & 0xffff)) /* not CBZ */
        insn->reads |= BIT(SIM_REG_FLAGS);
}

size_t sim_decode_block(struct sim_decoder *decoder, uint32_t address, const uint8_t *code,
                        size_t bytes, struct sim_insn *insns, size_t max, unsigned *it_state)
{
    unsigned it_left = it_state && *it_state <= 4 ? *it_state : 0;
    size_t at = 0, count = 0;

    while (bytes - at >= 2 && count < max) {
        struct sim_insn *insn = &insns[count++];

        memset(insn, 0, sizeof *insn);
        insn->address = address + (uint32_t)at;
        insn->bytes = code[at + 1] >> 3 >= 0x1d ? 4 : 2;
        if (insn->bytes > bytes - at) { /* cut in the middle */
            insn->bytes = 2;
            insn->cls = SIM_CLASS_SYSTEM;
            insn->unit = SIM_UNIT_SYSTEM;
            break;
        }
        decode_one(decoder, code + at, insn, &it_left);
        at += insn->bytes;
    }
    if (it_state)
        *it_state = it_left;
    return count;
}
