/* Micro-tests: short sequences in assembly, run on emulated chips as any firmware is, with the
 * cycles they are expected to take beside them. The files in tests/micro are read here for the
 * names and expectations; tests/micro.cmake assembles them. */
#include "cc_file.h"
#include "sim_call.h"

#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COPIES    8  /* as in micro.inc */
#define TURNS     64 /* of a loop, then twice as many */
#define MAX_FILES 64
#define MAX_BYTES (1u << 20)

enum how { ALONE, REPEAT, LOOP, WHOLE, HOW_COUNT };

struct sequence {
    enum how how;
    char name[64];
    double expected, tolerance;
    char source[200];
};

struct file {
    const char *path;
    char core[64], elf[512];
    struct sim_chip chip;
    double clock_hz;
};

static int sequences_run, sequences_wrong;

static void must(enum cc_status status, const struct cc_error *error)
{
    if (status != CC_OK)
        fail_msg("%s", error->message);
}

/* Cycles of a function's second call; NaN, with a message, when it fails. */
static double cycles_of(const struct file *f, const char *name, uint32_t argument)
{
    struct sim_machine *machine;
    struct sim_elf elf;
    struct sim_counts counts;
    struct cc_error error;
    struct sim_run_config config = {.max_instructions = 10000000};
    struct sim_call call = {.calls = 2, .args = {argument}, .stack_top = 0x20004000};
    must(sim_elf_open(f->elf, &elf, &error), &error);
    must(sim_machine_new(&f->chip, f->clock_hz, &machine, &error), &error);
    must(sim_machine_configure(machine, &config, &error), &error);
    must(sim_elf_load(&elf, machine, &error), &error);
    must(sim_elf_symbol(&elf, name, &call.entry, &error), &error);
    enum cc_status status = sim_call_function(machine, &call, &counts, &error);
    if (status != CC_OK)
        print_error("%s: %s: %s\n", f->path, name, error.message);
    sim_machine_free(machine);
    sim_elf_close(&elf);
    return status == CC_OK ? (double)counts.cycles : (double)NAN;
}

static uint32_t symbol(const struct file *f, const char *name, const char *suffix)
{
    struct sim_elf elf;
    struct cc_error error;
    char full[128];
    uint32_t value;
    snprintf(full, sizeof full, "%s%s", name, suffix);
    must(sim_elf_open(f->elf, &elf, &error), &error);
    must(sim_elf_symbol(&elf, full, &value, &error), &error);
    sim_elf_close(&elf);
    return value & ~1u;
}

/* Moves between two copies: what a copy is longer than its code. */
static double moves_per_copy(const struct file *f, const char *name)
{
    uint32_t once = symbol(f, name, "_end") - symbol(f, name, "");
    uint32_t twice = symbol(f, name, "_twice_end") - symbol(f, name, "_twice");
    uint32_t code = symbol(f, name, "_code_end") - symbol(f, name, "_code");
    return ((double)(twice - once) / COPIES - code) / 2;
}

static double difference(const struct file *f, const char *name, const char *suffix, uint32_t less,
                         uint32_t more)
{
    char other[128];
    snprintf(other, sizeof other, "%s%s", name, suffix);
    return cycles_of(f, other, more) - cycles_of(f, name, less);
}

static double measure(const struct file *f, const struct sequence *s)
{
    switch (s->how) {
    case ALONE:
        return difference(f, s->name, "_twice", 0, 0) / COPIES - moves_per_copy(f, s->name);
    case REPEAT:
        return difference(f, s->name, "_twice", 0, 0) / COPIES;
    case LOOP:
        return difference(f, s->name, "", TURNS, 2 * TURNS) / TURNS;
    default:
        return -difference(f, s->name, "_empty", 1, 1);
    }
}

static void run_sequence(const struct file *f, const struct sequence *s)
{
    double got = measure(f, s);
    int wrong = !(fabs(got - s->expected) <= s->tolerance + 1e-9);
    char tolerance[32] = "";
    if (s->tolerance > 0)
        snprintf(tolerance, sizeof tolerance, "+-%g", s->tolerance);
    print_message("%-13s %-14s %-40s %8g%-5s %8g  %s%s\n", f->core, f->chip.name, s->name,
                  s->expected, tolerance, got, wrong ? "WRONG " : "", s->source);
    sequences_run++;
    sequences_wrong += wrong;
}

