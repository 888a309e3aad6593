/* coincell show RUN */
#include "cli.h"

struct show_args {
    struct cli_args common;
    const char *db;
    int json, explain, docs;
    uint64_t run_id;
};

static const struct argp_option options[] = {
    {.name = "json", .key = CLI_KEY_JSON, .doc = "print one JSON object, the same as of the run"},
    CLI_OPTION_EXPLAIN,
    CLI_OPTION_DOCS,
    CLI_OPTION_DB,
    CLI_OPTION_HELP,
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct show_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case CLI_KEY_EXPLAIN:
        a->explain = 1;
        return 0;
    case CLI_KEY_DOCS:
        a->docs = 1;
        return 0;
    case CLI_KEY_DB:
        return cli_string(&a->common, "--db", text, &a->db);
    case ARGP_KEY_ARG:
        if (a->run_id)
            return cli_usage(&a->common, "%s: one RUN at a time", text);
        return cli_count(&a->common, "RUN", text, 1, INT64_MAX, &a->run_id);
    case ARGP_KEY_END:
        if (!a->run_id && !a->common.help)
            return cli_usage(&a->common, "show: RUN is missing; give a number of coincell history");
        return 0;
    default:
        return cli_parse_common(key, state, &a->common);
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "RUN",
    .doc = "Print a stored run again.\vRUN is a number of coincell history.",
};

enum cc_status cli_cmd_show(int argc, char **argv, struct cc_error *err)
{
    struct show_args a = {.common.err = err};
    struct report_run run;
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    status = cli_load_run(cli_db_path(a.db), (int64_t)a.run_id, &run, err);
    if (status != CC_OK)
        return status;
    status = cli_print_run(&run, cli_print_choice(a.json, a.explain), a.docs, err);
    report_run_free(&run);
    return status;
}
