/* energy/measurements/NAME.yaml: currents of known workloads, in groups that share a source and an
 * error. What a row does not say, its group says. */
#include "fit_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

#define DEFAULT_TOLERANCE_PERCENT 5.0

#define MHZ_MIN     1e-3
#define MHZ_MAX     2000
#define VDD_MIN     0.5
#define VDD_MAX     6
#define PERCENT_MIN 0.1
#define PERCENT_MAX 100

/* Under what was measured; in a group for all its rows, in a row for itself. */
struct conditions {
    char workload[SIM_NAME_BYTES];
    double mhz, vdd_v, tolerance_percent;
    char range[SIM_NAME_BYTES], regulator[SIM_NAME_BYTES];
    char code[16], data[16];
    char caches[8], prefetch[8];
};

struct yaml_row {
    struct conditions at;
    double current_ma, current_ua, ua_per_mhz, power_mw, energy_uj, duration_ms;
    double missing_ua; /* of what was off, but is on in the other rows */
    double extra_ua;   /* of what was on, but is off in the other rows */
    int held_out;
};

struct yaml_group {
    char name[SIM_NAME_BYTES];
    char source[160];
    int verified;
    double common_rsd;
    struct energy_figure scale;
    struct conditions at;
    struct yaml_row *rows;
    uint32_t rows_count;
};

struct yaml_file {
    char name[SIM_NAME_BYTES];
    char description[512];
    char chip[SIM_NAME_BYTES];
    struct yaml_group *groups;
    uint32_t groups_count;
};

#define CONDITIONS(structure)                                                                      \
    CYAML_FIELD_STRING("workload", OPTIONAL, structure, at.workload, 1),                           \
        CYAML_FIELD_FLOAT("mhz", OPTIONAL, structure, at.mhz),                                     \
        CYAML_FIELD_FLOAT("vdd_v", OPTIONAL, structure, at.vdd_v),                                 \
        CYAML_FIELD_FLOAT("tolerance_percent", OPTIONAL, structure, at.tolerance_percent),         \
        CYAML_FIELD_STRING("range", OPTIONAL, structure, at.range, 0),                             \
        CYAML_FIELD_STRING("regulator", OPTIONAL, structure, at.regulator, 1),                     \
        CYAML_FIELD_STRING("code", OPTIONAL, structure, at.code, 1),                               \
        CYAML_FIELD_STRING("data", OPTIONAL, structure, at.data, 1),                               \
        CYAML_FIELD_STRING("caches", OPTIONAL, structure, at.caches, 1),                           \
        CYAML_FIELD_STRING("prefetch", OPTIONAL, structure, at.prefetch, 1)

static const cyaml_schema_field_t row_fields[] = {
    CONDITIONS(struct yaml_row),
    CYAML_FIELD_FLOAT("current_ma", OPTIONAL, struct yaml_row, current_ma),
    CYAML_FIELD_FLOAT("current_ua", OPTIONAL, struct yaml_row, current_ua),
    CYAML_FIELD_FLOAT("ua_per_mhz", OPTIONAL, struct yaml_row, ua_per_mhz),
    CYAML_FIELD_FLOAT("power_mw", OPTIONAL, struct yaml_row, power_mw),
    CYAML_FIELD_FLOAT("energy_uj", OPTIONAL, struct yaml_row, energy_uj),
    CYAML_FIELD_FLOAT("duration_ms", OPTIONAL, struct yaml_row, duration_ms),
    CYAML_FIELD_FLOAT("missing_ua", OPTIONAL, struct yaml_row, missing_ua),
    CYAML_FIELD_FLOAT("extra_ua", OPTIONAL, struct yaml_row, extra_ua),
    CYAML_FIELD_ENUM("held_out", OPTIONAL | CYAML_FLAG_STRICT, struct yaml_row, held_out,
                     energy_yes_no, 2),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t row_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_row, row_fields),
};