/* "alone NAME, ..." or another macro of micro.inc in front of "@ expect ..."; 0 for other lines. */
static int parse_sequence(const char *path, const char *line, struct sequence *s)
{
    static const char *const macros[] = {"alone", "alone_at2", "repeat", "loop", "whole"};
    static const enum how hows[] = {ALONE, ALONE, REPEAT, LOOP, WHOLE};
    char macro[32];
    size_t which = 0;
    const char *expect = strstr(line, "@ expect ");
    memset(s, 0, sizeof *s);
    if (sscanf(line, "%31[a-z_0-9] %63[A-Za-z0-9_],", macro, s->name) != 2)
        return 0;
    while (which < sizeof macros / sizeof macros[0] && strcmp(macro, macros[which]) != 0)
        which++;
    if (which == sizeof macros / sizeof macros[0])
        return 0;
    s->how = hows[which];
    if (!expect || sscanf(expect, "@ expect %lf%*[ ]", &s->expected) != 1)
        fail_msg("%s: %s has no expectation", path, s->name);
    if (strstr(expect, "+-") && sscanf(strstr(expect, "+-"), "+-%lf", &s->tolerance) != 1)
        fail_msg("%s: %s: tolerance", path, s->name);
    if (!strchr(expect, '(') || (s->tolerance > 0 && !strstr(expect, "unverified")))
        fail_msg("%s: %s says no source, or not why it has a tolerance", path, s->name);
    snprintf(s->source, sizeof s->source, "%.*s", (int)strcspn(strchr(expect, '('), "\n"),
             strchr(expect, '('));
    return 1;
}

static void choose_chip(struct file *f, const char *spec)
{
    char path[512];
    struct cc_error error;
    snprintf(path, sizeof path, "%s%s", strstr(spec, ".yaml") ? CC_SOURCE_DIR "/tests/micro/" : "",
             spec);
    must(sim_chip_load(path, &f->chip, &f->clock_hz, &error), &error);
    assert_string_equal(sim_core_name(f->chip.core), f->core);
}

/* tests/micro/CORE/NAME.s becomes CORE-NAME.elf */
static void name_file(struct file *f, const char *path)
{
    const char *name = strrchr(path, '/') + 1, *core = name - 2;
    while (core[-1] != '/')
        core--;
    f->path = path;
    snprintf(f->core, sizeof f->core, "%.*s", (int)(name - core) - 1, core);
    snprintf(f->elf, sizeof f->elf, "%s/%s-%.*s.elf", MICRO_ELF_DIR, f->core, (int)strlen(name) - 2,
             name);
}

static void run_file(const char *path)
{
    struct file f = {0};
    struct sequence s;
    struct cc_error error;
    uint8_t *text;
    size_t bytes;
    char spec[64], *save = NULL;
    name_file(&f, path);
    must(cc_file_read(path, MAX_BYTES, &text, &bytes, &error), &error);
    for (char *line = strtok_r((char *)text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (sscanf(line, "@ chip %63s", spec) == 1)
            choose_chip(&f, spec);
        else if (parse_sequence(path, line, &s))
            run_sequence(&f, &s);
    }
    free(text);
}

static void test_sequences(void **state)
{
    glob_t files;
    (void)state;
    assert_int_equal(glob(CC_SOURCE_DIR "/tests/micro/*/*.s", 0, NULL, &files), 0);
    print_message("%-13s %-14s %-40s %8s %13s\n", "core", "chip", "sequence", "expected", "got");
    for (size_t i = 0; i < files.gl_pathc; i++)
        run_file(files.gl_pathv[i]);
    globfree(&files);
    print_message("%d sequences, %d wrong\n", sequences_run, sequences_wrong);
    assert_true(sequences_run > 900);
    assert_int_equal(sequences_wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sequences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
