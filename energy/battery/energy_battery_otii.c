/* Battery profiles of Otii (Qoitech): measured rows of used capacity, voltage and resistance. The
 * public ones (github.com/qoitech/otii-battery-profiles) are {"dischargetables": [{"temperature",
 * "dischargeprofile": {"low", "high": {"mode", "value", "time"}, "exitConditions": {"voltage"}},
 * "table": [{"capacity", "voltage", "resistance"}, ...]}], "battery": {"cutoffvoltage", ...}},
 * older ones without "dischargeprofile"; mAh, V, ohm, A or W, s. Rows that are arrays, and columns
 * instead of rows, are taken too. What a profile does not tell gets stated defaults, none of them
 * verified. */
#include "energy_battery_internal.h"

#include "cc_file.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES   (32u << 20)
#define MAX_ROWS    200000u
#define MAX_TABLES  16
#define MAX_DEPTH   6
#define KEPT_ROWS   56 /* of ENERGY_MAX_CURVE */
#define MOST_BESIDE 20 /* rows on either side that a median is taken of */
#define HELD_C      10 /* a table holds so far beyond its temperature */
#define MOST_APART  3  /* times, capacity as measured and as its maker says */

struct row {
    double mah, v, r_ohm;
};

enum high_mode { HIGH_UNKNOWN, HIGH_CURRENT, HIGH_POWER, HIGH_RESISTANCE };

struct table {
    struct row *rows; /* owned */
    size_t count;
    double c;            /* temperature */
    int mode;            /* of the high segment: what the resistance was measured with */
    double high, high_s; /* A, W or ohm */
    double exit_v;       /* that ended the measurement; 0 = not told */
    struct row noise;    /* left after smoothing, at most */
};

struct reader {
    const char *path;
    struct table tables[MAX_TABLES];
    size_t count;
    struct cc_error *err;
};

/* Does a key contain a word, whatever its case? */
static int contains(const char *key, const char *word)
{
    size_t n = strlen(word);
    for (; *key; key++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)key[i]) == word[i])
            i++;
        if (i == n)
            return 1;
    }
    return 0;
}

static json_t *member(json_t *object, const char *word)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) if (contains(key, word)) return value;
    return NULL;
}

/* Numbers of one row, or NULL where it has none. */
static void cells_of(json_t *row, json_t *cells[3])
{
    static const char *const words[3] = {"capacity", "voltage", "resistance"};
    for (int i = 0; i < 3; i++) {
        cells[i] = json_is_object(row) ? member(row, words[i]) : json_array_get(row, (size_t)i);
        if (!json_is_number(cells[i]))
            cells[i] = NULL;
    }
}

static int is_row(json_t *row)
{
    json_t *cells[3];
    if (!json_is_object(row) && !json_is_array(row))
        return 0;
    cells_of(row, cells);
    return cells[0] && cells[1] && cells[2];
}

static enum cc_status refuse(const struct reader *r, size_t row, const char *what, double value)
{
    return cc_fail(r->err, CC_ERR_INPUT,
                   "%s: table row %zu: %s of %g is not possible; correct the profile", r->path, row,
                   what, value);
}

/* Rows whose used capacity does not grow are passed over: the instrument writes such. */
static enum cc_status add_row(const struct reader *r, struct table *t, size_t index,
                              json_t *cells[3])
{
    const struct row row = {json_number_value(cells[0]), json_number_value(cells[1]),
                            json_number_value(cells[2])};
    if (!(row.mah >= 0 && row.mah <= 1e6))
        return refuse(r, index, "a used capacity (mAh)", row.mah);
    if (!(row.v >= 0.1 && row.v <= 60))
        return refuse(r, index, "a voltage (V)", row.v);
    if (!(row.r_ohm >= 0 && row.r_ohm <= 1e5))
        return refuse(r, index, "a resistance (ohm)", row.r_ohm);
    if (t->count == 0 || row.mah > t->rows[t->count - 1].mah)
        t->rows[t->count++] = row;
    return CC_OK;
}

static enum cc_status new_table(struct reader *r, size_t rows, struct table **table)
{
    if (r->count == MAX_TABLES || rows > MAX_ROWS)
        return cc_fail(r->err, CC_ERR_INPUT, "%s: more than %d tables or %u rows; shorten it",
                       r->path, MAX_TABLES, MAX_ROWS);
    *table = &r->tables[r->count];
    (*table)->rows = calloc(rows, sizeof *(*table)->rows);
    if (!(*table)->rows)
        return cc_no_memory(r->err);
    (*table)->c = NAN;
    r->count++;
    return CC_OK;
}

