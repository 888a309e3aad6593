/* Life of an emulated chip: memory, core, scopes. The hooks that run while code executes are in
 * sim_hooks.c. */
#include "sim_machine_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX_INSTRUCTIONS 20000000000ull

static const int cpu_models[SIM_CORE_COUNT] = {
    [SIM_CORTEX_M0] = UC_CPU_ARM_CORTEX_M0, [SIM_CORTEX_M0PLUS] = UC_CPU_ARM_CORTEX_M0,
    [SIM_CORTEX_M3] = UC_CPU_ARM_CORTEX_M3, [SIM_CORTEX_M4] = UC_CPU_ARM_CORTEX_M4,
    [SIM_CORTEX_M7] = UC_CPU_ARM_CORTEX_M7, [SIM_CORTEX_M33] = UC_CPU_ARM_CORTEX_M33,
};

static enum cc_status unicorn_failed(const char *what, uc_err code, struct cc_error *err)
{
    return cc_fail(err, CC_ERR_INTERNAL, "emulator: %s: %s", what, uc_strerror(code));
}

static enum cc_status map_regions(struct sim_machine *m, struct cc_error *err)
{
    for (uint32_t i = 0; i < m->chip.region_count; i++) {
        const struct sim_region *r = &m->chip.regions[i];
        uint32_t prot = UC_PROT_READ | UC_PROT_EXEC | (sim_is_flash(r->kind) ? 0 : UC_PROT_WRITE);
        uc_err code = uc_mem_map(m->uc, r->base, r->bytes, prot);
        if (code != UC_ERR_OK)
            return unicorn_failed(r->name, code, err);
    }
    return CC_OK;
}

/* UC_MODE_MCLASS would silently turn every core into a Cortex-M33; Thumb mode alone with the model
 * set gives the instruction set of the core asked for. */
static enum cc_status open_core(struct sim_machine *m, struct cc_error *err)
{
    uc_err code = uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &m->uc);
    if (code == UC_ERR_OK)
        code = uc_ctl_set_cpu_model(m->uc, cpu_models[m->chip.core]);
    if (code != UC_ERR_OK)
        return unicorn_failed("open", code, err);
    return CC_OK;
}

/* Every M-class chip has the private peripheral bus; it stands in the chip's region list so that
 * accesses to it are counted like any other. */
static void add_system_region(struct sim_chip *chip)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        if (chip->regions[i].kind == SIM_REGION_SYSTEM)
            return;
    }
    if (chip->region_count == SIM_MAX_REGIONS)
        return;
    struct sim_region *r = &chip->regions[chip->region_count++];
    memset(r, 0, sizeof *r);
    snprintf(r->name, sizeof r->name, "system");
    r->kind = SIM_REGION_SYSTEM;
    r->base = SIM_SYSTEM_BASE;
    r->bytes = SIM_SYSTEM_BYTES;
}

enum cc_status sim_machine_new(const struct sim_chip *chip, double clock_hz,
                               struct sim_machine **machine, struct cc_error *err)
{
    *machine = NULL;
    struct sim_machine *m = calloc(1, sizeof *m);
    if (!m)
        return cc_no_memory(err);
    m->chip = *chip;
    m->clock_hz = m->initial_clock_hz = clock_hz;
    m->current = -1;
    m->lowest_sp = UINT32_MAX;
    add_system_region(&m->chip);
    enum cc_status status = open_core(m, err);
    if (status == CC_OK)
        status = map_regions(m, err);
    if (status == CC_OK)
        status = sim_memory_path_init(&m->path, &m->chip, clock_hz, err);
    if (status == CC_OK)
        status = sim_account_init(&m->account, &m->chip, &m->path, err);
    if (status == CC_OK)
        status = sim_hooks_install(m, err);
    if (status == CC_OK)
        status = sim_registers_reset(m, err);
    if (status != CC_OK) {
        sim_machine_free(m);
        return status;
    }
    m->pass = &m->account.root;
    sim_system_reset(m, 0);
    *machine = m;
    return CC_OK;
}

