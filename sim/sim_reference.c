/* Test mode: the same models driven by a walk over every single instruction. It has its own memory
 * path, pipeline and predictors and knows nothing of passes, lazily kept ages or blocks that are
 * known to be resident; what it counts must equal what the fast accounting counts, exactly. Only
 * the decoded instructions, the model functions and the divides' operands are shared. Windows that
 * sim_window.c opens are not followed. */
#include "sim_machine_int.h"

#include <stdlib.h>
#include <string.h>

struct sim_reference {
    struct sim_memory_path path;
    union sim_pipeline pipeline;
    struct sim_predictors predictors;
    const struct sim_block *block; /* whose instructions are looked up; NULL = none executing */
    uint32_t next;                 /* its first instruction not stepped yet */
    const struct sim_insn *previous;
    int transfers;            /* data transfers of the latest instruction */
    int isolated;             /* it paid the isolated wait at once */
    uint32_t behind_isolated; /* cycles it paid for that of the store before */
    int stored_region;        /* of the latest store */
    uint64_t time;            /* core cycles and fetch stalls */
    uint64_t sequence;
    struct sim_counts counts; /* since the last harvest */
    struct sim_counts total;  /* of the measured window */
};

static void predict(struct sim_machine *m, const struct sim_insn *branch, int taken)
{
    struct sim_predictor *p = sim_predictors_find(&m->reference->predictors, branch->address);
    if (!p)
        abort(); /* test mode only */
    if (sim_predictor_misses(p, taken))
        m->reference->counts.causes[SIM_CAUSE_BRANCH] +=
            sim_account_mispredict(&m->account, &m->reference->pipeline, branch);
    sim_predictor_train(p, taken);
}

static void add_step(struct sim_reference *r, const struct sim_step *step)
{
    for (int c = 0; c < SIM_CORE_CAUSES; c++)
        r->counts.causes[c] += step->causes[c];
    r->counts.overlapped_loads += step->overlapped;
    r->counts.paired += step->paired;
    r->time += sim_step_cycles(step);
}

static void come_from(struct sim_machine *m, const struct sim_insn *insn)
{
    struct sim_reference *r = m->reference;
    const struct sim_insn *before = r->previous;
    struct sim_step step;
    if (!before)
        return;
    int taken = insn->address != before->address + before->bytes;
    if (before->branch == SIM_BR_COND && m->account.timing->predicts_branches)
        predict(m, before, taken);
    if (taken) {
        m->account.timing->take_branch(&m->account.config, &r->pipeline, before, insn, &step);
        add_step(r, &step);
        r->counts.branches_taken++;
    }
}

static void fetch(struct sim_machine *m, const struct sim_fetch_block *block,
                  const struct sim_insn *insn)
{
    struct sim_reference *r = m->reference;
    uint64_t *stalls = &r->counts.causes[sim_fetch_cause(block)];
    uint32_t begin = insn->address >> block->line_shift;
    uint32_t end = (insn->address + insn->bytes - 1) >> block->line_shift;
    for (uint32_t line = begin; block->mode != SIM_FETCH_FREE && line <= end; line++) {
        uint32_t stall =
            sim_memory_path_fetch_line(&r->path, block, line, r->sequence, line != begin, r->time);
        *stalls += stall;
        r->time += stall;
    }
}

static void execute(struct sim_machine *m, const struct sim_insn *insn)
{
    struct sim_reference *r = m->reference;
    struct sim_step step;
    come_from(m, insn);
    fetch(m, &r->block->fetch, insn);
    m->account.timing->step(&m->account.config, &r->pipeline, insn, &step);
    add_step(r, &step);
    r->path.sequence = r->sequence++;
    r->isolated = step.isolated;
    r->behind_isolated = step.behind_isolated;
    r->transfers = 0;
    r->counts.instructions++;
    r->previous = insn;
}

void sim_reference_block_starts(struct sim_machine *m)
{
    m->reference->block = m->pass->block;
    m->reference->next = 0;
}

/* Unicorn does not report instructions whose IT condition failed: those at the end of a block are
 * stepped when it is over, those before another one when that is reported. */
void sim_reference_block_ends(struct sim_machine *m)
{
    struct sim_reference *r = m->reference;
    while (r->block && r->next < r->block->count && r->block->insns[r->next].in_it)
        execute(m, &r->block->insns[r->next++]);
    r->block = NULL;
}

