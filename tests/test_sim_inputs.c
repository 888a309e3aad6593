/* Hostile chip files and executables: each is refused with a message or works, none crashes, hangs
 * or ends in an internal error. */
#include "cc_file.h"
#include "sim_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS 1000

static char folder[] = "/tmp/coincell-inputs-XXXXXX";
static char file[128];
static uint32_t random_state = 1;

static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static int make_file(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

/* A chip file carries its chip's name. */
static void name_file(const char *chip_name)
{
    if (file[0])
        unlink(file);
    snprintf(file, sizeof file, "%s/%s.yaml", folder, chip_name);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder);
}

/* Not inlined: GCC 12 would see a dangling pointer where there is none. */
static __attribute__((noinline)) char *read_text(const char *relative, size_t *bytes)
{
    char path[512];
    uint8_t *data = NULL;
    struct cc_error err;
    if (!cc_data_path(relative, path, sizeof path) ||
        cc_file_read(path, 1u << 24, &data, bytes, &err) != CC_OK)
        fail_msg("%s is not there", relative);
    return (char *)data;
}

/* The file's text with what stands at [at, at + removed) replaced. */
static void write_changed(const char *text, size_t bytes, size_t at, size_t removed,
                          const char *inserted)
{
    struct cc_error err;
    size_t added = strlen(inserted);
    char *copy = malloc(bytes + added);
    assert_non_null(copy);
    memcpy(copy, text, at);
    memcpy(copy + at, inserted, added);
    memcpy(copy + at + added, text + at + removed, bytes - at - removed);
    assert_int_equal(cc_file_write(file, copy, bytes + added - removed, &err), CC_OK);
    free(copy);
}

static enum cc_status load_chip(const char *suffix, struct sim_chip *chip, struct cc_error *err)
{
    char spec[128];
    double clock_hz;
    struct sim_machine *machine;
    snprintf(spec, sizeof spec, "%s%s", file, suffix);
    enum cc_status status = sim_chip_load(spec, chip, &clock_hz, err);
    if (status == CC_OK)
        status = sim_machine_new(chip, clock_hz, &machine, err);
    if (status == CC_OK)
        sim_machine_free(machine);
    return status;
}

/* Loads a chip file in which the first `from` is replaced; it must be refused by a message about
 * `key`. */
static void refused(const char *chip_name, const char *from, const char *to, const char *key)
{
    char relative[128];
    size_t bytes;
    struct sim_chip chip;
    struct cc_error err = {0};
    snprintf(relative, sizeof relative, "sim/chips/%s.yaml", chip_name);
    name_file(chip_name);
    char *text = read_text(relative, &bytes);
    const char *at = strstr(text, from);
    assert_non_null(at);
    write_changed(text, bytes, (size_t)(at - text), strlen(from), to);
    free(text);
    assert_int_equal(load_chip("", &chip, &err), CC_ERR_INPUT);
    if (!strstr(err.message, key))
        fail_msg("\"%s\" lacks \"%s\"", err.message, key);
}

#define REGION(name, kind, base, kb)                                                               \
    "  - {name: " name ", kind: " kind ", base: " base ", size_kb: " kb                            \
    ", source: test, verified: no}\n"

