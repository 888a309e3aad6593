/* Built-in workloads: they compute what they should on every core, the same wherever code and data
 * lie, and their counts are those of the load they stand for. */
#include "cc_file.h"
#include "workload_support.h"

#include "firmware/workloads/workloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What calls return on every core; independent of the emulation. */
static uint32_t fibonacci_46(void)
{
    uint32_t a = 0, b = 1;
    for (int i = 0; i < 46; i++) {
        uint32_t sum = a + b;
        a = b;
        b = sum;
    }
    return a;
}

static void test_results(void **state)
{
    static const uint32_t primes_below_4000 = 550;
    int32_t coremark = 0;
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        workload_open(&s, workload_chips[i], "fibonacci", NULL, NULL);
        assert_int_equal((uint32_t)workload_call(&s, 1, NULL), 600 * fibonacci_46());
        cli_workload_close(&s);
        workload_open(&s, workload_chips[i], "prime", NULL, NULL);
        assert_int_equal(workload_call(&s, 1, NULL), primes_below_4000);
        cli_workload_close(&s);
        workload_open(&s, workload_chips[i], "coremark-like", NULL, NULL);
        int32_t crc = workload_call(&s, 1, NULL);
        assert_int_not_equal(crc, 0);
        if (i == 0)
            coremark = crc;
        assert_int_equal(crc, coremark);
        /* an iteration leaves the data as it found them */
        assert_int_equal(workload_call(&s, 2, NULL), crc);
        cli_workload_close(&s);
    }
}

/* FIPS 197 appendix B; SHA-256 of 512 bytes of 'a' from coreutils' sha256sum. */
static void test_cryptography(void **state)
{
    static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                    0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    static const uint8_t block[16] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d,
                                      0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
    static const uint8_t cipher[16] = {0x39, 0x25, 0x84, 0x1d, 0x02, 0xdc, 0x09, 0xfb,
                                       0xdc, 0x11, 0x85, 0x97, 0x19, 0x6a, 0x0b, 0x32};
    static const uint32_t digest[8] = {0x471be655, 0x8b665e4f, 0x6dd49f11, 0x84814d14,
                                       0x91b0315d, 0x466beea7, 0x68c153cc, 0x5500c836};
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        struct cli_workload_session s;
        struct securemark_work work;
        workload_open(&s, workload_chips[i], "securemark-like", NULL, NULL);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, &work, sizeof work);
        memcpy(work.key, key, sizeof key);
        memcpy(work.block, block, sizeof block);
        memset(work.message, 'a', sizeof work.message);
        memset(work.a, 0xff, sizeof work.a);
        memset(work.b, 0xff, sizeof work.b);
        workload_write(&s, 0, &work, sizeof work);
        workload_call(&s, 1, NULL);
        workload_read(&s, 0, &work, sizeof work);
        assert_memory_equal(work.encrypted_block, cipher, sizeof cipher);
        assert_memory_equal(work.digest, digest, sizeof digest);
        /* (2^256 - 1)^2 = 2^512 - 2^257 + 1 */
        for (int w = 0; w < 16; w++)
            assert_int_equal(work.product[w], w == 0   ? 1
                                              : w < 8  ? 0
                                              : w == 8 ? 0xfffffffeu
                                                       : 0xffffffffu);
        cli_workload_close(&s);
    }
}

/* The same results and the same path through the code from flash and from RAM, with the data in
 * two places. */
static void test_position_independence(void **state)
{
    static const char *const where[][2] = {
        {"flash", NULL}, {"sram", NULL}, {"flash", "other"}, {"itcm", "other"}};
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        for (uint32_t w = 0; cli_workload_info(w); w++) {
            struct sim_counts first = {0};
            int32_t result = 0;
            for (size_t k = 0; k < sizeof where / sizeof where[0]; k++) {
                struct cli_workload_session s;
                struct sim_counts counts;
                int tightly = strstr(workload_chips[i], "h7a3") != NULL;
                const char *other = tightly                                       ? "dtcm"
                                    : strcmp(workload_chips[i], "stm32l476") == 0 ? "sram2"
                                                                                  : NULL;
                const char *data = where[k][1] ? other : NULL;
                if (strcmp(where[k][0], "itcm") == 0 && !tightly)
                    continue;
                workload_open(&s, workload_chips[i], cli_workload_info(w)->name, where[k][0], data);
                int32_t returned = workload_call(&s, 2, &counts);
                if (k == 0) {
                    first = counts;
                    result = returned;
                }
                assert_int_equal(returned, result);
                if (strcmp(s.info->name, "while1") != 0)
                    assert_int_equal(counts.instructions, first.instructions);
                cli_workload_close(&s);
            }
        }
    }
}

