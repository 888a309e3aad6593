/* energy/regulators/NAME.yaml. */
#include "energy_battery_internal.h"

#include "cc_file.h"

#include <string.h>

static const cyaml_schema_value_t schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct energy_regulator, energy_regulator_fields),
};

enum cc_status energy_regulator_load(const char *name_or_file, struct energy_regulator **regulator,
                                     struct cc_error *err)
{
    char path[sizeof(*regulator)->path];
    cyaml_data_t *data = NULL;
    *regulator = NULL;
    enum cc_status status =
        cc_data_resolve("regulator", "energy/regulators", name_or_file, path, sizeof path, err);
    if (status == CC_OK)
        status = cc_yaml_load(path, &schema, &data, NULL, err);
    if (status != CC_OK)
        return status;
    struct energy_regulator *loaded = data;
    memcpy(loaded->path, path, sizeof path);
    if (loaded->name[0] == '\0' || loaded->description[0] == '\0')
        status = cc_fail(err, CC_ERR_INPUT, "%s: %s: missing; a regulator's own file needs it",
                         path, loaded->name[0] == '\0' ? "name" : "description");
    else
        status = energy_regulator_check(loaded, path, "", err);
    if (status != CC_OK) {
        energy_regulator_free(loaded);
        return cc_yaml_add_line(err, path);
    }
    *regulator = loaded;
    return CC_OK;
}

const char *energy_regulator_description(const struct energy_regulator *regulator)
{
    return regulator->description;
}

void energy_regulator_free(struct energy_regulator *regulator)
{
    cc_yaml_free(&schema, regulator);
}
