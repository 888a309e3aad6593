/* Helpers of the energy tests: synthetic profiles, edited copies of tables. */
#ifndef ENERGY_SUPPORT_H
#define ENERGY_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cc_file.h"
#include "energy_battery_internal.h"
#include "energy_chip_internal.h"

/* An int8 network in numbers per instruction. */
struct mix {
    double classes[SIM_CLASS_COUNT]; /* sum 1 */
    double cpi, stall_fraction;      /* stall cycles per cycle */
    double code_reads, sram_reads, sram_writes, line_reads;
    enum sim_region_kind code; /* where weights are: flash or xip */
};

extern const struct mix mix_conv;      /* residual network: weights reused, few stalls */
extern const struct mix mix_streaming; /* fully connected: weights stream from flash */
extern const struct mix mix_dual_issue;
extern const struct mix mix_m0plus;

/* Three scopes of different size (dispatch and two operators) that add up to the total; free with
 * sim_profile_free. */
struct sim_profile support_profile(const char *chip, double clock_hz, const struct mix *mix,
                                   double instructions);

struct energy_chip *support_chip(const char *name); /* fails the test when refused */
struct energy_battery *support_battery(const char *name);
struct energy_result support_price(const struct energy_chip *chip,
                                   const struct sim_profile *profile, double vdd_v);

/* Text of energy/FOLDER/NAME.yaml, or of tests/tables when it is there; caller frees. */
char *support_text(const char *folder, const char *name);
/* Writes a chip file and its price file side by side as files of the test's own; the path of the
 * chip file is static. prices NULL: those that belong to the chip's name. */
const char *support_pair(const char *chip, const char *prices);
/* Copy of text with the first occurrence of from replaced; fails when there is none. */
char *support_replace(const char *text, const char *from, const char *to);
/* Copy without the first line that contains word. */
char *support_without_line(const char *text, const char *word);
/* Writes text to a file of the test's own; the path is static. */
const char *support_file(const char *text);
void support_cleanup(void);

#endif
