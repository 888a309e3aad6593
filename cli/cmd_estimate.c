/* coincell estimate RUN: prices a stored profile again, without emulating.
 * coincell estimate --ops N ...: the estimate of a napkin, without any run. */
#include "cli.h"
#include "estimate.h"
#include "question.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct estimate_args {
    struct cli_args common;
    const char *db;
    struct cli_estimate_options options; /* json is in it */
    uint64_t run_id;
    double ops, pj_per_op, battery_joules; /* 0 = not given */
};

static const struct argp_option options[] = {
    CLI_OPTIONS_QUESTION("default as stored, or the new scenario's",
                         "one inference, or one period of the scenario, per so many seconds; "
                         "default as stored",
                         "default as stored", "supply voltage; default as stored"),
    {.name = "mcu",
     .key = CLI_KEY_MCU,
     .arg = "NAME[@MHZ][:RANGE]",
     .doc = "another chip with the same core; default as stored"},
    {.name = "sweep",
     .key = CLI_KEY_SWEEP,
     .arg = "AXIS=VALUES,...",
     .doc = "a row for each combination: temperature, battery, probability (of the "
            "scenario's steps, times so much), every; see below"},
    {.name = "ops", .key = CLI_KEY_OPS, .arg = "N", .doc = "napkin: operations per inference"},
    {.name = "pj-per-op", .key = CLI_KEY_PJ_PER_OP, .arg = "P", .doc = "napkin: pJ per operation"},
    {.name = "battery-joules",
     .key = CLI_KEY_BATTERY_JOULES,
     .arg = "J",
     .doc = "napkin: energy of the battery"},
    CLI_OPTION_DOCS,
    {.name = "quiet", .key = CLI_KEY_QUIET, .doc = "of a sweep only how many rows, and the best"},
    CLI_OPTION_JSON,
    CLI_OPTION_DB,
    CLI_OPTION_HELP,
    {0},
};

static error_t parse_value(int key, char *text, struct estimate_args *a)
{
    switch (key) {
    case CLI_KEY_OPS:
        return cli_number(&a->common, "--ops", text, 1e-6, 1e18, &a->ops);
    case CLI_KEY_PJ_PER_OP:
        return cli_number(&a->common, "--pj-per-op", text, 1e-6, 1e12, &a->pj_per_op);
    case CLI_KEY_BATTERY_JOULES:
        return cli_number(&a->common, "--battery-joules", text, 1e-6, 1e12, &a->battery_joules);
    case CLI_KEY_SWEEP:
        return cli_string(&a->common, "--sweep", text, &a->options.sweep);
    case CLI_KEY_MCU:
        return cli_string(&a->common, "--mcu", text, &a->options.mcu);
    case CLI_KEY_DB:
        return cli_string(&a->common, "--db", text, &a->db);
    default:
        return cli_parse_question(key, text, &a->common, &a->options.question);
    }
}

static int is_napkin(const struct estimate_args *a)
{
    return a->ops > 0 || a->pj_per_op > 0 || a->battery_joules > 0;
}

/* An option that only an estimate of a run has; NULL when none is given. */
static const char *of_run_option(const struct estimate_args *a)
{
    const struct cli_question *q = &a->options.question;
    const struct {
        int given;
        const char *name;
    } options_of_run[] = {
        {a->run_id != 0, "RUN"},
        {q->battery != NULL, "--battery"},
        {a->options.mcu != NULL, "--mcu"},
        {a->db != NULL, "--db"},
        {!isnan(q->temperature_c), "--temperature"},
        {q->scenario != NULL, "--scenario"},
        {q->vdd_v > 0, "--vdd"},
        {q->regulator != NULL, "--regulator"},
        {q->harvester != NULL, "--harvester"},
        {q->buffer_uf > 0, "--buffer"},
        {q->stream, "--stream"},
        {a->options.sweep != NULL, "--sweep"},
        {a->options.docs, "--docs"},
    };
    for (size_t i = 0; i < sizeof options_of_run / sizeof options_of_run[0]; i++) {
        if (options_of_run[i].given)
            return options_of_run[i].name;
    }
    return NULL;
}

/* A run is priced by tables, operations by their picojoules: options of both make no estimate. */
static error_t not_both(struct estimate_args *a)
{
    const char *napkin = a->battery_joules > 0 ? "--battery-joules"
                         : a->ops > 0          ? "--ops"
                                               : "--pj-per-op";
    const char *of_run = of_run_option(a);
    return cli_usage(
        &a->common,
        "%s: is for an estimate without a stored run, %s for one of a run; %s, or give "
        "only --ops, --pj-per-op, --every and --battery-joules",
        napkin, of_run,
        a->battery_joules > 0 ? "give a battery by --battery NAME|FILE" : "leave it out");
}

