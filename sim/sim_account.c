#include "sim_account.h"

#include <stdlib.h>
#include <string.h>

enum cc_status sim_account_init(struct sim_account *account, const struct sim_chip *chip,
                                struct sim_memory_path *path, struct cc_error *err)
{
    memset(account, 0, sizeof *account);
    account->chip = chip;
    account->path = path;
    account->timing = sim_timing_for(chip->core);
    account->isolated_wait = sim_memory_path_isolated_wait(path);
    return sim_decoder_new(chip->core, &account->decoder, err);
}

static void free_block(struct sim_block *block)
{
    free(block->insns);
    free(block);
}

void sim_account_free(struct sim_account *account)
{
    for (size_t i = 0; i < SIM_BLOCK_BUCKETS; i++) {
        for (struct sim_block *b = account->buckets[i], *next; b; b = next) {
            next = b->hash_next;
            free_block(b);
        }
    }
    for (size_t i = 0; i < account->edge_count; i++)
        free(account->edges[i]);
    free(account->edges);
    if (account->decoder)
        sim_decoder_free(account->decoder);
    memset(account, 0, sizeof *account);
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

static void summarise(struct sim_account *account, struct sim_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct sim_insn *insn = &block->insns[i];
        block->classes[insn->cls]++;
        block->divides += insn->unit == SIM_UNIT_DIV;
    }
    if (block->count && account->timing->predicts_branches)
        block->predicted = block->insns[block->count - 1].branch == SIM_BR_COND;
    block->counter = 2; /* weakly taken */
}

static struct sim_block *decode_block(struct sim_account *account, uint32_t address, uint32_t bytes,
                                      unsigned it_state, sim_read_code_fn read, void *user)
{
    struct sim_block *block = calloc(1, sizeof *block);
    uint8_t *code = malloc(bytes ? bytes : 1);
    size_t room = bytes / 2 + 1;
    struct sim_insn *insns = calloc(room, sizeof *insns);
    if (!block || !code || !insns || !read(user, address, code, bytes)) {
        free(block);
        free(code);
        free(insns);
        return NULL;
    }
    block->fetch.address = address;
    block->fetch.bytes = bytes;
    block->insns = insns;
    block->count =
        (uint32_t)sim_decode_block(account->decoder, address, code, bytes, insns, room, &it_state);
    block->it_end = (uint8_t)it_state;
    summarise_stack(block, code);
    free(code);
    summarise(account, block);
    sim_memory_path_prepare(account->path, &block->fetch);
    return block;
}

static struct sim_block *find_block(struct sim_account *account, const struct sim_block *from,
                                    uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                    void *user)
{
    struct sim_block **bucket =
        &account->buckets[((address >> 1) ^ (bytes << 5)) % SIM_BLOCK_BUCKETS];
    for (struct sim_block *b = *bucket; b; b = b->hash_next) {
        if (b->fetch.address == address && b->fetch.bytes == bytes)
            return b;
    }
    int follows = address == from->fetch.address + from->fetch.bytes;
    struct sim_block *block =
        decode_block(account, address, bytes, follows ? from->it_end : 0, read, user);
    if (block) {
        block->hash_next = *bucket;
        *bucket = block;
    }
    return block;
}

static uint32_t edge_cycles(const struct sim_account *account, const struct sim_edge *edge,
                            uint32_t count)
{
    const struct sim_block *from = edge->from;
    size_t tail = from->count < SIM_TIMING_TAIL ? from->count : SIM_TIMING_TAIL;
    struct sim_timing_edge timing = {
        .tail = tail ? from->insns + from->count - tail : NULL,
        .tail_count = tail,
        .taken = edge->taken,
        .block = edge->to->insns,
        .count = count,
        .chip = account->chip,
        .data_isolated_wait = account->isolated_wait,
    };
    return account->timing->edge_cycles(&timing);
}

uint32_t sim_account_cycles_to(const struct sim_account *account, const struct sim_edge *edge,
                               uint32_t index)
{
    return index + 1 < edge->to->count ? edge_cycles(account, edge, index + 1) : edge->cycles;
}

