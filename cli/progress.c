#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_AFTER_S 1.0
#define PROGRESS_EVERY_S 0.1

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void cli_progress_start(struct cli_progress *p, int wanted)
{
    memset(p, 0, sizeof *p);
    p->start_s = now_s();
    p->on = wanted && isatty(STDERR_FILENO);
}

void cli_progress_show(void *user, const char *stage, double fraction)
{
    struct cli_progress *p = user;
    double now = now_s();
    if (!p->on || now - p->start_s < PROGRESS_AFTER_S || now - p->last_s < PROGRESS_EVERY_S)
        return;
    p->last_s = now;
    p->shown = 1;
    fputs("\r\033[K", stderr);
    for (const char *c = stage; *c && c < stage + 60; c++) /* names must not steer the terminal */
        fputc((unsigned char)*c < 0x20 || *c == 0x7F ? '?' : *c, stderr);
    if (fraction >= 0.0)
        fprintf(stderr, " %3.0f%%", fraction * 100.0);
    fflush(stderr);
}

void cli_progress_clear(const struct cli_progress *p)
{
    if (p->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}
