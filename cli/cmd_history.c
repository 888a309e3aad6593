/* coincell history */
#include "cli.h"

#include <stdlib.h>

struct history_args {
    struct cli_args common;
    const char *db;
    int json;
    uint64_t limit;
};

static const struct argp_option options[] = {
    {.name = "limit", .key = CLI_KEY_LIMIT, .arg = "N", .doc = "at most N runs; default all"},
    {.name = "json", .key = CLI_KEY_JSON, .doc = "print one JSON array"},
    CLI_OPTION_DB,
    CLI_OPTION_HELP,
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct history_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case CLI_KEY_DB:
        return cli_string(&a->common, "--db", text, &a->db);
    case CLI_KEY_LIMIT:
        return cli_count(&a->common, "--limit", text, 1, UINT32_MAX, &a->limit);
    case ARGP_KEY_ARG:
        return cli_usage(&a->common, "%s: history takes no argument; for one run use coincell show",
                         text);
    default:
        return cli_parse_common(key, state, &a->common);
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .doc = "List the stored runs, newest first.",
};

enum cc_status cli_cmd_history(int argc, char **argv, struct cc_error *err)
{
    struct history_args a = {.common.err = err};
    struct report_store *store;
    struct report_history_row *rows = NULL;
    size_t count = 0;
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    status = report_store_open(cli_db_path(a.db), REPORT_STORE_READ, &store, err);
    if (status != CC_OK)
        return status;
    status = report_store_history(store, (uint32_t)a.limit, &rows, &count, err);
    report_store_close(store);
    if (status == CC_OK)
        status = a.json ? report_history_json(rows, count, stdout, err)
                        : report_history_text(rows, count, stdout, err);
    free(rows);
    return status;
}
