/* energy/sensors/NAME.yaml: what sensors and displays take in their modes. */
#include "energy_sensor.h"

#include "cc_file.h"
#include "energy_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL

#define MAX_MODES 24

/* What both the sensor and one of its modes may say; the mode's word counts. A power is given as a
 * current at vdd_v or as a power. */
struct common {
    struct energy_figure standby_ua, standby_uw, start_ms;
};

struct mode {
    char name[SIM_NAME_BYTES];
    struct common common;
    struct energy_figure active_ua, active_uw;
    struct energy_figure once_ms;
    struct energy_figure data_bytes_per_s, result_bytes;
};

enum kind {
    KIND_MICROPHONE,
    KIND_ACCELEROMETER,
    KIND_GYROSCOPE,
    KIND_CAMERA,
    KIND_ENVIRONMENT,
    KIND_MOTION,
    KIND_DISTANCE,
    KIND_LIGHT,
    KIND_BIOSIGNAL,
    KIND_SWITCH,
    KIND_CLOCK,
    KIND_GNSS,
    KIND_DISPLAY,
    KIND_INDICATOR,
    KIND_COUNT
};

static const cyaml_strval_t kinds[KIND_COUNT] = {
    {"microphone", KIND_MICROPHONE},
    {"accelerometer", KIND_ACCELEROMETER},
    {"gyroscope", KIND_GYROSCOPE},
    {"camera", KIND_CAMERA},
    {"environment", KIND_ENVIRONMENT},
    {"motion", KIND_MOTION},
    {"distance", KIND_DISTANCE},
    {"light", KIND_LIGHT},
    {"biosignal", KIND_BIOSIGNAL},
    {"switch", KIND_SWITCH},
    {"clock", KIND_CLOCK},
    {"gnss", KIND_GNSS},
    {"display", KIND_DISPLAY},
    {"indicator", KIND_INDICATOR},
};

struct energy_sensor {
    char name[SIM_NAME_BYTES];
    char description[160];
    int kind;
    struct energy_figure vdd_v, vdd_exponent, least_v;
    struct common common;
    struct mode modes[MAX_MODES];
    uint32_t modes_count;
    char path[512];
};

#define COMMON_FIELDS(structure)                                                                   \
    ENERGY_FIGURE("standby_ua", OPTIONAL, structure, common.standby_ua),                           \
        ENERGY_FIGURE("standby_uw", OPTIONAL, structure, common.standby_uw),                       \
        ENERGY_FIGURE("start_ms", OPTIONAL, structure, common.start_ms)

static const cyaml_schema_field_t mode_fields[] = {
    CYAML_FIELD_STRING("mode", REQUIRED, struct mode, name, 1),
    COMMON_FIELDS(struct mode),
    ENERGY_FIGURE("active_ua", OPTIONAL, struct mode, active_ua),
    ENERGY_FIGURE("active_uw", OPTIONAL, struct mode, active_uw),
    ENERGY_FIGURE("once_ms", OPTIONAL, struct mode, once_ms),
    ENERGY_FIGURE("data_bytes_per_s", OPTIONAL, struct mode, data_bytes_per_s),
    ENERGY_FIGURE("result_bytes", OPTIONAL, struct mode, result_bytes),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t mode_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct mode, mode_fields),
};

static const cyaml_schema_field_t sensor_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct energy_sensor, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct energy_sensor, description, 1),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct energy_sensor, kind, kinds, KIND_COUNT),
    ENERGY_FIGURE("vdd_v", REQUIRED, struct energy_sensor, vdd_v),
    ENERGY_FIGURE("vdd_exponent", REQUIRED, struct energy_sensor, vdd_exponent),
    ENERGY_FIGURE("least_v", REQUIRED, struct energy_sensor, least_v),
    COMMON_FIELDS(struct energy_sensor),
    CYAML_FIELD_SEQUENCE("modes", REQUIRED, struct energy_sensor, modes, &mode_schema, 1,
                         MAX_MODES),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t sensor_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_sensor, sensor_fields),
};

struct limit {
    const struct energy_figure *figure;
    const char *key;
    double least, most;
};

static enum cc_status check_figures(const struct energy_sensor *s, const char *prefix,
                                    const struct limit *limits, size_t count, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < count; i++) {
        char key[96];
        snprintf(key, sizeof key, "%s%s", prefix, limits[i].key);
        status = energy_figure_check(limits[i].figure, limits[i].least, limits[i].most, s->path,
                                     key, err);
    }
    return status;
}

