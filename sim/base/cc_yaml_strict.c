#include "cc_yaml_strict.h"

#include "cc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define MAX_DEPTH 16  /* deeper than any schema */
#define MAX_KEYS  256 /* of one mapping's schema */

/* What one open mapping or sequence expects. */
struct level {
    const cyaml_schema_value_t *schema; /* NULL: nothing of ours, only to be passed over */
    const cyaml_schema_value_t *value;  /* of the key just read; NULL while a key is next */
    int is_mapping, key_read;
    char key[64];
    unsigned entries; /* of a sequence so far */
    size_t line;      /* where it starts */
    unsigned char seen[MAX_KEYS];
};

struct walk {
    const char *path;
    yaml_parser_t parser;
    struct cc_error *err;
    const cyaml_schema_value_t *schema;
    struct cc_yaml_plain *plain;        /* NULL: a mapping is a mapping */
    struct level levels[MAX_DEPTH + 1]; /* [0] stands for the document */
    int depth;
};

/* "clock.allowed_mhz[2]": where the innermost `depth` levels are. Returns text. */
static const char *place(const struct walk *w, int depth, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 1; i <= depth && used < size; i++) {
        const struct level *l = &w->levels[i];
        if (l->is_mapping)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "." : "", l->key);
        else
            used += (size_t)snprintf(text + used, size - used, "[%u]", l->entries - 1);
    }
    return text;
}

/* A message about the value at the present place. */
static enum cc_status refuse(struct walk *w, size_t line, const char *what)
{
    char key[256];
    place(w, w->depth, key, sizeof key);
    return cc_fail(w->err, CC_ERR_INPUT, "%s:%zu: %s%s%s", w->path, line, key, key[0] ? ": " : "",
                   what);
}

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

static int is_sequence(const cyaml_schema_value_t *schema)
{
    return schema->type == CYAML_SEQUENCE || schema->type == CYAML_SEQUENCE_FIXED;
}

static enum cc_status check_word(struct walk *w, const cyaml_schema_value_t *schema,
                                 const char *text, size_t line)
{
    char list[160] = "", what[320];
    size_t used = 0;
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        const char *word = schema->enumeration.strings[i].str;
        if (strcmp(word, text) == 0)
            return CC_OK;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", word);
    }
    snprintf(what, sizeof what, "'%.40s' is not a word for it; write one of %s", text, list);
    return refuse(w, line, what);
}

static enum cc_status check_text(struct walk *w, const cyaml_schema_value_t *schema,
                                 const char *text, size_t line)
{
    size_t length = strlen(text);
    char what[160];
    if (length > schema->string.max)
        snprintf(what, sizeof what, "is %zu characters long; shorten it to %u", length,
                 schema->string.max);
    else if (length < schema->string.min)
        snprintf(what, sizeof what, "'%.40s' is too short; write at least %u characters", text,
                 schema->string.min);
    else
        return CC_OK;
    return refuse(w, line, what);
}

static int may_be_plain(const struct walk *w, const cyaml_schema_value_t *schema)
{
    const cyaml_schema_field_t *first = schema->mapping.fields;
    return w->plain && schema->type == CYAML_MAPPING && first->key &&
           strcmp(first->key, "value") == 0;
}

static enum cc_status keep_plain(struct walk *w, const yaml_event_t *event)
{
    struct cc_yaml_plain *plain = w->plain;
    const char *text = (const char *)event->data.scalar.value;
    char what[200];
    if (!is_number(text)) {
        snprintf(what, sizeof what,
                 "'%.40s' is not a number; write one like 12.5 and nothing behind it, or keys "
                 "below it",
                 text);
        return refuse(w, event->start_mark.line + 1, what);
    }
    if (plain->count == plain->capacity) {
        size_t capacity = plain->capacity ? 2 * plain->capacity : 64;
        struct cc_yaml_span *grown = realloc(plain->spans, capacity * sizeof *grown);
        if (!grown)
            return cc_no_memory(w->err);
        plain->spans = grown;
        plain->capacity = capacity;
    }
    plain->spans[plain->count++] =
        (struct cc_yaml_span){event->start_mark.index, event->end_mark.index};
    return CC_OK;
}

