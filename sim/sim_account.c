#include "sim_account.h"

#include <stdlib.h>
#include <string.h>

/* Number of a pipeline state, found or new; UINT32_MAX when out of memory. */
static uint32_t intern_state(struct sim_account *account, const union sim_pipeline *pipeline)
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (size_t i = 0; i < account->timing->state_bytes; i++)
        hash = (hash ^ pipeline->bytes[i]) * 1099511628211u;
    uint32_t *bucket = &account->state_buckets[(hash ^ hash >> 32) % SIM_STATE_BUCKETS];
    for (uint32_t n = *bucket; n; n = account->states[n - 1].hash_next) {
        if (memcmp(&account->states[n - 1].pipeline, pipeline, account->timing->state_bytes) == 0)
            return n - 1;
    }
    if (account->state_count == account->state_room) {
        uint32_t room = account->state_room ? account->state_room * 2 : 256;
        struct sim_state *grown = realloc(account->states, room * sizeof *grown);
        if (!grown)
            return UINT32_MAX;
        account->states = grown;
        account->state_room = room;
    }
    struct sim_state *state = &account->states[account->state_count++];
    state->pipeline = *pipeline;
    state->hash_next = *bucket;
    *bucket = account->state_count;
    return account->state_count - 1;
}

enum cc_status sim_account_init(struct sim_account *account, const struct sim_chip *chip,
                                struct sim_memory_path *path, struct cc_error *err)
{
    union sim_pipeline empty;
    memset(account, 0, sizeof *account);
    account->chip = chip;
    account->path = path;
    account->timing = sim_timing_for(chip->core);
    account->config.chip = chip;
    sim_memory_path_waits(path, &account->config);
    account->root.block = &account->root_block;
    sim_timing_reset(account->timing, &empty);
    account->root.state_out = intern_state(account, &empty);
    if (account->root.state_out == UINT32_MAX)
        return cc_no_memory(err);
    return sim_decoder_new(chip->core, &account->decoder, err);
}

static void free_pass(struct sim_pass *pass)
{
    free(pass->starts);
    free(pass->isolated);
    free(pass);
}

void sim_account_free(struct sim_account *account)
{
    for (size_t i = 0; i < SIM_BLOCK_BUCKETS; i++) {
        for (struct sim_block *b = account->blocks[i], *next; b; b = next) {
            next = b->hash_next;
            sim_block_free(b);
        }
    }
    sim_predictors_free(&account->predictors);
    for (size_t i = 0; i < account->pass_count; i++)
        free_pass(account->passes[i]);
    free(account->passes);
    free(account->states);
    if (account->decoder)
        sim_decoder_free(account->decoder);
    memset(account, 0, sizeof *account);
}

uint32_t sim_account_mispredict(const struct sim_account *account,
                                const union sim_pipeline *pipeline, const struct sim_insn *branch)
{
    uint32_t cycles = (uint32_t)(account->chip->mispredict_cycles + 0.5);
    uint32_t saving = account->timing->mispredict_saving
                          ? account->timing->mispredict_saving(pipeline, branch)
                          : 0;
    return cycles > saving ? cycles - saving : 0;
}

static struct sim_block *find_block(struct sim_account *account, const struct sim_block *from,
                                    uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                    void *user)
{
    struct sim_block **bucket =
        &account->blocks[((address >> 1) ^ (bytes << 5)) % SIM_BLOCK_BUCKETS];
    for (struct sim_block *b = *bucket; b; b = b->hash_next) {
        if (b->fetch.address == address && b->fetch.bytes == bytes)
            return b;
    }
    int follows = address == from->fetch.address + from->fetch.bytes;
    struct sim_block *block =
        sim_block_new(account, address, bytes, follows ? from->it_end : 0, read, user);
    if (block) {
        block->hash_next = *bucket;
        *bucket = block;
    }
    return block;
}

/* Walks a pass from its state: visits every step, leaves the state after it in *pipeline. */
static void walk(const struct sim_account *account, const struct sim_pass *pass,
                 union sim_pipeline *pipeline, sim_walk_fn visit, void *user)
{
    const struct sim_block *block = pass->block;
    struct sim_step step;
    *pipeline = account->states[pass->state_in].pipeline;
    if (pass->source) {
        account->timing->take_branch(&pass->config, pipeline, pass->source,
                                     block->count ? &block->insns[0] : NULL, &step);
        visit(user, NULL, &step);
    }
    for (uint32_t i = 0; i < block->count; i++) {
        account->timing->step(&pass->config, pipeline, &block->insns[i], &step);
        visit(user, &block->insns[i], &step);
    }
}

