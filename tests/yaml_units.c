#include "yaml_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define MAX_DEPTH 24

/* Endings of keys. */
static const char *const suffixes[] = {
    /* current, power, energy, charge */
    "_a",
    "_ma",
    "_ua",
    "_na",
    "_w",
    "_mw",
    "_uw",
    "_nw",
    "_j",
    "_mj",
    "_uj",
    "_nj",
    "_pj",
    "_ah",
    "_mah",
    "_uah",
    "_nc",
    "_wh",
    "_mwh",
    "_mc",
    "_uc",
    /* voltage, resistance, capacitance */
    "_v",
    "_mv",
    "_uv",
    "_ohm",
    "_mohm",
    "_f",
    "_mf",
    "_uf",
    "_nf",
    /* time, frequency, temperature */
    "_s",
    "_ms",
    "_us",
    "_ns",
    "_h",
    "_days",
    "_years",
    "_hz",
    "_khz",
    "_mhz",
    "_c",
    "_k",
    /* amounts */
    "_bytes",
    "_kb",
    "_bits",
    "_count",
    "_cycles",
    "_symbols",
    "_pixels",
    "_cells",
    /* ratios */
    "_percent",
    "_fraction",
    "_factor",
    "_rsd",
    "_db",
    "_dbm",
    "_ppm",
    "_exponent",
    "_scale",
    "_ratio",
    /* surroundings */
    "_lux",
    "_g",
    "_m",
    "_cm2",
    "_cm3",
    "_mm",
};

/* Keys of which the unit does not stand at the end, or that have none. */
static const struct {
    const char *key, *unit;
} known_keys[] = {
    /* batteries: rows of tables, one letter each */
    {"c", "degrees Celsius"},
    {"v", "V"},
    {"ma", "mA"},
    {"dod", "depth of discharge, 0 to 1"},
    {"capacity", "factor on the capacity"},
    {"resistance", "factor on the resistance"},
    {"rsd", "relative standard deviation"},
    {"uw", "uW"},
    {"cells_in_series", "number"},
    {"cells_in_parallel", "number"},
    /* scenarios */
    {"quiet_hours_h_per_day", "h"},
    {"coding_rate", "LoRa, 1 to 4 for 4/5 to 4/8"},
    /* chips: registers are addresses, bits and values of words */
    {"base", "address"},
    {"copies", "addresses"},
    {"flash_base", "address"},
    {"ram_base", "address"},
    {"offset", "bytes from the block's base"},
    {"reset", "value of a register"},
    {"ones", "bits of a register"},
    {"zeros", "bits of a register"},
    {"flag", "bit of a register"},
    {"follows", "bit of a register"},
    {"values", "values of a register's field, or factors that they stand for"},
    {"plus", "added to a register's field"},
    {"mhz", "MHz"},
    {"wait_states", "cycles"},
    {"ways", "number"},
    /* architectures: elements, and what int8 arithmetic is made of */
    {"seed", "of the pseudo-random weights"},
    {"shape", "elements"},
    {"kernel", "elements"},
    {"stride", "elements"},
    {"dilation", "elements"},
    {"filters", "channels"},
    {"units", "channels"},
    {"multiplier", "channels per channel"},
    {"groups", "number"},
    {"scale", "real value of one int8 step"},
    {"zero_point", "int8 value"},
    {"beta", "factor in the exponent of softmax"},
};

/* Keys that say what a file is about instead of measuring it: they need no source. */
static const struct {
    const char *folder, *key;
} definitions[] = {
    {"energy/batteries/", "cells_in_series"},
};

struct walk {
    yaml_document_t document;
    const char *path;
    enum yaml_units_need need;
    int numbers, broken;
    char *message;
    size_t size;
};

/* The mappings around a value, innermost last. */
struct place {
    const struct place *outer;
    const yaml_node_t *mapping; /* NULL: the document */
    const char *key;            /* of the value; lists have that of what they are the value of */
};

