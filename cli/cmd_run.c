/* coincell run TARGET */
#include "cc_file.h"
#include "cli.h"
#include "progress.h"
#include "question.h"
#include "simulate.h"

#include <stdlib.h>

struct run_args {
    struct cli_args common;
    struct cli_run_options options;
    const char *db;
    int no_db, json, quiet, explain, docs;
};

static const struct argp_option options[] = {
    {.name = "mcu",
     .key = CLI_KEY_MCU,
     .arg = "NAME[@MHZ][:RANGE]",
     .doc = "chip, or a chip file, its clock and voltage range; default the scenario's, or "
            "stm32l4r5 (coincell list mcus)"},
    {.name = "kernels",
     .key = CLI_KEY_KERNELS,
     .arg = "NAME",
     .doc = "kernel variant; default the fastest for the core (coincell list kernels)"},
    {.name = "input",
     .key = CLI_KEY_INPUT,
     .arg = "FILE",
     .doc = "raw bytes of all input tensors; several invocations follow each other"},
    {.name = "output",
     .key = CLI_KEY_OUTPUT,
     .arg = "FILE",
     .doc = "receives the raw bytes of all output tensors"},
    CLI_OPTIONS_QUESTION("default the scenario's, or cr2032 (coincell list batteries)",
                         "one inference, or one period of the scenario, per so many seconds; "
                         "default the scenario's, or 1, or longer when an inference takes longer",
                         "default the scenario's, or 20",
                         "supply voltage; default the scenario's, or the chip's"),
    {.name = "max-instructions",
     .key = CLI_KEY_MAX_INSTRUCTIONS,
     .arg = "N",
     .doc = "stop with an error after so many instructions"},
    CLI_OPTION_EXPLAIN,
    CLI_OPTION_DOCS,
    {.name = "annotate",
     .key = CLI_KEY_ANNOTATE,
     .arg = "FUNCTION",
     .doc = "print also the instructions of a function of the runner or the kernels, with their "
            "cycles"},
    CLI_OPTION_DB,
    {.name = "no-db", .key = CLI_KEY_NO_DB, .doc = "do not store the run"},
    CLI_OPTION_JSON,
    {.name = "quiet", .key = CLI_KEY_QUIET, .doc = "no progress and no text report"},
    CLI_OPTION_HELP,
    {0},
};

static error_t parse_number(int key, char *text, struct run_args *a)
{
    struct cli_run_options *o = &a->options;
    switch (key) {
    case CLI_KEY_MAX_INSTRUCTIONS:
        return cli_count(&a->common, "--max-instructions", text, 1, UINT64_MAX / 2,
                         &o->max_instructions);
    default:
        return cli_parse_question(key, text, &a->common, &o->question);
    }
}