static void refuses_contradictions(void **state)
{
    (void)state;
    refused("stm32l4r5", "prefetch: yes", "prefetch: nope",
            "prefetch: 'nope' is not a word for it");
    refused("stm32l4r5",
            "default_mhz:", "# default_mhz:", ": clock.default_mhz: is missing; add it");
    refused("stm32l4r5", "default_mhz:", "defalt_mhz:",
            ": clock.defalt_mhz: unknown key; did you mean default_mhz?");
    refused("stm32l4r5", "default_mhz:", "zzz: 1\n  default_mhz:",
            "clock.zzz: unknown key; remove it, or write one of max_mhz, default_mhz");
    refused("stm32l4r5",
            "default_mhz:", "max_mhz: 120\n  default_mhz:", "clock.max_mhz: is given twice");
    refused("stm32l4r5", "base:", "bass:", "regions[0].bass: unknown key; did you mean base?");
    refused("stm32l4r5", "verified: yes", "verified: perhaps", "verified");
    refused("stm32l4r5", "name: stm32l4r5", "name: stm32l4r9", "stm32l4r9");
    refused("stm32l4r5", "dsp: yes", "dsp: no", "core.dsp");
    refused("stm32g0b1", "dsp: no", "dsp: yes", "core.dsp");
    refused("stm32l4r5", "dsp: yes", "dsp: yes\n  store_buffer_rmw: yes", "core.store_buffer_rmw");
    refused("stm32h7a3", "store_buffer_rmw: yes", "store_buffer_rmw: 5", "store_buffer_rmw");
    refused("nrf52840", "allowed_mhz: [64]", "allowed_mhz: [32]", "allowed_mhz");
    refused("nrf52840", "allowed_mhz: [64]", "allowed_mhz: [64, 128]", "allowed_mhz");
    struct sim_chip chip;
    struct cc_error err;
    double clock_hz;
    assert_int_equal(sim_chip_load("nrf52840@32", &chip, &clock_hz, &err), CC_ERR_USAGE);
    assert_non_null(strstr(err.message, "64 MHz"));
    assert_int_equal(sim_chip_load("apollo3@96", &chip, &clock_hz, &err), CC_OK);
}

static void refuses_impossible_memory(void **state)
{
    (void)state;
    refused("stm32l4r5", "    size_kb: 2048", "    size_kb: 4294967295", "regions.flash");
    refused("stm32l4r5", "base: 0x08000000\n    size_kb: 2048", "base: 0\n    size_kb: 4194304",
            "regions.flash");
    refused("stm32l4r5", "regions:\n", "regions:\n" REGION("ppb", "peripheral", "0xe0000000", "64"),
            "regions.ppb");
    refused("stm32l4r5", "regions:\n", "regions:\n" REGION("scs", "system", "0x40000000", "64"),
            "regions.scs");
    refused("stm32l4r5", "    base: 0x20000000\n", "    base: 0x20000400\n", "regions.sram1");
    refused("stm32l4r5", "    base: 0x20030000\n", "    base: 0x20020000\n", "regions.sram2");
}

static void refuses_windows_of_the_wrong_kind(void **state)
{
    (void)state;
    refused("stm32l4r5", "ram_base: 0x20000000", "ram_base: 0x08000000", "runner");
    refused("stm32l4r5", "flash_base: 0x08000000\n  flash_kb: 2048",
            "flash_base: 0x20000000\n  flash_kb: 64", "runner");
    refused("stm32l4r5", "ram_kb: 640", "ram_kb: 644", "runner");
}

/* As many regions as the format allows still leave room for the private peripheral bus. */
static void many_regions_keep_the_system_bus(void **state)
{
    (void)state;
    size_t bytes;
    name_file("stm32l4r5");
    char *text = read_text("sim/chips/stm32l4r5.yaml", &bytes), more[2048] = "regions:\n";
    const char *at = strstr(text, "regions:\n");
    struct sim_chip chip;
    struct cc_error err = {0};
    double clock_hz;
    assert_int_equal(sim_chip_load("stm32l4r5", &chip, &clock_hz, &err), CC_OK);
    int room = SIM_MAX_REGIONS - 1 - (int)chip.region_count;
    for (int i = 0; i <= room; i++) {
        size_t used = strlen(more);
        snprintf(more + used, sizeof more - used, REGION("p%d", "peripheral", "0x600%d0000", "64"),
                 i, i);
        write_changed(text, bytes, (size_t)(at - text), 9, more);
        enum cc_status status = load_chip("", &chip, &err);
        assert_int_equal(status, i < room ? CC_OK : CC_ERR_INPUT);
    }
    free(text);
}

