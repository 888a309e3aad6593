/* Sleep modes, wake-ups and peripherals of a chip.
 *
 * A sleep current is tabled at a voltage and 25 C. Its power goes with VDD^n, n = 1 (a current that
 * does not depend on the supply) unless the file says otherwise; above 25 C it doubles every so
 * many C, below it is held: the gain is a fraction of a microampere, and a cold battery must not
 * come out better for it. A wake-up is the mode's own, until the core runs, and the start of the
 * clock (oscillators, PLL, core voltage) up to the one the program runs at. */
#include "energy_chip_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *energy_chip_sleep_mode(const struct energy_chip *chip, uint32_t index)
{
    for (uint32_t i = 0; i < chip->sleep_modes_count; i++) {
        const char *name = chip->sleep_modes[i].name;
        uint32_t first = 0;
        while (strcmp(chip->sleep_modes[first].name, name) != 0)
            first++;
        if (first == i && index-- == 0)
            return name;
    }
    return index == 0 ? "idle" : NULL;
}

const char *energy_chip_peripheral_name(const struct energy_chip *chip, uint32_t index)
{
    for (uint32_t i = 0; i < chip->peripherals_count; i++) {
        const char *name = chip->peripherals[i].name;
        uint32_t first = 0;
        while (strcmp(chip->peripherals[first].name, name) != 0)
            first++;
        if (first == i && index-- == 0)
            return name;
    }
    return NULL;
}

static int fits(int of_entry, int regulator)
{
    return of_entry == ENERGY_ANY_REGULATOR || of_entry == regulator;
}

/* One of the names there are, for a message. */
struct names {
    const char *list[ENERGY_MAX_SLEEP_MODES + ENERGY_MAX_PERIPHERALS + 1];
    size_t count;
};

static enum cc_status unknown_name(const struct energy_chip *chip, const char *what,
                                   const char *name, int regulator, const struct names *names,
                                   struct cc_error *err)
{
    char list[512] = "", near[160];
    for (size_t i = 0; i < names->count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names->list[i]);
    }
    cc_did_you_mean(near, sizeof near, "", name, names->list, names->count);
    return cc_fail(err, CC_ERR_INPUT, "%s: %s: there is no %.60s on %s;%s there are: %s",
                   chip->path, what, name, energy_regulator_text(regulator), near,
                   names->count ? list : "none");
}

static enum cc_status find_mode(const struct energy_chip *chip, const char *name, int regulator,
                                const struct energy_sleep_mode **mode, struct cc_error *err)
{
    struct names names = {.count = 0};
    for (uint32_t i = 0; i < chip->sleep_modes_count; i++) {
        const struct energy_sleep_mode *m = &chip->sleep_modes[i];
        if (!fits(m->regulator, regulator))
            continue;
        if (!name || !name[0] || strcmp(m->name, name) == 0) {
            *mode = m;
            return CC_OK;
        }
        names.list[names.count++] = m->name;
    }
    names.list[names.count++] = "idle";
    return unknown_name(chip, "sleep_modes", name ? name : "mode", regulator, &names, err);
}

struct power_docs {
    struct energy_docs *docs;
    const char *path;
    char prefix[64]; /* "sleep_modes[0]." */
    enum cc_status status;
    struct cc_error *err;
};

static void doc(struct power_docs *d, const char *key, const struct energy_figure *figure)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", d->prefix, key);
    if (d->status == CC_OK)
        d->status = energy_docs_add(d->docs, d->path, full, figure, d->err);
}

static void doc_number(struct power_docs *d, const char *key, double value, int verified,
                       const char *source)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", d->prefix, key);
    if (d->status == CC_OK)
        d->status = energy_docs_add_number(d->docs, d->path, full, value, verified, source, d->err);
}

static double exponent_of(const struct energy_figure *exponent)
{
    return energy_figure_present(exponent) ? exponent->value : 1;
}

/* Relative error of a power taken along VDD^n from from_v to vdd_v. */
static double law_rsd(const struct energy_figure *exponent, double from_v, double vdd_v)
{
    if (!energy_figure_present(exponent))
        return 0;
    return fabs(log(vdd_v / from_v) * exponent->value) * energy_figure_rsd(exponent);
}

