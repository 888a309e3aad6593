#include "validate_csv.h"

#include "cc_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE_BYTES (16u << 20)
#define MAX_FIELDS     32
#define MAX_CALLS      1000000

static const char *const column_names[CLI_COLUMN_COUNT] = {
    [CLI_COLUMN_FIRMWARE] = "firmware",
    [CLI_COLUMN_CHIP] = "chip",
    [CLI_COLUMN_MEASURED] = "measured_cycles",
    [CLI_COLUMN_ENTRY] = "entry",
    [CLI_COLUMN_START] = "start",
    [CLI_COLUMN_STOP] = "stop",
    [CLI_COLUMN_ARGS] = "args",
    [CLI_COLUMN_CALLS] = "calls",
    [CLI_COLUMN_NAME] = "name",
    [CLI_COLUMN_NOTE] = "note",
};

struct reader {
    struct cli_validate_file *file;
    size_t room;
    uint32_t line;
    int have_header;
    enum cli_validate_column columns[MAX_FIELDS]; /* by position */
    size_t column_count;
    struct cc_error *err;
};

const char *cli_validate_column_name(enum cli_validate_column column)
{
    return column_names[column];
}

static enum cc_status wrong(const struct reader *r, enum cli_validate_column column,
                            const char *what)
{
    return cc_fail(r->err, CC_ERR_INPUT, "%s:%u:%s: %s", r->file->path, r->line,
                   column_names[column], what);
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Unquotes the field at *text in place; *text is left behind it and its comma. Returns NULL and
 * points *text at the offence when the quotes are wrong. */
static char *take_field(char **text, int *last)
{
    char *from = *text, *start, *to;
    while (is_blank(*from))
        from++;
    start = to = from;
    if (*from == '"') {
        for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
            from += *from == '"';
            *to++ = *from;
        }
        *text = from;
        if (*from != '"')
            return NULL;
        for (from++; is_blank(*from); from++)
            ;
        *text = from;
        if (*from && *from != ',')
            return NULL;
    } else {
        for (; *from && *from != ','; from++) {
            *to++ = *from;
            *text = from;
            if (*from == '"')
                return NULL;
        }
        while (to > start && is_blank(to[-1]))
            to--;
    }
    *last = !*from;
    *text = from + !*last;
    *to = '\0';
    return start;
}

static enum cc_status split(struct reader *r, char *line, char *fields[MAX_FIELDS], size_t *count)
{
    char *at = line;
    int last = 0;
    for (*count = 0; !last && *count < MAX_FIELDS; (*count)++) {
        fields[*count] = take_field(&at, &last);
        if (!fields[*count])
            return cc_fail(r->err, CC_ERR_INPUT,
                           "%s:%u:%zu: quotes must enclose the whole field and end on its line; "
                           "write a quote inside as \"\"",
                           r->file->path, r->line, (size_t)(at - line) + 1);
    }
    if (!last)
        return cc_fail(r->err, CC_ERR_INPUT, "%s:%u:%zu: more than %d fields; remove some",
                       r->file->path, r->line, (size_t)(at - line) + 1, MAX_FIELDS);
    return CC_OK;
}

static enum cc_status add_column(struct reader *r, const char *name)
{
    for (int c = 0; c < CLI_COLUMN_COUNT; c++) {
        if (strcmp(name, column_names[c]) != 0)
            continue;
        for (size_t i = 0; i < r->column_count; i++) {
            if ((int)r->columns[i] == c)
                return wrong(r, r->columns[i], "the column stands there twice; remove one");
        }
        r->columns[r->column_count++] = (enum cli_validate_column)c;
        return CC_OK;
    }
    const char *near = cc_nearest(name, column_names, CLI_COLUMN_COUNT);
    return cc_fail(r->err, CC_ERR_INPUT, "%s:%u:%s: unknown column; %s%s", r->file->path, r->line,
                   name, near ? "did you mean " : "see coincell validate --help", near ? near : "");
}

static int has_column(const struct reader *r, enum cli_validate_column column)
{
    for (size_t i = 0; i < r->column_count; i++) {
        if (r->columns[i] == column)
            return 1;
    }
    return 0;
}

static enum cc_status read_header(struct reader *r, char *const fields[], size_t count)
{
    static const enum cli_validate_column needed[] = {CLI_COLUMN_FIRMWARE, CLI_COLUMN_CHIP,
                                                      CLI_COLUMN_MEASURED};
    for (size_t i = 0; i < count; i++) {
        enum cc_status status = add_column(r, fields[i]);
        if (status != CC_OK)
            return status;
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (!has_column(r, needed[i]))
            return wrong(r, needed[i], "the header lacks this column; add it");
    }
    if (!has_column(r, CLI_COLUMN_ENTRY) &&
        !(has_column(r, CLI_COLUMN_START) && has_column(r, CLI_COLUMN_STOP)))
        return wrong(r, CLI_COLUMN_ENTRY,
                     "the header lacks this column; add it, or start and stop");
    r->have_header = 1;
    return CC_OK;
}