static void refuses_impossible_clocks(void **state)
{
    (void)state;
    static const char *const clocks[] = {"@0", "@-1", "@nan", "@inf", "@1e-300", "@0.0000001", "@"};
    struct sim_chip chip;
    struct cc_error err;
    size_t bytes;
    name_file("stm32l4r5");
    char *text = read_text("sim/chips/stm32l4r5.yaml", &bytes);
    assert_int_equal(cc_file_write(file, text, bytes, &err), CC_OK);
    free(text);
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        assert_int_equal(load_chip(clocks[i], &chip, &err), CC_ERR_USAGE);
    assert_int_equal(load_chip("@0.032768", &chip, &err), CC_OK);
    refused("stm32l4r5", "default_mhz: 120", "default_mhz: 1e-300", "default_mhz");
    refused("stm32l4r5", "default_mhz: 120", "default_mhz: .nan", "default_mhz");
}

/* One change of a text file: a number, a character or a line. */
static void write_mutant(const char *text, size_t bytes)
{
    static const char *const values[] = {"0",   "-1",         "1",    "4294967295", "4294967296",
                                         "nan", "0xffffffff", "1e99", "65536",      "3",
                                         "yes", "[1, 2]",     "&a",   "*a",         "{a: *a}"};
    size_t at = next_random() % bytes, end = at;
    char value[32];
    switch (next_random() % 4) {
    case 0: {
        char one[2] = {(char)(1 + next_random() % 255), '\0'};
        write_changed(text, bytes, at, 1, one);
        break;
    }
    case 1: /* a line less */
        while (end < bytes && text[end] != '\n')
            end++;
        write_changed(text, bytes, at, end - at, "");
        break;
    default: /* another value */
        while (at < bytes && text[at] != ':')
            at++;
        for (end = at; end < bytes && text[end] != '\n' && text[end] != ','; end++)
            ;
        snprintf(value, sizeof value, ": %s",
                 values[next_random() % (sizeof values / sizeof values[0])]);
        write_changed(text, bytes, at, end - at, at < bytes ? value : "");
    }
}

static void damaged_chips(void **state)
{
    (void)state;
    char **names;
    size_t count;
    struct cc_error err;
    assert_int_equal(cc_data_names("sim/chips", &names, &count, &err), CC_OK);
    assert_true(count >= 8);
    for (size_t c = 0; c < count; c++) {
        char relative[128];
        size_t bytes;
        int good = 0, bad = 0;
        snprintf(relative, sizeof relative, "sim/chips/%s.yaml", names[c]);
        name_file(names[c]);
        char *text = read_text(relative, &bytes);
        for (int i = 0; i < ROUNDS; i++) {
            struct sim_chip chip;
            write_mutant(text, bytes);
            enum cc_status status = load_chip("", &chip, &err);
            if (status != CC_OK && (status != CC_ERR_INPUT || !err.message[0]))
                fail_msg("%s, mutant %d: status %d: %s", names[c], i, status, err.message);
            good += status == CC_OK;
            bad += status == CC_ERR_INPUT;
        }
        print_message("%s: %d accepted, %d refused\n", names[c], good, bad);
        assert_true(good > 0 && bad > 0);
        free(text);
    }
    cc_names_free(names, count);
}

static uint32_t word_at(const uint8_t *data, size_t offset)
{
    uint32_t word;
    memcpy(&word, data + offset, sizeof word);
    return word;
}

/* Changes of the headers, the section and symbol tables, the code that runs first, or anywhere. */
static void mutate_elf(uint8_t *data, size_t bytes)
{
    static const uint8_t values[] = {0, 1, 2, 4, 127, 128, 255};
    uint32_t section_headers = word_at(data, 32), segment = word_at(data, 28);
    uint32_t entry = word_at(data, segment + 4) + word_at(data, 24) - word_at(data, segment + 12);
    assert_true(section_headers < bytes && entry + 128 < bytes);
    for (unsigned i = 0; i < 1 + next_random() % 3; i++) {
        size_t at = next_random() % bytes;
        switch (next_random() % 4) {
        case 0:
            at = next_random() % 0x100;
            break;
        case 1:
            at = section_headers + next_random() % (bytes - section_headers);
            break;
        case 2:
            at = entry + next_random() % 128;
            break;
        default:
            break;
        }
        data[at] = next_random() % 2 ? (uint8_t)next_random() : values[next_random() % 7];
    }
}

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    (void)user;
    *scope_id = 0;
    return value >> 24 ? SIM_MARKER_PAUSE_STOP : SIM_MARKER_CONTINUE;
}

