/* What a battery or supercapacitor holds for a harvester's lean hours. */
#include "energy_lifetime_internal.h"

#include <math.h>

struct energy_store energy_supply_store(const struct energy_supply *supply,
                                        const struct energy_load *load)
{
    const struct energy_supply *s = supply;
    const struct energy_ageing *a = &s->battery->ageing;
    struct energy_store store = {
        .rechargeable = s->battery->rechargeable,
        .shelf_s = s->shelf_s,
        .capacity_loss_per_year = a->capacity_loss_percent_per_year.value * 0.01,
        .cycle_life = a->cycle_life_count.value,
        .fade = a->fade_percent.value * 0.01,
    };
    struct energy_bench bench;
    struct energy_setting nominal;
    struct energy_run run;
    struct cc_error unfit;
    if (energy_bench_set(supply, load, NULL, &bench, &unfit) != CC_OK)
        return store;
    energy_setting_at(&bench, NULL, &nominal);
    energy_run_end(&bench, &nominal, &run);
    for (uint32_t k = 1; k <= run.segment; k++) {
        double t = fmin((run.dod_end - s->dod[k - 1]) / (s->dod[k] - s->dod[k - 1]), 1);
        double width = t * (s->dod[k] - s->dod[k - 1]);
        double end_v = s->v[k - 1] + t * (s->v[k] - s->v[k - 1]);
        store.charge_uc += width * s->charge_uc;
        store.uj += width * s->charge_uc * 0.5 * (s->v[k - 1] + end_v);
    }
    return store;
}
