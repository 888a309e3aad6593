/* Placing program and arena in a chip's memory: what fits, what does not, and what is said then. */
#include "cc_file.h"
#include "placement.h"
#include "simulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RUNNER "models/firmware/runner-cortex-m4-08000000-20000000-dsp.elf"

struct fixture {
    struct sim_chip chip;
    struct sim_elf elf;
    struct cc_error err;
};

static void start(struct fixture *f)
{
    char path[512];
    double clock_hz;
    memset(f, 0, sizeof *f);
    assert_int_equal(sim_chip_load("stm32l4r5", &f->chip, &clock_hz, &f->err), CC_OK);
    assert_true(cc_data_path(RUNNER, path, sizeof path));
    assert_int_equal(sim_elf_open(path, &f->elf, &f->err), CC_OK);
}

static enum cc_status place(struct fixture *f, uint32_t image_bytes, uint32_t arena_bytes,
                            struct cli_placement *at)
{
    struct models_image image = {.bytes = image_bytes};
    return cli_place("model", &f->chip, &f->elf, &image, arena_bytes, at, &f->err);
}

static void refused(struct fixture *f, uint32_t image_bytes, uint32_t arena_bytes, const char *text)
{
    struct cli_placement at;
    assert_int_equal(place(f, image_bytes, arena_bytes, &at), CC_ERR_INPUT);
    if (!strstr(f->err.message, text))
        fail_msg("\"%s\" lacks \"%s\"", f->err.message, text);
}

/* To the last byte of either memory, and not one more. */
static void fits_exactly(void **state)
{
    (void)state;
    struct fixture f;
    struct cli_placement at;
    char text[128];
    start(&f);
    assert_int_equal(place(&f, 1000, 1000, &at), CC_OK);
    assert_int_equal(at.flash_used, at.image_address - 0x08000000u + 1000);
    assert_int_equal(at.ram_needed, at.ram_fixed + 1000 + CLI_STACK_RESERVE_BYTES);
    uint32_t image = f.chip.runner_flash_bytes - (at.flash_used - 1000);
    uint32_t arena = f.chip.runner_ram_bytes - (at.ram_needed - 1000);
    assert_int_equal(place(&f, image, arena, &at), CC_OK);
    snprintf(text, sizeof text, "needs %u bytes of flash, stm32l4r5 has %u",
             f.chip.runner_flash_bytes + 1, f.chip.runner_flash_bytes);
    refused(&f, image + 1, arena, text);
    snprintf(text, sizeof text,
             "needs %u bytes of SRAM, stm32l4r5 has %u; chips that fit it: stm32",
             f.chip.runner_ram_bytes + 1, f.chip.runner_ram_bytes);
    refused(&f, image, arena + 1, text);
    refused(&f, UINT32_MAX, 1, "no chip in the list");
    refused(&f, 1, UINT32_MAX, "no chip in the list");
    sim_elf_close(&f.elf);
}

/* A runner that was linked for other addresses than the chip file's is told from a large model. */
static void runner_of_another_map(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.chip.runner_ram_base = 0x24000000u;
    refused(&f, 1000, 1000, "build it again");
    f.chip.runner_ram_base = 0x20000000u;
    f.chip.runner_flash_base = 0x08100000u;
    refused(&f, 1000, 1000, "build it again");
    sim_elf_close(&f.elf);
}

static void chip_without_prices(void **state)
{
    (void)state;
    char source[512], folder[] = "/tmp/coincell-chip-XXXXXX", file[64];
    uint8_t *text;
    size_t bytes;
    struct cli_result result;
    struct cc_error err;
    struct cli_run_options options = {
        .target = "kws", .mcu = file, .question = cli_question_none()};
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/mychip4r5.yaml", folder);
    assert_true(cc_data_path("sim/chips/stm32l4r5.yaml", source, sizeof source));
    assert_int_equal(cc_file_read(source, 1u << 20, &text, &bytes, &err), CC_OK);
    char *name = strstr((char *)text, "stm32l4r5");
    assert_non_null(name);
    memcpy(name, "mychip4r5", 9);
    assert_int_equal(cc_file_write(file, text, bytes, &err), CC_OK);
    free(text);
    assert_int_equal(cli_simulate(&options, &result, &err), CC_ERR_INPUT);
    assert_non_null(strstr(err.message, "energy/chips/mychip4r5.yaml"));
    assert_non_null(strstr(err.message, file));
    unlink(file);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_exactly),
        cmocka_unit_test(runner_of_another_map),
        cmocka_unit_test(chip_without_prices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
