#include "question.h"

static error_t parse_number(int key, char *text, struct cli_args *args, struct cli_question *q)
{
    switch (key) {
    case CLI_KEY_EVERY:
        return cli_every(args, text, &q->every_s);
    case CLI_KEY_TEMPERATURE:
        return cli_temperature(args, text, &q->temperature_c);
    case CLI_KEY_VDD:
        return cli_number(args, "--vdd", text, 0.5, 10, &q->vdd_v);
    case CLI_KEY_BUFFER:
        return cli_number(args, "--buffer", text, 1e-3, 1e9, &q->buffer_uf);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

error_t cli_parse_question(int key, char *text, struct cli_args *args,
                           struct cli_question *question)
{
    switch (key) {
    case CLI_KEY_SCENARIO:
        return cli_string(args, "--scenario", text, &question->scenario);
    case CLI_KEY_BATTERY:
        return cli_string(args, "--battery", text, &question->battery);
    case CLI_KEY_REGULATOR:
        return cli_string(args, "--regulator", text, &question->regulator);
    case CLI_KEY_HARVESTER:
        return cli_string(args, "--harvester", text, &question->harvester);
    case CLI_KEY_STREAM:
        question->stream = 1;
        return 0;
    default:
        return parse_number(key, text, args, question);
    }
}