void sim_machine_free(struct sim_machine *m)
{
    if (!m)
        return;
    if (m->uc)
        uc_close(m->uc);
    sim_watch_free(m);
    sim_reference_free(m);
    sim_account_free(&m->account);
    sim_memory_path_free(&m->path);
    free(m->scopes);
    free(m);
}

enum cc_status sim_machine_write(struct sim_machine *m, uint32_t address, const void *data,
                                 size_t bytes, struct cc_error *err)
{
    if (bytes == 0 || uc_mem_write(m->uc, address, data, bytes) == UC_ERR_OK)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%zu bytes at 0x%08x lie outside the memory of %s; check the memory map", bytes,
                   address, m->chip.name);
}

enum cc_status sim_machine_read(struct sim_machine *m, uint32_t address, void *data, size_t bytes,
                                struct cc_error *err)
{
    if (bytes == 0 || uc_mem_read(m->uc, address, data, bytes) == UC_ERR_OK)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%zu bytes at 0x%08x lie outside the memory of %s; check the memory map", bytes,
                   address, m->chip.name);
}

enum cc_status sim_machine_reset(struct sim_machine *m, uint32_t vector_table, struct cc_error *err)
{
    uint32_t vectors[2];
    enum cc_status status = sim_machine_read(m, vector_table, vectors, sizeof vectors, err);
    if (status != CC_OK)
        return cc_prefix(err, "vector table");
    if (!(vectors[1] & 1))
        return cc_fail(err, CC_ERR_INPUT,
                       "vector table at 0x%08x: reset vector 0x%08x is not a Thumb address; "
                       "expected an odd one, is this the vector table?",
                       vector_table, vectors[1]);
    m->stack_top = vectors[0];
    m->lowest_sp = vectors[0];
    m->pc = vectors[1] & ~1u;
    sim_system_reset(m, vector_table);
    uc_reg_write(m->uc, UC_ARM_REG_SP, &vectors[0]);
    return sim_registers_reset(m, err);
}

enum cc_status sim_machine_configure(struct sim_machine *m, const struct sim_run_config *config,
                                     struct cc_error *err)
{
    m->config = *config;
    if (!m->config.max_instructions)
        m->config.max_instructions = DEFAULT_MAX_INSTRUCTIONS;
    m->check_beyond = 0;
    return config->reference ? sim_reference_install(m, err) : CC_OK;
}

