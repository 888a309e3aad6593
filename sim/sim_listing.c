/* The annotated disassembly of a function. Executed instructions are known from the accounting;
 * what lies between them is decoded in one go, with literal pools and branch tables left out as far
 * as the code tells of them. */
#include "sim_costs.h"
#include "sim_disassemble.h"
#include "sim_machine_int.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT_OPEN, SLOT_DATA, SLOT_INSIDE /* second half of an executed instruction */ };

/* One entry per halfword of the range. */
struct range {
    uint32_t address, bytes;
    uint8_t *code;  /* owned; [bytes] */
    uint8_t *width; /* owned; bytes of the instruction that starts here, 0 = none */
    uint8_t *kind;  /* owned; SLOT_... */
    uint32_t *line; /* owned; number of its line */
    struct sim_listing *listing;
};

static int in_range(const struct range *r, uint32_t address)
{
    return address >= r->address && address - r->address < r->bytes;
}

static void free_range(struct range *r)
{
    free(r->code);
    free(r->width);
    free(r->kind);
    free(r->line);
}

static enum cc_status make_range(struct sim_machine *m, struct range *r, struct cc_error *err)
{
    r->code = calloc(r->bytes, 1);
    r->width = calloc(r->bytes / 2, 1);
    r->kind = calloc(r->bytes / 2, 1);
    r->line = calloc(r->bytes / 2, sizeof *r->line);
    if (!r->code || !r->width || !r->kind || !r->line)
        return cc_no_memory(err);
    return sim_machine_read(m, r->address, r->code, r->bytes, err);
}

static void mark_data(struct range *r, uint32_t address, uint32_t bytes)
{
    uint32_t first = address & 1; /* counted, as addresses may wrap around */
    for (uint32_t offset = 0; offset < first + bytes; offset += 2) {
        uint32_t at = address - first + offset, slot = (at - r->address) / 2;
        if (in_range(r, at) && !r->width[slot] && r->kind[slot] == SLOT_OPEN)
            r->kind[slot] = SLOT_DATA;
    }
}

/* The table behind a TBB or TBH ends where the nearest of its targets starts. */
static void mark_table(struct range *r, const struct sim_insn *insn)
{
    uint32_t base = insn->address + insn->bytes;
    uint32_t second = insn->address - r->address + 2;
    uint32_t entry_bytes = r->code[second] & 0x10 ? 2 : 1;
    uint32_t end = r->address + r->bytes;
    if (r->code[second - 2] != 0xdf) /* of another register than the PC: it lies elsewhere */
        return;
    for (uint32_t at = base; at + entry_bytes <= end; at += entry_bytes) {
        uint32_t entry = r->code[at - r->address];
        if (entry_bytes == 2)
            entry |= (uint32_t)r->code[at - r->address + 1] << 8;
        if (base + 2 * entry < end)
            end = base + 2 * entry;
    }
    mark_data(r, base, end - base);
}

/* What an instruction tells of data in the code. */
static void mark_data_of(struct range *r, const struct sim_insn *insn)
{
    if (insn->literal && insn->is_load)
        mark_data(r, ((insn->address + 4) & ~3u) + (uint32_t)insn->offset,
                  (uint32_t)insn->words * insn->access_bytes);
    if (insn->branch == SIM_BR_TABLE && insn->bytes == 4 && in_range(r, insn->address) &&
        in_range(r, insn->address + 3))
        mark_table(r, insn);
}

static void note_executed(void *user, const struct sim_cost *cost)
{
    struct range *r = user;
    const struct sim_insn *insn = cost->insn;
    uint32_t slot = (insn->address - r->address) / 2;
    if (cost->executions == 0 || !in_range(r, insn->address) ||
        !in_range(r, insn->address + insn->bytes - 1))
        return;
    r->width[slot] = insn->bytes;
    if (insn->bytes == 4)
        r->kind[slot + 1] = SLOT_INSIDE;
}

static void note_data(void *user, const struct sim_cost *cost)
{
    if (cost->executions > 0 && in_range(user, cost->insn->address))
        mark_data_of(user, cost->insn);
}

static int is_open(const struct range *r, uint32_t slot)
{
    return !r->width[slot] && r->kind[slot] == SLOT_OPEN;
}

/* End of what starts at a slot and is neither executed nor known to be data. */
static uint32_t end_of_gap(const struct range *r, uint32_t slot)
{
    while (slot < r->bytes / 2 && is_open(r, slot))
        slot++;
    return slot;
}