static const cyaml_schema_field_t group_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct yaml_group, name, 1),
    CYAML_FIELD_STRING("source", REQUIRED, struct yaml_group, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct yaml_group, verified, energy_yes_no, 2),
    CYAML_FIELD_FLOAT("common_rsd", REQUIRED, struct yaml_group, common_rsd),
    ENERGY_FIGURE("scale_factor", OPTIONAL, struct yaml_group, scale),
    CONDITIONS(struct yaml_group),
    CYAML_FIELD_SEQUENCE_COUNT("rows", CYAML_FLAG_POINTER, struct yaml_group, rows, rows_count,
                               &row_schema, 1, FIT_MAX_ROWS),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t group_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_group, group_fields),
};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct yaml_file, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct yaml_file, description, 1),
    CYAML_FIELD_STRING("chip", REQUIRED, struct yaml_file, chip, 1),
    CYAML_FIELD_SEQUENCE_COUNT("groups", CYAML_FLAG_POINTER, struct yaml_file, groups, groups_count,
                               &group_schema, 1, FIT_MAX_GROUPS),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_file, file_fields),
};

/* Where a message is about. */
struct place {
    const char *path;
    uint32_t line, group, row;
};

static enum cc_status CC_PRINTF(4, 5)
    refuse(const struct place *at, struct cc_error *err, const char *key, const char *format, ...)
{
    char where[96], what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(where, sizeof where, "groups[%u].rows[%u].%s", (unsigned)at->group, (unsigned)at->row,
             key);
    return cc_yaml_fail(err, at->path, where, "%s", what);
}

static enum cc_status number(const struct place *at, const char *key, double value, double min,
                             double max, struct cc_error *err)
{
    if (isfinite(value) && value >= min && value <= max)
        return CC_OK;
    return refuse(at, err, key, "%g is not between %g and %g; correct the figure", value, min, max);
}

static void inherit_text(char *own, const char *group, size_t size)
{
    if (!own[0])
        memcpy(own, group, size);
}

static void inherit(struct conditions *own, const struct conditions *group)
{
    inherit_text(own->workload, group->workload, sizeof own->workload);
    inherit_text(own->range, group->range, sizeof own->range);
    inherit_text(own->regulator, group->regulator, sizeof own->regulator);
    inherit_text(own->code, group->code, sizeof own->code);
    inherit_text(own->data, group->data, sizeof own->data);
    inherit_text(own->caches, group->caches, sizeof own->caches);
    inherit_text(own->prefetch, group->prefetch, sizeof own->prefetch);
    own->mhz = own->mhz != 0 ? own->mhz : group->mhz;
    own->vdd_v = own->vdd_v != 0 ? own->vdd_v : group->vdd_v;
    if (own->tolerance_percent == 0)
        own->tolerance_percent = group->tolerance_percent;
    if (own->tolerance_percent == 0)
        own->tolerance_percent = DEFAULT_TOLERANCE_PERCENT;
}

static int is_switch(const char *text)
{
    return !text[0] || strcmp(text, "on") == 0 || strcmp(text, "off") == 0;
}

/* A number that the row or its group has to give. */
static enum cc_status needed(const struct place *at, const char *key, double value, double min,
                             double max, struct cc_error *err)
{
    if (value == 0)
        return refuse(at, err, key, "is missing: neither the row nor its group gives it; add it");
    return number(at, key, value, min, max, err);
}

static enum cc_status check_conditions(const struct place *at, const struct conditions *c,
                                       struct cc_error *err)
{
    enum cc_status status = needed(at, "mhz", c->mhz, MHZ_MIN, MHZ_MAX, err);
    if (!c->workload[0])
        return refuse(at, err, "workload", "neither the row nor its group names one; add it");
    if (status == CC_OK)
        status = needed(at, "vdd_v", c->vdd_v, VDD_MIN, VDD_MAX, err);
    if (status == CC_OK)
        status =
            number(at, "tolerance_percent", c->tolerance_percent, PERCENT_MIN, PERCENT_MAX, err);
    if (status == CC_OK && !is_switch(c->caches))
        status = refuse(at, err, "caches", "is neither on nor off");
    if (status == CC_OK && !is_switch(c->prefetch))
        status = refuse(at, err, "prefetch", "is neither on nor off");
    return status;
}

