/* Registers and configuration of chip files: what is refused, what reads return, and the core clock
 * and flash settings that register values mean. */
#include "sim_chip.h"

#include "cc_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_WRITES 8

struct state {
    struct sim_chip chip;
    uint32_t written[SIM_MAX_REGISTERS];
};

static void load(struct state *s, const char *name)
{
    struct cc_error err;
    double clock_hz;
    if (sim_chip_load(name, &s->chip, &clock_hz, &err) != CC_OK)
        fail_msg("%s", err.message);
    for (uint16_t i = 0; i < s->chip.registers.count; i++)
        s->written[i] = s->chip.registers.list[i].reset;
}

static uint32_t index_of(const struct state *s, const char *name)
{
    for (uint16_t i = 0; i < s->chip.registers.count; i++) {
        if (!s->chip.registers.list[i].is_copy && !strcmp(s->chip.registers.list[i].name, name))
            return i;
    }
    fail_msg("%s has no register %s", s->chip.name, name);
    return 0;
}

struct write {
    const char *name;
    uint32_t value;
};

struct row {
    const char *chip;
    struct write writes[MAX_WRITES];
    double mhz;
    uint32_t wait_states;
    int prefetch, icache, dcache;
    uint32_t ways;
};

/* The first row of a chip is its reset; the others say what they write. */
/* clang-format off */
static const struct row rows[] = {
    {"stm32l4r5", {{NULL, 0}}, 4, 0, 0, 1, 1, 0},
    {"stm32l4r5", /* MSI 4 MHz, M 1, N 60, R 2 */
     {{"flash.acr", 0x705}, {"rcc.pllcfgr", 0x01003c01}, {"rcc.cfgr", 3}}, 120, 5, 1, 1, 1, 0},
    {"stm32l4r5", /* HSI 16 MHz, M 2, N 20, R 4, AHB / 4 */
     {{"rcc.pllcfgr", 0x03001412}, {"rcc.cfgr", 3 | 9 << 4}}, 10, 0, 0, 1, 1, 0},
    {"stm32l4r5", {{"rcc.cr", 0x1 | 11 << 4 | 8}}, 48, 0, 0, 1, 1, 0}, /* MSI range by CR */
    {"stm32l4r5", {{"rcc.cr", 0x1 | 11 << 4}}, 4, 0, 0, 1, 1, 0},      /* not selected: by CSR */
    {"stm32l4r5", {{"rcc.cfgr", 3}}, 0, 0, 0, 1, 1, 0},                /* the PLL has no source */
    {"stm32l476", /* HSE 8 MHz, M 1, N 20, R 2 */
     {{"flash.acr", 0x704}, {"rcc.pllcfgr", 0x01001403}, {"rcc.cfgr", 3}}, 80, 4, 1, 1, 1, 0},
    {"stm32u575", {{NULL, 0}}, 4, 0, 0, 0, 0, 2},
    {"stm32u575", /* MSIS 4 MHz, N 80, R 2; two ways */
     {{"rcc.pll1cfgr", 0x40001}, {"rcc.pll1divr", 0x0101024f}, {"rcc.cfgr1", 3},
      {"flash.acr", 0x104}, {"icache.cr", 5}}, 160, 4, 0, 1, 0, 2},
    {"stm32u575", /* HSI 16 MHz, M 2, N 10.5, R 1, AHB / 2; direct mapped */
     {{"rcc.pll1cfgr", 0x102}, {"rcc.pll1divr", 0x00000009}, {"rcc.pll1fracr", 4096 << 3},
      {"rcc.cfgr1", 3}, {"rcc.cfgr2", 8}, {"icache.cr", 1}}, 42, 0, 0, 1, 0, 1},
    {"stm32u575", {{"rcc.icscr1", 0x44800000 | 1u << 28}}, 2, 0, 0, 0, 0, 2}, /* range 5 */
    {"stm32h7a3", {{NULL, 0}}, 64, 3, 0, 0, 0, 0},
    {"stm32h7a3", /* HSI 64 MHz / 4 x 35 / 2, caches on */
     {{"rcc.pllckselr", 0x02020040}, {"rcc.pll1divr", 0x01010222}, {"rcc.cfgr", 3},
      {"flash.acr", 0x37}, {"scb.ccr", 0x00070200}}, 280, 7, 0, 1, 1, 0},
    {"stm32h7a3", /* HSE 8 MHz / 4 x 280 / 2, core / 2 */
     {{"rcc.pllckselr", 0x02020042}, {"rcc.pll1divr", 0x01010317}, {"rcc.cfgr", 3},
      {"rcc.cdcfgr1", 8 << 8}}, 140, 3, 0, 0, 0, 0},
    {"stm32f746", {{NULL, 0}}, 16, 0, 0, 0, 0, 0},
    {"stm32f746", /* HSE 25 MHz / 25 x 432 / 2 */
     {{"rcc.pllcfgr", 0x09406c19}, {"rcc.cfgr", 2}, {"flash.acr", 0x307},
      {"scb.ccr", 0x20200}}, 216, 7, 0, 1, 0, 0},
    {"stm32g0b1", {{NULL, 0}}, 16, 0, 0, 1, 0, 0},
    {"stm32g0b1", /* HSI 16 MHz x 8 / 2 */
     {{"rcc.pllcfgr", 0x30000802}, {"rcc.cfgr", 2}, {"flash.acr", 0x702}}, 64, 2, 1, 1, 0, 0},
    {"stm32g0b1", {{"rcc.cr", 0x500 | 3 << 11}, {"rcc.cfgr", 9 << 8}}, 0.5, 0, 0, 1, 0, 0},
    {"stm32f407", {{NULL, 0}}, 16, 0, 0, 0, 0, 0},
    {"stm32f407", /* HSE 8 MHz / 8 x 336 / 2 */
     {{"rcc.pllcfgr", 0x07405408}, {"rcc.cfgr", 2}, {"flash.acr", 0x705}}, 168, 5, 1, 1, 1, 0},
    {"stm32f446", /* HSI 16 MHz / 16 x 336 / 4 */
     {{"rcc.pllcfgr", 0x24015410}, {"rcc.cfgr", 2}, {"flash.acr", 0x602}}, 84, 2, 0, 1, 1, 0},
    {"stm32f446", /* by way of PLLR: / 2 */
     {{"rcc.pllcfgr", 0x24015410}, {"rcc.cfgr", 3}}, 168, 0, 0, 0, 0, 0},
    {"nrf52840", {{"nvmc.icachecnf", 1}}, 0, 0, 0, 1, 0, 0},
    {"saml21", {{"nvmctrl.ctrlb", 0x84}}, 0, 2, 0, 0, 0, 0},
    {"nrf5340", {{"clock.hfclkctrl", 0}, {"cache.enable", 1}}, 128, 0, 0, 1, 0, 0},
    {"ra6m4", {{NULL, 0}}, 2, 0, 0, 0, 0, 0},
    {"ra6m4", /* 24 MHz / 3 x 25 */
     {{"system.pllccr", 0x3102}, {"system.sckscr", 0x50000}, {"system.sckdivcr", 0x10022222},
      {"fcache.flwt", 3}, {"cache.ccactl", 1}}, 200, 3, 0, 1, 0, 0},
    {"apollo3", {{"cachectrl.cachecfg", 1}}, 0, 0, 0, 1, 0, 0},
    {"msp432p401r", {{NULL, 0}}, 3, 0, 0, 0, 0, 0},
    {"msp432p401r", /* 48 MHz, one wait state, both buffers */
     {{"cs.ctl0", 5 << 16}, {"flctl.bank0_rdctl", 0x1030}}, 48, 1, 0, 1, 1, 0},
};
/* clang-format on */