static struct sim_scope *find_scope(struct sim_machine *m, int32_t id)
{
    for (uint32_t i = 0; i < m->scope_count; i++) {
        if (m->scopes[i].id == id)
            return &m->scopes[i];
    }
    struct sim_scope *grown = realloc(m->scopes, (m->scope_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    m->scopes = grown;
    struct sim_scope *s = &grown[m->scope_count++];
    memset(s, 0, sizeof *s);
    s->id = id;
    if (id == SIM_SCOPE_OUTSIDE)
        snprintf(s->name, sizeof s->name, "outside");
    else
        snprintf(s->name, sizeof s->name, "%d", id);
    return s;
}

enum cc_status sim_machine_name_scope(struct sim_machine *m, int32_t id, const char *name,
                                      struct cc_error *err)
{
    struct sim_scope *s = find_scope(m, id);
    if (!s)
        return cc_no_memory(err);
    snprintf(s->name, sizeof s->name, "%s", name);
    return CC_OK;
}

void sim_machine_name_unmeasured(struct sim_machine *m, const char *name)
{
    m->unmeasured = name;
}

const char *sim_machine_scope_name(const struct sim_machine *m)
{
    if (m->current < 0)
        return m->unmeasured ? m->unmeasured : "start-up";
    return m->scopes[m->current].name;
}

/* Charges what has been counted to the scope that ends; paused time is dropped. */
static void end_scope(struct sim_machine *m)
{
    sim_hooks_end_block(m);
    sim_account_harvest(&m->account, m->current < 0 ? NULL : &m->scopes[m->current].counts);
    if (m->reference)
        sim_reference_harvest(m, m->current >= 0);
}

static void set_measuring(struct sim_machine *m)
{
    m->account.measuring = m->path.recording = m->current >= 0;
}

void sim_machine_pause(struct sim_machine *m)
{
    end_scope(m);
    m->current = -1;
    set_measuring(m);
}

enum cc_status sim_machine_enter(struct sim_machine *m, int32_t scope_id, struct cc_error *err)
{
    sim_machine_pause(m);
    struct sim_scope *s = find_scope(m, scope_id);
    if (!s)
        return cc_no_memory(err);
    m->current = (int32_t)(s - m->scopes);
    set_measuring(m);
    return CC_OK;
}

void sim_machine_marker(struct sim_machine *m, uint32_t value)
{
    int32_t id = SIM_SCOPE_OUTSIDE;
    enum sim_marker_action action = m->config.on_marker(m->config.user, value, &id);
    if (action == SIM_MARKER_CONTINUE)
        return;
    if (action == SIM_MARKER_SCOPE || action == SIM_MARKER_STOP) {
        if (sim_machine_enter(m, id, NULL) != CC_OK)
            m->failure = SIM_FAILED_MEMORY;
    } else {
        sim_machine_pause(m);
    }
    if (action == SIM_MARKER_STOP || action == SIM_MARKER_PAUSE_STOP)
        m->stop_asked = 1;
}

enum cc_status sim_machine_run(struct sim_machine *m, struct cc_error *err)
{
    m->failure = SIM_FAILED_NOT;
    m->stop_asked = 0;
    m->exceptions.asleep = SIM_AWAKE;
    uc_err code = sim_machine_emulate(m, SIM_NEVER_REACHED);
    if (m->stop_asked && m->failure == SIM_FAILED_NOT) {
        m->pc = m->stop_pc;
        return CC_OK;
    }
    return sim_machine_explain(m, code, err);
}

double sim_machine_clock_hz(const struct sim_machine *m)
{
    return m->clock_hz;
}

void sim_machine_timing_note(const struct sim_machine *m, char *text, size_t size)
{
    sim_memory_path_describe(&m->path, text, size);
    size_t used = strlen(text);
    sim_registers_describe(m, text + used, size - used);
}

static int compare_scopes(const void *a, const void *b)
{
    const struct sim_scope *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

enum cc_status sim_machine_profile(struct sim_machine *m, uint32_t invocations,
                                   struct sim_profile *profile, struct cc_error *err)
{
    memset(profile, 0, sizeof *profile);
    if (m->current >= 0)
        end_scope(m);
    if (!find_scope(m, SIM_SCOPE_OUTSIDE))
        return cc_no_memory(err);
    profile->scopes = calloc(m->scope_count, sizeof *profile->scopes);
    if (!profile->scopes)
        return cc_no_memory(err);
    profile->scope_count = m->scope_count;
    for (uint32_t i = 0; i < m->scope_count; i++) {
        profile->scopes[i] = m->scopes[i];
        sim_counts_add(&profile->total, &m->scopes[i].counts);
    }
    qsort(profile->scopes, profile->scope_count, sizeof *profile->scopes, compare_scopes);
    snprintf(profile->chip, sizeof profile->chip, "%s", m->chip.name);
    snprintf(profile->core, sizeof profile->core, "%s", sim_core_name(m->chip.core));
    if (m->chip.range_by_name)
        snprintf(profile->voltage_range, sizeof profile->voltage_range, "%s",
                 m->chip.ranges[m->chip.range].name);
    profile->clock_hz = m->clock_hz;
    profile->cycles_rsd = sim_chip_cycles_rsd(&m->chip);
    profile->invocations = invocations;
    profile->stack_bytes = m->stack_top - m->lowest_sp;
    sim_machine_timing_note(m, profile->timing_note, sizeof profile->timing_note);
    return sim_profile_check(profile, err);
}