/* The current in mA, however the row gives it. */
static enum cc_status current_of(const struct place *at, const struct yaml_row *row, double *ma,
                                 struct cc_error *err)
{
    int given = (row->current_ma != 0) + (row->current_ua != 0) + (row->ua_per_mhz != 0) +
                (row->power_mw != 0) + (row->energy_uj != 0);
    if (given != 1)
        return refuse(at, err, "current_ma",
                      "give one of current_ma, current_ua, ua_per_mhz, power_mw, or energy_uj with "
                      "duration_ms");
    if ((row->energy_uj != 0) != (row->duration_ms != 0))
        return refuse(at, err, "duration_ms", "energy_uj and duration_ms come together");
    if (row->duration_ms < 0)
        return refuse(at, err, "duration_ms", "%g is below 0; correct the figure",
                      row->duration_ms);
    if (row->current_ma != 0)
        *ma = row->current_ma;
    else if (row->current_ua != 0)
        *ma = row->current_ua * 1e-3;
    else if (row->ua_per_mhz != 0)
        *ma = row->ua_per_mhz * row->at.mhz * 1e-3;
    else if (row->power_mw != 0)
        *ma = row->power_mw / row->at.vdd_v;
    else
        *ma = row->energy_uj / row->duration_ms / row->at.vdd_v;
    enum cc_status status = number(at, "current_ma", *ma, 1e-5, 1e4, err);
    if (status == CC_OK)
        status = number(at, "missing_ua", row->missing_ua, 0, 1e5, err);
    if (status == CC_OK)
        status = number(at, "extra_ua", row->extra_ua, 0, 900.0 * *ma, err);
    *ma += (row->missing_ua - row->extra_ua) * 1e-3;
    return status;
}

static enum cc_status take_row(const struct place *at, struct yaml_row *from,
                               const struct yaml_group *group, double scale,
                               struct energy_measurement *to, struct cc_error *err)
{
    inherit(&from->at, &group->at);
    enum cc_status status = check_conditions(at, &from->at, err);
    if (status == CC_OK)
        status = current_of(at, from, &to->measured_ma, err);
    if (status != CC_OK)
        return status;
    const struct conditions *c = &from->at;
    memcpy(to->workload, c->workload, sizeof to->workload);
    memcpy(to->group, group->name, sizeof to->group);
    memcpy(to->range, c->range, sizeof to->range);
    memcpy(to->regulator, c->regulator, sizeof to->regulator);
    memcpy(to->code, c->code, sizeof to->code);
    memcpy(to->data, c->data, sizeof to->data);
    memcpy(to->caches, c->caches, sizeof to->caches);
    memcpy(to->prefetch, c->prefetch, sizeof to->prefetch);
    memcpy(to->source, group->source, sizeof to->source);
    to->mhz = c->mhz;
    to->vdd_v = c->vdd_v;
    to->measured_ma *= scale;
    to->tolerance = c->tolerance_percent * 1e-2;
    to->held_out = from->held_out;
    to->line = at->line;
    return CC_OK;
}

/* What a group says for its rows is refused at its own line. */
static enum cc_status check_group(const struct energy_measurements *m,
                                  const struct yaml_group *from, struct cc_error *err)
{
    const struct conditions *c = &from->at;
    const struct {
        const char *key;
        double value, min, max;
    } numbers[] = {{"common_rsd", from->common_rsd, 0, 1},
                   {"mhz", c->mhz, MHZ_MIN, MHZ_MAX},
                   {"vdd_v", c->vdd_v, VDD_MIN, VDD_MAX},
                   {"tolerance_percent", c->tolerance_percent, PERCENT_MIN, PERCENT_MAX}};
    char key[64];
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < sizeof numbers / sizeof numbers[0]; i++) {
        snprintf(key, sizeof key, "groups[%u].%s", (unsigned)m->group_count, numbers[i].key);
        if (numbers[i].value != 0)
            status = energy_number_check(numbers[i].value, numbers[i].min, numbers[i].max, m->path,
                                         key, err);
    }
    snprintf(key, sizeof key, "groups[%u].scale_factor", (unsigned)m->group_count);
    return status == CC_OK ? energy_figure_check(&from->scale, 0.1, 10, m->path, key, err) : status;
}

