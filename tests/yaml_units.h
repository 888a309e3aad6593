/* Does every number of a YAML file tell its unit and its source? */
#ifndef YAML_UNITS_H
#define YAML_UNITS_H

#include <stddef.h>

/* What a file's numbers need. */
enum yaml_units_need {
    YAML_UNITS_SOURCE,          /* `source` beside the number or in a mapping around it */
    YAML_UNITS_SOURCE_AND_PROOF /* and `verified`, likewise */
};

/* The rule. A scalar that is a number belongs to its nearest key, lists passed over; `value`,
 * `min`, `typ` and `max` belong to the key of the figure around them. That key must end in a unit,
 * or be one of the table of keys whose unit is known. The source (at least 3 characters) must stand
 * in the mapping of the number or in one around it. Returns how many numbers break it; the first is
 * put into message as "PATH:LINE: KEY: ...". numbers receives how many there are. A text that is no
 * YAML counts as broken. */
int yaml_units_check(const char *path, const char *text, enum yaml_units_need need, int *numbers,
                     char *message, size_t size);

#endif
