/* Lines of the rows of a measurement file: libcyaml keeps no positions. */
#include "fit_internal.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

static const yaml_node_t *member(yaml_document_t *document, const yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         pair < map->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(document, pair->key);
        if (name && name->type == YAML_SCALAR_NODE &&
            strcmp((const char *)name->data.scalar.value, key) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

static uint32_t lines_of_group(yaml_document_t *document, const yaml_node_t *group, uint32_t *lines,
                               uint32_t count)
{
    const yaml_node_t *rows = member(document, group, "rows");
    uint32_t n = 0;
    if (!rows || rows->type != YAML_SEQUENCE_NODE)
        return 0;
    for (const yaml_node_item_t *item = rows->data.sequence.items.start;
         item < rows->data.sequence.items.top && n < count; item++) {
        const yaml_node_t *row = yaml_document_get_node(document, *item);
        lines[n++] = row ? (uint32_t)row->start_mark.line + 1 : 0;
    }
    return n;
}

static void lines_of_document(yaml_document_t *document, uint32_t *lines, uint32_t count)
{
    const yaml_node_t *groups = member(document, yaml_document_get_root_node(document), "groups");
    uint32_t n = 0;
    if (!groups || groups->type != YAML_SEQUENCE_NODE)
        return;
    for (const yaml_node_item_t *item = groups->data.sequence.items.start;
         item < groups->data.sequence.items.top; item++)
        n +=
            lines_of_group(document, yaml_document_get_node(document, *item), lines + n, count - n);
}

void fit_measurement_lines(const char *path, uint32_t *lines, uint32_t count)
{
    yaml_parser_t parser;
    yaml_document_t document;
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_file(&parser, file);
        if (yaml_parser_load(&parser, &document)) {
            lines_of_document(&document, lines, count);
            yaml_document_delete(&document);
        }
        yaml_parser_delete(&parser);
    }
    fclose(file);
}
