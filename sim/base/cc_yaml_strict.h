/* What libcyaml lets pass silently. Private to cc_yaml.c. */
#ifndef CC_YAML_STRICT_H
#define CC_YAML_STRICT_H

#include "cc_error.h"

#include <cyaml/cyaml.h>

/* libcyaml reads "2,25" as 2, "225abc" as 225, an integer's "1.5" as 1, and the first document of
 * several. text is one that it has accepted by this schema; CC_ERR_INPUT with path, line and key
 * when a number has something behind it or there is a second document. */
enum cc_status cc_yaml_strict(const char *path, const unsigned char *text, size_t bytes,
                              const cyaml_schema_value_t *schema, struct cc_error *err);

#endif
