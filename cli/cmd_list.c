/* coincell list WHAT */
#include "cli.h"
#include "list_entry.h"

#include "cc_file.h"
#include "energy_chip_power.h"
#include "models_image.h"
#include "models_network.h"
#include "sim_chip.h"
#include "workload.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

struct list_args {
    struct cli_args common;
    const char *what;
    int json;
};

static const struct argp_option options[] = {
    {.name = "json", .key = CLI_KEY_JSON, .doc = "print one JSON array"},
    CLI_OPTION_HELP,
    {0},
};

/* Fills *names as cc_data_names does. */
typedef enum cc_status (*names_fn)(char ***names, size_t *count, struct cc_error *err);

struct listing {
    const char *what;
    const char *folder; /* NULL: they have no files, `names` tells them */
    cli_describe describe;
    names_fn names;
};

/* The ranges that can be named in NAME:RANGE; empty when there are none. */
static json_t *voltage_ranges(const struct sim_chip *chip)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < chip->range_count && chip->ranges[0].name[0]; i++)
        json_array_append_new(list, json_pack("{s:s, s:f}", "name", chip->ranges[i].name,
                                              "max_clock_hz", chip->ranges[i].max_clock_hz));
    return list;
}

static void describe_ranges(const struct sim_chip *chip, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < chip->range_count && chip->ranges[0].name[0] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "; ranges ",
                                 chip->ranges[i].name);
}

static json_t *chip_names(const struct energy_chip *chip,
                          const char *(*at)(const struct energy_chip *chip, uint32_t index))
{
    json_t *list = json_array();
    for (uint32_t i = 0; chip && at(chip, i); i++)
        json_array_append_new(list, json_string(at(chip, i)));
    return list;
}

/* What can be named of a chip that has prices: its own regulators, the usual one first, what it
 * sleeps in, and what may host a sensor. */
static enum cc_status add_chip_names(const char *name, int priced, json_t *object,
                                     struct cc_error *err)
{
    struct energy_chip *chip = NULL;
    enum cc_status status = priced ? energy_chip_load(name, &chip, err) : CC_OK;
    json_object_set_new(object, "regulators", chip_names(chip, energy_chip_regulator_at));
    json_object_set_new(object, "sleep_modes", chip_names(chip, energy_chip_sleep_mode));
    json_object_set_new(object, "peripherals", chip_names(chip, energy_chip_peripheral_name));
    energy_chip_free(chip);
    return status;
}

static enum cc_status describe_mcu(const char *name, struct cli_entry *entry, struct cc_error *err)
{
    struct sim_chip chip;
    double clock_hz;
    char prices[160], path[PATH_MAX], parts[96], ranges[128];
    enum cc_status status = sim_chip_load(name, &chip, &clock_hz, err);
    if (status != CC_OK)
        return status;
    snprintf(prices, sizeof prices, "energy/prices/%s.yaml", chip.name);
    int priced = cc_data_path(prices, path, sizeof path);
    sim_chip_unverified_parts(&chip, parts, sizeof parts);
    describe_ranges(&chip, ranges, sizeof ranges);
    snprintf(entry->description, sizeof entry->description, "%s%s; timing %s%s%s", chip.description,
             ranges, chip.unverified ? "unverified: " : "verified", parts,
             priced ? "" : "; no energy prices yet");
    entry->object = json_pack(
        "{s:s, s:s, s:f, s:f, s:I, s:I, s:b, s:s, s:s, s:f, s:o}", "core", sim_core_name(chip.core),
        "description", chip.description, "default_clock_hz", chip.default_clock_hz, "max_clock_hz",
        chip.max_clock_hz, "flash_bytes", (json_int_t)chip.runner_flash_bytes, "ram_bytes",
        (json_int_t)chip.runner_ram_bytes, "priced", priced, "timing",
        chip.unverified ? "unverified" : "verified", "unverified", parts, "cycles_rsd",
        sim_chip_cycles_rsd(&chip), "voltage_ranges", voltage_ranges(&chip));
    status = add_chip_names(chip.name, priced, entry->object, err);
    if (status != CC_OK)
        json_decref(entry->object);
    return status;
}

