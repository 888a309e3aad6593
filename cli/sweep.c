#include "sweep.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_POINTS 10

/* What a value of an axis may be. */
static const struct {
    const char *name;
    double min, max;
    int by_factors; /* a range grows by equal factors */
    const char *example;
} axes[CLI_AXIS_COUNT] = {
    [CLI_AXIS_BATTERY] = {"battery", 0, 0, 0, "battery=cr2032|aaa2 or battery=*"},
    [CLI_AXIS_TEMPERATURE] = {"temperature", -60, 150, 0, "temperature=-20..60:5"},
    [CLI_AXIS_VDD] = {"vdd", 0.5, 10, 0, "vdd=1.8|3.0"},
    [CLI_AXIS_PROBABILITY] = {"probability", 1e-9, 1e9, 1, "probability=0.1..10"},
    [CLI_AXIS_EVERY] = {"every", 1e-6, 1e9, 1, "every=0.1..3600:20"},
};

const char *cli_axis_name(enum cli_axis axis)
{
    return (unsigned)axis < CLI_AXIS_COUNT ? axes[axis].name : "?";
}

void cli_sweep_free(struct cli_sweep *sweep)
{
    for (int i = 0; i < CLI_AXIS_COUNT; i++) {
        for (size_t w = 0; sweep->axes[i].words && w < sweep->axes[i].count; w++)
            free(sweep->axes[i].words[w]);
        free(sweep->axes[i].words);
        free(sweep->axes[i].numbers);
    }
    memset(sweep, 0, sizeof *sweep);
}

uint64_t cli_sweep_rows(const struct cli_sweep *sweep)
{
    uint64_t rows = 1;
    for (int i = 0; i < CLI_AXIS_COUNT; i++) {
        uint64_t count = sweep->axes[i].count ? sweep->axes[i].count : 1;
        rows = rows > UINT64_MAX / count ? UINT64_MAX : rows * count;
    }
    return rows;
}

static enum cc_status refuse(enum cli_axis axis, const char *value, const char *what,
                             struct cc_error *err)
{
    return cc_fail(err, CC_ERR_USAGE, "--sweep %s=%.80s: %s; give such as %s", axes[axis].name,
                   value, what, axes[axis].example);
}

/* A number of the axis that ends at the character where *text is left. */
static enum cc_status read_number(enum cli_axis axis, const char **text, const char *whole,
                                  double *value, struct cc_error *err)
{
    char *end, what[96];
    *value = strtod(*text, &end);
    if (end == *text || (*text)[0] == ' ' || !isfinite(*value))
        return refuse(axis, whole, "is not a number", err);
    if (*value < axes[axis].min || *value > axes[axis].max) {
        snprintf(what, sizeof what, "is out of range, %g to %g", axes[axis].min, axes[axis].max);
        return refuse(axis, whole, what, err);
    }
    *text = end;
    return CC_OK;
}

static enum cc_status add_range(enum cli_axis axis, struct cli_sweep_axis *to, double from,
                                double last, size_t points, struct cc_error *err)
{
    double *grown = realloc(to->numbers, (to->count + points) * sizeof *grown);
    if (!grown)
        return cc_no_memory(err);
    to->numbers = grown;
    for (size_t i = 0; i < points; i++) {
        double part = points > 1 ? (double)i / (double)(points - 1) : 0;
        double value =
            axes[axis].by_factors ? from * pow(last / from, part) : from + (last - from) * part;
        to->numbers[to->count++] = i + 1 == points && points > 1 ? last : value;
    }
    return CC_OK;
}

static enum cc_status read_points(enum cli_axis axis, const char *text, const char *whole,
                                  size_t *points, struct cc_error *err)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || n < 2 || n > CLI_SWEEP_MAX_VALUES)
        return refuse(axis, whole, "wants 2 to 10000000 points behind the colon", err);
    *points = (size_t)n;
    return CC_OK;
}