/* At most one of two keys that say the same; with needed, exactly one. */
static enum cc_status check_either(const struct energy_sensor *s, const char *prefix,
                                   const struct energy_figure *ua, const struct energy_figure *uw,
                                   const char *word, int needed, struct cc_error *err)
{
    int has_ua = energy_figure_present(ua), has_uw = energy_figure_present(uw);
    if (has_ua && has_uw)
        return cc_fail(err, CC_ERR_INPUT, "%s: %s%s_uw: stands beside %s_ua; remove one of them",
                       s->path, prefix, word, word);
    if (needed && !has_ua && !has_uw)
        return cc_fail(err, CC_ERR_INPUT, "%s: %s%s_ua: is missing; write it, or %s_uw", s->path,
                       prefix, word, word);
    return CC_OK;
}

static enum cc_status check_common(const struct energy_sensor *s, const char *prefix,
                                   const struct common *c, int needed, struct cc_error *err)
{
    const struct limit limits[] = {
        {&c->standby_ua, "standby_ua", 0, 1e6},
        {&c->standby_uw, "standby_uw", 0, 1e7},
        {&c->start_ms, "start_ms", 0, 1e7},
    };
    enum cc_status status = check_figures(s, prefix, limits, sizeof limits / sizeof limits[0], err);
    if (status == CC_OK)
        status = check_either(s, prefix, &c->standby_ua, &c->standby_uw, "standby", needed, err);
    if (status == CC_OK && needed && !energy_figure_present(&c->start_ms))
        status = cc_fail(err, CC_ERR_INPUT, "%s: %sstart_ms: is missing; add it", s->path, prefix);
    return status;
}

static enum cc_status check_mode(const struct energy_sensor *s, uint32_t index,
                                 struct cc_error *err)
{
    const struct mode *m = &s->modes[index];
    const struct limit limits[] = {
        {&m->active_ua, "active_ua", 0, 1e7},
        {&m->active_uw, "active_uw", 0, 1e8},
        {&m->once_ms, "once_ms", 1e-6, 1e7},
        {&m->data_bytes_per_s, "data_bytes_per_s", 0, 1e10},
        {&m->result_bytes, "result_bytes", 0, 1e10},
    };
    char prefix[32];
    snprintf(prefix, sizeof prefix, "modes[%u].", (unsigned)index);
    enum cc_status status = check_figures(s, prefix, limits, sizeof limits / sizeof limits[0], err);
    if (status == CC_OK)
        status = check_either(s, prefix, &m->active_ua, &m->active_uw, "active", 1, err);
    if (status == CC_OK)
        status = check_common(s, prefix, &m->common, 0, err);
    for (uint32_t i = 0; status == CC_OK && i < index; i++)
        if (strcmp(s->modes[i].name, m->name) == 0)
            status =
                cc_fail(err, CC_ERR_INPUT, "%s: %smode: '%s' is the name of another one; rename it",
                        s->path, prefix, m->name);
    return status;
}

static enum cc_status check_sensor(const struct energy_sensor *s, struct cc_error *err)
{
    const struct limit limits[] = {
        {&s->vdd_v, "vdd_v", 0.5, 60},
        {&s->vdd_exponent, "vdd_exponent", 0, 3},
        {&s->least_v, "least_v", 0, 60},
    };
    enum cc_status status = check_figures(s, "", limits, sizeof limits / sizeof limits[0], err);
    if (status == CC_OK && s->least_v.value > s->vdd_v.value)
        status = cc_fail(err, CC_ERR_INPUT,
                         "%s: least_v: %g V are above the %g V of vdd_v; correct one of them",
                         s->path, s->least_v.value, s->vdd_v.value);
    if (status == CC_OK)
        status = check_common(s, "", &s->common, 1, err);
    for (uint32_t i = 0; status == CC_OK && i < s->modes_count; i++)
        status = check_mode(s, i, err);
    return status;
}