static enum cc_status read_numbers(const struct reader *r, struct cli_validate_line *line)
{
    const char *text = line->field[CLI_COLUMN_MEASURED];
    char *end;
    line->measured_cycles = strtod(text, &end);
    if (end == text || *end || !isfinite(line->measured_cycles) || line->measured_cycles <= 0)
        return wrong(r, CLI_COLUMN_MEASURED, "must be a number above 0");
    line->calls = 1;
    text = line->field[CLI_COLUMN_CALLS];
    if (!text[0])
        return CC_OK;
    errno = 0;
    unsigned long calls = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || calls < 1 || calls > MAX_CALLS)
        return wrong(r, CLI_COLUMN_CALLS, "must be a whole number from 1 to 1000000");
    line->calls = (uint32_t)calls;
    return CC_OK;
}

static enum cc_status check_window(const struct reader *r, const struct cli_validate_line *line)
{
    const char *const *f = line->field;
    if (f[CLI_COLUMN_ENTRY][0] && (f[CLI_COLUMN_START][0] || f[CLI_COLUMN_STOP][0]))
        return wrong(r, CLI_COLUMN_ENTRY, "contradicts start and stop; give one or the other");
    if (f[CLI_COLUMN_ENTRY][0])
        return CC_OK;
    if (!f[CLI_COLUMN_START][0] && !f[CLI_COLUMN_STOP][0])
        return wrong(r, CLI_COLUMN_ENTRY, "is empty; give a function, or start and stop");
    if (!f[CLI_COLUMN_START][0])
        return wrong(r, CLI_COLUMN_START, "is empty; stop needs it");
    if (!f[CLI_COLUMN_STOP][0])
        return wrong(r, CLI_COLUMN_STOP, "is empty; start needs it");
    if (f[CLI_COLUMN_ARGS][0])
        return wrong(r, CLI_COLUMN_ARGS, "only entry takes arguments; leave it empty");
    if (f[CLI_COLUMN_CALLS][0])
        return wrong(r, CLI_COLUMN_CALLS, "only entry is called; leave it empty");
    return CC_OK;
}

static enum cc_status read_row(struct reader *r, char *const fields[], size_t count)
{
    struct cli_validate_line line = {.number = r->line};
    if (count != r->column_count)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s:%u:%zu: %zu fields, the header has %zu; quote fields that hold a comma",
                       r->file->path, r->line, count, count, r->column_count);
    for (int c = 0; c < CLI_COLUMN_COUNT; c++)
        line.field[c] = "";
    for (size_t i = 0; i < count; i++)
        line.field[r->columns[i]] = fields[i];
    if (!line.field[CLI_COLUMN_FIRMWARE][0])
        return wrong(r, CLI_COLUMN_FIRMWARE, "is empty; give the path of an ELF file");
    if (!line.field[CLI_COLUMN_CHIP][0])
        return wrong(r, CLI_COLUMN_CHIP, "is empty; give NAME or NAME@MHZ");
    enum cc_status status = check_window(r, &line);
    if (status == CC_OK)
        status = read_numbers(r, &line);
    if (status != CC_OK)
        return status;
    if (r->file->count == r->room) {
        size_t room = r->room ? 2 * r->room : 64;
        struct cli_validate_line *grown = realloc(r->file->lines, room * sizeof *grown);
        if (!grown)
            return cc_no_memory(r->err);
        r->file->lines = grown;
        r->room = room;
    }
    r->file->lines[r->file->count++] = line;
    return CC_OK;
}

static enum cc_status read_line(struct reader *r, char *line)
{
    char *fields[MAX_FIELDS];
    size_t count;
    const char *first = line;
    while (is_blank(*first))
        first++;
    if (!*first || *first == '#')
        return CC_OK;
    enum cc_status status = split(r, line, fields, &count);
    if (status != CC_OK)
        return status;
    return r->have_header ? read_row(r, fields, count) : read_header(r, fields, count);
}

static enum cc_status read_lines(struct reader *r, size_t bytes)
{
    char *at = r->file->text, *end = at + bytes;
    if (memchr(at, '\0', bytes))
        return cc_fail(r->err, CC_ERR_INPUT, "%s: is not a text file; give comma-separated values",
                       r->file->path);
    if (strncmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < end) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *line = at;
        at = newline ? newline + 1 : end;
        if (newline)
            *newline = '\0';
        r->line++;
        enum cc_status status = read_line(r, line);
        if (status != CC_OK)
            return status;
    }
    if (r->file->count == 0)
        return cc_fail(r->err, CC_ERR_INPUT,
                       "%s: holds no measurement; see coincell validate "
                       "--help for its columns",
                       r->file->path);
    return CC_OK;
}

enum cc_status cli_validate_read(const char *path, struct cli_validate_file *file,
                                 struct cc_error *err)
{
    struct reader r = {.file = file, .err = err};
    size_t bytes;
    memset(file, 0, sizeof *file);
    file->path = path;
    enum cc_status status =
        cc_file_read(path, MAX_FILE_BYTES, (uint8_t **)(void *)&file->text, &bytes, err);
    if (status == CC_OK)
        status = read_lines(&r, bytes);
    if (status != CC_OK)
        cli_validate_free(file);
    return status;
}

void cli_validate_free(struct cli_validate_file *file)
{
    free(file->text);
    free(file->lines);
    memset(file, 0, sizeof *file);
}
