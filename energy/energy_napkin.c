/* The estimate one makes on a napkin before there is a model: no tables, no uncertainty. */
#include "energy_internal.h"

#include <math.h>

static enum cc_status check_positive(const char *option, double value, struct cc_error *err)
{
    if (isfinite(value) && value > 0 && value <= 1e30)
        return CC_OK;
    return cc_fail(err, CC_ERR_USAGE, "%s %g: give a number above 0", option, value);
}

enum cc_status energy_napkin_compute(double ops, double pj_per_op, double every_s,
                                     double battery_joules, struct energy_napkin *napkin,
                                     struct cc_error *err)
{
    *napkin = (struct energy_napkin){.days = 0};
    enum cc_status status = check_positive("--ops", ops, err);
    if (status == CC_OK)
        status = check_positive("--pj-per-op", pj_per_op, err);
    if (status == CC_OK)
        status = check_positive("--every", every_s, err);
    if (status == CC_OK)
        status = check_positive("--battery-joules", battery_joules, err);
    if (status != CC_OK)
        return status;
    napkin->uj_per_inference = ops * pj_per_op * 1e-6;
    napkin->average_uw = napkin->uj_per_inference / every_s;
    napkin->days = battery_joules / (napkin->average_uw * 1e-6) / 86400;
    return CC_OK;
}
