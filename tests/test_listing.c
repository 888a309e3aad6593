/* Annotated disassembly and function symbols: what the lines cost is what the run cost, code and
 * data are told apart, and odd symbol tables give functions that do not overlap. */
#include "cc_file.h"
#include "sim_machine.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FLASH 0x08000000u
#define CODE  (FLASH + 0x40)
#define MARK  0xe0000060u

/* clang-format off */
/* As assembled by arm-none-eabi-as for Cortex-M4:
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  movs r3,#10
 *  ldr r4,=0x20000104
 * 1: tst r3,#1
 *  ittee eq
 *  ldreq r5,[r4]
 *  addeq r5,#1
 *  strne r5,[r4]
 *  movne r6,#7
 *  ldr r7,[r4,#1]
 *  and r2,r3,#3
 *  tbb [pc,r2]
 * base: .byte (a-base)/2, (b-base)/2, (a-base)/2, (b-base)/2
 * a: adds r6,#1
 *  b 2f
 * b: adds r6,#2
 * 2: subs r3,#1
 *  bne 1b
 *  movs r1,#2
 *  bl mark
 *  b .
 * mark: str r1,[r0]
 *  bx lr
 *  ldr r2,=0xdeadbeef
 *  it eq
 *  moveq r2,#1 */
static const uint16_t program[] = {
    0x4811, 0x2101, 0xf000, 0xf81a, 0x230a, 0x4c10, 0xf013, 0x0f01, 0xbf07, 0x6825, 0x3501,
    0x6025, 0x2607, 0xf8d4, 0x7001, 0xf003, 0x0203, 0xe8df, 0xf002, 0x0402, 0x0402, 0x3601,
    0xe000, 0x3602, 0x3b01, 0xd1eb, 0x2102, 0xf000, 0xf801, 0xe7fe, 0x6001, 0x4770, 0x4a03,
    0xbf08, 0x2201, 0x0000, 0x0060, 0xe000, 0x0104, 0x2000, 0xbeef, 0xdead};

/* Sets the flash of the STM32L4R5 twice while it is measured:
 *  ldr r0,=0xE0000060
 *  movs r1,#1
 *  bl mark
 *  ldr r4,=0x40022000
 *  ldr r5,=0x605
 *  bl work
 *  ldr r5,=0x003
 *  bl work
 *  movs r1,#2
 *  bl mark
 *  b .
 * work: str r5,[r4]
 *  movs r3,#20
 * 1: .rept 20
 *  adds r6,#1
 *  .endr
 *  subs r3,#1
 *  bne 1b
 *  bx lr
 * mark: str r1,[r0]
 *  bx lr */
static const uint16_t reconfiguring[] = {
    0x4815, 0x2101, 0xf000, 0xf826, 0x4c14, 0xf240, 0x6505, 0xf000, 0xf808, 0xf04f, 0x0503,
    0xf000, 0xf804, 0x2102, 0xf000, 0xf81a, 0xe7fe, 0x6025, 0x2314, 0x3601, 0x3601, 0x3601,
    0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601,
    0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3601, 0x3b01, 0xd1e9, 0x4770, 0x6001, 0x4770,
    0x0060, 0xe000, 0x2000, 0x4002};
/* clang-format on */

static enum sim_marker_action on_marker(void *user, uint32_t value, int32_t *scope_id)
{
    (void)user;
    *scope_id = 5;
    return value == 1 ? SIM_MARKER_SCOPE : SIM_MARKER_PAUSE_STOP;
}

static void must(enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s", err->message);
}

static int walked; /* instruction by instruction too */

