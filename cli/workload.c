#include "workload_session.h"

#include "cc_file.h"
#include "placement.h"
#include "sim_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_BYTES 128 /* of work areas: they may hold a vector table */
#define MAX_CODE    (1u << 20)

struct workload {
    struct cli_workload_info info;
    const char *function;
    uint32_t loops, work_bytes, table_bytes;
};

static const struct workload workloads[] = {
#define WORKLOAD(name, function, calibration, loops, work_bytes, table_bytes, unit, text)          \
    {{name, text, unit, calibration}, #function, loops, work_bytes, table_bytes},
#include "firmware/workloads/workloads.def"
#undef WORKLOAD
};

#define WORKLOAD_COUNT (sizeof workloads / sizeof workloads[0])

const struct cli_workload_info *cli_workload_info(uint32_t index)
{
    return index < WORKLOAD_COUNT ? &workloads[index].info : NULL;
}

static const struct workload *find(const char *name)
{
    for (size_t i = 0; i < WORKLOAD_COUNT; i++) {
        if (strcmp(workloads[i].info.name, name) == 0)
            return &workloads[i];
    }
    return NULL;
}

const struct cli_workload_info *cli_workload_find(const char *name)
{
    const struct workload *workload = find(name);
    return workload ? &workload->info : NULL;
}

static enum cc_status unknown_workload(const char *name, struct cc_error *err)
{
    const char *names[WORKLOAD_COUNT];
    char near[128];
    for (size_t i = 0; i < WORKLOAD_COUNT; i++)
        names[i] = workloads[i].info.name;
    return cc_fail(err, CC_ERR_INPUT,
                   "workload %.80s: is not built in;%s coincell list workloads names them", name,
                   cc_did_you_mean(near, sizeof near, "", name, names, WORKLOAD_COUNT));
}

/* A stretch of memory to place something in. */
struct window {
    uint32_t base, bytes;
};

static int inside(const struct sim_region *r, uint32_t address)
{
    return address - r->base < r->bytes;
}

/* "flash" is whatever memory the program is stored in. */
static int has_kind(const struct sim_region *r, const char *kind)
{
    return strcmp(sim_region_name(r->kind), kind) == 0 ||
           (sim_is_flash(r->kind) && strcmp(kind, "flash") == 0);
}

static int usable(const struct sim_region *r, int code)
{
    int ram = r->kind == SIM_REGION_SRAM || r->kind == SIM_REGION_ITCM;
    return ram || (code ? sim_is_flash(r->kind) : r->kind == SIM_REGION_DTCM);
}

static enum cc_status no_region(const struct sim_chip *chip, const char *what, const char *name,
                                int code, struct cc_error *err)
{
    char list[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < chip->region_count && used < sizeof list; i++) {
        if (usable(&chip->regions[i], code))
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                     chip->regions[i].name);
    }
    return cc_fail(err, CC_ERR_INPUT, "%s: %.40s: %s has no such memory for it; use %s", what, name,
                   chip->name, list);
}

/* By name; by kind the one the runner uses, else the first. */
static const struct sim_region *find_region(const struct sim_chip *chip, const char *name, int code)
{
    const struct sim_region *found = NULL;
    uint32_t usual = code ? chip->runner_flash_base : chip->runner_ram_base;
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        int takes = usable(r, code);
        if (takes && strcmp(r->name, name) == 0)
            return r;
        if (takes && has_kind(r, name) &&
            (!found || inside(r, usual) || inside(r, chip->runner_ram_base)))
            found = r;
    }
    return found;
}

/* What the runner may use of its region, all of any other. */
static enum cc_status find_window(const struct sim_chip *chip, const char *what, const char *name,
                                  int code, struct window *window, struct cc_error *err)
{
    const struct sim_region *r = find_region(chip, name, code);
    if (!r)
        return no_region(chip, what, name, code, err);
    *window = (struct window){r->base, r->bytes};
    uint32_t first = sim_is_flash(r->kind) ? chip->runner_flash_base : chip->runner_ram_base;
    if (inside(r, first))
        *window = (struct window){first, r->base + r->bytes - first};
    return CC_OK;
}

