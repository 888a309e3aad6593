/* YAML files into structs through libcyaml, with messages that name file, line and key. */
#ifndef CC_YAML_H
#define CC_YAML_H

#include "cc_error.h"

#include <cyaml/cyaml.h>
#include <stddef.h>

/* Loads path by schema into *data (free with cc_yaml_free and the same schema). Unknown and
 * missing keys are errors. The message is "PATH:LINE: KEY.OF.KEYS: what is wrong; what to do".
 * Files over 4 MiB are refused. */
enum cc_status cc_yaml_load(const char *path, const cyaml_schema_value_t *schema,
                            cyaml_data_t **data, unsigned *sequence_count, struct cc_error *err);
/* The same for a file in which `key: 5` may stand for `key: {value: 5}`: where the schema has a
 * mapping whose first key is "value". */
enum cc_status cc_yaml_load_plain(const char *path, const cyaml_schema_value_t *schema,
                                  cyaml_data_t **data, struct cc_error *err);
void cc_yaml_free(const cyaml_schema_value_t *schema, cyaml_data_t *data);

#define CC_YAML_MAX_BYTES (4u << 20)

/* Line of a key of a file that could be loaded, from 1: "curve.rows[3].v", or with a list's entry
 * by its `name`: "regions.sram1.base". What an index is followed by in brackets is passed over:
 * "points[2] (24 MHz).static_ua". Of a key that is not there, the line of the innermost part that
 * is, or of the whole; 0 when there is none. Reads the file again: for messages only. */
size_t cc_yaml_line(const char *path, const char *key);

/* CC_ERR_INPUT with "PATH:LINE: KEY: " and the text, for what is wrong with a value that loading
 * let pass. Without the line when the key is not in the file. */
enum cc_status cc_yaml_fail(struct cc_error *err, const char *path, const char *key,
                            const char *format, ...) CC_PRINTF(4, 5);

/* Makes "PATH:LINE: KEY: ..." of a message "PATH: KEY: ..." where the file has that key; other
 * messages stay. Returns err->status. For the one place that has loaded and checked a file. */
enum cc_status cc_yaml_add_line(struct cc_error *err, const char *path);

#endif