static void sleep_power(const struct energy_sleep_mode *m, const struct energy_condition *at,
                        struct energy_sleep_state *state)
{
    double hot = at->temperature_c > 25 ? (at->temperature_c - 25) / m->doubling_c.value : 0;
    double n = exponent_of(&m->vdd_exponent);
    state->vdd_exponent = n;
    state->uw = m->current_ua.value * m->vdd_v * exp2(hot) * pow(at->vdd_v / m->vdd_v, n);
    double leak_rsd = hot * log(2) * energy_figure_rsd(&m->doubling_c);
    state->uw_rsd = hypot(hypot(energy_figure_rsd(&m->current_ua), leak_rsd),
                          law_rsd(&m->vdd_exponent, m->vdd_v, at->vdd_v));
}

static void wake_up(const struct energy_chip *chip, const struct energy_sleep_mode *m,
                    const struct energy_condition *at, struct energy_sleep_state *state)
{
    int by_charge = energy_figure_present(&m->wake_nc);
    double scale = m->vdd_v * pow(at->vdd_v / m->vdd_v, state->vdd_exponent);
    double own_nc = by_charge ? m->wake_nc.value : m->wake_us.value * m->wake_ua.value * 1e-3;
    double start_nc = chip->clock_start_us.value * chip->clock_start_ua.value * 1e-3;
    double own_rsd = by_charge
                         ? energy_figure_rsd(&m->wake_nc)
                         : hypot(energy_figure_rsd(&m->wake_us), energy_figure_rsd(&m->wake_ua));
    double start_rsd =
        hypot(energy_figure_rsd(&chip->clock_start_us), energy_figure_rsd(&chip->clock_start_ua));
    double nc = own_nc + start_nc;
    state->wake_s = (m->wake_us.value + chip->clock_start_us.value) * 1e-6;
    state->wake_uj = nc * scale * 1e-3;
    state->wake_rsd = nc > 0 ? hypot(own_nc * own_rsd, start_nc * start_rsd) / nc : 0;
}

static enum cc_status document_mode(const struct energy_chip *chip,
                                    const struct energy_sleep_mode *m, struct energy_docs *docs,
                                    struct cc_error *err)
{
    struct power_docs d = {.docs = docs, .path = chip->path, .status = CC_OK, .err = err};
    snprintf(d.prefix, sizeof d.prefix, "sleep_modes[%u].", (unsigned)(m - chip->sleep_modes));
    doc_number(&d, "vdd_v", m->vdd_v, m->verified, m->source);
    doc_number(&d, "retained_kb", m->retained_kb, m->verified, m->source);
    doc(&d, "current_ua", &m->current_ua);
    doc(&d, "doubling_c", &m->doubling_c);
    doc(&d, "vdd_exponent", &m->vdd_exponent);
    doc(&d, "wake_us", &m->wake_us);
    doc(&d, "wake_ua", &m->wake_ua);
    doc(&d, "wake_nc", &m->wake_nc);
    d.prefix[0] = '\0';
    doc(&d, "clock_start_us", &chip->clock_start_us);
    doc(&d, "clock_start_ua", &chip->clock_start_ua);
    return d.status;
}

