/* One simulation from files to counts: model, chip, kernels and input are loaded, placed, booted
 * and run. Private to cli/ and the benchmark. Order: open, boot, run, close. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "models_image.h"
#include "models_network.h"
#include "models_plan.h"
#include "placement.h"
#include "sim_machine.h"
#include "simulate.h"

/* Everything a run needs while it lasts. */
struct cli_session {
    const struct cli_run_options *options;
    struct models_network net;
    const char *target_kind;
    char target_path[512];
    struct sim_chip chip;
    double clock_hz;
    enum image_variant variant;
    struct models_plan plan;
    struct models_image image;
    struct sim_elf elf;
    struct cli_placement place;
    struct sim_machine *machine;
    uint8_t *input; /* all invocations */
    size_t input_bytes;
    size_t bytes_in, bytes_out; /* of one invocation */
    uint32_t invocations, invocation;
    uint8_t *output;          /* all invocations */
    uint64_t macs_done, macs; /* for the progress */
    enum cc_status callback_status;
    uint32_t runner_error;
    struct cc_error *err;
};

/* Loads and checks everything, and plans and writes the program image; nothing runs yet. session
 * must be zero but for options and err. */
enum cc_status cli_session_open(struct cli_session *s);

/* Makes the machine, loads runner and image, and runs to the runner's ready mark. */
enum cc_status cli_session_boot(struct cli_session *s);

/* All invocations; outputs go to s->output. */
enum cc_status cli_session_run(struct cli_session *s);

/* Copies the inputs of invocation s->invocation into the arena. */
enum cc_status cli_session_write_inputs(struct cli_session *s);

/* Marks of the runner, for sim_run_config; user is the session. */
enum sim_marker_action cli_session_marker(void *user, uint32_t value, int32_t *scope_id);

void cli_session_close(struct cli_session *s);

#endif
