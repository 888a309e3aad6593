#include "validate.h"

#include "cc_file.h"
#include "sim_call.h"

#include <stdlib.h>
#include <string.h>

#define MAX_IMAGE_BYTES (64u << 20)

/* One line while it runs. */
struct job {
    const struct cli_validate_file *file;
    const struct cli_validate_line *line;
    const struct cli_validate_options *options;
    char firmware[1024];
    struct sim_chip chip;
    double clock_hz;
    char timing[sizeof((struct report_validate_row *)0)->timing];
    struct sim_machine *machine;
    int is_elf;
    struct sim_elf elf;
    uint32_t image_base;
    struct cc_error *err;
};

static enum cc_status at_column(const struct job *j, enum cli_validate_column column)
{
    if (j->err->status == CC_ERR_USAGE) /* a clock above the maximum: here it is the file's fault */
        j->err->status = CC_ERR_INPUT;
    return cc_prefix(j->err, "%s:%u:%s", j->file->path, j->line->number,
                     cli_validate_column_name(column));
}

/* Relative paths are relative to the measurements file. */
static enum cc_status path_of(const struct job *j, const char *name, char *path, size_t size)
{
    const char *slash = strrchr(j->file->path, '/');
    int folder = name[0] != '/' && slash ? (int)(slash - j->file->path) + 1 : 0;
    int n = snprintf(path, size, "%.*s%s", folder, j->file->path, name);
    if (n < 0 || (size_t)n >= size)
        return cc_fail(j->err, CC_ERR_INPUT, "the path is longer than %zu bytes; shorten it",
                       size - 1);
    return CC_OK;
}

/* NAME[@MHZ][:RANGE] as it is, FILE.yaml[@MHZ][:RANGE] with its path. */
static enum cc_status load_chip(struct job *j)
{
    const char *spec = j->line->field[CLI_COLUMN_CHIP];
    char path[1024];
    if (!strchr(spec, '/') && !strstr(spec, ".yaml") && !strstr(spec, ".yml"))
        return sim_chip_load(spec, &j->chip, &j->clock_hz, j->err);
    enum cc_status status = path_of(j, spec, path, sizeof path);
    return status == CC_OK ? sim_chip_load(path, &j->chip, &j->clock_hz, j->err) : status;
}

/* Lines that go wrong are the ones that take long: the number of instructions shows it. */
static void tell_instructions(void *user, uint64_t instructions)
{
    const struct job *j = user;
    const struct cli_validate_options *o = j->options;
    size_t i = (size_t)(j->line - j->file->lines), count = j->file->count;
    char stage[64];
    if (!o->progress)
        return;
    snprintf(stage, sizeof stage, "measurement %zu of %zu, million instructions: %llu", i + 1,
             count, (unsigned long long)(instructions / 1000000));
    o->progress(o->progress_user, stage, -1.0);
}

static enum cc_status open_chip(struct job *j)
{
    struct sim_run_config config = {.max_instructions = j->options->max_instructions,
                                    .on_tick = tell_instructions,
                                    .tick_user = j};
    enum cc_status status = load_chip(j);
    if (status != CC_OK)
        return at_column(j, CLI_COLUMN_CHIP);
    status = sim_machine_new(&j->chip, j->clock_hz, &j->machine, j->err);
    return status == CC_OK ? sim_machine_configure(j->machine, &config, j->err) : status;
}

static int ends_in_bin(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".bin") == 0;
}

static enum cc_status load_raw(struct job *j, const uint8_t *data, size_t bytes)
{
    if (!ends_in_bin(j->firmware))
        return cc_fail(j->err, CC_ERR_INPUT,
                       "%s: is not an ELF file; give the linked executable, or a raw image called "
                       "something.bin",
                       j->firmware);
    if (!sim_call_flash_base(&j->chip, &j->image_base))
        return cc_fail(j->err, CC_ERR_INPUT, "%s: %s has no flash to put it into", j->firmware,
                       j->chip.name);
    enum cc_status status = sim_machine_write(j->machine, j->image_base, data, bytes, j->err);
    return status == CC_OK ? status : cc_prefix(j->err, "%s", j->firmware);
}

static enum cc_status load_elf(struct job *j)
{
    enum cc_status status = sim_elf_open(j->firmware, &j->elf, j->err);
    if (status != CC_OK)
        return status;
    j->is_elf = 1;
    j->image_base = j->elf.vector_table;
    status = sim_elf_load(&j->elf, j->machine, j->err);
    if (status == CC_OK && j->line->field[CLI_COLUMN_ENTRY][0])
        status = sim_elf_initialise(&j->elf, j->machine, j->err);
    return status;
}