void sim_account_walk(const struct sim_account *account, const struct sim_pass *pass,
                      sim_walk_fn visit, void *user)
{
    union sim_pipeline pipeline;
    walk(account, pass, &pipeline, visit, user);
}

static void add_step(void *user, const struct sim_insn *insn, const struct sim_step *step)
{
    struct sim_pass *pass = user;
    for (int c = 0; c < SIM_CORE_CAUSES; c++)
        pass->causes[c] += step->causes[c];
    pass->overlapped += step->overlapped;
    pass->paired += step->paired;
    if (insn) {
        size_t i = (size_t)(insn - pass->block->insns);
        pass->starts[i] = pass->cycles;
        pass->isolated[i] = (uint8_t)(step->isolated + 2 * step->behind_isolated);
        pass->has_isolated |= pass->isolated[i] != 0;
    }
    pass->cycles += sim_step_cycles(step);
    pass->starts[pass->block->count] = pass->cycles;
}

static struct sim_pass *new_pass(struct sim_account *account, const struct sim_pass *key)
{
    if (account->pass_count == account->pass_room) {
        size_t room = account->pass_room ? account->pass_room * 2 : 256;
        struct sim_pass **grown = realloc(account->passes, room * sizeof(struct sim_pass *));
        if (!grown)
            return NULL;
        account->passes = grown;
        account->pass_room = room;
    }
    struct sim_pass *pass = calloc(1, sizeof *pass);
    if (!pass)
        return NULL;
    *pass = *key;
    pass->starts = calloc(key->block->count + 1, sizeof *pass->starts);
    pass->isolated = calloc(key->block->count + 1, sizeof *pass->isolated);
    union sim_pipeline pipeline;
    if (pass->starts && pass->isolated) {
        walk(account, pass, &pipeline, add_step, pass);
        pass->state_out = intern_state(account, &pipeline);
    }
    if (!pass->starts || !pass->isolated || pass->state_out == UINT32_MAX) {
        free_pass(pass);
        return NULL;
    }
    account->passes[account->pass_count++] = pass;
    return pass;
}

static int same_config(const struct sim_timing_config *a, const struct sim_timing_config *b)
{
    return a->isolated_wait == b->isolated_wait && a->branch_target_wait == b->branch_target_wait &&
           a->store_wait == b->store_wait;
}

static struct sim_pass *find_pass(struct sim_account *account, const struct sim_pass *key)
{
    uint64_t hash = ((uintptr_t)key->block >> 4) * 31 + ((uintptr_t)key->source >> 3) * 7 +
                    key->state_in * 2654435761u + key->config.isolated_wait;
    struct sim_pass **bucket = &account->pass_buckets[(hash ^ hash >> 17) % SIM_PASS_BUCKETS];
    for (struct sim_pass *p = *bucket; p; p = p->hash_next) {
        if (p->block == key->block && p->source == key->source && p->state_in == key->state_in &&
            same_config(&p->config, &key->config))
            return p;
    }
    struct sim_pass *pass = new_pass(account, key);
    if (pass) {
        pass->hash_next = *bucket;
        *bucket = pass;
    }
    return pass;
}

struct sim_pass *sim_account_pass(struct sim_account *account, struct sim_pass *from,
                                  uint32_t address, uint32_t bytes, sim_read_code_fn read,
                                  void *user)
{
    const struct sim_block *before = from->block;
    struct sim_pass key = {.state_in = from->state_out, .config = account->config};
    key.block = find_block(account, before, address, bytes, read, user);
    if (!key.block)
        return NULL;
    if (before->count && address != before->fetch.address + before->fetch.bytes)
        key.source = &before->insns[before->count - 1];
    struct sim_pass *pass = find_pass(account, &key);
    if (pass) {
        from->successor[1] = from->successor[0];
        from->successor[0] = pass;
    }
    return pass;
}

/* The lines of a block are about to be made anew: what was waited for them stays known. */
static void keep_fetch_stalls(struct sim_block *block)
{
    enum sim_cause cause = sim_fetch_cause(&block->fetch);
    for (uint32_t i = 0; i < block->fetch.line_count; i++) {
        const struct sim_fetch_line *line = &block->fetch.lines[i];
        if (line->first_insn < block->count)
            block->dynamic[line->first_insn].causes[cause] += (int64_t)line->stalls;
    }
}