static void meanings(void **state)
{
    static struct state s;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct sim_configured c;
        load(&s, r->chip);
        for (int k = 0; k < MAX_WRITES && r->writes[k].name; k++)
            s.written[index_of(&s, r->writes[k].name)] = r->writes[k].value;
        sim_configuration_read(&s.chip.registers, s.written, &c);
        if (c.clock_hz < r->mhz * 999999.999 || c.clock_hz > r->mhz * 1000000.001 ||
            c.wait_states != r->wait_states || c.prefetch != r->prefetch ||
            c.icache_on != r->icache || c.dcache_on != r->dcache || c.icache_ways != r->ways)
            fail_msg("row %zu, %s: %g MHz, %u wait states, prefetch %d, caches %d %d, %u ways", i,
                     r->chip, c.clock_hz / 1e6, c.wait_states, c.prefetch, c.icache_on, c.dcache_on,
                     c.icache_ways);
    }
}

/* A register decides the clock only while it is on the way from the source to the core. */
static void aspects(void **state)
{
    static struct state s;
    const uint32_t clock = 1u << SIM_ASPECT_CLOCK;
    (void)state;
    load(&s, "stm32l4r5");
    const struct sim_chip_registers *r = &s.chip.registers;
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "flash.acr")),
                     1u << SIM_ASPECT_WAIT_STATES | 1u << SIM_ASPECT_PREFETCH |
                         1u << SIM_ASPECT_ICACHE | 1u << SIM_ASPECT_DCACHE);
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "rcc.cfgr")), clock);
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "rcc.csr")), clock);
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "rcc.pllcfgr")), 0);
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "pwr.cr1")), 0);
    s.written[index_of(&s, "rcc.cfgr")] = 3;
    s.written[index_of(&s, "rcc.pllcfgr")] = 0x01003c02;
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "rcc.pllcfgr")), clock);
    assert_int_equal(sim_configuration_aspects(r, s.written, index_of(&s, "rcc.csr")), 0);
}

