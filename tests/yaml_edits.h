/* Every place of a YAML file at which something can be made wrong. */
#ifndef YAML_EDITS_H
#define YAML_EDITS_H

#include <stddef.h>

/* A scalar that is a value, with the key it belongs to. Offsets are of bytes in the text. */
struct yaml_spot {
    char key[64];              /* nearest key, lists passed over */
    char word[64];             /* the scalar itself, cut to fit */
    size_t start, end;         /* of the scalar */
    size_t key_start, key_end; /* of the key; equal when the scalar is not directly its value */
    size_t line;               /* of the scalar, from 1 */
    int is_number;             /* plain, and all of it a number */
    int in_figure;             /* the key is value, min, typ, max or rsd of a figure */
    char figure[64];           /* key of that figure */
    size_t figure_start, figure_end;
};

/* All of a text in its order; caller frees with free(). NULL when it is no YAML. */
struct yaml_spot *yaml_spots(const char *text, size_t *count);

/* Copy of text with start..end replaced; caller frees. */
char *yaml_edit(const char *text, size_t start, size_t end, const char *to);

#endif
