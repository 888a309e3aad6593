/* argp with one-line errors. */
#include "cli.h"

#include "cc_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 64

error_t cli_usage(struct cli_args *args, const char *format, ...)
{
    char message[sizeof args->err->message];
    va_list list;
    if (args->status != CC_OK)
        return EINVAL;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    args->status = cc_fail(args->err, CC_ERR_USAGE, "%s", message);
    return EINVAL;
}

error_t cli_parse_common(int key, struct argp_state *state, struct cli_args *args)
{
    switch (key) {
    case CLI_KEY_HELP:
        args->help = 1;
        state->next = state->argc; /* nothing after it matters */
        return 0;
    case ARGP_KEY_ERROR:
        if (state->next > 0 && state->next <= state->argc)
            args->bad = state->argv[state->next - 1];
        /* inside a group of short options getopt has not moved on yet */
        if (args->bad && args->bad[0] != '-' && state->next < state->argc)
            args->bad = state->argv[state->next];
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Why getopt refused an option, from the option's text and the table. */
static void explain(const struct argp *argp, const char *command, struct cli_args *args)
{
    const char *names[MAX_OPTIONS];
    char word[64];
    size_t count = 0, prefixes = 0;
    const struct argp_option *exact = NULL, *prefix = NULL;
    const char *bad = args->bad && args->bad[0] ? args->bad : "option";
    snprintf(word, sizeof word, "%.*s", (int)strcspn(bad + strspn(bad, "-"), "="),
             bad + strspn(bad, "-"));
    for (const struct argp_option *o = argp->options; o->name && count < MAX_OPTIONS; o++) {
        names[count++] = o->name;
        if (strcmp(o->name, word) == 0)
            exact = o;
        if (strncmp(o->name, word, strlen(word)) == 0) {
            prefix = o;
            prefixes++;
        }
    }
    const struct argp_option *meant = exact ? exact : prefixes == 1 ? prefix : NULL;
    char near[96];
    cc_did_you_mean(near, sizeof near, "--", word, names, count);
    if (strncmp(bad, "--", 2) == 0 && meant && meant->arg)
        cli_usage(args, "--%s: needs a value; give --%s %s", meant->name, meant->name, meant->arg);
    else if (strncmp(bad, "--", 2) == 0 && meant)
        cli_usage(args, "--%s: takes no value; leave out \"=...\"", meant->name);
    else if (strncmp(bad, "--", 2) == 0 && prefixes > 1)
        cli_usage(args, "--%s: could be several options; write it in full", word);
    else
        cli_usage(args, "%s: unknown option;%s see coincell %s --help", bad, near, command);
}

enum cc_status cli_parse(const struct argp *argp, int argc, char **argv, struct cli_args *args)
{
    int rc = argp_parse(argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT, NULL, args);
    if (args->help) {
        cli_print_help(argp, argv[0]);
        return CC_OK;
    }
    if (rc == ENOMEM)
        return cc_no_memory(args->err);
    if (rc != 0 && args->status == CC_OK)
        explain(argp, argv[0], args);
    return args->status;
}

error_t cli_number(struct cli_args *args, const char *option, const char *text, double min,
                   double max, double *value)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || text[0] == ' ' || !isfinite(number))
        return cli_usage(args, "%s %s: is not a number; give one from %g to %g", option, text, min,
                         max);
    if (number < min || number > max)
        return cli_usage(args, "%s %s: is out of range; give a number from %g to %g", option, text,
                         min, max);
    *value = number;
    return 0;
}

error_t cli_count(struct cli_args *args, const char *option, const char *text, uint64_t min,
                  uint64_t max, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end)
        return cli_usage(args, "%s %s: is not a whole number; give one from %llu to %llu", option,
                         text, (unsigned long long)min, (unsigned long long)max);
    if (errno == ERANGE || number < min || number > max)
        return cli_usage(args, "%s %s: is out of range; give a number from %llu to %llu", option,
                         text, (unsigned long long)min, (unsigned long long)max);
    *value = number;
    return 0;
}

error_t cli_string(struct cli_args *args, const char *option, const char *text, const char **value)
{
    if (!text[0])
        return cli_usage(args, "%s: the value is empty; give a name or leave the option out",
                         option);
    *value = text;
    return 0;
}

error_t cli_every(struct cli_args *args, const char *text, double *every_s)
{
    return cli_number(args, "--every", text, 1e-6, 1e9, every_s);
}

error_t cli_temperature(struct cli_args *args, const char *text, double *temperature_c)
{
    return cli_number(args, "--temperature", text, -60, 150, temperature_c);
}
