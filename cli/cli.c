#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct cli_command commands[] = {
    {"run", "run a model on an emulated chip; print and store its energy and battery life",
     cli_cmd_run},
    {"show", "print a stored run again", cli_cmd_show},
    {"history", "list the stored runs, newest first", cli_cmd_history},
    {"estimate", "another battery, period or chip for a stored run; or ops times pJ",
     cli_cmd_estimate},
    {"validate", "cycles measured on boards against those of the emulated chips", cli_cmd_validate},
    {"calibrate", "prices of a chip from measured currents", cli_cmd_calibrate},
    {"list", "list what is built in: mcus, models, batteries, radios, scenarios, ...",
     cli_cmd_list},
};

const struct cli_command *cli_commands(size_t *count)
{
    *count = sizeof commands / sizeof commands[0];
    return commands;
}

const char *cli_db_path(const char *option)
{
    const char *env = getenv("COINCELL_DB");
    if (option)
        return option;
    return env && env[0] ? env : "coincell.db";
}

enum cc_status cli_load_run(const char *db_path, int64_t run_id, struct report_run *run,
                            struct cc_error *err)
{
    struct report_store *store;
    memset(run, 0, sizeof *run);
    enum cc_status status = report_store_open(db_path, REPORT_STORE_READ, &store, err);
    if (status != CC_OK)
        return status;
    status = report_store_get(store, run_id, run, err);
    report_store_close(store);
    return status;
}

unsigned cli_terminal_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

enum cli_print cli_print_choice(int json, int explain)
{
    return json ? CLI_PRINT_JSON : explain ? CLI_PRINT_EXPLAIN : CLI_PRINT_TEXT;
}

enum cc_status cli_print_run(const struct report_run *run, enum cli_print as, int docs,
                             struct cc_error *err)
{
    unsigned width = cli_terminal_width();
    if (as == CLI_PRINT_JSON)
        return report_json(run, stdout, err);
    enum cc_status status = report_text(run, stdout, width, err);
    if (status == CC_OK && as == CLI_PRINT_EXPLAIN)
        status = report_explain(run, stdout, width, err);
    if (status == CC_OK && docs)
        status = report_docs(run, stdout, width, err);
    if (status == CC_OK)
        status = report_listing(run, stdout, width, err);
    return status;
}

enum cc_status cli_flush(struct cc_error *err)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return CC_OK;
    return cc_fail(err, CC_ERR_INTERNAL,
                   "standard output: could not be written whole: %s; make room or keep the pipe "
                   "open",
                   errno ? strerror(errno) : "write error");
}