static enum cc_status run_elf(const struct sim_chip *chip, double clock_hz, struct cc_error *err)
{
    struct sim_elf elf;
    struct sim_symbol *functions;
    uint32_t count;
    struct sim_machine *machine = NULL;
    struct sim_run_config config = {.on_marker = on_marker, .max_instructions = 20000};
    uint32_t stack_top = 0x20008000u, vector_table = 0;
    enum cc_status status = sim_elf_open(file, &elf, err);
    if (status != CC_OK)
        return status;
    status = sim_elf_functions(&elf, &functions, &count, err);
    free(functions);
    if (status == CC_OK)
        status = sim_elf_symbol(&elf, "models_marker", &config.marker_address, err);
    if (status == CC_OK)
        status = sim_elf_symbol(&elf, "models_stack_top_word", &vector_table, err);
    if (status == CC_OK)
        status = sim_machine_new(chip, clock_hz, &machine, err);
    if (status == CC_OK)
        status = sim_elf_load(&elf, machine, err);
    if (status == CC_OK)
        status = sim_machine_write(machine, vector_table, &stack_top, sizeof stack_top, err);
    if (status == CC_OK)
        status = sim_machine_configure(machine, &config, err);
    if (status == CC_OK)
        status = sim_machine_reset(machine, vector_table, err);
    if (status == CC_OK)
        status = sim_machine_run(machine, err);
    sim_machine_free(machine);
    sim_elf_close(&elf);
    return status;
}

static void damaged_executables(void **state)
{
    (void)state;
    static const char *const runners[][2] = {
        {"stm32l4r5", "models/firmware/runner-cortex-m4-08000000-20000000-dsp.elf"},
        {"stm32g0b1", "models/firmware/runner-cortex-m0plus-08000000-20000000-scalar.elf"}};
    for (size_t r = 0; r < sizeof runners / sizeof runners[0]; r++) {
        struct sim_chip chip;
        struct cc_error err;
        double clock_hz;
        size_t bytes;
        int counts[3] = {0};
        uint8_t *original = (uint8_t *)read_text(runners[r][1], &bytes);
        uint8_t *copy = malloc(bytes);
        assert_non_null(copy);
        assert_int_equal(sim_chip_load(runners[r][0], &chip, &clock_hz, &err), CC_OK);
        for (int i = 0; i < ROUNDS; i++) {
            size_t cut = next_random() % 8 ? bytes : next_random() % bytes;
            memcpy(copy, original, bytes);
            mutate_elf(copy, bytes);
            assert_int_equal(cc_file_write(file, copy, cut, &err), CC_OK);
            enum cc_status status = run_elf(&chip, clock_hz, &err);
            if (status != CC_OK && status != CC_ERR_INPUT && status != CC_ERR_FIRMWARE)
                fail_msg("%s, mutant %d: status %d: %s", runners[r][0], i, status, err.message);
            counts[status == CC_OK ? 0 : status == CC_ERR_INPUT ? 1 : 2]++;
        }
        print_message("%s: %d stopped by themselves, %d refused, %d failed\n", runners[r][0],
                      counts[0], counts[1], counts[2]);
        assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
        free(original);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_contradictions),
        cmocka_unit_test(refuses_impossible_memory),
        cmocka_unit_test(refuses_windows_of_the_wrong_kind),
        cmocka_unit_test(many_regions_keep_the_system_bus),
        cmocka_unit_test(refuses_impossible_clocks),
        cmocka_unit_test(damaged_chips),
        cmocka_unit_test(damaged_executables),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
