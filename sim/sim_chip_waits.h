/* Wait states and voltage ranges of a chip file. Private to sim/. */
#ifndef SIM_CHIP_WAITS_H
#define SIM_CHIP_WAITS_H

#include "sim_chip_yaml.h"

/* The rows of one table; `key` names it in messages. CC_ERR_INPUT unless they are wait_states 0, 1,
 * 2, ... with rising up_to_mhz that reaches max_hz. */
enum cc_status sim_chip_set_table(const struct sim_chip *chip, const char *key,
                                  const struct yaml_wait *rows, uint32_t count, double max_hz,
                                  struct sim_wait_table *table, struct cc_error *err);

/* Ranges from flash_wait_states and voltage_ranges; chip->max_clock_hz is set. */
enum cc_status sim_chip_set_ranges(struct sim_chip *chip, const struct yaml_chip *from,
                                   struct cc_error *err);

/* Makes a range the one that is simulated; NULL = the default. spec is for messages. CC_ERR_USAGE
 * when there is no such range. */
enum cc_status sim_chip_choose_range(struct sim_chip *chip, const char *spec, const char *name,
                                     struct cc_error *err);

/* "range1 (up to 160 MHz), range2 (up to 100 MHz)". Returns text. */
const char *sim_chip_list_ranges(const struct sim_chip *chip, char *text, size_t size);

/* The characters of a range's name: none of them stands in ".yaml", so that what follows the last
 * colon of a spec is either a range or the rest of a file's name. */
int sim_chip_is_range_name(const char *text);

#endif
