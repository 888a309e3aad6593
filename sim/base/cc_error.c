#include "cc_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void one_line(char *text)
{
    for (char *p = text; *p; p++) {
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    }
}

enum cc_status cc_fail(struct cc_error *err, enum cc_status status, const char *format, ...)
{
    if (!err)
        return status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    one_line(err->message);
    err->status = status;
    return status;
}

enum cc_status cc_prefix(struct cc_error *err, const char *format, ...)
{
    char prefix[512];
    char whole[sizeof err->message + sizeof prefix + 3];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    snprintf(whole, sizeof whole, "%s: %s", prefix, err->message);
    whole[sizeof err->message - 1] = '\0';
    memcpy(err->message, whole, strlen(whole) + 1);
    one_line(err->message);
    return err->status;
}

enum cc_status cc_no_memory(struct cc_error *err)
{
    return cc_fail(err, CC_ERR_MEMORY,
                   "out of memory; close other programs or use a smaller input");
}

const char *cc_status_text(enum cc_status status)
{
    switch (status) {
    case CC_OK:
        return "done";
    case CC_ERR_USAGE:
        return "wrong usage";
    case CC_ERR_INPUT:
        return "input refused";
    case CC_ERR_FIRMWARE:
        return "firmware failed";
    case CC_ERR_STORE:
        return "store error";
    case CC_ERR_MEMORY:
        return "out of memory";
    case CC_ERR_INTERNAL:
        return "internal error";
    }
    return "unknown status";
}

int cc_exit_code(enum cc_status status)
{
    switch (status) {
    case CC_OK:
        return 0;
    case CC_ERR_USAGE:
        return 2;
    case CC_ERR_INPUT:
        return 3;
    case CC_ERR_FIRMWARE:
        return 4;
    case CC_ERR_STORE:
        return 5;
    case CC_ERR_MEMORY:
    case CC_ERR_INTERNAL:
        break;
    }
    return 70;
}
