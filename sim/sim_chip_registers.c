/* Checks `registers:` and `configuration:` of a chip file; fields are found by the names of
 * registers. */
#include "sim_chip_registers.h"

#include "cc_file.h"
#include "sim_chip_registers_yaml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MHZ    5000
#define MAX_FACTOR 65536

/* One conversion. */
struct conversion {
    const char *path;
    struct sim_chip_registers *to;
    struct cc_error *err;
};

static int same_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static int find_register(const struct sim_chip_registers *registers, const char *name,
                         size_t length)
{
    for (uint16_t i = 0; i < registers->count; i++) {
        if (!registers->list[i].is_copy && same_name(registers->list[i].name, name, length))
            return i;
    }
    return -1;
}

/* "25" or "3:2". Returns 0 when the text is something else. */
static int parse_bits(const char *text, struct sim_field *field)
{
    unsigned high, low;
    int used = 0;
    if (sscanf(text, "%2u:%2u%n", &high, &low, &used) != 2 || text[used]) {
        if (sscanf(text, "%2u%n", &high, &used) != 1 || text[used])
            return 0;
        low = high;
    }
    if (text[0] < '0' || text[0] > '9' || high > 31 || low > high)
        return 0;
    field->low = (uint8_t)low;
    field->bits = (uint8_t)(high - low + 1);
    return 1;
}

static enum cc_status unknown_register(const struct conversion *c, const char *key,
                                       const char *text, size_t length)
{
    const char *names[SIM_MAX_REGISTERS];
    char near[96], name[64];
    size_t count = 0;
    for (uint16_t i = 0; i < c->to->count; i++) {
        if (!c->to->list[i].is_copy)
            names[count++] = c->to->list[i].name;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    return cc_fail(c->err, CC_ERR_INPUT,
                   "%s: %s: unknown register %s;%s write BLOCK.REGISTER of the list registers, and "
                   "bits behind it",
                   c->path, key, name, cc_did_you_mean(near, sizeof near, "", name, names, count));
}

/* "rcc.cr 25", "rcc.cfgr 3:2"; without a register the bits are of `own` (-1: not allowed). */
static enum cc_status parse_field(const struct conversion *c, const char *key, const char *text,
                                  int own, struct sim_field *field)
{
    const char *space = strchr(text, ' ');
    int index = own;
    if (space)
        index = find_register(c->to, text, (size_t)(space - text));
    if (space && index < 0)
        return unknown_register(c, key, text, (size_t)(space - text));
    if (index < 0 || !parse_bits(space ? space + 1 : text, field))
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %s: '%.40s' is no field; write %sbits as 25 or 3:2, at most 31",
                       c->path, key, text, own < 0 ? "BLOCK.REGISTER and its " : "");
    field->index = (uint16_t)index;
    return CC_OK;
}

/* Where an address stands, or would. */
static uint16_t position_of(const struct sim_chip_registers *registers, uint32_t address)
{
    uint16_t low = 0, high = registers->count;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (registers->list[middle].address < address)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    return low;
}

int sim_register_at(const struct sim_chip_registers *registers, uint32_t address)
{
    uint16_t at = position_of(registers, address & ~3u);
    return at < registers->count && registers->list[at].address == (address & ~3u) ? at : -1;
}

static int holds_registers(uint32_t address)
{
    return (address >= 0x40000000u && address < 0x60000000u) ||
           (address >= 0xe0000000u && address < 0xe0100000u);
}

static enum cc_status check_register(const struct conversion *c, const struct sim_register *r,
                                     uint32_t offset)
{
    uint16_t at = position_of(c->to, r->address);
    if ((r->address & 3) || offset > 0xffff || !holds_registers(r->address))
        return cc_fail(
            c->err, CC_ERR_INPUT,
            "%s: registers.%s: 0x%08x is no place for a register; it must be a multiple "
            "of 4 from 0x40000000 to 0x5fffffff or on the core's bus, the offset at most "
            "0xffff",
            c->path, r->name, r->address);
    if (r->ones & r->zeros)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: registers.%s: 0x%08x is in ones and in zeros; take it out of one",
                       c->path, r->name, r->ones & r->zeros);
    if (at < c->to->count && c->to->list[at].address == r->address)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: registers.%s: has the address of %s, 0x%08x; correct one of them",
                       c->path, r->name, c->to->list[at].name, r->address);
    if (!r->is_copy && find_register(c->to, r->name, strlen(r->name)) >= 0)
        return cc_fail(c->err, CC_ERR_INPUT, "%s: registers.%s: is given twice; remove one of them",
                       c->path, r->name);
    if (c->to->count == SIM_MAX_REGISTERS)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: registers: more than %d registers, copies counted; remove some",
                       c->path, SIM_MAX_REGISTERS);
    return CC_OK;
}