static enum cc_status take_group(struct energy_measurements *m, struct yaml_group *from,
                                 const uint32_t *lines, struct cc_error *err)
{
    struct fit_group *to = &m->groups[m->group_count];
    enum cc_status status = check_group(m, from, err);
    if (status != CC_OK)
        return status;
    memcpy(to->name, from->name, sizeof to->name);
    memcpy(to->source, from->source, sizeof to->source);
    to->stand_in = energy_figure_present(&from->scale);
    to->verified = from->verified && (!to->stand_in || from->scale.verified);
    to->scale = to->stand_in ? from->scale.value : 1;
    to->common_rsd = hypot(from->common_rsd, to->stand_in ? from->scale.rsd : 0);
    for (uint32_t i = 0; i < from->rows_count; i++) {
        struct place at = {m->path, lines[m->row_count], m->group_count, i};
        m->row_group[m->row_count] = m->group_count;
        status = take_row(&at, &from->rows[i], from, to->scale, &m->rows[m->row_count], err);
        if (status != CC_OK)
            return status;
        m->row_count++;
    }
    m->group_count++;
    return CC_OK;
}

static enum cc_status take_file(struct energy_measurements *m, struct yaml_file *file,
                                struct cc_error *err)
{
    uint32_t lines[FIT_MAX_ROWS] = {0};
    uint32_t rows = 0;
    for (uint32_t g = 0; g < file->groups_count; g++)
        rows += file->groups[g].rows_count;
    if (rows > FIT_MAX_ROWS)
        return cc_fail(err, CC_ERR_INPUT, "%s: groups: %u rows are more than %d; leave some out",
                       m->path, (unsigned)rows, FIT_MAX_ROWS);
    m->rows = calloc(rows, sizeof *m->rows);
    m->row_group = calloc(rows, sizeof *m->row_group);
    if (!m->rows || !m->row_group)
        return cc_no_memory(err);
    memcpy(m->chip, file->chip, sizeof m->chip);
    fit_measurement_lines(m->path, lines, rows);
    enum cc_status status = CC_OK;
    for (uint32_t g = 0; status == CC_OK && g < file->groups_count; g++)
        status = take_group(m, &file->groups[g], lines, err);
    return status;
}

enum cc_status energy_measurements_load(const char *name_or_file,
                                        struct energy_measurements **measurements,
                                        struct cc_error *err)
{
    cyaml_data_t *data = NULL;
    struct energy_measurements *m = calloc(1, sizeof *m);
    *measurements = NULL;
    if (!m)
        return cc_no_memory(err);
    enum cc_status status = cc_data_resolve("measurements", "energy/measurements", name_or_file,
                                            m->path, sizeof m->path, err);
    if (status == CC_OK)
        status = cc_yaml_load(m->path, &file_schema, &data, NULL, err);
    if (status == CC_OK)
        status = take_file(m, (struct yaml_file *)data, err);
    cc_yaml_free(&file_schema, data);
    if (status != CC_OK) {
        energy_measurements_free(m);
        return status;
    }
    *measurements = m;
    return CC_OK;
}

void energy_measurements_free(struct energy_measurements *measurements)
{
    if (!measurements)
        return;
    free(measurements->rows);
    free(measurements->row_group);
    free(measurements);
}

const char *energy_measurements_path(const struct energy_measurements *measurements)
{
    return measurements->path;
}

const char *energy_measurements_chip(const struct energy_measurements *measurements)
{
    return measurements->chip;
}

void energy_measurements_has_region(struct energy_measurements *measurements,
                                    enum sim_region_kind kind)
{
    if ((unsigned)kind < SIM_REGION_COUNT)
        measurements->has_region[kind] = 1;
}

uint32_t energy_measurements_count(const struct energy_measurements *measurements)
{
    return measurements->row_count;
}

const struct energy_measurement *
energy_measurements_row(const struct energy_measurements *measurements, uint32_t index)
{
    return index < measurements->row_count ? &measurements->rows[index] : NULL;
}
