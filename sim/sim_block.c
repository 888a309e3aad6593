/* Basic blocks: decoded once, when first executed. */
#include "sim_account.h"

#include <stdlib.h>
#include <string.h>

void sim_block_free(struct sim_block *block)
{
    sim_fetch_block_free(&block->fetch);
    free(block->insns);
    free(block->slot_insn);
    free(block->dynamic);
    free(block);
}

/* Immediate of a 32-bit SUB or ADD: 12 bits as they are, or 8 bits rotated. */
static int32_t wide_immediate(uint32_t first, uint32_t second, int plain)
{
    uint32_t bits = (first & 0x400) << 1 | (second & 0x7000) >> 4 | (second & 0xff);
    uint32_t rotation = bits >> 7;
    if (plain || bits < 0x100)
        return (int32_t)bits;
    if (rotation < 8)
        return 0; /* a repeated byte: no size of a stack frame */
    uint32_t value = ((bits & 0x7f) | 0x80) << (32 - rotation);
    return value <= INT32_MAX ? (int32_t)value : 0;
}

/* Bytes by which an instruction lowers the stack pointer, negative when it raises it; 0 when that
 * cannot be told from its code. */
static int32_t stack_lowered(const struct sim_insn *insn, const uint8_t *code)
{
    uint32_t first = code[0] | (uint32_t)code[1] << 8;
    if (insn->in_it)
        return 0;
    if (insn->writeback && (insn->is_load || insn->is_store)) {
        int32_t list = insn->is_store ? 4 * insn->words : -4 * insn->words;
        return insn->step ? -insn->step : list;
    }
    if (insn->bytes == 2)
        return (first & 0xff00) != 0xb000 ? 0
               : first & 0x80             ? 4 * (int32_t)(first & 0x7f)
                                          : -4 * (int32_t)(first & 0x7f);
    uint32_t second = code[2] | (uint32_t)code[3] << 8;
    int32_t size = wide_immediate(first, second, (first & 0x200) != 0);
    switch (first & 0xfbff) {
    case 0xf1ad: /* SUB.W sp, sp, #, SUBW */
    case 0xf2ad:
        return size;
    case 0xf10d: /* ADD.W sp, sp, #, ADDW */
    case 0xf20d:
        return -size;
    default:
        return 0;
    }
}

static void summarise_stack(struct sim_block *block, const uint8_t *code)
{
    int64_t depth = 0, deepest = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        if (!(insn->writes >> 13 & 1))
            continue;
        int32_t lowered = stack_lowered(insn, code + (insn->address - block->fetch.address));
        block->writes_sp |= lowered == 0;
        depth += lowered;
        deepest = depth > deepest ? depth : deepest;
    }
    block->stack_taken = deepest < UINT32_MAX ? (uint32_t)deepest : UINT32_MAX;
}

/* Which instruction makes the n-th data transfer. */
static int number_transfers(struct sim_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        if (insn->is_load || insn->is_store) {
            block->slots += insn->words;
            block->conditional_accesses |= insn->in_it;
        }
    }
    block->slot_insn = malloc((block->slots ? block->slots : 1) * sizeof *block->slot_insn);
    if (!block->slot_insn)
        return 0;
    uint32_t slot = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        for (uint32_t w = 0; (insn->is_load || insn->is_store) && w < insn->words; w++)
            block->slot_insn[slot++] = (uint16_t)i;
    }
    return 1;
}

/* Returns 0 when out of memory. */
static int summarise(struct sim_account *account, struct sim_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        block->classes[insn->cls]++;
        block->divides += insn->unit == SIM_UNIT_DIV;
    }
    const struct sim_insn *last = block->count ? &block->insns[block->count - 1] : NULL;
    if (!last || !account->timing->predicts_branches || last->branch != SIM_BR_COND)
        return 1;
    block->predictor = sim_predictors_find(&account->predictors, last->address);
    return block->predictor != NULL;
}

struct sim_block *sim_block_new(struct sim_account *account, uint32_t address, uint32_t bytes,
                                unsigned it_state, sim_read_code_fn read, void *user)
{
    struct sim_block *block = calloc(1, sizeof *block);
    uint8_t *code = malloc(bytes ? bytes : 1);
    size_t room = bytes / 2 + 1;
    if (block)
        block->insns = calloc(room, sizeof *block->insns);
    if (!block || !code || !block->insns || !read(user, address, code, bytes))
        goto failed;
    block->count = (uint32_t)sim_decode_block(account->decoder, address, code, bytes, block->insns,
                                              room, &it_state);
    block->it_end = (uint8_t)it_state;
    block->fetch.address = address;
    block->fetch.bytes = bytes;
    block->fetch.insns = block->insns;
    block->fetch.insn_count = block->count;
    block->dynamic = calloc(block->count ? block->count : 1, sizeof *block->dynamic);
    if (!block->dynamic || !number_transfers(block) ||
        !sim_memory_path_prepare(account->path, &block->fetch) || !summarise(account, block))
        goto failed;
    summarise_stack(block, code);
    free(code);
    return block;
failed:
    free(code);
    if (block)
        sim_block_free(block);
    return NULL;
}