static void on_instruction(uc_engine *uc, uint64_t address, uint32_t bytes, void *user)
{
    struct sim_machine *m = user;
    struct sim_reference *r = m->reference;
    (void)uc;
    (void)bytes;
    if (m->stop_asked || m->resting || m->failure != SIM_FAILED_NOT || !r->block)
        return;
    while (r->next < r->block->count && r->block->insns[r->next].address <= (uint32_t)address)
        execute(m, &r->block->insns[r->next++]);
}

void sim_reference_access(struct sim_machine *m, int region, const struct sim_access_run *run)
{
    struct sim_reference *r = m->reference;
    const struct sim_timing *timing = m->account.timing;
    uint64_t *causes = r->counts.causes;
    causes[r->path.data_cause[region]] += sim_memory_path_data(&r->path, region, run, 0);
    if (run->address & (run->bytes - 1u) && run->bytes <= 4 && timing->unaligned_extra)
        causes[SIM_CAUSE_UNALIGNED] +=
            timing->unaligned_extra(run->address, run->bytes, run->is_write);
    if (r->isolated && !r->transfers && m->chip.regions[region].isolated_wait == 0)
        causes[SIM_CAUSE_BUS] -= m->account.config.isolated_wait;
    if (!r->transfers && m->chip.regions[r->stored_region].isolated_wait == 0)
        causes[SIM_CAUSE_BUS] -= r->behind_isolated;
    if (run->is_write)
        r->stored_region = region;
    r->transfers++;
}

void sim_reference_divide(struct sim_machine *m, int32_t extra)
{
    m->reference->counts.causes[SIM_CAUSE_DIVIDE] += (uint64_t)(int64_t)extra;
}

enum cc_status sim_reference_set(struct sim_machine *m, const struct sim_memory_setting *setting,
                                 struct cc_error *err)
{
    struct sim_memory_path *path = &m->reference->path;
    memcpy(path->ram_wait, m->path.ram_wait, sizeof path->ram_wait);
    return sim_memory_path_set(path, setting, err);
}

/* The core goes elsewhere: nothing of what it executed before is left in the pipeline. */
void sim_reference_exception(struct sim_machine *m, uint32_t cycles)
{
    struct sim_reference *r = m->reference;
    r->counts.causes[SIM_CAUSE_EXCEPTION] += cycles;
    r->time += cycles;
    r->previous = NULL;
    sim_timing_reset(m->account.timing, &r->pipeline);
}

void sim_reference_harvest(struct sim_machine *m, int measured)
{
    struct sim_reference *r = m->reference;
    if (measured)
        sim_counts_add(&r->total, &r->counts);
    memset(&r->counts, 0, sizeof r->counts);
}

static enum cc_status compare(const char *what, uint64_t counted, uint64_t walked,
                              struct cc_error *err)
{
    if (counted == walked)
        return CC_OK;
    return cc_fail(err, CC_ERR_INTERNAL, "profile: %s: %lld by blocks, %lld by the walk", what,
                   (long long)counted, (long long)walked);
}

enum cc_status sim_machine_check_reference(const struct sim_machine *m,
                                           const struct sim_profile *profile, struct cc_error *err)
{
    if (!m->reference)
        return CC_OK;
    const struct sim_counts *a = &profile->total, *b = &m->reference->total;
    enum cc_status status = compare("instructions", a->instructions, b->instructions, err);
    for (int c = 0; status == CC_OK && c < SIM_CAUSE_COUNT; c++)
        status = compare(sim_cause_name((enum sim_cause)c), a->causes[c], b->causes[c], err);
    if (status == CC_OK)
        status = compare("branches taken", a->branches_taken, b->branches_taken, err);
    if (status == CC_OK)
        status = compare("overlapped loads", a->overlapped_loads, b->overlapped_loads, err);
    if (status == CC_OK)
        status = compare("paired", a->paired, b->paired, err);
    return status;
}

enum cc_status sim_reference_install(struct sim_machine *m, struct cc_error *err)
{
    uc_cb_hookcode_t callback = on_instruction;
    uc_hook hook;
    struct sim_reference *r = calloc(1, sizeof *r);
    if (!r)
        return cc_no_memory(err);
    m->reference = r;
    sim_timing_reset(m->account.timing, &r->pipeline);
    enum cc_status status = sim_memory_path_init(&r->path, &m->chip, m->clock_hz, err);
    if (status != CC_OK)
        return status;
    return sim_hooks_add(m, UC_HOOK_CODE, sim_hooks_pointer(&callback), &hook, err);
}

void sim_reference_free(struct sim_machine *m)
{
    struct sim_reference *r = m->reference;
    if (!r)
        return;
    sim_predictors_free(&r->predictors);
    sim_memory_path_free(&r->path);
    free(r);
}
