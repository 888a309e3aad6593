#include "sim_chip_waits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int sim_chip_is_range_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && length < SIM_NAME_BYTES && text[length] == '\0';
}

#define MAX_UP_TO_MHZ 5000.0

enum cc_status sim_chip_set_table(const struct sim_chip *chip, const char *key,
                                  const struct yaml_wait *rows, uint32_t count, double max_hz,
                                  struct sim_wait_table *table, struct cc_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        double hz = rows[i].up_to_mhz * 1e6;
        if (rows[i].wait_states != i || !(hz > 0) || (i && hz <= table->limit_hz[i - 1]))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %s.table[%u]: rows must be wait_states 0, 1, 2, ... with rising "
                           "up_to_mhz",
                           chip->path, key, i);
        if (!(rows[i].up_to_mhz <= MAX_UP_TO_MHZ))
            return cc_fail(err, CC_ERR_INPUT, "%s: %s.table[%u].up_to_mhz: %g is above %g MHz",
                           chip->path, key, i, rows[i].up_to_mhz, MAX_UP_TO_MHZ);
        table->limit_hz[i] = hz;
    }
    table->count = count;
    if (count == 0 || !(table->limit_hz[count - 1] >= max_hz * (1 - 1e-9)))
        return cc_fail(err, CC_ERR_INPUT, "%s: %s.table: last up_to_mhz must reach %g, its maximum",
                       chip->path, key, max_hz / 1e6);
    return CC_OK;
}

static enum cc_status set_range_name(struct sim_chip *chip, const char *key, const char *name,
                                     struct cc_error *err)
{
    if (!sim_chip_is_range_name(name))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %s: %.40s: a range's name is made of small letters, digits and _",
                       chip->path, key, name);
    for (uint32_t i = 0; i < chip->range_count; i++) {
        if (strcmp(chip->ranges[i].name, name) == 0)
            return cc_fail(err, CC_ERR_INPUT, "%s: %s: %s is the name of another range; change one",
                           chip->path, key, name);
    }
    snprintf(chip->ranges[chip->range_count].name, SIM_NAME_BYTES, "%s", name);
    return CC_OK;
}

static enum cc_status set_supply(const struct sim_chip *chip, const char *key, double min_vdd_v,
                                 struct sim_voltage_range *to, struct cc_error *err)
{
    if (!(min_vdd_v >= 0 && min_vdd_v <= 10))
        return cc_fail(err, CC_ERR_INPUT, "%s: %s.min_vdd_v: expected a supply of 0 to 10 V",
                       chip->path, key);
    to->min_vdd_v = min_vdd_v;
    return CC_OK;
}

static enum cc_status set_default_range(struct sim_chip *chip, const struct yaml_chip *from,
                                        struct cc_error *err)
{
    const struct yaml_wait_table *waits = &from->flash_wait_states;
    struct sim_voltage_range *to = &chip->ranges[0];
    if (!waits->range && from->voltage_ranges_count)
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: flash_wait_states.range: missing; name the range of this table, there "
                       "are voltage_ranges beside it",
                       chip->path);
    if (waits->range) {
        enum cc_status status = set_range_name(chip, "flash_wait_states.range", waits->range, err);
        if (status != CC_OK)
            return status;
    }
    to->max_clock_hz = chip->max_clock_hz;
    to->prefetch = from->memory_path.prefetch;
    to->verified = waits->verified;
    chip->range_count = 1;
    enum cc_status status = set_supply(chip, "flash_wait_states", waits->min_vdd_v, to, err);
    if (status != CC_OK)
        return status;
    return sim_chip_set_table(chip, "flash_wait_states", waits->table, waits->table_count,
                              chip->max_clock_hz, &to->flash, err);
}

