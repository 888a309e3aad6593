/* Options that ask for conditions of an energy or a life, the same for run and estimate. */
#ifndef CLI_QUESTION_H
#define CLI_QUESTION_H

#include "cli.h"
#include "evaluate.h"

/* Rows of an argp table. */
#define CLI_OPTIONS_QUESTION(battery_doc, every_doc, temperature_doc, vdd_doc)                     \
    {.name = "scenario",                                                                           \
     .key = CLI_KEY_SCENARIO,                                                                      \
     .arg = "NAME|FILE",                                                                           \
     .doc = "what the device does in a period: sensing, computing, sending (coincell list "        \
            "scenarios)"},                                                                         \
        {.name = "battery", .key = CLI_KEY_BATTERY, .arg = "NAME|FILE", .doc = battery_doc},       \
        {.name = "every", .key = CLI_KEY_EVERY, .arg = "SECONDS", .doc = every_doc},               \
        {.name = "temperature", .key = CLI_KEY_TEMPERATURE, .arg = "C", .doc = temperature_doc},   \
        {.name = "vdd", .key = CLI_KEY_VDD, .arg = "V", .doc = vdd_doc},                           \
        {.name = "regulator",                                                                      \
         .key = CLI_KEY_REGULATOR,                                                                 \
         .arg = "NAME",                                                                            \
         .doc = "inside the chip: ldo, smps, ... of its price file"},                              \
        {.name = "buffer",                                                                         \
         .key = CLI_KEY_BUFFER,                                                                    \
         .arg = "UF",                                                                              \
         .doc = "capacitor across the load, effective microfarads"},                               \
        {.name = "harvester",                                                                      \
         .key = CLI_KEY_HARVESTER,                                                                 \
         .arg = "NAME|FILE",                                                                       \
         .doc = "energy income (coincell list harvesters)"},                                       \
    {                                                                                              \
        .name = "stream", .key = CLI_KEY_STREAM,                                                   \
        .doc = "compare with sending the raw data of the scenario's sensors instead"               \
    }

/* Returns ARGP_ERR_UNKNOWN for keys of others. */
error_t cli_parse_question(int key, char *text, struct cli_args *args,
                           struct cli_question *question);

#endif
