#include "exceptions_harness.h"

#define MARK  0xe0000060u
#define MICRO CC_SOURCE_DIR "/tests/micro/"

struct core cores[CORES] = {
    {MICRO "ideal-m0.yaml", SIM_CORTEX_M0, 0, 0, 0, 0},
    {"stm32g0b1", SIM_CORTEX_M0PLUS, 0, 0, 0, 0},
    {MICRO "ideal-m3.yaml", SIM_CORTEX_M3, 0, 0, 0, 0},
    {"stm32l4r5", SIM_CORTEX_M4, 0, 0, 0, 0},
    {"stm32f746", SIM_CORTEX_M7, 0, 0, 0, 0},
    {"stm32u575", SIM_CORTEX_M33, 0, 0, 0, 0},
};

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    struct outcome *o = user;
    *scope_id = 5;
    o->failed |= value != 1 && value != 2;
    return value == 1 ? SIM_MARKER_SCOPE : SIM_MARKER_PAUSE_STOP;
}

void must(enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s", err->message);
}

static uint32_t symbol(const struct sim_elf *elf, const char *name)
{
    struct cc_error err;
    uint32_t value = 0;
    must(sim_elf_symbol(elf, name, &value, &err), &err);
    return value;
}

static void set_vector(struct sim_machine *machine, const struct sim_elf *elf, unsigned number,
                       const char *name)
{
    struct cc_error err;
    uint32_t address = symbol(elf, name) | 1;
    must(sim_machine_write(machine, FLASH + 4 * number, &address, sizeof address, &err), &err);
}

struct sim_machine *load(const char *chip_name, const struct program *p, struct sim_elf *elf,
                         struct outcome *o)
{
    struct sim_chip chip;
    struct sim_machine *machine;
    double clock_hz;
    char path[512];
    struct sim_run_config config = {
        .marker_address = MARK,
        .on_marker = on_marker,
        .user = o,
        .max_instructions = p->max_instructions ? p->max_instructions : 2000000,
        .reference = p->reference,
    };
    memset(o, 0, sizeof *o);
    snprintf(path, sizeof path, "%s/%s.elf", EXCEPTIONS_ELF_DIR, p->elf);
    must(sim_chip_load(chip_name, &chip, &clock_hz, &o->err), &o->err);
    must(sim_elf_open(path, elf, &o->err), &o->err);
    must(sim_machine_new(&chip, clock_hz, &machine, &o->err), &o->err);
    must(sim_machine_configure(machine, &config, &o->err), &o->err);
    must(sim_elf_load(elf, machine, &o->err), &o->err);
    set_vector(machine, elf, 1, p->entry);
    for (const struct handler *h = p->handlers; h->name; h++)
        set_vector(machine, elf, h->number, h->name);
    must(sim_machine_write(machine, symbol(elf, "input"), p->input, sizeof p->input, &o->err),
         &o->err);
    must(sim_machine_reset(machine, FLASH, &o->err), &o->err);
    return machine;
}

/* Functions have all the cycles, those of entry and return among them. */
static void check_functions(struct sim_machine *machine, const struct sim_elf *elf,
                            struct sim_profile *profile)
{
    struct cc_error err;
    uint64_t cycles = 0, exceptions = 0;
    must(sim_machine_functions(machine, elf, profile, &err), &err);
    for (uint32_t i = 0; i < profile->function_count; i++) {
        cycles += profile->functions[i].cycles;
        exceptions += profile->functions[i].causes[SIM_CAUSE_EXCEPTION];
    }
    assert_int_equal(exceptions, profile->total.causes[SIM_CAUSE_EXCEPTION]);
    assert_int_equal(cycles, profile->total.cycles);
}

/* Runs to marker 2 or a failure; the caller frees o->profile. */
static void run(const char *chip, const struct program *p, struct outcome *o)
{
    struct sim_elf elf;
    struct cc_error err;
    struct sim_machine *machine = load(chip, p, &elf, o);
    o->status = sim_machine_run(machine, &o->err);
    must(sim_machine_read(machine, symbol(&elf, "output"), o->output, sizeof o->output, &err),
         &err);
    must(sim_machine_profile(machine, 1, &o->profile, &err), &err);
    if (p->reference && o->status == CC_OK)
        must(sim_machine_check_reference(machine, &o->profile, &err), &err);
    if (o->status == CC_OK)
        check_functions(machine, &elf, &o->profile);
    sim_machine_free(machine);
    sim_elf_close(&elf);
}

void succeed(const char *chip, const struct program *p, struct outcome *o)
{
    run(chip, p, o);
    if (o->status != CC_OK)
        fail_msg("%s: %s: %s", chip, p->entry, o->err.message);
    if (o->failed)
        fail_msg("%s: %s: the firmware reports a failure", chip, p->entry);
}

void expect_letters(const struct core *core, const struct program *p, const char *letters,
                    uint64_t exceptions, uint64_t cycles)
{
    struct outcome o;
    succeed(core->chip, p, &o);
    const char *got = (const char *)o.output;
    if (strncmp(got, letters, sizeof o.output) != 0)
        fail_msg("%s: %s: \"%.20s\", expected \"%s\"", core->chip, p->entry, got, letters);
    assert_int_equal(o.profile.total.exceptions, exceptions);
    assert_int_equal(o.profile.total.causes[SIM_CAUSE_EXCEPTION], cycles);
    sim_profile_free(&o.profile);
}

void fail_with(const char *chip, const struct program *p, const char *text, const char *text2)
{
    struct outcome o;
    run(chip, p, &o);
    assert_int_equal(o.status, CC_ERR_FIRMWARE);
    if (!strstr(o.err.message, text) || !strstr(o.err.message, text2))
        fail_msg("%s: \"%s\" lacks \"%s\" or \"%s\"", chip, o.err.message, text, text2);
    sim_profile_free(&o.profile);
}

int get_costs(void **state)
{
    UNUSED;
    for (size_t i = 0; i < CORES; i++) {
        const struct sim_timing *timing = sim_timing_for(cores[i].core);
        cores[i].entry = timing->exception_entry;
        cores[i].exit = timing->exception_return;
        cores[i].chain = timing->tail_chain;
        cores[i].fp_frame = timing->fp_frame_cycles;
        if (!cores[i].entry || !cores[i].exit || !cores[i].chain)
            return -1;
    }
    return 0;
}
