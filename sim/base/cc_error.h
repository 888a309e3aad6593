/* The error type shared by every folder. A fallible call returns a cc_status and, when it is not
 * CC_OK, has filled the cc_error it was given with one line a user can act on:
 * "FILE:KEY: what is wrong; what to do". The library never prints; cli/ does. */
#ifndef CC_ERROR_H
#define CC_ERROR_H

/* Negative codes propagate unchanged up to cli/, which maps them to exit codes. */
enum cc_status {
    CC_OK = 0,
    CC_ERR_USAGE = -1,    /* wrong arguments: exit 2 */
    CC_ERR_INPUT = -2,    /* model, firmware, YAML refused; too large for the chip: exit 3 */
    CC_ERR_FIRMWARE = -3, /* emulated code faulted, hung or ran out of stack: exit 4 */
    CC_ERR_STORE = -4,    /* the database: exit 5 */
    CC_ERR_MEMORY = -5,   /* out of host memory: exit 70 */
    CC_ERR_INTERNAL = -6, /* a broken invariant of ours: exit 70 */
};

struct cc_error {
    enum cc_status status;
    char message[1024]; /* one line, no newline, always terminated */
};

#if defined(__GNUC__)
#define CC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CC_PRINTF(fmt, args)
#endif

/* Sets status and message (truncated to fit; newlines become spaces) and returns status, so that
 * `return cc_fail(err, CC_ERR_INPUT, "%s: ...", path);` is the usual use. err may be NULL. */
enum cc_status cc_fail(struct cc_error *err, enum cc_status status, const char *format, ...)
    CC_PRINTF(3, 4);

/* Puts "PREFIX: " in front of a message set by a callee. Returns err->status. */
enum cc_status cc_prefix(struct cc_error *err, const char *format, ...) CC_PRINTF(2, 3);

/* Shorthand for allocation failures. */
enum cc_status cc_no_memory(struct cc_error *err);

/* The phrase of a status ("input refused"), never NULL. */
const char *cc_status_text(enum cc_status status);

/* Process exit code of a status, as documented in README. */
int cc_exit_code(enum cc_status status);

#endif