static enum cc_status check_scalar(struct walk *w, const cyaml_schema_value_t *schema,
                                   const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t line = event->start_mark.line + 1;
    char what[160];
    if ((schema->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL)
        return CC_OK; /* nothing may stand for nothing */
    if (may_be_plain(w, schema))
        return keep_plain(w, event);
    if (schema->type == CYAML_MAPPING)
        return refuse(w, line, "needs keys of its own; write them below it, or as {key: value}");
    if (is_sequence(schema))
        return refuse(w, line, "needs a list; write one like [1, 2], or lines that start with -");
    if (schema->type == CYAML_STRING)
        return check_text(w, schema, text, line);
    if (schema->type == CYAML_ENUM && (schema->flags & CYAML_FLAG_STRICT))
        return check_word(w, schema, text, line);
    if (schema->type == CYAML_FLOAT && !is_number(text)) {
        snprintf(what, sizeof what,
                 "'%.40s' is not a number; write one like 12.5 and nothing behind it", text);
        return refuse(w, line, what);
    }
    if ((schema->type == CYAML_INT || schema->type == CYAML_UINT) && !is_whole_number(text)) {
        snprintf(what, sizeof what,
                 "'%.40s' is not a whole number; write one like 12 and nothing behind it", text);
        return refuse(w, line, what);
    }
    if (schema->type == CYAML_UINT && strchr(text, '-')) {
        snprintf(what, sizeof what, "'%.40s' is negative; write 0 or more", text);
        return refuse(w, line, what);
    }
    return CC_OK;
}

/* The key that says the same in another unit: "fetch_bytes" for "fetch_kb". */
static const char *same_in_other_unit(const char *key, const char *const *names, size_t count)
{
    const char *same[MAX_KEYS];
    const char *unit = strrchr(key, '_');
    size_t stem = unit ? (size_t)(unit - key) + 1 : 0, found = 0;
    for (size_t i = 0; stem > 1 && i < count; i++) {
        const char *its = strrchr(names[i], '_');
        if (its && (size_t)(its - names[i]) + 1 == stem && strncmp(names[i], key, stem) == 0)
            same[found++] = names[i];
    }
    const char *nearest = cc_nearest(key, same, found);
    return nearest ? nearest : (found ? same[0] : NULL);
}

static enum cc_status unknown_key(struct walk *w, const struct level *l, size_t line)
{
    const char *names[MAX_KEYS];
    char near[96], list[400] = "", what[600];
    size_t count = 0, used = 0;
    for (const cyaml_schema_field_t *f = l->schema->mapping.fields; f->key && count < MAX_KEYS;
         f++) {
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", count ? ", " : "",
                                     f->key);
        names[count++] = f->key;
    }
    const char *same = same_in_other_unit(l->key, names, count);
    if (same)
        snprintf(near, sizeof near, " did you mean %s?", same);
    else
        cc_did_you_mean(near, sizeof near, "", l->key, names, count);
    if (near[0])
        snprintf(what, sizeof what, "unknown key;%s", near);
    else
        snprintf(what, sizeof what, "unknown key; remove it, or write one of %s%s", list,
                 used < sizeof list ? "" : "...");
    return refuse(w, line, what);
}

static enum cc_status read_key(struct walk *w, struct level *l, const yaml_event_t *event)
{
    const char *key = (const char *)event->data.scalar.value;
    size_t line = event->start_mark.line + 1;
    size_t length = strnlen(key, sizeof l->key - 1);
    memcpy(l->key, key, length);
    l->key[length] = '\0';
    l->key_read = 1;
    l->value = NULL;
    if (!l->schema)
        return CC_OK;
    const cyaml_schema_field_t *fields = l->schema->mapping.fields;
    for (size_t i = 0; fields[i].key && !l->value; i++) {
        if (strcmp(fields[i].key, key) != 0)
            continue;
        if (i < MAX_KEYS && l->seen[i])
            return refuse(w, line, "is given twice; remove one of them");
        if (i < MAX_KEYS)
            l->seen[i] = 1;
        l->value = &fields[i].value;
    }
    return l->value ? CC_OK : unknown_key(w, l, line);
}

/* The schema of the value that comes next inside a level; forgets the key that led to it. */
static const cyaml_schema_value_t *take_expected(struct level *l)
{
    l->key_read = 0;
    if (!l->is_mapping)
        l->entries++;
    if (!l->schema)
        return NULL;
    return l->is_mapping ? l->value : l->schema->sequence.entry;
}