/* Decodes the code that was not executed; with `keep` it gets its lines, without it only tells of
 * data. */
static enum cc_status decode_gaps(struct sim_machine *m, struct range *r, int keep,
                                  struct cc_error *err)
{
    struct sim_insn *insns = calloc(r->bytes / 2, sizeof *insns);
    if (!insns)
        return cc_no_memory(err);
    for (uint32_t slot = 0, end; slot < r->bytes / 2; slot = end + 1) {
        end = end_of_gap(r, slot);
        size_t count =
            sim_decode_block(m->account.decoder, r->address + 2 * slot, r->code + 2 * slot,
                             2 * (end - slot), insns, end - slot, NULL);
        for (size_t i = 0; i < count; i++) {
            if (keep)
                r->width[(insns[i].address - r->address) / 2] = insns[i].bytes;
            else
                mark_data_of(r, &insns[i]);
        }
    }
    free(insns);
    return CC_OK;
}

/* Data are words where they fill one, else halfwords. */
static void divide_data(struct range *r)
{
    for (uint32_t slot = 0; slot < r->bytes / 2; slot++) {
        if (r->width[slot] || r->kind[slot] != SLOT_DATA)
            continue;
        int word = (r->address + 2 * slot) % 4 == 0 && slot + 1 < r->bytes / 2 &&
                   r->kind[slot + 1] == SLOT_DATA && !r->width[slot + 1];
        r->width[slot] = word ? 4 : 2;
        slot += (uint32_t)word;
    }
}

static enum cc_status make_lines(struct sim_machine *m, struct range *r, struct cc_error *err)
{
    struct sim_disassembler *d;
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < r->bytes / 2; slot++)
        count += r->width[slot] > 0;
    r->listing->lines = calloc(count ? count : 1, sizeof *r->listing->lines);
    if (!r->listing->lines)
        return cc_no_memory(err);
    enum cc_status status = sim_disassembler_new(m->chip.core, &d, err);
    for (uint32_t slot = 0; status == CC_OK && slot < r->bytes / 2; slot++) {
        if (!r->width[slot])
            continue;
        struct sim_line *line = &r->listing->lines[r->listing->count];
        line->address = r->address + 2 * slot;
        line->bytes = r->width[slot];
        r->line[slot] = r->listing->count++;
        if (r->kind[slot] == SLOT_DATA)
            sim_disassemble_data(r->code + 2 * slot, line->bytes, line->text, sizeof line->text);
        else
            status = sim_disassemble(d, line->address, r->code + 2 * slot, line->bytes, line->text,
                                     sizeof line->text, err);
    }
    sim_disassembler_free(d);
    return status;
}

static void add_to_line(void *user, const struct sim_cost *cost)
{
    struct range *r = user;
    if (!in_range(r, cost->insn->address))
        return;
    uint32_t slot = (cost->insn->address - r->address) / 2;
    if (!r->width[slot])
        return; /* cut off by the end of the range */
    struct sim_line *line = &r->listing->lines[r->line[slot]];
    line->executions += cost->executions;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        line->causes[c] += (uint64_t)cost->causes[c]; /* parts may be negative, their sum is not */
        line->cycles += (uint64_t)cost->causes[c];
    }
}

enum cc_status sim_machine_annotate(struct sim_machine *m, uint32_t address, uint32_t bytes,
                                    struct sim_listing *listing, struct cc_error *err)
{
    struct range r = {.address = address & ~1u, .bytes = bytes & ~1u, .listing = listing};
    memset(listing, 0, sizeof *listing);
    if (bytes < 2 || bytes > SIM_LISTING_MAX_BYTES)
        return cc_fail(err, CC_ERR_INPUT,
                       "0x%08x: %u bytes of code cannot be listed; give a function of 2 to %u",
                       address, bytes, SIM_LISTING_MAX_BYTES);
    enum cc_status status = make_range(m, &r, err);
    if (status == CC_OK) {
        sim_account_costs(&m->account, note_executed, &r);
        sim_account_costs(&m->account, note_data, &r);
        status = decode_gaps(m, &r, 0, err);
    }
    if (status == CC_OK)
        status = decode_gaps(m, &r, 1, err);
    if (status == CC_OK) {
        divide_data(&r);
        status = make_lines(m, &r, err);
    }
    if (status == CC_OK)
        sim_account_costs(&m->account, add_to_line, &r);
    free_range(&r);
    if (status != CC_OK)
        sim_listing_free(listing);
    return status;
}