int sim_account_reconfigure(struct sim_account *account)
{
    sim_memory_path_waits(account->path, &account->config);
    account->root.successor[0] = account->root.successor[1] = NULL;
    for (size_t i = 0; i < account->pass_count; i++)
        account->passes[i]->successor[0] = account->passes[i]->successor[1] = NULL;
    for (size_t i = 0; i < SIM_BLOCK_BUCKETS; i++) {
        for (struct sim_block *b = account->blocks[i]; b; b = b->hash_next) {
            keep_fetch_stalls(b);
            if (!sim_memory_path_prepare(account->path, &b->fetch))
                return 0;
        }
    }
    return 1;
}

static void add_pass(const struct sim_account *account, const struct sim_pass *pass,
                     struct sim_counts *counts)
{
    const struct sim_block *block = pass->block;
    enum sim_region_kind kind = account->chip->regions[block->fetch.region].kind;
    counts->instructions += pass->count * block->count;
    for (int i = 0; i < SIM_CLASS_COUNT; i++)
        counts->classes[i] += pass->count * block->classes[i];
    for (int i = 0; i < SIM_CORE_CAUSES; i++)
        counts->causes[i] += pass->count * pass->causes[i];
    counts->overlapped_loads += pass->count * pass->overlapped;
    counts->paired += pass->count * pass->paired;
    if (pass->source)
        counts->branches_taken += pass->count;
    counts->regions[kind].fetch_bytes += pass->count * block->fetch.bytes;
}

/* A prefetch that does not look into the cache reads the array for every line that is executed. */
static int prefetch_reads_all(const struct sim_account *account)
{
    return account->chip->memory.prefetch_reads_all && account->path->setting.prefetch &&
           account->path->setting.icache_on;
}

static uint64_t fetch_line_reads(const struct sim_account *account, uint32_t region)
{
    if (prefetch_reads_all(account) && account->chip->regions[region].kind == SIM_REGION_FLASH)
        return 0; /* counted by what was executed */
    return account->path->fetch_line_reads[region];
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
        to->line_reads += fetch_line_reads(account, i) + account->path->data_line_reads[i];
        counts->accesses += from->reads + from->writes;
    }
}

void sim_account_harvest(struct sim_account *account, struct sim_counts *counts)
{
    uint64_t fetched = counts ? counts->regions[SIM_REGION_FLASH].fetch_bytes : 0;
    for (size_t i = 0; i < account->pass_count; i++) {
        struct sim_pass *pass = account->passes[i];
        if (!pass->count)
            continue;
        if (counts) {
            add_pass(account, pass, counts);
            pass->total += pass->count;
        }
        for (int c = 0; c < SIM_CORE_CAUSES; c++)
            account->seen[c] += pass->count * pass->causes[c];
        account->seen_folded += pass->count * pass->paired;
        pass->count = 0;
    }
    for (int c = 0; c < SIM_CAUSE_COUNT; c++)
        account->seen[c] += (uint64_t)account->causes[c];
    if (counts) {
        add_accesses(account, counts);
        if (prefetch_reads_all(account))
            counts->regions[SIM_REGION_FLASH].line_reads +=
                (counts->regions[SIM_REGION_FLASH].fetch_bytes - fetched) /
                account->chip->memory.fetch_bytes;
        counts->exceptions += account->exceptions;
        for (int c = 0; c < SIM_CAUSE_COUNT; c++)
            counts->causes[c] += (uint64_t)account->causes[c];
        sim_counts_sum_causes(counts);
        counts->cycles =
            counts->core_cycles + counts->fetch_stall_cycles + counts->data_stall_cycles;
    }
    account->exceptions = 0;
    memset(account->causes, 0, sizeof account->causes);
    memset(account->by_region, 0, sizeof account->by_region);
    memset(account->path->fetch_line_reads, 0, sizeof account->path->fetch_line_reads);
    memset(account->path->data_line_reads, 0, sizeof account->path->data_line_reads);
}

void sim_account_seen(const struct sim_account *account, uint64_t causes[SIM_CAUSE_COUNT],
                      uint64_t *folded)
{
    *folded = account->seen_folded;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++)
        causes[c] = account->seen[c] + (uint64_t)account->causes[c];
    for (size_t i = 0; i < account->pass_count; i++) {
        const struct sim_pass *pass = account->passes[i];
        for (int c = 0; c < SIM_CORE_CAUSES; c++)
            causes[c] += pass->count * pass->causes[c];
        *folded += pass->count * pass->paired;
    }
}
