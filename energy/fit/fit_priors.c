/* energy/priors/silicon.yaml: what is known about prices before anything was measured. */
#include "fit_internal.h"

#include "cc_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIORS_FILE "energy/priors/silicon.yaml"

#define REQUIRED CYAML_FLAG_DEFAULT

static const cyaml_schema_field_t ratio_fields[] = {
    CYAML_FIELD_STRING("price", REQUIRED, struct fit_ratio, price, 1),
    CYAML_FIELD_FLOAT("cycle_ratio", REQUIRED, struct fit_ratio, cycle_ratio),
    CYAML_FIELD_FLOAT("spread_factor", REQUIRED, struct fit_ratio, spread_factor),
    CYAML_FIELD_STRING("source", REQUIRED, struct fit_ratio, source, 3),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t ratio_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct fit_ratio, ratio_fields),
};

static const cyaml_schema_field_t spread_fields[] = {
    CYAML_FIELD_FLOAT("value", REQUIRED, struct fit_spread, value),
    CYAML_FIELD_FLOAT("spread_factor", REQUIRED, struct fit_spread, spread_factor),
    CYAML_FIELD_STRING("source", REQUIRED, struct fit_spread, source, 3),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct fit_spread, verified, energy_yes_no, 2),
    CYAML_FIELD_END,
};

#define SPREAD(key) CYAML_FIELD_MAPPING(#key, REQUIRED, struct fit_priors, key, spread_fields)

static const cyaml_schema_field_t priors_fields[] = {
    CYAML_FIELD_STRING("name", REQUIRED, struct fit_priors, name, 1),
    CYAML_FIELD_STRING("description", REQUIRED, struct fit_priors, description, 1),
    CYAML_FIELD_ENUM("verified", CYAML_FLAG_STRICT, struct fit_priors, verified, energy_yes_no, 2),
    SPREAD(global_factor),
    SPREAD(event_factor),
    SPREAD(static_fraction),
    SPREAD(core_voltage_v),
    SPREAD(scale_fraction),
    SPREAD(regulator_fraction),
    SPREAD(vdd_exponent),
    SPREAD(chip_rsd),
    CYAML_FIELD_SEQUENCE("prices", REQUIRED, struct fit_priors, prices, &ratio_schema, 1, 64),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t priors_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct fit_priors, priors_fields),
};

static enum cc_status check_spread(const struct fit_spread *spread, double min, double max,
                                   const char *path, const char *key, struct cc_error *err)
{
    char name[96];
    enum cc_status status = energy_number_check(spread->value, min, max, path, key, err);
    snprintf(name, sizeof name, "%s.spread_factor", key);
    if (status == CC_OK)
        status = energy_number_check(spread->spread_factor, 1, 20, path, name, err);
    return status;
}

static enum cc_status check_ratio(const struct fit_priors *p, uint32_t i, const char *path,
                                  struct cc_error *err)
{
    char key[96];
    const struct fit_ratio *ratio = &p->prices[i];
    snprintf(key, sizeof key, "prices[%u].cycle_ratio", (unsigned)i);
    enum cc_status status = energy_number_check(ratio->cycle_ratio, 1e-6, 100, path, key, err);
    snprintf(key, sizeof key, "prices[%u].spread_factor", (unsigned)i);
    if (status == CC_OK)
        status = energy_number_check(ratio->spread_factor, 1, 20, path, key, err);
    if (status == CC_OK && fit_priors_find(p, ratio->price) != ratio)
        status = cc_fail(err, CC_ERR_INPUT, "%s: prices[%u].price: %s is there twice; keep one",
                         path, (unsigned)i, ratio->price);
    return status;
}

/* The core's three are what everything else hangs on. */
static enum cc_status check_core(const struct fit_priors *p, const char *path, struct cc_error *err)
{
    const struct fit_ratio *idle = fit_priors_find(p, "core.idle_pj");
    const struct fit_ratio *stall = fit_priors_find(p, "core.stall_pj");
    if (!idle || !stall)
        return cc_fail(err, CC_ERR_INPUT, "%s: prices: no %s; add it", path,
                       idle ? "core.stall_pj" : "core.idle_pj");
    if (idle->cycle_ratio < stall->cycle_ratio && stall->cycle_ratio < 1)
        return CC_OK;
    return cc_fail(err, CC_ERR_INPUT,
                   "%s: prices: ratios must rise from core.idle_pj over core.stall_pj to 1", path);
}

static enum cc_status check(const struct fit_priors *p, const char *path, struct cc_error *err)
{
    const struct {
        const struct fit_spread *spread;
        double min, max;
        const char *key;
    } spreads[] = {
        {&p->global_factor, 0.01, 100, "global_factor"},
        {&p->event_factor, 0.1, 10, "event_factor"},
        {&p->static_fraction, 1e-4, 1, "static_fraction"},
        {&p->core_voltage_v, 0.3, 2, "core_voltage_v"},
        {&p->scale_fraction, 0.1, 10, "scale_fraction"},
        {&p->regulator_fraction, 0.3, 1, "regulator_fraction"},
        {&p->vdd_exponent, 0.01, 1, "vdd_exponent"},
        {&p->chip_rsd, 0, 1, "chip_rsd"},
    };
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < sizeof spreads / sizeof spreads[0]; i++)
        status = check_spread(spreads[i].spread, spreads[i].min, spreads[i].max, path,
                              spreads[i].key, err);
    for (uint32_t i = 0; status == CC_OK && i < p->prices_count; i++)
        status = check_ratio(p, i, path, err);
    return status == CC_OK ? check_core(p, path, err) : status;
}

enum cc_status fit_priors_load(struct fit_priors **priors, struct cc_error *err)
{
    char path[512];
    cyaml_data_t *data = NULL;
    *priors = NULL;
    if (!cc_data_path(PRIORS_FILE, path, sizeof path))
        return cc_fail(err, CC_ERR_INPUT, "%s: no such file; it comes with the program", path);
    enum cc_status status = cc_yaml_load(path, &priors_schema, &data, NULL, err);
    if (status == CC_OK)
        status = check((const struct fit_priors *)data, path, err);
    if (status != CC_OK) {
        cc_yaml_free(&priors_schema, data);
        return status;
    }
    *priors = (struct fit_priors *)data;
    return CC_OK;
}

void fit_priors_free(struct fit_priors *priors)
{
    cc_yaml_free(&priors_schema, priors);
}

const struct fit_ratio *fit_priors_find(const struct fit_priors *priors, const char *price)
{
    for (uint32_t i = 0; i < priors->prices_count; i++) {
        if (strcmp(priors->prices[i].price, price) == 0)
            return &priors->prices[i];
    }
    return NULL;
}