/* The machine after the code has run, with its profile. */
static struct sim_machine *run_code(const char *chip_name, const uint16_t *code, size_t bytes,
                                    struct sim_profile *profile)
{
    struct sim_chip chip;
    struct cc_error err = {CC_OK, ""};
    struct sim_machine *m;
    double clock_hz;
    uint32_t vectors[2] = {0x20002000u, CODE | 1};
    struct sim_run_config config = {
        .marker_address = MARK, .on_marker = on_marker, .reference = walked};
    must(sim_chip_load(chip_name, &chip, &clock_hz, &err), &err);
    must(sim_machine_new(&chip, clock_hz, &m, &err), &err);
    must(sim_machine_write(m, FLASH, vectors, sizeof vectors, &err), &err);
    must(sim_machine_write(m, CODE, code, bytes, &err), &err);
    must(sim_machine_configure(m, &config, &err), &err);
    must(sim_machine_reset(m, FLASH, &err), &err);
    must(sim_machine_run(m, &err), &err);
    must(sim_machine_profile(m, 1, profile, &err), &err);
    return m;
}

static struct sim_machine *run(const char *chip_name, struct sim_profile *profile)
{
    return run_code(chip_name, program, sizeof program, profile);
}

static const struct sim_line *line_at(const struct sim_listing *l, uint32_t offset)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (l->lines[i].address == CODE + offset)
            return &l->lines[i];
    }
    fail_msg("no line at 0x%x", offset);
    return NULL;
}

static void assert_lines_add_up(struct sim_machine *m, const char *what, uint32_t bytes,
                                const struct sim_counts *total)
{
    struct sim_listing l;
    struct cc_error err = {CC_OK, ""};
    uint64_t instructions = 0, causes[SIM_CAUSE_COUNT] = {0};
    must(sim_machine_annotate(m, CODE, bytes, &l, &err), &err);
    for (uint32_t n = 0; n < l.count; n++) {
        uint64_t cycles = 0;
        instructions += l.lines[n].executions;
        for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
            causes[c] += l.lines[n].causes[c];
            cycles += l.lines[n].causes[c];
        }
        assert_int_equal(cycles, l.lines[n].cycles);
        if (l.lines[n].executions == 0)
            assert_int_equal(cycles, 0);
    }
    assert_int_equal(instructions, total->instructions);
    for (int c = 0; c < SIM_CAUSE_COUNT; c++) {
        if (causes[c] != total->causes[c])
            fail_msg("%s: %llu %s cycles in the lines, %llu in the run", what,
                     (unsigned long long)causes[c], sim_cause_name((enum sim_cause)c),
                     (unsigned long long)total->causes[c]);
    }
    sim_listing_free(&l);
}

/* On every core that has these instructions, at full clock and without wait states. */
static void lines_add_up_to_the_run(void **state)
{
    (void)state;
    static const char *const chips[] = {"stm32l4r5",    "stm32l4r5@16", "stm32f407", "stm32f746",
                                        "stm32f746@24", "stm32h7a3",    "stm32u575", "stm32u575@8"};
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile p;
        struct sim_machine *m = run(chips[i], &p);
        assert_lines_add_up(m, chips[i], sizeof program, &p.total);
        sim_profile_free(&p);
        sim_machine_free(m);
    }
}

/* What was waited for with the caches on is known after they went off. */
static void lines_add_up_over_reconfigurations(void **state)
{
    (void)state;
    struct sim_profile p;
    struct sim_machine *m = run_code("stm32l4r5", reconfiguring, sizeof reconfiguring, &p);
    assert_true(p.total.causes[SIM_CAUSE_ICACHE] > 0);
    assert_true(p.total.causes[SIM_CAUSE_FETCH] > 100);
    assert_lines_add_up(m, "stm32l4r5", sizeof reconfiguring, &p.total);
    sim_profile_free(&p);
    sim_machine_free(m);
}