static double share(const struct sim_counts *c, enum sim_class a, enum sim_class b)
{
    return (double)(c->classes[a] + (a == b ? 0 : c->classes[b])) / (double)c->instructions;
}

static void count(const char *chip, const char *name, struct sim_counts *counts)
{
    struct cli_workload_session s;
    workload_open(&s, chip, name, NULL, NULL);
    workload_call(&s, 2, counts);
    cli_workload_close(&s);
}

static void test_sizes(void **state)
{
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        for (uint32_t w = 0; cli_workload_info(w); w++) {
            const struct cli_workload_info *info = cli_workload_info(w);
            struct sim_counts c;
            if (!info->calibration || strcmp(info->name, "sleep") == 0)
                continue;
            count(workload_chips[i], info->name, &c);
            if (c.instructions < 30000 ||
                c.instructions > 1200000) /* the last: divisions in software */
                fail_msg("%s on %s: %llu instructions", info->name, workload_chips[i],
                         (unsigned long long)c.instructions);
        }
    }
}

/* Proportions on a Cortex-M4. CoreMark: shares of an -O3 build within a few points. */
static void test_mixtures(void **state)
{
    struct sim_counts c;
    (void)state;
    count("stm32l476@16", "while1", &c);
    assert_true(share(&c, SIM_CLASS_BRANCH, SIM_CLASS_BRANCH) > 0.99);
    assert_in_range(c.cycles, 99900, 100400);
    count("stm32l476@16", "sleep", &c);
    assert_true(c.sleep_cycles > 999900 && c.sleep_cycles <= 1000000 && c.cycles < 100);
    count("stm32l476@16", "fibonacci", &c);
    assert_true(share(&c, SIM_CLASS_ALU, SIM_CLASS_BRANCH) > 0.98);
    count("stm32l476@16", "coremark-like", &c);
    assert_true(share(&c, SIM_CLASS_LOAD, SIM_CLASS_LOAD_MULTI) > 0.15 &&
                share(&c, SIM_CLASS_LOAD, SIM_CLASS_LOAD_MULTI) < 0.25);
    assert_true(share(&c, SIM_CLASS_STORE, SIM_CLASS_STORE_MULTI) > 0.04 &&
                share(&c, SIM_CLASS_STORE, SIM_CLASS_STORE_MULTI) < 0.10);
    assert_true(share(&c, SIM_CLASS_ALU, SIM_CLASS_MUL) > 0.45);
    count("stm32l476@16", "mac-int8", &c);
    assert_true(share(&c, SIM_CLASS_MAC, SIM_CLASS_SIMD) > 0.6);
    count("stm32l476@16", "prime", &c);
    assert_true(share(&c, SIM_CLASS_DIV, SIM_CLASS_DIV) > 0.08);
}

/* Streams touch what they say: 32 reads of 64 bits per KB of flash, every word of RAM once. */
static void test_streams(void **state)
{
    struct sim_counts c;
    (void)state;
    count("stm32l476", "stream-flash", &c);
    assert_in_range(c.regions[SIM_REGION_FLASH].reads, 65536, 65536 + 128);
    assert_in_range(c.regions[SIM_REGION_FLASH].line_reads, 32768, 32768 + 200);
    assert_true(c.data_stall_cycles >= 4 * 32768);
    count("stm32l476", "stream-sram", &c);
    assert_in_range(c.regions[SIM_REGION_SRAM].reads, 32768, 32768 + 128);
    assert_in_range(c.regions[SIM_REGION_SRAM].writes, 0, 128);
    count("stm32l476", "stream-sram-write", &c);
    assert_in_range(c.regions[SIM_REGION_SRAM].writes, 32768, 32768 + 128);
    assert_in_range(c.regions[SIM_REGION_SRAM].reads, 0, 128);
    count("stm32l476", "stream-sram-copy", &c);
    assert_in_range(c.regions[SIM_REGION_SRAM].reads, 16384, 16384 + 128);
    assert_in_range(c.regions[SIM_REGION_SRAM].writes, 16384, 16384 + 128);
}

static uint64_t cycles_with(const char *spec, int caches, int prefetch, char *note, size_t size)
{
    struct sim_chip chip;
    struct sim_profile profile;
    struct cc_error err;
    double clock_hz;
    struct cli_workload_options options = {
        .name = "coremark-like", .caches = caches, .prefetch = prefetch};
    workload_load_chip(spec, &chip, &clock_hz);
    if (cli_workload_run(&chip, clock_hz, &options, &profile, &err) != CC_OK)
        fail_msg("%s: %s", spec, err.message);
    uint64_t cycles = profile.total.cycles;
    snprintf(note, size, "%s", profile.timing_note);
    sim_profile_free(&profile);
    return cycles;
}