static error_t parse_string(int key, char *text, struct run_args *a)
{
    struct cli_run_options *o = &a->options;
    switch (key) {
    case CLI_KEY_MCU:
        return cli_string(&a->common, "--mcu", text, &o->mcu);
    case CLI_KEY_KERNELS:
        return cli_string(&a->common, "--kernels", text, &o->kernels);
    case CLI_KEY_INPUT:
        return cli_string(&a->common, "--input", text, &o->input);
    case CLI_KEY_OUTPUT:
        return cli_string(&a->common, "--output", text, &o->output);
    case CLI_KEY_ANNOTATE:
        return cli_string(&a->common, "--annotate", text, &o->annotate);
    case CLI_KEY_DB:
        return cli_string(&a->common, "--db", text, &a->db);
    default:
        return parse_number(key, text, a);
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct run_args *a = state->input;
    switch (key) {
    case CLI_KEY_NO_DB:
        a->no_db = 1;
        return 0;
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case CLI_KEY_QUIET:
        a->quiet = 1;
        return 0;
    case CLI_KEY_EXPLAIN:
        a->explain = 1;
        return 0;
    case CLI_KEY_DOCS:
        a->docs = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->options.target)
            return cli_usage(&a->common, "%s: one TARGET at a time; %s is given already", text,
                             a->options.target);
        return cli_string(&a->common, "TARGET", text, &a->options.target);
    case ARGP_KEY_END:
        if (!a->options.target && !a->options.question.scenario && !a->common.help)
            return cli_usage(&a->common, "run: TARGET is missing; give a .tflite file, an "
                                         "architecture .yaml, or a name of coincell list models "
                                         "or workloads");
        if (a->db && a->no_db)
            return cli_usage(&a->common, "--no-db: contradicts --db %s; give one of them", a->db);
        return 0;
    default: {
        error_t rc = cli_parse_common(key, state, &a->common);
        return rc == ARGP_ERR_UNKNOWN ? parse_string(key, text, a) : rc;
    }
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "[TARGET]",
    .doc =
        "Run a model on an emulated chip; print and store its energy and battery life.\v"
        "TARGET is a .tflite file, an architecture .yaml file, or the name of a built-in model or "
        "workload.",
};

static enum cc_status simulate(struct run_args *a, struct cli_result *result, struct cc_error *err)
{
    struct cli_progress progress;
    cli_progress_start(&progress, !a->quiet);
    if (progress.on) {
        a->options.progress = cli_progress_show;
        a->options.progress_user = &progress;
    }
    enum cc_status status = cli_simulate(&a->options, result, err);
    cli_progress_clear(&progress);
    return status;
}

/* The scenario's computations first: the run refers to them. */
static enum cc_status store_all(struct report_store *store, struct cli_result *result,
                                struct cc_error *err)
{
    enum cc_status status = CC_OK;
    for (uint32_t i = 0; status == CC_OK && i < result->run.compute_count; i++) {
        if (result->computes[i].profile.scope_count == 0) /* the run's own target */
            continue;
        status = report_store_add(store, &result->computes[i], err);
        result->run.computes[i].run_id = result->computes[i].run_id;
    }
    return status == CC_OK ? report_store_add(store, &result->run, err) : status;
}

static enum cc_status store_run(const char *path, struct cli_result *result, struct cc_error *err)
{
    struct report_store *store;
    enum cc_status status = report_store_open(path, REPORT_STORE_WRITE, &store, err);
    if (status != CC_OK)
        return status;
    status = store_all(store, result, err);
    report_store_close(store);
    return status;
}

static void say_stored(const char *path, const struct report_run *run)
{
    const char *before = "; its computations as ";
    printf("\nstored as run %lld in %s", (long long)run->run_id, path);
    for (uint32_t i = 0; i < run->compute_count; i++) {
        if (run->computes[i].run_id == 0)
            continue;
        printf("%s%lld", before, (long long)run->computes[i].run_id);
        before = ", ";
    }
    putchar('\n');
}

/* A run that could not be stored is printed all the same: it may have taken minutes. */
static enum cc_status store_and_print(const struct run_args *a, struct cli_result *result,
                                      struct cc_error *err)
{
    const char *path = cli_db_path(a->db);
    enum cc_status printed = CC_OK;
    struct cc_error print_err;
    enum cc_status stored = a->no_db ? CC_OK : store_run(path, result, err);
    if (a->json || !a->quiet)
        printed =
            cli_print_run(&result->run, cli_print_choice(a->json, a->explain), a->docs, &print_err);
    if (stored != CC_OK)
        return stored;
    if (printed != CC_OK) {
        *err = print_err;
        return printed;
    }
    if (!a->no_db && !a->json && !a->quiet)
        say_stored(path, &result->run);
    return CC_OK;
}

/* --output replaces its file: never one that the run reads or stores to. */
static enum cc_status check_output(const struct run_args *a, struct cc_error *err)
{
    const struct cli_run_options *o = &a->options;
    const char *others[] = {o->target,
                            o->input,
                            o->mcu,
                            o->question.battery,
                            o->question.scenario,
                            o->question.harvester,
                            a->no_db ? NULL : cli_db_path(a->db)};
    for (size_t i = 0; o->output && i < sizeof others / sizeof others[0]; i++) {
        if (cc_file_same(o->output, others[i]))
            return cc_fail(err, CC_ERR_USAGE,
                           "--output %s: is the same file as %s; give another name", o->output,
                           others[i]);
    }
    return CC_OK;
}

enum cc_status cli_cmd_run(int argc, char **argv, struct cc_error *err)
{
    struct run_args a = {.common.err = err, .options.question = cli_question_none()};
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    status = check_output(&a, err);
    if (status != CC_OK)
        return status;
    struct cli_result *result = calloc(1, sizeof *result);
    if (!result)
        return cc_no_memory(err);
    /* a database that would be refused is refused before the emulation, not after it */
    if (!a.no_db)
        status = report_store_probe(cli_db_path(a.db), REPORT_STORE_WRITE, err);
    if (status == CC_OK)
        status = simulate(&a, result, err);
    if (status == CC_OK)
        status = store_and_print(&a, result, err);
    cli_result_free(result);
    free(result);
    return status;
}