static enum cc_status add_register(const struct conversion *c,
                                   const struct yaml_register_block *block, uint32_t base,
                                   const struct yaml_register *from)
{
    struct sim_register r = {.address = base + from->offset,
                             .reset = from->reset,
                             .ones = from->ones,
                             .zeros = from->zeros,
                             .is_copy = base != block->base};
    int n = snprintf(r.name, sizeof r.name, "%s.%s", block->name, from->name);
    if (n < 0 || (size_t)n >= sizeof r.name || strcspn(r.name, " \t") != (size_t)n)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: registers.%s.%s: names of block and register must have no blanks and "
                       "at most %zu characters together",
                       c->path, block->name, from->name, sizeof r.name - 2);
    enum cc_status status = check_register(c, &r, from->offset);
    if (status != CC_OK)
        return status;
    uint16_t at = position_of(c->to, r.address);
    memmove(&c->to->list[at + 1], &c->to->list[at],
            (size_t)(c->to->count - at) * sizeof c->to->list[0]);
    c->to->list[at] = r;
    c->to->count++;
    return CC_OK;
}

static enum cc_status add_flag(const struct conversion *c, struct sim_register *r,
                               const struct yaml_register_flag *from, uint32_t index, int own)
{
    char key[96];
    struct sim_field flag = {0};
    struct sim_register_flag *to = &c->to->flags[c->to->flag_count];
    snprintf(key, sizeof key, "registers.%s.ready[%u].flag", r->name, index);
    enum cc_status status =
        strchr(from->flag, ' ')
            ? cc_fail(c->err, CC_ERR_INPUT, "%s: %s: '%.40s': write bits of this register only",
                      c->path, key, from->flag)
            : parse_field(c, key, from->flag, own, &flag);
    snprintf(key, sizeof key, "registers.%s.ready[%u].follows", r->name, index);
    if (status == CC_OK && c->to->flag_count == SIM_MAX_REGISTER_FLAGS)
        return cc_fail(c->err, CC_ERR_INPUT, "%s: %s: more than %d flags in the file; remove some",
                       c->path, key, SIM_MAX_REGISTER_FLAGS);
    if (status == CC_OK)
        status = parse_field(c, key, from->follows, own, &to->follows);
    if (status != CC_OK)
        return status;
    if (flag.bits != to->follows.bits)
        return cc_fail(c->err, CC_ERR_INPUT, "%s: %s: %u bits follow %u; make them as many",
                       c->path, key, flag.bits, to->follows.bits);
    to->low = flag.low;
    c->to->flag_count++;
    r->flag_count++;
    return CC_OK;
}

/* What needs the names of other registers. */
static enum cc_status link_register(const struct conversion *c, uint32_t base,
                                    const struct yaml_register *from)
{
    int own = sim_register_at(c->to, base + from->offset);
    struct sim_register *r = &c->to->list[own];
    char key[64];
    enum cc_status status = CC_OK;
    r->first_flag = c->to->flag_count;
    for (uint32_t i = 0; status == CC_OK && i < from->ready_count; i++)
        status = add_flag(c, r, &from->ready[i], i, own);
    if (status != CC_OK || (!from->chosen_by && !from->values_count))
        return status;
    snprintf(key, sizeof key, "registers.%s.chosen_by", r->name);
    if (!from->chosen_by || !from->values_count)
        return cc_fail(c->err, CC_ERR_INPUT, "%s: %s: goes with values; write both or none",
                       c->path, key);
    memcpy(r->values, from->values, from->values_count * sizeof r->values[0]);
    r->value_count = from->values_count;
    return parse_field(c, key, from->chosen_by, -1, &r->chosen_by);
}

typedef enum cc_status (*with_register_fn)(const struct conversion *c,
                                           const struct yaml_register_block *block, uint32_t base,
                                           const struct yaml_register *from);

static enum cc_status link_one(const struct conversion *c, const struct yaml_register_block *block,
                               uint32_t base, const struct yaml_register *from)
{
    (void)block;
    return link_register(c, base, from);
}

static enum cc_status for_each_register(const struct conversion *c,
                                        const struct yaml_register_block *blocks, uint32_t count,
                                        with_register_fn fn)
{
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; i < count; i++) {
        const struct yaml_register_block *b = &blocks[i];
        for (uint32_t copy = 0; copy <= b->copies_count; copy++) {
            uint32_t base = copy ? b->copies[copy - 1] : b->base;
            for (uint32_t k = 0; status == CC_OK && k < b->registers_count; k++)
                status = fn(c, b, base, &b->registers[k]);
        }
    }
    return status;
}