static struct sim_edge *new_edge(struct sim_account *account, struct sim_block *from,
                                 struct sim_block *to)
{
    if (account->edge_count == account->edge_room) {
        size_t room = account->edge_room ? account->edge_room * 2 : 256;
        struct sim_edge **grown = realloc(account->edges, room * sizeof(struct sim_edge *));
        if (!grown)
            return NULL;
        account->edges = grown;
        account->edge_room = room;
    }
    struct sim_edge *edge = calloc(1, sizeof *edge);
    if (!edge)
        return NULL;
    account->edges[account->edge_count++] = edge;
    edge->from = from;
    edge->to = to;
    edge->taken = from->count && to->fetch.address != from->fetch.address + from->fetch.bytes;
    edge->cycles = edge_cycles(account, edge, to->count);
    if (!to->fetch.core_cycles)
        to->fetch.core_cycles = edge->cycles;
    edge->next = from->others;
    from->others = edge;
    return edge;
}

struct sim_edge *sim_account_edge(struct sim_account *account, struct sim_block *from,
                                  uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                  void *user)
{
    struct sim_edge *edge = from->others;
    while (edge && (edge->to->fetch.address != address || edge->to->fetch.bytes != bytes))
        edge = edge->next;
    if (!edge) {
        struct sim_block *to = find_block(account, from, address, bytes, read, user);
        edge = to ? new_edge(account, from, to) : NULL;
        if (!edge)
            return NULL;
    }
    from->successor[1] = from->successor[0];
    from->successor[0] = edge;
    return edge;
}

static void add_edge(const struct sim_account *account, const struct sim_edge *edge,
                     struct sim_counts *counts)
{
    const struct sim_block *to = edge->to;
    enum sim_region_kind kind = account->chip->regions[to->fetch.region].kind;
    counts->instructions += edge->count * to->count;
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        counts->classes[i] += edge->count * to->classes[i];
    counts->core_cycles += edge->count * edge->cycles;
    if (edge->mispredicts)
        counts->core_cycles +=
            (uint64_t)((double)edge->mispredicts * account->chip->mispredict_cycles + 0.5);
    if (edge->taken)
        counts->branches_taken += edge->count;
    counts->regions[kind].fetch_bytes += edge->count * to->fetch.bytes;
}

static void add_accesses(struct sim_account *account, struct sim_counts *counts)
{
    for (uint32_t i = 0; i < account->chip->region_count; i++) {
        struct sim_accesses *to = &counts->regions[account->chip->regions[i].kind];
        const struct sim_accesses *from = &account->by_region[i];
        to->reads += from->reads;
        to->writes += from->writes;
        to->read_bytes += from->read_bytes;
        to->write_bytes += from->write_bytes;
        to->line_reads += account->path->fetch_line_reads[i] + account->path->data_line_reads[i];
        counts->accesses += from->reads + from->writes;
    }
}

void sim_account_harvest(struct sim_account *account, struct sim_counts *counts)
{
    for (size_t i = 0; i < account->edge_count; i++) {
        struct sim_edge *edge = account->edges[i];
        if (!edge->count)
            continue;
        if (counts)
            add_edge(account, edge, counts);
        edge->count = 0;
        edge->mispredicts = 0;
    }
    if (counts) {
        add_accesses(account, counts);
        counts->core_cycles += account->extra_core_cycles;
        counts->fetch_stall_cycles += account->fetch_stalls;
        counts->data_stall_cycles += account->data_stalls;
        counts->cycles =
            counts->core_cycles + counts->fetch_stall_cycles + counts->data_stall_cycles;
    }
    account->extra_core_cycles = account->fetch_stalls = account->data_stalls = 0;
    memset(account->by_region, 0, sizeof account->by_region);
    memset(account->path->fetch_line_reads, 0, sizeof account->path->fetch_line_reads);
    memset(account->path->data_line_reads, 0, sizeof account->path->data_line_reads);
}
