/* What is counted does not depend on how the emulator cuts code into blocks. The same firmware runs
 * whole, again, and in thousands of pieces that end at pseudo-random instructions, on chips of
 * every family and with every kind of memory path; each run also against the walk instruction by
 * instruction. So does a network with the DSP kernels, without the walk (test_golden_exact.c).
 *
 * CUTS_RUNS limits the runs in pieces, for slow builds. */
#include "exact_chips.h"
#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MARK        0xe0000060u
#define CPACR       0xe000ed88u
#define HOT         20 /* executions of an instruction at which code is cut */
#define HOT_MODEL   20000
#define RUNS        3    /* in pieces */
#define MIN_STOPS   1500 /* of each */
#define MODEL_STOPS 10000

static void must(const char *name, enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s: %s", name, err->message);
}

/* The first figure in which two runs differ, by name. */
static const char *difference(const struct sim_counts *a, const struct sim_counts *b)
{
    static char text[128];
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (a->causes[c] != b->causes[c]) {
            snprintf(text, sizeof text, "%s: %lld whole, %lld in pieces",
                     sim_cause_name((enum sim_cause)c), (long long)a->causes[c],
                     (long long)b->causes[c]);
            return text;
        }
    }
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const struct sim_accesses *x = &a->regions[r], *y = &b->regions[r];
        if (memcmp(x, y, sizeof *x) != 0) {
            snprintf(text, sizeof text,
                     "%s: reads %llu/%llu, writes %llu/%llu, fetched %llu/%llu, lines %llu/%llu",
                     sim_region_name((enum sim_region_kind)r), (unsigned long long)x->reads,
                     (unsigned long long)y->reads, (unsigned long long)x->writes,
                     (unsigned long long)y->writes, (unsigned long long)x->fetch_bytes,
                     (unsigned long long)y->fetch_bytes, (unsigned long long)x->line_reads,
                     (unsigned long long)y->line_reads);
            return text;
        }
    }
    if (memcmp(a, b, sizeof *a) == 0)
        return NULL;
    snprintf(text, sizeof text,
             "%llu instructions, %llu branches, %llu paired whole; %llu, %llu, %llu",
             (unsigned long long)a->instructions, (unsigned long long)a->branches_taken,
             (unsigned long long)a->paired, (unsigned long long)b->instructions,
             (unsigned long long)b->branches_taken, (unsigned long long)b->paired);
    return text;
}

/* Where code is cut: hot instructions by rising address. Those of a network are few, in the loops
 * that most of its layers run. */
struct places {
    uint32_t *address;
    size_t count, latest;
    uint64_t least; /* executions */
    uint32_t random;
};

static uint32_t next_random(struct places *p)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 17;
    return p->random ^= p->random << 5;
}

static void add_places(struct sim_machine *machine, uint32_t address, uint32_t bytes,
                       struct places *p)
{
    struct sim_listing listing;
    struct cc_error err;
    must("listing", sim_machine_annotate(machine, address, bytes, &listing, &err), &err);
    p->address = realloc(p->address, (p->count + listing.count + 1) * sizeof *p->address);
    assert_non_null(p->address);
    for (uint32_t i = 0; i < listing.count; i++) {
        if (listing.lines[i].executions >= p->least)
            p->address[p->count++] = listing.lines[i].address;
    }
    sim_listing_free(&listing);
}

static void find_places(struct sim_machine *machine, const struct sim_elf *elf, struct places *p)
{
    struct sim_symbol *functions;
    struct cc_error err;
    uint32_t count;
    must("functions", sim_elf_functions(elf, &functions, &count, &err), &err);
    for (uint32_t i = 0; i < count; i++)
        add_places(machine, functions[i].address, functions[i].bytes, p);
    free(functions);
    assert_true(p->count > 0);
}

/* Mostly close behind the latest one, so that it is reached soon; often a little before it, so that
 * loops are cut. */
static uint32_t next_place(struct places *p)
{
    uint32_t r = next_random(p), far = r >> 8;
    if (!(r & 0xff))
        p->latest = far % p->count;
    else if (!(r & 15))
        p->latest = (p->latest + p->count - 1 - far % 6) % p->count;
    else
        p->latest = (p->latest + 1 + far % 8) % p->count;
    return p->address[p->latest];
}

