#include "annotate.h"

#include "cc_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_NAMES 8

/* Names that contain the word, as far as they fit. */
static void list_names(const char *const *names, uint32_t count, const char *word, char *text,
                       size_t size)
{
    uint32_t listed = 0;
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < count && listed < LISTED_NAMES; i++) {
        if (!strcasestr(names[i], word))
            continue;
        int n = snprintf(text + used, size - used, "%s%s", listed ? ", " : "", names[i]);
        if (n < 0 || (size_t)n >= size - used) {
            text[used] = '\0';
            break;
        }
        used += (size_t)n;
        listed++;
    }
}

static enum cc_status unknown(const char *option, const char *word, const char *const *names,
                              uint32_t count, struct cc_error *err)
{
    char near[128], containing[320];
    list_names(names, count, word, containing, sizeof containing);
    if (containing[0])
        return cc_fail(err, CC_ERR_USAGE, "%s %.80s: is no function of the program; these are: %s",
                       option, word, containing);
    cc_did_you_mean(near, sizeof near, "", word, names, count);
    return cc_fail(err, CC_ERR_USAGE,
                   "%s %.80s: is no function of the program;%s run --explain names those that ran",
                   option, word, near);
}

enum cc_status cli_find_function(const struct sim_elf *elf, const char *option, const char *name,
                                 struct sim_symbol *function, struct cc_error *err)
{
    struct sim_symbol *symbols;
    uint32_t count;
    enum cc_status status = sim_elf_functions(elf, &symbols, &count, err);
    if (status != CC_OK)
        return status;
    const char **names = calloc((size_t)count + 1, sizeof(const char *));
    if (!names) {
        free(symbols);
        return cc_no_memory(err);
    }
    uint32_t found = count;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = symbols[i].name;
        if (found == count && strcmp(name, symbols[i].name) == 0)
            found = i;
    }
    if (found < count)
        *function = symbols[found];
    else
        status = unknown(option, name, names, count, err);
    free(names);
    free(symbols);
    return status;
}