/* Takes bytes from the front of a window; 0 when there are not enough. */
static int take(struct window *window, uint32_t bytes, uint32_t *address)
{
    uint32_t whole = (bytes + ALIGN_BYTES - 1) & ~(uint32_t)(ALIGN_BYTES - 1);
    *address = window->base;
    if (whole > window->bytes)
        return 0;
    window->base += whole;
    window->bytes -= whole;
    return 1;
}

static enum cc_status too_large(const struct cli_workload_session *s, const char *what,
                                uint32_t bytes, const struct window *window, struct cc_error *err)
{
    return cc_fail(
        err, CC_ERR_INPUT,
        "%s: needs %u bytes for its %s, %s has %u there; choose other memory or a larger "
        "chip",
        s->info->name, bytes, what, s->chip.name, window->bytes);
}

static int same(const struct window *a, const struct window *b)
{
    return a->base + a->bytes == b->base + b->bytes;
}

static enum cc_status place(struct cli_workload_session *s,
                            const struct cli_workload_options *options, struct cc_error *err)
{
    struct window code, flash, data = {s->chip.runner_ram_base, s->chip.runner_ram_bytes};
    const char *from = options->code && options->code[0] ? options->code : "flash";
    uint32_t ram = s->work_bytes + CLI_STACK_RESERVE_BYTES;
    enum cc_status status = find_window(&s->chip, "code", from, 1, &code, err);
    if (status == CC_OK && options->data && options->data[0])
        status = find_window(&s->chip, "data", options->data, 0, &data, err);
    if (status == CC_OK)
        status = find_window(&s->chip, "table", "flash", 1, &flash, err);
    if (status != CC_OK)
        return status;
    /* the runner's RAM may be several regions in a row */
    int share_flash = same(&code, &flash), share_ram = code.base == data.base;
    if (!take(&code, s->code_bytes, &s->code_address))
        return too_large(s, "code", s->code_bytes, &code, err);
    flash = share_flash ? code : flash;
    if (share_ram) {
        data.bytes -= code.base - data.base;
        data.base = code.base;
    }
    if (!take(&data, ram, &s->work_address))
        return too_large(s, "data", ram, &data, err);
    if (!take(&flash, s->table_bytes, &s->table_address))
        return too_large(s, "table in flash", s->table_bytes, &flash, err);
    s->stack_top = s->work_address + ram;
    return CC_OK;
}

static enum cc_status open_code(struct cli_workload_session *s, struct cc_error *err)
{
    char relative[128], path[512];
    snprintf(relative, sizeof relative, "models/firmware/workloads-%s-%s.elf",
             sim_core_name(s->chip.core), s->info->calibration ? "calibration" : "front");
    if (!cc_data_path(relative, path, sizeof path))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: core: there are no workloads for %s: no %s was built; add the core to "
                       "models/firmware/firmware.cmake and build again",
                       s->chip.path, s->chip.name, relative);
    enum cc_status status = sim_elf_open(path, &s->elf, err);
    s->code_bytes = s->elf.flash_bytes;
    if (status == CC_OK && (s->elf.vector_table != 0 || s->code_bytes > MAX_CODE))
        status = cc_fail(err, CC_ERR_INPUT, "%s: is not linked at address 0; build it again", path);
    return status;
}

static enum cc_status load_code(struct cli_workload_session *s, struct cc_error *err)
{
    uint8_t *code = malloc(s->code_bytes);
    if (!code)
        return cc_no_memory(err);
    sim_elf_move(&s->elf, s->code_address);
    enum cc_status status = sim_elf_load(&s->elf, s->machine, err);
    if (status == CC_OK)
        status = sim_machine_read(s->machine, s->code_address, code, s->code_bytes, err);
    if (status == CC_OK)
        cc_sha256_hex(code, s->code_bytes, s->code_sha256);
    free(code);
    return status == CC_OK ? sim_elf_symbol(&s->elf, find(s->info->name)->function, &s->entry, err)
                           : status;
}