static enum cc_status set_factor(const struct conversion *c, const char *key,
                                 const struct yaml_clock_factor *from, struct sim_clock_factor *to)
{
    enum cc_status status = parse_field(c, key, from->field, -1, &to->field);
    if (status == CC_OK && from->fraction)
        status = parse_field(c, key, from->fraction, -1, &to->fraction);
    if (status != CC_OK)
        return status;
    if (from->values_count && (from->fraction || from->plus != 0))
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %s: values stand for themselves; remove plus and fraction", c->path,
                       key);
    if (from->values_count > (1ull << to->field.bits))
        return cc_fail(
            c->err, CC_ERR_INPUT,
            "%s: %s: %u values for %u bits; write at most one for each value of the bits", c->path,
            key, from->values_count, to->field.bits);
    for (uint32_t i = 0; i < from->values_count; i++) {
        if (!(from->values[i] >= 0 && from->values[i] <= MAX_FACTOR))
            return cc_fail(c->err, CC_ERR_INPUT,
                           "%s: %s.values[%u]: is no factor; write 0 for reserved, else up to %d",
                           c->path, key, i, MAX_FACTOR);
        to->values[i] = from->values[i];
    }
    if (!(fabs(from->plus) <= MAX_FACTOR))
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %s.plus: is above %d either way; write a smaller one", c->path, key,
                       MAX_FACTOR);
    to->value_count = from->values_count;
    to->plus = from->plus;
    return CC_OK;
}

static enum cc_status set_factors(const struct conversion *c, const char *key,
                                  const struct yaml_clock_factor *from, uint32_t count,
                                  struct sim_clock_factor *to, uint8_t *to_count)
{
    char entry[96];
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; status == CC_OK && i < count; i++) {
        snprintf(entry, sizeof entry, "%s[%u]", key, i);
        status = set_factor(c, entry, &from[i], &to[i]);
    }
    *to_count = (uint8_t)count;
    return status;
}

/* Clocks a node may name: those in front of it, so that there are no circles. */
static enum cc_status set_sources(const struct conversion *c, const char *key,
                                  const struct yaml_clock_node *from, struct sim_clock_node *to)
{
    const struct sim_configuration *config = &c->to->configuration;
    for (uint32_t i = 0; i < from->from_count; i++) {
        int found = -1;
        for (uint8_t k = 0; k < config->clock_count; k++) {
            if (strcmp(config->clocks[k].name, from->from[i]) == 0)
                found = k;
        }
        if (found < 0 && strcmp(from->from[i], "none") != 0)
            return cc_fail(c->err, CC_ERR_INPUT,
                           "%s: %s.from: no clock %s before this one; define it above (hse by "
                           "hse_mhz), or write none",
                           c->path, key, from->from[i]);
        to->from[i] = (int8_t)found;
    }
    to->from_count = (uint8_t)from->from_count;
    for (uint32_t i = 0; i < from->mhz_count; i++) {
        if (!(from->mhz[i] >= 0 && from->mhz[i] <= MAX_MHZ))
            return cc_fail(c->err, CC_ERR_INPUT,
                           "%s: %s.mhz: expected 0 (reserved) to %d, in megahertz", c->path, key,
                           MAX_MHZ);
        to->hz[i] = from->mhz[i] * 1e6;
    }
    to->hz_count = (uint8_t)from->mhz_count;
    return CC_OK;
}

static enum cc_status set_clock_node(const struct conversion *c, const struct yaml_clock_node *from,
                                     struct sim_clock_node *to)
{
    char key[96], part[112];
    enum cc_status status = CC_OK;
    uint32_t choices = from->from_count + from->mhz_count;
    snprintf(key, sizeof key, "configuration.clocks.%.40s", from->name);
    if (strlen(from->name) >= sizeof to->name || !from->from_count == !from->mhz_count)
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %s: needs a name of at most %zu characters and either mhz or from",
                       c->path, key, sizeof to->name - 1);
    snprintf(to->name, sizeof to->name, "%s", from->name);
    if (!from->select != (choices == 1))
        return cc_fail(c->err, CC_ERR_INPUT,
                       "%s: %s.select: the field that chooses among several, and only then",
                       c->path, key);
    if (from->select) {
        snprintf(part, sizeof part, "%s.select", key);
        status = parse_field(c, part, from->select, -1, &to->select);
        if (status == CC_OK && choices > (1ull << to->select.bits))
            status = cc_fail(c->err, CC_ERR_INPUT,
                             "%s: %s: %u choices for %u bits; remove some, or name all the bits",
                             c->path, part, choices, to->select.bits);
    }
    if (status == CC_OK)
        status = set_sources(c, key, from, to);
    snprintf(part, sizeof part, "%s.multiply", key);
    if (status == CC_OK)
        status = set_factors(c, part, from->multiply, from->multiply_count, to->multiply,
                             &to->multiply_count);
    snprintf(part, sizeof part, "%s.divide", key);
    if (status == CC_OK)
        status =
            set_factors(c, part, from->divide, from->divide_count, to->divide, &to->divide_count);
    return status;
}

