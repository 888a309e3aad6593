/* energy/scenarios/NAME.yaml: what the schema cannot say is checked here, and the text becomes a
 * struct energy_scenario. energy/scenarios/README.md is the format. */
#include "energy_scenario_schema.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const scenario_kind_names[SCENARIO_KIND_COUNT] = {"sensor", "compute", "infer",
                                                              "radio",  "display", "wait"};

#define MAX_PERIOD_S 3.15576e9 /* 100 years */
#define KEY_BYTES    160

/* What numbers inherit, and where they stand. */
struct place {
    struct energy_scenario *scenario;
    char prefix[KEY_BYTES]; /* "steps[2] (tell)." */
    const char *source;
    int verified;
    const char *label; /* of unknowns: the step's name, or "" */
    struct cc_error *err;
};

static enum cc_status refuse(const struct place *at, const char *key, const char *what)
{
    return cc_fail(at->err, CC_ERR_INPUT, "%s: %s%s: %s", at->scenario->path, at->prefix, key,
                   what);
}

static struct place inside(const struct place *outer, const char *part, const char *source,
                           const int *verified)
{
    struct place at = *outer;
    snprintf(at.prefix, sizeof at.prefix, "%.120s%.32s.", outer->prefix, part);
    if (source)
        at.source = source;
    if (verified)
        at.verified = *verified;
    return at;
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

int scenario_number_add(struct energy_scenario *scenario, const char *key, double value,
                        const char *source, int verified)
{
    if (scenario->number_count == SCENARIO_MAX_NUMBERS)
        return SCENARIO_ABSENT;
    struct scenario_number *n = &scenario->numbers[scenario->number_count];
    memset(n, 0, sizeof *n);
    copy(n->key, sizeof n->key, key);
    n->figure.value = value;
    n->figure.verified = verified;
    copy(n->figure.source, sizeof n->figure.source, source);
    return scenario->number_count++;
}

struct limit {
    const char *key;
    double least, most;
};

/* Either a value, or all three of a range in order. */
static enum cc_status check_form(const struct place *at, const struct scenario_raw_number *raw,
                                 const char *key)
{
    int of_range = !!raw->min + !!raw->typ + !!raw->max;
    if (raw->value && of_range)
        return refuse(at, key, "has both a value and a range; write one of them");
    if (!raw->value && of_range < 3)
        return refuse(at, key,
                      of_range ? "is half a range; write min, typ and max"
                               : "has no number; write value, or min, typ and max");
    if (raw->value)
        return CC_OK;
    if (raw->rsd)
        return refuse(at, key, "has a range and an rsd; write one of them");
    if (!(*raw->min > 0 && *raw->min <= *raw->typ && *raw->typ <= *raw->max))
        return refuse(at, key, "min, typ and max are not in rising order above 0; correct them");
    return CC_OK;
}

static enum cc_status check_limits(const struct place *at, const struct scenario_raw_number *raw,
                                   const struct limit *limit)
{
    const double *all[] = {raw->value, raw->min, raw->typ, raw->max};
    char key[2 * KEY_BYTES];
    snprintf(key, sizeof key, "%s%s", at->prefix, limit->key);
    for (int i = 0; i < 4; i++) {
        enum cc_status status = CC_OK;
        if (all[i])
            status = energy_number_check(*all[i], limit->least, limit->most, at->scenario->path,
                                         key, at->err);
        if (status != CC_OK)
            return status;
    }
    snprintf(key, sizeof key, "%s%s.rsd", at->prefix, limit->key);
    return raw->rsd ? energy_number_check(*raw->rsd, 0, 2, at->scenario->path, key, at->err)
                    : CC_OK;
}

static void set_spread(struct scenario_number *n, const struct scenario_raw_number *raw)
{
    if (raw->rsd) {
        n->figure.rsd = *raw->rsd;
    } else if (raw->min) {
        n->min = *raw->min;
        n->max = *raw->max;
        n->figure.rsd = log(n->max / n->min) / (2 * ENERGY_Z_90);
    }
}

/* raw may be NULL: the index is SCENARIO_ABSENT then. */
static enum cc_status take(const struct place *at, const struct scenario_raw_number *raw,
                           const struct limit *limit, int *index)
{
    char key[2 * KEY_BYTES], label[ENERGY_UNKNOWN_NAME_BYTES];
    *index = SCENARIO_ABSENT;
    if (!raw)
        return CC_OK;
    enum cc_status status = check_form(at, raw, limit->key);
    if (status == CC_OK)
        status = check_limits(at, raw, limit);
    if (status != CC_OK)
        return status;
    snprintf(key, sizeof key, "%s%s", at->prefix, limit->key);
    *index = scenario_number_add(at->scenario, key, raw->value ? *raw->value : *raw->typ,
                                 raw->source ? raw->source : at->source,
                                 raw->verified ? *raw->verified : at->verified);
    if (*index == SCENARIO_ABSENT)
        return refuse(at, limit->key, "is one number too many for a scenario; leave some out");
    struct scenario_number *n = &at->scenario->numbers[*index];
    snprintf(label, sizeof label, "%.28s: %.36s%s%.27s", at->scenario->name, at->label,
             at->label[0] ? " " : "", limit->key);
    memcpy(n->label, label, sizeof label);
    set_spread(n, raw);
    return CC_OK;
}

/* A number that nothing can be an unknown of: it may be 0 or negative, or it picks one of several
 * ways, or it is no part of the load. */
static enum cc_status take_fixed(const struct place *at, const struct scenario_raw_number *raw,
                                 const struct limit *limit, int *index)
{
    if (raw && (raw->min || raw->rsd))
        return refuse(at, limit->key, "cannot have a range or an rsd; write one number");
    return take(at, raw, limit, index);
}

/* The same, as a value; left alone when absent. */
static enum cc_status take_plain(const struct place *at, const struct scenario_raw_number *raw,
                                 const struct limit *limit, double *value)
{
    int index;
    enum cc_status status = take_fixed(at, raw, limit, &index);
    if (status == CC_OK && index != SCENARIO_ABSENT)
        *value = at->scenario->numbers[index].figure.value;
    return status;
}

static const struct limit limit_duration = {"duration_s", 1e-9, MAX_PERIOD_S};
static const struct limit limit_tx = {"tx_dbm", -80, 60};

static enum cc_status take_device(const struct place *step, const char *kind,
                                  const struct scenario_raw_device *raw, struct scenario_step *s)
{
    struct place at = inside(step, kind, NULL, NULL);
    copy(s->what, sizeof s->what, raw->name);
    copy(s->mode, sizeof s->mode, raw->mode);
    copy(s->host, sizeof s->host, raw->host);
    return take(&at, raw->duration_s, &limit_duration, &s->duration);
}

/* Recurring events, or one: what goes with which. */
static enum cc_status check_radio(const struct place *at, const struct scenario_raw_radio *raw,
                                  const struct scenario_step *s)
{
    int recurs = s->beside && s->interval != SCENARIO_ABSENT;
    if (s->duration != SCENARIO_ABSENT && !recurs)
        return refuse(at, "duration_s",
                      "a single event takes as long as it takes; remove it, or let events recur "
                      "with beside: yes and interval_s");
    if (recurs && raw->host)
        return refuse(at, "host", "is not for events that recur; remove it");
    return CC_OK;
}

static enum cc_status take_radio(const struct place *step, const struct scenario_raw_radio *raw,
                                 struct scenario_step *s)
{
    static const struct limit payload = {"payload_bytes", 0, 1e9};
    static const struct limit interval = {"interval_s", 1e-4, MAX_PERIOD_S};
    static const struct limit bandwidth = {"bandwidth_khz", 1, 1e5};
    static const struct limit rate = {"coding_rate", 1, 4};
    struct place at = inside(step, "radio", NULL, NULL);
    copy(s->what, sizeof s->what, raw->name);
    copy(s->host, sizeof s->host, raw->host);
    copy(s->use.event, sizeof s->use.event, raw->event);
    copy(s->use.phy, sizeof s->use.phy, raw->phy);
    s->use.connectable = raw->connectable ? *raw->connectable : 1;
    s->use.acknowledged = raw->acknowledged ? *raw->acknowledged : 0;
    s->use.release_assisted = raw->release_assisted ? *raw->release_assisted : 0;
    s->use.tx_dbm = NAN;
    enum cc_status status = take(&at, raw->payload_bytes, &payload, &s->payload);
    if (status == CC_OK)
        status = take(&at, raw->interval_s, &interval, &s->interval);
    if (status == CC_OK)
        status = take(&at, raw->duration_s, &limit_duration, &s->duration);
    if (status == CC_OK)
        status = take_plain(&at, raw->tx_dbm, &limit_tx, &s->use.tx_dbm);
    if (status == CC_OK)
        status = take_plain(&at, raw->bandwidth_khz, &bandwidth, &s->use.bandwidth_khz);
    if (status == CC_OK)
        status = take_plain(&at, raw->coding_rate, &rate, &s->use.coding_rate);
    return status == CC_OK ? check_radio(&at, raw, s) : status;
}

static enum cc_status take_compute(const struct place *at, const struct scenario_raw_step *raw,
                                   struct scenario_step *s)
{
    const char *what = raw->compute ? raw->compute : raw->infer;
    int is_target = strcmp(what, "target") == 0;
    if (raw->compute && is_target)
        return refuse(at, "compute", "'target' is a network; write infer: target");
    copy(s->what, sizeof s->what, what);
    s->compute = is_target ? SCENARIO_TARGET : 0; /* scenario_finish() finds the index */
    return CC_OK;
}

static enum cc_status take_wait(const struct place *step, const struct scenario_raw_wait *raw,
                                struct scenario_step *s)
{
    struct place at = inside(step, "wait", NULL, NULL);
    s->wait = raw->state;
    return take(&at, raw->duration_s, &limit_duration, &s->duration);
}

/* The one kind that a step is. */
static enum cc_status kind_of(const struct place *at, const struct scenario_raw_step *raw,
                              enum scenario_kind *kind)
{
    const int is[SCENARIO_KIND_COUNT] = {!!raw->sensor, !!raw->compute, !!raw->infer,
                                         !!raw->radio,  !!raw->display, !!raw->wait};
    int first = -1;
    char what[128];
    for (int k = 0; k < SCENARIO_KIND_COUNT; k++) {
        if (!is[k])
            continue;
        if (first >= 0) {
            snprintf(what, sizeof what, "the step is also a %s; make two steps of it",
                     scenario_kind_names[first]);
            return refuse(at, scenario_kind_names[k], what);
        }
        first = k;
    }
    if (first < 0)
        return refuse(at, "sensor",
                      "missing; a step is one of sensor, compute, infer, radio, display, wait");
    *kind = (enum scenario_kind)first;
    return CC_OK;
}

static enum cc_status take_kind(const struct place *at, const struct scenario_raw_step *raw,
                                struct scenario_step *s)
{
    switch (s->kind) {
    case SCENARIO_SENSOR:
        return take_device(at, "sensor", raw->sensor, s);
    case SCENARIO_DISPLAY:
        return take_device(at, "display", raw->display, s);
    case SCENARIO_RADIO:
        return take_radio(at, raw->radio, s);
    case SCENARIO_WAIT:
        return take_wait(at, raw->wait, s);
    default:
        return take_compute(at, raw, s);
    }
}

/* given: a step above, by name. */
static enum cc_status take_given(const struct place *at, const struct scenario_raw *raw, int index,
                                 struct scenario_step *s)
{
    const char *names[SCENARIO_MAX_STEPS];
    const char *given = raw->steps[index].given;
    size_t count = 0;
    char what[300], near[120];
    s->given = -1;
    if (!given)
        return CC_OK;
    for (int i = 0; i < (int)raw->steps_count; i++) {
        const char *name = raw->steps[i].name;
        if (name && strcmp(name, given) == 0 && i < index) {
            s->given = i;
            return CC_OK;
        }
        if (name && strcmp(name, given) == 0) {
            snprintf(what, sizeof what,
                     i == index ? "'%.60s' is the step itself; name a step above it"
                                : "'%.60s' comes later; name a step above it, or move it up",
                     given);
            return refuse(at, "given", what);
        }
        if (name && i < index)
            names[count++] = name;
    }
    cc_did_you_mean(near, sizeof near, "", given, names, count);
    snprintf(what, sizeof what, "no step above is named '%.60s';%s", given,
             near[0] ? near : " name one that is");
    return refuse(at, "given", what);
}

static enum cc_status check_name(const struct place *at, const struct scenario_raw *raw, int index)
{
    const char *name = raw->steps[index].name;
    char what[128];
    for (int i = 0; name && i < index; i++) {
        if (!raw->steps[i].name || strcmp(raw->steps[i].name, name) != 0)
            continue;
        snprintf(what, sizeof what, "'%.60s' is steps[%d] already; give it another name", name, i);
        return refuse(at, "name", what);
    }
    return CC_OK;
}

static const char *name_of(const struct scenario_raw_step *raw)
{
    if (raw->name)
        return raw->name;
    if (raw->sensor)
        return raw->sensor->name;
    if (raw->display)
        return raw->display->name;
    if (raw->radio)
        return raw->radio->name;
    return raw->compute ? raw->compute : (raw->infer ? raw->infer : "wait");
}

static enum cc_status take_step(const struct place *top, const struct scenario_raw *raw, int index)
{
    static const struct limit repeat = {"repeat_count", 1e-3, 1e9};
    static const struct limit probability = {"probability_fraction", 0, 1};
    const struct scenario_raw_step *from = &raw->steps[index];
    struct scenario_step *s = &top->scenario->steps[top->scenario->step_count++];
    char part[32];
    snprintf(part, sizeof part, "steps[%d]", index);
    struct place at = inside(top, part, from->source, from->verified);
    at.label = name_of(from);
    memset(s, 0, sizeof *s);
    s->repeat = s->probability = s->duration = s->payload = s->interval = SCENARIO_ABSENT;
    s->beside = from->beside && *from->beside;
    s->always = from->always && *from->always;
    copy(s->name, sizeof s->name, from->name);
    enum cc_status status = kind_of(&at, from, &s->kind);
    if (status == CC_OK)
        status = check_name(&at, raw, index);
    if (status == CC_OK)
        status = take_given(&at, raw, index, s);
    if (status == CC_OK)
        status = take(&at, from->repeat_count, &repeat, &s->repeat);
    if (status == CC_OK)
        status = take(&at, from->probability_fraction, &probability, &s->probability);
    if (status == CC_OK)
        status = take_kind(&at, from, s);
    if (status != CC_OK)
        return status;
    int may_be_beside =
        s->kind == SCENARIO_SENSOR || s->kind == SCENARIO_RADIO || s->kind == SCENARIO_DISPLAY;
    if (s->beside && !may_be_beside)
        return refuse(&at, "beside",
                      "the core does one thing at a time; only a sensor, radio or display runs "
                      "beside the steps below it");
    return CC_OK;
}

static enum cc_status take_buffer(const struct place *top, const struct scenario_raw_buffer *raw)
{
    static const struct limit capacitance = {"capacitance_uf", 0, 1e9};
    static const struct limit effective = {"effective_fraction", 0.01, 1};
    static const struct limit esr = {"esr_ohm", 0, 1e4};
    static const struct limit leakage = {"leakage_ua", 0, 1e6};
    struct energy_scenario *s = top->scenario;
    if (!raw)
        return CC_OK;
    struct place at = inside(top, "buffer", raw->source, raw->verified);
    enum cc_status status = take_fixed(&at, raw->capacitance_uf, &capacitance, &s->buffer_uf);
    if (status == CC_OK)
        status = take_fixed(&at, raw->effective_fraction, &effective, &s->buffer_effective);
    if (status == CC_OK)
        status = take_fixed(&at, raw->esr_ohm, &esr, &s->buffer_esr);
    if (status == CC_OK)
        status = take_fixed(&at, raw->leakage_ua, &leakage, &s->buffer_leakage);
    return status;
}

static enum cc_status take_level(const struct place *at,
                                 const struct scenario_raw_surroundings *raw)
{
    struct energy_scenario *s = at->scenario;
    for (int i = 0; i < SCENARIO_LEVELS; i++) {
        struct limit level = {scenario_level_keys[i], 0, 1e9};
        if (!raw->level[i])
            continue;
        if (s->surroundings_unit[0])
            return refuse(at, level.key, "is a second level; write one, in the harvester's unit");
        copy(s->surroundings_unit, sizeof s->surroundings_unit, scenario_level_units[i]);
        enum cc_status status = take_plain(at, raw->level[i], &level, &s->surroundings.level);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}

static enum cc_status take_surroundings(const struct place *top,
                                        const struct scenario_raw_surroundings *raw)
{
    static const struct limit hours = {"hours_per_day_h", 0, 24};
    static const struct limit area = {"area_cm2", 1e-3, 1e6};
    static const struct limit volume = {"volume_cm3", 1e-3, 1e6};
    struct energy_surroundings *to = &top->scenario->surroundings;
    if (!raw)
        return CC_OK;
    struct place at = inside(top, "surroundings", raw->source, raw->verified);
    if (!top->scenario->harvester_name[0])
        return refuse(top, "surroundings", "has no meaning without a harvester; name one");
    if (raw->area_cm2 && raw->volume_cm3)
        return refuse(&at, "volume_cm3", "the size is given by area_cm2 already; remove one");
    enum cc_status status = take_level(&at, raw);
    if (status == CC_OK)
        status = take_plain(&at, raw->hours_per_day_h, &hours, &to->hours_per_day);
    if (status == CC_OK)
        status = take_plain(&at, raw->area_cm2, &area, &to->area_cm2);
    if (status == CC_OK)
        status = take_plain(&at, raw->volume_cm3, &volume, &to->area_cm2);
    return status;
}

static enum cc_status take_stream(const struct place *top, const struct scenario_raw_stream *raw)
{
    static const struct limit bytes = {"raw_bytes", 1e-6, 1e12};
    struct scenario_stream *to = &top->scenario->stream;
    to->tx_dbm = NAN;
    to->raw_bytes = SCENARIO_ABSENT;
    if (!raw)
        return CC_OK;
    struct place at = inside(top, "stream", raw->source, raw->verified);
    to->present = 1;
    copy(to->radio, sizeof to->radio, raw->radio);
    copy(to->phy, sizeof to->phy, raw->phy);
    enum cc_status status = take_plain(&at, raw->tx_dbm, &limit_tx, &to->tx_dbm);
    if (status == CC_OK)
        status = take_fixed(&at, raw->raw_bytes, &bytes, &to->raw_bytes);
    return status;
}

static void take_words(const struct scenario_raw *raw, struct energy_scenario *s)
{
    copy(s->name, sizeof s->name, raw->name);
    copy(s->description, sizeof s->description, raw->description);
    copy(s->target, sizeof s->target, raw->target);
    copy(s->mcu, sizeof s->mcu, raw->mcu);
    copy(s->battery, sizeof s->battery, raw->battery);
    copy(s->regulator_of_mcu, sizeof s->regulator_of_mcu, raw->regulator_of_mcu);
    copy(s->sleep_mode, sizeof s->sleep_mode, raw->sleep_mode);
    copy(s->regulator_name, sizeof s->regulator_name, raw->regulator);
    copy(s->harvester_name, sizeof s->harvester_name, raw->harvester);
}

static enum cc_status take_file(const struct scenario_raw *raw, struct energy_scenario *s,
                                struct cc_error *err)
{
    static const struct limit period = {"period_s", 1e-6, MAX_PERIOD_S};
    static const struct limit vdd = {"vdd_v", 0.5, 60};
    static const struct limit temperature = {"temperature_c", -100, 200};
    static const struct limit quiet = {"quiet_hours_h_per_day", 0, 24};
    struct place at = {
        .scenario = s, .source = raw->source, .verified = raw->verified, .label = "", .err = err};
    take_words(raw, s);
    enum cc_status status = take(&at, raw->period_s, &period, &s->period);
    if (status == CC_OK)
        status = take_fixed(&at, raw->vdd_v, &vdd, &s->vdd);
    if (status == CC_OK)
        status = take(&at, raw->quiet_hours_h_per_day, &quiet, &s->quiet_hours);
    if (status == CC_OK)
        status = take_plain(&at, raw->temperature_c, &temperature, &s->temperature_c);
    if (status == CC_OK)
        status = take_buffer(&at, raw->buffer);
    if (status == CC_OK)
        status = take_surroundings(&at, raw->surroundings);
    if (status == CC_OK)
        status = take_stream(&at, raw->stream);
    for (int i = 0; status == CC_OK && i < (int)raw->steps_count; i++)
        status = take_step(&at, raw, i);
    return status;
}

/* Every number absent. */
static struct energy_scenario *new_scenario(void)
{
    struct energy_scenario *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->period = s->vdd = s->quiet_hours = SCENARIO_ABSENT;
    s->buffer_uf = s->buffer_effective = s->buffer_esr = s->buffer_leakage = SCENARIO_ABSENT;
    s->stream.raw_bytes = SCENARIO_ABSENT;
    s->stream.tx_dbm = NAN;
    s->temperature_c = NAN;
    return s;
}

static enum cc_status read_file(struct energy_scenario *s, struct cc_error *err)
{
    cyaml_data_t *data = NULL;
    enum cc_status status = cc_yaml_load_plain(s->path, &scenario_schema, &data, err);
    if (status != CC_OK)
        return status;
    status = take_file(data, s, err);
    cc_yaml_free(&scenario_schema, data);
    return status;
}

enum cc_status energy_scenario_load(const char *name_or_file, struct energy_scenario **scenario,
                                    struct cc_error *err)
{
    *scenario = NULL;
    struct energy_scenario *s = new_scenario();
    if (!s)
        return cc_no_memory(err);
    enum cc_status status =
        cc_data_resolve("scenario", "energy/scenarios", name_or_file, s->path, sizeof s->path, err);
    if (status == CC_OK)
        status = read_file(s, err);
    if (status == CC_OK) {
        scenario_finish(s);
        status = scenario_load_supply(s, err);
    }
    if (status != CC_OK) {
        cc_yaml_add_line(err, s->path);
        energy_scenario_free(s);
        return status;
    }
    *scenario = s;
    return CC_OK;
}

void scenario_plain_name(char *name, size_t size, double every_s)
{
    snprintf(name, size, "one inference every %g s", every_s);
}

enum cc_status energy_scenario_plain(double every_s, struct energy_scenario **scenario,
                                     struct cc_error *err)
{
    *scenario = NULL;
    if (!isfinite(every_s) || every_s <= 0 || every_s > MAX_PERIOD_S)
        return cc_fail(err, CC_ERR_USAGE, "--every %g s: give a period above 0 and up to 100 years",
                       every_s);
    struct energy_scenario *s = new_scenario();
    if (!s)
        return cc_no_memory(err);
    struct scenario_step *step = &s->steps[s->step_count++];
    scenario_plain_name(s->name, sizeof s->name, every_s);
    copy(s->description, sizeof s->description, "one inference per period, sleep between");
    s->period = scenario_number_add(s, "--every", every_s, "given by the user", 1);
    step->kind = SCENARIO_INFER;
    step->compute = SCENARIO_TARGET;
    step->given = -1;
    step->repeat = step->probability = step->duration = SCENARIO_ABSENT;
    step->payload = step->interval = SCENARIO_ABSENT;
    copy(step->what, sizeof step->what, "target");
    scenario_finish(s);
    *scenario = s;
    return CC_OK;
}
