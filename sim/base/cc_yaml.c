#include "cc_yaml.h"

#include "cc_file.h"
#include "cc_yaml_strict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libcyaml reports an error as several log lines: the cause first, then a backtrace from the
 * innermost value outwards. The first line and the innermost position are what a user needs. */
struct log_state {
    char cause[256];
    char where[256]; /* innermost position */
    char field[256]; /* innermost mapping field, when the position is only a sequence entry */
};

static void copy_line(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
    while (n > 0 && (to[n - 1] == '\n' || to[n - 1] == ' '))
        to[--n] = '\0';
}

static void CC_PRINTF(3, 0)
    keep_log(cyaml_log_t level, void *user, const char *format, va_list args)
{
    struct log_state *state = user;
    char line[512];
    (void)level;
    vsnprintf(line, sizeof line, format, args);
    const char *text = line;
    if (strncmp(text, "Load: ", 6) == 0)
        text += 6;
    while (*text == ' ')
        text++;
    if (strncmp(text, "Backtrace", 9) == 0)
        return;
    if (strncmp(text, "in ", 3) == 0) {
        if (!state->where[0])
            copy_line(state->where, sizeof state->where, text);
        else if (!state->field[0] && !strstr(state->where, "mapping field") &&
                 strstr(text, "mapping field"))
            copy_line(state->field, sizeof state->field, text);
    } else if (!state->cause[0]) {
        copy_line(state->cause, sizeof state->cause, text);
    }
}

static cyaml_config_t make_config(struct log_state *state)
{
    cyaml_config_t config = {
        .log_fn = keep_log,
        .log_ctx = state,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_DEFAULT,
    };
    return config;
}

/* What only libcyaml finds: a number outside its type. "PATH:LINE: KEY: cause; correct it" from
 * "in mapping field 'KEY' (line: LINE, column: 3)". */
static enum cc_status refused(const char *path, const struct log_state *state, const char *fallback,
                              struct cc_error *err)
{
    char line[32] = "", key[64] = "";
    const char *at = strstr(state->where, "(line: ");
    const char *name = strstr(state->field[0] ? state->field : state->where, "field '");
    if (at)
        snprintf(line, sizeof line, ":%.*s", (int)strspn(at + 7, "0123456789"), at + 7);
    if (name)
        snprintf(key, sizeof key, " %.*s:", (int)strcspn(name + 7, "'"), name + 7);
    return cc_fail(err, CC_ERR_INPUT, "%s%s:%s %s; correct it", path, line, key,
                   state->cause[0] ? state->cause : fallback);
}

static enum cc_status load_text(const char *path, const uint8_t *text, size_t bytes,
                                const cyaml_schema_value_t *schema, cyaml_data_t **data,
                                unsigned *sequence_count, struct cc_error *err)
{
    struct log_state state = {0};
    cyaml_config_t config = make_config(&state);
    cyaml_err_t result = cyaml_load_data(text, bytes, &config, schema, data, sequence_count);
    if (result == CYAML_OK && *data)
        return CC_OK;
    if (result == CYAML_OK)
        return cc_fail(err, CC_ERR_INPUT, "%s: is empty; write its keys, or give another file",
                       path);
    if (result == CYAML_ERR_OOM)
        return cc_no_memory(err);
    return refused(path, &state, cyaml_strerror(result), err);
}

enum cc_status cc_yaml_load(const char *path, const cyaml_schema_value_t *schema,
                            cyaml_data_t **data, unsigned *sequence_count, struct cc_error *err)
{
    uint8_t *text;
    size_t bytes;
    *data = NULL;
    enum cc_status status = cc_file_read(path, CC_YAML_MAX_BYTES, &text, &bytes, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_strict(path, text, bytes, schema, NULL, err);
    if (status == CC_OK)
        status = load_text(path, text, bytes, schema, data, sequence_count, err);
    free(text);
    return status;
}

/* Copies one character of UTF-8 and returns where the next one starts. */
static size_t copy_character(const uint8_t *text, size_t bytes, size_t at, uint8_t *to,
                             size_t *used)
{
    do
        to[(*used)++] = text[at++];
    while (at < bytes && (text[at] & 0xc0) == 0x80);
    return at;
}

static void copy_word(const char *word, uint8_t *to, size_t *used)
{
    memcpy(to + *used, word, strlen(word));
    *used += strlen(word);
}

#define BEFORE_PLAIN "{value: "
#define BEHIND_PLAIN "}"

/* The text with braces around its plain numbers; lines stay what they were. */
static uint8_t *with_braces(const uint8_t *text, size_t bytes, const struct cc_yaml_plain *plain,
                            size_t *new_bytes)
{
    uint8_t *to = malloc(bytes + plain->count * sizeof BEFORE_PLAIN BEHIND_PLAIN + 1);
    size_t at = bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    size_t i = 0;
    *new_bytes = 0;
    if (!to)
        return NULL;
    for (size_t character = 0; at < bytes; character++) {
        if (i < plain->count && character == plain->spans[i].start)
            copy_word(BEFORE_PLAIN, to, new_bytes);
        at = copy_character(text, bytes, at, to, new_bytes);
        if (i < plain->count && character + 1 == plain->spans[i].end) {
            copy_word(BEHIND_PLAIN, to, new_bytes);
            i++;
        }
    }
    return to;
}

static enum cc_status load_plain(const char *path, const uint8_t *text, size_t bytes,
                                 const cyaml_schema_value_t *schema,
                                 const struct cc_yaml_plain *plain, cyaml_data_t **data,
                                 struct cc_error *err)
{
    size_t braced_bytes;
    if (bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return cc_fail(err, CC_ERR_INPUT, "%s: is UTF-16; save it as UTF-8", path);
    uint8_t *braced = with_braces(text, bytes, plain, &braced_bytes);
    if (!braced)
        return cc_no_memory(err);
    enum cc_status status = load_text(path, braced, braced_bytes, schema, data, NULL, err);
    free(braced);
    return status;
}

enum cc_status cc_yaml_load_plain(const char *path, const cyaml_schema_value_t *schema,
                                  cyaml_data_t **data, struct cc_error *err)
{
    struct cc_yaml_plain plain = {.count = 0};
    uint8_t *text;
    size_t bytes;
    *data = NULL;
    enum cc_status status = cc_file_read(path, CC_YAML_MAX_BYTES, &text, &bytes, err);
    if (status != CC_OK)
        return status;
    status = cc_yaml_strict(path, text, bytes, schema, &plain, err);
    if (status == CC_OK)
        status = load_plain(path, text, bytes, schema, &plain, data, err);
    free(plain.spans);
    free(text);
    return status;
}

void cc_yaml_free(const cyaml_schema_value_t *schema, cyaml_data_t *data)
{
    struct log_state state = {0};
    cyaml_config_t config = make_config(&state);
    if (data)
        cyaml_free(&config, schema, data, 0);
}