static error_t check_together(struct estimate_args *a)
{
    if (a->common.help)
        return 0;
    if (!is_napkin(a) && !a->run_id)
        return cli_usage(&a->common, "estimate: RUN is missing; give a number of coincell history, "
                                     "or --ops, --pj-per-op, --every and --battery-joules");
    if (a->options.quiet && !a->options.sweep)
        return cli_usage(&a->common, "--quiet: is for --sweep; leave it out");
    if (!is_napkin(a))
        return 0;
    if (of_run_option(a))
        return not_both(a);
    double every_s = a->options.question.every_s;
    const char *missing = a->ops <= 0              ? "--ops N"
                          : a->pj_per_op <= 0      ? "--pj-per-op P"
                          : a->battery_joules <= 0 ? "--battery-joules J"
                          : !(every_s > 0)         ? "--every SECONDS"
                                                   : NULL;
    if (missing)
        return cli_usage(&a->common,
                         "estimate: %s is missing; the napkin needs --ops, "
                         "--pj-per-op, --every and --battery-joules",
                         missing);
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct estimate_args *a = state->input;
    switch (key) {
    case CLI_KEY_JSON:
        a->options.json = 1;
        return 0;
    case CLI_KEY_DOCS:
        a->options.docs = 1;
        return 0;
    case CLI_KEY_QUIET:
        a->options.quiet = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->run_id)
            return cli_usage(&a->common, "%s: one RUN at a time", text);
        return cli_count(&a->common, "RUN", text, 1, INT64_MAX, &a->run_id);
    case ARGP_KEY_END:
        return check_together(a);
    default: {
        error_t rc = cli_parse_common(key, state, &a->common);
        return rc == ARGP_ERR_UNKNOWN ? parse_value(key, text, a) : rc;
    }
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "[RUN]",
    .doc = "Price a stored run again with another battery, scenario, period, temperature or chip. "
           "Nothing is emulated and nothing is stored.\v"
           "RUN is a number of coincell history.\n\n"
           "VALUES of a sweep are a|b|c, each a number or a range A..B[:N] of N numbers (10): "
           "evenly spaced for temperature, by equal factors for every and probability. "
           "Batteries are names, files, or * for all that fit. A combination that cannot work is a "
           "row with the reason. Example:\n"
           "coincell estimate 1 --sweep 'battery=*,every=1..3600:5'\n\n"
           "The napkin is an estimate without a run and without tables: N operations per "
           "inference, P picojoules each, one inference every S seconds, from a battery of J "
           "joules. It knows no memory, no sleep and no self-discharge. Example:\n"
           "coincell estimate --ops 2.7e6 --pj-per-op 30 --every 1 --battery-joules 2300",
};

/* Whole when large, four digits otherwise. */
static void print_figure(double value, const char *unit)
{
    if (value >= 1000)
        printf("%.0f %s", value, unit);
    else
        printf("%.4g %s", value, unit);
}

static enum cc_status napkin(const struct estimate_args *a, struct cc_error *err)
{
    struct energy_napkin n;
    double every_s = a->options.question.every_s;
    enum cc_status status =
        energy_napkin_compute(a->ops, a->pj_per_op, every_s, a->battery_joules, &n, err);
    if (status != CC_OK)
        return status;
    if (a->options.json) {
        json_t *o =
            json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "ops", a->ops, "pj_per_op",
                      a->pj_per_op, "every_s", every_s, "battery_joules", a->battery_joules,
                      "energy_uj", n.uj_per_inference, "average_uw", n.average_uw, "days", n.days);
        if (!o)
            return cc_no_memory(err);
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(o);
        return cli_flush(err);
    }
    print_figure(n.uj_per_inference, "uJ per inference\n");
    print_figure(n.average_uw, "uW on average");
    printf(", one inference every %g s\n", every_s);
    print_figure(n.days, "days");
    printf(" from %g J\n"
           "operations times energy per operation: no memory, no sleep, no self-discharge\n",
           a->battery_joules);
    return cli_flush(err);
}

enum cc_status cli_cmd_estimate(int argc, char **argv, struct cc_error *err)
{
    struct estimate_args a = {.common.err = err, .options.question = cli_question_none()};
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    if (is_napkin(&a))
        return napkin(&a, err);
    a.options.db = cli_db_path(a.db);
    a.options.run_id = (int64_t)a.run_id;
    return cli_estimate(&a.options, err);
}
