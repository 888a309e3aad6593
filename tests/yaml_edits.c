#include "yaml_edits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct walk {
    yaml_document_t document;
    const char *text;
    struct yaml_spot *spots;
    size_t count, capacity;
};

/* libyaml counts characters, the text has bytes. */
static size_t byte_of(const char *text, size_t character)
{
    size_t at = 0;
    while (character > 0 && text[at]) {
        at++;
        if (((unsigned char)text[at] & 0xc0) != 0x80)
            character--;
    }
    return at;
}

static void copy_word(char *to, size_t size, const yaml_node_t *node)
{
    to[0] = '\0';
    if (node && node->type == YAML_SCALAR_NODE)
        snprintf(to, size, "%.*s", (int)size - 1, (const char *)node->data.scalar.value);
}

static int is_figure_key(const char *key)
{
    static const char *const keys[] = {"value", "min", "typ", "max", "rsd"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0)
            return 1;
    }
    return 0;
}

/* The keys around a value; NULL where there is none. */
struct around {
    const yaml_node_t *key, *outer; /* outer: of the mapping that the key is in */
    int direct;                     /* the value is not in a list below the key */
};

static void add(struct walk *w, const yaml_node_t *node, const struct around *around)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? 2 * w->capacity : 64;
        w->spots = realloc(w->spots, w->capacity * sizeof *w->spots);
        if (!w->spots)
            abort();
    }
    struct yaml_spot *s = &w->spots[w->count++];
    char *end;
    memset(s, 0, sizeof *s);
    copy_word(s->key, sizeof s->key, around->key);
    copy_word(s->word, sizeof s->word, node);
    s->start = byte_of(w->text, node->start_mark.index);
    s->end = byte_of(w->text, node->end_mark.index);
    s->line = node->start_mark.line + 1;
    strtod((const char *)node->data.scalar.value, &end);
    s->is_number = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && s->word[0] && !*end;
    if (around->key && around->direct) {
        s->key_start = byte_of(w->text, around->key->start_mark.index);
        s->key_end = byte_of(w->text, around->key->end_mark.index);
    }
    s->in_figure = around->outer && is_figure_key(s->key);
    if (s->in_figure) {
        copy_word(s->figure, sizeof s->figure, around->outer);
        s->figure_start = byte_of(w->text, around->outer->start_mark.index);
        s->figure_end = byte_of(w->text, around->outer->end_mark.index);
    }
}

static void visit(struct walk *w, int index, const struct around *around)
{
    const yaml_node_t *node = yaml_document_get_node(&w->document, index);
    if (!node)
        return;
    if (node->type == YAML_SCALAR_NODE) {
        add(w, node, around);
    } else if (node->type == YAML_SEQUENCE_NODE) {
        struct around below = *around;
        below.direct = 0;
        for (const yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
            visit(w, *i, &below);
    } else {
        for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
             p < node->data.mapping.pairs.top; p++) {
            struct around below = {yaml_document_get_node(&w->document, p->key),
                                   around->direct ? around->key : NULL, 1};
            visit(w, p->value, &below);
        }
    }
}

struct yaml_spot *yaml_spots(const char *text, size_t *count)
{
    struct walk w = {.text = text};
    yaml_parser_t parser;
    *count = 0;
    if (!yaml_parser_initialize(&parser))
        return NULL;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    if (yaml_parser_load(&parser, &w.document)) {
        struct around nothing = {NULL, NULL, 1};
        if (yaml_document_get_root_node(&w.document))
            visit(&w, 1, &nothing);
        yaml_document_delete(&w.document);
    }
    yaml_parser_delete(&parser);
    *count = w.count;
    return w.spots;
}

char *yaml_edit(const char *text, size_t start, size_t end, const char *to)
{
    size_t length = strlen(text), with = strlen(to);
    char *out = malloc(length + with + 1);
    if (!out)
        abort();
    memcpy(out, text, start);
    memcpy(out + start, to, with);
    memcpy(out + start + with, text + end, length - end + 1);
    return out;
}