static enum cc_status load_firmware(struct job *j)
{
    uint8_t *data = NULL;
    size_t bytes = 0;
    enum cc_status status =
        path_of(j, j->line->field[CLI_COLUMN_FIRMWARE], j->firmware, sizeof j->firmware);
    if (status == CC_OK)
        status = cc_file_read(j->firmware, MAX_IMAGE_BYTES, &data, &bytes, j->err);
    if (status == CC_OK && bytes >= 4 && memcmp(data, "\177ELF", 4) == 0)
        status = load_elf(j);
    else if (status == CC_OK)
        status = load_raw(j, data, bytes);
    free(data);
    return status == CC_OK ? status : at_column(j, CLI_COLUMN_FIRMWARE);
}

/* A number, 0x in front for hexadecimal. Returns 0 when the text is something else. */
static int parse_number(const char *text, uint32_t *value)
{
    char *end;
    int negative = text[0] == '-';
    int base = strncmp(text + negative, "0x", 2) == 0 ? 16 : 10;
    if (text[negative] < '0' || text[negative] > '9')
        return 0;
    unsigned long long number = strtoull(text + negative, &end, base);
    if (*end || number > UINT32_MAX)
        return 0;
    *value = negative ? 0u - (uint32_t)number : (uint32_t)number;
    return 1;
}

static enum cc_status locate(struct job *j, const char *text, int code, uint32_t *value)
{
    int number = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
    if (number && parse_number(text, value) && (!code || strncmp(text, "0x", 2) == 0))
        return CC_OK;
    if (number)
        return cc_fail(j->err, CC_ERR_INPUT, "%s: is no %s", text,
                       code ? "symbol or address; write addresses as 0x08000100"
                            : "symbol or number of 32 bits");
    if (!j->is_elf)
        return cc_fail(j->err, CC_ERR_INPUT,
                       "%s: a raw image has no symbols; give an address as 0x08000100", text);
    return sim_elf_symbol(&j->elf, text, value, j->err);
}

/* Where code is: a symbol or 0xADDRESS inside the chip's memory. */
static enum cc_status locate_code(struct job *j, enum cli_validate_column column, uint32_t *value)
{
    const char *text = j->line->field[column];
    uint16_t code;
    enum cc_status status = locate(j, text, 1, value);
    *value &= ~1u;
    if (status == CC_OK && sim_machine_read(j->machine, *value, &code, sizeof code, NULL) != CC_OK)
        status = cc_fail(j->err, CC_ERR_INPUT, "%s: 0x%08x is outside the memory of %s", text,
                         *value, j->chip.name);
    return status == CC_OK ? status : at_column(j, column);
}

static enum cc_status read_args(struct job *j, uint32_t args[SIM_CALL_ARGS])
{
    const char *text = j->line->field[CLI_COLUMN_ARGS];
    enum cc_status status = CC_OK;
    char word[128];
    size_t n;
    int count = 0;
    for (text += strspn(text, " \t"); status == CC_OK && *text;
         text += n + strspn(text + n, " \t")) {
        n = strcspn(text, " \t");
        if (count == SIM_CALL_ARGS || n >= sizeof word) {
            status = cc_fail(j->err, CC_ERR_INPUT, "give up to four numbers or symbols");
            break;
        }
        memcpy(word, text, n);
        word[n] = '\0';
        status = locate(j, word, 0, &args[count++]);
    }
    return status == CC_OK ? status : at_column(j, CLI_COLUMN_ARGS);
}

/* Where the stack starts when the image does not say. */
static uint32_t top_of_ram(const struct job *j, int has_table, uint32_t table)
{
    uint32_t top = 0;
    if (has_table && sim_machine_read(j->machine, table, &top, sizeof top, NULL) == CC_OK)
        return top;
    return (j->chip.runner_ram_base + j->chip.runner_ram_bytes) & ~7u;
}

static enum cc_status run_function(struct job *j, int check_only, struct sim_counts *counts)
{
    struct sim_call call = {.calls = j->line->calls};
    enum cc_status status = locate_code(j, CLI_COLUMN_ENTRY, &call.entry);
    if (status == CC_OK)
        status = read_args(j, call.args);
    if (status != CC_OK || check_only)
        return status;
    call.has_vector_table =
        sim_call_vector_table(&j->chip, j->machine, j->image_base, &call.vector_table);
    call.stack_top = top_of_ram(j, call.has_vector_table, call.vector_table);
    return sim_call_function(j->machine, &call, counts, j->err);
}

