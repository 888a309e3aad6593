/* Entries of coincell list: a line for people and an object for programs. Private to cli/. */
#ifndef CLI_LIST_ENTRY_H
#define CLI_LIST_ENTRY_H

#include "cc_error.h"

#include <jansson.h>

struct cli_entry {
    char description[640];
    json_t *object; /* owned */
};

typedef enum cc_status (*cli_describe)(const char *name, struct cli_entry *entry,
                                       struct cc_error *err);

/* What hangs on a battery, and what charges it; names as in the data folders. */
enum cc_status cli_describe_battery(const char *name, struct cli_entry *entry,
                                    struct cc_error *err);
enum cc_status cli_describe_regulator(const char *name, struct cli_entry *entry,
                                      struct cc_error *err);
enum cc_status cli_describe_harvester(const char *name, struct cli_entry *entry,
                                      struct cc_error *err);
enum cc_status cli_describe_radio(const char *name, struct cli_entry *entry, struct cc_error *err);
enum cc_status cli_describe_sensor(const char *name, struct cli_entry *entry, struct cc_error *err);
enum cc_status cli_describe_scenario(const char *name, struct cli_entry *entry,
                                     struct cc_error *err);

#endif
