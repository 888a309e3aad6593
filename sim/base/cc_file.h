/* Reading files and finding the data files that come with the program. */
#ifndef CC_FILE_H
#define CC_FILE_H

#include "cc_error.h"

#include <stddef.h>
#include <stdint.h>

/* Reads a whole regular file of at most max_bytes into a fresh buffer (caller frees *data), with
 * one zero byte behind it that is not counted in *bytes. CC_ERR_INPUT names the path when it is
 * missing, unreadable, a folder, or larger than max_bytes. */
enum cc_status cc_file_read(const char *path, size_t max_bytes, uint8_t **data, size_t *bytes,
                            struct cc_error *err);

/* Writes the whole buffer, replacing the file. CC_ERR_INPUT names the path on failure. */
enum cc_status cc_file_write(const char *path, const void *data, size_t bytes,
                             struct cc_error *err);

/* Do both paths lead to one existing file? NULL leads to none. */
int cc_file_same(const char *a, const char *b);

/* Path of a data file that belongs to the program, given relative to the source tree
 * ("sim/chips/stm32l4r5.yaml", "models/firmware/runner.elf"). Looked up in this order:
 * $COINCELL_DATA, <folder of the executable>/../share/coincell, the build folder, the source
 * folder. Returns 1 and fills path (at least size bytes) when the file exists, else 0 with the
 * last candidate in path. */
int cc_data_path(const char *relative, char *path, size_t size);

/* Resolves NAME|FILE: a value containing '/' or ending in ".yaml" or ".yml" is a file, otherwise
 * a name looked up as FOLDER/NAME.yaml by cc_data_path. On an unknown name: CC_ERR_INPUT with the
 * nearest known names. what is for messages: "chip", "battery". */
enum cc_status cc_data_resolve(const char *what, const char *folder, const char *name_or_file,
                               char *path, size_t size, struct cc_error *err);

/* Names (file names without ".yaml") in a data folder, sorted; caller frees with
 * cc_names_free(). Zero names is not an error. */
enum cc_status cc_data_names(const char *folder, char ***names, size_t *count,
                             struct cc_error *err);
void cc_names_free(char **names, size_t count);

/* The candidate closest to word by edit distance (two letters swapped are one edit, the case of
 * letters does not count), or NULL when none is near: more than half of word's letters apart, and
 * word is no part of it. */
const char *cc_nearest(const char *word, const char *const *candidates, size_t count);

/* " did you mean PREFIXcandidate?" with the nearest one, or "" when none is near, to stand behind
 * the semicolon of a message. Returns text. */
const char *cc_did_you_mean(char *text, size_t size, const char *prefix, const char *word,
                            const char *const *candidates, size_t count);

/* SHA-256 of a buffer as 64 lower-case hex digits and a terminating zero. */
void cc_sha256_hex(const void *data, size_t bytes, char hex[65]);

#endif
