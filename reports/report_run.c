#include "report.h"
#include "report_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void report_run_free(struct report_run *run)
{
    for (uint32_t i = 0; i < run->output_count; i++)
        free(run->outputs[i].bytes);
    free(run->outputs);
    free(run->layers);
    free(run->energy.scope_uj);
    free(run->docs.rows);
    sim_profile_free(&run->profile);
    sim_listing_free(&run->listing);
    memset(run, 0, sizeof *run);
}

static enum cc_status check_life(const struct report_life *life, struct cc_error *err)
{
    if (life->note_count > sizeof life->notes / sizeof life->notes[0])
        return cc_fail(err, CC_ERR_INTERNAL, "report: %u notes on the life are too many",
                       life->note_count);
    if (life->lifetime.part_count > ENERGY_LIFETIME_MAX_PARTS ||
        life->step_count > ENERGY_MAX_STEP_ROWS)
        return cc_fail(err, CC_ERR_INTERNAL, "report: %u parts or %u steps of a life are too many",
                       life->lifetime.part_count, life->step_count);
    return CC_OK;
}

enum cc_status report_check(const struct report_run *run, struct cc_error *err)
{
    uint32_t scopes = run->profile.scope_count;
    if (run->energy.scope_count != scopes)
        return cc_fail(err, CC_ERR_INTERNAL, "report: %u scopes are counted and %u are priced",
                       scopes, run->energy.scope_count);
    if (scopes > 0 && (!run->profile.scopes || !run->energy.scope_uj || !run->layers))
        return cc_fail(err, CC_ERR_INTERNAL, "report: scopes, prices or layers are missing");
    if ((run->profile.function_count > 0 && !run->profile.functions) ||
        (run->listing.count > 0 && !run->listing.lines))
        return cc_fail(err, CC_ERR_INTERNAL, "report: functions or lines of code are missing");
    if (run->output_count > 0 && !run->outputs)
        return cc_fail(err, CC_ERR_INTERNAL, "report: the output tensors are missing");
    if (run->note_count > sizeof run->notes / sizeof run->notes[0])
        return cc_fail(err, CC_ERR_INTERNAL, "report: %u notes are too many", run->note_count);
    enum cc_status status = check_life(&run->life, err);
    if (status != CC_OK)
        return status;
    if (run->compute_count > sizeof run->computes / sizeof run->computes[0])
        return cc_fail(err, CC_ERR_INTERNAL, "report: %u computations are too many",
                       run->compute_count);
    if (run->docs.count > 0 && !run->docs.rows)
        return cc_fail(err, CC_ERR_INTERNAL, "report: the inputs are missing");
    for (uint32_t i = 0; i < run->output_count; i++) {
        if (run->outputs[i].byte_count > 0 && !run->outputs[i].bytes)
            return cc_fail(err, CC_ERR_INTERNAL, "report: output %u has no bytes", i);
    }
    return CC_OK;
}

enum cc_status report_written(FILE *out, struct cc_error *err)
{
    errno = 0;
    if (fflush(out) == 0 && !ferror(out))
        return CC_OK;
    return cc_fail(
        err, CC_ERR_INTERNAL,
        "standard output: could not be written whole: %s; make room or keep the pipe open",
        errno ? strerror(errno) : "write error");
}

enum cc_status report_dump_json(const json_t *root, FILE *out, struct cc_error *err)
{
    if (!root)
        return cc_no_memory(err);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    if (!text)
        return cc_no_memory(err);
    fputs(text, out);
    fputc('\n', out);
    free(text);
    return report_written(out, err);
}
