/* A built-in workload in the memory of an emulated chip. Private to cli/ and the tests. Order:
 * open, call, close. */
#ifndef CLI_WORKLOAD_SESSION_H
#define CLI_WORKLOAD_SESSION_H

#include "sim_machine.h"
#include "workload.h"

struct cli_workload_session {
    const struct cli_workload_info *info;
    struct sim_chip chip; /* with caches and prefetch as asked for */
    struct sim_elf elf;
    struct sim_machine *machine;
    uint32_t code_address, code_bytes;   /* all workloads of its kind */
    uint32_t work_address, work_bytes;   /* the stack lies behind the work area */
    uint32_t table_address, table_bytes; /* in flash; 0 bytes: it needs none */
    uint32_t entry, stack_top;
    uint32_t loops;       /* of a measured call */
    char code_sha256[65]; /* of the code, as it is before it is moved */
};

/* Places the program and its data; nothing runs yet. Errors as cli_workload_run. The session is to
 * be closed in any case. */
enum cc_status cli_workload_open(struct cli_workload_session *session, const struct sim_chip *chip,
                                 double clock_hz, const struct cli_workload_options *options,
                                 struct cc_error *err);

/* Calls it so many times, the last time measured; *profile (caller frees) holds every measured call
 * of the session. */
enum cc_status cli_workload_call(struct cli_workload_session *session, uint32_t calls,
                                 struct sim_profile *profile, struct cc_error *err);

void cli_workload_close(struct cli_workload_session *session);

#endif
