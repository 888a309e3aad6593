/* Runs the binary as a user does, in a folder of its own. Every function ends the test with a
 * message when something is not as it says. */
#ifndef CLI_HARNESS_H
#define CLI_HARNESS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_BYTES (8u << 20) /* of any file that the tests read */

extern char *out, *err; /* what the last command printed; owned by the harness */

int cli_set_up(void **unused);    /* group set-up: makes the folder and goes there */
int cli_tear_down(void **unused); /* removes it */

/* A shell command in which $B is the binary; returns its exit code. */
int shell(const char *command);
int coincell(const char *arguments);

/* Exit code 0 and nothing on standard error. */
void assert_ok(const char *arguments);

/* The exit code, nothing on standard output, and exactly one line that holds the words. */
void assert_fails(const char *arguments, int expected, const char *words);

/* Standard output of the last command as JSON; caller decrefs. */
json_t *parsed(void);

/* "inference.energy_uj.p50" */
json_t *at(json_t *root, const char *path);
double number_at(json_t *root, const char *path);
const char *text_at(json_t *root, const char *path);
void assert_near(double a, double b, double tolerance);

int exists(const char *path);
long long size_of(const char *path);
void slurp(const char *path, char **text); /* frees *text first */
void sha256_of(const char *path, char hex[65]);
void write_random(const char *path, size_t bytes, uint32_t x);
void execute(const char *path, const char *sql);

#endif