/* NUMBER or A..B[:N] */
static enum cc_status add_numbers(enum cli_axis axis, struct cli_sweep_axis *to, const char *item,
                                  struct cc_error *err)
{
    double from, last;
    size_t points = DEFAULT_POINTS;
    const char *at = item;
    /* "0..5" must not be read as "0." and ".5" */
    char first[64];
    const char *dots = strstr(item, "..");
    snprintf(first, sizeof first, "%.*s", dots ? (int)(dots - item) : (int)strlen(item), item);
    const char *number = first;
    enum cc_status status = read_number(axis, &number, item, &from, err);
    if (status != CC_OK)
        return status;
    if (*number)
        return refuse(axis, item, "is not a number or a range A..B", err);
    if (!dots)
        return add_range(axis, to, from, from, 1, err);
    at = dots + 2;
    status = read_number(axis, &at, item, &last, err);
    if (status == CC_OK && *at == ':')
        status = read_points(axis, at + 1, item, &points, err);
    else if (status == CC_OK && *at)
        status = refuse(axis, item, "is not a range A..B[:N]", err);
    if (status == CC_OK && !(last > from))
        status = refuse(axis, item, "ends before it begins", err);
    return status == CC_OK ? add_range(axis, to, from, last, points, err) : status;
}

static enum cc_status add_word(struct cli_sweep_axis *to, const char *word, struct cc_error *err)
{
    char **grown = realloc(to->words, (to->count + 1) * sizeof *grown);
    if (!grown)
        return cc_no_memory(err);
    to->words = grown;
    to->words[to->count] = strdup(word);
    if (!to->words[to->count])
        return cc_no_memory(err);
    to->count++;
    return CC_OK;
}

static enum cc_status add_values(enum cli_axis axis, struct cli_sweep_axis *to, char *values,
                                 struct cc_error *err)
{
    enum cc_status status = CC_OK;
    for (char *item = values, *next; status == CC_OK && item; item = next) {
        next = strchr(item, '|');
        if (next)
            *next++ = '\0';
        if (!item[0])
            status = refuse(axis, item, "is empty", err);
        else if (axis == CLI_AXIS_BATTERY)
            status = add_word(to, item, err);
        else
            status = add_numbers(axis, to, item, err);
        if (status == CC_OK && to->count > CLI_SWEEP_MAX_VALUES)
            status = refuse(axis, item, "makes too many values", err);
    }
    return status;
}

/* NAME=VALUES */
static enum cc_status add_axis(struct cli_sweep *sweep, char *text, struct cc_error *err)
{
    const char *names[CLI_AXIS_COUNT];
    char near[96], *values = strchr(text, '=');
    int axis = 0;
    for (int i = 0; i < CLI_AXIS_COUNT; i++)
        names[i] = axes[i].name;
    if (values)
        *values++ = '\0';
    while (axis < CLI_AXIS_COUNT && strcmp(text, axes[axis].name) != 0)
        axis++;
    if (axis == CLI_AXIS_COUNT)
        return cc_fail(err, CC_ERR_USAGE,
                       "--sweep %.80s: unknown axis;%s axes: battery, temperature, "
                       "probability, every",
                       text, cc_did_you_mean(near, sizeof near, "", text, names, CLI_AXIS_COUNT));
    if (!values)
        return refuse((enum cli_axis)axis, "", "has no values", err);
    if (sweep->axes[axis].count > 0)
        return refuse((enum cli_axis)axis, values, "is given twice", err);
    return add_values((enum cli_axis)axis, &sweep->axes[axis], values, err);
}

enum cc_status cli_sweep_parse(const char *text, struct cli_sweep *sweep, struct cc_error *err)
{
    memset(sweep, 0, sizeof *sweep);
    char *copy = strdup(text);
    if (!copy)
        return cc_no_memory(err);
    enum cc_status status = CC_OK;
    for (char *axis = copy, *next; status == CC_OK && axis; axis = next) {
        next = strchr(axis, ',');
        if (next)
            *next++ = '\0';
        status = add_axis(sweep, axis, err);
    }
    free(copy);
    if (status == CC_OK && cli_sweep_rows(sweep) > CLI_SWEEP_MAX_ROWS)
        status = cc_fail(err, CC_ERR_USAGE, "--sweep: more than %u rows; give fewer values",
                         CLI_SWEEP_MAX_ROWS);
    if (status != CC_OK)
        cli_sweep_free(sweep);
    return status;
}