static enum cc_status describe_kernels(const char *name, struct cli_entry *entry,
                                       struct cc_error *err)
{
    static const char *const texts[] = {
        [IMAGE_REFERENCE] = "plain C, one multiplication at a time; any core",
        [IMAGE_DSP] = "two multiplications per instruction; needs the DSP extension (M4, M7, M33)",
        [IMAGE_SCALAR] = "unrolled C; cores without the DSP extension (M0, M0+, M3)",
    };
    int variant = models_variant_from_name(name);
    if (variant < 0 || (size_t)variant >= sizeof texts / sizeof texts[0])
        return cc_fail(err, CC_ERR_INTERNAL, "%s: kernels without a description", name);
    snprintf(entry->description, sizeof entry->description, "%s", texts[variant]);
    entry->object = json_pack("{s:s}", "description", texts[variant]);
    return CC_OK;
}

static void input_shape(const struct models_network *net, char *text, size_t size)
{
    const struct models_tensor *t = &net->tensors[net->inputs[0]];
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < t->rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i ? "x" : "", t->dims[i]);
}

static enum cc_status describe_model(const char *name, struct cli_entry *entry,
                                     struct cc_error *err)
{
    struct models_network net;
    char path[PATH_MAX], shape[64];
    uint64_t macs = 0, weights = 0;
    enum cc_status status = cc_data_resolve("model", "models/zoo", name, path, sizeof path, err);
    if (status == CC_OK)
        status = models_architecture_read(path, &net, err);
    if (status != CC_OK)
        return status;
    for (int32_t i = 0; i < net.n_ops; i++)
        macs += net.ops[i].macs;
    for (int32_t i = 0; i < net.n_tensors; i++)
        weights += net.tensors[i].data ? (uint64_t)net.tensors[i].bytes : 0;
    input_shape(&net, shape, sizeof shape);
    snprintf(entry->description, sizeof entry->description,
             "%d operators, %.3f M MACs, %.1f KB of constants, input %s", net.n_ops,
             (double)macs * 1e-6, (double)weights * 1e-3, shape);
    entry->object =
        json_pack("{s:s, s:i, s:I, s:I}", "description", entry->description, "operators", net.n_ops,
                  "macs", (json_int_t)macs, "constant_bytes", (json_int_t)weights);
    models_network_free(&net);
    return CC_OK;
}

static const char *variant_name(size_t i)
{
    static const enum image_variant variants[] = {IMAGE_REFERENCE, IMAGE_DSP, IMAGE_SCALAR};
    return i < sizeof variants / sizeof variants[0] ? models_variant_name(variants[i]) : NULL;
}

static const char *workload_name(size_t i)
{
    const struct cli_workload_info *info = cli_workload_info((uint32_t)i);
    return info ? info->name : NULL;
}

/* Copies of all the names there are. */
static enum cc_status copy_names(const char *(*name)(size_t i), char ***names, size_t *count,
                                 struct cc_error *err)
{
    size_t all = 0;
    while (name(all))
        all++;
    *count = 0;
    *names = calloc(all + 1, sizeof **names);
    while (*names && *count < all) {
        (*names)[*count] = strdup(name(*count));
        if (!(*names)[*count]) {
            cc_names_free(*names, *count);
            *names = NULL;
        } else {
            (*count)++;
        }
    }
    return *names ? CC_OK : cc_no_memory(err);
}

static enum cc_status kernel_names(char ***names, size_t *count, struct cc_error *err)
{
    return copy_names(variant_name, names, count, err);
}

static enum cc_status workload_names(char ***names, size_t *count, struct cc_error *err)
{
    return copy_names(workload_name, names, count, err);
}

static enum cc_status describe_workload(const char *name, struct cli_entry *entry,
                                        struct cc_error *err)
{
    const struct cli_workload_info *info = cli_workload_find(name);
    const char *kind = info->calibration ? "calibration" : "front end";
    (void)err;
    snprintf(entry->description, sizeof entry->description, "%s; a run: %s", info->text,
             info->unit);
    entry->object =
        json_pack("{s:s, s:s, s:s}", "description", info->text, "unit", info->unit, "kind", kind);
    return CC_OK;
}

