/* Building JSON with a sticky failure: jansson returns NULL or -1 when memory is short. Private to
 * reports/. Values given to maker_put and maker_append are owned by what they are put in. */
#ifndef REPORT_MAKER_H
#define REPORT_MAKER_H

#include "energy_interval.h"

#include <jansson.h>
#include <stdint.h>

struct report_maker {
    int failed;
};

json_t *maker_object(struct report_maker *m);
void maker_put(struct report_maker *m, json_t *o, const char *key, json_t *value);
void maker_append(struct report_maker *m, json_t *array, json_t *value);

/* Bytes that are not UTF-8 are replaced. */
void maker_text(struct report_maker *m, json_t *o, const char *key, const char *text);
/* null when not finite. */
void maker_real(struct report_maker *m, json_t *o, const char *key, double value);
/* Of figures for which 0 means unknown: null. */
void maker_known(struct report_maker *m, json_t *o, const char *key, double value);
void maker_count(struct report_maker *m, json_t *o, const char *key, uint64_t value);
/* {p10, p50, p90} */
void maker_interval(struct report_maker *m, json_t *o, const char *key,
                    const struct energy_interval *i);

#endif