static uint32_t value_of(const struct state *s, const char *name)
{
    return sim_register_value(&s->chip.registers, s->written, index_of(s, name));
}

static void reads(void **state)
{
    static struct state s;
    (void)state;
    load(&s, "stm32l4r5");
    assert_int_equal(value_of(&s, "rcc.cr"), 0x63);
    s.written[index_of(&s, "rcc.cr")] = 1u << 24 | 1u << 16 | 1;
    assert_int_equal(value_of(&s, "rcc.cr"), 3u << 24 | 3u << 16 | 3);
    s.written[index_of(&s, "rcc.cr")] = 1u << 25; /* a flag cannot be written */
    assert_int_equal(value_of(&s, "rcc.cr"), 0);
    s.written[index_of(&s, "rcc.cfgr")] = 0xf3;
    assert_int_equal(value_of(&s, "rcc.cfgr"), 0xff);
    assert_int_equal(value_of(&s, "usart.isr"), 0x6000c0);
    /* LPUART1 is a copy of USART1 */
    assert_string_equal(s.chip.registers.list[sim_register_at(&s.chip.registers, 0x4000801e)].name,
                        "usart.isr");
    assert_int_equal(sim_register_at(&s.chip.registers, 0x40008020), -1);

    load(&s, "stm32u575");
    s.written[index_of(&s, "usb.grstctl")] = 0x11;
    assert_int_equal(value_of(&s, "usb.grstctl"), 0x80000000u);
    assert_int_equal(value_of(&s, "pwr.svmsr"), 0x8000);
    s.written[index_of(&s, "pwr.cr3")] = 2; /* of another register */
    s.written[index_of(&s, "pwr.vosr")] = 3u << 16 | 1u << 18;
    assert_int_equal(value_of(&s, "pwr.svmsr"), 0x38002);
    assert_int_equal(value_of(&s, "pwr.vosr"), 0x7c000);

    load(&s, "stm32f746");
    assert_int_equal(value_of(&s, "scb.ccsidr"), 0xf003e019u);
    s.written[index_of(&s, "scb.ccsidr")] = 5;
    s.written[index_of(&s, "scb.csselr")] = 1;
    assert_int_equal(value_of(&s, "scb.ccsidr"), 0xf007e009u);
}