static void test_caches_off(void **state)
{
    char note[256];
    (void)state;
    for (int i = 0; i < WORKLOAD_CHIPS; i++) {
        uint64_t on = cycles_with(workload_chips[i], -1, -1, note, sizeof note);
        uint64_t off = cycles_with(workload_chips[i], 0, 0, note, sizeof note);
        assert_true(off > on);
        assert_non_null(strstr(note, "prefetch off, no caches"));
        assert_null(strstr(note, "caches assumed on"));
    }
    /* without wait states there is nothing to hide */
    uint64_t on = cycles_with("stm32l476@16", -1, -1, note, sizeof note);
    assert_int_equal(cycles_with("stm32l476@16", 0, 0, note, sizeof note), on);
    /* the same as what the file says */
    assert_int_equal(cycles_with("stm32l476@80", 1, 1, note, sizeof note),
                     cycles_with("stm32l476@80", -1, -1, note, sizeof note));
    assert_true(cycles_with("stm32l476@80", -1, 0, note, sizeof note) >
                cycles_with("stm32l476@80", -1, 1, note, sizeof note));
}

static void refused(const char *spec, const struct cli_workload_options *options,
                    const char *expected)
{
    struct sim_chip chip;
    struct sim_profile profile;
    struct cc_error err;
    double clock_hz;
    workload_load_chip(spec, &chip, &clock_hz);
    assert_int_equal(cli_workload_run(&chip, clock_hz, options, &profile, &err), CC_ERR_INPUT);
    if (!strstr(err.message, expected))
        fail_msg("%s", err.message);
}

static void test_messages(void **state)
{
    (void)state;
    refused("stm32l476", &(struct cli_workload_options){.name = "coremark"},
            "did you mean coremark-like?");
    refused("stm32l476", &(struct cli_workload_options){.name = "prime", .code = "itcm"},
            "itcm: stm32l476 has no such memory for it; use flash, sram1, sram2");
    refused("stm32l476", &(struct cli_workload_options){.name = "prime", .data = "flash"},
            "use sram1, sram2");
    refused("stm32u575",
            &(struct cli_workload_options){.name = "prime", .prefetch = 1, .caches = -1},
            "prefetch: on: stm32u575 has none");
    struct cli_workload_options few = {
        .name = "prime", .caches = -1, .prefetch = -1, .max_instructions = 1000};
    struct sim_chip chip;
    struct sim_profile profile;
    struct cc_error err;
    double clock_hz;
    workload_load_chip("stm32l476", &chip, &clock_hz);
    assert_int_equal(cli_workload_run(&chip, clock_hz, &few, &profile, &err), CC_ERR_FIRMWARE);
    workload_load_chip("stm32g0b1", &chip, &clock_hz);
    chip.regions[0].bytes = 8192;
    assert_int_equal(cli_workload_run(&chip, clock_hz,
                                      &(struct cli_workload_options){.name = "stream-flash"},
                                      &profile, &err),
                     CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "choose other memory or a larger chip"));
}

/* Each listed chip has room for each workload, and its core a build of it. */
static void test_all_chips(void **state)
{
    char **names;
    size_t count_of;
    struct cc_error err;
    (void)state;
    assert_int_equal(cc_data_names("sim/chips", &names, &count_of, &err), CC_OK);
    assert_true(count_of > 15);
    for (size_t i = 0; i < count_of; i++) {
        for (uint32_t w = 0; cli_workload_info(w); w++) {
            const struct cli_workload_info *info = cli_workload_info(w);
            struct cli_workload_session s;
            workload_open(&s, names[i], info->name, NULL, NULL);
            if (strcmp(info->name, "reduced") == 0 || strcmp(info->name, "mel40") == 0)
                workload_call(&s, 1, NULL);
            cli_workload_close(&s);
            workload_open(&s, names[i], info->name, info->calibration ? "sram" : NULL, NULL);
            cli_workload_close(&s);
        }
    }
    cc_names_free(names, count_of);
}

/* Names are those that find finds; texts are there. */
static void test_list(void **state)
{
    uint32_t count_of = 0;
    (void)state;
    for (const struct cli_workload_info *info; (info = cli_workload_info(count_of)); count_of++) {
        assert_ptr_equal(cli_workload_find(info->name), info);
        assert_true(info->text[0] && info->unit[0]);
    }
    assert_true(count_of >= 13);
    assert_null(cli_workload_find("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_all_chips),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_cryptography),
        cmocka_unit_test(test_position_independence),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_mixtures),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_caches_off),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
