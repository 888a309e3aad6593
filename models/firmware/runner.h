/* Symbols between runner.c, startup.c and runner.ld. */
#ifndef RUNNER_H
#define RUNNER_H

#include "models_image.h"

/* Written with one marker word per event. The ITM stimulus port's address (runner.ld) where the
 * core has an ITM, else a word in RAM. */
extern volatile uint32_t models_marker;

extern const struct image_header models_image; /* where the host puts the program image */
extern int8_t models_arena[];                  /* RAM behind .bss, 16-byte aligned */

/* Returns only when the image is refused. */
void runner_main(void);

/* Stores kind << 24 | argument to models_marker. */
void runner_mark(uint32_t kind, uint32_t argument);

#endif
