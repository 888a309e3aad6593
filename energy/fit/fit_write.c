/* energy/prices/NAME.yaml from a fit. No dates, no locale: the same fit gives the same bytes. */
#include "fit_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 100

struct text {
    char *bytes;
    size_t used, room;
    int failed;
};

static void CC_PRINTF(2, 3) add(struct text *t, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || t->failed)
        return;
    size_t bytes = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    if (t->used + bytes + 1 > t->room) {
        size_t room = 2 * t->room + bytes + 4096;
        char *grown = realloc(t->bytes, room);
        if (!grown) {
            t->failed = 1;
            return;
        }
        t->bytes = grown;
        t->room = room;
    }
    memcpy(t->bytes + t->used, line, bytes);
    t->used += bytes;
    t->bytes[t->used] = '\0';
}

/* A folded block: words broken to lines that are indented by two. */
static void add_folded(struct text *t, const char *words)
{
    size_t column = 0;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (column && column + 1 + length > LINE_BYTES - 2) {
            add(t, "\n");
            column = 0;
        }
        add(t, "%s%.*s", column ? " " : "  ", (int)length, words);
        column += length + (column ? 1 : 2);
        words += length;
        words += strspn(words, " ");
    }
    add(t, "\n");
}

/* Four significant digits without an exponent where YAML readers might differ. */
static void number_text(double value, char *text, size_t size)
{
    snprintf(text, size, "%.4g", value);
    if (strchr(text, 'e'))
        snprintf(text, size, "%.*f", value < 1 ? 8 : 0, value);
}

static const char *why(const struct energy_fit_price *price)
{
    if (price->prior_rsd == 0)
        return "by definition";
    if (price->determined)
        return price->verified ? "fit: decided by the rows" : "fit: decided by unverified rows";
    if (price->rsd < price->prior_rsd * 0.8)
        return "fit: rows and prior (energy/priors/silicon.yaml)";
    return "prior (energy/priors/silicon.yaml), scaled by the fit";
}

static void add_figure(struct text *t, const char *indent, const char *key,
                       const struct energy_fit_price *price)
{
    char value[32], rsd[32], fraction[32];
    number_text(price->value, value, sizeof value);
    snprintf(rsd, sizeof rsd, "%.4f", price->rsd);
    add(t, "%s%s: {value: %s, rsd: %s, verified: %s, source: \"%s\"", indent, key, value, rsd,
        price->verified ? "yes" : "no", why(price));
    if (price->prior_rsd > 0) {
        add(t, ", fit_fraction: [");
        for (int k = 0; k < ENERGY_FIT_KEPT; k++) {
            snprintf(fraction, sizeof fraction, "%.4f", price->fit_fraction[k]);
            if (strcmp(fraction, "-0.0000") == 0)
                snprintf(fraction, sizeof fraction, "0.0000");
            add(t, "%s%s", k ? ", " : "", fraction);
        }
        add(t, "]");
    }
    add(t, "}\n");
}

static const struct energy_fit_price *find(const struct energy_fit *fit, const char *key)
{
    for (uint32_t j = 0; j < fit->price_count; j++) {
        if (strcmp(fit->prices[j].key, key) == 0)
            return &fit->prices[j];
    }
    return NULL;
}

static void add_core(struct text *t, const struct energy_fit *fit)
{
    static const char *const keys[] = {"cycle_pj", "stall_pj", "idle_pj"};
    char key[SIM_NAME_BYTES];
    add(t, "core:\n");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        snprintf(key, sizeof key, "core.%s", keys[i]);
        const struct energy_fit_price *price = find(fit, key);
        if (price)
            add_figure(t, "  ", keys[i], price);
    }
}

static void add_classes(struct text *t, const struct energy_fit *fit)
{
    char key[SIM_NAME_BYTES];
    add(t, "classes:\n");
    for (int c = 0; c < SIM_CLASS_COUNT; c++) {
        snprintf(key, sizeof key, "classes.%s_pj", sim_class_name((enum sim_class)c));
        const struct energy_fit_price *price = find(fit, key);
        if (price)
            add_figure(t, "  ", key + strlen("classes."), price);
    }
}

static void add_regions(struct text *t, const struct energy_fit *fit)
{
    static const char *const kinds[] = {"fetch_pj", "line_read_pj", "read_pj", "write_pj"};
    char key[SIM_NAME_BYTES];
    add(t, "regions:\n");
    for (int r = 0; r < SIM_REGION_COUNT; r++) {
        const char *region = sim_region_name((enum sim_region_kind)r);
        int named = 0;
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            snprintf(key, sizeof key, "regions.%s.%s", region, kinds[k]);
            const struct energy_fit_price *price = find(fit, key);
            if (!price)
                continue;
            if (!named++)
                add(t, "  %s:\n", region);
            add_figure(t, "    ", kinds[k], price);
        }
    }
}

