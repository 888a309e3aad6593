/* What a regulator may say of itself, in a file of its own or in a battery's. */
#include "energy_battery_internal.h"

#include <stdio.h>

#define OPTIONAL CYAML_FLAG_OPTIONAL

static const cyaml_strval_t kinds[] = {{"none", ENERGY_REGULATOR_NONE},
                                       {"ldo", ENERGY_REGULATOR_LDO},
                                       {"buck", ENERGY_REGULATOR_BUCK},
                                       {"boost", ENERGY_REGULATOR_BOOST}};

const cyaml_schema_field_t energy_regulator_fields[] = {
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct energy_regulator, kind, kinds, 4),
    CYAML_FIELD_STRING("name", OPTIONAL, struct energy_regulator, name, 1),
    CYAML_FIELD_STRING("description", OPTIONAL, struct energy_regulator, description, 1),
    ENERGY_FIGURE("vout_v", OPTIONAL, struct energy_regulator, vout_v),
    ENERGY_FIGURE("iq_ua", OPTIONAL, struct energy_regulator, iq_ua),
    ENERGY_FIGURE("dropout_v", OPTIONAL, struct energy_regulator, dropout_v),
    ENERGY_FIGURE("efficiency_fraction", OPTIONAL, struct energy_regulator, efficiency_fraction),
    ENERGY_FIGURE("loss_ohm", OPTIONAL, struct energy_regulator, loss_ohm),
    ENERGY_FIGURE("least_input_v", OPTIONAL, struct energy_regulator, least_input_v),
    ENERGY_FIGURE("most_input_v", OPTIONAL, struct energy_regulator, most_input_v),
    CYAML_FIELD_END,
};

/* Kinds as bits. */
#define LDO   (1u << ENERGY_REGULATOR_LDO)
#define BUCK  (1u << ENERGY_REGULATOR_BUCK)
#define BOOST (1u << ENERGY_REGULATOR_BOOST)

enum cc_status energy_regulator_check(const struct energy_regulator *regulator, const char *path,
                                      const char *prefix, struct cc_error *err)
{
    const struct energy_regulator *r = regulator;
    const struct {
        const struct energy_figure *figure;
        const char *key;
        double min, max;
        unsigned needed, allowed;
    } rules[] = {
        {&r->vout_v, "vout_v", 0.5, 60, LDO | BUCK | BOOST, LDO | BUCK | BOOST},
        {&r->iq_ua, "iq_ua", 0, 1e6, LDO | BUCK | BOOST, LDO | BUCK | BOOST},
        {&r->dropout_v, "dropout_v", 0, 10, LDO | BUCK, LDO | BUCK},
        {&r->efficiency_fraction, "efficiency_fraction", 0.01, 1, BUCK | BOOST, BUCK | BOOST},
        {&r->loss_ohm, "loss_ohm", 0, 1e3, BUCK | BOOST, BUCK | BOOST},
        {&r->least_input_v, "least_input_v", 0.1, 60, BOOST, BOOST},
        {&r->most_input_v, "most_input_v", 0.5, 200, 0, LDO | BUCK | BOOST},
    };
    unsigned kind = 1u << r->kind;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char key[96];
        int there = energy_figure_present(rules[i].figure);
        snprintf(key, sizeof key, "%s%s", prefix, rules[i].key);
        if (there && !(kind & rules[i].allowed))
            return cc_fail(err, CC_ERR_INPUT,
                           "%s: %s: has no meaning with kind %s; remove it or set another kind",
                           path, key, kinds[r->kind].str);
        if (!there && (kind & rules[i].needed))
            return cc_fail(err, CC_ERR_INPUT, "%s: %s: missing; a regulator of kind %s needs it",
                           path, key, kinds[r->kind].str);
        enum cc_status status =
            energy_figure_check(rules[i].figure, rules[i].min, rules[i].max, path, key, err);
        if (status != CC_OK)
            return status;
    }
    return CC_OK;
}