static enum cc_status set_range(struct sim_chip *chip, const struct yaml_chip *from, uint32_t index,
                                struct cc_error *err)
{
    char key[48];
    const struct yaml_range *range = &from->voltage_ranges[index];
    struct sim_voltage_range *to = &chip->ranges[chip->range_count];
    snprintf(key, sizeof key, "voltage_ranges[%u].name", index);
    enum cc_status status = set_range_name(chip, key, range->name, err);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "voltage_ranges[%u]", index);
    to->max_clock_hz = range->max_mhz * 1e6;
    if (!(range->max_mhz >= SIM_MIN_CLOCK_MHZ && to->max_clock_hz <= chip->max_clock_hz))
        return cc_fail(err, CC_ERR_INPUT,
                       "%s: %s.max_mhz: expected %g to clock.max_mhz; the range of the highest "
                       "clock belongs into flash_wait_states",
                       chip->path, key, SIM_MIN_CLOCK_MHZ);
    to->prefetch = range->prefetch ? *range->prefetch : from->memory_path.prefetch;
    to->verified = range->verified;
    chip->range_count++;
    status = set_supply(chip, key, range->min_vdd_v, to, err);
    if (status != CC_OK)
        return status;
    return sim_chip_set_table(chip, key, range->table, range->table_count, to->max_clock_hz,
                              &to->flash, err);
}

enum cc_status sim_chip_set_ranges(struct sim_chip *chip, const struct yaml_chip *from,
                                   struct cc_error *err)
{
    enum cc_status status = set_default_range(chip, from, err);
    for (uint32_t i = 0; status == CC_OK && i < from->voltage_ranges_count; i++)
        status = set_range(chip, from, i, err);
    return status;
}

const char *sim_chip_list_ranges(const struct sim_chip *chip, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < chip->range_count && used < size; i++) {
        const struct sim_voltage_range *range = &chip->ranges[i];
        used += (size_t)snprintf(text + used, size - used, "%s%s (up to %g MHz)", i ? ", " : "",
                                 range->name, range->max_clock_hz / 1e6);
    }
    return text;
}

static int find_range(const struct sim_chip *chip, const char *name)
{
    for (uint32_t i = 0; i < chip->range_count; i++) {
        if (strcmp(chip->ranges[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

enum cc_status sim_chip_choose_range(struct sim_chip *chip, const char *spec, const char *name,
                                     struct cc_error *err)
{
    char list[SIM_MAX_RANGES * (SIM_NAME_BYTES + 32)];
    int found = name ? find_range(chip, name) : 0;
    if (found < 0 && !chip->ranges[0].name[0])
        return cc_fail(err, CC_ERR_USAGE,
                       "%.100s: the file of this chip knows no voltage ranges; leave out :%s", spec,
                       name);
    if (found < 0)
        return cc_fail(err, CC_ERR_USAGE, "%.100s: there is no range %s; the ranges are %s", spec,
                       name, sim_chip_list_ranges(chip, list, sizeof list));
    chip->range = (uint32_t)found;
    chip->range_by_name = name != NULL;
    chip->memory.prefetch = chip->ranges[found].prefetch;
    if (!chip->ranges[found].verified)
        chip->unverified |= 1u << SIM_PART_FLASH;
    return CC_OK;
}

static uint32_t waits_at(const struct sim_wait_table *table, double clock_hz)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (clock_hz <= table->limit_hz[i] * (1 + 1e-9))
            return i;
    }
    return table->count ? table->count - 1 : 0;
}

uint32_t sim_chip_wait_states(const struct sim_chip *chip, double clock_hz)
{
    return waits_at(&chip->ranges[chip->range].flash, clock_hz);
}

const struct sim_voltage_range *sim_chip_range_for(const struct sim_chip *chip, double clock_hz,
                                                   double vdd_v)
{
    for (uint32_t i = 0; i < chip->range_count; i++) {
        const struct sim_voltage_range *range = &chip->ranges[i];
        if (clock_hz <= range->max_clock_hz * (1 + 1e-9) && vdd_v >= range->min_vdd_v - 1e-9)
            return range;
    }
    return NULL;
}

uint32_t sim_chip_default_wait_states(const struct sim_chip *chip)
{
    return waits_at(&chip->ranges[0].flash, chip->default_clock_hz);
}

uint32_t sim_region_wait_states(const struct sim_region *region, double clock_hz)
{
    return waits_at(&region->waits, clock_hz);
}
