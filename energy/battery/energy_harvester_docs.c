/* What an income rests on. */
#include "energy_harvester.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static enum cc_status add_rows(const struct energy_harvester *h, struct energy_docs *docs,
                               struct cc_error *err)
{
    const struct energy_harvest_law *law = &h->law;
    const struct energy_converter_steps *steps = &h->converter->efficiency;
    enum cc_status status = CC_OK;
    char key[96];
    for (uint32_t i = 0; status == CC_OK && i < law->rows_count; i++) {
        const struct energy_harvest_row *row = &law->rows[i];
        snprintf(key, sizeof key, "law %s=%g %s", energy_harvest_level_keys[h->unit],
                 row->level[h->unit], energy_harvest_row_key(row));
        status = energy_docs_add_number(docs, h->path, key, energy_harvest_row_power(row),
                                        law->verified, law->source, err);
    }
    for (uint32_t i = 0; status == CC_OK && i < steps->rows_count; i++) {
        snprintf(key, sizeof key, "efficiency.rows[%u].efficiency_fraction", (unsigned)i);
        status = energy_docs_add_number(docs, h->converter->path, key,
                                        steps->rows[i].efficiency_fraction, steps->verified,
                                        steps->source, err);
    }
    return status;
}

enum cc_status energy_harvester_docs(const struct energy_harvester *harvester,
                                     struct energy_docs *docs, struct cc_error *err)
{
    const struct energy_converter *c = harvester->converter;
    const struct {
        const char *path, *key;
        const struct energy_figure *figure;
    } figures[] = {
        {harvester->path, energy_harvest_level_keys[harvester->unit],
         &harvester->levels[harvester->unit]},
        {harvester->path, "hours_per_day_h", &harvester->hours_per_day_h},
        {harvester->path, "area_cm2", &harvester->area_cm2},
        {harvester->path, "volume_cm3", &harvester->volume_cm3},
        {harvester->path, "operating_v", &harvester->operating_v},
        {c->path, "cold_start_v", &c->cold_start_v},
        {c->path, "cold_start_uw", &c->cold_start_uw},
        {c->path, "running_v", &c->running_v},
        {c->path, "most_input_mw", &c->most_input_mw},
        {c->path, "iq_ua", &c->iq_ua},
    };
    enum cc_status status = CC_OK;
    for (size_t i = 0; status == CC_OK && i < COUNT(figures); i++)
        status = energy_docs_add(docs, figures[i].path, figures[i].key, figures[i].figure, err);
    return status == CC_OK ? add_rows(harvester, docs, err) : status;
}
