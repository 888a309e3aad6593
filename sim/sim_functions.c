/* What instructions cost, and what functions cost: by walking all passes again, each weighted with
 * its executions. */
#include "sim_costs.h"
#include "sim_machine_int.h"

#include <stdlib.h>
#include <string.h>

/* A pass being walked. */
struct weighting {
    const struct sim_pass *pass;
    uint64_t executions;
    sim_cost_fn visit;
    void *user;
};

static void weight_step(void *user, const struct sim_insn *insn, const struct sim_step *step)
{
    const struct weighting *w = user;
    struct sim_cost cost = {.insn = insn ? insn : w->pass->source};
    cost.executions = insn ? w->executions : 0;
    for (int c = 0; c < SIM_CORE_CAUSES; c++)
        cost.causes[c] = (int64_t)(w->executions * step->causes[c]);
    w->visit(w->user, &cost);
}

/* What the block's instructions cost beyond its passes. */
static void visit_dynamic(const struct sim_block *block, sim_cost_fn visit, void *user)
{
    struct sim_cost cost = {0};
    for (uint32_t i = 0; i < block->count; i++) {
        cost.insn = &block->insns[i];
        memcpy(cost.causes, block->dynamic[i].causes, sizeof cost.causes);
        visit(user, &cost);
    }
}

/* A line of memory was waited for by the instruction that entered it first. */
static void visit_fetches(const struct sim_fetch_block *fetch, sim_cost_fn visit, void *user)
{
    enum sim_cause cause = sim_fetch_cause(fetch);
    for (uint32_t i = 0; i < fetch->line_count; i++) {
        const struct sim_fetch_line *line = &fetch->lines[i];
        struct sim_cost cost = {0};
        if (line->stalls == 0 || line->first_insn >= fetch->insn_count)
            continue;
        cost.insn = &fetch->insns[line->first_insn];
        cost.causes[cause] = (int64_t)line->stalls;
        visit(user, &cost);
    }
}

void sim_account_costs(struct sim_account *account, sim_cost_fn visit, void *user)
{
    for (size_t i = 0; i < account->pass_count; i++) {
        const struct sim_pass *pass = account->passes[i];
        struct weighting w = {pass, pass->total, visit, user};
        if (account->measuring)
            w.executions += pass->count;
        if (w.executions > 0)
            sim_account_walk(account, pass, weight_step, &w);
    }
    for (size_t i = 0; i < SIM_BLOCK_BUCKETS; i++) {
        for (const struct sim_block *b = account->blocks[i]; b; b = b->hash_next) {
            visit_dynamic(b, visit, user);
            visit_fetches(&b->fetch, visit, user);
        }
    }
}

/* Functions while their costs are summed: [count] by rising address, and one for everything else.
 */
struct summing {
    struct sim_function *functions;
    uint32_t count;
    uint32_t latest; /* where the last cost was found */
};

static int holds(const struct sim_function *f, uint32_t address)
{
    return address >= f->address && address - f->address < f->bytes;
}

static uint32_t find_function(struct summing *s, uint32_t address)
{
    uint32_t low = 0, high = s->count;
    if (s->latest < s->count && holds(&s->functions[s->latest], address))
        return s->latest;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (s->functions[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    s->latest = s->count > 0 && holds(&s->functions[low], address) ? low : s->count;
    return s->latest;
}

static void add_cost(void *user, const struct sim_cost *cost)
{
    struct summing *s = user;
    struct sim_function *f = &s->functions[find_function(s, cost->insn->address)];
    f->instructions += cost->executions;
    if (f->bytes > 0 && cost->insn->address == f->address)
        f->calls += cost->executions;
    for (int c = 0; c < SIM_CAUSE_COUNT; c++)
        f->causes[c] += (uint64_t)cost->causes[c]; /* parts may be negative, their sum is not */
}

/* The cycles that belong to no instruction go to the last entry; CC_ERR_INTERNAL when the
 * instructions have more of a cause than the whole. */
static enum cc_status add_rest(struct summing *s, const struct sim_counts *total,
                               struct cc_error *err)
{
    struct sim_function *rest = &s->functions[s->count];
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i <= s->count; i++) {
            sum += s->functions[i].causes[c];
            if (s->functions[i].causes[c] > total->causes[c] || sum > total->causes[c])
                return cc_fail(err, CC_ERR_INTERNAL,
                               "profile: functions up to %s have more %s cycles than all %llu",
                               s->functions[i].name, sim_cause_name((enum sim_cause)c),
                               (unsigned long long)total->causes[c]);
        }
        rest->causes[c] += total->causes[c] - sum;
    }
    return CC_OK;
}

static int compare_functions(const void *a, const void *b)
{
    const struct sim_function *x = a, *y = b;
    if (x->cycles != y->cycles)
        return x->cycles > y->cycles ? -1 : 1;
    return (x->address > y->address) - (x->address < y->address);
}

/* Those that ran, by falling cycles; returns their number. */
static uint32_t keep_executed(struct sim_function *functions, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct sim_function f = functions[i];
        for (int c = 0; c < SIM_CAUSE_COUNT; c++)
            f.cycles += f.causes[c];
        if (f.instructions > 0 || f.cycles > 0)
            functions[kept++] = f;
    }
    qsort(functions, kept, sizeof *functions, compare_functions);
    return kept;
}

/* One entry for each address that has a symbol, and SIM_NO_FUNCTION behind them. */
static enum cc_status make_functions(const struct sim_elf *elf, struct summing *s,
                                     struct cc_error *err)
{
    struct sim_symbol *symbols;
    uint32_t count;
    enum cc_status status = sim_elf_functions(elf, &symbols, &count, err);
    if (status != CC_OK)
        return status;
    s->functions = calloc((size_t)count + 1, sizeof *s->functions);
    if (!s->functions) {
        free(symbols);
        return cc_no_memory(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && symbols[i].address == symbols[i - 1].address)
            continue;
        struct sim_function *f = &s->functions[s->count++];
        memcpy(f->name, symbols[i].name, sizeof f->name);
        f->address = symbols[i].address;
        f->bytes = symbols[i].bytes;
    }
    free(symbols);
    memcpy(s->functions[s->count].name, SIM_NO_FUNCTION, sizeof SIM_NO_FUNCTION);
    s->latest = s->count;
    return CC_OK;
}

enum cc_status sim_machine_functions(struct sim_machine *m, const struct sim_elf *elf,
                                     struct sim_profile *profile, struct cc_error *err)
{
    struct summing s = {0};
    enum cc_status status = make_functions(elf, &s, err);
    if (status != CC_OK)
        return status;
    sim_account_costs(&m->account, add_cost, &s);
    status = add_rest(&s, &profile->total, err);
    if (status != CC_OK) {
        free(s.functions);
        return status;
    }
    free(profile->functions);
    profile->functions = s.functions;
    profile->function_count = keep_executed(s.functions, s.count + 1);
    return CC_OK;
}