/* A second of nothing but WFI, priced as any profile. */
static enum cc_status idle(const struct energy_chip *chip, const struct sim_profile *point_of,
                           const struct energy_condition *condition,
                           struct energy_sleep_state *state, struct energy_docs *docs,
                           struct cc_error *err)
{
    struct energy_pricing p;
    struct energy_bill bill;
    struct energy_effects effects;
    struct sim_profile asleep = {.invocations = 1};
    if (!point_of)
        return cc_fail(err, CC_ERR_USAGE, "%s: idle needs the clock of a run", chip->name);
    asleep.clock_hz = point_of->clock_hz;
    memcpy(asleep.voltage_range, point_of->voltage_range, sizeof asleep.voltage_range);
    asleep.total.sleep_cycles = 1000000000;
    enum cc_status status = energy_pricing_start(chip, &asleep, condition, &p, err);
    if (status == CC_OK)
        status = energy_bill_make(&p, &asleep.total, &bill, err);
    if (status != CC_OK)
        return status;
    energy_bill_effects(&p, &bill, &effects);
    double cycles = chip->idle_wake_cycles.value;
    snprintf(state->name, sizeof state->name, "idle");
    snprintf(state->text, sizeof state->text,
             "core clock stopped, clock tree and memories on, %.80s", p.point->name);
    state->uw = bill.total_uj / (1e9 / p.clock_hz);
    state->uw_rsd = effects.rsd;
    state->rtc = 1;
    state->wake_s = cycles / p.clock_hz;
    state->wake_uj = state->wake_s * state->uw; /* above that, the woken code pays its cycles */
    state->wake_rsd = hypot(effects.rsd, energy_figure_rsd(&chip->idle_wake_cycles));
    state->vdd_exponent = p.exponent;
    status = energy_price_docs(chip, &asleep, condition, docs, err);
    if (status == CC_OK)
        status =
            energy_docs_add(docs, chip->path, "idle_wake_cycles", &chip->idle_wake_cycles, err);
    return status;
}

enum cc_status energy_chip_sleep(const struct energy_chip *chip, const char *mode,
                                 const struct sim_profile *point_of,
                                 const struct energy_condition *condition,
                                 struct energy_sleep_state *state, struct energy_docs *docs,
                                 struct cc_error *err)
{
    struct energy_condition at;
    const struct energy_sleep_mode *m = NULL;
    int regulator;
    memset(state, 0, sizeof *state);
    if (mode && strcmp(mode, "idle") == 0)
        return idle(chip, point_of, condition, state, docs, err);
    enum cc_status status = energy_condition_fill(chip, condition, &at, err);
    if (status == CC_OK)
        status = energy_chip_regulator(chip, at.regulator, &regulator, err);
    if (status == CC_OK)
        status = find_mode(chip, mode, regulator, &m, err);
    if (status != CC_OK)
        return status;
    memcpy(state->name, m->name, sizeof state->name);
    memcpy(state->text, m->text, sizeof state->text);
    state->retained_kb = m->retained_kb;
    state->rtc = m->rtc;
    sleep_power(m, &at, state);
    wake_up(chip, m, &at, state);
    return document_mode(chip, m, docs, err);
}

static enum cc_status find_peripheral(const struct energy_chip *chip, const char *name,
                                      int regulator, const struct energy_peripheral **peripheral,
                                      struct cc_error *err)
{
    struct names names = {.count = 0};
    for (uint32_t i = 0; i < chip->peripherals_count; i++) {
        const struct energy_peripheral *p = &chip->peripherals[i];
        if (!fits(p->regulator, regulator))
            continue;
        if (strcmp(p->name, name) == 0) {
            *peripheral = p;
            return CC_OK;
        }
        names.list[names.count++] = p->name;
    }
    return unknown_name(chip, "peripherals", name, regulator, &names, err);
}

static enum cc_status document_peripheral(const struct energy_chip *chip,
                                          const struct energy_peripheral *p,
                                          struct energy_docs *docs, struct cc_error *err)
{
    struct power_docs d = {.docs = docs, .path = chip->path, .status = CC_OK, .err = err};
    snprintf(d.prefix, sizeof d.prefix, "peripherals[%u].", (unsigned)(p - chip->peripherals));
    doc(&d, "vdd_v", &p->vdd_v);
    doc(&d, "active_ua", &p->active_ua);
    doc(&d, "ua_per_mhz", &p->ua_per_mhz);
    doc(&d, "clock_mhz", &p->clock_mhz);
    doc(&d, "uj_per_kb", &p->uj_per_kb);
    doc(&d, "vdd_exponent", &p->vdd_exponent);
    return d.status;
}

