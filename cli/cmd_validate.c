/* coincell validate FILE.csv */
#include "cli.h"
#include "progress.h"
#include "validate.h"

/* Some ten seconds: a measured function that takes longer is rare, one that hangs is not. */
#define DEFAULT_MAX_INSTRUCTIONS 2000000000u

struct validate_args {
    struct cli_args common;
    const char *file;
    uint64_t max_instructions;
    int json, quiet, explain;
};

static const struct argp_option options[] = {
    {.name = "max-instructions",
     .key = CLI_KEY_MAX_INSTRUCTIONS,
     .arg = "N",
     .doc = "a line fails after so many instructions; default 2000000000"},
    {.name = "explain",
     .key = CLI_KEY_EXPLAIN,
     .doc = "print also what the predicted cycles went into (JSON always has it)"},
    CLI_OPTION_JSON,
    {.name = "quiet", .key = CLI_KEY_QUIET, .doc = "no progress"},
    CLI_OPTION_HELP,
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct validate_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case CLI_KEY_EXPLAIN:
        a->explain = 1;
        return 0;
    case CLI_KEY_QUIET:
        a->quiet = 1;
        return 0;
    case CLI_KEY_MAX_INSTRUCTIONS:
        return cli_count(&a->common, "--max-instructions", text, 1, UINT64_MAX / 2,
                         &a->max_instructions);
    case ARGP_KEY_ARG:
        if (a->file)
            return cli_usage(&a->common, "%s: one FILE at a time; %s is given already", text,
                             a->file);
        return cli_string(&a->common, "FILE", text, &a->file);
    case ARGP_KEY_END:
        if (!a->file && !a->common.help)
            return cli_usage(&a->common, "validate: FILE is missing; give a .csv file of measured "
                                         "cycles (coincell validate --help)");
        return 0;
    default:
        return cli_parse_common(key, state, &a->common);
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE.csv",
    .doc =
        "Compare cycles measured on boards with those of the emulated chips.\v"
        "The first line of FILE.csv names its columns, in any order; lines with # are comments:\n"
        "  firmware: ELF file, or .bin as flashed; relative to FILE.csv\n"
        "  chip: NAME[@MHZ][:RANGE] (coincell list mcus), or a chip file\n"
        "  measured_cycles: what the board took\n"
        "  entry: function to call: symbol or 0xADDRESS; or instead of it\n"
        "  start, stop: symbols or 0xADDRESSes between which to measure, from reset on\n"
        "  args: for entry: r0 to r3, numbers or symbols with blanks between\n"
        "  calls: for entry: how often it is called, the last call is measured\n"
        "  name, note: for the reader\n"
        "A function is measured from its first instruction to the one it returns to, which is not "
        "part; the call is not part either. From start to stop the instruction at start is part, "
        "that at stop is not. Before entry is called, initialised data is in place and the stack "
        "set up; no start-up code runs.",
};

static enum cc_status run(const struct validate_args *a, const struct cli_validate_file *file,
                          struct report_validate *result, struct cc_error *err)
{
    struct cli_progress progress;
    struct cli_validate_options run_options = {.max_instructions = a->max_instructions,
                                               .progress = cli_progress_show,
                                               .progress_user = &progress};
    cli_progress_start(&progress, !a->quiet);
    enum cc_status status = cli_validate_run(file, &run_options, result, err);
    cli_progress_clear(&progress);
    return status;
}

/* Rows that failed make the exit code, after the others have been printed. */
static enum cc_status check_failures(const struct report_validate *v, struct cc_error *err)
{
    size_t failed = 0, first = 0;
    for (size_t i = v->count; i-- > 0;) {
        if (v->rows[i].failure) {
            failed++;
            first = i;
        }
    }
    if (!failed)
        return CC_OK;
    return cc_fail(err, CC_ERR_FIRMWARE, "%s:%u: %s (%zu of %zu measurements failed)", v->file,
                   v->rows[first].line, v->rows[first].failure, failed, v->count);
}

enum cc_status cli_cmd_validate(int argc, char **argv, struct cc_error *err)
{
    struct validate_args a = {.common.err = err, .max_instructions = DEFAULT_MAX_INSTRUCTIONS};
    struct cli_validate_file file;
    struct report_validate result;
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    status = cli_validate_read(a.file, &file, err);
    if (status != CC_OK)
        return status;
    status = run(&a, &file, &result, err);
    if (status == CC_OK) {
        status = a.json ? report_validate_json(&result, stdout, err)
                        : report_validate_text(&result, stdout, err);
        if (status == CC_OK && a.explain && !a.json)
            status = report_validate_explain(&result, stdout, cli_terminal_width(), err);
        if (status == CC_OK)
            status = check_failures(&result, err);
        report_validate_free(&result);
    }
    cli_validate_free(&file);
    return status;
}