/* Taken branches cost less without wait states, also in code that has been executed before. */
static void no_pass_outlives_its_setting(void **state)
{
    static const char *const chips[] = {"stm32l4r5", "stm32u575"};
    uint16_t code[sizeof reconfiguring / sizeof reconfiguring[0]];
    (void)state;
    memcpy(code, reconfiguring, sizeof code);
    code[8] = 0xf809;  /* bl work + 2: as the chip file says */
    code[10] = 0x0500; /* mov.w r5, #0: no wait states */
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct sim_profile profile;
        struct cc_error err = {CC_OK, ""};
        walked = 1;
        struct sim_machine *m = run_code(chips[i], code, sizeof code, &profile);
        walked = 0;
        must(sim_machine_check_reference(m, &profile, &err), &err);
        sim_profile_free(&profile);
        sim_machine_free(m);
    }
}

static void lines_are_the_code(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, bytes;
        uint64_t executions;
        const char *text;
    } expected[] = {
        {0x00, 2, 0, "ldr r0, [pc, #0x44]"},
        {0x08, 2, 1, "movs r3, #0xa"},
        {0x0c, 4, 10, "tst.w r3, #1"},
        {0x10, 2, 10, "ittee eq"},
        {0x12, 2, 10, "ldreq r5, [r4]"},
        {0x14, 2, 10, "addeq r5, #1"},
        {0x16, 2, 10, "strne r5, [r4]"},
        {0x18, 2, 10, "movne r6, #7"},
        {0x1a, 4, 10, "ldr.w r7, [r4, #1]"},
        {0x22, 4, 10, "tbb [pc, r2]"},
        {0x26, 2, 0, ".short 0x0402"}, /* the branch table, not a word: it is not aligned */
        {0x28, 2, 0, ".short 0x0402"},
        {0x2a, 2, 5, "adds r6, #1"},
        {0x2e, 2, 5, "adds r6, #2"},
        {0x30, 2, 10, "subs r3, #1"},
        {0x36, 4, 1, "bl #0x800007c"},
        {0x3a, 2, 0, "b #0x800007a"},
        {0x3e, 2, 1, "bx lr"},
        {0x40, 2, 0, "ldr r2, [pc, #0xc]"},
        {0x42, 2, 0, "it eq"},
        {0x44, 2, 0, "moveq r2, #1"},
        {0x48, 4, 0, ".word 0xe0000060"}, /* read by code outside the window */
        {0x4c, 4, 0, ".word 0x20000104"},
        {0x50, 4, 0, ".word 0xdeadbeef"}, /* by code that was not executed */
    };
    struct sim_profile p;
    struct sim_listing l;
    struct cc_error err = {CC_OK, ""};
    struct sim_machine *m = run("stm32l4r5", &p);
    must(sim_machine_annotate(m, CODE, sizeof program, &l, &err), &err);
    uint32_t next = CODE;
    for (uint32_t i = 0; i < l.count; i++) {
        assert_int_equal(l.lines[i].address, next);
        next += l.lines[i].bytes;
    }
    assert_int_equal(next, CODE + sizeof program);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct sim_line *line = line_at(&l, expected[i].offset);
        assert_string_equal(line->text, expected[i].text);
        assert_int_equal(line->bytes, expected[i].bytes);
        assert_int_equal(line->executions, expected[i].executions);
    }
    assert_true(line_at(&l, 0x1a)->causes[SIM_CAUSE_UNALIGNED] > 0);
    sim_listing_free(&l);

    /* part of it: what lies outside is left out, an odd end too */
    must(sim_machine_annotate(m, CODE + 0x12, 5, &l, &err), &err);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.lines[1].executions, 10);
    sim_listing_free(&l);
    /* an instruction that the end cuts */
    must(sim_machine_annotate(m, CODE + 0x1a, 2, &l, &err), &err);
    assert_true(l.count == 1 && l.lines[0].bytes == 2);
    sim_listing_free(&l);
    sim_profile_free(&p);
    sim_machine_free(m);
}

