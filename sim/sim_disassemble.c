#include "sim_disassemble.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>

struct sim_disassembler {
    cs_mode mode;
    csh handle;
    cs_insn *insn;
    unsigned it_left; /* instructions that the IT block inside the handle still covers */
    uint32_t next;    /* address behind the last one */
};

static enum cc_status open_handle(struct sim_disassembler *d, struct cc_error *err)
{
    if (cs_open(CS_ARCH_ARM, d->mode, &d->handle) == CS_ERR_OK)
        return CC_OK;
    d->handle = 0;
    return cc_fail(err, CC_ERR_INTERNAL, "capstone: cannot be opened for Arm code");
}

enum cc_status sim_disassembler_new(enum sim_core core, struct sim_disassembler **disassembler,
                                    struct cc_error *err)
{
    struct sim_disassembler *d = calloc(1, sizeof *d);
    *disassembler = NULL;
    if (!d)
        return cc_no_memory(err);
    d->mode = (cs_mode)(CS_MODE_THUMB | CS_MODE_MCLASS | (core == SIM_CORTEX_M33 ? CS_MODE_V8 : 0));
    enum cc_status status = open_handle(d, err);
    if (status == CC_OK && !(d->insn = cs_malloc(d->handle)))
        status = cc_no_memory(err);
    if (status != CC_OK) {
        sim_disassembler_free(d);
        return status;
    }
    *disassembler = d;
    return CC_OK;
}

void sim_disassembler_free(struct sim_disassembler *d)
{
    if (!d)
        return;
    if (d->insn)
        cs_free(d->insn, 1);
    if (d->handle)
        cs_close(&d->handle);
    free(d);
}

/* Capstone keeps an IT block inside its handle and offers no way to end it. */
static enum cc_status forget_it_block(struct sim_disassembler *d, struct cc_error *err)
{
    if (d->it_left == 0)
        return CC_OK;
    d->it_left = 0;
    cs_close(&d->handle);
    return open_handle(d, err);
}

static int starts_it_block(const uint8_t *code, size_t bytes)
{
    return bytes == 2 && code[1] == 0xbf && (code[0] & 15);
}

void sim_disassemble_data(const uint8_t *code, size_t bytes, char *text, size_t size)
{
    if (bytes == 4)
        snprintf(text, size, ".word 0x%02x%02x%02x%02x", code[3], code[2], code[1], code[0]);
    else
        snprintf(text, size, ".short 0x%02x%02x", code[1], code[0]);
}

enum cc_status sim_disassemble(struct sim_disassembler *d, uint32_t address, const uint8_t *code,
                               size_t bytes, char *text, size_t size, struct cc_error *err)
{
    const uint8_t *cursor = code;
    size_t left = bytes;
    uint64_t at = address;
    enum cc_status status = CC_OK;
    if (address != d->next || starts_it_block(code, bytes))
        status = forget_it_block(d, err);
    if (status != CC_OK)
        return status;
    d->next = address + (uint32_t)bytes;
    if (!cs_disasm_iter(d->handle, &cursor, &left, &at, d->insn) || d->insn->size != bytes) {
        sim_disassemble_data(code, bytes, text, size);
        return forget_it_block(d, err);
    }
    if (starts_it_block(code, bytes))
        d->it_left = 4 - (unsigned)__builtin_ctz(code[0] & 15);
    else if (d->it_left > 0)
        d->it_left--;
    snprintf(text, size, "%s%s%s", d->insn->mnemonic, d->insn->op_str[0] ? " " : "",
             d->insn->op_str);
    return CC_OK;
}