/* The file of the L4R5 with one text replaced. */
static void refused(const char *from, const char *to, const char *words, const char *words2)
{
    uint8_t *text;
    size_t bytes;
    struct cc_error err;
    static struct sim_chip chip;
    double clock_hz;
    char folder[] = "/tmp/configurationXXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/stm32l4r5.yaml", folder);
    assert_int_equal(
        cc_file_read(CC_SOURCE_DIR "/sim/chips/stm32l4r5.yaml", 1 << 20, &text, &bytes, &err),
        CC_OK);
    const char *at = strstr((char *)text, from);
    if (!at)
        fail_msg("the file has no %s", from);
    char *changed = malloc(bytes + strlen(to) + 1);
    assert_non_null(changed);
    sprintf(changed, "%.*s%s%s", (int)(at - (char *)text), (char *)text, to, at + strlen(from));
    assert_int_equal(cc_file_write(path, changed, strlen(changed), &err), CC_OK);
    enum cc_status status = sim_chip_load(path, &chip, &clock_hz, &err);
    unlink(path);
    rmdir(folder);
    free(text);
    free(changed);
    if (!words) {
        assert_int_equal(status, CC_OK);
        return;
    }
    if (status != CC_ERR_INPUT || !strstr(err.message, words) || !strstr(err.message, words2) ||
        !strstr(err.message, path))
        fail_msg("%s: '%s' lacks '%s' or '%s'", to, err.message, words, words2);
}