/* LDRB r0, [pc, #-6] at address 0 reads the last but one byte of the address space. */
static void data_may_lie_before_address_zero(void **state)
{
    static const uint16_t code[] = {0xf81f, 0x0006, 0x4770};
    struct sim_chip chip;
    struct cc_error err = {CC_OK, ""};
    struct sim_machine *m;
    struct sim_listing l;
    double clock_hz;
    (void)state;
    must(sim_chip_load("nrf52832", &chip, &clock_hz, &err), &err);
    must(sim_machine_new(&chip, clock_hz, &m, &err), &err);
    must(sim_machine_write(m, 0, code, sizeof code, &err), &err);
    alarm(20); /* not for ever */
    must(sim_machine_annotate(m, 0, sizeof code, &l, &err), &err);
    alarm(0);
    assert_int_equal(l.count, 2);
    assert_string_equal(l.lines[1].text, "bx lr");
    sim_listing_free(&l);
    sim_machine_free(m);
}

static void refuses_what_is_no_code(void **state)
{
    (void)state;
    struct sim_profile p;
    struct sim_listing l;
    struct cc_error err = {CC_OK, ""};
    struct sim_machine *m = run("stm32l4r5", &p);
    assert_int_equal(sim_machine_annotate(m, CODE, 0, &l, &err), CC_ERR_INPUT);
    assert_int_equal(sim_machine_annotate(m, CODE, UINT32_MAX, &l, &err), CC_ERR_INPUT);
    assert_int_equal(sim_machine_annotate(m, 0x70000000, 64, &l, &err), CC_ERR_INPUT);
    assert_int_equal(sim_machine_annotate(m, 0xfffffff0, 64, &l, &err), CC_ERR_INPUT);
    assert_true(l.lines == NULL && l.count == 0);
    sim_profile_free(&p);
    sim_machine_free(m);
}

/* An executable with one section of code, one of data, and symbols. */
struct executable {
    Elf32_Ehdr header;
    Elf32_Phdr segment;
    Elf32_Shdr sections[5]; /* none, code, data, symbols, names */
    Elf32_Sym symbols[16];
    char names[256];
    uint8_t code[256];
};

static void add_symbol(struct executable *x, uint32_t n, const char *name, uint32_t value,
                       uint32_t size, unsigned char info, uint16_t section)
{
    size_t at = x->sections[4].sh_size;
    memcpy(x->names + at, name, strlen(name) + 1);
    x->sections[4].sh_size += (uint32_t)strlen(name) + 1;
    x->symbols[n] = (Elf32_Sym){(uint32_t)at, value, size, info, 0, section};
    x->sections[3].sh_size = (n + 1) * (uint32_t)sizeof x->symbols[0];
}

static void make_executable(struct executable *x)
{
    const unsigned char ident[EI_NIDENT] = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1};
    memset(x, 0, sizeof *x);
    memcpy(x->header.e_ident, ident, sizeof ident);
    x->header.e_type = ET_EXEC;
    x->header.e_machine = EM_ARM;
    x->header.e_version = 1;
    x->header.e_ehsize = sizeof x->header;
    x->header.e_phoff = offsetof(struct executable, segment);
    x->header.e_phentsize = sizeof x->segment;
    x->header.e_phnum = 1;
    x->header.e_shoff = offsetof(struct executable, sections);
    x->header.e_shentsize = sizeof x->sections[0];
    x->header.e_shnum = 5;
    x->segment = (Elf32_Phdr){
        PT_LOAD, offsetof(struct executable, code), FLASH, FLASH, 256, 256, PF_R | PF_X, 4};
    x->sections[1] = (Elf32_Shdr){.sh_type = SHT_PROGBITS,
                                  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                                  .sh_addr = FLASH,
                                  .sh_offset = offsetof(struct executable, code),
                                  .sh_size = 256};
    x->sections[2] = (Elf32_Shdr){.sh_type = SHT_NOBITS,
                                  .sh_flags = SHF_ALLOC | SHF_WRITE,
                                  .sh_addr = 0x20000000,
                                  .sh_size = 64};
    x->sections[3] = (Elf32_Shdr){.sh_type = SHT_SYMTAB,
                                  .sh_offset = offsetof(struct executable, symbols),
                                  .sh_link = 4,
                                  .sh_entsize = sizeof x->symbols[0]};
    x->sections[4] = (Elf32_Shdr){
        .sh_type = SHT_STRTAB, .sh_offset = offsetof(struct executable, names), .sh_size = 1};
}

