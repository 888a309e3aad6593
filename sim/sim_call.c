#include "sim_call.h"

#include <string.h>

#define CPACR 0xe000ed88u

static enum cc_status take_counts(struct sim_machine *m, struct sim_counts *counts,
                                  struct cc_error *err)
{
    struct sim_profile profile;
    enum cc_status status = sim_machine_profile(m, 1, &profile, err);
    if (status != CC_OK)
        return status;
    *counts = profile.total;
    sim_profile_free(&profile);
    return CC_OK;
}

/* The coprocessors that are the floating-point unit: full access. */
static enum cc_status enable_fpu(struct sim_machine *m, struct cc_error *err)
{
    uint32_t full_access = 0x00f00000;
    return sim_machine_write(m, CPACR, &full_access, sizeof full_access, err);
}

static enum cc_status open_window(struct sim_machine *m, struct cc_error *err)
{
    enum cc_status status = sim_machine_name_scope(m, 0, "the measured code", err);
    return status == CC_OK ? sim_machine_open_window(m, 0, err) : status;
}

static enum cc_status call_once(struct sim_machine *m, const struct sim_call *call, uint32_t pad,
                                int measure, struct cc_error *err)
{
    for (unsigned i = 0; i < SIM_CALL_ARGS; i++)
        sim_machine_set_register(m, i, call->args[i]);
    sim_machine_set_register(m, 13, call->stack_top);
    sim_machine_set_register(m, 14, pad | 1);
    sim_machine_set_register(m, 15, call->entry);
    enum cc_status status = measure ? open_window(m, err) : CC_OK;
    if (status == CC_OK)
        status = sim_machine_run_to(m, pad, err);
    if (status == CC_OK && measure)
        status = sim_machine_close_window(m, err);
    return status;
}

enum cc_status sim_call_function(struct sim_machine *m, const struct sim_call *call,
                                 struct sim_counts *counts, struct cc_error *err)
{
    uint32_t pad = 0;
    memset(counts, 0, sizeof *counts);
    sim_machine_name_unmeasured(m, "an earlier call");
    enum cc_status status =
        call->has_vector_table ? sim_machine_reset(m, call->vector_table, err) : CC_OK;
    if (status == CC_OK)
        status = sim_machine_landing_pad(m, &pad, err);
    if (status == CC_OK)
        status = enable_fpu(m, err);
    for (uint32_t i = 0; status == CC_OK && i < call->calls; i++)
        status = call_once(m, call, pad, i + 1 == call->calls, err);
    return status == CC_OK ? take_counts(m, counts, err) : status;
}

enum cc_status sim_call_between(struct sim_machine *m, uint32_t vector_table, uint32_t start,
                                uint32_t stop, struct sim_counts *counts, struct cc_error *err)
{
    memset(counts, 0, sizeof *counts);
    enum cc_status status = sim_machine_reset(m, vector_table, err);
    if (status == CC_OK)
        status = enable_fpu(m, err);
    if (status == CC_OK && (status = sim_machine_run_to(m, start, err)) != CC_OK)
        return cc_prefix(err, "start 0x%08x was not reached", start & ~1u);
    if (status == CC_OK)
        status = open_window(m, err);
    if (status == CC_OK && (status = sim_machine_run_to(m, stop, err)) != CC_OK)
        return cc_prefix(err, "stop 0x%08x was not reached", stop & ~1u);
    if (status == CC_OK)
        status = sim_machine_close_window(m, err);
    return status == CC_OK ? take_counts(m, counts, err) : status;
}

/* Whether an address lies in memory of the chip; a stack may start right behind it. */
static int inside(const struct sim_chip *chip, uint32_t address, int stack)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        const struct sim_region *r = &chip->regions[i];
        uint32_t offset = address - r->base;
        if (r->kind == SIM_REGION_SYSTEM || r->kind == SIM_REGION_PERIPHERAL ||
            (stack && sim_is_flash(r->kind)))
            continue;
        if (stack ? offset - 1 < r->bytes : offset < r->bytes)
            return 1;
    }
    return 0;
}

static int plausible(const struct sim_chip *chip, struct sim_machine *m, uint32_t address)
{
    uint32_t vectors[2];
    if ((address & 3) || sim_machine_read(m, address, vectors, sizeof vectors, NULL) != CC_OK)
        return 0;
    return !(vectors[0] & 3) && inside(chip, vectors[0], 1) && (vectors[1] & 1) &&
           inside(chip, vectors[1], 0);
}

int sim_call_flash_base(const struct sim_chip *chip, uint32_t *base)
{
    for (uint32_t i = 0; i < chip->region_count; i++) {
        if (sim_is_flash(chip->regions[i].kind)) {
            *base = chip->regions[i].base;
            return 1;
        }
    }
    return 0;
}

int sim_call_vector_table(const struct sim_chip *chip, struct sim_machine *m, uint32_t image_base,
                          uint32_t *vector_table)
{
    uint32_t flash = image_base;
    sim_call_flash_base(chip, &flash);
    const uint32_t candidates[] = {image_base, flash, flash + 0x100};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (plausible(chip, m, candidates[i])) {
            *vector_table = candidates[i];
            return 1;
        }
    }
    return 0;
}
