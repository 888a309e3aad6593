/* The list of inputs behind a result. */
#include "energy_docs.h"

#include "energy_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

/* "energy/chips/x.yaml" of a table of the program, else the end of the path that fits. */
static void shorten(const char *path, char *file, size_t size)
{
    const char *from = path, *at = path;
    while ((at = strstr(at, "/energy/")) != NULL)
        from = ++at;
    size_t length = strlen(from);
    if (length >= size) {
        from += length - (size - 1);
        const char *slash = strchr(from, '/');
        from = slash ? slash + 1 : from;
    }
    snprintf(file, size, "%s", from);
}

static int is_there(const struct energy_docs *docs, const struct energy_input *row)
{
    for (uint32_t i = 0; i < docs->count; i++) {
        if (strcmp(docs->rows[i].key, row->key) == 0 && strcmp(docs->rows[i].file, row->file) == 0)
            return 1;
    }
    return 0;
}

static enum cc_status append(struct energy_docs *docs, const struct energy_input *row,
                             struct cc_error *err)
{
    if (is_there(docs, row))
        return CC_OK;
    if (docs->count == docs->capacity) {
        uint32_t capacity = docs->capacity ? docs->capacity * 2 : FIRST_CAPACITY;
        struct energy_input *rows = realloc(docs->rows, capacity * sizeof *rows);
        if (!rows)
            return cc_no_memory(err);
        docs->rows = rows;
        docs->capacity = capacity;
    }
    docs->rows[docs->count++] = *row;
    return CC_OK;
}

static struct energy_input input_of(const char *path, const char *key, double value, double rsd,
                                    int verified, const char *source)
{
    struct energy_input row = {.value = value, .rsd = rsd, .verified = verified};
    shorten(path, row.file, sizeof row.file);
    snprintf(row.key, sizeof row.key, "%s", key);
    snprintf(row.source, sizeof row.source, "%s", source ? source : "");
    return row;
}

enum cc_status energy_docs_add(struct energy_docs *docs, const char *path, const char *key,
                               const struct energy_figure *figure, struct cc_error *err)
{
    if (!docs || !energy_figure_present(figure))
        return CC_OK;
    struct energy_input row =
        input_of(path, key, figure->value, figure->rsd, figure->verified, figure->source);
    return append(docs, &row, err);
}

enum cc_status energy_docs_add_number(struct energy_docs *docs, const char *path, const char *key,
                                      double value, int verified, const char *source,
                                      struct cc_error *err)
{
    if (!docs)
        return CC_OK;
    struct energy_input row = input_of(path, key, value, 0, verified, source);
    return append(docs, &row, err);
}

void energy_docs_free(struct energy_docs *docs)
{
    free(docs->rows);
    memset(docs, 0, sizeof *docs);
}
