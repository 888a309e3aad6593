/* Does a YAML text have the shape of a schema? Private to cc_yaml.c. */
#ifndef CC_YAML_STRICT_H
#define CC_YAML_STRICT_H

#include "cc_error.h"

#include <cyaml/cyaml.h>

/* Numbers written plain where the schema has a mapping whose first key is "value". */
struct cc_yaml_plain {
    struct cc_yaml_span {
        size_t start, end; /* in characters of the text, without a byte order mark */
    } * spans;             /* owned by whoever made the struct: free() */
    size_t count, capacity;
};

/* Looks at the text before libcyaml does, for two reasons: libcyaml passes "2,25" as 2, "225abc" as
 * 225, an integer's "1.5" as 1, and the first document of several; and its messages name the last
 * key it read instead of the one that is wrong. CC_ERR_INPUT with "PATH:LINE: KEY.OF.KEYS: what is
 * wrong; what to do". What stands behind an alias is not looked at. With plain not NULL such
 * numbers are collected in order; else they are errors. */
enum cc_status cc_yaml_strict(const char *path, const unsigned char *text, size_t bytes,
                              const cyaml_schema_value_t *schema, struct cc_yaml_plain *plain,
                              struct cc_error *err);

#endif