/* Runs up to one place after another until *finished; returns the number of stops. */
static uint32_t run_in_pieces(const char *name, struct sim_machine *machine, struct places *p,
                              const int *finished, uint32_t most)
{
    uint32_t stops = 0;
    while (!*finished && stops < most) {
        struct cc_error err;
        enum cc_status status = sim_machine_run_to(machine, next_place(p), &err);
        if (!*finished)
            must(name, status, &err);
        stops++;
    }
    return stops;
}

/* One run of the firmware of tests/cuts. */
struct outcome {
    struct sim_profile profile;
    uint32_t result;
    int finished;
};

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    struct outcome *o = user;
    *scope_id = 0;
    o->finished = value == 2;
    return value == 1 ? SIM_MARKER_SCOPE : SIM_MARKER_PAUSE_STOP;
}

static struct sim_machine *load(const struct exact_chip *variant, struct sim_elf *elf,
                                struct outcome *o)
{
    struct sim_run_config config = {.marker_address = MARK,
                                    .on_marker = on_marker,
                                    .user = o,
                                    .max_instructions = 20000000,
                                    .reference = 1};
    struct sim_machine *machine;
    struct sim_chip chip;
    struct cc_error err;
    double clock_hz;
    char path[512];
    uint32_t full_access = 0x00f00000;
    const char *name = variant->name;
    memset(o, 0, sizeof *o);
    snprintf(path, sizeof path, "%s/%s.elf", CUTS_ELF_DIR, variant->firmware);
    must(name, exact_chip_load(variant, &chip, &clock_hz, &err), &err);
    must(name, sim_elf_open(path, elf, &err), &err);
    must(name, sim_machine_new(&chip, clock_hz, &machine, &err), &err);
    must(name, sim_machine_configure(machine, &config, &err), &err);
    must(name, sim_elf_load(elf, machine, &err), &err);
    must(name, sim_machine_reset(machine, elf->vector_table, &err), &err);
    must(name, sim_machine_write(machine, CPACR, &full_access, sizeof full_access, &err), &err);
    return machine;
}

/* Whole when there are no places to cut at; those of a whole run are added to *found. */
static uint32_t run(const struct exact_chip *variant, struct places *cut, struct places *found,
                    struct outcome *o)
{
    struct sim_elf elf;
    struct cc_error err;
    uint32_t stops = 0, result;
    const char *name = variant->name;
    struct sim_machine *machine = load(variant, &elf, o);
    if (cut)
        stops = run_in_pieces(name, machine, cut, &o->finished, UINT32_MAX);
    else
        must(name, sim_machine_run(machine, &err), &err);
    must(name, sim_machine_profile(machine, 1, &o->profile, &err), &err);
    must(name, sim_elf_symbol(&elf, "result", &result, &err), &err);
    must(name, sim_machine_read(machine, result, &o->result, sizeof o->result, &err), &err);
    if (sim_machine_check_reference(machine, &o->profile, &err) != CC_OK)
        fail_msg("%s%s: %s", name, cut ? " in pieces" : "", err.message);
    if (found)
        find_places(machine, &elf, found);
    sim_machine_free(machine);
    sim_elf_close(&elf);
    return stops;
}

static void expect_equal(const char *name, const struct outcome *a, const struct outcome *b)
{
    const char *text = difference(&a->profile.total, &b->profile.total);
    if (text)
        fail_msg("%s: %s", name, text);
    assert_int_equal(a->result, b->result);
}

static void firmware(void **state)
{
    const struct exact_chip *variant = *state;
    struct places places = {.least = HOT, .random = 1};
    struct outcome whole, again;
    run(variant, NULL, &places, &whole);
    run(variant, NULL, NULL, &again);
    expect_equal(variant->name, &whole, &again);
    sim_profile_free(&again.profile);
    uint32_t stops = 0;
    const char *limit = getenv("CUTS_RUNS");
    uint32_t runs = limit ? (uint32_t)atoi(limit) : RUNS;
    for (uint32_t seed = 1; seed <= runs; seed++) {
        places.random = seed * 2654435761u;
        stops += run(variant, &places, NULL, &again);
        expect_equal(variant->name, &whole, &again);
        sim_profile_free(&again.profile);
    }
    if (stops < runs * MIN_STOPS)
        fail_msg("%s: only %u stops", variant->name, stops);
    sim_profile_free(&whole.profile);
    free(places.address);
}

