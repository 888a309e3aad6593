#include "life.h"

#include <string.h>

enum cc_status cli_life_compute(const struct energy_life_query *query, struct report_life *life,
                                struct cc_error *err)
{
    struct energy_life old;
    struct energy_lifetime *t = &life->lifetime;
    memset(life, 0, sizeof *life);
    enum cc_status status = energy_life_compute(query, &old, err);
    if (status != CC_OK)
        return status;
    memcpy(life->battery, old.battery, sizeof life->battery);
    memcpy(life->scenario, old.scenario, sizeof life->scenario);
    t->days = old.days;
    t->average_uw = old.average_uw;
    t->average_uw_spread = (struct energy_interval){old.average_uw, old.average_uw, old.average_uw};
    memcpy(t->limited_by, old.limited_by, sizeof t->limited_by);
    for (int i = 0; i < ENERGY_LIFE_PART_COUNT; i++) {
        struct energy_lifetime_part *part = &t->parts[t->part_count++];
        snprintf(part->name, sizeof part->name, "%s",
                 energy_life_part_name((enum energy_life_part)i));
        part->uw = old.parts_uw[i];
    }
    t->running_ma = old.running_ma;
    t->end_rest_v = old.end_rest_v;
    t->end_loaded_v = old.end_loaded_v;
    t->least_v = old.least_v;
    t->charge_left = old.charge_left;
    for (uint32_t i = 0; i < old.note_count; i++)
        memcpy(life->notes[life->note_count++], old.notes[i], sizeof life->notes[0]);
    return CC_OK;
}