static void refusals(void **state)
{
    (void)state;
    refused("hse_mhz: 8", "hse_mhz: 8", NULL, NULL);
    refused("hse_mhz: 8", "hse_mhz: -1", "hse_mhz", "expected 0 to 5000");
    refused("wait_states: flash.acr 3:0", "wait_states: flash.ac 3:0", "configuration.wait_states",
            "did you mean flash.acr?");
    refused("wait_states: flash.acr 3:0", "wait_states: flash.acr 0:3", "configuration.wait_states",
            "no field");
    refused("wait_states: flash.acr 3:0", "wait_states: flash.acr 15:0",
            "configuration.wait_states", "8 bits");
    refused("wait_states: flash.acr 3:0", "wait_states: flash.acr 32", "configuration.wait_states",
            "at most 31");
    refused("wait_states: flash.acr 3:0", "wait_states: flash.acr -1", "configuration.wait_states",
            "no field");
    refused("wait_states: flash.acr 3:0", "wait_states: 3:0", "configuration.wait_states",
            "BLOCK.REGISTER");
    refused("prefetch: flash.acr 8",
            "prefetch: flash.acr 8\n  instruction_cache_ways: {field: flash.acr 9}",
            "configuration.instruction_cache_ways", "powers of two");
    refused("prefetch: flash.acr 8",
            "prefetch: flash.acr 8\n  instruction_cache_ways: {field: flash.acr 9, values: [1, 3]}",
            "configuration.instruction_cache_ways", "powers of two");
    refused("prefetch: flash.acr 8", "prefetsh: flash.acr 8", "prefetsh", "did you mean prefetch?");
    refused("{flag: 1, follows: 0}", "{flag: 1, follows: 5:4}", "registers.rcc.cr.ready",
            "1 bits follow 2");
    refused("{flag: 1, follows: 0}", "{flag: pwr.cr1 1, follows: 0}",
            "registers.rcc.cr.ready[0].flag", "of this register only");
    refused("{flag: 1, follows: 0}", "{flag: 1, follows: 0, after: 3}", "after", "unknown key");
    refused("{flag: 1, follows: 0}", "{flag: 1}", "follows", "is missing");
    refused("ones: 0x006000c0", "ones: 0x006000c0, zeros: 0x80", "registers.usart.isr",
            "in ones and in zeros");
    refused("{name: cfgr, offset: 0x08,", "{name: cfgr, offset: 0x0c,", "registers.rcc.pllcfgr",
            "has the address of rcc.cfgr");
    refused("{name: cfgr, offset: 0x08,", "{name: cfgr, offset: 0x0a,", "registers.rcc.cfgr",
            "multiple of 4");
    refused("{name: cfgr, offset: 0x08,", "{name: cfgr, offset: 0x20008,", "registers.rcc.cfgr",
            "at most 0xffff");
    refused("{name: crrcr, offset", "{name: csr, offset", "registers.rcc.csr", "given twice");
    refused("{name: cfgr, offset", "{name: a register of much too long name, offset",
            "registers.rcc.a register", "characters");
    refused("base: 0x40021000", "base: 0x20021000", "registers.rcc.cr", "no place for a register");
    refused("{name: cr5, offset: 0x80,", "{name: cr5, offset: 0x80, values: [1],",
            "registers.pwr.cr5.chosen_by", "both or none");
    refused("from: [msi, hsi, hse, pll]", "from: [msi, hsi, hs, pll]",
            "configuration.clocks.system.from", "no clock hs before");
    refused("from: [msi, hsi, hse, pll]", "from: [msi, hsi, hse, system]",
            "configuration.clocks.system.from", "no clock system before");
    refused("from: [msi, hsi, hse, pll]", "from: [msi, hsi, hse, pll, pll]",
            "configuration.clocks.system.select", "5 choices for 2 bits");
    refused("{name: hsi, mhz: [16]}", "{name: hsi, mhz: [16, 8]}",
            "configuration.clocks.hsi.select", "chooses among several");
    refused("{name: hsi, mhz: [16]}", "{name: hsi, mhz: [-16]}", "configuration.clocks.hsi.mhz",
            "0 (reserved) to 5000");
    refused("{name: hsi, mhz: [16]}", "{name: hsi}", "configuration.clocks.hsi",
            "either mhz or from");
    refused("values: [2, 4, 6, 8]", "values: [2, 4, 6, 8, 10]", "configuration.clocks.pll.divide",
            "5 values for 2 bits");
    refused("values: [2, 4, 6, 8]", "values: [2, 4, 6, -8]", "configuration.clocks.pll.divide",
            "values[3]");
    refused("values: [2, 4, 6, 8]", "values: [2, 4, 6, 8], plus: 1",
            "configuration.clocks.pll.divide", "remove plus");
    refused("- name: core\n", "- name: hclk\n", "configuration.clocks", "the name core");
}

/* Every field of every chip can be reached, and random register values mean something finite. */
static void any_values(void **state)
{
    static struct state s;
    char **names;
    size_t count;
    struct cc_error err;
    uint32_t seed = 1;
    (void)state;
    assert_int_equal(cc_data_names("sim/chips", &names, &count, &err), CC_OK);
    for (size_t i = 0; i < count; i++) {
        load(&s, names[i]);
        for (int round = 0; round < 2000; round++) {
            struct sim_configured c;
            for (uint16_t k = 0; k < s.chip.registers.count; k++) {
                seed ^= seed << 13;
                seed ^= seed >> 17;
                seed ^= seed << 5;
                s.written[k] = seed;
                const struct sim_register *r = &s.chip.registers.list[k];
                uint32_t value = sim_register_value(&s.chip.registers, s.written, k);
                assert_int_equal(value & r->ones, r->ones);
                assert_int_equal(value & r->zeros, 0);
            }
            sim_configuration_read(&s.chip.registers, s.written, &c);
            assert_true(c.clock_hz >= 0 && c.clock_hz < 1e12);
            assert_true(c.wait_states < 256 && c.icache_ways <= 64);
        }
    }
    cc_names_free(names, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meanings), cmocka_unit_test(aspects),    cmocka_unit_test(reads),
        cmocka_unit_test(refusals), cmocka_unit_test(any_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
