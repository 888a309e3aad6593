/* YAML files into structs through libcyaml, with messages that name file, line and key. */
#ifndef CC_YAML_H
#define CC_YAML_H

#include "cc_error.h"

#include <cyaml/cyaml.h>

/* Loads path by schema into *data (free with cc_yaml_free and the same schema). Unknown and
 * missing keys are errors. The message is "PATH:LINE: KEY.OF.KEYS: what is wrong; what to do".
 * Files over 4 MiB are refused. */
enum cc_status cc_yaml_load(const char *path, const cyaml_schema_value_t *schema,
                            cyaml_data_t **data, unsigned *sequence_count, struct cc_error *err);
void cc_yaml_free(const cyaml_schema_value_t *schema, cyaml_data_t *data);

#endif