enum cc_status energy_sensor_load(const char *name_or_file, struct energy_sensor **sensor,
                                  struct cc_error *err)
{
    char path[sizeof(*sensor)->path];
    cyaml_data_t *data = NULL;
    *sensor = NULL;
    enum cc_status status =
        cc_data_resolve("sensor", "energy/sensors", name_or_file, path, sizeof path, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_load(path, &sensor_schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_sensor *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    status = check_sensor(loaded, err);
    if (status != CC_OK) {
        energy_sensor_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *sensor = loaded;
    return CC_OK;
}

void energy_sensor_free(struct energy_sensor *sensor)
{
    cc_yaml_free(&sensor_schema, sensor);
}

const char *energy_sensor_name(const struct energy_sensor *sensor)
{
    return sensor->name;
}

const char *energy_sensor_description(const struct energy_sensor *sensor)
{
    return sensor->description;
}

const char *energy_sensor_kind(const struct energy_sensor *sensor)
{
    return kinds[sensor->kind].str;
}

const char *energy_sensor_mode_name(const struct energy_sensor *sensor, uint32_t index)
{
    return index < sensor->modes_count ? sensor->modes[index].name : NULL;
}

/* The modes there are, separated by commas; in a fixed buffer, so the rest may be cut off. */
static const char *mode_list(const struct energy_sensor *s, char *list, size_t size)
{
    size_t used = 0;
    list[0] = '\0';
    for (uint32_t i = 0; i < s->modes_count && used < size; i++)
        used += (size_t)snprintf(list + used, size - used, "%s%s", i ? ", " : "", s->modes[i].name);
    return list;
}

struct reading {
    const struct energy_sensor *sensor;
    struct energy_docs *docs;
    struct cc_error *err;
    enum cc_status status; /* first failure */
};

/* Value of a figure, 0 when it is absent; one that is there is an input of the result. */
static double take(struct reading *r, const char *prefix, const char *key,
                   const struct energy_figure *figure)
{
    char full[96];
    if (!energy_figure_present(figure))
        return 0;
    snprintf(full, sizeof full, "%s%s", prefix, key);
    if (r->docs && r->status == CC_OK)
        r->status = energy_docs_add(r->docs, r->sensor->path, full, figure, r->err);
    return figure->value;
}

static int has_standby(const struct common *c)
{
    return energy_figure_present(&c->standby_ua) || energy_figure_present(&c->standby_uw);
}

static void take_common(struct reading *r, const char *prefix, const struct mode *m,
                        struct energy_sensor_mode *result)
{
    int own_standby = has_standby(&m->common);
    int own_start = energy_figure_present(&m->common.start_ms);
    const struct common *standby = own_standby ? &m->common : &r->sensor->common;
    const struct common *start = own_start ? &m->common : &r->sensor->common;
    const char *of_standby = own_standby ? prefix : "";
    int is_ua = energy_figure_present(&standby->standby_ua);
    result->standby_uw = take(r, of_standby, "standby_ua", &standby->standby_ua) * result->vdd_v +
                         take(r, of_standby, "standby_uw", &standby->standby_uw);
    result->standby_rsd = energy_figure_rsd(is_ua ? &standby->standby_ua : &standby->standby_uw);
    result->start_s = take(r, own_start ? prefix : "", "start_ms", &start->start_ms) * 1e-3;
}

enum cc_status energy_sensor_mode_of(const struct energy_sensor *sensor, const char *mode,
                                     struct energy_sensor_mode *result, struct energy_docs *docs,
                                     struct cc_error *err)
{
    struct reading r = {.sensor = sensor, .docs = docs, .err = err};
    char text[400], prefix[32];
    uint32_t i = 0;
    memset(result, 0, sizeof *result);
    while (mode && mode[0] && i < sensor->modes_count && strcmp(sensor->modes[i].name, mode) != 0)
        i++;
    if (i == sensor->modes_count)
        return cc_fail(err, CC_ERR_INPUT, "%s: mode '%.60s' is not one of it; write one of %s",
                       sensor->path, mode, mode_list(sensor, text, sizeof text));
    const struct mode *m = &sensor->modes[i];
    int is_ua = energy_figure_present(&m->active_ua);
    snprintf(prefix, sizeof prefix, "modes[%u].", (unsigned)i);
    snprintf(result->name, sizeof result->name, "%s", m->name);
    result->vdd_v = take(&r, "", "vdd_v", &sensor->vdd_v);
    result->vdd_exponent = take(&r, "", "vdd_exponent", &sensor->vdd_exponent);
    result->least_v = take(&r, "", "least_v", &sensor->least_v);
    result->active_uw = take(&r, prefix, "active_ua", &m->active_ua) * result->vdd_v +
                        take(&r, prefix, "active_uw", &m->active_uw);
    result->rsd = energy_figure_rsd(is_ua ? &m->active_ua : &m->active_uw);
    take_common(&r, prefix, m, result);
    result->once_s = take(&r, prefix, "once_ms", &m->once_ms) * 1e-3;
    result->bytes_per_s = take(&r, prefix, "data_bytes_per_s", &m->data_bytes_per_s);
    result->bytes_once = take(&r, prefix, "result_bytes", &m->result_bytes);
    return r.status;
}
