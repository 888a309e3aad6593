/* What the subcommands share: parsing, the database's path, printing a run. Each subcommand is one
 * file with one function; main() finds it, prints its error and turns its status into the exit
 * code. */
#ifndef CLI_H
#define CLI_H

#include "report.h"
#include "store.h"

#include <argp.h>

struct cli_command {
    const char *name;
    const char *summary; /* one line for --help */
    /* argv[0] is the subcommand's name. */
    enum cc_status (*run)(int argc, char **argv, struct cc_error *err);
};

enum cc_status cli_cmd_run(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_show(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_history(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_list(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_estimate(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_validate(int argc, char **argv, struct cc_error *err);
enum cc_status cli_cmd_calibrate(int argc, char **argv, struct cc_error *err);

/* The subcommands, with their number in *count. */
const struct cli_command *cli_commands(size_t *count);

/* First member of every subcommand's arguments. */
struct cli_args {
    struct cc_error *err;
    enum cc_status status; /* first failure of an option's value */
    int help;              /* --help was given and answered: do nothing more */
    const char *bad;       /* the option that getopt refused */
};

/* Keys of options that have no short form. CLI_COMMON are in every subcommand. */
enum cli_key {
    CLI_KEY_HELP = 'h',
    CLI_KEY_FIRST = 256,
    CLI_KEY_JSON,
    CLI_KEY_DB,
    CLI_KEY_NO_DB,
    CLI_KEY_MCU,
    CLI_KEY_KERNELS,
    CLI_KEY_INPUT,
    CLI_KEY_OUTPUT,
    CLI_KEY_BATTERY,
    CLI_KEY_EVERY,
    CLI_KEY_TEMPERATURE,
    CLI_KEY_VDD,
    CLI_KEY_MAX_INSTRUCTIONS,
    CLI_KEY_QUIET,
    CLI_KEY_LIMIT,
    CLI_KEY_OPS,
    CLI_KEY_PJ_PER_OP,
    CLI_KEY_BATTERY_JOULES,
    CLI_KEY_EXPLAIN,
    CLI_KEY_ANNOTATE,
    CLI_KEY_DOCS,
    CLI_KEY_SCENARIO,
    CLI_KEY_REGULATOR,
    CLI_KEY_BUFFER,
    CLI_KEY_HARVESTER,
    CLI_KEY_STREAM,
    CLI_KEY_SWEEP,
};

#define CLI_OPTION_HELP                                                                            \
    {                                                                                              \
        .name = "help", .key = CLI_KEY_HELP, .doc = "print this and do nothing else"               \
    }

#define CLI_OPTION_JSON                                                                            \
    {                                                                                              \
        .name = "json", .key = CLI_KEY_JSON, .doc = "print one JSON object"                        \
    }

#define CLI_OPTION_EXPLAIN                                                                         \
    {                                                                                              \
        .name = "explain", .key = CLI_KEY_EXPLAIN,                                                 \
        .doc = "print also where the cycles went: causes, operators, functions (JSON always has "  \
               "them)"                                                                             \
    }

#define CLI_OPTION_DOCS                                                                            \
    {                                                                                              \
        .name = "docs", .key = CLI_KEY_DOCS,                                                       \
        .doc = "print also the figures that energy and life rest on, with their sources (JSON "    \
               "always has them)"                                                                  \
    }

#define CLI_OPTION_DB                                                                              \
    {                                                                                              \
        .name = "db", .key = CLI_KEY_DB, .arg = "FILE",                                            \
        .doc = "database; default $COINCELL_DB or coincell.db"                                     \
    }

/* Runs argp without its habits of printing several lines and exiting: every mistake becomes one
 * message with CC_ERR_USAGE. args is argp's input and starts with a struct cli_args, whose err is
 * set. The parser must hand keys it does not know to cli_parse_common. */
enum cc_status cli_parse(const struct argp *argp, int argc, char **argv, struct cli_args *args);
error_t cli_parse_common(int key, struct argp_state *state, struct cli_args *args);

/* Usage, options and texts of a subcommand on standard output, 80 columns wide. */
void cli_print_help(const struct argp *argp, const char *command);

/* Words and a newline, broken to fit 80 columns; the cursor stands at column indent, where further
 * lines start too. */
void cli_print_wrapped(const char *text, unsigned indent);

/* Each returns what an argp parser returns: 0, or EINVAL with args->status and message set. */
error_t cli_number(struct cli_args *args, const char *option, const char *text, double min,
                   double max, double *value);
error_t cli_count(struct cli_args *args, const char *option, const char *text, uint64_t min,
                  uint64_t max, uint64_t *value);
error_t cli_string(struct cli_args *args, const char *option, const char *text, const char **value);
error_t cli_usage(struct cli_args *args, const char *format, ...) CC_PRINTF(2, 3);

/* Options with the same meaning and bounds everywhere. */
error_t cli_every(struct cli_args *args, const char *text, double *every_s);
error_t cli_temperature(struct cli_args *args, const char *text, double *temperature_c);

/* --db FILE, else $COINCELL_DB, else coincell.db. */
const char *cli_db_path(const char *option);

/* Opens for reading, reads one run, closes. */
enum cc_status cli_load_run(const char *db_path, int64_t run_id, struct report_run *run,
                            struct cc_error *err);

/* 80 when standard output is no terminal. */
unsigned cli_terminal_width(void);

enum cli_print {
    CLI_PRINT_TEXT, /* for the terminal's width */
    CLI_PRINT_JSON,
    CLI_PRINT_EXPLAIN, /* text, and where the cycles went */
};

/* What --json and --explain ask for; JSON holds it all. */
enum cli_print cli_print_choice(int json, int explain);

/* On standard output, with the inputs if docs is asked for; an annotated disassembly, if there is
 * one, comes last. */
enum cc_status cli_print_run(const struct report_run *run, enum cli_print as, int docs,
                             struct cc_error *err);

/* CC_ERR_INTERNAL when standard output could not be written so far. */
enum cc_status cli_flush(struct cc_error *err);

#endif