static const struct listing listings[] = {
    {"mcus", "sim/chips", describe_mcu, NULL},
    {"kernels", NULL, describe_kernels, kernel_names},
    {"models", "models/zoo", describe_model, NULL},
    {"workloads", NULL, describe_workload, workload_names},
    {"batteries", "energy/batteries", cli_describe_battery, NULL},
    {"regulators", "energy/regulators", cli_describe_regulator, NULL},
    {"harvesters", "energy/harvesters", cli_describe_harvester, NULL},
    {"radios", "energy/radios", cli_describe_radio, NULL},
    {"sensors", "energy/sensors", cli_describe_sensor, NULL},
    {"scenarios", "energy/scenarios", cli_describe_scenario, NULL},
};

#define LISTS                                                                                      \
    "mcus, kernels, models, workloads, batteries, regulators, harvesters, radios, sensors, "       \
    "scenarios"

#define LISTING_COUNT (sizeof listings / sizeof listings[0])

static const struct listing *find_listing(const char *what)
{
    for (size_t i = 0; i < LISTING_COUNT; i++) {
        if (strcmp(listings[i].what, what) == 0)
            return &listings[i];
    }
    return NULL;
}

static error_t parse_what(struct list_args *a, const char *text)
{
    const char *names[LISTING_COUNT];
    char near[64];
    for (size_t i = 0; i < LISTING_COUNT; i++)
        names[i] = listings[i].what;
    if (a->what)
        return cli_usage(&a->common, "%s: one list at a time", text);
    if (!find_listing(text))
        return cli_usage(&a->common, "%s: there is no such list;%s lists: " LISTS, text,
                         cc_did_you_mean(near, sizeof near, "", text, names, LISTING_COUNT));
    a->what = text;
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct list_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        return parse_what(a, text);
    case ARGP_KEY_END:
        if (!a->what && !a->common.help)
            return cli_usage(&a->common, "list: say what; one of " LISTS);
        return 0;
    default:
        return cli_parse_common(key, state, &a->common);
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "WHAT",
    .doc = "List what is built in, one line each.\vWHAT is one of " LISTS ".",
};

/* Prints the text line, or moves the object into the array. */
static enum cc_status add_entry(const char *name, struct cli_entry *entry, json_t *array,
                                struct cc_error *err)
{
    if (!array) {
        json_decref(entry->object);
        printf("%-17s ", name);
        cli_print_wrapped(entry->description, 18);
        return CC_OK;
    }
    json_t *object = json_pack("{s:s}", "name", name); /* the name comes first */
    int failed = json_object_update(object, entry->object) != 0;
    json_decref(entry->object);
    if (json_array_append_new(array, object) != 0 || failed)
        return cc_fail(err, CC_ERR_INPUT, "%s: the name or description is not UTF-8", name);
    return CC_OK;
}

static enum cc_status print_listing(const struct listing *listing, json_t *array,
                                    struct cc_error *err)
{
    char **names = NULL;
    size_t count = 0;
    enum cc_status status = listing->folder ? cc_data_names(listing->folder, &names, &count, err)
                                            : listing->names(&names, &count, err);
    for (size_t i = 0; status == CC_OK && i < count; i++) {
        struct cli_entry entry = {"", NULL};
        status = listing->describe(names[i], &entry, err);
        if (status == CC_OK)
            status = add_entry(names[i], &entry, array, err);
    }
    cc_names_free(names, count);
    return status;
}

enum cc_status cli_cmd_list(int argc, char **argv, struct cc_error *err)
{
    struct list_args a = {.common.err = err};
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    json_t *array = a.json ? json_array() : NULL;
    if (a.json && !array)
        return cc_no_memory(err);
    status = print_listing(find_listing(a.what), array, err);
    if (status == CC_OK && array) {
        json_dumpf(array, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
    }
    json_decref(array);
    return status == CC_OK ? cli_flush(err) : status;
}
