#include "workload_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

const char *const workload_chips[WORKLOAD_CHIPS] = {
    "stm32g0b1", CC_SOURCE_DIR "/tests/cuts/cortex-m3.yaml", "stm32l476", "stm32h7a3", "stm32u575"};

static void must(const char *what, enum cc_status status, const struct cc_error *err)
{
    if (status != CC_OK)
        fail_msg("%s: %s", what, err->message);
}

void workload_load_chip(const char *spec, struct sim_chip *chip, double *clock_hz)
{
    struct cc_error err;
    must(spec, sim_chip_load(spec, chip, clock_hz, &err), &err);
}

void workload_open(struct cli_workload_session *session, const char *spec, const char *name,
                   const char *code, const char *data)
{
    struct sim_chip chip;
    struct cc_error err;
    double clock_hz;
    struct cli_workload_options options = {
        .name = name, .code = code, .data = data, .caches = -1, .prefetch = -1};
    workload_load_chip(spec, &chip, &clock_hz);
    must(name, cli_workload_open(session, &chip, clock_hz, &options, &err), &err);
}

int32_t workload_call(struct cli_workload_session *session, uint32_t calls,
                      struct sim_counts *counts)
{
    struct sim_profile profile;
    struct cc_error err;
    must(session->info->name, cli_workload_call(session, calls, &profile, &err), &err);
    must(session->info->name, sim_profile_check(&profile, &err), &err);
    if (counts)
        *counts = profile.total;
    sim_profile_free(&profile);
    return (int32_t)sim_machine_register(session->machine, 0);
}

void workload_read(struct cli_workload_session *session, uint32_t offset, void *to, size_t bytes)
{
    struct cc_error err;
    must(session->info->name,
         sim_machine_read(session->machine, session->work_address + offset, to, bytes, &err), &err);
}

void workload_write(struct cli_workload_session *session, uint32_t offset, const void *from,
                    size_t bytes)
{
    struct cc_error err;
    must(session->info->name,
         sim_machine_write(session->machine, session->work_address + offset, from, bytes, &err),
         &err);
}
