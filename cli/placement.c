#include "placement.h"

#include "cc_file.h"

#include <stdio.h>
#include <string.h>

static enum cc_status read_symbols(const struct sim_elf *elf, struct cli_placement *place,
                                   struct cc_error *err)
{
    enum cc_status status = sim_elf_symbol(elf, "models_image", &place->image_address, err);
    if (status == CC_OK)
        status = sim_elf_symbol(elf, "models_arena", &place->arena_address, err);
    if (status == CC_OK)
        status = sim_elf_symbol(elf, "models_marker", &place->marker_address, err);
    if (status == CC_OK)
        status = sim_elf_symbol(elf, "models_stack_top_word", &place->vector_table, err);
    return status;
}

/* Names of the priced chips in the data folders with at least this much memory. */
static void chips_that_fit(uint64_t flash, uint64_t ram, char *text, size_t size)
{
    char **names;
    size_t count, used = 0;
    struct cc_error ignored;
    text[0] = '\0';
    if (cc_data_names("sim/chips", &names, &count, &ignored) != CC_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        struct sim_chip other;
        double clock_hz;
        char prices[128], path[512];
        snprintf(prices, sizeof prices, "energy/prices/%s.yaml", names[i]);
        if (!cc_data_path(prices, path, sizeof path) ||
            sim_chip_load(names[i], &other, &clock_hz, &ignored) != CC_OK ||
            other.runner_flash_bytes < flash || other.runner_ram_bytes < ram)
            continue;
        int n = snprintf(text + used, size - used, "%s%s", used ? ", " : "", names[i]);
        if (n < 0 || (size_t)n >= size - used)
            break;
        used += (size_t)n;
    }
    cc_names_free(names, count);
}

static enum cc_status too_large(const char *target, const struct sim_chip *chip, uint64_t flash,
                                uint64_t ram, struct cc_error *err)
{
    char fit[400];
    int in_flash = flash > chip->runner_flash_bytes;
    const char *what = in_flash ? "flash" : "SRAM";
    uint64_t needed = in_flash ? flash : ram;
    uint64_t available = in_flash ? chip->runner_flash_bytes : chip->runner_ram_bytes;
    chips_that_fit(flash, ram, fit, sizeof fit);
    if (fit[0])
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: needs %llu bytes of %s, %s has %llu; chips that fit it: %s", target,
                       (unsigned long long)needed, what, chip->name, (unsigned long long)available,
                       fit);
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: needs %llu bytes of %s, %s has %llu; no chip in the list fits it, use a "
                   "smaller model",
                   target, (unsigned long long)needed, what, chip->name,
                   (unsigned long long)available);
}

enum cc_status cli_place(const char *target, const struct sim_chip *chip, const struct sim_elf *elf,
                         const struct models_image *image, uint32_t arena_bytes,
                         struct cli_placement *place, struct cc_error *err)
{
    memset(place, 0, sizeof *place);
    enum cc_status status = read_symbols(elf, place, err);
    if (status != CC_OK)
        return status;
    if (place->image_address < chip->runner_flash_base ||
        place->arena_address < chip->runner_ram_base)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: runner: the runner built for it has its image at 0x%08x and its arena "
                       "at 0x%08x, before the windows at 0x%08x and 0x%08x; build it again",
                       chip->path, place->image_address, place->arena_address,
                       chip->runner_flash_base, chip->runner_ram_base);
    uint64_t flash = place->image_address - chip->runner_flash_base + (uint64_t)image->bytes;
    uint64_t fixed = place->arena_address - chip->runner_ram_base;
    uint64_t ram = fixed + arena_bytes + CLI_STACK_RESERVE_BYTES;
    if (flash > chip->runner_flash_bytes || ram > chip->runner_ram_bytes)
        return too_large(target, chip, flash, ram, err);
    place->flash_used = (uint32_t)flash;
    place->flash_bytes = chip->runner_flash_bytes;
    place->ram_fixed = (uint32_t)fixed;
    place->ram_needed = (uint32_t)ram;
    place->ram_bytes = chip->runner_ram_bytes;
    return CC_OK;
}