static enum cc_status open_level(struct walk *w, const cyaml_schema_value_t *schema,
                                 const yaml_event_t *event)
{
    int is_mapping = event->type == YAML_MAPPING_START_EVENT;
    size_t line = event->start_mark.line + 1;
    if (schema && !is_mapping && schema->type == CYAML_MAPPING)
        return refuse(w, line, "is a list; write keys with values");
    if (schema && is_mapping && is_sequence(schema))
        return refuse(w, line, "has keys; write a list, lines that start with -");
    if (schema && schema->type != CYAML_MAPPING && !is_sequence(schema) &&
        schema->type != CYAML_FLAGS && schema->type != CYAML_BITFIELD &&
        schema->type != CYAML_IGNORE)
        return refuse(w, line,
                      is_mapping ? "has keys; write one value" : "is a list; write one value");
    if (w->depth == MAX_DEPTH)
        return cc_fail(w->err, CC_ERR_INPUT, "%s:%zu: is nested too deeply; correct the file",
                       w->path, line);
    int known = schema && (schema->type == CYAML_MAPPING || is_sequence(schema));
    struct level *l = &w->levels[++w->depth];
    memset(l, 0, sizeof *l);
    l->schema = known ? schema : NULL;
    l->is_mapping = is_mapping;
    l->line = line;
    return CC_OK;
}

/* What a mapping lacks, or how many entries a sequence has. */
static enum cc_status close_level(struct walk *w)
{
    struct level *l = &w->levels[w->depth];
    char what[128];
    if (l->schema && l->is_mapping) {
        const cyaml_schema_field_t *fields = l->schema->mapping.fields;
        for (size_t i = 0; fields[i].key && i < MAX_KEYS; i++) {
            if (l->seen[i] || (fields[i].value.flags & CYAML_FLAG_OPTIONAL))
                continue;
            snprintf(l->key, sizeof l->key, "%s", fields[i].key);
            return refuse(w, l->line, "is missing; add it");
        }
    }
    w->depth--; /* from here on the place is that of the whole sequence */
    if (!l->schema || l->is_mapping)
        return CC_OK;
    uint32_t min = l->schema->sequence.min, max = l->schema->sequence.max;
    if (l->entries >= min && l->entries <= max)
        return CC_OK;
    const char *wrong = l->entries < min ? "few" : "many";
    if (min == max)
        snprintf(what, sizeof what, "has too %s entries, %u; write %u", wrong, l->entries, min);
    else if (max == CYAML_UNLIMITED)
        snprintf(what, sizeof what, "has too %s entries, %u; write %u or more", wrong, l->entries,
                 min);
    else
        snprintf(what, sizeof what, "has too %s entries, %u; write %u to %u", wrong, l->entries,
                 min, max);
    return refuse(w, l->line, what);
}

static enum cc_status take_event(struct walk *w, const yaml_event_t *event)
{
    struct level *l = &w->levels[w->depth];
    int opens = event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT;
    if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
        return close_level(w);
    if (l->is_mapping && !l->key_read && event->type == YAML_SCALAR_EVENT)
        return read_key(w, l, event);
    if (l->is_mapping && !l->key_read)
        return cc_fail(w->err, CC_ERR_INPUT, "%s:%zu: a key is not a word; write key: value",
                       w->path, (size_t)event->start_mark.line + 1);
    const cyaml_schema_value_t *schema = w->depth ? take_expected(l) : w->schema;
    if (opens)
        return open_level(w, schema, event);
    if (event->type == YAML_SCALAR_EVENT && schema)
        return check_scalar(w, schema, event);
    return CC_OK;
}

/* One value of the document: from its first event to its last. */
static enum cc_status check_document(struct walk *w)
{
    enum cc_status status;
    w->depth = 0;
    memset(&w->levels[0], 0, sizeof w->levels[0]);
    do {
        yaml_event_t event;
        status = next_event(w, &event);
        if (status != CC_OK)
            return status;
        status = take_event(w, &event);
        yaml_event_delete(&event);
    } while (status == CC_OK && w->depth > 0);
    return status;
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
                              const cyaml_schema_value_t *schema, struct cc_yaml_plain *plain,
                              struct cc_error *err)
{
    struct walk w = {.path = path, .err = err, .schema = schema, .plain = plain};
    if (!yaml_parser_initialize(&w.parser))
        return cc_no_memory(err);
    yaml_parser_set_input_string(&w.parser, text, bytes);
    enum cc_status status = expect_one_document(&w);
    yaml_parser_delete(&w.parser);
    return status;
}