static enum cc_status read_rows(struct reader *r, json_t *rows)
{
    struct table *t;
    json_t *row;
    size_t i;
    enum cc_status status = new_table(r, json_array_size(rows), &t);
    if (status != CC_OK)
        return status;
    json_array_foreach(rows, i, row)
    {
        json_t *cells[3];
        if (!is_row(row))
            return cc_fail(r->err, CC_ERR_INPUT,
                           "%s: table row %zu: not a capacity, a voltage and a resistance; correct "
                           "the profile",
                           r->path, i);
        cells_of(row, cells);
        status = add_row(r, t, i, cells);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static int are_columns(json_t *object, json_t *columns[3])
{
    static const char *const words[3] = {"capacity", "voltage", "resistance"};
    for (int i = 0; i < 3; i++) {
        columns[i] = json_is_object(object) ? member(object, words[i]) : NULL;
        if (!json_is_array(columns[i]) || json_array_size(columns[i]) < 2 ||
            json_array_size(columns[i]) != json_array_size(columns[0]))
            return 0;
    }
    return 1;
}

static enum cc_status read_columns(struct reader *r, json_t *columns[3])
{
    struct table *t;
    size_t rows = json_array_size(columns[0]);
    enum cc_status status = new_table(r, rows, &t);
    for (size_t i = 0; status == CC_OK && i < rows; i++) {
        json_t *cells[3];
        for (int k = 0; k < 3; k++) {
            cells[k] = json_array_get(columns[k], i);
            if (!json_is_number(cells[k]))
                return cc_fail(r->err, CC_ERR_INPUT,
                               "%s: table row %zu: a column has no number; correct the profile",
                               r->path, i);
        }
        status = add_row(r, t, i, cells);
    }
    return status;
}

static double temperature_of(json_t *around)
{
    json_t *temperature = json_object_get(around, "temperature");
    const char *unit = json_string_value(json_object_get(around, "temperatureunit"));
    if (!json_is_number(temperature))
        return NAN;
    double value = json_number_value(temperature);
    return unit && strchr(unit, 'F') ? (value - 32) / 1.8 : value;
}

static int mode_of(json_t *segment)
{
    static const char *const modes[] = {"", "current", "power", "resistance"};
    const char *mode = json_string_value(json_object_get(segment, "mode"));
    for (int i = HIGH_CURRENT; mode && i <= HIGH_RESISTANCE; i++)
        if (strcmp(mode, modes[i]) == 0)
            return i;
    return HIGH_UNKNOWN;
}

/* What the object around a table tells of how it was measured; the innermost counts. */
static void read_conditions(json_t *around, struct table *t)
{
    json_t *profile = json_object_get(around, "dischargeprofile");
    json_t *high = json_object_get(profile, "high");
    json_t *ends = json_object_get(profile, "exitConditions");
    double value = json_number_value(json_object_get(high, "value"));
    double time = json_number_value(json_object_get(high, "time"));
    double exit_v = json_number_value(json_object_get(ends, "voltage"));
    if (isnan(t->c))
        t->c = temperature_of(around);
    if (t->exit_v == 0 && exit_v > 0)
        t->exit_v = exit_v;
    if (t->mode == HIGH_UNKNOWN && value > 0 && time > 0 && time <= 1e3) {
        t->mode = mode_of(high);
        t->high = value;
        t->high_s = time;
    }
}

static enum cc_status find_tables(struct reader *r, json_t *value, int depth)
{
    json_t *columns[3];
    const char *key;
    json_t *inner;
    size_t i, before = r->count;
    enum cc_status status = CC_OK;
    if (depth > MAX_DEPTH)
        return CC_OK;
    if (json_is_array(value) && is_row(json_array_get(value, 0)))
        return read_rows(r, value);
    if (are_columns(value, columns))
        status = read_columns(r, columns);
    else if (json_is_array(value))
        json_array_foreach(value, i, inner)
        {
            status = find_tables(r, inner, depth + 1);
            if (status != CC_OK)
                return status;
        }
    else if (json_is_object(value))
        json_object_foreach(value, key, inner)
        {
            status = find_tables(r, inner, depth + 1);
            if (status != CC_OK)
                return status;
        }
    if (json_is_object(value))
        for (i = before; i < r->count; i++)
            read_conditions(value, &r->tables[i]);
    return status;
}

/* ---- fewer rows --------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle_of(const struct row *rows, size_t count, size_t member_offset)
{
    double x[2 * MOST_BESIDE + 1];
    for (size_t k = 0; k < count; k++)
        memcpy(&x[k], (const char *)&rows[k] + member_offset, sizeof x[k]);
    qsort(x, count, sizeof x[0], by_value);
    return x[count / 2];
}

/* Noise and outliers go, edges stay: medians over the fifth part of a percent of a long table, of
 * as many rows on either side. */
static enum cc_status smooth(struct table *t, struct cc_error *err)
{
    if (t->count < 16)
        return CC_OK;
    struct row *copy = calloc(t->count, sizeof *copy);
    if (!copy)
        return cc_no_memory(err);
    memcpy(copy, t->rows, t->count * sizeof *copy);
    size_t most = t->count / 1000;
    most = most < 2 ? 2 : (most > MOST_BESIDE ? MOST_BESIDE : most);
    double noise_v = 0, noise_ohm = 0;
    for (size_t i = 1; i + 1 < t->count; i++) {
        size_t to_end = i < t->count - 1 - i ? i : t->count - 1 - i;
        size_t beside = to_end < most ? to_end : most;
        const struct row *from = &copy[i - beside];
        t->rows[i].v = middle_of(from, 2 * beside + 1, offsetof(struct row, v));
        t->rows[i].r_ohm = middle_of(from, 2 * beside + 1, offsetof(struct row, r_ohm));
        noise_v += (t->rows[i].v - copy[i].v) * (t->rows[i].v - copy[i].v);
        noise_ohm += (t->rows[i].r_ohm - copy[i].r_ohm) * (t->rows[i].r_ohm - copy[i].r_ohm);
    }
    /* of a median of so many rows, evenly spread: 1.7 times that of their mean; 4 of those */
    double left = 4 * 1.7 / sqrt((double)t->count * (2 * (double)most + 1));
    t->noise.v = left * sqrt(noise_v);
    t->noise.r_ohm = left * sqrt(noise_ohm);
    free(copy);
    return CC_OK;
}

struct scale {
    double v, r_ohm;
};

/* How far a row lies off the line between two others by more than noise, in parts of the table's
 * range. */
static double off_line(const struct table *t, size_t a, size_t b, size_t i,
                       const struct scale *scale)
{
    double x = (t->rows[i].mah - t->rows[a].mah) / (t->rows[b].mah - t->rows[a].mah);
    double v = t->rows[a].v + x * (t->rows[b].v - t->rows[a].v);
    double r = t->rows[a].r_ohm + x * (t->rows[b].r_ohm - t->rows[a].r_ohm);
    return fmax((fabs(t->rows[i].v - v) - t->noise.v) / scale->v,
                (fabs(t->rows[i].r_ohm - r) - t->noise.r_ohm) / scale->r_ohm);
}

static struct scale range_of(const struct table *t)
{
    struct row low = t->rows[0], high = t->rows[0];
    for (size_t i = 1; i < t->count; i++) {
        low.v = fmin(low.v, t->rows[i].v);
        high.v = fmax(high.v, t->rows[i].v);
        low.r_ohm = fmin(low.r_ohm, t->rows[i].r_ohm);
        high.r_ohm = fmax(high.r_ohm, t->rows[i].r_ohm);
    }
    return (struct scale){fmax(high.v - low.v, 1e-6), fmax(high.r_ohm - low.r_ohm, 1e-6)};
}

/* Keeps the ends, then again and again the row that lies farthest off the lines so far. */
static size_t keep_rows(const struct table *t, size_t kept[KEPT_ROWS])
{
    struct scale scale = range_of(t);
    size_t count = 2;
    kept[0] = 0;
    kept[1] = t->count - 1;
    while (count < KEPT_ROWS) {
        double farthest = 1e-4;
        size_t best = 0, best_at = 0;
        for (size_t k = 1; k < count; k++)
            for (size_t i = kept[k - 1] + 1; i < kept[k]; i++) {
                double off = off_line(t, kept[k - 1], kept[k], i, &scale);
                if (off > farthest) {
                    farthest = off;
                    best = i;
                    best_at = k;
                }
            }
        if (best == 0)
            break;
        memmove(&kept[best_at + 1], &kept[best_at], (count - best_at) * sizeof kept[0]);
        kept[best_at] = best;
        count++;
    }
    return count;
}

/* ---- the battery -------------------------------------------------------------------------- */

static struct energy_figure assumed(double value, double rsd, const char *source)
{
    struct energy_figure f = {.value = value, .rsd = rsd};
    snprintf(f.source, sizeof f.source, "%s", source);
    return f;
}

static const struct row *middle_row(const struct table *t)
{
    double half = 0.5 * t->rows[t->count - 1].mah;
    size_t i = 0;
    while (i + 1 < t->count && t->rows[i].mah < half)
        i++;
    return &t->rows[i];
}

/* The current that the resistance was measured with; of a power or a resistance, in the middle. */
static double pulse_ma(const struct table *t)
{
    double v = middle_row(t)->v;
    double a = t->mode == HIGH_CURRENT      ? t->high
               : t->mode == HIGH_POWER      ? t->high / v
               : t->mode == HIGH_RESISTANCE ? v / t->high
                                            : 0;
    return a <= 1e3 ? a * 1e3 : 0;
}

static void set_curve(struct energy_battery *b, const struct table *t)
{
    size_t kept[KEPT_ROWS];
    size_t count = keep_rows(t, kept);
    double total = t->rows[t->count - 1].mah;
    b->curve.verified = 1;
    b->curve.pulse_ma = pulse_ma(t);
    b->curve.pulse_ms = b->curve.pulse_ma > 0 ? t->high_s * 1e3 : 0;
    snprintf(b->curve.source, sizeof b->curve.source, "Otii profile %.150s", b->path);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &t->rows[kept[i]];
        b->curve.rows[i] =
            (struct energy_curve_row){.dod = i == 0 ? 0 : (i + 1 == count ? 1 : row->mah / total),
                                      .v = row->v,
                                      .r_ohm = row->r_ohm};
    }
    b->curve.rows_count = (uint32_t)count;
    b->capacity_mah = assumed(total, 0.1, b->curve.source);
    b->capacity_mah.verified = 1;
}

/* The voltage that ended the measurement was one under load: at rest the last row is above it and
 * nothing is cut off. The maker's may cut off some. */
static void set_cut_off(struct energy_battery *b, const struct table *t, json_t *root)
{
    json_t *battery = json_object_get(root, "battery");
    double makers_v = json_number_value(json_object_get(battery, "cutoffvoltage"));
    double fresh_v = t->rows[0].v;
    if (t->exit_v > 0 && t->exit_v < fresh_v)
        b->cut_off_v = assumed(t->exit_v, 0, "exitConditions.voltage of the profile");
    else if (makers_v > 0 && makers_v < fresh_v)
        b->cut_off_v = assumed(makers_v, 0, "battery.cutoffvoltage of the profile");
    else
        b->cut_off_v = assumed(t->rows[t->count - 1].v * (1 - 1e-9), 0, "last row of the profile");
    b->cut_off_v.verified = 1;
}

static void hold_ends(struct energy_temperatures *t)
{
    uint32_t count = t->rows_count;
    memmove(&t->rows[1], &t->rows[0], count * sizeof t->rows[0]);
    t->rows[count + 1] = t->rows[count];
    t->rows[0].c -= HELD_C;
    t->rows[count + 1].c += HELD_C;
    t->rows_count = count + 2;
}

/* Tables at several temperatures give factors; the first and the last hold some way further. */
static void set_temperatures(struct energy_battery *b, const struct reader *r,
                             const struct table *main)
{
    struct energy_temperatures *t = &b->temperature;
    snprintf(t->source, sizeof t->source, "%s", b->curve.source);
    double main_ohm = middle_row(main)->r_ohm;
    for (size_t i = 0; i < r->count && t->rows_count + 2 < ENERGY_MAX_TEMPERATURES; i++) {
        const struct table *other = &r->tables[i];
        struct energy_temperature_row row = {
            .c = other->c,
            .capacity = other->rows[other->count - 1].mah / b->capacity_mah.value,
            .resistance = main_ohm > 0 ? middle_row(other)->r_ohm / main_ohm : 1};
        uint32_t at = t->rows_count;
        while (at > 0 && t->rows[at - 1].c > row.c)
            at--;
        if (at > 0 && t->rows[at - 1].c == row.c)
            continue;
        memmove(&t->rows[at + 1], &t->rows[at], (t->rows_count - at) * sizeof t->rows[0]);
        t->rows[at] = row;
        t->rows_count++;
    }
    hold_ends(t);
}

static void set_names(struct energy_battery *b, json_t *root)
{
    json_t *battery = json_object_get(root, "battery");
    const char *maker = json_string_value(json_object_get(battery, "manufacturer"));
    const char *model = json_string_value(json_object_get(battery, "model"));
    const char *file = strrchr(b->path, '/');
    file = file ? file + 1 : b->path;
    size_t length = strlen(file) - strlen(".json");
    snprintf(b->name, sizeof b->name, "%.*s", (int)(length < 60 ? length : 60), file);
    snprintf(b->description, sizeof b->description, "Otii profile: %.40s%s%.40s, %.4g mAh",
             maker ? maker : "", maker ? " " : "", model ? model : b->name, b->capacity_mah.value);
}

static void set_defaults(struct energy_battery *b)
{
    const char *none = "assumed: an Otii profile does not tell it";
    b->cells_in_series = b->cells_in_parallel = 1;
    b->self_discharge_percent_per_year = assumed(2, 0.7, none);
    b->self_discharge_doubling_c = assumed(10, 0.3, none);
    b->shelf_life_years = assumed(10, 0.3, none);
    b->resistance_rsd = assumed(0.2, 0, none);
    b->rate.rows_count = 2; /* the profile's own load is in its capacity */
    b->rate.rows[0] = (struct energy_rate_row){1, 1};
    b->rate.rows[1] = (struct energy_rate_row){2, 1};
    snprintf(b->rate.source, sizeof b->rate.source, "%s", none);
}

/* Rows in Ah beside a capacity in mAh would give a life that is wrong by a thousand. */
static enum cc_status check_unit(const struct reader *r, json_t *root)
{
    json_t *battery = json_object_get(root, "battery");
    const char *unit = json_string_value(json_object_get(battery, "capacityunit"));
    double told = json_number_value(json_object_get(battery, "capacity"));
    double measured = 0;
    if (unit && strcmp(unit, "Ah") == 0)
        told *= 1e3;
    for (size_t i = 0; i < r->count; i++)
        measured = fmax(measured, r->tables[i].rows[r->tables[i].count - 1].mah);
    if (!(told > 0) || (measured <= MOST_APART * told && told <= MOST_APART * measured))
        return CC_OK;
    return cc_fail(r->err, CC_ERR_INPUT,
                   "%s: its table ends at a used capacity of %g mAh, battery.capacity is %g mAh; "
                   "give the table in mAh (not Ah) and correct battery.capacity, or leave it out",
                   r->path, measured, told);
}

static enum cc_status make_battery(struct reader *r, json_t *root, struct energy_battery *b)
{
    const struct table *best = NULL;
    for (size_t i = 0; i < r->count; i++) {
        struct table *t = &r->tables[i];
        if (isnan(t->c))
            t->c = 20;
        if (!(t->c >= -90 && t->c <= 150))
            return refuse(r, 0, "a temperature (C)", t->c);
        if (t->count < 2)
            return cc_fail(r->err, CC_ERR_INPUT,
                           "%s: a table has fewer than 2 rows with rising capacity; correct the "
                           "profile",
                           r->path);
        enum cc_status status = smooth(t, r->err);
        if (status != CC_OK)
            return status;
        if (!best || fabs(t->c - 20) < fabs(best->c - 20))
            best = t;
    }
    if (!best)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: has no table of capacity, voltage and resistance; give an Otii battery "
                       "profile",
                       r->path);
    enum cc_status status = check_unit(r, root);
    if (status != CC_OK)
        return status;
    set_defaults(b);
    set_curve(b, best);
    set_cut_off(b, best, root);
    set_temperatures(b, r, best);
    set_names(b, root);
    return CC_OK;
}

enum cc_status energy_battery_load_otii(const char *path, struct energy_battery *battery,
                                        struct cc_error *err)
{
    struct reader reader = {.path = path, .err = err};
    uint8_t *text;
    size_t bytes;
    json_error_t error;
    enum cc_status status = cc_file_read(path, MAX_BYTES, &text, &bytes, err);
    if (status != CC_OK)
        return status;
    snprintf(battery->path, sizeof battery->path, "%s", path);
    json_t *root = json_loadb((const char *)text, bytes, 0, &error);
    free(text);
    if (!root)
        return cc_fail(err, CC_ERR_INPUT, "%s:%d: not JSON: %s", path, error.line, error.text);
    status = find_tables(&reader, root, 0);
    if (status == CC_OK)
        status = make_battery(&reader, root, battery);
    for (size_t i = 0; i < reader.count; i++)
        free(reader.tables[i].rows);
    json_decref(root);
    return status;
}
