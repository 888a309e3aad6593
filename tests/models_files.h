/* The golden models next to the source tree, for tests that compare with them. They are optional:
 * a test that does not find them says so and passes. */
#ifndef TESTS_MODELS_FILES_H
#define TESTS_MODELS_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Path of a file in the golden folder; 0 (after a note on stdout) when it does not exist. */
int golden_path(const char *relative, char *path, size_t size);

/* Contents of NAME/NAME.tflite, owned by the caller; NULL when absent. */
uint8_t *golden_model(const char *name, size_t *bytes);

/* Next line of a CSV file split in place at commas outside double quotes; quotes are removed.
 * Returns the number of columns, at most max; 0 at the end of the file. */
int csv_row(FILE *file, char *line, int size, char **columns, int max);

/* Models whose operators are all supported, and those that must be refused, with the first
 * operator at fault. */
extern const char *const golden_supported[];
extern const size_t golden_supported_count;
struct golden_refusal {
    const char *name, *op;
};
extern const struct golden_refusal golden_refused[];
extern const size_t golden_refused_count;

#endif
