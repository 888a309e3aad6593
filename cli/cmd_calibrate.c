/* coincell calibrate NAME|FILE */
#include "calibrate.h"
#include "cc_file.h"
#include "cli.h"
#include "progress.h"
#include "report_calibrate.h"

#include <string.h>

struct calibrate_args {
    struct cli_args common;
    const char *measurements, *output;
    int json, quiet;
};

static const struct argp_option options[] = {
    {.name = "output",
     .key = CLI_KEY_OUTPUT,
     .arg = "FILE",
     .doc = "write the prices (energy/prices/NAME.yaml) here; default: nowhere"},
    CLI_OPTION_JSON,
    {.name = "quiet", .key = CLI_KEY_QUIET, .doc = "no progress"},
    CLI_OPTION_HELP,
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct calibrate_args *a = state->input;
    switch (key) {
    case CLI_KEY_OUTPUT:
        return cli_string(&a->common, "--output", text, &a->output);
    case CLI_KEY_JSON:
        a->json = 1;
        return 0;
    case CLI_KEY_QUIET:
        a->quiet = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->measurements)
            return cli_usage(&a->common, "%s: one file at a time; %s is given already", text,
                             a->measurements);
        return cli_string(&a->common, "MEASUREMENTS", text, &a->measurements);
    case ARGP_KEY_END:
        if (!a->measurements && !a->common.help)
            return cli_usage(&a->common, "calibrate: MEASUREMENTS is missing; give a name of "
                                         "energy/measurements or a .yaml file");
        return 0;
    default:
        return cli_parse_common(key, state, &a->common);
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .args_doc = "NAME|FILE.yaml",
    .doc = "Fit the prices of a chip to measured currents.\v"
           "The file holds groups of rows: a workload (a built-in one, a model or \"sleep\"), the "
           "clock, the supply and the current measured (energy/README.md). Every workload is "
           "emulated once. Prices that no row decides follow energy/priors/silicon.yaml.",
};

static enum cc_status print(const struct calibrate_args *a, const struct cli_calibration *c,
                            struct cc_error *err)
{
    char would[128];
    snprintf(would, sizeof would, "energy/prices/%s.yaml",
             energy_measurements_chip(c->measurements));
    struct report_calibrate report = {
        .measurements = c->measurements, .fit = &c->fit, .output = a->output, .would = would};
    return a->json ? report_calibrate_json(&report, stdout, err)
                   : report_calibrate_text(&report, stdout, err);
}

/* --output replaces its file: never the one that it is made from. */
static enum cc_status check_output(const struct calibrate_args *a, struct cc_error *err)
{
    char path[512];
    struct cc_error ignored;
    if (!a->output || cc_data_resolve("measurements", "energy/measurements", a->measurements, path,
                                      sizeof path, &ignored) != CC_OK)
        return CC_OK; /* what cannot be found is refused where it is read */
    if (!cc_file_same(a->output, path))
        return CC_OK;
    return cc_fail(err, CC_ERR_USAGE, "--output %s: is the file of the measurements; give another",
                   a->output);
}

enum cc_status cli_cmd_calibrate(int argc, char **argv, struct cc_error *err)
{
    struct calibrate_args a = {.common.err = err};
    struct cli_calibration calibration;
    struct cli_progress progress;
    enum cc_status status = cli_parse(&parser, argc, argv, &a.common);
    if (status != CC_OK || a.common.help)
        return status;
    status = check_output(&a, err);
    if (status != CC_OK)
        return status;
    struct cli_calibrate_options run = {
        .measurements = a.measurements, .progress = cli_progress_show, .progress_user = &progress};
    cli_progress_start(&progress, !a.quiet);
    status = cli_calibrate(&run, &calibration, err);
    cli_progress_clear(&progress);
    if (status != CC_OK)
        return status;
    if (a.output)
        status = cc_file_write(a.output, calibration.yaml, strlen(calibration.yaml), err);
    if (status == CC_OK)
        status = print(&a, &calibration, err);
    cli_calibration_free(&calibration);
    return status;
}
