/* The parts of a run's JSON that are about the life and the inputs. Private to reports/. */
#ifndef REPORT_JSON_LIFE_H
#define REPORT_JSON_LIFE_H

#include "report.h"
#include "report_maker.h"

json_t *report_life_object(struct report_maker *m, const struct report_run *run);

/* [{input, share}], the largest first; those without a name are left out. */
json_t *report_spread_array(struct report_maker *m,
                            const struct energy_spread spread[ENERGY_TOP_SPREADS]);

/* [{file, key, value, rsd, verified, source}] */
json_t *report_docs_array(struct report_maker *m, const struct energy_docs *docs);

#endif
