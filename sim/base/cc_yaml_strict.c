#include "cc_yaml_strict.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 16 /* deeper than any schema */

struct walk {
    const char *path;
    yaml_parser_t parser;
    struct cc_error *err;
    const cyaml_schema_value_t *schema;
};

static enum cc_status next_event(struct walk *w, yaml_event_t *event)
{
    if (yaml_parser_parse(&w->parser, event))
        return CC_OK;
    return cc_fail(w->err, CC_ERR_INPUT, "%s:%zu: %s; correct the file", w->path,
                   w->parser.problem_mark.line + 1,
                   w->parser.problem ? w->parser.problem : "is not YAML");
}

static int is_whole_number(const char *text)
{
    char *end;
    strtoull(text, &end, 0); /* the base that libcyaml takes */
    return end != text && *end == '\0';
}

static int is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && *end == '\0';
}

static enum cc_status check_scalar(struct walk *w, const cyaml_schema_value_t *schema,
                                   const yaml_event_t *event, const char *key)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t line = event->start_mark.line + 1;
    if (schema->type == CYAML_FLOAT && !is_number(text))
        return cc_fail(w->err, CC_ERR_INPUT,
                       "%s:%zu: %s: '%.40s' is not a number; write one like 12.5 and nothing "
                       "behind it",
                       w->path, line, key, text);
    if ((schema->type == CYAML_INT || schema->type == CYAML_UINT) && !is_whole_number(text))
        return cc_fail(w->err, CC_ERR_INPUT,
                       "%s:%zu: %s: '%.40s' is not a whole number; write one like 12 and nothing "
                       "behind it",
                       w->path, line, key, text);
    return CC_OK;
}

static const cyaml_schema_value_t *field_schema(const cyaml_schema_value_t *mapping,
                                                const char *key)
{
    for (const cyaml_schema_field_t *f = mapping->mapping.fields; f->key; f++) {
        if (strcmp(f->key, key) == 0)
            return &f->value;
    }
    return NULL;
}

/* What one open mapping or sequence expects. */
struct level {
    const cyaml_schema_value_t *schema; /* NULL: nothing of ours, only to be passed over */
    const cyaml_schema_value_t *value;  /* of the key just read; NULL while a key is next */
    int is_mapping, key_read;
    char key[64];
};

/* The schema of the value that comes next inside a level, and forgets the key that led to it. */
static const cyaml_schema_value_t *take_expected(struct level *l)
{
    l->key_read = 0;
    if (!l->schema)
        return NULL;
    return l->is_mapping ? l->value : l->schema->sequence.entry;
}

static void open_level(struct level *to, const cyaml_schema_value_t *schema, int is_mapping,
                       const char *key)
{
    memset(to, 0, sizeof *to);
    int fits = schema && (is_mapping ? schema->type == CYAML_MAPPING
                                     : schema->type == CYAML_SEQUENCE ||
                                           schema->type == CYAML_SEQUENCE_FIXED);
    to->schema = fits ? schema : NULL;
    to->is_mapping = is_mapping;
    strcpy(to->key, key); /* of the sequence; a mapping's own keys replace it */
}

static void read_key(struct level *l, const yaml_event_t *event)
{
    const char *key = (const char *)event->data.scalar.value;
    size_t length = strnlen(key, sizeof l->key - 1);
    memcpy(l->key, key, length);
    l->key[length] = '\0';
    l->key_read = 1;
    l->value = l->schema ? field_schema(l->schema, key) : NULL;
}

/* One value of the document: from its first event to its last. */
static enum cc_status check_document(struct walk *w)
{
    struct level levels[MAX_DEPTH + 1] = {{0}};
    int depth = 0;
    do {
        yaml_event_t event;
        struct level *l = &levels[depth];
        enum cc_status status = next_event(w, &event);
        if (status != CC_OK)
            return status;
        if (event.type == YAML_SCALAR_EVENT && l->is_mapping && !l->key_read) {
            read_key(l, &event);
        } else if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            depth--;
        } else {
            const cyaml_schema_value_t *schema = depth ? take_expected(l) : w->schema;
            int opens =
                event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;
            if (opens && depth == MAX_DEPTH)
                status = cc_fail(w->err, CC_ERR_INPUT, "%s: is nested too deeply", w->path);
            else if (opens)
                open_level(&levels[++depth], schema, event.type == YAML_MAPPING_START_EVENT,
                           l->key);
            else if (event.type == YAML_SCALAR_EVENT && schema)
                status = check_scalar(w, schema, &event, l->key);
        }
        yaml_event_delete(&event);
        if (status != CC_OK)
            return status;
    } while (depth > 0);
    return CC_OK;
}

static enum cc_status expect_one_document(struct walk *w)
{
    yaml_event_t event;
    enum cc_status status = CC_OK;
    for (int documents = 0; status == CC_OK;) {
        status = next_event(w, &event);
        if (status != CC_OK)
            break;
        yaml_event_type_t type = event.type;
        size_t line = event.start_mark.line + 1;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            break;
        if (type != YAML_DOCUMENT_START_EVENT)
            continue;
        if (documents++ > 0)
            status = cc_fail(w->err, CC_ERR_INPUT,
                             "%s:%zu: a second document; only the first would be read, remove it",
                             w->path, line);
        else
            status = check_document(w);
    }
    return status;
}

enum cc_status cc_yaml_strict(const char *path, const unsigned char *text, size_t bytes,
                              const cyaml_schema_value_t *schema, struct cc_error *err)
{
    struct walk w = {.path = path, .err = err, .schema = schema};
    if (!yaml_parser_initialize(&w.parser))
        return cc_no_memory(err);
    yaml_parser_set_input_string(&w.parser, text, bytes);
    enum cc_status status = expect_one_document(&w);
    yaml_parser_delete(&w.parser);
    return status;
}