/* Clock of what is known per MHz; 0 when nothing is. */
static enum cc_status clock_of(const struct energy_chip *chip, const struct energy_peripheral *p,
                               const struct sim_profile *point_of, double *mhz,
                               struct cc_error *err)
{
    *mhz = 0;
    if (!energy_figure_present(&p->ua_per_mhz))
        return CC_OK;
    *mhz = p->clock_mhz.value;
    if (energy_figure_present(&p->clock_mhz))
        return CC_OK;
    if (!point_of || !(point_of->clock_hz > 0) || !isfinite(point_of->clock_hz))
        return cc_fail(err, CC_ERR_USAGE, "%s: %s is known per MHz and needs the clock of a run",
                       chip->name, p->name);
    *mhz = point_of->clock_hz * 1e-6;
    return CC_OK;
}

static double peripheral_rsd(const struct energy_peripheral *p, double mhz)
{
    double base_ua = p->active_ua.value, clocked_ua = p->ua_per_mhz.value * mhz;
    if (base_ua + clocked_ua <= 0)
        return energy_figure_present(&p->uj_per_kb) ? energy_figure_rsd(&p->uj_per_kb) : 0;
    double base = energy_figure_present(&p->active_ua) ? energy_figure_rsd(&p->active_ua) : 0;
    double clocked = energy_figure_present(&p->ua_per_mhz) ? energy_figure_rsd(&p->ua_per_mhz) : 0;
    if (energy_figure_present(&p->clock_mhz))
        clocked = hypot(clocked, energy_figure_rsd(&p->clock_mhz));
    return hypot(base_ua * base, clocked_ua * clocked) / (base_ua + clocked_ua);
}

/* A switching regulator feeds a peripheral as it feeds the core. */
static enum cc_status peripheral_exponent(const struct energy_chip *chip,
                                          const struct energy_peripheral *p,
                                          const struct sim_profile *point_of, const char *regulator,
                                          double *n, struct cc_error *err)
{
    const struct energy_point *point;
    *n = exponent_of(&p->vdd_exponent);
    if (energy_figure_present(&p->vdd_exponent) || !point_of || !chip->prices)
        return CC_OK;
    enum cc_status status = energy_chip_point(chip, point_of->clock_hz, point_of->voltage_range,
                                              regulator, &point, err);
    if (status == CC_OK)
        *n = energy_point_exponent(point, energy_point_prices_of(chip, point));
    return status;
}

enum cc_status energy_chip_peripheral(const struct energy_chip *chip, const char *name,
                                      const struct sim_profile *point_of,
                                      const struct energy_condition *condition,
                                      struct energy_peripheral_state *state,
                                      struct energy_docs *docs, struct cc_error *err)
{
    struct energy_condition at;
    const struct energy_peripheral *p = NULL;
    double mhz = 0, n = 1;
    int regulator;
    memset(state, 0, sizeof *state);
    enum cc_status status = energy_condition_fill(chip, condition, &at, err);
    if (status == CC_OK)
        status = energy_chip_regulator(chip, at.regulator, &regulator, err);
    if (status == CC_OK)
        status = find_peripheral(chip, name, regulator, &p, err);
    if (status == CC_OK)
        status = clock_of(chip, p, point_of, &mhz, err);
    if (status == CC_OK)
        status = peripheral_exponent(chip, p, point_of, at.regulator, &n, err);
    if (status != CC_OK)
        return status;
    double law = pow(at.vdd_v / p->vdd_v.value, n);
    state->uw = (p->active_ua.value + p->ua_per_mhz.value * mhz) * p->vdd_v.value * law;
    state->uj_per_kb = p->uj_per_kb.value * law;
    state->rsd = hypot(peripheral_rsd(p, mhz), law_rsd(&p->vdd_exponent, p->vdd_v.value, at.vdd_v));
    state->vdd_exponent = n;
    memcpy(state->sleep, p->sleep, sizeof state->sleep);
    return document_peripheral(chip, p, docs, err);
}

double energy_chip_least_vdd(const struct energy_chip *chip)
{
    return chip->vdd_min_v.value;
}

double energy_chip_most_vdd(const struct energy_chip *chip)
{
    return chip->vdd_max_v.value;
}