/* Pseudo-random: no word like the one before. */
static enum cc_status load_table(struct cli_workload_session *s, struct cc_error *err)
{
    uint32_t x = 1, *words = malloc((size_t)s->table_bytes + 1);
    if (!words)
        return cc_no_memory(err);
    for (uint32_t i = 0; i < s->table_bytes / 4; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        words[i] = x;
    }
    enum cc_status status =
        s->table_bytes ? sim_machine_write(s->machine, s->table_address, words, s->table_bytes, err)
                       : CC_OK;
    free(words);
    return status;
}

static enum cc_status set_caches(struct sim_chip *chip, const struct cli_workload_options *options,
                                 struct cc_error *err)
{
    struct sim_memory_config *memory = &chip->memory;
    if (options->caches > 0 && !memory->icache.bytes && !memory->dcache.bytes)
        return cc_fail(err, CC_ERR_INPUT, "caches: on: %s has none", chip->name);
    if (options->prefetch > 0 && !memory->prefetch)
        return cc_fail(err, CC_ERR_INPUT,
                       "prefetch: on: %s has none that can be switched on%s%s; see memory_path in "
                       "%s",
                       chip->name, chip->range_by_name ? " in " : "",
                       chip->range_by_name ? chip->ranges[chip->range].name : "", chip->path);
    if (options->caches == 0)
        memory->caches_off = 1;
    if (options->prefetch == 0)
        memory->prefetch = 0;
    return CC_OK;
}

static enum cc_status start_machine(struct cli_workload_session *s, double clock_hz,
                                    const struct cli_workload_options *options,
                                    struct cc_error *err)
{
    struct sim_run_config config = {.stack_limit = s->work_address + s->work_bytes,
                                    .max_instructions = options->max_instructions};
    enum cc_status status = sim_machine_new(&s->chip, clock_hz, &s->machine, err);
    return status == CC_OK ? sim_machine_configure(s->machine, &config, err) : status;
}

enum cc_status cli_workload_open(struct cli_workload_session *s, const struct sim_chip *chip,
                                 double clock_hz, const struct cli_workload_options *options,
                                 struct cc_error *err)
{
    const struct workload *workload = find(options->name);
    memset(s, 0, sizeof *s);
    if (!workload)
        return unknown_workload(options->name, err);
    s->info = &workload->info;
    s->chip = *chip;
    s->loops = workload->loops;
    s->work_bytes = workload->work_bytes;
    s->table_bytes = workload->table_bytes;
    enum cc_status status = set_caches(&s->chip, options, err);
    if (status == CC_OK)
        status = open_code(s, err);
    if (status == CC_OK)
        status = place(s, options, err);
    if (status == CC_OK)
        status = start_machine(s, clock_hz, options, err);
    if (status == CC_OK)
        status = load_code(s, err);
    return status == CC_OK ? load_table(s, err) : status;
}

enum cc_status cli_workload_call(struct cli_workload_session *s, uint32_t calls,
                                 struct sim_profile *profile, struct cc_error *err)
{
    struct sim_counts counts;
    struct sim_call call = {.entry = s->entry,
                            .args = {s->work_address, s->loops, s->table_address},
                            .calls = calls,
                            .stack_top = s->stack_top};
    memset(profile, 0, sizeof *profile);
    enum cc_status status = sim_call_function(s->machine, &call, &counts, err);
    if (status == CC_OK)
        status = sim_machine_name_scope(s->machine, 0, s->info->name, err);
    if (status == CC_OK)
        status = sim_machine_profile(s->machine, 1, profile, err);
    return status;
}

void cli_workload_close(struct cli_workload_session *s)
{
    sim_machine_free(s->machine);
    sim_elf_close(&s->elf);
    memset(s, 0, sizeof *s);
}

enum cc_status cli_workload_run(const struct sim_chip *chip, double clock_hz,
                                const struct cli_workload_options *options,
                                struct sim_profile *profile, struct cc_error *err)
{
    struct cli_workload_session session;
    memset(profile, 0, sizeof *profile);
    enum cc_status status = cli_workload_open(&session, chip, clock_hz, options, err);
    if (status == CC_OK)
        status = cli_workload_call(&session, 2, profile, err);
    cli_workload_close(&session);
    return status;
}