static void add_points(struct text *t, const struct energy_chip *chip, const struct energy_fit *fit)
{
    static const char *const kinds[] = {"static_ua", "price_scale", "vdd_exponent"};
    char key[SIM_NAME_BYTES];
    add(t, "operating_points:\n");
    for (uint32_t p = 0; p < chip->points_count; p++) {
        add(t, "  - name: \"%s\"\n", chip->points[p].name);
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            snprintf(key, sizeof key, "operating_points[%u].%s", (unsigned)p, kinds[k]);
            const struct energy_fit_price *price = find(fit, key);
            int of_law = strcmp(kinds[k], "vdd_exponent") == 0;
            if (price && (!of_law || price->prior_rsd > 0))
                add_figure(t, "    ", kinds[k], price);
        }
    }
}

/* The file of the measurements: one of the shipped by its place in the source, another by its
 * name. */
static const char *file_name(const char *path, char *text, size_t size)
{
    char shipped[sizeof((struct energy_measurements *)0)->path];
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    snprintf(text, size, "energy/measurements/%.400s", name);
    if (!cc_data_path(text, shipped, sizeof shipped) || !cc_file_same(shipped, path))
        snprintf(text, size, "%s", name);
    return text;
}

/* How well the rows of the chip itself are met; what cannot be known is said. */
static void accuracy_text(const struct energy_fit *fit, char *text, size_t size)
{
    char left_out[80] = "no other row to predict one by";
    if (isnan(fit->median_residual)) {
        snprintf(text, size, "No row is of the chip itself.");
        return;
    }
    if (!isnan(fit->median_left_out))
        snprintf(left_out, sizeof left_out, "median of rows predicted without them %.1f %%",
                 100 * fit->median_left_out);
    snprintf(text, size, "Rows of the chip itself: median residual %.1f %%, worst %.1f %%; %s.",
             100 * fit->median_residual, 100 * fit->worst_residual, left_out);
}

static void add_head(struct text *t, const struct energy_chip *chip,
                     const struct energy_measurements *from, const struct energy_fit *fit)
{
    char words[2048], accuracy[256], file[512];
    size_t used = 0;
    uint32_t determined = 0;
    for (uint32_t j = 0; j < fit->price_count; j++)
        determined += (uint32_t)(fit->prices[j].determined && fit->prices[j].prior_rsd > 0);
    accuracy_text(fit, accuracy, sizeof accuracy);
    used += (size_t)snprintf(words, sizeof words,
                             "%u of %u rows of %s. %s %u of %u prices are "
                             "decided by rows, the others by energy/priors/silicon.yaml. Groups:",
                             (unsigned)fit->fitted_count, (unsigned)fit->row_count,
                             file_name(from->path, file, sizeof file), accuracy,
                             (unsigned)determined, (unsigned)fit->price_count);
    for (uint32_t g = 0; g < from->group_count && used < sizeof words; g++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s %s%s", g ? ";" : "",
                                 from->groups[g].name,
                                 from->groups[g].stand_in ? " (another chip)" : "");
    add(t, "# Written by coincell calibrate; do not edit: change the measurements and run it "
           "again.\n");
    add(t, "name: %s\n", chip->name);
    add(t, "fitted_on: >\n");
    add_folded(t, words);
    char value[32];
    number_text(chip->reference_vdd_v.value, value, sizeof value);
    add(t, "reference_vdd_v: {value: %s, rsd: 0, verified: yes, source: \"the chip file\"}\n",
        value);
    snprintf(value, sizeof value, "%.4f", fit->chip_rsd);
    add(t,
        "chip_rsd: {value: %s, rsd: 0, verified: no, source: \"spread of the groups, at least that "
        "of energy/priors/silicon.yaml\"}\n",
        value);
}

enum cc_status energy_fit_write(const struct energy_chip *chip,
                                const struct energy_measurements *measurements,
                                const struct energy_fit *fit, char **yaml, struct cc_error *err)
{
    struct text text = {0};
    add_head(&text, chip, measurements, fit);
    add_core(&text, fit);
    add_classes(&text, fit);
    add_regions(&text, fit);
    add_points(&text, chip, fit);
    *yaml = text.failed ? NULL : text.bytes;
    if (text.failed) {
        free(text.bytes);
        return cc_no_memory(err);
    }
    return CC_OK;
}