static const char *word_of(struct walk *w, int index)
{
    const yaml_node_t *node = yaml_document_get_node(&w->document, index);
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int has_key(struct walk *w, const yaml_node_t *mapping, const char *key, size_t least)
{
    for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
         p < mapping->data.mapping.pairs.top; p++) {
        const char *name = word_of(w, p->key), *value = word_of(w, p->value);
        if (name && value && strcmp(name, key) == 0 && strlen(value) >= least)
            return 1;
    }
    return 0;
}

static int is_stated(struct walk *w, const struct place *place, const char *key, size_t least)
{
    for (; place; place = place->outer) {
        if (place->mapping && has_key(w, place->mapping, key, least))
            return 1;
    }
    return 0;
}

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(word, *words) == 0)
            return 1;
    }
    return 0;
}

/* Key that has to tell the unit. */
static const char *unit_key(const struct place *place)
{
    static const char *const of_figure[] = {"value", "min", "typ", "max", NULL};
    while (place->outer && place->key && is_one_of(place->key, of_figure))
        place = place->outer;
    return place->key ? place->key : "";
}

static int tells_unit(const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < COUNT(known_keys); i++) {
        if (strcmp(key, known_keys[i].key) == 0)
            return 1;
    }
    if (strstr(key, "_per_")) /* "uj_per_kb": both sides are named */
        return 1;
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        size_t n = strlen(suffixes[i]);
        if (length > n && strcmp(key + length - n, suffixes[i]) == 0)
            return 1;
    }
    return 0;
}

static int is_definition(const char *path, const char *key)
{
    for (size_t i = 0; i < COUNT(definitions); i++) {
        if (strcmp(key, definitions[i].key) == 0 && strstr(path, definitions[i].folder))
            return 1;
    }
    return 0;
}

/* Quoted text is never a number. */
static int is_number(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    char *end;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || !*text)
        return 0;
    strtod(text, &end);
    return *end == '\0';
}

static void complain(struct walk *w, const yaml_node_t *node, const struct place *place,
                     const char *what)
{
    if (w->broken++ == 0)
        snprintf(w->message, w->size, "%s:%zu: %s: %s", w->path, node->start_mark.line + 1,
                 place->key ? place->key : "(no key)", what);
}

static void check_number(struct walk *w, const yaml_node_t *node, const struct place *place)
{
    w->numbers++;
    if (!tells_unit(unit_key(place)))
        complain(w, node, place, "its key tells no unit");
    else if (is_definition(w->path, unit_key(place)))
        return;
    else if (!is_stated(w, place, "source", 3))
        complain(w, node, place, "has no source beside it or around it");
    else if (w->need == YAML_UNITS_SOURCE_AND_PROOF && !is_stated(w, place, "verified", 2))
        complain(w, node, place, "has no verified: yes or no beside it or around it");
}

static void visit(struct walk *w, int index, const struct place *place, int depth)
{
    const yaml_node_t *node = yaml_document_get_node(&w->document, index);
    if (!node)
        return;
    if (depth > MAX_DEPTH) {
        complain(w, node, place, "is nested too deeply");
    } else if (node->type == YAML_SCALAR_NODE) {
        if (is_number(node))
            check_number(w, node, place);
    } else if (node->type == YAML_SEQUENCE_NODE) {
        for (const yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
            visit(w, *i, place, depth + 1);
    } else {
        for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
             p < node->data.mapping.pairs.top; p++) {
            struct place here = {place, node, word_of(w, p->key)};
            visit(w, p->value, &here, depth + 1);
        }
    }
}

int yaml_units_check(const char *path, const char *text, enum yaml_units_need need, int *numbers,
                     char *message, size_t size)
{
    struct walk w = {.path = path, .need = need, .message = message, .size = size};
    static const struct place top = {NULL, NULL, NULL};
    yaml_parser_t parser;
    if (size)
        message[0] = '\0';
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
        if (!yaml_parser_load(&parser, &w.document)) {
            snprintf(message, size, "%s: is not YAML", path);
            w.broken = 1;
        } else {
            if (yaml_document_get_root_node(&w.document))
                visit(&w, 1, &top, 0);
            yaml_document_delete(&w.document);
        }
        yaml_parser_delete(&parser);
    }
    if (numbers)
        *numbers = w.numbers;
    return w.broken;
}