static enum cc_status set_clocks(const struct conversion *c, const struct yaml_configuration *from)
{
    struct sim_configuration *to = &c->to->configuration;
    enum cc_status status = CC_OK;
    if (!(from->hse_mhz >= 0 && from->hse_mhz <= MAX_MHZ))
        return cc_fail(c->err, CC_ERR_INPUT, "%s: configuration.hse_mhz: expected 0 to %d", c->path,
                       MAX_MHZ);
    if (from->hse_mhz > 0) {
        struct sim_clock_node *hse = &to->clocks[to->clock_count++];
        snprintf(hse->name, sizeof hse->name, "hse");
        hse->hz[0] = from->hse_mhz * 1e6;
        hse->hz_count = 1;
    }
    for (uint32_t i = 0; status == CC_OK && i < from->clocks_count; i++) {
        status = set_clock_node(c, &from->clocks[i], &to->clocks[to->clock_count]);
        to->clock_count++;
    }
    if (status == CC_OK && to->clock_count &&
        strcmp(to->clocks[to->clock_count - 1].name, "core") != 0)
        status = cc_fail(c->err, CC_ERR_INPUT,
                         "%s: configuration.clocks: the last clock must be the core's, with the "
                         "name core",
                         c->path);
    return status;
}

static enum cc_status set_ways(const struct conversion *c, const struct yaml_clock_factor *from)
{
    static const char key[] = "configuration.instruction_cache_ways";
    struct sim_configuration *to = &c->to->configuration;
    enum cc_status status = set_factor(c, key, from, &to->ways);
    int fits = to->ways.value_count > 0;
    for (uint32_t i = 0; status == CC_OK && i < to->ways.value_count; i++) {
        uint32_t ways = (uint32_t)to->ways.values[i];
        fits &= ways == to->ways.values[i] && ways > 0 && (ways & (ways - 1)) == 0;
    }
    if (status == CC_OK && !fits)
        status = cc_fail(c->err, CC_ERR_INPUT, "%s: %s: give values, powers of two", c->path, key);
    to->fields[SIM_ASPECT_WAYS] = to->ways.field;
    return status;
}

static enum cc_status set_configuration(const struct conversion *c,
                                        const struct yaml_configuration *from)
{
    struct sim_configuration *to = &c->to->configuration;
    const struct {
        const char *key, *text;
        enum sim_aspect aspect;
    } fields[] = {
        {"configuration.wait_states", from->wait_states, SIM_ASPECT_WAIT_STATES},
        {"configuration.prefetch", from->prefetch, SIM_ASPECT_PREFETCH},
        {"configuration.instruction_cache", from->instruction_cache, SIM_ASPECT_ICACHE},
        {"configuration.data_cache", from->data_cache, SIM_ASPECT_DCACHE},
    };
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].text)
            status =
                parse_field(c, fields[i].key, fields[i].text, -1, &to->fields[fields[i].aspect]);
    }
    if (status == CC_OK && to->fields[SIM_ASPECT_WAIT_STATES].bits > 8)
        status =
            cc_fail(c->err, CC_ERR_INPUT,
                    "%s: configuration.wait_states: more than 8 bits are no wait states", c->path);
    if (status == CC_OK && from->instruction_cache_ways)
        status = set_ways(c, from->instruction_cache_ways);
    return status == CC_OK ? set_clocks(c, from) : status;
}

enum cc_status sim_chip_registers_convert(const char *path,
                                          const struct yaml_register_block *blocks,
                                          uint32_t block_count,
                                          const struct yaml_configuration *configuration,
                                          struct sim_chip_registers *to, struct cc_error *err)
{
    const struct conversion c = {path, to, err};
    memset(to, 0, sizeof *to);
    enum cc_status status = for_each_register(&c, blocks, block_count, add_register);
    if (status == CC_OK)
        status = for_each_register(&c, blocks, block_count, link_one);
    if (status == CC_OK && configuration)
        status = set_configuration(&c, configuration);
    return status;
}
