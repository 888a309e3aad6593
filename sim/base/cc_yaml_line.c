/* Where in a file a key stands, for what is found wrong after loading. */
#include "cc_file.h"
#include "cc_yaml.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* One step of a key path: "rows[3]" is two, a word and an index. */
struct step {
    char word[64];
    size_t index;
    int is_index;
};

/* Takes the next step off the path; 0 at its end, or where it is no path any more. */
static int next_step(const char **path, struct step *step)
{
    const char *p = *path + (**path == '.');
    memset(step, 0, sizeof *step);
    if (*p == '[' && isdigit((unsigned char)p[1])) {
        char *end;
        step->is_index = 1;
        step->index = strtoul(p + 1, &end, 10);
        if (*end != ']')
            return 0;
        p = end + 1;
        if (strncmp(p, " (", 2) == 0) /* "operating_points[2] (24 MHz).static_ua" */
            p += strcspn(p, ")") + (strchr(p, ')') != NULL);
    } else {
        size_t length = strcspn(p, ".[");
        if (length == 0 || length >= sizeof step->word)
            return 0;
        memcpy(step->word, p, length);
        p += length;
    }
    *path = p;
    return 1;
}

static int is_word(const yaml_node_t *node, const char *word)
{
    return node && node->type == YAML_SCALAR_NODE &&
           strcmp((const char *)node->data.scalar.value, word) == 0;
}

/* The value of a key; *line becomes that of the key. */
static yaml_node_t *value_of(yaml_document_t *document, const yaml_node_t *mapping,
                             const char *word, size_t *line)
{
    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
         p < mapping->data.mapping.pairs.top; p++) {
        yaml_node_t *key = yaml_document_get_node(document, p->key);
        if (!is_word(key, word))
            continue;
        *line = key->start_mark.line + 1;
        return yaml_document_get_node(document, p->value);
    }
    return NULL;
}

/* The entry of a list by its place, or the one whose `name` is the word. */
static yaml_node_t *entry_of(yaml_document_t *document, const yaml_node_t *sequence,
                             const struct step *step, size_t *line)
{
    size_t index = 0;
    for (yaml_node_item_t *i = sequence->data.sequence.items.start;
         i < sequence->data.sequence.items.top; i++, index++) {
        size_t name_line = 0;
        yaml_node_t *entry = yaml_document_get_node(document, *i);
        if (!entry)
            continue;
        int found = step->is_index
                        ? index == step->index
                        : entry->type == YAML_MAPPING_NODE &&
                              is_word(value_of(document, entry, "name", &name_line), step->word);
        if (!found)
            continue;
        *line = entry->start_mark.line + 1;
        return entry;
    }
    return NULL;
}

/* The entry of that name in one of a mapping's lists: "registers.rcc.cr" leaves out the inner
 * `registers`. */
static yaml_node_t *named_below(yaml_document_t *document, const yaml_node_t *mapping,
                                const struct step *step, size_t *line)
{
    yaml_node_t *found = NULL;
    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
         !found && p < mapping->data.mapping.pairs.top; p++) {
        const yaml_node_t *value = yaml_document_get_node(document, p->value);
        if (value && value->type == YAML_SEQUENCE_NODE)
            found = entry_of(document, value, step, line);
    }
    return found;
}

static yaml_node_t *inside(yaml_document_t *document, const yaml_node_t *node,
                           const struct step *step, size_t *line)
{
    if (node->type == YAML_SEQUENCE_NODE)
        return entry_of(document, node, step, line);
    if (node->type != YAML_MAPPING_NODE || step->is_index)
        return NULL;
    yaml_node_t *value = value_of(document, node, step->word, line);
    return value ? value : named_below(document, node, step, line);
}

/* Line of the innermost part of the path that is there; 0 when it is no path. */
static size_t find(yaml_document_t *document, const char *path)
{
    struct step step;
    yaml_node_t *node = yaml_document_get_root_node(document);
    size_t line = node && next_step(&(const char *){path}, &step) ? node->start_mark.line + 1 : 0;
    while (node && next_step(&path, &step))
        node = inside(document, node, &step, &line);
    return line;
}

size_t cc_yaml_line(const char *path, const char *key)
{
    uint8_t *text;
    size_t bytes, line = 0;
    yaml_parser_t parser;
    yaml_document_t document;
    struct cc_error ignored;
    if (cc_file_read(path, CC_YAML_MAX_BYTES, &text, &bytes, &ignored) != CC_OK)
        return 0;
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_string(&parser, text, bytes);
        if (yaml_parser_load(&parser, &document)) {
            line = find(&document, key);
            yaml_document_delete(&document);
        }
        yaml_parser_delete(&parser);
    }
    free(text);
    return line;
}

enum cc_status cc_yaml_fail(struct cc_error *err, const char *path, const char *key,
                            const char *format, ...)
{
    char what[sizeof err->message], place[32] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    size_t line = cc_yaml_line(path, key);
    if (line)
        snprintf(place, sizeof place, ":%zu", line);
    return cc_fail(err, CC_ERR_INPUT, "%s%s: %s: %s", path, place, key, what);
}

enum cc_status cc_yaml_add_line(struct cc_error *err, const char *path)
{
    char key[256], rest[sizeof err->message];
    size_t before = strlen(path);
    if (!err || err->status != CC_ERR_INPUT || strncmp(err->message, path, before) != 0 ||
        strncmp(err->message + before, ": ", 2) != 0)
        return err ? err->status : CC_ERR_INPUT;
    snprintf(rest, sizeof rest, "%s", err->message + before);
    const char *end = strstr(rest + 2, ": ");
    if (!end || end - (rest + 2) >= (long)sizeof key)
        return err->status;
    snprintf(key, sizeof key, "%.*s", (int)(end - (rest + 2)), rest + 2);
    if (key[strcspn(key, " ")] && !strstr(key, "] (")) /* a sentence */
        return err->status;
    size_t line = cc_yaml_line(path, key);
    if (line)
        cc_fail(err, CC_ERR_INPUT, "%s:%zu%s", path, line, rest);
    return CC_ERR_INPUT;
}