static void functions_do_not_overlap(void **state)
{
    (void)state;
    static const struct sim_symbol expected[] = {
        {"first", FLASH + 0x10, 0x10},
        {"first_too", FLASH + 0x10, 0x08},
        {"first_local", FLASH + 0x10, 0x10},
        {"no_size", FLASH + 0x20, 0x20},
        {"too_large", FLASH + 0x40, 0x40},
        {"a_name_that_is_longer_than_what_a_name_may_be_is_cut_at_the_63r", FLASH + 0x80, 4},
        {"to_the_end", FLASH + 0xf0, 0x10},
    };
    const unsigned char local = ELF32_ST_INFO(STB_LOCAL, STT_FUNC);
    const unsigned char global = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC);
    const unsigned char weak = ELF32_ST_INFO(STB_WEAK, STT_FUNC);
    struct executable x;
    struct sim_elf elf;
    struct sim_symbol *list;
    struct cc_error err = {CC_OK, ""};
    char path[] = "/tmp/coincell-symbols-XXXXXX";
    uint32_t count;
    make_executable(&x);
    add_symbol(&x, 1, "$t", FLASH + 0x10, 0, ELF32_ST_INFO(STB_LOCAL, STT_NOTYPE), 1);
    add_symbol(&x, 2, "to_the_end", FLASH + 0xf1, 0, global, 1);
    add_symbol(&x, 3, "too_large", FLASH + 0x41, 0x1000, global, 1);
    add_symbol(&x, 4, "first_local", FLASH + 0x11, 0x10, local, 1);
    add_symbol(&x, 5, "first_too", FLASH + 0x11, 8, weak, 1);
    add_symbol(&x, 6, "first", FLASH + 0x11, 0x10, global, 1);
    add_symbol(&x, 7, "no_size", FLASH + 0x21, 0, local, 1);
    add_symbol(&x, 8, "elsewhere", 0, 0, global, SHN_UNDEF);
    add_symbol(&x, 9, "in_data", 0x20000001, 8, global, 2);
    add_symbol(&x, 10, "outside_its_section", FLASH + 0x1001, 8, global, 1);
    add_symbol(&x, 11, "no_such_section", FLASH + 1, 8, global, 99);
    add_symbol(&x, 12, "a_name_that_is_longer_than_what_a_name_may_be_is_cut_at_the_63rd_byte",
               FLASH + 0x81, 4, global, 1);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    must(cc_file_write(path, &x, sizeof x, &err), &err);
    must(sim_elf_open(path, &elf, &err), &err);
    must(sim_elf_functions(&elf, &list, &count, &err), &err);
    assert_int_equal(count, sizeof expected / sizeof expected[0]);
    for (uint32_t i = 0; i < count; i++) {
        assert_string_equal(list[i].name, expected[i].name);
        assert_int_equal(list[i].address, expected[i].address);
        assert_int_equal(list[i].bytes, expected[i].bytes);
    }
    free(list);
    sim_elf_close(&elf);

    x.header.e_shnum = 0; /* stripped */
    must(cc_file_write(path, &x, sizeof x, &err), &err);
    must(sim_elf_open(path, &elf, &err), &err);
    must(sim_elf_functions(&elf, &list, &count, &err), &err);
    assert_true(count == 0 && list == NULL);
    sim_elf_close(&elf);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_add_up_to_the_run),
        cmocka_unit_test(lines_add_up_over_reconfigurations),
        cmocka_unit_test(no_pass_outlives_its_setting),
        cmocka_unit_test(lines_are_the_code),
        cmocka_unit_test(data_may_lie_before_address_zero),
        cmocka_unit_test(refuses_what_is_no_code),
        cmocka_unit_test(functions_do_not_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