static enum cc_status run_between(struct job *j, int check_only, struct sim_counts *counts)
{
    uint32_t start = 0, stop = 0, table;
    enum cc_status status = locate_code(j, CLI_COLUMN_START, &start);
    if (status == CC_OK)
        status = locate_code(j, CLI_COLUMN_STOP, &stop);
    if (status != CC_OK)
        return status;
    if (start == stop) {
        cc_fail(j->err, CC_ERR_INPUT,
                "is the address of start; give the address behind what you measured");
        return at_column(j, CLI_COLUMN_STOP);
    }
    if (!sim_call_vector_table(&j->chip, j->machine, j->image_base, &table)) {
        cc_fail(j->err, CC_ERR_INPUT,
                "%s: no vector table at 0x%08x that fits the memory of %s; give entry instead of "
                "start and stop",
                j->firmware, j->image_base, j->chip.name);
        return at_column(j, CLI_COLUMN_FIRMWARE);
    }
    return check_only ? CC_OK : sim_call_between(j->machine, table, start, stop, counts, j->err);
}

/* What was charged, firmware may have decided. */
static void note_configuration(struct job *j)
{
    j->clock_hz = sim_machine_clock_hz(j->machine);
    sim_machine_timing_note(j->machine, j->timing, sizeof j->timing);
}

static enum cc_status run_line(struct job *j, int check_only, struct sim_counts *counts)
{
    enum cc_status status = open_chip(j);
    if (status == CC_OK)
        status = load_firmware(j);
    if (status == CC_OK)
        status = j->line->field[CLI_COLUMN_ENTRY][0] ? run_function(j, check_only, counts)
                                                     : run_between(j, check_only, counts);
    if (j->is_elf)
        sim_elf_close(&j->elf);
    if (j->machine)
        note_configuration(j);
    sim_machine_free(j->machine);
    return status;
}

static void name_row(const struct cli_validate_line *line, struct report_validate_row *row)
{
    const char *firmware = line->field[CLI_COLUMN_FIRMWARE];
    const char *slash = strrchr(firmware, '/');
    if (line->field[CLI_COLUMN_NAME][0])
        snprintf(row->name, sizeof row->name, "%s", line->field[CLI_COLUMN_NAME]);
    else if (line->field[CLI_COLUMN_ENTRY][0])
        snprintf(row->name, sizeof row->name, "%s %s", slash ? slash + 1 : firmware,
                 line->field[CLI_COLUMN_ENTRY]);
    else
        snprintf(row->name, sizeof row->name, "%s %s..%s", slash ? slash + 1 : firmware,
                 line->field[CLI_COLUMN_START], line->field[CLI_COLUMN_STOP]);
}

/* A firmware's failure goes into its row; other failures are returned. */
static enum cc_status do_line(const struct cli_validate_file *file,
                              const struct cli_validate_options *options, size_t i, int check_only,
                              struct report_validate_row *row, struct cc_error *err)
{
    const struct cli_validate_line *line = &file->lines[i];
    struct job j = {.file = file, .line = line, .options = options, .err = err};
    if (!check_only)
        tell_instructions(&j, 0);
    enum cc_status status = run_line(&j, check_only, &row->counts);
    row->line = line->number;
    row->measured_cycles = line->measured_cycles;
    row->clock_hz = j.clock_hz;
    memcpy(row->timing, j.timing, sizeof row->timing);
    snprintf(row->chip, sizeof row->chip, "%s", j.chip.name);
    name_row(line, row);
    if (status != CC_ERR_FIRMWARE)
        return status;
    memset(&row->counts, 0, sizeof row->counts);
    row->failure = strdup(err->message);
    return row->failure ? CC_OK : cc_no_memory(err);
}

enum cc_status cli_validate_run(const struct cli_validate_file *file,
                                const struct cli_validate_options *options,
                                struct report_validate *result, struct cc_error *err)
{
    enum cc_status status = CC_OK;
    memset(result, 0, sizeof *result);
    result->file = file->path;
    result->rows = calloc(file->count + 1, sizeof *result->rows);
    if (!result->rows)
        return cc_no_memory(err);
    result->count = file->count;
    for (size_t i = 0; status == CC_OK && i < file->count; i++)
        status = do_line(file, options, i, 1, &result->rows[i], err);
    for (size_t i = 0; status == CC_OK && i < file->count; i++)
        status = do_line(file, options, i, 0, &result->rows[i], err);
    if (status != CC_OK)
        report_validate_free(result);
    return status;
}