/* One run of a built-in network. */
struct inference {
    struct sim_profile profile;
    uint8_t output[64];
    int32_t last;
    int finished;
};

static enum cc_status note_last(void *user, uint32_t invocation, int32_t op, const uint8_t *output,
                                uint32_t bytes, struct cc_error *err)
{
    struct inference *i = user;
    (void)invocation;
    (void)err;
    if (op != i->last)
        return CC_OK;
    i->finished = 1;
    memcpy(i->output, output, bytes < sizeof i->output ? bytes : sizeof i->output);
    return CC_OK;
}

static void infer(const struct exact_chip *variant, struct places *cut, struct places *found,
                  struct inference *i)
{
    struct cc_error err = {0};
    const char *name = variant->name;
    struct cli_run_options options = {
        .target = "kws", .mcu = variant->spec, .operator_done = note_last, .operator_user = i};
    struct cli_session s = {.options = &options, .err = &err};
    memset(i, 0, sizeof *i);
    must(name, cli_session_open(&s), &err);
    i->last = s.net.n_ops - 1;
    if (variant->change)
        variant->change(&s.chip);
    must(name, cli_session_boot(&s), &err);
    must(name, cli_session_write_inputs(&s), &err);
    if (cut && run_in_pieces(name, s.machine, cut, &i->finished, MODEL_STOPS) < MODEL_STOPS)
        fail_msg("%s: it ended before %d stops", name, MODEL_STOPS);
    must(name, sim_machine_run(s.machine, &err), &err);
    assert_true(i->finished);
    must(name, sim_machine_profile(s.machine, 1, &i->profile, &err), &err);
    if (found)
        find_places(s.machine, &s.elf, found);
    cli_session_close(&s);
}

static void network(void **state)
{
    const struct exact_chip *variant = *state;
    struct places places = {.least = HOT_MODEL, .random = 1};
    struct inference whole, again;
    infer(variant, NULL, &places, &whole);
    infer(variant, &places, NULL, &again);
    const char *text = difference(&whole.profile.total, &again.profile.total);
    if (text)
        fail_msg("%s: %s", variant->name, text);
    assert_memory_equal(whole.output, again.output, sizeof whole.output);
    sim_profile_free(&whole.profile);
    sim_profile_free(&again.profile);
    free(places.address);
}

/* Chips for the network, one of each family with the DSP kernels and what is most intricate. */
static const char *const with_network[] = {
    "M4, caches and prefetch", "M4, isolated accesses", "M4, unified cache",
    "M7, cached RAM with ECC", "M33, unified cache",    "M33, small unified cache, prefetch",
    "M33, executed in place",
};
#define NETWORKS (sizeof with_network / sizeof with_network[0])

static size_t variant_named(const char *name)
{
    size_t i = 0;
    while (i < exact_chip_count && strcmp(exact_chips[i].name, name) != 0)
        i++;
    return i;
}

int main(void)
{
    size_t count = exact_chip_count;
    struct CMUnitTest *tests = calloc(count + NETWORKS, sizeof *tests);
    if (!tests)
        return 1;
    for (size_t i = 0; i < exact_chip_count; i++)
        tests[i] = (struct CMUnitTest){exact_chips[i].name, firmware, NULL, NULL,
                                       (void *)(uintptr_t)&exact_chips[i]};
    for (size_t i = 0; i < NETWORKS; i++) {
        size_t variant = variant_named(with_network[i]);
        if (variant == exact_chip_count)
            return 1;
        tests[count++] = (struct CMUnitTest){with_network[i], network, NULL, NULL,
                                             (void *)(uintptr_t)&exact_chips[variant]};
    }
    int failed = _cmocka_run_group_tests("cut code", tests, count, NULL, NULL);
    free(tests);
    return failed;
}
